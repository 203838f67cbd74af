//! What AWS asks, as `ops/cost/prices.yaml` has it: reviewed, each with its source.

use serde::{Deserialize, Deserializer, de};

use super::units::{
    ActiveMembers, Amount, Events, GbMonths, GbSeconds, Gigabytes, Hours, Images, Mails, Objects,
    ReadUnits, Requests, ThingMonths, Transitions, Unit, Usd, WriteUnits,
};

/// The price of one thing: per so many units, by how many a month there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Tariff<U: Unit> {
    /// What is free every month, for ever; spent by the account as a whole.
    pub free: Amount<U>,
    /// The first price holds from nothing on, each next one from where the one
    /// before ends.
    tiers: Vec<Tier>,
    /// Where it was read.
    pub source: Source,
}

/// A price up to so many units a month.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    usd: f64,
    #[serde(default)]
    up_to: Option<f64>,
}

/// Where a price was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Source {
    /// AWS's page or price list.
    pub source: String,
    /// When AWS published it, or when the page was read.
    pub read: String,
    /// What could not be confirmed of it; nothing if all of it was.
    #[serde(default)]
    pub unconfirmed: Option<String>,
}

impl<U: Unit> Tariff<U> {
    /// What so much in a month costs, after what is free.
    #[must_use]
    pub fn of(&self, amount: Amount<U>) -> Usd {
        self.without_free(amount.less(self.free))
    }

    /// What so much in a month costs where the free allowance is spent already,
    /// or is not reckoned with.
    #[must_use]
    pub fn without_free(&self, amount: Amount<U>) -> Usd {
        let (mut usd, mut from) = (0.0, 0.0);
        for Tier { usd: price, up_to } in &self.tiers {
            let end = up_to.unwrap_or(f64::INFINITY).min(amount.number());
            usd += price * (end - from).max(0.0);
            from = end.max(from);
        }
        Usd(usd)
    }

    /// The first price, of one unit.
    #[must_use]
    pub fn first(&self) -> Usd {
        Usd(self.tiers.first().map_or(0.0, |tier| tier.usd))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    unit: String,
    per: f64,
    #[serde(default)]
    usd: Option<f64>,
    #[serde(default)]
    tiers: Vec<Tier>,
    #[serde(default)]
    free: f64,
    source: String,
    read: String,
    #[serde(default)]
    unconfirmed: Option<String>,
}

impl<'de, U: Unit> Deserialize<'de> for Tariff<U> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let wrong = |what: String| Err(de::Error::custom(what));
        if written.unit != U::NAME {
            return wrong(format!("its unit is {}, not {}", U::NAME, written.unit));
        }
        if !(written.per.is_finite() && written.per > 0.0) {
            return wrong(format!("a price per {} is none", written.per));
        }
        let mut tiers = match (written.usd, written.tiers.is_empty()) {
            (Some(usd), true) => vec![Tier { usd, up_to: None }],
            (None, false) => written.tiers,
            _ => return wrong("it has either usd or tiers".into()),
        };
        let last = tiers.len().saturating_sub(1);
        let mut from = 0.0;
        for (place, tier) in tiers.iter_mut().enumerate() {
            if !(tier.usd.is_finite() && tier.usd >= 0.0) {
                return wrong(format!("{} is no price", tier.usd));
            }
            tier.usd /= written.per;
            match tier.up_to {
                Some(up_to) if place < last && up_to > from => from = up_to,
                None if place == last => {}
                _ => return wrong("each tier but the last ends above the one before".into()),
            }
        }
        let Written { source, read, unconfirmed, free, .. } = written;
        if !source.starts_with("https://") {
            return wrong("it names no source".into());
        }
        Ok(Self { free: Amount::of(free), tiers, source: Source { source, read, unconfirmed } })
    }
}

macro_rules! prices {
    ($($(#[$doc:meta])* $name:ident: $unit:ident;)+) => {
        /// Every price that the model uses.
        #[derive(Debug, Clone, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Prices {
            /// Where, unless a service has one price for all.
            pub region: String,
            $($(#[$doc])* pub $name: Tariff<$unit>,)+
        }

        impl Prices {
            /// Each price's name and source.
            #[must_use]
            pub fn sources(&self) -> Vec<(&'static str, &Source)> {
                vec![$((stringify!($name), &self.$name.source),)+]
            }
        }
    };
}

prices! {
    /// Step Functions, Standard.
    step_functions_transition: Transitions;
    /// Step Functions, Express: an execution.
    step_functions_express_request: Requests;
    /// Step Functions, Express: its memory over time.
    step_functions_express_gb_second: GbSeconds;
    /// Lambda, an invocation.
    lambda_request: Requests;
    /// Lambda on arm64.
    lambda_gb_second: GbSeconds;
    /// Lambda on x86-64.
    lambda_gb_second_x86: GbSeconds;
    /// DynamoDB on demand.
    dynamodb_read: ReadUnits;
    /// DynamoDB on demand.
    dynamodb_write: WriteUnits;
    /// DynamoDB's table.
    dynamodb_storage: GbMonths;
    /// DynamoDB's point-in-time recovery, on the table's size.
    dynamodb_pitr: GbMonths;
    /// S3 PUT, POST, COPY, LIST.
    s3_put: Requests;
    /// S3 GET, HEAD and all others.
    s3_get: Requests;
    /// S3 Standard.
    s3_storage: GbMonths;
    /// A tag on an object.
    s3_tag: Objects;
    /// GuardDuty Malware Protection for S3: an object.
    malware_scan_object: Objects;
    /// GuardDuty Malware Protection for S3: its bytes.
    malware_scan_gb: Gigabytes;
    /// GuardDuty: CloudTrail's management events.
    guardduty_management_event: Events;
    /// GuardDuty: CloudTrail's S3 data events.
    guardduty_s3_event: Events;
    /// Rekognition's moderation labels.
    rekognition_image: Images;
    /// SES, Essentials plan: what a new account has.
    ses_mail: Mails;
    /// SES by the piece: what an account chooses, or has had since before July 2026.
    ses_mail_by_the_piece: Mails;
    /// Cognito, Essentials plan.
    cognito_member: ActiveMembers;
    /// Cognito, Lite plan.
    cognito_member_lite: ActiveMembers;
    /// API Gateway, HTTP API.
    http_api_request: Requests;
    /// CloudFront, HTTPS, Europe.
    cloudfront_request: Requests;
    /// CloudFront to the internet, Europe.
    cloudfront_out: Gigabytes;
    /// CloudFront Functions.
    cloudfront_function: Requests;
    /// CloudFront, a path taken off the caches.
    cloudfront_invalidation: Requests;
    /// CloudWatch Logs, taken in.
    logs_in: Gigabytes;
    /// CloudWatch Logs, kept.
    logs_kept: GbMonths;
    /// A metric of our own.
    metric: ThingMonths;
    /// A metric that an alarm looks at.
    alarm_metric: ThingMonths;
    /// A composite alarm.
    alarm_composite: ThingMonths;
    /// A dashboard.
    dashboard: ThingMonths;
    /// A customer key; each of its first two rotations adds as much.
    kms_key: ThingMonths;
    /// What a key is used for.
    kms_request: Requests;
    /// A secret.
    secret: ThingMonths;
    /// A request of SQS.
    sqs_request: Requests;
    /// A hosted zone of Route 53.
    hosted_zone: ThingMonths;
    /// A web ACL.
    waf_acl: ThingMonths;
    /// A rule of it, managed groups as well.
    waf_rule: ThingMonths;
    /// A request that it looks at.
    waf_request: Requests;
    /// AWS Config, an item recorded continuously.
    config_item: Events;
    /// CloudTrail's data events.
    cloudtrail_data_event: Events;
    /// AWS Backup, DynamoDB, warm.
    backup_dynamodb: GbMonths;
    /// AWS Backup, S3, warm.
    backup_s3: GbMonths;
    /// Restore of a DynamoDB table.
    restore_dynamodb: Gigabytes;
    /// A restore test of a recovery point.
    restore_test: Events;
    /// A pipeline's action, per minute.
    codepipeline_minute: Events;
    /// Build minutes, arm64, small.
    codebuild_minute: Events;
    /// Out of a region, not by CloudFront.
    transfer_out: Gigabytes;
    /// EC2 t4g.medium: 2 vCPU that burst, 4 GB.
    ec2_t4g_medium: Hours;
    /// EC2 m6g.large: 2 vCPU, 8 GB.
    ec2_m6g_large: Hours;
    /// EC2 m6g.2xlarge: 8 vCPU, 32 GB.
    ec2_m6g_2xlarge: Hours;
    /// A volume, gp3.
    ebs_gp3: GbMonths;
    /// A public IPv4 address.
    ipv4: Hours;
    /// An Application Load Balancer.
    alb_hour: Hours;
    /// What it bears: 25 new connections a second, or 1 GB an hour.
    alb_lcu_hour: Hours;
    /// RDS for PostgreSQL, db.t4g.medium in two zones.
    rds_t4g_medium_multi_az: Hours;
    /// RDS for PostgreSQL, db.m6g.2xlarge in two zones.
    rds_m6g_2xlarge_multi_az: Hours;
    /// Its volume, gp3, in two zones.
    rds_storage_multi_az: GbMonths;
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The reviewed prices.
    pub(crate) fn prices() -> Prices {
        serde_yaml_ng::from_str(include_str!("../../cost/prices.yaml")).unwrap()
    }

    #[test]
    fn the_reviewed_prices_are_read() {
        let prices = prices();
        assert_eq!(prices.region, "eu-west-1");
        // A price that nobody has seen says so.
        for (name, source) in prices.sources() {
            assert!(source.read != "never" || source.unconfirmed.is_some(), "{name}");
        }
    }

    fn read(text: &str) -> Result<Tariff<Mails>, String> {
        serde_yaml_ng::from_str(text).map_err(|error| error.to_string())
    }

    const SOURCE: &str = "source: https://aws.amazon.com/ses/pricing/\nread: 2026-10-01\n";

    #[test]
    fn a_tier_ends_where_the_next_begins() {
        let text = format!(
            "unit: mails\nper: 1000\nfree: 100\ntiers:\n- {{usd: 1, up_to: 1000}}\n- {{usd: 0.5}}\n{SOURCE}"
        );
        let tariff = read(&text).unwrap();
        let usd = |count: u64| (tariff.of(Amount::count(count)).0 * 1e6).round() / 1e6;
        assert_eq!((usd(0), usd(100), usd(1_100), usd(3_100)), (0.0, 0.0, 1.0, 2.0));
        assert_eq!(tariff.without_free(Amount::count(100)), Usd(0.1));
        assert_eq!(tariff.first(), Usd(0.001));
    }

    #[test]
    fn what_is_no_price_is_refused() {
        for (text, why) in [
            ("unit: GB\nper: 1\nusd: 1\n", "its unit is mails"),
            ("unit: mails\nper: 0\nusd: 1\n", "a price per 0"),
            ("unit: mails\nper: 1\n", "either usd or tiers"),
            ("unit: mails\nper: 1\nusd: -1\n", "is no price"),
            ("unit: mails\nper: 1\ntiers: [{usd: 1}, {usd: 2}]\n", "each tier but the last"),
            ("unit: mails\nper: 1\ntiers: [{usd: 1, up_to: 5}]\n", "each tier but the last"),
            ("unit: mails\nper: 1\nusd: 1\nprice: 2\n", "unknown field"),
        ] {
            let error = read(&format!("{text}{SOURCE}")).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(read("unit: mails\nper: 1\nusd: 1\nsource: none\nread: 2026\n").is_err());
    }
}
