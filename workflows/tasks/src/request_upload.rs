//! RequestUpload: a form with which a member's browser uploads one photo. A
//! repeated request is about the same photo; its form is a fresh one, since the
//! first may have expired.

use jiff::Timestamp;
use seisiun_domain::{MemberId, PhotoId, limits, switch::Switch};

use crate::{
    error::{TaskError, TaskResult},
    ports::{IdempotencyKey, IsOff, RememberKey, Remembered, SignUpload, UploadForm},
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// Upload this photo with this form.
    Form(PhotoId, UploadForm),
    /// The key was used for something else.
    KeyReused,
    /// An operator has switched uploads off.
    Off,
}

/// Runs the use case. `photo` is freshly minted; it is used only if the request
/// is new.
pub async fn request_upload(
    store: &(impl RememberKey + IsOff),
    objects: &impl SignUpload,
    now: Timestamp,
    member: &MemberId,
    photo: PhotoId,
    content_type: &'static str,
    key: &IdempotencyKey,
) -> TaskResult<Requested> {
    if store.is_off(Switch::Uploads).await? {
        return Ok(Requested::Off);
    }
    let photo = match store.remember_key(member, key, &photo.to_string(), now).await? {
        Remembered::As(photo) => photo
            .parse()
            .map_err(|_| TaskError::Invariant(format!("a photo's key stands for {photo}")))?,
        Remembered::Mismatch => return Ok(Requested::KeyReused),
    };
    let most = limits::PHOTO_BYTES_MAX;
    let form = objects.sign_upload(member, photo, content_type, most, now).await?;
    Ok(Requested::Form(photo, form))
}
