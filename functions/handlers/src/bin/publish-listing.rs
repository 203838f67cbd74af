//! PublishListing as a Lambda function.

use seisiun_contracts::task::{PublishListingInput, PublishListingOutput};
use seisiun_feeds::Site;
use seisiun_functions::{failure, now, objects, start, table};
use seisiun_lambda::setting;
use seisiun_workflows::publish_listing::publish_listing;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let site = &Site::at(&setting::<String>("SITE_URL")?)?;
    seisiun_lambda::serve(move |input: PublishListingInput| async move {
        let submission_id = input.submission_id;
        publish_listing(table, objects, site, now(), submission_id).await.map_err(failure)?;
        Ok(PublishListingOutput { submission_id })
    })
    .await
}
