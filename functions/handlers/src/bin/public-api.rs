//! What needs no account: finding and reading sessions, health, notices, follows
//! by address, and what links of mails do: the unsubscribe link of every follower
//! mail, that of a decision to appeal it, and that of a question to answer it. Their
//! GET shows a page and acts on nothing, since mail scanners follow links; POST acts,
//! without cookies or sign-in (RFC 8058).

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use seisiun_aws::table::Table;
use seisiun_contracts::api::{
    BODY_BYTES_MAX, Duplicates, FindDuplicates, FindSessions, PageQuery, openapi,
};
use seisiun_domain::{MemberId, Problems, SessionId, geo::Position, limits, text};
use seisiun_functions::{
    appeal_link::{Appeals, get_appeal, post_appeal},
    asked::search_of,
    docs,
    http::{Cached, HttpProblem, Params, serve, unknown},
    inquiry_link::{Inquiries, get_inquiry, post_inquiry},
    named::{Named, by_slug},
    now,
    pages::{Cursors, page},
    start, table,
    unsubscribe_link::{Unsubscribing, get_unsubscribe, post_unsubscribe},
    views,
    visitors::{self, Visitors},
};
use seisiun_workflows::{
    TaskError,
    find_duplicates::find_duplicates,
    find_sessions::find_sessions,
    ports::ListReviews,
    site_page::{SessionContent, load_session_content},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Seconds that an answer may be kept: what is on changes by the minute.
const FOUND_SECONDS: u32 = 60;
/// Seconds that the API's documents may be kept.
const DOCS_SECONDS: u32 = 300;
/// The page in words needs its own styles and nothing else.
const DOCS_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
/// Seconds that a session may be kept.
const SESSION_SECONDS: u32 = 60;

struct App {
    table: Table,
    cursors: Cursors,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await?;
    let app = Arc::new(App { table: table(&config)?, cursors: Cursors::default() });
    let visitors = Router::new()
        .route("/api/notices", post(visitors::post_notice))
        .route("/api/follow-requests", post(visitors::post_follow_request))
        .route("/api/confirm/{token}", get(visitors::get_confirm).post(visitors::post_confirm))
        .with_state(Arc::new(Visitors::new(&config)?));
    let appeals = Router::new()
        .route("/api/appeals/{token}", get(get_appeal).post(post_appeal))
        .with_state(Arc::new(Appeals::new(&config)?));
    let inquiries = Router::new()
        .route("/api/still-on/{token}", get(get_inquiry).post(post_inquiry))
        .with_state(Arc::new(Inquiries::new(&config)?));
    let unsubscribing = Unsubscribing { table: table(&config)? };
    let stops = Router::new()
        .route("/api/unsubscribe/{token}", get(get_unsubscribe).post(post_unsubscribe))
        .with_state(Arc::new(unsubscribing));
    let forms = appeals.merge(inquiries).merge(stops).layer(DefaultBodyLimit::max(BODY_BYTES_MAX));
    let router = Router::new()
        .route("/api/health", get(health))
        .route("/api/openapi.json", get(openapi))
        .route("/api/docs", get(docs))
        .route("/api/sessions", get(find))
        .route("/api/sessions/{slug}", get(session))
        .route("/api/sessions/{slug}/reviews", get(reviews))
        .route("/api/duplicates", get(duplicates))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app)
        .merge(visitors)
        .merge(forms);
    serve(&config, router).await
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

async fn openapi(headers: HeaderMap) -> Cached {
    Cached::bytes(openapi::text().into_bytes(), "application/json", DOCS_SECONDS, &headers)
}

async fn docs(headers: HeaderMap) -> Result<impl IntoResponse, HttpProblem> {
    let page = docs::page().map_err(|error| TaskError::Invariant(format!("the page: {error}")))?;
    let page = Cached::bytes(page.into_bytes(), "text/html; charset=utf-8", DOCS_SECONDS, &headers);
    Ok(([(header::CONTENT_SECURITY_POLICY, DOCS_POLICY)], page))
}

async fn find(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Params(mut wanted): Params<FindSessions>,
) -> Result<Cached, HttpProblem> {
    let cursor = wanted.cursor.take();
    let scope = search_scope(&wanted)?;
    let (place, query) = search_of(wanted).map_err(HttpProblem::invalid)?;
    let after = app.cursors.open(&app.table, &scope, cursor.as_ref()).await?;
    let most = limits::SEARCH_HITS_MAX;
    let found = find_sessions(&app.table, &place, &query, now(), after.as_ref(), most).await?;
    let next = app.cursors.after(&app.table, &scope, found.last.as_ref()).await?;
    Cached::json(&views::found(found, next), FOUND_SECONDS, &headers)
}

/// What a cursor of this search belongs to: the whole question.
fn search_scope(wanted: &FindSessions) -> Result<String, TaskError> {
    let question = serde_json::to_vec(wanted)
        .map_err(|error| TaskError::Invariant(format!("a question: {error}")))?;
    Ok(format!("search:{}", hex::encode(Sha256::digest(question))))
}

async fn session(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(slug): Path<String>,
) -> Result<Response, HttpProblem> {
    let table = &app.table;
    let session = match by_slug(table, &slug).await? {
        Named::Session(session) => *session,
        Named::Merged(into) => {
            let at = format!("/api/sessions/{}", into.as_str());
            return Ok(Redirect::permanent(&at).into_response());
        }
        Named::Gone => return Err(HttpProblem::gone()),
        Named::Nothing => return Err(HttpProblem::not_found()),
    };
    let id = session.id;
    let content = load_session_content(table, session).await?;
    let SessionContent { session, rating, photos, reviews, .. } = content;
    let (reviews, last) = page(reviews, limits::REVIEWS_PER_PAGE, |r| r.member_id.clone());
    let next_reviews = app.cursors.after(table, &reviews_scope(id), last.as_ref()).await?;
    let page = views::Page { session, rating, photos, reviews, next_reviews };
    let answer = Cached::json(&views::session(page, now()), SESSION_SECONDS, &headers)?;
    Ok(answer.into_response())
}

/// What a cursor of a session's reviews belongs to.
fn reviews_scope(session: SessionId) -> String {
    format!("reviews:{session}")
}

async fn reviews(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(slug): Path<String>,
    Params(wanted): Params<PageQuery>,
) -> Result<Cached, HttpProblem> {
    let id = by_slug(&app.table, &slug).await?.listed()?.id;
    let scope = reviews_scope(id);
    let after: Option<MemberId> =
        app.cursors.open(&app.table, &scope, wanted.cursor.as_ref()).await?;
    let most = limits::REVIEWS_PER_PAGE;
    let read = app.table.list_reviews(id, after.as_ref(), most + 1);
    let (reviews, last) = page(read.await.map_err(TaskError::from)?, most, |r| r.member_id.clone());
    let next = app.cursors.after(&app.table, &scope, last.as_ref()).await?;
    Cached::json(&views::reviews(reviews, next), SESSION_SECONDS, &headers)
}

async fn duplicates(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Params(wanted): Params<FindDuplicates>,
) -> Result<Cached, HttpProblem> {
    let (title, position) = named_place(wanted).map_err(HttpProblem::invalid)?;
    let sessions = find_duplicates(&app.table, &title, position).await?;
    Cached::json(&Duplicates { sessions }, FOUND_SECONDS, &headers)
}

/// A title and a position as a submitted session would have them.
fn named_place(wanted: FindDuplicates) -> Result<(String, Position), Problems> {
    let mut problems = Problems::default();
    let position = Position { lat: wanted.lat, lon: wanted.lon };
    position.check("position", &mut problems);
    let title = text::line(&wanted.title, "title", limits::NAME_CHARS_MAX, &mut problems);
    problems.or(Some((title, position.rounded())))
}
