//! ValidateSubmission: what only the store can tell. The form of a submission
//! was checked before it was stored; here it is checked once more, because the
//! rules may have changed since, and held against what is listed.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use seisiun_domain::{
    PhotoId, SubmissionId,
    case::{Reason, Statement},
    change::Change,
    review::ReviewDraft,
    session::SessionDraft,
    submission::{Body, Status, Submission},
};

use crate::{
    error::{TaskError, TaskResult},
    find_duplicates::find_duplicates,
    ports::{ListCards, LoadReview, LoadSession, LoadSubmission, RecordStatus},
};

/// What to do with the submission.
#[derive(Debug, Clone, PartialEq)]
pub enum Validation {
    /// Moderate these photos and the text.
    Valid {
        /// Its photos.
        photos: Vec<PhotoId>,
    },
    /// It is refused; the statement is recorded.
    Rejected,
}

/// Latest date anywhere on earth: fourteen hours ahead of UTC.
#[must_use]
pub fn latest_date(now: Timestamp) -> Date {
    now.saturating_add(14.hours()).unwrap_or(now).to_zoned_datetime(TimeZone::UTC).date()
}

/// Runs the task.
pub async fn validate_submission<S>(
    store: &S,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Validation>
where
    S: LoadSubmission + ListCards + LoadSession + LoadReview + RecordStatus,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    // A repeat after the decision must not find the session a duplicate of itself
    // or be refused for what it was published with.
    match submission.status {
        Status::Published { .. } => return Ok(Validation::Valid { photos: submission.photos }),
        Status::Rejected { .. } | Status::Withdrawn { .. } | Status::Done => {
            return Ok(Validation::Rejected);
        }
        Status::Accepted | Status::InReview | Status::Resolved { .. } => {}
    }
    let refusal = match &submission.body {
        Body::Session(draft) => refuse_session(store, id, draft).await?,
        Body::Review(draft) => refuse_review(store, now, &submission, draft).await?,
        Body::Change(change) => refuse_change(store, now, &submission, change).await?,
        Body::Withdrawal(_) | Body::Export | Body::Erasure | Body::Notice(_) => {
            return Err(TaskError::InvalidInput(format!("submission {id} is nothing to validate")));
        }
    };
    let Some((reason, facts)) = refusal else {
        return Ok(Validation::Valid { photos: submission.photos });
    };
    let statement = Statement::not_published(reason, facts, true, true);
    match store.record_status(id, &Status::Rejected { statement }).await? {
        Status::Published { .. } => Ok(Validation::Valid { photos: submission.photos }),
        _ => Ok(Validation::Rejected),
    }
}

async fn refuse_session(
    store: &impl ListCards,
    id: SubmissionId,
    draft: &SessionDraft,
) -> TaskResult<Option<(Reason, String)>> {
    if let Err(problems) = draft.validate() {
        return Ok(Some((Reason::Inaccurate, problems.to_string())));
    }
    let found = find_duplicates(store, &draft.title, draft.venue.position).await?;
    Ok(found.into_iter().find(|other| other.id != id.session()).map(|other| {
        let facts = format!("\"{}\", listed within 100 metres of the place you gave.", other.title);
        (Reason::Duplicate, facts)
    }))
}

async fn refuse_change(
    store: &impl LoadSession,
    now: Timestamp,
    submission: &Submission,
    change: &Change,
) -> TaskResult<Option<(Reason, String)>> {
    let Some(session) = store.load_session(change.session_id).await? else {
        return Ok(Some((Reason::NoSuchSession, "The session is not listed.".into())));
    };
    Ok(session.changed(change, &submission.member_id, now).err())
}

async fn refuse_review(
    store: &(impl LoadSession + LoadReview),
    now: Timestamp,
    submission: &Submission,
    draft: &ReviewDraft,
) -> TaskResult<Option<(Reason, String)>> {
    if let Err(problems) = draft.validate(latest_date(now)) {
        return Ok(Some((Reason::Inaccurate, problems.to_string())));
    }
    if !store.load_session(draft.session_id).await?.is_some_and(|session| session.is_listed()) {
        return Ok(Some((
            Reason::NoSuchSession,
            "No session is listed under the id you gave.".into(),
        )));
    }
    let earlier = store.load_review(draft.session_id, &submission.member_id).await?;
    let own = |id| id == submission.id || Some(id) == draft.replaces;
    if earlier.is_none() && draft.replaces.is_some() {
        let facts = "The review that it should replace is not there any more.";
        return Ok(Some((Reason::Outdated, facts.into())));
    }
    Ok(earlier.filter(|review| !own(review.submission_id)).map(|review| {
        let on = review.published_at.strftime("%-d %B %Y");
        (Reason::AlreadyReviewed, format!("Your review of this session was published on {on}."))
    }))
}
