//! The AWS side of every port: DynamoDB, S3, Step Functions, SES, SNS,
//! Rekognition, Secrets Manager and Cognito, each made from the environment's configuration.
//!
//! Adapters translate and classify; they decide nothing. Each operation has
//! explicit time-outs, and what goes wrong is sorted into [`PortError`] where
//! the call is made: no SDK type leaves this crate but [`SdkConfig`].
//!
//! [`PortError`]: seisiun_workflows::ports::PortError

use std::time::Duration;

use aws_config::{
    AppName, BehaviorVersion, ConfigLoader, retry::RetryConfig, timeout::TimeoutConfig,
};

pub mod classifier;
mod classify;
mod json_document;
pub mod keys;
pub mod mail_event;
pub mod mailer;
pub mod objects;
pub mod on_call;
pub mod origin_secret;
pub mod parking;
pub mod table;
pub mod users;
pub mod workflows;

pub use aws_config::SdkConfig;

/// Seconds to wait for a connection: inside a region it takes milliseconds, so
/// longer means that this address does not answer and another try is better.
pub const CONNECT_SECONDS: u64 = 2;
/// Seconds to wait for one answer. The slowest of our calls, a transaction,
/// takes tens of milliseconds.
pub const ATTEMPT_SECONDS: u64 = 3;
/// Seconds for an operation with its retries: less than the time-out of the
/// shortest function (10 s), so that a failure is reported under its own name
/// and not as the function's time-out.
pub const OPERATION_SECONDS: u64 = 8;
/// Tries of one operation. The state machines retry, too, and more patiently;
/// more here would multiply with theirs.
pub const ATTEMPTS_MAX: u32 = 3;

/// What every client is made of: region, credentials and endpoints from the
/// environment, time-outs and retries from here.
pub async fn sdk_config() -> SdkConfig {
    // Lambda's own name for the function, so that AWS's records of a call say
    // which of ours made it.
    let name = std::env::var("AWS_LAMBDA_FUNCTION_NAME").ok();
    match name.and_then(|name| AppName::new(name).ok()) {
        Some(name) => loader().app_name(name).load().await,
        None => loader().load().await,
    }
}

/// What [`sdk_config`] loads from, for who knows better than the environment
/// where AWS is.
#[must_use]
pub fn loader() -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts(ATTEMPT_SECONDS, OPERATION_SECONDS))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS_MAX))
}

fn timeouts(attempt_seconds: u64, operation_seconds: u64) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
        .operation_attempt_timeout(Duration::from_secs(attempt_seconds))
        .operation_timeout(Duration::from_secs(operation_seconds))
        .build()
}
