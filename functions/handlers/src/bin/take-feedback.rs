//! TakeFeedback as a Lambda function, on the queue of what the mail service tells.
//! A message that could not be taken comes again by itself, the others do not.

use seisiun_aws::{mail_event, table::Table};
use seisiun_contracts::{
    metric::Metric,
    queue::{QueueAnswer, QueueEvent, QueueFailure, QueueMessage},
};
use seisiun_functions::{failure, now, start, table};
use seisiun_lambda::metrics;
use seisiun_workflows::{
    TaskError, TaskResult,
    take_feedback::{Feedback, Taken, note_arrival, take_feedback},
};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let table = &table(&config)?;
    seisiun_lambda::serve(move |input: QueueEvent| async move {
        let (mut taken, mut answer) = (Vec::new(), QueueAnswer::default());
        for message in input.records {
            match take(table, &message).await {
                Ok(feedback) => taken.extend(feedback),
                Err(error) => {
                    let item_identifier = message.message_id;
                    tracing::error!(message.id = item_identifier, %error, "not taken");
                    answer.batch_item_failures.push(QueueFailure { item_identifier });
                }
            }
        }
        // After the claims are settled: nothing is concluded from an arrival before.
        note_arrival(table, &taken).await.map_err(failure)?;
        Ok(answer)
    })
    .await
}

/// Takes what one message tells; `None` if it tells nothing that we act on.
async fn take(table: &Table, message: &QueueMessage) -> TaskResult<Option<Feedback>> {
    let feedback = mail_event::read(&message.body).map_err(TaskError::from)?;
    let Some(feedback) = feedback else { return Ok(None) };
    let Taken { settled, bounces, complaints, suppressed } =
        take_feedback(table, now(), &feedback).await?;
    if settled {
        tracing::info!(mail.id = feedback.message_id, "the fate of a mail is known");
    }
    metrics::count(Metric::MailsBounced, bounces);
    metrics::count(Metric::MailsComplained, complaints);
    metrics::count(Metric::AddressesSuppressed, suppressed);
    Ok(Some(feedback))
}
