//! The expected-violation matrix (semantics section 3), as data.
//!
//! For each protection: the same scenario with the same faults and the same luck, off and on. Off,
//! the named invariants break, within a thousand seeds and at the rate of the closed form. On, they
//! never break, although the faults strike: a fault that never fires on what is protected fails.
//!
//! 1,000 seeds a row; `CONVERGE_TIER=prove` runs 20,000 and reports progress.

#![cfg(not(target_arch = "wasm32"))]

#[path = "plain/mod.rs"]
mod plain;
#[path = "matrix/quorum.rs"]
mod quorum;
#[path = "matrix/rooms.rs"]
mod rooms;
#[path = "matrix/row.rs"]
mod row;
#[path = "witness/mod.rs"]
mod witness;

use converge_engine::check::PropertyId;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{Observers, Scenario};
use converge_engine::sim::{Journal, Phase, SimTime};
use converge_engine::theory::loss::clean_probability;
use row::{ROWS, Row};
use std::io::Write as _;

/// Orders of each run.
const ORDERS: u32 = 200;
/// Every broken invariant must be found within this many seeds.
const WITHIN: u64 = 1000;
/// Seeds whose runs are noted for the coverage table.
const NOTED: u64 = 4;
/// Largest distance from the closed form, in standard errors.
const Z_MAX: f64 = 4.5;

/// What was counted over all seeds of a row.
#[derive(Clone, Default)]
struct Tally {
    seeds: u64,
    /// Units (orders, pairs or runs) in which the protection was missing.
    hits: u64,
    /// Runs in which each named invariant broke, without the protection.
    broken: Vec<u64>,
    /// First seed that broke each.
    first: Vec<Option<u64>>,
    /// Violations of the first named invariant, and the sum of their squares over runs.
    count: u64,
    square: f64,
    /// Times the fault struck what the protection saved.
    saved: u64,
    /// Violations of named invariants with the protection.
    failures: u64,
}

impl Tally {
    fn new(properties: usize) -> Tally {
        Tally {
            broken: vec![0; properties],
            first: vec![None; properties],
            ..Tally::default()
        }
    }

    fn add(&mut self, other: &Tally) {
        self.seeds += other.seeds;
        self.hits += other.hits;
        self.count += other.count;
        self.square += other.square;
        self.saved += other.saved;
        self.failures += other.failures;
        for index in 0..self.broken.len() {
            self.broken[index] += other.broken[index];
            let both = self.first[index].into_iter().chain(other.first[index]);
            self.first[index] = both.min();
        }
    }
}

/// Runs a scenario to its end, with or without a journal.
fn finished(scenario: &Scenario, journal: Option<&mut Journal>) -> Observers {
    let mut run = simulation(scenario);
    let mut journal = journal;
    run.start(journal.as_deref_mut());
    run.run_until(SimTime::MAX, journal);
    assert_eq!(run.phase(), Phase::Finished);
    let observers = run.observers().clone();
    assert_eq!(
        observers.cost.written,
        u64::from(ORDERS),
        "not all orders were written"
    );
    observers
}

/// One seed, off and on.
fn try_seed(row: &Row, off: &Scenario, on: &Scenario, seed: u64, tally: &mut Tally) {
    let with_seed = |scenario: &Scenario| Scenario {
        seed,
        ..scenario.clone()
    };
    let observers = finished(&with_seed(off), None);
    if seed < NOTED {
        witness::saw(&with_seed(off), [].iter(), Some(&observers));
    }
    tally.seeds += 1;
    tally.hits += (row.hits)(&observers);
    for (index, &property) in row.breaks.iter().enumerate() {
        if observers.checks.count(property) > 0 {
            tally.broken[index] += 1;
            let first = tally.first[index].unwrap_or(seed);
            tally.first[index] = Some(first.min(seed));
        }
    }
    let count = observers.checks.count(row.breaks[0]);
    tally.count += u64::from(count);
    tally.square += f64::from(count) * f64::from(count);

    let mut journal = Journal::default();
    let observers = finished(&with_seed(on), Some(&mut journal));
    let records = || journal.iter_from(journal.first()).map(|(_, record)| record);
    if seed < NOTED {
        witness::saw(&with_seed(on), records(), Some(&observers));
    }
    let mut records = records();
    tally.saved += (row.saved)(&mut records);
    let named = row
        .breaks
        .iter()
        .map(|&property| observers.checks.count(property));
    tally.failures += named.map(u64::from).sum::<u64>();
}

/// All seeds of a row, on both processors.
fn tally(row: &Row, seeds: u64, progress: bool) -> Tally {
    let (off, on) = (row.scenario(false), row.scenario(true));
    let worker = |thread: u64| {
        let mut tally = Tally::new(row.breaks.len());
        for seed in (thread..seeds).step_by(2) {
            try_seed(row, &off, &on, seed, &mut tally);
            if progress && thread == 0 && seed % 2000 == 0 {
                let mut out = std::io::stderr();
                let _ = writeln!(out, "{}: {seed} of {seeds} seeds", row.protection);
            }
        }
        tally
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| worker(1));
        let mut tally = worker(0);
        tally.add(
            &other
                .join()
                .unwrap_or_else(|_| panic!("{} failed", row.protection)),
        );
        tally
    })
}

/// Distance of a count from a binomial, in standard errors.
fn z_binomial(hits: u64, trials: u64, p: f64) -> f64 {
    let n = trials as f64;
    (hits as f64 - n * p) / (n * p * (1.0 - p)).sqrt()
}

/// What must be true of a row, and its line of the table.
fn judge(row: &Row, tally: &Tally) -> (String, Vec<String>) {
    let mut wrong = Vec::new();
    let mut claim = |holds: bool, text: String| {
        if !holds {
            wrong.push(format!("{}: {text}", row.protection));
        }
    };
    let units = tally.seeds * u64::from(row.units);
    let z = z_binomial(tally.hits, units, row.rate);
    claim(
        z.abs() <= Z_MAX,
        format!("{} of {units}, expected {}: z {z:.2}", tally.hits, row.rate),
    );
    // A run breaks unless it is clean: each of its units must be.
    let run_rate = 1.0 - clean_probability(row.units, row.rate);
    let mut worst: f64 = 0.0;
    for (index, property) in row.breaks.iter().enumerate() {
        let code = property.info().code;
        let z = z_binomial(tally.broken[index], tally.seeds, run_rate);
        worst = if z.abs() > worst.abs() { z } else { worst };
        let broken = tally.broken[index];
        claim(
            z.abs() <= Z_MAX,
            format!("{code} broke in {broken} runs, expected {run_rate}: z {z:.2}"),
        );
        let found = tally.first[index].is_some_and(|first| first < WITHIN);
        claim(found, format!("{code} was not found within {WITHIN} seeds"));
    }
    if let Some((mean, variance)) = row.violations {
        let n = tally.seeds as f64;
        let z = (tally.count as f64 / n - mean) / (variance / n).sqrt();
        worst = if z.abs() > worst.abs() { z } else { worst };
        claim(
            z.abs() <= Z_MAX,
            format!(
                "{} violations, expected {mean} a run: z {z:.2}",
                tally.count
            ),
        );
    }
    claim(
        tally.failures == 0,
        format!("{} violations although it is on", tally.failures),
    );
    claim(
        tally.saved > 0,
        format!("nothing to save: no {}", row.fault),
    );
    let names: Vec<&str> = row
        .breaks
        .iter()
        .map(|property: &PropertyId| property.info().code)
        .collect();
    let first = tally
        .first
        .iter()
        .flatten()
        .max()
        .map_or("never".into(), u64::to_string);
    let line = format!(
        "{:<18} {:<7} {:<8} {:>9.6} {:>9.6} {:>6.2}  {:>8.6} {:>8.6} {:>6.2}  {:>5}  {:>4} {:>9} {}",
        row.protection,
        names.join(","),
        row.unit,
        row.rate,
        tally.hits as f64 / units as f64,
        z,
        run_rate,
        tally.broken[0] as f64 / tally.seeds as f64,
        worst,
        first,
        tally.failures,
        tally.saved,
        row.fault,
    );
    (line, wrong)
}

#[test]
fn each_protection_off_breaks_at_its_rate_and_on_never() {
    let prove = std::env::var("CONVERGE_TIER").is_ok_and(|tier| tier == "prove");
    let seeds = if prove { 20_000 } else { 1000 };
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "{seeds} seeds a row, {ORDERS} orders a seed\n{:<18} {:<7} {:<8} {:>9} {:>9} {:>6}  {:>8} {:>8} {:>6}  {:>5}  {:>4} {:>9} fault",
        "protection",
        "breaks",
        "unit",
        "expected",
        "off",
        "z",
        "per run",
        "off",
        "z",
        "first",
        "on",
        "struck",
    );
    let mut wrong = Vec::new();
    for row in ROWS.iter().chain(rooms::ROWS).chain(quorum::ROWS) {
        let tally = tally(row, seeds, prove);
        let (line, claims) = judge(row, &tally);
        let _ = writeln!(out, "{line}");
        wrong.extend(claims);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The judge itself: it must not let a wrong rate, a vacuous row or a broken promise pass.
#[test]
fn the_judge_refuses_what_it_must() {
    let row = &ROWS[0];
    let runs = 1.0 - clean_probability(row.units, row.rate);
    let right = Tally {
        seeds: 1000,
        hits: (1000.0 * f64::from(row.units) * row.rate) as u64,
        broken: vec![(1000.0 * runs) as u64; row.breaks.len()],
        first: vec![Some(0); row.breaks.len()],
        saved: 1,
        ..Tally::default()
    };
    let judged = |tally: &Tally| judge(row, tally).1.len();
    assert_eq!(judged(&right), 0);
    let mut wrong = right.clone();
    wrong.hits = wrong.hits * 5 / 4;
    assert_eq!(judged(&wrong), 1, "a wrong rate per order");
    let mut wrong = right.clone();
    wrong.broken[1] = wrong.broken[1] * 8 / 10;
    assert_eq!(judged(&wrong), 1, "a wrong rate per run");
    assert_eq!(
        judged(&Tally {
            saved: 0,
            ..right.clone()
        }),
        1,
        "a vacuous row"
    );
    assert_eq!(
        judged(&Tally {
            failures: 1,
            ..right.clone()
        }),
        1,
        "a broken promise"
    );
    let late = vec![Some(0), Some(WITHIN)];
    assert_eq!(
        judged(&Tally {
            first: late,
            ..right
        }),
        1,
        "found too late"
    );
}
