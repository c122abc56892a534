//! What a test exercised, noted while it ran, for the coverage table (`cargo xtask coverage`).
//!
//! Nothing is noted unless `CONVERGE_COVERAGE` names a folder. Then each process keeps one file
//! there, with a line for each thing a test did for the first time: test, pattern, kind, id.

use converge_engine::check::{PROPERTIES, State};
use converge_engine::scenario::{Observers, Scenario};
use converge_engine::sim::{Fact, Record};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;

/// Names the folder the notes go to.
pub const FOLDER: &str = "CONVERGE_COVERAGE";

static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Notes of a run which knobs stand at another value than their default, which edges and crash
/// points its records hold, and which invariants it broke.
pub fn saw<'a>(
    scenario: &Scenario,
    records: impl Iterator<Item = &'a Record>,
    observers: Option<&Observers>,
) {
    if folder().is_none() {
        return;
    }
    let off_default = scenario.defaults().into_iter();
    let off_default = off_default.filter(|(knob, default)| knob.value != *default);
    let knobs = off_default.map(|(knob, _)| format!("{}={}", knob.id, knob.value.to_text()));
    note(scenario, "knob", knobs);
    note(scenario, "run", [scenario.preset.id.to_owned()]);
    let moves: BTreeSet<(&str, u32)> = records
        .filter_map(|record| match record.fact {
            Fact::Edge => Some(("edge", record.detail)),
            Fact::Crashed => Some(("crash", record.detail)),
            _ => None,
        })
        .collect();
    for (kind, detail) in moves {
        note(scenario, kind, [detail.to_string()]);
    }
    let broken = |id| observers.is_some_and(|seen| seen.checks.state(id) == State::Broken);
    let broken = PROPERTIES.iter().filter(|property| broken(property.id));
    note(
        scenario,
        "broken",
        broken.map(|property| property.code.to_owned()),
    );
}

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn note(scenario: &Scenario, kind: &str, ids: impl IntoIterator<Item = String>) {
    let Some(folder) = folder() else { return };
    let crate_name = env!("CARGO_CRATE_NAME");
    // The test harness names a test's thread after it; helper threads have no name.
    let thread = std::thread::current();
    let name = thread.name().filter(|name| *name != "main").unwrap_or("*");
    let pattern = scenario.preset.pattern;
    let mut noted = NOTED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut text = String::new();
    for id in ids {
        let line = format!("{crate_name}::{name}\t{pattern}\t{kind}\t{id}\n");
        if noted.insert(line.clone()) {
            text.push_str(&line);
        }
    }
    if text.is_empty() {
        return;
    }
    let path = folder.join(format!("{crate_name}-{}.txt", std::process::id()));
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    assert!(written.is_ok(), "{}: {written:?}", path.display());
}
