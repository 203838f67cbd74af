//! A stand-in for Amazon Rekognition: `DetectModerationLabels` and nothing else.
//!
//! It speaks the service's JSON 1.1 wire and judges with a real classifier, a
//! small open model that sees nudity and drawings. It cannot see violence,
//! drugs or hate symbols: those labels come only from a rules file, for tests.
//! Answers name this model as theirs, never Rekognition's "7.0".

mod classifier;
mod rules;
mod taxonomy;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

pub use classifier::{Classifier, ImageError, MODEL_VERSION, ModelError, Scores};
pub use rules::{Rule, Rules, RulesError};
pub use taxonomy::{ModerationLabel, Taxonomy, TaxonomyError};

use crate::faults::{self, Fault, FaultBoard, PATH};
use crate::s3::{S3, S3Error};
use crate::serve::CloseConnection;
use crate::watched::{JsonFile, ReadError};

const TARGET: &str = "RekognitionService.DetectModerationLabels";

/// `Image.Bytes` may have 5 MB before base64.
const INLINE_BYTES_MAX: usize = 5 * 1024 * 1024;

/// `Image.S3Object` may have 15 MB.
const S3_BYTES_MAX: usize = 15 * 1024 * 1024;

/// A request: the inline limit in base64 (4/3), and as much again so that an
/// image somewhat too large is refused by name and not by the server.
const REQUEST_BYTES_MAX: usize = 2 * INLINE_BYTES_MAX / 3 * 4;

/// How long a client may take to send a request.
const REQUEST_READ_SECONDS: u64 = 30;

/// How long fetching an object may take in all.
const FETCH_SECONDS: u64 = 30;

/// Images decoded and classified at once. Each may need hundreds of megabytes
/// while it is decoded, and the model uses every core by itself.
const CLASSIFY_CONCURRENCY: usize = 2;

/// Rekognition's default.
const MIN_CONFIDENCE_DEFAULT: f32 = 50.0;

/// Above this a picture counts as a drawing.
const ILLUSTRATED_CONFIDENCE_MIN: f32 = 50.0;

/// The errors that a fault may name.
const ERRORS: &[&str] = &[
    "AccessDeniedException",
    "ImageTooLargeException",
    "InternalServerError",
    "InvalidImageFormatException",
    "InvalidParameterException",
    "InvalidS3ObjectException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
];

/// Why the stand-in could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The taxonomy.
    #[error(transparent)]
    Taxonomy(#[from] TaxonomyError),
    /// The rules file cannot be read.
    #[error(transparent)]
    RulesFile(#[from] ReadError),
    /// The rules file has a rule that means nothing.
    #[error(transparent)]
    Rules(#[from] RulesError),
}

struct Rekognition {
    classifier: Arc<Classifier>,
    taxonomy: Taxonomy,
    rules: Option<JsonFile<Rules>>,
    s3: S3,
    faults: FaultBoard,
    turns: Arc<Semaphore>,
}

/// The stand-in's routes. `rules` is read now, and again whenever it changes.
///
/// # Errors
/// When the model, the taxonomy or the rules are unusable.
pub fn router(s3: S3, rules: Option<JsonFile<Rules>>) -> Result<Router, SetupError> {
    let taxonomy = Taxonomy::load()?;
    if let Some(rules) = &rules {
        rules.read()?.check(&taxonomy)?;
    }
    let faults = FaultBoard::new(ERRORS);
    let rekognition = Rekognition {
        classifier: Arc::new(Classifier::load()?),
        taxonomy,
        rules,
        s3,
        faults: faults.clone(),
        turns: Arc::new(Semaphore::new(CLASSIFY_CONCURRENCY)),
    };
    Ok(Router::new()
        .route("/", post(answer))
        .route("/_local/health", get(health))
        .with_state(Arc::new(rekognition))
        .merge(faults.router(PATH)))
}

async fn health() -> axum::Json<serde_json::Value> {
    axum::Json(serde_json::json!({ "status": "ok", "model": MODEL_VERSION }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DetectInput {
    image: Option<ImageInput>,
    min_confidence: Option<f32>,
    human_loop_config: Option<serde_json::Value>,
    project_version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ImageInput {
    bytes: Option<String>,
    s3_object: Option<S3ObjectInput>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct S3ObjectInput {
    bucket: Option<String>,
    name: Option<String>,
    version: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DetectOutput {
    moderation_labels: Vec<ModerationLabel>,
    moderation_model_version: String,
    content_types: Vec<ContentType>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ContentType {
    confidence: f32,
    name: &'static str,
}

/// An error as the service tells it.
#[derive(Debug)]
struct Refusal {
    code: String,
    message: String,
}

impl Refusal {
    fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }

    fn internal() -> Self {
        Self::new("InternalServerError", "The service has an internal error.")
    }

    fn status(&self) -> StatusCode {
        match self.code.as_str() {
            "InternalServerError" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let request_id = ulid::Ulid::generate().to_string();
        let body = serde_json::json!({
            "__type": self.code,
            "Code": self.code,
            "Logref": request_id,
            "Message": self.message,
        });
        let mut response = json(self.status(), &body);
        if let Ok(value) = HeaderValue::from_str(&self.code) {
            response.headers_mut().insert("x-amzn-errortype", value);
        }
        response
    }
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let Ok(body) = serde_json::to_vec(body) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
    if let Ok(request_id) = HeaderValue::from_str(&ulid::Ulid::generate().to_string()) {
        headers.insert("x-amzn-requestid", request_id);
    }
    response
}

async fn answer(State(rekognition): State<Arc<Rekognition>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let input = match parse(&head.headers, body).await {
        Ok(input) => input,
        Err(refusal) => return refusal.into_response(),
    };
    match rekognition.detect(input).await {
        Ok(Answer::Send(output)) => json(StatusCode::OK, &output),
        Ok(Answer::Lose) => CloseConnection::response(),
        Err(refusal) => {
            tracing::info!(code = refusal.code, reason = refusal.message, "refused");
            refusal.into_response()
        }
    }
}

async fn parse(headers: &HeaderMap, body: Body) -> Result<DetectInput, Refusal> {
    // Signatures are the engine's to check; a client that does not sign at all
    // would fail on AWS, so it fails here.
    let signed =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).is_some_and(
            |value| value.starts_with("AWS4-HMAC-SHA256 ") && value.contains("/rekognition/"),
        );
    if !signed {
        return Err(Refusal::new(
            "MissingAuthenticationTokenException",
            "The request is not signed for rekognition",
        ));
    }
    if headers.get("x-amz-target").is_none_or(|target| target != TARGET) {
        return Err(Refusal::new(
            "UnknownOperationException",
            "This stand-in knows DetectModerationLabels only",
        ));
    }
    let read = axum::body::to_bytes(body, REQUEST_BYTES_MAX);
    let body = tokio::time::timeout(Duration::from_secs(REQUEST_READ_SECONDS), read)
        .await
        .map_err(|_| Refusal::new("RequestTimeoutException", "The request came too slowly"))?
        .map_err(|error| {
            tracing::info!(%error, "request not read");
            Refusal::new("ImageTooLargeException", "The request is larger than any image allowed")
        })?;
    serde_json::from_slice(&body).map_err(|error| {
        Refusal::new("SerializationException", format!("The request is not valid: {error}"))
    })
}

enum Answer {
    Send(DetectOutput),
    Lose,
}

impl Rekognition {
    async fn detect(&self, input: DetectInput) -> Result<Answer, Refusal> {
        let min_confidence = input.min_confidence.unwrap_or(MIN_CONFIDENCE_DEFAULT);
        if !(0.0..=100.0).contains(&min_confidence) {
            return Err(invalid("MinConfidence must be from 0 to 100"));
        }
        if input.human_loop_config.is_some() {
            return Err(invalid("HumanLoopConfig is not supported by this stand-in"));
        }
        if input.project_version.is_some() {
            return Err(invalid("ProjectVersion is not supported by this stand-in"));
        }
        let object_name =
            input.image.as_ref().and_then(|image| image.s3_object.as_ref()?.name.clone());
        let file = self.file(input.image).await;
        let sha256 =
            file.as_ref().map(|file| hex::encode(Sha256::digest(file))).unwrap_or_default();

        let lose = match self.faults.take(&[&sha256, object_name.as_deref().unwrap_or_default()]) {
            None => false,
            Some(Fault::LostAnswer) => true,
            Some(Fault::Throttle) => {
                return Err(Refusal::new("ThrottlingException", "Rate exceeded"));
            }
            Some(Fault::Fail) => return Err(Refusal::internal()),
            Some(Fault::Error { error }) => {
                return Err(Refusal::new(&error, "An injected fault"));
            }
            Some(Fault::Hang) => {
                faults::hang().await;
                return Ok(Answer::Lose);
            }
        };
        let output = self.judge(file?, &sha256, min_confidence).await?;
        Ok(if lose { Answer::Lose } else { Answer::Send(output) })
    }

    async fn file(&self, image: Option<ImageInput>) -> Result<Bytes, Refusal> {
        match image.map(|image| (image.bytes, image.s3_object)) {
            Some((Some(bytes), None)) => inline(&bytes),
            Some((None, Some(object))) => self.fetch(object).await,
            _ => Err(invalid("Image must have either Bytes or S3Object")),
        }
    }

    async fn fetch(&self, object: S3ObjectInput) -> Result<Bytes, Refusal> {
        let (Some(bucket), Some(name)) = (object.bucket, object.name) else {
            return Err(invalid("S3Object must have Bucket and Name"));
        };
        let fetch = self.fetch_object(&bucket, &name, object.version.as_deref());
        tokio::time::timeout(Duration::from_secs(FETCH_SECONDS), fetch).await.unwrap_or_else(|_| {
            tracing::warn!("fetching the object took too long");
            Err(Refusal::internal())
        })
    }

    async fn fetch_object(
        &self,
        bucket: &str,
        name: &str,
        version: Option<&str>,
    ) -> Result<Bytes, Refusal> {
        let response =
            self.s3.read(Method::GET, bucket, name, version, HeaderMap::new()).await.map_err(
                |error| match error {
                    S3Error::Key | S3Error::Bucket => invalid(&error.to_string()),
                    S3Error::Sign(_) | S3Error::Transport(_) => unreachable_s3(&error),
                },
            )?;
        let status = response.status();
        if status.is_server_error() {
            tracing::warn!(%status, "S3 failed");
            return Err(Refusal::internal());
        }
        if status != StatusCode::OK {
            return Err(Refusal::new(
                "InvalidS3ObjectException",
                "Unable to get object metadata from S3. \
                 Check object key, region and/or access permissions.",
            ));
        }
        let too_large = || Refusal::new("ImageTooLargeException", "The image is over 15 MB");
        if response.content_length().is_some_and(|length| length > S3_BYTES_MAX as u64) {
            return Err(too_large());
        }
        let mut file = BytesMut::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| unreachable_s3(&error.into()))?;
            if file.len() + chunk.len() > S3_BYTES_MAX {
                return Err(too_large());
            }
            file.extend_from_slice(&chunk);
        }
        Ok(file.freeze())
    }

    async fn judge(
        &self,
        file: Bytes,
        sha256: &str,
        min_confidence: f32,
    ) -> Result<DetectOutput, Refusal> {
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Refusal::internal())?;
        let classifier = Arc::clone(&self.classifier);
        let classified = tokio::task::spawn_blocking(move || {
            // Held to the end even if the client goes away: it bounds memory.
            let _turn = turn;
            classifier.classify(&file)
        });
        let classified = classified.await.map_err(|error| {
            tracing::error!(%error, "classifying panicked");
            Refusal::internal()
        })?;
        let scores = classified.map_err(|error| match error {
            ImageError::Format => {
                Refusal::new("InvalidImageFormatException", "Request has invalid image format")
            }
            ImageError::TooLarge => {
                Refusal::new("ImageTooLargeException", "Image dimensions are too large")
            }
            ImageError::TooSmall => invalid("Image dimensions are too small"),
            ImageError::Model(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "model failed");
                Refusal::internal()
            }
        })?;
        let rules = self.rules.as_ref().and_then(JsonFile::current);
        Ok(self.labels(scores, rules.as_deref(), sha256, min_confidence))
    }

    fn labels(
        &self,
        scores: Scores,
        rules: Option<&Rules>,
        sha256: &str,
        min_confidence: f32,
    ) -> DetectOutput {
        // The sum of two rounded probabilities may exceed 1 by a hair.
        let percent = |probability: f32| (probability * 100.0).clamp(0.0, 100.0);
        let mut found = vec![
            ("Explicit Nudity", percent(scores.porn + scores.hentai)),
            ("Non-Explicit Nudity", percent(scores.sexy)),
        ];
        let before = found.len();
        if let Some(rules) = rules {
            // A rules file may have changed since it was checked at the start.
            found.extend(rules.labels(sha256).filter(|(label, confidence)| {
                self.taxonomy.contains(label) && (0.0..=100.0).contains(confidence)
            }));
        }
        let by_rule = found.len() > before;
        found.retain(|(_, confidence)| *confidence >= min_confidence);
        let drawn = percent(scores.drawing + scores.hentai);
        DetectOutput {
            moderation_labels: self.taxonomy.with_ancestors(&found),
            moderation_model_version: if by_rule {
                format!("{MODEL_VERSION}+rule")
            } else {
                MODEL_VERSION.to_owned()
            },
            content_types: (drawn >= ILLUSTRATED_CONFIDENCE_MIN)
                .then_some(ContentType { confidence: drawn, name: "Illustrated" })
                .into_iter()
                .collect(),
        }
    }
}

fn inline(base64: &str) -> Result<Bytes, Refusal> {
    let bytes = STANDARD
        .decode(base64)
        .map_err(|_| Refusal::new("SerializationException", "Image.Bytes is not base64"))?;
    if bytes.is_empty() {
        return Err(invalid("Image.Bytes is empty"));
    }
    if bytes.len() > INLINE_BYTES_MAX {
        return Err(Refusal::new("ImageTooLargeException", "The image is over 5 MB"));
    }
    Ok(bytes.into())
}

fn invalid(message: &str) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}

fn unreachable_s3(error: &S3Error) -> Refusal {
    tracing::warn!(error = error as &dyn std::error::Error, "S3 could not be reached");
    Refusal::internal()
}
