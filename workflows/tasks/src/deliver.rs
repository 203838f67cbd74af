//! Sending one mail at most once: claim, send, mark.
//!
//! SES has no idempotency token. Between its acceptance and our mark lies a
//! window in which a crash leaves the claim open; such a mail is *not* simply sent
//! again (docs/adr/0002). A mail that was certainly not sent gives its claim back,
//! so that a retry can send it.

use jiff::Timestamp;
use seisiun_domain::{
    member::{Email, Language, Member},
    switch::Switch,
};
use seisiun_mail::{Letter, MailKind, Sender};

use crate::{
    error::{TaskError, TaskResult},
    letters,
    ports::{
        Claim, ClaimMail, IsOff, IsSuppressed, MailKey, Mark, MarkMail, NoteLostAnswer,
        ReleaseMail, SendError, SendMail,
    },
};

/// Where it is recorded what became of a claimed mail.
pub trait Record: MarkMail + NoteLostAnswer + ReleaseMail {}
impl<T: MarkMail + NoteLostAnswer + ReleaseMail> Record for T {}

/// The store that deliveries are recorded in.
pub trait Ledger: ClaimMail + Record + IsSuppressed + IsOff {}
impl<T: ClaimMail + Record + IsSuppressed + IsOff> Ledger for T {}

/// Whom a letter is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Where it goes.
    pub email: Email,
    /// What we speak with them.
    pub language: Language,
}

impl Recipient {
    /// Who has told us no language: a notifier, the moderators.
    #[must_use]
    pub fn unasked(email: &Email) -> Self {
        Self { email: email.clone(), language: Language::default() }
    }
}

impl From<&Member> for Recipient {
    fn from(member: &Member) -> Self {
        Self { email: member.email.clone(), language: member.language }
    }
}

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
    /// Perhaps sent by an attempt that was cut off.
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
    to: &Recipient,
    letter: &impl Letter,
) -> TaskResult<Delivery> {
    if ledger.is_off(Switch::Mail).await? {
        return Err(TaskError::NotReady("mail is switched off".into()));
    }
    if ledger.is_suppressed(&to.email).await? {
        return Ok(Delivery::Suppressed);
    }
    // Written before the claim: a letter that can't be written claims nothing.
    let written = Written::of(letter, to, sender)?;
    match ledger.claim_mail(key, "", now).await? {
        Claim::Claimed => Ok(match hand_over(ledger, mailer, key, &to.email, written).await? {
            HandedOver::Sent => Delivery::Sent,
            HandedOver::Refused => Delivery::Refused,
            HandedOver::Unresolved => Delivery::Unresolved,
        }),
        Claim::Sent { .. } => Ok(Delivery::AlreadySent),
        Claim::Refused => Ok(Delivery::Refused),
        Claim::Unknown | Claim::Open(_) => Ok(Delivery::Unresolved),
    }
}

/// A letter, ready to be handed over.
#[derive(Debug)]
pub(crate) struct Written {
    /// The message.
    pub(crate) mime: Vec<u8>,
    /// Which letter it is.
    pub(crate) kind: MailKind,
}

impl Written {
    /// Writes a letter to somebody.
    ///
    /// # Errors
    /// [`TaskError::Invariant`] if it can't be written: names the field.
    pub(crate) fn of(letter: &impl Letter, to: &Recipient, sender: &Sender) -> TaskResult<Self> {
        let broken = |error: seisiun_mail::MailError| TaskError::Invariant(error.to_string());
        let language = letters::in_mail(to.language);
        let mail = letter.mail(to.email.expose(), language, sender).map_err(broken)?;
        let mime = mail.to_mime(sender).map_err(broken)?;
        Ok(Self { mime, kind: mail.kind })
    }
}

/// What became of a claimed letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HandedOver {
    /// The mail service took it.
    Sent,
    /// It refuses this recipient or message for good.
    Refused,
    /// Perhaps it took it.
    Unresolved,
}

/// Hands a claimed letter to the mail service and records what came of it.
pub(crate) async fn hand_over(
    ledger: &impl Record,
    mailer: &impl SendMail,
    key: &MailKey,
    to: &Email,
    letter: Written,
) -> TaskResult<HandedOver> {
    match mailer.send_mail(to, letter.mime, letter.kind.as_str(), key).await {
        Ok(message_id) => {
            ledger.mark_mail(key, Mark::Sent(&message_id)).await?;
            Ok(HandedOver::Sent)
        }
        Err(SendError::Refused(reason)) => {
            tracing::warn!(mail.about = key.about, reason, "mail refused");
            // Marked, so that no retry asks again.
            ledger.mark_mail(key, Mark::Refused).await?;
            Ok(HandedOver::Refused)
        }
        Err(SendError::NotSent(error)) => {
            ledger.release_mail(key).await?;
            Err(error.into())
        }
        Err(SendError::Failed(error)) => {
            tracing::error!(mail.about = key.about, error, "the mail service failed");
            Ok(HandedOver::Unresolved)
        }
        Err(SendError::Unknown(error)) => {
            tracing::error!(mail.about = key.about, error, "the mail service's answer was lost");
            ledger.note_lost_answer(key).await?;
            Ok(HandedOver::Unresolved)
        }
    }
}
