//! The commands around a running stack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};

use crate::Session;
use crate::aws::Aws;
use crate::check::files_under;
use crate::drill::drill;
use crate::layout::{Instance, Layout};
use crate::package::Built;
use crate::process::{remove_file, run_shown, signal_process};
use crate::services::Services;
use crate::site;
use crate::stack::{self, DEMO, Stack, Wish};
use crate::standins::STANDINS;

/// The binary that loads the sample data.
pub(crate) const SAMPLE: &str = "seisiun-sample";
/// The binary that loads a large sample.
const BULK: &str = "seisiun-bulk";

/// How often a running stack is looked at.
const WATCH_EVERY: Duration = Duration::from_millis(300);

/// The stack's output that names the function which restarts submissions.
const RECONCILER_OUTPUT: &str = "ReconcileFunction";
/// The output that names the function which makes pages anew.
const REFRESH_OUTPUT: &str = "RefreshListingsFunction";

/// How a state machine's definition ends its name.
const DEFINITION: &str = ".asl.json";

/// What `up` was asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// Forget earlier data.
    pub(crate) fresh: bool,
    /// Load the sample data once everything runs.
    pub(crate) sample: bool,
    /// Play the demo after that.
    pub(crate) demo: bool,
    /// The front door's port.
    pub(crate) port: u16,
    /// Evaluate IAM for the functions' roles.
    pub(crate) evaluate_iam: bool,
}

/// Starts everything and keeps it running until we are asked to stop.
pub(crate) fn up(session: &Session, options: Options) -> Result<bool> {
    let wish = Wish {
        fresh: options.fresh,
        front_door: Some(options.port),
        evaluate_iam: options.evaluate_iam,
        gateway: false,
    };
    let built = Stack::build(session)?;
    let mut stack = Stack::start(session, session.layout.developer_instance(), wish, &built)?;
    let watched = show_and_watch(session, &mut stack, &built, options);
    let stopped = stack.stop(session);
    let well = watched?;
    stopped?;
    Ok(well)
}

fn show_and_watch(
    session: &Session,
    stack: &mut Stack,
    built: &Built,
    options: Options,
) -> Result<bool> {
    let sample = built.program(SAMPLE)?;
    let mut well = true;
    let (demo, run_file) = (stack.demo(), stack.run_file());
    let told = |what: &str, outcome: Result<bool>| {
        outcome.unwrap_or_else(|error| {
            session.progress.say(format!("{what}: {error:#}"));
            false
        })
    };
    let instance = session.layout.developer_instance();
    well &= told("Site", publish_site(session, built, &instance).map(|()| true));
    if options.sample {
        well &= told("Sample data", load_sample(session, sample, &run_file));
    }
    if options.demo && !session.interrupt.asked() {
        well &= told("Demo", play(session, &demo, &run_file));
    }
    if session.interrupt.asked() {
        return Ok(true);
    }
    println!("\n{}\n", stack.table());
    session.progress.say(if well {
        "Running. Ctrl-C stops everything and keeps its data."
    } else {
        "Running, but NOT all went as it should: see above. Ctrl-C stops everything."
    });
    while !session.interrupt.asked() {
        stack.check()?;
        std::thread::sleep(WATCH_EVERY);
    }
    println!();
    Ok(well)
}

/// Stops what is left of an earlier run.
pub(crate) fn down(session: &Session) -> Result<bool> {
    for instance in [session.layout.developer_instance(), session.layout.test_instance()] {
        let mut services = Services::open(instance.processes());
        if !services.living()?.is_empty() {
            stack::stop(session, &instance, &mut services)?;
        }
    }
    Ok(true)
}

/// Plays the demo against the running stack, or against one started for it.
pub(crate) fn demo(session: &Session) -> Result<bool> {
    let instance = session.layout.developer_instance();
    let built = Stack::build(session)?;
    if !Services::open(instance.processes()).living()?.is_empty() {
        return play(session, built.program(DEMO)?, &instance.run_file());
    }
    let wish = Wish { fresh: false, front_door: None, evaluate_iam: true, gateway: false };
    let mut stack = Stack::start(session, instance, wish, &built)?;
    let played = play(session, &stack.demo(), &stack.run_file());
    let stopped = stack.stop(session);
    let well = played?;
    stopped?;
    Ok(well)
}

/// Loads the sample data, unless they are there; whether all went well.
pub(crate) fn load_sample(session: &Session, loader: &Path, run_file: &Path) -> Result<bool> {
    session.progress.step("Sample data", || {
        let mut command = Command::new(loader);
        command.arg("--run-file").arg(run_file).arg("--file").arg(session.layout.sample());
        let status = run_shown(command.current_dir(session.layout.root()), &session.interrupt)?;
        Ok(status.success())
    })
}

/// Loads a large sample into the running stack; whether all of it is there.
pub(crate) fn sample(session: &Session, count: usize, seed: u64, figures: bool) -> Result<bool> {
    let instance = session.layout.developer_instance();
    if Services::open(instance.processes()).living()?.is_empty() {
        bail!("nothing runs that a sample could be loaded into: start it with `cargo xtask up`");
    }
    let built = Stack::build(session)?;
    let loader = built.program(BULK)?;
    session.progress.step(format!("{count} invented sessions"), || {
        let mut command = Command::new(loader);
        command.arg("--run-file").arg(instance.run_file());
        command.args(["--count", &count.to_string(), "--seed", &seed.to_string()]);
        if figures {
            command.arg("--figures");
        }
        let status = run_shown(command.current_dir(session.layout.root()), &session.interrupt)?;
        Ok(status.success())
    })
}

/// Plays the demo; whether every scenario went as it should.
pub(crate) fn play(session: &Session, player: &Path, run_file: &Path) -> Result<bool> {
    let summary = session.layout.demo_summary();
    // What an earlier demo wrote must not pass for this one's.
    remove_file(&summary)?;
    session.progress.step("Demo", || {
        let mut command = Command::new(player);
        command.arg("--run-file").arg(run_file).arg("--summary").arg(&summary);
        let status = run_shown(command.current_dir(session.layout.root()), &session.interrupt)?;
        let text = std::fs::read(&summary)
            .with_context(|| format!("the demo wrote no {}", summary.display()))?;
        let scenarios = parse_summary(&text)?;
        let well = scenarios.iter().filter(|(_, ok)| *ok).count();
        session.progress.say(format!("Demo: {well} of {} scenarios ok", scenarios.len()));
        Ok(status.success() && !scenarios.is_empty() && well == scenarios.len())
    })
}

/// The scenarios' names, each with whether it went well.
fn parse_summary(text: &[u8]) -> Result<Vec<(String, bool)>> {
    let summary: Json = serde_json::from_slice(text).context("the demo's summary is not JSON")?;
    let scenarios = summary.get("scenarios").and_then(Json::as_array);
    let scenarios = scenarios.context("the demo's summary names no scenarios")?.iter();
    let each = scenarios.map(|scenario| {
        let name = scenario.get("name").and_then(Json::as_str).context("a scenario has no name")?;
        let ok =
            scenario.get("ok").and_then(Json::as_bool).context("a scenario tells no outcome")?;
        Ok((name.to_owned(), ok))
    });
    each.collect()
}

/// Deploys the checkout into the running stack.
pub(crate) fn redeploy(session: &Session) -> Result<bool> {
    let instance = session.layout.developer_instance();
    let run = read_run_file(&instance)?;
    let evaluate_iam = run.get("evaluates_iam").is_some_and(|value| value == "true");
    Stack::redeploy(session, instance, evaluate_iam)?;
    // All of it is compiled by now.
    publish_site(session, &Stack::build(session)?, &session.layout.developer_instance())?;
    Ok(true)
}

/// Gives the running stack's parameters these values.
pub(crate) fn set(
    session: &Session,
    settings: &[(String, String)],
    run_file: Option<PathBuf>,
) -> Result<bool> {
    let instance = named_instance(session, run_file)?;
    let run = read_run_file(&instance)?;
    let evaluate_iam = run.get("evaluates_iam").is_some_and(|value| value == "true");
    Stack::set(session, instance, evaluate_iam, settings)?;
    Ok(true)
}

/// Exports the site, puts it where the running stack serves it from, and has the
/// pages that are made of the table made anew.
pub(crate) fn publish_site(session: &Session, built: &Built, instance: &Instance) -> Result<()> {
    let run = read_run_file(instance)?;
    let output = |name: &str| run.get(name).with_context(|| format!("the stack has no {name}"));
    let aws = Aws::new(&session.tools().python()?, output("engine_url")?);
    site::publish(session, built, &aws, &run)?;
    let refresh = output(REFRESH_OUTPUT)?;
    let answer = session.progress.step("Site: counties and sessions", || {
        let answer_file = instance.scratch().join("refresh.json");
        aws.invoke(refresh, &json!({ "all": true }), &answer_file)
    })?;
    let answer: Json =
        serde_json::from_slice(&answer).context("RefreshListings answered no JSON")?;
    session.progress.say(format!("Site: {} pages of the table", answer["pages"]));
    Ok(())
}

/// Has the reconciler start failed work again, from its stored input; whether
/// there was any.
pub(crate) fn restart(
    session: &Session,
    submission_id: &str,
    workflow: Option<&str>,
) -> Result<bool> {
    let instance = session.layout.developer_instance();
    let run = read_run_file(&instance)?;
    let output = |name: &str| {
        run.get(name).with_context(|| format!("the stack has no output {name}: is it deployed?"))
    };
    let aws = Aws::new(&session.tools().python()?, output("engine_url")?);
    let answer_file = instance.scratch().join("restart.json");
    let workflows = match workflow {
        Some(named) => vec![named.to_owned()],
        None => workflows(&session.layout)?,
    };
    for workflow in workflows {
        let payload = json!({ "restart": { "id": submission_id, "workflow": workflow } });
        let answer = aws
            .invoke(output(RECONCILER_OUTPUT)?, &payload, &answer_file)
            .with_context(|| workflow.clone())?;
        if restarted(&answer)? {
            session.progress.say(format!("{workflow} of {submission_id}: started again"));
            return Ok(true);
        }
        session.progress.say(format!("{workflow} of {submission_id}: nothing to start again"));
    }
    Ok(false)
}

/// Asks the reconciler of the developer's stack for something.
fn ask_reconciler(session: &Session, payload: &Json) -> Result<Json> {
    let instance = session.layout.developer_instance();
    let run = read_run_file(&instance)?;
    let output = |name: &str| {
        run.get(name).with_context(|| format!("the stack has no output {name}: is it deployed?"))
    };
    let aws = Aws::new(&session.tools().python()?, output("engine_url")?);
    let answer_file = instance.scratch().join("reconcile.json");
    let answer = aws.invoke(output(RECONCILER_OUTPUT)?, payload, &answer_file)?;
    serde_json::from_slice(&answer).context("the answer is not JSON")
}

/// Has the fan-outs go on whose pages failed for good.
pub(crate) fn redrive(session: &Session) -> Result<bool> {
    let answer = ask_reconciler(session, &json!({ "redrive": true }))?;
    let count = answer.get("restarted").and_then(Json::as_u64);
    let count = count.context("the answer does not tell what was restarted")?;
    session.progress.say(format!("{count} fan-outs go on"));
    Ok(true)
}

/// Tells how far a fan-out is, once it is paused or let go on as asked.
pub(crate) fn fan_out(session: &Session, event_id: &str, paused: Option<bool>) -> Result<bool> {
    let mut wanted = json!({ "event_id": event_id });
    if let (Some(paused), Some(fields)) = (paused, wanted.as_object_mut()) {
        fields.insert("paused".to_owned(), paused.into());
    }
    let answer = ask_reconciler(session, &json!({ "fan_out": wanted }))?;
    let told = answer.get("fan_out").and_then(Json::as_object);
    let told = told.with_context(|| format!("no fan-out of {event_id} is planned"))?;
    for (name, value) in told {
        session.progress.say(format!("{name:>12}  {value}"));
    }
    Ok(true)
}

/// The workflows that a submission may have failed in, by their definitions.
fn workflows(layout: &Layout) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for definition in files_under(&layout.root().join("statemachines"), DEFINITION)? {
        let name = definition.file_name().and_then(|name| name.to_str());
        let name = name.and_then(|name| name.strip_suffix(DEFINITION));
        names.push(name.context("a definition's name is not text")?.to_owned());
    }
    Ok(names)
}

/// Whether the reconciler has started something again.
fn restarted(answer: &[u8]) -> Result<bool> {
    let answer: Json = serde_json::from_slice(answer).context("the answer is not JSON")?;
    let count = answer.get("restarted").and_then(Json::as_u64);
    Ok(count.context("the answer does not tell whether anything was restarted")? > 0)
}

/// Plays the drills on a running stack.
pub(crate) fn drills(session: &Session, run_file: Option<PathBuf>) -> Result<bool> {
    let instance = named_instance(session, run_file)?;
    drill(session, &instance.run_file(), &instance.scratch())
}

/// Ends a service and starts it again, as a drill.
pub(crate) fn bounce(
    session: &Session,
    service: &str,
    kill: bool,
    run_file: Option<PathBuf>,
) -> Result<bool> {
    let instance = named_instance(session, run_file)?;
    let mut services = Services::open(instance.processes());
    let how = if kill { "Killing" } else { "Stopping" };
    session.progress.step(format!("{how} {service} and starting it again"), || {
        services.bounce(service, kill, &session.interrupt)
    })?;
    Ok(true)
}

/// Ends a function's processes, as a crash would; whether there were any.
pub(crate) fn kill_function(
    session: &Session,
    function: &str,
    run_file: Option<PathBuf>,
) -> Result<bool> {
    let instance = named_instance(session, run_file)?;
    let scratch = instance.scratch().display().to_string();
    let mut ended = 0_u32;
    for entry in std::fs::read_dir("/proc").context("cannot list processes")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        // Another user's process cannot be read, and is not ours.
        let Ok(environment) = std::fs::read(entry.path().join("environ")) else { continue };
        if is_function(&environment, function, &scratch) {
            signal_process(pid, rustix::process::Signal::KILL);
            ended += 1;
        }
    }
    session.progress.say(format!("{function}: {ended} processes killed"));
    Ok(ended > 0)
}

/// Whether a process with this environment runs the function, in the instance
/// whose temporary files are there.
fn is_function(environment: &[u8], function: &str, scratch: &str) -> bool {
    let has = |name: &str, value: &str| {
        let wanted = format!("{name}={value}");
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    has("AWS_LAMBDA_FUNCTION_NAME", function) && has("TMPDIR", scratch)
}

fn named_instance(session: &Session, run_file: Option<PathBuf>) -> Result<Instance> {
    match run_file {
        Some(file) => Instance::of_run_file(&file),
        None => Ok(session.layout.developer_instance()),
    }
}

fn read_run_file(instance: &Instance) -> Result<BTreeMap<String, String>> {
    if !Services::open(instance.processes()).living()?.iter().any(|name| name == STANDINS) {
        bail!("nothing is running: start it with `cargo xtask up`");
    }
    let file = instance.run_file();
    let text = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is not a flat map", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_tells_each_scenarios_outcome() {
        let text =
            br#"{"scenarios":[{"name":"a","ok":true,"seconds":1.5},{"name":"b","ok":false}]}"#;
        let scenarios = parse_summary(text).unwrap();
        assert_eq!(scenarios, [("a".to_owned(), true), ("b".to_owned(), false)]);
        assert!(parse_summary(b"{}").is_err());
        assert!(parse_summary(br#"{"scenarios":[{"name":"a"}]}"#).is_err());
    }

    #[test]
    fn the_reconcilers_answer_is_understood() {
        let answer = br#"{"open":0,"started":0,"restarted":1,"given_up":0}"#;
        assert!(restarted(answer).unwrap());
        assert!(!restarted(br#"{"restarted":0}"#).unwrap());
        assert!(restarted(b"{}").is_err());
    }

    #[test]
    fn a_functions_process_is_known_by_its_environment() {
        let environment = b"PATH=/bin\0AWS_LAMBDA_FUNCTION_NAME=tell\0TMPDIR=/x/scratch\0";
        assert!(is_function(environment, "tell", "/x/scratch"));
        assert!(!is_function(environment, "tel", "/x/scratch"), "another function");
        assert!(!is_function(environment, "tell", "/y/scratch"), "another instance");
    }
}
