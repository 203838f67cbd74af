//! TellSubmitter as a Lambda function.

use seisiun_contracts::task::{TellSubmitterInput, TellSubmitterOutput};
use seisiun_functions::{failure, mailer, now, sender, start, table};
use seisiun_workflows::{deliver::Delivery, tell_submitter::tell_submitter};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: TellSubmitterInput| async move {
        let id = input.submission_id;
        let delivery = tell_submitter(table, mailer, sender, now(), id).await.map_err(failure)?;
        let mail = match delivery {
            Some(Delivery::Sent | Delivery::AlreadySent) => "sent",
            Some(Delivery::Suppressed) => "suppressed",
            Some(Delivery::Refused) => "refused",
            Some(Delivery::Unresolved) => "unresolved",
            None => "none_owed",
        };
        Ok(TellSubmitterOutput { submission_id: id, mail: mail.into() })
    })
    .await
}
