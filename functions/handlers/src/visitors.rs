//! What people without an account may send: notices, and follows by address,
//! which the owner of the address confirms.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use seisiun_aws::{
    SdkConfig, mailer::Mailer, objects::Objects, table::Table, workflows::Workflows,
};
use seisiun_contracts::{
    api::{ProblemKind, RequestFollow, Submitted},
    metric::Metric,
};
use seisiun_domain::{Problems, SubmissionId, notice::NoticeDraft, submission::Workflow};
use seisiun_lambda::{BadSetting, metrics};
use seisiun_mail::Sender;
use seisiun_workflows::{
    follow_target::Wanted,
    request_follow::{FollowRequest, confirm_follow, confirmable_until, request_follow},
    send_notice::{Sent, send_notice},
    submit,
};
use tokio::time::{Duration, Instant, sleep_until};
use ulid::Ulid;

use crate::{
    http::{Body, HttpProblem, IdempotencyKey},
    link_page::LinkPage,
    mailer, now, objects,
    seal::{Seals, is_plausible},
    sender,
    submitted::submitted,
    table, workflows,
};

/// What the links of follow requests are sealed for.
const FOLLOW_REQUEST: &str = "follow-request";
/// A request of a follow is answered no sooner: whether a mail was sent, and so
/// whether the address is suppressed, must not show in the time it takes.
const NO_SOONER_THAN: Duration = Duration::from_millis(800);

/// What the handlers work with.
#[derive(Debug)]
pub struct Visitors {
    table: Table,
    objects: Objects,
    workflows: Workflows,
    mailer: Mailer,
    sender: Sender,
    seals: Seals,
}

impl Visitors {
    /// From the function's settings.
    ///
    /// # Errors
    /// Names a setting that is missing.
    pub fn new(config: &SdkConfig) -> Result<Self, BadSetting> {
        Ok(Self {
            table: table(config)?,
            // Notices come without photos: no bucket is set, and none is asked.
            objects: objects(config),
            workflows: workflows(config),
            mailer: mailer(config)?,
            sender: sender()?,
            seals: Seals::of(FOLLOW_REQUEST),
        })
    }
}

/// `POST /api/notices`
pub async fn post_notice(
    key: IdempotencyKey,
    State(app): State<Arc<Visitors>>,
    body: Body<NoticeDraft>,
) -> Result<(StatusCode, Json<Submitted>), HttpProblem> {
    let key = key.for_request("notice", &body.bytes);
    let id = SubmissionId::new(Ulid::generate());
    let (table, site) = (&app.table, &app.sender.site_url);
    let (objects, workflows) = (&app.objects, &app.workflows);
    let sent = send_notice(table, objects, workflows, site, now(), id, &body.value, key).await?;
    match sent {
        Sent::Submitted(outcome) => {
            let is_new = matches!(outcome, submit::Submitted::Accepted(_));
            metrics::count(Metric::NoticesReceived, u32::from(is_new));
            submitted(Workflow::Notice, outcome)
        }
        Sent::TooMany => Err(HttpProblem::new(
            ProblemKind::SlowDown,
            "From one address we take ten notices a day: send the rest tomorrow.",
        )),
    }
}

/// `POST /api/follow-requests`
pub async fn post_follow_request(
    State(app): State<Arc<Visitors>>,
    body: Body<RequestFollow>,
) -> Result<StatusCode, HttpProblem> {
    let then = Instant::now() + NO_SOONER_THAN;
    let RequestFollow { email, target, circle, language, cadence, zone } = body.value;
    let wanted = match (target, circle) {
        (Some(target), None) => Wanted::Target(target),
        (None, Some(circle)) => Wanted::Circle(circle),
        _ => {
            let why = "give either a target or a circle";
            return Err(HttpProblem::invalid(Problems::one("target", "ambiguous", why)));
        }
    };
    let until = confirmable_until(now());
    let request = FollowRequest { email, wanted, language, until, cadence, zone };
    let sealed = app.seals.get(&app.table).await?.seal(FOLLOW_REQUEST, &request)?;
    let (table, mailer, sender) = (&app.table, &app.mailer, &app.sender);
    let asked = request_follow(table, mailer, sender, now(), &request, &sealed).await;
    sleep_until(then).await;
    asked?.map_err(HttpProblem::invalid)?;
    Ok(StatusCode::ACCEPTED)
}

/// The request in a link; `None` if it is too old or not one of ours.
async fn opened(app: &Visitors, token: &str) -> Result<Option<FollowRequest>, HttpProblem> {
    if !is_plausible(token) {
        return Err(HttpProblem::not_found());
    }
    let request: Option<FollowRequest> =
        app.seals.get(&app.table).await?.open(FOLLOW_REQUEST, token);
    Ok(request.filter(|request| !request.is_over(now())))
}

fn no_longer_good() -> Result<Response, HttpProblem> {
    let page = LinkPage {
        title: "This link is no longer good",
        text: "It is more than seven days old, or not all of it got here. Ask to follow once \
               more, and we will send you another.",
        ..LinkPage::default()
    };
    page.answer(StatusCode::GONE)
}

/// `GET /api/confirm/{token}`: shows a page and acts on nothing.
pub async fn get_confirm(
    State(app): State<Arc<Visitors>>,
    Path(token): Path<String>,
) -> Result<Response, HttpProblem> {
    let Some(request) = opened(&app, &token).await? else { return no_longer_good() };
    let text = format!(
        "Somebody, perhaps you, asked us to write to {}. Every mail will have a link that ends it.",
        request.email.expose()
    );
    let page = LinkPage {
        title: "Do you want these mails?",
        text: &text,
        button: Some("Yes, write to me"),
        ..LinkPage::default()
    };
    page.answer(StatusCode::OK)
}

/// `POST /api/confirm/{token}`: stores the follow. Doing it twice does no harm.
pub async fn post_confirm(
    State(app): State<Arc<Visitors>>,
    Path(token): Path<String>,
) -> Result<Response, HttpProblem> {
    let Some(request) = opened(&app, &token).await? else { return no_longer_good() };
    confirm_follow(&app.table, request, &token, now()).await?.map_err(HttpProblem::invalid)?;
    let text = "We will write to you. Every mail has a link that ends it.";
    LinkPage { title: "Done.", text, ..LinkPage::default() }.answer(StatusCode::OK)
}
