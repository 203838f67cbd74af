//! A moderator's decision: recorded first, then carried out.

use jiff::Timestamp;
use seisiun_domain::{
    CaseId, MemberId, Problems,
    case::{self, Case, CaseKind, Claim, Decision, Measure, Reason, Refusal, What},
    notice::notifier,
};

use crate::{
    carry_out::{Rulings, carry_out},
    case_log::{self, Logged, is_repeat},
    error::{TaskError, TaskResult},
    ports::{
        AnswerTask, AppendCaseEvent, DescribeExecution, IdempotencyKey, LoadCase, LoadMember,
        RememberKey, Remembered, StartExecution,
    },
};

/// What came of a moderator's request.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// This decision stands: the case as it is by it.
    Decided(Box<Case>),
    /// It stands since the same call before.
    Repeated(Box<Case>),
    /// Another was first; it stands.
    Late(Decision),
    /// There is something else to decide than what the moderator has seen.
    Moved,
    /// Somebody else looks at it.
    Claimed(Claim),
    /// The decision is not one that can be taken.
    Refused(Problems),
    /// There is no such case.
    NoSuchCase,
    /// The key was used for something else.
    KeyReused,
}

/// What a moderator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The case.
    pub case: CaseId,
    /// What to do.
    pub measure: Measure,
    /// On what ground.
    pub reason: Reason,
    /// Words to the submitter.
    pub note: String,
    /// The version of the case that the moderator has seen; none if they don't
    /// say.
    pub seen: Option<u32>,
    /// Who decides.
    pub moderator: MemberId,
    /// The client's key for this request.
    pub key: IdempotencyKey,
}

/// Whether a case is a notice that this member sent, though it came without their
/// account.
///
/// # Errors
/// If the member can't be read.
pub(crate) async fn is_own_notice(
    store: &impl LoadMember,
    case: &Case,
    member: &MemberId,
) -> TaskResult<bool> {
    if case.kind != CaseKind::Notice {
        return Ok(false);
    }
    let member = store.load_member(member).await?;
    Ok(member.is_some_and(|member| notifier(&member.email) == case.submitter))
}

/// What is wrong with an act on what one sent oneself.
pub(crate) fn own_item() -> Problems {
    let why = "nobody decides on what they submitted themselves";
    Problems::one("moderator", "own_item", why)
}

/// Decides a case.
pub async fn decide_case<S, W>(
    store: &S,
    workflows: &W,
    now: Timestamp,
    request: Request,
) -> TaskResult<Outcome>
where
    S: LoadCase + LoadMember + RememberKey + AppendCaseEvent + Rulings,
    W: AnswerTask + StartExecution + DescribeExecution,
{
    let Request { case: id, measure, reason, note, seen, moderator, key } = request;
    let note = match case::note(&note) {
        Ok(note) => note,
        Err(problems) => return Ok(Outcome::Refused(problems)),
    };
    let Some(case) = store.load_case(id).await? else { return Ok(Outcome::NoSuchCase) };
    if is_own_notice(store, &case, &moderator).await? {
        return Ok(Outcome::Refused(own_item()));
    }
    let what = What::Decided { measure, reason, note };
    // What can't be is refused before the key stands for it.
    if let Err(Refusal::NotInOrder(problems)) =
        case.apply(&case.next(now, Some(moderator.clone()), what.clone()))
    {
        return Ok(Outcome::Refused(problems));
    }
    let remembered = store.remember_key(&moderator, &key, &id.to_string(), now).await?;
    if remembered == Remembered::Mismatch {
        return Ok(Outcome::KeyReused);
    }
    Ok(match case_log::log(store, id, now, Some(&moderator), seen, &what).await? {
        Logged::Done(case) => {
            carry_out(store, workflows, &case).await?;
            Outcome::Decided(case)
        }
        Logged::Refused(case, Refusal::Decided(ruling)) => {
            // The call that recorded it may have been cut off before it was carried
            // out: this one's, if it is a repeat.
            carry_out(store, workflows, &case).await?;
            if is_repeat(&case, &moderator, &what) {
                Outcome::Repeated(case)
            } else {
                Outcome::Late(ruling)
            }
        }
        Logged::Refused(_, refusal) => refused(id, refusal)?,
        Logged::NoSuchCase => Outcome::NoSuchCase,
    })
}

fn refused(id: CaseId, refusal: Refusal) -> TaskResult<Outcome> {
    Ok(match refusal {
        Refusal::Decided(ruling) => Outcome::Late(ruling),
        Refusal::Claimed(claim) => Outcome::Claimed(claim),
        Refusal::NotNext { .. } => Outcome::Moved,
        Refusal::NotInOrder(problems) => Outcome::Refused(problems),
        refusal @ (Refusal::NotClaimed
        | Refusal::Nobody
        | Refusal::NothingToAppeal
        | Refusal::AppealedBefore
        | Refusal::AppealOver { .. }
        | Refusal::TooManyEvents) => {
            return Err(TaskError::Invariant(format!("case {id} refuses a decision: {refusal}")));
        }
    })
}
