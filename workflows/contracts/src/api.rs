//! Bodies of the HTTP API.

use seisiun_domain::{
    CaseId, PhotoId, SubmissionId,
    case::{Case, Measure, Reason},
    follow::Target,
    geo::Circle,
    problem::Problem,
    review::ReviewDraft,
    session::SessionDraft,
    submission::Status,
};
use serde::{Deserialize, Serialize};

pub mod auth;

/// Bytes of a request body.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Header under which a client may repeat a POST.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Characters of an idempotency key.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 64;

/// `POST /api/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitSession {
    /// The session.
    pub session: SessionDraft,
    /// Photos uploaded before.
    #[serde(default)]
    pub photos: Vec<PhotoId>,
}

/// `POST /api/reviews`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitReview {
    /// The review.
    pub review: ReviewDraft,
    /// Photos uploaded before.
    #[serde(default)]
    pub photos: Vec<PhotoId>,
}

/// Answer to a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    /// Its id.
    pub submission_id: SubmissionId,
    /// Whether the same request came before.
    pub replayed: bool,
}

/// `POST /api/photos`: asks for an upload form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestUpload {
    /// `image/jpeg` or `image/png`.
    pub content_type: String,
}

/// The upload form: post `fields` in order, then the file as `file`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// To name in the submission.
    pub photo_id: PhotoId,
    /// Where to post.
    pub url: String,
    /// Form fields.
    pub fields: Vec<(String, String)>,
    /// Until when, RFC 3339.
    pub expires_at: String,
    /// Bytes of the file at most.
    pub bytes_max: u64,
}

/// `GET /api/submissions/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubmissionView {
    /// Its id.
    pub submission_id: SubmissionId,
    /// When it was accepted, RFC 3339.
    pub accepted_at: String,
    /// Where it stands.
    #[serde(flatten)]
    pub status: Status,
    /// Whether its workflow failed on our side; its input is kept.
    pub delayed: bool,
}

/// `PUT /api/follows`: exactly one of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutFollow {
    /// `session:<id>`, `member:<id>` or `county:<country>:<county>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// A circle on the map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub circle: Option<Circle>,
}

/// `GET /api/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// The member's id.
    pub member_id: String,
    /// What others see.
    pub display_name: String,
}

/// `GET /api/moderation/cases`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cases {
    /// Undecided cases, oldest first.
    pub cases: Vec<Case>,
}

/// `POST /api/moderation/cases/{id}/decision`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// What to do.
    pub measure: Measure,
    /// On what ground.
    pub reason: Reason,
    /// Words to the submitter.
    #[serde(default)]
    pub note: String,
}

/// Answer to a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The case.
    pub case_id: CaseId,
    /// What stands.
    pub measure: Measure,
}

/// Problem details (RFC 9457) with what was wrong in which field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetails {
    /// Kind of problem, as a path of the API's documentation.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same for every problem of this kind.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What to do.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Fields that are not in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}
