//! ModerateText: judges what was typed, adds what was found of the photos, and
//! gives the submission its one verdict.

use seisiun_domain::{
    SubmissionId,
    moderation::{Judgement, Verdict, held, judge_text, refused, unclassified_photo},
    photo::{MALWARE, PhotoRecord, Preparation},
    submission::{Body, Status, Submission},
};

use crate::{
    error::{TaskError, TaskResult},
    ports::{LoadPhotoRecords, LoadSubmission},
};

/// The judgement of a whole submission.
#[must_use]
pub fn judge(submission: &Submission, records: &[PhotoRecord]) -> Judgement {
    let mut text = judge_text(&submission.body.texts());
    if let Body::Change(change) = &submission.body
        && let Some(ground) = change.ground_for_review()
    {
        text = text.and(held(ground));
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
            Some(PhotoRecord { scan: Some(scan), .. }) => scan.judgement.clone(),
            Some(PhotoRecord { scan: None, .. }) | None => unclassified_photo(),
        })
        .fold(text, Judgement::and)
}

/// Runs the task.
pub async fn moderate_text<S>(store: &S, id: SubmissionId) -> TaskResult<Verdict>
where
    S: LoadSubmission + LoadPhotoRecords,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    // A repeat after the decision goes the way of the decision.
    match submission.status {
        Status::Published { .. } => return Ok(Verdict::Publish),
        Status::Rejected { .. } | Status::Withdrawn { .. } | Status::Done => {
            return Ok(Verdict::Reject);
        }
        Status::Accepted | Status::InReview | Status::Resolved { .. } => {}
    }
    let records = store.load_photo_records(id).await?;
    Ok(judge(&submission, &records).verdict)
}
