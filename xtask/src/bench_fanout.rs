//! `cargo xtask bench fanout`: what a fan-out to very many followers takes: to be
//! planned, to be written, to be delivered, and in dollars.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use seisiun_ops::cost::bill::{Consumption, Free, by_service, total};
use seisiun_ops::cost::prices::Prices;
use seisiun_ops::cost::units::{Amount, Usd, grouped};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::Session;
use crate::bench::build;
use crate::cost;
use crate::process::{make_folder, remove_folder};

/// The benchmarks' feature and program that plays it.
const FEATURE: &str = "fan-out";
const PROGRAM: &str = "seisiun-bench-fan-out";

/// Followers of the fan-outs that are planned; dollars are those of the last.
const FOLLOWERS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const MILLION: f64 = 1e6;

/// Followers who are mailed to see what a mail takes.
const MAILED: u32 = 10_000;
/// Followers who are mailed to see how fast mails go out.
const DELIVERED: u32 = 20_000;
/// Mails a second that SES grants: to a new account, and more.
const RATES: [u32; 4] = [14, 100, 500, 1_000];

/// The workflow, and what it says of pages that are sent at once.
const MACHINE: &str = "statemachines/notify-followers.asl.json";
const AT_ONCE: &str = "/States/SendPages/MaxConcurrency";
/// How much that is raised by, to see what it would bring.
const RAISED: u32 = 2;
/// Units a second of a table that has been so busy before: an account's own limit of
/// a table.
const BUSY_TABLE: &str = "40000";

/// The application's template, and the functions of a fan-out.
const TEMPLATE: &str = "template.yaml";
const PLANS: &str = "PlanFanOutFunction";
const SENDS: &str = "SendBatchFunction";
const LISTENS: &str = "TakeFeedbackFunction";
/// Megabytes with which a function has one processor, by AWS's documentation.
const PROCESSOR_MEGABYTES: f64 = 1_769.0;

/// Transitions of a page: its own execution's start, and its state. Those of the
/// workflow itself.
const PAGE_TRANSITIONS: f64 = 2.0;
const OWN_TRANSITIONS: f64 = 7.0;
/// Invocations of a fan-out beside its pages' and events': it is planned, and added up.
const OWN_INVOCATIONS: f64 = 2.0;

/// Months that a mail's claim is kept, and what the table stores beside a record.
const CLAIM_MONTHS: f64 = 400.0 / 30.44;
const STORED_BESIDE: f64 = 100.0;

/// How operations on the table begin that read.
const READS: [&str; 3] = ["Get", "BatchGet", "Query"];
/// How those begin that write.
const WRITES: [&str; 2] = ["PutItem", "UpdateItem"];

/// What was asked for, by operation.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
struct Calls(BTreeMap<String, Asked>);

#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Asked {
    requests: f64,
    units: f64,
}

impl Calls {
    fn sum(&self, begins: &[&str], of: impl Fn(&Asked) -> f64) -> f64 {
        let of_these = self.0.iter().filter(|(name, _)| begins.iter().any(|b| name.starts_with(b)));
        of_these.map(|(_, asked)| of(asked)).sum()
    }

    fn reads(&self) -> f64 {
        self.sum(&READS, |asked| asked.units)
    }

    fn writes(&self) -> f64 {
        self.sum(&WRITES, |asked| asked.units)
    }

    fn read_requests(&self) -> f64 {
        self.sum(&READS, |asked| asked.requests)
    }
}

/// What the program says of a plan.
#[derive(Debug, Clone, Default, Deserialize)]
struct Planned {
    seconds: f64,
    processor_seconds: f64,
    peak_bytes: f64,
    before_bytes: f64,
    lines: f64,
    manifest_bytes: f64,
    #[serde(default)]
    record_bytes: f64,
    #[serde(default)]
    calls: Calls,
}

impl Planned {
    fn more_bytes(&self) -> f64 {
        self.peak_bytes - self.before_bytes
    }
}

/// What it says of mails with nothing to wait for.
#[derive(Debug, Clone, Default, Deserialize)]
struct Sent {
    mails: f64,
    processor_seconds: f64,
    mail_bytes: f64,
    claim_bytes: f64,
    planned: Calls,
    sent: Calls,
    all: Calls,
}

impl Sent {
    /// Units a mail, once all are planned: reads and writes.
    fn units(&self) -> (f64, f64) {
        let Self { planned, all, mails, .. } = self;
        ((all.reads() - planned.reads()) / mails, (all.writes() - planned.writes()) / mails)
    }
}

/// What it says of the writing of mails.
#[derive(Debug, Clone, Default, Deserialize)]
struct Rendered {
    ours_seconds: f64,
    theirs_seconds: f64,
    ours_bytes: f64,
    theirs_bytes: f64,
}

/// What it says of a delivery.
#[derive(Debug, Clone, Default, Deserialize)]
struct Delivered {
    mails: f64,
    pages: f64,
    seconds: f64,
    invocations: f64,
    billed_seconds: f64,
    event_runs: f64,
    event_seconds: f64,
    planned: Calls,
    all: Calls,
}

impl Delivered {
    fn a_second(&self) -> f64 {
        self.mails / self.seconds
    }
}

/// Megabytes of the functions.
#[derive(Debug, Clone, Copy)]
struct Memory {
    plans: f64,
    sends: f64,
    listens: f64,
}

/// A fan-out at one rate: as the workflow sends, the same on a table that was busy
/// before, and with more pages at once.
#[derive(Debug, Clone, Default)]
struct AtRate {
    rate: u32,
    as_it_is: Delivered,
    busy: Delivered,
    raised: Delivered,
}

/// All that was measured.
#[derive(Debug)]
struct Measured {
    plans: Vec<(u32, Planned, Planned)>,
    sent: Sent,
    digests: Sent,
    rendered: Rendered,
    delivered: Vec<AtRate>,
    memory: Memory,
    at_once: u32,
    prices: Prices,
}

/// Plays all of it and prints the tables.
pub(crate) fn bench(session: &Session) -> Result<bool> {
    let folder = session.layout.private().join("bench-fan-out");
    remove_folder(&folder)?;
    make_folder(&folder)?;
    let measured = measure(session, &folder);
    remove_folder(&folder)?;
    println!("\n{}", tables(&measured?));
    Ok(true)
}

fn measure(session: &Session, folder: &Path) -> Result<Measured> {
    let root = session.layout.root();
    let read = |file: &str| {
        std::fs::read_to_string(root.join(file)).with_context(|| format!("cannot read {file}"))
    };
    let template = read(TEMPLATE)?;
    let memory = Memory {
        plans: memory_of(&template, PLANS)?,
        sends: memory_of(&template, SENDS)?,
        listens: memory_of(&template, LISTENS)?,
    };
    let machine: Json =
        serde_json::from_str(&read(MACHINE)?).with_context(|| format!("{MACHINE} is no JSON"))?;
    let at_once = machine.pointer(AT_ONCE).and_then(Json::as_u64);
    let at_once = u32::try_from(at_once.with_context(|| format!("{MACHINE} has no {AT_ONCE}"))?)?;
    let prices = cost::prices(session)?;

    let program = build(session, FEATURE, PROGRAM)?;
    let say = |what: &str, followers: u32, more: &[&str]| {
        let mut command = Command::new(&program);
        command.arg(what).arg("--followers").arg(followers.to_string());
        command.arg("--folder").arg(folder).args(more);
        command
    };
    let mut plans = Vec::new();
    for followers in FOLLOWERS {
        let many = grouped(followers.into());
        let plan = session.progress.step(format!("{many} followers, planned"), || {
            said(session, &mut say("plan", followers, &[]))
        })?;
        let by_follower = session.progress.step(format!("{many}, a line each"), || {
            said(session, &mut say("plan-by-follower", followers, &[]))
        })?;
        plans.push((followers, plan, by_follower));
    }
    let sent: Sent = session.progress.step(format!("{} mails", grouped(MAILED.into())), || {
        said(session, &mut say("send", MAILED, &[]))
    })?;
    let digests: Sent =
        session.progress.step(format!("{} digests", grouped(MAILED.into())), || {
            said(session, &mut say("send", MAILED, &["--kind", "digest"]))
        })?;
    let rendered = session
        .progress
        .step("Mails, written alone", || said(session, Command::new(&program).arg("render")))?;

    let mail_seconds = (sent.processor_seconds / sent.mails).to_string();
    let share = (memory.sends / PROCESSOR_MEGABYTES).to_string();
    let mut delivered = Vec::new();
    for rate in RATES {
        let at = |pages: u32, more: &[&str]| -> Result<Delivered> {
            let (rate, pages) = (rate.to_string(), pages.to_string());
            let mut options = vec!["--mails-per-second", &rate, "--pages-at-once", &pages];
            options.extend(["--mail-seconds", &mail_seconds, "--processor-share", &share]);
            options.extend(more);
            said(session, &mut say("deliver", DELIVERED, &options))
        };
        let busy = ["--table-reads", BUSY_TABLE, "--table-writes", BUSY_TABLE];
        delivered.push(session.progress.step(format!("{rate} mails a second"), || {
            Ok(AtRate {
                rate,
                as_it_is: at(at_once, &[])?,
                busy: at(at_once, &busy)?,
                raised: at(RAISED * at_once, &[])?,
            })
        })?);
    }
    Ok(Measured { plans, sent, digests, rendered, delivered, memory, at_once, prices })
}

/// Runs the program to its end and reads what it says.
fn said<T: DeserializeOwned>(session: &Session, command: &mut Command) -> Result<T> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("the program cannot be run")?;
    let stdout = child.stdout.take().context("it has no output")?;
    // A line: no more than fits into the pipe.
    let status = session.interrupt.wait(&mut child)?;
    if !status.success() {
        bail!("the program ended with {status}");
    }
    let text = std::io::read_to_string(stdout).context("its answer cannot be read")?;
    serde_json::from_str(&text).context("its answer is no JSON")
}

/// Megabytes of a function, as the template has them.
fn memory_of(template: &str, function: &str) -> Result<f64> {
    let from = template.find(&format!("\n  {function}:\n"));
    let own = from.and_then(|from| template.get(from..)).unwrap_or_default();
    let size = own.split_once("MemorySize:").map(|(_, rest)| rest.lines().next());
    let size = size.flatten().with_context(|| format!("{function} has no memory size"))?;
    size.trim().parse().with_context(|| format!("{function} has a memory size of {size}"))
}

fn tables(measured: &Measured) -> String {
    [planning(measured), mails(measured), delivery(measured), dollars(measured)].join("\n\n")
}

/// A table of Markdown: what its columns are, then a line for each row.
fn table(head: &[String], rows: &[(&str, Vec<String>)]) -> String {
    let line = |first: &str, cells: &[String]| format!("| {first} | {} |", cells.join(" | "));
    let mut lines = vec![line("", head), format!("|---|{}", "---:|".repeat(head.len()))];
    lines.extend(rows.iter().map(|(first, cells)| line(first, cells)));
    lines.join("\n")
}

fn planning(measured: &Measured) -> String {
    let Measured { plans, sent, .. } = measured;
    let head: Vec<_> = plans.iter().map(|(followers, ..)| grouped((*followers).into())).collect();
    let each = |of: &dyn Fn(f64, &Planned, &Planned) -> String| -> Vec<String> {
        plans
            .iter()
            .map(|(followers, ours, theirs)| of((*followers).into(), ours, theirs))
            .collect()
    };
    let (reads, writes) = sent.units();
    let record = plans.first().map_or(0.0, |(_, plan, _)| plan.record_bytes);
    let rows = [
        ("**planned within**", each(&|_, ours, _| format!("**{}**", time(ours.seconds)))),
        ("of it a processor's", each(&|_, ours, _| time(ours.processor_seconds))),
        ("memory, beside the program's own", each(&|_, ours, _| megabytes(ours.more_bytes()))),
        ("lines of the manifest", each(&|_, ours, _| grouped(ours.lines))),
        ("the manifest", each(&|_, ours, _| megabytes(ours.manifest_bytes))),
        ("requests that read", each(&|_, ours, _| grouped(ours.calls.read_requests()))),
        ("read units", each(&|_, ours, _| grouped(ours.calls.reads()))),
        ("a line a follower: planned within", each(&|_, _, theirs| time(theirs.seconds))),
        ("its memory", each(&|_, _, theirs| megabytes(theirs.more_bytes()))),
        ("its manifest", each(&|_, _, theirs| megabytes(theirs.manifest_bytes))),
        ("ours ÷ its: time", each(&|_, ours, its| ratio(ours.seconds, its.seconds))),
        (
            "ours ÷ its: processor",
            each(&|_, ours, its| ratio(ours.processor_seconds, its.processor_seconds)),
        ),
        ("ours ÷ its: memory", each(&|_, ours, its| ratio(ours.more_bytes(), its.more_bytes()))),
        (
            "ours ÷ its: manifest",
            each(&|_, ours, its| ratio(ours.manifest_bytes, its.manifest_bytes)),
        ),
        (
            "read units, planned and mailed",
            each(&|followers, ours, _| grouped(ours.calls.reads() + reads * followers)),
        ),
        (
            "write units, planned and mailed",
            each(&|followers, ours, _| grouped(ours.calls.writes() + writes * followers)),
        ),
    ];
    format!("A follow's record has {record:.0} bytes.\n\n{}", table(&head, &rows))
}

fn mails(measured: &Measured) -> String {
    let Measured { sent, digests, rendered, memory, at_once, .. } = measured;
    let share = memory.sends / PROCESSOR_MEGABYTES * f64::from(*at_once);
    let each = |of: &dyn Fn(&Sent) -> String| -> Vec<String> { [sent, digests].map(of).into() };
    let task = |sent: &Sent| sent.mails / sent.processor_seconds;
    let of_news = |text: String| vec![text, String::new()];
    let rows = [
        ("read units, its event's included", each(&|sent| format!("{:.2}", sent.units().0))),
        (
            "of them in SendBatch",
            each(&|sent| format!("{:.2}", (sent.sent.reads() - sent.planned.reads()) / sent.mails)),
        ),
        ("write units, its event's included", each(&|sent| format!("{:.2}", sent.units().1))),
        ("bytes of the message", each(&|sent| grouped(sent.mail_bytes / sent.mails))),
        ("bytes of the claim", each(&|sent| grouped(sent.claim_bytes))),
        (
            "**written a second by a core**",
            of_news(format!("**{}**", hundreds(1.0 / rendered.ours_seconds))),
        ),
        ("by mail-builder, given its words", of_news(hundreds(1.0 / rendered.theirs_seconds))),
        (
            "ours ÷ its: time, bytes",
            of_news(format!(
                "{}, {}",
                ratio(rendered.ours_seconds, rendered.theirs_seconds),
                ratio(rendered.ours_bytes, rendered.theirs_bytes)
            )),
        ),
        ("all of SendBatch, a second by a core", each(&|sent| hundreds(task(sent)))),
        ("by what all functions at once have of one", each(&|sent| hundreds(task(sent) * share))),
    ];
    let head = [("news", sent), ("a digest", digests)];
    let head = head.map(|(what, sent)| format!("{what}, of {}", grouped(sent.mails)));
    table(&head, &rows)
}

fn delivery(measured: &Measured) -> String {
    let Measured { delivered, plans, at_once, .. } = measured;
    let head: Vec<_> = delivered.iter().map(|at| grouped(at.rate.into())).collect();
    let each =
        |of: &dyn Fn(&AtRate) -> String| -> Vec<String> { delivered.iter().map(of).collect() };
    let pace = |delivered: &Delivered| format!("{:.0}", delivered.a_second());
    let mut rows = vec![(
        format!("**go out, {at_once} pages at once**"),
        each(&|at| format!("**{}**", pace(&at.as_it_is))),
    )];
    for (followers, plan, _) in plans {
        let all = |at: &AtRate| plan.seconds + f64::from(*followers) / at.as_it_is.a_second();
        rows.push((
            format!("{} followers", grouped((*followers).into())),
            each(&|at| time(all(at))),
        ));
    }
    rows.push(("go out, the table busy before".into(), each(&|at| pace(&at.busy))));
    let more = RAISED * at_once;
    rows.push((format!("go out, {more} pages at once"), each(&|at| pace(&at.raised))));
    rows.push((
        "runs a page".into(),
        each(&|at| format!("{:.2}", at.as_it_is.invocations / at.as_it_is.pages)),
    ));
    let rows: Vec<_> = rows.iter().map(|(first, cells)| (first.as_str(), cells.clone())).collect();
    format!("Mails a second that are granted:\n\n{}", table(&head, &rows))
}

/// What a million mails ask for at a rate; what remains of them is apart.
fn consumption(measured: &Measured, at: &Delivered) -> Consumption {
    let times = MILLION / at.mails;
    let plan = measured.plans.last().map(|(_, plan, _)| plan.clone()).unwrap_or_default();
    let Memory { plans, sends, listens } = measured.memory;
    let gigabytes = |megabytes: f64| megabytes / 1024.0;
    let runs = times * at.invocations;
    let again = times * (at.invocations - at.pages);
    Consumption {
        transitions: Amount::of(OWN_TRANSITIONS + PAGE_TRANSITIONS * plan.lines + again),
        invocations: Amount::of(OWN_INVOCATIONS + runs + times * at.event_runs),
        compute: Amount::of(
            gigabytes(plans) * plan.seconds
                + times
                    * (gigabytes(sends) * at.billed_seconds
                        + gigabytes(listens) * at.event_seconds),
        ),
        reads: Amount::of(plan.calls.reads() + times * (at.all.reads() - at.planned.reads())),
        writes: Amount::of(plan.calls.writes() + times * (at.all.writes() - at.planned.writes())),
        puts: Amount::count(1),
        gets: Amount::count(2),
        mails: Amount::of(MILLION),
        ..Consumption::default()
    }
}

fn dollars(measured: &Measured) -> String {
    let Measured { delivered, prices, sent, .. } = measured;
    let head: Vec<_> = delivered.iter().map(|at| grouped(at.rate.into())).collect();
    let asked: Vec<_> = delivered.iter().map(|at| consumption(measured, &at.as_it_is)).collect();
    let bills: Vec<_> = asked.iter().map(|asked| asked.lines(prices, Free::Spent)).collect();
    let of = |service: &str| -> Vec<String> {
        let one = |bill: &Vec<_>| {
            let lines = by_service(bill).into_iter().find(|(name, _)| *name == service);
            lines.map_or(Usd(0.0), |(_, usd)| usd).to_string()
        };
        bills.iter().map(one).collect()
    };
    let each =
        |of: &dyn Fn(&Consumption) -> String| -> Vec<String> { asked.iter().map(of).collect() };
    let all = bills.iter().map(|bill| format!("**{}**", total(bill))).collect();
    let rows = [
        ("read units", each(&|asked| grouped(asked.reads.number()))),
        ("write units", each(&|asked| grouped(asked.writes.number()))),
        ("DynamoDB", of("DynamoDB")),
        ("Lambda", of("Lambda")),
        ("Step Functions", of("Step Functions")),
        ("SES", of("SES")),
        ("**a million mails**", all),
    ];
    let gigabytes = Amount::bytes((sent.claim_bytes + STORED_BESIDE) * MILLION);
    let kept = Consumption {
        table: gigabytes.kept(CLAIM_MONTHS),
        table_recovery: gigabytes.kept(CLAIM_MONTHS),
        ..Consumption::default()
    };
    format!(
        "Dollars, at so many mails a second:\n\n{}\n\nTheir claims, kept for 400 days: {}.",
        table(&head, &rows),
        total(&kept.lines(prices, Free::Spent))
    )
}

fn ratio(ours: f64, theirs: f64) -> String {
    format!("{:.2}", ours / theirs)
}

fn megabytes(bytes: f64) -> String {
    match bytes / MILLION {
        few if few < 0.1 => format!("{few:.3} MB"),
        many => format!("{many:.1} MB"),
    }
}

/// A large number to its hundreds: the rest is noise.
fn hundreds(number: f64) -> String {
    grouped((number / 100.0).round() * 100.0)
}

fn time(seconds: f64) -> String {
    match seconds {
        few if few < 0.1 => format!("{:.1} ms", few * 1e3),
        few if few < 120.0 => format!("{few:.1} s"),
        some if some < 5_400.0 => format!("{:.0} min", some / 60.0),
        many => format!("{:.1} h", many / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_memory_is_its_own() {
        let template = "\n  SendBatchRole:\n    X: 1\n  SendBatchFunction:\n    Properties:\n      \
                        MemorySize: 256\n  OtherFunction:\n    Properties:\n      MemorySize: 512\n";
        assert_eq!(memory_of(template, SENDS).unwrap(), 256.0);
        assert_eq!(memory_of(template, "OtherFunction").unwrap(), 512.0);
        assert!(memory_of(template, PLANS).is_err());
    }

    fn calls(reads: f64, writes: f64) -> Calls {
        let asked = |units| Asked { requests: units, units };
        let object = Asked { requests: 9.0, units: 9.0 };
        Calls(BTreeMap::from([
            ("BatchGetItem".into(), asked(reads)),
            ("UpdateItem".into(), asked(writes)),
            // Of the bucket, not of the table.
            ("PUT".into(), object),
            ("GET".into(), object),
        ]))
    }

    #[test]
    fn a_mails_units_are_those_after_the_plan() {
        let sent = Sent {
            mails: 10.0,
            planned: calls(20.0, 1.0),
            all: calls(100.0, 31.0),
            ..Sent::default()
        };
        assert_eq!(sent.units(), (8.0, 3.0));
    }

    #[test]
    fn a_million_is_reckoned_from_fewer() {
        let prices: Prices =
            serde_yaml_ng::from_str(include_str!("../../ops/cost/prices.yaml")).unwrap();
        let plan = Planned { lines: 10_000.0, calls: calls(60_000.0, 1.0), ..Planned::default() };
        let at = Delivered {
            mails: 1_000.0,
            pages: 10.0,
            seconds: 10.0,
            invocations: 15.0,
            billed_seconds: 100.0,
            event_runs: 100.0,
            planned: calls(50.0, 1.0),
            all: calls(8_050.0, 2_001.0),
            ..Delivered::default()
        };
        let delivered = vec![AtRate { rate: 100, as_it_is: at.clone(), ..AtRate::default() }];
        let measured = Measured {
            plans: vec![(1_000_000, plan, Planned::default())],
            sent: Sent { claim_bytes: 300.0, ..Sent::default() },
            digests: Sent::default(),
            rendered: Rendered::default(),
            delivered,
            memory: Memory { plans: 512.0, sends: 256.0, listens: 256.0 },
            at_once: 10,
            prices,
        };
        let asked = consumption(&measured, &at);
        assert_eq!((asked.reads.number(), asked.writes.number()), (8_060_000.0, 2_000_001.0));
        assert_eq!(asked.transitions.number(), 7.0 + 20_000.0 + 5_000.0);
        assert_eq!(asked.compute.number(), 25_000.0);
        let text = dollars(&measured);
        assert!(text.contains("| read units | 8,060,000 |"), "{text}");
        assert!(text.contains("| SES | $160 |"), "{text}");
    }

    #[test]
    fn times_are_as_people_say_them() {
        let said = [0.012, 5.41, 1_999.0, 71_942.0].map(time);
        assert_eq!(said, ["12.0 ms", "5.4 s", "33 min", "20.0 h"]);
    }
}
