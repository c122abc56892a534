//! One step of the tests: what it is called, what it needs, and how it is run.

use std::time::Duration;

use crate::count::{Count, count};
use crate::coverage;
use crate::host;
use crate::place::Place;
use crate::process::Job;
use crate::serve;
use crate::size;
use crate::tool::{CHROMIUM, Tool};

/// A step of the tests. Steps of one group are chosen together.
pub struct Step {
    /// What `--only` names.
    pub group: &'static str,
    /// What the summary shows.
    pub title: &'static str,
    /// What must be installed.
    pub tools: &'static [Tool],
    /// A group that must have succeeded before.
    pub after: Option<&'static str>,
    /// Runs it.
    pub run: fn(&Place) -> Result<Report, String>,
}

/// What came of a step.
#[derive(Debug, Default)]
pub struct Report {
    /// True when nothing failed.
    pub ok: bool,
    /// The tests that were counted, if the step has any.
    pub count: Count,
    /// Why it failed, where the output does not say so.
    pub reason: Option<String>,
}

const BROWSER: &[Tool] = &[Tool::WasmTarget, Tool::WasmBindgen, Tool::Chromium];
const FIREFOX: &[Tool] = &[
    Tool::WasmTarget,
    Tool::WasmBindgen,
    Tool::Firefox,
    Tool::Geckodriver,
];
/// What the end-to-end tests need, the tools among it that build pages with figures in them.
pub const E2E: &[Tool] = &[Tool::Playwright, Tool::Chromium, Tool::Mdbook, Tool::Mkdocs];
const WASM: &str = "wasm32-unknown-unknown";

/// Every step, in the order of the run: what is quick and often wrong comes first.
pub const STEPS: [Step; 13] = [
    Step {
        group: "fmt",
        title: "formatting",
        tools: &[],
        after: None,
        run: |place| checked(cargo(place, "fmt --all --check")),
    },
    Step {
        group: "clippy",
        title: "lints, native",
        tools: &[],
        after: None,
        run: |place| {
            let line = "clippy --workspace --all-targets --locked -- -D warnings";
            checked(cargo(place, line))
        },
    },
    Step {
        group: "clippy",
        title: "lints, wasm",
        tools: &[Tool::WasmTarget],
        after: None,
        run: |place| {
            let line = "clippy -p converge -p converge-engine --locked --target";
            checked(
                cargo(place, line)
                    .argument(WASM)
                    .argument("--")
                    .argument("-Dwarnings"),
            )
        },
    },
    Step {
        group: "native",
        title: "engine, optimised",
        tools: &[],
        after: None,
        // The statistical tests draw millions of samples; without optimisation they take minutes.
        run: |place| {
            let line = "test --profile tests --locked --no-fail-fast -p converge-engine";
            tested(coverage::noted(place, cargo(place, line))?)
        },
    },
    Step {
        group: "native",
        title: "engine, golden, debug",
        tools: &[],
        after: None,
        // Overflow checks are on here, and optimisation must not change a hash.
        run: |place| {
            tested(cargo(
                place,
                "test --locked -p converge-engine --test golden",
            ))
        },
    },
    Step {
        group: "native",
        title: "engine, golden, release",
        tools: &[],
        after: None,
        // The profile that ships: link-time optimisation must not change a hash either.
        run: |place| {
            let line = "test --release --locked -p converge-engine --test golden";
            tested(cargo(place, line))
        },
    },
    Step {
        group: "native",
        title: "app and the rest",
        tools: &[],
        after: None,
        run: |place| {
            let line = "test --workspace --exclude converge-engine --locked --no-fail-fast";
            tested(cargo(place, line))
        },
    },
    Step {
        group: "coverage",
        title: "coverage of the sheets",
        tools: &[],
        after: Some("native"),
        run: coverage::table,
    },
    Step {
        group: "golden",
        title: "golden in Chromium",
        tools: BROWSER,
        after: None,
        run: |place| tested(browser_test(place, Browser::Chromium, 600)?),
    },
    Step {
        group: "golden",
        title: "golden in Firefox",
        tools: FIREFOX,
        after: None,
        run: |place| tested(browser_test(place, Browser::Firefox, 600)?),
    },
    Step {
        group: "build",
        title: "release build",
        tools: &serve::BUILD,
        after: None,
        run: |place| checked(serve::release(place)),
    },
    Step {
        group: "e2e",
        title: "end to end",
        tools: &[Tool::Playwright, Tool::Chromium, Tool::Mdbook, Tool::Mkdocs],
        after: Some("build"),
        run: end_to_end,
    },
    Step {
        group: "size",
        title: "size of the page",
        tools: &[],
        after: Some("build"),
        run: |place| {
            size::report(place)?;
            Ok(Report {
                ok: true,
                ..Report::default()
            })
        },
    },
];

/// The browsers that wasm-bindgen-test can drive here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Driven by chromedriver.
    Chromium,
    /// Driven by geckodriver.
    Firefox,
}

impl Browser {
    /// The tools a test in this browser needs.
    pub fn tools(self) -> &'static [Tool] {
        match self {
            Self::Chromium => BROWSER,
            Self::Firefox => FIREFOX,
        }
    }
}

/// Prepares the engine's golden tests as wasm in a browser, which gets `seconds` to finish them.
pub fn browser_test(place: &Place, browser: Browser, seconds: u32) -> Result<Job, String> {
    let find = |program: &str| {
        let path = place.which(program);
        path.ok_or_else(|| format!("{program} is missing; run: cargo xtask setup"))
    };
    // The runner takes the first driver it is told of, so it is told of one only.
    let (variable, other, driver) = match browser {
        Browser::Chromium => ("CHROMEDRIVER", "GECKODRIVER", "chromedriver"),
        Browser::Firefox => ("GECKODRIVER", "CHROMEDRIVER", "geckodriver"),
    };
    let line = "test --release --locked -p converge-engine --test browser --target";
    let runner = find("wasm-bindgen-test-runner")?;
    Ok(cargo(place, line)
        .argument(WASM)
        .variable("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .variable(variable, find(driver)?)
        .without(other)
        // Cargo starts the runner in the package's folder, where it would not find this file.
        .variable(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            place.root.join("webdriver.json"),
        )
        .variable("WASM_BINDGEN_TEST_TIMEOUT", seconds.to_string()))
}

/// Prepares a cargo command in the clone.
pub fn cargo(place: &Place, line: &str) -> Job {
    Job::new(place, "cargo", line)
}

/// Runs a job that either holds or does not.
fn checked(job: Job) -> Result<Report, String> {
    let finished = job.forward()?;
    Ok(Report {
        ok: finished.ok,
        ..Report::default()
    })
}

/// Runs a job that counts tests.
pub fn tested(job: Job) -> Result<Report, String> {
    tested_text(job).map(|(report, _)| report)
}

/// Runs a job that counts tests, and returns what it said as well. A run without a single test
/// proves nothing, so it fails.
pub fn tested_text(job: Job) -> Result<(Report, String), String> {
    let finished = job.forward()?;
    let count = count(&finished.text);
    let none = count == Count::default() && finished.ok;
    let report = Report {
        ok: finished.ok && !none,
        count,
        reason: none.then(|| "it ran no tests".to_owned()),
    };
    Ok((report, finished.text))
}

fn end_to_end(place: &Place) -> Result<Report, String> {
    host::build(place, &[])?;
    tested(playwright(place)?)
}

/// Prepares the end-to-end tests of what is in `dist`.
pub fn playwright(place: &Place) -> Result<Job, String> {
    if !place.root.join("tests").join("e2e").is_dir() {
        return Err("tests/e2e is missing; is the clone complete?".to_owned());
    }
    let chromium = CHROMIUM.iter().find_map(|program| place.which(program));
    let chromium = chromium.ok_or("Chromium is missing; run: cargo xtask setup")?;
    let server = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(Job::new(place, "playwright", "test")
        .variable("CONVERGE_CHROMIUM", chromium)
        .variable("CONVERGE_PORT", serve::free_port()?.to_string())
        .variable("CONVERGE_XTASK", server))
}

/// Shows a duration as people say it: "0.4 s", "12.0 s", "3 min 05 s".
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 100 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }

    #[test]
    fn a_step_comes_after_what_it_needs() {
        for (index, step) in STEPS.iter().enumerate() {
            if let Some(after) = step.after {
                let before = &STEPS[..index];
                assert!(
                    before.iter().any(|other| other.group == after),
                    "{}",
                    step.title
                );
            }
        }
    }
}
