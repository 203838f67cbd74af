//! SendBatch as a Lambda function.

use seisiun_contracts::task::{SendBatchInput, SendBatchOutput};
use seisiun_functions::{failure, mailer, now, sender, start, table};
use seisiun_workflows::{plan_fan_out::Page, ports::FollowerRange, send_batch::send_batch};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: SendBatchInput| async move {
        let SendBatchInput { event_id, page, target, shard, after, through } = input;
        let page = Page { event_id, page, range: FollowerRange { target, shard, after, through } };
        let result = send_batch(table, mailer, sender, now(), &page).await.map_err(failure)?;
        Ok(SendBatchOutput { sent: result.sent })
    })
    .await
}
