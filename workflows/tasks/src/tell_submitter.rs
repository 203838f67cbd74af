//! TellSubmitter: mails the outcome and closes the submission's work.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    submission::{Body, Status, Submission, Work, WorkState},
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Delivery, Ledger, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{
        EndWork, LoadMember, LoadPhotoRecords, LoadSession, LoadSubmission, MailKey, SendMail,
    },
};

/// Runs the task. Answers what became of the mail; `None` if the member is gone.
pub async fn tell_submitter<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Option<Delivery>>
where
    S: LoadSubmission + LoadPhotoRecords + LoadSession + LoadMember + EndWork + Ledger,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let delivery = match store.load_member(&submission.member_id).await? {
        None => None,
        Some(member) => {
            let title = session_title(store, &submission).await?;
            let key = MailKey {
                about: format!("{}:{id}", submission.status.name()),
                recipient: member.id.to_string(),
            };
            let to = &member.email;
            Some(match &submission.status {
                Status::Published { slug, .. } => {
                    let records = store.load_photo_records(id).await?;
                    let letter = letters::published(&submission, &title, slug, &records, sender);
                    deliver(store, mailer, sender, now, &key, to, &letter).await?
                }
                Status::Rejected { statement } => {
                    let letter = letters::rejected(&submission, &title, statement, sender, now);
                    deliver(store, mailer, sender, now, &key, to, &letter).await?
                }
                status => {
                    return Err(TaskError::Invariant(format!(
                        "submission {id} is still {}",
                        status.name()
                    )));
                }
            })
        }
    };
    let workflow = submission.body.workflow();
    store.end_work(&Work { workflow, id, restarts: 0, state: WorkState::Done }).await?;
    Ok(delivery)
}

/// The title of the session that a submission is, or is about.
pub(crate) async fn session_title(
    store: &impl LoadSession,
    submission: &Submission,
) -> TaskResult<String> {
    match &submission.body {
        Body::Session(draft) => Ok(draft.title.clone()),
        Body::Review(draft) => {
            let session = store.load_session(draft.session_id).await?;
            Ok(session.map_or_else(|| "a session".into(), |session| session.listing.title))
        }
        // Who sent it has no account, and is written to by its own tasks.
        Body::Notice(notice) => Ok(notice.url.clone()),
    }
}
