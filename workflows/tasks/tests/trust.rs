//! What a member sent before, and what it does to what they send now.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod world;

use jiff::{Timestamp, ToSpan};
use seisiun_domain::{
    SubmissionId,
    case::{Measure, Reason, Statement},
    change::{Authority, Change, Finding, News, What},
    moderation::{FOUND_GONE_TWICE, MANY_IN_AN_HOUR, REFUSED_BEFORE, REPEATED_TEXT, Verdict},
    photo::{MalwareScan, RESEMBLES_REFUSED, incoming_key},
    review::ReviewDraft,
    samples,
    session::{SessionDraft, Slug, Status as Listed},
    submission::{Body, Status, Submission, Told},
    withdrawal::GroundDraft,
};
use seisiun_workflows::{
    TaskError,
    decide_case::Outcome,
    moderate_photo::moderate_photo,
    moderate_text::{judge, moderate_text},
    persist_change::persist_change,
    ports::{AcceptSubmission, Bucket, IdempotencyKey},
    prepare_photo::prepare_photo,
    request_withdrawal::Wish,
};
use ulid::Ulid;
use world::{BAD_PHOTO, PHOTO, REVIEW, SESSION, Step, World, id, photo, session_draft};

const PROSE: &str = "A lovely night in the back room: two fiddles, a flute and a concertina, mostly \
                     Clare tunes at a gentle pace. Be there before ten for a seat by the fire.";

fn published(world: &World) -> Status {
    let draft = session_draft("");
    let session_id = SubmissionId::new(Ulid::from_parts(0, 1)).session();
    assert!(world.memory.state().sessions.is_empty());
    Status::Published { session_id, slug: Slug::plain(&draft) }
}

fn refused(reason: Reason) -> Status {
    Status::Rejected { statement: Statement::not_published(reason, String::new(), false, false) }
}

/// Ann sent this at `at`. Ids are in the order of time, as they are when the API
/// mints them.
async fn sent(world: &World, at: Timestamp, body: Body, status: Status) -> SubmissionId {
    let ms = u64::try_from(at.as_millisecond()).unwrap();
    let id = SubmissionId::new(Ulid::from_parts(ms, 1));
    let member_id = "ann".parse().unwrap();
    let (photos, background, resembles) = (Vec::new(), None, None);
    let submission =
        Submission { id, member_id, body, photos, accepted_at: at, status, background, resembles };
    let key = IdempotencyKey { key: id.to_string(), fingerprint: "f".into() };
    world.memory.accept_submission(&submission, &key).await.unwrap();
    id
}

fn linked() -> Body {
    let links = vec!["https://example.org/".to_owned()];
    Body::Session(SessionDraft { links, ..samples::session() })
}

fn review(text: &str) -> Body {
    let session = SubmissionId::new(Ulid::from_parts(0, 2)).session();
    Body::Review(ReviewDraft { text: text.into(), ..samples::review(session) })
}

fn session(text: &str) -> Body {
    Body::Session(session_draft(text))
}

async fn grounds(world: &World, id: SubmissionId) -> Vec<String> {
    let verdict = moderate_text(&world.memory, id).await.unwrap();
    let submission = world.memory.state().submissions[&id].clone();
    let judgement = judge(&submission, &[]);
    assert_eq!(verdict, judgement.verdict);
    assert_eq!(verdict == Verdict::Publish, judgement.grounds.is_empty());
    judgement.grounds
}

#[tokio::test]
async fn a_link_of_somebody_new_is_looked_at_and_of_somebody_known_is_not() {
    let world = World::new();
    let new = sent(&world, world.now, linked(), Status::Accepted).await;
    assert_eq!(grounds(&world, new).await, ["link_listed"]);

    let world = World::new();
    let day_before = world.now.checked_sub(24.hours()).unwrap();
    sent(&world, day_before, session(""), published(&world)).await;
    let known = sent(&world, world.now, linked(), Status::Accepted).await;
    assert_eq!(grounds(&world, known).await, Vec::<String>::new());
}

#[tokio::test]
async fn much_in_an_hour_is_looked_at_and_confirmations_never() {
    let world = World::new();
    let at = |seconds: i64| world.now.checked_add(seconds.seconds()).unwrap();
    for n in 0..10 {
        let id = sent(&world, at(n), session(""), Status::Accepted).await;
        assert_eq!(grounds(&world, id).await, Vec::<String>::new());
    }
    let eleventh = sent(&world, at(10), session(""), Status::Accepted).await;
    assert_eq!(grounds(&world, eleventh).await, [MANY_IN_AN_HOUR]);
    let tap = Body::Change(Change {
        session_id: eleventh.session(),
        authority: Authority::Member,
        what: What::Confirm { finding: Finding::On, date: "2026-11-19".into() },
    });
    let tap = sent(&world, at(11), tap, Status::Accepted).await;
    assert_eq!(grounds(&world, tap).await, Vec::<String>::new());
    let later = sent(&world, at(3_700), session(""), Status::Accepted).await;
    assert_eq!(grounds(&world, later).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_sent_before_is_looked_at_also_when_it_was_refused_long_ago() {
    let world = World::new();
    let at = |hours: i64| world.now.checked_sub(hours.hours()).unwrap();
    sent(&world, at(3), session(PROSE), Status::Accepted).await;
    let repeat = sent(&world, at(2), review(PROSE), Status::Accepted).await;
    assert_eq!(grounds(&world, repeat).await, [REPEATED_TEXT]);

    let world = World::new();
    // More than one page of the list before.
    sent(&world, at(900), review(PROSE), refused(Reason::Spam)).await;
    for n in 0..60 {
        sent(&world, at(800 - n), session(""), published(&world)).await;
    }
    let again = sent(&world, at(0), review(PROSE), Status::Accepted).await;
    // Trusted by now, and nobody looks back so far for them.
    assert_eq!(grounds(&world, again).await, Vec::<String>::new());

    let world = World::new();
    sent(&world, at(900), review(PROSE), refused(Reason::Spam)).await;
    for n in 0..60 {
        sent(&world, at(800 - n), session(""), Status::Withdrawn { statement: None }).await;
    }
    let again = sent(&world, at(0), review(PROSE), Status::Accepted).await;
    assert_eq!(grounds(&world, again).await, [REFUSED_BEFORE]);
}

#[tokio::test]
async fn every_task_judges_by_what_was_known_first() {
    let world = World::new();
    let id = sent(&world, world.now, linked(), Status::Accepted).await;
    let first = grounds(&world, id).await;
    // By now its member is known; the verdict stands.
    let day_before = world.now.checked_sub(24.hours()).unwrap();
    sent(&world, day_before, session(""), published(&world)).await;
    assert_eq!(grounds(&world, id).await, first);
}

/// Somebody says that the session of the worlds is gone; whether a person looks.
async fn finds_gone(world: &World, who: &str, n: u64) -> (SubmissionId, Verdict) {
    let memory = &world.memory;
    let id = SubmissionId::new(Ulid::from_parts(n, 7));
    let what = What::Confirm { finding: Finding::Gone, date: "2026-11-19".into() };
    let (session_id, authority) = (crate::id(SESSION).session(), Authority::Member);
    let body = Body::Change(Change { session_id, authority, what });
    world.submit(id, who, body, vec![]).await.unwrap();
    let verdict = moderate_text(memory, id).await.unwrap();
    (id, verdict)
}

#[tokio::test]
async fn a_session_that_two_found_gone_ends_when_a_moderator_approves() {
    let world = World::new();
    let (memory, session) = (&world.memory, id(SESSION));
    for step in [
        Step::SubmitSession { photos: vec![], text: "" },
        Step::Validate(session),
        Step::ModerateText(session),
        Step::PersistSession,
    ] {
        world.run(&step).await.unwrap();
    }
    let listed = || memory.state().sessions[&session.session()].clone();
    let (first, verdict) = finds_gone(&world, "bo", 1).await;
    assert_eq!(verdict, Verdict::Publish);
    let (raced, verdict) = finds_gone(&world, "cat", 2).await;
    assert_eq!(verdict, Verdict::Publish, "nobody has been heard yet");
    for id in [first, raced] {
        persist_change(memory, memory, world.now, id).await.unwrap();
        assert_eq!(listed().status, Listed::Live, "nobody has looked");
    }
    let (_, verdict) = finds_gone(&world, "bo", 3).await;
    assert_eq!(verdict, Verdict::Publish, "the same member is no second one");
    let (second, verdict) = finds_gone(&world, "dan", 4).await;
    assert_eq!(verdict, Verdict::Review);
    let ahead = persist_change(memory, memory, world.now, second).await;
    assert!(matches!(ahead, Err(TaskError::Invariant(_))), "{ahead:?}");
    world.run(&Step::OpenCase(second)).await.unwrap();
    let grounds = memory.state().cases[&second.case()].0.grounds.clone();
    assert_eq!(grounds, [FOUND_GONE_TWICE]);
    let decide = Step::DecideAs("eve", second, Measure::Approve, Reason::InOrder);
    world.run(&decide).await.unwrap();
    for _ in 0..2 {
        persist_change(memory, memory, world.now, second).await.unwrap();
        assert_eq!(listed().status, Listed::Ended);
    }
    let told: Vec<_> = memory.state().events.values().map(|event| event.told.clone()).collect();
    let ended = |told: &&Told| matches!(told, Told::News { news: News::Ended, .. });
    assert_eq!(told.iter().filter(ended).count(), 1, "{told:?}");
}

/// What is made for the other tests has too little in it to be known again.
const ORIGINAL: &[u8] = include_bytes!("../../photo/tests/lookalikes/photos/animals-bison.jpg");

/// A photo as somebody would send it again: cut by 4 % of its width, half its
/// size, encoded anew.
fn copy_of_the_photo() -> Vec<u8> {
    let original = image::load_from_memory(ORIGINAL).unwrap();
    let (width, height) = (original.width(), original.height());
    let cut = original.crop_imm(width / 25, 0, width - width / 25, height);
    let small = cut.resize(width / 2, height / 2, image::imageops::FilterType::Triangle);
    let mut bytes = std::io::Cursor::new(Vec::new());
    small.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// Whether a photo that bo sends with a review is held for what was refused.
async fn copy_is_held(world: &World) -> bool {
    let (review, copy, bo) = (id(REVIEW), photo(BAD_PHOTO), "bo".parse().unwrap());
    {
        let mut state = world.memory.state();
        let key = incoming_key(&bo, copy);
        state.malware_scans.insert(key.clone(), MalwareScan::Clean);
        let object = ("image/jpeg".to_owned(), copy_of_the_photo());
        state.objects.insert((Bucket::Quarantine, key), object);
        state.labels.clear();
        state.submissions.remove(&review);
        state.photo_records.remove(&(review, copy));
        state.keys.retain(|(member, _), _| *member != bo);
    }
    let memory = &world.memory;
    let draft = samples::review(id(SESSION).session());
    world.submit(review, "bo", Body::Review(draft), vec![copy]).await.unwrap();
    prepare_photo(memory, memory, world.now, review, copy).await.unwrap();
    moderate_photo(memory, memory, review, copy).await.unwrap();
    let verdict = moderate_text(memory, review).await.unwrap();
    let state = memory.state();
    let records = [state.photo_records[&(review, copy)].clone()];
    let judgement = judge(&state.submissions[&review], &records);
    assert_eq!(verdict, judgement.verdict);
    judgement.grounds.iter().any(|ground| ground == RESEMBLES_REFUSED)
}

#[tokio::test]
async fn a_copy_of_a_rejected_photo_is_held_until_somebody_else_overturns_it() {
    for (reason, files) in [(Reason::Duplicate, false), (Reason::Privacy, true)] {
        let world = World::new().flagged();
        let original = ("image/jpeg".to_owned(), ORIGINAL.to_vec());
        let key = incoming_key(&"ann".parse().unwrap(), photo(PHOTO));
        world.memory.state().objects.insert((Bucket::Quarantine, key), original);
        let session = id(SESSION);
        let mut steps = vec![
            Step::SubmitSession { photos: vec![photo(PHOTO)], text: "" },
            Step::Validate(session),
            Step::Prepare(photo(PHOTO)),
            Step::ModeratePhoto(photo(PHOTO)),
            Step::ModerateText(session),
            Step::OpenCase(session),
        ];
        for step in steps.drain(..) {
            world.run(&step).await.unwrap();
        }
        assert!(!copy_is_held(&world).await, "nothing was refused yet");
        for step in [Step::Decide(session, Measure::Reject, reason), Step::Reject(session)] {
            world.run(&step).await.unwrap();
        }
        assert_eq!(copy_is_held(&world).await, files, "{reason:?}");
        world.run(&Step::Tell(session)).await.unwrap();
        world.run(&Step::Appeal(session)).await.unwrap();
        assert_eq!(copy_is_held(&world).await, files, "an appeal alone changes nothing");
        let decided = world.decide("mo", session, Measure::Approve, Reason::InOrder, None).await;
        assert!(matches!(decided.unwrap(), Outcome::Decided(_)));
        assert!(!copy_is_held(&world).await);
        assert!(world.memory.state().refused_photos.is_empty());
    }
}

#[tokio::test]
async fn a_copy_of_a_photo_that_was_taken_down_is_held() {
    for (reason, files) in [(Reason::Duplicate, false), (Reason::Privacy, true)] {
        let world = World::new();
        let original = ("image/jpeg".to_owned(), ORIGINAL.to_vec());
        let key = incoming_key(&"ann".parse().unwrap(), photo(PHOTO));
        world.memory.state().objects.insert((Bucket::Quarantine, key), original);
        let session = id(SESSION);
        for step in [
            Step::SubmitSession { photos: vec![photo(PHOTO)], text: "" },
            Step::Validate(session),
            Step::Prepare(photo(PHOTO)),
            Step::ModeratePhoto(photo(PHOTO)),
            Step::ModerateText(session),
            Step::PersistSession,
            Step::PublishListing,
        ] {
            world.run(&step).await.unwrap();
        }
        assert!(!copy_is_held(&world).await, "it is public");
        let ground = GroundDraft {
            reason,
            note: String::new(),
            photo: Some(photo(PHOTO)),
            merged_into: None,
        };
        world.run(&Step::Withdraw("eve", session, Wish::Moderator(ground))).await.unwrap();
        for _ in 0..2 {
            world.run(&Step::WithdrawContent).await.unwrap();
        }
        assert_eq!(copy_is_held(&world).await, files, "{reason:?}");
    }
}
