//! RefreshListings as a Lambda function: on a schedule, or for an operator.

use seisiun_contracts::{
    metric::Metric,
    task::{RefreshListingsInput, RefreshListingsOutput},
};
use seisiun_feeds::Site;
use seisiun_functions::{failure, now, objects, start, table};
use seisiun_lambda::{metrics, setting};
use seisiun_publish::SitePages;
use seisiun_workflows::refresh_listings::{Share, refresh_listings};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let site = &Site::at(&setting::<String>("SITE_URL")?)?;
    let pages = &SitePages::of(site.clone());
    seisiun_lambda::serve(move |input: RefreshListingsInput| async move {
        let share = if input.all { Share::All } else { Share::at(now()) };
        let refreshed = refresh_listings(table, objects, pages, site, now(), share);
        let done = refreshed.await.map_err(failure)?;
        // None is told as well: that the function is silent is what alarms.
        metrics::measure(Metric::ListsRefreshed, done.lists.into());
        Ok(RefreshListingsOutput {
            lists: done.lists,
            counties: done.counties,
            pages: done.pages,
            removed: done.removed,
            restored: done.restored,
        })
    })
    .await
}
