//! Submissions, their idempotency keys, their photos on the way, and members.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    MemberId, SubmissionId,
    member::Member,
    photo::PhotoRecord,
    submission::{Status, Submission},
};
use seisiun_workflows::ports::{
    AcceptSubmission, Acceptance, IdempotencyKey, LoadMember, LoadPhotoRecords, LoadSubmission,
    PortError, PortResult, PutMember, PutPhotoRecord, RecordStatus, SaveMember, WorkQueue,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, Committed, Range, Sort, TRANSACT, TTL, Table, broken, record, seconds, text, value,
    work::open_work,
};
use crate::keys;

/// Hours that an idempotency key is kept: thirty days. A client repeats within
/// minutes, or when a phone that was put away is next switched on.
const KEY_HOURS: i64 = 30 * 24;

/// The tag of the status, beside the document: what conditions ask.
const STATUS: &str = "status";
const PUBLISHED: &str = "published";
const REJECTED: &str = "rejected";
const RESOLVED: &str = "resolved";

/// What a client's key stands for.
#[derive(Debug, Serialize, Deserialize)]
struct KeyRecord {
    fingerprint: String,
    submission_id: SubmissionId,
}

impl AcceptSubmission for Table {
    async fn accept_submission(
        &self,
        submission: &Submission,
        key: &IdempotencyKey,
    ) -> PortResult<Acceptance> {
        let key_at = keys::idempotency(&submission.member_id, &key.key);
        let key_record =
            KeyRecord { fingerprint: key.fingerprint.clone(), submission_id: submission.id };
        let expires = expiry(submission.accepted_at, KEY_HOURS);
        let id = submission.id;
        let mut item = record(
            keys::submission(id),
            submission,
            open_work(submission.body.workflow(), id, submission.accepted_at),
        )?;
        item.insert(STATUS.into(), text(submission.status.name()));
        let committed = self
            .transact(vec![
                self.new_item(record(key_at.clone(), &key_record, [(TTL, seconds(expires))])?)?,
                self.new_item(item)?,
            ])
            .await?;
        match committed {
            Committed::All => Ok(Acceptance::New),
            refused if refused.refuses(0) => {
                let stored: Option<KeyRecord> = self.get_doc(key_at).await?;
                match stored {
                    Some(stored) if stored.fingerprint == key.fingerprint => {
                        Ok(Acceptance::Replay(stored.submission_id))
                    }
                    Some(_) => Ok(Acceptance::Mismatch),
                    // It expired in between: the next try is a new request.
                    None => Err(PortError::Unavailable {
                        what: TRANSACT,
                        source: "an idempotency key expired just now".into(),
                    }),
                }
            }
            _ => Err(broken(TRANSACT, format!("submission {id} exists under another key"))),
        }
    }
}

/// So many hours later. Hours, since a day of a time stamp has no fixed length.
pub(super) fn expiry(from: Timestamp, hours: i64) -> Timestamp {
    from.saturating_add(hours.hours()).unwrap_or(Timestamp::MAX)
}

impl LoadSubmission for Table {
    async fn load_submission(&self, id: SubmissionId) -> PortResult<Option<Submission>> {
        self.get_doc(keys::submission(id)).await
    }
}

impl RecordStatus for Table {
    async fn record_status(&self, id: SubmissionId, status: &Status) -> PortResult<Status> {
        let change =
            Change::new(keys::submission(id), "SET #doc.#status = :status, #status = :tag")
                .only_if(
                    "attribute_exists(#pk) AND NOT #status IN (:published, :rejected, :resolved)",
                )
                .names(["doc", STATUS, keys::PK])
                .value(":status", value(status)?)
                .value(":tag", text(status.name()))
                .value(":published", text(PUBLISHED))
                .value(":rejected", text(REJECTED))
                .value(":resolved", text(RESOLVED));
        if self.update(change).await? {
            if *status == Status::InReview {
                self.requeue(id, WorkQueue::Active, WorkQueue::Waiting).await?;
            }
            return Ok(status.clone());
        }
        let stored = self.load_submission(id).await?;
        stored
            .map(|submission| submission.status)
            .ok_or_else(|| broken("record_status", format!("there is no submission {id}")))
    }
}

/// The change that publishes a submission, for the transactions that publish
/// what it brought. A rejection is never undone by a workflow.
pub(super) fn publish(id: SubmissionId, status: &Status) -> PortResult<Change> {
    let change = Change::new(keys::submission(id), "SET #doc.#status = :status, #status = :tag")
        .only_if("attribute_exists(#pk) AND #status <> :rejected")
        .names(["doc", STATUS, keys::PK])
        .value(":status", value(status)?)
        .value(":tag", text(status.name()))
        .value(":rejected", text(REJECTED));
    Ok(change)
}

impl PutPhotoRecord for Table {
    async fn put_photo_record(
        &self,
        submission: SubmissionId,
        photo: &PhotoRecord,
    ) -> PortResult<()> {
        self.put(record(keys::photo_record(submission, photo.photo_id), photo, [])?).await
    }
}

impl LoadPhotoRecords for Table {
    async fn load_photo_records(&self, submission: SubmissionId) -> PortResult<Vec<PhotoRecord>> {
        let photos = Sort::Prefix(keys::PHOTOS.into());
        self.query_docs(Range::of(keys::submission(submission).pk, photos)).await
    }
}

impl LoadMember for Table {
    async fn load_member(&self, id: &MemberId) -> PortResult<Option<Member>> {
        self.get_doc(keys::member(id)).await
    }
}

impl PutMember for Table {
    async fn put_member(&self, member: &Member) -> PortResult<()> {
        self.put_new(record(keys::member(&member.id), member, [])?).await?;
        Ok(())
    }
}

impl SaveMember for Table {
    async fn save_member(&self, member: &Member) -> PortResult<bool> {
        self.put_over(record(keys::member(&member.id), member, [])?).await
    }
}

#[cfg(test)]
mod tests {
    use seisiun_domain::case::{Reason, Statement};

    use super::*;

    #[test]
    fn the_settled_tags_are_the_domains() {
        let statement = Statement::not_published(Reason::Spam, String::new(), false, false);
        assert_eq!(Status::Rejected { statement }.name(), REJECTED);
        assert_eq!(Status::Resolved { upheld: true }.name(), RESOLVED);
        let published: Status = serde_json::from_value(serde_json::json!({
            "state": PUBLISHED, "session_id": "01J9ZZZZZZZZZZZZZZZZZZZZZZ", "slug": "s",
        }))
        .unwrap();
        assert_eq!(published.name(), PUBLISHED);
    }
}
