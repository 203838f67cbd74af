//! What happened to a session, as a sentence.

use jiff::civil::Date;
use seisiun_domain::{
    calendar::{ChangeDraft, ExceptionDraft},
    change::News,
    dates::day,
    member::Language,
    schedule::Schedule,
    session::Session,
};

/// A schedule in words.
pub(super) fn schedule(schedule: &Schedule, language: Language) -> String {
    match language {
        Language::En => schedule.in_words(),
        Language::Ga => schedule.in_irish(),
    }
}

/// What happened, as a sentence, and why, in the words of who changed it.
#[must_use]
pub fn headline(session: &Session, news: &News, language: Language) -> (String, String) {
    let plain = |english: &str, irish: &str| match language {
        Language::En => english.to_owned(),
        Language::Ga => irish.to_owned(),
    };
    let sentence = match news {
        News::DateChanged { exception } => {
            return (of_date(exception, language), exception.reason.clone());
        }
        News::DateRestored { date, .. } => {
            let date = said(date, language);
            plain(
                &format!("On {date} it is as usual after all."),
                &format!("Beidh sé ar siúl mar is gnách {date} tar éis an tsaoil."),
            )
        }
        News::Rescheduled => {
            let on = session.calendar();
            let on: Vec<_> = on.schedules().iter().map(|one| schedule(one, language)).collect();
            let (on, venue) = (on.join(", "), &session.listing.venue.name);
            plain(
                &format!("It is now on {on}, in {venue}."),
                &format!("Seo mar a bhíonn sé anois: {on} ({venue})."),
            )
        }
        News::Paused => plain("It is not on for now.", "Níl sé ar siúl faoi láthair."),
        News::Resumed => plain("It is on again.", "Tá sé ar siúl arís."),
        News::Ended => plain("It is over for good.", "Tá deireadh leis."),
        News::NewSession => plain("It is new.", "Tá sé nua."),
    };
    (sentence, String::new())
}

/// A date as it was sent, in words.
fn said(text: &str, language: Language) -> String {
    text.parse::<Date>().map_or_else(|_| text.to_owned(), |date| day(date, language))
}

/// What is different on a date, as a sentence.
pub(super) fn of_date(exception: &ExceptionDraft, language: Language) -> String {
    let date = said(&exception.date, language);
    match (&exception.change, language) {
        (ChangeDraft::Cancelled, Language::En) => format!("It is off on {date}."),
        (ChangeDraft::Cancelled, Language::Ga) => format!("Tá sé ar ceal {date}."),
        (ChangeDraft::Moved { to, starts, place }, language) => {
            let (same, to) = (*to == exception.date, said(to, language));
            let mut text = match (language, same) {
                (Language::En, true) => format!("On {date} it is elsewhere"),
                (Language::En, false) => format!("Instead of {date} it is on {to}"),
                (Language::Ga, true) => format!("Beidh sé in áit eile {date}"),
                (Language::Ga, false) => format!("Ní {date} a bheidh sé ar siúl ach {to}"),
            };
            let (at, where_it_is) = match language {
                Language::En => (", at ", place.as_ref().map(|place| format!(", in {place}"))),
                // In brackets no preposition eclipses its name.
                Language::Ga => (", ag ", place.as_ref().map(|place| format!(" ({place})"))),
            };
            if let Some(starts) = starts {
                text.push_str(at);
                text.push_str(starts);
            }
            text.push_str(&where_it_is.unwrap_or_default());
            text + "."
        }
        (ChangeDraft::Retimed { starts, .. }, Language::En) => {
            format!("On {date} it begins at {starts}.")
        }
        (ChangeDraft::Retimed { starts, .. }, Language::Ga) => {
            format!("Tosóidh sé ag {starts} {date}.")
        }
        (ChangeDraft::Extra { starts, .. }, Language::En) => {
            format!("There is an extra one on {date}, at {starts}.")
        }
        (ChangeDraft::Extra { starts, .. }, Language::Ga) => {
            format!("Beidh seisiún breise ann {date}, ag {starts}.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: ChangeDraft, english: &str, irish: &str) {
        let exception = ExceptionDraft {
            schedule: 0,
            date: "2027-01-07".into(),
            change,
            reason: "A wake.".into(),
        };
        assert_eq!(of_date(&exception, Language::En), english);
        assert_eq!(of_date(&exception, Language::Ga), irish);
    }

    #[test]
    fn what_is_different_is_a_sentence_in_either_language() {
        check(
            ChangeDraft::Cancelled,
            "It is off on Thursday 7 January.",
            "Tá sé ar ceal Déardaoin 7 Eanáir.",
        );
        let moved = |to: &str, starts: Option<&str>, place: Option<&str>| ChangeDraft::Moved {
            to: to.into(),
            starts: starts.map(Into::into),
            place: place.map(Into::into),
        };
        check(
            moved("2027-01-08", Some("20:00"), Some("The Hall")),
            "Instead of Thursday 7 January it is on Friday 8 January, at 20:00, in The Hall.",
            "Ní Déardaoin 7 Eanáir a bheidh sé ar siúl ach Dé hAoine 8 Eanáir, ag 20:00 (The Hall).",
        );
        check(
            moved("2027-01-07", None, Some("The Hall")),
            "On Thursday 7 January it is elsewhere, in The Hall.",
            "Beidh sé in áit eile Déardaoin 7 Eanáir (The Hall).",
        );
        check(
            ChangeDraft::Retimed { starts: "20:00".into(), duration_minutes: None },
            "On Thursday 7 January it begins at 20:00.",
            "Tosóidh sé ag 20:00 Déardaoin 7 Eanáir.",
        );
        check(
            ChangeDraft::Extra { starts: "15:00".into(), duration_minutes: 90 },
            "There is an extra one on Thursday 7 January, at 15:00.",
            "Beidh seisiún breise ann Déardaoin 7 Eanáir, ag 15:00.",
        );
    }
}
