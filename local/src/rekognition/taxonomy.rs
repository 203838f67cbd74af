//! Rekognition's moderation taxonomy, version 7.0.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

const TAXONOMY: &str = include_str!("../../models/taxonomy-v7.json");

/// Levels in the taxonomy; a longer chain of parents is a broken file.
const LEVELS_MAX: u32 = 3;

/// A label as the taxonomy lists it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    name: String,
    parent_name: String,
    taxonomy_level: u32,
}

/// A label of an answer, in Rekognition's spelling.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModerationLabel {
    /// From 0 to 100.
    pub confidence: f32,
    /// The label.
    pub name: String,
    /// The label above, empty at the root.
    pub parent_name: String,
    /// 1 at the root.
    pub taxonomy_level: u32,
}

/// Why the taxonomy could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum TaxonomyError {
    /// The file is not a list of labels.
    #[error("the taxonomy is not a list of labels")]
    Json(#[from] serde_json::Error),
    /// A label's chain of parents does not end at a root.
    #[error("the taxonomy's label {0:?} has no sound chain of parents")]
    Chain(String),
}

/// The labels by name.
#[derive(Debug)]
pub struct Taxonomy {
    entries: HashMap<String, Entry>,
}

impl Taxonomy {
    /// Loads the taxonomy that is built in.
    ///
    /// # Errors
    /// When it is not a forest of labels.
    pub fn load() -> Result<Self, TaxonomyError> {
        let list: Vec<Entry> = serde_json::from_str(TAXONOMY)?;
        let entries: HashMap<_, _> =
            list.into_iter().map(|entry| (entry.name.clone(), entry)).collect();
        let taxonomy = Self { entries };
        for entry in taxonomy.entries.values() {
            let chain = taxonomy.chain(&entry.name);
            let root_level = chain.last().map(|root| root.taxonomy_level);
            if chain.len() as u64 != u64::from(entry.taxonomy_level) || root_level != Some(1) {
                return Err(TaxonomyError::Chain(entry.name.clone()));
            }
        }
        Ok(taxonomy)
    }

    /// How many labels there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether `name` is a label.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    fn chain(&self, name: &str) -> Vec<&Entry> {
        let mut chain = Vec::new();
        let mut next = self.entries.get(name);
        while let Some(entry) = next {
            chain.push(entry);
            if chain.len() as u64 > u64::from(LEVELS_MAX) {
                break;
            }
            next = self.entries.get(&entry.parent_name);
        }
        chain
    }

    /// The labels found, each with all its ancestors, an ancestor as confident as
    /// its most confident descendant; roots first, then by name.
    #[must_use]
    pub fn with_ancestors(&self, found: &[(&str, f32)]) -> Vec<ModerationLabel> {
        let mut confidences: HashMap<&str, (f32, &Entry)> = HashMap::new();
        for (name, confidence) in found {
            for entry in self.chain(name) {
                let known = confidences.entry(&entry.name).or_insert((*confidence, entry));
                known.0 = known.0.max(*confidence);
            }
        }
        let mut labels: Vec<_> = confidences
            .into_values()
            .map(|(confidence, entry)| ModerationLabel {
                confidence,
                name: entry.name.clone(),
                parent_name: entry.parent_name.clone(),
                taxonomy_level: entry.taxonomy_level,
            })
            .collect();
        labels.sort_by(|a, b| (a.taxonomy_level, &a.name).cmp(&(b.taxonomy_level, &b.name)));
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_reaches_a_root() {
        let taxonomy = Taxonomy::load().unwrap();
        assert_eq!(taxonomy.len(), 52);
        assert!(!taxonomy.is_empty());
    }

    #[test]
    fn ancestors_come_along() {
        let taxonomy = Taxonomy::load().unwrap();
        let labels = taxonomy.with_ancestors(&[
            ("Explicit Nudity", 61.0),
            ("Sex Toys", 70.0),
            ("Gambling", 5.0),
        ]);
        let found: Vec<_> = labels
            .iter()
            .map(|l| (l.name.as_str(), l.parent_name.as_str(), l.taxonomy_level, l.confidence))
            .collect();
        assert_eq!(
            found,
            [
                ("Explicit", "", 1, 70.0),
                ("Gambling", "", 1, 5.0),
                ("Explicit Nudity", "Explicit", 2, 61.0),
                ("Sex Toys", "Explicit", 2, 70.0),
            ]
        );
    }
}
