//! PlanFanOut: cuts an event's followers into pages and writes them as a
//! manifest, one line a page. A line names a key range, not followers, so that
//! planning a million of them moves kilobytes.

use seisiun_domain::{
    SubmissionId, change::News, follow::Target, limits, session::Session, submission::Event,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{TaskError, TaskResult},
    ports::{Bucket, FollowerRange, ListFollowerIds, LoadEvent, LoadSession, WriteObject},
};

/// One line of the manifest: the input of one SendBatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The event.
    pub event_id: SubmissionId,
    /// Number of the page, from 0.
    pub page: u32,
    /// Whose followers.
    #[serde(flatten)]
    pub range: FollowerRange,
}

/// What was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Key of the manifest in the work bucket.
    pub manifest_key: String,
    /// Its lines.
    pub pages: u32,
    /// Follows in them; somebody who follows twice counts twice.
    pub follows: u64,
}

/// Whose followers the event is for.
fn targets(event: &Event, session: &Session) -> Vec<Target> {
    let venue = &session.listing.venue;
    match event.news {
        // Taken away in the meantime: nobody wants to hear of it.
        _ if !session.is_listed() => Vec::new(),
        News::NewSession => {
            Target::of_session(&session.submitter, &venue.country, &venue.county, venue.position)
        }
        News::DateChanged { .. }
        | News::DateRestored { .. }
        | News::Rescheduled
        | News::Paused
        | News::Resumed
        | News::Ended => vec![Target::Session(session.id)],
    }
}

/// Runs the task.
pub async fn plan_fan_out<S, O>(store: &S, objects: &O, id: SubmissionId) -> TaskResult<Plan>
where
    S: LoadEvent + LoadSession + ListFollowerIds,
    O: WriteObject,
{
    let no_event = || TaskError::InvalidInput(format!("there is no event {id}"));
    let event = store.load_event(id).await?.ok_or_else(no_event)?;
    let session = store.load_session(event.session_id).await?.ok_or_else(|| {
        TaskError::Invariant(format!("event {id} is about a session that never was listed"))
    })?;
    let mut plan = Plan { manifest_key: format!("fan-out/{id}.jsonl"), pages: 0, follows: 0 };
    let mut manifest = Vec::new();
    for target in targets(&event, &session) {
        for shard in 0..target.shards() {
            let mut after = None;
            loop {
                let followers = store
                    .list_follower_ids(&target, shard, after.as_ref(), limits::FOLLOWERS_PER_PAGE)
                    .await?;
                let Some(last) = followers.last().cloned() else { break };
                let range = FollowerRange {
                    target: target.clone(),
                    shard,
                    after,
                    through: Some(last.clone()),
                };
                let page = Page { event_id: id, page: plan.pages, range };
                serde_json::to_writer(&mut manifest, &page)
                    .map_err(|error| TaskError::Invariant(error.to_string()))?;
                manifest.push(b'\n');
                plan.pages += 1;
                plan.follows += followers.len() as u64;
                if followers.len() < limits::FOLLOWERS_PER_PAGE {
                    break;
                }
                after = Some(last);
            }
        }
    }
    objects.write_object(Bucket::Work, &plan.manifest_key, "application/jsonl", manifest).await?;
    Ok(plan)
}
