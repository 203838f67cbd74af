//! Offline checks of the templates and the state machines by other people's
//! tools. What these cannot see, our own contract tests hold.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::Session;
use crate::cost;
use crate::process::{capture, make_folder, remove_folder, write_whole};
use crate::rules::{Expansion, Findings, GuardRule, Skips, checkov_findings, guard_findings};
use crate::tools::CfnGuard;

/// What a placeholder for a time stands for while a definition is checked.
const PLACEHOLDER_SECONDS: &str = "60";

/// What any other placeholder stands for, before its name.
const PLACEHOLDER_ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:";

/// A proxy where nothing listens: a tool that asks somebody outside is refused
/// at once, rather than answered.
const NO_PROXY_THERE: &str = "http://127.0.0.1:9";

/// What tells of the result to people.
const DOCUMENT: &str = "docs/checks.md";

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

    /// Adds a check that passes if there is nothing to say.
    fn add_silent(&mut self, name: impl Into<String>, said: String) {
        self.checks.push((name.into(), said.is_empty(), said));
    }

    /// Adds a check of each expansion. Where it says of one stage what it has
    /// said of another already, it is not repeated.
    fn add_stages(&mut self, tool: &str, expansions: &[Expansion], said: impl Fn(&str) -> String) {
        let mut seen: BTreeMap<(String, String), &str> = BTreeMap::new();
        for expansion in expansions {
            let mut said = said(&expansion.file);
            if !said.is_empty() {
                let first = seen.entry((expansion.template(), said.clone()));
                let first = *first.or_insert(&expansion.file);
                if first != expansion.file {
                    said = format!("  the same as {first}");
                }
            }
            self.add_silent(format!("{tool} {}", expansion.file), said);
        }
    }

    /// Adds a check that is another's program: it passes if that ends well.
    fn add_program(&mut self, name: impl Into<String>, command: &mut Command) -> Result<()> {
        let (passed, said) = outcome(command)?;
        self.checks.push((name.into(), passed, said));
        Ok(())
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
    let tools = session.tools();
    // What takes longest to install, and to run, is split between two cores.
    let (_, checkov) = side_by_side(
        || {
            tools.template_tools()?;
            tools.python()?;
            tools.cfn_guard()
        },
        || tools.checkov(),
    )?;

    let folder = session.layout.private().join("check");
    remove_folder(&folder)?;
    make_folder(&folder)?;
    let folder = folder.canonicalize().with_context(|| format!("no {}", folder.display()))?;
    let expansions =
        match session.progress.step("expand the templates", || expand(session, &folder))? {
            Ok(expansions) => expansions,
            Err(said) => {
                let mut report = templates(session)?;
                report.add_silent("expand the templates", said);
                return Ok(report);
            }
        };

    let ((mut report, guard), checkov) = side_by_side(
        || {
            let mut report = session.progress.step("cfn-lint, sam", || templates(session))?;
            report.add_program("xtask/python", &mut python_tests(session)?)?;
            session
                .progress
                .step("asl-validator", || definitions(session, &folder, &mut report))?;
            let guard = session
                .progress
                .step("cfn-guard", || run_guard(&tools.cfn_guard()?, &folder, &expansions))?;
            Ok((report, guard))
        },
        || session.progress.step("checkov", || run_checkov(&checkov, &folder, &expansions)),
    )?;

    let skips = Skips::of(&expansions);
    let unexcused = skips.unexcused(&guard, &expansions);
    for (tool, findings) in [("checkov", &checkov.as_expanded), ("cfn-guard", &unexcused)] {
        report.add_stages(tool, &expansions, |file| findings.in_file(file));
    }
    let all = [&checkov.without_skips, &guard];
    for (template, said) in skips.complaints(&all, &expansions) {
        report.add_silent(format!("skipped rules {template}"), said);
    }
    let said = document(session, &skips, &checkov.without_skips, &guard)?;
    report.add_silent(DOCUMENT, said);
    report.add_silent(cost::DOCUMENT, cost::current(session, &expansions)?);
    Ok(report)
}

/// Does two things at a time.
fn side_by_side<A: Send, B: Send>(
    one: impl FnOnce() -> Result<A> + Send,
    other: impl FnOnce() -> Result<B> + Send,
) -> Result<(A, B)> {
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        let Ok(other) = other.join() else { bail!("a check broke off") };
        Ok((one?, other?))
    })
}

/// A command that gets no answer from outside this machine.
fn offline(program: &Path) -> Command {
    let mut command = Command::new(program);
    for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env(proxy, NO_PROXY_THERE);
    }
    command
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env_remove("AWS_PROFILE")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .env("SAM_CLI_TELEMETRY", "0");
    command
}

/// Every template by cfn-lint, those of SAM by `sam`, too.
fn templates(session: &Session) -> Result<Report> {
    let root = session.layout.root();
    let tools = session.tools().template_tools()?;
    let mut report = Report::default();
    for template in templates_under(root)? {
        let name = relative(&template, root);
        let mut command = offline(&tools.cfn_lint());
        command.args(["--format", "pretty", "--"]).arg(&template).current_dir(root);
        report.add_program(format!("cfn-lint {name}"), &mut command)?;
        // One that can't be read is cfn-lint's to report.
        let read = crate::template::read(&template).unwrap_or_default();
        if read.get("Transform").is_some() {
            let mut command = offline(&tools.sam());
            command
                .args(["validate", "--lint", "--template"])
                .arg(&template)
                // Where it keeps what it remembers; in the home folder otherwise.
                .env("__SAM_CLI_APP_DIR", session.layout.private().join("check/sam"))
                .current_dir(root);
            report.add_program(format!("sam validate --lint {name}"), &mut command)?;
        }
    }
    Ok(report)
}

/// The templates of a checkout: what has resources among its YAML files.
fn templates_under(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = vec![root.join("template.yaml")];
    files.extend(Some(root.join("pipeline.yaml")).filter(|file| file.is_file()));
    files.extend(files_under(&root.join("ops"), ".yaml")?);
    // One that can't be read is taken for a template, so that cfn-lint says why.
    files.retain(|file| {
        crate::template::read(file).map_or(true, |content| content.get("Resources").is_some())
    });
    Ok(files)
}

/// Every state machine's definition by asl-validator, with what the deployment
/// puts in for placeholders.
fn definitions(session: &Session, folder: &Path, report: &mut Report) -> Result<()> {
    let root = session.layout.root();
    let mut files = files_under(&root.join("statemachines"), ".asl.json")?;
    files.extend(files_under(&root.join("ops"), ".asl.json")?);
    for file in files {
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let name = relative(&file, root);
        let copy = folder.join("definitions").join(&name);
        write_whole(&copy, fill_placeholders(&text).as_bytes())?;
        let mut command = session.tools().asl_validator()?;
        command.arg("--json-path").arg(&copy);
        report.add_program(format!("asl-validator {name}"), &mut command)?;
    }
    Ok(())
}

/// The tests of how templates are expanded.
fn python_tests(session: &Session) -> Result<Command> {
    let mut command = offline(&session.tools().python()?.python());
    command
        .args(["-m", "unittest", "discover", "--start-directory"])
        .arg(session.layout.root().join("xtask/python"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    Ok(command)
}

/// Expands the templates into a folder; or what is wrong with them.
pub(crate) fn expand(session: &Session, folder: &Path) -> Result<Result<Vec<Expansion>, String>> {
    let root = session.layout.root();
    let mut command = offline(&session.tools().python()?.python());
    command.arg(root.join("xtask/python/expand.py")).arg("--root").arg(root);
    command.arg("--out").arg(folder).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.stdin(Stdio::null()).output().context("cannot expand the templates")?;
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let files = String::from_utf8_lossy(&output.stdout);
    let expansions = files.lines().map(|file| {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let content = serde_json::from_str(&text).context("an expansion is no JSON")?;
        Ok(Expansion { file: file.to_owned(), content })
    });
    expansions.collect::<Result<_>>().map(Ok)
}

/// What checkov found.
#[derive(Debug)]
struct Checkov {
    as_expanded: Findings,
    without_skips: Findings,
}

fn run_checkov(program: &Path, folder: &Path, expansions: &[Expansion]) -> Result<Checkov> {
    let bare = folder.join("without-skips");
    let mut command = offline(program);
    command
        .args(["--framework", "cloudformation", "--skip-download", "--output", "json"])
        .args(["--compact", "--soft-fail"])
        .current_dir(folder);
    for expansion in expansions {
        let copy = bare.join(&expansion.file);
        let text = serde_json::to_string_pretty(&expansion.without_skips())?;
        write_whole(&copy, text.as_bytes())?;
        command.arg("--file").arg(folder.join(&expansion.file)).arg("--file").arg(copy);
    }
    let findings = checkov_findings(&capture(&mut command)?, folder)?;
    let (mut as_expanded, mut without_skips) = (Findings::default(), Findings::default());
    without_skips.kept = findings.kept;
    for mut failure in findings.failures {
        match failure.file.strip_prefix("without-skips/") {
            Some(file) => {
                failure.file = file.to_owned();
                without_skips.failures.insert(failure);
            }
            None => {
                as_expanded.failures.insert(failure);
            }
        }
    }
    Ok(Checkov { as_expanded, without_skips })
}

fn run_guard(guard: &CfnGuard, folder: &Path, expansions: &[Expansion]) -> Result<Findings> {
    let rules = guard_rules(&guard.rules)?;
    let mut command = offline(&guard.program);
    command.args(["validate", "--structured", "--output-format", "json", "--show-summary", "none"]);
    // To read the many rules for what we have nothing of takes longer than all
    // the rest.
    for rule in rules.values().filter(|rule| rule.looks_at(expansions)) {
        command.arg("--rules").arg(guard.rules.join("cfn-guard").join(&rule.file));
    }
    for expansion in expansions {
        command.arg("--data").arg(folder.join(&expansion.file));
    }
    let output = command.stdin(Stdio::null()).output().context("cannot run cfn-guard")?;
    // 19 where a rule is broken.
    if !matches!(output.status.code(), Some(0 | 19)) {
        bail!(
            "cfn-guard ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    guard_findings(&String::from_utf8_lossy(&output.stdout), folder, &rules, expansions)
}

/// cfn-guard's rules by the names by which it reports them.
fn guard_rules(folder: &Path) -> Result<BTreeMap<String, GuardRule>> {
    let texts = folder.join("cfn-guard");
    let mut rules = BTreeMap::new();
    for file in files_under(&texts, ".guard")? {
        let name = relative(&file, &texts);
        let about = folder.join("metadata").join(&name).with_extension("metadata.json");
        let read = |file: &Path| {
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
        };
        let (reported, rule) = GuardRule::read(&name, &read(&file)?, &read(&about)?)
            .with_context(|| format!("the rule {name} is not understood"))?;
        rules.insert(reported, rule);
    }
    if rules.is_empty() {
        bail!("there are no rules of cfn-guard in {}", folder.display());
    }
    Ok(rules)
}

/// Holds the document current, or writes it where that is asked for; what is
/// wrong with it.
fn document(
    session: &Session,
    skips: &Skips,
    checkov: &Findings,
    guard: &Findings,
) -> Result<String> {
    let file = session.layout.root().join(DOCUMENT);
    let current = document_text(skips, checkov, guard);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        write_whole(&file, current.as_bytes())?;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    if committed == current {
        return Ok(String::new());
    }
    Ok("it is not current: run `UPDATE_DOCS=1 cargo xtask check`".to_owned())
}

fn document_text(skips: &Skips, checkov: &Findings, guard: &Findings) -> String {
    format!(
        include_str!("check.md"),
        skips = skips.table(&[checkov, guard]),
        checkov = checkov.kept_list(),
        guard = guard.kept_list(),
    )
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
    use serde_json::json;

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
    fn what_two_stages_share_is_said_once() {
        let expansion = |file: &str| Expansion { file: file.to_owned(), content: json!({}) };
        let expansions = ["dev/a.json", "test/a.json", "test/b.json", "prod/a.json"].map(expansion);
        let mut report = Report::default();
        report.add_stages("tool", &expansions, |file| match file {
            "prod/a.json" => String::new(),
            _ => "  CT.1 bad\n".to_owned(),
        });
        assert_eq!(
            report.to_string(),
            "check tool dev/a.json ... FAILED\n  CT.1 bad\n\
             check tool test/a.json ... FAILED\n  the same as dev/a.json\n\
             check tool test/b.json ... FAILED\n  CT.1 bad\n\
             check tool prod/a.json ... ok\n\
             checks: 1 passed, 3 failed"
        );
    }

    #[test]
    fn a_template_is_known_by_its_resources() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("template.yaml", "Resources: {}"),
            ("ops/alarms.yaml", "Resources: {A: {Type: !Sub x}}"),
            ("ops/metrics.yaml", "metrics: []"),
            ("ops/broken.yaml", "Resources: ["),
            ("ops/pipeline/build.yml", "Resources: {}"),
        ] {
            write_whole(&folder.path().join(path), text.as_bytes()).unwrap();
        }
        let found = templates_under(folder.path()).unwrap();
        let found: Vec<_> = found.iter().map(|path| relative(path, folder.path())).collect();
        assert_eq!(found, ["template.yaml", "ops/alarms.yaml", "ops/broken.yaml"]);
    }

    #[test]
    fn two_things_at_a_time_both_count() {
        assert_eq!(side_by_side(|| Ok(1), || Ok("b")).unwrap(), (1, "b"));
        assert!(side_by_side(|| Ok(1), || bail!("no") as Result<()>).is_err());
        assert!(side_by_side(|| bail!("no") as Result<()>, || Ok(1)).is_err());
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
