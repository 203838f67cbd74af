//! Drills: what the runbooks say, done on a running stack with the very commands
//! that they name, and timed.
//!
//! The local engine knows neither calculated alarms nor `AWS/States`: the alarm
//! here is a plain one on a function's errors, on the stack's own topic.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};

use crate::Session;
use crate::aws::Aws;

/// How long anything that a drill waits for may take.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Seconds of an alarm's period: as short as CloudWatch has it by the minute.
const PERIOD_SECONDS: &str = "60";

/// A stack to drill on.
struct Ground<'a> {
    session: &'a Session,
    aws: Aws,
    run: BTreeMap<String, String>,
    /// Where answers of functions are written.
    scratch: PathBuf,
}

/// One of them.
type Drill<'a> = fn(&Ground<'a>) -> Result<()>;

/// Plays every drill. Whether all went well.
pub(crate) fn drill(session: &Session, run_file: &Path, scratch: &Path) -> Result<bool> {
    let text = std::fs::read(run_file)
        .with_context(|| format!("cannot read {}: is a stack running?", run_file.display()))?;
    let run: BTreeMap<String, String> = serde_json::from_slice(&text)?;
    let engine = run.get("engine_url").context("the run file names no engine")?;
    let aws = Aws::new(&session.tools().python()?, engine);
    let ground = Ground { session, aws, run, scratch: scratch.to_path_buf() };
    let drills: [(&str, Drill<'_>); 4] = [
        ("a function fails: alarm, message", Ground::alarm),
        ("an event could not be delivered: handed over again", Ground::redrive),
        ("uploads off, and on again", Ground::uploads_off),
        ("the table is lost: restored", Ground::table_lost),
    ];
    let mut well = true;
    for (name, play) in drills {
        let done = session.progress.step(format!("Drill: {name}"), || play(&ground));
        if let Err(error) = done {
            session.progress.say(format!("Drill: {name}: {error:#}"));
            well = false;
        }
    }
    Ok(well)
}

impl Ground<'_> {
    fn value(&self, name: &str) -> Result<&str> {
        self.run.get(name).map(String::as_str).with_context(|| format!("the stack has no {name}"))
    }

    /// The application stack's name, of which its functions' begin.
    fn stack(&self) -> Result<&str> {
        let name = self.value("ReconcileFunction")?;
        name.strip_suffix("-reconcile").context("the reconciler is called otherwise")
    }

    /// Waits until `look` finds something.
    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        let begun = Instant::now();
        loop {
            if let Some(found) = look()? {
                self.session
                    .progress
                    .say(format!("  {what} after {:.1} s", begun.elapsed().as_secs_f32()));
                return Ok(found);
            }
            if begun.elapsed() > PATIENCE {
                bail!("no {what} within {} s", PATIENCE.as_secs());
            }
            sleep(LOOK_EVERY);
        }
    }

    /// Invokes a function; its answer, and whether it is an error.
    fn invoke(&self, function: &str, payload: &str) -> Result<(Json, bool)> {
        let file = self.scratch.join("drill.json");
        let call = self.aws.json([
            "lambda",
            "invoke",
            "--function-name",
            function,
            "--payload",
            payload,
            file.to_str().context("the checkout's path is not text")?,
        ])?;
        let answer = std::fs::read(&file).context("the function answered nothing")?;
        Ok((serde_json::from_slice(&answer)?, call.get("FunctionError").is_some()))
    }

    /// A function's errors ring, and the message arrives.
    fn alarm(&self) -> Result<()> {
        let (stack, topic) = (self.stack()?, self.value("OnCallTopic")?);
        let function = format!("{stack}-validate-submission");
        let name = format!("{stack}-drill");
        let text = |answer: &Json, pointer: &str| -> Result<String> {
            let found = answer.pointer(pointer).and_then(Json::as_str);
            Ok(found.with_context(|| format!("the answer has no {pointer}"))?.to_owned())
        };
        // A topic sends to a queue that lets it.
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage",
            "Resource": "*",
            "Condition": { "ArnEquals": { "aws:SourceArn": topic } },
        }] });
        let attributes = json!({ "Policy": policy.to_string() }).to_string();
        let queue = self.aws.json([
            "sqs",
            "create-queue",
            "--queue-name",
            &name,
            "--attributes",
            &attributes,
        ])?;
        let queue = text(&queue, "/QueueUrl")?;
        let arn = self.aws.json([
            "sqs",
            "get-queue-attributes",
            "--queue-url",
            &queue,
            "--attribute-names",
            "QueueArn",
        ])?;
        let arn = text(&arn, "/Attributes/QueueArn")?;
        let subscription = self.aws.json([
            "sns",
            "subscribe",
            "--topic-arn",
            topic,
            "--protocol",
            "sqs",
            "--notification-endpoint",
            &arn,
            "--return-subscription-arn",
        ])?;
        let subscription = text(&subscription, "/SubscriptionArn")?;
        let set = || {
            self.aws.run([
                "cloudwatch",
                "put-metric-alarm",
                "--alarm-name",
                &name,
                "--namespace",
                "AWS/Lambda",
                "--metric-name",
                "Errors",
                "--dimensions",
                &format!("Name=FunctionName,Value={function}"),
                "--statistic",
                "Sum",
                "--period",
                PERIOD_SECONDS,
                "--evaluation-periods",
                "1",
                "--threshold",
                "0",
                "--comparison-operator",
                "GreaterThanThreshold",
                "--treat-missing-data",
                "notBreaching",
                "--alarm-actions",
                topic,
            ])
        };
        set()?;
        let rang = (|| {
            // A payload that breaks the contract: it names no submission.
            let (answer, failed) = self.invoke(&function, "{}")?;
            if !failed {
                bail!("the function took a payload without a submission: {answer}");
            }
            self.until("alarm", || {
                // CloudWatch looks every minute; the engine only when an alarm is set.
                set()?;
                let alarms =
                    self.aws.json(["cloudwatch", "describe-alarms", "--alarm-names", &name])?;
                let state = alarms.pointer("/MetricAlarms/0/StateValue");
                Ok(state.filter(|state| *state == "ALARM").map(|_| ()))
            })?;
            self.until("message", || {
                let received = self.aws.json([
                    "sqs",
                    "receive-message",
                    "--queue-url",
                    &queue,
                    "--max-number-of-messages",
                    "10",
                ])?;
                let bodies = received.pointer("/Messages").and_then(Json::as_array);
                let ours =
                    bodies.into_iter().flatten().any(|message| message.to_string().contains(&name));
                Ok(ours.then_some(()))
            })
        })();
        self.aws.run(["cloudwatch", "delete-alarms", "--alarm-names", &name])?;
        self.aws.run(["sns", "unsubscribe", "--subscription-arn", &subscription])?;
        self.aws.run(["sqs", "delete-queue", "--queue-url", &queue])?;
        rang
    }

    /// What could not be handed to a function is handed over again.
    fn redrive(&self) -> Result<()> {
        let (queue, function) =
            (self.value("UndeliveredQueueUrl")?, self.value("ReconcileFunction")?);
        let event =
            json!({ "source": "aws.events", "detail-type": "Scheduled Event", "grace_seconds": 0 });
        self.aws.run([
            "sqs",
            "send-message",
            "--queue-url",
            queue,
            "--message-body",
            &event.to_string(),
        ])?;
        let message = self.until("undelivered event", || {
            let received = self.aws.json(["sqs", "receive-message", "--queue-url", queue])?;
            Ok(received.pointer("/Messages/0").cloned())
        })?;
        let part =
            |name: &str| message.get(name).and_then(Json::as_str).context("a message without it");
        let (answer, failed) = self.invoke(function, part("Body")?)?;
        if failed {
            bail!("handed over again, the event failed: {answer}");
        }
        self.aws.run([
            "sqs",
            "delete-message",
            "--queue-url",
            queue,
            "--receipt-handle",
            part("ReceiptHandle")?,
        ])?;
        let left = self.aws.json([
            "sqs",
            "get-queue-attributes",
            "--queue-url",
            queue,
            "--attribute-names",
            "All",
        ])?;
        for count in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
            let is_none =
                left.pointer(&format!("/Attributes/{count}")).is_none_or(|left| left == "0");
            if !is_none {
                bail!("the queue is not empty: {left}");
            }
        }
        Ok(())
    }

    /// The switch of uploads is turned and shows, both ways.
    fn uploads_off(&self) -> Result<()> {
        let (function, table) = (self.value("ReconcileFunction")?, self.value("TableName")?);
        for on in [false, true] {
            let wish = json!({ "switch": { "what": "uploads", "on": on } }).to_string();
            let (answer, failed) = self.invoke(function, &wish)?;
            if failed {
                bail!("the switch does not turn: {answer}");
            }
            let key =
                json!({ "pk": { "S": "SWITCH#uploads" }, "sk": { "S": "SWITCH" } }).to_string();
            let record =
                self.aws.json(["dynamodb", "get-item", "--table-name", table, "--key", &key])?;
            if record.pointer("/Item/doc/BOOL") != Some(&json!(on)) {
                bail!("the switch is not {on}: {record}");
            }
        }
        Ok(())
    }

    /// The table is deleted, and restored from a backup: the API goes on.
    fn table_lost(&self) -> Result<()> {
        let table = self.value("TableName")?;
        let before = self.count(table)?;
        let backup = self.aws.json([
            "dynamodb",
            "create-backup",
            "--table-name",
            table,
            "--backup-name",
            "drill",
        ])?;
        let backup = backup.pointer("/BackupDetails/BackupArn").and_then(Json::as_str);
        let backup = backup.context("the backup has no ARN")?.to_owned();
        let begun = Instant::now();
        // Whoever protected it takes the protection off, as whoever deletes it by mistake had to.
        self.aws.run([
            "dynamodb",
            "update-table",
            "--table-name",
            table,
            "--no-deletion-protection-enabled",
        ])?;
        self.aws.run(["dynamodb", "delete-table", "--table-name", table])?;
        self.until("failing search", || Ok((self.search()? >= 500).then_some(())))?;
        self.aws.run([
            "dynamodb",
            "restore-table-from-backup",
            "--target-table-name",
            table,
            "--backup-arn",
            &backup,
        ])?;
        self.until("restored table", || {
            let described = self.aws.json(["dynamodb", "describe-table", "--table-name", table])?;
            let status = described.pointer("/Table/TableStatus");
            Ok(status.filter(|status| *status == "ACTIVE").map(|_| ()))
        })?;
        self.until("search that answers", || Ok((self.search()? == 200).then_some(())))?;
        let took = begun.elapsed().as_secs_f32();
        let after = self.count(table)?;
        if after != before {
            bail!("{before} records before, {after} after");
        }
        self.session
            .progress
            .say(format!("  {after} records, back {took:.1} s after they were lost"));
        self.aws.run(["dynamodb", "delete-backup", "--backup-arn", &backup])
    }

    fn count(&self, table: &str) -> Result<u64> {
        let answer =
            self.aws.json(["dynamodb", "scan", "--table-name", table, "--select", "COUNT"])?;
        answer.get("Count").and_then(Json::as_u64).context("the table can't be counted")
    }

    /// The status of a search, through the front door.
    fn search(&self) -> Result<u16> {
        let door = self.value("front_door_url")?;
        let address = door.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).context("the front door is closed")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // Another circle each time: an answer may be cached.
        let lat = 53.0
            + f64::from(std::process::id() % 1_000) / 10_000.0
            + Instant::now().elapsed().as_secs_f64();
        let path = format!("/api/sessions?lat={lat}&lon=-8.5&radius_km=5");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.context("the front door speaks no HTTP")
    }
}
