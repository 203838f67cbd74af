//! PreparePhoto: from an untrusted upload to the bytes that may be published.

use seisiun_domain::{
    PhotoId, SubmissionId, limits,
    photo::{PhotoRecord, Preparation, Variant, incoming_key},
};
use seisiun_photo::Limits;

use crate::{
    error::{TaskError, TaskResult},
    ports::{Bucket, LoadPhotoRecords, LoadSubmission, PutPhotoRecord, ReadObject, WriteObject},
};

/// Runs the task.
pub async fn prepare_photo<S, O>(
    store: &S,
    objects: &O,
    id: SubmissionId,
    photo_id: PhotoId,
) -> TaskResult<Preparation>
where
    S: LoadSubmission + LoadPhotoRecords + PutPhotoRecord,
    O: ReadObject + WriteObject,
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
    let original = objects.read_object(Bucket::Quarantine, &key, limits::PHOTO_BYTES_MAX).await?;
    let preparation = match original {
        None => Preparation::Refused {
            code: "not_uploaded".into(),
            message: "The upload did not arrive, or was too large.".into(),
        },
        Some(bytes) => match seisiun_photo::prepare(&bytes, &Limits::default()) {
            Err(refusal) => {
                Preparation::Refused { code: refusal.code().into(), message: refusal.to_string() }
            }
            Ok(prepared) => {
                let full = store_variant(objects, id, prepared.full).await?;
                let thumbnail = store_variant(objects, id, prepared.thumbnail).await?;
                Preparation::Prepared {
                    full,
                    thumbnail,
                    thumbhash: prepared.thumbhash,
                    perceptual_hash: prepared.perceptual_hash.to_string(),
                }
            }
        },
    };
    let record = PhotoRecord { photo_id, preparation, scan: None };
    store.put_photo_record(id, &record).await?;
    Ok(record.preparation)
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
