//! PersistSession: makes the session and its photos public.
//!
//! In this order, each step repeatable: the approvals of exactly these bytes;
//! the bytes; the listing with its slug, the submission's status and the event
//! for followers, in one transaction. A crash in between leaves approved bytes
//! that no page shows, never a page without approval.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::Measure,
    change::News,
    moderation::Verdict,
    photo::{Approver, PhotoRecord, Preparation, PublishedPhoto},
    session::{Session, Slug, Status as Listed},
    submission::{Body, Event, Status, Submission},
};

use crate::{
    error::{TaskError, TaskResult},
    moderate_text,
    ports::{
        ApprovePhotos, LoadCase, LoadPhotoRecords, LoadSubmission, Publication, PublishObject,
        PublishSession,
    },
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
    let listing = draft
        .validate()
        .map_err(|problems| TaskError::Invariant(format!("submission {id}: {problems}")))?;
    let photos = approved_photos(store, now, &submission).await?;
    store.approve_photos(id.session(), &photos).await?;
    publish_photos(objects, id, &photos).await?;
    let event = Event { id, session_id: id.session(), at: now, news: News::NewSession };
    let mut session = Session {
        id: id.session(),
        slug: Slug::plain(&listing.draft),
        status: Listed::Live,
        submitter: submission.member_id.clone(),
        listing: listing.draft,
        published_at: now,
        last_verified_at: now,
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

/// The photos that may become public, each with its approval.
///
/// # Errors
/// [`TaskError::Invariant`] if neither the policy nor a moderator let the
/// submission through: whatever the state machine says, nothing unapproved is
/// published.
pub(crate) async fn approved_photos<S>(
    store: &S,
    now: Timestamp,
    submission: &Submission,
) -> TaskResult<Vec<PublishedPhoto>>
where
    S: LoadPhotoRecords + LoadCase,
{
    let id = submission.id;
    let records = store.load_photo_records(id).await?;
    let judgement = moderate_text::judge(submission, &records);
    let approved_by = match judgement.verdict {
        Verdict::Publish => None,
        Verdict::Review | Verdict::Reject => {
            let decision = store.load_case(id.case()).await?.and_then(|case| case.decision);
            match decision {
                Some(decision) if decision.measure == Measure::Approve => {
                    Some(Approver::Moderator { moderator: decision.moderator })
                }
                _ => return Err(TaskError::Invariant(format!("submission {id} is not approved"))),
            }
        }
    };
    let photos = submission.photos.iter().filter_map(|photo_id| {
        let record = records.iter().find(|record| record.photo_id == *photo_id)?;
        let PhotoRecord {
            preparation: Preparation::Prepared { full, thumbnail, thumbhash, perceptual_hash },
            scan,
            ..
        } = record
        else {
            return None;
        };
        let approved_by = match (&approved_by, scan) {
            (Some(moderator), _) => moderator.clone(),
            // A scan of other bytes approves nothing.
            (None, Some(scan)) if scan.sha256 == full.sha256 => {
                Approver::Policy { model: scan.model.clone() }
            }
            (None, _) => return None,
        };
        Some(PublishedPhoto {
            photo_id: *photo_id,
            submission_id: Some(id),
            full: full.clone(),
            thumbnail: thumbnail.clone(),
            thumbhash: thumbhash.clone(),
            perceptual_hash: perceptual_hash.clone(),
            approved_by,
            approved_at: now,
        })
    });
    Ok(photos.collect())
}

/// Copies approved bytes to the public bucket.
pub(crate) async fn publish_photos(
    objects: &impl PublishObject,
    id: SubmissionId,
    photos: &[PublishedPhoto],
) -> TaskResult<()> {
    for photo in photos {
        for variant in [&photo.full, &photo.thumbnail] {
            objects
                .publish_object(&variant.prepared_key(id), &variant.public_key(photo.photo_id))
                .await?;
        }
    }
    Ok(())
}
