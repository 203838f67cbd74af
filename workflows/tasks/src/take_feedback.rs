//! TakeFeedback: what the mail service tells of a mail that it accepted. Each
//! settles the mail's claim as sent; a hard bounce and a complaint suppress the
//! address, and so do soft bounces again and again.
//!
//! The same may come twice and in any order.

use jiff::Timestamp;
use seisiun_domain::{limits, member::Email};

use crate::{
    error::TaskResult,
    ports::{CountSoftBounce, MailKey, NoteSendEvent, SettleMail, Suppress, Suppression},
};

/// What became of a mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// The mail service's id of the mail.
    pub message_id: String,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Which of ours it is; `None` if it carries no tag of ours.
    pub key: Option<MailKey>,
    /// What happened.
    pub happened: Happened,
}

/// What happened to a mail.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// It was accepted, and is on its way or there.
    Sent,
    /// It came back.
    Bounced {
        /// Whether there is no such mailbox, so that nothing will ever arrive.
        for_good: bool,
        /// Identifies the bounce.
        feedback_id: String,
        /// From whom.
        recipients: Vec<Email>,
    },
    /// Its reader called it spam.
    Complained {
        /// Who.
        recipients: Vec<Email>,
    },
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Whether the mail's fate was open until now.
    pub settled: bool,
    /// Bounces.
    pub bounces: u32,
    /// Complaints.
    pub complaints: u32,
    /// Addresses that get no more mail from now on.
    pub suppressed: u32,
}

/// Runs the task.
pub async fn take_feedback<S>(store: &S, now: Timestamp, feedback: &Feedback) -> TaskResult<Taken>
where
    S: SettleMail + Suppress + CountSoftBounce,
{
    let mut taken = Taken::default();
    if let Some(key) = &feedback.key {
        taken.settled = store.settle_mail(key, &feedback.message_id).await?;
    }
    match &feedback.happened {
        Happened::Sent => {}
        Happened::Bounced { for_good, feedback_id, recipients } => {
            for email in recipients {
                taken.bounces += 1;
                let ends = *for_good
                    || store.count_soft_bounce(email, feedback_id, now).await?
                        >= limits::SOFT_BOUNCES_MAX;
                if ends {
                    store.suppress(email, Suppression::Bounced, now).await?;
                    taken.suppressed += 1;
                }
            }
        }
        Happened::Complained { recipients } => {
            for email in recipients {
                taken.complaints += 1;
                store.suppress(email, Suppression::Complained, now).await?;
                taken.suppressed += 1;
            }
        }
    }
    Ok(taken)
}

/// Notes up to when events have told of mails: once for many, and before any claim
/// is judged by it.
pub async fn note_arrival<S: NoteSendEvent>(store: &S, taken: &[Feedback]) -> TaskResult<()> {
    if let Some(latest) = taken.iter().map(|feedback| feedback.accepted_at).max() {
        store.note_send_event(latest).await?;
    }
    Ok(())
}
