//! What can be done about something, and why: the reasons catalogue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a moderator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Publish it; of a notice: take down what it is about.
    Approve,
    /// Do not publish it; of a notice: leave what it is about.
    Reject,
}

/// Why something is not published. The catalogue is closed: a statement of
/// reasons must name a ground that the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing wrong: the reason of an approval.
    InOrder,
    /// Sexual or otherwise explicit content.
    Explicit,
    /// A file that harms whoever opens it.
    Malware,
    /// Violence or hate.
    Abusive,
    /// Advertising or links that have nothing to do with a session.
    Spam,
    /// People shown or named who did not agree.
    Privacy,
    /// Not about an Irish traditional music session.
    OffTopic,
    /// Wrong or misleading facts.
    Inaccurate,
    /// The same session is listed already.
    Duplicate,
    /// What was reviewed isn't listed (any more).
    NoSuchSession,
    /// The member has reviewed this session before.
    AlreadyReviewed,
    /// Somebody changed the same in between.
    Outdated,
    /// Its own submitter took it back.
    Withdrawn,
    /// Against the law.
    Illegal,
    /// Somebody else's work.
    IntellectualProperty,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::InOrder,
        Self::Explicit,
        Self::Malware,
        Self::Abusive,
        Self::Spam,
        Self::Privacy,
        Self::OffTopic,
        Self::Inaccurate,
        Self::Duplicate,
        Self::NoSuchSession,
        Self::AlreadyReviewed,
        Self::Outdated,
        Self::Withdrawn,
        Self::Illegal,
        Self::IntellectualProperty,
    ];

    /// The rule's name in the moderation policy.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::InOrder => "In order",
            Self::Explicit => "Explicit content",
            Self::Malware => "Harmful files",
            Self::Abusive => "Violence and hatred",
            Self::Spam => "Advertising",
            Self::Privacy => "Consent",
            Self::OffTopic => "Sessions only",
            Self::Inaccurate => "Facts",
            Self::Duplicate | Self::AlreadyReviewed => "One of each",
            Self::NoSuchSession => "Listed sessions",
            Self::Outdated => "Up to date",
            Self::Withdrawn => "Your own",
            Self::Illegal => "The law",
            Self::IntellectualProperty => "Other people's work",
        }
    }

    /// Whether it speaks against who sent it, beyond this one submission: not
    /// where they were late, wrong or took it back.
    #[must_use]
    pub fn costs_trust(self) -> bool {
        match self {
            Self::Explicit
            | Self::Malware
            | Self::Abusive
            | Self::Spam
            | Self::Privacy
            | Self::OffTopic
            | Self::Illegal
            | Self::IntellectualProperty => true,
            Self::InOrder
            | Self::Inaccurate
            | Self::Duplicate
            | Self::NoSuchSession
            | Self::AlreadyReviewed
            | Self::Outdated
            | Self::Withdrawn => false,
        }
    }

    /// Whether a person may see otherwise what a program refused for it. A file
    /// that harms stays away, whoever says what; the other grounds of programs
    /// are facts of the listing, which sending it again in order answers.
    #[must_use]
    pub fn a_person_may_see_otherwise(self) -> bool {
        self == Self::Explicit
    }

    /// The rule, in words for the submitter.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::InOrder => "It is in order.",
            Self::Explicit => "Our rules allow no sexual or otherwise explicit content.",
            Self::Malware => "Our rules allow no files that harm whoever opens them.",
            Self::Abusive => "Our rules allow no violence, harassment or hatred.",
            Self::Spam => "Our rules allow no advertising that has nothing to do with a session.",
            Self::Privacy => "Our rules ask for the consent of people who are shown or named.",
            Self::OffTopic => "Seisiún lists Irish traditional music sessions only.",
            Self::Inaccurate => "Our rules ask for facts that musicians can rely on.",
            Self::Duplicate => "The same session is listed already.",
            Self::NoSuchSession => "The session that it is about is not listed.",
            Self::AlreadyReviewed => {
                "You have reviewed this session before; you can edit that review."
            }
            Self::Outdated => "What you changed was changed by somebody else in the meantime.",
            Self::Withdrawn => "You took it back yourself.",
            Self::Illegal => "Our rules allow nothing that is against the law.",
            Self::IntellectualProperty => "Our rules ask for the consent of whose work it is.",
        }
    }

    /// The rule's name in Irish.
    #[must_use]
    pub fn rule_in_irish(self) -> &'static str {
        match self {
            Self::InOrder => "In ord",
            Self::Explicit => "Ábhar follasach",
            Self::Malware => "Comhaid dhíobhálacha",
            Self::Abusive => "Foréigean agus fuath",
            Self::Spam => "Fógraíocht",
            Self::Privacy => "Toiliú",
            Self::OffTopic => "Seisiúin amháin",
            Self::Inaccurate => "Fíricí",
            Self::Duplicate | Self::AlreadyReviewed => "Ceann amháin de gach rud",
            Self::NoSuchSession => "Seisiúin liostaithe",
            Self::Outdated => "Cothrom le dáta",
            Self::Withdrawn => "Do chuid féin",
            Self::Illegal => "An dlí",
            Self::IntellectualProperty => "Saothar daoine eile",
        }
    }

    /// The rule, in Irish words for the submitter.
    #[must_use]
    pub fn in_irish(self) -> &'static str {
        match self {
            Self::InOrder => "Tá sé in ord.",
            Self::Explicit => {
                "Ní cheadaíonn ár rialacha aon ábhar gnéasach ná aon ábhar follasach eile."
            }
            Self::Malware => {
                "Ní cheadaíonn ár rialacha aon chomhad a dhéanann díobháil don té a osclaíonn é."
            }
            Self::Abusive => "Ní cheadaíonn ár rialacha aon fhoréigean, ciapadh ná fuath.",
            Self::Spam => "Ní cheadaíonn ár rialacha aon fhógraíocht nach mbaineann le seisiún.",
            Self::Privacy => {
                "Iarrann ár rialacha toiliú na ndaoine a thaispeántar nó a ainmnítear."
            }
            Self::OffTopic => {
                "Ní liostaíonn Seisiún ach seisiúin cheoil thraidisiúnta Éireannaigh."
            }
            Self::Inaccurate => "Iarrann ár rialacha fíricí ar féidir le ceoltóirí brath orthu.",
            Self::Duplicate => "Tá an seisiún céanna liostaithe cheana.",
            Self::NoSuchSession => "Níl an seisiún lena mbaineann sé liostaithe.",
            Self::AlreadyReviewed => {
                "Rinne tú léirmheas ar an seisiún seo cheana; is féidir leat an léirmheas sin a \
                 athrú."
            }
            Self::Outdated => "D’athraigh duine eile an rud a d’athraigh tú idir an dá linn.",
            Self::Withdrawn => "Tharraing tú féin siar é.",
            Self::Illegal => "Ní cheadaíonn ár rialacha aon rud atá in aghaidh an dlí.",
            Self::IntellectualProperty => "Iarrann ár rialacha toiliú an té ar leis an saothar.",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_is_said_in_irish_as_in_english() {
        let distinct = |said: fn(Reason) -> &'static str| {
            Reason::ALL.into_iter().map(said).collect::<BTreeSet<_>>().len()
        };
        assert_eq!(distinct(Reason::in_irish), distinct(Reason::in_words));
        assert_eq!(distinct(Reason::rule_in_irish), distinct(Reason::rule));
        for reason in Reason::ALL {
            assert!(reason.in_irish().ends_with('.'), "{reason:?}");
            assert_ne!(reason.in_irish(), reason.in_words());
            assert_ne!(reason.rule_in_irish(), reason.rule());
        }
    }
}
