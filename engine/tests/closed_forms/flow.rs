//! Laws that hold exactly, whatever the distributions: Little's law and the conservation of flow.
//!
//! Every sweep of every other test asserts both on every queue; here they meet the truth of the
//! ledger, and everything that can go wrong.

use crate::sample::{scenario, server, sweep_of};
use converge_engine::metric::sample::Measured;
use serde_json::{Value as Json, json};

/// Where an event is in the queue exactly from its commit to its effect, the waits are the
/// visibility delays, and what was written is what arrived and what left.
fn waits_are_delays(run: &Measured<'_>, out: &mut Vec<f64>) {
    for (copy, queue) in run.cost.backlogs.iter().enumerate() {
        let own = run.ledger.visibility().iter();
        let own = own.filter(|seen| usize::from(seen.copy) == copy);
        let delays: u128 = own.map(|seen| u128::from(seen.delay.as_micros())).sum();
        assert_eq!(queue.area_at(run.now), delays, "Little's law");
        assert_eq!(
            (queue.arrived, queue.left),
            (run.cost.written, run.cost.written)
        );
        out.push(queue.arrived as f64);
    }
}

#[test]
fn little_and_flow_against_the_ledger() {
    let exp = json!({"exp": "100ms"});
    let workload = |rate: f64| json!({"rate": rate, "updates": 1_000_000, "keys": 8});
    let config = |more: Json| {
        let mut config = json!({"effect": "counter", "handler_time": exp, "batch": 1});
        let all = config.as_object_mut().expect("an object");
        all.extend(more.as_object().expect("an object").clone());
        config
    };
    for scenario in [
        server("500s", exp.clone(), json!({"rate": 8.0})),
        scenario("500s", config(json!({"consumers": 3})), workload(25.0)),
        scenario(
            "500s",
            config(json!({"queue": "partitioned-log", "partitions": 5, "consumers": 3})),
            workload(15.0),
        ),
        scenario(
            "500s",
            config(json!({"groups": 3, "batch": 20})),
            workload(8.0),
        ),
        scenario(
            "500s",
            json!({"groups": 2, "delivery_delay": exp}),
            json!({"rate": 30.0}),
        ),
    ] {
        let arrived = sweep_of(&scenario, waits_are_delays, 5);
        assert!(
            arrived.iter().all(|&n| n > 3000.0),
            "a queue of {arrived:?} events"
        );
    }
}

/// Loss, duplicates, poison, crashes, dead letters, expiry: the queue still counts right, and
/// these must have happened.
#[test]
fn little_and_flow_under_faults() {
    let left = |run: &Measured<'_>, out: &mut Vec<f64>| {
        for queue in &run.cost.backlogs {
            assert_eq!(
                (queue.records(), queue.left),
                (0, queue.arrived),
                "not drained"
            );
        }
        let parked: u32 = run.cost.backlogs.iter().map(|queue| queue.parked_max).sum();
        let cost = run.cost;
        out.extend([
            cost.lost as f64,
            cost.failed as f64,
            cost.crashes as f64,
            parked.into(),
        ]);
    };
    let base = json!({
        "publish": "outbox-polling", "relay_crash": 0.02, "mttr": "300ms", "ack_delay": "5ms",
        "publish_loss": 0.1, "publish_duplication": 0.1, "delivery_loss": 0.1,
        "delivery_duplication": 0.1, "ack_link_loss": 0.1, "ack_loss": 0.1,
        "delivery_delay": {"exp": "50ms"}, "handler_time": {"exp": "20ms"}, "groups": 2,
        "consumers": 2, "consumer_crash": 0.02, "detection_timeout": "1s", "poison": 0.02,
        "handler_failure": 0.1, "immediate_retries": 1, "delayed_retries": ["200ms"],
        "visibility_timeout": "2s", "backoff_initial": "100ms",
    });
    for queue in ["leased-queue", "partitioned-log"] {
        for dead_letter in ["per-message", "per-sequence"] {
            for retention in ["inf", "3s"] {
                let mut config = base.clone();
                config["queue"] = json!(queue);
                config["dead_letter"] = json!(dead_letter);
                config["retention"] = json!(retention);
                config["batch"] = json!(4);
                let workload = json!({"rate": 4.0, "keys": 6, "updates": 20});
                let seen = sweep_of(&scenario("120s", config, workload), left, 20);
                for kind in 0..4 {
                    let happened: f64 = seen.iter().skip(kind).step_by(4).sum();
                    assert!(happened > 0.0, "fault {kind} under {queue}, {dead_letter}");
                }
            }
        }
    }
}
