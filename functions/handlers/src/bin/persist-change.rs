//! PersistChange as a Lambda function.

use seisiun_contracts::task::{PersistChangeInput, PersistChangeOutput, PersistChangeTag};
use seisiun_functions::{failure, now, objects, start, table};
use seisiun_workflows::{persist_change::persist_change, persisted::Persisted};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PersistChangeInput| async move {
        let persisted =
            persist_change(table, objects, now(), input.submission_id).await.map_err(failure)?;
        Ok(PersistChangeOutput {
            outcome: match persisted {
                Persisted::Published(_) => PersistChangeTag::Published,
                Persisted::Rejected => PersistChangeTag::Rejected,
            },
        })
    })
    .await
}
