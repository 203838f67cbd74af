//! The messages, on disk: `<id>.eml` as it was submitted, byte for byte, and
//! `<id>.json` beside it. Both are written under another name and renamed, the
//! JSON last: a message exists when its JSON does.
//!
//! Files are not synced: killing this process loses nothing, only a machine
//! that loses power could.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::event::MailEvent;

/// What is known about a stored message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMail {
    /// The id that SES answered with; ids sort by time.
    pub id: String,
    /// The address that the request named as sender, else the message's first.
    pub source: String,
    /// Addresses in the message's `From`.
    pub from: Vec<String>,
    /// Whom it was sent to.
    pub destinations: Vec<String>,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// The request's tags.
    pub tags: BTreeMap<String, String>,
    /// The configuration set that the request or else the identity names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuration_set: Option<String>,
    /// The decoded subject.
    pub subject: String,
    /// The `Message-ID` that the message was sent with.
    pub message_id: String,
    /// The `Date` that it was sent with.
    pub date: String,
    /// Its size in bytes.
    pub bytes: usize,
    /// SHA-256 of the `.eml` file, in hexadecimal.
    pub sha256: String,
    /// What became of it, in order, whether it was told to anybody or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<MailEvent>,
}

/// The tags whose values go into the `Feedback-ID`, in its order. Receivers that
/// group complaints by it (Google's Postmaster Tools) show those values.
pub(super) const FEEDBACK_TAGS: [&str; 2] = ["ses:feedback-id-a", "ses:feedback-id-b"];

/// What stands for the sender's account in each `Feedback-ID`. SES has
/// `1.{region}.{hash}`.
const FEEDBACK_ACCOUNT: &str = "1.local";

impl StoredMail {
    /// The `Feedback-ID` that SES gives a message, empty where no tag says more.
    fn feedback_id(&self) -> String {
        let [a, b] =
            FEEDBACK_TAGS.map(|name| self.tags.get(name).map(String::as_str).unwrap_or_default());
        format!("{a}:{b}:{FEEDBACK_ACCOUNT}:AmazonSES")
    }
}

/// All messages accepted so far. Clones share the same store.
#[derive(Debug, Clone)]
pub struct MailStore {
    folder: PathBuf,
    index: Arc<RwLock<BTreeMap<String, Arc<StoredMail>>>>,
    ids: Arc<Mutex<ulid::Generator>>,
    rewriting: Arc<tokio::sync::Mutex<()>>,
}

const UNFINISHED: &str = "tmp";

impl MailStore {
    /// Opens the store in `folder`, made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let mut index = BTreeMap::new();
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => match read_sidecar(&path) {
                    Ok(mail) => {
                        index.insert(mail.id.clone(), Arc::new(mail));
                    }
                    Err(error) => {
                        tracing::warn!(file = %path.display(), %error, "not a message: left out");
                    }
                },
                // The process ended while writing; nobody was told it was accepted.
                Some(UNFINISHED) => std::fs::remove_file(&path)?,
                _ => {}
            }
        }
        tracing::info!(messages = index.len(), "mailbox opened");
        Ok(Self {
            folder,
            index: Arc::new(RwLock::new(index)),
            ids: Arc::new(Mutex::new(ulid::Generator::new())),
            rewriting: Arc::default(),
        })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// An id that sorts after all given before by this process.
    pub(super) fn next_id(&self) -> Ulid {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        match ids.generate() {
            Ok(id) => id,
            Err(overflow) => overflow.commit_overflow_increment(),
        }
    }

    /// Stores a message; when this returns, the message is there.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(crate) async fn put(&self, mail: StoredMail, raw: Vec<u8>) -> io::Result<()> {
        let sidecar = serde_json::to_vec_pretty(&mail).map_err(io::Error::other)?;
        let message = self.file(&mail.id, "eml");
        let described = self.file(&mail.id, "json");
        let write = move || {
            write_atomically(&message, &raw)?;
            write_atomically(&described, &sidecar)
        };
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)??;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.insert(mail.id.clone(), Arc::new(mail));
        Ok(())
    }

    /// Notes what became of a stored message.
    ///
    /// # Errors
    /// When there is no such message or its file cannot be written.
    pub(super) async fn add_event(&self, id: &str, event: MailEvent) -> io::Result<()> {
        // One after the other: two at once would each write over the other's event.
        let _turn = self.rewriting.lock().await;
        let mut mail = self.get(id).as_deref().cloned().ok_or(io::ErrorKind::NotFound)?;
        mail.events.push(event);
        let sidecar = serde_json::to_vec_pretty(&mail).map_err(io::Error::other)?;
        let described = self.file(id, "json");
        let write = move || write_atomically(&described, &sidecar);
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)??;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.insert(mail.id.clone(), Arc::new(mail));
        Ok(())
    }

    /// One message's description.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Arc<StoredMail>> {
        self.index.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The descriptions of the newest messages that `wanted` picks, newest first,
    /// and how many it picks in all.
    pub fn newest(
        &self,
        limit: usize,
        wanted: impl Fn(&StoredMail) -> bool,
    ) -> (Vec<Arc<StoredMail>>, usize) {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let mut picked = index.values().rev().filter(|mail| wanted(mail));
        let newest: Vec<_> = picked.by_ref().take(limit).cloned().collect();
        let total = newest.len() + picked.count();
        (newest, total)
    }

    /// How many messages there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// A stored message as it was submitted.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub async fn raw(&self, mail: &StoredMail) -> io::Result<Vec<u8>> {
        tokio::fs::read(self.file(&mail.id, "eml")).await
    }

    /// A stored message as SES passes it on: with the `Message-ID`, `Date` and
    /// `Feedback-ID` of SES, without `Bcc`.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub async fn delivered(&self, mail: &StoredMail) -> io::Result<Vec<u8>> {
        let raw = self.raw(mail).await?;
        let feedback_id = mail.feedback_id();
        let (message_id, date) = (mail.message_id.as_str(), mail.date.as_str());
        Ok(super::message::delivered(
            &raw,
            super::message::Added { message_id, date, feedback_id: &feedback_id },
        ))
    }

    fn file(&self, id: &str, extension: &str) -> PathBuf {
        self.folder.join(format!("{id}.{extension}"))
    }
}

fn read_sidecar(path: &Path) -> io::Result<StoredMail> {
    let mail: StoredMail = serde_json::from_slice(&std::fs::read(path)?)?;
    // The id becomes a path again, so it has to be one of ours.
    if path.file_stem().is_none_or(|stem| stem != mail.id.as_str()) {
        return Err(io::Error::other("the id is not the file's name"));
    }
    std::fs::metadata(path.with_extension("eml"))?;
    Ok(mail)
}

/// Writes a file so that it is there whole or not at all.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".");
    unfinished.push(UNFINISHED);
    let unfinished = PathBuf::from(unfinished);
    std::fs::write(&unfinished, bytes)?;
    std::fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(store: &MailStore, to: &str) -> StoredMail {
        StoredMail {
            id: store.next_id().to_string(),
            source: "notices@seisiun.test".to_owned(),
            from: vec!["notices@seisiun.test".to_owned()],
            destinations: vec![to.to_owned()],
            received_at: Timestamp::UNIX_EPOCH,
            tags: BTreeMap::new(),
            configuration_set: None,
            subject: "s".to_owned(),
            message_id: "<id@ses>".to_owned(),
            date: "Thu, 1 Jan 1970 00:00:00 +0000".to_owned(),
            bytes: 3,
            sha256: String::new(),
            events: Vec::new(),
        }
    }

    #[tokio::test]
    async fn a_new_process_finds_what_was_accepted_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let store = MailStore::open(dir.path().to_owned()).unwrap();
        let first = mail(&store, "a@x.test");
        let second = mail(&store, "b@x.test");
        store.put(first.clone(), b"one".to_vec()).await.unwrap();
        store.put(second.clone(), b"two".to_vec()).await.unwrap();
        // What a process that was killed half-way leaves behind.
        let orphan = store.next_id().to_string();
        std::fs::write(dir.path().join(format!("{orphan}.eml")), "orphan").unwrap();
        std::fs::write(dir.path().join(format!("{orphan}.json.tmp")), "{").unwrap();

        let store = MailStore::open(dir.path().to_owned()).unwrap();
        let (newest, total) = store.newest(1, |_| true);
        assert_eq!((newest[0].as_ref(), total, store.count()), (&second, 2, 2));
        assert_eq!(store.raw(&first).await.unwrap(), b"one");
        assert_eq!(store.get(&first.id).as_deref(), Some(&first));
        assert!(!dir.path().join(format!("{orphan}.json.tmp")).exists());
        let (to_a, _) = store.newest(9, |mail| mail.destinations == ["a@x.test"]);
        assert_eq!(to_a.iter().map(|mail| &mail.id).collect::<Vec<_>>(), [&first.id]);
    }
}
