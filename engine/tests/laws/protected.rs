//! With every protection on, nothing is ever lost, doubled or put back, whatever the network, the
//! nodes and a person do, and everything arrives before the horizon.

use super::{EVENT_BASED, count};
use converge_engine::check::{PropertyId, State};
use converge_engine::pattern::knob::{Range, Value};
use converge_engine::scenario::random::{Dice, random_scenario};
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{Observers, Scenario};
use converge_engine::sim::{Delay, Fact, Intervention, SimDuration, SimTime};
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// A run that makes more records than this goes round in circles.
const RECORDS_MAX: u32 = 3_000_000;

/// Sets a knob from the text of a link.
pub fn set(scenario: &mut Scenario, id: &str, text: &str) {
    let range = scenario.knob(id).map(|knob| knob.range);
    let value = range.and_then(|range| range.parse_text(id, text).ok());
    let done = value.map(|value| scenario.set_knob(id, value));
    assert_eq!(done, Some(Ok(())), "{id} = {text}");
}

/// A random scenario with all protections on, faults that end, and waits short enough to drain.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(&EVENT_BASED, seed);
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
    tame(&mut scenario, &mut dice);
    // A relay that crashes at every other publish fills the broker with repetitions.
    let relay_crash = Value::Number(dice.below(100) as f64 / 1000.0);
    assert_eq!(scenario.set_knob("relay_crash", relay_crash), Ok(()));
    for (id, least, most) in [
        ("visibility_timeout", 5000, 30_000),
        ("backoff_initial", 1000, 3000),
        ("backoff_cap", 1000, 10_000),
        ("request_timeout", 1000, 5000),
        ("relay_interval", 1, 5000),
        ("detection_timeout", 1000, 20_000),
        ("mttr", 1, 5000),
    ] {
        let span = SimDuration::from_millis(dice.spread(least, most));
        set(&mut scenario, id, &span.to_string());
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
    // Each crash sends a whole batch again, and what lies behind it in its partition.
    let batch = Value::Integer(1 + dice.below(20) as i64);
    assert_eq!(scenario.set_knob("batch", batch), Ok(()));
    scenario
}

/// Faults that end, and waits short enough to drain: chances up to two fifths, short delays, and no
/// more writes than a day of retries can carry over a link that loses two of five.
pub fn tame(scenario: &mut Scenario, dice: &mut Dice) {
    for knob in scenario
        .knobs()
        .into_iter()
        .filter(|knob| knob.section == "config")
    {
        let short = SimDuration::from_millis(1 + dice.below(100));
        let value = match (&knob.range, knob.value) {
            (Range::Number(_, max), Value::Number(x)) if *max <= 1.0 => Value::Number(x.min(0.4)),
            (Range::Delay(..), Value::Delay(Some(delay))) if delay.mean_secs() > 0.1 => {
                Value::Delay(Some(Delay::Exponential(short)))
            }
            _ => continue,
        };
        assert_eq!(scenario.set_knob(knob.id, value), Ok(()), "{}", knob.id);
    }
    let rate = match scenario.knob("rate").map(|knob| knob.value) {
        Some(Value::Number(rate)) => rate.max(1.0),
        _ => 1.0,
    };
    let enough = SimDuration::from_micros_f64(300.0 / rate * 1e6);
    scenario.until = scenario.until.min(enough);
    scenario.warmup = SimDuration::ZERO;
    // What is cut after the drain has healed everything stays cut.
    let end = SimTime::ZERO.plus(scenario.until);
    scenario.interventions.retain(|planned| planned.at < end);
    scenario.horizon = SimDuration::from_secs(24 * 3600);
}

/// The same by blocking calls, to a source that never crashes: a call has no other carrier than the
/// source's memory.
fn by_calls(seed: u64) -> Scenario {
    let mut scenario = protected(seed);
    set(&mut scenario, "delivery", "blocking-calls");
    set(&mut scenario, "crash_before_publish", "0");
    set(&mut scenario, "source_mttf", "inf");
    // Calls have no flow control: each crash forgets all that are under way.
    set(&mut scenario, "consumer_crash", "0.05");
    let source = scenario.topology().source;
    scenario
        .interventions
        .retain(|planned| planned.what != Intervention::Crash(source));
    scenario
}

/// The same with an ordered log in place of the guard: routing by key alone keeps the order, over
/// crashes, rebalances, rewinds, failures, dead letters and redrives.
fn ordered(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "ordered");
    let mut scenario = protected(seed);
    for (id, text) in [
        ("version_guard", "off"),
        ("effect", "register"),
        ("queue", "partitioned-log"),
        ("routing", "by-key"),
        ("max_in_flight", "1"),
        ("keys", "3"),
        ("updates", "1000"),
        ("poison", "0.02"),
        ("handler_failure", "0.2"),
        ("immediate_retries", "1"),
        ("delayed_retries", "100ms,1s"),
        ("retry_layers", "1"),
        (
            "dead_letter",
            ["per-sequence", "none"][dice.below(2) as usize],
        ),
        (
            "consumer_mttf",
            ["inf", "2s", "10s"][dice.below(3) as usize],
        ),
        ("consumers", ["1", "2", "5"][dice.below(3) as usize]),
        (
            "visibility_timeout",
            ["300ms", "2s", "30s"][dice.below(3) as usize],
        ),
        (
            "handler_time",
            ["0s", "exp(20ms)", "500ms"][dice.below(3) as usize],
        ),
    ] {
        set(&mut scenario, id, text);
    }
    scenario.horizon = scenario.until.plus(SimDuration::from_secs(60));
    scenario
}

#[test]
fn an_ordered_log_keeps_the_order_without_a_guard() {
    let (versions, letters) = (AtomicU64::new(0), AtomicU64::new(0));
    on_seeds(300, |seed| {
        let scenario = ordered(seed);
        let mut run = simulation(&scenario);
        run.start(None);
        while run.records() < RECORDS_MAX / 10 && run.step(SimTime::MAX, None) {}
        let observers = run.observers();
        for property in [
            PropertyId::A2,
            PropertyId::A3,
            PropertyId::A5,
            PropertyId::A6,
        ] {
            let first = observers.checks.first(property);
            assert!(
                first.is_none(),
                "seed {seed}: {first:?}\n{}",
                scenario.to_value()
            );
        }
        versions.fetch_add(observers.cost.effects, Ordering::Relaxed);
        let parked = observers
            .cost
            .backlogs
            .iter()
            .map(|backlog| u64::from(backlog.parked_max));
        letters.fetch_add(parked.sum(), Ordering::Relaxed);
    });
    let (versions, letters) = (versions.into_inner(), letters.into_inner());
    assert!(
        versions > 10_000 && letters > 500,
        "{versions} effects, {letters} letters"
    );
}

/// Every invariant of the room holds at the end of a run that drains; what it cost.
pub fn assert_holds(seed: u64, scenario: &Scenario) -> Observers {
    let mut run = simulation(scenario);
    run.start(None);
    while run.records() < RECORDS_MAX && run.step(SimTime::MAX, None) {}
    assert!(
        run.records() < RECORDS_MAX,
        "seed {seed} never ends: {}",
        scenario.to_value()
    );
    let observers = run.observers();
    for &property in scenario.properties() {
        let state = observers.checks.state(property);
        let first = observers.checks.first(property);
        let (code, end) = (property.info().code, run.now());
        assert_eq!(
            state,
            State::Holding,
            "seed {seed}, {end:?}: {code} {first:?}\n{}",
            scenario.to_value()
        );
    }
    assert_eq!(
        observers.story.told().last().map(|told| told.record.fact),
        Some(Fact::Quiesced)
    );
    observers.clone()
}

/// Checks seeds on both processors.
pub fn on_seeds(ci: u64, check: impl Fn(u64) + Sync) {
    let last = count(ci);
    std::thread::scope(|scope| {
        let check = &check;
        scope.spawn(move || (0..last).step_by(2).for_each(check));
        scope.spawn(move || (1..last).step_by(2).for_each(check));
    });
}

#[test]
fn with_every_protection_on_every_invariant_holds() {
    let struck: [AtomicU64; 4] = Default::default();
    on_seeds(600, |seed| {
        let scenario = if seed.is_multiple_of(5) {
            by_calls(seed)
        } else {
            protected(seed)
        };
        let cost = assert_holds(seed, &scenario).cost;
        let faults = [cost.lost, cost.crashes, cost.skipped[0], cost.skipped[1]];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
    });
    let struck = struck.map(AtomicU64::into_inner);
    let mut out = std::io::stdout();
    let _ = writeln!(out, "lost, crashes, known ids, older versions: {struck:?}");
    assert!(
        struck.iter().all(|&times| times > 1000),
        "faults hardly struck: {struck:?}"
    );
}
