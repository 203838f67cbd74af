//! SummariseFanOut: adds the pages up. If all have reported and the fate of every
//! mail is settled, it closes the event's work; else it names the pages to be sent
//! once more.

use seisiun_domain::{
    SubmissionId,
    submission::{Work, WorkState, Workflow},
};

use crate::{
    error::{TaskError, TaskResult},
    fan_out::{Progress, Rest, rest},
    ports::{EndWork, ListPageResults, LoadFanOut, ReadObject, WriteObject},
};

/// What is left of a fan-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// Pages in which the fate of a mail is open: their manifest.
    Unsettled(String),
    /// Pages that have not reported, so that they failed for good.
    Pages,
}

/// The sum of a fan-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// How far it is.
    pub progress: Progress,
    /// What is left.
    pub left: Left,
}

/// Runs the task.
pub async fn summarise_fan_out<S, O>(
    store: &S,
    objects: &O,
    id: SubmissionId,
) -> TaskResult<Summary>
where
    S: LoadFanOut + ListPageResults + EndWork,
    O: ReadObject + WriteObject,
{
    let fan_out = store
        .load_fan_out(id)
        .await?
        .ok_or_else(|| TaskError::Invariant(format!("the fan-out of {id} was never planned")))?;
    let progress = Progress::of(&fan_out, &store.list_page_results(id).await?);
    let left = if progress.reported < progress.pages {
        Left::Pages
    } else if progress.unsettled > 0 {
        let Rest { manifest_key, pages } = rest(store, objects, id, &fan_out).await?;
        tracing::warn!(event.id = %id, pages, "the fate of mails is open");
        Left::Unsettled(manifest_key)
    } else {
        let work =
            Work { workflow: Workflow::NotifyFollowers, id, restarts: 0, state: WorkState::Done };
        store.end_work(&work).await?;
        Left::Nothing
    };
    Ok(Summary { progress, left })
}
