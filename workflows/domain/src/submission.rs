//! What a member sends, and where it stands.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    case::Statement,
    change::{Change, News},
    digest::Digest,
    ids::{MemberId, PhotoId, SessionId, SubmissionId},
    limits,
    moderation::Background,
    notice::Notice,
    problem::Problems,
    review::ReviewDraft,
    session::{Session, SessionDraft, Slug},
    withdrawal::Withdrawal,
};

/// What is submitted.
#[allow(
    clippy::large_enum_variant,
    reason = "few are held at a time; a box would show in every match"
)]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Body {
    /// A new session.
    Session(SessionDraft),
    /// A review of a session.
    Review(ReviewDraft),
    /// A change of a session.
    Change(Change),
    /// Something that was published is taken back.
    Withdrawal(Withdrawal),
    /// Everything that we hold on its member.
    Export,
    /// Its member's account and all that is personal.
    Erasure,
    /// A notice of content that should not be there.
    Notice(Notice),
}

/// The workflow that a submission runs through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workflow {
    /// `statemachines/session-submission.asl.json`
    SessionSubmission,
    /// `statemachines/review-submission.asl.json`
    ReviewSubmission,
    /// `statemachines/notice.asl.json`
    Notice,
    /// `statemachines/notify-followers.asl.json`
    NotifyFollowers,
    /// `statemachines/change-submission.asl.json`
    ChangeSubmission,
    /// `statemachines/withdraw.asl.json`
    Withdraw,
    /// `statemachines/export-member.asl.json`
    ExportMember,
    /// `statemachines/erase-member.asl.json`
    EraseMember,
}

impl Workflow {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::SessionSubmission,
        Self::ReviewSubmission,
        Self::Notice,
        Self::NotifyFollowers,
        Self::ChangeSubmission,
        Self::Withdraw,
        Self::ExportMember,
        Self::EraseMember,
    ];

    /// Its name, as its file and the table spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionSubmission => "session-submission",
            Self::ReviewSubmission => "review-submission",
            Self::Notice => "notice",
            Self::NotifyFollowers => "notify-followers",
            Self::ChangeSubmission => "change-submission",
            Self::Withdraw => "withdraw",
            Self::ExportMember => "export-member",
            Self::EraseMember => "erase-member",
        }
    }

    /// The workflow of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workflow| workflow.name() == name)
    }
}

impl Body {
    /// The workflow for this kind.
    #[must_use]
    pub fn workflow(&self) -> Workflow {
        match self {
            Self::Session(_) => Workflow::SessionSubmission,
            Self::Review(_) => Workflow::ReviewSubmission,
            Self::Change(_) => Workflow::ChangeSubmission,
            Self::Withdrawal(_) => Workflow::Withdraw,
            Self::Export => Workflow::ExportMember,
            Self::Erasure => Workflow::EraseMember,
            Self::Notice(_) => Workflow::Notice,
        }
    }

    /// Cleans and checks what was sent.
    pub fn validate(&self, today: jiff::civil::Date) -> Result<Self, Problems> {
        match self {
            Self::Session(draft) => draft.validate().map(|listing| Self::Session(listing.draft)),
            Self::Review(draft) => draft.validate(today).map(Self::Review),
            // Made from what was checked against what is stored.
            Self::Change(_) | Self::Withdrawal(_) | Self::Export | Self::Erasure => {
                Ok(self.clone())
            }
            // A notice is made from its draft, which alone can be wrong.
            Self::Notice(_) => Ok(self.clone()),
        }
    }

    /// Everything in it that a person typed freely, for text moderation.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Session(draft) => {
                let mut texts = vec![
                    draft.title.as_str(),
                    &draft.description,
                    &draft.venue.name,
                    &draft.venue.address,
                    &draft.venue.town,
                    &draft.venue.county,
                ];
                texts.extend(draft.instruments.iter().chain(&draft.tunes).map(String::as_str));
                texts
            }
            Self::Review(draft) => vec![&draft.text],
            Self::Change(change) => change.texts(),
            Self::Withdrawal(_) | Self::Export | Self::Erasure => Vec::new(),
            Self::Notice(notice) => vec![&notice.explanation],
        }
    }

    /// What was written at length in it, which somebody who says the same
    /// everywhere repeats: names, towns and tunes are the same in many.
    #[must_use]
    pub fn prose(&self) -> Option<&str> {
        match self {
            Self::Session(draft) => Some(&draft.description),
            Self::Review(draft) => Some(&draft.text),
            Self::Change(change) => change.prose(),
            Self::Withdrawal(_) | Self::Export | Self::Erasure | Self::Notice(_) => None,
        }
    }

    /// The links that it puts onto a page, in the field that is for them.
    #[must_use]
    pub fn links(&self) -> &[String] {
        match self {
            Self::Session(draft) => &draft.links,
            Self::Change(change) => change.links(),
            Self::Review(_)
            | Self::Withdrawal(_)
            | Self::Export
            | Self::Erasure
            | Self::Notice(_) => &[],
        }
    }

    /// The listed session that it is about; none where it makes one, or is about
    /// none.
    #[must_use]
    pub fn about(&self) -> Option<SessionId> {
        match self {
            Self::Review(draft) => Some(draft.session_id),
            Self::Change(change) => Some(change.session_id),
            Self::Session(_)
            | Self::Withdrawal(_)
            | Self::Export
            | Self::Erasure
            | Self::Notice(_) => None,
        }
    }
}

/// The list of photos a submission names: distinct and not too many.
pub fn check_photos(photos: &[PhotoId]) -> Result<(), Problems> {
    if photos.len() > limits::PHOTOS_MAX {
        return Err(Problems::one(
            "photos",
            "too_many",
            format!("at most {} photos", limits::PHOTOS_MAX),
        ));
    }
    for (n, photo) in photos.iter().enumerate() {
        if photos.iter().take(n).any(|other| other == photo) {
            return Err(Problems::one(&format!("photos[{n}]"), "duplicate", "is listed twice"));
        }
    }
    Ok(())
}

/// Where a submission stands: what became of its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Status {
    /// Stored; its workflow runs or will be started.
    Accepted,
    /// Waits for a moderator.
    InReview,
    /// Public.
    Published {
        /// The session it made or reviewed.
        session_id: SessionId,
        /// Last part of the address of the session's page.
        slug: Slug,
    },
    /// Refused, with the reasons.
    Rejected {
        /// What the member is told.
        statement: Statement,
    },
    /// It was public, or waited to be, and was taken back.
    Withdrawn {
        /// What the member is told if it was a moderator's doing.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        statement: Option<Statement>,
    },
    /// Done: it was not to be published.
    Done,
    /// A notice that was decided on.
    Resolved {
        /// Whether it was well founded: what it is about goes.
        upheld: bool,
    },
}

impl Status {
    /// Whether its content has been decided on. Never undone by a workflow.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !matches!(self, Self::Accepted | Self::InReview)
    }

    /// The tag, as the API and the table spell it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::InReview => "in_review",
            Self::Published { .. } => "published",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Done => "done",
            Self::Resolved { .. } => "resolved",
        }
    }
}

/// What is still owed for a submission or an event: apart from [`Status`],
/// because something can be published and its mails still be owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The workflow that does it.
    pub workflow: Workflow,
    /// What it is done for; also the name of its first execution.
    pub id: SubmissionId,
    /// How often it has been started again.
    pub restarts: u32,
    /// Whether it is done.
    pub state: WorkState,
}

/// See [`Work`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum WorkState {
    /// An execution works on it, or the reconciler will start one.
    Open,
    /// Given up, visibly; its input is kept and it can be restarted.
    Failed {
        /// Error name, as the state machine saw it.
        error: String,
        /// When.
        at: Timestamp,
    },
    /// All done.
    Done,
}

impl Work {
    /// Name of the execution: the id, then `<id>-r<n>` for the n-th restart.
    #[must_use]
    pub fn execution_name(&self) -> String {
        match self.restarts {
            0 => self.id.to_string(),
            n => format!("{}-r{n}", self.id),
        }
    }
}

/// Something that followers may want to hear of. Its id is that of the
/// submission that caused it, or of the digest that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: SubmissionId,
    /// When it happened.
    pub at: Timestamp,
    /// What is told.
    #[serde(flatten)]
    pub told: Told,
}

/// What an event has to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// What is on in a week.
    Digest {
        /// In which, and to whom.
        digest: Digest,
    },
    /// News of a session.
    News {
        /// Which one.
        session_id: SessionId,
        /// What happened.
        #[serde(default)]
        news: News,
    },
}

impl Event {
    /// News of a session.
    #[must_use]
    pub fn news(id: SubmissionId, at: Timestamp, session_id: SessionId, news: News) -> Self {
        Self { id, at, told: Told::News { session_id, news } }
    }

    /// The digest of a week, as of when it is due. `None` at the ends of time.
    #[must_use]
    pub fn digest(digest: Digest) -> Option<Self> {
        Some(Self { id: digest.id()?, at: digest.due()?, told: Told::Digest { digest } })
    }
}

/// A submission as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// Who sent it.
    pub member_id: MemberId,
    /// What was sent, cleaned.
    pub body: Body,
    /// The photos that belong to it.
    #[serde(default)]
    pub photos: Vec<PhotoId>,
    /// When it was accepted.
    pub accepted_at: Timestamp,
    /// Where it stands.
    pub status: Status,
    /// What was known of its member; `None` until moderation has looked. Stored
    /// with it, so that every task judges it alike, whatever its member has sent
    /// in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<Background>,
    /// Of a session: a listed one that may be the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resembles: Option<SessionId>,
}

impl Submission {
    /// Stands for the submission of a session that was imported and so has none.
    #[must_use]
    pub fn standing_for(session: &Session) -> Self {
        let status = if session.is_listed() {
            Status::Published { session_id: session.id, slug: session.slug.clone() }
        } else {
            Status::Withdrawn { statement: None }
        };
        Self {
            id: SubmissionId::new(session.id.ulid()),
            member_id: session.submitter.clone(),
            body: Body::Session(session.listing.clone()),
            photos: Vec::new(),
            accepted_at: session.published_at,
            status,
            background: None,
            resembles: None,
        }
    }

    /// Whether it stays, without its member, when that member is erased: the
    /// facts of a listing do.
    #[must_use]
    pub fn outlives_member(&self) -> bool {
        matches!(self.body, Body::Session(_)) && matches!(self.status, Status::Published { .. })
    }
}

/// What kind of thing was submitted: the tag of [`Body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A session.
    Session,
    /// A review.
    Review,
    /// See [`Body::Change`].
    Change,
    /// See [`Body::Withdrawal`].
    Withdrawal,
    /// See [`Body::Export`].
    Export,
    /// See [`Body::Erasure`].
    Erasure,
    /// See [`Body::Notice`].
    Notice,
}

impl Body {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Session(_) => Kind::Session,
            Self::Review(_) => Kind::Review,
            Self::Change(_) => Kind::Change,
            Self::Withdrawal(_) => Kind::Withdrawal,
            Self::Export => Kind::Export,
            Self::Erasure => Kind::Erasure,
            Self::Notice(_) => Kind::Notice,
        }
    }
}

/// Where a submission stands, without what belongs to it: the tag of [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// See [`Status::Accepted`].
    Accepted,
    /// See [`Status::InReview`].
    InReview,
    /// See [`Status::Published`].
    Published,
    /// See [`Status::Rejected`].
    Rejected,
    /// See [`Status::Withdrawn`].
    Withdrawn,
    /// See [`Status::Done`].
    Done,
    /// See [`Status::Resolved`].
    Resolved,
}

impl Status {
    /// Its state.
    #[must_use]
    pub fn state(&self) -> State {
        match self {
            Self::Accepted => State::Accepted,
            Self::InReview => State::InReview,
            Self::Published { .. } => State::Published,
            Self::Rejected { .. } => State::Rejected,
            Self::Withdrawn { .. } => State::Withdrawn,
            Self::Done => State::Done,
            Self::Resolved { .. } => State::Resolved,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{case::Reason, samples};

    #[test]
    fn a_workflow_has_one_spelling() {
        for workflow in Workflow::ALL {
            assert_eq!(json!(workflow), workflow.name());
            assert_eq!(Workflow::named(workflow.name()), Some(workflow));
        }
        assert_eq!(Workflow::named("nobody"), None);
    }

    #[test]
    fn tags_are_spelt_in_one_way() {
        let review = samples::review("01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap());
        let target = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let withdrawal = Withdrawal { target, photo: None, merged_into: None, ground: None };
        for body in [
            Body::Session(samples::session()),
            Body::Review(review),
            Body::Withdrawal(withdrawal),
            Body::Export,
            Body::Erasure,
        ] {
            assert_eq!(json!(body)["kind"], json!(body.kind()));
        }
        let statement = Statement::not_published(Reason::Spam, String::new(), false, false);
        let session_id = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let slug = Slug::plain(&samples::session());
        for status in [
            Status::Accepted,
            Status::InReview,
            Status::Published { session_id, slug },
            Status::Rejected { statement },
            Status::Withdrawn { statement: None },
            Status::Done,
            Status::Resolved { upheld: true },
        ] {
            assert_eq!(json!(status.state()), Value::from(status.name()));
            assert_eq!(json!(status)["state"], Value::from(status.name()));
        }
    }
}
