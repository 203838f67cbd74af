//! ModerateText: judges what was typed, adds what was found of the photos, and
//! gives the submission its one verdict.

use seisiun_domain::{
    SubmissionId,
    case::Measure,
    moderation::{
        FOUND_GONE_TWICE, Judgement, POSSIBLE_DUPLICATE, Policy, Verdict, held, refused,
        unclassified_photo,
    },
    photo::{MALWARE, PhotoRecord, Preparation, RESEMBLES_REFUSED},
    submission::{Body, Status, Submission},
};
use seisiun_text::judge_submission;

use crate::{
    background::background_of,
    error::{TaskError, TaskResult},
    ports::{
        ListSubmissions, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission, LoadSubmissions,
        RecordBackground,
    },
};

/// The judgement of a whole submission, by what was known of its member when it
/// was first judged.
#[must_use]
pub fn judge(submission: &Submission, records: &[PhotoRecord]) -> Judgement {
    let policy = Policy::CURRENT;
    let background = submission.background.unwrap_or_default();
    let tier = policy.tier(&background.standing, background.is_host, submission.accepted_at);
    let mut text = judge_submission(&policy, &submission.body, tier, &background.recent);
    if let Body::Change(change) = &submission.body
        && let Some(ground) = change.ground_for_review()
    {
        text = text.and(held(ground));
    }
    if background.found_gone_twice {
        text = text.and(held(FOUND_GONE_TWICE));
    }
    if submission.resembles.is_some() {
        text = text.and(held(POSSIBLE_DUPLICATE));
    }
    if records.iter().any(|record| record.resembles_refused) {
        text = text.and(held(RESEMBLES_REFUSED));
    }
    submission
        .photos
        .iter()
        .map(|id| match records.iter().find(|record| record.photo_id == *id) {
            // Who sends malware is sent away with all that came with it.
            Some(record) if record.holds_malware() => refused(MALWARE),
            // A refused photo is left out, and its submitter told; the rest stands.
            Some(PhotoRecord { preparation: Preparation::Refused { .. }, .. }) => {
                Judgement::clean()
            }
            Some(PhotoRecord { preparation: Preparation::Unscanned { why }, .. }) => {
                held(why.ground())
            }
            Some(PhotoRecord { scan: Some(scan), .. })
                if scan.judgement.verdict == Verdict::Publish =>
            {
                policy.judge_sampling(&scan.sha256, tier)
            }
            Some(PhotoRecord { scan: Some(scan), .. }) => scan.judgement.clone(),
            Some(PhotoRecord { scan: None, .. }) | None => unclassified_photo(),
        })
        .fold(text, Judgement::and)
}

/// Runs the task.
pub async fn moderate_text<S>(store: &S, id: SubmissionId) -> TaskResult<Verdict>
where
    S: LoadSubmission
        + LoadSubmissions
        + ListSubmissions
        + LoadSession
        + RecordBackground
        + LoadPhotoRecords
        + LoadCase,
{
    let mut submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    // A repeat after the decision goes the way of the decision.
    match submission.status {
        Status::Published { .. } => return Ok(Verdict::Publish),
        Status::Rejected { .. } | Status::Withdrawn { .. } | Status::Done => {
            return Ok(Verdict::Reject);
        }
        Status::Accepted | Status::InReview | Status::Resolved { .. } => {}
    }
    if submission.background.is_none() {
        let found = background_of(store, &submission).await?;
        submission.background = Some(store.record_background(id, &found).await?);
    }
    let records = store.load_photo_records(id).await?;
    let verdict = judge(&submission, &records).verdict;
    // What a person has decided on appeal goes the way of the person.
    if verdict == Verdict::Reject
        && let Some(case) = store.load_case(id.case()).await?
        && case.ruling().is_some_and(|ruling| ruling.measure == Measure::Approve)
    {
        return Ok(Verdict::Review);
    }
    Ok(verdict)
}
