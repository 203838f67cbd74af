//! Bringing the stack in the engine to what the template says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::aws::Aws;
use crate::package::Package;
use crate::process::{Interrupt, write_whole};
use crate::progress::Progress;
use crate::sha256_hex;

/// The stack's name in the engine.
pub(crate) const STACK: &str = "seisiun";

/// The bucket that packaged code and templates pass through.
pub(crate) const BUCKET: &str = "seisiun-deployments-local";

/// How long CloudFormation may take: the engine needs seconds.
const PATIENCE: Duration = Duration::from_secs(180);

/// How often the stack's state is asked for. Each call costs most of a second
/// of processor time, so more often gains nothing.
const POLL_EVERY: Duration = Duration::from_millis(300);

/// What was deployed last.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Deployed {
    /// Names template, contents and parameters.
    fingerprint: String,
    /// What the bucket holds of the present package.
    uploaded: BTreeSet<String>,
}

/// The stack as the engine describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stack {
    status: String,
    outputs: BTreeMap<String, String>,
}

impl Stack {
    fn settled(&self) -> bool {
        !self.status.ends_with("_IN_PROGRESS")
    }

    fn complete(&self) -> bool {
        matches!(self.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE")
    }

    /// Whether it can only be deleted.
    fn dead(&self) -> bool {
        matches!(
            self.status.as_str(),
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED"
        )
    }
}

/// Deploys a package and returns the stack's outputs. If the engine has this
/// very package already, that is all there is to do.
pub(crate) fn deploy(
    aws: &Aws,
    package: &Package,
    artifacts: &Path,
    parameters: &BTreeMap<String, String>,
    record: &Path,
    progress: Progress,
    interrupt: &Interrupt,
) -> Result<BTreeMap<String, String>> {
    let fingerprint = fingerprint(package, parameters);
    let mut stack = describe(aws)?;
    let mut deployed: Deployed = match stack {
        // The engine has lost it, or is new: so is the bucket, perhaps.
        None => Deployed::default(),
        Some(_) => std::fs::read(record)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok())
            .unwrap_or_default(),
    };
    if deployed.fingerprint == fingerprint
        && let Some(stack) = stack.as_ref().filter(|stack| stack.complete())
    {
        progress.say("Stack: unchanged");
        return Ok(stack.outputs.clone());
    }

    let missing: BTreeSet<_> = package.keys.difference(&deployed.uploaded).collect();
    progress.step(format!("Uploading {} changed files", missing.len()), || {
        upload(aws, artifacts, &missing)
    })?;
    if stack.as_ref().is_some_and(Stack::dead) {
        progress.step("Removing the stack that failed", || {
            aws.run(["cloudformation", "delete-stack", "--stack-name", STACK])?;
            settle(aws, interrupt).map(drop)
        })?;
        stack = describe(aws)?;
    }
    let verb = if stack.is_some() { "update-stack" } else { "create-stack" };
    let stack = progress.step(format!("CloudFormation {verb}"), || {
        // Not by a change set: the engine finds no change in one when only a
        // condition's outcome differs.
        let answer = aws.run([
            "cloudformation",
            verb,
            "--stack-name",
            STACK,
            "--template-url",
            &package.template_url,
            "--parameters",
            &as_arguments(parameters).to_string(),
            "--capabilities",
            "CAPABILITY_IAM",
            "CAPABILITY_NAMED_IAM",
            "CAPABILITY_AUTO_EXPAND",
        ]);
        match answer {
            Err(error) if !error.to_string().contains("No updates are to be performed") => {
                return Err(error);
            }
            _ => {}
        }
        let stack = settle(aws, interrupt)?.context("the stack has gone")?;
        if !stack.complete() {
            bail!("the stack is {}:\n{}", stack.status, failures(aws)?);
        }
        Ok(stack)
    })?;
    deployed.fingerprint = fingerprint;
    deployed.uploaded.clone_from(&package.keys);
    write_whole(record, &serde_json::to_vec_pretty(&deployed)?)?;
    Ok(stack.outputs)
}

/// The values that this stage gives to the parameters that a template
/// declares. One without a value here must have a default.
pub(crate) fn choose_parameters(
    declared: &[(String, bool)],
    values: &[(&str, String)],
) -> Result<BTreeMap<String, String>> {
    let mut chosen = BTreeMap::new();
    for (name, has_default) in declared {
        match values.iter().find(|(known, _)| known == name) {
            Some((_, value)) => {
                chosen.insert(name.clone(), value.clone());
            }
            None if *has_default => {}
            None => bail!("the template's parameter {name} has no default and no local value"),
        }
    }
    Ok(chosen)
}

fn fingerprint(package: &Package, parameters: &BTreeMap<String, String>) -> String {
    sha256_hex(format!("{} {parameters:?}", package.template_url).as_bytes())
}

fn as_arguments(parameters: &BTreeMap<String, String>) -> Json {
    let each = parameters.iter();
    each.map(|(name, value)| json!({ "ParameterKey": name, "ParameterValue": value })).collect()
}

fn upload(aws: &Aws, artifacts: &Path, keys: &BTreeSet<&String>) -> Result<()> {
    if aws.run(["s3api", "head-bucket", "--bucket", BUCKET]).is_err() {
        aws.run(["s3", "mb", &format!("s3://{BUCKET}")])?;
    }
    if keys.is_empty() {
        return Ok(());
    }
    let from = artifacts.to_str().context("the checkout's path is not text")?;
    let to = format!("s3://{BUCKET}/");
    let mut args = vec!["s3", "cp", "--recursive", "--only-show-errors", from, &to];
    args.extend(["--exclude", "*"]);
    for key in keys {
        args.extend(["--include", key]);
    }
    aws.run(args)
}

/// Waits until CloudFormation has finished.
fn settle(aws: &Aws, interrupt: &Interrupt) -> Result<Option<Stack>> {
    let began = Instant::now();
    loop {
        interrupt.check()?;
        let stack = describe(aws)?;
        if stack.as_ref().is_none_or(Stack::settled) {
            return Ok(stack);
        }
        if began.elapsed() > PATIENCE {
            bail!(
                "CloudFormation has not finished after {} s:\n{}",
                PATIENCE.as_secs(),
                failures(aws)?
            );
        }
        std::thread::sleep(POLL_EVERY);
    }
}

fn describe(aws: &Aws) -> Result<Option<Stack>> {
    match aws.json(["cloudformation", "describe-stacks", "--stack-name", STACK]) {
        Ok(answer) => parse_stack(&answer).map(Some),
        Err(error) if error.to_string().contains("does not exist") => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse_stack(answer: &Json) -> Result<Stack> {
    let text = |value: &Json, key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let stack = answer.pointer("/Stacks/0").context("the engine described no stack")?;
    let outputs = stack.get("Outputs").and_then(Json::as_array).map(Vec::as_slice);
    let outputs = outputs.unwrap_or_default().iter();
    Ok(Stack {
        status: text(stack, "StackStatus").context("the stack has no status")?,
        outputs: outputs
            .filter_map(|output| Some((text(output, "OutputKey")?, text(output, "OutputValue")?)))
            .collect(),
    })
}

/// Why resources failed, in the order in which they did.
fn failures(aws: &Aws) -> Result<String> {
    let answer = aws.json(["cloudformation", "describe-stack-events", "--stack-name", STACK])?;
    Ok(parse_failures(&answer))
}

fn parse_failures(answer: &Json) -> String {
    let events = answer.get("StackEvents").and_then(Json::as_array).map(Vec::as_slice);
    let mut lines = Vec::new();
    for event in events.unwrap_or_default().iter().rev() {
        let text = |key: &str| event.get(key).and_then(Json::as_str).unwrap_or("?");
        if text("ResourceStatus").ends_with("_FAILED") {
            lines.push(format!(
                "  {} ({}): {}",
                text("LogicalResourceId"),
                text("ResourceType"),
                text("ResourceStatusReason")
            ));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_understood() {
        let stack = parse_stack(&json!({"Stacks": [{
            "StackStatus": "UPDATE_COMPLETE",
            "Outputs": [{"OutputKey": "Table", "OutputValue": "t-1"}]
        }]}))
        .unwrap();
        assert_eq!(stack.outputs, BTreeMap::from([("Table".to_owned(), "t-1".to_owned())]));
        let state = |status: &str| {
            let stack = Stack { status: status.to_owned(), outputs: BTreeMap::new() };
            (stack.settled(), stack.complete(), stack.dead())
        };
        assert_eq!(state("CREATE_COMPLETE"), (true, true, false));
        assert_eq!(state("UPDATE_IN_PROGRESS"), (false, false, false));
        assert_eq!(state("UPDATE_ROLLBACK_COMPLETE"), (true, false, false));
        assert_eq!(state("ROLLBACK_COMPLETE"), (true, false, true));
    }

    #[test]
    fn failures_are_told_in_order() {
        let told = parse_failures(&json!({"StackEvents": [
            {"LogicalResourceId": "B", "ResourceType": "T", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "cancelled"},
            {"LogicalResourceId": "A", "ResourceType": "T", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": "not known"},
            {"LogicalResourceId": "A", "ResourceType": "T", "ResourceStatus": "CREATE_IN_PROGRESS"},
        ]}));
        assert_eq!(told, "  A (T): not known\n  B (T): cancelled");
    }

    #[test]
    fn parameters_are_those_that_the_template_declares() {
        let values = [("Stage", "local".to_owned()), ("Unknown", "x".to_owned())];
        let declared = [("Stage".to_owned(), false), ("Rate".to_owned(), true)];
        let chosen = choose_parameters(&declared, &values).unwrap();
        assert_eq!(chosen, BTreeMap::from([("Stage".to_owned(), "local".to_owned())]));
        let error = choose_parameters(&[("Domain".to_owned(), false)], &values).unwrap_err();
        assert!(error.to_string().contains("Domain"), "{error}");
    }

    #[test]
    fn a_parameter_changes_the_fingerprint() {
        let package = Package {
            template_key: "t".to_owned(),
            template_url: "http://e/b/t".to_owned(),
            keys: BTreeSet::new(),
        };
        let with = |value: &str| {
            fingerprint(&package, &BTreeMap::from([("Origin".to_owned(), value.to_owned())]))
        };
        assert_eq!(with("a"), with("a"));
        assert_ne!(with("a"), with("b"));
    }
}
