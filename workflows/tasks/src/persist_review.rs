//! PersistReview: makes a review and its photos public.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId, case::Reason, review::Review, session::Session, submission::Body,
};

use crate::{
    error::{TaskError, TaskResult},
    persisted::{Persisted, earlier, reject},
    ports::{
        ApprovePhotos, ListPhotos, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission,
        PublishObject, PublishReview, RecordStatus, RemoveObjects, ReviewPublication, RevokePhotos,
    },
    published_photos::{approved_photos, publish_photos},
};

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
        + ListPhotos
        + ApprovePhotos
        + RevokePhotos
        + PublishReview
        + RecordStatus,
    O: PublishObject + RemoveObjects,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let Body::Review(draft) = &submission.body else {
        return Err(TaskError::InvalidInput(format!("submission {id} is not a review")));
    };
    let about = draft.session_id;
    if let Some(earlier) = earlier(store, objects, about, &submission).await? {
        return Ok(earlier);
    }
    let refuse =
        async |reason, facts| reject(store, objects, about, &submission, reason, facts).await;
    let Some(session) = store.load_session(about).await?.filter(Session::is_listed) else {
        return refuse(Reason::NoSuchSession, "The session has been taken away.").await;
    };
    let photos = approved_photos(store, now, &submission).await?;
    let review = Review {
        submission_id: id,
        member_id: submission.member_id.clone(),
        draft: draft.clone(),
        published_at: now,
    };
    publish_photos(store, objects, id, session.id, &photos).await?;
    match store.publish_review(&review, &session).await? {
        ReviewPublication::Done => Ok(Persisted::Published(session.slug)),
        ReviewPublication::AlreadyReviewed => {
            refuse(Reason::AlreadyReviewed, "Another review of yours came first.").await
        }
    }
}
