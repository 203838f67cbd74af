//! From what is asked for to what it costs.

use std::collections::BTreeMap;

use super::{
    counts::Journey,
    prices::{Prices, Tariff},
    units::{
        ActiveMembers, Amount, Events, GbMonths, GbSeconds, Gigabytes, Images, Mails, Objects,
        ReadUnits, Requests, ThingMonths, Transitions, Unit, Usd, WriteUnits,
    },
};

/// The function whose every invocation has one photo classified.
const CLASSIFIES: &str = "moderate-photo";

/// How operations on the table begin that read.
const READS: [&str; 5] = ["Get", "BatchGet", "Query", "Scan", "TransactGet"];

/// Bytes that CloudWatch adds to every line of a log.
const LINE_BYTES: f64 = 26.0;

/// Gigabytes of memory of each function.
pub type Memory = BTreeMap<String, f64>;

/// A line of a bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The service, as people name it.
    pub service: &'static str,
    /// What of it.
    pub what: String,
    /// What it costs.
    pub usd: Usd,
}

/// The sum of some lines.
#[must_use]
pub fn total(lines: &[Line]) -> Usd {
    lines.iter().map(|line| line.usd).sum()
}

/// The same by service, the dearest first.
#[must_use]
pub fn by_service(lines: &[Line]) -> Vec<(&'static str, Usd)> {
    let mut sums: BTreeMap<&'static str, Usd> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry(line.service).or_default();
        *sum = *sum + line.usd;
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by(|(_, one), (_, other)| other.0.total_cmp(&one.0));
    sums
}

/// Whether what is free every month is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Free {
    /// It is: a whole month of an account.
    TakenOff,
    /// It is not: one more of something, where it is spent already.
    Spent,
}

macro_rules! consumption {
    ($($(#[$doc:meta])* $name:ident: $unit:ident, $service:literal, $what:literal, $price:ident;)+) => {
        /// What is asked of AWS that is paid by use.
        #[derive(Debug, Clone, Copy, Default, PartialEq)]
        pub struct Consumption {
            $($(#[$doc])* pub $name: Amount<$unit>,)+
        }

        impl Consumption {
            /// All of it, so many times.
            #[must_use]
            pub fn times(self, times: f64) -> Self {
                Self { $($name: self.$name * times,)+ }
            }

            /// Both together.
            #[must_use]
            pub fn and(self, other: Self) -> Self {
                Self { $($name: self.$name + other.$name,)+ }
            }

            /// What of it is more than `other`.
            #[must_use]
            pub fn less(self, other: Self) -> Self {
                Self { $($name: self.$name.less(other.$name),)+ }
            }

            /// What it costs, line by line; nothing is left out.
            #[must_use]
            pub fn lines(&self, prices: &Prices, free: Free) -> Vec<Line> {
                let mut lines = vec![$(Line {
                    service: $service,
                    what: $what.to_owned(),
                    usd: cost(&prices.$price, self.$name, free),
                },)+];
                lines.retain(|line| line.usd.0 > 0.0);
                lines
            }
        }
    };
}

fn cost<U: Unit>(tariff: &Tariff<U>, amount: Amount<U>, free: Free) -> Usd {
    match free {
        Free::TakenOff => tariff.of(amount),
        Free::Spent => tariff.without_free(amount),
    }
}

consumption! {
    /// Steps of workflows.
    transitions: Transitions, "Step Functions", "state transitions", step_functions_transition;
    /// Functions' invocations.
    invocations: Requests, "Lambda", "invocations", lambda_request;
    /// Functions' memory over time.
    compute: GbSeconds, "Lambda", "compute on arm64", lambda_gb_second;
    /// Reads of the table.
    reads: ReadUnits, "DynamoDB", "reads", dynamodb_read;
    /// Writes to the table.
    writes: WriteUnits, "DynamoDB", "writes", dynamodb_write;
    /// The table's size.
    table: GbMonths, "DynamoDB", "storage", dynamodb_storage;
    /// Its point-in-time recovery.
    table_recovery: GbMonths, "DynamoDB", "point-in-time recovery", dynamodb_pitr;
    /// Objects written.
    puts: Requests, "S3", "writes and lists", s3_put;
    /// Objects read.
    gets: Requests, "S3", "reads", s3_get;
    /// Objects kept.
    objects: GbMonths, "S3", "storage", s3_storage;
    /// Tags that the malware scan leaves.
    tags: Objects, "S3", "tags of the scan", s3_tag;
    /// Uploads that are scanned.
    scans: Objects, "GuardDuty", "uploads scanned", malware_scan_object;
    /// Their bytes.
    scanned: Gigabytes, "GuardDuty", "bytes of uploads scanned", malware_scan_gb;
    /// Management events that the detector looks at.
    management_events: Events, "GuardDuty", "management events", guardduty_management_event;
    /// Data events that the detector looks at.
    object_events: Events, "GuardDuty", "S3 data events", guardduty_s3_event;
    /// Data events that the trail records.
    recorded_events: Events, "CloudTrail", "S3 data events", cloudtrail_data_event;
    /// Photos that are classified.
    images: Images, "Rekognition", "images", rekognition_image;
    /// Mails.
    mails: Mails, "SES", "mails", ses_mail;
    /// Members of the month.
    members: ActiveMembers, "Cognito", "active members", cognito_member;
    /// Requests of the API.
    api: Requests, "API Gateway", "requests", http_api_request;
    /// Requests at the edge.
    edge_requests: Requests, "CloudFront", "requests", cloudfront_request;
    /// Bytes from the edge.
    edge_out: Gigabytes, "CloudFront", "transfer out", cloudfront_out;
    /// Runs of the function at the edge.
    edge_function: Requests, "CloudFront", "its function", cloudfront_function;
    /// Paths of deleted photos that are taken off the edge.
    edge_forgotten: Requests, "CloudFront", "paths taken off", cloudfront_invalidation;
    /// Requests that the web ACL looks at.
    screened: Requests, "WAF", "requests", waf_request;
    /// Logs taken in.
    logs: Gigabytes, "CloudWatch", "logs taken in", logs_in;
    /// Logs kept.
    logs_kept: GbMonths, "CloudWatch", "logs kept", logs_kept;
    /// Metrics of our own.
    metrics: ThingMonths, "CloudWatch", "metrics of our own", metric;
    /// Uses of keys.
    key_uses: Requests, "KMS", "uses of keys", kms_request;
    /// Copies of the table.
    table_backups: GbMonths, "Backup", "copies of the table", backup_dynamodb;
    /// Copies of photos.
    photo_backups: GbMonths, "Backup", "copies of photos", backup_s3;
    /// Restored for tests.
    restored: Gigabytes, "Backup", "restored for tests", restore_dynamodb;
    /// Configuration items.
    items: Events, "Config", "items recorded", config_item;
}

impl Consumption {
    /// What a journey asks for, its logs kept for so many months. Requests of the
    /// API pass the edge and the web ACL.
    #[must_use]
    pub fn of(journey: &Journey, memory: &Memory, log_months: f64) -> Self {
        let mut of = Self {
            transitions: Amount::count(journey.transitions),
            api: Amount::count(journey.api_requests),
            edge_requests: Amount::count(journey.api_requests),
            screened: Amount::count(journey.api_requests),
            edge_out: Amount::bytes(journey.api_answer_bytes as f64),
            mails: Amount::count(journey.mails),
            // The browser's own; then the scanner's: a read, a tag.
            puts: Amount::count(2 * journey.uploads),
            gets: Amount::count(journey.uploads),
            scans: Amount::count(journey.uploads),
            tags: Amount::count(journey.uploads),
            scanned: Amount::bytes(journey.upload_bytes as f64),
            ..Self::default()
        };
        for (name, function) in &journey.functions {
            let gigabytes = memory.get(name).copied().unwrap_or_default();
            of.invocations += Amount::count(function.invocations);
            of.compute += Amount::of(gigabytes * function.billed_ms as f64 / 1000.0);
            let bytes = function.log_bytes as f64 + LINE_BYTES * function.log_lines as f64;
            of.logs += Amount::bytes(bytes);
            if name == CLASSIFIES {
                of.images += Amount::count(function.invocations);
            }
            for (operation, calls) in &function.calls {
                let requests = Amount::count(calls.requests);
                if let Some(name) = operation.strip_prefix("DynamoDB.") {
                    if READS.iter().any(|read| name.starts_with(read)) {
                        of.reads += Amount::of(calls.units);
                    } else {
                        of.writes += Amount::of(calls.units);
                    }
                } else if operation.contains(" ") {
                    // Lists are dear GETs: they name the bucket alone.
                    let is_read = ["GET ", "HEAD "].iter().any(|verb| operation.starts_with(verb));
                    let is_list = operation.contains("?list-type");
                    if operation.starts_with("DELETE ") {
                        // Without charge.
                    } else if is_read && !is_list {
                        of.gets += requests;
                    } else {
                        of.puts += requests;
                    }
                }
            }
        }
        // Each scan, write and read of an object is an event.
        let events = of.puts.number() + of.gets.number();
        of.object_events = Amount::of(events);
        of.recorded_events = Amount::of(events);
        of.logs_kept = of.logs.kept(log_months);
        of
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cost::{counts::Calls, counts::Function, prices::tests::prices};

    fn journey() -> Journey {
        let calls = |requests, units| Calls { requests, units, ..Calls::default() };
        let prepare = Function {
            invocations: 2,
            billed_ms: 500,
            log_lines: 4,
            log_bytes: 896,
            calls: BTreeMap::from([
                ("DynamoDB.GetItem".to_owned(), calls(2, 1.0)),
                ("DynamoDB.TransactWriteItems".to_owned(), calls(1, 6.0)),
                ("GET QuarantineBucket".to_owned(), calls(2, 0.0)),
                ("GET SiteBucket?list-type".to_owned(), calls(1, 0.0)),
                ("PUT QuarantineBucket".to_owned(), calls(3, 0.0)),
                ("DELETE QuarantineBucket".to_owned(), calls(1, 0.0)),
                ("AWSStepFunctions.StartExecution".to_owned(), calls(1, 0.0)),
            ]),
            ..Function::default()
        };
        Journey {
            transitions: 10,
            uploads: 2,
            upload_bytes: 4_000_000,
            functions: BTreeMap::from([("prepare-photo".to_owned(), prepare)]),
            ..Journey::default()
        }
    }

    #[test]
    fn a_journey_becomes_what_is_paid() {
        let memory = Memory::from([("prepare-photo".to_owned(), 1.0)]);
        let of = Consumption::of(&journey(), &memory, 3.0);
        assert_eq!(of.transitions, Amount::count(10));
        assert_eq!((of.reads, of.writes), (Amount::of(1.0), Amount::of(6.0)));
        assert_eq!(of.compute, Amount::of(0.5));
        // Two uploads with a tag each, a list, three writes.
        assert_eq!((of.puts, of.gets), (Amount::count(8), Amount::count(4)));
        assert_eq!(of.logs, Amount::bytes(1_000.0));
        assert_eq!(of.logs_kept.number(), 3e-6);
        assert_eq!(of.images, Amount::of(0.0), "nothing was classified");
    }

    #[test]
    fn a_bill_names_what_it_is_for() {
        let prices = prices();
        let one = Consumption { transitions: Amount::count(5_000), ..Consumption::default() };
        let spent = one.lines(&prices, Free::Spent);
        assert_eq!(spent.len(), 1);
        assert_eq!((spent[0].service, spent[0].usd), ("Step Functions", Usd(0.125)));
        let free = one.lines(&prices, Free::TakenOff);
        assert!((total(&free).0 - 0.025).abs() < 1e-12, "{free:?}");
        assert_eq!(by_service(&spent), [("Step Functions", Usd(0.125))]);
    }

    proptest! {
        /// More of anything never costs less, and never less than nothing.
        #[test]
        fn cost_is_monotone(
            amounts in prop::collection::vec(0.0..1e12_f64, 8),
            more in prop::collection::vec(0.0..1e12_f64, 8),
        ) {
            let prices = prices();
            let of = |amounts: &[f64]| Consumption {
                transitions: Amount::of(amounts[0]),
                compute: Amount::of(amounts[1]),
                reads: Amount::of(amounts[2]),
                mails: Amount::of(amounts[3]),
                members: Amount::of(amounts[4]),
                edge_out: Amount::of(amounts[5]),
                metrics: Amount::of(amounts[6]),
                objects: Amount::of(amounts[7]),
                ..Consumption::default()
            };
            for free in [Free::TakenOff, Free::Spent] {
                let one = total(&of(&amounts).lines(&prices, free));
                let both = total(&of(&amounts).and(of(&more)).lines(&prices, free));
                prop_assert!(one.0 >= 0.0 && both.0 >= one.0 * (1.0 - 1e-12), "{one} {both}");
            }
        }

        /// Twice a consumption is the same as two of it.
        #[test]
        fn amounts_add_up(transitions in 0.0..1e9_f64, times in 0_u32..50) {
            let one = Consumption { transitions: Amount::of(transitions), ..Consumption::default() };
            let added = (0..times).fold(Consumption::default(), |sum, _| sum.and(one));
            let multiplied = one.times(f64::from(times));
            let (added, multiplied) =
                (added.transitions.number(), multiplied.transitions.number());
            prop_assert!((added - multiplied).abs() <= 1e-9 * multiplied.max(1.0));
        }
    }
}
