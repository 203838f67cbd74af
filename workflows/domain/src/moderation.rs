//! What may be published at once, what a person must look at, and what is
//! refused: the moderation policy, as one readable table and pure functions.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

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
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Top-level category, taxonomy 7.0.
    pub category: &'static str,
    /// From this confidence in percent on, a person looks.
    pub review_from: f32,
    /// From this confidence in percent on, the photo is refused at once; `None`: never.
    pub reject_from: Option<f32>,
}

/// The policy for photos. A category that is not listed goes to a person at
/// any confidence, so that a new taxonomy opens no hole.
///
/// Alcohol is no reason: sessions are played in pubs. Swimwear and gambling
/// are seen there too, and harm nobody. Only near-certain explicit images are
/// refused without a person; the statement of reasons says that it was
/// automatic, and an appeal reaches a person.
pub const PHOTO_RULES: &[Rule] = &[
    Rule { category: "Explicit", review_from: 50.0, reject_from: Some(99.5) },
    Rule {
        category: "Non-Explicit Nudity of Intimate parts and Kissing",
        review_from: 60.0,
        reject_from: None,
    },
    Rule { category: "Swimwear or Underwear", review_from: 90.0, reject_from: None },
    Rule { category: "Violence", review_from: 50.0, reject_from: None },
    Rule { category: "Visually Disturbing", review_from: 50.0, reject_from: None },
    Rule { category: "Drugs & Tobacco", review_from: 80.0, reject_from: None },
    Rule { category: "Alcohol", review_from: f32::INFINITY, reject_from: None },
    Rule { category: "Rude Gestures", review_from: 80.0, reject_from: None },
    Rule { category: "Gambling", review_from: 95.0, reject_from: None },
    Rule { category: "Hate Symbols", review_from: 50.0, reject_from: None },
];

/// Share of clean photos that a person looks at all the same, to see what the
/// classifier misses.
pub const SAMPLE_SHARE: f64 = 0.01;

/// Least confidence in percent to ask the classifier for: the lowest threshold
/// of [`PHOTO_RULES`].
pub const MIN_CONFIDENCE: f32 = 50.0;

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

/// Judges a photo by its labels. `sha256` (hex, of the bytes to be published)
/// decides whether a clean photo falls into the sample, so that a repeat of
/// the task gives the same answer.
#[must_use]
pub fn judge_photo(labels: &[Label], sha256: &str) -> Judgement {
    let mut judgement = Judgement::clean();
    for label in labels.iter().filter(|label| label.parent.is_empty()) {
        let rule = PHOTO_RULES.iter().find(|rule| rule.category == label.name);
        let ground = format!("{} {:.1} %", label.name, label.confidence);
        match rule {
            Some(rule) if rule.reject_from.is_some_and(|from| label.confidence >= from) => {
                judgement.raise(Verdict::Reject, ground);
            }
            Some(rule) if label.confidence < rule.review_from => {}
            // A confidence that is not a number is not a reason to publish.
            Some(_) | None => judgement.raise(Verdict::Review, ground),
        }
    }
    if judgement.verdict == Verdict::Publish && is_sampled(sha256) {
        judgement.raise(Verdict::Review, "sampled".into());
    }
    judgement
}

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

/// The judgement of a photo that could not be classified: never public unseen.
#[must_use]
pub fn unclassified_photo() -> Judgement {
    held("not_classified")
}

fn is_sampled(sha256: &str) -> bool {
    let digest = Sha256::digest(format!("sample:{sha256}"));
    let first = digest.iter().take(4).fold(0u32, |n, byte| (n << 8) | u32::from(*byte));
    f64::from(first) < SAMPLE_SHARE * f64::from(u32::MAX)
}

/// Judges what was typed. Signals, not proof: each sends the text to a person.
#[must_use]
pub fn judge_text(texts: &[&str]) -> Judgement {
    let mut judgement = Judgement::clean();
    let mut note = |code: &str| {
        if !judgement.grounds.iter().any(|ground| ground == code) {
            judgement.raise(Verdict::Review, code.to_owned());
        }
    };
    for text in texts {
        let lower = text.to_lowercase();
        if lower.contains("http://") || lower.contains("https://") || lower.contains("www.") {
            note("link_in_text");
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.iter().any(|word| is_address(word)) {
            note("email_in_text");
        }
        if has_phone_number(text) {
            note("phone_in_text");
        }
        if text.contains('<') && text.contains('>') {
            note("markup_in_text");
        }
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let capitals = text.chars().filter(|c| c.is_uppercase()).count();
        // Short names are often in capitals; a shouted paragraph is not a name.
        if letters >= 40 && capitals * 10 > letters * 7 {
            note("shouting");
        }
        if has_run(text, 12) {
            note("repeated_characters");
        }
    }
    judgement
}

fn is_address(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

/// Nine or more digits with nothing but phone punctuation between them: a year
/// range, a time or a house number has fewer.
fn has_phone_number(text: &str) -> bool {
    let mut digits = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => digits += 1,
            ' ' | '-' | '(' | ')' | '+' | '/' | '.' => {}
            _ => digits = 0,
        }
        if digits >= 9 {
            return true;
        }
    }
    false
}

fn has_run(text: &str, length: usize) -> bool {
    let (mut last, mut run) = (None, 0);
    text.chars().any(|c| {
        run = if last == Some(c) { run + 1 } else { 1 };
        last = Some(c);
        run >= length && !c.is_whitespace()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unsampled() -> String {
        (0..).map(|n| format!("{n:064x}")).find(|sha| !is_sampled(sha)).unwrap()
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
        check("Violence", 100.0, Verdict::Review);
        check("A category of the next taxonomy", 1.0, Verdict::Review);
    }

    #[test]
    fn the_classifier_is_asked_for_everything_the_policy_needs() {
        let lowest = PHOTO_RULES.iter().map(|rule| rule.review_from).fold(f32::INFINITY, f32::min);
        assert!(MIN_CONFIDENCE <= lowest);
    }

    #[test]
    fn one_clean_photo_in_a_hundred_is_sampled_and_always_the_same() {
        let sampled = (0..100_000).filter(|n| is_sampled(&format!("{n:064x}"))).count();
        assert!((800..1200).contains(&sampled), "{sampled}");
    }

    #[test]
    fn texts_with_signals_go_to_a_person_and_names_do_not() {
        for (text, expected) in [
            ("Lovely night, tunes till two.", None),
            ("Tigh Choilí, Sráid an Mhainéir 12, 21:30–24:00 since 1998-2026", None),
            ("SLÓGADH", None),
            ("come to www.example.com", Some("link_in_text")),
            ("write to me@example.com", Some("email_in_text")),
            ("ring 087 555 01 234", Some("phone_in_text")),
            ("<b>hi</b>", Some("markup_in_text")),
            ("THIS IS THE VERY BEST SESSION IN THE WHOLE WIDE WORLD", Some("shouting")),
            ("yeeeeeeeeeeeeeeow", Some("repeated_characters")),
        ] {
            let judgement = judge_text(&[text]);
            assert_eq!(judgement.grounds.first().map(String::as_str), expected, "{text}");
            assert_eq!(judgement.verdict == Verdict::Publish, expected.is_none());
        }
    }

    proptest! {
        #[test]
        fn more_confidence_is_never_judged_more_mildly(a in 0.0f32..100.0, b in 0.0f32..100.0, n in 0usize..10) {
            let label = |confidence| Label { name: PHOTO_RULES[n].category.into(), parent: String::new(), confidence };
            let (low, high) = (a.min(b), a.max(b));
            let sha = unsampled();
            prop_assert!(judge_photo(&[label(low)], &sha).verdict <= judge_photo(&[label(high)], &sha).verdict);
        }
    }
}
