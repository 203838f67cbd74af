//! One origin, standing where CloudFront stands.
//!
//! | path | origin |
//! |---|---|
//! | `/api/*` | the HTTP API, with the whole path |
//! | `/photos/*` | the public bucket, the whole path as key |
//! | `/_local/*` | the developer's pages: mailbox and health |
//! | all else | the site bucket, `/x/` as `x/index.html`, else `404.html` |
//!
//! Where the origins are is read from the stack's outputs, which appear after
//! this has started and may change.

mod accounts;
mod api;
mod compression;
mod mailbox;
mod objects;
mod origin;
mod paths;
mod stack;

use std::sync::Arc;

use aws_config::SdkConfig;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::Url;

pub use stack::StackOutputs;

use crate::s3::S3;
use crate::ses::MailStore;
use crate::watched::JsonFile;

/// How soon a client may ask again while the stack is being deployed.
const RETRY_AFTER_SECONDS: &str = "2";

/// The front door's parts, shared by its handlers.
pub(crate) struct FrontDoor {
    http: reqwest::Client,
    s3: S3,
    engine: Url,
    origin: origin::Origin,
    stack: JsonFile<StackOutputs>,
    mails: MailStore,
    site_policy: HeaderValue,
}

/// The front door's routes.
///
/// # Errors
/// When the HTTP client cannot be built or the engine's address is not one.
pub fn router(
    s3: S3,
    config: &SdkConfig,
    engine: Url,
    uploads: &Url,
    stack: JsonFile<StackOutputs>,
    mails: MailStore,
) -> anyhow::Result<Router> {
    let site_policy = HeaderValue::from_str(&site_policy(uploads))?;
    let http = api::client()?;
    let origin = origin::Origin::new(config);
    let door = Arc::new(FrontDoor { http, s3, engine, origin, stack, mails, site_policy });
    let developer = Router::new()
        .route("/_local/health", get(health))
        .merge(mailbox::router())
        .fallback(|| async { plain(StatusCode::NOT_FOUND, "There is no such page.") })
        .layer(middleware::from_fn(loopback_host_only))
        .with_state(Arc::clone(&door));
    Ok(Router::new()
        .fallback(move |State(door): State<Arc<FrontDoor>>, request: Request| async move {
            route(door, developer, request).await
        })
        .with_state(door))
}

async fn route(door: Arc<FrontDoor>, developer: Router, request: Request) -> Response {
    // A photo is as small as it gets, and a HEAD has nothing to compress. A secret
    // beside what somebody else chose is never compressed with it.
    let path = request.uri().path();
    let compress = request.method() == Method::GET
        && !["/photos/", "/api/auth/"].iter().any(|left| path.starts_with(left));
    let viewer = request.headers().clone();
    let response = answer(door, developer, request).await;
    if compress { compression::compressed(&viewer, response).await } else { response }
}

async fn answer(door: Arc<FrontDoor>, developer: Router, request: Request) -> Response {
    let path = request.uri().path();
    let mut response = if path == "/_local" || path.starts_with("/_local/") {
        match tower::ServiceExt::oneshot(developer, request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    } else if path.starts_with("/api/") {
        let mut response = api::forward(&door, request).await;
        set_default(&mut response, header::CONTENT_SECURITY_POLICY, API_POLICY);
        response
    } else if path.starts_with("/photos/") {
        let mut response = objects::photo(&door, request).await;
        set_default(&mut response, header::CONTENT_SECURITY_POLICY, PHOTO_POLICY);
        response
    } else {
        let mut response = objects::page(&door, request).await;
        let policy = door.site_policy.clone();
        response.headers_mut().entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        response
    };
    for (name, value) in &SECURITY_HEADERS {
        set_default(&mut response, name.clone(), value);
    }
    response
}

/// What every answer has, unless its origin says otherwise.
/// `Strict-Transport-Security` is left to AWS: browsers ignore it over HTTP.
static SECURITY_HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(self), microphone=(), payment=()",
    ),
];

const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// A photo opened by itself is a document of its own and needs nothing.
const PHOTO_POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// The site's policy, as `ops/delivery.yaml` has it. Uploads go straight to S3,
/// which here is the engine, or what stands before it.
fn site_policy(uploads: &Url) -> String {
    let uploads = uploads.origin().ascii_serialization();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' blob: data:; connect-src 'self' {uploads}; form-action 'self'; \
         manifest-src 'self'; worker-src 'self'; base-uri 'self'; frame-ancestors 'none'"
    )
}

fn set_default(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
}

/// Keeps other sites' pages from reading the mailbox through a name of theirs
/// that they point at this machine.
async fn loopback_host_only(request: Request, next: Next) -> Response {
    let is_loopback = |host: &str| {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host.eq_ignore_ascii_case("localhost")
            || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    };
    let named = request
        .headers()
        .get(header::HOST)
        .and_then(|host| Authority::try_from(host.as_bytes()).ok())
        .is_some_and(|authority| is_loopback(authority.host()));
    if !named {
        return plain(
            StatusCode::MISDIRECTED_REQUEST,
            "These pages are served under a loopback address only.",
        );
    }
    next.run(request).await
}

async fn health(State(door): State<Arc<FrontDoor>>) -> Json<serde_json::Value> {
    let stack = door.stack.current();
    let stack = stack.as_deref();
    Json(serde_json::json!({
        "status": "ok",
        "stack_file": door.stack.path().display().to_string(),
        "stack": {
            "ApiUrl": stack.and_then(|stack| stack.api_url.as_deref()),
            "SiteBucket": stack.and_then(|stack| stack.site_bucket.as_deref()),
            "PublicBucket": stack.and_then(|stack| stack.public_bucket.as_deref()),
        },
        "engine": door.engine.as_str(),
        "messages": door.mails.count(),
    }))
}

impl FrontDoor {
    /// One output of the stack, or the words in which it is missing.
    fn output(
        &self,
        name: &str,
        pick: impl FnOnce(&StackOutputs) -> Option<&String>,
    ) -> Result<String, String> {
        let file = self.stack.path().display();
        match self.stack.current() {
            None => Err(format!("The stack is not deployed yet: waiting for {file}.")),
            Some(stack) => pick(&stack)
                .cloned()
                .ok_or_else(|| format!("The stack's outputs in {file} have no {name}.")),
        }
    }
}

fn plain(status: StatusCode, words: &str) -> Response {
    (status, format!("{words}\n")).into_response()
}

/// The answer while something is not there yet.
fn not_ready(words: &str) -> Response {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, words);
    let wait = HeaderValue::from_static(RETRY_AFTER_SECONDS);
    response.headers_mut().insert(header::RETRY_AFTER, wait);
    response
}

fn method_not_allowed() -> Response {
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are allowed here.");
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    response
}

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Removes what concerns one connection only (RFC 9110, 7.6.1).
pub(crate) fn drop_hop_by_hop(headers: &mut HeaderMap) {
    const HOP_BY_HOP: [&str; 9] = [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_connection_are_dropped() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Once"),
            ("x-once", "1"),
            ("te", "trailers"),
            ("keep-alive", "timeout=5"),
            ("authorization", "Bearer t"),
            ("x-kept", "1"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        drop_hop_by_hop(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["authorization", "x-kept"]);
    }
}
