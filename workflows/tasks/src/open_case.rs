//! OpenCase: puts the submission into the moderation queue. The state after it
//! writes its task token into the case and waits.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::{Case, Measure},
    submission::Status,
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Ledger, deliver},
    error::{TaskError, TaskResult},
    letters, moderate_text,
    ports::{
        LoadMember, LoadPhotoRecords, LoadSession, LoadSubmission, MailKey, OpenCase, RecordStatus,
        SendMail,
    },
    tell_submitter::session_title,
};

/// Runs the task. Answers what was decided, if it was decided while no
/// execution waited.
pub async fn open_case<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Option<Measure>>
where
    S: LoadSubmission
        + LoadSession
        + LoadPhotoRecords
        + OpenCase
        + RecordStatus
        + LoadMember
        + Ledger,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let records = store.load_photo_records(id).await?;
    let case = Case {
        id: id.case(),
        submitter: submission.member_id.clone(),
        title: session_title(store, &submission).await?,
        grounds: moderate_text::judge(&submission, &records).grounds,
        opened_at: now,
        decision: None,
    };
    if let Some(decision) = store.open_case(&case).await? {
        return Ok(Some(decision.measure));
    }
    store.record_status(id, &Status::InReview).await?;
    if let Some(member) = store.load_member(&submission.member_id).await?
        && let Some(what) = letters::submitted(&submission)
    {
        let key = MailKey { about: format!("waiting:{id}"), recipient: member.id.to_string() };
        let letter = letters::waiting(what, &submission, &case.title, sender);
        deliver(store, mailer, sender, now, &key, &member.email, &letter).await?;
    }
    Ok(None)
}
