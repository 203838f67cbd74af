//! `cargo xtask policy`: shows the moderation policy and replays it. What it
//! judges by and what it prints is `seisiun-replay`'s.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::Session;
use crate::package::cargo;
use crate::process::run_shown;

/// The package with the program, and the program.
const PACKAGE: &str = "seisiun-replay";
const PROGRAM: &str = "seisiun-policy";

/// What to show and to replay.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
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

/// Runs the program where the developer stands, so that files are found there;
/// whether it succeeded.
pub(crate) fn policy(session: &Session, options: Options) -> Result<bool> {
    let manifest = session.layout.root().join("Cargo.toml");
    let mut command = Command::new(cargo());
    command.args(["run", "--quiet", "--package", PACKAGE, "--bin", PROGRAM, "--manifest-path"]);
    command.arg(manifest).arg("--").args(arguments(options));
    Ok(run_shown(&mut command, &session.interrupt)?.success())
}

fn arguments(options: Options) -> Vec<OsString> {
    let Options { proposed, submissions, json } = options;
    let mut arguments = Vec::new();
    for (name, file) in [("--proposed", proposed), ("--submissions", submissions)] {
        if let Some(file) = file {
            arguments.extend([name.into(), file.into_os_string()]);
        }
    }
    if json {
        arguments.push("--json".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_reaches_the_program() {
        let options = Options { proposed: Some("p.json".into()), ..Options::default() };
        assert_eq!(arguments(options), ["--proposed", "p.json"]);
        let options = Options { submissions: Some("s.jsonl".into()), ..Options::default() };
        assert_eq!(arguments(options), ["--submissions", "s.jsonl"]);
        assert_eq!(arguments(Options { json: true, ..Options::default() }), ["--json"]);
    }
}
