//! The weekly digest: who gets it, when, of what, and how it ends.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use seisiun_domain::{
    MemberId, SubmissionId,
    calendar::{ChangeDraft, ExceptionDraft},
    digest::{Digest, Zone},
    follow::{Cadence, Follow, FollowId, Followed, FollowerId, Following, Target},
    geo::{Circle, Position},
    member::{Language, NewsMails},
    samples,
    session::{Session, Status},
    submission::{Event, Told, Workflow},
};
use seisiun_workflows::{
    TaskError, TaskResult,
    fan_out::Page,
    follow_target::{Follower, Manner, end_follow, follow_target},
    open_digests::{Opened, open_digests},
    plan_fan_out::plan_fan_out,
    ports::{Bucket, LoadWork as _, Unfollow as _},
    request_follow::{confirm_follow, request_follow},
    send_batch::End,
    stop_mails::{Stop, look_behind, stop_mails},
    summarise_fan_out::{Left, summarise_fan_out},
};
use world::{World, listed, member};

const DUBLIN: &str = "Europe/Dublin";
const NEW_YORK: &str = "America/New_York";
/// Seven in Dublin, of a Monday. The session of the samples is on Thursdays.
const MONDAY: &str = "2026-11-30T07:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn clare() -> Followed {
    Followed::Target(Target::county("IE", "Clare"))
}

fn weekly(zone: &str) -> Manner {
    Manner { cadence: Cadence::Weekly, zone: Some(zone.parse().unwrap()) }
}

async fn follow(world: &World, name: &str, wanted: Followed, manner: &Manner) {
    let (member, token) = (member(name), format!("{name}{}", wanted.id()));
    world.memory.state().members.entry(member.id.clone()).or_insert_with(|| member.clone());
    follow_target(&world.memory, &Follower::of(&member), wanted, manner, &token, world.now)
        .await
        .unwrap()
        .unwrap();
}

async fn open(world: &World, now: &str) -> Opened {
    open_digests(&world.memory, &world.memory, at(now)).await.unwrap()
}

fn digest(zone: &str, now: &str) -> SubmissionId {
    Digest::latest(&zone.parse::<Zone>().unwrap(), at(now)).unwrap().id().unwrap()
}

/// Does what the state machine does.
async fn send(world: &World, event: SubmissionId) -> TaskResult<()> {
    let memory = &world.memory;
    let plan = plan_fan_out(memory, memory, event).await?;
    let manifest =
        memory.state().objects.get(&(Bucket::Work, plan.manifest_key)).cloned().unwrap_or_default();
    for line in String::from_utf8(manifest.1).unwrap().lines() {
        let page: Page = serde_json::from_str(line).unwrap();
        assert_eq!(world.send(&page).await?.end, End::Done);
    }
    let summary = summarise_fan_out(memory, memory, memory, event).await?;
    match summary.left {
        Left::Nothing => Ok(()),
        left => Err(TaskError::NotReady(format!("{left:?}"))),
    }
}

/// Who got a digest, once each, and what it says as text.
fn mails(world: &World) -> Vec<(String, String)> {
    let state = world.memory.state();
    let digests = state.mails.iter().filter(|mail| mail.kind == "weekly-digest");
    let text = |mime: &[u8]| {
        let parsed = mailparse::parse_mail(mime).unwrap();
        let plain = parsed.parts().find(|part| part.ctype.mimetype == "text/plain").unwrap();
        plain.get_body().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let mut mails: Vec<_> = digests.map(|mail| (mail.to.clone(), text(&mail.mime))).collect();
    mails.sort();
    mails
}

fn readers(world: &World) -> Vec<String> {
    mails(world).into_iter().map(|(to, _)| to.split('@').next().unwrap().to_owned()).collect()
}

fn change(world: &World, what: impl FnOnce(&mut Session)) {
    let mut state = world.memory.state();
    let id = *state.sessions.keys().next().unwrap();
    let session = state.sessions.get_mut(&id).unwrap();
    what(session);
}

fn exception(date: &str, change: ChangeDraft) -> ExceptionDraft {
    ExceptionDraft { schedule: 0, date: date.into(), change, reason: "A wake.".into() }
}

#[tokio::test]
async fn it_is_begun_once_a_week_in_each_zone_at_seven_there() {
    let world = listed();
    follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
    follow(&world, "cat", clare(), &weekly(NEW_YORK)).await;
    follow(&world, "dan", clare(), &weekly(DUBLIN)).await;
    let opened = |digests| Opened { zones: 2, digests };
    for (now, digests) in [
        ("2026-11-30T06:59:59Z", 0),
        ("2026-11-30T07:02:00Z", 1),
        ("2026-11-30T08:02:00Z", 0),
        ("2026-11-30T12:02:00Z", 1),
        ("2026-12-01T07:00:00Z", 0),
        // A whole day was missed, and it is too late.
        ("2026-12-08T13:00:00Z", 0),
        // Some hours were.
        ("2026-12-14T20:00:00Z", 2),
    ] {
        assert_eq!(open(&world, now).await, opened(digests), "{now}");
    }
    for (zone, now) in [(DUBLIN, MONDAY), (NEW_YORK, "2026-11-30T12:00:00Z")] {
        let event = digest(zone, now);
        let work = world.memory.load_work(Workflow::NotifyFollowers, event).await.unwrap();
        assert!(work.is_some());
        let begun = (Workflow::NotifyFollowers.name(), event.to_string());
        assert!(world.memory.state().executions.contains_key(&begun), "{zone}");
    }
}

#[tokio::test]
async fn each_reader_gets_one_mail_of_all_that_is_on() {
    let world = listed();
    let position = samples::venue().position;
    let near = Followed::Circle(Circle { centre: position, radius_km: 10.0 });
    follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
    follow(&world, "bo", near, &weekly(DUBLIN)).await;
    follow(&world, "bo", Followed::Target("member:ann".parse().unwrap()), &weekly(DUBLIN)).await;
    let far = Circle { centre: Position { lat: 55.0, lon: -7.3 }, radius_km: 10.0 };
    follow(&world, "cat", Followed::Circle(far), &weekly(DUBLIN)).await;
    follow(&world, "dan", clare(), &Manner::default()).await;
    follow(&world, "eve", clare(), &weekly(NEW_YORK)).await;
    open(&world, MONDAY).await;
    let event = digest(DUBLIN, MONDAY);
    for _ in 0..2 {
        send(&world, event).await.unwrap();
        let [(to, text)] = mails(&world).try_into().unwrap();
        assert!(to.starts_with("bo@"), "{to}");
        for said in [
            "Monday 30 November to Sunday 6 December",
            "Thursday 3 December, 21:30",
            "You follow County Clare",
            "You follow sessions within 10 km",
            "You follow the member who added it",
        ] {
            assert!(text.contains(said), "{said} in {text}");
        }
        assert_eq!(text.matches("Thursday 3 December").count(), 1, "{text}");
    }
}

#[tokio::test]
async fn only_what_is_on_that_week_is_in_it_and_what_differs_is_said() {
    let own = |world: &World| {
        let id = *world.memory.state().sessions.keys().next().unwrap();
        Followed::Target(Target::Session(id))
    };
    let off = exception("2026-12-03", ChangeDraft::Cancelled);
    let moved = ChangeDraft::Moved { to: "2026-12-04".into(), starts: None, place: None };
    let later = exception("2026-12-10", ChangeDraft::Cancelled);
    type Change = Box<dyn FnOnce(&mut Session)>;
    let cases: [(&str, Change, Option<&str>, Option<&str>); 6] = [
        ("as usual", Box::new(|_| {}), Some("Thursday 3 December, 21:30"), Some("21:30")),
        (
            "off",
            Box::new(move |session| session.exceptions = vec![off]),
            None,
            Some("It is off on Thursday 3 December."),
        ),
        (
            "moved",
            Box::new(move |session| session.exceptions = vec![exception("2026-12-03", moved)]),
            Some("Friday 4 December, 21:30"),
            Some("Instead of Thursday 3 December it is on Friday 4 December."),
        ),
        (
            "off a week later",
            Box::new(move |session| session.exceptions = vec![later]),
            Some("Thursday 3 December, 21:30"),
            Some("Thursday 3 December, 21:30"),
        ),
        ("paused", Box::new(|session| session.status = Status::Paused), None, None),
        ("withdrawn", Box::new(|session| session.status = Status::Withdrawn), None, None),
    ];
    for (what, how, to_area, to_own) in cases {
        let world = listed();
        change(&world, how);
        follow(&world, "area", clare(), &weekly(DUBLIN)).await;
        follow(&world, "own", own(&world), &weekly(DUBLIN)).await;
        open(&world, MONDAY).await;
        send(&world, digest(DUBLIN, MONDAY)).await.unwrap();
        let mails = mails(&world);
        for (name, expected) in [("area@", to_area), ("own@", to_own)] {
            let got = mails.iter().find(|(to, _)| to.starts_with(name)).map(|(_, text)| text);
            match (got, expected) {
                (None, None) => {}
                (Some(text), Some(said)) => {
                    assert!(text.contains(said), "{what}: {said} in {text}");
                    assert!(!text.contains("10 December"), "{what}: {text}");
                }
                other => panic!("{what}, {name}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn who_wants_none_gets_none_and_hears_no_news_of_what_they_follow_by_the_week() {
    let world = listed();
    for name in ["bo", "off", "blocks", "ends", "stays"] {
        follow(&world, name, clare(), &weekly(DUBLIN)).await;
    }
    {
        let mut state = world.memory.state();
        let mut member = |name: &str| state.members.remove(&member(name).id).unwrap();
        let (mut off, mut blocks) = (member("off"), member("blocks"));
        off.mails.news = NewsMails::Off;
        blocks.blocked = BTreeSet::from(["ann".parse().unwrap()]);
        state.members.insert(off.id.clone(), off);
        state.members.insert(blocks.id.clone(), blocks);
    }
    open(&world, MONDAY).await;
    let event = digest(DUBLIN, MONDAY);
    let memory = &world.memory;
    let plan = plan_fan_out(memory, memory, event).await.unwrap();
    assert_eq!(plan.follows, 5);
    // Within the running fan-out.
    assert!(memory.unfollow(&format!("ends{}w", clare().id())).await.unwrap());
    send(&world, event).await.unwrap();
    assert_eq!(readers(&world), ["bo", "stays"]);

    let news = world::published();
    for name in ["weekly", "instant"] {
        let manner = if name == "weekly" { weekly(DUBLIN) } else { Manner::default() };
        follow(&news, name, clare(), &manner).await;
    }
    news.memory.state().mails.clear();
    let event = *news.memory.state().events.keys().next().unwrap();
    for page in news_pages(&news, event).await {
        news.send(&page).await.unwrap();
    }
    let to: Vec<_> = news.memory.state().mails.iter().map(|mail| mail.to.clone()).collect();
    assert!(to.iter().any(|to| to.starts_with("instant@")), "{to:?}");
    assert!(!to.iter().any(|to| to.starts_with("weekly@")), "{to:?}");
}

async fn news_pages(world: &World, event: SubmissionId) -> Vec<Page> {
    plan_fan_out(&world.memory, &world.memory, event).await.unwrap();
    world.pages_of(event)
}

#[tokio::test]
async fn it_is_sent_once_whatever_is_lost() {
    let prepare = async || {
        let world = listed();
        follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
        follow(&world, "cat", clare(), &weekly(DUBLIN)).await;
        world
    };
    for lost in 0.. {
        let world = prepare().await;
        world.memory.lose_answer(lost);
        let first = open_digests(&world.memory, &world.memory, at(MONDAY)).await;
        if world.memory.fuse_is_left() {
            assert!(lost > 1, "{lost}");
            break;
        }
        // The next run, or the reconciler, goes on; the event is there in any case.
        let again = open(&world, "2026-11-30T08:00:00Z").await;
        assert!(first.is_err() || again.digests == 0, "{lost}");
        assert!(world.memory.state().events.contains_key(&digest(DUBLIN, MONDAY)));
    }
    for lost in 0.. {
        let world = prepare().await;
        open(&world, MONDAY).await;
        world.memory.lose_answer(lost);
        let event = digest(DUBLIN, MONDAY);
        let first = send(&world, event).await;
        if world.memory.fuse_is_left() {
            first.unwrap();
            break;
        }
        for _ in 0..9 {
            world.memory.pass(SignedDuration::from_mins(10));
            world.events_arrive(|_| false).await;
            if send(&world, event).await.is_ok() {
                break;
            }
        }
        assert_eq!(readers(&world), ["bo", "cat"], "answer {lost}");
    }
}

/// What somebody holds, in the order of their ids.
fn held(world: &World, whose: &MemberId) -> Vec<Following> {
    let state = world.memory.state();
    let held = state.followings.iter().filter(|((member, _), _)| member == whose);
    held.map(|(_, following)| following.clone()).collect()
}

/// The follows of them under their targets.
fn follows(world: &World, whose: &MemberId) -> Vec<Follow> {
    let state = world.memory.state();
    let follows = state.follows.values().filter(|follow| follow.follower.0 == whose.as_str());
    follows.cloned().collect()
}

#[tokio::test]
async fn one_digest_begins_with_the_first_weekly_follow_and_ends_with_the_last() {
    let world = listed();
    let kerry = Followed::Target(Target::county("IE", "Kerry"));
    let bo = member("bo");
    let digests = || held(&world, &bo.id).iter().filter(|one| one.digest().is_some()).count();
    let end = async |what: &Followed| end_follow(&world.memory, &bo.id, &what.id()).await.unwrap();
    for wanted in [clare(), kerry.clone(), clare()] {
        follow(&world, "bo", wanted, &weekly(DUBLIN)).await;
        assert_eq!(digests(), 1);
    }
    end(&kerry).await;
    assert_eq!(digests(), 1);
    end(&clare()).await;
    assert!(held(&world, &bo.id).is_empty() && follows(&world, &bo.id).is_empty());
    // Or with the change to mails at once.
    follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
    follow(&world, "bo", clare(), &Manner::default()).await;
    assert_eq!((digests(), held(&world, &bo.id).len()), (0, 1));
    assert!(follows(&world, &bo.id).iter().all(|one| one.cadence == Cadence::Instant));
    // And the other way round.
    follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
    assert_eq!((digests(), held(&world, &bo.id).len()), (1, 2));
    assert!(follows(&world, &bo.id).iter().all(|one| one.cadence == Cadence::Weekly));
}

#[tokio::test]
async fn who_moves_takes_their_digest_along_and_gets_it_once_that_week() {
    let world = listed();
    follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
    let token = |world: &World| {
        let digest =
            held(world, &member("bo").id).into_iter().find(|one| one.digest().is_some()).unwrap();
        (digest.unsubscribe_token.clone(), digest.digest().unwrap().to_string())
    };
    let (before, _) = token(&world);
    open(&world, MONDAY).await;
    send(&world, digest(DUBLIN, MONDAY)).await.unwrap();
    follow(&world, "bo", clare(), &weekly(NEW_YORK)).await;
    // The link of last week's mail is as good as ever.
    assert_eq!(token(&world), (before.clone(), NEW_YORK.into()));
    let state = world.memory.state().clone();
    let zones = state.follows.keys().filter(|(target, ..)| matches!(target, Target::Digest(_)));
    assert_eq!(zones.count(), 1);
    open(&world, "2026-11-30T12:00:00Z").await;
    send(&world, digest(NEW_YORK, "2026-11-30T12:00:00Z")).await.unwrap();
    assert_eq!(readers(&world), ["bo"]);
    // Without a word of where, it stays.
    let anywhere = Manner { cadence: Cadence::Weekly, zone: None };
    follow(&world, "bo", clare(), &anywhere).await;
    assert_eq!(token(&world), (before, NEW_YORK.into()));
}

#[tokio::test]
async fn its_link_ends_all_that_is_followed_by_the_week_and_nothing_else() {
    let kerry = Followed::Target(Target::county("IE", "Kerry"));
    let mayo = Followed::Target(Target::county("IE", "Mayo"));
    let prepare = async || {
        let world = listed();
        follow(&world, "bo", clare(), &weekly(DUBLIN)).await;
        follow(&world, "bo", kerry.clone(), &weekly(DUBLIN)).await;
        follow(&world, "bo", mayo.clone(), &Manner::default()).await;
        world
    };
    let (link, bo) = (format!("bo{}w", clare().id()), member("bo"));
    for lost in 0.. {
        let world = prepare().await;
        let behind = look_behind(&world.memory, &link).await.unwrap().unwrap();
        assert_eq!(behind.this.unwrap().followed, "what is on, once a week");
        assert_eq!(behind.others.len(), 3);
        world.memory.lose_answer(lost);
        let first = stop_mails(&world.memory, &link, &Stop::This).await;
        let done = world.memory.fuse_is_left();
        assert!(first.is_ok() == done, "{lost}");
        stop_mails(&world.memory, &link, &Stop::This).await.unwrap();
        let left: Vec<FollowId> = held(&world, &bo.id).into_iter().map(|one| one.id).collect();
        assert_eq!(left, [mayo.id()], "answer {lost}");
        if done {
            assert!(lost > 2, "{lost}");
            break;
        }
    }
    // One of them by its own button; the last one ends the digest.
    let world = prepare().await;
    for (what, left) in [(clare(), 3), (kerry.clone(), 1)] {
        stop_mails(&world.memory, &link, &Stop::Follow(what.id())).await.unwrap();
        assert_eq!(held(&world, &bo.id).len(), left);
    }
}

#[tokio::test]
async fn an_address_confirms_a_weekly_follow_and_gets_the_digest_in_its_language() {
    let world = listed();
    let mut request = world.follow_request("reader@example.org", "Clare");
    request.language = Language::Ga;
    let (memory, sender) = (&world.memory, &world.sender);
    // At once is asked for first: that mail does not stand in for the other's.
    for cadence in [Cadence::Instant, Cadence::Weekly] {
        request.cadence = cadence;
        request_follow(memory, memory, sender, world.now, &request, "sealed")
            .await
            .unwrap()
            .unwrap();
    }
    assert_eq!(world.memory.state().mails.len(), 2);
    confirm_follow(memory, request, "sealed", world.now).await.unwrap().unwrap();
    open(&world, MONDAY).await;
    send(&world, digest(DUBLIN, MONDAY)).await.unwrap();
    let [(to, text)] = mails(&world).try_into().unwrap();
    assert_eq!(to, "reader@example.org");
    assert!(text.contains("Déardaoin 3 Nollaig, 21:30"), "{text}");
    // All of it ends by the link.
    let reader = FollowerId::of_address(&"reader@example.org".to_owned().try_into().unwrap());
    let reader = reader.0.parse().unwrap();
    let digest = held(&world, &reader).into_iter().find(|one| one.digest().is_some()).unwrap();
    stop_mails(memory, &digest.unsubscribe_token, &Stop::This).await.unwrap();
    assert!(held(&world, &reader).is_empty() && follows(&world, &reader).is_empty());
}

#[tokio::test]
async fn a_lost_answer_of_a_weekly_follow_is_mended_by_asking_again() {
    let email = member("bo").email;
    let bo = Follower { id: FollowerId("bo".into()), email, language: Language::En };
    let ask = async |world: &World, zone: &str, token: &str| {
        follow_target(&world.memory, &bo, clare(), &weekly(zone), token, world.now).await
    };
    for from in [None, Some(NEW_YORK)] {
        for lost in 0.. {
            let world = listed();
            if let Some(zone) = from {
                ask(&world, zone, "before").await.unwrap().unwrap();
            }
            world.memory.lose_answer(lost);
            let first = ask(&world, DUBLIN, "first").await;
            let done = world.memory.fuse_is_left();
            assert!(first.is_ok() == done, "{lost}");
            ask(&world, DUBLIN, "second").await.unwrap().unwrap();
            open(&world, MONDAY).await;
            open(&world, "2026-11-30T12:00:00Z").await;
            send(&world, digest(DUBLIN, MONDAY)).await.unwrap();
            if from.is_some() {
                send(&world, digest(NEW_YORK, "2026-11-30T12:00:00Z")).await.unwrap();
            }
            assert_eq!(readers(&world), ["bo"], "answer {lost}, {from:?}");
            if done {
                break;
            }
        }
    }
}

#[test]
fn an_event_reads_back_as_written_and_so_do_those_of_before() {
    let digest = Digest::latest(&Zone::default(), at(MONDAY)).unwrap();
    let event = Event::digest(digest).unwrap();
    let text = serde_json::to_string(&event).unwrap();
    assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    let before = r#"{"id":"01J9ZZZZZZZZZZZZZZZZZZZZZZ","session_id":"01J9ZZZZZZZZZZZZZZZZZZZZZZ",
        "at":"2026-11-24T12:00:00Z"}"#;
    let event: Event = serde_json::from_str(before).unwrap();
    assert!(matches!(event.told, Told::News { .. }));
}
