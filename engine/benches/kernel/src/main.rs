//! Measures the engines natively, in interleaved rounds.
//!
//! It leaves the medians and its own place in `native.json` for `run.mjs`, which runs it again,
//! one engine at a time, between the runs in node and Chromium.

#![expect(
    clippy::print_stdout,
    reason = "this is a command-line program; its output is its purpose"
)]

use converge_kernel_bench::{Engine, Outcome, room};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
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
/// `converge-kernel-bench --once ENGINE`: one run, as JSON.
/// `converge-kernel-bench --pattern PATTERN off|journal|recording`: one run of a pattern, as JSON.
fn main() -> Result<(), String> {
    let names: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name] = names.as_slice()
        && flag == "--once"
    {
        let engine = Engine::ALL.into_iter().find(|engine| engine.name() == name);
        let engine = engine.ok_or_else(|| format!("there is no engine {name}"))?;
        let (outcome, seconds) = run(engine);
        println!("{}", entry(&outcome, seconds));
        return Ok(());
    }
    if let [flag, pattern, keep] = names.as_slice()
        && flag == "--pattern"
    {
        return once(pattern, keep);
    }
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
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let path = path(&program)?;
    std::fs::create_dir_all(path.parent().unwrap_or(&path))
        .and_then(|()| std::fs::write(&path, json(&program, &rows)))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    println!("\nwritten to {}", path.display());
    Ok(())
}

/// One run of a pattern after one to warm up, as JSON with its time.
#[expect(
    clippy::disallowed_methods,
    reason = "a bench is about real time, which no model may read"
)]
fn once(pattern: &str, keep: &str) -> Result<(), String> {
    let none = || format!("there is no pattern {pattern} or way {keep}");
    room::run(pattern, keep).ok_or_else(none)?;
    let start = Instant::now();
    let outcome = room::run(pattern, keep).ok_or_else(none)?;
    let ms = start.elapsed().as_secs_f64() * 1e3;
    println!("{{\"ms\":{ms:.3},\"outcome\":{outcome}}}");
    Ok(())
}

/// Each engine once per round, so that a slow moment of the machine hits all alike.
fn measure(engines: &[Engine]) -> Vec<Row> {
    let mut rows: Vec<(Outcome, Vec<f64>)> = vec![Default::default(); engines.len()];
    for round in 0..=ROUNDS {
        for (engine, (outcome, times)) in engines.iter().zip(&mut rows) {
            let (run, seconds) = run(*engine);
            *outcome = run;
            // The first round only warms up.
            if round > 0 {
                times.push(seconds);
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

#[expect(
    clippy::disallowed_methods,
    reason = "a bench is about real time, which no model may read"
)]
fn run(engine: Engine) -> (Outcome, f64) {
    let start = Instant::now();
    let outcome = engine.run(DELIVERIES, SEED);
    (outcome, start.elapsed().as_secs_f64())
}

/// `target/bench/native.json`, wherever the target folder is.
fn path(program: &Path) -> Result<PathBuf, String> {
    let target = program
        .ancestors()
        .nth(2)
        .ok_or("this program lies in no target folder")?;
    Ok(target.join("bench").join("native.json"))
}

fn json(program: &Path, rows: &[Row]) -> String {
    let mut text = format!("{{\"program\":{:?}", program.display().to_string());
    let _ = write!(text, ",\"deliveries\":{DELIVERIES},\"seed\":{SEED}");
    for row in rows {
        let (name, entry) = (row.engine.name(), entry(&row.outcome, row.seconds));
        let _ = write!(text, ",\n\"{name}\":{entry}");
    }
    text + "}\n"
}

fn entry(outcome: &Outcome, seconds: f64) -> String {
    let ms = seconds * 1e3;
    format!("{{\"ms\":{ms:.3},\"outcome\":{outcome}}}")
}
