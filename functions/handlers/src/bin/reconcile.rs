//! Reconcile as a Lambda function: on a schedule, or for an operator.

use seisiun_contracts::task::{ReconcileInput, ReconcileOutput};
use seisiun_functions::{failure, mailer, now, on_call, sender, start, table, workflows};
use seisiun_lambda::setting;
use seisiun_workflows::{reconcile::reconcile, restart::restart};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, workflows, mailer) = (&table(&config)?, &workflows(&config), &mailer(&config)?);
    let (on_call, sender) = (&on_call(&config)?, &sender()?);
    let grace_seconds: u32 = setting("GRACE_SECONDS")?;
    seisiun_lambda::serve(move |input: ReconcileInput| async move {
        if let Some(wanted) = input.restart {
            let name =
                restart(table, workflows, wanted.workflow, wanted.id).await.map_err(failure)?;
            let restarted = u32::from(name.is_some());
            return Ok(ReconcileOutput { open: 0, started: 0, restarted, given_up: 0 });
        }
        let grace = input.grace_seconds.unwrap_or(grace_seconds);
        let done = reconcile(table, workflows, mailer, on_call, sender, now(), grace)
            .await
            .map_err(failure)?;
        Ok(ReconcileOutput {
            open: done.open,
            started: done.started,
            restarted: done.restarted,
            given_up: done.given_up,
        })
    })
    .await
}
