//! The dynamic search against an oracle that looks at every session there is.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use std::collections::BTreeSet;

use futures::executor::block_on;
use jiff::Timestamp;
use proptest::prelude::*;
use seisiun_domain::{
    MemberId, SessionId,
    card::{Card, List, ListFile, ListHead},
    geo::{COARSE_CHARS, Circle, Position},
    limits, samples,
    search::{Freshness, Hit, Query, When, cells_for, search},
    session::{Format, Session, Slug, Status},
};
use seisiun_workflows::{
    find_duplicates::find_duplicates,
    find_sessions::{Place, find_sessions},
    memory::Memory,
    ports::Bucket,
    publish_listing::publish_list,
};
use ulid::Ulid;

/// Sessions in the memory backend.
const SESSIONS: u64 = 3_000;

fn now() -> Timestamp {
    "2026-11-24T20:00:00Z".parse().unwrap()
}

/// A cheap, fixed sequence of numbers from 0 to 1.
fn spread(n: u64, salt: u64) -> f64 {
    let mixed = (n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(salt).rotate_left(31);
    let mixed = mixed.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 11) as f64 / (1u64 << 53) as f64
}

/// Thousands of sessions: most over Ireland, some over the globe.
fn backend() -> Memory {
    let memory = Memory::default();
    let member: MemberId = "ann".parse().unwrap();
    for n in 0..SESSIONS {
        let mut listing = samples::session();
        let (a, b) = (spread(n, 1), spread(n, 2));
        listing.venue.position = if n % 4 == 0 {
            Position { lat: a * 140.0 - 70.0, lon: b * 360.0 - 180.0 }
        } else {
            Position { lat: 51.4 + a * 4.0, lon: -10.5 + b * 5.0 }
        };
        listing.venue.position = listing.venue.position.rounded();
        listing.title = format!("Session {n}");
        listing.venue.county = ["Clare", "Galway", "Kerry"][n as usize % 3].into();
        listing.format = if n % 5 == 0 { Format::Slow } else { Format::Open };
        let id = SessionId::new(Ulid::from_parts(n, 7));
        let session = Session {
            id,
            slug: Slug::distinct(&listing, id),
            status: if n % 17 == 0 { Status::Ended } else { Status::Live },
            submitter: member.clone(),
            listing,
            last_verified_at: now() - jiff::SignedDuration::from_hours(24 * (n as i64 % 300)),
            exceptions: Vec::new(),
            sequence: 0,
            changed_at: None,
            ..template(&member)
        };
        memory.state().sessions.insert(id, session);
    }
    memory
}

fn template(member: &MemberId) -> Session {
    Session {
        submitter: member.clone(),
        published_at: now(),
        last_verified_at: now(),
        ..samples::listed()
    }
}

/// Whether the oracle takes a session: by its own arithmetic, from the law of
/// cosines rather than the haversine.
fn oracle(session: &Session, circle: &Circle, format: Option<Format>) -> Option<bool> {
    let (a, b) = (circle.centre, session.listing.venue.position);
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let turn = (b.lon - a.lon).to_radians();
    let cosine = lat_a.sin() * lat_b.sin() + lat_a.cos() * lat_b.cos() * turn.cos();
    let km = cosine.clamp(-1.0, 1.0).acos() * 6_371.008_8;
    // On the very edge, and where the arc cosine is coarse, it has no opinion.
    if (km - circle.radius_km).abs() < 0.02 {
        return None;
    }
    let of_kind = format.is_none_or(|format| session.listing.format == format);
    Some(km < circle.radius_km && session.status != Status::Ended && of_kind)
}

#[test]
fn near_me_finds_what_an_exhaustive_look_finds() {
    let memory = backend();
    let sessions: Vec<_> = memory.state().sessions.values().cloned().collect();
    let config =
        ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    let near = (51.0..56.0f64, -11.0..-5.0f64, 0.1..80.0f64, any::<bool>());
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let total = std::cell::Cell::new(0);
    runner
        .run(&near, |(lat, lon, radius_km, slow)| {
            let circle = Circle { centre: Position { lat, lon }, radius_km };
            let format = slow.then_some(Format::Slow);
            let query = Query { format, ..Query::default() };
            let found = block_on(find_sessions(
                &memory,
                &Place::Near(circle),
                &query,
                now(),
                None,
                usize::try_from(SESSIONS).unwrap(),
            ))
            .unwrap();
            prop_assert_eq!(found.total, found.hits.len());
            for session in &sessions {
                let is_found = found.hits.iter().filter(|hit| hit.card.id == session.id).count();
                match oracle(session, &circle, format) {
                    Some(expected) => prop_assert_eq!(is_found, usize::from(expected)),
                    None => prop_assert!(is_found <= 1),
                }
            }
            let key = |n: usize| {
                let hit = &found.hits[n];
                let metres = hit.distance_km.map(|km| (km * 1000.0).round());
                (hit.freshness == Freshness::Stale, metres)
            };
            for n in 1..found.hits.len() {
                prop_assert!(key(n - 1) <= key(n), "hit {n} is out of order");
            }
            total.set(total.get() + found.total);
            Ok(())
        })
        .unwrap();
    assert!(total.get() > 1_000, "the circles were all but empty: {}", total.get());
}

/// What a phone does: reads the heads of the cells, then their files, and
/// searches in what they hold.
fn from_files(memory: &Memory, circle: &Circle) -> Vec<Card> {
    let read = |key: &str| {
        let state = memory.state();
        state.objects.get(&(Bucket::Site, key.to_owned())).map(|(_, bytes)| bytes.clone())
    };
    let cells = circle.cover(COARSE_CHARS).into_iter().map(List::Cell);
    let files = cells.filter_map(|list| {
        let head: ListHead = serde_json::from_slice(&read(&list.head_key())?).unwrap();
        let file: ListFile =
            serde_json::from_slice(&read(head.file.trim_start_matches('/')).unwrap()).unwrap();
        assert_eq!(file.sessions.len(), head.sessions);
        Some(file.sessions)
    });
    files.flatten().collect()
}

#[test]
fn published_files_answer_as_the_table_does() {
    let memory = backend();
    let cards: Vec<_> = memory.state().sessions.values().map(Card::of).collect();
    let lists: BTreeSet<_> = cards.iter().flat_map(Card::lists).collect();
    for list in &lists {
        block_on(publish_list(&memory, &memory, list)).unwrap();
    }
    let near = (51.0..56.0f64, -11.0..-5.0f64, 0.1..80.0f64, any::<bool>(), any::<bool>());
    let config =
        ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() };
    let found_in_all = std::cell::Cell::new(0);
    proptest::test_runner::TestRunner::new(config)
        .run(&near, |(lat, lon, radius_km, tonight, fresh)| {
            let circle = Circle { centre: Position { lat, lon }, radius_km };
            let query = Query {
                near: Some(circle),
                when: tonight.then_some(When::On(jiff::civil::Weekday::Thursday)),
                freshness: fresh.then_some(Freshness::Fresh),
                ..Query::default()
            };
            let limit = usize::try_from(SESSIONS).unwrap();
            let place = Place::Near(circle);
            let dynamic = find_sessions(&memory, &place, &query, now(), None, limit);
            let dynamic = block_on(dynamic).unwrap().hits;
            let published = search(from_files(&memory, &circle), &query, now());
            found_in_all.set(found_in_all.get() + dynamic.len());
            let brief = |hits: &[Hit]| {
                let brief = |hit: &Hit| (hit.card.id, hit.rank(), hit.freshness);
                hits.iter().map(brief).collect::<Vec<_>>()
            };
            // In brief first: a difference should be readable.
            prop_assert_eq!(brief(&dynamic), brief(&published));
            prop_assert!(dynamic == published, "the same sessions, told differently");
            Ok(())
        })
        .unwrap();
    assert!(found_in_all.get() > 1_000, "the circles were all but empty");
}

#[test]
fn a_county_lists_its_own_however_it_is_spelt() {
    let memory = backend();
    let live = |session: &&Session| session.status != Status::Ended;
    let clare = |session: &&Session| session.listing.venue.county == "Clare";
    let expected = memory.state().sessions.values().filter(live).filter(clare).count();
    let place = Place::County(List::county("ie", "Co. Clare"));
    let most = limits::SEARCH_HITS_MAX;
    let found =
        block_on(find_sessions(&memory, &place, &Query::default(), now(), None, most)).unwrap();
    assert_eq!((found.total, found.hits.len()), (expected, limits::SEARCH_HITS_MAX));
    assert!(found.hits.iter().all(|hit| hit.distance_km.is_none()));
    let one: &Card = &found.hits[0].card;
    assert_eq!(one.county, "Clare");
}

#[test]
fn pages_put_together_are_the_whole_answer() {
    let memory = backend();
    let somebody = memory.state().sessions.values().nth(1).unwrap().listing.venue.position;
    let circle = Circle { centre: somebody, radius_km: 80.0 };
    for place in [Place::Near(circle), Place::County(List::county("IE", "Kerry"))] {
        let query = Query::default();
        let all = block_on(find_sessions(&memory, &place, &query, now(), None, usize::MAX));
        let all = all.unwrap();
        assert!(all.hits.len() > 40 && all.last.is_none(), "{}", all.hits.len());
        for limit in [37, all.hits.len() - 1, all.hits.len()] {
            let (mut pages, mut after) = (Vec::new(), None);
            loop {
                let page = find_sessions(&memory, &place, &query, now(), after.as_ref(), limit);
                let page = block_on(page).unwrap();
                assert_eq!(page.total, all.total);
                assert!((1..=limit).contains(&page.hits.len()));
                pages.extend(page.hits);
                // As it comes back in a cursor.
                let text = serde_json::to_string(&page.last).unwrap();
                after = serde_json::from_str(&text).unwrap();
                if after.is_none() {
                    break;
                }
            }
            assert!(pages == all.hits, "pages of {limit}");
        }
    }
}

proptest! {
    #[test]
    fn up_to_nineteen_kilometres_a_search_is_at_most_nine_queries(
        lat in 50.0..56.0f64, lon in -10.7..2.0f64, radius_km in 0.1..=19.0f64,
    ) {
        let circle = Circle { centre: Position { lat, lon }, radius_km };
        let cells = cells_for(&circle);
        prop_assert!(cells.len() <= limits::SEARCH_CELLS_MAX, "{}", cells.len());
        prop_assert!(cells.iter().all(|cell| cell.0.len() == seisiun_domain::geo::CELL_CHARS));
    }
}

#[test]
fn a_duplicate_is_found_wherever_it_is_and_by_few_queries() {
    let memory = Memory::default();
    let member: MemberId = "ann".parse().unwrap();
    let places = [(53.0, -9.0), (0.0, 180.0), (-90.0, 179.0), (89.999, 0.0), (71.0, 25.7)];
    for (n, (lat, lon)) in places.into_iter().enumerate() {
        let position = Position { lat, lon };
        let circle = Circle { centre: position, radius_km: limits::DUPLICATE_METRES_MAX / 1000.0 };
        assert!(cells_for(&circle).len() <= 256, "{lat} {lon}");
        let mut session = template(&member);
        session.id = SessionId::new(Ulid::from_parts(n as u64, 7));
        session.listing.venue.position = position;
        memory.state().sessions.insert(session.id, session.clone());
        let found = |title: &str, position| {
            let found = block_on(find_duplicates(&memory, title, position)).unwrap();
            found.into_iter().map(|card| card.id).collect::<Vec<_>>()
        };
        let title = session.listing.title.to_uppercase();
        assert_eq!(found(&title, position), [session.id], "{lat} {lon}");
        assert_eq!(found("Quite another", position), [], "{lat} {lon}");
        let away = Position { lat: if lat > 0.0 { lat - 0.01 } else { lat + 0.01 }, lon };
        assert_eq!(found(&title, away), [], "{lat} {lon}");
    }
}
