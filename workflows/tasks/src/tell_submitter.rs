//! TellSubmitter: mails the outcome and closes the submission's work.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::{Case, Statement},
    change::What,
    member::Language,
    submission::{Body, Status, Submission, Work, WorkState, Workflow},
};
use seisiun_mail::{Outcome, Sender};

use crate::{
    deliver::{Delivery, Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters::{self, Decided},
    ports::{
        EndWork, LoadCase, LoadMember, LoadPhotoRecords, LoadSession, LoadSubmission, MailKey,
        SealAppeal, SendMail,
    },
    withdrawal_target::load_target,
};

/// What a submission came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is public.
    Published {
        /// Whether no person had to look.
        unseen: bool,
    },
    /// It was refused.
    Rejected,
    /// Neither was to be decided, or its member took it back.
    Other,
}

/// What was told, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Whose end it is.
    pub workflow: Workflow,
    /// Which.
    pub end: End,
    /// What became of the mail; `None` if none was owed, or the member is gone.
    pub delivery: Option<Delivery>,
}

/// Runs the task.
pub async fn tell_submitter<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
    links: &impl SealAppeal,
) -> TaskResult<Told>
where
    S: LoadSubmission + LoadPhotoRecords + LoadSession + LoadMember + LoadCase + EndWork + Ledger,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let case = match submission.status {
        Status::Published { .. } | Status::Rejected { .. } => store.load_case(id.case()).await?,
        _ => None,
    };
    let unseen = case.is_none();
    let delivery = tell(store, mailer, sender, now, &submission, case, links).await?;
    let workflow = submission.body.workflow();
    let end = match submission.status {
        Status::Published { .. } => End::Published { unseen },
        Status::Rejected { .. } => End::Rejected,
        _ => End::Other,
    };
    store.end_work(&Work { workflow, id, restarts: 0, state: WorkState::Done }).await?;
    Ok(Told { workflow, end, delivery })
}

/// Sends the mail that is owed, if one is.
async fn tell<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    submission: &Submission,
    case: Option<Case>,
    links: &impl SealAppeal,
) -> TaskResult<Option<Delivery>>
where
    S: LoadSubmission + LoadPhotoRecords + LoadSession + LoadMember + Ledger,
    M: SendMail,
{
    let id = submission.id;
    // What a moderator took down is told to who had sent it, by its statement.
    if let Body::Withdrawal(withdrawal) = &submission.body {
        let Some(statement) = withdrawal.statement() else { return Ok(None) };
        let target = load_target(store, withdrawal.target).await?;
        let target = target.ok_or_else(|| TaskError::no_submission(withdrawal.target))?.submission;
        // What had gone by then was told of, if there was somebody to tell.
        let by_itself = matches!(target.status, Status::Withdrawn { statement: None })
            && store.load_submission(target.id).await?.is_some();
        if by_itself {
            return Ok(None);
        }
        let (outcome, about) = match withdrawal.photo {
            Some(photo) => (Outcome::PhotoTakenDown, format!("taken-down:{photo}")),
            None => (Outcome::TakenDown, format!("taken-down:{}", target.id)),
        };
        let decided = Decided { outcome, statement: &statement, sealed: None };
        return tell_reasons(store, mailer, sender, now, &target, decided, about).await;
    }
    let Some(member) = store.load_member(&submission.member_id).await? else { return Ok(None) };
    let about = format!("{}:{id}", submission.status.name());
    let key = MailKey { about, recipient: member.id.to_string() };
    let to = &Recipient::from(&member);
    Ok(match &submission.status {
        Status::Published { slug, .. } => {
            let Some(what) = letters::submitted(submission).filter(|_| is_news(submission)) else {
                return Ok(None);
            };
            let edits = case.and_then(|case| case.edits).unwrap_or_default();
            let title = match &edits.title {
                Some(title) => title.clone(),
                None => session_title(store, submission, member.language).await?,
            };
            let records = store.load_photo_records(id).await?;
            let mut letter = letters::published(
                what,
                submission,
                &title,
                slug,
                &records,
                sender,
                member.language,
            );
            letter.put_right = letters::put_right(&edits, member.language);
            Some(deliver(store, mailer, sender, now, &key, to, &letter).await?)
        }
        Status::Rejected { statement } => {
            let appeal = case.and_then(|case| case.appeal);
            let upheld = appeal.and_then(|appeal| appeal.decision);
            let upheld = upheld.map(|decision| Statement::upheld(statement, &decision));
            let sealed = match &upheld {
                Some(_) => None,
                None => Some(links.seal_appeal(id).await?),
            };
            let sealed = sealed.as_deref();
            let (decided, about) = match &upheld {
                Some(statement) => {
                    let outcome = Outcome::Upheld;
                    (Decided { outcome, statement, sealed }, format!("upheld:{id}"))
                }
                None => {
                    let outcome = Outcome::NotPublished;
                    (Decided { outcome, statement, sealed }, format!("rejected:{id}"))
                }
            };
            tell_reasons(store, mailer, sender, now, submission, decided, about).await?
        }
        Status::Done if submission.body == Body::Export => {
            let letter = letters::export_ready(sender);
            Some(deliver(store, mailer, sender, now, &key, to, &letter).await?)
        }
        // Their own doing.
        Status::Withdrawn { .. } | Status::Done => None,
        status => {
            let why = format!("submission {id} is still {}", status.name());
            return Err(TaskError::Invariant(why));
        }
    })
}

/// Whether who sent it needs a mail to know that it is public: a tap on "it was
/// on" was answered on the spot, and so was an evening called off.
fn is_news(submission: &Submission) -> bool {
    match &submission.body {
        Body::Change(change) => matches!(change.what, What::Edit { .. } | What::ClaimHost { .. }),
        _ => true,
    }
}

async fn tell_reasons<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    submission: &Submission,
    decided: Decided<'_>,
    about: String,
) -> TaskResult<Option<Delivery>>
where
    S: LoadSession + LoadMember + Ledger,
    M: SendMail,
{
    let Some(member) = store.load_member(&submission.member_id).await? else { return Ok(None) };
    let Some(what) = letters::submitted(submission) else { return Ok(None) };
    let title = session_title(store, submission, member.language).await?;
    let key = MailKey { about, recipient: member.id.to_string() };
    let letter = letters::rejected(what, submission, &title, decided, sender, now, member.language);
    let to = Recipient::from(&member);
    Ok(Some(deliver(store, mailer, sender, now, &key, &to, &letter).await?))
}

/// The title of the session that a submission is, or is about; in the language
/// where there is none any more.
pub(crate) async fn session_title(
    store: &impl LoadSession,
    submission: &Submission,
    language: Language,
) -> TaskResult<String> {
    match &submission.body {
        Body::Session(draft) => return Ok(draft.title.clone()),
        // Who sent it has no account, and is written to by its own tasks.
        Body::Notice(notice) => return Ok(notice.url.clone()),
        _ => {}
    }
    let session = match submission.body.about() {
        Some(id) => store.load_session(id).await?,
        None => None,
    };
    Ok(session
        .map_or_else(|| letters::some_session(language).into(), |session| session.listing.title))
}
