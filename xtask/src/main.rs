//! What a developer does with the checkout, as `cargo xtask`: run the whole
//! platform on this machine, play the demo, run every test.
//!
//! It owns the local tools, the engine's and the stand-ins' lives, and the
//! deployment into the engine. What the platform does, and whether it does it
//! rightly, it leaves to the other crates and their tests.
#![allow(clippy::print_stdout, reason = "a command-line program talks to its developer")]

mod aws;
mod bench;
mod bench_fanout;
mod bench_site;
mod browser;
mod check;
mod cost;
mod deploy;
mod drill;
mod engine;
mod gateway;
mod layout;
mod new_task;
mod package;
mod policy;
mod ports;
mod process;
mod progress;
mod rules;
mod scaffold;
mod services;
mod site;
mod stack;
mod standins;
mod template;
mod test;
mod tools;
mod totals;
mod up;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use sha2::{Digest as _, Sha256};

use crate::layout::Layout;
use crate::new_task::Way;
use crate::process::Interrupt;
use crate::progress::Progress;
use crate::tools::Tools;

/// Where a browser finds the platform, unless told otherwise.
const FRONT_DOOR_PORT: u16 = 8080;
/// Sessions of a large sample, and which ones, unless told otherwise.
const SAMPLE_COUNT: usize = 5_000;
const SAMPLE_SEED: u64 = 1;

/// Run, show and test the platform on this machine.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start everything, load the sample data, play the demo, keep running until
    /// Ctrl-C.
    Up {
        /// Forget the data of earlier runs.
        #[arg(long)]
        fresh: bool,
        /// Do not load the sample data into a new stack.
        #[arg(long)]
        no_sample: bool,
        /// Do not play the demo.
        #[arg(long)]
        no_demo: bool,
        /// The front door's port.
        #[arg(long, default_value_t = FRONT_DOOR_PORT)]
        port: u16,
        /// Let every function do everything: to find out whether a failure is
        /// a missing permission.
        #[arg(long)]
        without_iam: bool,
    },
    /// Stop what an earlier `up` has left running.
    Down,
    /// Play the demo against the running stack, or against one started for it.
    Demo,
    /// Load many invented sessions over real places into the running stack, past
    /// the workflows; those that are there stay as they are.
    Sample {
        /// How many.
        #[arg(long, default_value_t = SAMPLE_COUNT)]
        count: usize,
        /// Which: another seed gives others.
        #[arg(long, default_value_t = SAMPLE_SEED)]
        seed: u64,
        /// Measure what they come to, in the table and in the published files.
        #[arg(long)]
        figures: bool,
    },
    /// Bring the running stack to what the checkout says.
    Deploy,
    /// Give some parameters of the running stack's template other values, as a
    /// drill; those that are not named get this machine's again.
    Set {
        /// As in `DecisionWaitSeconds=5`.
        #[arg(value_name = "NAME=VALUE", value_parser = parse_setting)]
        settings: Vec<(String, String)>,
        /// The stack's run file: the developer's own unless named.
        #[arg(long)]
        run_file: Option<PathBuf>,
    },
    /// Compile and export the site into `.local/site`.
    Site,
    /// Take a picture of every page of the running stack's site, at three widths,
    /// by day and by night, into `.local/screenshots`.
    Screenshots {
        /// The stack's run file: the developer's own unless named.
        #[arg(long)]
        run_file: Option<PathBuf>,
    },
    /// Take a picture of every mail in every language, by day, by night and on a
    /// phone, beside its text; no stack is needed.
    Mails {
        /// Where they go: `.local/mails` unless named.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Measure the running stack's site by Lighthouse, as on a phone, and its
    /// headers by the rules of MDN's HTTP Observatory, and hold both to their goals.
    Lighthouse {
        /// The stack's run file: the developer's own unless named.
        #[arg(long)]
        run_file: Option<PathBuf>,
    },
    /// Run every check and test.
    Test {
        /// Run what takes too long for every day, too.
        #[arg(long)]
        long: bool,
        /// Run only these layers, in their own order.
        #[arg(value_name = "LAYER")]
        only: Vec<String>,
        /// Of their test programs run only this; may be given several times.
        #[arg(long = "program", value_name = "NAME")]
        programs: Vec<String>,
    },
    /// Measure what matters beside a peer, and print the ratios.
    Bench {
        /// Only this; without it, everything but these, which take minutes.
        #[arg(value_enum)]
        what: Option<Benchmark>,
    },
    /// Check the templates and the state machines offline.
    Check,
    /// Write a new task into all its places: one that makes sure that its
    /// submission is there, and passes every test.
    NewTask {
        /// What it is called, a verb and a noun: `moderate-photo`.
        name: String,
        /// The state that its own follows, which has to be one of a submission
        /// whose answer the next does not read.
        #[arg(long, value_name = "STATE", requires = "machine")]
        after: Option<String>,
        /// The workflow of that state, by the name of its definition.
        #[arg(long = "in", value_name = "MACHINE", requires = "after")]
        machine: Option<String>,
    },
    /// Reckon what it costs, and write docs/cost.md.
    Cost {
        /// First play every journey on a new stack and record what it asks for.
        #[arg(long)]
        count: bool,
    },
    /// Show the moderation policy, replay it on submissions, and tell what a
    /// proposed one would judge otherwise.
    Policy(policy::Options),
    /// Play the runbooks' drills on a running stack: alarm, undelivered event,
    /// switch, lost table.
    Drill {
        /// The stack's run file: the developer's own unless named.
        #[arg(long)]
        run_file: Option<PathBuf>,
    },
    /// Restart a submission that stands failed, from its stored input.
    Restart {
        /// The submission.
        submission_id: String,
        /// The workflow that failed, by the name of its definition; the first
        /// that has failed work of this submission unless named.
        #[arg(long)]
        workflow: Option<String>,
    },
    /// Have the fan-outs go on whose pages failed for good.
    Redrive,
    /// Tell how far a fan-out is; pause it, or let it go on.
    FanOut {
        /// The event: the submission's id.
        event_id: String,
        /// Pause it.
        #[arg(long, conflicts_with = "resume")]
        pause: bool,
        /// Let it go on.
        #[arg(long)]
        resume: bool,
    },
    /// End a service of a running stack and start it again.
    Bounce {
        /// `engine` or `standins`.
        service: String,
        /// Outright (SIGKILL), as a crash would.
        #[arg(long)]
        kill: bool,
        /// The stack's run file: the developer's own unless named.
        #[arg(long)]
        run_file: Option<PathBuf>,
    },
    /// End every running process of a function outright, as a crash would.
    KillFunction {
        /// The function's name in the engine.
        function: String,
        /// The stack's run file: the developer's own unless named.
        #[arg(long)]
        run_file: Option<PathBuf>,
    },
}

/// A benchmark that is asked for by its name.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Benchmark {
    /// A fan-out to a million followers, beside a plan with a line for each.
    Fanout,
    /// The pages of thousands of sessions, beside Nuxt's.
    Site,
}

/// What every command needs.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    layout: Layout,
    progress: Progress,
    interrupt: Interrupt,
}

impl Session {
    fn tools(&self) -> Tools<'_> {
        Tools::new(&self.layout, self.progress, &self.interrupt)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.command) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A parameter of the template and its value.
fn parse_setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Carries out a command; whether all was well.
fn run(command: Verb) -> Result<bool> {
    let session = Session {
        layout: Layout::find()?,
        progress: Progress::start(),
        interrupt: Interrupt::listen()?,
    };
    match command {
        Verb::Up { fresh, no_sample, no_demo, port, without_iam } => up::up(
            &session,
            up::Options {
                fresh,
                sample: !no_sample,
                demo: !no_demo,
                port,
                evaluate_iam: !without_iam,
            },
        ),
        Verb::Down => up::down(&session),
        Verb::Demo => up::demo(&session),
        Verb::Sample { count, seed, figures } => up::sample(&session, count, seed, figures),
        Verb::Deploy => up::redeploy(&session),
        Verb::Set { settings, run_file } => up::set(&session, &settings, run_file),
        Verb::Site => site::site(&session),
        Verb::Screenshots { run_file } => browser::screenshots(&session, run_file),
        Verb::Mails { out } => browser::mails(&session, out),
        Verb::Lighthouse { run_file } => browser::lighthouse(&session, run_file),
        Verb::Test { long, only, programs } => test::test(&session, long, &only, &programs),
        Verb::Bench { what: None } => bench::bench(&session),
        Verb::Bench { what: Some(Benchmark::Fanout) } => bench_fanout::bench(&session),
        Verb::Bench { what: Some(Benchmark::Site) } => bench_site::bench(&session),
        Verb::Check => check::check(&session).map(|report| {
            println!("{report}");
            report.well()
        }),
        Verb::NewTask { name, after, machine } => {
            let way = machine.zip(after).map(|(machine, after)| Way { machine, after });
            new_task::new_task(&session, &name, way.as_ref())
        }
        Verb::Cost { count } => cost::cost(&session, count),
        Verb::Policy(options) => policy::policy(&session, options),
        Verb::Drill { run_file } => up::drills(&session, run_file),
        Verb::Restart { submission_id, workflow } => {
            up::restart(&session, &submission_id, workflow.as_deref())
        }
        Verb::Redrive => up::redrive(&session),
        Verb::FanOut { event_id, pause, resume } => {
            let paused = if pause { Some(true) } else { resume.then_some(false) };
            up::fan_out(&session, &event_id, paused)
        }
        Verb::Bounce { service, kill, run_file } => up::bounce(&session, &service, kill, run_file),
        Verb::KillFunction { function, run_file } => {
            up::kill_function(&session, &function, run_file)
        }
    }
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
