//! A stand-in for Amazon SES: `SendRawEmail` of the v1 query protocol.
//!
//! Every message that it accepts is kept as it was submitted, before the answer
//! is sent; nothing is ever passed on to anybody. The mailbox pages of the front
//! door show what is kept.
//!
//! What becomes of a message is told as SES tells it: by events of its
//! configuration set, which here go straight into the queue that EventBridge's
//! rule would put them into. Every message is sent and delivered, but to the
//! addresses of SES's mailbox simulator (`bounce@simulator.amazonses.com`, with a
//! `+label` if need be), which bounce or complain as they do there.
//! `POST /_local/events` makes one more event, `{"to": …, "event": "bounce"}` of
//! the newest message to an address or `{"mail": …}` of a certain one; `GET` counts
//! them. Faults of calls are planned at `/_local/faults`, those of events, which
//! are lost, doubled or held, at `/_local/event-faults`.

mod event;
mod event_faults;
mod message;
mod outbox;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::{Timestamp, fmt::rfc2822};
use quick_xml::escape::escape;
use sha2::{Digest as _, Sha256};

pub use event::{EventKind, Happening, MailEvent};
pub use event_faults::{EventFault, EventFaultBoard, PlannedEventFault};
pub use outbox::{FeedbackQueue, Outbox};
pub(crate) use store::write_atomically;
pub use store::{MailStore, StoredMail};

use crate::faults::{self, Fault, FaultBoard, PATH};
use crate::serve::CloseConnection;

const NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

/// SES v1 takes messages of up to 10 MB, base64 of parts included.
const MESSAGE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// A request: the largest message in base64 (4/3), of which a few characters in
/// a hundred are percent-encoded into three, and room for the parameters.
const REQUEST_BYTES_MAX: usize = MESSAGE_BYTES_MAX / 3 * 5;

/// How long a client may take to send a request.
const REQUEST_READ_SECONDS: u64 = 30;

/// Recipients of one message.
const DESTINATIONS_MAX: usize = 50;

/// Characters in a tag's name or value.
const TAG_CHARS_MAX: usize = 256;

/// Characters in the value of a tag that goes into the `Feedback-ID`, so that the
/// header stays on one line.
const FEEDBACK_CHARS_MAX: usize = 64;

/// The domain of the `Message-ID`s given. SES has `{region}.amazonses.com`; this
/// one can never be mistaken for it.
const MESSAGE_ID_DOMAIN: &str = "ses.local.invalid";

/// The errors that a fault may name.
const ERRORS: &[&str] = &[
    "AccountSendingPausedException",
    "ConfigurationSetDoesNotExist",
    "ConfigurationSetSendingPausedException",
    "InternalFailure",
    "MailFromDomainNotVerifiedException",
    "MessageRejected",
    "ServiceUnavailable",
    "Throttling",
];

/// How the account is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Senders outside these domains are unverified; none lets any sender pass.
    pub sender_domains: Vec<String>,
    /// The identities' configuration set, for messages that name none.
    pub configuration_set: String,
    /// Where it is.
    pub region: String,
}

struct Ses {
    store: MailStore,
    outbox: Outbox,
    account: Account,
    faults: FaultBoard,
}

/// The stand-in's routes. `outbox` is that of `store`.
pub fn router(store: MailStore, outbox: Outbox, account: Account) -> Router {
    let faults = FaultBoard::new(ERRORS);
    let (events, calls) = (outbox.router(), faults.router(PATH));
    let ses = Ses { store, outbox, account, faults };
    Router::new()
        .route("/", post(answer))
        .route("/_local/health", get(health))
        .with_state(Arc::new(ses))
        .merge(calls)
        .merge(events)
}

async fn health(State(ses): State<Arc<Ses>>) -> axum::Json<serde_json::Value> {
    axum::Json(serde_json::json!({ "status": "ok", "messages": ses.store.count() }))
}

/// An error as the service tells it.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: String,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidParameterValue", message)
    }

    fn rejected(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MessageRejected", message)
    }

    fn throttled() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Throttling", "Maximum sending rate exceeded.")
    }

    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalFailure",
            "The request processing has failed because of an unknown error.",
        )
    }

    fn named(code: &str) -> Self {
        match code {
            "Throttling" => Self::throttled(),
            "InternalFailure" => Self::internal(),
            "ServiceUnavailable" => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, code, "An injected fault")
            }
            _ => Self::new(StatusCode::BAD_REQUEST, code, "An injected fault"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let fault = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        let error = format!(
            "<Error><Type>{fault}</Type><Code>{}</Code><Message>{}</Message></Error>",
            escape(&self.code),
            escape(&self.message),
        );
        xml(self.status, |request_id| {
            format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\">{error}\
                 <RequestId>{request_id}</RequestId></ErrorResponse>"
            )
        })
    }
}

fn xml(status: StatusCode, body: impl FnOnce(&str) -> String) -> Response {
    let request_id = ulid::Ulid::generate().to_string();
    let mut response = (status, body(&request_id)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if let Ok(request_id) = HeaderValue::from_str(&request_id) {
        headers.insert("x-amzn-requestid", request_id);
    }
    response
}

async fn answer(State(ses): State<Arc<Ses>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let sent = match parse(&head.headers, body).await {
        Ok(request) => ses.send(request).await,
        Err(refusal) => Err(refusal),
    };
    match sent {
        Ok(Answer::Send(id)) => xml(StatusCode::OK, |request_id| {
            format!(
                "<SendRawEmailResponse xmlns=\"{NAMESPACE}\"><SendRawEmailResult>\
                 <MessageId>{id}</MessageId></SendRawEmailResult><ResponseMetadata>\
                 <RequestId>{request_id}</RequestId></ResponseMetadata></SendRawEmailResponse>"
            )
        }),
        Ok(Answer::Lose) => CloseConnection::response(),
        Err(refusal) => {
            tracing::info!(code = refusal.code, "refused");
            refusal.into_response()
        }
    }
}

/// The parameters of a `SendRawEmail`.
#[derive(Debug, Default)]
struct SendRawEmail {
    source: Option<String>,
    destinations: Vec<String>,
    data: Option<String>,
    tags: BTreeMap<String, String>,
    configuration_set: Option<String>,
}

async fn parse(headers: &HeaderMap, body: Body) -> Result<SendRawEmail, Refusal> {
    // Signatures are the engine's to check; a client that does not sign at all
    // would fail on AWS, so it fails here.
    let signed = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 ") && value.contains("/ses/"));
    if !signed {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ));
    }
    let read = axum::body::to_bytes(body, REQUEST_BYTES_MAX);
    let body = tokio::time::timeout(Duration::from_secs(REQUEST_READ_SECONDS), read)
        .await
        .map_err(|_| {
            let status = StatusCode::REQUEST_TIMEOUT;
            Refusal::new(status, "RequestExpired", "The request came too slowly")
        })?
        .map_err(|error| {
            tracing::info!(%error, "request not read");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Refusal::new(status, "RequestEntityTooLarge", "The request is too large")
        })?;
    parameters(&body)
}

fn parameters(body: &[u8]) -> Result<SendRawEmail, Refusal> {
    let mut action = None;
    let mut request = SendRawEmail::default();
    let mut destinations = BTreeMap::new();
    let mut tags: BTreeMap<usize, (Option<String>, Option<String>)> = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let value = value.into_owned();
        let path: Vec<&str> = name.split('.').collect();
        match path.as_slice() {
            ["Action"] => action = Some(value),
            ["Source"] => request.source = Some(value),
            ["RawMessage", "Data"] => request.data = Some(value),
            ["ConfigurationSetName"] => request.configuration_set = Some(value),
            ["Destinations", "member", at] => {
                destinations.insert(position(at)?, value);
            }
            ["Tags", "member", at, "Name"] => {
                tags.entry(position(at)?).or_default().0 = Some(value)
            }
            ["Tags", "member", at, "Value"] => {
                tags.entry(position(at)?).or_default().1 = Some(value)
            }
            // Version, and the ARNs of sending authorisation, which change
            // nothing here.
            _ => {}
        }
    }
    if action.as_deref() != Some("SendRawEmail") {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            "This stand-in knows SendRawEmail only",
        ));
    }
    request.destinations = destinations.into_values().collect();
    for tag in tags.into_values() {
        let (Some(name), Some(value)) = tag else {
            return Err(Refusal::invalid("A tag has no name or no value."));
        };
        let is_feedback = store::FEEDBACK_TAGS.contains(&name.as_str());
        // No other name of a tag may have a colon.
        if !((is_feedback || is_tag_text(&name)) && is_tag_text(&value)) {
            return Err(Refusal::invalid(
                "Tags may have ASCII letters, digits, underscores and dashes only.",
            ));
        }
        if is_feedback && value.len() > FEEDBACK_CHARS_MAX {
            return Err(Refusal::invalid(format!(
                "The tag {name} may have {FEEDBACK_CHARS_MAX} characters."
            )));
        }
        if request.tags.insert(name, value).is_some() {
            return Err(Refusal::invalid("A tag is given twice."));
        }
    }
    Ok(request)
}

fn position(text: &str) -> Result<usize, Refusal> {
    text.parse().map_err(|_| Refusal::invalid("A list's members must be numbered."))
}

fn is_tag_text(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    !text.is_empty() && text.len() <= TAG_CHARS_MAX && text.bytes().all(allowed)
}

enum Answer {
    Send(String),
    Lose,
}

impl Ses {
    async fn send(&self, request: SendRawEmail) -> Result<Answer, Refusal> {
        let subjects: Vec<&str> = request.destinations.iter().map(String::as_str).collect();
        let lose = match self.faults.take(&subjects) {
            None => false,
            Some(Fault::LostAnswer) => true,
            Some(Fault::Throttle) => return Err(Refusal::throttled()),
            Some(Fault::Fail) => return Err(Refusal::internal()),
            Some(Fault::Error { error }) => return Err(Refusal::named(&error)),
            Some(Fault::Hang) => {
                faults::hang().await;
                return Ok(Answer::Lose);
            }
        };
        let (mail, raw) = self.accept(request)?;
        let id = mail.id.clone();
        self.outbox.accept(mail, raw).await.map_err(|error| {
            tracing::error!(%error, "the message could not be stored");
            Refusal::internal()
        })?;
        tracing::info!(mail.id = id, answered = !lose, "accepted");
        Ok(if lose { Answer::Lose } else { Answer::Send(id) })
    }

    fn accept(&self, request: SendRawEmail) -> Result<(StoredMail, Vec<u8>), Refusal> {
        let data = request.data.ok_or_else(|| Refusal::invalid("RawMessage.Data is missing."))?;
        let raw = STANDARD
            .decode(data)
            .map_err(|_| Refusal::invalid("RawMessage.Data is not base64."))?;
        if raw.len() > MESSAGE_BYTES_MAX {
            return Err(Refusal::invalid(format!(
                "Message length is more than {MESSAGE_BYTES_MAX} bytes long: {} bytes.",
                raw.len()
            )));
        }
        let envelope =
            message::check(&raw).map_err(|malformed| Refusal::rejected(malformed.to_string()))?;
        let destinations = if request.destinations.is_empty() {
            envelope.recipients
        } else {
            bare_addresses(&request.destinations)?
        };
        if destinations.is_empty() {
            return Err(Refusal::invalid("The message has no recipients."));
        }
        if destinations.len() > DESTINATIONS_MAX {
            return Err(Refusal::invalid(format!("Recipient count exceeds {DESTINATIONS_MAX}.")));
        }
        let source = match &request.source {
            Some(source) => bare_addresses(std::slice::from_ref(source))?,
            None => Vec::new(),
        };
        let senders: Vec<_> = source.iter().chain(&envelope.from).cloned().collect();
        self.verify(&senders)?;

        let id = self.store.next_id().to_string();
        let received_at = Timestamp::now();
        let date =
            rfc2822::DateTimePrinter::new().timestamp_to_string(&received_at).map_err(|error| {
                tracing::error!(%error, "the clock shows no date that mail can carry");
                Refusal::internal()
            })?;
        let mail = StoredMail {
            message_id: format!("<{id}@{MESSAGE_ID_DOMAIN}>"),
            id,
            source: senders.into_iter().next().unwrap_or_default(),
            from: envelope.from,
            events: event::of_mail(&destinations, received_at),
            destinations,
            received_at,
            tags: request.tags,
            configuration_set: Some(
                request.configuration_set.unwrap_or_else(|| self.account.configuration_set.clone()),
            ),
            subject: envelope.subject,
            date,
            bytes: raw.len(),
            sha256: hex::encode(Sha256::digest(&raw)),
        };
        Ok((mail, raw))
    }

    fn verify(&self, senders: &[String]) -> Result<(), Refusal> {
        let sender_domains = &self.account.sender_domains;
        if sender_domains.is_empty() {
            return Ok(());
        }
        let is_verified = |address: &&String| {
            address.rsplit_once('@').is_some_and(|(_, domain)| {
                sender_domains.iter().any(|verified| verified.eq_ignore_ascii_case(domain))
            })
        };
        match senders.iter().find(|address| !is_verified(address)) {
            None => Ok(()),
            Some(unverified) => Err(Refusal::rejected(format!(
                "Email address is not verified. The following identities failed the check \
                 in region {}: {unverified}",
                self.account.region.to_ascii_uppercase()
            ))),
        }
    }
}

fn bare_addresses(texts: &[String]) -> Result<Vec<String>, Refusal> {
    texts
        .iter()
        .map(|text| {
            message::bare_address(text)
                .ok_or_else(|| Refusal::invalid(format!("Illegal address: {text}")))
        })
        .collect()
}
