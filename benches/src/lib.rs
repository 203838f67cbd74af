//! What the benchmarks measure, each beside a named peer in the same run:
//! preparing a photo against the plain `image` crate, expanding a schedule
//! against the `rrule` crate. `cargo xtask bench` runs them and prints the
//! ratios.
//!
//! This library makes the photo that they work on, and the fan-out whose cost in
//! time, memory and requests is measured; everything else is in the benchmarks.

#[cfg(feature = "fan-out")]
pub mod fan_out;

use jpeg_encoder::{ColorType, Encoder, EncodingError};

/// Width of the photo, as a phone's camera stores it.
pub const WIDTH: u16 = 4000;
/// Height of the photo.
pub const HEIGHT: u16 = 3000;
/// Quality that the camera compresses with.
const CAMERA_QUALITY: u8 = 88;

/// EXIF of one entry: orientation 6, which asks for a quarter turn.
const EXIF_TURNED: &[u8] =
    b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

/// A turned photo of 12 megapixels: soft shapes, edges, and a sensor's noise, so
/// that it compresses about as well as a photo does.
///
/// # Errors
/// If it can't be encoded.
pub fn camera_jpeg() -> Result<Vec<u8>, EncodingError> {
    let mut noise = 0x9E37_79B9_u32;
    let mut rgb = Vec::with_capacity(usize::from(WIDTH) * usize::from(HEIGHT) * 3);
    for y in 0..u32::from(HEIGHT) {
        for x in 0..u32::from(WIDTH) {
            // xorshift32: the same photo in every run.
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let edge = if (x / 160 + y / 230) % 5 == 0 { 60 } else { 0 };
            let waves = (f64::from(x * 3 + y) / 97.0).sin() * 60.0
                + (f64::from(x) / 23.0).cos() * (f64::from(y) / 31.0).sin() * 25.0;
            for channel in 0..3_u32 {
                let grain = i32::try_from((noise >> (channel * 5)) & 0xF).unwrap_or_default() - 8;
                let value = 110 + edge + waves as i32 + grain + 15 * channel.cast_signed();
                rgb.push(value.clamp(0, 255) as u8);
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, CAMERA_QUALITY);
    encoder.add_app_segment(1, EXIF_TURNED.to_vec())?;
    encoder.encode(&rgb, WIDTH, HEIGHT, ColorType::Rgb)?;
    Ok(bytes)
}
