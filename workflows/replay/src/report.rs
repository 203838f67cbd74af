//! The policy as tables, what it does with submissions, and what another one
//! would do otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use jiff::Timestamp;
use seisiun_domain::moderation::{
    Judgement, Policy, Rule, SAMPLE_SHARE, Signal, Tier, TierRule, Verdict,
};

use crate::{Line, judge_all, standing_tier};

const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// What is printed. `lines`: by time. Where a policy is proposed, each figure
/// that differs is shown as `now → proposed`.
#[must_use]
pub fn report(policy: &Policy, proposed: Option<&Policy>, lines: &[Line]) -> String {
    let both = Both { now: policy, then: proposed.unwrap_or(policy) };
    let mut parts = vec![both.photos(), both.texts(), both.trust()];
    let now = judge_all(policy, lines);
    let then = proposed.map(|proposed| judge_all(proposed, lines));
    parts.push(outcome(lines, &now, then.as_deref()));
    parts.push(grounds(&now, then.as_deref()));
    if let Some(then) = &then {
        parts.push(changes(&both, lines, &now, then));
    }
    parts.join("\n")
}

/// Two policies side by side; the same twice where none is proposed.
struct Both<'p> {
    now: &'p Policy,
    then: &'p Policy,
}

impl Both<'_> {
    fn photos(&self) -> String {
        let categories = self.now.photos.iter().chain(self.then.photos.iter());
        let mut seen = BTreeSet::new();
        let rows = categories.filter(|rule| seen.insert(rule.category.to_string())).map(|rule| {
            let of = |policy: &Policy, value: fn(&Rule) -> Option<f32>| {
                let rule = policy.photos.iter().find(|other| other.category == rule.category);
                match rule {
                    None => "any".to_owned(),
                    Some(rule) => value(rule).map_or("never".into(), |from| format!("{from:.1}")),
                }
            };
            let reject = |policy: &Policy| {
                let refused = of(policy, |rule| rule.reject_from);
                if refused == "any" { "never".into() } else { refused }
            };
            let review = |policy: &Policy| of(policy, |rule| rule.review_from);
            vec![
                rule.category.to_string(),
                cell(review(self.now), review(self.then)),
                cell(reject(self.now), reject(self.then)),
            ]
        });
        let mut table = vec![row(["photos: category", "a person from", "refused from"])];
        table.extend(rows);
        table.push(row(["any other category", "any", "never"]));
        let note = format!(
            "From so many percent of the classifier's confidence on. Of everybody's clean photos \
             {} are looked at; of who is less trusted more, below.",
            share(SAMPLE_SHARE)
        );
        format!("{}{note}\n", columns(&table))
    }

    fn texts(&self) -> String {
        let (now, then) = (&self.now.text, &self.then.text);
        let severity = |text| format!("{text:?}").to_lowercase();
        let mut table = vec![row(["texts: a signal is", ""])];
        for (what, value) in [
            (
                "shouting: letters, at least",
                cell(now.shouting_letters_from, then.shouting_letters_from),
            ),
            (
                "shouting: capitals among them, more than",
                cell(percent(now.shouting_percent_above), percent(then.shouting_percent_above)),
            ),
            (
                "the same character in a row",
                cell(now.repeated_characters_from, then.repeated_characters_from),
            ),
            ("digits of a telephone number", cell(now.phone_digits_from, then.phone_digits_from)),
            ("a bad word, at least", cell(severity(now.abuse_from), severity(then.abuse_from))),
            (
                "nearly the same text: in common, at least",
                cell(percent(now.similar_percent_from), percent(then.similar_percent_from)),
            ),
            (
                "nearly the same text: letters, at least",
                cell(now.similar_characters_from, then.similar_characters_from),
            ),
        ] {
            table.push(vec![what.into(), value]);
        }
        columns(&table)
    }

    fn trust(&self) -> String {
        let heads = ["trust"].into_iter().chain(Tier::ALL.map(Tier::name));
        let mut table = vec![heads.map(str::to_owned).collect()];
        let mut add = |what: &str, value: &dyn Fn(&TierRule) -> String| {
            let cells = Tier::ALL
                .into_iter()
                .map(|tier| cell(value(self.now.row(tier)), value(self.then.row(tier))));
            table.push([what.to_owned()].into_iter().chain(cells).collect());
        };
        let unless_host = |value: fn(&TierRule) -> u32| {
            move |rule: &TierRule| match rule.tier {
                Tier::Host => "–".to_owned(),
                _ => value(rule).to_string(),
            }
        };
        add("published, at least", &unless_host(|rule| rule.published_from));
        add("days since the first, at least", &unless_host(|rule| rule.days_from));
        add("refused of what was decided, at most", &|rule| percent(rule.rejected_percent_max));
        for signal in Signal::ALL {
            add(&format!("held: {}", signal.code()), &|rule| {
                if rule.holds.contains(&signal) { "held" } else { "–" }.into()
            });
        }
        add("held: edits of others' sessions", &|rule| {
            if rule.edits_unseen { "–" } else { "held" }.into()
        });
        add("held: beyond this many in an hour", &|rule| rule.per_hour.to_string());
        add("held: beyond this many in a day", &|rule| rule.per_day.to_string());
        add("held: after this many with the same text", &|rule| rule.repeats_from.to_string());
        add("clean photos that are looked at", &|rule| share(rule.photo_sample_share));
        columns(&table)
    }
}

/// How many are published, held and refused, and what that is a day.
fn outcome(lines: &[Line], now: &[Judgement], then: Option<&[Judgement]>) -> String {
    let members: BTreeSet<&str> = lines.iter().map(|line| line.member.as_str()).collect();
    let days = days(lines);
    let count = |judged: &[Judgement], verdict| {
        judged.iter().filter(|judgement| judgement.verdict == verdict).count()
    };
    let mut table = vec![row([format!("of {} submissions", lines.len()), "".into()])];
    for (what, verdict) in [
        ("published at once", Verdict::Publish),
        ("held for a person", Verdict::Review),
        ("refused at once", Verdict::Reject),
    ] {
        let found = |judged: &[Judgement]| {
            let found = count(judged, verdict);
            let hundred = found * 1_000 / lines.len().max(1);
            format!("{found} ({}.{} %)", hundred / 10, hundred % 10)
        };
        table.push(vec![what.into(), cell(found(now), found(then.unwrap_or(now)))]);
    }
    let a_day = |judged: &[Judgement]| {
        let tenths = count(judged, Verdict::Review) * 10 / days.max(1);
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    table.push(vec!["cases a day".into(), cell(a_day(now), a_day(then.unwrap_or(now)))]);
    let span = match (lines.first(), lines.last()) {
        (Some(first), Some(last)) => format!(
            "By {} members in {days} days, {} to {}.\n",
            members.len(),
            date(first.at),
            date(last.at)
        ),
        _ => String::new(),
    };
    format!("{}{span}", columns(&table))
}

/// Days that the submissions are from, begun ones counted.
fn days(lines: &[Line]) -> usize {
    let seconds = match (lines.first(), lines.last()) {
        (Some(first), Some(last)) => last.at.as_second().saturating_sub(first.at.as_second()),
        _ => 0,
    };
    usize::try_from(seconds / SECONDS_PER_DAY).map_or(usize::MAX, |days| days.saturating_add(1))
}

/// On how many submissions each ground stands.
fn grounds(now: &[Judgement], then: Option<&[Judgement]>) -> String {
    let count = |judged: &[Judgement]| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for judgement in judged {
            let codes: BTreeSet<&str> =
                judgement.grounds.iter().map(|ground| code(ground)).collect();
            for code in codes {
                *counts.entry(code.to_owned()).or_default() += 1;
            }
        }
        counts
    };
    let (now, then) = (count(now), count(then.unwrap_or(now)));
    let mut codes: Vec<&String> = now.keys().chain(then.keys()).collect();
    codes.sort();
    codes.dedup();
    let of = |counts: &BTreeMap<String, usize>, code: &str| counts.get(code).copied().unwrap_or(0);
    codes.sort_by_key(|code| std::cmp::Reverse(of(&then, code).max(of(&now, code))));
    let mut table = vec![row(["on the ground of", "submissions"])];
    table.extend(
        codes.into_iter().map(|code| vec![code.clone(), cell(of(&now, code), of(&then, code))]),
    );
    columns(&table)
}

/// A ground without the classifier's confidence.
fn code(ground: &str) -> &str {
    let label = ground.strip_suffix(" %").and_then(|ground| ground.rsplit_once(' '));
    label.map_or(ground, |(label, _)| label)
}

/// Each submission that would be judged otherwise, with its grounds, and how
/// many there are.
fn changes(both: &Both<'_>, lines: &[Line], now: &[Judgement], then: &[Judgement]) -> String {
    let judged = || lines.iter().zip(now.iter().zip(then));
    let mut text = String::new();
    let mut counts: BTreeMap<(Verdict, Verdict), usize> = BTreeMap::new();
    for (line, (now, then)) in judged().filter(|(_, (now, then))| now.verdict != then.verdict) {
        *counts.entry((now.verdict, then.verdict)).or_default() += 1;
        let tier = |policy: &Policy| standing_tier(policy, line).name();
        let kind = format!("{:?}", line.kind).to_lowercase();
        text.push_str(&format!(
            "{} {kind} by {} ({}), {}: {} → {}\n",
            line.id,
            line.member,
            cell(tier(both.now), tier(both.then)),
            date(line.at),
            in_words(now.verdict),
            in_words(then.verdict),
        ));
        for (which, judgement) in [("now", now), ("proposed", then)] {
            if !judgement.grounds.is_empty() {
                text.push_str(&format!("    {which}: {}\n", judgement.grounds.join(", ")));
            }
        }
    }
    let changed: usize = counts.values().sum();
    text.push_str(&format!("{changed} of {} submissions would be judged otherwise", lines.len()));
    for (n, ((from, to), count)) in counts.into_iter().enumerate() {
        let before = if n == 0 { ": " } else { ", " };
        text.push_str(&format!("{before}{} → {} {count}", in_words(from), in_words(to)));
    }
    let grounds = judged()
        .filter(|(_, (now, then))| now.verdict == then.verdict && now.grounds != then.grounds)
        .count();
    text.push_str(&format!(".\n{grounds} would be judged the same on other grounds.\n"));
    text
}

fn in_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Publish => "published",
        Verdict::Review => "held",
        Verdict::Reject => "refused",
    }
}

fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn percent(n: u32) -> String {
    format!("{n} %")
}

fn share(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A figure, or what it is and would be.
fn cell<T: Display + PartialEq>(now: T, then: T) -> String {
    if now == then { now.to_string() } else { format!("{now} → {then}") }
}

fn row<T: Into<String>, const N: usize>(cells: [T; N]) -> Vec<String> {
    cells.map(Into::into).into()
}

/// A table in columns: the first flush left, the others right, a line under the
/// head.
fn columns(table: &[Vec<String>]) -> String {
    let width = |n: usize| {
        let cells = table.iter().filter_map(|row| row.get(n));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.first().map_or(0, Vec::len)).map(width).collect();
    let mut text = String::new();
    for (n, row) in table.iter().enumerate() {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if column == 0 {
                line.push_str(&format!("{cell:<width$}"));
            } else {
                line.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
        if n == 0 {
            text.push_str(&"─".repeat(widths.iter().sum::<usize>() + 2 * (widths.len() - 1)));
            text.push('\n');
        }
    }
    text
}
