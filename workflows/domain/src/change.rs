//! What members change about a session that is listed: its facts, a single
//! date, who hosts it, and whether it was on.
//!
//! A change is asked for as a draft, checked against the session and stored
//! with what it found there and what its member may do; so whatever happens
//! later is derived from what is stored. [`Session::changed`] makes the session
//! that it leaves behind, or says why it no longer fits.

use jiff::{Timestamp, ToSpan, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Exception, ExceptionDraft},
    case::Reason,
    ids::{MemberId, SessionId},
    limits,
    moderation::{Policy, Standing},
    problem::Problems,
    schedule::{ScheduleDraft, parse_date},
    session::{Format, FoundGone, Host, Level, Session, SessionDraft, Status, VenueDraft},
    text,
};

/// A change as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The session.
    pub session_id: SessionId,
    /// What its member was to the session when they asked.
    pub authority: Authority,
    /// What changes.
    #[serde(flatten)]
    pub what: What,
}

/// What a member is to a session. Ordered: who is more may do more.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// Anybody with an account.
    Member,
    /// Somebody whose contributions were published before.
    // By the table of trust, `moderation::TRUST`. This is in the API's document.
    Trusted,
    /// Who added it.
    Submitter,
    /// One of its verified hosts.
    Host,
}

impl Authority {
    /// What a member is to this session at `at`, with what became of what they
    /// sent before. Who is trusted is said by the moderation policy's table.
    #[must_use]
    pub fn of(member: &MemberId, session: &Session, standing: &Standing, at: Timestamp) -> Self {
        let policy = Policy::CURRENT;
        if session.hosts.iter().any(|host| host.member_id == *member) {
            Self::Host
        } else if session.submitter == *member {
            Self::Submitter
        } else if policy.row(policy.tier(standing, false, at)).edits_unseen {
            Self::Trusted
        } else {
            Self::Member
        }
    }

    /// Whether they may say at once what is different on a single evening.
    #[must_use]
    pub fn may_change_dates(self) -> bool {
        self >= Self::Trusted
    }

    /// Whether what they edit is public without a person having looked.
    #[must_use]
    pub fn may_edit_unseen(self) -> bool {
        self >= Self::Trusted
    }
}

/// What changes.
#[allow(
    clippy::large_enum_variant,
    reason = "few are held at a time; a box would show in every match"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Facts of the listing; none of them where only photos are added.
    Edit {
        /// Those facts as they were, so that a later change of the same ones is
        /// not undone unseen, and a moderator sees the difference.
        before: Facts,
        /// As they should be.
        after: Facts,
    },
    /// One date differs from its schedule.
    SetDate {
        /// How.
        exception: ExceptionDraft,
    },
    /// A date is as its schedule has it after all.
    UndoDate {
        /// Index of the schedule.
        schedule: u8,
        /// The date, `YYYY-MM-DD`.
        date: String,
    },
    /// Somebody was there.
    Confirm {
        /// What they found.
        finding: Finding,
        /// The evening, `YYYY-MM-DD`.
        date: String,
    },
    /// Its member hosts it.
    ClaimHost {
        /// How a moderator can tell.
        evidence: String,
        /// The name to show as host's; none if they don't agree to be named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown_as: Option<String>,
    },
}

/// What somebody found who went there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// It was on.
    On,
    /// It was not on that evening.
    NotOn,
    /// It is gone for good.
    Gone,
}

/// A member's latest confirmation of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Who.
    pub member_id: MemberId,
    /// What they found.
    pub finding: Finding,
    /// On which evening, `YYYY-MM-DD`.
    pub date: String,
    /// When they said so.
    pub at: Timestamp,
}

/// Some facts of a listing: those that are there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::NAME_CHARS_MAX))]
    pub title: Option<String>,
    /// Where it is played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueDraft>,
    /// Who may join in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// How well one should play.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// When it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SCHEDULES_MAX))]
    pub schedules: Option<Vec<ScheduleDraft>>,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::DESCRIPTION_CHARS_MAX))]
    pub description: Option<String>,
    /// Instruments usually there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub instruments: Option<Vec<String>>,
    /// Tunes often played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub tunes: Option<Vec<String>>,
    /// `https` links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::LIST_ENTRIES_MAX))]
    pub links: Option<Vec<String>>,
    /// Where it stands: `live`, `paused` or `ended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<EditableStatus>")]
    pub status: Option<Status>,
}

/// The standings that an edit may set; the others come by other ways.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case", inline)]
#[allow(dead_code, reason = "it stands for a schema")]
enum EditableStatus {
    Live,
    Paused,
    Ended,
}

/// Keeps a fact of `all` where `asked` names one.
macro_rules! each_fact {
    ($macro:ident) => {
        $macro!(title, venue, format, level, schedules, description, instruments, tunes, links)
    };
}

impl Facts {
    /// The facts of this session that `self` names.
    #[must_use]
    pub fn found_in(&self, session: &Session) -> Self {
        let listing = &session.listing;
        macro_rules! found {
            ($($fact:ident),*) => {
                Self {
                    $($fact: self.$fact.as_ref().map(|_| listing.$fact.clone()),)*
                    status: self.status.map(|_| session.status),
                }
            };
        }
        each_fact!(found)
    }

    /// The listing with these facts in it.
    #[must_use]
    pub(crate) fn put_into(&self, listing: &SessionDraft) -> SessionDraft {
        macro_rules! put {
            ($($fact:ident),*) => {
                SessionDraft {
                    $($fact: self.$fact.clone().unwrap_or_else(|| listing.$fact.clone()),)*
                }
            };
        }
        each_fact!(put)
    }

    /// Cleans and checks the facts, as part of this session.
    fn validate(&self, session: &Session) -> Result<Self, Problems> {
        let settable =
            matches!(self.status, None | Some(Status::Live | Status::Paused | Status::Ended));
        if !settable {
            let why = "must be live, paused or ended";
            return Err(Problems::one("changes.status", "not_settable", why));
        }
        let listing = self.put_into(&session.listing).validate().map_err(|mut problems| {
            for problem in &mut problems.0 {
                problem.field.insert_str(0, "changes.");
            }
            problems
        })?;
        let clean = Session { listing: listing.draft, ..session.clone() };
        Ok(Self { status: self.status, ..self.found_in(&clean) })
    }

    /// What was typed freely.
    fn texts(&self) -> Vec<&str> {
        let venue = self.venue.iter();
        let lines = venue.flat_map(|v| [&v.name, &v.address, &v.town, &v.county]);
        let lists = self.instruments.iter().chain(&self.tunes).flatten();
        let texts = self.title.iter().chain(&self.description).chain(lines).chain(lists);
        texts.map(String::as_str).collect()
    }
}

/// What a member asks for, as it was sent.
#[allow(
    clippy::large_enum_variant,
    reason = "few are held at a time; a box would show in every match"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// Facts to change.
    Edit(Facts),
    /// How a date differs.
    SetDate(ExceptionDraft),
    /// A date to put back.
    UndoDate {
        /// Index of the schedule.
        schedule: u8,
        /// The date.
        date: String,
    },
    /// What was found.
    Confirm {
        /// What.
        finding: Finding,
        /// On which evening.
        date: String,
    },
    /// A claim to host it.
    ClaimHost {
        /// How a moderator can tell.
        evidence: String,
        /// Whether they agree to be named, and as what.
        shown_as: Option<String>,
    },
}

impl Draft {
    /// Cleans the draft, checks it against the session and notes what it found
    /// there.
    pub fn validate(
        &self,
        session: &Session,
        authority: Authority,
        now: Timestamp,
    ) -> Result<Change, Problems> {
        let mut problems = Problems::default();
        let p = &mut problems;
        let what = match self {
            Self::Edit(facts) => {
                let after = facts.validate(session)?;
                Some(What::Edit { before: after.found_in(session), after })
            }
            Self::SetDate(draft) => {
                let exception = draft.validate("exception", p);
                if let Some(exception) = &exception {
                    session.calendar().check(exception, now)?;
                }
                exception.map(|exception| What::SetDate { exception: exception.into() })
            }
            Self::UndoDate { schedule, date } => {
                let parsed = day(date, p);
                let differs = |date: Date| {
                    let calendar = session.calendar();
                    let mut all = calendar.exceptions().iter();
                    all.any(|one| (one.schedule, one.date) == (usize::from(*schedule), date))
                };
                if parsed.is_some_and(|date| !differs(date)) {
                    p.add("date", "as_usual", "nothing is different on that date");
                }
                parsed.map(|date| What::UndoDate { schedule: *schedule, date: date.to_string() })
            }
            Self::Confirm { finding, date } => {
                let parsed = day(date, p);
                // A day of grace for who lives east of us.
                let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
                let latest = today.tomorrow().unwrap_or(today);
                let earliest = today.saturating_sub(limits::CONFIRMED_DAYS_BACK_MAX.days());
                if parsed.is_some_and(|date| date > latest) {
                    p.add("date", "in_the_future", "must not be in the future");
                } else if parsed.is_some_and(|date| date < earliest) {
                    p.add("date", "too_long_ago", "must be within the last sixty days");
                }
                parsed.map(|date| What::Confirm { finding: *finding, date: date.to_string() })
            }
            Self::ClaimHost { evidence, shown_as } => {
                let evidence_max = limits::EVIDENCE_CHARS_MAX;
                let evidence = text::paragraph(evidence, "evidence", evidence_max, p);
                if evidence.is_empty() {
                    p.add("evidence", "missing", "say how a moderator can tell that you host it");
                }
                let name_max = limits::DISPLAY_NAME_CHARS_MAX;
                let shown_as =
                    shown_as.as_ref().map(|name| text::line(name, "shown_as", name_max, p));
                if authority == Authority::Host {
                    p.add("evidence", "host_already", "you are one of its hosts already");
                } else if session.hosts.len() >= limits::HOSTS_MAX {
                    p.add("evidence", "too_many", format!("at most {} hosts", limits::HOSTS_MAX));
                }
                Some(What::ClaimHost { evidence, shown_as })
            }
        };
        let what = problems.or(what)?;
        Ok(Change { session_id: session.id, authority, what })
    }
}

fn day(date: &str, problems: &mut Problems) -> Option<Date> {
    let parsed = parse_date(date);
    if parsed.is_none() {
        problems.add("date", "invalid_date", "must be a date such as 2026-01-31");
    }
    parsed
}

/// What followers of a session hear of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    /// It is new: for who follows its area or its member, too.
    #[default]
    NewSession,
    /// One date differs.
    DateChanged {
        /// How.
        exception: ExceptionDraft,
    },
    /// A date is as usual after all.
    DateRestored {
        /// Index of the schedule.
        schedule: u8,
        /// The date, `YYYY-MM-DD`.
        date: String,
    },
    /// It is on at other times, or elsewhere.
    Rescheduled,
    /// It is not on for now.
    Paused,
    /// It is on again.
    Resumed,
    /// It is over for good.
    Ended,
}

/// What a change leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The session.
    pub session: Session,
    /// What its followers should hear, if anything.
    pub news: Option<News>,
    /// What was found, to be kept beside it.
    pub confirmation: Option<Confirmation>,
}

impl Changed {
    /// With the session ended: a moderator has decided that those are right who
    /// find it gone.
    #[must_use]
    pub fn ending(mut self, now: Timestamp) -> Self {
        if self.session.status != Status::Ended {
            self.session.status = Status::Ended;
            self.session.note_change(now);
            self.news = Some(News::Ended);
        }
        self
    }
}

/// Why a change no longer fits: a reason and the facts.
pub type Refusal = (Reason, String);

impl Session {
    /// The session with this change by this member in it. A repeat on what it
    /// left behind leaves the same.
    pub fn changed(
        &self,
        change: &Change,
        by: &MemberId,
        now: Timestamp,
    ) -> Result<Changed, Refusal> {
        if !self.is_listed() {
            let facts = "The session that it is about is not listed any more.";
            return Err((Reason::NoSuchSession, facts.into()));
        }
        let mut session = self.clone();
        session.revision = session.revision.saturating_add(1);
        let mut news = None;
        let mut confirmation = None;
        match &change.what {
            What::Edit { before, after } => {
                session = self.edited(session, before, after, now)?;
                news = self.news_of(&session);
                if change.authority >= Authority::Submitter && *after != Facts::default() {
                    session.last_verified_at = session.last_verified_at.max(now);
                    session.found_gone = None;
                }
            }
            What::SetDate { exception } => {
                let calendar = self.calendar();
                let mut problems = Problems::default();
                let parsed = exception.validate("exception", &mut problems);
                let exceptions = problems.or(parsed).and_then(|parsed| {
                    calendar.check(&parsed, now)?;
                    calendar.with(parsed, now)
                });
                let exceptions = exceptions.map_err(|problems| unfit(&problems))?;
                session.set_exceptions(exceptions, now);
                news = Some(News::DateChanged { exception: exception.clone() });
            }
            What::UndoDate { schedule, date } => {
                let Some(day) = parse_date(date) else {
                    return Err((Reason::Inaccurate, format!("{date} is not a date.")));
                };
                let rest = self.calendar().without(usize::from(*schedule), day, now);
                session.set_exceptions(rest, now);
                news = Some(News::DateRestored { schedule: *schedule, date: date.clone() });
            }
            What::Confirm { finding, date } => {
                match finding {
                    Finding::On => {
                        session.last_verified_at = session.last_verified_at.max(now);
                        session.found_gone = None;
                    }
                    Finding::Gone if session.found_gone.is_none() => {
                        session.found_gone = Some(FoundGone { by: by.clone(), at: now });
                    }
                    Finding::Gone | Finding::NotOn => {}
                }
                let (member_id, finding, date) = (by.clone(), *finding, date.clone());
                confirmation = Some(Confirmation { member_id, finding, date, at: now });
            }
            What::ClaimHost { shown_as, .. } => {
                session.hosts.retain(|host| host.member_id != *by);
                if session.hosts.len() >= limits::HOSTS_MAX {
                    let facts = format!("It has {} hosts already.", limits::HOSTS_MAX);
                    return Err((Reason::Inaccurate, facts));
                }
                session.hosts.push(Host { member_id: by.clone(), shown_as: shown_as.clone() });
            }
        }
        Ok(Changed { session, news, confirmation })
    }

    fn edited(
        &self,
        session: Self,
        before: &Facts,
        after: &Facts,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let present = after.found_in(self);
        if present != *before && present != *after {
            let facts = "Somebody changed the same details after you had sent yours. Look at the \
                         page as it is now, and send what is still missing.";
            return Err((Reason::Outdated, facts.into()));
        }
        let draft = after.put_into(&self.listing);
        let listing = draft.validate().map_err(|problems| unfit(&problems))?.draft;
        let status = after.status.unwrap_or(self.status);
        if listing == self.listing && status == self.status {
            return Ok(session);
        }
        let mut edited = Self { listing, status, ..session };
        // What differs on single dates belongs to the schedules as they were.
        if edited.listing.schedules != self.listing.schedules {
            edited.exceptions.clear();
        }
        edited.note_change(now);
        Ok(edited)
    }

    /// What an edit that left this behind is to who follows the session.
    fn news_of(&self, after: &Self) -> Option<News> {
        match (self.status, after.status) {
            (before, Status::Ended) if before != Status::Ended => return Some(News::Ended),
            (Status::Live, Status::Paused) => return Some(News::Paused),
            (Status::Paused | Status::Ended, Status::Live) => return Some(News::Resumed),
            _ => {}
        }
        let (was, is) = (&self.listing, &after.listing);
        let elsewhere = was.venue.name != is.venue.name || was.venue.position != is.venue.position;
        (was.schedules != is.schedules || elsewhere).then_some(News::Rescheduled)
    }

    fn set_exceptions(&mut self, exceptions: Vec<Exception>, now: Timestamp) {
        let exceptions: Vec<_> = exceptions.into_iter().map(ExceptionDraft::from).collect();
        if exceptions != self.exceptions {
            self.exceptions = exceptions;
            self.note_change(now);
        }
    }

    fn note_change(&mut self, now: Timestamp) {
        self.sequence = self.sequence.saturating_add(1);
        self.changed_at = Some(now);
    }
}

fn unfit(problems: &Problems) -> Refusal {
    (Reason::Outdated, format!("It no longer fits the session: {problems}."))
}

impl Change {
    /// What was typed freely, for text moderation.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match &self.what {
            What::Edit { after, .. } => after.texts(),
            What::SetDate { exception } => vec![&exception.reason],
            What::UndoDate { .. } | What::Confirm { .. } => Vec::new(),
            // Evidence is for moderators alone and may well hold a link.
            What::ClaimHost { shown_as, .. } => shown_as.iter().map(String::as_str).collect(),
        }
    }

    /// What was written at length in it.
    #[must_use]
    pub fn prose(&self) -> Option<&str> {
        match &self.what {
            What::Edit { after, .. } => after.description.as_deref(),
            What::SetDate { .. }
            | What::UndoDate { .. }
            | What::Confirm { .. }
            | What::ClaimHost { .. } => None,
        }
    }

    /// The links that it puts onto the session's page.
    #[must_use]
    pub fn links(&self) -> &[String] {
        match &self.what {
            What::Edit { after, .. } => after.links.as_deref().unwrap_or_default(),
            _ => &[],
        }
    }

    /// Why a person must look at it, whatever its texts and photos are.
    #[must_use]
    pub fn ground_for_review(&self) -> Option<&'static str> {
        match &self.what {
            What::Edit { after, .. } if *after == Facts::default() => None,
            What::Edit { .. } => (!self.authority.may_edit_unseen()).then_some("edit_by_a_member"),
            What::SetDate { .. } | What::UndoDate { .. } => {
                (!self.authority.may_change_dates()).then_some("date_by_a_member")
            }
            What::Confirm { .. } => None,
            What::ClaimHost { .. } => Some("host_claim"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{calendar::ChangeDraft, samples};

    const NOW: &str = "2026-11-24T12:00:00Z";

    fn now() -> Timestamp {
        NOW.parse().unwrap()
    }

    fn who() -> MemberId {
        "bo".parse().unwrap()
    }

    fn change(draft: &Draft, session: &Session, authority: Authority) -> Change {
        draft.validate(session, authority, now()).unwrap()
    }

    fn off(date: &str) -> Draft {
        Draft::SetDate(ExceptionDraft {
            schedule: 0,
            date: date.into(),
            change: ChangeDraft::Cancelled,
            reason: "a wake".into(),
        })
    }

    fn titled(title: &str) -> Draft {
        Draft::Edit(Facts { title: Some(title.into()), ..Facts::default() })
    }

    #[test]
    fn authority_grows_with_what_one_is_to_the_session() {
        let mut session = samples::listed();
        let of = |session: &Session, who: &str, published| {
            let standing = Standing {
                published,
                rejected: 0,
                since: Some(now().saturating_sub(7 * 24.hours()).unwrap()),
            };
            Authority::of(&who.parse().unwrap(), session, &standing, now())
        };
        assert_eq!(of(&session, "bo", 0), Authority::Member);
        assert_eq!(of(&session, "bo", 2), Authority::Member);
        assert_eq!(of(&session, "bo", 3), Authority::Trusted);
        assert_eq!(of(&session, samples::member().as_str(), 0), Authority::Submitter);
        session.hosts.push(Host { member_id: who(), shown_as: None });
        assert_eq!(of(&session, "bo", 0), Authority::Host);
        assert!(!Authority::Member.may_change_dates() && Authority::Trusted.may_change_dates());
    }

    #[test]
    fn a_date_is_called_off_and_put_back() {
        let session = samples::listed();
        let called_off = change(&off("2026-11-26"), &session, Authority::Host);
        let after = session.changed(&called_off, &who(), now()).unwrap();
        assert_eq!(after.session.sequence, 1);
        assert!(matches!(after.news, Some(News::DateChanged { .. })));
        let next = after.session.calendar().next(now(), 1);
        assert_eq!(next[0].starts.date().to_string(), "2026-12-03");
        // Again, it leaves the same dates and counts no further change of them.
        let again = after.session.changed(&called_off, &who(), now()).unwrap().session;
        assert_eq!((again.sequence, &again.exceptions), (1, &after.session.exceptions));
        let undo = Draft::UndoDate { schedule: 0, date: "2026-11-26".into() };
        assert_eq!(
            undo.validate(&session, Authority::Host, now()).unwrap_err().0[0].code,
            "as_usual"
        );
        let undone = change(&undo, &after.session, Authority::Host);
        let back = after.session.changed(&undone, &who(), now()).unwrap();
        assert_eq!(back.session.calendar(), session.calendar());
        assert_eq!((back.session.sequence, back.session.revision), (2, 2));
    }

    #[test]
    fn an_edit_does_not_undo_what_came_between() {
        let session = samples::listed();
        let (first, second) = (titled("Friday tunes"), titled("Saturday tunes"));
        let first = change(&first, &session, Authority::Submitter);
        let second = change(&second, &session, Authority::Submitter);
        let after = session.changed(&first, &who(), now()).unwrap().session;
        assert_eq!(after.listing.title, "Friday tunes");
        assert_eq!(after.changed(&second, &who(), now()).unwrap_err().0, Reason::Outdated);
        // Other facts are another matter.
        let level = Facts { level: Some(Level::Beginner), ..Facts::default() };
        let level = change(&Draft::Edit(level), &session, Authority::Submitter);
        let after = after.changed(&level, &who(), now()).unwrap().session;
        assert_eq!(
            (after.listing.title.as_str(), after.listing.level),
            ("Friday tunes", Level::Beginner)
        );
    }

    #[test]
    fn other_schedules_end_what_differed_of_the_old_ones_and_are_news() {
        let session = samples::listed();
        let off = change(&off("2026-11-26"), &session, Authority::Host);
        let session = session.changed(&off, &who(), now()).unwrap().session;
        let fridays = ScheduleDraft { rrule: "FREQ=WEEKLY;BYDAY=FR".into(), ..samples::schedule() };
        let facts = Facts { schedules: Some(vec![fridays]), ..Facts::default() };
        let edit = change(&Draft::Edit(facts), &session, Authority::Host);
        let after = session.changed(&edit, &who(), now()).unwrap();
        assert!(after.session.exceptions.is_empty());
        assert_eq!(after.news, Some(News::Rescheduled));
        let ended = Facts { status: Some(Status::Ended), ..Facts::default() };
        let ended = change(&Draft::Edit(ended), &session, Authority::Host);
        assert_eq!(session.changed(&ended, &who(), now()).unwrap().news, Some(News::Ended));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_field() {
        let session = samples::listed();
        let status = Facts { status: Some(Status::Withdrawn), ..Facts::default() };
        let confirm = |date: &str| Draft::Confirm { finding: Finding::On, date: date.into() };
        let claim = Draft::ClaimHost { evidence: " ".into(), shown_as: Some("\u{200B}".into()) };
        for (draft, problems) in [
            (titled(" "), &["changes.title:missing"][..]),
            (Draft::Edit(status), &["changes.status:not_settable"]),
            (off("2026-11-25"), &["exception.date:not_on"]),
            (confirm("2026-11-26"), &["date:in_the_future"]),
            (confirm("2026-09-01"), &["date:too_long_ago"]),
            (confirm("soon"), &["date:invalid_date"]),
            (claim, &["evidence:missing", "shown_as:missing"]),
        ] {
            let found = draft.validate(&session, Authority::Member, now()).unwrap_err().0;
            let found: Vec<_> = found.iter().map(|p| format!("{}:{}", p.field, p.code)).collect();
            assert_eq!(found, problems, "{draft:?}");
        }
        let gone = Session { status: Status::Withdrawn, ..session.clone() };
        let on = change(&confirm("2026-11-19"), &session, Authority::Member);
        assert_eq!(gone.changed(&on, &who(), now()).unwrap_err().0, Reason::NoSuchSession);
    }

    #[test]
    fn one_who_finds_it_gone_is_remembered_until_somebody_finds_it_on() {
        let session = samples::listed();
        let (one, other): (MemberId, MemberId) = ("one".parse().unwrap(), "two".parse().unwrap());
        let find = |session: &Session, finding, by: &MemberId| {
            let draft = Draft::Confirm { finding, date: "2026-11-19".into() };
            let change = change(&draft, session, Authority::Member);
            session.changed(&change, by, now()).unwrap()
        };
        let doubted = find(&session, Finding::Gone, &one).session;
        assert!(doubted.is_gone_to_others_than(&other) && !doubted.is_gone_to_others_than(&one));
        let not_on = find(&doubted, Finding::NotOn, &other).session;
        assert_eq!(not_on.found_gone, doubted.found_gone);
        // Twice by the same is once; the first is kept.
        let again = find(&find(&doubted, Finding::Gone, &one).session, Finding::Gone, &other);
        assert_eq!(again.session.found_gone, doubted.found_gone);
        assert_eq!((again.session.status, &again.news), (Status::Live, &None));
        assert_eq!(find(&doubted, Finding::On, &other).session.found_gone, None);

        let ended = again.ending(now());
        assert_eq!((ended.session.status, &ended.news), (Status::Ended, &Some(News::Ended)));
        let once_more = Changed { news: None, ..ended.clone() }.ending(now());
        assert_eq!(once_more, Changed { news: None, ..ended }, "its followers hear of it once");
    }

    #[test]
    fn only_that_it_was_on_keeps_a_listing_fresh() {
        let session = samples::listed();
        for (finding, fresh) in
            [(Finding::On, true), (Finding::NotOn, false), (Finding::Gone, false)]
        {
            let draft = Draft::Confirm { finding, date: "2026-11-19".into() };
            let after =
                session.changed(&change(&draft, &session, Authority::Member), &who(), now());
            let after = after.unwrap();
            assert_eq!(after.session.last_verified_at == now(), fresh, "{finding:?}");
            assert_eq!(after.confirmation.unwrap().finding, finding);
            assert_eq!((after.session.sequence, after.news), (0, None));
        }
    }

    #[test]
    fn a_person_looks_at_claims_and_at_what_strangers_edit() {
        let session = samples::listed();
        let ground =
            |draft: &Draft, authority| change(draft, &session, authority).ground_for_review();
        let claim =
            Draft::ClaimHost { evidence: "My name is on the poster.".into(), shown_as: None };
        let photos = Draft::Edit(Facts::default());
        assert_eq!(ground(&claim, Authority::Submitter), Some("host_claim"));
        assert_eq!(ground(&titled("x"), Authority::Member), Some("edit_by_a_member"));
        assert_eq!(ground(&titled("x"), Authority::Trusted), None);
        assert_eq!(ground(&photos, Authority::Member), None);
        assert_eq!(ground(&off("2026-11-26"), Authority::Member), Some("date_by_a_member"));
    }

    fn facts() -> impl Strategy<Value = Facts> {
        let title = proptest::option::of("[a-z]{1,9}");
        let level = proptest::option::of(prop_oneof![Just(Level::Any), Just(Level::Advanced)]);
        let status = proptest::option::of(prop_oneof![Just(Status::Live), Just(Status::Paused)]);
        let tunes = proptest::option::of(proptest::collection::vec("[a-z]{1,9}", 0..3));
        (title, level, status, tunes).prop_map(|(title, level, status, tunes)| Facts {
            title,
            level,
            status,
            tunes,
            ..Facts::default()
        })
    }

    proptest! {
        #[test]
        fn an_edit_changes_what_it_names_and_nothing_else(facts in facts()) {
            let session = samples::listed();
            let edit = change(&Draft::Edit(facts.clone()), &session, Authority::Host);
            let after = session.changed(&edit, &who(), now()).unwrap().session;
            prop_assert_eq!(facts.found_in(&after), facts.clone());
            // Put back, it is as it was.
            let back = Draft::Edit(facts.found_in(&session));
            let back = change(&back, &after, Authority::Host);
            let restored = after.changed(&back, &who(), now()).unwrap().session;
            prop_assert_eq!(&restored.listing, &session.listing);
            prop_assert_eq!(restored.status, session.status);
            // A repeat leaves the same listing.
            let twice = after.changed(&edit, &who(), now()).unwrap().session;
            prop_assert_eq!((&twice.listing, twice.sequence), (&after.listing, after.sequence));
        }

        #[test]
        fn a_stored_change_reads_back_as_written(facts in facts(), date in "[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            let session = samples::listed();
            for what in [
                What::Edit { before: facts.found_in(&session), after: facts.clone() },
                What::UndoDate { schedule: 1, date: date.clone() },
                What::Confirm { finding: Finding::Gone, date: date.clone() },
            ] {
                let change = Change { session_id: session.id, authority: Authority::Trusted, what };
                let text = serde_json::to_string(&change).unwrap();
                prop_assert_eq!(serde_json::from_str::<Change>(&text).unwrap(), change);
            }
        }
    }
}
