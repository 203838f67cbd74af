//! On the engine: a fan-out to a county with very many followers, under every fault
//! at once. What is small and clear is in `fan_outs.rs`, a fault a fan-out.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and a long one shows how far it is"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use seisiun_domain::SubmissionId;
use seisiun_e2e::{
    Stack, Stage,
    fan_out::{County, MailFault},
    gateway::Counts,
};

/// Followers of the county.
const FOLLOWERS: usize = 20_000;
/// How many of them each fault of the mail service hits, and each change of mind.
const HIT: usize = 400;
/// Which: they are strewn over all pages, and other seeds strew others.
const SEED: usize = 1_126;
const STRIDE: usize = 7_919;
/// What the fan-out may take: fifteen mails a second.
const PATIENCE: Duration = Duration::from_secs(FOLLOWERS as u64 / 15);
/// Between two looks at a long piece of work: each one costs the engine some.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Until what was looked at before a pause has been sent.
const QUIET: Duration = Duration::from_secs(10);
/// Changes of mind at a time.
const AT_A_TIME: usize = 8;

/// Where functions are killed, one after the other, before half of the mails are out:
/// the function, which of its requests about the event it dies in, what that is, and
/// how many of a hundred mails are out first.
const KILLS: [(&str, usize, &str, usize); 7] = [
    ("plan-fan-out", 1, "its manifest is written", 0),
    ("plan-fan-out", 2, "its plan is stored", 0),
    ("send-batch", 1, "a permit or claim", 2),
    ("send-batch", 6, "amid claims", 10),
    ("send-batch", 11, "amid sending and marks", 18),
    ("send-batch", 16, "amid marks", 26),
    ("send-batch", 21, "the page's result, or its next mails", 34),
];
/// How many of a hundred mails are out when it is paused.
const PAUSED_AT: usize = 50;

/// What happens to a follower, beside what happens to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hit {
    Mail(usize),
    Unsubscribed,
    Suppressed,
}

/// What the mail service does. The last one from the pause on: before it senders are
/// killed, and a sender that dies in the moment of SES's answer, with the event of
/// that one mail lost, sends it twice, as `docs/adr/0002` says.
const MAIL: [(MailFault, &str); 7] = [
    (MailFault::Throttles(1), "SES throttles"),
    (MailFault::Fails, "SES answers 500"),
    (MailFault::LosesAnswer, "SES's answer lost"),
    (MailFault::DoublesEvents, "SES's answer lost, its events come twice"),
    (MailFault::HoldsEvents, "SES's answer lost, its events come late"),
    (MailFault::Refuses, "SES refuses for good"),
    (MailFault::LosesBoth, "from the pause on: SES's answer and its event lost"),
];

impl Hit {
    fn all() -> impl Iterator<Item = Self> {
        (0..MAIL.len()).map(Self::Mail).chain([Self::Unsubscribed, Self::Suppressed])
    }

    fn is(self, fault: MailFault) -> bool {
        matches!(self, Self::Mail(n) if MAIL[n].0 == fault)
    }

    fn what(self) -> &'static str {
        match self {
            Self::Mail(n) => MAIL[n].1,
            Self::Unsubscribed => "in the pause: unsubscribed",
            Self::Suppressed => "in the pause: address suppressed",
        }
    }
}

/// Who is hit by what.
fn cast() -> BTreeMap<Hit, BTreeSet<usize>> {
    let mut cast: BTreeMap<Hit, BTreeSet<usize>> = BTreeMap::new();
    for n in 0..FOLLOWERS {
        let place = (n * STRIDE + SEED) % FOLLOWERS;
        if let Some(hit) = Hit::all().nth(place / HIT) {
            cast.entry(hit).or_default().insert(n);
        }
    }
    cast
}

/// A large fan-out on its way.
struct FanOut<'a> {
    stage: &'a Stage,
    county: &'a County,
    event: SubmissionId,
    started: Instant,
}

impl FanOut<'_> {
    fn say(&self, what: &str) {
        println!("      {:>5} s: {what}", self.started.elapsed().as_secs());
    }

    /// Waits until so many of a hundred mails are out.
    async fn comes_to(&self, percent: usize) {
        loop {
            let mails = self.county.count().await.unwrap();
            if mails * 100 >= FOLLOWERS * percent {
                return;
            }
            assert!(self.started.elapsed() < PATIENCE, "only {mails} mails in {PATIENCE:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn kill(&self, (function, nth, what, percent): (&str, usize, &str, usize)) {
        self.comes_to(percent).await;
        let about = self.event.to_string();
        let point = (function, Counts::Effects, nth);
        assert!(self.stage.kill_at(point, &about, PATIENCE).await.unwrap(), "{function}: none");
        self.say(&format!("{function} killed in write {nth}: {what}"));
    }

    /// Has every page sent by one more, wherever the other is. Many are killed, halted
    /// or out of time, as the others are, but not all.
    async fn send_again(&self, pages: u32) {
        let failed = self.county.send_again(self.event).await.unwrap();
        assert!(failed < pages as usize, "none of {pages} calls came to its end");
        self.say(&format!("all pages sent once more; {failed} of those calls were cut off"));
    }

    /// Pauses it, has what happens in a pause happen to those who got no mail yet, and
    /// answers to whom.
    async fn pause(&self, cast: &BTreeMap<Hit, BTreeSet<usize>>) -> BTreeMap<Hit, BTreeSet<usize>> {
        let Self { county, event, .. } = self;
        assert!(county.pause(*event, true).await.unwrap().paused);
        // What had been looked at before is on its way, for moments.
        tokio::time::sleep(QUIET).await;
        let before: BTreeSet<usize> = county.mailed().await.unwrap().into_keys().collect();
        self.say(&format!("paused with {} mails out", before.len()));
        let mut late = BTreeMap::new();
        for (hit, of) in cast {
            let of: BTreeSet<usize> = of.difference(&before).copied().collect();
            let each = stream::iter(of.iter().copied());
            match hit {
                Hit::Unsubscribed => each
                    .map(|n| county.unsubscribe(n))
                    .buffer_unordered(AT_A_TIME)
                    .try_collect::<()>()
                    .await
                    .unwrap(),
                Hit::Suppressed => each
                    .map(|n| county.suppress(n))
                    .buffer_unordered(AT_A_TIME)
                    .try_collect::<()>()
                    .await
                    .unwrap(),
                _ if hit.is(MailFault::LosesBoth) => {
                    county.plan(MailFault::LosesBoth, &of).await.unwrap();
                }
                Hit::Mail(_) => continue,
            }
            assert!(!of.is_empty(), "{}: all had their mail", hit.what());
            late.insert(*hit, of);
        }
        assert!(!county.pause(*event, false).await.unwrap().paused);
        self.say("goes on");
        late
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_follower_of_a_large_county_gets_one_mail_whatever_fails() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let began = Instant::now();
    let county = County::found(&stack, FOLLOWERS).await.unwrap();
    println!("      {FOLLOWERS} follows written: {} s", began.elapsed().as_secs());
    let cast = cast();
    for (hit, of) in &cast {
        assert_eq!(of.len(), HIT, "{}", hit.what());
        if let Hit::Mail(n) = hit
            && !hit.is(MailFault::LosesBoth)
        {
            county.plan(MAIL[*n].0, of).await.unwrap();
        }
    }
    let started = Instant::now();
    let event = county.submit().await.unwrap();
    let fan_out = FanOut { stage: &stage, county: &county, event, started };
    let (plans, sends): (Vec<_>, Vec<_>) =
        KILLS.into_iter().partition(|(function, ..)| *function == "plan-fan-out");
    for kill in plans {
        fan_out.kill(kill).await;
    }
    let planned = county.planned(event).await.unwrap();
    fan_out.say(&format!("{} pages planned", planned.pages));
    let kills = async {
        for kill in sends {
            fan_out.kill(kill).await;
        }
        fan_out.comes_to(PAUSED_AT).await;
    };
    tokio::join!(kills, fan_out.send_again(planned.pages));
    let late = fan_out.pause(&cast).await;
    let summary = async {
        let (summary, about) = (("summarise-fan-out", Counts::All, 1), event.to_string());
        assert!(stage.kill_at(summary, &about, PATIENCE).await.unwrap(), "no summary: none");
        fan_out.say("summarise-fan-out killed in its first request");
    };
    tokio::join!(summary, fan_out.send_again(planned.pages));
    county.ended(event, PATIENCE).await.unwrap();
    fan_out.say("ended");

    let progress = county.progress(event).await.unwrap();
    let mailed = county.mailed().await.unwrap();
    let mut table = String::from(
        "| beside that | followers | one mail | none | more |\n|---|---:|---:|---:|---:|\n",
    );
    let mut row = |what: &str, of: &BTreeSet<usize>, silent: &BTreeSet<usize>| {
        let got = |n: &usize| mailed.get(n).copied().unwrap_or_default();
        let count = |wanted: &dyn Fn(usize) -> bool| of.iter().filter(|n| wanted(got(n))).count();
        let (one, none) = (count(&|got| got == 1), count(&|got| got == 0));
        let more = count(&|got| got > 1);
        table.push_str(&format!("| {what} | {} | {one} | {none} | {more} |\n", of.len()));
        let wrong: Vec<_> =
            of.iter().filter(|n| got(n) != usize::from(!silent.contains(n))).take(5).collect();
        (wrong.is_empty(), format!("{what}: {wrong:?}"))
    };
    let nobody = BTreeSet::new();
    let hit: BTreeSet<usize> = cast.values().flatten().copied().collect();
    let others = (0..FOLLOWERS).filter(|n| !hit.contains(n)).collect();
    let mut rows = vec![row("nothing", &others, &nobody)];
    for (hit, of) in &cast {
        let silent = match hit {
            Hit::Unsubscribed | Hit::Suppressed => &late[hit],
            _ if hit.is(MailFault::Refuses) => of,
            Hit::Mail(_) => &nobody,
        };
        rows.push(row(hit.what(), of, silent));
    }
    let run_file = std::env::var_os("SEISIUN_RUN_FILE").unwrap();
    let file = Path::new(&run_file).with_file_name("long-fan-out.md");
    std::fs::write(&file, &table).unwrap();
    let given_up = county.unknown(event).await.unwrap();
    println!("{table}{progress:?}\n{} unknown in the end\n{}", given_up.len(), file.display());
    for (well, what) in rows {
        assert!(well, "{what}");
    }
    let count = |hit: Hit| late[&hit].len() as u64;
    let both = Hit::all().find(|hit| hit.is(MailFault::LosesBoth)).unwrap();
    // Who unsubscribed is in no page any more.
    let (gone, suppressed) = (count(Hit::Unsubscribed), count(Hit::Suppressed));
    // Of these nobody will ever know. On a busy engine an event can come after its mail
    // was given up: that is then known to be sent, and was counted.
    assert_eq!(given_up, late[&both]);
    assert!(progress.unknown >= count(both), "{progress:?}");
    let (refused, unknown) = (HIT as u64, progress.unknown);
    assert_eq!(progress.reported, progress.pages);
    assert_eq!((progress.unsettled, progress.unresolved), (0, 0));
    assert_eq!((progress.suppressed, progress.refused), (suppressed, refused));
    assert_eq!(progress.sent, FOLLOWERS as u64 - gone - suppressed - refused - unknown);
}
