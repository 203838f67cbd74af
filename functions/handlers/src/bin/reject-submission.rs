//! RejectSubmission as a Lambda function.

use jiff::Timestamp;
use seisiun_contracts::task::{RejectSubmissionInput, RejectSubmissionOutput};
use seisiun_functions::{failure, start, table};
use seisiun_workflows::reject_submission::reject_submission;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let table = &table(&config)?;
    seisiun_lambda::serve(move |input: RejectSubmissionInput| async move {
        reject_submission(table, Timestamp::now(), input.submission_id).await.map_err(failure)?;
        Ok(RejectSubmissionOutput { submission_id: input.submission_id })
    })
    .await
}
