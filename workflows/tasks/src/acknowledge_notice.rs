//! AcknowledgeNotice: tells the notifier that we have it, and what happens next.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    notice::{Notice, Subject},
    submission::{Body, Submission},
};
use seisiun_mail::Sender;

use crate::{
    deliver::{Delivery, Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters,
    ports::{FindPhoto, FindSlug, LoadSession, LoadSubmission, MailKey, SendMail},
};

/// Runs the task. Answers what became of the mail; `None` if the notice names
/// no address.
pub async fn acknowledge_notice<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Option<Delivery>>
where
    S: LoadSubmission + FindSlug + FindPhoto + LoadSession + Ledger,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let notice = notice_of(&submission)?;
    let Some(email) = &notice.email else { return Ok(None) };
    let what = complained_of(store, notice).await?;
    let letter = letters::notice_received(id, notice, &what.title);
    let recipient = submission.member_id.to_string();
    let key = MailKey { about: format!("acknowledged:{id}"), recipient };
    let to = Recipient::unasked(email);
    deliver(store, mailer, sender, now, &key, &to, &letter).await.map(Some)
}

/// The notice that a submission is.
pub(crate) fn notice_of(submission: &Submission) -> TaskResult<&Notice> {
    match &submission.body {
        Body::Notice(notice) => Ok(notice),
        _ => Err(TaskError::InvalidInput(format!("submission {} is no notice", submission.id))),
    }
}

/// What a notice complains of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComplainedOf {
    /// In words.
    pub(crate) title: String,
    /// Who made it, if it is still there.
    pub(crate) author: Option<MemberId>,
}

/// Looks up what a notice complains of.
pub(crate) async fn complained_of<S>(store: &S, notice: &Notice) -> TaskResult<ComplainedOf>
where
    S: LoadSubmission + FindSlug + FindPhoto + LoadSession,
{
    let session = async |id: Option<SessionId>| match id {
        Some(id) => store.load_session(id).await,
        None => Ok(None),
    };
    let author = async |submission: Option<SubmissionId>| match submission {
        Some(id) => Ok(store.load_submission(id).await?.map(|sent| (sent.member_id, sent.body))),
        None => TaskResult::Ok(None),
    };
    let (before, session, author) = match &notice.subject {
        Subject::Session { slug } => {
            let session = session(store.find_slug(slug).await?).await?;
            let author = session.as_ref().map(|session| session.submitter.clone());
            ("", session, author)
        }
        Subject::Review { review, .. } => match author(Some(*review)).await? {
            Some((author, Body::Review(draft))) => {
                ("a review of ", session(Some(draft.session_id)).await?, Some(author))
            }
            _ => ("a review of ", None, None),
        },
        Subject::Photo { photo } => {
            let origin = store.find_photo(*photo).await?;
            let session = session(origin.map(|origin| origin.session_id)).await?;
            let sent = author(origin.map(|origin| origin.submission_id)).await?;
            ("a photo of ", session, sent.map(|(author, _)| author))
        }
    };
    let title = session.map_or_else(
        || format!("{before}a session that is not listed"),
        |session| format!("{before}{}", session.listing.title),
    );
    Ok(ComplainedOf { title, author })
}
