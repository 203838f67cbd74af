//! Fan-outs under faults: a county with followers of its own, what happens to its
//! fan-out, and how many mails each of them got.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use aws_sdk_sfn::types::ExecutionStatus;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use seisiun_aws::table::Table;
use seisiun_contracts::{api::SubmitSession, task::FanOutProgress};
use seisiun_domain::{
    SubmissionId,
    follow::{Cadence, Follow, FollowerId, Target},
    member::{Email, Language},
    submission::Workflow,
};
use seisiun_workflows::{
    fan_out::Page,
    ports::{PutFollow as _, Suppress as _, Suppression, Unfollow as _},
};
use serde_json::{Value, json};

use crate::{Person, Stack, content::Place, execution, stack::until, stage::persist};

/// Follows written, and batches invoked, at a time; more make the engine no quicker.
const AT_A_TIME: usize = 16;
/// Between two looks at a fan-out.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Seconds that an event is held: less than a fan-out waits for it.
const HELD_SECONDS: u32 = 20;
/// Calls about a recipient that are refused: more than anybody makes.
const REFUSALS: u32 = 100;

/// A county, its followers, and who submits there.
#[derive(Debug, Clone)]
pub struct County {
    stack: Stack,
    table: Table,
    ann: Person,
    place: Place,
    /// How many follow it.
    pub followers: usize,
    title: String,
}

/// What a follower got.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Followers who got exactly one mail.
    pub one: usize,
    /// Followers who got none.
    pub none: usize,
    /// Followers who got more.
    pub more: usize,
}

/// What the mail service does to a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFault {
    /// It takes none for so many calls.
    Throttles(u32),
    /// It fails once before it has taken it.
    Fails,
    /// It has taken it, and its answer is lost.
    LosesAnswer,
    /// That, and its events come twice.
    DoublesEvents,
    /// That, and its events come late.
    HoldsEvents,
    /// That, and its `Send` event is lost, too.
    LosesBoth,
    /// It refuses the recipient, however often it is asked.
    Refuses,
}

impl MailFault {
    /// As its boards want them: of its calls, and of its events.
    fn plans(self) -> (Option<Value>, Option<Value>) {
        let lost = Some(json!({ "fault": "lost_answer" }));
        match self {
            Self::Throttles(calls) => (Some(json!({ "fault": "throttle", "calls": calls })), None),
            Self::Fails => (Some(json!({ "fault": "fail" })), None),
            Self::LosesAnswer => (lost, None),
            Self::DoublesEvents => (lost, Some(json!({ "fault": "double", "calls": 2 }))),
            Self::HoldsEvents => {
                (lost, Some(json!({ "fault": "hold", "calls": 2, "seconds": HELD_SECONDS })))
            }
            Self::LosesBoth => (lost, Some(json!({ "fault": "lose", "event": "send" }))),
            Self::Refuses => {
                let error = json!({
                    "fault": "error", "error": "MessageRejected", "calls": REFUSALS,
                });
                (Some(error), None)
            }
        }
    }
}

impl County {
    /// Founds one with so many followers, each an address without an account.
    ///
    /// # Errors
    /// If the stack refuses.
    pub async fn found(stack: &Stack, followers: usize) -> Result<Self> {
        let place = Place::fresh();
        let ann = Person::sign_up(stack, &format!("ann.{}", place.tag), &[]).await?;
        let table = Table::new(stack.config(), stack.value("TableName")?);
        let title = format!("Heard in {}", place.tag);
        let county = Self { stack: stack.clone(), table, ann, place, followers, title };
        stream::iter(0..followers)
            .map(|n| county.follow(n))
            .buffer_unordered(AT_A_TIME)
            .try_collect::<Vec<()>>()
            .await?;
        Ok(county)
    }

    /// Through the adapter that the API's function uses.
    async fn follow(&self, n: usize) -> Result<()> {
        let follow = Follow {
            target: Target::county("IE", &self.place.county),
            follower: FollowerId(self.id(n)),
            email: Email::try_from(self.address(n))?,
            circle: None,
            unsubscribe_token: self.token(n),
            language: Language::En,
            cadence: Cadence::Instant,
        };
        Ok(self.table.put_follow(&follow).await?)
    }

    fn id(&self, n: usize) -> String {
        format!("follower-{n}-{}", self.place.tag)
    }

    /// The address of a follower.
    #[must_use]
    pub fn address(&self, n: usize) -> String {
        format!("follower-{n}.{}@example.org", self.place.tag)
    }

    /// The token in a follower's unsubscribe link.
    #[must_use]
    pub fn token(&self, n: usize) -> String {
        format!("token{n}x{}", self.place.tag)
    }

    /// Ends a follow by its link, as a mail provider does: who is told to try again in
    /// a moment does so.
    ///
    /// # Errors
    /// If the API refuses, or does not come to it for long.
    pub async fn unsubscribe(&self, n: usize) -> Result<()> {
        let url = self.stack.url(&format!("/api/unsubscribe/{}", self.token(n)))?;
        until("the end of a follow", async || {
            let post = self.stack.http.post(&url).form(&[("List-Unsubscribe", "One-Click")]);
            match post.send().await {
                // Not 500, which says that we made a mistake.
                Ok(answer) if (502..=504).contains(&answer.status().as_u16()) => Ok(None),
                Ok(answer) => Ok(answer.error_for_status().map(|_| Some(()))?),
                Err(error) if error.is_timeout() => Ok(None),
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// Ends a follow behind the API.
    ///
    /// # Errors
    /// If the table refuses.
    pub async fn end_follow(&self, n: usize) -> Result<bool> {
        Ok(self.table.unfollow(&self.token(n)).await?)
    }

    /// Suppresses all mail to a follower, as a bounce does.
    ///
    /// # Errors
    /// If the table refuses.
    pub async fn suppress(&self, n: usize) -> Result<()> {
        let email = Email::try_from(self.address(n))?;
        Ok(self.table.suppress(&email, Suppression::Bounced, Timestamp::now()).await?)
    }

    /// Submits a session there; its event has its id.
    ///
    /// # Errors
    /// If the API refuses.
    pub async fn submit(&self) -> Result<SubmissionId> {
        let wanted = SubmitSession { session: self.place.session(&self.title), photos: vec![] };
        let key = self.title.replace(' ', "-");
        Ok(self.ann.submit_session(&wanted, &key).await?.submission_id)
    }

    /// Waits until followers are mailed: a plan stands.
    ///
    /// # Errors
    /// If it does not come about.
    pub async fn planned(&self, event: SubmissionId) -> Result<FanOutProgress> {
        until("the plan of a fan-out", || async { Ok(self.progress(event).await.ok()) }).await
    }

    /// How far the fan-out is, as an operator sees it.
    ///
    /// # Errors
    /// If it is not planned.
    pub async fn progress(&self, event: SubmissionId) -> Result<FanOutProgress> {
        self.ask(json!({ "event_id": event })).await
    }

    /// Pauses the fan-out, or lets it go on, as an operator does.
    ///
    /// # Errors
    /// If it is not planned.
    pub async fn pause(&self, event: SubmissionId, paused: bool) -> Result<FanOutProgress> {
        self.ask(json!({ "event_id": event, "paused": paused })).await
    }

    async fn ask(&self, wanted: Value) -> Result<FanOutProgress> {
        let reconcile = self.stack.value("ReconcileFunction")?;
        let wanted = json!({ "fan_out": wanted });
        // An operator types it again where the engine was too busy to answer in time.
        let answer = persist(async || self.stack.invoke(reconcile, &wanted).await).await?;
        let progress = answer.get("fan_out").cloned().context("no word of the fan-out")?;
        Ok(serde_json::from_value(progress)?)
    }

    /// Waits until the fan-out has ended well, for so long.
    ///
    /// # Errors
    /// If it does not, or fails.
    pub async fn ended(&self, event: SubmissionId, patience: Duration) -> Result<()> {
        let start = Instant::now();
        loop {
            let told = Workflow::NotifyFollowers;
            // An engine that is busy answers the next look.
            let seen = match execution::look(&self.stack, told, &event.to_string()).await {
                Err(_) if start.elapsed() < patience => None,
                seen => seen?,
            };
            match seen.as_ref().map(|seen| &seen.status) {
                Some(ExecutionStatus::Succeeded) => return Ok(()),
                None | Some(ExecutionStatus::Running) => {}
                Some(status) => bail!("the fan-out of {event} ended as {status:?}: {seen:?}"),
            }
            ensure!(start.elapsed() < patience, "{event} still runs after {patience:?}: {seen:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The lines of the fan-out's manifests.
    ///
    /// # Errors
    /// If the bucket does not answer.
    pub async fn pages(&self, event: SubmissionId) -> Result<Vec<Page>> {
        let (s3, bucket) = (self.stack.s3(), self.stack.value("WorkBucket")?);
        let prefix = format!("fan-out/{event}/");
        let listed = s3.list_objects_v2().bucket(bucket).prefix(prefix).send().await?;
        let mut pages = BTreeMap::new();
        for object in listed.contents() {
            let key = object.key().context("an object without a key")?;
            let object = s3.get_object().bucket(bucket).key(key).send().await?;
            let lines = object.body.collect().await?.into_bytes();
            for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let page: Page = serde_json::from_slice(line)?;
                pages.insert(page.page, page);
            }
        }
        Ok(pages.into_values().collect())
    }

    /// Has every page sent once more, at once with whoever sends them now. Answers
    /// how many of those calls failed, as they may.
    ///
    /// # Errors
    /// If the pages can't be read.
    pub async fn send_again(&self, event: SubmissionId) -> Result<usize> {
        let function = self.stack.function("send-batch")?;
        let mut failed = 0;
        let pages = self.pages(event).await?;
        let mut calls = stream::iter(pages)
            .map(|page| {
                let function = &function;
                async move {
                    let page = serde_json::to_value(page)?;
                    self.stack.invoke(function, &page).await
                }
            })
            .buffer_unordered(AT_A_TIME);
        while let Some(called) = calls.next().await {
            failed += usize::from(called.is_err());
        }
        Ok(failed)
    }

    /// How many mails about it each follower got.
    ///
    /// # Errors
    /// If the mailbox does not answer, or somebody else got one.
    pub async fn mailed(&self) -> Result<BTreeMap<usize, usize>> {
        let mut counts = BTreeMap::new();
        let addresses: BTreeMap<String, usize> =
            (0..self.followers).map(|n| (self.address(n), n)).collect();
        for mail in self.stack.mails_about(&self.title).await? {
            for to in mail.to.iter().filter(|to| **to != self.ann.email) {
                let n = addresses.get(to).with_context(|| format!("{to} follows nothing"))?;
                *counts.entry(*n).or_default() += 1;
            }
        }
        Ok(counts)
    }

    /// How many mails about it there are, that to its submitter among them.
    ///
    /// # Errors
    /// If the mailbox does not answer.
    pub async fn count(&self) -> Result<usize> {
        Ok(usize::try_from(self.stack.count_mails_about(&self.title).await?)?)
    }

    /// The followers of whom the table says that nobody knows whether they got a mail.
    ///
    /// # Errors
    /// If it can't be read.
    pub async fn unknown(&self, event: SubmissionId) -> Result<BTreeSet<usize>> {
        use aws_sdk_dynamodb::types::AttributeValue::S;
        let claims = format!("MAIL#event:{event}#");
        let table = self.stack.value("TableName")?;
        let mut found = self
            .stack
            .dynamodb()
            .scan()
            .table_name(table)
            .filter_expression("begins_with(pk, :claims) AND fate = :unknown")
            .expression_attribute_values(":claims", S(claims.clone()))
            .expression_attribute_values(":unknown", S("unknown".into()))
            .into_paginator()
            .items()
            .send();
        let ids: BTreeMap<String, usize> = (0..self.followers).map(|n| (self.id(n), n)).collect();
        let mut unknown = BTreeSet::new();
        while let Some(claim) = found.next().await {
            let claim = claim?;
            let pk =
                claim.get("pk").and_then(|pk| pk.as_s().ok()).context("a claim without key")?;
            let id = pk.strip_prefix(&claims).context("a claim of something else")?;
            unknown.insert(*ids.get(id).with_context(|| format!("{id} follows nothing"))?);
        }
        Ok(unknown)
    }

    /// What came of it; `silent` are those who should get none, `doubtful` those
    /// who may.
    ///
    /// # Errors
    /// Names who got too many, or none.
    pub async fn outcome(
        &self,
        silent: &BTreeSet<usize>,
        doubtful: &BTreeSet<usize>,
    ) -> Result<Outcome> {
        let counts = self.mailed().await?;
        let mut outcome = Outcome::default();
        for n in 0..self.followers {
            let got = counts.get(&n).copied().unwrap_or_default();
            match got {
                0 => outcome.none += 1,
                1 => outcome.one += 1,
                _ => outcome.more += 1,
            }
            let address = self.address(n);
            ensure!(got <= 1, "{address} got {got} mails");
            let wanted = !silent.contains(&n);
            ensure!(got == 0 || wanted, "{address} got a mail and wants none");
            ensure!(got == 1 || !wanted || doubtful.contains(&n), "{address} got no mail");
        }
        Ok(outcome)
    }

    /// Plans what the mail service does to the mails to these followers.
    ///
    /// # Errors
    /// If the stand-in refuses.
    pub async fn plan(&self, fault: MailFault, of: &BTreeSet<usize>) -> Result<()> {
        let (of_calls, of_events) = fault.plans();
        for (board, fault) in [("faults", of_calls), ("event-faults", of_events)] {
            let Some(fault) = fault else { continue };
            let url = format!("{}/_local/{board}", self.stack.value("ses_url")?);
            for n in of {
                let mut fault = fault.clone();
                if let Some(fields) = fault.as_object_mut() {
                    fields.insert("only".into(), self.address(*n).into());
                }
                self.stack.http.post(&url).json(&fault).send().await?.error_for_status()?;
            }
        }
        Ok(())
    }

    /// Has the mail service tell something of the newest mail to a follower.
    ///
    /// # Errors
    /// If there is none, or the stand-in refuses.
    pub async fn tell(&self, n: usize, event: &str) -> Result<()> {
        let url = format!("{}/_local/events", self.stack.value("ses_url")?);
        let wanted = json!({ "to": self.address(n), "event": event });
        self.stack.http.post(url).json(&wanted).send().await?.error_for_status()?;
        Ok(())
    }
}
