//! Files that are made of what the table holds and that several may make at
//! once. What stands is read first, then the table, then each file is swapped in
//! only over the version that was read. So no file ever goes back, and of two
//! that publish at once the later has read what the earlier wrote.

use futures::future::try_join_all;
use seisiun_domain::limits;

use crate::{
    error::{TaskError, TaskResult},
    ports::{Bucket, NewObject, PortError, ReadVersioned, Swap, SwapObject},
};

/// Makes the site's files with these keys and swaps in those that differ from
/// what stands. `make` is handed what stands of each, in their order, empty
/// where nothing does, and answers one file for each.
pub(crate) async fn swap_in<O>(
    objects: &O,
    keys: &[String],
    bytes_max: u64,
    make: impl AsyncFn(&[Vec<u8>]) -> TaskResult<Vec<NewObject>>,
) -> TaskResult<()>
where
    O: ReadVersioned + SwapObject,
{
    for _ in 0..limits::LIST_SWAPS_MAX {
        let reads = keys.iter().map(|key| objects.read_versioned(Bucket::Site, key, bytes_max));
        let stands = try_join_all(reads).await?;
        let (bytes, versions): (Vec<_>, Vec<_>) = stands
            .into_iter()
            .map(|stands| stands.map_or((None, None), |s| (Some(s.bytes), Some(s.version))))
            .unzip();
        let are_there: Vec<bool> = bytes.iter().map(Option::is_some).collect();
        let bytes: Vec<Vec<u8>> = bytes.into_iter().map(Option::unwrap_or_default).collect();
        let files = make(&bytes).await?;
        if files.len() != keys.len() {
            let (made, wanted) = (files.len(), keys.len());
            return Err(TaskError::Invariant(format!("{made} files were made of {wanted}")));
        }
        let mut lost = false;
        // One after the other, so that the last leads to nothing that is not there.
        for (((key, file), version), (stands, is_there)) in
            keys.iter().zip(files).zip(&versions).zip(bytes.iter().zip(are_there))
        {
            if is_there && *stands == file.bytes {
                continue;
            }
            let swap = objects.swap_object(Bucket::Site, key, file, version.as_deref()).await?;
            lost |= swap == Swap::Lost;
        }
        if !lost {
            return Ok(());
        }
    }
    // The state machine waits, with jitter, and tries again.
    Err(PortError::Throttled { what: "publishing a file that others publish" }.into())
}
