//! The user pool's own mails: codes to confirm an address or to set a new
//! password. The engine keeps them in its recorder and not as messages, so they
//! are written as such when the mailbox is looked at, each once.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{Timestamp, fmt::rfc2822};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use ulid::Ulid;

use super::FrontDoor;
use crate::ses::StoredMail;

/// Where the engine tells what it has recorded.
const RECORDER: &str = "/_ministack/ses/messages";

/// How long the recorder may take: the mailbox is shown without it, too.
const ANSWER_SECONDS: u64 = 3;

/// Bytes of the recorder's answer: some 50,000 mails.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// How the recorder's kinds of the user pool's mails begin.
const KINDS: &str = "Cognito";

/// The tag that a mail of the user pool has here, with its kind.
const TAG: &str = "cognito";

/// Characters of a line of base64 (RFC 2045).
const LINE_CHARS: usize = 76;

#[derive(Debug, Deserialize)]
struct Recorded {
    /// By account.
    messages: BTreeMap<String, Vec<Record>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Record {
    message_id: String,
    source: String,
    to: Vec<String>,
    subject: String,
    body_text: Option<String>,
    body_html: Option<String>,
    /// Seconds since 1970.
    timestamp: f64,
    r#type: String,
}

/// Whether the user pool sent a mail.
pub(super) fn is_from_cognito(mail: &StoredMail) -> bool {
    mail.tags.contains_key(TAG)
}

/// Stores what the recorder has and the mailbox has not. If it can't be read, the
/// mailbox is what it was.
pub(super) async fn collect(door: &FrontDoor) {
    let recorded = match recorded(door).await {
        Ok(recorded) => recorded,
        Err(error) => {
            tracing::debug!(%error, "the engine's recorder can't be read");
            return;
        }
    };
    for record in recorded.messages.into_values().flatten() {
        if !record.r#type.starts_with(KINDS) {
            continue;
        }
        let Some((mail, raw)) = message(record) else {
            tracing::warn!("a mail of the user pool has no date");
            continue;
        };
        if door.mails.get(&mail.id).is_some() {
            continue;
        }
        if let Err(error) = door.mails.put(mail, raw).await {
            tracing::warn!(error = &error as &dyn Error, "a mail of the user pool can't be kept");
        }
    }
}

async fn recorded(door: &FrontDoor) -> anyhow::Result<Recorded> {
    let mut url = door.engine.clone();
    url.set_path(RECORDER);
    let wait = Duration::from_secs(ANSWER_SECONDS);
    let mut answer = door.http.get(url).timeout(wait).send().await?.error_for_status()?;
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        let read = bytes.len();
        anyhow::ensure!(read <= ANSWER_BYTES_MAX, "the recorder's answer has {read} bytes already");
    }
    Ok(serde_json::from_slice(&bytes)?)
}

/// A record as a message. Its id is made of the record's own, so that it is the
/// same at every look.
fn message(record: Record) -> Option<(StoredMail, Vec<u8>)> {
    let milliseconds = (record.timestamp * 1_000.0) as i64;
    let received_at = Timestamp::from_millisecond(milliseconds).ok()?;
    let date = rfc2822::DateTimePrinter::new().timestamp_to_string(&received_at).ok()?;
    let digest = Sha256::digest(&record.message_id);
    let random =
        digest.iter().take(10).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let id = Ulid::from_parts(u64::try_from(milliseconds).ok()?, random).to_string();
    let message_id = format!("<{}>", in_header(&record.message_id));
    let subject = in_header(&record.subject);
    let html = record.body_html.filter(|html| !html.is_empty());
    let (content_type, body) = match html {
        Some(html) => ("text/html", html),
        None => ("text/plain", record.body_text.unwrap_or_default()),
    };
    let mut raw = format!(
        "From: {}\r\nTo: {}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: {message_id}\r\n\
         MIME-Version: 1.0\r\nContent-Type: {content_type}; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
        in_header(&record.source),
        in_header(&record.to.join(", ")),
    )
    .into_bytes();
    for line in STANDARD.encode(body).as_bytes().chunks(LINE_CHARS) {
        raw.extend_from_slice(line);
        raw.extend_from_slice(b"\r\n");
    }
    let mail = StoredMail {
        id,
        from: vec![record.source.clone()],
        source: record.source,
        destinations: record.to,
        received_at,
        tags: BTreeMap::from([(TAG.to_owned(), record.r#type)]),
        configuration_set: None,
        subject,
        message_id,
        date,
        bytes: raw.len(),
        sha256: hex::encode(Sha256::digest(&raw)),
        events: Vec::new(),
    };
    Some((mail, raw))
}

/// A text as one line.
fn in_header(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(subject: &str) -> Record {
        Record {
            message_id: "one@email.test".to_owned(),
            source: "no-reply@verificationemail.com".to_owned(),
            to: vec!["ann@seisiun.example".to_owned()],
            subject: subject.to_owned(),
            body_text: Some("Your verification code is 123456. Céad míle fáilte.".to_owned()),
            body_html: Some(String::new()),
            timestamp: 1_795_523_335.334_682_5,
            r#type: "CognitoVerificationMessage".to_owned(),
        }
    }

    #[test]
    fn a_record_becomes_a_message_that_a_parser_reads() {
        let (mail, raw) = message(record("Your code\r\nBcc: x@y.test")).unwrap();
        let parsed = mailparse::parse_mail(&raw).unwrap();
        let names: Vec<String> = parsed.headers.iter().map(|h| h.get_key()).collect();
        assert!(!names.contains(&"Bcc".to_owned()), "{names:?}");
        assert!(parsed.get_body().unwrap().contains("123456. Céad míle fáilte."));
        assert_eq!(mail.destinations, ["ann@seisiun.example"]);
        assert!(is_from_cognito(&mail));
    }

    #[test]
    fn a_record_is_the_same_message_at_every_look() {
        let (first, _) = message(record("Your code")).unwrap();
        let (second, _) = message(record("Your code")).unwrap();
        assert_eq!(first.id, second.id);
        let (other, _) =
            message(Record { message_id: "two".to_owned(), ..record("Your code") }).unwrap();
        assert_ne!(first.id, other.id);
    }
}
