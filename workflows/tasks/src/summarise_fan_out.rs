//! SummariseFanOut: adds the pages up and, if all have reported, closes the
//! event's work.

use seisiun_domain::{
    SubmissionId,
    submission::{Work, WorkState, Workflow},
};

use crate::{
    error::TaskResult,
    ports::{EndWork, ListPageResults, PageResult},
};

/// The sum of a fan-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Sum over the pages.
    pub sum: PageResult,
    /// Pages that have reported.
    pub pages: u32,
    /// Whether those are all that were planned.
    pub complete: bool,
}

/// Runs the task. A page may have reported in an earlier, longer plan, so more
/// results than planned pages are complete, too.
pub async fn summarise_fan_out<S>(store: &S, id: SubmissionId, planned: u32) -> TaskResult<Summary>
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
    let complete = pages >= planned;
    if complete {
        let work =
            Work { workflow: Workflow::NotifyFollowers, id, restarts: 0, state: WorkState::Done };
        store.end_work(&work).await?;
    }
    Ok(Summary { sum, pages, complete })
}
