//! What is owed for a submission or an event: attributes of its record, and its
//! place in the queue.

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::try_join_all;
use jiff::Timestamp;
use seisiun_domain::{
    SubmissionId,
    submission::{Status, Work, WorkState, Workflow},
};
use seisiun_workflows::ports::{
    BeginRestart, EndWork, ListOpenWork, LoadWork, NoteLook, PortResult, WorkQueue,
};
use ulid::Ulid;

use super::{
    Change, Item, Range, Sort, Table, broken, number, number_of,
    submissions::{REJECTED, STATUS},
    text, text_of, value,
};
use crate::keys::{self, GSI1, GSI1_PK, GSI1_SK, PK};

const WORKFLOW: &str = "workflow";
const STATE: &str = "work_state";
const RESTARTS: &str = "restarts";
const ERROR: &str = "work_error";
const FAILED_AT: &str = "work_failed_at";
/// Which call began the latest restart.
const RESTARTED_BY: &str = "restarted_by";

const OPEN: &str = "open";
const FAILED: &str = "failed";
const DONE: &str = "done";

/// The attributes of work that is open from the start.
pub(super) fn open_work(
    workflow: Workflow,
    id: SubmissionId,
    accepted_at: Timestamp,
) -> [(&'static str, AttributeValue); 5] {
    [
        (WORKFLOW, text(workflow.name())),
        (STATE, text(OPEN)),
        (RESTARTS, number(0)),
        (GSI1_PK, text(keys::open_work(WorkQueue::Active, keys::open_work_shard(id)))),
        (GSI1_SK, text(keys::by_time(accepted_at, id))),
    ]
}

/// The work that a record of the table or of the queue's index names.
fn named_work(item: &Item, state: WorkState) -> PortResult<Work> {
    let pk = text_of(item, PK).unwrap_or_default();
    let work = || {
        Some(Work {
            workflow: Workflow::named(text_of(item, WORKFLOW)?)?,
            id: keys::work_id(pk)?,
            restarts: number_of(item, RESTARTS)?,
            state,
        })
    };
    work().ok_or_else(|| broken("dynamodb:parse", format!("record {pk} names no work")))
}

fn stored_work(item: &Item) -> PortResult<Work> {
    let pk = text_of(item, PK).unwrap_or_default();
    let unreadable = || broken("dynamodb:parse", format!("record {pk} has no state of work"));
    let state = match text_of(item, STATE) {
        Some(OPEN) => WorkState::Open,
        Some(DONE) => WorkState::Done,
        Some(FAILED) => WorkState::Failed {
            error: text_of(item, ERROR).ok_or_else(unreadable)?.to_owned(),
            at: text_of(item, FAILED_AT).and_then(|at| at.parse().ok()).ok_or_else(unreadable)?,
        },
        _ => return Err(unreadable()),
    };
    named_work(item, state)
}

impl ListOpenWork for Table {
    async fn list_open_work(
        &self,
        queue: WorkQueue,
        before: Timestamp,
        limit: usize,
    ) -> PortResult<Vec<Work>> {
        let shards = (0..keys::OPEN_WORK_SHARDS).map(|shard| {
            let through = Sort::Through(keys::through_time(before));
            let partition = keys::open_work(queue, shard);
            self.query(Range::of(partition, through).in_index(GSI1).at_most(limit))
        });
        let mut items = try_join_all(shards).await?.concat();
        items.sort_by(|a, b| text_of(a, GSI1_SK).cmp(&text_of(b, GSI1_SK)));
        items.iter().take(limit).map(|item| named_work(item, WorkState::Open)).collect()
    }
}

impl NoteLook for Table {
    async fn note_look(&self, work: &Work, at: Timestamp) -> PortResult<()> {
        let change = Change::new(keys::work(work.workflow, work.id), "SET #gsi1sk = :place")
            .only_if("#workflow = :workflow AND #work_state = :open")
            .names([WORKFLOW, STATE, GSI1_SK])
            .value(":place", text(keys::by_time(at, work.id)))
            .value(":workflow", text(work.workflow.name()))
            .value(":open", text(OPEN));
        // Not met: it has been ended meanwhile.
        self.update(change).await?;
        Ok(())
    }
}

impl Table {
    /// Moves a submission's open work from one queue to the other.
    pub(super) async fn requeue(
        &self,
        id: SubmissionId,
        from: WorkQueue,
        to: WorkQueue,
    ) -> PortResult<()> {
        let shard = keys::open_work_shard(id);
        let change = Change::new(keys::submission(id), "SET #gsi1pk = :to")
            .only_if("#gsi1pk = :from")
            .names([GSI1_PK])
            .value(":from", text(keys::open_work(from, shard)))
            .value(":to", text(keys::open_work(to, shard)));
        // Not met: it is there already, or ended.
        self.update(change).await?;
        Ok(())
    }
}

impl LoadWork for Table {
    async fn load_work(&self, workflow: Workflow, id: SubmissionId) -> PortResult<Option<Work>> {
        let work = self.get(keys::work(workflow, id)).await?.map(|item| stored_work(&item));
        Ok(work.transpose()?.filter(|work| work.workflow == workflow))
    }
}

impl BeginRestart for Table {
    async fn begin_restart(&self, work: &Work) -> PortResult<bool> {
        // The SDK may try again after a lost answer and then find the restart
        // counted already: by this call, or by somebody else?
        let by = Ulid::generate().to_string();
        let key = keys::work(work.workflow, work.id);
        let shard = keys::open_work_shard(work.id);
        let change = Change::new(
            key.clone(),
            "SET #work_state = :open, #restarts = :next, #restarted_by = :by, #gsi1pk = :queue \
             REMOVE #work_error, #work_failed_at",
        )
        .only_if("#workflow = :workflow AND #restarts = :restarts AND #work_state <> :done")
        .names([STATE, RESTARTS, RESTARTED_BY, GSI1_PK, ERROR, FAILED_AT, WORKFLOW])
        .value(":open", text(OPEN))
        .value(":next", number(work.restarts.saturating_add(1)))
        .value(":by", text(&by))
        .value(":queue", text(keys::open_work(WorkQueue::Active, shard)))
        .value(":workflow", text(work.workflow.name()))
        .value(":restarts", number(work.restarts))
        .value(":done", text(DONE));
        if self.update(change).await? {
            return Ok(true);
        }
        let stored = self.get(key).await?;
        Ok(stored.is_some_and(|item| text_of(&item, RESTARTED_BY) == Some(by.as_str())))
    }
}

/// The change that opens ended work once more.
pub(super) fn reopened(work: &Work, at: Timestamp) -> Change {
    reopening(
        work,
        at,
        "SET #work_state = :open, #restarts = :next, #gsi1pk = :queue, #gsi1sk = :place \
         REMOVE #work_error, #work_failed_at",
        "#workflow = :workflow AND #restarts = :restarts AND #work_state <> :open",
    )
}

/// The same, and what was rejected waits to be published again.
pub(super) fn reopened_to_publish(work: &Work, at: Timestamp) -> PortResult<Change> {
    let change = reopening(
        work,
        at,
        "SET #work_state = :open, #restarts = :next, #gsi1pk = :queue, #gsi1sk = :place, \
         #doc.#status = :status, #status = :tag REMOVE #work_error, #work_failed_at",
        "#workflow = :workflow AND #restarts = :restarts AND #work_state <> :open \
         AND #status = :rejected",
    );
    Ok(change
        .named("doc", "doc")
        .named("status", STATUS)
        .value(":status", value(&Status::InReview)?)
        .value(":tag", text(Status::InReview.name()))
        .value(":rejected", text(REJECTED)))
}

fn reopening(work: &Work, at: Timestamp, update: &'static str, condition: &'static str) -> Change {
    let queue = keys::open_work(WorkQueue::Active, keys::open_work_shard(work.id));
    Change::new(keys::work(work.workflow, work.id), update)
        .only_if(condition)
        .names([STATE, RESTARTS, GSI1_PK, GSI1_SK, ERROR, FAILED_AT, WORKFLOW])
        .value(":open", text(OPEN))
        .value(":next", number(work.restarts.saturating_add(1)))
        .value(":queue", text(queue))
        .value(":place", text(keys::by_time(at, work.id)))
        .value(":workflow", text(work.workflow.name()))
        .value(":restarts", number(work.restarts))
}

impl EndWork for Table {
    async fn end_work(&self, work: &Work) -> PortResult<()> {
        let key = keys::work(work.workflow, work.id);
        let change = match &work.state {
            // A missing record meets "is not done", so its workflow is asked for.
            WorkState::Done => Change::new(
                key,
                "SET #work_state = :state REMOVE #gsi1pk, #gsi1sk, #work_error, #work_failed_at",
            )
            .only_if("#workflow = :workflow AND #work_state <> :done")
            .names([STATE, WORKFLOW, GSI1_PK, GSI1_SK, ERROR, FAILED_AT])
            .value(":state", text(DONE)),
            WorkState::Failed { error, at } => Change::new(
                key,
                "SET #work_state = :state, #gsi1pk = :queue, #work_error = :error, \
                 #work_failed_at = :at",
            )
            .only_if("#workflow = :workflow AND #work_state <> :done AND #restarts = :restarts")
            .names([STATE, WORKFLOW, RESTARTS, GSI1_PK, ERROR, FAILED_AT])
            .value(":state", text(FAILED))
            .value(":restarts", number(work.restarts))
            .value(":queue", text(keys::FAILED_WORK))
            .value(":error", text(error))
            .value(":at", text(at.to_string())),
            WorkState::Open => return Err(broken("end_work", "open work is not ended")),
        };
        let change =
            change.value(":workflow", text(work.workflow.name())).value(":done", text(DONE));
        // Not met: it is done, by an earlier call or another execution, or it
        // was started again and what failed is the past.
        self.update(change).await?;
        Ok(())
    }
}
