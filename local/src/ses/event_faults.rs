//! Faults of events: "the next bounce is lost".
//!
//! The way from SES to a queue may lose an event, bring it twice or late. A fault
//! is used up by the events that come about after it was planned, in the order in
//! which faults were added; only those that the destination takes count.

use serde::{Deserialize, Serialize};

use super::event::EventKind;
use crate::faults::{Board, FaultRefused, Plan, one};

/// Where they are planned.
pub(super) const PATH: &str = "/_local/event-faults";

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

/// The faults that wait for events. Clones share the same board.
pub type EventFaultBoard = Board<PlannedEventFault>;

impl Plan for PlannedEventFault {
    type Fault = EventFault;
    /// An event of this kind about these recipients.
    type Call<'a> = (EventKind, &'a [String]);

    fn check(&self, _: &'static [&'static str]) -> Result<(), FaultRefused> {
        match self.fault {
            EventFault::Hold { seconds } if !(1..=HOLD_SECONDS_MAX).contains(&seconds) => {
                Err(FaultRefused::Seconds(HOLD_SECONDS_MAX))
            }
            _ => Ok(()),
        }
    }

    fn calls(&mut self) -> &mut u32 {
        &mut self.calls
    }

    fn hits(&self, (kind, recipients): Self::Call<'_>) -> bool {
        self.event.is_none_or(|event| event == kind)
            && self.only.as_deref().is_none_or(|only| {
                recipients.iter().any(|recipient| recipient.eq_ignore_ascii_case(only))
            })
    }

    fn fault(&self) -> EventFault {
        self.fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(fault: EventFault) -> PlannedEventFault {
        PlannedEventFault { fault, calls: 1, only: None, event: None }
    }

    #[test]
    fn faults_hit_the_events_that_they_are_meant_for() {
        let board = EventFaultBoard::new(&[]);
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
        .map(|(kind, to)| board.take((kind, to)))
        .collect();
        let (lose, double) = (Some(EventFault::Lose), Some(EventFault::Double));
        assert_eq!(hit, [double, double, lose, None]);
    }

    #[test]
    fn nonsense_is_refused() {
        let board = EventFaultBoard::new(&[]);
        let none = PlannedEventFault { calls: 0, ..planned(EventFault::Lose) };
        assert!(matches!(board.add(none), Err(FaultRefused::Calls)));
        for seconds in [0, HOLD_SECONDS_MAX + 1] {
            let refused = board.add(planned(EventFault::Hold { seconds }));
            assert!(matches!(refused, Err(FaultRefused::Seconds(_))));
        }
    }
}
