//! What is measured, each in a process of its own, so that its peak of memory is
//! its own.

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::SignedDuration;
use mail_builder::MessageBuilder;
use seisiun_domain::{
    SubmissionId,
    change::News,
    digest::{Digest, Zone},
    follow::{FollowerId, Target},
    limits,
    mail_claim::Patience,
    member::Language,
    pace::Rate,
    samples,
    session::{Session, SessionDraft},
    submission::{Event, Told},
};
use seisiun_mail::{Letter as _, Mail, Sender};
use seisiun_workflows::{
    fan_out::{Page, load_matter},
    letters::{self, FollowReason},
    plan_fan_out::plan_fan_out,
    ports::{Bucket, ListFollowerIds as _, MailKey, ReadObject as _, WriteObject as _},
    send_batch::{End, Pacing, send_batch},
    summarise_fan_out::{Left, summarise_fan_out},
    take_feedback::{Feedback, Happened, note_arrival, take_feedback},
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use ulid::Ulid;

use super::{
    Assumed,
    followers::Followers,
    table::{self, Function, Table, wait_ms},
};

/// From a session's publication to a digest that has it.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A rate at which nobody waits for a permit.
const UNBOUND: u32 = 1_000_000;
/// Events that one run of TakeFeedback takes: its queue's batch.
const EVENTS_AT_ONCE: usize = 10;
/// Seconds before a page whose time was over is tried again, as the Map's Retry has
/// it: the first, by how much more each time, the most.
const RETRY: (f64, f64, f64) = (15.0, 1.5, 120.0);
/// Mails that are written before the two that write are changed over, and how often.
const AT_A_TIME: usize = 200;
const TURNS: usize = 25;

/// What a fan-out tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// News of a session, to followers of its county.
    News,
    /// The digest of a week, to who follows a county each by the week.
    Digest,
}

/// How a fan-out is delivered.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Mails a second that are granted.
    pub mails_per_second: u32,
    /// Seconds of a whole processor that a mail takes.
    pub mail_seconds: f64,
    /// What a function has of one.
    pub processor_share: f64,
    /// Pages that are sent at once.
    pub pages_at_once: usize,
}

/// Plans the fan-out to so many followers of a county.
///
/// # Errors
/// If a port or a task fails.
pub fn plan(followers: usize, assumed: Assumed, folder: &Path) -> Result<Value> {
    let world = World::new(Kind::News, followers, assumed, folder)?;
    let before = peak_bytes()?;
    let (began, processor) = (Instant::now(), processor_seconds());
    let function = world.table.function(0.0);
    let plan = runtime(Time::Real)?.block_on(plan_fan_out(&function, &function, world.event()))?;
    let seconds = began.elapsed().as_secs_f64();
    let processor = processor_seconds() - processor;
    ensure!(plan.follows == followers as u64, "{} of {followers} planned", plan.follows);
    Ok(json!({
        "seconds": seconds,
        "processor_seconds": processor,
        "peak_bytes": peak_bytes()?,
        "before_bytes": before,
        "lines": plan.pages,
        "manifest_bytes": world.manifest_bytes(&plan.manifest_key)?,
        "record_bytes": world.table.followers.record_bytes(),
        "calls": calls(&world.table),
    }))
}

/// The same by a plan that anybody would write first: it reads the same, as many
/// partitions at once, and has a line for each follower.
///
/// # Errors
/// If a port fails.
pub fn plan_by_follower(followers: usize, assumed: Assumed, folder: &Path) -> Result<Value> {
    let world = World::new(Kind::News, followers, assumed, folder)?;
    let before = peak_bytes()?;
    let (began, processor) = (Instant::now(), processor_seconds());
    let function = &world.table.function(0.0);
    let (key, lines) = runtime(Time::Real)?.block_on(async {
        let partitions = load_matter(function, world.event())
            .await?
            .targets()
            .into_iter()
            .flat_map(|target| (0..target.shards()).map(move |shard| (target.clone(), shard)));
        let mut parts = stream::iter(partitions)
            .map(|(target, shard)| async move {
                let all = all_of(function, &target, shard).await?;
                anyhow::Ok((target, shard, all))
            })
            .buffered(limits::FOLLOWER_READS_AT_ONCE);
        let (mut manifest, mut lines) = (Vec::new(), 0_u64);
        while let Some((target, shard, all)) = parts.try_next().await? {
            for follower in all {
                let event = world.event();
                serde_json::to_writer(
                    &mut manifest,
                    &json!({ "event_id": event, "target": target, "shard": shard, "follower": follower }),
                )?;
                manifest.push(b'\n');
                lines += 1;
            }
        }
        let key = "by-follower.jsonl".to_owned();
        function.write_object(Bucket::Work, &key, "application/jsonl", manifest).await?;
        anyhow::Ok((key, lines))
    })?;
    Ok(json!({
        "seconds": began.elapsed().as_secs_f64(),
        "processor_seconds": processor_seconds() - processor,
        "peak_bytes": peak_bytes()?,
        "before_bytes": before,
        "lines": lines,
        "manifest_bytes": world.manifest_bytes(&key)?,
    }))
}

async fn all_of(function: &Function<'_>, target: &Target, shard: u8) -> Result<Vec<FollowerId>> {
    let mut all: Vec<FollowerId> = Vec::new();
    loop {
        let most = limits::FOLLOWERS_PER_READ;
        let read = function.list_follower_ids(target, shard, all.last(), most).await?;
        let last = read.len() < most;
        all.extend(read);
        if last {
            return Ok(all);
        }
    }
}

/// Plans, sends every page, takes the event of every mail and adds all up, with
/// nothing to wait for: what a mail asks of the table and of a processor.
///
/// # Errors
/// If a port or a task fails, or a follower was not mailed once.
pub fn send(what: Kind, followers: usize, folder: &Path) -> Result<Value> {
    let world = World::new(what, followers, Assumed::nothing_takes_time(), folder)?;
    let runtime = runtime(Time::Real)?;
    let pages = runtime.block_on(world.planned())?;
    let planned = calls(&world.table);
    let processor = processor_seconds();
    runtime.block_on(async {
        for page in &pages {
            let function = world.table.function(0.0);
            let pacing = world.pacing(UNBOUND);
            let run =
                send_batch(&function, &function, &function, &world.sender, &pacing, page).await?;
            ensure!(run.end == End::Done, "a page had to wait");
        }
        Ok(())
    })?;
    let processor = processor_seconds() - processor;
    let sent = calls(&world.table);
    runtime.block_on(world.events())?;
    let told = calls(&world.table);
    runtime.block_on(world.summary(followers))?;
    Ok(json!({
        "mails": followers,
        "pages": pages.len(),
        "processor_seconds": processor,
        "mail_bytes": world.table.mail_bytes(),
        "claim_bytes": claim_bytes(&world)?,
        "planned": planned,
        "sent": sent,
        "told": told,
        "all": calls(&world.table),
    }))
}

/// Bytes of the record that remains of a mail.
fn claim_bytes(world: &World) -> Result<u64> {
    let about = world.about()?;
    let key = MailKey { about, recipient: world.table.followers.follow(0)?.follower.0 };
    table::claim_bytes(&key, "page-0000", world.table.event.at, &table::message_id(0))
}

/// Writes the mail of a new session many times, in turns with its peer, the
/// `mail-builder` crate, which is given the words of the same mail and makes a
/// message of them.
///
/// # Errors
/// If a mail can't be written, or the two do not say the same.
pub fn render() -> Result<Value> {
    let (session, sender) = (session(), sender());
    let listing = session.listing.validate().map_err(|problems| anyhow::anyhow!("{problems}"))?;
    let ours = || -> Result<(Mail, Vec<u8>)> {
        let language = Language::En;
        let county = FollowReason::County { name: &session.listing.venue.county };
        let why = letters::why(&[county], language);
        let token = "01j9000000000000000000000a01j9000000000000000000000b";
        let at = session.published_at;
        let letter = letters::new_session(&session, &listing, why, token, &sender, at, language);
        let mail = letter.mail("follower@example.org", letters::in_mail(language), &sender)?;
        let mime = mail.to_mime(&sender)?;
        Ok((mail, mime))
    };
    let (words, message) = ours()?;
    let theirs = || peer(&words, &sender);
    let bytes = (message.len(), theirs()?.len());
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        our_times.push(timed(|| ours().map(|(_, mime)| mime))?);
        their_times.push(timed(theirs)?);
    }
    Ok(json!({
        "ours_seconds": median(our_times),
        "theirs_seconds": median(their_times),
        "ours_bytes": bytes.0,
        "theirs_bytes": bytes.1,
    }))
}

fn peer(words: &Mail, sender: &Sender) -> Result<Vec<u8>> {
    let message = MessageBuilder::new()
        .from((sender.name.as_str(), sender.address.as_str()))
        .to(words.to.as_str())
        .subject(words.subject.as_str())
        .message_id("0@example.org")
        .date(0_i64)
        .text_body(words.text.as_str())
        .html_body(words.html.as_str());
    Ok(message.write_to_vec()?)
}

/// Seconds that one of many takes.
fn timed(make: impl Fn() -> Result<Vec<u8>>) -> Result<f64> {
    let began = processor_seconds();
    for _ in 0..AT_A_TIME {
        black_box(make()?);
    }
    Ok((processor_seconds() - began) / AT_A_TIME as f64)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Delivers a fan-out on a clock that only waiting moves: as many pages at once as
/// the Map sends, each run by the task itself, with the permits that it gets.
///
/// # Errors
/// If a port or a task fails, or a follower was not mailed once.
pub fn deliver(followers: usize, pace: Pace, assumed: Assumed, folder: &Path) -> Result<Value> {
    runtime(Time::Waited)?.block_on(async {
        let world = World::new(Kind::News, followers, assumed, folder)?;
        let pages = world.planned().await?;
        let planned = calls(&world.table);
        let began = tokio::time::Instant::now();
        let runs: Vec<(u64, f64)> = stream::iter(&pages)
            .map(|page| deliver_page(&world, page, pace, assumed))
            .buffer_unordered(pace.pages_at_once)
            .try_collect()
            .await?;
        let seconds = began.elapsed().as_secs_f64();
        let sent = calls(&world.table);
        let told = tokio::time::Instant::now();
        world.events().await?;
        let told = told.elapsed().as_secs_f64();
        world.summary(followers).await?;
        Ok(json!({
            "mails": followers,
            "pages": pages.len(),
            "seconds": seconds,
            "invocations": runs.iter().map(|(runs, _)| runs).sum::<u64>(),
            "billed_seconds": runs.iter().map(|(_, seconds)| seconds).sum::<f64>(),
            "event_runs": followers.div_ceil(EVENTS_AT_ONCE),
            "event_seconds": told,
            "planned": planned,
            "sent": sent,
            "all": calls(&world.table),
        }))
    })
}

/// Runs a page until it has reported; how many runs that took, and their seconds.
async fn deliver_page(
    world: &World,
    page: &Page,
    pace: Pace,
    assumed: Assumed,
) -> Result<(u64, f64)> {
    let pacing = world.pacing(pace.mails_per_second);
    let (mut runs, mut billed) = (0, 0.0);
    let (mut most, more, longest) = RETRY;
    wait_ms(assumed.start_ms).await;
    loop {
        let function = world.table.function(pace.mail_seconds / pace.processor_share);
        let began = tokio::time::Instant::now();
        let run = send_batch(&function, &function, &function, &world.sender, &pacing, page).await?;
        runs += 1;
        billed += began.elapsed().as_secs_f64();
        match run.end {
            End::Done => return Ok((runs, billed)),
            End::Halted => anyhow::bail!("nobody halts it"),
            End::More => {}
        }
        // Full jitter: anything up to it, the same in every run.
        wait_ms(1e3 * most * jitter(page.page, runs)).await;
        most = (most * more).min(longest);
    }
}

/// Between 0 and 1, without a pattern.
fn jitter(page: u32, run: u64) -> f64 {
    let mixed = (u64::from(page) << 20 | run).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// A clock that runs, or one that only waiting moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Time {
    Real,
    Waited,
}

fn runtime(time: Time) -> Result<Runtime> {
    Builder::new_current_thread()
        .enable_time()
        .start_paused(time == Time::Waited)
        .build()
        .context("no runtime can be made")
}

/// What a measurement needs.
struct World {
    table: Table,
    sender: Sender,
    folder: PathBuf,
}

impl World {
    fn new(what: Kind, followers: usize, assumed: Assumed, folder: &Path) -> Result<Self> {
        let session = session();
        let (event, target) = match what {
            Kind::News => {
                let venue = &session.listing.venue;
                let id = SubmissionId::new(Ulid::from_parts(1_795_000_000_000, 1));
                let event = Event::news(id, session.published_at, session.id, News::NewSession);
                (event, Target::county(&venue.country, &venue.county))
            }
            Kind::Digest => {
                let zone = Zone::default();
                let digest = Digest::latest(&zone, session.published_at.saturating_add(WEEK)?);
                let event = digest.and_then(Event::digest).context("no digest was due")?;
                (event, Target::Digest(zone))
            }
        };
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let followers = Followers::new(target, followers)?;
        let table = Table::new(followers, session, event, assumed, folder.to_path_buf());
        Ok(Self { table, sender: sender(), folder: folder.to_path_buf() })
    }

    fn event(&self) -> SubmissionId {
        self.table.event.id
    }

    /// What its mails are claimed under.
    fn about(&self) -> Result<String> {
        Ok(match &self.table.event.told {
            Told::News { .. } => format!("event:{}", self.event()),
            Told::Digest { digest } => format!("digest:{}", digest.week),
        })
    }

    fn pacing(&self, mails_per_second: u32) -> Pacing {
        let patience = Patience::of_seconds(600, 86_400);
        Pacing { rate: Rate::per_second(mails_per_second), patience }
    }

    /// Plans it; its pages.
    async fn planned(&self) -> Result<Vec<Page>> {
        let function = self.table.function(0.0);
        let plan = plan_fan_out(&function, &function, self.event()).await?;
        let most = limits::MANIFEST_BYTES_MAX;
        let manifest = function.read_object(Bucket::Work, &plan.manifest_key, most).await?;
        let manifest = manifest.context("there is no manifest")?;
        let lines = manifest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        Ok(lines.map(serde_json::from_slice).collect::<Result<_, _>>()?)
    }

    fn manifest_bytes(&self, key: &str) -> Result<u64> {
        let file = self.folder.join(key.replace('/', "-"));
        Ok(fs::metadata(&file).with_context(|| format!("there is no {}", file.display()))?.len())
    }

    /// The events of all mails, as their queue hands them over.
    async fn events(&self) -> Result<()> {
        let function = self.table.function(0.0);
        let ids = (0..self.table.followers.count()).collect::<Vec<_>>();
        for some in ids.chunks(EVENTS_AT_ONCE) {
            let mut taken = Vec::new();
            for n in some {
                let follow = self.table.followers.follow(*n)?;
                let about = self.about()?;
                let feedback = Feedback {
                    message_id: "0".into(),
                    accepted_at: self.table.event.at,
                    key: Some(MailKey { about, recipient: follow.follower.0 }),
                    happened: Happened::Sent,
                };
                take_feedback(&function, self.table.event.at, &feedback).await?;
                taken.push(feedback);
            }
            note_arrival(&function, &taken).await?;
        }
        Ok(())
    }

    /// Adds all up; everybody was mailed once.
    async fn summary(&self, followers: usize) -> Result<()> {
        let function = self.table.function(0.0);
        let summary = summarise_fan_out(&function, &function, &function, self.event()).await?;
        let sent = summary.progress.sum.sent;
        ensure!(summary.left == Left::Nothing, "something is left");
        ensure!(sent == followers as u64, "{sent} of {followers} were mailed");
        Ok(())
    }
}

/// A session with what people write of one.
fn session() -> Session {
    let listed = samples::listed();
    let listing = SessionDraft {
        title: "The Thursday session by the fire".into(),
        description: "Reels and jigs, and a song now and then. Sit in at the long table. "
            .repeat(8)
            .trim_end()
            .to_owned(),
        ..listed.listing.clone()
    };
    Session { listing, ..listed }
}

fn sender() -> Sender {
    Sender {
        name: "Seisiún".into(),
        address: "hello@seisiun.example".into(),
        reply_to: None,
        footer: "Seisiún, 1 Quay Lane, Ennistymon, County Clare".into(),
        site_url: "https://seisiun.example".into(),
    }
}

fn calls(table: &Table) -> Value {
    let one = |(name, calls): (&'static str, table::Calls)| {
        (name.to_owned(), json!({ "requests": calls.requests, "units": calls.units }))
    };
    Value::Object(table.calls().into_iter().map(one).collect())
}

/// Seconds of a processor that this process has had.
fn processor_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default().as_secs_f64()
}

/// The most memory that this process has had, as the kernel counts it.
fn peak_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("no kernel that tells")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.context("the kernel does not tell")?.parse()?;
    Ok(kilobytes * 1024)
}
