//! Members and the addresses that mail goes to.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{geo::Circle, ids::MemberId, limits, problem::Problems, text};

/// What we hold on a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// Verified by the user pool.
    pub email: Email,
    /// What others see.
    pub display_name: String,
    /// Where they look for sessions, if they said so. Nobody else sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Circle>,
    /// What we speak with them.
    #[serde(default)]
    pub language: Language,
    /// Which mails they want.
    #[serde(default)]
    pub mails: Mails,
    /// Whether they want a page: see [`Self::has_page`].
    #[serde(default)]
    pub public: bool,
    /// Members whose sessions they want no news of. Nobody else sees it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub blocked: BTreeSet<MemberId>,
    /// Whether they are being erased: nothing more is taken from them.
    #[serde(default)]
    pub erasing: bool,
}

/// Which mails a member wants. What they sent themselves is answered in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mails {
    /// News of what they follow.
    #[serde(default)]
    pub news: NewsMails,
}

/// When news of what one follows is mailed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewsMails {
    /// As it comes.
    #[default]
    AtOnce,
    /// Not at all, while the follows stay.
    Off,
}

/// A language that pages and mails are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Irish.
    Ga,
}

impl Language {
    /// Its tag (BCP 47), as Ireland writes it.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en-IE",
            Self::Ga => "ga-IE",
        }
    }
}

/// What a member says of themselves, as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileDraft {
    /// What others see.
    #[schemars(length(min = 1, max = limits::DISPLAY_NAME_CHARS_MAX))]
    pub display_name: String,
    /// Where they look for sessions. Nobody else sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<Circle>,
    /// What we speak with them.
    #[serde(default)]
    pub language: Language,
    /// Which mails they want.
    #[serde(default)]
    pub mails: Mails,
    /// Whether anybody may see a page of theirs, with their name and the
    /// sessions that they listed or host.
    #[serde(default)]
    pub public: bool,
}

impl ProfileDraft {
    /// Cleans and checks the draft.
    pub fn validate(&self) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let p = &mut problems;
        if let Some(home) = &self.home {
            home.centre.check("home.centre", p);
            if !(0.5..=limits::FOLLOW_RADIUS_KM_MAX).contains(&home.radius_km) {
                p.add("home.radius_km", "out_of_range", "must be between 0.5 and 50 km");
            }
        }
        let most = limits::DISPLAY_NAME_CHARS_MAX;
        let display_name = text::line(&self.display_name, "display_name", most, p);
        let home = self
            .home
            .map(|home| Circle { centre: home.centre.rounded(), radius_km: home.radius_km });
        problems.or(Some(Self { display_name, home, ..self.clone() }))
    }
}

impl Member {
    /// The member with what this says of them.
    #[must_use]
    pub fn with(self, profile: ProfileDraft) -> Self {
        let ProfileDraft { display_name, home, language, mails, public } = profile;
        Self { display_name, home, language, mails, public, ..self }
    }

    /// Whether there is a page of theirs: only if they chose so, and only until
    /// they are erased.
    #[must_use]
    pub fn has_page(&self) -> bool {
        self.public && !self.erasing
    }
}

/// An e-mail address. Its `Debug` hides it, so that no log shows one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("format" = "email", "maxLength" = 254))]
pub struct Email(String);

/// An address that can't be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// The address itself, for the envelope.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the lower-cased address, hex: the key of a suppression, which
    /// must outlive the address.
    #[must_use]
    pub fn suppression_key(&self) -> String {
        hex::encode(Sha256::digest(self.0.to_lowercase()))
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(…)")
    }
}

impl TryFrom<String> for Email {
    type Error = InvalidEmail;
    fn try_from(value: String) -> Result<Self, InvalidEmail> {
        // The user pool has verified that it receives mail; this only keeps
        // what could break a header or an envelope out.
        let fits = value.len() <= 254
            && value.is_ascii()
            && !value
                .bytes()
                .any(|b| b.is_ascii_control() || b == b' ' || b == b'<' || b == b'>' || b == b',')
            && value
                .rsplit_once('@')
                .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
        if fits { Ok(Self(value)) } else { Err(InvalidEmail) }
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Position;

    #[test]
    fn a_profile_is_cleaned_and_every_problem_named() {
        let home = Some(Circle { centre: Position { lat: 53.0, lon: -9.0 }, radius_km: 20.0 });
        let good = ProfileDraft {
            display_name: "  Bríd \u{202E} ".into(),
            home,
            language: Language::Ga,
            mails: Mails::default(),
            public: true,
        };
        let clean = good.validate().unwrap();
        assert_eq!(clean.display_name, "Bríd");
        assert!(clean.public);
        assert_eq!(clean.validate().unwrap(), clean);
        let nowhere =
            Some(Circle { centre: Position { lat: 91.0, lon: f64::NAN }, radius_km: 0.0 });
        let bad = ProfileDraft { display_name: "\u{200B}".into(), home: nowhere, ..good };
        let fields: Vec<_> = bad.validate().unwrap_err().0.into_iter().map(|p| p.field).collect();
        assert_eq!(
            fields,
            ["home.centre.lat", "home.centre.lon", "home.radius_km", "display_name"]
        );
    }

    #[test]
    fn nobody_has_a_page_without_having_asked_for_it() {
        let stored = r#"{"id":"ann","email":"ann@example.org","display_name":"Ann"}"#;
        let member: Member = serde_json::from_str(stored).unwrap();
        assert!(!member.has_page());
        let public = Member { public: true, ..member };
        assert!(public.has_page());
        assert!(!Member { erasing: true, ..public }.has_page());
    }

    #[test]
    fn an_address_neither_breaks_headers_nor_shows_in_logs() {
        let email = Email::try_from("Fiddler@example.org".to_owned()).unwrap();
        assert_eq!(format!("{email:?}"), "Email(…)");
        assert_eq!(
            email.suppression_key(),
            Email::try_from("fiddler@EXAMPLE.org".to_owned()).unwrap().suppression_key()
        );
        for bad in ["", "a", "@", "a@", "@b", "a@b\r\nBcc: c@d", "a b@c", "<a@b>", "a@b,c@d"] {
            assert!(Email::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
