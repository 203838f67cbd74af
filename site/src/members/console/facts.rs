//! What waits, read from the API's answers as they are, and what was sent as rows
//! of facts: plain words, never links, so that nobody is led anywhere by what is
//! not approved.
//!
//! The contract's types ([`CaseView`](seisiun_contracts::api::CaseView)) would
//! bring along how each of their fields is checked, which weighs as much as the
//! console. Tests hold the two together.

use seisiun_domain::{case::CaseKind, schedule::ScheduleDraft};
use serde_json::Value;

use super::words::Words;
use crate::{Language, members::schedule::Plain, words::Words as SiteWords};

/// A case of the queue.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub(super) id: String,
    pub(super) kind: CaseKind,
    /// Whether its submitter asks for another look.
    pub(super) appealed: bool,
    /// Whose it is.
    pub(super) submitter: String,
    /// How many things have happened to it: what a decision says that it has seen.
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side decides"))]
    pub(super) version: Option<u64>,
    pub(super) title: String,
    pub(super) grounds: Vec<String>,
    /// RFC 3339.
    pub(super) opened_at: String,
}

/// A part of an answer, as text; nothing if it is none.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A list of texts.
fn texts(value: &Value, name: &str) -> Vec<String> {
    let list = value.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

impl Case {
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
    fn of(value: &Value) -> Self {
        Self {
            id: text(value, "id").to_owned(),
            kind: if text(value, "kind") == "notice" {
                CaseKind::Notice
            } else {
                CaseKind::Submission
            },
            appealed: value.get("appeal").is_some_and(|appeal| !appeal.is_null()),
            submitter: text(value, "submitter").to_owned(),
            version: value["version"].as_u64(),
            title: text(value, "title").to_owned(),
            grounds: texts(value, "grounds"),
            opened_at: text(value, "opened_at").to_owned(),
        }
    }

    /// The cases of an answer.
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
    pub(super) fn all(answer: &Value) -> Vec<Self> {
        let cases = answer.get("cases").and_then(Value::as_array);
        cases.into_iter().flatten().map(Self::of).collect()
    }
}

/// A case with what it is about.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub(super) case: Case,
    answer: Value,
}

/// What a submitter has against a decision.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appeal<'a> {
    /// In their own words.
    pub(super) words: &'a str,
    /// The rule that was named at first.
    pub(super) reason: &'a str,
    /// What the moderator wrote then.
    pub(super) note: &'a str,
}

/// What is said of a notice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notice<'a> {
    pub(super) url: &'a str,
    pub(super) reason: &'a str,
}

/// A photo that waits.
#[derive(Debug, Clone)]
pub(super) struct HeldPhoto {
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks for it"))]
    pub(super) id: String,
    /// What there is to see of it; none if nobody can see it.
    pub(super) seen: Option<Seen>,
    pub(super) grounds: Vec<String>,
}

/// What one sees of a photo before one asks for it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) width: u64,
    pub(super) height: u64,
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side draws it"))]
    pub(super) thumbhash: String,
}

impl Sight {
    /// The answer, if it is one of a case.
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
    pub(super) fn of(answer: Value) -> Option<Self> {
        let case = Case::of(answer.get("case")?);
        let is_one = !case.id.is_empty() && answer.get("sent").is_some();
        is_one.then_some(Self { case, answer })
    }

    fn sent(&self) -> &Value {
        &self.answer["sent"]
    }

    /// What kind of thing was sent, as the API names it.
    pub(super) fn kind(&self) -> &str {
        text(self.sent(), "kind")
    }

    /// Of a change, what its member was to the session.
    pub(super) fn authority(&self) -> &str {
        text(self.sent(), "authority")
    }

    /// Of a notice, what it is about.
    pub(super) fn notice(&self) -> Option<Notice<'_>> {
        let sent = self.sent();
        let is_one = self.kind() == "notice";
        is_one.then(|| Notice { url: text(sent, "url"), reason: text(sent, "reason") })
    }

    /// Address and name of the session that it is about.
    pub(super) fn about(&self) -> Option<(&str, &str)> {
        let about = self.answer.get("about")?;
        Some((about.get("slug")?.as_str()?, about.get("title")?.as_str()?))
    }

    /// What can be put right in it before it is published, as it would be now: name
    /// and description; of a session alone.
    pub(super) fn words(&self) -> Option<(&str, &str)> {
        let session = (self.kind() == "session").then(|| self.sent().get("session"))??;
        let edits = &self.answer["case"]["edits"];
        let word = |name| match edits.get(name).and_then(Value::as_str) {
            Some(right) => right,
            None => text(session, name),
        };
        Some((word("title"), word("description")))
    }

    /// Whether anything was put right.
    pub(super) fn is_put_right(&self) -> bool {
        self.answer["case"]["edits"].is_object()
    }

    /// The case as it is by what was just done to it.
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side asks"))]
    pub(super) fn with(mut self, case: Value) -> Self {
        self.case = Case::of(&case);
        self.answer["case"] = case;
        self
    }

    /// What its submitter has against how it was decided first.
    pub(super) fn appeal(&self) -> Option<Appeal<'_>> {
        let case = &self.answer["case"];
        let words = text(case.get("appeal")?, "words");
        let first = &case["decision"];
        Some(Appeal { words, reason: text(first, "reason"), note: text(first, "note") })
    }

    /// What has happened to it, and when.
    pub(super) fn history(&self) -> Vec<(String, String)> {
        let events = self.answer.get("history").and_then(Value::as_array);
        let event = |value| (text(value, "what").to_owned(), text(value, "at").to_owned());
        events.into_iter().flatten().map(event).collect()
    }

    /// The photos that came with it.
    #[cfg_attr(engine, allow(dead_code, reason = "the browser's side draws them"))]
    pub(super) fn photos(&self) -> Vec<HeldPhoto> {
        let photos = self.answer.get("photos").and_then(Value::as_array);
        let photo = |value: &Value| HeldPhoto {
            id: text(value, "id").to_owned(),
            seen: value.get("seen").and_then(|seen| {
                Some(Seen {
                    width: seen.get("width")?.as_u64()?,
                    height: seen.get("height")?.as_u64()?,
                    thumbhash: text(seen, "thumbhash").to_owned(),
                })
            }),
            grounds: texts(value, "grounds"),
        };
        photos.into_iter().flatten().map(photo).collect()
    }
}

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
pub(super) fn rows(sight: &Sight, tables: Tables) -> Vec<Row> {
    let words = tables.own;
    let sent = sight.sent();
    let change = &sent["change"];
    match (sight.kind(), text(change, "what")) {
        ("session", _) => of_facts(&sent["session"], tables),
        ("review", _) => of_review(&sent["review"], words),
        ("change", "edit") => difference(&change["before"], &change["after"], tables),
        ("change", "set_date") => of_exception(&change["exception"], words),
        ("change", "undo_date") => vec![
            row(words.fact_date, text(change, "date")),
            row(words.fact_change, words.change_undone),
        ],
        ("change", "confirm") => {
            let finding = match text(change, "finding") {
                "on" => words.finding_on,
                "not_on" => words.finding_not_on,
                "gone" => words.finding_gone,
                other => other,
            };
            vec![row(words.fact_date, text(change, "date")), row(words.fact_finding, finding)]
        }
        ("change", "claim_host") => filled(vec![
            row(words.fact_evidence, text(change, "evidence")),
            row(words.fact_shown_as, text(change, "shown_as")),
        ]),
        ("notice", _) => vec![row(words.fact_explanation, text(sent, "explanation"))],
        // Of a later release than this program: as it is.
        _ => vec![row(words.fact_text, sent.to_string())],
    }
}

/// What is left open is no fact.
fn filled(mut rows: Vec<Row>) -> Vec<Row> {
    rows.retain(|row| !row.after.is_empty());
    rows
}

/// Those facts of a session that are there.
fn of_facts(facts: &Value, tables: Tables) -> Vec<Row> {
    let Tables { own: words, site, language } = tables;
    let mut rows = vec![row(words.fact_title, text(facts, "title"))];
    if let Some(venue) = facts.get("venue") {
        rows.extend(of_venue(venue, words));
    }
    let when: Vec<String> = facts
        .get("schedules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|one| schedule(one, language))
        .collect();
    rows.extend([
        row(words.fact_format, format_in_words(text(facts, "format"), site)),
        row(words.fact_level, level_in_words(text(facts, "level"), site)),
        row(words.fact_schedule, when.join("\n")),
        row(words.fact_description, text(facts, "description")),
        row(words.fact_instruments, texts(facts, "instruments").join(", ")),
        row(words.fact_tunes, texts(facts, "tunes").join(", ")),
        row(words.fact_links, texts(facts, "links").join("\n")),
        row(
            words.fact_status,
            match text(facts, "status") {
                "live" => words.status_live,
                "paused" => words.status_paused,
                "ended" => words.status_ended,
                "withdrawn" => words.status_withdrawn,
                other => other,
            },
        ),
    ]);
    filled(rows)
}

fn of_venue(venue: &Value, words: &'static Words) -> Vec<Row> {
    let part = |name| text(venue, name);
    let position = &venue["position"];
    let degrees = |name: &str| position.get(name).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let is = |name: &str| match venue.get(name).and_then(Value::as_bool) {
        Some(true) => words.yes,
        Some(false) => words.no,
        None => "",
    };
    vec![
        row(words.fact_venue, part("name")),
        row(words.fact_address, part("address")),
        row(
            words.fact_region,
            format!("{}, {}, {}", part("town"), part("county"), part("country")),
        ),
        row(words.fact_position, format!("{:.5}, {:.5}", degrees("lat"), degrees("lon"))),
        row(words.fact_step_free, is("step_free")),
        row(words.fact_toilet, is("accessible_toilet")),
    ]
}

/// What changes, each fact as it was and as it should be.
fn difference(before: &Value, after: &Value, tables: Tables) -> Vec<Row> {
    let (before, after) = (of_facts(before, tables), of_facts(after, tables));
    let find = |rows: &[Row], name: &str| {
        rows.iter().find(|row| row.name == name).map(|row| row.after.clone()).unwrap_or_default()
    };
    let mut names: Vec<&'static str> = Vec::new();
    for row in after.iter().chain(&before) {
        if !names.contains(&row.name) {
            names.push(row.name);
        }
    }
    names
        .into_iter()
        .map(|name| Row { name, before: Some(find(&before, name)), after: find(&after, name) })
        // A venue is sent as a whole; of it, what differs.
        .filter(|row| row.before.as_deref() != Some(row.after.as_str()))
        .collect()
}

fn of_review(review: &Value, words: &'static Words) -> Vec<Row> {
    let of_five = |name: &str| match review.get(name).and_then(Value::as_u64) {
        Some(value) => format!("{value}/5"),
        None => String::new(),
    };
    filled(vec![
        row(words.fact_text, text(review, "text")),
        row(words.fact_rating, of_five("rating")),
        row(words.fact_welcome, of_five("welcome")),
        row(words.fact_level, of_five("level")),
        row(words.fact_noise, of_five("noise")),
        row(words.fact_visited, text(review, "visited_on")),
    ])
}

fn of_exception(exception: &Value, words: &'static Words) -> Vec<Row> {
    let change = &exception["change"];
    let starts = text(change, "starts");
    let how = match text(change, "kind") {
        "cancelled" => words.change_cancelled.to_owned(),
        "moved" => {
            let mut how = format!("{} {}", words.change_moved, text(change, "to"));
            for more in [starts, text(change, "place")] {
                if !more.is_empty() {
                    how = format!("{how}, {more}");
                }
            }
            how
        }
        "retimed" => format!("{} {starts}", words.change_retimed),
        "extra" => format!("{} {starts}", words.change_extra),
        other => other.to_owned(),
    };
    filled(vec![
        row(words.fact_date, text(exception, "date")),
        row(words.fact_change, how),
        row(words.fact_reason, text(exception, "reason")),
    ])
}

/// A schedule in words; one that can't be read, as it was sent.
fn schedule(draft: &Value, language: Language) -> String {
    let zone = text(draft, "zone");
    let plain = serde_json::from_value::<ScheduleDraft>(draft.clone()).ok();
    match plain.as_ref().and_then(Plain::of) {
        Some(plain) => format!("{} ({zone})", plain.in_words(None, language)),
        None => format!("{} {} ({zone})", text(draft, "rrule"), text(draft, "starts")),
    }
}

fn format_in_words<'a>(format: &'a str, site: &'static SiteWords) -> &'a str {
    match format {
        "open" => site.format_open,
        "by_invitation" => site.format_by_invitation,
        "slow" => site.format_slow,
        "singing" => site.format_singing,
        "beginners" => site.format_beginners,
        "listening" => site.format_listening,
        other => other,
    }
}

fn level_in_words<'a>(level: &'a str, site: &'static SiteWords) -> &'a str {
    match level {
        "beginner" => site.level_beginner,
        "intermediate" => site.level_intermediate,
        "advanced" => site.level_advanced,
        "any" => site.level_any,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use seisiun_contracts::api::{AboutSession, CaseView, HeldPhoto, HeldPhotoSize, Sent};
    use seisiun_domain::{
        calendar::{ChangeDraft, ExceptionDraft},
        case,
        change::{Authority, Facts, Finding, What},
        notice::NoticeReason,
        samples,
        session::{Format, Level, SessionDraft, Slug, Status, VenueDraft},
    };

    use super::*;

    fn tables() -> Tables {
        let language = Language::En;
        Tables { own: &super::super::words::ENGLISH, site: language.words(), language }
    }

    /// A case about this, as the API answers it.
    fn sight(sent: Sent) -> Sight {
        let kind = match sent {
            Sent::Notice { .. } => CaseKind::Notice,
            _ => CaseKind::Submission,
        };
        let facts = case::Facts {
            kind,
            submitter: "ann".parse().unwrap(),
            about: None,
            title: "Thursday tunes".into(),
            grounds: vec!["link_in_text".into()],
        };
        let (id, at) = ("01J9ZZZZZZZZZZZZZZZZZZZZZZ", "2026-11-24T12:00:00Z");
        let opened = case::Case::open(id.parse().unwrap(), at.parse().unwrap(), facts);
        let mut case = opened.clone();
        let (measure, reason) = (case::Measure::Reject, case::Reason::Spam);
        // Nobody appeals what a notice came to.
        let happened = if kind == CaseKind::Notice { 0 } else { 2 };
        let history = [
            ("bo", case::What::Decided { measure, reason, note: "Ads.".into() }),
            ("ann", case::What::Appealed { words: "No.".into() }),
        ];
        let mut history: Vec<_> = history
            .into_iter()
            .take(happened)
            .map(|(by, what)| {
                let event = case.next(case.opened_at, by.parse().ok(), what);
                case = case.apply(&event).unwrap();
                event
            })
            .collect();
        history.insert(0, opened.opening());
        let view = CaseView {
            case,
            history,
            sent,
            about: Some(AboutSession {
                slug: Slug::plain(&samples::session()),
                title: "Thursday tunes".into(),
            }),
            photos: vec![
                HeldPhoto {
                    id: "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(),
                    seen: Some(HeldPhotoSize { width: 3, height: 2, thumbhash: "abc".into() }),
                    grounds: vec!["Explicit 96.1 %".into()],
                },
                HeldPhoto {
                    id: "01J9ZZZZZZZZZZZZZZZZZZZZZY".parse().unwrap(),
                    seen: None,
                    grounds: vec![],
                },
            ],
        };
        Sight::of(serde_json::to_value(view).unwrap()).unwrap()
    }

    fn shown(sent: Sent) -> Vec<(&'static str, String)> {
        let rows = rows(&sight(sent), tables());
        rows.into_iter().map(|row| (row.name, row.after)).collect()
    }

    #[test]
    fn a_case_is_read_as_the_contract_writes_it() {
        let sight = sight(Sent::Session { session: samples::session() });
        assert_eq!(
            sight.case,
            Case {
                id: "01J9ZZZZZZZZZZZZZZZZZZZZZZ".into(),
                kind: CaseKind::Submission,
                appealed: true,
                submitter: "ann".into(),
                version: Some(3),
                title: "Thursday tunes".into(),
                grounds: vec!["link_in_text".into()],
                opened_at: "2026-11-24T12:00:00Z".into(),
            }
        );
        let (title, description) = sight.words().unwrap();
        assert_eq!(
            (title, description),
            (&*samples::session().title, &*samples::session().description)
        );
        let edits = serde_json::json!({ "description": "Tunes." });
        let mut case = sight.answer["case"].clone();
        case["edits"] = edits;
        assert_eq!(sight.clone().with(case).words().unwrap().1, "Tunes.");
        let appeal = sight.appeal().unwrap();
        assert_eq!((appeal.words, appeal.reason, appeal.note), ("No.", "spam", "Ads."));
        let history: Vec<_> = sight.history().into_iter().map(|(what, _)| what).collect();
        assert_eq!(history, ["opened", "decided", "appealed"]);
        assert_eq!(sight.about(), Some(("thursday-tunes-ennistymon", "Thursday tunes")));
        let photos = sight.photos();
        let seen = photos[0].seen.as_ref().unwrap();
        assert_eq!((seen.width, seen.height, &*seen.thumbhash), (3, 2, "abc"));
        assert_eq!(photos[0].grounds, ["Explicit 96.1 %"]);
        assert!(photos[1].seen.is_none() && photos.len() == 2);
        let queue = serde_json::json!({ "cases": [sight.answer["case"]] });
        assert_eq!(Case::all(&queue), [sight.case]);
        assert!(Sight::of(Value::Null).is_none());
    }

    #[test]
    fn a_session_shows_all_that_it_says() {
        let mut session = samples::session();
        session.description = "See www.example.com".into();
        session.instruments = vec!["fiddle".into(), "flute".into()];
        session.links = vec!["https://example.org/".into()];
        session.venue.step_free = Some(false);
        let rows = shown(Sent::Session { session: session.clone() });
        let of = |name: &str| rows.iter().find(|row| row.0 == name).map(|row| &*row.1);
        assert_eq!(of("Name"), Some(&*session.title));
        assert_eq!(of("Description"), Some("See www.example.com"));
        assert_eq!(of("Instruments"), Some("fiddle, flute"));
        assert_eq!(of("Links"), Some("https://example.org/"));
        assert_eq!(of("Step-free"), Some("no"));
        assert_eq!(of("Accessible toilet"), None);
        assert!(of("When").is_some_and(|when| when.contains("Thursday")), "{rows:?}");
    }

    #[test]
    fn every_kind_of_session_is_said_in_words() {
        for format in [
            Format::Open,
            Format::ByInvitation,
            Format::Slow,
            Format::Singing,
            Format::Beginners,
            Format::Listening,
        ] {
            let name = serde_json::to_value(format).unwrap();
            let name = name.as_str().unwrap();
            assert_ne!(format_in_words(name, Language::En.words()), name);
        }
        for level in [Level::Beginner, Level::Intermediate, Level::Advanced, Level::Any] {
            let name = serde_json::to_value(level).unwrap();
            let name = name.as_str().unwrap();
            assert_ne!(level_in_words(name, Language::En.words()), name);
        }
    }

    #[test]
    fn an_edit_shows_what_differs_alone() {
        let SessionDraft { venue, .. } = samples::session();
        let before = Facts {
            venue: Some(venue.clone()),
            description: Some(String::new()),
            status: Some(Status::Live),
            ..Facts::default()
        };
        let after = Facts {
            venue: Some(VenueDraft { address: "2 Other Street".into(), ..venue.clone() }),
            description: Some("Bring a chair.".into()),
            status: Some(Status::Paused),
            ..Facts::default()
        };
        let change = What::Edit { before, after };
        let sight = sight(Sent::Change { authority: Authority::Trusted, change });
        assert_eq!((sight.kind(), sight.authority()), ("change", "trusted"));
        let row = |name, before: &str, after: &str| Row {
            name,
            before: Some(before.to_owned()),
            after: after.to_owned(),
        };
        assert_eq!(
            rows(&sight, tables()),
            [
                row("Address", &venue.address, "2 Other Street"),
                row("Description", "", "Bring a chair."),
                row("Standing", "on", "paused"),
            ]
        );
    }

    #[test]
    fn all_else_that_is_sent_is_said_in_words() {
        let changed = |change| shown(Sent::Change { authority: Authority::Member, change });
        let on = |date: &str| ("Date", date.to_owned());
        let exception = |change| ExceptionDraft {
            schedule: 0,
            date: "2026-11-26".into(),
            change,
            reason: "A wedding".into(),
        };
        let moved = ChangeDraft::Moved {
            to: "2026-11-27".into(),
            starts: None,
            place: Some("upstairs".into()),
        };
        for (change, how) in [
            (ChangeDraft::Cancelled, "called off"),
            (moved, "moved to 2026-11-27, upstairs"),
            (
                ChangeDraft::Retimed { starts: "20:00".into(), duration_minutes: None },
                "begins at 20:00",
            ),
            (
                ChangeDraft::Extra { starts: "20:00".into(), duration_minutes: 60 },
                "extra, at 20:00",
            ),
        ] {
            assert_eq!(
                changed(What::SetDate { exception: exception(change) }),
                [
                    on("2026-11-26"),
                    ("What is different", how.to_owned()),
                    ("Why", "A wedding".to_owned())
                ]
            );
        }
        let undo = What::UndoDate { schedule: 0, date: "2026-11-26".into() };
        assert_eq!(changed(undo)[1].1, "as its schedule has it");
        for (finding, said) in [
            (Finding::On, "it was on"),
            (Finding::NotOn, "it was not on"),
            (Finding::Gone, "it is gone"),
        ] {
            let confirm = What::Confirm { finding, date: "2026-11-26".into() };
            assert_eq!(changed(confirm)[1].1, said);
        }
        let claim = What::ClaimHost { evidence: "Ask at the bar".into(), shown_as: None };
        assert_eq!(changed(claim).len(), 1);
        let review = samples::review("01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap());
        let rating = format!("{}/5", review.rating);
        assert!(shown(Sent::Review { review }).contains(&("Rating", rating)));
        let notice = Sent::Notice {
            url: "https://seisiun.example/sessions/x/".into(),
            reason: NoticeReason::Privacy,
            explanation: "It names my neighbour.".into(),
        };
        let seen = sight(notice.clone());
        assert_eq!(seen.words(), None, "nobody puts a notice right");
        let said = seen.notice().unwrap();
        assert_eq!((said.url, said.reason), ("https://seisiun.example/sessions/x/", "privacy"));
        assert_eq!(shown(notice), [("In their words", "It names my neighbour.".to_owned())]);
    }

    #[test]
    fn a_schedule_that_cannot_be_read_is_shown_as_it_was_sent() {
        let mut draft = serde_json::to_value(&samples::session().schedules[0]).unwrap();
        draft["rrule"] = "FREQ=HOURLY".into();
        assert!(schedule(&draft, Language::En).starts_with("FREQ=HOURLY "));
        assert_eq!(schedule(&Value::Null, Language::En), "  ()");
    }
}
