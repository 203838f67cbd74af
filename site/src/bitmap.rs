//! A thumbhash as an image file, to show while a photo loads: a bitmap, since
//! that needs neither compressing nor check sums.

/// Bytes before the pixels: the file's header and the image's.
const HEADER_BYTES: u32 = 14 + 40;
/// Bits of a pixel: blue, green, red.
const PIXEL_BITS: u16 = 24;

/// The image that a thumbhash stands for, about 32 pixels wide or high, as a
/// BMP file. `None` if it is none.
pub(crate) fn of_thumbhash(hash: &[u8]) -> Option<Vec<u8>> {
    let (width, height, rgba) = thumbhash::thumb_hash_to_rgba(hash).ok()?;
    let (columns, rows) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    // A row is as long as a multiple of four.
    let row = (width * 3).next_multiple_of(4);
    let pixels = u32::try_from(row * height).ok()?;
    let mut file = Vec::new();
    file.extend(b"BM");
    file.extend((HEADER_BYTES + pixels).to_le_bytes());
    file.extend(0_u32.to_le_bytes());
    file.extend(HEADER_BYTES.to_le_bytes());
    file.extend(40_u32.to_le_bytes());
    file.extend(columns.to_le_bytes());
    file.extend(rows.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(PIXEL_BITS.to_le_bytes());
    // Not compressed; its size; no size in metres, no palette.
    file.extend(0_u32.to_le_bytes());
    file.extend(pixels.to_le_bytes());
    file.extend([0; 16]);
    // From the lowest row up.
    for line in rgba.chunks(width.max(1) * 4).rev() {
        let begin = file.len();
        for pixel in line.chunks_exact(4) {
            file.extend(pixel.iter().take(3).rev());
        }
        file.resize(begin + row, 0);
    }
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_a_bitmap_of_the_photos_colours() {
        // Left half red, right half blue.
        let (width, height) = (64, 48);
        let rgba: Vec<u8> = (0..width * height)
            .flat_map(
                |n| if n % width < width / 2 { [220, 20, 20, 255] } else { [20, 20, 220, 255] },
            )
            .collect();
        let hash = thumbhash::rgba_to_thumb_hash(width, height, &rgba);
        let file = of_thumbhash(&hash).unwrap();
        let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!((&file[..2], number(2), number(10)), (&b"BM"[..], file.len(), 54));
        let (columns, rows) = (number(18), number(22));
        assert_eq!((columns, rows), (32, 23));
        let pixel = |x: usize, y: usize| {
            let at = 54 + y * (columns * 3).next_multiple_of(4) + x * 3;
            (file[at], file[at + 2])
        };
        let ((left_blue, left_red), (right_blue, right_red)) = (pixel(2, 11), pixel(29, 11));
        assert!(left_red > 150 && left_blue < 100, "{left_red} {left_blue}");
        assert!(right_blue > 150 && right_red < 100, "{right_red} {right_blue}");
    }

    #[test]
    fn what_is_no_thumbhash_is_no_image() {
        for bad in [&b""[..], b"abc", &[0xff; 6]] {
            assert_eq!(of_thumbhash(bad), None, "{bad:?}");
        }
    }
}
