//! The members' part of the HTTP API.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post, put},
};
use seisiun_aws::{objects::Objects, table::Table, users::Users, workflows::Workflows};
use seisiun_contracts::api::{
    Me, ProblemKind, PutFollow, RequestUpload, SubmissionView, SubmitReview, SubmitSession,
    Submitted, Upload,
};
use seisiun_domain::{
    PhotoId, Problems, SubmissionId, limits,
    member::{Member, ProfileDraft},
    submission::{Body as Content, WorkState},
};
use seisiun_functions::{
    http::{Bearer, Body, HttpProblem, IdempotencyKey, fingerprint, submitted, unknown},
    now, objects, start, table, users, views, workflows,
};
use seisiun_workflows::{
    TaskError,
    claim_member::claim_member,
    follow_target::{Wanted, follow_target},
    ports::{self, LoadSubmission, LoadWork, SaveMember, SignUpload},
    submit::{self, submit},
};
use ulid::Ulid;

struct App {
    table: Table,
    objects: Objects,
    workflows: Workflows,
    users: Users,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await;
    let app = Arc::new(App {
        table: table(&config)?,
        objects: objects(&config),
        workflows: workflows(&config),
        users: users(&config),
    });
    let router = Router::new()
        .route("/api/me", get(me).put(put_me))
        .route("/api/photos", post(request_upload))
        .route("/api/sessions", post(submit_session))
        .route("/api/reviews", post(submit_review))
        .route("/api/submissions/{id}", get(submission))
        .route("/api/follows", put(put_follow))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app);
    lambda_http::run(router).await
}

/// The member behind the token; created on the first request.
async fn member(app: &App, bearer: &Bearer) -> Result<Member, HttpProblem> {
    let id = bearer.member_id.clone();
    let member = claim_member(&app.table, &app.users, id, &bearer.token).await?;
    let why = "Enter the code that we mailed you, then sign in again.";
    member.ok_or_else(|| HttpProblem::new(ProblemKind::Unverified, why))
}

async fn me(bearer: Bearer, State(app): State<Arc<App>>) -> Result<Json<Me>, HttpProblem> {
    let member = member(&app, &bearer).await?;
    Ok(Json(views::me(member)))
}

async fn put_me(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    body: Body<ProfileDraft>,
) -> Result<Json<Me>, HttpProblem> {
    let profile = body.value.validate().map_err(HttpProblem::invalid)?;
    let member = member(&app, &bearer).await?.with(profile);
    if app.table.save_member(&member).await.map_err(TaskError::from)? {
        Ok(Json(views::me(member)))
    } else {
        Err(HttpProblem::new(ProblemKind::Unauthorised, "This account was erased."))
    }
}

async fn request_upload(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    body: Body<RequestUpload>,
) -> Result<Json<Upload>, HttpProblem> {
    let content_type = match body.value.content_type.as_str() {
        "image/jpeg" => "image/jpeg",
        "image/png" => "image/png",
        _ => {
            let why = "must be image/jpeg or image/png";
            return Err(HttpProblem::invalid(Problems::one("content_type", "unsupported", why)));
        }
    };
    let photo_id = PhotoId::new(Ulid::generate());
    let form = app
        .objects
        .sign_upload(&bearer.member_id, photo_id, content_type, limits::PHOTO_BYTES_MAX, now())
        .await
        .map_err(TaskError::from)?;
    Ok(Json(Upload {
        photo_id,
        url: form.url,
        fields: form.fields,
        expires_at: form.expires_at.to_string(),
        bytes_max: limits::PHOTO_BYTES_MAX,
    }))
}

async fn submit_session(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    body: Body<SubmitSession>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let fingerprint = fingerprint("session", &body.bytes);
    let SubmitSession { session, photos } = body.value;
    accept(&app, &bearer, key, fingerprint, Content::Session(session), photos).await
}

async fn submit_review(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    body: Body<SubmitReview>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let fingerprint = fingerprint("review", &body.bytes);
    let SubmitReview { review, photos } = body.value;
    accept(&app, &bearer, key, fingerprint, Content::Review(review), photos).await
}

async fn accept(
    app: &App,
    bearer: &Bearer,
    key: IdempotencyKey,
    fingerprint: String,
    body: Content,
    photos: Vec<PhotoId>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let member = member(app, bearer).await?;
    let key = ports::IdempotencyKey { key: key.0, fingerprint };
    let request = submit::Request { member_id: member.id, body, photos, key };
    let id = SubmissionId::new(Ulid::generate());
    submitted(submit(&app.table, &app.objects, &app.workflows, now(), id, request).await?)
}

async fn submission(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<SubmissionView>, HttpProblem> {
    let id: SubmissionId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let found = app.table.load_submission(id).await.map_err(TaskError::from)?;
    // Another member's submission is as absent as one that never was.
    let submission =
        found.filter(|s| s.member_id == bearer.member_id).ok_or_else(HttpProblem::not_found)?;
    let work =
        app.table.load_work(submission.body.workflow(), id).await.map_err(TaskError::from)?;
    let delayed = work.is_some_and(|work| matches!(work.state, WorkState::Failed { .. }));
    Ok(Json(SubmissionView {
        submission_id: id,
        accepted_at: submission.accepted_at.to_string(),
        status: submission.status,
        delayed,
    }))
}

async fn put_follow(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    body: Body<PutFollow>,
) -> Result<StatusCode, HttpProblem> {
    let wanted = match (body.value.target, body.value.circle) {
        (Some(target), None) => Wanted::Target(target),
        (None, Some(circle)) => Wanted::Circle(circle),
        _ => {
            let why = "give either a target or a circle";
            return Err(HttpProblem::invalid(Problems::one("target", "ambiguous", why)));
        }
    };
    let member = member(&app, &bearer).await?;
    // 80 random bits twice over: unguessable.
    let token = format!("{}{}", Ulid::generate(), Ulid::generate()).to_lowercase();
    match follow_target(&app.table, &member, wanted, &token).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(problems) => Err(HttpProblem::invalid(problems)),
    }
}
