//! A session as lists show it: what a person needs to choose one, and what a
//! search filters by. Kept apart from the whole record, so that a list of a
//! county is a few kilobytes.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, ExceptionDraft},
    geo::{COARSE_CHARS, Cell, Position},
    ids::SessionId,
    schedule::ScheduleDraft,
    session::{Format, Level, Session, Slug, Status},
    slug,
};

/// A listed session, in brief.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    /// Its id.
    pub id: SessionId,
    /// Last part of the address of its page.
    pub slug: Slug,
    /// What it is called.
    pub title: String,
    /// Name of the venue.
    pub venue: String,
    /// Town or city.
    pub town: String,
    /// County, state or region.
    pub county: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Where it is.
    pub position: Position,
    /// Who may join in.
    pub format: Format,
    /// How well one should play.
    pub level: Level,
    /// Where it stands.
    pub status: Status,
    /// When it is on.
    pub schedules: Vec<ScheduleDraft>,
    /// Single dates that differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<ExceptionDraft>,
    /// How often it was changed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sequence: u32,
    /// When somebody last vouched for it.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub last_verified_at: Timestamp,
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Card {
    /// The card of a session.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        let listing = &session.listing;
        Self {
            id: session.id,
            slug: session.slug.clone(),
            title: listing.title.clone(),
            venue: listing.venue.name.clone(),
            town: listing.venue.town.clone(),
            county: listing.venue.county.clone(),
            country: listing.venue.country.clone(),
            position: listing.venue.position,
            format: listing.format,
            level: listing.level,
            status: session.status,
            schedules: listing.schedules.clone(),
            exceptions: session.exceptions.clone(),
            sequence: session.sequence,
            last_verified_at: session.last_verified_at,
        }
    }

    /// When it is on.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::of(&self.schedules, &self.exceptions)
    }

    /// The lists that it is in.
    #[must_use]
    pub fn lists(&self) -> Vec<List> {
        vec![
            List::Cell(Cell(self.position.geohash(COARSE_CHARS))),
            List::county(&self.country, &self.county),
            List::Country { country: self.country.clone() },
        ]
    }
}

/// A list of sessions that is kept together: asked for in one query, published
/// as one file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum List {
    /// A coarse geohash cell, or (in the table's index alone) a fine one.
    Cell(Cell),
    /// A county.
    County {
        /// ISO 3166-1 alpha-2.
        country: String,
        /// Slug of the county's name.
        county: String,
    },
    /// A whole country: some hundred bytes a session once compressed.
    Country {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
}

/// A list as it is published: a file whose name holds the hash of its content,
/// so that it can be kept for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListFile {
    /// Layout of the file: readers refuse a later one.
    pub version: u32,
    /// Its sessions, by id.
    pub sessions: Vec<Card>,
}

/// Which file a list is now: the one small file of a list that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListHead {
    /// Path of the file below the site's origin.
    pub file: String,
    /// Sessions in it.
    pub sessions: usize,
}

/// Layout of [`ListFile`].
pub const LIST_VERSION: u32 = 1;

impl List {
    /// Where the list's head is published, below the site's origin, without a
    /// slash before it.
    #[must_use]
    pub fn head_key(&self) -> String {
        format!("{}.json", self.stem())
    }

    /// Where its file with this content (SHA-256, hex) is published.
    #[must_use]
    pub fn file_key(&self, sha256: &str) -> String {
        format!("{}.{}.json", self.stem(), sha256.get(..16).unwrap_or(sha256))
    }

    fn stem(&self) -> String {
        match self {
            Self::Cell(cell) => format!("data/cells/{}", cell.0),
            Self::County { country, county } => {
                format!("data/counties/{}/{county}", country.to_lowercase())
            }
            Self::Country { country } => format!("data/countries/{}", country.to_lowercase()),
        }
    }

    /// The list that an object published under `data/` is a part of; `None` for
    /// one that is no list's. Files and the head of one list stand beside one
    /// another in the order of their keys.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        let stem = key.strip_prefix("data/")?.strip_suffix(".json")?;
        let (stem, hash) = stem.split_once('.').map_or((stem, None), |(s, h)| (s, Some(h)));
        let parts: Vec<&str> = stem.split('/').collect();
        let list = match parts.as_slice() {
            ["cells", cell] => Self::Cell(Cell((*cell).to_owned())),
            ["counties", country, county] => Self::county(country, county),
            ["countries", country] => Self::Country { country: country.to_uppercase() },
            _ => return None,
        };
        let is_own = match hash {
            Some(hash) => list.file_key(hash) == key,
            None => list.head_key() == key,
        };
        is_own.then_some(list)
    }

    /// The list of a county, however its name is spelt.
    #[must_use]
    pub fn county(country: &str, county: &str) -> Self {
        Self::County { country: country.to_uppercase(), county: county_slug(county) }
    }
}

/// A county's name as it stands in addresses and keys. "County Clare", "Co.
/// Clare" and "Clare" are one.
#[must_use]
pub fn county_slug(name: &str) -> String {
    let slug = slug::slugify(name);
    let short = slug.strip_prefix("county-").or_else(|| slug.strip_prefix("co-")).unwrap_or(&slug);
    if short.is_empty() { "unknown".into() } else { short.to_owned() }
}

/// A town's name as it stands in addresses.
#[must_use]
pub fn town_slug(name: &str) -> String {
    let slug = slug::slugify(name);
    if slug.is_empty() { "unknown".into() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_found_again_by_the_keys_of_its_objects() {
        let lists = [
            List::Cell(Cell("gc2".into())),
            List::county("IE", "Co. Clare"),
            List::Country { country: "IE".into() },
        ];
        for list in lists {
            for key in [list.head_key(), list.file_key("0123456789abcdef")] {
                assert_eq!(List::of_key(&key), Some(list.clone()), "{key}");
            }
        }
        for other in [
            "data/cells/gc2",
            "data/counties/clare.json",
            "data/counties/IE/clare.json",
            "data/countries/ie.0123456789abcdef01.json",
            "data/suite.json",
            "feeds/counties/ie/clare.ics",
            "",
        ] {
            assert_eq!(List::of_key(other), None, "{other:?}");
        }
    }

    #[test]
    fn a_county_has_one_slug_however_it_is_spelt() {
        for name in ["Clare", "County Clare", "Co. Clare", "co clare", " CLARE "] {
            assert_eq!(county_slug(name), "clare", "{name:?}");
        }
        assert_eq!(county_slug("Dún Laoghaire–Rathdown"), "dun-laoghaire-rathdown");
        assert_eq!(county_slug("County"), "county");
        assert_eq!(county_slug("…"), "unknown");
        assert_eq!(town_slug("Lios Dúin Bhearna"), "lios-duin-bhearna");
        // A town is called what it is called.
        assert_eq!(town_slug("County Hall"), "county-hall");
        assert_eq!(town_slug("…"), "unknown");
    }
}
