//! PersistReview: makes a review and its photos public.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::{Reason, Statement},
    review::Review,
    session::{Session, Slug},
    submission::{Body, Status},
};

use crate::{
    error::{TaskError, TaskResult},
    persist_session::{approved_photos, publish_photos},
    ports::{
        ApprovePhotos, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission, PublishObject,
        PublishReview, RecordStatus, ReviewPublication,
    },
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Persisted {
    /// Public.
    Published(Slug),
    /// The session is gone, or another review of the member came between.
    Rejected,
}

/// Runs the task.
pub async fn persist_review<S, O>(
    store: &S,
    objects: &O,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Persisted>
where
    S: LoadSubmission
        + LoadPhotoRecords
        + LoadCase
        + LoadSession
        + ApprovePhotos
        + PublishReview
        + RecordStatus,
    O: PublishObject,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let Body::Review(draft) = &submission.body else {
        return Err(TaskError::InvalidInput(format!("submission {id} is not a review")));
    };
    if let Status::Published { slug, .. } = &submission.status {
        return Ok(Persisted::Published(slug.clone()));
    }
    let session = store.load_session(draft.session_id).await?;
    let Some(session) = session.filter(Session::is_listed) else {
        return reject(store, id, Reason::NoSuchSession, "The session has been taken away.").await;
    };
    let photos = approved_photos(store, now, &submission).await?;
    let review = Review {
        submission_id: id,
        member_id: submission.member_id.clone(),
        draft: draft.clone(),
        published_at: now,
    };
    store.approve_photos(session.id, &photos).await?;
    publish_photos(objects, id, &photos).await?;
    match store.publish_review(&review, &session).await? {
        ReviewPublication::Done => Ok(Persisted::Published(session.slug)),
        ReviewPublication::AlreadyReviewed => {
            reject(store, id, Reason::AlreadyReviewed, "Another review of yours came first.").await
        }
    }
}

pub(crate) async fn reject(
    store: &impl RecordStatus,
    id: SubmissionId,
    reason: Reason,
    facts: &str,
) -> TaskResult<Persisted> {
    let statement = Statement::not_published(reason, facts.into(), true, true);
    match store.record_status(id, &Status::Rejected { statement }).await? {
        Status::Published { slug, .. } => Ok(Persisted::Published(slug)),
        _ => Ok(Persisted::Rejected),
    }
}
