//! Following and unfollowing, with every answer lost once.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

use futures::executor::block_on;
use jiff::Timestamp;
use seisiun_domain::{
    follow::{Followed, FollowerId, Target},
    geo::{Circle, Position},
    limits,
    member::{Email, Language, Member, NewsMails},
};
use seisiun_workflows::{
    follow_target::{Follower, Manner, end_follow, follow_target},
    memory::Memory,
    ports::Unfollow,
    stop_mails::{Stop, look_behind, stop_mails},
};

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn ann() -> Member {
    Member {
        id: "ann".parse().unwrap(),
        email: Email::try_from("ann@seisiun.example".to_owned()).unwrap(),
        display_name: "Ann".into(),
        home: None,
        language: Default::default(),
        mails: Default::default(),
        public: false,
        blocked: Default::default(),
        erasing: false,
    }
}

fn circle(lat: f64, radius_km: f64) -> Followed {
    Followed::Circle(Circle { centre: Position { lat, lon: -9.0 }, radius_km })
}

fn follow(memory: &Memory, wanted: &Followed, token: &str) {
    block_on(follow_target(
        memory,
        &Follower::of(&ann()),
        wanted.clone(),
        &Manner::default(),
        token,
        now(),
    ))
    .unwrap()
    .unwrap();
}

fn end(memory: &Memory, followed: &Followed) {
    block_on(end_follow(memory, &ann().id, &followed.id())).unwrap();
}

#[test]
fn the_same_again_keeps_its_token_and_its_cells() {
    let memory = Memory::default();
    let wanted = circle(53.0, 20.0);
    follow(&memory, &wanted, "first");
    let before = memory.state().clone();
    assert!(before.follows.len() > 1, "a circle reaches into several cells");
    assert!(before.follows.values().all(|follow| follow.unsubscribe_token == "first"));
    follow(&memory, &wanted, "second");
    assert!(*memory.state() == before);
}

#[test]
fn a_moved_circle_leaves_nothing_behind_once_the_old_one_is_ended() {
    let memory = Memory::default();
    let (old, new) = (circle(53.0, 20.0), circle(53.1, 20.0));
    follow(&memory, &new, "new");
    let alone = memory.state().clone();
    let memory = Memory::default();
    follow(&memory, &old, "old");
    follow(&memory, &new, "new");
    assert!(memory.state().follows.len() > alone.follows.len());
    // They share cells; ending one leaves the other's.
    end(&memory, &old);
    assert!(*memory.state() == alone);
    end(&memory, &old);
    assert!(*memory.state() == alone);
    end(&memory, &new);
    assert!(*memory.state() == Memory::default().state().clone());
}

#[test]
fn the_link_of_a_mail_ends_the_follow_as_its_member_would() {
    let memory = Memory::default();
    for wanted in [circle(53.0, 20.0), Followed::Target(Target::county("IE", "Clare"))] {
        follow(&memory, &wanted, "token");
        assert!(block_on(memory.unfollow("token")).unwrap());
        assert!(*memory.state() == Memory::default().state().clone());
    }
}

#[test]
fn a_member_follows_so_much_and_no_more() {
    let memory = Memory::default();
    let county = |n: usize| Followed::Target(Target::county("IE", &format!("county {n}")));
    for n in 0..limits::FOLLOWS_MAX {
        follow(&memory, &county(n), "token");
    }
    let more = county(limits::FOLLOWS_MAX);
    let answer = block_on(follow_target(
        &memory,
        &Follower::of(&ann()),
        more.clone(),
        &Manner::default(),
        "token",
        now(),
    ))
    .unwrap();
    assert_eq!(answer.unwrap_err().0[0].code, "too_many");
    // What is followed already can be followed again.
    follow(&memory, &county(0), "token");
    end(&memory, &county(0));
    follow(&memory, &more, "token");
}

#[test]
fn a_lost_answer_is_mended_by_asking_again() {
    let wanted = circle(53.0, 20.0);
    let memory = Memory::default();
    follow(&memory, &wanted, "token");
    let followed = memory.state().clone();
    for lost in 0.. {
        let memory = Memory::default();
        memory.lose_answer(lost);
        let first = block_on(follow_target(
            &memory,
            &Follower::of(&ann()),
            wanted.clone(),
            &Manner::default(),
            "token",
            now(),
        ));
        if memory.fuse_is_left() {
            assert!(lost > 1, "{lost}");
            break;
        }
        assert!(first.is_err());
        // The client's second request brings a token of its own.
        follow(&memory, &wanted, "another");
        assert!(*memory.state() == followed, "answer {lost} of following");
    }
    for lost in 0.. {
        let memory = Memory::default();
        follow(&memory, &wanted, "token");
        memory.lose_answer(lost);
        let first = block_on(end_follow(&memory, &ann().id, &wanted.id()));
        if memory.fuse_is_left() {
            assert!(lost > 1, "{lost}");
            break;
        }
        assert!(first.is_err());
        end(&memory, &wanted);
        assert!(*memory.state() == Memory::default().state().clone(), "answer {lost} of ending");
    }
    // Cut off before anything stood under a target.
    let memory = Memory::default();
    memory.lose_answer(0);
    assert!(
        block_on(follow_target(
            &memory,
            &Follower::of(&ann()),
            wanted.clone(),
            &Manner::default(),
            "token",
            now()
        ))
        .is_err()
    );
    assert!(memory.state().follows.is_empty() && !memory.state().followings.is_empty());
    end(&memory, &wanted);
    assert!(memory.state().followings.is_empty());
}

fn reader() -> Follower {
    let email = Email::try_from("reader@seisiun.example".to_owned()).unwrap();
    Follower { id: FollowerId::of_address(&email), email, language: Language::Ga }
}

fn stop(memory: &Memory, token: &str, what: &Stop) {
    block_on(stop_mails(memory, token, what)).unwrap();
}

#[test]
fn the_link_of_one_mail_shows_all_that_an_address_follows_and_stops_any() {
    let memory = Memory::default();
    let counties =
        ["Clare", "Kerry", "Mayo"].map(|name| Followed::Target(Target::county("IE", name)));
    for (n, county) in counties.iter().enumerate() {
        let token = format!("token{n}");
        block_on(follow_target(
            &memory,
            &reader(),
            county.clone(),
            &Manner::default(),
            &token,
            now(),
        ))
        .unwrap()
        .unwrap();
    }
    let look = |token: &str| block_on(look_behind(&memory, token)).unwrap();
    let behind = look("token0").unwrap();
    assert_eq!(behind.language, Language::Ga);
    assert_eq!(behind.this.unwrap().id, counties[0].id());
    assert_eq!(behind.others.len(), 2);
    assert!(behind.others.iter().all(|other| other.followed.contains("sa chontae seo")));
    // Another one, twice; then this one's mails still come.
    for _ in 0..2 {
        stop(&memory, "token0", &Stop::Follow(counties[1].id()));
        assert_eq!(look("token0").unwrap().others.len(), 1);
    }
    assert_eq!(memory.state().follows.len(), 2);
    // What is somebody else's stays.
    follow(&memory, &counties[0], "anns");
    for _ in 0..2 {
        stop(&memory, "token0", &Stop::All);
    }
    assert!(memory.state().follows.values().all(|left| left.follower.0 == "ann"));
    assert_eq!(memory.state().followings.len(), 1);
    assert_eq!(look("token0"), None);
    assert_eq!(look("token2"), None);
}

#[test]
fn a_member_who_stops_all_keeps_what_they_follow() {
    let memory = Memory::default();
    memory.state().members.insert(ann().id, ann());
    for (n, county) in ["Clare", "Kerry"].iter().enumerate() {
        follow(&memory, &Followed::Target(Target::county("IE", county)), &format!("token{n}"));
    }
    stop(&memory, "token0", &Stop::All);
    let state = memory.state();
    assert_eq!(state.members[&ann().id].mails.news, NewsMails::Off);
    assert_eq!((state.followings.len(), state.follows.len()), (2, 2));
}
