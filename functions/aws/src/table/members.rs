//! Members, their profiles, and their end.

use jiff::Timestamp;
use seisiun_domain::{
    CaseId, MemberId, SubmissionId, limits, member::Member, submission::Submission,
};
use seisiun_workflows::ports::{
    BeginErasure, EraseSubmission, ListCaseEvents, LoadMember, LoadSubmission, PortError,
    PortResult, PutMember, RemoveMember, SaveMember, SetBlock, WasErased,
};

use super::{
    Change, DOC, Range, Sort, TTL, Table, UPDATE, bare_record, broken, record, seconds,
    submissions::expiry, text, text_of, value,
};
use crate::keys::{self, Key, PK, SK};

/// Hours for which it is remembered that a member was erased: their tokens are
/// good for a quarter of one.
const ERASED_HOURS: i64 = 24;

/// Tries to change whom a member blocks while another device changes it too.
const BLOCK_TRIES_MAX: u32 = 4;

const MEMBER_ID: &str = "member_id";

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
        let change = Change::new(
            keys::member(&member.id),
            "SET #doc.#display_name = :display_name, #doc.#home = :home, \
             #doc.#language = :language, #doc.#mails = :mails, #doc.#public = :public",
        )
        .only_if("attribute_exists(#doc)")
        .names([DOC, "display_name", "home", "language", "mails", "public"])
        .value(":display_name", text(&member.display_name))
        .value(":home", value(&member.home)?)
        .value(":language", value(&member.language)?)
        .value(":mails", value(&member.mails)?)
        .value(":public", value(&member.public)?);
        self.update(change).await
    }
}

impl SetBlock for Table {
    async fn set_block(
        &self,
        member: &MemberId,
        other: &MemberId,
        blocked: bool,
    ) -> PortResult<bool> {
        for _ in 0..BLOCK_TRIES_MAX {
            let Some(stored) = self.load_member(member).await? else { return Ok(false) };
            let before = stored.blocked;
            if before.contains(other) == blocked {
                return Ok(true);
            }
            let mut after = before.clone();
            if blocked {
                if before.len() >= limits::BLOCKED_MAX {
                    return Ok(false);
                }
                after.insert(other.clone());
            } else {
                after.remove(other);
            }
            // Always written as a list, so that it can be compared.
            let change = Change::new(keys::member(member), "SET #doc.#blocked = :after")
                .names([DOC, "blocked"])
                .value(":after", value(&after)?);
            let change = if before.is_empty() {
                change
                    .only_if(
                        "attribute_exists(#doc) AND \
                         (attribute_not_exists(#doc.#blocked) OR #doc.#blocked = :before)",
                    )
                    .value(":before", value(&before)?)
            } else {
                change.only_if("#doc.#blocked = :before").value(":before", value(&before)?)
            };
            if self.update(change).await? {
                return Ok(true);
            }
        }
        Err(PortError::Throttled { what: UPDATE })
    }
}

impl BeginErasure for Table {
    async fn begin_erasure(&self, id: &MemberId) -> PortResult<()> {
        let change = Change::new(keys::member(id), "SET #doc.#erasing = :erasing")
            .only_if("attribute_exists(#doc)")
            .names([DOC, "erasing"])
            .value(":erasing", value(&true)?);
        self.update(change).await?;
        Ok(())
    }
}

impl RemoveMember for Table {
    async fn remove_member(&self, id: &MemberId, now: Timestamp) -> PortResult<()> {
        // The remembrance first: no request in between makes a new member.
        let erased = bare_record(keys::erased(id), [(TTL, seconds(expiry(now, ERASED_HOURS)))]);
        self.put(erased).await?;
        let own = Range::of(keys::member(id).pk, Sort::All).keys_only();
        for item in self.query(own).await? {
            let sk = text_of(&item, SK);
            let sk = sk.ok_or_else(|| broken("dynamodb:parse", "a record has no sort key"))?;
            let key = Key { pk: keys::member(id).pk, sk: sk.to_owned() };
            self.delete(key, None).await?;
        }
        Ok(())
    }
}

impl WasErased for Table {
    async fn was_erased(&self, id: &MemberId) -> PortResult<bool> {
        Ok(self.get(keys::erased(id)).await?.is_some())
    }
}

impl EraseSubmission for Table {
    async fn erase_submission(&self, member: &MemberId, id: SubmissionId) -> PortResult<()> {
        let partition = keys::submission(id).pk;
        let photos = Sort::Prefix(keys::PHOTOS.into());
        for item in self.query(Range::of(partition.clone(), photos).keys_only()).await? {
            if let Some(sk) = text_of(&item, SK) {
                self.delete(Key { pk: partition.clone(), sk: sk.to_owned() }, None).await?;
            }
        }
        self.take_out_of_case(id.case(), member).await?;
        let stored = self.load_submission(id).await?;
        if let Some(session) = stored.as_ref().and_then(|stored| stored.body.about()) {
            self.delete(keys::confirmation(session, member), None).await?;
        }
        if stored.as_ref().is_some_and(Submission::outlives_member) {
            self.take_out(keys::submission(id), MEMBER_ID).await?;
        } else {
            self.delete(keys::submission(id), None).await?;
        }
        // Last, since the rest is found by it.
        self.delete(keys::submitted(member, id), None).await?;
        Ok(())
    }
}

impl Table {
    /// Takes a submitter out of the case of what they sent, with what they wrote.
    async fn take_out_of_case(&self, id: CaseId, member: &MemberId) -> PortResult<()> {
        for event in self.list_case_events(id).await? {
            let without = event.clone().without(member);
            if without != event {
                self.put(record(keys::case_event(id, event.version), &without, [])?).await?;
            }
        }
        let words = Change::new(keys::case(id), "SET #doc.#appeal.#words = :none")
            .only_if("attribute_exists(#doc.#appeal)")
            .names([DOC, "appeal", "words"])
            .value(":none", text(""));
        self.update(words).await?;
        // Who takes back what is theirs decides on it.
        let by_themselves = Change::new(keys::case(id), "SET #doc.#decision.#moderator = :erased")
            .only_if("#doc.#decision.#moderator = :member")
            .names([DOC, "decision", "moderator"])
            .value(":member", text(member.as_str()))
            .value(":erased", text(MemberId::erased().as_str()));
        self.update(by_themselves).await?;
        self.take_out(keys::case(id), "submitter").await
    }

    /// Writes [`MemberId::erased`] over this field, if the record is there.
    async fn take_out(&self, key: Key, field: &'static str) -> PortResult<()> {
        let change = Change::new(key, "SET #doc.#field = :erased")
            .only_if("attribute_exists(#pk)")
            .names([DOC, PK])
            .named("field", field)
            .value(":erased", text(MemberId::erased().as_str()));
        self.update(change).await?;
        Ok(())
    }
}
