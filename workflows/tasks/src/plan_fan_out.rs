//! PlanFanOut: cuts an event's followers into pages and writes them as a
//! manifest, one line a page. A line names a key range, not followers, so that
//! planning a million of them moves kilobytes. It is decided once; planned again
//! after a failure, a fan-out has the pages that are left.

use futures::{StreamExt, TryStreamExt, stream};
use seisiun_domain::{SubmissionId, follow::Target, limits};

use crate::{
    error::TaskResult,
    fan_out::{Page, Rest, add_line, load_matter, rest, write_manifest},
    ports::{
        FanOut, FollowerRange, ListFollowerIds, ListPageResults, LoadEvent, LoadFanOut,
        LoadSession, PutFanOut, ReadObject, WriteObject,
    },
};

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Key of the manifest in the work bucket.
    pub manifest_key: String,
    /// Its lines.
    pub pages: u32,
    /// Follows in the whole fan-out; somebody who follows twice counts twice.
    pub follows: u64,
}

/// Runs the task.
pub async fn plan_fan_out<S, O>(store: &S, objects: &O, id: SubmissionId) -> TaskResult<Plan>
where
    S: LoadEvent + LoadSession + ListFollowerIds + PutFanOut + LoadFanOut + ListPageResults,
    O: ReadObject + WriteObject,
{
    let stands = match store.load_fan_out(id).await? {
        Some(stands) => stands,
        None => {
            let cut = cut(store, objects, id).await?;
            // Of two who plan at once, one is followed.
            let stands = store.put_fan_out(id, &cut).await?;
            if stands == cut {
                // Nobody has sent a page of it, or they report the same once more.
                return Ok(whole(cut));
            }
            stands
        }
    };
    if stands.pages == 0 {
        return Ok(whole(stands));
    }
    let Rest { manifest_key, pages } = rest(store, objects, id, &stands).await?;
    Ok(Plan { manifest_key, pages, follows: stands.follows })
}

fn whole(FanOut { manifest_key, pages, follows }: FanOut) -> Plan {
    Plan { manifest_key, pages, follows }
}

/// Cuts the followers into pages.
async fn cut<S, O>(store: &S, objects: &O, id: SubmissionId) -> TaskResult<FanOut>
where
    S: LoadEvent + LoadSession + ListFollowerIds,
    O: WriteObject,
{
    let partitions = load_matter(store, id)
        .await?
        .targets()
        .into_iter()
        .flat_map(|target| (0..target.shards()).map(move |shard| (target.clone(), shard)));
    let mut cuts = stream::iter(partitions)
        .map(|(target, shard)| cut_partition(store, target, shard))
        // In their order, so that the same followers give the same pages.
        .buffered(limits::FOLLOWER_READS_AT_ONCE);
    let (mut manifest, mut pages, mut follows) = (Vec::new(), 0, 0);
    while let Some(ranges) = cuts.try_next().await? {
        for (range, followers) in ranges {
            add_line(&mut manifest, &Page { event_id: id, page: pages, range })?;
            pages += 1;
            follows += followers;
        }
    }
    let manifest_key = write_manifest(objects, id, manifest).await?;
    Ok(FanOut { manifest_key, pages, follows })
}

/// The pages of one partition, each with its followers.
async fn cut_partition(
    store: &impl ListFollowerIds,
    target: Target,
    shard: u8,
) -> TaskResult<Vec<(FollowerRange, u64)>> {
    let (mut ranges, mut after) = (Vec::new(), None);
    loop {
        let most = limits::FOLLOWERS_PER_READ;
        let read = store.list_follower_ids(&target, shard, after.as_ref(), most).await?;
        for page in read.chunks(limits::FOLLOWERS_PER_PAGE) {
            let Some(last) = page.last().cloned() else { break };
            let range = FollowerRange {
                target: target.clone(),
                shard,
                after: after.replace(last.clone()),
                through: Some(last),
            };
            ranges.push((range, page.len() as u64));
        }
        if read.len() < most {
            return Ok(ranges);
        }
    }
}
