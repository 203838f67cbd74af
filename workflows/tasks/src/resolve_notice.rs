//! ResolveNotice: records what was decided on a notice, tells the notifier why
//! and what they can do about it, and closes the work.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::Measure,
    submission::{Status, Work, WorkState},
};
use seisiun_mail::Sender;

use crate::{
    acknowledge_notice::notice_of,
    deliver::{Delivery, Ledger, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{EndWork, LoadCase, LoadSubmission, MailKey, RecordStatus, SendMail},
};

/// Runs the task. Answers what became of the mail; `None` if the notice names
/// no address.
pub async fn resolve_notice<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Option<Delivery>>
where
    S: LoadSubmission + LoadCase + RecordStatus + EndWork + Ledger,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let notice = notice_of(&submission)?;
    let undecided = || TaskError::Invariant(format!("nothing says what becomes of notice {id}"));
    let case = store.load_case(id.case()).await?.ok_or_else(undecided)?;
    let decision = case.decision.as_ref().ok_or_else(undecided)?;
    let upheld = decision.measure == Measure::Approve;
    store.record_status(id, &Status::Resolved { upheld }).await?;
    let delivery = match &notice.email {
        None => None,
        Some(email) => {
            let letter = letters::notice_resolved(id, notice, &case.title, decision);
            let recipient = submission.member_id.to_string();
            let key = MailKey { about: format!("resolved:{id}"), recipient };
            Some(deliver(store, mailer, sender, now, &key, email, &letter).await?)
        }
    };
    let workflow = submission.body.workflow();
    store.end_work(&Work { workflow, id, restarts: 0, state: WorkState::Done }).await?;
    Ok(delivery)
}
