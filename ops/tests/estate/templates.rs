//! The templates, and what they are held against, as they lie in the checkout.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};

use seisiun_ops::{
    checks::Knowledge,
    estate::{Deployment, Estate, Templates},
    yaml,
};
use serde_json::{Value as Json, json};

pub(crate) const STAGES: [&str; 3] = ["dev", "test", "prod"];

/// Translates the application's template as SAM does, and prints it.
const TRANSLATE: &str = "
import json, sys
sys.path.insert(0, sys.argv[1])
import expand
from pathlib import Path
template = expand.read(Path(sys.argv[2]))
values = {**expand.defaults(template), **json.loads(sys.argv[3])}
translated = expand.translate(template, values)
# SAM makes canaries by the value of Canary, while it translates; here the
# translation is one for all stages, and the condition that it comes to.
for resource in translated['Resources'].values():
    if resource['Type'].startswith('AWS::CodeDeploy::'):
        resource['Condition'] = 'HasCanary'
print(json.dumps(translated))
";

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every template, as it is written.
pub(crate) fn raw() -> BTreeMap<String, String> {
    let mut all = BTreeMap::from([("template.yaml".to_owned(), read("template.yaml"))]);
    if root().join("pipeline.yaml").is_file() {
        all.insert("pipeline.yaml".to_owned(), read("pipeline.yaml"));
    }
    for entry in std::fs::read_dir(root().join("ops")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("ops/{name}");
        if name.ends_with(".yaml") && read(&path).contains("\nResources:") {
            let text = read(&path);
            all.insert(path, text);
        }
    }
    all
}

/// Every template, with SAM's expanded.
pub(crate) fn templates() -> Templates {
    static ALL: OnceLock<Templates> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut all = BTreeMap::new();
        for (path, text) in raw() {
            let template = if path == "template.yaml" {
                translated()
            } else {
                yaml::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
            };
            all.insert(path, Arc::new(template));
        }
        Templates(all)
    })
    .clone()
}

fn translated() -> Json {
    let python = std::env::var_os("SEISIUN_PYTHON")
        .expect("SEISIUN_PYTHON is not set: run this with `cargo xtask test estate`");
    let output = Command::new(python)
        .args(["-c", TRANSLATE])
        .arg(root().join("xtask/python"))
        .arg(root().join("template.yaml"))
        .arg(json!(given("prod")).to_string())
        .env("AWS_DEFAULT_REGION", "eu-west-1")
        .output()
        .expect("Python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// What an operator gives the application's stack.
fn given(stage: &str) -> BTreeMap<String, Json> {
    let mut given = vec![
        ("Stage", stage),
        ("SiteUrl", "https://seisiun.example"),
        ("MailFrom", "sessions@seisiun.example"),
        ("ModeratorsAddress", "moderators@seisiun.example"),
    ];
    if stage != "dev" {
        given.extend([
            ("BoundaryArn", "<boundary>"),
            ("Canary", "true"),
            ("DomainName", "seisiun.example"),
            ("CertificateArn", "<certificate>"),
            ("WebAclArn", "<web-acl>"),
            ("OnCallEmail", "on-call@seisiun.example"),
            ("FallbackEmail", "fallback@other.example"),
        ]);
    }
    given.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// A stage of it.
pub(crate) fn estate(
    templates: &Templates,
    stage: &str,
    region: &str,
) -> Result<Estate, Vec<String>> {
    let application = Deployment {
        stack: format!("seisiun-{stage}"),
        template: "template.yaml".into(),
        region: region.into(),
        parameters: given(stage),
    };
    Estate::build(templates, &[application])
}

/// What a stage is held against.
pub(crate) fn knowledge(stage: &str) -> Knowledge {
    let catalogue = serde_yaml_ng::from_str(&read("ops/metrics.yaml")).unwrap();
    let files = |folder: &str, ending: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(ending)).collect()
    };
    let runbooks =
        files("ops/runbooks", ".md").into_iter().map(|name| format!("ops/runbooks/{name}"));
    let mut events = BTreeMap::new();
    for file in files("ops/events", ".json") {
        let name = file.trim_end_matches(".json").to_owned();
        if name == "matches" {
            continue;
        }
        // The names that stand for what only a deployment knows.
        let text = read(&format!("ops/events/{file}"))
            .replace("REGION", "eu-west-1")
            .replace("PUBLIC_BUCKET", &format!("<seisiun-{stage}/PublicBucket>"))
            .replace("QUARANTINE_BUCKET", &format!("<seisiun-{stage}/QuarantineBucket>"))
            .replace("TABLE", &format!("<seisiun-{stage}/Table>"))
            // A restore testing plan's name has no hyphens.
            .replace("APP_", &format!("seisiun_{stage}_"))
            .replace("APP", &format!("seisiun-{stage}"));
        events.insert(name, serde_json::from_str(&text).unwrap());
    }
    Knowledge {
        catalogue,
        runbooks: runbooks.collect(),
        events,
        matches: serde_json::from_str(&read("ops/events/matches.json")).unwrap(),
    }
}
