//! What a withdrawal is about.

use seisiun_domain::{
    SubmissionId,
    submission::{Status, Submission},
};

use crate::{
    error::TaskResult,
    ports::{LoadSession, LoadSubmission},
};

/// What is, or was, withdrawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target {
    /// What brought it.
    pub(crate) submission: Submission,
    /// Whether that is stored: an imported session came by no submission.
    pub(crate) is_stored: bool,
}

impl Target {
    /// The statuses that stand once it is gone, with the withdrawal's own.
    pub(crate) fn settles(
        &self,
        withdrawal: SubmissionId,
        status: Status,
    ) -> Vec<(SubmissionId, Status)> {
        let mut settles = vec![(withdrawal, Status::Done)];
        if self.is_stored {
            settles.push((self.submission.id, status));
        }
        settles
    }
}

/// Loads it; none if nothing of this id is there.
pub(crate) async fn load_target<S>(store: &S, id: SubmissionId) -> TaskResult<Option<Target>>
where
    S: LoadSubmission + LoadSession,
{
    if let Some(submission) = store.load_submission(id).await? {
        return Ok(Some(Target { submission, is_stored: true }));
    }
    let session = store.load_session(id.session()).await?;
    let standing = session.as_ref().map(Submission::standing_for);
    Ok(standing.map(|submission| Target { submission, is_stored: false }))
}
