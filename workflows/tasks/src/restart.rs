//! Restart: an operator has failed work done once more, from its stored input.

use seisiun_domain::{
    SubmissionId,
    submission::{Work, WorkState, Workflow},
};

use crate::{
    error::TaskResult,
    ports::{BeginRestart, DescribeExecution, LoadWork, StartExecution},
    workflow::ensure_started,
};

/// Restarts work that has failed. Answers the new execution's name, or `None`
/// if there is nothing to restart.
pub async fn restart<S, W>(
    store: &S,
    workflows: &W,
    workflow: Workflow,
    id: SubmissionId,
) -> TaskResult<Option<String>>
where
    S: LoadWork + BeginRestart,
    W: StartExecution + DescribeExecution,
{
    let Some(work) = store.load_work(workflow, id).await? else { return Ok(None) };
    if !matches!(work.state, WorkState::Failed { .. }) || !store.begin_restart(&work).await? {
        return Ok(None);
    }
    let next = Work { restarts: work.restarts + 1, state: WorkState::Open, ..work };
    ensure_started(workflows, &next).await?;
    Ok(Some(next.execution_name()))
}
