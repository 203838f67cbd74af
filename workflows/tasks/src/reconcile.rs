//! Reconcile: on a schedule, finds open work that no execution is doing, and
//! has it done.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    SubmissionId, limits,
    submission::{Work, WorkState, Workflow},
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{
        BeginRestart, DescribeExecution, EndWork, ExecutionState, ListOpenWork, LoadMember,
        LoadSession, LoadSubmission, LoadWork, MailKey, NoteLook, RaiseAlert, SendMail,
        StartExecution, WorkQueue,
    },
    record_failure::RUNBOOK,
    tell_submitter::session_title,
    workflow::{Ensured, ensure_started},
};

/// Pieces of active work looked at in one run. What was not looked at for the
/// longest time comes first, so that every one has its turn.
pub const ACTIVE_PER_RUN: usize = 200;

/// Pieces of waiting work looked at in one run: as many runs as it takes go
/// round all that wait, ten thousand in four hours at a run every five minutes.
pub const WAITING_PER_RUN: usize = 200;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Looked at.
    pub open: u32,
    /// Started for the first time.
    pub started: u32,
    /// Started again.
    pub restarted: u32,
    /// Given up.
    pub given_up: u32,
    /// Of what was looked at, owed by us rather than waiting for a person.
    pub active: u32,
    /// What has been owed for the longest time, of the active work looked at.
    pub oldest: Option<SubmissionId>,
}

/// Runs the task for work accepted at least `grace_seconds` ago.
pub async fn reconcile<S, W, M, A>(
    store: &S,
    workflows: &W,
    mailer: &M,
    on_call: &A,
    sender: &Sender,
    now: Timestamp,
    grace_seconds: u32,
) -> TaskResult<Reconciled>
where
    S: ListOpenWork
        + LoadWork
        + NoteLook
        + BeginRestart
        + EndWork
        + LoadSubmission
        + LoadSession
        + LoadMember
        + Ledger,
    W: StartExecution + DescribeExecution,
    M: SendMail,
    A: RaiseAlert,
{
    let before = now.saturating_sub(i64::from(grace_seconds).seconds()).unwrap_or(now);
    let mut done = Reconciled::default();
    let mut failures = Vec::new();
    for (queue, limit) in
        [(WorkQueue::Active, ACTIVE_PER_RUN), (WorkQueue::Waiting, WAITING_PER_RUN)]
    {
        for listed in store.list_open_work(queue, before, limit).await? {
            // One that cannot be helped must not hold up the others.
            let looked = look_after(
                store,
                workflows,
                mailer,
                on_call,
                sender,
                now,
                (queue, &listed),
                &mut done,
            );
            if let Err(error) = looked.await
                // Mail is switched off: it is told later.
                && !matches!(error, TaskError::NotReady(_))
            {
                tracing::error!(
                    work.id = %listed.id,
                    work.workflow = ?listed.workflow,
                    error = &error as &dyn std::error::Error,
                    "work could not be looked after"
                );
                failures.push(error);
            }
        }
    }
    tracing::info!(?done, failed = failures.len(), "reconciled");
    // The run fails as a whole, so that its alarm sees it.
    failures.into_iter().next().map_or(Ok(done), Err)
}

#[expect(clippy::too_many_arguments, reason = "one for each port, as in the task's own signature")]
async fn look_after<S, W, M, A>(
    store: &S,
    workflows: &W,
    mailer: &M,
    on_call: &A,
    sender: &Sender,
    now: Timestamp,
    (queue, listed): (WorkQueue, &Work),
    done: &mut Reconciled,
) -> TaskResult<()>
where
    S: LoadWork
        + NoteLook
        + BeginRestart
        + EndWork
        + LoadSubmission
        + LoadSession
        + LoadMember
        + Ledger,
    W: StartExecution + DescribeExecution,
    M: SendMail,
    A: RaiseAlert,
{
    // First, so that one that fails goes to the end of its queue as well.
    store.note_look(listed, now).await?;
    // The index lags behind; the record itself is the truth.
    let Some(work) = store.load_work(listed.workflow, listed.id).await? else { return Ok(()) };
    if work.state != WorkState::Open {
        return Ok(());
    }
    done.open += 1;
    if queue == WorkQueue::Active {
        done.active += 1;
        let oldest = done.oldest.map_or(work.id, |oldest| oldest.min(work.id));
        done.oldest = Some(oldest);
    }
    match workflows.describe_execution(work.workflow, &work.execution_name()).await? {
        Some(ExecutionState::Running) => return Ok(()),
        None => {
            if ensure_started(workflows, &work).await? == Ensured::Started {
                done.started += 1;
            }
        }
        // Ended without closing its work: killed, aborted, or timed out
        // before it could record its failure.
        Some(ExecutionState::Failed | ExecutionState::Succeeded)
            if work.restarts >= limits::RESTARTS_MAX =>
        {
            give_up(store, on_call, now, &work).await?;
            done.given_up += 1;
        }
        Some(ExecutionState::Failed | ExecutionState::Succeeded) => {
            if store.begin_restart(&work).await? {
                let next = Work { restarts: work.restarts + 1, ..work.clone() };
                ensure_started(workflows, &next).await?;
                done.restarted += 1;
            }
        }
    }
    tell_it_takes_longer(store, mailer, sender, now, &work).await
}

async fn give_up<S, A>(store: &S, on_call: &A, now: Timestamp, work: &Work) -> TaskResult<()>
where
    S: EndWork,
    A: RaiseAlert,
{
    let state = WorkState::Failed { error: "Reconcile.TooManyRestarts".into(), at: now };
    store.end_work(&Work { state, ..work.clone() }).await?;
    let message = format!(
        "{:?} for {} ended {} times without an outcome. Its input is kept. Runbook: {RUNBOOK}",
        work.workflow,
        work.id,
        work.restarts + 1
    );
    on_call.raise_alert("Seisiún: a workflow was given up", &message).await?;
    Ok(())
}

/// The submitter is told once that we have it and that it takes longer.
async fn tell_it_takes_longer<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    work: &Work,
) -> TaskResult<()>
where
    S: LoadSubmission + LoadSession + LoadMember + Ledger,
    M: SendMail,
{
    if work.workflow == Workflow::NotifyFollowers {
        return Ok(());
    }
    let Some(submission) = store.load_submission(work.id).await? else { return Ok(()) };
    if submission.status != seisiun_domain::submission::Status::Accepted {
        return Ok(());
    }
    if let Some(member) = store.load_member(&submission.member_id).await?
        && let Some(what) = letters::submitted(&submission)
    {
        let title = session_title(store, &submission, member.language).await?;
        let key =
            MailKey { about: format!("received:{}", work.id), recipient: member.id.to_string() };
        let letter = letters::received(what, &submission, &title, sender);
        let to = Recipient::from(&member);
        deliver(store, mailer, sender, now, &key, &to, &letter).await?;
    }
    Ok(())
}
