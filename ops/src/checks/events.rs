//! Rules of EventBridge: what they match, and whether what they match arrives.

use std::collections::BTreeSet;

use super::{Knowledge, Violation, closed, many, region_of, silent};
use crate::{estate::Estate, pattern};

const RULE: &str = "AWS::Events::Rule";

/// Rules on what CloudTrail records of several services, each with a source of its
/// own: who is called stands within.
const OF_ANY_SOURCE: [&str; 2] = ["GuardTouchedEvents", "RootUsedEvents"];

/// Rules without a queue for what can't be handed over: the trail and the record of
/// configurations have what they tell of, and a queue in an account's own stack
/// would have nobody who looks at it.
const WITHOUT_QUEUE: &str = "ops/account.yaml";

/// A rule matches exactly those of the recorded events that it is there for.
pub(super) fn rules_match_what_they_are_for(
    estate: &Estate,
    knowledge: &Knowledge,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in estate.of(&[RULE]) {
        let Some(pattern) = rule.resource.properties.get("EventPattern") else { continue };
        for field in ["source", "detail-type"] {
            if field == "source" && OF_ANY_SOURCE.contains(&rule.id) {
                continue;
            }
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
            if arn.contains(":sns:")
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
            if rule.stack.region != region_of(arn) && arn.starts_with("arn:") {
                found.push(Violation::new(&rule, format!("{arn} is in another region")));
            }
            let dead = target["DeadLetterConfig"]["Arn"].as_str().unwrap_or_default();
            if !queues.contains(dead) && rule.stack.template != WITHOUT_QUEUE {
                found.push(Violation::new(
                    &rule,
                    "what it can't hand over is lost: DeadLetterConfig",
                ));
            }
        }
    }
    found
}
