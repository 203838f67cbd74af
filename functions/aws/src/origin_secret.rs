//! What CloudFront says to the API, kept in Secrets Manager.

use std::fmt;

use aws_sdk_secretsmanager::Client;
use seisiun_workflows::ports::{PortError, PortResult};
use serde::Deserialize;

use crate::{SdkConfig, classify::port_error};

const GET: &str = "secretsmanager:GetSecretValue";

/// The values that are good: the one that is sent, and while it changes the one
/// that was or will be.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct OriginValues {
    /// What CloudFront sends.
    pub current: String,
    /// What is as good; often empty, which is no value.
    pub other: String,
}

impl fmt::Debug for OriginValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OriginValues { .. }")
    }
}

/// The secret; `ops/delivery.yaml` makes and rotates it.
#[derive(Debug, Clone)]
pub struct OriginSecret {
    client: Client,
    id: String,
}

impl OriginSecret {
    /// The secret of this ARN or name.
    #[must_use]
    pub fn new(config: &SdkConfig, id: impl Into<String>) -> Self {
        Self { client: Client::new(config), id: id.into() }
    }

    /// Reads the values that are good now.
    ///
    /// # Errors
    /// As every port; [`PortError::Broken`] where the secret is not of this form.
    pub async fn read(&self) -> PortResult<OriginValues> {
        let answer = self.client.get_secret_value().secret_id(&self.id).send().await;
        let answer = answer.map_err(|error| port_error(GET, error))?;
        let text = answer.secret_string.unwrap_or_default();
        // Without the parser's words, which may quote the secret.
        serde_json::from_str(&text).map_err(|_| PortError::Broken {
            what: GET,
            why: format!("the secret {} is not {{\"current\": …, \"other\": …}}", self.id),
        })
    }
}
