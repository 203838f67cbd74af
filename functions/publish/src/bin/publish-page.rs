//! PublishPage as a Lambda function.

use seisiun_contracts::task::{PublishPageInput, PublishPageOutput};
use seisiun_feeds::Site;
use seisiun_functions::{failure, now, objects, start, table};
use seisiun_lambda::setting;
use seisiun_publish::SitePages;
use seisiun_workflows::publish_page::publish_page;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let pages = &SitePages::of(Site::at(&setting::<String>("SITE_URL")?)?);
    seisiun_lambda::serve(move |input: PublishPageInput| async move {
        let submission_id = input.submission_id;
        // Boxed: the compiler gives up on laying out so deep a future.
        let published = Box::pin(publish_page(table, objects, pages, now(), submission_id));
        published.await.map_err(failure)?;
        Ok(PublishPageOutput { submission_id })
    })
    .await
}
