//! Submissions, their idempotency keys and their photos on the way.

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    MemberId, SessionId, SubmissionId,
    moderation::Background,
    photo::PhotoRecord,
    submission::{Status, Submission},
};
use seisiun_workflows::ports::{
    AcceptSubmission, Acceptance, IdempotencyKey, ListSubmissions, LoadPhotoRecords,
    LoadSubmission, LoadSubmissions, PortError, PortResult, PutPhotoRecord, RecallRequest,
    RecordBackground, RecordResemblance, RecordStatus, RememberKey, Remembered, WorkQueue,
};
use serde::{Deserialize, Serialize};

use super::{
    Change, Committed, DOC, Item, Range, Sort, TRANSACT, TTL, Table, VERSION, bare_record, broken,
    doc, key_item, record, seconds, text, text_of, value, work::open_work,
};
use crate::keys::{self, SK};

/// Hours that an idempotency key is kept: thirty days. A client repeats within
/// minutes, or when a phone that was put away is next switched on.
const KEY_HOURS: i64 = 30 * 24;

/// The tag of the status, beside the document: what conditions ask.
pub(super) const STATUS: &str = "status";
pub(super) const REJECTED: &str = "rejected";
const WITHDRAWN: &str = "withdrawn";

/// What a client's key stands for.
#[derive(Debug, Serialize, Deserialize)]
struct KeyRecord {
    fingerprint: String,
    /// The id of what the request made, or is about.
    #[serde(alias = "submission_id")]
    became: String,
}

impl Table {
    /// The record of a key that is used now for the first time.
    fn new_key(
        member: &MemberId,
        key: &IdempotencyKey,
        becomes: String,
        now: Timestamp,
    ) -> PortResult<Item> {
        let key_record = KeyRecord { fingerprint: key.fingerprint.clone(), became: becomes };
        let expires = seconds(expiry(now, KEY_HOURS));
        record(keys::idempotency(member, &key.key), &key_record, [(TTL, expires)])
    }

    /// What a key stands for, if it was used before.
    async fn used_key(
        &self,
        member: &MemberId,
        key: &IdempotencyKey,
    ) -> PortResult<Option<Remembered>> {
        let stored: Option<KeyRecord> = self.get_doc(keys::idempotency(member, &key.key)).await?;
        Ok(stored.map(|stored| match stored.fingerprint == key.fingerprint {
            true => Remembered::As(stored.became),
            false => Remembered::Mismatch,
        }))
    }
}

impl RememberKey for Table {
    async fn remember_key(
        &self,
        member: &MemberId,
        key: &IdempotencyKey,
        becomes: &str,
        now: Timestamp,
    ) -> PortResult<Remembered> {
        if self.put_new(Self::new_key(member, key, becomes.to_owned(), now)?).await? {
            return Ok(Remembered::As(becomes.to_owned()));
        }
        // It expired in between: the next try is a new request.
        self.used_key(member, key).await?.ok_or_else(|| PortError::Unavailable {
            what: super::PUT,
            source: "an idempotency key expired just now".into(),
        })
    }
}

impl AcceptSubmission for Table {
    async fn accept_submission(
        &self,
        submission: &Submission,
        key: &IdempotencyKey,
    ) -> PortResult<Acceptance> {
        let (id, member) = (submission.id, &submission.member_id);
        let mut item = record(
            keys::submission(id),
            submission,
            open_work(submission.body.workflow(), id, submission.accepted_at),
        )?;
        item.insert(STATUS.into(), text(submission.status.name()));
        let committed = self
            .transact(vec![
                self.new_item(Self::new_key(member, key, id.to_string(), submission.accepted_at)?)?,
                self.new_item(item)?,
                self.item(bare_record(keys::submitted(member, id), []))?,
            ])
            .await?;
        match committed {
            Committed::All => Ok(Acceptance::New),
            refused if refused.refuses(0) => {
                let before = self.recall_request(member, key).await?;
                // It expired in between: the next try is a new request.
                before.ok_or_else(|| PortError::Unavailable {
                    what: TRANSACT,
                    source: "an idempotency key expired just now".into(),
                })
            }
            _ => Err(broken(TRANSACT, format!("submission {id} exists under another key"))),
        }
    }
}

impl RecallRequest for Table {
    async fn recall_request(
        &self,
        member: &MemberId,
        key: &IdempotencyKey,
    ) -> PortResult<Option<Acceptance>> {
        Ok(match self.used_key(member, key).await? {
            None => None,
            Some(Remembered::Mismatch) => Some(Acceptance::Mismatch),
            Some(Remembered::As(became)) => {
                Some(Acceptance::Replay(became.parse().map_err(|_| {
                    broken("dynamodb:parse", "a submission's key stands for something else")
                })?))
            }
        })
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

impl LoadSubmissions for Table {
    async fn load_submissions(&self, ids: &[SubmissionId]) -> PortResult<Vec<Submission>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = ids.iter().map(|id| key_item(keys::submission(*id))).collect();
        self.get_many(wanted, [keys::PK, VERSION, DOC]).await?.into_iter().map(doc).collect()
    }
}

impl ListSubmissions for Table {
    async fn list_submissions(
        &self,
        member: &MemberId,
        before: Option<SubmissionId>,
        limit: usize,
    ) -> PortResult<Vec<SubmissionId>> {
        let all = keys::SUBMISSIONS;
        // It includes its upper end, which is taken out again below.
        let (sort, read) = match before {
            None => (Sort::Prefix(all.into()), limit),
            Some(before) => {
                let end = keys::submitted(member, before).sk;
                (Sort::Between(all.into(), end), limit.saturating_add(1))
            }
        };
        let range = Range::of(keys::member(member).pk, sort).at_most(read).keys_only().backwards();
        let found = self.query(range).await?;
        let id = |item| text_of(item, SK)?.strip_prefix(all)?.parse().ok();
        let ids = found.iter().map(|item| {
            id(item).ok_or_else(|| broken("dynamodb:parse", "a submission's entry has no id"))
        });
        let mut ids = ids.collect::<PortResult<Vec<SubmissionId>>>()?;
        ids.retain(|id| Some(*id) != before);
        ids.truncate(limit);
        Ok(ids)
    }
}

impl RecordBackground for Table {
    async fn record_background(
        &self,
        id: SubmissionId,
        background: &Background,
    ) -> PortResult<Background> {
        let change = Change::new(keys::submission(id), "SET #doc.#background = :background")
            .only_if("attribute_exists(#pk) AND attribute_not_exists(#doc.#background)")
            .names(["doc", "background", keys::PK])
            .value(":background", value(background)?);
        if self.update(change).await? {
            return Ok(*background);
        }
        let stored = self.load_submission(id).await?;
        let stands = stored.and_then(|submission| submission.background);
        stands.ok_or_else(|| broken("record_background", format!("there is no submission {id}")))
    }
}

impl RecordResemblance for Table {
    async fn record_resemblance(&self, id: SubmissionId, session: SessionId) -> PortResult<()> {
        let change = Change::new(keys::submission(id), "SET #doc.#resembles = :session")
            .only_if("attribute_exists(#pk)")
            .names(["doc", "resembles", keys::PK])
            .value(":session", value(&session)?);
        // Not met: it is gone, and so is what it resembled.
        self.update(change).await?;
        Ok(())
    }
}

impl RecordStatus for Table {
    async fn record_status(&self, id: SubmissionId, status: &Status) -> PortResult<Status> {
        let change =
            Change::new(keys::submission(id), "SET #doc.#status = :status, #status = :tag")
                .only_if("#status IN (:accepted, :in_review)")
                .names(["doc", STATUS])
                .value(":status", value(status)?)
                .value(":tag", text(status.name()))
                .value(":accepted", text(Status::Accepted.name()))
                .value(":in_review", text(Status::InReview.name()));
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

/// The change that settles a submission, for the transactions that do what it
/// asked for. What is rejected or withdrawn is never published.
pub(super) fn settle(id: SubmissionId, status: &Status) -> PortResult<Change> {
    let change = Change::new(keys::submission(id), "SET #doc.#status = :status, #status = :tag")
        .names(["doc", STATUS, keys::PK])
        .value(":status", value(status)?)
        .value(":tag", text(status.name()));
    Ok(match status {
        Status::Published { .. } => change
            .only_if("attribute_exists(#pk) AND NOT #status IN (:rejected, :withdrawn)")
            .value(":rejected", text(REJECTED))
            .value(":withdrawn", text(WITHDRAWN)),
        _ => change.only_if("attribute_exists(#pk)"),
    })
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

#[cfg(test)]
mod tests {
    use seisiun_domain::case::{Reason, Statement};

    use super::*;

    #[test]
    fn the_settled_tags_are_the_domains() {
        let statement = Statement::not_published(Reason::Spam, String::new(), false, false);
        assert_eq!(Status::Rejected { statement }.name(), REJECTED);
        assert_eq!(Status::Withdrawn { statement: None }.name(), WITHDRAWN);
    }
}
