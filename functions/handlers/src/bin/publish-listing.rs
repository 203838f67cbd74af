//! PublishListing as a Lambda function.

use seisiun_contracts::task::{PublishListingInput, PublishListingOutput};
use seisiun_functions::{failure, objects, start, table};
use seisiun_workflows::publish_listing::publish_listing;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PublishListingInput| async move {
        let submission_id = input.submission_id;
        publish_listing(table, objects, submission_id).await.map_err(failure)?;
        Ok(PublishListingOutput { submission_id })
    })
    .await
}
