//! ReadCase: what a moderator sees of what waits for them.

use seisiun_domain::{
    CaseId, PhotoId,
    case::{Case, Event},
    limits,
    photo::{PhotoRecord, Preparation},
    session::Session,
    submission::Submission,
};

use crate::{
    error::TaskResult,
    ports::{
        Bucket, ListCaseEvents, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission, ReadObject,
    },
};

/// A case with what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The case.
    pub case: Case,
    /// What was sent.
    pub submission: Submission,
    /// The listed session that it is about, or may be the same as, if it is still
    /// listed.
    pub about: Option<Session>,
    /// What became of its photos so far.
    pub photos: Vec<PhotoRecord>,
    /// Everything that has happened to it, in its order.
    pub history: Vec<Event>,
}

/// A case with what it is about; none where either is not, or no longer, there.
pub async fn read_case<S>(store: &S, id: CaseId) -> TaskResult<Option<Shown>>
where
    S: LoadCase + ListCaseEvents + LoadSubmission + LoadSession + LoadPhotoRecords,
{
    let Some(case) = store.load_case(id).await? else { return Ok(None) };
    let Some(submission) = store.load_submission(id.submission()).await? else { return Ok(None) };
    let about = match submission.body.about().or(submission.resembles) {
        Some(session) => store.load_session(session).await?.filter(Session::is_listed),
        None => None,
    };
    let mut photos = store.load_photo_records(submission.id).await?;
    photos.retain(|record| submission.photos.contains(&record.photo_id));
    let history = store.list_case_events(id).await?;
    Ok(Some(Shown { case, submission, about, photos, history }))
}

/// The bytes of a photo that waits for a decision: those that an approval would
/// publish, never the upload itself. None once the case is decided: then it is
/// public, or nobody's business.
pub async fn read_held_photo<S, O>(
    store: &S,
    objects: &O,
    id: CaseId,
    photo: PhotoId,
) -> TaskResult<Option<Vec<u8>>>
where
    S: LoadCase + LoadPhotoRecords,
    O: ReadObject,
{
    let Some(case) = store.load_case(id).await? else { return Ok(None) };
    if !case.waits() {
        return Ok(None);
    }
    let submission = id.submission();
    let records = store.load_photo_records(submission).await?;
    let Some(record) = records.into_iter().find(|record| record.photo_id == photo) else {
        return Ok(None);
    };
    let Preparation::Prepared { full, .. } = record.preparation else { return Ok(None) };
    let key = full.prepared_key(submission);
    Ok(objects.read_object(Bucket::Quarantine, &key, limits::PHOTO_BYTES_MAX).await?)
}
