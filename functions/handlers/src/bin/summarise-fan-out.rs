//! SummariseFanOut as a Lambda function.

use seisiun_contracts::task::{SummariseFanOutInput, SummariseFanOutOutput, SummaryTag};
use seisiun_functions::{failure, start, table};
use seisiun_workflows::summarise_fan_out::summarise_fan_out;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let table = &table(&config)?;
    seisiun_lambda::serve(move |input: SummariseFanOutInput| async move {
        let summary =
            summarise_fan_out(table, input.event_id, input.pages).await.map_err(failure)?;
        Ok(SummariseFanOutOutput {
            outcome: if summary.complete { SummaryTag::Complete } else { SummaryTag::Incomplete },
            pages: summary.pages,
            sent: summary.sum.sent,
            skipped: summary.sum.skipped,
            refused: summary.sum.refused,
            unresolved: summary.sum.unresolved,
        })
    })
    .await
}
