//! Words: made writable, measured, fitted into a width, and drawn as paths.

use std::sync::OnceLock;

use deunicode::deunicode_char;
use harfrust::{
    Buffer, Direction, Font, GlyphId, ShapeOptions, ShaperFont,
    font::glyph::outline::{DrawMemory, DrawOptions, PathSink},
};
use tiny_skia::{Path, PathBuilder};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::PreviewError;

static REGULAR: &[u8] = include_bytes!("../fonts/Literata_400Regular.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/Literata_600SemiBold.ttf");

/// Characters of a text that are looked at: more than any size has room for.
const CHARS_MAX: usize = 300;
/// Stands where a text was cut.
const CUT: char = '…';

/// One weight of the font.
pub(crate) struct Face {
    font: Font,
}

/// A text as it fits into its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fit {
    /// Pixels an em.
    pub(crate) size: f32,
    /// Its lines: none of a text without anything to write.
    pub(crate) lines: Vec<String>,
}

impl Face {
    /// For what is read first.
    pub(crate) fn bold() -> Result<Self, PreviewError> {
        static FONT: OnceLock<Option<Font>> = OnceLock::new();
        Self::of(FONT.get_or_init(|| Font::new(BOLD, 0)), "semi-bold")
    }

    /// For the rest.
    pub(crate) fn regular() -> Result<Self, PreviewError> {
        static FONT: OnceLock<Option<Font>> = OnceLock::new();
        Self::of(FONT.get_or_init(|| Font::new(REGULAR, 0)), "regular")
    }

    fn of(font: &Option<Font>, weight: &'static str) -> Result<Self, PreviewError> {
        font.clone().map(|font| Self { font }).ok_or(PreviewError::Font(weight))
    }

    /// Pixels an em of the font's units.
    fn scale(&self, size: f32) -> f32 {
        size / f32::from(self.font.units_per_em().max(1))
    }

    /// The glyphs of a text, each with how far it moves on and where it stands
    /// beside its place, in the font's units. Empty for what cannot be shaped.
    fn shape(&self, text: &str) -> Vec<(GlyphId, [i32; 3])> {
        let mut buffer = Buffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let font = ShaperFont::new(&self.font);
        if harfrust::shape(&font, &mut buffer, ShapeOptions::new()).is_err() {
            return Vec::new();
        }
        let glyphs = buffer.glyph_infos().iter().map(|info| GlyphId::new(info.glyph_id));
        let places =
            buffer.glyph_positions().iter().map(|at| [at.x_advance, at.x_offset, at.y_offset]);
        glyphs.zip(places).collect()
    }

    /// Pixels that a text is wide, with what its first and last letter show
    /// beyond the place that they take: the tails of a `j` and of a `Q`.
    pub(crate) fn measure(&self, text: &str, size: f32) -> f32 {
        let ink = self.set(text, size, 0.0, 0.0);
        let right = ink.as_ref().map_or(0.0, |path| path.bounds().right());
        self.advance(text, size).max(right) + overhang(ink.as_ref())
    }

    /// Pixels from where a text begins to where the next letter would.
    fn advance(&self, text: &str, size: f32) -> f32 {
        let units: i32 = self.shape(text).iter().map(|(_, [advance, ..])| advance).sum();
        units as f32 * self.scale(size)
    }

    /// A line's outline, nothing of it to the left of `x`; `None` if nothing is
    /// to be seen of it.
    pub(crate) fn outline(&self, text: &str, size: f32, x: f32, y: f32) -> Option<Path> {
        let overhang = overhang(self.set(text, size, 0.0, y).as_ref());
        self.set(text, size, x + overhang, y)
    }

    /// The outline of a line whose first letter takes its place at `x`.
    fn set(&self, text: &str, size: f32, x: f32, y: f32) -> Option<Path> {
        let outlines = self.font.outline_glyphs();
        let scale = self.scale(size);
        let mut pen = Pen { path: PathBuilder::new(), scale, x, y };
        for (glyph, [advance, right, up]) in self.shape(text) {
            let start = pen.x;
            pen.x += right as f32 * scale;
            pen.y = y - up as f32 * scale;
            if let Some(outline) = outlines.get(glyph) {
                // One that the font has broken is left out.
                let _ = outline.draw(&DrawOptions::new(), DrawMemory::Scratch, &mut pen);
            }
            pen.x = start + advance as f32 * scale;
        }
        pen.path.finish()
    }

    /// What can be written of a text: on one line, without marks that turn or
    /// pile up, other scripts in the letters of this font.
    fn writable(&self, text: &str) -> String {
        let charmap = self.font.charmap();
        let has = |c: char| charmap.map_unicode(c).is_some();
        let mut written = String::new();
        for c in text.nfc().take(CHARS_MAX) {
            if c.is_whitespace() {
                written.push(' ');
            } else if c.is_control() || is_combining_mark(c) || is_invisible(c) {
                // It would show nothing, or stand on what is over it.
            } else if has(c) {
                written.push(c);
            } else if c.is_alphanumeric() || is_punctuation(c) {
                let letters = deunicode_char(c).unwrap_or_default();
                written.extend(letters.chars().filter(|&letter| letter == ' ' || has(letter)));
            }
        }
        let words: Vec<_> = written.split_whitespace().collect();
        words.join(" ")
    }

    /// A text in the first of these sizes in which it fits, with as many lines
    /// as that may have; in the last, cut if it must be.
    pub(crate) fn fit(&self, text: &str, width: f32, sizes: &[(f32, usize)]) -> Fit {
        let text = self.writable(text);
        let mut fit = Fit { size: 0.0, lines: Vec::new() };
        for &(size, lines_max) in sizes {
            let mut lines = self.wrap(&text, width, size);
            let fits = lines.len() <= lines_max;
            if !fits {
                lines.truncate(lines_max);
                if let Some(last) = lines.last_mut() {
                    self.cut(last, width, size);
                }
            }
            fit = Fit { size, lines };
            if fits {
                break;
            }
        }
        fit
    }

    /// Breaks a text into lines, between words, and within one that is wider
    /// than a line.
    fn wrap(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        // What the letters take is found with less work than what they show.
        let fits =
            |line: &str| self.advance(line, size) <= width && self.measure(line, size) <= width;
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if let Some(line) = lines.last_mut() {
                let longer = format!("{line} {word}");
                if fits(&longer) {
                    *line = longer;
                    continue;
                }
            }
            if fits(word) {
                lines.push(word.to_owned());
                continue;
            }
            let mut part = String::new();
            for c in word.chars() {
                part.push(c);
                if !fits(&part) && part.chars().count() > 1 {
                    part.pop();
                    lines.push(std::mem::replace(&mut part, c.into()));
                }
            }
            lines.push(part);
        }
        lines
    }

    /// Shortens a line until the mark of a cut fits behind it.
    fn cut(&self, line: &mut String, width: f32, size: f32) {
        loop {
            let end = line.trim_end_matches([' ', ',', '.', ';', ':', '·', '-']).len();
            line.truncate(end);
            line.push(CUT);
            if self.measure(line, size) <= width || line.chars().count() == 1 {
                return;
            }
            line.pop();
            line.pop();
        }
    }
}

/// Pixels that a line's outline shows to the left of where it begins, at 0.
fn overhang(line: Option<&Path>) -> f32 {
    line.map_or(0.0, |path| -path.bounds().left()).max(0.0)
}

/// Characters that are not seen but move others about: joiners, marks of the
/// writing direction, selectors of variants, tags.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Dashes, quotes and stops, of Europe and of East Asia.
fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{3001}'..='\u{301f}')
}

/// Takes a glyph's outline down at its place. Fonts count upwards.
struct Pen {
    path: PathBuilder,
    scale: f32,
    x: f32,
    y: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.scale, self.y - y * self.scale)
    }
}

impl PathSink for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        let ((cx0, cy0), (x, y)) = (self.at(cx0, cy0), self.at(x, y));
        self.path.quad_to(cx0, cy0, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let ((cx0, cy0), (cx1, cy1), (x, y)) =
            (self.at(cx0, cy0), self.at(cx1, cy1), self.at(x, y));
        self.path.cubic_to(cx0, cy0, cx1, cy1, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{TEXT_WIDTH, TITLE_HEIGHT, TITLE_LEADING, TITLE_SIZES};

    #[test]
    fn what_the_font_lacks_is_transliterated_or_left_out() {
        let face = Face::bold().unwrap();
        for (text, written) in [
            ("  Seisiún \n an tSean‑Tí ", "Seisiún an tSean-Tí"),
            ("Ó Riada’s – Áéíóú", "Ó Riada’s – Áéíóú"),
            // Dots of the old script, letter and mark apart.
            ("Bo\u{323}thar na c\u{307}oille", "Bọthar na ċoille"),
            ("Сессия Ωδή", "Сессия Ωδή"),
            ("北京 session", "Bei Jing session"),
            ("a\u{202e}b\u{200d}c\u{301}\u{301}\u{301}", "abć"),
            ("🎻🎶", ""),
        ] {
            assert_eq!(face.writable(text), written, "{text:?}");
        }
    }

    #[test]
    fn letters_stand_as_the_font_kerns_them() {
        let face = Face::bold().unwrap();
        let apart = face.measure("A", 100.0) + face.measure("V", 100.0);
        assert!(face.measure("AV", 100.0) < apart - 2.0);
    }

    #[test]
    fn long_words_are_broken_and_long_texts_cut() {
        let face = Face::bold().unwrap();
        let fit = face.fit(&"ochón ".repeat(40), 500.0, &[(90.0, 2), (60.0, 2)]);
        assert_eq!((fit.size, fit.lines.len()), (60.0, 2));
        assert!(fit.lines[1].ends_with("ochón…"), "{:?}", fit.lines);
        let fit = face.fit(&"m".repeat(60), 500.0, &[(60.0, 9)]);
        assert!(fit.lines.len() > 3 && !fit.lines.concat().contains(CUT));
        assert_eq!(face.fit(" \u{200b}", 500.0, &[(60.0, 1)]).lines, Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_its_place(text in ".{0,200}", letters in "[A-Za-zÁ-ú ]{0,200}") {
            let face = Face::bold().unwrap();
            for text in [text, letters] {
                let Fit { size, lines } = face.fit(&text, TEXT_WIDTH, &TITLE_SIZES);
                prop_assert!(size * TITLE_LEADING * lines.len() as f32 <= TITLE_HEIGHT);
                for line in &lines {
                    let width = face.measure(line, size);
                    prop_assert!(width <= TEXT_WIDTH, "{width}: {line:?} of {text:?}");
                }
            }
        }
    }
}
