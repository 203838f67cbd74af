//! Files made on the spot, one property each.

#![allow(
    clippy::unwrap_used,
    reason = "clippy takes what isn't marked as a test for production code"
)]

mod pictures;

use flate2::{Compression, write::ZlibEncoder};
use jpeg_encoder::{ColorType, SamplingFactor};
use moxcms::{Chromaticity, ColorPrimaries, ColorProfile, ToneReprCurve, XyY};
use pictures::{
    Picture, assert_close, chunk, decode, encoded, exif, exif_segment, fixture, jpeg, markers, png,
    png_rgb, prepared, published, refused, segment, with_chunks, with_segments,
};
use seisiun_photo::{Limits, Refusal, prepare};
use std::io::Write as _;

/// What two lossy compressions may do to a flat colour.
const FLAT: u8 = 6;

fn assert_shows(upload: &[u8], expected: &Picture, what: &str) {
    let actual = published(upload);
    assert_eq!((actual.width, actual.height), (expected.width, expected.height), "{what}");
    for (actual, expected) in actual.middles().into_iter().zip(expected.middles()) {
        assert_close(actual, expected, FLAT, what);
    }
}

fn inflating_to(bytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'a'; bytes]).unwrap();
    encoder.finish().unwrap()
}

// Sizes.

#[test]
fn large_photos_shrink_and_small_ones_stay() {
    for ((width, height), full, thumb) in [
        ((2000, 1500), (1600, 1200), (400, 300)),
        ((1500, 2000), (1200, 1600), (300, 400)),
        ((1601, 801), (1600, 800), (400, 200)),
        ((1600, 900), (1600, 900), (400, 225)),
        ((320, 240), (320, 240), (320, 240)),
        ((80, 80), (80, 80), (80, 80)),
    ] {
        let photo = prepared(&jpeg(&Picture::waves(width, height), |_| ()));
        assert_eq!((photo.full.width, photo.full.height), full, "{width} × {height}");
        assert_eq!((photo.thumbnail.width, photo.thumbnail.height), thumb, "{width} × {height}");
    }
}

#[test]
fn scaling_keeps_what_is_seen() {
    let large = Picture::quarters(2400, 1600);
    let expected = Picture::quarters(1600, 1067);
    assert_shows(&jpeg(&large, |_| ()), &expected, "JPEG");
    assert_shows(&png_rgb(&large), &expected, "PNG");
}

#[test]
fn sizes_outside_the_limits_are_refused() {
    let limits = Limits { pixels_max: 40_000, side_px_max: 500, ..Limits::default() };
    let refusal = |width, height| {
        let picture = Picture::waves(width, height);
        let codes = [jpeg(&picture, |_| ()), png_rgb(&picture)]
            .map(|upload| prepare(&upload, &limits).err().map(|refusal| refusal.code()));
        assert_eq!(codes[0], codes[1], "{width} × {height}");
        codes[0]
    };
    assert_eq!(refusal(200, 200), None);
    assert_eq!(refusal(201, 200), Some("too_many_pixels"));
    assert_eq!(refusal(500, 80), None);
    assert_eq!(refusal(501, 79), Some("too_many_pixels"));
    assert_eq!(refusal(79, 100), Some("too_small"));
    let bytes = jpeg(&Picture::waves(100, 100), |_| ());
    let limits = Limits { bytes_max: bytes.len() - 1, ..limits };
    assert_eq!(
        prepare(&bytes, &limits).err(),
        Some(Refusal::TooManyBytes { bytes: bytes.len(), bytes_max: bytes.len() - 1 })
    );
}

/// It would be 1600 × 79 pixels, which Rekognition refuses to look at.
#[test]
fn strips_are_refused() {
    let strip =
        |width, height| prepare(&png_rgb(&Picture::waves(width, height)), &Limits::default());
    assert!(strip(2000, 100).is_ok());
    assert_eq!(
        strip(2000, 99).err(),
        Some(Refusal::TooNarrow { width: 2000, height: 99, ratio_max: 20 })
    );
    assert!(strip(99, 2000).is_err());
}

// Metadata.

#[test]
fn all_eight_orientations_are_turned_upright() {
    // Where the quarters of the stored picture are seen, in reading order.
    let seen: [[usize; 4]; 8] = [
        [0, 1, 2, 3],
        [1, 0, 3, 2],
        [3, 2, 1, 0],
        [2, 3, 0, 1],
        [0, 2, 1, 3],
        [2, 0, 3, 1],
        [3, 1, 2, 0],
        [1, 3, 0, 2],
    ];
    let stored = Picture::quarters(320, 160);
    let plain = jpeg(&stored, |_| ());
    for (orientation, order) in (1..).zip(seen) {
        let size = if orientation < 5 { (320, 160) } else { (160, 320) };
        let tagged_png = with_chunks(&png_rgb(&stored), &[chunk(b"eXIf", &exif(orientation))]);
        let tagged_jpeg = with_segments(&plain, &[exif_segment(orientation)]);
        for upload in [tagged_jpeg, tagged_png] {
            let upright = published(&upload);
            assert_eq!((upright.width, upright.height), size, "{orientation}");
            for (actual, from) in upright.middles().into_iter().zip(order) {
                let expected = stored.middles()[from];
                assert_close(actual, expected, FLAT, &format!("orientation {orientation}"));
            }
        }
    }
}

#[test]
fn broken_exif_counts_as_upright() {
    let stored = Picture::quarters(320, 160);
    let plain = jpeg(&stored, |_| ());
    let truth = exif(6);
    for length in 0..truth.len() {
        let data = [b"Exif\0\0".as_slice(), &truth[..length]].concat();
        let photo = prepared(&with_segments(&plain, &[segment(0xE1, &data)]));
        let size = (photo.full.width, photo.full.height);
        assert!(matches!(size, (320, 160) | (160, 320)), "{length}: {size:?}");
        // The second entry of three says how the photo is turned.
        assert_eq!(size.0 < size.1, length >= 8 + 2 + 2 * 12, "{length}");
    }
    for value in [0, 9, 255, 65_535] {
        let photo = prepared(&with_segments(&plain, &[exif_segment(value)]));
        assert_eq!((photo.full.width, photo.full.height), (320, 160), "{value}");
    }
}

#[test]
fn no_metadata_is_left() {
    let secret = b"SECRET-PLACE";
    let xmp = [b"http://ns.adobe.com/xap/1.0/\0".as_slice(), secret].concat();
    let iptc = [b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0C".as_slice(), secret].concat();
    let upload = with_segments(
        &jpeg(&Picture::waves(400, 300), |_| ()),
        &[
            exif_segment(1),
            segment(0xE1, &xmp),
            segment(0xED, &iptc),
            segment(0xFE, secret),
            segment(0xEF, secret),
        ],
    );
    let photo = prepared(&upload);
    for variant in [&photo.full, &photo.thumbnail] {
        assert!(!variant.bytes.windows(secret.len()).any(|bytes| bytes == secret));
        let markers = markers(&variant.bytes);
        assert!(markers.iter().all(|marker| !matches!(marker, 0xE1..=0xEF | 0xFE)), "{markers:x?}");
    }
    // And it makes no difference to what is published.
    let plain = jpeg(&Picture::waves(400, 300), |_| ());
    assert_eq!(photo, prepared(&plain));
}

/// Segments that zune-jpeg would stumble over never reach it.
#[test]
fn broken_metadata_does_no_harm() {
    let plain = jpeg(&Picture::waves(400, 300), |_| ());
    let segments = [
        segment(0xE1, b"Exif"),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0short"),
        segment(0xE2, b"ICC_PROFILE\0"),
        segment(0xE2, b"ICC_PROFILE\0\x02\x01nonsense"),
        segment(0xED, b""),
        segment(0xEE, b"Ado"),
    ];
    assert_eq!(prepared(&with_segments(&plain, &segments)), prepared(&plain));
}

// Colours.

/// sRGB but for red and green, which are swapped: pure numbers must come out as
/// each other. No implementation can pass this by ignoring the profile.
fn swapped() -> Vec<u8> {
    let srgb = ColorProfile::new_srgb();
    let mut swapped = ColorProfile::new_srgb();
    swapped.cicp = None;
    swapped.red_colorant = srgb.green_colorant;
    swapped.green_colorant = srgb.red_colorant;
    swapped.encode().unwrap()
}

fn tagged(picture: &Picture, icc: &[u8]) -> [(&'static str, Vec<u8>); 2] {
    let jpeg = jpeg(picture, |encoder| encoder.add_icc_profile(icc).unwrap());
    let compressed = {
        let mut encoder = ZlibEncoder::new(b"profile\0\0".to_vec(), Compression::best());
        encoder.write_all(icc).unwrap();
        encoder.finish().unwrap()
    };
    let png = with_chunks(&png_rgb(picture), &[chunk(b"iCCP", &compressed)]);
    [("JPEG", jpeg), ("PNG", png)]
}

#[test]
fn swapped_primaries_are_swapped_back() {
    let stored = Picture::quarters(320, 160);
    let expected = Picture::new(320, 160, |x, y| {
        let [r, g, b] = stored.at(x, y);
        [g, r, b]
    });
    for (what, upload) in tagged(&stored, &swapped()) {
        assert_shows(&upload, &expected, what);
    }
}

/// The transfer curve of sRGB and its inverse, as IEC 61966-2-1 has them.
fn linear(encoded: u8) -> f64 {
    let value = f64::from(encoded) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn encoded_srgb(linear: f64) -> u8 {
    let value = linear.clamp(0.0, 1.0);
    let value =
        if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    (value * 255.0).round() as u8
}

/// Computed here from the published matrix, not by the library under test.
fn display_p3_to_srgb([r, g, b]: [u8; 3]) -> [u8; 3] {
    let (r, g, b) = (linear(r), linear(g), linear(b));
    [
        encoded_srgb(1.224_940 * r - 0.224_940 * g),
        encoded_srgb(-0.042_057 * r + 1.042_057 * g),
        encoded_srgb(-0.019_638 * r - 0.078_636 * g + 1.098_274 * b),
    ]
}

#[test]
fn display_p3_becomes_srgb() {
    // As an iPhone tags its photos.
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let stored = Picture::quarters(320, 160);
    let expected = Picture::new(320, 160, |x, y| display_p3_to_srgb(stored.at(x, y)));
    // Enough of a difference for the test to notice.
    let green = (stored.middles()[1], expected.middles()[1]);
    assert!(green.0[0].abs_diff(green.1[0]) > 3 * FLAT, "{green:?}");
    for (what, upload) in tagged(&stored, &icc) {
        assert_shows(&upload, &expected, what);
    }
}

#[test]
fn a_broken_profile_counts_as_srgb() {
    let stored = Picture::quarters(320, 160);
    let icc = swapped();
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    for profile in [&icc[..icc.len() / 2], b"not a profile", &[0; 200], &grey] {
        for (what, upload) in tagged(&stored, profile) {
            assert_shows(&upload, &stored, what);
        }
    }
}

#[test]
fn a_camera_in_adobe_rgb_says_so_in_exif() {
    // The primaries of Adobe RGB (1998), of which green lies outside sRGB.
    let tiff = [
        b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1A\0\0\0\0\0\0\0".as_slice(),
        b"\x01\0\x05\xA0\x04\0\x01\0\0\0\x2C\0\0\0\0\0\0\0",
        b"\x01\0\x01\0\x02\0\x04\0\0\0R03\0\0\0\0\0",
    ]
    .concat();
    let stored = Picture::new(160, 160, |_, _| [120, 180, 120]);
    let tag = segment(0xE1, &[b"Exif\0\0".as_slice(), &tiff].concat());
    let shown = published(&with_segments(&jpeg(&stored, |_| ()), &[tag])).at(80, 80);
    let linear = |value: u8| (f64::from(value) / 255.0).powf(563.0 / 256.0);
    let (r, g, b) = (linear(120), linear(180), linear(120));
    let expected = [
        encoded_srgb(1.398_28 * r - 0.398_28 * g),
        encoded_srgb(g),
        encoded_srgb(-0.042_939 * g + 1.042_939 * b),
    ];
    assert!(expected[0] < 100, "{expected:?}");
    assert_close(shown, expected, FLAT, "Adobe RGB");
}

#[test]
fn png_gamma_and_chromaticities_are_applied() {
    let stored = Picture::new(160, 160, |_, _| [64, 128, 192]);
    let plain = png_rgb(&stored);
    let gamma = |value: u32| chunk(b"gAMA", &value.to_be_bytes());
    let shown = |chunks: &[Vec<u8>]| published(&with_chunks(&plain, chunks)).at(80, 80);
    // Linear light.
    let bright = [64, 128, 192].map(|value: u8| encoded_srgb(f64::from(value) / 255.0));
    assert_close(shown(&[gamma(100_000)]), bright, FLAT, "linear");
    // What nearly every file with this chunk says: sRGB.
    assert_close(shown(&[gamma(45_455)]), [64, 128, 192], FLAT, "1/2.2");
    // `sRGB` has precedence.
    assert_close(shown(&[gamma(100_000), chunk(b"sRGB", &[0])]), [64, 128, 192], FLAT, "sRGB");
    // Display P3 by its chromaticities.
    let points = [31_270_u32, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000];
    let points: Vec<u8> = points.iter().flat_map(|value| value.to_be_bytes()).collect();
    let expected = display_p3_to_srgb([64, 128, 192]);
    assert_close(shown(&[gamma(45_455), chunk(b"cHRM", &points)]), expected, FLAT, "cHRM");
    // Display P3 with the curve of sRGB, by number.
    assert_close(shown(&[chunk(b"cICP", &[12, 13, 0, 1])]), expected, FLAT, "cICP");
    // Nonsense is passed over.
    for chunks in [vec![gamma(0)], vec![gamma(1)], vec![chunk(b"cHRM", &[0; 32]), gamma(45_455)]] {
        assert_close(shown(&chunks), [64, 128, 192], FLAT, "nonsense");
    }
}

#[test]
fn grey_profiles_apply_to_grey_pictures() {
    let mut profile = ColorProfile::new_gray_with_gamma(1.0);
    profile.gray_trc = Some(ToneReprCurve::Parametric(vec![1.0]));
    let icc = profile.encode().unwrap();
    let data = vec![100; 160 * 160];
    let upload = encoded(&data, 160, 160, ColorType::Luma, |encoder| {
        encoder.add_icc_profile(&icc).unwrap();
    });
    let expected = [encoded_srgb(100.0 / 255.0); 3];
    assert_close(published(&upload).at(80, 80), expected, FLAT, "linear grey");
}

#[test]
fn an_rgb_profile_on_a_grey_picture_means_its_greys() {
    let mut profile = ColorProfile::new_srgb();
    profile.update_rgb_colorimetry(
        XyY { x: 0.3127, y: 0.329, yb: 1.0 },
        ColorPrimaries {
            red: Chromaticity { x: 0.68, y: 0.32 },
            green: Chromaticity { x: 0.265, y: 0.69 },
            blue: Chromaticity { x: 0.15, y: 0.06 },
        },
    );
    let linear = ToneReprCurve::Parametric(vec![1.0]);
    profile.red_trc = Some(linear.clone());
    profile.green_trc = Some(linear.clone());
    profile.blue_trc = Some(linear);
    let icc = profile.encode().unwrap();
    let upload = encoded(&[100; 160 * 160], 160, 160, ColorType::Luma, |encoder| {
        encoder.add_icc_profile(&icc).unwrap();
    });
    let expected = [encoded_srgb(100.0 / 255.0); 3];
    assert_close(published(&upload).at(80, 80), expected, FLAT, "grey");
}

// Kinds of JPEG.

#[test]
fn every_usual_way_to_store_a_jpeg_is_read() {
    // Not a multiple of a block or of a group of blocks.
    let picture = Picture::quarters(333, 251);
    let factors = [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
        SamplingFactor::F_4_2,
    ];
    for factor in factors {
        for scans in [None, Some(2), Some(4), Some(10), Some(33)] {
            for restarts in [0, 1, 7, 42] {
                // The encoder can't do both.
                for optimised in if restarts == 0 { vec![false, true] } else { vec![false] } {
                    let upload = jpeg(&picture, |encoder| {
                        encoder.set_sampling_factor(factor);
                        if let Some(scans) = scans {
                            encoder.set_progressive_scans(scans);
                        }
                        if restarts > 0 {
                            encoder.set_restart_interval(restarts);
                        }
                        encoder.set_optimized_huffman_tables(optimised);
                    });
                    let what = format!("{factor:?} {scans:?} {restarts} {optimised}");
                    assert_shows(&upload, &picture, &what);
                }
            }
        }
    }
}

/// Progressive as libjpeg writes it, with coefficients refined bit by bit, which
/// our encoder doesn't do.
#[test]
fn refined_progressive_jpegs_are_read() {
    let upload = fixture("progressive.jpg");
    let difference = published(&upload).difference(&decode(&upload));
    assert!(difference < 4.0, "{difference}");
    // The same pixels as in the photo it was cut from.
    let coffee = decode(&fixture("clean-coffee.jpg"));
    let cut = Picture::new(240, 160, |x, y| coffee.at(x + 160, y + 112));
    let difference = published(&upload).difference(&cut);
    assert!(difference < 4.0, "{difference}");
}

/// zune-jpeg makes noise of these, so that another decoder has to read them.
#[test]
fn unusual_sampling_is_read() {
    // From 16 columns and rows inside the photo, as libjpeg rounds crops.
    let coffee = decode(&fixture("clean-coffee.jpg"));
    let cut = Picture::new(96, 96, |x, y| coffee.at(x + 16, y + 16));
    for name in ["coarse-luma.jpg", "coarse-luma-progressive.jpg"] {
        let difference = published(&fixture(name)).difference(&cut);
        assert!(difference < 8.0, "{name}: {difference}");
    }
}

/// The sampling of a single component means nothing.
#[test]
fn grey_jpegs_of_any_sampling_are_read() {
    let data: Vec<u8> = (0..200 * 99_u32).map(|at| (at % 200) as u8).collect();
    for progressive in [false, true] {
        let plain = encoded(&data, 200, 99, ColorType::Luma, |encoder| {
            encoder.set_progressive(progressive);
        });
        let frame = plain.windows(2).position(|pair| matches!(pair, [0xFF, 0xC0 | 0xC2])).unwrap();
        for sampling in [0x11, 0x12, 0x21, 0x22, 0x41, 0x33] {
            let mut other = plain.clone();
            other[frame + 11] = sampling;
            assert_eq!(prepared(&other), prepared(&plain), "{sampling:x}");
        }
    }
}

/// A printing profile by its book: four inks to Lab through a table of two steps
/// for each. Only black does anything, from L* = 60 without it to 20.
fn four_colour_profile() -> Vec<u8> {
    let mut table = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for value in [1, 0, 0, 0, 1, 0, 0, 0, 1] {
        table.extend_from_slice(&(i32::from(value as i16) << 16).to_be_bytes());
    }
    let straight: Vec<u8> = (0..=255).collect();
    table.extend_from_slice(&straight.repeat(4));
    for corner in 0..16 {
        // Black runs fastest. Eight bits of Lab: L* × 255 / 100, a* + 128, b* + 128.
        let lightness = if corner % 2 == 0 { 153 } else { 51 };
        table.extend_from_slice(&[lightness, 128, 128]);
    }
    table.extend_from_slice(&straight.repeat(3));
    table.resize(table.len().next_multiple_of(4), 0);

    let mut icc = vec![0; 128];
    icc[8..12].copy_from_slice(&[2, 0x40, 0, 0]);
    icc[12..24].copy_from_slice(b"prtrCMYKLab ");
    icc[36..40].copy_from_slice(b"acsp");
    // The illuminant of the profile connection space, D50.
    for (at, value) in [(68, 0xF6D6_u32), (72, 0x1_0000), (76, 0xD32D)] {
        icc[at..at + 4].copy_from_slice(&value.to_be_bytes());
    }
    icc.extend_from_slice(&1_u32.to_be_bytes());
    icc.extend_from_slice(b"A2B0");
    icc.extend_from_slice(&(128 + 4 + 12_u32).to_be_bytes());
    icc.extend_from_slice(&(table.len() as u32).to_be_bytes());
    icc.extend_from_slice(&table);
    let size = icc.len() as u32;
    icc[..4].copy_from_slice(&size.to_be_bytes());
    icc
}

#[test]
fn four_colour_profiles_are_applied() {
    let lightness = |l: f64| encoded_srgb(((l + 16.0) / 116.0).powi(3));
    let icc = four_colour_profile();
    for (ink, l) in [([0, 0, 0, 0], 60.0), ([200, 90, 10, 255], 20.0), ([0, 0, 0, 128], 40.0)] {
        let ink: Vec<u8> = ink.repeat(160 * 160);
        for colours in [ColorType::Cmyk, ColorType::CmykAsYcck] {
            let upload = encoded(&ink, 160, 160, colours, |encoder| {
                encoder.add_icc_profile(&icc).unwrap();
            });
            let shown = published(&upload).at(80, 80);
            assert_close(shown, [lightness(l); 3], FLAT, &format!("L* = {l}"));
        }
    }
}

#[test]
fn grey_and_four_colour_jpegs_are_read() {
    let grey: Vec<u8> = vec![90; 200 * 100];
    let upload = encoded(&grey, 200, 100, ColorType::Luma, |_| ());
    assert_close(published(&upload).at(50, 50), [90; 3], FLAT, "grey");

    // The encoder takes ink, 255 being all of it, and turns it round as Adobe
    // does.
    let [c, m, y, k] = [30, 120, 200, 50_u8];
    let ink: Vec<u8> = [c, m, y, k].repeat(200 * 100);
    let shown = |ink: [u8; 3], black: u8| {
        ink.map(|ink| (u32::from(255 - ink) * u32::from(255 - black) / 255) as u8)
    };
    for colours in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        for progressive in [false, true] {
            let upload = encoded(&ink, 200, 100, colours, |encoder| {
                encoder.set_progressive(progressive);
            });
            let what = format!("{colours:?} {progressive}");
            assert_close(published(&upload).at(50, 50), shown([c, m, y], k), FLAT, &what);
            // Without Adobe's segment nothing was turned round.
            if colours == ColorType::Cmyk {
                let adobe = upload.windows(2).position(|pair| pair == [0xFF, 0xEE]).unwrap();
                let plain = [&upload[..adobe], &upload[adobe + 2 + 14..]].concat();
                let expected = shown([c, m, y].map(|ink| 255 - ink), 255 - k);
                assert_close(published(&plain).at(50, 50), expected, FLAT, "without Adobe");
            }
        }
    }
}

/// RGB stored as it is, told by Adobe's segment or by the components' names.
#[test]
fn jpegs_that_store_rgb_are_read() {
    let stored = Picture::quarters(320, 160);
    let as_ycbcr = jpeg(&stored, |encoder| encoder.set_sampling_factor(SamplingFactor::F_1_1));
    // The numbers of its components taken for red, green and blue.
    let expected = decode(&renamed(&as_ycbcr, *b"RGB"));
    assert!(expected.difference(&stored) > 20.0);
    assert_shows(&renamed(&as_ycbcr, *b"RGB"), &expected, "by name");
    let adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\0");
    assert_shows(&with_segments(&without_jfif(&as_ycbcr), &[adobe]), &expected, "Adobe");
    // JFIF is always YCbCr.
    assert_shows(&as_ycbcr, &stored, "JFIF");
}

fn without_jfif(jpeg: &[u8]) -> Vec<u8> {
    let length = usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]));
    [&jpeg[..2], &jpeg[2 + 2 + length..]].concat()
}

/// Gives the components other names, in the frame and in every scan.
fn renamed(jpeg: &[u8], names: [u8; 3]) -> Vec<u8> {
    let mut file = without_jfif(jpeg);
    let mut at = 2;
    let mut old = [0; 3];
    while at + 4 < file.len() {
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        match (file[at], file[at + 1]) {
            (0xFF, 0xC0..=0xC2) => {
                for index in 0..3 {
                    old[index] = file[at + 10 + index * 3];
                    file[at + 10 + index * 3] = names[index];
                }
            }
            (0xFF, 0xDA) => {
                for part in 0..usize::from(file[at + 4]) {
                    let name = &mut file[at + 5 + part * 2];
                    *name = names[old.iter().position(|old| old == name).unwrap()];
                }
            }
            (0xFF, 0xC4 | 0xDB..=0xDD | 0xE0..=0xEF) => {}
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2 + length;
    }
    file
}

#[test]
fn a_jpeg_cut_anywhere_is_refused() {
    let picture = Picture::waves(160, 120);
    let [baseline, progressive] = [false, true]
        .map(|progressive| jpeg(&picture, |encoder| encoder.set_progressive(progressive)));
    for whole in [baseline, progressive, fixture("progressive.jpg")] {
        prepared(&whole);
        for length in 3..whole.len() {
            assert_eq!(refused(&whole[..length]), Refusal::Truncated, "{length}");
        }
    }
}

/// Decoders take this for a whole file: it ends as one.
#[test]
fn a_jpeg_cut_anywhere_and_given_an_end_is_refused() {
    let picture = Picture::waves(160, 120);
    for (progressive, restarts) in [(false, 0), (true, 0), (false, 5)] {
        let whole = jpeg(&picture, |encoder| {
            encoder.set_progressive(progressive);
            if restarts > 0 {
                encoder.set_restart_interval(restarts);
            }
        });
        let scans: Vec<usize> =
            (0..whole.len() - 1).filter(|at| whole[*at..].starts_with(&[0xFF, 0xDA])).collect();
        let mut accepted = Vec::new();
        for length in scans[0] + 16..whole.len() - 3 {
            let mut cut = whole[..length].to_vec();
            if cut.ends_with(&[0xFF]) {
                cut.pop();
            }
            cut.extend_from_slice(&[0xFF, 0xD9]);
            match prepare(&cut, &Limits::default()) {
                Err(refusal) => {
                    let code = refusal.code();
                    assert!(matches!(code, "truncated" | "undecodable"), "{length}: {refusal:?}");
                }
                Ok(_) => accepted.push(length),
            }
        }
        // A progressive file may end where a scan does: all of the picture is
        // there, only less sharp. Behind that come tables, which nothing uses.
        for length in accepted {
            assert!(progressive, "{length} of {}", whole.len());
            let follows = &whole[length..];
            let between_scans = follows.starts_with(&[0xFF, 0xC4])
                || follows.starts_with(&[0xFF, 0xDA])
                || whole[..length].ends_with(&[0xFF]);
            assert!(between_scans, "{length} of {}: {:x?}", whole.len(), &follows[..4]);
        }
    }
}

#[test]
fn a_jpeg_with_a_hole_is_refused() {
    let whole = jpeg(&Picture::waves(320, 240), |_| ());
    let holed = [&whole[..whole.len() / 2], &whole[whole.len() * 3 / 4..]].concat();
    let code = refused(&holed).code();
    assert!(matches!(code, "truncated" | "undecodable"), "{code}");
}

#[test]
fn endless_scans_are_refused() {
    // A refinement of nothing, a dozen bytes for a pass over the whole picture.
    let whole = jpeg(&Picture::waves(160, 120), |encoder| encoder.set_progressive(true));
    let last = whole.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = whole[last..whole.len() - 2].to_vec();
    let bomb = [&whole[..last], &scan.repeat(200), &[0xFF, 0xD9]].concat();
    assert_eq!(refused(&bomb), Refusal::ScanBomb { scans_max: 100 });
}

#[test]
fn kinds_of_jpeg_that_browsers_do_not_show_are_refused() {
    let whole = jpeg(&Picture::waves(160, 120), |_| ());
    let frame = whole.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    // Lossless, arithmetic, twelve bits, height told later, no component.
    for (offset, value) in [(1, 0xC3), (1, 0xC9), (4, 12), (9, 0), (9, 2)] {
        let mut other = whole.clone();
        other[frame + offset] = value;
        assert_eq!(refused(&other).code(), "undecodable", "{offset} {value}");
    }
    let mut unknown_height = whole;
    unknown_height[frame + 5..frame + 7].fill(0);
    assert_eq!(refused(&unknown_height).code(), "undecodable");
}

// Kinds of PNG.

#[test]
fn every_kind_of_png_is_read() {
    use png::{BitDepth, ColorType};
    let (w, h) = (161_u32, 99_u32);
    let count = (w * h) as usize;
    let row = |bits: u32| (w * bits).div_ceil(8) as usize;
    let palette = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_palette([10, 20, 30, 200, 100, 50].as_slice());
    };
    let see_through = |encoder: &mut png::Encoder<'_, &mut Vec<u8>>| {
        encoder.set_palette([10, 20, 30, 200, 100, 50].as_slice());
        encoder.set_trns([255, 0].as_slice());
    };
    let plain = |_: &mut png::Encoder<'_, &mut Vec<u8>>| ();
    let cases: [(&str, Vec<u8>, [u8; 3]); 14] = [
        (
            "grey 1",
            png(&vec![0xFF; row(1) * h as usize], w, h, ColorType::Grayscale, BitDepth::One, plain),
            [255; 3],
        ),
        (
            "grey 2",
            png(&vec![0x55; row(2) * h as usize], w, h, ColorType::Grayscale, BitDepth::Two, plain),
            [85; 3],
        ),
        (
            "grey 4",
            png(
                &vec![0x77; row(4) * h as usize],
                w,
                h,
                ColorType::Grayscale,
                BitDepth::Four,
                plain,
            ),
            [119; 3],
        ),
        (
            "grey 8",
            png(&vec![77; count], w, h, ColorType::Grayscale, BitDepth::Eight, plain),
            [77; 3],
        ),
        (
            "grey 16",
            png(&[77, 200].repeat(count), w, h, ColorType::Grayscale, BitDepth::Sixteen, plain),
            [77; 3],
        ),
        (
            "grey and alpha",
            png(&[100, 51].repeat(count), w, h, ColorType::GrayscaleAlpha, BitDepth::Eight, plain),
            [224; 3],
        ),
        (
            "grey and alpha 16",
            png(
                &[100, 0, 51, 51].repeat(count),
                w,
                h,
                ColorType::GrayscaleAlpha,
                BitDepth::Sixteen,
                plain,
            ),
            [224; 3],
        ),
        (
            "rgb 8",
            png(&[200, 100, 50].repeat(count), w, h, ColorType::Rgb, BitDepth::Eight, plain),
            [200, 100, 50],
        ),
        (
            "rgb 16",
            png(
                &[200, 9, 100, 9, 50, 9].repeat(count),
                w,
                h,
                ColorType::Rgb,
                BitDepth::Sixteen,
                plain,
            ),
            [200, 100, 50],
        ),
        (
            "rgba",
            png(&[200, 100, 50, 255].repeat(count), w, h, ColorType::Rgba, BitDepth::Eight, plain),
            [200, 100, 50],
        ),
        (
            "rgba, unseen",
            png(&[200, 100, 50, 0].repeat(count), w, h, ColorType::Rgba, BitDepth::Eight, plain),
            [255; 3],
        ),
        (
            "rgba 16, half",
            png(
                &[200, 0, 100, 0, 50, 0, 128, 0].repeat(count),
                w,
                h,
                ColorType::Rgba,
                BitDepth::Sixteen,
                plain,
            ),
            [227, 177, 152],
        ),
        (
            "palette",
            png(&vec![0xFF; row(1) * h as usize], w, h, ColorType::Indexed, BitDepth::One, palette),
            [200, 100, 50],
        ),
        (
            "palette, unseen",
            png(&vec![1; count], w, h, ColorType::Indexed, BitDepth::Eight, see_through),
            [255; 3],
        ),
    ];
    for (what, upload, expected) in cases {
        let shown = published(&upload);
        assert_eq!((shown.width, shown.height), (w, h), "{what}");
        for (x, y) in [(0, 0), (80, 50), (160, 98)] {
            assert_close(shown.at(x, y), expected, FLAT, what);
        }
    }
}

/// The `png` crate doesn't write interlaced files, so this one is put together.
#[test]
fn interlaced_pngs_are_read() {
    let picture = Picture::quarters(163, 99);
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let mut raw = Vec::new();
    for (left, top, across, down) in passes {
        for y in (top..picture.height).step_by(down) {
            raw.push(0);
            for x in (left..picture.width).step_by(across) {
                raw.extend_from_slice(&picture.at(x, y));
            }
        }
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&raw).unwrap();
    let data = encoder.finish().unwrap();
    let header =
        [&picture.width.to_be_bytes()[..], &picture.height.to_be_bytes(), &[8, 2, 0, 0, 1]]
            .concat();
    let file = |data: &[u8]| {
        let chunks = [chunk(b"IHDR", &header), chunk(b"IDAT", data), chunk(b"IEND", b"")];
        [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks.concat()].concat()
    };
    assert_shows(&file(&data), &picture, "interlaced");
    assert!(prepare(&file(&data[..data.len() / 2]), &Limits::default()).is_err());
}

#[test]
fn a_png_cut_anywhere_is_refused() {
    let whole = png_rgb(&Picture::waves(120, 90));
    prepared(&whole);
    for length in 8..whole.len() {
        assert_eq!(refused(&whole[..length]), Refusal::Truncated, "{length}");
    }
}

#[test]
fn a_png_with_a_flipped_bit_is_refused() {
    let whole = png_rgb(&Picture::waves(120, 90));
    for at in 8..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        assert!(prepare(&damaged, &Limits::default()).is_err(), "{at}");
    }
}

#[test]
fn a_png_whose_data_end_early_is_refused() {
    // Every checksum is right.
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![0; 50 * (1 + 120 * 3)]).unwrap();
    let half = encoder.finish().unwrap();
    let whole = png_rgb(&Picture::waves(120, 90));
    let chunks = [chunk(b"IDAT", &half), chunk(b"IEND", b"")].concat();
    let code = refused(&[&whole[..8 + 25], &chunks].concat()).code();
    assert!(matches!(code, "truncated" | "undecodable"), "{code}");
    let no_data = [&whole[..8 + 25], &chunk(b"IEND", b"")].concat();
    assert_eq!(refused(&no_data), Refusal::Truncated);
}

#[test]
fn a_tail_behind_a_png_is_gone() {
    let whole = png_rgb(&Picture::waves(120, 90));
    let tailed = [whole.as_slice(), b"PK\x03\x04<script>"].concat();
    assert_eq!(prepared(&tailed), prepared(&whole));
}

#[test]
fn text_that_inflates_too_far_is_refused() {
    let whole = png_rgb(&Picture::waves(120, 90));
    let bomb = inflating_to(20_000_000);
    assert!(bomb.len() < 100_000);
    let text = |data: &[u8]| chunk(b"zTXt", &[b"Comment\0\0".as_slice(), data].concat());
    let international =
        chunk(b"iTXt", &[b"Comment\0\x01\0en\0Kommentar\0".as_slice(), &bomb].concat());
    let profile = chunk(b"iCCP", &[b"Profile\0\0".as_slice(), &bomb].concat());
    let expected = Refusal::TextBomb { inflated_bytes_max: 8_000_000 };
    for bomb in [text(&bomb), international, profile] {
        assert_eq!(refused(&with_chunks(&whole, &[bomb])), expected);
    }
    // Many small ones are no better than a large one.
    let small = inflating_to(1_000_000);
    assert_eq!(refused(&with_chunks(&whole, &vec![text(&small); 9])), expected);
    assert_eq!(prepared(&with_chunks(&whole, &vec![text(&small); 8])), prepared(&whole));
    // What isn't compressed costs nothing, and what is broken is dropped.
    let plain = chunk(b"tEXt", &[b"Comment\0".as_slice(), &vec![b'a'; 9_000_000]].concat());
    let broken = [text(b"nonsense"), text(b""), chunk(b"zTXt", b""), chunk(b"iTXt", b"a\0\x01")];
    assert_eq!(prepared(&with_chunks(&whole, &[plain])), prepared(&whole));
    assert_eq!(prepared(&with_chunks(&whole, &broken)), prepared(&whole));
}

/// Pixels that nobody asked for, behind the last row: megabytes, then a broken
/// code. Whoever goes on reading finds the code.
#[test]
fn data_behind_the_last_row_are_not_inflated() {
    let (w, h) = (120, 90);
    let compressed = |bytes: usize| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; bytes]).unwrap();
        encoder.flush().unwrap();
        encoder.get_ref().clone()
    };
    let file = |data: &[u8]| {
        let whole = png_rgb(&Picture::waves(w as u32, h as u32));
        let chunks = [chunk(b"IDAT", data), chunk(b"IEND", b"")].concat();
        [&whole[..8 + 25], &chunks].concat()
    };
    let rows = h * (1 + w * 3);
    // A block of the type that doesn't exist.
    let broken = |bytes| [compressed(bytes), vec![0xFF; 64]].concat();
    assert_eq!(refused(&file(&broken(rows / 2))).code(), "undecodable");
    assert_eq!(published(&file(&broken(rows + 16_000_000))).at(60, 45), [0; 3]);
}

#[test]
fn an_unknown_critical_chunk_is_refused() {
    let whole = png_rgb(&Picture::waves(120, 90));
    assert_eq!(refused(&with_chunks(&whole, &[chunk(b"NEWS", b"")])).code(), "undecodable");
    assert_eq!(prepared(&with_chunks(&whole, &[chunk(b"neWs", b"")])), prepared(&whole));
    let header = whole[8..8 + 25].to_vec();
    assert_eq!(refused(&with_chunks(&whole, &[header])).code(), "undecodable");
}

/// An animation shows its first picture; the others are dropped unread.
#[test]
fn animations_become_still() {
    let still = png_rgb(&Picture::waves(120, 90));
    let control = chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let frame = chunk(b"fdAT", b"nonsense");
    assert_eq!(prepared(&with_chunks(&still, &[control, frame])), prepared(&still));
}

// Answers.

#[test]
fn refusals_have_a_code_in_json_and_a_sentence_for_a_mail() {
    let (width, height) = (20_000, 50);
    for (refusal, sentence) in [
        (Refusal::NotAPhoto, "not a photo"),
        (Refusal::Truncated, "incomplete"),
        (
            Refusal::TooManyBytes { bytes: 15_000_001, bytes_max: 15_000_000 },
            "16 MB, where at most 15 MB",
        ),
        (
            Refusal::TooManyPixels { width, height, pixels_max: 24_000_000, side_px_max: 10_000 },
            "20000 × 50 pixels, where at most 24 million, and 10000 on a side",
        ),
        (Refusal::TooSmall { width, height, side_px_min: 80 }, "at least 80 on each side"),
        (Refusal::TooNarrow { width, height, ratio_max: 20 }, "at most 20 times as long"),
        (Refusal::TextBomb { inflated_bytes_max: 8 }, "compressed text"),
        (Refusal::ScanBomb { scans_max: 100 }, "unusual way"),
        (Refusal::Undecodable { reason: "a bad header".to_owned() }, "(a bad header)"),
    ] {
        let json = serde_json::to_value(&refusal).unwrap();
        assert_eq!(json["code"], refusal.code());
        assert_eq!(serde_json::from_value::<Refusal>(json).unwrap(), refusal);
        let text = refusal.to_string();
        assert!(text.contains(sentence), "{text}");
        assert!(text.starts_with("This ") && text.ends_with('.'), "{text}");
    }
}

#[test]
fn hashes_are_those_of_the_bytes() {
    use sha2::Digest as _;
    let photo = prepared(&jpeg(&Picture::waves(900, 700), |_| ()));
    for variant in [&photo.full, &photo.thumbnail] {
        assert_eq!(variant.sha256, hex::encode(sha2::Sha256::digest(&variant.bytes)));
    }
    let text = photo.perceptual_hash.to_string();
    assert_eq!(text.len(), 16);
    assert_eq!(text.parse(), Ok(photo.perceptual_hash));
    let json = serde_json::to_string(&photo.perceptual_hash).unwrap();
    assert_eq!(json, format!("\"{text}\""));
    assert_eq!(
        serde_json::from_str::<seisiun_photo::PerceptualHash>(&json).unwrap(),
        photo.perceptual_hash
    );
    assert!("xyz".parse::<seisiun_photo::PerceptualHash>().is_err());
    assert!("+123456789abcdef".parse::<seisiun_photo::PerceptualHash>().is_err());
}

#[test]
fn the_thumbhash_shows_the_colours() {
    use base64::Engine as _;
    let photo = prepared(&jpeg(&Picture::new(400, 200, |_, _| [200, 100, 50]), |_| ()));
    let hash = base64::engine::general_purpose::STANDARD.decode(&photo.thumbhash).unwrap();
    assert!(hash.len() <= 32);
    let (r, g, b, a) = thumbhash::thumb_hash_to_average_rgba(&hash).unwrap();
    let shown = [r, g, b].map(|value| (value * 255.0).round() as u8);
    assert_close(shown, [200, 100, 50], 12, "thumbhash");
    assert!(a > 0.99);
    assert!(thumbhash::thumb_hash_to_approximate_aspect_ratio(&hash).unwrap() > 1.5);
}
