//! The moderators' part of the HTTP API.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
    routing::{get, post},
};
use seisiun_aws::{objects::Objects, table::Table, workflows::Workflows};
use seisiun_contracts::{
    api::{CaseView, Cases, Decide, Decided, ProblemKind, Submitted},
    metric::Metric,
};
use seisiun_domain::{CaseId, PhotoId, SubmissionId, withdrawal::GroundDraft};
use seisiun_functions::{
    http::{Body, HttpProblem, IdempotencyKey, Moderator, serve, unknown},
    now, objects, seconds_since, start,
    submitted::withdrawal,
    table, views, workflows,
};
use seisiun_lambda::metrics;
use seisiun_workflows::{
    TaskError,
    decide_case::{Outcome, Request, decide_case},
    ports::ListCases,
    read_case::{read_case, read_held_photo},
    request_withdrawal::{self, Wish},
};

/// Cases in one answer.
const CASES_MAX: usize = 50;

struct App {
    table: Table,
    objects: Objects,
    workflows: Workflows,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await?;
    let app = Arc::new(App {
        table: table(&config)?,
        objects: objects(&config),
        workflows: workflows(&config),
    });
    let router = Router::new()
        .route("/api/moderation/cases", get(cases))
        .route("/api/moderation/cases/{id}", get(case))
        .route("/api/moderation/cases/{id}/photos/{photo}", get(held_photo))
        .route("/api/moderation/cases/{id}/decision", post(decide))
        .route("/api/moderation/submissions/{id}/withdrawal", post(take_down))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app);
    serve(&config, router).await
}

async fn cases(_: Moderator, State(app): State<Arc<App>>) -> Result<Json<Cases>, HttpProblem> {
    let cases = app.table.list_cases(CASES_MAX).await.map_err(TaskError::from)?;
    Ok(Json(Cases { cases }))
}

async fn case(
    _: Moderator,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<CaseView>, HttpProblem> {
    let id: CaseId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let shown = read_case(&app.table, id).await?;
    shown.and_then(views::case).map(Json).ok_or_else(HttpProblem::not_found)
}

async fn held_photo(
    _: Moderator,
    State(app): State<Arc<App>>,
    Path((id, photo)): Path<(String, String)>,
) -> Result<impl IntoResponse, HttpProblem> {
    let id: CaseId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let photo: PhotoId = photo.parse().map_err(|_| HttpProblem::not_found())?;
    let bytes = read_held_photo(&app.table, &app.objects, id, photo).await?;
    let bytes = bytes.ok_or_else(HttpProblem::not_found)?;
    // Nobody has approved it: nothing on the way may keep it.
    Ok(([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, "no-store")], bytes))
}

async fn decide(
    Moderator(moderator): Moderator,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body<Decide>,
) -> Result<Json<Decided>, HttpProblem> {
    let case: CaseId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let key = key.for_request(&format!("decision {case}"), &body.bytes);
    let Decide { measure, reason, note } = body.value;
    let request = Request { case, measure, reason, note, moderator, key };
    match decide_case(&app.table, &app.workflows, now(), request).await? {
        Outcome::Decided(decision) => {
            metrics::measure(Metric::TimeToDecision, seconds_since(case.ulid()));
            Ok(Json(Decided { case_id: case, measure: decision.measure }))
        }
        Outcome::Late(_) => {
            Err(HttpProblem::new(ProblemKind::Decided, "Another decision was first and stands."))
        }
        Outcome::Refused(problems) => Err(HttpProblem::invalid(problems)),
        Outcome::NoSuchCase => Err(HttpProblem::not_found()),
        Outcome::KeyReused => Err(HttpProblem::key_reused()),
    }
}

async fn take_down(
    Moderator(asker): Moderator,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body<GroundDraft>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let target: SubmissionId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let key = key.for_request(&format!("take down {target}"), &body.bytes);
    let wish = Wish::Moderator(body.value);
    let request = request_withdrawal::Request { asker, target, wish, key };
    withdrawal(&app.table, &app.objects, &app.workflows, request).await
}
