//! Who looks at a case: claimed, extended by looking on, given up, passed on. No
//! two have it at a time.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    CaseId, MemberId, Problems,
    case::{self, Case, Claim, Decision, Edits, Refusal, What},
    limits,
};

use crate::{
    case_log::{self, Logged},
    decide_case::{is_own_notice, own_item},
    error::{TaskError, TaskResult},
    ports::{AppendCaseEvent, LoadCase, LoadMember},
};

/// What a moderator wants to do with a case before it is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Have it for a while.
    Claim,
    /// Have it no longer.
    Release,
    /// Leave it to somebody else, for this reason.
    Escalate {
        /// In their own words.
        note: String,
    },
    /// Have it published with this put right, which was checked.
    Edit {
        /// All that is put right.
        edits: Edits,
    },
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// So the case stands.
    Done(Box<Case>),
    /// Somebody else has it.
    Claimed(Claim),
    /// It is decided.
    Decided(Decision),
    /// It was passed on, or looked at for days: it can only be decided.
    OnlyDecide,
    /// It is not theirs.
    Refused(Problems),
    /// There is no such case.
    NoSuchCase,
}

/// Does what a moderator wants with a case. A repeat finds it done.
pub async fn claim_case<S>(
    store: &S,
    now: Timestamp,
    id: CaseId,
    moderator: &MemberId,
    wish: Wish,
) -> TaskResult<Outcome>
where
    S: LoadCase + LoadMember + AppendCaseEvent,
{
    let Some(case) = store.load_case(id).await? else { return Ok(Outcome::NoSuchCase) };
    if is_own_notice(store, &case, moderator).await? {
        return Ok(Outcome::Refused(own_item()));
    }
    let what = match wish {
        // One that has just been claimed is not claimed again with every look.
        Wish::Claim if lasts(&case, moderator, now) => return Ok(Outcome::Done(Box::new(case))),
        Wish::Claim => What::Claimed { until: claimed_until(now) },
        Wish::Release if case.claim_at(now).is_none_or(|claim| claim.by != *moderator) => {
            return Ok(Outcome::Done(Box::new(case)));
        }
        Wish::Release => What::Released,
        Wish::Escalate { .. } if case.escalated_by.as_ref() == Some(moderator) => {
            return Ok(Outcome::Done(Box::new(case)));
        }
        Wish::Edit { edits } if edits == case.edits.clone().unwrap_or_default() => {
            return Ok(Outcome::Done(Box::new(case)));
        }
        Wish::Edit { edits } => What::Edited { edits },
        Wish::Escalate { note } => match case::note(&note) {
            Ok(note) => What::Escalated { note },
            Err(problems) => return Ok(Outcome::Refused(problems)),
        },
    };
    Ok(match case_log::log(store, id, now, Some(moderator), None, &what).await? {
        Logged::Done(case) => Outcome::Done(case),
        Logged::NoSuchCase => Outcome::NoSuchCase,
        Logged::Refused(case, refusal) => match refusal {
            Refusal::Claimed(claim) => Outcome::Claimed(claim),
            Refusal::Decided(ruling) => Outcome::Decided(ruling),
            Refusal::NotInOrder(problems) => Outcome::Refused(problems),
            Refusal::TooManyEvents => Outcome::OnlyDecide,
            // The lease ended between looking and giving up.
            Refusal::NotClaimed => Outcome::Done(case),
            refusal => {
                let why = format!("case {id} refuses {what:?}: {refusal}");
                return Err(TaskError::Invariant(why));
            }
        },
    })
}

/// Whether a claim of theirs has more than half of its time left.
fn lasts(case: &Case, moderator: &MemberId, now: Timestamp) -> bool {
    let half = (limits::CLAIM_SECONDS / 2).seconds();
    let claim = case.claim_at(now).filter(|claim| claim.by == *moderator && case.waits());
    claim.is_some_and(|claim| now.saturating_add(half).is_ok_and(|half| half < claim.until))
}

fn claimed_until(now: Timestamp) -> Timestamp {
    now.saturating_add(limits::CLAIM_SECONDS.seconds()).unwrap_or(Timestamp::MAX)
}
