//! What a decision has done, once it is recorded: the execution that waits for it
//! goes on, one that has given up is started again, and a decision on an appeal
//! has the work done once more. Whoever records a decision sees to it at once;
//! `reconcile` sees to what was cut off in between.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    case::{Case, Decision, Measure},
    limits,
    submission::{Submission, Work, WorkState},
};
use serde_json::{Value, json};

use crate::{
    error::TaskResult,
    ports::{
        Answer, AnswerTask, BeginRestart, DescribeExecution, ForgetRefusedPhoto, ListRulings,
        LoadCase, LoadCaseToken, LoadPhotoRecords, LoadSubmission, LoadWork, ReopenWork,
        SettleRuling, StartExecution,
    },
    refused_photos::forget_photos,
    workflow::ensure_started,
};

/// What carrying a decision out asks of the store.
pub trait Rulings:
    LoadCaseToken
    + LoadSubmission
    + LoadWork
    + LoadPhotoRecords
    + ForgetRefusedPhoto
    + BeginRestart
    + ReopenWork
    + SettleRuling
{
}
impl<T> Rulings for T where
    T: LoadCaseToken
        + LoadSubmission
        + LoadWork
        + LoadPhotoRecords
        + ForgetRefusedPhoto
        + BeginRestart
        + ReopenWork
        + SettleRuling
{
}

/// What the waiting state is answered: one tag for its Choice.
#[must_use]
pub fn decision_output(decision: &Decision) -> Value {
    json!({ "decision": decision.measure })
}

/// Has the decision of a case carried out. A repeat finds what was done.
pub async fn carry_out<S, W>(store: &S, workflows: &W, case: &Case) -> TaskResult<()>
where
    S: Rulings,
    W: AnswerTask + StartExecution + DescribeExecution,
{
    let Some(ruling) = case.ruling().filter(|_| !case.waits()) else { return Ok(()) };
    let Some(submission) = store.load_submission(case.id.submission()).await? else {
        // Who sent it was erased, and it with them.
        return Ok(store.settle_ruling(case).await?);
    };
    let workflow = submission.body.workflow();
    let work = store.load_work(workflow, submission.id).await?;
    if case.appeal.is_some() {
        return again(store, workflows, case, &submission, work).await;
    }
    let answer = match store.load_case_token(case.id).await? {
        Some(token) => workflows.answer_task(&token, &decision_output(ruling)).await?,
        // Nobody waits yet, and who is about to finds the case decided.
        None => Answer::Gone,
    };
    // The workflow gave up before anybody decided: now it can go on.
    if answer == Answer::Gone
        && let Some(work) = work.filter(|work| matches!(work.state, WorkState::Failed { .. }))
        && store.begin_restart(&work).await?
    {
        ensure_started(workflows, &restarted(work)).await?;
    }
    Ok(store.settle_ruling(case).await?)
}

/// Has the work done once more, since somebody else has decided.
async fn again<S, W>(
    store: &S,
    workflows: &W,
    case: &Case,
    submission: &Submission,
    work: Option<Work>,
) -> TaskResult<()>
where
    S: Rulings,
    W: StartExecution + DescribeExecution,
{
    let Some(work) = work else { return Ok(store.settle_ruling(case).await?) };
    // Opened once more by a call that was cut off, or still owed for the first
    // decision, which comes first and takes seconds.
    if work.state == WorkState::Open {
        ensure_started(workflows, &work).await?;
        return Ok(());
    }
    if case.ruling().is_some_and(|ruling| ruling.measure == Measure::Approve) {
        let records = store.load_photo_records(submission.id).await?;
        forget_photos(store, submission.id, &records).await?;
    }
    if store.reopen_work(&work, case).await? {
        ensure_started(workflows, &restarted(work)).await?;
        return Ok(());
    }
    // Its submitter took it back: there is nothing to publish.
    if submission.status.is_settled() {
        store.settle_ruling(case).await?;
    }
    Ok(())
}

fn restarted(work: Work) -> Work {
    Work { restarts: work.restarts.saturating_add(1), state: WorkState::Open, ..work }
}

/// Sees to decisions recorded at least `grace_seconds` ago that were not seen to
/// be carried out, at most [`limits::RULINGS_PER_RUN`]. Answers how many.
pub async fn sweep_rulings<S, W>(
    store: &S,
    workflows: &W,
    now: Timestamp,
    grace_seconds: u32,
) -> TaskResult<u32>
where
    S: ListRulings + LoadCase + Rulings,
    W: AnswerTask + StartExecution + DescribeExecution,
{
    let through = now.saturating_sub(i64::from(grace_seconds).seconds()).unwrap_or(now);
    let mut swept = 0;
    let mut failure = None;
    for id in store.list_rulings(through, limits::RULINGS_PER_RUN).await? {
        let Some(case) = store.load_case(id).await? else { continue };
        // One that can't be helped must not hold up the others.
        match carry_out(store, workflows, &case).await {
            Ok(()) => swept += 1,
            Err(error) => {
                tracing::error!(
                    case.id = %id,
                    error = &error as &dyn std::error::Error,
                    "a decision could not be carried out"
                );
                failure = failure.or(Some(error));
            }
        }
    }
    failure.map_or(Ok(swept), Err)
}
