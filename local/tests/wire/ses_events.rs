//! What SES tells of mails, as it comes out of the queue.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use seisiun_local::Config;
use seisiun_local::ses::EventKind;
use serde_json::{Value, json};
use url::Url;

use crate::ses::{form, message, post as send_form, send_to};
use crate::{Local, client};

/// Far longer than any event takes on a busy machine.
const COMES_SECONDS_MAX: u64 = 30;

/// Longer than events wait for each other.
const QUIET_MS: u64 = 700;

/// How the queue answers one batch.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mood {
    /// The whole call fails.
    Down,
    /// The first message is not taken this time.
    RefusesFirst,
    /// The first message is not one that it takes.
    NeverTakesFirst,
}

#[derive(Debug, Default)]
struct Taken {
    /// The queue's address as it was asked for, and the message.
    messages: Vec<(String, Value)>,
    batches: Vec<usize>,
    moods: VecDeque<Mood>,
}

/// Stands for the engine's SQS.
pub(crate) struct Queue {
    url: Url,
    taken: Arc<Mutex<Taken>>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Queue {
    pub(crate) async fn start() -> Self {
        let taken = Arc::<Mutex<Taken>>::default();
        let router = Router::new().route("/", post(take)).with_state(taken.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, taken, server }
    }

    pub(crate) fn engine_url(&self) -> Url {
        self.url.clone()
    }

    /// Makes it the stack's.
    pub(crate) fn appear(&self, dir: &Path, name: &str) -> String {
        let url = format!("{}000000000000/{name}", self.url);
        let outputs = json!({ "MailFeedbackQueueUrl": url, "Other": "x" });
        std::fs::write(dir.join("stack.json"), outputs.to_string()).unwrap();
        url
    }

    fn answer_next(&self, moods: &[Mood]) {
        self.taken.lock().unwrap().moods.extend(moods);
    }

    fn messages(&self) -> Vec<Value> {
        self.taken.lock().unwrap().messages.iter().map(|(_, message)| message.clone()).collect()
    }

    /// All messages, once there are this many; there must not be more a little later.
    pub(crate) async fn has(&self, count: usize) -> Vec<Value> {
        let deadline = Instant::now() + Duration::from_secs(COMES_SECONDS_MAX);
        while self.messages().len() < count {
            assert!(Instant::now() < deadline, "{count} wanted: {:#?}", told(&self.messages()));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        tokio::time::sleep(Duration::from_millis(QUIET_MS)).await;
        let messages = self.messages();
        assert_eq!(messages.len(), count, "{:#?}", told(&messages));
        messages
    }
}

async fn take(State(taken): State<Arc<Mutex<Taken>>>, headers: HeaderMap, body: Bytes) -> Response {
    let call: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(headers["x-amz-target"], "AmazonSQS.SendMessageBatch");
    let mut taken = taken.lock().unwrap();
    let entries = call["Entries"].as_array().unwrap();
    assert!((1..=10).contains(&entries.len()));
    let mood = taken.moods.pop_front();
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (at, entry) in entries.iter().enumerate() {
        let id = &entry["Id"];
        match mood {
            Some(Mood::Down) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Some(Mood::RefusesFirst) if at == 0 => {
                failed.push(json!({ "Id": id, "SenderFault": false, "Code": "InternalError" }));
            }
            Some(Mood::NeverTakesFirst) if at == 0 => {
                failed.push(json!({ "Id": id, "SenderFault": true, "Code": "InvalidMessage" }));
            }
            _ => {
                successful.push(json!({ "Id": id, "MessageId": "m", "MD5OfMessageBody": "0" }));
                let message = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
                taken.messages.push((call["QueueUrl"].as_str().unwrap().to_owned(), message));
            }
        }
    }
    taken.batches.push(entries.len());
    let answer = json!({ "Successful": successful, "Failed": failed });
    ([("content-type", "application/x-amz-json-1.0")], answer.to_string()).into_response()
}

/// Whom each message is about, and what it says.
fn told(messages: &[Value]) -> Vec<(String, String)> {
    let about = |message: &Value| {
        let detail = &message["detail"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&detail["mail"]["destination"][0]), text(&detail["eventType"]))
    };
    messages.iter().map(about).collect()
}

/// What tests say of `told`.
fn saying(said: &[(&str, &str)]) -> Vec<(String, String)> {
    said.iter().map(|(to, event)| ((*to).to_owned(), (*event).to_owned())).collect()
}

async fn started(queue: &Queue, change: impl FnOnce(&mut Config)) -> Local {
    let dir = tempfile::tempdir().unwrap();
    queue.appear(dir.path(), "mail-feedback");
    Local::start_in(dir, |config| {
        config.engine_url = queue.engine_url();
        change(config);
    })
    .await
}

fn everything(config: &mut Config) {
    config.ses_events = vec![
        EventKind::Send,
        EventKind::Delivery,
        EventKind::Bounce,
        EventKind::Complaint,
        EventKind::DeliveryDelay,
    ];
}

impl Local {
    async fn send_one(&self, to: &str) -> String {
        send_to(&self.addresses().ses, to, "Hello").await
    }

    async fn ask(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_local/{path}", self.addresses().ses);
        let answer = client().post(url).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn event(&self, body: Value) -> u16 {
        self.ask("events", body).await.0
    }

    async fn plan(&self, fault: Value) -> u16 {
        self.ask("event-faults", fault).await.0
    }

    async fn counts(&self) -> Value {
        let url = format!("{}/_local/events", self.addresses().ses);
        client().get(url).send().await.unwrap().json().await.unwrap()
    }
}

/// Takes out a time, which must be of just now, and answers it in milliseconds.
fn just_now(time: &mut Value) -> i64 {
    let text = time.take();
    let at: jiff::Timestamp = text.as_str().unwrap().parse().unwrap();
    let age = jiff::Timestamp::now().duration_since(at).as_secs();
    assert!((-1..60).contains(&age), "{text}");
    at.as_millisecond()
}

/// What is about the mail of `message()` in each of its events.
fn about_mail(id: &str, to: &str) -> Value {
    json!({
        "timestamp": null,
        "source": "notices@seisiun.test",
        "sourceArn": "arn:aws:ses:eu-west-1:000000000000:identity/seisiun.test",
        "sendingAccountId": "000000000000",
        "messageId": id,
        "destination": [to],
        "headersTruncated": false,
        "headers": [
            { "name": "From", "value": "=?utf-8?q?Seisi=C3=BAn?= <notices@seisiun.test>" },
            { "name": "To", "value": to },
            { "name": "Subject", "value": "Hello" },
            { "name": "Message-ID", "value": "<ours@seisiun.test>" },
            {
                "name": "List-Unsubscribe",
                "value": "<https://seisiun.test/unsubscribe/1>,\t<mailto:stop@seisiun.test>",
            },
            { "name": "List-Unsubscribe-Post", "value": "List-Unsubscribe=One-Click" },
            { "name": "MIME-Version", "value": "1.0" },
            { "name": "Content-Type", "value": "multipart/alternative; boundary=\"b\"" },
        ],
        "commonHeaders": {
            "from": ["Seisiún <notices@seisiun.test>"],
            "to": [to],
            "messageId": id,
            "subject": "Hello",
        },
        "tags": {
            "ses:configuration-set": ["seisiun-mail"],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": ["seisiun.test"],
            "ses:caller-identity": ["local"],
        },
    })
}

fn envelope(detail_type: &str, detail: Value) -> Value {
    json!({
        "version": "0",
        "id": null,
        "detail-type": detail_type,
        "source": "aws.ses",
        "account": "000000000000",
        "time": null,
        "region": "eu-west-1",
        "resources": ["arn:aws:ses:eu-west-1:000000000000:configuration-set/seisiun-mail"],
        "detail": detail,
    })
}

/// Takes out what differs from run to run, and looks at it.
fn without_ids_and_times(mut event: Value) -> Value {
    let id = event["id"].take();
    let groups: Vec<_> = id.as_str().unwrap().split('-').map(str::len).collect();
    assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
    assert!(
        event["time"].as_str().unwrap().ends_with('Z')
            && event["time"].as_str().unwrap().len() == 20
    );
    just_now(&mut event["time"]);
    let sent = just_now(&mut event["detail"]["mail"]["timestamp"]);
    for member in ["delivery", "bounce", "complaint", "deliveryDelay"] {
        let Some(member) = event["detail"].get_mut(member) else { continue };
        let happened = just_now(&mut member["timestamp"]);
        assert!(happened > sent);
        for other in ["feedbackId", "processingTimeMillis", "arrivalDate", "expirationTime"] {
            let Some(other) = member.get_mut(other) else { continue };
            match other.take() {
                Value::Number(number) => assert_eq!(number.as_i64(), Some(happened - sent)),
                Value::String(text) => assert!(!text.is_empty()),
                other => panic!("{other}"),
            }
        }
    }
    event
}

#[tokio::test]
async fn a_sent_mail_is_told_of_as_eventbridge_tells() {
    let queue = Queue::start().await;
    let local = started(&queue, |_| {}).await;
    let tags = [
        ("Tags.member.1.Name", "kind"),
        ("Tags.member.1.Value", "county-news"),
        ("Tags.member.2.Name", "ses:feedback-id-a"),
        ("Tags.member.2.Value", "news"),
        ("ConfigurationSetName", "other-set"),
    ];
    let url = &local.addresses().ses;
    let tagged = send_form(url, form(&message("ann@example.org", "Hello"), &tags));
    let tagged = tagged.await.unwrap().id();
    let plain = local.send_one("ben@example.org").await;

    let found: Vec<_> = queue.has(2).await.into_iter().map(without_ids_and_times).collect();
    let mut about = about_mail(&tagged, "ann@example.org");
    about["tags"]["kind"] = json!(["county-news"]);
    about["tags"]["ses:feedback-id-a"] = json!(["news"]);
    about["tags"]["ses:configuration-set"] = json!(["other-set"]);
    let detail = json!({ "eventType": "Send", "mail": about, "send": {} });
    let mut expected = envelope("Email Sent", detail);
    expected["resources"] =
        json!(["arn:aws:ses:eu-west-1:000000000000:configuration-set/other-set"]);
    assert_eq!(found[0], expected);
    let about = about_mail(&plain, "ben@example.org");
    let detail = json!({ "eventType": "Send", "mail": about, "send": {} });
    assert_eq!(found[1], envelope("Email Sent", detail));
    let counts = json!({ "waiting": 0, "queued": 2, "lost": 0, "doubled": 0, "dropped": 0 });
    assert_eq!(local.counts().await, counts);
}

#[tokio::test]
async fn simulated_mailboxes_deliver_bounce_and_complain() {
    let queue = Queue::start().await;
    let local = started(&queue, everything).await;
    let at = |mailbox: &str| format!("{mailbox}@simulator.amazonses.com");
    let sent = json!({ "eventType": "Send", "send": {} });
    let bounced = |to: &str, sub_type: &str, why: &str, by: &str| {
        json!({
            "eventType": "Bounce",
            "bounce": {
                "bounceType": "Permanent",
                "bounceSubType": sub_type,
                "bouncedRecipients": [{
                    "emailAddress": to,
                    "action": "failed",
                    "status": "5.1.1",
                    "diagnosticCode": why,
                }],
                "timestamp": null,
                "feedbackId": null,
                "reportingMTA": by,
            },
        })
    };
    let delivered = |to: &str| {
        json!({
            "eventType": "Delivery",
            "delivery": {
                "timestamp": null,
                "processingTimeMillis": null,
                "recipients": [to],
                "smtpResponse": "250 2.6.0 Message received",
                "remoteMtaIp": "192.0.2.2",
                "reportingMTA": "mta.ses.local.invalid",
            },
        })
    };
    let complained = |to: &str| {
        json!({
            "eventType": "Complaint",
            "complaint": {
                "complainedRecipients": [{ "emailAddress": to }],
                "timestamp": null,
                "feedbackId": null,
                "complaintSubType": null,
                "userAgent": "Amazon SES Mailbox Simulator",
                "complaintFeedbackType": "abuse",
                "arrivalDate": null,
            },
        })
    };
    let (success, ooto, complaint) = (at("success"), at("ooto"), at("complaint+ann"));
    let (bounce, suppressed) = (at("bounce+1"), at("suppressionlist"));
    let unknown = ("smtp; 550 5.1.1 user unknown", "dsn; mta.ses.local.invalid");
    let history = "Amazon SES has suppressed sending to this address because it has a recent \
                   history of bouncing as an invalid address.";
    let cases = [
        (&success, vec![("Email Delivered", delivered(&success))]),
        (&ooto, vec![("Email Delivered", delivered(&ooto))]),
        (&bounce, vec![("Email Bounced", bounced(&bounce, "General", unknown.0, unknown.1))]),
        (
            &suppressed,
            vec![(
                "Email Bounced",
                bounced(&suppressed, "Suppressed", history, "dns; amazonses.com"),
            )],
        ),
        (
            &complaint,
            vec![
                ("Email Delivered", delivered(&complaint)),
                ("Email Complaint Received", complained(&complaint)),
            ],
        ),
    ];
    let mut seen = 0;
    for (to, then) in cases {
        let id = local.send_one(to).await;
        let about = about_mail(&id, to);
        let found = queue.has(seen + 1 + then.len()).await.split_off(seen);
        seen += found.len();
        let expected = std::iter::once(("Email Sent", sent.clone())).chain(then);
        for (found, (detail_type, mut detail)) in found.into_iter().zip(expected) {
            detail["mail"] = about.clone();
            if detail_type == "Email Delivered" {
                detail["mail"]["tags"]["ses:outgoing-ip"] = json!(["192.0.2.1"]);
            }
            assert_eq!(without_ids_and_times(found), envelope(detail_type, detail));
        }
    }
}

#[tokio::test]
async fn the_queue_gets_the_kinds_that_the_destination_takes() {
    let queue = Queue::start().await;
    let local = started(&queue, |config| config.ses_events = vec![EventKind::Complaint]).await;
    let complaint = "complaint@simulator.amazonses.com";
    for to in ["ann@example.org", "bounce@simulator.amazonses.com", complaint] {
        local.send_one(to).await;
    }
    assert_eq!(told(&queue.has(1).await), saying(&[(complaint, "Complaint")]));
    let (status, answer) =
        local.ask("events", json!({ "to": "ann@example.org", "event": "bounce" })).await;
    assert_eq!((status, &answer["waits"]), (201, &json!(false)));
    queue.has(1).await;
}

#[tokio::test]
async fn events_are_made_on_demand() {
    let queue = Queue::start().await;
    let local = started(&queue, everything).await;
    let first = local.send_one("ann@example.org").await;
    let newest = local.send_one("ann@example.org").await;
    queue.has(4).await;
    let to_ann = |event: &str| json!({ "to": "Ann@example.org", "event": event });
    let made = ["bounce", "soft_bounce", "complaint", "delivery", "delivery_delay", "send"];
    for event in made {
        assert_eq!(local.event(to_ann(event)).await, 201, "{event}");
    }
    assert_eq!(local.event(json!({ "mail": first, "event": "complaint" })).await, 201);
    let found = queue.has(11).await.split_off(4);
    let about = |found: &[Value]| -> Vec<(String, String)> {
        let id = |event: &Value| event["detail"]["mail"]["messageId"].as_str().unwrap().to_owned();
        found.iter().map(id).zip(told(found).into_iter().map(|(_, event)| event)).collect()
    };
    let kinds = ["Bounce", "Bounce", "Complaint", "Delivery", "DeliveryDelay", "Send"];
    let mut expected: Vec<_> = kinds.map(|kind| (newest.as_str(), kind)).to_vec();
    // Those of one mail keep their order; between mails there is none.
    let (of_first, of_newest): (Vec<_>, Vec<_>) =
        about(&found).into_iter().partition(|(id, _)| *id == first);
    assert_eq!(of_newest, saying(&expected));
    expected = vec![(first.as_str(), "Complaint")];
    assert_eq!(of_first, saying(&expected));

    let of = |kind: &str| {
        let is_it = |event: &&Value| event["detail"]["eventType"] == kind;
        let all = found.iter().filter(is_it).cloned();
        all.map(without_ids_and_times).map(|event| event["detail"].clone()).collect::<Vec<_>>()
    };
    let soft = &of("Bounce")[1]["bounce"];
    assert_eq!(
        soft,
        &json!({
            "bounceType": "Transient",
            "bounceSubType": "MailboxFull",
            "bouncedRecipients": [{
                "emailAddress": "ann@example.org",
                "action": "failed",
                "status": "4.2.2",
                "diagnosticCode": "smtp; 452 4.2.2 mailbox full",
            }],
            "timestamp": null,
            "feedbackId": null,
            "reportingMTA": "dsn; mta.ses.local.invalid",
        })
    );
    assert_eq!(
        of("DeliveryDelay")[0]["deliveryDelay"],
        json!({
            "timestamp": null,
            "delayType": "TransientCommunicationFailure",
            "expirationTime": null,
            "delayedRecipients": [{
                "emailAddress": "ann@example.org",
                "status": "4.4.1",
                "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
            }],
        })
    );

    for (refused, status) in [
        (json!({ "to": "nobody@example.org", "event": "bounce" }), 404),
        (json!({ "mail": "01X", "event": "bounce" }), 404),
        (json!({ "to": "ann@example.org", "event": "bounces" }), 422),
        (json!({ "to": "ann@example.org" }), 422),
        (json!({ "event": "bounce" }), 422),
        (json!({ "to": "ann@example.org", "mail": newest, "event": "bounce" }), 422),
        (json!({ "to": "ann@example.org", "event": "bounce", "more": 1 }), 422),
    ] {
        assert_eq!(local.event(refused.clone()).await, status, "{refused}");
    }

    // What became of a mail is kept with it.
    let dir = local.stop().await;
    let local = Local::start_in(dir, |config| config.engine_url = queue.engine_url()).await;
    let mailbox = local.mailbox("?to=ann@example.org").await;
    let events = |at: usize| -> Vec<String> {
        let events = mailbox["messages"][at]["events"].as_array().unwrap().iter();
        events.map(|event| event["event"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(events(1), ["send", "delivery", "complaint"]);
    assert_eq!(events(0), [&["send", "delivery"][..], &made[..]].concat());
    let url = format!("{}/_local/mailbox/{first}", local.addresses().front_door);
    let page = client().get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("<dt>Events</dt><dd>sent <time>"), "{page}");
    assert!(page.contains("complained of <time>"), "{page}");
    queue.has(11).await;
}

#[tokio::test]
async fn events_are_lost_doubled_and_held() {
    let queue = Queue::start().await;
    let local = started(&queue, |_| {}).await;
    let bounce = "bounce@simulator.amazonses.com";
    let lose = json!({ "fault": "lose", "only": "ann@example.org", "calls": 2 });
    assert_eq!(local.plan(lose).await, 201);
    assert_eq!(local.plan(json!({ "fault": "double", "event": "bounce" })).await, 201);
    local.send_one(bounce).await;
    local.send_one("ann@example.org").await;
    local.send_one("ann@example.org").await;
    let found = queue.has(3).await;
    assert_eq!(told(&found), saying(&[(bounce, "Send"), (bounce, "Bounce"), (bounce, "Bounce")]));
    assert_eq!(found[1], found[2], "the same event, id and all");
    let counts = json!({ "waiting": 0, "queued": 3, "lost": 2, "doubled": 1, "dropped": 0 });
    assert_eq!(local.counts().await, counts);

    // What is held comes later; nothing waits for it.
    assert_eq!(local.plan(json!({ "fault": "hold", "seconds": 3, "event": "send" })).await, 201);
    let began = Instant::now();
    local.send_one(bounce).await;
    local.send_one("ann@example.org").await;
    let soon = queue.has(5).await.split_off(3);
    let mut found = told(&soon);
    found.sort();
    assert_eq!(found, saying(&[("ann@example.org", "Send"), (bounce, "Bounce")]));
    assert_eq!(local.counts().await["waiting"], 1);
    let late = queue.has(6).await.split_off(5);
    assert!(began.elapsed() >= Duration::from_secs(3));
    assert_eq!(told(&late), saying(&[(bounce, "Send")]));

    for nonsense in [
        json!({ "fault": "hold", "seconds": 0 }),
        json!({ "fault": "lose", "calls": 0 }),
        json!({ "fault": "burn" }),
        json!({ "fault": "lose", "event": "soft" }),
    ] {
        assert_eq!(local.plan(nonsense.clone()).await, 422, "{nonsense}");
    }
    let url = format!("{}/_local/event-faults", local.addresses().ses);
    assert_eq!(local.plan(json!({ "fault": "lose", "event": "complaint" })).await, 201);
    let waiting: Value = client().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(waiting, json!([{ "fault": "lose", "calls": 1, "event": "complaint" }]));
    assert_eq!(client().delete(&url).send().await.unwrap().status(), 204);
    let waiting: Value = client().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(waiting, json!([]));
}

#[tokio::test]
async fn events_wait_for_the_queue_and_go_in_batches() {
    let queue = Queue::start().await;
    let dir = tempfile::tempdir().unwrap();
    let local = Local::start_in(dir, |config| config.engine_url = queue.engine_url()).await;
    let mut to = Vec::new();
    for n in 0..25 {
        to.push(format!("r{n:02}@example.org"));
        local.send_one(&to[n]).await;
    }
    assert_eq!(queue.has(0).await, Vec::<Value>::new());
    let outbox = local.dir.path().join("state/mail/outbox");
    assert_eq!(std::fs::read_dir(&outbox).unwrap().count(), 25, "one file for each mail");

    let before = queue.appear(local.dir.path(), "one");
    let found = told(&queue.has(25).await);
    assert_eq!(found.iter().map(|(to, _)| to).collect::<Vec<_>>(), to.iter().collect::<Vec<_>>());
    assert_eq!(queue.taken.lock().unwrap().batches, [10, 10, 5]);
    assert_eq!(std::fs::read_dir(&outbox).unwrap().count(), 0, "nothing waits any more");

    // The stack is deployed anew.
    let after = queue.appear(local.dir.path(), "another");
    local.send_one("ann@example.org").await;
    queue.has(26).await;
    let asked: Vec<_> =
        queue.taken.lock().unwrap().messages.iter().map(|(queue, _)| queue.clone()).collect();
    assert!(asked[..25].iter().all(|queue| *queue == before) && asked[25] == after);
}

#[tokio::test]
async fn what_the_queue_does_not_take_is_sent_again_in_its_order() {
    let queue = Queue::start().await;
    // The SDK tries a call that fails three times before we hear of it.
    queue.answer_next(&[Mood::Down, Mood::Down, Mood::Down, Mood::RefusesFirst]);
    let local = started(&queue, |_| {}).await;
    let bounce = "bounce@simulator.amazonses.com";
    local.send_one(bounce).await;
    local.send_one("ann@example.org").await;
    let found = queue.has(3).await;
    let of_bounce: Vec<_> = told(&found).into_iter().filter(|(to, _)| to == bounce).collect();
    assert_eq!(of_bounce, saying(&[(bounce, "Send"), (bounce, "Bounce")]));

    // What it will never take holds up nothing.
    queue.answer_next(&[Mood::NeverTakesFirst]);
    local.send_one("ann@example.org").await;
    let deadline = Instant::now() + Duration::from_secs(COMES_SECONDS_MAX);
    while local.counts().await["dropped"] != 1 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    local.send_one("ben@example.org").await;
    assert_eq!(told(&queue.has(4).await)[3], saying(&[("ben@example.org", "Send")])[0]);
}
