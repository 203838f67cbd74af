//! SummariseFanOut: adds the pages up. If all have reported and the fate of every
//! mail is settled, it closes the event's work; else it names the pages to be sent
//! once more.

use seisiun_domain::{
    SubmissionId,
    submission::{Work, WorkState, Workflow},
};

use crate::{
    error::{TaskError, TaskResult},
    fan_out::{Progress, Rest, pages_but, rest},
    ports::{EndWork, ListPageResults, LoadFanOut, ParkPages, ReadObject, WriteObject},
};

/// What is left of a fan-out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// Pages in which the fate of a mail is open: their manifest.
    Unsettled(String),
    /// Pages that have not reported, so that they failed for good; they are parked.
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
pub async fn summarise_fan_out<S, O, P>(
    store: &S,
    objects: &O,
    parking: &P,
    id: SubmissionId,
) -> TaskResult<Summary>
where
    S: LoadFanOut + ListPageResults + EndWork,
    O: ReadObject + WriteObject,
    P: ParkPages,
{
    let fan_out = store
        .load_fan_out(id)
        .await?
        .ok_or_else(|| TaskError::Invariant(format!("the fan-out of {id} was never planned")))?;
    let results = store.list_page_results(id).await?;
    let progress = Progress::of(&fan_out, &results);
    let left = if progress.reported < progress.pages {
        let reported = results.iter().map(|(page, _)| *page).collect();
        let missing = pages_but(objects, &fan_out, &reported).await?;
        tracing::error!(event.id = %id, pages = missing.len(), "pages failed for good");
        parking.park_pages(&missing).await?;
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
