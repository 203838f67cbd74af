//! Whether a text was sent before, the same or nearly.
//!
//! Of each text a sketch of 64 bytes is kept, a MinHash: the share of equal
//! bytes of two sketches estimates the share of pieces that the two texts have
//! in common (Broder, "On the resemblance and containment of documents", 1997;
//! Li and König, "b-Bit Minwise Hashing", 2010). It is written out here because
//! what is stored has to mean the same after every release: crates that do it
//! hash by whatever the standard library's `Hash` does, or bring a thread pool
//! along.

use jiff::Timestamp;
use seisiun_domain::{
    SessionId, SubmissionId,
    case::Statement,
    change::What,
    limits,
    moderation::{Recent, TextRules},
    submission::{Body, Status, Submission},
};
use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Pieces are so many letters and digits long.
const PIECE: usize = 5;
/// Bytes of a sketch. The estimate's standard error is at most 6.3 points of a
/// hundred, and none for equal texts.
const SKETCH_BYTES: usize = 64;
const SECONDS_PER_HOUR: i64 = 60 * 60;
const SECONDS_PER_DAY: i64 = 24 * SECONDS_PER_HOUR;

/// A text's sketch, from which the text can't be read back. Stored as hex, 136
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sketch {
    /// Letters and digits that the text has.
    letters: u32,
    least: [u8; SKETCH_BYTES],
}

/// Something that is no sketch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidSketch;

impl std::fmt::Display for InvalidSketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not a sketch: it must be {} hex digits", 2 * (4 + SKETCH_BYTES))
    }
}

impl std::error::Error for InvalidSketch {}

impl Sketch {
    /// The sketch of a text, of its first [`limits::SKETCHED_CHARS_MAX`] letters
    /// and digits; `None` if it has not even a piece. Case, accents, spaces and
    /// punctuation make no difference.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let letters: Vec<char> = text
            .nfkd()
            .filter(|c| !is_combining_mark(*c))
            .flat_map(char::to_lowercase)
            .filter(|c| c.is_alphanumeric())
            .take(limits::SKETCHED_CHARS_MAX)
            .collect();
        let mut least = [u64::MAX; SKETCH_BYTES];
        for piece in letters.windows(PIECE) {
            let hash = hash(piece);
            let mut seed = 0u64;
            for least in &mut least {
                seed = seed.wrapping_add(GOLDEN);
                *least = (*least).min(mix(hash ^ mix(seed)));
            }
        }
        (letters.len() >= PIECE).then(|| Self {
            letters: u32::try_from(letters.len()).unwrap_or(u32::MAX),
            least: least.map(|least| least.to_le_bytes()[0]),
        })
    }

    /// How much of the two texts is common to both, estimated: 0 to 100 percent.
    #[must_use]
    pub fn common_percent(&self, other: &Self) -> u32 {
        let equal = self.least.iter().zip(&other.least).filter(|(a, b)| a == b).count();
        // A byte is equal by chance once in 256.
        let chance = 1.0 / 256.0;
        let share = (f64::from(u8::try_from(equal).unwrap_or(u8::MAX)) / 64.0 - chance).max(0.0)
            / (1.0 - chance);
        percent(share)
    }

    /// Whether the two are nearly the same: long enough to tell, and with enough
    /// in common.
    #[must_use]
    pub fn is_like(&self, other: &Self, rules: &TextRules) -> bool {
        self.letters.min(other.letters) >= rules.similar_characters_from
            && self.common_percent(other) >= rules.similar_percent_from
    }
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is between 0 and 1"
)]
fn percent(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u32
}

/// 2⁶⁴ divided by the golden ratio, odd: steps of it visit every number.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// FNV-1a of the letters' code points.
fn hash(piece: &[char]) -> u64 {
    let bytes = piece.iter().flat_map(|c| u32::from(*c).to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The last step of SplitMix64: every bit of what goes in changes about half of
/// what comes out.
fn mix(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

impl From<Sketch> for String {
    fn from(sketch: Sketch) -> Self {
        let mut bytes = sketch.letters.to_be_bytes().to_vec();
        bytes.extend(sketch.least);
        hex::encode(bytes)
    }
}

impl TryFrom<String> for Sketch {
    type Error = InvalidSketch;
    fn try_from(text: String) -> Result<Self, InvalidSketch> {
        let bytes = hex::decode(text).map_err(|_| InvalidSketch)?;
        let (letters, least) = bytes.split_first_chunk().ok_or(InvalidSketch)?;
        let least = least.try_into().map_err(|_| InvalidSketch)?;
        Ok(Self { letters: u32::from_be_bytes(*letters), least })
    }
}

/// A submission as far as it matters to the next ones of its member: some 250
/// bytes where it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Which.
    pub id: SubmissionId,
    /// When it was accepted.
    pub at: Timestamp,
    /// The session that it is about, or makes.
    pub session: SessionId,
    /// The sketch of what was written at length; `None` if nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Sketch>,
    /// Whether it was refused or taken down for a reason that speaks against its
    /// member.
    #[serde(default)]
    pub refused: bool,
}

impl Sent {
    /// What matters of a submission; `None` of what adds nothing to a page: a
    /// notice, a withdrawal, a tap on "it was on".
    #[must_use]
    pub fn of(submission: &Submission) -> Option<Self> {
        let adds = match &submission.body {
            Body::Session(_) | Body::Review(_) => true,
            Body::Change(change) => !matches!(change.what, What::Confirm { .. }),
            Body::Withdrawal(_) | Body::Export | Body::Erasure | Body::Notice(_) => false,
        };
        let refused = match &submission.status {
            Status::Rejected { statement: Statement { reason, .. } }
            | Status::Withdrawn { statement: Some(Statement { reason, .. }) } => {
                reason.costs_trust()
            }
            _ => false,
        };
        adds.then(|| Self {
            id: submission.id,
            at: submission.accepted_at,
            session: submission.body.about().unwrap_or_else(|| submission.id.session()),
            text: submission.body.prose().and_then(Sketch::of),
            refused,
        })
    }

    /// What its member sent before this. `earlier`: their submissions, in any
    /// order; itself and later ones among them do not count, so that a repeat of
    /// the task finds the same. The 24 hours before this matter for how many
    /// there are, all of them for what was written.
    ///
    /// An edit of a text about the same session is no repeat of it, but a text
    /// that was refused is, wherever it is sent again.
    #[must_use]
    pub fn recent(&self, earlier: &[Self], rules: &TextRules) -> Recent {
        let mut recent = Recent::default();
        let add = |count: &mut u32, one: bool| *count = count.saturating_add(u32::from(one));
        for one in earlier.iter().filter(|one| (one.at, one.id) < (self.at, self.id)) {
            let seconds = self.at.as_second().saturating_sub(one.at.as_second());
            add(&mut recent.last_hour, seconds < SECONDS_PER_HOUR);
            add(&mut recent.last_day, seconds < SECONDS_PER_DAY);
            let is_like = match (&self.text, &one.text) {
                (Some(text), Some(before)) => text.is_like(before, rules),
                _ => false,
            };
            add(&mut recent.repeats, is_like && one.session != self.session);
            add(&mut recent.repeats_of_refused, is_like && one.refused);
        }
        recent
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use seisiun_domain::{
        case::Reason,
        moderation::Policy,
        review::ReviewDraft,
        samples,
        session::{SessionDraft, Slug},
    };

    use super::*;

    const REVIEW: &str = "A lovely night in the back room: two fiddles, a flute and a concertina, \
                          mostly Clare tunes at a gentle pace. The box player by the fire made \
                          room for me and let me start a set. Be there before ten for a seat.";

    fn sketch(text: &str) -> Sketch {
        Sketch::of(text).unwrap()
    }

    #[test]
    fn what_was_hardly_changed_is_like_it_and_what_is_about_the_same_is_not() {
        let rules = Policy::CURRENT.text;
        let review = sketch(REVIEW);
        let shouted = REVIEW.to_uppercase().replace(' ', "  ");
        let other_word = REVIEW.replace("flute", "whistle").replace("ten", "nine");
        let other_end = format!("{REVIEW} See you all next Thursday, I hope.");
        for text in [REVIEW, &shouted, &other_word, &other_end] {
            assert!(sketch(text).is_like(&review, &rules), "{text}");
        }
        assert_eq!(sketch(&shouted).common_percent(&review), 100);
        for text in [
            "A grand evening in the front bar with fiddles, flutes and a concertina. Mostly Sligo \
             tunes, played fast. Somebody made room for me by the window. Come early for a seat.",
            "Every Thursday from half nine. All are welcome who know when to listen; slow tunes \
             until ten for who is learning, and no guitars by the dozen, please.",
        ] {
            assert!(!sketch(text).is_like(&review, &rules), "{text}");
        }
        // Short ones are too alike by themselves.
        assert!(!sketch("Great session!").is_like(&sketch("Great session!"), &rules));
        assert_eq!(Sketch::of("Ok."), None);
    }

    #[test]
    fn a_stored_sketch_means_the_same_after_every_release() {
        let stored = String::from(sketch("The Lifted Latch, Thursdays"));
        assert_eq!(stored, STORED);
        assert_eq!(Sketch::try_from(stored).unwrap(), sketch("the lifted latch Thursdays"));
        for bad in ["", "00", "zz", &"0".repeat(134), &"0".repeat(138)] {
            let error = Sketch::try_from(bad.to_owned()).unwrap_err().to_string();
            assert!(error.contains("136 hex digits"), "{error}");
        }
    }

    /// Reckoned by a second program, in Python.
    const STORED: &str = "000000171953510929d292b2a44aab619aea802f98514fcf595291f47101fc73c369\
                          a19e7d32af89454e97c6befe29593400b1143134fdc6e48f5771c72a8ad49e663c0f";

    fn review(id: &str, at: &str, session: SessionId, text: &str, status: Status) -> Sent {
        let draft = ReviewDraft { text: text.into(), ..samples::review(session) };
        Sent::of(&Submission {
            id: id.parse().unwrap(),
            member_id: samples::member(),
            body: Body::Review(draft),
            photos: Vec::new(),
            accepted_at: at.parse().unwrap(),
            status,
            background: None,
            resembles: None,
        })
        .unwrap()
    }

    #[test]
    fn what_came_before_is_counted_by_time_and_by_text() {
        let sessions: Vec<SessionId> = ["01J9000000000000000000000A", "01J9000000000000000000000B"]
            .map(|id| id.parse().unwrap())
            .to_vec();
        let published = || Status::Published {
            session_id: sessions[0],
            slug: Slug::plain(&samples::session()),
        };
        let spam = || Status::Rejected {
            statement: Statement::not_published(Reason::Spam, String::new(), true, false),
        };
        let id = |n: u8| format!("01J900000000000000000000C{n}");
        let earlier = [
            review(&id(1), "2026-11-20T12:00:00Z", sessions[1], REVIEW, published()),
            review(&id(2), "2026-11-23T13:00:00Z", sessions[1], REVIEW, spam()),
            review(&id(3), "2026-11-24T11:30:00Z", sessions[0], REVIEW, published()),
            review(&id(4), "2026-11-24T11:40:00Z", sessions[1], "Good.", Status::Accepted),
            review(&id(6), "2026-11-24T12:10:00Z", sessions[1], REVIEW, spam()),
        ];
        let this = review(&id(5), "2026-11-24T12:00:00Z", sessions[0], REVIEW, Status::Accepted);
        let rules = Policy::CURRENT.text;
        let expected = Recent { last_hour: 2, last_day: 3, repeats: 2, repeats_of_refused: 1 };
        assert_eq!(this.recent(&earlier, &rules), expected);
        let with_itself: Vec<Sent> = earlier.iter().cloned().chain([this.clone()]).collect();
        assert_eq!(this.recent(&with_itself, &rules), expected);
    }

    #[test]
    fn what_adds_nothing_to_a_page_is_not_counted() {
        let submission = Submission {
            id: "01J9000000000000000000000A".parse().unwrap(),
            member_id: samples::member(),
            body: Body::Export,
            photos: Vec::new(),
            accepted_at: Timestamp::UNIX_EPOCH,
            status: Status::Accepted,
            background: None,
            resembles: None,
        };
        assert_eq!(Sent::of(&submission), None);
        let draft = SessionDraft { description: REVIEW.into(), ..samples::session() };
        let session = Submission { body: Body::Session(draft), ..submission };
        let sent = Sent::of(&session).unwrap();
        assert_eq!((sent.session, &sent.text), (session.id.session(), &Sketch::of(REVIEW)));
        let stored = serde_json::to_string(&sent).unwrap_or_default();
        assert!(stored.len() < 300, "{} bytes", stored.len());
    }

    proptest! {
        #[test]
        fn a_sketch_is_like_itself_and_reads_back_as_stored(text in "\\PC{0,300}") {
            if let Some(sketch) = Sketch::of(&text) {
                prop_assert_eq!(sketch.common_percent(&sketch), 100);
                let stored = String::from(sketch.clone());
                prop_assert_eq!(Sketch::try_from(stored).unwrap(), sketch);
            }
        }

        #[test]
        fn the_estimate_is_near_the_share(a in "[a-z]{300}", b in "[a-z]{300}", cut in 0usize..300) {
            // Two texts with the same head: what they share is known.
            let mixed = format!("{}{}", &a[..cut], &b[cut..]);
            let pieces = |text: &str| -> std::collections::BTreeSet<String> {
                text.as_bytes().windows(PIECE).map(|p| String::from_utf8_lossy(p).into_owned()).collect()
            };
            let (one, other) = (pieces(&a), pieces(&mixed));
            let common = one.intersection(&other).count() * 100 / one.union(&other).count().max(1);
            let found = sketch(&a).common_percent(&sketch(&mixed));
            let common = u32::try_from(common).unwrap();
            // Five standard errors.
            prop_assert!(found.abs_diff(common) <= 32, "{found} for {common}");
        }
    }
}
