//! The people on call, through an SNS topic.

use aws_sdk_sns::Client;
use seisiun_workflows::ports::{PortResult, RaiseAlert};
use unicode_normalization::UnicodeNormalization;

use crate::{SdkConfig, classify::port_error};

const PUBLISH: &str = "sns:Publish";

/// Characters that SNS takes in a subject: fewer than 100, ASCII, one line.
const SUBJECT_CHARS_MAX: usize = 99;

/// The people on call.
#[derive(Debug, Clone)]
pub struct OnCall {
    client: Client,
    topic: String,
}

impl OnCall {
    /// Whoever is subscribed to this topic.
    #[must_use]
    pub fn new(config: &SdkConfig, topic_arn: impl Into<String>) -> Self {
        Self { client: Client::new(config), topic: topic_arn.into() }
    }
}

impl RaiseAlert for OnCall {
    async fn raise_alert(&self, subject: &str, message: &str) -> PortResult<()> {
        self.client
            .publish()
            .topic_arn(&self.topic)
            .subject(plain(subject))
            .message(message)
            .send()
            .await
            .map_err(|error| port_error(PUBLISH, error))?;
        Ok(())
    }
}

/// A subject as SNS takes it: accents are taken off, what is left of other
/// scripts and controls is dropped.
fn plain(subject: &str) -> String {
    let plain = subject.nfd().filter(|c| c.is_ascii_graphic() || *c == ' ');
    plain.take(SUBJECT_CHARS_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_short_line_of_ascii() {
        assert_eq!(plain("Seisiún: a workflow failed"), "Seisiun: a workflow failed");
        assert_eq!(plain(" a\nb\u{7f}… "), "ab");
        assert_eq!(plain(&"x".repeat(200)).len(), SUBJECT_CHARS_MAX);
    }
}
