//! What a journey of a user asks of AWS.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// By how much bytes and capacity units may differ between two counts of the
/// same: ids and places differ in each run, and a unit is a step of 1 or 4 KB.
pub const TOLERANCE: f64 = 0.2;

/// Bytes that are never a difference: a longer id, a date with more digits.
const BYTES_LEFT: f64 = 256.0;

/// Units that are never a difference: one item on the other side of a step, in a
/// transaction.
const UNITS_LEFT: f64 = 2.0;

/// All journeys by name.
pub type Counts = BTreeMap<String, Journey>;

/// What one journey asks of AWS, from the first request to the last mail.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// State transitions as Step Functions bills them, retries included.
    pub transitions: u64,
    /// Requests of the API.
    pub api_requests: u64,
    /// Bytes of their answers' bodies.
    pub api_answer_bytes: u64,
    /// Photos that the browser puts straight into the quarantine bucket.
    pub uploads: u64,
    /// Their bytes.
    pub upload_bytes: u64,
    /// Mails.
    pub mails: u64,
    /// Their bytes as MIME.
    pub mail_bytes: u64,
    /// Sessions in the country's list while it was counted: what publishing reads.
    pub listed_in_country: u64,
    /// By function, without the stack's name.
    pub functions: BTreeMap<String, Function>,
}

/// What a function did in a journey.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// How often it was invoked.
    pub invocations: u64,
    /// Milliseconds in all, as the engine measured them on an x86-64 developer's
    /// machine with an unoptimised build.
    pub billed_ms: u64,
    /// Lines of its log, metrics among them.
    pub log_lines: u64,
    /// Their bytes.
    pub log_bytes: u64,
    /// Metrics that it wrote, each with what it is told apart by beside the stack.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub metrics: BTreeSet<String>,
    /// What it asked for, by operation; a bucket by its name among the outputs.
    pub calls: BTreeMap<String, Calls>,
}

/// Requests of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// How many.
    pub requests: u64,
    /// Of these, refused by a condition.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// Bytes sent.
    pub request_bytes: u64,
    /// Bytes answered.
    pub answer_bytes: u64,
    /// DynamoDB capacity units, indexes included.
    #[serde(default, skip_serializing_if = "is_none")]
    pub units: f64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn is_none(units: &f64) -> bool {
    *units == 0.0
}

/// Where two counts of the same journeys differ: in what is always the same by
/// anything, in bytes and units by more than [`TOLERANCE`]. Times are measured
/// and not held.
#[must_use]
pub fn differences(recorded: &Counts, counted: &Counts) -> Vec<String> {
    let mut all = Vec::new();
    for name in names(recorded, counted) {
        match (recorded.get(name), counted.get(name)) {
            (Some(recorded), Some(counted)) => {
                all.extend(
                    recorded.differences(counted).into_iter().map(|one| format!("{name}: {one}")),
                );
            }
            (None, _) => all.push(format!("{name} is not recorded")),
            (_, None) => all.push(format!("{name} was not counted")),
        }
    }
    all
}

fn names<'a, T>(
    one: &'a BTreeMap<String, T>,
    other: &'a BTreeMap<String, T>,
) -> BTreeSet<&'a String> {
    one.keys().chain(other.keys()).collect()
}

impl Journey {
    fn differences(&self, counted: &Self) -> Vec<String> {
        let mut told = Told::default();
        told.same("transitions", self.transitions, counted.transitions);
        told.same("requests of the API", self.api_requests, counted.api_requests);
        told.near("bytes answered", self.api_answer_bytes, counted.api_answer_bytes);
        told.same("uploads", self.uploads, counted.uploads);
        told.same("bytes uploaded", self.upload_bytes, counted.upload_bytes);
        told.same("mails", self.mails, counted.mails);
        told.near("bytes of mail", self.mail_bytes, counted.mail_bytes);
        let nothing = Function::default();
        for name in names(&self.functions, &counted.functions) {
            let of = |journey: &Self| journey.functions.get(name).unwrap_or(&nothing).clone();
            of(self).compare(&of(counted), name, &mut told);
        }
        told.0
    }
}

impl Function {
    fn compare(&self, counted: &Self, name: &str, told: &mut Told) {
        told.same(format!("invocations of {name}"), self.invocations, counted.invocations);
        told.same(format!("lines logged by {name}"), self.log_lines, counted.log_lines);
        told.near(format!("bytes logged by {name}"), self.log_bytes, counted.log_bytes);
        if self.metrics != counted.metrics {
            let (was, is) = (&self.metrics, &counted.metrics);
            told.0.push(format!("metrics of {name}: recorded {was:?}, now {is:?}"));
        }
        let nothing = Calls::default();
        for operation in names(&self.calls, &counted.calls) {
            let of = |function: &Self| function.calls.get(operation).unwrap_or(&nothing).clone();
            let (was, is) = (of(self), of(counted));
            let what = format!("{operation} by {name}");
            told.same(format!("requests {what}"), was.requests, is.requests);
            told.same(format!("refusals {what}"), was.refused, is.refused);
            told.near(format!("bytes sent, {what}"), was.request_bytes, is.request_bytes);
            // What the table answers is paid by its units, and may be another thing
            // each time: of photos prepared at once, each finds what the others wrote.
            if !operation.starts_with(TABLE) {
                told.near(format!("bytes answered, {what}"), was.answer_bytes, is.answer_bytes);
            }
            if apart(was.units, is.units, UNITS_LEFT) {
                told.0.push(format!("units of {what}: recorded {}, now {}", was.units, is.units));
            }
        }
    }
}

/// How operations of the table begin.
const TABLE: &str = "DynamoDB.";

#[derive(Debug, Default)]
struct Told(Vec<String>);

impl Told {
    fn same(&mut self, what: impl AsRef<str>, recorded: u64, counted: u64) {
        if recorded != counted {
            self.0.push(format!("{}: recorded {recorded}, now {counted}", what.as_ref()));
        }
    }

    fn near(&mut self, what: impl AsRef<str>, recorded: u64, counted: u64) {
        if apart(recorded as f64, counted as f64, BYTES_LEFT) {
            self.same(what, recorded, counted);
        }
    }
}

fn apart(recorded: f64, counted: f64, left: f64) -> bool {
    (recorded - counted).abs() > left.max(TOLERANCE * recorded.max(counted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey() -> Journey {
        let put = Calls { requests: 1, request_bytes: 2_000, units: 6.0, ..Calls::default() };
        let tell = Function {
            invocations: 1,
            billed_ms: 30,
            log_lines: 1,
            log_bytes: 500,
            metrics: BTreeSet::from(["MailsSent".to_owned()]),
            calls: BTreeMap::from([("DynamoDB.PutItem".to_owned(), put)]),
        };
        Journey {
            transitions: 12,
            mails: 1,
            mail_bytes: 4_000,
            functions: BTreeMap::from([("tell-submitter".to_owned(), tell)]),
            ..Journey::default()
        }
    }

    fn differ(change: impl FnOnce(&mut Journey)) -> Vec<String> {
        let mut changed = journey();
        change(&mut changed);
        differences(
            &BTreeMap::from([("session".to_owned(), journey())]),
            &BTreeMap::from([("session".to_owned(), changed)]),
        )
    }

    #[test]
    fn what_is_counted_must_be_the_same_and_what_is_measured_near() {
        assert_eq!(differ(|_| ()), Vec::<String>::new());
        assert_eq!(differ(|is| is.transitions += 1), ["session: transitions: recorded 12, now 13"]);
        assert_eq!(differ(|is| is.mail_bytes += 700), Vec::<String>::new());
        assert_eq!(differ(|is| is.mail_bytes += 2_000).len(), 1);
        let of = |is: &mut Journey| is.functions.remove("tell-submitter").unwrap();
        assert_eq!(
            differ(|is| {
                let mut tell = of(is);
                tell.billed_ms *= 50;
                is.functions.insert("tell-submitter".to_owned(), tell);
            }),
            Vec::<String>::new(),
            "a time is no count"
        );
        assert!(differ(|is| drop(of(is))).len() >= 3, "a function that is no longer called");
        let more = differ(|is| {
            let mut tell = of(is);
            let put = tell.calls.get_mut("DynamoDB.PutItem").unwrap();
            put.requests += 1;
            put.units += 6.0;
            is.functions.insert("tell-submitter".to_owned(), tell);
        });
        assert_eq!(
            more,
            [
                "session: requests DynamoDB.PutItem by tell-submitter: recorded 1, now 2",
                "session: units of DynamoDB.PutItem by tell-submitter: recorded 6, now 12"
            ]
        );
    }

    #[test]
    fn a_journey_that_comes_or_goes_is_named() {
        let one = BTreeMap::from([("session".to_owned(), journey())]);
        assert_eq!(differences(&one, &Counts::new()), ["session was not counted"]);
        assert_eq!(differences(&Counts::new(), &one), ["session is not recorded"]);
    }
}
