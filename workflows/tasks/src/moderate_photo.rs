//! ModeratePhoto: classifies exactly the bytes that will be published.

use seisiun_domain::{
    PhotoId, SubmissionId,
    moderation::{Verdict, judge_photo},
    photo::{PhotoRecord, Preparation, Scan},
};

use crate::{
    error::{TaskError, TaskResult},
    ports::{DetectLabels, LoadPhotoRecords, PutPhotoRecord},
};

/// Runs the task. The photo must have been prepared.
pub async fn moderate_photo<S, C>(
    store: &S,
    classifier: &C,
    id: SubmissionId,
    photo_id: PhotoId,
) -> TaskResult<Verdict>
where
    S: LoadPhotoRecords + PutPhotoRecord,
    C: DetectLabels,
{
    let records = store.load_photo_records(id).await?;
    let record = records.into_iter().find(|record| record.photo_id == photo_id);
    let Some(PhotoRecord { preparation: Preparation::Prepared { full, .. }, scan, .. }) = &record
    else {
        return Err(TaskError::InvalidInput(format!("photo {photo_id} of {id} is not prepared")));
    };
    if let Some(scan) = scan {
        return Ok(scan.judgement.verdict);
    }
    let detection = classifier.detect_labels(&full.prepared_key(id)).await?;
    let judgement = judge_photo(&detection.labels, &full.sha256);
    let verdict = judgement.verdict;
    let scan = Scan {
        sha256: full.sha256.clone(),
        model: detection.model,
        labels: detection.labels,
        judgement,
    };
    if let Some(record) = record {
        store.put_photo_record(id, &PhotoRecord { scan: Some(scan), ..record }).await?;
    }
    Ok(verdict)
}
