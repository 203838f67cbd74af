//! RequestWithdrawal: a member takes back what they sent, or a moderator takes
//! down what somebody else had published.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, PhotoId, Problems, SubmissionId,
    change::What,
    submission::{Body, Status, Submission},
    withdrawal::{GroundDraft, Withdrawal, WithdrawalDraft},
};

use crate::{
    error::TaskResult,
    ports::{
        AcceptSubmission, DescribeExecution, IdempotencyKey, LoadSession, LoadSubmission, LoadWork,
        ObjectSize, RecallRequest, StartExecution,
    },
    submit::{self, Submitted, replayed, submit},
    withdrawal_target::load_target,
};

/// What is wished, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Its own submitter takes it back.
    Submitter(WithdrawalDraft),
    /// A moderator takes it down, with a ground.
    Moderator(GroundDraft),
}

impl Wish {
    fn photo(&self) -> Option<PhotoId> {
        match self {
            Self::Submitter(draft) => draft.photo,
            Self::Moderator(draft) => draft.photo,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks: from the verified token.
    pub asker: MemberId,
    /// The submission that brought it; of an imported session its id.
    pub target: SubmissionId,
    /// What of it, and why.
    pub wish: Wish,
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
    let Request { asker, target, wish, key } = request;
    if let Some(before) = replayed(store, workflows, &asker, &key).await? {
        return Ok(Requested::Submitted(before));
    }
    let by_moderator = matches!(wish, Wish::Moderator(_));
    let found = load_target(store, target).await?.map(|found| found.submission);
    let Some(submission) = found.filter(|one| by_moderator || one.member_id == asker) else {
        return Ok(Requested::NoSuchSubmission);
    };
    // Only a member takes back what nobody has decided on; a moderator decides.
    let waits = matches!(submission.status, Status::Accepted | Status::InReview);
    let public = matches!(submission.status, Status::Published { .. });
    let is_there = match wish.photo() {
        Some(photo) => public && submission.photos.contains(&photo),
        None => public && leaves_something(&submission) || waits && !by_moderator,
    };
    if !is_there {
        return Ok(Requested::NothingToWithdraw);
    }
    let withdrawal = match wish {
        Wish::Submitter(WithdrawalDraft { photo }) => {
            Withdrawal { target, photo, merged_into: None, ground: None }
        }
        Wish::Moderator(draft) => {
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
