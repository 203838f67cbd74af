//! What happens to a case, and why something can't.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Case, Claim, Decision, Edits, Measure, Reason};
use crate::{ids::MemberId, problem::Problems};

/// Something that happened to a case. Kept as it was; only a person who is
/// erased is taken out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// Its place among the case's events, from 1.
    pub version: u32,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// Who did it; none where it was Seisiún itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<MemberId>,
    /// What it was.
    #[serde(flatten)]
    pub what: What,
}

impl Event {
    /// Without this member, who is erased, and without what they wrote.
    #[must_use]
    pub fn without(mut self, member: &MemberId) -> Self {
        if self.by.as_ref() == Some(member) {
            self.by = Some(MemberId::erased());
            if let What::Appealed { words } = &mut self.what {
                words.clear();
            }
        }
        self
    }
}

/// What can happen to a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// It came.
    Opened,
    /// A moderator looks at it, or still does.
    Claimed {
        /// Until when, unless they go on.
        #[schemars(with = "String", extend("format" = "date-time"))]
        until: Timestamp,
    },
    /// They look at it no longer.
    Released,
    /// They would rather have somebody else decide.
    Escalated {
        /// Why.
        note: String,
    },
    /// A moderator puts its words right, to be published so if it is approved.
    Edited {
        /// All that is put right by then.
        edits: Edits,
    },
    /// It was decided, at first or on appeal.
    Decided {
        /// See [`Decision::measure`].
        measure: Measure,
        /// See [`Decision::reason`].
        reason: Reason,
        /// See [`Decision::note`].
        note: String,
    },
    /// Its submitter asks that somebody else decide.
    Appealed {
        /// See [`Appeal::words`](super::Appeal::words).
        words: String,
    },
}

/// Why an event may not follow.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Something else happened first.
    #[error("event {expected} comes next")]
    NotNext {
        /// The version that the next event has.
        expected: u32,
    },
    /// It is decided, so.
    #[error("it is decided: {:?}", .0.measure)]
    Decided(Decision),
    /// Somebody else looks at it.
    #[error("it is claimed until {}", .0.until)]
    Claimed(Claim),
    /// Whoever gives it up does not have it.
    #[error("it is not claimed by who gives it up")]
    NotClaimed,
    /// Only somebody, or somebody else, does this.
    #[error("it is not theirs to do")]
    Nobody,
    /// It says what can't be.
    #[error("it is not in order: {0:?}")]
    NotInOrder(Problems),
    /// Nothing was decided against the submitter.
    #[error("nothing was decided against its submitter")]
    NothingToAppeal,
    /// There was an appeal.
    #[error("it was appealed before")]
    AppealedBefore,
    /// It is too late for an appeal.
    #[error("it could be appealed until {end}")]
    AppealOver {
        /// Until when it could be.
        end: Timestamp,
    },
    /// It has been claimed and passed on so often that it can only be decided.
    #[error("too much has happened to it")]
    TooManyEvents,
}

impl Refusal {
    /// Of a case that waits for nobody.
    pub(super) fn of_ruling(case: &Case) -> Self {
        case.ruling().map_or(Self::Nobody, |ruling| Self::Decided(ruling.clone()))
    }
}
