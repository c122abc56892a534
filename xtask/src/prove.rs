//! `prove`: the long forms of the proofs. What is finished is kept until the code changes, so an
//! interrupted run goes on where it stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::arguments::{Arguments, Problem};
use crate::embed;
use crate::hash;
use crate::host;
use crate::packed;
use crate::place::Place;
use crate::process::Job;
use crate::serve;
use crate::setup::ensure;
use crate::step::{Browser, E2E, Report, browser_test, cargo, duration, playwright, tested_text};
use crate::tool::Tool;

/// One proof: a test that takes its long form under `CONVERGE_TIER=prove`.
struct Proof {
    name: &'static str,
    says: &'static str,
    runs: Runs,
}

/// Where a proof runs.
enum Runs {
    /// A test of the engine, natively.
    Native,
    /// The engine's golden tests, as wasm.
    Browser(Browser),
    /// Figures in the pages of every docs tool, those among them that take minutes to build.
    Hosts,
    /// The package as it ships, and a figure that can be made to panic: tests/prove.
    Package,
    /// The package as somebody has it who installs it: tests/package.
    Installed,
}

const PROOFS: [Proof; 10] = [
    native("closed_forms", "measured distributions agree with theory"),
    native(
        "matrix",
        "each protection off breaks its invariant, on keeps it",
    ),
    native(
        "determinism",
        "the same scenario gives the same hash, however it is run",
    ),
    native(
        "swarm",
        "every edge, crash point and chance of every room occurs",
    ),
    native(
        "addressed",
        "a changed knob changes no draw at another address",
    ),
    Proof {
        name: "browser_chromium",
        says: "Chromium gives the native hashes",
        runs: Runs::Browser(Browser::Chromium),
    },
    Proof {
        name: "browser_firefox",
        says: "Firefox gives the native hashes",
        runs: Runs::Browser(Browser::Firefox),
    },
    Proof {
        name: "hosts",
        says: "figures live in the pages of every docs tool",
        runs: Runs::Hosts,
    },
    Proof {
        name: "embed",
        says: "figures outlive fifty panics, scroll smoothly and leave nothing behind",
        runs: Runs::Package,
    },
    Proof {
        name: "package",
        says: "the installed package runs a figure of each pattern, within its bytes",
        runs: Runs::Installed,
    },
];

/// A long form may take hours; the limit only catches a browser that died.
const BROWSER_SECONDS: u32 = 6 * 60 * 60;

impl Runs {
    fn tools(&self) -> Vec<Tool> {
        match self {
            Self::Native => Vec::new(),
            Self::Browser(browser) => browser.tools().to_vec(),
            Self::Hosts | Self::Package | Self::Installed => [&serve::BUILD, E2E].concat(),
        }
    }
}

const fn native(name: &'static str, says: &'static str) -> Proof {
    Proof {
        name,
        says,
        runs: Runs::Native,
    }
}

/// Runs the proofs that are not finished for this state of the code.
pub fn prove(place: &Place, words: &[String]) -> Result<(), Problem> {
    let arguments = Arguments::parse(words, &["--again", "--list"], &["--only"])?.no_words()?;
    let only = arguments.only(&PROOFS.map(|proof| proof.name))?;
    let named = |proof: &&Proof| only.is_empty() || only.iter().any(|name| name == proof.name);
    let proofs: Vec<&Proof> = PROOFS.iter().filter(named).collect();
    if arguments.has("--list") {
        for proof in proofs {
            println!("{:<18} {}", proof.name, proof.says);
        }
        return Ok(());
    }
    let folder = place.target().join("prove").join(code_key(place)?);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    println!("results in {}", folder.display());
    let finished = |proof: &Proof| {
        let path = result_path(&folder, proof);
        !arguments.has("--again") && path.is_file()
    };
    let open: Vec<&&Proof> = proofs.iter().filter(|proof| !finished(proof)).collect();
    let needed = open.iter().flat_map(|proof| proof.runs.tools());
    let tools: Vec<Tool> = needed.collect();
    ensure(place, &tools)?;
    let mut failed = Vec::new();
    for (index, proof) in proofs.iter().enumerate() {
        println!(
            "\n=== {}/{} {}: {}",
            index + 1,
            proofs.len(),
            proof.name,
            proof.says
        );
        if finished(proof) {
            println!("=== {} was finished before; --again repeats it", proof.name);
        } else if !run(place, proof, &folder)? {
            failed.push(proof.name);
        }
    }
    if failed.is_empty() {
        println!("\n{} of {} proofs hold", proofs.len(), proofs.len());
        return Ok(());
    }
    Err(Problem::Failed(format!(
        "these do not hold: {}",
        failed.join(", ")
    )))
}

/// Runs one proof and keeps its output under a name that tells whether it holds.
fn run(place: &Place, proof: &Proof, folder: &Path) -> Result<bool, String> {
    let start = Instant::now();
    // A result of an earlier run must not survive one that fails now.
    let path = result_path(folder, proof);
    let _ = fs::remove_file(&path);
    let (report, text) = match job(place, proof).and_then(tested_text) {
        Ok(finished) => finished,
        Err(reason) => (Report::default(), reason),
    };
    let time = duration(start.elapsed());
    let word = if report.ok { "holds" } else { "DOES NOT HOLD" };
    let reason = report.reason.unwrap_or_default();
    let line = format!("{} {word} after {time} {reason}", proof.name);
    println!("=== {}", line.trim_end());
    let kept = if report.ok {
        path
    } else {
        path.with_extension("failed.txt")
    };
    let text = format!("{}\n\n{text}", line.trim_end());
    // Written aside and then renamed: a result is either whole or not there.
    let draft = folder.join(format!("{}.part", proof.name));
    fs::write(&draft, text)
        .and_then(|()| fs::rename(&draft, &kept))
        .map_err(|error| format!("cannot keep the result in {}: {error}", kept.display()))?;
    Ok(report.ok)
}

fn job(place: &Place, proof: &Proof) -> Result<Job, String> {
    let job = match proof.runs {
        Runs::Browser(browser) => browser_test(place, browser, BROWSER_SECONDS)?,
        Runs::Native => {
            let line = "test --profile tests --locked -p converge-engine --test";
            cargo(place, line).argument(proof.name)
        }
        Runs::Hosts => return hosts(place),
        Runs::Package => return package(place),
        Runs::Installed => return packed::job(place),
    };
    // A browser has no environment: the browser tests read the tier when they are compiled.
    let job = job.variable("CONVERGE_TIER", "prove").argument("--");
    Ok(job.argument("--nocapture"))
}

/// Builds the page and all hosts, and opens these.
fn hosts(place: &Place) -> Result<Job, String> {
    serve::build(place)?;
    host::build(place, &host::all())?;
    let job = playwright(place)?.variable("CONVERGE_TIER", "prove");
    Ok(job.argument("/host.spec"))
}

/// Lays out what ships, and beside it a figure that can be made to panic.
fn package(place: &Place) -> Result<Job, String> {
    embed::package(place)?;
    embed::rehearsal(place, "event-based")?;
    Ok(playwright(place)?.argument("--config=tests/prove/playwright.config.mjs"))
}

fn result_path(folder: &Path, proof: &Proof) -> PathBuf {
    folder.join(format!("{}.txt", proof.name))
}

/// Names the state of the code: the commit, or a hash of the files when they differ from it.
fn code_key(place: &Place) -> Result<String, String> {
    let git = |line: &str| Job::new(place, "git", line).ask();
    let changes = git("status --porcelain")
        .ok_or("git does not know this folder; proofs are kept by the state of the code")?;
    let commit = git("rev-parse --short=12 HEAD").filter(|_| changes.trim().is_empty());
    if let Some(commit) = commit {
        return Ok(commit.trim().to_owned());
    }
    let files = git("ls-files --cached --others --exclude-standard").unwrap_or_default();
    Ok(format!(
        "dirty-{:016x}",
        hash::of_files(place, files.lines())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<&str> = PROOFS.iter().map(|proof| proof.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PROOFS.len());
    }
}
