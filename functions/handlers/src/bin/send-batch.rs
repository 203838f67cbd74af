//! SendBatch as a Lambda function.

use seisiun_contracts::{
    metric::Metric,
    task::{SendBatchInput, SendBatchOutput},
};
use seisiun_functions::{failure, mailer, now, seconds_since, sender, start, table};
use seisiun_lambda::metrics;
use seisiun_workflows::{plan_fan_out::Page, ports::FollowerRange, send_batch::send_batch};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: SendBatchInput| async move {
        let SendBatchInput { event_id, page, target, shard, after, through } = input;
        let page = Page { event_id, page, range: FollowerRange { target, shard, after, through } };
        let result = send_batch(table, mailer, sender, now(), &page).await.map_err(failure)?;
        metrics::count(Metric::MailsSent, result.sent);
        metrics::count(Metric::MailsFailed, result.refused + result.unresolved);
        if result.sent > 0 {
            metrics::measure(Metric::NotificationDelay, seconds_since(event_id.ulid()));
        }
        Ok(SendBatchOutput { sent: result.sent })
    })
    .await
}
