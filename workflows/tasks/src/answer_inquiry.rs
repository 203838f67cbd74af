//! AnswerInquiry: who was asked whether a session is still on says so by the link
//! of the mail. It is the same change that they would ask for on its page.

use jiff::{Timestamp, tz::TimeZone};
use seisiun_domain::{
    SubmissionId,
    change::{Authority, Draft, Facts, Finding},
    session::Status,
};
use sha2::{Digest, Sha256};

use crate::{
    ask_keepers::Inquiry,
    authority::authority_of,
    error::TaskResult,
    ports::{
        AcceptSubmission, DescribeExecution, IdempotencyKey, ListSubmissions, LoadMember,
        LoadSession, LoadSubmission, LoadSubmissions, LoadWork, ObjectSize, RecallRequest,
        StartExecution,
    },
    request_change::{self, Requested, request_change},
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// As of any change.
    Requested(Requested),
    /// They are no member any more.
    NoSuchMember,
}

/// Runs the use case: whether the session is still on. `id` is freshly minted; it
/// is used only if the inquiry was not answered before.
///
/// That it is gone ends the listing where who says so is its host or has listed it;
/// from others it is one finding of two.
pub async fn answer_inquiry<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    now: Timestamp,
    id: SubmissionId,
    inquiry: &Inquiry,
    is_on: bool,
) -> TaskResult<Answered>
where
    S: AcceptSubmission
        + RecallRequest
        + LoadWork
        + LoadMember
        + LoadSession
        + ListSubmissions
        + LoadSubmission
        + LoadSubmissions,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
{
    let Inquiry { session: session_id, member: member_id, until } = inquiry.clone();
    let member = store.load_member(&member_id).await?;
    if member.is_none_or(|member| member.erasing) {
        return Ok(Answered::NoSuchMember);
    }
    let today = now.to_zoned_datetime(TimeZone::UTC).date().to_string();
    let ends = !is_on
        && match store.load_session(session_id).await? {
            Some(session) => {
                authority_of(store, &member_id, &session, now).await? >= Authority::Submitter
            }
            None => false,
        };
    let draft = match (is_on, ends) {
        (true, _) => Draft::Confirm { finding: Finding::On, date: today },
        (false, true) => Draft::Edit(Facts { status: Some(Status::Ended), ..Facts::default() }),
        (false, false) => Draft::Confirm { finding: Finding::Gone, date: today },
    };
    // One answer to one inquiry, whenever it is repeated.
    let fingerprint = Sha256::digest(if is_on { "on" } else { "gone" });
    let key = IdempotencyKey {
        key: format!("still-on-{session_id}-{}", until.as_second()),
        fingerprint: hex::encode(fingerprint),
    };
    let request = request_change::Request { member_id, session_id, draft, photos: vec![], key };
    let requested = request_change(store, objects, workflows, now, id, request).await?;
    Ok(Answered::Requested(requested))
}
