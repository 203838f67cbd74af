//! A fan-out under faults: whoever is killed, wherever, and whatever is lost, every
//! follower who wants it gets one mail.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod world;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use seisiun_domain::{
    follow::Target,
    member::{Email, NewsMails},
    pace::Rate,
    submission::Workflow,
};
use seisiun_workflows::{
    TaskResult,
    fan_out::Page,
    follow_target::{Follower, Manner, Wanted, follow_target},
    memory::SentMail,
    plan_fan_out::plan_fan_out,
    ports::{
        Bucket, Clock as _, IsSuppressed as _, PageResult, SetPause as _, Suppress as _,
        Suppression, Unfollow as _,
    },
    record_failure::{Failure, record_failure},
    redrive::{Redriven, redrive},
    send_batch::{End, Run},
    start_notify::start_notify,
    summarise_fan_out::{Left, Summary, summarise_fan_out},
    take_feedback::{Happened, take_feedback},
};
use world::{SESSION, Step, World, id, member, scenarios};

/// Followers of the county, beside those of the world.
const FOLLOWERS: usize = 120;

/// A published session with many followers; nobody is mailed yet.
async fn published() -> World {
    let (_, prepare, steps) = scenarios()
        .into_iter()
        .find(|(name, ..)| *name == "published and followers mailed")
        .unwrap();
    let world = prepare();
    for n in 0..FOLLOWERS {
        follow(&world, n, Wanted::Target(Target::county("IE", "Clare"))).await;
    }
    for step in &steps {
        if matches!(step, Step::Plan) {
            break;
        }
        world.run(step).await.unwrap();
    }
    world.memory.state().mails.clear();
    world
}

async fn follow(world: &World, n: usize, wanted: Wanted) {
    let (member, token) = (member(&format!("many-{n:03}")), format!("token-{n}"));
    world.memory.state().members.insert(member.id.clone(), member.clone());
    follow_target(
        &world.memory,
        &Follower::of(&member),
        wanted,
        &Manner::default(),
        &token,
        world.now,
    )
    .await
    .unwrap()
    .unwrap();
}

/// The pages of a manifest.
fn pages(world: &World, key: &str) -> Vec<Page> {
    let (_, bytes) = world.memory.state().objects[&(Bucket::Work, key.to_owned())].clone();
    String::from_utf8(bytes).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

async fn summary(world: &World) -> TaskResult<Summary> {
    summarise_fan_out(&world.memory, &world.memory, &world.memory, id(SESSION)).await
}

/// Does what the state machine does until nothing is left: pages that fail are tried
/// again, events arrive while it waits.
async fn to_its_end(world: &World, lost: impl Fn(&SentMail) -> bool + Copy) -> Summary {
    let mut key =
        plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap().manifest_key;
    for _ in 0..200 {
        for page in pages(world, &key) {
            for _ in 0..9 {
                world.memory.revive();
                if let Ok(Run { end: End::Done, .. }) = world.send(&page).await {
                    break;
                }
            }
        }
        let summary = summary(world).await.unwrap();
        match &summary.left {
            Left::Nothing => return summary,
            Left::Unsettled(rest) => key.clone_from(rest),
            Left::Pages => panic!("a page failed for good"),
        }
        world.memory.pass(SignedDuration::from_mins(10));
        world.events_arrive(lost).await;
    }
    panic!("it never ends");
}

/// Mails by address.
fn counts(world: &World) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for mail in &world.memory.state().mails {
        if mail.kind == "new-session" {
            *counts.entry(mail.to.clone()).or_default() += 1;
        }
    }
    counts
}

fn expected() -> BTreeMap<String, usize> {
    // Of the world: by the county, the circle, and by two ways.
    let own = ["bo", "cat", "dan"].map(str::to_owned);
    let many = (0..FOLLOWERS).map(|n| format!("many-{n:03}"));
    own.into_iter().chain(many).map(|name| (format!("{name}@example.org"), 1)).collect()
}

#[tokio::test]
async fn each_follower_is_mailed_once_and_told_why() {
    let world = published().await;
    let done = to_its_end(&world, |_| false).await;
    assert_eq!(counts(&world), expected());
    let sum = done.progress.sum;
    assert_eq!(sum.sent, expected().len() as u64);
    // Dan follows by two ways.
    assert_eq!(sum, PageResult { sent: sum.sent, skipped: 1, ..PageResult::default() });
    assert_eq!(sum.total(), done.progress.follows);
    assert!(world.work_is_done(Workflow::NotifyFollowers.name(), SESSION));
    let state = world.memory.state();
    let dan = state.mails.iter().find(|mail| mail.to == "dan@example.org").unwrap();
    let text = String::from_utf8_lossy(&dan.mime).replace("=\r\n", "");
    assert!(
        text.contains("You follow the member who added it.")
            && text.contains("You follow County Clare")
    );
}

#[tokio::test]
async fn whoever_is_killed_after_any_effect_every_follower_gets_one() {
    let mut killed = 0;
    for effect in 0.. {
        let world = published().await;
        let key = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
        let pages = pages(&world, &key.manifest_key);
        let page = pages.iter().max_by_key(|page| page.range.shard).unwrap();
        world.memory.kill_after(effect);
        let ran = world.send(page).await;
        if world.memory.fuse_is_left() {
            ran.unwrap();
            break;
        }
        killed += 1;
        world.memory.revive();
        let done = to_its_end(&world, |_| false).await;
        assert_eq!(counts(&world), expected(), "after effect {effect}");
        assert_eq!(done.progress.sum.unknown, 0, "after effect {effect}");
    }
    // A permit, and per mail a claim, the sending and the mark; the page's result.
    assert!(killed > 15, "{killed}");
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_its_event_and_unknown_without_it() {
    for lost in [false, true] {
        let mut unknown = 0;
        for effect in 0.. {
            let world = published().await;
            let key = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
            let pages = pages(&world, &key.manifest_key);
            let page = pages.iter().max_by_key(|page| page.range.shard).unwrap();
            world.memory.lose_answer(effect);
            let ran = world.send(page).await;
            if world.memory.fuse_is_left() {
                ran.unwrap();
                break;
            }
            // The mail whose own answer was lost, if it was one's.
            let doubtful: Vec<_> = {
                let state = world.memory.state();
                let open = state.claims.iter().filter(|(_, c)| c.open.answer_lost);
                open.map(|(key, _)| key.clone()).collect()
            };
            let done = to_its_end(&world, |mail| lost && doubtful.contains(&mail.key)).await;
            assert_eq!(counts(&world), expected(), "after effect {effect}");
            let told = if lost { doubtful.len() as u64 } else { 0 };
            assert_eq!(done.progress.sum.unknown, told, "after effect {effect}");
            unknown += told;
        }
        assert_eq!(unknown > 0, lost);
    }
}

#[tokio::test]
async fn two_who_send_the_same_page_send_each_mail_once() {
    let world = published().await;
    let plan = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
    for page in pages(&world, &plan.manifest_key) {
        let (one, other) = futures::join!(world.send(&page), world.send(&page));
        let sent = one.unwrap().sent + other.unwrap().sent;
        assert!(u64::from(sent) <= 100);
    }
    to_its_end(&world, |_| false).await;
    assert_eq!(counts(&world), expected());
}

#[tokio::test]
async fn a_change_of_mind_holds_in_the_middle_of_a_fan_out() {
    let world = published().await;
    let plan = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
    let memory = &world.memory;
    assert!(memory.unfollow("token-7").await.unwrap());
    memory.state().members.get_mut(&"many-011".parse().unwrap()).unwrap().mails.news =
        NewsMails::Off;
    let address = Email::try_from("many-012@example.org".to_owned()).unwrap();
    memory.suppress(&address, Suppression::Complained, world.now).await.unwrap();
    // Paused, nothing goes out; let go on, everything.
    let page = &pages(&world, &plan.manifest_key)[0];
    memory.set_pause(id(SESSION), true).await.unwrap();
    assert_eq!(world.send(page).await.unwrap().end, End::Halted);
    assert!(counts(&world).is_empty());
    memory.set_pause(id(SESSION), false).await.unwrap();
    let done = to_its_end(&world, |_| false).await;
    let mut wanted = expected();
    for name in ["many-007", "many-011", "many-012"] {
        wanted.remove(&format!("{name}@example.org"));
    }
    assert_eq!(counts(&world), wanted);
    // Who unfollowed is on no page any more.
    assert_eq!((done.progress.sum.suppressed, done.progress.sum.skipped), (1, 2));
}

#[tokio::test]
async fn a_page_waits_for_permits_and_hands_over_when_its_time_is_over() {
    let world = published().await;
    let plan = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
    let memory = &world.memory;
    let begun = memory.now();
    let page = pages(&world, &plan.manifest_key).into_iter().next().unwrap();
    let slow =
        seisiun_workflows::send_batch::Pacing { rate: Rate::per_second(1), ..world::pacing() };
    let sender = &world.sender;
    let send = async || {
        seisiun_workflows::send_batch::send_batch(memory, memory, memory, sender, &slow, &page)
            .await
            .unwrap()
    };
    let mut runs = 1;
    while send().await.end == End::More {
        runs += 1;
    }
    let spent = memory.now().duration_since(begun).as_secs();
    let sent = counts(&world).len() as i64;
    assert!((sent - 3..=sent + 3).contains(&spent), "{sent} mails in {spent} s, {runs} runs");
}

#[tokio::test]
async fn a_plan_stands_and_a_restart_sends_the_pages_that_are_left() {
    let world = published().await;
    let first = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
    let all = pages(&world, &first.manifest_key);
    world.send(&all[1]).await.unwrap();
    // Who begins to follow now has seen the page.
    follow(&world, 900, Wanted::Target(Target::county("IE", "Clare"))).await;
    let second = plan_fan_out(&world.memory, &world.memory, id(SESSION)).await.unwrap();
    assert_eq!(second.follows, first.follows);
    let left: Vec<u32> = pages(&world, &second.manifest_key).iter().map(|page| page.page).collect();
    assert_eq!(left, (0..first.pages).filter(|page| *page != 1).collect::<Vec<_>>());
    assert!(matches!(summary(&world).await.unwrap().left, Left::Pages));
    let parked = world.memory.state().parked.clone();
    assert_eq!(parked.iter().map(|page| page.page).collect::<Vec<_>>(), left);
    let started = start_notify(&world.memory, &world.memory, id(SESSION)).await.unwrap();
    assert!(started.is_some());
}

#[tokio::test]
async fn what_is_parked_is_redriven_with_one_command() {
    let world = published().await;
    let memory = &world.memory;
    plan_fan_out(memory, memory, id(SESSION)).await.unwrap();
    assert!(matches!(summary(&world).await.unwrap().left, Left::Pages));
    let failed = Failure {
        workflow: Workflow::NotifyFollowers,
        id: id(SESSION),
        execution: SESSION,
        error: "FanOut.Incomplete",
    };
    record_failure(memory, memory, memory, &world.sender, world.now, failed).await.unwrap();
    assert!(!memory.state().parked.is_empty());
    let done = redrive(memory, memory, memory).await.unwrap();
    assert_eq!(done.restarted, 1);
    assert!(done.pages > 10, "{done:?}");
    assert!(memory.state().parked.is_empty());
    let name = format!("{SESSION}-r1");
    let key = (Workflow::NotifyFollowers.name(), name);
    assert!(memory.state().executions.contains_key(&key));
    // Nothing is parked any more.
    assert_eq!(redrive(memory, memory, memory).await.unwrap(), Redriven::default());
    to_its_end(&world, |_| false).await;
    assert_eq!(counts(&world), expected());
}

#[tokio::test]
async fn feedback_suppresses_who_complains_and_whose_mailbox_is_gone() {
    let world = published().await;
    to_its_end(&world, |_| false).await;
    let memory = &world.memory;
    let mail = |n: usize| {
        let to = format!("many-{n:03}@example.org");
        memory.state().mails.iter().find(|mail| mail.to == to).unwrap().clone()
    };
    let email = |n: usize| Email::try_from(format!("many-{n:03}@example.org")).unwrap();
    let bounced = |n: usize, for_good, id: &str| Happened::Bounced {
        for_good,
        feedback_id: id.into(),
        recipients: vec![email(n)],
    };
    let take = async |n: usize, happened: Happened| {
        let feedback = world.event_of(&mail(n), happened);
        take_feedback(memory, world.now, &feedback).await.unwrap()
    };
    assert_eq!(take(1, bounced(1, true, "a")).await.suppressed, 1);
    assert_eq!(take(2, Happened::Complained { recipients: vec![email(2)] }).await.complaints, 1);
    // Soft bounces, each told of twice.
    for (n, id) in ["a", "b", "c", "d", "e"].iter().enumerate() {
        for _ in 0..2 {
            assert_eq!(take(3, bounced(3, false, id)).await.suppressed, u32::from(n == 4), "{id}");
        }
    }
    for (n, suppressed) in [(1, true), (2, true), (3, true), (4, false)] {
        assert_eq!(memory.is_suppressed(&email(n)).await.unwrap(), suppressed, "{n}");
    }
}
