//! ErasePersonalData as a Lambda function.

use seisiun_contracts::task::{ErasePersonalDataInput, ErasePersonalDataOutput, ErasureTag};
use seisiun_functions::{
    failure, mailer, now, objects, sender, start, table, user_pool, workflows,
};
use seisiun_workflows::erase_personal_data::{Erased, erase_personal_data};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let config = start().await?;
    let (table, objects) = (&table(&config)?, &objects(&config));
    let (users, workflows) = (&user_pool(&config)?, &workflows(&config));
    let (mailer, sender) = (&mailer(&config)?, &sender()?);
    seisiun_lambda::serve(move |input: ErasePersonalDataInput| async move {
        let submission_id = input.submission_id;
        let erased = erase_personal_data(
            table,
            objects,
            users,
            workflows,
            mailer,
            sender,
            now(),
            submission_id,
        );
        let outcome = match erased.await.map_err(failure)? {
            Erased::Partly => ErasureTag::Partly,
            Erased::Wholly => ErasureTag::Wholly,
        };
        Ok(ErasePersonalDataOutput { outcome, submission_id })
    })
    .await
}
