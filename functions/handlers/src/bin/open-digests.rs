//! OpenDigests as a Lambda function: on a schedule, or for an operator.

use seisiun_contracts::task::{OpenDigestsInput, OpenDigestsOutput};
use seisiun_functions::{failure, start, table, workflows};
use seisiun_workflows::open_digests::open_digests;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, workflows) = (&table(&config)?, &workflows(&config));
    seisiun_lambda::serve(move |input: OpenDigestsInput| async move {
        let opened = open_digests(table, workflows, input.time).await.map_err(failure)?;
        Ok(OpenDigestsOutput { zones: opened.zones, digests: opened.digests })
    })
    .await
}
