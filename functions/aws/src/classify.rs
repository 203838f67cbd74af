//! What went wrong in a call, sorted by what a caller can do about it.

use std::error::Error;

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};
use seisiun_workflows::ports::PortError;

/// Error codes that ask us to go slower. `TransactionInProgressException` is
/// one of them: our own first try is still being worked on.
const THROTTLES: &[&str] = &[
    "BandwidthLimitExceeded",
    "ExecutionLimitExceeded",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

/// Error codes with a 4xx status that pass by themselves: a conflict with
/// another writer, a slow request, credentials that are renewed.
const TRANSIENTS: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalServerError",
    "ReplicatedWriteConflictException",
    "RequestTimeout",
    "RequestTimeoutException",
    "TransactionConflict",
    "TransactionConflictException",
];

/// How an error that the service named is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Throttled,
    Unavailable,
    Broken,
}

pub(crate) fn class(code: &str, status: u16) -> Class {
    if THROTTLES.contains(&code) || status == 429 {
        Class::Throttled
    } else if TRANSIENTS.contains(&code) || status >= 500 {
        Class::Unavailable
    } else {
        Class::Broken
    }
}

/// The port error of a failed call, with what the service said. Not for calls
/// whose messages may quote a token or an address: see [`quiet_error`].
pub(crate) fn port_error<E>(what: &'static str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match &error {
        SdkError::ServiceError(context) => {
            let code = context.err().code().unwrap_or("unnamed");
            match class(code, context.raw().status().as_u16()) {
                Class::Throttled => PortError::Throttled { what },
                Class::Unavailable => PortError::Unavailable { what, source: Box::new(error) },
                Class::Broken => {
                    let message = context.err().message().unwrap_or_default();
                    PortError::Broken { what, why: format!("{code}: {message}") }
                }
            }
        }
        SdkError::ConstructionFailure(_) => PortError::Broken { what, why: chain(&error) },
        _ => PortError::Unavailable { what, source: Box::new(error) },
    }
}

/// The port error of a failed call, without the service's words.
pub(crate) fn quiet_error<E>(what: &'static str, error: &SdkError<E, HttpResponse>) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let unavailable = |source: String| PortError::Unavailable { what, source: source.into() };
    match error {
        SdkError::ServiceError(context) => {
            let code = context.err().code().unwrap_or("unnamed");
            match class(code, context.raw().status().as_u16()) {
                Class::Throttled => PortError::Throttled { what },
                Class::Unavailable => unavailable(code.to_owned()),
                Class::Broken => PortError::Broken { what, why: code.to_owned() },
            }
        }
        SdkError::ConstructionFailure(_) => {
            PortError::Broken { what, why: "the request could not be made".into() }
        }
        other => unavailable(kind(other).to_owned()),
    }
}

/// What kind of failure it is, in words that quote nothing.
pub(crate) fn kind<E>(error: &SdkError<E, HttpResponse>) -> &'static str {
    match error {
        SdkError::ConstructionFailure(_) => "the request could not be made",
        SdkError::TimeoutError(_) => "no answer in time",
        SdkError::DispatchFailure(_) => "the connection failed",
        SdkError::ResponseError(_) => "the answer could not be read",
        _ => "the service failed",
    }
}

/// An error with its sources on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_taken_by_its_code_and_then_by_its_status() {
        for (code, status, expected) in [
            ("ThrottlingException", 400, Class::Throttled),
            ("TransactionInProgressException", 400, Class::Throttled),
            ("SlowDown", 503, Class::Throttled),
            ("unnamed", 429, Class::Throttled),
            ("InternalServerError", 500, Class::Unavailable),
            ("unnamed", 502, Class::Unavailable),
            ("ExpiredTokenException", 400, Class::Unavailable),
            ("AccessDeniedException", 400, Class::Broken),
            ("AccessDenied", 403, Class::Broken),
            ("ValidationException", 400, Class::Broken),
            ("ResourceNotFoundException", 400, Class::Broken),
        ] {
            assert_eq!(class(code, status), expected, "{code} {status}");
        }
    }
}
