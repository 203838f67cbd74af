//! Where the tests of failure play: a submitter with a follower, a moderator,
//! and what an operator can do.

use std::{collections::BTreeSet, path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, bail, ensure};
use seisiun_contracts::api::{Decide, PutFollow, SubmissionView, SubmitSession};
use seisiun_domain::{
    PhotoId, SubmissionId,
    case::{Measure, Reason},
    follow::Target,
    submission::{Status, Workflow},
};
use serde_json::json;

use crate::{
    Person, Stack,
    content::Place,
    gateway::{Action, Counts, Plan},
    stack::{Mail, until},
};

/// Tries of a request of the API while things fail.
const REQUESTS_MAX: usize = 5;

/// What is younger has its execution started by the request itself.
const GRACE_SECONDS: u32 = 3;

/// Where an index holds work that was given up.
const FAILED_WORK: &str = "WORK#FAILED";

/// A submitter, their follower, and a place of their own.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The stack.
    pub stack: Stack,
    /// A county that nobody else uses.
    pub place: Place,
    /// Submits.
    pub ann: Person,
    /// Follows the county.
    pub bo: Person,
}

/// What a submission is made of.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What is sent.
    pub session: SubmitSession,
    /// The client's key.
    pub key: String,
    /// Texts that only requests about it have.
    pub about: Vec<String>,
}

impl Wanted {
    /// The same, as a plan wants them.
    #[must_use]
    pub fn about(&self) -> Vec<&str> {
        self.about.iter().map(String::as_str).collect()
    }
}

impl Stage {
    /// Signs everybody up.
    ///
    /// # Errors
    /// If the stack refuses.
    pub async fn set(stack: &Stack) -> Result<Self> {
        let place = Place::fresh();
        let person = |name: &str| format!("{name}.{}", place.tag);
        let ann = Person::sign_up(stack, &person("ann"), &[]).await?;
        let bo = Person::sign_up(stack, &person("bo"), &[]).await?;
        let county = Target::county("IE", &place.county);
        bo.follow(&PutFollow::target(county)).await?;
        Ok(Self { stack: stack.clone(), place, ann, bo })
    }

    /// A session elsewhere in the county, with an uploaded photo.
    ///
    /// # Errors
    /// If the upload fails.
    pub async fn wanted(&self, title: &str, photo: Option<&[u8]>) -> Result<Wanted> {
        let title = format!("{title} {}", self.place.tag);
        let mut photos: Vec<PhotoId> = Vec::new();
        if let Some(bytes) = photo {
            photos.push(self.ann.upload(bytes.to_vec(), "image/jpeg").await?);
        }
        let mut about = vec![title.clone()];
        about.extend(photos.iter().map(ToString::to_string));
        let session = self.place.elsewhere().session(&title);
        let key = ulid::Ulid::generate().to_string();
        Ok(Wanted { session: SubmitSession { session, photos }, key, about })
    }

    /// Submits it, as often as it takes: the key makes it one.
    ///
    /// # Errors
    /// If it is refused again and again.
    pub async fn submit(&self, wanted: &Wanted) -> Result<SubmissionId> {
        persist(async || self.ann.submit_session(&wanted.session, &wanted.key).await)
            .await
            .map(|submitted| submitted.submission_id)
    }

    /// Decides its case, as often as it takes.
    ///
    /// # Errors
    /// If it is refused again and again.
    pub async fn decide(&self, mo: &Person, id: SubmissionId, measure: Measure) -> Result<()> {
        let reason = match measure {
            Measure::Approve => Reason::InOrder,
            Measure::Reject => Reason::OffTopic,
        };
        let decision = Decide::of(measure, reason);
        // However often it is asked, it is one request.
        let key = format!("decide-{id}");
        persist(async || {
            let answer = mo.decide_under(&key, id.case(), &decision).await?;
            ensure!(answer.status.is_success(), "{}: {}", answer.status, answer.body);
            Ok(())
        })
        .await
    }

    /// Waits until nothing is owed for a submission any more, doing what the
    /// schedule and, for work that visibly failed, an operator would do, and
    /// deciding its case if it has one.
    ///
    /// # Errors
    /// If it does not come about.
    pub async fn settled(&self, id: SubmissionId, mo: &Person, measure: Measure) -> Result<Status> {
        until(&format!("an end of {id}"), || async {
            let (mut owed, mut tells, mut told) = (false, false, false);
            for record in ["SUB", "EVENT"] {
                let Some((workflow, work)) = self.work(record, id).await? else { continue };
                match work {
                    Work::Done => {}
                    Work::Open => owed = true,
                    Work::Failed => {
                        self.restart(workflow, id).await;
                        owed = true;
                    }
                }
                // A session's followers are owed a mail once it is public.
                tells |= workflow == Workflow::SessionSubmission;
                told |= workflow == Workflow::NotifyFollowers;
            }
            // Looked at after the work, whose end is the last thing that happens.
            let view = self.view(id).await?;
            if view.status == Status::InReview {
                self.decide(mo, id, measure).await?;
            }
            tells &= matches!(view.status, Status::Published { .. });
            if owed || (tells && !told) {
                self.reconcile().await;
                return Ok(None);
            }
            Ok(Some(view.status))
        })
        .await
    }

    /// Waits until a submission is before a moderator.
    ///
    /// # Errors
    /// If it does not come about.
    pub async fn in_review(&self, id: SubmissionId) -> Result<()> {
        until(&format!("the case of {id}"), || async {
            if self.view(id).await?.status == Status::InReview {
                return Ok(Some(()));
            }
            if let Some((workflow, Work::Failed)) = self.work("SUB", id).await? {
                self.restart(workflow, id).await;
            }
            self.reconcile().await;
            Ok(None)
        })
        .await
    }

    /// The submission as its submitter sees it.
    ///
    /// # Errors
    /// If it is refused again and again.
    pub async fn view(&self, id: SubmissionId) -> Result<SubmissionView> {
        persist(async || self.ann.submission(id).await).await
    }

    /// The work that a record carries; `None` if there is no such record.
    async fn work(&self, record: &str, id: SubmissionId) -> Result<Option<(Workflow, Work)>> {
        use aws_sdk_dynamodb::types::AttributeValue::S;
        let item = self
            .stack
            .dynamodb()
            .get_item()
            .table_name(self.stack.value("TableName")?)
            .key("pk", S(format!("{record}#{id}")))
            .key("sk", S(record.to_owned()))
            .consistent_read(true)
            .send()
            .await?
            .item;
        let Some(item) = item else { return Ok(None) };
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let workflow = text("workflow").context("a record that carries work names no workflow")?;
        let work = match text("gsi1pk") {
            None => Work::Done,
            Some(queue) if queue == FAILED_WORK => Work::Failed,
            Some(_) => Work::Open,
        };
        Ok(Some((serde_json::from_value(json!(workflow))?, work)))
    }

    /// As the schedule does, with a shorter grace. While things fail it may
    /// fail, too; the next run finds what is left.
    pub async fn reconcile(&self) {
        self.run_reconciler(&json!({ "grace_seconds": GRACE_SECONDS })).await;
    }

    /// What `cargo xtask restart` asks for.
    pub async fn restart(&self, workflow: Workflow, id: SubmissionId) {
        self.run_reconciler(&json!({ "restart": { "id": id, "workflow": workflow } })).await;
    }

    async fn run_reconciler(&self, wanted: &serde_json::Value) {
        let outcome =
            async { self.stack.invoke(self.stack.value("ReconcileFunction")?, wanted).await };
        if let Err(error) = outcome.await {
            eprintln!("      reconcile: {error:#}");
        }
    }

    /// Runs a command of xtask on this stack; whether it went well.
    ///
    /// # Errors
    /// If it cannot be run.
    pub async fn xtask(&self, arguments: &[&str]) -> Result<bool> {
        let run_file: PathBuf =
            std::env::var_os("SEISIUN_RUN_FILE").context("SEISIUN_RUN_FILE is not set")?.into();
        let mut command = Command::new(self.stack.value("xtask")?);
        command.args(arguments).arg("--run-file").arg(run_file);
        let status = tokio::task::spawn_blocking(move || command.status()).await??;
        Ok(status.success())
    }

    /// Holds a function in its n-th such request about something, waiting so long for
    /// it, and kills all of its processes: whether there were any.
    ///
    /// # Errors
    /// If the request does not come, or the gateway refuses.
    pub async fn kill_at(
        &self,
        (caller, counts, nth): (&str, Counts, usize),
        about: &str,
        patience: Duration,
    ) -> Result<bool> {
        let plan = Plan::set(&self.stack, &[about], caller, counts, nth, Action::Hold).await?;
        plan.met_within(patience, &format!("request {nth} of {caller} about {about}")).await?;
        let killed = self.xtask(&["kill-function", &self.function(caller)?]).await?;
        plan.end().await?;
        Ok(killed)
    }

    /// The full name of a function, all being named after the stack.
    ///
    /// # Errors
    /// If the stack has no functions.
    pub fn function(&self, name: &str) -> Result<String> {
        self.stack.function(name)
    }

    /// Subjects of the mails to a person that name a session, in order.
    ///
    /// # Errors
    /// If one came twice, or the mailbox does not answer.
    pub async fn mails_about(&self, person: &Person, title: &str) -> Result<BTreeSet<String>> {
        let mut subjects = BTreeSet::new();
        for Mail { subject, text, .. } in self.stack.mails(&person.email).await? {
            if text.contains(title) && !subjects.insert(subject.clone()) {
                bail!("{} got \"{subject}\" twice", person.email);
            }
        }
        Ok(subjects)
    }
}

/// Whether work is owed.
enum Work {
    /// It is done.
    Done,
    /// It is owed, and an execution does it, or will.
    Open,
    /// It is owed, and nobody does it any more.
    Failed,
}

/// Asks again a few times, as a client does when a request fails.
///
/// # Errors
/// The last one.
pub async fn persist<T>(ask: impl AsyncFn() -> Result<T>) -> Result<T> {
    let mut tried = 0;
    loop {
        tried += 1;
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(error) if tried >= REQUESTS_MAX => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    }
}
