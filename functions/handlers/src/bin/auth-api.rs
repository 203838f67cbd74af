//! Accounts: the part of the HTTP API that tokens come from. The refresh token
//! stays in a cookie that no script can read; the page gets the access token.

use std::{future::Future, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{AppendHeaders, IntoResponse, Response},
    routing::{delete, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use seisiun_aws::users::Accounts;
use seisiun_contracts::{
    api::{
        ProblemKind,
        auth::{
            AUTH_HEADER, AUTH_HEADER_VALUE, Access, AddPasskey, AnswerPasskey, AnswerSignInCode,
            ChangePassword, ConfirmSignUp, PASSWORD_CHARS_MIN, PasskeyAsked, PasskeyOptions,
            PasskeyView, Passkeys, REFRESH_COOKIE, REFRESH_COOKIE_PATH, REFRESH_SECONDS,
            RequestCode, ResetPassword, SignIn, SignInCodeSent, SignUp, WebAuthnJson,
        },
    },
    metric::Metric,
};
use seisiun_functions::{
    accounts,
    http::{Body, HttpProblem, bearer_token, serve, unknown},
    start,
};
use seisiun_lambda::{metrics, setting};
use seisiun_workflows::{
    TaskError,
    account::{self, Redeemed},
    ports::{
        self, FinishPasskey, ListPasskeys, Passkey, PasskeyAddition, PasskeyChallenge, ResendCode,
        StartPasskey, StartReset, Tokens,
    },
    sign_in,
};
use serde_json::json;
use tokio::time::Instant;
use ulid::Ulid;

/// Answers that differ by account within are given no sooner than this, so that
/// the time they take tells as little as their words. Longer than Cognito takes
/// to create an account and to queue its mail.
const NO_SOONER_THAN: Duration = Duration::from_millis(800);
/// Random bytes of a challenge, where the pool gave none.
const CHALLENGE_BYTES: usize = 32;
/// How long a browser waits for its user, as WebAuthn recommends: five minutes.
const PASSKEY_MILLISECONDS: u32 = 300_000;
/// Ulids that make a decoy as long as a session of the pool is on the whole.
const DECOY_ULIDS: usize = 40;

// The page is told what the use case holds.
const _: () = assert!(PASSWORD_CHARS_MIN == account::PASSWORD_CHARS_MIN);

struct App {
    accounts: Accounts,
    site_url: String,
    /// Whether the pool lets people choose how they sign in.
    user_auth: bool,
    /// Whose passkeys these are: the site's host.
    relying_party: String,
}

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    let config = start().await?;
    let app = Arc::new(App {
        accounts: accounts(&config)?,
        site_url: setting("SITE_URL")?,
        user_auth: setting("USER_AUTH")?,
        relying_party: setting("RELYING_PARTY")?,
    });
    let router = Router::new()
        .route("/api/auth/sign-up", post(sign_up))
        .route("/api/auth/confirm", post(confirm))
        .route("/api/auth/resend-code", post(resend_code))
        .route("/api/auth/sign-in", post(sign_in))
        .route("/api/auth/sign-in/code", post(send_code))
        .route("/api/auth/sign-in/code/answer", post(answer_code))
        .route("/api/auth/sign-in/passkey", post(send_passkey_challenge))
        .route("/api/auth/sign-in/passkey/answer", post(answer_passkey))
        .route("/api/auth/passkeys/options", post(start_passkey))
        .route("/api/auth/passkeys", post(add_passkey).get(list_passkeys))
        .route("/api/auth/passkeys/{id}", delete(remove_passkey))
        .route("/api/auth/refresh", post(refresh))
        .route("/api/auth/sign-out", post(sign_out))
        .route("/api/auth/forgot-password", post(forgot_password))
        .route("/api/auth/reset-password", post(reset_password))
        .route("/api/auth/change-password", post(change_password))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), from_our_page))
        .with_state(app);
    serve(&config, router).await
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
    offers_choice(&app)?;
    let sent = sign_in::send_code(&app.accounts, &body.value.email, decoy_session());
    let session = in_its_time(sent).await;
    let session = session.map_err(problem)?.into();
    Ok((StatusCode::ACCEPTED, Json(SignInCodeSent { session })))
}

async fn answer_code(
    State(app): State<Arc<App>>,
    body: Body<AnswerSignInCode>,
) -> Result<Response, HttpProblem> {
    offers_choice(&app)?;
    let AnswerSignInCode { email, session, code } = body.value;
    let answered = sign_in::answer_code(&app.accounts, &email, session.expose(), code.expose());
    answer_sign_in(answered).await
}

async fn send_passkey_challenge(
    State(app): State<Arc<App>>,
    body: Body<RequestCode>,
) -> Result<(StatusCode, Json<PasskeyAsked>), HttpProblem> {
    offers_choice(&app)?;
    let mut challenge = [0; CHALLENGE_BYTES];
    getrandom::fill(&mut challenge).map_err(|error| {
        tracing::error!(%error, "no random bytes");
        HttpProblem::new(ProblemKind::TryAgain, "Try again in a moment.")
    })?;
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let decoy = PasskeyChallenge { session: decoy_session(), challenge };
    let asked = sign_in::send_passkey_challenge(&app.accounts, &body.value.email, decoy);
    let PasskeyChallenge { session, challenge } = in_its_time(asked).await.map_err(problem)?;
    // Of our own making for everybody: the pool's would list an account's
    // passkeys, and so tell who has some.
    let options = [
        ("challenge", json!(challenge)),
        ("rpId", json!(app.relying_party)),
        ("allowCredentials", json!([])),
        ("userVerification", json!("required")),
        ("timeout", json!(PASSKEY_MILLISECONDS)),
    ];
    let options = options.map(|(name, value)| (name.to_owned(), value));
    let options = WebAuthnJson(options.into_iter().collect());
    Ok((StatusCode::ACCEPTED, Json(PasskeyAsked { session: session.into(), options })))
}

async fn answer_passkey(
    State(app): State<Arc<App>>,
    body: Body<AnswerPasskey>,
) -> Result<Response, HttpProblem> {
    offers_choice(&app)?;
    let AnswerPasskey { email, session, credential } = body.value;
    let session = session.expose();
    answer_sign_in(sign_in::answer_passkey(&app.accounts, &email, session, &credential.0)).await
}

async fn start_passkey(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<PasskeyOptions>, HttpProblem> {
    offers_choice(&app)?;
    let options = app.accounts.start_passkey(bearer(&headers)?).await;
    let options = options.map_err(|error| problem(error.into()))?.ok_or_else(signed_out)?;
    Ok(Json(PasskeyOptions { options: WebAuthnJson(options) }))
}

async fn add_passkey(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body<AddPasskey>,
) -> Result<StatusCode, HttpProblem> {
    offers_choice(&app)?;
    let credential = &body.value.credential.0;
    let added = app.accounts.finish_passkey(bearer(&headers)?, credential).await;
    match added.map_err(|error| problem(error.into()))? {
        PasskeyAddition::Added => Ok(StatusCode::NO_CONTENT),
        PasskeyAddition::SignedOut => Err(signed_out()),
        PasskeyAddition::Refused => Err(HttpProblem::new(
            ProblemKind::BadPasskey,
            "It was made for another page, too late, or is one too many: ask for new options.",
        )),
    }
}

async fn list_passkeys(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Json<Passkeys>, HttpProblem> {
    offers_choice(&app)?;
    let passkeys = app.accounts.list_passkeys(bearer(&headers)?).await;
    let passkeys = passkeys.map_err(|error| problem(error.into()))?.ok_or_else(signed_out)?;
    let view = |one: Passkey| PasskeyView {
        id: one.id,
        name: one.name,
        created_at: one.created_at.to_string(),
    };
    Ok(Json(Passkeys { passkeys: passkeys.into_iter().map(view).collect() }))
}

async fn remove_passkey(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpProblem> {
    offers_choice(&app)?;
    let removed = sign_in::remove_passkey(&app.accounts, bearer(&headers)?, &id).await;
    if removed.map_err(problem)? { Ok(StatusCode::NO_CONTENT) } else { Err(signed_out()) }
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
    let token = bearer(&headers)?;
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
        ports::SignIn::Done(tokens) => {
            metrics::count(Metric::SignIns, 1_u32);
            Ok(signed_in(tokens))
        }
        ports::SignIn::Refused => {
            metrics::count(Metric::SignInsRefused, 1_u32);
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
fn offers_choice(app: &App) -> Result<(), HttpProblem> {
    if app.user_auth {
        return Ok(());
    }
    Err(HttpProblem::new(
        ProblemKind::NotOffered,
        "The user pool of this stage has neither sign-in codes nor passkeys: sign in with your \
         password.",
    ))
}

/// A session that opens nothing.
fn decoy_session() -> String {
    (0..DECOY_ULIDS).map(|_| Ulid::generate().to_string()).collect()
}

/// The access token, which the pool itself looks at.
fn bearer(headers: &HeaderMap) -> Result<&str, HttpProblem> {
    let token = bearer_token(headers);
    if token.is_empty() {
        return Err(HttpProblem::new(ProblemKind::Unauthorised, "An access token is needed."));
    }
    Ok(token)
}

fn signed_out() -> HttpProblem {
    HttpProblem::new(ProblemKind::Unauthorised, "Your sign-in has ended: sign in again.")
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
