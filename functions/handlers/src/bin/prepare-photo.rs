//! PreparePhoto as a Lambda function.

use jiff::Timestamp;
use seisiun_contracts::{
    metric::Metric,
    task::{PreparePhotoInput, PreparePhotoOutput},
};
use seisiun_domain::photo::{MALWARE, Preparation};
use seisiun_functions::{failure, objects, preparation_tag, start, table};
use seisiun_lambda::metrics;
use seisiun_workflows::prepare_photo::prepare_photo;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PreparePhotoInput| async move {
        let (now, id) = (Timestamp::now(), input.submission_id);
        let preparation =
            prepare_photo(table, objects, now, id, input.photo_id).await.map_err(failure)?;
        let metric = match &preparation {
            Preparation::Prepared { .. } => Metric::PhotosPrepared,
            Preparation::Refused { code, .. } if code == MALWARE => Metric::ThreatsFound,
            Preparation::Refused { .. } => Metric::PhotosRefused,
            Preparation::Unscanned { .. } => Metric::PhotosUnscanned,
        };
        metrics::count(metric, 1_u32);
        Ok(PreparePhotoOutput { outcome: preparation_tag(&preparation) })
    })
    .await
}
