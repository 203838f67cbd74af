//! Moderation cases, and what happened to them when.
//!
//! The token that an execution waits on is written by the state machine itself
//! (AwaitDecision in `statemachines/`), straight into the case's record and only
//! while it is undecided. DynamoDB puts that write and the decision's in an
//! order: whichever is second finds the other, so no decision is left unanswered.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use seisiun_domain::{
    CaseId, SubmissionId,
    case::{Case, Decision, Event, Measure, What},
    limits,
    submission::Work,
};
use seisiun_workflows::ports::{
    AppendCaseEvent, Appended, CountCases, ListCaseEvents, ListCases, ListRulings, LoadCase,
    LoadCaseToken, OpenCase, OpenDecidedCase, PortResult, QueuePlace, ReopenWork, SettleRuling,
    TaskToken, Waiting, WorkQueue,
};

use super::{
    Change, Committed, DOC, Item, KEYS_PER_READ, Range, Sort, Table, VERSION, broken, doc,
    key_item, number, record, text, text_of, value, work,
};
use crate::keys::{self, GSI1, GSI1_PK, GSI1_SK, PK};

/// The task token, beside the case so that reading a case never shows it.
const TOKEN: &str = "token";

/// The case that a record is of.
fn case_id(item: &Item) -> PortResult<CaseId> {
    let pk = text_of(item, PK).unwrap_or_default();
    keys::case_id(pk).ok_or_else(|| broken("dynamodb:parse", format!("record {pk} is not a case")))
}

impl OpenCase for Table {
    async fn open_case(&self, case: &Case) -> PortResult<Option<Decision>> {
        let queued = [
            (GSI1_PK, text(keys::OPEN_CASES)),
            (GSI1_SK, text(keys::by_time(case.opened_at, case.id))),
        ];
        let opening = record(keys::case_event(case.id, 1), &case.opening(), [])?;
        let committed = self
            .transact(vec![
                self.new_item(record(keys::case(case.id), case, queued)?)?,
                self.item(opening)?,
            ])
            .await?;
        if committed == Committed::All {
            return Ok(None);
        }
        Ok(self.load_case(case.id).await?.and_then(|case| case.ruling().cloned()))
    }
}

impl OpenDecidedCase for Table {
    async fn open_decided_case(&self, case: &Case, event: &Event) -> PortResult<()> {
        let opening = record(keys::case_event(case.id, 1), &case.opening(), [])?;
        let decision = record(keys::case_event(case.id, event.version), event, [])?;
        let writes = vec![
            self.new_item(record(keys::case(case.id), case, [])?)?,
            self.item(opening)?,
            self.item(decision)?,
        ];
        // Not met: it is there.
        self.transact(writes).await?;
        Ok(())
    }
}

impl LoadCase for Table {
    async fn load_case(&self, id: CaseId) -> PortResult<Option<Case>> {
        self.get_doc(keys::case(id)).await
    }
}

impl ListCases for Table {
    async fn list_cases(&self, after: Option<&QueuePlace>, limit: usize) -> PortResult<Vec<Case>> {
        let most = limit.min(KEYS_PER_READ);
        let mut after = after.map(|place| keys::by_time(place.since, place.id));
        let mut waiting = Vec::new();
        while waiting.len() < limit {
            let sort = after.take().map_or(Sort::All, Sort::After);
            let queue = Range::of(keys::OPEN_CASES.into(), sort).in_index(GSI1).at_most(most);
            let queued = self.query(queue).await?;
            let ids = queued.iter().map(case_id).collect::<PortResult<Vec<_>>>()?;
            // The index lags behind: each case itself says whether it waits.
            let mut cases = self.load_cases(&ids).await?;
            waiting.extend(ids.iter().filter_map(|id| cases.remove(id)).filter(Case::waits));
            if queued.len() < most {
                break;
            }
            after = queued.last().and_then(|item| text_of(item, GSI1_SK)).map(str::to_owned);
        }
        waiting.truncate(limit);
        Ok(waiting)
    }
}

impl Table {
    /// Those of these cases that there are; at most [`KEYS_PER_READ`].
    async fn load_cases(&self, ids: &[CaseId]) -> PortResult<HashMap<CaseId, Case>> {
        // The index may show one that moves within it at both places.
        let ids: HashSet<CaseId> = ids.iter().copied().collect();
        let wanted = ids.into_iter().map(|id| key_item(keys::case(id))).collect();
        let found = self.get_many(wanted, [PK, VERSION, DOC]).await?;
        let cases = found.into_iter().map(doc::<Case>);
        cases.map(|case| case.map(|case| (case.id, case))).collect()
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

impl ListCaseEvents for Table {
    async fn list_case_events(&self, id: CaseId) -> PortResult<Vec<Event>> {
        let events = Sort::Prefix(keys::CASE_EVENTS.into());
        self.query_docs(Range::of(keys::case(id).pk, events)).await
    }
}

impl AppendCaseEvent for Table {
    async fn append_case_event(&self, becomes: &Case, event: &Event) -> PortResult<Appended> {
        let id = becomes.id;
        // Where it stands in the queues from now on, if it moves.
        let moves = match &event.what {
            What::Decided { .. } => Some((keys::RULED_CASES, event.at)),
            What::Appealed { .. } => Some((keys::OPEN_CASES, event.at)),
            _ => None,
        };
        let change = match moves {
            Some((queue, at)) => {
                Change::new(keys::case(id), "SET #doc = :doc, #gsi1pk = :queue, #gsi1sk = :place")
                    .names([GSI1_PK, GSI1_SK])
                    .value(":queue", text(queue))
                    .value(":place", text(keys::by_time(at, id)))
            }
            None => Change::new(keys::case(id), "SET #doc = :doc"),
        };
        let change = change
            .only_if("#doc.#version = :seen")
            .named("doc", "doc")
            .named("version", "version")
            .value(":doc", value(becomes)?)
            .value(":seen", number(event.version.saturating_sub(1)));
        let key = keys::case_event(id, event.version);
        let kept = self.new_item(record(key.clone(), event, [])?)?;
        let committed = self.transact(vec![self.change(change)?, kept]).await?;
        if committed != Committed::All {
            let stands: Option<Event> = self.get_doc(key).await?;
            if stands.as_ref() != Some(event) {
                return Ok(Appended::Moved);
            }
        }
        if matches!(event.what, What::Decided { .. }) {
            let submission = SubmissionId::new(id.ulid());
            self.requeue(submission, WorkQueue::Waiting, WorkQueue::Active).await?;
        }
        Ok(Appended::Done)
    }
}

impl LoadCaseToken for Table {
    async fn load_case_token(&self, id: CaseId) -> PortResult<Option<TaskToken>> {
        let stored = self.get(keys::case(id)).await?;
        let token = stored.as_ref().and_then(|item| text_of(item, TOKEN));
        Ok(token.map(|token| TaskToken(token.to_owned())))
    }
}

impl ListRulings for Table {
    async fn list_rulings(&self, through: Timestamp, limit: usize) -> PortResult<Vec<CaseId>> {
        let due = Sort::Through(keys::through_time(through));
        let due = Range::of(keys::RULED_CASES.into(), due).in_index(GSI1).at_most(limit);
        self.query(due).await?.iter().map(case_id).collect()
    }
}

/// Takes a case off the list of those whose decision is to be carried out.
fn settled(case: &Case) -> Change {
    Change::new(keys::case(case.id), "REMOVE #gsi1pk, #gsi1sk")
        .only_if("#doc.#version = :seen AND #gsi1pk = :ruled")
        .names(["doc", "version", GSI1_PK, GSI1_SK])
        .value(":seen", number(case.version))
        .value(":ruled", text(keys::RULED_CASES))
}

impl SettleRuling for Table {
    async fn settle_ruling(&self, case: &Case) -> PortResult<()> {
        // Not met: settled before, or something has happened since.
        self.update(settled(case)).await?;
        Ok(())
    }
}

impl ReopenWork for Table {
    async fn reopen_work(&self, work: &Work, case: &Case) -> PortResult<bool> {
        let ruling = case.ruling();
        let publishes = ruling.is_some_and(|ruling| ruling.measure == Measure::Approve);
        let at = ruling.map_or(case.opened_at, |ruling| ruling.decided_at);
        let change =
            if publishes { work::reopened_to_publish(work, at)? } else { work::reopened(work, at) };
        let committed = self.transact(vec![self.change(change)?, self.change(settled(case))?]);
        Ok(committed.await? == Committed::All)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
