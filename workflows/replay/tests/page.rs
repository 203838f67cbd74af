//! `docs/moderation.md` says what applies: its tables and its diagram are generated,
//! and this test fails where they are not current.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    MemberId,
    case::{Case, CaseKind, Edits, Facts, Measure, Reason, Status, What},
    limits,
    moderation::Policy,
};
use seisiun_replay::report;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/moderation.md");
const COMMAND: &str = "UPDATE_DOCS=1 cargo test -p seisiun-replay --test page";
const END: &str = "<!-- /generated -->";

/// Writes a part.
type Generate = fn() -> String;

/// What is generated, each between its own markers.
const PARTS: [(&str, Generate); 4] =
    [("states", states), ("reasons", reasons), ("limits", limits_told), ("policy", policy)];

/// Steps that are looked at from an open case on: enough for every status.
const STEPS: usize = 6;

fn member(name: &str) -> MemberId {
    name.parse().unwrap()
}

/// What happens, by whom, in words.
fn doings(now: Timestamp) -> Vec<(&'static str, &'static str, What)> {
    let until = now.checked_add(limits::CLAIM_SECONDS.seconds()).unwrap();
    let decided = |measure, reason| What::Decided { measure, reason, note: String::new() };
    vec![
        ("claimed", "ann", What::Claimed { until }),
        ("given up", "ann", What::Released),
        ("left to another", "ann", What::Escalated { note: String::new() }),
        ("put right", "ann", What::Edited { edits: Edits::default() }),
        ("decided", "ann", decided(Measure::Approve, Reason::InOrder)),
        ("decided", "ann", decided(Measure::Reject, Reason::Spam)),
        ("decided otherwise", "bo", decided(Measure::Approve, Reason::InOrder)),
        ("decided the same", "bo", decided(Measure::Reject, Reason::Spam)),
        ("appealed", "submitter", What::Appealed { words: "No.".into() }),
        ("taken back", "submitter", decided(Measure::Reject, Reason::Withdrawn)),
    ]
}

/// Every step from one status to another that the rules allow.
fn walk(case: &Case, now: Timestamp, left: usize, found: &mut BTreeSet<(Status, Status, String)>) {
    let Some(left) = left.checked_sub(1) else { return };
    let from = case.status(now);
    let over = now.checked_add((limits::CLAIM_SECONDS + 1).seconds()).unwrap();
    if case.status(over) != from {
        found.insert((from, case.status(over), "ten minutes are over".into()));
    }
    let at = now.checked_add(1.second()).unwrap();
    for (name, by, what) in doings(at) {
        let Ok(next) = case.apply(&case.next(at, Some(member(by)), what)) else { continue };
        let to = next.status(at);
        // Of the same step by one person or another, the words are the same.
        let name = match (name, case.appeal.is_some()) {
            ("decided otherwise" | "decided the same", false) => "decided",
            (name, _) => name,
        };
        if from != to {
            found.insert((from, to, name.into()));
        }
        walk(&next, at, left, found);
    }
}

fn states() -> String {
    let facts = Facts {
        kind: CaseKind::Submission,
        submitter: member("submitter"),
        about: None,
        title: String::new(),
        grounds: Vec::new(),
    };
    let at: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let case = Case::open("01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(), at, facts);
    let mut found = BTreeSet::new();
    walk(&case, at, STEPS, &mut found);
    let mut out = "```mermaid\nstateDiagram-v2\n  [*] --> open\n".to_owned();
    let name = |status: Status| format!("{status:?}").to_lowercase();
    let mut pairs: Vec<(Status, Status)> = found.iter().map(|(from, to, _)| (*from, *to)).collect();
    pairs.dedup();
    for (from, to) in pairs {
        let names: Vec<&str> = found
            .iter()
            .filter(|(a, b, _)| (*a, *b) == (from, to))
            .map(|(_, _, name)| name.as_str())
            .collect();
        let _ = writeln!(out, "  {} --> {}: {}", name(from), name(to), names.join(", "));
    }
    out.push_str("```\n");
    out
}

fn reasons() -> String {
    let mut out =
        "| code | rule | what its sender reads | costs trust |\n|---|---|---|---|\n".to_owned();
    for reason in Reason::ALL {
        let code = serde_json::to_value(reason).unwrap();
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            code.as_str().unwrap(),
            reason.rule(),
            reason.in_words(),
            if reason.costs_trust() { "yes" } else { "no" }
        );
    }
    out
}

fn limits_told() -> String {
    let rows = [
        ("a claim lasts, unless it is extended", format!("{} minutes", limits::CLAIM_SECONDS / 60)),
        ("a decision can be appealed for", format!("{} days", limits::APPEAL_DAYS_MAX)),
        ("characters of an appeal", limits::APPEAL_CHARS_MAX.to_string()),
        ("claims and hand-overs of a case", format!("fewer than {}", limits::CASE_EVENTS_MAX)),
        (
            "reminders before a case goes to the people on call",
            (limits::DECISION_WAITS_MAX - 1).to_string(),
        ),
        (
            "what a rejected photo looks like is known for",
            format!("{} days", limits::REFUSED_PHOTO_DAYS),
        ),
    ];
    let mut out = "| what | how much |\n|---|---|\n".to_owned();
    for (what, much) in rows {
        let _ = writeln!(out, "| {what} | {much} |");
    }
    out
}

/// The tables alone: what they do with submissions, the command shows.
fn policy() -> String {
    let all = report(&Policy::CURRENT, None, &[]);
    let tables = all.split("\nof 0 submissions").next().unwrap_or_default();
    format!("```text\n{}\n```\n", tables.trim_end())
}

/// The page with everything between markers generated anew.
fn regenerate(text: &str) -> String {
    PARTS.iter().fold(text.to_owned(), |text, (part, generate)| {
        let begin = format!("<!-- generated: {part} -->");
        let (before, rest) =
            text.split_once(&begin).unwrap_or_else(|| panic!("{PAGE} has no {begin}"));
        let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("{begin} has no end"));
        format!("{before}{begin}\n{}{END}{after}", generate())
    })
}

#[test]
fn the_page_says_what_applies() {
    let page = Path::new(PAGE);
    let text = std::fs::read_to_string(page).unwrap();
    let current = regenerate(&text);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(page, &current).unwrap();
        return;
    }
    assert!(text == current, "docs/moderation.md is not current: {COMMAND}");
}

#[test]
fn the_diagram_has_every_status_and_ends_where_an_appeal_ends() {
    let states = states();
    for status in ["open", "claimed", "decided", "appealed", "upheld", "overturned"] {
        assert!(states.contains(&format!(" --> {status}")), "{states}");
    }
    for end in ["upheld", "overturned"] {
        assert!(!states.contains(&format!("  {end} --> ")), "{states}");
    }
}
