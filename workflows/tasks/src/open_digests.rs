//! OpenDigests: on a schedule, begins the weekly digests that are due: one fan-out for
//! each zone in which somebody wants it.
//!
//! A digest is an event like any other, whose id says of which week and zone it is:
//! however often it is begun, it is sent once. A run that is missed is made up for by
//! the next, for a day; an execution that was not started is the reconciler's.

use jiff::Timestamp;
use seisiun_domain::{
    digest::{Digest, Zone},
    submission::Event,
};

use crate::{
    error::TaskResult,
    ports::{DescribeExecution, ListZones, LoadWork, OpenEvent, StartExecution},
    start_notify::start_notify,
};

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Opened {
    /// Zones in which somebody wants digests.
    pub zones: u32,
    /// Digests that it began.
    pub digests: u32,
}

/// Runs the task as of now. What cannot be begun does not hold up the rest; the run
/// then fails as a whole.
pub async fn open_digests<S, W>(store: &S, workflows: &W, now: Timestamp) -> TaskResult<Opened>
where
    S: ListZones + OpenEvent + LoadWork,
    W: StartExecution + DescribeExecution,
{
    let (mut opened, mut failure) = (Opened::default(), None);
    for zone in store.list_zones().await? {
        opened.zones += 1;
        match open(store, workflows, &zone, now).await {
            Ok(new) => opened.digests += u32::from(new),
            Err(error) => {
                tracing::error!(
                    %zone,
                    error = &error as &dyn std::error::Error,
                    "a digest could not be begun"
                );
                failure.get_or_insert(error);
            }
        }
    }
    failure.map_or(Ok(opened), Err)
}

/// Begins the digest of a zone if it is due. Whether this was the first to do so.
async fn open<S, W>(store: &S, workflows: &W, zone: &Zone, now: Timestamp) -> TaskResult<bool>
where
    S: OpenEvent + LoadWork,
    W: StartExecution + DescribeExecution,
{
    let due = Digest::latest(zone, now).filter(|digest| digest.is_due(now));
    let Some(event) = due.and_then(Event::digest) else { return Ok(false) };
    let new = store.open_event(&event).await?;
    if new {
        start_notify(store, workflows, event.id).await?;
    }
    Ok(new)
}
