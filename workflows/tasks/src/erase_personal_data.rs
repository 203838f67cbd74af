//! ErasePersonalData: takes a member and all that is personal out of what we hold
//! (GDPR Art. 17). The sessions that they listed stay, without the person; a
//! suppressed address stays suppressed, as a hash.
//!
//! One run takes a bounded number of submissions and says whether more are
//! left. Each step finds what an earlier run did; the member's record goes last,
//! so that until then everything is found again.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId, SubmissionId, limits,
    photo::{Preparation, PublishedPhoto, incoming_key},
    session::Session,
    submission::{Body, Status, Submission, Work, WorkState, Workflow},
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    export_personal_data::{INDEX_BYTES_MAX, Index, archive_key, index_key},
    follow_target::end_one,
    letters,
    member_page::remove_member_page,
    ports::{
        AnswerTask, AppendCaseEvent, BeginErasure, Bucket, DeleteAccount, EndWork, EraseSubmission,
        ListFollowings, ListObjects, ListPhotos, ListSubmissions, LoadCase, LoadCaseToken,
        LoadFollowing, LoadMember, LoadPhotoRecords, LoadReview, LoadSession, LoadSubmission,
        MailKey, PortError, ReadObject, RecordStatus, RemoveFollowing, RemoveMember, RemoveObjects,
        RemoveReview, RevokePhotos, SendMail, SessionWrite, Unfollow, WriteSession, Written,
    },
    published_photos::unpublish_photos,
    withdraw_content::take_back,
};

/// Whether a member is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// Some of what they sent is left for another run.
    Partly,
    /// Nothing is left.
    Wholly,
}

/// Runs the task.
///
/// # Errors
/// [`TaskError::NotReady`] while something that the member sent is on its way.
#[expect(clippy::too_many_arguments, reason = "one for each port, and the clock")]
pub async fn erase_personal_data<S, O, U, W, M>(
    store: &S,
    objects: &O,
    users: &U,
    workflows: &W,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Erased>
where
    S: LoadSubmission
        + LoadMember
        + BeginErasure
        + ListSubmissions
        + LoadPhotoRecords
        + LoadSession
        + LoadReview
        + ListPhotos
        + RevokePhotos
        + RemoveReview
        + WriteSession
        + LoadCase
        + AppendCaseEvent
        + LoadCaseToken
        + RecordStatus
        + EraseSubmission
        + ListFollowings
        + LoadFollowing
        + RemoveFollowing
        + Unfollow
        + RemoveMember
        + EndWork
        + Ledger,
    O: ReadObject + ListObjects + RemoveObjects,
    U: DeleteAccount,
    W: AnswerTask,
    M: SendMail,
{
    let asked = store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    if asked.body != Body::Erasure {
        return Err(TaskError::InvalidInput(format!("submission {id} asks for no erasure")));
    }
    let member_id = &asked.member_id;
    if asked.status != Status::Done {
        // Nobody signs in or sends anything from here on.
        store.begin_erasure(member_id).await?;
        users.delete_account(member_id).await?;
        let latest = store.list_submissions(member_id, None, limits::ERASED_PER_RUN + 1).await?;
        let is_full = latest.len() > limits::ERASED_PER_RUN;
        for other in latest {
            let submission = store.load_submission(other).await?;
            // Another wish of the same kind comes to its own end.
            if submission.as_ref().is_some_and(|one| one.body == Body::Erasure) {
                continue;
            }
            if let Some(submission) = submission {
                erase_one(store, objects, workflows, now, member_id, &submission).await?;
            }
            store.erase_submission(member_id, other).await?;
        }
        if is_full {
            return Ok(Erased::Partly);
        }
        remove_uploads(objects, member_id).await?;
        for following in store.list_followings(member_id).await? {
            end_one(store, member_id, &following).await?;
        }
        if let Some(member) = store.load_member(member_id).await? {
            let key = MailKey { about: format!("erased:{id}"), recipient: member_id.to_string() };
            let letter = letters::account_erased(sender);
            let to = Recipient::from(&member);
            deliver(store, mailer, sender, now, &key, &to, &letter).await?;
        }
        remove_member_page(objects, member_id).await?;
        store.remove_member(member_id, now).await?;
        store.record_status(id, &Status::Done).await?;
    }
    let workflow = Workflow::EraseMember;
    store.end_work(&Work { workflow, id, restarts: 0, state: WorkState::Done }).await?;
    Ok(Erased::Wholly)
}

/// Takes what is personal of one submission off the site and out of the buckets.
async fn erase_one<S, O, W>(
    store: &S,
    objects: &O,
    workflows: &W,
    now: Timestamp,
    member: &MemberId,
    submission: &Submission,
) -> TaskResult<()>
where
    S: LoadPhotoRecords
        + LoadSession
        + LoadReview
        + ListPhotos
        + RevokePhotos
        + RemoveReview
        + WriteSession
        + LoadCase
        + AppendCaseEvent
        + LoadCaseToken,
    O: ReadObject + RemoveObjects,
    W: AnswerTask,
{
    let id = submission.id;
    match submission.status {
        Status::Accepted => return Err(TaskError::NotReady(format!("{id} runs"))),
        Status::InReview => {
            take_back(store, workflows, now, submission).await?;
            return Err(TaskError::NotReady(format!("{id} is being ended")));
        }
        // An appeal leaves the queue with who made it.
        Status::Rejected { .. }
            if store.load_case(id.case()).await?.is_some_and(|case| case.waits()) =>
        {
            take_back(store, workflows, now, submission).await?;
        }
        _ => {}
    }
    let session_id = match &submission.body {
        Body::Session(_) => Some(id.session()),
        body => body.about(),
    };
    if let Some(session_id) = session_id {
        let review = store.load_review(session_id, member).await?;
        if let Some(review) = review.filter(|review| review.submission_id == id) {
            store.remove_review(session_id, Some(&review), &[]).await?;
        }
        leave_session(store, session_id, member).await?;
        let sent = |photo: &PublishedPhoto| photo.submission_id == id;
        unpublish_photos(store, objects, session_id, sent).await?;
    }
    let mut quarantined: Vec<String> =
        submission.photos.iter().map(|photo| incoming_key(member, *photo)).collect();
    for record in store.load_photo_records(id).await? {
        if let Preparation::Prepared { full, thumbnail, .. } = &record.preparation {
            quarantined.extend([full, thumbnail].map(|variant| variant.prepared_key(id)));
        }
    }
    objects.remove_objects(Bucket::Quarantine, &quarantined).await?;
    if submission.body == Body::Export {
        remove_export(objects, id).await?;
    }
    Ok(())
}

/// The session without the person: neither as its submitter nor as its host.
async fn leave_session<S>(store: &S, id: SessionId, member: &MemberId) -> TaskResult<()>
where
    S: LoadSession + WriteSession,
{
    for _ in 0..limits::CHANGE_TRIES_MAX {
        let Some(found) = store.load_session(id).await? else { return Ok(()) };
        let mut session = Session { revision: found.revision.saturating_add(1), ..found.clone() };
        session.hosts.retain(|host| host.member_id != *member);
        if session.submitter == *member {
            session.submitter = MemberId::erased();
        }
        if let Some(found_gone) = session.found_gone.as_mut().filter(|one| one.by == *member) {
            found_gone.by = MemberId::erased();
        }
        if session == (Session { revision: session.revision, ..found.clone() }) {
            return Ok(());
        }
        let write =
            SessionWrite { found, session, settles: vec![], event: None, confirmation: None };
        if store.write_session(&write).await? == Written::Done {
            return Ok(());
        }
    }
    Err(PortError::Throttled { what: "changing a session that others change" }.into())
}

async fn remove_export<O>(objects: &O, id: SubmissionId) -> TaskResult<()>
where
    O: ReadObject + RemoveObjects,
{
    let index = objects.read_object(Bucket::Work, &index_key(id), INDEX_BYTES_MAX).await?;
    let index = index.and_then(|bytes| serde_json::from_slice::<Index>(&bytes).ok());
    let archives = index.map_or(0, |index| index.archives);
    let keys: Vec<String> = (1..=archives).map(|n| archive_key(id, n)).collect();
    // The index last: it says how many there are.
    objects.remove_objects(Bucket::Work, &keys).await?;
    Ok(objects.remove_objects(Bucket::Work, &[index_key(id)]).await?)
}

/// Removes what the member uploaded and never submitted.
async fn remove_uploads<O>(objects: &O, member: &MemberId) -> TaskResult<()>
where
    O: ListObjects + RemoveObjects,
{
    let prefix = format!("incoming/{member}/");
    loop {
        let listed = objects.list_objects(Bucket::Quarantine, &prefix, None).await?;
        if listed.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = listed.into_iter().map(|object| object.key).collect();
        objects.remove_objects(Bucket::Quarantine, &keys).await?;
    }
}
