//! What the developer sees while it goes on.

use std::time::{Duration, Instant};

/// Tells what is being done, with the time since the start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    started: Instant,
}

impl Progress {
    /// The clock starts now.
    pub(crate) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Prints one line with the time since the start.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        println!("[{}] {}", clock(self.elapsed()), text.as_ref());
    }

    /// Announces a step, does it, tells how long it took.
    pub(crate) fn step<T>(
        &self,
        what: impl AsRef<str>,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let what = what.as_ref();
        self.say(format!("{what} …"));
        let began = Instant::now();
        let outcome = work();
        let took = seconds(began.elapsed());
        match &outcome {
            Ok(_) => self.say(format!("{what}: done in {took}")),
            Err(_) => self.say(format!("{what}: FAILED after {took}")),
        }
        outcome
    }
}

/// `12.3 s`, or `4 min 05 s` from a minute on.
pub(crate) fn seconds(time: Duration) -> String {
    if time < Duration::from_secs(60) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// `m:ss`, as wide as a run of up to 99 minutes needs.
fn clock(time: Duration) -> String {
    format!("{:>2}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        assert_eq!(seconds(Duration::from_millis(12_340)), "12.3 s");
        assert_eq!(seconds(Duration::from_secs(245)), "4 min 05 s");
        assert_eq!(clock(Duration::from_secs(65)), " 1:05");
    }
}
