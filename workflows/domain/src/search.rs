//! Finding sessions. One pure function answers every search, whether the cards
//! come from the table or from published files: the two cannot disagree.

use jiff::{Timestamp, civil::Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Gathering,
    card::Card,
    geo::{CELL_CHARS, COARSE_CHARS, Cell, Circle},
    limits,
    problem::Problems,
    session::{Format, Status},
    slug, text,
};

/// When a session should be on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// A date that begins today, where it is played, and is not over.
    Tonight,
    /// One of its next dates falls on this day of the week.
    On(Weekday),
}

/// How long ago somebody vouched for a session.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Within 90 days.
    Fresh,
    /// Within 180 days.
    Ageing,
    /// Longer ago: ranked lower, with a warning.
    Stale,
}

impl Freshness {
    /// The freshness at `now` of what was verified then.
    #[must_use]
    pub fn of(last_verified_at: Timestamp, now: Timestamp) -> Self {
        match days_since(last_verified_at, now) {
            ..limits::FRESH_DAYS => Self::Fresh,
            limits::FRESH_DAYS..limits::AGEING_DAYS => Self::Ageing,
            _ => Self::Stale,
        }
    }

    /// What it has come to at `now`, if it has come to that within the last
    /// [`limits::ASKED_WITHIN_DAYS`] and is no longer fresh.
    #[must_use]
    pub fn just_reached(last_verified_at: Timestamp, now: Timestamp) -> Option<Self> {
        const AGEING: i64 = limits::FRESH_DAYS + limits::ASKED_WITHIN_DAYS;
        const STALE: i64 = limits::AGEING_DAYS + limits::ASKED_WITHIN_DAYS;
        match days_since(last_verified_at, now) {
            limits::FRESH_DAYS..AGEING => Some(Self::Ageing),
            limits::AGEING_DAYS..STALE => Some(Self::Stale),
            _ => None,
        }
    }
}

fn days_since(then: Timestamp, now: Timestamp) -> i64 {
    now.duration_since(then).as_hours() / 24
}

/// What is asked for. Where: in the cards that are handed in, and in the circle
/// if there is one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// Only what lies in it, nearest first.
    pub near: Option<Circle>,
    /// Only in this town, however it is spelt.
    pub town: Option<String>,
    /// Only what has all of these words in its names or its place.
    pub text: Option<String>,
    /// Only what is on then.
    pub when: Option<When>,
    /// Only this kind.
    pub format: Option<Format>,
    /// Only what is at least so fresh.
    pub freshness: Option<Freshness>,
}

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The session.
    pub card: Card,
    /// From the centre of the circle, if there is one.
    pub distance_km: Option<f64>,
    /// Its next date, or the one that is on now.
    pub next: Option<Gathering>,
    /// How long ago somebody vouched for it.
    pub freshness: Freshness,
}

/// Where an answer stands among the others: stale ones last, then the nearest,
/// then by title. Total and stable, so that a page can begin after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank(bool, u64, String, String);

impl Hit {
    /// Its place in the order.
    #[must_use]
    pub fn rank(&self) -> Rank {
        let metres = self.distance_km.map_or(0, |km| (km * 1000.0).round() as u64);
        let stale = self.freshness == Freshness::Stale;
        Rank(stale, metres, self.card.title.to_lowercase(), self.card.id.to_string())
    }
}

/// The cards that the query asks for, best first. A card handed in twice, which
/// happens where lists overlap, is answered once.
#[must_use]
pub fn search(cards: Vec<Card>, query: &Query, now: Timestamp) -> Vec<Hit> {
    let words = query.text.as_deref().map(folded_words).unwrap_or_default();
    let town = query.town.as_deref().map(slug::slugify);
    let hit = |card: Card| {
        let distance_km = query.near.map(|circle| circle.centre.distance_km(card.position));
        let near = query.near.is_none_or(|circle| circle.contains(card.position));
        let in_town = town.as_ref().is_none_or(|town| slug::slugify(&card.town) == *town);
        let of_kind = query.format.is_none_or(|format| format == card.format);
        if card.status == Status::Ended || !near || !in_town || !of_kind || !says(&card, &words) {
            return None;
        }
        let freshness = Freshness::of(card.last_verified_at, now);
        if query.freshness.is_some_and(|wanted| freshness > wanted) {
            return None;
        }
        let next = match query.when {
            Some(when) => Some(next_at(&card, when, now)?),
            None => next_dates(&card, now, 1).into_iter().next(),
        };
        Some(Hit { card, distance_km, next, freshness })
    };
    let mut hits: Vec<_> = cards.into_iter().filter_map(hit).collect();
    hits.sort_by_cached_key(Hit::rank);
    hits.dedup_by(|a, b| a.card.id == b.card.id);
    hits
}

/// The next dates of a session that are on, earliest first; none while it is
/// paused.
#[must_use]
pub fn next_dates(card: &Card, now: Timestamp, count: usize) -> Vec<Gathering> {
    if card.status == Status::Live { card.calendar().next(now, count) } else { Vec::new() }
}

/// The next date that is on at such a time. Looks at enough dates to come to
/// each schedule's next, and a week ahead.
fn next_at(card: &Card, when: When, now: Timestamp) -> Option<Gathering> {
    next_dates(card, now, limits::SEARCH_DATES).into_iter().find(|date| match when {
        // One that began yesterday and is still playing is on tonight as well.
        When::Tonight => {
            date.starts.date() <= now.to_zoned_datetime(date.starts.time_zone().clone()).date()
        }
        When::On(day) => date.starts.weekday() == day,
    })
}

fn says(card: &Card, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let parts = [&card.title, &card.venue, &card.town, &card.county];
    let said: Vec<_> = parts.into_iter().flat_map(|part| folded_words(part)).collect();
    words.iter().all(|word| said.iter().any(|said| said.starts_with(word.as_str())))
}

/// The words of a text without accents and case: who types "o riada" means
/// "Ó Riada".
fn folded_words(text: &str) -> Vec<String> {
    let slug = slug::slugify(text);
    slug.split('-').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The cells to look in for a circle: fine ones while they are few, coarse ones
/// beyond.
#[must_use]
pub fn cells_for(circle: &Circle) -> Vec<Cell> {
    let fine = circle.cover(CELL_CHARS);
    if fine.len() <= limits::SEARCH_CELLS_MAX { fine } else { circle.cover(COARSE_CHARS) }
}

/// Checks a circle to search in.
pub fn check_circle(circle: &Circle, problems: &mut Problems) {
    circle.centre.check("near", problems);
    if !(0.1..=limits::SEARCH_RADIUS_KM_MAX).contains(&circle.radius_km) {
        let why = format!("must be between 0.1 and {} km", limits::SEARCH_RADIUS_KM_MAX);
        problems.add("radius_km", "out_of_range", why);
    }
}

/// Checks a text to search for.
pub fn check_text(words: &str, problems: &mut Problems) -> String {
    let words = text::line(words, "q", limits::SEARCH_CHARS_MAX, problems);
    if !words.is_empty() && folded_words(&words).is_empty() {
        problems.add("q", "no_words", "must have a letter or a digit");
    }
    words
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{geo::Position, samples};

    fn card(n: u64, lat: f64, lon: f64) -> Card {
        let mut card = samples::card();
        card.id = crate::SessionId::new(ulid::Ulid::from_parts(n, 0));
        card.position = Position { lat, lon };
        card
    }

    fn found(cards: &[Card], query: &Query, now: &str) -> usize {
        search(cards.to_vec(), query, now.parse().unwrap()).len()
    }

    #[test]
    fn what_has_just_ceased_to_be_fresh_is_asked_about_for_a_week() {
        use jiff::ToSpan as _;

        let then: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
        for (days, reached) in [
            (0_i64, None),
            (89, None),
            (90, Some(Freshness::Ageing)),
            (96, Some(Freshness::Ageing)),
            (97, None),
            (179, None),
            (180, Some(Freshness::Stale)),
            (186, Some(Freshness::Stale)),
            (187, None),
            (2_000, None),
        ] {
            let now = then.checked_add((days * 24).hours()).unwrap();
            assert_eq!(Freshness::just_reached(then, now), reached, "{days} days");
            if let Some(reached) = reached {
                assert_eq!(Freshness::of(then, now), reached, "{days} days");
            }
        }
    }

    #[test]
    fn words_match_without_accents_and_by_their_beginnings() {
        let mut one = card(1, 53.0, -9.0);
        one.title = "Seisiún Ó Riada".into();
        for (text, count) in
            [("o riada", 1), ("SEISIUN", 1), ("ria", 1), ("iada", 0), ("riada cork", 0)]
        {
            let query = Query { text: Some(text.into()), ..Query::default() };
            assert_eq!(
                found(std::slice::from_ref(&one), &query, "2026-11-24T12:00:00Z"),
                count,
                "{text}"
            );
        }
    }

    #[test]
    fn tonight_is_the_sessions_own_evening() {
        let thursday = [card(1, 53.0, -9.0)];
        let query = Query { when: Some(When::Tonight), ..Query::default() };
        for (now, count) in [
            ("2026-11-25T23:30:00Z", 0),
            ("2026-11-26T00:30:00Z", 1),
            ("2026-11-26T23:30:00Z", 1),
            // It began at 21:30 and lasts until midnight.
            ("2026-11-27T00:01:00Z", 0),
        ] {
            assert_eq!(found(&thursday, &query, now), count, "{now}");
        }
        let query = Query { when: Some(When::On(Weekday::Friday)), ..Query::default() };
        assert_eq!(found(&thursday, &query, "2026-11-25T12:00:00Z"), 0);
    }

    #[test]
    fn what_is_stale_comes_last_and_what_has_ended_not_at_all() {
        let (mut near, far, mut ended) =
            (card(1, 53.0, -9.0), card(2, 53.1, -9.0), card(3, 53.0, -9.0));
        near.last_verified_at = "2026-01-01T00:00:00Z".parse().unwrap();
        ended.status = Status::Ended;
        let circle = Circle { centre: near.position, radius_km: 20.0 };
        let query = Query { near: Some(circle), ..Query::default() };
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let hits = search(vec![near.clone(), far.clone(), ended, near.clone()], &query, now);
        assert_eq!(hits.iter().map(|hit| hit.card.id).collect::<Vec<_>>(), [far.id, near.id]);
        let query = Query { freshness: Some(Freshness::Ageing), ..query };
        assert_eq!(search(vec![near, far], &query, now).len(), 1);
    }

    proptest! {
        #[test]
        fn every_session_in_the_circle_is_in_a_cell_that_is_looked_in(
            lat in -75.0..75.0f64, lon in -180.0..180.0f64, radius_km in 0.1..80.0f64,
            turn in 0.0..std::f64::consts::TAU, share in 0.0..1.0f64,
        ) {
            let circle = Circle { centre: Position { lat, lon }, radius_km };
            let reach = radius_km * share / 111.3;
            let point = Position {
                lat: lat + reach * turn.sin(),
                lon: (lon + reach * turn.cos() / lat.to_radians().cos() + 540.0).rem_euclid(360.0) - 180.0,
            };
            prop_assume!(circle.contains(point));
            let cells = cells_for(&circle);
            prop_assert!(cells.len() <= limits::SEARCH_CELLS_FAR_MAX, "{}", cells.len());
            prop_assert!(cells.iter().any(|cell| *cell == Cell(point.geohash(cell.0.len()))));
        }
    }
}
