//! Venues, and the sessions played in them.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    calendar::{Calendar, ExceptionDraft},
    geo::Position,
    ids::{MemberId, SessionId},
    limits,
    problem::Problems,
    schedule::{Schedule, ScheduleDraft},
    slug, text,
};

/// Who may join in, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Anyone may play.
    Open,
    /// Ask the hosts first.
    ByInvitation,
    /// Tunes at an easy pace.
    Slow,
    /// Songs before tunes.
    Singing,
    /// For learners.
    Beginners,
    /// To listen to.
    Listening,
}

/// How well one should play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// First tunes.
    Beginner,
    /// Some repertoire.
    Intermediate,
    /// Session pace.
    Advanced,
    /// All welcome.
    Any,
}

/// A place where sessions are played, as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueDraft {
    /// Name over the door.
    #[schemars(length(min = 1, max = limits::NAME_CHARS_MAX))]
    pub name: String,
    /// Street and number.
    #[schemars(length(min = 1, max = limits::LINE_CHARS_MAX))]
    pub address: String,
    /// Town or city.
    #[schemars(length(min = 1, max = limits::LINE_CHARS_MAX))]
    pub town: String,
    /// County, state or region.
    #[schemars(length(min = 1, max = limits::LINE_CHARS_MAX))]
    pub county: String,
    /// ISO 3166-1 alpha-2 code.
    #[schemars(regex(pattern = "^[A-Za-z]{2}$"))]
    pub country: String,
    /// Where it is.
    pub position: Position,
    /// Whether one gets in without a step; `None` if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_free: Option<bool>,
    /// Whether there is an accessible toilet; `None` if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accessible_toilet: Option<bool>,
}

/// A session as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionDraft {
    /// What it is called.
    #[schemars(length(min = 1, max = limits::NAME_CHARS_MAX))]
    pub title: String,
    /// Where it is played.
    pub venue: VenueDraft,
    /// Who may join in.
    pub format: Format,
    /// How well one should play.
    pub level: Level,
    /// When it is on: at least one.
    #[schemars(length(min = 1, max = limits::SCHEDULES_MAX))]
    pub schedules: Vec<ScheduleDraft>,
    /// Free text.
    #[serde(default)]
    #[schemars(length(max = limits::DESCRIPTION_CHARS_MAX))]
    pub description: String,
    /// Instruments usually there.
    #[serde(default)]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub instruments: Vec<String>,
    /// Tunes often played.
    #[serde(default)]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub tunes: Vec<String>,
    /// `https` links.
    #[serde(default)]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub links: Vec<String>,
}

/// A validated session, ready to be listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The cleaned draft, which is what is stored.
    pub draft: SessionDraft,
    /// Its parsed schedules, as many as in the draft.
    pub schedules: Vec<Schedule>,
}

impl SessionDraft {
    /// Cleans and checks the draft.
    pub fn validate(&self) -> Result<Listing, Problems> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let venue = &self.venue;
        let country = text::clean_line(&venue.country).to_uppercase();
        if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
            p.add(
                "venue.country",
                "invalid_country",
                "must be a two-letter country code such as IE",
            );
        }
        venue.position.check("venue.position", p);
        if self.schedules.is_empty() {
            p.add("schedules", "missing", "say when the session is on");
        }
        if self.schedules.len() > limits::SCHEDULES_MAX {
            p.add("schedules", "too_many", format!("at most {} schedules", limits::SCHEDULES_MAX));
        }
        let schedules: Vec<_> = self
            .schedules
            .iter()
            .take(limits::SCHEDULES_MAX)
            .enumerate()
            .filter_map(|(n, draft)| draft.validate(&format!("schedules[{n}]"), p))
            .collect();
        let draft = Self {
            title: text::line(&self.title, "title", limits::NAME_CHARS_MAX, p),
            venue: VenueDraft {
                name: text::line(&venue.name, "venue.name", limits::NAME_CHARS_MAX, p),
                address: text::line(&venue.address, "venue.address", limits::LINE_CHARS_MAX, p),
                town: text::line(&venue.town, "venue.town", limits::LINE_CHARS_MAX, p),
                county: text::line(&venue.county, "venue.county", limits::LINE_CHARS_MAX, p),
                country,
                position: venue.position.rounded(),
                ..venue.clone()
            },
            description: text::paragraph(
                &self.description,
                "description",
                limits::DESCRIPTION_CHARS_MAX,
                p,
            ),
            instruments: lines(&self.instruments, "instruments", p),
            tunes: lines(&self.tunes, "tunes", p),
            links: links(&self.links, p),
            ..self.clone()
        };
        problems.or(Some(Listing { draft, schedules }))
    }
}

fn lines(list: &[String], field: &str, problems: &mut Problems) -> Vec<String> {
    if list.len() > limits::LIST_ENTRIES_MAX {
        problems.add(field, "too_many", format!("at most {} entries", limits::LIST_ENTRIES_MAX));
    }
    list.iter()
        .take(limits::LIST_ENTRIES_MAX)
        .enumerate()
        .map(|(n, entry)| {
            text::line(entry, &format!("{field}[{n}]"), limits::LINE_CHARS_MAX, problems)
        })
        .collect()
}

fn links(list: &[String], problems: &mut Problems) -> Vec<String> {
    let links = lines(list, "links", problems);
    for (n, link) in links.iter().enumerate() {
        let https = Url::parse(link).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        if !https {
            problems.add(&format!("links[{n}]"), "invalid_link", "must be an https:// address");
        }
    }
    links
}

/// The address part of a session's page: letters, digits and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// The slug that the title and town ask for.
    #[must_use]
    pub fn plain(draft: &SessionDraft) -> Self {
        let slug = slug::slugify(format!("{} {}", draft.title, draft.venue.town));
        let short: String = slug.chars().take(80).collect();
        let short = short.trim_matches('-');
        Self(if short.is_empty() { "session".into() } else { short.into() })
    }

    /// The slug to take when the plain one belongs to another session.
    #[must_use]
    pub fn distinct(draft: &SessionDraft, id: SessionId) -> Self {
        let ulid = id.to_string().to_lowercase();
        Self(format!("{}-{}", Self::plain(draft).0, &ulid[ulid.len().saturating_sub(6)..]))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a published session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// On.
    Live,
    /// Not on for now.
    Paused,
    /// Over for good.
    Ended,
    /// Not listed any more: taken away, or merged into another one.
    Withdrawn,
}

/// A verified host of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Who.
    pub member_id: MemberId,
    /// The name to show; none if they don't agree to be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_as: Option<String>,
}

/// A session as it is listed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Address of its page.
    pub slug: Slug,
    /// Where it stands.
    pub status: Status,
    /// Who added it.
    pub submitter: MemberId,
    /// What is listed.
    pub listing: SessionDraft,
    /// When it became public.
    pub published_at: Timestamp,
    /// When somebody last vouched for it: at first, its submitter.
    pub last_verified_at: Timestamp,
    /// Who found that it is gone, if nobody has found it on since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_gone: Option<FoundGone>,
    /// Single dates that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionDraft>,
    /// How often it was changed: iCalendar's SEQUENCE.
    #[serde(default)]
    pub sequence: u32,
    /// When it was last changed; `None` if it never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Its verified hosts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// How often its record was written over: what a writer expects to find.
    #[serde(default)]
    pub revision: u32,
    /// Where its readers are sent, once it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<SessionId>,
}

/// That somebody found a session gone: one alone may be wrong, or cross.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundGone {
    /// Who.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
}

impl Session {
    /// Whether somebody else than this member has found it gone.
    #[must_use]
    pub fn is_gone_to_others_than(&self, member: &MemberId) -> bool {
        self.found_gone.as_ref().is_some_and(|found| found.by != *member)
    }

    /// Whether it is public.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.status != Status::Withdrawn
    }

    /// When it is on.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::of(&self.listing.schedules, &self.exceptions)
    }
}

/// Whether two sessions are likely the same: close together, and named alike
/// (edit distance of at most 30 % of the longer name, or at most two words
/// that differ).
#[must_use]
pub fn is_duplicate(a: (&str, Position), b: (&str, Position)) -> bool {
    if a.1.distance_km(b.1) * 1000.0 > limits::DUPLICATE_METRES_MAX {
        return false;
    }
    let (left, right) =
        (text::clean_line(a.0).to_lowercase(), text::clean_line(b.0).to_lowercase());
    if strsim::normalized_levenshtein(&left, &right) >= 0.7 {
        return true;
    }
    let words =
        |s: &str| s.split(' ').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    let (left, right) = (words(&left), words(&right));
    // Two names of one or two words differ in at most two words whatever they
    // are, so something must be shared as well.
    left.intersection(&right).next().is_some() && left.symmetric_difference(&right).count() <= 2
}

/// Whether a likely duplicate is certain to be one: named the same and on at the
/// same time. Of what is only likely a person can tell.
#[must_use]
pub fn is_certain_duplicate(a: (&str, &[ScheduleDraft]), b: (&str, &[ScheduleDraft])) -> bool {
    let title = |title: &str| text::clean_line(title).to_lowercase();
    title(a.0) == title(b.0) && a.1.iter().any(|schedule| b.1.contains(schedule))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    #[test]
    fn a_duplicate_is_certain_with_its_name_and_its_time() {
        let session = samples::session();
        let (title, schedules) = (session.title.as_str(), session.schedules.as_slice());
        let mut later = schedules.to_vec();
        later[0].rrule = "FREQ=MONTHLY;BYDAY=1SU".into();
        let shouted = title.to_uppercase();
        for (other, its, certain) in [
            (title, schedules, true),
            (shouted.as_str(), schedules, true),
            (title, later.as_slice(), false),
            ("Thursday tunes again", schedules, false),
        ] {
            assert_eq!(is_certain_duplicate((title, schedules), (other, its)), certain, "{other}");
        }
    }

    #[test]
    fn a_good_draft_is_cleaned_and_listed() {
        let mut draft = samples::session();
        draft.venue.country = "ie".into();
        let listing = draft.validate().unwrap();
        assert_eq!(listing.draft.venue.country, "IE");
        assert_eq!(listing.schedules.len(), 1);
        assert_eq!(Slug::plain(&listing.draft).as_str(), "thursday-tunes-ennistymon");
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let mut bad = samples::session();
        bad.title = " \u{200B} ".into();
        bad.venue.country = "Ireland".into();
        bad.venue.position.lat = f64::NAN;
        bad.schedules.clear();
        bad.links = vec!["http://example.org".into()];
        bad.description = "x".repeat(limits::DESCRIPTION_CHARS_MAX + 1);
        let mut fields: Vec<_> =
            bad.validate().unwrap_err().0.into_iter().map(|p| p.field).collect();
        fields.sort();
        assert_eq!(
            fields,
            [
                "description",
                "links[0]",
                "schedules",
                "title",
                "venue.country",
                "venue.position.lat"
            ]
        );
    }

    #[test]
    fn duplicates_are_near_and_named_alike() {
        let here = Position { lat: 52.9412, lon: -9.2937 };
        let next_door = Position { lat: 52.9414, lon: -9.2937 };
        let far = Position { lat: 52.95, lon: -9.2937 };
        for (a, b, expected) in [
            (("Thursday tunes", here), ("Thursday Tunes", next_door), true),
            (("Thursday tunes", here), ("Thursday tunes", far), false),
            (("Thursday tunes at the Latch", here), ("Thursday tunes", next_door), false),
            (("Latch Thursday tunes", here), ("Thursday tunes", next_door), true),
            (("Slow session", here), ("Singing circle", next_door), false),
        ] {
            assert_eq!(is_duplicate(a, b), expected, "{} ~ {}", a.0, b.0);
            assert_eq!(is_duplicate(b, a), expected, "{} ~ {}", b.0, a.0);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_validates_or_says_why(title in "\\PC{0,200}", town in "\\PC{0,200}", link in "\\PC{0,40}") {
            let mut draft = samples::session();
            draft.title = title;
            draft.venue.town = town;
            draft.links = vec![link];
            match draft.validate() {
                Ok(listing) => {
                    let slug = Slug::plain(&listing.draft);
                    prop_assert!(!slug.as_str().is_empty());
                    prop_assert!(slug.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
                    // What was accepted once is accepted again, unchanged.
                    prop_assert_eq!(listing.draft.validate().unwrap().draft, listing.draft);
                }
                Err(problems) => prop_assert!(!problems.0.is_empty()),
            }
        }
    }
}
