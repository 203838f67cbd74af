//! Everything stored, in one DynamoDB table: see [`crate::keys`] for where
//! things are, and this module's children for what is done with them.
//!
//! A record holds its domain value as a map under `doc`. Beside it stand only
//! the attributes that a condition or an index needs.
//!
//! Reads of the table are strongly consistent: our questions are few and small,
//! and most of them follow a write by milliseconds.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError,
        transact_write_items::TransactWriteItemsError, update_item::UpdateItemError,
    },
    types::{AttributeValue, Delete, KeysAndAttributes, Put, TransactWriteItem, Update},
};
use jiff::Timestamp;
use seisiun_workflows::ports::{PortError, PortResult};
use serde::{Serialize, de::DeserializeOwned};
use serde_dynamo::aws_sdk_dynamodb_1::{from_attribute_value, to_attribute_value};

use crate::{
    SdkConfig,
    classify::{Class, class, port_error},
    keys::{self, Key},
};

mod cases;
mod fan_outs;
mod feedback;
mod follows;
mod import;
mod mail;
mod members;
mod refused_photos;
mod secrets;
mod sessions;
mod submissions;
mod work;

/// Keys of one `BatchGetItem`: what DynamoDB takes.
const KEYS_PER_READ: usize = 100;

/// Tries of what the table was too busy for.
const ATTEMPTS_MAX: u32 = 8;
/// Milliseconds before the second try, doubled each time.
const PAUSE_MS: u64 = 50;

const BATCH_GET: &str = "dynamodb:BatchGetItem";
const GET: &str = "dynamodb:GetItem";
const PUT: &str = "dynamodb:PutItem";
const UPDATE: &str = "dynamodb:UpdateItem";
const DELETE: &str = "dynamodb:DeleteItem";
const QUERY: &str = "dynamodb:Query";
const TRANSACT: &str = "dynamodb:TransactWriteItems";

/// The domain value of a record.
const DOC: &str = "doc";
/// The version of what is in it.
const VERSION: &str = "v";
/// Time, in epoch seconds, after which DynamoDB removes the record.
const TTL: &str = "ttl";

/// A condition that only a new record meets.
const IS_NEW: &str = "attribute_not_exists(pk)";

/// Tries of a transaction that meets another one: two reviews of a session, or
/// a member's double click. Each is over in milliseconds.
const CONFLICT_ATTEMPTS_MAX: u32 = 4;
/// Milliseconds before the second try, doubled each time.
const CONFLICT_PAUSE_MS: u64 = 20;

type Item = HashMap<String, AttributeValue>;

/// The table.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: String,
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, name: impl Into<String>) -> Self {
        Self { client: Client::new(config), name: name.into() }
    }

    async fn get(&self, key: Key) -> PortResult<Option<Item>> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_item(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| port_error(GET, error))?;
        Ok(answer.item)
    }

    async fn get_doc<T: DeserializeOwned>(&self, key: Key) -> PortResult<Option<T>> {
        self.get(key).await?.map(doc).transpose()
    }

    /// These attributes of those records of these keys that there are, in no order;
    /// at most [`KEYS_PER_READ`], and none of them twice.
    async fn get_many<const N: usize>(
        &self,
        keys: Vec<Item>,
        attributes: [&str; N],
    ) -> PortResult<Vec<Item>> {
        let projection = attributes.map(|name| format!("#{name}")).join(", ");
        let (mut wanted, mut found) = (keys, Vec::new());
        let mut pause = Pause::default();
        while !wanted.is_empty() {
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .projection_expression(&projection)
                .set_expression_attribute_names(Some(alias(attributes)))
                .build()
                .map_err(|error| broken(BATCH_GET, error.to_string()))?;
            let get = self.client.batch_get_item().request_items(&self.name, keys);
            let answer = get.send().await.map_err(|error| port_error(BATCH_GET, error))?;
            found.extend(answer.responses.into_iter().flatten().flat_map(|(_, items)| items));
            let left = answer.unprocessed_keys.unwrap_or_default();
            wanted = left.into_values().flat_map(|left| left.keys).collect();
            if !wanted.is_empty() {
                pause.take(BATCH_GET).await?;
            }
        }
        Ok(found)
    }

    async fn put(&self, item: Item) -> PortResult<()> {
        let put = self.client.put_item().table_name(&self.name).set_item(Some(item));
        put.send().await.map_err(|error| port_error(PUT, error))?;
        Ok(())
    }

    /// Puts a record unless there is one. False if there is.
    async fn put_new(&self, item: Item) -> PortResult<bool> {
        let (names, values) = (HashMap::new(), HashMap::new());
        self.put_if(item, Condition { expression: IS_NEW, names, values }).await
    }

    /// Puts a record. False if the condition does not hold of what stands.
    async fn put_if(&self, item: Item, condition: Condition) -> PortResult<bool> {
        let given = |map: &HashMap<_, _>| !map.is_empty();
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_names(Some(condition.names).filter(|n| !n.is_empty()))
            .set_expression_attribute_values(Some(condition.values).filter(given));
        match put.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), PutItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(port_error(PUT, error)),
        }
    }

    /// Makes a change. False if its condition does not hold.
    async fn update(&self, change: Change) -> PortResult<bool> {
        let update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_item(change.key)))
            .update_expression(change.update)
            .set_condition_expression(change.condition.map(str::to_owned))
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values));
        match update.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(port_error(UPDATE, error)),
        }
    }

    /// Deletes a record. False if the condition does not hold.
    async fn delete(&self, key: Key, condition: Option<Condition>) -> PortResult<bool> {
        let mut delete =
            self.client.delete_item().table_name(&self.name).set_key(Some(key_item(key)));
        if let Some(condition) = condition {
            delete = delete
                .condition_expression(condition.expression)
                .set_expression_attribute_names(Some(condition.names))
                .set_expression_attribute_values(
                    Some(condition.values).filter(|values| !values.is_empty()),
                );
        }
        match delete.send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), DeleteItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(port_error(DELETE, error)),
        }
    }

    /// Reads a range in order, page by page, up to its limit.
    async fn query(&self, range: Range) -> PortResult<Vec<Item>> {
        let (pk, sk) = range.key_names();
        let mut names = HashMap::from([("#pk".to_owned(), pk.to_owned())]);
        let mut values = HashMap::from([(":pk".to_owned(), text(range.pk.clone()))]);
        let condition = match &range.sort {
            Sort::All => "#pk = :pk",
            Sort::Prefix(prefix) => {
                values.insert(":a".into(), text(prefix));
                "#pk = :pk AND begins_with(#sk, :a)"
            }
            Sort::After(after) => {
                values.insert(":a".into(), text(after));
                "#pk = :pk AND #sk > :a"
            }
            Sort::Through(through) => {
                values.insert(":a".into(), text(through));
                "#pk = :pk AND #sk <= :a"
            }
            Sort::Between(from, through) => {
                values.insert(":a".into(), text(from));
                values.insert(":b".into(), text(through));
                "#pk = :pk AND #sk BETWEEN :a AND :b"
            }
        };
        if !matches!(range.sort, Sort::All) || range.keys_only {
            names.insert("#sk".into(), sk.into());
        }
        let mut found = Vec::new();
        let mut start = None;
        loop {
            let wanted = range.limit.map(|limit| limit.saturating_sub(found.len()));
            if wanted == Some(0) {
                return Ok(found);
            }
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .set_index_name(range.index.map(str::to_owned))
                // An index answers eventually consistent reads only.
                .consistent_read(range.index.is_none())
                .key_condition_expression(condition)
                .set_projection_expression(range.keys_only.then(|| "#sk".to_owned()))
                .set_expression_attribute_names(Some(names.clone()))
                .set_expression_attribute_values(Some(values.clone()))
                .scan_index_forward(!range.backwards)
                .set_limit(wanted.map(|wanted| i32::try_from(wanted).unwrap_or(i32::MAX)))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| port_error(QUERY, error))?;
            found.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(found);
            }
        }
    }

    async fn query_docs<T: DeserializeOwned>(&self, range: Range) -> PortResult<Vec<T>> {
        self.query(range).await?.into_iter().map(doc).collect()
    }

    /// Writes all or nothing. `ClientRequestToken` is the SDK's, one per call,
    /// so that its own retry of a lost answer finds the first try's success; a
    /// repeat of the whole call is recognised by the conditions.
    async fn transact(&self, writes: Vec<TransactWriteItem>) -> PortResult<Committed> {
        let mut attempt = 1;
        loop {
            let writes = writes.clone();
            let transaction = self.client.transact_write_items().set_transact_items(Some(writes));
            let Err(error) = transaction.send().await else { return Ok(Committed::All) };
            match canceled(&reasons(&error)) {
                Some(Canceled::Refused(refused)) => return Ok(Committed::Refused(refused)),
                // The SDK does not try this again.
                Some(Canceled::Conflict) if attempt < CONFLICT_ATTEMPTS_MAX => {
                    tokio::time::sleep(Duration::from_millis(CONFLICT_PAUSE_MS << (attempt - 1)))
                        .await;
                    attempt += 1;
                }
                Some(Canceled::Conflict) => {
                    let source = Box::new(error);
                    return Err(PortError::Unavailable { what: TRANSACT, source });
                }
                Some(Canceled::Throttled) => return Err(PortError::Throttled { what: TRANSACT }),
                Some(Canceled::Broken(code)) => {
                    return Err(broken(TRANSACT, format!("canceled: {code}")));
                }
                None => return Err(port_error(TRANSACT, error)),
            }
        }
    }

    /// A transaction's put of a record that must be new.
    fn new_item(&self, item: Item) -> PortResult<TransactWriteItem> {
        let put = Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(IS_NEW)
            .build();
        let put = put.map_err(|error| broken(TRANSACT, error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A transaction's put of a record, whatever was there.
    fn item(&self, item: Item) -> PortResult<TransactWriteItem> {
        let put = Put::builder().table_name(&self.name).set_item(Some(item)).build();
        let put = put.map_err(|error| broken(TRANSACT, error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// A transaction's removal of this record.
    fn removal(&self, mut item: Item) -> PortResult<TransactWriteItem> {
        item.retain(|name, _| name == keys::PK || name == keys::SK);
        let delete = Delete::builder().table_name(&self.name).set_key(Some(item)).build();
        let delete = delete.map_err(|error| broken(TRANSACT, error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// A transaction's change of a record.
    fn change(&self, change: Change) -> PortResult<TransactWriteItem> {
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(key_item(change.key)))
            .update_expression(change.update)
            .set_condition_expression(change.condition.map(str::to_owned))
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .build();
        let update = update.map_err(|error| broken(TRANSACT, error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// Waits between tries of what was left undone, longer each time.
#[derive(Debug, Default)]
struct Pause {
    taken: u32,
}

impl Pause {
    async fn take(&mut self, what: &'static str) -> PortResult<()> {
        self.taken += 1;
        if self.taken >= ATTEMPTS_MAX {
            return Err(PortError::Throttled { what });
        }
        let pause = Duration::from_millis(PAUSE_MS << (self.taken - 1));
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// The codes of a canceled transaction, one per write; none for other errors.
fn reasons(error: &SdkError<TransactWriteItemsError>) -> Vec<&str> {
    match error {
        SdkError::ServiceError(context) => match context.err() {
            TransactWriteItemsError::TransactionCanceledException(canceled) => canceled
                .cancellation_reasons()
                .iter()
                .map(|reason| reason.code().unwrap_or_default())
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Why a transaction was canceled.
#[derive(Debug, PartialEq, Eq)]
enum Canceled {
    /// For each write, whether its condition failed.
    Refused(Vec<bool>),
    /// Another transaction was at one of the records.
    Conflict,
    Throttled,
    Broken(String),
}

fn canceled(codes: &[&str]) -> Option<Canceled> {
    let refused = |code: &&str| *code == "ConditionalCheckFailed";
    // Also beside a conflict: what a condition has seen is so.
    if codes.iter().any(refused) {
        return Some(Canceled::Refused(codes.iter().map(refused).collect()));
    }
    let found = codes.iter().filter(|code| !matches!(**code, "" | "None"));
    let mut outcome = None;
    for code in found {
        outcome = Some(match class(code, 400) {
            // A mistake of ours is not mended by trying again.
            Class::Broken => return Some(Canceled::Broken((*code).to_owned())),
            Class::Throttled => Canceled::Throttled,
            Class::Unavailable if outcome == Some(Canceled::Throttled) => Canceled::Throttled,
            Class::Unavailable => Canceled::Conflict,
        });
    }
    outcome
}

/// What came of a transaction.
#[derive(Debug, PartialEq, Eq)]
enum Committed {
    /// All is written.
    All,
    /// Nothing is: for each write, whether its condition failed.
    Refused(Vec<bool>),
}

impl Committed {
    /// Whether the condition of the n-th write failed.
    fn refuses(&self, n: usize) -> bool {
        matches!(self, Self::Refused(refused) if refused.get(n).copied().unwrap_or_default())
    }
}

/// A change of one record.
struct Change {
    key: Key,
    update: &'static str,
    condition: Option<&'static str>,
    names: HashMap<String, String>,
    values: Item,
}

impl Change {
    fn new(key: Key, update: &'static str) -> Self {
        Self { key, update, condition: None, names: HashMap::new(), values: HashMap::new() }
    }

    fn only_if(mut self, condition: &'static str) -> Self {
        self.condition = Some(condition);
        self
    }

    /// Names in the expressions, each spelled as `#name`: many are reserved words.
    fn names<const N: usize>(mut self, names: [&str; N]) -> Self {
        self.names = alias(names);
        self
    }

    /// One more name, spelled as `#alias`.
    fn named(mut self, alias: &str, name: &str) -> Self {
        self.names.insert(format!("#{alias}"), name.to_owned());
        self
    }

    fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.into(), value);
        self
    }
}

/// A condition on a record.
struct Condition {
    expression: &'static str,
    names: HashMap<String, String>,
    values: Item,
}

fn alias<const N: usize>(names: [&str; N]) -> HashMap<String, String> {
    names.into_iter().map(|name| (format!("#{name}"), name.to_owned())).collect()
}

/// A range of records under one partition key.
struct Range {
    index: Option<&'static str>,
    pk: String,
    sort: Sort,
    limit: Option<usize>,
    keys_only: bool,
    backwards: bool,
}

enum Sort {
    All,
    Prefix(String),
    /// Excluding its end.
    After(String),
    /// Including its end.
    Through(String),
    /// Including both ends.
    Between(String, String),
}

impl Range {
    fn of(pk: String, sort: Sort) -> Self {
        Self { index: None, pk, sort, limit: None, keys_only: false, backwards: false }
    }

    fn in_index(self, index: &'static str) -> Self {
        Self { index: Some(index), ..self }
    }

    fn at_most(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    fn keys_only(self) -> Self {
        Self { keys_only: true, ..self }
    }

    /// From its end to its beginning.
    fn backwards(self) -> Self {
        Self { backwards: true, ..self }
    }

    fn key_names(&self) -> (&'static str, &'static str) {
        match self.index {
            Some(keys::GSI1) => (keys::GSI1_PK, keys::GSI1_SK),
            Some(_) => (keys::GSI2_PK, keys::GSI2_SK),
            None => (keys::PK, keys::SK),
        }
    }
}

fn broken(what: &'static str, why: impl Into<String>) -> PortError {
    PortError::Broken { what, why: why.into() }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn seconds(at: Timestamp) -> AttributeValue {
    number(at.as_second())
}

fn key_item(key: Key) -> Item {
    HashMap::from([(keys::PK.into(), text(key.pk)), (keys::SK.into(), text(key.sk))])
}

fn value(value: &impl Serialize) -> PortResult<AttributeValue> {
    to_attribute_value(value).map_err(|error| broken("dynamodb:serialise", error.to_string()))
}

/// A record with these attributes beside its key.
fn bare_record<const N: usize>(key: Key, attributes: [(&str, AttributeValue); N]) -> Item {
    let mut item = key_item(key);
    item.insert(VERSION.into(), number(keys::VERSION));
    item.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
    item
}

/// A record of a domain value, with these attributes beside it.
fn record<const N: usize>(
    key: Key,
    doc: &impl Serialize,
    attributes: [(&str, AttributeValue); N],
) -> PortResult<Item> {
    let mut item = bare_record(key, attributes);
    item.insert(DOC.into(), value(doc)?);
    Ok(item)
}

/// The domain value of a record.
fn doc<T: DeserializeOwned>(mut item: Item) -> PortResult<T> {
    let key = text_of(&item, keys::PK).unwrap_or_default().to_owned();
    let unreadable = |why: &str| broken("dynamodb:parse", format!("record {key}: {why}"));
    let version: Option<u32> = number_of(&item, VERSION);
    if version.is_none_or(|version| version > keys::VERSION) {
        return Err(unreadable("of a version that this function does not know"));
    }
    let doc = item.remove(DOC).ok_or_else(|| unreadable("has no doc"))?;
    from_attribute_value(doc).map_err(|error| unreadable(&error.to_string()))
}

fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

fn number_of<T: std::str::FromStr>(item: &Item, name: &str) -> Option<T> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_condition_is_an_outcome_even_beside_a_conflict() {
        let codes = ["None", "ConditionalCheckFailed", "TransactionConflict"];
        assert_eq!(canceled(&codes), Some(Canceled::Refused(vec![false, true, false])));
        let refused = Committed::Refused(vec![false, true, false]);
        assert!(refused.refuses(1) && !refused.refuses(0) && !refused.refuses(7));
        assert!(!Committed::All.refuses(0));
    }

    #[test]
    fn a_conflict_passes_and_a_mistake_does_not() {
        assert_eq!(canceled(&["None", "TransactionConflict"]), Some(Canceled::Conflict));
        for codes in
            [["ThrottlingError", "TransactionConflict"], ["TransactionConflict", "ThrottlingError"]]
        {
            assert_eq!(canceled(&codes), Some(Canceled::Throttled));
        }
        let mistake = canceled(&["ThrottlingError", "ValidationError"]);
        assert_eq!(mistake, Some(Canceled::Broken("ValidationError".into())));
        assert_eq!(canceled(&[]), None);
    }

    #[test]
    fn a_record_of_a_later_version_is_not_guessed_at() {
        let key = Key { pk: "SUB#x".into(), sk: "SUB".into() };
        let mut item = record(key, &"value", []).unwrap();
        assert_eq!(doc::<String>(item.clone()).unwrap(), "value");
        item.insert(VERSION.into(), number(keys::VERSION + 1));
        assert!(matches!(doc::<String>(item), Err(PortError::Broken { .. })));
    }
}
