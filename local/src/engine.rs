//! The engine, as the AWS SDK speaks to it.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use url::Url;

/// Seconds for one call with its retries.
const OPERATION_SECONDS: u64 = 30;

/// What every client of the engine is made of.
pub async fn sdk_config(engine: &Url, region: String, credentials: Credentials) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().operation_timeout(Duration::from_secs(OPERATION_SECONDS)).build();
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(engine.as_str().trim_end_matches('/'))
        .region(Region::new(region))
        .credentials_provider(credentials)
        .timeout_config(timeouts)
        .load()
        .await
}
