//! WithdrawContent: takes away what a submission brought.
//!
//! First the record, in one transaction with the status of both submissions:
//! from then on no page shows it. Then the approvals of its photos, then their
//! bytes. Each step finds that it was done before.

use jiff::Timestamp;
use seisiun_domain::{
    PhotoId, SessionId, SubmissionId,
    case::{Decision, Measure, Reason},
    change::What,
    limits,
    photo::PublishedPhoto,
    session::{Session, Status as Listed},
    submission::{Body, Status, Submission},
    withdrawal::{Ground, Withdrawal},
};

use crate::{
    decide_case::decision_output,
    error::{TaskError, TaskResult},
    ports::{
        AnswerTask, Bucket, ListPhotos, LoadReview, LoadSession, LoadSubmission, PortError,
        RecordDecision, RecordStatus, RemoveObjects, RemoveReview, RevokePhotos, SessionWrite,
        WriteSession, Written,
    },
};

/// Runs the task.
///
/// # Errors
/// [`TaskError::NotReady`] while the target's own workflow has not come to an
/// end: it is seconds from being published or refused.
pub async fn withdraw_content<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<()>
where
    S: LoadSubmission
        + LoadSession
        + LoadReview
        + ListPhotos
        + RevokePhotos
        + RemoveReview
        + RecordDecision
        + RecordStatus
        + WriteSession,
    O: RemoveObjects,
    W: AnswerTask,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let Body::Withdrawal(withdrawal) = &submission.body else {
        return Err(TaskError::InvalidInput(format!("submission {id} is not a withdrawal")));
    };
    let target = store.load_submission(withdrawal.target).await?;
    let target = target.ok_or_else(|| TaskError::no_submission(withdrawal.target))?;
    match target.status {
        Status::Accepted => return Err(TaskError::NotReady(format!("{} runs", target.id))),
        Status::InReview => {
            take_back(store, workflows, now, &target).await?;
            // Its own workflow ends it; if it was approved first, it is public soon.
            return Err(TaskError::NotReady(format!("{} is being ended", target.id)));
        }
        Status::Published { session_id, .. } => {
            unlist(store, id, withdrawal, &target, session_id).await?;
        }
        Status::Rejected { .. }
        | Status::Withdrawn { .. }
        | Status::Done
        | Status::Resolved { .. } => {
            store.record_status(id, &Status::Done).await?;
        }
    }
    remove_photos(store, objects, &target).await
}

/// Ends the wait for a moderator of what its submitter takes back. The first
/// decision stands, here as ever.
pub(crate) async fn take_back<S, W>(
    store: &S,
    workflows: &W,
    now: Timestamp,
    target: &Submission,
) -> TaskResult<()>
where
    S: RecordDecision,
    W: AnswerTask,
{
    let decision = Decision {
        measure: Measure::Reject,
        reason: Reason::Withdrawn,
        note: String::new(),
        moderator: target.member_id.clone(),
        decided_at: now,
    };
    let recorded = store.record_decision(target.id.case(), &decision).await?;
    if let Some(recorded) = recorded
        && let Some(token) = &recorded.token
    {
        workflows.answer_task(token, &decision_output(&recorded.decision)).await?;
    }
    Ok(())
}

/// Takes the target off its page.
async fn unlist<S>(
    store: &S,
    id: SubmissionId,
    withdrawal: &Withdrawal,
    target: &Submission,
    session_id: SessionId,
) -> TaskResult<()>
where
    S: LoadSubmission + LoadSession + LoadReview + RemoveReview + RecordStatus + WriteSession,
{
    let statement = withdrawal.ground.as_ref().map(Ground::statement);
    let settles = vec![(target.id, Status::Withdrawn { statement }), (id, Status::Done)];
    let gone = || TaskError::Invariant(format!("{} is published on no session", target.id));
    for _ in 0..limits::CHANGE_TRIES_MAX {
        let found = store.load_session(session_id).await?.ok_or_else(gone)?;
        let written = if let Body::Review(draft) = &target.body {
            let review = store.load_review(draft.session_id, &target.member_id).await?;
            let own = review.filter(|review| review.submission_id == target.id);
            store.remove_review(session_id, own.as_ref(), &settles).await?
        } else {
            let session = without(&found, target, withdrawal.merged_into);
            let settles = settles.clone();
            let write = SessionWrite { found, session, settles, event: None, confirmation: None };
            store.write_session(&write).await?
        };
        if written == Written::Done {
            return Ok(());
        }
        let stored = store.load_submission(id).await?.map(|submission| submission.status);
        if stored == Some(Status::Done) {
            return Ok(());
        }
    }
    Err(PortError::Throttled { what: "changing a session that others change" }.into())
}

/// The session without what the target brought.
fn without(found: &Session, target: &Submission, merged_into: Option<SessionId>) -> Session {
    let mut session = found.clone();
    session.revision = session.revision.saturating_add(1);
    match &target.body {
        Body::Session(_) => {
            session.status = Listed::Withdrawn;
            session.merged_into = merged_into;
            session.sequence = session.sequence.saturating_add(1);
        }
        Body::Change(change) if matches!(change.what, What::ClaimHost { .. }) => {
            session.hosts.retain(|host| host.member_id != target.member_id);
        }
        _ => {}
    }
    session
}

/// Removes the target's photos; of a session all that are on its page, which is
/// gone.
async fn remove_photos<S, O>(store: &S, objects: &O, target: &Submission) -> TaskResult<()>
where
    S: ListPhotos + RevokePhotos,
    O: RemoveObjects,
{
    let (session_id, all) = match &target.body {
        Body::Session(_) => (target.id.session(), true),
        body => match body.about() {
            Some(session_id) => (session_id, false),
            None => return Ok(()),
        },
    };
    let mut photos = store.list_photos(session_id).await?;
    photos.retain(|photo| all || target.photos.contains(&photo.photo_id));
    // The bytes before the approvals: these say which bytes there are.
    for photo in &photos {
        remove_bytes(objects, photo).await?;
    }
    let ids: Vec<PhotoId> = photos.iter().map(|photo| photo.photo_id).collect();
    Ok(store.revoke_photos(session_id, &ids).await?)
}

/// Removes a photo from the public bucket.
pub(crate) async fn remove_bytes(
    objects: &impl RemoveObjects,
    photo: &PublishedPhoto,
) -> TaskResult<()> {
    let keys = [&photo.full, &photo.thumbnail].map(|one| one.public_key(photo.photo_id));
    Ok(objects.remove_objects(Bucket::Public, &keys).await?)
}
