//! Pictures that the tests make and look at.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes what isn't marked as a test for production code"
)]

use std::{fs, path::PathBuf};

use jpeg_encoder::{ColorType, Encoder};
use seisiun_photo::{Limits, Prepared, Refusal, prepare};
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

/// A file of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// RGB pixels.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) rgb: Vec<u8>,
}

impl Picture {
    pub(crate) fn new(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let rgb = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| colour(x, y))
            .collect();
        Self { width, height, rgb }
    }

    /// Quarters of different colours, so that any turn or mirroring shows.
    pub(crate) fn quarters(width: u32, height: u32) -> Self {
        Self::new(width, height, |x, y| match (x < width / 2, y < height / 2) {
            (true, true) => [200, 40, 40],
            (false, true) => [40, 180, 40],
            (true, false) => [40, 40, 200],
            (false, false) => [200, 200, 60],
        })
    }

    /// Soft waves, and something to see in every block.
    pub(crate) fn waves(width: u32, height: u32) -> Self {
        Self::new(width, height, |x, y| {
            let wave = |phase: u32| {
                let angle = f64::from(x * (3 + phase) + y * (7 - phase)) / 40.0;
                (128.0 + 100.0 * angle.sin()) as u8
            };
            [wave(0), wave(1), wave(3)]
        })
    }

    pub(crate) fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let at = ((y * self.width + x) * 3) as usize;
        self.rgb[at..at + 3].try_into().unwrap()
    }

    /// The colours in the middle of the quarters, in reading order.
    pub(crate) fn middles(&self) -> [[u8; 3]; 4] {
        let (w, h) = (self.width, self.height);
        [(w / 4, h / 4), (w * 3 / 4, h / 4), (w / 4, h * 3 / 4), (w * 3 / 4, h * 3 / 4)]
            .map(|(x, y)| self.at(x, y))
    }

    /// Mean difference of a sample.
    pub(crate) fn difference(&self, other: &Self) -> f64 {
        assert_eq!((self.width, self.height), (other.width, other.height));
        let sum: u64 =
            self.rgb.iter().zip(&other.rgb).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        sum as f64 / self.rgb.len() as f64
    }
}

/// A JPEG made with whatever `set` sets.
pub(crate) fn jpeg(picture: &Picture, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    encoded(&picture.rgb, picture.width, picture.height, ColorType::Rgb, set)
}

pub(crate) fn encoded(
    data: &[u8],
    width: u32,
    height: u32,
    colours: ColorType,
    set: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 92);
    set(&mut encoder);
    encoder.encode(data, width as u16, height as u16, colours).unwrap();
    bytes
}

/// A PNG made with whatever `set` sets.
pub(crate) fn png(
    data: &[u8],
    width: u32,
    height: u32,
    colours: png::ColorType,
    depth: png::BitDepth,
    set: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    set(&mut encoder);
    encoder.write_header().unwrap().write_image_data(data).unwrap();
    bytes
}

pub(crate) fn png_rgb(picture: &Picture) -> Vec<u8> {
    let (colours, depth) = (png::ColorType::Rgb, png::BitDepth::Eight);
    png(&picture.rgb, picture.width, picture.height, colours, depth, |_| ())
}

/// A chunk with its checksum.
pub(crate) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = (data.len() as u32).to_be_bytes().to_vec();
    let covered = [kind.as_slice(), data].concat();
    bytes.extend_from_slice(&covered);
    bytes.extend_from_slice(&crc32fast::hash(&covered).to_be_bytes());
    bytes
}

/// Puts chunks behind a PNG's header.
pub(crate) fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    let header = 8 + 12 + 13;
    [&png[..header], &chunks.concat(), &png[header..]].concat()
}

/// A JPEG segment.
pub(crate) fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xFF, marker][..], &((data.len() + 2) as u16).to_be_bytes(), data].concat()
}

/// Puts segments behind a JPEG's first two bytes.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// EXIF as it stands in a JPEG's segment: an orientation, a GPS position and a
/// camera, little-endian.
pub(crate) fn exif(orientation: u16) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tiff: &mut Vec<u8>, tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        tiff.extend_from_slice(&tag.to_le_bytes());
        tiff.extend_from_slice(&kind.to_le_bytes());
        tiff.extend_from_slice(&count.to_le_bytes());
        tiff.extend_from_slice(&value);
    };
    let (ifd0, gps) = (8_u32, 8 + 2 + 3 * 12 + 4_u32);
    let coordinates = gps + 2 + 4 * 12 + 4;
    assert_eq!(tiff.len() as u32, ifd0);
    tiff.extend_from_slice(&3_u16.to_le_bytes());
    entry(&mut tiff, 0x010F, 2, 4, *b"Cam\0");
    entry(&mut tiff, 0x0112, 3, 1, u32::from(orientation).to_le_bytes());
    entry(&mut tiff, 0x8825, 4, 1, gps.to_le_bytes());
    tiff.extend_from_slice(&0_u32.to_le_bytes());
    assert_eq!(tiff.len() as u32, gps);
    tiff.extend_from_slice(&4_u16.to_le_bytes());
    entry(&mut tiff, 1, 2, 2, *b"N\0\0\0");
    entry(&mut tiff, 2, 5, 3, coordinates.to_le_bytes());
    entry(&mut tiff, 3, 2, 2, *b"W\0\0\0");
    entry(&mut tiff, 4, 5, 3, (coordinates + 24).to_le_bytes());
    tiff.extend_from_slice(&0_u32.to_le_bytes());
    assert_eq!(tiff.len() as u32, coordinates);
    for value in [53_u32, 16, 30, 9, 3, 15] {
        tiff.extend_from_slice(&value.to_le_bytes());
        tiff.extend_from_slice(&1_u32.to_le_bytes());
    }
    tiff
}

pub(crate) fn exif_segment(orientation: u16) -> Vec<u8> {
    segment(0xE1, &[b"Exif\0\0".as_slice(), &exif(orientation)].concat())
}

/// What a JPEG shows.
pub(crate) fn decode(jpeg: &[u8]) -> Picture {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(jpeg), options);
    let rgb = decoder.decode().unwrap();
    let (width, height) = decoder.dimensions().unwrap();
    Picture { width: width as u32, height: height as u32, rgb }
}

pub(crate) fn prepared(bytes: &[u8]) -> Prepared {
    prepare(bytes, &Limits::default()).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// The published photo of an upload.
pub(crate) fn published(bytes: &[u8]) -> Picture {
    decode(&prepared(bytes).full.bytes)
}

pub(crate) fn refused(bytes: &[u8]) -> Refusal {
    match prepare(bytes, &Limits::default()) {
        Err(refusal) => refusal,
        Ok(_) => panic!("it was prepared"),
    }
}

/// The markers of a JPEG in their order, without the entropy-coded data.
pub(crate) fn markers(jpeg: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut at = 0;
    while at + 1 < jpeg.len() {
        match (jpeg[at], jpeg[at + 1]) {
            (0xFF, 0) => at += 2,
            (0xFF, marker @ (0xD0..=0xD9)) => {
                found.push(marker);
                at += 2;
            }
            (0xFF, marker) => {
                found.push(marker);
                at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
            }
            _ => at += 1,
        }
    }
    found
}

/// That each colour is the other one but for what compression does.
pub(crate) fn assert_close(actual: [u8; 3], expected: [u8; 3], tolerance: u8, what: &str) {
    let far = actual.iter().zip(&expected).any(|(a, b)| a.abs_diff(*b) > tolerance);
    assert!(!far, "{what}: {actual:?} instead of {expected:?}");
}
