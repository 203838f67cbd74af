//! On the engine: the weekly digest, begun as of a time to come, and ended by its link.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use seisiun_contracts::api::PutFollow;
use seisiun_domain::{
    digest::{Digest, Zone},
    follow::{Cadence, Target},
    submission::Workflow,
};
use seisiun_e2e::{
    Person, Stack, Stage,
    execution::{self, succeeded},
    stack::{Mail, until},
};
use serde_json::{Value, json};
use ulid::Ulid;

/// Weeks to come, of which each run takes one: another run has had its own.
const WEEKS: u128 = 1_500;
/// Minutes past the hour at which the schedule looks.
const PAST: SignedDuration = SignedDuration::from_mins(2);

/// Begins what is due, as the schedule does at this time.
async fn open(stack: &Stack, time: Timestamp) -> Value {
    let function = stack.function("open-digests").unwrap();
    let event = json!({ "source": "aws.events", "time": time, "detail": {} });
    stack.invoke(&function, &event).await.unwrap()
}

async fn sent(stack: &Stack, digest: &Digest) {
    let id = digest.id().unwrap().to_string();
    execution::follow(stack, Workflow::NotifyFollowers, &id, succeeded).await.unwrap();
}

/// The digests that came to an address.
async fn digests(stack: &Stack, to: &str) -> Vec<Mail> {
    let mut mails = stack.mails(to).await.unwrap();
    mails.retain(|mail| mail.header("Feedback-ID").is_some_and(|id| id.contains("weekly-digest")));
    mails
}

/// An address asks for the county by the week, and its owner confirms.
async fn confirm(stage: &Stage, reader: &str, county: &Target) {
    let url = stage.stack.url("/api/follow-requests").unwrap();
    let wanted =
        json!({ "email": reader, "target": county, "language": "ga", "cadence": "weekly" });
    let asked = stage.stack.http.post(url).json(&wanted).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::ACCEPTED);
    let mail = until("the mail that asks", async || {
        Ok(stage.stack.mails(reader).await?.into_iter().next())
    });
    let text = mail.await.unwrap().text;
    let link = text.split_whitespace().find(|word| word.contains("/api/confirm/")).unwrap();
    let done = stage.stack.http.post(link).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_follows_by_the_week_gets_one_mail_of_what_is_on_early_on_monday() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let county = Target::county("IE", &stage.place.county);
    let reader = format!("reader.{}@example.org", stage.place.tag);
    confirm(&stage, &reader, &county).await;
    // A member elsewhere, who asked for it at once before.
    let cat = Person::sign_up(&stack, &format!("cat.{}", stage.place.tag), &[]).await.unwrap();
    let zone: Zone = "America/New_York".parse().unwrap();
    cat.follow(&PutFollow::target(county.clone())).await.unwrap();
    let weekly = PutFollow {
        cadence: Cadence::Weekly,
        zone: Some(zone.clone()),
        ..PutFollow::target(county)
    };
    cat.follow(&weekly).await.unwrap();
    let follows: Value = {
        let answer = cat.call(reqwest::Method::GET, "/api/follows", None::<&()>, None).await;
        answer.unwrap().ok().unwrap()
    };
    let [follow] = &follows["follows"].as_array().unwrap()[..] else { panic!("{follows}") };
    assert_eq!(follow["cadence"], "weekly");

    let wanted = stage.wanted("By the week", None).await.unwrap();
    let title = wanted.session.session.title.clone();
    let id = stage.submit(&wanted).await.unwrap();
    let name = id.to_string();
    execution::follow(&stack, Workflow::SessionSubmission, &name, succeeded).await.unwrap();
    execution::follow(&stack, Workflow::NotifyFollowers, &name, succeeded).await.unwrap();

    let weeks = i64::try_from(Ulid::generate().random() % WEEKS).unwrap() + 2;
    let then = Timestamp::now() + SignedDuration::from_hours(24 * 7 * weeks);
    let here = Digest::latest(&Zone::default(), then).unwrap();
    let there = Digest { zone, ..here.clone() };
    let (at_seven, at_seven_there) = (here.due().unwrap() + PAST, there.due().unwrap() + PAST);
    open(&stack, at_seven - SignedDuration::from_hours(1)).await;
    for _ in 0..2 {
        open(&stack, at_seven).await;
    }
    sent(&stack, &here).await;
    assert_eq!(digests(&stack, &cat.email).await.len(), 0, "it is not Monday there");
    let mails = digests(&stack, &reader).await;
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert!(mail.text.contains(&title), "{}", mail.text);
    assert_eq!(mail.header("Content-Language"), Some("ga-IE"));
    for _ in 0..2 {
        open(&stack, at_seven_there).await;
    }
    sent(&stack, &there).await;
    let mails = digests(&stack, &cat.email).await;
    let [to_cat] = &mails[..] else { panic!("{mails:?}") };
    assert!(to_cat.text.contains(&title), "{}", to_cat.text);
    assert_eq!(digests(&stack, &reader).await.len(), 1);
    // The news of it went to who asked for that alone.
    assert_eq!(stack.mails(&cat.email).await.unwrap().len(), 1);

    // The link ends it, as a mail provider uses it.
    let unsubscribe = mail.header("List-Unsubscribe").unwrap().trim_matches(['<', '>']).to_owned();
    let page = stack.http.get(&unsubscribe).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("uair sa tseachtain"), "{page}");
    let stopped = stack.http.post(&unsubscribe).body("List-Unsubscribe=One-Click").send().await;
    assert_eq!(stopped.unwrap().status(), StatusCode::OK);
    let next = Digest::latest(&Zone::default(), here.span().unwrap().1).unwrap();
    open(&stack, next.due().unwrap() + SignedDuration::from_hours(6)).await;
    sent(&stack, &next).await;
    sent(&stack, &Digest { week: next.week, ..there }).await;
    assert_eq!(digests(&stack, &reader).await.len(), 1);
    assert_eq!(digests(&stack, &cat.email).await.len(), 2, "they still want it");
}
