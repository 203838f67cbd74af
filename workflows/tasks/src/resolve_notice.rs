//! ResolveNotice: orders the withdrawal of what a well founded notice is about,
//! records what was decided, tells the notifier why and what they can do about it,
//! and closes the work.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, PhotoId, SubmissionId,
    case::{Measure, Reason},
    notice::{Notice, Subject},
    submission::{Body, Status, Work, WorkState},
    withdrawal::GroundDraft,
};
use seisiun_mail::Sender;

use crate::{
    acknowledge_notice::notice_of,
    deliver::{Delivery, Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{
        AcceptSubmission, DescribeExecution, EndWork, FindPhoto, FindSlug, IdempotencyKey,
        LoadCase, LoadSession, LoadSubmission, LoadWork, MailKey, ObjectSize, RecallRequest,
        RecordStatus, SendMail, StartExecution,
    },
    request_withdrawal::{self, Requested, Wish, request_withdrawal},
    submit::Submitted,
};

/// Runs the task. Answers what became of the mail; `None` if the notice names
/// no address. `withdrawal` is freshly minted; it is used only if something goes
/// and its withdrawal is not ordered yet.
#[expect(clippy::too_many_arguments, reason = "the clients that it works with")]
pub async fn resolve_notice<S, O, W, M>(
    store: &S,
    objects: &O,
    workflows: &W,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
    withdrawal: SubmissionId,
) -> TaskResult<Option<Delivery>>
where
    S: LoadSubmission + LoadCase + RecordStatus + EndWork + Ledger,
    S: FindSlug + FindPhoto + LoadSession + AcceptSubmission + RecallRequest + LoadWork,
    O: ObjectSize,
    W: StartExecution + DescribeExecution,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let notice = notice_of(&submission)?;
    let undecided = || TaskError::Invariant(format!("nothing says what becomes of notice {id}"));
    let case = store.load_case(id.case()).await?.ok_or_else(undecided)?;
    let decision = case.ruling().ok_or_else(undecided)?;
    let upheld = decision.measure == Measure::Approve;
    // Before anybody is told that it goes.
    if upheld {
        match brought_by(store, notice).await? {
            Some((target, photo)) => {
                let moderator = decision.moderator.as_ref().ok_or_else(undecided)?;
                let request = order(id, target, photo, decision.reason, moderator);
                let asked =
                    request_withdrawal(store, objects, workflows, now, withdrawal, request).await?;
                ordered(id, &asked)?;
            }
            // Its author was quicker, or the address names nothing.
            None => tracing::warn!(submission.id = %id, "upheld, but nothing is there"),
        }
    }
    store.record_status(id, &Status::Resolved { upheld }).await?;
    let delivery = match &notice.email {
        None => None,
        Some(email) => {
            let letter = letters::notice_resolved(id, notice, &case.title, decision);
            let recipient = submission.member_id.to_string();
            let key = MailKey { about: format!("resolved:{id}"), recipient };
            let to = Recipient::unasked(email);
            Some(deliver(store, mailer, sender, now, &key, &to, &letter).await?)
        }
    };
    let workflow = submission.body.workflow();
    store.end_work(&Work { workflow, id, restarts: 0, state: WorkState::Done }).await?;
    Ok(delivery)
}

/// What brought what a notice is about, and the photo of it if it is about one.
/// None if nothing is there.
async fn brought_by<S>(
    store: &S,
    notice: &Notice,
) -> TaskResult<Option<(SubmissionId, Option<PhotoId>)>>
where
    S: FindSlug + FindPhoto + LoadSubmission,
{
    Ok(match &notice.subject {
        Subject::Session { slug } => {
            let session = store.find_slug(slug).await?;
            session.map(|session| (SubmissionId::new(session.ulid()), None))
        }
        // The id stands in an address that anybody may write.
        Subject::Review { review, .. } => {
            let sent = store.load_submission(*review).await?;
            let is_review = sent.is_some_and(|sent| matches!(sent.body, Body::Review(_)));
            is_review.then_some((*review, None))
        }
        Subject::Photo { photo } => {
            let origin = store.find_photo(*photo).await?;
            origin.map(|origin| (origin.submission_id, Some(*photo)))
        }
    })
}

/// The request, in the name of who decided. The moderator's words are the
/// notifier's and stay with them; a repeat is known by its key.
fn order(
    id: SubmissionId,
    target: SubmissionId,
    photo: Option<PhotoId>,
    reason: Reason,
    moderator: &MemberId,
) -> request_withdrawal::Request {
    request_withdrawal::Request {
        asker: moderator.clone(),
        target,
        wish: Wish::Moderator(GroundDraft {
            reason,
            note: String::new(),
            photo,
            merged_into: None,
        }),
        // No client's key has a colon.
        key: IdempotencyKey { key: format!("notice:{id}"), fingerprint: target.to_string() },
    }
}

/// What has gone already, by its submitter or another notice, is gone.
fn ordered(id: SubmissionId, asked: &Requested) -> TaskResult<()> {
    match asked {
        Requested::Submitted(Submitted::Accepted(_) | Submitted::Replayed(_))
        | Requested::NothingToWithdraw
        | Requested::NoSuchSubmission => Ok(()),
        Requested::Submitted(Submitted::KeyReused | Submitted::Refused(_)) => {
            Err(TaskError::Invariant(format!("what notice {id} is about can't be withdrawn")))
        }
    }
}
