//! PlanFanOut as a Lambda function.

use seisiun_contracts::task::{PlanFanOutInput, PlanFanOutOutput, PlanTag};
use seisiun_functions::{failure, objects, start, table};
use seisiun_workflows::plan_fan_out::plan_fan_out;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PlanFanOutInput| async move {
        let plan = plan_fan_out(table, objects, input.event_id).await.map_err(failure)?;
        Ok(PlanFanOutOutput {
            outcome: if plan.pages == 0 { PlanTag::Nobody } else { PlanTag::Pages },
            manifest_key: plan.manifest_key,
            pages: plan.pages,
            follows: plan.follows,
        })
    })
    .await
}
