//! What a member is to a session, from what is stored of both.

use futures::future::try_join_all;
use seisiun_domain::{
    MemberId, SubmissionId,
    change::{Authority, What},
    limits,
    session::Session,
    submission::{Body, Status, Submission},
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
    let load = async |id: SubmissionId| store.load_submission(id).await;
    let (mut after, mut published) = (None, 0);
    for _ in 0..limits::TRUST_LOOKS {
        let ids = store.list_submissions(member, after, limits::TRUST_LOOKS_AT).await?;
        let is_last = ids.len() < limits::TRUST_LOOKS_AT;
        after = ids.last().copied();
        let submissions = try_join_all(ids.into_iter().map(load)).await?;
        published += submissions.iter().flatten().filter(|one| earns_trust(one)).count();
        if is_last || published >= limits::TRUSTED_FROM {
            break;
        }
    }
    Ok(Authority::of(member, session, published))
}

/// Whether somebody looked at what was published, person or policy. A tap on "it
/// was on" says nothing of who taps.
fn earns_trust(submission: &Submission) -> bool {
    matches!(submission.status, Status::Published { .. })
        && match &submission.body {
            Body::Session(_) | Body::Review(_) => true,
            Body::Change(change) => matches!(change.what, What::Edit { .. }),
            _ => false,
        }
}
