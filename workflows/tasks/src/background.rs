//! What is known of who sent a submission: what became of what they sent
//! before, and how much of it came lately.

use std::ops::ControlFlow;

use jiff::ToSpan;
use seisiun_domain::{
    MemberId, SubmissionId,
    change::{Authority, Change, Finding, What},
    limits,
    moderation::{Background, Policy, Recent, Standing, Tier},
    submission::{Body, Submission},
};
use seisiun_text::repeat::Sent;

use crate::{
    error::TaskResult,
    ports::{ListSubmissions, LoadSession, LoadSubmissions},
};

/// What is known of the member of this submission. What they sent before it is
/// looked at a page at a time, from the latest back, until they are found to be
/// trusted and the day before it has been counted.
pub async fn background_of<S>(store: &S, submission: &Submission) -> TaskResult<Background>
where
    S: ListSubmissions + LoadSubmissions + LoadSession,
{
    let is_host = matches!(
        &submission.body,
        Body::Change(change) if change.authority == Authority::Host
    );
    // What adds nothing to a page is judged without it: a tap on "it was on".
    let Some(sent) = Sent::of(submission) else {
        let found_gone_twice = found_gone_twice(store, submission).await?;
        return Ok(Background { is_host, found_gone_twice, ..Background::default() });
    };
    let (policy, at) = (Policy::CURRENT, submission.accepted_at);
    let day_before = at.saturating_sub(24.hours()).unwrap_or(at);
    let (mut standing, mut earlier) = (Standing::default(), Vec::new());
    look_back(store, &submission.member_id, Some(submission.id), |page| {
        standing = page.iter().fold(standing, Standing::counting);
        earlier.extend(page.iter().filter_map(Sent::of));
        let counted = page.last().is_some_and(|oldest| oldest.accepted_at < day_before);
        match counted && policy.tier(&standing, false, at) >= Tier::Trusted {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
    .await?;
    let recent: Recent = sent.recent(&earlier, &policy.text);
    Ok(Background { standing, is_host, recent, found_gone_twice: false })
}

/// Whether this says that its session is gone, and somebody else has said so.
async fn found_gone_twice(store: &impl LoadSession, submission: &Submission) -> TaskResult<bool> {
    let Body::Change(Change { session_id, what, .. }) = &submission.body else { return Ok(false) };
    if !matches!(what, What::Confirm { finding: Finding::Gone, .. }) {
        return Ok(false);
    }
    let session = store.load_session(*session_id).await?;
    Ok(session.is_some_and(|session| session.is_gone_to_others_than(&submission.member_id)))
}

/// Shows `look` what a member has sent, a page at a time, from the latest one
/// before `before` back, until it has seen enough, there is no more, or
/// [`limits::TRUST_LOOKS`] pages were looked at.
pub(crate) async fn look_back<S>(
    store: &S,
    member: &MemberId,
    mut before: Option<SubmissionId>,
    mut look: impl FnMut(&[Submission]) -> ControlFlow<()> + Send,
) -> TaskResult<()>
where
    S: ListSubmissions + LoadSubmissions,
{
    for _ in 0..limits::TRUST_LOOKS {
        let ids = store.list_submissions(member, before, limits::TRUST_LOOKS_AT).await?;
        let is_last = ids.len() < limits::TRUST_LOOKS_AT;
        before = ids.last().copied();
        // What was erased meanwhile is no one's.
        let mut page = store.load_submissions(&ids).await?;
        page.sort_by_key(|submission| std::cmp::Reverse(submission.id));
        if look(&page).is_break() || is_last {
            break;
        }
    }
    Ok(())
}
