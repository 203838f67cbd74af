//! StartNotify: lets the followers' fan-out run on its own.

use seisiun_domain::{SubmissionId, submission::Workflow};

use crate::{
    error::{TaskError, TaskResult},
    ports::{DescribeExecution, LoadWork, StartExecution},
    workflow::{Ensured, ensure_started},
};

/// Runs the task. A fan-out that has failed is the reconciler's to restart.
pub async fn start_notify<S, W>(store: &S, workflows: &W, id: SubmissionId) -> TaskResult<Ensured>
where
    S: LoadWork,
    W: StartExecution + DescribeExecution,
{
    let work = store
        .load_work(Workflow::NotifyFollowers, id)
        .await?
        .ok_or_else(|| TaskError::InvalidInput(format!("there is no event {id}")))?;
    Ok(ensure_started(workflows, &work).await?)
}
