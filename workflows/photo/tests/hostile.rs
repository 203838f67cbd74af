//! Whatever the bytes are, there is an answer: no panic, no endless work, and
//! what is published is a JPEG within the limits.

mod pictures;

use std::sync::LazyLock;

use jpeg_encoder::{ColorType, SamplingFactor};
use pictures::{
    Picture, chunk, decode, encoded, exif, exif_segment, fixture, jpeg, markers, png_rgb, segment,
    with_chunks, with_segments,
};
use proptest::prelude::*;
use seisiun_photo::{Limits, Refusal, prepare};

/// Uploads to mutate: small, so that a case takes a millisecond.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let picture = Picture::waves(96, 88);
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap_or_default();
    let profile = segment(0xE2, &[b"ICC_PROFILE\0\x01\x01".as_slice(), &icc].concat());
    let ink: Vec<u8> = [200, 100, 50, 220].repeat(96 * 88);
    let plain = jpeg(&picture, |_| ());
    vec![
        with_segments(&plain, &[exif_segment(6)]),
        jpeg(&picture, |encoder| {
            encoder.set_progressive(true);
            encoder.set_restart_interval(3);
        }),
        jpeg(&picture, |encoder| {
            encoder.set_progressive_scans(20);
            encoder.set_optimized_huffman_tables(true);
        }),
        with_segments(&jpeg(&picture, |encoder| encoder.set_restart_interval(5)), &[profile]),
        // In planes, for the other decoder.
        jpeg(&picture, |encoder| {
            encoder.set_sampling_factor(SamplingFactor::F_2_2);
            encoder.set_optimized_huffman_tables(true);
        }),
        fixture("coarse-luma-progressive.jpg"),
        encoded(&ink, 96, 88, ColorType::CmykAsYcck, |_| ()),
        with_chunks(&png_rgb(&picture), &[chunk(b"eXIf", &exif(8))]),
        fixture("progressive.jpg"),
        fixture("bomb_16k.png"),
        fixture("trunc.jpg"),
        fixture("fake.jpg"),
    ]
});

fn answers(bytes: &[u8]) -> Result<(), TestCaseError> {
    let limits = Limits { pixels_max: 4_000_000, ..Limits::default() };
    match prepare(bytes, &limits) {
        Ok(photo) => {
            for variant in [&photo.full, &photo.thumbnail] {
                prop_assert!(variant.bytes.starts_with(&[0xFF, 0xD8]));
                prop_assert!(variant.bytes.ends_with(&[0xFF, 0xD9]));
                prop_assert!(
                    !markers(&variant.bytes)
                        .iter()
                        .any(|marker| matches!(marker, 0xE1..=0xEF | 0xFE))
                );
            }
            prop_assert!(photo.full.width.max(photo.full.height) <= limits.full_px);
            prop_assert!(photo.full.width.min(photo.full.height) >= limits.side_px_min);
            prop_assert!(photo.thumbnail.width.max(photo.thumbnail.height) <= limits.thumb_px);
        }
        Err(refusal) => prop_assert!(!refusal.to_string().is_empty()),
    }
    Ok(())
}

/// Makes the checksums right again, so that a mutation gets past them.
fn mended(mut png: Vec<u8>) -> Vec<u8> {
    let mut at = 8;
    while let Some(head) = png.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(covered) = png.get(at + 4..(at + 8).saturating_add(length)) else { break };
        let checksum = crc32fast::hash(covered).to_be_bytes();
        let Some(slot) = png.get_mut(at + 8 + length..at + 12 + length) else { break };
        slot.copy_from_slice(&checksum);
        at += 12 + length;
    }
    png
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn changed_bytes(
        seed in 0..12_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = SEEDS[seed].clone();
        for (index, value) in changes {
            let at = index.index(bytes.len());
            bytes[at] = value;
        }
        answers(&bytes)?;
        if bytes.starts_with(b"\x89PNG") {
            answers(&mended(bytes))?;
        }
    }

    /// Headers are where the damage is done: a tenth of the file gets all of it.
    #[test]
    fn changed_headers(
        seed in 0..9_usize,
        changes in prop::collection::vec((0..700_usize, any::<u8>()), 1..6),
    ) {
        let mut bytes = SEEDS[seed].clone();
        for (at, value) in changes {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        answers(&bytes)?;
        if bytes.starts_with(b"\x89PNG") {
            answers(&mended(bytes))?;
        }
    }

    #[test]
    fn cut_doubled_and_spliced(
        seeds in (0..12_usize, 0..12_usize),
        cuts in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
    ) {
        let (first, second) = (&SEEDS[seeds.0], &SEEDS[seeds.1]);
        let head = &first[..cuts.0.index(first.len())];
        let tail = &second[cuts.1.index(second.len())..];
        answers(&[head, tail].concat())?;
    }

    #[test]
    fn noise(bytes in prop::collection::vec(any::<u8>(), 0..4000), kind in 0..3) {
        let start: &[u8] = match kind {
            0 => &[0xFF, 0xD8, 0xFF],
            1 => b"\x89PNG\r\n\x1a\n",
            _ => b"",
        };
        answers(&[start, &bytes].concat())?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever there is to see, it can be written.
    #[test]
    fn any_picture_is_published(
        (width, height) in (80..200_u32, 80..200_u32),
        contrast in 0..=8_u32,
        seed in any::<u64>(),
    ) {
        let picture = Picture::new(width, height, |x, y| {
            let mixed = (u64::from(x) << 32 | u64::from(y)) ^ seed;
            let mixed = mixed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mixed = (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let [r, g, b, ..] = (mixed ^ mixed >> 32).to_le_bytes();
            // From flat to noise to black and white.
            [r, g, b].map(|value| match contrast {
                8 => if value < 128 { 0 } else { 255 },
                _ => value >> (7 - contrast),
            })
        });
        let photo = prepare(&png_rgb(&picture), &Limits::default());
        let photo = photo.map_err(|refusal| TestCaseError::fail(refusal.to_string()))?;
        let shown = decode(&photo.full.bytes);
        prop_assert_eq!((shown.width, shown.height), (width, height));
        // And our own walk finds it whole.
        prop_assert!(prepare(&photo.full.bytes, &Limits::default()).is_ok());
    }
}

/// A panic inside a decoder becomes a refusal, but it is a surprise all the
/// same. None of the seeds may cause one.
#[test]
fn the_seeds_are_what_they_are_meant_to_be() {
    let codes: Vec<_> = SEEDS
        .iter()
        .map(|seed| prepare(seed, &Limits::default()).err().map(|refusal: Refusal| refusal.code()))
        .collect();
    let sound = [None; 9].into_iter();
    let refused = [Some("too_many_pixels"), Some("truncated"), Some("not_a_photo")];
    assert_eq!(codes, sound.chain(refused).collect::<Vec<_>>());
}
