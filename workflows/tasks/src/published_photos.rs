//! Photos on a session's page: which may come there, and how they come and go.

use jiff::Timestamp;
use seisiun_domain::{
    PhotoId, SessionId, SubmissionId,
    case::{Decision, Measure},
    moderation::Verdict,
    photo::{Approver, PhotoRecord, Preparation, PublishedPhoto},
    submission::Submission,
};

use crate::{
    error::{TaskError, TaskResult},
    moderate_text,
    ports::{
        ApprovePhotos, Bucket, ListPhotos, LoadCase, LoadPhotoRecords, PublishObject,
        RemoveObjects, RevokePhotos,
    },
};

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
            let decision =
                store.load_case(id.case()).await?.and_then(|case| case.ruling().cloned());
            match decision {
                // A machine approves by its verdict, never by a decision.
                Some(Decision {
                    measure: Measure::Approve, moderator: Some(moderator), ..
                }) => Some(Approver::Moderator { moderator }),
                _ => return Err(TaskError::Invariant(format!("submission {id} is not approved"))),
            }
        }
    };
    let photos = submission.photos.iter().filter_map(|photo_id| {
        let record = records.iter().find(|record| record.photo_id == *photo_id)?;
        let PhotoRecord {
            preparation: Preparation::Prepared { full, thumbnail, thumbhash, perceptual_hash, .. },
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
            submission_id: id,
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

/// Puts photos on the session's page: first the approvals of exactly these
/// bytes, then the bytes. Cut off in between it leaves approvals without bytes,
/// never bytes without an approval.
pub(crate) async fn publish_photos(
    store: &impl ApprovePhotos,
    objects: &impl PublishObject,
    id: SubmissionId,
    session: SessionId,
    photos: &[PublishedPhoto],
) -> TaskResult<()> {
    store.approve_photos(session, photos).await?;
    for photo in photos {
        for variant in [&photo.full, &photo.thumbnail] {
            objects
                .publish_object(&variant.prepared_key(id), &variant.public_key(photo.photo_id))
                .await?;
        }
    }
    Ok(())
}

/// Takes those photos off the session's page that `goes` names.
pub(crate) async fn unpublish_photos<S, O>(
    store: &S,
    objects: &O,
    session: SessionId,
    goes: impl Fn(&PublishedPhoto) -> bool,
) -> TaskResult<()>
where
    S: ListPhotos + RevokePhotos,
    O: RemoveObjects,
{
    let mut photos = store.list_photos(session).await?;
    photos.retain(goes);
    // The bytes before the approvals: these say which bytes there are.
    for photo in &photos {
        let keys = [&photo.full, &photo.thumbnail].map(|one| one.public_key(photo.photo_id));
        objects.remove_objects(Bucket::Public, &keys).await?;
    }
    let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.photo_id).collect();
    Ok(store.revoke_photos(session, &ids).await?)
}
