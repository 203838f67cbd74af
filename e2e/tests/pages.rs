//! Pages of the site that the workflows publish, fetched as a visitor does.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use anyhow::Result;
use reqwest::{Method, StatusCode, header};
use seisiun_contracts::api::{Decide, EditSession, Me, SubmitReview, SubmitSession, Submitted};
use seisiun_domain::{
    card::county_slug,
    case::{Measure, Reason},
    change::Facts,
    county::COUNTIES,
    member::{Language, Mails, ProfileDraft},
    review::ReviewDraft,
    samples,
    submission::Status,
    withdrawal::WithdrawalDraft,
};
use seisiun_e2e::{Person, Stack, content::Place, stack::until};
use serde_json::Value;
use ulid::Ulid;

/// A title that would run if it were written into a page as it is.
const MALICIOUS: &str = "</script><script>alert(1)</script>";

async fn page(stack: &Stack, path: &str) -> Result<(StatusCode, String)> {
    let answer = stack.http.get(stack.url(path)?).send().await?;
    Ok((answer.status(), answer.text().await?))
}

/// Waits until a page says this.
async fn says(stack: &Stack, path: &str, text: &str) -> String {
    let look = || async {
        let (status, html) = page(stack, path).await?;
        Ok((status == StatusCode::OK && html.contains(text)).then_some(html))
    };
    until(&format!("{path} to say {text}"), look).await.unwrap()
}

#[tokio::test]
async fn a_session_has_its_page_from_its_publication_to_its_end() {
    let stack = Stack::from_env().await.unwrap();
    let place = Place::fresh();
    let ann = Person::sign_up(&stack, &format!("ann.{}", place.tag), &[]).await.unwrap();
    let bo = Person::sign_up(&stack, &format!("bo.{}", place.tag), &[]).await.unwrap();
    let title = format!("{MALICIOUS} {}", place.tag);
    let wanted = SubmitSession { session: place.session(&title), photos: vec![] };
    let key = || Ulid::generate().to_string();
    let id = ann.submit_session(&wanted, &key()).await.unwrap().submission_id;

    // A person looks at such a title first, and may well let it pass.
    let mo = Person::sign_up(&stack, &format!("mo.{}", place.tag), &["moderators"]).await.unwrap();
    let held = || async {
        let status = ann.submission(id).await?.status;
        Ok((status == Status::InReview).then_some(()))
    };
    until("the title to be held", held).await.unwrap();
    let decision = Decide::of(Measure::Approve, Reason::InOrder);
    assert!(mo.decide(id.case(), &decision).await.unwrap().status.is_success());

    let find = format!("/api/sessions/{}", id.session());
    let listed = || async {
        let answer = ann.anonymous().call(Method::GET, &find, None::<&()>, None).await?;
        Ok(answer.ok::<Value>().ok())
    };
    let view = until("the session", listed).await.unwrap();
    let slug = view["slug"].as_str().unwrap().to_owned();
    let county = format!("/counties/ie/{}/", county_slug(&place.county));

    // What was written is there, as text, in both languages and on the county's page.
    for path in [format!("/sessions/{slug}/"), format!("/ga/sessions/{slug}/"), county.clone()] {
        let html = says(&stack, &path, &place.tag).await;
        assert!(html.contains("&lt;/script") && !html.contains("<script>alert"), "{path}: {html}");
    }
    let path = format!("/.perseus/page/xx-XX/sessions/{slug}.json");
    let state: Value = serde_json::from_str(&says(&stack, &path, &slug).await).unwrap();
    assert_eq!(state["state"]["body"]["session"]["view"]["listing"]["title"], title);

    // A page is kept for a minute, and not sent again while it is the same.
    let url = stack.url(&format!("/sessions/{slug}/")).unwrap();
    let first = stack.http.get(&url).send().await.unwrap();
    assert_eq!(first.headers()[header::CACHE_CONTROL], "public, max-age=60");
    let tag = first.headers()[header::ETAG].clone();
    let again = stack.http.get(&url).header(header::IF_NONE_MATCH, tag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

    // Whoever listed it has a page while they want one.
    let own = format!("/members/{}/", view["added_by"].as_str().unwrap());
    let choose = |public| {
        let profile = ProfileDraft {
            display_name: format!("Ann {}", place.tag),
            home: None,
            language: Language::En,
            mails: Mails::default(),
            public,
        };
        let ann = &ann;
        async move {
            let saved = ann.call(Method::PUT, "/api/me", Some(&profile), None).await.unwrap();
            saved.ok::<Me>().unwrap();
        }
    };
    choose(true).await;
    assert_eq!(page(&stack, &own).await.unwrap().0, StatusCode::NOT_FOUND);
    let change = EditSession {
        changes: Facts { description: Some("And a song.".into()), ..Facts::default() },
        photos: vec![],
    };
    let edits = format!("/api/sessions/{slug}/edits");
    let sent = ann.call(Method::POST, &edits, Some(&change), Some(&key())).await.unwrap();
    sent.ok::<Submitted>().unwrap();
    let html = says(&stack, &own, &slug).await;
    assert!(html.contains(&format!("Ann {}", place.tag)) && !html.contains("@example.org"));
    let html = says(&stack, &format!("/sessions/{slug}/"), &own).await;
    assert!(html.contains("And a song."));
    choose(false).await;
    assert_eq!(page(&stack, &own).await.unwrap().0, StatusCode::NOT_FOUND);

    let text = "Tunes till two, and tea after.";
    let review = ReviewDraft { text: text.into(), ..samples::review(id.session()) };
    bo.submit_review(&SubmitReview { review, photos: vec![] }, &key()).await.unwrap();
    says(&stack, &format!("/sessions/{slug}/"), text).await;

    let gone = format!("/api/submissions/{id}/withdrawal");
    let draft = WithdrawalDraft::default();
    let sent = ann.call(Method::POST, &gone, Some(&draft), Some(&key())).await.unwrap();
    sent.ok::<Submitted>().unwrap();
    let html = says(&stack, &format!("/sessions/{slug}/"), "no longer listed").await;
    // The address stays, with what it is made of; what was written there does not.
    assert!(html.contains("noindex") && !html.contains("alert(1)") && !html.contains(text));
    // The county is called after the test; its session is not on its page.
    let left = || async {
        let (status, html) = page(&stack, &county).await?;
        Ok((status == StatusCode::OK && !html.contains(&slug)).then_some(()))
    };
    until("the county's page without it", left).await.unwrap();
}

#[tokio::test]
async fn every_county_of_ireland_has_a_page() {
    let stack = Stack::from_env().await.unwrap();
    for county in COUNTIES {
        let path = format!("/{}/", county.path());
        let (status, html) = page(&stack, &path).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(html.contains(county.english), "{path}");
        let (status, html) = page(&stack, &format!("/ga{path}")).await.unwrap();
        assert!(status == StatusCode::OK && html.contains(county.irish), "/ga{path}");
    }
    let (status, _) = page(&stack, "/counties/ie/nowhere/").await.unwrap();
    assert_eq!(status, StatusCode::NOT_FOUND);
}
