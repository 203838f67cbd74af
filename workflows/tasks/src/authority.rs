//! What a member is to a session, from what is stored of both.

use futures::future::try_join_all;
use seisiun_domain::{
    MemberId, SubmissionId,
    change::Authority,
    limits,
    session::Session,
    submission::{Status, Submission},
};

use crate::{
    error::TaskResult,
    ports::{ListSubmissions, LoadSubmission},
};

/// What this member is to this session. Their latest contributions are looked
/// at only where it matters.
pub async fn authority_of(
    store: &(impl ListSubmissions + LoadSubmission),
    member: &MemberId,
    session: &Session,
) -> TaskResult<Authority> {
    let known = Authority::of(member, session, 0);
    if known > Authority::Trusted {
        return Ok(known);
    }
    let ids = store.list_submissions(member, None, limits::TRUST_LOOKS_AT).await?;
    let load = async |id: SubmissionId| store.load_submission(id).await;
    let submissions = try_join_all(ids.into_iter().map(load)).await?;
    let published = |one: &Submission| matches!(one.status, Status::Published { .. });
    Ok(Authority::of(
        member,
        session,
        submissions.iter().flatten().filter(|one| published(one)).count(),
    ))
}
