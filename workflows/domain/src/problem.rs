//! Why something a member sent was not accepted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One reason, tied to one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Path of the field in what was sent, e.g. `venue.position.lat`.
    pub field: String,
    /// Stable, machine-readable code in `snake_case`.
    pub code: String,
    /// What was wrong and what to do, for a person.
    pub message: String,
}

/// Collects [`Problem`]s, so that a member hears of all of them at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Adds a problem.
    pub fn add(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(Problem { field: field.into(), code: code.into(), message: message.into() });
    }

    /// A list of exactly one problem.
    #[must_use]
    pub fn one(field: &str, code: &str, message: impl Into<String>) -> Self {
        let mut problems = Self::default();
        problems.add(field, code, message);
        problems
    }

    /// `value` if nothing was wrong, else the problems.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{}: {}", problem.field, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
