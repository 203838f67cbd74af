//! `cargo xtask test`: every layer of checks and tests, with its time.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::Session;
use crate::bench;
use crate::browser;
use crate::check::{check, files_under};
use crate::drill::drill;
use crate::package::{self, Also, Built, SELECTION, TestProgram};
use crate::process::{remove_file, run_shown};
use crate::progress::seconds;
use crate::site;
use crate::stack::{Stack, Wish};
use crate::tools::{find_python, path_with};
use crate::totals::{Failures, Totals};
use crate::up::{SAMPLE, load_sample, play, publish_site};

/// What all layers together may take on two cores and an empty cache. The
/// budgets leave a tenth of it to layers that do not exist yet.
const ALL_LAYERS: Duration = minutes(72);

/// Bytes.
const MEGABYTE: u64 = 1_000_000;

/// With less than this many megabytes left, a layer may not end: the largest,
/// `build`, writes about as much.
const DISK_LOW: u64 = 10_000;

/// The folder of the package whose tests need a running stack.
const E2E: &str = "e2e";

/// Its library, whose own tests need none.
const E2E_LIBRARY: &str = "seisiun_e2e";

/// What the files of tests there begin with that take too long for every day.
const LONG_TESTS: &str = "long";

/// The file of tests that has other programs read our feeds.
const FEED_TESTS: &str = "parsers_feeds";

/// The file of tests that holds the templates against one another.
const ESTATE_TESTS: &str = "estate";

/// The file of tests there that holds the API against its document.
const API_TESTS: &str = "schemathesis";
/// The tests that count what a journey asks for.
const COUNT_TESTS: &str = "counts";

/// The tests of the pipeline's programs, which are Python of no package's.
const PIPELINE_TESTS: &str = "ops/pipeline/tests.py";

/// The tests of what the site keeps in a browser, which is JavaScript.
const WORKER_TESTS: &str = "site/tests/worker.test.mjs";

/// The package whose property tests run longer in the long layer.
const DOMAIN: &str = "workflows/domain";

/// Cases of each property then; 256 every day.
const LONG_PROPTEST_CASES: &str = "20000";

/// A layer of tests.
#[derive(Debug, Clone, Copy)]
struct Layer {
    name: &'static str,
    what: &'static str,
    /// How long it may take on two cores with nothing compiled.
    budget: Duration,
    run: fn(&mut Run<'_>) -> Result<Outcome>,
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The layers, the quick ones first.
const LAYERS: [Layer; 14] = [
    Layer { name: "format", what: "cargo fmt --check", budget: minutes(1), run: format },
    Layer { name: "lint", what: "cargo clippy, warnings denied", budget: minutes(4), run: lint },
    Layer {
        name: "build",
        what: "every program and every test, once",
        budget: minutes(8),
        run: compile,
    },
    Layer {
        name: "unit",
        what: "unit, property, contract and snapshot tests; the pipeline's programs; the site's worker",
        budget: minutes(4),
        run: unit,
    },
    Layer {
        name: "check",
        what: "templates and definitions, by others' checkers",
        budget: minutes(3),
        run: offline,
    },
    Layer {
        name: "feeds",
        what: "calendars and feeds, read back by others' parsers",
        budget: minutes(1),
        run: feeds,
    },
    Layer {
        name: "estate",
        what: "the templates of every stage against one another, and broken copies",
        budget: minutes(1),
        run: estate,
    },
    Layer { name: "stack", what: "start and deploy everything", budget: minutes(2), run: start },
    Layer {
        name: "engine",
        what: "ports and workflows on the engine",
        budget: minutes(22),
        run: engine,
    },
    Layer {
        name: "browser",
        what: "the site in a browser: walks, axe, keyboard, without script",
        budget: minutes(6),
        run: in_the_browser,
    },
    // After the browser's: it leaves hundreds of things that wait for a moderator.
    Layer {
        name: "api",
        what: "the API against its document, by schemathesis",
        budget: minutes(8),
        run: api,
    },
    Layer { name: "demo", what: "six scenarios, end to end", budget: minutes(1), run: demo },
    Layer {
        name: "drills",
        what: "what the runbooks say, done on the stack",
        budget: minutes(1),
        run: drills,
    },
    Layer {
        name: "snapshots",
        what: "no snapshot is left unused",
        budget: minutes(1),
        run: snapshots,
    },
];

/// The layers that need a stack, and with it the site.
const ON_THE_STACK: [&str; 6] = ["stack", "engine", "api", "browser", "demo", "drills"];

/// The layers whose tests use snapshots.
const SNAPSHOT_LAYERS: [&str; 3] = ["unit", "estate", "engine"];

/// What takes too long for every day.
const LONG: Layer = Layer {
    name: "long",
    what: "what takes too long for every day",
    budget: minutes(60),
    run: long,
};

/// How a layer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Outcome {
    well: bool,
    totals: Totals,
    /// What is known of the tests that failed: see [`Failures`].
    failures: Vec<String>,
}

impl Outcome {
    /// Of a layer that runs no tests.
    fn of(well: bool) -> Self {
        Self { well, totals: Totals::default(), failures: Vec::new() }
    }

    /// With that of other tests of the same layer.
    fn and(mut self, other: Self) -> Self {
        self.well &= other.well;
        self.totals += other.totals;
        self.failures.extend(other.failures);
        self
    }
}

/// What was measured of a layer.
#[derive(Debug, Clone)]
struct Row {
    layer: Layer,
    took: Duration,
    outcome: Outcome,
}

/// A run of the layers, with what they share.
#[derive(Debug)]
struct Run<'a> {
    session: &'a Session,
    built: Option<Built>,
    /// The search path of test programs, with exiftool on it.
    path: Option<OsString>,
    stack: Option<Stack>,
    /// Of the layers' test programs, these alone; all if none is named.
    only: &'a [String],
    /// Whether a layer of this run needs the site.
    wants_site: bool,
    /// What a browser loads of it, in the making beside the layers that need
    /// neither it nor both cores.
    site: Option<JoinHandle<Result<()>>>,
    /// How many of the layers with snapshots went well: only after all of them
    /// is a snapshot without a use known to be without.
    snapshot_layers_well: usize,
}

/// Runs the layers and tells how each went; whether all went well.
pub(crate) fn test(
    session: &Session,
    with_long: bool,
    only: &[String],
    programs: &[String],
) -> Result<bool> {
    let mut layers: Vec<Layer> = LAYERS.to_vec();
    if with_long {
        layers.push(LONG);
    }
    if let Some(unknown) = only.iter().find(|name| layers.iter().all(|layer| layer.name != **name))
    {
        let names: Vec<_> = layers.iter().map(|layer| layer.name).collect();
        bail!("there is no layer {unknown}: there are {}", names.join(", "));
    }
    layers.retain(|layer| only.is_empty() || only.iter().any(|name| name == layer.name));

    remove_file(&session.layout.snapshot_references())?;
    let wants_site = layers.iter().any(|layer| ON_THE_STACK.contains(&layer.name));
    let mut run = Run {
        session,
        built: None,
        path: None,
        stack: None,
        only: programs,
        wants_site,
        site: None,
        snapshot_layers_well: 0,
    };
    let mut rows = Vec::new();
    for layer in layers {
        let (budget, free) = (seconds(layer.budget), disk_free(session.layout.root()));
        println!("\n=== {}: {} (budget {budget}; disk: {free})", layer.name, layer.what);
        let began = Instant::now();
        let outcome = (layer.run)(&mut run).unwrap_or_else(|error| {
            println!("{}: {error:#}", layer.name);
            Outcome::of(false)
        });
        if outcome.well && SNAPSHOT_LAYERS.contains(&layer.name) {
            run.snapshot_layers_well += 1;
        }
        rows.push(Row { layer, took: began.elapsed(), outcome });
        if session.interrupt.asked() {
            break;
        }
    }
    finish_site(&mut run);
    let stopped = run.stack.as_mut().map_or(Ok(()), |stack| stack.stop(session));
    if let Err(error) = &stopped {
        println!("{error:#}");
    }
    session.interrupt.check()?;
    let (text, well) = table(&rows, session.progress.elapsed());
    println!("\n{text}");
    Ok(well && stopped.is_ok())
}

/// What a run is told of the disk, so that one that is full is seen before its
/// errors are, which name whatever wrote last.
fn disk_free(folder: &Path) -> String {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize) / MEGABYTE;
            let warning = if free < DISK_LOW { ", which may not do" } else { "" };
            format!("{free} MB free{warning}")
        }
        Err(error) => format!("unknown: {error}"),
    }
}

/// The closing table and line, and whether all went well.
fn table(rows: &[Row], elapsed: Duration) -> (String, bool) {
    let mut text = String::new();
    let mut totals = Totals::default();
    let _ = writeln!(
        text,
        "{:<11}{:>8}{:>8}{:>15}{:>15}",
        "layer", "passed", "failed", "time", "budget"
    );
    for Row { layer, took, outcome } in rows {
        let mut counted = outcome.totals;
        if !outcome.well && counted.failed == 0 {
            // It did not even get to say which test failed.
            counted.failed = 1;
        }
        totals += counted;
        let remark = match (outcome.well, *took > layer.budget) {
            (false, _) => "  FAILED",
            (true, true) => "  over its budget",
            (true, false) => "",
        };
        let _ = writeln!(
            text,
            "{:<11}{:>8}{:>8}{:>15}{:>15}{remark}",
            layer.name,
            counted.passed,
            counted.failed,
            seconds(*took),
            seconds(layer.budget)
        );
    }
    // What is looked for first stands where one looks first.
    for Row { layer, outcome, .. } in rows {
        for line in &outcome.failures {
            let _ = writeln!(text, "  {}: {line}", layer.name);
        }
    }
    let _ = writeln!(text, "{:<27}{:>15}{:>15}", "in all", seconds(elapsed), seconds(ALL_LAYERS));
    let _ = write!(text, "\n{} passed, {} failed", totals.passed, totals.failed);
    (text, totals.failed == 0 && rows.iter().all(|row| row.outcome.well))
}

fn cargo(run: &Run<'_>) -> Command {
    let mut command = Command::new(package::cargo());
    command.current_dir(run.session.layout.root());
    command
}

fn format(run: &mut Run<'_>) -> Result<Outcome> {
    let mut command = cargo(run);
    command.args(["fmt", "--all", "--check"]);
    Ok(Outcome::of(run_shown(&mut command, &run.session.interrupt)?.success()))
}

fn lint(run: &mut Run<'_>) -> Result<Outcome> {
    let mut well = true;
    // What benchmarks compare with is no part of an everyday build, and would rot.
    for packages in [&["--workspace"][..], &["--package", bench::PACKAGE, "--all-features"]] {
        let mut command = cargo(run);
        command.arg("clippy").args(packages);
        command.args(["--all-targets", "--quiet", "--", "-D", "warnings"]);
        well &= run_shown(&mut command, &run.session.interrupt)?.success();
    }
    Ok(Outcome::of(well))
}

fn compile(run: &mut Run<'_>) -> Result<Outcome> {
    let glue = site::glue(built(run)?)?;
    // What is installed for the tests first: two installations at a time may
    // meet at one list of packages.
    find_path(run)?;
    if run.wants_site {
        let session = run.session.clone();
        run.site = Some(std::thread::spawn(move || site::prepare(&session, &glue)));
    }
    Ok(Outcome::of(true))
}

/// Waits until what a browser loads is made. What went wrong is told again by
/// whoever needs it.
fn finish_site(run: &mut Run<'_>) {
    match run.site.take().map(JoinHandle::join) {
        None | Some(Ok(Ok(()))) => {}
        Some(Ok(Err(error))) => println!("the site: {error:#}"),
        Some(Err(_)) => println!("the site: making it failed"),
    }
}

/// Every program and every test, compiled at the first use.
fn built<'a>(run: &'a mut Run<'_>) -> Result<&'a Built> {
    if run.built.is_none() {
        let Session { layout, interrupt, .. } = run.session;
        let mut built = package::build(layout, interrupt, Also::Tests)?;
        built.tests.extend(package::build_own_tests(layout, interrupt)?.tests);
        // One that is misspelled would run nothing, and pass.
        let known = |name: &&String| built.tests.iter().any(|test| test.target == **name);
        if let Some(unknown) = run.only.iter().find(|name| !known(name)) {
            bail!("there is no test program {unknown}");
        }
        run.built = Some(built);
    }
    run.built.as_ref().context("nothing is built")
}

fn unit(run: &mut Run<'_>) -> Result<Outcome> {
    let mut programs = built(run)?.tests.clone();
    let root = run.session.layout.root();
    let apart = [FEED_TESTS, ESTATE_TESTS];
    programs.retain(|test| !needs_engine(root, test) && !apart.contains(&test.target.as_str()));
    let mut outcome = run_tests(run, &programs, &[], &[])?;
    let mut pipeline = Command::new(find_python()?);
    pipeline.arg(PIPELINE_TESTS).current_dir(run.session.layout.root());
    println!("\n     Running {PIPELINE_TESTS}");
    let mut worker = run.session.tools().node_tests(WORKER_TESTS)?;
    worker.current_dir(run.session.layout.root());
    println!("     Running {WORKER_TESTS}");
    // Examples in the documentation, which only cargo can run.
    let mut docs = cargo(run);
    docs.args(["test", "--doc", "--no-fail-fast"]).args(SELECTION);
    for command in [&mut pipeline, &mut worker, &mut docs] {
        outcome = outcome.and(run_counted(run, command)?);
    }
    Ok(outcome)
}

fn offline(run: &mut Run<'_>) -> Result<Outcome> {
    let report = check(run.session)?;
    println!("{report}");
    let (passed, failed) = report.counts();
    let totals = Totals { passed: u64::try_from(passed)?, failed: u64::try_from(failed)? };
    Ok(Outcome { well: report.well(), totals, failures: Vec::new() })
}

fn feeds(run: &mut Run<'_>) -> Result<Outcome> {
    let readers = run.session.tools().feed_readers()?;
    let mut programs = built(run)?.tests.clone();
    programs.retain(|test| test.target == FEED_TESTS);
    let env = [
        ("SEISIUN_FEEDS_PYTHON", readers.python.as_os_str()),
        ("SEISIUN_FEEDS_NODE", readers.node.as_os_str()),
        ("SEISIUN_FEEDS_ICAL_JS", readers.ical_js.as_os_str()),
    ];
    run_tests(run, &programs, &[], &env)
}

fn estate(run: &mut Run<'_>) -> Result<Outcome> {
    let python = run.session.tools().python()?.python();
    let mut programs = built(run)?.tests.clone();
    programs.retain(|test| test.target == ESTATE_TESTS);
    run_tests(run, &programs, &["--nocapture"], &[("SEISIUN_PYTHON", python.as_os_str())])
}

fn start(run: &mut Run<'_>) -> Result<Outcome> {
    stack(run)?;
    Ok(Outcome::of(true))
}

/// The stack that the tests share, started at its first use.
fn stack<'a>(run: &'a mut Run<'_>) -> Result<&'a mut Stack> {
    if run.stack.is_none() {
        let wish = Wish { fresh: true, front_door: None, evaluate_iam: true, gateway: true };
        let instance = run.session.layout.test_instance();
        let session = run.session;
        let stack = Stack::start(session, instance, wish, built(run)?)?;
        run.stack = Some(stack);
        finish_site(run);
        publish_site(session, built(run)?, &session.layout.test_instance())?;
    }
    run.stack.as_mut().context("the stack does not run")
}

fn engine(run: &mut Run<'_>) -> Result<Outcome> {
    let run_file = stack(run)?.run_file();
    let mut programs = built(run)?.tests.clone();
    let root = run.session.layout.root();
    programs.retain(|test| {
        needs_engine(root, test) && !is_long(root, test) && test.target != API_TESTS
    });
    // What a publication reads depends on what is there: the first finds nothing.
    programs.sort_by_key(|test| test.target != COUNT_TESTS);
    run_tests(run, &programs, &[], &[("SEISIUN_RUN_FILE", run_file.as_os_str())])
}

fn api(run: &mut Run<'_>) -> Result<Outcome> {
    let schemathesis = run.session.tools().schemathesis()?;
    let run_file = stack(run)?.run_file();
    let mut programs = built(run)?.tests.clone();
    programs.retain(|test| test.target == API_TESTS);
    let env = [
        ("SEISIUN_RUN_FILE", run_file.as_os_str()),
        ("SEISIUN_SCHEMATHESIS", schemathesis.as_os_str()),
    ];
    run_tests(run, &programs, &["--nocapture"], &env)
}

/// Whether a test program needs a running stack: files of tests of the e2e
/// package, and others whose name ends in `_engine`.
fn needs_engine(root: &Path, test: &TestProgram) -> bool {
    let of_e2e = test.package_dir == root.join(E2E) && test.target != E2E_LIBRARY;
    of_e2e || test.target.ends_with("_engine")
}

/// Whether a test program runs in the long layer only.
fn is_long(root: &Path, test: &TestProgram) -> bool {
    test.package_dir == root.join(E2E) && test.target.starts_with(LONG_TESTS)
}

fn long(run: &mut Run<'_>) -> Result<Outcome> {
    let root = run.session.layout.root();
    let tests = built(run)?.tests.clone();
    let of = |wanted: &dyn Fn(&TestProgram) -> bool| -> Vec<TestProgram> {
        tests.iter().filter(|test| wanted(test)).cloned().collect()
    };
    let domain = of(&|test| test.package_dir == root.join(DOMAIN));
    let outcome =
        run_tests(run, &domain, &[], &[("PROPTEST_CASES", LONG_PROPTEST_CASES.as_ref())])?;
    let run_file = stack(run)?.run_file();
    // One after the other, since they measure; and showing how far they are.
    let on_the_engine = run_tests(
        run,
        &of(&|test| is_long(root, test)),
        &["--test-threads=1", "--nocapture"],
        &[("SEISIUN_RUN_FILE", run_file.as_os_str())],
    )?;
    Ok(outcome.and(on_the_engine))
}

fn in_the_browser(run: &mut Run<'_>) -> Result<Outcome> {
    let run_file = stack(run)?.run_file();
    let sample = built(run)?.program(SAMPLE)?.clone();
    // Pages are looked at with sessions on them.
    if !load_sample(run.session, &sample, &run_file)? {
        bail!("the sample data could not be loaded");
    }
    let mut command = browser::tests(run.session, &run_file)?;
    run_counted(run, &mut command)
}

fn demo(run: &mut Run<'_>) -> Result<Outcome> {
    let stack = stack(run)?;
    let (player, run_file) = (stack.demo(), stack.run_file());
    Ok(Outcome::of(play(run.session, &player, &run_file)?))
}

fn drills(run: &mut Run<'_>) -> Result<Outcome> {
    let run_file = stack(run)?.run_file();
    let scratch = run.session.layout.test_instance().scratch();
    Ok(Outcome::of(drill(run.session, &run_file, &scratch)?))
}

/// Runs test programs one after the other, all of them whatever happens.
fn run_tests(
    run: &mut Run<'_>,
    programs: &[TestProgram],
    args: &[&str],
    env: &[(&str, &OsStr)],
) -> Result<Outcome> {
    let mut all = Outcome::of(true);
    let wanted = |test: &&TestProgram| run.only.is_empty() || run.only.contains(&test.target);
    let programs: Vec<&TestProgram> = programs.iter().filter(wanted).collect();
    let none = programs.is_empty() && !run.only.is_empty();
    for TestProgram { package_dir, target, program } in programs {
        let package = package_dir.strip_prefix(run.session.layout.root()).unwrap_or(package_dir);
        println!("\n     Running {target} of {}", package.display());
        let mut command = Command::new(program);
        command
            .current_dir(package_dir)
            // As cargo would: tests find their files and the workspace by it.
            .env("CARGO_MANIFEST_DIR", package_dir)
            .env("CARGO", package::cargo())
            .args(args)
            .envs(env.iter().copied());
        let outcome = run_counted(run, &mut command)?;
        if !outcome.well && outcome.totals.failed == 0 {
            println!("{target} of {} ended without a result", package.display());
        }
        all = all.and(outcome);
    }
    if all.well && all.totals.passed == 0 && !none {
        bail!("no test ran");
    }
    Ok(all)
}

/// Runs a program that tests, shows what it prints and counts its results.
fn run_counted(run: &mut Run<'_>, command: &mut Command) -> Result<Outcome> {
    find_path(run)?;
    if let Some(path) = &run.path {
        command.env("PATH", path);
    }
    let mut child = command
        // A snapshot that differs fails, and nothing is written.
        .env("INSTA_UPDATE", "no")
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", run.session.layout.snapshot_references())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    let stdout = child.stdout.take().context("a test program has no output")?;
    let (read, status) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut totals = Totals::default();
            let mut failures = Failures::default();
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                totals += Totals::of_line(&line);
                failures.note(&line);
                println!("{line}");
            }
            (totals, failures.lines)
        });
        let status = run.session.interrupt.wait(&mut child);
        (reader.join(), status)
    });
    let (totals, failures) = read.map_err(|_| anyhow::anyhow!("reading a test's output failed"))?;
    let well = status?.success();
    Ok(Outcome { well, totals, failures })
}

/// Looks for what test programs want on their search path, once.
fn find_path(run: &mut Run<'_>) -> Result<()> {
    if run.path.is_none() {
        let exiftool = run.session.tools().exiftool()?;
        run.path = Some(path_with(exiftool.parent().unwrap_or_else(|| Path::new(""))));
    }
    Ok(())
}

/// Holds that every snapshot file was used by a test, and none waits for review.
fn snapshots(run: &mut Run<'_>) -> Result<Outcome> {
    let layout = &run.session.layout;
    let references = std::fs::read_to_string(layout.snapshot_references()).unwrap_or_default();
    let used: BTreeSet<PathBuf> =
        references.lines().filter_map(|line| Path::new(line).canonicalize().ok()).collect();
    let waiting = files_under(layout.root(), ".snap.new")?;
    for file in &waiting {
        println!("{} waits for review: accept it or remove it", file.display());
    }
    if run.snapshot_layers_well < SNAPSHOT_LAYERS.len() {
        println!("not every test has passed, so which snapshots are unused is not known");
        return Ok(Outcome::of(false));
    }
    let unused = unused(files_under(layout.root(), ".snap")?, &used)?;
    for file in &unused {
        println!("{} is used by no test: remove it", file.display());
    }
    Ok(Outcome::of(waiting.is_empty() && unused.is_empty()))
}

/// The files that are not among the used ones.
fn unused(files: Vec<PathBuf>, used: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>> {
    let mut unused = Vec::new();
    for file in files {
        let known =
            file.canonicalize().with_context(|| format!("cannot find {}", file.display()))?;
        if !used.contains(&known) {
            unused.push(file);
        }
    }
    Ok(unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(index: usize, took: Duration, well: bool, passed: u64, failed: u64) -> Row {
        let totals = Totals { passed, failed };
        let failures = if well { vec![] } else { vec!["test it ... FAILED".to_owned()] };
        Row { layer: LAYERS[index], took, outcome: Outcome { well, totals, failures } }
    }

    #[test]
    fn each_test_program_has_its_layer() {
        let root = Path::new("/w");
        let test = |package: &str, target: &str| TestProgram {
            package_dir: root.join(package),
            target: target.to_owned(),
            program: PathBuf::new(),
        };
        for (program, on_the_engine, only_long) in [
            (test("e2e", "repeats"), true, false),
            (test("e2e", "long"), true, true),
            (test("e2e", "seisiun_e2e"), false, false),
            (test("functions/aws", "port_suites_engine"), true, false),
            (test("workflows/domain", "seisiun_domain"), false, false),
            (test("workflows/tasks", "long"), false, false),
        ] {
            assert_eq!(needs_engine(root, &program), on_the_engine, "{program:?}");
            assert_eq!(is_long(root, &program), only_long, "{program:?}");
        }
    }

    #[test]
    fn budgets_leave_a_tenth_for_what_is_to_come() {
        let sum: Duration = LAYERS.iter().map(|layer| layer.budget).sum();
        assert!(sum <= ALL_LAYERS * 9 / 10, "{} min", sum.as_secs() / 60);
    }

    #[test]
    fn the_closing_line_sums_all_layers() {
        let rows = [
            row(0, Duration::from_secs(2), true, 0, 0),
            row(3, minutes(11), true, 120, 0),
            row(6, minutes(1), true, 30, 0),
        ];
        let (text, well) = table(&rows, minutes(13));
        assert!(well);
        assert_eq!(text.lines().last(), Some("150 passed, 0 failed"));
        assert_eq!(text.matches("over its budget").count(), 1);
    }

    #[test]
    fn a_failed_layer_never_closes_without_a_failure() {
        let rows = [row(1, Duration::ZERO, false, 0, 0), row(3, Duration::ZERO, false, 9, 2)];
        let (text, well) = table(&rows, Duration::ZERO);
        assert!(!well);
        assert_eq!(text.lines().last(), Some("9 passed, 3 failed"));
    }

    #[test]
    fn a_snapshot_that_no_test_uses_is_found() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.snap", "b.snap"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let files = files_under(folder.path(), ".snap").unwrap();
        let used = BTreeSet::from([folder.path().join("a.snap").canonicalize().unwrap()]);
        assert_eq!(unused(files, &used).unwrap(), [folder.path().join("b.snap")]);
    }
}
