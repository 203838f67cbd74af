//! What the mail service tells us, and how fast it may be given mail.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    limits,
    member::Email,
    pace::{Lane, Permit, Rate, permit},
};
use seisiun_workflows::ports::{
    CountSoftBounce, IsSuppressed, LastSendEvent, NoteSendEvent, PortError, PortResult, Suppress,
    Suppression, TakePermit,
};

use super::{
    Change, Item, TTL, Table, UPDATE, number, number_of, record, seconds, submissions::expiry,
    text, text_of,
};
use crate::keys;

/// Tries to take a permit, or to count, while others do, too.
const TRIES_MAX: u32 = 5;
/// When to ask again for a permit that others took.
const CROWDED: SignedDuration = SignedDuration::from_millis(50);

const AT: &str = "at";
/// Ids of an address's soft bounces.
const IDS: &str = "ids";

impl Suppress for Table {
    async fn suppress(&self, email: &Email, why: Suppression, now: Timestamp) -> PortResult<()> {
        let at = [(AT, text(now.to_string()))];
        self.put_new(record(keys::suppressed(email), &why, at)?).await?;
        Ok(())
    }
}

impl IsSuppressed for Table {
    async fn is_suppressed(&self, email: &Email) -> PortResult<bool> {
        Ok(self.get(keys::suppressed(email)).await?.is_some())
    }
}

impl CountSoftBounce for Table {
    async fn count_soft_bounce(
        &self,
        email: &Email,
        feedback_id: &str,
        now: Timestamp,
    ) -> PortResult<u32> {
        let ttl = expiry(now, 24 * limits::SOFT_BOUNCE_DAYS);
        for _ in 0..TRIES_MAX {
            let stored = self.get(keys::soft_bounces(email)).await?;
            let until: Option<i64> = stored.as_ref().and_then(|item| number_of(item, TTL));
            // What has expired may linger.
            let counts = until.is_some_and(|until| until > now.as_second());
            let mut ids = stored.filter(|_| counts).as_ref().and_then(ids_of).unwrap_or_default();
            if !ids.iter().any(|id| id == feedback_id) {
                ids.push(feedback_id.to_owned());
            }
            let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let change = Change::new(keys::soft_bounces(email), "SET #ids = :ids, #ttl = :ttl")
                .names([IDS, TTL])
                .value(":ids", AttributeValue::Ss(ids))
                .value(":ttl", seconds(ttl));
            let change = match until {
                Some(until) => change.only_if("#ttl = :seen").value(":seen", number(until)),
                None => change.only_if("attribute_not_exists(#ttl)"),
            };
            if self.update(change).await? {
                return Ok(count);
            }
        }
        Err(PortError::Unavailable { what: UPDATE, source: "others count as well".into() })
    }
}

fn ids_of(item: &Item) -> Option<Vec<String>> {
    item.get(IDS)?.as_ss().ok().cloned()
}

impl NoteSendEvent for Table {
    async fn note_send_event(&self, accepted_at: Timestamp) -> PortResult<()> {
        let change = Change::new(keys::send_event(), "SET #at = :at")
            .only_if("attribute_not_exists(#at) OR #at < :at")
            .names([AT])
            .value(":at", number(accepted_at.as_millisecond()));
        self.update(change).await?;
        Ok(())
    }
}

impl LastSendEvent for Table {
    async fn last_send_event(&self) -> PortResult<Option<Timestamp>> {
        let stored = self.get(keys::send_event()).await?;
        let at: Option<i64> = stored.as_ref().and_then(|item| number_of(item, AT));
        Ok(at.and_then(|at| Timestamp::from_millisecond(at).ok()))
    }
}

impl TakePermit for Table {
    async fn take_permit(
        &self,
        rate: Rate,
        lane: Lane,
        mails: u32,
        now: Timestamp,
    ) -> PortResult<Permit> {
        for _ in 0..TRIES_MAX {
            let stored = self.get(keys::permits()).await?;
            let seen = stored.as_ref().and_then(|item| text_of(item, AT)).map(str::to_owned);
            let until = seen.as_ref().and_then(|at| at.parse().ok());
            let permit = permit(until, rate, lane, mails, now);
            let Permit::Granted(until) = permit else { return Ok(permit) };
            // After a lost answer the SDK's own repeat finds it taken: one permit is
            // wasted, and another asked for.
            let change = Change::new(keys::permits(), "SET #at = :at")
                .names([AT])
                .value(":at", text(until.to_string()));
            let change = match seen {
                Some(seen) => change.only_if("#at = :seen").value(":seen", text(seen)),
                None => change.only_if("attribute_not_exists(#at)"),
            };
            if self.update(change).await? {
                return Ok(permit);
            }
        }
        Ok(Permit::After(CROWDED))
    }
}
