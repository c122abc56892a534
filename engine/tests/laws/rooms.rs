//! Laws of the rooms whose copies are fed by a job or by a projection.

use super::oracle::read;
use super::{assert_more_than, on_random_scenarios, whole};
use converge_engine::check::{Checks, PropertyId, State};
use converge_engine::metric::ledger::Effect;
use converge_engine::pattern::knob::Value;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PATTERNS, Pattern, Run, Scenario};
use converge_engine::sim::{
    Delay, Fact, Intervention, NodeId, Phase, Planned, Record, SimDuration, SimTime,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Mutex;

pub fn patterns(wanted: impl Fn(&Pattern) -> bool) -> Vec<Pattern> {
    PATTERNS
        .iter()
        .filter(|pattern| wanted(pattern))
        .copied()
        .collect()
}

/// What is said to be lost for good at a copy never takes effect there.
#[test]
fn what_is_abandoned_never_comes() {
    let said = Mutex::new(BTreeMap::<&str, u64>::new());
    on_random_scenarios(PATTERNS, 300, |seed, scenario, _| {
        // A write by hand to a database of two takes along what had no carrier left.
        let again = |planned: &Planned| matches!(planned.what, Intervention::Write(Some(_)));
        if !follows(scenario) && scenario.interventions.iter().any(again) {
            return;
        }
        let (_, records) = whole(scenario);
        let mut gone: BTreeSet<(NodeId, u32)> = BTreeSet::new();
        let by_hand = |record: &Record| record.message >= 1 << 30;
        for record in records.iter().filter(|record| !by_hand(record)) {
            let copies = scenario.topology().copies;
            match record.fact {
                Fact::Abandoned => {
                    let of = |copy: &&NodeId| [**copy, NodeId::NONE].contains(&record.peer);
                    let lost = copies.iter().filter(of);
                    gone.extend(lost.map(|copy| (*copy, record.message)));
                }
                Fact::Applied => assert!(
                    !gone.contains(&(record.peer, record.message)),
                    "{} seed {seed}: {record:?} was said to be lost\n{}",
                    scenario.preset.id,
                    scenario.to_value()
                ),
                _ => {}
            }
        }
        if let Ok(mut said) = said.lock() {
            *said.entry(scenario.preset.pattern).or_default() += gone.len() as u64;
        }
    });
    // Half of what these seeds lose: enough for the law to have been tried.
    assert_more_than(
        "writes were said to be lost",
        &said.into_inner().unwrap_or_default(),
        &[
            ("event-based", 5_700),
            ("background-sync", 5_300),
            ("cqrs", 47),
            ("quorum", 2_900),
            ("two-phase-commit", 52),
            ("request-reply", 1_700),
        ],
    );
}

/// A whole run, if its journal keeps all of it.
pub fn kept(scenario: &Scenario) -> Option<(Run, Vec<Record>)> {
    let mut straight = simulation(scenario);
    straight.start(None);
    while straight.records() < 100_000 && straight.step(SimTime::MAX, None) {}
    (straight.phase() == Phase::Finished).then(|| whole(scenario))
}

/// Whether copies only follow: no client writes to them.
fn follows(scenario: &Scenario) -> bool {
    let topology = scenario.topology();
    !topology.copies.contains(&topology.source)
}

/// The invariants that speak of what a copy shows, by brute force over all records.
#[test]
fn what_is_said_of_copies_is_true() {
    use PropertyId::{A2, A4, A5, A6, Q1, Q2, Q3};
    let seen: Mutex<Seen> = Mutex::default();
    let rooms = patterns(|pattern| pattern.id == "background-sync");
    on_random_scenarios(&rooms, 300, |seed, scenario, dice| {
        let mut scenario = scenario.clone();
        // Runs that overlap and repeat, so that copies go back and count twice.
        if dice.chance(0.5) {
            for id in ["no-overlap", "run-lock", "idempotent-apply"] {
                assert_eq!(scenario.set_protection(id, false), Ok(()), "{id}");
            }
            let crash = Value::Number(0.3);
            assert_eq!(scenario.set_knob("crash", crash), Ok(()));
            let long = Delay::Uniform(SimDuration::from_secs(1), SimDuration::from_secs(11));
            for (id, value) in [
                ("period", Value::Duration(Some(SimDuration::from_secs(4)))),
                ("duration", Value::Delay(Some(long))),
                ("rate", Value::Number(5.0)),
                (
                    "updates",
                    Value::Integer(if dice.chance(0.5) { 1000 } else { 1 }),
                ),
            ] {
                assert_eq!(scenario.set_knob(id, value), Ok(()), "{id}");
            }
            scenario.until = scenario.until.max(SimDuration::from_secs(40));
            // Overlapping runs make more records than the journal keeps.
            scenario.horizon = scenario.until.plus(SimDuration::from_secs(20));
        }
        let scenario = &scenario;
        let Some((run, records)) = kept(scenario) else {
            return;
        };
        if !follows(scenario) || records.iter().any(deletes) {
            return;
        }
        let counter = run.head_observers().ledger.effect() == Effect::Counter;
        let truth = read(&records, counter);
        let mut broken = BTreeSet::new();
        broken.extend(truth.from_thin_air.then_some(A2));
        broken.extend(truth.not_durable.then_some(A4));
        for copy in scenario.topology().copies {
            broken.extend(truth.broken_at(copy, counter, &BTreeSet::new()));
        }
        for property in [A2, A4, A5, A6, Q1, Q2, Q3] {
            let checks = &run.head_observers().checks;
            expect(
                seed,
                scenario,
                checks,
                property,
                broken.contains(&property),
                &seen,
            );
        }
    });
    // Half of what was seen.
    let floors = [
        (A2, 80, 0),
        (A4, 80, 0),
        (A5, 76, 4),
        (A6, 54, 27),
        (Q1, 31, 49),
        (Q2, 37, 43),
        (Q3, 20, 61),
    ];
    assert_both_ways(seen, &floors);
}

fn deletes(record: &Record) -> bool {
    record.fact == Fact::Written && record.detail == 1
}

/// Q1 where rows are deleted: in the end a copy shows what the source has, and nothing else.
#[test]
fn copies_converge_as_said_where_rows_are_deleted() {
    let seen: Mutex<Seen> = Mutex::default();
    let rooms = patterns(|pattern| pattern.id == "background-sync");
    on_random_scenarios(&rooms, 300, |seed, scenario, dice| {
        let mut scenario = scenario.clone();
        let deletes_some = Value::Number(0.3);
        assert_eq!(scenario.set_knob("delete_fraction", deletes_some), Ok(()));
        if dice.chance(0.5) {
            assert_eq!(scenario.set_protection("tombstones", true), Ok(()));
        }
        let scenario = &scenario;
        let (run, records) = whole(scenario);
        let counter = run.head_observers().ledger.effect() == Effect::Counter;
        if !follows(scenario) || counter || !records.iter().any(deletes) {
            return;
        }
        let written = records.iter().filter(|record| record.fact == Fact::Written);
        let last: BTreeMap<u32, &Record> = written.map(|record| (record.key, record)).collect();
        let gone: BTreeSet<(u32, u32)> = records
            .iter()
            .filter(|record| deletes(record))
            .map(|record| (record.key, record.version))
            .collect();
        let differs = |copy: &NodeId| {
            let applied = records.iter();
            let applied = applied.filter(|r| r.fact == Fact::Applied && r.peer == *copy);
            let shown: BTreeMap<u32, u32> = applied.map(|r| (r.key, r.version)).collect();
            let wrong = |(key, write): (&u32, &&Record)| {
                let shown = shown
                    .get(key)
                    .filter(|version| !gone.contains(&(*key, **version)));
                shown.copied() != Some(write.version).filter(|_| !deletes(write))
            };
            last.iter().any(wrong)
        };
        let wrong = scenario.topology().copies.iter().any(differs);
        let checks = &run.head_observers().checks;
        expect(seed, scenario, checks, PropertyId::Q1, wrong, &seen);
    });
    assert_both_ways(seen, &[(PropertyId::Q1, 9, 20)]);
}

/// How often each property held and broke.
pub type Seen = BTreeMap<PropertyId, [u32; 2]>;

/// A property stands as brute force says.
pub fn expect(
    seed: u64,
    scenario: &Scenario,
    checks: &Checks,
    property: PropertyId,
    wrong: bool,
    seen: &Mutex<Seen>,
) {
    let expected = if wrong { State::Broken } else { State::Holding };
    assert_eq!(
        checks.state(property),
        expected,
        "{} seed {seed}: {property:?} {:?}\n{}",
        scenario.preset.id,
        checks.first(property),
        scenario.to_value()
    );
    if let Ok(mut seen) = seen.lock() {
        seen.entry(property).or_default()[usize::from(wrong)] += 1;
    }
}

/// Each property held and broke in at least so many runs: no law is tried one way only.
pub fn assert_both_ways(seen: Mutex<Seen>, floors: &[(PropertyId, u32, u32)]) {
    let seen = seen.into_inner().unwrap_or_default();
    let _ = writeln!(std::io::stdout(), "[held, broke]: {seen:?}");
    for &(property, holding, broken) in floors {
        let [held, broke] = seen.get(&property).copied().unwrap_or_default();
        assert!(held >= holding, "{property:?} held in {held} runs only");
        assert!(broke >= broken, "{property:?} broke in {broke} runs only");
    }
}
