//! What the demo and the tests submit: invented, and different in every run.

use seisiun_domain::{
    geo::Position,
    samples,
    session::{SessionDraft, VenueDraft},
};
use ulid::Ulid;

/// Ordinary photos and hostile files; their README says where they are from.
pub mod fixture {
    /// An ordinary photo.
    pub const COFFEE: &[u8] =
        include_bytes!("../../workflows/photo/tests/fixtures/clean-coffee.jpg");
    /// A photo with EXIF orientation 6 and GPS.
    pub const TURNED: &[u8] = include_bytes!("../../workflows/photo/tests/fixtures/exif6.jpg");
    /// A pattern that the classifier holds to be explicit.
    pub const FLAGGED: &[u8] =
        include_bytes!("../../workflows/photo/tests/fixtures/flagged-by-model.jpg");
    /// The same as PNG.
    pub const FLAGGED_PNG: &[u8] =
        include_bytes!("../../workflows/photo/tests/fixtures/flagged-by-model.png");
    /// Microscopy that the classifier is wrong about.
    pub const CELL: &[u8] =
        include_bytes!("../../workflows/photo/tests/fixtures/false-positive-cell.jpg");
    /// A JPEG with foreign bytes behind its end.
    pub const POLYGLOT: &[u8] = include_bytes!("../../workflows/photo/tests/fixtures/polyglot.jpg");
    /// A JPEG cut short.
    pub const CUT_SHORT: &[u8] = include_bytes!("../../workflows/photo/tests/fixtures/trunc.jpg");
    /// HTML named .jpg.
    pub const FAKE: &[u8] = include_bytes!("../../workflows/photo/tests/fixtures/fake.jpg");
    /// A header of 11,000² pixels.
    pub const BOMB: &[u8] = include_bytes!("../../workflows/photo/tests/fixtures/bomb_16k.png");
    /// A header of 50,000² pixels.
    pub const BOMB_LARGER: &[u8] =
        include_bytes!("../../workflows/photo/tests/fixtures/bomb_dims.png");
}

/// A place of its own for every run, so that runs on the same data do not find
/// each other's sessions duplicates or mail each other's followers.
#[derive(Debug, Clone)]
pub struct Place {
    /// Eight letters, different in every run.
    pub tag: String,
    /// County that nobody else uses.
    pub county: String,
    /// Where it is.
    pub position: Position,
}

impl Place {
    /// A fresh place.
    #[must_use]
    pub fn fresh() -> Self {
        let tag = tag(Ulid::generate().random());
        Self { county: format!("Baile {tag}"), tag, position: somewhere() }
    }

    /// Another place in the same county, so that a session there duplicates
    /// none of this one's.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        Self { position: somewhere(), ..self.clone() }
    }
    /// A session here. Titles must differ for two sessions of one place.
    #[must_use]
    pub fn session(&self, title: &str) -> SessionDraft {
        SessionDraft {
            title: title.into(),
            venue: VenueDraft {
                town: format!("Ennis {}", self.tag),
                county: self.county.clone(),
                position: self.position,
                ..samples::venue()
            },
            description: "Reels and jigs, and a song now and then.".into(),
            ..samples::session()
        }
    }
}

/// Letters of which no word that insults is made, nor what is read as one: a random
/// text of other letters and digits is held for a moderator once in some hundred times.
const LETTERS: &[u8] = b"bdghjmqrtwz";
/// How many of them a tag has.
const TAG_CHARS: usize = 8;

/// Letters by a random number, no two neighbours the same.
fn tag(random: u128) -> String {
    let (mut rest, mut tag) = (random, String::new());
    let mut letters: Vec<char> = LETTERS.iter().map(|letter| char::from(*letter)).collect();
    let mut before = None;
    while tag.len() < TAG_CHARS {
        let many = letters.len() as u128;
        let nth = usize::try_from(rest % many).unwrap_or_default();
        rest /= many;
        let letter = letters.swap_remove(nth);
        tag.push(letter);
        letters.extend(before.replace(letter));
    }
    tag
}

/// Anywhere but near the poles and the date line.
fn somewhere() -> Position {
    let random = Ulid::generate().random();
    let share = |of: u128, divisor: u128| (of % divisor) as f64 / divisor as f64;
    Position {
        lat: share(random, 99_991) * 120.0 - 60.0,
        lon: share(random / 99_991, 99_989) * 340.0 - 170.0,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_tag_has_its_length_no_doubled_letter_and_is_its_own() {
        let tags: BTreeSet<String> = (0..10_000u128).map(|n| tag(n * 7_919)).collect();
        assert_eq!(tags.len(), 10_000);
        for tag in tags {
            assert_eq!(tag.len(), TAG_CHARS, "{tag}");
            assert!(tag.as_bytes().windows(2).all(|pair| pair[0] != pair[1]), "{tag}");
        }
    }
}
