//! The same service on machines that always run: what it would take, and what it
//! would cost.
//!
//! Files, photos, mail, classification, the edge and its web ACL stay as they are
//! and cost the same; machines take the place of functions, workflows, the API's
//! gateway, the user pool and the malware scan, and PostgreSQL that of the table.

use super::{
    bill::{Consumption, Free, Line},
    idle::all_month,
    month::Model,
    units::{Amount, Usd},
};

/// By how much the busiest hour is busier than the average one: a hobby of evenings
/// and weekends in one or two time zones.
const PEAK: f64 = 10.0;

/// Requests of the API that a vCPU answers in a second, most of them a read or two
/// of the database. A Rust server does more without one; this leaves room for TLS,
/// logs and garbage.
const REQUESTS_PER_VCPU: f64 = 250.0;

/// vCPU-seconds of a submission, a photo of it, a mail, and a password's hash.
const SUBMISSION_SECONDS: f64 = 0.05;
const PHOTO_SECONDS: f64 = 0.5;
const MAIL_SECONDS: f64 = 0.002;
const SIGN_IN_SECONDS: f64 = 0.1;

/// How busy a machine may be at the peak, so that another zone's can take it over.
const BUSY: f64 = 0.5;

/// What a small burstable pair bears: two vCPUs at most each, a fifth of each for
/// good.
const SMALL_PEAK_VCPU: f64 = 2.0 * 2.0 * BUSY;
const SMALL_MEAN_VCPU: f64 = 2.0 * 2.0 * 0.2 * BUSY;

/// vCPUs of the larger machines.
const MEDIUM_VCPU: f64 = 2.0;
const LARGE_VCPU: f64 = 8.0;

/// Writes a second that a database of each size takes at the peak, with a standby
/// in another zone.
const SMALL_WRITES: f64 = 300.0;
const LARGE_WRITES: f64 = 6_000.0;

/// Gigabytes of a volume at least, and how much larger a table is with its indexes
/// and room to grow.
const VOLUME_GB: f64 = 20.0;
const DATABASE_ROOM: f64 = 2.0;

/// Alarms, keys and secrets that such a service needs, if it is to be watched and
/// kept as well.
const ALARMS: f64 = 40.0;
const KEYS: f64 = 3.0;
const SECRETS: f64 = 3.0;

/// Seconds of a month.
const SECONDS: f64 = super::idle::HOURS * 3_600.0;

/// What it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    /// vCPUs at the peak.
    pub vcpu_peak: f64,
    /// Writes of the database a second, at the peak.
    pub writes_peak: f64,
    /// Machines.
    pub machines: f64,
    /// Of which kind.
    pub machine: &'static str,
    /// Databases, each with its standby.
    pub databases: f64,
    /// Of which kind.
    pub database: &'static str,
}

impl Fleet {
    /// What a month takes.
    #[must_use]
    pub fn of(model: &Model, members: f64, all: &Consumption) -> Self {
        let usage = &model.usage;
        let submissions = members * usage.submissions_per_member.value;
        let sign_ins = members * usage.active_share.value * usage.sign_ins_per_active_member.value;
        let work = all.api.number() / REQUESTS_PER_VCPU
            + submissions * SUBMISSION_SECONDS
            + submissions * usage.photos_per_submission.value * PHOTO_SECONDS
            + all.mails.number() * MAIL_SECONDS
            + sign_ins * SIGN_IN_SECONDS;
        let mean = work / SECONDS;
        let vcpu_peak = PEAK * mean;
        let writes_peak = PEAK * all.writes.number() / SECONDS;
        let (machines, machine) = if vcpu_peak <= SMALL_PEAK_VCPU && mean <= SMALL_MEAN_VCPU {
            (2.0, "t4g.medium")
        } else {
            let of = |vcpu: f64| (vcpu_peak / BUSY / vcpu).ceil().max(2.0);
            let medium = of(MEDIUM_VCPU);
            if medium <= 4.0 { (medium, "m6g.large") } else { (of(LARGE_VCPU), "m6g.2xlarge") }
        };
        let (databases, database) = if writes_peak <= SMALL_WRITES {
            (1.0, "db.t4g.medium")
        } else {
            ((writes_peak / LARGE_WRITES).ceil(), "db.m6g.2xlarge")
        };
        Self { vcpu_peak, writes_peak, machines, machine, databases, database }
    }
}

/// The bill of a month on machines.
///
/// # Errors
/// If a journey was not counted.
pub fn month(model: &Model, members: f64) -> Result<(Fleet, Vec<Line>), String> {
    let all = model.consumption(members)?;
    let fleet = Fleet::of(model, members, &all);
    let prices = &model.prices;
    let hour = match fleet.machine {
        "t4g.medium" => &prices.ec2_t4g_medium,
        "m6g.large" => &prices.ec2_m6g_large,
        _ => &prices.ec2_m6g_2xlarge,
    };
    let database = match fleet.database {
        "db.t4g.medium" => &prices.rds_t4g_medium_multi_az,
        _ => &prices.rds_m6g_2xlarge_multi_az,
    };
    // What the edge does not keep passes the load balancer: a capacity unit bears
    // twenty-five new connections a second, and each machine's part of the traffic
    // is far below a gigabyte an hour.
    let requests = all.api.number() / SECONDS;
    let units = (PEAK * requests / 25.0 / 2.0).max(0.1);
    let gigabytes = (model.table_gb(members) * DATABASE_ROOM).max(VOLUME_GB * fleet.databases);
    let line = |service, what: String, usd: Usd| Line { service, what, usd };
    let mut lines = vec![
        line(
            "Machines",
            format!("{} × {}", fleet.machines, fleet.machine),
            hour.of(all_month(fleet.machines)),
        ),
        line(
            "Machines",
            format!("{} volumes", fleet.machines),
            prices.ebs_gp3.of(Amount::of(VOLUME_GB * fleet.machines)),
        ),
        line(
            "Machines",
            "public addresses".into(),
            prices.ipv4.of(all_month(fleet.machines + 2.0)),
        ),
        line("Load balancer", "hours".into(), prices.alb_hour.of(all_month(1.0))),
        line("Load balancer", "capacity units".into(), prices.alb_lcu_hour.of(all_month(units))),
        line(
            "PostgreSQL",
            format!("{} × {} in two zones", fleet.databases, fleet.database),
            database.of(all_month(fleet.databases)),
        ),
        line(
            "PostgreSQL",
            format!("{gigabytes:.0} GB in two zones"),
            prices.rds_storage_multi_az.of(Amount::of(gigabytes)),
        ),
        line("CloudWatch", "alarms".into(), prices.alarm_metric.of(Amount::of(ALARMS))),
        line("KMS", "customer keys".into(), prices.kms_key.of(Amount::of(KEYS))),
        line("Secrets Manager", "secrets".into(), prices.secret.of(Amount::of(SECRETS))),
    ];
    lines.extend(the_same(&all).lines(prices, Free::TakenOff));
    let standing = &model.standing;
    let (acls, rules) = (Amount::count(standing.acls), Amount::count(standing.acl_rules));
    let screen = prices.waf_acl.of(acls) + prices.waf_rule.of(rules);
    lines.push(line("WAF", "web ACL with its rules".into(), screen));
    lines.extend(model.deliveries());
    lines.retain(|line| line.usd.0 > 0.0);
    Ok((fleet, lines))
}

/// What a month asks of AWS on machines as well.
fn the_same(all: &Consumption) -> Consumption {
    Consumption {
        puts: all.puts,
        gets: all.gets,
        objects: all.objects,
        photo_backups: all.photo_backups,
        images: all.images,
        mails: all.mails,
        edge_requests: all.edge_requests,
        edge_out: all.edge_out,
        edge_function: all.edge_function,
        screened: all.screened,
        logs: all.logs,
        logs_kept: all.logs_kept,
        metrics: all.metrics,
        management_events: all.management_events,
        object_events: all.object_events,
        recorded_events: all.recorded_events,
        ..Consumption::default()
    }
}
