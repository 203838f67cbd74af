//! The golden payloads: `golden/<State>.<input|output>.v<n>[.<case>].json`.
//!
//! An approval may wait for weeks while code changes, so what was released
//! stays readable: a change of a wire type adds `v<n+1>` files, and never edits
//! or removes the older ones.

use std::collections::BTreeSet;

use seisiun_contracts::task::{AwaitDecisionOutput, SendBatchInput};
use seisiun_domain::limits;
use seisiun_workflows::fan_out::Page;
use serde_json::Value;

use crate::{
    project,
    registry::{WIRES, wire},
    simulate::PAYLOAD_BYTES_MAX,
    state_machines::every,
};

const FOLDER: &str = "workflows/contracts/tests/golden";

/// One released payload.
#[derive(Debug, Clone)]
pub(crate) struct Golden {
    pub(crate) file: String,
    pub(crate) wire: String,
    pub(crate) side: String,
    pub(crate) version: u32,
    /// What it is an example of, where a type has several.
    pub(crate) case: String,
    pub(crate) json: Value,
}

/// All of them, in the order of their names.
pub(crate) fn load() -> Vec<Golden> {
    let mut names: Vec<String> = std::fs::read_dir(project::root().join(FOLDER))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.iter().map(|name| read(name)).collect()
}

fn read(file: &str) -> Golden {
    let parts: Vec<&str> = file.split('.').collect();
    let (wire, side, version, case) = match parts.as_slice() {
        [wire, side, version, "json"] => (wire, side, version, ""),
        [wire, side, version, case, "json"] => (wire, side, version, *case),
        _ => panic!("{file} is not named <State>.<input|output>.v<n>[.<case>].json"),
    };
    let version = version.strip_prefix('v').and_then(|digits| digits.parse().ok());
    let text = project::read(&format!("{FOLDER}/{file}"));
    Golden {
        file: file.to_owned(),
        wire: (*wire).to_owned(),
        side: (*side).to_owned(),
        version: version.unwrap_or_else(|| panic!("{file} names no version")),
        case: case.to_owned(),
        json: serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}")),
    }
}

/// The examples of one side of a task, newest version alone.
pub(crate) fn newest<'a>(goldens: &'a [Golden], wire: &str, side: &str) -> Vec<&'a Golden> {
    let of = |golden: &&Golden| golden.wire == wire && golden.side == side;
    let newest = goldens.iter().filter(of).map(|golden| golden.version).max();
    goldens.iter().filter(of).filter(|golden| Some(golden.version) == newest).collect()
}

#[test]
fn every_released_payload_still_parses() {
    let goldens = load();
    for golden in &goldens {
        let Golden { file, wire: name, side, .. } = golden;
        let ty = wire(name)
            .and_then(|wire| wire.side(side))
            .unwrap_or_else(|| panic!("{file}: tests/contract/registry.rs has no such wire type"));
        let again = (ty.rewrite)(&golden.json)
            .unwrap_or_else(|error| panic!("{file} was released and must stay readable: {error}"));
        if newest(&goldens, name, side).iter().any(|newest| newest.file == *file) {
            assert_eq!(again, golden.json, "{file} is not what is written today: add a version");
        }
    }
}

#[test]
fn every_wire_type_and_every_tag_has_a_golden() {
    let goldens = load();
    for wire in WIRES {
        for (side, ty) in [("input", wire.input), ("output", wire.output)] {
            let examples = newest(&goldens, wire.name, side);
            assert_eq!(
                ty.is_some(),
                !examples.is_empty(),
                "{FOLDER}/{}.{side}.v1.json: one for each wire type",
                wire.name
            );
        }
        if let Some(tag) = wire.tag {
            let shown: BTreeSet<_> = newest(&goldens, wire.name, "output")
                .iter()
                .map(|golden| golden.json[tag.field].as_str().unwrap())
                .collect();
            let all: BTreeSet<_> = tag.tags.iter().copied().collect();
            assert_eq!(shown, all, "{}: one golden output for each tag", wire.name);
        }
    }
}

/// The registry is complete because the source says so.
#[test]
fn every_wire_type_is_in_the_registry() {
    let source = project::read("workflows/contracts/src/task.rs");
    let declared: BTreeSet<String> = source
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| word.ends_with("Input") || word.ends_with("Output"))
        .filter(|word| !["Input", "Output"].contains(word))
        .map(str::to_owned)
        .collect();
    let known: BTreeSet<String> = WIRES
        .iter()
        .flat_map(|wire| {
            let input = wire.input.map(|_| format!("{}Input", wire.name));
            let output = wire.output.map(|_| format!("{}Output", wire.name));
            input.into_iter().chain(output)
        })
        .collect();
    assert_eq!(declared, known, "src/task.rs and tests/contract/registry.rs");
}

#[test]
fn a_payload_with_as_many_photos_as_are_allowed_is_small() {
    let goldens = load();
    let most = newest(&goldens, "ValidateSubmission", "output")
        .into_iter()
        .filter_map(|golden| golden.json["photos"].as_array().map(Vec::len))
        .max();
    assert_eq!(most, Some(limits::PHOTOS_MAX), "show a golden with PHOTOS_MAX photos");
    for golden in goldens {
        let bytes = golden.json.to_string().len();
        assert!(bytes < PAYLOAD_BYTES_MAX, "{}: {bytes} bytes", golden.file);
    }
}

/// A line of the manifest is written by one crate and read by another.
#[test]
fn a_line_of_the_manifest_is_the_input_of_a_batch() {
    let goldens = load();
    let lines = newest(&goldens, "SendBatch", "input");
    assert!(!lines.is_empty());
    for line in lines {
        let page: Page = serde_json::from_value(line.json.clone()).unwrap();
        let written = serde_json::to_value(&page).unwrap();
        assert_eq!(written, line.json, "{}", line.file);
        serde_json::from_value::<SendBatchInput>(written).unwrap();
    }
}

/// The moderators' API answers the waiting state with what it expects.
#[test]
fn a_decision_is_what_the_waiting_state_is_answered() {
    use seisiun_domain::case::{Decision, Measure, Reason};
    use seisiun_workflows::carry_out::decision_output;
    for measure in every!(Measure: Approve, Reject) {
        let decision = Decision {
            measure,
            reason: Reason::InOrder,
            note: String::new(),
            moderator: Some("moderator".parse().unwrap()),
            decided_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        };
        serde_json::from_value::<AwaitDecisionOutput>(decision_output(&decision)).unwrap();
    }
}
