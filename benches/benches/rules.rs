//! The rules that run for every submission and on every page: the dates of a
//! schedule, against the `rrule` crate, and the moderation policy.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark fails by panicking")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use rrule::RRuleSet;
use seisiun_domain::{
    calendar::Calendar,
    moderation::{Label, PHOTO_RULES, judge_photo, judge_text},
    schedule::ScheduleDraft,
};

/// Dates of a year of weeks.
const DATES: usize = 52;
/// From when on: over both clock changes.
const AFTER: &str = "2026-01-10T00:00:00Z";

fn calendar(rrule: &str) -> Calendar {
    let draft = ScheduleDraft {
        starts: "21:30".into(),
        duration_minutes: 150,
        zone: "Europe/Dublin".into(),
        rrule: rrule.into(),
        from: "2026-01-08".into(),
        until: None,
    };
    Calendar::of(&[draft], &[])
}

/// The same schedule as the peer has it. It starts where we are asked to.
fn peer(rrule: &str) -> RRuleSet {
    let text = format!("DTSTART;TZID=Europe/Dublin:20260110T213000\nRRULE:{rrule}");
    text.parse().unwrap()
}

fn dates(criterion: &mut Criterion) {
    let after: Timestamp = AFTER.parse().unwrap();
    for (what, rule) in [
        ("52 dates, weekly", "FREQ=WEEKLY;BYDAY=TH"),
        ("52 dates, last Friday", "FREQ=MONTHLY;BYDAY=-1FR"),
    ] {
        let (ours, theirs) = (calendar(rule), peer(rule));
        let limit = u16::try_from(DATES).unwrap();
        // Both find the same moments.
        let found: Vec<i64> = ours
            .next(after, DATES)
            .iter()
            .map(|date| date.starts.timestamp().as_second())
            .collect();
        let expected = theirs.clone().all(limit).dates;
        assert_eq!(found, expected.iter().map(|date| date.timestamp()).collect::<Vec<_>>());

        let mut group = criterion.benchmark_group(what);
        group.bench_function("seisiun", |b| b.iter(|| black_box(&ours).next(after, DATES)));
        group.bench_function("rrule", |b| b.iter(|| black_box(&theirs).clone().all(limit)));
        group.finish();
    }
}

fn policy(criterion: &mut Criterion) {
    let labels: Vec<Label> = PHOTO_RULES
        .iter()
        .map(|rule| Label {
            name: rule.category.to_string(),
            parent: String::new(),
            confidence: 40.0,
        })
        .collect();
    let sha256 = "ab".repeat(32);
    criterion.bench_function("judge a photo's labels", |b| {
        b.iter(|| judge_photo(black_box(&labels), &sha256));
    });
    let text = "Reels and jigs, and a song now and then. Sit in at the long table. ".repeat(30);
    criterion.bench_function("judge a text of 2,000 characters", |b| {
        b.iter(|| judge_text(&[black_box(text.as_str())]));
    });
}

criterion_group!(benches, dates, policy);
criterion_main!(benches);
