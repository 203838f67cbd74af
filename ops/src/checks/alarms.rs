//! Alarms: that each can ring and reach somebody, and that nothing is without.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Catalogue, Violation, closed, many, pipeline::EDGE_REGION, region_of, silent, texts};
use crate::estate::{Estate, NESTED_NAME, Placed};

const ALARM: &str = "AWS::CloudWatch::Alarm";
const COMPOSITE: &str = "AWS::CloudWatch::CompositeAlarm";
/// Who can own an alarm.
const OWNERS: [&str; 5] = ["on-call", "moderation", "mail", "security", "cost"];

/// What has its metrics in one region, wherever it is.
const OF_EDGE: [&str; 3] = ["AWS/CertificateManager", "AWS/CloudFront", "AWS/WAFV2"];

/// Parts of the names of alarms that look at the whole account.
const OF_ACCOUNT: [&str; 4] = ["-account-", "-concurrency-", "-classifier-", "-table-account-"];

/// A metric that an alarm looks at.
struct Looked<'a> {
    namespace: &'a str,
    name: &'a str,
    dimensions: BTreeMap<&'a str, &'a str>,
}

fn looked_at<'a>(alarm: &Placed<'a>) -> Vec<Looked<'a>> {
    let properties = &alarm.resource.properties;
    let one = |metric: &'a Json| Looked {
        namespace: metric["Namespace"].as_str().unwrap_or_default(),
        name: metric["MetricName"].as_str().unwrap_or_default(),
        dimensions: many(&metric["Dimensions"])
            .into_iter()
            .filter_map(|one| Some((one["Name"].as_str()?, one["Value"].as_str()?)))
            .collect(),
    };
    let within = many(&properties["Metrics"]);
    let mut all: Vec<Looked<'a>> = within
        .into_iter()
        .filter(|query| query.get("MetricStat").is_some())
        .map(|query| one(&query["MetricStat"]["Metric"]))
        .collect();
    if properties.get("MetricName").is_some() {
        all.push(one(properties));
    }
    all
}

/// Metrics are real, their dimensions those that they are published under, and
/// what these name is there.
pub(super) fn each_can_ring(estate: &Estate, catalogue: &Catalogue) -> Vec<Violation> {
    let names = Names::of(estate);
    let mut found = Vec::new();
    for alarm in estate.of(&[ALARM]) {
        let looked = looked_at(&alarm);
        if looked.is_empty() {
            found.push(Violation::new(&alarm, "it looks at no metric"));
        }
        for metric in looked {
            let Looked { namespace, name, dimensions } = metric;
            match catalogue.get(namespace).and_then(|known| known.get(name)) {
                None => found.push(Violation::new(
                    &alarm,
                    format!("nobody publishes {namespace} {name}: see ops/metrics.yaml"),
                )),
                Some(known) => {
                    let set: Vec<&str> = dimensions.keys().copied().collect();
                    let name_of_alarm = alarm.text("AlarmName");
                    let of_account = OF_ACCOUNT.iter().any(|part| name_of_alarm.contains(part));
                    if set.is_empty() && known.dimensions.len() > 1 && !of_account {
                        let what =
                            format!("{namespace} {name} without dimensions is the account's");
                        found.push(Violation::new(&alarm, what));
                    }
                    if !known.dimensions.iter().any(|allowed| *allowed == set) {
                        let what = format!("{namespace} {name} is not published under {set:?}");
                        found.push(Violation::new(&alarm, what));
                    }
                }
            }
            for why in names.wrong(namespace, &dimensions) {
                found.push(Violation::new(&alarm, why));
            }
            let at_edge = OF_EDGE.contains(&namespace);
            if at_edge && alarm.stack.region != EDGE_REGION {
                let what = format!("{namespace} has its metrics in {EDGE_REGION} only");
                found.push(Violation::new(&alarm, what));
            }
            if let Some(region) = names.region(&dimensions)
                && !at_edge
                && region != alarm.stack.region
            {
                let what = format!("{namespace} {name} is in {region}, where no alarm looks");
                found.push(Violation::new(&alarm, what));
            }
        }
        found.extend(arithmetic(&alarm));
    }
    found
}

/// The parts of a calculation are there, and one of them is what is compared.
fn arithmetic(alarm: &Placed<'_>) -> Vec<Violation> {
    let queries = many(&alarm.resource.properties["Metrics"]);
    let mut found = Vec::new();
    if queries.is_empty() {
        return found;
    }
    let ids: BTreeSet<&str> = queries.iter().filter_map(|query| query["Id"].as_str()).collect();
    let threshold = alarm.resource.properties["ThresholdMetricId"].as_str();
    let returned = queries.iter().filter(|query| query["ReturnData"] != false).count();
    // An anomaly's band and its metric are both returned.
    let expected = if threshold.is_some() { 2 } else { 1 };
    if returned != expected {
        let what = format!("{returned} of its metrics are returned, not {expected}");
        found.push(Violation::new(alarm, what));
    }
    if threshold.is_some_and(|id| !ids.contains(id)) {
        found.push(Violation::new(alarm, "ThresholdMetricId names no metric of its own"));
    }
    let mut used: BTreeSet<&str> = threshold.into_iter().collect();
    for query in &queries {
        let Some(expression) = query["Expression"].as_str() else { continue };
        // Ids begin with a small letter, functions with a large one.
        for word in expression.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
            if !word.starts_with(|c: char| c.is_ascii_lowercase()) {
                continue;
            }
            if ids.contains(word) {
                used.insert(word);
            } else {
                found.push(Violation::new(
                    alarm,
                    format!("its expression uses {word}, which is not there"),
                ));
            }
        }
        if expression.contains("METRICS()") {
            used.extend(&ids);
        }
    }
    for query in &queries {
        let id = query["Id"].as_str().unwrap_or_default();
        if query["ReturnData"] == false && !used.contains(id) {
            found.push(Violation::new(alarm, format!("its metric {id} is used by nothing")));
        }
    }
    found
}

/// What dimensions can name.
struct Names {
    by_dimension: BTreeMap<&'static str, BTreeSet<String>>,
    indexes: BTreeSet<(String, String)>,
    filters: BTreeSet<(String, String)>,
    stacks: BTreeSet<String>,
    /// Where that is which a dimension names.
    regions: BTreeMap<String, String>,
}

impl Names {
    fn of(estate: &Estate) -> Self {
        let references = |kind: &'static str| -> BTreeSet<String> {
            estate.of(&[kind]).map(|one| one.reference()).collect()
        };
        let attributes = |kind: &'static str, name: &str| -> BTreeSet<String> {
            let named = |one: Placed<'_>| match one.text(name) {
                "" => one.attribute(name),
                own => own.to_owned(),
            };
            estate.of(&[kind]).map(named).collect()
        };
        let machines = references("AWS::StepFunctions::StateMachine");
        let workflows = machines.iter().filter_map(|arn| {
            let name = arn.rsplit(':').next()?;
            Some(name.split_once('-').map_or(name, |(_, rest)| rest).to_owned())
        });
        let topics = estate.of(&["AWS::SNS::Topic"]).map(|one| one.token()).collect();
        let mut indexes = BTreeSet::new();
        for table in estate.of(&["AWS::DynamoDB::Table"]) {
            for index in many(&table.resource.properties["GlobalSecondaryIndexes"]) {
                if let Some(name) = index["IndexName"].as_str() {
                    indexes.insert((table.reference(), name.to_owned()));
                }
            }
        }
        let mut filters = BTreeSet::new();
        for bucket in estate.of(&["AWS::S3::Bucket"]) {
            for filter in many(&bucket.resource.properties["MetricsConfigurations"]) {
                if let Some(id) = filter["Id"].as_str() {
                    filters.insert((bucket.reference(), id.to_owned()));
                }
            }
        }
        Self {
            by_dimension: BTreeMap::from([
                ("FunctionName", references("AWS::Lambda::Function")),
                ("Workflow", workflows.collect()),
                ("StateMachineArn", machines),
                ("TableName", references("AWS::DynamoDB::Table")),
                ("ApiId", references("AWS::ApiGatewayV2::Api")),
                ("QueueName", attributes("AWS::SQS::Queue", "QueueName")),
                ("RuleName", references("AWS::Events::Rule")),
                ("UserPool", references("AWS::Cognito::UserPool")),
                ("UserPoolClient", references("AWS::Cognito::UserPoolClient")),
                ("TopicName", topics),
                ("BucketName", references("AWS::S3::Bucket")),
                ("DistributionId", references("AWS::CloudFront::Distribution")),
                ("CertificateArn", references("AWS::CertificateManager::Certificate")),
                ("WebACL", attributes("AWS::WAFv2::WebACL", "Name")),
            ]),
            indexes,
            filters,
            stacks: estate.stacks.iter().map(|stack| stack.name.clone()).collect(),
            regions: estate
                .all()
                .flat_map(|one| {
                    let names = [one.reference(), one.attribute("QueueName")];
                    names.map(|name| (name, one.stack.region.clone()))
                })
                .collect(),
        }
    }

    /// Where that is which these dimensions name; none where it is no resource.
    fn region(&self, dimensions: &BTreeMap<&str, &str>) -> Option<&str> {
        dimensions.values().find_map(|value| self.regions.get(*value)).map(String::as_str)
    }

    /// What of these dimensions names nothing.
    fn wrong(&self, namespace: &str, dimensions: &BTreeMap<&str, &str>) -> Vec<String> {
        let mut wrong = Vec::new();
        for (dimension, value) in dimensions {
            let value = (*value).to_owned();
            let known = match *dimension {
                "Stack" => self.stacks.contains(&value),
                "GlobalSecondaryIndexName" => {
                    let table = dimensions.get("TableName").copied().unwrap_or_default().to_owned();
                    self.indexes.contains(&(table, value.clone()))
                }
                "FilterId" => {
                    let bucket =
                        dimensions.get("BucketName").copied().unwrap_or_default().to_owned();
                    self.filters.contains(&(bucket, value.clone()))
                }
                name => match self.by_dimension.get(name) {
                    Some(names) => names.contains(&value),
                    // What is no resource of ours: an operation, a service's own word.
                    None => !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric()),
                },
            };
            if !known {
                wrong.push(format!("{namespace}: there is no {dimension} {value} in this stage"));
            }
        }
        wrong
    }
}

/// An alarm acts on a topic that lets it; one that is part of a composite leaves
/// that to the composite.
pub(super) fn each_reaches_somebody(estate: &Estate) -> Vec<Violation> {
    let composites: Vec<Placed<'_>> = estate.of(&[COMPOSITE]).collect();
    let alarm_names: BTreeSet<String> =
        estate.of(&[ALARM, COMPOSITE]).map(|one| one.text("AlarmName").to_owned()).collect();
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for alarm in estate.of(&[ALARM, COMPOSITE]) {
        let name = alarm.text("AlarmName");
        if name.is_empty() || !seen.insert(name.to_owned()) {
            found.push(Violation::new(&alarm, format!("its name {name:?} is empty or another's")));
        }
        if alarm.resource.properties["ActionsEnabled"] == false {
            found.push(Violation::new(&alarm, "its actions are off"));
        }
        let actions = texts(&alarm.resource.properties["AlarmActions"]);
        if let Some(whole) = alarm.resource.metadata["Alarm"]["PartOf"].as_str() {
            let holds = composites.iter().any(|one| {
                one.text("AlarmName").ends_with(whole) && mentions(one.text("AlarmRule"), name)
            });
            if !holds {
                found.push(Violation::new(&alarm, format!("no composite {whole} looks at it")));
            }
            continue;
        }
        if actions.is_empty() {
            found.push(Violation::new(&alarm, "it tells nobody: give it AlarmActions"));
        }
        for topic in actions {
            if let Some(why) = silent(estate, topic, "cloudwatch.amazonaws.com") {
                found.push(Violation::new(&alarm, why));
            }
            if region_of(topic) != alarm.stack.region {
                found.push(Violation::new(&alarm, format!("{topic} is in another region")));
            }
        }
    }
    for composite in &composites {
        for name in mentioned(composite.text("AlarmRule")) {
            if !alarm_names.contains(name) {
                found.push(Violation::new(
                    composite,
                    format!("its rule names {name}, which is no alarm here"),
                ));
            }
        }
        if mentioned(composite.text("AlarmRule")).is_empty() {
            found.push(Violation::new(composite, "its rule names no alarm"));
        }
    }
    found
}

/// The alarms that a composite's rule names: `ALARM("name")`, `ALARM(name)`.
fn mentioned(rule: &str) -> Vec<&str> {
    rule.split('(')
        .skip(1)
        .filter_map(|part| part.split(')').next())
        .map(|name| name.trim().trim_matches('"'))
        .filter(|name| !name.is_empty() && !name.contains(' '))
        .collect()
}

fn mentions(rule: &str, name: &str) -> bool {
    mentioned(rule).contains(&name)
}

/// A budget tells a topic that lets it.
pub(super) fn budgets_tell_somebody(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    for budget in estate.of(&["AWS::Budgets::Budget"]) {
        let notices = many(&budget.resource.properties["NotificationsWithSubscribers"]);
        if notices.is_empty() {
            found.push(Violation::new(&budget, "it tells nobody"));
        }
        for subscriber in notices.iter().flat_map(|notice| many(&notice["Subscribers"])) {
            let topic = subscriber["Address"].as_str().unwrap_or_default();
            if let Some(why) = silent(estate, topic, "budgets.amazonaws.com") {
                found.push(Violation::new(&budget, why));
            }
        }
    }
    found
}

/// Who is rung up finds out what for, why then, and what to do.
pub(super) fn each_is_explained(estate: &Estate, runbooks: &BTreeSet<String>) -> Vec<Violation> {
    let mut found = Vec::new();
    for alarm in estate.of(&[ALARM, COMPOSITE]) {
        let about = &alarm.resource.metadata["Alarm"];
        let description = alarm.text("AlarmDescription");
        let runbook = description.split_whitespace().find(|word| word.starts_with("ops/runbooks/"));
        let runbook = runbook.unwrap_or_default().trim_end_matches('.');
        if !runbooks.contains(runbook) {
            found.push(Violation::new(
                &alarm,
                format!("its description names no runbook: {runbook:?}"),
            ));
        }
        if !about["Owner"].as_str().is_some_and(|owner| OWNERS.contains(&owner)) {
            found.push(Violation::new(
                &alarm,
                format!("nobody owns it: say who of {OWNERS:?} in Metadata"),
            ));
        }
        if about["Why"].as_str().is_none_or(|why| why.trim().is_empty()) {
            found.push(Violation::new(
                &alarm,
                "Metadata does not say why its threshold is what it is",
            ));
        }
        let is_plain = alarm.resource.kind == ALARM;
        if is_plain && alarm.text("TreatMissingData").is_empty() {
            found.push(Violation::new(&alarm, "say what missing data means: TreatMissingData"));
        }
        let number = |name: &str| alarm.resource.properties[name].as_u64();
        if is_plain && number("DatapointsToAlarm") > number("EvaluationPeriods") {
            found.push(Violation::new(&alarm, "it wants more data points than it looks at"));
        }
    }
    found
}

/// What must have an alarm, by its type, and the dimension that names it.
const WATCHED: [(&str, &str); 10] = [
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::StepFunctions::StateMachine", "StateMachineArn"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::ApiGatewayV2::Api", "ApiId"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::Cognito::UserPool", "UserPool"),
    ("AWS::CloudFront::Distribution", "DistributionId"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::CertificateManager::Certificate", "CertificateArn"),
    ("AWS::WAFv2::WebACL", "WebACL"),
];

/// What needs none, by its template and name, and why.
const UNWATCHED: &[(&str, &str, &str)] = &[
    ("ops/account.yaml", "SecurityTopic", "it tells of events that are in the trail as well"),
    (
        "ops/delivery.yaml",
        "MissingPages",
        "only the other distribution asks it, whose errors count",
    ),
    ("ops/edge.yaml", "OnCallTopic", "whoever looks after it would be told by it"),
    ("pipeline.yaml", "Alerts", "what it could not deliver is in a queue that is watched"),
];

/// Every function, machine, table with its indexes, API, queue, pool, topic,
/// distribution, web ACL, certificate and schedule is looked at by an alarm, but
/// for an application that has none: a developer's.
pub(super) fn nothing_goes_without(estate: &Estate) -> Vec<Violation> {
    let alarms: Vec<Placed<'_>> = estate.of(&[ALARM]).collect();
    let has_alarms = estate.stacks.iter().any(|stack| stack.template == "ops/alarms.yaml");
    let of_application =
        |stack: &str, template: &str| template == "template.yaml" || stack.contains(NESTED_NAME);
    let must =
        |one: &Placed<'_>| has_alarms || !of_application(&one.stack.name, &one.stack.template);
    let looked: Vec<Looked<'_>> = alarms.iter().flat_map(looked_at).collect();
    let is_watched = |dimension: &str, value: &str| {
        looked.iter().any(|metric| metric.dimensions.get(dimension) == Some(&value))
    };
    let mut found = Vec::new();
    for (kind, dimension) in WATCHED {
        for resource in estate.of(&[kind]).filter(must) {
            let excused = UNWATCHED.iter().any(|(template, id, _)| {
                *template == resource.stack.template && *id == resource.id
            });
            if excused {
                continue;
            }
            let name = match dimension {
                "WebACL" => resource.text("Name").to_owned(),
                "QueueName" if resource.text("QueueName").is_empty() => {
                    resource.attribute("QueueName")
                }
                "QueueName" => resource.text("QueueName").to_owned(),
                "TopicName" => resource.token(),
                _ => resource.reference(),
            };
            if !is_watched(dimension, &name) {
                found.push(Violation::new(
                    &resource,
                    format!("no alarm looks at it, by {dimension}"),
                ));
            }
            for index in many(&resource.resource.properties["GlobalSecondaryIndexes"]) {
                let index = index["IndexName"].as_str().unwrap_or_default();
                if !is_watched("GlobalSecondaryIndexName", index) {
                    found.push(Violation::new(
                        &resource,
                        format!("no alarm looks at its index {index}"),
                    ));
                }
            }
        }
    }
    for rule in estate.of(&["AWS::Events::Rule"]).filter(must) {
        let scheduled = !rule.text("ScheduleExpression").is_empty();
        if scheduled
            && rule.stack.template == "template.yaml"
            && !is_watched("RuleName", &rule.reference())
        {
            found.push(Violation::new(&rule, "no alarm looks at this schedule"));
        }
    }
    found
}

/// Somebody is subscribed to each topic; what can't be delivered to them is let
/// into the queue that keeps it.
pub(super) fn topics_have_listeners(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    let has_alarms = estate.stacks.iter().any(|stack| stack.template == "ops/alarms.yaml");
    let subscriptions: Vec<Placed<'_>> = estate.of(&["AWS::SNS::Subscription"]).collect();
    for topic in estate.of(&["AWS::SNS::Topic"]) {
        let own = topic.stack.template == "template.yaml";
        let heard = subscriptions.iter().any(|one| one.text("TopicArn") == topic.reference());
        if !heard && (has_alarms || !own) {
            found.push(Violation::new(&topic, "nobody is subscribed to it"));
        }
    }
    for one in &subscriptions {
        let told = one.text("TopicArn");
        if !estate.of(&["AWS::SNS::Topic"]).any(|topic| topic.reference() == told) {
            found.push(Violation::new(one, format!("{told} is no topic here")));
        }
        let dead = one.resource.properties["RedrivePolicy"]["deadLetterTargetArn"].as_str();
        let Some(dead) = dead else { continue };
        let queue = estate.of(&["AWS::SQS::Queue"]).find(|queue| queue.attribute("Arn") == dead);
        let why = match queue {
            None => Some(format!("{dead} is no queue here")),
            Some(queue) => closed(estate, &queue, "sns.amazonaws.com"),
        };
        found.extend(why.map(|why| Violation::new(one, why)));
    }
    found
}
