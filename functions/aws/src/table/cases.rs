//! Moderation cases, and what happened to them when.
//!
//! The token that an execution waits on is written by the state machine itself
//! (AwaitDecision in `statemachines/`), straight into the case's record and only
//! while it is undecided. DynamoDB puts that write and the decision's in an
//! order: whichever is second finds the other, so no decision is left unanswered.

use futures::{StreamExt, TryStreamExt, stream};
use seisiun_domain::{
    CaseId, SubmissionId,
    case::{Case, Decision},
    limits,
};
use seisiun_workflows::ports::{
    CountCases, ListCases, LoadCase, OpenCase, PortResult, RecordDecision, Recorded, TaskToken,
    Waiting, WorkQueue,
};
use serde_json::json;

use super::{Change, Committed, Range, Sort, Table, broken, record, text, text_of, value};
use crate::keys::{self, GSI1, GSI1_PK, GSI1_SK, PK};

/// The task token, beside the case so that reading a case never shows it.
const TOKEN: &str = "token";

/// Cases read at once for a list: keeps a list of fifty quick without opening
/// fifty connections.
const READS_AT_ONCE: usize = 8;

impl OpenCase for Table {
    async fn open_case(&self, case: &Case) -> PortResult<Option<Decision>> {
        let queued = [
            (GSI1_PK, text(keys::OPEN_CASES)),
            (GSI1_SK, text(keys::by_time(case.opened_at, case.id))),
        ];
        let opened = json!({ "what": "opened", "grounds": case.grounds });
        let committed = self
            .transact(vec![
                self.new_item(record(keys::case(case.id), case, queued)?)?,
                self.item(record(
                    keys::case_event(case.id, case.opened_at, "opened"),
                    &opened,
                    [],
                )?)?,
            ])
            .await?;
        if committed == Committed::All {
            return Ok(None);
        }
        Ok(self.load_case(case.id).await?.and_then(|case| case.decision))
    }
}

impl LoadCase for Table {
    async fn load_case(&self, id: CaseId) -> PortResult<Option<Case>> {
        self.get_doc(keys::case(id)).await
    }
}

impl ListCases for Table {
    async fn list_cases(&self, limit: usize) -> PortResult<Vec<Case>> {
        let queue = Range::of(keys::OPEN_CASES.into(), Sort::All).in_index(GSI1).at_most(limit);
        let queued = self.query(queue).await?;
        let ids = queued.iter().map(|item| {
            let pk = text_of(item, PK).unwrap_or_default();
            keys::case_id(pk)
                .ok_or_else(|| broken("dynamodb:parse", format!("record {pk} is not a case")))
        });
        // The index lags behind: each case itself says whether it is decided.
        let cases = stream::iter(ids.collect::<PortResult<Vec<_>>>()?)
            .map(|id| self.load_case(id))
            .buffered(READS_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(cases.into_iter().flatten().filter(|case| case.decision.is_none()).collect())
    }
}

impl CountCases for Table {
    async fn count_cases(&self) -> PortResult<Waiting> {
        let most = limits::CASES_COUNTED_MAX;
        let queue = Range::of(keys::OPEN_CASES.into(), Sort::All).in_index(GSI1).at_most(most);
        let queued = self.query(queue.keys_only()).await?;
        let first = queued.first().and_then(|item| text_of(item, GSI1_SK));
        Ok(Waiting { cases: queued.len(), since: first.and_then(keys::time_of) })
    }
}

impl RecordDecision for Table {
    async fn record_decision(
        &self,
        id: CaseId,
        decision: &Decision,
    ) -> PortResult<Option<Recorded>> {
        let change =
            Change::new(keys::case(id), "SET #doc.#decision = :decision REMOVE #gsi1pk, #gsi1sk")
                .only_if("attribute_exists(#pk) AND attribute_not_exists(#doc.#decision)")
                .names([PK, "doc", "decision", GSI1_PK, GSI1_SK])
                .value(":decision", value(decision)?);
        let decided = json!({
            "what": "decided",
            "measure": decision.measure,
            "reason": decision.reason,
            "moderator": decision.moderator,
        });
        let event = keys::case_event(id, decision.decided_at, "decided");
        let committed =
            self.transact(vec![self.change(change)?, self.item(record(event, &decided, [])?)?]);
        let decision = match committed.await? {
            Committed::All => decision.clone(),
            Committed::Refused(_) => match self.load_case(id).await? {
                None => return Ok(None),
                Some(case) => case
                    .decision
                    .ok_or_else(|| broken("record_decision", format!("case {id} refuses one")))?,
            },
        };
        let submission = SubmissionId::new(id.ulid());
        self.requeue(submission, WorkQueue::Waiting, WorkQueue::Active).await?;
        let stored = self.get(keys::case(id)).await?;
        let token = stored.as_ref().and_then(|item| text_of(item, TOKEN));
        Ok(Some(Recorded { decision, token: token.map(|token| TaskToken(token.to_owned())) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::keys::SK;

    /// The state machines write into the record that this module reads.
    #[test]
    fn the_state_machines_know_the_record_of_a_case() {
        let id: SubmissionId = "01J9ZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
        let key = keys::case(id.case());
        let prefix = key.pk.strip_suffix(&id.to_string()).unwrap();
        for machine in ["session-submission", "review-submission", "notice"] {
            let file =
                format!("{}/../../statemachines/{machine}.asl.json", env!("CARGO_MANIFEST_DIR"));
            let definition: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            let arguments = &definition["States"]["AwaitDecision"]["Arguments"];
            let pk = format!("{{% '{prefix}' & $submission_id %}}");
            assert_eq!(arguments["Key"], json!({ PK: { "S": pk }, SK: { "S": key.sk } }));
            let names = json!({
                "#pk": PK, "#doc": super::super::DOC, "#decision": "decision", "#token": TOKEN,
            });
            assert_eq!(arguments["ExpressionAttributeNames"], names, "{machine}");
        }
    }
}
