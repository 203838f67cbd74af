//! The AWS command line, pointed at the local engine and at nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use crate::process::capture;
use crate::tools::PythonTools;

/// The region in which everything runs, here as on AWS.
pub(crate) const REGION: &str = "eu-west-1";

/// The engine's administrator, as the engine itself defines it: no secret.
pub(crate) const ACCESS_KEY: &str = "test";

/// Variables that keep a program away from the developer's real AWS account
/// and from any proxy, and point it at the engine.
pub(crate) fn local_environment(engine_url: &str) -> BTreeMap<String, String> {
    let mut env = BTreeMap::new();
    for name in ["PATH", "HOME"] {
        if let Ok(value) = std::env::var(name) {
            env.insert(name.to_owned(), value);
        }
    }
    for (name, value) in [
        ("LANG", "C.UTF-8"),
        // What is logged goes to files.
        ("NO_COLOR", "1"),
        ("AWS_ENDPOINT_URL", engine_url),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", ACCESS_KEY),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("NO_PROXY", "127.0.0.1,localhost"),
        ("no_proxy", "127.0.0.1,localhost"),
    ] {
        env.insert(name.to_owned(), value.to_owned());
    }
    env
}

/// The AWS command line.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    program: PathBuf,
    engine_url: String,
    env: BTreeMap<String, String>,
}

impl Aws {
    /// For the engine at this address.
    pub(crate) fn new(python: &PythonTools, engine_url: &str) -> Self {
        let mut env = local_environment(engine_url);
        env.insert("AWS_PAGER".to_owned(), String::new());
        env.insert("AWS_MAX_ATTEMPTS".to_owned(), "2".to_owned());
        Self { program: python.aws(), engine_url: engine_url.to_owned(), env }
    }

    /// A call whose answer does not matter.
    pub(crate) fn run<I: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = I>,
    ) -> Result<()> {
        capture(&mut self.command(args)).map(drop)
    }

    /// A call that answers JSON.
    pub(crate) fn json<I: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = I>,
    ) -> Result<Json> {
        let mut command = self.command(args);
        command.args(["--output", "json"]);
        let answer = capture(&mut command)?;
        if answer.trim().is_empty() {
            return Ok(Json::Null);
        }
        serde_json::from_str(&answer).context("the AWS command line did not answer JSON")
    }

    /// Invokes a function and waits for its answer, which is written to
    /// `answer_file` on the way.
    pub(crate) fn invoke(
        &self,
        function: &str,
        payload: &Json,
        answer_file: &Path,
    ) -> Result<Vec<u8>> {
        let file = answer_file.to_str().context("the checkout's path is not text")?;
        let payload = payload.to_string();
        let mut args = vec!["lambda", "invoke", "--function-name", function];
        // As long as any function of ours may take.
        args.extend(["--cli-read-timeout", "900", "--payload", &payload, file]);
        let call = self.json(args)?;
        let answer = std::fs::read(answer_file).context("the function answered nothing")?;
        if call.get("FunctionError").is_some() {
            bail!("{function}: {}", String::from_utf8_lossy(&answer));
        }
        Ok(answer)
    }

    fn command<I: AsRef<std::ffi::OsStr>>(&self, args: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(&self.program);
        // The variable alone does not reach every service's older endpoints.
        command.args(["--endpoint-url", &self.engine_url]);
        command.args(args).env_clear().envs(&self.env);
        command
    }
}
