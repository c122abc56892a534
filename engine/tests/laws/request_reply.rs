//! Laws of orchestrated request–reply: what the checks say is what the rows say in the end, and with
//! every protection on and an orchestrator that stays up nothing breaks.

use super::on_random_scenarios;
use super::protected::{assert_holds, on_seeds, set, tame};
use super::rooms::{Seen, assert_both_ways, expect, kept};
use converge_engine::check::PropertyId::{A6, Q4};
use converge_engine::pattern::knob::Value;
use converge_engine::pattern::request_reply::Room;
use converge_engine::pattern::{Furniture, Pattern};
use converge_engine::scenario::Scenario;
use converge_engine::scenario::random::{Dice, random_scenario};
use converge_engine::sim::{Fact, NodeId, Record, SimDuration};
use converge_engine::store::saga::SagaState;
use converge_engine::store::{RowState, machine};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const REQUESTS: Pattern = Room::PATTERN;

/// Makes trouble likely: every switch may be off, services are slow, replies are lost.
fn troubled(scenario: &mut Scenario, dice: &mut Dice) {
    for (id, text) in [
        ("call_timeout", ["100ms", "1s"][dice.below(2) as usize]),
        ("call_retries", ["0", "2"][dice.below(2) as usize]),
        ("compensates", ["on", "on", "off"][dice.below(3) as usize]),
        ("undoes_unknown", ["on", "off"][dice.below(2) as usize]),
        ("keyed_calls", ["on", "on", "off"][dice.below(3) as usize]),
        ("tombstones", ["on", "on", "off"][dice.below(3) as usize]),
        ("refusal", ["0", "0.1"][dice.below(2) as usize]),
        ("reply_loss", ["0", "0", "0.1"][dice.below(3) as usize]),
        (
            "orchestrator_crash",
            ["0", "0", "0.05"][dice.below(3) as usize],
        ),
        ("mttr", "500ms"),
    ] {
        set(scenario, id, text);
    }
}

/// What all records add up to.
#[derive(Default)]
struct Truth {
    /// Requests that are over, as far as their orchestrator knows, by whether all should be there.
    over: BTreeMap<u32, SagaState>,
    /// Rows that are there: request and service.
    live: BTreeSet<(u32, NodeId)>,
    /// Requests that were over in parts, if only for a while.
    torn: BTreeSet<u32>,
    twice: bool,
}

impl Truth {
    fn of(records: &[Record], services: usize) -> Truth {
        let mut truth = Truth::default();
        let mut applied: BTreeSet<(u32, NodeId)> = BTreeSet::new();
        for record in records {
            let (request, to) = (record.message, (record.detail & 0xFF) as u8);
            let row = (request, record.node);
            match (record.fact, (record.detail >> 16) as u8) {
                (Fact::Applied, _) => truth.twice |= !applied.insert(row),
                (Fact::Edge, machine::ROW) => {
                    match to == RowState::Confirmed as u8 {
                        true => truth.live.insert(row),
                        false => truth.live.remove(&row),
                    };
                }
                (Fact::Edge, machine::SAGA) => {
                    truth.over.remove(&request);
                    use SagaState::{Compensated, Completed, Dropped};
                    let ends = [Completed, Compensated, Dropped];
                    let end = ends.into_iter().find(|end| *end as u8 == to);
                    truth.over.extend(end.map(|end| (request, end)));
                }
                _ => continue,
            }
            if truth.is_torn(request, services) {
                truth.torn.insert(request);
            }
        }
        truth
    }

    fn is_torn(&self, request: u32, services: usize) -> bool {
        let rows = self
            .live
            .range((request, NodeId(0))..=(request, NodeId(u8::MAX)));
        let live = rows.count();
        match self.over.get(&request) {
            Some(SagaState::Compensated) => live > 0,
            Some(SagaState::Dropped) => live > 0 && live < services,
            _ => false,
        }
    }

    /// Whether a request is over and not all of its services have it.
    fn has_holes(&self, services: usize) -> bool {
        let completed = self
            .over
            .iter()
            .filter(|(_, end)| **end == SagaState::Completed);
        let rows = |request: u32| self.live.iter().filter(|(one, _)| *one == request).count();
        completed
            .into_iter()
            .any(|(request, _)| rows(*request) < services)
    }
}

/// Q4 and A6 by brute force over all records.
#[test]
fn what_is_said_of_requests_is_true() {
    let seen: Mutex<Seen> = Mutex::default();
    on_random_scenarios(&[REQUESTS], 300, |seed, scenario, dice| {
        let mut scenario = scenario.clone();
        troubled(&mut scenario, dice);
        let Some((run, records)) = kept(&scenario) else {
            return;
        };
        let services = scenario.topology().copies.len();
        let truth = Truth::of(&records, services);
        // What is still under way when the run is cut short is neither.
        let over = |file: &Record| truth.over.contains_key(&file.message);
        let mut written = records.iter().filter(|record| record.fact == Fact::Written);
        let open = !written.all(over);
        let checks = &run.head_observers().checks;
        let wrong = !truth.torn.is_empty() || truth.has_holes(services) || open;
        expect(seed, &scenario, checks, Q4, wrong, &seen);
        expect(seed, &scenario, checks, A6, truth.twice, &seen);
    });
    assert_both_ways(seen, &[(Q4, 58, 91), (A6, 130, 19)]);
}

/// A random scenario with all protections on, faults that end, and waits short enough to drain. The
/// orchestrator stays up: nothing protects from its death.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(&REQUESTS, seed);
    for protection in scenario.protections() {
        let id = protection.id;
        let on = !["deadline", "breaker"].contains(&id) || dice.chance(0.5);
        assert_eq!(scenario.set_protection(id, on), Ok(()), "{id}");
    }
    tame(&mut scenario, &mut dice);
    let nodes = scenario.topology().nodes;
    let leads = nodes
        .iter()
        .find(|info| info.role == converge_engine::pattern::Role::Source);
    let leads = leads.map(|info| info.id);
    scenario.interventions.retain(|planned| match planned.what {
        converge_engine::sim::Intervention::Crash(node) => Some(node) != leads,
        _ => true,
    });
    for (id, least, most) in [
        ("call_timeout", 50, 3000),
        ("backoff_initial", 1, 500),
        ("backoff_cap", 500, 2000),
        ("breaker_pause", 100, 5000),
        ("request_timeout", 500, 5000),
        ("mttr", 1, 5000),
    ] {
        let span = SimDuration::from_millis(dice.spread(least, most));
        set(&mut scenario, id, &span.to_string());
    }
    for (id, text) in [
        ("orchestrator_crash", "0"),
        ("source_mttf", "inf"),
        ("service_mttf", ["10s", "2s"][dice.below(2) as usize]),
        (
            "service_time",
            ["0s", "exp(5ms)", "exp(100ms)"][dice.below(3) as usize],
        ),
        ("slow_time", ["1ms", "exp(500ms)"][dice.below(2) as usize]),
    ] {
        set(&mut scenario, id, text);
    }
    let failure = Value::Number(0.3 * dice.unit());
    assert_eq!(scenario.set_knob("failure", failure), Ok(()));
    scenario
}

#[test]
fn with_every_protection_on_no_invariant_of_request_reply_breaks() {
    let struck: [AtomicU64; 5] = Default::default();
    on_seeds(600, |seed| {
        let scenario = protected(seed);
        let cost = assert_holds(seed, &scenario).cost;
        let waits = cost.pool_waits.iter();
        let waited = waits.filter(|(_, wait)| wait.as_micros() > 0).count();
        let sagas = cost.sagas.sagas.iter();
        let undone = sagas.map(|(_, saga)| u64::from(saga.compensations)).sum();
        let faults = [cost.lost, cost.crashes, cost.refused, waited as u64, undone];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
    });
    let struck = struck.map(AtomicU64::into_inner);
    let mut out = std::io::stdout();
    let names = "lost, crashes, refused, waits for a connection, compensations";
    let _ = writeln!(out, "{names}: {struck:?}");
    assert!(
        struck.iter().all(|&times| times > 1000),
        "faults hardly struck: {struck:?}"
    );
}
