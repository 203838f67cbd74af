//! What policies are about, and what stacks hand each other: each name in them is
//! of something that is there. A policy on a name that nobody has protects or
//! opens nothing, and says nothing of it either.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Violation, many, privilege::strings, texts};
use crate::{
    estate::{Estate, NESTED_NAME, Placed},
    pattern::wildcard,
    scope::ACCOUNT,
};

/// What policies name that no template makes, by its end or its beginning, and why.
const NOT_OURS: &[(&str, &str)] = &[
    ("arn:aws:iam::123456789012:root", "the account itself"),
    ("arn:aws:iam::123456789012:role/break-glass", "made by hand, where nobody deploys"),
    ("arn:aws:cloudformation:*:aws:transform/Serverless-2016-10-31", "SAM's own transform"),
    ("arn:aws:dynamodb:*:table/awsbackup-restore-test-*", "made and removed by AWS Backup"),
    ("arn:aws:s3:::awsbackup-restore-test-*", "likewise"),
    ("arn:aws:events:*:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*", "GuardDuty's own"),
    ("arn:aws:iam::aws:policy/*", "AWS's managed policies"),
    (
        "arn:aws:cloudtrail:us-east-1:*:trail/*-audit",
        "the account's stack is the same in both regions, and its trail in one of them",
    ),
];

/// Parameters of nested stacks that the application leaves at their defaults, and
/// why: whoever adds one says so here, or hands it on.
const LEFT_AT_DEFAULT: &[(&str, &str, &str)] = &[
    ("ops/cost.yaml", "AnomalyUsd", "the least that is worth a look, whatever the stage"),
    ("ops/delivery.yaml", "RotationDays", "no stage has a reason for another"),
    ("ops/mail.yaml", "BounceLabel", "a label below a domain that is the stage's own"),
    ("ops/mail.yaml", "DmarcPolicy", "quarantine while a domain is young; see its runbook"),
    ("ops/protection.yaml", "BreakGlassRole", "the account's, made by hand by this name"),
    ("ops/protection.yaml", "ProbeList", "the country that has sessions from the first day"),
];

/// Names by which what is there can be meant.
pub(super) struct Known(BTreeSet<String>);

impl Known {
    pub(super) fn of(estate: &Estate) -> Self {
        let mut all = BTreeSet::new();
        for one in estate.all() {
            let made_up = format!("{}-{}-x", one.stack.name.replace('/', "-x-"), one.id);
            let region = &one.stack.region;
            let own = |property: &str| match one.text(property) {
                "" => made_up.clone(),
                name => name.to_owned(),
            };
            let arn =
                |service: &str, rest: &str| format!("arn:aws:{service}:{region}:{ACCOUNT}:{rest}");
            all.insert(one.reference());
            all.insert(one.token());
            let more = match one.resource.kind.as_str() {
                "AWS::S3::Bucket" => vec![
                    format!("arn:aws:s3:::{}", one.token()),
                    format!("arn:aws:s3:::{}", own("BucketName").to_lowercase()),
                ],
                "AWS::SQS::Queue" => vec![arn("sqs", &own("QueueName"))],
                "AWS::SNS::Topic" => vec![arn("sns", &own("TopicName"))],
                "AWS::Lambda::Function" => {
                    vec![arn("lambda", &format!("function:{}", own("FunctionName")))]
                }
                "AWS::StepFunctions::StateMachine" => {
                    let name = own("StateMachineName");
                    vec![
                        arn("states", &format!("stateMachine:{name}")),
                        arn("states", &format!("execution:{name}")),
                    ]
                }
                "AWS::Logs::LogGroup" => {
                    vec![arn("logs", &format!("log-group:{}", own("LogGroupName")))]
                }
                "AWS::Logs::DeliverySource" => {
                    vec![arn("logs", &format!("delivery-source:{}", own("Name")))]
                }
                "AWS::Events::Rule" => vec![arn("events", &format!("rule/{}", own("Name")))],
                "AWS::SES::ConfigurationSet" => {
                    vec![arn("ses", &format!("configuration-set/{}", own("Name")))]
                }
                "AWS::SES::EmailIdentity" => {
                    vec![arn("ses", &format!("identity/{}", own("EmailIdentity")))]
                }
                "AWS::CloudTrail::Trail" => {
                    vec![arn("cloudtrail", &format!("trail/{}", own("TrailName")))]
                }
                "AWS::CloudFront::Distribution" => {
                    vec![format!("arn:aws:cloudfront::{ACCOUNT}:distribution/{}", one.token())]
                }
                "AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm" => {
                    vec![arn("cloudwatch", &format!("alarm:{}", own("AlarmName")))]
                }
                "AWS::IAM::Role" => {
                    vec![format!("arn:aws:iam::{ACCOUNT}:role/{}", own("RoleName"))]
                }
                "AWS::IAM::ManagedPolicy" => {
                    vec![format!("arn:aws:iam::{ACCOUNT}:policy/{}", own("ManagedPolicyName"))]
                }
                "AWS::CodeBuild::Project" => vec![
                    arn("codebuild", &format!("project/{}", own("Name"))),
                    arn("codebuild", &format!("report-group/{}", own("Name"))),
                ],
                "AWS::CodePipeline::Pipeline" => {
                    vec![arn("codepipeline", &own("Name")), arn("codepipeline", &one.token())]
                }
                "AWS::CodeStarNotifications::NotificationRule" => {
                    vec![arn("codestar-notifications", "notificationrule/id")]
                }
                "AWS::CodeConnections::Connection" => vec![arn("codeconnections", "connection/id")],
                "AWS::Cognito::UserPool" => vec![arn("cognito-idp", "userpool/id")],
                "AWS::Backup::BackupVault" => {
                    vec![arn("backup", &format!("backup-vault:{}", own("BackupVaultName")))]
                }
                "AWS::AccessAnalyzer::Analyzer" => {
                    vec![arn("access-analyzer", &format!("analyzer/{}", own("AnalyzerName")))]
                }
                _ => Vec::new(),
            };
            all.extend(more);
        }
        for stack in &estate.stacks {
            let region = &stack.region;
            let name = stack.name.split(NESTED_NAME).next().unwrap_or_default();
            all.insert(format!("arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{name}"));
        }
        // What the pipeline deploys, and what is in it whose names it can know.
        for (stack, region) in super::pipeline::deployed(estate) {
            all.insert(format!("arn:aws:cloudformation:{region}:{ACCOUNT}:stack/{stack}"));
            all.insert(format!("arn:aws:sns:{region}:{ACCOUNT}:{stack}-x"));
            all.insert(format!("arn:aws:cognito-idp:{region}:{ACCOUNT}:userpool/id"));
        }
        Self(all)
    }

    /// Whether a policy's word means something that is there, or a part of it.
    pub(super) fn has(&self, named: &str) -> bool {
        // Everything: access.rs says where that may be.
        if named == "*" || NOT_OURS.iter().any(|(foreign, _)| wildcard(foreign, named)) {
            return true;
        }
        // An attribute of a resource is made of its name; it was looked up already.
        if named.starts_with('<') || self.0.contains(named) {
            return true;
        }
        self.0.iter().any(|known| {
            wildcard(named, known)
                || named
                    .strip_prefix(known.as_str())
                    .is_some_and(|rest| rest.starts_with(['/', ':']))
                // `…-one:*` for the executions of one.
                || wildcard(named, &format!("{known}:x"))
                || wildcard(named, &format!("{known}/x"))
        })
    }
}

/// Policies of a resource: who may use it, or what a role may.
fn policies<'a>(one: &Placed<'a>) -> Vec<&'a Json> {
    let properties = &one.resource.properties;
    match one.resource.kind.as_str() {
        "AWS::IAM::Role" => many(&properties["Policies"])
            .into_iter()
            .map(|policy| &policy["PolicyDocument"])
            .chain([&properties["AssumeRolePolicyDocument"]])
            .collect(),
        "AWS::S3::BucketPolicy" | "AWS::SQS::QueuePolicy" | "AWS::SNS::TopicPolicy" => {
            vec![&properties["PolicyDocument"]]
        }
        // Those of deployments are about what is not there yet, the boundary about all.
        "AWS::IAM::ManagedPolicy" if !one.id.starts_with("Deploy") && one.id != "Boundary" => {
            vec![&properties["PolicyDocument"]]
        }
        "AWS::KMS::Key" => vec![&properties["KeyPolicy"]],
        "AWS::Backup::BackupVault" => vec![&properties["AccessPolicy"]],
        _ => Vec::new(),
    }
}

/// Conditions whose values are ARNs.
const BY_ARN: [&str; 3] = ["aws:SourceArn", "aws:PrincipalArn", "iam:PolicyARN"];

/// Every ARN in a policy is of something that is there.
pub(super) fn policies_name_what_is_there(estate: &Estate) -> Vec<Violation> {
    let known = Known::of(estate);
    let mut found = Vec::new();
    for one in estate.all() {
        for statement in policies(&one).into_iter().flat_map(|policy| many(&policy["Statement"])) {
            let mut named = texts(&statement["Resource"]);
            for test in statement["Condition"].as_object().into_iter().flatten() {
                for (key, value) in test.1.as_object().into_iter().flatten() {
                    if BY_ARN.contains(&key.as_str()) || key.contains("aws:logs:arn") {
                        named.extend(texts(value));
                    }
                }
            }
            for name in named {
                if !known.has(name) {
                    let what = format!("its policy is about {name}, which is nothing here");
                    found.push(Violation::new(&one, what));
                }
            }
        }
    }
    found
}

/// The policy of a bucket, a queue or a topic is about that one.
pub(super) fn policies_are_of_their_own(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    for policy in
        estate.of(&["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"])
    {
        let properties = &policy.resource.properties;
        let of: Vec<&str> = ["Bucket", "Queues", "Topics"]
            .into_iter()
            .flat_map(|property| texts(&properties[property]))
            .collect();
        let kinds = ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"];
        let own: Vec<Placed<'_>> =
            estate.of(&kinds).filter(|one| of.contains(&one.reference().as_str())).collect();
        if own.is_empty() {
            found.push(Violation::new(&policy, format!("it is of {of:?}, which are nothing here")));
        }
        for statement in many(&properties["PolicyDocument"]["Statement"]) {
            for resource in texts(&statement["Resource"]) {
                let is_own = own.iter().any(|one| {
                    let arn = one.attribute("Arn");
                    resource == one.reference()
                        || resource == arn
                        || resource.strip_prefix(&arn).is_some_and(|rest| rest.starts_with('/'))
                });
                if !is_own {
                    let what = format!("a statement is about {resource}, which is another's");
                    found.push(Violation::new(&policy, what));
                }
            }
        }
    }
    found
}

/// What stands where a setting, a dimension or a target names a resource, is a
/// resource: not a word that something else made.
pub(super) fn stacks_hand_on_what_is_there(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    for stack in &estate.stacks {
        let place = |name: &str| format!("{} {name}", stack.template);
        for name in &stack.unused {
            found
                .push(Violation { place: place(name), what: "nothing uses this parameter".into() });
        }
        if !stack.name.contains(NESTED_NAME) {
            continue;
        }
        for name in &stack.defaulted {
            let known = LEFT_AT_DEFAULT
                .iter()
                .any(|(template, known, _)| *template == stack.template && known == name);
            if !known {
                let what = "the application does not hand this parameter on";
                found.push(Violation { place: place(name), what: what.into() });
            }
        }
    }
    found
}

/// Targets, dead letters, roles and topics are ARNs of something that is there.
pub(super) fn settings_name_what_is_there(estate: &Estate) -> Vec<Violation> {
    let known = Known::of(estate);
    let mut found = Vec::new();
    for one in estate.all() {
        strings(&one.resource.properties, &mut |text| {
            // What is written as an ARN of this account, and is no beginning of one.
            let ours = text.starts_with("arn:aws:s3:::")
                || text.starts_with("arn:aws:") && text.contains(ACCOUNT);
            let is_plain =
                ours && !text.contains(['*', '?', '{', '"', ' ']) && !text.ends_with('-');
            if is_plain && !known.has(text) && !made_elsewhere(text) {
                found.push(Violation::new(&one, format!("there is no {text}")));
            }
            for bucket in buckets_of_hosts(text) {
                if !estate.of(&["AWS::S3::Bucket"]).any(|known| known.token() == bucket) {
                    found.push(Violation::new(&one, format!("there is no bucket {bucket}")));
                }
            }
        });
    }
    found
}

/// The buckets that addresses in a text are of.
fn buckets_of_hosts(text: &str) -> impl Iterator<Item = &str> {
    text.split("https://").skip(1).filter_map(|rest| {
        let host = rest.split([' ', ';']).next()?;
        host.split_once(".s3.").map(|(bucket, _)| bucket)
    })
}

/// ARNs of what AWS has in every account, or names by an id of its own.
fn made_elsewhere(arn: &str) -> bool {
    [":event-bus/default", ":execute-api:", ":restore-testing-plan:", ":userpool/"]
        .iter()
        .any(|part| arn.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_buckets_are_found_in_a_text() {
        let policy = "connect-src 'self' https://<app/One>.s3.x.amazonaws.com; img https://a.b";
        assert_eq!(buckets_of_hosts(policy).collect::<Vec<_>>(), ["<app/One>"]);
    }

    #[test]
    fn a_word_means_what_is_there_or_a_part_of_it() {
        let known = ["arn:aws:sqs:x:1:one", "arn:aws:states:x:1:stateMachine:app-one"];
        let known = Known(known.map(str::to_owned).into());
        for (named, expected) in [
            ("arn:aws:sqs:x:1:one", true),
            ("arn:aws:sqs:x:1:on*", true),
            ("arn:aws:sqs:x:1:two", false),
            ("arn:aws:sqs:x:1:one-more", false),
            ("arn:aws:states:x:1:stateMachine:app-*", true),
            ("arn:aws:states:x:1:stateMachine:app-one:*", true),
            ("arn:aws:states:x:1:stateMachine:app-two:*", false),
            ("<app/Bucket.Arn>/photos/*", true),
            ("something-else", false),
            ("*", true),
            ("arn:aws:s3:::awsbackup-restore-test-1/photos/*", true),
        ] {
            assert_eq!(known.has(named), expected, "{named}");
        }
    }
}
