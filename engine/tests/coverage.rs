//! The coverage table: every knob, failure mode, state-machine edge and crash point of the sheets,
//! against the test or preset that exercises it.
//!
//! Nothing is claimed by hand. An entry counts only if a record of that edge, or the knob at another
//! value than its default, occurred while that test ran: the tests note what they do (`witness`), the
//! presets are run here. `cargo xtask coverage` runs all of them and then this.

#![cfg(not(target_arch = "wasm32"))]

#[path = "coverage/judge.rs"]
mod judge;
#[path = "coverage/sheet.rs"]
#[expect(dead_code, reason = "chances are the business of the swarm")]
mod sheet;
#[path = "witness/mod.rs"]
mod witness;

use converge_engine::scenario::{PATTERNS, PRESETS, Run, Scenario};
use converge_engine::sim::RecordId;
use converge_engine::store::machine;
use converge_engine::store::saga::{
    SAGA_EDGES, STEP_EDGES, SagaState, StepState, UNLOGGED_SAGA_EDGES, UNLOGGED_STEP_EDGES,
};
use judge::{Note, entries, judge};
use sheet::SHEETS;
use std::collections::BTreeSet;
use std::io::Write as _;

/// Runs every preset in a thread of its name, so that the notes bear it.
fn run_presets() {
    for preset in PRESETS {
        let name = format!("preset {}", preset.id);
        let run = move || {
            let scenario = Scenario::of(preset);
            let mut run = Run::new(&scenario);
            run.finish();
            let records = run.journal().iter_from(RecordId(0));
            let records = records.map(|(_, record)| record);
            witness::saw(&scenario, records, Some(run.head_observers()));
        };
        let thread = std::thread::Builder::new().name(name).spawn(run);
        let done = thread.map(std::thread::JoinHandle::join);
        assert!(matches!(done, Ok(Ok(()))), "{}", preset.id);
    }
}

/// The notes of all tests.
fn notes(folder: &std::path::Path) -> Vec<Note> {
    let files = std::fs::read_dir(folder).expect("the folder of the notes");
    let files = files.filter_map(|file| std::fs::read_to_string(file.ok()?.path()).ok());
    let text: Vec<String> = files.collect();
    let lines = text.iter().flat_map(|text| text.lines());
    lines.filter_map(Note::read).collect()
}

#[test]
#[ignore = "it reads what the other tests noted: cargo xtask coverage"]
fn everything_of_the_sheets_is_exercised() {
    let folder = std::env::var_os(witness::FOLDER);
    let folder = folder.unwrap_or_else(|| panic!("{} names no folder", witness::FOLDER));
    run_presets();
    let notes = notes(folder.as_ref());
    let (table, wrong) = judge(&notes);
    let _ = write!(std::io::stdout(), "{table}");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every pattern has a sheet, and no entry stands twice.
#[test]
fn the_sheets_are_whole() {
    let patterns: Vec<&str> = PATTERNS.iter().map(|pattern| pattern.id).collect();
    let sheets: Vec<&str> = SHEETS.iter().map(|sheet| sheet.pattern).collect();
    assert_eq!(sheets, patterns);
    for sheet in SHEETS {
        let all = entries(sheet);
        let distinct: BTreeSet<&str> = all.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(distinct.len(), all.len(), "{}", sheet.pattern);
        assert!(all.len() > 50, "{}: {} entries", sheet.pattern, all.len());
    }
}

/// What the check of a saga's moves allows is what the sheets list.
#[test]
fn the_sheets_and_the_law_of_sagas_agree() {
    let listed = |pattern: &str| -> BTreeSet<u32> {
        let sheet = SHEETS.iter().find(|sheet| sheet.pattern == pattern);
        let machines = sheet.into_iter().flat_map(|sheet| sheet.machines);
        let edges = machines
            .flat_map(|one| one.edges)
            .map(|(detail, _)| *detail);
        let law = [machine::SAGA, machine::STEP].map(u32::from);
        edges.filter(|edge| law.contains(&(edge >> 16))).collect()
    };
    let all = |sagas: &[(SagaState, SagaState)], steps: &[(StepState, StepState)]| {
        let sagas = sagas.iter().map(|(from, to)| from.edge(*to));
        let steps = steps.iter().map(|(from, to)| from.edge(*to));
        sagas.chain(steps).collect::<BTreeSet<u32>>()
    };
    let logged = all(SAGA_EDGES, STEP_EDGES);
    assert_eq!(listed("saga"), logged);
    let further = all(UNLOGGED_SAGA_EDGES, UNLOGGED_STEP_EDGES);
    let requests = listed("request-reply");
    assert!(requests.is_superset(&further), "{further:?} {requests:?}");
    assert!(requests.is_subset(&(&logged | &further)), "{requests:?}");
}

/// The judge itself: it must miss what was not noted, and refuse an edge that no sheet has.
#[test]
fn the_judge_misses_what_is_not_there() {
    let (_, missing) = judge(&[]);
    let expected: usize = SHEETS.iter().map(|sheet| entries(sheet).len()).sum();
    assert_eq!(missing.len(), expected, "nothing noted, so all is missing");
    let note = |line: &str| Note::read(line).unwrap_or_else(|| panic!("{line}"));
    let moved = [note("t\tevent-based\tedge\t65793")];
    let (_, wrong) = judge(&moved);
    // Absent → Absent of the outbox is on no sheet.
    assert_eq!(wrong.len(), expected + 1, "{:?}", wrong.last());
    let knob = [note("t\tevent-based\tknob\tinbox=off")];
    assert_eq!(judge(&knob).1.len(), expected - 1, "one knob is there");
    // A failure mode needs a run of a test that bears its number, to the end of it.
    let other = [note(
        "failure_modes::loss::e10_x\tevent-based\trun\torder-invoice",
    )];
    let (_, wrong) = judge(&other);
    assert_eq!(wrong.len(), expected - 1);
    assert!(wrong.iter().any(|line| line.contains("failure mode E1 ")));
    assert!(!wrong.iter().any(|line| line.contains("failure mode E10 ")));
}
