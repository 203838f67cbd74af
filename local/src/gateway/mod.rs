//! Stands between the functions and the engine in tests of failure.
//!
//! Everything is passed on, both ways. A [`Plan`] picks one request of one
//! submission and has its answer lost after the engine did the work, or holds
//! the function there, in mid-task, until it is released: so that "after each
//! effect" and "in mid-state" are places that a test can name, not a matter of
//! luck.
//!
//! Plans are set over HTTP at `/_local/plans`: POST adds one and answers its
//! number, GET lists them with what they have seen, DELETE ends them all, or
//! one at `/_local/plans/<number>`, and lets go of what they hold.

mod board;
mod call;

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use http::StatusCode;
use url::Url;

pub use board::{Action, Counts, Plan, PlanView, SeenCall};

use crate::front_door::drop_hop_by_hop;
use crate::serve::CloseConnection;
use board::{Board, Meeting};
use call::Call;

/// Largest body passed on: a photo of the largest size, with room.
const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Longest answer waited for: longer than any call of a function takes.
const ANSWER_SECONDS: u64 = 60;

/// A request is held at most so long, in case nobody releases it.
const HOLD_SECONDS_MAX: u64 = 120;

#[derive(Debug, Clone)]
struct Gateway {
    engine: Url,
    http: reqwest::Client,
    board: Board,
}

/// The gateway's routes, for this engine.
///
/// # Errors
/// When the HTTP client cannot be built.
pub fn router(engine: Url) -> anyhow::Result<Router> {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(ANSWER_SECONDS))
        .build()?;
    let gateway = Gateway { engine, http, board: Board::default() };
    Ok(Router::new()
        .route("/_local/ready", get(|| async { "ready\n" }))
        .route("/_local/plans", get(list).post(add).delete(end_all))
        .route("/_local/plans/{number}", delete(end_one))
        .fallback(pass)
        .with_state(gateway))
}

async fn list(State(gateway): State<Gateway>) -> Json<Vec<PlanView>> {
    Json(gateway.board.list())
}

async fn add(State(gateway): State<Gateway>, Json(plan): Json<Plan>) -> Response {
    match gateway.board.add(plan) {
        Ok(number) => (StatusCode::CREATED, Json(number)).into_response(),
        Err(refused) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(serde_json::json!({ "message": refused.to_string() })),
        )
            .into_response(),
    }
}

async fn end_all(State(gateway): State<Gateway>) -> StatusCode {
    gateway.board.end(None);
    StatusCode::NO_CONTENT
}

async fn end_one(State(gateway): State<Gateway>, Path(number): Path<u64>) -> StatusCode {
    gateway.board.end(Some(number));
    StatusCode::NO_CONTENT
}

async fn pass(State(gateway): State<Gateway>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let call = Call::read(&head, &body);
    let meeting = gateway.board.meet(&call);
    if let Meeting::Refuse = meeting {
        return CloseConnection::response();
    }
    if let Meeting::HoldBack(released) = meeting {
        hold(released).await;
        return CloseConnection::response();
    }
    let mut target = gateway.engine.clone();
    target.set_path(head.uri.path());
    target.set_query(head.uri.query());
    let mut headers = head.headers;
    drop_hop_by_hop(&mut headers);
    let answer = gateway.http.request(head.method, target).headers(headers).body(body).send().await;
    match (meeting, answer) {
        (Meeting::Lose, _) => CloseConnection::response(),
        (Meeting::Hold(released), _) => {
            hold(released).await;
            CloseConnection::response()
        }
        (_, Ok(answer)) => response(answer),
        (_, Err(error)) => {
            // As the engine itself would: it is away, or being restarted.
            tracing::debug!(%error, operation = call.operation, "the engine did not answer");
            CloseConnection::response()
        }
    }
}

async fn hold(mut released: tokio::sync::watch::Receiver<bool>) {
    let wait = released.wait_for(|released| *released);
    if tokio::time::timeout(Duration::from_secs(HOLD_SECONDS_MAX), wait).await.is_err() {
        tracing::warn!("a request was held for {HOLD_SECONDS_MAX} s and is let go");
    }
}

fn response(answer: reqwest::Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    drop_hop_by_hop(response.headers_mut());
    *response.body_mut() = Body::from_stream(answer.bytes_stream());
    response
}
