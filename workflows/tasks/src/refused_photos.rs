//! Photos that were refused: filed by what they look like, so that a copy of one
//! is found whoever sends it, and forgotten where somebody else decided
//! otherwise.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    photo::{PhotoRecord, Preparation},
};
use seisiun_photo::Fingerprint;

use crate::{
    error::TaskResult,
    ports::{FileRefusedPhoto, FindRefusedPhotos, ForgetRefusedPhoto, RefusedPhoto},
};

/// Whether a photo may be a copy of one that was refused. That they share a key
/// says little, so what is found is compared.
pub(crate) async fn resembles_refused(
    store: &impl FindRefusedPhotos,
    fingerprint: &Fingerprint,
) -> TaskResult<bool> {
    let found = store.find_refused_photos(fingerprint).await?;
    Ok(found.iter().any(|photo| photo.fingerprint.resembles(fingerprint)))
}

/// Files the photos of a submission that was refused for a reason that speaks
/// against its member. Which of them was the reason nobody was asked: a copy of
/// any of them is looked at by a person, no more.
pub(crate) async fn file_photos(
    store: &impl FileRefusedPhoto,
    now: Timestamp,
    id: SubmissionId,
    records: &[PhotoRecord],
) -> TaskResult<()> {
    for photo in photos(id, records) {
        store.file_refused_photo(&photo, now).await?;
    }
    Ok(())
}

/// Forgets the photos of a submission that is to be published after all.
pub(crate) async fn forget_photos(
    store: &impl ForgetRefusedPhoto,
    id: SubmissionId,
    records: &[PhotoRecord],
) -> TaskResult<()> {
    for photo in photos(id, records) {
        store.forget_refused_photo(&photo).await?;
    }
    Ok(())
}

/// Those of its photos that have a fingerprint of the present version: a flat
/// picture has none, nor has what was never read.
fn photos(id: SubmissionId, records: &[PhotoRecord]) -> impl Iterator<Item = RefusedPhoto> {
    records.iter().filter_map(move |record| {
        let Preparation::Prepared { fingerprint: Some(fingerprint), .. } = &record.preparation
        else {
            return None;
        };
        let fingerprint = fingerprint.parse().ok()?;
        Some(RefusedPhoto { submission_id: id, photo_id: record.photo_id, fingerprint })
    })
}
