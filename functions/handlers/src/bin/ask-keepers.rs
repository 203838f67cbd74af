//! AskKeepers as a Lambda function: on a schedule, or for an operator.

use seisiun_contracts::{
    metric::Metric,
    task::{AskKeepersInput, AskKeepersOutput},
};
use seisiun_functions::{
    failure,
    inquiry_link::{InquiryLinks, sealed},
    mailer, now, objects, sender, start, table,
};
use seisiun_lambda::metrics;
use seisiun_workflows::{ask_keepers::ask_keepers, refresh_listings::Share};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let (mailer, sender) = (&mailer(&config)?, &sender()?);
    let links = &InquiryLinks::default();
    seisiun_lambda::serve(move |input: AskKeepersInput| async move {
        let now = input.as_of.unwrap_or_else(now);
        let share = if input.all { Share::All } else { Share::at(now) };
        // Boxed: the compiler follows no futures as deep as these would be together.
        let seal = Box::pin(links.seal(table)).await.map_err(failure)?;
        let seal = |inquiry: &_| sealed(seal, inquiry);
        let asked = ask_keepers(table, objects, mailer, sender, seal, now, share);
        let asked = Box::pin(asked).await.map_err(failure)?;
        metrics::count(Metric::MailsSent, asked.sent);
        Ok(AskKeepersOutput { lists: asked.lists, sessions: asked.sessions, sent: asked.sent })
    })
    .await
}
