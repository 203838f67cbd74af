//! What becomes of a mail that was claimed and never marked.
//!
//! SES has no idempotency token, so a mail is claimed, sent, and marked as sent.
//! Between its acceptance and the mark lies a window in which a function can be
//! killed or an answer lost (`docs/adr/0002`). SES tells of each mail that it
//! accepts by an event, some seconds later: an event settles a claim as sent.
//! That there is none says that the mail was not sent only if events do arrive,
//! and if nobody has seen the mail leave.

use jiff::{SignedDuration, Timestamp};

use crate::limits;

/// A claim without a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenClaim {
    /// Since when it is somebody's.
    pub since: Timestamp,
    /// Whether its sender saw that the answer was lost: the mail left for SES.
    pub answer_lost: bool,
}

/// How long things take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After so long an event of a mail that was accepted has come. A sender that
    /// claimed a mail lives for less than half of it.
    pub settle: SignedDuration,
    /// After so long no event of a mail that was seen to leave is expected any more;
    /// after [`limits::SIGN_PATIENCE`] times as long no sign that events arrive.
    pub give_up: SignedDuration,
}

impl Patience {
    /// These times, in seconds.
    #[must_use]
    pub fn of_seconds(settle: u32, give_up: u32) -> Self {
        let seconds = |seconds: u32| SignedDuration::from_secs(seconds.into());
        Self { settle: seconds(settle), give_up: seconds(give_up) }
    }
}

/// What is to be done about an open claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Its event may still come.
    Wait,
    /// Its event would have come by now, but so far nothing shows that events
    /// arrive at all.
    AskForASign,
    /// It was not sent: its sender died before.
    SendAgain,
    /// Nobody will ever know. It is never sent again.
    GiveUp,
}

impl OpenClaim {
    /// What is to be done now. `last_event` is when SES accepted the latest mail
    /// that an event has told of.
    #[must_use]
    pub fn next(self, last_event: Option<Timestamp>, now: Timestamp, patience: Patience) -> Next {
        let age = now.duration_since(self.since);
        if age < patience.settle {
            return Next::Wait;
        }
        // Its sender saw it leave: only an event can say more.
        if self.answer_lost {
            return if age < patience.give_up { Next::Wait } else { Next::GiveUp };
        }
        // Half of it is beyond the life of the sender, and the other half is what
        // an event may take: one of a mail that was sent after the sender's death
        // has come, so that its own would have, too.
        let dead = self.since.saturating_add(patience.settle / 2);
        match dead {
            // However old it is: its page may have been halted for days, or be one of
            // a fan-out that takes as long.
            Ok(dead) if last_event.is_some_and(|last| last >= dead) => Next::SendAgain,
            _ if age < patience.give_up * limits::SIGN_PATIENCE => Next::AskForASign,
            _ => Next::GiveUp,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    const PATIENCE: u32 = 600;
    const DAY: i64 = 24 * 3_600;

    fn next(answer_lost: bool, last_event: Option<i64>, now: i64) -> Next {
        let claim = OpenClaim { since: at(0), answer_lost };
        claim.next(last_event.map(at), at(now), Patience::of_seconds(PATIENCE, 24 * 3_600))
    }

    #[test]
    fn a_claim_whose_sender_died_is_free_once_events_are_seen_to_arrive() {
        for (answer_lost, last_event, now, expected) in [
            (false, None, 599, Next::Wait),
            (false, Some(599), 599, Next::Wait),
            (false, None, 600, Next::AskForASign),
            (false, Some(299), 900, Next::AskForASign),
            (false, Some(300), 600, Next::SendAgain),
            (true, Some(300), 600, Next::Wait),
            (true, Some(300), DAY - 1, Next::Wait),
            (true, Some(300), DAY, Next::GiveUp),
            (false, Some(300), DAY, Next::SendAgain),
            (false, Some(300), 30 * DAY, Next::SendAgain),
            (false, Some(299), DAY, Next::AskForASign),
            (false, None, 7 * DAY - 1, Next::AskForASign),
            (false, None, 7 * DAY, Next::GiveUp),
        ] {
            assert_eq!(next(answer_lost, last_event, now), expected, "{last_event:?} {now}");
        }
    }

    proptest! {
        #[test]
        fn what_was_seen_to_leave_is_never_sent_again(
            last in proptest::option::of(-10_000..200_000i64), now in -10_000..200_000i64,
        ) {
            prop_assert!(!matches!(next(true, last, now), Next::SendAgain));
        }

        #[test]
        fn what_died_is_given_up_only_where_events_are_not_seen_to_arrive(
            last in 300..2_000_000i64, now in 0..2_000_000i64,
        ) {
            prop_assert!(!matches!(next(false, Some(last), now), Next::GiveUp));
        }

        #[test]
        fn nothing_is_sent_again_before_an_event_could_have_come(
            last in proptest::option::of(-10_000..200_000i64), now in -10_000..200_000i64,
        ) {
            if next(false, last, now) == Next::SendAgain {
                prop_assert!(now >= i64::from(PATIENCE) && last.unwrap() >= i64::from(PATIENCE) / 2);
            }
        }
    }
}
