//! Dates and times in the reader's language: where it is played, by the clock of
//! 24 hours.

use jiff::{Timestamp, ToSpan, ZonedDateTime, tz::TimeZone};
use seisiun_domain::{
    dates::{day, day_of_year},
    member::Language,
};

/// `Thursday 7 January, 21:30`.
#[must_use]
pub fn day_and_time(at: &ZonedDateTime, language: Language) -> String {
    format!("{}, {}", day(at.date(), language), at.strftime("%H:%M"))
}

/// `7 January 2027`: the date of so many days later.
#[must_use]
pub fn in_days(now: Timestamp, days: i64, language: Language) -> String {
    let then = now.to_zoned_datetime(TimeZone::UTC).saturating_add(days.days());
    day_of_year(then.date(), language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_where_it_is_played() {
        let at: ZonedDateTime = "2027-01-07T21:30[America/New_York]".parse().unwrap();
        assert_eq!(day_and_time(&at, Language::En), "Thursday 7 January, 21:30");
        assert_eq!(in_days(at.timestamp(), 30, Language::Ga), "7 Feabhra 2027");
    }
}
