//! What SES tells, read from recorded events.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use seisiun_aws::mail_event::read;
use seisiun_workflows::{
    ports::MailKey,
    take_feedback::{Feedback, Happened},
};
use serde_json::{Value, json};

fn recorded(name: &str) -> Value {
    let path = format!("{}/../../ops/events/ses-{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn told(event: &Value) -> Option<Feedback> {
    read(&event.to_string()).unwrap()
}

#[test]
fn what_happened_is_read_from_recorded_events() {
    for (name, expected) in [
        ("sent", "sent"),
        ("delivered", "sent"),
        ("delivery-delay", "sent"),
        ("bounce-permanent", "bounced for good: 1"),
        ("bounce-suppressed", "bounced for good: 1"),
        ("bounce-transient", "bounced for now: 1"),
        ("complaint", "complained: 1"),
        ("reject", "nothing"),
        ("rendering-failed", "nothing"),
    ] {
        let said = match told(&recorded(name)).map(|feedback| feedback.happened) {
            None => "nothing".into(),
            Some(Happened::Sent) => "sent".into(),
            Some(Happened::Bounced { for_good, recipients, .. }) => {
                let how = if for_good { "for good" } else { "for now" };
                format!("bounced {how}: {}", recipients.len())
            }
            Some(Happened::Complained { recipients }) => {
                format!("complained: {}", recipients.len())
            }
        };
        assert_eq!(said, expected, "{name}");
    }
}

#[test]
fn its_tag_says_which_mail_it_is() {
    let key = MailKey { about: "event:01J9".into(), recipient: "ann".into() };
    let mut event = recorded("sent");
    event["detail"]["mail"]["tags"]["mail"] = json!([key.tag()]);
    let feedback = told(&event).unwrap();
    assert_eq!(feedback.key, Some(key));
    assert_eq!(feedback.accepted_at, "2026-10-05T03:10:02.012Z".parse().unwrap());
    // A mail of the user pool, or of before.
    for strange in [json!(["%"]), json!([]), Value::Null] {
        event["detail"]["mail"]["tags"] = json!({ "mail": strange });
        if strange.is_null() {
            event["detail"]["mail"].as_object_mut().unwrap().remove("tags");
        }
        assert_eq!(told(&event).unwrap().key, None, "{strange}");
    }
}

#[test]
fn who_says_that_it_is_no_spam_has_not_complained() {
    let mut event = recorded("complaint");
    event["detail"]["complaint"]["complaintFeedbackType"] = json!("not-spam");
    assert_eq!(told(&event).unwrap().happened, Happened::Sent);
    event["detail"]["complaint"].as_object_mut().unwrap().remove("complaintFeedbackType");
    assert!(matches!(told(&event).unwrap().happened, Happened::Complained { .. }));
}

#[test]
fn what_is_no_event_is_refused_and_not_repeated() {
    let mut other = recorded("sent");
    other["source"] = json!("aws.s3");
    let mut torn = recorded("complaint");
    torn["detail"].as_object_mut().unwrap().remove("complaint");
    let mut hostile = recorded("sent");
    hostile["detail"]["mail"]["timestamp"] = json!("secret@example.org");
    for event in
        [other.to_string(), torn.to_string(), hostile.to_string(), "{".into(), String::new()]
    {
        let error = read(&event).unwrap_err().to_string();
        assert!(!error.contains("secret@example.org"), "{error}");
    }
}
