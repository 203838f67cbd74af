//! Broken copies of the templates, made by rule from every place that a rule
//! fits. Each must be found, or be listed here with the reason why it can't be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use seisiun_ops::{
    checks::{Knowledge, violations},
    estate::{Estate, Templates},
};
use serde_json::{Value as Json, json};

use crate::templates::{STAGES, estate, knowledge, templates};

/// A way into a template.
type Path = Vec<String>;

/// A broken copy.
struct Mutant {
    class: &'static str,
    place: String,
    templates: Templates,
}

/// Every place in a value, with what stands there.
fn places(value: &Json) -> Vec<(Path, &Json)> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), value)];
    while let Some((path, value)) = open.pop() {
        let step = |key: String| -> Path { path.iter().cloned().chain([key]).collect() };
        match value {
            Json::Object(all) => open.extend(all.iter().map(|(key, one)| (step(key.clone()), one))),
            Json::Array(all) => {
                open.extend(all.iter().enumerate().map(|(n, one)| (step(n.to_string()), one)));
            }
            _ => {}
        }
        found.push((path, value));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn at<'a>(value: &'a mut Json, path: &[String]) -> &'a mut Json {
    path.iter().fold(value, |at, key| match at {
        Json::Array(all) => &mut all[key.parse::<usize>().unwrap()],
        other => &mut other[key.as_str()],
    })
}

fn remove(value: &mut Json, path: &[String]) {
    let (last, parent) = path.split_last().unwrap();
    match at(value, parent) {
        Json::Array(all) => {
            all.remove(last.parse().unwrap());
        }
        Json::Object(all) => {
            all.remove(last);
        }
        _ => unreachable!("nothing is in a plain value"),
    }
}

/// Makes the mutants of a class.
struct Nursery<'a> {
    templates: &'a Templates,
    mutants: Vec<Mutant>,
}

impl Nursery<'_> {
    /// Of the application and the stacks that it nests: at each place that fits,
    /// one copy with that place changed.
    fn breed(
        &mut self,
        class: &'static str,
        fits: impl Fn(&[String], &Json, &Json) -> bool,
        change: impl Fn(&mut Json, &[String]),
    ) {
        let nested = [
            "template.yaml",
            "ops/alarms.yaml",
            "ops/delivery.yaml",
            "ops/mail.yaml",
            "ops/protection.yaml",
            "ops/cost.yaml",
        ];
        for file in nested {
            let template = &*self.templates.0[file];
            for (path, value) in places(template) {
                // The kind of the resource that the place is in.
                let kind = match path.as_slice() {
                    [resources, id, ..] if resources == "Resources" => {
                        template["Resources"][id]["Type"].clone()
                    }
                    _ => Json::Null,
                };
                if !fits(&path, value, &kind) {
                    continue;
                }
                let mut broken = template.clone();
                change(&mut broken, &path);
                if broken == *template {
                    continue;
                }
                self.mutants.push(Mutant {
                    class,
                    place: format!("{file} {}", path.join(".")),
                    templates: self.templates.with(file, broken),
                });
            }
        }
    }
}

fn ends(path: &[String], end: &[&str]) -> bool {
    path.len() >= end.len()
        && path[path.len() - end.len()..]
            .iter()
            .zip(end)
            .all(|(is, wanted)| *wanted == "?" || is == wanted)
}

const ALARM: &str = "AWS::CloudWatch::Alarm";

#[allow(clippy::too_many_lines, reason = "a list")]
fn mutants(templates: &Templates) -> Vec<Mutant> {
    let resources: BTreeSet<String> =
        templates.0["template.yaml"]["Resources"].as_object().unwrap().keys().cloned().collect();
    let mut nursery = Nursery { templates, mutants: Vec::new() };
    let n = &mut nursery;
    let put = |value: Json| move |all: &mut Json, path: &[String]| *at(all, path) = value.clone();
    n.breed(
        "dead metric",
        |path, _, kind| *kind == ALARM && ends(path, &["MetricName"]),
        |all, path| {
            let name = at(all, path);
            *name = json!(format!("{}s", name.as_str().unwrap()));
        },
    );
    n.breed(
        "dead namespace",
        |path, _, kind| *kind == ALARM && ends(path, &["Namespace"]),
        |all, path| {
            let name = at(all, path);
            *name =
                json!(name.as_str().unwrap().replace("AWS/", "Aws/").replace("Seisiun", "seisiun"));
        },
    );
    n.breed(
        "wrong dimension",
        |path, _, kind| *kind == ALARM && ends(path, &["Dimensions", "?", "Name"]),
        put(json!("Function")),
    );
    n.breed(
        "dimension that names nothing",
        |path, _, kind| {
            *kind == ALARM && ends(path, &["Dimensions", "?", "Value"])
                // What is no name of a resource is not known here.
                && !path.iter().any(|key| key == "Operation")
        },
        |all, path| {
            let value = at(all, path).clone();
            *at(all, path) = json!({ "Fn::Sub": ["${is}-gone", { "is": value }] });
        },
    );
    n.breed(
        "missing dimension",
        |path, _, kind| *kind == ALARM && ends(path, &["Dimensions", "0"]),
        remove,
    );
    n.breed(
        "alarm that tells nobody",
        |path, value, _| {
            ends(path, &["AlarmActions"]) && value.as_array().is_some_and(|all| !all.is_empty())
        },
        put(json!([])),
    );
    n.breed(
        "alarm that tells a topic that is not there",
        |path, _, _| ends(path, &["AlarmActions", "0"]),
        put(json!({ "Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:nobody" })),
    );
    n.breed(
        "alarm without a runbook",
        |path, _, _| ends(path, &["AlarmDescription"]),
        |all, path| {
            let text = at(all, path).to_string().replace("ops/runbooks/", "ops/runbook/");
            *at(all, path) = serde_json::from_str(&text).unwrap();
        },
    );
    n.breed(
        "alarm without an owner",
        |path, _, _| ends(path, &["Metadata", "Alarm", "Owner"]),
        put(json!("somebody")),
    );
    n.breed(
        "alarm that is gone",
        |path, value, _| path.len() == 2 && value["Type"] == ALARM,
        remove,
    );
    n.breed(
        "broken calculation",
        |path, _, kind| *kind == ALARM && ends(path, &["Metrics", "?", "Id"]),
        |all, path| {
            // What is returned is named by nothing.
            let (_, query) = path.split_last().unwrap();
            if at(all, query)["ReturnData"] != false {
                return;
            }
            let id = at(all, path);
            *id = json!(format!("{}x", id.as_str().unwrap()));
        },
    );
    n.breed(
        "returned twice or not at all",
        |path, _, kind| *kind == ALARM && ends(path, &["Metrics", "?", "ReturnData"]),
        |all, path| {
            let is = at(all, path);
            *is = json!(!is.as_bool().unwrap());
        },
    );
    n.breed(
        "publisher missing in a topic's policy or key",
        |path, value, kind| {
            (*kind == "AWS::SNS::TopicPolicy" || *kind == "AWS::KMS::Key")
                && path.iter().any(|key| key == "Service")
                && value.as_str().is_some_and(|service| {
                    ["cloudwatch.amazonaws.com", "events.amazonaws.com"].contains(&service)
                })
        },
        put(json!("nobody.amazonaws.com")),
    );
    n.breed(
        "publisher that may not do what it must",
        |path, _, kind| {
            (*kind == "AWS::SNS::TopicPolicy" || *kind == "AWS::KMS::Key")
                && ends(path, &["Effect"])
        },
        put(json!("Deny")),
    );
    n.breed(
        "inverted condition",
        |path, _, _| path.len() == 2 && path[0] == "Conditions",
        |all, path| {
            let condition = at(all, path).clone();
            *at(all, path) = json!({ "Fn::Not": [condition] });
        },
    );
    n.breed(
        "event pattern that misses",
        |path, value, kind| {
            *kind == "AWS::Events::Rule"
                && path.iter().any(|key| key == "EventPattern")
                && value.is_string()
                && path.last().is_some_and(|key| key.parse::<usize>().is_ok())
        },
        put(json!("SOMETHING_ELSE")),
    );
    n.breed(
        "event pattern that takes too much",
        |path, value, kind| {
            *kind == "AWS::Events::Rule"
                && path.iter().any(|key| key == "EventPattern")
                && value.is_array()
        },
        put(json!([{ "exists": true }])),
    );
    n.breed(
        "rule whose losses are lost",
        |path, _, kind| *kind == "AWS::Events::Rule" && ends(path, &["DeadLetterConfig"]),
        remove,
    );
    n.breed(
        "widened action",
        |path, value, kind| {
            *kind == "AWS::IAM::Role"
                && path.iter().any(|key| key == "Policies")
                && value.is_string()
                && (ends(path, &["Action"]) || ends(path, &["Action", "?"]))
        },
        |all, path| {
            let action = at(all, path);
            *action = json!(format!("{}:*", action.as_str().unwrap().split(':').next().unwrap()));
        },
    );
    n.breed(
        "widened resource",
        |path, value, kind| {
            *kind == "AWS::IAM::Role"
                && path.iter().any(|key| key == "Policies")
                && ends(path, &["Resource"])
                && *value != "*"
        },
        put(json!("*")),
    );
    n.breed(
        "route that asks nobody",
        |path, value, _| ends(path, &["AuthorizationType"]) && *value == "JWT",
        put(json!("NONE")),
    );
    n.breed(
        "route that takes any token",
        |path, _, _| ends(path, &["AuthorizationScopes"]),
        put(json!([])),
    );
    n.breed(
        "backup or test that leaves something out",
        |path, _, kind| {
            (*kind == "AWS::Backup::BackupSelection" && ends(path, &["Resources"]))
                || (*kind == "AWS::Backup::RestoreTestingSelection"
                    && ends(path, &["ProtectedResourceArns"]))
                || (*kind == "AWS::Backup::BackupPlan"
                    && (ends(path, &["CopyActions"]) || ends(path, &["DeleteAfterDays"])))
        },
        remove,
    );
    for (class, property) in [
        ("store without its protection", "PublicAccessBlockConfiguration"),
        ("store without its protection", "BucketEncryption"),
        ("store without its protection", "PointInTimeRecoverySpecification"),
        ("store without its protection", "SSESpecification"),
        ("store without its protection", "DeletionProtectionEnabled"),
        ("store without its protection", "DeletionProtection"),
        ("key that is never rotated", "EnableKeyRotation"),
        ("log that is kept for ever", "RetentionInDays"),
        ("log that is not encrypted", "KmsKeyId"),
        ("queue or topic that is not encrypted", "SqsManagedSseEnabled"),
        ("queue or topic that is not encrypted", "KmsMasterKeyId"),
    ] {
        n.breed(
            class,
            move |path, _, _| path.len() == 4 && path[0] == "Resources" && ends(path, &[property]),
            remove,
        );
    }
    n.breed(
        "bucket that takes what comes without TLS",
        |path, value, kind| {
            *kind == "AWS::S3::BucketPolicy" && value["Effect"] == "Deny" && path.len() > 4
        },
        remove,
    );
    n.breed(
        "nested stack that is given something else",
        |path, value, kind| {
            // What an operator gives can be anything.
            let of_ours = value.get("Fn::GetAtt").is_some()
                || value["Ref"].as_str().is_some_and(|name| resources.contains(name));
            *kind == "AWS::CloudFormation::Stack"
                && path.len() == 5
                && path[3] == "Parameters"
                && of_ours
        },
        put(json!("something-else")),
    );
    n.breed(
        "nested stack that is gone",
        |path, value, _| path.len() == 2 && value["Type"] == "AWS::CloudFormation::Stack",
        remove,
    );
    nursery.mutants
}

/// Whether anything is wrong with it in any stage.
fn is_found(templates: &Templates, known: &[Known]) -> bool {
    // Prod first: it has most.
    known.iter().rev().any(|known| match estate(templates, known.stage, "eu-west-1") {
        Err(_) => true,
        Ok(estate) => {
            present(&estate) != known.resources || !violations(&estate, &known.knowledge).is_empty()
        }
    })
}

/// A stage, what is in it and what it is held against.
struct Known {
    stage: &'static str,
    /// As the snapshot of resources has them.
    resources: BTreeSet<String>,
    knowledge: Knowledge,
}

fn present(estate: &Estate) -> BTreeSet<String> {
    estate.all().map(|one| one.place()).collect()
}

/// Mutants of a class that are tried every day, spread evenly over its places;
/// all of them if `SEISIUN_ALL_MUTANTS` is set.
const PER_CLASS: usize = 30;

/// The mutants that are tried in this run.
fn chosen(all: Vec<Mutant>) -> Vec<Mutant> {
    if std::env::var_os("SEISIUN_ALL_MUTANTS").is_some() {
        return all;
    }
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for mutant in &all {
        *sizes.entry(mutant.class).or_default() += 1;
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let spread = |mutant: &Mutant| {
        let size = sizes[mutant.class];
        let n = seen.entry(mutant.class).or_default();
        *n += 1;
        // As often as the line n * PER_CLASS / size takes a step.
        size <= PER_CLASS || *n * PER_CLASS / size > (*n - 1) * PER_CLASS / size
    };
    let mut spread = spread;
    all.into_iter().filter(|mutant| spread(mutant)).collect()
}

/// Share of the mutants of all classes that must be found, in percent.
const LEAST: usize = 95;

#[test]
fn broken_copies_are_found() {
    let templates = templates();
    let mutants = chosen(mutants(&templates));
    let known = STAGES.map(|stage| {
        let resources = present(&estate(&templates, stage, "eu-west-1").unwrap());
        Known { stage, resources, knowledge: knowledge(stage) }
    });
    assert!(!is_found(&templates, &known), "mend the templates first");
    let next = AtomicUsize::new(0);
    let found: Vec<(usize, bool)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..std::thread::available_parallelism().map_or(2, Into::into))
            .map(|_| {
                scope.spawn(|| {
                    let mut found = Vec::new();
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let Some(mutant) = mutants.get(n) else { break };
                        found.push((n, is_found(&mutant.templates, &known)));
                    }
                    found
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let mut classes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut survivors = BTreeSet::new();
    for (n, well) in found {
        let mutant = &mutants[n];
        let class = classes.entry(mutant.class).or_default();
        class.0 += 1;
        if well {
            class.1 += 1;
        } else {
            survivors.insert(format!("{}: {}", mutant.class, mutant.place));
        }
    }
    let (all, killed) =
        classes.values().fold((0, 0), |sum, class| (sum.0 + class.0, sum.1 + class.1));
    let mut table = String::from("| class | mutants | found |\n|---|---:|---:|\n");
    for (class, (all, killed)) in &classes {
        writeln!(table, "| {class} | {all} | {killed} |").unwrap();
    }
    writeln!(table, "| all | {all} | {killed} |").unwrap();
    println!("{table}");
    for survivor in &survivors {
        println!("survived: {survivor}");
    }
    assert!(all >= 100 && classes.len() >= 12, "{all} mutants of {} classes", classes.len());
    assert!(killed * 100 >= all * LEAST, "{killed} of {all} found");
}
