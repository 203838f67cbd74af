//! Why somebody gets news, and what they asked for.

use seisiun_domain::{
    card::county_slug,
    county::{COUNTIES, County},
    follow::Cadence,
    member::Language,
};

/// A way in which a reader follows what a mail is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FollowReason<'a> {
    /// They follow the session.
    Session,
    /// They follow who added it.
    Member {
        /// Their name, if they want to be named.
        name: Option<&'a str>,
    },
    /// They follow its county.
    County {
        /// As the venue or the follow names it: "Clare", "county-clare".
        name: &'a str,
    },
    /// They follow all of it by the week.
    Digest,
    /// They follow what is near a place.
    Circle {
        /// How near.
        radius_km: f64,
    },
}

/// Why a reader gets news, as sentences without a full stop, each once.
#[must_use]
pub fn why(reasons: &[FollowReason<'_>], language: Language) -> Vec<String> {
    let mut said = Vec::new();
    for reason in reasons {
        let one = reason.why(language);
        if !said.contains(&one) {
            said.push(one);
        }
    }
    said
}

/// What somebody asked to follow, within a sentence: "new sessions in County
/// Clare". `title` is the session's, where it is known.
#[must_use]
pub fn followed(
    wanted: &FollowReason<'_>,
    title: Option<&str>,
    cadence: Cadence,
    language: Language,
) -> String {
    match cadence {
        Cadence::Instant => followed_at_once(wanted, title, language),
        Cadence::Weekly => followed_weekly(wanted, title, language),
    }
}

fn followed_weekly(wanted: &FollowReason<'_>, title: Option<&str>, language: Language) -> String {
    match (wanted, language) {
        (FollowReason::Session, Language::En) => {
            format!("when {} is on, once a week", title.unwrap_or("a session"))
        }
        (FollowReason::Session, Language::Ga) => match title {
            Some(title) => format!("cathain a bhíonn “{title}” ar siúl, uair sa tseachtain"),
            None => "cathain a bhíonn seisiún ar siúl, uair sa tseachtain".into(),
        },
        (FollowReason::Member { name }, Language::En) => {
            format!("what is on of {}’s sessions, once a week", name.unwrap_or("a member"))
        }
        (FollowReason::Member { name }, Language::Ga) => {
            let whose = name.unwrap_or("baill");
            format!("a bhfuil ar siúl de sheisiúin {whose}, uair sa tseachtain")
        }
        (FollowReason::County { name }, Language::En) => {
            format!("what is on in {}, once a week", county(name, language))
        }
        (FollowReason::County { name }, Language::Ga) => {
            let county = county(name, language);
            format!("a bhfuil ar siúl sa chontae seo, uair sa tseachtain: {county}")
        }
        (FollowReason::Circle { radius_km }, Language::En) => {
            format!("what is on within {radius_km:.0} km of a place on the map, once a week")
        }
        (FollowReason::Circle { radius_km }, Language::Ga) => format!(
            "a bhfuil ar siúl laistigh de {radius_km:.0} km d’áit ar an léarscáil, uair sa \
             tseachtain"
        ),
        (FollowReason::Digest, Language::En) => "what is on, once a week".into(),
        (FollowReason::Digest, Language::Ga) => "a bhfuil ar siúl, uair sa tseachtain".into(),
    }
}

fn followed_at_once(wanted: &FollowReason<'_>, title: Option<&str>, language: Language) -> String {
    match (wanted, language) {
        (FollowReason::Session, Language::En) => match title {
            Some(title) => format!("changes of {title}"),
            None => "changes of a session".into(),
        },
        (FollowReason::Session, Language::Ga) => match title {
            Some(title) => format!("athruithe ar “{title}”"),
            None => "athruithe ar sheisiún".into(),
        },
        (FollowReason::Digest, _) => followed_weekly(wanted, title, language),
        (FollowReason::Member { name: Some(name) }, Language::En) => {
            format!("new sessions that {name} adds")
        }
        (FollowReason::Member { name: Some(name) }, Language::Ga) => {
            format!("seisiúin nua a chuireann {name} leis")
        }
        (FollowReason::Member { name: None }, Language::En) => {
            "new sessions that a member adds".into()
        }
        (FollowReason::Member { name: None }, Language::Ga) => {
            "seisiúin nua a chuireann ball leis".into()
        }
        (FollowReason::County { name }, Language::En) => {
            format!("new sessions in {}", county(name, language))
        }
        (FollowReason::County { name }, Language::Ga) => {
            format!("seisiúin nua sa chontae seo: {}", county(name, language))
        }
        (FollowReason::Circle { radius_km }, Language::En) => {
            format!("new sessions within {radius_km:.0} km of a place on the map")
        }
        (FollowReason::Circle { radius_km }, Language::Ga) => {
            format!("seisiúin nua laistigh de {radius_km:.0} km d’áit ar an léarscáil")
        }
    }
}

impl FollowReason<'_> {
    fn why(&self, language: Language) -> String {
        match (self, language) {
            (Self::Session, Language::En) => "You follow this session".into(),
            (Self::Session, Language::Ga) => "Leanann tú an seisiún seo".into(),
            (Self::Digest, Language::En) => "You asked for it once a week".into(),
            (Self::Digest, Language::Ga) => "D’iarr tú é uair sa tseachtain".into(),
            (Self::Member { name: Some(name) }, Language::En) => format!("You follow {name}"),
            (Self::Member { name: Some(name) }, Language::Ga) => format!("Leanann tú {name}"),
            (Self::Member { name: None }, Language::En) => {
                "You follow the member who added it".into()
            }
            (Self::Member { name: None }, Language::Ga) => {
                "Leanann tú an ball a chuir leis é".into()
            }
            (Self::County { name }, Language::En) => {
                format!("You follow {}", county(name, language))
            }
            (Self::County { name }, Language::Ga) => {
                format!("Leanann tú an contae seo: {}", county(name, language))
            }
            (Self::Circle { radius_km }, Language::En) => {
                format!("You follow sessions within {radius_km:.0} km of a place on the map")
            }
            (Self::Circle { radius_km }, Language::Ga) => {
                format!("Leanann tú seisiúin laistigh de {radius_km:.0} km d’áit ar an léarscáil")
            }
        }
    }
}

/// A county as it is said: one of Ireland's in the language, any other as it is
/// written.
pub(super) fn county(name: &str, language: Language) -> String {
    match (irish_county(name), language) {
        (Some(county), Language::En) => format!("County {}", county.english),
        (Some(county), Language::Ga) => county.irish.to_owned(),
        (None, _) => name.to_owned(),
    }
}

fn irish_county(name: &str) -> Option<&'static County> {
    let slug = county_slug(name);
    COUNTIES.iter().find(|county| county.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_following_is_said_once_and_in_either_language() {
        let reasons = [
            FollowReason::Session,
            FollowReason::Member { name: None },
            FollowReason::Member { name: Some("Áine") },
            FollowReason::County { name: "Co. Clare" },
            FollowReason::County { name: "clare" },
            FollowReason::County { name: "Massachusetts" },
            FollowReason::Circle { radius_km: 20.0 },
            FollowReason::Digest,
            FollowReason::Session,
        ];
        assert_eq!(
            why(&reasons, Language::En),
            [
                "You follow this session",
                "You follow the member who added it",
                "You follow Áine",
                "You follow County Clare",
                "You follow Massachusetts",
                "You follow sessions within 20 km of a place on the map",
                "You asked for it once a week",
            ]
        );
        assert_eq!(
            why(&reasons, Language::Ga),
            [
                "Leanann tú an seisiún seo",
                "Leanann tú an ball a chuir leis é",
                "Leanann tú Áine",
                "Leanann tú an contae seo: An Clár",
                "Leanann tú an contae seo: Massachusetts",
                "Leanann tú seisiúin laistigh de 20 km d’áit ar an léarscáil",
                "D’iarr tú é uair sa tseachtain",
            ]
        );
    }

    #[test]
    fn what_is_asked_for_stands_within_a_sentence() {
        let check = |wanted, title, english: &str, irish: &str| {
            for (language, said) in [(Language::En, english), (Language::Ga, irish)] {
                assert_eq!(followed(&wanted, title, Cadence::Instant, language), said);
            }
        };
        let session = FollowReason::Session;
        check(session, Some("Friel’s"), "changes of Friel’s", "athruithe ar “Friel’s”");
        check(session, None, "changes of a session", "athruithe ar sheisiún");
        check(
            FollowReason::County { name: "clare" },
            None,
            "new sessions in County Clare",
            "seisiúin nua sa chontae seo: An Clár",
        );
        check(
            FollowReason::Circle { radius_km: 12.4 },
            None,
            "new sessions within 12 km of a place on the map",
            "seisiúin nua laistigh de 12 km d’áit ar an léarscáil",
        );
        let check = |wanted, title, english: &str, irish: &str| {
            for (language, said) in [(Language::En, english), (Language::Ga, irish)] {
                assert_eq!(followed(&wanted, title, Cadence::Weekly, language), said);
            }
        };
        check(
            session,
            Some("Friel’s"),
            "when Friel’s is on, once a week",
            "cathain a bhíonn “Friel’s” ar siúl, uair sa tseachtain",
        );
        check(
            FollowReason::County { name: "clare" },
            None,
            "what is on in County Clare, once a week",
            "a bhfuil ar siúl sa chontae seo, uair sa tseachtain: An Clár",
        );
        check(
            FollowReason::Member { name: None },
            None,
            "what is on of a member’s sessions, once a week",
            "a bhfuil ar siúl de sheisiúin baill, uair sa tseachtain",
        );
        check(
            FollowReason::Circle { radius_km: 12.4 },
            None,
            "what is on within 12 km of a place on the map, once a week",
            "a bhfuil ar siúl laistigh de 12 km d’áit ar an léarscáil, uair sa tseachtain",
        );
    }
}
