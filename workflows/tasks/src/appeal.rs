//! An appeal: the submitter of something that was rejected asks that somebody else
//! decide. It is an event of the case; where a machine rejected and there is none
//! yet, one is opened with the machine's decision as its first.

use jiff::Timestamp;
use seisiun_domain::{
    MemberId, Problems, SubmissionId,
    case::{self, Case, CaseKind, Facts, Measure, Refusal, What},
    member::Language,
    submission::{Status, Submission},
};

use crate::{
    case_log::{self, Logged},
    error::{TaskError, TaskResult},
    ports::{AppendCaseEvent, LoadCase, LoadSession, LoadSubmission, OpenDecidedCase},
    tell_submitter::session_title,
};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Somebody else will decide.
    Appealed,
    /// It was appealed before, and is looked at, or was.
    AppealedBefore,
    /// Nothing was decided against them that somebody else could decide.
    NothingToAppeal,
    /// It could be appealed until then.
    Over {
        /// Until when.
        end: Timestamp,
    },
    /// The words are not in order.
    Refused(Problems),
    /// There is no such submission of theirs.
    NoSuchSubmission,
}

/// Who appeals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appellant<'a> {
    /// A member who is signed in.
    Member(&'a MemberId),
    /// Whoever has the link of the mail that told the submitter.
    Holder,
}

/// Appeals against the rejection of what the appellant sent. A repeat finds it done.
pub async fn appeal<S>(
    store: &S,
    now: Timestamp,
    id: SubmissionId,
    appellant: Appellant<'_>,
    words: &str,
) -> TaskResult<Outcome>
where
    S: LoadSubmission + LoadSession + LoadCase + OpenDecidedCase + AppendCaseEvent,
{
    let words = match case::appeal_words(words) {
        Ok(words) => words,
        Err(problems) => return Ok(Outcome::Refused(problems)),
    };
    let is_theirs = |submission: &Submission| match appellant {
        Appellant::Member(member) => submission.member_id == *member,
        Appellant::Holder => true,
    };
    let Some(submission) = store.load_submission(id).await?.filter(is_theirs) else {
        return Ok(Outcome::NoSuchSubmission);
    };
    let member = &submission.member_id;
    if store.load_case(id.case()).await?.is_none()
        && !open_after_a_machine(store, &submission).await?
    {
        return Ok(Outcome::NothingToAppeal);
    }
    let what = What::Appealed { words };
    Ok(match case_log::log(store, id.case(), now, Some(member), None, &what).await? {
        Logged::Done(_) => Outcome::Appealed,
        Logged::NoSuchCase => Outcome::NothingToAppeal,
        Logged::Refused(case, refusal) => match refusal {
            Refusal::AppealedBefore => {
                // The answer to this very request may have been lost.
                let same = case.appeal.as_ref().is_some_and(|appeal| is_same(&what, &appeal.words));
                if same { Outcome::Appealed } else { Outcome::AppealedBefore }
            }
            Refusal::NothingToAppeal => Outcome::NothingToAppeal,
            Refusal::AppealOver { end } => Outcome::Over { end },
            refusal => {
                return Err(TaskError::Invariant(format!("case of {id}: {refusal}")));
            }
        },
    })
}

fn is_same(what: &What, words: &str) -> bool {
    matches!(what, What::Appealed { words: wanted } if wanted == words)
}

/// Opens the case of what a machine rejected, decided as it was. False if no machine
/// rejected it, or for what no person could decide otherwise.
async fn open_after_a_machine<S>(store: &S, submission: &Submission) -> TaskResult<bool>
where
    S: LoadSession + OpenDecidedCase,
{
    let Status::Rejected { statement } = &submission.status else { return Ok(false) };
    if !statement.automated_decision || !statement.reason.a_person_may_see_otherwise() {
        return Ok(false);
    }
    let facts = Facts {
        kind: CaseKind::Submission,
        submitter: submission.member_id.clone(),
        about: None,
        title: session_title(store, submission, Language::En).await?,
        grounds: vec![statement.facts.clone()],
    };
    let opened = Case::open(submission.id.case(), submission.accepted_at, facts);
    let (measure, reason) = (Measure::Reject, statement.reason);
    let note = String::new();
    let event = opened.next(submission.accepted_at, None, What::Decided { measure, reason, note });
    let decided = opened.apply(&event).map_err(|refusal| {
        TaskError::Invariant(format!(
            "the case of {} refuses its decision: {refusal}",
            submission.id
        ))
    })?;
    store.open_decided_case(&decided, &event).await?;
    Ok(true)
}
