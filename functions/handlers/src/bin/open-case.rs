//! OpenCase as a Lambda function. Its answer is ignored: the state waits for
//! the task token.

use seisiun_contracts::task::OpenCaseInput;
use seisiun_functions::{failure, mailer, now, sender, start, table, workflows};
use seisiun_workflows::{open_case::open_case, ports::TaskToken};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, workflows, mailer, sender) =
        (&table(&config)?, &workflows(&config), &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: OpenCaseInput| async move {
        let token = TaskToken(input.task_token);
        open_case(table, workflows, mailer, sender, now(), input.submission_id, &token)
            .await
            .map_err(failure)
    })
    .await
}
