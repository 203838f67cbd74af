//! Photos that were refused, by what they look like.
//!
//! A photo stands in the record of each of its keys, at most
//! [`Fingerprint::KEYS_MAX`], as a member of a set: adding it twice is adding it
//! once, and a photo is looked up by one read of all of its own keys' records.

use futures::future::try_join_all;
use jiff::Timestamp;
use seisiun_domain::limits;
use seisiun_workflows::ports::{
    FileRefusedPhoto, FindRefusedPhotos, Fingerprint, ForgetRefusedPhoto, PortResult, RefusedPhoto,
};

use super::{
    AttributeValue, Change, TTL, Table, broken, key_item, number, seconds, submissions::expiry,
};
use crate::keys;

/// The set.
const PHOTOS: &str = "photos";

/// A member of the set.
fn member(photo: &RefusedPhoto) -> AttributeValue {
    let RefusedPhoto { submission_id, photo_id, fingerprint } = photo;
    AttributeValue::Ss(vec![format!("{submission_id}/{photo_id}/{fingerprint}")])
}

fn photo(member: &str) -> PortResult<RefusedPhoto> {
    let parse = || {
        let (submission, rest) = member.split_once('/')?;
        let (photo, fingerprint) = rest.split_once('/')?;
        Some(RefusedPhoto {
            submission_id: submission.parse().ok()?,
            photo_id: photo.parse().ok()?,
            fingerprint: fingerprint.parse().ok()?,
        })
    };
    parse().ok_or_else(|| broken("dynamodb:parse", format!("{member} is no refused photo")))
}

impl FileRefusedPhoto for Table {
    async fn file_refused_photo(&self, photo: &RefusedPhoto, now: Timestamp) -> PortResult<()> {
        let expires = expiry(now, limits::REFUSED_PHOTO_DAYS * 24);
        let add = photo.fingerprint.keys().into_iter().map(|key| {
            let change =
                Change::new(keys::refused_photos(key), "ADD #photos :photo SET #ttl = :expires")
                    // A full one is left as it is: the photo has other keys.
                    .only_if("attribute_not_exists(#photos) OR size(#photos) < :most")
                    .names([PHOTOS, TTL])
                    .value(":photo", member(photo))
                    .value(":most", number(limits::REFUSED_PHOTOS_PER_KEY))
                    .value(":expires", seconds(expires));
            self.update(change)
        });
        try_join_all(add).await?;
        Ok(())
    }
}

impl ForgetRefusedPhoto for Table {
    async fn forget_refused_photo(&self, photo: &RefusedPhoto) -> PortResult<()> {
        let delete = photo.fingerprint.keys().into_iter().map(|key| {
            let change = Change::new(keys::refused_photos(key), "DELETE #photos :photo")
                // Without it, the update would make a record of nothing.
                .only_if("attribute_exists(#photos)")
                .names([PHOTOS])
                .value(":photo", member(photo));
            self.update(change)
        });
        try_join_all(delete).await?;
        Ok(())
    }
}

impl FindRefusedPhotos for Table {
    async fn find_refused_photos(
        &self,
        fingerprint: &Fingerprint,
    ) -> PortResult<Vec<RefusedPhoto>> {
        let wanted = fingerprint.keys().into_iter().map(|key| key_item(keys::refused_photos(key)));
        let found = self.get_many(wanted.collect(), [PHOTOS]).await?;
        let sets = found.iter().filter_map(|item| item.get(PHOTOS)?.as_ss().ok());
        let mut members: Vec<&String> = sets.flatten().collect();
        members.sort_unstable();
        members.dedup();
        members.into_iter().map(|member| photo(member)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_refused_photo_is_broken_and_not_a_panic() {
        for bad in
            ["", "/", "//", "a/b/c", "01J9ZZZZZZZZZZZZZZZZZZZZZZ/01J9ZZZZZZZZZZZZZZZZZZZZZZ/1"]
        {
            assert!(photo(bad).is_err(), "{bad}");
        }
    }
}
