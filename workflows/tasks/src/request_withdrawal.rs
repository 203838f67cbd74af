//! RequestWithdrawal: a member takes back what they sent, or a moderator takes
//! down what somebody else had published.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, Problems, SubmissionId,
    change::What,
    submission::{Body, Status, Submission},
    withdrawal::{GroundDraft, Withdrawal},
};

use crate::{
    error::TaskResult,
    ports::{
        AcceptSubmission, DescribeExecution, IdempotencyKey, LoadSession, LoadSubmission, LoadWork,
        ObjectSize, RecallRequest, StartExecution,
    },
    submit::{self, Submitted, replayed, submit},
};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks: from the verified token.
    pub asker: MemberId,
    /// What to withdraw: all that this submission brought.
    pub target: SubmissionId,
    /// Why, where a moderator asks; none where its own submitter does.
    pub ground: Option<GroundDraft>,
    /// The client's key for this request.
    pub key: IdempotencyKey,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// As of any submission.
    Submitted(Submitted),
    /// There is no such submission, or not for who asks.
    NoSuchSubmission,
    /// It brought nothing that can be taken back.
    NothingToWithdraw,
}

/// Runs the use case. `id` is freshly minted; it is used only if the request is new.
pub async fn request_withdrawal<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    now: Timestamp,
    id: SubmissionId,
    request: Request,
) -> TaskResult<Requested>
where
    S: AcceptSubmission + RecallRequest + LoadWork + LoadSubmission + LoadSession,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
{
    let Request { asker, target, ground, key } = request;
    if let Some(before) = replayed(store, workflows, &asker, &key).await? {
        return Ok(Requested::Submitted(before));
    }
    let found = store.load_submission(target).await?;
    let Some(submission) = found.filter(|one| ground.is_some() || one.member_id == asker) else {
        return Ok(Requested::NoSuchSubmission);
    };
    // Only a member takes back what nobody has decided on; a moderator decides.
    let waits = matches!(submission.status, Status::Accepted | Status::InReview);
    let public = matches!(submission.status, Status::Published { .. });
    if !(public && leaves_something(&submission) || waits && ground.is_none()) {
        return Ok(Requested::NothingToWithdraw);
    }
    let withdrawal = match ground {
        None => Withdrawal { target, merged_into: None, ground: None },
        Some(draft) => {
            if let Some(into) = draft.merged_into {
                let there = store.load_session(into).await?.is_some_and(|one| one.is_listed());
                if !there || !matches!(submission.body, Body::Session(_)) {
                    let why = "must be another session that is listed";
                    let problems = Problems::one("merged_into", "not_listed", why);
                    return Ok(Requested::Submitted(Submitted::Refused(problems)));
                }
            }
            match draft.validate(target, &submission.member_id, asker.clone()) {
                Ok(withdrawal) => withdrawal,
                Err(problems) => return Ok(Requested::Submitted(Submitted::Refused(problems))),
            }
        }
    };
    let body = Body::Withdrawal(withdrawal);
    let request = submit::Request { member_id: asker, body, photos: Vec::new(), key };
    Ok(Requested::Submitted(submit(store, objects, workflows, now, id, request).await?))
}

/// Whether something of it stays on a page that can go. A date is put back and a
/// fact changed back by another change, not by this way.
fn leaves_something(submission: &Submission) -> bool {
    match &submission.body {
        Body::Session(_) | Body::Review(_) => true,
        Body::Change(change) => {
            matches!(change.what, What::ClaimHost { .. }) || !submission.photos.is_empty()
        }
        Body::Withdrawal(_) | Body::Export | Body::Erasure | Body::Notice(_) => false,
    }
}
