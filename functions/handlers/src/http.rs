//! What the API functions share: identity from the verified token, bodies
//! within their limit, and problem details for whatever is wrong.

use std::{sync::Arc, time::Instant};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::FormRejection},
    http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use lambda_http::request::RequestContext;
use seisiun_aws::{SdkConfig, origin_secret::OriginSecret};
use seisiun_contracts::api::{
    BODY_BYTES_MAX, IDEMPOTENCY_KEY, IDEMPOTENCY_KEY_CHARS_MAX, PROBLEM_JSON, ProblemDetails,
    ProblemKind, auth::RETRY_AFTER_SECONDS, operations::operations,
};
use seisiun_domain::{MemberId, Problems};
use seisiun_lambda::{metrics, setting};
use seisiun_workflows::{TaskError, ports};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::origin::{Origin, only_from_cloudfront};

/// Serves an HTTP API to CloudFront until the execution environment ends, and
/// writes what was measured after each answer.
///
/// # Errors
/// If the origin's secret can't be read, and those of the Lambda runtime API.
pub async fn serve(config: &SdkConfig, router: Router) -> Result<(), lambda_http::Error> {
    let secret = OriginSecret::new(config, setting::<String>("ORIGIN_SECRET")?);
    let origin = Arc::new(Origin::start(secret, Instant::now()).await?);
    let router = router.layer(middleware::from_fn_with_state(origin, only_from_cloudfront));
    let measured = middleware::from_fn(async |request: Request, next: Next| {
        let response = next.run(request).await;
        metrics::flush();
        response
    });
    lambda_http::run(router.layer(measured)).await
}

/// An answer that is not what was asked for (RFC 9457).
#[derive(Debug)]
pub struct HttpProblem(Box<ProblemDetails>);

impl HttpProblem {
    /// A problem of this kind.
    #[must_use]
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self(Box::new(ProblemDetails::new(kind, detail)))
    }

    /// Fields that are not in order.
    #[must_use]
    pub fn invalid(problems: Problems) -> Self {
        let mut problem =
            Self::new(ProblemKind::InvalidContent, "See the fields below; nothing was stored.");
        problem.0.problems = problems.0;
        problem
    }

    /// The same, with other words on what to do.
    #[must_use]
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// A cursor that does not open.
    #[must_use]
    pub fn bad_cursor() -> Self {
        let why = "Hand back what the page before gave you, or begin without a cursor.";
        Self::new(ProblemKind::BadCursor, why)
    }

    /// A key that was used for something else.
    #[must_use]
    pub fn key_reused() -> Self {
        Self::new(ProblemKind::IdempotencyKeyReused, "Take a fresh key for a new request.")
    }

    /// It was here and is no longer.
    #[must_use]
    pub fn gone() -> Self {
        Self::new(ProblemKind::Gone, "This session is not listed any more.")
    }

    /// Nothing there, or nothing of yours.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, "There is nothing here for you.")
    }
}

impl From<TaskError> for HttpProblem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::InvalidInput(why) => Self::new(ProblemKind::BadRequest, why),
            TaskError::Conflict(why) | TaskError::NotReady(why) => {
                Self::new(ProblemKind::Conflict, why)
            }
            TaskError::Dependency(source) | TaskError::Throttled(source) => {
                tracing::error!(error = %source, cause = ?std::error::Error::source(&source).map(ToString::to_string), "a dependency failed");
                Self::new(
                    ProblemKind::TryAgain,
                    "Try again in a moment, with the same Idempotency-Key.",
                )
            }
            TaskError::Invariant(why) => {
                tracing::error!(error = why, "invariant broken");
                Self::new(ProblemKind::OurMistake, "We have been told and will look at it.")
            }
        }
    }
}

impl IntoResponse for HttpProblem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self.0)).into_response();
        let json = header::HeaderValue::from_static(PROBLEM_JSON);
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            let wait = header::HeaderValue::from(RETRY_AFTER_SECONDS);
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

/// The bearer of a verified access token.
#[derive(Debug, Clone)]
pub struct Bearer {
    /// Its `sub`.
    pub member_id: MemberId,
    /// Groups it names.
    pub groups: Vec<String>,
    /// The token itself, for the user pool alone.
    pub token: String,
}

impl<S: Sync> FromRequestParts<S> for Bearer {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, HttpProblem> {
        let unauthorised = |why: &str| HttpProblem::new(ProblemKind::Unauthorised, why);
        // The gateway has verified signature, issuer, audience, expiry and scope;
        // only what it put into the request's context is believed.
        let context = parts.extensions.get::<RequestContext>();
        let Some(RequestContext::ApiGatewayV2(context)) = context else {
            return Err(unauthorised("This request came by an unknown way."));
        };
        let jwt = context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
        let claims =
            jwt.map(|jwt| &jwt.claims).ok_or_else(|| unauthorised("A token is needed."))?;
        let claim = |name: &str| claims.get(name).map(String::as_str).unwrap_or_default();
        if claim("token_use") != "access" {
            return Err(unauthorised("An access token is needed."));
        }
        let member_id =
            claim("sub").parse().map_err(|_| unauthorised("The token names nobody."))?;
        // API Gateway renders a list claim as `[a b]`.
        let groups = claim("cognito:groups");
        let groups = groups
            .trim_start_matches('[')
            .trim_end_matches(']')
            .split([' ', ','])
            .map(|group| group.trim().trim_matches('"'))
            .filter(|group| !group.is_empty())
            .map(str::to_owned)
            .collect();
        let token = bearer_token(&parts.headers).to_owned();
        Ok(Self { member_id, groups, token })
    }
}

/// The bearer token of a request, as it was sent: nobody has verified it. Empty
/// where there is none.
#[must_use]
pub fn bearer_token(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")))
        .unwrap_or_default()
}

/// A moderator's token.
#[derive(Debug, Clone)]
pub struct Moderator(pub MemberId);

impl<S: Sync> FromRequestParts<S> for Moderator {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let bearer = Bearer::from_request_parts(parts, state).await?;
        if bearer.groups.iter().any(|group| group == "moderators") {
            Ok(Self(bearer.member_id))
        } else {
            Err(HttpProblem::new(ProblemKind::Forbidden, "Moderators only."))
        }
    }
}

/// A JSON body within the limit, and the bytes it was.
#[derive(Debug)]
pub struct Body<T> {
    /// Parsed.
    pub value: T,
    /// As it was sent.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = HttpProblem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, HttpProblem> {
        let too_large = || {
            let detail = format!("At most {BODY_BYTES_MAX} bytes.");
            HttpProblem::new(ProblemKind::TooLarge, detail)
        };
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !is_json(content_type) {
            let why = "Send the header Content-Type: application/json.";
            return Err(HttpProblem::new(ProblemKind::UnsupportedMediaType, why));
        }
        let bytes = axum::body::to_bytes(request.into_body(), BODY_BYTES_MAX)
            .await
            .map_err(|_| too_large())?;
        let value = parse(&bytes)
            .map_err(|error| HttpProblem::new(ProblemKind::BadJson, error.to_string()))?;
        Ok(Self { value, bytes })
    }
}

/// A posted form that cannot be read.
#[must_use]
pub fn bad_form(rejection: FormRejection) -> HttpProblem {
    let kind = match rejection.status() {
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::UnsupportedMediaType,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
        // A field that is missing, or no value of its.
        StatusCode::UNPROCESSABLE_ENTITY => ProblemKind::InvalidContent,
        _ => ProblemKind::BadRequest,
    };
    HttpProblem::new(kind, rejection.body_text())
}

/// What no route takes: known, but not by this method; or not known at all.
pub async fn unknown(method: Method, uri: Uri) -> Response {
    let known: Vec<&str> = operations()
        .iter()
        .filter(|operation| operation.is_at(uri.path()))
        .map(|operation| operation.method)
        .collect();
    if known.is_empty() {
        return HttpProblem::not_found().into_response();
    }
    let allow = known.join(", ");
    let detail = format!("{method} is not among what this path takes: {allow}.");
    let problem = HttpProblem::new(ProblemKind::MethodNotAllowed, detail);
    ([(header::ALLOW, allow)], problem).into_response()
}

/// Parses JSON. To JSON `4.0` is as whole as `4`, to serde it is not.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| {
        let value = serde_json::from_slice(bytes).map(whole);
        // The first error says where.
        value.and_then(serde_json::from_value).map_err(|_| error)
    })
}

/// The value with every number that is whole written so.
fn whole(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            // Up to 2^53 each is exact.
            Some(float) if float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0 => {
                let text = format!("{float:.0}");
                text.parse::<i64>().map_or(Value::Number(number), Value::from)
            }
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(fields) => fields.into_iter().map(|(k, v)| (k, whole(v))).collect(),
        other => other,
    }
}

/// Whether a media type, whatever its parameters, is JSON's.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// The query of a request, parsed.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Params<T> {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, HttpProblem> {
        let query = axum::extract::Query::try_from_uri(&parts.uri).map_err(|error| {
            // The source says which field, the error only that there is one.
            let why = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), ToString::to_string);
            HttpProblem::new(ProblemKind::BadQuery, why)
        })?;
        Ok(Self(query.0))
    }
}

/// What a public read answers: with a tag, so that a reader who has it already
/// is told so in a few bytes, and for how long it may be kept.
#[derive(Debug)]
pub struct Cached {
    tag: String,
    bytes: Vec<u8>,
    content_type: &'static str,
    seconds: u32,
    unchanged: bool,
}

impl Cached {
    /// The answer to a request with these headers. `seconds`: how long a
    /// browser or the CDN may keep it without asking.
    pub fn json(
        value: &impl serde::Serialize,
        seconds: u32,
        request: &HeaderMap,
    ) -> Result<Self, HttpProblem> {
        let bytes = serde_json::to_vec(value)
            .map_err(|error| TaskError::Invariant(format!("an answer: {error}")))?;
        Ok(Self::bytes(bytes, "application/json", seconds, request))
    }

    /// The same for what is not JSON, or is JSON already.
    #[must_use]
    pub fn bytes(
        bytes: Vec<u8>,
        content_type: &'static str,
        seconds: u32,
        request: &HeaderMap,
    ) -> Self {
        let digest = hex::encode(Sha256::digest(&bytes));
        let tag = format!("\"{}\"", digest.get(..32).unwrap_or(&digest));
        let known = request.get_all(header::IF_NONE_MATCH).iter();
        let unchanged = known.filter_map(|value| value.to_str().ok()).any(|known| {
            // A CDN that compresses weakens the tag; the content is the same.
            known.split(',').any(|known| {
                let known = known.trim();
                known == "*" || known.trim_start_matches("W/") == tag
            })
        });
        Self { tag, bytes, content_type, seconds, unchanged }
    }
}

impl IntoResponse for Cached {
    fn into_response(self) -> Response {
        // Stale for ten minutes more rather than slow: a phone in a cellar.
        let cache = format!("public, max-age={}, stale-while-revalidate=600", self.seconds);
        let headers = [(header::ETAG, self.tag), (header::CACHE_CONTROL, cache)];
        if self.unchanged {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(header::CONTENT_TYPE, self.content_type)], self.bytes).into_response()
    }
}

/// The client's key for repeating a request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey(pub String);

impl IdempotencyKey {
    /// The key with what it was sent for: a kind of request and its content.
    #[must_use]
    pub fn for_request(self, kind: &str, content: &[u8]) -> ports::IdempotencyKey {
        let digest = Sha256::new().chain_update(kind).chain_update([0]).chain_update(content);
        ports::IdempotencyKey { key: self.0, fingerprint: hex::encode(digest.finalize()) }
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, HttpProblem> {
        let value = parts
            .headers
            .get(IDEMPOTENCY_KEY)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let fits = (8..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&value.len())
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if fits {
            Ok(Self(value.to_owned()))
        } else {
            Err(HttpProblem::new(
                ProblemKind::IdempotencyKey,
                "Send a header Idempotency-Key of 8 to 64 letters, digits, '-' or '_'; repeat it to repeat the request.",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_whole_however_it_is_written() {
        assert_eq!(parse::<u8>(b"4").unwrap(), 4);
        assert_eq!(parse::<Vec<u8>>(b"[4.0, 4e0, -0.0]").unwrap(), [4, 4, 0]);
        assert!(parse::<u8>(b"4.5").is_err());
        assert!(parse::<u8>(b"256.0").is_err());
        assert!(parse::<u64>(b"1e300").is_err());
        assert!((parse::<f64>(b"53.0").unwrap() - 53.0).abs() < f64::EPSILON);
        let error = parse::<u8>(b"\n\n 4.5").unwrap_err();
        assert_eq!(error.line(), 3, "{error}");
    }

    #[test]
    fn what_a_reader_has_already_is_not_sent_again() {
        let answer = |known: &[&str]| {
            let mut headers = HeaderMap::new();
            for tag in known {
                headers.append(header::IF_NONE_MATCH, tag.parse().unwrap());
            }
            Cached::json(&"x", 60, &headers).unwrap().into_response()
        };
        let first = answer(&[]);
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers()[header::CONTENT_TYPE], "application/json");
        let cache = first.headers()[header::CACHE_CONTROL].to_str().unwrap();
        assert!(cache.contains("max-age=60"), "{cache}");
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        let weak = format!("W/{tag}");
        let list = format!("\"other\", {tag}");
        for (known, status) in [
            (tag.as_str(), StatusCode::NOT_MODIFIED),
            (&weak, StatusCode::NOT_MODIFIED),
            (&list, StatusCode::NOT_MODIFIED),
            ("*", StatusCode::NOT_MODIFIED),
            ("\"other\"", StatusCode::OK),
            (tag.trim_matches('"'), StatusCode::OK),
        ] {
            let answer = answer(&["\"first\"", known]);
            assert_eq!(answer.status(), status, "{known}");
            assert_eq!(answer.headers()[header::ETAG], *tag, "{known}");
        }
    }
}
