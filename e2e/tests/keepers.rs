//! On the engine: those who should know are asked whether a session is still on, and
//! answer by the link of the mail. Time goes on for the function that asks alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use jiff::{Timestamp, ToSpan};
use reqwest::{StatusCode, header::SET_COOKIE};
use seisiun_domain::{
    limits,
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Stack, Stage,
    execution::{self, succeeded},
    stack::{Mail, until},
};
use serde_json::{Value, json};

/// Asks as it would be asked when what was vouched for now has just begun to age.
async fn ask(stack: &Stack) -> Value {
    let as_of = Timestamp::now().checked_add((limits::FRESH_DAYS * 24 + 1).hours()).unwrap();
    let function = stack.function("ask-keepers").unwrap();
    stack.invoke(&function, &json!({ "all": true, "as_of": as_of })).await.unwrap()
}

/// The mails that ask this person about that session.
async fn inquiries(stage: &Stage, title: &str) -> Vec<Mail> {
    let mut mails = stage.stack.mails(&stage.ann.email).await.unwrap();
    mails.retain(|mail| mail.subject == format!("Is it still on? {title}"));
    mails
}

async fn session(stack: &Stack, slug: &str) -> Value {
    let url = stack.url(&format!("/api/sessions/{slug}")).unwrap();
    stack.http.get(url).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn who_listed_a_session_says_by_the_link_of_a_mail_that_it_is_still_on() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let wanted = stage.wanted("Still on", None).await.unwrap();
    let title = wanted.session.session.title.clone();
    let id = stage.submit(&wanted).await.unwrap();
    let workflow = Workflow::SessionSubmission;
    execution::follow(&stack, workflow, &id.to_string(), succeeded).await.unwrap();
    let status = stage.view(id).await.unwrap().status;
    let Status::Published { slug, .. } = status else { panic!("{status:?}") };
    let before = session(&stack, slug.as_str()).await;

    let asked = ask(&stack).await;
    assert!(asked["sent"].as_u64() >= Some(1), "{asked}");
    ask(&stack).await;
    let mails = inquiries(&stage, &title).await;
    let [mail] = &mails[..] else { panic!("asked twice, mailed once: {mails:?}") };
    let link = mail.text.split_whitespace().find(|word| word.contains("/api/still-on/")).unwrap();
    assert!(link.starts_with(&stack.url("/api/still-on/").unwrap()), "{link}");

    // Looking at it, as mail scanners do, acts on nothing.
    let page = stack.http.get(link).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers().get(SET_COOKIE).is_none());
    let page = page.text().await.unwrap();
    assert!(page.contains("value=\"on\"") && page.contains(&title), "{page}");
    assert_eq!(session(&stack, slug.as_str()).await, before);

    let post = async |link: &str, answer: &str| {
        let answer = stack.http.post(link).form(&[("answer", answer)]).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(post(link, "perhaps").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..2 {
        let (status, page) = post(link, "on").await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert!(page.contains("Thank you"), "{page}");
    }
    assert_eq!(post(link, "gone").await.0, StatusCode::CONFLICT);
    let (cut, _) = link.split_at(link.len() - 1);
    assert_eq!(post(cut, "on").await.0, StatusCode::GONE);
    assert_eq!(stack.http.get(cut).send().await.unwrap().status(), StatusCode::GONE);

    // It is the change that Ann would ask for on its page, and done as that is.
    let vouched = |view: &Value| view["last_verified_at"].as_str().unwrap().to_owned();
    until("a fresh listing", || async {
        let view = session(&stack, slug.as_str()).await;
        Ok((vouched(&view) > vouched(&before)).then_some(()))
    })
    .await
    .unwrap();
}
