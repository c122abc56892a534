//! Laws of sagas: what the checks say is what the rows say in the end, and with every protection on
//! nothing breaks, whatever fails.

use super::rooms::{Seen, assert_both_ways, expect, kept, patterns};
use super::{on_random_scenarios, witness};
use converge_engine::check::PropertyId::{A1, A6, A8, A9, Q2, Q3, Q4, Q5, Q8};
use converge_engine::check::State;
use converge_engine::pattern::knob::Value;
use converge_engine::scenario::{Pattern, Run, Scenario};
use converge_engine::sim::{Channel, Fact, NodeId, Record, SimDuration, SimTime};
use converge_engine::store::saga::SagaState;
use converge_engine::store::{RowState, machine};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Mutex;

fn sagas() -> Vec<Pattern> {
    patterns(|pattern| pattern.id == "saga")
}

/// The machine and the state that an edge record moves to.
fn moved(record: &Record) -> Option<(u8, u8)> {
    let edge = record.fact == Fact::Edge;
    edge.then_some(((record.detail >> 16) as u8, (record.detail & 0xFF) as u8))
}

/// What all records add up to.
#[derive(Default)]
struct Truth {
    /// Where each saga stands.
    sagas: BTreeMap<u32, u8>,
    /// Rows that take a unit: service and saga.
    live: BTreeSet<(NodeId, u32)>,
    /// Sagas that were forgotten or got stuck although none may.
    hopeless: BTreeSet<u32>,
    /// Services and sagas at which a step took effect twice.
    twice: bool,
    /// Sagas that were over with an effect left, if only for a while.
    left: BTreeSet<u32>,
}

fn truth(records: &[Record], stuck_allowed: bool, holds: bool) -> Truth {
    let mut truth = Truth::default();
    let mut applied: BTreeSet<(NodeId, u32)> = BTreeSet::new();
    for record in records {
        let saga = record.message;
        match (record.fact, moved(record)) {
            (Fact::Written, _) => {
                truth.sagas.insert(saga, SagaState::None as u8);
            }
            (Fact::Forgotten, _) => {
                truth.hopeless.insert(saga);
            }
            (Fact::Applied, _) => truth.twice |= !applied.insert((record.peer, saga)),
            (_, Some((machine::SAGA, to))) => {
                truth.sagas.insert(saga, to);
                if to == SagaState::Stuck as u8 && !stuck_allowed {
                    truth.hopeless.insert(saga);
                }
            }
            (_, Some((machine::ROW, to))) => {
                let live = to == RowState::Pending as u8 || to == RowState::Confirmed as u8;
                match live {
                    true => truth.live.insert((record.node, saga)),
                    false => truth.live.remove(&(record.node, saga)),
                };
            }
            _ => {}
        }
        let over = truth.sagas.get(&saga) == Some(&(SagaState::Compensated as u8));
        let moves = matches!(moved(record), Some((machine::SAGA | machine::ROW, _)));
        if over && moves && !holds && truth.live.iter().any(|(_, one)| *one == saga) {
            truth.left.insert(saga);
        }
    }
    truth
}

impl Truth {
    /// Whether a saga ended neither with all of its steps nor with none.
    fn is_torn(&self, steps: usize, stuck_allowed: bool) -> bool {
        let torn = |(saga, state): (&u32, &u8)| {
            let live = self.live.iter().filter(|(_, one)| one == saga).count();
            match *state {
                _ if self.hopeless.contains(saga) => true,
                state if state == SagaState::Completed as u8 => live < steps,
                state if state == SagaState::Compensated as u8 => {
                    live > 0 || self.left.contains(saga)
                }
                state if state == SagaState::Stuck as u8 => !stuck_allowed,
                _ => true,
            }
        };
        self.sagas.iter().any(torn)
    }

    /// Whether something is held by a saga that is not completed.
    fn is_held(&self) -> bool {
        let state = |saga: &u32| self.sagas.get(saga).copied();
        let stuck = self
            .sagas
            .values()
            .any(|state| *state == SagaState::Stuck as u8);
        let held = |(_, saga): &(NodeId, u32)| state(saga) != Some(SagaState::Completed as u8);
        stuck || self.live.iter().any(held)
    }
}

fn number(scenario: &Scenario, id: &str) -> f64 {
    match scenario.knob(id).map(|knob| knob.value) {
        Some(Value::Number(number)) => number,
        Some(Value::Integer(number)) => number as f64,
        other => panic!("{id}: {other:?}"),
    }
}

/// Q4, Q5 and A6 by brute force over all records.
#[test]
fn what_is_said_of_sagas_is_true() {
    let seen: Mutex<Seen> = Mutex::default();
    on_random_scenarios(&sagas(), 400, |seed, scenario, _| {
        let Some((run, records)) = kept(scenario) else {
            return;
        };
        let stuck_allowed =
            number(scenario, "undo_failure") > 0.0 && number(scenario, "undo_attempts") > 0.0;
        let hold = scenario.knob("hold").map(|knob| knob.value);
        let holds = hold != Some(Value::Duration(None));
        let truth = truth(&records, stuck_allowed, holds);
        let steps = number(scenario, "steps") as usize;
        let checks = &run.head_observers().checks;
        for (property, wrong) in [
            (Q4, truth.is_torn(steps, stuck_allowed)),
            (Q5, truth.is_held()),
            (A6, truth.twice),
        ] {
            expect(seed, scenario, checks, property, wrong, &seen);
        }
    });
    assert_both_ways(seen, &[(Q4, 70, 125), (Q5, 90, 100), (A6, 180, 14)]);
}

/// A random scenario with every protection of sagas on. The two about isolation exclude each other:
/// one of them is on.
fn protected(scenario: &Scenario, lock: bool) -> Scenario {
    let mut scenario = scenario.clone();
    for protection in scenario.protections() {
        if !["commutative-updates", "semantic-lock"].contains(&protection.id) {
            assert_eq!(scenario.set_protection(protection.id, true), Ok(()));
        }
    }
    let isolation = if lock {
        "semantic-lock"
    } else {
        "commutative-updates"
    };
    assert_eq!(scenario.set_protection(isolation, true), Ok(()));
    // What is broken by hand after all faults have healed is broken for good.
    let end = SimTime::ZERO.plus(scenario.until);
    scenario.interventions.retain(|planned| planned.at < end);
    // Long enough for most of them to end, and no compensation that fails for ever.
    let failure = number(&scenario, "undo_failure").min(0.3);
    assert_eq!(
        scenario.set_knob("undo_failure", Value::Number(failure)),
        Ok(())
    );
    scenario.horizon = scenario.until.plus(SimDuration::from_secs(4000));
    scenario
}

/// Whether all became quiet before the horizon.
fn is_quiet(run: &Run, records: &[Record]) -> bool {
    let last = records
        .last()
        .filter(|record| record.fact == Fact::Quiesced);
    run.head().records as usize == records.len() && last.is_some_and(|record| record.detail == 0)
}

#[test]
fn a_protected_saga_never_breaks_an_invariant() {
    let quiet = Mutex::new([0_u64; 2]);
    let faults = Mutex::new(BTreeMap::<&str, u64>::new());
    on_random_scenarios(&sagas(), 400, |seed, scenario, dice| {
        let scenario = protected(scenario, dice.chance(0.5));
        let Some((run, records)) = kept(&scenario) else {
            return;
        };
        witness::saw(&scenario, records.iter(), Some(run.head_observers()));
        let ended = is_quiet(&run, &records);
        let checks = &run.head_observers().checks;
        // What must always hold, and, once all is quiet, everything.
        let always = [A1, A6, A8, A9, Q2, Q3];
        let at_last = [Q4, Q5, Q8];
        let named = always.iter().filter(|id| ended || **id != Q2 && **id != Q3);
        for &property in named.chain(at_last.iter().filter(|_| ended)) {
            assert_ne!(
                checks.state(property),
                State::Broken,
                "seed {seed}: {property:?} {:?}\n{}",
                checks.first(property),
                scenario.to_value()
            );
        }
        if let Ok(mut quiet) = quiet.lock() {
            quiet[usize::from(ended)] += 1;
        }
        if let Ok(mut faults) = faults.lock() {
            for record in &records {
                let name = match record.fact {
                    Fact::Crashed => "crashes",
                    Fact::Lost => "losses",
                    Fact::Duplicated => "duplicates",
                    Fact::Compensated => "compensations",
                    Fact::Blocked => "waits for locks",
                    Fact::Sent if record.channel == Channel::SagaOverdue => "asked how it ends",
                    Fact::Sent if record.channel == Channel::StepDone => "events",
                    Fact::Unheard => "events that nobody heard",
                    _ => continue,
                };
                *faults.entry(name).or_default() += 1;
            }
        }
    });
    let quiet = quiet.into_inner().unwrap_or_default();
    let faults = faults.into_inner().unwrap_or_default();
    let _ = writeln!(
        std::io::stdout(),
        "[cut short, quiet]: {quiet:?}; {faults:?}"
    );
    assert!(quiet[1] > 150, "{quiet:?}");
    for name in [
        "crashes",
        "losses",
        "duplicates",
        "compensations",
        "waits for locks",
        "asked how it ends",
        "events",
        "events that nobody heard",
    ] {
        assert!(
            faults.get(name).is_some_and(|count| *count > 200),
            "{name}: {faults:?}"
        );
    }
}
