//! Errors: which are tried again, where the others go, and how long a state
//! waits.

use std::collections::BTreeSet;

use seisiun_contracts::ErrorName;
use seisiun_domain::limits;
use serde_json::Value;

use super::{Here, names};
use crate::{
    asl::{ALL, Arguments, Map, Mode, Retrier, State, Task},
    project::{Check, View, Violation},
    simulate::waits_for_token,
};

const TIMEOUT: &str = "States.Timeout";

/// Errors of the Lambda service and of its sandbox that may pass.
const LAMBDA: [&str; 9] = [
    "Lambda.AWSLambdaException",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Runtime.Unknown",
    "Sandbox.Timedout",
];

/// Errors of DynamoDB that may pass, as Step Functions' own client names them.
const DYNAMODB: [&str; 5] = [
    "DynamoDb.InternalServerErrorException",
    "DynamoDb.ProvisionedThroughputExceededException",
    "DynamoDb.RequestLimitExceededException",
    "DynamoDb.SdkClientException",
    "DynamoDb.ThrottlingException",
];

/// The condition of an update does not hold: an answer, not a failure.
const CONDITION: &str = "DynamoDb.ConditionalCheckFailedException";

/// States that wait for something outside, and what for.
const NOT_READY: [(&str, &str); 10] = [
    ("AcknowledgeNotice", MAIL),
    ("ErasePersonalData", "the workflows of what the member sent; and mail"),
    ("OpenCase", MAIL),
    ("PreparePhoto", "the scan of the upload for malware"),
    ("RecordFailure", MAIL),
    ("RemindModerators", MAIL),
    ("ResolveNotice", MAIL),
    ("SendBatch", MAIL),
    ("TellSubmitter", MAIL),
    ("WithdrawContent", "the workflow of what is withdrawn"),
];

/// What a state that mails waits for.
const MAIL: &str = "mail to be switched on again";

/// Failures that do not end the work, and why.
const RECOVERIES: [(&str, &str, &str); 4] = [
    ("PreparePhoto", "LeaveToModerator", "an upload without a malware scan goes to a person"),
    ("ModeratePhoto", "LeaveToModerator", "a failed scan goes to a person, never to the public"),
    ("AwaitDecision", "RemindModerators", "nobody has decided yet"),
    ("AwaitDecision", "OpenCase", "it was decided meanwhile, and OpenCase finds how"),
];

/// How long members are told that a decision takes at most.
const DECISION_DAYS: u64 = 14;

/// What an inline Map runs at a time at most, by AWS.
const INLINE_CONCURRENCY_MAX: u32 = 40;

pub(crate) fn check(view: &View<'_>, here: &Here<'_>, violations: &mut Vec<Violation>) {
    let mut found = error_names(here);
    match here.state {
        State::Task(task) => {
            found.extend(retries(here.name, task));
            found.extend(timeout(view, here.name, task));
            found.extend(catches(here));
        }
        State::Map(map) => {
            found.extend(concurrency(map));
            found.extend(catches(here));
        }
        State::Choice(choice) => match &choice.default {
            Some(default) => found.extend(only_fails(here, default, "Default")),
            None => found.push((Check::Failure, "needs a Default that leads to a Fail".into())),
        },
        State::Fail(_) if here.graph.inside.is_none() => {
            for (name, ..) in here.graph.predecessors(here.name) {
                if name != "RecordFailure" {
                    let what = format!("{name} ends here and RecordFailure knows nothing of it");
                    found.push((Check::Failure, what));
                }
            }
        }
        State::Wait(wait) => {
            if whole(view, &wait.seconds).is_none_or(|seconds| seconds == 0) {
                let what = "waits for a number of seconds, or a parameter's".into();
                found.push((Check::Timeout, what));
            }
        }
        State::Pass(_) | State::Fail(_) => {}
    }
    let place = here.place();
    violations.extend(found.into_iter().map(|(check, what)| Violation::new(check, &place, what)));
}

/// Only names that exist, each once; `States.ALL` alone and last.
fn error_names(here: &Here<'_>) -> Vec<(Check, String)> {
    let ours = ErrorName::ALL.map(ErrorName::as_str);
    let retried: Vec<&[String]> = here.state.retry().iter().map(|r| &*r.error_equals).collect();
    let caught: Vec<&[String]> = here.state.catch().iter().map(|c| &*c.error_equals).collect();
    let mut found = Vec::new();
    for lists in [retried, caught] {
        let mut seen = BTreeSet::new();
        for (n, list) in lists.iter().enumerate() {
            for name in *list {
                let known = ours.contains(&name.as_str())
                    || LAMBDA.contains(&name.as_str())
                    || DYNAMODB.contains(&name.as_str())
                    || [ALL, TIMEOUT, CONDITION].contains(&name.as_str());
                if !known {
                    found.push(format!("nothing raises {name}"));
                }
                if !seen.insert(name) {
                    found.push(format!("{name} is named twice: the first wins"));
                }
                if name == ALL && (list.len() > 1 || n + 1 < lists.len()) {
                    found.push(format!("{ALL} stands alone and last"));
                }
            }
            if list.is_empty() {
                found.push("an empty ErrorEquals".into());
            }
        }
    }
    found.into_iter().map(|what| (Check::ErrorNames, what)).collect()
}

/// What may pass is tried again, and nothing else, with bounds and jitter.
fn retries(name: &str, task: &Task) -> Vec<(Check, String)> {
    let mut found = Vec::new();
    let waits = NOT_READY.iter().any(|(state, _)| *state == name);
    let (slow, quick) = match task.arguments {
        Arguments::Invoke(_) => (ErrorName::Throttled.as_str(), ErrorName::Dependency.as_str()),
        Arguments::UpdateItem(_) => {
            ("DynamoDb.ThrottlingException", "DynamoDb.InternalServerErrorException")
        }
    };
    let mut expected: BTreeSet<&str> = match task.arguments {
        Arguments::Invoke(_) => ErrorName::ALL
            .into_iter()
            .filter(|error| error.is_transient() && (waits || *error != ErrorName::NotReady))
            .map(ErrorName::as_str)
            .chain(LAMBDA)
            .collect(),
        Arguments::UpdateItem(_) => DYNAMODB.into(),
    };
    // A waiting state's time-out is a person's silence, not a fault.
    if !waits_for_token(task) {
        expected.insert(TIMEOUT);
    }
    let retried: BTreeSet<&str> =
        task.retry.iter().flat_map(|retrier| &retrier.error_equals).map(String::as_str).collect();
    if retried != expected {
        let missing: Vec<_> = expected.difference(&retried).collect();
        let extra: Vec<_> = retried.difference(&expected).collect();
        found.push(format!(
            "Retry: missing [{}], never to be tried again [{}]",
            names(missing.into_iter().copied()),
            names(extra.into_iter().copied())
        ));
    }
    for retrier in &task.retry {
        let first = retrier.error_equals.first().map_or("?", String::as_str);
        if retrier.jitter_strategy.as_deref() != Some("FULL") {
            found.push(format!(
                "Retry of {first}: JitterStrategy is FULL, else all come back at once"
            ));
        }
        if retrier.max_delay_seconds.is_none_or(|max| max <= retrier.interval_seconds) {
            found.push(format!("Retry of {first}: MaxDelaySeconds above IntervalSeconds"));
        }
        if retrier.max_attempts < 1 || retrier.backoff_rate <= 1.0 || retrier.interval_seconds < 1 {
            found.push(format!("Retry of {first}: at least one attempt, slower each time"));
        }
    }
    let interval = |error: &str| {
        let of = |r: &&Retrier| r.error_equals.iter().any(|name| name == error);
        task.retry.iter().find(of).map(|retrier| retrier.interval_seconds)
    };
    if interval(slow) <= interval(quick) {
        found.push("Retry: a rate limit is tried more slowly than a failure".into());
    }
    found.into_iter().map(|what| (Check::Retry, what)).collect()
}

/// Every failure is caught. Inside a Map, the Map catches it.
fn catches(here: &Here<'_>) -> Vec<(Check, String)> {
    let mut found = Vec::new();
    let catchers = here.state.catch();
    let last = catchers.last().filter(|catcher| catcher.catches(ALL));
    if here.graph.inside.is_none() && last.is_none() {
        found.push((Check::Failure, format!("needs Catch {ALL}, to RecordFailure")));
    }
    for catcher in catchers {
        if catcher.catches(ALL) {
            found.extend(only_fails(here, &catcher.next, "Catch"));
            continue;
        }
        let reviewed =
            RECOVERIES.iter().any(|(state, next, _)| *state == here.name && *next == catcher.next);
        if !reviewed {
            let what = format!(
                "Catch of [{}] to {}: add it to RECOVERIES with a reason",
                names(&catcher.error_equals),
                catcher.next
            );
            found.push((Check::Failure, what));
        }
    }
    if let State::Task(task) = here.state
        && waits_for_token(task)
    {
        let silence = catchers.iter().find(|c| c.catches(TIMEOUT));
        let counts = silence.is_some_and(|catcher| {
            catcher.assign.iter().any(|(name, value)| *value == format!("{{% ${name} + 1 %}}"))
        });
        if !counts {
            let what = format!("waits for a person: Catch {TIMEOUT} counts, or it waits for ever");
            found.push((Check::Failure, what));
        }
    }
    found
}

/// From there on, the execution can only fail, and only after RecordFailure.
fn only_fails(here: &Here<'_>, next: &str, by: &str) -> Vec<(Check, String)> {
    let mut found = Vec::new();
    let reached = here.graph.from(next);
    if let Some(well) =
        reached.iter().find(|name| here.graph.state(name).is_some_and(State::ends_well))
    {
        let what = format!("{by} leads to {next}, from where {well} ends it as a success");
        found.push((Check::Failure, what));
    }
    let direct = matches!(here.graph.state(next), Some(State::Fail(_)));
    if direct && here.graph.inside.is_none() && here.name != "RecordFailure" {
        found.push((Check::Failure, format!("{by} leads past RecordFailure")));
    }
    found
}

/// A state waits longer than its function may run; all waits for a person
/// together are what members are promised.
fn timeout(view: &View<'_>, name: &str, task: &Task) -> Vec<(Check, String)> {
    let mut found = Vec::new();
    let function = view.template.function(&format!("{name}Function"));
    let runs = function.and_then(|function| function.timeout_seconds);
    if runs.is_none() && matches!(task.arguments, Arguments::Invoke(_)) {
        found.push(format!("{name}Function has no Timeout in template.yaml"));
    }
    let waits = task.timeout_seconds.as_ref().and_then(|seconds| whole(view, seconds));
    match (waits, runs) {
        (None, _) => found.push("needs TimeoutSeconds: a number, or a parameter's".into()),
        (Some(waits), Some(runs)) if waits <= runs => found.push(format!(
            "waits {waits} s for a function that may run {runs} s: raise TimeoutSeconds"
        )),
        _ => {}
    }
    let promised = DECISION_DAYS * 24 * 60 * 60;
    let wait = promised / u64::from(limits::DECISION_WAITS_MAX);
    if waits_for_token(task) && waits != Some(wait) {
        found.push(format!(
            "{} waits for a person make {DECISION_DAYS} days: TimeoutSeconds is {wait}",
            limits::DECISION_WAITS_MAX
        ));
    }
    if let Some(beat) = &task.heartbeat_seconds
        && beat.as_u64().zip(waits).is_none_or(|(beat, waits)| beat >= waits)
    {
        found.push("HeartbeatSeconds is a number below TimeoutSeconds".into());
    }
    found.into_iter().map(|what| (Check::Timeout, what)).collect()
}

/// A number of seconds; of a parameter, `{% ${Name} %}`, the default.
pub(crate) fn whole(view: &View<'_>, seconds: &Value) -> Option<u64> {
    match seconds {
        Value::String(text) => {
            let name = text.strip_prefix("{% ${")?.strip_suffix("} %}")?;
            view.template.parameters.get(name)?.as_u64()
        }
        number => number.as_u64(),
    }
}

/// A Map says how many of its items run at a time.
fn concurrency(map: &Map) -> Option<(Check, String)> {
    let config = map.item_processor.processor_config.as_ref();
    let max = map.max_concurrency.filter(|max| *max > 0);
    let what = match (config.map(|config| config.mode), max) {
        (_, None) => "needs MaxConcurrency: without it, all items run at once".to_owned(),
        (Some(Mode::Inline), Some(max)) if max > INLINE_CONCURRENCY_MAX => {
            format!("runs at most {INLINE_CONCURRENCY_MAX} items at a time inline")
        }
        (Some(Mode::Inline), _) => return None,
        (Some(Mode::Distributed), _) => {
            let standard = config.and_then(|config| config.execution_type.as_deref());
            let lines = map.item_reader.as_ref().and_then(|r| r.reader_config.as_ref());
            if standard != Some("STANDARD") {
                "its children are STANDARD: an express one is run at least once".to_owned()
            } else if lines.is_none_or(|lines| lines.input_type != "JSONL") {
                "reads JSONL: one line, one page".to_owned()
            } else if map.label.is_none() || map.tolerated_failure_percentage.is_none() {
                "says its Label and ToleratedFailurePercentage".to_owned()
            } else {
                return None;
            }
        }
        (None, _) => "its processor says its Mode".to_owned(),
    };
    Some((Check::Concurrency, what))
}
