//! Taking back what was published: by who sent it, or by a moderator with a
//! ground.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    case::{NOTE_CHARS_MAX, Reason, Statement},
    ids::{MemberId, PhotoId, SessionId, SubmissionId},
    problem::Problems,
    text,
};

/// A withdrawal as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// What is withdrawn: all that this submission brought.
    pub target: SubmissionId,
    /// This photo of it alone, where the rest stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoId>,
    /// Where readers of a session are sent instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<SessionId>,
    /// Why a moderator withdraws it; none where its own submitter does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
}

/// Why a moderator withdraws something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// On what ground.
    pub reason: Reason,
    /// What the moderator wrote to the submitter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who decided.
    pub moderator: MemberId,
}

/// What a member asks for who takes back what they sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalDraft {
    /// One photo of it, where the rest is to stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoId>,
}

/// What a moderator asks for, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroundDraft {
    /// On what ground.
    pub reason: Reason,
    /// Words to the submitter.
    #[serde(default)]
    #[schemars(length(max = NOTE_CHARS_MAX))]
    pub note: String,
    /// One photo of it, where the rest is to stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoId>,
    /// The session that readers are sent to instead: for a duplicate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<SessionId>,
}

impl GroundDraft {
    /// Cleans and checks the draft of this moderator about `target`, which
    /// `author` sent.
    pub fn validate(
        self,
        target: SubmissionId,
        author: &MemberId,
        moderator: MemberId,
    ) -> Result<Withdrawal, Problems> {
        let mut problems = Problems::default();
        if matches!(self.reason, Reason::InOrder | Reason::Withdrawn) {
            problems.add("reason", "does_not_fit", "a withdrawal names a rule");
        }
        if *author == moderator {
            let why = "nobody decides on what they submitted themselves: withdraw it as its author";
            problems.add("moderator", "own_item", why);
        }
        if self.merged_into.is_some() && self.reason != Reason::Duplicate {
            problems.add("merged_into", "does_not_fit", "goes with the reason duplicate alone");
        }
        if self.merged_into.is_some() && self.photo.is_some() {
            problems.add("photo", "does_not_fit", "a session that is a duplicate goes as a whole");
        }
        if self.merged_into == Some(target.session()) {
            problems.add("merged_into", "itself", "is the very session that is withdrawn");
        }
        let note = text::paragraph(&self.note, "note", NOTE_CHARS_MAX, &mut problems);
        let ground = Ground { reason: self.reason, note, moderator };
        let (photo, merged_into) = (self.photo, self.merged_into);
        problems.or(Some(Withdrawal { target, photo, merged_into, ground: Some(ground) }))
    }
}

impl Withdrawal {
    /// What its submitter is told; none where it is their own doing.
    #[must_use]
    pub fn statement(&self) -> Option<Statement> {
        let ground = self.ground.as_ref()?;
        let mut facts = String::from("A moderator looked at what you had published.");
        if !ground.note.is_empty() {
            facts = format!("{facts}\n\n{}", ground.note);
        }
        let (measure, scope) = match self.photo {
            None => ("We took down what you had published.", ""),
            Some(_) => ("We took down a photo that you had published.", " The rest stays."),
        };
        Some(Statement {
            measure: measure.into(),
            scope: format!("Everywhere on Seisiún.{scope} Your account is not affected."),
            facts,
            automated_detection: false,
            automated_decision: false,
            reason: ground.reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moderator_names_a_rule_and_somebody_elses_item() {
        let target: SubmissionId = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let other = SubmissionId::new(ulid::Ulid::from_parts(1, 1)).session();
        let draft = |reason, merged_into| GroundDraft {
            reason,
            note: String::new(),
            photo: None,
            merged_into,
        };
        let one_photo = GroundDraft {
            photo: Some("01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap()),
            ..draft(Reason::Duplicate, Some(other))
        };
        for (draft, moderator, problems) in [
            (draft(Reason::Spam, None), "bo", &[][..]),
            (draft(Reason::Duplicate, Some(other)), "bo", &[]),
            (draft(Reason::Spam, Some(other)), "bo", &["merged_into:does_not_fit"]),
            (draft(Reason::Duplicate, Some(target.session())), "bo", &["merged_into:itself"]),
            (one_photo, "bo", &["photo:does_not_fit"]),
            (draft(Reason::InOrder, None), "bo", &["reason:does_not_fit"]),
            (draft(Reason::Withdrawn, None), "ann", &["reason:does_not_fit", "moderator:own_item"]),
        ] {
            let (author, moderator) = ("ann".parse().unwrap(), moderator.parse().unwrap());
            let found =
                draft.clone().validate(target, &author, moderator).err().unwrap_or_default();
            let found: Vec<_> = found.0.iter().map(|p| format!("{}:{}", p.field, p.code)).collect();
            assert_eq!(found, problems, "{draft:?}");
        }
    }
}
