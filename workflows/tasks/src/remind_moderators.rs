//! RemindModerators: a case has waited once more; remind, or give up.

use jiff::Timestamp;
use seisiun_domain::{SubmissionId, limits, member::Email};
use seisiun_mail::Sender;

use crate::{
    deliver::{Ledger, Recipient, deliver},
    error::TaskResult,
    letters,
    ports::{LoadCase, MailKey, SendMail},
};

/// Whether the state machine waits again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// Wait again.
    Wait,
    /// It has waited [`limits::DECISION_WAITS_MAX`] times.
    GiveUp,
}

/// Runs the task. `reminder` counts from 1.
pub async fn remind_moderators<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    moderators: &Email,
    now: Timestamp,
    id: SubmissionId,
    reminder: u32,
) -> TaskResult<Reminder>
where
    S: LoadCase + Ledger,
    M: SendMail,
{
    if reminder >= limits::DECISION_WAITS_MAX {
        return Ok(Reminder::GiveUp);
    }
    // Without a case, opening it failed and nobody noticed: waiting again opens it.
    let Some(case) = store.load_case(id.case()).await? else { return Ok(Reminder::Wait) };
    // A case that was decided while its callback was lost needs no reminder:
    // waiting again finds the decision.
    if case.waits() {
        let key =
            MailKey { about: format!("reminder:{id}:{reminder}"), recipient: "moderators".into() };
        let letter = letters::reminder(&case, reminder, sender, now);
        let to = Recipient::unasked(moderators);
        deliver(store, mailer, sender, now, &key, &to, &letter).await?;
    }
    Ok(Reminder::Wait)
}
