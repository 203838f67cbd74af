//! On the engine: functions and stand-ins killed outright, and the engine
//! itself restarted, in the middle of every state. Nothing accepted is lost,
//! no mail comes twice.
//!
//! The gateway holds a function in mid-task, so a kill hits it there and not
//! by luck. One test, since a restarted engine would reach the others.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use futures::{StreamExt as _, future::join_all, stream};
use seisiun_domain::{
    SubmissionId,
    case::Measure,
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack, Stage,
    content::fixture,
    execution::{self, waits},
    gateway::{Action, Counts, Plan},
    stack::until,
    stage::Wanted,
};

/// How a submission comes to the function that is to be hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    /// Published at once.
    Clean,
    /// Its photo is flagged.
    Flagged,
    /// Flagged, and rejected by a moderator.
    Rejected,
    /// Flagged, and nobody decides; by a machine that waits a second instead of
    /// two days.
    Overdue,
}

/// Every function of the session's workflow and of the one that it starts, and
/// how a submission comes there.
const FUNCTIONS: [(&str, Path); 15] = [
    ("validate-submission", Path::Clean),
    ("prepare-photo", Path::Clean),
    ("moderate-photo", Path::Clean),
    ("moderate-text", Path::Clean),
    ("persist-session", Path::Clean),
    ("start-notify", Path::Clean),
    ("tell-submitter", Path::Clean),
    ("plan-fan-out", Path::Clean),
    ("send-batch", Path::Clean),
    ("summarise-fan-out", Path::Clean),
    ("open-case", Path::Flagged),
    ("reject-submission", Path::Rejected),
    ("remind-moderators", Path::Overdue),
    ("record-failure", Path::Overdue),
    // Among those that publish nothing meanwhile, when all are held together.
    (HOLDS_OTHERS, Path::Clean),
];

/// What it writes names other sessions of the country, whose requests would be held
/// with its own.
const HOLDS_OTHERS: &str = "publish-listing";

/// Submissions held at the same time. Few, so that none has tried its last before all
/// are there that the engine or a stand-in is away for.
const HELD_AT_ONCE: usize = 4;

/// A submission that is held in a function.
struct Held<'a> {
    stage: &'a Stage,
    mo: &'a Person,
    function: &'static str,
    path: Path,
    title: String,
    id: SubmissionId,
    plan: Plan<'a>,
}

impl<'a> Held<'a> {
    async fn in_function(
        (stage, mo, overdue): (&'a Stage, &'a Person, &str),
        (function, path): (&'static str, Path),
        counts: Counts,
        drill: &str,
    ) -> Self {
        let photo = if path == Path::Clean { fixture::COFFEE } else { fixture::FLAGGED };
        let wanted: Wanted =
            stage.wanted(&format!("{drill} {function}"), Some(photo)).await.unwrap();
        let about = wanted.about();
        let plan = Plan::set(&stage.stack, &about, function, counts, 1, Action::Hold);
        let plan = plan.await.unwrap();
        let id = stage.submit(&wanted).await.unwrap();
        match path {
            Path::Clean | Path::Flagged => {}
            Path::Rejected => {
                stage.in_review(id).await.unwrap();
                stage.decide(mo, id, Measure::Reject).await.unwrap();
            }
            Path::Overdue => {
                stage.in_review(id).await.unwrap();
                let start = stage.stack.sfn().start_execution().state_machine_arn(overdue);
                let input = serde_json::json!({ "submission_id": id }).to_string();
                start.name(id.to_string()).input(input).send().await.unwrap();
            }
        }
        plan.met(&format!("{function} about {id}")).await.unwrap();
        let title = wanted.session.session.title;
        Self { stage, mo, function, path, title, id, plan }
    }

    /// Lets it go, and sees it to the end that it should have.
    async fn comes_to_its_end(self) {
        let Self { stage, mo, function, path, title, id, plan } = self;
        plan.end().await.unwrap();
        let measure = if path == Path::Rejected { Measure::Reject } else { Measure::Approve };
        let status = stage.settled(id, mo, measure).await.unwrap();
        let well = match path {
            Path::Rejected => matches!(status, Status::Rejected { .. }),
            _ => matches!(status, Status::Published { .. }),
        };
        assert!(well, "{title}, hit in {function}: {status:?}");
        for person in [&stage.ann, &stage.bo] {
            stage.mails_about(person, &title).await.unwrap();
        }
    }
}

#[tokio::test]
async fn what_is_killed_or_restarted_in_any_state_loses_nothing() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let name = format!("mo.{}", stage.place.tag);
    let mo = Person::sign_up(&stack, &name, &["moderators"]).await.unwrap();
    let overdue = overdue_machine(&stack).await;

    // Other people for each drill: who sends much in an hour is held for it.
    for counts in [Counts::All, Counts::Effects] {
        let stage = Stage::set(&stack).await.unwrap();
        let cast = (&stage, &mo, overdue.as_str());
        // These change nothing when all is well: they judge, and add up.
        let idle = ["validate-submission", "summarise-fan-out"];
        let changing =
            FUNCTIONS.iter().filter(|(name, _)| counts == Counts::All || !idle.contains(name));
        let (apart, others): (Vec<_>, Vec<_>) =
            changing.copied().partition(|(name, _)| *name == HOLDS_OTHERS);
        for together in [others, apart] {
            stream::iter(together)
                .map(|function| killed(cast, function, counts))
                .buffer_unordered(HELD_AT_ONCE)
                .collect::<()>()
                .await;
        }
    }
    for (drill, command) in [
        ("Stand-ins killed in", &["bounce", "standins", "--kill"][..]),
        ("Engine restarted in", &["bounce", "engine"][..]),
    ] {
        let stage = Stage::set(&stack).await.unwrap();
        let cast = (&stage, &mo, overdue.as_str());
        for group in FUNCTIONS.chunks(HELD_AT_ONCE) {
            let each =
                group.iter().map(|function| Held::in_function(cast, *function, Counts::All, drill));
            let held = join_all(each).await;
            assert!(stage.xtask(command).await.unwrap(), "{command:?} failed");
            join_all(held.into_iter().map(Held::comes_to_its_end)).await;
        }
    }
    restarted_while_waiting(&stage, &mo).await;
    stack.sfn().delete_state_machine().state_machine_arn(&overdue).send().await.unwrap();
}

/// Kills a function in the middle of a submission, and sees that come to its end.
async fn killed(cast: (&Stage, &Person, &str), function: (&'static str, Path), counts: Counts) {
    let drill = format!("Killed at its first {counts:?}");
    let held = Held::in_function(cast, function, counts, &drill).await;
    let name = held.stage.function(held.function).unwrap();
    let killed = held.stage.xtask(&["kill-function", &name]).await.unwrap();
    assert!(killed, "{name} was held and no process of it was found");
    held.comes_to_its_end().await;
}

/// The deployed session machine, but that a decision is overdue after a second.
async fn overdue_machine(stack: &Stack) -> String {
    let sfn = stack.sfn();
    let deployed = stack.machine(Workflow::SessionSubmission).unwrap();
    let deployed = sfn.describe_state_machine().state_machine_arn(deployed).send().await.unwrap();
    let mut definition: serde_json::Value = serde_json::from_str(deployed.definition()).unwrap();
    let timeout = &mut definition["States"]["AwaitDecision"]["TimeoutSeconds"];
    assert!(timeout.as_u64().is_some_and(|seconds| seconds > 1), "{timeout}");
    *timeout = 1.into();
    let tag = ulid::Ulid::generate().to_string();
    let machine = sfn
        .create_state_machine()
        .name(format!("overdue-{tag}"))
        .role_arn(deployed.role_arn())
        .definition(definition.to_string())
        .send()
        .await
        .unwrap();
    machine.state_machine_arn().to_owned()
}

/// The engine restarted while a case waits for its moderator: the reconciler
/// brings it back with a new token, and the decision finds it.
async fn restarted_while_waiting(stage: &Stage, mo: &Person) {
    let wanted = stage.wanted("Engine restarted while waiting", Some(fixture::FLAGGED)).await;
    let id = stage.submit(&wanted.unwrap()).await.unwrap();
    let (stack, machine) = (&stage.stack, Workflow::SessionSubmission);
    execution::follow(stack, machine, &id.to_string(), waits).await.unwrap();
    assert!(stage.xtask(&["bounce", "engine"]).await.unwrap());
    until("the case's new execution", || async {
        stage.reconcile().await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(execution::look(stack, machine, &format!("{id}-r1")).await?.filter(waits))
    })
    .await
    .unwrap();
    let status = stage.settled(id, mo, Measure::Approve).await.unwrap();
    assert!(matches!(status, Status::Published { .. }), "{status:?}");
}
