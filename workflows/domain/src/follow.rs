//! Follows: who hears of what.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    card::county_slug,
    digest::Zone,
    geo::{Cell, Circle, Position},
    ids::{MemberId, SessionId},
    limits,
    member::{Email, Language},
    problem::Problems,
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
    /// What is on in the coming week, of all that its follower follows by the week:
    /// those in a time zone are mailed at once.
    Digest(Zone),
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
            Self::County { .. } | Self::Cell(_) | Self::Digest(_) => 16,
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
            Self::Digest(zone) => write!(f, "digest:{zone}"),
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
            "digest" => {
                let zone: Zone = rest.parse().map_err(|_| invalid())?;
                if zone.to_string() == rest { Ok(Self::Digest(zone)) } else { Err(invalid()) }
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
    /// When they hear of it.
    #[serde(default)]
    pub cadence: Cadence,
}

impl Follow {
    /// What it is a follow of, as far as this record knows.
    fn followed(&self) -> Followed {
        match (&self.target, self.circle) {
            (Target::Cell(_), Some(circle)) => Followed::Circle(circle),
            (target, _) => Followed::Target(target.clone()),
        }
    }

    /// The id of the follow that it belongs to.
    #[must_use]
    pub fn id(&self) -> FollowId {
        self.followed().id()
    }

    /// Its place among the follows of its target: the follower, and behind it
    /// the follow where somebody may follow by several ways, as by two circles
    /// that reach into one cell.
    #[must_use]
    pub fn place(&self) -> FollowerId {
        match self.followed() {
            Followed::Circle(_) => FollowerId(format!("{}#{}", self.follower.0, self.id())),
            Followed::Target(_) => self.follower.clone(),
        }
    }

    /// Whether news of something at this place concerns the follower.
    #[must_use]
    pub fn concerns(&self, position: Position) -> bool {
        self.circle.is_none_or(|circle| circle.contains(position))
    }
}

/// When somebody hears of what they follow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cadence {
    /// Of news, as it comes.
    #[default]
    Instant,
    /// Once a week, of what is on: see [`crate::digest`].
    Weekly,
}

/// The form of a [`FollowId`].
const FOLLOW_ID_PATTERN: &str = "^[0-9a-f]{32}$";

/// Identifies a follow among those of its member. It is derived from what is
/// followed, so that following the same again is the same follow.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = FOLLOW_ID_PATTERN))]
pub struct FollowId(String);

impl FollowId {
    /// That of the weekly digest: one for each follower, wherever they are.
    #[must_use]
    pub fn of_digest() -> Self {
        Self::of_text("digest")
    }

    fn of_text(text: &str) -> Self {
        let mut id = hex::encode(Sha256::digest(text));
        id.truncate(32);
        Self(id)
    }
}

/// A text that is no follow's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a follow")]
pub struct InvalidFollowId;

impl fmt::Display for FollowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for FollowId {
    type Err = InvalidFollowId;
    fn from_str(text: &str) -> Result<Self, InvalidFollowId> {
        text.to_owned().try_into()
    }
}

impl TryFrom<String> for FollowId {
    type Error = InvalidFollowId;
    fn try_from(text: String) -> Result<Self, InvalidFollowId> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 32 && text.bytes().all(hex) {
            Ok(Self(text))
        } else {
            Err(InvalidFollowId)
        }
    }
}

impl From<FollowId> for String {
    fn from(id: FollowId) -> String {
        id.0
    }
}

/// What a member follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Followed {
    /// A session, member or county.
    Target(Target),
    /// A circle on the map.
    Circle(Circle),
}

impl Followed {
    /// Checks what a member asks for; a circle is kept to the centimetre, its
    /// radius to the metre.
    pub fn validate(self) -> Result<Self, Problems> {
        match self {
            Self::Target(Target::Cell(_) | Target::Digest(_)) => {
                Err(Problems::one("target", "unsupported", "follow a circle or a county"))
            }
            Self::Target(target) => Ok(Self::Target(target)),
            Self::Circle(circle) => {
                let mut problems = Problems::default();
                circle.centre.check("circle.centre", &mut problems);
                if !(0.5..=limits::FOLLOW_RADIUS_KM_MAX).contains(&circle.radius_km) {
                    let why = "must be between 0.5 and 50 km";
                    problems.add("circle.radius_km", "out_of_range", why);
                }
                let circle = problems.or(Some(circle))?;
                if circle.cells().len() > limits::FOLLOW_CELLS_MAX {
                    let why = "is too near a pole: give a smaller radius, or follow a county";
                    return Err(Problems::one("circle.centre.lat", "too_many_cells", why));
                }
                let radius_km = (circle.radius_km * 1000.0).round() / 1000.0;
                Ok(Self::Circle(Circle { centre: circle.centre.rounded(), radius_km }))
            }
        }
    }

    /// The targets that it is stored under: a circle's are the cells that it
    /// reaches into.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        match self {
            Self::Target(target) => vec![target.clone()],
            Self::Circle(circle) => circle.cells().into_iter().map(Target::Cell).collect(),
        }
    }

    /// The circle, if it is one.
    #[must_use]
    pub fn circle(&self) -> Option<Circle> {
        match self {
            Self::Target(_) => None,
            Self::Circle(circle) => Some(*circle),
        }
    }

    /// The id of a follow of it.
    #[must_use]
    pub fn id(&self) -> FollowId {
        let text = match self {
            Self::Target(Target::Digest(_)) => return FollowId::of_digest(),
            Self::Target(target) => target.to_string(),
            Self::Circle(Circle { centre, radius_km }) => {
                // There is a zero below zero, which is the same place.
                let (lat, lon) = (centre.lat + 0.0, centre.lon + 0.0);
                format!("circle:{lat:.7}:{lon:.7}:{radius_km:.3}")
            }
        };
        FollowId::of_text(&text)
    }
}

/// A follow as its member holds it: the one record that those under its targets
/// are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Following {
    /// Its id.
    pub id: FollowId,
    /// What is followed.
    pub followed: Followed,
    /// Opaque token of the unsubscribe link, the same for as long as it stands.
    pub unsubscribe_token: String,
    /// Since when.
    pub since: Timestamp,
    /// When they hear of it.
    #[serde(default)]
    pub cadence: Cadence,
}

impl Following {
    /// The zone of the weekly digest, if it is that: it stands for all that is
    /// followed by the week.
    #[must_use]
    pub fn digest(&self) -> Option<&Zone> {
        match &self.followed {
            Followed::Target(Target::Digest(zone)) => Some(zone),
            _ => None,
        }
    }

    /// Whether it is followed by the week.
    #[must_use]
    pub fn is_weekly(&self) -> bool {
        self.cadence == Cadence::Weekly && self.digest().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(lat: f64, lon: f64, radius_km: f64) -> Followed {
        Followed::Circle(Circle { centre: Position { lat, lon }, radius_km })
    }

    #[test]
    fn the_same_is_the_same_follow_and_nothing_else_is() {
        let clare = Followed::Target(Target::county("IE", "Clare"));
        assert_eq!(clare.id(), Followed::Target("county:IE:clare".parse().unwrap()).id());
        let all = [
            clare,
            Followed::Target(Target::county("IE", "Kerry")),
            Followed::Target("member:clare".parse().unwrap()),
            circle(53.0, -9.0, 10.0),
            circle(53.0, -9.0, 10.001),
            circle(53.000_000_1, -9.0, 10.0),
            circle(0.0, 0.0, 10.0),
        ];
        let ids: std::collections::BTreeSet<_> = all.iter().map(Followed::id).collect();
        assert_eq!(ids.len(), all.len());
        let digest = |zone: &str| Followed::Target(format!("digest:{zone}").parse().unwrap()).id();
        assert_eq!(digest("Europe/Dublin"), digest("Europe/London"));
        for id in ids {
            assert_eq!(id.to_string().parse::<FollowId>().unwrap(), id);
        }
        assert_eq!(circle(-0.0, 0.0, 10.0).id(), circle(0.0, -0.0, 10.0).id());
        let near = circle(53.000_000_001, -9.0, 10.000_1).validate().unwrap();
        assert_eq!(near, circle(53.0, -9.0, 10.0));
        for bad in ["", "x", &"A".repeat(32), &"a".repeat(33), &"#".repeat(32)] {
            assert!(bad.parse::<FollowId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_followed_says_why() {
        let code = |followed: Followed| followed.validate().unwrap_err().0[0].code.clone();
        assert_eq!(code(circle(91.0, 0.0, 10.0)), "out_of_range");
        assert_eq!(code(circle(53.0, -9.0, 0.4)), "out_of_range");
        assert_eq!(code(circle(53.0, -9.0, f64::NAN)), "out_of_range");
        assert_eq!(code(circle(89.99, 0.0, 50.0)), "too_many_cells");
        for ours in ["cell:gc2x", "digest:Europe/Dublin"] {
            assert_eq!(code(Followed::Target(ours.parse().unwrap())), "unsupported");
        }
    }

    #[test]
    fn two_circles_of_a_follower_have_two_places_in_a_cell() {
        let follow = |circle| Follow {
            target: "cell:gc2x".parse().unwrap(),
            follower: FollowerId("ann".into()),
            email: Email::try_from("ann@seisiun.example".to_owned()).unwrap(),
            circle,
            unsubscribe_token: "t".into(),
            language: Language::En,
            cadence: Cadence::Instant,
        };
        let (one, other) = (circle(53.0, -9.0, 10.0), circle(53.0, -9.0, 20.0));
        let (one, other) = (follow(one.circle()), follow(other.circle()));
        assert_ne!(one.place(), other.place());
        assert!(one.place().0.starts_with("ann#"));
        let county = Follow { target: Target::county("IE", "Clare"), ..one };
        assert_eq!(county.place().0, "ann");
    }

    #[test]
    fn a_target_reads_back_as_written() {
        for text in [
            "session:01J9ZZZZZZZZZZZZZZZZZZZZZZ",
            "member:ann",
            "county:IE:clare",
            "county:GB:down",
            "cell:gc2x",
            "digest:Europe/Dublin",
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
            "digest:europe/dublin",
            "digest:",
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
