//! Why an upload is not published.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why an upload is not published. Its text is for the person who sent it; its
/// [`code`](Refusal::code), which is also the tag in JSON, is for programs and
/// never changes.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// Neither JPEG nor PNG, by its first bytes.
    #[error("This file is not a photo that we can read. Please send a JPEG or a PNG.")]
    NotAPhoto,
    /// It ends, or a part of it ends, before the picture does.
    #[error(
        "This photo is incomplete: a part of the file is missing. Please send the original again."
    )]
    Truncated,
    /// The file is too large.
    #[error(
        "This file is too large: {} MB, where at most {} MB are possible.",
        megabytes(*.bytes),
        .bytes_max / 1_000_000
    )]
    TooManyBytes {
        /// Size of the file.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// The picture is too large.
    #[error(
        "This photo is too large: {width} × {height} pixels, where at most {} million, and \
         {side_px_max} on a side, are possible.",
        .pixels_max / 1_000_000
    )]
    TooManyPixels {
        /// Pixels, as the file claims.
        width: u32,
        /// Pixels, as the file claims.
        height: u32,
        /// The limit for their product.
        pixels_max: u64,
        /// The limit for each.
        side_px_max: u32,
    },
    /// The picture is too small.
    #[error(
        "This photo is too small: {width} × {height} pixels, where at least {side_px_min} on each \
         side are needed."
    )]
    TooSmall {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// The limit for each.
        side_px_min: u32,
    },
    /// One side is so much longer than the other that the published size would
    /// be too small to be moderated.
    #[error(
        "This photo is too narrow: {width} × {height} pixels, where one side may be at most \
         {ratio_max} times as long as the other."
    )]
    TooNarrow {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// The limit for the longer side divided by the shorter one.
        ratio_max: u32,
    },
    /// Compressed text or a colour profile in a PNG that inflates to far more
    /// than such things need.
    #[error(
        "This file carries an unusual amount of compressed text beside the photo. Please save the \
         photo again, without it."
    )]
    TextBomb {
        /// The limit for what all of it may inflate to.
        inflated_bytes_max: usize,
    },
    /// A JPEG in more passes than any camera or editor writes.
    #[error("This photo is stored in an unusual way. Please save it again as a plain JPEG.")]
    ScanBomb {
        /// The limit.
        scans_max: u32,
    },
    /// Damaged, or a variant of the format that browsers don't show either.
    #[error("This photo is damaged or of an unusual kind ({reason}). Please save it again.")]
    Undecodable {
        /// What is wrong, in a few words.
        reason: String,
    },
}

impl Refusal {
    /// A stable name for programs, e.g. `too_many_pixels`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAPhoto => "not_a_photo",
            Self::Truncated => "truncated",
            Self::TooManyBytes { .. } => "too_many_bytes",
            Self::TooManyPixels { .. } => "too_many_pixels",
            Self::TooSmall { .. } => "too_small",
            Self::TooNarrow { .. } => "too_narrow",
            Self::TextBomb { .. } => "text_bomb",
            Self::ScanBomb { .. } => "scan_bomb",
            Self::Undecodable { .. } => "undecodable",
        }
    }

    pub(crate) fn undecodable(reason: impl Into<String>) -> Self {
        Self::Undecodable { reason: reason.into() }
    }
}

/// Rounded up, so that a file just over the limit isn't said to be at it.
fn megabytes(bytes: usize) -> usize {
    bytes.div_ceil(1_000_000)
}
