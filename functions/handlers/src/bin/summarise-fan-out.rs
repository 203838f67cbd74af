//! SummariseFanOut as a Lambda function.

use seisiun_contracts::task::{SummariseFanOutInput, SummariseFanOutOutput, SummaryTag};
use seisiun_functions::{failure, objects, parking, start, table};
use seisiun_workflows::summarise_fan_out::{Left, summarise_fan_out};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects, parking) = (&table(&config)?, &objects(&config), &parking(&config)?);
    seisiun_lambda::serve(move |input: SummariseFanOutInput| async move {
        let SummariseFanOutInput { event_id, pages } = input;
        let summary = summarise_fan_out(table, objects, parking, event_id).await;
        let summary = summary.map_err(failure)?;
        let progress = summary.progress;
        let (outcome, manifest_key, left) = match summary.left {
            Left::Nothing => (SummaryTag::Complete, String::new(), 0),
            Left::Unsettled(key) => (SummaryTag::Unsettled, key, progress.unsettled),
            Left::Pages => {
                let missing = progress.pages - progress.reported;
                (SummaryTag::Incomplete, String::new(), missing)
            }
        };
        tracing::info!(event.id = %event_id, sent = pages, left, "pages");
        let sum = progress.sum;
        Ok(SummariseFanOutOutput {
            outcome,
            manifest_key,
            pages: left,
            sent: sum.sent,
            skipped: sum.skipped,
            suppressed: sum.suppressed,
            refused: sum.refused,
            unresolved: sum.unresolved,
            unknown: sum.unknown,
        })
    })
    .await
}
