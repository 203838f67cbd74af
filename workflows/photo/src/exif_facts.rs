//! The two facts in EXIF that change how a photo must be shown.

use std::panic::catch_unwind;

use exif::{In, Reader, Tag, Value};

/// EXIF in a JPEG fits a segment, so this is what the format ever needs; a PNG
/// could carry megabytes, of which the parser would make many more.
const EXIF_BYTES_MAX: usize = 65_536;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExifFacts {
    /// 1 to 8, as EXIF counts; 1 is upright.
    pub(crate) orientation: u8,
    /// The camera was set to Adobe RGB. It says so here and not in a profile.
    pub(crate) adobe_rgb: bool,
}

impl ExifFacts {
    const NONE: Self = Self { orientation: 1, adobe_rgb: false };

    /// Reads what can be read of a TIFF structure. Anything broken counts as
    /// absent: the pixels are sound all the same.
    pub(crate) fn read(tiff: Option<&[u8]>) -> Self {
        let Some(tiff) = tiff else { return Self::NONE };
        let head = tiff.get(..tiff.len().min(EXIF_BYTES_MAX)).unwrap_or_default().to_vec();
        catch_unwind(|| Self::parse(head)).unwrap_or(Self::NONE)
    }

    fn parse(tiff: Vec<u8>) -> Self {
        let parsed = Reader::new()
            .continue_on_error(true)
            .read_raw(tiff)
            .or_else(|error| error.distill_partial_result(|_| ()));
        let Ok(exif) = parsed else { return Self::NONE };
        let orientation = exif
            .get_field(Tag::Orientation, In::PRIMARY)
            .and_then(|field| field.value.get_uint(0))
            .and_then(|value| u8::try_from(value).ok())
            .filter(|value| (1..=8).contains(value))
            .unwrap_or(1);
        let adobe_rgb = exif.get_field(Tag::InteroperabilityIndex, In::PRIMARY).is_some_and(
            |field| matches!(&field.value, Value::Ascii(lines) if lines.iter().any(|line| line.starts_with(b"R03"))),
        );
        Self { orientation, adobe_rgb }
    }
}
