//! ImportSessions: lists many sessions at once, without a submission, a
//! workflow or a mail for each. For an operator who brings a whole collection:
//! sample data, or what a community kept elsewhere and wants to move.
//!
//! Two steps, each repeatable. First the sessions are written in batches; one
//! that is listed already stands as it is, whatever has been edited since. Then
//! what is published of them is made anew: each list, feed and sitemap once,
//! where a submission rewrites them for itself alone. Who is cut off runs it
//! again with the same input and comes to the same end.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
};

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId,
    card::{Card, List},
    limits,
    session::{Listing, Session, Slug, Status},
};
use seisiun_feeds::Site;

use crate::{
    error::{TaskError, TaskResult},
    ports::{Import, ImportSessions, ListCards, LoadSession, ReadVersioned, SwapObject},
    publish_feeds::{publish_county_feeds, publish_session_files, publish_sitemap},
    publish_listing::publish_list,
};

/// Batches that are written at a time.
const BATCHES_AT_A_TIME: usize = 4;
/// Files that are published at a time.
const FILES_AT_A_TIME: usize = 8;

/// A session to be listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// Its id. The same session has the same id in every run: by it a repeat
    /// is known.
    pub id: SessionId,
    /// What is listed.
    pub listing: Listing,
    /// In whose name.
    pub submitter: MemberId,
    /// When it became public.
    pub published_at: Timestamp,
    /// When somebody last vouched for it.
    pub last_verified_at: Timestamp,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Sessions listed by this run.
    pub listed: usize,
    /// Sessions that were listed already.
    pub stand: usize,
    /// Sessions that are not listed: others have both of their slugs.
    pub refused: Vec<SessionId>,
}

/// Told how far it is: what is counted, how many are done, of how many.
pub trait Told: Fn(&'static str, usize, usize) + Sync {}
impl<F: Fn(&'static str, usize, usize) + Sync> Told for F {}

/// Lists the sessions that are not listed yet, and publishes all that any of
/// them is part of.
///
/// # Errors
/// [`TaskError::InvalidInput`] if two have the same id.
pub async fn import_sessions<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    now: Timestamp,
    all: &[Imported],
    told: impl Told,
) -> TaskResult<Outcome>
where
    S: ImportSessions + LoadSession + ListCards,
    O: ReadVersioned + SwapObject,
{
    let mut sessions = sessions(all)?;
    let outcome = import(store, &sessions, &told).await?;
    sessions.retain(|session| !outcome.refused.contains(&session.id));
    publish(store, objects, site, now, &sessions, &told).await?;
    Ok(outcome)
}

/// Writes the sessions that are not listed yet.
async fn import<S>(store: &S, sessions: &[Session], told: &impl Told) -> TaskResult<Outcome>
where
    S: ImportSessions,
{
    let done = AtomicUsize::new(0);
    let batches = sessions.chunks(limits::IMPORT_BATCH).map(|batch| {
        let done = &done;
        async move {
            let outcome = import_batch(store, batch).await?;
            let done = done.fetch_add(batch.len(), Ordering::Relaxed) + batch.len();
            told("sessions", done, sessions.len());
            Ok::<_, TaskError>(outcome)
        }
    });
    // Made into futures first: what borrows the batches is then of one lifetime.
    let batches: Vec<_> = batches.collect();
    stream::iter(batches)
        .buffer_unordered(BATCHES_AT_A_TIME)
        .try_fold(Outcome::default(), |mut sum, one| async move {
            sum.listed += one.listed;
            sum.stand += one.stand;
            sum.refused.extend(one.refused);
            Ok(sum)
        })
        .await
}

/// The sessions with their slugs, as they are written. Of several that ask for
/// the same slug the first has it, in every run.
///
/// # Errors
/// [`TaskError::InvalidInput`] if two have the same id.
pub fn sessions(all: &[Imported]) -> TaskResult<Vec<Session>> {
    let (mut ids, mut slugs) = (BTreeSet::new(), BTreeSet::new());
    let mut sessions = Vec::with_capacity(all.len());
    for one in all {
        if !ids.insert(one.id) {
            return Err(TaskError::InvalidInput(format!("session {} is there twice", one.id)));
        }
        let draft = &one.listing.draft;
        let mut slug = Slug::plain(draft);
        if !slugs.insert(slug.as_str().to_owned()) {
            slug = Slug::distinct(draft, one.id);
            if !slugs.insert(slug.as_str().to_owned()) {
                let why = format!("session {} has no slug of its own", one.id);
                return Err(TaskError::InvalidInput(why));
            }
        }
        sessions.push(Session {
            id: one.id,
            slug,
            status: Status::Live,
            submitter: one.submitter.clone(),
            listing: draft.clone(),
            published_at: one.published_at,
            last_verified_at: one.last_verified_at,
            found_gone: None,
            exceptions: Vec::new(),
            sequence: 0,
            changed_at: None,
            hosts: Vec::new(),
            revision: 0,
            merged_into: None,
        });
    }
    Ok(sessions)
}

/// Imports a batch; those whose slugs belong to others once more, with slugs
/// that nobody else asks for.
async fn import_batch(store: &impl ImportSessions, batch: &[Session]) -> TaskResult<Outcome> {
    let mut outcome = Outcome::default();
    let mut batch = batch.to_vec();
    for attempt in 1..=2 {
        let answers = store.import_sessions(&batch).await?;
        let mut refused = Vec::new();
        for (mut session, answer) in batch.into_iter().zip(answers) {
            match answer {
                Import::Done => outcome.listed += 1,
                Import::Stands => outcome.stand += 1,
                Import::SlugTaken if attempt == 1 => {
                    session.slug = Slug::distinct(&session.listing, session.id);
                    refused.push(session);
                }
                Import::SlugTaken => outcome.refused.push(session.id),
            }
        }
        if refused.is_empty() {
            break;
        }
        batch = refused;
    }
    Ok(outcome)
}

/// Publishes all that these sessions are part of, as it stands in the table.
async fn publish<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    now: Timestamp,
    sessions: &[Session],
    told: &impl Told,
) -> TaskResult<()>
where
    S: LoadSession + ListCards,
    O: ReadVersioned + SwapObject,
{
    let cards: Vec<Card> = sessions.iter().map(Card::of).collect();
    let lists: BTreeSet<List> = cards.iter().flat_map(Card::lists).collect();
    let counties: BTreeMap<List, &Card> =
        cards.iter().rev().map(|card| (List::county(&card.country, &card.county), card)).collect();
    let countries: BTreeSet<&str> = cards.iter().map(|card| card.country.as_str()).collect();

    each("lists", &lists.into_iter().collect::<Vec<_>>(), told, async |list| {
        publish_list(store, objects, list).await.map(|_| ())
    })
    .await?;
    each("counties' feeds", &counties.into_values().collect::<Vec<_>>(), told, async |card| {
        publish_county_feeds(store, objects, site, card, now).await
    })
    .await?;
    each("calendars", &cards, told, async |card| {
        publish_session_files(store, objects, site, card.id).await
    })
    .await?;
    // One after the other: all of them write the one index.
    let total = countries.len();
    for (n, country) in countries.into_iter().enumerate() {
        publish_sitemap(store, objects, site, country).await?;
        told("sitemaps", n + 1, total);
    }
    Ok(())
}

/// Does something for each of `all`, some at a time.
async fn each<T>(
    what: &'static str,
    all: &[T],
    told: &impl Told,
    act: impl AsyncFn(&T) -> TaskResult<()>,
) -> TaskResult<()> {
    let done = AtomicUsize::new(0);
    let act = &act;
    let acts: Vec<_> = all
        .iter()
        .map(|one| {
            let done = &done;
            async move {
                act(one).await?;
                told(what, done.fetch_add(1, Ordering::Relaxed) + 1, all.len());
                Ok::<(), TaskError>(())
            }
        })
        .collect();
    stream::iter(acts).buffer_unordered(FILES_AT_A_TIME).try_collect::<()>().await
}
