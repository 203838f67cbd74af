//! PublishListing: writes the published lists that a session is in, which is
//! what visitors search.
//!
//! A list is two objects: a file with the hash of its content in its name, and
//! a head that names the present file. The head is read first, then the cards,
//! then the head is swapped only if it is still the one that was read. So a
//! list never goes back: who swaps has read the cards after the last swap, and
//! the cards are read strongly consistent. Who loses reads again, and mostly
//! finds that the winner has published its session too.

use std::collections::BTreeSet;

use jiff::Timestamp;
use seisiun_domain::{
    SessionId, SubmissionId,
    card::{Card, LIST_VERSION, List, ListFile, ListHead},
    change::{Change, What},
    limits,
    session::{Session, SessionDraft},
    submission::{Body, Status, Submission},
};
use seisiun_feeds::Site;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    error::{TaskError, TaskResult},
    ports::{
        Bucket, Keep, ListCards, LoadSession, LoadSubmission, NewObject, PortError, ReadVersioned,
        Swap, SwapObject,
    },
    publish_feeds::{publish_county_feeds, publish_session_files, publish_sitemap},
    withdrawal_target::load_target,
};

const JSON: &str = "application/json";

/// Runs the task for the session that this submission made, changed or withdrew.
pub async fn publish_listing<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    now: Timestamp,
    id: SubmissionId,
) -> TaskResult<()>
where
    S: LoadSubmission + LoadSession + ListCards,
    O: ReadVersioned + SwapObject,
{
    // An imported session came by none, and its lists are published all the same.
    // Boxed, here and below: the compiler gives up on laying out so deep a future.
    let target = Box::pin(load_target(store, id)).await?;
    let submission = target.ok_or_else(|| TaskError::no_submission(id))?.submission;
    let Some(listed) = what_is_listed(store, &submission).await? else { return Ok(()) };
    let session = store
        .load_session(listed)
        .await?
        .ok_or_else(|| TaskError::InvalidInput(format!("there is no session {listed}")))?;
    let cards = present_and_former(&session, &submission);
    let lists = lists_of(&session, &submission);
    for list in &lists {
        publish_list(store, objects, list).await?;
    }
    publish_session_files(store, objects, site, session.id).await?;
    for list in &lists {
        let of_it = cards.iter().find(|card| card.lists().contains(list));
        match (list, of_it) {
            (List::County { .. }, Some(card)) => {
                publish_county_feeds(store, objects, site, card, now).await?;
            }
            (List::Country { country }, _) => {
                publish_sitemap(store, objects, site, country).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The session whose entries in the lists this submission changed, if any: what
/// came to nothing, reviews and photos are in no list.
pub(crate) async fn what_is_listed(
    store: &(impl LoadSubmission + LoadSession),
    submission: &Submission,
) -> TaskResult<Option<SessionId>> {
    if matches!(submission.status, Status::Rejected { .. }) {
        return Ok(None);
    }
    Ok(match &submission.body {
        Body::Session(_) => Some(submission.id.session()),
        Body::Change(change) => Some(change.session_id),
        Body::Withdrawal(withdrawal) => {
            let target = Box::pin(load_target(store, withdrawal.target)).await?;
            let target = target.ok_or_else(|| TaskError::no_submission(withdrawal.target))?;
            let target = target.submission;
            let listed = matches!(target.body, Body::Session(_)) && withdrawal.photo.is_none();
            listed.then(|| target.id.session())
        }
        Body::Review(_) | Body::Export | Body::Erasure | Body::Notice(_) => None,
    })
}

/// The lists that the session is in, and those that it was in where this
/// submission moved it.
pub(crate) fn lists_of(session: &Session, submission: &Submission) -> BTreeSet<List> {
    present_and_former(session, submission).iter().flat_map(Card::lists).collect()
}

/// The session's card, and the one that it had where this submission moved it
/// to another place: it has left the lists of that one.
pub(crate) fn present_and_former(session: &Session, submission: &Submission) -> Vec<Card> {
    let mut cards = vec![Card::of(session)];
    if let Body::Change(Change { what: What::Edit { before, .. }, .. }) = &submission.body
        && let Some(venue) = &before.venue
    {
        let listing = SessionDraft { venue: venue.clone(), ..session.listing.clone() };
        cards.push(Card::of(&Session { listing, ..session.clone() }));
    }
    cards
}

/// Publishes a list as it stands in the table. Answers its head.
pub async fn publish_list<S, O>(store: &S, objects: &O, list: &List) -> TaskResult<ListHead>
where
    S: ListCards,
    O: ReadVersioned + SwapObject,
{
    let key = list.head_key();
    for _ in 0..limits::LIST_SWAPS_MAX {
        let stands =
            objects.read_versioned(Bucket::Site, &key, limits::LIST_HEAD_BYTES_MAX).await?;
        let mut sessions = store.list_cards(list).await?;
        sessions.sort_by_key(|card| card.id);
        let count = sessions.len();
        let (file_key, file) = file(list, sessions)?;
        let head = ListHead { file: format!("/{file_key}"), sessions: count };
        let head_bytes = json(&head)?;
        if stands.as_ref().is_some_and(|stands| stands.bytes == head_bytes) {
            return Ok(head);
        }
        // One that is there already is this one: its name is its content. The
        // file before the head, so that no head names what is not there.
        let was_there = objects.swap_object(Bucket::Site, &file_key, file.clone(), None).await?;
        let expected = stands.as_ref().map(|stands| stands.version.as_str());
        let head_object = NewObject { bytes: head_bytes, content_type: JSON, keep: Keep::Minute };
        let swap = objects.swap_object(Bucket::Site, &key, head_object, expected);
        if swap.await? == Swap::Done {
            if was_there == Swap::Lost {
                write_again(objects, &file_key, file).await?;
            }
            return Ok(head);
        }
    }
    // The state machine waits, with jitter, and tries again.
    Err(PortError::Throttled { what: "publishing a list that others publish" }.into())
}

/// Writes a file that was there already once more: a list has come back to what
/// it was. By its age it would be taken for one that nobody reads any more, and
/// it may have been removed as such before the head named it again.
async fn write_again<O>(objects: &O, key: &str, file: NewObject) -> TaskResult<()>
where
    O: ReadVersioned + SwapObject,
{
    let stands = objects.read_versioned(Bucket::Site, key, limits::LIST_BYTES_MAX).await?;
    let expected = stands.as_ref().map(|stands| stands.version.as_str());
    objects.swap_object(Bucket::Site, key, file, expected).await?;
    Ok(())
}

/// Sees to it that the file which a list's head names is there.
pub async fn restore_list_file<S, O>(store: &S, objects: &O, list: &List) -> TaskResult<()>
where
    S: ListCards,
    O: ReadVersioned + SwapObject,
{
    let mut sessions = store.list_cards(list).await?;
    sessions.sort_by_key(|card| card.id);
    let (key, file) = file(list, sessions)?;
    objects.swap_object(Bucket::Site, &key, file, None).await?;
    // Where the table has changed since, the head gets to name this one.
    publish_list(store, objects, list).await.map(|_| ())
}

/// The file of a list with these sessions, and its key.
fn file(list: &List, sessions: Vec<Card>) -> TaskResult<(String, NewObject)> {
    let bytes = json(&ListFile { version: LIST_VERSION, sessions })?;
    let key = list.file_key(&hex::encode(Sha256::digest(&bytes)));
    Ok((key, NewObject { bytes, content_type: JSON, keep: Keep::ForEver }))
}

fn json(value: &impl Serialize) -> TaskResult<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| TaskError::Invariant(format!("a list: {error}")))
}
