//! On the engine: an operator switches mail off and on again. What is accepted
//! meanwhile is published, and each mail that was owed goes out, once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    time::{Duration, Instant},
};

use futures::FutureExt as _;
use seisiun_domain::submission::{Status, Workflow};
use seisiun_e2e::{
    Stack, Stage,
    execution::{self, look, succeeded},
    stack::until,
    stage::Wanted,
};
use serde_json::json;

/// A task that waits is tried again after a minute at most, then two, then four.
const PATIENCE: Duration = Duration::from_secs(400);

async fn switch_mail(stack: &Stack, on: bool) {
    let wanted = json!({ "switch": { "what": "mail", "on": on } });
    stack.invoke(stack.value("ReconcileFunction").unwrap(), &wanted).await.unwrap();
}

#[tokio::test]
async fn mail_waits_while_it_is_switched_off_and_then_goes_once() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let wanted = stage.wanted("While mail is off", None).await.unwrap();
    let title = wanted.session.session.title.clone();
    switch_mail(&stack, false).await;
    // However that goes, mail is on again for whoever comes after.
    let off = AssertUnwindSafe(published_without_mail(&stage, &wanted)).catch_unwind().await;
    switch_mail(&stack, true).await;
    off.unwrap_or_else(|panic| resume_unwind(panic));

    let since = Instant::now();
    loop {
        // Neither comes twice: the stage looks for that.
        let told = stage.mails_about(&stage.ann, &title).await.unwrap().len();
        let followed = stage.mails_about(&stage.bo, &title).await.unwrap().len();
        if (told, followed) == (1, 1) {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{told} and {followed} mails");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!("mail of both went out {} s after it was on again", since.elapsed().as_secs());
}

/// Submits a session: it is published, and its workflow waits at the mail.
async fn published_without_mail(stage: &Stage, wanted: &Wanted) {
    let stack = &stage.stack;
    let title = &wanted.session.session.title;
    let id = stage.submit(wanted).await.unwrap();
    let published = || async {
        let view = stage.view(id).await?;
        Ok(matches!(view.status, Status::Published { .. }).then_some(()))
    };
    until("a published session", published).await.unwrap();
    // Its workflow has come to the mail, and waits there.
    execution::follow(stack, Workflow::SessionSubmission, &id.to_string(), |seen| {
        seen.states.last().is_some_and(|entered| entered.state == "TellSubmitter")
    })
    .await
    .unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let seen = look(stack, Workflow::SessionSubmission, &id.to_string()).await.unwrap();
    assert!(seen.is_some_and(|seen| !succeeded(&seen)));
    for person in [&stage.ann, &stage.bo] {
        assert!(stage.mails_about(person, title).await.unwrap().is_empty());
    }
}
