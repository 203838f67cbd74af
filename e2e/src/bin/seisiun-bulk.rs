//! Loads invented sessions through the bulk path, into a local stack or into
//! the one that the environment names.
#![allow(clippy::print_stdout, reason = "it talks to a person")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use seisiun_e2e::bulk::{self, Destination};

/// Lists invented sessions over real places: each once, however often it runs.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file that `cargo xtask up` writes about the running stack. Without it
    /// TABLE_NAME, SITE_BUCKET, SITE_URL and AWS's own variables say where.
    #[arg(long)]
    run_file: Option<PathBuf>,
    /// How many.
    #[arg(long)]
    count: usize,
    /// Which: another seed gives others.
    #[arg(long)]
    seed: u64,
    /// Measure what they come to. Reads the whole table.
    #[arg(long)]
    figures: bool,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let destination = match &arguments.run_file {
        Some(file) => Destination::of_run_file(file).await?,
        None => Destination::of_env().await?,
    };
    let well = bulk::run(&destination, arguments.count, arguments.seed, arguments.figures).await?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
