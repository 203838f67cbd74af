//! Counting what test runners say they ran.

use std::ops::AddAssign;

/// How many tests passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Those that passed.
    pub(crate) passed: u64,
    /// Those that did not.
    pub(crate) failed: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Totals {
    /// What a line of a test program adds: only its result lines add anything.
    pub(crate) fn of_line(line: &str) -> Self {
        // Node's, in the form that other programs read.
        let node = |what: &str| line.strip_prefix(what)?.trim().parse().ok();
        if let Some(passed) = node("# pass ") {
            return Self { passed, failed: 0 };
        }
        if let Some(failed) = node("# fail ") {
            return Self { passed: 0, failed };
        }
        let Some((_, counts)) = line.trim().split_once("test result: ") else {
            return Self::default();
        };
        let count = |what: &str| {
            counts
                .split([';', '.'])
                .find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
                .unwrap_or(0)
        };
        Self { passed: count("passed"), failed: count("failed") }
    }
}

/// Lines of a failed test that are told again at the end: its name, and where
/// its runner says why at once, that.
const LINES_PER_FAILURE: usize = 4;
/// Lines that are told again at all.
const LINES_MAX: usize = 60;
/// Characters of each.
const LINE_CHARS_MAX: usize = 200;

/// What is said of the tests that failed, to be told once more at the end.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    pub(crate) lines: Vec<String>,
    /// Lines that may still belong to the failure told last.
    left: usize,
}

impl Failures {
    /// Takes down a line if it tells of a failure.
    pub(crate) fn note(&mut self, line: &str) {
        let is_name = line.starts_with("test ") && line.contains(" ... FAILED")
            || line.starts_with("not ok ");
        // A panic's message stands apart from its test, which libtest says first.
        let is_panic = line.starts_with("thread '") && line.contains(" panicked at ");
        if is_name || is_panic {
            self.left = LINES_PER_FAILURE;
        } else if line.is_empty() || line.starts_with("test ") || line.starts_with("stack ") {
            self.left = 0;
        }
        if self.left > 0 && self.lines.len() < LINES_MAX {
            self.left -= 1;
            self.lines.push(line.chars().take(LINE_CHARS_MAX).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_again_with_its_reason() {
        let printed = "test port::works ... ok\n\
            test port::breaks ... FAILED\n\
            test port::holds ... ok\n\n\
            thread 'port::breaks' (7) panicked at src/port.rs:1:2:\n\
            left is not right\nstack backtrace:\n   0: begin\n\
            test a walk ... FAILED (1.0 s)\n    Error: no button\n\n\
            not ok 3 - keeps a page\ntest result: FAILED. 1 passed; 1 failed";
        let mut failures = Failures::default();
        printed.lines().for_each(|line| failures.note(line));
        let expected = [
            "test port::breaks ... FAILED",
            "thread 'port::breaks' (7) panicked at src/port.rs:1:2:",
            "left is not right",
            "test a walk ... FAILED (1.0 s)",
            "    Error: no button",
            "not ok 3 - keeps a page",
        ];
        assert_eq!(failures.lines, expected);
        for _ in 0..LINES_MAX {
            failures.note("not ok 4");
        }
        assert_eq!(failures.lines.len(), LINES_MAX);
    }

    #[test]
    fn only_result_lines_count() {
        let cases = [
            (
                "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
                (12, 0),
            ),
            (
                "test result: FAILED. 3 passed; 14 failed; 1 ignored; 0 measured; 2 filtered out",
                (3, 14),
            ),
            // ops/pipeline/tests.py
            ("test result: FAILED. 8 passed; 2 failed", (8, 2)),
            // node --test
            ("# pass 9", (9, 0)),
            ("# fail 2", (0, 2)),
            ("# passing by", (0, 0)),
            ("test port::tests::says_5_passed ... ok", (0, 0)),
            ("running 3 tests", (0, 0)),
            ("", (0, 0)),
        ];
        for (line, (passed, failed)) in cases {
            assert_eq!(Totals::of_line(line), Totals { passed, failed }, "{line}");
        }
    }

    #[test]
    fn totals_add_up() {
        let mut totals = Totals::default();
        totals += Totals { passed: 2, failed: 1 };
        totals += Totals { passed: 3, failed: 0 };
        assert_eq!(totals, Totals { passed: 5, failed: 1 });
    }
}
