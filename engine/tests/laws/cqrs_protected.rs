//! CQRS with every protection on: whatever the network, the nodes and a person do, no invariant
//! breaks, for no session either.

use super::protected::{assert_holds, on_seeds, set, tame};
use converge_engine::metric::cost::Backlog;
use converge_engine::pattern::Furniture;
use converge_engine::pattern::cqrs::Room;
use converge_engine::pattern::knob::Value;
use converge_engine::scenario::Scenario;
use converge_engine::scenario::random::{Dice, random_scenario};
use converge_engine::sim::SimDuration;
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// What cannot be on together, since one knob says how a query is answered.
const READS: [&[&str]; 2] = [
    &["version-token", "fallback-primary", "waits-for-unstarted"],
    &["sticky-primary", "release-when-all"],
];

/// A random scenario with all protections on, faults that end, and waits short enough to drain.
fn protected(seed: u64) -> Scenario {
    let mut dice = Dice::new(seed, "protected");
    let mut scenario = random_scenario(&Room::PATTERN, seed);
    let reads = READS[dice.below(2) as usize];
    for protection in scenario.protections() {
        let id = protection.id;
        let other = READS.concat().contains(&id) && !reads.contains(&id);
        if !other {
            assert_eq!(scenario.set_protection(id, true), Ok(()), "{id}");
        }
    }
    tame(&mut scenario, &mut dice);
    for (id, text) in [
        // Where it halts for good, nothing breaks, but nothing converges either.
        ("poison", "0"),
        // A user's devices do not wait for each other's answers.
        ("session", "device"),
        (
            "projector_crash",
            ["0", "0.02", "0.1"][dice.below(3) as usize],
        ),
        (
            "handler_time",
            ["0s", "1ms", "exp(5ms)"][dice.below(3) as usize],
        ),
    ] {
        set(&mut scenario, id, text);
    }
    for (id, least, most) in [
        ("request_timeout", 500, 5000),
        ("query_timeout", 500, 5000),
        ("fetch_timeout", 10, 2000),
        ("wait_timeout", 1, 5000),
        ("poll_interval", 1, 2000),
        ("projection_start", 0, 2000),
        ("rebuild_at", 1, 20_000),
        ("mttr", 1, 5000),
    ] {
        let span = SimDuration::from_millis(dice.spread(least, most));
        set(&mut scenario, id, &span.to_string());
    }
    for id in [
        "source_mttf",
        "store_mttf",
        "projector_mttf",
        "replica_mttf",
    ] {
        set(&mut scenario, id, ["inf", "10s"][dice.below(2) as usize]);
    }
    let batch = Value::Integer(1 + dice.below(20) as i64);
    assert_eq!(scenario.set_knob("batch", batch), Ok(()));
    for (id, most) in [("reads", 20.0), ("deletes", 0.3)] {
        let value = Value::Number(most * dice.unit());
        assert_eq!(scenario.set_knob(id, value), Ok(()), "{id}");
    }
    scenario
}

#[test]
fn with_every_protection_on_no_invariant_of_cqrs_breaks() {
    let struck: [AtomicU64; 6] = Default::default();
    on_seeds(600, |seed| {
        let scenario = protected(seed);
        let cost = assert_holds(seed, &scenario).cost;
        let faults = [
            cost.lost,
            cost.crashes,
            cost.skipped[2],
            cost.refused,
            cost.waits
                .iter()
                .filter(|wait| wait.1 > SimDuration::ZERO)
                .count() as u64,
            cost.fell_back,
        ];
        for (sum, fault) in struck.iter().zip(faults) {
            sum.fetch_add(fault, Ordering::Relaxed);
        }
        let lag = |backlog: &Backlog| backlog.records();
        let lags: Vec<usize> = cost.backlogs.iter().map(lag).collect();
        assert!(
            lags.iter().all(|&lag| lag == 0),
            "seed {seed}: {lags:?}\n{}",
            scenario.to_value()
        );
    });
    let struck = struck.map(AtomicU64::into_inner);
    let mut out = std::io::stdout();
    let names = "lost, crashes, overtaken by a rebuild, refused, waited, fell back";
    let _ = writeln!(out, "{names}: {struck:?}");
    assert!(
        struck.iter().all(|&times| times > 1000),
        "faults hardly struck: {struck:?}"
    );
}
