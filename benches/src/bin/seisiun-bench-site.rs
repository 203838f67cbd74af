//! Renders the pages of invented sessions as they are published, and says what it
//! took; or writes the same sessions down for a peer.
//!
//! One run measures one thing, so that its peak of memory is its own.
#![allow(clippy::print_stdout, reason = "its answer is what it prints")]

// The very sessions that the stack's large sample has. Not by way of their own
// crate, which would bring the clients of AWS with it.
#[allow(dead_code, unreachable_pub, reason = "the other half of it is for loading them")]
#[path = "../../../e2e/src/invented.rs"]
mod invented;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use jiff::{Timestamp, ZonedDateTime};
use seisiun_contracts::api::{DateView, ReviewView, SessionView};
use seisiun_domain::{
    SubmissionId,
    calendar::{Calendar, Gathering},
    limits,
    review::ReviewDraft,
    search::Freshness,
    session::{Slug, Status},
};
use seisiun_site::{Body, Language, Page, engine};
use serde_json::json;

/// Where the site is said to be.
const ORIGIN: &str = "https://seisiun.example";
/// Which sessions.
const SEED: u64 = 1;
/// As of when: the same dates in every run.
const NOW: &str = "2026-11-26T12:00:00Z";
/// Of how many sessions one has a review.
const REVIEWED: usize = 3;
/// Single pages that are rendered, one after the other.
const SINGLES: usize = 100;

/// Render the pages of invented sessions, and measure it.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many sessions.
    #[arg(long)]
    count: usize,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Write the sessions into a folder, a file of JSON each, and the list of
    /// their slugs.
    Data {
        /// The folder.
        folder: PathBuf,
    },
    /// Render every page and write it, with its state, into a folder.
    Build {
        /// The folder.
        folder: PathBuf,
    },
    /// Render and write single pages, one after the other.
    Single {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let sessions = sessions(arguments.count)?;
    match arguments.what {
        What::Data { folder } => data(&sessions, &folder),
        What::Build { folder } => build(sessions, &folder),
        What::Single { folder } => single(&sessions, &folder),
    }
}

/// The sessions as the API would have them.
fn sessions(count: usize) -> Result<Vec<SessionView>> {
    let now: Timestamp = NOW.parse().context("no time")?;
    let mut views = Vec::with_capacity(count);
    for (n, one) in invented::sessions(count, SEED)?.into_iter().enumerate() {
        let calendar = Calendar::of(&one.draft.schedules, &[]);
        let days = jiff::SignedDuration::from_hours(24 * i64::from(one.verified_days_ago));
        let verified = now.checked_sub(days).context("no such day")?;
        let reviews = if n % REVIEWED == 0 { vec![review(&one)] } else { Vec::new() };
        views.push(SessionView {
            id: one.id,
            slug: Slug::distinct(&one.draft, one.id),
            status: Status::Live,
            on: calendar.schedules().iter().map(|schedule| schedule.in_words()).collect(),
            next: calendar.next(now, limits::NEXT_DATES).iter().map(date).collect(),
            hosts: Vec::new(),
            added_by: None,
            last_verified_at: verified.to_string(),
            freshness: Freshness::of(verified, now),
            review_count: u32::try_from(reviews.len())?,
            rating: (!reviews.is_empty()).then_some(4.0),
            photos: Vec::new(),
            reviews,
            next_reviews: None,
            listing: one.draft,
        });
    }
    Ok(views)
}

fn date(date: &Gathering) -> DateView {
    let said = |at: &ZonedDateTime| at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
    DateView {
        starts_at: said(&date.starts),
        zone: date.starts.time_zone().iana_name().unwrap_or_default().to_owned(),
        duration_minutes: date.duration_minutes,
        standing: date.standing,
        usual_start: None,
        place: None,
        reason: String::new(),
    }
}

fn review(one: &invented::Invented) -> ReviewView {
    ReviewView {
        id: SubmissionId::new(one.id.ulid()),
        review: ReviewDraft {
            session_id: one.id,
            rating: 4,
            welcome: Some(5),
            level: Some(3),
            noise: Some(2),
            visited_on: "2026-11-12".into(),
            text: format!(
                "A long table by the fire in {}, and room for one more.",
                one.draft.venue.town
            ),
            replaces: None,
        },
        published_at: NOW.into(),
    }
}

fn page(view: SessionView) -> Page {
    Page::new(Language::En, ORIGIN, Body::Session(Box::new(view.into())))
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().build().context("no runtime can be made")
}

/// Writes a published page; its bytes.
fn publish(folder: &Path, document: &engine::Document) -> Result<usize> {
    let mut bytes = document.html.len();
    write(folder, &document.key, document.html.as_bytes())?;
    if let Some((key, state)) = &document.state {
        bytes += state.len();
        write(folder, key, state.as_bytes())?;
    }
    Ok(bytes)
}

fn write(folder: &Path, key: &str, content: &[u8]) -> Result<()> {
    let file = folder.join(key);
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))
}

/// Pages that are rendered before they are written.
const AT_A_TIME: usize = 500;

fn build(sessions: Vec<SessionView>, folder: &Path) -> Result<()> {
    let began = Instant::now();
    let runtime = runtime()?;
    let (mut bytes, mut pages) = (0, 0);
    let mut sessions = sessions.into_iter();
    // As a run that publishes does it: what is written is not kept.
    loop {
        let part: Vec<Page> = sessions.by_ref().take(AT_A_TIME).map(page).collect();
        if part.is_empty() {
            break;
        }
        for document in runtime.block_on(engine::render(part, |_| None))? {
            bytes += publish(folder, &document)?;
            pages += 1;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let figures = json!({
        "pages": pages,
        "seconds": seconds,
        "bytes": bytes,
        "peak_bytes": peak_bytes()?,
    });
    println!("{figures}");
    Ok(())
}

/// The most memory that this process has had, as the kernel counts it.
fn peak_bytes() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("no kernel that tells")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.context("the kernel does not tell")?.parse()?;
    Ok(kilobytes * 1024)
}

fn single(sessions: &[SessionView], folder: &Path) -> Result<()> {
    let runtime = runtime()?;
    let mut took = Vec::with_capacity(SINGLES);
    for view in sessions.iter().take(SINGLES) {
        let began = Instant::now();
        let document = runtime.block_on(engine::render_one(page(view.clone()), None))?;
        publish(folder, &document)?;
        took.push(began.elapsed().as_secs_f64());
    }
    took.sort_by(f64::total_cmp);
    let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
    println!("{}", json!({ "pages": took.len(), "median": at(50), "p95": at(95) }));
    Ok(())
}

fn data(sessions: &[SessionView], folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut slugs = fs::File::create(folder.join("slugs.txt"))?;
    for view in sessions {
        let slug = view.slug.as_str();
        writeln!(slugs, "{slug}")?;
        write(folder, &format!("{slug}.json"), &serde_json::to_vec(view)?)?;
    }
    Ok(())
}
