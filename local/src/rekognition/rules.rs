//! Labels for exact files: what a test needs of categories the model cannot see.
//!
//! A rule can only add a label. A file that the model flags stays flagged.

use serde::Deserialize;

use super::taxonomy::Taxonomy;

/// Length of a SHA-256 in hexadecimal digits.
const SHA256_DIGITS: usize = 64;

/// The rules file: `{"rules": [{"sha256": …, "label": …, "confidence": …}]}`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The rules, in no particular order.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// SHA-256 of the whole file, in hexadecimal.
    pub sha256: String,
    /// A label of the taxonomy.
    pub label: String,
    /// Above 0, at most 100.
    pub confidence: f32,
}

/// Why a rules file is refused.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// Not a SHA-256.
    #[error("{0:?} is not a SHA-256 in hexadecimal")]
    Sha256(String),
    /// Not in the taxonomy.
    #[error("the taxonomy has no label {0:?}")]
    Label(String),
    /// Out of range.
    #[error("the confidence of the rule for {0:?} is not above 0 and at most 100")]
    Confidence(String),
}

impl Rules {
    /// Checks every rule.
    ///
    /// # Errors
    /// On the first rule that can never apply or names no label.
    pub fn check(&self, taxonomy: &Taxonomy) -> Result<(), RulesError> {
        for rule in &self.rules {
            let digits = rule.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
            if rule.sha256.len() != SHA256_DIGITS || !digits {
                return Err(RulesError::Sha256(rule.sha256.clone()));
            }
            if !taxonomy.contains(&rule.label) {
                return Err(RulesError::Label(rule.label.clone()));
            }
            if !(rule.confidence > 0.0 && rule.confidence <= 100.0) {
                return Err(RulesError::Confidence(rule.label.clone()));
            }
        }
        Ok(())
    }

    /// The labels that the rules add to the file with this hash.
    pub fn labels<'a>(&'a self, sha256: &'a str) -> impl Iterator<Item = (&'a str, f32)> + 'a {
        self.rules
            .iter()
            .filter(move |rule| rule.sha256.eq_ignore_ascii_case(sha256))
            .map(|rule| (rule.label.as_str(), rule.confidence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_rules_are_refused() {
        let taxonomy = Taxonomy::load().unwrap();
        let rule = |sha256: &str, label: &str, confidence| Rules {
            rules: vec![Rule { sha256: sha256.to_owned(), label: label.to_owned(), confidence }],
        };
        let hash = "ab".repeat(32);
        rule(&hash, "Violence", 99.0).check(&taxonomy).unwrap();
        assert!(matches!(
            rule("abc", "Violence", 99.0).check(&taxonomy),
            Err(RulesError::Sha256(_))
        ));
        assert!(matches!(rule(&hash, "Trouble", 99.0).check(&taxonomy), Err(RulesError::Label(_))));
        for confidence in [0.0, 100.1, f32::NAN] {
            assert!(matches!(
                rule(&hash, "Violence", confidence).check(&taxonomy),
                Err(RulesError::Confidence(_))
            ));
        }
    }
}
