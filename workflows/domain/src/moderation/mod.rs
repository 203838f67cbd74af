//! What may be published at once, what a person must look at, and what is
//! refused: the moderation policy, as readable tables and pure functions.
//!
//! [`PHOTO_RULES`] says it of photos, [`TRUST`] of members, and [`Policy`]
//! gathers them with what is a signal in a text; `cargo xtask policy` shows it,
//! and what another one would have judged otherwise.

use serde::{Deserialize, Serialize};

mod photo;
mod policy;
mod text;
mod trust;

pub use photo::{
    Label, MIN_CONFIDENCE, PHOTO_RULES, Rule, SAMPLE_SHARE, judge_photo, unclassified_photo,
};
pub use policy::{MANY_IN_A_DAY, MANY_IN_AN_HOUR, Policy, REFUSED_BEFORE, REPEATED_TEXT, SAMPLED};
pub use text::{Severity, Signal, TextRules, judge_text, signals};
pub use trust::{Background, Recent, Standing, TRUST, Tier, TierRule};

/// What happens to a photo, a text, or a whole submission. Ordered: the
/// strictest part decides for the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Publish.
    Publish,
    /// A moderator decides.
    Review,
    /// Refuse without a person: only above a category's `reject_from`, and malware.
    Reject,
}

/// A verdict and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Codes with their evidence, e.g. `Explicit 96.1 %`; empty when all is well.
    pub grounds: Vec<String>,
}

impl Judgement {
    /// Nothing found.
    #[must_use]
    pub fn clean() -> Self {
        Self { verdict: Verdict::Publish, grounds: Vec::new() }
    }

    fn raise(&mut self, verdict: Verdict, ground: String) {
        self.verdict = self.verdict.max(verdict);
        self.grounds.push(ground);
    }

    /// The stricter verdict with the grounds of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.verdict = self.verdict.max(other.verdict);
        self.grounds.extend(other.grounds);
        self
    }
}

/// Ground of a session that two members found gone, independently of each other.
pub const FOUND_GONE_TWICE: &str = "found_gone_twice";
/// The ground of a session that may be listed already.
pub const POSSIBLE_DUPLICATE: &str = "possible_duplicate";

/// The judgement of what a person looks at whatever it says.
#[must_use]
pub fn held(ground: &str) -> Judgement {
    Judgement { verdict: Verdict::Review, grounds: vec![ground.into()] }
}

/// The judgement of what is refused without a person.
#[must_use]
pub fn refused(ground: &str) -> Judgement {
    Judgement { verdict: Verdict::Reject, grounds: vec![ground.into()] }
}
