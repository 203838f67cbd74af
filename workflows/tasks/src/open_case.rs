//! OpenCase: puts the submission into the moderation queue. The state after it
//! writes its task token into the case and waits.

use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    case::{Case, CaseKind, Facts, Measure},
    member::Language,
    submission::{Body, Status, Submission},
};
use seisiun_mail::Sender;

use crate::{
    acknowledge_notice::complained_of,
    deliver::{Ledger, Recipient, deliver},
    error::{TaskError, TaskResult},
    letters, moderate_text,
    ports::{
        FindPhoto, FindSlug, LoadMember, LoadPhotoRecords, LoadSession, LoadSubmission, MailKey,
        OpenCase, RecordStatus, SendMail,
    },
    tell_submitter::session_title,
};

/// Runs the task. Answers what was decided, if it was decided while no
/// execution waited.
pub async fn open_case<S, M>(
    store: &S,
    mailer: &M,
    sender: &Sender,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<Option<Measure>>
where
    S: LoadSubmission
        + LoadPhotoRecords
        + FindSlug
        + FindPhoto
        + LoadSession
        + OpenCase
        + RecordStatus
        + LoadMember
        + Ledger,
    M: SendMail,
{
    let submission =
        store.load_submission(id).await?.ok_or_else(|| TaskError::no_submission(id))?;
    let case = case_of(store, now, &submission).await?;
    if let Some(decision) = store.open_case(&case).await? {
        return Ok(Some(decision.measure));
    }
    store.record_status(id, &Status::InReview).await?;
    if let Some(member) = store.load_member(&submission.member_id).await?
        && let Some(what) = letters::submitted(&submission)
    {
        let key = MailKey { about: format!("waiting:{id}"), recipient: member.id.to_string() };
        let letter = letters::waiting(what, &submission, &case.title, sender, member.language);
        let to = Recipient::from(&member);
        deliver(store, mailer, sender, now, &key, &to, &letter).await?;
    }
    Ok(None)
}

async fn case_of<S>(store: &S, now: Timestamp, submission: &Submission) -> TaskResult<Case>
where
    S: LoadSubmission + LoadPhotoRecords + FindSlug + FindPhoto + LoadSession,
{
    let submitter = submission.member_id.clone();
    let facts = if let Body::Notice(notice) = &submission.body {
        let what = complained_of(store, notice).await?;
        let (reason, explanation) = (notice.reason.in_words().into(), notice.explanation.clone());
        Facts {
            kind: CaseKind::Notice,
            submitter,
            about: what.author,
            title: what.title,
            grounds: vec![reason, notice.url.clone(), explanation],
        }
    } else {
        let records = store.load_photo_records(submission.id).await?;
        Facts {
            kind: CaseKind::Submission,
            submitter,
            about: None,
            title: session_title(store, submission, Language::En).await?,
            grounds: moderate_text::judge(submission, &records).grounds,
        }
    };
    Ok(Case::open(submission.id.case(), now, facts))
}
