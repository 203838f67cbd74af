//! How the answer to a submission looks, whatever was submitted.

use axum::{Json, http::StatusCode};
use seisiun_contracts::{
    api::{ProblemKind, Submitted},
    metric::Metric,
};
use seisiun_domain::{SubmissionId, submission::Workflow};
use seisiun_lambda::metrics;
use seisiun_workflows::{
    ports::{
        AcceptSubmission, DescribeExecution, LoadSession, LoadSubmission, LoadWork, ObjectSize,
        RecallRequest, StartExecution,
    },
    request_withdrawal::{self, Requested, request_withdrawal},
    submit,
};
use ulid::Ulid;

use crate::{http::HttpProblem, now};

/// The answer.
///
/// # Errors
/// If nothing was stored.
pub fn submitted(
    workflow: Workflow,
    outcome: submit::Submitted,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    match outcome {
        submit::Submitted::Accepted(submission_id) => {
            metrics::count_of(Metric::SubmissionsAccepted, workflow.name());
            Ok((StatusCode::ACCEPTED, Json(Submitted { submission_id, replayed: false })))
        }
        submit::Submitted::Replayed(submission_id) => {
            Ok((StatusCode::OK, Json(Submitted { submission_id, replayed: true })))
        }
        submit::Submitted::KeyReused => Err(HttpProblem::key_reused()),
        submit::Submitted::Refused(problems) => {
            metrics::count(Metric::SubmissionsRefused, 1_u32);
            Err(HttpProblem::invalid(problems))
        }
    }
}

/// Asks for a withdrawal; a member and a moderator do alike.
///
/// # Errors
/// If there is nothing for who asks, or nothing to withdraw.
pub async fn withdrawal<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    request: request_withdrawal::Request,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem>
where
    S: AcceptSubmission + RecallRequest + LoadWork + LoadSubmission + LoadSession,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
{
    let id = SubmissionId::new(Ulid::generate());
    match request_withdrawal(store, objects, workflows, now(), id, request).await? {
        Requested::Submitted(outcome) => submitted(Workflow::Withdraw, outcome),
        Requested::NoSuchSubmission => Err(HttpProblem::not_found()),
        Requested::NothingToWithdraw => {
            let why = "It brought nothing that can be taken back, or has been taken back.";
            Err(HttpProblem::new(ProblemKind::Conflict, why))
        }
    }
}
