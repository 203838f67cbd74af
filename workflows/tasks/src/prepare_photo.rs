//! PreparePhoto: from an untrusted upload to the bytes that may be published.

use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    PhotoId, SubmissionId, limits,
    photo::{MALWARE, MalwareScan, PhotoRecord, Preparation, Unscanned, Variant, incoming_key},
};
use seisiun_photo::{Fingerprint, Limits};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        Bucket, FindRefusedPhotos, LoadPhotoRecords, LoadSubmission, PutPhotoRecord,
        ReadMalwareScan, ReadObject, WriteObject,
    },
    refused_photos::resembles_refused,
};

/// Runs the task.
///
/// # Errors
/// [`TaskError::NotReady`] while the malware scan has no answer and there is
/// time for one.
pub async fn prepare_photo<S, O>(
    store: &S,
    objects: &O,
    now: Timestamp,
    id: SubmissionId,
    photo_id: PhotoId,
) -> TaskResult<Preparation>
where
    S: LoadSubmission + LoadPhotoRecords + FindRefusedPhotos + PutPhotoRecord,
    O: ReadMalwareScan + ReadObject + WriteObject,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    if !submission.photos.contains(&photo_id) {
        return Err(TaskError::InvalidInput(format!("photo {photo_id} does not belong to {id}")));
    }
    // What was prepared once stays as it was: a moderator may have judged it.
    let records = store.load_photo_records(id).await?;
    if let Some(record) = records.into_iter().find(|record| record.photo_id == photo_id) {
        return Ok(record.preparation);
    }
    let key = incoming_key(&submission.member_id, photo_id);
    let mut resembles = false;
    let preparation = match objects.read_malware_scan(&key).await? {
        None => not_uploaded(),
        Some(MalwareScan::Clean) => {
            let (preparation, fingerprint) = prepare(objects, id, &key).await?;
            if let Some(fingerprint) = fingerprint {
                resembles = resembles_refused(store, &fingerprint).await?;
            }
            preparation
        }
        Some(MalwareScan::Threat) => Preparation::Refused {
            code: MALWARE.into(),
            message: "The file holds malware. It was not opened and is not published.".into(),
        },
        Some(MalwareScan::Impossible(why)) => Preparation::Unscanned { why },
        Some(MalwareScan::Pending) => {
            let patience = SignedDuration::from_secs(limits::MALWARE_SCAN_SECONDS_MAX);
            if now.duration_since(submission.accepted_at) < patience {
                return Err(TaskError::NotReady(format!("photo {photo_id} is being scanned")));
            }
            Preparation::Unscanned { why: Unscanned::TimedOut }
        }
    };
    let record = PhotoRecord { photo_id, preparation, scan: None, resembles_refused: resembles };
    store.put_photo_record(id, &record).await?;
    Ok(record.preparation)
}

fn not_uploaded() -> Preparation {
    Preparation::Refused {
        code: "not_uploaded".into(),
        message: "The upload did not arrive, or was too large.".into(),
    }
}

/// Re-encodes an upload that is free of malware, and stores both sizes. Answers
/// what it looks like, too.
async fn prepare<O>(
    objects: &O,
    id: SubmissionId,
    key: &str,
) -> TaskResult<(Preparation, Option<Fingerprint>)>
where
    O: ReadObject + WriteObject,
{
    let original = objects.read_object(Bucket::Quarantine, key, limits::PHOTO_BYTES_MAX).await?;
    let Some(bytes) = original else { return Ok((not_uploaded(), None)) };
    let prepared = match seisiun_photo::prepare(&bytes, &Limits::default()) {
        Ok(prepared) => prepared,
        Err(refusal) => {
            let (code, message) = (refusal.code().into(), refusal.to_string());
            return Ok((Preparation::Refused { code, message }, None));
        }
    };
    let preparation = Preparation::Prepared {
        full: store_variant(objects, id, prepared.full).await?,
        thumbnail: store_variant(objects, id, prepared.thumbnail).await?,
        thumbhash: prepared.thumbhash,
        perceptual_hash: prepared.perceptual_hash.to_string(),
        fingerprint: prepared.fingerprint.as_ref().map(ToString::to_string),
    };
    Ok((preparation, prepared.fingerprint))
}

async fn store_variant(
    objects: &impl WriteObject,
    id: SubmissionId,
    variant: seisiun_photo::Variant,
) -> TaskResult<Variant> {
    let stored = Variant {
        sha256: variant.sha256,
        width: variant.width,
        height: variant.height,
        bytes: variant.bytes.len() as u64,
    };
    objects
        .write_object(Bucket::Quarantine, &stored.prepared_key(id), "image/jpeg", variant.bytes)
        .await?;
    Ok(stored)
}
