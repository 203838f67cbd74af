//! What moderators decide, and the reasons that submitters are given.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{CaseId, MemberId},
    problem::Problems,
    text,
};

/// A case in the moderation queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Its id: the submission's ULID.
    pub id: CaseId,
    /// Who submitted what it is about; may not decide it.
    pub submitter: MemberId,
    /// For the queue.
    pub title: String,
    /// Why it is here.
    pub grounds: Vec<String>,
    /// When it came.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub opened_at: Timestamp,
    /// How it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// What a moderator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Publish it.
    Approve,
    /// Do not publish it.
    Reject,
}

/// Why something is not published. The catalogue is closed: a statement of
/// reasons must name a ground that the rules know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing wrong: the reason of an approval.
    InOrder,
    /// Sexual or otherwise explicit content.
    Explicit,
    /// Violence or hate.
    Abusive,
    /// Advertising or links that have nothing to do with a session.
    Spam,
    /// People shown or named who did not agree.
    Privacy,
    /// Not about an Irish traditional music session.
    OffTopic,
    /// Wrong or misleading facts.
    Inaccurate,
    /// The same session is listed already.
    Duplicate,
    /// What was reviewed isn't listed (any more).
    NoSuchSession,
    /// The member has reviewed this session before.
    AlreadyReviewed,
    /// Somebody changed the same in between.
    Outdated,
    /// Its own submitter took it back.
    Withdrawn,
}

impl Reason {
    /// The rule's name in the moderation policy.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::InOrder => "In order",
            Self::Explicit => "Explicit content",
            Self::Abusive => "Violence and hatred",
            Self::Spam => "Advertising",
            Self::Privacy => "Consent",
            Self::OffTopic => "Sessions only",
            Self::Inaccurate => "Facts",
            Self::Duplicate | Self::AlreadyReviewed => "One of each",
            Self::NoSuchSession => "Listed sessions",
            Self::Outdated => "Up to date",
            Self::Withdrawn => "Your own",
        }
    }

    /// The rule, in words for the submitter.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::InOrder => "It is in order.",
            Self::Explicit => "Our rules allow no sexual or otherwise explicit content.",
            Self::Abusive => "Our rules allow no violence, harassment or hatred.",
            Self::Spam => "Our rules allow no advertising that has nothing to do with a session.",
            Self::Privacy => "Our rules ask for the consent of people who are shown or named.",
            Self::OffTopic => "Seisiún lists Irish traditional music sessions only.",
            Self::Inaccurate => "Our rules ask for facts that musicians can rely on.",
            Self::Duplicate => "The same session is listed already.",
            Self::NoSuchSession => "The session that it is about is not listed.",
            Self::AlreadyReviewed => {
                "You have reviewed this session before; you can edit that review."
            }
            Self::Outdated => "What you changed was changed by somebody else in the meantime.",
            Self::Withdrawn => "You took it back yourself.",
        }
    }
}

/// A decision as it is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// What was decided.
    pub measure: Measure,
    /// On what ground.
    pub reason: Reason,
    /// What the moderator wrote to the submitter.
    #[serde(default)]
    pub note: String,
    /// Who decided.
    pub moderator: MemberId,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub decided_at: Timestamp,
}

/// Characters in a moderator's note.
pub const NOTE_CHARS_MAX: usize = 1_000;

impl Decision {
    /// Checks that the ground fits the measure and the decider the case.
    pub fn check(mut self, case: &Case) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let fits = (self.measure == Measure::Approve) == (self.reason == Reason::InOrder);
        // Only a submitter takes back what is theirs, and not by this way.
        if !fits || self.reason == Reason::Withdrawn {
            problems.add(
                "reason",
                "does_not_fit",
                "an approval is in_order, a rejection names a rule",
            );
        }
        if case.submitter == self.moderator {
            problems.add(
                "moderator",
                "own_item",
                "nobody decides on what they submitted themselves",
            );
        }
        self.note = text::paragraph(&self.note, "note", NOTE_CHARS_MAX, &mut problems);
        problems.or(Some(self))
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_fits_its_ground_and_is_not_ones_own() {
        let case = Case {
            id: "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(),
            submitter: "ann".parse().unwrap(),
            title: "Thursday tunes".into(),
            grounds: vec![],
            opened_at: Timestamp::UNIX_EPOCH,
            decision: None,
        };
        let decision = |measure, reason, moderator: &str| {
            Decision {
                measure,
                reason,
                note: String::new(),
                moderator: moderator.parse().unwrap(),
                decided_at: Timestamp::UNIX_EPOCH,
            }
            .check(&case)
            .map_err(|problems| problems.0[0].code.clone())
        };
        assert!(decision(Measure::Approve, Reason::InOrder, "bo").is_ok());
        assert!(decision(Measure::Reject, Reason::Spam, "bo").is_ok());
        assert_eq!(decision(Measure::Approve, Reason::Spam, "bo").unwrap_err(), "does_not_fit");
        assert_eq!(decision(Measure::Reject, Reason::InOrder, "bo").unwrap_err(), "does_not_fit");
        assert_eq!(decision(Measure::Approve, Reason::InOrder, "ann").unwrap_err(), "own_item");
        assert_eq!(decision(Measure::Reject, Reason::Withdrawn, "bo").unwrap_err(), "does_not_fit");
    }
}
