//! What a month costs at a number of members, and one more of something.

use std::collections::BTreeSet;

use super::{
    bill::{Consumption, Free, Line, Memory},
    counts::{Counts, Journey},
    idle::{DAYS, Standing},
    prices::Prices,
    units::{Amount, Gigabytes},
    usage::Usage,
};

/// Journeys by their names in `counts.json`.
pub mod journeys {
    /// Signs up, confirms, signs in.
    pub const SIGN_UP: &str = "sign-up";
    /// Signs in.
    pub const SIGN_IN: &str = "sign-in";
    /// Follows something.
    pub const FOLLOW: &str = "follow";
    /// Lists a session.
    pub const SESSION: &str = "session";
    /// The same with photos.
    pub const WITH_PHOTOS: &str = "session with 3 photos";
    /// How many.
    pub const PHOTOS: f64 = 3.0;
    /// The same with followers.
    pub const FOLLOWED: &str = "session with 250 followers";
    /// How many.
    pub const FOLLOWERS: f64 = 250.0;
    /// The same where many are listed.
    pub const AMONG_MANY: &str = "session among 600";
    /// The same, and a moderator has to look.
    pub const HELD: &str = "session held for a moderator";
    /// Reviews a session.
    pub const REVIEW: &str = "review";
    /// Edits a session.
    pub const EDIT: &str = "edit";
    /// A session's page asks the API.
    pub const LOOK: &str = "session looked at";
    /// A search asks the API, which a page does not.
    pub const SEARCH: &str = "search by the API";
    /// What is done every minute.
    pub const RECONCILE: &str = "reconcile, nothing open";
}
use journeys as j;

/// Rules of the schedules.
const RECONCILES: &str = "ReconcileFunctionSchedule";
const REFRESHES: &str = "RefreshListingsFunctionSchedule";
const ASKS: &str = "AskKeepersFunctionSchedule";
const OPENS_DIGESTS: &str = "OpenDigestsFunctionSchedule";

/// Functions whose memory is asked for by name.
const MEMBER_API: &str = "member-api";
const PREPARE_PHOTO: &str = "prepare-photo";

/// The function that writes lists, and the operation by which it does.
const PUBLISH_LISTING: &str = "publish-listing";
const LIST_WRITES: &str = "PUT SiteBucket";

/// Lists that a session's card is in.
const LISTS: f64 = 3.0;

/// Units read for each mail to a follower beside what is counted: a tenth of a permit
/// for ten, and its claim when SES's event comes.
const READS_BESIDE_A_MAIL: f64 = 1.1;
/// The same of units written: a tenth of a permit, and of the note that events arrive.
const WRITES_BESIDE_A_MAIL: f64 = 0.2;
/// Looks a second of a page that watches a submission, and what each reads.
const LOOKS_PER_SECOND: f64 = 2.0;
const READ_UNITS_PER_LOOK: f64 = 0.5;

/// Days that an upload and what is prepared of it are kept (template.yaml).
const UPLOAD_DAYS: f64 = 30.0;
const PREPARED_DAYS: f64 = 210.0;

/// Sizes that a photo is published in.
const SIZES: f64 = 2.0;

/// Months that the ledger remembers a mail.
const LEDGER_MONTHS: f64 = 400.0 / DAYS;

/// Of a request to a bucket with a bucket key, how often S3 has to ask for it; and
/// what the table, queues and topics ask for in any month.
const KEY_USES_PER_OBJECT_REQUEST: f64 = 0.01;
const KEY_USES: f64 = 15_000.0;

/// Weeks of a month, each with a restore test.
const WEEKS: f64 = DAYS / 7.0;

/// Months that logs are kept in Prod (template.yaml: ninety days).
pub const LOG_MONTHS: f64 = 90.0 / DAYS;

/// Everything that the arithmetic takes.
#[derive(Debug)]
pub struct Model {
    /// What AWS asks.
    pub prices: Prices,
    /// What people do.
    pub usage: Usage,
    /// What a journey asks for.
    pub counts: Counts,
    /// Memory of each function.
    pub memory: Memory,
    /// What stands in Prod and beside it.
    pub standing: Standing,
}

impl Model {
    /// A journey as it was counted.
    ///
    /// # Errors
    /// If it was not.
    pub fn counted(&self, name: &str) -> Result<&Journey, String> {
        self.counts.get(name).ok_or_else(|| format!("counts.json has no journey {name}"))
    }

    /// What a journey asks for.
    ///
    /// # Errors
    /// If it was not counted.
    pub fn journey(&self, name: &str) -> Result<Consumption, String> {
        let journey = self.counted(name)?;
        let unknown = journey.functions.keys().find(|name| !self.memory.contains_key(*name));
        if let Some(unknown) = unknown {
            return Err(format!("{name}: the template has no function {unknown}"));
        }
        Ok(Consumption::of(journey, &self.memory, LOG_MONTHS))
    }

    /// What one photo more of a submission asks for, with a telephone's photo in
    /// place of the small ones that were counted with, and tries until it is scanned.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn photo(&self) -> Result<Consumption, String> {
        let usage = &self.usage;
        let mut photo = self.journey(j::WITH_PHOTOS)?.less(self.journey(j::SESSION)?);
        photo = photo.times(1.0 / j::PHOTOS);
        let retries = usage.scan_retries.value;
        photo.transitions += Amount::of(retries);
        photo.invocations += Amount::of(retries);
        let memory = self.memory.get(PREPARE_PHOTO).copied().unwrap_or_default();
        photo.compute += Amount::of(memory * usage.photo_prepare_ms.value / 1000.0);
        photo.scanned = Amount::bytes(usage.photo_mb.value * 1e6);
        Ok(photo)
    }

    /// What one follower more asks for.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn notification(&self) -> Result<Consumption, String> {
        let followed = self.journey(j::FOLLOWED)?.less(self.journey(j::SESSION)?);
        let mut one = followed.times(1.0 / j::FOLLOWERS);
        one.reads += Amount::of(READS_BESIDE_A_MAIL);
        one.writes += Amount::of(WRITES_BESIDE_A_MAIL);
        Ok(one)
    }

    /// What a publication asks for more for each session that its country lists,
    /// since it reads and writes their list.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn per_listed(&self) -> Result<Consumption, String> {
        let more = self.counted(j::AMONG_MANY)?.listed_in_country as f64
            - self.counted(j::SESSION)?.listed_in_country as f64;
        if more <= 0.0 {
            return Err(format!("{} was counted where no more are listed", j::AMONG_MANY));
        }
        let reads = self.journey(j::AMONG_MANY)?.less(self.journey(j::SESSION)?).reads;
        // What grows is what is read, and the time that one function takes for it.
        let took = |name: &str| {
            let functions = &self.counted(name)?.functions;
            let function = functions.get(PUBLISH_LISTING);
            Ok::<_, String>(function.map_or(0.0, |function| function.billed_ms as f64 / 1000.0))
        };
        let memory = self.memory.get(PUBLISH_LISTING).copied().unwrap_or_default();
        let compute = Amount::of(memory * (took(j::AMONG_MANY)? - took(j::SESSION)?));
        Ok(Consumption { reads, compute, ..Consumption::default() }.times(1.0 / more))
    }

    /// Bytes that one session more adds to the files of its country that a
    /// publication writes: its list and its sitemap.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn list_bytes(&self) -> Result<f64, String> {
        let written = |name: &str| {
            let journey = self.counted(name)?;
            let published = journey.functions.get(PUBLISH_LISTING);
            let calls = published.and_then(|function| function.calls.get(LIST_WRITES));
            let calls = calls.ok_or_else(|| format!("{name} has published no list"))?;
            Ok::<_, String>((calls.request_bytes as f64, journey.listed_in_country as f64))
        };
        let ((many, listed), (few, listed_few)) = (written(j::AMONG_MANY)?, written(j::SESSION)?);
        if listed <= listed_few {
            return Err(format!("{} was counted where no more are listed", j::AMONG_MANY));
        }
        Ok((many - few) / (listed - listed_few))
    }

    /// The average submission with all that follows from it, in a country where so
    /// many sessions are listed.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn submission(&self, listed: f64) -> Result<Consumption, String> {
        let usage = &self.usage;
        let (sessions, edits) = (usage.session_share.value, usage.edit_share.value);
        let held = self.journey(j::HELD)?.less(self.journey(j::SESSION)?);
        let mut watch = Consumption {
            api: Amount::of(1.0),
            edge_requests: Amount::of(1.0),
            screened: Amount::of(1.0),
            invocations: Amount::of(1.0),
            reads: Amount::of(LOOKS_PER_SECOND * READ_UNITS_PER_LOOK),
            compute: Amount::of(self.memory.get(MEMBER_API).copied().unwrap_or_default()),
            ..Consumption::default()
        };
        watch.reads = watch.reads * usage.watch_seconds.value;
        watch.compute = watch.compute * usage.watch_seconds.value;
        Ok(self
            .journey(j::SESSION)?
            .times(sessions)
            .and(self.journey(j::EDIT)?.times(edits))
            .and(self.journey(j::REVIEW)?.times((1.0 - sessions - edits).max(0.0)))
            .and(held.times(usage.held_share.value))
            .and(self.photo()?.times(usage.photos_per_submission.value))
            .and(self.notification()?.times(usage.notifications_per_submission.value))
            .and(self.per_listed()?.times(listed * (sessions + edits)))
            .and(watch))
    }

    /// What visitors' views ask for.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn views(&self, views: f64) -> Result<Consumption, String> {
        let usage = &self.usage;
        let requests = views * usage.edge_requests_per_view.value;
        let api = views * usage.api_requests_per_view.value;
        let asked = api * usage.api_miss_share.value;
        let edge = Consumption {
            edge_requests: Amount::of(requests + api - asked),
            screened: Amount::of(requests + api - asked),
            edge_function: Amount::of(requests),
            edge_out: Amount::<Gigabytes>::bytes(views * usage.edge_kb_per_view.value * 1e3),
            gets: Amount::of(requests * usage.edge_miss_share.value),
            ..Consumption::default()
        };
        Ok(edge.and(self.journey(j::LOOK)?.times(asked)))
    }

    /// What schedules do in a month where nobody comes, so many sessions being
    /// listed.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn schedules(&self, standing: &Standing, listed: f64) -> Result<Consumption, String> {
        let runs = |rule: &str| standing.schedules.get(rule).copied().unwrap_or_default();
        let refreshes = runs(REFRESHES);
        // Every list is read once a day, as publishing reads its country's: twice.
        let read = self.per_listed()?.times(0.5 * LISTS * listed * DAYS);
        let refresh = Consumption {
            invocations: Amount::of(refreshes),
            puts: Amount::of(refreshes),
            gets: Amount::of(if refreshes > 0.0 { LISTS * listed.sqrt() * DAYS } else { 0.0 }),
            ..Consumption::default()
        };
        let read = if refreshes > 0.0 { read } else { Consumption::default() };
        // Asking reads every county's list once a day; who answers is not foreseen.
        let asks = runs(ASKS);
        let asked = if asks > 0.0 { 0.5 * listed * DAYS } else { 0.0 };
        let asked = self.per_listed()?.times(asked).and(Consumption {
            invocations: Amount::of(asks),
            puts: Amount::of(asks),
            ..Consumption::default()
        });
        // One query for the zones; what a digest takes is its readers'.
        let opens = runs(OPENS_DIGESTS);
        let opened = Consumption {
            invocations: Amount::of(opens),
            reads: Amount::of(opens),
            ..Consumption::default()
        };
        let events = if standing.detector { self.usage.management_events.value } else { 0.0 };
        let reconcile = self.counted(j::RECONCILE)?;
        let metrics: BTreeSet<&String> =
            reconcile.functions.values().flat_map(|function| &function.metrics).collect();
        let metrics = if runs(RECONCILES) > 0.0 { metrics.len() } else { 0 };
        Ok(self
            .journey(j::RECONCILE)?
            .times(runs(RECONCILES))
            .and(refresh)
            .and(read)
            .and(asked)
            .and(opened)
            .and(Consumption {
                management_events: Amount::of(events),
                metrics: Amount::count(metrics as u64),
                ..Consumption::default()
            }))
    }

    /// Gigabytes of the table at so many members.
    #[must_use]
    pub fn table_gb(&self, members: f64) -> f64 {
        let usage = &self.usage;
        let submissions = members * usage.submissions_per_member.value;
        let mails = submissions * (1.0 + usage.notifications_per_submission.value);
        let kb = members * usage.table_kb_per_member.value
            + submissions * usage.months_kept.value * usage.table_kb_per_submission.value
            + mails * LEDGER_MONTHS * usage.table_kb_per_mail.value;
        kb / 1e6
    }

    /// What is kept for a month.
    fn kept(&self, members: f64) -> Consumption {
        let usage = &self.usage;
        let table = self.table_gb(members);
        let photos =
            members * usage.submissions_per_member.value * usage.photos_per_submission.value;
        let public = photos * usage.months_kept.value * usage.photo_public_mb.value / 1e3;
        let uploads = photos * UPLOAD_DAYS / DAYS * usage.photo_mb.value / 1e3;
        let prepared = photos * PREPARED_DAYS / DAYS * usage.photo_public_mb.value / 1e3;
        Consumption {
            table: Amount::of(table),
            table_recovery: Amount::of(table),
            table_backups: Amount::of(table * self.standing.table_copies),
            restored: Amount::of(
                table * if self.standing.table_copies > 0.0 { WEEKS } else { 0.0 },
            ),
            objects: Amount::of(public + uploads + prepared),
            photo_backups: Amount::of(public * self.standing.photo_vaults as f64),
            ..Consumption::default()
        }
    }

    /// Sessions of the country that the average submission is in.
    #[must_use]
    pub fn listed_in_country(&self, members: f64) -> f64 {
        members * self.usage.listed_per_member.value * self.usage.country_share.value
    }

    /// All that a month asks for.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn consumption(&self, members: f64) -> Result<Consumption, String> {
        let usage = &self.usage;
        let active = members * usage.active_share.value;
        let submissions = members * usage.submissions_per_member.value;
        let sign_ins = active * usage.sign_ins_per_active_member.value;
        let sign_ups = members * usage.sign_ups_per_member.value;
        let refreshes = active * usage.refreshes_per_active_member.value;
        let sign_in = self.journey(j::SIGN_IN)?;
        let metrics: BTreeSet<&String> = self
            .counts
            .values()
            .flat_map(|journey| journey.functions.values())
            .flat_map(|function| &function.metrics)
            .collect();
        let mut all = self
            .submission(self.listed_in_country(members))?
            .times(submissions)
            .and(self.journey(j::SIGN_UP)?.times(sign_ups))
            // A refresh asks for less than a sign-in.
            .and(sign_in.times(sign_ins + refreshes))
            .and(self.journey(j::FOLLOW)?.times(members * usage.follows_per_member.value))
            .and(self.views(members * usage.views_per_member.value)?)
            .and(self.schedules(&self.standing, members * usage.listed_per_member.value)?)
            .and(self.kept(members));
        let photos = submissions * usage.photos_per_submission.value;
        let forgotten = photos * usage.photo_deleted_share.value * SIZES;
        all.edge_forgotten = Amount::of(forgotten);
        // An execution each: its start and its one state.
        all.transitions += Amount::of(2.0 * forgotten);
        all.members = Amount::of(active);
        // Codes, by SES: the user pool's own sender stops at fifty mails a day.
        all.mails += Amount::of(sign_ups + sign_ins * usage.mail_code_share.value);
        all.metrics = Amount::count(metrics.len() as u64);
        all.key_uses = (all.puts + all.gets) * KEY_USES_PER_OBJECT_REQUEST + Amount::of(KEY_USES);
        all.items = Amount::of(usage.deployments.value * usage.recorded_per_deployment.value);
        Ok(all)
    }

    /// The bill of a month of Prod, with what stands beside it.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn month(&self, members: f64) -> Result<Vec<Line>, String> {
        let mut lines = self.consumption(members)?.lines(&self.prices, Free::TakenOff);
        lines.extend(self.standing.lines(&self.prices));
        lines.extend(self.deliveries());
        Ok(lines)
    }

    /// What it costs to deploy.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Line> {
        let (prices, usage) = (&self.prices, &self.usage);
        let builds = usage.deployments.value * usage.build_minutes.value;
        let actions = usage.deployments.value * usage.pipeline_minutes.value;
        let line = |what: String, usd| Line { service: "CodePipeline, CodeBuild", what, usd };
        vec![
            line(
                format!("{builds:.0} minutes of builds"),
                prices.codebuild_minute.of(Amount::of(builds)),
            ),
            line(
                format!("{actions:.0} minutes of actions"),
                prices.codepipeline_minute.of(Amount::of(actions)),
            ),
        ]
    }

    /// What a stage costs in a month in which nobody comes.
    ///
    /// # Errors
    /// If a journey was not counted.
    pub fn idle(&self, standing: &Standing) -> Result<Vec<Line>, String> {
        let mut lines = standing.lines(&self.prices);
        let schedules = self.schedules(standing, 0.0)?;
        lines.extend(schedules.lines(&self.prices, Free::TakenOff));
        Ok(lines)
    }
}
