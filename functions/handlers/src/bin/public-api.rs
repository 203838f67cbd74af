//! What needs no account: health, and the unsubscribe link of every follower
//! mail. GET shows a page and acts on nothing, since mail scanners follow
//! links; POST acts, without cookies or sign-in (RFC 8058).

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::Html,
    routing::get,
};
use seisiun_aws::table::Table;
use seisiun_functions::{http::HttpProblem, start, table};
use seisiun_workflows::{TaskError, ports::Unfollow};
use serde_json::{Value, json};

/// Characters of an unsubscribe token.
const TOKEN_CHARS_MAX: usize = 128;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await;
    let app = Arc::new(table(&config)?);
    let router = Router::new()
        .route("/api/health", get(health))
        .route("/api/unsubscribe/{token}", get(page).post(unsubscribe))
        .with_state(app);
    lambda_http::run(router).await
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn page() -> Html<&'static str> {
    Html(concat!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">",
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Unsubscribe</title>",
        "<main><h1>Stop these mails?</h1><form method=\"post\">",
        "<button>Unsubscribe</button></form></main></html>",
    ))
}

async fn unsubscribe(
    State(table): State<Arc<Table>>,
    Path(token): Path<String>,
) -> Result<(StatusCode, Html<&'static str>), HttpProblem> {
    let plausible =
        token.len() <= TOKEN_CHARS_MAX && token.bytes().all(|b| b.is_ascii_alphanumeric());
    if plausible {
        // Done already is done: a provider may post twice.
        table.unfollow(&token).await.map_err(TaskError::from)?;
    }
    Ok((
        StatusCode::OK,
        Html(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Unsubscribed</title><main><h1>Done. No more of these mails.</h1></main></html>",
        ),
    ))
}
