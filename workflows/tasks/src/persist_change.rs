//! PersistChange: changes a listed session.
//!
//! The session is read, changed by a pure function and written over only what
//! was read; who loses reads again. Its cards, the submission's status and the
//! event for followers are in the same transaction.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::Reason,
    change::Changed,
    limits,
    submission::{Body, Event, Status},
};

use crate::{
    error::{TaskError, TaskResult},
    persist_review::{Persisted, reject},
    persist_session::{approved_photos, publish_photos},
    ports::{
        ApprovePhotos, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission, PortError,
        PublishObject, RecordStatus, SessionWrite, WriteSession, Written,
    },
};

/// Runs the task.
pub async fn persist_change<S, O>(
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
        + WriteSession
        + RecordStatus,
    O: PublishObject,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let Body::Change(change) = &submission.body else {
        return Err(TaskError::InvalidInput(format!("submission {id} is not a change")));
    };
    match &submission.status {
        Status::Published { slug, .. } => return Ok(Persisted::Published(slug.clone())),
        Status::Rejected { .. } | Status::Withdrawn { .. } | Status::Done => {
            return Ok(Persisted::Rejected);
        }
        Status::Accepted | Status::InReview | Status::Resolved { .. } => {}
    }
    let photos = approved_photos(store, now, &submission).await?;
    for _ in 0..limits::CHANGE_TRIES_MAX {
        let Some(found) = store.load_session(change.session_id).await? else {
            return reject(store, id, Reason::NoSuchSession, "The session has been taken away.")
                .await;
        };
        let Changed { session, news, confirmation } =
            match found.changed(change, &submission.member_id, now) {
                Ok(changed) => changed,
                Err((reason, facts)) => return reject(store, id, reason, &facts).await,
            };
        // Only now: photos of what is refused stay in quarantine.
        store.approve_photos(session.id, &photos).await?;
        publish_photos(objects, id, &photos).await?;
        let slug = session.slug.clone();
        let published = Status::Published { session_id: session.id, slug: slug.clone() };
        let write = SessionWrite {
            event: news.map(|news| Event { id, session_id: session.id, at: now, news }),
            settles: vec![(id, published)],
            found,
            session,
            confirmation,
        };
        if store.write_session(&write).await? == Written::Done {
            return Ok(Persisted::Published(slug));
        }
        // Raced by another change; or by our own, whose answer was lost.
        let stored = store.load_submission(id).await?.map(|submission| submission.status);
        if let Some(Status::Published { slug, .. }) = stored {
            return Ok(Persisted::Published(slug));
        }
    }
    // The state machine waits, with jitter, and tries again.
    Err(PortError::Throttled { what: "changing a session that others change" }.into())
}
