//! The wire of SES, what it keeps, and the mailbox that shows it.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::{Local, client, signed_for};

/// Every byte matters: folded headers, a dot line, trailing spaces, no last
/// line end, bytes of an eight-bit body.
pub(crate) fn message(to: &str, subject: &str) -> Vec<u8> {
    let head = format!(
        "From: =?utf-8?q?Seisi=C3=BAn?= <notices@seisiun.test>\r\n\
         To: {to}\r\n\
         Subject: {subject}\r\n\
         Message-ID: <ours@seisiun.test>\r\n\
         List-Unsubscribe: <https://seisiun.test/unsubscribe/1>,\r\n\
         \t<mailto:stop@seisiun.test>\r\n\
         List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\n\
         Fáilte! https://seisiun.test/s/1\r\n.\r\ntrailing  \r\n\
         --b\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\r\n\
         <p>F=C3=A1ilte<script>alert(1)</script></p>\r\n--b--"
    );
    head.into_bytes()
}

/// An answer: its status and its XML.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    xml: String,
}

impl Answer {
    fn element(&self, name: &str) -> &str {
        let (_, after) = self.xml.split_once(&format!("<{name}>")).unwrap_or_else(|| {
            panic!("no {name} in {}", self.xml);
        });
        after.split_once(&format!("</{name}>")).unwrap().0
    }

    fn refusal(&self) -> (u16, &str, &str) {
        assert!(self.xml.starts_with("<ErrorResponse "), "{}", self.xml);
        (self.status, self.element("Code"), self.element("Message"))
    }

    pub(crate) fn id(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.xml);
        assert!(self.xml.starts_with("<SendRawEmailResponse "), "{}", self.xml);
        self.element("MessageId").to_owned()
    }
}

pub(crate) fn form(raw: &[u8], more: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", "SendRawEmail")
        .append_pair("Version", "2010-12-01")
        .append_pair("RawMessage.Data", &STANDARD.encode(raw))
        .extend_pairs(more)
        .finish()
}

pub(crate) async fn post(url: &str, form: String) -> reqwest::Result<Answer> {
    let response = client()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", signed_for("ses"))
        .body(form)
        .send()
        .await?;
    let status = response.status().as_u16();
    assert_eq!(response.headers()["content-type"], "text/xml");
    assert!(response.headers().contains_key("x-amzn-requestid"));
    Ok(Answer { status, xml: response.text().await? })
}

pub(crate) async fn send_to(url: &str, to: &str, subject: &str) -> String {
    let form = form(&message(to, subject), &[("Destinations.member.1", to)]);
    post(url, form).await.unwrap().id()
}

impl Local {
    async fn try_send(&self, raw: &[u8], more: &[(&str, &str)]) -> reqwest::Result<Answer> {
        post(&self.addresses().ses, form(raw, more)).await
    }

    async fn send(&self, raw: &[u8], more: &[(&str, &str)]) -> Answer {
        self.try_send(raw, more).await.unwrap()
    }

    pub(crate) async fn mailbox(&self, query: &str) -> Value {
        let url = format!("{}/_local/mailbox.json{query}", self.addresses().front_door);
        let response = client().get(url).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    async fn page(&self, path: &str) -> reqwest::Response {
        client().get(format!("{}{path}", self.addresses().front_door)).send().await.unwrap()
    }
}

/// Reads a message with Python's parser, which shares no code with ours.
fn read_with_python(message: &[u8]) -> Value {
    const READ: &str = "
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
part = lambda kind: m.get_body((kind,)).get_content()
print(json.dumps({
    'headers': [[k, str(v)] for k, v in m.items()],
    'text': part('plain'),
    'html': part('html'),
    'defects': [repr(d) for p in m.walk() for d in p.defects],
}))";
    let mut python = Command::new("python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3, which the local engine needs too");
    python.stdin.take().unwrap().write_all(message).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_message_is_kept_byte_for_byte() {
    let local = Local::start().await;
    let raw = message("ann@example.test", "=?utf-8?q?Sl=C3=A1n?=");
    let sent = local
        .send(
            &raw,
            &[
                ("Source", "Seisiun <bounces@seisiun.test>"),
                ("Destinations.member.1", "ann@example.test"),
                ("Destinations.member.2", "Ben <ben@example.test>"),
                ("Tags.member.1.Name", "submission"),
                ("Tags.member.1.Value", "01J-x_9"),
                ("ConfigurationSetName", "mail"),
            ],
        )
        .await;
    let id = sent.id();
    assert_eq!(std::fs::read(local.mail_file(&id, "eml")).unwrap(), raw);
    let mut sidecar: Value =
        serde_json::from_slice(&std::fs::read(local.mail_file(&id, "json")).unwrap()).unwrap();
    let received: jiff::Timestamp = sidecar["received_at"].as_str().unwrap().parse().unwrap();
    assert!(received.duration_until(jiff::Timestamp::now()).as_secs() < 60);
    let date = sidecar["date"].take();
    assert_eq!(
        jiff::fmt::rfc2822::DateTimeParser::new()
            .parse_timestamp(date.as_str().unwrap())
            .unwrap()
            .as_second(),
        received.as_second()
    );
    sidecar["received_at"].take();
    let events = sidecar["events"].take();
    let told: Vec<_> = events.as_array().unwrap().iter().map(|event| &event["event"]).collect();
    assert_eq!(told, ["send", "delivery", "delivery"], "one outcome for each recipient");
    assert_eq!(
        sidecar,
        json!({
            "id": id,
            "source": "bounces@seisiun.test",
            "from": ["notices@seisiun.test"],
            "destinations": ["ann@example.test", "ben@example.test"],
            "received_at": null,
            "tags": { "submission": "01J-x_9" },
            "configuration_set": "mail",
            "subject": "Slán",
            "message_id": format!("<{id}@ses.local.invalid>"),
            "date": null,
            "bytes": raw.len(),
            "sha256": sidecar["sha256"],
            "events": null,
        })
    );
}

#[tokio::test]
async fn another_parser_reads_the_delivered_message_the_same() {
    let local = Local::start().await;
    let id = local.send(&message("ann@example.test", "Hello"), &[]).await.id();
    let raw = local.page(&format!("/_local/mailbox/{id}/raw")).await.bytes().await.unwrap();
    assert_eq!(raw, message("ann@example.test", "Hello"));
    let delivered = local.page(&format!("/_local/mailbox/{id}/delivered")).await;
    assert_eq!(delivered.headers()["content-type"], "text/plain; charset=utf-8");

    let theirs = read_with_python(&delivered.bytes().await.unwrap());
    assert_eq!(theirs["defects"], json!([]));
    let ours = local.mailbox("").await["messages"][0].clone();
    let headers = |list: &Value, name: &str| -> Vec<String> {
        let pair = |header: &Value| match header.as_array() {
            Some(pair) => (pair[0].clone(), pair[1].clone()),
            None => (header["name"].clone(), header["value"].clone()),
        };
        let named = list.as_array().unwrap().iter().map(pair).filter(|(found, _)| found == name);
        named.map(|(_, value)| value.as_str().unwrap().to_owned()).collect()
    };
    for name in
        ["From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe-Post", "Content-Type"]
    {
        let theirs = headers(&theirs["headers"], name);
        assert_eq!((theirs.len(), &theirs), (1, &headers(&ours["headers"], name)), "{name}");
    }
    assert_eq!(
        headers(&ours["headers"], "Message-ID"),
        [format!("<{id}@ses.local.invalid>")],
        "SES puts its own in place of the sender's"
    );
    assert_eq!(headers(&ours["headers"], "From"), ["Seisiún <notices@seisiun.test>"]);
    let unix = |text: &Value| text.as_str().unwrap().replace("\r\n", "\n").trim_end().to_owned();
    for body in ["text", "html"] {
        assert_eq!(unix(&theirs[body]), unix(&ours[body]), "{body}");
    }
    assert!(unix(&ours["text"]).starts_with("Fáilte! "));
}

#[tokio::test]
async fn receivers_are_told_to_whose_and_what_kind_of_mail_feedback_belongs() {
    let local = Local::start().await;
    let own = "Feedback-ID: mine:own:x:Sender\r\nMIME-Version";
    let raw = String::from_utf8(message("ann@example.test", "s")).unwrap();
    let raw = raw.replace("MIME-Version", own).into_bytes();
    let cases: [(&[(&str, &str)], &str); 3] = [
        (&[], "::1.local:AmazonSES"),
        (
            &[
                ("Tags.member.1.Name", "ses:feedback-id-b"),
                ("Tags.member.1.Value", "digest_2"),
                ("Tags.member.2.Name", "kind"),
                ("Tags.member.2.Value", "news"),
            ],
            ":digest_2:1.local:AmazonSES",
        ),
        (
            &[
                ("Tags.member.1.Name", "ses:feedback-id-b"),
                ("Tags.member.1.Value", "digest"),
                ("Tags.member.2.Name", "ses:feedback-id-a"),
                ("Tags.member.2.Value", "follower-news"),
            ],
            "follower-news:digest:1.local:AmazonSES",
        ),
    ];
    for (tags, expected) in cases {
        let id = local.send(&raw, tags).await.id();
        let delivered = local.page(&format!("/_local/mailbox/{id}/delivered")).await;
        let read = read_with_python(&delivered.bytes().await.unwrap());
        assert_eq!(read["defects"], json!([]));
        let headers = read["headers"].as_array().unwrap().iter();
        let found: Vec<_> = headers.filter(|header| header[0] == "Feedback-ID").collect();
        assert_eq!(found, [&json!(["Feedback-ID", expected])]);
    }
}

#[tokio::test]
async fn without_destinations_the_headers_say_whom_it_goes_to() {
    let local = Local::start().await;
    let raw = "From: notices@seisiun.test\nTo: Ann <ann@example.test>\nCc: ben@example.test\n\
               Bcc: cat@example.test\nSubject: s\n\nbody\n";
    let id = local.send(raw.as_bytes(), &[]).await.id();
    let message = local.mailbox("").await["messages"][0].clone();
    assert_eq!(message["id"], id.as_str());
    assert_eq!(message["to"], json!(["ann@example.test", "ben@example.test", "cat@example.test"]));
    let headers = message["headers"].to_string();
    assert!(headers.contains("ben@example.test") && !headers.contains("cat@example.test"));
}

#[tokio::test]
async fn what_ses_would_refuse_is_refused() {
    let local = Local::start().await;
    let good = message("ann@example.test", "s");
    let foreign = b"From: notices@elsewhere.test\nTo: a@example.test\n\nbody\n";
    let alone = b"From: notices@seisiun.test\nSubject: s\n\nbody\n";
    let many: Vec<String> = (1..=51).map(|n| format!("Destinations.member.{n}")).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "a@example.test")).collect();
    let large = [&good[..], &vec![b'\n'; 10 * 1024 * 1024]].concat();
    type Case<'a> = (&'a [u8], &'a [(&'a str, &'a str)], &'a str, &'a str);
    let long = "x".repeat(65);
    let long_feedback: &[_] =
        &[("Tags.member.1.Name", "ses:feedback-id-a"), ("Tags.member.1.Value", &long)];
    let own_colon: &[_] = &[("Tags.member.1.Name", "ses:mine"), ("Tags.member.1.Value", "x")];
    let cases: [Case<'_>; 13] = [
        (
            foreign,
            &[],
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region \
             EU-WEST-1: notices@elsewhere.test",
        ),
        (
            &good,
            &[("Source", "x@elsewhere.test")],
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region \
             EU-WEST-1: x@elsewhere.test",
        ),
        (b"no headers", &[], "MessageRejected", "line 1"),
        (
            b"To: a@example.test\n\nbody",
            &[],
            "MessageRejected",
            "Missing required header &apos;From&apos;.",
        ),
        (b"", &[], "MessageRejected", "Empty message."),
        (alone, &[], "InvalidParameterValue", "The message has no recipients."),
        (&good, &many, "InvalidParameterValue", "Recipient count exceeds 50."),
        (
            &good,
            &[("Destinations.member.1", "a&lt;b")],
            "InvalidParameterValue",
            "Illegal address: a&amp;lt;b",
        ),
        (
            &good,
            &[("Tags.member.1.Name", "a b"), ("Tags.member.1.Value", "x")],
            "InvalidParameterValue",
            "Tags may",
        ),
        (&good, &[("Tags.member.1.Name", "a")], "InvalidParameterValue", "A tag has no"),
        (&good, own_colon, "InvalidParameterValue", "Tags may"),
        (&good, long_feedback, "InvalidParameterValue", "may have 64 characters"),
        (&large, &[], "InvalidParameterValue", "Message length is more than 10485760 bytes long"),
    ];
    for (raw, more, code, words) in cases {
        let answer = local.send(raw, more).await;
        let (status, found, message) = answer.refusal();
        assert_eq!((status, found), (400, code), "{message}");
        assert!(message.contains(words), "{message}");
        assert_eq!(answer.element("Type"), "Sender");
    }
    assert_eq!(local.mailbox("").await["total"], 0);
}

#[tokio::test]
async fn requests_that_are_not_send_raw_email_are_refused() {
    let local = Local::start().await;
    let url = &local.addresses().ses;
    let quota = post(url, "Action=GetSendQuota&Version=2010-12-01".to_owned()).await.unwrap();
    assert_eq!(quota.refusal().1, "InvalidAction");
    let garbled = post(url, "Action=SendRawEmail&RawMessage.Data=***".to_owned()).await.unwrap();
    assert_eq!(garbled.refusal().1, "InvalidParameterValue");
    let empty = post(url, "Action=SendRawEmail".to_owned()).await.unwrap();
    assert_eq!(empty.refusal().1, "InvalidParameterValue");
    let unsigned = client().post(url).body(form(&message("a@x.test", "s"), &[])).send().await;
    let unsigned = unsigned.unwrap();
    assert_eq!(unsigned.status(), 403);
    assert!(unsigned.text().await.unwrap().contains("<Code>MissingAuthenticationToken</Code>"));
    assert_eq!(local.mailbox("").await["total"], 0);
}

#[tokio::test]
async fn faults_before_the_effect_store_nothing() {
    let local = Local::start().await;
    let url = local.addresses().ses.clone();
    let raw = message("ann@example.test", "s");
    let to_ann: &[_] = &[("Destinations.member.1", "ann@example.test")];

    assert_eq!(local.fault(&url, json!({ "fault": "throttle", "calls": 2 })).await, 201);
    for _ in 0..2 {
        let throttled = local.send(&raw, to_ann).await;
        let expected = (400, "Throttling", "Maximum sending rate exceeded.");
        assert_eq!(throttled.refusal(), expected);
    }
    assert_eq!(local.fault(&url, json!({ "fault": "fail" })).await, 201);
    let failed = local.send(&raw, to_ann).await;
    assert_eq!((failed.refusal().0, failed.element("Type")), (500, "Receiver"));
    let paused = json!({ "fault": "error", "error": "AccountSendingPausedException" });
    assert_eq!(local.fault(&url, paused).await, 201);
    let paused = local.send(&raw, to_ann).await;
    assert_eq!(paused.refusal().1, "AccountSendingPausedException");
    assert_eq!(local.fault(&url, json!({ "fault": "hang" })).await, 201);
    let hanging =
        tokio::time::timeout(Duration::from_millis(500), local.try_send(&raw, to_ann)).await;
    assert!(hanging.is_err(), "{hanging:?}");
    assert_eq!(local.mailbox("").await["total"], 0);

    local.send(&raw, to_ann).await.id();
    assert_eq!(local.mailbox("").await["total"], 1);
}

#[tokio::test]
async fn a_lost_answer_is_a_message_that_was_sent() {
    let local = Local::start().await;
    let url = local.addresses().ses.clone();
    let only_ben = json!({ "fault": "lost_answer", "only": "ben@example.test" });
    assert_eq!(local.fault(&url, only_ben).await, 201);
    let raw = message("ann@example.test", "to Ann");
    local.send(&raw, &[("Destinations.member.1", "ann@example.test")]).await.id();
    let raw = message("ben@example.test", "to Ben");
    let to_ben: &[_] = &[("Destinations.member.1", "ben@example.test")];
    let lost = local.try_send(&raw, to_ben).await.unwrap_err();
    assert!(!lost.is_timeout() && !lost.is_connect() && !lost.is_status(), "{lost:?}");
    let mailbox = local.mailbox("?to=ben@example.test").await;
    assert_eq!(mailbox["total"], 1);
    assert_eq!(mailbox["messages"][0]["subject"], "to Ben");
}

#[tokio::test]
async fn the_mailbox_lists_newest_first_and_by_recipient() {
    let local = Local::start().await;
    let url = local.addresses().ses.clone();
    for (to, subject) in
        [("ann@example.test", "1"), ("ben@example.test", "2"), ("ann@example.test", "3")]
    {
        send_to(&url, to, subject).await;
    }
    let subjects = |mailbox: &Value| -> Vec<String> {
        let messages = mailbox["messages"].as_array().unwrap();
        messages.iter().map(|message| message["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(subjects(&local.mailbox("").await), ["3", "2", "1"]);
    let ann = local.mailbox("?to=ANN@example.test").await;
    assert_eq!((subjects(&ann), &ann["total"]), (vec!["3".to_owned(), "1".to_owned()], &json!(2)));
    let newest = local.mailbox("?limit=1").await;
    assert_eq!((subjects(&newest), &newest["total"]), (vec!["3".to_owned()], &json!(3)));
    let last = newest["messages"][0]["id"].as_str().unwrap();
    let second = local.mailbox(&format!("?before={last}")).await;
    let before = second["messages"][0]["id"].as_str().unwrap();
    assert_eq!(subjects(&second), ["2", "1"]);
    assert_eq!(subjects(&local.mailbox("?subject=2&to=ben@example.test").await), ["2"]);
    assert_eq!(local.mailbox("?subject=2&to=ann@example.test").await["total"], 0);
    assert_eq!(local.mailbox("?to=nobody@example.test").await["total"], 0);
    let page = local.page("/_local/mailbox?limit=2").await.text().await.unwrap();
    assert!(page.contains("Older") && page.contains(&format!("value=\"{before}\"")), "{page}");
    let page = local.page("/_local/mailbox?limit=3").await.text().await.unwrap();
    assert!(!page.contains("Older"), "{page}");

    let dir = local.stop().await;
    let again = Local::start_in(dir, |_| {}).await;
    assert_eq!(subjects(&again.mailbox("").await), ["3", "2", "1"], "a restart forgets nothing");
}

#[tokio::test]
async fn the_mailbox_pages_show_a_message_and_run_none_of_it() {
    let local = Local::start().await;
    let subject = "<script>alert(1)</script>";
    let id = send_to(&local.addresses().ses.clone(), "ann@example.test", subject).await;
    let list = local.page("/_local/mailbox").await.text().await.unwrap();
    assert!(list.contains(&format!("href=\"/_local/mailbox/{id}\"")), "{list}");
    assert!(list.contains("ann@example.test") && !list.contains("<script"), "{list}");

    let shown = local.page(&format!("/_local/mailbox/{id}")).await;
    let policy = shown.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let shown = shown.text().await.unwrap();
    assert!(!shown.contains("<script"), "{shown}");
    assert!(shown.contains("<iframe title=\"The message's HTML\" sandbox="), "{shown}");
    assert!(shown.contains("<a href=\"https://seisiun.test/s/1\">"), "{shown}");
    assert!(shown.contains("List-Unsubscribe=One-Click"), "{shown}");

    let html = local.page(&format!("/_local/mailbox/{id}/html")).await;
    let policy = html.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("sandbox allow-popups") && !policy.contains("allow-scripts"),
        "{policy}"
    );
    assert_eq!(html.headers()["x-frame-options"], "SAMEORIGIN");
    assert!(html.text().await.unwrap().contains("<p>Fáilte"));

    for missing in ["/_local/mailbox/nothing", "/_local/mailbox/..%2f..%2fstack/raw", "/_local/x"] {
        assert_eq!(local.page(missing).await.status(), 404, "{missing}");
    }
}
