//! ValidateSubmission as a Lambda function.

use seisiun_contracts::task::{ValidateSubmissionInput, ValidateSubmissionOutput, ValidationTag};
use seisiun_functions::{failure, now, start, table};
use seisiun_workflows::validate_submission::{Validation, validate_submission};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let table = &table(&config)?;
    seisiun_lambda::serve(move |input: ValidateSubmissionInput| async move {
        let validation =
            validate_submission(table, now(), input.submission_id).await.map_err(failure)?;
        Ok(match validation {
            Validation::Valid { photos } => {
                ValidateSubmissionOutput { outcome: ValidationTag::Valid, photos }
            }
            Validation::Rejected => {
                ValidateSubmissionOutput { outcome: ValidationTag::Rejected, photos: Vec::new() }
            }
        })
    })
    .await
}
