//! How many tests passed and failed, read from what the test runners print.

/// Tests that passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that ran and held.
    pub passed: u32,
    /// Tests that ran and did not hold.
    pub failed: u32,
}

impl std::ops::AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// Adds up every summary in `text`: the "test result:" lines of cargo and of wasm-bindgen-test,
/// and the closing list of Playwright.
pub fn count(text: &str) -> Count {
    let mut total = Count::default();
    for line in plain(text).lines() {
        total += cargo_line(line)
            .or_else(|| playwright_line(line))
            .unwrap_or_default();
    }
    total
}

/// "test result: ok. 5 passed; 0 failed; 1 ignored; …"
fn cargo_line(line: &str) -> Option<Count> {
    let (_, rest) = line.split_once("test result: ")?;
    let (_, rest) = rest.split_once(". ")?;
    let number = |word: &str| {
        let part = rest
            .split(';')
            .find_map(|part| part.trim().strip_suffix(word));
        part.and_then(|number| number.trim().parse().ok())
    };
    Some(Count {
        passed: number("passed")?,
        failed: number("failed")?,
    })
}

/// "  12 passed (8.1s)", "  1 failed", "  2 flaky", "  3 did not run", each alone on its line.
fn playwright_line(line: &str) -> Option<Count> {
    let rest = line.strip_prefix("  ")?;
    let (number, words) = rest.split_once(' ')?;
    let number = number.parse().ok()?;
    let word = words.split(" (").next()?.trim_end();
    match word {
        // A flaky test held in the end; its first failure stays in the output.
        "passed" | "flaky" => Some(Count {
            passed: number,
            failed: 0,
        }),
        "failed" | "did not run" | "interrupted" => Some(Count {
            passed: 0,
            failed: number,
        }),
        _ => None,
    }
}

/// Removes terminal colours: from an escape character to the letter that ends the sequence.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters
                .by_ref()
                .find(|inner| inner.is_ascii_alphabetic());
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(passed: u32, failed: u32) -> Count {
        Count { passed, failed }
    }

    #[test]
    fn cargo_summaries_are_added_up() {
        let text = "running 7 tests\n\
            test result: ok. 7 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished\n\
            test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(count(text), counted(10, 2));
    }

    #[test]
    fn browser_summaries_and_colours_are_understood() {
        let text = "test result: \u{1b}[32mok\u{1b}[0m. 4 passed; 0 failed; 0 ignored; 0 filtered";
        assert_eq!(count(text), counted(4, 0));
    }

    #[test]
    fn playwright_summaries_are_added_up() {
        let text = "Running 15 tests using 2 workers\n  1 failed\n    [chromium] › a.spec.mjs\n  \
            1 flaky\n  2 skipped\n  3 did not run\n  \u{1b}[32m8 passed\u{1b}[39m (12.3s)\n";
        assert_eq!(count(text), counted(8 + 1, 1 + 3));
    }

    #[test]
    fn other_lines_count_nothing() {
        let text = "12 passed messages\n    3 passed checks\n  ok 1 passed (1s)\ntest a ... ok\n";
        assert_eq!(count(text), Count::default());
    }
}
