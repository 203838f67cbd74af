//! What every backend of the ports must do, as test bodies: run on memory and
//! on the engine, so that the two cannot drift apart.
//!
//! Each body makes its own identifiers, so that runs can share a table with one
//! another and with a deployed stack; the queues are filtered for the body's
//! own records. [`store_suites!`](crate::store_suites) and
//! [`object_suites!`](crate::object_suites) list the bodies, so that no backend
//! leaves one out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test bodies: they must fail loudly")]

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp, ToSpan};
use seisiun_domain::{
    CaseId, MemberId, PhotoId, SessionId, SubmissionId,
    card::{Card, List, ListFile, ListHead},
    case::{self, Case, CaseKind, Facts, Measure, Reason, Statement, What},
    change::{Confirmation, Finding, News},
    digest::{Digest, Zone},
    follow::{Cadence, Follow, Followed, FollowerId, Following, Target},
    geo::{Circle, Position},
    limits,
    member::{Email, Language, Mails, Member, NewsMails},
    moderation::{Background, Judgement, Label, Recent, Standing, Verdict},
    notice::{Notice, NoticeReason, Subject, notifier},
    pace::{Lane, Permit, Rate},
    photo::{
        Approver, MalwareScan, PhotoRecord, Preparation, PublishedPhoto, Scan, Unscanned, Variant,
    },
    review::{Rating, Review, ReviewDraft},
    schedule::ScheduleDraft,
    session::{Format, Host, Level, Session, SessionDraft, Slug, Status as Listed, VenueDraft},
    submission::{Body, Event, Status, Submission, Work, WorkState, Workflow},
    switch::Switch,
};
use seisiun_feeds::Site;
use seisiun_photo::Fingerprint;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use ulid::Ulid;

use crate::{
    error::TaskError,
    ports::*,
    publish_feeds::{county_feed_paths, publish_county_feeds},
    publish_listing::publish_list,
    refresh_listings::refresh_list,
};

/// Makes a test of each suite for stores. `$store` is an expression that is
/// evaluated in each test; the tests need `tokio` with its macros.
#[macro_export]
macro_rules! store_suites {
    ($store:expr) => {
        $crate::store_suites!($store;
            accept_submission, accept_submission_at_once, record_background, record_resemblance, record_status, open_work, waiting_work, restarts,
            missing_work, photo_records, refused_photos, approve_photos, publish_session, slug_taken,
            publish_review, ratings, write_session, withdrawn_session, remove_review,
            replace_review, revoke_photos, recall_request, members, cases, case_events, rulings, follower_ids,
            follow_ranges, unfollow, mail_ledger, mail_claimed_at_once, open_claims,
            send_events, permits, feedback, fan_outs, look_at_follower, page_results,
            service_key, list_submissions, followings, circles_in_one_cell,
            one_target_left, digests,
            remember_key, blocks, erasure, import_sessions,
            photo_origins, places, places_at_once, notices, switches
        );
    };
    ($store:expr; $($suite:ident),+) => {
        $(#[tokio::test]
        async fn $suite() {
            $crate::port_suites::$suite(&$store).await;
        })+
    };
}

/// Makes a test of each suite for objects; see [`store_suites!`](crate::store_suites).
#[macro_export]
macro_rules! object_suites {
    ($objects:expr) => {
        $crate::store_suites!($objects; objects, publish_object, swap_object, list_objects);
    };
}

/// On until it is switched off, each by itself. It is left on, for others.
pub async fn switches<S: IsOff + SetSwitch>(store: &S) {
    let (uploads, mail) = (Switch::Uploads, Switch::Mail);
    for on in [true, false, false, true] {
        store.set_switch(uploads, on).await.unwrap();
        assert_eq!(store.is_off(uploads).await.unwrap(), !on);
        assert!(!store.is_off(mail).await.unwrap());
    }
}

fn submission_id() -> SubmissionId {
    SubmissionId::new(Ulid::generate())
}

fn photo_id() -> PhotoId {
    PhotoId::new(Ulid::generate())
}

fn member_id() -> MemberId {
    Ulid::generate().to_string().parse().unwrap()
}

fn now() -> Timestamp {
    Timestamp::now()
}

/// A time long ago that no other run uses: what is queued then comes first.
fn long_ago() -> Timestamp {
    let spread = Ulid::generate().random() % 500_000_000;
    Timestamp::from_second(1 + i64::try_from(spread).unwrap()).unwrap()
}

/// A place that few other runs use.
fn somewhere() -> Position {
    let spread = |n: u128| f64::from(u32::try_from(Ulid::generate().random() % n).unwrap());
    Position { lat: 50.0 + spread(100_000) / 10_000.25, lon: -11.0 + spread(60_000) / 10_000.75 }
}

/// A draft with every field that can be absent present, and all kinds of text.
fn session_draft(position: Position) -> SessionDraft {
    SessionDraft {
        title: "Tigh Choilí 🎻 \"the\" <session>".into(),
        venue: VenueDraft {
            name: "Tigh Choilí".into(),
            address: "Mainguard Street".into(),
            town: "Galway".into(),
            county: "Galway".into(),
            country: "IE".into(),
            position,
            step_free: Some(true),
            accessible_toilet: None,
        },
        format: Format::ByInvitation,
        level: Level::Any,
        schedules: vec![ScheduleDraft {
            starts: "21:30".into(),
            duration_minutes: 150,
            zone: "Europe/Dublin".into(),
            rrule: "FREQ=WEEKLY;BYDAY=TH".into(),
            from: "2026-01-01".into(),
            until: Some("2027-01-01".into()),
        }],
        description: String::new(),
        instruments: vec!["fiddle".into()],
        tunes: vec![],
        links: vec!["https://seisiun.example/".into()],
    }
}

fn review_draft(session: &Session) -> ReviewDraft {
    ReviewDraft {
        session_id: session.id,
        rating: 4,
        welcome: Some(5),
        level: None,
        noise: Some(1),
        visited_on: "2026-01-31".into(),
        text: "Grand tunes,\nall night.".into(),
        replaces: None,
    }
}

fn submission_of(body: Body, accepted_at: Timestamp) -> Submission {
    Submission {
        id: submission_id(),
        member_id: member_id(),
        body,
        photos: vec![photo_id(), photo_id()],
        accepted_at,
        status: Status::Accepted,
        background: None,
        resembles: None,
    }
}

fn session_submission() -> Submission {
    submission_of(Body::Session(session_draft(somewhere())), now())
}

fn key() -> IdempotencyKey {
    IdempotencyKey { key: format!("key {}", Ulid::generate()), fingerprint: "a".repeat(64) }
}

async fn accepted<S: AcceptSubmission>(store: &S, submission: Submission) -> Submission {
    let acceptance = store.accept_submission(&submission, &key()).await.unwrap();
    assert_eq!(acceptance, Acceptance::New);
    submission
}

fn rejected() -> Status {
    let facts = "An automatic check found: spam.".into();
    Status::Rejected { statement: Statement::not_published(Reason::Spam, facts, true, false) }
}

/// One request is one submission, however often and under whatever id it comes.
pub async fn accept_submission<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission + LoadWork,
{
    let (first, key) = (session_submission(), key());
    assert_eq!(store.load_submission(first.id).await.unwrap(), None);
    assert_eq!(store.accept_submission(&first, &key).await.unwrap(), Acceptance::New);
    assert_eq!(store.load_submission(first.id).await.unwrap().as_ref(), Some(&first));

    // The answer was lost: the same call again, then a client's new request.
    let replay = Acceptance::Replay(first.id);
    assert_eq!(store.accept_submission(&first, &key).await.unwrap(), replay);
    let again = Submission { id: submission_id(), ..first.clone() };
    assert_eq!(store.accept_submission(&again, &key).await.unwrap(), replay);
    let other_request = IdempotencyKey { fingerprint: "b".repeat(64), ..key.clone() };
    let acceptance = store.accept_submission(&again, &other_request).await.unwrap();
    assert_eq!(acceptance, Acceptance::Mismatch);
    assert_eq!(store.load_submission(again.id).await.unwrap(), None);
    assert_eq!(store.load_work(Workflow::SessionSubmission, again.id).await.unwrap(), None);
    assert_eq!(store.load_submission(first.id).await.unwrap().as_ref(), Some(&first));

    // A key is its member's own.
    let other_member = Submission { id: submission_id(), member_id: member_id(), ..first.clone() };
    assert_eq!(store.accept_submission(&other_member, &key).await.unwrap(), Acceptance::New);

    let workflow = Workflow::SessionSubmission;
    let open = Work { workflow, id: first.id, restarts: 0, state: WorkState::Open };
    assert_eq!(store.load_work(workflow, first.id).await.unwrap(), Some(open));
    for other in [Workflow::ReviewSubmission, Workflow::NotifyFollowers] {
        assert_eq!(store.load_work(other, first.id).await.unwrap(), None, "{other:?}");
    }

    let reviewed = listed_session(session_submission().id, somewhere());
    let review = submission_of(Body::Review(review_draft(&reviewed)), now());
    let review = Submission { photos: vec![], ..review };
    let review = accepted(store, review).await;
    assert_eq!(store.load_submission(review.id).await.unwrap().as_ref(), Some(&review));
}

/// Of requests that come at once, one wins and the others are told of it.
pub async fn accept_submission_at_once<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission,
{
    let (first, key) = (session_submission(), key());
    let requests: Vec<_> =
        (0..4).map(|_| Submission { id: submission_id(), ..first.clone() }).collect();
    let calls = requests.iter().map(|request| store.accept_submission(request, &key));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    let mut stored = Vec::new();
    for request in &requests {
        stored.extend(store.load_submission(request.id).await.unwrap());
    }
    assert_eq!(stored.len(), 1);
    for (request, answer) in requests.iter().zip(answers) {
        let expected = if request.id == stored[0].id {
            Acceptance::New
        } else {
            Acceptance::Replay(stored[0].id)
        };
        assert_eq!(answer, expected);
    }
}

/// A key stands for one request of its member, whatever kind it is of.
pub async fn remember_key<S>(store: &S)
where
    S: RememberKey + AcceptSubmission,
{
    let (member, first) = (member_id(), key());
    let other = IdempotencyKey { fingerprint: "b".repeat(64), ..first.clone() };
    let remember = async |key: &IdempotencyKey, becomes: &str| {
        store.remember_key(&member, key, becomes, now()).await.unwrap()
    };
    let one = Remembered::As("one".into());
    for becomes in ["one", "one", "two"] {
        assert_eq!(remember(&first, becomes).await, one);
        assert_eq!(remember(&other, becomes).await, Remembered::Mismatch);
    }
    assert_eq!(remember(&key(), "three").await, Remembered::As("three".into()));
    // A key is its member's own.
    let theirs = store.remember_key(&member_id(), &other, "four", now()).await.unwrap();
    assert_eq!(theirs, Remembered::As("four".into()));
    // Of many at once, one stands and all are told of it.
    let shared = key();
    let names: Vec<String> = (0..6).map(|n| format!("{n}")).collect();
    let calls = names.iter().map(|name| store.remember_key(&member, &shared, name, now()));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert!(names.iter().any(|name| answers[0] == Remembered::As(name.clone())));
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    // A submission's key is one of them.
    let submission = Submission { member_id: member.clone(), ..session_submission() };
    let acceptance = store.accept_submission(&submission, &other).await.unwrap();
    assert_eq!(acceptance, Acceptance::Mismatch);
    let own = key();
    assert_eq!(store.accept_submission(&submission, &own).await.unwrap(), Acceptance::New);
    assert_eq!(remember(&own, "five").await, Remembered::As(submission.id.to_string()));
    let other = IdempotencyKey { fingerprint: "c".repeat(64), ..own };
    assert_eq!(remember(&other, "six").await, Remembered::Mismatch);
}

/// A member's submissions are listed newest first, page by page, and nobody
/// else's.
pub async fn list_submissions<S>(store: &S)
where
    S: AcceptSubmission + ListSubmissions + LoadSubmissions,
{
    let (member, other) = (member_id(), member_id());
    let mut own = Vec::new();
    for n in 0..5 {
        let member = if n == 2 { &other } else { &member };
        let submission = Submission { member_id: member.clone(), ..session_submission() };
        let (submission, key) = (submission, key());
        // The answer was lost: the same call again is the same entry.
        for _ in 0..2 {
            store.accept_submission(&submission, &key).await.unwrap();
        }
        if n != 2 {
            own.push(submission.id);
        }
    }
    own.sort();
    own.reverse();
    let list = async |before, limit| store.list_submissions(&member, before, limit).await.unwrap();
    assert_eq!(list(None, 10).await, own);
    assert_eq!(list(None, 4).await, own);
    assert_eq!(list(None, 2).await, own[..2]);
    assert_eq!(list(None, 0).await, []);
    assert_eq!(list(Some(own[1]), 2).await, own[2..4]);
    assert_eq!(list(Some(own[1]), 1).await, own[2..3]);
    assert_eq!(list(Some(own[3]), 2).await, []);
    // Before what is none of theirs, too.
    let last = SubmissionId::new(Ulid::from_parts((1 << 48) - 1, 0));
    assert_eq!(list(Some(last), 10).await, own);
    assert_eq!(store.list_submissions(&other, None, 10).await.unwrap().len(), 1);

    let with_none = [own[0], submission_id(), own[1]];
    let mut loaded = store.load_submissions(&with_none).await.unwrap();
    loaded.sort_by_key(|submission| std::cmp::Reverse(submission.id));
    let mut expected = [own[0], own[1]];
    expected.sort_by_key(|id| std::cmp::Reverse(*id));
    assert!(loaded.iter().map(|submission| submission.id).eq(expected), "{loaded:?}");
    assert!(loaded.iter().all(|submission| submission.member_id == member));
    assert_eq!(store.load_submissions(&[]).await.unwrap(), []);
    assert_eq!(store.list_submissions(&member_id(), None, 10).await.unwrap(), []);
}

/// What was known of a member first is known of them from then on.
pub async fn record_background<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission + RecordBackground + RecordStatus,
{
    let submission = accepted(store, session_submission()).await;
    let id = submission.id;
    let standing = Standing { published: 3, rejected: 1, since: Some(long_ago()) };
    let recent = Recent { last_hour: 1, last_day: 2, repeats: 3, repeats_of_refused: 4 };
    let first = Background { standing, is_host: true, recent, found_gone_twice: true };
    for later in [first, Background::default(), first] {
        assert_eq!(store.record_background(id, &later).await.unwrap(), first);
    }
    store.record_status(id, &rejected()).await.unwrap();
    let stored = store.load_submission(id).await.unwrap().unwrap();
    let expected = Submission { background: Some(first), status: rejected(), ..submission };
    assert_eq!(stored, expected);

    let missing = submission_id();
    let answer = store.record_background(missing, &first).await;
    assert!(matches!(answer, Err(PortError::Broken { .. })), "{answer:?}");
    assert_eq!(store.load_submission(missing).await.unwrap(), None);
}

/// What a submitted session may be the same as is noted, whatever was noted before.
pub async fn record_resemblance<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission + RecordResemblance,
{
    let submission = accepted(store, session_submission()).await;
    let id = submission.id;
    for other in [SessionId::new(Ulid::generate()), SessionId::new(Ulid::generate())] {
        for _ in 0..2 {
            store.record_resemblance(id, other).await.unwrap();
        }
        let stored = store.load_submission(id).await.unwrap().unwrap();
        assert_eq!(stored, Submission { resembles: Some(other), ..submission.clone() });
    }
    let missing = submission_id();
    store.record_resemblance(missing, SessionId::new(Ulid::generate())).await.unwrap();
    assert_eq!(store.load_submission(missing).await.unwrap(), None);
}

/// A status moves until it is settled, and then stands.
pub async fn record_status<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission + RecordStatus,
{
    let submission = accepted(store, session_submission()).await;
    let id = submission.id;
    for status in [Status::InReview, Status::InReview, rejected(), rejected()] {
        assert_eq!(store.record_status(id, &status).await.unwrap(), status);
    }
    let slug = Slug::plain(&session_draft(somewhere()));
    let published = Status::Published { session_id: id.session(), slug };
    for late in [published, Status::InReview, Status::Accepted] {
        assert_eq!(store.record_status(id, &late).await.unwrap(), rejected());
    }
    let stored = store.load_submission(id).await.unwrap().unwrap();
    assert_eq!(stored, Submission { status: rejected(), ..submission });

    let missing = submission_id();
    let answer = store.record_status(missing, &Status::InReview).await;
    assert!(matches!(answer, Err(PortError::Broken { .. })), "{answer:?}");
    assert_eq!(store.load_submission(missing).await.unwrap(), None);
}

async fn listed<S: ListOpenWork>(store: &S, before: Timestamp, mine: &[SubmissionId]) -> Vec<Work> {
    let open = store.list_open_work(WorkQueue::Active, before, 1_000).await.unwrap();
    open.into_iter().filter(|work| mine.contains(&work.id)).collect()
}

/// The queue holds what is open, oldest first, up to a time.
pub async fn open_work<S>(store: &S)
where
    S: AcceptSubmission + ListOpenWork + LoadWork + NoteLook + EndWork,
{
    let start = long_ago();
    let at = |ms: i64| start.checked_add(ms.milliseconds()).unwrap();
    let mut mine = Vec::new();
    // Neither in the order of their ids nor with equally many digits.
    for ms in [500, 0, 1_000, 1] {
        let draft = Body::Session(session_draft(somewhere()));
        mine.push(accepted(store, submission_of(draft, at(ms))).await.id);
    }
    let in_order = [mine[1], mine[3], mine[0], mine[2]];
    let ids = |work: Vec<Work>| work.into_iter().map(|work| work.id).collect::<Vec<_>>();
    let open = listed(store, at(1_000), &mine).await;
    for work in &open {
        assert_eq!(store.load_work(work.workflow, work.id).await.unwrap().as_ref(), Some(work));
    }
    assert_eq!(ids(open), in_order);
    assert_eq!(ids(listed(store, at(999), &mine).await), in_order[..3]);
    assert_eq!(ids(listed(store, at(0), &mine).await), in_order[..1]);
    assert!(listed(store, at(-1), &mine).await.is_empty());
    assert_eq!(store.list_open_work(WorkQueue::Active, at(1_000), 2).await.unwrap().len(), 2);
    assert!(store.list_open_work(WorkQueue::Active, at(1_000), 0).await.unwrap().is_empty());

    // What was looked at goes to the end.
    let first = store.load_work(Workflow::SessionSubmission, in_order[0]).await.unwrap().unwrap();
    for _ in 0..2 {
        store.note_look(&first, at(2_000)).await.unwrap();
        assert_eq!(ids(listed(store, at(1_999), &mine).await), in_order[1..]);
        assert_eq!(ids(listed(store, at(2_000), &mine).await).last(), Some(&in_order[0]));
    }
    store.note_look(&first, at(0)).await.unwrap();

    for (n, id) in in_order.into_iter().enumerate() {
        let done =
            Work { workflow: Workflow::SessionSubmission, id, restarts: 0, state: WorkState::Done };
        store.end_work(&done).await.unwrap();
        assert_eq!(ids(listed(store, at(1_000), &mine).await), in_order[n + 1..]);
    }
}

/// What is in review waits in a queue of its own, until it is decided.
pub async fn waiting_work<S>(store: &S)
where
    S: AcceptSubmission
        + RecordStatus
        + ListOpenWork
        + NoteLook
        + LoadWork
        + EndWork
        + BeginRestart
        + OpenCase
        + LoadCase
        + AppendCaseEvent,
{
    let at = long_ago();
    let submission = submission_of(Body::Session(session_draft(somewhere())), at);
    let id = accepted(store, submission).await.id;
    let queued = async |queue| {
        let open = store.list_open_work(queue, at, 1_000).await.unwrap();
        open.into_iter().filter(|work| work.id == id).count()
    };
    let counts = async || (queued(WorkQueue::Active).await, queued(WorkQueue::Waiting).await);
    assert_eq!(counts().await, (1, 0));
    let case = Case { id: id.case(), ..case_at(at) };
    store.open_case(&case).await.unwrap();
    for _ in 0..2 {
        store.record_status(id, &Status::InReview).await.unwrap();
        assert_eq!(counts().await, (0, 1));
    }
    let work = store.load_work(Workflow::SessionSubmission, id).await.unwrap().unwrap();
    store.note_look(&work, at).await.unwrap();
    assert_eq!(counts().await, (0, 1));
    let (decided, decision) = decided(&case, Measure::Approve);
    for _ in 0..2 {
        assert_eq!(store.append_case_event(&decided, &decision).await.unwrap(), Appended::Done);
        assert_eq!(counts().await, (1, 0));
    }
    store.end_work(&Work { state: WorkState::Done, ..work }).await.unwrap();
    assert_eq!(counts().await, (0, 0));
    // Done work stays out of both.
    store.record_status(id, &Status::InReview).await.unwrap();
    store.append_case_event(&decided, &decision).await.unwrap();
    assert_eq!(counts().await, (0, 0));
}

/// Work fails, is restarted and is done; done is for good.
pub async fn restarts<S>(store: &S)
where
    S: AcceptSubmission + ListOpenWork + LoadWork + BeginRestart + EndWork,
{
    let at = long_ago();
    let draft = Body::Session(session_draft(somewhere()));
    let id = accepted(store, submission_of(draft, at)).await.id;
    let workflow = Workflow::SessionSubmission;
    let work = |restarts, state| Work { workflow, id, restarts, state };
    let load = async || store.load_work(workflow, id).await.unwrap().unwrap();

    let failed = WorkState::Failed { error: "Task.Invariant".into(), at: now() };
    for _ in 0..2 {
        store.end_work(&work(0, failed.clone())).await.unwrap();
        assert_eq!(load().await, work(0, failed.clone()));
        assert!(listed(store, at, &[id]).await.is_empty());
    }

    assert!(store.begin_restart(&work(0, failed.clone())).await.unwrap());
    assert_eq!(load().await, work(1, WorkState::Open));
    assert_eq!(listed(store, at, &[id]).await, [work(1, WorkState::Open)]);
    // An execution that fails late says nothing of the one that followed it.
    store.end_work(&work(0, failed.clone())).await.unwrap();
    assert_eq!(load().await, work(1, WorkState::Open));
    // Somebody who saw the same failure comes too late.
    assert!(!store.begin_restart(&work(0, failed.clone())).await.unwrap());
    // Work whose execution was killed is still open.
    assert!(store.begin_restart(&work(1, WorkState::Open)).await.unwrap());
    assert_eq!(load().await, work(2, WorkState::Open));

    for late in [WorkState::Done, failed.clone()] {
        store.end_work(&work(2, late)).await.unwrap();
        assert_eq!(load().await, work(2, WorkState::Done));
        assert!(listed(store, at, &[id]).await.is_empty());
    }
    assert!(!store.begin_restart(&work(2, WorkState::Done)).await.unwrap());
    assert_eq!(load().await, work(2, WorkState::Done));
}

/// Work that nobody owes is neither ended nor begun, and not made up.
pub async fn missing_work<S>(store: &S)
where
    S: AcceptSubmission + LoadWork + BeginRestart + EndWork,
{
    let submission = accepted(store, session_submission()).await;
    let right = Workflow::SessionSubmission;
    let stored = store.load_work(right, submission.id).await.unwrap();
    for (workflow, id) in [
        (right, submission_id()),
        (Workflow::NotifyFollowers, submission.id),
        (Workflow::ReviewSubmission, submission.id),
    ] {
        let done = Work { workflow, id, restarts: 0, state: WorkState::Done };
        store.end_work(&done).await.unwrap();
        assert!(!store.begin_restart(&done).await.unwrap());
        assert_eq!(store.load_work(workflow, id).await.unwrap(), None);
    }
    assert_eq!(store.load_work(right, submission.id).await.unwrap(), stored);
}

fn variant(n: u32) -> Variant {
    Variant { sha256: format!("{n:064x}"), width: 1_600, height: 1_200, bytes: 345_678 }
}

/// What became of photos is kept by photo; the last word counts.
pub async fn photo_records<S>(store: &S)
where
    S: PutPhotoRecord + LoadPhotoRecords,
{
    let (id, other) = (submission_id(), submission_id());
    assert!(store.load_photo_records(id).await.unwrap().is_empty());
    let refused = PhotoRecord {
        photo_id: photo_id(),
        preparation: Preparation::Refused { code: "truncated".into(), message: String::new() },
        scan: None,
        resembles_refused: false,
    };
    let prepared = PhotoRecord {
        photo_id: photo_id(),
        preparation: Preparation::Prepared {
            full: variant(1),
            thumbnail: variant(2),
            thumbhash: "1QcSHQRnh493V4dIh4eXh1h4kJUI".into(),
            perceptual_hash: "0f0f".into(),
            fingerprint: Some(fingerprints()[0].to_string()),
        },
        scan: None,
        resembles_refused: true,
    };
    let label = |name: &str, parent: &str, confidence| Label {
        name: name.into(),
        parent: parent.into(),
        confidence,
    };
    let scan = Scan {
        sha256: variant(1).sha256,
        model: "7.0".into(),
        labels: vec![label("Violence", "", 81.437_5), label("Weapons", "Violence", 100.0)],
        judgement: Judgement { verdict: Verdict::Review, grounds: vec!["Violence 81.4 %".into()] },
    };
    let scanned = PhotoRecord { scan: Some(scan), ..prepared.clone() };
    for record in [&refused, &prepared, &scanned, &scanned] {
        store.put_photo_record(id, record).await.unwrap();
    }
    store.put_photo_record(other, &prepared).await.unwrap();
    let mut expected = vec![refused, scanned];
    expected.sort_by_key(|record| record.photo_id);
    assert_eq!(store.load_photo_records(id).await.unwrap(), expected);
    assert_eq!(store.load_photo_records(other).await.unwrap(), [prepared]);
}

/// Of three photos: the second is a copy of the first, cropped to one of its
/// windows; the third has nothing to do with them.
fn fingerprints() -> [Fingerprint; 3] {
    const WINDOW_BYTES: usize = 16;
    let noise = || {
        let windows = (0..8).flat_map(|_| Sha256::digest(Ulid::generate().to_string()));
        windows.chain([0, 1, 2]).collect::<Vec<u8>>()
    };
    let original = noise();
    let mut copy = original.clone();
    copy[..2 * WINDOW_BYTES].rotate_left(WINDOW_BYTES);
    let written = |bytes: &[u8]| format!("1{}", URL_SAFE_NO_PAD.encode(bytes));
    [original, copy, noise()].map(|bytes| written(&bytes).parse().unwrap())
}

/// A refused photo is found by its copies, whichever of them was refused, until
/// it is forgotten.
pub async fn refused_photos<S>(store: &S)
where
    S: FileRefusedPhoto + ForgetRefusedPhoto + FindRefusedPhotos,
{
    let fingerprints = fingerprints();
    let [original, copy, stranger] = &fingerprints;
    assert!(original.resembles(copy) && !original.resembles(stranger));
    let refused = |fingerprint: &Fingerprint| RefusedPhoto {
        submission_id: submission_id(),
        photo_id: photo_id(),
        fingerprint: fingerprint.clone(),
    };
    let photos = [refused(original), refused(original), refused(copy)];
    // Another photo may have a key by chance.
    let find = async |fingerprint: &Fingerprint| {
        let found = store.find_refused_photos(fingerprint).await.unwrap();
        let mut found: Vec<RefusedPhoto> =
            found.into_iter().filter(|photo| photos.contains(photo)).collect();
        found.sort_by_key(|photo| photos.iter().position(|other| other == photo));
        found
    };
    store.forget_refused_photo(&photos[0]).await.unwrap();
    assert_eq!(find(original).await, []);
    for photo in &photos {
        for _ in 0..2 {
            store.file_refused_photo(photo, now()).await.unwrap();
        }
    }
    assert_eq!(find(original).await, photos);
    assert_eq!(find(copy).await, photos);
    assert_eq!(find(stranger).await, []);
    for left in [&photos[1..], &photos[1..], &photos[2..], &[]] {
        let gone = photos.len() - left.len();
        for photo in &photos[..gone] {
            store.forget_refused_photo(photo).await.unwrap();
        }
        assert_eq!(find(original).await, left);
        assert_eq!(find(copy).await, left);
    }
}

/// A photo as it is approved at this time.
#[must_use]
pub fn approved_photo(approved_at: Timestamp) -> PublishedPhoto {
    PublishedPhoto {
        photo_id: photo_id(),
        submission_id: submission_id(),
        full: variant(1),
        thumbnail: variant(2),
        thumbhash: "1QcSHQRnh493V4dIh4eXh1h4kJUI".into(),
        perceptual_hash: "0f0f".into(),
        approved_by: Approver::Moderator { moderator: member_id() },
        approved_at,
    }
}

/// Photos can be approved again, some of them or all.
pub async fn approve_photos<S: ApprovePhotos + ListPhotos>(store: &S) {
    let session = submission_id().session();
    let photos: Vec<_> = (0..3).map(|_| approved_photo(now())).collect();
    for approved in [&photos[..0], &photos[..2], &photos[1..], &photos[..]] {
        store.approve_photos(session, approved).await.unwrap();
    }
    let mut expected = photos;
    expected.sort_by_key(|photo| photo.photo_id);
    assert_eq!(store.list_photos(session).await.unwrap(), expected);
    assert_eq!(store.list_photos(submission_id().session()).await.unwrap(), []);
}

/// An approved photo is found by its id alone.
pub async fn photo_origins<S: ApprovePhotos + FindPhoto>(store: &S) {
    let session = submission_id().session();
    let (first, second) = (approved_photo(now()), approved_photo(now()));
    assert_eq!(store.find_photo(first.photo_id).await.unwrap(), None);
    for _ in 0..2 {
        store.approve_photos(session, &[first.clone(), second.clone()]).await.unwrap();
        for photo in [&first, &second] {
            let submission_id = photo.submission_id;
            let origin = PhotoOrigin { session_id: session, submission_id };
            assert_eq!(store.find_photo(photo.photo_id).await.unwrap(), Some(origin));
        }
    }
}

fn listed_session(id: SubmissionId, position: Position) -> Session {
    let listing = session_draft(position);
    Session {
        id: id.session(),
        slug: Slug::distinct(&listing, id.session()),
        status: Listed::Live,
        submitter: member_id(),
        listing,
        published_at: now(),
        last_verified_at: now(),
        found_gone: None,
        exceptions: Vec::new(),
        sequence: 0,
        changed_at: None,
        hosts: Vec::new(),
        revision: 0,
        merged_into: None,
    }
}

fn event_of(session: &Session, id: SubmissionId) -> Event {
    Event::news(id, now(), session.id, News::NewSession)
}

/// A session is listed with its slug, status and event, once.
pub async fn publish_session<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + LoadWork
        + EndWork
        + PublishSession
        + LoadSession
        + LoadEvent
        + ListCards
        + FindSlug
        + ListOpenWork,
{
    let position = somewhere();
    let id = accepted(store, session_submission()).await.id;
    let session = listed_session(id, position);
    let event = Event { at: long_ago(), ..event_of(&session, id) };
    assert_eq!(store.load_session(session.id).await.unwrap(), None);
    assert_eq!(store.load_event(id).await.unwrap(), None);
    assert_eq!(store.publish_session(&session, &event).await.unwrap(), Publication::Done);

    // The answer was lost; a repeat comes later and may ask for another slug.
    let late = now().checked_add(1.minute()).unwrap();
    let title = format!("Other {}", Ulid::generate());
    let other_slug = Slug::plain(&SessionDraft { title, ..session.listing.clone() });
    let repeat = Session { slug: other_slug.clone(), published_at: late, ..session.clone() };
    let repeated_event = Event { at: late, ..event.clone() };
    for repeat in [&session, &repeat] {
        let answer = store.publish_session(repeat, &repeated_event).await.unwrap();
        assert_eq!(answer, Publication::Done);
    }
    assert_eq!(store.load_session(session.id).await.unwrap().as_ref(), Some(&session));
    assert_eq!(store.load_event(id).await.unwrap().as_ref(), Some(&event));
    let status = store.load_submission(id).await.unwrap().unwrap().status;
    let slug = session.slug.clone();
    assert_eq!(status, Status::Published { session_id: session.id, slug });
    let workflow = Workflow::NotifyFollowers;
    let owed = Work { workflow, id, restarts: 0, state: WorkState::Open };
    assert_eq!(store.load_work(workflow, id).await.unwrap(), Some(owed.clone()));
    assert_eq!(listed(store, event.at, &[id]).await, std::slice::from_ref(&owed));
    let submitted = store.load_work(Workflow::SessionSubmission, id).await.unwrap().unwrap();
    assert_eq!(submitted.state, WorkState::Open);

    let card = Card::of(&session);
    let fine = List::Cell(position.cell());
    for list in card.lists().iter().chain([&fine]) {
        let found = store.list_cards(list).await.unwrap();
        assert_eq!(found.iter().filter(|found| **found == card).count(), 1, "{list:?}");
    }
    let around = Circle { centre: position, radius_km: 30.0 };
    for cell in around.cells().into_iter().filter(|cell| *cell != position.cell()) {
        let found = store.list_cards(&List::Cell(cell)).await.unwrap();
        assert!(found.iter().all(|found| found.id != session.id));
    }
    let found = store.list_cards(&List::county("IE", "Nowhere")).await.unwrap();
    assert!(found.iter().all(|found| found.id != session.id));
    assert_eq!(store.find_slug(session.slug.as_str()).await.unwrap(), Some(session.id));
    assert_eq!(store.find_slug(other_slug.as_str()).await.unwrap(), None);

    // The slug that the repeat asked for is still free.
    let id = accepted(store, session_submission()).await.id;
    let session = Session { slug: other_slug, ..listed_session(id, position) };
    let answer = store.publish_session(&session, &event_of(&session, id)).await.unwrap();
    assert_eq!(answer, Publication::Done);
    for id in [id, owed.id] {
        let done = Work { id, state: WorkState::Done, ..owed.clone() };
        store.end_work(&done).await.unwrap();
        assert_eq!(store.load_work(workflow, id).await.unwrap(), Some(done));
    }
}

/// A slug has one session; to ask for a taken one changes nothing.
pub async fn slug_taken<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission + PublishSession + LoadSession + LoadEvent + LoadWork,
{
    let holder_id = accepted(store, session_submission()).await.id;
    let holder = listed_session(holder_id, somewhere());
    let answer = store.publish_session(&holder, &event_of(&holder, holder_id)).await.unwrap();
    assert_eq!(answer, Publication::Done);

    let id = accepted(store, session_submission()).await.id;
    let session = Session { slug: holder.slug.clone(), ..listed_session(id, somewhere()) };
    for _ in 0..2 {
        let answer = store.publish_session(&session, &event_of(&session, id)).await.unwrap();
        assert_eq!(answer, Publication::SlugTaken);
        assert_eq!(store.load_session(session.id).await.unwrap(), None);
        assert_eq!(store.load_event(id).await.unwrap(), None);
        assert_eq!(store.load_work(Workflow::NotifyFollowers, id).await.unwrap(), None);
        let status = store.load_submission(id).await.unwrap().unwrap().status;
        assert_eq!(status, Status::Accepted);
    }
    assert_eq!(store.load_session(holder.id).await.unwrap().as_ref(), Some(&holder));

    let slug = Slug::distinct(&session.listing, session.id);
    let session = Session { slug, ..session };
    let answer = store.publish_session(&session, &event_of(&session, id)).await.unwrap();
    assert_eq!(answer, Publication::Done);
    assert_eq!(store.load_session(session.id).await.unwrap(), Some(session));
}

/// Sessions are imported once; slugs that others have are not taken from them,
/// and what has become of a session stands.
pub async fn import_sessions<S>(store: &S)
where
    S: AcceptSubmission
        + PublishSession
        + ImportSessions
        + LoadSession
        + LoadWork
        + LoadRating
        + ListCards
        + FindSlug,
{
    let id = accepted(store, session_submission()).await.id;
    let holder = listed_session(id, somewhere());
    store.publish_session(&holder, &event_of(&holder, id)).await.unwrap();

    // More than one call of any kind takes.
    let mut sessions: Vec<Session> =
        (0..limits::IMPORT_BATCH).map(|_| listed_session(submission_id(), somewhere())).collect();
    let refused = sessions.len() / 2;
    sessions[refused].slug = holder.slug.clone();
    for expected in [Import::Done, Import::Stands] {
        let answers = store.import_sessions(&sessions).await.unwrap();
        for (n, (session, answer)) in sessions.iter().zip(&answers).enumerate() {
            if n == refused {
                assert_eq!(*answer, Import::SlugTaken);
                assert_eq!(store.load_session(session.id).await.unwrap(), None);
            } else {
                assert_eq!(*answer, expected, "{n}");
            }
        }
        assert_eq!(answers.len(), sessions.len());
    }
    assert_eq!(store.find_slug(holder.slug.as_str()).await.unwrap(), Some(holder.id));
    assert_eq!(store.load_session(holder.id).await.unwrap(), Some(holder));

    let session = &sessions[0];
    assert_eq!(store.load_session(session.id).await.unwrap().as_ref(), Some(session));
    assert_eq!(store.find_slug(session.slug.as_str()).await.unwrap(), Some(session.id));
    assert_eq!(store.load_rating(session.id).await.unwrap(), Rating::default());
    let event = SubmissionId::new(session.id.ulid());
    assert_eq!(store.load_work(Workflow::NotifyFollowers, event).await.unwrap(), None);
    let card = Card::of(session);
    for list in card.lists().iter().chain([&List::Cell(card.position.cell())]) {
        let found = store.list_cards(list).await.unwrap();
        assert_eq!(found.iter().filter(|found| **found == card).count(), 1, "{list:?}");
    }

    // A later import with other words, and a title that was never taken.
    let title = format!("Other {}", Ulid::generate());
    let other_slug = Slug::plain(&SessionDraft { title, ..session.listing.clone() });
    let changed = Session { slug: other_slug.clone(), sequence: 7, ..session.clone() };
    assert_eq!(store.import_sessions(&[changed]).await.unwrap(), [Import::Stands]);
    assert_eq!(store.load_session(session.id).await.unwrap().as_ref(), Some(session));
    assert_eq!(store.find_slug(other_slug.as_str()).await.unwrap(), None);
    assert_eq!(store.import_sessions(&[]).await.unwrap(), []);
}

/// One review per member and session; the first stands.
pub async fn publish_review<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + PublishSession
        + PublishReview
        + LoadReview
        + LoadSession,
{
    let session_id = accepted(store, session_submission()).await.id;
    let session = listed_session(session_id, somewhere());
    store.publish_session(&session, &event_of(&session, session_id)).await.unwrap();
    let mut reviews = Vec::new();
    for _ in 0..3 {
        let body = Body::Review(review_draft(&session));
        let submission = accepted(store, submission_of(body, now())).await;
        reviews.push(Review {
            submission_id: submission.id,
            member_id: submission.member_id,
            draft: review_draft(&session),
            published_at: now(),
        });
    }
    let [first, second, mut other] = <[Review; 3]>::try_from(reviews).unwrap();
    let second = Review { member_id: first.member_id.clone(), ..second };
    let member = first.member_id.clone();
    let stored = async || store.load_review(session.id, &member).await.unwrap();
    assert_eq!(stored().await, None);

    for _ in 0..2 {
        let answer = store.publish_review(&first, &session).await.unwrap();
        assert_eq!(answer, ReviewPublication::Done);
        assert_eq!(stored().await.as_ref(), Some(&first));
    }
    let answer = store.publish_review(&second, &session).await.unwrap();
    assert_eq!(answer, ReviewPublication::AlreadyReviewed);
    assert_eq!(stored().await.as_ref(), Some(&first));
    other.draft.rating = 1;
    let answer = store.publish_review(&other, &session).await.unwrap();
    assert_eq!(answer, ReviewPublication::Done);
    let answer = store.load_review(session.id, &other.member_id).await.unwrap();
    assert_eq!(answer.as_ref(), Some(&other));

    let slug = session.slug.clone();
    let published = Status::Published { session_id: session.id, slug };
    for (review, status) in
        [(&first, &published), (&second, &Status::Accepted), (&other, &published)]
    {
        let submission = store.load_submission(review.submission_id).await.unwrap().unwrap();
        assert_eq!(submission.status, *status);
    }
    assert_eq!(store.load_session(session.id).await.unwrap(), Some(session));
}

/// Publishes a session and, each twice, reviews with these ratings.
pub async fn reviewed_session<S>(store: &S, ratings: &[u8]) -> SessionId
where
    S: AcceptSubmission + PublishSession + PublishReview + LoadRating + ListReviews,
{
    let id = accepted(store, session_submission()).await.id;
    let session = listed_session(id, somewhere());
    store.publish_session(&session, &event_of(&session, id)).await.unwrap();
    for rating in ratings {
        let draft = ReviewDraft { rating: *rating, ..review_draft(&session) };
        let submission = accepted(store, submission_of(Body::Review(draft.clone()), now())).await;
        let review = Review {
            submission_id: submission.id,
            member_id: submission.member_id,
            draft,
            published_at: now(),
        };
        for _ in 0..2 {
            let answer = store.publish_review(&review, &session).await.unwrap();
            assert_eq!(answer, ReviewPublication::Done);
        }
    }
    let count = u32::try_from(ratings.len()).unwrap();
    let sum = ratings.iter().map(|rating| u32::from(*rating)).sum();
    assert_eq!(store.load_rating(session.id).await.unwrap(), Rating { count, sum });
    // In pages of two, each member once, in order.
    let mut members: Vec<MemberId> = Vec::new();
    loop {
        let page = store.list_reviews(session.id, members.last(), 2).await.unwrap();
        assert!(page.len() <= 2);
        if page.is_empty() {
            break;
        }
        members.extend(page.into_iter().map(|review| review.member_id));
    }
    assert_eq!(members.len(), ratings.len());
    assert!(members.is_sorted_by(|a, b| a < b));
    session.id
}

/// A session's reviews are counted, summed and listed.
pub async fn ratings<S>(store: &S)
where
    S: AcceptSubmission + PublishSession + PublishReview + LoadRating + ListReviews,
{
    reviewed_session(store, &[]).await;
    reviewed_session(store, &[5, 3, 4, 1, 2]).await;
}

/// A session that is listed, and the submission that brought it.
async fn published<S: AcceptSubmission + PublishSession>(store: &S) -> (SubmissionId, Session) {
    let id = accepted(store, session_submission()).await.id;
    let session = listed_session(id, somewhere());
    let answer = store.publish_session(&session, &event_of(&session, id)).await.unwrap();
    assert_eq!(answer, Publication::Done);
    (id, session)
}

/// A review of a session, published.
async fn reviewed<S>(store: &S, session: &Session, rating: u8) -> Review
where
    S: AcceptSubmission + PublishReview,
{
    let draft = ReviewDraft { rating, ..review_draft(session) };
    let submission = accepted(store, submission_of(Body::Review(draft.clone()), now())).await;
    let (submission_id, member_id) = (submission.id, submission.member_id);
    let review = Review { submission_id, member_id, draft, published_at: now() };
    let answer = store.publish_review(&review, session).await.unwrap();
    assert_eq!(answer, ReviewPublication::Done);
    review
}

async fn status_of<S: LoadSubmission>(store: &S, id: SubmissionId) -> Status {
    store.load_submission(id).await.unwrap().unwrap().status
}

async fn is_in<S: ListCards>(store: &S, list: &List, id: SessionId) -> bool {
    store.list_cards(list).await.unwrap().iter().any(|card| card.id == id)
}

/// A session is written over what was read and nothing else, with its cards, the
/// statuses, the event and what was found; who lost reads again.
pub async fn write_session<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + RecordStatus
        + PublishSession
        + PublishReview
        + LoadRating
        + WriteSession
        + LoadConfirmation
        + ListConfirmations
        + LoadSession
        + LoadEvent
        + LoadWork
        + EndWork
        + ListCards,
{
    let (_, found) = published(store).await;
    reviewed(store, &found, 5).await;
    let submission = accepted(store, submission_of(Body::Export, now())).await;
    let (id, member_id) = (submission.id, submission.member_id);
    let confirmation =
        Confirmation { member_id, finding: Finding::On, date: "2026-11-19".into(), at: now() };
    let mut session = Session { revision: 1, sequence: 1, ..found.clone() };
    session.listing.venue.county = format!("County {}", Ulid::generate());
    session.listing.venue.position = somewhere();
    session.hosts = vec![Host { member_id: confirmation.member_id.clone(), shown_as: None }];
    let status = Status::Published { session_id: session.id, slug: session.slug.clone() };
    let write = SessionWrite {
        found: found.clone(),
        session: session.clone(),
        settles: vec![(id, status.clone())],
        event: Some(Event::news(id, now(), session.id, News::Rescheduled)),
        confirmation: Some(confirmation.clone()),
    };
    assert_eq!(store.load_confirmation(session.id, &confirmation.member_id).await.unwrap(), None);
    assert_eq!(store.write_session(&write).await.unwrap(), Written::Done);
    // The answer was lost: the repeat finds another revision, and the statuses.
    assert_eq!(store.write_session(&write).await.unwrap(), Written::Raced);
    assert_eq!(store.load_session(session.id).await.unwrap().as_ref(), Some(&session));
    assert_eq!(status_of(store, id).await, status);
    assert_eq!(store.load_event(id).await.unwrap(), write.event);
    let found_there = store.load_confirmation(session.id, &confirmation.member_id).await.unwrap();
    assert_eq!(found_there.as_ref(), Some(&confirmation));
    assert_eq!(store.list_confirmations(session.id).await.unwrap(), [confirmation]);
    let nowhere = SessionId::new(Ulid::generate());
    assert_eq!(store.list_confirmations(nowhere).await.unwrap(), []);
    let rating = store.load_rating(session.id).await.unwrap();
    assert_eq!(rating, Rating { count: 1, sum: 5 }, "a review is not forgotten");
    let work = store.load_work(Workflow::NotifyFollowers, id).await.unwrap().unwrap();
    assert_eq!(work.state, WorkState::Open);
    store.end_work(&Work { state: WorkState::Done, ..work }).await.unwrap();

    // Its cards have moved with it.
    let (old, new) = (Card::of(&found), Card::of(&session));
    for list in [old.lists().remove(0), old.lists().remove(1), List::Cell(old.position.cell())] {
        if !new.lists().contains(&list) && list != List::Cell(new.position.cell()) {
            assert!(!is_in(store, &list, session.id).await, "{list:?}");
        }
    }
    for list in new.lists().into_iter().chain([List::Cell(new.position.cell())]) {
        assert!(store.list_cards(&list).await.unwrap().contains(&new), "{list:?}");
    }

    // What was rejected meanwhile is published by no write.
    let other = accepted(store, submission_of(Body::Export, now())).await.id;
    store.record_status(other, &rejected()).await.unwrap();
    let next = Session { revision: 2, ..session.clone() };
    let write = SessionWrite {
        found: session.clone(),
        session: next,
        settles: vec![(other, status)],
        event: None,
        confirmation: None,
    };
    assert!(matches!(store.write_session(&write).await, Err(PortError::Broken { .. })));
    assert_eq!(store.load_session(session.id).await.unwrap(), Some(session));
}

/// A withdrawn session is in no list and keeps its record and its slug.
pub async fn withdrawn_session<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + PublishSession
        + WriteSession
        + LoadSession
        + FindSlug
        + ListCards,
{
    let (id, found) = published(store).await;
    let by = accepted(store, submission_of(Body::Export, now())).await.id;
    let into = submission_id().session();
    let withdrawn = Session {
        status: Listed::Withdrawn,
        merged_into: Some(into),
        revision: 1,
        ..found.clone()
    };
    let write = SessionWrite {
        found: found.clone(),
        session: withdrawn.clone(),
        settles: vec![(id, Status::Withdrawn { statement: None }), (by, Status::Done)],
        event: None,
        confirmation: None,
    };
    assert_eq!(store.write_session(&write).await.unwrap(), Written::Done);
    assert_eq!(store.write_session(&write).await.unwrap(), Written::Raced);
    let card = Card::of(&found);
    for list in card.lists().into_iter().chain([List::Cell(card.position.cell())]) {
        assert!(!is_in(store, &list, found.id).await, "{list:?}");
    }
    assert_eq!(store.load_session(found.id).await.unwrap(), Some(withdrawn));
    assert_eq!(store.find_slug(found.slug.as_str()).await.unwrap(), Some(found.id));
    assert_eq!(status_of(store, id).await, Status::Withdrawn { statement: None });
    assert_eq!(status_of(store, by).await, Status::Done);
}

/// A review leaves the count and the sum once; one that came after it stays.
pub async fn remove_review<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + PublishSession
        + PublishReview
        + LoadReview
        + LoadRating
        + RemoveReview,
{
    let (_, session) = published(store).await;
    let (review, other) = (reviewed(store, &session, 5).await, reviewed(store, &session, 2).await);
    let by = accepted(store, submission_of(Body::Export, now())).await.id;
    let withdrawn = Status::Withdrawn { statement: None };
    let settles = [(review.submission_id, withdrawn.clone()), (by, Status::Done)];
    let remove = async |review| store.remove_review(session.id, review, &settles).await.unwrap();
    assert_eq!(remove(Some(&review)).await, Written::Done);
    assert_eq!(remove(Some(&review)).await, Written::Raced);
    let rating = store.load_rating(session.id).await.unwrap();
    assert_eq!(rating, Rating { count: 1, sum: 2 });
    assert_eq!(store.load_review(session.id, &review.member_id).await.unwrap(), None);
    assert_eq!(status_of(store, review.submission_id).await, withdrawn);
    assert_eq!(status_of(store, by).await, Status::Done);
    let another = Review { submission_id: submission_id(), ..other.clone() };
    assert_eq!(remove(Some(&another)).await, Written::Raced);
    // None is there: the statuses alone.
    assert_eq!(remove(None).await, Written::Done);
    let stored = store.load_review(session.id, &other.member_id).await.unwrap();
    assert_eq!(stored, Some(other));
}

/// A review that replaces another one stands in its place, once.
pub async fn replace_review<S>(store: &S)
where
    S: AcceptSubmission + PublishSession + PublishReview + LoadReview + LoadRating,
{
    let (_, session) = published(store).await;
    let first = reviewed(store, &session, 5).await;
    let edit = async |replaces| {
        let draft = ReviewDraft { rating: 2, replaces, ..review_draft(&session) };
        let submission = submission_of(Body::Review(draft.clone()), now());
        let submission = Submission { member_id: first.member_id.clone(), ..submission };
        let submission_id = accepted(store, submission).await.id;
        let member_id = first.member_id.clone();
        Review { submission_id, member_id, draft, published_at: now() }
    };
    let wrong = edit(Some(submission_id())).await;
    let answer = store.publish_review(&wrong, &session).await.unwrap();
    assert_eq!(answer, ReviewPublication::AlreadyReviewed);
    let right = edit(Some(first.submission_id)).await;
    for _ in 0..2 {
        let answer = store.publish_review(&right, &session).await.unwrap();
        assert_eq!(answer, ReviewPublication::Done);
        let rating = store.load_rating(session.id).await.unwrap();
        assert_eq!(rating, Rating { count: 1, sum: 2 });
    }
    let stored = store.load_review(session.id, &first.member_id).await.unwrap();
    assert_eq!(stored.as_ref(), Some(&right));
    // It replaced the first; the next must name it.
    let late = edit(Some(first.submission_id)).await;
    let answer = store.publish_review(&late, &session).await.unwrap();
    assert_eq!(answer, ReviewPublication::AlreadyReviewed);
}

/// Approvals that are revoked are gone; others stay.
pub async fn revoke_photos<S>(store: &S)
where
    S: ApprovePhotos + RevokePhotos + ListPhotos + FindPhoto,
{
    let session = submission_id().session();
    let photos = [approved_photo(now()), approved_photo(now())];
    store.approve_photos(session, &photos).await.unwrap();
    for _ in 0..2 {
        store.revoke_photos(session, &[photos[0].photo_id]).await.unwrap();
        assert_eq!(store.list_photos(session).await.unwrap(), photos[1..]);
        assert_eq!(store.find_photo(photos[0].photo_id).await.unwrap(), None);
    }
    store.revoke_photos(session, &[]).await.unwrap();
}

/// What a key stands for is known before anything else is asked.
pub async fn recall_request<S: AcceptSubmission + RecallRequest>(store: &S) {
    let (submission, key) = (session_submission(), key());
    let member = &submission.member_id;
    assert_eq!(store.recall_request(member, &key).await.unwrap(), None);
    store.accept_submission(&submission, &key).await.unwrap();
    let recalled = store.recall_request(member, &key).await.unwrap();
    assert_eq!(recalled, Some(Acceptance::Replay(submission.id)));
    let other = IdempotencyKey { fingerprint: "b".repeat(64), ..key.clone() };
    let recalled = store.recall_request(member, &other).await.unwrap();
    assert_eq!(recalled, Some(Acceptance::Mismatch));
    assert_eq!(store.recall_request(&member_id(), &key).await.unwrap(), None);
}

/// An address that nobody else uses.
#[must_use]
pub fn fresh_email() -> Email {
    Email::try_from(format!("{}@seisiun.example", Ulid::generate())).unwrap()
}

/// A member is written once, and over that only if still there.
pub async fn members<S: PutMember + LoadMember + SaveMember>(store: &S) {
    let home = Circle { centre: somewhere(), radius_km: 12.5 };
    let member = Member {
        id: member_id(),
        email: fresh_email(),
        display_name: "Bríd".into(),
        home: Some(home),
        language: Language::Ga,
        mails: Mails { news: NewsMails::Off },
        public: false,
        blocked: BTreeSet::from([member_id()]),
        erasing: false,
    };
    assert_eq!(store.load_member(&member.id).await.unwrap(), None);
    assert!(!store.save_member(&member).await.unwrap(), "who is not there does not come back");
    assert_eq!(store.load_member(&member.id).await.unwrap(), None);
    store.put_member(&member).await.unwrap();
    store.put_member(&member).await.unwrap();
    let changed = Member { display_name: "Nobody".into(), public: true, ..member.clone() };
    store.put_member(&changed).await.unwrap();
    assert_eq!(store.load_member(&member.id).await.unwrap(), Some(member));
    assert!(store.save_member(&changed).await.unwrap());
    assert!(store.save_member(&changed).await.unwrap());
    assert_eq!(store.load_member(&changed.id).await.unwrap(), Some(changed));
}

fn member() -> Member {
    Member {
        id: member_id(),
        email: fresh_email(),
        display_name: "Bríd".into(),
        home: None,
        language: Language::En,
        mails: Mails::default(),
        public: false,
        blocked: BTreeSet::new(),
        erasing: false,
    }
}

/// Blocks are set one by one, whatever else is written of the member.
pub async fn blocks<S: PutMember + LoadMember + SaveMember + SetBlock>(store: &S) {
    let (member, other) = (member(), member_id());
    assert!(!store.set_block(&member.id, &other, true).await.unwrap(), "nobody blocks nobody");
    assert_eq!(store.load_member(&member.id).await.unwrap(), None);
    store.put_member(&member).await.unwrap();
    let blocked = async || store.load_member(&member.id).await.unwrap().unwrap().blocked;
    for _ in 0..2 {
        assert!(store.set_block(&member.id, &other, true).await.unwrap());
        assert_eq!(blocked().await, BTreeSet::from([other.clone()]));
    }
    let profile = Member { display_name: "Bríd Óg".into(), ..member.clone() };
    assert!(store.save_member(&profile).await.unwrap());
    assert_eq!(blocked().await.len(), 1, "a profile that was read before unblocks nobody");
    for _ in 0..2 {
        assert!(store.set_block(&member.id, &other, false).await.unwrap());
        assert!(blocked().await.is_empty());
    }
    for _ in 0..limits::BLOCKED_MAX {
        assert!(store.set_block(&member.id, &member_id(), true).await.unwrap());
    }
    assert!(!store.set_block(&member.id, &member_id(), true).await.unwrap());
    let known = blocked().await.first().unwrap().clone();
    assert!(store.set_block(&member.id, &known, true).await.unwrap());
}

/// Of an erased member nothing is left but the facts of what they listed, and
/// for a day that they were there.
pub async fn erasure<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + ListSubmissions
        + PublishSession
        + LoadWork
        + PutMember
        + LoadMember
        + SaveMember
        + BeginErasure
        + EraseSubmission
        + RemoveMember
        + WasErased
        + RecallRequest
        + OpenCase
        + LoadCase
        + PutPhotoRecord
        + LoadPhotoRecords,
{
    let member = member();
    store.put_member(&member).await.unwrap();
    for _ in 0..2 {
        store.begin_erasure(&member.id).await.unwrap();
    }
    let stored = store.load_member(&member.id).await.unwrap().unwrap();
    assert_eq!(stored, Member { erasing: true, ..member.clone() });
    assert!(store.save_member(&member).await.unwrap());
    let stored = store.load_member(&member.id).await.unwrap().unwrap();
    assert!(stored.erasing, "a profile that was read before takes nothing back");

    let own = |submission| Submission { member_id: member.id.clone(), ..submission };
    let key = key();
    let listed = own(session_submission());
    store.accept_submission(&listed, &key).await.unwrap();
    let session =
        Session { submitter: member.id.clone(), ..listed_session(listed.id, somewhere()) };
    store.publish_session(&session, &event_of(&session, listed.id)).await.unwrap();
    let other = accepted(store, own(session_submission())).await;
    let case = Case { id: other.id.case(), submitter: member.id.clone(), ..case_at(now()) };
    store.open_case(&case).await.unwrap();
    let photo = approved_photo(now());
    let preparation = Preparation::Refused { code: "x".into(), message: "y".into() };
    let record =
        PhotoRecord { photo_id: photo.photo_id, preparation, scan: None, resembles_refused: false };
    store.put_photo_record(other.id, &record).await.unwrap();

    for id in [listed.id, other.id] {
        for _ in 0..2 {
            store.erase_submission(&member.id, id).await.unwrap();
        }
    }
    assert_eq!(store.list_submissions(&member.id, None, 10).await.unwrap(), []);
    let stays = store.load_submission(listed.id).await.unwrap().unwrap();
    assert_eq!(stays.member_id, MemberId::erased());
    assert_eq!(stays.body, listed.body);
    assert_eq!(store.load_submission(other.id).await.unwrap(), None);
    let work = store.load_work(Workflow::SessionSubmission, other.id).await.unwrap();
    assert_eq!(work, None);
    assert_eq!(store.load_photo_records(other.id).await.unwrap(), []);
    let case = store.load_case(case.id).await.unwrap().unwrap();
    assert_eq!(case.submitter, MemberId::erased());

    assert!(!store.was_erased(&member.id).await.unwrap());
    for _ in 0..2 {
        store.remove_member(&member.id, now()).await.unwrap();
        assert_eq!(store.load_member(&member.id).await.unwrap(), None);
        assert!(store.was_erased(&member.id).await.unwrap());
    }
    assert!(!store.save_member(&member).await.unwrap(), "who was erased does not come back");
    assert_eq!(store.recall_request(&member.id, &key).await.unwrap(), None);
}

fn case_at(opened_at: Timestamp) -> Case {
    let facts = Facts {
        kind: CaseKind::Submission,
        submitter: member_id(),
        about: Some(member_id()),
        title: "Tigh Choilí".into(),
        grounds: vec!["link_in_text".into(), "Explicit 96.1 %".into()],
    };
    Case::open(submission_id().case(), opened_at, facts)
}

/// A case after this, done a second after it was opened, and the event.
fn after(case: &Case, by: &MemberId, what: What) -> (Case, case::Event) {
    let at = case.opened_at.checked_add(1.second()).unwrap();
    let event = case.next(at, Some(by.clone()), what);
    (case.apply(&event).unwrap(), event)
}

fn decided(case: &Case, measure: Measure) -> (Case, case::Event) {
    let reason = if measure == Measure::Approve { Reason::InOrder } else { Reason::Spam };
    let note = "Thanks,\nbut no.".into();
    after(case, &member_id(), What::Decided { measure, reason, note })
}

fn fresh_token() -> TaskToken {
    TaskToken(format!("AQB8/{}==", Ulid::generate()))
}

/// Cases queue, those that wait longest first, until they are decided.
pub async fn cases<S>(store: &S)
where
    S: OpenCase + LoadCase + ListCases + CountCases + AppendCaseEvent,
{
    let start = long_ago();
    let at = |ms: i64| start.checked_add(ms.milliseconds()).unwrap();
    let (second, first) = (case_at(at(500)), case_at(at(0)));
    let queued = async || {
        let cases = store.list_cases(None, 1_000).await.unwrap();
        cases.into_iter().filter(|c| [first.id, second.id].contains(&c.id)).collect::<Vec<_>>()
    };
    assert_eq!(store.load_case(first.id).await.unwrap(), None);
    let (decided_first, decision) = decided(&first, Measure::Reject);
    let unknown = store.append_case_event(&decided_first, &decision).await.unwrap();
    assert_eq!(unknown, Appended::Moved, "there is no such case");
    assert_eq!(store.load_case(first.id).await.unwrap(), None);

    for case in [&second, &first, &first] {
        assert_eq!(store.open_case(case).await.unwrap(), None);
    }
    let reopened = Case { opened_at: now(), grounds: vec![], ..first.clone() };
    assert_eq!(store.open_case(&reopened).await.unwrap(), None);
    assert_eq!(store.load_case(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(queued().await, [first.clone(), second.clone()]);
    assert_eq!(store.list_cases(None, 1).await.unwrap().len(), 1);
    // From one place to the next: other tests' cases may stand between.
    let place = |case: &Case| QueuePlace { since: case.opened_at, id: case.id };
    let behind = store.list_cases(Some(&place(&first)), 1_000).await.unwrap();
    assert!(behind.iter().all(|case| case.id != first.id), "the place itself is left out");
    assert!(behind.contains(&second));
    let next = store.list_cases(Some(&place(&first)), 1).await.unwrap();
    assert_eq!(next.len(), 1);
    let behind = store.list_cases(Some(&place(&second)), 1_000).await.unwrap();
    assert!(behind.iter().all(|case| ![first.id, second.id].contains(&case.id)));
    // Other tests have cases of their own.
    let waiting = store.count_cases().await.unwrap();
    assert!(waiting.cases >= 2 && waiting.since.unwrap() <= first.opened_at, "{waiting:?}");

    let until = at(600_000);
    let (claimed, claim) = after(&first, &member_id(), What::Claimed { until });
    assert_eq!(store.append_case_event(&claimed, &claim).await.unwrap(), Appended::Done);
    assert_eq!(queued().await, [claimed.clone(), second.clone()], "what is claimed waits");
    let release = claimed.next(at(2_000), claim.by.clone(), What::Released);
    let released = claimed.apply(&release).unwrap();
    assert_eq!(store.append_case_event(&released, &release).await.unwrap(), Appended::Done);

    let (stands, decision) = decided(&released, Measure::Reject);
    for _ in 0..2 {
        assert_eq!(store.append_case_event(&stands, &decision).await.unwrap(), Appended::Done);
        assert_eq!(store.load_case(first.id).await.unwrap().as_ref(), Some(&stands));
        assert_eq!(queued().await, std::slice::from_ref(&second));
    }
    // An appeal waits, from when it came.
    let appeal = What::Appealed { words: "No.".into() };
    let appeal = stands.next(at(9_000), Some(first.submitter.clone()), appeal);
    let appealed = stands.apply(&appeal).unwrap();
    assert_eq!(store.append_case_event(&appealed, &appeal).await.unwrap(), Appended::Done);
    assert_eq!(queued().await, [second.clone(), appealed.clone()]);
    assert_eq!(store.open_case(&first).await.unwrap(), stands.decision, "it is in force meanwhile");
}

/// What happens to a case is kept in its order; of two who saw the same, one is
/// first.
pub async fn case_events<S>(store: &S)
where
    S: OpenCase + OpenDecidedCase + LoadCase + AppendCaseEvent + ListCaseEvents,
{
    let case = case_at(long_ago());
    assert_eq!(store.list_case_events(case.id).await.unwrap(), []);
    store.open_case(&case).await.unwrap();
    let (one, other) = (decided(&case, Measure::Approve), decided(&case, Measure::Reject));
    assert_eq!(store.append_case_event(&one.0, &one.1).await.unwrap(), Appended::Done);
    assert_eq!(store.append_case_event(&other.0, &other.1).await.unwrap(), Appended::Moved);
    assert_eq!(store.load_case(case.id).await.unwrap().as_ref(), Some(&one.0));
    store.open_case(&case).await.unwrap();
    let events = store.list_case_events(case.id).await.unwrap();
    assert_eq!(events, [case.opening(), one.1]);
    assert_eq!(one.0.opened().replay(&events[1..]).as_ref(), Ok(&one.0));

    // One that a machine has decided is there with its decision, or not at all.
    let case = case_at(long_ago());
    let (closed, event) = decided(&case, Measure::Reject);
    for _ in 0..2 {
        store.open_decided_case(&closed, &event).await.unwrap();
    }
    assert_eq!(store.load_case(case.id).await.unwrap().as_ref(), Some(&closed));
    let events = store.list_case_events(case.id).await.unwrap();
    assert_eq!(events, [case.opening(), event]);
    let (again, event) = decided(&case, Measure::Approve);
    store.open_decided_case(&again, &event).await.unwrap();
    assert_eq!(store.load_case(case.id).await.unwrap(), Some(closed));

    // More of them than ten, which sort as numbers.
    let case = case_at(long_ago());
    store.open_case(&case).await.unwrap();
    let (by, mut last) = (member_id(), case.clone());
    for _ in 0..11 {
        let (next, event) = after(&last, &by, What::Claimed { until: now() });
        assert_eq!(store.append_case_event(&next, &event).await.unwrap(), Appended::Done);
        last = next;
    }
    let versions = store.list_case_events(case.id).await.unwrap();
    assert!(versions.iter().map(|event| event.version).eq(1..=12));
}

/// A decision is on the list until it was seen to be carried out; that on an appeal
/// opens the work once more, and what it overturns is to be published again.
pub async fn rulings<S>(store: &S)
where
    S: AcceptSubmission
        + LoadSubmission
        + RecordStatus
        + LoadWork
        + EndWork
        + OpenCase
        + AppendCaseEvent
        + ListRulings
        + SettleRuling
        + ReopenWork,
{
    let at = long_ago();
    let listed = async |id| {
        let listed = store.list_rulings(at.checked_add(1.hour()).unwrap(), 1_000).await.unwrap();
        listed.contains(&id)
    };
    for measure in [Measure::Approve, Measure::Reject] {
        let body = Body::Session(session_draft(somewhere()));
        let submission = accepted(store, submission_of(body, at)).await;
        let (id, submitter) = (submission.id, submission.member_id.clone());
        let case = Case { id: id.case(), submitter: submitter.clone(), ..case_at(at) };
        store.open_case(&case).await.unwrap();
        assert!(!listed(case.id).await);
        let (rejected, decision) = decided(&case, Measure::Reject);
        store.append_case_event(&rejected, &decision).await.unwrap();
        assert!(listed(case.id).await);
        let earlier = store.list_rulings(at, 1_000).await.unwrap();
        assert!(!earlier.contains(&case.id), "it came later");
        store.settle_ruling(&case).await.unwrap();
        assert!(listed(case.id).await, "something has happened since");
        for _ in 0..2 {
            store.settle_ruling(&rejected).await.unwrap();
            assert!(!listed(case.id).await);
        }
        let statement = Statement::not_published(Reason::Spam, "Ads.".into(), false, false);
        store.record_status(id, &Status::Rejected { statement }).await.unwrap();
        let appeal = What::Appealed { words: "No.".into() };
        let (appealed, appeal) = after(&rejected, &submitter, appeal);
        store.append_case_event(&appealed, &appeal).await.unwrap();
        assert!(!listed(case.id).await);
        let (ruled, ruling) = decided(&appealed, measure);
        store.append_case_event(&ruled, &ruling).await.unwrap();
        assert!(listed(case.id).await);

        let workflow = Workflow::SessionSubmission;
        let work = store.load_work(workflow, id).await.unwrap().unwrap();
        assert!(!store.reopen_work(&work, &ruled).await.unwrap(), "it is open");
        store.end_work(&Work { state: WorkState::Done, ..work }).await.unwrap();
        let done = store.load_work(workflow, id).await.unwrap().unwrap();
        assert!(!store.reopen_work(&done, &appealed).await.unwrap(), "something has happened");
        assert!(listed(case.id).await);
        assert!(store.reopen_work(&done, &ruled).await.unwrap());
        assert!(!store.reopen_work(&done, &ruled).await.unwrap(), "once");
        assert!(!listed(case.id).await);
        let again = store.load_work(workflow, id).await.unwrap().unwrap();
        assert_eq!(again, Work { restarts: 1, state: WorkState::Open, ..done });
        let stands = store.load_submission(id).await.unwrap().unwrap().status;
        let waits = measure == Measure::Approve;
        assert_eq!(stands.name(), if waits { "in_review" } else { "rejected" });
        store.end_work(&Work { state: WorkState::Done, ..again }).await.unwrap();
    }
}

/// The state machine waits on a case that is open and undecided, and on no
/// other; the token is that of who waits last.
/// `await_decision` does what the state machine does: it answers whether it waits.
pub async fn waiting_for_a_decision<S>(
    store: &S,
    await_decision: impl AsyncFn(CaseId, TaskToken) -> bool,
) where
    S: OpenCase + LoadCase + LoadCaseToken + AppendCaseEvent,
{
    let (old, new) = (fresh_token(), fresh_token());
    let case = case_at(long_ago());
    assert!(!await_decision(case.id, fresh_token()).await, "there is no case");
    assert_eq!(store.load_case(case.id).await.unwrap(), None);
    assert_eq!(store.load_case_token(case.id).await.unwrap(), None);
    assert_eq!(store.open_case(&case).await.unwrap(), None);
    for token in [&old, &old, &new] {
        assert!(await_decision(case.id, token.clone()).await);
        assert_eq!(store.load_case_token(case.id).await.unwrap().as_ref(), Some(token));
        // Opened once more by a repeat: whoever waits goes on waiting.
        assert_eq!(store.open_case(&case).await.unwrap(), None);
    }
    assert_eq!(store.load_case(case.id).await.unwrap().as_ref(), Some(&case));
    // Looked at meanwhile, the token stays.
    let (case, claim) = after(&case, &member_id(), What::Claimed { until: case.opened_at });
    assert_eq!(store.append_case_event(&case, &claim).await.unwrap(), Appended::Done);
    let (stands, decision) = decided(&case, Measure::Approve);
    assert_eq!(store.append_case_event(&stands, &decision).await.unwrap(), Appended::Done);
    assert_eq!(store.load_case_token(case.id).await.unwrap(), Some(new));
    assert!(!await_decision(case.id, fresh_token()).await, "it is decided");
    assert_eq!(store.open_case(&case).await.unwrap(), stands.decision);

    let hasty = case_at(long_ago());
    assert_eq!(store.open_case(&hasty).await.unwrap(), None);
    let (stands, decision) = decided(&hasty, Measure::Approve);
    assert_eq!(store.append_case_event(&stands, &decision).await.unwrap(), Appended::Done);
    assert_eq!(store.load_case_token(hasty.id).await.unwrap(), None);
    assert!(!await_decision(hasty.id, fresh_token()).await, "decided before anybody waited");
}

fn county() -> Target {
    Target::county("IE", &format!("county {}", Ulid::generate()))
}

fn follow(target: &Target, follower: &str, token: &str) -> Follow {
    let centre = Position { lat: 53.27, lon: -9.05 };
    Follow {
        target: target.clone(),
        follower: FollowerId(follower.into()),
        email: fresh_email(),
        circle: Some(Circle { centre, radius_km: 12.5 }),
        unsubscribe_token: token.into(),
        language: Language::Ga,
        cadence: Cadence::Weekly,
    }
}

/// Followers of one shard of a new target, in order.
async fn followers<S: PutFollow>(store: &S, target: &Target, count: usize) -> Vec<Follow> {
    let mut follows: Vec<_> = (0..)
        .map(|n| follow(target, &format!("{n:04}"), &Ulid::generate().to_string()))
        .filter(|follow| target.shard_of(&follow.follower) == 0)
        .take(count)
        .collect();
    for follow in follows.iter().rev() {
        store.put_follow(follow).await.unwrap();
    }
    // Neighbours that a careless range would catch.
    let other = (0..).map(|n| follow(target, &format!("{n:04}x"), "other"));
    let other = other.into_iter().find(|f| target.shard_of(&f.follower) == 1).unwrap();
    store.put_follow(&other).await.unwrap();
    follows.sort_by(|a, b| a.follower.cmp(&b.follower));
    follows
}

/// Ids of followers come in order, after an id, up to a limit.
pub async fn follower_ids<S: PutFollow + ListFollowerIds>(store: &S) {
    let target = county();
    let none = store.list_follower_ids(&target, 0, None, 10).await.unwrap();
    assert!(none.is_empty());
    let follows = followers(store, &target, 7).await;
    let ids: Vec<_> = follows.iter().map(|follow| follow.follower.clone()).collect();
    for (after, limit, expected) in [
        (None, 10, &ids[..]),
        (None, 7, &ids[..]),
        (None, 3, &ids[..3]),
        (Some(&ids[2]), 3, &ids[3..6]),
        (Some(&ids[5]), 3, &ids[6..]),
        (Some(&ids[6]), 3, &[]),
        (Some(&FollowerId("!".into())), 1, &ids[..1]),
        (None, 0, &[]),
    ] {
        let listed = store.list_follower_ids(&target, 0, after, limit).await.unwrap();
        assert_eq!(listed, expected, "{limit} after {after:?}");
    }
}

/// A range means the same followers however often it is read.
pub async fn follow_ranges<S: PutFollow + ListFollows>(store: &S) {
    let target = county();
    let follows = followers(store, &target, 5).await;
    let id = |n: usize| Some(follows[n].follower.clone());
    for (after, through, expected) in [
        (None, None, &follows[..]),
        (None, id(2), &follows[..3]),
        (id(2), None, &follows[3..]),
        (id(0), id(3), &follows[1..4]),
        (id(3), id(4), &follows[4..]),
        (id(3), id(3), &[]),
        (id(3), id(1), &[]),
        (id(4), None, &[]),
        (None, Some(FollowerId("!".into())), &[]),
    ] {
        let range = FollowerRange { target: target.clone(), shard: 0, after, through };
        assert_eq!(store.list_follows(&range).await.unwrap(), expected, "{range:?}");
    }
    // A follow that is put again is the newer one.
    let renewed = Follow { circle: None, email: fresh_email(), ..follows[1].clone() };
    store.put_follow(&renewed).await.unwrap();
    let range = FollowerRange { target: target.clone(), shard: 0, after: id(0), through: id(1) };
    assert_eq!(store.list_follows(&range).await.unwrap(), [renewed]);
}

/// A link ends what it was made for, and nothing else.
pub async fn unfollow<S: PutFollow + ListFollows + Unfollow + FindLink>(store: &S) {
    let (here, there) = (county(), county());
    let (token, other_token) = (Ulid::generate().to_string(), Ulid::generate().to_string());
    let ended = [follow(&here, "ann", &token), follow(&there, "ann", &token)];
    let stays = follow(&here, "bo", &other_token);
    for follow in ended.iter().chain([&stays]) {
        store.put_follow(follow).await.unwrap();
    }
    let left = async |follow: &Follow| {
        let shard = follow.target.shard_of(&follow.follower);
        let target = follow.target.clone();
        let range = FollowerRange { target, shard, after: None, through: None };
        store.list_follows(&range).await.unwrap().contains(follow)
    };
    let nobodys = Ulid::generate().to_string();
    assert!(!store.unfollow(&nobodys).await.unwrap());
    assert_eq!(store.find_link(&nobodys).await.unwrap(), None);
    assert_eq!(store.find_link("").await.unwrap(), None);
    let owner = store.find_link(&token).await.unwrap().unwrap();
    assert_eq!((owner.follower, owner.language), (ended[0].follower.clone(), Language::Ga));
    assert!(ended.iter().any(|follow| follow.id() == owner.follow));
    assert!(left(&ended[0]).await && left(&ended[1]).await);
    assert!(store.unfollow(&token).await.unwrap());
    assert_eq!(store.find_link(&token).await.unwrap(), None);
    assert!(!left(&ended[0]).await && !left(&ended[1]).await && left(&stays).await);
    assert!(!store.unfollow(&token).await.unwrap());

    // A follow that was renewed has another link.
    let renewed = Follow { unsubscribe_token: Ulid::generate().to_string(), ..stays };
    store.put_follow(&renewed).await.unwrap();
    assert!(!store.unfollow(&other_token).await.unwrap());
    assert!(left(&renewed).await);
    assert!(store.unfollow(&renewed.unsubscribe_token).await.unwrap());
    assert!(!left(&renewed).await);
}

/// What a member follows stands once, under the token it began with, until it
/// is removed by its member or by the link.
pub async fn followings<S>(store: &S)
where
    S: PutFollowing
        + LoadFollowing
        + ReplaceFollowing
        + ListFollowings
        + RemoveFollowing
        + PutFollow
        + Unfollow,
{
    let (member, other) = (member_id(), member_id());
    let circle = Circle { centre: somewhere(), radius_km: 12.5 };
    let new = |followed: Followed| Following {
        id: followed.id(),
        followed,
        unsubscribe_token: Ulid::generate().to_string(),
        since: now(),
        cadence: Cadence::Instant,
    };
    let (county, circle) = (new(Followed::Target(county())), new(Followed::Circle(circle)));
    let put = async |following| store.put_following(&member, following).await.unwrap();
    let load = async |of: &Following| store.load_following(&member, &of.id).await.unwrap();
    let list = async || store.list_followings(&member).await.unwrap();
    assert_eq!((load(&county).await, list().await), (None, vec![]));
    // The first stands, however often it is asked for.
    let later = Following { unsubscribe_token: "later".into(), ..county.clone() };
    for asked in [&county, &county, &later] {
        assert_eq!(put(asked).await, county);
    }
    assert_eq!(put(&circle).await, circle);
    assert_eq!(load(&county).await.as_ref(), Some(&county));
    let mut both = vec![county.clone(), circle.clone()];
    both.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(list().await, both);
    assert_eq!(store.list_followings(&other).await.unwrap(), []);
    assert_eq!(store.load_following(&other, &county.id).await.unwrap(), None);

    // It changes its manner, unless it is another's or has begun anew.
    let weekly = Following { cadence: Cadence::Weekly, ..county.clone() };
    let replace = async |whose, following| store.replace_following(whose, following).await.unwrap();
    assert!(!replace(&other, &weekly).await);
    assert!(!replace(&member, &later).await);
    assert_eq!(load(&county).await.as_ref(), Some(&county));
    for _ in 0..2 {
        assert!(replace(&member, &weekly).await);
        assert_eq!(load(&county).await.as_ref(), Some(&weekly));
    }
    assert!(replace(&member, &county).await);

    // Another's, or one that has begun anew, is not removed.
    store.remove_following(&other, &county).await.unwrap();
    store.remove_following(&member, &later).await.unwrap();
    assert_eq!(list().await.len(), 2);
    for _ in 0..2 {
        store.remove_following(&member, &county).await.unwrap();
        assert_eq!(list().await, std::slice::from_ref(&circle));
    }
    assert_eq!(put(&later).await, later, "it is gone, so it begins anew");

    // The mail's link removes it too.
    for target in circle.followed.targets() {
        let follow = Follow {
            target,
            follower: FollowerId(member.to_string()),
            email: fresh_email(),
            circle: circle.followed.circle(),
            unsubscribe_token: circle.unsubscribe_token.clone(),
            language: Language::Ga,
            cadence: Cadence::Weekly,
        };
        store.put_follow(&follow).await.unwrap();
    }
    assert!(store.unfollow(&circle.unsubscribe_token).await.unwrap());
    assert_eq!(list().await, [later]);
    assert!(!store.unfollow(&circle.unsubscribe_token).await.unwrap());
}

/// A follow leaves one of its targets and keeps its link to the others.
pub async fn one_target_left<S: PutFollow + RemoveFollow + ListFollows + FindLink>(store: &S) {
    let token = Ulid::generate().to_string();
    let follower = member_id().to_string();
    let of = |zone: &str| Follow {
        circle: None,
        ..follow(&format!("digest:{zone}").parse().unwrap(), &follower, &token)
    };
    let (old, new) = (of("Europe/Dublin"), of("America/New_York"));
    let stands = async |follow: &Follow| {
        let (target, place) = (follow.target.clone(), follow.place());
        let shard = target.shard_of(&follow.follower);
        let range = FollowerRange { target, shard, after: None, through: Some(place) };
        store.list_follows(&range).await.unwrap().contains(follow)
    };
    for follow in [&old, &new] {
        store.put_follow(follow).await.unwrap();
    }
    // One that began anew has another token.
    let before = Follow { unsubscribe_token: "before".into(), ..old.clone() };
    store.remove_follow(&before).await.unwrap();
    assert!(stands(&old).await);
    for _ in 0..2 {
        store.remove_follow(&old).await.unwrap();
        assert!(!stands(&old).await && stands(&new).await);
        let owner = store.find_link(&token).await.unwrap().unwrap();
        assert_eq!((owner.follower, owner.follow), (new.follower.clone(), new.id()));
    }
    store.remove_follow(&new).await.unwrap();
    assert_eq!(store.find_link(&token).await.unwrap(), None);
}

/// The zones of digests are kept once each, and a digest is opened once.
pub async fn digests<S: NoteZone + ListZones + OpenEvent + LoadEvent + LoadWork>(store: &S) {
    let zones = ["Pacific/Chatham", "Europe/Dublin", "Pacific/Chatham"];
    let zones = zones.map(|zone| zone.parse::<Zone>().unwrap());
    for zone in &zones {
        store.note_zone(zone).await.unwrap();
    }
    let noted = store.list_zones().await.unwrap();
    for zone in &zones {
        assert_eq!(noted.iter().filter(|noted| *noted == zone).count(), 1, "{zone}");
    }
    // A week of its own, as the table of other suites may be this one.
    let weeks = i64::try_from(Ulid::generate().random() % 10_000).unwrap();
    let now = now() + SignedDuration::from_hours(24 * 7 * weeks);
    let event = Event::digest(Digest::latest(&zones[0], now).unwrap()).unwrap();
    assert_eq!(store.load_event(event.id).await.unwrap(), None);
    assert!(store.open_event(&event).await.unwrap());
    assert!(!store.open_event(&event).await.unwrap());
    assert_eq!(store.load_event(event.id).await.unwrap().as_ref(), Some(&event));
    let work = store.load_work(Workflow::NotifyFollowers, event.id).await.unwrap().unwrap();
    assert_eq!((work.id, work.state), (event.id, WorkState::Open));
}

/// Two circles of one follower that share a cell are two follows there.
pub async fn circles_in_one_cell<S: PutFollow + ListFollows + ListFollowerIds + Unfollow>(
    store: &S,
) {
    let centre = somewhere();
    let follower = FollowerId(member_id().to_string());
    let circle = |radius_km, token: &str| Follow {
        target: Target::Cell(centre.cell()),
        follower: follower.clone(),
        email: fresh_email(),
        circle: Some(Circle { centre, radius_km }),
        unsubscribe_token: format!("{token}-{follower}", follower = follower.0),
        language: Language::En,
        cadence: Cadence::Instant,
    };
    let (small, large) = (circle(1.0, "small"), circle(20.0, "large"));
    for follow in [&small, &large, &small] {
        store.put_follow(follow).await.unwrap();
    }
    let (target, shard) = (small.target.clone(), small.target.shard_of(&follower));
    let mut places = [small.place(), large.place()];
    places.sort();
    let listed = store.list_follower_ids(&target, shard, None, 1_000).await.unwrap();
    assert_eq!(listed.iter().filter(|place| places.contains(place)).count(), 2);
    let of_both = async |after: Option<&FollowerId>, through: &FollowerId| {
        let (after, through) = (after.cloned(), Some(through.clone()));
        let range = FollowerRange { target: target.clone(), shard, after, through };
        let follows = store.list_follows(&range).await.unwrap();
        follows
            .into_iter()
            .filter(|f| f.follower == follower)
            .map(|f| f.place())
            .collect::<Vec<_>>()
    };
    assert_eq!(of_both(None, &places[1]).await, places);
    assert_eq!(of_both(None, &places[0]).await, places[..1]);
    assert_eq!(of_both(Some(&places[0]), &places[1]).await, places[1..]);
    // Each ends by its own link.
    assert!(store.unfollow(&large.unsubscribe_token).await.unwrap());
    assert_eq!(of_both(None, &places[1]).await, [small.place()]);
    assert!(store.unfollow(&small.unsubscribe_token).await.unwrap());
    assert_eq!(of_both(None, &places[1]).await, []);
}

/// `suppressed` has been suppressed in this store by whatever means it has.
pub async fn suppressions<S: IsSuppressed>(store: &S, suppressed: &Email) {
    assert!(store.is_suppressed(suppressed).await.unwrap());
    let shouted = Email::try_from(suppressed.expose().to_uppercase()).unwrap();
    assert!(store.is_suppressed(&shouted).await.unwrap());
    assert!(!store.is_suppressed(&fresh_email()).await.unwrap());
}

fn mail_key(recipient: &str) -> MailKey {
    MailKey { about: format!("event:{}", submission_id()), recipient: recipient.into() }
}

/// A mail is claimed once; what was sent is never given back.
pub async fn mail_ledger<S: ClaimMail + MarkMail + ReleaseMail>(store: &S) {
    let mail = mail_key("ann");
    let claim = async |mail: &MailKey| store.claim_mail(mail, "one", now()).await.unwrap();
    assert_eq!(claim(&mail).await, Claim::Claimed);
    assert!(matches!(claim(&mail).await, Claim::Open(_)));
    // Certainly not sent: it is free again. Twice, since the answer may be lost.
    store.release_mail(&mail).await.unwrap();
    store.release_mail(&mail).await.unwrap();
    assert_eq!(claim(&mail).await, Claim::Claimed);
    for _ in 0..2 {
        store.mark_mail(&mail, Mark::Sent("0100-message")).await.unwrap();
        assert_eq!(claim(&mail).await, Claim::Sent { ours: true });
    }
    // Neither released nor said otherwise of.
    store.release_mail(&mail).await.unwrap();
    for late in [Mark::Refused, Mark::Unknown] {
        store.mark_mail(&mail, late).await.unwrap();
        assert_eq!(claim(&mail).await, Claim::Sent { ours: true });
    }
    let other = store.claim_mail(&mail, "other", now()).await.unwrap();
    assert_eq!(other, Claim::Sent { ours: false });
    // Another recipient, another subject: other mails.
    assert_eq!(claim(&MailKey { recipient: "bo".into(), ..mail }).await, Claim::Claimed);
    let refused = mail_key("ann");
    assert_eq!(claim(&refused).await, Claim::Claimed);
    store.mark_mail(&refused, Mark::Refused).await.unwrap();
    store.release_mail(&refused).await.unwrap();
    assert_eq!(claim(&refused).await, Claim::Refused);
}

/// Of those who claim a mail at once, one gets it.
pub async fn mail_claimed_at_once<S: ClaimMail>(store: &S) {
    let mail = mail_key("ann");
    let claims = join_all((0..8).map(|_| store.claim_mail(&mail, "", now()))).await;
    let (mut claimed, mut open) = (0, 0);
    for claim in claims {
        match claim.unwrap() {
            Claim::Claimed => claimed += 1,
            Claim::Open(_) => open += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((claimed, open), (1, 7));
}

/// A claim without a mark can be taken over as it stands, by one of many; one whose
/// answer was lost says so; an event settles both, and what nobody knew.
pub async fn open_claims<S>(store: &S)
where
    S: ClaimMail + TakeOverMail + MarkMail + NoteLostAnswer + SettleMail,
{
    let (mail, then, later) = (mail_key("ann"), now(), now() + 1.hours());
    let look = async |mail: &MailKey| store.claim_mail(mail, "other", later).await.unwrap();
    // Nothing to settle: a mail that nobody claimed.
    assert!(!store.settle_mail(&mail, "0100-message").await.unwrap());
    assert_eq!(store.claim_mail(&mail, "one", then).await.unwrap(), Claim::Claimed);
    let Claim::Open(claim) = look(&mail).await else { panic!("it is open") };
    assert_eq!((claim.since, claim.answer_lost), (then, false));
    let takes = (0..4).map(|_| store.take_over_mail(&mail, "two", claim, later));
    let taken = join_all(takes).await.into_iter().filter(|taken| *taken.as_ref().unwrap());
    assert_eq!(taken.count(), 1);
    let Claim::Open(over) = look(&mail).await else { panic!("it is open") };
    assert_eq!((over.since, over.answer_lost), (later, false));
    // Twice, since the answer of the note may be lost as well.
    store.note_lost_answer(&mail).await.unwrap();
    store.note_lost_answer(&mail).await.unwrap();
    let Claim::Open(lost) = look(&mail).await else { panic!("it is open") };
    assert_eq!((lost.since, lost.answer_lost), (later, true));
    assert!(!store.take_over_mail(&mail, "three", over, later).await.unwrap());
    store.mark_mail(&mail, Mark::Unknown).await.unwrap();
    assert_eq!(look(&mail).await, Claim::Unknown);
    assert!(!store.take_over_mail(&mail, "three", lost, later).await.unwrap());
    assert!(store.settle_mail(&mail, "0100-message").await.unwrap());
    assert!(!store.settle_mail(&mail, "0100-message").await.unwrap());
    assert_eq!(look(&mail).await, Claim::Sent { ours: false });
    assert_eq!(store.claim_mail(&mail, "two", later).await.unwrap(), Claim::Sent { ours: true });
    // What is noted late changes nothing.
    store.note_lost_answer(&mail).await.unwrap();
    assert_eq!(look(&mail).await, Claim::Sent { ours: false });
}

/// The latest time stands, whatever comes after it.
pub async fn send_events<S: NoteSendEvent + LastSendEvent>(store: &S) {
    // Others note times, too: never a later one than now.
    let mut stands = None;
    let times = [now() - 1.hours(), now(), now() - 2.hours(), now()];
    // As SES tells it: to the millisecond.
    let times = times.map(|at| Timestamp::from_millisecond(at.as_millisecond()).unwrap());
    for noted in times {
        store.note_send_event(noted).await.unwrap();
        let last = store.last_send_event().await.unwrap();
        assert!(last >= Some(noted) && last >= stands, "{last:?} after {noted}");
        stands = last;
    }
}

/// Of many who ask at once, only so many get a permit; the others are told when to
/// ask again.
pub async fn permits<S: TakePermit>(store: &S) {
    // Beyond what was permitted to any other test; to them it is a clock ahead.
    let at = now() + 24.hours();
    let rate = Rate::per_second(10);
    let asked = join_all((0..20).map(|_| store.take_permit(rate, Lane::Large, 1, at))).await;
    let granted = asked.iter().filter(|one| matches!(one, Ok(Permit::Granted(_)))).count();
    // Half of the burst of two seconds.
    assert!(granted <= 10, "{granted}");
    assert!(granted > 0, "nobody got one");
    // Alone, one asks until there are no more, and as many as there are.
    let mut most = granted;
    let wait = loop {
        match store.take_permit(rate, Lane::Large, 1, at).await.unwrap() {
            Permit::Granted(_) => most += 1,
            Permit::After(wait) => break wait,
        }
        assert!(most <= 10, "{most}");
    };
    assert_eq!(most, 10);
    assert!(wait.is_positive());
    let small = store.take_permit(rate, Lane::Small, 1, at).await.unwrap();
    assert!(matches!(small, Permit::Granted(_)), "{small:?}");
    let later = store.take_permit(rate, Lane::Large, 1, at + 1.seconds()).await.unwrap();
    assert!(matches!(later, Permit::Granted(_)), "{later:?}");
}

/// What suppresses an address stands, and soft bounces are counted once each.
pub async fn feedback<S: Suppress + IsSuppressed + CountSoftBounce>(store: &S) {
    let (email, other) = (fresh_email(), fresh_email());
    let count = async |id: &str, at| store.count_soft_bounce(&email, id, at).await.unwrap();
    let then = now();
    for (id, expected) in [("a", 1), ("b", 2), ("a", 2), ("c", 3)] {
        assert_eq!(count(id, then).await, expected, "{id}");
    }
    assert!(!store.is_suppressed(&email).await.unwrap());
    // After a long pause they begin anew.
    assert_eq!(count("d", then + (24 * (limits::SOFT_BOUNCE_DAYS + 1)).hours()).await, 1);
    for why in [Suppression::Complained, Suppression::Bounced] {
        store.suppress(&email, why, then).await.unwrap();
        assert!(store.is_suppressed(&email).await.unwrap());
    }
    assert!(!store.is_suppressed(&other).await.unwrap());
}

/// How followers are cut into pages is decided once; a fan-out is paused by itself.
pub async fn fan_outs<S: PutFanOut + LoadFanOut + SetPause + IsPaused>(store: &S) {
    let (event, other) = (submission_id(), submission_id());
    assert_eq!(store.load_fan_out(event).await.unwrap(), None);
    let one = FanOut { manifest_key: "one".into(), pages: 3, follows: 250 };
    let two = FanOut { manifest_key: "two".into(), pages: 4, follows: 399 };
    for late in [&one, &two, &one] {
        assert_eq!(store.put_fan_out(event, late).await.unwrap(), one);
    }
    assert_eq!(store.load_fan_out(event).await.unwrap(), Some(one));
    for paused in [false, true, true, false] {
        store.set_pause(event, paused).await.unwrap();
        assert_eq!(store.is_paused(event).await.unwrap(), paused);
        assert!(!store.is_paused(other).await.unwrap());
    }
}

/// A look at a follower sees their follows of what is asked for, as they are now,
/// and what else stops a mail.
pub async fn look_at_follower<S>(store: &S)
where
    S: LookAtFollower + PutFollow + Unfollow + SetPause + Suppress + PutMember + SaveMember,
{
    let (event, member) = (submission_id(), member());
    store.put_member(&member).await.unwrap();
    let (county, person) = (county(), Target::Member(member_id()));
    let centre = Position { lat: 53.0, lon: -9.0 };
    let cell = Target::Cell(centre.cell());
    let own = |target: &Target, token: &str, radius_km: Option<f64>| Follow {
        email: member.email.clone(),
        circle: radius_km.map(|radius_km| Circle { centre, radius_km }),
        ..follow(target, member.id.as_str(), token)
    };
    let token = || Ulid::generate().to_string();
    let (a, b, c) = (token(), token(), token());
    let of_county = own(&county, &a, None);
    let circles = [own(&cell, &b, Some(5.0)), own(&cell, &c, Some(9.0))];
    for put in [&of_county, &circles[0], &circles[1], &follow(&county, "somebody", &token())] {
        store.put_follow(put).await.unwrap();
    }
    let targets = [person, county.clone(), cell];
    let look = async || store.look_at_follower(event, &targets, &of_county).await.unwrap();
    let seen = look().await;
    assert!(!seen.halted && !seen.suppressed);
    assert_eq!(seen.member.as_ref(), Some(&member));
    assert_eq!(seen.follows.first(), Some(&of_county));
    let places = |follows: &[Follow]| {
        let mut places: Vec<_> = follows.iter().map(Follow::place).collect();
        places.sort();
        places
    };
    let mut all = vec![of_county.clone()];
    all.extend(circles.clone());
    assert_eq!(places(&seen.follows), places(&all));
    // At once.
    assert!(store.unfollow(&a).await.unwrap());
    assert!(store.unfollow(&b).await.unwrap());
    store.set_pause(event, true).await.unwrap();
    store.suppress(&member.email, Suppression::Complained, now()).await.unwrap();
    let changed = Member { mails: Mails { news: NewsMails::Off }, ..member.clone() };
    assert!(store.save_member(&changed).await.unwrap());
    let seen = look().await;
    assert!(seen.halted && seen.suppressed);
    assert_eq!(seen.follows, circles[1..]);
    assert_eq!(seen.member.map(|member| member.mails), Some(changed.mails));
    // Who has no account is nobody.
    let stranger = follow(&county, "addr-0123", &token());
    let seen = store.look_at_follower(submission_id(), &targets, &stranger).await.unwrap();
    assert_eq!(seen, FollowerNow::default());
}

fn quota(most: u32) -> Quota {
    Quota { what: "suites", whose: Ulid::generate().to_string(), most }
}

/// A day has so many places; whoever holds one holds it, whoever comes late
/// gets none, and tomorrow is another day.
pub async fn places<S: TakePlace>(store: &S) {
    let (today, quota) = (now(), quota(3));
    let take =
        async |quota: &Quota, holder: &str, at| store.take_place(quota, holder, at).await.unwrap();
    for holder in ["ann", "bo", "cat", "ann"] {
        assert!(take(&quota, holder, today).await, "{holder}");
    }
    assert!(!take(&quota, "dan", today).await);
    for holder in ["ann", "bo", "cat"] {
        assert!(take(&quota, holder, today).await, "{holder} has one already");
    }
    assert!(take(&quota, "dan", today.checked_add(24.hours()).unwrap()).await);
    let other = Quota { whose: format!("{}x", quota.whose), ..quota.clone() };
    assert!(take(&other, "dan", today).await);
    assert!(take(&Quota { what: "others", ..quota }, "dan", today).await);
}

/// Of those who come at once, as many get a place as there are.
pub async fn places_at_once<S: TakePlace>(store: &S) {
    let (today, quota) = (now(), quota(3));
    let names: Vec<_> = (0..8).map(|n| format!("holder-{n}")).collect();
    let takes = names.iter().map(|name| store.take_place(&quota, name, today));
    let taken = join_all(takes).await.into_iter().filter(|taken| *taken.as_ref().unwrap());
    assert_eq!(taken.count(), 3);
}

/// A notice is a submission like others, and settled when it is resolved.
pub async fn notices<S>(store: &S)
where
    S: AcceptSubmission + LoadSubmission + RecordStatus + LoadWork,
{
    let email = fresh_email();
    let notice = Notice {
        subject: Subject::Review { slug: "tunes-ennis".into(), review: submission_id() },
        url: "https://seisiun.example/sessions/tunes-ennis/".into(),
        reason: NoticeReason::SessionGone,
        explanation: "It is \"gone\".\nReally.".into(),
        name: "Bríd".into(),
        email: Some(email.clone()),
    };
    let submission = submission_of(Body::Notice(notice), now());
    let submission = Submission { member_id: notifier(&email), photos: Vec::new(), ..submission };
    let submission = accepted(store, submission).await;
    let id = submission.id;
    assert_eq!(store.load_submission(id).await.unwrap().as_ref(), Some(&submission));
    let work = store.load_work(Workflow::Notice, id).await.unwrap();
    assert_eq!(work.map(|work| work.state), Some(WorkState::Open));
    let resolved = Status::Resolved { upheld: true };
    for status in [&Status::InReview, &resolved, &resolved] {
        assert_eq!(store.record_status(id, status).await.unwrap(), *status);
    }
    for late in [Status::InReview, Status::Resolved { upheld: false }, rejected()] {
        assert_eq!(store.record_status(id, &late).await.unwrap(), resolved);
    }
}

/// A page has one result, the last; an event has those of its pages.
pub async fn page_results<S: PutPageResult + ListPageResults>(store: &S) {
    let (event, other) = (submission_id(), submission_id());
    let result = |sent| PageResult { sent, skipped: 2, unresolved: 1, ..PageResult::default() };
    assert!(store.list_page_results(event).await.unwrap().is_empty());
    for (page, sent) in [(0, 1), (10, 5), (9, 3), (0, 7), (u32::MAX, 11)] {
        store.put_page_result(event, page, result(sent)).await.unwrap();
    }
    store.put_page_result(other, 0, result(100)).await.unwrap();
    let results = store.list_page_results(event).await.unwrap();
    let expected = [(0, 7), (9, 3), (10, 5), (u32::MAX, 11)];
    assert_eq!(results, expected.map(|(page, sent)| (page, result(sent))));
    assert_eq!(store.list_page_results(other).await.unwrap(), [(0, result(100))]);
}

/// A purpose has one key, the first, whoever asks.
pub async fn service_key<S: ServiceKey>(store: &S) {
    let fresh = || {
        let mut key = [0; 32];
        key[..16].copy_from_slice(&Ulid::generate().to_bytes());
        key[16..].copy_from_slice(&Ulid::generate().to_bytes());
        key
    };
    let (one, other) = (Ulid::generate().to_string(), Ulid::generate().to_string());
    let (first, second) = (fresh(), fresh());
    assert_eq!(store.service_key(&one, first).await.unwrap(), first);
    // The answer was lost, or another instance asks.
    for late in [first, second, [0; 32]] {
        assert_eq!(store.service_key(&one, late).await.unwrap(), first);
    }
    assert_eq!(store.service_key(&other, second).await.unwrap(), second);
    // Of many at once, one key stands and all have it.
    let purpose = Ulid::generate().to_string();
    let keys: Vec<_> = (0..8).map(|_| fresh()).collect();
    let calls = keys.iter().map(|key| store.service_key(&purpose, *key));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert!(keys.contains(&answers[0]));
    assert!(answers.iter().all(|key| *key == answers[0]));
}

fn object_key(kind: &str) -> String {
    format!("{kind}/suite-{}.bin", Ulid::generate())
}

/// Objects are read whole or not at all.
pub async fn objects<O: ObjectSize + ReadObject + WriteObject>(objects: &O) {
    for bucket in [Bucket::Quarantine, Bucket::Work] {
        let key = object_key("prepared");
        assert_eq!(objects.object_size(bucket, &key).await.unwrap(), None);
        assert_eq!(objects.read_object(bucket, &key, 100).await.unwrap(), None);
        for bytes in [vec![0, 159, 146, 150, b'\n'], vec![7; 200_000], vec![]] {
            let size = bytes.len() as u64;
            for _ in 0..2 {
                let written = objects.write_object(bucket, &key, "image/jpeg", bytes.clone());
                written.await.unwrap();
            }
            assert_eq!(objects.object_size(bucket, &key).await.unwrap(), Some(size));
            let read = objects.read_object(bucket, &key, size).await.unwrap();
            assert_eq!(read.as_ref(), Some(&bytes));
            if let Some(less) = size.checked_sub(1) {
                assert_eq!(objects.read_object(bucket, &key, less).await.unwrap(), None);
            }
        }
        // A key in one bucket is not a key in another.
        assert_eq!(objects.object_size(Bucket::Public, &key).await.unwrap(), None);
    }
}

/// The scanner's answers, given by `answer`, are read as they are; what nobody
/// has uploaded has none.
pub async fn malware_scan<O: ReadMalwareScan + WriteObject>(
    objects: &O,
    answer: impl AsyncFn(&str, MalwareScan),
) {
    let key = object_key("prepared");
    assert_eq!(objects.read_malware_scan(&key).await.unwrap(), None);
    let written = objects.write_object(Bucket::Quarantine, &key, "image/jpeg", vec![1]);
    written.await.unwrap();
    let read = async || objects.read_malware_scan(&key).await.unwrap();
    assert_eq!(read().await, Some(MalwareScan::Pending));
    for scan in [
        MalwareScan::Clean,
        MalwareScan::Threat,
        MalwareScan::Impossible(Unscanned::Unsupported),
        MalwareScan::Impossible(Unscanned::AccessDenied),
        MalwareScan::Impossible(Unscanned::Failed),
    ] {
        answer(&key, scan).await;
        assert_eq!(read().await, Some(scan));
    }
}

/// Publishing copies exactly these bytes, and nothing that is not there.
pub async fn publish_object<O>(objects: &O)
where
    O: ObjectSize + ReadObject + WriteObject + PublishObject,
{
    let (from, to) = (object_key("prepared"), object_key("photos"));
    let missing = objects.publish_object(&from, &to).await;
    assert!(matches!(missing, Err(PortError::Broken { .. })), "{missing:?}");
    assert_eq!(objects.object_size(Bucket::Public, &to).await.unwrap(), None);
    let bytes = vec![0xff, 0xd8, 0xff, 0xd9];
    let written = objects.write_object(Bucket::Quarantine, &from, "image/jpeg", bytes.clone());
    written.await.unwrap();
    for _ in 0..2 {
        objects.publish_object(&from, &to).await.unwrap();
        let published = objects.read_object(Bucket::Public, &to, 100).await.unwrap();
        assert_eq!(published.as_ref(), Some(&bytes));
    }
    assert_eq!(objects.object_size(Bucket::Public, &from).await.unwrap(), None);
}

fn new_object(bytes: Vec<u8>) -> NewObject {
    NewObject { bytes, content_type: "application/json", keep: Keep::Minute }
}

/// A swap writes only over what it expects.
pub async fn swap_object<O: ReadVersioned + SwapObject>(objects: &O) {
    let key = format!("data/suite-{}.json", Ulid::generate());
    let read = async || objects.read_versioned(Bucket::Site, &key, 100).await.unwrap();
    let swap = async |bytes: &[u8], expected: Option<&str>| {
        let object = new_object(bytes.to_vec());
        objects.swap_object(Bucket::Site, &key, object, expected).await.unwrap()
    };
    assert_eq!(read().await, None);
    assert_eq!(swap(b"[0]", Some("\"00000000000000000000000000000000\"")).await, Swap::Lost);
    assert_eq!(swap(b"[1]", None).await, Swap::Done);
    assert_eq!(swap(b"[2]", None).await, Swap::Lost);
    let first = read().await.unwrap();
    assert_eq!(first.bytes, b"[1]");
    assert_eq!(swap(b"[3]", Some(&first.version)).await, Swap::Done);
    assert_eq!(swap(b"[4]", Some(&first.version)).await, Swap::Lost);
    let second = read().await.unwrap();
    assert_eq!(second.bytes, b"[3]");
    assert_ne!(second.version, first.version);
    // Of many at once, one.
    let answers = (0..8).map(|n| {
        let (object, version) =
            (new_object(format!("[5,{n}]").into_bytes()), second.version.clone());
        let key = &key;
        async move {
            let version = Some(version.as_str());
            objects.swap_object(Bucket::Site, key, object, version).await.unwrap()
        }
    });
    let done = join_all(answers).await.into_iter().filter(|swap| *swap == Swap::Done).count();
    assert_eq!(done, 1);
}

/// Objects are listed in the order of their keys, page by page, and removed
/// whether they are there or not.
pub async fn list_objects<O: SwapObject + ListObjects + RemoveObjects>(objects: &O) {
    let prefix = format!("data/suite-{}/", Ulid::generate());
    let all = async |after: Option<String>| {
        let (mut after, mut listed) = (after, Vec::new());
        loop {
            let page = objects.list_objects(Bucket::Site, &prefix, after.as_deref()).await.unwrap();
            let Some(last) = page.last() else { return listed };
            after = Some(last.key.clone());
            listed.extend(page);
        }
    };
    assert_eq!(all(None).await, []);
    let before = now().checked_sub(5.seconds()).unwrap();
    let mut keys: Vec<String> =
        ["b.1", "b", "a", "b-c", "c/d", "a.0f", "b.j"].map(|name| format!("{prefix}{name}")).into();
    for key in &keys {
        let object = new_object(key.clone().into_bytes());
        assert_eq!(objects.swap_object(Bucket::Site, key, object, None).await.unwrap(), Swap::Done);
    }
    keys.sort();
    let listed = all(None).await;
    let of = |listed: &[ListedObject]| -> Vec<String> {
        listed.iter().map(|object| object.key.clone()).collect()
    };
    assert_eq!(of(&listed), keys);
    let after = now().checked_add(5.seconds()).unwrap();
    assert!(listed.iter().all(|object| before < object.written_at && object.written_at < after));
    assert_eq!(of(&all(Some(keys[2].clone())).await), keys[3..]);

    let gone = vec![keys[1].clone(), format!("{prefix}never"), keys[4].clone()];
    for _ in 0..2 {
        objects.remove_objects(Bucket::Site, &gone).await.unwrap();
        let left: Vec<String> = keys.iter().filter(|key| !gone.contains(key)).cloned().collect();
        assert_eq!(of(&all(None).await), left);
    }
    objects.remove_objects(Bucket::Site, &[]).await.unwrap();
    objects.remove_objects(Bucket::Site, &keys).await.unwrap();
}

/// What a county's list and calendar become as days go by, at a clock that is
/// handed in: the calendar reaches further, files that were superseded go, and
/// the one that is named stays.
pub async fn refreshed_lists<S, O>(store: &S, objects: &O)
where
    S: AcceptSubmission + PublishSession + ListCards,
    O: ReadVersioned + SwapObject + ReadObject + ListObjects + RemoveObjects,
{
    let county = Ulid::generate().to_string();
    let list = List::county("IE", &county);
    let site = Site::at("https://seisiun.example").unwrap();
    let start = now();
    let mut files = Vec::new();
    for _ in 0..3 {
        let id = accepted(store, session_submission()).await.id;
        let mut session = listed_session(id, somewhere());
        session.listing.venue.county = county.clone();
        store.publish_session(&session, &event_of(&session, id)).await.unwrap();
        files.push(publish_list(store, objects, &list).await.unwrap().file);
        publish_county_feeds(store, objects, &site, &Card::of(&session), start).await.unwrap();
    }
    let prefix = list.head_key().trim_end_matches("json").to_owned();
    let listed = async || {
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = objects.list_objects(Bucket::Site, &prefix, after.as_deref()).await.unwrap();
            let Some(last) = page.last() else { return all };
            after = Some(last.key.clone());
            all.extend(page);
        }
    };
    let there = async |file: &String| {
        let key = file.trim_start_matches('/');
        objects.read_object(Bucket::Site, key, 10_000_000).await.unwrap().is_some()
    };
    let calendar = async || {
        let [ics, _] = county_feed_paths("IE", &county);
        let key = ics.trim_start_matches('/').to_owned();
        objects.read_object(Bucket::Site, &key, 10_000_000).await.unwrap().unwrap()
    };
    let refresh = async |at: Timestamp| {
        let listed = listed().await;
        let done = refresh_list(store, objects, &site, at, &list, &listed).await.unwrap();
        assert_eq!((done.lists, done.counties), (1, 1));
        (done.removed, done.restored)
    };

    // Too early for anything.
    let written = calendar().await;
    assert_eq!(refresh(start).await, (0, 0));
    assert_eq!(calendar().await, written);
    for file in &files {
        assert!(there(file).await, "{file}");
    }
    // Days later, twice.
    let later = start.checked_add((24 * 15).hours()).unwrap();
    assert_eq!(refresh(later).await, (2, 0));
    let renewed = calendar().await;
    assert_ne!(renewed, written);
    assert_eq!(refresh(later).await, (0, 0));
    assert_eq!(calendar().await, renewed);
    assert_eq!([there(&files[0]).await, there(&files[1]).await], [false, false]);
    assert!(there(&files[2]).await);
    // What was lost is put back.
    let named = files[2].trim_start_matches('/').to_owned();
    objects.remove_objects(Bucket::Site, &[named]).await.unwrap();
    assert_eq!(refresh(later).await, (0, 1));
    assert!(there(&files[2]).await);
}

/// Retries of a failed dependency: the state machines' `MaxAttempts`.
const DEPENDENCY_TRIES: u32 = 6;

/// Sessions of one county, published at once: its list ends with all of them,
/// and every head on the way named a file that is there.
pub async fn lists_published_at_once<S, O>(store: &S, objects: &O, count: usize)
where
    S: AcceptSubmission + PublishSession + ListCards,
    O: ReadVersioned + SwapObject + ReadObject,
{
    let county = Ulid::generate().to_string();
    let list = List::county("IE", &county);
    let site = Site::at("https://seisiun.example").unwrap();
    let publish = || async {
        let id = accepted(store, session_submission()).await.id;
        let mut session = listed_session(id, somewhere());
        session.listing.venue.county = county.clone();
        store.publish_session(&session, &event_of(&session, id)).await.unwrap();
        // As the state machine does when others are faster time and again, or when
        // so many at once are more than the engine answers in time.
        let mut failed = 0;
        loop {
            let listed = async {
                publish_list(store, objects, &list).await?;
                publish_county_feeds(store, objects, &site, &Card::of(&session), now()).await
            };
            match listed.await {
                Ok(()) => return session.id,
                Err(TaskError::Throttled(_)) => {}
                Err(TaskError::Dependency(_)) if failed < DEPENDENCY_TRIES => failed += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
    };
    let mut published = join_all((0..count).map(|_| publish())).await;
    published.sort();
    let head = objects.read_versioned(Bucket::Site, &list.head_key(), 4096).await.unwrap().unwrap();
    let head: ListHead = serde_json::from_slice(&head.bytes).unwrap();
    assert_eq!(head.sessions, count);
    let key = head.file.trim_start_matches('/');
    let file = objects.read_object(Bucket::Site, key, 10_000_000).await.unwrap().unwrap();
    let file: ListFile = serde_json::from_slice(&file).unwrap();
    let listed: Vec<_> = file.sessions.iter().map(|card| card.id).collect();
    assert_eq!(listed, published);
    // The county's feeds lose none of them either.
    for (path, whole) in county_feed_paths("IE", &county).iter().zip([true, false]) {
        let key = path.trim_start_matches('/');
        let feed = objects.read_object(Bucket::Site, key, 10_000_000).await.unwrap().unwrap();
        let feed = String::from_utf8(feed).unwrap().replace("\r\n ", "");
        let named = published.iter().filter(|id| feed.contains(&id.to_string())).count();
        let most = if whole { count } else { count.min(limits::FEED_ENTRIES_MAX) };
        assert_eq!(named, most, "{path}");
    }
}

/// An execution is found under its name; a second start starts no other.
pub async fn executions<W>(workflows: &W, workflow: Workflow)
where
    W: StartExecution + DescribeExecution,
{
    let name = submission_id().to_string();
    let input = json!({ "submission_id": name });
    assert_eq!(workflows.describe_execution(workflow, &name).await.unwrap(), None);
    let first = workflows.start_execution(workflow, &name, &input).await.unwrap();
    assert_eq!(first, Start::Started);
    assert!(workflows.describe_execution(workflow, &name).await.unwrap().is_some());
    // AWS answers a repeated start as it did the first, others say "exists".
    workflows.start_execution(workflow, &name, &input).await.unwrap();
    let state = workflows.describe_execution(workflow, &name).await.unwrap();
    assert!(
        matches!(state, Some(ExecutionState::Running | ExecutionState::Succeeded)),
        "{state:?}"
    );
    // With another input it is never a repeat.
    let other = workflows.start_execution(workflow, &name, &json!({ "other": 1 })).await.unwrap();
    assert_eq!(other, Start::Exists);
}

/// An answer to a task that nobody waits for is no error.
pub async fn answers_to_nobody<W: AnswerTask>(workflows: &W) {
    let answer = workflows.answer_task(&fresh_token(), &json!({ "decision": "approve" })).await;
    assert_eq!(answer.unwrap(), Answer::Gone);
}

// ---- identity

/// An account from sign-up to a new password, on a pool whose codes are known.
/// What is refused is refused in one way, whether there is an account or not.
pub async fn accounts<U>(users: &U, sign_up_code: &str, reset_code: &str)
where
    U: CreateAccount
        + ResendCode
        + ConfirmAccount
        + CheckPassword
        + RenewTokens
        + RevokeToken
        + SignOutEverywhere
        + StartReset
        + FinishReset
        + ChangePassword,
{
    let (email, nobody) = (fresh_email(), fresh_email());
    let (first, second, third) = ("first fine horse", "second fine horse", "third fine horse");
    let enter = async |password: &str| match users.check_password(&email, password).await.unwrap() {
        SignIn::Done(tokens) => tokens,
        other => panic!("{other:?}"),
    };
    assert_eq!(users.create_account(&email, first).await.unwrap(), Creation::Created);
    assert_eq!(users.create_account(&email, second).await.unwrap(), Creation::Exists);
    assert_eq!(users.check_password(&email, first).await.unwrap(), SignIn::Refused, "unconfirmed");
    for email in [&email, &nobody] {
        users.resend_code(email).await.unwrap();
        assert!(!users.confirm_account(email, "000000").await.unwrap());
    }
    assert!(!users.confirm_account(&nobody, sign_up_code).await.unwrap());
    assert!(users.confirm_account(&email, sign_up_code).await.unwrap());
    assert!(!users.confirm_account(&email, sign_up_code).await.unwrap(), "it no longer waits");
    for (email, password) in [(&email, second), (&nobody, first)] {
        assert_eq!(users.check_password(email, password).await.unwrap(), SignIn::Refused);
    }

    // Renewed, and ended. A pool that rotates gives another token each time.
    let tokens = enter(first).await;
    let mut refresh = tokens.refresh.unwrap();
    for _ in 0..2 {
        let renewed = users.renew_tokens(&refresh).await.unwrap().unwrap();
        refresh = renewed.refresh.unwrap_or(refresh);
    }
    for token in [refresh.as_str(), "no.such.token"] {
        for _ in 0..2 {
            users.revoke_token(token).await.unwrap();
        }
        assert_eq!(users.renew_tokens(token).await.unwrap(), None);
    }

    // A new password by mail.
    for email in [&email, &nobody] {
        users.start_reset(email).await.unwrap();
        assert!(!users.finish_reset(email, "000000", second).await.unwrap());
    }
    assert!(!users.finish_reset(&nobody, reset_code, second).await.unwrap());
    assert!(users.finish_reset(&email, reset_code, second).await.unwrap());
    assert!(!users.finish_reset(&email, reset_code, third).await.unwrap(), "once");
    assert_eq!(users.check_password(&email, first).await.unwrap(), SignIn::Refused);

    // And by its holder.
    let access = enter(second).await.access;
    assert!(!users.change_password(&access, first, third).await.unwrap());
    assert!(!users.change_password("no.such.token", second, third).await.unwrap());
    assert!(users.change_password(&access, second, third).await.unwrap());
    enter(third).await;
}
