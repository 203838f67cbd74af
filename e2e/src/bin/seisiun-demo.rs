//! Plays the demo against a running stack and writes what came of it.
#![allow(clippy::print_stdout, reason = "the demo talks to a person")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Parser;
use seisiun_e2e::{Stack, demo};

/// Plays six scenarios on a running stack.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file that `cargo xtask up` writes about the running stack.
    #[arg(long)]
    run_file: PathBuf,
    /// Where the summary goes.
    #[arg(long)]
    summary: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let stack = Stack::open(&arguments.run_file).await?;
    let summary = demo::play(&stack).await?;
    if let Some(folder) = arguments.summary.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&arguments.summary, serde_json::to_vec_pretty(&summary)?)
        .with_context(|| format!("{} can't be written", arguments.summary.display()))?;
    let good = summary.scenarios.iter().filter(|played| played.ok).count();
    println!("\n{good} of {} scenarios ok", summary.scenarios.len());
    Ok(if summary.ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
