//! On the engine: a whole execution run again finds its own earlier effects.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use seisiun_domain::submission::Workflow;
use seisiun_e2e::{
    Stack, Stage,
    content::fixture,
    execution::{self, succeeded},
    snapshot::Snapshot,
};
use serde_json::json;

#[tokio::test]
async fn every_task_run_again_changes_nothing() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let wanted = stage.wanted("Twice", Some(fixture::COFFEE)).await.unwrap();
    let id = stage.submit(&wanted).await.unwrap();
    let workflows = [
        (Workflow::SessionSubmission, json!({ "submission_id": id })),
        (Workflow::NotifyFollowers, json!({ "event_id": id })),
    ];
    for (workflow, _) in &workflows {
        execution::follow(&stack, *workflow, &id.to_string(), succeeded).await.unwrap();
    }
    let people = [&stage.ann, &stage.bo];
    let before = Snapshot::take(&stack, &people).await.unwrap();
    assert!(before.mails >= 2, "the follower and the submitter were told");
    // Under another name and from the same input.
    for (workflow, input) in workflows {
        let name = format!("{id}-again");
        let start = stack.sfn().start_execution();
        let start = start.state_machine_arn(stack.machine(workflow).unwrap()).name(&name);
        start.input(input.to_string()).send().await.unwrap();
        execution::follow(&stack, workflow, &name, succeeded).await.unwrap();
    }
    let mut after = Snapshot::take(&stack, &people).await.unwrap();
    assert_eq!(after.executions, before.executions + 2);
    after.executions = before.executions;
    let differences = before.differences(&after);
    assert!(differences.is_empty(), "a repeat had effects:\n{}", differences.join("\n"));
}
