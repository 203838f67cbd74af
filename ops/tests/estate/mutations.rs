//! Broken copies of the templates, made by rule from every place that a rule
//! fits. Each must be found, or be listed here with the reason why it can't be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use seisiun_ops::{
    checks::{Knowledge, is_sound},
    estate::{Estate, Templates},
};
use serde_json::{Value as Json, json};

use crate::templates::{ESTATES, estate, is_of, knowledge, templates};

/// A way into a template.
type Path = Vec<String>;

/// What breaks a template at a place.
type Change = Arc<dyn Fn(&mut Json, &[String]) + Send + Sync>;

/// A broken copy, made when it is looked at: all of them at once would fill the
/// memory.
struct Mutant {
    class: &'static str,
    file: &'static str,
    path: Path,
    change: Change,
}

impl Mutant {
    fn place(&self) -> String {
        format!("{} {}", self.file, self.path.join("."))
    }

    fn of(&self, templates: &Templates) -> Templates {
        let mut broken = Json::clone(&templates.0[self.file]);
        (self.change)(&mut broken, &self.path);
        templates.with(self.file, broken)
    }
}

/// Every place in a value, with what stands there.
fn places(value: &Json) -> Vec<(Path, &Json)> {
    let mut found = Vec::new();
    let mut open = vec![(Vec::new(), value)];
    while let Some((path, value)) = open.pop() {
        let step = |key: String| -> Path { path.iter().cloned().chain([key]).collect() };
        match value {
            Json::Object(all) => open.extend(all.iter().map(|(key, one)| (step(key.clone()), one))),
            Json::Array(all) => {
                open.extend(all.iter().enumerate().map(|(n, one)| (step(n.to_string()), one)));
            }
            _ => {}
        }
        found.push((path, value));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn at<'a>(value: &'a mut Json, path: &[String]) -> &'a mut Json {
    path.iter().fold(value, |at, key| match at {
        Json::Array(all) => &mut all[key.parse::<usize>().unwrap()],
        other => &mut other[key.as_str()],
    })
}

fn remove(value: &mut Json, path: &[String]) {
    let (last, parent) = path.split_last().unwrap();
    match at(value, parent) {
        Json::Array(all) => {
            all.remove(last.parse().unwrap());
        }
        Json::Object(all) => {
            all.remove(last);
        }
        _ => unreachable!("nothing is in a plain value"),
    }
}

/// Every template.
const FILES: [&str; 10] = [
    "template.yaml",
    "ops/alarms.yaml",
    "ops/delivery.yaml",
    "ops/mail.yaml",
    "ops/protection.yaml",
    "ops/cost.yaml",
    "ops/edge.yaml",
    "ops/account.yaml",
    "ops/artifact-store.yaml",
    "pipeline.yaml",
];

/// Makes the mutants of a class.
struct Nursery<'a> {
    templates: &'a Templates,
    mutants: Vec<Mutant>,
}

impl Nursery<'_> {
    /// Of every template: at each place that fits, one copy with that place changed.
    fn breed(
        &mut self,
        class: &'static str,
        fits: impl Fn(&[String], &Json, &Json) -> bool,
        change: impl Fn(&mut Json, &[String]) + Send + Sync + 'static,
    ) {
        let change: Change = Arc::new(change);
        for file in FILES {
            let template = &*self.templates.0[file];
            // One copy for all places, put right again after each: to copy a
            // whole template five thousand times takes a minute.
            let mut broken = template.clone();
            for (path, value) in places(template) {
                // The kind of the resource that the place is in.
                let kind = match path.as_slice() {
                    [resources, id, ..] if resources == "Resources" => {
                        template["Resources"][id]["Type"].clone()
                    }
                    _ => Json::Null,
                };
                if !fits(&path, value, &kind) {
                    continue;
                }
                change(&mut broken, &path);
                if broken == *template {
                    continue;
                }
                match path.as_slice() {
                    [resources, id, ..] if resources == "Resources" => {
                        let whole = template["Resources"][id].clone();
                        broken["Resources"][id] = whole;
                    }
                    _ => broken = template.clone(),
                }
                // What changes more than its own resource.
                if broken != *template {
                    broken = template.clone();
                }
                self.mutants.push(Mutant { class, file, path, change: Arc::clone(&change) });
            }
        }
    }
}

fn ends(path: &[String], end: &[&str]) -> bool {
    path.len() >= end.len()
        && path[path.len() - end.len()..]
            .iter()
            .zip(end)
            .all(|(is, wanted)| *wanted == "?" || is == wanted)
}

const ALARM: &str = "AWS::CloudWatch::Alarm";

/// Puts this in the place of what is there.
fn put(value: Json) -> impl Fn(&mut Json, &[String]) {
    move |all, path| *at(all, path) = value.clone()
}

#[allow(clippy::too_many_lines, reason = "a list")]
fn mutants(templates: &Templates) -> Vec<Mutant> {
    let resources: BTreeSet<String> =
        templates.0["template.yaml"]["Resources"].as_object().unwrap().keys().cloned().collect();
    let mut nursery = Nursery { templates, mutants: Vec::new() };
    let n = &mut nursery;
    n.breed(
        "dead metric",
        |path, _, kind| *kind == ALARM && ends(path, &["MetricName"]),
        |all, path| {
            let name = at(all, path);
            *name = json!(format!("{}s", name.as_str().unwrap()));
        },
    );
    n.breed(
        "dead namespace",
        |path, _, kind| *kind == ALARM && ends(path, &["Namespace"]),
        |all, path| {
            let name = at(all, path);
            *name =
                json!(name.as_str().unwrap().replace("AWS/", "Aws/").replace("Seisiun", "seisiun"));
        },
    );
    n.breed(
        "wrong dimension",
        |path, _, kind| *kind == ALARM && ends(path, &["Dimensions", "?", "Name"]),
        put(json!("Function")),
    );
    n.breed(
        "dimension that names nothing",
        |path, _, kind| {
            *kind == ALARM && ends(path, &["Dimensions", "?", "Value"])
                // What is no name of a resource is not known here.
                && !path.iter().any(|key| key == "Operation")
        },
        |all, path| {
            let value = at(all, path).clone();
            *at(all, path) = json!({ "Fn::Sub": ["${is}-gone", { "is": value }] });
        },
    );
    n.breed(
        "missing dimension",
        |path, _, kind| *kind == ALARM && ends(path, &["Dimensions", "0"]),
        remove,
    );
    n.breed(
        "alarm that tells nobody",
        |path, value, _| {
            ends(path, &["AlarmActions"]) && value.as_array().is_some_and(|all| !all.is_empty())
        },
        put(json!([])),
    );
    n.breed(
        "alarm that tells a topic that is not there",
        |path, _, _| ends(path, &["AlarmActions", "0"]),
        put(json!({ "Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:nobody" })),
    );
    n.breed(
        "alarm without a runbook",
        |path, _, _| ends(path, &["AlarmDescription"]),
        |all, path| {
            let text = at(all, path).to_string().replace("ops/runbooks/", "ops/runbook/");
            *at(all, path) = serde_json::from_str(&text).unwrap();
        },
    );
    n.breed(
        "alarm without an owner",
        |path, _, _| ends(path, &["Metadata", "Alarm", "Owner"]),
        put(json!("somebody")),
    );
    n.breed(
        "alarm that is gone",
        |path, value, _| path.len() == 2 && value["Type"] == ALARM,
        remove,
    );
    n.breed(
        "broken calculation",
        |path, _, kind| *kind == ALARM && ends(path, &["Metrics", "?", "Id"]),
        |all, path| {
            // What is returned is named by nothing.
            let (_, query) = path.split_last().unwrap();
            if at(all, query)["ReturnData"] != false {
                return;
            }
            let id = at(all, path);
            *id = json!(format!("{}x", id.as_str().unwrap()));
        },
    );
    n.breed(
        "returned twice or not at all",
        |path, _, kind| *kind == ALARM && ends(path, &["Metrics", "?", "ReturnData"]),
        |all, path| {
            let is = at(all, path);
            *is = json!(!is.as_bool().unwrap());
        },
    );
    n.breed(
        "publisher missing in a topic's policy or key",
        |path, value, kind| {
            (*kind == "AWS::SNS::TopicPolicy" || *kind == "AWS::KMS::Key")
                && path.iter().any(|key| key == "Service")
                && value.as_str().is_some_and(|service| {
                    ["cloudwatch.amazonaws.com", "events.amazonaws.com"].contains(&service)
                })
        },
        put(json!("nobody.amazonaws.com")),
    );
    n.breed(
        "publisher that may not do what it must",
        |path, _, kind| {
            (*kind == "AWS::SNS::TopicPolicy" || *kind == "AWS::KMS::Key")
                && ends(path, &["Effect"])
        },
        put(json!("Deny")),
    );
    n.breed(
        "inverted condition",
        |path, _, _| path.len() == 2 && path[0] == "Conditions",
        |all, path| {
            let condition = at(all, path).clone();
            *at(all, path) = json!({ "Fn::Not": [condition] });
        },
    );
    n.breed(
        "event pattern that misses",
        |path, value, kind| {
            *kind == "AWS::Events::Rule"
                && path.iter().any(|key| key == "EventPattern")
                && value.is_string()
                && path.last().is_some_and(|key| key.parse::<usize>().is_ok())
        },
        put(json!("SOMETHING_ELSE")),
    );
    n.breed(
        "event pattern that takes too much",
        |path, value, kind| {
            *kind == "AWS::Events::Rule"
                && path.iter().any(|key| key == "EventPattern")
                && value.is_array()
        },
        put(json!([{ "exists": true }])),
    );
    n.breed(
        "rule whose losses are lost",
        |path, _, kind| *kind == "AWS::Events::Rule" && ends(path, &["DeadLetterConfig"]),
        remove,
    );
    n.breed(
        "widened action",
        |path, value, kind| {
            *kind == "AWS::IAM::Role"
                && path.iter().any(|key| key == "Policies")
                && value.is_string()
                && (ends(path, &["Action"]) || ends(path, &["Action", "?"]))
        },
        |all, path| {
            let action = at(all, path);
            *action = json!(format!("{}:*", action.as_str().unwrap().split(':').next().unwrap()));
        },
    );
    n.breed(
        "widened resource",
        |path, value, kind| {
            *kind == "AWS::IAM::Role"
                && path.iter().any(|key| key == "Policies")
                && ends(path, &["Resource"])
                && *value != "*"
        },
        put(json!("*")),
    );
    n.breed(
        "route that asks nobody",
        |path, value, _| ends(path, &["AuthorizationType"]) && *value == "JWT",
        put(json!("NONE")),
    );
    n.breed(
        "route that takes any token",
        |path, _, _| ends(path, &["AuthorizationScopes"]),
        put(json!([])),
    );
    n.breed(
        "backup or test that leaves something out",
        |path, _, kind| {
            (*kind == "AWS::Backup::BackupSelection" && ends(path, &["Resources"]))
                || (*kind == "AWS::Backup::RestoreTestingSelection"
                    && ends(path, &["ProtectedResourceArns"]))
                || (*kind == "AWS::Backup::BackupPlan"
                    && (ends(path, &["CopyActions"]) || ends(path, &["DeleteAfterDays"])))
        },
        remove,
    );
    for (class, property) in [
        ("store without its protection", "PublicAccessBlockConfiguration"),
        ("store without its protection", "BucketEncryption"),
        ("store without its protection", "PointInTimeRecoverySpecification"),
        ("store without its protection", "SSESpecification"),
        ("store without its protection", "DeletionProtectionEnabled"),
        ("store without its protection", "DeletionProtection"),
        ("pool whose codes stop at fifty a day", "EmailConfiguration"),
        ("key that is never rotated", "EnableKeyRotation"),
        ("log that is kept for ever", "RetentionInDays"),
        ("log that is not encrypted", "KmsKeyId"),
        ("queue or topic that is not encrypted", "SqsManagedSseEnabled"),
        ("queue or topic that is not encrypted", "KmsMasterKeyId"),
    ] {
        n.breed(
            class,
            move |path, _, _| path.len() == 4 && path[0] == "Resources" && ends(path, &[property]),
            remove,
        );
    }
    n.breed(
        "bucket that takes what comes without TLS",
        |path, value, kind| {
            *kind == "AWS::S3::BucketPolicy" && value["Effect"] == "Deny" && path.len() > 4
        },
        remove,
    );
    n.breed(
        "nested stack that is given something else",
        |path, value, kind| {
            // What an operator gives can be anything.
            let of_ours = value.get("Fn::GetAtt").is_some()
                || value["Ref"].as_str().is_some_and(|name| resources.contains(name));
            *kind == "AWS::CloudFormation::Stack"
                && path.len() == 5
                && path[3] == "Parameters"
                && of_ours
        },
        put(json!("something-else")),
    );
    n.breed(
        "nested stack that is gone",
        |path, value, _| path.len() == 2 && value["Type"] == "AWS::CloudFormation::Stack",
        remove,
    );
    breed_uploads(n);
    breed_canaries(n);
    breed_rights(n);
    breed_names(n);
    breed_account(n);
    breed_pipeline(n);
    nursery.mutants
}

/// Uploads that somebody reads before they are scanned.
fn breed_uploads(n: &mut Nursery<'_>) {
    let of_policy = |path: &[String], kind: &Json| {
        *kind == "AWS::S3::BucketPolicy"
            && path.get(1).is_some_and(|id| id.starts_with("Quarantine"))
    };
    n.breed(
        "upload that may be read, or called clean",
        |path, value, kind| {
            // One action of several; the first statement is that on TLS.
            of_policy(path, kind) && value.is_string() && path.iter().any(|key| key == "Action")
        },
        put(json!("s3:GetBucketLocation")),
    );
    n.breed(
        "upload that may be read, or called clean",
        |path, value, kind| of_policy(path, kind) && *value == "Deny",
        put(json!("Allow")),
    );
    n.breed(
        "upload that may be read, or called clean",
        |path, value, kind| of_policy(path, kind) && *value == "NO_THREATS_FOUND",
        put(json!("UNSUPPORTED")),
    );
    n.breed(
        "upload that may be read, or called clean",
        |path, _, kind| of_policy(path, kind) && ends(path, &["aws:PrincipalArn"]),
        put(json!("arn:aws:iam::123456789012:role/*")),
    );
    n.breed(
        "upload that may be read, or called clean",
        |path, _, kind| {
            *kind == "AWS::GuardDuty::MalwareProtectionPlan"
                && (ends(path, &["Tagging", "Status"]) || path.len() == 2)
        },
        |value, path| match path.len() {
            2 => remove(value, path),
            _ => *at(value, path) = json!("DISABLED"),
        },
    );
}

/// Releases that no alarm ends.
fn breed_canaries(n: &mut Nursery<'_>) {
    let of_canary = |kind: &Json| *kind == "AWS::CodeDeploy::DeploymentGroup";
    n.breed(
        "canary that no alarm ends",
        |path, _, kind| {
            of_canary(kind)
                && (path.len() == 2
                    || ends(path, &["AlarmConfiguration"])
                    || ends(path, &["AutoRollbackConfiguration"])
                    || ends(path, &["AlarmConfiguration", "Alarms"]))
        },
        remove,
    );
    n.breed(
        "canary that looks at nobody's alarm",
        |path, _, kind| of_canary(kind) && path.len() > 4 && ends(path, &["Name"]),
        put(json!("seisiun-prod-api-eroors")),
    );
}

/// Actions of a statement of a role's own policies, one or many.
fn is_actions(path: &[String], value: &Json, kind: &Json) -> bool {
    *kind == "AWS::IAM::Role"
        && path.iter().any(|key| key == "Policies")
        && ends(path, &["Action"])
        && (value.is_string() || value.is_array())
}

/// What roles allow, against what their takers call.
fn breed_rights(n: &mut Nursery<'_>) {
    n.breed(
        "action that nobody calls",
        |path, value, kind| is_actions(path, value, kind) && of_calls(path, value),
        |all, path| {
            let actions = at(all, path);
            let mut many = match actions.take() {
                Json::Array(many) => many,
                one => vec![one],
            };
            let service = many[0].as_str().unwrap().split(':').next().unwrap().to_owned();
            let extra = match service.as_str() {
                "dynamodb" => "Scan",
                "s3" => "PutObjectAcl",
                "lambda" => "UpdateFunctionCode",
                "states" => "ListStateMachines",
                "ses" => "DeleteIdentity",
                _ => "TagResource",
            };
            many.push(json!(format!("{service}:{extra}")));
            *actions = Json::Array(many);
        },
    );
    n.breed(
        "action that is missing",
        |path, value, kind| {
            let of_list = ends(path, &["Action", "?"]) && value.is_string();
            is_actions(&path[..path.len() - usize::from(of_list)], &json!([]), kind)
                && (of_list || value.is_string())
                && of_calls(path, value)
        },
        |all, path| match path.split_last().unwrap() {
            // The whole statement.
            (last, statement) if last == "Action" => remove(all, statement),
            _ => remove(all, path),
        },
    );
    n.breed(
        "function that a machine may not call",
        |path, value, kind| {
            *kind == "AWS::IAM::Role" && ends(path, &["Resource", "?"]) && is_function(value)
        },
        remove,
    );
    n.breed(
        "function that a machine does not call",
        |path, value, kind| {
            *kind == "AWS::IAM::Role"
                && ends(path, &["Resource"])
                && value.as_array().is_some_and(|all| all.iter().all(is_function))
        },
        |all, path| {
            let functions = at(all, path).as_array_mut().unwrap();
            functions.push(json!({ "Fn::GetAtt": ["AuthApiFunction", "Arn"] }));
        },
    );
    n.breed(
        "function with another's code",
        |path, _, kind| *kind == "AWS::Lambda::Function" && ends(path, &["S3Key"]),
        put(json!("target/lambda/summarise-fan-out/")),
    );
    n.breed(
        "function or machine with another's role",
        |path, _, kind| {
            path.len() == 4
                && (*kind == "AWS::Lambda::Function" && ends(path, &["Role"])
                    || *kind == "AWS::StepFunctions::StateMachine" && ends(path, &["RoleArn"]))
        },
        |all, path| {
            let own = at(all, path).to_string();
            let resources = all["Resources"].as_object().unwrap();
            let roles = resources.iter().filter(|(_, one)| one["Type"] == "AWS::IAM::Role");
            let other = roles.map(|(id, _)| id).find(|id| !own.contains(id.as_str()));
            if let Some(other) = other.cloned() {
                *at(all, path) = json!({ "Fn::GetAtt": [other, "Arn"] });
            }
        },
    );
    n.breed(
        "setting that its role does not fit",
        |path, _, kind| {
            *kind == "AWS::Lambda::Function"
                && path.len() == 6
                && path[4] == "Variables"
                && ["_BUCKET", "_ARN", "_TOPIC", "USER_POOL_ID"]
                    .iter()
                    .any(|end| path[5].ends_with(end))
        },
        put(json!("something-else")),
    );
}

/// Whether these are actions that some code or some state calls. What Backup,
/// GuardDuty, Config and deployments call is known to AWS alone.
fn of_calls(path: &[String], value: &Json) -> bool {
    let of_others =
        ["Scan", "Recorder", "Build", "Update", "Verify", "Inspect", "Deploy", "Pipeline"];
    let id = path[1].as_str();
    let named = |one: &Json| one.as_str().is_some_and(|one| one.contains(':'));
    !of_others.iter().any(|other| id.starts_with(other))
        && (named(value) || value.as_array().is_some_and(|all| all.iter().all(named)))
}

fn is_function(value: &Json) -> bool {
    let of = &value["Fn::GetAtt"];
    let id = of.as_str().or_else(|| of[0].as_str()).unwrap_or_default();
    id.trim_end_matches(".Arn").ends_with("Function")
}

/// Names that stacks and policies use for each other.
fn breed_names(n: &mut Nursery<'_>) {
    n.breed(
        "policy about what is not there",
        |path, value, _| {
            let of_policy = path
                .iter()
                .any(|key| ["PolicyDocument", "KeyPolicy", "AccessPolicy"].contains(&key.as_str()));
            of_policy
                && (ends(path, &["Resource", "Fn::Sub"])
                    || ends(path, &["Resource", "?", "Fn::Sub"])
                    || ends(path, &["aws:SourceArn", "Fn::Sub"]))
                && value.as_str().is_some_and(|text| text.starts_with("arn:"))
                // Deployments are about what is not there yet, and the boundary about all.
                && !path[1].starts_with("Deploy")
                && path[1] != "Boundary"
        },
        |all, path| {
            let text = at(all, path);
            // The colons of `${AWS::…}` part nothing.
            let name = text.as_str().unwrap().replace("${AWS::", "${AWS..");
            let (place, rest) = name.rsplit_once(':').unwrap();
            // The name itself: the last part of the ARN, the one before a `*`, or what
            // follows its kind; a bucket has no kind.
            let broken = if rest == "*" {
                let (place, rest) = place.rsplit_once(':').unwrap();
                format!("{place}:gone-{rest}:*")
            } else {
                match rest.split_once('/') {
                    Some((kind, rest)) if !place.ends_with("s3::") => {
                        format!("{place}:{kind}/gone-{rest}")
                    }
                    _ => format!("{place}:gone-{rest}"),
                }
            };
            let broken = broken.replace("${AWS..", "${AWS::");
            *text = json!(broken);
        },
    );
    n.breed(
        "policy of another's",
        |path, _, kind| {
            (*kind == "AWS::S3::BucketPolicy" && ends(path, &["Properties", "Bucket"]))
                || (*kind == "AWS::SQS::QueuePolicy" && ends(path, &["Queues"]))
                || (*kind == "AWS::SNS::TopicPolicy" && ends(path, &["Topics"]))
        },
        |all, path| {
            let one = at(all, path);
            let other = json!("something-else");
            *one = if one.is_array() { json!([other]) } else { other };
        },
    );
    n.breed(
        "parameter that is not handed on",
        |path, _, kind| {
            *kind == "AWS::CloudFormation::Stack" && path.len() == 5 && path[3] == "Parameters"
        },
        remove,
    );
    n.breed(
        "parameter that nothing uses",
        |path, _, _| path.len() == 1 && path[0] == "Parameters",
        |all, path| {
            let parameters = at(all, path).as_object_mut().unwrap();
            parameters.insert("Unused".into(), json!({ "Type": "String", "Default": "" }));
        },
    );
    n.breed(
        "output that is gone",
        |path, _, _| path.len() == 2 && path[0] == "Outputs" && READ.contains(&path[1].as_str()),
        remove,
    );
    n.breed(
        "subscription of another topic",
        |path, _, kind| *kind == "AWS::SNS::Subscription" && ends(path, &["TopicArn"]),
        put(json!("something-else")),
    );
}

/// Outputs that another template reads.
const READ: [&str; 2] = ["DistributionArn", "MissingPagesArn"];

/// What guards an account.
fn breed_account(n: &mut Nursery<'_>) {
    n.breed(
        "boundary that holds less",
        |path, value, kind| {
            let of_boundary = *kind == "AWS::IAM::ManagedPolicy" && path[1] == "Boundary";
            of_boundary && path.len() > 5 && value["Effect"] == "Deny"
        },
        remove,
    );
    n.breed(
        "boundary that denies less",
        |path, value, kind| {
            let of_boundary = *kind == "AWS::IAM::ManagedPolicy" && path[1] == "Boundary";
            of_boundary && ends(path, &["Effect"]) && *value == "Deny"
        },
        put(json!("Allow")),
    );
    n.breed(
        "boundary that refuses what roles need",
        |path, value, kind| {
            let of_boundary = *kind == "AWS::IAM::ManagedPolicy" && path[1] == "Boundary";
            let action = value.as_str().unwrap_or_default();
            of_boundary && ends(path, &["Action", "?"]) && NEEDED.contains(&action)
        },
        remove,
    );
    n.breed(
        "role without the boundary",
        |path, _, kind| *kind == "AWS::IAM::Role" && ends(path, &["PermissionsBoundary"]),
        remove,
    );
    n.breed(
        "trail that sees less",
        |path, value, kind| *kind == "AWS::CloudTrail::Trail" && *value == true && path.len() == 4,
        put(json!(false)),
    );
}

/// Services in the boundary that roles of ours use.
const NEEDED: [&str; 14] = [
    "backup:*",
    "cloudformation:*",
    "cloudfront:*",
    "codebuild:*",
    "cognito-idp:*",
    "dynamodb:*",
    "kms:*",
    "lambda:*",
    "logs:*",
    "s3:*",
    "ses:*",
    "sns:*",
    "states:*",
    "wafv2:*",
];

/// What the pipeline does, and in which order.
fn breed_pipeline(n: &mut Nursery<'_>) {
    const PIPELINE: &str = "AWS::CodePipeline::Pipeline";
    let is_stage =
        |path: &[String], kind: &Json| *kind == PIPELINE && path.len() == 5 && path[3] == "Stages";
    n.breed("stage that is gone", move |path, _, kind| is_stage(path, kind), remove);
    n.breed(
        "stage before its time",
        move |path, _, kind| is_stage(path, kind) && path[4] != "0",
        |all, path| {
            let (n, stages) = path.split_last().unwrap();
            let n: usize = n.parse().unwrap();
            at(all, stages).as_array_mut().unwrap().swap(n, n - 1);
        },
    );
    let is_action = |path: &[String], value: &Json, kind: &Json| {
        *kind == PIPELINE && value.get("ActionTypeId").is_some() && path.len() > 5
    };
    n.breed(
        "action that is gone",
        // One under a condition stands in a list of three.
        move |path, value, kind| is_action(path, value, kind) && path.len() == 7,
        remove,
    );
    n.breed(
        "action before its time",
        |path, value, kind| {
            *kind == PIPELINE
                && ends(path, &["RunOrder"])
                && value.as_u64().is_some_and(|order| order > 1)
        },
        |all, path| {
            let order = at(all, path);
            *order = json!(order.as_u64().unwrap() - 1);
        },
    );
    for (class, setting) in [
        ("action that does something else", "ActionMode"),
        ("action on another stack", "StackName"),
        ("action on another change set", "ChangeSetName"),
        ("action with another template", "TemplatePath"),
        ("action with another stage's settings", "TemplateConfiguration"),
        ("action with another role", "RoleArn"),
        ("action that builds something else", "ProjectName"),
    ] {
        n.breed(
            class,
            move |path, _, kind| *kind == PIPELINE && ends(path, &["Configuration", setting]),
            put(json!("something-else")),
        );
    }
    n.breed(
        "action with the other stage's role",
        |path, _, kind| *kind == PIPELINE && ends(path, &["Configuration", "RoleArn"]),
        |all, path| {
            let text = at(all, path).to_string();
            let other = if text.contains("Test") {
                text.replace("Test", "Prod")
            } else {
                text.replace("Prod", "Test")
            };
            *at(all, path) = serde_json::from_str(&other).unwrap();
        },
    );
    n.breed(
        "action in another region",
        |path, _, kind| *kind == PIPELINE && ends(path, &["Region"]),
        put(json!("eu-north-1")),
    );
    n.breed(
        "artifact from elsewhere",
        |path, _, kind| *kind == PIPELINE && ends(path, &["InputArtifacts", "?", "Name"]),
        put(json!("elsewhere")),
    );
    n.breed(
        "release that does not roll back",
        |path, _, kind| {
            *kind == PIPELINE
                && ["BeforeEntry", "OnSuccess", "OnFailure"].iter().any(|when| ends(path, &[when]))
        },
        remove,
    );
    n.breed(
        "right that the pipeline lacks",
        |path, value, kind| {
            *kind == "AWS::IAM::Role"
                && path[1] == "PipelineRole"
                && ends(path, &["Statement", "?"])
                && OF_PIPELINE.iter().any(|action| value["Action"].to_string().contains(action))
        },
        remove,
    );
    n.breed(
        "store with another key or bucket",
        |path, _, kind| {
            *kind == PIPELINE
                && path.iter().any(|key| key == "ArtifactStores")
                && (ends(path, &["Location"]) || ends(path, &["EncryptionKey", "Id"]))
        },
        put(json!("something-else")),
    );
}

/// Actions of the pipeline's role that its own actions show the need of.
const OF_PIPELINE: [&str; 5] = [
    "codebuild:StartBuild",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:UpdateStack",
    "iam:PassRole",
    "kms:Decrypt",
];

/// Whether anything is wrong with it in any estate that has a changed template.
fn is_found(templates: &Templates, known: &[Known], file: Option<&str>) -> bool {
    let has = |known: &&Known| file.is_none_or(|file| is_of(known.name, file));
    // Prod before the others: it has most.
    known.iter().rev().filter(has).any(|known| match estate(templates, known.name, "eu-west-1") {
        Err(_) => true,
        Ok(estate) => present(&estate) != known.resources || !is_sound(&estate, &known.knowledge),
    })
}

/// An estate, what is in it and what it is held against.
struct Known {
    name: &'static str,
    /// As the snapshot of resources has them.
    resources: BTreeSet<String>,
    knowledge: Knowledge,
}

fn present(estate: &Estate) -> BTreeSet<String> {
    estate.all().map(|one| format!("{}: {}", one.stack.name, one.place())).collect()
}

/// Mutants of a class that are tried every day, spread evenly over its places;
/// all of them if `SEISIUN_ALL_MUTANTS` is set.
const PER_CLASS: usize = 20;

/// The mutants that are tried in this run.
fn chosen(all: Vec<Mutant>) -> Vec<Mutant> {
    if std::env::var_os("SEISIUN_ALL_MUTANTS").is_some() {
        return all;
    }
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for mutant in &all {
        *sizes.entry(mutant.class).or_default() += 1;
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let spread = |mutant: &Mutant| {
        let size = sizes[mutant.class];
        let n = seen.entry(mutant.class).or_default();
        *n += 1;
        // As often as the line n * PER_CLASS / size takes a step.
        size <= PER_CLASS || *n * PER_CLASS / size > (*n - 1) * PER_CLASS / size
    };
    let mut spread = spread;
    all.into_iter().filter(|mutant| spread(mutant)).collect()
}

/// Share of the mutants of all classes that must be found, in percent.
const LEAST: usize = 95;

#[test]
fn broken_copies_are_found() {
    let templates = templates();
    let mutants = chosen(mutants(&templates));
    let known = ESTATES.map(|name| {
        let resources = present(&estate(&templates, name, "eu-west-1").unwrap());
        Known { name, resources, knowledge: knowledge(name) }
    });
    assert!(!is_found(&templates, &known, None), "mend the templates first");
    let next = AtomicUsize::new(0);
    let found: Vec<(usize, bool)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..std::thread::available_parallelism().map_or(2, Into::into))
            .map(|_| {
                scope.spawn(|| {
                    let mut found = Vec::new();
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let Some(mutant) = mutants.get(n) else { break };
                        found
                            .push((n, is_found(&mutant.of(&templates), &known, Some(mutant.file))));
                    }
                    found
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let mut classes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut survivors = BTreeSet::new();
    for (n, well) in found {
        let mutant = &mutants[n];
        let class = classes.entry(mutant.class).or_default();
        class.0 += 1;
        if well {
            class.1 += 1;
        } else {
            survivors.insert(format!("{}: {}", mutant.class, mutant.place()));
        }
    }
    let (all, killed) =
        classes.values().fold((0, 0), |sum, class| (sum.0 + class.0, sum.1 + class.1));
    let mut table = String::from("| class | mutants | found |\n|---|---:|---:|\n");
    for (class, (all, killed)) in &classes {
        writeln!(table, "| {class} | {all} | {killed} |").unwrap();
    }
    writeln!(table, "| all | {all} | {killed} |").unwrap();
    println!("{table}");
    for survivor in &survivors {
        println!("survived: {survivor}");
    }
    assert!(all >= 100 && classes.len() >= 12, "{all} mutants of {} classes", classes.len());
    assert!(killed * 100 >= all * LEAST, "{killed} of {all} found");
}
