//! An import that is repeated, cut off, or meets what is there already.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    SessionId,
    card::{Card, List, ListFile, ListHead},
    county::COUNTIES,
    limits, samples,
    session::{SessionDraft, Slug, VenueDraft},
};
use seisiun_feeds::Site;
use seisiun_workflows::{
    TaskError,
    import_sessions::{Imported, Outcome, import_sessions},
    memory::{Memory, State},
    ports::{Bucket, ImportSessions as _, PortResult, RemoveObjects as _},
    publish_listing::publish_list,
    refresh_listings::{Refreshed, SHARES, Share, refresh_listings},
};
use ulid::Ulid;

fn at() -> Timestamp {
    "2026-11-25T12:00:00Z".parse().unwrap()
}

fn site() -> Site {
    Site::at("https://seisiun.example").unwrap()
}

/// Sessions of two counties, several with the same title and town.
fn some(count: u32) -> Vec<Imported> {
    (0..count)
        .map(|n| {
            let county = if n % 3 == 0 { "Clare" } else { "Galway" };
            let draft = SessionDraft {
                title: format!("Tunes {}", n % 4),
                venue: VenueDraft { county: county.into(), ..samples::venue() },
                ..samples::session()
            };
            Imported {
                id: SessionId::new(Ulid::from_parts(1, u128::from(n) + 7)),
                listing: draft.validate().unwrap(),
                submitter: samples::member(),
                published_at: at(),
                last_verified_at: at(),
            }
        })
        .collect()
}

async fn run(memory: &Memory, all: &[Imported]) -> Result<Outcome, TaskError> {
    import_sessions(memory, memory, &site(), at(), all, |_, _, _| {}).await
}

async fn imported(all: &[Imported]) -> State {
    let memory = Memory::default();
    run(&memory, all).await.unwrap();
    memory.state().clone()
}

#[tokio::test]
async fn all_is_listed_and_published_once() {
    let all = some(250);
    let memory = Memory::default();
    let outcome = run(&memory, &all).await.unwrap();
    assert_eq!(outcome, Outcome { listed: 250, ..Outcome::default() });
    let state = memory.state().clone();
    assert_eq!((state.sessions.len(), state.slugs.len()), (250, 250));
    assert!(state.work.is_empty() && state.events.is_empty() && state.mails.is_empty());
    for (slug, id) in &state.slugs {
        assert_eq!(state.sessions[id].slug.as_str(), slug);
    }
    // Of each list one file and its head; a calendar each; feeds; sitemaps.
    for list in Card::of(state.sessions.values().next().unwrap()).lists() {
        let object = |key: String| state.objects[&(Bucket::Site, key)].1.clone();
        let head: ListHead = serde_json::from_slice(&object(list.head_key())).unwrap();
        let file: ListFile =
            serde_json::from_slice(&object(head.file.trim_start_matches('/').into())).unwrap();
        let of_it = state.sessions.values().filter(|one| Card::of(one).lists().contains(&list));
        assert_eq!(file.sessions, of_it.map(Card::of).collect::<Vec<_>>());
    }
    let under = |prefix: &str| state.objects.keys().filter(|(_, k)| k.starts_with(prefix)).count();
    assert_eq!((under("data/"), under("feeds/counties/")), (2 * 4, 2 * 2));
    assert_eq!((under("feeds/sessions/"), under("sitemaps/")), (250, 1));
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let all = some(250);
    let memory = Memory::default();
    run(&memory, &all).await.unwrap();
    // What members have made of a session since stands.
    memory.state().sessions.get_mut(&all[3].id).unwrap().sequence = 9;
    run(&memory, &all).await.unwrap();
    let before = memory.state().clone();
    let outcome = run(&memory, &all).await.unwrap();
    assert_eq!(outcome, Outcome { stand: 250, ..Outcome::default() });
    assert_eq!(*memory.state(), before);
    assert_eq!(before.sessions[&all[3].id].sequence, 9);
}

#[tokio::test]
async fn cut_off_anywhere_and_run_again_it_comes_to_the_same_end() {
    let all = some(12);
    let expected = imported(&all).await;
    let mut cut = 0;
    for effect in 0.. {
        let memory = Memory::default();
        memory.lose_answer(effect);
        let first = run(&memory, &all).await;
        if memory.fuse_is_left() {
            assert_eq!(first.unwrap().listed, all.len());
            break;
        }
        // A lost answer ends a run, as would its process's death.
        assert!(matches!(first, Err(TaskError::Dependency(_))), "{effect}: {first:?}");
        run(&memory, &all).await.unwrap();
        assert_eq!(*memory.state(), expected, "after effect {effect}");
        cut += 1;
    }
    assert!(cut > 12 + 8, "{cut}");
}

/// The slugs that nobody else may have lost.
#[tokio::test]
async fn a_slug_that_somebody_has_is_left_to_them() {
    let all = some(6);
    let plain = Slug::plain(&all[0].listing.draft).as_str().to_owned();
    let memory = Memory::default();
    let other = SessionId::new(Ulid::from_parts(99, 99));
    memory.state().slugs.insert(plain.clone(), other);
    assert_eq!(run(&memory, &all).await.unwrap().listed, 6);
    assert_eq!(memory.state().slugs[&plain], other);
    let distinct = Slug::distinct(&all[0].listing.draft, all[0].id);
    assert_eq!(memory.state().sessions[&all[0].id].slug, distinct);

    // Both of them: it is refused, and the others are listed and published.
    let memory = Memory::default();
    for slug in [plain.as_str(), distinct.as_str()] {
        memory.state().slugs.insert(slug.to_owned(), other);
    }
    let outcome = run(&memory, &all).await.unwrap();
    assert_eq!(outcome, Outcome { listed: 5, stand: 0, refused: vec![all[0].id] });
}

#[tokio::test]
async fn an_id_that_is_there_twice_is_refused() {
    let mut all = some(3);
    all[2].id = all[0].id;
    let refused = run(&Memory::default(), &all).await;
    assert!(matches!(refused, Err(TaskError::InvalidInput(_))), "{refused:?}");
}

// ---- what becomes of the published lists as days go by

/// A store whose sessions were imported in two goes, so that lists have files
/// that were superseded.
async fn twice_published() -> Memory {
    let memory = Memory::default();
    let all = some(40);
    run(&memory, &all[..20]).await.unwrap();
    run(&memory, &all).await.unwrap();
    memory
}

fn files(memory: &Memory) -> usize {
    memory.state().objects.keys().filter(|(_, key)| key.starts_with("data/")).count()
}

async fn refreshed(memory: &Memory, days: i64, share: Share) -> Refreshed {
    let later = Timestamp::now().checked_add((24 * days).hours()).unwrap();
    refresh_listings(memory, memory, memory, &site(), later, share).await.unwrap()
}

#[tokio::test]
async fn every_list_is_refreshed_in_the_hour_that_is_its_own() {
    let memory = twice_published().await;
    // A cell, a country and two counties, each of them a head and two files.
    assert_eq!(files(&memory), 4 * 3);
    let early = refreshed(&memory, 0, Share::All).await;
    // Every county of Ireland; the sessions, which are in two of them, and the
    // town of either.
    let pages = COUNTIES.len() as u32 + 40 + 2;
    assert_eq!(early, Refreshed { lists: 4, counties: 2, pages, removed: 0, restored: 0 });
    let mut sum = Refreshed::default();
    for hour in 0..SHARES {
        sum += refreshed(&memory, 2, Share::Hour(hour)).await;
    }
    assert_eq!(sum, Refreshed { lists: 4, counties: 2, pages, removed: 4, restored: 0 });
    assert_eq!(files(&memory), 4 * 2);
    assert_eq!(refreshed(&memory, 2, Share::All).await.removed, 0);
}

#[tokio::test]
async fn a_refresh_cut_off_anywhere_and_run_again_comes_to_the_same_end() {
    let whole = twice_published().await;
    refreshed(&whole, 9, Share::All).await;
    let later = Timestamp::now().checked_add((24 * 9).hours()).unwrap();
    for effect in 0.. {
        let memory = twice_published().await;
        memory.lose_answer(effect);
        let first = refresh_listings(&memory, &memory, &memory, &site(), later, Share::All).await;
        if memory.fuse_is_left() {
            break;
        }
        // The list that failed is told of; the others were looked after.
        assert!(first.is_err(), "{effect}");
        refresh_listings(&memory, &memory, &memory, &site(), later, Share::All).await.unwrap();
        let keys = |memory: &Memory| memory.state().objects.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&memory), keys(&whole), "after effect {effect}");
    }
}

/// A file counts from when it was superseded, not from when it was written.
#[tokio::test]
async fn a_file_is_kept_for_a_day_after_the_head_stopped_naming_it() {
    let list = List::county("IE", "Clare");
    let stem = list.head_key().trim_end_matches("json").to_owned();
    let now = Timestamp::now();
    // The second: the list has come back to its older file an hour ago.
    for (named_days, other_days, removed) in [(29, 30, 1), (30, 29, 0)] {
        let memory = twice_published().await;
        let named = publish_list(&memory, &memory, &list).await.unwrap().file;
        {
            let state = &mut *memory.state();
            let keys: Vec<_> = state.objects.keys().cloned().collect();
            for (bucket, key) in keys.into_iter().filter(|(_, key)| key.starts_with(&stem)) {
                let hours = match &key {
                    key if *key == list.head_key() => 1,
                    key if named.ends_with(key.as_str()) => 24 * named_days,
                    _ => 24 * other_days,
                };
                state.written.insert((bucket, key), now.checked_sub(hours.hours()).unwrap());
            }
        }
        let done =
            refresh_listings(&memory, &memory, &memory, &site(), now, Share::All).await.unwrap();
        assert_eq!(done.removed, removed);
        let named = (Bucket::Site, named.trim_start_matches('/').to_owned());
        assert!(memory.state().objects.contains_key(&named));
    }
}

/// A list that comes back to what it was finds its old file, or writes it anew.
#[tokio::test]
async fn a_head_never_names_a_file_that_was_removed() {
    let memory = twice_published().await;
    let list = List::county("IE", "Clare");
    let named = |head: &ListHead| head.file.trim_start_matches('/').to_owned();
    let all = publish_list(&memory, &memory, &list).await.unwrap();
    let gone = memory.state().sessions.pop_last().unwrap();
    let gone_too = memory.state().sessions.pop_last().unwrap();
    let fewer = publish_list(&memory, &memory, &list).await.unwrap();
    assert_ne!(fewer, all);
    memory.remove_objects(Bucket::Site, &[named(&all)]).await.unwrap();
    let back: PortResult<_> = memory.import_sessions(&[gone.1, gone_too.1]).await;
    assert_eq!(back.unwrap().len(), 2);
    assert_eq!(publish_list(&memory, &memory, &list).await.unwrap(), all);
    assert!(memory.state().objects.contains_key(&(Bucket::Site, named(&all))));
    assert!(all.sessions <= limits::IMPORT_BATCH);
}
