//! PersistSession: makes the session and its photos public.
//!
//! In this order, each step repeatable: the approvals of exactly these bytes;
//! the bytes; the listing with its slug, the submission's status and the event
//! for followers, in one transaction. A crash in between leaves approved bytes
//! that no page shows, never a page without approval.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    change::News,
    session::{Session, Slug, Status as Listed},
    submission::{Body, Event, Status},
};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        ApprovePhotos, LoadCase, LoadPhotoRecords, LoadSubmission, Publication, PublishObject,
        PublishSession,
    },
    published_photos::{approved_photos, publish_photos},
};

/// Runs the task. Answers the slug of the session's page.
pub async fn persist_session<S, O>(
    store: &S,
    objects: &O,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Slug>
where
    S: LoadSubmission + LoadPhotoRecords + LoadCase + ApprovePhotos + PublishSession,
    O: PublishObject,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let Body::Session(draft) = &submission.body else {
        return Err(TaskError::InvalidInput(format!("submission {id} is not a session")));
    };
    if let Status::Published { slug, .. } = &submission.status {
        return Ok(slug.clone());
    }
    // What has not waited for a moderator has none.
    let case = match submission.status {
        Status::InReview => store.load_case(id.case()).await?,
        _ => None,
    };
    let edited = case.and_then(|case| case.edits).map(|edits| edits.put_into(draft));
    let listing = edited
        .as_ref()
        .unwrap_or(draft)
        .validate()
        .map_err(|problems| TaskError::Invariant(format!("submission {id}: {problems}")))?;
    let photos = approved_photos(store, now, &submission).await?;
    publish_photos(store, objects, id, id.session(), &photos).await?;
    let event = Event::news(id, now, id.session(), News::NewSession);
    let mut session = Session {
        id: id.session(),
        slug: Slug::plain(&listing.draft),
        status: Listed::Live,
        submitter: submission.member_id.clone(),
        listing: listing.draft,
        published_at: now,
        last_verified_at: now,
        found_gone: None,
        exceptions: Vec::new(),
        sequence: 0,
        changed_at: None,
        hosts: Vec::new(),
        revision: 0,
        merged_into: None,
    };
    if store.publish_session(&session, &event).await? == Publication::SlugTaken {
        session.slug = Slug::distinct(&session.listing, session.id);
        if store.publish_session(&session, &event).await? == Publication::SlugTaken {
            return Err(TaskError::Conflict(format!("slug {} is taken", session.slug.as_str())));
        }
    }
    Ok(session.slug)
}
