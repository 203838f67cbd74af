//! Lists that are read page by page, one's own submissions and follows, and
//! requests that are repeated under their key: through the front door.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use reqwest::{Method, StatusCode, header};
use seisiun_aws::table::Table;
use seisiun_contracts::api::{
    CaseView, Cursor, Decide, Decided, Duplicates, Follows, FoundSessions, OwnSubmissions,
    PutFollow, RequestUpload, ReviewPage, Sent, SessionView, SubmissionView, SubmitSession, Upload,
};
use seisiun_domain::{
    SessionId, SubmissionId,
    case::{Measure, Reason},
    change::News,
    follow::{Cadence, Followed, Target},
    geo::{Circle, Position},
    limits,
    session::{Session, SessionDraft, Slug, Status as Listed},
    submission::{Body, Event, State, Status, Submission, Work, WorkState, Workflow},
};
use seisiun_e2e::{Person, Stack, content::Place, person::Answer, stack::until};
use seisiun_workflows::{
    port_suites::reviewed_session,
    ports::{AcceptSubmission, EndWork, IdempotencyKey, LoadFollowing, PublishSession},
};
use serde::de::DeserializeOwned;
use ulid::Ulid;

/// Sessions written at a time.
const WRITES_AT_A_TIME: usize = 8;

struct Cast {
    stack: Stack,
    table: Table,
    place: Place,
    ann: Person,
}

impl Cast {
    async fn call() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let place = Place::fresh();
        let ann = Person::sign_up(&stack, &format!("ann.{}", place.tag), &[]).await.unwrap();
        let table = Table::new(stack.config(), stack.value("TableName").unwrap());
        Self { stack, table, place, ann }
    }

    async fn another(&self, name: &str, groups: &[&str]) -> Person {
        Person::sign_up(&self.stack, &format!("{name}.{}", self.place.tag), groups).await.unwrap()
    }

    /// Asks as somebody without a token.
    async fn read<T: DeserializeOwned>(&self, path: &str) -> T {
        get(&self.ann.anonymous(), path).await.ok().unwrap()
    }

    /// Stores a submission of Ann's for which nothing is owed.
    async fn store(&self, draft: SessionDraft) -> SubmissionId {
        let submission = Submission {
            id: SubmissionId::new(Ulid::generate()),
            member_id: self.ann.member_id.clone(),
            body: Body::Session(draft),
            photos: vec![],
            accepted_at: Timestamp::now(),
            status: Status::Accepted,
            background: None,
            resembles: None,
        };
        let (id, workflow) = (submission.id, Workflow::SessionSubmission);
        let key = IdempotencyKey { key: id.to_string(), fingerprint: "f".repeat(64) };
        self.table.accept_submission(&submission, &key).await.unwrap();
        let done = Work { workflow, id, restarts: 0, state: WorkState::Done };
        self.table.end_work(&done).await.unwrap();
        id
    }

    /// Lists a session as its workflow would.
    async fn list(&self, title: &str) -> SessionId {
        let draft = self.place.elsewhere().session(title);
        let id = self.store(draft.clone()).await;
        let now = Timestamp::now();
        let session = Session {
            id: id.session(),
            slug: Slug::distinct(&draft, id.session()),
            status: Listed::Live,
            submitter: self.ann.member_id.clone(),
            listing: draft,
            published_at: now,
            last_verified_at: now,
            found_gone: None,
            exceptions: Vec::new(),
            sequence: 0,
            changed_at: None,
            hosts: vec![],
            revision: 0,
            merged_into: None,
        };
        let event = Event::news(id, now, session.id, News::NewSession);
        self.table.publish_session(&session, &event).await.unwrap();
        let workflow = Workflow::NotifyFollowers;
        let told = Work { workflow, id, restarts: 0, state: WorkState::Done };
        self.table.end_work(&told).await.unwrap();
        session.id
    }
}

async fn get(person: &Person, path: &str) -> Answer {
    person.call(Method::GET, path, None::<&()>, None).await.unwrap()
}

fn with_cursor(path: &str, Cursor(cursor): &Cursor) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}cursor={cursor}")
}

/// Whatever is not a cursor of this list, made from one that is.
fn not_cursors(Cursor(good): &Cursor) -> Vec<String> {
    let another = if good.starts_with('A') { 'B' } else { 'A' };
    let swapped = format!("{another}{}", good.get(1..).unwrap());
    vec![
        "x".into(),
        "AAAA".into(),
        good.get(..good.len() - 4).unwrap().into(),
        format!("{good}AAAA"),
        good.to_lowercase(),
        good.chars().rev().collect(),
        swapped,
        "A".repeat(2_048),
        "A".repeat(2_049),
        "%00".into(),
        "%F0%9F%8E%BB".into(),
        String::new(),
    ]
}

async fn refuses_all(person: &Person, path: &str, cursors: Vec<String>) {
    for cursor in cursors {
        let path = with_cursor(path, &Cursor(cursor));
        let answer = get(person, &path).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {}", answer.body);
        assert!(answer.problem().unwrap().kind.ends_with("#bad-cursor"), "{}", answer.body);
    }
}

#[tokio::test]
async fn reviews_come_page_by_page_and_a_cursor_fits_its_session_alone() {
    let cast = Cast::call().await;
    let ratings = [4; 2 * limits::REVIEWS_PER_PAGE + 3];
    let session = reviewed_session(&cast.table, &ratings).await;
    let path = format!("/api/sessions/{session}");
    let page: SessionView = cast.read(&path).await;
    assert_eq!(page.review_count as usize, ratings.len());
    assert_eq!(page.reviews.len(), limits::REVIEWS_PER_PAGE);
    let first = page.next_reviews.clone().unwrap();

    let list = format!("{path}/reviews");
    let begun: ReviewPage = cast.read(&list).await;
    assert_eq!((&begun.reviews, &begun.next), (&page.reviews, &page.next_reviews));
    let mut seen: Vec<SubmissionId> = page.reviews.iter().map(|review| review.id).collect();
    let mut next = page.next_reviews;
    while let Some(cursor) = next {
        let page: ReviewPage = cast.read(&with_cursor(&list, &cursor)).await;
        assert!((1..=limits::REVIEWS_PER_PAGE).contains(&page.reviews.len()));
        seen.extend(page.reviews.iter().map(|review| review.id));
        next = page.next;
    }
    assert_eq!(seen.len(), ratings.len());
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), ratings.len());

    // The page with its cursor is the same each time: a reader who has it is told.
    let url = cast.stack.url(&path).unwrap();
    let answer = cast.stack.http.get(&url).send().await.unwrap();
    let tag = answer.headers()[header::ETAG].clone();
    let again = cast.stack.http.get(&url).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

    let other = reviewed_session(&cast.table, &[3]).await;
    let Cursor(foreign) = first.clone();
    let nobody = cast.ann.anonymous();
    refuses_all(&nobody, &format!("/api/sessions/{other}/reviews"), vec![foreign]).await;
    refuses_all(&nobody, &list, not_cursors(&first)).await;
    let missing = get(&nobody, &format!("/api/sessions/{}/reviews", Ulid::generate())).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_search_goes_on_where_its_page_ended_and_for_its_question_alone() {
    use futures::{StreamExt, stream};
    let cast = Cast::call().await;
    let count = limits::SEARCH_HITS_MAX + 5;
    let listed: BTreeSet<SessionId> = stream::iter(0..count)
        .map(|n| {
            let cast = &cast;
            async move { cast.list(&format!("Page {n}")).await }
        })
        .buffer_unordered(WRITES_AT_A_TIME)
        .collect()
        .await;
    let county = cast.place.county.replace(' ', "%20");
    let path = format!("/api/sessions?country=IE&county={county}");
    let first: FoundSessions = cast.read(&path).await;
    assert_eq!((first.total, first.sessions.len()), (count, limits::SEARCH_HITS_MAX));
    let cursor = first.next.unwrap();
    let second: FoundSessions = cast.read(&with_cursor(&path, &cursor)).await;
    assert_eq!((second.total, second.sessions.len(), &second.next), (count, 5, &None));
    let found: BTreeSet<SessionId> =
        first.sessions.iter().chain(&second.sessions).map(|found| found.card.id).collect();
    assert_eq!(found, listed);

    let nobody = cast.ann.anonymous();
    let Cursor(same) = cursor.clone();
    for other in [format!("{path}&q=page"), "/api/sessions?lat=53&lon=-9".into()] {
        refuses_all(&nobody, &other, vec![same.clone()]).await;
    }
    refuses_all(&nobody, &path, not_cursors(&cursor)).await;
}

#[tokio::test]
async fn ones_submissions_come_newest_first_and_to_oneself_alone() {
    let cast = Cast::call().await;
    let path = "/api/submissions";
    let none: OwnSubmissions = get(&cast.ann, path).await.ok().unwrap();
    assert_eq!((none.submissions.len(), none.next), (0, None));
    let mut sent = Vec::new();
    for n in 0..limits::SUBMISSIONS_PER_PAGE + 2 {
        sent.push(cast.store(cast.place.session(&format!("Mine {n}"))).await);
    }
    sent.sort();
    sent.reverse();
    let first: OwnSubmissions = get(&cast.ann, path).await.ok().unwrap();
    let cursor = first.next.unwrap();
    let second: OwnSubmissions = get(&cast.ann, &with_cursor(path, &cursor)).await.ok().unwrap();
    assert_eq!(second.next, None);
    let seen: Vec<&SubmissionView> = first.submissions.iter().chain(&second.submissions).collect();
    assert_eq!(seen.iter().map(|seen| seen.submission_id).collect::<Vec<_>>(), sent);
    assert!(
        seen.iter().all(|seen| seen.title.as_ref().is_some_and(|title| title.starts_with("Mine "))
            && !seen.delayed)
    );

    let bob = cast.another("bob", &[]).await;
    let his: OwnSubmissions = get(&bob, path).await.ok().unwrap();
    assert!(his.submissions.is_empty());
    let Cursor(hers) = cursor.clone();
    refuses_all(&bob, path, vec![hers]).await;
    refuses_all(&cast.ann, path, not_cursors(&cursor)).await;
}

#[tokio::test]
async fn a_submission_is_watched_until_its_state_changes() {
    let cast = Cast::call().await;
    let wanted = SubmitSession { session: cast.place.session("Watched"), photos: vec![] };
    let key = Ulid::generate().to_string();
    let sent = cast.ann.submit_session(&wanted, &key).await.unwrap();
    let path = format!("/api/submissions/{}", sent.submission_id);
    let watch = async |query: &str| {
        let began = Instant::now();
        let answer = get(&cast.ann, &format!("{path}?{query}")).await;
        let view: SubmissionView = answer.ok().unwrap();
        (view.status.state(), began.elapsed())
    };
    // Listed at once, and known until it is public.
    let listed: OwnSubmissions = get(&cast.ann, "/api/submissions").await.ok().unwrap();
    assert_eq!(listed.submissions[0].submission_id, sent.submission_id);
    let mut state = State::Accepted;
    let mut waits = 0;
    while state == State::Accepted {
        let (now, took) = watch("wait_seconds=20&unless=accepted").await;
        assert!(now != state || took >= Duration::from_secs(20), "{took:?}");
        state = now;
        waits += 1;
        assert!(waits < 5, "it is never published");
    }
    assert_eq!(state, State::Published);
    let (still, took) = watch("wait_seconds=1&unless=published").await;
    assert_eq!(still, State::Published);
    assert!(took >= Duration::from_secs(1), "{took:?}");
    for at_once in ["wait_seconds=20&unless=accepted", "unless=published", ""] {
        let (state, took) = watch(at_once).await;
        assert_eq!(state, State::Published);
        assert!(took < Duration::from_secs(10), "{at_once}: {took:?}");
    }
    for (query, status) in [
        ("wait_seconds=0", StatusCode::UNPROCESSABLE_ENTITY),
        ("wait_seconds=21", StatusCode::UNPROCESSABLE_ENTITY),
        ("wait_seconds=999", StatusCode::BAD_REQUEST),
        ("unless=gone", StatusCode::BAD_REQUEST),
        ("until=published", StatusCode::BAD_REQUEST),
    ] {
        let answer = get(&cast.ann, &format!("{path}?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
    }
    // Nobody waits for what is not theirs.
    let bob = cast.another("bob", &[]).await;
    let began = Instant::now();
    let answer = get(&bob, &format!("{path}?wait_seconds=20&unless=published")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(began.elapsed() < Duration::from_secs(10));

    // What is listed now is a duplicate for whoever comes next.
    let Position { lat, lon } = cast.place.position;
    let duplicates = async |title: &str, lat: f64| -> Vec<SessionId> {
        let path = format!("/api/duplicates?title={title}&lat={lat}&lon={lon}");
        let found: Duplicates = cast.read(&path).await;
        found.sessions.into_iter().map(|card| card.id).collect()
    };
    let session = sent.submission_id.session();
    until("a duplicate", || async {
        Ok((duplicates("watched", lat).await == [session]).then_some(()))
    })
    .await
    .unwrap();
    assert_eq!(duplicates("Something%20else", lat).await, []);
    assert_eq!(duplicates("Watched", lat + 0.01).await, []);
}

#[tokio::test]
async fn a_follow_stands_until_its_member_or_a_mails_link_ends_it() {
    let cast = Cast::call().await;
    let (ann, bob) = (&cast.ann, cast.another("bob", &[]).await);
    let list = async |person: &Person| -> Vec<(Option<Target>, Option<Circle>, String)> {
        let follows: Follows = get(person, "/api/follows").await.ok().unwrap();
        let brief = follows.follows.into_iter();
        brief.map(|follow| (follow.target, follow.circle, follow.id.to_string())).collect()
    };
    assert!(list(ann).await.is_empty());
    let county = Target::county("IE", &cast.place.county);
    let circle = Circle { centre: cast.place.position, radius_km: 12.5 };
    let put = async |target: Option<&Target>, circle: Option<Circle>| {
        ann.follow(&PutFollow {
            target: target.cloned(),
            circle,
            cadence: Cadence::Instant,
            zone: None,
        })
        .await
        .unwrap();
    };
    put(Some(&county), None).await;
    let token = async || {
        let id = Followed::Target(county.clone()).id();
        let stands = cast.table.load_following(&ann.member_id, &id).await.unwrap();
        stands.map(|following| following.unsubscribe_token)
    };
    let first_token = token().await.unwrap();
    put(None, Some(circle)).await;
    put(Some(&county), None).await;
    assert_eq!(token().await.unwrap(), first_token, "links of older mails go on working");
    let both = list(ann).await;
    assert_eq!(both.len(), 2);
    let circles: Vec<Circle> = both.iter().filter_map(|(_, circle, _)| *circle).collect();
    let [kept] = circles[..] else { panic!("{both:?}") };
    assert!(kept.centre.distance_km(circle.centre) < 0.001);
    let targets: Vec<&Target> = both.iter().filter_map(|(target, _, _)| target.as_ref()).collect();
    assert_eq!(targets, [&county]);

    // Another's id ends nothing, whoever knows it.
    for (_, _, id) in &both {
        let path = format!("/api/follows/{id}");
        let answer = bob.call(Method::DELETE, &path, None::<&()>, None).await.unwrap();
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(list(ann).await.len(), 2);
    for bad in ["x", &"A".repeat(32), &"g".repeat(32)] {
        let path = format!("/api/follows/{bad}");
        let answer = ann.call(Method::DELETE, &path, None::<&()>, None).await.unwrap();
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{bad}");
    }

    // By its member: twice is once.
    let (_, _, id) = both.iter().find(|(_, circle, _)| circle.is_some()).unwrap();
    for _ in 0..2 {
        let path = format!("/api/follows/{id}");
        let answer = ann.call(Method::DELETE, &path, None::<&()>, None).await.unwrap();
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        assert_eq!(list(ann).await.len(), 1);
    }
    // By the link.
    for _ in 0..2 {
        let path = format!("/api/unsubscribe/{first_token}");
        let answer = ann.anonymous().call(Method::POST, &path, None::<&()>, None).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(list(ann).await.is_empty());
    }
    // Begun anew, it has another link.
    put(Some(&county), None).await;
    assert_ne!(token().await.unwrap(), first_token);
}

#[tokio::test]
async fn a_photo_and_a_decision_are_asked_for_once_under_their_key() {
    let cast = Cast::call().await;
    let ask = async |person: &Person, content_type: &str, key: Option<&str>| {
        let wanted = RequestUpload { content_type: content_type.into() };
        person.call(Method::POST, "/api/photos", Some(&wanted), key).await.unwrap()
    };
    let key = Ulid::generate().to_string();
    let first: Upload = ask(&cast.ann, "image/png", Some(&key)).await.ok().unwrap();
    let again: Upload = ask(&cast.ann, "image/png", Some(&key)).await.ok().unwrap();
    assert_eq!((again.photo_id, &again.url), (first.photo_id, &first.url));
    let reused = ask(&cast.ann, "image/jpeg", Some(&key)).await;
    assert_eq!(reused.status, StatusCode::CONFLICT);
    assert!(reused.problem().unwrap().kind.ends_with("#idempotency-key-reused"));
    let none = ask(&cast.ann, "image/png", None).await;
    assert!(none.problem().unwrap().kind.ends_with("#idempotency-key"), "{}", none.body);

    let mo = cast.another("mo", &["moderators"]).await;
    let theirs: Upload = ask(&mo, "image/jpeg", Some(&key)).await.ok().unwrap();
    assert_ne!(theirs.photo_id, first.photo_id, "a key is its member's own");

    let mut session = cast.place.session("Held");
    session.description = "See www.example.com for more.".into();
    let wanted = SubmitSession { session, photos: vec![] };
    let sent = cast.ann.submit_session(&wanted, &Ulid::generate().to_string()).await.unwrap();
    let id = sent.submission_id;
    until("a case", || async {
        let state = cast.ann.submission(id).await?.status.state();
        Ok((state == State::InReview).then_some(()))
    })
    .await
    .unwrap();
    // What waits is for moderators alone.
    let path = format!("/api/moderation/cases/{}", id.case());
    let shown = mo.call(Method::GET, &path, None::<&()>, None).await.unwrap();
    let shown: CaseView = shown.ok().unwrap();
    assert_eq!(shown.case.id, id.case());
    let Sent::Session { session } = shown.sent else { panic!("a session was sent") };
    assert!(session.description.contains("www.example.com"));
    let photo = format!("{path}/photos/{}", first.photo_id);
    for (person, path, status) in [
        (&cast.ann, &path, StatusCode::FORBIDDEN),
        (&cast.ann, &photo, StatusCode::FORBIDDEN),
        (&mo, &photo, StatusCode::NOT_FOUND),
    ] {
        let answer = person.call(Method::GET, path, None::<&()>, None).await.unwrap();
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let path = format!("/api/moderation/cases/{}/decision", id.case());
    let decide = async |measure, reason, key: Option<&str>| {
        let decision = Decide::of(measure, reason);
        mo.call(Method::POST, &path, Some(&decision), key).await.unwrap()
    };
    let key = Ulid::generate().to_string();
    for _ in 0..2 {
        let answer = decide(Measure::Approve, Reason::InOrder, Some(&key)).await;
        let decided: Decided = answer.ok().unwrap();
        assert_eq!((decided.case_id, decided.measure), (id.case(), Measure::Approve));
    }
    for (key, kind) in [
        (Some(key), "#idempotency-key-reused"),
        (Some(Ulid::generate().to_string()), "#decided"),
        (None, "#idempotency-key"),
    ] {
        let answer = decide(Measure::Reject, Reason::Spam, key.as_deref()).await;
        assert!(answer.problem().unwrap().kind.ends_with(kind), "{}", answer.body);
    }
}
