//! What somebody would write with the `image` crate alone.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder, ImageReader, codecs::jpeg::JpegEncoder, imageops::FilterType,
};
use seisiun_photo::Limits;

/// The photo and its thumbnail: decoded, turned upright, resized with Lanczos,
/// encoded with the same sizes and qualities as ours. It checks nothing,
/// converts no colours and makes no hashes.
pub(crate) fn prepare(bytes: &[u8], limits: &Limits) -> Vec<Vec<u8>> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
    let mut decoder = reader.into_decoder().unwrap();
    let orientation = decoder.orientation().unwrap();
    let mut picture = DynamicImage::from_decoder(decoder).unwrap();
    picture.apply_orientation(orientation);
    let full = picture.resize(limits.full_px, limits.full_px, FilterType::Lanczos3);
    drop(picture);
    let thumbnail = full.resize(limits.thumb_px, limits.thumb_px, FilterType::Lanczos3);
    [(full, limits.full_quality), (thumbnail, limits.thumb_quality)]
        .map(|(picture, quality)| {
            let mut bytes = Vec::new();
            picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).unwrap();
            bytes
        })
        .to_vec()
}
