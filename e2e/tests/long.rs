//! On the engine, what takes too long for every day: a stream of submissions, and a
//! table of thousands of sessions. `cargo xtask test --long` runs these one after the
//! other; a large fan-out is beside them (`long_fan_out.rs`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and a long one shows how far it is"
)]

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use aws_sdk_sfn::types::ExecutionStatus;
use futures::{StreamExt, stream};
use seisiun_contracts::api::{PutFollow, SubmitSession};
use seisiun_domain::{
    SubmissionId,
    follow::Target,
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack,
    bulk::{Destination, imported},
    content::{Place, fixture},
    execution, invented, near,
    stack::until,
};
use seisiun_workflows::import_sessions::Outcome;

/// Submissions of the stream.
const SUBMISSIONS: usize = 300;
/// How many of them are under way at a time.
const SUBMISSIONS_AT_A_TIME: usize = 16;
/// Members who submit them, each in a county with one follower.
const SUBMITTERS: usize = 10;
/// One submission in so many has a photo.
const WITH_PHOTO_EVERY: usize = 10;

/// Sessions of the large sample, and which.
const SAMPLE: usize = 5_000;
const SAMPLE_SEED: u64 = 1;
/// Searches in it up to nineteen kilometres, and as many further.
const SEARCHES: usize = 150;

/// Prints how far it is and how quick.
fn progress(what: &str, done: usize, total: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    let rate = done as f64 / seconds.max(0.001);
    println!("      {done:>6} of {total} {what}: {seconds:.0} s, {rate:.0} a second");
}

/// Whether the event's fan-out has succeeded; fails if it has failed.
async fn fan_out_ended(stack: &Stack, id: SubmissionId) -> bool {
    let name = id.to_string();
    let seen = execution::look(stack, Workflow::NotifyFollowers, &name).await.unwrap();
    let Some(seen) = seen else { return false };
    match seen.status {
        ExecutionStatus::Running => false,
        ExecutionStatus::Succeeded => true,
        status => panic!("the fan-out ended as {status:?} after {:?}", seen.states),
    }
}

/// A member, the follower of the county that they submit in, and that county.
struct Parish {
    place: Place,
    submitter: Person,
    follower: Person,
}

impl Parish {
    async fn found(stack: &Stack) -> Self {
        let place = Place::fresh();
        let name = |who: &str| format!("{who}.{}", place.tag);
        let submitter = Person::sign_up(stack, &name("ann"), &[]).await.unwrap();
        let follower = Person::sign_up(stack, &name("bo"), &[]).await.unwrap();
        let county = Target::county("IE", &place.county);
        follower.follow(&PutFollow::target(county)).await.unwrap();
        Self { place, submitter, follower }
    }

    fn title(&self, n: usize) -> String {
        // Three digits, so that no title is part of another.
        format!("Stream {n:03} {}", self.place.tag)
    }

    /// Submits and waits until it is public.
    async fn publish(&self, n: usize) -> SubmissionId {
        let mut photos = Vec::new();
        if n.is_multiple_of(WITH_PHOTO_EVERY) {
            photos
                .push(self.submitter.upload(fixture::COFFEE.to_vec(), "image/jpeg").await.unwrap());
        }
        let title = self.title(n);
        let wanted = SubmitSession { session: self.place.elsewhere().session(&title), photos };
        let submitted =
            self.submitter.submit_session(&wanted, &title.replace(" ", "-")).await.unwrap();
        let id = submitted.submission_id;
        until(&title, || async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let view = self.submitter.submission(id).await?;
            anyhow::ensure!(!matches!(view.status, Status::Rejected { .. }), "{:?}", view.status);
            anyhow::ensure!(!view.delayed, "its workflow failed");
            Ok(matches!(view.status, Status::Published { .. }).then_some(()))
        })
        .await
        .unwrap();
        id
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_submission_of_a_stream_is_published_once() {
    let stack = Stack::from_env().await.unwrap();
    let mut parishes = Vec::new();
    for _ in 0..SUBMITTERS {
        parishes.push(Parish::found(&stack).await);
    }
    let (start, done) = (Instant::now(), AtomicUsize::new(0));
    let ids: Vec<SubmissionId> = stream::iter(0..SUBMISSIONS)
        .map(|n| {
            let (parish, done) = (&parishes[n % SUBMITTERS], &done);
            async move {
                let id = parish.publish(n).await;
                let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                if done.is_multiple_of(25) {
                    progress("submissions published", done, SUBMISSIONS, start);
                }
                id
            }
        })
        .buffer_unordered(SUBMISSIONS_AT_A_TIME)
        .collect()
        .await;
    println!("      stream of {SUBMISSIONS}: {:.0} s", start.elapsed().as_secs_f64());

    for id in &ids {
        until("the fan-out", || async { Ok(fan_out_ended(&stack, *id).await.then_some(())) })
            .await
            .unwrap();
        until("the letter to the submitter", || async {
            let name = id.to_string();
            let seen = execution::look(&stack, Workflow::SessionSubmission, &name).await?;
            Ok(seen.filter(execution::succeeded).map(drop))
        })
        .await
        .unwrap();
    }
    println!("      with all mails: {:.0} s", start.elapsed().as_secs_f64());

    let listed = listed_titles(&stack).await;
    for n in 0..SUBMISSIONS {
        let parish = &parishes[n % SUBMITTERS];
        let title = parish.title(n);
        assert_eq!(listed.get(&title), Some(&1), "{title} is listed so often");
    }
    for (p, parish) in parishes.iter().enumerate() {
        for person in [&parish.submitter, &parish.follower] {
            let mails = stack.mails(&person.email).await.unwrap();
            for n in (p..SUBMISSIONS).step_by(SUBMITTERS) {
                let title = parish.title(n);
                let about = mails.iter().filter(|mail| mail.text.contains(&title)).count();
                assert_eq!(about, 1, "{} got {about} mails about {title}", person.email);
            }
            assert_eq!(mails.len(), SUBMISSIONS / SUBMITTERS, "{} got others", person.email);
        }
    }
}

/// How often each title is listed.
async fn listed_titles(stack: &Stack) -> BTreeMap<String, usize> {
    let mut titles = BTreeMap::new();
    let table = stack.value("TableName").unwrap();
    let mut items = stack.dynamodb().scan().table_name(table).into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.unwrap();
        if item.get("sk").and_then(|sk| sk.as_s().ok()).is_none_or(|sk| sk != "SESSION") {
            continue;
        }
        let doc = item.get("doc").unwrap().clone();
        let session: seisiun_domain::session::Session =
            serde_dynamo::from_attribute_value(doc).unwrap();
        *titles.entry(session.listing.title).or_default() += 1;
    }
    titles
}

/// The large sample: loaded by the bulk path, measured, and searched.
#[tokio::test]
async fn near_me_answers_over_thousands_of_sessions_with_nine_queries() {
    let stack = Stack::from_env().await.unwrap();
    let destination = Destination::of_stack(&stack).unwrap();
    let loaded = destination.load(SAMPLE, SAMPLE_SEED).await.unwrap();
    let Outcome { listed, stand, .. } = loaded.outcome;
    assert_eq!(listed + stand, SAMPLE, "{loaded}");
    let all = imported(&invented::sessions(SAMPLE, SAMPLE_SEED).unwrap()).unwrap();
    let start = Instant::now();
    let asked = near::ask(&stack, &all, &near::circles(&all, SEARCHES)).await.unwrap();
    println!("      {asked:?}: {:.0} s", start.elapsed().as_secs_f64());
    assert_eq!(asked.searches, 2 * SEARCHES);
    println!("{}", destination.measure(loaded, SAMPLE, SAMPLE_SEED).await.unwrap());
}
