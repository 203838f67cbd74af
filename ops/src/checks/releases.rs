//! Releases: new code comes by a canary, and alarms end it.

use std::collections::BTreeSet;

use super::{Violation, many, texts};
use crate::estate::Estate;

/// What the translation calls the alias and the canary of one function.
const ALIAS: &str = "Aliaslive";
const CANARY: &str = "DeploymentGroup";

/// Where there are alarms, every alias is moved by a canary that they end. A name
/// that is no alarm's counts as one that is well, for CodeDeploy.
pub(super) fn canaries_end_on_alarms(estate: &Estate) -> Vec<Violation> {
    let alarms: BTreeSet<String> = estate
        .of(&["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"])
        .filter(|alarm| alarm.stack.template == "ops/alarms.yaml")
        .map(|alarm| alarm.reference())
        .collect();
    let mut found = Vec::new();
    let mut moved = BTreeSet::new();
    for canary in estate.of(&["AWS::CodeDeploy::DeploymentGroup"]) {
        moved.insert(canary.id.trim_end_matches(CANARY).to_owned());
        let properties = &canary.resource.properties;
        let watch = &properties["AlarmConfiguration"];
        let names = many(&watch["Alarms"]);
        if names.is_empty() || watch["Enabled"] != true {
            found.push(Violation::new(&canary, "no alarm ends it"));
        }
        for name in names {
            let name = name["Name"].as_str().unwrap_or_default();
            if !alarms.contains(name) {
                found.push(Violation::new(&canary, format!("{name} is no alarm")));
            }
        }
        let back = &properties["AutoRollbackConfiguration"];
        let is_back =
            back["Enabled"] == true && texts(&back["Events"]).contains(&"DEPLOYMENT_STOP_ON_ALARM");
        if !is_back {
            found.push(Violation::new(&canary, "an alarm ends it and takes nothing back"));
        }
    }
    if !alarms.is_empty() {
        for alias in estate.of(&["AWS::Lambda::Alias"]) {
            if !moved.contains(alias.id.trim_end_matches(ALIAS)) {
                found.push(Violation::new(&alias, "a release moves it at once: no canary"));
            }
        }
    }
    found
}
