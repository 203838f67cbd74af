//! Dates in words, in either language. Nothing is formatted by a library's own
//! strings: these compile into the browser's programs, too.

use jiff::civil::Date;

use crate::member::Language;

const ENGLISH_DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
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

/// The days' names, from Monday on.
#[must_use]
pub const fn weekdays(language: Language) -> &'static [&'static str; 7] {
    match language {
        Language::En => &ENGLISH_DAYS,
        Language::Ga => &IRISH_DAYS,
    }
}

fn month(date: Date, language: Language) -> &'static str {
    let months = match language {
        Language::En => &ENGLISH_MONTHS,
        Language::Ga => &IRISH_MONTHS,
    };
    let at = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    months.get(at).copied().unwrap_or_default()
}

/// `Thursday 26 November`.
#[must_use]
pub fn day(date: Date, language: Language) -> String {
    let at = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let weekday = weekdays(language).get(at).copied().unwrap_or_default();
    format!("{weekday} {} {}", date.day(), month(date, language))
}

/// `26 November 2026`.
#[must_use]
pub fn day_of_year(date: Date, language: Language) -> String {
    format!("{} {} {}", date.day(), month(date, language), date.year())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn a_date_is_said_in_either_language() {
        let date = "2027-01-07".parse().unwrap();
        assert_eq!(day(date, Language::En), "Thursday 7 January");
        assert_eq!(day(date, Language::Ga), "Déardaoin 7 Eanáir");
        assert_eq!(day_of_year(date, Language::En), "7 January 2027");
        assert_eq!(day_of_year(date, Language::Ga), "7 Eanáir 2027");
    }

    #[test]
    fn every_day_and_month_has_a_name() {
        for (language, some) in [
            (Language::En, ["Sunday 15 November", "Friday 25 December"]),
            (Language::Ga, ["Dé Domhnaigh 15 Samhain", "Dé hAoine 25 Nollaig"]),
        ] {
            let year = "2026-01-01".parse::<Date>().unwrap().series(1.days()).take(365);
            let said: BTreeSet<_> = year.map(|date| day(date, language)).collect();
            assert_eq!(said.len(), 365);
            assert!(some.iter().all(|day| said.contains(*day)), "{said:?}");
        }
    }
}
