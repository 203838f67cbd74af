//! Cases: who may do what with one, and that what is decided is done, whatever was
//! cut off in between.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod world;

use jiff::ToSpan;
use seisiun_domain::{
    Problems,
    case::{Case, Edits, Measure, Reason, Status as Standing, What},
    limits,
    moderation::POSSIBLE_DUPLICATE,
    submission::{Body, Status, Work, WorkState},
};
use seisiun_workflows::{
    appeal::{self, Appellant, appeal},
    carry_out::sweep_rulings,
    case_log::{self, Logged},
    claim_case::{self, Wish},
    decide_case::Outcome,
    edit_case::edit_case,
    erase_personal_data::erase_personal_data,
    memory::State,
    read_case::read_case,
};
use world::*;

async fn held() -> World {
    let world = World::new();
    for step in [
        Step::SubmitSession { photos: vec![], text: "buy at www.example.com" },
        Step::OpenCase(id(SESSION)),
    ] {
        world.run(&step).await.unwrap();
    }
    world
}

fn case(world: &World) -> Case {
    world.memory.state().cases[&id(SESSION).case()].0.clone()
}

fn status(world: &World) -> Standing {
    case(world).status(world.now)
}

/// The case is what its events come to.
fn check(state: &State) {
    for (id, (case, _)) in &state.cases {
        let events = &state.case_events[id];
        assert_eq!(events[0], case.opening());
        assert_eq!(case.opened().replay(&events[1..]).as_ref(), Ok(case));
    }
}

#[tokio::test]
async fn one_moderator_has_a_case_at_a_time() {
    let mut world = held().await;
    let session = id(SESSION);
    let claim =
        async |world: &World, who: &str| world.claim(who, session, Wish::Claim).await.unwrap();
    let claim_case::Outcome::Done(claimed) = claim(&world, "eve").await else { panic!() };
    assert_eq!(claimed.version, 2);
    assert!(
        matches!(claim(&world, "mo").await, claim_case::Outcome::Claimed(c) if c.by.as_str() == "eve")
    );
    let other = world.decide("mo", session, Measure::Approve, Reason::InOrder, None).await.unwrap();
    assert!(matches!(other, Outcome::Claimed(_)), "{other:?}");
    // Looked at again at once, nothing is written; later, the lease is extended.
    assert!(matches!(claim(&world, "eve").await, claim_case::Outcome::Done(c) if c.version == 2));
    world.now = world.now.checked_add(6.minutes()).unwrap();
    assert!(matches!(claim(&world, "eve").await, claim_case::Outcome::Done(c) if c.version == 3));
    world.now = world.now.checked_add(9.minutes()).unwrap();
    assert!(matches!(claim(&world, "mo").await, claim_case::Outcome::Claimed(_)));
    world.now = world.now.checked_add(1.minute()).unwrap();
    assert!(matches!(claim(&world, "mo").await, claim_case::Outcome::Done(_)), "it is over");
    // Who has it no longer gives up nothing of another's.
    world.claim("eve", session, Wish::Release).await.unwrap();
    assert_eq!(status(&world), Standing::Claimed);
    world.claim("mo", session, Wish::Release).await.unwrap();
    assert_eq!(status(&world), Standing::Open);
    let own = claim(&world, "ann").await;
    assert!(
        matches!(own, claim_case::Outcome::Refused(Problems(list)) if list[0].code == "own_item")
    );
    let none = world.claim("eve", id(CHANGE), Wish::Claim).await.unwrap();
    assert_eq!(none, claim_case::Outcome::NoSuchCase);
    check(&world.memory.state());
}

#[tokio::test]
async fn a_decision_on_what_has_changed_since_is_not_taken() {
    let world = held().await;
    let session = id(SESSION);
    world.run(&Step::Claim("eve", session)).await.unwrap();
    world.run(&Step::Escalate("eve", session)).await.unwrap();
    let decide = async |seen| {
        world.decide("mo", session, Measure::Approve, Reason::InOrder, Some(seen)).await.unwrap()
    };
    assert_eq!(decide(1).await, Outcome::Moved);
    assert_eq!(decide(2).await, Outcome::Moved);
    // A claim since changes nothing of what there is to decide.
    world.run(&Step::Claim("mo", session)).await.unwrap();
    assert!(matches!(decide(3).await, Outcome::Decided(_)));
    assert!(matches!(decide(3).await, Outcome::Repeated(_)), "a repeat finds it");
    let late = world.decide("eve", session, Measure::Reject, Reason::Spam, Some(3)).await.unwrap();
    assert!(matches!(late, Outcome::Late(_)), "{late:?}");
    check(&world.memory.state());
}

/// The call is cut off after the decision was recorded and before the waiting task
/// was answered.
async fn recorded_alone(world: &World, by: &str, measure: Measure, reason: Reason) {
    let what = What::Decided { measure, reason, note: String::new() };
    let by = by.parse().unwrap();
    let case = id(SESSION).case();
    let logged = case_log::log(&world.memory, case, world.now, Some(&by), None, &what).await;
    assert!(matches!(logged.unwrap(), Logged::Done(_)));
}

#[tokio::test]
async fn a_decision_that_was_not_carried_out_is_once() {
    let world = held().await;
    recorded_alone(&world, "eve", Measure::Approve, Reason::InOrder).await;
    assert!(world.memory.state().answers.is_empty());
    let memory = &world.memory;
    assert_eq!(sweep_rulings(memory, memory, world.now, 60).await.unwrap(), 0, "it is fresh");
    let later = world.now.checked_add(2.minutes()).unwrap();
    assert_eq!(sweep_rulings(memory, memory, later, 60).await.unwrap(), 1);
    assert_eq!(sweep_rulings(memory, memory, later, 60).await.unwrap(), 0);
    let answers = memory.state().answers.clone();
    assert_eq!(
        answers,
        [(format!("token-{}", id(SESSION)), serde_json::json!({ "decision": "approve" }))]
    );
    // Nor is there anything left to do of one that was carried out at once.
    let world = held().await;
    world.run(&Step::Decide(id(SESSION), Measure::Reject, Reason::Spam)).await.unwrap();
    assert!(world.memory.state().rulings.is_empty());
}

#[tokio::test]
async fn a_decision_after_the_workflow_gave_up_has_it_started_again() {
    for cut_off in [false, true] {
        let world = held().await;
        let session = id(SESSION);
        {
            let state = &mut *world.memory.state();
            state.waiting.clear();
            let work = state.work.get_mut(&("session-submission", session)).unwrap();
            work.state = WorkState::Failed { error: "States.Timeout".into(), at: world.now };
        }
        if cut_off {
            recorded_alone(&world, "eve", Measure::Approve, Reason::InOrder).await;
            world.run(&Step::SweepRulings).await.unwrap();
        } else {
            world.run(&Step::Decide(session, Measure::Approve, Reason::InOrder)).await.unwrap();
        }
        let state = world.memory.state();
        let work = &state.work[&("session-submission", session)];
        assert_eq!((work.restarts, &work.state), (1, &WorkState::Open));
        let again = ("session-submission", format!("{session}-r1"));
        assert!(state.executions.contains_key(&again), "{:?}", state.executions.keys());
        assert!(state.rulings.is_empty());
    }
}

#[tokio::test]
async fn an_appeal_is_decided_by_another_and_its_submitter_told() {
    let session = id(SESSION);
    for (measure, reason, stands) in [
        (Measure::Approve, Reason::InOrder, Standing::Overturned),
        (Measure::Reject, Reason::OffTopic, Standing::Upheld),
    ] {
        let world = rejected();
        world.run(&Step::Appeal(session)).await.unwrap();
        assert_eq!(status(&world), Standing::Appealed);
        let own = world.decide("eve", session, measure, reason, None).await.unwrap();
        assert!(
            matches!(&own, Outcome::Refused(Problems(list)) if list[0].code == "own_decision"),
            "{own:?}"
        );
        let decided = world.decide("mo", session, measure, reason, None).await.unwrap();
        assert!(matches!(decided, Outcome::Decided(_)), "{decided:?}");
        assert_eq!(status(&world), stands);
        let again = ("session-submission", format!("{session}-r1"));
        assert!(world.memory.state().executions.contains_key(&again));
        world.run(&Step::Validate(session)).await.unwrap();
        world.run(&Step::ModerateText(session)).await.unwrap();
        world.run(&Step::OpenCase(session)).await.unwrap();
        if measure == Measure::Approve {
            world.run(&Step::PersistSession).await.unwrap();
        } else {
            world.run(&Step::Reject(session)).await.unwrap();
        }
        world.run(&Step::Tell(session)).await.unwrap();
        let state = world.memory.state();
        let kinds: Vec<_> = state.mails.iter().map(|mail| mail.kind).collect();
        let told = if measure == Measure::Approve {
            "submission-published"
        } else {
            "submission-rejected"
        };
        assert_eq!(kinds, ["submission-waiting", "submission-rejected", told]);
        assert_eq!(state.sessions.contains_key(&session.session()), measure == Measure::Approve);
        let Work { restarts, state: work, .. } = &state.work[&("session-submission", session)];
        assert_eq!((*restarts, work), (1, &WorkState::Done));
        check(&state);
    }
}

#[tokio::test]
async fn only_what_was_decided_against_its_submitter_is_appealed_once_and_in_time() {
    let session = id(SESSION);
    let ask = async |world: &World, who: &str, words: &str| {
        let who = who.parse().unwrap();
        appeal(&world.memory, world.now, session, Appellant::Member(&who), words).await.unwrap()
    };
    let mut world = rejected();
    assert!(matches!(ask(&world, "ann", " ").await, appeal::Outcome::Refused(_)));
    let long = "a".repeat(limits::APPEAL_CHARS_MAX + 1);
    assert!(matches!(ask(&world, "ann", &long).await, appeal::Outcome::Refused(_)));
    assert_eq!(ask(&world, "bo", "No.").await, appeal::Outcome::NoSuchSubmission);
    assert_eq!(ask(&world, "ann", "No.").await, appeal::Outcome::Appealed);
    assert_eq!(ask(&world, "ann", "No.").await, appeal::Outcome::Appealed, "a repeat");
    assert_eq!(ask(&world, "ann", "Never!").await, appeal::Outcome::AppealedBefore);
    // By the link of the mail: whose it is, the submission says.
    let by_link = async |world: &World, id| {
        appeal(&world.memory, world.now, id, Appellant::Holder, "No.").await.unwrap()
    };
    assert_eq!(by_link(&world, session).await, appeal::Outcome::Appealed, "another repeat");
    let linked = rejected();
    assert_eq!(by_link(&linked, session).await, appeal::Outcome::Appealed);
    assert_eq!(by_link(&linked, id(ASKED)).await, appeal::Outcome::NoSuchSubmission);

    world = rejected();
    world.now = world.now.checked_add((limits::APPEAL_DAYS_MAX * 24 + 1).hours()).unwrap();
    assert!(matches!(ask(&world, "ann", "No.").await, appeal::Outcome::Over { .. }));
    // What waits, what is public, what a program refused for what it is.
    assert_eq!(ask(&held().await, "ann", "No.").await, appeal::Outcome::NothingToAppeal);
    assert_eq!(ask(&published(), "ann", "No.").await, appeal::Outcome::NothingToAppeal);
    let world = published();
    let other = id("01J9000000000000000000000E");
    world
        .submit(other, "bo", seisiun_domain::submission::Body::Session(session_draft("")), vec![])
        .await
        .unwrap();
    world.run(&Step::Validate(other)).await.unwrap();
    let bo = "bo".parse().unwrap();
    let refused =
        appeal(&world.memory, world.now, other, Appellant::Member(&bo), "No.").await.unwrap();
    assert_eq!(refused, appeal::Outcome::NothingToAppeal);
}

#[tokio::test]
async fn a_photo_that_a_machine_refused_reaches_a_person_on_appeal() {
    let world = World::new().explicit();
    let (session, picture) = (id(SESSION), photo(PHOTO));
    for step in [
        Step::SubmitSession { photos: vec![picture], text: "" },
        Step::Validate(session),
        Step::Prepare(picture),
        Step::ModeratePhoto(picture),
        Step::ModerateText(session),
        Step::Reject(session),
        Step::Tell(session),
    ] {
        world.run(&step).await.unwrap();
    }
    assert!(world.memory.state().cases.is_empty());
    for _ in 0..2 {
        world.run(&Step::Appeal(session)).await.unwrap();
    }
    assert_eq!(status(&world), Standing::Appealed);
    assert_eq!(case(&world).decision.unwrap().moderator, None, "a machine decided");
    for step in [
        Step::Decide(session, Measure::Approve, Reason::InOrder),
        Step::Validate(session),
        Step::Prepare(picture),
        Step::ModeratePhoto(picture),
        Step::ModerateText(session),
        Step::OpenCase(session),
        Step::PersistSession,
    ] {
        world.run(&step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    let state = world.memory.state();
    assert!(matches!(state.submissions[&session].status, Status::Published { .. }));
    assert_eq!(state.approvals.len(), 1);
    check(&state);
}

#[tokio::test]
async fn an_appeal_leaves_the_queue_with_who_made_it() {
    let world = rejected();
    world.run(&Step::Appeal(id(SESSION))).await.unwrap();
    let asked = id(ASKED);
    world.submit(asked, "ann", Body::Erasure, vec![]).await.unwrap();
    let (memory, now) = (&world.memory, world.now);
    erase_personal_data(memory, memory, memory, memory, memory, &world.sender, now, asked)
        .await
        .unwrap();
    assert!(!case(&world).waits(), "{:?}", case(&world));
    world.run(&Step::SweepRulings).await.unwrap();
    assert!(world.memory.state().rulings.is_empty());
}

#[tokio::test]
async fn what_may_be_listed_already_is_for_a_person_to_say() {
    let world = published();
    let (listed, other) = (id(SESSION), id("01J9000000000000000000000E"));
    let mut draft = session_draft("");
    draft.schedules[0].rrule = "FREQ=MONTHLY;BYDAY=1SU".into();
    world.submit(other, "bo", Body::Session(draft), vec![]).await.unwrap();
    for step in [Step::Validate(other), Step::ModerateText(other), Step::OpenCase(other)] {
        world.run(&step).await.unwrap();
    }
    let case = world.memory.state().cases[&other.case()].0.clone();
    assert_eq!(case.grounds, [POSSIBLE_DUPLICATE]);
    let shown = read_case(&world.memory, case.id).await.unwrap().unwrap();
    assert_eq!(shown.about.unwrap().id, listed.session(), "the moderator sees both");

    // Rejected as that, its statement names the listed one.
    world.run(&Step::Decide(other, Measure::Reject, Reason::Duplicate)).await.unwrap();
    world.run(&Step::Reject(other)).await.unwrap();
    let status = world.memory.state().submissions[&other].status.clone();
    let Status::Rejected { statement } = status else { panic!("{status:?}") };
    let title = session_draft("").title;
    assert!(statement.facts.contains(&format!("It is \"{title}\"")), "{}", statement.facts);

    // Named the same and on at the same time, there is nothing to be said.
    let again = id("01J9000000000000000000000G");
    world.submit(again, "cat", Body::Session(session_draft("")), vec![]).await.unwrap();
    world.run(&Step::Validate(again)).await.unwrap();
    let status = world.memory.state().submissions[&again].status.clone();
    let Status::Rejected { statement } = status else { panic!("{status:?}") };
    assert_eq!(statement.reason, Reason::Duplicate);
}

#[tokio::test]
async fn what_a_moderator_puts_right_is_published_so_and_told() {
    let (world, session) = (held().await, id(SESSION));
    let mo = "mo".parse().unwrap();
    let edits = Edits {
        description: Some("Tunes.".into()),
        title: Some(session_draft("").title),
        ..Edits::default()
    };
    for _ in 0..2 {
        let done = edit_case(&world.memory, world.now, session.case(), &mo, &edits).await.unwrap();
        let claim_case::Outcome::Done(case) = done else { panic!("{done:?}") };
        let kept = case.edits.unwrap();
        assert_eq!((kept.description.as_deref(), kept.title), (Some("Tunes."), None));
        assert_eq!(case.version, 2, "a repeat finds it done");
    }
    // What somebody has seen before that is something else.
    let stale = world.decide("mo", session, Measure::Approve, Reason::InOrder, Some(1)).await;
    assert_eq!(stale.unwrap(), Outcome::Moved);
    let ann = "ann".parse().unwrap();
    let none = Edits::default();
    let own = edit_case(&world.memory, world.now, session.case(), &ann, &none).await.unwrap();
    assert!(matches!(own, claim_case::Outcome::Refused(_)), "{own:?}");
    let bad = Edits { links: Some(vec!["ftp://x".into()]), ..Edits::default() };
    let bad = edit_case(&world.memory, world.now, session.case(), &mo, &bad).await.unwrap();
    assert!(matches!(bad, claim_case::Outcome::Refused(_)), "{bad:?}");

    for step in [
        Step::Decide(session, Measure::Approve, Reason::InOrder),
        Step::PersistSession,
        Step::Tell(session),
    ] {
        world.run(&step).await.unwrap();
    }
    let state = world.memory.state();
    assert_eq!(state.sessions[&session.session()].listing.description, "Tunes.");
    let told = state.mails.last().unwrap();
    assert!(String::from_utf8_lossy(&told.mime).contains("its description"), "{told:?}");
    check(&state);
}
