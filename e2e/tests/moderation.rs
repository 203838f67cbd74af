//! On the engine: many moderators at many cases, whose decisions are cut off at
//! random; and what a classifier flagged, through rejection and appeal.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and tells how far it is"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::{Duration, Instant},
};

use futures::{StreamExt, future::join_all, stream};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, SET_COOKIE},
};
use seisiun_contracts::api::{CaseView, Cases, Decide, Decided};
use seisiun_domain::{
    MemberId, SubmissionId,
    case::{Case, Event, Measure, Reason, What},
    submission::{Status, Workflow},
};
use seisiun_e2e::{
    Person, Stack, Stage,
    content::fixture,
    execution::{self, succeeded, waits},
    gateway::{Action, Counts, Plan},
    stack::{MAILS_A_LOOK, Mail, until},
};
use sha2::{Digest, Sha256};

const CASES: usize = 200;
const MODERATORS: usize = 8;
/// Submissions sent, or looked at, at a time.
const AT_ONCE: usize = 8;
/// One in so many decisions is cut off on its way.
const CUT_OFF: u64 = 4;
/// Longest that the moderators may take over all cases.
const PATIENCE: Duration = Duration::from_secs(600);

/// The same numbers each time, of these words.
fn dice(words: &[&str], sides: u64) -> u64 {
    let digest = Sha256::digest(words.join("\n"));
    digest.iter().take(8).fold(0, |n, byte| (n << 8) | u64::from(*byte)) % sides
}

async fn moderator(stack: &Stack, name: &str) -> Person {
    let name = format!("{name}.{}", ulid::Ulid::generate().to_string().to_lowercase());
    Person::sign_up(stack, &name, &["moderators"]).await.unwrap()
}

/// What a moderator was told.
#[derive(Debug, Default)]
struct Told {
    /// Cases that they were told they had decided, and how.
    decided: BTreeMap<SubmissionId, Measure>,
    /// How often they were told that somebody else has it, or was first.
    turned_away: usize,
    /// How often nobody told them anything.
    unanswered: usize,
}

/// The queue as the moderators see it: what none of them was told to be decided.
type Queue = Mutex<BTreeSet<SubmissionId>>;

/// Takes cases of the queue at random until none is left.
async fn moderate(n: usize, mo: &Person, queue: &Queue) -> Told {
    let name = n.to_string();
    let mut told = Told::default();
    let began = Instant::now();
    for turn in 0_u32.. {
        let turn = turn.to_string();
        let roll = |what: &str, sides| dice(&[what, &name, &turn], sides);
        let id = {
            let queue = queue.lock().unwrap();
            let sides = u64::try_from(queue.len()).unwrap();
            let Some(at) = sides.checked_sub(1).map(|_| roll("which", sides)) else { break };
            assert!(began.elapsed() < PATIENCE, "{sides} are left");
            *queue.iter().nth(usize::try_from(at).unwrap()).unwrap()
        };
        match look_at(mo, id, &format!("{id}-{name}-{turn}"), roll("act", 100), &mut told).await {
            Some(true) => drop(queue.lock().unwrap().remove(&id)),
            Some(false) => {}
            // Somebody else has it, or nobody answers: after a breath.
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
    told
}

/// Claims a case and decides it, or gives it up. Whether it is decided; nothing if
/// that is not known.
async fn look_at(
    mo: &Person,
    id: SubmissionId,
    key: &str,
    roll: u64,
    told: &mut Told,
) -> Option<bool> {
    let case = id.case();
    let Ok(claimed) = mo.claim(case).await else {
        told.unanswered += 1;
        return None;
    };
    let version = match claimed.status {
        StatusCode::OK => claimed.ok::<Case>().unwrap().version,
        StatusCode::CONFLICT => {
            told.turned_away += 1;
            let kind = claimed.problem().unwrap().kind;
            return kind.ends_with("#decided").then_some(true);
        }
        _ => {
            told.unanswered += 1;
            return None;
        }
    };
    if roll < 10 {
        // Not now, and not by me.
        let _ = mo.release(case).await;
        return Some(false);
    }
    let decision = if roll < 22 {
        Decide::of(Measure::Approve, Reason::InOrder)
    } else {
        Decide::of(Measure::Reject, Reason::Spam)
    };
    let decision = Decide { version: Some(version), ..decision };
    let Ok(answer) = mo.decide_under(key, case, &decision).await else {
        told.unanswered += 1;
        return None;
    };
    match answer.status {
        StatusCode::OK => {
            let stands = answer.ok::<Decided>().unwrap().measure;
            assert_eq!(stands, decision.measure);
            assert_eq!(told.decided.insert(id, stands), None, "decided twice");
            Some(true)
        }
        StatusCode::CONFLICT => {
            told.turned_away += 1;
            None
        }
        // Cut off: whoever takes it next finds how it stands.
        _ => {
            told.unanswered += 1;
            None
        }
    }
}

/// Claims of one case never overlap: whoever claims what another has claims it
/// after that one gave it up, or their time was over.
fn check_claims(events: &[Event]) -> usize {
    let mut has: Option<(&MemberId, jiff::Timestamp)> = None;
    let mut claims = 0;
    for Event { at, by, what, .. } in events {
        match what {
            What::Claimed { until } => {
                let by = by.as_ref().unwrap();
                if let Some((other, end)) = has {
                    assert!(other == by || *at >= end, "{events:?}");
                }
                has = Some((by, *until));
                claims += 1;
            }
            What::Released | What::Decided { .. } | What::Escalated { .. } => {
                if let Some((other, end)) = has {
                    assert!(Some(other) == by.as_ref() || *at >= end, "{events:?}");
                }
                has = None;
            }
            What::Opened | What::Edited { .. } | What::Appealed { .. } => {}
        }
    }
    claims
}

#[tokio::test]
async fn eight_moderators_decide_two_hundred_cases_once_each_whatever_is_cut_off() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let names: Vec<String> = (0..MODERATORS).map(|n| format!("mo{n}")).collect();
    let moderators = join_all(names.iter().map(|name| moderator(&stack, name))).await;

    let began = Instant::now();
    let held = stream::iter(0..CASES)
        .map(|n| {
            let stage = &stage;
            async move {
                let mut wanted = stage.wanted(&format!("Case {n}"), None).await.unwrap();
                wanted.session.session.description = "More at www.example.com.".into();
                (stage.submit(&wanted).await.unwrap(), wanted.session.session.title)
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let ids: Vec<SubmissionId> = held.iter().map(|(id, _)| *id).collect();
    stream::iter(&ids)
        .map(|id| stage.in_review(*id))
        .buffer_unordered(AT_ONCE)
        .for_each(async |held| held.unwrap())
        .await;
    println!("      {CASES} cases wait: {:.0?}", began.elapsed());
    queue_has(&moderators[0], &ids).await;

    // Some decisions are cut off: before they are recorded, between that and the
    // answer to who waits, or after it.
    let mut plans = Vec::new();
    for id in ids.iter().filter(|id| dice(&["cut", &id.to_string()], CUT_OFF) == 0) {
        let (about, nth) = (id.to_string(), 2 + dice(&["nth", &id.to_string()], 4));
        let nth = usize::try_from(nth).unwrap();
        let (counts, action) = (Counts::Effects, Action::LoseAnswer);
        let about = [about.as_str()];
        let plan = Plan::set(&stack, &about, "moderator-api", counts, nth, action).await;
        plans.push(plan.unwrap());
    }
    let began = Instant::now();
    let queue = Queue::new(ids.iter().copied().collect());
    let all = moderators.iter().enumerate().map(|(n, mo)| moderate(n, mo, &queue));
    let told: Vec<Told> = join_all(all).await;
    let mut met = 0;
    for plan in plans {
        met += usize::from(plan.look().await.unwrap().met);
        plan.end().await.unwrap();
    }
    let sum = |of: fn(&Told) -> usize| told.iter().map(of).sum::<usize>();
    println!(
        "      decided: {:.0?}; {} were told so, {} turned away, {} unanswered, {met} cut off",
        began.elapsed(),
        sum(|told| told.decided.len()),
        sum(|told| told.turned_away),
        sum(|told| told.unanswered),
    );
    assert!(met > CASES / 10, "only {met} decisions were cut off");

    // What the schedule does; whoever decided is gone.
    let began = Instant::now();
    let mo = &moderators[0];
    let ends: Vec<(Status, CaseView)> = stream::iter(&held)
        .map(|(id, _)| async {
            let status = ended(&stage, *id).await;
            (status, mo.case(id.case()).await.unwrap())
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mails = stack.newest_mails(MAILS_A_LOOK).await.unwrap().0;
    let mails: Vec<&Mail> =
        mails.iter().filter(|mail| mail.to.contains(&stage.ann.email)).collect();
    let (mut claims, mut approved) = (0, 0);
    for ((id, title), (status, CaseView { case, history, .. })) in held.iter().zip(&ends) {
        assert_eq!(history.first(), Some(&case.opening()));
        assert_eq!(case.opened().replay(&history[1..]).as_ref(), Ok(case), "one chain");
        let decisions: Vec<&Event> =
            history.iter().filter(|event| matches!(event.what, What::Decided { .. })).collect();
        let [decision] = decisions[..] else { panic!("{id}: {decisions:?}") };
        let ruling = case.ruling().unwrap();
        for (told, person) in told.iter().zip(&moderators) {
            if let Some(measure) = told.decided.get(id) {
                assert_eq!(decision.by.as_ref(), Some(&person.member_id));
                assert_eq!(ruling.measure, *measure);
            }
        }
        claims += check_claims(history);
        approved += usize::from(ruling.measure == Measure::Approve);
        let public = matches!(status, Status::Published { .. });
        assert_eq!(public, ruling.measure == Measure::Approve, "{id}: {status:?}");
        assert_eq!(matches!(status, Status::Rejected { .. }), !public, "{id}: {status:?}");
        // That it waited, and how it was decided, once each. (A title ends with the
        // run's tag, so that "Case 1" is not in "Case 10".)
        let mut subjects: Vec<&str> = mails
            .iter()
            .filter(|mail| mail.subject.contains(title.as_str()))
            .map(|mail| mail.subject.split(':').next().unwrap_or_default())
            .collect();
        subjects.sort_unstable();
        let outcome = if public { "Published" } else { "Not published" };
        assert_eq!(subjects.len(), 2, "{id}: {subjects:?}");
        assert_eq!(subjects.iter().filter(|subject| **subject == outcome).count(), 1);
    }
    println!("      {approved} approved, {claims} claims, all ended: {:.0?}", began.elapsed());
    assert!(approved > 0 && approved < CASES);
}

/// Reads the queue page by page: each case stands in it once, in order.
async fn queue_has(mo: &Person, ids: &[SubmissionId]) {
    let mut cursor = None;
    let mut queued: Vec<Case> = Vec::new();
    loop {
        let Cases { cases, next, waiting } = mo.cases(cursor.as_ref()).await.unwrap();
        assert!(cases.len() <= 50 && waiting >= CASES, "{} of {waiting}", cases.len());
        queued.extend(cases);
        cursor = next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(queued.is_sorted_by_key(Case::waits_since));
    for id in ids {
        let places = queued.iter().filter(|case| case.id == id.case()).count();
        assert_eq!(places, 1, "{id}");
    }
}

/// Waits until nothing is owed for a submission any more, doing what the schedule
/// does and nothing that a moderator would.
async fn ended(stage: &Stage, id: SubmissionId) -> Status {
    until(&format!("the end of {id}"), || async {
        let execution =
            execution::look(&stage.stack, Workflow::SessionSubmission, &id.to_string()).await?;
        let status = stage.view(id).await?.status;
        if execution.is_some_and(|execution| succeeded(&execution)) && status.is_settled() {
            return Ok(Some(status));
        }
        stage.reconcile().await;
        Ok(None)
    })
    .await
    .unwrap()
}

/// Submits a session with this photo, and waits until it is before a moderator.
async fn held(stage: &Stage, title: &str, photo: &[u8]) -> (SubmissionId, String) {
    let wanted = stage.wanted(title, Some(photo)).await.unwrap();
    let id = stage.submit(&wanted).await.unwrap();
    let (workflow, name) = (Workflow::SessionSubmission, id.to_string());
    execution::follow(&stage.stack, workflow, &name, waits).await.unwrap();
    stage.in_review(id).await.unwrap();
    (id, wanted.session.session.title)
}

async fn decide(mo: &Person, id: SubmissionId, measure: Measure, reason: Reason) {
    let answer = mo.decide(id.case(), &Decide::of(measure, reason)).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn end_of(stage: &Stage, name: &str) {
    let workflow = Workflow::SessionSubmission;
    execution::follow(&stage.stack, workflow, name, succeeded).await.unwrap();
}

#[tokio::test]
async fn a_flagged_photo_is_rejected_appealed_and_published_after_all() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let (mo, eve) = (moderator(&stack, "mo").await, moderator(&stack, "eve").await);
    let (id, title) = held(&stage, "Flagged", fixture::FLAGGED).await;
    decide(&mo, id, Measure::Reject, Reason::OffTopic).await;
    end_of(&stage, &id.to_string()).await;
    assert!(matches!(stage.view(id).await.unwrap().status, Status::Rejected { .. }));

    assert_eq!(stage.bo.appeal(id, "Mine!").await.unwrap().status, StatusCode::NOT_FOUND);
    for _ in 0..2 {
        let appealed = stage.ann.appeal(id, "It is the pub's carpet.").await.unwrap();
        assert_eq!(appealed.status, StatusCode::NO_CONTENT, "{}", appealed.body);
    }
    let case = eve.case(id.case()).await.unwrap().case;
    assert_eq!(case.appeal.as_ref().unwrap().words, "It is the pub's carpet.");
    // Not by who had decided; by somebody else, whom nobody overtakes.
    let own = mo.decide(id.case(), &Decide::of(Measure::Approve, Reason::InOrder)).await.unwrap();
    assert_eq!(own.problem().unwrap().problems[0].code, "own_decision");
    let claimed = eve.claim(id.case()).await.unwrap();
    assert_eq!(claimed.status, StatusCode::OK, "{}", claimed.body);
    let stale = Decide { version: Some(1), ..Decide::of(Measure::Approve, Reason::InOrder) };
    let moved = eve.decide(id.case(), &stale).await.unwrap();
    assert!(moved.problem().unwrap().kind.ends_with("#case-moved"), "{}", moved.body);
    decide(&eve, id, Measure::Approve, Reason::InOrder).await;
    end_of(&stage, &format!("{id}-r1")).await;
    assert!(matches!(stage.view(id).await.unwrap().status, Status::Published { .. }));
    let subjects = stage.mails_about(&stage.ann, &title).await.unwrap();
    assert_eq!(subjects.len(), 3, "that it waits, why not, and that it is: {subjects:?}");
    let again = stage.ann.appeal(id, "And again.").await.unwrap();
    assert_eq!(again.status, StatusCode::CONFLICT);

    // Upheld, its submitter is told by whom and what is left to them.
    let (id, title) = held(&stage, "Flagged too", fixture::FLAGGED).await;
    decide(&mo, id, Measure::Reject, Reason::OffTopic).await;
    end_of(&stage, &id.to_string()).await;
    appealed_by_link(&stack, &stage, &title).await;
    let case = eve.case(id.case()).await.unwrap().case;
    assert_eq!(case.appeal.as_ref().unwrap().words, "No & no: 100 %\nNever.");
    decide(&eve, id, Measure::Reject, Reason::OffTopic).await;
    end_of(&stage, &format!("{id}-r1")).await;
    assert!(matches!(stage.view(id).await.unwrap().status, Status::Rejected { .. }));
    let mails = stack.mails(&stage.ann.email).await.unwrap();
    let upheld: Vec<_> = mails
        .iter()
        .filter(|mail| mail.text.contains(&title) && mail.text.contains("still not published"))
        .collect();
    assert_eq!(upheld.len(), 1, "{mails:?}");
    assert!(!upheld[0].text.contains("ask for another look"));
    lead_somewhere(&stack, &mails).await;
}

/// Whatever a mail of ours links to is there.
async fn lead_somewhere(stack: &Stack, mails: &[Mail]) {
    let site = stack.url("/").unwrap();
    let words = mails.iter().flat_map(|mail| mail.text.split_whitespace());
    let links: BTreeSet<&str> = words.filter(|word| word.starts_with(&site)).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links {
        let answer = stack.http.get(link).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{link}");
    }
}

/// Ann asks for another look as the mail that told her lets her, signed in nowhere.
async fn appealed_by_link(stack: &Stack, stage: &Stage, title: &str) {
    let mails = stack.mails(&stage.ann.email).await.unwrap();
    let told = mails.iter().find(|mail| mail.subject == format!("Not published: {title}"));
    let told = told.unwrap_or_else(|| panic!("{mails:?}"));
    let link = told.text.split_whitespace().find(|word| word.contains("/api/appeals/")).unwrap();
    assert!(link.starts_with(&stack.url("/api/appeals/").unwrap()), "{link}");

    // Looking at it, as mail scanners do, acts on nothing.
    let page = stack.http.get(link).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers().get(SET_COOKIE).is_none());
    assert!(page.text().await.unwrap().contains("<textarea id=\"field\" name=\"words\""));
    let post = async |link: &str, words: &str| {
        let answer = stack.http.post(link).form(&[("words", words)]).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, page) = post(link, " ").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("role=\"alert\">say what the decision overlooks"), "{page}");
    for _ in 0..2 {
        // As a browser ends lines.
        let (status, page) = post(link, "No & no: 100 %\r\nNever.").await;
        assert_eq!(status, StatusCode::OK, "{page}");
    }
    assert_eq!(post(link, "Otherwise.").await.0, StatusCode::CONFLICT);
    let (cut, _) = link.split_at(link.len() - 1);
    assert_eq!(post(cut, "No.").await.0, StatusCode::GONE);
    let json = stack.http.post(link).body("{}").header(CONTENT_TYPE, "application/json");
    assert_eq!(json.send().await.unwrap().status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn what_the_classifier_was_wrong_about_is_approved() {
    let stack = Stack::from_env().await.unwrap();
    let stage = Stage::set(&stack).await.unwrap();
    let mo = moderator(&stack, "mo").await;
    let (id, _) = held(&stage, "Microscopy", fixture::CELL).await;
    let view = mo.case(id.case()).await.unwrap();
    assert!(!view.photos[0].grounds.is_empty(), "{:?}", view.photos);
    decide(&mo, id, Measure::Approve, Reason::InOrder).await;
    end_of(&stage, &id.to_string()).await;
    assert!(matches!(stage.view(id).await.unwrap().status, Status::Published { .. }));
}
