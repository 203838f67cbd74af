//! A moderator's decision: recorded first, then told to the waiting execution.

use jiff::Timestamp;
use seisiun_domain::{
    CaseId, MemberId, Problems,
    case::{CaseKind, Decision, Measure, Reason},
    notice::notifier,
};
use serde_json::{Value, json};

use crate::{
    error::TaskResult,
    ports::{
        AnswerTask, IdempotencyKey, LoadCase, LoadMember, RecordDecision, RememberKey, Remembered,
    },
};

/// What came of a moderator's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This decision stands.
    Decided(Decision),
    /// Another was first; it stands.
    Late(Decision),
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
    /// Who decides.
    pub moderator: MemberId,
    /// The client's key for this request.
    pub key: IdempotencyKey,
}

/// What the waiting state is answered: one tag for its Choice.
#[must_use]
pub fn decision_output(decision: &Decision) -> Value {
    json!({ "decision": decision.measure })
}

/// Decides a case. A decision whose execution is gone is kept: the reconciler's
/// restart finds it.
pub async fn decide_case<S, W>(
    store: &S,
    workflows: &W,
    now: Timestamp,
    request: Request,
) -> TaskResult<Outcome>
where
    S: LoadCase + LoadMember + RememberKey + RecordDecision,
    W: AnswerTask,
{
    let Some(case) = store.load_case(request.case).await? else { return Ok(Outcome::NoSuchCase) };
    let wanted = Decision {
        measure: request.measure,
        reason: request.reason,
        note: request.note,
        moderator: request.moderator,
        decided_at: now,
    };
    // A notice is its sender's own, though it came without their account.
    if case.kind == CaseKind::Notice
        && let Some(member) = store.load_member(&wanted.moderator).await?
        && notifier(&member.email) == case.submitter
    {
        let why = "nobody decides on what they submitted themselves";
        return Ok(Outcome::Refused(Problems::one("moderator", "own_item", why)));
    }
    let wanted = match wanted.check(&case) {
        Ok(decision) => decision,
        Err(problems) => return Ok(Outcome::Refused(problems)),
    };
    // A repeat needs no memory: the first decision stands. Only a key that was
    // meant for something else is turned away.
    let moderator = &wanted.moderator;
    let remembered = store.remember_key(moderator, &request.key, &case.id.to_string(), now).await?;
    if remembered == Remembered::Mismatch {
        return Ok(Outcome::KeyReused);
    }
    let Some(recorded) = store.record_decision(case.id, &wanted).await? else {
        return Ok(Outcome::NoSuchCase);
    };
    // Also when another decision was first: its moderator's call may have been
    // cut off between recording and answering.
    if let Some(token) = &recorded.token {
        workflows.answer_task(token, &decision_output(&recorded.decision)).await?;
    }
    let same = Decision { decided_at: recorded.decision.decided_at, ..wanted } == recorded.decision;
    Ok(if same { Outcome::Decided(recorded.decision) } else { Outcome::Late(recorded.decision) })
}
