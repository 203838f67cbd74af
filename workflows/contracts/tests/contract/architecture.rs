//! The dependency arrows between our crates, and what stays out of the core.
//!
//! Folders alone do not hold a layer: a type of the AWS SDK in a port's error
//! would make the whole core depend on it. Dependencies of tests are exempt.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

use crate::project;

/// What each of our crates may depend on, of our crates.
const ARROWS: &[(&str, &[&str])] = &[
    ("seisiun-domain", &[]),
    ("seisiun-photo", &["seisiun-domain"]),
    ("seisiun-mail", &["seisiun-domain"]),
    ("seisiun-feeds", &["seisiun-domain"]),
    // Words in, pixels out.
    ("seisiun-preview", &[]),
    ("seisiun-text", &["seisiun-domain"]),
    // Judges as the workflows do, from a file.
    ("seisiun-replay", &["seisiun-domain", "seisiun-text"]),
    (
        "seisiun-workflows",
        &["seisiun-domain", "seisiun-photo", "seisiun-text", "seisiun-mail", "seisiun-feeds"],
    ),
    ("seisiun-contracts", &["seisiun-domain"]),
    ("seisiun-lambda", &["seisiun-contracts"]),
    ("seisiun-aws", &["seisiun-domain", "seisiun-workflows"]),
    (
        "seisiun-functions",
        &[
            "seisiun-lambda",
            "seisiun-aws",
            "seisiun-workflows",
            "seisiun-contracts",
            "seisiun-domain",
            "seisiun-mail",
            "seisiun-feeds",
        ],
    ),
    // The functions that publish pages have the site's own engine render them.
    (
        "seisiun-publish",
        &[
            "seisiun-functions",
            "seisiun-lambda",
            "seisiun-workflows",
            "seisiun-contracts",
            "seisiun-domain",
            "seisiun-feeds",
            "seisiun-preview",
            "seisiun-site",
        ],
    ),
    // Stand-ins speak the wire protocols of AWS and know nothing of us.
    ("seisiun-local", &[]),
    // From outside, as a client would; an operator's bulk import, which writes
    // as the functions do; and what it counts of them, for the cost model.
    (
        "seisiun-e2e",
        &[
            "seisiun-contracts",
            "seisiun-domain",
            "seisiun-workflows",
            "seisiun-aws",
            "seisiun-feeds",
            "seisiun-ops",
        ],
    ),
    // Reads templates and counts, and no code.
    ("seisiun-ops", &[]),
    // A leaf, so that it can be replaced.
    ("seisiun-site", &["seisiun-contracts", "seisiun-domain"]),
    ("seisiun-site-glue", &[]),
    // Measures what is pure.
    ("seisiun-bench", &["seisiun-domain", "seisiun-photo"]),
    // Compiled before anything else on a new machine, with what needs no more.
    ("xtask", &["seisiun-ops"]),
];

/// The folders of programs. Only libraries' tests are compiled, so a test in one
/// of these would never run.
const PROGRAMS: [&str; 6] = [
    "benches/src/bin",
    "e2e/src/bin",
    "functions/handlers/src/bin",
    "functions/publish/src/bin",
    "local/src/bin",
    "workflows/replay/src/bin",
];

#[test]
fn programs_are_wiring_and_have_no_tests() {
    for folder in PROGRAMS {
        for entry in std::fs::read_dir(project::root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(!text.contains("#[test]"), "{}: move them to the library", path.display());
        }
    }
}

/// The crates that run without AWS.
const CORE: [&str; 8] = [
    "seisiun-domain",
    "seisiun-photo",
    "seisiun-mail",
    "seisiun-feeds",
    "seisiun-preview",
    "seisiun-text",
    "seisiun-workflows",
    "seisiun-contracts",
];

/// What the core must not see, however deep.
const SHELL: [&str; 5] = ["aws-", "axum", "hyper", "lambda_", "reqwest"];

/// What each package depends on, by name, tests and build scripts of others
/// left out.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The packages of this workspace, and what every package depends on.
fn metadata() -> (BTreeSet<String>, Graph) {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // What is compiled for Linux; packages of other systems need not be here.
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &target])
        .current_dir(project::root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: BTreeMap<&str, &str> = items(&json["packages"])
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let members = items(&json["workspace_members"]).map(|id| names[text(id)].to_owned()).collect();
    let mut graph = Graph::new();
    for node in items(&json["resolve"]["nodes"]) {
        let normal = items(&node["deps"])
            .filter(|dep| items(&dep["dep_kinds"]).any(|kind| kind["kind"].is_null()));
        graph
            .entry(names[text(&node["id"])].to_owned())
            .or_default()
            .extend(normal.map(|dep| names[text(&dep["pkg"])].to_owned()));
    }
    (members, graph)
}

fn items(json: &Value) -> impl Iterator<Item = &Value> {
    json.as_array().into_iter().flatten()
}

fn text(json: &Value) -> &str {
    json.as_str().unwrap()
}

/// Every arrow that should not be there.
fn wrong_arrows(members: &BTreeSet<String>, graph: &Graph) -> Vec<String> {
    let mut wrong = Vec::new();
    for member in members {
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| name == member) else {
            wrong.push(format!("{member} is new: say in ARROWS what it may depend on"));
            continue;
        };
        for dependency in graph.get(member).into_iter().flatten() {
            if members.contains(dependency) && !allowed.contains(&dependency.as_str()) {
                wrong.push(format!("{member} may not depend on {dependency}"));
            }
        }
    }
    for (gone, _) in ARROWS.iter().filter(|(name, _)| !members.contains(*name)) {
        wrong.push(format!("{gone} is no crate of ours: take it out of ARROWS"));
    }
    wrong
}

/// Every way from the core to what it must not see.
fn leaks(graph: &Graph) -> Vec<String> {
    let mut leaks = Vec::new();
    for core in CORE {
        let mut seen = BTreeSet::from([core]);
        let mut open = vec![(core, core.to_owned())];
        while let Some((name, way)) = open.pop() {
            for dependency in graph.get(name).into_iter().flatten() {
                let way = format!("{way} → {dependency}");
                if SHELL.iter().any(|prefix| dependency.starts_with(prefix)) {
                    leaks.push(way);
                } else if seen.insert(dependency) {
                    open.push((dependency, way));
                }
            }
        }
    }
    leaks
}

#[test]
fn arrows_point_inwards() {
    let (members, graph) = metadata();
    let wrong = wrong_arrows(&members, &graph);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_core_runs_without_aws() {
    let (_, graph) = metadata();
    // The graph reaches that far: an adapter does see the SDK.
    assert!(graph["seisiun-aws"].iter().any(|name| name.starts_with("aws-sdk-")));
    let leaks = leaks(&graph);
    assert!(leaks.is_empty(), "\n{}", leaks.join("\n"));
}

#[test]
fn a_wrong_arrow_is_found() {
    let (members, graph) = metadata();
    let with = |from: &str, to: &str| {
        let mut graph = graph.clone();
        graph.entry(from.to_owned()).or_default().insert(to.to_owned());
        graph
    };
    for (from, to) in [
        ("seisiun-domain", "seisiun-workflows"),
        ("seisiun-workflows", "seisiun-contracts"),
        ("seisiun-workflows", "seisiun-aws"),
        ("seisiun-contracts", "seisiun-workflows"),
        ("seisiun-lambda", "seisiun-domain"),
        ("seisiun-local", "seisiun-domain"),
        ("xtask", "seisiun-domain"),
    ] {
        assert!(!wrong_arrows(&members, &with(from, to)).is_empty(), "{from} → {to}");
    }
    for (from, to) in [
        ("seisiun-domain", "aws-sdk-dynamodb"),
        ("thiserror", "lambda_runtime"),
        ("serde_json", "axum"),
    ] {
        assert!(!leaks(&with(from, to)).is_empty(), "{from} → {to}");
    }
    let mut fewer = members.clone();
    fewer.remove("seisiun-mail");
    assert!(!wrong_arrows(&fewer, &graph).is_empty());
    let mut more = members;
    more.insert("seisiun-new".into());
    assert!(!wrong_arrows(&more, &graph).is_empty());
}
