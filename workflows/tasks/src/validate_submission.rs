//! ValidateSubmission: what only the store can tell. The form of a submission
//! was checked before it was stored; here it is checked once more, because the
//! rules may have changed since, and held against what is listed.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use seisiun_domain::{
    PhotoId, SubmissionId,
    case::{Reason, Statement},
    change::Change,
    review::ReviewDraft,
    session::{SessionDraft, is_certain_duplicate},
    submission::{Body, Status, Submission},
};

use crate::{
    error::{TaskError, TaskResult},
    find_duplicates::find_duplicates,
    ports::{ListCards, LoadReview, LoadSession, LoadSubmission, RecordResemblance, RecordStatus},
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
    S: LoadSubmission + ListCards + LoadSession + LoadReview + RecordResemblance + RecordStatus,
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

/// Refuses what is listed already for certain; what only may be is noted, and a
/// person decides.
async fn refuse_session(
    store: &(impl ListCards + RecordResemblance),
    id: SubmissionId,
    draft: &SessionDraft,
) -> TaskResult<Option<(Reason, String)>> {
    if let Err(problems) = draft.validate() {
        return Ok(Some((Reason::Inaccurate, problems.to_string())));
    }
    let mut found = find_duplicates(store, &draft.title, draft.venue.position).await?;
    found.retain(|other| other.id != id.session());
    let ours = (draft.title.as_str(), draft.schedules.as_slice());
    let certain = found.iter().find(|other| {
        is_certain_duplicate(ours, (other.title.as_str(), other.schedules.as_slice()))
    });
    if let Some(other) = certain {
        let facts = format!("\"{}\", listed within 100 metres of the place you gave.", other.title);
        return Ok(Some((Reason::Duplicate, facts)));
    }
    if let Some(nearest) = found.first() {
        store.record_resemblance(id, nearest.id).await?;
    }
    Ok(None)
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
