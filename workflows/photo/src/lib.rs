//! Turns bytes that a stranger sent into photos that can be published.
//!
//! [`prepare`] is the one door: it takes an upload and answers either with a
//! [`Prepared`] photo (two sizes, re-encoded, upright, sRGB, without any
//! metadata) or with a [`Refusal`] that can be mailed to the submitter. It is a
//! pure function: no file, no network, no clock, no chance, and no state.
//! Where the bytes come from, where they go, and whether a photo may be seen by
//! the public is decided elsewhere.
//!
//! # How it stays safe
//! Nothing reaches a decoder before it was found whole and within [`Limits`]:
//!
//! 1. The file is recognised by its first bytes; its name and type are not asked.
//! 2. Its structure is walked to its end: every JPEG segment and every
//!    Huffman-coded bit of every scan, every PNG chunk with its checksum. This is
//!    needed because decoders fill what is missing with grey and call it success.
//! 3. Sizes are compared with the limits as soon as the header has told them.
//! 4. A new, minimal file is put together of the parts that carry pixels. Only
//!    that is decoded, so that comments, profiles, thumbnails, further pictures
//!    and foreign bytes behind the end never meet a decoder.
//! 5. The decoders, which are other people's code, run where a panic becomes a
//!    refusal.
//!
//! Metadata is parsed for the two things that change what one sees, the
//! orientation and the colour profile; when it is broken the photo counts as
//! upright and sRGB, since the pixels are sound all the same.
//!
//! # Memory
//! With the default limits the worst case is a progressive CMYK JPEG of 24
//! megapixels: 15 MB of upload, 15 MB of cleaned copy, 192 MB of coefficients
//! (four components, two bytes each) and 96 MB of pixels, so 320 MB beside the
//! process itself. A PNG of 24 megapixels with transparency takes 150 MB, an
//! ordinary JPEG of 12 megapixels 90 MB. `tests/memory.rs` measures these
//! figures. Give a Lambda function 512 MB at least; more buys processor time
//! rather than safety.
//!
//! # Time
//! Optimised for speed and on one core: 0.13 s for a baseline JPEG of 12
//! megapixels, 0.24 s for a progressive one. The costliest upload known, a flat
//! picture of 24 megapixels in a hundred scans of 280 kB together, takes 1.1 s.
//!
//! # Sameness
//! The same bytes give the same result within one build on one kind of
//! processor, so that a repeated task overwrites an object with itself.

mod colour;
mod encode;
mod entropy;
mod exif_facts;
mod jpeg;
mod lookalike;
mod perceptual;
mod png;
mod refusal;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

pub use crate::{
    lookalike::{Fingerprint, InvalidFingerprint, LookalikeKey},
    perceptual::{InvalidPerceptualHash, PerceptualHash},
    refusal::Refusal,
};

/// What an upload may be, and what is made of it.
///
/// The defaults are the platform's; tests narrow them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the upload. 15 MB is what Rekognition reads from a bucket, and
    /// more than a phone's camera writes.
    pub bytes_max: usize,
    /// Width times height. 24 megapixels is what cameras commonly write; every
    /// further one costs twelve bytes of memory in the worst case.
    pub pixels_max: u64,
    /// Longest side. Rekognition takes no more, and it keeps a 1-pixel-high
    /// image of millions of columns out.
    pub side_px_max: u32,
    /// Shortest side, of the upload and of what is published: Rekognition
    /// refuses less, and what cannot be moderated is not published.
    pub side_px_min: u32,
    /// Longest side of the published photo: twice the widest column of a page.
    pub full_px: u32,
    /// Longest side of the thumbnail: twice the width of a card in a list.
    pub thumb_px: u32,
    /// JPEG quality of the published photo, 1 to 100. At 82 artefacts are hard
    /// to see at normal distance; above 90 the size doubles for nothing.
    pub full_quality: u8,
    /// JPEG quality of the thumbnail, lower because it is shown small.
    pub thumb_quality: u8,
    /// What the compressed text and profile chunks of one PNG may inflate to
    /// together. 8 MB is the limit that libpng has for a single one; the largest
    /// profiles in use are about 4 MB.
    pub inflated_bytes_max: usize,
    /// Scans of a progressive JPEG. Encoders write about ten; each one is a pass
    /// over the whole image that may cost the sender only a dozen bytes.
    pub scans_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 15 * 1000 * 1000,
            pixels_max: 24_000_000,
            side_px_max: 10_000,
            side_px_min: 80,
            full_px: 1600,
            thumb_px: 400,
            full_quality: 82,
            thumb_quality: 76,
            inflated_bytes_max: 8 * 1000 * 1000,
            scans_max: 100,
        }
    }
}

/// What the upload was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceFormat {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG.
    Png,
}

/// The upload, as far as it is worth remembering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Recognised by its bytes.
    pub format: SourceFormat,
    /// Pixels as stored, before the orientation was applied.
    pub width: u32,
    /// Pixels as stored, before the orientation was applied.
    pub height: u32,
}

/// One size of a photo: a JPEG of sRGB pixels without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The file.
    pub bytes: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// SHA-256 of `bytes`, lower-case hex.
    pub sha256: String,
}

/// A photo that is technically fit to be published. Whether it may be is a
/// question for moderation, which judges the bytes of `full`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The photo.
    pub full: Variant,
    /// The photo, small.
    pub thumbnail: Variant,
    /// A [ThumbHash](https://evanw.github.io/thumbhash/) of about 25 bytes in
    /// base64: what a page shows until the photo is there.
    pub thumbhash: String,
    /// For finding near-duplicates that were not cropped.
    pub perceptual_hash: PerceptualHash,
    /// For finding copies, cropped ones too. `None` if there is next to nothing
    /// to be seen in the photo.
    pub fingerprint: Option<Fingerprint>,
    /// What it was made of.
    pub source: Source,
}

/// Makes a publishable photo of an upload.
///
/// # Errors
/// A [`Refusal`] when the bytes aren't a whole JPEG or PNG within `limits`.
pub fn prepare(bytes: &[u8], limits: &Limits) -> Result<Prepared, Refusal> {
    if bytes.len() > limits.bytes_max {
        return Err(Refusal::TooManyBytes { bytes: bytes.len(), bytes_max: limits.bytes_max });
    }
    let (format, decoded) = if jpeg::has_signature(bytes) {
        (SourceFormat::Jpeg, jpeg::read(bytes, limits)?)
    } else if png::has_signature(bytes) {
        (SourceFormat::Png, png::read(bytes, limits)?)
    } else {
        return Err(Refusal::NotAPhoto);
    };
    let source = Source { format, width: decoded.raster.width, height: decoded.raster.height };
    guarded("the picture", || publish(decoded, limits)).map(|published| Prepared {
        full: published.full,
        thumbnail: published.thumbnail,
        thumbhash: published.thumbhash,
        perceptual_hash: published.perceptual_hash,
        fingerprint: published.fingerprint,
        source,
    })
}

struct Published {
    full: Variant,
    thumbnail: Variant,
    thumbhash: String,
    perceptual_hash: PerceptualHash,
    fingerprint: Option<Fingerprint>,
}

fn publish(decoded: Decoded, limits: &Limits) -> Result<Published, Refusal> {
    // First smaller, then colours and orientation: both cost a tenth then, and
    // the large buffer is gone before the next one is made.
    let small = encode::fit(decoded.raster, limits.full_px)?;
    let rgb = encode::upright(colour::to_srgb(small, &decoded.colours), decoded.orientation);
    let full = encode::jpeg(&rgb, limits.full_quality)?;
    let thumb = encode::fit(rgb, limits.thumb_px)?;
    Ok(Published {
        full,
        thumbnail: encode::jpeg(&thumb, limits.thumb_quality)?,
        perceptual_hash: PerceptualHash::of(&thumb),
        fingerprint: Fingerprint::of(&thumb),
        thumbhash: encode::thumbhash(thumb)?,
    })
}

/// What the samples of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Samples {
    Grey,
    Rgb,
    /// 0 is no ink, 255 is all of it.
    Cmyk,
}

impl Samples {
    const fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Pixels, eight bits a sample, rows from the top without padding.
struct Raster {
    width: u32,
    height: u32,
    samples: Samples,
    data: Vec<u8>,
}

/// A decoded upload, with what its metadata says about seeing it right.
struct Decoded {
    raster: Raster,
    orientation: u8,
    colours: colour::Colours,
}

/// Holds a size against the limits. Called with what a header claims, before
/// anything is allocated for it.
fn check_size(width: u32, height: u32, limits: &Limits) -> Result<(), Refusal> {
    let (long, short) = (width.max(height), width.min(height));
    if long > limits.side_px_max || u64::from(width) * u64::from(height) > limits.pixels_max {
        return Err(Refusal::TooManyPixels {
            width,
            height,
            pixels_max: limits.pixels_max,
            side_px_max: limits.side_px_max,
        });
    }
    if short < limits.side_px_min {
        return Err(Refusal::TooSmall { width, height, side_px_min: limits.side_px_min });
    }
    // A long strip would be scaled to less than can be moderated.
    let (full_width, full_height) = encode::fitted(width, height, limits.full_px);
    if full_width.min(full_height) < limits.side_px_min {
        let ratio_max = limits.full_px / limits.side_px_min.max(1);
        return Err(Refusal::TooNarrow { width, height, ratio_max });
    }
    Ok(())
}

/// Runs code that works on hostile data and isn't ours. Its panic is its bug,
/// and the sender's photo is what triggered it: so that photo is refused, and
/// the function that called us lives on.
fn guarded<T>(what: &str, work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    // Unwind safety: everything that `work` touches is dropped with it.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(_) => Err(Refusal::undecodable(format!("{what} could not be read"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_refusal() {
        let result: Result<(), _> = guarded("the picture", || panic!("a decoder's bug"));
        let reason = "the picture could not be read".to_owned();
        assert_eq!(result, Err(Refusal::Undecodable { reason }));
        assert_eq!(guarded("the picture", || Ok(1)), Ok(1));
    }
}
