//! Pages and photos, from their buckets.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use super::{FrontDoor, compression, is_read, method_not_allowed, not_ready, paths, plain};
use crate::s3::S3Error;

/// The page shown where there is none.
const NOT_FOUND_PAGE: &str = "404.html";

/// What a viewer may ask S3.
const PASSED_ON: [HeaderName; 6] = [
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    header::RANGE,
];

/// What S3 may tell a viewer; its own `x-amz-` headers stay inside.
const PASSED_BACK: [HeaderName; 11] = [
    header::ACCEPT_RANGES,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
];

/// Answers with a photo from the public bucket.
pub(super) async fn photo(door: &FrontDoor, request: Request) -> Response {
    if !is_read(request.method()) {
        return method_not_allowed();
    }
    let Some(key) = paths::key(request.uri().path()) else {
        return plain(StatusCode::BAD_REQUEST, "No photo has such a path.");
    };
    let bucket = match door.output("PublicBucket", |stack| stack.public_bucket.as_ref()) {
        Ok(bucket) => bucket,
        Err(words) => return not_ready(&words),
    };
    match object(door, request.method(), &bucket, &key, passed_on(request.headers())).await {
        Found::Answer(response) => response,
        Found::Nothing => plain(StatusCode::NOT_FOUND, "There is no such photo."),
    }
}

/// Answers with a page or file of the site.
pub(super) async fn page(door: &FrontDoor, request: Request) -> Response {
    if !is_read(request.method()) {
        return method_not_allowed();
    }
    let Some(mut key) = paths::key(request.uri().path()) else {
        return plain(StatusCode::BAD_REQUEST, "No page has such a path.");
    };
    if key.is_empty() || key.ends_with('/') {
        key.push_str("index.html");
    }
    let bucket = match door.output("SiteBucket", |stack| stack.site_bucket.as_ref()) {
        Ok(bucket) => bucket,
        Err(words) => return not_ready(&words),
    };
    let method = request.method();
    if let Found::Answer(response) =
        object(door, method, &bucket, &key, passed_on(request.headers())).await
    {
        return response;
    }
    match object(door, method, &bucket, NOT_FOUND_PAGE, HeaderMap::new()).await {
        Found::Answer(mut response) => {
            if response.status() == StatusCode::OK {
                *response.status_mut() = StatusCode::NOT_FOUND;
            }
            response
        }
        Found::Nothing => plain(StatusCode::NOT_FOUND, "There is no such page."),
    }
}

enum Found {
    Answer(Response),
    Nothing,
}

async fn object(
    door: &FrontDoor,
    method: &Method,
    bucket: &str,
    key: &str,
    headers: HeaderMap,
) -> Found {
    let answer = match door.s3.read(method.clone(), bucket, key, None, headers).await {
        Ok(answer) => answer,
        Err(S3Error::Key) => return Found::Nothing,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "S3 cannot be reached");
            let timed_out = matches!(&error, S3Error::Transport(cause) if cause.is_timeout());
            let status =
                if timed_out { StatusCode::GATEWAY_TIMEOUT } else { StatusCode::BAD_GATEWAY };
            return Found::Answer(plain(status, "The storage cannot be reached."));
        }
    };
    match answer.status() {
        StatusCode::OK
        | StatusCode::PARTIAL_CONTENT
        | StatusCode::NOT_MODIFIED
        | StatusCode::PRECONDITION_FAILED
        | StatusCode::RANGE_NOT_SATISFIABLE => Found::Answer(passed_back(answer)),
        StatusCode::NOT_FOUND => Found::Nothing,
        // Without leave to list, S3 says so of objects that are not there.
        StatusCode::FORBIDDEN => {
            tracing::info!(bucket, "S3 answered 403");
            Found::Nothing
        }
        status => {
            tracing::warn!(%status, bucket, "S3 failed");
            Found::Answer(plain(StatusCode::BAD_GATEWAY, "The storage failed."))
        }
    }
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let each = |name: &HeaderName| Some((name.clone(), headers.get(name)?.clone()));
    let mut headers = PASSED_ON.iter().filter_map(each).collect();
    compression::strengthen(&mut headers);
    headers
}

fn passed_back(answer: reqwest::Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    for name in &PASSED_BACK {
        if let Some(value) = answer.headers().get(name) {
            response.headers_mut().insert(name.clone(), value.clone());
        }
    }
    // The error documents of S3 are for programmers.
    if answer.status().is_client_error() {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_TYPE);
    } else {
        *response.body_mut() = Body::from_stream(answer.bytes_stream());
    }
    response
}
