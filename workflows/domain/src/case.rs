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
    /// What there is to decide.
    #[serde(default)]
    pub kind: CaseKind,
    /// Who submitted what it is about; may not decide it.
    pub submitter: MemberId,
    /// Of a notice: who made what it complains of; may not decide it either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<MemberId>,
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

/// What there is to decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Whether something becomes public: an approval is in order.
    #[default]
    Submission,
    /// Whether a notice is well founded: an approval names the rule that the
    /// content breaks, and the content goes.
    Notice,
}

/// What a moderator can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Publish it; of a notice: take down what it is about.
    Approve,
    /// Do not publish it; of a notice: leave what it is about.
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
    /// A file that harms whoever opens it.
    Malware,
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
    /// Against the law.
    Illegal,
    /// Somebody else's work.
    IntellectualProperty,
}

impl Reason {
    /// The rule's name in the moderation policy.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::InOrder => "In order",
            Self::Explicit => "Explicit content",
            Self::Malware => "Harmful files",
            Self::Abusive => "Violence and hatred",
            Self::Spam => "Advertising",
            Self::Privacy => "Consent",
            Self::OffTopic => "Sessions only",
            Self::Inaccurate => "Facts",
            Self::Duplicate | Self::AlreadyReviewed => "One of each",
            Self::NoSuchSession => "Listed sessions",
            Self::Outdated => "Up to date",
            Self::Withdrawn => "Your own",
            Self::Illegal => "The law",
            Self::IntellectualProperty => "Other people's work",
        }
    }

    /// The rule, in words for the submitter.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::InOrder => "It is in order.",
            Self::Explicit => "Our rules allow no sexual or otherwise explicit content.",
            Self::Malware => "Our rules allow no files that harm whoever opens them.",
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
            Self::Illegal => "Our rules allow nothing that is against the law.",
            Self::IntellectualProperty => "Our rules ask for the consent of whose work it is.",
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
        let (in_order, why) = match case.kind {
            CaseKind::Submission => {
                (Measure::Approve, "an approval is in_order, a rejection names a rule")
            }
            CaseKind::Notice => {
                (Measure::Reject, "what goes breaks a rule that is named, what stays is in_order")
            }
        };
        let fits = (self.measure == in_order) == (self.reason == Reason::InOrder);
        // Only a submitter takes back what is theirs, and not by this way.
        if !fits || self.reason == Reason::Withdrawn {
            problems.add("reason", "does_not_fit", why);
        }
        if case.submitter == self.moderator || case.about.as_ref() == Some(&self.moderator) {
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
            kind: CaseKind::Submission,
            submitter: "ann".parse().unwrap(),
            about: None,
            title: "Thursday tunes".into(),
            grounds: vec![],
            opened_at: Timestamp::UNIX_EPOCH,
            decision: None,
        };
        let check = |case: &Case, measure, reason, moderator: &str| {
            Decision {
                measure,
                reason,
                note: String::new(),
                moderator: moderator.parse().unwrap(),
                decided_at: Timestamp::UNIX_EPOCH,
            }
            .check(case)
            .map_err(|problems| problems.0[0].code.clone())
        };
        let decision = |measure, reason, moderator| check(&case, measure, reason, moderator);
        assert!(decision(Measure::Approve, Reason::InOrder, "bo").is_ok());
        assert!(decision(Measure::Reject, Reason::Spam, "bo").is_ok());
        assert_eq!(decision(Measure::Approve, Reason::Spam, "bo").unwrap_err(), "does_not_fit");
        assert_eq!(decision(Measure::Reject, Reason::InOrder, "bo").unwrap_err(), "does_not_fit");
        assert_eq!(decision(Measure::Approve, Reason::InOrder, "ann").unwrap_err(), "own_item");
        assert_eq!(decision(Measure::Reject, Reason::Withdrawn, "bo").unwrap_err(), "does_not_fit");

        // Of a notice it is the other way round, and neither side decides.
        let about = Some("cat".parse().unwrap());
        let notice = Case { kind: CaseKind::Notice, about, ..case.clone() };
        let decision = |measure, reason, moderator| check(&notice, measure, reason, moderator);
        assert!(decision(Measure::Approve, Reason::Privacy, "bo").is_ok());
        assert!(decision(Measure::Reject, Reason::InOrder, "bo").is_ok());
        assert_eq!(decision(Measure::Approve, Reason::InOrder, "bo").unwrap_err(), "does_not_fit");
        assert_eq!(decision(Measure::Reject, Reason::Privacy, "bo").unwrap_err(), "does_not_fit");
        for own in ["ann", "cat"] {
            assert_eq!(decision(Measure::Approve, Reason::Spam, own).unwrap_err(), "own_item");
        }
    }
}
