//! What must hold of a stage. Each check is a function from an estate to what is
//! wrong in it, so that the same ones look at the real templates and at broken
//! copies of them.

mod access;
mod account;
mod alarms;
mod events;
pub mod pipeline;
pub mod privilege;
mod references;
mod releases;
mod storage;
mod uploads;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Deserialize;
use serde_json::Value as Json;

use crate::{
    calls::Calls,
    estate::{Estate, Placed},
};

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Template and resource.
    pub place: String,
    /// What, and what to do.
    pub what: String,
}

impl Violation {
    fn new(placed: &Placed<'_>, what: impl Into<String>) -> Self {
        Self { place: placed.place(), what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A metric of CloudWatch's.
#[derive(Debug, Clone, Deserialize)]
pub struct Metric {
    /// The sets of dimensions under which it is published, each sorted.
    pub dimensions: Vec<Vec<String>>,
}

/// Namespaces, and their metrics: `ops/metrics.yaml`.
pub type Catalogue = BTreeMap<String, BTreeMap<String, Metric>>;

/// What an estate is held against.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// What can be alarmed on.
    pub catalogue: Catalogue,
    /// Runbooks that exist, by their path.
    pub runbooks: BTreeSet<String>,
    /// Events as AWS sends them, by name.
    pub events: BTreeMap<String, Json>,
    /// What each rule must match of them and no more, by the rule's name without
    /// its stack's.
    pub matches: BTreeMap<String, BTreeSet<String>>,
    /// What the code of each function calls.
    pub calls: Calls,
    /// Definitions of state machines, by their path.
    pub definitions: BTreeMap<String, Json>,
    /// What the pipeline's builds follow, by their path.
    pub instructions: BTreeSet<String>,
    /// What the pipeline gives each stage, by their path.
    pub configurations: BTreeMap<String, Json>,
}

/// Every check, the quick ones first.
const CHECKS: &[fn(&Estate, &Knowledge) -> Vec<Violation>] = &[
    |estate, _| alarms::each_reaches_somebody(estate),
    |estate, knowledge| alarms::each_is_explained(estate, &knowledge.runbooks),
    |estate, knowledge| alarms::each_can_ring(estate, &knowledge.catalogue),
    |estate, _| alarms::nothing_goes_without(estate),
    |estate, _| alarms::topics_have_listeners(estate),
    |estate, _| alarms::budgets_tell_somebody(estate),
    events::rules_match_what_they_are_for,
    |estate, _| events::targets_can_be_reached(estate),
    |estate, _| storage::what_is_kept_is_safe(estate),
    |estate, _| storage::keys_open_for_who_must(estate),
    |estate, _| storage::tables_are_backed_up(estate),
    |estate, _| releases::canaries_end_on_alarms(estate),
    |estate, _| uploads::nobody_reads_what_is_not_clean(estate),
    |estate, _| access::origins_are_ours(estate),
    |estate, _| access::routes_ask_who_is_there(estate),
    |estate, _| access::roles_allow_no_more(estate),
    privilege::functions_may_what_they_call,
    privilege::machines_may_what_they_call,
    |estate, _| privilege::rules_may_what_they_start(estate),
    |estate, _| privilege::roles_are_taken(estate),
    |estate, _| account::roles_stay_within(estate),
    |estate, _| account::nobody_is_blind(estate),
    pipeline::stages_come_in_order,
    |estate, _| pipeline::notices_reach_somebody(estate),
    |estate, _| references::policies_are_of_their_own(estate),
    |estate, _| references::stacks_hand_on_what_is_there(estate),
    |estate, _| references::policies_name_what_is_there(estate),
    |estate, _| references::settings_name_what_is_there(estate),
];

/// Everything that is wrong with an estate.
#[must_use]
pub fn violations(estate: &Estate, knowledge: &Knowledge) -> Vec<Violation> {
    let mut found: Vec<Violation> =
        CHECKS.iter().flat_map(|check| check(estate, knowledge)).collect();
    found.sort();
    found.dedup();
    found
}

/// Whether nothing is; quicker than to ask for all.
#[must_use]
pub fn is_sound(estate: &Estate, knowledge: &Knowledge) -> bool {
    CHECKS.iter().all(|check| check(estate, knowledge).is_empty())
}

/// The items of a value that may be one or many.
fn many(value: &Json) -> Vec<&Json> {
    match value {
        Json::Array(all) => all.iter().collect(),
        Json::Null => Vec::new(),
        one => vec![one],
    }
}

/// The texts of a value that may be one or many.
fn texts(value: &Json) -> Vec<&str> {
    many(value).into_iter().filter_map(Json::as_str).collect()
}

/// Whether an action is one of what a statement names, wildcards and all.
fn names_action(statement: &Json, action: &str) -> bool {
    texts(&statement["Action"]).into_iter().any(|named| {
        named == action || named.strip_suffix('*').is_some_and(|start| action.starts_with(start))
    })
}

/// Whether a resource policy lets a service of AWS do all of these.
fn lets(policy: &Json, service: &str, actions: &[&str]) -> bool {
    actions.iter().all(|action| {
        many(&policy["Statement"]).into_iter().any(|statement| {
            statement["Effect"] == "Allow"
                && texts(&statement["Principal"]["Service"]).contains(&service)
                && names_action(statement, action)
        })
    })
}

/// Why a service can't send to a queue; nothing if it can.
fn closed(estate: &Estate, queue: &Placed<'_>, service: &str) -> Option<String> {
    let policies = estate.of(&["AWS::SQS::QueuePolicy"]);
    let mut own = policies.filter(|one| {
        texts(&one.resource.properties["Queues"]).contains(&queue.reference().as_str())
    });
    let opens = |one: Placed<'_>| {
        lets(&one.resource.properties["PolicyDocument"], service, &["sqs:SendMessage"])
    };
    if !own.any(opens) {
        return Some(format!("the policy of {} does not let {service} send", queue.id));
    }
    let key = queue.text("KmsMasterKeyId");
    if key.is_empty() {
        return None;
    }
    let keys = estate.of(&["AWS::KMS::Key"]);
    let Some(key) = keys.into_iter().find(|one| key == one.attribute("Arn") || key == one.token())
    else {
        return Some(format!("{} is encrypted with a key that is not here", queue.id));
    };
    let needs = ["kms:Decrypt", "kms:GenerateDataKey"];
    (!lets(&key.resource.properties["KeyPolicy"], service, &needs))
        .then(|| format!("the key {} does not let {service} in", key.id))
}

/// The region of an ARN.
fn region_of(arn: &str) -> &str {
    arn.split(':').nth(3).unwrap_or_default()
}

/// Why a service can't publish on a topic; nothing if it can.
fn silent(estate: &Estate, topic: &str, service: &str) -> Option<String> {
    let Some(found) = estate.of(&["AWS::SNS::Topic"]).find(|one| one.reference() == topic) else {
        return Some(format!("{topic} is no topic of this stage"));
    };
    let policies = estate.of(&["AWS::SNS::TopicPolicy"]);
    let mut own = policies.filter(|one| texts(&one.resource.properties["Topics"]).contains(&topic));
    let policy = |one: Placed<'_>| {
        lets(&one.resource.properties["PolicyDocument"], service, &["sns:Publish"])
    };
    if !own.any(policy) {
        return Some(format!("the policy of {} does not let {service} publish", found.id));
    }
    let key = found.text("KmsMasterKeyId");
    let keys = estate.of(&["AWS::KMS::Key"]);
    let Some(key) = keys.into_iter().find(|one| key == one.attribute("Arn") || key == one.token())
    else {
        return Some(format!("{} is not encrypted with a key of ours", found.id));
    };
    let needs = ["kms:Decrypt", "kms:GenerateDataKey"];
    if !lets(&key.resource.properties["KeyPolicy"], service, &needs) {
        return Some(format!("the key {} does not let {service} in", key.id));
    }
    None
}
