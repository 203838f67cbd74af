//! ExportPersonalData as a Lambda function.

use seisiun_contracts::task::{ExportPersonalDataInput, ExportPersonalDataOutput};
use seisiun_functions::{failure, objects, start, table};
use seisiun_workflows::export_personal_data::export_personal_data;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: ExportPersonalDataInput| async move {
        let submission_id = input.submission_id;
        export_personal_data(table, objects, submission_id).await.map_err(failure)?;
        Ok(ExportPersonalDataOutput { submission_id })
    })
    .await
}
