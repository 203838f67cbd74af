//! Asking the API from the browser.

use gloo_net::http::{Method, RequestBuilder, Response};
use seisiun_contracts::api::{
    IDEMPOTENCY_KEY, ProblemDetails,
    auth::{AUTH_HEADER, AUTH_HEADER_VALUE},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::{account, trouble::Trouble};
use crate::client::window;

/// Status of an answer to somebody who is not signed in.
const UNAUTHORISED: u16 = 401;

/// What is asked of the API.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    method: Method,
    path: String,
    body: Option<String>,
    key: Option<String>,
}

impl Ask {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, key: None }
    }

    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    pub(crate) fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    pub(crate) fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// With this body.
    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).ok();
        self
    }

    /// With this body, which is JSON.
    pub(crate) fn body(mut self, body: String) -> Self {
        self.body = Some(body);
        self
    }

    /// Repeatable under this key.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    /// Asks as anybody.
    pub(crate) async fn openly(self) -> Result<Value, Trouble> {
        answer(self.send(None).await?).await
    }

    /// Asks as the member who is signed in. A token that is not good any more is
    /// renewed once.
    pub(crate) async fn as_member(self) -> Result<Value, Trouble> {
        answer(self.answered_to_member().await?).await
    }

    /// Asks for a file as the member who is signed in, and gives an address for
    /// it that is good in this page alone, until it is revoked.
    pub(crate) async fn file_as_member(self) -> Result<String, Trouble> {
        let response = self.answered_to_member().await?;
        if !response.ok() {
            return Err(answer(response).await.err().unwrap_or(Trouble::Unclear));
        }
        let response = web_sys::Response::from(response);
        let blob = response.blob().map_err(|_| Trouble::Unclear)?;
        let blob = JsFuture::from(blob).await.map_err(|_| Trouble::Unreachable)?;
        web_sys::Url::create_object_url_with_blob(&blob.unchecked_into())
            .map_err(|_| Trouble::Unclear)
    }

    async fn answered_to_member(&self) -> Result<Response, Trouble> {
        let token = account::token().await?;
        let response = self.send(Some(&token)).await?;
        if response.status() != UNAUTHORISED {
            return Ok(response);
        }
        account::forget(&token);
        let token = account::token().await?;
        let response = self.send(Some(&token)).await?;
        if response.status() == UNAUTHORISED { Err(Trouble::SignedOut) } else { Ok(response) }
    }

    async fn send(&self, token: Option<&str>) -> Result<Response, Trouble> {
        let mut builder = RequestBuilder::new(&self.path).method(self.method.clone());
        if self.path.starts_with("/api/auth/") {
            builder = builder.header(AUTH_HEADER, AUTH_HEADER_VALUE);
        }
        if let Some(token) = token {
            builder = builder.header("authorization", &format!("Bearer {token}"));
        }
        if let Some(key) = &self.key {
            builder = builder.header(IDEMPOTENCY_KEY, key);
        }
        let request = match &self.body {
            Some(body) => builder.header("content-type", "application/json").body(body.as_str()),
            None => builder.build(),
        };
        request.map_err(|_| Trouble::Unclear)?.send().await.map_err(|_| Trouble::Unreachable)
    }
}

/// The JSON of an answer; `null` for an empty one.
async fn answer(response: Response) -> Result<Value, Trouble> {
    let text = response.text().await.map_err(|_| Trouble::Unreachable)?;
    if response.ok() {
        if text.is_empty() {
            return Ok(Value::Null);
        }
        return serde_json::from_str(&text).map_err(|_| Trouble::Unclear);
    }
    match serde_json::from_str::<ProblemDetails>(&text) {
        Ok(problem) => Err(Trouble::Refused(Box::new(problem))),
        // Not from the API: from what stands before it.
        Err(_) => Err(Trouble::Unclear),
    }
}

/// What an answer says.
pub(crate) fn read<T: DeserializeOwned>(answer: Value) -> Result<T, Trouble> {
    serde_json::from_value(answer).map_err(|_| Trouble::Unclear)
}

/// A fresh key under which a request may be repeated.
pub(crate) fn fresh_key() -> String {
    let mut bytes = [0_u8; 16];
    // Without random numbers, the time: one person does not send twice in a millisecond.
    if getrandom::fill(&mut bytes).is_err() {
        return format!("{:.0}", js_sys::Date::now());
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Waits for so many milliseconds.
pub(crate) async fn pause(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}
