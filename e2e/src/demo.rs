//! The demo: six scenarios, played as people would, and held to what must come
//! of them.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_dynamodb::types::AttributeValue;
use reqwest::{Method, StatusCode};
use seisiun_contracts::api::{
    Decide, FoundSessions, PutFollow, SessionView, SubmitReview, SubmitSession, Submitted,
};
use seisiun_domain::{
    SessionId, SubmissionId,
    card::{List, ListFile, ListHead, county_slug},
    case::{Measure, Reason},
    follow::Target,
    geo::Circle,
    photo::PublishedPhoto,
    review::ReviewDraft,
    samples,
    submission::{Status, Workflow},
};
use serde::Serialize;
use serde_json::json;

use crate::{
    Person, Stack,
    content::{Place, fixture},
    execution::{self, succeeded, waits},
    snapshot::Snapshot,
    stack::{Mail, until},
};

/// What came of one scenario.
#[derive(Debug, Clone, Serialize)]
pub struct Played {
    /// Its name.
    pub name: String,
    /// Whether all was as it should be.
    pub ok: bool,
    /// The execution that it was about, if one.
    pub execution: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// Mails that it caused.
    pub mails: u64,
    /// States entered by that execution.
    pub states: usize,
    /// What was wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The whole demo.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// One for each scenario.
    pub scenarios: Vec<Played>,
}

impl Summary {
    /// Whether every scenario was ok.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.scenarios.len() == 6 && self.scenarios.iter().all(|played| played.ok)
    }
}

/// What a scenario reports.
#[derive(Debug, Default)]
struct Report {
    execution: Option<String>,
    states: usize,
}

impl Report {
    fn of(execution: &execution::Execution) -> Self {
        Self { execution: Some(execution.arn.clone()), states: execution.states.len() }
    }
}

/// The people and the place of one demo.
#[derive(Debug)]
struct Cast {
    place: Place,
    ann: Person,
    bo: Person,
    cat: Person,
    dan: Person,
    mo: Person,
    /// What has been submitted, to be sent again.
    sent: Vec<(Request, SubmissionId)>,
    /// The session of the first scenario.
    session: Option<SessionId>,
}

impl Cast {
    fn people(&self) -> [&Person; 5] {
        [&self.ann, &self.bo, &self.cat, &self.dan, &self.mo]
    }
}

#[derive(Debug, Clone)]
enum Request {
    Session(Box<SubmitSession>, String),
    Review(SubmitReview, String),
}

/// Plays the demo.
///
/// # Errors
/// If the people can't sign up; what goes wrong in a scenario is in the summary.
pub async fn play(stack: &Stack) -> Result<Summary> {
    let place = Place::fresh();
    let start = Instant::now();
    let person = |name: &str| format!("{name}.{}", place.tag);
    let mut cast = Cast {
        ann: Person::sign_up(stack, &person("ann"), &[]).await?,
        bo: Person::sign_up(stack, &person("bo"), &[]).await?,
        cat: Person::sign_up(stack, &person("cat"), &[]).await?,
        dan: Person::sign_up(stack, &person("dan"), &[]).await?,
        mo: Person::sign_up(stack, &person("mo"), &["moderators"]).await?,
        sent: Vec::new(),
        session: None,
        place,
    };
    follow(&cast).await?;
    println!("   people signed up, three of them follow: {:.2} s", start.elapsed().as_secs_f64());

    let mut scenarios = Vec::new();
    for n in 0..6 {
        let name = [
            "published",
            "approved by a moderator",
            "rejected by a moderator",
            "review",
            "sent again",
            "bad input",
        ][n];
        println!("\n{}. {name}", n + 1);
        let (start, before) = (Instant::now(), stack.mail_count().await?);
        let outcome = match n {
            0 => published(stack, &mut cast).await,
            1 => approved(stack, &mut cast).await,
            2 => rejected(stack, &mut cast).await,
            3 => reviewed(stack, &mut cast).await,
            4 => sent_again(stack, &cast).await,
            _ => bad_input(stack, &cast).await,
        };
        let seconds = start.elapsed().as_secs_f64();
        let mails = stack.mail_count().await?.saturating_sub(before);
        let (report, error) = match outcome {
            Ok(report) => (report, None),
            Err(error) => (Report::default(), Some(format!("{error:#}"))),
        };
        match &error {
            None => println!("   ok: {seconds:.2} s, {mails} mails"),
            Some(error) => println!("   NOT OK: {error}"),
        }
        scenarios.push(Played {
            name: name.into(),
            ok: error.is_none(),
            execution: report.execution,
            seconds,
            mails,
            states: report.states,
            error,
        });
    }
    Ok(Summary { scenarios })
}

/// Three ways to hear of the same session; and one of them by two ways.
async fn follow(cast: &Cast) -> Result<()> {
    let circle = Circle { centre: cast.place.position, radius_km: 10.0 };
    cast.bo.follow(&PutFollow::circle(circle)).await?;
    let county = Target::county("IE", &cast.place.county);
    cast.cat.follow(&PutFollow::target(county)).await?;
    let submitter = Target::Member(cast.ann.member_id.clone());
    cast.dan.follow(&PutFollow::target(submitter)).await
}

async fn submit(cast: &mut Cast, title: &str, photos: &[(&[u8], &str)]) -> Result<SubmissionId> {
    let mut ids = Vec::new();
    for (bytes, content_type) in photos {
        ids.push(cast.ann.upload(bytes.to_vec(), content_type).await?);
    }
    let wanted = SubmitSession { session: cast.place.session(title), photos: ids };
    let key = format!("demo-{}-{}", cast.place.tag, cast.sent.len());
    let Submitted { submission_id, replayed } = cast.ann.submit_session(&wanted, &key).await?;
    ensure!(!replayed, "a first request was taken for a repeat");
    cast.sent.push((Request::Session(Box::new(wanted), key), submission_id));
    Ok(submission_id)
}

/// Follows a submission's execution to its good end.
async fn finish(
    stack: &Stack,
    workflow: Workflow,
    id: SubmissionId,
) -> Result<execution::Execution> {
    execution::follow(stack, workflow, &id.to_string(), succeeded).await
}

/// The approvals that stand beside a session, as the table has them.
/// # Errors
/// If the table does not answer.
pub async fn approvals(stack: &Stack, session: SessionId) -> Result<Vec<PublishedPhoto>> {
    let answer = stack
        .dynamodb()
        .query()
        .table_name(stack.value("TableName")?)
        .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
        .expression_attribute_values(":pk", AttributeValue::S(format!("SESSION#{session}")))
        .expression_attribute_values(":sk", AttributeValue::S("PHOTO#".into()))
        .consistent_read(true)
        .send()
        .await
        .context("read the approvals")?;
    answer
        .items()
        .iter()
        .map(|item| {
            let doc = item.get("doc").context("an approval without content")?.clone();
            serde_dynamo::from_attribute_value(doc).context("an approval does not parse")
        })
        .collect()
}

/// What the front door serves under an address.
async fn fetch(stack: &Stack, path: &str) -> Result<(StatusCode, Vec<u8>)> {
    let answer = stack.http.get(stack.url(path)?).send().await?;
    Ok((answer.status(), answer.bytes().await?.to_vec()))
}

/// Waits for the event's fan-out and checks that each follower was mailed once.
async fn followers_were_mailed(
    stack: &Stack,
    cast: &Cast,
    id: SubmissionId,
    title: &str,
) -> Result<()> {
    finish(stack, Workflow::NotifyFollowers, id).await?;
    for person in [&cast.bo, &cast.cat, &cast.dan] {
        let mails = about(stack, person, title).await?;
        ensure!(mails.len() == 1, "{} got {} mails about {title}", person.email, mails.len());
        let mail = &mails[0];
        ensure!(
            mail.header("List-Unsubscribe-Post") == Some("List-Unsubscribe=One-Click")
                && mail.header("List-Unsubscribe").is_some(),
            "a follower's mail can't be stopped with one click"
        );
    }
    Ok(())
}

async fn about(stack: &Stack, person: &Person, title: &str) -> Result<Vec<Mail>> {
    let mails = stack.mails(&person.email).await?;
    Ok(mails
        .into_iter()
        .filter(|mail| mail.subject.contains(title) || mail.text.contains(title))
        .collect())
}

async fn check_published(
    stack: &Stack,
    cast: &Cast,
    id: SubmissionId,
    photos: usize,
) -> Result<SessionId> {
    let view = cast.ann.submission(id).await?;
    let Status::Published { session_id, slug } = view.status else {
        bail!("the submission is {}", view.status.name());
    };
    check_found(stack, session_id, slug.as_str(), photos).await?;
    let approvals = approvals(stack, session_id).await?;
    ensure!(approvals.len() == photos, "{} approvals for {photos} photos", approvals.len());
    for photo in &approvals {
        for variant in [&photo.full, &photo.thumbnail] {
            let path = format!("/{}", variant.public_key(photo.photo_id));
            let (status, bytes) = fetch(stack, &path).await?;
            ensure!(status == StatusCode::OK, "{path} answers {status}");
            ensure!(
                sha256(&bytes) == variant.sha256,
                "{path} serves other bytes than were approved"
            );
            for mark in [&b"Exif\0\0"[..], b"http://ns.adobe.com/xap", b"Photoshop 3.0"] {
                ensure!(!bytes.windows(mark.len()).any(|w| w == mark), "{path} carries metadata");
            }
        }
    }
    Ok(session_id)
}

/// Anybody finds the session: by its slug, near its place, and in its county.
async fn check_found(stack: &Stack, id: SessionId, slug: &str, photos: usize) -> Result<()> {
    let (status, bytes) = fetch(stack, &format!("/api/sessions/{slug}")).await?;
    ensure!(status == StatusCode::OK, "the page of {slug} answers {status}");
    let page: SessionView = serde_json::from_slice(&bytes)?;
    ensure!(
        page.id == id && page.photos.len() == photos,
        "{slug} shows {} photos",
        page.photos.len()
    );
    let venue = &page.listing.venue;
    let (lat, lon) = (venue.position.lat, venue.position.lon);
    let country = &venue.country;
    let county = county_slug(&venue.county);
    for query in [
        format!("lat={lat}&lon={lon}&radius_km=1"),
        format!("lat={lat}&lon={lon}&radius_km=60"),
        format!("country={country}&county={county}"),
    ] {
        let (status, bytes) = fetch(stack, &format!("/api/sessions?{query}")).await?;
        ensure!(status == StatusCode::OK, "a search for {query} answers {status}");
        let found: FoundSessions = serde_json::from_slice(&bytes)?;
        let hits = found.sessions.iter().filter(|found| found.card.id == id).count();
        // A crowded place can have more than one answer's worth.
        let cut = found.total > found.sessions.len();
        ensure!(hits == 1 || (hits == 0 && cut), "a search for {query} finds it {hits} times");
    }
    // The published list, a moment later.
    let head = List::county(country, &county).head_key();
    until("the session is in its county's published list", || async {
        let (status, bytes) = fetch(stack, &format!("/{head}")).await?;
        if status != StatusCode::OK {
            return Ok(None);
        }
        let head: ListHead = serde_json::from_slice(&bytes)?;
        let (status, bytes) = fetch(stack, &head.file).await?;
        ensure!(status == StatusCode::OK, "{} answers {status}", head.file);
        let file: ListFile = serde_json::from_slice(&bytes)?;
        Ok(file.sessions.iter().any(|card| card.id == id).then_some(()))
    })
    .await?;
    // And what other programs read.
    let (_, bytes) = fetch(stack, &format!("/api/sessions/{id}")).await?;
    let view: SessionView = serde_json::from_slice(&bytes).context("the session")?;
    let slug = view.slug.as_str();
    let place = format!("{}/{}", country.to_lowercase(), county_slug(&county));
    for (path, says) in [
        (format!("/feeds/sessions/{slug}.ics"), format!("UID:{id}")),
        (format!("/feeds/counties/{place}.ics"), format!("UID:{id}")),
        (format!("/feeds/counties/{place}.atom"), format!("urn:seisiun:session:{id}")),
        (format!("/sitemaps/{}.xml", country.to_lowercase()), format!("/sessions/{slug}/<")),
        ("/sitemap.xml".to_owned(), format!("/sitemaps/{}.xml<", country.to_lowercase())),
    ] {
        until(&format!("{path} has the session"), || async {
            let (status, bytes) = fetch(stack, &path).await?;
            let found = status == StatusCode::OK && String::from_utf8_lossy(&bytes).contains(&says);
            Ok(found.then_some(()))
        })
        .await?;
    }
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// (1) A session with two real photos, one with GPS and a turned camera.
async fn published(stack: &Stack, cast: &mut Cast) -> Result<Report> {
    let title = format!("Thursday tunes {}", cast.place.tag);
    let photos = [(fixture::COFFEE, "image/jpeg"), (fixture::TURNED, "image/jpeg")];
    let id = submit(cast, &title, &photos).await?;
    let execution = finish(stack, Workflow::SessionSubmission, id).await?;
    let session = check_published(stack, cast, id, 2).await?;
    cast.session = Some(session);
    followers_were_mailed(stack, cast, id, &title).await?;
    let told = about(stack, &cast.ann, &title).await?;
    ensure!(told.len() == 1, "the submitter got {} mails", told.len());
    Ok(Report::of(&execution))
}

/// Waits for the moderator and lets her decide.
async fn decide(
    stack: &Stack,
    cast: &Cast,
    id: SubmissionId,
    decision: &Decide,
) -> Result<execution::Execution> {
    execution::follow(stack, Workflow::SessionSubmission, &id.to_string(), waits).await?;
    // The state is entered before its task has stored the case.
    until("the case", || async {
        let view = cast.ann.submission(id).await?;
        Ok((view.status == Status::InReview).then_some(()))
    })
    .await?;
    let own = cast.ann.decide(id.case(), decision).await?;
    ensure!(own.status == StatusCode::FORBIDDEN, "a member could decide: {}", own.status);
    let answer = cast.mo.decide(id.case(), decision).await?;
    ensure!(
        answer.status.is_success(),
        "the decision was refused: {} {}",
        answer.status,
        answer.body
    );
    finish(stack, Workflow::SessionSubmission, id).await
}

/// (2) A photo that the classifier flags; a moderator approves it.
async fn approved(stack: &Stack, cast: &mut Cast) -> Result<Report> {
    let title = format!("Slow session {}", cast.place.tag);
    let id = submit(cast, &title, &[(fixture::FLAGGED_PNG, "image/png")]).await?;
    let decision = Decide::of(Measure::Approve, Reason::InOrder);
    let execution = decide(stack, cast, id, &decision).await?;
    check_published(stack, cast, id, 1).await?;
    followers_were_mailed(stack, cast, id, &title).await?;
    Ok(Report::of(&execution))
}

/// (3) The same, rejected: the submitter is told why, nothing is public.
async fn rejected(stack: &Stack, cast: &mut Cast) -> Result<Report> {
    let title = format!("Singing circle {}", cast.place.tag);
    let id = submit(cast, &title, &[(fixture::FLAGGED, "image/jpeg")]).await?;
    let note = "The pattern shows nothing of a session.";
    let decision = Decide { note: note.into(), ..Decide::of(Measure::Reject, Reason::OffTopic) };
    let execution = decide(stack, cast, id, &decision).await?;
    let view = cast.ann.submission(id).await?;
    let Status::Rejected { statement } = view.status else {
        bail!("the submission is {}", view.status.name());
    };
    ensure!(!statement.automated_decision && statement.automated_detection, "{statement:?}");
    let mails = about(stack, &cast.ann, &title).await?;
    ensure!(
        mails.iter().any(|mail| mail.text.contains(note)),
        "no statement of reasons was mailed"
    );
    ensure!(approvals(stack, id.session()).await?.is_empty(), "a rejected photo was approved");
    for person in [&cast.bo, &cast.cat, &cast.dan] {
        ensure!(about(stack, person, &title).await?.is_empty(), "{} was mailed", person.email);
    }
    let photos = Snapshot::take(stack, &cast.people()).await?.objects;
    let photo = cast.sent.last().and_then(|(request, _)| match request {
        Request::Session(wanted, _) => wanted.photos.first().copied(),
        Request::Review(..) => None,
    });
    let photo = photo.context("the submission had a photo")?.to_string();
    let public =
        photos.keys().filter(|key| key.starts_with("PublicBucket/") && key.contains(&photo));
    ensure!(public.count() == 0, "the rejected photo is public");
    Ok(Report::of(&execution))
}

/// (4) A review with a photo.
async fn reviewed(stack: &Stack, cast: &mut Cast) -> Result<Report> {
    let session_id = cast.session.context("there is no session to review")?;
    let photo = cast.bo.upload(fixture::POLYGLOT.to_vec(), "image/jpeg").await?;
    let text = "Tunes till two, and a warm welcome.".into();
    let review = ReviewDraft { text, ..samples::review(session_id) };
    let wanted = SubmitReview { review, photos: vec![photo] };
    let key = format!("demo-{}-review", cast.place.tag);
    let id = cast.bo.submit_review(&wanted, &key).await?.submission_id;
    cast.sent.push((Request::Review(wanted, key), id));
    let execution = finish(stack, Workflow::ReviewSubmission, id).await?;
    let view = cast.bo.submission(id).await?;
    ensure!(
        matches!(view.status, Status::Published { .. }),
        "the review is {}",
        view.status.name()
    );
    let photos = approvals(stack, session_id).await?;
    ensure!(photos.iter().any(|p| p.photo_id == photo), "the review's photo is not shown");
    Ok(Report::of(&execution))
}

/// (5) Every submission sent again: no second effect anywhere.
async fn sent_again(stack: &Stack, cast: &Cast) -> Result<Report> {
    ensure!(cast.sent.len() == 4, "only {} submissions were made", cast.sent.len());
    let before = Snapshot::take(stack, &cast.people()).await?;
    for (request, id) in &cast.sent {
        let again = match request {
            Request::Session(wanted, key) => cast.ann.submit_session(wanted, key).await?,
            Request::Review(wanted, key) => cast.bo.submit_review(wanted, key).await?,
        };
        ensure!(again.replayed && again.submission_id == *id, "{id} came back as {again:?}");
    }
    // Time for anything that was started by mistake to show.
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let differences = before.differences(&Snapshot::take(stack, &cast.people()).await?);
    ensure!(differences.is_empty(), "a repeat had effects:\n{}", differences.join("\n"));
    Ok(Report::default())
}

/// Something that must be refused: what it is, who sends it, the body, the
/// Idempotency-Key, the statuses that are right, a word that the problem names.
type Refused<'a> =
    (&'static str, &'a Person, Vec<u8>, Option<&'a str>, &'static [u16], &'static str);

/// (6) Bad input: a clear error each, nothing stored, nothing started.
async fn bad_input(stack: &Stack, cast: &Cast) -> Result<Report> {
    let good = json!({ "session": cast.place.session("Never stored"), "photos": [] });
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut body = good.clone();
        change(&mut body);
        body.to_string().into_bytes()
    };
    let taken = match &cast.sent.first().context("nothing was sent")?.0 {
        Request::Session(_, key) | Request::Review(_, key) => key.clone(),
    };
    let fresh = format!("bad-{}", cast.place.tag);
    let key = Some(fresh.as_str());
    let ann = &cast.ann;
    let (nobody, with_id_token) = (ann.anonymous(), ann.with_id_token().await?);
    let absent = ulid::Ulid::generate().to_string();
    let ok = || with(&|_| {});
    let cases: Vec<Refused<'_>> = vec![
        ("no token", &nobody, ok(), key, &[401], ""),
        ("an ID token", &with_id_token, ok(), key, &[401, 403], ""),
        ("no Idempotency-Key", ann, ok(), None, &[400], "Idempotency-Key"),
        ("a key used for something else", ann, ok(), Some(&taken), &[409], "Idempotency-Key"),
        ("a body cut short", ann, ok()[..40].to_vec(), key, &[400], "parse"),
        (
            "a body of 70 KiB",
            ann,
            with(&|b| b["session"]["description"] = "x".repeat(70_000).into()),
            key,
            &[413],
            "bytes",
        ),
        (
            "an unknown field",
            ann,
            with(&|b| b["session"]["colour"] = "green".into()),
            key,
            &[400],
            "colour",
        ),
        ("no title", ann, with(&|b| b["session"]["title"] = " ".into()), key, &[422], "title"),
        (
            "a place off the globe",
            ann,
            with(&|b| b["session"]["venue"]["position"]["lat"] = 123.into()),
            key,
            &[422],
            "venue.position.lat",
        ),
        (
            "a daily session",
            ann,
            with(&|b| b["session"]["schedules"][0]["rrule"] = "FREQ=DAILY".into()),
            key,
            &[422],
            "FREQ=WEEKLY",
        ),
        (
            "a photo never uploaded",
            ann,
            with(&|b| b["photos"] = json!([absent])),
            key,
            &[422],
            "photos[0]",
        ),
        (
            "a time zone of one's own",
            ann,
            with(&|b| b["session"]["schedules"][0]["zone"] = "Ireland/Ennis".into()),
            key,
            &[422],
            "zone",
        ),
    ];
    let before = Snapshot::take(stack, &cast.people()).await?;
    for (what, person, body, key, statuses, word) in cases {
        let answer = person.send(Method::POST, "/api/sessions", Some(body), key).await?;
        ensure!(
            statuses.contains(&answer.status.as_u16()),
            "{what}: expected {statuses:?}, got {} {}",
            answer.status,
            answer.body
        );
        if !word.is_empty() {
            answer.problem().with_context(|| what.to_owned())?;
            ensure!(answer.body.contains(word), "{what}: {} does not name {word}", answer.body);
        }
        println!("      {:>3}  {what}", answer.status.as_u16());
    }
    // Another member's submission is as absent as one that never was.
    let (_, foreign) = cast.sent.first().context("nothing was sent")?;
    let path = format!("/api/submissions/{foreign}");
    let answer = cast.bo.call(Method::GET, &path, None::<&()>, None).await?;
    ensure!(answer.status == StatusCode::NOT_FOUND, "another's submission: {}", answer.status);
    println!("      404  another member's submission");
    let differences = before.differences(&Snapshot::take(stack, &cast.people()).await?);
    ensure!(differences.is_empty(), "bad input had effects:\n{}", differences.join("\n"));
    Ok(Report::default())
}
