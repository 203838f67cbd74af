//! Which mails were sent, and which addresses get none.

use std::collections::HashMap;

use jiff::Timestamp;
use seisiun_domain::member::Email;
use seisiun_workflows::ports::{
    Claim, ClaimMail, IsSuppressed, MailKey, MarkMail, PortError, PortResult, ReleaseMail,
};
use ulid::Ulid;

use super::{
    Change, Condition, PUT, TTL, Table, alias, bare_record, seconds, submissions::expiry, text,
    text_of,
};
use crate::keys;

/// Hours that a claim is kept: four hundred days. An execution can live for a
/// year, and a claim must outlive every retry and restart.
const CLAIM_HOURS: i64 = 400 * 24;

const MESSAGE_ID: &str = "message_id";
const CLAIMED_AT: &str = "claimed_at";
/// Which call claimed it.
const CLAIMED_BY: &str = "claimed_by";

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

impl IsSuppressed for Table {
    async fn is_suppressed(&self, email: &Email) -> PortResult<bool> {
        Ok(self.get(keys::suppressed(email)).await?.is_some())
    }
}
