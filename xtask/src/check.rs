//! Offline checks of the template and the state machines by other people's
//! tools. What these cannot see, our own contract tests hold.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::Session;
use crate::process::{make_folder, remove_folder, write_whole};

/// What a placeholder for a time stands for while a definition is checked.
const PLACEHOLDER_SECONDS: &str = "60";

/// What any other placeholder stands for, before its name.
const PLACEHOLDER_ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:";

/// What the checks have found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Each check with whether it passed and what it said.
    checks: Vec<(String, bool, String)>,
}

impl Report {
    /// Whether all passed, and there were any.
    pub(crate) fn well(&self) -> bool {
        !self.checks.is_empty() && self.checks.iter().all(|(_, passed, _)| *passed)
    }

    /// How many passed and how many did not.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let passed = self.checks.iter().filter(|(_, passed, _)| *passed).count();
        (passed, self.checks.len() - passed)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, passed, said) in &self.checks {
            writeln!(f, "check {name} ... {}", if *passed { "ok" } else { "FAILED" })?;
            if !passed {
                writeln!(f, "{}", said.trim_end())?;
            }
        }
        let (passed, failed) = self.counts();
        write!(f, "checks: {passed} passed, {failed} failed")
    }
}

/// Runs every check.
pub(crate) fn check(session: &Session) -> Result<Report> {
    let layout = &session.layout;
    let mut report = Report::default();

    let cfn_lint = session.tools().cfn_lint()?;
    let mut templates = vec![layout.template()];
    templates.extend(files_under(&layout.root().join("ops"), ".yaml")?);
    for template in templates {
        let mut command = Command::new(&cfn_lint);
        command.args(["--format", "pretty", "--"]).arg(&template).current_dir(layout.root());
        let name = format!("cfn-lint {}", relative(&template, layout.root()));
        let (passed, said) = outcome(&mut command)?;
        report.checks.push((name, passed, said));
    }

    let copies = layout.private().join("check");
    remove_folder(&copies)?;
    make_folder(&copies)?;
    for machine in files_under(&layout.root().join("statemachines"), ".asl.json")? {
        let text = std::fs::read_to_string(&machine)
            .with_context(|| format!("cannot read {}", machine.display()))?;
        let copy = copies.join(machine.file_name().context("a definition has no name")?);
        write_whole(&copy, fill_placeholders(&text).as_bytes())?;
        let mut command = session.tools().asl_validator()?;
        command.arg("--json-path").arg(&copy);
        let name = format!("asl-validator {}", relative(&machine, layout.root()));
        let (passed, said) = outcome(&mut command)?;
        report.checks.push((name, passed, said));
    }
    Ok(report)
}

fn outcome(command: &mut Command) -> Result<(bool, String)> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok((output.status.success(), said))
}

/// Files below a folder whose names end so, in order.
pub(crate) fn files_under(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
            let path = entry.path();
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                if !name.starts_with('.') && !matches!(&*name, "target" | "node_modules") {
                    folders.push(path);
                }
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Replaces every `${Name}` as the deployment would: by a number where the
/// name ends in a unit, else by an ARN.
fn fill_placeholders(definition: &str) -> String {
    let mut filled = String::with_capacity(definition.len());
    let mut rest = definition;
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, after)) => {
                if name.ends_with("Seconds") {
                    filled.push_str(PLACEHOLDER_SECONDS);
                } else {
                    filled.push_str(PLACEHOLDER_ARN);
                    filled.push_str(name);
                }
                rest = after;
            }
            None => {
                filled.push_str("${");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_arns_and_numbers() {
        assert_eq!(fill_placeholders(r#""{% ${WaitSeconds} %}""#), r#""{% 60 %}""#);
        assert_eq!(
            fill_placeholders(r#"{"a":"${Tell}","b":"x${One}${Two}","c":"$ {no} ${open"#),
            format!(
                r#"{{"a":"{PLACEHOLDER_ARN}Tell","b":"x{PLACEHOLDER_ARN}One{PLACEHOLDER_ARN}Two","c":"$ {{no}} ${{open"#
            )
        );
    }

    #[test]
    fn a_report_without_checks_is_not_well() {
        assert!(!Report::default().well());
        let mut report = Report { checks: vec![("a".to_owned(), true, String::new())] };
        assert!(report.well());
        report.checks.push(("b".to_owned(), false, "E3012 bad\n".to_owned()));
        assert!(!report.well());
        assert_eq!(
            report.to_string(),
            "check a ... ok\ncheck b ... FAILED\nE3012 bad\nchecks: 1 passed, 1 failed"
        );
    }

    #[test]
    fn files_are_found_below_but_not_in_build_output() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["b.yaml", "deep/a.yaml", "deep/a.txt", "target/c.yaml", ".git/d.yaml"] {
            write_whole(&folder.path().join(path), b"").unwrap();
        }
        let found = files_under(folder.path(), ".yaml").unwrap();
        let found: Vec<_> = found.iter().map(|path| relative(path, folder.path())).collect();
        assert_eq!(found, ["b.yaml", "deep/a.yaml"]);
    }
}
