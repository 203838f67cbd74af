//! Watching an execution of a state machine.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use seisiun_domain::submission::Workflow;
use serde_json::Value;

use crate::stack::{Stack, until};

/// A state that was entered, with the seconds since the execution started.
#[derive(Debug, Clone, PartialEq)]
pub struct Entered {
    /// Its name.
    pub state: String,
    /// Seconds since the execution started.
    pub seconds: f64,
}

/// What is known of an execution.
#[derive(Debug, Clone)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Where it stands.
    pub status: ExecutionStatus,
    /// The states entered so far.
    pub states: Vec<Entered>,
}

/// ARN of the execution of this name.
///
/// # Errors
/// If the stack has no such state machine.
pub fn arn(stack: &Stack, workflow: Workflow, name: &str) -> Result<String> {
    let machine = stack.machine(workflow)?;
    Ok(format!("{}:{name}", machine.replace(":stateMachine:", ":execution:")))
}

/// Looks at an execution; `None` if there is none.
///
/// # Errors
/// If the engine does not answer.
pub async fn look(stack: &Stack, workflow: Workflow, name: &str) -> Result<Option<Execution>> {
    let arn = arn(stack, workflow, name)?;
    let sfn = stack.sfn();
    let described = match sfn.describe_execution().execution_arn(&arn).send().await {
        Ok(described) => described,
        Err(error) if error.as_service_error().is_some_and(|e| e.is_execution_does_not_exist()) => {
            return Ok(None);
        }
        Err(error) => return Err(error).context("describe an execution"),
    };
    let mut states = Vec::new();
    let mut pages = sfn.get_execution_history().execution_arn(&arn).into_paginator().send();
    let mut started = None;
    while let Some(page) = pages.next().await {
        for event in page.context("read an execution's history")?.events() {
            let at = event.timestamp().as_secs_f64();
            let start = *started.get_or_insert(at);
            let entered = event.state_entered_event_details();
            if let (Some(entered), true) = (entered, is_entry(event.r#type())) {
                states.push(Entered { state: entered.name().to_owned(), seconds: at - start });
            }
        }
    }
    Ok(Some(Execution { arn, status: described.status().clone(), states }))
}

/// State transitions that an execution that has ended is billed: each state
/// that was entered, each retry, and the start; those of a distributed map's
/// children, too.
///
/// # Errors
/// If the engine does not answer, or the states of an iteration can't be told.
pub async fn transitions(stack: &Stack, workflow: Workflow, name: &str) -> Result<u64> {
    let own = arn(stack, workflow, name)?;
    let sfn = stack.sfn();
    let described = sfn.describe_state_machine_for_execution().execution_arn(&own).send().await;
    let definition = described.context("read the definition of an execution")?;
    let definition: Value = serde_json::from_str(definition.definition())?;
    let mut executions = vec![own.clone()];
    let runs = sfn.list_map_runs().execution_arn(&own).send().await.context("list map runs")?;
    for run in runs.map_runs() {
        let children = sfn.list_executions().map_run_arn(run.map_run_arn());
        let mut pages = children.into_paginator().items().send();
        while let Some(child) = pages.next().await {
            executions.push(child.context("list a map's children")?.execution_arn().to_owned());
        }
    }
    let mut transitions = 0;
    for execution in &executions {
        let (mut entered, mut tasks, mut tried) = (0, 0, 0);
        let history = sfn.get_execution_history().execution_arn(execution);
        let mut pages = history.into_paginator().send();
        while let Some(page) = pages.next().await {
            for event in page.context("read an execution's history")?.events() {
                entered += u64::from(is_entry(event.r#type()));
                tasks += u64::from(*event.r#type() == HistoryEventType::TaskStateEntered);
                tried += u64::from(*event.r#type() == HistoryEventType::TaskScheduled);
            }
        }
        anyhow::ensure!(tried >= tasks && tried > 0, "{execution}: {tried} tries of {tasks}");
        transitions += 1 + entered + beside(&definition, tried - tasks)?;
    }
    Ok(transitions)
}

/// Transitions behind so many tries of tasks that entered no state: AWS writes
/// the states of a map's iterations, and of its children, into the history, the
/// engine writes their tasks alone. So the states are those of the way through an
/// iteration that is taken when all is well, as often as it was. Where there is no
/// map, they are retries.
fn beside(definition: &Value, tried: u64) -> Result<u64> {
    let mut states = definition["States"].as_object().into_iter().flatten();
    let map = states.find(|(_, state)| state["Type"] == "Map");
    let processor = map.map(|(_, state)| &state["ItemProcessor"]);
    let Some(processor) = processor.filter(|_| tried > 0) else { return Ok(tried) };
    let (mut entered, mut tasks) = (0, 0);
    let mut name = processor["StartAt"].as_str();
    while let Some(state) = name.map(|name| &processor["States"][name]) {
        entered += 1;
        tasks += u64::from(state["Type"] == "Task");
        // The first choice is the one for what is well.
        name = state["Next"].as_str().or_else(|| state["Choices"][0]["Next"].as_str());
    }
    anyhow::ensure!(
        tasks > 0 && tried.is_multiple_of(tasks),
        "{tried} tries of tasks are no whole number of iterations with {tasks} each"
    );
    Ok(tried / tasks * entered)
}

fn is_entry(kind: &HistoryEventType) -> bool {
    kind.as_str().ends_with("StateEntered")
}

/// Follows an execution until `stop` says so, printing each state as it is entered.
///
/// # Errors
/// If it does not come about, or the execution fails while `stop` says no.
pub async fn follow(
    stack: &Stack,
    workflow: Workflow,
    name: &str,
    mut stop: impl FnMut(&Execution) -> bool,
) -> Result<Execution> {
    let mut printed = 0;
    let start = Instant::now();
    loop {
        let seen = until("an execution", || look(stack, workflow, name)).await?;
        for entered in seen.states.iter().skip(printed) {
            println!("      {:>6.2} s  {}", entered.seconds, entered.state);
        }
        printed = seen.states.len();
        if stop(&seen) {
            return Ok(seen);
        }
        if seen.status != ExecutionStatus::Running {
            bail!("{} ended as {:?} after {:?}", seen.arn, seen.status, seen.states);
        }
        if start.elapsed().as_secs() > 150 {
            bail!("{} still runs after 150 s: {:?}", seen.arn, seen.states);
        }
        tokio::time::sleep(std::time::Duration::from_millis(120)).await;
    }
}

/// Whether it ended well.
#[must_use]
pub fn succeeded(execution: &Execution) -> bool {
    execution.status == ExecutionStatus::Succeeded
}

/// Whether it waits for a moderator.
#[must_use]
pub fn waits(execution: &Execution) -> bool {
    execution.states.last().is_some_and(|entered| entered.state == "AwaitDecision")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_iteration_is_as_many_transitions_as_its_way_has_states() {
        let definition = json!({ "States": {
            "Photos": { "Type": "Map", "ItemProcessor": {
                "StartAt": "Prepare",
                "States": {
                    "Prepare": { "Type": "Task", "Next": "Route" },
                    "Route": { "Type": "Choice", "Choices": [{ "Next": "Judge" }, { "Next": "Out" }] },
                    "Judge": { "Type": "Task", "End": true },
                    "Out": { "Type": "Pass", "End": true },
                },
            } },
        } });
        assert_eq!(beside(&definition, 0).unwrap(), 0);
        assert_eq!(beside(&definition, 4).unwrap(), 6);
        assert!(beside(&definition, 3).is_err(), "one was tried again, or went another way");
        assert_eq!(beside(&json!({ "States": {} }), 3).unwrap(), 3, "retries");
    }
}
