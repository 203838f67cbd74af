//! How a task fails. The variants are the error names that state machines
//! retry and catch; the functions' shell turns one into the other.

use seisiun_domain::SubmissionId;

use crate::ports::PortError;

/// A task that did not come to an outcome.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// A dependency failed; it may pass.
    #[error("a dependency failed")]
    Dependency(#[source] PortError),
    /// A dependency asks us to slow down.
    #[error("a dependency throttles us")]
    Throttled(#[source] PortError),
    /// Something that it waits for is not there yet.
    #[error("not ready: {0}")]
    NotReady(String),
    /// The input breaks the contract, or names what does not exist.
    #[error("invalid input: {0}")]
    InvalidInput(String),
    /// The same id stands for something else already.
    #[error("conflict: {0}")]
    Conflict(String),
    /// A mistake of ours.
    #[error("invariant broken: {0}")]
    Invariant(String),
}

/// The result of a task.
pub type TaskResult<T> = Result<T, TaskError>;

impl From<PortError> for TaskError {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unavailable { .. } => Self::Dependency(error),
            PortError::Throttled { .. } => Self::Throttled(error),
            PortError::Broken { what, why } => Self::Invariant(format!("{what}: {why}")),
        }
    }
}

impl TaskError {
    pub(crate) fn no_submission(id: SubmissionId) -> Self {
        Self::InvalidInput(format!("there is no submission {id}"))
    }
}
