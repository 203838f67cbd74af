//! What Lambda hands a function that takes from an SQS queue, and what it answers
//! (<https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>):
//! as much of it as we use.

use serde::{Deserialize, Serialize};

/// Some messages of a queue.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct QueueEvent {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<QueueMessage>,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueMessage {
    /// Its id.
    pub message_id: String,
    /// What it says.
    pub body: String,
}

/// Which messages were not taken: those come again, the others do not.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueAnswer {
    /// They.
    pub batch_item_failures: Vec<QueueFailure>,
}

/// A message that was not taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueFailure {
    /// Its id.
    pub item_identifier: String,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_those_of_lambda() {
        let event = json!({ "Records": [{
            "messageId": "one", "receiptHandle": "r", "body": "{}", "attributes": {},
            "messageAttributes": {}, "md5OfBody": "m", "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q", "awsRegion": "eu-west-1"
        }] });
        let event: QueueEvent = serde_json::from_value(event).unwrap();
        let message = QueueMessage { message_id: "one".into(), body: "{}".into() };
        assert_eq!(event.records, [message]);
        let failed = QueueFailure { item_identifier: "one".into() };
        let answer = QueueAnswer { batch_item_failures: vec![failed] };
        let written = json!({ "batchItemFailures": [{ "itemIdentifier": "one" }] });
        assert_eq!(serde_json::to_value(answer).unwrap(), written);
    }
}
