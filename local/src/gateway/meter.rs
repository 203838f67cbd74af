//! Counts what passes, for the cost model: who asks for what, how often, with
//! how many bytes and, of the table, how many units.
//!
//! While it runs, requests of DynamoDB are asked to tell what they consume, as
//! any client may ask (`ReturnConsumedCapacity`); the engine reckons what a write
//! consumes from the items' sizes by AWS's rules, indexes included. What a read
//! consumes it takes for one unit each, so that is reckoned here, from the items
//! that are answered. A request that was changed is
//! signed anew, by the account's own key: so these, while they are counted, are
//! not held against their function's role.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use anyhow::Context as _;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use url::Url;

use super::call::Call;

/// How operations on the table begin.
const DYNAMODB: &str = "DynamoDB_";

/// What names the record of permits to send mail. How often it is asked for depends on
/// who else asks at the same time: it is no journey's, and reckoned apart.
const PERMITS: &[u8] = b"\"PERMITS\"";

/// What has passed of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Passed {
    /// The function that asked; empty if the request named none.
    pub caller: String,
    /// What it asked for: `DynamoDB_20120810.PutItem`, or `PUT /bucket?tagging`.
    pub operation: String,
    /// Requests.
    pub requests: u64,
    /// Of these, answered with an error.
    pub refused: u64,
    /// Bytes of the requests' bodies.
    pub request_bytes: u64,
    /// Bytes of the answers' bodies.
    pub answer_bytes: u64,
    /// DynamoDB capacity units of all of them, indexes included; a transaction's
    /// are twice a plain request's. A write that a condition refused is one.
    pub units: f64,
}

/// Who signs what was changed.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The account's own key.
    pub credentials: Credentials,
    /// The region.
    pub region: String,
}

impl Signer {
    /// Headers of a request to the table with another body than it came with.
    pub(super) fn sign(
        &self,
        url: &Url,
        came_with: &HeaderMap,
        body: &[u8],
    ) -> anyhow::Result<HeaderMap> {
        let identity = self.credentials.clone().into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("dynamodb")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let mut request = http::Request::new(());
        for name in [HeaderName::from_static("x-amz-target"), header::CONTENT_TYPE] {
            let value = came_with.get(&name).with_context(|| format!("it has no {name}"))?;
            request.headers_mut().insert(name, value.clone());
        }
        let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
        request.headers_mut().insert(header::HOST, host.parse()?);
        let signed = request.headers().iter();
        let signed =
            signed.map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
        let signable =
            SignableRequest::new("POST", url.as_str(), signed, SignableBody::Bytes(body))?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        instructions.apply_to_request_http1x(&mut request);
        Ok(std::mem::take(request.headers_mut()))
    }
}

type Counts = BTreeMap<(String, String), Passed>;

/// The meter; it counts only between a start and an end. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Meter {
    counts: Arc<Mutex<Option<Counts>>>,
}

impl Meter {
    fn counts(&self) -> MutexGuard<'_, Option<Counts>> {
        // A panic while the lock was held cannot leave a count half changed.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts from nothing.
    pub(super) fn start(&self) {
        *self.counts() = Some(Counts::new());
    }

    /// What has passed since the start; nothing if it does not run.
    pub(super) fn read(&self) -> Vec<Passed> {
        self.counts().iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Ends.
    pub(super) fn end(&self) {
        *self.counts() = None;
    }

    pub(super) fn runs(&self) -> bool {
        self.counts().is_some()
    }

    /// The body to send on: one of DynamoDB's asks for what it consumes, too.
    pub(super) fn asked(call: &Call, body: Bytes) -> Bytes {
        if !call.operation.starts_with(DYNAMODB) {
            return body;
        }
        let Ok(Json::Object(mut wanted)) = serde_json::from_slice(&body) else { return body };
        wanted.insert("ReturnConsumedCapacity".into(), "INDEXES".into());
        serde_json::to_vec(&wanted).map_or(body, Bytes::from)
    }

    /// Counts a request, of this body, that got this answer.
    pub(super) fn count(
        &self,
        call: &Call,
        head: &Parts,
        body: &[u8],
        status: StatusCode,
        answer: &[u8],
    ) {
        let mut counts = self.counts();
        let Some(counts) = counts.as_mut() else { return };
        if body.windows(PERMITS.len()).any(|text| text == PERMITS) {
            return;
        }
        let (caller, operation) = (call.caller.clone(), kind(call, head));
        let passed = counts.entry((caller, operation)).or_insert_with_key(|key| Passed {
            caller: key.0.clone(),
            operation: key.1.clone(),
            ..Passed::default()
        });
        passed.requests += 1;
        passed.request_bytes += body.len() as u64;
        passed.answer_bytes += answer.len() as u64;
        let is_refused = status.is_client_error() || status.is_server_error();
        passed.refused += u64::from(is_refused);
        if call.operation.starts_with(DYNAMODB) {
            passed.units += match (is_refused, call.has_effect) {
                (true, true) => 1.0,
                (true, false) => 0.0,
                (false, true) => consumed(answer),
                (false, false) => read_units(body, answer),
            };
        }
    }
}

/// The kind of a request: its operation, without an object's key.
fn kind(call: &Call, head: &Parts) -> String {
    if !call.operation.contains(" /") {
        return call.operation.clone();
    }
    let bucket = head.uri.path().split('/').nth(1).unwrap_or_default();
    // What is asked of an object (`?tagging`), but for the SDK's own mark.
    let asked = head.uri.query().into_iter().flat_map(|query| query.split('&'));
    let asked = asked.filter_map(|pair| pair.split('=').next()).find(|name| *name != "x-id");
    let asked = asked.map(|name| format!("?{name}")).unwrap_or_default();
    format!("{} /{bucket}{asked}", head.method)
}

/// Units that an answer tells of.
fn consumed(answer: &[u8]) -> f64 {
    let answer: Json = serde_json::from_slice(answer).unwrap_or_default();
    let units = |one: &Json| one.get("CapacityUnits").and_then(Json::as_f64).unwrap_or_default();
    match answer.get("ConsumedCapacity") {
        Some(Json::Array(tables)) => tables.iter().map(units).sum(),
        Some(table) => units(table),
        None => 0.0,
    }
}

/// Bytes that a read unit reads strongly consistent.
const READ_BYTES: usize = 4 * 1024;

/// Units of a read: its items together by steps of 4 KB, those of a batch each for
/// itself, one step of each that is not there; half of it unless it is strongly
/// consistent. Where only some attributes
/// are asked for this is too little, since AWS reads the items whole.
fn read_units(asked: &[u8], answer: &[u8]) -> f64 {
    let asked: Json = serde_json::from_slice(asked).unwrap_or_default();
    let answer: Json = serde_json::from_slice(answer).unwrap_or_default();
    let steps = |bytes: usize| bytes.div_ceil(READ_BYTES).max(1) as f64;
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let share = |of: &Json| if of["ConsistentRead"] == true { 1.0 } else { 0.5 };
    if let Some(tables) = answer["Responses"].as_object() {
        let each = tables.iter().map(|(table, items)| {
            let (items, asked) = (list(items), &asked["RequestItems"][table]);
            let left = list(&answer["UnprocessedKeys"][table]["Keys"]).len();
            let missing = list(&asked["Keys"]).len().saturating_sub(items.len() + left);
            let found: f64 = items.iter().map(|item| steps(item_bytes(item))).sum();
            (found + missing as f64) * share(asked)
        });
        return each.sum();
    }
    let found: usize = list(&answer["Items"]).iter().map(item_bytes).sum();
    steps(found + item_bytes(&answer["Item"])) * share(&asked)
}

/// Bytes of an item by DynamoDB's rules: its attributes' names and values.
fn item_bytes(item: &Json) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Json) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else {
        return 0;
    };
    let text = |value: &Json| value.as_str().map_or(0, str::len);
    let list = value.as_array().into_iter().flatten();
    match kind.as_str() {
        // Two digits a byte, and one.
        "N" => text(value).div_ceil(2) + 1,
        // Base64.
        "B" => text(value) / 4 * 3,
        "SS" => list.map(text).sum(),
        "NS" => list.map(|value| text(value).div_ceil(2) + 1).sum(),
        // Three bytes, and one of each element.
        "L" => 3 + list.map(|value| 1 + value_bytes(value)).sum::<usize>(),
        "M" => 3 + value.as_object().map_or(0, serde_json::Map::len) + item_bytes(value),
        "BOOL" | "NULL" => 1,
        _ => text(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(method: &str, uri: &str, target: Option<&str>) -> Parts {
        let mut request = http::Request::builder().method(method).uri(uri);
        request = request.header("user-agent", "aws-sdk-rust/1 app/x-tell");
        if let Some(target) = target {
            request = request.header("x-amz-target", target);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn count(meter: &Meter, head: &Parts, body: &[u8], status: u16, answer: &[u8]) {
        let call = Call::read(head, body);
        meter.count(&call, head, body, StatusCode::from_u16(status).unwrap(), answer);
    }

    #[test]
    fn the_table_is_asked_what_it_consumes() {
        let head = parts("POST", "/", Some("DynamoDB_20120810.GetItem"));
        let body = Bytes::from_static(br#"{"Key":{}}"#);
        let asked = Meter::asked(&Call::read(&head, &body), body);
        let asked: Json = serde_json::from_slice(&asked).unwrap();
        assert_eq!(asked["ReturnConsumedCapacity"], "INDEXES");
        assert!(asked["Key"].is_object());
        let photo = Bytes::from_static(b"{");
        let call = Call::read(&parts("PUT", "/photos/x", None), &photo);
        assert_eq!(Meter::asked(&call, photo.clone()), photo, "an object is left as it is");
    }

    #[test]
    fn a_read_is_paid_by_what_it_finds() {
        let text = |length: usize| serde_json::json!({ "S": "x".repeat(length) });
        let item = |length: usize| serde_json::json!({ "pk": text(length) });
        let units = |asked: Json, answer: Json| {
            read_units(asked.to_string().as_bytes(), answer.to_string().as_bytes())
        };
        let (weak, strong) = (serde_json::json!({}), serde_json::json!({ "ConsistentRead": true }));
        let nothing = serde_json::json!({});
        assert_eq!(units(weak.clone(), nothing.clone()), 0.5);
        assert_eq!(units(strong.clone(), nothing), 1.0);
        assert_eq!(units(strong.clone(), serde_json::json!({ "Item": item(4_094) })), 1.0);
        assert_eq!(units(strong.clone(), serde_json::json!({ "Item": item(4_095) })), 2.0);
        let three = serde_json::json!({ "Items": [item(3_000), item(3_000), item(3_000)] });
        assert_eq!(units(weak, three), 1.5, "a query's items together");
        let batch = serde_json::json!({ "RequestItems": { "t": { "ConsistentRead": true } } });
        let each = serde_json::json!({ "Responses": { "t": [item(10), item(5_000)] } });
        assert_eq!(units(batch, each.clone()), 3.0, "a batch's each for itself");
        let keys = [item(1), item(2), item(3), item(4)];
        let batch = serde_json::json!({ "RequestItems": { "t": { "Keys": keys } } });
        assert_eq!(units(batch, each), (3.0 + 2.0) / 2.0, "and those that are not there");
        let value = serde_json::json!({ "a": { "M": { "bc": { "L": [{ "N": "1234" }] } } } });
        assert_eq!(item_bytes(&value), 1 + 3 + 1 + 2 + (3 + 1 + 3));
    }

    #[test]
    fn units_bytes_and_requests_add_up_by_kind() {
        let meter = Meter::default();
        let transaction = parts("POST", "/", Some("DynamoDB_20120810.TransactWriteItems"));
        count(&meter, &transaction, b"{}", 200, b"{}");
        assert_eq!(meter.read(), [], "it does not run yet");
        meter.start();
        let tables =
            br#"{"ConsumedCapacity":[{"CapacityUnits":4.0},{"CapacityUnits":2.5,"TableName":"t"}]}"#;
        count(&meter, &transaction, b"12345", 200, tables);
        count(&meter, &transaction, b"12345", 400, b"{}");
        let read = parts("POST", "/", Some("DynamoDB_20120810.Query"));
        count(&meter, &read, b"{}", 200, br#"{"ConsumedCapacity":{"CapacityUnits":9.0}}"#);
        count(&meter, &read, b"{}", 500, b"{}");
        count(&meter, &parts("PUT", "/site/a/b?x-id=PutObject", None), b"12", 200, b"");
        count(&meter, &parts("PUT", "/site/c?x-id=PutObject", None), b"345", 412, b"");
        count(&meter, &parts("GET", "/site/c?tagging&x-id=y", None), b"", 200, b"1234567");
        let told: Vec<_> = meter
            .read()
            .into_iter()
            .map(|of| {
                (of.operation, of.requests, of.refused, of.request_bytes, of.answer_bytes, of.units)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("DynamoDB_20120810.Query".to_owned(), 2, 1, 4, 44, 0.5),
                (
                    "DynamoDB_20120810.TransactWriteItems".to_owned(),
                    2,
                    1,
                    10,
                    tables.len() as u64 + 2,
                    7.5
                ),
                ("GET /site?tagging".to_owned(), 1, 0, 0, 7, 0.0),
                ("PUT /site".to_owned(), 2, 1, 5, 0, 0.0),
            ]
        );
        assert!(meter.read().iter().all(|of| of.caller == "x-tell"));
        meter.end();
        assert_eq!(meter.read(), []);
    }
}
