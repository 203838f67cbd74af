//! WithdrawContent: takes away what a submission brought.
//!
//! First the record, in one transaction with the status of both submissions:
//! from then on no page shows it. Then the approvals of its photos, then their
//! bytes. Each step finds that it was done before.

use jiff::Timestamp;
use seisiun_domain::{
    PhotoId, SessionId, SubmissionId,
    case::{Measure, Reason, Refusal, What},
    change::What as Changed,
    limits,
    session::{Session, Status as Listed},
    submission::{Body, Status, Submission},
    withdrawal::Withdrawal,
};

use crate::{
    carry_out::decision_output,
    case_log::{Logged, log},
    error::{TaskError, TaskResult},
    ports::{
        AnswerTask, AppendCaseEvent, FileRefusedPhoto, ListPhotos, LoadCase, LoadCaseToken,
        LoadPhotoRecords, LoadReview, LoadSession, LoadSubmission, PortError, RecordStatus,
        RemoveObjects, RemoveReview, RevokePhotos, SessionWrite, WriteSession, Written,
    },
    published_photos::unpublish_photos,
    refused_photos::file_photos,
    withdrawal_target::{Target, load_target},
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
        + LoadPhotoRecords
        + FileRefusedPhoto
        + RevokePhotos
        + RemoveReview
        + LoadCase
        + AppendCaseEvent
        + LoadCaseToken
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
    let target = load_target(store, withdrawal.target).await?;
    let target = target.ok_or_else(|| TaskError::no_submission(withdrawal.target))?;
    match target.submission.status {
        Status::Accepted => {
            return Err(TaskError::NotReady(format!("{} runs", withdrawal.target)));
        }
        Status::InReview => {
            take_back(store, workflows, now, &target.submission).await?;
            // Its own workflow ends it; if it was approved first, it is public soon.
            return Err(TaskError::NotReady(format!("{} is being ended", withdrawal.target)));
        }
        Status::Published { .. } if withdrawal.photo.is_some() => {
            file_refused(store, now, withdrawal, &target.submission).await?;
            store.record_status(id, &Status::Done).await?;
        }
        Status::Published { session_id, .. } => {
            // First: once it is settled, a repeat comes here no more.
            file_refused(store, now, withdrawal, &target.submission).await?;
            unlist(store, id, withdrawal, &target, session_id).await?;
        }
        Status::Rejected { .. }
        | Status::Withdrawn { .. }
        | Status::Done
        | Status::Resolved { .. } => {
            store.record_status(id, &Status::Done).await?;
        }
    }
    remove_photos(store, objects, &target.submission, withdrawal.photo).await
}

/// Files the photos that are taken down on a ground that speaks against their
/// member, so that a copy of one is found whoever sends it.
async fn file_refused<S>(
    store: &S,
    now: Timestamp,
    withdrawal: &Withdrawal,
    target: &Submission,
) -> TaskResult<()>
where
    S: LoadPhotoRecords + FileRefusedPhoto,
{
    if !withdrawal.statement().is_some_and(|statement| statement.reason.costs_trust()) {
        return Ok(());
    }
    let mut records = store.load_photo_records(target.id).await?;
    records.retain(|record| withdrawal.photo.is_none_or(|one| one == record.photo_id));
    file_photos(store, now, target.id, &records).await
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
    S: LoadCase + AppendCaseEvent + LoadCaseToken,
    W: AnswerTask,
{
    let (measure, reason) = (Measure::Reject, Reason::Withdrawn);
    let what = What::Decided { measure, reason, note: String::new() };
    let by = Some(&target.member_id);
    let logged = log(store, target.id.case(), now, by, None, &what).await?;
    let (Logged::Done(case) | Logged::Refused(case, Refusal::Decided(_))) = logged else {
        return Ok(());
    };
    // What is left undone here, the reconciler does.
    if let Some(ruling) = case.ruling()
        && let Some(token) = store.load_case_token(case.id).await?
    {
        workflows.answer_task(&token, &decision_output(ruling)).await?;
    }
    Ok(())
}

/// Takes the target off its page.
async fn unlist<S>(
    store: &S,
    id: SubmissionId,
    withdrawal: &Withdrawal,
    target: &Target,
    session_id: SessionId,
) -> TaskResult<()>
where
    S: LoadSubmission + LoadSession + LoadReview + RemoveReview + RecordStatus + WriteSession,
{
    let settles = target.settles(id, Status::Withdrawn { statement: withdrawal.statement() });
    let target = &target.submission;
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
        Body::Change(change) if matches!(change.what, Changed::ClaimHost { .. }) => {
            session.hosts.retain(|host| host.member_id != target.member_id);
        }
        _ => {}
    }
    session
}

/// Removes the target's photos, or this one of them; of a session that goes all
/// that are on its page.
async fn remove_photos<S, O>(
    store: &S,
    objects: &O,
    target: &Submission,
    one: Option<PhotoId>,
) -> TaskResult<()>
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
    unpublish_photos(store, objects, session_id, |photo| match one {
        Some(one) => photo.photo_id == one && photo.submission_id == target.id,
        None => all || photo.submission_id == target.id,
    })
    .await
}
