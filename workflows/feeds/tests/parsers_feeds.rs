//! What we write, read by others: two calendar libraries that know nothing of
//! each other, a feed reader and an XML parser. Same dates as ours.
//!
//! `cargo xtask test feeds` says where they are.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use jiff::Timestamp;
use seisiun_domain::{
    calendar::{Calendar, ChangeDraft, ExceptionDraft, Gathering},
    card::Card,
    samples,
    schedule::ScheduleDraft,
    session::Session,
};
use seisiun_feeds::{Site, area_atom, area_ics, session_ics, sitemap, sitemap_index};

const BEGIN: &str = "2026-01-01T00:00:00Z";
const END: &str = "2027-01-01T00:00:00Z";

/// Texts that calendars and feeds have broken on.
const HOSTILE: &str = "Tunes; \"slow\", 50% \\ Ó Riada's \u{1F3BB} <b>&amp;</b> BEGIN:VEVENT ]]> \
                       and a title far longer than any line that a calendar may have, with ſ and ü";

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn program(name: &str) -> PathBuf {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("{name} is not set: run this with `cargo xtask test feeds`"))
        .into()
}

fn parser(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parsers").join(file)
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn exception(schedule: u8, date: &str, change: ChangeDraft) -> ExceptionDraft {
    ExceptionDraft { schedule, date: date.into(), change, reason: HOSTILE.into() }
}

fn moved(to: &str, starts: &str) -> ChangeDraft {
    let place = Some("upstairs, at the Latch".into());
    ChangeDraft::Moved { to: to.into(), starts: Some(starts.into()), place }
}

/// Sessions of every kind of schedule in every zone, each with and without
/// exceptions around the clock changes of 2026: 29 March and 25 October in
/// Ireland, 8 March and 1 November in New York.
fn sessions() -> Vec<Session> {
    let mut all = Vec::new();
    for zone in ["Europe/Dublin", "America/New_York", "Asia/Tokyo", "UTC"] {
        for (rule, dates) in [
            ("FREQ=WEEKLY;BYDAY=SU", ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"]),
            ("FREQ=WEEKLY;BYDAY=SA", ["2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31"]),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
                ["2026-03-15", "2026-03-29", "2026-10-25", "2026-11-08"],
            ),
            ("FREQ=MONTHLY;BYDAY=-1SU", ["2026-03-29", "2026-04-26", "2026-10-25", "2026-11-29"]),
            ("FREQ=MONTHLY;BYDAY=2SU", ["2026-03-08", "2026-04-12", "2026-10-11", "2026-11-08"]),
            ("FREQ=MONTHLY;BYDAY=1SU", ["2026-03-01", "2026-04-05", "2026-10-04", "2026-11-01"]),
        ] {
            // The small hours are where clocks change.
            for starts in ["21:30", "01:30", "02:30", "03:30"] {
                let schedule = ScheduleDraft {
                    starts: starts.into(),
                    zone: zone.into(),
                    rrule: rule.into(),
                    from: "2025-12-20".into(),
                    ..samples::schedule()
                };
                let ends = ScheduleDraft { until: Some("2026-10-25".into()), ..schedule.clone() };
                let [first, second, third, fourth] = dates;
                let duration_minutes = Some(45);
                let exceptions = vec![
                    exception(0, first, ChangeDraft::Cancelled),
                    exception(0, second, moved("2026-03-30", "19:15")),
                    exception(
                        0,
                        third,
                        ChangeDraft::Retimed { starts: "12:00".into(), duration_minutes },
                    ),
                    exception(0, fourth, ChangeDraft::Cancelled),
                    exception(
                        0,
                        "2026-10-26",
                        ChangeDraft::Extra { starts: "01:30".into(), duration_minutes: 60 },
                    ),
                ];
                for (schedules, exceptions) in [
                    (vec![schedule.clone()], vec![]),
                    (vec![ends], vec![]),
                    (vec![schedule], exceptions),
                ] {
                    let mut session = samples::listed();
                    session.id =
                        seisiun_domain::SessionId::new(ulid_of(u64::try_from(all.len()).unwrap()));
                    session.listing.title = HOSTILE.into();
                    session.listing.description = HOSTILE.repeat(20);
                    session.listing.schedules = schedules;
                    session.exceptions = exceptions;
                    all.push(session);
                }
            }
        }
    }
    all
}

fn ulid_of(n: u64) -> ulid::Ulid {
    ulid::Ulid::from_parts(1_700_000_000_000 + n, 1)
}

fn starts(calendar: &Calendar) -> Vec<i64> {
    let found = calendar.between(instant(BEGIN), instant(END), usize::MAX);
    let mut starts: Vec<i64> = found
        .iter()
        .filter(|date| date.is_on())
        .map(|date: &Gathering| date.starts.timestamp().as_second())
        .filter(|at| *at >= instant(BEGIN).as_second())
        .collect();
    starts.sort_unstable();
    starts
}

/// Whether it begins in an hour that a clock change skips or repeats. ical.js
/// takes the hour before, or the second of two, where RFC 5545 (3.3.5) says the
/// hour after, or the first; of those dates only the other parser's count.
fn in_changed_hours(session: &Session) -> bool {
    session.listing.schedules.iter().any(|one| matches!(&*one.starts, "01:30" | "02:30"))
}

/// What both parsers make of a folder of calendars.
fn read(folder: &Path) -> [BTreeMap<String, Vec<i64>>; 2] {
    let window = [BEGIN, END].map(|text| instant(text).as_second().to_string());
    let python = said(
        Command::new(program("SEISIUN_FEEDS_PYTHON"))
            .arg(parser("dates.py"))
            .arg(folder)
            .args(&window),
    );
    let node = said(
        Command::new(program("SEISIUN_FEEDS_NODE"))
            .arg(parser("dates.mjs"))
            .arg(program("SEISIUN_FEEDS_ICAL_JS"))
            .arg(folder)
            .args(&window),
    );
    [python, node].map(|text| serde_json::from_str(&text).unwrap())
}

#[test]
fn two_parsers_read_the_dates_that_we_mean() {
    let site = Site::at("https://seisiun.example").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut expected = BTreeMap::new();
    let sessions = sessions();
    for (n, session) in sessions.iter().enumerate() {
        let name = format!("{n:03}.ics");
        std::fs::write(folder.path().join(&name), session_ics(session, &site)).unwrap();
        expected.insert(name, starts(&session.calendar()));
    }
    assert!(expected.len() > 200);
    for (parser, found) in ["icalendar", "ical.js"].iter().zip(read(folder.path())) {
        for (name, dates) in &expected {
            let session = &sessions[name[..3].parse::<usize>().unwrap()];
            assert!(dates.len() >= 9, "{name}: {dates:?}");
            if *parser == "ical.js" && in_changed_hours(session) {
                continue;
            }
            let shown = (&session.listing.schedules, session.exceptions.len());
            assert_eq!(&found[name], dates, "{parser}, {name}, {shown:?}");
        }
    }
}

#[test]
fn an_areas_calendar_has_the_dates_of_its_sessions() {
    let site = Site::at("https://seisiun.example").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let now = instant("2026-10-01T00:00:00Z");
    let cards: Vec<Card> = sessions()
        .iter()
        .filter(|session| !in_changed_hours(session))
        .map(Card::of)
        .take(60)
        .collect();
    let text = area_ics("County Clare", &cards, now, &site);
    assert_eq!(text, area_ics("County Clare", &cards, now, &site), "the same bytes");
    std::fs::write(folder.path().join("clare.ics"), &text).unwrap();
    let until = now.as_second() + 90 * 24 * 60 * 60;
    let mut expected: Vec<i64> = cards
        .iter()
        .flat_map(|card| starts(&card.calendar()))
        .filter(|at| (now.as_second()..until).contains(at))
        .collect();
    expected.sort_unstable();
    assert!(expected.len() > 100);
    for (parser, found) in ["icalendar", "ical.js"].iter().zip(read(folder.path())) {
        let found: Vec<i64> =
            found["clare.ics"].iter().copied().filter(|at| *at >= now.as_second()).collect();
        assert_eq!(found, expected, "{parser}");
    }
}

#[test]
fn feeds_and_sitemaps_are_valid() {
    let site = Site::at("https://seisiun.example").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let cards: Vec<Card> = sessions().iter().map(Card::of).collect();
    let write = |name: &str, text: std::io::Result<String>| {
        std::fs::write(folder.path().join(name), text.unwrap()).unwrap();
    };
    write("full.atom", area_atom(HOSTILE, "/feeds/counties/ie/clare.atom", &cards, &site));
    write("empty.atom", area_atom("Nowhere", "/feeds/counties/ie/none.atom", &[], &site));
    write("ie.xml", sitemap(&cards, &site));
    write("index.xml", sitemap_index(&["/sitemaps/ie.xml".into()], &site));
    let said = said(
        Command::new(program("SEISIUN_FEEDS_PYTHON")).arg(parser("feeds.py")).arg(folder.path()),
    );
    let lines: Vec<&str> = said.lines().collect();
    let all = format!("ie.xml {}", cards.len());
    assert_eq!(lines, ["empty.atom 0", "full.atom 100", &all, "index.xml 1"]);
}
