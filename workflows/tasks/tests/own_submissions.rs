//! What a member sees of what they sent.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

mod world;

use std::cell::Cell;

use seisiun_domain::{
    SubmissionId,
    submission::{Body, State, Status, WorkState},
};
use seisiun_workflows::read_submissions::{list_own, read_submission, watch_submission};
use ulid::Ulid;
use world::{SESSION, World, id, session_draft};

async fn sent() -> World {
    let world = World::new();
    world.submit(id(SESSION), "ann", Body::Session(session_draft("")), vec![]).await.unwrap();
    world
}

#[tokio::test]
async fn a_wait_ends_with_the_first_change() {
    let world = sent().await;
    let (memory, ann) = (&world.memory, "ann".parse().unwrap());
    let looks = Cell::new(0);
    // Looks up to ten times; after the third the case is opened.
    let watch = async |known: Option<State>| {
        looks.set(1);
        let pause = || {
            looks.set(looks.get() + 1);
            if looks.get() == 4 {
                let mut state = memory.state();
                state.submissions.get_mut(&id(SESSION)).unwrap().status = Status::InReview;
            }
            std::future::ready(())
        };
        let seen = watch_submission(memory, &ann, id(SESSION), known, 10, pause).await.unwrap();
        (seen.unwrap().submission.status.state(), looks.get())
    };
    assert_eq!(watch(Some(State::InReview)).await, (State::Accepted, 1), "it is another already");
    assert_eq!(watch(Some(State::Accepted)).await, (State::InReview, 4));
    assert_eq!(watch(Some(State::InReview)).await, (State::InReview, 10), "nothing changed");
    memory.state().submissions.get_mut(&id(SESSION)).unwrap().status = Status::Accepted;
    assert_eq!(watch(None).await, (State::InReview, 4), "from what it was at first");
}

#[tokio::test]
async fn another_members_is_absent_and_not_waited_for() {
    let world = sent().await;
    let (memory, bo) = (&world.memory, "bo".parse().unwrap());
    assert_eq!(read_submission(memory, &bo, id(SESSION)).await.unwrap(), None);
    let pause = || std::future::pending();
    let seen = watch_submission(memory, &bo, id(SESSION), Some(State::Accepted), 10, pause).await;
    assert_eq!(seen.unwrap(), None);
    assert!(list_own(memory, &bo, None, 10).await.unwrap().submissions.is_empty());
}

#[tokio::test]
async fn pages_put_together_are_all_of_them_and_say_which_are_delayed() {
    let world = World::new();
    let (memory, ann) = (&world.memory, "ann".parse().unwrap());
    let mut sent: Vec<SubmissionId> = Vec::new();
    for n in 0..5 {
        let one = SubmissionId::new(Ulid::from_parts(n, 1));
        world.submit(one, "ann", Body::Session(session_draft("")), vec![]).await.unwrap();
        sent.push(one);
    }
    let failed = WorkState::Failed { error: "Task.Invariant".into(), at: world.now };
    memory.state().work.get_mut(&("session-submission", sent[3])).unwrap().state = failed;
    sent.reverse();
    for limit in 1..=6 {
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = list_own(memory, &ann, before, limit).await.unwrap();
            assert!((1..=limit).contains(&page.submissions.len()));
            seen.extend(page.submissions);
            before = page.last;
            if before.is_none() {
                break;
            }
        }
        let ids: Vec<_> = seen.iter().map(|seen| seen.submission.id).collect();
        assert_eq!(ids, sent, "pages of {limit}");
        let delayed: Vec<_> = seen.iter().map(|seen| seen.delayed).collect();
        assert_eq!(delayed, [false, true, false, false, false]);
    }
}
