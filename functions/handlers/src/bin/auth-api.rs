//! Accounts: the part of the HTTP API that tokens come from. The refresh token
//! stays in a cookie that no script can read; the page gets the access token.

use std::{future::Future, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{AppendHeaders, IntoResponse, Response},
    routing::post,
};
use seisiun_aws::users::Accounts;
use seisiun_contracts::api::{
    ProblemKind,
    auth::{
        AUTH_HEADER, AUTH_HEADER_VALUE, Access, AnswerSignInCode, ChangePassword, ConfirmSignUp,
        PASSWORD_CHARS_MIN, REFRESH_COOKIE, REFRESH_COOKIE_PATH, REFRESH_SECONDS, RequestCode,
        ResetPassword, SignIn, SignInCodeSent, SignUp,
    },
};
use seisiun_functions::{
    accounts,
    http::{Body, HttpProblem, bearer_token, unknown},
    start,
};
use seisiun_lambda::setting;
use seisiun_workflows::{
    TaskError,
    account::{self, Redeemed},
    ports::{self, ResendCode, StartReset, Tokens},
    sign_in,
};
use tokio::time::Instant;
use ulid::Ulid;

/// Answers that differ by account within are given no sooner than this, so that
/// the time they take tells as little as their words. Longer than Cognito takes
/// to create an account and to queue its mail.
const NO_SOONER_THAN: Duration = Duration::from_millis(800);
/// Ulids that make a decoy as long as a session of the pool is on the whole.
const DECOY_ULIDS: usize = 40;

// The page is told what the use case holds.
const _: () = assert!(PASSWORD_CHARS_MIN == account::PASSWORD_CHARS_MIN);

struct App {
    accounts: Accounts,
    site_url: String,
    sign_in_codes: bool,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await;
    let app = Arc::new(App {
        accounts: accounts(&config)?,
        site_url: setting("SITE_URL")?,
        sign_in_codes: setting("SIGN_IN_CODES")?,
    });
    let router = Router::new()
        .route("/api/auth/sign-up", post(sign_up))
        .route("/api/auth/confirm", post(confirm))
        .route("/api/auth/resend-code", post(resend_code))
        .route("/api/auth/sign-in", post(sign_in))
        .route("/api/auth/sign-in/code", post(send_code))
        .route("/api/auth/sign-in/code/answer", post(answer_code))
        .route("/api/auth/refresh", post(refresh))
        .route("/api/auth/sign-out", post(sign_out))
        .route("/api/auth/forgot-password", post(forgot_password))
        .route("/api/auth/reset-password", post(reset_password))
        .route("/api/auth/change-password", post(change_password))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), from_our_page))
        .with_state(app);
    lambda_http::run(router).await
}

/// Lets through what a page of ours sent, and keeps every answer out of caches.
async fn from_our_page(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let mut response = if headers.get(AUTH_HEADER).is_none_or(|is| is != AUTH_HEADER_VALUE) {
        let detail = format!("Send the header {AUTH_HEADER}: {AUTH_HEADER_VALUE}.");
        HttpProblem::new(ProblemKind::AuthHeader, detail).into_response()
    } else if headers.get_all(header::ORIGIN).iter().any(|is| *is != *app.site_url) {
        HttpProblem::new(ProblemKind::ForeignOrigin, "Only pages of this site may ask this.")
            .into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn sign_up(
    State(app): State<Arc<App>>,
    body: Body<SignUp>,
) -> Result<StatusCode, HttpProblem> {
    let SignUp { email, password } = body.value;
    let signed_up = account::sign_up(&app.accounts, &email, password.expose());
    match in_its_time(signed_up).await.map_err(problem)? {
        Ok(()) => Ok(StatusCode::ACCEPTED),
        Err(problems) => Err(HttpProblem::invalid(problems)),
    }
}

async fn confirm(
    State(app): State<Arc<App>>,
    body: Body<ConfirmSignUp>,
) -> Result<StatusCode, HttpProblem> {
    let ConfirmSignUp { email, code } = body.value;
    let confirmed = account::confirm(&app.accounts, &email, code.expose());
    if in_its_time(confirmed).await.map_err(problem)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(bad_code())
    }
}

async fn resend_code(
    State(app): State<Arc<App>>,
    body: Body<RequestCode>,
) -> Result<StatusCode, HttpProblem> {
    let sent = in_its_time(app.accounts.resend_code(&body.value.email)).await;
    sent.map_err(|error| problem(error.into()))?;
    Ok(StatusCode::ACCEPTED)
}

async fn sign_in(State(app): State<Arc<App>>, body: Body<SignIn>) -> Result<Response, HttpProblem> {
    let SignIn { email, password } = body.value;
    answer_sign_in(sign_in::sign_in(&app.accounts, &email, password.expose())).await
}

async fn send_code(
    State(app): State<Arc<App>>,
    body: Body<RequestCode>,
) -> Result<(StatusCode, Json<SignInCodeSent>), HttpProblem> {
    offers_codes(&app)?;
    let decoy = (0..DECOY_ULIDS).map(|_| Ulid::generate().to_string()).collect();
    let session = in_its_time(sign_in::send_code(&app.accounts, &body.value.email, decoy)).await;
    let session = session.map_err(problem)?.into();
    Ok((StatusCode::ACCEPTED, Json(SignInCodeSent { session })))
}

async fn answer_code(
    State(app): State<Arc<App>>,
    body: Body<AnswerSignInCode>,
) -> Result<Response, HttpProblem> {
    offers_codes(&app)?;
    let AnswerSignInCode { email, session, code } = body.value;
    let answered = sign_in::answer_code(&app.accounts, &email, session.expose(), code.expose());
    answer_sign_in(answered).await
}

async fn refresh(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, HttpProblem> {
    let tokens = match refresh_token(&headers) {
        Some(token) => sign_in::refresh(&app.accounts, token).await.map_err(problem)?,
        None => None,
    };
    match tokens {
        Some(tokens) => Ok(signed_in(tokens)),
        None => {
            let detail = "Your sign-in has ended: sign in again.";
            let gone = HttpProblem::new(ProblemKind::SignedOut, detail);
            Ok((forget_cookie(), gone).into_response())
        }
    }
}

async fn sign_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    if let Some(token) = refresh_token(&headers) {
        sign_in::sign_out(&app.accounts, token).await.map_err(problem)?;
    }
    Ok((StatusCode::NO_CONTENT, forget_cookie()).into_response())
}

async fn forgot_password(
    State(app): State<Arc<App>>,
    body: Body<RequestCode>,
) -> Result<StatusCode, HttpProblem> {
    let started = in_its_time(app.accounts.start_reset(&body.value.email)).await;
    started.map_err(|error| problem(error.into()))?;
    Ok(StatusCode::ACCEPTED)
}

async fn reset_password(
    State(app): State<Arc<App>>,
    body: Body<ResetPassword>,
) -> Result<Response, HttpProblem> {
    let ResetPassword { email, code, new_password } = body.value;
    let (code, password) = (code.expose(), new_password.expose());
    let reset = account::reset_password(&app.accounts, &email, code, password);
    redeemed(in_its_time(reset).await.map_err(problem)?, bad_code)
}

async fn change_password(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body<ChangePassword>,
) -> Result<Response, HttpProblem> {
    let ChangePassword { current_password, new_password } = body.value;
    let (current, new) = (current_password.expose(), new_password.expose());
    let token = bearer_token(&headers);
    if token.is_empty() {
        return Err(HttpProblem::new(ProblemKind::Unauthorised, "An access token is needed."));
    }
    let changed = account::change_password(&app.accounts, token, current, new).await;
    redeemed(changed.map_err(problem)?, || {
        let detail = "The password is not right, or your sign-in has ended.";
        HttpProblem::new(ProblemKind::NotChanged, detail)
    })
}

/// What must not tell by its time, no sooner than it always takes.
async fn in_its_time<T>(work: impl Future<Output = T>) -> T {
    let then = Instant::now() + NO_SOONER_THAN;
    let done = work.await;
    tokio::time::sleep_until(then).await;
    done
}

/// Success at once; a refusal no sooner than it always takes.
async fn answer_sign_in(
    attempt: impl Future<Output = Result<ports::SignIn, TaskError>>,
) -> Result<Response, HttpProblem> {
    let then = Instant::now() + NO_SOONER_THAN;
    match attempt.await.map_err(problem)? {
        ports::SignIn::Done(tokens) => Ok(signed_in(tokens)),
        ports::SignIn::Refused => {
            tokio::time::sleep_until(then).await;
            Err(HttpProblem::new(
                ProblemKind::NotSignedIn,
                "Something is not right: the address, the password or code, or the account was \
                 not confirmed yet. Ask for a new code, or set a new password.",
            ))
        }
        ports::SignIn::Challenged(challenge) => Err(HttpProblem::new(
            ProblemKind::SignInStep,
            format!("This account needs a step that this site does not have: {challenge}."),
        )),
    }
}

fn signed_in(tokens: Tokens) -> Response {
    let Tokens { access, expires_in_seconds, refresh } = tokens;
    let cookie = refresh.map(|token| (header::SET_COOKIE, cookie(&token, REFRESH_SECONDS)));
    let access = Access { access_token: access.into(), expires_in_seconds };
    (AppendHeaders(cookie), Json(access)).into_response()
}

fn redeemed(what: Redeemed, refusal: impl Fn() -> HttpProblem) -> Result<Response, HttpProblem> {
    match what {
        // Every refresh token has ended, this browser's too.
        Redeemed::Done => Ok((StatusCode::NO_CONTENT, forget_cookie()).into_response()),
        Redeemed::Refused => Err(refusal()),
        Redeemed::BadPassword(problems) => Err(HttpProblem::invalid(problems)),
    }
}

fn bad_code() -> HttpProblem {
    HttpProblem::new(
        ProblemKind::BadCode,
        "It may be mistyped, used or too old: ask for a new one.",
    )
}

/// Decided by the stage alone, so that it tells nothing of an account.
fn offers_codes(app: &App) -> Result<(), HttpProblem> {
    if app.sign_in_codes {
        return Ok(());
    }
    Err(HttpProblem::new(
        ProblemKind::NoSignInCodes,
        "The user pool of this stage sends no sign-in codes: sign in with your password.",
    ))
}

/// Whoever asks too much is told when to come back. A request that was cut off
/// may have had its effect: a code is then used, a password set.
fn problem(error: TaskError) -> HttpProblem {
    match error {
        TaskError::Throttled(_) => {
            HttpProblem::new(ProblemKind::SlowDown, "Try again in a moment.")
        }
        TaskError::Dependency(_) => HttpProblem::from(error)
            .with_detail("Try again in a moment; if a code is refused then, it has done its work."),
        other => other.into(),
    }
}

/// The refresh token that the browser sent.
fn refresh_token(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|all| all.to_str().ok());
    let mut pairs = cookies.flat_map(|all| all.split(';')).filter_map(|one| one.split_once('='));
    let (_, token) = pairs.find(|(name, _)| name.trim() == REFRESH_COOKIE)?;
    Some(token.trim())
}

/// The browser keeps the cookie for these seconds; 0 removes it.
fn cookie(token: &str, seconds: u64) -> String {
    format!(
        "{REFRESH_COOKIE}={token}; Path={REFRESH_COOKIE_PATH}; Max-Age={seconds}; HttpOnly; \
         Secure; SameSite=Strict"
    )
}

fn forget_cookie() -> AppendHeaders<[(header::HeaderName, String); 1]> {
    AppendHeaders([(header::SET_COOKIE, cookie("", 0))])
}
