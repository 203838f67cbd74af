//! Finds a photo again after somebody cropped, scaled and re-encoded it.

use std::{collections::BTreeSet, fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::Raster;

/// Fields in a row and rows that a window is reduced to.
const GRID: usize = 32;

/// Frequencies of the cosine transform, in half waves per side: 0 to 12. What
/// is finer does not survive a crop that is not exactly one of [`TRIMS`].
const FREQUENCIES: usize = 13;

/// Bits of a window: the signs of the lowest frequencies but for the mean.
const BITS: usize = 128;

/// Bits of a key: the lowest frequencies of those. Fewer would bring more
/// photos that are others, more would lose copies.
const KEY_BITS: usize = 20;

/// How many bits of the whole picture are tried both ways for its keys: those
/// that were nearest to zero.
const UNSURE: usize = 3;

/// What is cut off at the left and right, and at the top and bottom, in
/// thousandths of a side. A crop of up to 5 % in all leaves each edge within
/// 2.5 % of one of these, most within half of that.
const TRIMS: [(u64, u64); 4] = [(0, 0), (50, 0), (0, 50), (25, 25)];

/// Windows of a picture: every pair of trims. The first is the whole picture.
const WINDOWS: usize = TRIMS.len() * TRIMS.len();

/// The first character of a written fingerprint. One that was made in another
/// way can't be compared.
const VERSION: char = '1';

/// Bytes of a written fingerprint before base64.
const BYTES: usize = WINDOWS * size_of::<u128>() + UNSURE;

/// The cosine from 0 to a quarter turn in 32 steps, times 2^14.
const QUARTER_WAVE: [i64; 33] = [
    16_384, 16_364, 16_305, 16_207, 16_069, 15_893, 15_679, 15_426, 15_137, 14_811, 14_449, 14_053,
    13_623, 13_160, 12_665, 12_140, 11_585, 11_003, 10_394, 9_760, 9_102, 8_423, 7_723, 7_005,
    6_270, 5_520, 4_756, 3_981, 3_196, 2_404, 1_606, 804, 0,
];

/// The cosines of each frequency at the middle of each field.
static BASIS: [[i64; GRID]; FREQUENCIES] = basis();

/// Which frequency, down and across, each bit stands for: the lowest first.
static ORDER: [(usize, usize); BITS] = order();

/// An amplitude of a fifth of a grey level of 256, as the transform yields it:
/// samples are in 256ths, cosines squared in 2^28ths, and a wave sums up to a
/// quarter of its fields. Three times what a JPEG of low quality adds.
const AMPLITUDE_MIN: i64 = (256 / 4 * (GRID * GRID) as i64 / 5) << 28;

/// What a photo looks like, coarsely: enough to know a copy of it, too little
/// to see it.
///
/// It holds 16 hashes of 128 bits, one of the whole picture and 15 of what is
/// left when up to 5 % of its width and of its height is cut off. A hash is made
/// of the signs of the lowest frequencies of a cosine transform of brightness.
/// A copy that was cropped by up to 5 % of a side in all, wherever, looks as a
/// whole like one of the original's windows.
///
/// Of copies that were re-encoded, scaled or cropped by up to 5 %, more than
/// 99 % [resemble](Self::resembles) their original and share a
/// [key](Self::keys) with it, and of pairs of different photos fewer than one in
/// 10,000: `tests/lookalikes.rs` measures both. Mirroring, turning, frames and
/// larger crops are not seen through. Two photos of one place from one spot at
/// different times may resemble each other: what follows from a resemblance is
/// for a person to decide.
///
/// A flat or nearly flat picture has no fingerprint.
///
/// Integers alone go into it, so that it is the same on every processor for the
/// same pixels. It is written as 347 characters, a version and base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    /// A hash for each window. Bit `i` is the sign of the frequency `ORDER[i]`.
    windows: [u128; WINDOWS],
    /// The bits of the first hash's key that are most easily otherwise.
    unsure: [u8; UNSURE],
}

impl Fingerprint {
    /// The largest [distance](Self::distance) at which two photos resemble each
    /// other, of 128: about halfway between the farthest copy, at 17, and the
    /// nearest other photo, at 32, of those that it was chosen by.
    pub const DISTANCE_MAX: u32 = 24;

    /// How many [keys](Self::keys) a photo has at most: one for each window,
    /// and seven more for the whole picture with three bits turned.
    pub const KEYS_MAX: usize = WINDOWS + (1 << UNSURE) - 1;

    /// Of RGB pixels. `None` if there is too little to be seen in them: a
    /// picture of which most frequencies are no stronger than noise would
    /// resemble any other such picture.
    pub(crate) fn of(rgb: &Raster) -> Option<Self> {
        let sums = Sums::of(rgb);
        let whole = waves(&sums.grid((0, 0), (0, 0)));
        if whole.iter().filter(|wave| wave.amplitude >= AMPLITUDE_MIN).count() < BITS / 2 {
            return None;
        }
        let mut windows = [0; WINDOWS];
        let trims = TRIMS.iter().flat_map(|rows| TRIMS.iter().map(move |columns| (columns, rows)));
        for (window, (columns, rows)) in windows.iter_mut().zip(trims) {
            let waves = waves(&sums.grid(*columns, *rows));
            *window =
                waves.iter().rev().fold(0, |bits, wave| bits << 1 | u128::from(wave.positive));
        }
        let mut weakest: Vec<(i64, u8)> =
            whole.iter().take(KEY_BITS).map(|wave| wave.amplitude).zip(0..).collect();
        weakest.sort_unstable();
        let mut unsure = [0; UNSURE];
        for (bit, (_, weak)) in unsure.iter_mut().zip(weakest) {
            *bit = weak;
        }
        Some(Self { windows, unsure })
    }

    /// How many bits of 128 differ between one photo as a whole and the window
    /// of the other that is most like it. The same in both directions.
    #[must_use]
    pub fn distance(&self, other: &Self) -> u32 {
        let nearest = |whole: u128, of: &Self| {
            of.windows.iter().map(|window| (window ^ whole).count_ones()).min().unwrap_or(u32::MAX)
        };
        nearest(self.whole(), other).min(nearest(other.whole(), self))
    }

    /// Whether one photo may be a copy of the other. Holds in both directions.
    #[must_use]
    pub fn resembles(&self, other: &Self) -> bool {
        self.distance(other) <= Self::DISTANCE_MAX
    }

    /// What to file a photo under so that its copies are found without looking
    /// at all others: at most [`KEYS_MAX`](Self::KEYS_MAX), sorted, each once.
    ///
    /// A photo and its copy share a key about as surely as they
    /// [resemble](Self::resembles) each other; it was measured, as there is no
    /// rule that it must be so. That they share one says little: two different
    /// photos do so once in about 2000 cases, and those are to be compared.
    ///
    /// Both sides have the same keys: a rejected photo is filed under all of its
    /// own, and an upload is looked up under all of its own. So it is found too
    /// if the rejected one was the cropped one.
    #[must_use]
    pub fn keys(&self) -> Vec<LookalikeKey> {
        let mut keys: BTreeSet<_> =
            self.windows.iter().map(|hash| LookalikeKey::of(*hash)).collect();
        for turned in 0..1_u32 << UNSURE {
            let mut hash = self.whole();
            for (index, bit) in self.unsure.iter().enumerate() {
                if turned >> index & 1 == 1 {
                    hash ^= 1 << bit;
                }
            }
            keys.insert(LookalikeKey::of(hash));
        }
        keys.into_iter().collect()
    }

    const fn whole(&self) -> u128 {
        let [whole, ..] = self.windows;
        whole
    }
}

/// What photos that may be copies of each other have in common.
///
/// Written as five lower-case hex digits, so that it can be part of a key in a
/// table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LookalikeKey(u32);

impl LookalikeKey {
    const fn of(hash: u128) -> Self {
        // The mask leaves 20 bits.
        Self((hash & ((1 << KEY_BITS) - 1)) as u32)
    }
}

impl fmt::Display for LookalikeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05x}", self.0)
    }
}

/// One frequency of a picture.
struct Wave {
    positive: bool,
    /// In the unit of [`AMPLITUDE_MIN`].
    amplitude: i64,
}

/// The frequencies that bits are made of, in their order.
fn waves(grid: &[[i64; GRID]; GRID]) -> Vec<Wave> {
    let product = |cosines: &[i64; GRID], values: &[i64; GRID]| -> i64 {
        cosines.iter().zip(values).map(|(cosine, value)| cosine * value).sum()
    };
    // Across first: a column for each frequency.
    let mut across = [[0; GRID]; FREQUENCIES];
    for (column, cosines) in across.iter_mut().zip(&BASIS) {
        for (value, row) in column.iter_mut().zip(grid) {
            *value = product(cosines, row);
        }
    }
    let wave = |&(down, right): &(usize, usize)| {
        let (Some(cosines), Some(column)) = (BASIS.get(down), across.get(right)) else {
            return Wave { positive: false, amplitude: 0 };
        };
        let value = product(cosines, column);
        // A wave along one side alone sums up to half of its fields.
        let amplitude = value.abs() / if down == 0 || right == 0 { 2 } else { 1 };
        Wave { positive: value > 0, amplitude }
    };
    ORDER.iter().map(wave).collect()
}

/// The brightness of everything above and to the left of a pixel's corner, so
/// that the mean of any rectangle is four look-ups away.
struct Sums {
    width: usize,
    height: usize,
    /// One more than the pixels in a row and rows.
    data: Vec<u64>,
}

impl Sums {
    fn of(rgb: &Raster) -> Self {
        let (width, height) = (rgb.width as usize, rgb.height as usize);
        let mut data = Vec::with_capacity((width + 1) * (height + 1));
        data.resize(width + 1, 0);
        for (y, row) in rgb.data.chunks_exact((width * 3).max(1)).take(height).enumerate() {
            let mut sum = 0;
            data.push(0);
            for (x, pixel) in row.chunks_exact(3).enumerate() {
                if let [r, g, b] = *pixel {
                    // Rec. 601 weights in 256ths.
                    sum += u64::from(r) * 77 + u64::from(g) * 150 + u64::from(b) * 29;
                }
                let above = data.get(y * (width + 1) + x + 1).copied().unwrap_or(0);
                data.push(above + sum);
            }
        }
        Self { width, height, data }
    }

    /// The mean brightness of the fields of a window, in 256ths of a grey level.
    fn grid(&self, columns: (u64, u64), rows: (u64, u64)) -> [[i64; GRID]; GRID] {
        let (xs, ys) = (edges(self.width, columns), edges(self.height, rows));
        let corners: Vec<Vec<u64>> =
            ys.iter().map(|y| xs.iter().map(|x| self.until(*x, *y)).collect()).collect();
        let mut grid = [[0; GRID]; GRID];
        let rows = grid.iter_mut().zip(corners.windows(2).zip(ys.windows(2)));
        for (row, (corners, y)) in rows {
            let ([upper, lower], &[top, bottom]) = (corners, y) else { continue };
            let fields = row.iter_mut().zip(upper.windows(2).zip(lower.windows(2)));
            for ((field, (upper, lower)), x) in fields.zip(xs.windows(2)) {
                if let (&[above_left, above], &[left, here], &[start, end]) = (upper, lower, x) {
                    let sum = here + above_left - left - above;
                    let area = ((end - start) * (bottom - top)).max(1);
                    // At most 255 × 256.
                    *field = i64::try_from(sum / area).unwrap_or(0);
                }
            }
        }
        grid
    }

    /// The sum above and to the left of a point, in 65536ths. The point is
    /// given in 256ths of a pixel.
    fn until(&self, x: u64, y: u64) -> u64 {
        let (column, right) = ((x / 256) as usize, x % 256);
        let (row, low) = ((y / 256) as usize, y % 256);
        let at = |column: usize, row: usize| {
            let index = row.min(self.height) * (self.width + 1) + column.min(self.width);
            self.data.get(index).copied().unwrap_or(0)
        };
        let upper = at(column, row) * (256 - right) + at(column + 1, row) * right;
        let lower = at(column, row + 1) * (256 - right) + at(column + 1, row + 1) * right;
        upper * (256 - low) + lower * low
    }
}

/// Where the fields of a window begin and the last one ends, in 256ths of a
/// pixel.
fn edges(pixels: usize, (before, behind): (u64, u64)) -> Vec<u64> {
    let fields = GRID as u64;
    let edge = |index| {
        let thousandths = before * fields + (1000 - before - behind) * index;
        pixels as u64 * 256 * thousandths / (1000 * fields)
    };
    (0..=fields).map(edge).collect()
}

/// The cosine of a number of 128ths of a turn, times 2^14.
const fn cosine(angle: usize) -> i64 {
    let angle = angle % 128;
    let angle = if angle > 64 { 128 - angle } else { angle };
    if angle > 32 { -QUARTER_WAVE[64 - angle] } else { QUARTER_WAVE[angle] }
}

const fn basis() -> [[i64; GRID]; FREQUENCIES] {
    let mut basis = [[0; GRID]; FREQUENCIES];
    let mut frequency = 0;
    while frequency < FREQUENCIES {
        let mut field = 0;
        while field < GRID {
            basis[frequency][field] = cosine(frequency * (2 * field + 1));
            field += 1;
        }
        frequency += 1;
    }
    basis
}

const fn order() -> [(usize, usize); BITS] {
    let mut order = [(0, 0); BITS];
    let mut found = 0;
    let mut square = 1;
    while found < BITS {
        let mut down = 0;
        while down < FREQUENCIES {
            let mut right = 0;
            while right < FREQUENCIES {
                if down * down + right * right == square && found < BITS {
                    order[found] = (down, right);
                    found += 1;
                }
                right += 1;
            }
            down += 1;
        }
        square += 1;
    }
    order
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(BYTES);
        for window in self.windows {
            bytes.extend_from_slice(&window.to_be_bytes());
        }
        bytes.extend_from_slice(&self.unsure);
        write!(f, "{VERSION}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// Not a fingerprint, or one of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is {VERSION} and {BYTES} bytes in base64")]
pub struct InvalidFingerprint;

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text.strip_prefix(VERSION).ok_or(InvalidFingerprint)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| InvalidFingerprint)?;
        let (hashes, rest) = bytes.as_chunks();
        let mut windows = [0; WINDOWS];
        let unsure: [u8; UNSURE] = rest.try_into().map_err(|_| InvalidFingerprint)?;
        let known = unsure.iter().all(|bit| usize::from(*bit) < KEY_BITS);
        if hashes.len() != WINDOWS || !known {
            return Err(InvalidFingerprint);
        }
        for (window, hash) in windows.iter_mut().zip(hashes) {
            *window = u128::from_be_bytes(*hash);
        }
        Ok(Self { windows, unsure })
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::Samples;

    fn picture(width: u32, height: u32, grey: impl Fn(u32, u32) -> u8) -> Raster {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let data = pixels.flat_map(|(x, y)| [grey(x, y); 3]).collect();
        Raster { width, height, samples: Samples::Rgb, data }
    }

    /// A number that looks like chance.
    fn scattered(number: u32) -> u8 {
        let mixed = (number ^ number >> 16).wrapping_mul(0x7FEB_352D);
        let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x846C_A68B);
        (mixed ^ mixed >> 16) as u8
    }

    /// Unlike in a photo, the fields have nothing to do with one another.
    fn patches(width: u32, height: u32, seed: u32) -> Raster {
        picture(width, height, |x, y| {
            scattered((x * 16 / width) + (y * 16 / height) * 16 + seed * 256)
        })
    }

    #[test]
    fn cosines_are_those_of_the_angles() {
        for (frequency, cosines) in BASIS.iter().enumerate() {
            for (field, cosine) in cosines.iter().enumerate() {
                let angle = PI * (frequency * (2 * field + 1)) as f64 / 64.0;
                assert!((*cosine as f64 - angle.cos() * 16384.0).abs() <= 0.5, "{angle}");
            }
        }
    }

    #[test]
    fn the_lowest_frequencies_come_first_and_each_once() {
        let squares: Vec<_> =
            ORDER.iter().map(|(down, right)| down * down + right * right).collect();
        assert!(squares.is_sorted() && squares[0] == 1, "{squares:?}");
        assert_eq!(BTreeSet::from(ORDER).len(), BITS);
        let last = squares[BITS - 1];
        let within = (0..50).flat_map(|down| (0..50).map(move |right| down * down + right * right));
        assert_eq!(
            within.filter(|square| (1..last).contains(square)).count(),
            squares.iter().filter(|square| **square < last).count()
        );
    }

    #[test]
    fn a_field_is_the_mean_of_its_pixels() {
        // 48 pixels to 32 fields: one and a half for each.
        let grid = Sums::of(&picture(48, 48, |x, _| (x * 5) as u8)).grid((0, 0), (0, 0));
        for row in grid {
            assert_eq!(row[..4], [426, 2133, 4266, 5973], "{row:?}");
        }
        // The two columns that are trimmed away are black.
        let grid =
            Sums::of(&picture(40, 40, |x, _| if x < 2 { 0 } else { 90 })).grid((50, 0), (0, 50));
        assert!(grid.iter().flatten().all(|field| *field == 90 * 256), "{grid:?}");
    }

    #[test]
    fn a_wave_has_its_amplitude() {
        for (down, right) in [(3, 5), (0, 7), (4, 0)] {
            let wave =
                |at: u32, frequency: u32| (PI * f64::from(frequency * (2 * at + 1)) / 640.0).cos();
            let sample = |x, y| (128.0 + 100.0 * wave(x, right) * wave(y, down)).round() as u8;
            let waves = waves(&Sums::of(&picture(320, 320, sample)).grid((0, 0), (0, 0)));
            for (wave, order) in waves.iter().zip(ORDER) {
                if order == (down as usize, right as usize) {
                    let levels = wave.amplitude as f64 / AMPLITUDE_MIN as f64 / 5.0;
                    assert!(
                        wave.positive && (96.0..100.0).contains(&levels),
                        "{order:?}: {levels}"
                    );
                } else {
                    assert!(wave.amplitude < AMPLITUDE_MIN, "{order:?}: {}", wave.amplitude);
                }
            }
        }
    }

    #[test]
    fn what_shows_nothing_has_no_fingerprint() {
        assert_eq!(Fingerprint::of(&picture(400, 300, |_, _| 0)), None);
        assert_eq!(Fingerprint::of(&picture(400, 300, |_, _| 200)), None);
        assert_eq!(Fingerprint::of(&picture(400, 300, |x, _| (x / 2) as u8)), None);
        assert_eq!(Fingerprint::of(&picture(400, 300, |x, y| ((x + y) / 3) as u8)), None);
        assert_eq!(
            Fingerprint::of(&picture(400, 300, |_, y| if y < 150 { 20 } else { 230 })),
            None
        );
        let noise = |x: u32, y: u32| 128 + scattered(x * 400 + y) / 64;
        assert_eq!(Fingerprint::of(&picture(400, 300, noise)), None);
    }

    #[test]
    fn any_raster_is_taken() {
        for (width, height) in [(0, 0), (1, 1), (1, 400), (400, 1), (3, 7), (20, 400), (33, 31)] {
            let raster = patches(width.max(1), height.max(1), 1);
            let raster = Raster { width, height, ..raster };
            if let Some(print) = Fingerprint::of(&raster) {
                assert!(print.resembles(&print), "{width} × {height}");
            }
            // Pixels that are missing are black.
            let _ = Fingerprint::of(&Raster { data: vec![255; 5], ..raster });
        }
    }

    #[test]
    fn sizes_do_not_matter_and_contents_do() {
        let of = |raster: &Raster| Fingerprint::of(raster).unwrap();
        let (small, large) = (of(&patches(160, 128, 1)), of(&patches(400, 320, 1)));
        assert!(small.distance(&large) <= 2, "{}", small.distance(&large));
        for seed in 2..40 {
            let other = of(&patches(400, 320, seed));
            assert!(!large.resembles(&other), "{seed}: {}", large.distance(&other));
            assert_eq!(large.distance(&other), other.distance(&large));
        }
    }

    #[test]
    fn keys_are_few_and_of_five_digits() {
        for seed in 0..20 {
            let print = Fingerprint::of(&patches(300, 300, seed)).unwrap();
            let keys = print.keys();
            assert!((1 << UNSURE..=Fingerprint::KEYS_MAX).contains(&keys.len()), "{}", keys.len());
            assert!(keys.is_sorted_by(|one, next| one < next));
            for key in keys {
                let text = key.to_string();
                assert!(text.len() == 5 && u32::from_str_radix(&text, 16) == Ok(key.0), "{text}");
            }
        }
    }

    #[test]
    fn it_is_written_and_read() {
        let print = Fingerprint::of(&patches(300, 200, 3)).unwrap();
        let text = print.to_string();
        assert_eq!((text.len(), text.parse()), (347, Ok(print.clone())));
        let json = serde_json::to_string(&print).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), print);
        let other_version = text.replacen('1', "2", 1);
        let unknown_bit = format!("1{}", URL_SAFE_NO_PAD.encode([255; BYTES]));
        for wrong in ["", "1", "é", &text[1..], &text[..346], &other_version, &unknown_bit] {
            assert_eq!(wrong.parse::<Fingerprint>(), Err(InvalidFingerprint), "{wrong}");
        }
        let message = InvalidFingerprint.to_string();
        assert_eq!(message, "a fingerprint is 1 and 259 bytes in base64");
    }
}
