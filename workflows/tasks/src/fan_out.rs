//! What the tasks of a fan-out share: whom an event is for, the lines of its
//! manifest, and which of them are still to be done.

use std::collections::BTreeSet;

use seisiun_domain::{
    SubmissionId, change::News, digest::Digest, follow::Target, limits, session::Session,
    submission::Told,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        Bucket, FanOut, FollowerRange, ListPageResults, LoadEvent, LoadSession, PageResult,
        ReadObject, WriteObject,
    },
};

/// One line of the manifest: the input of one SendBatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The event.
    pub event_id: SubmissionId,
    /// Number of the page, from 0.
    pub page: u32,
    /// Whose followers.
    #[serde(flatten)]
    pub range: FollowerRange,
}

/// What a fan-out tells.
#[derive(Debug, Clone, PartialEq)]
pub enum Matter {
    /// What is on in a week.
    Digest(Digest),
    /// News of a session.
    News {
        /// As it is now.
        session: Box<Session>,
        /// What happened.
        news: News,
    },
}

/// What the event with this id tells.
pub async fn load_matter<S>(store: &S, id: SubmissionId) -> TaskResult<Matter>
where
    S: LoadEvent + LoadSession,
{
    let no_event = || TaskError::InvalidInput(format!("there is no event {id}"));
    match store.load_event(id).await?.ok_or_else(no_event)?.told {
        Told::Digest { digest } => Ok(Matter::Digest(digest)),
        Told::News { session_id, news } => {
            let session = store.load_session(session_id).await?.ok_or_else(|| {
                TaskError::Invariant(format!("event {id} is about a session that never was listed"))
            })?;
            Ok(Matter::News { session: Box::new(session), news })
        }
    }
}

impl Matter {
    /// Whose followers it is for.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        let (session, news) = match self {
            Self::Digest(digest) => return vec![Target::Digest(digest.zone.clone())],
            Self::News { session, news } => (session, news),
        };
        let venue = &session.listing.venue;
        match news {
            // Taken away in the meantime: nobody wants to hear of it.
            _ if !session.is_listed() => Vec::new(),
            News::NewSession => Target::of_session(
                &session.submitter,
                &venue.country,
                &venue.county,
                venue.position,
            ),
            News::DateChanged { .. }
            | News::DateRestored { .. }
            | News::Rescheduled
            | News::Paused
            | News::Resumed
            | News::Ended => vec![Target::Session(session.id)],
        }
    }
}

/// Writes a manifest and answers its key, which holds its hash: planned twice, it
/// is the same or another file.
pub(crate) async fn write_manifest(
    objects: &impl WriteObject,
    event: SubmissionId,
    lines: Vec<u8>,
) -> TaskResult<String> {
    let hash = hex::encode(Sha256::digest(&lines));
    let key = format!("fan-out/{event}/{}.jsonl", hash.get(..16).unwrap_or(&hash));
    objects.write_object(Bucket::Work, &key, "application/jsonl", lines).await?;
    Ok(key)
}

/// Adds a page as a line.
pub(crate) fn add_line(manifest: &mut Vec<u8>, page: &Page) -> TaskResult<()> {
    serde_json::to_writer(&mut *manifest, page)
        .map_err(|error| TaskError::Invariant(format!("a page of a fan-out: {error}")))?;
    manifest.push(b'\n');
    Ok(())
}

/// How far a fan-out is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pages that were planned.
    pub pages: u32,
    /// Follows in them.
    pub follows: u64,
    /// Pages that have reported.
    pub reported: u32,
    /// Of those, the ones in which the fate of a mail is still open.
    pub unsettled: u32,
    /// Sum over those that have reported.
    pub sum: PageResult,
}

impl Progress {
    /// From what was planned and what the pages reported.
    #[must_use]
    pub fn of(fan_out: &FanOut, results: &[(u32, PageResult)]) -> Self {
        let mut progress =
            Self { pages: fan_out.pages, follows: fan_out.follows, ..Self::default() };
        for (_, result) in results {
            progress.reported += 1;
            progress.unsettled += u32::from(result.unresolved > 0);
            progress.sum += *result;
        }
        progress
    }
}

/// What is left to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rest {
    /// Key of a manifest of it.
    pub(crate) manifest_key: String,
    /// Its lines.
    pub(crate) pages: u32,
}

/// The pages that have not reported, or in which the fate of a mail is open.
pub(crate) async fn rest<S, O>(
    store: &S,
    objects: &O,
    event: SubmissionId,
    fan_out: &FanOut,
) -> TaskResult<Rest>
where
    S: ListPageResults,
    O: ReadObject + WriteObject,
{
    let results = store.list_page_results(event).await?;
    let settled = results.into_iter().filter(|(_, result)| result.unresolved == 0);
    let left = pages_but(objects, fan_out, &settled.map(|(page, _)| page).collect()).await?;
    let pages = u32::try_from(left.len()).unwrap_or(u32::MAX);
    if pages == 0 || pages == fan_out.pages {
        return Ok(Rest { manifest_key: fan_out.manifest_key.clone(), pages });
    }
    let mut lines = Vec::new();
    for page in &left {
        add_line(&mut lines, page)?;
    }
    Ok(Rest { manifest_key: write_manifest(objects, event, lines).await?, pages })
}

/// The planned pages but for these.
pub(crate) async fn pages_but(
    objects: &impl ReadObject,
    fan_out: &FanOut,
    done: &BTreeSet<u32>,
) -> TaskResult<Vec<Page>> {
    let key = &fan_out.manifest_key;
    let most = limits::MANIFEST_BYTES_MAX;
    let manifest = objects.read_object(Bucket::Work, key, most).await?.ok_or_else(|| {
        // A lifecycle rule removes them after weeks.
        TaskError::Invariant(format!("the manifest {key} is gone or too large"))
    })?;
    let lines = manifest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut pages = Vec::new();
    for line in lines {
        let page: Page = serde_json::from_slice(line)
            .map_err(|error| TaskError::Invariant(format!("a line of {key}: {error}")))?;
        if !done.contains(&page.page) {
            pages.push(page);
        }
    }
    Ok(pages)
}
