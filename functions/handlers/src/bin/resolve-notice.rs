//! ResolveNotice as a Lambda function.

use seisiun_contracts::task::{ResolveNoticeInput, ResolveNoticeOutput};
use seisiun_domain::SubmissionId;
use seisiun_functions::{
    delivery_name, failure, mailer, now, objects, sender, start, table, workflows,
};
use seisiun_workflows::resolve_notice::resolve_notice;
use ulid::Ulid;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, mailer, sender) = (&table(&config)?, &mailer(&config)?, &sender()?);
    // A withdrawal brings no photos: no bucket is set, and none is asked.
    let (objects, workflows) = (&objects(&config), &workflows(&config));
    seisiun_lambda::serve(move |input: ResolveNoticeInput| async move {
        let id = input.submission_id;
        let by = SubmissionId::new(Ulid::generate());
        let told = resolve_notice(table, objects, workflows, mailer, sender, now(), id, by);
        let told = told.await.map_err(failure)?;
        let mail = told.map_or("no_address", delivery_name).into();
        Ok(ResolveNoticeOutput { submission_id: id, mail })
    })
    .await
}
