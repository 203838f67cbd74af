//! When a session is on: a small subset of RFC 5545 in the session's own zone.
//!
//! Accepted are weekly, every N weeks from an anchor date, and monthly on the
//! nth or last weekday. Anything else is refused with a message that says what
//! is possible. Dates are expanded in local time and only then given their
//! offset, so that 21:30 stays 21:30 on both sides of a clock change.

use jiff::{
    Timestamp, ToSpan, ZonedDateTime,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{limits, problem::Problems};

/// The rules that are supported, for clients that check before they send. The
/// parser takes a little more: any order of the parts.
const RRULE_PATTERN: &str = "^FREQ=(WEEKLY(;INTERVAL=([1-9]|1[0-2]))?;BYDAY=(MO|TU|WE|TH|FR|SA|SU)|MONTHLY;BYDAY=([1-4]|-1)(MO|TU|WE|TH|FR|SA|SU))$";

/// A schedule as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleDraft {
    /// Local start, `HH:MM`.
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub starts: String,
    /// Minutes it usually lasts.
    #[schemars(range(min = 1, max = limits::DURATION_MINUTES_MAX))]
    pub duration_minutes: u16,
    /// IANA time zone, e.g. `Europe/Dublin`.
    pub zone: String,
    /// RFC 5545 RRULE, e.g. `FREQ=WEEKLY;BYDAY=TH`.
    #[schemars(regex(pattern = RRULE_PATTERN))]
    pub rrule: String,
    /// First date (or later) it is on, `YYYY-MM-DD`; the anchor for "every N weeks".
    #[schemars(extend("format" = "date"))]
    pub from: String,
    /// Last date it can be on, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date"))]
    pub until: Option<String>,
}

/// How the dates of a series repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recurrence {
    /// Every `weeks` weeks on a weekday, counted from the first such day on or
    /// after the schedule's first date.
    Weekly {
        /// 1 for every week.
        weeks: u8,
        /// The day it is on.
        day: Weekday,
    },
    /// Once a month on the nth (1 to 4) or last (-1) such weekday.
    Monthly {
        /// 1 to 4, or -1 for the last.
        nth: i8,
        /// The day it is on.
        day: Weekday,
    },
}

/// A validated schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    starts: Time,
    duration_minutes: u16,
    zone: TimeZone,
    recurrence: Recurrence,
    from: Date,
    until: Option<Date>,
}

const SUPPORTED: &str = "use FREQ=WEEKLY;BYDAY=TH, FREQ=WEEKLY;INTERVAL=2;BYDAY=TH, \
     FREQ=MONTHLY;BYDAY=1TH (1 to 4) or FREQ=MONTHLY;BYDAY=-1TH";

impl ScheduleDraft {
    /// Parses and checks the draft; problems are reported under `field`.
    pub fn validate(&self, field: &str, problems: &mut Problems) -> Option<Schedule> {
        let mut note = |part: &str, code: &str, message: &str| {
            problems.add(&format!("{field}.{part}"), code, message);
        };
        let starts = parse_time(&self.starts);
        if starts.is_none() {
            note("starts", "invalid_time", "must be a time such as 21:30");
        }
        let zone = TimeZone::get(&self.zone).ok().filter(|zone| zone.iana_name().is_some());
        if zone.is_none() {
            note("zone", "unknown_zone", "must be an IANA time zone such as Europe/Dublin");
        }
        let from = parse_date(&self.from);
        if from.is_none() {
            note("from", "invalid_date", "must be a date such as 2026-01-31");
        }
        let until = self.until.as_deref().map(parse_date);
        match (from, until) {
            (_, Some(None)) => note("until", "invalid_date", "must be a date such as 2026-12-31"),
            (Some(from), Some(Some(until))) if until < from => {
                note("until", "before_start", "must not be before the first date");
            }
            _ => {}
        }
        if self.duration_minutes == 0 || self.duration_minutes > limits::DURATION_MINUTES_MAX {
            note("duration_minutes", "out_of_range", "must be between 1 and 720 minutes");
        }
        let recurrence = parse_rrule(&self.rrule);
        if let Err(reason) = &recurrence {
            note("rrule", "unsupported_recurrence", &format!("{reason}; {SUPPORTED}"));
        }
        Some(Schedule {
            starts: starts?,
            duration_minutes: self.duration_minutes,
            zone: zone?,
            recurrence: recurrence.ok()?,
            from: from?,
            until: until.flatten(),
        })
    }
}

pub(crate) fn parse_date(text: &str) -> Option<Date> {
    // `Date::from_str` also takes whole date-times; a date is ten characters.
    if text.len() == 10 { text.parse().ok() } else { None }
}

pub(crate) fn parse_time(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).ok()
}

fn parse_rrule(text: &str) -> Result<Recurrence, String> {
    let (mut freq, mut interval, mut by_day) = (None, None, None);
    for part in text.trim().trim_start_matches("RRULE:").split(';') {
        let (key, value) = part.split_once('=').ok_or_else(|| format!("\"{part}\" has no '='"))?;
        let slot = match key {
            "FREQ" => &mut freq,
            "INTERVAL" => &mut interval,
            "BYDAY" => &mut by_day,
            other => return Err(format!("{other} is not supported")),
        };
        if slot.replace(value).is_some() {
            return Err(format!("{key} is given twice"));
        }
    }
    let by_day = by_day.ok_or("BYDAY is missing")?;
    let interval: u8 = match interval.map(str::parse) {
        None => 1,
        Some(Ok(n)) if (1..=limits::INTERVAL_WEEKS_MAX).contains(&n) => n,
        Some(_) => return Err("INTERVAL must be between 1 and 12".into()),
    };
    let cut = by_day.len().saturating_sub(2);
    let (nth, day) = by_day.split_at_checked(cut).ok_or("BYDAY is not a weekday")?;
    let day = match day {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        other => return Err(format!("BYDAY={other} is not one weekday")),
    };
    match (freq, nth) {
        (Some("WEEKLY"), "") => Ok(Recurrence::Weekly { weeks: interval, day }),
        (Some("MONTHLY"), _) if interval != 1 => {
            Err("INTERVAL with MONTHLY is not supported".into())
        }
        (Some("MONTHLY"), "-1") => Ok(Recurrence::Monthly { nth: -1, day }),
        (Some("MONTHLY"), nth) => match nth.trim_start_matches('+').parse::<i8>() {
            Ok(nth @ 1..=4) => Ok(Recurrence::Monthly { nth, day }),
            _ => Err("BYDAY of a monthly rule needs 1 to 4 or -1 before the day".into()),
        },
        (Some("WEEKLY"), _) => Err("BYDAY of a weekly rule takes no number".into()),
        (Some(other), _) => Err(format!("FREQ={other} is not supported")),
        (None, _) => Err("FREQ is missing".into()),
    }
}

impl Schedule {
    /// Local start.
    #[must_use]
    pub fn starts(&self) -> Time {
        self.starts
    }

    /// Minutes it usually lasts.
    #[must_use]
    pub fn duration_minutes(&self) -> u16 {
        self.duration_minutes
    }

    /// Its time zone.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Last date it can be on.
    #[must_use]
    pub fn until(&self) -> Option<Date> {
        self.until
    }

    /// The date in its zone.
    #[must_use]
    pub fn date_of(&self, at: Timestamp) -> Date {
        at.to_zoned_datetime(self.zone.clone()).date()
    }

    /// A local time in its zone. One that a clock change skips moves to the
    /// first moment after it, one that it repeats is its first ("compatible",
    /// RFC 5545 3.3.5). `None` at the ends of the calendar.
    #[must_use]
    pub fn zoned(&self, date: Date, time: Time) -> Option<ZonedDateTime> {
        date.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok()
    }

    /// Its start on a date, whether it is on or not.
    #[must_use]
    pub fn starts_on(&self, date: Date) -> Option<ZonedDateTime> {
        self.zoned(date, self.starts)
    }

    /// Its first date, if it has one.
    #[must_use]
    pub fn first(&self) -> Option<Date> {
        self.dates_from(self.from).next()
    }

    /// Whether it is on that date, but for exceptions.
    #[must_use]
    pub fn is_on(&self, date: Date) -> bool {
        date >= self.from && self.dates_from(date).next() == Some(date)
    }

    /// Its dates from the one that may still be playing on, earliest first.
    pub fn dates_around(&self, at: Timestamp) -> impl Iterator<Item = Date> + '_ {
        let today = self.date_of(at);
        // One day back: yesterday's session may still be playing after midnight.
        self.dates_from(today.yesterday().unwrap_or(today))
    }

    fn dates_from(&self, date: Date) -> Dates<'_> {
        Dates { schedule: self, at: self.first_on_or_after(date.max(self.from)) }
    }

    /// "Thursdays at 21:30", "every 2 weeks on Thursday at 21:30", …
    #[must_use]
    pub fn in_words(&self) -> String {
        let at = self.starts.strftime("%H:%M");
        match self.recurrence {
            Recurrence::Weekly { weeks: 1, day } => format!("{}s at {at}", name(day)),
            Recurrence::Weekly { weeks, day } => {
                format!("every {weeks} weeks on {} at {at}", name(day))
            }
            Recurrence::Monthly { nth, day } => {
                let which = ["last", "first", "second", "third", "fourth"]
                    [usize::try_from(nth).unwrap_or_default().min(4)];
                format!("the {which} {} of the month at {at}", name(day))
            }
        }
    }

    /// The same in Irish: "gach Déardaoin ag 21:30", …
    #[must_use]
    pub fn in_irish(&self) -> String {
        let at = self.starts.strftime("%H:%M");
        let said = match self.recurrence {
            Recurrence::Weekly { weeks, day } => {
                let day = irish_name(day);
                match weeks {
                    1 => format!("gach {day}"),
                    2 => format!("gach dara {day}"),
                    3 => format!("gach tríú {day}"),
                    4 => format!("gach ceathrú {day}"),
                    weeks => format!("gach {weeks} seachtain, {day}"),
                }
            }
            Recurrence::Monthly { nth, day } => match (nth, day) {
                (1, Weekday::Tuesday) => "an chéad Mháirt den mhí".into(),
                (1, Weekday::Wednesday) => "an chéad Chéadaoin den mhí".into(),
                (1, day) => format!("an chéad {} den mhí", irish_name(day)),
                (2, day) => format!("an dara {} den mhí", irish_name(day)),
                (3, day) => format!("an tríú {} den mhí", irish_name(day)),
                (4, day) => format!("an ceathrú {} den mhí", irish_name(day)),
                // Feminine days are lenited by the article, and lenite the adjective.
                (_, Weekday::Tuesday) => "an Mháirt dheireanach den mhí".into(),
                (_, Weekday::Wednesday) => "an Chéadaoin dheireanach den mhí".into(),
                (_, Weekday::Friday) => "an Aoine dheireanach den mhí".into(),
                (_, day) => format!("an {} deireanach den mhí", irish_name(day)),
            },
        };
        format!("{said} ag {at}")
    }

    /// The recurrence.
    #[must_use]
    pub fn recurrence(&self) -> Recurrence {
        self.recurrence
    }

    fn first_on_or_after(&self, date: Date) -> Option<Date> {
        self.recurrence.first_on_or_after(self.from, date)
    }
}

impl Recurrence {
    /// What an RRULE says, if it is one of the supported subset; else why not.
    ///
    /// # Errors
    /// The part that is not supported, in words.
    pub fn parse(rrule: &str) -> Result<Self, String> {
        parse_rrule(rrule)
    }

    /// As an RRULE.
    #[must_use]
    pub fn rrule(self) -> String {
        match self {
            Self::Weekly { weeks: 1, day } => format!("FREQ=WEEKLY;BYDAY={}", short(day)),
            Self::Weekly { weeks, day } => {
                format!("FREQ=WEEKLY;INTERVAL={weeks};BYDAY={}", short(day))
            }
            Self::Monthly { nth, day } => format!("FREQ=MONTHLY;BYDAY={nth}{}", short(day)),
        }
    }

    /// Its first date on or after `date`, where it began on or after `from`. It
    /// needs no time zone.
    #[must_use]
    pub fn first_on_or_after(self, from: Date, date: Date) -> Option<Date> {
        match self {
            Self::Weekly { weeks, day } => {
                let anchor = next_weekday(from, day)?;
                let days = anchor.until(date).ok()?.get_days();
                let step = i32::from(weeks) * 7;
                let periods = if days <= 0 { 0 } else { (days + step - 1) / step };
                anchor.checked_add((i64::from(periods) * i64::from(step)).days()).ok()
            }
            Self::Monthly { nth, day } => {
                let mut month = date.max(from).first_of_month();
                loop {
                    let on = month.nth_weekday_of_month(nth, day).ok()?;
                    if on >= date.max(from) {
                        return Some(on);
                    }
                    month = month.checked_add(1.month()).ok()?;
                }
            }
        }
    }
}

/// Walks the dates of a schedule.
struct Dates<'a> {
    schedule: &'a Schedule,
    at: Option<Date>,
}

impl Iterator for Dates<'_> {
    type Item = Date;
    fn next(&mut self) -> Option<Date> {
        let date = self.at?;
        if self.schedule.until.is_some_and(|until| date > until) {
            return None;
        }
        self.at = match self.schedule.recurrence {
            Recurrence::Weekly { weeks, .. } => date.checked_add(i64::from(weeks).weeks()).ok(),
            Recurrence::Monthly { .. } => {
                date.tomorrow().ok().and_then(|day| self.schedule.first_on_or_after(day))
            }
        };
        Some(date)
    }
}

fn next_weekday(from: Date, day: Weekday) -> Option<Date> {
    let days = from.weekday().until(day);
    from.checked_add(i64::from(days).days()).ok()
}

/// A day as an RRULE has it.
fn short(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// A day's name as a noun in Irish.
fn irish_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Luan",
        Weekday::Tuesday => "Máirt",
        Weekday::Wednesday => "Céadaoin",
        Weekday::Thursday => "Déardaoin",
        Weekday::Friday => "Aoine",
        Weekday::Saturday => "Satharn",
        Weekday::Sunday => "Domhnach",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    fn schedule(rrule: &str, from: &str, zone: &str) -> Result<Schedule, Problems> {
        let draft = ScheduleDraft {
            zone: zone.into(),
            rrule: rrule.into(),
            from: from.into(),
            ..samples::schedule()
        };
        let mut problems = Problems::default();
        let schedule = draft.validate("schedule", &mut problems);
        problems.or(schedule)
    }

    fn check(rrule: &str, from: &str, after: &str, words: &str, expected: &[&str]) {
        let schedule = schedule(rrule, from, "Europe/Dublin").unwrap();
        let dates: Vec<String> = schedule
            .dates_around(after.parse().unwrap())
            .filter_map(|date| schedule.starts_on(date))
            .filter(|starts| starts.timestamp() > after.parse().unwrap())
            .take(expected.len())
            .map(|starts| starts.strftime("%Y-%m-%d %H:%M %z").to_string())
            .collect();
        assert_eq!(dates, expected, "{rrule} from {from}");
        assert_eq!(schedule.in_words(), words);
    }

    #[test]
    fn how_it_repeats_is_said_in_irish() {
        for (rrule, from, irish) in [
            ("FREQ=WEEKLY;BYDAY=TH", "2026-01-08", "gach Déardaoin ag 21:30"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-01-06", "gach dara Máirt ag 21:30"),
            ("FREQ=MONTHLY;BYDAY=1TU", "2026-01-06", "an chéad Mháirt den mhí ag 21:30"),
            ("FREQ=MONTHLY;BYDAY=1MO", "2026-01-05", "an chéad Luan den mhí ag 21:30"),
            ("FREQ=MONTHLY;BYDAY=3SU", "2026-01-18", "an tríú Domhnach den mhí ag 21:30"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30", "an Aoine dheireanach den mhí ag 21:30"),
            ("FREQ=MONTHLY;BYDAY=-1SA", "2026-01-31", "an Satharn deireanach den mhí ag 21:30"),
        ] {
            assert_eq!(schedule(rrule, from, "Europe/Dublin").unwrap().in_irish(), irish);
        }
    }

    #[test]
    fn weekly_keeps_its_local_time_over_both_clock_changes() {
        check(
            "FREQ=WEEKLY;BYDAY=SA",
            "2026-01-01",
            "2026-03-27T00:00:00Z",
            "Saturdays at 21:30",
            &["2026-03-28 21:30 +0000", "2026-04-04 21:30 +0100"],
        );
        check(
            "FREQ=WEEKLY;BYDAY=SA",
            "2026-01-01",
            "2026-10-23T00:00:00Z",
            "Saturdays at 21:30",
            &["2026-10-24 21:30 +0100", "2026-10-31 21:30 +0000"],
        );
    }

    #[test]
    fn every_second_week_counts_from_its_anchor() {
        check(
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",
            "2026-01-08",
            "2026-01-10T00:00:00Z",
            "every 2 weeks on Thursday at 21:30",
            &["2026-01-22 21:30 +0000", "2026-02-05 21:30 +0000"],
        );
    }

    #[test]
    fn monthly_on_the_nth_and_last_weekday() {
        check(
            "FREQ=MONTHLY;BYDAY=1WE",
            "2026-01-01",
            "2026-01-08T00:00:00Z",
            "the first Wednesday of the month at 21:30",
            &["2026-02-04 21:30 +0000", "2026-03-04 21:30 +0000"],
        );
        check(
            "FREQ=MONTHLY;BYDAY=-1FR",
            "2026-01-01",
            "2026-01-08T00:00:00Z",
            "the last Friday of the month at 21:30",
            &["2026-01-30 21:30 +0000", "2026-02-27 21:30 +0000"],
        );
    }

    #[test]
    fn a_recurrence_is_written_as_it_was_read() {
        for rrule in [
            "FREQ=WEEKLY;BYDAY=TH",
            "FREQ=WEEKLY;INTERVAL=12;BYDAY=SU",
            "FREQ=MONTHLY;BYDAY=4MO",
            "FREQ=MONTHLY;BYDAY=-1FR",
        ] {
            assert_eq!(Recurrence::parse(rrule).unwrap().rrule(), rrule);
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_with_the_way_out() {
        for bad in [
            "",
            "FREQ=DAILY",
            "FREQ=WEEKLY",
            "FREQ=WEEKLY;BYDAY=MO,TU",
            "FREQ=WEEKLY;BYDAY=2MO",
            "FREQ=MONTHLY;BYDAY=5MO",
            "FREQ=MONTHLY;BYDAY=MO",
            "FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO",
            "FREQ=WEEKLY;INTERVAL=0;BYDAY=MO",
            "FREQ=WEEKLY;INTERVAL=99;BYDAY=MO",
            "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
            "FREQ=WEEKLY;FREQ=WEEKLY;BYDAY=MO",
            "BYDAY=é",
        ] {
            let problems = schedule(bad, "2026-01-01", "Europe/Dublin").unwrap_err();
            assert_eq!(problems.0[0].code, "unsupported_recurrence", "{bad:?}");
            assert!(problems.0[0].message.contains("FREQ=WEEKLY;BYDAY=TH"), "{bad:?}");
        }
        assert_eq!(
            schedule("FREQ=WEEKLY;BYDAY=MO", "2026-01-01", "Ireland/Dublin").unwrap_err().0[0].code,
            "unknown_zone"
        );
    }

    proptest! {
        #[test]
        fn dates_rise_fall_on_the_weekday_and_have_not_ended(
            weeks in 1u8..=12, day in 0usize..7, start in 0i64..3000, after in 0i64..3000,
        ) {
            let code = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][day];
            let from = jiff::civil::date(2024, 1, 1).checked_add(start.days()).unwrap();
            let schedule = schedule(
                &format!("FREQ=WEEKLY;INTERVAL={weeks};BYDAY={code}"), &from.to_string(), "America/New_York",
            ).unwrap();
            let after: Timestamp = "2024-01-01T00:00:00Z".parse::<Timestamp>().unwrap()
                .checked_add((after * 24).hours()).unwrap();
            let dates: Vec<ZonedDateTime> = schedule
                .dates_around(after)
                .filter_map(|date| schedule.starts_on(date))
                .take(5)
                .collect();
            prop_assert_eq!(dates.len(), 5);
            for pair in dates.windows(2) {
                let days = pair[0].date().until(pair[1].date()).unwrap().get_days();
                prop_assert_eq!(days, i32::from(weeks) * 7);
            }
            for date in &dates {
                prop_assert_eq!(date.weekday().to_monday_zero_offset() as usize, day);
                prop_assert!(date.date() >= from);
                prop_assert!(date.timestamp().checked_add(48.hours()).unwrap() > after);
            }
        }

        #[test]
        fn no_rule_panics(text in "\\PC{0,60}") {
            let _ = parse_rrule(&text);
        }
    }
}
