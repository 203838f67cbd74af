//! JPEG: from hostile bytes to pixels.

use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};

use crate::{
    Decoded, Limits, Raster, Refusal, Samples, check_size,
    colour::Colours,
    entropy::{self, Component, Frame, Huffman, Scan, Tables},
    exif_facts::ExifFacts,
    guarded,
};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const DQT: u8 = 0xDB;
const DHT: u8 = 0xC4;
const DRI: u8 = 0xDD;
const APP1: u8 = 0xE1;
const APP2: u8 = 0xE2;
const APP14: u8 = 0xEE;

const EXIF_ID: &[u8] = b"Exif\0";
const ICC_ID: &[u8] = b"ICC_PROFILE\0";
const ADOBE_ID: &[u8] = b"Adobe";
/// Its identifier, version, two words of flags and the transform.
const ADOBE_BYTES: usize = 12;

/// SOI and the beginning of whatever marker follows.
pub(crate) fn has_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, SOI, 0xFF])
}

/// Reads a whole JPEG.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refusal> {
    let whole = walk(bytes, limits)?;
    let facts = ExifFacts::read(whole.exif);
    let colours = match whole.icc {
        Some(icc) => Colours::Icc(icc),
        None if facts.adobe_rgb => Colours::AdobeRgb,
        None => Colours::Srgb,
    };
    let picture = whole.picture;
    let raster = guarded("the JPEG", move || decode(picture))?;
    Ok(Decoded { raster, orientation: facts.orientation, colours })
}

/// What the components are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}

struct Whole<'a> {
    exif: Option<&'a [u8]>,
    icc: Option<Vec<u8>>,
    picture: Picture,
}

struct Picture {
    width: u32,
    height: u32,
    model: Model,
    /// The file has Adobe's segment, whose owners store ink turned round.
    inverted: bool,
    /// Stored as nearly all are; see [`is_usual`].
    usual: bool,
    /// A JPEG of the parts that carry pixels.
    clean: Vec<u8>,
}

#[derive(Default)]
struct Metadata<'a> {
    exif: Option<&'a [u8]>,
    icc: Vec<&'a [u8]>,
    jfif: bool,
    adobe_transform: Option<u8>,
}

/// Walks the file from its beginning to its end-of-image marker. What follows
/// that is not looked at.
fn walk<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Whole<'a>, Refusal> {
    let mut reader = Reader { bytes, position: 2 };
    let mut clean = beginning(bytes.len());
    let mut metadata = Metadata::default();
    let mut tables = Tables::default();
    let mut frame: Option<(Frame, u32, u32)> = None;
    let mut scans = 0;
    loop {
        let marker = reader.marker()?;
        match marker {
            EOI => break,
            // Stand alone and mean nothing here.
            0x01 | 0xD0..=0xD7 => continue,
            SOI => return Err(Refusal::undecodable("a JPEG in a JPEG")),
            _ => {}
        }
        let segment = reader.segment()?;
        match marker {
            0xC0..=0xC2 => {
                if frame.is_some() {
                    return Err(Refusal::undecodable("two pictures in one"));
                }
                frame = Some(start_of_frame(marker == 0xC2, segment, limits)?);
            }
            DHT => huffman_tables(segment, &mut tables)?,
            0xC3 | 0xC5..=0xCF => {
                return Err(Refusal::undecodable("a kind of JPEG that browsers don't show"));
            }
            DRI => {
                let [high, low] = *segment else {
                    return Err(Refusal::undecodable("a bad restart interval"));
                };
                tables.restart_interval = usize::from(u16::from_be_bytes([high, low]));
            }
            DQT => {}
            SOS => {
                scans += 1;
                if scans > limits.scans_max {
                    return Err(Refusal::ScanBomb { scans_max: limits.scans_max });
                }
                let Some((frame, _, _)) = &mut frame else {
                    return Err(Refusal::undecodable("a scan without a frame"));
                };
                let scan = start_of_scan(segment, frame)?;
                let data = reader.rest();
                let length = entropy::follow(data, frame, &scan, &tables)?;
                push_segment(&mut clean, marker, segment);
                clean.extend_from_slice(data.get(..length).unwrap_or_default());
                reader.position += length;
                continue;
            }
            0xDC => return Err(Refusal::undecodable("a picture of unknown height")),
            _ => {
                note(marker, segment, &mut metadata);
                continue;
            }
        }
        push_segment(&mut clean, marker, segment);
    }

    let Some((frame, width, height)) = frame else { return Err(Refusal::Truncated) };
    if !frame.components.iter().all(|component| component.seen) {
        return Err(Refusal::Truncated);
    }
    let model = model(&frame, &metadata)?;
    end(&mut clean, model);
    Ok(Whole {
        exif: metadata.exif,
        icc: icc_profile(&metadata.icc),
        picture: Picture {
            width,
            height,
            model,
            inverted: metadata.adobe_transform.is_some(),
            usual: is_usual(&frame, scans),
            clean,
        },
    })
}

/// Whether zune-jpeg 0.5 reads it right. Of baseline files in several scans with
/// vertical subsampling it makes noise, and so it does when the first component
/// isn't the finest, both without an error; sampling factors of 3 it refuses.
/// All of those are rare.
fn is_usual(frame: &Frame, scans: u32) -> bool {
    let [first, others @ ..] = frame.components.as_slice() else { return false };
    let finest = others.iter().all(|other| first.h % other.h == 0 && first.v % other.v == 0);
    (frame.progressive || scans == 1) && finest && first.h != 3 && first.v != 3
}

/// The beginning of a clean file: Adobe's segment, so that the decoder is told
/// the colour model and need not guess. The model is known at the end only.
fn beginning(size: usize) -> Vec<u8> {
    let mut clean = Vec::with_capacity(size + 32);
    clean.extend_from_slice(&[0xFF, SOI]);
    let mut adobe = ADOBE_ID.to_vec();
    adobe.resize(ADOBE_BYTES, 0);
    push_segment(&mut clean, APP14, &adobe);
    clean
}

/// Sets the transform in that segment, and ends the file. Of the models with
/// four components the decoder shall hand over the samples as they are.
fn end(clean: &mut Vec<u8>, model: Model) {
    if let Some(transform) = clean.get_mut(2 + 4 + ADOBE_BYTES - 1) {
        *transform = match model {
            Model::Grey | Model::YCbCr => 1,
            Model::Rgb | Model::Cmyk | Model::Ycck => 0,
        };
    }
    clean.extend_from_slice(&[0xFF, EOI]);
}

fn push_segment(file: &mut Vec<u8>, marker: u8, segment: &[u8]) {
    let length = u16::try_from(segment.len() + 2).unwrap_or(u16::MAX);
    file.extend_from_slice(&[0xFF, marker]);
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(segment);
}

struct Reader<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    /// The next marker. Fill bytes and stray ones before it are passed over, as
    /// every decoder does.
    fn marker(&mut self) -> Result<u8, Refusal> {
        let found = self
            .rest()
            .windows(2)
            .enumerate()
            .find(|(_, pair)| matches!(pair, [0xFF, second] if !matches!(second, 0 | 0xFF)));
        let Some((skipped, &[_, marker])) = found else { return Err(Refusal::Truncated) };
        self.position += skipped + 2;
        Ok(marker)
    }

    /// What a segment holds behind its length.
    fn segment(&mut self) -> Result<&'a [u8], Refusal> {
        let &[high, low, ref rest @ ..] = self.rest() else { return Err(Refusal::Truncated) };
        let Some(length) = usize::from(u16::from_be_bytes([high, low])).checked_sub(2) else {
            return Err(Refusal::undecodable("a segment without a length"));
        };
        self.position += 2 + length;
        rest.get(..length).ok_or(Refusal::Truncated)
    }
}

fn start_of_frame(
    progressive: bool,
    segment: &[u8],
    limits: &Limits,
) -> Result<(Frame, u32, u32), Refusal> {
    let &[precision, h1, h0, w1, w0, count, ref rest @ ..] = segment else {
        return Err(Refusal::undecodable("a bad frame"));
    };
    let (width, height) =
        (u32::from(u16::from_be_bytes([w1, w0])), u32::from(u16::from_be_bytes([h1, h0])));
    if width == 0 || height == 0 {
        return Err(Refusal::undecodable("a picture of unknown size"));
    }
    check_size(width, height, limits)?;
    if precision != 8 {
        return Err(Refusal::undecodable("a kind of JPEG that browsers don't show"));
    }
    if !matches!(count, 1 | 3 | 4) || rest.len() != usize::from(count) * 3 {
        return Err(Refusal::undecodable("an unknown number of colours"));
    }
    let mut components = Vec::new();
    for part in rest.chunks_exact(3) {
        let &[id, sampling, _] = part else { continue };
        let (h, v) = (usize::from(sampling >> 4), usize::from(sampling & 15));
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) {
            return Err(Refusal::undecodable("a bad frame"));
        }
        if components.iter().any(|other: &Component| other.id == id) {
            return Err(Refusal::undecodable("a bad frame"));
        }
        components.push(Component::new(id, h, v));
    }
    Ok((Frame::new(progressive, width, height, components), width, height))
}

fn huffman_tables(mut segment: &[u8], tables: &mut Tables) -> Result<(), Refusal> {
    while let Some((&kind_and_index, rest)) = segment.split_first() {
        let bad = || Refusal::undecodable("a bad Huffman table");
        let (counts, rest) = rest.split_at_checked(16).ok_or_else(bad)?;
        let total = counts.iter().map(|count| usize::from(*count)).sum();
        if total > 256 {
            return Err(bad());
        }
        let (symbols, rest) = rest.split_at_checked(total).ok_or_else(bad)?;
        let kind = match kind_and_index >> 4 {
            0 => &mut tables.dc,
            1 => &mut tables.ac,
            _ => return Err(bad()),
        };
        let slot = kind.get_mut(usize::from(kind_and_index & 15)).ok_or_else(bad)?;
        *slot = Some(Huffman::new(counts, symbols)?);
        segment = rest;
    }
    Ok(())
}

fn start_of_scan(segment: &[u8], frame: &Frame) -> Result<Scan, Refusal> {
    let bad = || Refusal::undecodable("a bad scan");
    let (&count, rest) = segment.split_first().ok_or_else(bad)?;
    let (parts, rest) = rest.split_at_checked(usize::from(count) * 2).ok_or_else(bad)?;
    let &[spectral_start, spectral_end, approximation] = rest else { return Err(bad()) };
    let mut scan = Scan {
        parts: Vec::new(),
        spectral_start,
        spectral_end,
        approximation_high: approximation >> 4,
    };
    for part in parts.chunks_exact(2) {
        let &[id, selectors] = part else { continue };
        let index =
            frame.components.iter().position(|component| component.id == id).ok_or_else(bad)?;
        if scan.parts.iter().any(|(other, _, _)| *other == index) {
            return Err(bad());
        }
        scan.parts.push((index, usize::from(selectors >> 4), usize::from(selectors & 15)));
    }
    if scan.parts.is_empty() { Err(bad()) } else { Ok(scan) }
}

fn note<'a>(marker: u8, segment: &'a [u8], metadata: &mut Metadata<'a>) {
    match marker {
        0xE0 if segment.starts_with(b"JFIF\0") => metadata.jfif = true,
        APP1 if metadata.exif.is_none() => {
            // One more byte fills up the identifier; it should be zero.
            metadata.exif = segment.strip_prefix(EXIF_ID).and_then(|rest| rest.get(1..));
        }
        APP2 => metadata.icc.extend(segment.strip_prefix(ICC_ID)),
        APP14 => {
            // Version and two words of flags come before the transform.
            if let Some(&[_, _, _, _, _, _, transform, ..]) = segment.strip_prefix(ADOBE_ID) {
                metadata.adobe_transform = Some(transform);
            }
        }
        _ => {}
    }
}

/// An ICC profile comes in numbered parts, which may stand in any order.
fn icc_profile(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut numbered = Vec::new();
    for part in parts {
        let &[number, count, ref data @ ..] = *part else { return None };
        if usize::from(count) != parts.len() {
            return None;
        }
        numbered.push((number, data));
    }
    numbered.sort_by_key(|(number, _)| *number);
    let complete = (1_u8..=255).zip(&numbered).all(|(expected, (number, _))| expected == *number);
    if numbered.is_empty() || !complete {
        return None;
    }
    Some(numbered.into_iter().flat_map(|(_, data)| data.iter().copied()).collect())
}

/// The rules that libjpeg follows, and with it everybody.
fn model(frame: &Frame, metadata: &Metadata<'_>) -> Result<Model, Refusal> {
    let ids: Vec<u8> = frame.components.iter().map(|component| component.id).collect();
    match (ids.as_slice(), metadata.adobe_transform) {
        ([_], _) => Ok(Model::Grey),
        ([_, _, _], _) if metadata.jfif => Ok(Model::YCbCr),
        ([_, _, _], Some(0)) => Ok(Model::Rgb),
        ([_, _, _], Some(_)) => Ok(Model::YCbCr),
        ([b'R', b'G', b'B'], None) => Ok(Model::Rgb),
        ([_, _, _], None) => Ok(Model::YCbCr),
        ([_, _, _, _], Some(2)) => Ok(Model::Ycck),
        ([_, _, _, _], _) => Ok(Model::Cmyk),
        _ => Err(Refusal::undecodable("an unknown number of colours")),
    }
}

fn decode(whole: Picture) -> Result<Raster, Refusal> {
    let Picture { width, height, model, inverted, usual, clean } = whole;
    let samples = match model {
        Model::Grey => Samples::Grey,
        Model::YCbCr | Model::Rgb => Samples::Rgb,
        Model::Cmyk | Model::Ycck => Samples::Cmyk,
    };
    let size = width as usize * height as usize * samples.count();
    if !usual && samples == Samples::Cmyk {
        // Nobody's photo, and it would take a third more memory than any other.
        return Err(Refusal::undecodable("an unusual kind of four-colour JPEG"));
    }
    let decoded = if usual {
        decode_fast(&clean, width, height, samples, size)
    } else {
        decode_unusual(&clean, model)
    };
    let mut data = decoded.filter(|data| data.len() == size).ok_or_else(unreadable)?;
    if model == Model::Ycck {
        data.chunks_exact_mut(4).for_each(ycck_to_cmyk);
    }
    if inverted && samples == Samples::Cmyk {
        data.iter_mut().for_each(|ink| *ink = 255 - *ink);
    }
    Ok(Raster { width, height, samples, data })
}

fn unreadable() -> Refusal {
    Refusal::undecodable("the JPEG could not be read")
}

fn decode_fast(
    clean: &[u8],
    width: u32,
    height: u32,
    samples: Samples,
    size: usize,
) -> Option<Vec<u8>> {
    let space = match samples {
        Samples::Grey => ColorSpace::Luma,
        Samples::Rgb => ColorSpace::RGB,
        Samples::Cmyk => ColorSpace::CMYK,
    };
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(width as usize)
        .set_max_height(height as usize)
        .jpeg_set_max_scans(usize::MAX)
        .jpeg_set_out_colorspace(space);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(clean), options);
    decoder.decode_headers().ok()?;
    if decoder.output_buffer_size()? != size {
        return None;
    }
    let mut data = vec![0; size];
    decoder.decode_into(&mut data).ok()?;
    Some(data)
}

/// With a decoder that is slower and takes less for granted.
fn decode_unusual(clean: &[u8], model: Model) -> Option<Vec<u8>> {
    let mut decoder = jpeg_decoder::Decoder::new(clean);
    decoder.set_color_transform(match model {
        Model::Grey => jpeg_decoder::ColorTransform::Grayscale,
        Model::YCbCr => jpeg_decoder::ColorTransform::YCbCr,
        Model::Rgb | Model::Cmyk | Model::Ycck => jpeg_decoder::ColorTransform::None,
    });
    decoder.decode().ok()
}

/// The three inks are stored as RGB would be, turned round; the black as it is.
fn ycck_to_cmyk(pixel: &mut [u8]) {
    let [first, second, third, _] = pixel else { return };
    // Rec. 601 in 65536ths, as JFIF has it.
    let (y, cb, cr) = (i32::from(*first) << 16, i32::from(*second) - 128, i32::from(*third) - 128);
    let byte = |value: i32| u8::try_from(((value + 32_768) >> 16).clamp(0, 255)).unwrap_or(0);
    *first = 255 - byte(y + 91_881 * cr);
    *second = 255 - byte(y - 22_554 * cb - 46_802 * cr);
    *third = 255 - byte(y + 116_130 * cb);
}
