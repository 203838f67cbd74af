//! The state machines in the repository keep the contract.

use std::collections::BTreeSet;

use seisiun_contracts::task::{CaseTag, DecisionTag, EventInput, SubmissionInput, VerdictTag};
use seisiun_domain::{
    case::Measure,
    limits,
    moderation::Verdict,
    submission::{Work, WorkState, Workflow},
};
use serde::Serialize;

use crate::{
    checks,
    journeys::{JOURNEYS, STATES_MAX, input_of},
    project::Project,
    template::Template,
};

/// Every value of an enum. The match makes a new one a compile error here.
macro_rules! every {
    ($ty:ident: $($variant:ident),*) => {{
        let known = |value: &$ty| match value {
            $($ty::$variant => true),*
        };
        let all = vec![$($ty::$variant),*];
        assert!(all.iter().all(known));
        all
    }};
}
pub(crate) use every;

fn workflows() -> Vec<Workflow> {
    every!(
        Workflow: SessionSubmission,
        ReviewSubmission,
        Notice,
        NotifyFollowers,
        ChangeSubmission,
        Withdraw,
        ExportMember,
        EraseMember
    )
}

fn text(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn nothing_breaks_the_contract() {
    let violations = checks::check(&Project::load());
    let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{} violations:\n{}", list.len(), list.join("\n"));
}

#[test]
fn a_workflow_is_a_machine() {
    let project = Project::load();
    let machines: BTreeSet<String> = project.machines.keys().cloned().collect();
    let known: BTreeSet<String> = workflows().into_iter().map(text).collect();
    assert_eq!(known, machines, "domain's Workflow and statemachines/*.asl.json");
}

#[test]
fn a_machine_is_started_with_its_input() {
    let id = "01JAB5ZQ3M8V7K2N4P6R9T0WXY".parse().unwrap();
    for workflow in workflows() {
        let work = Work { workflow, id, restarts: 1, state: WorkState::Open };
        let built = seisiun_workflows::workflow::input(&work);
        let expected = match input_of(&text(workflow)) {
            Some("Submission") => serde_json::to_value(SubmissionInput { submission_id: id }),
            Some("Event") => serde_json::to_value(EventInput { event_id: id }),
            other => panic!("{workflow:?} is started with {other:?}"),
        };
        assert_eq!(built, expected.unwrap(), "{workflow:?}");
    }
}

#[test]
fn a_clean_path_is_short() {
    let mut seen = BTreeSet::new();
    for journey in JOURNEYS.iter().filter(|journey| journey.clean) {
        let entered = journey.states.len();
        assert!(
            entered <= STATES_MAX,
            "{}: {}: {entered} states; re-argue STATES_MAX in statemachines/README.md",
            journey.machine,
            journey.name
        );
        seen.insert(text(journey.machine));
    }
    let machines = Project::load().machines.into_keys().collect();
    assert_eq!(seen, machines, "every machine has a clean path in journeys.rs");
}

/// A claim whose sender may live is not taken over: half of the time in which an event
/// comes is beyond the life of any function that sends.
#[test]
fn a_claim_outlives_its_sender() {
    let project = Project::load();
    let template = Template::read(&project.template);
    let settle = template.parameters["MailSettleSeconds"].as_u64().unwrap();
    let runs = template.function("SendBatchFunction").unwrap().timeout_seconds.unwrap();
    assert!(settle / 2 > runs, "MailSettleSeconds is {settle}, and SendBatch may run {runs} s");
    let waits = u64::try_from(limits::PAGE_TIME_MAX.as_secs()).unwrap();
    assert!(2 * waits <= runs, "a page waits {waits} s for permits");
}

/// Tags are the domain's own words, so that what is stored and what is routed
/// read the same.
#[test]
fn tags_are_spelled_as_in_the_domain() {
    let measures: Vec<String> = every!(Measure: Approve, Reject).into_iter().map(text).collect();
    assert_eq!(measures, DecisionTag::TAGS);
    assert_eq!(CaseTag::TAGS.split_first(), Some((&"undecided", DecisionTag::TAGS)));
    let verdicts: Vec<String> =
        every!(Verdict: Publish, Review, Reject).into_iter().map(text).collect();
    assert_eq!(verdicts, VerdictTag::TAGS);
}
