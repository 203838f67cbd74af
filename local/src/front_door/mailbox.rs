//! The developer's mailbox: every message that the SES stand-in accepted, and the
//! user pool's own.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header};
use mailparse::{DispositionType, ParsedMail};
use serde::{Deserialize, Serialize};

use super::{FrontDoor, accounts, plain};
use crate::ses::{MailEvent, StoredMail};

/// Messages on the list, or in the JSON if it asks for no other number.
const LIST_DEFAULT: usize = 200;

/// Most messages that one JSON answer has; each is read and parsed for it.
const LIST_MAX: usize = 5_000;

/// The pages have no scripts; a message's HTML is in a frame of its own.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; \
                           form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A message's HTML can neither run scripts nor load anything from elsewhere;
/// its links open beside it.
const MESSAGE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                              sandbox allow-popups allow-popups-to-escape-sandbox; \
                              base-uri 'self'; frame-ancestors 'self'";

pub(super) fn router() -> Router<Arc<FrontDoor>> {
    Router::new()
        .route("/_local", get(|| async { Redirect::to("/_local/mailbox") }))
        .route("/_local/", get(|| async { Redirect::to("/_local/mailbox") }))
        .route("/_local/mailbox", get(list))
        .route("/_local/mailbox.json", get(list_json))
        .route("/_local/mailbox/{id}", get(show))
        .route("/_local/mailbox/{id}/html", get(html))
        .route("/_local/mailbox/{id}/raw", get(raw))
        .route("/_local/mailbox/{id}/delivered", get(delivered))
}

#[derive(Debug, Deserialize)]
struct Wanted {
    /// Only messages to this address.
    to: Option<String>,
    /// Only messages whose subject has these words.
    subject: Option<String>,
    /// Only messages that came before the one of this id: the next page.
    before: Option<String>,
    limit: Option<usize>,
    /// Only messages that this service sent.
    by: Option<Sender>,
}

/// Who sends mail here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sender {
    Ses,
    Cognito,
}

impl Wanted {
    fn picks(&self, mail: &StoredMail) -> bool {
        let by = if accounts::is_from_cognito(mail) { Sender::Cognito } else { Sender::Ses };
        if self.by.is_some_and(|wanted| wanted != by) {
            return false;
        }
        let asked = |text: &Option<String>, met: &dyn Fn(&str) -> bool| {
            text.as_deref().is_none_or(|text| text.is_empty() || met(text))
        };
        asked(&self.to, &|to| mail.destinations.iter().any(|own| own.eq_ignore_ascii_case(to)))
            && asked(&self.subject, &|words| mail.subject.contains(words))
            && asked(&self.before, &|id| mail.id.as_str() < id)
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(LIST_DEFAULT).min(LIST_MAX)
    }
}

/// A message, read.
#[derive(Debug, Serialize)]
struct Read {
    headers: Vec<Header>,
    text: Option<String>,
    html: Option<String>,
}

#[derive(Debug, Serialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct Listed<'a> {
    id: &'a str,
    to: &'a [String],
    from: &'a [String],
    subject: &'a str,
    received_at: String,
    tags: &'a std::collections::BTreeMap<String, String>,
    configuration_set: Option<&'a str>,
    events: &'a [MailEvent],
    #[serde(flatten)]
    read: Read,
}

/// Why a message cannot be shown.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("There is no such message.")]
    Unknown,
    #[error("The message's file cannot be read.")]
    File(#[from] std::io::Error),
    #[error("The message cannot be parsed.")]
    Mime(#[from] mailparse::MailParseError),
    #[error("The page cannot be made.")]
    Page(#[from] askama::Error),
}

impl IntoResponse for Unreadable {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::File(_) | Self::Mime(_) | Self::Page(_) => {
                tracing::error!(error = &self as &dyn std::error::Error, "mailbox");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        plain(status, &self.to_string())
    }
}

impl FrontDoor {
    fn mail(&self, id: &str) -> Result<Arc<StoredMail>, Unreadable> {
        self.mails.get(id).ok_or(Unreadable::Unknown)
    }

    async fn read(&self, mail: &StoredMail) -> Result<Read, Unreadable> {
        let message = self.mails.delivered(mail).await?;
        let parsed = mailparse::parse_mail(&message)?;
        Ok(Read {
            headers: parsed
                .headers
                .iter()
                .map(|header| Header { name: header.get_key(), value: header.get_value() })
                .collect(),
            text: body(&parsed, "text/plain")?,
            html: body(&parsed, "text/html")?,
        })
    }
}

/// The first part of this type that is not an attachment.
fn body(message: &ParsedMail<'_>, mimetype: &str) -> Result<Option<String>, Unreadable> {
    let part = message.parts().find(|part| {
        part.subparts.is_empty()
            && part.ctype.mimetype.eq_ignore_ascii_case(mimetype)
            && part.get_content_disposition().disposition != DispositionType::Attachment
    });
    Ok(part.map(ParsedMail::get_body).transpose()?)
}

async fn list_json(
    State(door): State<Arc<FrontDoor>>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Unreadable> {
    // Our own mails alone are counted often, by tests, and need no look at the engine.
    if wanted.by != Some(Sender::Ses) {
        accounts::collect(&door).await;
    }
    let (mails, total) = door.mails.newest(wanted.limit(), |mail| wanted.picks(mail));
    let mut messages = Vec::with_capacity(mails.len());
    for mail in &mails {
        messages.push(Listed {
            id: &mail.id,
            to: &mail.destinations,
            from: &mail.from,
            subject: &mail.subject,
            received_at: mail.received_at.to_string(),
            tags: &mail.tags,
            configuration_set: mail.configuration_set.as_deref(),
            events: &mail.events,
            read: door.read(mail).await?,
        });
    }
    Ok(Json(serde_json::json!({ "total": total, "messages": messages })).into_response())
}

#[derive(Debug, Template)]
#[template(path = "mailbox.html")]
struct ListPage<'a> {
    to: &'a str,
    subject: &'a str,
    total: usize,
    mails: &'a [Arc<StoredMail>],
    /// The message that the next page's come before, if there is one.
    older: Option<&'a str>,
}

#[derive(Debug, Template)]
#[template(path = "mail.html")]
struct MailPage<'a> {
    mail: &'a StoredMail,
    read: &'a Read,
    text: &'a [Piece<'a>],
    raw: &'a str,
}

async fn list(
    State(door): State<Arc<FrontDoor>>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Unreadable> {
    // Our own mails alone are counted often, by tests, and need no look at the engine.
    if wanted.by != Some(Sender::Ses) {
        accounts::collect(&door).await;
    }
    let (mails, total) = door.mails.newest(wanted.limit(), |mail| wanted.picks(mail));
    let older = mails.last().filter(|_| mails.len() < total).map(|mail| mail.id.as_str());
    let to = wanted.to.as_deref().unwrap_or_default();
    let subject = wanted.subject.as_deref().unwrap_or_default();
    page(&ListPage { to, subject, total, mails: &mails, older })
}

async fn show(
    State(door): State<Arc<FrontDoor>>,
    Path(id): Path<String>,
) -> Result<Response, Unreadable> {
    let mail = door.mail(&id)?;
    let read = door.read(&mail).await?;
    let raw = door.mails.raw(&mail).await?;
    let text = pieces(read.text.as_deref().unwrap_or_default());
    page(&MailPage { mail: &mail, read: &read, text: &text, raw: &String::from_utf8_lossy(&raw) })
}

fn page(template: &impl Template) -> Result<Response, Unreadable> {
    let mut response = Html(template.render()?).into_response();
    let policy = HeaderValue::from_static(PAGE_POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

async fn html(
    State(door): State<Arc<FrontDoor>>,
    Path(id): Path<String>,
) -> Result<Response, Unreadable> {
    let mail = door.mail(&id)?;
    let html = door.read(&mail).await?.html.ok_or(Unreadable::Unknown)?;
    let mut response = Html(with_links_beside(&html)).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(MESSAGE_POLICY);
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok(response)
}

/// Makes links open in a new tab, as mail programs do.
fn with_links_beside(html: &str) -> String {
    const BASE: &str = "<base target=\"_blank\">";
    let head_end = html.to_ascii_lowercase().find("<head>").map(|at| at + "<head>".len());
    let (before, after) = html.split_at(head_end.unwrap_or_default());
    format!("{before}{BASE}{after}")
}

async fn raw(
    State(door): State<Arc<FrontDoor>>,
    Path(id): Path<String>,
) -> Result<Response, Unreadable> {
    let mail = door.mail(&id)?;
    Ok(message_bytes(door.mails.raw(&mail).await?))
}

async fn delivered(
    State(door): State<Arc<FrontDoor>>,
    Path(id): Path<String>,
) -> Result<Response, Unreadable> {
    let mail = door.mail(&id)?;
    Ok(message_bytes(door.mails.delivered(&mail).await?))
}

/// Shown as text: a message is other people's words.
fn message_bytes(message: Vec<u8>) -> Response {
    let mut response = message.into_response();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// Text, or an address in it.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
}

/// Finds the web addresses in a text, so that a developer can follow them.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) =
        [rest.find("http://"), rest.find("https://")].into_iter().flatten().min()
    {
        let (words, from_link) = rest.split_at(start);
        let end = from_link
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
            .unwrap_or(from_link.len());
        let link = from_link.get(..end).unwrap_or_default();
        let link = link.trim_end_matches(['.', ',', ')', ';', ':', '!', '?']);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        pieces.push(Piece::Link(link));
        rest = from_link.get(link.len()..).unwrap_or_default();
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_text() {
        assert_eq!(
            pieces("See https://seisiun.test/a?b=c. Or\n<http://x.test/>!"),
            [
                Piece::Words("See "),
                Piece::Link("https://seisiun.test/a?b=c"),
                Piece::Words(". Or\n<"),
                Piece::Link("http://x.test/"),
                Piece::Words(">!"),
            ]
        );
        assert_eq!(pieces("no links"), [Piece::Words("no links")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn a_message_keeps_its_head() {
        assert_eq!(
            with_links_beside("<!doctype html><HEAD><title>x</title>"),
            "<!doctype html><HEAD><base target=\"_blank\"><title>x</title>"
        );
        assert_eq!(with_links_beside("<p>x"), "<base target=\"_blank\"><p>x");
    }
}
