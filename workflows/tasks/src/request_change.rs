//! RequestChange: a member asks to change a listed session. What they ask for is
//! held against the session as it stands, and stored with what was found there.

use jiff::Timestamp;
use seisiun_domain::{MemberId, PhotoId, SessionId, SubmissionId, change::Draft, submission::Body};

use crate::{
    authority::authority_of,
    error::TaskResult,
    ports::{
        AcceptSubmission, DescribeExecution, IdempotencyKey, ListSubmissions, LoadSession,
        LoadSubmission, LoadSubmissions, LoadWork, ObjectSize, RecallRequest, StartExecution,
    },
    submit::{self, Submitted, replayed, submit},
};

/// What a member asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Who asks: from the verified token.
    pub member_id: MemberId,
    /// Of which session.
    pub session_id: SessionId,
    /// What.
    pub draft: Draft,
    /// Photos uploaded before; with an edit alone.
    pub photos: Vec<PhotoId>,
    /// The client's key for this request.
    pub key: IdempotencyKey,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requested {
    /// As of any submission.
    Submitted(Submitted),
    /// No such session is listed.
    NoSuchSession,
    /// Only its hosts, its submitter and trusted members change single dates.
    NotYours,
}

/// Runs the use case. `id` is freshly minted; it is used only if the request is new.
pub async fn request_change<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    now: Timestamp,
    id: SubmissionId,
    request: Request,
) -> TaskResult<Requested>
where
    S: AcceptSubmission
        + RecallRequest
        + LoadWork
        + LoadSession
        + ListSubmissions
        + LoadSubmission
        + LoadSubmissions,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
{
    let Request { member_id, session_id, draft, photos, key } = request;
    // First: the session has moved on since the request that this repeats.
    if let Some(before) = replayed(store, workflows, &member_id, &key).await? {
        return Ok(Requested::Submitted(before));
    }
    let session = store.load_session(session_id).await?.filter(|session| session.is_listed());
    let Some(session) = session else { return Ok(Requested::NoSuchSession) };
    let authority = authority_of(store, &member_id, &session, now).await?;
    let changes_dates = matches!(draft, Draft::SetDate(_) | Draft::UndoDate { .. });
    if changes_dates && !authority.may_change_dates() {
        return Ok(Requested::NotYours);
    }
    let change = match draft.validate(&session, authority, now) {
        Ok(change) => change,
        Err(problems) => return Ok(Requested::Submitted(Submitted::Refused(problems))),
    };
    let request = submit::Request { member_id, body: Body::Change(change), photos, key };
    Ok(Requested::Submitted(submit(store, objects, workflows, now, id, request).await?))
}
