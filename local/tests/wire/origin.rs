//! What stands behind the server under test: a plain HTTP server that has the
//! objects it was given, echoes API calls and remembers every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

/// A request that reached the origin.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path_and_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

#[derive(Debug, Clone, Default)]
struct Shared {
    answers: Arc<Mutex<HashMap<String, Answer>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

#[derive(Debug, Clone)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Sent in chunks, without a length.
    chunked: bool,
}

pub(crate) struct Origin {
    url: Url,
    shared: Shared,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Origin {
    pub(crate) async fn start() -> Self {
        let shared = Shared::default();
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, server }
    }

    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// Answers a path (as it is sent) with these bytes.
    pub(crate) fn put(&self, path: &str, content_type: &str, body: impl Into<Vec<u8>>) {
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("etag", "\"the-etag\"".to_owned()),
            ("cache-control", "max-age=60".to_owned()),
            ("x-amz-request-id", "inside".to_owned()),
        ];
        self.answer(path, Answer { status: 200, headers, body: body.into(), chunked: false });
    }

    /// Answers a path with a status and nothing else.
    pub(crate) fn put_status(&self, path: &str, status: u16) {
        let body = format!("{status} of the storage").into_bytes();
        self.answer(path, Answer { status, headers: Vec::new(), body, chunked: false });
    }

    /// Answers a path in chunks, without saying how long the body is.
    pub(crate) fn put_chunked(&self, path: &str, body: Vec<u8>) {
        self.answer(path, Answer { status: 200, headers: Vec::new(), body, chunked: true });
    }

    /// Answers a path with a status and headers.
    pub(crate) fn put_answer(
        &self,
        path: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.answer(path, Answer { status, headers, body: body.into(), chunked: false });
    }

    fn answer(&self, path: &str, answer: Answer) {
        self.shared.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// Every request since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

async fn answer(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    // A body that ends early is kept as empty: the client gave up.
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    let path_and_query = head.uri.path_and_query().unwrap().to_string();
    shared.seen.lock().unwrap().push(Seen {
        method: head.method.to_string(),
        path_and_query,
        headers: head.headers.clone(),
        body,
    });
    let Some(answer) = shared.answers.lock().unwrap().get(head.uri.path()).cloned() else {
        return (StatusCode::NOT_FOUND, "<Code>NoSuchKey</Code>").into_response();
    };
    if head.headers.get(header::IF_NONE_MATCH) == Some(&HeaderValue::from_static("\"the-etag\"")) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, "\"the-etag\"")]).into_response();
    }
    let mut response = if answer.chunked {
        let chunks: Vec<_> = answer
            .body
            .chunks(64 * 1024)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect();
        Response::new(Body::from_stream(futures::stream::iter(chunks)))
    } else {
        Response::new(Body::from(answer.body))
    };
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    for (name, value) in answer.headers {
        response.headers_mut().append(name, HeaderValue::from_str(&value).unwrap());
    }
    response
}
