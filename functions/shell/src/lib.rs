//! The Lambda shell: runs one task as a Lambda function.
//!
//! It parses the payload, calls the handler, logs how it went, and turns a
//! failure into the error name that the state machine retries or catches. It
//! is the only place that knows `lambda_runtime`'s idea of an error. What the
//! task does is not its business.

pub mod metrics;

use std::{env, error::Error, fmt, future::Future, str::FromStr};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use seisiun_contracts::ErrorName;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A task's failure, on its way to the state machine.
#[derive(Debug)]
pub struct Failure {
    name: ErrorName,
    error: Box<dyn Error + Send + Sync>,
}

impl Failure {
    /// Names an error.
    pub fn new(name: ErrorName, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { name, error: error.into() }
    }

    /// What the state machine sees.
    #[must_use]
    pub fn name(&self) -> ErrorName {
        self.name
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.name.as_str().into(), error_message: failure.to_string() }
    }
}

/// A setting that the function can't run without.
#[derive(Debug)]
pub struct BadSetting {
    name: &'static str,
    why: String,
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "environment variable {}: {}", self.name, self.why)
    }
}

impl Error for BadSetting {}

/// Reads a setting from the environment.
///
/// # Errors
/// Names the variable that is missing, empty or malformed. There is no default:
/// a function that guesses where to write is worse than one that does not start.
pub fn setting<T>(name: &'static str) -> Result<T, BadSetting>
where
    T: FromStr<Err: fmt::Display>,
{
    let text = env::var(name).map_err(|_| BadSetting { name, why: "is missing".into() })?;
    if text.is_empty() {
        return Err(BadSetting { name, why: "is empty".into() });
    }
    text.parse().map_err(|error: T::Err| BadSetting { name, why: error.to_string() })
}

/// Structured logs, as Lambda's log format and level variables ask for.
pub fn init_logs() {
    lambda_runtime::tracing::init_default_subscriber();
}

/// Serves one task until the execution environment ends.
///
/// # Errors
/// Those of the Lambda runtime API.
pub async fn serve<I, O, H, F>(handler: H) -> Result<(), lambda_runtime::Error>
where
    I: DeserializeOwned,
    O: Serialize,
    H: Fn(I) -> F,
    F: Future<Output = Result<O, Failure>>,
{
    lambda_runtime::run(service_fn(|event: LambdaEvent<Value>| {
        let answer = parse(event.payload).map(&handler);
        async move {
            let answer = match answer {
                // Boxed: a task holds the SDK's deeply nested futures, and the
                // compiler gives up on laying out all of it in one piece.
                Ok(future) => Box::pin(future).await,
                Err(failure) => Err(failure),
            };
            metrics::flush();
            answer.inspect_err(log)
        }
    }))
    .await
}

/// Parses a payload; the message names the field, never its value.
fn parse<I: DeserializeOwned>(payload: Value) -> Result<I, Failure> {
    serde_json::from_value(payload).map_err(|error| Failure::new(ErrorName::InvalidInput, error))
}

/// The one place where a task's failure is logged, with its whole chain.
fn log(failure: &Failure) {
    let mut chain = Vec::new();
    let mut source = failure.source();
    while let Some(error) = source {
        chain.push(error.to_string());
        source = error.source();
    }
    let (name, causes) = (failure.name.as_str(), chain.join(": "));
    if failure.name.is_transient() {
        tracing::warn!(error.name = name, error.message = %failure, error.causes = causes, "task failed, may pass");
    } else {
        tracing::error!(error.name = name, error.message = %failure, error.causes = causes, "task failed");
    }
}

#[cfg(test)]
mod tests {
    use seisiun_contracts::task::ModeratePhotoInput;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_that_breaks_the_contract_is_named_as_such() {
        for payload in [
            json!(null),
            json!({}),
            json!({ "submission_id": "nonsense", "photo_id": "01J9ZZZZZZZZZZZZZZZZZZZZZZ" }),
            json!({ "submission_id": "01J9ZZZZZZZZZZZZZZZZZZZZZZ", "photo_id": "01J9ZZZZZZZZZZZZZZZZZZZZZZ", "more": 1 }),
        ] {
            let diagnostic = Diagnostic::from(parse::<ModeratePhotoInput>(payload).unwrap_err());
            assert_eq!(diagnostic.error_type, "Task.InvalidInput");
        }
    }

    #[test]
    fn a_missing_setting_is_named() {
        let error = setting::<String>("SEISIUN_NO_SUCH_SETTING").unwrap_err();
        assert_eq!(error.to_string(), "environment variable SEISIUN_NO_SUCH_SETTING: is missing");
    }
}
