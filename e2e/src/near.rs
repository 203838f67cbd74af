//! Asks a running stack what is near, and holds the answers and what they cost
//! against an exhaustive look over the very sessions that were loaded.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use seisiun_contracts::api::FoundSessions;
use seisiun_domain::{
    SessionId,
    card::{Card, List, ListFile, ListHead},
    geo::{Circle, Position},
    limits,
    search::Freshness,
};
use seisiun_workflows::import_sessions::{Imported, sessions};

use crate::{
    Stack,
    gateway::{Action, Counts, Plan},
};

/// The function that answers searches.
const CALLER: &str = "-public-api";
/// In the key of every query for a cell.
const OF_CELLS: &str = "GEO#";
const QUERY: &str = "DynamoDB_20120810.Query";
/// Kilometres up to which a search costs at most [`limits::SEARCH_CELLS_MAX`].
pub const NEAR_KM: f64 = 19.0;

/// What searches came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Searches.
    pub searches: usize,
    /// How many of them took so many queries, up to [`NEAR_KM`].
    pub near: BTreeMap<usize, usize>,
    /// The same beyond.
    pub far: BTreeMap<usize, usize>,
    /// Sessions found in all.
    pub found: usize,
}

/// Asks for what is around each of `circles`; `all` has been loaded, beside what
/// others have put there.
///
/// # Errors
/// If an answer lacks a session, has one too many or out of order, or costs too
/// much.
pub async fn ask(stack: &Stack, all: &[Imported], circles: &[Circle]) -> Result<Asked> {
    let cards: Vec<Card> = sessions(all)?.iter().map(Card::of).collect();
    let ours: BTreeSet<SessionId> = cards.iter().map(|card| card.id).collect();
    let mut asked = Asked::default();
    for circle in circles {
        let (answer, queries) = near(stack, circle).await?;
        let place = format!("{:.1} km around {:?}", circle.radius_km, circle.centre);
        let expected = expected(&cards, circle);
        let found: Vec<SessionId> = answer
            .sessions
            .iter()
            .map(|found| found.card.id)
            .filter(|id| ours.contains(id))
            .collect();
        // Others' sessions may push ours out of the first hundred, from behind.
        ensure!(expected.starts_with(&found), "{place}: found {found:?}, expected {expected:?}");
        let is_whole = answer.total == answer.sessions.len();
        ensure!(!is_whole || found.len() == expected.len(), "{place}: some are missing");
        ensure!(answer.total >= expected.len(), "{place}: {} in all", answer.total);
        let (counts, most) = if circle.radius_km <= NEAR_KM {
            (&mut asked.near, limits::SEARCH_CELLS_MAX)
        } else {
            (&mut asked.far, limits::SEARCH_CELLS_FAR_MAX)
        };
        ensure!((1..=most).contains(&queries), "{place}: {queries} queries");
        *counts.entry(queries).or_default() += 1;
        asked.searches += 1;
        asked.found += found.len();
    }
    Ok(asked)
}

/// What the API finds, and the queries that its function asked the table.
async fn near(stack: &Stack, circle: &Circle) -> Result<(FoundSessions, usize)> {
    let plan = Plan::set(stack, &[OF_CELLS], CALLER, Counts::All, 0, Action::Hold).await?;
    let wanted = [
        ("lat", circle.centre.lat.to_string()),
        ("lon", circle.centre.lon.to_string()),
        ("radius_km", circle.radius_km.to_string()),
    ];
    let get = stack.http.get(stack.url("/api/sessions")?).query(&wanted);
    let answer = get.send().await?.error_for_status()?.json().await?;
    let seen = plan.look().await?.seen;
    plan.end().await?;
    let queries = seen.iter().filter(|call| call.operation == QUERY).count();
    ensure!(queries == seen.len(), "more than queries: {seen:?}");
    Ok((answer, queries))
}

/// The sessions in a circle as an answer has them: stale ones last, then the
/// nearest. Looks at every one.
fn expected(cards: &[Card], circle: &Circle) -> Vec<SessionId> {
    let now = Timestamp::now();
    let mut found: Vec<_> = cards
        .iter()
        .map(|card| (circle.centre.distance_km(card.position), card))
        .filter(|(km, _)| *km <= circle.radius_km)
        .map(|(km, card)| {
            let is_stale = Freshness::of(card.last_verified_at, now) == Freshness::Stale;
            let metres = (km * 1000.0).round() as u64;
            (is_stale, metres, card.title.to_lowercase(), card.id)
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, _, _, id)| id).collect()
}

/// Circles around places where sessions are, and a few where none are: so many
/// up to [`NEAR_KM`], and as many further.
#[must_use]
pub fn circles(all: &[Imported], count: usize) -> Vec<Circle> {
    let step = all.len().max(count) / count.max(1);
    let around = |n: usize, radius_km: f64| {
        let one = all.get(n * step % all.len().max(1)).map(|one| one.listing.draft.venue.position);
        let at = one.unwrap_or(Position { lat: 53.0, lon: -8.0 });
        // Off the venue by up to what is asked for, in a direction of its own.
        let turn = n as f64 * 2.4;
        let off = radius_km * (n % 7) as f64 / 7.0 / 111.2;
        let centre = Position {
            lat: (at.lat + off * turn.sin()).clamp(-89.0, 89.0),
            lon: at.lon + off * turn.cos() / at.lat.to_radians().cos(),
        };
        Circle { centre: centre.rounded(), radius_km }
    };
    let share = |n: usize| n as f64 / count as f64;
    let near = (0..count).map(|n| around(n, 1.0 + (NEAR_KM - 1.0) * share(n + 1)));
    let reach = limits::SEARCH_RADIUS_KM_MAX - NEAR_KM;
    let far = (0..count).map(|n| around(n + 1, NEAR_KM + 0.5 + (reach - 0.5) * share(n + 1)));
    near.chain(far).collect()
}

/// Reads lists as a phone does, through the front door: each must have all of
/// `all` that are in it. Answers how many lists were read.
///
/// # Errors
/// If one is missing or lacks a session.
pub async fn read_lists(stack: &Stack, all: &[Imported], most: usize) -> Result<usize> {
    let mut lists: BTreeMap<List, BTreeSet<SessionId>> = BTreeMap::new();
    for card in sessions(all)?.iter().map(Card::of) {
        for list in card.lists() {
            lists.entry(list).or_default().insert(card.id);
        }
    }
    // The largest, in which most can go wrong.
    let mut lists: Vec<_> = lists.into_iter().collect();
    lists.sort_by_key(|(_, ids)| Reverse(ids.len()));
    lists.truncate(most);
    for (list, ids) in &lists {
        let get = async |path: &str| {
            let answer = stack.http.get(stack.url(path)?).send().await?.error_for_status()?;
            Ok::<_, anyhow::Error>(answer.bytes().await?)
        };
        let head = get(&format!("/{}", list.head_key())).await;
        let head: ListHead = serde_json::from_slice(&head.with_context(|| list.head_key())?)?;
        let file: ListFile = serde_json::from_slice(&get(&head.file).await?)?;
        ensure!(head.sessions == file.sessions.len(), "{list:?}: the head miscounts");
        let listed: BTreeSet<SessionId> = file.sessions.iter().map(|card| card.id).collect();
        let missing: Vec<_> = ids.difference(&listed).collect();
        ensure!(missing.is_empty(), "{list:?} lacks {missing:?}");
    }
    Ok(lists.len())
}
