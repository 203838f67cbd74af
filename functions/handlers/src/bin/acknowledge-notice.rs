//! AcknowledgeNotice as a Lambda function.

use seisiun_contracts::task::{AcknowledgeNoticeInput, AcknowledgeNoticeOutput};
use seisiun_functions::{delivery_name, failure, mailer, now, sender, start, table};
use seisiun_workflows::acknowledge_notice::acknowledge_notice;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: AcknowledgeNoticeInput| async move {
        let id = input.submission_id;
        let told = acknowledge_notice(table, mailer, sender, now(), id).await.map_err(failure)?;
        let mail = told.map_or("no_address", delivery_name).into();
        Ok(AcknowledgeNoticeOutput { submission_id: id, mail })
    })
    .await
}
