//! TellSubmitter as a Lambda function.

use seisiun_contracts::{
    metric::Metric,
    task::{TellSubmitterInput, TellSubmitterOutput},
};
use seisiun_functions::{
    appeal_link::{AppealLinks, AppealSeals},
    delivery_name, failure, mailer, now, seconds_since, sender, start, table,
};
use seisiun_lambda::metrics;
use seisiun_workflows::{
    deliver::Delivery,
    tell_submitter::{End, tell_submitter},
};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    let seals = &AppealSeals { table, links: &AppealLinks::new() };
    seisiun_lambda::serve(move |input: TellSubmitterInput| async move {
        let id = input.submission_id;
        let told = tell_submitter(table, mailer, sender, now(), id, seals);
        let told = told.await.map_err(failure)?;
        let workflow = told.workflow.name();
        match told.end {
            End::Published { unseen } => {
                metrics::count_of(Metric::SubmissionsPublished, workflow);
                if unseen {
                    metrics::measure(Metric::TimeToPublish, seconds_since(id.ulid()));
                }
            }
            End::Rejected => metrics::count_of(Metric::SubmissionsRejected, workflow),
            End::Other => {}
        }
        metrics::count(Metric::MailsSent, u32::from(told.delivery == Some(Delivery::Sent)));
        let mail = told.delivery.map_or("none_owed", delivery_name).into();
        Ok(TellSubmitterOutput { submission_id: id, mail })
    })
    .await
}
