//! Photos on their way from an upload to a page.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{MemberId, PhotoId, SubmissionId},
    moderation::{Judgement, Label},
};

/// Where an upload lands: quarantine, never public. The member is part of the
/// key, so nobody can submit what somebody else uploaded.
#[must_use]
pub fn incoming_key(member: &MemberId, photo: PhotoId) -> String {
    format!("incoming/{member}/{photo}")
}

/// One size of a photo as it will be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// SHA-256 of the bytes, hex. Also part of the keys: other bytes, other key.
    pub sha256: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the file.
    pub bytes: u64,
}

impl Variant {
    /// Key in the quarantine bucket, where the prepared bytes wait for judgement.
    #[must_use]
    pub fn prepared_key(&self, submission: SubmissionId) -> String {
        format!("prepared/{submission}/{}.jpg", self.sha256)
    }

    /// Key in the public bucket.
    #[must_use]
    pub fn public_key(&self, photo: PhotoId) -> String {
        format!("photos/{photo}/{}.jpg", self.sha256)
    }
}

/// What became of one photo of a submission. A record per photo, written by
/// PreparePhoto and ModeratePhoto, read by all that follow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PhotoRecord {
    /// The photo.
    pub photo_id: PhotoId,
    /// Prepared bytes, or why there are none.
    pub preparation: Preparation,
    /// The classifier's answer on exactly the prepared bytes; `None` until it
    /// has answered. A photo without one is never published unseen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
}

/// The outcome of preparing a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Preparation {
    /// Re-encoded and stored.
    Prepared {
        /// At most 1600 px a side.
        full: Variant,
        /// At most 400 px a side.
        thumbnail: Variant,
        /// Placeholder, base64.
        thumbhash: String,
        /// Perceptual hash, hex, for near-duplicates.
        perceptual_hash: String,
    },
    /// Not a photo that we publish.
    Refused {
        /// Stable code, e.g. `truncated`.
        code: String,
        /// For the member.
        message: String,
    },
}

/// What the classifier said of the prepared bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// SHA-256 of the bytes it saw: the full variant's.
    pub sha256: String,
    /// Which model decided.
    pub model: String,
    /// What it saw.
    pub labels: Vec<Label>,
    /// What the policy made of it.
    pub judgement: Judgement,
}

/// Who let a photo become public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Approver {
    /// The policy, on this model's answer.
    Policy {
        /// Which model.
        model: String,
    },
    /// A person.
    Moderator {
        /// Who.
        moderator: MemberId,
    },
}

/// A photo on a session's page, with the approval of exactly these bytes. It is
/// written before the bytes become public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPhoto {
    /// The photo.
    pub photo_id: PhotoId,
    /// The submission that brought it.
    pub submission_id: SubmissionId,
    /// Approved bytes.
    pub full: Variant,
    /// Approved bytes.
    pub thumbnail: Variant,
    /// Placeholder, base64.
    pub thumbhash: String,
    /// Perceptual hash, hex.
    pub perceptual_hash: String,
    /// Who approved.
    pub approved_by: Approver,
    /// When.
    pub approved_at: Timestamp,
}
