//! RecordFailure: an execution gives up. Its input stays; a person is told, and
//! so is the submitter.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    submission::{Work, WorkState, Workflow},
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{
        EndWork, LoadMember, LoadSession, LoadSubmission, LoadWork, MailKey, RaiseAlert, SendMail,
    },
    tell_submitter::session_title,
};

/// Where the people on call read what to do.
pub const RUNBOOK: &str = "ops/runbooks/workflow-failed.md";

/// An execution that failed.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// In which workflow.
    pub workflow: Workflow,
    /// Whose work.
    pub id: SubmissionId,
    /// The execution's name.
    pub execution: &'a str,
    /// The error's name, as the state machine saw it.
    pub error: &'a str,
}

/// Runs the task. An execution that was restarted meanwhile is
/// the past: its restart does the work, and nobody is alarmed.
pub async fn record_failure<S, M, A>(
    store: &S,
    mailer: &M,
    on_call: &A,
    sender: &Sender,
    now: Timestamp,
    Failure { workflow, id, execution, error }: Failure<'_>,
) -> TaskResult<()>
where
    S: LoadWork + EndWork + LoadSubmission + LoadSession + LoadMember + Ledger,
    M: SendMail,
    A: RaiseAlert,
{
    let work = store
        .load_work(workflow, id)
        .await?
        .ok_or_else(|| TaskError::InvalidInput(format!("there is no work for {id}")))?;
    if work.execution_name() != execution {
        tracing::warn!(%id, ?workflow, execution, "failed after it was started again");
        return Ok(());
    }
    // The name only: an error's cause may quote what a member typed.
    let error: String = error.chars().take(100).collect();
    let failed = WorkState::Failed { error: error.clone(), at: now };
    store.end_work(&Work { state: failed, ..work.clone() }).await?;
    let message = format!(
        "{workflow:?} failed for {id} with {error} (execution {}). Its input is kept. Runbook: {RUNBOOK}",
        work.execution_name()
    );
    on_call.raise_alert("Seisiún: a workflow failed", &message).await?;
    if workflow == Workflow::NotifyFollowers {
        return Ok(());
    }
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    if let Some(member) = store.load_member(&submission.member_id).await?
        && let Some(what) = letters::submitted(&submission)
    {
        let title = session_title(store, &submission, member.language).await?;
        let key = MailKey { about: format!("failed:{id}"), recipient: member.id.to_string() };
        let letter = letters::failed(what, &submission, &title, sender);
        let to = Recipient::from(&member);
        deliver(store, mailer, sender, now, &key, &to, &letter).await?;
    }
    Ok(())
}
