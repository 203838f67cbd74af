//! What nobody sends by mistake: bodies, keys, ids and paths that are wrong on
//! purpose. Each gets a problem that says so, none reaches what it should not.
//! Tokens are held by `identity.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use futures::{StreamExt, stream};
use reqwest::{Method, StatusCode, header};
use seisiun_aws::table::Table;
use seisiun_contracts::api::{
    BODY_BYTES_MAX, Cursor, PROBLEM_JSON, ProblemDetails, SessionView, SubmitSession,
    auth::{AUTH_HEADER, AUTH_HEADER_VALUE},
    openapi,
    operations::{Asker, Operation, operations},
};
use seisiun_domain::limits;
use seisiun_e2e::{
    Person, Stack,
    content::{Place, fixture},
};
use seisiun_workflows::port_suites::reviewed_session;
use ulid::Ulid;

/// Requests at a time.
const AT_A_TIME: usize = 4;

struct Cast {
    stack: Stack,
    place: Place,
    ann: Person,
    bob: Person,
    mo: Person,
}

impl Cast {
    async fn call() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let place = Place::fresh();
        let person = async |name: &str, groups: &[&str]| {
            Person::sign_up(&stack, &format!("{name}.{}", place.tag), groups).await.unwrap()
        };
        let (ann, bob) = (person("ann", &[]).await, person("bob", &[]).await);
        let mo = person("mo", &["moderators"]).await;
        Self { ann, bob, mo, place, stack }
    }

    fn session(&self) -> SubmitSession {
        SubmitSession { session: self.place.session("Hostile tunes"), photos: vec![] }
    }

    /// Sends bytes to an operation as somebody who may ask it.
    async fn send(&self, operation: &Operation, media_type: &str, body: Vec<u8>) -> Answer {
        let path = operation.path.replace("{id}", &Ulid::generate().to_string());
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let mut request = self
            .stack
            .http
            .request(method, self.stack.url(&path).unwrap())
            .header(header::CONTENT_TYPE, media_type)
            .header("idempotency-key", Ulid::generate().to_string())
            .body(body);
        request = match operation.asker {
            Asker::Anybody => request,
            Asker::OurPage => {
                request.header(AUTH_HEADER, AUTH_HEADER_VALUE).bearer_auth(self.ann.access_token())
            }
            Asker::Member => request.bearer_auth(self.ann.access_token()),
            Asker::Moderator => request.bearer_auth(self.mo.access_token()),
        };
        let answer = request.send().await.unwrap();
        let media_type = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        Answer { status: answer.status(), media_type, body: answer.text().await.unwrap() }
    }
}

struct Answer {
    status: StatusCode,
    media_type: String,
    body: String,
}

impl Answer {
    fn kind(&self) -> String {
        assert_eq!(self.media_type, PROBLEM_JSON, "{} {}", self.status, self.body);
        let details: ProblemDetails = serde_json::from_str(&self.body).unwrap();
        assert_eq!(details.status, self.status.as_u16());
        details.kind.rsplit('#').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn no_body_is_taken_that_is_not_json_of_the_right_size_and_depth() {
    let cast = Cast::call().await;
    let long = format!("{{\"text\":\"{}\"}}", "x".repeat(BODY_BYTES_MAX));
    let deep = "[".repeat(BODY_BYTES_MAX - 1);
    let deep_object = "{\"a\":".repeat(BODY_BYTES_MAX / 5 - 1);
    let json = "application/json";
    let bodies: [(&str, &str, Vec<u8>, &str); 11] = [
        ("too large", json, long.into_bytes(), "too-large"),
        ("empty", json, Vec::new(), "bad-json"),
        ("cut short", json, b"{\"session\": {\"title\": \"Tun".to_vec(), "bad-json"),
        ("not UTF-8", json, b"{\"email\": \"\xff\xfe\"}".to_vec(), "bad-json"),
        ("half a character", json, b"{\"email\": \"\xc3".to_vec(), "bad-json"),
        ("deep lists", json, deep.into_bytes(), "bad-json"),
        ("deep objects", json, deep_object.into_bytes(), "bad-json"),
        ("null", json, b"null".to_vec(), "bad-json"),
        ("a number past any", json, b"{\"rating\": 1e999}".to_vec(), "bad-json"),
        ("no JSON", "text/plain", b"{}".to_vec(), "unsupported-media-type"),
        ("a form", "application/x-www-form-urlencoded", b"a=b".to_vec(), "unsupported-media-type"),
    ];
    let mut asked = 0;
    let with_body = operations().into_iter().filter(|operation| operation.body.is_some());
    let all: Vec<_> = with_body
        .flat_map(|operation| bodies.clone().map(|body| (operation.clone(), body)))
        .collect();
    let cast = &cast;
    let answers = stream::iter(all)
        .map(async |(operation, (what, media_type, body, kind))| {
            let answer = cast.send(&operation, media_type, body).await;
            assert_eq!(answer.kind(), kind, "{what} to {}: {}", operation.id, answer.body);
        })
        .buffer_unordered(AT_A_TIME);
    futures::pin_mut!(answers);
    while answers.next().await.is_some() {
        asked += 1;
    }
    assert!(asked >= 100, "{asked}");
}

#[tokio::test]
async fn an_idempotency_key_is_for_one_request_of_one_member() {
    let cast = Cast::call().await;
    let key = Ulid::generate().to_string();
    let first = cast.ann.submit_session(&cast.session(), &key).await.unwrap();
    assert!(!first.replayed);
    let again = cast.ann.submit_session(&cast.session(), &key).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.submission_id, first.submission_id);

    let mut other = cast.session();
    other.session.title = "Other tunes".into();
    let answer =
        cast.ann.call(Method::POST, "/api/sessions", Some(&other), Some(&key)).await.unwrap();
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(answer.problem().unwrap().kind.ends_with("#idempotency-key-reused"));

    // The same key of somebody else is another key.
    let mut bobs = cast.session();
    bobs.session.venue.position.lat += 0.5;
    let bobs = cast.bob.submit_session(&bobs, &key).await.unwrap();
    assert!(!bobs.replayed && bobs.submission_id != first.submission_id);

    for bad in ["", "short", &"k".repeat(65), "with space", "semi;colon", "../../../x"] {
        let answer = cast.ann.call(Method::POST, "/api/sessions", Some(&other), Some(bad)).await;
        let answer = answer.unwrap();
        assert!(answer.problem().unwrap().kind.ends_with("#idempotency-key"), "{bad:?}");
    }
}

#[tokio::test]
async fn what_is_another_members_is_as_absent_as_what_never_was() {
    let cast = Cast::call().await;
    let anns =
        cast.ann.submit_session(&cast.session(), &Ulid::generate().to_string()).await.unwrap();
    let look = async |person: &Person, id: String| {
        let path = format!("/api/submissions/{id}");
        person.call(Method::GET, &path, None::<&()>, None).await.unwrap()
    };
    let hers = look(&cast.ann, anns.submission_id.to_string()).await;
    assert_eq!(hers.status, StatusCode::OK);
    let nobodys = look(&cast.bob, Ulid::generate().to_string()).await;
    // A moderator is a member like others here.
    for person in [&cast.bob, &cast.mo] {
        let answer = look(person, anns.submission_id.to_string()).await;
        assert_eq!((answer.status, &answer.body), (nobodys.status, &nobodys.body));
    }
    assert_eq!(nobodys.status, StatusCode::NOT_FOUND);

    // Her photo can't be handed in as his.
    let photo = cast.ann.upload(fixture::COFFEE.to_vec(), "image/jpeg").await.unwrap();
    let mut his = cast.session();
    his.photos = vec![photo];
    let key = Ulid::generate().to_string();
    let answer =
        cast.bob.call(Method::POST, "/api/sessions", Some(&his), Some(&key)).await.unwrap();
    let problem = answer.problem().unwrap();
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem.problems[0].code, "not_uploaded", "{problem:?}");

    // Nor does a member decide, whatever the case.
    for id in [anns.submission_id.to_string(), Ulid::generate().to_string(), "x".into()] {
        let path = format!("/api/moderation/cases/{id}/decision");
        let body = serde_json::json!({ "measure": "approve", "reason": "in_order" });
        let answer = cast.ann.call(Method::POST, &path, Some(&body), None).await.unwrap();
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    }
}

#[tokio::test]
async fn no_path_leads_where_it_should_not() {
    let cast = Cast::call().await;
    let own = cast.ann.call(Method::GET, "/api/me", None::<&()>, None).await.unwrap();
    assert_eq!(own.status, StatusCode::OK);
    for id in [
        "%2e%2e%2fme",
        "..%2fme",
        "a%2fb",
        "a%5cb",
        "%00",
        "a%00b",
        "%ff",
        "%25",
        "a%23b",
        "a%3Fb",
        "'%20or%201=1",
        "SUBMISSION%2301",
        "01j9zzzzzzzzzzzzzzzzzzzzzz",
        "99999999999999999999999999",
        &"x".repeat(4_000),
    ] {
        for stem in ["/api/submissions", "/api/sessions"] {
            let path = format!("{stem}/{id}");
            let answer = cast.ann.call(Method::GET, &path, None::<&()>, None).await.unwrap();
            let status = answer.status.as_u16();
            assert!(matches!(status, 400 | 404 | 414), "{path}: {status} {}", answer.body);
            assert!(!answer.body.contains(&cast.ann.email), "{path}: {}", answer.body);
            assert!(!answer.body.contains("display_name"), "{path}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn no_cursor_opens_but_the_one_that_was_given_for_this_list() {
    let cast = Cast::call().await;
    let table = Table::new(cast.stack.config(), cast.stack.value("TableName").unwrap());
    // A cursor that is good somewhere: `reads.rs` follows such to the end.
    let session = reviewed_session(&table, &[5; limits::REVIEWS_PER_PAGE + 1]).await;
    let path = format!("/api/sessions/{session}");
    let page: SessionView =
        cast.ann.call(Method::GET, &path, None::<&()>, None).await.unwrap().ok().unwrap();
    let Cursor(good) = page.next_reviews.unwrap();
    let other = reviewed_session(&table, &[5]).await;
    let lists = [
        format!("/api/sessions/{session}/reviews?cursor="),
        format!("/api/sessions/{other}/reviews?cursor="),
        "/api/sessions?lat=53&lon=-9&cursor=".into(),
        "/api/submissions?cursor=".into(),
        "/api/moderation/cases?cursor=".into(),
    ];
    let who = |list: &str| match list.starts_with("/api/moderation/") {
        true => &cast.mo,
        false => &cast.ann,
    };
    let document = openapi::document();
    let with_cursor = document["paths"].as_object().unwrap().values().filter(|path| {
        let parameters = path["get"]["parameters"].as_array();
        parameters.into_iter().flatten().any(|parameter| parameter["name"] == "cursor")
    });
    assert_eq!(with_cursor.count(), lists.len() - 1, "a list is missing above, or gone");

    let flipped = |at: usize| {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let mut tampered: Vec<String> = (0..good.len()).step_by(11).map(flipped).collect();
    tampered.extend([
        good[..good.len() - 1].to_owned(),
        good[4..].to_owned(),
        format!("{good}A"),
        format!("{good}%3D"),
        format!("{good}%0A"),
        good.to_uppercase(),
        cast.bob.member_id.to_string(),
        Ulid::generate().to_string(),
        "null".into(),
        "%00".into(),
        "%C3%28".into(),
        "A".repeat(2_049),
        String::new(),
    ]);
    for (n, list) in lists.iter().enumerate() {
        // The good one is good in its own list alone.
        let foreign = (n > 0).then_some(&good);
        for cursor in tampered.iter().chain(foreign) {
            let path = format!("{list}{cursor}");
            let answer = who(list).call(Method::GET, &path, None::<&()>, None).await.unwrap();
            let kind = answer.problem().unwrap().kind;
            assert!(kind.ends_with("#bad-cursor"), "{path}: {}", answer.body);
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    let path = format!("{}{good}", lists[0]);
    let answer = cast.ann.call(Method::GET, &path, None::<&()>, None).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

/// The API answers CloudFront alone, which says its secret for every viewer.
#[tokio::test]
async fn nobody_gets_past_the_front_door() {
    let cast = Cast::call().await;
    let (engine, api) =
        (cast.stack.value("engine_url").unwrap(), cast.stack.value("ApiId").unwrap());
    for (method, path, member) in [
        (Method::GET, "/api/health", &cast.ann),
        (Method::GET, "/api/me", &cast.ann),
        (Method::GET, "/api/moderation/cases", &cast.mo),
        (Method::POST, "/api/auth/sign-in", &cast.ann),
    ] {
        let direct = format!("{engine}/_aws/execute-api/{api}/$default{path}");
        let through = cast.stack.url(path).unwrap().to_string();
        for (url, said) in [
            (&direct, None),
            (&direct, Some("")),
            (&direct, Some("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")),
            (&through, None),
            // A viewer's own claim is overwritten.
            (&through, Some("guess")),
        ] {
            let mut request = cast.stack.http.request(method.clone(), url);
            request =
                request.bearer_auth(member.access_token()).header(AUTH_HEADER, AUTH_HEADER_VALUE);
            if let Some(said) = said {
                request = request.header("x-seisiun-origin", said);
            }
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            let refused = text.contains("under the site's own address alone");
            assert_eq!(refused, *url == direct, "{path} with {said:?}: {status} {text}");
            assert_eq!(refused, status == StatusCode::FORBIDDEN, "{path} with {said:?}: {status}");
        }
    }
}
