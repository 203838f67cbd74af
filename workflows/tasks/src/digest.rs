//! What the digest of a week says to one of its readers: the sessions that are on,
//! of all that they follow by the week, as it is in the moment before their mail.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use futures::lock::Mutex;
use jiff::{SignedDuration, Timestamp, civil::Date};
use seisiun_domain::{
    MemberId, SessionId,
    calendar::{Calendar, ExceptionDraft, Gathering},
    card::{Card, List},
    digest::Digest,
    follow::{Follow, Followed, Following, Target},
    geo::Circle,
    limits,
    member::{Language, Member},
    search::cells_for,
    session::Status,
};
use seisiun_mail::{Sender, WeeklyDigest};

use crate::{
    error::{TaskError, TaskResult},
    find_sessions::list_all,
    follow_target::holder,
    letters::{self, FollowReason, Week},
    member_page::sessions_of,
    ports::{ListCards, ListFollowings, ListSubmissions, LoadSession, LoadSubmission},
};

/// The store that digests are written from.
pub trait DigestStore:
    ListFollowings + ListCards + LoadSession + ListSubmissions + LoadSubmission
{
}
impl<T: ListFollowings + ListCards + LoadSession + ListSubmissions + LoadSubmission> DigestStore
    for T
{
}

/// Sessions that several readers follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Shared {
    /// Those of a list.
    List(List),
    /// Those that a member listed.
    Member(MemberId),
}

/// Writes the digest of a week to one reader after the other.
pub(crate) struct Digests<'a, S> {
    store: &'a S,
    digest: &'a Digest,
    from: Timestamp,
    until: Timestamp,
    kept: Mutex<HashMap<Shared, Arc<Vec<Card>>>>,
}

/// A session that a reader hears of.
struct Found {
    card: Card,
    on: Vec<Gathering>,
    /// What is different in the week.
    differs: Vec<ExceptionDraft>,
    /// By when it is listed: its first date of the week.
    first: Timestamp,
}

impl<'a, S: DigestStore> Digests<'a, S> {
    /// Of this week.
    pub(crate) fn new(store: &'a S, digest: &'a Digest) -> TaskResult<Self> {
        let ends = || TaskError::InvalidInput(format!("{digest:?} is at the ends of time"));
        let (from, until) = digest.span().ok_or_else(ends)?;
        Ok(Self { store, digest, from, until, kept: Mutex::default() })
    }

    /// The week's Monday.
    pub(crate) fn week(&self) -> Date {
        self.digest.week
    }

    /// The letter to who follows the digest by this; `None` if nothing is on that they
    /// follow by the week, or if they follow it in another zone by now.
    pub(crate) async fn write(
        &self,
        follow: &Follow,
        member: Option<&Member>,
        sender: &Sender,
        language: Language,
    ) -> TaskResult<Option<WeeklyDigest>> {
        let held = self.store.list_followings(&holder(&follow.follower)?).await?;
        if !held.iter().any(|one| one.digest() == Some(&self.digest.zone)) {
            return Ok(None);
        }
        let (mut all, mut whys) = (BTreeMap::new(), Vec::new());
        for weekly in held.iter().filter(|one| one.is_weekly()) {
            let found = self.found(&weekly.followed).await?;
            if !found.is_empty() {
                whys.push(why(weekly));
            }
            all.extend(found.into_iter().map(|found| (found.card.id, found)));
        }
        let mut found: Vec<Found> = self.not_blocked(all, member).await?;
        if found.is_empty() {
            return Ok(None);
        }
        found.sort_by(|a, b| (a.first, &a.card.title).cmp(&(b.first, &b.card.title)));
        let week = Week {
            from: self.digest.week,
            until: self.digest.last_day(),
            entries: found.iter().map(|found| self.entry(found, sender, language)).collect(),
            more: 0,
            more_url: format!("{}/", sender.site_url.trim_end_matches('/')),
        };
        let reasons = letters::why(&whys, language);
        let token = &follow.unsubscribe_token;
        Ok(Some(letters::weekly_digest(week, reasons, token, sender, language)))
    }

    fn entry(
        &self,
        found: &Found,
        sender: &Sender,
        language: Language,
    ) -> seisiun_mail::DigestEntry {
        let Found { card, on, differs, .. } = found;
        let submitted = i64::try_from(card.id.ulid().timestamp_ms()).unwrap_or_default();
        let submitted = Timestamp::from_millisecond(submitted).unwrap_or_default();
        let lately = SignedDuration::from_hours(24 * limits::DIGEST_NEW_DAYS);
        let is_new = self.from.duration_since(submitted) < lately;
        letters::digest_entry(card, on, is_new, differs, sender, language)
    }

    /// What is on of something that is followed. Who follows a session itself hears
    /// that it is off, too.
    async fn found(&self, followed: &Followed) -> TaskResult<Vec<Found>> {
        let own = matches!(followed, Followed::Target(Target::Session(_)));
        let cards = match followed {
            Followed::Target(Target::Session(id)) => {
                let session = self.store.load_session(*id).await?;
                let listed = session.filter(|session| session.is_listed());
                vec![Arc::new(listed.iter().map(Card::of).collect())]
            }
            Followed::Target(Target::Member(id)) => {
                vec![self.shared(Shared::Member(id.clone())).await?]
            }
            Followed::Target(Target::County { country, county }) => {
                let (country, county) = (country.clone(), county.clone());
                vec![self.shared(Shared::List(List::County { country, county })).await?]
            }
            Followed::Circle(circle) => {
                let mut lists = Vec::new();
                for cell in cells_for(circle) {
                    lists.push(self.shared(Shared::List(List::Cell(cell))).await?);
                }
                lists
            }
            // Nothing that could be asked for.
            Followed::Target(Target::Cell(_) | Target::Digest(_)) => Vec::new(),
        };
        let circle = followed.circle();
        let cards = cards.iter().flat_map(|cards| cards.iter());
        let near = cards.filter(|card| circle.is_none_or(|circle| circle.contains(card.position)));
        Ok(near.filter_map(|card| self.this_week(card, own)).collect())
    }

    /// The session with its dates of the week, if it has any.
    fn this_week(&self, card: &Card, with_off: bool) -> Option<Found> {
        if card.status != Status::Live {
            return None;
        }
        let dates = card.calendar().between(self.from, self.until, limits::DIGEST_DATES);
        let first = dates.iter().find(|date| with_off || date.is_on())?.starts.timestamp();
        let on = dates.into_iter().filter(Gathering::is_on).collect();
        let of_the_week = |exception: &&ExceptionDraft| {
            let alone = Calendar::of(&card.schedules, std::slice::from_ref(*exception));
            let mut differing = alone.differing().into_iter();
            differing.any(|date| {
                let usual = date.usual_start.as_ref().map(|start| start.timestamp());
                usual.into_iter().chain([date.starts.timestamp()]).any(|at| self.is_within(at))
            })
        };
        let differs = card.exceptions.iter().filter(of_the_week).cloned().collect();
        Some(Found { card: card.clone(), on, differs, first })
    }

    fn is_within(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }

    /// Without the sessions of members whom the reader blocked.
    async fn not_blocked(
        &self,
        all: BTreeMap<SessionId, Found>,
        member: Option<&Member>,
    ) -> TaskResult<Vec<Found>> {
        let mut found = Vec::new();
        for (id, one) in all {
            let blocked = match member {
                // A card does not say who listed it, and few have blocked anybody.
                Some(member) if !member.blocked.is_empty() => {
                    let session = self.store.load_session(id).await?;
                    session.is_some_and(|session| member.blocked.contains(&session.submitter))
                }
                _ => false,
            };
            if !blocked {
                found.push(one);
            }
        }
        Ok(found)
    }

    /// Reads what several readers follow once for all of them.
    async fn shared(&self, wanted: Shared) -> TaskResult<Arc<Vec<Card>>> {
        // Held while it is read, so that those who want the same wait for it.
        let mut kept = self.kept.lock().await;
        if let Some(cards) = kept.get(&wanted) {
            return Ok(Arc::clone(cards));
        }
        let cards: Vec<Card> = match &wanted {
            Shared::List(list) => list_all(self.store, std::slice::from_ref(list))
                .await?
                .into_iter()
                .flatten()
                .collect(),
            Shared::Member(id) => {
                let sessions = sessions_of(self.store, id).await?;
                let listed = sessions.iter().filter(|session| session.submitter == *id);
                listed.map(Card::of).collect()
            }
        };
        if kept.len() >= limits::DIGEST_LISTS_KEPT {
            kept.clear();
        }
        let cards = Arc::new(cards);
        kept.insert(wanted, Arc::clone(&cards));
        Ok(cards)
    }
}

fn why(weekly: &Following) -> FollowReason<'_> {
    match &weekly.followed {
        Followed::Circle(Circle { radius_km, .. }) => {
            FollowReason::Circle { radius_km: *radius_km }
        }
        Followed::Target(Target::County { county, .. }) => FollowReason::County { name: county },
        Followed::Target(Target::Member(_)) => FollowReason::Member { name: None },
        Followed::Target(Target::Session(_) | Target::Cell(_)) => FollowReason::Session,
        Followed::Target(Target::Digest(_)) => FollowReason::Digest,
    }
}
