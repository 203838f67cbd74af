//! Who follows what, and the links that end it.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use seisiun_domain::{
    MemberId,
    digest::Zone,
    follow::{Follow, FollowId, FollowerId, Following, Target},
    member::Language,
};
use seisiun_workflows::ports::{
    FindLink, FollowerRange, LinkOwner, ListFollowerIds, ListFollowings, ListFollows, ListZones,
    LoadFollowing, NoteZone, PortError, PortResult, PutFollow, PutFollowing, RemoveFollow,
    RemoveFollowing, ReplaceFollowing, Unfollow,
};
use serde::{Deserialize, Serialize};

use super::{Condition, PUT, Range, Sort, Table, alias, broken, record, text, text_of};
use crate::keys::{self, Key, SK};

/// Records that are removed at a time when a follow ends: a circle's are up to
/// eighty, and the link's function has ten seconds.
const REMOVALS_AT_ONCE: usize = 8;

/// What an unsubscribe link ends.
#[derive(Debug, Serialize, Deserialize)]
struct UnsubscribeRecord {
    target: Target,
    follower: FollowerId,
    /// Where the follow stands among the target's, if not under its follower.
    #[serde(default)]
    place: Option<FollowerId>,
    /// The follow that it belongs to.
    #[serde(default)]
    follow: Option<FollowId>,
    /// What we speak with them.
    #[serde(default)]
    language: Language,
}

impl PutFollowing for Table {
    async fn put_following(
        &self,
        member: &MemberId,
        following: &Following,
    ) -> PortResult<Following> {
        if self.put_new(record(keys::following(member, &following.id), following, [])?).await? {
            return Ok(following.clone());
        }
        // Unless it was removed in between: then the next try begins it.
        self.load_following(member, &following.id).await?.ok_or_else(|| PortError::Unavailable {
            what: PUT,
            source: "the follow was ended just now".into(),
        })
    }
}

impl LoadFollowing for Table {
    async fn load_following(
        &self,
        member: &MemberId,
        id: &FollowId,
    ) -> PortResult<Option<Following>> {
        self.get_doc(keys::following(member, id)).await
    }
}

impl ListFollowings for Table {
    async fn list_followings(&self, member: &MemberId) -> PortResult<Vec<Following>> {
        let all = Sort::Prefix(keys::FOLLOWINGS.into());
        self.query_docs(Range::of(keys::member(member).pk, all)).await
    }
}

impl RemoveFollowing for Table {
    async fn remove_following(&self, member: &MemberId, following: &Following) -> PortResult<()> {
        let key = keys::following(member, &following.id);
        self.delete(key, Some(has_token(&following.unsubscribe_token))).await?;
        Ok(())
    }
}

impl ReplaceFollowing for Table {
    async fn replace_following(
        &self,
        member: &MemberId,
        following: &Following,
    ) -> PortResult<bool> {
        let record = record(keys::following(member, &following.id), following, [])?;
        self.put_if(record, has_token(&following.unsubscribe_token)).await
    }
}

/// A follow that began anew has another token.
fn has_token(token: &str) -> Condition {
    Condition {
        expression: "#doc.#unsubscribe_token = :token",
        names: alias(["doc", "unsubscribe_token"]),
        values: HashMap::from([(":token".into(), text(token))]),
    }
}

impl PutFollow for Table {
    async fn put_follow(&self, follow: &Follow) -> PortResult<()> {
        let ends = UnsubscribeRecord {
            target: follow.target.clone(),
            follower: follow.follower.clone(),
            place: Some(follow.place()),
            follow: Some(follow.id()),
            language: follow.language,
        };
        // The link first: no follow is ever without one that works.
        let link = keys::unsubscribe(&follow.unsubscribe_token, &follow.target);
        self.put(record(link, &ends, [])?).await?;
        let shard = follow.target.shard_of(&follow.follower);
        let key = keys::follow(&follow.target, shard, &follow.place());
        self.put(record(key, follow, [])?).await
    }
}

impl RemoveFollow for Table {
    async fn remove_follow(&self, follow: &Follow) -> PortResult<()> {
        let (target, token) = (&follow.target, &follow.unsubscribe_token);
        let key = keys::follow(target, target.shard_of(&follow.follower), &follow.place());
        self.delete(key, Some(has_token(token))).await?;
        // The link last: none that was mailed leads nowhere while there is a follow.
        self.delete(keys::unsubscribe(token, target), None).await?;
        Ok(())
    }
}

impl NoteZone for Table {
    async fn note_zone(&self, zone: &Zone) -> PortResult<()> {
        self.put(record(keys::zone(zone), zone, [])?).await
    }
}

impl ListZones for Table {
    async fn list_zones(&self) -> PortResult<Vec<Zone>> {
        self.query_docs(Range::of(keys::ZONES.into(), Sort::All)).await
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
        follows.retain(|follow| Some(&follow.place()) != range.after.as_ref());
        Ok(follows)
    }
}

impl FindLink for Table {
    async fn find_link(&self, token: &str) -> PortResult<Option<LinkOwner>> {
        if token.is_empty() {
            return Ok(None);
        }
        let first = Range::of(keys::unsubscribes(token), Sort::All).at_most(1);
        let links: Vec<UnsubscribeRecord> = self.query_docs(first).await?;
        Ok(links.into_iter().next().and_then(|link| {
            let UnsubscribeRecord { follower, follow, language, .. } = link;
            Some(LinkOwner { follower, follow: follow?, language })
        }))
    }
}

impl Unfollow for Table {
    async fn unfollow(&self, token: &str) -> PortResult<bool> {
        if token.is_empty() {
            return Ok(false);
        }
        let links = Range::of(keys::unsubscribes(token), Sort::All);
        let links: Vec<UnsubscribeRecord> = self.query_docs(links).await?;
        let follow = |link: &UnsubscribeRecord| {
            let shard = link.target.shard_of(&link.follower);
            keys::follow(&link.target, shard, link.place.as_ref().unwrap_or(&link.follower))
        };
        let follows: Vec<Key> = links.iter().map(follow).collect();
        let ended: Vec<bool> = stream::iter(follows)
            .map(|follow| self.delete(follow, Some(has_token(token))))
            .buffer_unordered(REMOVALS_AT_ONCE)
            .try_collect()
            .await?;
        // One follow, however many targets.
        let whose = links.iter().find_map(|link| {
            Some((link.follower.0.parse::<MemberId>().ok()?, link.follow.as_ref()?))
        });
        if let Some((member, id)) = whose {
            self.delete(keys::following(&member, id), Some(has_token(token))).await?;
        }
        // The links last: a call that is cut off finds the rest again.
        let links: Vec<Key> =
            links.iter().map(|link| keys::unsubscribe(token, &link.target)).collect();
        stream::iter(links)
            .map(|link| self.delete(link, None))
            .buffer_unordered(REMOVALS_AT_ONCE)
            .try_collect::<Vec<bool>>()
            .await?;
        Ok(ended.contains(&true))
    }
}
