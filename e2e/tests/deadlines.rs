//! On the engine: nobody decides. The moderators are reminded, the workflow
//! gives up, and a decision that comes after all is carried out. The waits are
//! those of the deployed definitions, shortened by the template's parameter.
//!
//! One test, since every case on the stack has the short waits meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    time::Duration,
};

use futures::FutureExt as _;
use seisiun_domain::{
    SubmissionId,
    case::Measure,
    limits,
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack, Stage,
    content::fixture,
    execution::{self, Execution},
    stack::until,
};

/// Long enough for a decision to come between two reminders.
const WAIT_SECONDS: u32 = 6;

/// Where reminders go on this machine.
const MODERATORS: &str = "moderators@seisiun.example";

#[tokio::test]
async fn a_case_that_nobody_decides_is_reminded_of_given_up_and_decided_late() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let name = format!("mo.{}", stage.place.tag);
    let mo = Person::sign_up(&stack, &name, &["moderators"]).await.unwrap();

    let wait = format!("DecisionWaitSeconds={WAIT_SECONDS}");
    assert!(stage.xtask(&["set", &wait]).await.unwrap(), "{wait}");
    let played = AssertUnwindSafe(play(&stage, &mo)).catch_unwind().await;
    // Whatever came of it, the tests after this one have two days again.
    assert!(stage.xtask(&["set"]).await.unwrap(), "the waits are still short");
    if let Err(panic) = played {
        resume_unwind(panic);
    }
}

async fn play(stage: &Stage, mo: &Person) {
    let (early, approved, rejected) = tokio::join!(
        reminded_and_decided(stage, mo),
        given_up_and_decided(stage, mo, Measure::Approve),
        given_up_and_decided(stage, mo, Measure::Reject),
    );
    assert!(matches!(early, Status::Published { .. }), "{early:?}");
    assert!(matches!(approved, Status::Published { .. }), "{approved:?}");
    let Status::Rejected { statement } = rejected else { panic!("{rejected:?}") };
    assert!(!statement.automated_decision, "{statement:?}");
}

/// A submission that waits for a moderator, and the title of its case.
async fn flagged(stage: &Stage, title: &str) -> (SubmissionId, String) {
    let wanted = stage.wanted(title, Some(fixture::FLAGGED)).await.unwrap();
    let id = stage.submit(&wanted).await.unwrap();
    stage.in_review(id).await.unwrap();
    (id, wanted.session.session.title)
}

/// Decided after the first reminder: the execution that waits again goes on.
async fn reminded_and_decided(stage: &Stage, mo: &Person) -> Status {
    let (id, title) = flagged(stage, "Reminded of").await;
    until("the first reminder", || async {
        Ok((reminders(stage, &title).await > 0).then_some(()))
    })
    .await
    .unwrap();
    stage.decide(mo, id, Measure::Approve).await.unwrap();
    let ended = ended(stage, &id.to_string()).await;
    assert_eq!(ended.status.as_str(), "SUCCEEDED", "{ended:?}");
    assert!(entered(&ended, "AwaitDecision") >= 2, "{ended:?}");
    stage.settled(id, mo, Measure::Approve).await.unwrap()
}

/// Decided only after the workflow has given up.
async fn given_up_and_decided(stage: &Stage, mo: &Person, measure: Measure) -> Status {
    let (id, title) = flagged(stage, &format!("Given up, then {measure:?}")).await;
    let waits = usize::try_from(limits::DECISION_WAITS_MAX).unwrap();
    let ended = ended(stage, &id.to_string()).await;
    assert_eq!(ended.status.as_str(), "FAILED", "{ended:?}");
    for (state, times) in
        [("AwaitDecision", waits), ("RemindModerators", waits), ("RecordFailure", 1)]
    {
        assert_eq!(entered(&ended, state), times, "{state}: {ended:?}");
    }
    // It did wait each time, as long as the parameter says.
    let took = ended.states.last().map_or(0.0, |last| last.seconds);
    assert!(took >= f64::from(WAIT_SECONDS * limits::DECISION_WAITS_MAX), "{took} s");
    // The last wait ends with giving up, not with another reminder.
    assert_eq!(reminders(stage, &title).await, waits - 1, "reminders of {title}");
    assert_eq!(stage.view(id).await.unwrap().status, Status::InReview, "nothing is lost");

    stage.decide(mo, id, measure).await.unwrap();
    // Nobody restarts it by hand: the schedule carries the decision out.
    let status = until(&format!("the late decision on {id}"), || async {
        stage.reconcile().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let status = stage.view(id).await?.status;
        Ok(status.is_settled().then_some(status))
    })
    .await
    .unwrap();
    // Mails, page and followers are owed, too, and each comes once.
    assert_eq!(stage.settled(id, mo, measure).await.unwrap(), status);
    for person in [&stage.ann, &stage.bo] {
        stage.mails_about(person, &title).await.unwrap();
    }
    status
}

async fn ended(stage: &Stage, name: &str) -> Execution {
    until(&format!("the end of {name}"), || async {
        let look = execution::look(&stage.stack, Workflow::SessionSubmission, name).await?;
        Ok(look.filter(|execution| execution.status.as_str() != "RUNNING"))
    })
    .await
    .unwrap()
}

fn entered(execution: &Execution, state: &str) -> usize {
    execution.states.iter().filter(|entered| entered.state == state).count()
}

async fn reminders(stage: &Stage, title: &str) -> usize {
    let mails = stage.stack.mails(MODERATORS).await.unwrap();
    mails.iter().filter(|mail| mail.text.contains(title)).count()
}
