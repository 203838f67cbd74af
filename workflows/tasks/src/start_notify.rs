//! StartNotify: lets the followers' fan-out run on its own.

use seisiun_domain::{SubmissionId, submission::Workflow};

use crate::{
    error::TaskResult,
    ports::{DescribeExecution, LoadWork, StartExecution},
    workflow::{Ensured, ensure_started},
};

/// Runs the task. A fan-out that has failed is the reconciler's to restart. `None`
/// if there is nothing to tell: not every change is news.
pub async fn start_notify<S, W>(
    store: &S,
    workflows: &W,
    id: SubmissionId,
) -> TaskResult<Option<Ensured>>
where
    S: LoadWork,
    W: StartExecution + DescribeExecution,
{
    match store.load_work(Workflow::NotifyFollowers, id).await? {
        Some(work) => Ok(Some(ensure_started(workflows, &work).await?)),
        None => Ok(None),
    }
}
