//! What happens to a case: held against the case as it stands, then appended to
//! what has happened to it. Who was overtaken looks again.

use jiff::Timestamp;
use seisiun_domain::{
    CaseId, MemberId,
    case::{Case, Refusal, What},
    limits,
};

use crate::{
    error::TaskResult,
    ports::{AppendCaseEvent, Appended, LoadCase, PortError},
};

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Logged {
    /// It happened: so the case stands.
    Done(Box<Case>),
    /// It may not happen to the case as it stands.
    Refused(Box<Case>, Refusal),
    /// There is no such case.
    NoSuchCase,
}

/// Has this happen to a case, if it may. `seen` is the version that whoever asks
/// has seen, if they say: when there is something else to decide since,
/// it is refused as [`Refusal::NotNext`].
pub async fn log<S>(
    store: &S,
    id: CaseId,
    at: Timestamp,
    by: Option<&MemberId>,
    seen: Option<u32>,
    what: &What,
) -> TaskResult<Logged>
where
    S: LoadCase + AppendCaseEvent,
{
    for _ in 0..limits::CHANGE_TRIES_MAX {
        let Some(case) = store.load_case(id).await? else { return Ok(Logged::NoSuchCase) };
        let event = case.next(at, by.cloned(), what.clone());
        let becomes = match case.apply(&event) {
            Ok(becomes) => becomes,
            // Also when it was decided meanwhile, which says more.
            Err(refusal) => return Ok(Logged::Refused(Box::new(case), refusal)),
        };
        if let Some(seen) = seen
            && seen < case.changed
        {
            let expected = case.version;
            return Ok(Logged::Refused(Box::new(case), Refusal::NotNext { expected }));
        }
        if store.append_case_event(&becomes, &event).await? == Appended::Done {
            return Ok(Logged::Done(Box::new(becomes)));
        }
    }
    Err(PortError::Throttled { what: "changing a case that others change" }.into())
}

/// Whether this is how the case was last decided: a repeat of what was done.
#[must_use]
pub fn is_repeat(case: &Case, by: &MemberId, what: &What) -> bool {
    let (Some(ruling), What::Decided { measure, reason, note }) = (case.ruling(), what) else {
        return false;
    };
    ruling.moderator.as_ref() == Some(by)
        && (ruling.measure, ruling.reason) == (*measure, *reason)
        && ruling.note == *note
}
