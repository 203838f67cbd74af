//! What a submitter is told of a decision.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Decision, Reason};

/// The statement of reasons that Art. 17 of the Digital Services Act asks for.
/// Redress is the same for all and is added when it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// What was done.
    pub measure: String,
    /// How far it reaches, and for how long.
    pub scope: String,
    /// The facts it rests on.
    pub facts: String,
    /// Whether a machine found it.
    pub automated_detection: bool,
    /// Whether a machine decided it.
    pub automated_decision: bool,
    /// The ground.
    pub reason: Reason,
}

impl Statement {
    /// The statement for something that is not published on appeal either: what
    /// was told at first, and what somebody else has decided.
    #[must_use]
    pub fn upheld(first: &Self, decision: &Decision) -> Self {
        let mut facts =
            String::from("You asked for another look. Another moderator looked at what you sent.");
        if !decision.note.is_empty() {
            facts = format!("{facts}\n\n{}", decision.note);
        }
        let found = first.automated_detection;
        Self::not_published(decision.reason, facts, found, false)
    }

    /// The statement for something that is not published.
    #[must_use]
    pub fn not_published(
        reason: Reason,
        facts: String,
        automated_detection: bool,
        automated_decision: bool,
    ) -> Self {
        Self {
            measure: "We did not publish what you sent.".into(),
            scope: "Nowhere on Seisiún, until you send it again. Your account is not affected."
                .into(),
            facts,
            automated_detection,
            automated_decision,
            reason,
        }
    }
}
