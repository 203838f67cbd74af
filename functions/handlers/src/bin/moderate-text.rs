//! ModerateText as a Lambda function.

use seisiun_contracts::task::{ModerateTextInput, ModerateTextOutput};
use seisiun_functions::{failure, start, table, verdict_tag};
use seisiun_workflows::moderate_text::moderate_text;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let table = &table(&config)?;
    seisiun_lambda::serve(move |input: ModerateTextInput| async move {
        let verdict = moderate_text(table, input.submission_id).await.map_err(failure)?;
        Ok(ModerateTextOutput { verdict: verdict_tag(verdict) })
    })
    .await
}
