//! What is done with a photo, by what the classifier says of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Judgement, Policy, SAMPLED, Verdict, held};

/// A label that the image classifier gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Name in Rekognition's moderation taxonomy 7.0.
    pub name: String,
    /// Name of its parent; empty for a top-level category.
    #[serde(default)]
    pub parent: String,
    /// Confidence in percent, 0 to 100.
    pub confidence: f32,
}

/// What is done with one top-level category of the taxonomy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Top-level category, taxonomy 7.0.
    pub category: Cow<'static, str>,
    /// From this confidence in percent on, a person looks; `None`: never.
    pub review_from: Option<f32>,
    /// From this confidence in percent on, the photo is refused at once; `None`: never.
    pub reject_from: Option<f32>,
}

impl Rule {
    const fn new(
        category: &'static str,
        review_from: Option<f32>,
        reject_from: Option<f32>,
    ) -> Self {
        Self { category: Cow::Borrowed(category), review_from, reject_from }
    }

    /// Whether a label of this confidence is no reason to look.
    fn passes(&self, confidence: f32) -> bool {
        // A confidence that is not a number is not a reason to publish.
        !confidence.is_nan() && self.review_from.is_none_or(|from| confidence < from)
    }
}

/// The policy for photos. A category that is not listed goes to a person at
/// any confidence, so that a new taxonomy opens no hole.
///
/// Alcohol is no reason: sessions are played in pubs. Swimwear and gambling
/// are seen there too, and harm nobody. Only near-certain explicit images are
/// refused without a person; the statement of reasons says that it was
/// automatic, and an appeal reaches a person.
pub const PHOTO_RULES: &[Rule] = &[
    Rule::new("Explicit", Some(50.0), Some(99.5)),
    Rule::new("Non-Explicit Nudity of Intimate parts and Kissing", Some(60.0), None),
    Rule::new("Swimwear or Underwear", Some(90.0), None),
    Rule::new("Violence", Some(50.0), None),
    Rule::new("Visually Disturbing", Some(50.0), None),
    Rule::new("Drugs & Tobacco", Some(80.0), None),
    Rule::new("Alcohol", None, None),
    Rule::new("Rude Gestures", Some(80.0), None),
    Rule::new("Gambling", Some(95.0), None),
    Rule::new("Hate Symbols", Some(50.0), None),
];

/// Share of clean photos that a person looks at all the same, to see what the
/// classifier misses.
pub const SAMPLE_SHARE: f64 = 0.01;

/// Least confidence in percent to ask the classifier for: the lowest threshold
/// of [`PHOTO_RULES`].
pub const MIN_CONFIDENCE: f32 = 50.0;

/// Judges a photo by its labels. `sha256` (hex, of the bytes to be published)
/// decides whether a clean photo falls into the sample, so that a repeat of
/// the task gives the same answer. Who sent it makes no difference here: see
/// [`Policy::judge_sampling`].
#[must_use]
pub fn judge_photo(labels: &[Label], sha256: &str) -> Judgement {
    let mut judgement = judge_labels(&Policy::CURRENT.photos, labels);
    if judgement.verdict == Verdict::Publish && is_sampled(sha256, SAMPLE_SHARE) {
        judgement.raise(Verdict::Review, SAMPLED.into());
    }
    judgement
}

/// Judges labels by these rules.
pub(super) fn judge_labels(rules: &[Rule], labels: &[Label]) -> Judgement {
    let mut judgement = Judgement::clean();
    for label in labels.iter().filter(|label| label.parent.is_empty()) {
        let rule = rules.iter().find(|rule| rule.category == label.name);
        let ground = format!("{} {:.1} %", label.name, label.confidence);
        match rule {
            Some(rule) if rule.reject_from.is_some_and(|from| label.confidence >= from) => {
                judgement.raise(Verdict::Reject, ground);
            }
            Some(rule) if rule.passes(label.confidence) => {}
            Some(_) | None => judgement.raise(Verdict::Review, ground),
        }
    }
    judgement
}

/// The judgement of a photo that could not be classified: never public unseen.
#[must_use]
pub fn unclassified_photo() -> Judgement {
    held("not_classified")
}

/// Whether a photo is in a sample of this share, 0 to 1.
pub(super) fn is_sampled(sha256: &str, share: f64) -> bool {
    let digest = Sha256::digest(format!("sample:{sha256}"));
    let first = digest.iter().take(4).fold(0u32, |n, byte| (n << 8) | u32::from(*byte));
    // One more than the largest: all are in a sample of 1.
    f64::from(first) < share * (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unsampled() -> String {
        (0..).map(|n| format!("{n:064x}")).find(|sha| !is_sampled(sha, SAMPLE_SHARE)).unwrap()
    }

    fn check(name: &str, confidence: f32, expected: Verdict) {
        let label = Label { name: name.into(), parent: String::new(), confidence };
        let judgement = judge_photo(&[label], &unsampled());
        assert_eq!(judgement.verdict, expected, "{name} at {confidence}");
        assert_eq!(judgement.grounds.is_empty(), expected == Verdict::Publish);
    }

    #[test]
    fn each_category_has_its_band() {
        check("Explicit", 49.9, Verdict::Publish);
        check("Explicit", 50.0, Verdict::Review);
        check("Explicit", 96.0, Verdict::Review);
        check("Explicit", 99.5, Verdict::Reject);
        check("Explicit", f32::NAN, Verdict::Review);
        check("Alcohol", 99.9, Verdict::Publish);
        check("Alcohol", f32::NAN, Verdict::Review);
        check("Violence", 100.0, Verdict::Review);
        check("A category of the next taxonomy", 1.0, Verdict::Review);
    }

    #[test]
    fn the_classifier_is_asked_for_everything_the_policy_needs() {
        let lowest =
            PHOTO_RULES.iter().filter_map(|rule| rule.review_from).fold(f32::INFINITY, f32::min);
        assert!(MIN_CONFIDENCE <= lowest);
    }

    #[test]
    fn one_clean_photo_in_a_hundred_is_sampled_and_always_the_same() {
        let sampled =
            (0..100_000).filter(|n| is_sampled(&format!("{n:064x}"), SAMPLE_SHARE)).count();
        assert!((800..1200).contains(&sampled), "{sampled}");
    }

    proptest! {
        #[test]
        fn more_confidence_is_never_judged_more_mildly(a in 0.0f32..100.0, b in 0.0f32..100.0, n in 0usize..10) {
            let label = |confidence| Label { name: PHOTO_RULES[n].category.to_string(), parent: String::new(), confidence };
            let (low, high) = (a.min(b), a.max(b));
            let sha = unsampled();
            prop_assert!(judge_photo(&[label(low)], &sha).verdict <= judge_photo(&[label(high)], &sha).verdict);
        }
    }
}
