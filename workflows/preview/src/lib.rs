//! The picture that stands for a session where its address is shared: what it
//! is called, when it is on, where. Pure: the same words give the same bytes
//! within one build on one kind of processor, and no font or file of the
//! machine is asked.
//!
//! The font is part of the crate. Each text is measured as it will be drawn and
//! then wrapped, made smaller and at last cut, so that nothing is drawn outside
//! of its place, whatever a member has typed. What the font cannot write is
//! transliterated, or left out.
//!
//! The picture is drawn as one layer for each of three inks on one ground, so
//! that it needs forty-six colours and, as an indexed PNG, a tenth of the bytes
//! of a photo.

mod canvas;
mod text;

use tiny_skia::Transform;

use crate::{
    canvas::{Canvas, Ink},
    text::{Face, Fit},
};

/// Pixels across, as the networks ask for.
pub const WIDTH: u32 = 1_200;
/// Pixels down.
pub const HEIGHT: u32 = 630;
/// Bytes of a picture. Some apps that show one have it fetched while one waits.
pub const PICTURE_BYTES_MAX: usize = 48 * 1024;
/// The media type of what [`picture`] gives.
pub const MEDIA_TYPE: &str = "image/png";

/// The words of a picture, in the language in which they shall stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preview<'a> {
    /// What sort of thing it is: "Irish traditional music session".
    pub kind: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// When it is on: "Every Thursday, 21:30".
    pub when: &'a str,
    /// Where: "Fitzpatrick's, Doolin".
    pub place: &'a str,
}

/// Why there is no picture: our fault each time, whatever the words are.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The font in this crate cannot be read.
    #[error("the embedded font cannot be used: {0}")]
    Font(&'static str),
    /// There is no room for the pixels.
    #[error("there is no room for the pixels")]
    Canvas,
    /// The encoder failed.
    #[error("the picture cannot be encoded")]
    Encode(#[from] png::EncodingError),
    /// It came out larger than it may be.
    #[error("the picture has {0} bytes, more than {PICTURE_BYTES_MAX}")]
    TooLarge(usize),
}

/// Pixels of the largest icon.
pub const ICON_SIZE_MAX: u32 = 1_024;

/// Draws the icon for a phone's first screen, `size` pixels wide, as a PNG: the
/// note on a full ground, small enough for the circle that some cut out of it.
///
/// # Errors
/// See [`PreviewError`]; [`PreviewError::Canvas`] for a size of nothing or of more
/// than [`ICON_SIZE_MAX`].
pub fn icon(size: u32) -> Result<Vec<u8>, PreviewError> {
    let size = Some(size).filter(|size| (1..=ICON_SIZE_MAX).contains(size));
    let size = size.ok_or(PreviewError::Canvas)?;
    let mut canvas = Canvas::new(size, size).ok_or(PreviewError::Canvas)?;
    canvas.bar(0.0, size as f32);
    let (whole, part) = (size as f32 / 32.0, 0.78);
    let (scale, edge) = (whole * part, size as f32 * (1.0 - part) / 2.0);
    // The flag stands to the right of the middle.
    let left = edge - 2.2 * scale;
    canvas.note(scale, Transform::from_row(scale, 0.0, 0.0, scale, left, edge));
    Ok(canvas.encode()?)
}

/// Pixels that stay free at each side.
const MARGIN: f32 = 72.0;
/// Pixels from the left to where the wordmark begins, beside the icon.
const WORDMARK_X: f32 = MARGIN + 84.0;
/// Pixels across that a text may have.
const TEXT_WIDTH: f32 = WIDTH as f32 - 2.0 * MARGIN;
/// Pixels between the wordmark and what stands at the other side.
const HEADER_GAP: f32 = 48.0;
/// Where the lines of the header stand.
const HEADER_Y: f32 = 122.0;
/// Where the title may begin.
const TITLE_TOP: f32 = 186.0;
/// Pixels down that it may have.
const TITLE_HEIGHT: f32 = 262.0;
/// Where the line with the time stands.
const WHEN_Y: f32 = 500.0;
/// Where the line with the place stands.
const PLACE_Y: f32 = 556.0;
/// Pixels of the bar at the lower edge.
const BAR: f32 = 14.0;

/// Sizes of the title, in pixels an em, the best first, with the lines that it
/// may take: what [`TITLE_HEIGHT`] has room for.
const TITLE_SIZES: [(f32, usize); 6] =
    [(94.0, 2), (82.0, 2), (72.0, 3), (64.0, 3), (56.0, 3), (50.0, 4)];
/// Pixels from line to line, in ems.
const TITLE_LEADING: f32 = 1.2;
const WHEN_SIZES: [(f32, usize); 4] = [(42.0, 1), (38.0, 1), (34.0, 1), (30.0, 1)];
const PLACE_SIZES: [(f32, usize); 3] = [(36.0, 1), (32.0, 1), (28.0, 1)];
const KIND_SIZES: [(f32, usize); 3] = [(28.0, 1), (25.0, 1), (22.0, 1)];
const WORDMARK_SIZE: f32 = 46.0;
const WORDMARK: &str = "Seisiún";

/// Draws the picture of these words, as a PNG.
///
/// # Errors
/// See [`PreviewError`]: none depends on the words.
pub fn picture(preview: &Preview<'_>) -> Result<Vec<u8>, PreviewError> {
    let (bold, regular) = (Face::bold()?, Face::regular()?);
    let mut canvas = Canvas::new(WIDTH, HEIGHT).ok_or(PreviewError::Canvas)?;

    canvas.icon(MARGIN, HEADER_Y - 48.0, 64.0);
    let wordmark = bold.measure(WORDMARK, WORDMARK_SIZE);
    canvas.text(&bold, WORDMARK, WORDMARK_SIZE, WORDMARK_X, HEADER_Y, Ink::Text);
    let taken = WORDMARK_X - MARGIN + wordmark + HEADER_GAP;
    let kind = regular.fit(preview.kind, TEXT_WIDTH - taken, &KIND_SIZES);
    for line in &kind.lines {
        let x = WIDTH as f32 - MARGIN - regular.measure(line, kind.size);
        canvas.text(&regular, line, kind.size, x, HEADER_Y - 4.0, Ink::Soft);
    }

    let title = bold.fit(preview.title, TEXT_WIDTH, &TITLE_SIZES);
    // In the middle of its place, as what is looked at first.
    let leading = title.size * TITLE_LEADING;
    let height = leading * title.lines.len() as f32;
    let top = TITLE_TOP + (TITLE_HEIGHT - height).max(0.0) / 2.0;
    for (n, line) in title.lines.iter().enumerate() {
        // An em's ascenders are some three quarters of it.
        let y = top + leading * n as f32 + title.size * 0.88;
        canvas.text(&bold, line, title.size, MARGIN, y, Ink::Text);
    }

    let rows = [
        (&bold, preview.when, WHEN_SIZES.as_slice(), WHEN_Y, Ink::Accent),
        (&regular, preview.place, PLACE_SIZES.as_slice(), PLACE_Y, Ink::Soft),
    ];
    for (face, words, sizes, y, ink) in rows {
        let Fit { size, lines } = face.fit(words, TEXT_WIDTH, sizes);
        for line in lines {
            canvas.text(face, &line, size, MARGIN, y, ink);
        }
    }
    canvas.bar(HEIGHT as f32 - BAR, BAR);

    let bytes = canvas.encode()?;
    if bytes.len() > PICTURE_BYTES_MAX {
        Err(PreviewError::TooLarge(bytes.len()))
    } else {
        Ok(bytes)
    }
}
