//! EditCase: a moderator puts words right in what waits, to be published so if it is
//! approved.

use jiff::Timestamp;
use seisiun_domain::{CaseId, MemberId, Problems, case::Edits, submission::Body};

use crate::{
    claim_case::{Outcome, Wish, claim_case},
    error::TaskResult,
    ports::{AppendCaseEvent, LoadCase, LoadMember, LoadSubmission},
};

/// Runs the use case. The latest edits stand for all; none take back what was put
/// right before. A repeat finds it done.
pub async fn edit_case<S>(
    store: &S,
    now: Timestamp,
    id: CaseId,
    moderator: &MemberId,
    edits: &Edits,
) -> TaskResult<Outcome>
where
    S: LoadCase + LoadMember + LoadSubmission + AppendCaseEvent,
{
    let Some(submission) = store.load_submission(id.submission()).await? else {
        return Ok(Outcome::NoSuchCase);
    };
    let Body::Session(draft) = &submission.body else {
        let why = "only a session's words are put right: what somebody says is theirs";
        return Ok(Outcome::Refused(Problems::one("edits", "not_editable", why)));
    };
    match edits.validate(draft) {
        Ok(edits) => claim_case(store, now, id, moderator, Wish::Edit { edits }).await,
        Err(problems) => Ok(Outcome::Refused(problems)),
    }
}
