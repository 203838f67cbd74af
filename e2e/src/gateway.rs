//! The gateway between the functions and the engine, which tests have fail.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Stack,
    stack::{until, within},
};

/// Which requests a plan counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Those that change something.
    Effects,
    /// All.
    All,
}

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The work is done and the answer lost, and so are the client's retries.
    LoseAnswer,
    /// The work is done, and the function waits in vain until the plan ends.
    Hold,
}

/// Requests that a client sends again by itself before it gives up: one less
/// than it tries in all.
const CLIENT_RETRIES: u32 = 2;

/// Functions whose requests are not counted, since they are not the same each
/// time: three run on a schedule and look after everybody's work, one takes what the
/// mail service tells, one publishes lists that others publish too. The ports' tests lose the answers of that one.
const BESIDE: [&str; 6] = [
    "-ask-keepers",
    "-open-digests",
    "-reconcile",
    "-publish-listing",
    "-refresh-listings",
    "-take-feedback",
];

/// A request that was counted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SeenCall {
    /// The function.
    pub caller: String,
    /// What it asked for.
    pub operation: String,
}

/// What has come of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Seen {
    number: u64,
    /// What it counted, in order.
    pub seen: Vec<SeenCall>,
    /// Whether its request has come.
    pub met: bool,
}

/// A plan that was set.
#[derive(Debug)]
pub struct Plan<'a> {
    stack: &'a Stack,
    number: u64,
}

impl<'a> Plan<'a> {
    /// Plans something for the n-th request of `caller`, the end of a function's
    /// name, about a submission; empty for all functions, 0 for none.
    ///
    /// # Errors
    /// If the stack has no gateway or that refuses.
    pub async fn set(
        stack: &'a Stack,
        about: &[&str],
        caller: &str,
        counts: Counts,
        nth: usize,
        action: Action,
    ) -> Result<Self> {
        let action = match action {
            Action::LoseAnswer => json!({ "do": "lose_answer", "then_refuse": CLIENT_RETRIES }),
            Action::Hold => json!({ "do": "hold" }),
        };
        let plan = json!({
            "about": about,
            "caller": caller,
            // Who names a function means it.
            "except": if caller.is_empty() { &BESIDE[..] } else { &[] },
            "counts": counts,
            "nth": nth,
            "action": action,
        });
        let answer = stack.http.post(url(stack)?).json(&plan).send().await?;
        let number = answer.error_for_status()?.json().await.context("set a plan")?;
        Ok(Self { stack, number })
    }

    /// What has come of it.
    ///
    /// # Errors
    /// If the gateway does not answer.
    pub async fn look(&self) -> Result<Seen> {
        let answer = self.stack.http.get(url(self.stack)?).send().await?;
        let plans: Vec<Seen> = answer.error_for_status()?.json().await?;
        let found = plans.into_iter().find(|plan| plan.number == self.number);
        found.with_context(|| format!("plan {} has ended", self.number))
    }

    /// Waits until its request has come.
    ///
    /// # Errors
    /// If it does not.
    pub async fn met(&self, what: &str) -> Result<()> {
        until(what, || async { Ok(self.look().await?.met.then_some(())) }).await
    }

    /// Waits so long until its request has come.
    ///
    /// # Errors
    /// If it does not.
    pub async fn met_within(&self, patience: Duration, what: &str) -> Result<()> {
        within(patience, what, || async { Ok(self.look().await?.met.then_some(())) }).await
    }

    /// Ends it: what it holds is let go, without an answer.
    ///
    /// # Errors
    /// If the gateway does not answer.
    pub async fn end(self) -> Result<()> {
        let url = format!("{}/{}", url(self.stack)?, self.number);
        self.stack.http.delete(url).send().await?.error_for_status()?;
        Ok(())
    }
}

fn url(stack: &Stack) -> Result<String> {
    Ok(format!("{}/_local/plans", stack.value("gateway_url")?))
}
