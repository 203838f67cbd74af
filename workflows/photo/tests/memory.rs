//! The peak of memory that the crate's documentation promises.
//!
//! One test in a binary of its own: the allocator counts what all threads do.
#![allow(
    clippy::unwrap_used,
    reason = "clippy takes what isn't marked as a test for production code"
)]

mod pictures;

use jpeg_encoder::{ColorType, SamplingFactor};
use peak_alloc::PeakAlloc;
use pictures::{encoded, png};
use seisiun_photo::{Limits, prepare};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MEGABYTE: usize = 1_000_000;

/// Megabytes allocated at once by preparing an upload, with the upload itself,
/// as if it were as large as an upload may be.
fn peak(upload: &[u8]) -> usize {
    let limits = Limits::default();
    assert!(upload.len() <= limits.bytes_max, "{} bytes", upload.len());
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    prepare(upload, &limits).unwrap();
    let peak = ALLOCATOR.peak_usage() - before;
    // Its cleaned copy is what grows with it.
    let copy = limits.bytes_max - upload.len();
    (peak + copy + limits.bytes_max) / MEGABYTE
}

/// Gives all components the same sampling factors. Where no scan is interleaved
/// that changes nothing but the way through the decoder.
fn with_sampling(mut jpeg: Vec<u8>, sampling: u8) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2])).unwrap();
    for component in 0..usize::from(jpeg[frame + 9]) {
        jpeg[frame + 11 + component * 3] = sampling;
    }
    jpeg
}

#[test]
fn the_worst_uploads_stay_below_what_the_documentation_says() {
    // A little noise: a file of some size, quickly made.
    let samples = |count: usize| -> Vec<u8> {
        (0..count).map(|at| if at % 61 == 0 { (at * 31 % 251) as u8 } else { 90 }).collect()
    };
    let (w, h) = (6000, 4000);
    let rgb = samples(w * h * 3);
    let unusual = |progressive| {
        let file = encoded(&rgb, w as u32, h as u32, ColorType::Rgb, |encoder| {
            encoder.set_quality(20);
            encoder.set_sampling_factor(SamplingFactor::F_1_1);
            encoder.set_progressive(progressive);
            encoder.set_optimized_huffman_tables(true);
        });
        with_sampling(file, 0x33)
    };
    let mut figures = Vec::new();
    for (what, promised, upload) in [
        (
            "progressive CMYK JPEG, 24 megapixels",
            320,
            encoded(&samples(w * h * 4), w as u32, h as u32, ColorType::Cmyk, |encoder| {
                encoder.set_quality(20);
                encoder.set_progressive(true);
            }),
        ),
        ("progressive JPEG of unusual sampling", 320, unusual(true)),
        ("JPEG in planes of unusual sampling", 200, unusual(false)),
        (
            "baseline JPEG, 12 megapixels",
            90,
            encoded(&samples(4000 * 3000 * 3), 4000, 3000, ColorType::Rgb, |encoder| {
                encoder.set_quality(70);
            }),
        ),
        (
            "PNG with transparency, 24 megapixels",
            150,
            png(
                &samples(w * h * 4),
                w as u32,
                h as u32,
                png::ColorType::Rgba,
                png::BitDepth::Eight,
                |encoder| encoder.set_compression(png::Compression::Fast),
            ),
        ),
    ] {
        let peak = peak(&upload);
        figures.push(format!("{what}: {peak} MB"));
        assert!(peak < promised, "{figures:?}, promised {promised} MB");
        assert!(peak > promised * 3 / 4, "{figures:?}: {promised} MB promises nothing");
    }
}
