//! What needs no account: finding and reading sessions, health, notices, follows
//! by address, and the unsubscribe link of every follower mail. Its GET shows a
//! page and acts on nothing, since mail scanners follow links; POST acts, without
//! cookies or sign-in (RFC 8058).

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use seisiun_aws::table::Table;
use seisiun_contracts::api::{Duplicates, FindDuplicates, FindSessions, PageQuery, openapi};
use seisiun_domain::{
    MemberId, Problems, SessionId,
    card::List,
    geo::{Circle, Position},
    limits,
    search::{self, Query},
    text,
};
use seisiun_functions::{
    docs,
    http::{Cached, HttpProblem, Params, serve, unknown},
    link_page::LinkPage,
    named::{Named, by_slug},
    now,
    pages::{Cursors, page},
    start, table, views,
    visitors::{self, Visitors},
};
use seisiun_workflows::{
    TaskError,
    find_duplicates::find_duplicates,
    find_sessions::{Place, find_sessions},
    ports::{ListReviews, Unfollow},
    site_page::{SessionContent, load_session_content},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Characters of an unsubscribe token.
const TOKEN_CHARS_MAX: usize = 128;
/// Kilometres around a point that are searched if the client does not say.
const RADIUS_KM_DEFAULT: f64 = 20.0;
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
    let router = Router::new()
        .route("/api/health", get(health))
        .route("/api/openapi.json", get(openapi))
        .route("/api/docs", get(docs))
        .route("/api/sessions", get(find))
        .route("/api/sessions/{slug}", get(session))
        .route("/api/sessions/{slug}/reviews", get(reviews))
        .route("/api/duplicates", get(duplicates))
        .route("/api/unsubscribe/{token}", get(unsubscribe_page).post(unsubscribe))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app)
        .merge(visitors);
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

/// What the parameters ask for.
fn search_of(wanted: FindSessions) -> Result<(Place, Query), Problems> {
    let mut problems = Problems::default();
    let p = &mut problems;
    let place = match (wanted.lat, wanted.lon, &wanted.country, &wanted.county) {
        (Some(lat), Some(lon), None, None) => {
            let radius_km = wanted.radius_km.unwrap_or(RADIUS_KM_DEFAULT);
            let circle = Circle { centre: Position { lat, lon }, radius_km };
            search::check_circle(&circle, p);
            Some(Place::Near(circle))
        }
        (None, None, Some(country), Some(county)) => {
            if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_alphabetic()) {
                p.add("country", "invalid_country", "must be a two-letter country code such as IE");
            }
            let county = text::line(county, "county", limits::LINE_CHARS_MAX, p);
            if wanted.radius_km.is_some() {
                p.add("radius_km", "ambiguous", "goes with lat and lon, not with a county");
            }
            Some(Place::County(List::county(country, &county)))
        }
        _ => {
            p.add("lat", "ambiguous", "give either lat and lon, or country and county");
            None
        }
    };
    let town = wanted.town.map(|town| text::line(&town, "town", limits::LINE_CHARS_MAX, p));
    let words = wanted.q.map(|words| search::check_text(&words, p));
    let complete = place.map(|place| {
        let query = Query {
            near: None,
            town,
            text: words,
            when: wanted.when.map(views::when),
            format: wanted.format,
            freshness: wanted.freshness,
        };
        (place, query)
    });
    problems.or(complete)
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
    let SessionContent { session, rating, photos, reviews } = content;
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

/// Whether this may be a token of ours.
fn check_token(token: &str) -> Result<(), HttpProblem> {
    let plausible = (1..=TOKEN_CHARS_MAX).contains(&token.len())
        && token.bytes().all(|b| b.is_ascii_alphanumeric());
    if plausible { Ok(()) } else { Err(HttpProblem::not_found()) }
}

async fn unsubscribe_page(Path(token): Path<String>) -> Result<Response, HttpProblem> {
    check_token(&token)?;
    let page = LinkPage { title: "Stop these mails?", text: "", button: Some("Yes, stop them") };
    page.answer(StatusCode::OK)
}

async fn unsubscribe(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
) -> Result<Response, HttpProblem> {
    check_token(&token)?;
    // Done already is done: a provider may post twice.
    app.table.unfollow(&token).await.map_err(TaskError::from)?;
    LinkPage { title: "Done. No more of these mails.", text: "", button: None }
        .answer(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(query: &str) -> Vec<String> {
        let uri = format!("/api/sessions?{query}").parse().unwrap();
        let wanted = axum::extract::Query::try_from_uri(&uri).unwrap().0;
        let problems = search_of(wanted).err().unwrap_or_default().0;
        problems.into_iter().map(|problem| format!("{}:{}", problem.field, problem.code)).collect()
    }

    #[test]
    fn a_search_names_one_place_within_its_limits() {
        for (query, problems) in [
            ("lat=53.3&lon=-6.2", &[][..]),
            ("lat=53.3&lon=-6.2&radius_km=80&when=tonight&format=slow", &[]),
            ("country=ie&county=Co.%20Clare&town=Ennis&q=slow", &[]),
            ("", &["lat:ambiguous"]),
            ("lat=53.3", &["lat:ambiguous"]),
            ("lat=1&lon=1&country=IE&county=Clare", &["lat:ambiguous"]),
            ("lat=91&lon=-181", &["near.lat:out_of_range", "near.lon:out_of_range"]),
            ("lat=NaN&lon=0", &["near.lat:out_of_range"]),
            ("lat=1&lon=1&radius_km=81", &["radius_km:out_of_range"]),
            ("lat=1&lon=1&radius_km=inf", &["radius_km:out_of_range"]),
            ("country=IRL&county=Clare", &["country:invalid_country"]),
            ("country=IE&county=%20", &["county:missing"]),
            ("country=IE&county=Clare&radius_km=3", &["radius_km:ambiguous"]),
            ("lat=1&lon=1&q=%E2%80%A6", &["q:no_words"]),
        ] {
            assert_eq!(codes(query), problems, "{query}");
        }
    }
}
