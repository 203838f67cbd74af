//! FindSessions: the sessions near a point or of a county, straight from the
//! table. What they have in common with the published files is the search
//! itself, `seisiun_domain::search`.

use futures::future::try_join_all;
use jiff::Timestamp;
use seisiun_domain::{
    card::{Card, List},
    geo::Circle,
    limits,
    search::{Hit, Query, Rank, cells_for, search},
};

use crate::{
    error::TaskResult,
    ports::{ListCards, PortResult},
};

/// Where to look.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// In a circle, the nearest first.
    Near(Circle),
    /// In a county.
    County(List),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The best ones, best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
    /// The place of the last of these, if there are more after it.
    pub last: Option<Rank>,
}

/// Runs the search, all of its queries at once; at most `limit` hits, from the
/// one after `after` on. Where to look is `place` alone, whatever `query` says
/// of it.
pub async fn find_sessions(
    store: &impl ListCards,
    place: &Place,
    query: &Query,
    now: Timestamp,
    after: Option<&Rank>,
    limit: usize,
) -> TaskResult<Found> {
    let (lists, near): (Vec<List>, _) = match place {
        Place::County(list) => (vec![list.clone()], None),
        Place::Near(circle) => {
            (cells_for(circle).into_iter().map(List::Cell).collect(), Some(*circle))
        }
    };
    let query = Query { near, ..query.clone() };
    let cards = list_all(store, &lists).await;
    let mut hits = search(cards?.into_iter().flatten().collect(), &query, now);
    let total = hits.len();
    if let Some(after) = after {
        hits.retain(|hit| hit.rank() > *after);
    }
    let more = hits.len() > limit;
    hits.truncate(limit);
    let last = hits.last().filter(|_| more).map(Hit::rank);
    Ok(Found { hits, total, last })
}

/// The cards of all of these lists, as many at once as a search away from the
/// poles has: there a circle reaches into hundreds, and would hold up others.
pub(crate) async fn list_all(store: &impl ListCards, lists: &[List]) -> PortResult<Vec<Vec<Card>>> {
    let mut cards = Vec::new();
    for some in lists.chunks(limits::SEARCH_CELLS_FAR_MAX) {
        cards.extend(try_join_all(some.iter().map(|list| store.list_cards(list))).await?);
    }
    Ok(cards)
}
