//! The members' part of the HTTP API.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{delete, get, post, put},
};
use seisiun_aws::{objects::Objects, table::Table, users::Users, workflows::Workflows};
use seisiun_contracts::{
    api::{
        AppealDraft, ClaimHost, Confirm, EditSession, EraseMe, ExportView, Follows, Me, Nothing,
        OwnSubmissions, PageQuery, ProblemKind, PutFollow, RequestUpload, SetDate, SubmissionView,
        SubmitReview, SubmitSession, Submitted, UndoDate, Upload, WatchSubmission,
    },
    metric::Metric,
};
use seisiun_domain::{
    PhotoId, Problems, SubmissionId,
    change::{Draft, Facts},
    follow::FollowId,
    limits,
    member::{Member, ProfileDraft},
    submission::{Body as Content, Workflow},
    withdrawal::WithdrawalDraft,
};
use seisiun_functions::{
    asked::looks,
    http::{Bearer, Body, HttpProblem, IdempotencyKey, Params, serve, unknown},
    named::by_slug,
    now, objects,
    pages::Cursors,
    start,
    submitted::{submitted, withdrawal},
    table, users, views, workflows,
};
use seisiun_lambda::metrics;
use seisiun_workflows::{
    TaskError,
    appeal::{self, Appellant},
    claim_member::{Claimed, claim_member},
    fetch_export::fetch_export,
    follow_target::{Follower, Manner, Wanted, end_follow, follow_target},
    member_page::save_profile,
    ports::{self, ListFollowings, SetBlock},
    read_submissions::{list_own, watch_submission},
    request_change::{self, request_change},
    request_upload::{Requested, request_upload},
    request_withdrawal::{self, Wish},
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
    let config = start().await?;
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
        .route("/api/submissions/{id}/withdrawal", post(withdraw))
        .route("/api/submissions/{id}/appeal", put(appeal))
        .route("/api/sessions/{slug}/edits", post(edit))
        .route("/api/sessions/{slug}/dates", post(set_date))
        .route("/api/sessions/{slug}/dates/undo", post(undo_date))
        .route("/api/sessions/{slug}/confirmations", post(confirm))
        .route("/api/sessions/{slug}/hosts", post(claim_host))
        .route("/api/blocks/{member}", put(block).delete(unblock))
        .route("/api/me/exports", post(request_export))
        .route("/api/me/exports/{id}", get(export))
        .route("/api/me/erasure", post(request_erasure))
        .route("/api/follows", get(follows).put(put_follow))
        .route("/api/follows/{id}", delete(delete_follow))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .with_state(app);
    serve(&config, router).await
}

/// The member behind the token; created on the first request.
async fn member(app: &App, bearer: &Bearer) -> Result<Member, HttpProblem> {
    let id = bearer.member_id.clone();
    match claim_member(&app.table, &app.users, id, &bearer.token).await? {
        Claimed::Member(member) => Ok(member),
        Claimed::Unverified => {
            let why = "Enter the code that we mailed you, then sign in again.";
            Err(HttpProblem::new(ProblemKind::Unverified, why))
        }
        Claimed::Erased => Err(erased()),
    }
}

fn erased() -> HttpProblem {
    HttpProblem::new(ProblemKind::Unauthorised, "This account was erased.")
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
    let member = member(&app, &bearer).await?;
    let saved = save_profile(&app.table, &app.objects, member, profile).await?;
    saved.map(|member| Json(views::me(member))).ok_or_else(erased)
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
        Requested::Off => Err(HttpProblem::new(
            ProblemKind::SwitchedOff,
            "We take no photos for now. Send the rest without them, and add them later.",
        )),
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
    let workflow = request.body.workflow();
    let outcome = submit(&app.table, &app.objects, &app.workflows, now(), id, request).await?;
    submitted(workflow, outcome)
}

async fn edit(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    body: Body<EditSession>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request(&format!("edit {slug}"), &body.bytes);
    let EditSession { changes, photos } = body.value;
    if changes == Facts::default() && photos.is_empty() {
        let why = "name a fact to change, or a photo to add";
        return Err(HttpProblem::invalid(Problems::one("changes", "nothing", why)));
    }
    change(&app, &bearer, key, &slug, Draft::Edit(changes), photos).await
}

async fn set_date(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    body: Body<SetDate>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request(&format!("date {slug}"), &body.bytes);
    let draft = Draft::SetDate(body.value.exception);
    change(&app, &bearer, key, &slug, draft, Vec::new()).await
}

async fn undo_date(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    body: Body<UndoDate>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request(&format!("undo {slug}"), &body.bytes);
    let UndoDate { schedule, date } = body.value;
    change(&app, &bearer, key, &slug, Draft::UndoDate { schedule, date }, Vec::new()).await
}

async fn confirm(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    body: Body<Confirm>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request(&format!("confirm {slug}"), &body.bytes);
    let Confirm { finding, date } = body.value;
    change(&app, &bearer, key, &slug, Draft::Confirm { finding, date }, Vec::new()).await
}

async fn claim_host(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(slug): Path<String>,
    body: Body<ClaimHost>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request(&format!("host {slug}"), &body.bytes);
    let ClaimHost { evidence, shown_as } = body.value;
    change(&app, &bearer, key, &slug, Draft::ClaimHost { evidence, shown_as }, Vec::new()).await
}

async fn change(
    app: &App,
    bearer: &Bearer,
    key: ports::IdempotencyKey,
    slug: &str,
    draft: Draft,
    photos: Vec<PhotoId>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let session_id = by_slug(&app.table, slug).await?.listed()?.id;
    let member_id = member(app, bearer).await?.id;
    let request = request_change::Request { member_id, session_id, draft, photos, key };
    let id = SubmissionId::new(Ulid::generate());
    let asked = request_change(&app.table, &app.objects, &app.workflows, now(), id, request);
    match asked.await? {
        request_change::Requested::Submitted(outcome) => {
            submitted(Workflow::ChangeSubmission, outcome)
        }
        request_change::Requested::NoSuchSession => Err(HttpProblem::gone()),
        request_change::Requested::NotYours => {
            let why = "Only its hosts, who added it and trusted members change single dates. You \
                       can say what you found there.";
            Err(HttpProblem::new(ProblemKind::Forbidden, why))
        }
    }
}

async fn appeal(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body<AppealDraft>,
) -> Result<StatusCode, HttpProblem> {
    let id: SubmissionId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let appellant = Appellant::Member(&bearer.member_id);
    match appeal::appeal(&app.table, now(), id, appellant, &body.value.words).await? {
        appeal::Outcome::Appealed => {
            metrics::count(Metric::AppealsReceived, 1_u32);
            Ok(StatusCode::NO_CONTENT)
        }
        appeal::Outcome::AppealedBefore => {
            let why = "You have asked for another look already.";
            Err(HttpProblem::new(ProblemKind::Conflict, why))
        }
        appeal::Outcome::NothingToAppeal => {
            let why = "Nothing was decided on it that somebody else could decide otherwise.";
            Err(HttpProblem::new(ProblemKind::Conflict, why))
        }
        appeal::Outcome::Over { end } => {
            let why = format!("You could ask for another look until {end}.");
            Err(HttpProblem::new(ProblemKind::Conflict, why))
        }
        appeal::Outcome::Refused(problems) => Err(HttpProblem::invalid(problems)),
        appeal::Outcome::NoSuchSubmission => Err(HttpProblem::not_found()),
    }
}

async fn withdraw(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Body<WithdrawalDraft>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let target: SubmissionId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let key = key.for_request(&format!("withdraw {target}"), &body.bytes);
    let asker = member(&app, &bearer).await?.id;
    let wish = Wish::Submitter(body.value);
    let request = request_withdrawal::Request { asker, target, wish, key };
    withdrawal(&app.table, &app.objects, &app.workflows, request).await
}

async fn block(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(other): Path<String>,
) -> Result<StatusCode, HttpProblem> {
    set_block(&app, &bearer, &other, true).await
}

async fn unblock(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(other): Path<String>,
) -> Result<StatusCode, HttpProblem> {
    set_block(&app, &bearer, &other, false).await
}

async fn set_block(
    app: &App,
    bearer: &Bearer,
    other: &str,
    blocked: bool,
) -> Result<StatusCode, HttpProblem> {
    let other = other.parse().map_err(|_| HttpProblem::not_found())?;
    let member = member(app, bearer).await?;
    if app.table.set_block(&member.id, &other, blocked).await.map_err(TaskError::from)? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let why = format!("at most {} members", limits::BLOCKED_MAX);
    Err(HttpProblem::invalid(Problems::one("member", "too_many", why)))
}

async fn request_export(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    body: Body<Nothing>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request("export", &body.bytes);
    accept(&app, &bearer, key, Content::Export, Vec::new()).await
}

async fn export(
    bearer: Bearer,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<ExportView>, HttpProblem> {
    let id: SubmissionId = id.parse().map_err(|_| HttpProblem::not_found())?;
    let (table, objects) = (&app.table, &app.objects);
    let found = fetch_export(table, objects, &bearer.member_id, id).await?;
    let archives = found.ok_or_else(HttpProblem::not_found)?;
    Ok(Json(ExportView { ready: archives.is_some(), archives: archives.unwrap_or_default() }))
}

async fn request_erasure(
    bearer: Bearer,
    key: IdempotencyKey,
    State(app): State<Arc<App>>,
    body: Body<EraseMe>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    if body.value.confirm != "erase" {
        let why = "send the word erase: nothing of it can be taken back";
        return Err(HttpProblem::invalid(Problems::one("confirm", "not_confirmed", why)));
    }
    let key = key.for_request("erasure", &body.bytes);
    accept(&app, &bearer, key, Content::Erasure, Vec::new()).await
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
    let PutFollow { target, circle, cadence, zone } = body.value;
    let wanted = match (target, circle) {
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
    let manner = Manner { cadence, zone };
    match follow_target(&app.table, &Follower::of(&member), wanted, &manner, &token, now()).await? {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(problems) => Err(HttpProblem::invalid(problems)),
    }
}
