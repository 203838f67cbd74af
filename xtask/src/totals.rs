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

#[cfg(test)]
mod tests {
    use super::*;

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
