//! What people without an account may send, on the engine: a notice from its
//! sending to its answer, and a follow by address from its request to its end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use reqwest::{Method, Response, StatusCode, header};
use seisiun_contracts::api::{Cases, Decide, SubmitSession, Submitted};
use seisiun_domain::{
    SubmissionId,
    case::{Case, CaseKind, Measure, Reason},
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack,
    content::Place,
    execution::{self, succeeded, waits},
    stack::{Mail, until},
};
use serde_json::{Value, json};
use ulid::Ulid;

struct Stage {
    stack: Stack,
    place: Place,
    ann: Person,
    mo: Person,
}

impl Stage {
    async fn set() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let place = Place::fresh();
        let moderator = async |name: &str| {
            let name = format!("{name}.{}", place.tag);
            Person::sign_up(&stack, &name, &["moderators"]).await.unwrap()
        };
        let (ann, mo) = (moderator("ann").await, moderator("mo").await);
        Self { stack, place, ann, mo }
    }

    /// Has Ann publish a session. Answers its id and slug, once everybody is told.
    async fn publish(&self, title: &str) -> (SubmissionId, String) {
        let session = self.place.elsewhere().session(&format!("{title} {}", self.place.tag));
        let wanted = SubmitSession { session, photos: vec![] };
        let key = Ulid::generate().to_string();
        let id = self.ann.submit_session(&wanted, &key).await.unwrap().submission_id;
        for workflow in [Workflow::SessionSubmission, Workflow::NotifyFollowers] {
            execution::follow(&self.stack, workflow, &id.to_string(), succeeded).await.unwrap();
        }
        match self.ann.submission(id).await.unwrap().status {
            Status::Published { slug, .. } => (id, slug.as_str().to_owned()),
            status => panic!("{status:?}"),
        }
    }

    async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> Response {
        let mut request = self.stack.http.post(self.stack.url(path).unwrap()).json(body);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        request.send().await.unwrap()
    }

    async fn mail(&self, to: &str, what: &str) -> Mail {
        until(&format!("a mail to {to} with {what:?}"), || async {
            let mails = self.stack.mails(to).await?;
            Ok(mails.into_iter().find(|mail| mail.subject.contains(what)))
        })
        .await
        .unwrap()
    }

    async fn case(&self, id: SubmissionId) -> Case {
        until("the case in the queue", || async {
            let path = "/api/moderation/cases";
            let cases: Cases = self.mo.call(Method::GET, path, None::<&()>, None).await?.ok()?;
            Ok(cases.cases.into_iter().find(|case| case.id == id.case()))
        })
        .await
        .unwrap()
    }

    fn address(&self, name: &str) -> String {
        format!("{name}.{}@example.org", self.place.tag)
    }
}

#[tokio::test]
async fn a_notice_is_acknowledged_decided_and_answered() {
    let stage = Stage::set().await;
    let (_, slug) = stage.publish("Noticed").await;
    let nora = stage.address("nora");
    let url = stage.stack.url(&format!("/sessions/{slug}/")).unwrap();
    let notice = json!({
        "url": url,
        "reason": "privacy",
        "explanation": "It names my neighbour,\nwho did not agree.",
        "name": "Nora Neighbour",
        "email": nora,
        "good_faith": true,
    });
    let key = Ulid::generate().to_string();
    let sent = stage.post("/api/notices", &notice, Some(&key)).await;
    assert_eq!(sent.status(), StatusCode::ACCEPTED);
    let Submitted { submission_id: id, .. } = sent.json().await.unwrap();
    let again = stage.post("/api/notices", &notice, Some(&key)).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(
        again.json::<Submitted>().await.unwrap(),
        Submitted { submission_id: id, replayed: true }
    );
    let mut other = notice.clone();
    other["reason"] = json!("spam");
    let other = stage.post("/api/notices", &other, Some(&key)).await;
    assert_eq!(other.status(), StatusCode::CONFLICT);

    let received = stage.mail(&nora, "We have your notice").await;
    assert!(received.text.contains(&url) && received.text.contains(&id.to_string()));

    // In the moderators' queue; whoever made it does not decide.
    let name = id.to_string();
    execution::follow(&stage.stack, Workflow::Notice, &name, waits).await.unwrap();
    let case = stage.case(id).await;
    assert_eq!(case.kind, CaseKind::Notice);
    assert_eq!(case.about.as_ref(), Some(&stage.ann.member_id));
    assert!(case.grounds.contains(&url), "{:?}", case.grounds);
    let note = "The neighbour told us, too.".into();
    let decision = Decide { note, ..Decide::of(Measure::Approve, Reason::Privacy) };
    let own = stage.ann.decide(id.case(), &decision).await.unwrap();
    assert_eq!(own.problem().unwrap().problems[0].code, "own_item");
    assert!(stage.mo.decide(id.case(), &decision).await.unwrap().status.is_success());
    execution::follow(&stage.stack, Workflow::Notice, &name, succeeded).await.unwrap();

    let resolved = stage.mail(&nora, "Taken down").await;
    for words in [url.as_str(), "Consent", "The neighbour told us, too.", "court"] {
        assert!(resolved.text.contains(words), "{words}: {}", resolved.text);
    }
    assert_eq!(stage.stack.mails(&nora).await.unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_a_notice_is_named_field_by_field() {
    let stage = Stage::set().await;
    let notice = json!({
        "url": "https://elsewhere.example/sessions/x/",
        "reason": "privacy",
        "explanation": " ",
        "good_faith": false,
    });
    let key = Ulid::generate().to_string();
    let answer = stage.post("/api/notices", &notice, Some(&key)).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem: Value = answer.json().await.unwrap();
    let fields: Vec<&str> = problem["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["url", "explanation", "name", "email", "good_faith"]);

    // From one address ten a day, whatever they are about.
    let notice = |n: usize| {
        json!({
            "url": stage.stack.url(&format!("/sessions/nowhere-{n}/")).unwrap(),
            "reason": "spam",
            "explanation": "Spam.",
            "name": "Nora",
            "email": stage.address("many"),
            "good_faith": true,
        })
    };
    for n in 0..10 {
        let key = Ulid::generate().to_string();
        let answer = stage.post("/api/notices", &notice(n), Some(&key)).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{n}");
    }
    let answer = stage.post("/api/notices", &notice(10), Some(&key)).await;
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_address_follows_once_its_owner_has_said_so() {
    let stage = Stage::set().await;
    let reader = stage.address("reader");
    let county = seisiun_domain::follow::Target::county("IE", &stage.place.county);
    let wanted = json!({ "email": reader, "target": county, "language": "ga" });
    for _ in 0..2 {
        let asked = stage.post("/api/follow-requests", &wanted, None).await;
        assert_eq!(asked.status(), StatusCode::ACCEPTED);
        assert_eq!(asked.text().await.unwrap(), "");
    }
    let mail = stage.mail(&reader, "Deimhnigh").await;
    assert_eq!(stage.stack.mails(&reader).await.unwrap().len(), 1, "asked twice, mailed once");
    let link = mail.text.split_whitespace().find(|word| word.contains("/api/confirm/")).unwrap();
    assert!(link.starts_with(&stage.stack.url("/api/confirm/").unwrap()), "{link}");
    assert!(!link.contains(&reader) && !link.contains("reader"), "{link}");

    // Looking at it, as mail scanners do, acts on nothing.
    let page = stage.stack.http.get(link).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers().get(header::SET_COOKIE).is_none());
    let page = page.text().await.unwrap();
    assert!(page.contains("<form method=\"post\">") && page.contains(&reader), "{page}");
    stage.publish("Not yet").await;
    assert_eq!(stage.stack.mails(&reader).await.unwrap().len(), 1, "it does not follow yet");

    for _ in 0..2 {
        let done = stage.stack.http.post(link).send().await.unwrap();
        assert_eq!(done.status(), StatusCode::OK);
        assert!(done.text().await.unwrap().contains("Done."));
    }
    stage.publish("Followed").await;
    let news = stage.mail(&reader, "Followed").await;
    let unsubscribe = news.header("List-Unsubscribe").unwrap().trim_matches(['<', '>']).to_owned();

    // A link that is not one of ours, though it looks like it.
    let cut = &link[..link.len() - 1];
    let forged = format!("{cut}{}", if link.ends_with('A') { 'B' } else { 'A' });
    for bad in [cut, &forged] {
        for method in [Method::GET, Method::POST] {
            let answer = stage.stack.http.request(method, bad).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::GONE, "{bad}");
            assert!(answer.text().await.unwrap().contains("no longer good"));
        }
    }

    let page = stage.stack.http.get(&unsubscribe).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<form method=\"post\">"), "{page}");
    // In their language; a county that nobody else has is called by its slug.
    assert!(page.contains("lang=\"ga-IE\"") && page.contains("sa chontae seo"), "{page}");
    // Of two follows, the link of one can stop either or both.
    let wanted = json!({ "email": reader, "target": "county:IE:kerry", "language": "en" });
    let asked = stage.post("/api/follow-requests", &wanted, None).await;
    assert_eq!(asked.status(), StatusCode::ACCEPTED);
    let mail = stage.mail(&reader, "Please confirm").await;
    let link = mail.text.split_whitespace().find(|word| word.contains("/api/confirm/")).unwrap();
    let done = stage.stack.http.post(link).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::OK);
    let both = stage.stack.http.get(&unsubscribe).send().await.unwrap().text().await.unwrap();
    assert!(both.contains("Ciarraí"), "{both}");
    let strange = stage.stack.http.post(&unsubscribe).form(&[("answer", "everything")]);
    assert_eq!(strange.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);
    let stopped = stage.stack.http.post(&unsubscribe).body("List-Unsubscribe=One-Click");
    assert_eq!(stopped.send().await.unwrap().status(), StatusCode::OK);
    stage.publish("Unfollowed").await;
    let subjects: Vec<String> =
        stage.stack.mails(&reader).await.unwrap().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.len(), 3, "{subjects:?}");
}
