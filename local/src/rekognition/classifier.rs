//! The model: pixels in, five class probabilities out.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader};
use rten::Model;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

/// What answers name as the model, because it is not Rekognition's.
pub const MODEL_VERSION: &str = "nsfwjs-4.4.0-mobilenet_v2-u8";

static MODEL: &[u8] = include_bytes!("../../models/mobilenet_v2.u8.onnx");

/// The model's input is a square of this side.
const INPUT_SIDE: u32 = 224;

/// Shortest side that Rekognition takes.
const SIDE_MIN: u32 = 80;

/// Longest side that Rekognition takes.
const SIDE_MAX: u32 = 10_000;

/// Most memory that one decoded image may take: 10,000 × 10,000 px of RGBA. Only
/// 16-bit PNGs of that size are beyond it.
const DECODED_BYTES_MAX: u64 = 400_000_000;

/// Why an image cannot be classified.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Neither a whole JPEG nor a whole PNG.
    #[error("not a whole JPEG or PNG image")]
    Format,
    /// A side is longer than is allowed, or the pixels need too much memory.
    #[error("the image has too many pixels")]
    TooLarge,
    /// A side is shorter than is allowed.
    #[error("the image has too few pixels")]
    TooSmall,
    /// The model failed: a bug, not the image's fault.
    #[error("the model could not be run")]
    Model(#[from] ModelError),
}

/// Why the model failed.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It could not be loaded.
    #[error("the model could not be loaded")]
    Load(#[from] rten::LoadError),
    /// It could not be run.
    #[error("the model could not be run")]
    Run(#[from] rten::RunError),
    /// Its answer is not five probabilities.
    #[error("the model's answer is not five probabilities")]
    Output,
}

/// Probabilities from 0 to 1, adding up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Harmless drawings.
    pub drawing: f32,
    /// Pornographic drawings.
    pub hentai: f32,
    /// Harmless pictures.
    pub neutral: f32,
    /// Pornographic pictures.
    pub porn: f32,
    /// Suggestive pictures.
    pub sexy: f32,
}

/// A loaded model.
pub struct Classifier {
    model: Model,
}

impl std::fmt::Debug for Classifier {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Classifier").field("model", &MODEL_VERSION).finish()
    }
}

impl Classifier {
    /// Loads the model that is built in.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn load() -> Result<Self, ModelError> {
        Ok(Self { model: Model::load_static_slice(MODEL)? })
    }

    /// Decodes an image file and classifies it. Takes tens of milliseconds, more
    /// for large images: not for an async thread.
    ///
    /// # Errors
    /// When it is not an image that Rekognition would take.
    pub fn classify(&self, file: &[u8]) -> Result<Scores, ImageError> {
        Ok(self.run(input(decode(file)?))?)
    }

    fn run(&self, input: NdTensor<f32, 4>) -> Result<Scores, ModelError> {
        let output: NdTensor<f32, 2> =
            self.model.run_one(input.into(), None)?.try_into().map_err(|_| ModelError::Output)?;
        let probabilities: Vec<f32> = output.iter().copied().collect();
        let &[drawing, hentai, neutral, porn, sexy] = probabilities.as_slice() else {
            return Err(ModelError::Output);
        };
        if !probabilities.iter().all(|p| (0.0..=1.0).contains(p)) {
            return Err(ModelError::Output);
        }
        Ok(Scores { drawing, hentai, neutral, porn, sexy })
    }
}

/// Decodes a whole JPEG or PNG, upright, its size checked before any pixel is.
fn decode(file: &[u8]) -> Result<DynamicImage, ImageError> {
    let format = image::guess_format(file).map_err(|_| ImageError::Format)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png) {
        return Err(ImageError::Format);
    }
    let mut decoder = ImageReader::with_format(Cursor::new(file), format)
        .into_decoder()
        .map_err(|_| ImageError::Format)?;
    let (width, height) = decoder.dimensions();
    if width > SIDE_MAX || height > SIDE_MAX || decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(ImageError::TooLarge);
    }
    if width < SIDE_MIN || height < SIDE_MIN {
        return Err(ImageError::TooSmall);
    }
    // The JPEG decoder fills what is missing with grey and says nothing.
    if format == ImageFormat::Jpeg && !jpeg_is_whole(file) {
        return Err(ImageError::Format);
    }
    let orientation = decoder.orientation().map_err(|_| ImageError::Format)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| ImageError::Format)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// Whether a JPEG's markers lead from its start to its end-of-image marker.
/// Bytes behind the end are not the image's.
fn jpeg_is_whole(file: &[u8]) -> bool {
    const MARKER: u8 = 0xFF;
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    // Markers without a length: TEM, RST0 to RST7, SOI.
    let stands_alone = |marker: u8| marker == 0x01 || (0xD0..=0xD8).contains(&marker);

    let mut rest = file;
    let mut in_scan = false;
    loop {
        if in_scan {
            // Entropy-coded bytes reach to the next marker that is neither a
            // stuffed 0xFF nor a restart.
            let marker_at = rest.windows(2).position(
                |pair| matches!(pair, [MARKER, code] if !matches!(*code, 0 | MARKER | 0xD0..=0xD7)),
            );
            rest = match marker_at.and_then(|at| rest.get(at..)) {
                Some(marker) => marker,
                None => return false,
            };
            in_scan = false;
        }
        let [MARKER, code, after @ ..] = rest else { return false };
        rest = match *code {
            END_OF_IMAGE => return true,
            // A fill byte before a marker.
            MARKER => rest.get(1..).unwrap_or_default(),
            code if stands_alone(code) => after,
            code => {
                let [high, low, ..] = after else { return false };
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                in_scan = code == START_OF_SCAN;
                match after.get(length.max(2)..) {
                    Some(next) => next,
                    None => return false,
                }
            }
        };
    }
}

/// Scales to the model's square with every pixel weighed in (a triangle filter),
/// channels from 0 to 1. The model's authors pick the four nearest pixels only,
/// which leaves most of a large photo unseen.
fn input(image: DynamicImage) -> NdTensor<f32, 4> {
    // Without transparency, whose colours the filter would weigh differently.
    let scaled = DynamicImage::from(image.into_rgb8())
        .resize_exact(INPUT_SIDE, INPUT_SIDE, FilterType::Triangle)
        .into_rgb8();
    let side = INPUT_SIDE as usize;
    let interleaved = scaled.as_raw();
    let channels = (0..3).flat_map(|channel| interleaved.iter().skip(channel).step_by(3));
    let planes: Vec<f32> = channels.map(|value| f32::from(*value) / 255.0).collect();
    NdTensor::from_data([1, 3, side, side], planes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!(
            "{}/../workflows/photo/tests/fixtures/{name}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .unwrap()
    }

    #[test]
    fn a_jpeg_is_whole_up_to_its_end_marker() {
        let whole = fixture("clean-coffee.jpg");
        assert!(jpeg_is_whole(&whole));
        assert!(jpeg_is_whole(&fixture("polyglot.jpg")));
        assert!(!jpeg_is_whole(&fixture("trunc.jpg")));
        // Cut anywhere, it is not whole.
        for length in (0..whole.len() - 1).step_by(997) {
            assert!(!jpeg_is_whole(&whole[..length]), "{length} bytes");
        }
        assert!(!jpeg_is_whole(&whole[..whole.len() - 1]));
    }

    #[test]
    fn sizes_are_checked_before_pixels_are_decoded() {
        for bomb in ["bomb_16k.png", "bomb_dims.png"] {
            assert!(matches!(decode(&fixture(bomb)), Err(ImageError::TooLarge)), "{bomb}");
        }
        let mut small = Vec::new();
        DynamicImage::new_rgb8(SIDE_MIN - 1, SIDE_MIN)
            .write_to(&mut Cursor::new(&mut small), ImageFormat::Png)
            .unwrap();
        assert!(matches!(decode(&small), Err(ImageError::TooSmall)));
    }

    #[test]
    fn orientation_is_applied() {
        let sideways = fixture("exif6.jpg");
        let stored = image::load_from_memory(&sideways).unwrap();
        let upright = decode(&sideways).unwrap();
        assert_ne!(stored.width(), stored.height());
        assert_eq!((upright.width(), upright.height()), (stored.height(), stored.width()));
    }

    #[test]
    fn pixels_keep_their_place_and_colour() {
        // Red above, blue to the left below, black to the right below.
        let image = image::RgbImage::from_fn(500, 300, |x, y| match (x < 250, y < 150) {
            (_, true) => image::Rgb([255, 0, 0]),
            (true, false) => image::Rgb([0, 0, 255]),
            (false, false) => image::Rgb([0, 0, 0]),
        });
        let input = input(image.into());
        let at = |row, column| [0, 1, 2].map(|channel| input[[0, channel, row, column]]);
        assert_eq!(at(10, 200), [1.0, 0.0, 0.0]);
        assert_eq!(at(200, 10), [0.0, 0.0, 1.0]);
        assert_eq!(at(200, 200), [0.0, 0.0, 0.0]);
    }
}
