//! AskKeepers: on a schedule, asks who should know whether a session is still on.
//!
//! A listing that nobody vouches for begins to age, and is stale in the end. At
//! either time its hosts and those who found it on last are mailed, each with a
//! link of their own that they answer by without signing in; of a session that has
//! neither, who listed it. They are asked once for either, whatever is repeated:
//! the mail's key says what is asked, and since when nobody has vouched.
//!
//! As with what else is looked after by the clock, each county has its turn once a
//! day, and a run that fails is made up for by the next days'.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId,
    card::{Card, List},
    change::{Confirmation, Finding},
    limits,
    member::NewsMails,
    search::Freshness,
    session::{Session, Status},
};
use seisiun_mail::Sender;
use serde::{Deserialize, Serialize};

use crate::{
    deliver::{Delivery, Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{
        ListCards, ListConfirmations, ListObjects, LoadMember, LoadSession, MailKey, SendMail,
    },
    refresh_listings::{Share, county_lists},
};

/// What somebody is asked, as the link of the mail carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inquiry {
    /// About which session.
    pub session: SessionId,
    /// Who is asked.
    pub member: MemberId,
    /// Until when they can answer.
    pub until: Timestamp,
}

impl Inquiry {
    /// Whether it can no longer be answered.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now > self.until
    }
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// Counties looked through.
    pub lists: u32,
    /// Sessions that are to be asked about.
    pub sessions: u32,
    /// Mails sent.
    pub sent: u32,
}

/// Why somebody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeper {
    /// They host it.
    Host,
    /// They found it on.
    Confirmer,
    /// They listed it.
    Submitter,
}

/// Runs the task for the counties of a share. `seal` makes the last part of the
/// link of an inquiry. What cannot be asked about does not hold up the rest; the
/// run then fails as a whole.
pub async fn ask_keepers<S, O, M>(
    store: &S,
    objects: &O,
    mailer: &M,
    sender: &Sender,
    seal: impl Fn(&Inquiry) -> TaskResult<String>,
    now: Timestamp,
    share: Share,
) -> TaskResult<Asked>
where
    S: ListCards + LoadSession + ListConfirmations + LoadMember + Ledger,
    O: ListObjects,
    M: SendMail,
{
    let mut asked = Asked::default();
    let mut failure = None;
    for list in county_lists(objects, share).await? {
        let due = match due(store, &list, now).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(
                    list = list.head_key(),
                    error = &error as &dyn std::error::Error,
                    "nobody could be asked about a county"
                );
                failure.get_or_insert(error);
                continue;
            }
        };
        asked.lists += 1;
        for card in due {
            asked.sessions += 1;
            match ask_about(store, mailer, sender, &seal, now, &card).await {
                Ok(sent) => asked.sent += sent,
                // Mail is switched off: who is owed one is asked within the week.
                Err(TaskError::NotReady(why)) => {
                    tracing::info!(why, ?asked, "nobody more is asked");
                    return failure.map_or(Ok(asked), Err);
                }
                Err(error) => {
                    tracing::error!(
                        session.id = %card.id,
                        error = &error as &dyn std::error::Error,
                        "nobody could be asked about a session"
                    );
                    failure.get_or_insert(error);
                }
            }
            if asked.sent >= limits::INQUIRIES_PER_RUN_MAX {
                tracing::warn!(?asked, "the rest is asked tomorrow");
                return failure.map_or(Ok(asked), Err);
            }
        }
    }
    failure.map_or(Ok(asked), Err)
}

/// The sessions of a list that are to be asked about now.
async fn due(store: &impl ListCards, list: &List, now: Timestamp) -> TaskResult<Vec<Card>> {
    let mut cards = store.list_cards(list).await?;
    cards.retain(|card| {
        card.status == Status::Live && Freshness::just_reached(card.last_verified_at, now).is_some()
    });
    Ok(cards)
}

/// Asks about one session; how many mails that took.
async fn ask_about<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    seal: &impl Fn(&Inquiry) -> TaskResult<String>,
    now: Timestamp,
    card: &Card,
) -> TaskResult<u32>
where
    S: LoadSession + ListConfirmations + LoadMember + Ledger,
    M: SendMail,
{
    // The list may be behind.
    let session = store.load_session(card.id).await?;
    let Some(session) = session.filter(|session| session.status == Status::Live) else {
        return Ok(0);
    };
    let since = session.last_verified_at;
    let Some(freshness) = Freshness::just_reached(since, now) else { return Ok(0) };
    let confirmations = store.list_confirmations(session.id).await?;
    let mut sent = 0;
    for (id, keeper) in keepers(&session, confirmations) {
        let Some(member) = store.load_member(&id).await? else { continue };
        if member.erasing || member.mails.news == NewsMails::Off {
            continue;
        }
        let inquiry = Inquiry { session: session.id, member: id, until: answerable_until(now) };
        let what = if freshness == Freshness::Stale { "stale" } else { "ageing" };
        let key = MailKey {
            about: format!("still-on:{}:{what}:{}", session.id, since.as_second()),
            recipient: member.id.to_string(),
        };
        let sealed = seal(&inquiry)?;
        let letter =
            letters::still_on(&session, keeper, &sealed, inquiry.until, sender, member.language);
        let to = Recipient::from(&member);
        let delivery = deliver(store, mailer, sender, now, &key, &to, &letter).await?;
        sent += u32::from(delivery == Delivery::Sent);
    }
    Ok(sent)
}

/// Until when who is asked now can answer: to the second, since a link is long
/// enough.
fn answerable_until(now: Timestamp) -> Timestamp {
    let seconds = limits::INQUIRY_DAYS * 24 * 60 * 60;
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

/// Who should know: the hosts, and those who found it on last, the latest first;
/// who listed it if there is neither.
fn keepers(session: &Session, mut confirmations: Vec<Confirmation>) -> Vec<(MemberId, Keeper)> {
    let hosts = session.hosts.iter().map(|host| (host.member_id.clone(), Keeper::Host));
    let mut keepers: Vec<_> = hosts.collect();
    confirmations.retain(|found| {
        found.finding == Finding::On && !keepers.iter().any(|(id, _)| *id == found.member_id)
    });
    confirmations.sort_by_key(|found| std::cmp::Reverse(found.at));
    let confirmers = confirmations.into_iter().take(limits::CONFIRMERS_ASKED_MAX);
    keepers.extend(confirmers.map(|found| (found.member_id, Keeper::Confirmer)));
    if keepers.is_empty() {
        keepers.push((session.submitter.clone(), Keeper::Submitter));
    }
    keepers
}
