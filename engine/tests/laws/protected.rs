//! With every protection on, nothing is ever lost, doubled or put back, whatever the network, the
//! nodes and a person do, and everything arrives before the horizon.

use super::count;
use converge_engine::check::{PROPERTIES, State};
use converge_engine::pattern::knob::{Range, Value};
use converge_engine::scenario::Scenario;
use converge_engine::scenario::random::{Dice, random_scenario};
use converge_engine::scenario::run::simulation;
use converge_engine::sim::{Delay, Fact, SimDuration, SimTime};
use std::sync::atomic::{AtomicU64, Ordering};

/// Sets a knob from the text of a link.
fn set(scenario: &mut Scenario, id: &str, text: &str) {
    let range = scenario.knob(id).map(|knob| knob.range);
    let value = range.and_then(|range| range.parse_text(id, text).ok());
    let done = value.map(|value| scenario.set_knob(id, value));
    assert_eq!(done, Some(Ok(())), "{id} = {text}");
}

/// A random scenario with all protections on, faults that end, and waits short enough to drain.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(seed);
    let publish = ["outbox-polling", "outbox-tailing", "event-store"][dice.below(3) as usize];
    let acknowledge = ["after", "same-transaction"][dice.below(2) as usize];
    for (id, text) in [
        ("publish", publish),
        ("acknowledge", acknowledge),
        ("inbox", "on"),
        ("inbox_retention", "inf"),
        ("version_guard", "on"),
        ("retries", "on"),
        ("retention", "inf"),
        ("dead_letter", "per-sequence"),
        ("keyed_requests", "on"),
        ("delivery", "events"),
        // Poison and failures that outlast all retries end in the dead letters, which is no loss,
        // but no convergence either.
        ("poison", "0"),
        ("handler_failure", "0"),
    ] {
        set(&mut scenario, id, text);
    }
    let knob = |scenario: &Scenario, id: &str| scenario.knob(id).map(|knob| knob.value);
    if knob(&scenario, "consumers") == Some(Value::Integer(0)) {
        set(&mut scenario, "consumers", "1");
    }
    // Half of any chance, a second of any wait: so that an hour is for ever.
    for knob in scenario
        .knobs()
        .into_iter()
        .filter(|knob| knob.section == "config")
    {
        let short = SimDuration::from_millis(200 + dice.below(800));
        let value = match (&knob.range, knob.value) {
            (Range::Number(_, max), Value::Number(x)) if *max <= 1.0 => Value::Number(x.min(0.4)),
            (Range::Duration(min, _, false), Value::Duration(Some(span))) => {
                let least = SimDuration::from_micros(*min);
                Value::Duration(Some(span.min(short).max(least)))
            }
            (Range::Delay(..), Value::Delay(Some(delay))) if delay.mean_secs() > 1.0 => {
                Value::Delay(Some(Delay::Exponential(short)))
            }
            _ => continue,
        };
        assert_eq!(scenario.set_knob(knob.id, value), Ok(()), "{}", knob.id);
    }
    // A handler must be able to finish between two crashes.
    set(
        &mut scenario,
        "consumer_mttf",
        if dice.chance(0.5) { "inf" } else { "30s" },
    );
    set(
        &mut scenario,
        "handler_time",
        ["0s", "1ms", "exp(5ms)"][dice.below(3) as usize],
    );
    set(&mut scenario, "handler_time_last", "none");
    scenario.until = scenario.until.min(SimDuration::from_secs(20));
    scenario.warmup = SimDuration::ZERO;
    scenario.horizon = SimDuration::from_secs(6 * 3600);
    scenario
}

#[test]
fn with_every_protection_on_every_invariant_holds() {
    let struck: [AtomicU64; 5] = Default::default();
    let last = count(600);
    let check = |seed: u64| {
        let scenario = protected(seed);
        let mut run = simulation(&scenario);
        run.start(None);
        run.run_until(SimTime::MAX, None);
        let observers = run.observer();
        for property in &PROPERTIES {
            let state = observers.checks.state(property.id);
            let first = observers.checks.first(property.id);
            let (code, end) = (property.code, run.now());
            assert_eq!(
                state,
                State::Holding,
                "seed {seed}, {end:?}: {code} {first:?}\n{}",
                scenario.to_value()
            );
        }
        let cost = &observers.cost;
        let faults = [
            cost.lost,
            cost.crashes,
            cost.skipped[0],
            cost.skipped[1],
            cost.applies_out_of_order,
        ];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
        assert_eq!(
            observers.story.told().last().map(|told| told.record.fact),
            Some(Fact::Quiesced)
        );
    };
    std::thread::scope(|scope| {
        let check = &check;
        scope.spawn(move || (0..last).step_by(2).for_each(check));
        scope.spawn(move || (1..last).step_by(2).for_each(check));
    });
    let struck = struck.map(AtomicU64::into_inner);
    println!("lost, crashes, known ids, older versions, out of order: {struck:?}");
    assert!(
        struck.iter().all(|&times| times > 1000),
        "faults hardly struck: {struck:?}"
    );
}
