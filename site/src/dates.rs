//! Dates and times in words. They come with their own offset and are shown
//! where they are played, so that no table of zones is needed.

use jiff::civil::{Date, DateTime, Time};

use crate::Language;

const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const IRISH_DAYS: [&str; 7] = [
    "Dé Luain",
    "Dé Máirt",
    "Dé Céadaoin",
    "Déardaoin",
    "Dé hAoine",
    "Dé Sathairn",
    "Dé Domhnaigh",
];
const ENGLISH_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// In the genitive, as they stand after the day's number.
const IRISH_MONTHS: [&str; 12] = [
    "Eanáir",
    "Feabhra",
    "Márta",
    "Aibreán",
    "Bealtaine",
    "Meitheamh",
    "Iúil",
    "Lúnasa",
    "Meán Fómhair",
    "Deireadh Fómhair",
    "Samhain",
    "Nollaig",
];

/// The local date and time of an RFC 3339 instant: what stands before its
/// offset. `None` if it is none.
pub(crate) fn local(rfc3339: &str) -> Option<DateTime> {
    let (day, clock) = rfc3339.get(..19)?.split_once('T')?;
    let mut parts = clock.split(':').map(|part| part.parse().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    Some(date(day)?.to_datetime(Time::new(hour, minute, second, 0).ok()?))
}

/// A date as `2026-11-26`. `None` if it is none. (The library's own parser
/// knows much more, and weighs as much as half a page in the browser.)
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The days' names, from Monday on.
#[cfg(any(engine, feature = "members"))]
pub(crate) const fn weekdays(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::En => &ENGLISH_DAYS,
        Language::Ga => &IRISH_DAYS,
    }
}

/// `Thursday 26 November`.
pub(crate) fn day(date: Date, language: Language) -> String {
    let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let month = usize::from(date.month().unsigned_abs()) - 1;
    let (days, months) = match language {
        Language::En => (ENGLISH_DAYS, ENGLISH_MONTHS),
        Language::Ga => (IRISH_DAYS, IRISH_MONTHS),
    };
    format!("{} {} {}", days[weekday], date.day(), months[month])
}

/// `26 November 2026`: of what is long ago.
pub(crate) fn date_with_year(date: Date, language: Language) -> String {
    let month = usize::from(date.month().unsigned_abs()) - 1;
    let months = match language {
        Language::En => ENGLISH_MONTHS,
        Language::Ga => IRISH_MONTHS,
    };
    format!("{} {} {}", date.day(), months[month], date.year())
}

/// `21:30`.
#[cfg(any(engine, not(feature = "members")))]
pub(crate) fn time(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_said_where_it_is_played() {
        let at = local("2026-11-26T21:30:00+00:00").unwrap();
        assert_eq!(day(at.date(), Language::En), "Thursday 26 November");
        assert_eq!(day(at.date(), Language::Ga), "Déardaoin 26 Samhain");
        assert_eq!(date_with_year(at.date(), Language::En), "26 November 2026");
        assert_eq!(time(at), "21:30");
        for no_date in ["", "2026-11-26", "Thursday, the 26th of November", "2026-13-01T00:00:00Z"]
        {
            assert_eq!(local(no_date), None, "{no_date:?}");
        }
    }
}
