//! What an account is guarded by: the boundary of every role, the trail and the
//! record of how things stand.

use serde_json::Value as Json;

use super::{Violation, many, texts};
use crate::{
    estate::{Estate, Placed},
    pattern::wildcard,
};

/// What no role may do, whatever its own policies say: the boundary denies it
/// everywhere.
const NEVER: [&str; 13] = [
    "backup:DeleteRecoveryPoint",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:UpdateLoginProfile",
    "s3:PutAccountPublicAccessBlock",
    "iam:AddUserToGroup",
];

/// What makes a role, or makes one mightier: denied where the boundary is not on it.
const MAKES_ROLES: [&str; 4] = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
];

/// What makes or changes policies: denied on the boundary itself.
const MAKES_POLICIES: [&str; 4] = [
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
];

/// What roles ask for and the boundary refuses, and why both stand.
const REFUSED: &[(&str, &str)] = &[
    ("backup:DeleteBackupVault", "a vault is retained; its removal is a person's"),
    ("backup:DeleteBackupVaultAccessPolicy", "likewise"),
    ("backup:DeleteBackupVaultLockConfiguration", "likewise"),
    ("backup:DeleteBackupVaultNotifications", "likewise"),
    ("guardduty:DeleteDetector", "a detector is retained; its removal is a person's"),
    ("guardduty:UpdateDetector", "what it looks at is changed by a person"),
];

/// The boundary of the account, where its stack is.
fn boundary(estate: &Estate) -> Option<Placed<'_>> {
    let policies = estate.of(&["AWS::IAM::ManagedPolicy"]);
    let mut all = policies.filter(|one| one.stack.template == "ops/account.yaml");
    all.next()
}

fn names(statement: &Json, action: &str) -> bool {
    texts(&statement["Action"]).into_iter().any(|pattern| wildcard(pattern, action))
}

/// Roles carry the boundary, ask for nothing that it refuses, and it refuses what
/// nobody may do.
pub(super) fn roles_stay_within(estate: &Estate) -> Vec<Violation> {
    let Some(boundary) = boundary(estate) else { return Vec::new() };
    let mut found = Vec::new();
    let policy = &boundary.resource.properties["PolicyDocument"];
    let of = |effect: &str| -> Vec<&Json> {
        many(&policy["Statement"]).into_iter().filter(|one| one["Effect"] == effect).collect()
    };
    let (allows, denies) = (of("Allow"), of("Deny"));
    let everywhere =
        |one: &&Json| one.get("Condition").is_none() && texts(&one["Resource"]) == ["*"];
    let refused =
        |action: &str| denies.iter().filter(|one| everywhere(one)).any(|one| names(one, action));
    for action in NEVER {
        if !refused(action) {
            found.push(Violation::new(&boundary, format!("it lets roles do {action}")));
        }
    }
    let arn = format!(
        "arn:aws:iam::{}:policy/{}",
        crate::scope::ACCOUNT,
        boundary.text("ManagedPolicyName")
    );
    for action in MAKES_ROLES {
        let bound = denies.iter().any(|one| {
            names(one, action)
                && texts(&one["Resource"]) == ["*"]
                && one["Condition"]["StringNotEquals"]["iam:PermissionsBoundary"] == arn
        });
        if !bound {
            let what = format!("{action} is not denied where the boundary is not on the role");
            found.push(Violation::new(&boundary, what));
        }
        let allowed_unbound = allows.iter().any(|one| {
            names(one, action) && one["Condition"]["StringEquals"]["iam:PermissionsBoundary"] != arn
        });
        if allowed_unbound {
            found.push(Violation::new(&boundary, format!("{action} is allowed without it")));
        }
    }
    for action in MAKES_POLICIES {
        let kept = refused(action)
            || denies.iter().any(|one| {
                names(one, action)
                    && one.get("Condition").is_none()
                    && texts(&one["Resource"]).contains(&arn.as_str())
            });
        if !kept {
            found.push(Violation::new(&boundary, format!("{action} may change it")));
        }
    }
    let regions = denies.iter().any(|one| {
        let held = &one["Condition"]["StringNotEquals"]["aws:RequestedRegion"];
        !texts(held).is_empty() && one.get("NotAction").is_some()
    });
    if !regions {
        found.push(Violation::new(&boundary, "roles may work in any region"));
    }
    for role in estate.of(&["AWS::IAM::Role"]) {
        let carried = role.text("PermissionsBoundary");
        if carried.is_empty() {
            continue;
        }
        if carried != boundary.token() {
            found.push(Violation::new(&role, format!("{carried} is not the account's boundary")));
        }
        for action in asked(estate, &role) {
            let allowed = allows.iter().any(|one| names(one, action));
            let known = REFUSED.iter().any(|(known, _)| *known == action);
            if (!allowed || refused(action)) && !known {
                let what = format!("it allows {action}, which the boundary refuses");
                found.push(Violation::new(&role, what));
            }
        }
    }
    found
}

/// What a role allows, by its own policies and those of ours that it carries.
fn asked<'a>(estate: &'a Estate, role: &Placed<'a>) -> Vec<&'a str> {
    let statements = super::access::granted(estate, role);
    statements.into_iter().flat_map(|statement| texts(&statement["Action"])).collect()
}

/// The trail is of every region, runs and can't be forged unseen; what the rules
/// look at is recorded.
pub(super) fn nobody_is_blind(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    for trail in estate.of(&["AWS::CloudTrail::Trail"]) {
        for setting in [
            "IsLogging",
            "IsMultiRegionTrail",
            "IncludeGlobalServiceEvents",
            "EnableLogFileValidation",
        ] {
            if trail.resource.properties[setting] != true {
                found.push(Violation::new(&trail, format!("{setting} is not on")));
            }
        }
        let kept = trail.text("S3BucketName");
        let bucket = estate.of(&["AWS::S3::Bucket"]).find(|one| one.token() == kept);
        if bucket.is_none() {
            found.push(Violation::new(&trail, format!("{kept:?} is no bucket here")));
        }
        let named = |policy: &Json, of: &str| {
            let source = policy["Condition"]["StringEquals"]["aws:SourceArn"].as_str();
            policy["Effect"] == "Allow"
                && policy["Principal"]["Service"] == "cloudtrail.amazonaws.com"
                && source.is_some_and(|source| source.ends_with(of))
        };
        let arn = format!("trail/{}", trail.text("TrailName"));
        let key = trail.text("KMSKeyId");
        let keys = estate.of(&["AWS::KMS::Key"]).filter(|one| one.attribute("Arn") == key);
        let opens = keys.into_iter().any(|one| {
            many(&one.resource.properties["KeyPolicy"]["Statement"])
                .into_iter()
                .any(|policy| named(policy, &arn) && names(policy, "kms:GenerateDataKey"))
        });
        let lets = |action: &str| {
            estate.of(&["AWS::S3::BucketPolicy"]).filter(|one| one.text("Bucket") == kept).any(
                |one| {
                    many(&one.resource.properties["PolicyDocument"]["Statement"])
                        .into_iter()
                        .any(|policy| named(policy, &arn) && names(policy, action))
                },
            )
        };
        for action in ["s3:GetBucketAcl", "s3:PutObject"] {
            if !lets(action) {
                found.push(Violation::new(&trail, format!("its bucket lets it do no {action}")));
            }
        }
        if !opens {
            found.push(Violation::new(&trail, "its key does not open for it"));
        }
        let events = many(&trail.resource.properties["AdvancedEventSelectors"]);
        let managed = events.iter().any(|selector| {
            many(&selector["FieldSelectors"]).into_iter().any(|field| {
                field["Field"] == "eventCategory" && texts(&field["Equals"]) == ["Management"]
            })
        });
        if !managed {
            found.push(Violation::new(&trail, "it does not record what changes the account"));
        }
    }
    found
}
