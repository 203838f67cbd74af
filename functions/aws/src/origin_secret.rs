//! What CloudFront says to the API, kept in Secrets Manager.

use aws_sdk_secretsmanager::Client;
use seisiun_workflows::ports::{OriginValues, PortError, PortResult, ReadOriginValues};

use crate::{SdkConfig, classify::port_error};

const GET: &str = "secretsmanager:GetSecretValue";

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
}

impl ReadOriginValues for OriginSecret {
    async fn read_origin_values(&self) -> PortResult<OriginValues> {
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
