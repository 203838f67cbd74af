//! What the use cases come to, scenario by scenario.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod world;

use jiff::ToSpan;
use seisiun_domain::{
    Problems, SubmissionId,
    case::{Measure, Reason},
    limits,
    member::{Email, Language},
    photo::{MalwareScan, Preparation, PublishedPhoto, Unscanned, incoming_key},
    submission::{Body, Status, Submission, Work, WorkState, Workflow},
    switch::Switch,
    withdrawal::{GroundDraft, WithdrawalDraft},
};
use seisiun_workflows::{
    TaskError,
    decide_case::{self, Outcome, decide_case},
    export_personal_data,
    open_case::open_case,
    persist_review::persist_review,
    persisted::Persisted,
    port_suites,
    ports::{ApprovePhotos, Bucket, ExecutionState, IdempotencyKey, SetSwitch, TaskToken},
    read_case::{read_case, read_held_photo},
    reconcile::{ACTIVE_PER_RUN, Reconciled, WAITING_PER_RUN, reconcile},
    record_failure::{Failure, record_failure},
    remind_moderators::{Reminder, remind_moderators},
    request_change::{self, request_change},
    request_withdrawal::{self, Wish, request_withdrawal},
    restart::restart,
    submit::{self, Submitted, submit},
    workflow::{Ensured, ensure_started},
};
use world::{
    ASKED, BAD_PHOTO, CHANGE, PHOTO, REVIEW, SESSION, Step, WITHDRAWAL, World, decision_key, id,
    listed, off_tonight, photo, scenarios, session_draft, taken_back,
};

async fn play(name: &str) -> World {
    let (_, prepare, steps) = scenarios().into_iter().find(|(n, _, _)| *n == name).unwrap();
    let world = prepare();
    for step in &steps {
        world.run(step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    world
}

/// The same where everybody has chosen Irish.
async fn play_in_irish(name: &str) -> World {
    let (_, prepare, steps) = scenarios().into_iter().find(|(n, _, _)| *n == name).unwrap();
    let world = prepare();
    {
        let mut state = world.memory.state();
        state.members.values_mut().for_each(|member| member.language = Language::Ga);
        state.follows.values_mut().for_each(|follow| follow.language = Language::Ga);
        state.mails.clear();
    }
    for step in &steps {
        world.run(step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    world
}

#[tokio::test]
async fn who_chose_irish_is_written_to_in_irish() {
    for (name, kinds, words) in [
        (
            "published and followers mailed",
            &["new-session", "new-session", "new-session", "submission-published"][..],
            &["Gach D=C3=A9ardaoin ag 21:30", "Grianghraf 2", "An Cl=C3=A1r"][..],
        ),
        (
            "text held, then rejected",
            &["submission-rejected", "submission-waiting"],
            &["=C3=A1r rialacha", "l=C3=A1 n=C3=B3 dh=C3=B3", "N=C3=ADor fhoils=C3=ADomar"],
        ),
        (
            "a date called off by the submitter",
            &["session-news"],
            &["T=C3=A1 s=C3=A9 ar ceal D=C3=A9ardaoin 26 Samhain."],
        ),
    ] {
        let world = play_in_irish(name).await;
        let state = world.memory.state();
        let mut sent: Vec<_> = state.mails.iter().map(|mail| mail.kind).collect();
        sent.sort_unstable();
        assert_eq!(sent, kinds, "{name}");
        let mut all = String::new();
        for mail in &state.mails {
            let mime = String::from_utf8_lossy(&mail.mime);
            assert!(mime.contains("\r\nContent-Language: ga-IE\r\n"), "{name}: {mime}");
            all.push_str(&mime.replace("=\r\n", ""));
        }
        for words in words {
            assert!(all.contains(words), "{name}: {words} in {all}");
        }
    }
}

fn mails(world: &World) -> Vec<(String, &'static str)> {
    let mut mails: Vec<_> =
        world.memory.state().mails.iter().map(|mail| (mail.to.clone(), mail.kind)).collect();
    mails.sort();
    mails
}

#[tokio::test]
async fn a_clean_session_is_published_and_each_follower_mailed_once() {
    let world = play("published and followers mailed").await;
    assert_eq!(
        mails(&world),
        [
            ("ann@example.org".into(), "submission-published"),
            ("bo@example.org".into(), "new-session"),
            ("cat@example.org".into(), "new-session"),
            ("dan@example.org".into(), "new-session"),
        ]
    );
    assert!(world.work_is_done("session-submission", SESSION));
    assert!(world.work_is_done("notify-followers", SESSION));
    let state = world.memory.state();
    let public = state.objects.keys().filter(|(bucket, _)| *bucket == Bucket::Public).count();
    assert_eq!(public, 2, "one photo in two sizes; the refused one is left out");
    let refused = &state.photo_records[&(id(SESSION), photo(BAD_PHOTO))].preparation;
    assert!(
        matches!(refused, Preparation::Refused { code, .. } if code == "not_a_photo"),
        "{refused:?}"
    );
    for (key, approval) in &state.approvals {
        let path = approval.full.public_key(key.1);
        assert!(state.objects.contains_key(&(Bucket::Public, path)), "approved but not public");
    }
}

#[tokio::test]
async fn a_rejected_text_is_told_why_and_nothing_is_public() {
    let world = play("text held, then rejected").await;
    assert_eq!(
        mails(&world),
        [
            ("ann@example.org".into(), "submission-rejected"),
            ("ann@example.org".into(), "submission-waiting"),
        ]
    );
    let state = world.memory.state();
    assert!(state.sessions.is_empty() && state.events.is_empty());
    assert!(matches!(
        &state.submissions[&id(SESSION)].status,
        Status::Rejected { statement } if statement.reason == Reason::Spam && !statement.automated_decision
    ));
}

#[tokio::test]
async fn nothing_unapproved_is_published_whatever_the_state_machine_says() {
    let world = World::new().flagged();
    for step in [
        Step::SubmitSession { photos: vec![photo(PHOTO)], text: "" },
        Step::Prepare(photo(PHOTO)),
        Step::ModeratePhoto(photo(PHOTO)),
    ] {
        world.run(&step).await.unwrap();
    }
    let error = world.run(&Step::PersistSession).await.unwrap_err();
    assert!(matches!(error, TaskError::Invariant(_)), "{error}");
    let state = world.memory.state();
    assert!(state.sessions.is_empty());
    assert!(state.objects.keys().all(|(bucket, _)| *bucket != Bucket::Public));
}

/// Ann's photo as the scanner left it, in a session that she has submitted.
async fn scanned(scan: Option<MalwareScan>) -> World {
    let world = World::new();
    let key = incoming_key(&"ann".parse().unwrap(), photo(PHOTO));
    {
        let mut state = world.memory.state();
        state.malware_scans.remove(&key);
        if let Some(scan) = scan {
            state.malware_scans.insert(key, scan);
        }
    }
    let step = Step::SubmitSession { photos: vec![photo(PHOTO)], text: "" };
    world.run(&step).await.unwrap();
    world
}

#[tokio::test]
async fn a_photo_waits_for_its_scan_as_long_as_promised() {
    let mut world = scanned(None).await;
    let patience = limits::MALWARE_SCAN_SECONDS_MAX;
    let accepted = world.now;
    for wait in [0, patience - 1] {
        world.now = accepted.checked_add(wait.seconds()).unwrap();
        let error = world.run(&Step::Prepare(photo(PHOTO))).await.unwrap_err();
        assert!(matches!(error, TaskError::NotReady(_)), "{error}");
    }
    world.now = accepted.checked_add(patience.seconds()).unwrap();
    world.run(&Step::Prepare(photo(PHOTO))).await.unwrap();
    let late = Preparation::Unscanned { why: Unscanned::TimedOut };
    assert_eq!(world.memory.state().photo_records[&(id(SESSION), photo(PHOTO))].preparation, late);
}

#[tokio::test]
async fn an_upload_with_malware_is_rejected_and_never_read() {
    let world = scanned(Some(MalwareScan::Threat)).await;
    for step in [
        Step::Prepare(photo(PHOTO)),
        Step::ModerateText(id(SESSION)),
        Step::Reject(id(SESSION)),
        Step::Tell(id(SESSION)),
    ] {
        // The memory refuses whoever reads an upload that isn't clean.
        world.run(&step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
    }
    let state = world.memory.state();
    assert!(matches!(
        &state.submissions[&id(SESSION)].status,
        Status::Rejected { statement } if statement.reason == Reason::Malware && statement.automated_decision
    ));
    assert!(state.sessions.is_empty());
    assert!(state.objects.keys().all(|(_, key)| key.starts_with("incoming/")));
}

#[tokio::test]
async fn what_could_not_be_scanned_goes_to_a_person_and_is_left_out() {
    for why in [Unscanned::Unsupported, Unscanned::AccessDenied, Unscanned::Failed] {
        let world = scanned(Some(MalwareScan::Impossible(why))).await;
        for step in [Step::Prepare(photo(PHOTO)), Step::ModerateText(id(SESSION))] {
            world.run(&step).await.unwrap();
        }
        let unapproved = world.run(&Step::PersistSession).await.unwrap_err();
        assert!(matches!(unapproved, TaskError::Invariant(_)), "{unapproved}");
        for step in [
            Step::OpenCase(id(SESSION)),
            Step::Decide(id(SESSION), Measure::Approve, Reason::InOrder),
            Step::PersistSession,
            Step::PublishListing,
            Step::Tell(id(SESSION)),
        ] {
            world.run(&step).await.unwrap_or_else(|error| panic!("{step:?}: {error}"));
        }
        let state = world.memory.state();
        let (case, _) = &state.cases[&id(SESSION).case()];
        assert!(case.grounds.contains(&why.ground().to_owned()), "{:?}", case.grounds);
        assert!(state.approvals.is_empty() && state.sessions.len() == 1);
    }
}

#[tokio::test]
async fn a_moderator_sees_what_waits_and_nobody_what_is_decided() {
    let world = World::new().flagged();
    let photos = vec![photo(PHOTO), photo(BAD_PHOTO)];
    let case = id(SESSION).case();
    assert_eq!(read_case(&world.memory, case).await.unwrap(), None);
    for step in [
        Step::SubmitSession { photos, text: "See www.example.com" },
        Step::Prepare(photo(PHOTO)),
        Step::ModeratePhoto(photo(PHOTO)),
        Step::Prepare(photo(BAD_PHOTO)),
        Step::OpenCase(id(SESSION)),
    ] {
        world.run(&step).await.unwrap();
    }
    let shown = read_case(&world.memory, case).await.unwrap().unwrap();
    assert_eq!(shown.case.id, case);
    assert_eq!(shown.submission.id, id(SESSION));
    assert_eq!(shown.photos.len(), 2);
    let see = async |of: &str| {
        read_held_photo(&world.memory, &world.memory, case, photo(of)).await.unwrap()
    };
    // The prepared bytes, never the upload; of what is none, nothing.
    let seen = see(PHOTO).await.unwrap();
    assert!(seen.starts_with(&[0xff, 0xd8]) && seen != world::jpeg());
    assert_eq!(see(BAD_PHOTO).await, None);
    assert_eq!(see(SESSION).await, None, "no photo of this case");
    world.run(&Step::Decide(id(SESSION), Measure::Reject, Reason::Explicit)).await.unwrap();
    assert_eq!(see(PHOTO).await, None);
}

#[tokio::test]
async fn a_photo_without_a_scan_is_not_published_unseen() {
    let world = World::new();
    for step in
        [Step::SubmitSession { photos: vec![photo(PHOTO)], text: "" }, Step::Prepare(photo(PHOTO))]
    {
        world.run(&step).await.unwrap();
    }
    let error = world.run(&Step::PersistSession).await.unwrap_err();
    assert!(matches!(error, TaskError::Invariant(_)), "{error}");
}

#[tokio::test]
async fn the_same_request_is_one_submission_and_another_is_refused() {
    let world = World::new();
    let ask = async |fingerprint: &str, fresh: &str| {
        let key = IdempotencyKey { key: "a-key-of-ann".into(), fingerprint: fingerprint.into() };
        let body = Body::Session(session_draft(""));
        let request =
            submit::Request { member_id: "ann".parse().unwrap(), body, photos: vec![], key };
        submit(&world.memory, &world.memory, &world.memory, world.now, id(fresh), request)
            .await
            .unwrap()
    };
    let second = "01J9000000000000000000000D";
    assert_eq!(ask("one", SESSION).await, Submitted::Accepted(id(SESSION)));
    assert_eq!(ask("one", second).await, Submitted::Replayed(id(SESSION)));
    assert_eq!(ask("other", second).await, Submitted::KeyReused);
    let state = world.memory.state();
    assert_eq!((state.submissions.len(), state.executions.len()), (1, 1));
}

#[tokio::test]
async fn what_is_not_in_order_is_not_stored() {
    let world = World::new();
    let mut draft = session_draft("");
    draft.title.clear();
    let refused = world.submit(id(SESSION), "ann", Body::Session(draft), vec![]).await.unwrap();
    assert!(matches!(refused, Submitted::Refused(Problems(list)) if list[0].field == "title"));
    // Somebody else's upload is as absent as none.
    let body = Body::Session(session_draft(""));
    let refused = world.submit(id(SESSION), "bo", body, vec![photo(PHOTO)]).await.unwrap();
    assert!(
        matches!(refused, Submitted::Refused(Problems(list)) if list[0].code == "not_uploaded")
    );
    let state = world.memory.state();
    assert!(state.submissions.is_empty() && state.executions.is_empty());
}

#[tokio::test]
async fn a_duplicate_is_refused_and_a_repeat_of_oneself_is_not() {
    let world = play("published and followers mailed").await;
    world.run(&Step::Validate(id(SESSION))).await.unwrap();
    assert!(matches!(
        world.memory.state().submissions[&id(SESSION)].status,
        Status::Published { .. }
    ));
    let other = id("01J9000000000000000000000E");
    world.submit(other, "bo", Body::Session(session_draft("")), vec![]).await.unwrap();
    world.run(&Step::Validate(other)).await.unwrap();
    assert!(matches!(
        &world.memory.state().submissions[&other].status,
        Status::Rejected { statement } if statement.reason == Reason::Duplicate && statement.automated_decision
    ));
}

#[tokio::test]
async fn the_first_decision_stands_and_nobody_decides_on_their_own() {
    let world = World::new();
    for step in [
        Step::SubmitSession { photos: vec![], text: "see www.example.com" },
        Step::OpenCase(id(SESSION)),
    ] {
        world.run(&step).await.unwrap();
    }
    let decide = async |moderator: &str, measure, reason| {
        let request = decide_case::Request {
            case: id(SESSION).case(),
            measure,
            reason,
            note: String::new(),
            seen: None,
            moderator: moderator.parse().unwrap(),
            key: decision_key(measure),
        };
        decide_case(&world.memory, &world.memory, world.now, request).await.unwrap()
    };
    let own = decide("ann", Measure::Approve, Reason::InOrder).await;
    assert!(matches!(own, Outcome::Refused(Problems(list)) if list[0].code == "own_item"));
    let first = decide("eve", Measure::Approve, Reason::InOrder).await;
    assert!(matches!(first, Outcome::Decided(_)));
    let again = decide("eve", Measure::Approve, Reason::InOrder).await;
    assert!(matches!(again, Outcome::Repeated(_)), "{again:?}");
    let late = decide("bo", Measure::Reject, Reason::Spam).await;
    assert!(matches!(late, Outcome::Late(decision) if decision.measure == Measure::Approve));
    assert_eq!(world.memory.state().answers.len(), 1, "the execution was answered once");
    // The key of one decision is no other's.
    let request = decide_case::Request {
        case: id(SESSION).case(),
        measure: Measure::Reject,
        reason: Reason::Spam,
        note: String::new(),
        seen: None,
        moderator: "eve".parse().unwrap(),
        key: IdempotencyKey { fingerprint: "other".into(), ..decision_key(Measure::Approve) },
    };
    let reused = decide_case(&world.memory, &world.memory, world.now, request).await.unwrap();
    assert_eq!(reused, Outcome::KeyReused);
}

#[tokio::test]
async fn a_case_decided_while_nobody_waited_is_found_when_it_is_opened_again() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "see www.example.com" }).await.unwrap();
    let (memory, sender) = (&world.memory, &world.sender);
    let open = async || open_case(memory, memory, sender, world.now, id(SESSION)).await.unwrap();
    assert_eq!(open().await, None);
    // No execution has come to wait yet, or the one that waited is gone.
    world.run(&Step::Decide(id(SESSION), Measure::Approve, Reason::InOrder)).await.unwrap();
    assert!(memory.state().answers.is_empty());
    assert!(!memory.await_decision(id(SESSION).case(), &TaskToken("late".into())));
    assert_eq!(open().await, Some(Measure::Approve));
}

/// Waiting again opens a case that is missing, and finds one that is decided.
#[tokio::test]
async fn nobody_is_reminded_of_a_case_that_is_missing_or_decided() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "see www.example.com" }).await.unwrap();
    let moderators = Email::try_from("moderators@example.org".to_owned()).unwrap();
    let (memory, sender) = (&world.memory, &world.sender);
    let remind = async || {
        remind_moderators(memory, memory, sender, &moderators, world.now, id(SESSION), 1)
            .await
            .unwrap()
    };
    assert_eq!(remind().await, Reminder::Wait);
    world.run(&Step::OpenCase(id(SESSION))).await.unwrap();
    world.run(&Step::Decide(id(SESSION), Measure::Approve, Reason::InOrder)).await.unwrap();
    assert_eq!(remind().await, Reminder::Wait);
    assert!(mails(&world).iter().all(|(_, kind)| *kind != "decision-reminder"));
}

#[tokio::test]
async fn moderators_are_reminded_a_bounded_number_of_times() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "see www.example.com" }).await.unwrap();
    world.run(&Step::OpenCase(id(SESSION))).await.unwrap();
    let moderators = Email::try_from("moderators@example.org".to_owned()).unwrap();
    for n in 1..=limits::DECISION_WAITS_MAX {
        let (memory, sender) = (&world.memory, &world.sender);
        let reminder =
            remind_moderators(memory, memory, sender, &moderators, world.now, id(SESSION), n);
        let expected =
            if n < limits::DECISION_WAITS_MAX { Reminder::Wait } else { Reminder::GiveUp };
        assert_eq!(reminder.await.unwrap(), expected, "reminder {n}");
    }
    let reminders = mails(&world).iter().filter(|(_, kind)| *kind == "decision-reminder").count();
    assert_eq!(reminders, limits::DECISION_WAITS_MAX as usize - 1);
}

/// A run, ten minutes after the last.
async fn run_reconciler(world: &World) -> Reconciled {
    let last = world.memory.state().looks.values().max().copied().unwrap_or(world.now);
    let now = last.checked_add(10.minutes()).unwrap();
    let memory = &world.memory;
    reconcile(memory, memory, memory, memory, &world.sender, now, 60).await.unwrap()
}

#[tokio::test]
async fn the_reconciler_starts_what_was_accepted_and_never_started() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "" }).await.unwrap();
    assert_eq!(
        run_reconciler(&world).await,
        Reconciled { open: 1, active: 1, oldest: Some(id(SESSION)), ..Reconciled::default() },
        "it runs"
    );
    world.memory.state().executions.clear();
    assert_eq!(
        run_reconciler(&world).await,
        Reconciled {
            open: 1,
            active: 1,
            started: 1,
            oldest: Some(id(SESSION)),
            ..Reconciled::default()
        }
    );
    assert_eq!(mails(&world), [("ann@example.org".into(), "submission-received")]);
}

#[tokio::test]
async fn the_reconciler_restarts_what_was_killed_and_gives_up_visibly() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "" }).await.unwrap();
    let kill = || {
        for (_, execution) in world.memory.state().executions.values_mut() {
            *execution = ExecutionState::Failed;
        }
    };
    for n in 1..=limits::RESTARTS_MAX {
        kill();
        assert_eq!(run_reconciler(&world).await.restarted, 1, "restart {n}");
        let name = format!("{SESSION}-r{n}");
        let state = world.memory.state();
        let (input, _) = &state.executions[&("session-submission", name)];
        assert_eq!(input["submission_id"], SESSION, "from the stored input");
    }
    kill();
    assert_eq!(run_reconciler(&world).await.given_up, 1);
    assert_eq!(world.memory.state().alerts.len(), 1);
    assert_eq!(run_reconciler(&world).await, Reconciled::default(), "it is left to a person");
    // And that person can have it done once more.
    let memory = &world.memory;
    let name = restart(memory, memory, Workflow::SessionSubmission, id(SESSION)).await.unwrap();
    assert_eq!(name, Some(format!("{SESSION}-r{}", limits::RESTARTS_MAX + 1)));
}

/// Many that wait do not hide one that is lost, and one that is broken holds
/// nobody up.
#[tokio::test]
async fn the_reconciler_comes_to_every_piece_of_work() {
    let world = World::new();
    let memory = &world.memory;
    let many = ACTIVE_PER_RUN.max(WAITING_PER_RUN) + 50;
    world.run(&Step::SubmitSession { photos: vec![], text: "" }).await.unwrap();
    {
        let mut state = memory.state();
        let submission = state.submissions[&id(SESSION)].clone();
        for n in 0..2 * many {
            let id = SubmissionId::new(ulid::Ulid(n as u128 + 1));
            let status = if n < many { Status::InReview } else { Status::Accepted };
            // Even the youngest of them is older than what is lost.
            let seconds = i64::try_from(4 * many - n).unwrap();
            let accepted_at = world.now.checked_sub(seconds.seconds()).unwrap();
            let other = Submission { id, status, accepted_at, ..submission.clone() };
            state.submissions.insert(id, other);
            let workflow = Workflow::SessionSubmission;
            let work = Work { workflow, id, restarts: 0, state: WorkState::Open };
            state.work.insert(("session-submission", id), work);
            let running = (serde_json::json!({}), ExecutionState::Running);
            state.executions.insert(("session-submission", id.to_string()), running);
        }
    }
    memory.state().executions.remove(&("session-submission", SESSION.to_owned()));
    let mut started = 0;
    for _ in 0..3 {
        started += run_reconciler(&world).await.started;
    }
    assert_eq!(started, 1, "three runs come to all {many} of each queue and to what is lost");
}

#[tokio::test]
async fn an_execution_that_fails_after_its_restart_says_nothing_of_that() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "" }).await.unwrap();
    let memory = &world.memory;
    for (_, execution) in memory.state().executions.values_mut() {
        *execution = ExecutionState::Failed;
    }
    assert_eq!(run_reconciler(&world).await.restarted, 1);
    let workflow = Workflow::SessionSubmission;
    let failed = |execution, error| Failure { workflow, id: id(SESSION), execution, error };
    let (sender, now) = (&world.sender, world.now);
    let before = memory.state().clone();
    record_failure(memory, memory, memory, sender, now, failed(SESSION, "States.Timeout"))
        .await
        .unwrap();
    assert!(*memory.state() == before, "the past changed something");
    let restarted = format!("{SESSION}-r1");
    record_failure(memory, memory, memory, sender, now, failed(&restarted, "States.Timeout"))
        .await
        .unwrap();
    let state = &memory.state().work[&("session-submission", id(SESSION))].state;
    assert!(matches!(state, WorkState::Failed { .. }));
}

#[tokio::test]
async fn a_failure_is_recorded_told_and_takes_nothing_back() {
    let world = play("published and followers mailed").await;
    let memory = &world.memory;
    // Only work that is open can fail: this one is done.
    let workflow = Workflow::SessionSubmission;
    let failed = |execution, error| Failure { workflow, id: id(SESSION), execution, error };
    let (sender, now) = (&world.sender, world.now);
    record_failure(memory, memory, memory, sender, now, failed(SESSION, "Task.Invariant"))
        .await
        .unwrap();
    assert!(world.work_is_done("session-submission", SESSION));
    assert!(matches!(memory.state().submissions[&id(SESSION)].status, Status::Published { .. }));

    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "" }).await.unwrap();
    let memory = &world.memory;
    for _ in 0..2 {
        record_failure(
            memory,
            memory,
            memory,
            &world.sender,
            world.now,
            failed(SESSION, "States.Timeout"),
        )
        .await
        .unwrap();
    }
    let state = memory.state();
    let failed = &state.work[&("session-submission", id(SESSION))].state;
    assert!(matches!(failed, WorkState::Failed { error, .. } if error == "States.Timeout"));
    let alert = &state.alerts[0].1;
    assert!(
        alert.contains(SESSION) && alert.contains("ops/runbooks/") && !alert.contains('@'),
        "{alert}"
    );
    drop(state);
    assert_eq!(mails(&world), [("ann@example.org".into(), "submission-failed")]);
}

#[tokio::test]
async fn an_execution_that_exists_is_a_success_only_if_it_lives_or_lived_well() {
    let world = World::new();
    world.run(&Step::SubmitSession { photos: vec![], text: "" }).await.unwrap();
    let work = world.memory.state().work[&("session-submission", id(SESSION))].clone();
    for (state, expected) in [
        (ExecutionState::Running, Ensured::Alive),
        (ExecutionState::Succeeded, Ensured::Alive),
        (ExecutionState::Failed, Ensured::Failed),
    ] {
        world.memory.state().executions.values_mut().for_each(|execution| execution.1 = state);
        assert_eq!(ensure_started(&world.memory, &work).await.unwrap(), expected);
    }
}

fn session_of(world: &World) -> seisiun_domain::session::Session {
    world.memory.state().sessions[&id(SESSION).session()].clone()
}

fn site_file(world: &World, key: &str) -> Option<String> {
    let state = world.memory.state();
    let file = state.objects.get(&(Bucket::Site, key.to_owned()));
    file.map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap())
}

fn county(world: &World, county: &str) -> usize {
    let head = site_file(world, &format!("data/counties/ie/{county}.json")).unwrap();
    let head: seisiun_domain::card::ListHead = serde_json::from_str(&head).unwrap();
    head.sessions
}

#[tokio::test]
async fn a_date_called_off_is_told_to_who_follows_the_session_and_did_not_block_its_member() {
    let world = play("a date called off by the submitter").await;
    let session = session_of(&world);
    assert_eq!((session.sequence, session.exceptions.len()), (1, 1));
    let told: Vec<_> =
        mails(&world).into_iter().filter(|(_, kind)| *kind == "session-news").collect();
    assert_eq!(told, [("cat@example.org".to_owned(), "session-news")]);
    let ics = site_file(&world, "feeds/sessions/thursday-tunes-ennistymon.ics").unwrap();
    assert!(ics.contains("EXDATE;TZID=Europe/Dublin:20261126T213000"), "{ics}");
    assert!(world.work_is_done("change-submission", CHANGE));
}

#[tokio::test]
async fn who_is_nobody_to_a_session_calls_no_date_off() {
    let world = listed();
    let key = IdempotencyKey { key: "key-x".into(), fingerprint: "f".into() };
    let request = request_change::Request {
        member_id: "cat".parse().unwrap(),
        session_id: id(SESSION).session(),
        draft: off_tonight(),
        photos: vec![],
        key,
    };
    let memory = &world.memory;
    let asked = request_change(memory, memory, memory, world.now, id(CHANGE), request).await;
    assert_eq!(asked.unwrap(), request_change::Requested::NotYours);
}

#[tokio::test]
async fn a_session_that_moves_leaves_the_lists_of_where_it_was() {
    let world = play("moved to another county by a stranger, approved").await;
    assert_eq!(session_of(&world).listing.venue.county, "Galway");
    assert_eq!((county(&world, "clare"), county(&world, "galway")), (0, 1));
    let clare = site_file(&world, "feeds/counties/ie/clare.ics").unwrap();
    let galway = site_file(&world, "feeds/counties/ie/galway.ics").unwrap();
    assert!(!clare.contains("BEGIN:VEVENT") && galway.contains("BEGIN:VEVENT"));
    // Who edited hears that it was looked at and that it is public.
    let kinds: Vec<_> = mails(&world).into_iter().filter(|(to, _)| to.starts_with("cat")).collect();
    assert_eq!(
        kinds.iter().map(|(_, kind)| *kind).collect::<Vec<_>>(),
        ["submission-published", "submission-waiting"]
    );
}

#[tokio::test]
async fn what_was_found_is_kept_and_mailed_to_nobody() {
    let world = play("confirmed").await;
    assert_eq!(session_of(&world).last_verified_at, world.now);
    assert_eq!(world.memory.state().confirmations.len(), 1);
    assert!(
        !mails(&world)
            .iter()
            .any(|(to, kind)| to.starts_with("bo") && *kind != "submission-published")
    );
    assert!(world.work_is_done("change-submission", CHANGE));
}

#[tokio::test]
async fn a_host_whom_a_moderator_believed_is_one() {
    let world = play("a host's claim, approved").await;
    let hosts = session_of(&world).hosts;
    assert_eq!(hosts.len(), 1);
    assert_eq!(hosts[0].shown_as.as_deref(), Some("Bo"));
}

#[tokio::test]
async fn what_is_withdrawn_is_in_no_list_and_says_nothing_in_calendars() {
    let world = play("a session withdrawn by its submitter").await;
    assert!(!session_of(&world).is_listed());
    assert_eq!(county(&world, "clare"), 0);
    let ics = site_file(&world, "feeds/sessions/thursday-tunes-ennistymon.ics").unwrap();
    assert!(ics.contains("STATUS:CANCELLED") && !ics.contains("Lifted Latch"), "{ics}");
    let state = world.memory.state();
    assert_eq!(state.submissions[&id(SESSION)].status, Status::Withdrawn { statement: None });
    assert_eq!(state.submissions[&id(WITHDRAWAL)].status, Status::Done);
}

#[tokio::test]
async fn what_a_moderator_takes_down_is_told_with_its_reasons() {
    let world = play("a review taken down by a moderator").await;
    let state = world.memory.state();
    assert!(state.reviews.is_empty());
    let told = state.mails.last().unwrap();
    assert_eq!((told.to.as_str(), told.kind), ("bo@example.org", "submission-rejected"));
    let mime = String::from_utf8_lossy(&told.mime);
    assert!(mime.contains("Taken down"), "{mime}");
}

#[tokio::test]
async fn while_mail_is_switched_off_all_else_goes_on_and_no_mail_is_lost() {
    let name = "published and followers mailed";
    let expected = mails(&play(name).await);
    let (_, prepare, steps) = scenarios().into_iter().find(|(n, _, _)| *n == name).unwrap();
    let world = prepare();
    world.memory.set_switch(Switch::Mail, false).await.unwrap();
    let mut owed = Vec::new();
    for step in steps {
        match world.run(&step).await {
            Ok(()) => {}
            Err(TaskError::NotReady(_)) => owed.push(step),
            // What comes after a fan-out's pages comes when they are done.
            Err(_) if !owed.is_empty() => owed.push(step),
            Err(error) => panic!("{step:?}: {error}"),
        }
    }
    assert!(session_of(&world).is_listed());
    assert!(mails(&world).is_empty());
    world.memory.set_switch(Switch::Mail, true).await.unwrap();
    for step in &owed {
        world.run(step).await.unwrap();
    }
    assert_eq!(mails(&world), expected);
}

#[tokio::test]
async fn a_photo_goes_alone_and_its_submitter_is_told() {
    let world = play("a photo taken down by a moderator").await;
    assert!(session_of(&world).is_listed());
    let state = world.memory.state();
    assert!(state.approvals.is_empty());
    assert!(!state.objects.keys().any(|(bucket, _)| *bucket == Bucket::Public));
    assert!(matches!(state.submissions[&id(SESSION)].status, Status::Published { .. }));
    let told = state.mails.last().unwrap();
    assert_eq!((told.to.as_str(), told.kind), ("ann@example.org", "submission-rejected"));
    let mime = String::from_utf8_lossy(&told.mime);
    assert!(mime.contains("Photo taken down") && mime.contains("a photo of your"), "{mime}");
}

#[tokio::test]
async fn the_lists_of_an_imported_session_can_be_published_again() {
    let world = listed();
    world.memory.state().submissions.remove(&id(SESSION));
    world.run(&Step::PublishListing).await.unwrap();
    assert_eq!(county(&world, "clare"), 1);
}

#[tokio::test]
async fn an_imported_session_goes_like_any_other() {
    let world = play("an imported session taken down by a moderator").await;
    assert!(!session_of(&world).is_listed());
    assert_eq!(county(&world, "clare"), 0);
    assert!(world.work_is_done("withdraw", WITHDRAWAL));
    let told = world.memory.state().mails.last().cloned().unwrap();
    assert_eq!((told.to.as_str(), told.kind), ("ann@example.org", "submission-rejected"));
}

#[tokio::test]
async fn a_review_that_is_refused_leaves_no_photo() {
    let world = listed();
    let (session, late) = (id(SESSION).session(), id(CHANGE));
    let mut review = world.memory.state().submissions[&id(REVIEW)].clone();
    review.id = late;
    review.photos = vec![photo(PHOTO)];
    review.status = Status::Accepted;
    world.memory.state().submissions.insert(late, review);
    for step in [Step::OpenCase(late), Step::Decide(late, Measure::Approve, Reason::InOrder)] {
        world.run(&step).await.unwrap();
    }
    // As an earlier run, cut off, has left it.
    let picture = PublishedPhoto {
        photo_id: photo(PHOTO),
        submission_id: late,
        ..port_suites::approved_photo(world.now)
    };
    world.memory.approve_photos(session, &[picture]).await.unwrap();
    let persisted = persist_review(&world.memory, &world.memory, world.now, late).await.unwrap();
    assert_eq!(persisted, Persisted::Rejected);
    assert!(world.memory.state().approvals.is_empty());
}

#[tokio::test]
async fn a_submission_taken_back_while_it_waits_is_withdrawn_by_its_own_workflow() {
    let world = World::new();
    let session = id(SESSION);
    for step in [
        Step::SubmitSession { photos: vec![], text: "buy at www.example.com" },
        Step::Validate(session),
        Step::ModerateText(session),
        Step::OpenCase(session),
        Step::Withdraw("ann", session, taken_back()),
    ] {
        world.run(&step).await.unwrap();
    }
    let first = world.run(&Step::WithdrawContent).await;
    assert!(matches!(first, Err(TaskError::NotReady(_))), "{first:?}");
    assert_eq!(world.memory.state().answers.len(), 1, "its execution goes on");
    for step in [Step::Reject(session), Step::Tell(session), Step::WithdrawContent] {
        world.run(&step).await.unwrap();
    }
    let state = world.memory.state();
    assert_eq!(state.submissions[&session].status, Status::Withdrawn { statement: None });
    assert_eq!(state.submissions[&id(WITHDRAWAL)].status, Status::Done);
    let kinds: Vec<_> = state.mails.iter().map(|mail| mail.kind).collect();
    assert_eq!(kinds, ["submission-waiting"], "nobody is told of their own doing");
}

#[tokio::test]
async fn nobody_withdraws_what_is_somebody_elses() {
    let world = listed();
    let key = IdempotencyKey { key: "key-w".into(), fingerprint: "f".into() };
    let memory = &world.memory;
    let ground =
        GroundDraft { reason: Reason::Spam, note: String::new(), photo: None, merged_into: None };
    let no_photo_of_it = WithdrawalDraft { photo: Some(photo(PHOTO)) };
    for (asker, wish, expected) in [
        ("bo", taken_back(), request_withdrawal::Requested::NoSuchSubmission),
        ("ann", Wish::Submitter(no_photo_of_it), request_withdrawal::Requested::NothingToWithdraw),
        (
            "ann",
            Wish::Moderator(ground),
            request_withdrawal::Requested::Submitted(Submitted::Refused(Problems::one(
                "moderator",
                "own_item",
                "nobody decides on what they submitted themselves: withdraw it as its author",
            ))),
        ),
    ] {
        let asker = asker.parse().unwrap();
        let request =
            request_withdrawal::Request { asker, target: id(SESSION), wish, key: key.clone() };
        let asked = request_withdrawal(memory, memory, memory, world.now, id(WITHDRAWAL), request);
        assert_eq!(asked.await.unwrap(), expected);
    }
}

#[tokio::test]
async fn an_export_holds_what_was_sent_and_says_when_it_is_ready() {
    let world = play("exported").await;
    let state = world.memory.state();
    let key = export_personal_data::archive_key(id(ASKED), 1);
    let (_, archive) = &state.objects[&(Bucket::Work, key)];
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive.clone())).unwrap();
    let file = archive.by_name("seisiun.json").unwrap();
    let all: serde_json::Value = serde_json::from_reader(file).unwrap();
    assert_eq!(all["member"]["email"], "bo@example.org");
    let kinds: Vec<_> = all["submissions"].as_array().unwrap().iter().collect();
    assert_eq!(kinds.len(), 2);
    assert_eq!(kinds[1]["review_as_it_stands"]["draft"]["text"], "Grand tunes.");
    assert_eq!(state.mails.last().unwrap().kind, "export-ready");
}

#[tokio::test]
async fn of_who_was_erased_nothing_is_left_but_that_they_asked() {
    let world = play("erased").await;
    let state = world.memory.state();
    let bo = "bo".parse().unwrap();
    assert!(!state.members.contains_key(&bo) && state.erased.contains(&bo));
    assert!(state.reviews.is_empty());
    let own: Vec<_> = state.submissions.values().filter(|one| one.member_id == bo).collect();
    assert_eq!(own.iter().map(|one| one.id).collect::<Vec<_>>(), [id(ASKED)]);
    let last = state.mails.last().unwrap();
    assert_eq!((last.to.as_str(), last.kind), ("bo@example.org", "account-erased"));
    let owed = state.work.get(&("erase-member", id(ASKED))).unwrap();
    assert_eq!(owed.state, WorkState::Done);
}

#[tokio::test]
async fn an_erasure_waits_for_what_is_on_its_way() {
    let world = listed();
    for step in [Step::SubmitReview, Step::Ask(Body::Erasure)] {
        world.run(&step).await.unwrap();
    }
    if let Some(review) = world.memory.state().submissions.get_mut(&id(world::REVIEW)) {
        review.status = Status::Accepted;
    }
    let first = world.run(&Step::Erase).await;
    assert!(matches!(first, Err(TaskError::NotReady(_))), "{first:?}");
}
