//! `/api/*`: passing requests on to the HTTP API, and its answers back.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::{FrontDoor, drop_hop_by_hop, origin, paths, stack};

/// API Gateway's limit on a request's payload.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// API Gateway's longest integration time, and a little for the way.
const ANSWER_SECONDS: u64 = 32;

const CONNECT_SECONDS: u64 = 3;

/// Longest silence in the middle of an answer.
const READ_SECONDS: u64 = 32;

pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        .read_timeout(Duration::from_secs(READ_SECONDS))
        .build()
}

pub(super) async fn forward(door: &FrontDoor, request: Request) -> Response {
    let api_url = match door.output("ApiUrl", |stack| stack.api_url.as_ref()) {
        Ok(api_url) => api_url,
        Err(words) => {
            let mut response = problem(StatusCode::SERVICE_UNAVAILABLE, &words);
            let wait = HeaderValue::from_static(super::RETRY_AFTER_SECONDS);
            response.headers_mut().insert(header::RETRY_AFTER, wait);
            return response;
        }
    };
    if paths::climbs(request.uri().path()) {
        return problem(StatusCode::BAD_REQUEST, "The path has dot segments, or is no text.");
    }
    let Some(target) = stack::api_target(&api_url, &door.engine, request.uri()) else {
        return problem(StatusCode::BAD_GATEWAY, "The stack's ApiUrl cannot be used.");
    };
    if request.body().size_hint().lower() > BODY_BYTES_MAX as u64 {
        return too_large();
    }
    let (head, body) = request.into_parts();
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    let mut headers = request_headers(head.headers, peer);
    let secret = door.stack.current().and_then(|stack| stack.origin_secret_arn.clone());
    if let Some(secret) = secret {
        match door.origin.value(&secret).await {
            // In place of whatever the viewer may have sent.
            Ok(value) => drop(headers.insert(origin::HEADER, value)),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "the API can't be asked");
                return problem(StatusCode::BAD_GATEWAY, "The API's secret cannot be read.");
            }
        }
    }
    let mut upstream = door.http.request(head.method, target).headers(headers);
    if !body.is_end_stream() {
        upstream = upstream.body(reqwest::Body::wrap_stream(
            Limited::new(body, BODY_BYTES_MAX).into_data_stream(),
        ));
    }
    match tokio::time::timeout(Duration::from_secs(ANSWER_SECONDS), upstream.send()).await {
        Ok(Ok(answer)) => response(answer),
        Ok(Err(error)) if is_too_large(&error) => too_large(),
        Ok(Err(error)) if !error.is_timeout() => {
            // Without the URL, whose query is the member's business.
            let error = error.without_url();
            tracing::warn!(error = &error as &dyn Error, "the API cannot be reached");
            problem(StatusCode::BAD_GATEWAY, "The API cannot be reached.")
        }
        Ok(Err(_)) | Err(_) => {
            problem(StatusCode::GATEWAY_TIMEOUT, "The API did not answer in time.")
        }
    }
}

fn request_headers(mut headers: HeaderMap, peer: Option<SocketAddr>) -> HeaderMap {
    drop_hop_by_hop(&mut headers);
    headers.remove(header::HOST);
    headers.remove(header::EXPECT);
    if let Some(peer) = peer {
        // As CloudFront does: the viewer's own claim, then what was seen.
        let seen = peer.ip().to_string();
        let chain = match headers.get("x-forwarded-for").and_then(|claim| claim.to_str().ok()) {
            Some(claim) => format!("{claim}, {seen}"),
            None => seen,
        };
        if let Ok(chain) = HeaderValue::from_str(&chain) {
            headers.insert("x-forwarded-for", chain);
        }
    }
    headers
}

fn response(answer: reqwest::Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    drop_hop_by_hop(response.headers_mut());
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}

fn is_too_large(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn too_large() -> Response {
    problem(StatusCode::PAYLOAD_TOO_LARGE, "The request is larger than 10 MB.")
}

/// An error in API Gateway's shape.
fn problem(status: StatusCode, message: &str) -> Response {
    let details = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": message,
    });
    let json = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, json, Json(details)).into_response()
}
