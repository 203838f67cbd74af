//! On the engine: every task run again, functions and stand-ins killed, the
//! engine itself restarted. Nothing accepted is lost, nothing happens twice.
//!
//! One test, since the faults would reach the others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{path::PathBuf, process::Command, time::Duration};

use reqwest::Method;
use seisiun_contracts::api::{Decide, PutFollow, SubmitSession};
use seisiun_domain::{
    SubmissionId,
    case::{Measure, Reason},
    follow::Target,
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack,
    content::{Place, fixture},
    execution::{self, succeeded, waits},
    snapshot::Snapshot,
    stack::until,
};
use serde_json::json;

struct Stage {
    stack: Stack,
    place: Place,
    ann: Person,
    bo: Person,
    mo: Person,
}

impl Stage {
    async fn set() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let place = Place::fresh();
        let person = |name: &str| format!("{name}.{}", place.tag);
        let ann = Person::sign_up(&stack, &person("ann"), &[]).await.unwrap();
        let bo = Person::sign_up(&stack, &person("bo"), &[]).await.unwrap();
        let mo = Person::sign_up(&stack, &person("mo"), &["moderators"]).await.unwrap();
        let county = Target::county("IE", &place.county);
        bo.follow(&PutFollow { target: Some(county), circle: None }).await.unwrap();
        Self { stack, place, ann, bo, mo }
    }

    async fn submit(&self, title: &str, photo: Option<&[u8]>) -> SubmissionId {
        let mut photos = Vec::new();
        if let Some(bytes) = photo {
            photos.push(self.ann.upload(bytes.to_vec(), "image/jpeg").await.unwrap());
        }
        let session = self.place.elsewhere().session(&format!("{title} {}", self.place.tag));
        let wanted = SubmitSession { session, photos };
        let key = ulid::Ulid::generate().to_string();
        self.ann.submit_session(&wanted, &key).await.unwrap().submission_id
    }

    /// Waits until the submission is public and its followers are told, letting
    /// the reconciler do its work as its schedule would.
    async fn published(&self, what: &str, id: SubmissionId) {
        until(what, || async {
            self.reconcile().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let view = self.ann.submission(id).await?;
            assert!(!matches!(view.status, Status::Rejected { .. }), "{what}: {:?}", view.status);
            if view.delayed {
                // Visibly failed, its input kept: one command does it once more.
                self.restart(id).await;
            }
            Ok(matches!(view.status, Status::Published { .. }).then_some(()))
        })
        .await
        .unwrap();
    }

    fn xtask(&self, arguments: &[&str]) {
        assert!(self.run_xtask(arguments), "xtask {arguments:?} failed");
    }

    fn run_xtask(&self, arguments: &[&str]) -> bool {
        let run_file: PathBuf = std::env::var_os("SEISIUN_RUN_FILE").unwrap().into();
        let status = Command::new(self.stack.value("xtask").unwrap())
            .args(arguments)
            .arg("--run-file")
            .arg(run_file)
            .status()
            .unwrap();
        status.success()
    }

    /// As the schedule does, without its grace. While things are being killed
    /// it may fail; the next run finds what is left.
    async fn reconcile(&self) {
        let function = self.stack.value("ReconcileFunction").unwrap();
        if let Err(error) = self.stack.invoke(function, &json!({ "grace_seconds": 0 })).await {
            eprintln!("      reconcile: {error:#}");
        }
    }

    /// What `cargo xtask restart` asks for.
    async fn restart(&self, id: SubmissionId) {
        let function = self.stack.value("ReconcileFunction").unwrap();
        let wanted = json!({ "restart": { "id": id, "workflow": "session-submission" } });
        if let Err(error) = self.stack.invoke(function, &wanted).await {
            eprintln!("      restart: {error:#}");
        }
    }

    /// Kills a function's processes; whether there were any.
    fn kill(&self, function: &str) -> bool {
        // All functions are named after the stack, as this one is.
        let reconcile = self.stack.value("ReconcileFunction").unwrap();
        let name = reconcile.replace("-reconcile", &format!("-{function}"));
        self.run_xtask(&["kill-function", &name])
    }

    async fn mails_about(&self, person: &Person, title: &str) -> usize {
        let title = format!("{title} {}", self.place.tag);
        let mails = self.stack.mails(&person.email).await.unwrap();
        mails.iter().filter(|mail| mail.text.contains(&title)).count()
    }
}

/// The session workflow's functions, in the order of its states.
const FUNCTIONS: [&str; 8] = [
    "validate-submission",
    "prepare-photo",
    "moderate-photo",
    "moderate-text",
    "persist-session",
    "start-notify",
    "tell-submitter",
    "send-batch",
];

#[tokio::test]
async fn nothing_accepted_is_lost_and_nothing_happens_twice() {
    let stage = Stage::set().await;
    every_task_run_again(&stage).await;
    each_function_killed(&stage).await;
    killed_after_a_decision(&stage).await;
    stand_ins_killed(&stage).await;
    engine_restarted(&stage).await;
}

/// A whole execution again, under another name and from the same input: each
/// task finds its own earlier effect.
async fn every_task_run_again(stage: &Stage) {
    let id = stage.submit("Twice", Some(fixture::COFFEE)).await;
    let workflow = Workflow::SessionSubmission;
    execution::follow(&stage.stack, workflow, &id.to_string(), succeeded).await.unwrap();
    execution::follow(&stage.stack, Workflow::NotifyFollowers, &id.to_string(), succeeded)
        .await
        .unwrap();
    let before = Snapshot::take(&stage.stack, &[&stage.ann, &stage.bo, &stage.mo]).await.unwrap();
    for (workflow, input) in [
        (workflow, json!({ "submission_id": id })),
        (Workflow::NotifyFollowers, json!({ "event_id": id })),
    ] {
        let name = format!("{id}-again");
        let start = stage.stack.sfn().start_execution();
        let start = start.state_machine_arn(stage.stack.machine(workflow).unwrap()).name(&name);
        start.input(input.to_string()).send().await.unwrap();
        execution::follow(&stage.stack, workflow, &name, succeeded).await.unwrap();
    }
    let mut after =
        Snapshot::take(&stage.stack, &[&stage.ann, &stage.bo, &stage.mo]).await.unwrap();
    assert_eq!(after.executions, before.executions + 2);
    after.executions = before.executions;
    let differences = before.differences(&after);
    assert!(differences.is_empty(), "a repeat had effects:\n{}", differences.join("\n"));
}

/// Kills each function outright, again and again, while a submission passes.
async fn each_function_killed(stage: &Stage) {
    for function in FUNCTIONS {
        let title = format!("Killed {function}");
        let id = stage.submit(&title, Some(fixture::COFFEE)).await;
        let mut killed = 0;
        for _ in 0..40 {
            killed += u32::from(stage.kill(function));
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        assert!(killed > 0, "{function} never ran: nothing was killed");
        stage.published(&title, id).await;
        let mails = stage.mails_about(&stage.bo, &title).await;
        assert!(mails <= 1, "{title}: the follower got {mails} mails");
    }
}

/// Kills the functions that follow a moderator's decision, either way it goes.
/// OpenCase is not among them: where AWS fails a waiting task whose function
/// fails, the local engine waits on (docs/adr/0004).
async fn killed_after_a_decision(stage: &Stage) {
    for (title, measure, reason, function) in [
        ("Approved under fire", Measure::Approve, Reason::InOrder, "persist-session"),
        ("Rejected under fire", Measure::Reject, Reason::OffTopic, "reject-submission"),
    ] {
        let id = stage.submit(title, Some(fixture::FLAGGED)).await;
        until("the case", || async {
            let view = stage.ann.submission(id).await?;
            Ok((view.status == Status::InReview).then_some(()))
        })
        .await
        .unwrap();
        let decision = Decide { measure, reason, note: String::new() };
        let answer = stage.mo.decide(id.case(), &decision).await.unwrap();
        assert!(answer.status.is_success(), "{title}: {} {}", answer.status, answer.body);
        for _ in 0..20 {
            stage.kill(function);
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
        until(title, || async {
            stage.reconcile().await;
            let view = stage.ann.submission(id).await?;
            if view.delayed {
                stage.restart(id).await;
            }
            let wanted = match measure {
                Measure::Approve => matches!(view.status, Status::Published { .. }),
                Measure::Reject => matches!(view.status, Status::Rejected { .. }),
            };
            Ok(wanted.then_some(()))
        })
        .await
        .unwrap();
    }
}

/// Kills the stand-ins for the classifier and the mail service.
async fn stand_ins_killed(stage: &Stage) {
    let id = stage.submit("Without a classifier", Some(fixture::COFFEE)).await;
    stage.xtask(&["bounce", "standins", "--kill"]);
    // The photo is classified on a retry, or goes to a person: both are right.
    let settled = until("the submission", || async {
        stage.reconcile().await;
        let view = stage.ann.submission(id).await?;
        Ok(match view.status {
            Status::Accepted => None,
            status => Some(status),
        })
    })
    .await
    .unwrap();
    if settled == Status::InReview {
        approve(stage, id).await;
    }
    stage.published("Without a classifier", id).await;
}

async fn approve(stage: &Stage, id: SubmissionId) {
    let decision =
        Decide { measure: Measure::Approve, reason: Reason::InOrder, note: String::new() };
    let answer = stage.mo.decide(id.case(), &decision).await.unwrap();
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
}

/// Stops and starts the engine while one submission runs and another waits for
/// a moderator.
async fn engine_restarted(stage: &Stage) {
    let waiting = stage.submit("Waiting", Some(fixture::FLAGGED)).await;
    let name = waiting.to_string();
    execution::follow(&stage.stack, Workflow::SessionSubmission, &name, waits).await.unwrap();
    until("the case", || async {
        let view = stage.ann.submission(waiting).await?;
        Ok((view.status == Status::InReview).then_some(()))
    })
    .await
    .unwrap();
    let running = stage.submit("Running", Some(fixture::COFFEE)).await;
    stage.xtask(&["bounce", "engine"]);
    stage.published("Running", running).await;
    // The case came back with a new token; its decision finds it.
    until("the case's new execution", || async {
        stage.reconcile().await;
        let again = format!("{name}-r1");
        let seen = execution::look(&stage.stack, Workflow::SessionSubmission, &again).await?;
        Ok(seen.filter(waits))
    })
    .await
    .unwrap();
    let cases =
        stage.mo.call(Method::GET, "/api/moderation/cases", None::<&()>, None).await.unwrap();
    assert!(cases.body.contains(&name), "the case is not in the queue: {}", cases.body);
    approve(stage, waiting).await;
    stage.published("Waiting", waiting).await;
}
