//! Amounts and money, each of its own type, so that gigabytes are not taken for
//! requests nor cents for dollars.

use std::{
    fmt,
    iter::Sum,
    marker::PhantomData,
    ops::{Add, AddAssign, Mul},
};

use serde::{Deserialize, Deserializer, de};

/// What something is counted in.
pub trait Unit: Copy + fmt::Debug + Default + PartialEq {
    /// The unit's name, plural, as `prices.yaml` writes it.
    const NAME: &'static str;
}

macro_rules! units {
    ($($(#[$doc:meta])* $unit:ident = $name:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
            pub struct $unit;

            impl Unit for $unit {
                const NAME: &'static str = $name;
            }
        )+
    };
}

units! {
    /// Steps of a state machine, retries included.
    Transitions = "transitions";
    /// Requests of any service.
    Requests = "requests";
    /// Gigabytes of memory × seconds.
    GbSeconds = "GB-seconds";
    /// DynamoDB read request units.
    ReadUnits = "read units";
    /// DynamoDB write request units.
    WriteUnits = "write units";
    /// Gigabytes that pass: transferred, scanned, ingested.
    Gigabytes = "GB";
    /// Gigabytes kept for a month.
    GbMonths = "GB-months";
    /// Images that are looked at.
    Images = "images";
    /// Mails to one recipient each.
    Mails = "mails";
    /// Members who do anything in a month.
    ActiveMembers = "active members";
    /// Objects that are scanned, or the tags on them.
    Objects = "objects";
    /// Events that somebody analyses or records.
    Events = "events";
    /// Things that are kept for a month: keys, secrets, alarms, rules.
    ThingMonths = "month each";
    /// Hours that something runs.
    Hours = "hours";
}

/// So much of a unit; never negative, never infinite.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Amount<U>(f64, PhantomData<U>);

impl<U: Unit> Amount<U> {
    /// So much. What is no amount (negative, infinite, no number) is none.
    #[must_use]
    pub fn of(amount: f64) -> Self {
        Self(if amount.is_finite() { amount.max(0.0) } else { 0.0 }, PhantomData)
    }

    /// So many.
    #[must_use]
    pub fn count(count: u64) -> Self {
        Self::of(count as f64)
    }

    /// The bare number.
    #[must_use]
    pub fn number(self) -> f64 {
        self.0
    }

    /// What is left of it after `other`; nothing if that is more.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self::of(self.0 - other.0)
    }
}

impl Amount<Gigabytes> {
    /// So many bytes.
    #[must_use]
    pub fn bytes(bytes: f64) -> Self {
        Self::of(bytes / 1e9)
    }

    /// Kept for so many months.
    #[must_use]
    pub fn kept(self, months: f64) -> Amount<GbMonths> {
        Amount::of(self.0 * months)
    }
}

impl<U: Unit> fmt::Debug for Amount<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, U::NAME)
    }
}

impl<U: Unit> Add for Amount<U> {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::of(self.0 + other.0)
    }
}

impl<U: Unit> AddAssign for Amount<U> {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl<U: Unit> Mul<f64> for Amount<U> {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self::of(self.0 * times)
    }
}

impl<U: Unit> Sum for Amount<U> {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl<'de, U: Unit> Deserialize<'de> for Amount<U> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        if number.is_finite() && number >= 0.0 {
            Ok(Self::of(number))
        } else {
            Err(de::Error::custom(format!("{number} is no amount of {}", U::NAME)))
        }
    }
}

/// US dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Deserialize)]
#[serde(transparent)]
pub struct Usd(pub f64);

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Mul<f64> for Usd {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self(self.0 * times)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// `$1,234`, `$12.30`, `$0.00042`: three significant digits below a hundred.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usd = self.0;
        if usd == 0.0 {
            return f.write_str("$0");
        }
        if usd >= 99.995 {
            return write!(f, "${}", grouped(usd));
        }
        let digits = if usd >= 1.0 { 2 } else { (2 - usd.log10().floor() as i32).clamp(2, 8) };
        let text = format!("{usd:.*}", usize::try_from(digits).unwrap_or(2));
        // Zeroes after the second place say nothing.
        let point = text.find('.').map_or(text.len(), |at| at + 3);
        let (kept, rest) = text.split_at(point.min(text.len()));
        write!(f, "${kept}{}", rest.trim_end_matches('0'))
    }
}

/// A number without decimals, its thousands apart.
#[must_use]
pub fn grouped(number: f64) -> String {
    // Nothing is not minus nothing, which an empty sum of numbers is.
    let digits = format!("{:.0}", number + 0.0);
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_shown_as_people_write_it() {
        for (usd, shown) in [
            (0.0, "$0"),
            (0.000_42, "$0.00042"),
            (0.001_234_5, "$0.00123"),
            (0.25, "$0.25"),
            (1.0, "$1.00"),
            (12.345, "$12.35"),
            (99.999, "$100"),
            (1_234.5, "$1,234"),
            (1_234_567.0, "$1,234,567"),
        ] {
            assert_eq!(Usd(usd).to_string(), shown, "{usd}");
        }
    }

    #[test]
    fn an_amount_is_never_less_than_nothing() {
        let (two, five) = (Amount::<Mails>::of(2.0), Amount::<Mails>::count(5));
        assert_eq!(five.less(two), Amount::of(3.0));
        assert_eq!(two.less(five), Amount::of(0.0));
        assert_eq!(Amount::<Mails>::of(f64::NAN).number(), 0.0);
        assert_eq!(Amount::<Mails>::of(-1.0).number(), 0.0);
        assert_eq!(format!("{:?}", two), "2 mails");
        assert_eq!(Amount::bytes(3e9).kept(0.5), Amount::<GbMonths>::of(1.5));
        assert!(serde_json::from_str::<Amount<Mails>>("-1").is_err());
    }
}
