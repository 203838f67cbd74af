//! Cases: what moderators decide, every step of it kept.
//!
//! What happens to a case is a list of [`Event`]s that only grows. The [`Case`]
//! itself is what they come to: each event is applied to the case as it stood,
//! and one that may not follow is refused with a reason. So whoever reads the
//! events reads how the case came to be what it is, and two who act at once are
//! told apart by the version that each of them saw.
//!
//! ```text
//! open ──claimed──▶ claimed ──decided──▶ decided ──appealed──▶ appealed ──decided──▶ upheld
//!   ▲                  │                                                        └──▶ overturned
//!   └──lease over, released, escalated
//! ```

mod edits;
mod event;
mod reason;
mod statement;

use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::{
    edits::Edits,
    event::{Event, Refusal, What},
    reason::{Measure, Reason},
    statement::Statement,
};
use crate::{
    ids::{CaseId, MemberId},
    limits,
    problem::Problems,
    text,
};

/// A case in the moderation queue, as its events left it.
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
    /// How many events it has had.
    pub version: u32,
    /// The version since which there is the same to decide. A decision by who has
    /// seen less is refused; claims change nothing of it.
    pub changed: u32,
    /// Who looks at it. Past its end it is nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<Claim>,
    /// Who would rather have somebody else decide; may not decide it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalated_by: Option<MemberId>,
    /// What a moderator has put right in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Edits>,
    /// How it was decided at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// What its submitter has against that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<Appeal>,
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

/// That a moderator looks at a case, so that no other does the same work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    /// Who.
    pub by: MemberId,
    /// Until when, unless it is extended.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub until: Timestamp,
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
    /// Who decided; of what a submitter takes back, they; none where a machine
    /// did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moderator: Option<MemberId>,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub decided_at: Timestamp,
}

/// What a submitter has against a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Appeal {
    /// In their own words.
    pub words: String,
    /// When.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub appealed_at: Timestamp,
    /// How it was decided, by somebody else: an approval overturns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// Characters in a moderator's note.
pub const NOTE_CHARS_MAX: usize = 1_000;

/// Where a case stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nobody has decided it, nobody looks at it.
    Open,
    /// Somebody looks at it.
    Claimed,
    /// Decided.
    Decided,
    /// Its submitter asks that somebody else decide.
    Appealed,
    /// Somebody else has decided the same.
    Upheld,
    /// Somebody else has decided otherwise.
    Overturned,
}

/// What a case is opened with.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// See [`Case::kind`].
    pub kind: CaseKind,
    /// See [`Case::submitter`].
    pub submitter: MemberId,
    /// See [`Case::about`].
    pub about: Option<MemberId>,
    /// See [`Case::title`].
    pub title: String,
    /// See [`Case::grounds`].
    pub grounds: Vec<String>,
}

impl Case {
    /// A new case.
    #[must_use]
    pub fn open(id: CaseId, opened_at: Timestamp, facts: Facts) -> Self {
        let Facts { kind, submitter, about, title, grounds } = facts;
        Self {
            id,
            kind,
            submitter,
            about,
            title,
            grounds,
            opened_at,
            version: 1,
            changed: 1,
            claim: None,
            escalated_by: None,
            edits: None,
            decision: None,
            appeal: None,
        }
    }

    /// As it was opened, before anything else happened to it.
    #[must_use]
    pub fn opened(&self) -> Self {
        let facts = Facts {
            kind: self.kind,
            submitter: self.submitter.clone(),
            about: self.about.clone(),
            title: self.title.clone(),
            grounds: self.grounds.clone(),
        };
        Self::open(self.id, self.opened_at, facts)
    }

    /// Its first event.
    #[must_use]
    pub fn opening(&self) -> Event {
        Event { version: 1, at: self.opened_at, by: None, what: What::Opened }
    }

    /// The decision in force: that on the appeal, or else the first.
    #[must_use]
    pub fn ruling(&self) -> Option<&Decision> {
        let appealed = self.appeal.as_ref().and_then(|appeal| appeal.decision.as_ref());
        appealed.or(self.decision.as_ref())
    }

    /// Whether it waits for a moderator.
    #[must_use]
    pub fn waits(&self) -> bool {
        match &self.appeal {
            Some(appeal) => appeal.decision.is_none(),
            None => self.decision.is_none(),
        }
    }

    /// Since when it waits for a moderator; none if it doesn't.
    #[must_use]
    pub fn waits_since(&self) -> Option<Timestamp> {
        let since = self.appeal.as_ref().map_or(self.opened_at, |appeal| appeal.appealed_at);
        self.waits().then_some(since)
    }

    /// Who looks at it at this moment.
    #[must_use]
    pub fn claim_at(&self, now: Timestamp) -> Option<&Claim> {
        self.claim.as_ref().filter(|claim| now < claim.until)
    }

    /// Where it stands at this moment.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        if self.waits() && self.claim_at(now).is_some() {
            return Status::Claimed;
        }
        let first = if self.decision.is_some() { Status::Decided } else { Status::Open };
        self.appeal_status().unwrap_or(first)
    }

    /// Where its appeal stands: appealed, upheld or overturned; none if there is
    /// none.
    #[must_use]
    pub fn appeal_status(&self) -> Option<Status> {
        let appeal = self.appeal.as_ref()?;
        let first = self.decision.as_ref().map(|first| first.measure);
        Some(match &appeal.decision {
            None => Status::Appealed,
            Some(second) if Some(second.measure) == first => Status::Upheld,
            Some(_) => Status::Overturned,
        })
    }

    /// The event that comes next, if this happens to it now.
    #[must_use]
    pub fn next(&self, at: Timestamp, by: Option<MemberId>, what: What) -> Event {
        Event { version: self.version.saturating_add(1), at, by, what }
    }

    /// Whether this member made what it is about.
    #[must_use]
    pub fn is_of(&self, member: &MemberId) -> bool {
        self.submitter == *member || self.about.as_ref() == Some(member)
    }

    /// What the case becomes by its next event.
    ///
    /// # Errors
    /// Why the event may not follow: see [`Refusal`].
    pub fn apply(&self, event: &Event) -> Result<Self, Refusal> {
        if event.version != self.version.saturating_add(1) {
            return Err(Refusal::NotNext { expected: self.version.saturating_add(1) });
        }
        let mut next = Self { version: event.version, ..self.clone() };
        let by = event.by.as_ref();
        match &event.what {
            What::Opened => return Err(Refusal::NotNext { expected: 1 }),
            What::Claimed { until } => {
                let by = self.may_act(event)?;
                if event.version > limits::CASE_EVENTS_MAX {
                    return Err(Refusal::TooManyEvents);
                }
                next.claim = Some(Claim { by: by.clone(), until: *until });
            }
            What::Released => {
                if self.claim_at(event.at).map(|claim| &claim.by) != by {
                    return Err(Refusal::NotClaimed);
                }
                next.claim = None;
            }
            What::Escalated { .. } => {
                let by = self.may_act(event)?;
                if self.escalated_by.is_some() || event.version > limits::CASE_EVENTS_MAX {
                    return Err(Refusal::TooManyEvents);
                }
                next.claim = None;
                next.escalated_by = Some(by.clone());
                next.changed = event.version;
            }
            What::Edited { edits } => {
                let by = self.may_act(event)?;
                if self.escalated_by.as_ref() == Some(by) {
                    return Err(escalated());
                }
                if self.kind != CaseKind::Submission {
                    return Err(not_editable());
                }
                if event.version > limits::CASE_EVENTS_MAX {
                    return Err(Refusal::TooManyEvents);
                }
                next.edits = Some(edits.clone()).filter(|edits| *edits != Edits::default());
                next.changed = event.version;
            }
            What::Decided { measure, reason, note } => {
                let decision = Decision {
                    measure: *measure,
                    reason: *reason,
                    note: note.clone(),
                    moderator: event.by.clone(),
                    decided_at: event.at,
                };
                self.may_decide(event, &decision)?;
                match &mut next.appeal {
                    Some(appeal) => appeal.decision = Some(decision),
                    None => next.decision = Some(decision),
                }
                next.claim = None;
                next.changed = event.version;
            }
            What::Appealed { words } => {
                self.may_appeal(event)?;
                let (words, appealed_at) = (words.clone(), event.at);
                next.appeal = Some(Appeal { words, appealed_at, decision: None });
                next.escalated_by = None;
                next.changed = event.version;
            }
        }
        Ok(next)
    }

    /// What the case became by all of these, in their order.
    ///
    /// # Errors
    /// Why the first of them that may not follow may not.
    pub fn replay(&self, events: &[Event]) -> Result<Self, Refusal> {
        events.iter().try_fold(self.clone(), |case, event| case.apply(event))
    }

    /// Who acts, if they may.
    fn may_act<'a>(&self, event: &'a Event) -> Result<&'a MemberId, Refusal> {
        if !self.waits() {
            return Err(Refusal::of_ruling(self));
        }
        let by = event.by.as_ref().ok_or(Refusal::Nobody)?;
        if self.is_of(by) {
            return Err(own_item());
        }
        if self.appeal.is_some() && self.decided_first(by) {
            return Err(own_decision());
        }
        match self.claim_at(event.at) {
            Some(claim) if claim.by != *by => Err(Refusal::Claimed(claim.clone())),
            _ => Ok(by),
        }
    }

    fn decided_first(&self, member: &MemberId) -> bool {
        let first = self.decision.as_ref().and_then(|decision| decision.moderator.as_ref());
        first == Some(member)
    }

    fn may_decide(&self, event: &Event, decision: &Decision) -> Result<(), Refusal> {
        if !self.waits() {
            return Err(Refusal::of_ruling(self));
        }
        let rejected = decision.measure == Measure::Reject;
        // Only a submitter takes back what is theirs, whoever looks at it.
        if decision.reason == Reason::Withdrawn {
            let own = event.by.as_ref() == Some(&self.submitter);
            return if own && rejected { Ok(()) } else { Err(self.does_not_fit()) };
        }
        // A machine decides before anybody has a case to look at.
        if event.by.is_some() {
            let by = self.may_act(event)?;
            if self.escalated_by.as_ref() == Some(by) {
                return Err(escalated());
            }
        } else if self.version > 1 {
            return Err(Refusal::Nobody);
        }
        let in_order = match self.kind {
            CaseKind::Submission => Measure::Approve,
            CaseKind::Notice => Measure::Reject,
        };
        if (decision.measure == in_order) == (decision.reason == Reason::InOrder) {
            Ok(())
        } else {
            Err(self.does_not_fit())
        }
    }

    fn does_not_fit(&self) -> Refusal {
        let why = match self.kind {
            CaseKind::Submission => "an approval is in_order, a rejection names a rule",
            CaseKind::Notice => "what goes breaks a rule that is named, what stays is in_order",
        };
        Refusal::NotInOrder(Problems::one("reason", "does_not_fit", why))
    }

    fn may_appeal(&self, event: &Event) -> Result<(), Refusal> {
        if event.by.as_ref() != Some(&self.submitter) {
            return Err(Refusal::Nobody);
        }
        if self.appeal.is_some() {
            return Err(Refusal::AppealedBefore);
        }
        let refused = |decision: &&Decision| {
            decision.measure == Measure::Reject && decision.reason != Reason::Withdrawn
        };
        let decision = self.decision.as_ref().filter(refused);
        let Some(decision) = decision.filter(|_| self.kind == CaseKind::Submission) else {
            return Err(Refusal::NothingToAppeal);
        };
        // Hours, since a day of a time stamp has no fixed length.
        let window = (limits::APPEAL_DAYS_MAX * 24).hours();
        match decision.decided_at.checked_add(window) {
            Ok(end) if event.at > end => Err(Refusal::AppealOver { end }),
            _ => Ok(()),
        }
    }
}

fn own_item() -> Refusal {
    let why = "nobody decides on what they submitted themselves";
    Refusal::NotInOrder(Problems::one("moderator", "own_item", why))
}

fn own_decision() -> Refusal {
    let why = "nobody decides on an appeal against their own decision";
    Refusal::NotInOrder(Problems::one("moderator", "own_decision", why))
}

fn not_editable() -> Refusal {
    let why = "only what waits to be published is put right";
    Refusal::NotInOrder(Problems::one("edits", "not_editable", why))
}

fn escalated() -> Refusal {
    let why = "who has passed it on leaves it to somebody else";
    Refusal::NotInOrder(Problems::one("moderator", "escalated", why))
}

/// A moderator's words, cleaned.
///
/// # Errors
/// If they are too long.
pub fn note(words: &str) -> Result<String, Problems> {
    let mut problems = Problems::default();
    let note = text::paragraph(words, "note", NOTE_CHARS_MAX, &mut problems);
    problems.or(Some(note))
}

/// A submitter's words against a decision, cleaned: some at least.
///
/// # Errors
/// If there are none, or too many.
pub fn appeal_words(words: &str) -> Result<String, Problems> {
    let mut problems = Problems::default();
    let words = text::paragraph(words, "words", limits::APPEAL_CHARS_MAX, &mut problems);
    if words.is_empty() {
        problems.add("words", "missing", "say what the decision overlooks");
    }
    problems.or(Some(words))
}

#[cfg(test)]
mod tests;
