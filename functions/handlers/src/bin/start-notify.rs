//! StartNotify as a Lambda function.

use seisiun_contracts::task::{StartNotifyInput, StartNotifyOutput};
use seisiun_functions::{failure, start, table, workflows};
use seisiun_workflows::start_notify::start_notify;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, workflows) = (&table(&config)?, &workflows(&config));
    seisiun_lambda::serve(move |input: StartNotifyInput| async move {
        start_notify(table, workflows, input.submission_id).await.map_err(failure)?;
        Ok(StartNotifyOutput { event_id: input.submission_id })
    })
    .await
}
