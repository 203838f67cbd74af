//! Stands between the functions and the engine in tests of failure, and counts.
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
//!
//! It counts, too, for the cost model: at `/_local/meter`, POST starts, GET tells
//! what has passed since ([`Passed`]), DELETE ends.

mod board;
mod call;
mod meter;

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use axum::{Json, Router};
use http::StatusCode;
use url::Url;

pub use board::{Action, Counts, Plan, PlanView, SeenCall};
pub use meter::{Passed, Signer};

use crate::front_door::drop_hop_by_hop;
use crate::serve::CloseConnection;
use board::{Board, Meeting};
use call::Call;
use meter::Meter;

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
    meter: Meter,
    signer: Signer,
}

/// The gateway's routes, for this engine. What it has to change, `signer` signs.
///
/// # Errors
/// When the HTTP client cannot be built.
pub fn router(engine: Url, signer: Signer) -> anyhow::Result<Router> {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(ANSWER_SECONDS))
        .build()?;
    let (board, meter) = (Board::default(), Meter::default());
    let gateway = Gateway { engine, http, board, meter, signer };
    Ok(Router::new()
        .route("/_local/ready", get(|| async { "ready\n" }))
        .route("/_local/plans", get(list).post(add).delete(end_all))
        .route("/_local/plans/{number}", delete(end_one))
        .route("/_local/meter", get(read_meter).post(start_meter).delete(end_meter))
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

async fn read_meter(State(gateway): State<Gateway>) -> Json<Vec<Passed>> {
    Json(gateway.meter.read())
}

async fn start_meter(State(gateway): State<Gateway>) -> StatusCode {
    gateway.meter.start();
    StatusCode::NO_CONTENT
}

async fn end_meter(State(gateway): State<Gateway>) -> StatusCode {
    gateway.meter.end();
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
    let mut headers = head.headers.clone();
    drop_hop_by_hop(&mut headers);
    let is_metered = gateway.meter.runs();
    let asked = if is_metered { Meter::asked(&call, body.clone()) } else { body.clone() };
    if asked != body {
        match gateway.signer.sign(&target, &headers, &asked) {
            Ok(signed) => headers = signed,
            Err(error) => {
                tracing::error!(%error, operation = call.operation, "it can't be signed anew");
                return CloseConnection::response();
            }
        }
    }
    let request = gateway.http.request(head.method.clone(), target).headers(headers).body(asked);
    let answer = request.send().await;
    match (meeting, answer) {
        (Meeting::Lose, _) => CloseConnection::response(),
        (Meeting::Hold(released), _) => {
            hold(released).await;
            CloseConnection::response()
        }
        (_, Ok(answer)) if is_metered => {
            let (mut passed_on, status) = (bare(&answer), answer.status());
            let Ok(bytes) = answer.bytes().await else { return CloseConnection::response() };
            gateway.meter.count(&call, &head, &body, status, &bytes);
            // Of unknown length, as the other: the answer to a HEAD tells the
            // length of a body that it does not have.
            let bytes = (!bytes.is_empty()).then_some(Ok::<_, Infallible>(bytes));
            *passed_on.body_mut() = Body::from_stream(futures::stream::iter(bytes));
            passed_on
        }
        (_, Ok(answer)) => {
            let mut passed_on = bare(&answer);
            *passed_on.body_mut() = Body::from_stream(answer.bytes_stream());
            passed_on
        }
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

/// The answer without its body.
fn bare(answer: &reqwest::Response) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    drop_hop_by_hop(response.headers_mut());
    response
}
