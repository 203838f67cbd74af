//! Pages of fan-outs that failed for good, in an SQS queue of dead letters.

use aws_sdk_sqs::{
    Client,
    types::{DeleteMessageBatchRequestEntry, SendMessageBatchRequestEntry},
};
use seisiun_workflows::{
    fan_out::Page,
    ports::{ListParked, ParkPages, ParkedPage, PortError, PortResult, UnparkPages},
};

use crate::{SdkConfig, classify::port_error};

const SEND: &str = "sqs:SendMessageBatch";
const RECEIVE: &str = "sqs:ReceiveMessage";
const DELETE: &str = "sqs:DeleteMessageBatch";

/// Messages in one request: SQS's own limit.
const BATCH: usize = 10;

/// Seconds that nobody else sees what an operator looks at: longer than the function
/// of their command runs.
const HIDDEN_SECONDS: i32 = 120;

/// The queue.
#[derive(Debug, Clone)]
pub struct Parking {
    client: Client,
    queue: String,
}

impl Parking {
    /// The queue at this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, queue_url: impl Into<String>) -> Self {
        Self { client: Client::new(config), queue: queue_url.into() }
    }
}

/// Some of a batch was not taken. What was is found again by a repeat, or harmless
/// twice.
fn partly(what: &'static str, failed: usize) -> PortError {
    let source = format!("{failed} of a batch were not taken").into();
    PortError::Unavailable { what, source }
}

fn broken(what: &'static str, error: impl std::fmt::Display) -> PortError {
    PortError::Broken { what, why: error.to_string() }
}

impl ParkPages for Parking {
    async fn park_pages(&self, pages: &[Page]) -> PortResult<()> {
        for batch in pages.chunks(BATCH) {
            let mut send = self.client.send_message_batch().queue_url(&self.queue);
            for (n, page) in batch.iter().enumerate() {
                let body = serde_json::to_string(page).map_err(|error| broken(SEND, error))?;
                let entry = SendMessageBatchRequestEntry::builder().id(n.to_string());
                let entry = entry.message_body(body).build();
                send = send.entries(entry.map_err(|error| broken(SEND, error))?);
            }
            let sent = send.send().await.map_err(|error| port_error(SEND, error))?;
            if !sent.failed.is_empty() {
                return Err(partly(SEND, sent.failed.len()));
            }
        }
        Ok(())
    }
}

impl ListParked for Parking {
    async fn list_parked(&self) -> PortResult<Vec<ParkedPage>> {
        let messages = self
            .client
            .receive_message()
            .queue_url(&self.queue)
            .max_number_of_messages(10)
            .visibility_timeout(HIDDEN_SECONDS)
            .send()
            .await
            .map_err(|error| port_error(RECEIVE, error))?
            .messages
            .unwrap_or_default();
        let parked = messages.into_iter().map(|message| {
            let body = message.body.unwrap_or_default();
            let page = serde_json::from_str(&body)
                .map_err(|_| broken(RECEIVE, "a message is no page of a fan-out"))?;
            Ok(ParkedPage { receipt: message.receipt_handle.unwrap_or_default(), page })
        });
        parked.collect()
    }
}

impl UnparkPages for Parking {
    async fn unpark_pages(&self, parked: &[ParkedPage]) -> PortResult<()> {
        for batch in parked.chunks(BATCH) {
            let mut delete = self.client.delete_message_batch().queue_url(&self.queue);
            for (n, one) in batch.iter().enumerate() {
                let entry = DeleteMessageBatchRequestEntry::builder().id(n.to_string());
                let entry = entry.receipt_handle(&one.receipt).build();
                delete = delete.entries(entry.map_err(|error| broken(DELETE, error))?);
            }
            let deleted = delete.send().await.map_err(|error| port_error(DELETE, error))?;
            if !deleted.failed.is_empty() {
                return Err(partly(DELETE, deleted.failed.len()));
            }
        }
        Ok(())
    }
}
