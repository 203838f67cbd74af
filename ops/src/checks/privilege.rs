//! What roles allow, held against what whoever takes them does: a function's code
//! ([`crate::calls`]), a state machine's definition, a rule's targets. An action
//! too many is one that an intruder has; one too few is a failure in production.
//!
//! What no call states, or a call states that never happens, stands in one of the
//! tables below with its reason. What the code can't even call is no exception any
//! more: such an entry of `NEVER` is wrong, too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{Knowledge, Violation, many, texts};
use crate::{
    calls::Call,
    estate::{Estate, Placed},
};

/// Of an SDK's call: its actions.
///
/// Sources: the Service Authorization Reference, "Actions, resources, and
/// condition keys" of each service; for transactions "Using IAM with DynamoDB
/// transactions"; for Rekognition "Images stored in an Amazon S3 bucket".
const ACTIONS: &[(&str, &str, &[&str])] = &[
    ("dynamodb", "get_item", &["dynamodb:GetItem"]),
    ("dynamodb", "put_item", &["dynamodb:PutItem"]),
    ("dynamodb", "update_item", &["dynamodb:UpdateItem"]),
    ("dynamodb", "delete_item", &["dynamodb:DeleteItem"]),
    ("dynamodb", "query", &["dynamodb:Query"]),
    ("dynamodb", "batch_get_item", &["dynamodb:BatchGetItem"]),
    ("dynamodb", "batch_write_item", &["dynamodb:BatchWriteItem"]),
    // A transaction asks for the actions of its items.
    ("dynamodb", "transact_write_items", &[]),
    ("dynamodb", "types::Put", &["dynamodb:PutItem"]),
    ("dynamodb", "types::Update", &["dynamodb:UpdateItem"]),
    ("dynamodb", "types::Delete", &["dynamodb:DeleteItem"]),
    ("dynamodb", "types::ConditionCheck", &["dynamodb:ConditionCheckItem"]),
    // Without the second S3 calls a missing object a forbidden one.
    ("s3", "head_object", &["s3:GetObject", "s3:ListBucket"]),
    ("s3", "get_object", &["s3:GetObject", "s3:ListBucket"]),
    ("s3", "get_object_tagging", &["s3:GetObjectTagging"]),
    ("s3", "put_object", &["s3:PutObject"]),
    ("s3", "copy_object", &["s3:GetObject", "s3:PutObject"]),
    ("s3", "delete_object", &["s3:DeleteObject"]),
    ("s3", "delete_objects", &["s3:DeleteObject"]),
    ("s3", "list_objects_v2", &["s3:ListBucket"]),
    // The form of an upload is signed by hand, by the name of who signs.
    ("sigv4", "generate_signing_key", &["s3:PutObject"]),
    ("sigv4", "calculate_signature", &[]),
    // It reads the image with the caller's right.
    (
        "rekognition",
        "detect_moderation_labels",
        &["rekognition:DetectModerationLabels", "s3:GetObject"],
    ),
    ("ses", "send_raw_email", &["ses:SendRawEmail"]),
    ("sns", "publish", &["sns:Publish"]),
    ("sqs", "send_message_batch", &["sqs:SendMessage"]),
    ("sqs", "receive_message", &["sqs:ReceiveMessage"]),
    ("sqs", "delete_message_batch", &["sqs:DeleteMessage"]),
    ("sfn", "start_execution", &["states:StartExecution"]),
    ("sfn", "describe_execution", &["states:DescribeExecution"]),
    ("sfn", "send_task_success", &["states:SendTaskSuccess"]),
    ("secretsmanager", "get_secret_value", &["secretsmanager:GetSecretValue"]),
    ("cognitoidentityprovider", "admin_delete_user", &["cognito-idp:AdminDeleteUser"]),
    // By an access token or an app client's id: not signed, so that no policy is asked.
    ("cognitoidentityprovider", "change_password", &[]),
    ("cognitoidentityprovider", "complete_web_authn_registration", &[]),
    ("cognitoidentityprovider", "confirm_forgot_password", &[]),
    ("cognitoidentityprovider", "confirm_sign_up", &[]),
    ("cognitoidentityprovider", "delete_web_authn_credential", &[]),
    ("cognitoidentityprovider", "forgot_password", &[]),
    ("cognitoidentityprovider", "get_tokens_from_refresh_token", &[]),
    ("cognitoidentityprovider", "get_user", &[]),
    ("cognitoidentityprovider", "global_sign_out", &[]),
    ("cognitoidentityprovider", "initiate_auth", &[]),
    ("cognitoidentityprovider", "list_web_authn_credentials", &[]),
    ("cognitoidentityprovider", "resend_confirmation_code", &[]),
    ("cognitoidentityprovider", "respond_to_auth_challenge", &[]),
    ("cognitoidentityprovider", "revoke_token", &[]),
    ("cognitoidentityprovider", "sign_up", &[]),
    ("cognitoidentityprovider", "start_web_authn_registration", &[]),
];

/// What an SDK client builds that is data and no call: no entry is asked for.
const DATA: &str = "types::";

/// What every function's role allows, whatever its code calls: Lambda itself
/// writes the function's log in its name.
const OF_EVERY_FUNCTION: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

/// What a function's role allows where Lambda takes messages from a queue for it.
const OF_QUEUED: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];

/// What a function's role allows where Lambda traces it, and nowhere else.
const OF_TRACED: [&str; 2] = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// What may stand beside an action, and why.
const BESIDE: &[(&str, &str, &str)] =
    &[("kms:Decrypt", "secretsmanager:GetSecretValue", "the secret has a key of ours")];

/// What a function's code can call by its calls alone and never does, so that its
/// role does not allow it.
const NEVER: &[(&str, &[&str], &str)] = &[
    ("moderator-api", LOOKS, "submit looks at a submission's photos, and a withdrawal has none"),
    ("public-api", LOOKS, "submit looks at a submission's photos, and a notice has none"),
    ("resolve-notice", LOOKS, "submit looks at a submission's photos, and a withdrawal has none"),
];
/// To look whether an object is there.
const LOOKS: &[&str] = &["s3:ListBucket"];

/// Functions that make calls and that no function of Lambda gets to, and why: what
/// is there needs no role.
pub const NOT_OF_FUNCTIONS: &[(&str, &str)] = &[
    ("seisiun_aws::table::Table::import_sessions", "an operator's bulk import, with their rights"),
    ("seisiun_aws::table::Table::claim_slugs", "likewise"),
    ("seisiun_aws::table::Table::listed", "likewise"),
    ("seisiun_aws::table::Table::own_item", "likewise"),
    ("seisiun_aws::table::Table::write_all", "likewise"),
    ("seisiun_workflows::import_sessions::", "likewise"),
    ("seisiun_aws::table::Table::load_confirmation", "only tests look at a confirmation so far"),
];

/// The actions of calls, or what nobody has said of one.
fn actions(calls: &BTreeSet<Call>) -> Result<BTreeSet<&'static str>, String> {
    let mut found = BTreeSet::new();
    for call in calls {
        let known = ACTIONS.iter().find(|(service, operation, _)| {
            call.service == *service && call.operation == *operation
        });
        match known {
            Some((_, _, actions)) => found.extend(actions.iter().copied()),
            None if call.operation.starts_with(DATA) => {}
            None => return Err(format!("nobody has said which actions {call} asks for: ACTIONS")),
        }
    }
    Ok(found)
}

/// Each action that is allowed, with what it is allowed on.
fn allowed(estate: &Estate, role: &Placed<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for statement in super::access::granted(estate, role) {
        for action in texts(&statement["Action"]) {
            let resources = texts(&statement["Resource"]).into_iter().map(str::to_owned);
            found.entry(action.to_owned()).or_default().extend(resources);
        }
    }
    found
}

/// The role that a property names by its ARN.
fn role<'a>(estate: &'a Estate, arn: &str) -> Option<Placed<'a>> {
    estate.of(&["AWS::IAM::Role"]).find(|role| role.attribute("Arn") == arn)
}

/// The binary that a function runs: the last folder of its code.
fn binary<'a>(function: &Placed<'a>) -> Option<&'a str> {
    let key = function.resource.properties["Code"]["S3Key"].as_str()?;
    key.trim_end_matches('/').rsplit('/').next()
}

/// Whether Lambda takes messages from a queue for a function.
fn takes_from_a_queue(estate: &Estate, function: &Placed<'_>) -> bool {
    let (arn, name) = (function.attribute("Arn"), function.text("FunctionName"));
    estate.of(&["AWS::Lambda::EventSourceMapping"]).any(|mapping| {
        let of = mapping.text("FunctionName");
        // By its ARN, its alias' ARN or its name.
        of == name || of == arn || of.contains(&format!(":function:{name}:"))
    })
}

/// A function's role allows what its code calls, and nothing else.
pub(super) fn functions_may_what_they_call(
    estate: &Estate,
    knowledge: &Knowledge,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut run = BTreeSet::new();
    for function in estate.of(&["AWS::Lambda::Function"]) {
        let name = binary(&function).unwrap_or_default();
        if !run.insert(name) {
            found.push(Violation::new(&function, format!("another function runs {name}, too")));
        }
        let Some(calls) = knowledge.calls.binaries.get(name) else {
            found
                .push(Violation::new(&function, format!("its code {name:?} is no binary of ours")));
            continue;
        };
        let Some(role) = role(estate, function.text("Role")) else {
            found.push(Violation::new(&function, "it has no role of its own"));
            continue;
        };
        let needed = match actions(calls) {
            Ok(needed) => needed,
            Err(why) => {
                found.push(Violation::new(&function, why));
                continue;
            }
        };
        let unused: Vec<&str> = NEVER
            .iter()
            .filter(|(of, ..)| *of == name)
            .flat_map(|(_, unused, _)| unused.iter().copied())
            .collect();
        let never = |action: &str| unused.contains(&action);
        for unused in &unused {
            if !needed.contains(unused) {
                let what = format!("its code can't even call {unused}: take it out of NEVER");
                found.push(Violation::new(&function, what));
            }
        }
        let mut wanted: BTreeSet<&str> =
            needed.iter().copied().filter(|action| !never(action)).collect();
        wanted.extend(OF_EVERY_FUNCTION);
        if takes_from_a_queue(estate, &function) {
            wanted.extend(OF_QUEUED);
        }
        if function.resource.properties["TracingConfig"]["Mode"] == "Active" {
            wanted.extend(OF_TRACED);
        }
        let granted = allowed(estate, &role);
        let beside = |action: &str| {
            BESIDE.iter().any(|(one, with, _)| *one == action && wanted.contains(with))
        };
        for action in granted.keys() {
            if !wanted.contains(action.as_str()) && !beside(action) {
                let what = format!("it allows {action}, which {name} never calls");
                found.push(Violation::new(&role, what));
            }
        }
        for action in wanted {
            if !granted.contains_key(action) {
                let what = format!("{name} calls {action}, which it does not allow");
                found.push(Violation::new(&role, what));
            }
        }
        found.extend(settings_fit(&function, &role, &granted));
        let lists = calls.iter().any(|call| call.operation == "list_objects_v2");
        found.extend(buckets_say_what_is_missing(&role, &granted, lists));
    }
    found
}

/// What a function is told of by its settings, and what its role is about, are the
/// same buckets, machines, topics and pools.
fn settings_fit(
    function: &Placed<'_>,
    role: &Placed<'_>,
    granted: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<Violation> {
    let settings = &function.resource.properties["Environment"]["Variables"];
    let told: BTreeMap<&str, &str> = settings
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let mut found = Vec::new();
    for (prefix, of) in [
        ("s3:", "_BUCKET"),
        ("dynamodb:", "TABLE_NAME"),
        ("sns:", "_TOPIC"),
        ("cognito-idp:Admin", "USER_POOL_ID"),
        ("states:StartExecution", "_ARN"),
        ("states:DescribeExecution", "_ARN"),
        ("secretsmanager:", "_SECRET"),
    ] {
        let about: BTreeSet<String> = granted
            .iter()
            .filter(|(action, _)| action.starts_with(prefix))
            .flat_map(|(_, resources)| resources.iter().map(|resource| named(resource)))
            .collect();
        let of_it: BTreeMap<&str, &str> =
            told.iter().filter(|(name, _)| name.ends_with(of)).map(|(n, v)| (*n, *v)).collect();
        for resource in &about {
            if !of_it.values().any(|value| value == resource) {
                let what = format!("{prefix} is about {resource}, of which no setting {of} tells");
                found.push(Violation::new(role, what));
            }
        }
        // A table's name is everybody's setting.
        for (name, value) in of_it.iter().filter(|_| of != "TABLE_NAME") {
            if !about.contains(*value) {
                let what = format!("it is told {name}, and its role allows no {prefix} on it");
                found.push(Violation::new(function, what));
            }
        }
    }
    found
}

/// Where objects are read, the bucket says of a missing one that it is missing;
/// where nothing is read, nothing is listed, but for who lists.
fn buckets_say_what_is_missing(
    role: &Placed<'_>,
    granted: &BTreeMap<String, BTreeSet<String>>,
    lists: bool,
) -> Vec<Violation> {
    let buckets = |action: &str| -> BTreeSet<String> {
        granted.get(action).into_iter().flatten().map(|resource| named(resource)).collect()
    };
    let (read, listed) = (buckets("s3:GetObject"), buckets("s3:ListBucket"));
    let mut found = Vec::new();
    // Who only copies, or has another service read, is told by neither.
    if listed.is_empty() {
        return found;
    }
    for bucket in read.difference(&listed) {
        let what = format!("of {bucket} it reads objects, and a missing one is a forbidden one");
        found.push(Violation::new(role, what));
    }
    for bucket in listed.difference(&read).filter(|_| !lists) {
        found.push(Violation::new(role, format!("it lists {bucket} and reads nothing of it")));
    }
    found
}

/// What a policy's resource is about, as a setting names it: a bucket for its
/// objects, a machine for its executions.
fn named(resource: &str) -> String {
    if let Some((place, rest)) = resource.split_once(":execution:") {
        let machine = rest.split(':').next().unwrap_or_default();
        return format!("{place}:stateMachine:{machine}");
    }
    match resource.split_once(".Arn>") {
        Some((token, _)) => format!("{token}>"),
        None => resource.to_owned(),
    }
}

/// Of a service integration: its action, where that is not the operation's name.
/// Sources: as for [`ACTIONS`].
const INTEGRATIONS: &[(&str, &str)] = &[
    ("s3:headObject", "s3:GetObject"),
    ("s3:listObjectsV2", "s3:ListBucket"),
    ("sfn:listExecutions", "states:ListExecutions"),
];

/// What a distributed map's role allows. Source: Step Functions Developer Guide,
/// "IAM policies for using Distributed Map states".
const OF_DISTRIBUTED: [&str; 3] =
    ["states:DescribeExecution", "states:StartExecution", "states:StopExecution"];
/// For its results, which are uploaded in parts. Source: likewise.
const OF_RESULTS: [&str; 4] =
    ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
/// What a traced machine's role allows. Source: Step Functions Developer Guide,
/// "Trace Step Functions request data in AWS X-Ray".
const OF_TRACED_MACHINE: [&str; 4] = [
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];
/// What a machine's role allows whose history is encrypted with a key of ours.
/// Source: Step Functions Developer Guide, "Data at rest encryption".
const OF_ENCRYPTED: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// What a state machine's role allows beyond what its states name.
const OF_MACHINES: &[(&str, &str, &str)] =
    &[("RotateOriginSecret", "wafv2:GetWebACL", "UpdateDistribution looks at the web ACL, if any")];
/// What one allows since what it reads is encrypted with a key of ours.
const OF_KEYS: &[(&str, &str)] = &[("ValidateRestoreStateMachine", "kms:Decrypt")];

/// What states call: actions, the functions among it, and tables and buckets that
/// they name.
#[derive(Debug, Default, PartialEq)]
struct Named {
    actions: BTreeSet<String>,
    functions: BTreeSet<String>,
    stores: BTreeSet<String>,
}

impl Named {
    fn add(&mut self, action: impl Into<String>) {
        self.actions.insert(action.into());
    }

    /// Reads a definition's states, and those within them.
    fn read(&mut self, definition: &Json, substitute: &dyn Fn(&str) -> String) {
        for state in definition["States"].as_object().into_iter().flatten().map(|(_, one)| one) {
            if let Some(resource) = state["Resource"].as_str() {
                self.integration(resource, state, substitute);
            }
            for within in many(&state["Branches"])
                .into_iter()
                .chain([&state["ItemProcessor"], &state["Iterator"]])
            {
                self.read(within, substitute);
            }
            if state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED" {
                OF_DISTRIBUTED.iter().for_each(|action| self.add(*action));
            }
            if let Some(reader) = state["ItemReader"]["Resource"].as_str() {
                self.integration(reader, &state["ItemReader"], substitute);
            }
            if state["ResultWriter"]["Resource"].is_string() {
                self.store(&state["ResultWriter"], substitute);
                OF_RESULTS.iter().for_each(|action| self.add(*action));
            }
        }
    }

    fn store(&mut self, state: &Json, substitute: &dyn Fn(&str) -> String) {
        for arguments in [&state["Arguments"], &state["Parameters"]] {
            let named = ["TableName", "Bucket"].map(|name| arguments[name].as_str());
            // One that is known only when it runs is AWS's own, of a restore test.
            let named = named.into_iter().flatten().filter(|name| !name.starts_with("{%"));
            self.stores.extend(named.map(substitute));
        }
    }

    fn integration(&mut self, resource: &str, state: &Json, substitute: &dyn Fn(&str) -> String) {
        let Some((_, what)) = resource.split_once(":states:::") else {
            self.add(format!("what {resource} stands for"));
            return;
        };
        let what = what.strip_prefix("aws-sdk:").unwrap_or(what);
        // `.waitForTaskToken` and its like.
        let what = what.split('.').next().unwrap_or_default();
        if what == "lambda:invoke" {
            self.add("lambda:InvokeFunction");
            let name = state["Arguments"]["FunctionName"].as_str().unwrap_or_default();
            self.functions.insert(substitute(name));
            return;
        }
        self.store(state, substitute);
        let known = INTEGRATIONS.iter().find(|(operation, _)| *operation == what);
        self.add(known.map_or_else(|| capitalised(what), |(_, action)| (*action).to_owned()));
    }
}

/// `dynamodb:updateItem` as `dynamodb:UpdateItem`.
fn capitalised(operation: &str) -> String {
    let Some((service, name)) = operation.split_once(':') else { return operation.to_owned() };
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    format!("{service}:{}{}", first.map(String::from).unwrap_or_default(), letters.as_str())
}

/// A state machine's role allows what its states call, and nothing else; of
/// functions exactly those that they name.
pub(super) fn machines_may_what_they_call(
    estate: &Estate,
    knowledge: &Knowledge,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for machine in estate.of(&["AWS::StepFunctions::StateMachine"]) {
        let properties = &machine.resource.properties;
        let key = properties["DefinitionS3Location"]["Key"].as_str().unwrap_or_default();
        let definition = match &properties["Definition"] {
            Json::Null => knowledge.definitions.get(key),
            own => Some(own),
        };
        let Some(definition) = definition else {
            found.push(Violation::new(&machine, format!("its definition {key:?} is not there")));
            continue;
        };
        let Some(role) = role(estate, machine.text("RoleArn")) else {
            found.push(Violation::new(&machine, "it has no role of its own"));
            continue;
        };
        let substitute = |text: &str| {
            let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
            let value = name.and_then(|name| properties["DefinitionSubstitutions"][name].as_str());
            value.unwrap_or(text).to_owned()
        };
        let mut wanted = Named::default();
        wanted.read(definition, &substitute);
        if properties["EncryptionConfiguration"]["KmsKeyId"].is_string() {
            OF_ENCRYPTED.iter().for_each(|action| wanted.add(*action));
        }
        for (_, action) in OF_KEYS.iter().filter(|(id, _)| *id == machine.id) {
            wanted.add(*action);
        }
        if properties["TracingConfiguration"]["Enabled"] == true {
            OF_TRACED_MACHINE.iter().for_each(|action| wanted.add(*action));
        }
        let granted = allowed(estate, &role);
        let beyond = |action: &str| {
            OF_MACHINES.iter().any(|(id, extra, _)| *id == machine.id && *extra == action)
        };
        for action in granted.keys() {
            if !wanted.actions.contains(action) && !beyond(action) {
                found.push(Violation::new(
                    &role,
                    format!("no state of {} calls {action}", machine.id),
                ));
            }
        }
        for action in &wanted.actions {
            if !granted.contains_key(action) {
                let what = format!("a state of {} calls {action}", machine.id);
                found.push(Violation::new(&role, format!("it does not allow what {what}")));
            }
        }
        let kinds = ["AWS::DynamoDB::Table", "AWS::S3::Bucket"];
        for name in &wanted.stores {
            if !estate.of(&kinds).any(|store| store.reference() == *name) {
                let what = format!("a state names {name}, which is no table or bucket here");
                found.push(Violation::new(&machine, what));
            }
        }
        let functions = granted.get("lambda:InvokeFunction").cloned().unwrap_or_default();
        for name in wanted.functions.difference(&functions) {
            found.push(Violation::new(&role, format!("{} calls {name}: allow it", machine.id)));
        }
        for name in functions.difference(&wanted.functions) {
            found.push(Violation::new(&role, format!("no state of {} calls {name}", machine.id)));
        }
    }
    found
}

/// A rule's role starts exactly its targets, and uses their keys.
pub(super) fn rules_may_what_they_start(estate: &Estate) -> Vec<Violation> {
    let mut of_roles: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for rule in estate.of(&["AWS::Events::Rule"]) {
        for target in many(&rule.resource.properties["Targets"]) {
            if let (Some(role), Some(arn)) = (target["RoleArn"].as_str(), target["Arn"].as_str()) {
                of_roles.entry(role.to_owned()).or_default().insert(arn.to_owned());
            }
        }
    }
    let mut found = Vec::new();
    for one in estate.of(&["AWS::IAM::Role"]) {
        if super::access::assumed_by(&one) != ["events.amazonaws.com"] {
            continue;
        }
        let mut granted = allowed(estate, &one);
        let started = granted.remove("states:StartExecution").unwrap_or_default();
        let targets = of_roles.remove(&one.attribute("Arn")).unwrap_or_default();
        if started != targets {
            let what = format!("it starts {started:?}, where its rules have {targets:?}");
            found.push(Violation::new(&one, what));
        }
        // What an execution is given is encrypted, too.
        let encrypted = estate.of(&["AWS::StepFunctions::StateMachine"]).any(|machine| {
            targets.contains(&machine.reference())
                && machine.resource.properties["EncryptionConfiguration"]["KmsKeyId"].is_string()
        });
        let wanted: &[&str] = if encrypted { &OF_ENCRYPTED } else { &[] };
        let more: Vec<&str> = granted.keys().map(String::as_str).collect();
        if more != wanted {
            found.push(Violation::new(&one, format!("it allows {more:?}, not {wanted:?}")));
        }
    }
    for (role, targets) in of_roles {
        for target in targets {
            let what = format!("a rule starts it with {role}, which is no role of rules here");
            found.push(Violation { place: target, what });
        }
    }
    found
}

/// A role is somebody's: one that nobody takes is one that nobody looks at.
pub(super) fn roles_are_taken(estate: &Estate) -> Vec<Violation> {
    let mut used = BTreeSet::new();
    for one in estate.all() {
        strings(&one.resource.properties, &mut |text| {
            used.insert(text.to_owned());
        });
    }
    for stack in &estate.stacks {
        used.extend(stack.outputs.values().filter_map(Json::as_str).map(str::to_owned));
    }
    let roles = estate.of(&["AWS::IAM::Role"]);
    roles
        .filter(|role| !used.contains(&role.attribute("Arn")) && !used.contains(&role.token()))
        .map(|role| Violation::new(&role, "nobody takes it"))
        .collect()
}

/// Every text in a value.
pub(super) fn strings<'a>(value: &'a Json, each: &mut impl FnMut(&'a str)) {
    match value {
        Json::String(text) => each(text),
        Json::Array(all) => all.iter().for_each(|one| strings(one, each)),
        Json::Object(all) => all.values().for_each(|one| strings(one, each)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_call_what_they_and_those_within_them_name() {
        let definition = json!({ "States": {
            "Invoke": { "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": { "FunctionName": "${One}" } },
            "Wait": { "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken" },
            "Both": { "Branches": [{ "States": {
                "Head": { "Resource": "arn:aws:states:::aws-sdk:s3:headObject" },
            } }] },
            "Each": {
                "ItemReader": { "Resource": "arn:aws:states:::s3:getObject",
                    "Parameters": { "Bucket": "work" } },
                "ItemProcessor": {
                    "ProcessorConfig": { "Mode": "DISTRIBUTED" },
                    "States": { "Two": { "Resource": "arn:aws:states:::lambda:invoke",
                        "Arguments": { "FunctionName": "two" } } },
                },
            },
        } });
        let mut found = Named::default();
        found.read(&definition, &|name| name.replace("${One}", "one"));
        assert_eq!(found.functions, ["one", "two"].map(str::to_owned).into());
        assert_eq!(found.stores, ["work"].map(str::to_owned).into());
        let actions: Vec<&str> = found.actions.iter().map(String::as_str).collect();
        assert_eq!(
            actions,
            [
                "dynamodb:UpdateItem",
                "lambda:InvokeFunction",
                "s3:GetObject",
                "states:DescribeExecution",
                "states:StartExecution",
                "states:StopExecution",
            ]
        );
    }

    #[test]
    fn a_resource_is_about_what_a_setting_names() {
        for (resource, expected) in [
            ("<app/Bucket.Arn>/incoming/*", "<app/Bucket>"),
            ("<app/Bucket.Arn>", "<app/Bucket>"),
            ("arn:aws:states:x:1:execution:app-one:*", "arn:aws:states:x:1:stateMachine:app-one"),
            ("arn:aws:sns:x:1:<app/Topic>", "arn:aws:sns:x:1:<app/Topic>"),
        ] {
            assert_eq!(named(resource), expected);
        }
    }

    #[test]
    fn a_call_that_nobody_has_said_anything_of_is_named() {
        let call = |service: &str, operation: &str| {
            BTreeSet::from([Call { service: service.into(), operation: operation.into() }])
        };
        assert_eq!(
            actions(&call("s3", "copy_object")),
            Ok(BTreeSet::from(["s3:GetObject", "s3:PutObject"]))
        );
        assert_eq!(actions(&call("s3", "types::ObjectIdentifier")), Ok(BTreeSet::new()));
        assert!(
            actions(&call("s3", "create_bucket")).is_err_and(|why| why.contains("create_bucket"))
        );
    }
}
