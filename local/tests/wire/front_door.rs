//! One origin: what goes where, and what does not get through.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{Local, client};

const API: &str = "/_aws/execute-api/0a1b2c3d/$default";

impl Local {
    /// Writes the stack's outputs as a deployment would.
    fn deploy(&self) {
        self.write_stack(&json!({
            "ApiUrl": "https://0a1b2c3d.execute-api.eu-west-1.amazonaws.com",
            "SiteBucket": "site",
            "PublicBucket": "public",
            "TableName": "ignored",
        }));
    }

    fn write_stack(&self, outputs: &Value) {
        std::fs::write(self.dir.path().join("stack.json"), outputs.to_string()).unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.addresses().front_door)
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        client().get(self.url(path)).send().await.unwrap()
    }

    /// Sends a path as it is: a URL library would tidy it up first.
    async fn get_raw(&self, path: &str, host: &str) -> (u16, String) {
        let address = self.addresses().front_door.strip_prefix("http://").unwrap();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer)
    }
}

#[tokio::test]
async fn until_the_stack_is_there_it_says_so() {
    let local = Local::start().await;
    for path in ["/", "/api/sessions", "/photos/a.jpg"] {
        let response = local.get(path).await;
        assert_eq!(response.status(), 503, "{path}");
        assert_eq!(response.headers()["retry-after"], "2");
        let words = response.text().await.unwrap();
        assert!(words.contains("not deployed yet") && words.contains("stack.json"), "{words}");
    }
    let health: Value = local.get("/_local/health").await.json().await.unwrap();
    assert_eq!((&health["status"], &health["stack"]["ApiUrl"]), (&json!("ok"), &Value::Null));

    local.write_stack(&json!({ "SiteBucket": "site" }));
    let words = local.get("/api/x").await.text().await.unwrap();
    assert!(words.contains("have no ApiUrl"), "{words}");
    local.engine.put("/site/index.html", "text/html", "<p>home");
    assert_eq!(local.get("/").await.status(), 200, "the file is read when it appears");
    local.write_stack(&json!({ "SiteBucket": "other-site" }));
    local.engine.put("/other-site/index.html", "text/html", "<p>moved");
    assert_eq!(local.get("/").await.text().await.unwrap(), "<p>moved", "and when it changes");
}

#[tokio::test]
async fn pages_and_photos_come_from_their_buckets() {
    let local = Local::start().await;
    local.deploy();
    local.engine.put("/site/index.html", "text/html", "<p>home");
    local.engine.put("/site/counties/clare/index.html", "text/html", "<p>Clare");
    local.engine.put("/site/app.wasm", "application/wasm", "wasm");
    local.engine.put("/site/404.html", "text/html", "<p>nothing here");
    local.engine.put("/site/photos/a.jpg", "image/jpeg", "the wrong bucket");
    local.engine.put("/public/photos/a.jpg", "image/jpeg", "a photo");
    local.engine.put_status("/public/photos/forbidden.jpg", 403);
    let cases = [
        ("/", 200, "text/html", "<p>home"),
        ("/?near=53.3,-6.2", 200, "text/html", "<p>home"),
        ("/counties/clare/", 200, "text/html", "<p>Clare"),
        ("/app.wasm", 200, "application/wasm", "wasm"),
        ("/none", 404, "text/html", "<p>nothing here"),
        ("/api", 404, "text/html", "<p>nothing here"),
        ("/photos/a.jpg", 200, "image/jpeg", "a photo"),
        ("/photos/b.jpg", 404, "text/plain; charset=utf-8", "There is no such photo.\n"),
        ("/photos/forbidden.jpg", 404, "text/plain; charset=utf-8", "There is no such photo.\n"),
    ];
    for (path, status, content_type, body) in cases {
        let response = local.get(path).await;
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["content-type"], content_type, "{path}");
        assert!(!response.headers().keys().any(|name| name.as_str().starts_with("x-amz")));
        assert_eq!(response.text().await.unwrap(), body, "{path}");
    }
    for seen in local.engine.seen() {
        assert!(seen.header("authorization").unwrap().contains("/s3/aws4_request"), "{seen:?}");
    }
}

#[tokio::test]
async fn reading_is_all_that_buckets_allow() {
    let local = Local::start().await;
    local.deploy();
    local.engine.put("/site/index.html", "text/html", "<p>home");
    local.engine.put("/public/photos/a.jpg", "image/jpeg", "a photo");
    let head = client().head(local.url("/photos/a.jpg")).send().await.unwrap();
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-length"]),
        (200, &"7".parse().unwrap())
    );
    assert_eq!(local.engine.seen().pop().unwrap().method, "HEAD");
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        for path in ["/", "/photos/a.jpg"] {
            let method = method.parse().unwrap();
            let response = client().request(method, local.url(path)).send().await.unwrap();
            assert_eq!(response.status(), 405);
            assert_eq!(response.headers()["allow"], "GET, HEAD");
        }
    }
    assert!(local.engine.seen().is_empty());
}

#[tokio::test]
async fn conditions_and_ranges_reach_the_bucket() {
    let local = Local::start().await;
    local.deploy();
    local.engine.put("/public/photos/a.jpg", "image/jpeg", "a photo");
    let request = client()
        .get(local.url("/photos/a.jpg"))
        .header("if-none-match", "\"the-etag\"")
        .header("range", "bytes=0-1")
        .header("cookie", "stays=outside");
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 304);
    assert_eq!(response.headers()["etag"], "\"the-etag\"");
    let seen = local.engine.seen().pop().unwrap();
    assert_eq!(seen.header("range"), Some("bytes=0-1"));
    assert_eq!(seen.header("cookie"), None);
    let whole = local.get("/photos/a.jpg").await;
    assert_eq!(whole.headers()["cache-control"], "max-age=60");
    assert_eq!(whole.headers()["etag"], "\"the-etag\"");
}

#[tokio::test]
async fn no_path_leads_out_of_its_place() {
    let local = Local::start().await;
    local.deploy();
    local.engine.put("/site/404.html", "text/html", "<p>nothing here");
    for secret in ["/quarantine/secret", "/public/secret", "/secret", "/site/secret"] {
        local.engine.put(secret, "text/plain", "SECRET");
    }
    for path in [
        "/photos/../secret",
        "/photos/%2e%2e/secret",
        "/photos/%2E./secret",
        "/photos/..%2fsecret",
        "/photos/..%2F..%2Fquarantine/secret",
        "/photos%2F..%2F..%2Fquarantine/secret",
        "/photos/..%5csecret",
        "/photos//secret",
        "/photos/%00",
        "/../quarantine/secret",
        "/%2e%2e/quarantine/secret",
        "/x/../../quarantine/secret",
        "//quarantine/secret",
        "/api/../../../../quarantine/secret",
        "/api/%2e%2e/%2e%2e/%2e%2e/%2e%2e/quarantine/secret",
        "/api/..%2f..%2f..%2f..%2fquarantine/secret",
        "/_local/../quarantine/secret",
        "/_local/mailbox/..%2f..%2f..%2fsecret/raw",
    ] {
        let (status, answer) = local.get_raw(path, "localhost").await;
        assert!(matches!(status, 400 | 404), "{path}: {answer}");
        assert!(!answer.contains("SECRET"), "{path}: {answer}");
    }
    // Encoded twice it is a plain, odd name in its own bucket.
    let (status, _) = local.get_raw("/photos/%252e%252e/secret", "localhost").await;
    assert_eq!(status, 404);
    let seen: Vec<_> = local.engine.seen().into_iter().map(|seen| seen.path_and_query).collect();
    assert_eq!(seen, ["/public/photos/%25252e%25252e/secret".replace("%2525", "%25")]);
}

#[tokio::test]
async fn calls_reach_the_api_whole_and_answers_come_back() {
    let local = Local::start().await;
    local.deploy();
    let answer_headers = [
        ("content-type", "application/json"),
        ("x-request-cost", "1"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
        ("connection", "x-inside"),
        ("x-inside", "1"),
        ("cache-control", "no-store"),
    ];
    let path = format!("{API}/api/sessions/a%2Fb");
    local.engine.put_answer(&path, 202, &answer_headers, "{\"id\":1}");
    let response = client()
        .patch(local.url("/api/sessions/a%2Fb?q=a%20b&q=c"))
        .header("authorization", "Bearer token")
        .header("content-type", "application/json")
        .header("x-forwarded-for", "198.51.100.7")
        .header("te", "trailers")
        .header("connection", "keep-alive, x-once")
        .header("x-once", "1")
        .body("{\"a\":1}")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 202);
    let headers = response.headers().clone();
    assert_eq!(headers["x-request-cost"], "1");
    assert_eq!(headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(headers["cache-control"], "no-store");
    assert!(!headers.contains_key("x-inside"));
    assert_eq!(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'");
    assert_eq!(response.text().await.unwrap(), "{\"id\":1}");

    let seen = local.engine.seen().pop().unwrap();
    assert_eq!(seen.method, "PATCH");
    assert_eq!(seen.path_and_query, format!("{path}?q=a%20b&q=c"));
    assert_eq!(seen.body, b"{\"a\":1}");
    assert_eq!(seen.header("content-length"), Some("7"));
    assert_eq!(seen.header("authorization"), Some("Bearer token"));
    assert_eq!(seen.header("x-forwarded-for"), Some("198.51.100.7, 127.0.0.1"));
    assert_eq!(seen.header("te"), None);
    assert_eq!(seen.header("x-once"), None);
    let engine = local.engine.url();
    let host = format!("127.0.0.1:{}", engine.port().unwrap());
    assert_eq!(seen.header("host"), Some(host.as_str()));
}

#[tokio::test]
async fn the_apis_errors_and_redirects_are_the_viewers() {
    let local = Local::start().await;
    local.deploy();
    local.engine.put_status(&format!("{API}/api/missing"), 404);
    let moved = [("location", "/api/elsewhere")];
    local.engine.put_answer(&format!("{API}/api/moved"), 303, &moved, "");
    local.engine.put_status(&format!("{API}/api/failing"), 500);
    assert_eq!(local.get("/api/missing").await.text().await.unwrap(), "404 of the storage");
    let moved = local.get("/api/moved").await;
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (303, &"/api/elsewhere".parse().unwrap())
    );
    assert_eq!(local.get("/api/failing").await.status(), 500);

    local.write_stack(&json!({ "ApiUrl": "http://127.0.0.1:9" }));
    let unreachable = local.get("/api/x").await;
    assert_eq!(unreachable.status(), 502);
    let message: Value = unreachable.json().await.unwrap();
    assert_eq!(message["detail"], "The API cannot be reached.");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    const LIMIT: usize = 10 * 1024 * 1024;
    let local = Local::start().await;
    local.deploy();
    local.engine.put(&format!("{API}/api/upload"), "text/plain", "taken");
    let chunked = |length: usize| {
        let chunks = vec![vec![b'x'; 64 * 1024]; length / (64 * 1024)];
        let chunks = chunks.into_iter().map(Ok::<_, std::io::Error>);
        reqwest::Body::wrap_stream(futures::stream::iter(chunks))
    };
    let post = async |body: reqwest::Body| {
        let response = client().post(local.url("/api/upload")).body(body).send().await.unwrap();
        response.status().as_u16()
    };
    assert_eq!(post(vec![b'x'; LIMIT].into()).await, 200);
    assert_eq!(local.engine.seen().pop().unwrap().body.len(), LIMIT);
    assert_eq!(post(chunked(LIMIT)).await, 200);
    assert_eq!(local.engine.seen().pop().unwrap().body.len(), LIMIT);
    assert_eq!(post(chunked(LIMIT + 64 * 1024)).await, 413);
    // Refused from its head alone, before any of it is read.
    let address = local.addresses().front_door.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n",
        LIMIT + 1
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 413");
}

#[tokio::test]
async fn every_answer_has_its_security_headers() {
    let local = Local::start().await;
    local.deploy();
    local.engine.put("/site/index.html", "text/html", "<p>home");
    for path in ["/", "/none", "/photos/none.jpg", "/api/none", "/_local/health", "/_local/mailbox"]
    {
        let response = local.get(path).await;
        let headers = response.headers();
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(headers["referrer-policy"], "strict-origin-when-cross-origin", "{path}");
        assert!(headers.contains_key("permissions-policy"), "{path}");
    }
    let site = local.get("/").await.headers()["content-security-policy"].clone();
    let site = site.to_str().unwrap();
    let engine = local.engine.url();
    let uploads = format!("connect-src 'self' {};", engine.as_str().trim_end_matches('/'));
    assert!(site.contains(&uploads) && !site.contains("unsafe-inline"), "{site}");
    let photo = local.get("/photos/none.jpg").await.headers()["content-security-policy"].clone();
    assert!(photo.to_str().unwrap().contains("sandbox"));
}

#[tokio::test]
async fn the_developers_pages_answer_to_loopback_names_only() {
    let local = Local::start().await;
    for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:80"] {
        assert_eq!(local.get_raw("/_local/mailbox.json", host).await.0, 200, "{host}");
    }
    for host in ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "192.0.2.1"] {
        assert_eq!(local.get_raw("/_local/mailbox.json", host).await.0, 421, "{host}");
    }
}

#[tokio::test]
async fn the_user_pools_codes_are_in_the_mailbox_once() {
    let local = Local::start().await;
    let read = async |query: &str| {
        let answer = local.get(&format!("/_local/mailbox.json{query}")).await;
        assert_eq!(answer.status(), 200, "{query}");
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(read("").await["total"], 0, "an engine without a recorder is no failure");
    let record = |id: &str, kind: &str| {
        json!({
            "MessageId": id, "Type": kind, "Timestamp": 1_795_523_335.33,
            "Source": "no-reply@verificationemail.com", "To": ["ann@seisiun.test"],
            "CC": [], "BCC": [], "Subject": "Your verification code",
            "BodyText": "Your verification code is 123456.", "BodyHtml": null,
        })
    };
    let records = json!({ "messages": { "000000000000": [
        record("one@x.test", "CognitoVerificationMessage"),
        record("two@x.test", "SendEmail"),
    ]}});
    local.engine.put("/_ministack/ses/messages", "application/json", records.to_string());
    for _ in 0..2 {
        let mailbox = read("?to=ann@seisiun.test").await;
        assert_eq!(mailbox["total"], 1, "{mailbox}");
        let mail = &mailbox["messages"][0];
        assert_eq!(mail["text"], "Your verification code is 123456.");
        assert_eq!(mail["tags"]["cognito"], "CognitoVerificationMessage");
    }
    assert_eq!(read("?by=cognito").await["total"], 1);
    assert_eq!(read("?by=ses").await["total"], 0);
    let page = local.get("/_local/mailbox").await.text().await.unwrap();
    assert!(page.contains("Your verification code"), "{page}");
}
