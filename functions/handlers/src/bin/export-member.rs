//! ExportMember as a Lambda function.

use seisiun_contracts::task::{ExportMemberInput, ExportMemberOutput};
use seisiun_functions::{failure, objects, start, table};
use seisiun_workflows::export_member::export_member;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: ExportMemberInput| async move {
        let submission_id = input.submission_id;
        export_member(table, objects, submission_id).await.map_err(failure)?;
        Ok(ExportMemberOutput { submission_id })
    })
    .await
}
