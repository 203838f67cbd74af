//! ModeratePhoto as a Lambda function.

use seisiun_contracts::{
    metric::Metric,
    task::{ModeratePhotoInput, ModeratePhotoOutput},
};
use seisiun_domain::moderation::Verdict;
use seisiun_functions::{classifier, failure, start, table, verdict_tag};
use seisiun_lambda::metrics;
use seisiun_workflows::moderate_photo::moderate_photo;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, classifier) = (&table(&config)?, &classifier(&config)?);
    seisiun_lambda::serve(move |input: ModeratePhotoInput| async move {
        let verdict = moderate_photo(table, classifier, input.submission_id, input.photo_id)
            .await
            .map_err(failure)?;
        metrics::count(Metric::PhotosFlagged, u32::from(verdict != Verdict::Publish));
        Ok(ModeratePhotoOutput { verdict: verdict_tag(verdict) })
    })
    .await
}
