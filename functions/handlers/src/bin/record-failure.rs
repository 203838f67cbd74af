//! RecordFailure as a Lambda function.

use seisiun_contracts::task::{RecordFailureInput, RecordFailureOutput};
use seisiun_functions::{failure, mailer, now, on_call, sender, start, table};
use seisiun_workflows::record_failure::{Failure, record_failure};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, on_call, sender) =
        (&table(&config)?, &mailer(&config)?, &on_call(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: RecordFailureInput| async move {
        let failed = Failure {
            workflow: input.workflow,
            id: input.id,
            execution: &input.execution,
            error: &input.error,
        };
        record_failure(table, mailer, on_call, sender, now(), failed).await.map_err(failure)?;
        Ok(RecordFailureOutput { id: input.id })
    })
    .await
}
