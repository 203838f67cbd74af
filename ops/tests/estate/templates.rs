//! The templates, and what they are held against, as they lie in the checkout.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};

use seisiun_ops::{
    calls::{Calls, Source},
    checks::Knowledge,
    estate::{Deployment, Estate, Templates},
    yaml,
};
use serde_json::{Value as Json, json};

/// What is looked at: each stage with what stands beside it, and what an account
/// has once.
pub(crate) const ESTATES: [&str; 4] = ["dev", "test", "prod", ONCE];
/// What an account has once, whatever its stages.
const ONCE: &str = "once";
/// Where CloudFront's part is.
const EDGE_REGION: &str = "us-east-1";

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

/// What an operator gives the application's stack; what other stacks tell them of
/// is named as their outputs.
fn given(stage: &str) -> BTreeMap<String, Json> {
    let edge = |output: &str| format!("<seisiun-{stage}-edge/{output}>");
    let mut given = vec![
        ("Stage", stage.to_owned()),
        ("SiteUrl", "https://seisiun.example".into()),
        ("MailFrom", "sessions@seisiun.example".into()),
        ("ModeratorsAddress", "moderators@seisiun.example".into()),
    ];
    if stage != "dev" {
        given.extend([
            ("BoundaryArn", BOUNDARY.into()),
            ("AccountMailsBySes", "true".into()),
            ("Canary", "true".into()),
            ("DomainName", "seisiun.example".into()),
            ("CertificateArn", edge("Certificate")),
            ("WebAclArn", edge("WebAcl.Arn")),
            ("OnCallEmail", "on-call@seisiun.example".into()),
            ("FallbackEmail", "fallback@other.example".into()),
            ("FallbackPhone", "+353000000000".into()),
        ]);
    }
    given.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

/// The account stack's output.
const BOUNDARY: &str = "<seisiun-account/Boundary>";

fn deployment(stack: &str, template: &str, region: &str, given: Json) -> Deployment {
    Deployment {
        stack: stack.into(),
        template: template.into(),
        region: region.into(),
        parameters: given.as_object().cloned().unwrap_or_default().into_iter().collect(),
    }
}

/// The account's own stack, which is in each region that is used.
fn account(stack: &str, home: &str, region: &str) -> Deployment {
    let given = json!({
        "HomeRegion": home,
        "AllowedRegions": [home, EDGE_REGION],
        "SecurityAddress": "security@seisiun.example",
    });
    deployment(stack, "ops/account.yaml", region, given)
}

/// The stacks of an estate, each after those that it is told of.
fn deployments(estate: &str, region: &str) -> Vec<Deployment> {
    if estate == ONCE {
        let flat = |given: Json| given.to_string();
        let edge = flat(json!({ "App": "seisiun-test", "Stage": "test" }));
        let application = flat(json!({ "SiteUrl": "https://seisiun.example" }));
        let pipeline = json!({
            "Repository": "seisiun/seisiun",
            "BoundaryArn": BOUNDARY,
            "AlertAddress": "releases@seisiun.example",
            "TestParameters": application,
            "ProdParameters": application,
            "TestEdgeParameters": edge,
            "ProdEdgeParameters": edge,
            "EdgeStoreBucket": "<seisiun-artifact-store/Artifacts>",
            "EdgeStoreKeyArn": "<seisiun-artifact-store/Key.Arn>",
            "ProdHealthAlarm": HEALTH,
        });
        return vec![
            account("seisiun-account", region, region),
            account("seisiun-account-edge", region, EDGE_REGION),
            deployment("seisiun-artifact-store", "ops/artifact-store.yaml", EDGE_REGION, json!({})),
            deployment("seisiun-pipeline", "pipeline.yaml", region, pipeline),
        ];
    }
    let stack = format!("seisiun-{estate}");
    let application = deployment(&stack, "template.yaml", region, json!(given(estate)));
    if estate == "dev" {
        return vec![application];
    }
    let edge = json!({
        "App": stack,
        "Stage": estate,
        "DomainName": "seisiun.example",
        "DistributionId": format!("<{stack}/Delivery/Distribution>"),
        "OriginMetrics": "on",
        "OnCallAddress": "on-call@seisiun.example",
    });
    vec![
        account("seisiun-account", region, region),
        deployment(&format!("{stack}-edge"), "ops/edge.yaml", EDGE_REGION, edge),
        application,
    ]
}

/// The alarm that a release is held to.
pub(crate) const HEALTH: &str = "seisiun-prod-health";

/// Templates of an estate: a change of another can't be seen in it.
pub(crate) fn is_of(estate: &str, template: &str) -> bool {
    let once = ["pipeline.yaml", "ops/artifact-store.yaml"];
    match template {
        "ops/account.yaml" => estate != "dev",
        "ops/edge.yaml" => estate != "dev" && estate != ONCE,
        other => once.contains(&other) == (estate == ONCE),
    }
}

/// One of [`ESTATES`].
pub(crate) fn estate(
    templates: &Templates,
    estate: &str,
    region: &str,
) -> Result<Estate, Vec<String>> {
    Estate::build(templates, &deployments(estate, region))
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
            .replace("PIPELINE", "<seisiun-pipeline/Pipeline>")
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
        calls: calls().clone(),
        instructions: files("ops/pipeline", ".yml")
            .into_iter()
            .map(|name| format!("ops/pipeline/{name}"))
            .collect(),
        configurations: files("ops/config", ".json")
            .into_iter()
            .map(|name| format!("ops/config/{name}"))
            .map(|path| (path.clone(), serde_json::from_str(&read(&path)).unwrap()))
            .collect(),
        definitions: files("statemachines", ".asl.json")
            .into_iter()
            .map(|name| format!("statemachines/{name}"))
            .map(|path| (path.clone(), serde_json::from_str(&read(&path)).unwrap()))
            .collect(),
    }
}

/// Crates of which functions are made, and their folders.
const CRATES: [(&str, &str); 4] = [
    ("seisiun_workflows", "workflows/tasks/src"),
    ("seisiun_aws", "functions/aws/src"),
    ("seisiun_functions", "functions/handlers/src"),
    ("seisiun_publish", "functions/publish/src"),
];
/// Modules that only tests use: no function is made of them.
const FOR_TESTS: [&str; 2] = ["memory", "port_suites"];

/// What the code of each function calls.
pub(crate) fn calls() -> &'static Calls {
    static CALLS: OnceLock<Calls> = OnceLock::new();
    CALLS.get_or_init(|| {
        let mut sources = Vec::new();
        for (krate, folder) in CRATES {
            for path in rust_files(Path::new(folder)) {
                let within = path.strip_prefix(folder).unwrap().with_extension("");
                let mut module: Vec<&str> =
                    within.iter().map(|part| part.to_str().unwrap()).collect();
                if matches!(module.last(), Some(&("mod" | "lib"))) {
                    module.pop();
                }
                let text = read(path.to_str().unwrap());
                let source = match module.as_slice() {
                    ["bin", name] => Source { krate: (*name).into(), module: String::new(), text },
                    module if FOR_TESTS.contains(&module.join("::").as_str()) => continue,
                    module => Source { krate: krate.into(), module: module.join("::"), text },
                };
                sources.push(source);
            }
        }
        let own = CRATES.map(|(krate, _)| krate);
        let binaries = sources.iter().map(|source| source.krate.as_str());
        let binaries: BTreeSet<&str> = binaries.filter(|krate| !own.contains(krate)).collect();
        let binaries: Vec<&str> = binaries.into_iter().collect();
        Calls::of(&sources, &binaries).unwrap()
    })
}

/// Every Rust file below a folder, by its path from the root.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = folder.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
