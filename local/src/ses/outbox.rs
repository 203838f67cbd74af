//! From SES to the queue: events wait here, on disk, until the queue took them.
//!
//! On AWS the configuration set's destination passes events to EventBridge, whose
//! rule puts them into the queue. The engine lets nobody send events of the source
//! `aws.ses`, so they are put into the queue as that rule would put them.
//!
//! What is written is one small file for the events that a mail has at once: its
//! id and theirs. The events themselves stand in the mail's own JSON, which is
//! written after that file and before the client is answered. So an accepted mail
//! has its events, and a file without its mail is of one that was never accepted.
//! A file goes once the queue took all of its events: if the process ends before
//! that, they come again, under the same ids, as EventBridge's may.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use aws_config::SdkConfig;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::sync::{Notify, watch};

use super::event::{self, EventKind, Happening, MailEvent, Place};
use super::event_faults::{self, EventFault, EventFaultBoard};
use super::store::{MailStore, StoredMail, write_atomically};
use crate::watched::JsonFile;

/// The folder, within the mails'.
const FOLDER: &str = "outbox";

/// Most events that wait, five times those of the largest fan-out; then the oldest
/// is dropped for each that comes.
const EVENTS_WAITING_MAX: usize = 100_000;

/// How many events are dropped between two warnings.
const DROPPED_PER_WARNING: u64 = 1_000;

/// Messages in one batch, and their bytes: SQS's limits.
const BATCH_MAX: usize = 10;
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// Milliseconds that events wait for others, so that a fan-out's go in whole batches
/// and leave the engine to the functions.
const LINGER_MS: u64 = 100;

/// Milliseconds until the stack's outputs, held events or an engine that is away
/// are looked for again.
const AGAIN_MS: u64 = 500;

/// The account of the engine.
const ACCOUNT: &str = "000000000000";

/// The output that says where events go.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FeedbackQueue {
    mail_feedback_queue_url: Option<String>,
}

/// Events on their way; clones share them.
#[derive(Debug, Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    store: MailStore,
    takes: Vec<EventKind>,
    faults: EventFaultBoard,
    waiting_max: usize,
    waiting: Mutex<Waiting>,
    news: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// By the names of their files, which sort by time.
    entries: BTreeMap<String, Entry>,
    events: usize,
    counts: Counts,
}

/// What became of events since this process started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct Counts {
    /// Put into the queue, those that came twice counted twice.
    queued: u64,
    /// Lost by a planned fault.
    lost: u64,
    /// Doubled by a planned fault.
    doubled: u64,
    /// Dropped, because too many waited or the queue refused them for good.
    dropped: u64,
}

/// Events of one mail that wait, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    mail: String,
    /// Their ids.
    events: VecDeque<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
}

/// The next event of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Picked {
    entry: String,
    mail: String,
    event: String,
}

impl Waiting {
    fn push(&mut self, name: String, entry: Entry) {
        self.events += entry.events.len();
        self.entries.insert(name, entry);
    }

    fn remove(&mut self, name: &str) -> usize {
        let events = self.entries.remove(name).map_or(0, |entry| entry.events.len());
        self.events -= events;
        events
    }

    /// The events for one batch, oldest first. It has one of each mail at most: if
    /// the queue refuses one, none that comes after it may be in before it.
    fn pick(&self, now: Timestamp) -> Vec<Picked> {
        let mut mails = HashSet::new();
        let ready = self.entries.iter().filter(|(_, entry)| {
            entry.not_before.is_none_or(|at| at <= now) && mails.insert(entry.mail.as_str())
        });
        let picked = ready.filter_map(|(name, entry)| {
            let event = entry.events.front()?.clone();
            Some(Picked { entry: name.clone(), mail: entry.mail.clone(), event })
        });
        picked.take(BATCH_MAX).collect()
    }

    /// Forgets an event, and answers whether its entry has no other.
    fn settle(&mut self, picked: &Picked) -> bool {
        let Some(entry) = self.entries.get_mut(&picked.entry) else { return false };
        if entry.events.front() != Some(&picked.event) {
            return false;
        }
        entry.events.pop_front();
        self.events -= 1;
        let is_last = entry.events.is_empty();
        if is_last {
            self.entries.remove(&picked.entry);
        }
        is_last
    }
}

impl Outbox {
    /// Opens the outbox in the folder of `store`, with what waits there. Of the
    /// events, those that the configuration set's destination `takes` are queued.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(store: MailStore, takes: Vec<EventKind>) -> io::Result<Self> {
        Self::open_with(store, takes, EVENTS_WAITING_MAX)
    }

    fn open_with(store: MailStore, takes: Vec<EventKind>, waiting_max: usize) -> io::Result<Self> {
        let folder = store.folder().join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let mut waiting = Waiting::default();
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            let entry = std::fs::read(&path).ok();
            let entry = entry.and_then(|bytes| serde_json::from_slice::<Entry>(&bytes).ok());
            match (name, entry) {
                (Some(name), Some(entry)) if has_its_events(&store, &entry) => {
                    waiting.push(name, entry);
                }
                // The process ended while writing; nobody was told it was accepted.
                _ => std::fs::remove_file(&path)?,
            }
        }
        if waiting.events > 0 {
            tracing::info!(events = waiting.events, "events wait from before");
        }
        let faults = EventFaultBoard::new(&[]);
        let (waiting, news) = (Mutex::new(waiting), Notify::new());
        let inner = Inner { folder, store, takes, faults, waiting_max, waiting, news };
        Ok(Self { inner: Arc::new(inner) })
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        // A panic while the lock was held cannot leave it half changed.
        self.inner.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores a mail and what became of it; when this returns, both are there.
    pub(super) async fn accept(&self, mail: StoredMail, raw: Vec<u8>) -> io::Result<()> {
        let entries = self.plan(&mail.id, &mail.events);
        self.write(&entries).await?;
        // Should this fail, the files stay and are taken away at the next start.
        self.inner.store.put(mail, raw).await?;
        self.push(entries).await;
        Ok(())
    }

    /// One more event of a stored mail. Answers whether it waits for the queue.
    async fn add(&self, mail: &str, event: MailEvent) -> io::Result<bool> {
        let entries = self.plan(mail, std::slice::from_ref(&event));
        let waits = !entries.is_empty();
        self.write(&entries).await?;
        self.inner.store.add_event(mail, event).await?;
        self.push(entries).await;
        Ok(waits)
    }

    /// Which of these events wait, and how: as planned faults have it.
    fn plan(&self, mail: &str, events: &[MailEvent]) -> Vec<(String, Entry)> {
        let name = || self.inner.store.next_id().to_string();
        let entry = |events, not_before| Entry { mail: mail.to_owned(), events, not_before };
        let mut at_once = VecDeque::new();
        let mut held = Vec::new();
        for event in events.iter().filter(|one| self.inner.takes.contains(&one.event.kind())) {
            match self.inner.faults.take((event.event.kind(), &event.to)) {
                None => at_once.push_back(event.id.clone()),
                Some(EventFault::Lose) => self.waiting().counts.lost += 1,
                Some(EventFault::Double) => {
                    self.waiting().counts.doubled += 1;
                    at_once.extend([event.id.clone(), event.id.clone()]);
                }
                Some(EventFault::Hold { seconds }) => {
                    let wait = SignedDuration::from_secs(seconds.into());
                    let not_before = Timestamp::now().checked_add(wait).ok();
                    held.push(entry(VecDeque::from([event.id.clone()]), not_before));
                }
            }
        }
        let at_once = (!at_once.is_empty()).then(|| entry(at_once, None));
        at_once.into_iter().chain(held).map(|entry| (name(), entry)).collect()
    }

    async fn write(&self, entries: &[(String, Entry)]) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut files = Vec::with_capacity(entries.len());
        for (name, entry) in entries {
            let bytes = serde_json::to_vec(entry).map_err(io::Error::other)?;
            files.push((self.inner.folder.join(name), bytes));
        }
        let write =
            move || files.iter().try_for_each(|(path, bytes)| write_atomically(path, bytes));
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)?
    }

    async fn push(&self, entries: Vec<(String, Entry)>) {
        if entries.is_empty() {
            return;
        }
        let mut gone = Vec::new();
        {
            let mut waiting = self.waiting();
            for (name, entry) in entries {
                waiting.push(name, entry);
            }
            while waiting.events > self.inner.waiting_max
                && let Some(oldest) = waiting.entries.keys().next().cloned()
            {
                let before = waiting.counts.dropped;
                waiting.counts.dropped += waiting.remove(&oldest) as u64;
                let dropped = waiting.counts.dropped;
                if before.div_ceil(DROPPED_PER_WARNING) != dropped.div_ceil(DROPPED_PER_WARNING) {
                    tracing::warn!(dropped, "too many events wait: the oldest are dropped");
                }
                gone.push(oldest);
            }
        }
        self.remove(gone).await;
        self.inner.news.notify_one();
    }

    /// Removes files of entries.
    async fn remove(&self, names: Vec<String>) {
        if names.is_empty() {
            return;
        }
        let folder = self.inner.folder.clone();
        let remove =
            move || names.iter().try_for_each(|name| std::fs::remove_file(folder.join(name)));
        let removed = tokio::task::spawn_blocking(remove).await.map_err(io::Error::other);
        if let Err(error) = removed.and_then(|removed| removed) {
            tracing::warn!(%error, "events that the queue took will come again after a restart");
        }
    }

    /// Sends what waits to the stack's queue until told to stop. A stack without
    /// one, or an engine that is away, is waited for.
    pub async fn run(
        self,
        config: SdkConfig,
        stack: JsonFile<FeedbackQueue>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let sqs = aws_sdk_sqs::Client::new(&config);
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let place = Place { account: ACCOUNT, region: &region };
        let work = async {
            let mut complained = None;
            loop {
                let outputs = stack.current();
                let queue =
                    outputs.as_ref().and_then(|stack| stack.mail_feedback_queue_url.as_ref());
                let Some(queue) = queue else {
                    tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
                    continue;
                };
                match self.send_batch(&sqs, queue, place).await {
                    Ok(0) => self.wait().await,
                    Ok(sent) => {
                        complained = None;
                        if sent < BATCH_MAX {
                            linger().await;
                        }
                    }
                    Err(error) => {
                        let words = format!("{error:#}");
                        // Once, not every half second for as long as the engine is away.
                        if complained.as_ref() != Some(&words) {
                            tracing::warn!(error = words, queue, "mail's events wait");
                            complained = Some(words);
                        }
                        tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = work => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    }

    /// Waits for an event and, if one comes, for others to go with it.
    async fn wait(&self) {
        let again = Duration::from_millis(AGAIN_MS);
        if tokio::time::timeout(again, self.inner.news.notified()).await.is_ok() {
            linger().await;
        }
    }

    /// Sends what is ready, a batch at most, and answers how many events that was.
    async fn send_batch(
        &self,
        sqs: &aws_sdk_sqs::Client,
        queue: &str,
        place: Place<'_>,
    ) -> anyhow::Result<usize> {
        let mut batch = Vec::new();
        let mut messages = Vec::new();
        let mut bytes = 0;
        let picked = self.waiting().pick(Timestamp::now());
        for picked in picked {
            let Some(body) = self.body(&picked, place).await.context("a mail with an event")?
            else {
                tracing::warn!(mail.id = picked.mail, "dropped the event of a mail that is gone");
                self.settle(&[picked], false).await;
                continue;
            };
            bytes += body.len();
            if bytes > BATCH_BYTES_MAX && !batch.is_empty() {
                break;
            }
            let id = batch.len().to_string();
            let message = SendMessageBatchRequestEntry::builder().id(id).message_body(body);
            messages.push(message.build()?);
            batch.push(picked);
        }
        if batch.is_empty() {
            return Ok(0);
        }
        let send = sqs.send_message_batch().queue_url(queue).set_entries(Some(messages));
        let answer = send.send().await.context("the queue of mail's events")?;
        let named = |id: &str| id.parse().ok().and_then(|at: usize| batch.get(at).cloned());
        let taken: Vec<_> =
            answer.successful().iter().filter_map(|taken| named(taken.id())).collect();
        let refused = answer.failed().iter().filter(|failed| failed.sender_fault());
        let refused: Vec<_> = refused.filter_map(|failed| named(failed.id())).collect();
        if !refused.is_empty() {
            let why = answer.failed().first().map(|failed| failed.code());
            tracing::warn!(events = refused.len(), why, "dropped events that the queue refused");
        }
        let settled = taken.len() + refused.len();
        self.settle(&taken, true).await;
        self.settle(&refused, false).await;
        let why = answer.failed().iter().find(|failed| !failed.sender_fault());
        let why = why.map(|failed| failed.code()).unwrap_or("no answer about them");
        anyhow::ensure!(settled == batch.len(), "the queue did not take events: {why}");
        Ok(settled)
    }

    /// An event as the queue gets it; none if its mail is gone.
    async fn body(&self, picked: &Picked, place: Place<'_>) -> io::Result<Option<String>> {
        let Some(mail) = self.inner.store.get(&picked.mail) else { return Ok(None) };
        let Some(event) = mail.events.iter().find(|event| event.id == picked.event) else {
            return Ok(None);
        };
        match self.inner.store.raw(&mail).await {
            Ok(raw) => Ok(Some(event::in_envelope(place, &mail, &raw, event).to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn settle(&self, done: &[Picked], is_queued: bool) {
        let mut gone = Vec::new();
        {
            let mut waiting = self.waiting();
            let counts = &mut waiting.counts;
            let count = if is_queued { &mut counts.queued } else { &mut counts.dropped };
            *count += done.len() as u64;
            for picked in done {
                if waiting.settle(picked) {
                    gone.push(picked.entry.clone());
                }
            }
        }
        self.remove(gone).await;
    }

    /// What can be asked of it and what it can be told.
    pub(super) fn router(&self) -> Router {
        Router::new()
            .route("/_local/events", get(tell).post(add))
            .with_state(self.clone())
            .merge(self.inner.faults.router(event_faults::PATH))
    }
}

async fn linger() {
    tokio::time::sleep(Duration::from_millis(LINGER_MS)).await;
}

/// Whether what an entry names was stored.
fn has_its_events(store: &MailStore, entry: &Entry) -> bool {
    store.get(&entry.mail).is_some_and(|mail| {
        entry.events.iter().all(|id| mail.events.iter().any(|event| event.id == *id))
    })
}

#[derive(Debug, Serialize)]
struct Told {
    waiting: usize,
    #[serde(flatten)]
    counts: Counts,
}

async fn tell(State(outbox): State<Outbox>) -> Json<Told> {
    let waiting = outbox.waiting();
    Json(Told { waiting: waiting.events, counts: waiting.counts })
}

/// An event that is wanted: of the newest mail to an address, or of a mail.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    to: Option<String>,
    mail: Option<String>,
    event: Happening,
}

async fn add(State(outbox): State<Outbox>, Json(wanted): Json<Wanted>) -> Response {
    let say = |status: StatusCode, words: &str| {
        (status, Json(json!({ "message": words }))).into_response()
    };
    // Events come of configuration sets alone; the user pool's mails have none.
    let has_events = |mail: &StoredMail| mail.configuration_set.is_some();
    let found = match (&wanted.to, &wanted.mail) {
        (Some(to), None) => {
            let is_it = |address: &&String| address.eq_ignore_ascii_case(to);
            let (newest, _) = outbox.inner.store.newest(1, |mail| {
                has_events(mail) && mail.destinations.iter().any(|address| is_it(&address))
            });
            newest.into_iter().next().map(|mail| {
                let to = mail.destinations.iter().filter(is_it).take(1).cloned().collect();
                (mail, to)
            })
        }
        (None, Some(id)) => {
            let mail = outbox.inner.store.get(id).filter(|mail| has_events(mail));
            mail.map(|mail| (mail.clone(), mail.destinations.clone()))
        }
        _ => {
            let words = "give either an address (to) or the id of a mail (mail)";
            return say(StatusCode::UNPROCESSABLE_ENTITY, words);
        }
    };
    let Some((mail, to)) = found else {
        return say(StatusCode::NOT_FOUND, "no such mail");
    };
    let event = MailEvent::new(wanted.event, to, Timestamp::now());
    let id = event.id.clone();
    match outbox.add(&mail.id, event).await {
        Ok(waits) => {
            let told = json!({ "id": id, "mail": mail.id, "waits": waits });
            (StatusCode::CREATED, Json(told)).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the event could not be stored");
            say(StatusCode::INTERNAL_SERVER_ERROR, "the event could not be stored")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(mail: &str, events: &[&str]) -> Entry {
        let events = events.iter().map(|&id| id.to_owned()).collect();
        Entry { mail: mail.to_owned(), events, not_before: None }
    }

    fn ids(picked: &[Picked]) -> Vec<&str> {
        picked.iter().map(|picked| picked.event.as_str()).collect()
    }

    #[test]
    fn a_batch_has_one_event_of_a_mail() {
        let now = Timestamp::now();
        let mut waiting = Waiting::default();
        waiting.push("1".to_owned(), entry("a", &["a-sent", "a-bounced"]));
        waiting.push("2".to_owned(), entry("b", &["b-sent"]));
        waiting.push("3".to_owned(), entry("a", &["a-later"]));
        let first = waiting.pick(now);
        assert_eq!(ids(&first), ["a-sent", "b-sent"]);
        // The queue takes the second alone: the first is tried again before its next.
        assert!(waiting.settle(&first[1]));
        assert_eq!(ids(&waiting.pick(now)), ["a-sent"]);
        assert!(!waiting.settle(&first[0]), "another event of the entry waits");
        assert!(!waiting.settle(&first[0]), "it is settled once");
        let second = waiting.pick(now);
        assert_eq!(ids(&second), ["a-bounced"]);
        assert!(waiting.settle(&second[0]));
        assert_eq!(ids(&waiting.pick(now)), ["a-later"]);
        assert_eq!(waiting.events, 1);
    }

    #[test]
    fn what_is_held_holds_up_nothing() {
        let now = Timestamp::now();
        let mut waiting = Waiting::default();
        let later = now.checked_add(SignedDuration::from_secs(5)).unwrap();
        let held = Entry { not_before: Some(later), ..entry("a", &["held"]) };
        waiting.push("1".to_owned(), held);
        waiting.push("2".to_owned(), entry("a", &["next"]));
        assert_eq!(ids(&waiting.pick(now)), ["next"]);
        assert_eq!(ids(&waiting.pick(later)), ["held"]);
        let many = (0..25).map(|n| (format!("n{n:02}"), entry(&format!("m{n}"), &["one"])));
        many.for_each(|(name, entry)| waiting.push(name, entry));
        assert_eq!(waiting.pick(now).len(), BATCH_MAX);
    }

    fn mail(store: &MailStore, to: &str) -> StoredMail {
        let destinations = vec![to.to_owned()];
        StoredMail {
            id: store.next_id().to_string(),
            source: "notices@seisiun.test".to_owned(),
            from: vec!["notices@seisiun.test".to_owned()],
            events: event::of_mail(&destinations, Timestamp::UNIX_EPOCH),
            destinations,
            received_at: Timestamp::UNIX_EPOCH,
            tags: BTreeMap::new(),
            configuration_set: Some("seisiun-mail".to_owned()),
            subject: "s".to_owned(),
            message_id: "<id@ses>".to_owned(),
            date: "Thu, 1 Jan 1970 00:00:00 +0000".to_owned(),
            bytes: 3,
            sha256: String::new(),
        }
    }

    #[tokio::test]
    async fn the_oldest_is_dropped_where_too_many_wait() {
        let dir = tempfile::tempdir().unwrap();
        let store = MailStore::open(dir.path().to_owned()).unwrap();
        let outbox = Outbox::open_with(store.clone(), vec![EventKind::Send], 2).unwrap();
        let mails = ["a@x.test", "b@x.test", "c@x.test"].map(|to| mail(&store, to));
        for mail in &mails {
            outbox.accept(mail.clone(), b"raw".to_vec()).await.unwrap();
        }
        let kept: Vec<_> = mails[1..].iter().map(|mail| mail.events[0].id.as_str()).collect();
        assert_eq!(ids(&outbox.waiting().pick(Timestamp::now())), kept);
        assert_eq!(outbox.waiting().counts.dropped, 1);
        assert_eq!(std::fs::read_dir(dir.path().join(FOLDER)).unwrap().count(), 2);
    }

    #[tokio::test]
    async fn a_new_process_finds_what_waits_and_nothing_that_was_never_accepted() {
        let dir = tempfile::tempdir().unwrap();
        let store = MailStore::open(dir.path().to_owned()).unwrap();
        let takes = vec![EventKind::Send, EventKind::Bounce];
        let outbox = Outbox::open(store.clone(), takes.clone()).unwrap();
        let accepted = mail(&store, "bounce@simulator.amazonses.com");
        outbox.accept(accepted.clone(), b"raw".to_vec()).await.unwrap();
        // What a process that was killed half-way leaves behind.
        let never = mail(&store, "b@x.test");
        let planned = outbox.plan(&never.id, &never.events);
        outbox.write(&planned).await.unwrap();
        std::fs::write(dir.path().join(FOLDER).join("01X.tmp"), "{").unwrap();

        let store = MailStore::open(dir.path().to_owned()).unwrap();
        let outbox = Outbox::open(store, takes).unwrap();
        let waiting = outbox.waiting();
        assert_eq!(waiting.events, 2);
        let found = waiting.entries.values().next().unwrap();
        let ids: Vec<_> = accepted.events.iter().map(|event| &event.id).collect();
        assert_eq!(found.events.iter().collect::<Vec<_>>(), ids);
        assert_eq!(std::fs::read_dir(dir.path().join(FOLDER)).unwrap().count(), 1);
    }
}
