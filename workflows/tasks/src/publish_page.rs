//! PublishPage: renders what of the site a submission changed, and nothing else:
//! the page of its session and, where the session stands on others' pages, those
//! of the county and the town that it is, or was, in, and of its members.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seisiun_domain::{
    SessionId, SubmissionId,
    card::{List, town_slug},
    submission::{Body, Status, Submission},
};

use crate::{
    error::{TaskError, TaskResult},
    member_page::{members_of, publish_member_page},
    ports::{
        ListCards, ListPhotos, ListReviews, ListSubmissions, LoadMember, LoadRating, LoadSession,
        LoadSubmission, ReadVersioned, RemoveObjects, RenderPages, SwapObject,
    },
    publish_listing::{lists_of, present_and_former, what_is_listed},
    site_page::{publish_county_page, publish_session_page, publish_town_page},
    withdrawal_target::load_target,
};

/// Runs the task for what this submission published, changed or withdrew.
pub async fn publish_page<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<()>
where
    S: LoadSubmission
        + LoadSession
        + LoadRating
        + ListPhotos
        + ListReviews
        + ListCards
        + LoadMember
        + ListSubmissions,
    O: ReadVersioned + SwapObject + RemoveObjects,
    R: RenderPages,
{
    // Boxed, here and below: the compiler gives up on laying out so deep a future.
    let target = Box::pin(load_target(store, id)).await?;
    let submission = target.ok_or_else(|| TaskError::no_submission(id))?.submission;
    let Some(shown) = what_is_shown(store, &submission).await? else { return Ok(()) };
    let session = Box::pin(publish_session_page(store, objects, renderer, now, shown)).await?;
    if !matches!(submission.body, Body::Review(_)) {
        let mut members = members_of(&session);
        // A host who takes that back is none of them any more.
        members.insert(submission.member_id.clone());
        for member in &members {
            Box::pin(publish_member_page(store, objects, renderer, now, member)).await?;
        }
    }
    let Some(listed) = what_is_listed(store, &submission).await? else { return Ok(()) };
    let session = store
        .load_session(listed)
        .await?
        .ok_or_else(|| TaskError::InvalidInput(format!("there is no session {listed}")))?;
    let cards = present_and_former(&session, &submission);
    for list in lists_of(&session, &submission) {
        publish_county_page(store, objects, renderer, now, &list).await?;
    }
    let towns =
        cards.iter().map(|card| (List::county(&card.country, &card.county), town_slug(&card.town)));
    for (list, town) in towns.collect::<BTreeSet<_>>() {
        publish_town_page(store, objects, renderer, now, &list, &town).await?;
    }
    Ok(())
}

/// The session whose page this submission changed, if any.
async fn what_is_shown(
    store: &(impl LoadSubmission + LoadSession),
    submission: &Submission,
) -> TaskResult<Option<SessionId>> {
    if matches!(submission.status, Status::Rejected { .. }) {
        return Ok(None);
    }
    let brought = |submission: &Submission| match &submission.body {
        Body::Session(_) => Some(submission.id.session()),
        body => body.about(),
    };
    Ok(match &submission.body {
        Body::Withdrawal(withdrawal) => {
            let target = Box::pin(load_target(store, withdrawal.target)).await?;
            let target = target.ok_or_else(|| TaskError::no_submission(withdrawal.target))?;
            // What was taken back before it was public is on no page.
            match brought(&target.submission) {
                Some(session) => store.load_session(session).await?.map(|session| session.id),
                None => None,
            }
        }
        Body::Session(_) | Body::Review(_) | Body::Change(_) => brought(submission),
        Body::Export | Body::Erasure | Body::Notice(_) => None,
    })
}
