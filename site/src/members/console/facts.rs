//! What was sent, as rows of facts: plain words, never links, so that nobody is
//! led anywhere by what is not approved.

use seisiun_contracts::api::Sent;
use seisiun_domain::{
    calendar::{ChangeDraft, ExceptionDraft},
    change::{Facts, Finding, What},
    review::ReviewDraft,
    schedule::ScheduleDraft,
    session::{Format, Level, SessionDraft, Status, VenueDraft},
};

use super::words::Words;
use crate::{Language, members::schedule::Plain, words::Words as SiteWords};

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// What it is called.
    pub(super) name: &'static str,
    /// As it was, where it changes.
    pub(super) before: Option<String>,
    /// As it was sent.
    pub(super) after: String,
}

fn row(name: &'static str, after: impl Into<String>) -> Row {
    Row { name, before: None, after: after.into() }
}

/// The tables that facts are named by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tables {
    /// The console's.
    pub(super) own: &'static Words,
    /// The site's, for what public pages name, too.
    pub(super) site: &'static SiteWords,
    /// The language of both.
    pub(super) language: Language,
}

/// The rows of what was sent.
pub(super) fn rows(sent: &Sent, tables: Tables) -> Vec<Row> {
    let words = tables.own;
    match sent {
        Sent::Session { session } => of_facts(&every_fact(session), tables),
        Sent::Review { review } => of_review(review, words),
        Sent::Change { change, .. } => match change {
            What::Edit { before, after } => difference(before, after, tables),
            What::SetDate { exception } => of_exception(exception, words),
            What::UndoDate { date, .. } => {
                vec![row(words.fact_date, date), row(words.fact_change, words.change_undone)]
            }
            What::Confirm { finding, date } => {
                let finding = match finding {
                    Finding::On => words.finding_on,
                    Finding::NotOn => words.finding_not_on,
                    Finding::Gone => words.finding_gone,
                };
                vec![row(words.fact_date, date), row(words.fact_finding, finding)]
            }
            What::ClaimHost { evidence, shown_as } => {
                let mut rows = vec![row(words.fact_evidence, evidence)];
                rows.extend(shown_as.as_ref().map(|name| row(words.fact_shown_as, name)));
                rows
            }
        },
        Sent::Notice { explanation, .. } => vec![row(words.fact_explanation, explanation)],
    }
}

/// All that a new session says.
fn every_fact(session: &SessionDraft) -> Facts {
    let session = session.clone();
    Facts {
        title: Some(session.title),
        venue: Some(session.venue),
        format: Some(session.format),
        level: Some(session.level),
        schedules: Some(session.schedules),
        description: Some(session.description),
        instruments: Some(session.instruments),
        tunes: Some(session.tunes),
        links: Some(session.links),
        status: None,
    }
}

fn of_facts(facts: &Facts, tables: Tables) -> Vec<Row> {
    let Tables { own: words, site, language } = tables;
    let mut rows = Vec::new();
    rows.extend(facts.title.as_ref().map(|title| row(words.fact_title, title)));
    if let Some(venue) = &facts.venue {
        rows.extend(of_venue(venue, words));
    }
    rows.extend(facts.format.map(|format| row(words.fact_format, format_in_words(format, site))));
    rows.extend(facts.level.map(|level| row(words.fact_level, level_in_words(level, site))));
    if let Some(schedules) = &facts.schedules {
        let when: Vec<String> = schedules.iter().map(|one| schedule(one, language)).collect();
        rows.push(row(words.fact_schedule, when.join("\n")));
    }
    rows.extend(facts.description.as_ref().map(|text| row(words.fact_description, text)));
    let lists = [
        (words.fact_instruments, &facts.instruments, ", "),
        (words.fact_tunes, &facts.tunes, ", "),
        (words.fact_links, &facts.links, "\n"),
    ];
    for (name, list, between) in lists {
        rows.extend(list.as_ref().map(|list| row(name, list.join(between))));
    }
    rows.extend(facts.status.map(|status| {
        row(
            words.fact_status,
            match status {
                Status::Live => words.status_live,
                Status::Paused => words.status_paused,
                Status::Ended => words.status_ended,
                Status::Withdrawn => words.status_withdrawn,
            },
        )
    }));
    // What a new session leaves open is no fact of it.
    rows.retain(|row| !row.after.is_empty());
    rows
}

fn of_venue(venue: &VenueDraft, words: &'static Words) -> Vec<Row> {
    let VenueDraft { name, address, town, county, country, position, .. } = venue;
    let mut rows = vec![
        row(words.fact_venue, name),
        row(words.fact_address, address),
        row(words.fact_region, format!("{town}, {county}, {country}")),
        row(words.fact_position, format!("{:.5}, {:.5}", position.lat, position.lon)),
    ];
    for (name, known) in
        [(words.fact_step_free, venue.step_free), (words.fact_toilet, venue.accessible_toilet)]
    {
        rows.extend(known.map(|is| row(name, if is { words.yes } else { words.no })));
    }
    rows
}

/// What changes, each fact as it was and as it should be.
fn difference(before: &Facts, after: &Facts, tables: Tables) -> Vec<Row> {
    let (before, after) = (of_facts(before, tables), of_facts(after, tables));
    let find = |rows: &[Row], name: &str| {
        rows.iter().find(|row| row.name == name).map(|row| row.after.clone()).unwrap_or_default()
    };
    let mut names: Vec<&'static str> = after.iter().chain(&before).map(|row| row.name).collect();
    let mut seen = Vec::new();
    names.retain(|name| {
        let new = !seen.contains(name);
        seen.push(*name);
        new
    });
    names
        .into_iter()
        .map(|name| Row { name, before: Some(find(&before, name)), after: find(&after, name) })
        // A venue is sent as a whole; of it, what differs.
        .filter(|row| row.before.as_deref() != Some(row.after.as_str()))
        .collect()
}

fn of_review(review: &ReviewDraft, words: &'static Words) -> Vec<Row> {
    let mut rows = vec![
        row(words.fact_text, &review.text),
        row(words.fact_rating, format!("{}/5", review.rating)),
    ];
    for (name, value) in [
        (words.fact_welcome, review.welcome),
        (words.fact_level, review.level),
        (words.fact_noise, review.noise),
    ] {
        rows.extend(value.map(|value| row(name, format!("{value}/5"))));
    }
    rows.push(row(words.fact_visited, &review.visited_on));
    rows
}

fn of_exception(exception: &ExceptionDraft, words: &'static Words) -> Vec<Row> {
    let change = match &exception.change {
        ChangeDraft::Cancelled => words.change_cancelled.to_owned(),
        ChangeDraft::Moved { to, starts, place } => {
            let parts = [Some(to.clone()), starts.clone(), place.clone()];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            format!("{} {}", words.change_moved, parts.join(", "))
        }
        ChangeDraft::Retimed { starts, .. } => format!("{} {starts}", words.change_retimed),
        ChangeDraft::Extra { starts, .. } => format!("{} {starts}", words.change_extra),
    };
    let mut rows = vec![row(words.fact_date, &exception.date), row(words.fact_change, change)];
    if !exception.reason.is_empty() {
        rows.push(row(words.fact_reason, &exception.reason));
    }
    rows
}

/// A schedule in words; one that can't be read, as it was sent.
fn schedule(draft: &ScheduleDraft, language: Language) -> String {
    let ScheduleDraft { starts, zone, rrule, .. } = draft;
    match Plain::of(draft) {
        Some(plain) => format!("{} ({zone})", plain.in_words(None, language)),
        None => format!("{rrule} {starts} ({zone})"),
    }
}

fn format_in_words(format: Format, site: &'static SiteWords) -> &'static str {
    match format {
        Format::Open => site.format_open,
        Format::ByInvitation => site.format_by_invitation,
        Format::Slow => site.format_slow,
        Format::Singing => site.format_singing,
        Format::Beginners => site.format_beginners,
        Format::Listening => site.format_listening,
    }
}

fn level_in_words(level: Level, site: &'static SiteWords) -> &'static str {
    match level {
        Level::Beginner => site.level_beginner,
        Level::Intermediate => site.level_intermediate,
        Level::Advanced => site.level_advanced,
        Level::Any => site.level_any,
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::{change::Authority, samples};

    use super::*;

    fn tables() -> Tables {
        let language = Language::En;
        Tables { own: &super::super::words::ENGLISH, site: language.words(), language }
    }

    #[test]
    fn a_session_shows_all_that_it_says() {
        let session =
            SessionDraft { description: "See www.example.com".into(), ..samples::session() };
        let rows = rows(&Sent::Session { session: session.clone() }, tables());
        let of = |name: &str| rows.iter().find(|row| row.name == name).map(|row| &*row.after);
        assert_eq!(of("Name"), Some(&*session.title));
        assert_eq!(of("Description"), Some("See www.example.com"));
        assert!(of("When").is_some_and(|when| when.contains("Thursday")), "{rows:?}");
        assert!(rows.iter().all(|row| row.before.is_none() && !row.after.is_empty()));
    }

    #[test]
    fn an_edit_shows_what_differs_alone() {
        let session = samples::session();
        let venue = VenueDraft { address: "2 Other Street".into(), ..session.venue.clone() };
        let before = Facts {
            venue: Some(session.venue.clone()),
            description: Some(String::new()),
            ..Facts::default()
        };
        let after = Facts {
            venue: Some(venue),
            description: Some("Bring a chair.".into()),
            ..before.clone()
        };
        let change = What::Edit { before, after };
        let rows = rows(&Sent::Change { authority: Authority::Member, change }, tables());
        assert_eq!(
            rows,
            [
                Row {
                    name: "Address",
                    before: Some(session.venue.address),
                    after: "2 Other Street".into()
                },
                Row {
                    name: "Description",
                    before: Some(String::new()),
                    after: "Bring a chair.".into()
                },
            ]
        );
    }

    #[test]
    fn a_schedule_that_cannot_be_read_is_shown_as_it_was_sent() {
        let draft = ScheduleDraft {
            rrule: "FREQ=HOURLY".into(),
            ..samples::session().schedules[0].clone()
        };
        assert!(schedule(&draft, Language::En).starts_with("FREQ=HOURLY "));
    }
}
