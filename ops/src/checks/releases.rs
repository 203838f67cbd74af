//! Releases: new code comes by a canary, and alarms end it.

use std::collections::BTreeSet;

use super::{Violation, access::granted, many, texts};
use crate::estate::Estate;

/// What the translation calls the alias and the canary of one function.
const ALIAS: &str = "Aliaslive";
const CANARY: &str = "DeploymentGroup";

/// What CodeDeploy asks of the role that it takes. Source: the managed policy
/// AWSCodeDeployRoleForLambdaLimited, without what a deployment without hooks and
/// revisions in S3 has no use for.
const OF_CANARIES: [&str; 4] = [
    "cloudwatch:DescribeAlarms",
    "lambda:GetAlias",
    "lambda:GetProvisionedConcurrencyConfig",
    "lambda:UpdateAlias",
];

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
        let role = canary.text("ServiceRoleArn");
        let role = estate.of(&["AWS::IAM::Role"]).find(|one| one.attribute("Arn") == role);
        let Some(role) = role else {
            found.push(Violation::new(&canary, "its role is none of ours"));
            continue;
        };
        let granted: BTreeSet<&str> = granted(estate, &role)
            .into_iter()
            .flat_map(|statement| texts(&statement["Action"]))
            .collect();
        for action in OF_CANARIES.iter().filter(|action| !granted.contains(*action)) {
            found.push(Violation::new(&role, format!("a canary calls {action}: allow it")));
        }
        for action in granted.iter().filter(|action| !OF_CANARIES.contains(action)) {
            found.push(Violation::new(&role, format!("no canary calls {action}")));
        }
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
