//! What the mailer says of a mail whose sending failed, over a real socket.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which must fail loudly")]

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use aws_credential_types::Credentials;
use seisiun_aws::{SdkConfig, mailer::Mailer};
use seisiun_domain::member::Email;
use seisiun_workflows::ports::{MailKey, PortError, SendError, SendMail};

const TO: &str = "ann@seisiun.example";

/// What the server does with a request that it has read whole.
#[derive(Clone, Copy)]
enum Script {
    Answer(u16, &'static str),
    HangUp,
    Garbage,
}

/// A server of one script. Answers its URL and a count of the requests it got.
fn server(script: Script) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            read_request(&mut stream);
            counter.fetch_add(1, Ordering::SeqCst);
            let answer = match script {
                Script::Answer(status, body) => format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                ),
                Script::HangUp => String::new(),
                Script::Garbage => "250 OK, queued\r\n".into(),
            };
            stream.write_all(answer.as_bytes()).unwrap();
            let _ = stream.shutdown(Shutdown::Both);
        }
    });
    (url, requests)
}

fn read_request(stream: &mut TcpStream) {
    let (mut request, mut buffer) = (Vec::new(), [0; 4_096]);
    loop {
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.unwrap().parse().unwrap() {
                return;
            }
        }
        assert_ne!(count, 0, "the request ended early");
    }
}

async fn send(url: &str) -> Result<String, SendError> {
    let config: SdkConfig = seisiun_aws::loader()
        .region(aws_config::Region::new("eu-west-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .load()
        .await;
    let mailer = Mailer::new(&config, "sessions@seisiun.example", Some("mail".into()));
    let to = Email::try_from(TO.to_owned()).unwrap();
    let key = MailKey { about: "event:x".into(), recipient: "ann".into() };
    mailer.send_mail(&to, b"Subject: x\r\n\r\nx".to_vec(), "new-session", &key).await
}

fn error_body(code: &str) -> &'static str {
    // SES quotes the address that it refuses.
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>Email address is not verified: {TO}</Message></Error></ErrorResponse>"
    );
    Box::leak(body.into_boxed_str())
}

/// What became of a mail, for a table of expectations.
fn fate(sent: &Result<String, SendError>) -> &'static str {
    match sent {
        Ok(_) => "sent",
        Err(SendError::Refused(_)) => "refused",
        Err(SendError::NotSent(PortError::Throttled { .. })) => "not sent: throttled",
        Err(SendError::NotSent(PortError::Unavailable { .. })) => "not sent: unavailable",
        Err(SendError::NotSent(PortError::Broken { .. })) => "not sent: broken",
        Err(SendError::Failed(_)) => "failed",
        Err(SendError::Unknown(_)) => "unknown",
    }
}

async fn check(script: Script, expected: &str) {
    let (url, requests) = server(script);
    let sent = send(&url).await;
    let told = format!("{sent:?}");
    assert_eq!(fate(&sent), expected, "{told}");
    assert_eq!(requests.load(Ordering::SeqCst), 1, "{expected}: sent again by itself");
    assert!(!told.contains(TO), "an address would reach the logs: {told}");
}

#[tokio::test]
async fn a_mail_that_was_taken_has_an_id() {
    let body = "<SendRawEmailResponse><SendRawEmailResult><MessageId>0100-id</MessageId>\
                </SendRawEmailResult></SendRawEmailResponse>";
    let (url, _) = server(Script::Answer(200, body));
    assert_eq!(send(&url).await.unwrap(), "0100-id");
}

#[tokio::test]
async fn a_refused_mail_is_never_sent() {
    for code in ["MessageRejected", "InvalidParameterValue"] {
        check(Script::Answer(400, error_body(code)), "refused").await;
    }
}

#[tokio::test]
async fn a_clear_no_frees_the_mail_for_a_retry() {
    for (code, expected) in [
        ("Throttling", "not sent: throttled"),
        ("AccessDenied", "not sent: broken"),
        ("ConfigurationSetDoesNotExist", "not sent: broken"),
        ("AccountSendingPausedException", "not sent: broken"),
        ("ExpiredToken", "not sent: unavailable"),
    ] {
        check(Script::Answer(400, error_body(code)), expected).await;
    }
}

#[tokio::test]
async fn an_answer_that_says_nothing_leaves_it_unknown() {
    check(Script::Answer(500, error_body("InternalFailure")), "failed").await;
    check(Script::Answer(503, error_body("ServiceUnavailable")), "failed").await;
    check(Script::Answer(502, "<html>Bad gateway</html>"), "unknown").await;
    check(Script::Answer(200, "<SendRawEmailResponse><SendRaw"), "unknown").await;
    check(Script::HangUp, "unknown").await;
    check(Script::Garbage, "unknown").await;
}

#[tokio::test]
async fn a_connection_that_was_never_made_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(fate(&send(&url).await), "not sent: unavailable");
}
