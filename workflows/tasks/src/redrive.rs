//! Redrive: an operator has the fan-outs go on whose pages failed for good. Each is
//! restarted once; it sends the pages that are left.

use std::collections::BTreeSet;

use seisiun_domain::{limits, submission::Workflow};

use crate::{
    error::TaskResult,
    ports::{BeginRestart, DescribeExecution, ListParked, LoadWork, StartExecution, UnparkPages},
    restart::restart,
};

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Redriven {
    /// Pages that were parked.
    pub pages: u32,
    /// Fan-outs that were restarted: some may go on already.
    pub restarted: u32,
}

/// Runs it. Cut off, it is run once more: what is left is still parked.
pub async fn redrive<S, W, P>(store: &S, workflows: &W, parking: &P) -> TaskResult<Redriven>
where
    S: LoadWork + BeginRestart,
    W: StartExecution + DescribeExecution,
    P: ListParked + UnparkPages,
{
    let (mut done, mut seen) = (Redriven::default(), BTreeSet::new());
    for _ in 0..limits::REDRIVE_LOOKS_MAX {
        let parked = parking.list_parked().await?;
        if parked.is_empty() {
            break;
        }
        for one in &parked {
            let event = one.page.event_id;
            if seen.insert(event) {
                let name = restart(store, workflows, Workflow::NotifyFollowers, event).await?;
                done.restarted += u32::from(name.is_some());
            }
        }
        parking.unpark_pages(&parked).await?;
        done.pages += u32::try_from(parked.len()).unwrap_or(u32::MAX);
    }
    Ok(done)
}
