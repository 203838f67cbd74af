//! WithdrawContent as a Lambda function.

use seisiun_contracts::task::{WithdrawContentInput, WithdrawContentOutput};
use seisiun_functions::{failure, now, objects, start, table, workflows};
use seisiun_workflows::withdraw_content::withdraw_content;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let workflows = &workflows(&config);
    seisiun_lambda::serve(move |input: WithdrawContentInput| async move {
        let submission_id = input.submission_id;
        let withdrawn = withdraw_content(table, objects, workflows, now(), submission_id);
        withdrawn.await.map_err(failure)?;
        Ok(WithdrawContentOutput { submission_id })
    })
    .await
}
