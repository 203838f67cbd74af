//! RefreshListings: on a schedule, renews what goes stale without anybody
//! publishing, and removes what nobody reads any more.
//!
//! The calendar of a county reaches some weeks ahead of the day on which it was
//! written, so that it has to be written again as days go by. And every
//! publication of a list leaves its former file behind, which is removed once
//! no head can name it.
//!
//! Pages are the same: a session's says its next dates, a county's what is on.
//! So with the list of a county go the pages of it, its towns, its sessions and
//! who listed or hosts them,
//! which are made anew whatever stands: what was lost, or written by an earlier
//! release, is as it should be a day later. The counties of Ireland have a page
//! before they have a session.
//!
//! The lists are found by their heads in the bucket, since no record of the
//! table says which there are. Each is looked after once a day: a run takes the
//! lists of one hour, so that it stays short however many there are. A run that
//! is missed leaves its lists a day older, no more.

use std::{collections::BTreeSet, ops::AddAssign};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use seisiun_domain::{
    MemberId,
    card::{Card, List, ListHead, town_slug},
    county::COUNTIES,
    limits,
    session::Session,
};
use seisiun_feeds::Site;
use sha2::{Digest, Sha256};

use crate::{
    error::{TaskError, TaskResult},
    member_page::{members_of, publish_member_page},
    ports::{
        Bucket, ListCards, ListObjects, ListPhotos, ListReviews, ListSubmissions, ListedObject,
        LoadMember, LoadRating, LoadSession, LoadSubmission, ReadVersioned, RemoveObjects,
        RenderPages, SwapObject,
    },
    publish_feeds::publish_county_feeds,
    publish_listing::restore_list_file,
    site_page::{publish_county_page, publish_session_page, publish_town_page},
};

/// Where the lists are published.
const LISTS: &str = "data/";
/// Hours of a day, by which the lists are shared out.
pub const SHARES: u8 = 24;
/// Objects that one call removes.
const REMOVED_AT_A_TIME: usize = 1_000;

/// Which lists a run looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// All of them.
    All,
    /// Those of an hour of the day, below [`SHARES`].
    Hour(u8),
}

impl Share {
    /// The share of the present hour.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        let hour = now.to_zoned_datetime(TimeZone::UTC).hour();
        Self::Hour(u8::try_from(hour).unwrap_or_default())
    }

    /// Whether a list is in it. Every list is in one hour's, always the same.
    #[must_use]
    pub fn has(self, list: &List) -> bool {
        match self {
            Self::All => true,
            Self::Hour(hour) => {
                let digest = Sha256::digest(list.head_key().as_bytes());
                digest.first().copied().unwrap_or_default() % SHARES == hour
            }
        }
    }
}

/// The published lists of counties in a share.
pub(crate) async fn county_lists(
    objects: &impl ListObjects,
    share: Share,
) -> TaskResult<BTreeSet<List>> {
    let (mut after, mut seen) = (None::<String>, 0);
    let mut lists = BTreeSet::new();
    loop {
        let page = objects.list_objects(Bucket::Site, LISTS, after.as_deref()).await?;
        let Some(last) = page.last() else { return Ok(lists) };
        after = Some(last.key.clone());
        seen += page.len();
        if seen > limits::REFRESH_OBJECTS_MAX {
            return Err(too_many(seen));
        }
        let all = page.iter().filter_map(|object| List::of_key(&object.key));
        lists.extend(all.filter(|list| matches!(list, List::County { .. }) && share.has(list)));
    }
}

fn too_many(seen: usize) -> TaskError {
    TaskError::Invariant(format!("more than {seen} objects under {LISTS}"))
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshed {
    /// Lists looked after.
    pub lists: u32,
    /// Counties whose calendar and feed are as of now.
    pub counties: u32,
    /// Pages of counties, towns, sessions and members that are as of now.
    pub pages: u32,
    /// Superseded files removed.
    pub removed: u32,
    /// Files that a head named and that were not there.
    pub restored: u32,
}

impl AddAssign for Refreshed {
    fn add_assign(&mut self, other: Self) {
        self.lists += other.lists;
        self.counties += other.counties;
        self.pages += other.pages;
        self.removed += other.removed;
        self.restored += other.restored;
    }
}

/// Runs the task for the lists of a share. One that cannot be helped does not
/// hold up the others; the run then fails as a whole.
pub async fn refresh_listings<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    site: &Site,
    now: Timestamp,
    share: Share,
) -> TaskResult<Refreshed>
where
    S: ListCards
        + LoadSession
        + LoadRating
        + ListPhotos
        + ListReviews
        + LoadMember
        + ListSubmissions
        + LoadSubmission,
    O: ListObjects + ReadVersioned + SwapObject + RemoveObjects,
    R: RenderPages,
{
    let mut done = Refreshed::default();
    let mut failures = Vec::new();
    let counties = COUNTIES.iter().map(|county| List::county(county.country, county.slug));
    let mut unlisted: BTreeSet<List> = counties.filter(|list| share.has(list)).collect();
    let (mut after, mut seen) = (None::<String>, 0);
    let mut present: Option<(List, Vec<ListedObject>)> = None;
    loop {
        let page = objects.list_objects(Bucket::Site, LISTS, after.as_deref()).await?;
        let at_end = page.is_empty();
        seen += page.len();
        if seen > limits::REFRESH_OBJECTS_MAX {
            return Err(too_many(seen));
        }
        after = page.last().map(|object| object.key.clone());
        let mut ended = Vec::new();
        for object in page {
            let Some(list) = List::of_key(&object.key).filter(|list| share.has(list)) else {
                continue;
            };
            match &mut present {
                Some((known, objects)) if *known == list => objects.push(object),
                _ => ended.extend(present.replace((list, vec![object]))),
            }
        }
        if at_end {
            ended.extend(present.take());
        }
        for (list, listed) in ended {
            unlisted.remove(&list);
            let refreshed = async {
                let list_and_feeds = refresh_list(store, objects, site, now, &list, &listed).await;
                let mut refreshed = list_and_feeds?;
                refreshed.pages = refresh_pages(store, objects, renderer, now, &list).await?;
                Ok(refreshed)
            };
            count(&mut done, &mut failures, &list, refreshed.await);
        }
        if at_end {
            break;
        }
    }
    for list in unlisted {
        let refreshed = refresh_pages(store, objects, renderer, now, &list).await;
        let refreshed = refreshed.map(|pages| Refreshed { pages, ..Refreshed::default() });
        count(&mut done, &mut failures, &list, refreshed);
    }
    tracing::info!(?done, failed = failures.len(), "refreshed");
    failures.into_iter().next().map_or(Ok(done), Err)
}

fn count(
    done: &mut Refreshed,
    failures: &mut Vec<TaskError>,
    list: &List,
    refreshed: TaskResult<Refreshed>,
) {
    match refreshed {
        Ok(one) => *done += one,
        Err(error) => {
            tracing::error!(
                list = list.head_key(),
                error = &error as &dyn std::error::Error,
                "a list could not be refreshed"
            );
            failures.push(error);
        }
    }
}

/// Makes the page of a county anew, and those of its towns, its sessions and
/// their members.
/// Answers how many.
pub async fn refresh_pages<S, O, R>(
    store: &S,
    objects: &O,
    renderer: &R,
    now: Timestamp,
    list: &List,
) -> TaskResult<u32>
where
    S: ListCards
        + LoadSession
        + LoadRating
        + ListPhotos
        + ListReviews
        + LoadMember
        + ListSubmissions
        + LoadSubmission,
    O: ReadVersioned + SwapObject + RemoveObjects,
    R: RenderPages,
{
    if !matches!(list, List::County { .. }) {
        return Ok(0);
    }
    publish_county_page(store, objects, renderer, now, list).await?;
    let cards: Vec<Card> = store.list_cards(list).await?;
    let towns: BTreeSet<String> = cards.iter().map(|card| town_slug(&card.town)).collect();
    let towns = towns.iter().map(|town| {
        let page = publish_town_page(store, objects, renderer, now, list, town);
        async { page.await.map(|()| 1) }
    });
    let towns: Vec<u32> =
        stream::iter(towns).buffer_unordered(limits::PAGES_AT_ONCE).try_collect().await?;
    let sessions =
        cards.iter().map(|card| publish_session_page(store, objects, renderer, now, card.id));
    let sessions: Vec<Session> =
        stream::iter(sessions).buffer_unordered(limits::PAGES_AT_ONCE).try_collect().await?;
    let members: BTreeSet<MemberId> = sessions.iter().flat_map(members_of).collect();
    let members = members.iter().map(|member| {
        let page = publish_member_page(store, objects, renderer, now, member);
        async { page.await.map(u32::from) }
    });
    let members: Vec<u32> =
        stream::iter(members).buffer_unordered(limits::PAGES_AT_ONCE).try_collect().await?;
    let sessions = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
    Ok(1 + sessions + towns.iter().chain(&members).sum::<u32>())
}

/// Looks after one list, of which these objects are there.
pub async fn refresh_list<S, O>(
    store: &S,
    objects: &O,
    site: &Site,
    now: Timestamp,
    list: &List,
    listed: &[ListedObject],
) -> TaskResult<Refreshed>
where
    S: ListCards,
    O: ReadVersioned + SwapObject + RemoveObjects,
{
    let mut done = Refreshed { lists: 1, ..Refreshed::default() };
    if let List::County { .. } = list {
        // As the county is written in its oldest session.
        let cards = store.list_cards(list).await?;
        if let Some(card) = cards.iter().min_by_key(|card| card.id) {
            publish_county_feeds(store, objects, site, card, now).await?;
            done.counties += 1;
        }
    }

    let there: BTreeSet<&str> = listed.iter().map(|object| object.key.as_str()).collect();
    let named = named_file(objects, list).await?;
    if named.as_deref().is_some_and(|named| !there.contains(named)) {
        restore_list_file(store, objects, list).await?;
        done.restored += 1;
    }
    let superseded = superseded(list, listed, named.as_deref(), now);
    for keys in superseded.chunks(REMOVED_AT_A_TIME) {
        objects.remove_objects(Bucket::Site, keys).await?;
        done.removed += u32::try_from(keys.len()).unwrap_or(u32::MAX);
    }
    // A list may come back to what it was: whoever published it meanwhile found
    // the file still there.
    let named = named_file(objects, list).await?;
    if named.is_some_and(|named| superseded.contains(&named)) {
        restore_list_file(store, objects, list).await?;
        done.restored += 1;
    }
    Ok(done)
}

/// The files that no head has named for long. A file was superseded when the
/// next one was written, the youngest when the head was.
fn superseded(
    list: &List,
    listed: &[ListedObject],
    named: Option<&str>,
    now: Timestamp,
) -> Vec<String> {
    let long_ago = now.saturating_sub(limits::SUPERSEDED_HOURS.hours()).unwrap_or(now);
    let (heads, mut files): (Vec<_>, Vec<_>) =
        listed.iter().partition(|object| object.key == list.head_key());
    files.sort_by_key(|file| file.written_at);
    let later = files.iter().skip(1).chain(&heads).map(|object| object.written_at);
    let mut later: Vec<_> = later.collect();
    // Without a head, by its own age.
    later.resize(files.len(), Timestamp::MIN);
    let ages = files.iter().zip(later);
    ages.filter(|(file, later)| file.written_at.max(*later) < long_ago)
        .filter(|(file, _)| named != Some(file.key.as_str()))
        .map(|(file, _)| file.key.clone())
        .collect()
}

/// The file that a list's head names.
async fn named_file(objects: &impl ReadVersioned, list: &List) -> TaskResult<Option<String>> {
    let key = list.head_key();
    let head = objects.read_versioned(Bucket::Site, &key, limits::LIST_HEAD_BYTES_MAX).await?;
    let Some(head) = head else { return Ok(None) };
    let head: ListHead = serde_json::from_slice(&head.bytes)
        .map_err(|error| TaskError::Invariant(format!("{key}: {error}")))?;
    Ok(Some(head.file.trim_start_matches('/').to_owned()))
}
