//! PersistReview as a Lambda function.

use seisiun_contracts::task::{PersistReviewInput, PersistReviewOutput, PersistReviewTag};
use seisiun_functions::{failure, now, objects, start, table};
use seisiun_workflows::{persist_review::persist_review, persisted::Persisted};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PersistReviewInput| async move {
        let persisted =
            persist_review(table, objects, now(), input.submission_id).await.map_err(failure)?;
        Ok(PersistReviewOutput {
            outcome: match persisted {
                Persisted::Published(_) => PersistReviewTag::Published,
                Persisted::Rejected => PersistReviewTag::Rejected,
            },
        })
    })
    .await
}
