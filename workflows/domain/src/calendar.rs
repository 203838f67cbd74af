//! The dates of a session: what its schedules say and what differs on single
//! evenings. Page, API, mail, search and feeds all take their dates from
//! [`Calendar`], so that they agree.

use std::collections::BTreeSet;

use jiff::{
    Timestamp, ToSpan, ZonedDateTime,
    civil::{Date, Time},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    limits,
    problem::Problems,
    schedule::{Schedule, ScheduleDraft, parse_date, parse_time},
    text,
};

/// One date that is not as its schedule has it, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionDraft {
    /// Which of the session's schedules, counted from 0. An extra date is in
    /// this one's zone.
    #[serde(default)]
    pub schedule: u8,
    /// The date as the schedule has it, or the extra one, where it is played:
    /// `YYYY-MM-DD`.
    #[schemars(extend("format" = "date"))]
    pub date: String,
    /// What is different.
    pub change: ChangeDraft,
    /// Why, for whoever looks forward to it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(length(max = limits::LINE_CHARS_MAX))]
    pub reason: String,
}

/// What is different on one date, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ChangeDraft {
    /// It is off.
    Cancelled,
    /// It is on another date, or elsewhere.
    Moved {
        /// The date it is on instead, `YYYY-MM-DD`.
        #[schemars(extend("format" = "date"))]
        to: String,
        /// Local start, `HH:MM`, if not the usual one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
        starts: Option<String>,
        /// Where, if not in the usual place.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(length(min = 1, max = limits::LINE_CHARS_MAX))]
        place: Option<String>,
    },
    /// It begins at another time of the same date.
    Retimed {
        /// Local start, `HH:MM`.
        #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
        starts: String,
        /// Minutes it lasts, if not as long as usual.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = limits::DURATION_MINUTES_MAX))]
        duration_minutes: Option<u16>,
    },
    /// It is on although no schedule has it.
    Extra {
        /// Local start, `HH:MM`.
        #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
        starts: String,
        /// Minutes it lasts.
        #[schemars(range(min = 1, max = limits::DURATION_MINUTES_MAX))]
        duration_minutes: u16,
    },
}

/// One date that is not as its schedule has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Index of the schedule.
    pub schedule: usize,
    /// The date as the schedule has it, or the extra one.
    pub date: Date,
    /// What is different.
    pub change: Change,
    /// Why; may be empty.
    pub reason: String,
}

/// What is different on one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is off.
    Cancelled,
    /// It is on another date, or elsewhere.
    Moved {
        /// The date it is on instead.
        to: Date,
        /// Local start.
        starts: Option<Time>,
        /// Where, if not in the usual place.
        place: Option<String>,
    },
    /// It begins at another time.
    Retimed {
        /// Local start.
        starts: Time,
        /// Minutes it lasts, if not as long as usual.
        duration_minutes: Option<u16>,
    },
    /// It is on although no schedule has it.
    Extra {
        /// Local start.
        starts: Time,
        /// Minutes it lasts.
        duration_minutes: u16,
    },
}

impl ExceptionDraft {
    /// Parses and checks the form; problems are reported under `field`. Whether
    /// it fits a session's dates is for [`Calendar::check`].
    pub fn validate(&self, field: &str, problems: &mut Problems) -> Option<Exception> {
        let before = problems.0.len();
        let date = date_of(&self.date, &format!("{field}.date"), problems);
        let at = |part: &str| format!("{field}.change.{part}");
        let minutes = |minutes: u16, problems: &mut Problems| {
            if minutes == 0 || minutes > limits::DURATION_MINUTES_MAX {
                let why = "must be between 1 and 720 minutes";
                problems.add(&at("duration_minutes"), "out_of_range", why);
            }
            minutes
        };
        let change = match &self.change {
            ChangeDraft::Cancelled => Some(Change::Cancelled),
            ChangeDraft::Moved { to, starts, place } => {
                let to = date_of(to, &at("to"), problems);
                let starts = starts.as_deref().map(|text| time_of(text, &at("starts"), problems));
                let place = place
                    .as_deref()
                    .map(|place| text::line(place, &at("place"), limits::LINE_CHARS_MAX, problems));
                to.map(|to| Change::Moved { to, starts: starts.flatten(), place })
            }
            ChangeDraft::Retimed { starts, duration_minutes } => {
                let duration_minutes = duration_minutes.map(|many| minutes(many, problems));
                time_of(starts, &at("starts"), problems)
                    .map(|starts| Change::Retimed { starts, duration_minutes })
            }
            ChangeDraft::Extra { starts, duration_minutes } => {
                let duration_minutes = minutes(*duration_minutes, problems);
                time_of(starts, &at("starts"), problems)
                    .map(|starts| Change::Extra { starts, duration_minutes })
            }
        };
        let reason = match text::clean_line(&self.reason) {
            reason if reason.is_empty() => reason,
            reason => {
                text::line(&reason, &format!("{field}.reason"), limits::LINE_CHARS_MAX, problems)
            }
        };
        let exception = Exception {
            schedule: usize::from(self.schedule),
            date: date?,
            change: change?,
            reason,
        };
        (problems.0.len() == before).then_some(exception)
    }
}

impl From<Exception> for ExceptionDraft {
    /// The cleaned draft, which is what is stored.
    fn from(exception: Exception) -> Self {
        let time = |time: Time| time.strftime("%H:%M").to_string();
        Self {
            schedule: u8::try_from(exception.schedule).unwrap_or(u8::MAX),
            date: exception.date.to_string(),
            change: match exception.change {
                Change::Cancelled => ChangeDraft::Cancelled,
                Change::Moved { to, starts, place } => {
                    ChangeDraft::Moved { to: to.to_string(), starts: starts.map(time), place }
                }
                Change::Retimed { starts, duration_minutes } => {
                    ChangeDraft::Retimed { starts: time(starts), duration_minutes }
                }
                Change::Extra { starts, duration_minutes } => {
                    ChangeDraft::Extra { starts: time(starts), duration_minutes }
                }
            },
            reason: exception.reason,
        }
    }
}

fn date_of(text: &str, field: &str, problems: &mut Problems) -> Option<Date> {
    let date = parse_date(text);
    if date.is_none() {
        problems.add(field, "invalid_date", "must be a date such as 2026-01-31");
    }
    date
}

fn time_of(text: &str, field: &str, problems: &mut Problems) -> Option<Time> {
    let time = parse_time(text);
    if time.is_none() {
        problems.add(field, "invalid_time", "must be a time such as 21:30");
    }
    time
}

/// How a date differs from what its schedule has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not at all.
    AsUsual,
    /// It is off.
    Cancelled,
    /// It is on another date, or elsewhere.
    Moved,
    /// It begins at another time.
    Retimed,
    /// It is on although no schedule has it.
    Extra,
}

/// One date of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathering {
    /// Index of its schedule.
    pub schedule: usize,
    /// Start in the session's zone; of a cancelled one, when it would have been.
    pub starts: ZonedDateTime,
    /// Minutes it lasts.
    pub duration_minutes: u16,
    /// How it differs.
    pub standing: Standing,
    /// Start as the schedule has it; `None` for an extra date.
    pub usual_start: Option<ZonedDateTime>,
    /// Where, if not in the usual place.
    pub place: Option<String>,
    /// Why it differs; may be empty.
    pub reason: String,
}

impl Gathering {
    /// When it is over.
    #[must_use]
    pub fn ends(&self) -> ZonedDateTime {
        let minutes = i64::from(self.duration_minutes).minutes();
        self.starts.checked_add(minutes).unwrap_or_else(|_| self.starts.clone())
    }

    /// Whether one can go there.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.standing != Standing::Cancelled
    }
}

/// The schedules of a session with what differs on single dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    schedules: Vec<Schedule>,
    exceptions: Vec<Exception>,
}

impl Calendar {
    /// The calendar of these drafts. What does not parse, which no accepted
    /// session has, is left out: a page is better without a date than absent.
    #[must_use]
    pub fn of(schedules: &[ScheduleDraft], exceptions: &[ExceptionDraft]) -> Self {
        let mut problems = Problems::default();
        let schedules =
            schedules.iter().filter_map(|draft| draft.validate("schedules", &mut problems));
        let schedules: Vec<Schedule> = schedules.collect();
        let exceptions = exceptions
            .iter()
            .filter_map(|draft| draft.validate("exceptions", &mut problems))
            .filter(|exception| exception.schedule < schedules.len())
            .collect();
        Self { schedules, exceptions }
    }

    /// Its schedules.
    #[must_use]
    pub fn schedules(&self) -> &[Schedule] {
        &self.schedules
    }

    /// What differs on single dates.
    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// The first `count` dates that have not ended by `after` and are on,
    /// earliest first.
    #[must_use]
    pub fn next(&self, after: Timestamp, count: usize) -> Vec<Gathering> {
        self.gatherings(after, None, count, Gathering::is_on)
    }

    /// The same with the cancelled ones among them, for who would have gone.
    #[must_use]
    pub fn next_with_cancelled(&self, after: Timestamp, count: usize) -> Vec<Gathering> {
        self.gatherings(after, None, count, |_| true)
    }

    /// The dates, cancelled ones among them, that have not ended by `after` and
    /// begin before `before`; at most `count`.
    #[must_use]
    pub fn between(&self, after: Timestamp, before: Timestamp, count: usize) -> Vec<Gathering> {
        self.gatherings(after, Some(before), count, |_| true)
    }

    fn gatherings(
        &self,
        after: Timestamp,
        before: Option<Timestamp>,
        count: usize,
        wanted: impl Fn(&Gathering) -> bool,
    ) -> Vec<Gathering> {
        let coming = |gathering: &Gathering| {
            gathering.ends().timestamp() > after
                && before.is_none_or(|before| gathering.starts.timestamp() < before)
                && wanted(gathering)
        };
        let differ: BTreeSet<(usize, Date)> = self
            .exceptions
            .iter()
            .filter(|exception| !matches!(exception.change, Change::Extra { .. }))
            .map(|exception| (exception.schedule, exception.date))
            .collect();
        let mut found: Vec<Gathering> =
            self.exceptions.iter().filter_map(|one| self.exceptional(one)).filter(coming).collect();
        for (n, schedule) in self.schedules.iter().enumerate() {
            let usual = schedule
                .dates_around(after)
                .filter(|date| !differ.contains(&(n, *date)))
                .map_while(|date| self.usual(n, schedule, date))
                .take_while(|gathering| {
                    before.is_none_or(|before| gathering.starts.timestamp() < before)
                });
            found.extend(usual.filter(coming).take(count));
        }
        found.sort_by_key(|gathering| (gathering.starts.timestamp(), gathering.schedule));
        found.truncate(count);
        found
    }

    /// The dates that have an exception, cancelled ones among them, however long
    /// ago.
    #[must_use]
    pub fn differing(&self) -> Vec<Gathering> {
        self.exceptions.iter().filter_map(|one| self.exceptional(one)).collect()
    }

    fn usual(&self, n: usize, schedule: &Schedule, date: Date) -> Option<Gathering> {
        let starts = schedule.starts_on(date)?;
        Some(Gathering {
            schedule: n,
            usual_start: Some(starts.clone()),
            starts,
            duration_minutes: schedule.duration_minutes(),
            standing: Standing::AsUsual,
            place: None,
            reason: String::new(),
        })
    }

    fn exceptional(&self, exception: &Exception) -> Option<Gathering> {
        let schedule = self.schedules.get(exception.schedule)?;
        if let Change::Extra { starts, duration_minutes } = exception.change {
            return Some(Gathering {
                schedule: exception.schedule,
                starts: schedule.zoned(exception.date, starts)?,
                duration_minutes,
                standing: Standing::Extra,
                usual_start: None,
                place: None,
                reason: exception.reason.clone(),
            });
        }
        let mut gathering = self.usual(exception.schedule, schedule, exception.date)?;
        gathering.reason.clone_from(&exception.reason);
        match &exception.change {
            Change::Cancelled => gathering.standing = Standing::Cancelled,
            Change::Moved { to, starts, place } => {
                let at = starts.unwrap_or_else(|| schedule.starts());
                gathering.starts = schedule.zoned(*to, at)?;
                gathering.standing = Standing::Moved;
                gathering.place.clone_from(place);
            }
            Change::Retimed { starts, duration_minutes } => {
                gathering.starts = schedule.zoned(exception.date, *starts)?;
                gathering.duration_minutes = duration_minutes.unwrap_or(gathering.duration_minutes);
                gathering.standing = Standing::Retimed;
            }
            Change::Extra { .. } => {}
        }
        Some(gathering)
    }

    /// Adds an exception, in place of an earlier one of the same date, if it
    /// fits: a date to come that the schedule has (or, for an extra one, has
    /// not), and not too far away. Those that are over are dropped.
    pub fn check(&self, exception: &Exception, now: Timestamp) -> Result<(), Problems> {
        let Some(schedule) = self.schedules.get(exception.schedule) else {
            let why = format!("this session has {} schedules", self.schedules.len());
            return Err(Problems::one("exception.schedule", "no_such_schedule", why));
        };
        let mut problems = Problems::default();
        let p = &mut problems;
        let on = schedule.is_on(exception.date);
        let extra = matches!(exception.change, Change::Extra { .. });
        if extra && on {
            p.add("exception.date", "on_already", "the session is on anyway that day");
        } else if !extra && !on {
            p.add("exception.date", "not_on", "the session is not on that day anyway");
        }
        let today = schedule.date_of(now);
        let latest = today.saturating_add(limits::EXCEPTION_DAYS_AHEAD_MAX.days());
        let mut check = |date: Date, field: &str| {
            // Yesterday's may still be playing.
            if date < today.yesterday().unwrap_or(today) {
                p.add(field, "over", "that day is over");
            } else if date > latest {
                p.add(field, "too_far_ahead", "must be within the coming year");
            }
        };
        check(exception.date, "exception.date");
        if let Change::Moved { to, starts, place } = &exception.change {
            check(*to, "exception.change.to");
            if *to == exception.date && place.is_none() {
                let usual = starts.is_none_or(|starts| starts == schedule.starts());
                let why = if usual { "changes nothing" } else { "is the same date: retime it" };
                p.add("exception.change.to", "not_moved", why);
            }
        }
        problems.or(Some(()))
    }

    /// The exceptions with this one among them, in place of an earlier one of
    /// the same date, and without those that are over: for ten days longer than
    /// they last, so that calendars that look rarely still see them.
    pub fn with(&self, exception: Exception, now: Timestamp) -> Result<Vec<Exception>, Problems> {
        let mut all = self.without(exception.schedule, exception.date, now);
        if all.len() >= limits::EXCEPTIONS_MAX {
            let why = format!("at most {} dates can differ at a time", limits::EXCEPTIONS_MAX);
            return Err(Problems::one("exception", "too_many", why));
        }
        all.push(exception);
        all.sort_by_key(|one| (one.date, one.schedule));
        Ok(all)
    }

    /// The exceptions without that of a date, and without those that are over.
    #[must_use]
    pub fn without(&self, schedule: usize, date: Date, now: Timestamp) -> Vec<Exception> {
        let since = now.saturating_sub((24 * limits::EXCEPTION_DAYS_KEPT).hours()).unwrap_or(now);
        let kept = |one: &&Exception| {
            (one.schedule, one.date) != (schedule, date)
                && self.exceptional(one).is_some_and(|gathering| {
                    let usual = gathering.usual_start.as_ref().map(ZonedDateTime::timestamp);
                    gathering.ends().timestamp() > since || usual.is_some_and(|usual| usual > since)
                })
        };
        self.exceptions.iter().filter(kept).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn thursdays(zone: &str) -> ScheduleDraft {
        ScheduleDraft {
            zone: zone.into(),
            rrule: "FREQ=WEEKLY;BYDAY=SA".into(),
            from: "2026-01-01".into(),
            ..samples::schedule()
        }
    }

    fn exception(date: &str, change: ChangeDraft) -> ExceptionDraft {
        ExceptionDraft { schedule: 0, date: date.into(), change, reason: "a wake".into() }
    }

    fn moved(to: &str) -> ChangeDraft {
        ChangeDraft::Moved { to: to.into(), starts: None, place: None }
    }

    fn shown(calendar: &Calendar, after: &str, count: usize) -> Vec<String> {
        let found = calendar.next_with_cancelled(after.parse().unwrap(), count);
        let show =
            |g: &Gathering| format!("{} {:?}", g.starts.strftime("%Y-%m-%d %H:%M %:z"), g.standing);
        found.iter().map(show).collect()
    }

    #[test]
    fn single_dates_differ_across_both_clock_changes() {
        for (zone, after, spring) in [
            (
                "Europe/Dublin",
                "2026-03-21T00:00:00Z",
                [
                    "2026-03-21 21:30 +00:00 AsUsual",
                    "2026-03-28 20:00 +00:00 Retimed",
                    "2026-03-29 21:30 +01:00 Extra",
                    "2026-04-04 21:30 +01:00 Cancelled",
                    "2026-04-12 21:30 +01:00 Moved",
                    "2026-04-18 21:30 +01:00 AsUsual",
                ],
            ),
            (
                "America/New_York",
                "2026-03-21T12:00:00Z",
                [
                    "2026-03-21 21:30 -04:00 AsUsual",
                    "2026-03-28 20:00 -04:00 Retimed",
                    "2026-03-29 21:30 -04:00 Extra",
                    "2026-04-04 21:30 -04:00 Cancelled",
                    "2026-04-12 21:30 -04:00 Moved",
                    "2026-04-18 21:30 -04:00 AsUsual",
                ],
            ),
        ] {
            let retimed =
                ChangeDraft::Retimed { starts: "20:00".into(), duration_minutes: Some(60) };
            let extra = ChangeDraft::Extra { starts: "21:30".into(), duration_minutes: 90 };
            let exceptions = [
                exception("2026-03-28", retimed),
                exception("2026-03-29", extra),
                exception("2026-04-04", ChangeDraft::Cancelled),
                exception("2026-04-11", moved("2026-04-12")),
            ];
            let calendar = Calendar::of(&[thursdays(zone)], &exceptions);
            assert_eq!(shown(&calendar, after, 6), spring, "{zone}");
            let on = calendar.next(after.parse().unwrap(), 6);
            assert_eq!(on.len(), 6);
            assert!(on.iter().all(Gathering::is_on));
        }
    }

    #[test]
    fn an_exception_fits_the_dates_it_is_about() {
        let calendar = Calendar::of(&[thursdays("Europe/Dublin")], &[]);
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        let extra = || ChangeDraft::Extra { starts: "20:00".into(), duration_minutes: 60 };
        for (date, change, code) in [
            ("2026-11-28", ChangeDraft::Cancelled, None),
            ("2026-11-27", ChangeDraft::Cancelled, Some("not_on")),
            ("2026-11-21", ChangeDraft::Cancelled, Some("over")),
            ("2028-01-01", ChangeDraft::Cancelled, Some("too_far_ahead")),
            ("2026-11-28", moved("2026-11-29"), None),
            ("2026-11-28", moved("2026-11-28"), Some("not_moved")),
            ("2026-11-28", moved("2028-11-28"), Some("too_far_ahead")),
            ("2026-11-29", extra(), None),
            ("2026-11-28", extra(), Some("on_already")),
        ] {
            let mut problems = Problems::default();
            let parsed = exception(date, change).validate("exception", &mut problems).unwrap();
            let codes = calendar.check(&parsed, now).err().unwrap_or_default().0;
            let codes: Vec<&str> = codes.iter().map(|problem| problem.code.as_str()).collect();
            assert_eq!(codes, Vec::from_iter(code), "{date} {:?}", parsed.change);
        }
    }

    #[test]
    fn a_date_has_one_exception_which_can_be_undone_and_is_dropped_when_over() {
        let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
        let mut calendar = Calendar::of(
            &[thursdays("Europe/Dublin")],
            &[
                exception("2026-11-07", ChangeDraft::Cancelled),
                exception("2026-11-28", ChangeDraft::Cancelled),
            ],
        );
        let mut problems = Problems::default();
        let again = exception("2026-11-28", moved("2026-11-29"));
        let again = again.validate("exception", &mut problems).unwrap();
        calendar.exceptions = calendar.with(again.clone(), now).unwrap();
        assert_eq!(calendar.exceptions, std::slice::from_ref(&again));
        assert_eq!(calendar.without(0, again.date, now), []);
    }

    #[test]
    fn what_is_stored_is_read_back() {
        for change in [
            ChangeDraft::Cancelled,
            ChangeDraft::Moved {
                to: "2026-11-29".into(),
                starts: Some("20:00".into()),
                place: Some("upstairs".into()),
            },
            ChangeDraft::Retimed { starts: "20:00".into(), duration_minutes: None },
            ChangeDraft::Extra { starts: "20:00".into(), duration_minutes: 90 },
        ] {
            let draft = exception("2026-11-28", change);
            let mut problems = Problems::default();
            let parsed = draft.validate("exception", &mut problems).unwrap();
            assert_eq!(ExceptionDraft::from(parsed), draft);
            let text = serde_json::to_string(&draft).unwrap();
            assert_eq!(serde_json::from_str::<ExceptionDraft>(&text).unwrap(), draft, "{text}");
        }
    }

    proptest! {
        /// The dates are those of the schedules, each with its exception, in
        /// order: worked out the slow way, day by day.
        #[test]
        fn every_day_is_what_schedule_and_exceptions_make_of_it(
            weeks in 1u8..5,
            cancelled in prop::collection::btree_set(0u16..30, 0..6),
            moved_by in prop::collection::btree_map(0u16..30, 1i64..20, 0..6),
            days in 0i64..200,
            new_york in any::<bool>(),
        ) {
            let zone = if new_york { "America/New_York" } else { "Europe/Dublin" };
            let mut draft = thursdays(zone);
            draft.rrule = format!("FREQ=WEEKLY;INTERVAL={weeks};BYDAY=SA");
            let first = jiff::civil::date(2026, 1, 3);
            let nth = |n: u16| first.saturating_add((i64::from(n) * i64::from(weeks)).weeks());
            let mut exceptions: Vec<_> = cancelled
                .iter()
                .map(|n| exception(&nth(*n).to_string(), ChangeDraft::Cancelled))
                .collect();
            let moves: Vec<_> = moved_by.iter().filter(|(n, _)| !cancelled.contains(n)).collect();
            exceptions.extend(moves.iter().map(|(n, by)| {
                exception(&nth(**n).to_string(), moved(&nth(**n).saturating_add((**by).days()).to_string()))
            }));
            let calendar = Calendar::of(&[draft], &exceptions);
            let after: Timestamp =
                first.saturating_add(days.days()).at(12, 0, 0, 0).in_tz(zone).unwrap().timestamp();
            let mut expected: Vec<Date> = (0..200)
                .filter(|n| !cancelled.contains(n) && !moves.iter().any(|(m, _)| *m == n))
                .map(nth)
                .chain(moves.iter().map(|(n, by)| nth(**n).saturating_add((**by).days())))
                .filter(|date| date.at(12, 0, 0, 0).in_tz(zone).unwrap().timestamp() >= after)
                .collect();
            expected.sort();
            expected.truncate(20);
            let found: Vec<Date> =
                calendar.next(after, 20).iter().map(|g| g.starts.date()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn work_is_bounded_whatever_the_schedule(from in "[0-9]{4}-[0-9]{2}-[0-9]{2}", until in "[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            let mut draft = thursdays("Europe/Dublin");
            draft.from = from;
            draft.until = Some(until);
            let calendar = Calendar::of(&[draft], &[]);
            for after in [Timestamp::MIN, Timestamp::UNIX_EPOCH, Timestamp::MAX] {
                prop_assert!(calendar.next(after, 8).len() <= 8);
                prop_assert!(calendar.between(after, Timestamp::MAX, 8).len() <= 8);
            }
        }
    }
}
