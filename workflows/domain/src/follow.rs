//! Follows: who hears of what.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    card::county_slug,
    geo::{Cell, Circle, Position},
    ids::{MemberId, SessionId},
    member::{Email, Language},
};

/// What clients may follow, as text; cells are for circles.
const TARGET_PATTERN: &str = "^(session:[0-7][0-9A-HJKMNP-TV-Z]{25}|member:[A-Za-z0-9_-]{1,64}|county:[A-Z]{2}:[a-z0-9]+(-[a-z0-9]+)*)$";

/// What can be followed. Its text form is part of table keys.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = TARGET_PATTERN))]
pub enum Target {
    /// One session.
    Session(SessionId),
    /// All of a member's sessions.
    Member(MemberId),
    /// A county, e.g. `IE` and `clare`.
    County {
        /// ISO 3166-1 alpha-2.
        country: String,
        /// Slug of the county's name.
        county: String,
    },
    /// Circles that reach into a geohash cell.
    Cell(Cell),
}

/// A text that names no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a follow target")]
pub struct InvalidTarget(String);

impl Target {
    /// The county of a venue.
    #[must_use]
    pub fn county(country: &str, county: &str) -> Self {
        Self::County { country: country.to_uppercase(), county: county_slug(county) }
    }

    /// All targets that a new session of this member at this place touches.
    /// Somebody who follows several of them is mailed once: the claim is per
    /// follower.
    #[must_use]
    pub fn of_session(
        submitter: &MemberId,
        country: &str,
        county: &str,
        position: Position,
    ) -> Vec<Self> {
        vec![
            Self::Member(submitter.clone()),
            Self::county(country, county),
            Self::Cell(position.cell()),
        ]
    }

    /// Partitions that this target's followers are spread over: one can serve
    /// 3,000 reads a second, and a county with a million followers must not
    /// wait for one.
    #[must_use]
    pub fn shards(&self) -> u8 {
        match self {
            Self::County { .. } | Self::Cell(_) => 16,
            Self::Member(_) => 4,
            Self::Session(_) => 1,
        }
    }

    /// The partition of this follower, stable for ever.
    #[must_use]
    pub fn shard_of(&self, follower: &FollowerId) -> u8 {
        let digest = Sha256::digest(follower.0.as_bytes());
        digest.first().copied().unwrap_or_default() % self.shards()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => write!(f, "session:{id}"),
            Self::Member(id) => write!(f, "member:{id}"),
            Self::County { country, county } => write!(f, "county:{country}:{county}"),
            Self::Cell(cell) => write!(f, "cell:{}", cell.0),
        }
    }
}

impl FromStr for Target {
    type Err = InvalidTarget;
    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let invalid = || InvalidTarget(text.chars().take(80).collect());
        let (kind, rest) = text.split_once(':').ok_or_else(invalid)?;
        match kind {
            "session" => rest.parse().map(Self::Session).map_err(|_| invalid()),
            "member" => rest.parse().map(Self::Member).map_err(|_| invalid()),
            "county" => {
                let (country, county) = rest.split_once(':').ok_or_else(invalid)?;
                let target = Self::county(country, county);
                let canonical =
                    country.len() == 2 && !county.is_empty() && target.to_string() == text;
                if canonical { Ok(target) } else { Err(invalid()) }
            }
            "cell" => {
                let known = rest.len() == crate::geo::CELL_CHARS
                    && rest.bytes().all(|b| b"0123456789bcdefghjkmnpqrstuvwxyz".contains(&b));
                if known { Ok(Self::Cell(Cell(rest.into()))) } else { Err(invalid()) }
            }
            _ => Err(invalid()),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = InvalidTarget;
    fn try_from(value: String) -> Result<Self, InvalidTarget> {
        value.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}

/// Who follows: a member's id, or a token for an address without an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FollowerId(pub String);

impl FollowerId {
    /// Who follows from this address without an account.
    #[must_use]
    pub fn of_address(email: &Email) -> Self {
        let hash = email.suppression_key();
        Self(format!("addr-{}", hash.get(..32).unwrap_or(&hash)))
    }
}

/// One follow, as it is stored under each of its targets. It carries the
/// address, so that a fan-out reads one record per follower and no profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Follow {
    /// What is followed.
    pub target: Target,
    /// Who follows.
    pub follower: FollowerId,
    /// Where mail goes.
    pub email: Email,
    /// For an area: the circle, since its cells reach beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circle: Option<Circle>,
    /// Opaque token of the unsubscribe link.
    pub unsubscribe_token: String,
    /// What we speak with them.
    #[serde(default)]
    pub language: Language,
}

impl Follow {
    /// Whether news of something at this place concerns the follower.
    #[must_use]
    pub fn concerns(&self, position: Position) -> bool {
        self.circle.is_none_or(|circle| circle.contains(position))
    }

    /// Why the follower gets this mail.
    #[must_use]
    pub fn why(&self, county: &str, submitter: &str) -> String {
        match (&self.target, self.circle) {
            (Target::Session(_), _) => "You follow this session.".into(),
            (Target::Member(_), _) => format!("You follow {submitter}."),
            (Target::County { .. }, _) => format!("You follow County {county}."),
            (Target::Cell(_), Some(circle)) => {
                format!(
                    "You follow sessions within {:.0} km of a place on the map.",
                    circle.radius_km
                )
            }
            (Target::Cell(_), None) => "You follow this area.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_reads_back_as_written() {
        for text in [
            "session:01J9ZZZZZZZZZZZZZZZZZZZZZZ",
            "member:ann",
            "county:IE:clare",
            "county:GB:down",
            "cell:gc2x",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "session",
            "session:x",
            "county:IE",
            "county:ie:clare",
            "county:IE:Clare",
            "county:IE:county-clare",
            "cell:GC2X",
            "cell:a",
            "x:y",
        ] {
            assert!(bad.parse::<Target>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_address_is_one_follower_however_it_is_written() {
        let of = |address: &str| FollowerId::of_address(&address.to_owned().try_into().unwrap());
        assert_eq!(of("Ann@example.org"), of("ann@EXAMPLE.org"));
        assert_ne!(of("ann@example.org"), of("bo@example.org"));
        assert_eq!(of("ann@example.org").0.len(), "addr-".len() + 32);
    }

    #[test]
    fn followers_spread_evenly_over_the_shards() {
        let target = Target::county("IE", "Clare");
        let mut counts = [0u32; 16];
        for n in 0..16_000 {
            counts[usize::from(target.shard_of(&FollowerId(format!("follower-{n}"))))] += 1;
        }
        assert!(counts.iter().all(|count| (800..1200).contains(count)), "{counts:?}");
    }
}
