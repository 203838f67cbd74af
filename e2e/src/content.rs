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
    /// Six characters, different in every run.
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
        let text = Ulid::generate().to_string().to_lowercase();
        let tag = text.chars().skip(text.len().saturating_sub(6)).collect::<String>();
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

/// Anywhere but near the poles and the date line.
fn somewhere() -> Position {
    let random = Ulid::generate().random();
    let share = |of: u128, divisor: u128| (of % divisor) as f64 / divisor as f64;
    Position {
        lat: share(random, 99_991) * 120.0 - 60.0,
        lon: share(random / 99_991, 99_989) * 340.0 - 170.0,
    }
}
