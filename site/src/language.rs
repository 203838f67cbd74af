//! The languages that the site speaks, and where each stands.

use serde::{Deserialize, Serialize};

use crate::words::{ENGLISH, IRISH, Words};

/// A language of the site. Each has paths of its own, so that a switch is a
/// link and works without script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English, at the top.
    En,
    /// Irish, below `/ga/`.
    Ga,
}

impl From<Language> for seisiun_domain::member::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Ga => Self::Ga,
        }
    }
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ga];

    /// Its BCP 47 tag, for `lang` and `hreflang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ga => "ga",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::Ga => "Gaeilge",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::En => Self::Ga,
            Self::Ga => Self::En,
        }
    }

    /// Its words.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::En => &ENGLISH,
            Self::Ga => &IRISH,
        }
    }

    /// The address of a page in this language, by its path in English without
    /// slashes around it: `about` is `/about/`, or `/ga/about/`.
    #[must_use]
    pub fn href(self, path: &str) -> String {
        let prefix = match self {
            Self::En => "/",
            Self::Ga => "/ga/",
        };
        if path.is_empty() { prefix.to_owned() } else { format!("{prefix}{path}/") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_paths_of_its_own() {
        for (language, path, href) in [
            (Language::En, "", "/"),
            (Language::En, "about", "/about/"),
            (Language::Ga, "", "/ga/"),
            (Language::Ga, "counties/ie/clare", "/ga/counties/ie/clare/"),
        ] {
            assert_eq!(language.href(path), href);
        }
    }
}
