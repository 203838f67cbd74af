//! Counts what a journey asks of AWS: executions by their histories, functions
//! by their logs, and what these ask for at the gateway.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use seisiun_contracts::metric::STACK;
use seisiun_domain::submission::Workflow;
use seisiun_ops::cost::counts::{Calls, Function, Journey};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Stack, execution};

/// Until a function that has answered has written its log, and nothing of the
/// journey before is under way.
const QUIET: Duration = Duration::from_millis(1_500);

/// Functions that a schedule or a queue starts: what they do is of no journey.
const SCHEDULED: [&str; 5] =
    ["ask-keepers", "open-digests", "reconcile", "refresh-listings", "take-feedback"];

/// What an instance asks for when it starts, and every five minutes: whichever
/// journey that meets, it is of none.
const OF_AN_INSTANCE: &str = "secretsmanager.GetSecretValue";

/// How the names of functions end that serve the API.
const API: &str = "-api";

/// Lines that Lambda itself writes; with our log level AWS keeps none of them.
const PLATFORM: [&str; 3] = ["START ", "END ", "REPORT "];

/// What precedes the time in a report, in milliseconds.
const BILLED: &str = "Billed Duration: ";

/// The buckets' names among the outputs.
const BUCKETS: [&str; 4] = ["QuarantineBucket", "PublicBucket", "WorkBucket", "SiteBucket"];

/// What the gateway has let pass of one kind.
#[derive(Debug, Deserialize)]
struct Passed {
    caller: String,
    operation: String,
    requests: u64,
    refused: u64,
    request_bytes: u64,
    answer_bytes: u64,
    units: f64,
}

/// A journey that is being counted.
#[derive(Debug)]
pub struct Meter<'a> {
    stack: &'a Stack,
    /// Milliseconds since 1970.
    started: u64,
    answered_bytes: u64,
    mails: u64,
}

impl<'a> Meter<'a> {
    /// Starts counting, once the journey before has come to rest.
    ///
    /// # Errors
    /// If the stack has no gateway or does not answer.
    pub async fn start(stack: &'a Stack) -> Result<Self> {
        tokio::time::sleep(QUIET).await;
        let (answered_bytes, mails) = (stack.answered_bytes(), stack.mail_count().await?);
        stack.http.post(url(stack)?).send().await?.error_for_status()?;
        let started = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
        Ok(Self { stack, started: u64::try_from(started)?, answered_bytes, mails })
    }

    /// Ends, and tells what all functions but `scheduled` others did. Of the
    /// executions only those named, which have ended, are counted.
    ///
    /// # Errors
    /// If something can't be read.
    pub async fn end(self, executions: &[(Workflow, String)]) -> Result<Journey> {
        self.end_with(executions, false).await
    }

    /// Ends, and tells what the scheduled functions did.
    ///
    /// # Errors
    /// If something can't be read.
    pub async fn end_of_schedule(self) -> Result<Journey> {
        self.end_with(&[], true).await
    }

    async fn end_with(self, executions: &[(Workflow, String)], scheduled: bool) -> Result<Journey> {
        let stack = self.stack;
        tokio::time::sleep(QUIET).await;
        let mut journey = Journey {
            api_answer_bytes: stack.answered_bytes() - self.answered_bytes,
            ..Journey::default()
        };
        let passed = stack.http.get(url(stack)?).send().await?.error_for_status()?;
        let passed: Vec<Passed> = passed.json().await.context("read the meter")?;
        stack.http.delete(url(stack)?).send().await?.error_for_status()?;
        for (workflow, name) in executions {
            journey.transitions += execution::transitions(stack, *workflow, name).await?;
        }
        for (name, function) in self.invoked().await? {
            journey.functions.insert(name, function);
        }
        let prefix = stack.function("")?;
        for one in passed {
            let name = one.caller.strip_prefix(&prefix).unwrap_or(&one.caller);
            if name.is_empty() {
                // A browser's upload: its address is the function's, so that it
                // passes here. Who counts the journey knows what it uploads.
                ensure!(one.operation.starts_with("POST /"), "who asked for {}?", one.operation);
                continue;
            }
            let function = journey.functions.entry(name.to_owned()).or_default();
            let operation = self.named(&one.operation)?;
            if operation == OF_AN_INSTANCE {
                continue;
            }
            let calls = function.calls.entry(operation).or_default();
            // Two buckets are two kinds; two kinds are never one here.
            *calls = Calls {
                requests: one.requests,
                refused: one.refused,
                request_bytes: one.request_bytes,
                answer_bytes: one.answer_bytes,
                units: one.units,
            };
        }
        journey.functions.retain(|name, _| SCHEDULED.contains(&name.as_str()) == scheduled);
        let api = journey.functions.iter().filter(|(name, _)| name.ends_with(API));
        journey.api_requests = api.map(|(_, function)| function.invocations).sum();
        journey.mails = stack.mail_count().await? - self.mails;
        let (newest, _) = stack.newest_mails(usize::try_from(journey.mails)?.max(1)).await?;
        for mail in newest.iter().take(usize::try_from(journey.mails)?) {
            journey.mail_bytes += stack.raw_mail(&mail.id).await?.len() as u64;
        }
        Ok(journey)
    }

    /// An operation with a bucket's name among the outputs instead of its own.
    fn named(&self, operation: &str) -> Result<String> {
        for output in BUCKETS {
            let bucket = self.stack.value(output)?;
            if let Some((method, rest)) = operation.split_once(" /")
                && let Some(asked) = rest.strip_prefix(bucket)
            {
                return Ok(format!("{method} {output}{asked}"));
            }
        }
        // `DynamoDB_20120810.PutItem`: the version says nothing.
        Ok(match (operation.split_once('_'), operation.split_once('.')) {
            (Some((service, _)), Some((_, name))) => format!("{service}.{name}"),
            _ => operation.to_owned(),
        })
    }

    /// Every function that was invoked since the start, by its log.
    async fn invoked(&self) -> Result<BTreeMap<String, Function>> {
        let prefix = format!("/aws/lambda/{}", self.stack.function("")?);
        let wanted = json!({ "logGroupNamePrefix": prefix });
        let groups = self.stack.logs("DescribeLogGroups", &wanted).await?;
        let groups = groups["logGroups"].as_array().cloned().unwrap_or_default();
        ensure!(!groups.is_empty(), "no function has a log under {prefix}");
        let mut functions = BTreeMap::new();
        for group in groups {
            let group = group["logGroupName"].as_str().context("a log group has no name")?;
            let function = self.logged(group).await?;
            if function.invocations > 0 {
                let name = group.trim_start_matches(&prefix).to_owned();
                functions.insert(name, function);
            }
        }
        Ok(functions)
    }

    async fn logged(&self, group: &str) -> Result<Function> {
        let mut function = Function::default();
        let mut next = Value::Null;
        loop {
            let mut wanted = json!({ "logGroupName": group, "startTime": self.started });
            if !next.is_null() {
                wanted["nextToken"] = next;
            }
            let mut answer = self.stack.logs("FilterLogEvents", &wanted).await?;
            for event in answer["events"].as_array().into_iter().flatten() {
                let line = event["message"].as_str().context("a line of a log has no text")?;
                if let Some((_, billed)) = line.split_once(BILLED) {
                    let ms = billed.split(' ').next().unwrap_or_default();
                    let ms: f64 = ms.parse().with_context(|| format!("a report: {line}"))?;
                    function.billed_ms += ms.ceil() as u64;
                    function.invocations += 1;
                } else if !PLATFORM.iter().any(|platform| line.starts_with(platform)) {
                    function.log_lines += 1;
                    function.log_bytes += line.len() as u64;
                    function.metrics.extend(metrics(line));
                }
            }
            next = answer["nextToken"].take();
            if next.is_null() {
                return Ok(function);
            }
        }
    }
}

/// Metrics in a line of the log, if it is one of the embedded format: each with
/// the values of its dimensions but the stack's.
fn metrics(line: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(line).unwrap_or_default();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for directive in list(&document["_aws"]["CloudWatchMetrics"]) {
        for metric in list(&directive["Metrics"]) {
            for dimensions in list(&directive["Dimensions"]) {
                let mut name = metric["Name"].as_str().unwrap_or_default().to_owned();
                for dimension in list(&dimensions) {
                    let dimension = dimension.as_str().unwrap_or_default();
                    if dimension != STACK {
                        let value = document[dimension].as_str().unwrap_or_default();
                        name.push_str(&format!(" {dimension}={value}"));
                    }
                }
                found.push(name);
            }
        }
    }
    found
}

fn url(stack: &Stack) -> Result<String> {
    Ok(format!("{}/_local/meter", stack.value("gateway_url")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_named_with_what_tells_it_apart() {
        let line = json!({
            "_aws": { "CloudWatchMetrics": [{
                "Dimensions": [["Stack", "Workflow"]],
                "Metrics": [{ "Name": "SubmissionsPublished", "Unit": "Count" }],
            }] },
            "Stack": "x", "Workflow": "notice", "SubmissionsPublished": 1,
        });
        assert_eq!(metrics(&line.to_string()), ["SubmissionsPublished Workflow=notice"]);
        assert_eq!(metrics("published in 3 s"), Vec::<String>::new());
    }
}
