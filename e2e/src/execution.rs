//! Watching an execution of a state machine.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType};
use seisiun_domain::submission::Workflow;

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
