//! Somebody with an account, doing what people do through the front door.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_cognitoidentityprovider::types::{AttributeType, AuthFlowType, UserStatusType};
use reqwest::{Method, StatusCode, multipart::Form};
use seisiun_contracts::api::{
    AppealDraft, CaseView, Cases, Cursor, Decide, Me, ProblemDetails, PutFollow, RequestUpload,
    SubmissionView, SubmitReview, SubmitSession, Submitted, Upload,
    auth::{AUTH_HEADER, AUTH_HEADER_VALUE, Access},
};
use seisiun_domain::{CaseId, MemberId, PhotoId, SubmissionId};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use ulid::Ulid;

use crate::stack::Stack;

/// The code that the local user pool confirms every account with.
pub const SIGN_UP_CODE: &str = "123456";
/// Good for nothing but the local user pool.
pub const PASSWORD: &str = "Correct-horse-7-battery";

/// What a problem's type says if the same may be asked once more.
const TRY_AGAIN: &str = "#try-again";
/// Requests in all, of one that is told so.
const TRIES_MAX: usize = 8;
/// Until it asks again.
const MOMENT: Duration = Duration::from_secs(2);

/// A signed-in member.
#[derive(Debug, Clone)]
pub struct Person {
    stack: Stack,
    /// Where their mail goes.
    pub email: String,
    /// Their id.
    pub member_id: MemberId,
    access_token: String,
}

/// An answer of the API.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// The body, if the status is one of success.
    ///
    /// # Errors
    /// With status and body, if it isn't, or if the body does not parse.
    pub fn ok<T: DeserializeOwned>(&self) -> Result<T> {
        ensure!(self.status.is_success(), "{}: {}", self.status, self.body);
        serde_json::from_str(&self.body).with_context(|| format!("unexpected body {}", self.body))
    }

    /// The problem, if it is one as RFC 9457 has it.
    ///
    /// # Errors
    /// If it is none.
    pub fn problem(&self) -> Result<ProblemDetails> {
        serde_json::from_str(&self.body)
            .with_context(|| format!("{}: not a problem document: {}", self.status, self.body))
    }
}

impl Person {
    /// Signs up, confirms and signs in; `groups` are given by an administrator.
    ///
    /// # Errors
    /// If the user pool or the API refuse.
    pub async fn sign_up(stack: &Stack, name: &str, groups: &[&str]) -> Result<Self> {
        let email = address(name);
        let body = json!({ "email": email, "password": PASSWORD });
        accepted(&post_auth(stack, "sign-up", &body).await?).context("sign-up")?;
        confirm(stack, &email, groups).await?;
        Self::sign_in(stack, name).await
    }

    /// Signs in, after signing up if there is no such account yet.
    ///
    /// # Errors
    /// If the user pool or the API refuse.
    pub async fn enter(stack: &Stack, name: &str, groups: &[&str]) -> Result<Self> {
        if is_confirmed(stack, name).await? {
            return Self::sign_in(stack, name).await;
        }
        // An earlier attempt may have been cut off before the confirmation.
        let delete = stack.cognito().admin_delete_user();
        let delete = delete.user_pool_id(stack.value("UserPoolId")?).username(address(name));
        if let Err(error) = delete.send().await
            && !error.as_service_error().is_some_and(|e| e.is_user_not_found_exception())
        {
            return Err(error).context("removing an unconfirmed account");
        }
        Self::sign_up(stack, name, groups).await
    }

    /// Signs in to an account that there is.
    ///
    /// # Errors
    /// If the user pool or the API refuse.
    pub async fn sign_in(stack: &Stack, name: &str) -> Result<Self> {
        let email = address(name);
        let body = json!({ "email": email, "password": PASSWORD });
        let access: Access = post_auth(stack, "sign-in", &body).await?.ok().context("sign-in")?;
        let mut person = Self {
            stack: stack.clone(),
            email,
            member_id: "nobody".parse()?,
            access_token: access.access_token.expose().to_owned(),
        };
        let me: Me = person.call(Method::GET, "/api/me", None::<&()>, None).await?.ok()?;
        person.member_id = me.member_id.parse()?;
        Ok(person)
    }

    /// The same person with their ID token, which must open nothing. Our own
    /// sign-in hands none out, so the user pool is asked for it.
    ///
    /// # Errors
    /// If the user pool refuses.
    pub async fn with_id_token(&self) -> Result<Self> {
        let stack = &self.stack;
        let signed_in = stack
            .cognito()
            .initiate_auth()
            .client_id(stack.value("UserPoolClientId")?)
            .auth_flow(AuthFlowType::UserPasswordAuth)
            .auth_parameters("USERNAME", &self.email)
            .auth_parameters("PASSWORD", PASSWORD)
            .send()
            .await
            .context("sign-in at the user pool")?;
        let tokens = signed_in.authentication_result().context("sign-in gave no tokens")?;
        Ok(self.with_token(tokens.id_token().context("no ID token")?))
    }

    /// The same person with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { access_token: token.to_owned(), ..self.clone() }
    }

    /// Their access token.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// Calls the API.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&(impl Serialize + ?Sized)>,
        key: Option<&str>,
    ) -> Result<Answer> {
        let body = body.map(serde_json::to_vec).transpose()?;
        self.send(method, path, body, key).await
    }

    /// Calls the API with bytes as they are. Who is told to try again in a moment does
    /// so, as clients do: on a busy machine the engine may not come to something.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        key: Option<&str>,
    ) -> Result<Answer> {
        for _ in 1..TRIES_MAX {
            let answer = self.send_once(&method, path, body.as_deref(), key).await?;
            let later = answer.status == StatusCode::SERVICE_UNAVAILABLE;
            if !(later && answer.body.contains(TRY_AGAIN)) {
                return Ok(answer);
            }
            tokio::time::sleep(MOMENT).await;
        }
        self.send_once(&method, path, body.as_deref(), key).await
    }

    async fn send_once(
        &self,
        method: &Method,
        path: &str,
        body: Option<&[u8]>,
        key: Option<&str>,
    ) -> Result<Answer> {
        let mut request = self.stack.http.request(method.clone(), self.stack.url(path)?);
        if !self.access_token.is_empty() {
            request = request.bearer_auth(&self.access_token);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_vec());
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.with_context(|| format!("{path} did not answer"))?;
        let answer = Answer { status: answer.status(), body: answer.text().await? };
        self.stack.note_answer(&answer.body);
        Ok(answer)
    }

    /// Somebody without a token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { access_token: String::new(), ..self.clone() }
    }

    /// Uploads a photo as a browser would: asks for a form, posts it.
    ///
    /// # Errors
    /// If the API or the bucket refuse.
    pub async fn upload(&self, bytes: Vec<u8>, content_type: &str) -> Result<PhotoId> {
        let wanted = RequestUpload { content_type: content_type.into() };
        let key = Ulid::generate().to_string();
        let upload: Upload =
            self.call(Method::POST, "/api/photos", Some(&wanted), Some(&key)).await?.ok()?;
        let mut form = Form::new();
        for (name, value) in upload.fields {
            form = form.text(name, value);
        }
        let part =
            reqwest::multipart::Part::bytes(bytes).file_name("photo").mime_str(content_type)?;
        let answer =
            self.stack.http.post(&upload.url).multipart(form.part("file", part)).send().await?;
        if !answer.status().is_success() {
            bail!("the upload was refused: {} {}", answer.status(), answer.text().await?);
        }
        Ok(upload.photo_id)
    }

    /// Submits a session.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn submit_session(&self, wanted: &SubmitSession, key: &str) -> Result<Submitted> {
        self.call(Method::POST, "/api/sessions", Some(wanted), Some(key)).await?.ok()
    }

    /// Submits a review.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn submit_review(&self, wanted: &SubmitReview, key: &str) -> Result<Submitted> {
        self.call(Method::POST, "/api/reviews", Some(wanted), Some(key)).await?.ok()
    }

    /// Looks at one's own submission.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn submission(&self, id: SubmissionId) -> Result<SubmissionView> {
        self.call(Method::GET, &format!("/api/submissions/{id}"), None::<&()>, None).await?.ok()
    }

    /// Follows something.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn follow(&self, wanted: &PutFollow) -> Result<()> {
        let answer = self.call(Method::PUT, "/api/follows", Some(wanted), None).await?;
        ensure!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
        Ok(())
    }

    /// Decides a case.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn decide(&self, case: CaseId, decision: &Decide) -> Result<Answer> {
        self.decide_under(&Ulid::generate().to_string(), case, decision).await
    }

    /// A page of the queue.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn cases(&self, cursor: Option<&Cursor>) -> Result<Cases> {
        let cursor = cursor.map_or_else(String::new, |cursor| format!("?cursor={}", cursor.0));
        let path = format!("/api/moderation/cases{cursor}");
        self.call(Method::GET, &path, None::<&()>, None).await?.ok()
    }

    /// Claims a case, or claims it again.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn claim(&self, case: CaseId) -> Result<Answer> {
        let path = format!("/api/moderation/cases/{case}/claim");
        self.call(Method::PUT, &path, None::<&()>, None).await
    }

    /// Gives a case up.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn release(&self, case: CaseId) -> Result<Answer> {
        let path = format!("/api/moderation/cases/{case}/claim");
        self.call(Method::DELETE, &path, None::<&()>, None).await
    }

    /// Asks for another look at one's own submission.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn appeal(&self, id: SubmissionId, words: &str) -> Result<Answer> {
        let appeal = AppealDraft { words: words.into() };
        let path = format!("/api/submissions/{id}/appeal");
        self.call(Method::PUT, &path, Some(&appeal), None).await
    }

    /// Reads a case with its history.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn case(&self, id: CaseId) -> Result<CaseView> {
        let path = format!("/api/moderation/cases/{id}");
        self.call(Method::GET, &path, None::<&()>, None).await?.ok()
    }

    /// Decides a case under a key, which a repeat has, too.
    ///
    /// # Errors
    /// If there is no answer.
    pub async fn decide_under(&self, key: &str, case: CaseId, decision: &Decide) -> Result<Answer> {
        let path = format!("/api/moderation/cases/{case}/decision");
        self.call(Method::POST, &path, Some(decision), Some(key)).await
    }
}

/// Asks something of `/api/auth` as our own page would.
///
/// # Errors
/// If there is no answer.
pub async fn post_auth(
    stack: &Stack,
    what: &str,
    body: &(impl Serialize + ?Sized),
) -> Result<Answer> {
    let url = stack.url(&format!("/api/auth/{what}"))?;
    let request = stack.http.post(url).header(AUTH_HEADER, AUTH_HEADER_VALUE).json(body);
    let answer = request.send().await.with_context(|| format!("{what} did not answer"))?;
    let answer = Answer { status: answer.status(), body: answer.text().await? };
    stack.note_answer(&answer.body);
    Ok(answer)
}

fn accepted(answer: &Answer) -> Result<()> {
    ensure!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
    Ok(())
}

/// Where a person's mail goes: nowhere outside this machine.
#[must_use]
pub fn address(name: &str) -> String {
    format!("{name}@example.org")
}

/// Whether there is an account of this name that can be signed in to.
///
/// # Errors
/// If the user pool does not answer.
pub async fn is_confirmed(stack: &Stack, name: &str) -> Result<bool> {
    let (pool, username) = (stack.value("UserPoolId")?, address(name));
    match stack.cognito().admin_get_user().user_pool_id(pool).username(username).send().await {
        Ok(user) => Ok(user.user_status() == Some(&UserStatusType::Confirmed)),
        Err(error) if error.as_service_error().is_some_and(|e| e.is_user_not_found_exception()) => {
            Ok(false)
        }
        Err(error) => Err(error).context("look up an account"),
    }
}

/// Confirms an account with the code that it was mailed.
///
/// # Errors
/// If the user pool or the API refuse.
pub async fn confirm(stack: &Stack, email: &str, groups: &[&str]) -> Result<()> {
    let pool = stack.value("UserPoolId")?;
    let cognito = stack.cognito();
    let body = json!({ "email": email, "code": SIGN_UP_CODE });
    accepted(&post_auth(stack, "confirm", &body).await?).context("confirmation")?;
    // The local engine confirms the account but not its address, which AWS
    // marks as verified by the same call.
    let verified = AttributeType::builder().name("email_verified").value("true").build()?;
    cognito
        .admin_update_user_attributes()
        .user_pool_id(pool)
        .username(email)
        .user_attributes(verified)
        .send()
        .await
        .context("verification")?;
    for group in groups {
        cognito
            .admin_add_user_to_group()
            .user_pool_id(pool)
            .username(email)
            .group_name(*group)
            .send()
            .await
            .context("group")?;
    }
    Ok(())
}
