//! FindDuplicates: the listed sessions that a new one would be refused for. The
//! same function answers before a member sends it and after.

use seisiun_domain::{
    card::{Card, List},
    geo::{Circle, Position},
    limits,
    session::is_duplicate,
};

use crate::{error::TaskResult, ports::ListCards};

/// The sessions that are listed within reach under nearly this title, the
/// nearest first.
pub async fn find_duplicates(
    store: &impl ListCards,
    title: &str,
    position: Position,
) -> TaskResult<Vec<Card>> {
    let around = Circle { centre: position, radius_km: limits::DUPLICATE_METRES_MAX / 1000.0 };
    let mut found = Vec::new();
    for cell in around.cells() {
        let cards = store.list_cards(&List::Cell(cell)).await?;
        let same = |card: &Card| is_duplicate((title, position), (&card.title, card.position));
        found.extend(cards.into_iter().filter(same));
    }
    let metres = |card: &Card| (position.distance_km(card.position) * 1000.0).round() as u64;
    found.sort_by_cached_key(|card| (metres(card), card.id));
    Ok(found)
}
