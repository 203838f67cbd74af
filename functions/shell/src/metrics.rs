//! Metrics, as lines of the log that CloudWatch reads (embedded metric format):
//! no call, no wait, and nothing to pay where nothing happens.

use std::{io, sync::OnceLock};

use metrics_cloudwatch_embedded::{Builder, Collector};
use seisiun_contracts::metric::{Metric, NAMESPACE, STACK, Unit};

use crate::{BadSetting, setting};

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Starts measuring. A process of tests, which starts it more than once, goes on
/// with the first.
///
/// # Errors
/// Names a setting that is missing.
pub fn init() -> Result<(), BadSetting> {
    start(setting("STACK_NAME")?);
    Ok(())
}

fn start(stack: String) {
    let builder = Builder::new().cloudwatch_namespace(NAMESPACE).with_dimension(STACK, stack);
    let Ok(collector) = builder.init() else { return };
    for metric in Metric::ALL {
        let unit = match metric.unit() {
            Unit::Count => metrics::Unit::Count,
            Unit::Seconds => metrics::Unit::Seconds,
        };
        metrics::describe_histogram!(metric.name(), unit, "");
    }
    let _ = COLLECTOR.set(collector);
}

/// Counts so many of something that happened. Nothing is written for none.
pub fn count(metric: Metric, count: impl Into<u64>) {
    metrics::counter!(metric.name()).increment(count.into());
}

/// Counts one: as one of all, and under this value of the metric's own
/// [dimension](Metric::dimension).
pub fn count_of(metric: Metric, value: impl Into<metrics::SharedString>) {
    metrics::counter!(metric.name()).increment(1);
    if let Some(dimension) = metric.dimension() {
        let value: metrics::SharedString = value.into();
        metrics::counter!(metric.name(), dimension => value).increment(1);
    }
}

/// Notes a value, 0 too. At most a hundred of one metric between two writes: the
/// rest is dropped, with a line in the log.
pub fn measure(metric: Metric, value: f64) {
    metrics::histogram!(metric.name()).record(value);
}

/// Writes what was measured since the last time: at the end of an invocation.
pub fn flush() {
    if let Err(error) = flush_to(io::stdout()) {
        tracing::warn!(%error, "metrics could not be written");
    }
}

fn flush_to(writer: impl io::Write) -> io::Result<()> {
    COLLECTOR.get().map_or(Ok(()), |collector| collector.flush(writer))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_is_measured_is_written_once_as_cloudwatch_reads_it() {
        start("seisiun-test".into());
        let written = || {
            let mut lines = Vec::new();
            flush_to(&mut lines).unwrap();
            let lines = String::from_utf8(lines).unwrap();
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
        };
        count_of(Metric::SubmissionsAccepted, "withdraw");
        measure(Metric::OldestOpenWork, 0.0);
        measure(Metric::OldestOpenWork, 2.5);
        count(Metric::MailsSent, 0_u32);
        let documents = written();
        assert_eq!(documents.len(), 2, "one for each set of dimensions: {documents:?}");
        let (all, by_workflow) = (&documents[0], &documents[1]);
        let directive = &all["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Namespace"], "Seisiun");
        assert_eq!(directive["Dimensions"], json!([["Stack"]]));
        assert_eq!(all["Stack"], "seisiun-test");
        assert_eq!(all["SubmissionsAccepted"], 1);
        assert_eq!(all["OldestOpenWork"], json!([0.0, 2.5]));
        let unit = json!({ "Name": "OldestOpenWork", "Unit": "Seconds" });
        assert!(directive["Metrics"].as_array().unwrap().contains(&unit), "{directive}");
        assert_eq!(
            by_workflow["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
            json!([["Stack", "Workflow"]])
        );
        assert_eq!(
            (&by_workflow["Workflow"], &by_workflow["SubmissionsAccepted"]),
            (&json!("withdraw"), &json!(1))
        );
        assert_eq!(written(), Vec::<Value>::new(), "nothing twice, and nothing for none");
    }
}
