//! OpenCase as a Lambda function.

use seisiun_contracts::{
    metric::Metric,
    task::{CaseTag, OpenCaseInput, OpenCaseOutput},
};
use seisiun_domain::case::Measure;
use seisiun_functions::{failure, mailer, now, sender, start, table};
use seisiun_lambda::metrics;
use seisiun_workflows::open_case::open_case;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: OpenCaseInput| async move {
        let decided =
            open_case(table, mailer, sender, now(), input.submission_id).await.map_err(failure)?;
        Ok(OpenCaseOutput {
            state: match decided {
                None => {
                    metrics::count(Metric::CasesOpened, 1_u32);
                    CaseTag::Undecided
                }
                Some(Measure::Approve) => CaseTag::Approve,
                Some(Measure::Reject) => CaseTag::Reject,
            },
        })
    })
    .await
}
