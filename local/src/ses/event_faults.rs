//! Faults of events: "the next bounce is lost".
//!
//! The way from SES to a queue may lose an event, bring it twice or late. A fault
//! is used up by the events that come about after it was planned, in the order in
//! which faults were added; only those that the destination takes count.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::event::EventKind;
use crate::faults::{CALLS_MAX, FAULTS_MAX};

/// Longest time that an event is held; EventBridge gives up after a day.
const HOLD_SECONDS_MAX: u32 = 86_400;

/// What happens to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum EventFault {
    /// It never comes.
    Lose,
    /// It comes twice, with the same id.
    Double,
    /// It comes late; others about the same mail may come before it.
    Hold {
        /// How much later.
        seconds: u32,
    },
}

/// One entry on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedEventFault {
    /// What happens.
    #[serde(flatten)]
    pub fault: EventFault,
    /// How many events it still hits; 1 if left out.
    #[serde(default = "one")]
    pub calls: u32,
    /// Hits only events about this recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// Hits only events of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<EventKind>,
}

fn one() -> u32 {
    1
}

/// Why a fault was not taken on.
#[derive(Debug, thiserror::Error)]
pub enum EventFaultRefused {
    /// The number of events is zero or too large.
    #[error("calls must be from 1 to {CALLS_MAX}")]
    Calls,
    /// It would hold an event for no time or for too long.
    #[error("seconds must be from 1 to {HOLD_SECONDS_MAX}")]
    Seconds,
    /// Too many wait already.
    #[error("{FAULTS_MAX} faults wait already")]
    Full,
}

/// The faults that wait for events. Clones share the same board.
#[derive(Debug, Clone, Default)]
pub struct EventFaultBoard {
    waiting: Arc<Mutex<VecDeque<PlannedEventFault>>>,
}

impl EventFaultBoard {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<PlannedEventFault>> {
        // A panic while the lock was held cannot leave the queue half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plans a fault.
    ///
    /// # Errors
    /// When it hits no events, holds them for no time or too long, or the board is
    /// full.
    pub fn add(&self, planned: PlannedEventFault) -> Result<(), EventFaultRefused> {
        if planned.calls == 0 || planned.calls > CALLS_MAX {
            return Err(EventFaultRefused::Calls);
        }
        if let EventFault::Hold { seconds } = planned.fault
            && (seconds == 0 || seconds > HOLD_SECONDS_MAX)
        {
            return Err(EventFaultRefused::Seconds);
        }
        let mut waiting = self.waiting();
        if waiting.len() >= FAULTS_MAX {
            return Err(EventFaultRefused::Full);
        }
        waiting.push_back(planned);
        Ok(())
    }

    /// Takes the fault that hits an event of this kind about these recipients, if
    /// one does.
    pub fn take(&self, kind: EventKind, recipients: &[String]) -> Option<EventFault> {
        let mut waiting = self.waiting();
        let at = waiting.iter().position(|planned| {
            planned.event.is_none_or(|event| event == kind)
                && planned.only.as_deref().is_none_or(|only| {
                    recipients.iter().any(|recipient| recipient.eq_ignore_ascii_case(only))
                })
        })?;
        let planned = waiting.get_mut(at)?;
        let fault = planned.fault;
        planned.calls -= 1;
        if planned.calls == 0 {
            waiting.remove(at);
        }
        Some(fault)
    }

    /// The admin routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/_local/event-faults", get(list).post(add).delete(clear))
            .with_state(self.clone())
    }
}

async fn list(State(board): State<EventFaultBoard>) -> Json<Vec<PlannedEventFault>> {
    Json(board.waiting().iter().cloned().collect())
}

async fn add(
    State(board): State<EventFaultBoard>,
    Json(planned): Json<PlannedEventFault>,
) -> Response {
    match board.add(planned) {
        Ok(()) => StatusCode::CREATED.into_response(),
        Err(refused) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            Json(serde_json::json!({ "message": refused.to_string() })),
        )
            .into_response(),
    }
}

async fn clear(State(board): State<EventFaultBoard>) -> StatusCode {
    board.waiting().clear();
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(fault: EventFault) -> PlannedEventFault {
        PlannedEventFault { fault, calls: 1, only: None, event: None }
    }

    #[test]
    fn faults_hit_the_events_that_they_are_meant_for() {
        let board = EventFaultBoard::default();
        let (ann, ben) = (["ann@example.org".to_owned()], ["ben@example.org".to_owned()]);
        let only = Some("ANN@example.org".to_owned());
        let bounce = Some(EventKind::Bounce);
        board.add(PlannedEventFault { only, event: bounce, ..planned(EventFault::Lose) }).unwrap();
        board.add(PlannedEventFault { calls: 2, ..planned(EventFault::Double) }).unwrap();
        let hit: Vec<_> = [
            (EventKind::Send, &ann),
            (EventKind::Bounce, &ben),
            (EventKind::Bounce, &ann),
            (EventKind::Bounce, &ann),
        ]
        .into_iter()
        .map(|(kind, to)| board.take(kind, to))
        .collect();
        let (lose, double) = (Some(EventFault::Lose), Some(EventFault::Double));
        assert_eq!(hit, [double, double, lose, None]);
    }

    #[test]
    fn nonsense_is_refused() {
        let board = EventFaultBoard::default();
        let none = PlannedEventFault { calls: 0, ..planned(EventFault::Lose) };
        assert!(matches!(board.add(none), Err(EventFaultRefused::Calls)));
        for seconds in [0, HOLD_SECONDS_MAX + 1] {
            let refused = board.add(planned(EventFault::Hold { seconds }));
            assert!(matches!(refused, Err(EventFaultRefused::Seconds)));
        }
        for _ in 0..FAULTS_MAX {
            board.add(planned(EventFault::Double)).unwrap();
        }
        assert!(matches!(board.add(planned(EventFault::Lose)), Err(EventFaultRefused::Full)));
    }
}
