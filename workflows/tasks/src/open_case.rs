//! OpenCase: puts the submission into the moderation queue and lets the state
//! machine wait on its task token.

use jiff::Timestamp;
use seisiun_domain::{SubmissionId, case::Case, submission::Status};
use seisiun_mail::Sender;

use crate::{
    decide_case::decision_output,
    deliver::{Ledger, deliver},
    error::{TaskError, TaskResult},
    letters, moderate_text,
    ports::{
        AnswerTask, LoadMember, LoadPhotoRecords, LoadSubmission, MailKey, OpenCase, RecordStatus,
        SendMail, TaskToken,
    },
};

/// Runs the task. If the case was decided while no execution waited, the
/// decision is answered at once.
pub async fn open_case<S, W, M>(
    store: &S,
    workflows: &W,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
    token: &TaskToken,
) -> TaskResult<()>
where
    S: LoadSubmission + LoadPhotoRecords + OpenCase + RecordStatus + LoadMember + Ledger,
    W: AnswerTask,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let records = store.load_photo_records(id).await?;
    let case = Case {
        id: id.case(),
        submitter: submission.member_id.clone(),
        title: submission.body.title(),
        grounds: moderate_text::judge(&submission, &records).grounds,
        opened_at: now,
        decision: None,
    };
    if let Some(decision) = store.open_case(&case, token).await? {
        workflows.answer_task(token, &decision_output(&decision)).await?;
        return Ok(());
    }
    store.record_status(id, &Status::InReview).await?;
    if let Some(member) = store.load_member(&submission.member_id).await? {
        let key = MailKey { about: format!("waiting:{id}"), recipient: member.id.to_string() };
        let letter = letters::waiting(&submission, &case.title, sender);
        deliver(store, mailer, sender, now, &key, &member.email, &letter).await?;
    }
    Ok(())
}
