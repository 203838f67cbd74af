//! Submit: a member's request becomes a stored submission and a running
//! workflow. It is stored first: once the member has our answer, nothing that
//! fails can lose it.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, PhotoId, Problems, SubmissionId,
    photo::incoming_key,
    submission::{Body, Status, Submission, Work, WorkState, check_photos},
};

use crate::{
    error::TaskResult,
    ports::{
        AcceptSubmission, Acceptance, Bucket, DescribeExecution, IdempotencyKey, LoadSubmission,
        LoadWork, ObjectSize, RecallRequest, StartExecution,
    },
    validate_submission::latest_date,
    workflow::ensure_started,
};

/// What a member asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who asks: from the verified token.
    pub member_id: MemberId,
    /// What is submitted.
    pub body: Body,
    /// Photos uploaded before.
    pub photos: Vec<PhotoId>,
    /// The client's key for this request.
    pub key: IdempotencyKey,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// Stored and on its way.
    Accepted(SubmissionId),
    /// It came before, and became this.
    Replayed(SubmissionId),
    /// The key was used for something else.
    KeyReused,
    /// It is not in order.
    Refused(Problems),
}

/// What an earlier request under this key became; `None` if there was none.
/// Where it became something, sees to it that its work is being done.
pub async fn replayed<S, W>(
    store: &S,
    workflows: &W,
    member_id: &MemberId,
    key: &IdempotencyKey,
) -> TaskResult<Option<Submitted>>
where
    S: RecallRequest + LoadSubmission + LoadWork,
    W: StartExecution + DescribeExecution,
{
    match store.recall_request(member_id, key).await? {
        None | Some(Acceptance::New) => Ok(None),
        Some(Acceptance::Mismatch) => Ok(Some(Submitted::KeyReused)),
        Some(Acceptance::Replay(first)) => {
            if let Some(submission) = store.load_submission(first).await? {
                let work = store.load_work(submission.body.workflow(), first).await?;
                start(workflows, work).await;
            }
            Ok(Some(Submitted::Replayed(first)))
        }
    }
}

/// Runs the use case. `id` is freshly minted; it is used only if the request is new.
pub async fn submit<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    now: Timestamp,
    id: SubmissionId,
    request: Request,
) -> TaskResult<Submitted>
where
    S: AcceptSubmission + LoadWork,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
{
    let checked = request.body.validate(latest_date(now)).and_then(|body| {
        check_photos(&request.photos)?;
        Ok(body)
    });
    let body = match checked {
        Ok(body) => body,
        Err(problems) => return Ok(Submitted::Refused(problems)),
    };
    for (n, photo) in request.photos.iter().enumerate() {
        let key = incoming_key(&request.member_id, *photo);
        if objects.object_size(Bucket::Quarantine, &key).await?.is_none() {
            let field = format!("photos[{n}]");
            return Ok(Submitted::Refused(Problems::one(
                &field,
                "not_uploaded",
                "upload it first",
            )));
        }
    }
    let submission = Submission {
        id,
        member_id: request.member_id,
        body,
        photos: request.photos,
        accepted_at: now,
        status: Status::Accepted,
        background: None,
        resembles: None,
    };
    let workflow = submission.body.workflow();
    let (outcome, work) = match store.accept_submission(&submission, &request.key).await? {
        Acceptance::Mismatch => return Ok(Submitted::KeyReused),
        Acceptance::New => {
            let work = Work { workflow, id, restarts: 0, state: WorkState::Open };
            (Submitted::Accepted(id), Some(work))
        }
        Acceptance::Replay(first) => {
            (Submitted::Replayed(first), store.load_work(workflow, first).await?)
        }
    };
    start(workflows, work).await;
    Ok(outcome)
}

/// Starts open work. It is stored: a start that fails now is the reconciler's,
/// not the member's.
async fn start<W>(workflows: &W, work: Option<Work>)
where
    W: StartExecution + DescribeExecution,
{
    if let Some(work) = work.filter(|work| work.state == WorkState::Open)
        && let Err(error) = ensure_started(workflows, &work).await
    {
        tracing::error!(submission.id = %work.id, %error, "accepted, but not started yet");
    }
}
