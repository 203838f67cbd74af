//! A thumbhash as an image file, to show while a photo loads: a bitmap, since
//! that needs neither compressing nor check sums.

/// Bytes before the pixels: the file's header and the image's.
const HEADER_BYTES: u32 = 14 + 40;
/// Pixels of the longer side.
const LONG_SIDE: usize = 32;
/// Bits of a pixel: blue, green, red.
const PIXEL_BITS: u16 = 24;

/// A cosine: the browser's own, whose tables nobody has to load.
#[cfg(client)]
#[allow(clippy::cast_possible_truncation, reason = "between -1 and 1")]
fn cos(x: f32) -> f32 {
    js_sys::Math::cos(f64::from(x)) as f32
}

#[cfg(not(client))]
fn cos(x: f32) -> f32 {
    x.cos()
}

/// A channel of a thumbhash: how strong each of its waves is.
struct Channel {
    mean: f32,
    columns: usize,
    rows: usize,
    waves: Vec<f32>,
}

impl Channel {
    /// Reads a channel's waves from half bytes.
    fn read(
        mean: f32,
        scale: f32,
        (columns, rows): (usize, usize),
        halves: &mut impl Iterator<Item = u8>,
    ) -> Option<Self> {
        let mut waves = Vec::new();
        for row in 0..rows {
            for column in 0..columns {
                let coarse = column * rows < columns * (rows - row);
                if (column, row) != (0, 0) && coarse {
                    waves.push((f32::from(halves.next()?) / 7.5 - 1.0) * scale);
                }
            }
        }
        Some(Self { mean, columns, rows, waves })
    }

    /// Its value at a point, from the cosines of both directions there.
    fn at(&self, x: &[f32], y: &[f32]) -> f32 {
        let mut value = self.mean;
        let mut waves = self.waves.iter();
        for (row, y) in y.iter().enumerate().take(self.rows) {
            for (column, x) in x.iter().enumerate().take(self.columns) {
                let coarse = column * self.rows < self.columns * (self.rows - row);
                if (column, row) != (0, 0) && coarse {
                    value += waves.next().unwrap_or(&0.0) * x * y * 2.0;
                }
            }
        }
        value
    }
}

/// Waves in a direction, at most.
const WAVES_MAX: usize = 7;

/// The cosines of the waves at a point of a line.
#[allow(clippy::cast_precision_loss, reason = "there are 32 points and 7 waves")]
fn cosines(at: usize, of: usize) -> [f32; WAVES_MAX] {
    let turn = std::f32::consts::PI / of as f32 * (at as f32 + 0.5);
    std::array::from_fn(|wave| cos(turn * wave as f32))
}

/// A part of light as a byte.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn byte(light: f32) -> u8 {
    (light.clamp(0.0, 1.0) * 255.0) as u8
}

/// Some bits as a part of the most that they can say.
#[allow(clippy::cast_precision_loss, reason = "six bits")]
fn part(bits: u32, most: u32) -> f32 {
    (bits & most) as f32 / most as f32
}

/// The image that a thumbhash stands for, about 32 pixels wide or high, as a
/// BMP file. `None` if it is none, or one of an image that can be seen through:
/// photos can't.
pub(crate) fn of_thumbhash(hash: &[u8]) -> Option<Vec<u8>> {
    let (header, waves) = hash.split_first_chunk::<5>()?;
    let low = u32::from_le_bytes([header[0], header[1], header[2], 0]);
    let high = u16::from_le_bytes([header[3], header[4]]);
    if low >> 23 != 0 {
        return None;
    }
    let light = part(low, 63);
    let (p, q) = (part(low >> 6, 63) * 2.0 - 1.0, part(low >> 12, 63) * 2.0 - 1.0);
    let wide = high >> 15 != 0;
    let fewer = usize::from(high & 7);
    if fewer == 0 {
        return None;
    }
    let (columns, rows) = if wide { (WAVES_MAX, fewer) } else { (fewer, WAVES_MAX) };
    let mut halves = waves.iter().flat_map(|byte| [byte & 15, byte >> 4]);
    let detail = (columns.max(3), rows.max(3));
    let high = u32::from(high);
    let light = Channel::read(light, part(low >> 18, 31), detail, &mut halves)?;
    let p = Channel::read(p, part(high >> 3, 63) * 1.25, (3, 3), &mut halves)?;
    let q = Channel::read(q, part(high >> 9, 63) * 1.25, (3, 3), &mut halves)?;
    // The longer side has 32 pixels, the other to the nearest one.
    let shorter = (LONG_SIDE * fewer * 2 + WAVES_MAX) / (WAVES_MAX * 2);
    let (width, height) = if wide { (LONG_SIDE, shorter) } else { (shorter, LONG_SIDE) };
    let (columns, rows) = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    let across: Vec<_> = (0..width).map(|x| cosines(x, width)).collect();
    let mut bgr = Vec::new();
    for y in 0..height {
        let down = cosines(y, height);
        for x in &across {
            let (l, p, q) = (light.at(x, &down), p.at(x, &down), q.at(x, &down));
            let blue = l - 2.0 / 3.0 * p;
            let red = (3.0 * l - blue + q) / 2.0;
            bgr.extend([blue, red - q, red].map(byte));
        }
    }
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
    for line in bgr.chunks(width * 3).rev() {
        let begin = file.len();
        file.extend(line);
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

    /// Sizes and colours as those who invented it have them.
    #[test]
    fn a_placeholder_is_what_the_library_makes_of_it() {
        for (width, height) in [(64, 48), (48, 64), (50, 50), (100, 20)] {
            let rgba: Vec<u8> = (0..width * height)
                .flat_map(|n: usize| {
                    let (x, y) = (n % width, n / width);
                    [(x * 5 % 256) as u8, (y * 7 % 256) as u8, ((x * y) % 256) as u8, 255]
                })
                .collect();
            let hash = thumbhash::rgba_to_thumb_hash(width, height, &rgba);
            let (w, h, expected) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
            let file = of_thumbhash(&hash).unwrap();
            let number =
                |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            assert_eq!((number(18), number(22)), (w, h));
            let row = (w * 3).next_multiple_of(4);
            for (n, pixel) in expected.chunks_exact(4).enumerate() {
                let at = 54 + (h - 1 - n / w) * row + (n % w) * 3;
                for (ours, theirs) in file[at..at + 3].iter().rev().zip(pixel) {
                    assert!(ours.abs_diff(*theirs) <= 1, "{width}x{height}, pixel {n}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_thumbhash_is_no_image() {
        for bad in [&b""[..], b"abc", &[0xff; 6]] {
            assert_eq!(of_thumbhash(bad), None, "{bad:?}");
        }
    }
}
