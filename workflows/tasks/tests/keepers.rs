//! Who is asked whether a session is still on, and what their answer does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod world;

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    MemberId, SubmissionId,
    change::{Confirmation, Finding, What},
    limits,
    member::NewsMails,
    session::{Host, Status as Listed},
    submission::{Body, Status},
    switch::Switch,
};
use seisiun_workflows::{
    TaskError, TaskResult,
    answer_inquiry::{Answered, answer_inquiry},
    ask_keepers::{Asked, Inquiry, ask_keepers},
    ports::{LoadSession, SetSwitch},
    refresh_listings::Share,
    request_change::Requested,
    submit::Submitted,
};
use world::*;

/// Ann's session, listed; Bo hosts it, Cat and Dan found it on, Eve did not.
async fn kept() -> World {
    let world = published();
    world.run(&Step::PublishListing).await.unwrap();
    for name in ["ann", "bo", "cat", "dan", "eve"] {
        world.memory.state().members.insert(name.parse().unwrap(), member(name));
    }
    let session = id(SESSION).session();
    let mut state = world.memory.state();
    let listed = state.sessions.get_mut(&session).unwrap();
    listed.hosts = vec![Host { member_id: "bo".parse().unwrap(), shown_as: None }];
    let then = listed.last_verified_at;
    for (n, (name, finding)) in
        [("bo", Finding::On), ("cat", Finding::On), ("dan", Finding::On), ("eve", Finding::Gone)]
            .into_iter()
            .enumerate()
    {
        let at = then.checked_sub(i64::try_from(n).unwrap().hours()).unwrap();
        let member_id: MemberId = name.parse().unwrap();
        let found =
            Confirmation { member_id: member_id.clone(), finding, date: "2026-11-19".into(), at };
        state.confirmations.insert((session, member_id), found);
    }
    drop(state);
    world
}

fn in_days(world: &World, days: i64) -> Timestamp {
    world.now.checked_add((days * 24 + 1).hours()).unwrap()
}

fn sealed(inquiry: &Inquiry) -> TaskResult<String> {
    Ok(format!("{}-{}", inquiry.session, inquiry.member))
}

async fn ask(world: &World, days: i64) -> TaskResult<Asked> {
    let (memory, now) = (&world.memory, in_days(world, days));
    ask_keepers(memory, memory, memory, &world.sender, sealed, now, Share::All).await
}

/// Whom the inquiries went to, in the order of their names.
fn asked(world: &World) -> Vec<String> {
    let state = world.memory.state();
    let inquiries = state.mails.iter().filter(|mail| mail.kind == "still-on");
    let mut asked: Vec<String> = inquiries.map(|mail| mail.to.clone()).collect();
    asked.sort();
    asked
}

fn addresses(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| member(name).email.expose().to_owned()).collect()
}

#[tokio::test]
async fn hosts_and_who_found_it_on_are_asked_once_as_it_ages_and_once_as_it_is_stale() {
    let world = kept().await;
    let nothing = Asked { lists: 1, sessions: 0, sent: 0 };
    assert_eq!(ask(&world, 89).await.unwrap(), nothing, "it is fresh");
    assert_eq!(ask(&world, 90).await.unwrap(), Asked { lists: 1, sessions: 1, sent: 3 });
    assert_eq!(asked(&world), addresses(&["bo", "cat", "dan"]));
    for day in 90..97 {
        assert_eq!(ask(&world, day).await.unwrap().sent, 0, "asked before");
    }
    assert_eq!(ask(&world, 97).await.unwrap(), nothing);
    assert_eq!(ask(&world, 180).await.unwrap().sent, 3);
    assert_eq!(ask(&world, 186).await.unwrap().sent, 0);

    // Who wants no mails is not asked, nor who is being erased, nor who has gone.
    let world = kept().await;
    {
        let mut state = world.memory.state();
        let cat = state.members.get_mut(&"cat".parse().unwrap()).unwrap();
        cat.mails.news = NewsMails::Off;
        state.members.get_mut(&"dan".parse().unwrap()).unwrap().erasing = true;
        state.members.remove(&"bo".parse().unwrap());
    }
    assert_eq!(ask(&world, 90).await.unwrap().sent, 0);

    // Of what nobody hosts or confirmed, who listed it.
    let world = kept().await;
    {
        let mut state = world.memory.state();
        state.confirmations.clear();
        state.sessions.get_mut(&id(SESSION).session()).unwrap().hosts.clear();
    }
    ask(&world, 90).await.unwrap();
    assert_eq!(asked(&world), addresses(&["ann"]));

    // What is paused or over is not asked about.
    let world = kept().await;
    let session = id(SESSION).session();
    world.memory.state().sessions.get_mut(&session).unwrap().status = Listed::Paused;
    assert_eq!(ask(&world, 90).await.unwrap().sent, 0);
}

#[tokio::test]
async fn the_latest_confirmers_are_asked_and_no_more() {
    let world = kept().await;
    let session = id(SESSION).session();
    {
        let mut state = world.memory.state();
        for n in 0..9_i64 {
            let name = format!("late{n}");
            let member_id: MemberId = name.parse().unwrap();
            state.members.insert(member_id.clone(), member(&name));
            let at = world.now.checked_add(n.seconds()).unwrap();
            let (finding, date) = (Finding::On, "2026-11-19".to_owned());
            let found = Confirmation { member_id: member_id.clone(), finding, date, at };
            state.confirmations.insert((session, member_id), found);
        }
    }
    ask(&world, 90).await.unwrap();
    assert_eq!(asked(&world), addresses(&["bo", "late6", "late7", "late8"]));
    assert_eq!(limits::CONFIRMERS_ASKED_MAX, 3);
}

#[tokio::test]
async fn a_run_cut_off_anywhere_and_run_again_asks_each_once() {
    for effect in 0.. {
        let world = kept().await;
        world.memory.lose_answer(effect);
        let first = ask(&world, 90).await;
        if world.memory.fuse_is_left() {
            break;
        }
        ask(&world, 91).await.unwrap();
        let all = asked(&world);
        let mut once = all.clone();
        once.dedup();
        assert_eq!(all, once, "nobody twice, after effect {effect}");
        // A mail whose claim or sending was in doubt is not sent again (ADR 2).
        assert!(all.len() >= 2, "after effect {effect}: {first:?}, {all:?}");
    }
}

#[tokio::test]
async fn while_mail_is_off_they_are_owed_one() {
    let world = kept().await;
    world.memory.set_switch(Switch::Mail, false).await.unwrap();
    assert_eq!(ask(&world, 90).await.unwrap(), Asked { lists: 1, sessions: 1, sent: 0 });
    world.memory.set_switch(Switch::Mail, true).await.unwrap();
    assert_eq!(ask(&world, 91).await.unwrap().sent, 3);
}

fn inquiry(world: &World, who: &str) -> Inquiry {
    let until = in_days(world, limits::INQUIRY_DAYS);
    Inquiry { session: id(SESSION).session(), member: who.parse().unwrap(), until }
}

async fn answer(world: &World, who: &str, is_on: bool) -> Result<Answered, TaskError> {
    let (memory, inquiry) = (&world.memory, inquiry(world, who));
    answer_inquiry(memory, memory, memory, world.now, id(CHANGE), &inquiry, is_on).await
}

fn change(world: &World) -> What {
    match world.memory.state().submissions[&id(CHANGE)].body.clone() {
        Body::Change(change) => change.what,
        other => panic!("{other:?}"),
    }
}

fn accepted(id: SubmissionId) -> Answered {
    Answered::Requested(Requested::Submitted(Submitted::Accepted(id)))
}

#[tokio::test]
async fn an_answer_is_the_change_that_its_page_would_ask_for() {
    // That it is on makes the listing fresh.
    let mut world = kept().await;
    world.now = in_days(&world, 90);
    assert_eq!(answer(&world, "cat", true).await.unwrap(), accepted(id(CHANGE)));
    assert!(matches!(change(&world), What::Confirm { finding: Finding::On, .. }));
    for step in [Step::Validate(id(CHANGE)), Step::ModerateText(id(CHANGE)), Step::PersistChange] {
        world.run(&step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    let session = world.memory.load_session(id(SESSION).session()).await.unwrap().unwrap();
    assert_eq!(session.last_verified_at, world.now);
    let again = answer(&world, "cat", true).await.unwrap();
    assert!(
        matches!(again, Answered::Requested(Requested::Submitted(Submitted::Replayed(_)))),
        "{again:?}"
    );
    let otherwise = answer(&world, "cat", false).await.unwrap();
    assert_eq!(otherwise, Answered::Requested(Requested::Submitted(Submitted::KeyReused)));

    // That it is over is one finding of two, from who has no say in it.
    let world = kept().await;
    answer(&world, "cat", false).await.unwrap();
    assert!(matches!(change(&world), What::Confirm { finding: Finding::Gone, .. }));

    // Its host says that it has ended, and so it has.
    let world = kept().await;
    answer(&world, "bo", false).await.unwrap();
    for step in [Step::Validate(id(CHANGE)), Step::ModerateText(id(CHANGE)), Step::PersistChange] {
        world.run(&step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    let state = world.memory.state();
    assert_eq!(state.sessions[&id(SESSION).session()].status, Listed::Ended);
    assert!(matches!(state.submissions[&id(CHANGE)].status, Status::Published { .. }));
}

#[tokio::test]
async fn who_is_no_member_any_more_answers_nothing() {
    let world = kept().await;
    world.memory.state().members.get_mut(&"cat".parse().unwrap()).unwrap().erasing = true;
    assert_eq!(answer(&world, "cat", true).await.unwrap(), Answered::NoSuchMember);
    assert_eq!(answer(&world, "nobody", true).await.unwrap(), Answered::NoSuchMember);
    world.memory.state().sessions.get_mut(&id(SESSION).session()).unwrap().status =
        Listed::Withdrawn;
    let gone = answer(&world, "bo", true).await.unwrap();
    assert_eq!(gone, Answered::Requested(Requested::NoSuchSession));
}
