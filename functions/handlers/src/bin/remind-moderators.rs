//! RemindModerators as a Lambda function.

use seisiun_contracts::task::{RemindModeratorsInput, RemindModeratorsOutput, ReminderTag};
use seisiun_functions::{failure, mailer, moderators, now, sender, start, table};
use seisiun_workflows::remind_moderators::{Reminder, remind_moderators};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender, moderators) =
        (&table(&config)?, &mailer(&config)?, &sender()?, &moderators()?);
    seisiun_lambda::serve(move |input: RemindModeratorsInput| async move {
        let (id, number) = (input.submission_id, input.reminder);
        let reminder = remind_moderators(table, mailer, sender, moderators, now(), id, number)
            .await
            .map_err(failure)?;
        Ok(RemindModeratorsOutput {
            next: match reminder {
                Reminder::Wait => ReminderTag::Wait,
                Reminder::GiveUp => ReminderTag::GiveUp,
            },
        })
    })
    .await
}
