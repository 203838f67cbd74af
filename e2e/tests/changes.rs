//! What is listed is changed, taken back and erased: through the front door, by
//! the real workflows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{collections::BTreeMap, io::Read as _};

use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::{Method, StatusCode, header};
use seisiun_contracts::api::{
    Decide, ExportView, FoundSessions, Me, PutFollow, SessionView, SubmitReview, SubmitSession,
    Submitted,
};
use seisiun_domain::{
    SubmissionId,
    calendar::Standing,
    case::{Measure, Reason},
    follow::Target,
    samples,
    submission::Status,
};
use seisiun_e2e::{
    Person, Stack,
    content::{Place, fixture},
    person::Answer,
    stack::until,
};
use serde::Serialize;
use serde_json::{Value, json};
use ulid::Ulid;

struct Cast {
    stack: Stack,
    place: Place,
    ann: Person,
}

impl Cast {
    async fn call() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let place = Place::fresh();
        let ann = Person::sign_up(&stack, &format!("ann.{}", place.tag), &[]).await.unwrap();
        Self { stack, place, ann }
    }

    async fn another(&self, name: &str, groups: &[&str]) -> Person {
        Person::sign_up(&self.stack, &format!("{name}.{}", self.place.tag), groups).await.unwrap()
    }

    /// A session of Ann's, published.
    async fn listed(&self, place: &Place, title: &str, photos: &[&[u8]]) -> SessionView {
        let mut ids = Vec::new();
        for photo in photos {
            ids.push(self.ann.upload(photo.to_vec(), "image/jpeg").await.unwrap());
        }
        let wanted = SubmitSession { session: place.session(title), photos: ids };
        let key = Ulid::generate().to_string();
        let id = self.ann.submit_session(&wanted, &key).await.unwrap().submission_id;
        settled(&self.ann, id).await;
        self.session(&id.session().to_string()).await
    }

    async fn session(&self, named: &str) -> SessionView {
        get(&self.ann.anonymous(), &format!("/api/sessions/{named}")).await.ok().unwrap()
    }

    /// How many sessions of its county a search finds.
    async fn found(&self, county: &str) -> usize {
        let path = format!("/api/sessions?country=IE&county={}", county.replace(' ', "%20"));
        let found: FoundSessions = get(&self.ann.anonymous(), &path).await.ok().unwrap();
        found.total
    }
}

async fn get(person: &Person, path: &str) -> Answer {
    person.call(Method::GET, path, None::<&()>, None).await.unwrap()
}

async fn post(person: &Person, path: &str, body: &impl Serialize) -> Answer {
    let key = Ulid::generate().to_string();
    person.call(Method::POST, path, Some(body), Some(&key)).await.unwrap()
}

/// Sends something that is accepted.
async fn send(person: &Person, path: &str, body: &impl Serialize) -> SubmissionId {
    let answer = post(person, path, body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{path}: {}", answer.body);
    answer.ok::<Submitted>().unwrap().submission_id
}

/// Waits until it is decided on.
async fn settled(person: &Person, id: SubmissionId) -> Status {
    let look = || async {
        let path = format!("/api/submissions/{id}?wait_seconds=5&unless=accepted");
        let view: seisiun_contracts::api::SubmissionView = get(person, &path).await.ok()?;
        Ok(Some(view.status).filter(Status::is_settled))
    };
    until("a decision on what was sent", look).await.unwrap()
}

async fn decided(cast: &Cast, mo: &Person, person: &Person, id: SubmissionId, measure: Measure) {
    let in_review = || async {
        let view = person.submission(id).await?;
        Ok((view.status == Status::InReview).then_some(()))
    };
    until("a case", in_review).await.unwrap();
    let reason = if measure == Measure::Approve { Reason::InOrder } else { Reason::OffTopic };
    let decision = Decide::of(measure, reason);
    let answer = mo.decide(id.case(), &decision).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{} {}", answer.body, cast.place.tag);
}

async fn feed(cast: &Cast, slug: &str) -> String {
    let url = cast.stack.url(&format!("/feeds/sessions/{slug}.ics")).unwrap();
    cast.stack.http.get(url).send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn an_evening_is_called_off_and_put_back_and_who_follows_hears_of_both() {
    let cast = Cast::call().await;
    let session = cast.listed(&cast.place, "Off tonight", &[]).await;
    let (slug, title) = (session.slug.as_str(), session.listing.title.clone());
    let cat = cast.another("cat", &[]).await;
    let target = Target::Session(session.id);
    cat.follow(&PutFollow::target(target)).await.unwrap();
    let date = session.next[0].starts_at[..10].to_owned();

    let off = json!({ "exception": {
        "date": date, "change": { "kind": "cancelled" }, "reason": "There is a wake." } });
    let path = format!("/api/sessions/{slug}/dates");
    let stranger = post(&cat, &path, &off).await;
    assert_eq!(stranger.status, StatusCode::FORBIDDEN, "{}", stranger.body);
    let key = Ulid::generate().to_string();
    let sent: Submitted =
        cast.ann.call(Method::POST, &path, Some(&off), Some(&key)).await.unwrap().ok().unwrap();
    assert!(matches!(settled(&cast.ann, sent.submission_id).await, Status::Published { .. }));
    let now = cast.session(slug).await;
    assert_eq!(now.next[0].standing, Standing::Cancelled);
    assert_eq!(now.next[0].reason, "There is a wake.");
    let told = || async {
        let mails = cast.stack.mails(&cat.email).await?;
        Ok(mails.into_iter().find(|mail| mail.subject.contains("It is off")))
    };
    let mail = until("a mail to who follows", told).await.unwrap();
    assert!(mail.subject.starts_with(&title) && mail.text.contains("There is a wake."));
    assert!(mail.header("list-unsubscribe").is_some());
    let listed = || async { Ok(feed(&cast, slug).await.contains("EXDATE").then_some(())) };
    until("the date's absence from the calendar", listed).await.unwrap();
    // The same request again is the same request, though the date differs now.
    let again = cast.ann.call(Method::POST, &path, Some(&off), Some(&key)).await.unwrap();
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);

    let undo = json!({ "date": date });
    let id = send(&cast.ann, &format!("{path}/undo"), &undo).await;
    settled(&cast.ann, id).await;
    assert_eq!(cast.session(slug).await.next[0].standing, Standing::AsUsual);
    let told = || async {
        let mails = cast.stack.mails(&cat.email).await?;
        Ok(mails.into_iter().find(|mail| mail.subject.contains("as usual after all")))
    };
    until("a mail that it is on after all", told).await.unwrap();
    let twice = post(&cast.ann, &format!("{path}/undo"), &undo).await;
    assert_eq!(twice.problem().unwrap().problems[0].code, "as_usual");
}

#[tokio::test]
async fn facts_hosts_reviews_and_findings_change_by_who_may() {
    let cast = Cast::call().await;
    let session = cast.listed(&cast.place, "Changing tunes", &[]).await;
    let slug = session.slug.as_str();
    let (bo, mo) = (cast.another("bo", &[]).await, cast.another("mo", &["moderators"]).await);

    // Who added it moves it to another county at once.
    let there = Place { county: format!("{} Nua", cast.place.county), ..cast.place.elsewhere() };
    let venue = there.session("x").venue;
    let edit = json!({ "changes": { "venue": venue } });
    let id = send(&cast.ann, &format!("/api/sessions/{slug}/edits"), &edit).await;
    assert!(matches!(settled(&cast.ann, id).await, Status::Published { .. }));
    assert_eq!(cast.session(slug).await.listing.venue.county, there.county);
    assert_eq!((cast.found(&cast.place.county).await, cast.found(&there.county).await), (0, 1));

    // What a stranger edits waits for a moderator, with photos and all.
    let photo = bo.upload(fixture::COFFEE.to_vec(), "image/jpeg").await.unwrap();
    let edit = json!({ "changes": { "level": "beginner" }, "photos": [photo] });
    let id = send(&bo, &format!("/api/sessions/{slug}/edits"), &edit).await;
    decided(&cast, &mo, &bo, id, Measure::Approve).await;
    settled(&bo, id).await;
    let now = cast.session(slug).await;
    assert_eq!(json!(now.listing.level), "beginner");
    assert_eq!(now.photos.len(), 1);

    // The photo can be taken back alone; what else was changed stays.
    let path = format!("/api/submissions/{id}/withdrawal");
    let strange = json!({ "photo": Ulid::generate().to_string() });
    assert_eq!(post(&bo, &path, &strange).await.status, StatusCode::CONFLICT);
    let back = send(&bo, &path, &json!({ "photo": photo })).await;
    assert_eq!(settled(&bo, back).await, Status::Done);
    let without = || async { Ok(cast.session(slug).await.photos.is_empty().then_some(())) };
    until("the page without the photo", without).await.unwrap();
    assert_eq!(json!(cast.session(slug).await.listing.level), "beginner");
    let bytes = cast.stack.url(&now.photos[0].src).unwrap();
    assert_eq!(cast.stack.http.get(&bytes).send().await.unwrap().status(), StatusCode::NOT_FOUND);

    // A claim to host it waits, too; then its host may call a date off.
    let claim = json!({ "evidence": "My name is on the poster.", "shown_as": "Bo" });
    let claimed = send(&bo, &format!("/api/sessions/{slug}/hosts"), &claim).await;
    decided(&cast, &mo, &bo, claimed, Measure::Approve).await;
    settled(&bo, claimed).await;
    assert_eq!(cast.session(slug).await.hosts, ["Bo"]);
    let date = now.next[0].starts_at[..10].to_owned();
    let off = json!({ "exception": { "date": date, "change": { "kind": "cancelled" } } });
    let id = send(&bo, &format!("/api/sessions/{slug}/dates"), &off).await;
    settled(&bo, id).await;
    assert_eq!(cast.session(slug).await.next[0].standing, Standing::Cancelled);
    // Given up, it is no longer theirs.
    let id = send(&bo, &format!("/api/submissions/{claimed}/withdrawal"), &json!({})).await;
    assert_eq!(settled(&bo, id).await, Status::Done);
    assert!(cast.session(slug).await.hosts.is_empty());

    // That it was on keeps it fresh.
    let before = now.last_verified_at;
    let found = json!({ "finding": "on", "date": "2026-01-01" });
    let old = post(&bo, &format!("/api/sessions/{slug}/confirmations"), &found).await;
    assert_eq!(old.problem().unwrap().problems[0].code, "too_long_ago");
    let today = jiff::Timestamp::now().to_string()[..10].to_owned();
    let found = json!({ "finding": "on", "date": today });
    let id = send(&bo, &format!("/api/sessions/{slug}/confirmations"), &found).await;
    settled(&bo, id).await;
    assert!(cast.session(slug).await.last_verified_at > before);

    // A review is edited by naming the one that it replaces, and taken back.
    let mut review = samples::review(session.id);
    review.visited_on = today;
    let wanted = SubmitReview { review: review.clone(), photos: vec![] };
    let first = send(&bo, "/api/reviews", &wanted).await;
    settled(&bo, first).await;
    let (rating, replaces) = (2, Some(first));
    let wanted = SubmitReview {
        review: seisiun_domain::review::ReviewDraft { rating, replaces, ..review },
        photos: vec![],
    };
    let second = send(&bo, "/api/reviews", &wanted).await;
    assert!(matches!(settled(&bo, second).await, Status::Published { .. }));
    let now = cast.session(slug).await;
    assert_eq!((now.review_count, now.rating), (1, Some(2.0)));
    let id = send(&bo, &format!("/api/submissions/{second}/withdrawal"), &json!({})).await;
    settled(&bo, id).await;
    let now = cast.session(slug).await;
    assert_eq!((now.review_count, now.rating), (0, None));
    let other = post(&cast.ann, &format!("/api/submissions/{second}/withdrawal"), &json!({})).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let again = post(&bo, &format!("/api/submissions/{second}/withdrawal"), &json!({})).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_session_that_two_found_gone_is_ended_by_a_moderator() {
    let cast = Cast::call().await;
    let session = cast.listed(&cast.place, "Nobody there", &[]).await;
    let slug = session.slug.as_str();
    let (bo, cat) = (cast.another("bo", &[]).await, cast.another("cat", &[]).await);
    let mo = cast.another("mo", &["moderators"]).await;
    let target = Target::Session(session.id);
    bo.follow(&PutFollow::target(target)).await.unwrap();
    let today = jiff::Timestamp::now().to_string()[..10].to_owned();
    let found = json!({ "finding": "gone", "date": today });
    let path = format!("/api/sessions/{slug}/confirmations");
    let first = send(&bo, &path, &found).await;
    assert!(matches!(settled(&bo, first).await, Status::Published { .. }));
    assert_eq!(cast.session(slug).await.status, seisiun_domain::session::Status::Live);
    let second = send(&cat, &path, &found).await;
    decided(&cast, &mo, &cat, second, Measure::Approve).await;
    assert!(matches!(settled(&cat, second).await, Status::Published { .. }));
    assert_eq!(cast.session(slug).await.status, seisiun_domain::session::Status::Ended);
    until("a mail to who follows it", || async {
        let mails = cast.stack.mails(&bo.email).await?;
        Ok(mails.iter().any(|mail| mail.text.contains("Nobody there")).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_is_withdrawn_is_gone_and_what_is_merged_leads_on() {
    let cast = Cast::call().await;
    let session = cast.listed(&cast.place, "Here today", &[fixture::COFFEE]).await;
    let stays = cast.listed(&cast.place.elsewhere(), "Here for good", &[]).await;
    let twin = cast.listed(&cast.place.elsewhere(), "Here twice", &[]).await;
    let mo = cast.another("mo", &["moderators"]).await;
    assert_eq!(cast.found(&cast.place.county).await, 3);
    let photo = cast.stack.url(&session.photos[0].src).unwrap();
    assert_eq!(cast.stack.http.get(&photo).send().await.unwrap().status(), StatusCode::OK);

    let path = format!("/api/submissions/{}/withdrawal", session.id);
    let id = send(&cast.ann, &path, &json!({})).await;
    assert_eq!(settled(&cast.ann, id).await, Status::Done);
    for named in [session.slug.as_str(), &session.id.to_string()] {
        let answer = get(&cast.ann.anonymous(), &format!("/api/sessions/{named}")).await;
        assert_eq!(answer.status, StatusCode::GONE, "{}", answer.body);
    }
    let answer = get(&cast.ann, &format!("/api/sessions/{}/reviews", session.slug.as_str())).await;
    assert_eq!(answer.status, StatusCode::GONE);
    assert_eq!(cast.found(&cast.place.county).await, 2);
    assert_eq!(cast.stack.http.get(&photo).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let gone = || async {
        let ics = feed(&cast, session.slug.as_str()).await;
        Ok((ics.contains("STATUS:CANCELLED") && !ics.contains("Here today")).then_some(()))
    };
    until("the session's end in calendars", gone).await.unwrap();
    let edit = json!({ "changes": { "title": "Back" } });
    let path = format!("/api/sessions/{}/edits", session.slug.as_str());
    assert_eq!(post(&cast.ann, &path, &edit).await.status, StatusCode::GONE);

    // Who reads the duplicate is sent to the one that stays.
    let path = format!("/api/moderation/submissions/{}/withdrawal", twin.id);
    let ground = json!({ "reason": "duplicate", "merged_into": stays.id });
    assert_eq!(post(&cast.ann, &path, &ground).await.status, StatusCode::FORBIDDEN);
    let id = send(&mo, &path, &ground).await;
    settled(&mo, id).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let url = cast.stack.url(&format!("/api/sessions/{}", twin.slug.as_str())).unwrap();
    let answer = client.get(url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::PERMANENT_REDIRECT);
    let location = answer.headers()[header::LOCATION].to_str().unwrap();
    assert_eq!(location, format!("/api/sessions/{}", stays.slug.as_str()));
    let told = || async {
        let mails = cast.stack.mails(&cast.ann.email).await?;
        Ok(mails.into_iter().find(|mail| mail.subject.starts_with("Taken down")))
    };
    let mail = until("a statement of reasons", told).await.unwrap();
    assert!(mail.text.contains("The same session is listed already."), "{}", mail.text);
}

/// What waits for a moderator is taken back: nothing is left to decide.
#[tokio::test]
async fn what_waits_is_taken_back() {
    let cast = Cast::call().await;
    let mut draft = cast.place.session("Held tunes");
    draft.description = "Buy at www.example.com".into();
    let wanted = SubmitSession { session: draft, photos: vec![] };
    let id = send(&cast.ann, "/api/sessions", &wanted).await;
    let in_review =
        || async { Ok((cast.ann.submission(id).await?.status == Status::InReview).then_some(())) };
    until("a case", in_review).await.unwrap();
    let by = send(&cast.ann, &format!("/api/submissions/{id}/withdrawal"), &json!({})).await;
    assert_eq!(settled(&cast.ann, id).await, Status::Withdrawn { statement: None });
    assert_eq!(settled(&cast.ann, by).await, Status::Done);
    assert_eq!(cast.found(&cast.place.county).await, 0);
}

#[tokio::test]
async fn whom_one_blocks_one_hears_nothing_of() {
    let cast = Cast::call().await;
    let (cat, dan) = (cast.another("cat", &[]).await, cast.another("dan", &[]).await);
    let target = || Target::county("IE", &cast.place.county);
    for person in [&cat, &dan] {
        person.follow(&PutFollow::target(target())).await.unwrap();
    }
    let path = format!("/api/blocks/{}", cast.ann.member_id);
    for _ in 0..2 {
        let answer = cat.call(Method::PUT, &path, None::<&()>, None).await.unwrap();
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    }
    let me: Me = get(&cat, "/api/me").await.ok().unwrap();
    assert_eq!(me.blocked, std::slice::from_ref(&cast.ann.member_id));
    let session = cast.listed(&cast.place, "Blocked tunes", &[]).await;
    assert_eq!(session.added_by.as_ref(), Some(&cast.ann.member_id));
    let told = async |person: &Person| {
        let mails = cast.stack.mails(&person.email).await.unwrap();
        mails.iter().any(|mail| mail.subject.contains("Blocked tunes"))
    };
    let dan_told = || async { Ok(told(&dan).await.then_some(())) };
    until("a mail to who did not block", dan_told).await.unwrap();
    // Both are in one fan-out, whose end its work says.
    let id = SubmissionId::new(session.id.ulid());
    let done = || async {
        let table =
            seisiun_aws::table::Table::new(cast.stack.config(), cast.stack.value("TableName")?);
        let workflow = seisiun_domain::submission::Workflow::NotifyFollowers;
        let work = seisiun_workflows::ports::LoadWork::load_work(&table, workflow, id).await?;
        Ok(work.filter(|work| work.state == seisiun_domain::submission::WorkState::Done))
    };
    until("the end of the fan-out", done).await.unwrap();
    assert!(!told(&cat).await);
    let answer = cat.call(Method::DELETE, &path, None::<&()>, None).await.unwrap();
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let me: Me = get(&cat, "/api/me").await.ok().unwrap();
    assert!(me.blocked.is_empty());
}

/// Every record of the table that this text is in, by its partition's kind.
async fn records_with(stack: &Stack, text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut pages = stack
        .dynamodb()
        .scan()
        .table_name(stack.value("TableName").unwrap())
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for item in page.unwrap().items() {
            if format!("{item:?}").contains(text) {
                let Some(AttributeValue::S(pk)) = item.get("pk") else { continue };
                let kind = pk.split('#').next().unwrap_or_default().to_owned();
                *found.entry(kind).or_default() += 1;
            }
        }
    }
    found
}

#[tokio::test]
async fn a_member_sees_everything_that_is_held_on_them_and_then_nothing_is() {
    let cast = Cast::call().await;
    let ann = &cast.ann;
    let session = cast.listed(&cast.place, "Ann's tunes", &[fixture::COFFEE]).await;
    let target = Target::county("IE", "Kerry");
    ann.follow(&PutFollow::target(target)).await.unwrap();
    let bo = cast.another("bo", &[]).await;
    let elsewhere =
        SubmitSession { session: cast.place.elsewhere().session("Bo's"), photos: vec![] };
    let other = send(&bo, "/api/sessions", &elsewhere).await;
    settled(&bo, other).await;
    let mut review = samples::review(other.session());
    review.visited_on = jiff::Timestamp::now().to_string()[..10].to_owned();
    review.text = format!("Written by {}.", cast.place.tag);
    let photo = ann.upload(fixture::TURNED.to_vec(), "image/jpeg").await.unwrap();
    let reviewed = send(ann, "/api/reviews", &SubmitReview { review, photos: vec![photo] }).await;
    settled(ann, reviewed).await;
    let theirs: SessionView = cast.session(&other.session().to_string()).await;
    assert_eq!((theirs.review_count, theirs.photos.len()), (1, 1));

    // Export.
    let id = send(ann, "/api/me/exports", &json!({})).await;
    settled(ann, id).await;
    let path = format!("/api/me/exports/{id}");
    let view: ExportView = get(ann, &path).await.ok().unwrap();
    assert!(view.ready);
    assert_eq!(get(&bo, &path).await.status, StatusCode::NOT_FOUND);
    let archive = cast.stack.http.get(&view.archives[0]).send().await.unwrap();
    assert_eq!(archive.status(), StatusCode::OK);
    let archive = archive.bytes().await.unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut text = String::new();
    zip.by_name("seisiun.json").unwrap().read_to_string(&mut text).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(all["member"]["email"], ann.email);
    assert_eq!(all["follows"].as_array().unwrap().len(), 1);
    let kinds: Vec<_> = all["submissions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["body"]["kind"].clone())
        .collect();
    assert_eq!(kinds, ["export", "review", "session"]);
    let photos = zip
        .file_names()
        .filter(|name| name.as_ref().is_ok_and(|name| name.starts_with("photos/")))
        .count();
    assert_eq!(photos, 2);
    let told = || async {
        let mails = cast.stack.mails(&ann.email).await?;
        Ok(mails.into_iter().find(|mail| mail.subject.contains("holds on you")))
    };
    until("a mail that it is ready", told).await.unwrap();

    // Erasure.
    let refused = post(ann, "/api/me/erasure", &json!({ "confirm": "yes" })).await;
    assert_eq!(refused.problem().unwrap().problems[0].code, "not_confirmed");
    let erasure = send(ann, "/api/me/erasure", &json!({ "confirm": "erase" })).await;
    let gone = || async {
        let answer = get(ann, "/api/me").await;
        Ok((answer.status == StatusCode::UNAUTHORIZED).then_some(()))
    };
    until("the end of an account", gone).await.unwrap();
    let told = || async {
        let mails = cast.stack.mails(&ann.email).await?;
        Ok(mails.into_iter().find(|mail| mail.subject.ends_with("is erased")))
    };
    until("a last mail", told).await.unwrap();
    assert!(Person::sign_in(&cast.stack, &format!("ann.{}", cast.place.tag)).await.is_err());
    let answer = post(ann, "/api/me/exports", &json!({})).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "a token outlives its account");

    // The listing stays, without the person; review and photos are gone.
    let now = cast.session(&session.id.to_string()).await;
    assert_eq!((now.added_by, now.photos.len()), (None, 0));
    assert_eq!(now.listing, session.listing);
    let theirs = cast.session(&other.session().to_string()).await;
    assert_eq!((theirs.review_count, theirs.photos.len()), (0, 0));
    let photo = cast.stack.url(&session.photos[0].src).unwrap();
    assert_eq!(cast.stack.http.get(&photo).send().await.unwrap().status(), StatusCode::NOT_FOUND);

    // What remains, all of it: that a member of this id asked to be erased, was
    // erased today, and which mails their id was sent.
    let ended = || async {
        let left = records_with(&cast.stack, ann.member_id.as_str()).await;
        Ok((!left.contains_key("MEMBER")).then_some(left))
    };
    let left = until("an empty partition", ended).await.unwrap();
    let kinds: Vec<_> = left.keys().map(String::as_str).collect();
    assert_eq!(kinds, ["ERASED", "MAIL", "SUB"], "{left:?}");
    assert_eq!(left["SUB"], 1, "the erasure itself, {erasure}");
    assert_eq!(records_with(&cast.stack, &ann.email).await, BTreeMap::new());
    let text = format!("Written by {}", cast.place.tag);
    assert_eq!(records_with(&cast.stack, &text).await, BTreeMap::new());
    let s3 = cast.stack.s3();
    for (bucket, prefix) in [
        ("QuarantineBucket", format!("incoming/{}", ann.member_id)),
        ("QuarantineBucket", format!("prepared/{reviewed}")),
        ("WorkBucket", format!("exports/{id}")),
    ] {
        let bucket = cast.stack.value(bucket).unwrap();
        let listed = s3.list_objects_v2().bucket(bucket).prefix(&prefix).send().await.unwrap();
        assert!(listed.contents().is_empty(), "{prefix}");
    }
}
