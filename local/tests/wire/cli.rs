//! The program itself: options, addresses, signals and being killed.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use seisiun_local::Addresses;
use serde_json::Value;

use crate::ses_events::Queue;
use crate::{client, ses, signed_for};

/// Far longer than a start takes on a busy machine.
const START_SECONDS_MAX: u64 = 60;

/// Where nothing listens.
const NO_ENGINE: &str = "http://127.0.0.1:9";

fn command(dir: &Path, engine: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seisiun-local"));
    command
        .arg("--state")
        .arg(dir.join("state"))
        .arg("--stack")
        .arg(dir.join("stack.json"))
        .arg("--addresses-file")
        .arg(dir.join("addresses.json"))
        .args(["--engine-url", engine, "--front-door-addr", "127.0.0.1:0"])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// A process that does not outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn start(dir: &Path) -> (Process, Addresses) {
    start_before(dir, NO_ENGINE).await
}

async fn start_before(dir: &Path, engine: &str) -> (Process, Addresses) {
    let file = dir.join("addresses.json");
    let _ = std::fs::remove_file(&file);
    let process = Process(command(dir, engine, &[]).spawn().unwrap());
    let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
    loop {
        // Written whole or not at all, so what is there parses.
        if let Ok(addresses) = std::fs::read(&file) {
            return (process, serde_json::from_slice(&addresses).unwrap());
        }
        assert!(Instant::now() < deadline, "no addresses");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn refused(more: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    command(dir.path(), NO_ENGINE, more).output().unwrap()
}

#[test]
fn only_loopback_addresses_are_listened_on() {
    for option in ["--rekognition-addr", "--ses-addr"] {
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
            let output = refused(&[option, address]);
            let words = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success());
            assert!(words.contains("give a loopback address"), "{option} {address}: {words}");
        }
    }
}

#[tokio::test]
async fn a_killed_process_has_lost_no_message() {
    let dir = tempfile::tempdir().unwrap();
    let (mut process, addresses) = start(dir.path()).await;
    for url in [&addresses.rekognition, &addresses.ses, &addresses.front_door] {
        let health = client().get(format!("{url}/_local/health")).send().await.unwrap();
        assert_eq!(health.status(), 200, "{url}");
    }
    let id = ses::send_to(&addresses.ses, "ann@example.test", "before").await;
    process.0.kill().unwrap();
    process.0.wait().unwrap();

    let (_process, addresses) = start(dir.path()).await;
    let url = format!("{}/_local/mailbox.json", addresses.front_door);
    let mailbox: Value = client().get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!((&mailbox["total"], &mailbox["messages"][0]["id"]), (&1.into(), &id.into()));
}

#[tokio::test]
async fn a_killed_process_has_lost_no_event() {
    let dir = tempfile::tempdir().unwrap();
    let queue = Queue::start().await;
    queue.appear(dir.path(), "mail-feedback");
    let (mut process, addresses) = start(dir.path()).await;
    let to = ["ann@example.org", "bounce@simulator.amazonses.com", "ben@example.org"];
    for to in to {
        ses::send_to(&addresses.ses, to, "before").await;
    }
    let demand = serde_json::json!({ "to": "ann@example.org", "event": "complaint" });
    let url = format!("{}/_local/events", addresses.ses);
    let made = client().post(&url).json(&demand).send().await.unwrap();
    assert_eq!(made.status(), 201);
    process.0.kill().unwrap();
    process.0.wait().unwrap();

    let (_process, addresses) = start_before(dir.path(), queue.engine_url().as_str()).await;
    // As the stack's own destination has it, deliveries are not among them.
    let mut found: Vec<_> = queue
        .has(5)
        .await
        .iter()
        .map(|event| {
            let detail = &event["detail"];
            (detail["mail"]["destination"][0].clone(), detail["eventType"].clone())
        })
        .collect();
    let place = |of: &str| found.iter().position(|(_, event)| event == of).unwrap();
    assert!(place("Send") < place("Bounce") && place("Send") < place("Complaint"), "{found:?}");
    found.sort_by_key(|event| format!("{event:?}"));
    let expected = [
        (to[0], "Complaint"),
        (to[0], "Send"),
        (to[2], "Send"),
        (to[1], "Bounce"),
        (to[1], "Send"),
    ];
    assert_eq!(found, expected.map(|(to, event)| (Value::from(to), Value::from(event))));
    let url = format!("{}/_local/events", addresses.ses);
    let counts: Value = client().get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!((&counts["waiting"], &counts["queued"]), (&0.into(), &5.into()));
}

#[test]
fn events_that_ses_does_not_have_are_refused() {
    let output = refused(&["--ses-event", "send", "--ses-event", "soft-bounce"]);
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && words.contains("delivery-delay"), "{words}");
}

#[tokio::test]
async fn a_signal_stops_it_even_while_a_request_hangs() {
    for signal in ["TERM", "INT"] {
        let dir = tempfile::tempdir().unwrap();
        let (mut process, addresses) = start(dir.path()).await;
        let faults = format!("{}/_local/faults", addresses.rekognition);
        let hang = serde_json::json!({ "fault": "hang" });
        client().post(&faults).json(&hang).send().await.unwrap();
        let url = addresses.rekognition.clone();
        let hanging = tokio::spawn(async move {
            let request = client()
                .post(url)
                .header("x-amz-target", "RekognitionService.DetectModerationLabels")
                .header("authorization", signed_for("rekognition"))
                .body("{}");
            request.send().await
        });
        // The fault is used up once the request is under way.
        let deadline = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        loop {
            let waiting = client().get(&faults).send().await.unwrap();
            if waiting.text().await.unwrap() == "[]" {
                break;
            }
            assert!(Instant::now() < deadline, "the request never came");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let stopping = Instant::now();
        let sent = Command::new("kill").args(["-s", signal, &process.0.id().to_string()]).status();
        assert!(sent.unwrap().success());
        let ended = loop {
            if let Some(status) = process.0.try_wait().unwrap() {
                break status;
            }
            assert!(stopping.elapsed() < Duration::from_secs(20), "still running");
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(ended.success(), "{signal}: {ended}");
        assert!(hanging.await.unwrap().is_err(), "cut off, not answered");
    }
}
