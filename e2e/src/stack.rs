//! A running stack: where it is, and clients for it.

use std::{
    collections::BTreeMap,
    future::Future,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use seisiun_domain::{PhotoId, submission::Workflow};
use serde_json::Value;

/// Longest that one HTTP request may take.
const REQUEST_SECONDS: u64 = 60;
/// The same of a request that is signed: a function may be long at what it is
/// asked for.
const SIGNED_REQUEST_SECONDS: u64 = 300;
/// Longest that we wait for anything to come about.
const PATIENCE_SECONDS: u64 = 120;
/// Between two looks.
const LOOK_EVERY_MS: u64 = 150;
/// Mails that one look at the mailbox asks for at most: its own limit.
pub const MAILS_A_LOOK: usize = 5_000;

/// A running stack.
#[derive(Debug, Clone)]
pub struct Stack {
    run: BTreeMap<String, String>,
    config: SdkConfig,
    /// For the front door.
    pub http: reqwest::Client,
    answered_bytes: Arc<AtomicU64>,
}

impl Stack {
    /// The stack that this run file, written by `cargo xtask`, tells of.
    ///
    /// # Errors
    /// If the file can't be read or lacks a name.
    pub async fn open(file: &Path) -> Result<Self> {
        let text =
            std::fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
        let run: BTreeMap<String, String> = serde_json::from_slice(&text)
            .with_context(|| format!("{} does not parse", file.display()))?;
        let value = |name: &str| {
            run.get(name).cloned().with_context(|| format!("{} lacks {name}", file.display()))
        };
        let credentials = Credentials::new(
            value("access_key_id")?,
            value("secret_access_key")?,
            None,
            None,
            "run file",
        );
        let time_outs = TimeoutConfig::builder()
            .operation_timeout(Duration::from_secs(REQUEST_SECONDS))
            .build();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(value("region")?))
            .endpoint_url(value("engine_url")?)
            .credentials_provider(credentials)
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(time_outs)
            .load()
            .await;
        let http =
            reqwest::Client::builder().timeout(Duration::from_secs(REQUEST_SECONDS)).build()?;
        Ok(Self { run, config, http, answered_bytes: Arc::default() })
    }

    /// A stack named by `SEISIUN_RUN_FILE`.
    ///
    /// # Errors
    /// If the variable is missing or the file can't be used.
    pub async fn from_env() -> Result<Self> {
        let file = std::env::var_os("SEISIUN_RUN_FILE")
            .context("SEISIUN_RUN_FILE is not set: run this with `cargo xtask test engine`")?;
        Self::open(Path::new(&file)).await
    }

    /// Takes note of the body of an answer of the API.
    pub(crate) fn note_answer(&self, body: &str) {
        self.answered_bytes.fetch_add(body.len() as u64, Ordering::Relaxed);
    }

    /// Bytes of the API's answers to people so far.
    #[must_use]
    pub fn answered_bytes(&self) -> u64 {
        self.answered_bytes.load(Ordering::Relaxed)
    }

    /// An output of the template, or another entry of the run file.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn value(&self, name: &str) -> Result<&str> {
        self.run.get(name).map(String::as_str).with_context(|| format!("the run file lacks {name}"))
    }

    /// An address on the front door.
    ///
    /// # Errors
    /// If the run file lacks the front door.
    pub fn url(&self, path: &str) -> Result<String> {
        Ok(format!("{}{path}", self.value("front_door_url")?.trim_end_matches('/')))
    }

    /// How to reach the engine, for clients that are made elsewhere.
    #[must_use]
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Step Functions.
    #[must_use]
    pub fn sfn(&self) -> aws_sdk_sfn::Client {
        aws_sdk_sfn::Client::new(&self.config)
    }

    /// DynamoDB.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// S3.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true).build();
        aws_sdk_s3::Client::from_conf(config)
    }

    /// The user pools.
    #[must_use]
    pub fn cognito(&self) -> aws_sdk_cognitoidentityprovider::Client {
        aws_sdk_cognitoidentityprovider::Client::new(&self.config)
    }

    /// ARN of a workflow's state machine.
    ///
    /// # Errors
    /// If the stack has no such output.
    pub fn machine(&self, workflow: Workflow) -> Result<&str> {
        self.value(match workflow {
            Workflow::SessionSubmission => "SessionSubmissionArn",
            Workflow::ReviewSubmission => "ReviewSubmissionArn",
            Workflow::Notice => "NoticeArn",
            Workflow::NotifyFollowers => "NotifyFollowersArn",
            Workflow::ChangeSubmission => "ChangeSubmissionArn",
            Workflow::Withdraw => "WithdrawArn",
            Workflow::ExportMember => "ExportMemberArn",
            Workflow::EraseMember => "EraseMemberArn",
        })
    }

    /// The full name of a function, all being named after the stack.
    ///
    /// # Errors
    /// If the stack has no functions.
    pub fn function(&self, name: &str) -> Result<String> {
        let reconcile = self.value("ReconcileFunction")?;
        Ok(reconcile.replace("-reconcile", &format!("-{name}")))
    }

    /// Invokes a function of the stack and waits for its answer.
    ///
    /// # Errors
    /// If the function fails or the engine does not answer.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Result<Value> {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        let answer = self.ask("lambda", &path, &[], serde_json::to_vec(payload)?).await?;
        let failed = answer.headers().contains_key("x-amz-function-error");
        let (status, text) = (answer.status(), answer.text().await?);
        if failed || !status.is_success() {
            bail!("{function} failed: {status} {text}");
        }
        serde_json::from_str(&text).with_context(|| format!("{function} answered {text}"))
    }

    /// Calls an operation of CloudWatch Logs.
    ///
    /// # Errors
    /// If it is refused or the engine does not answer.
    pub async fn logs(&self, operation: &str, wanted: &Value) -> Result<Value> {
        let target = format!("Logs_20140328.{operation}");
        let headers =
            [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
        let answer = self.ask("logs", "/", &headers, serde_json::to_vec(wanted)?).await?;
        let (status, text) = (answer.status(), answer.text().await?);
        anyhow::ensure!(status.is_success(), "{operation} {wanted}: {status} {text}");
        serde_json::from_str(&text).with_context(|| format!("{operation} answered {text}"))
    }

    /// Sends a request to the engine. Signed by hand: a call or two of a service
    /// are not worth a whole SDK.
    async fn ask(
        &self,
        service: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<reqwest::Response> {
        use aws_sigv4::{
            http_request::{SignableBody, SignableRequest, SigningSettings, sign},
            sign::v4::SigningParams,
        };
        let engine = self.value("engine_url")?.trim_end_matches('/');
        let url = format!("{engine}{path}");
        let (key, secret) = (self.value("access_key_id")?, self.value("secret_access_key")?);
        let identity = Credentials::new(key, secret, None, None, "run file").into();
        let parameters = SigningParams::builder()
            .identity(&identity)
            .region(self.value("region")?)
            .name(service)
            .time(std::time::SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let host = url::Url::parse(&url)?;
        let host = format!("{}:{}", host.host_str().unwrap_or_default(), host.port().unwrap_or(80));
        let signed = headers.iter().copied().chain([("host", host.as_str())]);
        let request = SignableRequest::new("POST", &url, signed, SignableBody::Bytes(&body))?;
        let (instructions, _) = sign(request, &parameters)?.into_parts();
        let patience = Duration::from_secs(SIGNED_REQUEST_SECONDS);
        let mut call = self.http.post(&url).timeout(patience).body(body);
        for (name, value) in headers.iter().copied().chain(instructions.headers()) {
            call = call.header(name, value);
        }
        Ok(call.send().await?)
    }

    /// Our mails to an address, newest first, as the mailbox shows them.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn mails(&self, to: &str) -> Result<Vec<Mail>> {
        self.mails_by("ses", to).await
    }

    /// The user pool's mails to an address, newest first: its codes.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn account_mails(&self, to: &str) -> Result<Vec<Mail>> {
        self.mails_by("cognito", to).await
    }

    /// A mail of ours as it was sent.
    ///
    /// # Errors
    /// If there is none of this id, or the mailbox does not answer.
    pub async fn raw_mail(&self, id: &str) -> Result<Vec<u8>> {
        let url = self.url(&format!("/_local/mailbox/{id}/raw"))?;
        let answer = self.http.get(url).send().await?.error_for_status()?;
        Ok(answer.bytes().await?.to_vec())
    }

    async fn mails_by(&self, by: &str, to: &str) -> Result<Vec<Mail>> {
        let query = [("by", by), ("to", to), ("limit", "200")];
        Ok(self.mail_list(&query).await?.0)
    }

    /// Our newest mails to anybody, at most `limit` (and at most [`MAILS_A_LOOK`]),
    /// newest first; and how many there are in all.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn newest_mails(&self, limit: usize) -> Result<(Vec<Mail>, u64)> {
        self.mail_list(&[("by", "ses"), ("limit", &limit.to_string())]).await
    }

    /// All of our mails whose subjects have these words, newest first.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn mails_about(&self, words: &str) -> Result<Vec<Mail>> {
        let (limit, mut before, mut all) = (MAILS_A_LOOK.to_string(), String::new(), Vec::new());
        loop {
            let query = [("by", "ses"), ("subject", words), ("before", &before), ("limit", &limit)];
            let (page, left) = self.mail_list(&query).await?;
            let is_last = page.len() as u64 >= left;
            all.extend(page);
            match all.last() {
                Some(Mail { id, .. }) if !is_last => before.clone_from(id),
                _ => return Ok(all),
            }
        }
    }

    /// How many of our mails have these words in their subjects.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn count_mails_about(&self, words: &str) -> Result<u64> {
        Ok(self.mail_list(&[("by", "ses"), ("subject", words), ("limit", "1")]).await?.1)
    }

    async fn mail_list(&self, query: &[(&str, &str)]) -> Result<(Vec<Mail>, u64)> {
        let request = self.http.get(self.url("/_local/mailbox.json")?).query(query);
        let mut answer: Value = request.send().await?.error_for_status()?.json().await?;
        let total = answer.get("total").and_then(Value::as_u64);
        let messages = answer.get_mut("messages").map(Value::take);
        let messages = messages.context("the mailbox lists no messages")?;
        Ok((serde_json::from_value(messages)?, total.context("the mailbox gives no total")?))
    }

    /// The malware scanner's latest events, newest first.
    ///
    /// # Errors
    /// If the scanner does not answer.
    pub async fn scans(&self) -> Result<Vec<Value>> {
        let url = format!("{}/_local/events", self.value("guardduty_url")?);
        Ok(self.http.get(url).send().await?.error_for_status()?.json().await?)
    }

    /// Waits until an upload has been scanned.
    ///
    /// # Errors
    /// If it is not, in good time.
    pub async fn scanned(&self, photo: PhotoId) -> Result<()> {
        let end = format!("/{photo}");
        until("the scan of the upload", || async {
            let key = |scan: &Value| {
                let key = scan.pointer("/detail/s3ObjectDetails/objectKey");
                key.and_then(Value::as_str).is_some_and(|key| key.ends_with(&end))
            };
            Ok(self.scans().await?.iter().any(key).then_some(()))
        })
        .await
    }

    /// How many mails of ours there are in all.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn mail_count(&self) -> Result<u64> {
        Ok(self.newest_mails(1).await?.1)
    }
}

/// A mail in the mailbox.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Mail {
    /// Its id.
    pub id: String,
    /// Whom it was sent to.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// Its text part.
    #[serde(default)]
    pub text: String,
    /// All headers.
    #[serde(default)]
    pub headers: Vec<Header>,
}

/// A header of a mail.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Mail {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }
}

/// Looks until there is something to see.
///
/// # Errors
/// If it does not come about in time, or looking fails.
pub async fn until<T, F>(what: &str, look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    within(Duration::from_secs(PATIENCE_SECONDS), what, look).await
}

/// Looks until there is something to see, for so long.
///
/// # Errors
/// If it does not come about in time, or looking fails.
pub async fn within<T, F>(patience: Duration, what: &str, mut look: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let start = std::time::Instant::now();
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if start.elapsed() > patience {
            bail!("{what} did not come about within {} s", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(LOOK_EVERY_MS)).await;
    }
}
