//! The expected-violation matrix (semantics section 3): every row of it, judged.
//!
//! For each protection: the same scenario with the same faults and the same luck, off and on. Off,
//! the named invariants break, within a thousand seeds and at the rate of the closed form. On, they
//! never break, although the faults strike: a fault that never fires on what is protected fails.
//!
//! 1,000 seeds a row; `CONVERGE_TIER=prove` runs 20,000 and reports progress.

#![cfg(not(target_arch = "wasm32"))]

#[path = "witness/mod.rs"]
mod witness;

use converge_engine::scenario::{Cursor, Scenario};
use converge_engine::search::matrix::{Found, Law, ORDERS, Row, SHEET, Tally, Trial, find, rows};
use converge_engine::sim::{Journal, Phase, SimTime};
use converge_engine::theory::{delay, loss, session, sync};
use std::collections::BTreeSet;
use std::io::Write as _;

/// Every broken invariant must be found within this many seeds.
const WITHIN: u64 = 1000;
/// Seeds whose runs are noted for the coverage table.
const NOTED: u64 = 4;
/// Largest distance from the closed form, in standard errors.
const Z_MAX: f64 = 4.5;

/// A run of a row is over: it is whole, and noted if it is one of the first.
fn ended(row: &Row, scenario: &Scenario, run: &Cursor, journal: &Journal) {
    assert_eq!(run.phase(), Phase::Finished);
    let observers = run.observers();
    if row.units.is_some() {
        assert_eq!(
            observers.cost.written,
            u64::from(ORDERS),
            "not all orders were written"
        );
    }
    if scenario.seed < NOTED {
        let records = journal.iter_from(journal.first());
        witness::saw(scenario, records.map(|(_, record)| record), Some(observers));
    }
}

/// So many seeds of a row, from `first` on.
fn part(row: &'static Row, first: u64, seeds: u64, progress: bool) -> Tally {
    let trial = Trial::new(row, first);
    let mut trial = trial.unwrap_or_else(|error| panic!("{}: {error}", row.id));
    for seed in 1..=seeds {
        trial.finish(seed, &mut |scenario, run, journal| {
            ended(row, scenario, run, journal);
        });
        if progress && seed % 2000 == 0 {
            let mut out = std::io::stderr();
            let _ = writeln!(out, "{}: {seed} of {seeds} seeds from {first}", row.id);
        }
    }
    trial.tally().clone()
}

/// All seeds of a row, on both processors.
fn tally(row: &'static Row, seeds: u64, progress: bool) -> Tally {
    let half = seeds / 2;
    std::thread::scope(|scope| {
        let other = scope.spawn(|| part(row, half, seeds - half, false));
        let mut tally = part(row, 0, half, progress);
        let later = other.join();
        tally.add(&later.unwrap_or_else(|_| panic!("{} failed", row.id)));
        tally
    })
}

/// The larger of two distances.
fn farther(a: f64, b: Option<f64>) -> f64 {
    b.filter(|b| b.abs() > a.abs()).unwrap_or(a)
}

/// What must be true of a row, and its line of the table.
fn judge(row: &Row, tally: &Tally) -> (String, Vec<String>) {
    let mut wrong = Vec::new();
    let mut claim = |holds: bool, text: String| {
        if !holds {
            wrong.push(format!("{}: {text}", row.id));
        }
    };
    let near = |z: Option<f64>| z.is_none_or(|z| z.abs() <= Z_MAX);
    let z = tally.z(row);
    claim(
        near(z),
        format!("{} of {}: z {z:?}", tally.hits, tally.units),
    );
    let mut worst: f64 = 0.0;
    for (index, property) in row.breaks.iter().enumerate() {
        let code = property.info().code;
        let z = tally.z_of_runs(row, index);
        worst = farther(worst, z);
        let broken = tally.broken[index];
        claim(near(z), format!("{code} broke in {broken} runs: z {z:?}"));
        let found = tally.first[index].is_some_and(|first| first.seed < WITHIN);
        claim(found, format!("{code} was not found within {WITHIN} seeds"));
    }
    let z_violations = tally.z_of_violations(row);
    worst = farther(worst, z_violations);
    claim(
        near(z_violations),
        format!("{} violations: z {z_violations:?}", tally.count),
    );
    claim(
        tally.failures == 0,
        format!("{} violations although it is on", tally.failures),
    );
    claim(
        tally.saved > 0,
        format!("nothing to save: no {}", row.fault),
    );
    let z_price = tally.z_of_price(row);
    claim(
        near(z_price),
        format!("{} of {} paid: z {z_price:?}", tally.paid, tally.units),
    );
    (line(row, tally, worst), wrong)
}

fn line(row: &Row, tally: &Tally, worst: f64) -> String {
    let names = row.breaks.iter().map(|property| property.info().code);
    let names: Vec<&str> = names.collect();
    let first = tally.first.iter().flatten().map(|found| found.seed).max();
    let rate = |rate: Option<f64>| rate.map_or("directed".into(), |rate| format!("{rate:.6}"));
    format!(
        "{:<24} {:<8} {:<6} {:>9} {:>9.6} {:>6.2}  {:>8} {:>8.6} {:>6.2}  {:>5}  {:>4} {:>9} {}",
        row.id,
        names.join(","),
        row.unit,
        rate(row.rate()),
        tally.hits as f64 / tally.units as f64,
        tally.z(row).unwrap_or_default(),
        row.run_rate()
            .map_or("–".into(), |rate| format!("{rate:.6}")),
        tally.broken[0] as f64 / tally.seeds as f64,
        worst,
        first.map_or("never".into(), |seed| seed.to_string()),
        tally.failures,
        tally.saved,
        row.fault,
    )
}

#[test]
fn each_protection_off_breaks_at_its_rate_and_on_never() {
    let prove = std::env::var("CONVERGE_TIER").is_ok_and(|tier| tier == "prove");
    let seeds = if prove { 20_000 } else { 1000 };
    let mut out = std::io::stdout();
    let _ = writeln!(
        out,
        "{seeds} seeds a row, {ORDERS} orders a seed\n{:<24} {:<8} {:<6} {:>9} {:>9} {:>6}  {:>8} {:>8} {:>6}  {:>5}  {:>4} {:>9} fault",
        "row",
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
    for row in rows() {
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
    let row = &row("outbox");
    let (rate, runs) = (row.rate().expect("a rate"), row.run_rate().expect("a rate"));
    let units = 1000 * u64::from(ORDERS);
    let found = |seed| {
        let at = SimTime::ZERO;
        Some(Found { seed, at })
    };
    let right = Tally {
        seeds: 1000,
        units,
        hits: (units as f64 * rate) as u64,
        broken: vec![(1000.0 * runs) as u64; row.breaks.len()],
        first: vec![found(0); row.breaks.len()],
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
    let late = vec![found(0), found(WITHIN)];
    assert_eq!(
        judged(&Tally {
            first: late,
            ..right
        }),
        1,
        "found too late"
    );
    over_counts_and_prices_are_judged();
}

fn over_counts_and_prices_are_judged() {
    let paid = |row: &Row, paid: u64| Tally {
        seeds: 1000,
        units: 200_000,
        hits: (200_000.0 * row.rate().expect("a rate")) as u64,
        broken: vec![1000; row.breaks.len()],
        first: vec![
            Some(Found {
                seed: 0,
                at: SimTime::ZERO
            });
            row.breaks.len()
        ],
        saved: 1,
        paid,
        ..Tally::default()
    };
    let locked = row("semantic-lock-dirty-read");
    let price = locked.price.expect("a price");
    let right = (200_000.0 * (price.rate)()) as u64;
    assert_eq!(judge(locked, &paid(locked, right)).1.len(), 0);
    assert_eq!(
        judge(locked, &paid(locked, right * 9 / 10)).1.len(),
        1,
        "a wrong price"
    );
    let inbox = row("inbox");
    let runs = inbox.run_rate().expect("a rate");
    let mut counted = Tally {
        broken: vec![(1000.0 * runs) as u64; 2],
        ..paid(inbox, 0)
    };
    let (mean, _) = inbox.violations.expect("a law")();
    counted.count = (1000.0 * mean) as u64;
    assert_eq!(judge(inbox, &counted).1.len(), 0);
    counted.count = counted.count * 6 / 5;
    assert_eq!(
        judge(inbox, &counted).1.len(),
        1,
        "a wrong number of violations"
    );
}

/// What is counted is what happens: a protection that does not protect is found out, and so is a row
/// whose fault never strikes.
#[test]
fn a_protection_that_does_not_protect_is_found_out() {
    let judged = |row: Row| {
        let row: &'static Row = Box::leak(Box::new(row));
        judge(row, &part(row, 0, 200, false)).1
    };
    assert!(judged(*row("outbox")).is_empty());
    let unprotected = judged(Row {
        on: Some(r#"{"publish":"commit-then-publish"}"#),
        ..*row("outbox")
    });
    assert!(
        unprotected.len() == 1 && unprotected[0].contains("although"),
        "{unprotected:?}"
    );
    let calm = judged(Row {
        config: [row("outbox").config[0], "{}"],
        ..*row("outbox")
    });
    assert!(
        calm.iter().any(|wrong| wrong.contains("nothing to save")),
        "{calm:?}"
    );
    assert!(
        calm.iter().any(|wrong| wrong.contains("not found")),
        "{calm:?}"
    );
}

fn row(id: &str) -> &'static Row {
    find(id).unwrap_or_else(|| panic!("no row {id}"))
}

/// Every line of the reference has its rows; every row is switched as it says, and its scenario is
/// the same off and on but for that.
#[test]
fn the_matrix_is_whole_and_each_row_is_what_it_says() {
    for name in SHEET {
        assert!(rows().any(|row| row.sheet == name), "no row for {name}");
    }
    let mut ids = BTreeSet::new();
    for row in rows() {
        assert!(ids.insert(row.id), "{} stands twice", row.id);
        assert!(
            row.sheet.is_empty() || SHEET.contains(&row.sheet),
            "{}",
            row.id
        );
        let [off, on] = [false, true].map(|on| {
            let scenario = row.scenario(on);
            let scenario = scenario.unwrap_or_else(|error| panic!("{}: {error}", row.id));
            let mut all = scenario.protections().into_iter();
            let found = all.find(|protection| protection.id == row.protection);
            assert!(
                found.is_some_and(|found| found.on == on),
                "{} is not {on}",
                row.id
            );
            assert!(
                row.breaks
                    .iter()
                    .all(|id| scenario.properties().contains(id)),
                "{}",
                row.id
            );
            scenario
        });
        assert_eq!(off.seed, on.seed);
        assert_eq!(off.workload(), on.workload(), "{}", row.id);
        assert_eq!((off.until, off.interventions), (on.until, on.interventions));
    }
}

/// The rates are the numbers that were worked out by hand.
#[test]
fn the_rates_are_the_closed_forms() {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let overtaken = delay::reorder_probability_fixed_gap;
    // e^(−2): an id kept for 1 s, a redelivery after 0.9 s and an exponential of mean 50 ms (F35).
    let escape = 0.135_335_283_236_612_7;
    assert!(close(escape, delay::exponential_survival(1.0 - 0.9, 0.050)));
    for (id, rate, form) in [
        // ½ e^(−5): two events 50 ms apart, delays of mean 10 ms (F14).
        (
            "version-guard",
            0.003_368_973_499_542_734,
            overtaken(0.050, 0.010),
        ),
        (
            "key-routing",
            0.003_368_973_499_542_734,
            overtaken(0.050, 0.010),
        ),
        // ½ e^(−1): 4 ms apart, commits after an exponential of mean 4 ms.
        (
            "gap-wait",
            0.183_939_720_585_721_17,
            overtaken(0.004, 0.004),
        ),
        // ½ e^(−2): 20 ms apart, a way of mean 10 ms.
        (
            "newest-wins",
            0.067_667_641_618_306_35,
            overtaken(0.020, 0.010),
        ),
        // 1 − 0.995^200: one poisoned order is enough.
        (
            "dead-letter-queue",
            0.633_042_178_273_832_6,
            1.0 - loss::clean_probability(ORDERS, 0.005),
        ),
        (
            "inbox-retention",
            0.05 * (escape + (1.0 - escape) * 0.05),
            0.05 * (escape + (1.0 - escape) * 0.05),
        ),
        // e^(−5): read back after 50 ms, a lag of mean 10 ms (F20).
        (
            "version-token",
            0.006_737_946_999_085_467,
            session::own_write_missed_probability_fixed_think(0.010, 0.050),
        ),
        // ⅔ e^(−4): N = 3, R = W = 1, read back after 40 ms, a way of mean 10 ms (F24).
        (
            "quorum-overlap",
            0.012_210_425_925_822_786,
            2.0 / 3.0 * delay::exponential_survival(0.040, 0.010),
        ),
        // 1 − e^(−0.2): another saga within 4 ms, 50 a second (F36).
        (
            "semantic-lock-dirty-read",
            0.181_269_246_922_018_15,
            1.0 - delay::exponential_survival(0.2, 1.0),
        ),
    ] {
        let own = row(id).rate().unwrap_or_default();
        assert!(
            close(own, rate) && close(rate, form),
            "{id}: {own}, {rate}, {form}"
        );
    }
    let (mean, variance) = row("inbox").violations.expect("a law")();
    assert!(close(mean, 200.0 * 0.005 / 0.995));
    assert!(close(variance, 200.0 * 0.005 / (0.995 * 0.995)));
    // By quadrature, over a corner.
    let late =
        sync::late_commit_missed_probability_general(0.1, 0.0, |u| 1.0 - (u / 0.02).min(1.0));
    assert!(
        (row("lookback").rate().unwrap_or_default() - late).abs() < 1e-5,
        "{late}"
    );
    let directed = rows().filter(|row| matches!(row.law, Law::Directed(_)));
    assert_eq!(directed.count(), 1, "a rate that is known must be tested");
}
