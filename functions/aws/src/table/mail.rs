//! Which mails were sent, which addresses get none, and what may be done only so
//! often a day.

use std::collections::HashMap;

use jiff::Timestamp;
use seisiun_domain::{member::Email, switch::Switch};
use seisiun_workflows::ports::{
    Claim, ClaimMail, IsOff, IsSuppressed, MailKey, MarkMail, PortError, PortResult, Quota,
    ReleaseMail, SetSwitch, TakePlace,
};
use ulid::Ulid;

use super::{
    Change, Condition, PUT, Range, Sort, TTL, Table, alias, bare_record, record, seconds,
    submissions::expiry, text, text_of,
};
use crate::keys;

/// Hours that a claim is kept: four hundred days. An execution can live for a
/// year, and a claim must outlive every retry and restart.
const CLAIM_HOURS: i64 = 400 * 24;

const MESSAGE_ID: &str = "message_id";
const CLAIMED_AT: &str = "claimed_at";
/// Which call claimed it.
const CLAIMED_BY: &str = "claimed_by";

/// Hours that a quota's place is kept: beyond the end of its day anywhere.
const PLACE_HOURS: i64 = 48;
/// For whom or what a place is taken.
const HOLDER: &str = "holder";

impl ClaimMail for Table {
    async fn claim_mail(&self, key: &MailKey, now: Timestamp) -> PortResult<Claim> {
        // The SDK may try again after a lost answer and then find a claim:
        // its own, or somebody else's? Taking its own for another's would
        // leave a mail that nobody sends.
        let by = Ulid::generate().to_string();
        let claim = bare_record(
            keys::mail(key),
            [
                (CLAIMED_AT, text(now.to_string())),
                (CLAIMED_BY, text(&by)),
                (TTL, seconds(expiry(now, CLAIM_HOURS))),
            ],
        );
        if self.put_new(claim).await? {
            return Ok(Claim::Claimed);
        }
        match self.get(keys::mail(key)).await? {
            Some(item) if item.contains_key(MESSAGE_ID) => Ok(Claim::Sent),
            Some(item) if text_of(&item, CLAIMED_BY) == Some(by.as_str()) => Ok(Claim::Claimed),
            Some(_) => Ok(Claim::Unresolved),
            // Given back in between: the next try claims it.
            None => Err(PortError::Unavailable {
                what: PUT,
                source: "the claim was given back just now".into(),
            }),
        }
    }
}

impl MarkMail for Table {
    async fn mark_mail(&self, key: &MailKey, message_id: &str) -> PortResult<()> {
        let change = Change::new(keys::mail(key), "SET #message_id = :message_id")
            .names([MESSAGE_ID])
            .value(":message_id", text(message_id));
        self.update(change).await?;
        Ok(())
    }
}

impl ReleaseMail for Table {
    async fn release_mail(&self, key: &MailKey) -> PortResult<()> {
        let unsent = Condition {
            expression: "attribute_not_exists(#message_id)",
            names: alias([MESSAGE_ID]),
            values: HashMap::new(),
        };
        // Not met: it was sent after all, and stays so.
        self.delete(keys::mail(key), Some(unsent)).await?;
        Ok(())
    }
}

impl IsOff for Table {
    async fn is_off(&self, switch: Switch) -> PortResult<bool> {
        let on: Option<bool> = self.get_doc(keys::switch(switch)).await?;
        Ok(on == Some(false))
    }
}

impl SetSwitch for Table {
    async fn set_switch(&self, switch: Switch, on: bool) -> PortResult<()> {
        self.put(record(keys::switch(switch), &on, [])?).await
    }
}

impl IsSuppressed for Table {
    async fn is_suppressed(&self, email: &Email) -> PortResult<bool> {
        Ok(self.get(keys::suppressed(email)).await?.is_some())
    }
}

impl TakePlace for Table {
    async fn take_place(&self, quota: &Quota, holder: &str, now: Timestamp) -> PortResult<bool> {
        let most = usize::try_from(quota.most).unwrap_or(usize::MAX);
        // Places are taken in order, each once: as often as somebody else is
        // first there is one less, and after a lost answer our own is found.
        for _ in 0..=most {
            let taken = self.query(Range::of(keys::places(quota, now), Sort::All)).await?;
            if taken.iter().any(|place| text_of(place, HOLDER) == Some(holder)) {
                return Ok(true);
            }
            if taken.len() >= most {
                return Ok(false);
            }
            let place = bare_record(
                keys::place(quota, now, taken.len()),
                [(HOLDER, text(holder)), (TTL, seconds(expiry(now, PLACE_HOURS)))],
            );
            if self.put_new(place).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
