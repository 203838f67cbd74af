//! Rekognition's image moderation.

use aws_sdk_rekognition::{
    Client,
    config::Builder,
    operation::detect_moderation_labels::DetectModerationLabelsOutput,
    types::{Image, ModerationLabel, S3Object},
};
use seisiun_domain::moderation::{Label, MIN_CONFIDENCE};
use seisiun_workflows::ports::{DetectLabels, Detection, PortError, PortResult};

use crate::{SdkConfig, classify::port_error, timeouts};

const DETECT: &str = "rekognition:DetectModerationLabels";

/// Seconds to wait for one answer: it reads the image from S3 and runs a model,
/// usually in one or two.
const ATTEMPT_SECONDS: u64 = 12;
/// Seconds for an operation with its retries: less than ModeratePhoto's time-out
/// (20 s). A second try is for a throttle, which answers at once.
const OPERATION_SECONDS: u64 = 17;

/// The classifier. It reads from the quarantine bucket only.
#[derive(Debug, Clone)]
pub struct Classifier {
    client: Client,
    bucket: String,
}

impl Classifier {
    /// A classifier of the images in this bucket.
    #[must_use]
    pub fn new(config: &SdkConfig, quarantine_bucket: impl Into<String>) -> Self {
        let config = Builder::from(config)
            .timeout_config(timeouts(ATTEMPT_SECONDS, OPERATION_SECONDS))
            .build();
        Self { client: Client::from_conf(config), bucket: quarantine_bucket.into() }
    }
}

impl DetectLabels for Classifier {
    async fn detect_labels(&self, key: &str) -> PortResult<Detection> {
        let object = S3Object::builder().bucket(&self.bucket).name(key).build();
        let answer = self
            .client
            .detect_moderation_labels()
            .image(Image::builder().s3_object(object).build())
            .min_confidence(MIN_CONFIDENCE)
            .send()
            .await
            .map_err(|error| port_error(DETECT, error))?;
        detection(answer)
    }
}

fn detection(answer: DetectModerationLabelsOutput) -> PortResult<Detection> {
    let broken = |why: &str| PortError::Broken { what: DETECT, why: why.into() };
    let model = answer.moderation_model_version.ok_or_else(|| broken("no model is named"))?;
    let labels = answer.moderation_labels.unwrap_or_default().into_iter().map(label);
    let labels: Option<Vec<_>> = labels.collect();
    // An answer that can't be read is not an answer that saw nothing.
    Ok(Detection { model, labels: labels.ok_or_else(|| broken("a label is incomplete"))? })
}

fn label(label: ModerationLabel) -> Option<Label> {
    Some(Label {
        name: label.name?,
        parent: label.parent_name.unwrap_or_default(),
        confidence: label.confidence.filter(|confidence| confidence.is_finite())?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(label: ModerationLabel) -> DetectModerationLabelsOutput {
        DetectModerationLabelsOutput::builder()
            .moderation_model_version("7.0")
            .moderation_labels(label)
            .build()
    }

    #[test]
    fn labels_keep_their_place_in_the_taxonomy() {
        let named = ModerationLabel::builder().name("Weapons").parent_name("Violence");
        let detection = detection(answer(named.confidence(81.5).build())).unwrap();
        assert_eq!(detection.model, "7.0");
        let expected =
            Label { name: "Weapons".into(), parent: "Violence".into(), confidence: 81.5 };
        assert_eq!(detection.labels, [expected]);
    }

    #[test]
    fn an_answer_that_cannot_be_read_lets_nothing_through() {
        let named = || ModerationLabel::builder().name("Explicit");
        for label in [
            named().build(),
            named().confidence(f32::NAN).build(),
            ModerationLabel::builder().confidence(99.0).build(),
        ] {
            assert!(detection(answer(label)).is_err());
        }
        assert!(detection(DetectModerationLabelsOutput::builder().build()).is_err());
    }
}
