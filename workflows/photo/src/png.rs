//! PNG: from hostile bytes to pixels.

use std::io::{Cursor, ErrorKind, Read};

use flate2::read::ZlibDecoder;
use png::{ColorType, Decoder, DecodingError, Transformations};

use crate::{
    Decoded, Limits, Raster, Refusal, Samples, check_size,
    colour::{Chromaticities, Colours, product},
    exif_facts::ExifFacts,
    guarded,
};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Length, type and checksum of a chunk.
const CHUNK_FRAME_BYTES: usize = 12;

/// The seven passes of an interlaced PNG: first column, first row, and how many
/// rows further the next one is.
const ADAM7: [(u32, u32, u32); 7] =
    [(0, 0, 8), (4, 0, 8), (0, 4, 8), (2, 0, 4), (0, 2, 4), (1, 0, 2), (0, 1, 2)];

pub(crate) fn has_signature(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// Reads a whole PNG.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Decoded, Refusal> {
    let whole = walk(bytes, limits)?;
    let facts = ExifFacts::read(whole.exif);
    let (clean, header) = (whole.clean, whole.header);
    let raster = guarded("the PNG", move || decode(clean, header))?;
    Ok(Decoded { raster, orientation: facts.orientation, colours: whole.colours })
}

#[derive(Clone, Copy)]
struct Header {
    width: u32,
    height: u32,
    interlaced: bool,
}

struct Whole<'a> {
    header: Header,
    exif: Option<&'a [u8]>,
    colours: Colours,
    /// A PNG of the parts that carry pixels.
    clean: Vec<u8>,
}

/// The chunks that say what the numbers mean.
#[derive(Default)]
struct ColourChunks {
    cicp: Option<Colours>,
    icc: Option<Vec<u8>>,
    srgb: bool,
    gamma: Option<f64>,
    chromaticities: Option<Chromaticities>,
}

impl ColourChunks {
    /// In the order of precedence that the PNG specification gives.
    fn choose(self) -> Colours {
        match (self.cicp, self.icc, self.gamma) {
            (Some(cicp), _, _) => cicp,
            (None, Some(icc), _) => Colours::Icc(icc),
            (None, None, Some(encoding)) if !self.srgb => {
                Colours::Gamma { encoding, chromaticities: self.chromaticities }
            }
            _ => Colours::Srgb,
        }
    }
}

/// Walks the file from its signature to its IEND chunk. What follows that is
/// not looked at.
fn walk<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Whole<'a>, Refusal> {
    let mut rest = bytes.get(SIGNATURE.len()..).unwrap_or_default();
    let mut clean = SIGNATURE.to_vec();
    let mut header = None;
    let mut exif = None;
    let mut colours = ColourChunks::default();
    let mut inflation = Inflation { left: limits.inflated_bytes_max, limits };
    let mut has_data = false;
    loop {
        let chunk = Chunk::first(rest)?;
        if header.is_none() {
            // Sizes come before everything else, even before the checksum.
            let first = start(&chunk)?;
            check_size(first.width, first.height, limits)?;
            clean.reserve_exact(bytes.len());
            header = Some(first);
        } else if chunk.kind == b"IHDR" {
            return Err(Refusal::undecodable("two pictures in one"));
        }
        if chunk.checksum != crc32fast::hash(chunk.covered) {
            return Err(Refusal::undecodable("a wrong checksum"));
        }
        match chunk.kind {
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" => {
                has_data |= chunk.kind == b"IDAT";
                clean.extend_from_slice(chunk.whole);
            }
            b"IEND" => {
                clean.extend_from_slice(chunk.whole);
                break;
            }
            b"eXIf" => exif = Some(chunk.data),
            b"iCCP" => {
                let profile = after_zero(chunk.data).and_then(|rest| rest.get(1..));
                colours.icc = inflation.keep(profile.unwrap_or_default())?;
            }
            b"zTXt" => {
                let text = after_zero(chunk.data).and_then(|rest| rest.get(1..));
                inflation.discard(text.unwrap_or_default())?;
            }
            b"iTXt" => inflation.discard(international(chunk.data).unwrap_or_default())?,
            b"cICP" => {
                if let &[primaries, transfer, 0, 1] = chunk.data {
                    colours.cicp = Some(Colours::Cicp { primaries, transfer });
                }
            }
            b"sRGB" => colours.srgb = true,
            b"gAMA" => colours.gamma = hundred_thousandths(chunk.data).next(),
            b"cHRM" => colours.chromaticities = chromaticities(chunk.data),
            // A capital means that the picture can't be shown without it.
            [b'A'..=b'Z', ..] => return Err(Refusal::undecodable("an unknown kind of PNG")),
            _ => {}
        }
        rest = rest.get(chunk.whole.len()..).unwrap_or_default();
    }
    match header {
        Some(header) if has_data => Ok(Whole { header, exif, colours: colours.choose(), clean }),
        _ => Err(Refusal::Truncated),
    }
}

struct Chunk<'a> {
    whole: &'a [u8],
    /// Type and data: what the checksum covers.
    covered: &'a [u8],
    kind: &'a [u8; 4],
    data: &'a [u8],
    checksum: u32,
}

impl<'a> Chunk<'a> {
    fn first(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let split = || {
            let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk()?)).ok()?;
            let whole = bytes.get(..length.checked_add(CHUNK_FRAME_BYTES)?)?;
            let (covered, checksum) = whole.get(4..)?.split_last_chunk()?;
            let (kind, data) = covered.split_first_chunk()?;
            Some(Self { whole, covered, kind, data, checksum: u32::from_be_bytes(*checksum) })
        };
        split().ok_or(Refusal::Truncated)
    }
}

fn start(chunk: &Chunk<'_>) -> Result<Header, Refusal> {
    let bad = || Refusal::undecodable("a bad header");
    if chunk.kind != b"IHDR" {
        return Err(bad());
    }
    let (width, rest) = chunk.data.split_first_chunk().ok_or_else(bad)?;
    let (height, rest) = rest.split_first_chunk().ok_or_else(bad)?;
    let &[_, _, _, _, interlace] = rest else { return Err(bad()) };
    let (width, height) = (u32::from_be_bytes(*width), u32::from_be_bytes(*height));
    if width == 0 || height == 0 {
        return Err(bad());
    }
    Ok(Header { width, height, interlaced: interlace != 0 })
}

fn after_zero(data: &[u8]) -> Option<&[u8]> {
    let zero = data.iter().position(|byte| *byte == 0)?;
    data.get(zero + 1..)
}

/// The text of an iTXt chunk, when it is compressed.
fn international(data: &[u8]) -> Option<&[u8]> {
    let &[flag, _method, ref rest @ ..] = after_zero(data)? else { return None };
    // Language, translated keyword, text.
    let text = after_zero(after_zero(rest)?)?;
    (flag != 0).then_some(text)
}

fn hundred_thousandths(data: &[u8]) -> impl Iterator<Item = f64> {
    data.as_chunks().0.iter().map(|bytes| f64::from(u32::from_be_bytes(*bytes)) / 100_000.0)
}

fn chromaticities(data: &[u8]) -> Option<Chromaticities> {
    let mut values = hundred_thousandths(data);
    let mut point = || {
        let (x, y) = (values.next()?, values.next()?);
        // A y near zero would be divided by.
        ((0.0..=1.0).contains(&x) && (0.01..=1.0).contains(&y)).then_some((x, y))
    };
    Some(Chromaticities { white: point()?, red: point()?, green: point()?, blue: point()? })
}

/// Inflates at most so much for the whole file.
struct Inflation<'a> {
    left: usize,
    limits: &'a Limits,
}

impl Inflation<'_> {
    /// What it inflates to, or nothing when it is broken.
    fn keep(&mut self, compressed: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        let mut inflated = Vec::new();
        let whole = self.inflate(compressed, |part| inflated.extend_from_slice(part))?;
        Ok(whole.then_some(inflated))
    }

    /// Only to see that it isn't a bomb: another reader of the same bytes, say a
    /// virus scanner, would inflate it. We have no use for it.
    fn discard(&mut self, compressed: &[u8]) -> Result<(), Refusal> {
        self.inflate(compressed, |_| ()).map(|_| ())
    }

    fn inflate(&mut self, compressed: &[u8], mut sink: impl FnMut(&[u8])) -> Result<bool, Refusal> {
        let mut decoder = ZlibDecoder::new(compressed);
        let mut buffer = [0; 16 * 1024];
        loop {
            // What doesn't inflate is broken, and is dropped with the rest.
            let Ok(count) = decoder.read(&mut buffer) else { return Ok(false) };
            if count == 0 {
                return Ok(true);
            }
            self.left = self
                .left
                .checked_sub(count)
                .ok_or(Refusal::TextBomb { inflated_bytes_max: self.limits.inflated_bytes_max })?;
            sink(buffer.get(..count).unwrap_or_default());
        }
    }
}

fn decode(clean: Vec<u8>, header: Header) -> Result<Raster, Refusal> {
    let Header { width, height, interlaced } = header;
    let mut decoder = Decoder::new(Cursor::new(clean));
    // Eight bits a sample, the palette looked up, transparency as a channel.
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|error| failed(&error))?;
    let (colour, _) = reader.output_color_type();
    let (samples, stored) = match colour {
        ColorType::Grayscale => (Samples::Grey, 1),
        ColorType::GrayscaleAlpha => (Samples::Grey, 2),
        ColorType::Rgb => (Samples::Rgb, 3),
        ColorType::Rgba => (Samples::Rgb, 4),
        ColorType::Indexed => return Err(Refusal::undecodable("the PNG could not be read")),
    };
    let stride = width as usize * stored;
    let mut data = vec![0; stride * height as usize];
    // Row by row, and no row more: asked for the whole frame, the decoder would
    // inflate what follows the last row too, which may be gigabytes.
    if interlaced {
        let bits = u8::try_from(stored * 8).unwrap_or(u8::MAX);
        for _ in 0..interlaced_rows(width, height) {
            let row = reader.next_interlaced_row().map_err(|error| failed(&error))?;
            let row = row.ok_or(Refusal::Truncated)?;
            let png::InterlaceInfo::Adam7(pass) = row.interlace() else {
                return Err(Refusal::undecodable("the PNG could not be read"));
            };
            png::expand_interlaced_row(&mut data, stride, row.data(), pass, bits);
        }
    } else {
        for row in data.chunks_exact_mut(stride) {
            reader.read_row(row).map_err(|error| failed(&error))?.ok_or(Refusal::Truncated)?;
        }
    }
    if stored != samples.count() {
        flatten(&mut data, stored);
    }
    Ok(Raster { width, height, samples, data })
}

fn interlaced_rows(width: u32, height: u32) -> u32 {
    ADAM7
        .iter()
        .filter(|(column, _, _)| *column < width)
        .map(|(_, row, step)| height.saturating_sub(*row).div_ceil(*step))
        .sum()
}

/// Puts transparent pixels on white, the colour of a page, and closes the gaps.
fn flatten(data: &mut Vec<u8>, stored: usize) {
    let mut to = 0;
    for from in (0..data.len()).step_by(stored) {
        let Some(&alpha) = data.get(from + stored - 1) else { break };
        for offset in 0..stored - 1 {
            let Some(&sample) = data.get(from + offset) else { break };
            // At most 255: the two shares add up to one.
            let shown = product(sample, alpha).saturating_add(255 - alpha);
            if let Some(slot) = data.get_mut(to) {
                *slot = shown;
            }
            to += 1;
        }
    }
    data.truncate(to);
}

fn failed(error: &DecodingError) -> Refusal {
    match error {
        DecodingError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Refusal::Truncated
        }
        _ => Refusal::undecodable("the PNG could not be read"),
    }
}
