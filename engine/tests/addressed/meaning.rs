//! That the same address has the same bits is arithmetic; that it *means* the same is the design.
//! So the same order must be asked for at the same instant, for the same key, and meet the same
//! crash, failure and poison, under every protection, mode and number of consumers.

use super::luck::lucky;
use super::plain;
use converge_engine::pattern::knob::Value;
use converge_engine::scenario::{PATTERNS, PRESETS, Run, Scenario};
use converge_engine::sim::{Fact, Record, RecordId, SimTime};
use serde_json::json;
use std::collections::BTreeMap;

fn records(scenario: &Scenario) -> Vec<Record> {
    let mut run = Run::new(scenario);
    run.finish();
    let all = run.journal().iter_from(RecordId(0));
    all.map(|(_, record)| *record).collect()
}

/// Order number → (instant, key) of its first request.
fn orders(records: &[Record]) -> BTreeMap<u32, (SimTime, u32)> {
    let first = records
        .iter()
        .filter(|r| r.fact == Fact::Requested && r.detail == 0);
    first.map(|r| (r.message, (r.at, r.key))).collect()
}

/// Changes of configuration that must not touch the workload.
fn changes() -> Vec<(&'static str, Value)> {
    let choice = |id, word| (id, Value::Choice(word));
    let integer = |id, n| (id, Value::Integer(n));
    vec![
        choice("publish", "outbox-polling"),
        choice("publish", "publish-then-commit"),
        choice("delivery", "blocking-calls"),
        choice("queue", "partitioned-log"),
        choice("routing", "round-robin"),
        choice("acknowledge", "before"),
        choice("dead_letter", "none"),
        integer("groups", 4),
        integer("consumers", 3),
        integer("max_in_flight", 2),
        integer("partitions", 7),
        ("inbox", Value::Switch(false)),
        ("retries", Value::Switch(false)),
        ("keyed_requests", Value::Switch(false)),
        ("handler_failure", Value::Number(0.5)),
        ("delivery_loss", Value::Number(0.5)),
    ]
}

#[test]
fn orders_arrive_at_the_same_instants_whatever_the_configuration() {
    for preset in PRESETS
        .iter()
        .filter(|preset| preset.pattern == "event-based")
    {
        let mut scenario = lucky(preset);
        // A shop's page decides by its copy whether to order: there the configuration may matter.
        assert_eq!(scenario.set_knob("stock", Value::Integer(0)), Ok(()));
        let expected = orders(&records(&scenario));
        assert!(
            expected.len() > 15,
            "{}: {} orders",
            preset.id,
            expected.len()
        );
        for (id, value) in changes() {
            let mut changed = scenario.clone();
            assert_eq!(changed.set_knob(id, value.clone()), Ok(()), "{id}");
            let found = orders(&records(&changed));
            assert!(
                found == expected,
                "{}: {id} = {} moved an order",
                preset.id,
                value.to_text()
            );
        }
    }
}

/// Which orders crash their producer is decided by the order: the same ones with and without
/// retries, with one copy or four, under a dual write or an outbox.
#[test]
fn the_same_orders_crash_the_producer() {
    let crashed = |scenario: &Scenario| -> Vec<u32> {
        let all = records(scenario);
        let by_write = all
            .iter()
            .filter(|r| r.fact == Fact::Crashed && r.detail == 2);
        by_write.map(|r| all[r.cause.0 as usize].message).collect()
    };
    let mut scenario = Scenario::of(&PRESETS[0]);
    let chance = Value::Number(0.05);
    assert_eq!(scenario.set_knob("crash_before_publish", chance), Ok(()));
    // No request meets a producer that is down, so that every order is decided at its first try.
    let short = converge_engine::sim::SimDuration::from_millis(1);
    assert_eq!(
        scenario.set_knob("mttr", Value::Duration(Some(short))),
        Ok(())
    );
    let expected = crashed(&scenario);
    assert!(expected.len() > 4, "{} crashes", expected.len());
    for (id, value) in changes() {
        let mut changed = scenario.clone();
        assert_eq!(changed.set_knob(id, value.clone()), Ok(()), "{id}");
        // A rolled back write is asked for again, and a second write is another write.
        if id == "publish" && value == Value::Choice("publish-then-commit")
            || id == "keyed_requests"
        {
            continue;
        }
        assert_eq!(crashed(&changed), expected, "{id} = {}", value.to_text());
    }
}

/// A consumer fails when it fails, however many others there are.
#[test]
fn a_consumers_failures_do_not_depend_on_other_consumers() {
    let failures = |groups: i64, consumers: i64| -> Vec<SimTime> {
        let mut scenario = Scenario::of(&PRESETS[0]);
        let mttf = converge_engine::sim::SimDuration::from_secs(20);
        for (id, value) in [
            ("groups", Value::Integer(groups)),
            ("consumers", Value::Integer(consumers)),
            ("consumer_mttf", Value::Duration(Some(mttf))),
            ("crash_before_publish", Value::Number(0.0)),
        ] {
            assert_eq!(scenario.set_knob(id, value), Ok(()), "{id}");
        }
        let topology = scenario.topology();
        let first = topology.find("Invoices consumer 1");
        let all = records(&scenario);
        let own = all
            .iter()
            .filter(|r| r.fact == Fact::Crashed && Some(r.node) == first);
        own.map(|r| r.at).collect()
    };
    let alone = failures(1, 1);
    assert!(alone.len() >= 2, "{} failures", alone.len());
    for (groups, consumers) in [(2, 1), (1, 4), (3, 2)] {
        assert_eq!(
            failures(groups, consumers),
            alone,
            "{groups} groups of {consumers}"
        );
    }
}

/// The same scenario in another pattern: the same seed, workload and failures, all else as its
/// sheet has it.
fn in_pattern(pattern: &str, seed: u64) -> Scenario {
    let config = json!({"source_mttf": "12s", "mttr": "700ms"});
    let workload = json!({"rate": 5, "keys": 6, "updates": 4});
    let mut all = plain::defaults(pattern, "60s", &config, &workload);
    all["seed"] = json!(seed);
    Scenario::from_value(&all).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

/// Rule C6 across patterns: by events, by job or by projection, the same orders for the same keys
/// arrive at the same instants, and their source crashes at the same instants.
#[test]
fn every_pattern_sees_the_same_arrivals_and_the_same_crashes() {
    for seed in [7, 1043] {
        let mut expected = None;
        for pattern in PATTERNS {
            let scenario = in_pattern(pattern.id, seed);
            let source = scenario.topology().source;
            let all = records(&scenario);
            let mut crashed: Vec<SimTime> = all
                .iter()
                .filter(|r| r.fact == Fact::Crashed && r.node == source)
                .map(|r| r.at)
                .collect();
            crashed.retain(|at| *at < SimTime::from_secs(60));
            let here = (orders(&all), crashed);
            let (orders, crashes) = (here.0.len(), here.1.len());
            assert!(
                orders > 200 && crashes >= 2,
                "{}: {orders} orders, {crashes} crashes",
                pattern.id
            );
            let (pattern_of, first) = expected.get_or_insert((pattern.id, here.clone()));
            assert_eq!(
                first.1, here.1,
                "crashes of {pattern_of} and {}",
                pattern.id
            );
            assert!(
                first.0 == here.0,
                "arrivals of {pattern_of} and {}",
                pattern.id
            );
        }
    }
}
