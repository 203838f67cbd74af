//! Shows the moderation policy and replays it on submissions: what `cargo xtask
//! policy` runs.
#![allow(clippy::print_stdout, reason = "a command-line program talks to its operator")]

use std::{fs::File, io::BufReader, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser;
use seisiun_domain::moderation::Policy;
use seisiun_replay::{invented, policy, report, submissions};

/// Show the moderation policy, replay it on submissions, and tell what a proposed
/// one would judge otherwise.
#[derive(Debug, Parser)]
struct Arguments {
    /// A policy to compare with the one that applies: JSON, as --json prints it.
    #[arg(long, value_name = "FILE")]
    proposed: Option<PathBuf>,
    /// The submissions, one a line as JSON; invented ones unless named.
    #[arg(long, value_name = "FILE")]
    submissions: Option<PathBuf>,
    /// Print the policy that applies as JSON, to be changed and proposed.
    #[arg(long, conflicts_with_all = ["proposed", "submissions"])]
    json: bool,
}

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&Policy::CURRENT)?);
        return Ok(());
    }
    let proposed = arguments.proposed.map(|file| {
        let named = || file.display().to_string();
        let text = std::fs::read_to_string(&file).with_context(named)?;
        policy(&text).with_context(named)
    });
    let lines = match arguments.submissions {
        None => submissions(invented::COMMITTED.as_bytes()).context("the invented submissions"),
        Some(file) => {
            let named = || file.display().to_string();
            submissions(BufReader::new(File::open(&file).with_context(named)?)).with_context(named)
        }
    }?;
    let proposed = proposed.transpose()?;
    print!("{}", report(&Policy::CURRENT, proposed.as_ref(), &lines));
    Ok(())
}
