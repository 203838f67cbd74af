//! What came of persisting something that is about a listed session.

use seisiun_domain::{
    SessionId, SubmissionId,
    case::{Reason, Statement},
    session::Slug,
    submission::{Status, Submission},
};

use crate::{
    error::TaskResult,
    ports::{ListPhotos, RecordStatus, RemoveObjects, RevokePhotos},
    published_photos::unpublish_photos,
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persisted {
    /// Public.
    Published(Slug),
    /// The session is gone, or something else came between.
    Rejected,
}

/// What an earlier run came to; none if it came to nothing.
pub(crate) async fn earlier<S, O>(
    store: &S,
    objects: &O,
    session: SessionId,
    submission: &Submission,
) -> TaskResult<Option<Persisted>>
where
    S: ListPhotos + RevokePhotos,
    O: RemoveObjects,
{
    match &submission.status {
        Status::Published { slug, .. } => Ok(Some(Persisted::Published(slug.clone()))),
        Status::Rejected { .. } | Status::Withdrawn { .. } | Status::Done => {
            leave_no_photos(store, objects, session, submission).await?;
            Ok(Some(Persisted::Rejected))
        }
        Status::Accepted | Status::InReview | Status::Resolved { .. } => Ok(None),
    }
}

/// Refuses the submission, unless a repeat of this run was quicker to publish it.
pub(crate) async fn reject<S, O>(
    store: &S,
    objects: &O,
    session: SessionId,
    submission: &Submission,
    reason: Reason,
    facts: &str,
) -> TaskResult<Persisted>
where
    S: ListPhotos + RevokePhotos + RecordStatus,
    O: RemoveObjects,
{
    let statement = Statement::not_published(reason, facts.into(), true, true);
    match store.record_status(submission.id, &Status::Rejected { statement }).await? {
        Status::Published { slug, .. } => Ok(Persisted::Published(slug)),
        _ => {
            leave_no_photos(store, objects, session, submission).await?;
            Ok(Persisted::Rejected)
        }
    }
}

/// Its photos come before it, and go with it.
async fn leave_no_photos<S, O>(
    store: &S,
    objects: &O,
    session: SessionId,
    submission: &Submission,
) -> TaskResult<()>
where
    S: ListPhotos + RevokePhotos,
    O: RemoveObjects,
{
    if submission.photos.is_empty() {
        return Ok(());
    }
    let id: SubmissionId = submission.id;
    unpublish_photos(store, objects, session, |photo| photo.submission_id == id).await
}
