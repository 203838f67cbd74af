//! Loads the sample data into a running stack.
#![allow(clippy::print_stdout, reason = "it talks to a person")]

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::Parser;
use seisiun_e2e::{Stack, sample};

/// Has invented members submit invented sessions, once per stack.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file that `cargo xtask up` writes about the running stack.
    #[arg(long)]
    run_file: PathBuf,
    /// The sample data.
    #[arg(long)]
    file: PathBuf,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let sample = sample::Sample::read(&arguments.file)?;
    let stack = Stack::open(&arguments.run_file).await?;
    let loaded = sample.load(&stack).await?;
    println!("   {loaded}");
    Ok(if loaded.well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
