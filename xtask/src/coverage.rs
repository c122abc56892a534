//! `coverage`: every knob, failure mode and state-machine edge of the sheets, against the test or
//! preset that exercises it.

use std::path::PathBuf;

use crate::place::Place;
use crate::process::Job;
use crate::step::{Report, cargo, tested};

/// Names, to the engine's tests, the folder where they note what they exercise.
const FOLDER: &str = "CONVERGE_COVERAGE";

fn folder(place: &Place) -> PathBuf {
    place.target().join("coverage")
}

/// Lets a job of the engine's tests note what they exercise; notes of an earlier run are gone.
pub fn noted(place: &Place, job: Job) -> Result<Job, String> {
    let folder = folder(place);
    let _ = std::fs::remove_dir_all(&folder);
    let made = std::fs::create_dir_all(&folder);
    made.map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(job.variable(FOLDER, folder))
}

/// Judges the notes and prints the table. Fails when anything is missing.
pub fn table(place: &Place) -> Result<Report, String> {
    let line = "test --profile tests --locked -p converge-engine --test coverage -- --ignored";
    let job = cargo(place, line).argument("--nocapture");
    tested(job.variable(FOLDER, folder(place)))
}

/// Runs the tests that note something, and then the table.
pub fn coverage(place: &Place) -> Result<(), String> {
    let line = "test --profile tests --locked -p converge-engine --test failure_modes --test matrix \
                --test closed_forms --test laws --test swarm";
    let tests = tested(noted(place, cargo(place, line))?)?;
    let table = table(place)?;
    match (tests.ok, table.ok) {
        (true, true) => Ok(()),
        (false, _) => Err("some tests failed, so their notes prove nothing".to_owned()),
        (true, false) => Err("something of the sheets is not exercised; see above".to_owned()),
    }
}
