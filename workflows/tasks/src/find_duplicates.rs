//! FindDuplicates: the listed sessions that a new one would be refused for, or held.
//! The same function answers before a member sends it and after.

use seisiun_domain::{
    card::{Card, List},
    geo::{Circle, Position},
    limits,
    search::cells_for,
    session::is_duplicate,
};

use crate::{error::TaskResult, find_sessions::list_all, ports::ListCards};

/// The sessions that are listed within reach under nearly this title, the
/// nearest first.
pub async fn find_duplicates(
    store: &impl ListCards,
    title: &str,
    position: Position,
) -> TaskResult<Vec<Card>> {
    let around = Circle { centre: position, radius_km: limits::DUPLICATE_METRES_MAX / 1000.0 };
    // Not its fine cells alone: at a pole the smallest circle reaches into
    // thousands.
    let lists: Vec<List> = cells_for(&around).into_iter().map(List::Cell).collect();
    let cards = list_all(store, &lists).await;
    let same = |card: &Card| is_duplicate((title, position), (&card.title, card.position));
    let mut found: Vec<Card> = cards?.into_iter().flatten().filter(same).collect();
    let metres = |card: &Card| (position.distance_km(card.position) * 1000.0).round() as u64;
    found.sort_by_cached_key(|card| (metres(card), card.id));
    Ok(found)
}
