//! Who follows what, and the links that end it.

use std::collections::HashMap;

use seisiun_domain::follow::{Follow, FollowerId, Target};
use seisiun_workflows::ports::{
    FollowerRange, ListFollowerIds, ListFollows, PortResult, PutFollow, Unfollow,
};
use serde::{Deserialize, Serialize};

use super::{Condition, Range, Sort, Table, alias, broken, record, text, text_of};
use crate::keys::{self, SK};

/// What an unsubscribe link ends.
#[derive(Debug, Serialize, Deserialize)]
struct UnsubscribeRecord {
    target: Target,
    follower: FollowerId,
}

impl PutFollow for Table {
    async fn put_follow(&self, follow: &Follow) -> PortResult<()> {
        let ends =
            UnsubscribeRecord { target: follow.target.clone(), follower: follow.follower.clone() };
        // The link first: no follow is ever without one that works.
        let link = keys::unsubscribe(&follow.unsubscribe_token, &follow.target);
        self.put(record(link, &ends, [])?).await?;
        let shard = follow.target.shard_of(&follow.follower);
        let key = keys::follow(&follow.target, shard, &follow.follower);
        self.put(record(key, follow, [])?).await
    }
}

impl ListFollowerIds for Table {
    async fn list_follower_ids(
        &self,
        target: &Target,
        shard: u8,
        after: Option<&FollowerId>,
        limit: usize,
    ) -> PortResult<Vec<FollowerId>> {
        let sort = after.map_or(Sort::All, |after| Sort::After(after.0.clone()));
        let range = Range::of(keys::followers(target, shard), sort).at_most(limit).keys_only();
        let ids = self.query(range).await?;
        let id = |item| text_of(item, SK).map(|id| FollowerId(id.to_owned()));
        ids.iter()
            .map(|item| id(item).ok_or_else(|| broken("dynamodb:parse", "a follow has no key")))
            .collect()
    }
}

impl ListFollows for Table {
    async fn list_follows(&self, range: &FollowerRange) -> PortResult<Vec<Follow>> {
        let sort = match (&range.after, &range.through) {
            (None, None) => Sort::All,
            (Some(after), None) => Sort::After(after.0.clone()),
            (None, Some(through)) => Sort::Through(through.0.clone()),
            (Some(after), Some(through)) if after >= through => return Ok(Vec::new()),
            // It includes its lower end, which is taken out again below.
            (Some(after), Some(through)) => Sort::Between(after.0.clone(), through.0.clone()),
        };
        let partition = keys::followers(&range.target, range.shard);
        let mut follows: Vec<Follow> = self.query_docs(Range::of(partition, sort)).await?;
        follows.retain(|follow| Some(&follow.follower) != range.after.as_ref());
        Ok(follows)
    }
}

impl Unfollow for Table {
    async fn unfollow(&self, token: &str) -> PortResult<bool> {
        if token.is_empty() {
            return Ok(false);
        }
        let links = Range::of(keys::unsubscribes(token), Sort::All);
        let links: Vec<UnsubscribeRecord> = self.query_docs(links).await?;
        let mut ended = false;
        for link in links {
            let shard = link.target.shard_of(&link.follower);
            // A follow that has been renewed has another token.
            let condition = Condition {
                expression: "#doc.#unsubscribe_token = :token",
                names: alias(["doc", "unsubscribe_token"]),
                values: HashMap::from([(":token".into(), text(token))]),
            };
            let follow = keys::follow(&link.target, shard, &link.follower);
            ended |= self.delete(follow, Some(condition)).await?;
            // The link last: a call that is cut off finds the rest again.
            self.delete(keys::unsubscribe(token, &link.target), None).await?;
        }
        Ok(ended)
    }
}
