//! Measures the engines natively, in interleaved rounds, and leaves the medians for `run.mjs`.

#![expect(
    clippy::print_stdout,
    reason = "this is a command-line program; its output is its purpose"
)]

use converge_kernel_bench::{Engine, Outcome};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

const ROUNDS: usize = 7;
const DELIVERIES: u32 = 1_000_000;
const SEED: u64 = 1;

/// What was measured of one engine.
struct Row {
    engine: Engine,
    outcome: Outcome,
    seconds: f64,
}

impl Row {
    /// Million handler calls a second.
    fn speed(&self) -> f64 {
        self.outcome.calls as f64 / self.seconds / 1e6
    }
}

/// `converge-kernel-bench [engine]...`: names limit what is measured, say for a profiler.
fn main() -> Result<(), String> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let named =
        |engine: &Engine| names.is_empty() || names.iter().any(|name| name == engine.name());
    let rows = measure(&Engine::ALL.into_iter().filter(named).collect::<Vec<_>>());
    println!("{DELIVERIES} deliveries, median of {ROUNDS} interleaved rounds, native\n");
    println!(
        "{:<8} {:>8} {:>9} {:>10} {:>10}",
        "engine", "M/s", "ms", "calls", "records"
    );
    for row in &rows {
        let Outcome { calls, records, .. } = row.outcome;
        let (name, ms) = (row.engine.name(), row.seconds * 1e3);
        println!(
            "{name:<8} {:>8.2} {ms:>9.1} {calls:>10} {records:>10}",
            row.speed()
        );
    }
    if rows.len() < Engine::ALL.len() {
        return Ok(());
    }
    let path = path()?;
    std::fs::create_dir_all(path.parent().unwrap_or(&path))
        .and_then(|()| std::fs::write(&path, json(&rows)))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("\nwritten to {}", path.display());
    Ok(())
}

/// Each engine once per round, so that a slow moment of the machine hits all alike.
fn measure(engines: &[Engine]) -> Vec<Row> {
    let mut rows: Vec<(Outcome, Vec<f64>)> = vec![Default::default(); engines.len()];
    for round in 0..=ROUNDS {
        for (engine, (outcome, times)) in engines.iter().zip(&mut rows) {
            let start = Instant::now();
            *outcome = engine.run(DELIVERIES, SEED);
            // The first round only warms up.
            if round > 0 {
                times.push(start.elapsed().as_secs_f64());
            }
        }
    }
    let rows = engines.iter().zip(rows);
    rows.map(|(&engine, (outcome, mut times))| {
        times.sort_by(f64::total_cmp);
        Row {
            engine,
            outcome,
            seconds: times[times.len() / 2],
        }
    })
    .collect()
}

/// `target/bench/native.json`, wherever the target folder is.
fn path() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = program
        .ancestors()
        .nth(2)
        .ok_or("this program lies in no target folder")?;
    Ok(target.join("bench").join("native.json"))
}

fn json(rows: &[Row]) -> String {
    let mut text = format!("{{\"deliveries\":{DELIVERIES},\"seed\":{SEED},\"rounds\":{ROUNDS}");
    for Row {
        engine,
        outcome,
        seconds,
    } in rows
    {
        let (name, ms) = (engine.name(), seconds * 1e3);
        let _ = write!(
            text,
            ",\n\"{name}\":{{\"ms\":{ms:.3},\"outcome\":{outcome}}}"
        );
    }
    text + "}\n"
}
