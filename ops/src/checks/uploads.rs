//! Uploads: nobody reads what the malware scan has not called clean.

use serde_json::Value as Json;

use super::{Violation, many, names_action, texts};
use crate::estate::{Estate, Placed};

/// Where the scan leaves its answer, and the one that opens an upload.
const TAG: &str = "s3:ExistingObjectTag/GuardDutyMalwareScanStatus";
const CLEAN: &str = "NO_THREATS_FOUND";

/// Every bucket that a malware plan protects is closed until the plan's answer,
/// to all but the plan's role, which alone may give it.
pub(super) fn nobody_reads_what_is_not_clean(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut is_scanned = false;
    for plan in estate.of(&["AWS::GuardDuty::MalwareProtectionPlan"]) {
        let properties = &plan.resource.properties;
        let bucket = &properties["ProtectedResource"]["S3Bucket"];
        if properties["Actions"]["Tagging"]["Status"] != "ENABLED" {
            found.push(Violation::new(&plan, "its answers are not written to the uploads"));
        }
        let role = estate
            .of(&["AWS::IAM::Role"])
            .find(|role| role.attribute("Arn") == plan.text("Role"))
            .map(|role| format!(":role/{}", role.text("RoleName")));
        let Some(role) = role else {
            found.push(Violation::new(&plan, "its role is none of ours"));
            continue;
        };
        let name = bucket["BucketName"].as_str().unwrap_or_default();
        let policies = estate.of(&["AWS::S3::BucketPolicy"]);
        let Some(policy) = policies.into_iter().find(|policy| policy.text("Bucket") == name) else {
            found.push(Violation::new(&plan, format!("{name} has no policy")));
            continue;
        };
        is_scanned = true;
        for prefix in texts(&bucket["ObjectPrefixes"]) {
            let end = format!("/{prefix}*");
            for action in ["s3:GetObject", "s3:GetObjectVersion"] {
                let closed = denied(&policy, action, &end, &role).any(|condition| {
                    condition["StringNotEquals"][TAG] == CLEAN
                        && condition.as_object().is_some_and(|all| all.len() == 2)
                });
                if !closed {
                    let what = format!("{action} of an upload is possible before it is clean");
                    found.push(Violation::new(&policy, what));
                }
            }
            for action in [
                "s3:PutObjectTagging",
                "s3:PutObjectVersionTagging",
                "s3:DeleteObjectTagging",
                "s3:DeleteObjectVersionTagging",
            ] {
                let alone = |condition: &Json| condition.as_object().is_some_and(|c| c.len() == 1);
                if !denied(&policy, action, &end, &role).any(alone) {
                    let what =
                        format!("{action}: others than the scanner may call an upload clean");
                    found.push(Violation::new(&policy, what));
                }
            }
        }
    }
    // Whoever asks for the answer needs one that comes.
    let reader = estate.of(&["AWS::IAM::Role"]).find(|role| {
        let policies = many(&role.resource.properties["Policies"]);
        let mut statements =
            policies.into_iter().flat_map(|policy| many(&policy["PolicyDocument"]["Statement"]));
        role.stack.template == "template.yaml"
            && statements.any(|statement| names_action(statement, "s3:GetObjectTagging"))
    });
    if let Some(reader) = reader.filter(|_| !is_scanned) {
        found.push(Violation::new(&reader, "it waits for the scan of uploads, and there is none"));
    }
    found
}

/// The conditions under which a policy refuses an action on such objects, to all
/// but one role.
fn denied<'a>(
    policy: &Placed<'a>,
    action: &'a str,
    end: &'a str,
    role: &'a str,
) -> impl Iterator<Item = &'a Json> {
    let statements = many(&policy.resource.properties["PolicyDocument"]["Statement"]);
    statements.into_iter().filter_map(move |statement| {
        let covers = texts(&statement["Resource"]).into_iter().any(|resource| {
            resource.ends_with(end) || resource.ends_with("/*") && !resource.contains("/*/")
        });
        let spared = statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].as_str();
        let is_denied = statement["Effect"] == "Deny"
            && statement["Principal"] == "*"
            && names_action(statement, action)
            && covers
            && spared.is_some_and(|spared| spared.ends_with(role));
        is_denied.then(|| &statement["Condition"])
    })
}
