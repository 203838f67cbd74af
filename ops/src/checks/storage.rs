//! What is kept: encrypted, not public, not lost by mistake, and backed up.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Violation, lets, many, texts};
use crate::estate::{Estate, Placed};

/// What must outlive its stack.
const LASTING: [&str; 3] = ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"];

fn is_set(properties: &Json, path: &str) -> bool {
    properties.pointer(path).is_some_and(|value| match value {
        Json::Bool(is) => *is,
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        _ => true,
    })
}

pub(super) fn what_is_kept_is_safe(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    let is_prod = estate.stacks.iter().any(|stack| stack.template == "ops/cost.yaml");
    for one in estate.of(&["AWS::S3::Bucket"]) {
        for block in
            ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
        {
            if !is_set(
                &one.resource.properties,
                &format!("/PublicAccessBlockConfiguration/{block}"),
            ) {
                found.push(Violation::new(&one, format!("it is open to the public: {block}")));
            }
        }
        let rule = "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/SSEAlgorithm";
        if !is_set(&one.resource.properties, rule) {
            found.push(Violation::new(&one, "it is not encrypted"));
        }
        if !is_tls_only(estate, &one) {
            found.push(Violation::new(&one, "its policy does not refuse what comes without TLS"));
        }
    }
    for one in estate.of(&["AWS::DynamoDB::Table"]) {
        let recovery = "/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled";
        if !is_set(&one.resource.properties, recovery) {
            found.push(Violation::new(&one, "it can't be restored to a point in time"));
        }
        if !is_set(&one.resource.properties, "/SSESpecification/KMSMasterKeyId") {
            found.push(Violation::new(&one, "it is not encrypted with a key of ours"));
        }
        if is_prod && !is_set(&one.resource.properties, "/DeletionProtectionEnabled") {
            found.push(Violation::new(&one, "anybody may delete it in Prod"));
        }
    }
    for one in estate.of(&["AWS::Cognito::UserPool"]) {
        if is_prod && one.text("DeletionProtection") != "ACTIVE" {
            found.push(Violation::new(&one, "anybody may delete it in Prod"));
        }
        let mails = &one.resource.properties["EmailConfiguration"];
        if is_prod && mails["EmailSendingAccount"] != "DEVELOPER" {
            found.push(Violation::new(&one, "its codes stop at fifty a day: mail through SES"));
        }
    }
    for one in estate.of(&LASTING) {
        let policy = one.resource.deletion_policy.as_deref().unwrap_or("Delete");
        if policy == "Delete" {
            found.push(Violation::new(&one, "it goes with its stack: DeletionPolicy"));
        }
    }
    for one in estate.of(&["AWS::Logs::LogGroup"]) {
        if !is_set(&one.resource.properties, "/RetentionInDays") {
            found.push(Violation::new(&one, "it is kept for ever: RetentionInDays"));
        }
        let days = one.resource.properties["RetentionInDays"].as_u64().unwrap_or_default();
        if is_prod && one.stack.template == "template.yaml" && days < 90 {
            found.push(Violation::new(&one, "Prod keeps its logs for ninety days"));
        }
        if !is_set(&one.resource.properties, "/KmsKeyId") {
            found.push(Violation::new(&one, "it is not encrypted with a key of ours"));
        }
    }
    for one in estate.of(&["AWS::SQS::Queue"]) {
        let own = is_set(&one.resource.properties, "/SqsManagedSseEnabled");
        if !own && !is_set(&one.resource.properties, "/KmsMasterKeyId") {
            found.push(Violation::new(&one, "it is not encrypted"));
        }
    }
    for one in estate.of(&["AWS::SNS::Topic"]) {
        if !is_set(&one.resource.properties, "/KmsMasterKeyId") {
            found.push(Violation::new(&one, "it is not encrypted"));
        }
    }
    for one in estate.of(&["AWS::KMS::Key"]) {
        let symmetric =
            one.text("KeySpec").is_empty() || one.text("KeySpec") == "SYMMETRIC_DEFAULT";
        if symmetric && !is_set(&one.resource.properties, "/EnableKeyRotation") {
            found.push(Violation::new(&one, "it is never rotated"));
        }
    }
    found
}

/// A key can be administrated, and opens for the services that keep what it
/// encrypts.
pub(super) fn keys_open_for_who_must(estate: &Estate) -> Vec<Violation> {
    let mut found = Vec::new();
    let through = |key: &Placed<'_>, service: &str| {
        many(&key.resource.properties["KeyPolicy"]["Statement"]).into_iter().any(|statement| {
            let via = texts(&statement["Condition"]["StringEquals"]["kms:ViaService"]);
            statement["Effect"] == "Allow" && via.iter().any(|via| via.starts_with(service))
        })
    };
    for key in estate.of(&["AWS::KMS::Key"]) {
        let arn = key.attribute("Arn");
        let policy = &key.resource.properties["KeyPolicy"];
        let account = many(&policy["Statement"]).into_iter().any(|statement| {
            let root = statement["Principal"]["AWS"].as_str();
            statement["Effect"] == "Allow"
                && root.is_some_and(|root| root.ends_with(":root"))
                && texts(&statement["Action"]).contains(&"kms:*")
        });
        if !account {
            found.push(Violation::new(&key, "nobody could ever change its policy"));
        }
        let keeps = |kind: &'static str, path: &str| {
            let kinds = [kind];
            estate.of(&kinds).any(|one| {
                one.resource.properties.pointer(path).and_then(Json::as_str) == Some(arn.as_str())
            })
        };
        let bucket = "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/KMSMasterKeyID";
        for (kind, path, service) in [
            ("AWS::DynamoDB::Table", "/SSESpecification/KMSMasterKeyId", "dynamodb."),
            ("AWS::S3::Bucket", bucket, "s3."),
        ] {
            // Elsewhere who reads a bucket may use its key by their own policies.
            let of_application = key.stack.template == "template.yaml";
            if of_application && keeps(kind, path) && !through(&key, service) {
                found.push(Violation::new(&key, format!("it does not open through {service}")));
            }
        }
        let table = "/SSESpecification/KMSMasterKeyId";
        let grants = many(&policy["Statement"]).into_iter().any(|statement| {
            let via = texts(&statement["Condition"]["StringEquals"]["kms:ViaService"]);
            statement["Effect"] == "Allow"
                && texts(&statement["Action"]).contains(&"kms:CreateGrant")
                && via.iter().any(|via| via.starts_with("dynamodb."))
        });
        if keeps("AWS::DynamoDB::Table", table) && !grants {
            found.push(Violation::new(&key, "DynamoDB works with grants, and gets none"));
        }
        if keeps("AWS::Logs::LogGroup", "/KmsKeyId") {
            let logs = format!("logs.{}.amazonaws.com", key.stack.region);
            if !lets(policy, &logs, &["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]) {
                found.push(Violation::new(&key, "logs can't be written with it"));
            }
        }
        let topic = "/KmsMasterKeyId";
        if key.stack.template == "template.yaml"
            && keeps("AWS::SNS::Topic", topic)
            && !through(&key, "sns.")
        {
            found.push(Violation::new(&key, "functions can't publish on its topic"));
        }
    }
    found
}

fn is_tls_only(estate: &Estate, bucket: &Placed<'_>) -> bool {
    let policies = estate.of(&["AWS::S3::BucketPolicy"]);
    let mut own = policies.filter(|policy| policy.text("Bucket") == bucket.reference());
    own.any(|policy| {
        many(&policy.resource.properties["PolicyDocument"]["Statement"]).into_iter().any(
            |statement| {
                let transport = statement.pointer("/Condition/Bool/aws:SecureTransport");
                let refused = transport.is_some_and(|is| *is == false || *is == "false");
                let resources = texts(&statement["Resource"]);
                statement["Effect"] == "Deny"
                    && texts(&statement["Action"]).contains(&"s3:*")
                    && refused
                    && resources.len() == 2
            },
        )
    })
}

/// Where there are backups, every table is in them, and in the weekly restore.
pub(super) fn tables_are_backed_up(estate: &Estate) -> Vec<Violation> {
    let vaults = estate.of(&["AWS::Backup::BackupVault"]).count();
    if vaults == 0 {
        return Vec::new();
    }
    let named = |kind: &'static str, list: &str| -> BTreeSet<String> {
        let kinds = [kind];
        let all = estate.of(&kinds).flat_map(|one| {
            let pointer = one.resource.properties.pointer(list).cloned().unwrap_or_default();
            texts(&pointer).into_iter().map(str::to_owned).collect::<Vec<_>>()
        });
        all.collect()
    };
    let selected = named("AWS::Backup::BackupSelection", "/BackupSelection/Resources");
    let restored = named("AWS::Backup::RestoreTestingSelection", "/ProtectedResourceArns");
    let mut found = Vec::new();
    for table in estate.of(&["AWS::DynamoDB::Table"]) {
        let arn = table.attribute("Arn");
        if !selected.contains(&arn) {
            found.push(Violation::new(&table, "no backup takes it"));
        }
        if !restored.contains(&arn) {
            found.push(Violation::new(&table, "no test restores it"));
        }
    }
    for plan in estate.of(&["AWS::Backup::BackupPlan"]) {
        let rules = many(&plan.resource.properties["BackupPlan"]["BackupPlanRule"]);
        let copied = |rule: &Json| !many(&rule["CopyActions"]).is_empty();
        if rules.is_empty() || !rules.iter().all(|rule| copied(rule)) {
            found.push(Violation::new(&plan, "a backup has no copy elsewhere"));
        }
        if rules.iter().any(|rule| !is_set(rule, "/Lifecycle/DeleteAfterDays")) {
            found.push(Violation::new(&plan, "a backup is kept for ever"));
        }
    }
    found
}
