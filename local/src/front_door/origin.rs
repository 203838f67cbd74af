//! What CloudFront says to the API, so that the API knows that it is asked
//! through the front door. CloudFront has it in its configuration; here it is
//! read when the stack is new.

use aws_config::SdkConfig;
use http::{HeaderName, HeaderValue};
use serde::Deserialize;
use tokio::sync::Mutex;

/// The header in which it is said.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-seisiun-origin");

/// Why it is not known.
#[derive(Debug, thiserror::Error)]
pub(super) enum OriginError {
    /// The engine does not give the secret.
    #[error("the origin secret can't be read")]
    Read(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It is not what it should be. Its own words could quote it.
    #[error("the origin secret has no current value that a header can hold")]
    Malformed,
}

#[derive(Deserialize)]
struct Values {
    current: String,
}

/// The value, with the secret that it was read from.
pub(super) struct Origin {
    secrets: aws_sdk_secretsmanager::Client,
    read: Mutex<Option<(String, HeaderValue)>>,
}

impl Origin {
    pub(super) fn new(config: &SdkConfig) -> Self {
        let secrets = aws_sdk_secretsmanager::Client::new(config);
        Self { secrets, read: Mutex::default() }
    }

    /// What to say where `secret` is the stack's.
    pub(super) async fn value(&self, secret: &str) -> Result<HeaderValue, OriginError> {
        let mut read = self.read.lock().await;
        if let Some((from, value)) = &*read
            && from == secret
        {
            return Ok(value.clone());
        }
        let answer = self.secrets.get_secret_value().secret_id(secret).send().await;
        let text = answer.map_err(|error| OriginError::Read(error.into()))?.secret_string;
        let values: Values =
            serde_json::from_str(&text.unwrap_or_default()).map_err(|_| OriginError::Malformed)?;
        let mut value =
            HeaderValue::from_str(&values.current).map_err(|_| OriginError::Malformed)?;
        value.set_sensitive(true);
        *read = Some((secret.to_owned(), value.clone()));
        Ok(value)
    }
}
