//! What a member sends, and where it stands.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    case::Statement,
    ids::{MemberId, PhotoId, SessionId, SubmissionId},
    limits,
    notice::Notice,
    problem::Problems,
    review::ReviewDraft,
    session::{SessionDraft, Slug},
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
}

impl Body {
    /// The workflow for this kind.
    #[must_use]
    pub fn workflow(&self) -> Workflow {
        match self {
            Self::Session(_) => Workflow::SessionSubmission,
            Self::Review(_) => Workflow::ReviewSubmission,
            Self::Notice(_) => Workflow::Notice,
        }
    }

    /// Cleans and checks what was sent.
    pub fn validate(&self, today: jiff::civil::Date) -> Result<Self, Problems> {
        match self {
            Self::Session(draft) => draft.validate().map(|listing| Self::Session(listing.draft)),
            Self::Review(draft) => draft.validate(today).map(Self::Review),
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
            Self::Notice(notice) => vec![&notice.explanation],
        }
    }

    /// A name for mails and queues.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Session(draft) => draft.title.clone(),
            Self::Review(_) => "your review".into(),
            Self::Notice(_) => "your notice".into(),
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
        matches!(self, Self::Published { .. } | Self::Rejected { .. } | Self::Resolved { .. })
    }

    /// The tag, as the API and the table spell it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::InReview => "in_review",
            Self::Published { .. } => "published",
            Self::Rejected { .. } => "rejected",
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
/// submission that caused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: SubmissionId,
    /// The session it is about.
    pub session_id: SessionId,
    /// When it happened.
    pub at: Timestamp,
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
}
