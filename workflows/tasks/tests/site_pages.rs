//! Which pages a submission changes, and what then stands on them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use seisiun_domain::{
    MemberId,
    county::COUNTIES,
    member::{Language, Mails, ProfileDraft},
    samples,
    session::Slug,
    submission::Body,
};
use seisiun_feeds::Site;
use seisiun_workflows::{
    member_page::{publish_member_page, save_profile},
    memory::Memory,
    ports::{Bucket, LoadMember, RenderPages},
    refresh_listings::{Share, refresh_listings},
    site_page::PageName,
};

use world::{
    CHANGE, REVIEW, SESSION, Step, WITHDRAWAL, World, id, listed, moved, published, session_draft,
    taken_back,
};

/// What stands on a page; nothing if there is none.
fn shown(memory: &Memory, page: &PageName) -> String {
    let state = memory.state();
    let keys = memory.page_keys(page);
    let bytes = keys.iter().filter_map(|key| state.objects.get(&(Bucket::Site, key.clone())));
    bytes.map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
}

fn county(country: &str, county: &str) -> PageName {
    PageName::County { country: country.into(), county: county.into() }
}

fn session() -> PageName {
    PageName::Session(Slug::plain(&session_draft("")))
}

async fn run(world: &World, steps: &[Step]) {
    for step in steps {
        world.run(step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
}

#[tokio::test]
async fn a_published_session_has_a_page_and_stands_on_its_countys() {
    let world = published();
    assert_eq!(shown(&world.memory, &session()), "");
    run(&world, &[Step::PublishPage(id(SESSION))]).await;
    let title = &session_draft("").title;
    for page in [session(), county("IE", "clare")] {
        assert!(shown(&world.memory, &page).contains(title), "{page:?}");
    }
    assert_eq!(shown(&world.memory, &county("IE", "galway")), "", "nothing changed there");
}

#[tokio::test]
async fn a_review_stands_on_the_page_of_its_session_and_changes_no_other() {
    let world = listed();
    run(&world, &[Step::PublishPage(id(REVIEW))]).await;
    let text = samples::review(id(SESSION).session()).text;
    assert!(shown(&world.memory, &session()).contains(&text));
    assert_eq!(shown(&world.memory, &county("IE", "clare")), "");
}

#[tokio::test]
async fn a_session_that_moves_leaves_one_county_and_comes_to_another() {
    let world = published();
    run(&world, &[Step::PublishPage(id(SESSION)), Step::Change("ann", moved())]).await;
    let change = id(CHANGE);
    let steps = [
        Step::Validate(change),
        Step::ModerateText(change),
        Step::PersistChange,
        Step::PublishPage(change),
    ];
    run(&world, &steps).await;
    let title = &session_draft("").title;
    let (old, new) = (county("IE", "clare"), county("IE", "galway"));
    assert!(!shown(&world.memory, &old).contains(title), "{}", shown(&world.memory, &old));
    assert!(shown(&world.memory, &new).contains(title), "{}", shown(&world.memory, &new));
}

#[tokio::test]
async fn of_a_withdrawn_session_a_page_says_that_it_is_gone() {
    let world = published();
    let steps = [
        Step::PublishPage(id(SESSION)),
        Step::Withdraw("ann", id(SESSION), taken_back()),
        Step::WithdrawContent,
        Step::PublishPage(id(WITHDRAWAL)),
    ];
    run(&world, &steps).await;
    let page = shown(&world.memory, &session());
    assert!(page.starts_with("Gone"), "{page}");
    let title = &session_draft("").title;
    assert!(!shown(&world.memory, &county("IE", "clare")).contains(title));
}

/// Has a member save whether they want a page.
async fn choose(world: &World, name: &str, public: bool) {
    let memory = &world.memory;
    let member = memory.load_member(&name.parse().unwrap()).await.unwrap().unwrap();
    let profile = ProfileDraft {
        display_name: format!("{name} of the reels"),
        home: None,
        language: Language::En,
        mails: Mails::default(),
        public,
    };
    save_profile(memory, memory, member, profile).await.unwrap().unwrap();
}

fn of_member(name: &str) -> PageName {
    PageName::Member(name.parse::<MemberId>().unwrap())
}

#[tokio::test]
async fn a_member_has_a_page_only_while_they_want_one() {
    let world = published();
    run(&world, &[Step::PublishPage(id(SESSION))]).await;
    assert_eq!(shown(&world.memory, &of_member("ann")), "", "nobody asked for it");
    assert!(!shown(&world.memory, &session()).contains("ann of the reels"));

    choose(&world, "ann", true).await;
    run(&world, &[Step::PublishPage(id(SESSION))]).await;
    let page = shown(&world.memory, &of_member("ann"));
    assert!(page.contains("ann of the reels") && page.contains(&session_draft("").title), "{page}");
    assert!(!page.contains('@'), "an address is on it: {page}");
    assert!(shown(&world.memory, &session()).contains("ann of the reels"));

    choose(&world, "ann", false).await;
    assert_eq!(shown(&world.memory, &of_member("ann")), "");
    run(&world, &[Step::PublishPage(id(SESSION))]).await;
    assert_eq!(shown(&world.memory, &of_member("ann")), "");
    assert!(!shown(&world.memory, &session()).contains("ann of the reels"));
}

#[tokio::test]
async fn what_a_member_withdraws_leaves_their_page() {
    let world = published();
    choose(&world, "ann", true).await;
    let steps = [
        Step::PublishPage(id(SESSION)),
        Step::Withdraw("ann", id(SESSION), taken_back()),
        Step::WithdrawContent,
        Step::PublishPage(id(WITHDRAWAL)),
    ];
    run(&world, &steps).await;
    let page = shown(&world.memory, &of_member("ann"));
    assert!(page.contains("ann of the reels"), "{page}");
    assert!(!page.contains(&session_draft("").title), "{page}");
}

#[tokio::test]
async fn a_page_that_a_member_asked_for_is_there_a_day_later() {
    let world = listed();
    run(&world, &[Step::PublishPage(id(SESSION))]).await;
    choose(&world, "ann", true).await;
    let (memory, site) = (&world.memory, Site::at("https://seisiun.example").unwrap());
    refresh_listings(memory, memory, memory, &site, world.now, Share::All).await.unwrap();
    assert!(shown(memory, &of_member("ann")).contains(&session_draft("").title));
}

#[tokio::test]
async fn an_erased_members_page_goes_with_them() {
    let world = published();
    choose(&world, "bo", true).await;
    let (memory, bo) = (&world.memory, "bo".parse().unwrap());
    assert!(publish_member_page(memory, memory, memory, world.now, &bo).await.unwrap());
    assert!(shown(memory, &of_member("bo")).contains("bo of the reels"));
    run(&world, &[Step::Ask(Body::Erasure), Step::Erase]).await;
    assert_eq!(shown(memory, &of_member("bo")), "");
    // Nor does anybody bring it back who was about to publish it.
    assert!(!publish_member_page(memory, memory, memory, world.now, &bo).await.unwrap());
    assert_eq!(shown(memory, &of_member("bo")), "");
}

#[tokio::test]
async fn every_county_and_every_page_that_was_lost_is_there_a_day_later() {
    let world = listed();
    run(&world, &[Step::PublishPage(id(SESSION))]).await;
    let whole = shown(&world.memory, &session());
    world.memory.state().objects.retain(|(_, key), _| !key.starts_with("sessions/"));
    let (memory, site) = (&world.memory, Site::at("https://seisiun.example").unwrap());
    let all = Share::All;
    let done = refresh_listings(memory, memory, memory, &site, world.now, all).await.unwrap();
    assert_eq!(done.pages as usize, COUNTIES.len() + 2, "a session and its town, too");
    assert_eq!(shown(memory, &session()), whole);
    for one in COUNTIES {
        let page = shown(memory, &county(one.country, one.slug));
        assert!(page.contains(one.english), "{}: {page}", one.english);
    }
}

#[tokio::test]
async fn the_hours_of_a_day_have_each_county_once() {
    let world = published();
    let (memory, site) = (&world.memory, Site::at("https://seisiun.example").unwrap());
    let mut pages = 0;
    for hour in 0..24 {
        let share = Share::Hour(hour);
        let done = refresh_listings(memory, memory, memory, &site, world.now, share).await;
        pages += done.unwrap().pages as usize;
    }
    assert!(pages >= COUNTIES.len(), "{pages}");
}
