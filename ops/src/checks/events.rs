//! Rules of EventBridge: what they match, and whether what they match arrives.

use std::collections::BTreeSet;

use super::{Knowledge, Violation, closed, many, silent};
use crate::{estate::Estate, pattern};

const RULE: &str = "AWS::Events::Rule";

/// A rule matches exactly those of the recorded events that it is there for.
pub(super) fn rules_match_what_they_are_for(
    estate: &Estate,
    knowledge: &Knowledge,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in estate.of(&[RULE]) {
        let Some(pattern) = rule.resource.properties.get("EventPattern") else { continue };
        for field in ["source", "detail-type"] {
            let named = many(&pattern[field]);
            if named.is_empty() || named.iter().any(|one| one.get("exists").is_some()) {
                found.push(Violation::new(&rule, format!("it does not name its {field}")));
            }
        }
        let name = rule.text("Name");
        let own = knowledge.matches.iter().find(|(known, _)| {
            name.strip_suffix(known.as_str()).is_some_and(|rest| rest.ends_with('-'))
        });
        let Some((_, expected)) = own else {
            let what = format!("ops/events/matches.json does not say what {name:?} must match");
            found.push(Violation::new(&rule, what));
            continue;
        };
        let mut matched = BTreeSet::new();
        for (event, content) in &knowledge.events {
            match pattern::matches(pattern, content) {
                Ok(true) => {
                    matched.insert(event.clone());
                }
                Ok(false) => {}
                Err(why) => {
                    found.push(Violation::new(&rule, why));
                    break;
                }
            }
        }
        if matched != *expected {
            let missing: Vec<_> = expected.difference(&matched).collect();
            let extra: Vec<_> = matched.difference(expected).collect();
            let what = format!("it misses {missing:?} and takes {extra:?} as well");
            found.push(Violation::new(&rule, what));
        }
    }
    found
}

/// A rule has a target, which lets it in; what can't be handed over is kept.
pub(super) fn targets_can_be_reached(estate: &Estate) -> Vec<Violation> {
    let topics: BTreeSet<String> =
        estate.of(&["AWS::SNS::Topic"]).map(|topic| topic.reference()).collect();
    let queues: BTreeSet<String> =
        estate.of(&["AWS::SQS::Queue"]).map(|queue| queue.attribute("Arn")).collect();
    let mut found = Vec::new();
    for rule in estate.of(&[RULE]) {
        let targets = many(&rule.resource.properties["Targets"]);
        if targets.is_empty() || rule.resource.properties["State"] == "DISABLED" {
            found.push(Violation::new(&rule, "it has no target, or is off"));
        }
        for target in targets {
            let arn = target["Arn"].as_str().unwrap_or_default();
            if topics.contains(arn)
                && let Some(why) = silent(estate, arn, "events.amazonaws.com")
            {
                found.push(Violation::new(&rule, why));
            }
            if let Some(queue) =
                estate.of(&["AWS::SQS::Queue"]).find(|one| one.attribute("Arn") == arn)
                && let Some(why) = closed(estate, &queue, "events.amazonaws.com")
            {
                found.push(Violation::new(&rule, why));
            }
            let dead = target["DeadLetterConfig"]["Arn"].as_str().unwrap_or_default();
            if !queues.contains(dead) {
                found.push(Violation::new(
                    &rule,
                    "what it can't hand over is lost: DeadLetterConfig",
                ));
            }
        }
    }
    found
}
