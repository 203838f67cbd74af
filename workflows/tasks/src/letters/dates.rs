//! Dates and times in the reader's language: where it is played, by the clock of
//! 24 hours.

use jiff::{Timestamp, ToSpan, ZonedDateTime, civil::Date, tz::TimeZone};
use seisiun_domain::member::Language;

/// As they stand in a sentence: "on Monday".
const IRISH_DAYS: [&str; 7] = [
    "Dé Luain",
    "Dé Máirt",
    "Dé Céadaoin",
    "Déardaoin",
    "Dé hAoine",
    "Dé Sathairn",
    "Dé Domhnaigh",
];

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

fn irish_month(date: Date) -> &'static str {
    let month = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    IRISH_MONTHS.get(month).copied().unwrap_or_default()
}

/// `Thursday 7 January`.
#[must_use]
pub fn day(date: Date, language: Language) -> String {
    match language {
        Language::En => date.strftime("%A %-d %B").to_string(),
        Language::Ga => {
            let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
            let weekday = IRISH_DAYS.get(weekday).copied().unwrap_or_default();
            format!("{weekday} {} {}", date.day(), irish_month(date))
        }
    }
}

/// `Thursday 7 January, 21:30`.
#[must_use]
pub fn day_and_time(at: &ZonedDateTime, language: Language) -> String {
    format!("{}, {}", day(at.date(), language), at.strftime("%H:%M"))
}

/// `7 January 2027`.
#[must_use]
pub fn date(date: Date, language: Language) -> String {
    match language {
        Language::En => date.strftime("%-d %B %Y").to_string(),
        Language::Ga => format!("{} {} {}", date.day(), irish_month(date), date.year()),
    }
}

/// The same of so many days later.
#[must_use]
pub fn in_days(now: Timestamp, days: i64, language: Language) -> String {
    let then = now.to_zoned_datetime(TimeZone::UTC).saturating_add(days.days());
    date(then.date(), language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_said_in_either_language() {
        let at: ZonedDateTime = "2027-01-07T21:30[Europe/Dublin]".parse().unwrap();
        for (language, the_day, the_time, the_date) in [
            (Language::En, "Thursday 7 January", "Thursday 7 January, 21:30", "7 January 2027"),
            (Language::Ga, "Déardaoin 7 Eanáir", "Déardaoin 7 Eanáir, 21:30", "7 Eanáir 2027"),
        ] {
            assert_eq!(day(at.date(), language), the_day);
            assert_eq!(day_and_time(&at, language), the_time);
            assert_eq!(date(at.date(), language), the_date);
            assert_eq!(in_days(at.timestamp(), 0, language), the_date);
        }
    }

    #[test]
    fn every_day_and_month_has_a_name() {
        let year = "2026-01-01".parse::<Date>().unwrap().series(1.days()).take(365);
        let said: std::collections::BTreeSet<_> =
            year.map(|date| day(date, Language::Ga)).collect();
        assert_eq!(said.len(), 365);
        assert!(said.contains("Dé Domhnaigh 15 Samhain"), "{said:?}");
        assert!(said.contains("Dé hAoine 25 Nollaig"));
    }
}
