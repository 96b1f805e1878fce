//! Counting tests: what the runners say at their end, and the sum over all of them.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were skipped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Tally {
    /// Sums the closing lines of `cargo test` and `cargo nextest` in what they printed.
    pub(crate) fn of_output(output: &str) -> Self {
        let mut sum = Self::default();
        for line in output.lines().map(without_colour) {
            // Not `contains`: nextest shows, indented, what a failed test printed, which has such a line too.
            let of_cargo = line.strip_prefix("test result:");
            let of_nextest = || line.trim_start().strip_prefix("Summary [")?.split_once("run:");
            if let Some(counts) = of_cargo.or_else(|| of_nextest().map(|(_, counts)| counts)) {
                sum += Self::of_counts(counts);
            }
        }
        sum
    }

    /// Reads the closing line of pytest, the last that says how long it took.
    pub(crate) fn of_pytest(output: &str) -> Self {
        let closing = output.lines().rev().find(|line| line.contains(" in ") && !Self::of_counts(line).is_empty());
        closing.map_or_else(Self::default, Self::of_counts)
    }

    fn is_empty(self) -> bool {
        self == Self::default()
    }

    fn of_counts(counts: &str) -> Self {
        let mut tally = Self::default();
        let words: Vec<&str> = counts.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u64>() else {
                continue;
            };
            match pair[1] {
                "passed" => tally.passed += count,
                "failed" | "exec" | "timed" | "error" | "errors" => tally.failed += count,
                "ignored" | "skipped" => tally.skipped += count,
                _ => {}
            }
        }
        tally
    }
}

/// The line without the escape sequences that colour it.
fn without_colour(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_summed() {
        let output = "test a ... ok\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Tally::of_output(output), Tally { passed: 4, failed: 2, skipped: 1 });
    }

    #[test]
    fn the_summary_of_nextest_is_read_through_colour() {
        let output = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.012s] \u{1b}[1m9\u{1b}[0m tests run: \u{1b}[1m5\u{1b}[0m \
                      passed (1 slow), 2 failed, 1 exec failed, 1 timed out, 7 skipped\n";
        assert_eq!(Tally::of_output(output), Tally { passed: 5, failed: 4, skipped: 7 });
    }

    #[test]
    fn the_closing_line_of_pytest_is_read() {
        let output = "....F\n1 failed, 4 passed in the log\n== 2 failed, 60 passed, 1 skipped, 3 errors in 9.87s ==\n";
        assert_eq!(Tally::of_pytest(output), Tally { passed: 60, failed: 5, skipped: 1 });
        assert_eq!(Tally::of_pytest("no tests ran in 0.01s\n"), Tally::default());
    }

    #[test]
    fn other_lines_do_not_count() {
        assert_eq!(Tally::of_output("3 passed, 1 failed\nrun: 4 passed\n"), Tally::default());
    }
}
