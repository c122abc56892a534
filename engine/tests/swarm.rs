//! "Sometimes": what a swarm of random scenarios reaches. A law that holds in every run proves
//! nothing about what no run ever did, so every edge of every state machine, every crash point,
//! every fault, every intervention and every broken invariant of every room must occur in it
//! (semantics section 3, "Sometimes"). The counts are printed; a zero fails.
//!
//! `CONVERGE_TIER=prove` sends ten times as many scenarios.

#![cfg(not(target_arch = "wasm32"))]

#[path = "swarm/aim.rs"]
mod aim;
#[path = "coverage/sheet.rs"]
#[expect(
    dead_code,
    reason = "failure modes are the business of the coverage table"
)]
mod sheet;
#[path = "witness/mod.rs"]
mod witness;

use converge_engine::check::{PROPERTIES, PropertyId, State};
use converge_engine::scenario::intervention::{self, KINDS};
use converge_engine::scenario::random::random_scenario;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PATTERNS, PRESETS, Pattern, Scenario};
use converge_engine::sim::{Fact, Journal, Record, RecordId, SimTime, Site};
use sheet::{SHEETS, Sheet};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

/// Random scenarios of each pattern.
const COUNT: u64 = 1000;
const COUNT_PROVE: u64 = 10_000;

/// What happened, and how often: in records, draws or runs.
type Counts = BTreeMap<String, u64>;

#[test]
fn every_edge_and_every_fault_is_reached() {
    let prove = std::env::var("CONVERGE_TIER").is_ok_and(|tier| tier == "prove");
    let count = if prove { COUNT_PROVE } else { COUNT };
    let mut missing = Vec::new();
    for (pattern, sheet) in PATTERNS.iter().zip(SHEETS) {
        let seen = swarm(pattern, count);
        let wanted = wanted(pattern, sheet);
        missing.extend(report(pattern, &wanted, &seen, count));
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

/// The report misses what was not seen, and refuses a fault that no sheet has.
#[test]
fn the_report_misses_what_is_not_there() {
    let (pattern, sheet) = (&PATTERNS[0], &SHEETS[0]);
    let wanted = wanted(pattern, sheet);
    let all = report(pattern, &wanted, &Counts::new(), 0);
    assert_eq!(all.len(), wanted.len());
    let mut seen: Counts = wanted.iter().map(|(key, _)| (key.clone(), 1)).collect();
    assert_eq!(report(pattern, &wanted, &seen, 1), Vec::<String>::new());
    seen.insert("chance VoteNo".to_owned(), 3);
    assert_eq!(report(pattern, &wanted, &seen, 1).len(), 1);
}

/// Everything that a room's swarm must reach: its key, and its name.
fn wanted(pattern: &Pattern, sheet: &Sheet) -> Vec<(String, String)> {
    let mut wanted = Vec::new();
    for machine in sheet.machines {
        let edges = machine.edges.iter();
        wanted.extend(edges.map(|(id, name)| (edge(*id), format!("{}: {name}", machine.name))));
    }
    let points = sheet.crashes.iter();
    wanted.extend(points.map(|(id, name)| (crash(*id), format!("crash point: {name}"))));
    let own = |key: String| (key.clone(), key);
    wanted.extend(sheet.chances.iter().map(|site| own(chance(*site))));
    wanted.extend(EVERYWHERE.iter().map(|(name, _)| own((*name).to_owned())));
    let interventions = KINDS.iter().filter(|name| !sheet.never.contains(name));
    wanted.extend(interventions.map(|name| own(format!("intervention {name}"))));
    wanted.extend(kept(pattern).into_iter().map(own));
    wanted
}

/// The invariants that a protection of this room keeps, broken: each must break where it is off.
fn kept(pattern: &Pattern) -> BTreeSet<String> {
    let preset = PRESETS.iter().find(|preset| preset.pattern == pattern.id);
    let protections = preset.map(|preset| Scenario::of(preset).protections());
    let ids = protections.iter().flatten().flat_map(|row| row.properties);
    ids.map(|id| broken(*id)).collect()
}

/// Prints the counts. Returns what was not reached, and faults that are on no sheet.
fn report(
    pattern: &Pattern,
    wanted: &[(String, String)],
    seen: &Counts,
    count: u64,
) -> Vec<String> {
    let mut text = format!("{}, {count} random scenarios\n", pattern.id);
    let mut wrong = Vec::new();
    for (key, name) in wanted {
        let times = seen.get(key).copied().unwrap_or_default();
        text.push_str(&format!("{times:>12} {name}\n"));
        if times == 0 {
            wrong.push(format!("{}: never {name}", pattern.id));
        }
    }
    // What breaks where no protection would help is said by the check itself.
    let expected =
        |key: &&String| key.ends_with(BROKEN) || wanted.iter().any(|(wanted, _)| wanted == *key);
    let strange = seen.keys().filter(|key| !expected(key));
    wrong.extend(strange.map(|key| format!("{}: {key} is on no sheet", pattern.id)));
    let _ = writeln!(std::io::stdout(), "{text}");
    wrong
}

/// Runs the scenarios on both processors.
fn swarm(pattern: &Pattern, count: u64) -> Counts {
    let threads = 2;
    let part = |first: u64| {
        let mut seen = Counts::new();
        for seed in (first..count).step_by(threads as usize) {
            let scenario = random_scenario(pattern, seed);
            watch(&scenario, &mut seen);
            watch(&aim::in_a_race(scenario.clone(), seed), &mut seen);
            watch(&aim::at_what_is_there(scenario, seed), &mut seen);
        }
        seen
    };
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads)
            .map(|first| scope.spawn(move || part(first)))
            .collect();
        let mut all = Counts::new();
        for seen in parts
            .into_iter()
            .map(|part| part.join().expect("a part of the swarm"))
        {
            for (key, times) in seen {
                *all.entry(key).or_default() += times;
            }
        }
        all
    })
}

/// Counts what a run does.
fn watch(scenario: &Scenario, seen: &mut Counts) {
    let mut see = |key: String| *seen.entry(key).or_default() += 1;
    let mut journal = Journal::default();
    let mut run = simulation(scenario);
    run.keep_draw_log();
    run.start(Some(&mut journal));
    run.run_until(SimTime::MAX, Some(&mut journal));
    run.struck().iter().for_each(|site| see(chance(*site)));
    for (_, record) in journal.iter_from(RecordId(0)) {
        match record.fact {
            Fact::Edge => see(edge(record.detail)),
            Fact::Crashed if record.detail > BY_HAND => see(crash(record.detail)),
            _ => {}
        }
        let named = EVERYWHERE.iter().filter(|(_, is_it)| is_it(record));
        named.for_each(|(name, _)| see((*name).to_owned()));
    }
    let topology = scenario.topology();
    for (planned, applied) in scenario.interventions.iter().zip(run.applied()) {
        if applied == Some(true) {
            let value = intervention::to_value(planned, &topology);
            see(format!(
                "intervention {}",
                value["do"].as_str().unwrap_or_default()
            ));
        }
    }
    let records = journal.iter_from(RecordId(0)).map(|(_, record)| record);
    witness::saw(scenario, records, Some(run.observers()));
    let checks = &run.observers().checks;
    let ids = PROPERTIES.iter().map(|row| row.id);
    let broke = ids.filter(|id| checks.state(*id) == State::Broken);
    broke.for_each(|id| see(broken(id)));
}

fn edge(detail: u32) -> String {
    format!("edge {detail}")
}

fn crash(point: u32) -> String {
    format!("crash {point}")
}

fn chance(site: Site) -> String {
    format!("chance {site:?}")
}

fn broken(id: PropertyId) -> String {
    format!("{}{BROKEN}", id.info().code)
}

/// How the name of a broken invariant ends.
const BROKEN: &str = " broken";

/// What the record of a crash says if an intervention did it; named points follow it.
const BY_HAND: u32 = 1;

/// A fault that every room can meet, and how its records are known.
type Everywhere = (&'static str, fn(&Record) -> bool);

const EVERYWHERE: [Everywhere; 10] = [
    ("lost by its link", |record| is_lost(record, 0)),
    ("lost in a partition", |record| is_lost(record, 1)),
    ("lost at a dead node", |record| is_lost(record, 2)),
    ("lost by hand", |record| is_lost(record, 3)),
    ("duplicated", |record| record.fact == Fact::Duplicated),
    ("crash of a node", |record| {
        record.fact == Fact::Crashed && record.detail == 0
    }),
    ("restart", |record| record.fact == Fact::Restarted),
    ("partition", |record| record.fact == Fact::Partitioned),
    ("heal", |record| record.fact == Fact::Healed),
    ("hold", |record| record.fact == Fact::Held),
];

fn is_lost(record: &Record, how: u32) -> bool {
    record.fact == Fact::Lost && record.detail == how
}
