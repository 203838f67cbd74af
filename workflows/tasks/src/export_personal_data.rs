//! ExportPersonalData: puts everything that we hold on a member into archives that
//! they can fetch (GDPR Art. 15 and 20): one JSON file, and their photos.
//!
//! The archives' keys come from the export's id and their content from what is
//! stored, so a repeat writes over its own.

use std::io::{Cursor, Write as _};

use seisiun_domain::{
    SubmissionId,
    case::{Decision, Measure, Reason},
    follow::Following,
    limits,
    member::Member,
    photo::{MalwareScan, PhotoRecord, Preparation, incoming_key},
    review::Review,
    submission::{Body, Status, Submission},
};
use serde::{Deserialize, Serialize};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        Bucket, IsSuppressed, ListFollowings, ListSubmissions, LoadCase, LoadMember,
        LoadPhotoRecords, LoadReview, LoadSubmission, ReadMalwareScan, ReadObject, RecordStatus,
        WriteObject,
    },
};

/// Submissions read for one page of the list.
const PAGE: usize = 50;

/// Everything in writing that we hold on a member.
#[derive(Debug, Serialize)]
struct Everything {
    member: Member,
    mail_to_this_address_is_suppressed: bool,
    follows: Vec<Following>,
    submissions: Vec<Sent>,
}

/// Something that the member sent, and what became of it.
#[derive(Debug, Serialize)]
struct Sent {
    #[serde(flatten)]
    submission: Submission,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    photos_checked: Vec<PhotoRecord>,
    /// How a moderator decided; who did is not the member's.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Told>,
    #[serde(skip_serializing_if = "Option::is_none")]
    review_as_it_stands: Option<Review>,
}

#[derive(Debug, Serialize)]
struct Told {
    measure: Measure,
    reason: Reason,
    note: String,
    decided_at: String,
}

impl From<Decision> for Told {
    fn from(decision: Decision) -> Self {
        let Decision { measure, reason, note, decided_at, .. } = decision;
        Self { measure, reason, note, decided_at: decided_at.to_string() }
    }
}

/// Which archives an export has: what stands beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// How many.
    pub archives: u32,
}

/// Bytes of an [`Index`].
pub const INDEX_BYTES_MAX: u64 = 1024;

/// Where an export's index stands in the work bucket.
#[must_use]
pub fn index_key(id: SubmissionId) -> String {
    format!("exports/{id}/index.json")
}

/// Where its n-th archive stands, counted from 1.
#[must_use]
pub fn archive_key(id: SubmissionId, n: u32) -> String {
    format!("exports/{id}/seisiun-{n}.zip")
}

/// Runs the task.
pub async fn export_personal_data<S, O>(store: &S, objects: &O, id: SubmissionId) -> TaskResult<()>
where
    S: LoadSubmission
        + LoadMember
        + ListSubmissions
        + LoadPhotoRecords
        + LoadCase
        + LoadReview
        + ListFollowings
        + IsSuppressed
        + RecordStatus,
    O: ReadMalwareScan + ReadObject + WriteObject,
{
    let asked = store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    if asked.body != Body::Export {
        return Err(TaskError::InvalidInput(format!("submission {id} asks for no export")));
    }
    if asked.status == Status::Done {
        return Ok(());
    }
    let Some(member) = store.load_member(&asked.member_id).await? else {
        // Erased in the meantime: there is nothing left to export.
        store.record_status(id, &Status::Done).await?;
        return Ok(());
    };
    let submissions = everything_sent(store, &member).await?;
    let mut archives = Archives::new(objects, id);
    let everything = Everything {
        mail_to_this_address_is_suppressed: store.is_suppressed(&member.email).await?,
        follows: store.list_followings(&member.id).await?,
        member,
        submissions,
    };
    let json = serde_json::to_vec_pretty(&everything)
        .map_err(|error| TaskError::Invariant(format!("an export: {error}")))?;
    archives.add("seisiun.json", &json).await?;
    for sent in &everything.submissions {
        add_photos(objects, &mut archives, sent).await?;
    }
    archives.finish().await?;
    store.record_status(id, &Status::Done).await?;
    Ok(())
}

async fn everything_sent<S>(store: &S, member: &Member) -> TaskResult<Vec<Sent>>
where
    S: LoadSubmission + ListSubmissions + LoadPhotoRecords + LoadCase + LoadReview,
{
    let mut all = Vec::new();
    let mut before = None;
    loop {
        let page = store.list_submissions(&member.id, before, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        before = Some(*last);
        for id in page {
            let Some(submission) = store.load_submission(id).await? else { continue };
            let decision =
                store.load_case(id.case()).await?.and_then(|case| case.ruling().cloned());
            let review = match &submission.body {
                Body::Review(draft) => store.load_review(draft.session_id, &member.id).await?,
                _ => None,
            };
            all.push(Sent {
                photos_checked: store.load_photo_records(id).await?,
                decision: decision.map(Told::from),
                review_as_it_stands: review.filter(|review| review.submission_id == id),
                submission,
            });
        }
    }
}

/// Adds a submission's photos: as they were uploaded while that is kept, else as
/// they were prepared.
async fn add_photos<O>(objects: &O, archives: &mut Archives<'_, O>, sent: &Sent) -> TaskResult<()>
where
    O: ReadMalwareScan + ReadObject + WriteObject,
{
    let submission = &sent.submission;
    for photo in &submission.photos {
        let original = incoming_key(&submission.member_id, *photo);
        let bytes_max = limits::PHOTO_BYTES_MAX;
        let is_clean = objects.read_malware_scan(&original).await? == Some(MalwareScan::Clean);
        let mut found = match is_clean {
            true => objects.read_object(Bucket::Quarantine, &original, bytes_max).await?,
            // Nobody may read it.
            false => None,
        };
        let record = sent.photos_checked.iter().find(|record| record.photo_id == *photo);
        if let (None, Some(PhotoRecord { preparation: Preparation::Prepared { full, .. }, .. })) =
            (&found, record)
        {
            let public = full.public_key(*photo);
            found = objects.read_object(Bucket::Public, &public, bytes_max).await?;
        }
        if let Some(bytes) = found {
            let ending = if bytes.starts_with(b"\x89PNG") { "png" } else { "jpg" };
            archives.add(&format!("photos/{}/{photo}.{ending}", submission.id), &bytes).await?;
        }
    }
    Ok(())
}

/// Archives that are written as they fill, so that no more than one is in memory.
struct Archives<'a, O> {
    objects: &'a O,
    id: SubmissionId,
    writer: ZipWriter<Cursor<Vec<u8>>>,
    bytes: usize,
    written: u32,
}

impl<'a, O: WriteObject> Archives<'a, O> {
    fn new(objects: &'a O, id: SubmissionId) -> Self {
        let writer = ZipWriter::new(Cursor::new(Vec::new()));
        Self { objects, id, writer, bytes: 0, written: 0 }
    }

    async fn add(&mut self, name: &str, content: &[u8]) -> TaskResult<()> {
        if self.bytes > 0 && self.bytes + content.len() > limits::EXPORT_ARCHIVE_BYTES_MAX {
            self.write().await?;
        }
        // Photos are compressed already, and the rest is small.
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let added = self.writer.start_file(name, options);
        added.map_err(|error| broken(&error))?;
        self.writer.write_all(content).map_err(|error| broken(&error))?;
        self.bytes += content.len();
        Ok(())
    }

    async fn write(&mut self) -> TaskResult<()> {
        let fresh = ZipWriter::new(Cursor::new(Vec::new()));
        let full = std::mem::replace(&mut self.writer, fresh);
        let bytes = full.finish().map_err(|error| broken(&error))?.into_inner();
        self.bytes = 0;
        self.written += 1;
        let key = archive_key(self.id, self.written);
        Ok(self.objects.write_object(Bucket::Work, &key, "application/zip", bytes).await?)
    }

    async fn finish(mut self) -> TaskResult<()> {
        self.write().await?;
        let index = serde_json::to_vec(&Index { archives: self.written })
            .map_err(|error| TaskError::Invariant(format!("an index: {error}")))?;
        let key = index_key(self.id);
        Ok(self.objects.write_object(Bucket::Work, &key, "application/json", index).await?)
    }
}

fn broken(error: &impl std::fmt::Display) -> TaskError {
    TaskError::Invariant(format!("an archive: {error}"))
}
