//! The link of a mail by which its reader asks for another look. It needs no
//! sign-in: that it opens shows that it came from us, to who was told.

use std::sync::Arc;

use axum::{
    Form,
    extract::{Path, State, rejection::FormRejection},
    http::StatusCode,
    response::Response,
};
use seisiun_aws::{SdkConfig, table::Table};
use seisiun_contracts::{api::AppealDraft, metric::Metric};
use seisiun_domain::{Problems, SubmissionId, case::appeal_words, limits};
use seisiun_lambda::{BadSetting, metrics};
use seisiun_workflows::{
    TaskError, TaskResult,
    appeal::{Appellant, Outcome, appeal},
    ports::{PortError, PortResult, SealAppeal},
};

use crate::{
    http::{HttpProblem, bad_form},
    link_page::{Field, LinkPage},
    now,
    seal::{Seals, is_plausible},
    table,
};

/// What the links are sealed for.
const APPEAL: &str = "appeal";

const TITLE: &str = "Ask for another look";
const TEXT: &str = "Somebody who had no part in the decision will look, and we will mail you what \
                    they decide. You can ask once.";
const BUTTON: &str = "Ask for another look";

/// Makes the links, and opens them. They hold no end of their own: the case knows
/// until when it can be appealed.
#[derive(Debug)]
pub struct AppealLinks {
    seals: Seals,
}

impl AppealLinks {
    /// Under a key of their own.
    #[must_use]
    pub const fn new() -> Self {
        Self { seals: Seals::of(APPEAL) }
    }

    /// The submission of a link; `None` if it is not one of ours.
    async fn open(&self, table: &Table, token: &str) -> TaskResult<Option<SubmissionId>> {
        Ok(self.seals.get(table).await?.open(APPEAL, token))
    }
}

/// What makes the links' last parts, under a key that is read when the first is
/// made: most of what is told needs none.
#[derive(Debug)]
pub struct AppealSeals<'a> {
    /// Where the key is.
    pub table: &'a Table,
    /// The links.
    pub links: &'a AppealLinks,
}

impl SealAppeal for AppealSeals<'_> {
    async fn seal_appeal(&self, id: SubmissionId) -> PortResult<String> {
        // Boxed: the compiler follows no futures as deep as these would be together.
        let seal = Box::pin(self.links.seals.get(self.table)).await;
        seal.and_then(|seal| seal.seal(APPEAL, &id)).map_err(|error| match error {
            TaskError::Dependency(error) | TaskError::Throttled(error) => error,
            error => PortError::Broken { what: "an appeal's link", why: error.to_string() },
        })
    }
}

impl Default for AppealLinks {
    fn default() -> Self {
        Self::new()
    }
}

/// What the handlers work with.
#[derive(Debug)]
pub struct Appeals {
    table: Table,
    links: AppealLinks,
}

impl Appeals {
    /// From the function's settings.
    ///
    /// # Errors
    /// Names a setting that is missing.
    pub fn new(config: &SdkConfig) -> Result<Self, BadSetting> {
        Ok(Self { table: table(config)?, links: AppealLinks::new() })
    }
}

async fn opened(app: &Appeals, token: &str) -> Result<Option<SubmissionId>, HttpProblem> {
    if !is_plausible(token) {
        return Err(HttpProblem::not_found());
    }
    Ok(app.links.open(&app.table, token).await?)
}

/// The page that asks for the reader's words.
fn asks(status: StatusCode, problem: &str, words: &str) -> Result<Response, HttpProblem> {
    let field = Field {
        name: "words",
        label: "What does the decision overlook?",
        chars_max: limits::APPEAL_CHARS_MAX,
        value: words,
        problem,
    };
    let page = LinkPage {
        title: TITLE,
        text: TEXT,
        field: Some(field),
        button: Some(BUTTON),
        ..LinkPage::default()
    };
    page.answer(status)
}

/// The page again, with what is wrong with the words.
fn refused(problems: &Problems, words: &str) -> Result<Response, HttpProblem> {
    let problems: Vec<&str> = problems.0.iter().map(|one| one.message.as_str()).collect();
    asks(StatusCode::UNPROCESSABLE_ENTITY, &problems.join("; "), words)
}

/// A page that only says something.
fn says(status: StatusCode, title: &str, text: &str) -> Result<Response, HttpProblem> {
    LinkPage { title, text, ..LinkPage::default() }.answer(status)
}

fn no_longer_good() -> Result<Response, HttpProblem> {
    let text = "Not all of it got here, or what it is about is no longer there. On the page of \
                what you have sent you can ask for another look, too.";
    says(StatusCode::GONE, "This link is no longer good", text)
}

/// `GET /api/appeals/{token}`: shows a page and acts on nothing.
pub async fn get_appeal(
    State(app): State<Arc<Appeals>>,
    Path(token): Path<String>,
) -> Result<Response, HttpProblem> {
    match opened(&app, &token).await? {
        Some(_) => asks(StatusCode::OK, "", ""),
        None => no_longer_good(),
    }
}

/// `POST /api/appeals/{token}`: appeals. The same words twice do no harm.
pub async fn post_appeal(
    State(app): State<Arc<Appeals>>,
    Path(token): Path<String>,
    form: Result<Form<AppealDraft>, FormRejection>,
) -> Result<Response, HttpProblem> {
    // First, since it is wrong whatever the link is.
    let Form(AppealDraft { words }) = form.map_err(bad_form)?;
    if let Err(problems) = appeal_words(&words) {
        return refused(&problems, &words);
    }
    let Some(id) = opened(&app, &token).await? else { return no_longer_good() };
    match appeal(&app.table, now(), id, Appellant::Holder, &words).await? {
        Outcome::Appealed => {
            metrics::count(Metric::AppealsReceived, 1_u32);
            let text = "Somebody who had no part in the decision will look. We will mail you what \
                        they decide.";
            says(StatusCode::OK, "Thank you. We will look again.", text)
        }
        Outcome::AppealedBefore => {
            let text = "We look once more at what we decide, and will mail you what came of it.";
            says(StatusCode::CONFLICT, "You have asked for another look already", text)
        }
        Outcome::NothingToAppeal => {
            let text = "What was decided has changed since we wrote to you.";
            says(StatusCode::CONFLICT, "There is nothing left to ask for", text)
        }
        Outcome::Over { end } => {
            let text = format!("You could ask until {}.", end.strftime("%-d %B %Y"));
            says(StatusCode::GONE, "It is too late to ask for another look", &text)
        }
        Outcome::Refused(problems) => refused(&problems, &words),
        Outcome::NoSuchSubmission => no_longer_good(),
    }
}
