//! Starting executions so that a repeat is a repeat.

use seisiun_domain::submission::{Work, Workflow};
use serde_json::{Value, json};

use crate::ports::{DescribeExecution, ExecutionState, PortResult, Start, StartExecution};

/// The input of a workflow: derived from what is stored alone, so that every
/// start of the same work is the same start.
#[must_use]
pub fn input(work: &Work) -> Value {
    match work.workflow {
        Workflow::NotifyFollowers => json!({ "event_id": work.id }),
        Workflow::SessionSubmission
        | Workflow::ReviewSubmission
        | Workflow::Notice
        | Workflow::ChangeSubmission
        | Workflow::Withdraw
        | Workflow::ExportMember
        | Workflow::EraseMember => json!({ "submission_id": work.id }),
    }
}

/// Where the work's execution stands once it has been asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ensured {
    /// It was started by this call.
    Started,
    /// It runs, or has ended well.
    Alive,
    /// It has failed; only a restart under another name helps.
    Failed,
}

/// Sees to it that the work's present execution exists. AWS answers a repeated
/// start of a running execution as it did the first, another engine answers
/// "exists": so look at what exists before calling it a success.
pub async fn ensure_started(
    workflows: &(impl StartExecution + DescribeExecution),
    work: &Work,
) -> PortResult<Ensured> {
    let name = work.execution_name();
    match workflows.start_execution(work.workflow, &name, &input(work)).await? {
        Start::Started => Ok(Ensured::Started),
        Start::Exists => match workflows.describe_execution(work.workflow, &name).await? {
            Some(ExecutionState::Running | ExecutionState::Succeeded) => Ok(Ensured::Alive),
            Some(ExecutionState::Failed) | None => Ok(Ensured::Failed),
        },
    }
}
