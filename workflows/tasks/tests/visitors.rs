//! What people without an account send, and what comes of it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod world;

use seisiun_domain::{
    SubmissionId,
    case::{CaseKind, Measure, Reason},
    follow::FollowerId,
    geo::{Circle, Position},
    limits,
    notice::{NoticeDraft, NoticeReason, notifier},
    photo::{Approver, PublishedPhoto, Variant},
    submission::{Body, Status},
    withdrawal::{Ground, Withdrawal},
};
use seisiun_workflows::{
    TaskResult,
    acknowledge_notice::acknowledge_notice,
    decide_case::{Outcome, Request, decide_case},
    deliver::Delivery,
    follow_target::Wanted,
    open_case::open_case,
    ports::{ApprovePhotos, IdempotencyKey, LoadCase, PutMember},
    request_follow::{FollowRequest, confirm_follow, request_follow},
    resolve_notice::resolve_notice,
    send_notice::Sent,
    submit::Submitted,
};
use world::{
    NOTICE, PHOTO, REVIEW, SEALED, SESSION, Step, WITHDRAWAL, World, id, notice_draft, photo,
};

async fn resolve(world: &World, notice: SubmissionId) -> TaskResult<Option<Delivery>> {
    let (memory, sender, by) = (&world.memory, &world.sender, id(WITHDRAWAL));
    resolve_notice(memory, memory, memory, memory, sender, world.now, notice, by).await
}

async fn published() -> World {
    let world = World::new();
    for step in [
        Step::SubmitSession { photos: vec![], text: "" },
        Step::Validate(id(SESSION)),
        Step::PersistSession,
    ] {
        world.run(&step).await.unwrap();
    }
    world
}

fn nth(n: u32) -> SubmissionId {
    format!("01J90000000000000000000{n:03}").parse().unwrap()
}

async fn decide(world: &World, moderator: &str, measure: Measure, reason: Reason) -> Outcome {
    let request = Request {
        case: id(NOTICE).case(),
        measure,
        reason,
        note: String::new(),
        seen: None,
        moderator: moderator.parse().unwrap(),
        key: IdempotencyKey { key: format!("decide-{moderator}"), fingerprint: "f".into() },
    };
    decide_case(&world.memory, &world.memory, world.now, request).await.unwrap()
}

/// Text parts of the mails to an address, in order.
fn mails(world: &World, to: &str) -> Vec<String> {
    let state = world.memory.state();
    let to_them = state.mails.iter().filter(|mail| mail.to == to);
    to_them.map(|mail| format!("{} {}", mail.kind, String::from_utf8_lossy(&mail.mime))).collect()
}

#[tokio::test]
async fn a_notice_is_acknowledged_decided_and_answered() {
    for (measure, reason, upheld) in
        [(Measure::Approve, Reason::Privacy, true), (Measure::Reject, Reason::InOrder, false)]
    {
        let world = published().await;
        for step in [Step::SendNotice, Step::AcknowledgeNotice, Step::OpenCase(id(NOTICE))] {
            world.run(&step).await.unwrap();
        }
        let case = world.memory.load_case(id(NOTICE).case()).await.unwrap().unwrap();
        assert_eq!(case.kind, CaseKind::Notice);
        assert_eq!(case.about, Some("ann".parse().unwrap()), "whose session it is");
        assert_eq!(case.grounds[1], notice_draft().url);
        assert!(matches!(decide(&world, "eve", measure, reason).await, Outcome::Decided(_)));
        world.run(&Step::ResolveNotice).await.unwrap();
        let status = world.memory.state().submissions[&id(NOTICE)].status.clone();
        assert_eq!(status, Status::Resolved { upheld });
        assert!(world.work_is_done("notice", NOTICE));
        // What goes is ordered once, in the name of who decided.
        world.run(&Step::ResolveNotice).await.unwrap();
        let order = world.memory.state().submissions.get(&id(WITHDRAWAL)).cloned();
        let order = order.map(|order| (order.member_id.to_string(), order.body));
        let ground = Ground { reason, note: String::new(), moderator: "eve".parse().unwrap() };
        let body = Body::Withdrawal(Withdrawal {
            target: id(SESSION),
            photo: None,
            merged_into: None,
            ground: Some(ground),
        });
        assert_eq!(order, upheld.then(|| ("eve".to_owned(), body)));
        let mails = mails(&world, "nora@example.org");
        let kinds: Vec<_> = mails.iter().map(|mail| mail.split(' ').next().unwrap()).collect();
        assert_eq!(kinds, ["notice-received", "notice-resolved"]);
    }
}

#[tokio::test]
async fn neither_side_of_a_notice_decides_it() {
    let world = published().await;
    // Eve, a moderator, sends it from her own address.
    let draft = NoticeDraft { email: "EVE@example.org".into(), ..notice_draft() };
    world.send_notice(id(NOTICE), &draft).await.unwrap();
    world.run(&Step::OpenCase(id(NOTICE))).await.unwrap();
    for moderator in ["eve", "ann"] {
        let outcome = decide(&world, moderator, Measure::Approve, Reason::Privacy).await;
        let Outcome::Refused(problems) = outcome else { panic!("{moderator}: {outcome:?}") };
        assert_eq!(problems.0[0].code, "own_item");
    }
    let outcome = decide(&world, "bo", Measure::Approve, Reason::Privacy).await;
    assert!(matches!(outcome, Outcome::Decided(_)), "{outcome:?}");
}

#[tokio::test]
async fn the_author_of_a_review_or_photo_is_found() {
    let world = published().await;
    world.run(&Step::SubmitReview).await.unwrap();
    let variant = Variant { sha256: "a".repeat(64), width: 4, height: 3, bytes: 9 };
    let picture = PublishedPhoto {
        photo_id: photo(PHOTO),
        submission_id: id(REVIEW),
        full: variant.clone(),
        thumbnail: variant,
        thumbhash: String::new(),
        perceptual_hash: String::new(),
        approved_by: Approver::Policy { model: "none".into() },
        approved_at: world.now,
    };
    let page = notice_draft().url;
    let session = id(SESSION).session();
    world.memory.approve_photos(session, &[picture]).await.unwrap();
    let site = "https://seisiun.example";
    let hash = "a".repeat(64);
    for (n, (url, author, title)) in [
        (format!("{page}#review-{REVIEW}"), Some("bo"), "a review of "),
        (format!("{site}/photos/{PHOTO}/{hash}.jpg"), Some("bo"), "a photo of "),
        (page.clone(), Some("ann"), ""),
        (format!("{site}/sessions/nowhere/"), None, "a session that is not listed"),
        (format!("{site}/photos/{NOTICE}/{hash}.jpg"), None, "a photo of a session that"),
        (format!("{page}#review-{NOTICE}"), None, "a review of a session that"),
    ]
    .into_iter()
    .enumerate()
    {
        let notice = nth(u32::try_from(n).unwrap());
        let draft = NoticeDraft { url: url.clone(), ..notice_draft() };
        world.send_notice(notice, &draft).await.unwrap();
        let (memory, sender) = (&world.memory, &world.sender);
        open_case(memory, memory, sender, world.now, notice).await.unwrap();
        let case = memory.load_case(notice.case()).await.unwrap().unwrap();
        assert_eq!(case.about.as_ref().map(|about| about.as_str()), author, "{url}");
        assert!(case.title.starts_with(title), "{url}: {}", case.title);
    }
}

#[tokio::test]
async fn a_notice_without_an_address_is_taken_and_nobody_told() {
    let world = published().await;
    let reason = NoticeReason::ChildSexualAbuse;
    let (name, email) = (String::new(), String::new());
    let draft = NoticeDraft { reason, name, email, ..notice_draft() };
    for _ in 0..2 {
        world.send_notice(id(NOTICE), &draft).await.unwrap();
    }
    let notice = id(NOTICE);
    let (memory, sender) = (&world.memory, &world.sender);
    assert_eq!(acknowledge_notice(memory, memory, sender, world.now, notice).await.unwrap(), None);
    let undecided = resolve(&world, notice).await;
    assert!(undecided.is_err(), "nobody has decided");
    world.run(&Step::OpenCase(notice)).await.unwrap();
    decide(&world, "eve", Measure::Approve, Reason::Illegal).await;
    assert_eq!(resolve(&world, notice).await.unwrap(), None);
    assert!(world.work_is_done("notice", NOTICE));
    assert!(memory.state().mails.is_empty());
    // Another such notice is somebody else's.
    world.send_notice(nth(1), &draft).await.unwrap();
    let state = memory.state();
    assert_ne!(state.submissions[&notice].member_id, state.submissions[&nth(1)].member_id);
}

#[tokio::test]
async fn an_address_sends_so_many_notices_a_day() {
    let world = published().await;
    let most = limits::NOTICES_PER_ADDRESS_PER_DAY;
    for n in 0..most {
        let sent = world.send_notice(nth(n), &notice_draft()).await.unwrap();
        assert_eq!(sent, Sent::Submitted(Submitted::Accepted(nth(n))));
    }
    let shouted = NoticeDraft { email: "NORA@example.org".into(), ..notice_draft() };
    assert_eq!(world.send_notice(nth(most), &shouted).await.unwrap(), Sent::TooMany);
    // A repeat of one that was taken is a repeat.
    let again = world.send_notice(nth(0), &notice_draft()).await.unwrap();
    assert_eq!(again, Sent::Submitted(Submitted::Replayed(nth(0))));
    let other = NoticeDraft { email: "other@example.org".into(), ..notice_draft() };
    let sent = world.send_notice(nth(most), &other).await.unwrap();
    assert_eq!(sent, Sent::Submitted(Submitted::Accepted(nth(most))));
}

#[tokio::test]
async fn an_address_that_no_mail_can_go_to_is_refused() {
    let world = published().await;
    for address in ["a..b@example.org", "\"a\"@example.org", "a@[127.0.0.1]", "a@-b.example"] {
        let draft = NoticeDraft { email: address.into(), ..notice_draft() };
        let sent = world.send_notice(id(NOTICE), &draft).await.unwrap();
        let Sent::Submitted(Submitted::Refused(problems)) = sent else { panic!("{address}") };
        assert_eq!(problems.0[0].field, "email", "{address}");
        let request = world.follow_request(address, "Clare");
        let problems = ask(&world, &request).await.unwrap_err();
        assert_eq!(problems.0[0].field, "email", "{address}");
    }
    let state = world.memory.state();
    assert!(!state.submissions.values().any(|sent| matches!(sent.body, Body::Notice(_))));
}

async fn ask(world: &World, request: &FollowRequest) -> Result<(), seisiun_domain::Problems> {
    let (memory, sender) = (&world.memory, &world.sender);
    request_follow(memory, memory, sender, world.now, request, SEALED).await.unwrap()
}

#[tokio::test]
async fn an_address_is_asked_before_it_follows_and_not_too_often() {
    let world = World::new();
    let clare = world.follow_request("reader@example.org", "Clare");
    for _ in 0..3 {
        ask(&world, &clare).await.unwrap();
    }
    assert_eq!(mails(&world, "reader@example.org").len(), 1, "once a day for the same");
    assert!(world.memory.state().follows.is_empty(), "nothing before it is confirmed");
    for county in ["Kerry", "Cork", "Mayo", "Sligo"] {
        ask(&world, &world.follow_request("Reader@example.org", county)).await.unwrap();
    }
    let asked =
        mails(&world, "reader@example.org").len() + mails(&world, "Reader@example.org").len();
    assert_eq!(asked, usize::try_from(limits::FOLLOW_REQUESTS_PER_ADDRESS_PER_DAY).unwrap());

    for _ in 0..2 {
        confirm_follow(&world.memory, clare.clone(), SEALED, world.now).await.unwrap().unwrap();
    }
    let follows: Vec<_> = world.memory.state().follows.values().cloned().collect();
    assert_eq!(follows.len(), 1);
    assert_eq!(follows[0].follower, FollowerId::of_address(&clare.email));
    assert!(follows[0].unsubscribe_token.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert!(
        !clare.is_over(world.now)
            && clare
                .is_over(clare.until.saturating_add(jiff::SignedDuration::from_secs(1)).unwrap())
    );
}

#[tokio::test]
async fn a_circle_is_kept_as_numbers_that_a_store_can_hold() {
    let world = World::new();
    let centre = Position { lat: 53.000_000_04, lon: -9.1e-248 };
    let request = FollowRequest {
        wanted: Wanted::Circle(Circle { centre, radius_km: 5.0 }),
        ..world.follow_request("reader@example.org", "Clare")
    };
    confirm_follow(&world.memory, request, SEALED, world.now).await.unwrap().unwrap();
    let follows: Vec<_> = world.memory.state().follows.values().cloned().collect();
    let circle = Some(Circle { centre: Position { lat: 53.0, lon: 0.0 }, radius_km: 5.0 });
    assert!(!follows.is_empty() && follows.iter().all(|follow| follow.circle == circle));
}

#[tokio::test]
async fn a_suppressed_address_gets_no_mail_and_no_other_answer() {
    let world = World::new();
    let request = world.follow_request("reader@example.org", "Clare");
    world.memory.state().suppressed.insert(request.email.suppression_key());
    ask(&world, &request).await.unwrap();
    assert!(world.memory.state().mails.is_empty());
    let long = world.follow_request("reader@example.org", &"x".repeat(limits::LINE_CHARS_MAX + 1));
    assert_eq!(ask(&world, &long).await.unwrap_err().0[0].field, "target");
}

#[tokio::test]
async fn who_sends_notices_is_no_member() {
    let world = published().await;
    world.run(&Step::SendNotice).await.unwrap();
    world.run(&Step::AcknowledgeNotice).await.unwrap();
    let email = "nora@example.org".to_owned().try_into().unwrap();
    let sender = world.memory.state().submissions[&id(NOTICE)].member_id.clone();
    assert_eq!(sender, notifier(&email));
    // An account of the same address is somebody else, whose keys are their own.
    world.memory.put_member(&world::member("nora")).await.unwrap();
    let (memory, sender) = (&world.memory, &world.sender);
    let told = acknowledge_notice(memory, memory, sender, world.now, id(NOTICE)).await.unwrap();
    assert_eq!(told, Some(Delivery::AlreadySent));
}

#[tokio::test]
async fn a_notice_takes_down_what_it_is_about_and_no_more() {
    let page = notice_draft().url;
    let photo_url = format!("https://seisiun.example/photos/{PHOTO}/{}.jpg", "a".repeat(64));
    for (url, goes) in [
        (format!("{page}#review-{REVIEW}"), Some((id(REVIEW), None))),
        // The id of something else, which anybody may write there.
        (format!("{page}#review-{SESSION}"), None),
        // It came with a review, which stays.
        (photo_url, Some((id(REVIEW), Some(photo(PHOTO))))),
    ] {
        let world = published().await;
        world.run(&Step::SubmitReview).await.unwrap();
        world.run(&Step::PersistReview).await.unwrap();
        if let Some(sent) = world.memory.state().submissions.get_mut(&id(REVIEW)) {
            sent.photos.push(photo(PHOTO));
        }
        let variant = Variant { sha256: "a".repeat(64), width: 4, height: 3, bytes: 9 };
        let picture = PublishedPhoto {
            photo_id: photo(PHOTO),
            submission_id: id(REVIEW),
            full: variant.clone(),
            thumbnail: variant,
            thumbhash: String::new(),
            perceptual_hash: String::new(),
            approved_by: Approver::Policy { model: "none".into() },
            approved_at: world.now,
        };
        world.memory.approve_photos(id(SESSION).session(), &[picture]).await.unwrap();
        let draft = NoticeDraft { url: url.clone(), ..notice_draft() };
        world.send_notice(id(NOTICE), &draft).await.unwrap();
        world.run(&Step::OpenCase(id(NOTICE))).await.unwrap();
        decide(&world, "eve", Measure::Approve, Reason::Privacy).await;
        world.run(&Step::ResolveNotice).await.unwrap();
        let state = world.memory.state();
        let target = state.submissions.get(&id(WITHDRAWAL)).map(|order| match &order.body {
            Body::Withdrawal(withdrawal) => (withdrawal.target, withdrawal.photo),
            body => panic!("{body:?}"),
        });
        assert_eq!(target, goes, "{url}");
    }
}
