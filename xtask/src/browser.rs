//! The site in a browser: its tests, its pictures, its marks; and pictures of every
//! mail. What is done there, the programs in `e2e/browser` say; here they get their
//! browser and their stack.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::Session;
use crate::check::files_under;
use crate::package::cargo;
use crate::process::{make_folder, remove_folder, run_shown};

/// The folder of the programs.
const PROGRAMS: &str = "e2e/browser";
/// How a file of tests ends its name.
const TESTS: &str = ".test.mjs";
/// The package of the mails, and its program that writes one of each.
const MAIL_PACKAGE: &str = "seisiun-mail";
const MAIL_SAMPLES: &str = "samples";
/// Milliseconds that one test may take, and a file of them in all: those of the
/// console take three minutes beside what other layers have left to be done.
const TEST_MS: u32 = 600_000;

/// A command that runs every test in a browser on a running stack, and says at
/// its end how many passed.
pub(crate) fn tests(session: &Session, run_file: &Path) -> Result<Command> {
    let remains = session.layout.test_instance().browser_remains();
    // What an earlier run left must not pass for this one's.
    remove_folder(&remains)?;
    let mut command = program(session, run_file)?;
    command
        .arg("--test")
        // Two cores: one for the browser, one for the stack.
        .arg("--test-concurrency=1")
        .arg(format!("--test-timeout={TEST_MS}"))
        .arg("--test-reporter=./lib/reporter.mjs")
        .env("SEISIUN_BROWSER_REMAINS", &remains);
    let folder = session.layout.root().join(PROGRAMS);
    let mut files = files_under(&folder.join("tests"), TESTS)?;
    files.sort();
    if files.is_empty() {
        bail!("{} has no tests", folder.display());
    }
    command.args(files);
    Ok(command)
}

/// Takes pictures of every page.
pub(crate) fn screenshots(session: &Session, run_file: Option<PathBuf>) -> Result<bool> {
    let out = session.layout.private().join("screenshots");
    remove_folder(&out)?;
    make_folder(&out)?;
    let mut command = on_the_running(session, run_file)?;
    command.arg("screenshots.mjs").arg(&out);
    Ok(run_shown(&mut command, &session.interrupt)?.success())
}

/// Takes pictures of every mail in every language, into `out` or `.local/mails`.
pub(crate) fn mails(session: &Session, out: Option<PathBuf>) -> Result<bool> {
    let out = match out {
        // What stands in a folder that somebody names is theirs.
        Some(out) => out,
        None => {
            let out = session.layout.private().join("mails");
            remove_folder(&out)?;
            out
        }
    };
    make_folder(&out)?;
    let out = out.canonicalize().with_context(|| format!("cannot find {}", out.display()))?;
    let written = session.progress.step("Mails: one of each", || {
        let mut command = Command::new(cargo());
        command.args(["run", "--quiet", "--package", MAIL_PACKAGE, "--features", "samples"]);
        command.args(["--example", MAIL_SAMPLES, "--manifest-path"]);
        command.arg(session.layout.root().join("Cargo.toml")).arg("--").arg(&out);
        Ok(run_shown(&mut command, &session.interrupt)?.success())
    })?;
    if !written {
        return Ok(false);
    }
    session.progress.step("Mails: pictures", || {
        let mut command = node(session)?;
        command.arg("mails.mjs").arg(&out);
        Ok(run_shown(&mut command, &session.interrupt)?.success())
    })
}

/// Measures pages by Lighthouse, and headers as MDN's Observatory does.
pub(crate) fn lighthouse(session: &Session, run_file: Option<PathBuf>) -> Result<bool> {
    let out = session.layout.private().join("lighthouse");
    make_folder(&out)?;
    let mut well = true;
    for (name, arguments) in
        [("lighthouse.mjs", vec![out]), ("observatory.mjs", vec![session.layout.root().to_owned()])]
    {
        let mut command = on_the_running(session, run_file.clone())?;
        command.arg(name).args(arguments);
        well &= run_shown(&mut command, &session.interrupt)?.success();
    }
    Ok(well)
}

fn on_the_running(session: &Session, run_file: Option<PathBuf>) -> Result<Command> {
    let file = run_file.unwrap_or_else(|| session.layout.developer_instance().run_file());
    let file = file.canonicalize().with_context(|| {
        format!("{} is not there: start the stack with `cargo xtask up`", file.display())
    })?;
    program(session, &file)
}

/// Node, told where everything is, the stack too.
fn program(session: &Session, run_file: &Path) -> Result<Command> {
    let mut command = node(session)?;
    command.env("SEISIUN_RUN_FILE", run_file);
    Ok(command)
}

/// Node, told where its browser is.
fn node(session: &Session) -> Result<Command> {
    let tools = session.tools().browser()?;
    let mut command = Command::new(tools.node);
    command
        .current_dir(session.layout.root().join(PROGRAMS))
        .env("SEISIUN_CHROMIUM", tools.chromium)
        .env("SEISIUN_BROWSER_PACKAGES", tools.packages);
    Ok(command)
}
