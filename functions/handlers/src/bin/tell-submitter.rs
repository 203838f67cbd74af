//! TellSubmitter as a Lambda function.

use seisiun_contracts::task::{TellSubmitterInput, TellSubmitterOutput};
use seisiun_functions::{delivery_name, failure, mailer, now, sender, start, table};
use seisiun_workflows::tell_submitter::tell_submitter;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: TellSubmitterInput| async move {
        let id = input.submission_id;
        let delivery = tell_submitter(table, mailer, sender, now(), id).await.map_err(failure)?;
        let mail = delivery.map_or("none_owed", delivery_name).into();
        Ok(TellSubmitterOutput { submission_id: id, mail })
    })
    .await
}
