//! PreparePhoto as a Lambda function.

use seisiun_contracts::{
    metric::Metric,
    task::{PreparePhotoInput, PreparePhotoOutput},
};
use seisiun_domain::photo::Preparation;
use seisiun_functions::{failure, objects, preparation_tag, start, table};
use seisiun_lambda::metrics;
use seisiun_workflows::prepare_photo::prepare_photo;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PreparePhotoInput| async move {
        let preparation = prepare_photo(table, objects, input.submission_id, input.photo_id)
            .await
            .map_err(failure)?;
        let metric = match &preparation {
            Preparation::Prepared { .. } => Metric::PhotosPrepared,
            Preparation::Refused { .. } => Metric::PhotosRefused,
        };
        metrics::count(metric, 1_u32);
        Ok(PreparePhotoOutput { outcome: preparation_tag(&preparation) })
    })
    .await
}
