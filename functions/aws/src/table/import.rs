//! Many sessions at once, for an operator.
//!
//! Slugs are claimed first, in one transaction, since they alone may belong to
//! somebody else; a claim of one's own is found again. Cards and sessions then
//! go in batches without conditions, many times as fast as one by one: their
//! keys hold the session's own id, and nobody writes a session that is not
//! listed. The session's record comes last. It says that the rest is there, so
//! that a repeat skips what is complete, and never writes over what members
//! have made of a session since.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Put, PutRequest, TransactWriteItem, WriteRequest};
use seisiun_domain::session::Session;
use seisiun_workflows::ports::{Import, ImportSessions, PortResult};

use super::{
    Committed, DOC, Item, Pause, TRANSACT, Table, alias, broken, key_item, number, record,
    sessions::{RATING_SUM, REVIEW_COUNT, cards},
    text_of, value,
};
use crate::{
    classify::port_error,
    keys::{self, PK},
};

const BATCH_WRITE: &str = "dynamodb:BatchWriteItem";

/// Records that one call writes.
const WRITES_PER_CALL: usize = 25;

impl ImportSessions for Table {
    async fn import_sessions(&self, sessions: &[Session]) -> PortResult<Vec<Import>> {
        let listed = self.listed(sessions).await?;
        let missing: Vec<&Session> = sessions
            .iter()
            .filter(|session| !listed.contains(&keys::session(session.id).pk))
            .collect();
        let taken = self.claim_slugs(&missing).await?;
        let (mut of_cards, mut of_sessions) = (Vec::new(), Vec::new());
        for session in &missing {
            if taken.contains(session.slug.as_str()) {
                continue;
            }
            of_cards.extend(cards(session)?);
            let counts = [(REVIEW_COUNT, number(0)), (RATING_SUM, number(0))];
            of_sessions.push(record(keys::session(session.id), session, counts)?);
        }
        self.write_all(of_cards).await?;
        self.write_all(of_sessions).await?;
        let answer = |session: &Session| {
            if listed.contains(&keys::session(session.id).pk) {
                Import::Stands
            } else if taken.contains(session.slug.as_str()) {
                Import::SlugTaken
            } else {
                Import::Done
            }
        };
        Ok(sessions.iter().map(answer).collect())
    }
}

impl Table {
    /// The partition keys of those sessions that are listed.
    async fn listed(&self, sessions: &[Session]) -> PortResult<BTreeSet<String>> {
        let keys = sessions.iter().map(|session| key_item(keys::session(session.id))).collect();
        let found = self.get_many(keys, [PK]).await?;
        Ok(found.iter().filter_map(|item| text_of(item, PK).map(str::to_owned)).collect())
    }

    /// Claims the slugs of sessions. Answers those that belong to others.
    async fn claim_slugs(&self, sessions: &[&Session]) -> PortResult<BTreeSet<String>> {
        let mut taken = BTreeSet::new();
        let mut open = sessions.to_vec();
        // Once more without those that are refused: a transaction is all or none.
        while !open.is_empty() {
            let claims = open.iter().map(|session| {
                let slug = record(keys::slug(session.slug.as_str()), &session.id, [])?;
                self.own_item(slug, value(&session.id)?)
            });
            let claims = claims.collect::<PortResult<Vec<_>>>()?;
            match self.transact(claims).await? {
                Committed::All => break,
                Committed::Refused(refused) => {
                    if !refused.contains(&true) {
                        return Err(broken(TRANSACT, "refused without a reason"));
                    }
                    let mut refused = refused.into_iter();
                    open.retain(|session| {
                        let refused = refused.next().unwrap_or_default();
                        if refused {
                            taken.insert(session.slug.as_str().to_owned());
                        }
                        !refused
                    });
                }
            }
        }
        Ok(taken)
    }

    /// A transaction's put of a record that must be new, or hold this already.
    fn own_item(&self, item: Item, own: AttributeValue) -> PortResult<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(#pk) OR #doc = :own")
            .set_expression_attribute_names(Some(alias([PK, DOC])))
            .expression_attribute_values(":own", own)
            .build();
        let put = put.map_err(|error| broken(TRANSACT, error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes records over whatever is there, in batches.
    async fn write_all(&self, items: Vec<Item>) -> PortResult<()> {
        let mut writes = Vec::with_capacity(items.len());
        for item in items {
            let put = PutRequest::builder().set_item(Some(item)).build();
            let put = put.map_err(|error| broken(BATCH_WRITE, error.to_string()))?;
            writes.push(WriteRequest::builder().put_request(put).build());
        }
        for batch in writes.chunks(WRITES_PER_CALL) {
            let mut open = HashMap::from([(self.name.clone(), batch.to_vec())]);
            let mut pause = Pause::default();
            loop {
                let write = self.client.batch_write_item().set_request_items(Some(open));
                let answer = write.send().await.map_err(|error| port_error(BATCH_WRITE, error))?;
                open = answer.unprocessed_items.unwrap_or_default();
                if open.values().all(Vec::is_empty) {
                    break;
                }
                pause.take(BATCH_WRITE).await?;
            }
        }
        Ok(())
    }
}
