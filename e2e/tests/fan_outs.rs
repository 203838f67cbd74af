//! On the engine: a fan-out under faults, with the real functions and the real
//! state machine. Whatever is killed, duplicated, throttled or lost, every follower
//! gets one mail, and none who has changed their mind.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and shows its table"
)]

use std::{
    collections::BTreeSet,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use futures::{StreamExt as _, future::join_all, stream};
use seisiun_domain::SubmissionId;
use seisiun_e2e::{
    Stack, Stage,
    fan_out::{County, MailFault, Outcome},
    gateway::Counts,
};

/// Followers of each fan-out; `SEISIUN_FOLLOWERS` makes it another number.
const FOLLOWERS: usize = 120;
/// How many of them a fault hits.
const HIT_ONE_IN: usize = 10;
/// Calls about each follower that SES throttles while they change their mind.
const THROTTLED_CALLS: u32 = 2;
/// Until what was looked at before a pause has been sent.
const QUIET: Duration = Duration::from_secs(3);
/// Fan-outs at a time: each has ten pages on their way, and the engine is one process.
const AT_A_TIME: usize = 3;
/// What a fan-out may take: some waits for events, and a mail given up.
const PATIENCE: Duration = Duration::from_secs(480);

/// Whether senders were killed in this run.
static KILLED: AtomicBool = AtomicBool::new(false);

/// What happens to a fan-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    /// Every page is sent by several at once.
    Duplicated,
    /// Its sender is killed after so many writes: a claim is made, all are made, a
    /// mail is marked and others are sent, all are.
    KilledAfter(usize),
    /// The mail service does not do as it should.
    Mail(MailFault),
    /// Followers change their mind, and addresses are suppressed, while it is paused
    /// in the middle.
    ChangeOfMind,
}

/// All of them, with what a table calls them.
const FAULTS: [(Fault, &str); 15] = [
    (Fault::Nothing, "none"),
    (Fault::Duplicated, "every page sent by three at once"),
    (Fault::KilledAfter(1), "sender killed after its 1st write, a permit or claim"),
    (Fault::KilledAfter(6), "sender killed after its 6th, amid claims"),
    (Fault::KilledAfter(11), "sender killed after its 11th, amid sending and marks"),
    (Fault::KilledAfter(16), "sender killed after its 16th, amid marks"),
    (Fault::KilledAfter(21), "sender killed after its 21st, the page's result or its next mails"),
    (Fault::Mail(MailFault::Throttles(1)), "SES throttles"),
    (Fault::Mail(MailFault::Fails), "SES answers 500"),
    (Fault::Mail(MailFault::LosesAnswer), "SES's answer lost"),
    (Fault::Mail(MailFault::DoublesEvents), "SES's answer lost, its events come twice"),
    (Fault::Mail(MailFault::HoldsEvents), "SES's answer lost, its events come late"),
    (Fault::Mail(MailFault::LosesBoth), "SES's answer and its event lost"),
    (Fault::Mail(MailFault::Refuses), "SES refuses for good"),
    (Fault::ChangeOfMind, "paused; unsubscribed, suppressed meanwhile"),
];

/// What came of one.
struct Row {
    what: &'static str,
    followers: usize,
    hit: usize,
    outcome: Outcome,
    refused: u64,
    unknown: u64,
    seconds: f64,
}

async fn play(stage: &Stage, fault: Fault, what: &'static str, followers: usize) -> Row {
    let stack = &stage.stack;
    let county = County::found(stack, followers).await.unwrap();
    let hit: BTreeSet<usize> = (0..followers).step_by(HIT_ONE_IN).collect();
    let (mut silent, mut doubtful) = (BTreeSet::new(), BTreeSet::new());
    let mut suppressed = 0;
    let mut hits = hit.len();
    match fault {
        Fault::Nothing => hits = 0,
        // So that they are still to be mailed when it is paused.
        Fault::ChangeOfMind => {
            county.plan(MailFault::Throttles(THROTTLED_CALLS), &hit).await.unwrap();
        }
        Fault::Duplicated => hits = followers,
        Fault::KilledAfter(_) => hits = 1,
        Fault::Mail(fault) => {
            county.plan(fault, &hit).await.unwrap();
            match fault {
                MailFault::LosesBoth => doubtful.clone_from(&hit),
                MailFault::Refuses => silent.clone_from(&hit),
                _ => {}
            }
        }
    }
    let start = Instant::now();
    let event = county.submit().await.unwrap();
    match fault {
        Fault::KilledAfter(n) => kill(stage, event, n).await,
        Fault::Duplicated => {
            county.planned(event).await.unwrap();
            join_all((0..2).map(|_| county.send_again(event))).await;
        }
        Fault::ChangeOfMind => {
            county.planned(event).await.unwrap();
            let paused = county.pause(event, true).await.unwrap();
            assert!(paused.paused);
            // What had been looked at before is on its way, for moments.
            tokio::time::sleep(QUIET).await;
            let before: BTreeSet<usize> = county.mailed().await.unwrap().into_keys().collect();
            for (turn, n) in hit.iter().filter(|n| !before.contains(n)).enumerate() {
                if turn.is_multiple_of(2) {
                    county.unsubscribe(*n).await.unwrap();
                } else {
                    county.suppress(*n).await.unwrap();
                    suppressed += 1;
                }
                silent.insert(*n);
            }
            hits = silent.len();
            assert!(hits > 0, "all were mailed before anybody changed their mind");
            let goes_on = county.pause(event, false).await.unwrap();
            assert!(!goes_on.paused);
        }
        _ => {}
    }
    county.ended(event, PATIENCE).await.unwrap();
    let progress = county.progress(event).await.unwrap();
    let seconds = start.elapsed().as_secs_f64();
    let outcome = county.outcome(&silent, &doubtful).await.unwrap();
    assert_eq!(progress.reported, progress.pages, "{what}");
    assert_eq!((progress.unsettled, progress.unresolved), (0, 0), "{what}");
    let unknown = if fault == Fault::Mail(MailFault::LosesBoth) { hits as u64 } else { 0 };
    assert_eq!(progress.unknown, unknown, "{what}: unknown is for both lost alone");
    let refused = if fault == Fault::Mail(MailFault::Refuses) { hits as u64 } else { 0 };
    assert_eq!(progress.refused, refused, "{what}");
    // Who unsubscribed is in no page any more.
    let unsubscribed = if fault == Fault::ChangeOfMind { hits as u64 - suppressed } else { 0 };
    let expected = followers as u64 - unknown - refused - suppressed - unsubscribed;
    assert_eq!((progress.sent, progress.suppressed), (expected, suppressed), "{what}");
    let Outcome { more, .. } = outcome;
    assert_eq!(more, 0, "{what}");
    Row { what, followers, hit: hits, outcome, refused, unknown, seconds }
}

/// Kills whoever sends the event's mails, held after the n-th write about it.
async fn kill(stage: &Stage, event: SubmissionId, n: usize) {
    let point = ("send-batch", Counts::Effects, n);
    let killed = stage.kill_at(point, &event.to_string(), PATIENCE).await.unwrap();
    // All of the function die: what is held may have died a moment ago, with those of
    // a fan-out beside this one.
    assert!(KILLED.fetch_or(killed, Ordering::Relaxed) || killed, "nobody was killed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_follower_gets_one_mail_whatever_fails() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let followers = match std::env::var("SEISIUN_FOLLOWERS") {
        Ok(text) => text.parse().expect("SEISIUN_FOLLOWERS is a number"),
        Err(_) => FOLLOWERS,
    };
    // Side by side, since most of them wait for events; whoever kills a function kills
    // it under the others' hands, too. The last ones first: among them is the longest.
    let plays = FAULTS
        .iter()
        .enumerate()
        .rev()
        .map(async |(nth, (fault, what))| (nth, play(&stage, *fault, what, followers).await));
    let mut rows: Vec<_> = stream::iter(plays).buffer_unordered(AT_A_TIME).collect().await;
    rows.sort_by_key(|(nth, _)| *nth);
    let mut table = String::from(
        "| fault | followers | hit | one mail | none | more | refused | unknown | s |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for (_, Row { what, followers, hit, outcome, refused, unknown, seconds }) in rows {
        let Outcome { one, none, more } = outcome;
        table.push_str(&format!(
            "| {what} | {followers} | {hit} | {one} | {none} | {more} | {refused} | {unknown} | \
             {seconds:.0} |\n"
        ));
    }
    // Beside the run file, for whoever wants to see it when all is well.
    let run_file = std::env::var_os("SEISIUN_RUN_FILE").unwrap();
    let file = Path::new(&run_file).with_file_name("fan-outs.md");
    std::fs::write(&file, &table).unwrap();
    println!("{table}{}", file.display());
}
