//! SendBatch as a Lambda function.

use seisiun_contracts::{
    metric::Metric,
    task::{SendBatchInput, SendBatchOutput},
};
use seisiun_domain::{mail_claim::Patience, pace::Rate};
use seisiun_functions::{SystemClock, failure, mailer, seconds_since, sender, start, table};
use seisiun_lambda::{metrics, setting};
use seisiun_workflows::{
    TaskError,
    fan_out::Page,
    ports::FollowerRange,
    send_batch::{End, Pacing, send_batch},
};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    let pacing = &Pacing {
        rate: Rate::per_second(setting("MAILS_PER_SECOND")?),
        patience: Patience::of_seconds(
            setting("MAIL_SETTLE_SECONDS")?,
            setting("MAIL_UNKNOWN_SECONDS")?,
        ),
    };
    seisiun_lambda::serve(move |input: SendBatchInput| async move {
        let SendBatchInput { event_id, page, target, shard, after, through } = input;
        let page = Page { event_id, page, range: FollowerRange { target, shard, after, through } };
        // Boxed: the compiler follows no futures as deep as these would be together.
        let run = Box::pin(send_batch(table, mailer, &SystemClock, sender, pacing, &page));
        let run = run.await.map_err(failure)?;
        metrics::count(Metric::MailsSent, run.sent);
        metrics::count(Metric::MailsFailed, run.failed);
        metrics::count(Metric::MailsUnknown, run.unknown);
        if run.sent > 0 {
            metrics::measure(Metric::NotificationDelay, seconds_since(event_id.ulid()));
        }
        // The state machine tries again, for as long as it takes.
        let later = |why: &str| Err(failure(TaskError::NotReady(why.into())));
        match run.end {
            End::Done => Ok(SendBatchOutput { sent: run.sent.into() }),
            End::More => later("the mails of others took all the time that there was"),
            End::Halted => later("mail is switched off or the fan-out paused"),
        }
    })
    .await
}
