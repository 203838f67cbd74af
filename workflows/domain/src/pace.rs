//! How fast mails go out, over all functions that send at the same time.
//!
//! SES grants a rate. What may go out is reckoned by the generic cell rate
//! algorithm (ITU-T I.371): one number, the time at which all that was permitted
//! has gone out at that rate. It may lie ahead of now by a small burst. Large
//! fan-outs may use half of the burst only, so that while they take all that
//! there is, a small one finds the other half: it never waits behind them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::limits;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// A fan-out of at most [`limits::SMALL_FAN_OUT_FOLLOWS`].
    Small,
    /// A larger one.
    Large,
}

impl Lane {
    /// The lane of a fan-out to so many.
    #[must_use]
    pub const fn of(follows: u64) -> Self {
        if follows <= limits::SMALL_FAN_OUT_FOLLOWS { Self::Small } else { Self::Large }
    }

    /// How far ahead of now it may take.
    fn window(self) -> SignedDuration {
        let burst = SignedDuration::from_secs(limits::PERMIT_BURST_SECONDS.into());
        match self {
            Self::Small => burst,
            Self::Large => burst / 2,
        }
    }
}

/// Mails a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

impl Rate {
    /// So many, at least one.
    #[must_use]
    pub const fn per_second(mails: u32) -> Self {
        Self(if mails == 0 { 1 } else { mails })
    }

    /// Mails for which one permit is asked: the more, the more are granted, but no
    /// more than fit into the burst of a large fan-out.
    #[must_use]
    pub fn mails_per_permit(self) -> u32 {
        let fit = self.0.saturating_mul(limits::PERMIT_BURST_SECONDS) / 2;
        let wanted = (self.0 / limits::PERMITS_PER_SECOND)
            .clamp(limits::MAILS_PER_PERMIT, limits::MAILS_PER_PERMIT_MAX);
        fit.clamp(1, wanted)
    }

    /// How long so many take.
    fn time_of(self, mails: u32) -> SignedDuration {
        let nanos = u64::from(mails) * 1_000_000_000 / u64::from(self.0);
        SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}

/// What came of asking for a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Go. This is the time at which all that was permitted will have gone out.
    Granted(Timestamp),
    /// Ask again after so long.
    After(SignedDuration),
}

/// Asks for a permit of so many mails, at most [`Rate::mails_per_permit`].
/// `until` is the time at which all that was permitted before will have gone out.
#[must_use]
pub fn permit(
    until: Option<Timestamp>,
    rate: Rate,
    lane: Lane,
    mails: u32,
    now: Timestamp,
) -> Permit {
    // Twice the burst ahead is nothing that was permitted, but a clock that was
    // ahead: it stops nobody.
    let latest = now.saturating_add(Lane::Small.window() * 2).unwrap_or(now);
    let from = until.filter(|until| (now..latest).contains(until)).unwrap_or(now);
    let wanted = from.saturating_add(rate.time_of(mails)).unwrap_or(from);
    let ahead = wanted.duration_since(now);
    if ahead <= lane.window() {
        Permit::Granted(wanted)
    } else {
        Permit::After(ahead - lane.window())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    /// Somebody who asks as often as they may, and how many mails they got out by
    /// when.
    struct Sender {
        lane: Lane,
        asks_at: Timestamp,
        sent: u32,
    }

    impl Sender {
        fn new(lane: Lane) -> Self {
            Self { lane, asks_at: start(), sent: 0 }
        }
    }

    /// Lets all ask until the end; every ask is in the order of time.
    fn play(rate: Rate, senders: &mut [Sender], seconds: i64) {
        let end = start() + SignedDuration::from_secs(seconds);
        let mut until = None;
        while let Some(next) = senders.iter_mut().min_by_key(|sender| sender.asks_at)
            && next.asks_at < end
        {
            let mails = rate.mails_per_permit();
            match permit(until, rate, next.lane, mails, next.asks_at) {
                Permit::Granted(new) => {
                    until = Some(new);
                    next.sent += mails;
                    next.asks_at += SignedDuration::from_millis(1);
                }
                Permit::After(wait) => next.asks_at += wait.max(SignedDuration::from_millis(1)),
            }
        }
    }

    proptest! {
        #[test]
        fn no_more_goes_out_than_the_rate_and_its_burst(
            rate in 1u32..2_000, large in 1usize..6, small in 0usize..4, seconds in 1i64..20,
        ) {
            let mut senders: Vec<Sender> = (0..large).map(|_| Sender::new(Lane::Large)).collect();
            senders.extend((0..small).map(|_| Sender::new(Lane::Small)));
            play(Rate::per_second(rate), &mut senders, seconds);
            let sent: i64 = senders.iter().map(|sender| i64::from(sender.sent)).sum();
            let most = i64::from(rate) * (seconds + i64::from(limits::PERMIT_BURST_SECONDS));
            prop_assert!(sent <= most, "{sent} of {most}");
            // All of it is used.
            prop_assert!(sent >= i64::from(rate) * seconds - 1, "{sent} in {seconds} s");
        }

        #[test]
        fn a_large_fan_out_never_starves_a_small_one(rate in 1u32..2_000, large in 1usize..20) {
            let mut senders: Vec<Sender> = (0..large).map(|_| Sender::new(Lane::Large)).collect();
            senders.push(Sender::new(Lane::Small));
            play(Rate::per_second(rate), &mut senders, 10);
            let small = senders.last().unwrap().sent;
            // As good as alone, but for what the large ones had taken at first.
            prop_assert!(small >= rate * 8, "{small} in 10 s at {rate} a second");
        }
    }

    #[test]
    fn a_permit_is_for_more_mails_where_more_are_granted() {
        let granted = [1, 5, 14, 100, 250, 500, 1_000, 5_000];
        let mails = granted.map(|rate| Rate::per_second(rate).mails_per_permit());
        assert_eq!(mails, [1, 5, 10, 10, 10, 20, 40, 40]);
    }

    #[test]
    fn a_clock_that_was_ahead_stops_nobody() {
        for (ahead, most) in [(3, 3), (5, 0), (5 * 3_600, 0)] {
            let later = start() + SignedDuration::from_secs(ahead);
            match permit(Some(later), Rate::per_second(14), Lane::Large, 10, start()) {
                Permit::Granted(_) => assert_eq!(most, 0),
                Permit::After(wait) => {
                    assert!(wait < SignedDuration::from_secs(most), "{ahead} {wait:?}");
                }
            }
        }
    }
}
