//! RejectSubmission: records that a submission is not published, and why.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::{Decision, Measure, Reason, Statement},
    moderation::Verdict,
    photo::PhotoRecord,
    submission::Status,
};

use crate::{
    error::{TaskError, TaskResult},
    moderate_text,
    ports::{
        FileRefusedPhoto, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission, RecordStatus,
    },
    refused_photos::file_photos,
};

/// Runs the task.
pub async fn reject_submission<S>(store: &S, now: Timestamp, id: SubmissionId) -> TaskResult<()>
where
    S: LoadSubmission + LoadSession + LoadPhotoRecords + LoadCase + FileRefusedPhoto + RecordStatus,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    if matches!(submission.status, Status::Rejected { .. } | Status::Withdrawn { .. }) {
        return Ok(());
    }
    let records = store.load_photo_records(id).await?;
    let judgement = moderate_text::judge(&submission, &records);
    let found = judgement.grounds.join(", ");
    let decision = store.load_case(id.case()).await?.and_then(|case| case.ruling().cloned());
    let statement = match decision {
        Some(Decision { reason: Reason::Withdrawn, .. }) => {
            store.record_status(id, &Status::Withdrawn { statement: None }).await?;
            return Ok(());
        }
        Some(Decision { measure: Measure::Reject, reason, note, .. }) => {
            let mut facts = String::from("A moderator looked at what you sent.");
            if !found.is_empty() {
                facts = format!("An automatic check found: {found}. {facts}");
            }
            if reason == Reason::Duplicate
                && let Some(listed) = submission.resembles
                && let Some(listed) = store.load_session(listed).await?
            {
                facts = format!("{facts} It is \"{}\", which is listed.", listed.listing.title);
            }
            if !note.is_empty() {
                facts = format!("{facts}\n\n{note}");
            }
            Statement::not_published(reason, facts, !found.is_empty(), false)
        }
        _ if judgement.verdict == Verdict::Reject => {
            let facts = format!("An automatic check found: {found}.");
            let holds_malware = records.iter().any(PhotoRecord::holds_malware);
            let reason = if holds_malware { Reason::Malware } else { Reason::Explicit };
            Statement::not_published(reason, facts, true, true)
        }
        _ => return Err(TaskError::Invariant(format!("nothing says that {id} is rejected"))),
    };
    // First: once the status stands, a repeat has nothing to do.
    if statement.reason.costs_trust() {
        file_photos(store, now, id, &records).await?;
    }
    match store.record_status(id, &Status::Rejected { statement }).await? {
        Status::Rejected { .. } => Ok(()),
        status => Err(TaskError::Conflict(format!("submission {id} is {} already", status.name()))),
    }
}
