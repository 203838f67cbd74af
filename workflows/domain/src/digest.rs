//! The weekly digest: what is on in the coming week, early on Monday where its
//! reader is.

use std::{fmt, str::FromStr};

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ulid::Ulid;

use crate::{ids::SubmissionId, limits};

/// When it is due on Monday: before work, and before most people plan the week.
const DUE: Time = Time::constant(7, 0, 0, 0);
/// How long after that it is still begun: later it would tell of what is over.
pub const LATE: SignedDuration = SignedDuration::from_hours(24);

/// A time zone by its IANA name, in its canonical spelling. `Europe/Dublin` unless
/// somebody says otherwise.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("maxLength" = limits::ZONE_CHARS_MAX))]
pub struct Zone(String);

/// A text that names no time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an IANA time zone such as Europe/Dublin")]
pub struct InvalidZone;

impl Zone {
    /// Its rules.
    #[must_use]
    pub fn rules(&self) -> TimeZone {
        // It was known when this was made; a later database may have dropped it.
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self("Europe/Dublin".into())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Zone {
    type Err = InvalidZone;
    fn from_str(text: &str) -> Result<Self, InvalidZone> {
        if text.len() > limits::ZONE_CHARS_MAX {
            return Err(InvalidZone);
        }
        let zone = TimeZone::get(text).map_err(|_| InvalidZone)?;
        zone.iana_name().map(|name| Self(name.to_owned())).ok_or(InvalidZone)
    }
}

impl TryFrom<String> for Zone {
    type Error = InvalidZone;
    fn try_from(text: String) -> Result<Self, InvalidZone> {
        text.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> String {
        zone.0
    }
}

/// The digest of a week for all readers in a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Where they are.
    pub zone: Zone,
    /// The week's Monday.
    pub week: Date,
}

impl Digest {
    /// The latest that was due by now. `None` at the ends of time.
    #[must_use]
    pub fn latest(zone: &Zone, now: Timestamp) -> Option<Self> {
        let here = now.to_zoned_datetime(zone.rules());
        let since_monday = i64::from(here.date().weekday().to_monday_zero_offset());
        let week = here.date().checked_sub(since_monday.days()).ok()?;
        let this = Self { zone: zone.clone(), week };
        if this.due()? <= now {
            return Some(this);
        }
        Some(Self { week: week.checked_sub(7.days()).ok()?, ..this })
    }

    /// Whether it is time to begin it, and not too late.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due()
            .is_some_and(|due| (SignedDuration::ZERO..=LATE).contains(&now.duration_since(due)))
    }

    /// When it is due: at seven where its readers are. `None` at the ends of time.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        self.at(self.week)
    }

    /// What it tells of: what has not ended by the first time, and begins before the
    /// second, when the next one is due.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.due()?, self.at(self.week.checked_add(7.days()).ok()?)?))
    }

    /// The week's Sunday.
    #[must_use]
    pub fn last_day(&self) -> Date {
        self.week.saturating_add(6.days())
    }

    fn at(&self, monday: Date) -> Option<Timestamp> {
        let due = DateTime::from_parts(monday, DUE);
        Some(due.to_zoned_datetime(self.zone.rules()).ok()?.timestamp())
    }

    /// The id of its fan-out, the same whoever begins it. `None` at the ends of time.
    #[must_use]
    pub fn id(&self) -> Option<SubmissionId> {
        let ms = u64::try_from(self.due()?.as_millisecond()).ok()?;
        let hash = Sha256::digest(format!("digest:{}:{}", self.zone, self.week));
        let random = hash.iter().take(10).fold(0, |sum, byte| (sum << 8) | u128::from(*byte));
        Some(SubmissionId::new(Ulid::from_parts(ms, random)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn latest(name: &str, now: &str) -> Digest {
        Digest::latest(&zone(name), now.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_zone_has_one_spelling() {
        assert_eq!(zone("europe/dublin"), Zone::default());
        assert_eq!(zone("America/New_York").to_string(), "America/New_York");
        for bad in ["", "Dublin", "+01:00", "Europe/Dublin#", "../etc", &"A".repeat(80)] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }

    #[test]
    fn it_is_due_at_seven_on_monday_where_its_readers_are() {
        // Clocks go forward on Sunday 29 March 2026.
        for (name, now, week, due) in [
            ("Europe/Dublin", "2026-03-29T23:00:00Z", "2026-03-23", "2026-03-23T07:00:00Z"),
            ("Europe/Dublin", "2026-03-30T05:59:59Z", "2026-03-23", "2026-03-23T07:00:00Z"),
            ("Europe/Dublin", "2026-03-30T06:00:00Z", "2026-03-30", "2026-03-30T06:00:00Z"),
            ("America/New_York", "2026-03-30T06:00:00Z", "2026-03-23", "2026-03-23T11:00:00Z"),
            ("Asia/Kolkata", "2026-03-30T01:30:00Z", "2026-03-30", "2026-03-30T01:30:00Z"),
            ("Pacific/Auckland", "2026-03-29T19:00:00Z", "2026-03-30", "2026-03-29T18:00:00Z"),
        ] {
            let digest = latest(name, now);
            assert_eq!(digest.week.to_string(), week, "{name} {now}");
            assert_eq!(digest.due().unwrap().to_string(), due, "{name} {now}");
        }
    }

    #[test]
    fn it_is_begun_for_a_day_and_no_longer() {
        let digest = latest("Europe/Dublin", "2026-03-30T06:00:00Z");
        for (now, is_due) in [
            ("2026-03-30T05:59:59Z", false),
            ("2026-03-30T06:00:00Z", true),
            ("2026-03-31T06:00:00Z", true),
            ("2026-03-31T06:00:01Z", false),
        ] {
            assert_eq!(digest.is_due(now.parse().unwrap()), is_due, "{now}");
        }
    }

    #[test]
    fn each_week_of_each_zone_has_an_id_of_its_own() {
        let (now, later) = ("2026-03-30T12:00:00Z", "2026-04-06T12:00:00Z");
        let all = [
            latest("Europe/Dublin", now),
            latest("Europe/London", now),
            latest("Europe/Dublin", later),
        ];
        let ids: std::collections::BTreeSet<_> = all.iter().map(|one| one.id().unwrap()).collect();
        assert_eq!(ids.len(), all.len());
        assert_eq!(latest("Europe/Dublin", "2026-04-05T12:00:00Z").id(), all[0].id());
    }

    proptest! {
        #[test]
        fn weeks_join_without_a_gap(at in 0..4_000_000_000i64, n in 0..5usize) {
            let names = [
                "Europe/Dublin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
                "Pacific/Kiritimati",
            ];
            let now = Timestamp::from_second(at).unwrap();
            let digest = Digest::latest(&zone(names[n]), now).unwrap();
            let (from, until) = digest.span().unwrap();
            prop_assert!(from <= now && now < until);
            prop_assert_eq!(digest.week.weekday(), Weekday::Monday);
            let next = Digest::latest(&zone(names[n]), until).unwrap();
            prop_assert_eq!(next.span().unwrap().0, until);
            prop_assert_ne!(next.id(), digest.id());
        }
    }
}
