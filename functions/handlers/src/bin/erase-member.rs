//! EraseMember as a Lambda function.

use seisiun_contracts::task::{EraseMemberInput, EraseMemberOutput, ErasureTag};
use seisiun_functions::{
    failure, mailer, now, objects, sender, start, table, user_pool, workflows,
};
use seisiun_workflows::erase_member::{Erased, erase_member};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let (users, workflows) = (&user_pool(&config)?, &workflows(&config));
    let (mailer, sender) = (&mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: EraseMemberInput| async move {
        let submission_id = input.submission_id;
        let erased =
            erase_member(table, objects, users, workflows, mailer, sender, now(), submission_id);
        let outcome = match erased.await.map_err(failure)? {
            Erased::Partly => ErasureTag::Partly,
            Erased::Wholly => ErasureTag::Wholly,
        };
        Ok(EraseMemberOutput { outcome, submission_id })
    })
    .await
}
