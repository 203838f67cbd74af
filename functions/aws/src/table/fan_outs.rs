//! Fan-outs: how an event's followers were cut into pages, what became of each
//! page, and what a mail to a follower depends on.

use std::collections::HashMap;

use seisiun_domain::{
    MemberId, SubmissionId,
    follow::{Follow, Target},
    member::Member,
    switch::Switch,
};
use seisiun_workflows::ports::{
    FanOut, FollowerNow, IsPaused, ListPageResults, LoadFanOut, LookAtFollower, PageResult,
    PortError, PortResult, PutFanOut, PutPageResult, SetPause,
};

use super::{
    DOC, Item, PUT, Range, Sort, Table, VERSION, bare_record, broken, doc, key_item, record,
    text_of,
};
use crate::keys::{self, Key, PK, SK};

impl PutFanOut for Table {
    async fn put_fan_out(&self, event: SubmissionId, fan_out: &FanOut) -> PortResult<FanOut> {
        if self.put_new(record(keys::fan_out(event), fan_out, [])?).await? {
            return Ok(fan_out.clone());
        }
        self.load_fan_out(event).await?.ok_or_else(|| PortError::Unavailable {
            what: PUT,
            source: "the plan of a fan-out went away just now".into(),
        })
    }
}

impl LoadFanOut for Table {
    async fn load_fan_out(&self, event: SubmissionId) -> PortResult<Option<FanOut>> {
        self.get_doc(keys::fan_out(event)).await
    }
}

impl SetPause for Table {
    async fn set_pause(&self, event: SubmissionId, paused: bool) -> PortResult<()> {
        let key = keys::pause(event);
        if paused {
            self.put(bare_record(key, [])).await
        } else {
            self.delete(key, None).await?;
            Ok(())
        }
    }
}

impl IsPaused for Table {
    async fn is_paused(&self, event: SubmissionId) -> PortResult<bool> {
        Ok(self.get(keys::pause(event)).await?.is_some())
    }
}

impl PutPageResult for Table {
    async fn put_page_result(
        &self,
        event: SubmissionId,
        page: u32,
        result: PageResult,
    ) -> PortResult<()> {
        self.put(record(keys::page(event, page), &result, [])?).await
    }
}

impl ListPageResults for Table {
    async fn list_page_results(&self, event: SubmissionId) -> PortResult<Vec<(u32, PageResult)>> {
        let pages = Range::of(keys::event(event).pk, Sort::Prefix(keys::PAGES.into()));
        let items = self.query(pages).await?.into_iter();
        let result = |item: Item| {
            let page = text_of(&item, SK).and_then(keys::page_number);
            let page = page.ok_or_else(|| broken("dynamodb:parse", "a page without a number"))?;
            Ok((page, doc(item)?))
        };
        items.map(result).collect()
    }
}

impl LookAtFollower for Table {
    async fn look_at_follower(
        &self,
        event: SubmissionId,
        targets: &[Target],
        follow: &Follow,
    ) -> PortResult<FollowerNow> {
        // One read of many; a cell's follows are places of their own, so that they
        // are asked for by a query.
        let member: Option<MemberId> = follow.follower.0.parse().ok();
        let mut single =
            vec![keys::switch(Switch::Mail), keys::pause(event), keys::suppressed(&follow.email)];
        single.extend(member.as_ref().map(keys::member));
        let plain = |target: &&Target| !matches!(target, Target::Cell(_));
        let by_follower = |target: &Target| {
            keys::follow(target, target.shard_of(&follow.follower), &follow.follower)
        };
        single.extend(targets.iter().filter(plain).map(by_follower));
        let found =
            self.get_many(single.into_iter().map(key_item).collect(), [PK, SK, VERSION, DOC]);
        let mut found: HashMap<Key, Item> =
            found.await?.into_iter().filter_map(|item| Some((key_of(&item)?, item))).collect();
        let off = found.remove(&keys::switch(Switch::Mail)).map(doc::<bool>).transpose()?;
        let member = member.and_then(|id| found.remove(&keys::member(&id)));
        let mut now = FollowerNow {
            halted: off == Some(false) || found.contains_key(&keys::pause(event)),
            suppressed: found.contains_key(&keys::suppressed(&follow.email)),
            follows: Vec::new(),
            member: member.map(doc::<Member>).transpose()?,
        };
        for target in targets {
            if plain(&target) {
                let own = found.remove(&by_follower(target)).map(doc::<Follow>).transpose()?;
                now.follows.extend(own);
            } else {
                let shard = target.shard_of(&follow.follower);
                let own = Sort::Prefix(keys::places_of(&follow.follower));
                let own = Range::of(keys::followers(target, shard), own);
                now.follows.extend(self.query_docs::<Follow>(own).await?);
            }
        }
        Ok(now)
    }
}

fn key_of(item: &Item) -> Option<Key> {
    Some(Key { pk: text_of(item, PK)?.into(), sk: text_of(item, SK)?.into() })
}
