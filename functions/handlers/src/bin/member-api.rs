//! The members' part of the HTTP API.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{delete, get, post},
};
use seisiun_aws::{objects::Objects, table::Table, users::Users, workflows::Workflows};
use seisiun_contracts::api::{
    Follows, Me, OwnSubmissions, PageQuery, ProblemKind, PutFollow, RequestUpload, SubmissionView,
    SubmitReview, SubmitSession, Submitted, Upload, WatchSubmission,
};
use seisiun_domain::{
    PhotoId, Problems, SubmissionId,
    follow::FollowId,
    limits,
    member::{Member, ProfileDraft},
    submission::Body as Content,
};
use seisiun_functions::{
    http::{Bearer, Body, HttpProblem, IdempotencyKey, Params, unknown},
    now, objects,
    pages::Cursors,
    start, table, users, views, workflows,
};
use seisiun_workflows::{
    TaskError,
    claim_member::claim_member,
    follow_target::{Wanted, end_follow, follow_target},
    ports::{self, ListFollowings, SaveMember},
    read_submissions::{list_own, watch_submission},
    request_upload::{Requested, request_upload},
    submit::{self, submit},
};
use ulid::Ulid;

struct App {
    table: Table,
    objects: Objects,
    workflows: Workflows,
    users: Users,
    cursors: Cursors,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await;
    let app = Arc::new(App {
        table: table(&config)?,
        objects: objects(&config),
        workflows: workflows(&config),
        users: users(&config),
        cursors: Cursors::default(),
    });
    let router = Router::new()
        .route("/api/me", get(me).put(put_me))
        .route("/api/photos", post(upload))
        .route("/api/sessions", post(submit_session))
        .route("/api/reviews", post(submit_review))
        .route("/api/submissions", get(submissions))
        .route("/api/submissions/{id}", get(submission))
        .route("/api/follows", get(follows).put(put_follow))
        .route("/api/follows/{id}", delete(delete_follow))
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

async fn upload(
    bearer: Bearer,
    key: IdempotencyKey,
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
    let key = key.for_request("photo", &body.bytes);
    let (member, photo) = (&bearer.member_id, PhotoId::new(Ulid::generate()));
    let (table, objects) = (&app.table, &app.objects);
    match request_upload(table, objects, now(), member, photo, content_type, &key).await? {
        Requested::Form(photo_id, form) => Ok(Json(Upload {
            photo_id,
            url: form.url,
            fields: form.fields,
            expires_at: form.expires_at.to_string(),
            bytes_max: limits::PHOTO_BYTES_MAX,
        })),
        Requested::KeyReused => Err(HttpProblem::key_reused()),
    }
}

async fn submit_session(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    body: Body<SubmitSession>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request("session", &body.bytes);
    let SubmitSession { session, photos } = body.value;
    accept(&app, &bearer, key, Content::Session(session), photos).await
}

async fn submit_review(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    body: Body<SubmitReview>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request("review", &body.bytes);
    let SubmitReview { review, photos } = body.value;
    accept(&app, &bearer, key, Content::Review(review), photos).await
}

async fn accept(
    app: &App,
    bearer: &Bearer,
    key: ports::IdempotencyKey,
    body: Content,
    photos: Vec<PhotoId>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let member = member(app, bearer).await?;
    let request = submit::Request { member_id: member.id, body, photos, key };
    let id = SubmissionId::new(Ulid::generate());
    match submit(&app.table, &app.objects, &app.workflows, now(), id, request).await? {
        submit::Submitted::Accepted(submission_id) => {
            Ok((StatusCode::ACCEPTED, Json(Submitted { submission_id, replayed: false })))
        }
        submit::Submitted::Replayed(submission_id) => {
            Ok((StatusCode::OK, Json(Submitted { submission_id, replayed: true })))
        }
        submit::Submitted::KeyReused => Err(HttpProblem::key_reused()),
        submit::Submitted::Refused(problems) => Err(HttpProblem::invalid(problems)),
    }
}

async fn submission(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Params(wanted): Params<WatchSubmission>,
) -> Result<Json<SubmissionView>, HttpProblem> {
    let id: SubmissionId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let looks = looks(wanted.wait_seconds).map_err(HttpProblem::invalid)?;
    let pause = || tokio::time::sleep(Duration::from_millis(limits::STATE_POLL_MS));
    let (table, member) = (&app.table, &bearer.member_id);
    let seen = watch_submission(table, member, id, wanted.unless, looks, pause).await?;
    seen.map(|seen| Json(views::submission(seen))).ok_or_else(HttpProblem::not_found)
}

/// How often to look at a submission within this time.
fn looks(wait_seconds: Option<u8>) -> Result<u64, Problems> {
    let most = limits::STATE_WAIT_SECONDS_MAX;
    match wait_seconds {
        None => Ok(1),
        Some(seconds) if (1..=most).contains(&seconds) => {
            Ok(1 + u64::from(seconds) * 1_000 / limits::STATE_POLL_MS)
        }
        Some(_) => {
            let why = format!("must be between 1 and {most}");
            Err(Problems::one("wait_seconds", "out_of_range", why))
        }
    }
}

async fn submissions(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Params(wanted): Params<PageQuery>,
) -> Result<Json<OwnSubmissions>, HttpProblem> {
    let (table, member) = (&app.table, &bearer.member_id);
    let scope = format!("submissions:{member}");
    let before = app.cursors.open(table, &scope, wanted.cursor.as_ref()).await?;
    let own = list_own(table, member, before, limits::SUBMISSIONS_PER_PAGE).await?;
    let next = app.cursors.after(table, &scope, own.last.as_ref()).await?;
    Ok(Json(views::submissions(own.submissions, next)))
}

async fn follows(
    bearer: Bearer,
    State(app): State<Arc<App>>,
) -> Result<Json<Follows>, HttpProblem> {
    let followings = app.table.list_followings(&bearer.member_id).await.map_err(TaskError::from)?;
    Ok(Json(views::follows(followings)))
}

async fn delete_follow(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpProblem> {
    let id: FollowId = id.parse().map_err(|_| HttpProblem::not_found())?;
    end_follow(&app.table, &bearer.member_id, &id).await?;
    Ok(StatusCode::NO_CONTENT)
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
    match follow_target(&app.table, &member, wanted, &token, now()).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(problems) => Err(HttpProblem::invalid(problems)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_between_one_second_and_twenty() {
        assert_eq!(looks(None).unwrap(), 1);
        assert_eq!(looks(Some(1)).unwrap(), 3);
        assert_eq!(looks(Some(20)).unwrap(), 41);
        for bad in [0, 21, u8::MAX] {
            assert_eq!(looks(Some(bad)).unwrap_err().0[0].field, "wait_seconds");
        }
    }
}
