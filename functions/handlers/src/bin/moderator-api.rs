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
    routing::{get, post, put},
};
use seisiun_aws::{objects::Objects, table::Table, workflows::Workflows};
use seisiun_contracts::{
    api::{CaseView, Cases, Decide, Decided, Escalate, PageQuery, ProblemKind, Submitted},
    metric::Metric,
};
use seisiun_domain::{
    CaseId, MemberId, PhotoId, SubmissionId,
    case::{Case, Claim, Edits},
    withdrawal::GroundDraft,
};
use seisiun_functions::{
    http::{Body, HttpProblem, IdempotencyKey, Moderator, Params, serve, unknown},
    now, objects,
    pages::{Cursors, page},
    start,
    submitted::withdrawal,
    table, views, workflows,
};
use seisiun_lambda::metrics;
use seisiun_workflows::{
    TaskError, claim_case,
    decide_case::{Outcome, Request, decide_case},
    edit_case::edit_case,
    ports::{CountCases, ListCases, QueuePlace, Waiting},
    read_case::{read_case, read_held_photo},
    request_withdrawal::{self, Wish},
};

/// Cases in one answer.
const CASES_MAX: usize = 50;
/// What the queue's cursors belong to.
const QUEUE: &str = "cases";

struct App {
    table: Table,
    objects: Objects,
    workflows: Workflows,
    cursors: Cursors,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await?;
    let app = Arc::new(App {
        table: table(&config)?,
        objects: objects(&config),
        workflows: workflows(&config),
        cursors: Cursors::default(),
    });
    let router = Router::new()
        .route("/api/moderation/cases", get(cases))
        .route("/api/moderation/cases/{id}", get(case))
        .route("/api/moderation/cases/{id}/photos/{photo}", get(held_photo))
        .route("/api/moderation/cases/{id}/claim", put(claim).delete(release))
        .route("/api/moderation/cases/{id}/escalation", put(escalate))
        .route("/api/moderation/cases/{id}/edits", put(edit))
        .route("/api/moderation/cases/{id}/decision", post(decide))
        .route("/api/moderation/submissions/{id}/withdrawal", post(take_down))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app);
    serve(&config, router).await
}

async fn cases(
    _: Moderator,
    State(app): State<Arc<App>>,
    Params(wanted): Params<PageQuery>,
) -> Result<Json<Cases>, HttpProblem> {
    let table = &app.table;
    let after: Option<QueuePlace> = app.cursors.open(table, QUEUE, wanted.cursor.as_ref()).await?;
    let read = table.list_cases(after.as_ref(), CASES_MAX + 1).await.map_err(TaskError::from)?;
    let (cases, last) = page(read, CASES_MAX, |case| {
        // One that was decided meanwhile would not be here.
        case.waits_since().map(|since| QueuePlace { since, id: case.id })
    });
    let next = app.cursors.after(table, QUEUE, last.flatten().as_ref()).await?;
    let Waiting { cases: waiting, .. } = table.count_cases().await.map_err(TaskError::from)?;
    Ok(Json(Cases { cases, next, waiting }))
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

async fn claim(
    Moderator(moderator): Moderator,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Case>, HttpProblem> {
    handle(&app, &moderator, &id, claim_case::Wish::Claim).await
}

async fn release(
    Moderator(moderator): Moderator,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Case>, HttpProblem> {
    handle(&app, &moderator, &id, claim_case::Wish::Release).await
}

async fn escalate(
    Moderator(moderator): Moderator,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body<Escalate>,
) -> Result<Json<Case>, HttpProblem> {
    let wish = claim_case::Wish::Escalate { note: body.value.note };
    handle(&app, &moderator, &id, wish).await
}

async fn edit(
    Moderator(moderator): Moderator,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body<Edits>,
) -> Result<Json<Case>, HttpProblem> {
    let id: CaseId = id.parse().map_err(|_| HttpProblem::not_found())?;
    handled(edit_case(&app.table, now(), id, &moderator, &body.value).await?)
}

async fn handle(
    app: &App,
    moderator: &MemberId,
    id: &str,
    wish: claim_case::Wish,
) -> Result<Json<Case>, HttpProblem> {
    let id: CaseId = id.parse().map_err(|_| HttpProblem::not_found())?;
    handled(claim_case::claim_case(&app.table, now(), id, moderator, wish).await?)
}

fn handled(outcome: claim_case::Outcome) -> Result<Json<Case>, HttpProblem> {
    match outcome {
        claim_case::Outcome::Done(case) => Ok(Json(*case)),
        claim_case::Outcome::Claimed(claim) => Err(claimed(&claim)),
        claim_case::Outcome::Decided(_) => Err(decided()),
        claim_case::Outcome::OnlyDecide => {
            let why = "It was passed on before, or looked at for days: decide it.";
            Err(HttpProblem::new(ProblemKind::Conflict, why))
        }
        claim_case::Outcome::Refused(problems) => Err(HttpProblem::invalid(problems)),
        claim_case::Outcome::NoSuchCase => Err(HttpProblem::not_found()),
    }
}

fn claimed(claim: &Claim) -> HttpProblem {
    let why = format!("Unless they go on, it is free at {}.", claim.until);
    HttpProblem::new(ProblemKind::Claimed, why)
}

fn decided() -> HttpProblem {
    HttpProblem::new(ProblemKind::Decided, "Another decision was first and stands.")
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
    let Decide { measure, reason, note, version: seen } = body.value;
    let request = Request { case, measure, reason, note, seen, moderator, key };
    match decide_case(&app.table, &app.workflows, now(), request).await? {
        Outcome::Decided(decided) => {
            measure_decision(&decided);
            Ok(Json(Decided { case_id: case, measure }))
        }
        Outcome::Repeated(_) => Ok(Json(Decided { case_id: case, measure })),
        Outcome::Late(_) => Err(decided()),
        Outcome::Claimed(claim) => Err(claimed(&claim)),
        Outcome::Moved => {
            Err(HttpProblem::new(ProblemKind::CaseMoved, "Read the case again, then decide."))
        }
        Outcome::Refused(problems) => Err(HttpProblem::invalid(problems)),
        Outcome::NoSuchCase => Err(HttpProblem::not_found()),
        Outcome::KeyReused => Err(HttpProblem::key_reused()),
    }
}

/// How long the decision in force took, and what it made of the first one.
fn measure_decision(case: &Case) {
    let Some(ruling) = case.ruling() else { return };
    let since = case.appeal.as_ref().map_or(case.opened_at, |appeal| appeal.appealed_at);
    let took = ruling.decided_at.duration_since(since).as_secs_f64();
    metrics::measure(Metric::TimeToDecision, took.max(0.0));
    if let (Some(first), Some(_)) = (&case.decision, &case.appeal) {
        let reason = serde_json::json!(first.reason);
        let reason = reason.as_str().unwrap_or_default().to_owned();
        metrics::count_of(Metric::AppealsDecided, reason.clone());
        if ruling.measure != first.measure {
            metrics::count_of(Metric::AppealsOverturned, reason);
        }
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
