//! Step Functions: starting executions, looking at them, answering their
//! waiting tasks.

use aws_sdk_sfn::{
    Client,
    error::SdkError,
    operation::{
        describe_execution::DescribeExecutionError, send_task_success::SendTaskSuccessError,
        start_execution::StartExecutionError,
    },
    types::ExecutionStatus,
};
use seisiun_domain::submission::Workflow;
use seisiun_workflows::ports::{
    Answer, AnswerTask, DescribeExecution, ExecutionState, PortError, PortResult, Start,
    StartExecution, TaskToken,
};
use serde_json::Value;

use crate::{
    SdkConfig,
    classify::{port_error, quiet_error},
};

const START: &str = "states:StartExecution";
const DESCRIBE: &str = "states:DescribeExecution";
const ANSWER: &str = "states:SendTaskSuccess";

/// ARNs of the state machines that a function may use.
#[derive(Debug, Clone, Default)]
pub struct StateMachines {
    /// See [`Workflow::SessionSubmission`].
    pub session_submission: Option<String>,
    /// See [`Workflow::ReviewSubmission`].
    pub review_submission: Option<String>,
    /// See [`Workflow::Notice`].
    pub notice: Option<String>,
    /// See [`Workflow::NotifyFollowers`].
    pub notify_followers: Option<String>,
    /// See [`Workflow::ChangeSubmission`].
    pub change_submission: Option<String>,
    /// See [`Workflow::Withdraw`].
    pub withdraw: Option<String>,
    /// See [`Workflow::ExportMember`].
    pub export_member: Option<String>,
    /// See [`Workflow::EraseMember`].
    pub erase_member: Option<String>,
}

/// The workflows.
#[derive(Debug, Clone)]
pub struct Workflows {
    client: Client,
    machines: StateMachines,
}

impl Workflows {
    /// The workflows that these state machines run.
    #[must_use]
    pub fn new(config: &SdkConfig, machines: StateMachines) -> Self {
        Self { client: Client::new(config), machines }
    }

    fn machine(&self, workflow: Workflow, what: &'static str) -> PortResult<&str> {
        let arn = match workflow {
            Workflow::SessionSubmission => &self.machines.session_submission,
            Workflow::ReviewSubmission => &self.machines.review_submission,
            Workflow::Notice => &self.machines.notice,
            Workflow::NotifyFollowers => &self.machines.notify_followers,
            Workflow::ChangeSubmission => &self.machines.change_submission,
            Workflow::Withdraw => &self.machines.withdraw,
            Workflow::ExportMember => &self.machines.export_member,
            Workflow::EraseMember => &self.machines.erase_member,
        };
        let missing =
            || PortError::Broken { what, why: format!("no state machine is set for {workflow:?}") };
        arn.as_deref().ok_or_else(missing)
    }
}

impl StartExecution for Workflows {
    async fn start_execution(
        &self,
        workflow: Workflow,
        name: &str,
        input: &Value,
    ) -> PortResult<Start> {
        let start = self
            .client
            .start_execution()
            .state_machine_arn(self.machine(workflow, START)?)
            .name(name)
            .input(input.to_string());
        match start.send().await {
            Ok(_) => Ok(Start::Started),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), StartExecutionError::ExecutionAlreadyExists(_)) =>
            {
                Ok(Start::Exists)
            }
            Err(error) => Err(port_error(START, error)),
        }
    }
}

impl DescribeExecution for Workflows {
    async fn describe_execution(
        &self,
        workflow: Workflow,
        name: &str,
    ) -> PortResult<Option<ExecutionState>> {
        let machine = self.machine(workflow, DESCRIBE)?;
        let arn = execution_arn(machine, name).ok_or_else(|| PortError::Broken {
            what: DESCRIBE,
            why: format!("{machine} is not the ARN of a state machine"),
        })?;
        match self.client.describe_execution().execution_arn(arn).send().await {
            Ok(execution) => state(execution.status()).map(Some),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), DescribeExecutionError::ExecutionDoesNotExist(_)) =>
            {
                Ok(None)
            }
            Err(error) => Err(port_error(DESCRIBE, error)),
        }
    }
}

/// `arn:…:stateMachine:machine` and `name` make `arn:…:execution:machine:name`.
fn execution_arn(machine: &str, name: &str) -> Option<String> {
    let (prefix, machine) = machine.split_once(":stateMachine:")?;
    Some(format!("{prefix}:execution:{machine}:{name}"))
}

fn state(status: &ExecutionStatus) -> PortResult<ExecutionState> {
    match status {
        ExecutionStatus::Running | ExecutionStatus::PendingRedrive => Ok(ExecutionState::Running),
        ExecutionStatus::Succeeded => Ok(ExecutionState::Succeeded),
        ExecutionStatus::Failed | ExecutionStatus::TimedOut | ExecutionStatus::Aborted => {
            Ok(ExecutionState::Failed)
        }
        // Taking it for any of them could start work twice or never.
        other => Err(PortError::Broken { what: DESCRIBE, why: format!("unknown status {other}") }),
    }
}

impl AnswerTask for Workflows {
    async fn answer_task(&self, token: &TaskToken, output: &Value) -> PortResult<Answer> {
        let answer =
            self.client.send_task_success().task_token(&token.0).output(output.to_string());
        match answer.send().await {
            Ok(_) => Ok(Answer::Delivered),
            Err(SdkError::ServiceError(context))
                if matches!(
                    context.err(),
                    SendTaskSuccessError::InvalidToken(_)
                        | SendTaskSuccessError::TaskDoesNotExist(_)
                        | SendTaskSuccessError::TaskTimedOut(_)
                ) =>
            {
                Ok(Answer::Gone)
            }
            Err(error) => Err(quiet_error(ANSWER, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_execution_is_found_by_its_machine_and_name() {
        let machine = "arn:aws:states:eu-west-1:000000000000:stateMachine:seisiun-x";
        let expected = "arn:aws:states:eu-west-1:000000000000:execution:seisiun-x:01J";
        assert_eq!(execution_arn(machine, "01J").as_deref(), Some(expected));
        assert_eq!(execution_arn("seisiun-x", "01J"), None);
    }

    #[test]
    fn a_status_that_we_do_not_know_is_not_guessed_at() {
        assert!(matches!(state(&ExecutionStatus::Aborted), Ok(ExecutionState::Failed)));
        assert!(state(&ExecutionStatus::from("RESTING")).is_err());
    }
}
