//! Faults on demand: "the next three calls are throttled".
//!
//! Every stand-in has a board of its own, set over HTTP at [`PATH`]
//! (POST adds one, GET lists them, DELETE forgets them) on its own address. A
//! fault is used up by the calls it hits, in the order in which faults were
//! added. What a stand-in tells by itself has another board (`ses::event_faults`).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Where a stand-in's faults are planned.
pub const PATH: &str = "/_local/faults";

/// Most calls that one fault may hit; more is a mistake in a test.
const CALLS_MAX: u32 = 100_000;

/// Most faults that wait on one board.
const FAULTS_MAX: usize = 10_000;

/// How long a hanging call stays open before its connection is closed. Longer
/// than any function's time-out.
const HANG_SECONDS: u64 = 900;

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// Refused with the service's throttling error, before any effect.
    Throttle,
    /// Refused with the service's internal error (HTTP 500), before any effect.
    Fail,
    /// Refused with the named error of the service, before any effect.
    Error {
        /// The error's code, one of those that the stand-in knows.
        error: String,
    },
    /// The work is done, then the connection is closed without an answer.
    LostAnswer,
    /// Nothing is done and nothing is answered.
    Hang,
}

/// One entry on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedFault {
    /// What happens.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many calls it still hits; 1 if left out.
    #[serde(default = "one")]
    pub calls: u32,
    /// Hits only calls about this: a recipient's address for SES, an object key
    /// or an image's SHA-256 for Rekognition. Left out, it hits every call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
}

pub(crate) fn one() -> u32 {
    1
}

impl Plan for PlannedFault {
    type Fault = Fault;
    type Call<'a> = &'a [&'a str];

    fn check(&self, errors: &'static [&'static str]) -> Result<(), FaultRefused> {
        match &self.fault {
            Fault::Error { error } if !errors.contains(&error.as_str()) => {
                Err(FaultRefused::UnknownError(error.clone(), errors))
            }
            _ => Ok(()),
        }
    }

    fn calls(&mut self) -> &mut u32 {
        &mut self.calls
    }

    fn hits(&self, subjects: &[&str]) -> bool {
        self.only
            .as_deref()
            .is_none_or(|only| subjects.iter().any(|subject| subject.eq_ignore_ascii_case(only)))
    }

    fn fault(&self) -> Fault {
        self.fault.clone()
    }
}

/// What a board holds: a fault, how often it strikes, and what it strikes.
pub trait Plan: Clone + Send + Serialize + DeserializeOwned + 'static {
    /// What happens.
    type Fault;
    /// What it may happen to.
    type Call<'a>: Copy;

    /// Whether it makes sense for a service with these errors.
    ///
    /// # Errors
    /// Says what does not.
    fn check(&self, errors: &'static [&'static str]) -> Result<(), FaultRefused>;

    /// How often it still strikes.
    fn calls(&mut self) -> &mut u32;

    /// Whether it strikes this.
    fn hits(&self, call: Self::Call<'_>) -> bool;

    /// What happens then.
    fn fault(&self) -> Self::Fault;
}

/// Why a fault was not taken on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultRefused {
    /// The number of calls is zero or too large.
    #[error("calls must be from 1 to {CALLS_MAX}")]
    Calls,
    /// The service has no such error.
    #[error("unknown error {0:?}; known are {1:?}")]
    UnknownError(String, &'static [&'static str]),
    /// It would hold something for no time or for too long.
    #[error("seconds must be from 1 to {0}")]
    Seconds(u32),
    /// Too many wait already.
    #[error("{FAULTS_MAX} faults wait already")]
    Full,
}

/// The faults waiting for one stand-in. Clones share the same board.
#[derive(Debug, Clone)]
pub struct Board<P> {
    errors: &'static [&'static str],
    waiting: Arc<Mutex<VecDeque<P>>>,
}

/// Those of its calls.
pub type FaultBoard = Board<PlannedFault>;

impl<P: Plan> Board<P> {
    /// An empty board of a service whose error codes are `errors`.
    #[must_use]
    pub fn new(errors: &'static [&'static str]) -> Self {
        Self { errors, waiting: Arc::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<P>> {
        // A panic while the lock was held cannot leave the queue half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a fault.
    ///
    /// # Errors
    /// When it makes no sense, or the board is full.
    pub fn add(&self, mut planned: P) -> Result<(), FaultRefused> {
        if !(1..=CALLS_MAX).contains(planned.calls()) {
            return Err(FaultRefused::Calls);
        }
        planned.check(self.errors)?;
        let mut waiting = self.waiting();
        if waiting.len() >= FAULTS_MAX {
            return Err(FaultRefused::Full);
        }
        waiting.push_back(planned);
        Ok(())
    }

    /// Takes the first fault that strikes this, if one does.
    pub fn take(&self, call: P::Call<'_>) -> Option<P::Fault> {
        let mut waiting = self.waiting();
        let at = waiting.iter().position(|planned| planned.hits(call))?;
        let planned = waiting.get_mut(at)?;
        let fault = planned.fault();
        *planned.calls() -= 1;
        if *planned.calls() == 0 {
            waiting.remove(at);
        }
        Some(fault)
    }

    /// The admin routes, at this path.
    pub fn router(&self, path: &str) -> Router {
        Router::new()
            .route(path, get(list::<P>).post(add::<P>).delete(clear::<P>))
            .with_state(self.clone())
    }
}

/// Waits as a hanging service does.
pub async fn hang() {
    tokio::time::sleep(Duration::from_secs(HANG_SECONDS)).await;
}

async fn list<P: Plan>(State(board): State<Board<P>>) -> Json<Vec<P>> {
    Json(board.waiting().iter().cloned().collect())
}

async fn add<P: Plan>(State(board): State<Board<P>>, Json(planned): Json<P>) -> Response {
    match board.add(planned) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(refused) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(serde_json::json!({ "message": refused.to_string() })),
        )
            .into_response(),
    }
}

async fn clear<P: Plan>(State(board): State<Board<P>>) -> StatusCode {
    board.waiting().clear();
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(fault: Fault, calls: u32, only: Option<&str>) -> PlannedFault {
        PlannedFault { fault, calls, only: only.map(str::to_owned) }
    }

    #[test]
    fn faults_are_used_up_in_order() {
        let board = FaultBoard::new(&[]);
        board.add(planned(Fault::Throttle, 2, None)).unwrap();
        board.add(planned(Fault::Fail, 1, None)).unwrap();
        let hit: Vec<_> = (0..4).map(|_| board.take(&[])).collect();
        assert_eq!(hit, [Some(Fault::Throttle), Some(Fault::Throttle), Some(Fault::Fail), None]);
    }

    #[test]
    fn a_fault_for_one_subject_leaves_the_others_alone() {
        let board = FaultBoard::new(&[]);
        board.add(planned(Fault::Hang, 1, Some("a@seisiun.test"))).unwrap();
        board.add(planned(Fault::Fail, 1, None)).unwrap();
        assert_eq!(board.take(&["b@seisiun.test"]), Some(Fault::Fail));
        assert_eq!(board.take(&["b@seisiun.test"]), None);
        assert_eq!(board.take(&["b@seisiun.test", "A@seisiun.test"]), Some(Fault::Hang));
        assert_eq!(board.take(&["a@seisiun.test"]), None);
    }

    #[test]
    fn nonsense_is_refused() {
        let board = FaultBoard::new(&["Known"]);
        assert!(matches!(board.add(planned(Fault::Fail, 0, None)), Err(FaultRefused::Calls)));
        let unknown = Fault::Error { error: "Unknown".to_owned() };
        assert!(matches!(
            board.add(planned(unknown, 1, None)),
            Err(FaultRefused::UnknownError(..))
        ));
        let known = Fault::Error { error: "Known".to_owned() };
        board.add(planned(known.clone(), 1, None)).unwrap();
        assert_eq!(board.take(&[]), Some(known));
        for _ in 0..FAULTS_MAX {
            board.add(planned(Fault::Fail, 1, None)).unwrap();
        }
        assert_eq!(board.add(planned(Fault::Fail, 1, None)), Err(FaultRefused::Full));
    }
}
