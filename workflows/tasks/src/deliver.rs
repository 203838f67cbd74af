//! Sending one mail at most once: claim, send, mark.
//!
//! SES has no idempotency token. Between its acceptance and our mark lies a
//! window in which a crash leaves the claim unresolved; such a mail is *not*
//! sent again (docs/adr/0002). A mail that was certainly not sent gives its
//! claim back, so that a retry can send it.

use jiff::Timestamp;
use seisiun_domain::{member::Email, switch::Switch};
use seisiun_mail::{Letter, Sender};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        Claim, ClaimMail, IsOff, IsSuppressed, MailKey, MarkMail, ReleaseMail, SendError, SendMail,
    },
};

/// The store that deliveries are recorded in.
pub trait Ledger: ClaimMail + MarkMail + ReleaseMail + IsSuppressed + IsOff {}
impl<T: ClaimMail + MarkMail + ReleaseMail + IsSuppressed + IsOff> Ledger for T {}

/// What became of one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// Sent by this call.
    Sent,
    /// Sent by an earlier one.
    AlreadySent,
    /// The address is suppressed.
    Suppressed,
    /// The mail service refuses this recipient or message for good.
    Refused,
    /// Perhaps sent by an attempt that was cut off; never sent again.
    Unresolved,
}

/// Delivers a letter.
///
/// # Errors
/// [`TaskError::NotReady`] while mail is switched off: it is still owed.
pub async fn deliver(
    ledger: &impl Ledger,
    mailer: &impl SendMail,
    sender: &Sender,
    now: Timestamp,
    key: &MailKey,
    to: &Email,
    letter: &impl Letter,
) -> TaskResult<Delivery> {
    if ledger.is_off(Switch::Mail).await? {
        return Err(TaskError::NotReady("mail is switched off".into()));
    }
    if ledger.is_suppressed(to).await? {
        return Ok(Delivery::Suppressed);
    }
    // Rendered before the claim: a letter that can't be written claims nothing.
    let broken = |error: seisiun_mail::MailError| TaskError::Invariant(error.to_string());
    let mail = letter.mail(to.expose(), sender).map_err(broken)?;
    let mime = mail.to_mime(sender).map_err(broken)?;
    match ledger.claim_mail(key, now).await? {
        Claim::Claimed => {}
        Claim::Sent => return Ok(Delivery::AlreadySent),
        Claim::Unresolved => return Ok(Delivery::Unresolved),
    }
    match mailer.send_mail(to, mime, mail.kind.as_str()).await {
        Ok(message_id) => {
            ledger.mark_mail(key, &message_id).await?;
            Ok(Delivery::Sent)
        }
        Err(SendError::Refused(reason)) => {
            tracing::warn!(mail.about = key.about, reason, "mail refused");
            // Marked, so that no retry asks again.
            ledger.mark_mail(key, "refused").await?;
            Ok(Delivery::Refused)
        }
        Err(SendError::NotSent(error)) => {
            ledger.release_mail(key).await?;
            Err(error.into())
        }
        Err(SendError::Unknown(error)) => {
            tracing::error!(mail.about = key.about, error, "mail unresolved: the answer was lost");
            Ok(Delivery::Unresolved)
        }
    }
}
