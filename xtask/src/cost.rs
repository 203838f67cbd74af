//! `cargo xtask cost`: counts, prices and templates in, `docs/cost.md` out. The
//! arithmetic is `seisiun_ops::cost`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail};
use seisiun_ops::cost::bill::Memory;
use seisiun_ops::cost::idle::Standing;
use seisiun_ops::cost::month::Model;
use seisiun_ops::cost::prices::Prices;
use seisiun_ops::cost::report::{PICTURE, Report, Written};
use seisiun_ops::cost::usage::Usage;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::Session;
use crate::check::expand;
use crate::package::{self, Also};
use crate::process::{make_folder, remove_folder, run_shown, write_whole};
use crate::rules::Expansion;
use crate::stack::{Stack, Wish};

/// What is written.
pub(crate) const DOCUMENT: &str = "docs/cost.md";

/// The file of tests that plays every journey.
const COUNTS: &str = "counts";

/// Where counts, prices and usage are.
const DATA: &str = "ops/cost";

/// The stages, with the folder that each is expanded into. What is deployed once
/// comes last.
const STAGES: [(&str, &str); 4] =
    [("Dev", "dev"), ("Test", "test"), ("Prod", "prod"), ("account and pipeline", "once")];

/// What a stage has only if it has a domain, which a Dev stage has not.
const EDGE: &str = "ops/edge.yaml";

/// The stage whose months are reckoned, and the application's template there.
const PROD: &str = "prod";
const APPLICATION: &str = "template.yaml";

/// What names a function after its stack.
const OF_STACK: &str = "${AWS::StackName}-";

/// Reckons what it costs, after counting anew if so asked; whether all went well.
pub(crate) fn cost(session: &Session, count: bool) -> Result<bool> {
    if count && !count_anew(session)? {
        return Ok(false);
    }
    let folder = session.layout.private().join("cost");
    remove_folder(&folder)?;
    make_folder(&folder)?;
    let expansions =
        match session.progress.step("expand the templates", || expand(session, &folder))? {
            Ok(expansions) => expansions,
            Err(said) => bail!("the templates can't be expanded:\n{said}"),
        };
    write(session, &reckon(session, &expansions)?)?;
    session.progress.say(format!("{DOCUMENT} is written"));
    Ok(true)
}

/// What is wrong with the committed document; nothing if it is current.
/// `UPDATE_DOCS` writes it first.
pub(crate) fn current(session: &Session, expansions: &[Expansion]) -> Result<String> {
    let written = match reckon(session, expansions) {
        Ok(written) => written,
        Err(error) => return Ok(format!("{error:#}")),
    };
    if std::env::var_os("UPDATE_DOCS").is_some() {
        write(session, &written)?;
    }
    let docs = session.layout.root().join("docs");
    let committed = |file: &Path| std::fs::read_to_string(file).unwrap_or_default();
    let is_current = committed(&session.layout.root().join(DOCUMENT)) == written.document
        && committed(&docs.join(PICTURE)) == written.picture;
    Ok(if is_current { String::new() } else { "it is not current: run `cargo xtask cost`".into() })
}

fn write(session: &Session, written: &Written) -> Result<()> {
    let root = session.layout.root();
    write_whole(&root.join(DOCUMENT), written.document.as_bytes())?;
    write_whole(&root.join("docs").join(PICTURE), written.picture.as_bytes())
}

/// Reckons all of it.
fn reckon(session: &Session, expansions: &[Expansion]) -> Result<Written> {
    let data = session.layout.root().join(DATA);
    let usage: Usage = read_yaml(&data.join("usage.yaml"))?;
    let impossible = usage.impossible();
    if !impossible.is_empty() {
        bail!("{DATA}/usage.yaml: {}", impossible.join("; "));
    }
    let counts = data.join("counts.json");
    let text =
        std::fs::read(&counts).with_context(|| format!("cannot read {}", counts.display()))?;
    let counts = serde_json::from_slice(&text).with_context(|| {
        format!("{}: record it anew by `cargo xtask cost --count`", counts.display())
    })?;
    let standing = |folders: &[&str]| -> Result<Standing> {
        let templates = expansions.iter().filter(|one| {
            let folder = one.file.split('/').next().unwrap_or_default();
            folders.contains(&folder) && !(folder == "dev" && one.template() == EDGE)
        });
        Standing::of(templates.map(|one| &one.content)).map_err(|error| anyhow!(error))
    };
    let mut stages = Vec::new();
    for (name, folder) in STAGES {
        stages.push((name, standing(&[folder])?));
    }
    let model = Model {
        prices: prices(session)?,
        usage,
        counts,
        memory: memory(expansions)?,
        standing: standing(&[PROD, "once"])?,
    };
    Report { model: &model, stages }.write().map_err(|error| anyhow!(error))
}

/// What AWS asks, as it was reviewed.
pub(crate) fn prices(session: &Session) -> Result<Prices> {
    read_yaml(&session.layout.root().join(DATA).join("prices.yaml"))
}

fn read_yaml<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_yaml_ng::from_str(&text).with_context(|| format!("{} does not parse", file.display()))
}

/// Gigabytes of memory of each function of the application.
fn memory(expansions: &[Expansion]) -> Result<Memory> {
    let application = expansions
        .iter()
        .find(|one| one.file.starts_with(PROD) && one.template() == APPLICATION)
        .context("the application's template was not expanded")?;
    let resources = application.content.get("Resources").and_then(Json::as_object);
    let mut memory = Memory::new();
    for (id, resource) in resources.into_iter().flatten() {
        if resource.get("Type").is_none_or(|kind| kind != "AWS::Lambda::Function") {
            continue;
        }
        let properties = resource.get("Properties").context("a function has no properties")?;
        let name = properties.pointer("/FunctionName/Fn::Sub").and_then(Json::as_str);
        let name = name.and_then(|name| name.strip_prefix(OF_STACK));
        let megabytes = properties.get("MemorySize").and_then(Json::as_f64);
        match (name, megabytes) {
            (Some(name), Some(megabytes)) => memory.insert(name.to_owned(), megabytes / 1024.0),
            _ => bail!("{id} has no name after its stack, or no memory size"),
        };
    }
    Ok(memory)
}

/// Plays every journey on a new stack and records what each asks for.
fn count_anew(session: &Session) -> Result<bool> {
    let Session { layout, interrupt, progress } = session;
    let built =
        progress.step("Building", || package::build(layout, interrupt, Also::Test(COUNTS)))?;
    let wish = Wish { fresh: true, front_door: None, evaluate_iam: true, gateway: true };
    let mut stack = Stack::start(session, layout.test_instance(), wish, &built)?;
    let played = progress.step("Journeys", || {
        let mut well = true;
        for test in built.tests.iter().filter(|test| test.target == COUNTS) {
            let mut command = Command::new(&test.program);
            command
                .current_dir(&test.package_dir)
                .env("CARGO_MANIFEST_DIR", &test.package_dir)
                .env("SEISIUN_RUN_FILE", stack.run_file())
                .env("UPDATE_DOCS", "1")
                .arg("--nocapture");
            well &= run_shown(&mut command, interrupt)?.success();
        }
        Ok(well)
    });
    stack.stop(session)?;
    played
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_functions_memory_is_the_templates() {
        let function = |name: Json, memory: Json| {
            json!({ "Type": "AWS::Lambda::Function",
                "Properties": { "FunctionName": name, "MemorySize": memory } })
        };
        let of = |function: Json| {
            let content =
                json!({ "Resources": { "F": function, "R": { "Type": "AWS::IAM::Role" } } });
            memory(&[Expansion { file: "prod/template.json".into(), content }])
        };
        let name = json!({ "Fn::Sub": "${AWS::StackName}-tell-submitter" });
        let known = of(function(name.clone(), json!(512))).unwrap();
        assert_eq!(known, Memory::from([("tell-submitter".to_owned(), 0.5)]));
        assert!(of(function(name, Json::Null)).is_err());
        assert!(of(function(json!("tell"), json!(512))).is_err());
        assert!(memory(&[]).is_err());
    }
}
