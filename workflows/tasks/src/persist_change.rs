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
    persisted::{Persisted, earlier, reject},
    ports::{
        ApprovePhotos, ListPhotos, LoadCase, LoadPhotoRecords, LoadSession, LoadSubmission,
        PortError, PublishObject, RecordStatus, RemoveObjects, RevokePhotos, SessionWrite,
        WriteSession, Written,
    },
    published_photos::{approved_photos, publish_photos},
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
        + ListPhotos
        + ApprovePhotos
        + RevokePhotos
        + WriteSession
        + RecordStatus,
    O: PublishObject + RemoveObjects,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let Body::Change(change) = &submission.body else {
        return Err(TaskError::InvalidInput(format!("submission {id} is not a change")));
    };
    let about = change.session_id;
    if let Some(earlier) = earlier(store, objects, about, &submission).await? {
        return Ok(earlier);
    }
    let refuse =
        async |reason, facts: &str| reject(store, objects, about, &submission, reason, facts).await;
    let photos = approved_photos(store, now, &submission).await?;
    let ends = submission.background.is_some_and(|background| background.found_gone_twice);
    for _ in 0..limits::CHANGE_TRIES_MAX {
        let Some(found) = store.load_session(about).await? else {
            return refuse(Reason::NoSuchSession, "The session has been taken away.").await;
        };
        let changed = match found.changed(change, &submission.member_id, now) {
            // It was held for it, so a moderator has approved.
            Ok(changed) if ends => changed.ending(now),
            Ok(changed) => changed,
            Err((reason, facts)) => return refuse(reason, &facts).await,
        };
        let Changed { session, news, confirmation } = changed;
        // Only now: photos of what is refused stay in quarantine.
        publish_photos(store, objects, id, session.id, &photos).await?;
        let slug = session.slug.clone();
        let published = Status::Published { session_id: session.id, slug: slug.clone() };
        let write = SessionWrite {
            event: news.map(|news| Event::news(id, now, session.id, news)),
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
