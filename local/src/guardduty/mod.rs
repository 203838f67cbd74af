//! A stand-in for GuardDuty Malware Protection for S3, in front of the quarantine
//! bucket.
//!
//! It learns of uploads as GuardDuty does, by an EventBridge rule of its own on
//! the bucket's events, looks at each, and leaves its answer in the tag
//! `GuardDutyMalwareScanStatus`. It has no signatures: the EICAR test file is
//! its one threat, and an archive with a password the one thing that it can't
//! look into. The event of each scan is made, too, but kept here
//! (`/_local/events`): only AWS itself may send events of the source
//! `aws.guardduty`, and the engine holds to that.
//!
//! Faults (`/_local/faults`) are about an object's key. `fail` makes the scan
//! fail, `error` gives it the named status; `hang` and `throttle` leave the
//! upload without an answer, `lost_answer` with a tag and no event.

mod event;
mod verdict;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_s3::types::{EventBridgeConfiguration, NotificationConfiguration, Tag, Tagging};
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use futures::StreamExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use self::event::Scanned;
pub use self::verdict::{Verdict, eicar, examine};
use crate::faults::{self, Fault, FaultBoard};
use crate::watched::JsonFile;

/// Where the answer is left.
pub const SCAN_TAG: &str = "GuardDutyMalwareScanStatus";

/// What is scanned, as the plan in `ops/protection.yaml` says.
const PREFIX: &str = "incoming/";

/// The rule on the bucket's events; GuardDuty's begins so.
const RULE: &str = "DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3-local";

/// Where the rule sends them.
const QUEUE: &str = "guardduty-malware-protection";

/// Seconds that one look into the queue waits for something.
const WAIT_SECONDS: i32 = 5;

/// Uploads that are scanned at once.
const SCAN_CONCURRENCY: usize = 4;

/// Largest upload that is looked into; the form allows 15 MB.
const OBJECT_BYTES_MAX: i64 = 20 * 1024 * 1024;

/// Milliseconds until the stack, or an engine that is away, is looked for again.
const AGAIN_MS: u64 = 500;

/// Events that are kept.
const EVENTS_MAX: usize = 1_000;

/// The statuses that a fault may name.
const STATUSES: &[&str] = &["ACCESS_DENIED", "FAILED", "THREATS_FOUND", "UNSUPPORTED"];

/// The output that says what to protect.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Protected {
    quarantine_bucket: Option<String>,
}

/// The scanner; clones share what they know.
#[derive(Debug, Clone)]
pub struct Scanner {
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    rules: aws_sdk_eventbridge::Client,
    region: String,
    faults: FaultBoard,
    events: Arc<Mutex<VecDeque<Value>>>,
}

/// A bucket's event, as far as it is read.
#[derive(Debug, Deserialize)]
struct Created {
    account: String,
    detail: CreatedDetail,
}

#[derive(Debug, Deserialize)]
struct CreatedDetail {
    bucket: Named,
    object: Keyed,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Keyed {
    key: String,
}

/// One upload to scan.
#[derive(Debug)]
struct Upload {
    account: String,
    bucket: String,
    key: String,
}

impl Scanner {
    /// A scanner in front of one engine.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let s3 = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::new(config),
            rules: aws_sdk_eventbridge::Client::new(config),
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            faults: FaultBoard::new(STATUSES),
            events: Arc::default(),
        }
    }

    /// What can be asked of it and what it can be told.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/_local/health", get(|| async { Json(json!({ "status": "ok" })) }))
            .route("/_local/events", get(list_events))
            .with_state(self.clone())
            .merge(self.faults.router(faults::PATH))
    }

    /// Protects the stack's quarantine bucket until told to stop. An engine that
    /// is away, or a stack that is not deployed yet, is waited for.
    pub async fn run(self, stack: JsonFile<Protected>, mut stopped: watch::Receiver<bool>) {
        let work = async {
            let mut complained = None;
            loop {
                let bucket = stack.current().and_then(|stack| stack.quarantine_bucket.clone());
                if let Some(bucket) = bucket
                    && let Err(error) = self.protect(&bucket, &stack).await
                {
                    let words = format!("{error:#}");
                    // Once, not every half second for as long as the engine is away.
                    if complained.as_ref() != Some(&words) {
                        tracing::warn!(error = words, bucket, "uploads are not scanned");
                        complained = Some(words);
                    }
                }
                tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
            }
        };
        tokio::select! {
            () = work => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }

    /// Scans what is uploaded to `bucket` for as long as it is the stack's and
    /// the engine answers.
    async fn protect(&self, bucket: &str, stack: &JsonFile<Protected>) -> anyhow::Result<()> {
        let queue = self.listen(bucket).await?;
        // Events may have been lost with an engine that ended outright.
        self.catch_up(bucket).await?;
        tracing::info!(bucket, "uploads are scanned");
        while stack.current().and_then(|stack| stack.quarantine_bucket.clone()).as_deref()
            == Some(bucket)
        {
            let receive = self.sqs.receive_message().queue_url(&queue);
            let answer = receive.max_number_of_messages(10).wait_time_seconds(WAIT_SECONDS);
            let messages = answer.send().await.context("the queue of uploads")?.messages;
            let scans = futures::stream::iter(messages.unwrap_or_default());
            let mut scans = scans
                .map(|message| self.answer(&queue, message))
                .buffer_unordered(SCAN_CONCURRENCY);
            while let Some(scanned) = scans.next().await {
                scanned?;
            }
        }
        Ok(())
    }

    /// Lets the bucket's events come to a queue, whose address it answers.
    async fn listen(&self, bucket: &str) -> anyhow::Result<String> {
        let queue = self.sqs.create_queue().queue_name(QUEUE).send().await.context("the queue")?;
        let queue = queue.queue_url.context("a queue without an address")?;
        let asked = self.sqs.get_queue_attributes().queue_url(&queue);
        let asked = asked.attribute_names(QueueAttributeName::QueueArn).send().await?;
        let arn = asked.attributes.and_then(|all| all.get(&QueueAttributeName::QueueArn).cloned());
        let arn = arn.context("a queue without an ARN")?;
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "events.amazonaws.com" },
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }],
        });
        let policed = self.sqs.set_queue_attributes().queue_url(&queue);
        policed.attributes(QueueAttributeName::Policy, policy.to_string()).send().await?;

        let found = self.s3.get_bucket_notification_configuration().bucket(bucket).send().await;
        let found = found.context("the bucket's notifications")?;
        let wanted = NotificationConfiguration::builder()
            .set_topic_configurations(found.topic_configurations)
            .set_queue_configurations(found.queue_configurations)
            .set_lambda_function_configurations(found.lambda_function_configurations)
            .event_bridge_configuration(EventBridgeConfiguration::builder().build())
            .build();
        let put = self.s3.put_bucket_notification_configuration().bucket(bucket);
        put.notification_configuration(wanted).send().await.context("the bucket's events")?;

        let pattern = json!({
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": {
                "bucket": { "name": [bucket] },
                "object": { "key": [{ "prefix": PREFIX }] },
            },
        });
        let rule = self.rules.put_rule().name(RULE).event_pattern(pattern.to_string());
        rule.send().await.context("the rule on the bucket's events")?;
        let target = aws_sdk_eventbridge::types::Target::builder().id("scan").arn(arn).build()?;
        self.rules.put_targets().rule(RULE).targets(target).send().await.context("its target")?;
        Ok(queue)
    }

    /// Scans what has no answer yet.
    async fn catch_up(&self, bucket: &str) -> anyhow::Result<()> {
        let list = self.s3.list_objects_v2().bucket(bucket).prefix(PREFIX).into_paginator();
        let mut pages = list.send();
        while let Some(page) = pages.next().await {
            for key in page?.contents.unwrap_or_default().into_iter().filter_map(|found| found.key)
            {
                let tags = self.s3.get_object_tagging().bucket(bucket).key(&key).send().await;
                // Whatever is gone meanwhile needs no scan.
                if tags.is_ok_and(|tags| tags.tag_set.iter().all(|tag| tag.key != SCAN_TAG)) {
                    let (account, bucket) = ("000000000000".to_owned(), bucket.to_owned());
                    self.scan(Upload { account, bucket, key }).await?;
                }
            }
        }
        Ok(())
    }

    /// Scans what one message tells of, and takes it off the queue.
    async fn answer(&self, queue: &str, message: Message) -> anyhow::Result<()> {
        let body = message.body.unwrap_or_default();
        match serde_json::from_str::<Created>(&body) {
            Ok(Created { account, detail }) => {
                let (bucket, key) = (detail.bucket.name, detail.object.key);
                self.scan(Upload { account, bucket, key }).await?;
            }
            Err(error) => tracing::warn!(%error, "an event of the bucket is not as it should be"),
        }
        let Some(receipt) = message.receipt_handle else { return Ok(()) };
        let delete = self.sqs.delete_message().queue_url(queue).receipt_handle(receipt);
        delete.send().await.context("the queue of uploads")?;
        Ok(())
    }

    /// Scans one upload and leaves the answer.
    async fn scan(&self, upload: Upload) -> anyhow::Result<()> {
        let Upload { account, bucket, key } = &upload;
        let fault = self.faults.take(&[key]);
        if matches!(fault, Some(Fault::Hang | Fault::Throttle)) {
            tracing::info!(key, "left without an answer");
            return Ok(());
        }
        let got = match self.s3.get_object().bucket(bucket).key(key).send().await {
            Ok(got) => got,
            // Erased in between.
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => {
                return Ok(());
            }
            Err(error) => return Err(error).context("an upload"),
        };
        let etag = got.e_tag.clone().unwrap_or_default();
        let is_too_large = got.content_length.is_none_or(|bytes| bytes > OBJECT_BYTES_MAX);
        let bytes = match is_too_large {
            true => Vec::new(),
            false => got.body.collect().await.context("an upload")?.to_vec(),
        };
        let verdict = match &fault {
            Some(Fault::Fail) => Verdict::Failed,
            Some(Fault::Error { error }) => match error.as_str() {
                "ACCESS_DENIED" => Verdict::AccessDenied,
                "THREATS_FOUND" => Verdict::Threat("Planned"),
                "UNSUPPORTED" => Verdict::Unsupported("PASSWORD_PROTECTED"),
                _ => Verdict::Failed,
            },
            _ if is_too_large => Verdict::Unsupported("ARCHIVE_SIZE_LIMIT_EXCEEDED"),
            _ => examine(&bytes),
        };
        let tag = Tag::builder().key(SCAN_TAG).value(verdict.status()).build()?;
        let tagging = Tagging::builder().tag_set(tag).build()?;
        let put = self.s3.put_object_tagging().bucket(bucket).key(key).tagging(tagging);
        put.send().await.context("an upload's tag")?;
        tracing::info!(key, status = verdict.status(), "scanned");
        if fault != Some(Fault::LostAnswer) {
            self.keep(event::scan_result(&Scanned {
                account,
                region: &self.region,
                bucket,
                key,
                etag: etag.trim_matches('"'),
                bytes: &bytes,
                verdict,
            }));
        }
        Ok(())
    }

    fn keep(&self, event: Value) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.truncate(EVENTS_MAX - 1);
        events.push_front(event);
    }
}

/// Newest first.
async fn list_events(State(scanner): State<Scanner>) -> Json<Vec<Value>> {
    let events = scanner.events.lock().unwrap_or_else(PoisonError::into_inner);
    Json(events.iter().cloned().collect())
}
