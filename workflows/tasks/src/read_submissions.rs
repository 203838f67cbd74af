//! ReadSubmissions: what became of what a member sent; one, once its state
//! changes, or all of theirs.

use std::future::Future;

use futures::{StreamExt, TryStreamExt, stream};
use seisiun_domain::{
    MemberId, SubmissionId, case,
    submission::{State, Status, Submission, WorkState},
};

use crate::{
    error::TaskResult,
    ports::{ListSubmissions, LoadCase, LoadSubmission, LoadWork},
};

/// Submissions read at once for a page: keeps it quick without opening a
/// connection for each.
const READS_AT_ONCE: usize = 8;

/// A submission as its member sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What was sent, and where it stands.
    pub submission: Submission,
    /// Whether its workflow failed on our side; its input is kept.
    pub delayed: bool,
    /// Where its member's appeal stands, if they appealed.
    pub appeal: Option<case::Status>,
}

/// A member's own submission; another's is as absent as one that never was.
pub async fn read_submission<S>(
    store: &S,
    member: &MemberId,
    id: SubmissionId,
) -> TaskResult<Option<Seen>>
where
    S: LoadSubmission + LoadWork + LoadCase,
{
    match own(store, member, id).await? {
        Some(submission) => seen(store, submission).await.map(Some),
        None => Ok(None),
    }
}

/// The same as soon as its state is another than `known`, or after so many
/// looks; between them comes `pause`.
pub async fn watch_submission<S, P>(
    store: &S,
    member: &MemberId,
    id: SubmissionId,
    known: Option<State>,
    looks: u64,
    pause: impl Fn() -> P,
) -> TaskResult<Option<Seen>>
where
    S: LoadSubmission + LoadWork + LoadCase,
    P: Future<Output = ()>,
{
    let mut known = known;
    for look in 1.. {
        let Some(submission) = own(store, member, id).await? else { return Ok(None) };
        let state = submission.status.state();
        if look >= looks || known.is_some_and(|known| known != state) {
            return seen(store, submission).await.map(Some);
        }
        known = Some(state);
        pause().await;
    }
    Ok(None)
}

async fn own(
    store: &impl LoadSubmission,
    member: &MemberId,
    id: SubmissionId,
) -> TaskResult<Option<Submission>> {
    let found = store.load_submission(id).await?;
    Ok(found.filter(|submission| submission.member_id == *member))
}

async fn seen<S>(store: &S, submission: Submission) -> TaskResult<Seen>
where
    S: LoadWork + LoadCase,
{
    let work = store.load_work(submission.body.workflow(), submission.id).await?;
    let delayed = work.is_some_and(|work| matches!(work.state, WorkState::Failed { .. }));
    // Nothing else was decided against its member so that they could appeal.
    let case = match submission.status {
        Status::Rejected { .. } => store.load_case(submission.id.case()).await?,
        _ => None,
    };
    Ok(Seen { submission, delayed, appeal: case.and_then(|case| case.appeal_status()) })
}

/// A page of a member's own submissions.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    /// The newest first.
    pub submissions: Vec<Seen>,
    /// The last of these, if there are older ones.
    pub last: Option<SubmissionId>,
}

/// At most `limit` of a member's submissions, from the one before `before` on.
pub async fn list_own<S>(
    store: &S,
    member: &MemberId,
    before: Option<SubmissionId>,
    limit: usize,
) -> TaskResult<Own>
where
    S: ListSubmissions + LoadSubmission + LoadWork + LoadCase,
{
    let mut ids = store.list_submissions(member, before, limit.saturating_add(1)).await?;
    let more = ids.len() > limit;
    ids.truncate(limit);
    let last = ids.last().copied().filter(|_| more);
    let found = stream::iter(ids)
        .map(|id| read_submission(store, member, id))
        .buffered(READS_AT_ONCE)
        .try_collect::<Vec<_>>()
        .await?;
    Ok(Own { submissions: found.into_iter().flatten().collect(), last })
}
