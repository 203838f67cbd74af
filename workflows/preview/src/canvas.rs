//! Pixels: one layer of coverage for each ink, and the PNG made of them.

use tiny_skia::{FillRule, LineCap, Mask, Path, PathBuilder, Rect, Stroke, Transform};

use crate::text::Face;

/// The colours of the site by day (`site/assets/site.css`).
const PAPER: [u8; 3] = [0xfb, 0xf7, 0xf0];

/// What is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// What is read first.
    Text,
    /// What is read last.
    Soft,
    /// What is Seisiún's own, and when it is on.
    Accent,
}

impl Ink {
    const ALL: [Self; 3] = [Self::Text, Self::Soft, Self::Accent];

    const fn colour(self) -> [u8; 3] {
        match self {
            Self::Text => [0x24, 0x1d, 0x17],
            Self::Soft => [0x61, 0x56, 0x4c],
            Self::Accent => [0x0f, 0x5c, 0x4d],
        }
    }
}

/// Steps from the ground to a full ink: enough for smooth letters.
const STEPS: u8 = 15;

/// What is drawn on.
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    layers: [Mask; 3],
}

impl Canvas {
    /// An empty one; `None` if there is no room for it.
    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        let layer = || Mask::new(width, height);
        Some(Self { width, height, layers: [layer()?, layer()?, layer()?] })
    }

    fn layer(&mut self, ink: Ink) -> &mut Mask {
        &mut self.layers[ink as usize]
    }

    fn fill(&mut self, path: Option<Path>, ink: Ink) {
        if let Some(path) = path {
            self.layer(ink).fill_path(&path, FillRule::Winding, true, Transform::identity());
        }
    }

    /// Draws a line of text from `x` on, its letters standing on `y`.
    pub(crate) fn text(&mut self, face: &Face, text: &str, size: f32, x: f32, y: f32, ink: Ink) {
        let path = face.outline(text, size, x, y);
        self.fill(path, ink);
    }

    /// A bar from edge to edge.
    pub(crate) fn bar(&mut self, y: f32, height: f32) {
        let bar = Rect::from_xywh(0.0, y, self.width as f32, height).map(PathBuilder::from_rect);
        self.fill(bar, Ink::Accent);
    }

    /// The site's icon (`site/assets/icon.svg`), `size` pixels wide: a note that
    /// shows the ground through a square with round corners.
    pub(crate) fn icon(&mut self, x: f32, y: f32, size: f32) {
        let scale = size / 32.0;
        let place = Transform::from_row(scale, 0.0, 0.0, scale, x, y);
        self.fill(rounded_square().and_then(|path| path.transform(place)), Ink::Accent);
        self.note(scale, place);
    }

    /// The note alone, where there is ink already.
    pub(crate) fn note(&mut self, scale: f32, place: Transform) {
        let Some(mut note) = Mask::new(self.width, self.height) else { return };
        let stroke = Stroke { width: 2.4, line_cap: LineCap::Round, ..Stroke::default() };
        let stem = stem().and_then(|path| path.stroke(&stroke, scale));
        let head = Rect::from_xywh(10.8, 18.3, 10.0, 7.4)
            .and_then(PathBuilder::from_oval)
            .and_then(|path| path.transform(Transform::from_rotate_at(-18.0, 15.8, 22.0)));
        for path in [stem, head].into_iter().flatten() {
            note.fill_path(&path, FillRule::Winding, true, place);
        }
        let layer = self.layer(Ink::Accent).data_mut();
        for (pixel, hole) in layer.iter_mut().zip(note.data()) {
            *pixel = pixel.saturating_sub(*hole);
        }
    }

    /// The picture as an indexed PNG.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let pixels: Vec<u8> =
            (0..(self.width * self.height) as usize).map(|at| self.index(at)).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette());
        encoder.set_compression(png::Compression::High);
        // What a filter foretells is a next number, not a next colour.
        encoder.set_filter(png::Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels)?;
        writer.finish()?;
        Ok(bytes)
    }

    /// The colour of a pixel, as its place in the palette. Inks are apart from
    /// one another, so that the one that covers most is the one there.
    fn index(&self, at: usize) -> u8 {
        let step = |mask: &Mask| {
            let covered = u16::from(mask.data().get(at).copied().unwrap_or_default());
            let steps = (covered * u16::from(STEPS) + 127) / 255;
            u8::try_from(steps).unwrap_or(STEPS)
        };
        let steps = self.layers.iter().map(step).zip(0_u8..);
        let (step, layer) = steps.max_by_key(|(step, _)| *step).unwrap_or_default();
        if step == 0 { 0 } else { layer * STEPS + step }
    }
}

/// The ground, and then each ink from its faintest to its full step.
fn palette() -> Vec<u8> {
    let mut palette = PAPER.to_vec();
    for ink in Ink::ALL {
        for step in 1..=STEPS {
            palette.extend(PAPER.iter().zip(ink.colour()).map(|(paper, ink)| {
                let (ground, step) = (u16::from(STEPS - step), u16::from(step));
                let mixed = u16::from(*paper) * ground + u16::from(ink) * step;
                u8::try_from(mixed / u16::from(STEPS)).unwrap_or(u8::MAX)
            }));
        }
    }
    palette
}

/// 32 units wide, its corners 7 round.
fn rounded_square() -> Option<Path> {
    // Of a circle's quarter, where the handles of its curve are.
    const ROUND: f32 = 7.0;
    const HANDLE: f32 = ROUND * 0.447_715;
    let mut path = PathBuilder::new();
    path.move_to(ROUND, 0.0);
    path.line_to(32.0 - ROUND, 0.0);
    path.cubic_to(32.0 - HANDLE, 0.0, 32.0, HANDLE, 32.0, ROUND);
    path.line_to(32.0, 32.0 - ROUND);
    path.cubic_to(32.0, 32.0 - HANDLE, 32.0 - HANDLE, 32.0, 32.0 - ROUND, 32.0);
    path.line_to(ROUND, 32.0);
    path.cubic_to(HANDLE, 32.0, 0.0, 32.0 - HANDLE, 0.0, 32.0 - ROUND);
    path.line_to(0.0, ROUND);
    path.cubic_to(0.0, HANDLE, HANDLE, 0.0, ROUND, 0.0);
    path.close();
    path.finish()
}

fn stem() -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(20.5, 6.5);
    path.line_to(20.5, 20.5);
    path.move_to(20.5, 6.5);
    path.cubic_to(21.5, 10.0, 25.0, 10.0, 25.0, 14.0);
    path.finish()
}
