//! The running API held against its own document by schemathesis: no server
//! error, no answer that the document does not name, nothing accepted that it
//! forbids and nothing refused that it allows; signed in and not.
//!
//! `SEISIUN_EXAMPLES` sets how many examples are made up at least per operation,
//! beside those that cover its schema.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeMap, path::Path, process::Stdio};

use futures::{StreamExt, stream};
use seisiun_contracts::api::operations::{Asker, Operation, operations};
use seisiun_e2e::{Person, Stack};
use serde_json::Value;
use tokio::process::Command;
use ulid::Ulid;

/// Examples per operation at least, if nothing else is asked for.
const EXAMPLES: u64 = 12;
/// Examples of an operation asked by somebody who is not let in. Every one is
/// refused before anything of it is looked at: what the schema holds is covered
/// by those who are.
const REFUSED_EXAMPLES: u64 = 4;
/// Always the same examples.
const SEED: &str = "20261124";
/// Runs at a time: the functions have two cores to share.
const AT_A_TIME: usize = 2;
/// Examples of a group of operations at least.
const PER_GROUP: u64 = 200;

/// Operations that are asked in one run by somebody who is not let in: starting
/// the program takes longer than asking a few examples of one.
const REFUSED_AT_ONCE: usize = 12;
/// What such runs are counted as.
const REFUSED: &str = "Refused";

/// One run of schemathesis.
struct Run {
    operations: Vec<Operation>,
    /// Whose token it carries; empty for nobody's.
    token: String,
    who: &'static str,
    /// Whether they may ask it.
    admitted: bool,
}

impl Run {
    /// Whether there is anything to make up that is looked at.
    fn takes_input(&self) -> bool {
        self.admitted
            && self.operations.iter().any(|Operation { body, query, in_path, .. }| {
                body.is_some() || query.is_some() || !in_path.is_empty()
            })
    }

    fn group(&self) -> &'static str {
        match (self.admitted, self.operations.as_slice()) {
            (true, [operation, ..]) => operation.group.name(),
            _ => REFUSED,
        }
    }
}

/// What came of it.
struct Outcome {
    what: String,
    group: &'static str,
    generated: u64,
    well: bool,
    said: String,
}

async fn run(program: &Path, url: &str, examples: u64, run: Run) -> Outcome {
    let group = run.group();
    let Run { operations, token, who, admitted } = run;
    let (phases, examples) = if admitted {
        ("examples,coverage,fuzzing", examples)
    } else {
        ("examples,fuzzing", REFUSED_EXAMPLES)
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let mut command = Command::new(program);
    command
        .current_dir(folder.path())
        .arg("--config-file")
        .arg(root.join("schemathesis/schemathesis.toml"))
        .arg("run")
        .arg(root.join("../docs/openapi.json"))
        .args(["--url", url])
        .args(operations.iter().flat_map(|one| ["--include-operation-id", one.id]))
        .args(["--checks", "all", "--phases", phases])
        .args(["--seed", SEED, "--max-examples", &examples.to_string(), "--workers", "1"])
        .args(["--generation-database", "none", "--no-color", "--continue-on-failure"])
        .args(["--request-timeout", "30", "--report", "json", "--report-json-path"])
        .arg(&report)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if !token.is_empty() {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let output = command.output().await.expect("schemathesis runs");
    let report: Value = std::fs::read(&report)
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    Outcome {
        what: match operations.as_slice() {
            [one] => format!("{} {} as {who}", one.method, one.path),
            many => format!("{} operations as {who}", many.len()),
        },
        group,
        generated: report["test_cases"]["generated"].as_u64().unwrap_or_default(),
        well: output.status.success() && report["complete"] == true,
        said: String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_api_is_what_its_document_says() {
    let program = std::env::var_os("SEISIUN_SCHEMATHESIS")
        .expect("SEISIUN_SCHEMATHESIS is not set: run this with `cargo xtask test api`");
    let stack = Stack::from_env().await.unwrap();
    let tag = Ulid::generate().to_string().to_lowercase();
    let member = Person::sign_up(&stack, &format!("ann.{tag}"), &[]).await.unwrap();
    let moderator = Person::sign_up(&stack, &format!("mo.{tag}"), &["moderators"]).await.unwrap();
    // Who asks to be erased is nobody for whatever comes after.
    let leaver = Person::sign_up(&stack, &format!("eve.{tag}"), &[]).await.unwrap();
    let (mut runs, mut refused) = (Vec::new(), BTreeMap::new());
    for operation in operations() {
        let mut add = |token: &str, who, admitted: bool| {
            let token = token.to_owned();
            if admitted {
                let operations = vec![operation.clone()];
                runs.push(Run { operations, token, who, admitted });
            } else {
                let of = refused.entry((who, token)).or_insert_with(Vec::new);
                of.push(operation.clone());
            }
        };
        add("", "nobody", matches!(operation.asker, Asker::Anybody | Asker::OurPage));
        match operation.asker {
            Asker::Anybody | Asker::OurPage => {}
            Asker::Member if operation.id == "eraseMe" => {
                add(leaver.access_token(), "a member", true);
            }
            Asker::Member => add(member.access_token(), "a member", true),
            Asker::Moderator => {
                add(member.access_token(), "a member", false);
                add(moderator.access_token(), "a moderator", true);
            }
        }
    }
    for ((who, token), operations) in refused {
        for some in operations.chunks(REFUSED_AT_ONCE) {
            let (operations, token) = (some.to_vec(), token.clone());
            runs.push(Run { operations, token, who, admitted: false });
        }
    }
    let url = stack.url("").unwrap();
    let asked = std::env::var("SEISIUN_EXAMPLES").ok().map(|text| text.parse().expect("a number"));
    let least: u64 = asked.unwrap_or(EXAMPLES);
    // A group of few operations makes up more for each.
    let mut takers: BTreeMap<&str, u64> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.takes_input()) {
        *takers.entry(run.group()).or_default() += 1;
    }
    let outcomes: Vec<Outcome> = stream::iter(runs)
        .map(|one| {
            let share = takers.get(one.group()).map(|n| PER_GROUP / n + 1);
            run(program.as_ref(), &url, least.max(share.unwrap_or(0)), one)
        })
        .buffer_unordered(AT_A_TIME)
        .inspect(|outcome| {
            println!(
                "{:>5} examples, {}: {}",
                outcome.generated,
                if outcome.well { "well" } else { "FAILED" },
                outcome.what
            );
        })
        .collect()
        .await;
    let mut groups: BTreeMap<&str, u64> = BTreeMap::new();
    for outcome in &outcomes {
        *groups.entry(outcome.group).or_default() += outcome.generated;
    }
    println!("{} examples in all: {groups:?}", groups.values().sum::<u64>());
    let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.well).collect();
    for outcome in &failed {
        println!("\n==== {}\n{}", outcome.what, outcome.said);
    }
    assert!(failed.is_empty(), "{} runs failed, see above", failed.len());
    for (group, generated) in groups {
        // What takes no input has nothing to make up.
        let few = ["Service", REFUSED].contains(&group);
        assert!(generated >= PER_GROUP || few, "{group}: only {generated} examples");
    }
}
