//! RecordFailure as a Lambda function.

use seisiun_contracts::task::{RecordFailureInput, RecordFailureOutput};
use seisiun_functions::{failure, mailer, now, on_call, sender, start, table};
use seisiun_workflows::record_failure::record_failure;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, mailer, on_call, sender) =
        (&table(&config)?, &mailer(&config)?, &on_call(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: RecordFailureInput| async move {
        let work = (input.workflow, input.id);
        record_failure(table, mailer, on_call, sender, now(), work, &input.error)
            .await
            .map_err(failure)?;
        Ok(RecordFailureOutput { id: input.id })
    })
    .await
}
