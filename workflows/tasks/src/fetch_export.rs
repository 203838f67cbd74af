//! FetchExport: links to the archives of a member's export.

use seisiun_domain::{
    MemberId, SubmissionId, limits,
    submission::{Body, Status},
};

use crate::{
    error::{TaskError, TaskResult},
    export_personal_data::{INDEX_BYTES_MAX, Index, archive_key, index_key},
    ports::{Bucket, LoadSubmission, ReadObject, SignDownload},
};

/// Links to the archives of this member's export; `Some(None)` while it is not
/// ready, `None` if there is none, or no longer.
pub async fn fetch_export<S, O>(
    store: &S,
    objects: &O,
    member: &MemberId,
    id: SubmissionId,
) -> TaskResult<Option<Option<Vec<String>>>>
where
    S: LoadSubmission,
    O: ReadObject + SignDownload,
{
    let asked = store.load_submission(id).await?;
    let Some(asked) = asked.filter(|one| one.member_id == *member && one.body == Body::Export)
    else {
        return Ok(None);
    };
    if asked.status != Status::Done {
        return Ok(Some(None));
    }
    let index = objects.read_object(Bucket::Work, &index_key(id), INDEX_BYTES_MAX).await?;
    // Kept for some days only.
    let Some(index) = index else { return Ok(None) };
    let index: Index = serde_json::from_slice(&index)
        .map_err(|error| TaskError::Invariant(format!("the index of export {id}: {error}")))?;
    let mut links = Vec::new();
    for n in 1..=index.archives {
        let key = archive_key(id, n);
        let link = objects.sign_download(Bucket::Work, &key, limits::EXPORT_LINK_SECONDS);
        links.push(link.await?);
    }
    Ok(Some(Some(links)))
}
