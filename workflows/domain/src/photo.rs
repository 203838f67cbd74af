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

/// How the malware scan of an upload stands. Until it is [`Clean`](Self::Clean)
/// nobody may read the upload, and its bucket says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalwareScan {
    /// No answer yet.
    Pending,
    /// Nothing was found.
    Clean,
    /// Something was.
    Threat,
    /// There will be no answer.
    Impossible(Unscanned),
}

/// Why an upload has no answer of the malware scan. Such a photo is never
/// published; a person decides on what it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unscanned {
    /// The scanner can't open it: it has a password, say, or too many parts.
    Unsupported,
    /// The scanner may not read it.
    AccessDenied,
    /// The scanner failed.
    Failed,
    /// No answer within [`limits::MALWARE_SCAN_SECONDS_MAX`](crate::limits::MALWARE_SCAN_SECONDS_MAX).
    TimedOut,
}

impl Unscanned {
    /// Why a person is asked: the ground of the case.
    #[must_use]
    pub const fn ground(self) -> &'static str {
        match self {
            Self::Unsupported => "malware_scan_unsupported",
            Self::AccessDenied => "malware_scan_access_denied",
            Self::Failed => "malware_scan_failed",
            Self::TimedOut => "malware_scan_timed_out",
        }
    }
}

/// Code of a photo that is refused since its upload holds malware.
pub const MALWARE: &str = "malware";

/// Ground of a photo that may be a copy of one that was refused.
pub const RESEMBLES_REFUSED: &str = "resembles_refused";

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
    /// Whether it may be a copy of one that was refused: a person looks.
    #[serde(default)]
    pub resembles_refused: bool,
}

impl PhotoRecord {
    /// Whether the scan of the upload found malware.
    #[must_use]
    pub fn holds_malware(&self) -> bool {
        matches!(&self.preparation, Preparation::Refused { code, .. } if code == MALWARE)
    }
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
        /// What it looks like, by which copies of it are found once it is
        /// refused; `None` where there is too little to be seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fingerprint: Option<String>,
    },
    /// Not a photo that we publish.
    Refused {
        /// Stable code, e.g. `truncated`.
        code: String,
        /// For the member.
        message: String,
    },
    /// Nobody has read it, since nothing says that it is free of malware.
    Unscanned {
        /// Why there is no answer.
        why: Unscanned,
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
