//! The templates as they are, held to every check, stage by stage; and broken
//! copies of them, each of which must be found.
//!
//! `SEISIUN_PYTHON` names a Python with `aws-sam-translator`; `cargo xtask test
//! estate` sets it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod mutations;
mod templates;

use std::collections::{BTreeMap, BTreeSet};

use seisiun_ops::checks::violations;
use templates::{STAGES, estate, knowledge, raw, templates};

#[test]
fn every_stage_holds_what_it_should() {
    let templates = templates();
    let mut all = Vec::new();
    for stage in STAGES {
        let estate = estate(&templates, stage, "eu-west-1").unwrap_or_else(|errors| {
            panic!("{stage} can't be resolved:\n{}", errors.join("\n"));
        });
        let found = violations(&estate, &knowledge(stage));
        all.extend(found.into_iter().map(|one| format!("{stage}: {one}")));
    }
    assert!(all.is_empty(), "{} violations:\n{}", all.len(), all.join("\n"));
}

#[test]
fn nothing_is_tied_to_a_region_an_account_or_a_name() {
    let templates = templates();
    for stage in STAGES {
        let there = estate(&templates, stage, "eu-central-1").unwrap();
        let here = estate(&templates, stage, "eu-west-1").unwrap();
        assert_eq!(there.all().count(), here.all().count());
        for one in there.all() {
            let text = one.resource.properties.to_string();
            assert!(!text.contains("eu-west-1"), "{}: {text}", one.place());
        }
    }
    // Account ids, and regions other than CloudFront's own where that is the point.
    for (path, text) in raw() {
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('#') || line.starts_with("Description:") {
                continue;
            }
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            for word in words {
                let is_account = word.len() == 12 && word.bytes().all(|b| b.is_ascii_digit());
                assert!(!is_account, "{path}:{}: an account: {line}", n + 1);
                let parts: Vec<&str> = word.split('-').collect();
                let is_region = matches!(parts.as_slice(), [area, side, number]
                    if ["us", "eu", "ap", "sa", "ca", "me", "af", "il"].contains(area)
                        && side.len() > 3
                        && number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit()));
                assert!(!is_region || word == "us-east-1", "{path}:{}: a region: {line}", n + 1);
            }
        }
    }
}

/// A stage has these and no other: what is added or lost is seen.
#[test]
fn each_stage_has_exactly_its_resources() {
    let templates = templates();
    let mut stages = BTreeMap::new();
    for stage in STAGES {
        let estate = estate(&templates, stage, "eu-west-1").unwrap();
        let mut stacks: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for one in estate.all() {
            let kinds = stacks.entry(one.stack.template.clone()).or_default();
            // SAM names a version by its code.
            let id = if one.resource.kind == "AWS::Lambda::Version" { "…" } else { one.id };
            kinds.entry(one.resource.kind.clone()).or_default().insert(id.to_owned());
        }
        stages.insert(stage, stacks);
    }
    insta::assert_json_snapshot!("resources", stages);
}
