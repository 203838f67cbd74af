//! Scaling, turning upright, and writing what is published.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer, images::Image as ResizeImage,
};
use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use sha2::{Digest, Sha256};

use crate::{Raster, Refusal, Samples, Variant};

/// ThumbHash takes nothing larger and gains nothing from it.
const THUMBHASH_PX: u32 = 100;

/// The size of a picture that must fit into a square. Never larger than it was.
pub(crate) fn fitted(width: u32, height: u32, side_px: u32) -> (u32, u32) {
    let long = width.max(height);
    if long <= side_px {
        return (width, height);
    }
    let scale = |side: u32| {
        let (side, of, long) = (u64::from(side), u64::from(side_px), u64::from(long));
        // Fits: a side is at most `long`, so that this is at most `side_px`.
        u32::try_from((side * of + long / 2) / long).unwrap_or(side_px).max(1)
    };
    (scale(width), scale(height))
}

/// Scales a picture down so that it fits into a square.
pub(crate) fn fit(raster: Raster, side_px: u32) -> Result<Raster, Refusal> {
    let (width, height) = fitted(raster.width, raster.height, side_px);
    if (width, height) == (raster.width, raster.height) {
        return Ok(raster);
    }
    let pixel_type = match raster.samples {
        Samples::Grey => PixelType::U8,
        Samples::Rgb => PixelType::U8x3,
        Samples::Cmyk => PixelType::U8x4,
    };
    let failed = |_| Refusal::undecodable("it could not be scaled");
    let source = ResizeImage::from_vec_u8(raster.width, raster.height, raster.data, pixel_type)
        .map_err(|_| Refusal::undecodable("it could not be scaled"))?;
    let mut target = ResizeImage::new(width, height, pixel_type);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        // The fourth sample is ink and not transparency.
        .use_alpha(false);
    Resizer::new().resize(&source, &mut target, &options).map_err(failed)?;
    Ok(Raster { width, height, samples: raster.samples, data: target.into_vec() })
}

/// Applies an EXIF orientation to RGB pixels.
pub(crate) fn upright(raster: Raster, orientation: u8) -> Raster {
    if !(2..=8).contains(&orientation) {
        return raster;
    }
    let (w, h) = (raster.width as usize, raster.height as usize);
    let turned = orientation >= 5;
    let (out_w, out_h) = if turned { (h, w) } else { (w, h) };
    let mut data = Vec::with_capacity(raster.data.len());
    for y in 0..out_h {
        for x in 0..out_w {
            // Where the pixel that belongs at (x, y) was stored.
            let (from_x, from_y) = match orientation {
                2 => (w - 1 - x, y),
                3 => (w - 1 - x, h - 1 - y),
                4 => (x, h - 1 - y),
                5 => (y, x),
                6 => (y, h - 1 - x),
                7 => (w - 1 - y, h - 1 - x),
                _ => (w - 1 - y, x),
            };
            let at = (from_y * w + from_x) * 3;
            data.extend_from_slice(raster.data.get(at..at + 3).unwrap_or(&[0; 3]));
        }
    }
    let (width, height) =
        if turned { (raster.height, raster.width) } else { (raster.width, raster.height) };
    Raster { width, height, samples: raster.samples, data }
}

/// Writes RGB pixels as a JPEG that holds nothing but them.
pub(crate) fn jpeg(rgb: &Raster, quality: u8) -> Result<Variant, Refusal> {
    let failed = || Refusal::undecodable("it could not be written");
    let (Ok(width), Ok(height)) = (u16::try_from(rgb.width), u16::try_from(rgb.height)) else {
        return Err(failed());
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
    // Progressive, because a page shows all of it early and it is a little
    // smaller than a baseline file.
    encoder.set_progressive(true);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&rgb.data, width, height, ColorType::Rgb).map_err(|_| failed())?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    Ok(Variant { bytes, width: rgb.width, height: rgb.height, sha256 })
}

/// The placeholder of RGB pixels.
pub(crate) fn thumbhash(rgb: Raster) -> Result<String, Refusal> {
    let tiny = fit(rgb, THUMBHASH_PX)?;
    let mut rgba = Vec::with_capacity(tiny.data.len() / 3 * 4);
    for pixel in tiny.data.chunks_exact(3) {
        rgba.extend_from_slice(pixel);
        rgba.push(255);
    }
    let hash = thumbhash::rgba_to_thumb_hash(tiny.width as usize, tiny.height as usize, &rgba);
    Ok(STANDARD.encode(hash))
}
