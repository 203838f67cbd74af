//! PersistSession as a Lambda function.

use seisiun_contracts::task::{PersistSessionInput, PersistSessionOutput};
use seisiun_functions::{failure, now, objects, start, table};
use seisiun_workflows::persist_session::persist_session;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    seisiun_lambda::serve(move |input: PersistSessionInput| async move {
        let slug =
            persist_session(table, objects, now(), input.submission_id).await.map_err(failure)?;
        Ok(PersistSessionOutput { slug: slug.as_str().to_owned() })
    })
    .await
}
