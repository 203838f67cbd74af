//! The link of a mail that asks whether a session is still on: two buttons, and no
//! sign-in.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use seisiun_aws::{SdkConfig, objects::Objects, table::Table, workflows::Workflows};
use seisiun_contracts::{
    api::{AnswerInquiry, StillOn},
    metric::Metric,
};
use seisiun_domain::{SubmissionId, submission::Workflow};
use seisiun_lambda::{BadSetting, metrics};
use seisiun_workflows::{
    TaskError, TaskResult,
    answer_inquiry::{Answered, answer_inquiry},
    ask_keepers::Inquiry,
    ports::LoadSession,
    request_change::Requested,
    submit,
};
use ulid::Ulid;

use crate::{
    http::{HttpProblem, bad_form},
    link_page::{Choice, LinkPage},
    now, objects,
    seal::{Seal, Seals, is_plausible},
    table, workflows,
};

/// What the links are sealed for.
const INQUIRY: &str = "still-on";

/// What can be answered, and what the buttons say.
const CHOICES: [(&str, &str); 2] = [("on", "Yes, it is on"), ("gone", "No, it is over")];

/// Makes the links.
#[derive(Debug)]
pub struct InquiryLinks(Seals);

impl Default for InquiryLinks {
    fn default() -> Self {
        Self(Seals::of(INQUIRY))
    }
}

impl InquiryLinks {
    /// The seal of the links.
    ///
    /// # Errors
    /// If its key can be neither read nor made.
    pub async fn seal(&self, table: &Table) -> TaskResult<&Seal> {
        self.0.get(table).await
    }
}

/// The last part of the link of an inquiry.
///
/// # Errors
/// As of [`Seal::seal`].
pub fn sealed(seal: &Seal, inquiry: &Inquiry) -> TaskResult<String> {
    seal.seal(INQUIRY, inquiry)
}

/// What the handlers work with.
#[derive(Debug)]
pub struct Inquiries {
    table: Table,
    objects: Objects,
    workflows: Workflows,
    links: InquiryLinks,
}

impl Inquiries {
    /// From the function's settings.
    ///
    /// # Errors
    /// Names a setting that is missing.
    pub fn new(config: &SdkConfig) -> Result<Self, BadSetting> {
        Ok(Self {
            table: table(config)?,
            objects: objects(config),
            workflows: workflows(config),
            links: InquiryLinks::default(),
        })
    }
}

/// The inquiry of a link; `None` if it is too old or not one of ours.
async fn opened(app: &Inquiries, token: &str) -> Result<Option<Inquiry>, HttpProblem> {
    if !is_plausible(token) {
        return Err(HttpProblem::not_found());
    }
    let inquiry: Option<Inquiry> = app.links.seal(&app.table).await?.open(INQUIRY, token);
    Ok(inquiry.filter(|inquiry| !inquiry.is_over(now())))
}

/// A page that only says something.
fn says(status: StatusCode, title: &str, text: &str) -> Result<Response, HttpProblem> {
    LinkPage { title, text, ..LinkPage::default() }.answer(status)
}

fn no_longer_good() -> Result<Response, HttpProblem> {
    let text = "It is more than thirty days old, or not all of it got here. You can say what you \
                know on the session's own page.";
    says(StatusCode::GONE, "This link is no longer good", text)
}

fn not_listed() -> Result<Response, HttpProblem> {
    says(StatusCode::GONE, "It is not listed any more", "There is nothing left to say of it.")
}

/// `GET /api/still-on/{token}`: shows a page and acts on nothing.
pub async fn get_inquiry(
    State(app): State<Arc<Inquiries>>,
    Path(token): Path<String>,
) -> Result<Response, HttpProblem> {
    let Some(inquiry) = opened(&app, &token).await? else { return no_longer_good() };
    let session = app.table.load_session(inquiry.session).await.map_err(TaskError::from)?;
    let Some(session) = session.filter(|session| session.is_listed()) else { return not_listed() };
    let listing = &session.listing;
    let title = format!("Is {} still on?", listing.title);
    let text = format!("{}, {}", listing.venue.name, listing.venue.town);
    let choices = CHOICES.map(|(value, label)| Choice { value: value.into(), label: label.into() });
    let page = LinkPage { title: &title, text: &text, choices: &choices, ..LinkPage::default() };
    page.answer(StatusCode::OK)
}

/// `POST /api/still-on/{token}`: answers. The same answer twice does no harm.
pub async fn post_inquiry(
    State(app): State<Arc<Inquiries>>,
    Path(token): Path<String>,
    form: Result<Form<AnswerInquiry>, FormRejection>,
) -> Result<Response, HttpProblem> {
    // First, since it is wrong whatever the link is.
    let Form(AnswerInquiry { answer }) = form.map_err(bad_form)?;
    let Some(inquiry) = opened(&app, &token).await? else { return no_longer_good() };
    let Inquiries { table, objects, workflows, .. } = &*app;
    let id = SubmissionId::new(Ulid::generate());
    let is_on = answer == StillOn::On;
    let answered = answer_inquiry(table, objects, workflows, now(), id, &inquiry, is_on);
    let submitted = match answered.await? {
        Answered::NoSuchMember => return no_longer_good(),
        Answered::Requested(Requested::Submitted(submitted)) => submitted,
        Answered::Requested(Requested::NoSuchSession) => return not_listed(),
        Answered::Requested(Requested::NotYours) => {
            return Err(TaskError::Invariant("an answer is nobody's to give".into()).into());
        }
    };
    match submitted {
        submit::Submitted::Accepted(_) | submit::Submitted::Replayed(_) => {
            if matches!(submitted, submit::Submitted::Accepted(_)) {
                let workflow = Workflow::ChangeSubmission.name();
                metrics::count_of(Metric::SubmissionsAccepted, workflow);
            }
            let text = if is_on { "We list it as on." } else { "We will list it as it is." };
            says(StatusCode::OK, "Thank you", text)
        }
        submit::Submitted::KeyReused => {
            let text = "You can say more on the session's own page.";
            says(StatusCode::CONFLICT, "You have answered otherwise before", text)
        }
        // It has ended meanwhile, for instance.
        submit::Submitted::Refused(problems) => {
            let text: Vec<&str> = problems.0.iter().map(|one| one.message.as_str()).collect();
            says(StatusCode::CONFLICT, "That cannot be said of it now", &text.join("; "))
        }
    }
}
