//! What stands in a stage and costs by the month, whoever comes: counted in the
//! templates as the stage has them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::{
    bill::Line,
    prices::Prices,
    units::{Amount, Hours, ThingMonths, Usd},
};

/// Hours of a month, as AWS reckons.
pub const HOURS: f64 = 730.0;

/// Days of a month.
pub const DAYS: f64 = HOURS / 24.0;

/// Weeks of a month.
const WEEKS: f64 = DAYS / 7.0;

/// Requests a month with which Lambda looks into an empty queue: five connections that
/// wait for twenty seconds each.
const POLLS: f64 = 5.0 * HOURS * 3_600.0 / 20.0;

/// Types that cost nothing while nobody uses them. A type that is in no list here
/// is an error, so that whoever adds one says what it costs.
const FREE: &[&str] = &[
    // Deployments of functions cost nothing, those of machines would.
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    // Of IAM, and what says who may.
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::KMS::Alias",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    // By what passes.
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::Distribution",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
    "AWS::CodeBuild::Project",
    "AWS::CodeConnections::Connection",
    "AWS::CodePipeline::Pipeline",
    "AWS::CodeStarNotifications::NotificationRule",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::DynamoDB::Table",
    "AWS::GuardDuty::MalwareProtectionPlan",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::S3::Bucket",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
    "AWS::WAFv2::LoggingConfiguration",
    // By what is kept: reckoned with the month's backups.
    "AWS::Backup::BackupPlan",
    "AWS::Backup::BackupSelection",
    "AWS::Backup::BackupVault",
    "AWS::Backup::LogicallyAirGappedBackupVault",
    "AWS::Backup::RestoreTestingPlan",
    // By what changes: reckoned with the deployments of a month.
    "AWS::Config::ConfigRule",
    "AWS::Config::ConfigurationRecorder",
    "AWS::Config::DeliveryChannel",
    // Without charge: external access, the first trail, watching the bill.
    "AWS::AccessAnalyzer::Analyzer",
    "AWS::Budgets::Budget",
    "AWS::CE::AnomalyMonitor",
    "AWS::CE::AnomalySubscription",
    "AWS::CloudTrail::Trail",
    "AWS::EC2::SnapshotBlockPublicAccess",
    "AWS::GuardDuty::Detector",
    "AWS::CertificateManager::Certificate",
    "AWS::Route53::RecordSet",
    "AWS::CloudFormation::Stack",
];

/// What stands, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Customer keys.
    pub keys: u64,
    /// Of these, rotated every year: two rotations cost as much again each.
    pub rotated_keys: u64,
    /// Secrets.
    pub secrets: u64,
    /// Alarms, and the metrics that they look at, which is what is paid.
    pub alarms: u64,
    /// See `alarms`.
    pub alarm_metrics: u64,
    /// Composite alarms.
    pub composites: u64,
    /// Dashboards.
    pub dashboards: u64,
    /// Queues that Lambda takes messages from for a function: it asks them all the time.
    pub polled_queues: u64,
    /// Web ACLs.
    pub acls: u64,
    /// Their rules.
    pub acl_rules: u64,
    /// Restore tests of a month.
    pub restore_tests: f64,
    /// Whole copies of the table that backups keep, all vaults together.
    pub table_copies: f64,
    /// Vaults that keep copies of the photos, which are stored incrementally.
    pub photo_vaults: u64,

    /// Whether a GuardDuty detector looks at the account.
    pub detector: bool,
    /// Runs a month of what a schedule starts, by the rule's name.
    pub schedules: BTreeMap<String, f64>,
    /// Resources of types that AWS Config records here.
    pub recorded: u64,
    /// Resources in all.
    pub resources: u64,
}

impl Standing {
    /// Counts the templates of a stage, as it has them.
    ///
    /// # Errors
    /// Every type that is not known here, and every schedule that can't be read.
    pub fn of<'a>(templates: impl IntoIterator<Item = &'a Json>) -> Result<Self, String> {
        let mut standing = Self::default();
        let mut errors = BTreeSet::new();
        for template in templates {
            for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
                standing.add(id, resource, &mut errors);
            }
        }
        if errors.is_empty() {
            Ok(standing)
        } else {
            Err(errors.into_iter().collect::<Vec<_>>().join("\n"))
        }
    }

    fn add(&mut self, id: &str, resource: &Json, errors: &mut BTreeSet<String>) {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let properties = &resource["Properties"];
        self.resources += 1;
        match kind {
            "AWS::KMS::Key" => {
                self.keys += 1;
                self.rotated_keys += u64::from(properties["EnableKeyRotation"] == true);
            }
            "AWS::SecretsManager::Secret" => self.secrets += 1,
            "AWS::Lambda::EventSourceMapping" => self.polled_queues += 1,
            "AWS::CloudWatch::Alarm" => {
                self.alarms += 1;
                let metrics = properties["Metrics"].as_array();
                let looked_at = metrics.map_or(1, |metrics| {
                    metrics.iter().filter(|metric| metric.get("MetricStat").is_some()).count()
                });
                self.alarm_metrics += looked_at as u64;
            }
            "AWS::CloudWatch::CompositeAlarm" => self.composites += 1,
            "AWS::CloudWatch::Dashboard" => self.dashboards += 1,
            "AWS::WAFv2::WebACL" => {
                self.acls += 1;
                self.acl_rules += properties["Rules"].as_array().map_or(0, Vec::len) as u64;
            }
            "AWS::Backup::RestoreTestingSelection" => self.restore_tests += WEEKS,
            "AWS::Events::Rule" => {
                if let Some(schedule) = properties["ScheduleExpression"].as_str() {
                    match runs(schedule) {
                        Some(runs) => {
                            self.schedules.insert(id.to_owned(), runs);
                        }
                        None => {
                            errors.insert(format!("{id}: how often is {schedule}?"));
                        }
                    }
                }
            }
            _ if !FREE.contains(&kind) => {
                errors.insert(format!(
                    "{kind} ({id}): ops/src/cost/idle.rs does not say what it costs while nobody comes"
                ));
            }
            _ => {}
        }
        match kind {
            "AWS::GuardDuty::Detector" => self.detector = true,
            "AWS::Config::ConfigurationRecorder" => {
                let kinds = properties["RecordingGroup"]["ResourceTypes"].as_array();
                self.recorded = kinds.map_or(0, Vec::len) as u64;
            }
            "AWS::Backup::BackupPlan" => self.add_backups(properties, id, errors),
            _ => {}
        }
    }

    /// Copies that a plan's rules keep: of a table each is whole.
    fn add_backups(&mut self, properties: &Json, id: &str, errors: &mut BTreeSet<String>) {
        let mut vaults = 1;
        for rule in properties["BackupPlan"]["BackupPlanRule"].as_array().into_iter().flatten() {
            let schedule = rule["ScheduleExpression"].as_str().unwrap_or_default();
            let Some(runs) = runs(schedule) else {
                errors.insert(format!("{id}: how often is {schedule}?"));
                continue;
            };
            let copies = rule["CopyActions"].as_array().map_or(&[][..], Vec::as_slice);
            vaults = vaults.max(1 + copies.len() as u64);
            for kept in std::iter::once(rule).chain(copies) {
                match kept["Lifecycle"]["DeleteAfterDays"].as_f64() {
                    Some(days) => self.table_copies += runs * days / DAYS,
                    None => {
                        errors.insert(format!("{id}: a backup is kept for ever"));
                    }
                }
            }
        }
        self.photo_vaults = vaults;
    }

    /// What it costs a month; the account's free allowances go to this stage.
    #[must_use]
    pub fn lines(&self, prices: &Prices) -> Vec<Line> {
        let each = |service, what: String, usd: Usd| Line { service, what, usd };
        let things = Amount::<ThingMonths>::count;
        let mut lines = vec![
            each(
                "CloudWatch",
                format!("{} alarms, which look at {} metrics", self.alarms, self.alarm_metrics),
                prices.alarm_metric.of(things(self.alarm_metrics)),
            ),
            each(
                "CloudWatch",
                format!("{} composite alarms", self.composites),
                prices.alarm_composite.of(things(self.composites)),
            ),
            each(
                "CloudWatch",
                format!("{} dashboards", self.dashboards),
                prices.dashboard.of(things(self.dashboards)),
            ),
            each(
                "KMS",
                format!("{} customer keys", self.keys),
                prices.kms_key.of(things(self.keys)),
            ),
            each(
                "Secrets Manager",
                format!("{} secrets", self.secrets),
                prices.secret.of(things(self.secrets)),
            ),
            each(
                "SQS",
                format!("Lambda looks into {} empty queues", self.polled_queues),
                prices.sqs_request.of(Amount::of(self.polled_queues as f64 * POLLS)),
            ),
            each(
                "WAF",
                format!("{} web ACL with {} rules", self.acls, self.acl_rules),
                prices.waf_acl.of(things(self.acls)) + prices.waf_rule.of(things(self.acl_rules)),
            ),
            each(
                "Backup",
                format!("{:.0} restore tests", self.restore_tests),
                prices.restore_test.of(Amount::of(self.restore_tests)),
            ),
        ];
        lines.retain(|line| line.usd.0 > 0.0);
        lines
    }

    /// What the second rotation of every rotated key has added for good.
    #[must_use]
    pub fn rotations(&self, prices: &Prices) -> Usd {
        prices.kms_key.of(Amount::count(2 * self.rotated_keys))
    }
}

/// How often a schedule runs in a month: `rate(...)`, or a `cron(...)` of minutes,
/// hours, days or weekdays that each name one or all.
fn runs(schedule: &str) -> Option<f64> {
    if let Some(rate) = schedule.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        let (number, unit) = rate.split_once(' ')?;
        let number: f64 = number.parse().ok().filter(|number| *number > 0.0)?;
        return Some(match unit {
            "minute" | "minutes" => HOURS * 60.0 / number,
            "hour" | "hours" => HOURS / number,
            "day" | "days" => DAYS / number,
            _ => return None,
        });
    }
    let cron = schedule.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')'))?;
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let [minute, hour, day, _month, weekday, _year] = fields.as_slice() else { return None };
    let is_any = |field: &str| matches!(field, "*" | "?");
    if is_any(minute) || minute.contains(['/', ',', '-']) {
        return None;
    }
    Some(match (is_any(hour), is_any(day), is_any(weekday)) {
        (true, true, true) => HOURS,
        (false, true, true) => DAYS,
        (false, true, false) => WEEKS,
        (false, false, true) => 1.0,
        _ => return None,
    })
}

/// So many of something all month.
#[must_use]
pub fn all_month(count: f64) -> Amount<Hours> {
    Amount::of(count * HOURS)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schedules_are_understood_or_refused() {
        for (schedule, expected) in [
            ("rate(1 minute)", Some(43_800.0)),
            ("rate(6 hours)", Some(HOURS / 6.0)),
            ("cron(17 * * * ? *)", Some(HOURS)),
            ("cron(0 3 * * ? *)", Some(DAYS)),
            ("cron(0 6 ? * SUN *)", Some(WEEKS)),
            ("cron(0 15 1 * ? *)", Some(1.0)),
            ("cron(0/5 * * * ? *)", None),
            ("rate(0 minutes)", None),
            ("at(2026-01-01T00:00:00)", None),
        ] {
            assert_eq!(runs(schedule), expected, "{schedule}");
        }
    }

    #[test]
    fn what_stands_is_counted_by_what_is_paid() {
        let template = json!({ "Resources": {
            "One": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "MetricName": "Errors" } },
            "Ratio": { "Type": "AWS::CloudWatch::Alarm", "Properties": { "Metrics": [
                { "Id": "a", "MetricStat": {} }, { "Id": "b", "MetricStat": {} },
                { "Id": "c", "Expression": "a / b" },
            ] } },
            "Key": { "Type": "AWS::KMS::Key", "Properties": { "EnableKeyRotation": true } },
            "Role": { "Type": "AWS::IAM::Role" },
            "Plan": { "Type": "AWS::Backup::BackupPlan", "Properties": { "BackupPlan": {
                "BackupPlanRule": [
                    { "ScheduleExpression": "rate(1 day)", "Lifecycle": { "DeleteAfterDays": 30 },
                      "CopyActions": [{ "Lifecycle": { "DeleteAfterDays": 10 } }] },
                ],
            } } },
        } });
        let standing = Standing::of([&template]).unwrap();
        assert_eq!((standing.alarms, standing.alarm_metrics), (2, 3));
        assert_eq!((standing.keys, standing.rotated_keys, standing.resources), (1, 1, 5));
        assert!((standing.table_copies - 40.0).abs() < 1e-9, "{}", standing.table_copies);
        assert_eq!(standing.photo_vaults, 2);
    }

    #[test]
    fn a_type_that_nobody_priced_is_an_error() {
        let template = json!({ "Resources": { "Cluster": { "Type": "AWS::RDS::DBCluster" } } });
        let error = Standing::of([&template]).unwrap_err();
        assert!(error.contains("AWS::RDS::DBCluster (Cluster)"), "{error}");
        let often = json!({ "Resources": { "Rule": { "Type": "AWS::Events::Rule",
            "Properties": { "ScheduleExpression": "cron(* * * * ? *)" } } } });
        assert!(Standing::of([&often]).unwrap_err().contains("how often"));
    }
}
