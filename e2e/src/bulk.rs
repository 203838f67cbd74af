//! Loads invented sessions through the bulk path, as an operator would, and
//! measures what they come to: in the table, in its index, and in the files
//! that phones load.
//!
//! Where to: the stack of a run file, or what the environment names, as any
//! AWS program does.

use std::{
    collections::BTreeMap,
    fmt,
    io::Write as _,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::{Timestamp, ToSpan};
use seisiun_aws::{
    SdkConfig,
    objects::{Buckets, Objects},
    table::Table,
};
use seisiun_domain::{
    MemberId,
    card::{List, ListHead},
};
use seisiun_feeds::Site;
use seisiun_workflows::{
    import_sessions::{Imported, Outcome, import_sessions, sessions},
    ports::{Bucket, Import, ImportSessions as _, ListObjects as _, ReadObject as _},
};
use serde_json::json;

use crate::{
    Stack,
    invented::{self, Invented},
};

/// In whose name invented sessions are listed. Nobody can sign in as it.
const SUBMITTER: &str = "invented-sample";
/// Lines of progress of each step.
const LINES: usize = 4;
/// Files that are read at a time.
const READS_AT_A_TIME: usize = 8;
/// Publications that are measured.
const MEASURED: usize = 3;
/// Largest file that is read.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// What DynamoDB adds to each entry of an index.
const INDEX_ENTRY_BYTES: usize = 100;

/// Where sessions are loaded into.
#[derive(Debug)]
pub struct Destination {
    /// The table.
    pub table: Table,
    /// The buckets.
    pub objects: Objects,
    site: Site,
    config: SdkConfig,
    table_name: String,
    /// Where there is a run file.
    stack: Option<Stack>,
}

/// What loading came to.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What became of the sessions.
    pub outcome: Outcome,
    /// How long each step took.
    pub steps: Vec<(&'static str, Duration)>,
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { listed, stand, refused } = &self.outcome;
        let all: Duration = self.steps.iter().map(|(_, took)| *took).sum();
        write!(f, "{listed} sessions listed, {stand} were there: {:.1} s", all.as_secs_f64())?;
        if !refused.is_empty() {
            write!(f, "\n   NOT OK: others have the addresses of {refused:?}")?;
        }
        Ok(())
    }
}

impl Destination {
    /// The stack that a run file tells of.
    ///
    /// # Errors
    /// If it lacks a name.
    pub fn of_stack(stack: &Stack) -> Result<Self> {
        let (table, bucket) = (stack.value("TableName")?, stack.value("SiteBucket")?);
        let url = stack.value("front_door_url")?;
        Self::new(stack.config().clone(), table, bucket, url, Some(stack.clone()))
    }

    /// The stack of this run file.
    ///
    /// # Errors
    /// If it can't be read or lacks a name.
    pub async fn of_run_file(file: &Path) -> Result<Self> {
        Self::of_stack(&Stack::open(file).await?)
    }

    /// What the environment names: `TABLE_NAME`, `SITE_BUCKET` and `SITE_URL`
    /// beside AWS's own variables.
    ///
    /// # Errors
    /// If one is missing.
    pub async fn of_env() -> Result<Self> {
        let setting =
            |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
        let (table, bucket, url) =
            (setting("TABLE_NAME")?, setting("SITE_BUCKET")?, setting("SITE_URL")?);
        Self::new(seisiun_aws::sdk_config().await, &table, &bucket, &url, None)
    }

    fn new(
        config: SdkConfig,
        table: &str,
        bucket: &str,
        url: &str,
        stack: Option<Stack>,
    ) -> Result<Self> {
        let buckets = Buckets { site: Some(bucket.to_owned()), ..Buckets::default() };
        Ok(Self {
            table: Table::new(&config, table),
            objects: Objects::new(&config, buckets),
            site: Site::at(url).map_err(|error| anyhow::anyhow!("{error}"))?,
            config,
            table_name: table.to_owned(),
            stack,
        })
    }

    /// Loads so many sessions of this seed; those that are there stand.
    ///
    /// # Errors
    /// If something can't be written. Run again, it goes on from there.
    pub async fn load(&self, count: usize, seed: u64) -> Result<Loaded> {
        self.import(&imported(&invented::sessions(count, seed)?)?).await
    }

    /// Loads these sessions; those that are there stand.
    ///
    /// # Errors
    /// If something can't be written. Run again, it goes on from there.
    pub async fn import(&self, all: &[Imported]) -> Result<Loaded> {
        let start = Instant::now();
        // Each step with the time of its last word.
        let steps: Mutex<Vec<(&'static str, Duration)>> = Mutex::default();
        let told = |what: &'static str, done: usize, total: usize| {
            let elapsed = start.elapsed();
            if let Ok(mut steps) = steps.lock() {
                match steps.last_mut() {
                    Some((last, at)) if *last == what => *at = elapsed,
                    _ => steps.push((what, elapsed)),
                }
            }
            if done == total || done.is_multiple_of(total.div_ceil(LINES)) {
                println!("   {done:>6} of {total} {what}: {:.1} s", elapsed.as_secs_f64());
            }
        };
        let (table, objects, site) = (&self.table, &self.objects, &self.site);
        let outcome = import_sessions(table, objects, site, Timestamp::now(), all, told).await?;
        let mut before = Duration::ZERO;
        let mut steps = steps.into_inner().unwrap_or_default();
        for (_, at) in &mut steps {
            (*at, before) = (at.saturating_sub(before), *at);
        }
        Ok(Loaded { outcome, steps })
    }

    /// Measures what `loaded` came to, and what one publication more costs with
    /// all that there.
    ///
    /// # Errors
    /// If something can't be read.
    pub async fn measure(&self, loaded: Loaded, count: usize, seed: u64) -> Result<Figures> {
        let records = self.records().await?;
        let files = self.files().await?;
        let publications = match &self.stack {
            Some(stack) => self.publications(stack, count, seed).await?,
            None => Vec::new(),
        };
        Ok(Figures { loaded, records, files, publications })
    }

    /// Reads the whole table, which no function does.
    async fn records(&self) -> Result<Vec<(&'static str, Spread)>> {
        let client = aws_sdk_dynamodb::Client::new(&self.config);
        let scan = client.scan().table_name(&self.table_name);
        let mut pages = scan.into_paginator().items().send();
        // Of each kind, the bytes of each partition's items.
        let mut kinds: BTreeMap<&'static str, BTreeMap<String, Vec<usize>>> = BTreeMap::new();
        while let Some(item) = pages.next().await {
            let item = item.context("read the table")?;
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            let pk = text("pk").unwrap_or_default();
            let kind = match pk.split('#').next().unwrap_or_default() {
                "SESSION" => "sessions",
                "SLUG" => "slugs",
                "GEO" => "cards, coarse cells",
                "COUNTY" => "cards, counties",
                "COUNTRY" => "cards, countries",
                _ => continue,
            };
            let whole: usize = item.iter().map(|(name, value)| name.len() + size(value)).sum();
            let mut note = |kind: &'static str, partition: String, bytes: usize| {
                kinds.entry(kind).or_default().entry(partition).or_default().push(bytes);
            };
            if let Some(fine) = text("gsi2pk") {
                // The index holds all that the record has.
                note("gsi2, fine cells", fine, whole + INDEX_ENTRY_BYTES);
            }
            let partition = if kind == "sessions" || kind == "slugs" { String::new() } else { pk };
            note(kind, partition, whole);
        }
        let spread = |(kind, partitions): (&'static str, BTreeMap<String, Vec<usize>>)| {
            let items = partitions.values().map(Vec::len).collect();
            let bytes = partitions.values().map(|bytes| bytes.iter().sum()).collect();
            (kind, Spread::of(items, bytes, Vec::new()))
        };
        Ok(kinds.into_iter().map(spread).collect())
    }

    /// The published files by kind, raw and compressed.
    async fn files(&self) -> Result<Vec<(&'static str, Spread)>> {
        let mut keys = Vec::new();
        for prefix in ["data/", "feeds/", "sitemaps/"] {
            let mut after: Option<String> = None;
            loop {
                let page =
                    self.objects.list_objects(Bucket::Site, prefix, after.as_deref()).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                keys.extend(page.into_iter().map(|object| object.key));
            }
        }
        // Of a list only the file that its head names.
        let read = |key: String| async move {
            let read = self.objects.read_object(Bucket::Site, &key, FILE_BYTES_MAX).await?;
            let mut bytes = read.with_context(|| format!("{key} is gone"))?;
            let Some(kind) = kind_of(&key) else { return Ok(None) };
            let mut items = 1;
            if key.starts_with("data/") {
                let head: ListHead = serde_json::from_slice(&bytes)?;
                items = head.sessions;
                let file = head.file.trim_start_matches('/');
                let read = self.objects.read_object(Bucket::Site, file, FILE_BYTES_MAX).await?;
                bytes = read.with_context(|| format!("{file} is named by {key} and not there"))?;
            }
            let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
            gzip.write_all(&bytes)?;
            Ok::<_, anyhow::Error>(Some((kind, items, bytes.len(), gzip.finish()?.len())))
        };
        let wanted: Vec<_> =
            keys.into_iter().filter(|key| kind_of(key).is_some()).map(read).collect();
        let all: Vec<_> =
            stream::iter(wanted).buffer_unordered(READS_AT_A_TIME).try_collect().await?;
        let mut kinds: BTreeMap<&'static str, [Vec<usize>; 3]> = BTreeMap::new();
        for (kind, items, raw, gzipped) in all.into_iter().flatten() {
            let [all_items, all_raw, all_gzipped] = kinds.entry(kind).or_default();
            all_items.push(items);
            all_raw.push(raw);
            all_gzipped.push(gzipped);
        }
        let spread = |(kind, [items, raw, gzipped]): (&'static str, [Vec<usize>; 3])| {
            (kind, Spread::of(items, raw, gzipped))
        };
        Ok(kinds.into_iter().map(spread).collect())
    }

    /// Lists further sessions of Ireland in the table alone, and has the
    /// function publish each, as a submission's workflow does. How long each
    /// took.
    async fn publications(&self, stack: &Stack, count: usize, seed: u64) -> Result<Vec<Duration>> {
        let function = stack.function("publish-listing")?;
        let further = invented::sessions(count + 1_000, seed)?.split_off(count);
        let mut took = Vec::new();
        for one in further.iter().filter(|one| one.draft.venue.country == "IE") {
            let one = imported(std::slice::from_ref(one))?;
            if self.table.import_sessions(&sessions(&one)?).await? != [Import::Done] {
                continue;
            }
            let id = one.first().context("nothing was made")?.id;
            let start = Instant::now();
            stack.invoke(&function, &json!({ "submission_id": id })).await?;
            took.push(start.elapsed());
            if took.len() == MEASURED {
                return Ok(took);
            }
        }
        bail!("too few further sessions are left of this seed: choose another");
    }
}

/// What a published object is a file of; of lists the heads.
fn kind_of(key: &str) -> Option<&'static str> {
    let is_head = || List::of_key(key).is_some_and(|list| list.head_key() == key);
    match key {
        _ if key.starts_with("data/cells/") && is_head() => Some("lists of cells"),
        _ if key.starts_with("data/counties/") && is_head() => Some("lists of counties"),
        _ if key.starts_with("data/countries/") && is_head() => Some("lists of countries"),
        _ if key.starts_with("feeds/sessions/") => Some("calendars of sessions"),
        _ if key.ends_with(".ics") => Some("calendars of counties"),
        _ if key.ends_with(".atom") => Some("feeds of counties"),
        _ if key.starts_with("sitemaps/") => Some("sitemaps"),
        _ => None,
    }
}

/// Invented sessions as they are imported.
///
/// # Errors
/// If the rules do not take one.
pub fn imported(all: &[Invented]) -> Result<Vec<Imported>> {
    let submitter: MemberId = SUBMITTER.parse()?;
    // By the day, so that a repeat a minute later is the same.
    let today = Timestamp::now().as_second() / 86_400 * 86_400;
    let import = |one: &Invented| {
        let listing = one.draft.validate().map_err(|problems| {
            anyhow::anyhow!("{:?} in {}: {problems}", one.draft.title, one.draft.venue.town)
        })?;
        let published_at = Timestamp::from_millisecond(i64::try_from(one.published_ms)?)?;
        let verified = Timestamp::from_second(today)?
            .checked_sub((24 * i64::from(one.verified_days_ago)).hours())?;
        Ok(Imported {
            id: one.id,
            listing,
            submitter: submitter.clone(),
            published_at,
            last_verified_at: verified.max(published_at),
        })
    };
    all.iter().map(import).collect()
}

/// Bytes of a value by DynamoDB's own rules.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        // Two digits a byte, and one; trailing and leading zeroes are free.
        AttributeValue::N(number) => {
            let digits = number.chars().filter(char::is_ascii_digit).count();
            digits.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
        }
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + size(value)).sum::<usize>()
        }
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + size(value)).sum::<usize>(),
        _ => 1,
    }
}

/// Sizes of several things of one kind.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// Items in them: in all, in the median one, in the largest.
    pub items: [usize; 3],
    /// Bytes: in all, of the median one, of the largest.
    pub bytes: [usize; 3],
    /// The same compressed; zeroes where nothing is.
    pub gzipped: [usize; 3],
}

impl Spread {
    fn of(items: Vec<usize>, bytes: Vec<usize>, gzipped: Vec<usize>) -> Self {
        let three = |mut all: Vec<usize>| {
            all.sort_unstable();
            let median = all.get(all.len() / 2).copied().unwrap_or_default();
            [all.iter().sum(), median, all.last().copied().unwrap_or_default()]
        };
        Self {
            count: bytes.len(),
            items: three(items),
            bytes: three(bytes),
            gzipped: three(gzipped),
        }
    }
}

/// What a number of sessions comes to.
#[derive(Debug, Clone)]
pub struct Figures {
    /// How it was loaded.
    pub loaded: Loaded,
    /// Records of the table and of its index, by kind; a thing is a partition.
    pub records: Vec<(&'static str, Spread)>,
    /// Published files, by kind.
    pub files: Vec<(&'static str, Spread)>,
    /// How long publishing one session more took, each.
    pub publications: Vec<Duration>,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kib = |bytes: usize| format!("{:.1}", bytes as f64 / 1024.0);
        writeln!(f, "{:<24}{:>10}", "step", "seconds")?;
        for (step, took) in &self.loaded.steps {
            writeln!(f, "{step:<24}{:>10.1}", took.as_secs_f64())?;
        }
        writeln!(
            f,
            "\n{:<24}{:>11}{:>8}{:>8}{:>8}{:>11}{:>10}{:>10}",
            "records", "partitions", "items", "median", "largest", "KiB", "median", "largest"
        )?;
        for (kind, Spread { count, items, bytes, .. }) in &self.records {
            writeln!(
                f,
                "{kind:<24}{count:>11}{:>8}{:>8}{:>8}{:>11}{:>10}{:>10}",
                items[0],
                items[1],
                items[2],
                kib(bytes[0]),
                kib(bytes[1]),
                kib(bytes[2])
            )?;
        }
        writeln!(
            f,
            "\n{:<24}{:>7}{:>11}{:>10}{:>10}{:>12}{:>10}{:>10}",
            "published files", "files", "KiB", "median", "largest", "gzip KiB", "median", "largest"
        )?;
        for (kind, Spread { count, bytes, gzipped, .. }) in &self.files {
            writeln!(
                f,
                "{kind:<24}{count:>7}{:>11}{:>10}{:>10}{:>12}{:>10}{:>10}",
                kib(bytes[0]),
                kib(bytes[1]),
                kib(bytes[2]),
                kib(gzipped[0]),
                kib(gzipped[1]),
                kib(gzipped[2])
            )?;
        }
        if !self.publications.is_empty() {
            let each: Vec<String> = self
                .publications
                .iter()
                .map(|took| format!("{:.2} s", took.as_secs_f64()))
                .collect();
            write!(f, "\npublishing one session more of Ireland: {}", each.join(", "))?;
        }
        Ok(())
    }
}

/// Loads and, if wanted, measures; whether all went well.
///
/// # Errors
/// If something can't be read or written.
pub async fn run(to: &Destination, count: usize, seed: u64, figures: bool) -> Result<bool> {
    ensure!(count > 0, "no sessions are asked for");
    let loaded = to.load(count, seed).await?;
    println!("   {loaded}");
    let well = loaded.outcome.refused.is_empty();
    if figures {
        println!("\n{}", to.measure(loaded, count, seed).await?);
    }
    Ok(well)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_dynamodbs() {
        let map = |value| AttributeValue::M([("name".to_owned(), value)].into());
        for (value, bytes) in [
            (AttributeValue::S("Seisiún".into()), 8),
            (AttributeValue::N("1".into()), 2),
            (AttributeValue::N("-8.9831".into()), 5),
            (AttributeValue::Bool(true), 1),
            (AttributeValue::L(vec![AttributeValue::S("ab".into())]), 6),
            (map(AttributeValue::S("ab".into())), 10),
        ] {
            assert_eq!(size(&value), bytes, "{value:?}");
        }
    }

    #[test]
    fn a_spread_has_its_median_and_its_largest() {
        let spread = Spread::of(vec![1, 9, 2], vec![10, 90, 20], Vec::new());
        assert_eq!((spread.count, spread.items, spread.bytes), (3, [12, 2, 9], [120, 20, 90]));
        assert_eq!(spread.gzipped, [0, 0, 0]);
    }

    #[test]
    fn published_objects_have_their_kind() {
        for (key, kind) in [
            ("data/cells/gc2.json", Some("lists of cells")),
            ("data/cells/gc2.0123456789abcdef.json", None),
            ("data/counties/ie/clare.json", Some("lists of counties")),
            ("data/countries/ie.json", Some("lists of countries")),
            ("feeds/sessions/x.ics", Some("calendars of sessions")),
            ("feeds/counties/ie/clare.ics", Some("calendars of counties")),
            ("feeds/counties/ie/clare.atom", Some("feeds of counties")),
            ("sitemaps/ie.xml", Some("sitemaps")),
        ] {
            assert_eq!(kind_of(key), kind, "{key}");
        }
    }
}
