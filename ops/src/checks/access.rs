//! Who may do what.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::{Violation, many, texts};
use crate::estate::{Estate, Placed};

/// The scope that Cognito's access tokens have and its ID tokens lack.
const SCOPE: &str = "aws.cognito.signin.user.admin";
/// Functions that anybody may call: public reads, and where tokens come from.
const OPEN: [&str; 2] = ["public-api", "auth-api"];

/// Actions that AWS knows no resource for. Each is documented so.
const WITHOUT_RESOURCE: [&str; 19] = [
    "access-analyzer:ListFindings",
    "backup:ListBackupJobs",
    "backup:ListCopyJobs",
    "backup:ListRestoreJobs",
    "backup:PutRestoreValidationResult",
    "cloudformation:ValidateTemplate",
    "cloudwatch:PutMetricData",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "rekognition:DetectModerationLabels",
    "secretsmanager:GetRandomPassword",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];
/// Likewise.
const LOGS_WITHOUT_RESOURCE: [&str; 2] = ["logs:PutResourcePolicy", "logs:UpdateLogDelivery"];

/// A route asks for an access token, unless it leads to what anybody may call.
pub(super) fn routes_ask_who_is_there(estate: &Estate) -> Vec<Violation> {
    let integrations: BTreeMap<String, String> = estate
        .of(&["AWS::ApiGatewayV2::Integration"])
        .map(|one| (one.token(), one.text("IntegrationUri").to_owned()))
        .collect();
    let authorizers: Vec<String> = estate
        .of(&["AWS::ApiGatewayV2::Authorizer"])
        .filter(|one| one.text("AuthorizerType") == "JWT")
        .map(|one| one.token())
        .collect();
    let mut found = Vec::new();
    for route in estate.of(&["AWS::ApiGatewayV2::Route"]) {
        let target = route.text("Target").strip_prefix("integrations/").unwrap_or_default();
        let Some(function) = integrations.get(target) else {
            found.push(Violation::new(&route, "it leads nowhere"));
            continue;
        };
        let is_open = OPEN
            .iter()
            .any(|open| function.trim_end_matches(":live").ends_with(&format!("-{open}")));
        match route.text("AuthorizationType") {
            "NONE" if is_open => {}
            "JWT" => {
                if !authorizers.iter().any(|known| known == route.text("AuthorizerId")) {
                    found.push(Violation::new(&route, "its authorizer is none of ours"));
                }
                if texts(&route.resource.properties["AuthorizationScopes"]) != [SCOPE] {
                    found.push(Violation::new(
                        &route,
                        format!("an ID token would do: ask for {SCOPE}"),
                    ));
                }
            }
            other => {
                let what = format!("{function} may be called with authorization {other:?}");
                found.push(Violation::new(&route, what));
            }
        }
    }
    found
}

/// What the distribution fetches is a bucket or an API of this stage.
pub(super) fn origins_are_ours(estate: &Estate) -> Vec<Violation> {
    let kinds = ["AWS::S3::Bucket", "AWS::ApiGatewayV2::Api"];
    let ours: Vec<String> = estate.of(&kinds).map(|one| one.token()).collect();
    let mut found = Vec::new();
    for distribution in estate.of(&["AWS::CloudFront::Distribution"]) {
        for origin in many(&distribution.resource.properties["DistributionConfig"]["Origins"]) {
            let domain = origin["DomainName"].as_str().unwrap_or_default();
            let is_ours = ours.iter().any(|token| domain.starts_with(token.as_str()))
                || estate
                    .of(&["AWS::CloudFront::Distribution"])
                    .any(|other| domain == other.attribute("DomainName"));
            if !is_ours {
                found.push(Violation::new(
                    &distribution,
                    format!("its origin {domain} is none of ours"),
                ));
            }
        }
    }
    found
}

/// Every statement of a role that allows something.
pub(super) fn allowed<'a>(role: &Placed<'a>) -> Vec<&'a Json> {
    many(&role.resource.properties["Policies"])
        .into_iter()
        .flat_map(|policy| many(&policy["PolicyDocument"]["Statement"]))
        .filter(|statement| statement["Effect"] == "Allow")
        .collect()
}

/// The services that may take a role.
pub(super) fn assumed_by<'a>(role: &Placed<'a>) -> Vec<&'a str> {
    many(&role.resource.properties["AssumeRolePolicyDocument"]["Statement"])
        .into_iter()
        .flat_map(|statement| texts(&statement["Principal"]["Service"]))
        .collect()
}

/// The same, with those of our managed policies that it carries.
pub(super) fn granted<'a>(estate: &'a Estate, role: &Placed<'a>) -> Vec<&'a Json> {
    let carried = texts(&role.resource.properties["ManagedPolicyArns"]);
    let managed = estate
        .of(&["AWS::IAM::ManagedPolicy"])
        .filter(|one| carried.contains(&one.reference().as_str()))
        .flat_map(|one| many(&one.resource.properties["PolicyDocument"]["Statement"]))
        .filter(|statement| statement["Effect"] == "Allow");
    allowed(role).into_iter().chain(managed).collect()
}

/// A role names its actions and what they are for.
pub(super) fn roles_allow_no_more(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    let bounded =
        estate.of(&["AWS::IAM::Role"]).any(|role| !role.text("PermissionsBoundary").is_empty());
    for role in estate.of(&["AWS::IAM::Role"]) {
        // An administrator makes the account's own.
        let of_account = role.stack.template == "ops/account.yaml";
        if bounded && role.text("PermissionsBoundary").is_empty() && !of_account {
            found.push(Violation::new(&role, "it is without the boundary, so nobody may make it"));
        }
        let is_deployer = assumed_by(&role).contains(&"cloudformation.amazonaws.com");
        for statement in allowed(&role) {
            let (actions, resources) = (texts(&statement["Action"]), texts(&statement["Resource"]));
            if actions.is_empty() || resources.is_empty() {
                found.push(Violation::new(&role, "a statement allows by what it leaves out"));
            }
            for action in &actions {
                let some = action.contains('*');
                // Who makes a bucket sets whatever a bucket has; still no service as a whole.
                let of_deployer = is_deployer && some && !action.ends_with(":*");
                if some && !of_deployer {
                    found.push(Violation::new(
                        &role,
                        format!("it allows {action}: name what it needs"),
                    ));
                }
                let known =
                    WITHOUT_RESOURCE.contains(action) || LOGS_WITHOUT_RESOURCE.contains(action);
                if resources.contains(&"*") && !known {
                    found.push(Violation::new(&role, format!("{action} is allowed on everything")));
                }
            }
        }
        let trust = many(&role.resource.properties["AssumeRolePolicyDocument"]["Statement"]);
        for statement in trust {
            if statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*" {
                found.push(Violation::new(&role, "anybody may take it"));
            }
        }
    }
    found
}
