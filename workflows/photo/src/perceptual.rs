//! A hash that near-duplicates share.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Raster;

/// Comparisons in a row and rows: 64 bits in all.
const SIDE: u32 = 8;

/// A difference hash of 64 bits: whether each of 8 × 8 fields of the picture is
/// brighter than its right neighbour.
///
/// Two photos are likely the same picture, rescaled, re-compressed or lightly
/// retouched, when at most about ten bits [differ](Self::distance). It doesn't
/// see through cropping, mirroring or rotation, and all flat pictures share the
/// hash 0: it is a hint for a person, never a decision. What a cropped copy is
/// known by is its [`Fingerprint`](crate::Fingerprint).
///
/// Integers alone go into it, so that it is the same on every processor. It is
/// written as 16 lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PerceptualHash(u64);

impl PerceptualHash {
    /// How many of the 64 bits differ.
    #[must_use]
    pub const fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Of RGB pixels.
    pub(crate) fn of(rgb: &Raster) -> Self {
        let mut bits = 0;
        for row in 0..SIDE {
            let means: Vec<u64> = (0..=SIDE).map(|column| mean_luma(rgb, column, row)).collect();
            for pair in means.windows(2) {
                bits = bits << 1 | u64::from(matches!(pair, [left, right] if left > right));
            }
        }
        Self(bits)
    }
}

/// Mean brightness of one of 9 × 8 fields, in 256ths so that neighbours of
/// nearly the same brightness still compare.
fn mean_luma(rgb: &Raster, column: u32, row: u32) -> u64 {
    let span = |index: u32, of: u32, length: u32| {
        let start = (index * length / of).min(length.saturating_sub(1));
        start as usize..((index + 1) * length / of).max(start + 1) as usize
    };
    let columns = span(column, SIDE + 1, rgb.width);
    let stride = rgb.width as usize * 3;
    let mut sum = 0;
    let mut count = 0;
    for y in span(row, SIDE, rgb.height) {
        let pixels = rgb.data.get(y * stride + columns.start * 3..y * stride + columns.end * 3);
        for pixel in pixels.unwrap_or_default().chunks_exact(3) {
            if let [r, g, b] = *pixel {
                // Rec. 601 weights in 256ths.
                sum += u64::from(r) * 77 + u64::from(g) * 150 + u64::from(b) * 29;
                count += 1;
            }
        }
    }
    sum / u64::max(count, 1)
}

impl fmt::Display for PerceptualHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Not 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a perceptual hash is 16 hex digits")]
pub struct InvalidPerceptualHash;

impl FromStr for PerceptualHash {
    type Err = InvalidPerceptualHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidPerceptualHash);
        }
        u64::from_str_radix(text, 16).map(Self).map_err(|_| InvalidPerceptualHash)
    }
}

impl Serialize for PerceptualHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PerceptualHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}
