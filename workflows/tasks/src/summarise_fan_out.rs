//! SummariseFanOut: adds the pages up and closes the event's work.

use seisiun_domain::{
    SubmissionId,
    submission::{Work, WorkState, Workflow},
};

use crate::{
    error::TaskResult,
    ports::{EndWork, ListPageResults, PageResult},
};

/// Runs the task. Answers the sum and how many pages have reported.
pub async fn summarise_fan_out<S>(store: &S, id: SubmissionId) -> TaskResult<(PageResult, u32)>
where
    S: ListPageResults + EndWork,
{
    let (mut sum, mut pages) = (PageResult::default(), 0);
    for page in store.list_page_results(id).await? {
        sum += page;
        pages += 1;
    }
    if sum.unresolved > 0 {
        tracing::error!(event.id = %id, unresolved = sum.unresolved, "mails whose fate is unknown");
    }
    let work =
        Work { workflow: Workflow::NotifyFollowers, id, restarts: 0, state: WorkState::Done };
    store.end_work(&work).await?;
    Ok((sum, pages))
}
