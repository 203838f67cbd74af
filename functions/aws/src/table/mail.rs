//! Which mails were sent, what is switched off, and what may be done only so often
//! a day.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use seisiun_domain::{mail_claim::OpenClaim, switch::Switch};
use seisiun_workflows::ports::{
    Claim, ClaimMail, IsOff, MailKey, Mark, MarkMail, NoteLostAnswer, PortError, PortResult, Quota,
    ReleaseMail, SetSwitch, SettleMail, TakeOverMail, TakePlace,
};
use ulid::Ulid;

use super::{
    Change, Condition, Item, PUT, Range, Sort, TTL, Table, alias, bare_record, broken, record,
    seconds, submissions::expiry, text, text_of,
};
use crate::keys;

/// Hours that a claim is kept: four hundred days. An execution can live for a
/// year, and a claim must outlive every retry and restart.
const CLAIM_HOURS: i64 = 400 * 24;

/// The mail service's id of a mail that it took.
const MESSAGE_ID: &str = "message_id";
/// What else became of a mail.
const FATE: &str = "fate";
const REFUSED: &str = "refused";
const UNKNOWN: &str = "unknown";
const CLAIMED_AT: &str = "claimed_at";
/// Which call claimed it.
const CLAIMED_BY: &str = "claimed_by";
/// There if its sender saw that the answer was lost.
const ANSWER_LOST: &str = "answer_lost";

/// Hours that a quota's place is kept: beyond the end of its day anywhere.
const PLACE_HOURS: i64 = 48;
/// For whom or what a mail is claimed, or a place is taken.
const HOLDER: &str = "holder";

/// A claim of this call.
fn claim<'a>(holder: &str, by: &str, now: Timestamp) -> [(&'a str, AttributeValue); 4] {
    [
        (HOLDER, text(holder)),
        (CLAIMED_AT, text(now.to_string())),
        (CLAIMED_BY, text(by)),
        (TTL, seconds(expiry(now, CLAIM_HOURS))),
    ]
}

/// What a record says of its mail.
fn state_of(item: &Item, holder: &str, by: &str) -> PortResult<Claim> {
    if item.contains_key(MESSAGE_ID) {
        return Ok(Claim::Sent { ours: text_of(item, HOLDER) == Some(holder) });
    }
    match text_of(item, FATE) {
        Some(REFUSED) => return Ok(Claim::Refused),
        Some(UNKNOWN) => return Ok(Claim::Unknown),
        _ => {}
    }
    if text_of(item, CLAIMED_BY) == Some(by) {
        return Ok(Claim::Claimed);
    }
    let since = text_of(item, CLAIMED_AT).and_then(|at| at.parse().ok());
    let since = since.ok_or_else(|| broken("dynamodb:parse", "a claim says not since when"))?;
    Ok(Claim::Open(OpenClaim { since, answer_lost: item.contains_key(ANSWER_LOST) }))
}

impl ClaimMail for Table {
    async fn claim_mail(&self, key: &MailKey, holder: &str, now: Timestamp) -> PortResult<Claim> {
        // The SDK may try again after a lost answer and then find a claim:
        // its own, or somebody else's? Taking its own for another's would
        // leave a mail that nobody sends.
        let by = Ulid::generate().to_string();
        if self.put_new(bare_record(keys::mail(key), claim(holder, &by, now))).await? {
            return Ok(Claim::Claimed);
        }
        match self.get(keys::mail(key)).await? {
            Some(item) => state_of(&item, holder, &by),
            // Given back in between: the next try claims it.
            None => Err(PortError::Unavailable {
                what: PUT,
                source: "the claim was given back just now".into(),
            }),
        }
    }
}

impl TakeOverMail for Table {
    async fn take_over_mail(
        &self,
        key: &MailKey,
        holder: &str,
        open: OpenClaim,
        now: Timestamp,
    ) -> PortResult<bool> {
        let by = Ulid::generate().to_string();
        let expected = if open.answer_lost {
            "#claimed_at = :since AND attribute_exists(#answer_lost) AND \
             attribute_not_exists(#message_id) AND attribute_not_exists(#fate)"
        } else {
            "#claimed_at = :since AND attribute_not_exists(#answer_lost) AND \
             attribute_not_exists(#message_id) AND attribute_not_exists(#fate)"
        };
        let mut change = Change::new(
            keys::mail(key),
            "SET #holder = :holder, #claimed_at = :claimed_at, #claimed_by = :claimed_by, \
             #ttl = :ttl REMOVE #answer_lost",
        )
        .only_if(expected)
        .names([HOLDER, CLAIMED_AT, CLAIMED_BY, TTL, ANSWER_LOST, MESSAGE_ID, FATE])
        .value(":since", text(open.since.to_string()));
        for (name, value) in claim(holder, &by, now) {
            change = change.value(&format!(":{name}"), value);
        }
        if self.update(change).await? {
            return Ok(true);
        }
        // As above: after a lost answer it may be this very call that has taken it.
        let stands = self.get(keys::mail(key)).await?;
        Ok(stands.is_some_and(|item| text_of(&item, CLAIMED_BY) == Some(by.as_str())))
    }
}

impl MarkMail for Table {
    async fn mark_mail(&self, key: &MailKey, mark: Mark<'_>) -> PortResult<()> {
        let change = match mark {
            Mark::Sent(message_id) => {
                Change::new(keys::mail(key), "SET #message_id = :message_id REMOVE #fate")
                    .names([MESSAGE_ID, FATE])
                    .value(":message_id", text(message_id))
            }
            Mark::Refused | Mark::Unknown => {
                let fate = if matches!(mark, Mark::Refused) { REFUSED } else { UNKNOWN };
                Change::new(keys::mail(key), "SET #fate = :fate")
                    // Not met: it was sent after all, and stays so.
                    .only_if("attribute_not_exists(#message_id)")
                    .names([MESSAGE_ID, FATE])
                    .value(":fate", text(fate))
            }
        };
        self.update(change).await?;
        Ok(())
    }
}

impl NoteLostAnswer for Table {
    async fn note_lost_answer(&self, key: &MailKey) -> PortResult<()> {
        let change = Change::new(keys::mail(key), "SET #answer_lost = :yes")
            .only_if("attribute_exists(#claimed_at) AND attribute_not_exists(#message_id)")
            .names([ANSWER_LOST, CLAIMED_AT, MESSAGE_ID])
            .value(":yes", AttributeValue::Bool(true));
        self.update(change).await?;
        Ok(())
    }
}

impl ReleaseMail for Table {
    async fn release_mail(&self, key: &MailKey) -> PortResult<()> {
        let unsent = Condition {
            expression: "attribute_not_exists(#message_id) AND attribute_not_exists(#fate)",
            names: alias([MESSAGE_ID, FATE]),
            values: HashMap::new(),
        };
        // Not met: it was sent after all, and stays so.
        self.delete(keys::mail(key), Some(unsent)).await?;
        Ok(())
    }
}

impl SettleMail for Table {
    async fn settle_mail(&self, key: &MailKey, message_id: &str) -> PortResult<bool> {
        // Almost every mail is marked by who sent it before its event comes, and a
        // read costs a fifth of a write.
        let is_open = |item: &Item| !item.contains_key(MESSAGE_ID);
        if !self.get(keys::mail(key)).await?.as_ref().is_some_and(is_open) {
            return Ok(false);
        }
        let change = Change::new(keys::mail(key), "SET #message_id = :message_id REMOVE #fate")
            .only_if("attribute_exists(#claimed_at) AND attribute_not_exists(#message_id)")
            .names([MESSAGE_ID, FATE, CLAIMED_AT])
            .value(":message_id", text(message_id));
        self.update(change).await
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
