//! On the engine: what each journey asks of AWS, counted, and held against what
//! the cost model reckons with (`ops/cost/counts.json`). A workflow with a state
//! more, a task with a request more, is seen here before it is seen on a bill.
//!
//! `UPDATE_DOCS=1` writes the file anew; `cargo xtask cost --count` does that.
//! It wants a new stack, as `cargo xtask test` and `--count` start one: on one that
//! has been counted on, its places are taken. One test, since a journey counts whatever passes while it is played.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells how far it is"
)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use reqwest::Method;
use seisiun_aws::table::Table;
use seisiun_contracts::api::{
    EditSession, PutFollow, SessionView, SubmitReview, SubmitSession, Submitted,
};
use seisiun_domain::{
    SubmissionId,
    card::{List, ListHead},
    case::Measure,
    change::Facts,
    follow::{Cadence, Follow, FollowerId, Target},
    geo::Position,
    member::{Email, Language},
    review::ReviewDraft,
    samples,
    submission::Workflow,
};
use seisiun_e2e::{
    Person, Stack, Stage,
    bulk::{Destination, imported},
    content::{Place, fixture},
    execution::{self, succeeded, waits},
    invented,
    meter::Meter,
};
use seisiun_ops::cost::counts::{Counts, Journey, differences};
use seisiun_workflows::ports::PutFollow as _;
use serde_json::json;

/// What is recorded, from this package's folder.
const RECORD: &str = "../ops/cost/counts.json";

/// Followers of the fan-out: two pages of them and a part.
const FOLLOWERS: usize = 250;

/// Sessions of the country that has many.
const MANY: usize = 600;
const SEED: u64 = 600;

/// Where nobody else's sessions are: publishing reads a country's whole list, so
/// each journey has a country of its own. A line for each play.
const COUNTRIES: [[&str; 8]; PLAYS] = [
    ["AX", "BV", "FK", "FO", "GL", "IO", "SJ", "TF"],
    ["AQ", "CC", "CX", "GS", "HM", "MP", "NF", "NU"],
    ["PM", "PN", "TK", "TV", "UM", "WF", "NR", "KI"],
];

/// Times that a journey is played whose counts differ: on a slow machine a
/// request is sent again because its answer was late. What the code asks for is
/// asked for every time.
const PLAYS: usize = 3;

/// Degrees of longitude from one play's places to the next one's: whole cells of
/// every size, since how many are looked at depends on where in them one is.
const EASTWARD: f64 = 45.0;

/// Who plays, and what has been counted.
struct Count {
    stack: Stack,
    stage: Stage,
    /// What is recorded; nothing while it is being recorded.
    recorded: Option<Counts>,
    journeys: Counts,
    /// Journeys so far that had a country.
    placed: usize,
    /// Which play of a journey it is.
    play: usize,
}

impl Count {
    async fn begin() -> Self {
        let stack = Stack::from_env().await.unwrap();
        let stage = Stage::set(&stack).await.unwrap();
        let recorded = std::env::var_os("UPDATE_DOCS").is_none().then(|| {
            let recorded = std::fs::read(record()).unwrap();
            serde_json::from_slice(&recorded).unwrap()
        });
        Self { stack, stage, recorded, journeys: Counts::new(), placed: 0, play: 0 }
    }

    /// Plays journeys, again where what they ask for is not what is recorded.
    async fn settle(&mut self, play: impl AsyncFn(&mut Self)) {
        let (before, placed) = (self.journeys.clone(), self.placed);
        for n in 0..PLAYS {
            self.journeys.clone_from(&before);
            (self.placed, self.play) = (placed, n);
            play(self).await;
            let different = self.differences();
            if different.is_empty() {
                return;
            }
            println!("play {} of {PLAYS} differs:\n  {}", n + 1, different.join("\n  "));
        }
    }

    /// Where what has been counted is not what is recorded.
    fn differences(&self) -> Vec<String> {
        let Some(recorded) = &self.recorded else { return Vec::new() };
        let mut recorded = recorded.clone();
        recorded.retain(|name, _| self.journeys.contains_key(name));
        differences(&recorded, &self.journeys)
    }

    async fn meter(&self) -> Meter<'_> {
        Meter::start(&self.stack).await.unwrap()
    }

    fn add(&mut self, name: &str, journey: Journey) {
        println!(
            "{name}: {} transitions, {} requests of the API, {} mails",
            journey.transitions, journey.api_requests, journey.mails
        );
        assert!(self.journeys.insert(name.to_owned(), journey).is_none(), "{name} twice");
    }

    /// A session that nobody has, in a country where nobody is, at the same place
    /// in every run: how many cells are looked at depends on it.
    fn session(&mut self, what: &str) -> SubmitSession {
        let step = self.placed as f64;
        let country = COUNTRIES[self.play][self.placed];
        let lon = -140.0 + 7.3 * step + EASTWARD * self.play as f64;
        let position = Position { lat: 11.0 + 3.1 * step, lon };
        self.placed += 1;
        let place = Place { position, ..Place::fresh() };
        // All of one length, so that their bytes are.
        let mut session = place.session(&format!("{what:<24.24} {}", place.tag));
        session.venue.country = country.to_owned();
        SubmitSession { session, photos: Vec::new() }
    }

    /// Sends a session with photos, as the page does, and waits until all is
    /// done; its submitter looks at it once.
    async fn submitted(&self, wanted: &mut SubmitSession, photos: &[&[u8]]) -> SubmissionId {
        for photo in photos {
            let photo = self.stage.ann.upload(photo.to_vec(), "image/jpeg").await.unwrap();
            // Else PreparePhoto may be there before the scan has ended, and come again.
            self.stack.scanned(photo).await.unwrap();
            wanted.photos.push(photo);
        }
        let key = ulid::Ulid::generate().to_string();
        self.stage.ann.submit_session(wanted, &key).await.unwrap().submission_id
    }

    /// Waits until a submission's executions have ended; answers those.
    async fn done(&self, workflow: Workflow, id: SubmissionId) -> Vec<(Workflow, String)> {
        let name = id.to_string();
        execution::follow(&self.stack, workflow, &name, succeeded).await.unwrap();
        let mut ended = vec![(workflow, name.clone())];
        // It is started, if at all, before the other has ended.
        let told = Workflow::NotifyFollowers;
        if execution::look(&self.stack, told, &name).await.unwrap().is_some() {
            execution::follow(&self.stack, told, &name, succeeded).await.unwrap();
            ended.push((told, name));
        }
        ended
    }

    /// Sessions of a country's published list.
    async fn listed_in(&self, country: &str) -> u64 {
        let list = List::Country { country: country.to_owned() };
        let url = self.stack.url(&format!("/{}", list.head_key())).unwrap();
        let answer = self.stack.http.get(url).send().await.unwrap().error_for_status().unwrap();
        answer.json::<ListHead>().await.unwrap().sessions as u64
    }

    /// A whole submission of a session.
    async fn count_session(&mut self, name: &str, mut wanted: SubmitSession, photos: &[&[u8]]) {
        let (journey, id) = {
            let meter = self.meter().await;
            let id = self.submitted(&mut wanted, photos).await;
            let ended = self.done(Workflow::SessionSubmission, id).await;
            self.stage.ann.submission(id).await.unwrap();
            (meter.end(&ended).await.unwrap(), id)
        };
        let bytes = photos.iter().map(|photo| photo.len() as u64).sum();
        let journey = Journey {
            uploads: photos.len() as u64,
            upload_bytes: bytes,
            listed_in_country: self.listed_in(&wanted.session.venue.country).await,
            ..journey
        };
        assert!(journey.transitions > 5, "{id}: {journey:?}");
        self.add(name, journey);
    }
}

#[tokio::test]
async fn each_journey_asks_of_aws_what_is_recorded() {
    let mut count = Count::begin().await;
    count.settle(async |count| newcomer(count).await).await;
    for (name, photos) in [
        ("session", &[][..]),
        ("session with 1 photo", &[fixture::COFFEE][..]),
        ("session with 3 photos", &[fixture::COFFEE, fixture::TURNED, fixture::COFFEE][..]),
    ] {
        let play = async |count: &mut Count| {
            let wanted = count.session(name);
            count.count_session(name, wanted, photos).await;
        };
        count.settle(play).await;
    }
    count.settle(async |count| followed(count).await).await;
    count.settle(async |count| among_many(count).await).await;
    count.settle(async |count| held(count).await).await;
    count.settle(async |count| reviewed_and_edited(count).await).await;
    count.settle(async |count| reconciled(count).await).await;

    let Some(recorded) = &count.recorded else {
        let text = serde_json::to_string_pretty(&count.journeys).unwrap();
        std::fs::write(record(), text + "\n").unwrap();
        return;
    };
    let differences = differences(recorded, &count.journeys);
    assert!(
        differences.is_empty(),
        "what the journeys ask of AWS is not what is recorded, {PLAYS} times over:\n  {}\n\
         If that is meant, `cargo xtask cost --count` records it and what it costs.",
        differences.join("\n  ")
    );
}

/// The file with what is recorded.
fn record() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(RECORD)
}

/// Signs up, signs in, follows a county.
async fn newcomer(count: &mut Count) {
    // All of one length, so that their bytes are.
    let name = format!("newcomer{}.{}", count.play, count.stage.place.tag);
    let meter = count.meter().await;
    Person::sign_up(&count.stack, &name, &[]).await.unwrap();
    let journey = meter.end(&[]).await.unwrap();
    count.add("sign-up", journey);

    let meter = count.meter().await;
    Person::sign_in(&count.stack, &name).await.unwrap();
    let journey = meter.end(&[]).await.unwrap();
    count.add("sign-in", journey);

    // The same again would be no new follow.
    let county = format!("{} {}", count.stage.place.county, count.play);
    let target = Target::county("IE", &county);
    let meter = count.meter().await;
    count.stage.ann.follow(&PutFollow::target(target)).await.unwrap();
    let journey = meter.end(&[]).await.unwrap();
    count.add("follow", journey);
}

/// A session in a county with many followers.
async fn followed(count: &mut Count) {
    let wanted = count.session("followed");
    let venue = &wanted.session.venue;
    let target = Target::county(&venue.country, &venue.county);
    let table = Table::new(count.stack.config(), count.stack.value("TableName").unwrap());
    let tag = &count.stage.place.tag;
    for n in 0..FOLLOWERS {
        let follow = Follow {
            target: target.clone(),
            follower: FollowerId(format!("follower-{n:03}-{tag}")),
            email: Email::try_from(format!("follower-{n:03}.{tag}@example.org")).unwrap(),
            circle: None,
            unsubscribe_token: format!("token-{n:03}-{tag}"),
            language: Language::En,
            cadence: Cadence::Instant,
        };
        table.put_follow(&follow).await.unwrap();
    }
    let name = format!("session with {FOLLOWERS} followers");
    count.count_session(&name, wanted, &[]).await;
    let mails = count.journeys[&name].mails;
    assert_eq!(mails, FOLLOWERS as u64 + 1, "its followers and its submitter");
}

/// A session in a country where many are listed.
async fn among_many(count: &mut Count) {
    let wanted = count.session("among many");
    // Other ones in each play: what has been imported once stays where it is.
    let mut all = invented::sessions(MANY, SEED + count.play as u64).unwrap();
    for one in &mut all {
        one.draft.venue.country = wanted.session.venue.country.clone();
    }
    let destination = Destination::of_stack(&count.stack).unwrap();
    destination.import(&imported(&all).unwrap()).await.unwrap();
    let name = format!("session among {MANY}");
    count.count_session(&name, wanted, &[]).await;
    assert!(count.journeys[&name].listed_in_country > MANY as u64 / 2);
}

/// A session that a moderator has to look at, and approves.
async fn held(count: &mut Count) {
    let mo = format!("mo{}.{}", count.play, count.stage.place.tag);
    let mo = Person::sign_up(&count.stack, &mo, &["moderators"]).await.unwrap();
    let mut wanted = count.session("held");
    wanted.session.description = "More at www.example.com every week.".into();
    let country = wanted.session.venue.country.clone();
    let meter = count.meter().await;
    let id = count.submitted(&mut wanted, &[]).await;
    let workflow = Workflow::SessionSubmission;
    execution::follow(&count.stack, workflow, &id.to_string(), waits).await.unwrap();
    count.stage.decide(&mo, id, Measure::Approve).await.unwrap();
    let ended = count.done(workflow, id).await;
    count.stage.ann.submission(id).await.unwrap();
    let journey = meter.end(&ended).await.unwrap();
    let journey = Journey { listed_in_country: count.listed_in(&country).await, ..journey };
    count.add("session held for a moderator", journey);
}

/// Reviews a session, edits it, looks at it and searches around it.
async fn reviewed_and_edited(count: &mut Count) {
    let mut wanted = count.session("reviewed and edited");
    let country = wanted.session.venue.country.clone();
    let at = wanted.session.venue.position;
    let id = count.submitted(&mut wanted, &[]).await;
    count.done(Workflow::SessionSubmission, id).await;
    let (ann, bo) = (&count.stage.ann, &count.stage.bo);

    let review = SubmitReview { review: samples::review(id.session()), photos: vec![] };
    let review = SubmitReview {
        review: ReviewDraft { text: "Tunes till two, and tea after.".into(), ..review.review },
        ..review
    };
    let meter = count.meter().await;
    let key = ulid::Ulid::generate().to_string();
    let sent = bo.submit_review(&review, &key).await.unwrap().submission_id;
    let ended = count.done(Workflow::ReviewSubmission, sent).await;
    bo.submission(sent).await.unwrap();
    let reviewed = meter.end(&ended).await.unwrap();

    let path = format!("/api/sessions/{}", id.session());
    let get = async |path: &str| bo.anonymous().call(Method::GET, path, None::<&()>, None).await;
    let meter = count.meter().await;
    let view: SessionView = get(&path).await.unwrap().ok().unwrap();
    let looked = meter.end(&[]).await.unwrap();

    let meter = count.meter().await;
    let search = format!("/api/sessions?lat={}&lon={}&radius_km=15", at.lat, at.lon);
    assert!(get(&search).await.unwrap().status.is_success());
    let searched = meter.end(&[]).await.unwrap();

    let text = "Reels, jigs and the odd waltz; the soup is on at ten.".to_owned();
    let changes = Facts { description: Some(text), ..Facts::default() };
    let edit = EditSession { changes, photos: vec![] };
    let path = format!("/api/sessions/{}/edits", view.slug.as_str());
    let meter = count.meter().await;
    let key = ulid::Ulid::generate().to_string();
    let sent = ann.call(Method::POST, &path, Some(&edit), Some(&key)).await.unwrap();
    let sent = sent.ok::<Submitted>().unwrap().submission_id;
    let ended = count.done(Workflow::ChangeSubmission, sent).await;
    ann.submission(sent).await.unwrap();
    let edited = meter.end(&ended).await.unwrap();

    let listed = count.listed_in(&country).await;
    count.add("review", reviewed);
    count.add("session looked at", looked);
    count.add("search by the API", searched);
    count.add("edit", Journey { listed_in_country: listed, ..edited });
}

/// What happens every minute, whoever comes.
async fn reconciled(count: &mut Count) {
    let reconcile = count.stack.value("ReconcileFunction").unwrap().to_owned();
    // One that the schedule has started meanwhile would be counted, too.
    for _ in 0..3 {
        let meter = count.meter().await;
        count.stack.invoke(&reconcile, &json!({ "source": "aws.events" })).await.unwrap();
        let journey = meter.end_of_schedule().await.unwrap();
        let runs: BTreeMap<_, _> =
            journey.functions.iter().map(|(name, of)| (name.as_str(), of.invocations)).collect();
        if runs == BTreeMap::from([("reconcile", 1)]) {
            count.add("reconcile, nothing open", journey);
            return;
        }
    }
    panic!("the schedule runs more often than once a minute");
}
