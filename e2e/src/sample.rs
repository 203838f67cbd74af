//! Sample data, so that a new stack is not an empty one: invented members who
//! submit invented sessions and reviews as anybody would, through the API and
//! the workflows. What they submit is in `e2e/sample/sample.yaml`.
//!
//! Every submission has a fixed idempotency key, so that loading again, or after
//! an attempt that was cut off, submits only what is missing.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{Method, StatusCode};
use seisiun_contracts::api::{Decide, Me, PutFollow, SubmitReview, SubmitSession, Submitted};
use seisiun_domain::{
    SessionId, SubmissionId, member::ProfileDraft, review::ReviewDraft, session::SessionDraft,
    submission::Status,
};
use serde::{Deserialize, Serialize};
use serde_yaml_ng::Value as Yaml;
use sha2::{Digest, Sha256};

use crate::{Person, Stack, person::is_confirmed, stack::until};

/// Submissions under way at a time: enough to keep two cores busy.
const AT_A_TIME: usize = 6;
/// A line of progress after so many submissions.
const PROGRESS_EVERY: usize = 8;
/// The group that decides cases.
const MODERATORS: &str = "moderators";

/// The sample data, as its file has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// What the file's other parts refer to by anchors.
    #[serde(default, rename = "anchors")]
    _anchors: Yaml,
    /// Who submits and follows.
    pub members: Vec<SampleMember>,
    /// The member who decides what is held.
    pub moderator: String,
    /// The sessions.
    pub sessions: Vec<SampleSession>,
    /// The reviews.
    pub reviews: Vec<SampleReview>,
    /// SHA-256 of the file, hex.
    #[serde(skip)]
    sha256: String,
}

/// A member.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleMember {
    /// The part of the address before `@example.org`.
    pub name: String,
    /// What they say of themselves, as the API takes it.
    #[serde(default)]
    pub profile: Option<ProfileDraft>,
    /// What they follow.
    #[serde(default)]
    pub follows: Vec<PutFollow>,
}

/// A session and what becomes of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSession {
    /// Names it in this file, and in the idempotency key: never changes.
    pub key: String,
    /// Who submits it.
    pub by: String,
    /// As the API takes it.
    pub session: SessionDraft,
    /// What the moderator decides, where the workflow holds it for a person.
    #[serde(default)]
    pub decision: Option<Decide>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleReview {
    /// Who wrote it.
    pub by: String,
    /// The key of the session that it is about.
    pub of: String,
    /// As the API takes it, but for the session's id.
    pub review: Yaml,
}

impl SampleReview {
    fn key(&self) -> String {
        format!("{}-by-{}", self.of, self.by)
    }

    fn draft(&self, session_id: SessionId) -> Result<ReviewDraft> {
        let mut review = self.review.clone();
        let fields = review.as_mapping_mut().context("a review is a map")?;
        fields.insert("session_id".into(), session_id.to_string().into());
        serde_yaml_ng::from_value(review)
            .with_context(|| format!("the review of {} by {}", self.of, self.by))
    }
}

/// What came of loading.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// It was all there.
    Already,
    /// It is there now.
    Now {
        /// Members.
        members: usize,
        /// Published sessions and reviews.
        published: usize,
        /// Rejected ones.
        rejected: usize,
        /// Submissions whose text in the file is no longer what was loaded.
        differing: Vec<String>,
        /// What went wrong, and with which.
        failed: Vec<String>,
        /// How long it took.
        seconds: f64,
    },
}

impl Loaded {
    /// Whether nothing failed.
    #[must_use]
    pub fn well(&self) -> bool {
        match self {
            Self::Already => true,
            Self::Now { failed, .. } => failed.is_empty(),
        }
    }
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Now { members, published, rejected, differing, failed, seconds } = self else {
            return f.write_str("the sample data are there");
        };
        write!(
            f,
            "{members} members, {published} submissions published, {rejected} rejected: {seconds:.1} s"
        )?;
        if !differing.is_empty() {
            write!(
                f,
                "\n   {} of them were loaded as something else ({}): `cargo xtask up --fresh` loads all anew",
                differing.len(),
                differing.join(", ")
            )?;
        }
        for failure in failed {
            write!(f, "\n   NOT OK: {failure}")?;
        }
        Ok(())
    }
}

/// How one submission ended.
enum Ended {
    Published(SessionId),
    Rejected,
    /// Submitted before, with other content.
    Differs,
}

/// Which sample a stack has: kept with its data, and forgotten with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Marker {
    /// SHA-256 of the file, hex.
    sha256: String,
}

impl Sample {
    /// Reads the file.
    ///
    /// # Errors
    /// If it can't be read, does not parse, or contradicts itself.
    pub fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} can't be read", file.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", file.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut yaml: Yaml = serde_yaml_ng::from_str(text)?;
        yaml.apply_merge()?;
        let mut sample: Self = serde_yaml_ng::from_value(yaml)?;
        sample.sha256 = hex::encode(Sha256::digest(text));
        sample.check()?;
        Ok(sample)
    }

    /// Holds that everything named is there, once.
    fn check(&self) -> Result<()> {
        let member = |name: &str| self.members.iter().any(|member| member.name == name);
        ensure!(member(&self.moderator), "the moderator {} is no member", self.moderator);
        let mut keys = BTreeMap::new();
        for session in &self.sessions {
            ensure!(member(&session.by), "{}: {} is no member", session.key, session.by);
            ensure!(
                keys.insert(session.key.clone(), ()).is_none(),
                "{} is there twice",
                session.key
            );
            // Nobody decides on their own.
            let own = session.decision.is_some() && session.by == self.moderator;
            ensure!(!own, "{}: the moderator would decide on their own", session.key);
        }
        for review in &self.reviews {
            let key = review.key();
            ensure!(member(&review.by), "{key}: {} is no member", review.by);
            let about = self.sessions.iter().any(|session| session.key == review.of);
            ensure!(about, "{key}: there is no session {}", review.of);
            ensure!(keys.insert(key.clone(), ()).is_none(), "{key} is there twice");
        }
        Ok(())
    }

    /// Loads what the stack does not have yet.
    ///
    /// # Errors
    /// If the members can't sign up; what goes wrong with a submission is in the
    /// answer.
    pub async fn load(&self, stack: &Stack) -> Result<Loaded> {
        let start = Instant::now();
        let marker = Marker { sha256: self.sha256.clone() };
        let file = marker_file(stack)?;
        if self.is_loaded(stack, &file, &marker).await? {
            return Ok(Loaded::Already);
        }
        let people = self.people(stack).await?;
        println!(
            "   {} members signed up, {} follow something: {:.1} s",
            people.len(),
            self.members.iter().filter(|member| !member.follows.is_empty()).count(),
            start.elapsed().as_secs_f64()
        );
        let total = self.sessions.len() + self.reviews.len();
        let done = AtomicUsize::new(0);
        let tick = || {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(PROGRESS_EVERY) || done == total {
                let seconds = start.elapsed().as_secs_f64();
                println!("   {done:>3} of {total} submissions: {seconds:.1} s");
            }
        };

        let sessions = stream::iter(&self.sessions)
            .map(|session| async {
                let ended = self.submit_session(&people, session).await;
                tick();
                (session.key.clone(), ended)
            })
            .buffer_unordered(AT_A_TIME)
            .collect::<Vec<_>>()
            .await;
        let listed: BTreeMap<&str, SessionId> = sessions
            .iter()
            .filter_map(|(key, ended)| match ended {
                Ok(Ended::Published(id)) => Some((key.as_str(), *id)),
                _ => None,
            })
            .collect();
        let reviews = stream::iter(&self.reviews)
            .map(|review| async {
                let ended = match listed.get(review.of.as_str()) {
                    Some(session_id) => submit_review(&people, review, *session_id).await,
                    None => Err(anyhow::anyhow!("{} is not listed", review.of)),
                };
                tick();
                (review.key(), ended)
            })
            .buffer_unordered(AT_A_TIME)
            .collect::<Vec<_>>()
            .await;

        let (mut published, mut rejected) = (0, 0);
        let (mut differing, mut failed) = (Vec::new(), Vec::new());
        for (key, ended) in sessions.iter().chain(&reviews) {
            match ended {
                Ok(Ended::Published(_)) => published += 1,
                Ok(Ended::Rejected) => rejected += 1,
                Ok(Ended::Differs) => differing.push(key.clone()),
                Err(error) => failed.push(format!("{key}: {error:#}")),
            }
        }
        if failed.is_empty() {
            std::fs::write(&file, serde_json::to_vec(&marker)?)
                .with_context(|| format!("{} can't be written", file.display()))?;
        }
        let seconds = start.elapsed().as_secs_f64();
        let members = people.len();
        Ok(Loaded::Now { members, published, rejected, differing, failed, seconds })
    }

    /// Whether this very sample was loaded into these very data. The engine
    /// loses what it has not saved when it is killed, so its word counts.
    async fn is_loaded(&self, stack: &Stack, file: &Path, marker: &Marker) -> Result<bool> {
        let text = match std::fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
            Err(error) => {
                return Err(error).with_context(|| format!("{} can't be read", file.display()));
            }
        };
        let known = serde_json::from_slice::<Marker>(&text).is_ok_and(|found| found == *marker);
        Ok(known && is_confirmed(stack, &account(&self.moderator)).await?)
    }

    /// Everybody signed in, and following what they follow.
    async fn people(&self, stack: &Stack) -> Result<BTreeMap<String, Person>> {
        stream::iter(&self.members)
            .map(|member| async {
                let groups: &[&str] =
                    if member.name == self.moderator { &[MODERATORS] } else { &[] };
                let person = Person::enter(stack, &account(&member.name), groups).await?;
                if let Some(profile) = &member.profile {
                    let saved = person.call(Method::PUT, "/api/me", Some(profile), None).await?;
                    saved.ok::<Me>().with_context(|| member.name.clone())?;
                }
                for follow in &member.follows {
                    person.follow(follow).await.with_context(|| member.name.clone())?;
                }
                Ok((member.name.clone(), person))
            })
            .buffer_unordered(AT_A_TIME)
            .try_collect()
            .await
    }

    async fn submit_session(
        &self,
        people: &BTreeMap<String, Person>,
        sample: &SampleSession,
    ) -> Result<Ended> {
        let person = named(people, &sample.by)?;
        let wanted = SubmitSession { session: sample.session.clone(), photos: Vec::new() };
        let Some(id) = submit(person, "/api/sessions", &wanted, &sample.key).await? else {
            return Ok(Ended::Differs);
        };
        let settled = settle(person, id).await?;
        let (Status::InReview, Some(decision)) = (&settled, &sample.decision) else {
            return ended(settled);
        };
        let answer = named(people, &self.moderator)?.decide(id.case(), decision).await?;
        ensure!(
            answer.status.is_success() || answer.status == StatusCode::CONFLICT,
            "the decision was refused: {} {}",
            answer.status,
            answer.body
        );
        let decided = until("what was decided", || async {
            let status = person.submission(id).await?.status;
            Ok((!matches!(status, Status::Accepted | Status::InReview)).then_some(status))
        });
        ended(decided.await?)
    }
}

async fn submit_review(
    people: &BTreeMap<String, Person>,
    sample: &SampleReview,
    session_id: SessionId,
) -> Result<Ended> {
    let person = named(people, &sample.by)?;
    let wanted = SubmitReview { review: sample.draft(session_id)?, photos: Vec::new() };
    match submit(person, "/api/reviews", &wanted, &sample.key()).await? {
        Some(id) => ended(settle(person, id).await?),
        None => Ok(Ended::Differs),
    }
}

/// Submits; `None` if other content was submitted under the same key.
async fn submit(
    person: &Person,
    path: &str,
    wanted: &impl Serialize,
    key: &str,
) -> Result<Option<SubmissionId>> {
    let key = format!("sample-{key}");
    let answer = person.call(Method::POST, path, Some(wanted), Some(&key)).await?;
    if answer.status == StatusCode::CONFLICT {
        return Ok(None);
    }
    Ok(Some(answer.ok::<Submitted>()?.submission_id))
}

/// Waits until the workflow has come to an end, or to a person.
async fn settle(person: &Person, id: SubmissionId) -> Result<Status> {
    until("the submission", || async {
        let view = person.submission(id).await?;
        ensure!(!view.delayed, "its workflow failed: `cargo xtask restart {id}` does it once more");
        Ok((view.status != Status::Accepted).then_some(view.status))
    })
    .await
}

fn ended(status: Status) -> Result<Ended> {
    match status {
        Status::Published { session_id, .. } => Ok(Ended::Published(session_id)),
        Status::Rejected { .. } => Ok(Ended::Rejected),
        status => bail!("it is {}", status.name()),
    }
}

fn named<'a>(people: &'a BTreeMap<String, Person>, name: &str) -> Result<&'a Person> {
    people.get(name).with_context(|| format!("{name} is no member"))
}

/// The name of the account of somebody in the sample.
fn account(name: &str) -> String {
    format!("{name}.sample")
}

fn marker_file(stack: &Stack) -> Result<PathBuf> {
    Ok(Path::new(stack.value("state_dir")?).join("sample.json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seisiun_domain::{
        moderation::{Verdict, judge_text},
        session::is_duplicate,
        submission::Body,
    };

    fn sample() -> Sample {
        Sample::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/sample.yaml")).unwrap()
    }

    #[test]
    fn the_sample_is_what_the_rules_take() {
        let sample = sample();
        assert!(sample.sessions.len() >= 24);
        for entry in &sample.sessions {
            let listing = entry.session.validate().unwrap_or_else(|p| panic!("{}: {p}", entry.key));
            assert_eq!(listing.draft, entry.session, "{} is not written as it is kept", entry.key);
            // What goes to a person, and only that, has a decision.
            let body = Body::Session(entry.session.clone());
            let held = judge_text(&body.texts()).verdict == Verdict::Review;
            assert_eq!(held, entry.decision.is_some(), "{}", entry.key);
        }
        let id: SubmissionId = "01J9000000000000000000000A".parse().unwrap();
        for entry in &sample.reviews {
            let draft = entry.draft(id.session()).unwrap();
            // The day that the file was written, so that it is never in the future.
            let today = "2026-11-01".parse().unwrap();
            draft.validate(today).unwrap_or_else(|p| panic!("{}: {p}", entry.key()));
            assert_eq!(judge_text(&[draft.text.as_str()]).verdict, Verdict::Publish);
            let about = sample.sessions.iter().find(|session| session.key == entry.of).unwrap();
            assert_ne!(about.by, entry.by, "{}: a review of one's own session", entry.key());
            let rejected = |d: &Decide| d.measure == seisiun_domain::case::Measure::Reject;
            assert!(!about.decision.as_ref().is_some_and(rejected), "{}", entry.key());
        }
    }

    #[test]
    fn no_session_of_the_sample_is_taken_for_another() {
        let sample = sample();
        for (n, a) in sample.sessions.iter().enumerate() {
            for b in &sample.sessions[n + 1..] {
                let of = |entry: &SampleSession| entry.session.venue.position;
                let alike = is_duplicate((&a.session.title, of(a)), (&b.session.title, of(b)));
                assert!(!alike, "{} and {}", a.key, b.key);
            }
        }
    }

    #[test]
    fn a_file_that_contradicts_itself_is_refused() {
        let good = "members: [{ name: ann }]\nmoderator: ann\nsessions: []\nreviews: []\n";
        assert!(Sample::parse(good).is_ok());
        for (from, to, word) in [
            ("moderator: ann", "moderator: mo", "mo is no member"),
            ("reviews: []", "reviews: [{ by: ann, of: x, review: {} }]", "no session x"),
            ("name: ann", "name: ann, colour: green", "colour"),
        ] {
            let error = Sample::parse(&good.replace(from, to)).unwrap_err();
            assert!(format!("{error:#}").contains(word), "{error:#}");
        }
    }
}
