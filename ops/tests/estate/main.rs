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

mod forgotten;
mod mutations;
mod templates;

use std::collections::{BTreeMap, BTreeSet};

use seisiun_ops::checks::{privilege::NOT_OF_FUNCTIONS, violations};
use templates::{ESTATES, HEALTH, calls, estate, knowledge, raw, templates};

#[test]
fn every_estate_holds_what_it_should() {
    let templates = templates();
    let mut all = Vec::new();
    for stage in ESTATES {
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
    for stage in ESTATES {
        let there = estate(&templates, stage, "eu-central-1").unwrap();
        let here = estate(&templates, stage, "eu-west-1").unwrap();
        assert_eq!(there.all().count(), here.all().count());
        for one in there.all() {
            let text = one.resource.properties.to_string();
            assert!(!text.contains("eu-west-1"), "{}: {text}", one.place());
        }
    }
    // Account ids, and regions: CloudFront's own stands where an operator may give
    // another, or as what is asked of what they give.
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
                let of_edge = word == "us-east-1"
                    && ["Default:", "AllowedPattern:", "comment:"]
                        .iter()
                        .any(|start| line.starts_with(start));
                assert!(!is_region || of_edge, "{path}:{}: a region: {line}", n + 1);
            }
        }
    }
}

/// The pipeline waits for an alarm that Prod has: one that is not there counts as
/// quiet.
#[test]
fn releases_are_held_to_an_alarm_that_is_there() {
    let prod = estate(&templates(), "prod", "eu-west-1").unwrap();
    let alarms = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
    assert!(prod.of(&alarms).any(|alarm| alarm.text("AlarmName") == HEALTH), "no {HEALTH}");
}

/// An estate has these and no other: what is added or lost is seen.
#[test]
fn each_estate_has_exactly_its_resources() {
    let templates = templates();
    let mut stages = BTreeMap::new();
    for stage in ESTATES {
        let estate = estate(&templates, stage, "eu-west-1").unwrap();
        let mut stacks: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for one in estate.all() {
            // The account's own stack is in two regions, and not the same in both.
            let place = match one.stack.region.as_str() {
                "eu-west-1" => one.stack.template.clone(),
                region => format!("{} in {region}", one.stack.template),
            };
            let kinds = stacks.entry(place).or_default();
            // SAM names a version by its code.
            let id = if one.resource.kind == "AWS::Lambda::Version" { "…" } else { one.id };
            kinds.entry(one.resource.kind.clone()).or_default().insert(id.to_owned());
        }
        stages.insert(stage, stacks);
    }
    insta::assert_json_snapshot!("resources", stages);
}

/// Adapters that ask nothing of AWS: one renders, the other is a clock.
const WITHOUT_AWS: [&str; 2] = ["seisiun_publish::SitePages::", "seisiun_functions::SystemClock::"];

/// The calls that roles are held against are all that there are: none is lost on
/// the way from `main` to the SDK.
#[test]
fn every_call_in_the_code_is_found() {
    let calls = calls();
    let excused = |name: &str| NOT_OF_FUNCTIONS.iter().any(|(known, _)| name.starts_with(known));
    let lost: Vec<_> = calls.unreached.iter().filter(|name| !excused(name)).collect();
    assert!(lost.is_empty(), "these make calls, and no function gets to them: {lost:#?}");
    for (known, _) in NOT_OF_FUNCTIONS {
        let still = calls.unreached.iter().any(|name| name.starts_with(known));
        assert!(still, "{known} is called by a function, or gone");
    }
    let (native, silent): (Vec<_>, Vec<_>) =
        calls.silent.iter().partition(|name| WITHOUT_AWS.iter().any(|own| name.starts_with(own)));
    for own in WITHOUT_AWS {
        let silent = native.iter().any(|name| name.starts_with(own));
        assert!(silent, "{own} calls AWS, or is gone");
    }
    assert!(silent.is_empty(), "adapters without a call: {silent:#?}");
    // So many are there that an empty graph can't pass.
    assert!(calls.binaries.values().map(BTreeSet::len).sum::<usize>() > 100, "{calls:#?}");
}
