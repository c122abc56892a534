//! E6 to E9: events out of order, twice at once, or behind one that fails.

use super::{run, with};
use converge_engine::check::PropertyId::{A5, Q1, Q5, Q6};
use converge_engine::sim::{Fact, NodeId, SimDuration};
use serde_json::{Value as Json, json};

/// A few keys with many versions.
fn versions() -> Json {
    json!({"keys": 3, "updates": 1000, "rate": 20})
}

/// Broken without guard and with `cause`; clean with the guard, and with `cure`.
fn reorders(cause: Json, cure: Json) {
    let bare = with(&cause, json!({"version_guard": false}));
    let seen = run("60s", bare.clone(), versions(), json!([]));
    assert!(
        seen.is_broken(A5) && seen.cure(A5) == Some("version-guard"),
        "{cause}"
    );
    let guarded = run("60s", cause, versions(), json!([]));
    assert!(guarded.is_clean() && guarded.observers().cost.skipped[1] > 0);
    let cured = run("60s", with(&bare, cure.clone()), versions(), json!([]));
    assert!(cured.is_clean(), "{cure} is no cure");
}

/// E6 on two partitions: the newer event travels on the faster one.
#[test]
fn e6_two_partitions_reorder() {
    let log = json!({"queue": "partitioned-log", "routing": "round-robin",
                     "delivery_delay": {"exp": "100ms"}, "batch": 500});
    reorders(log, json!({"routing": "by-key"}));
}

/// E6 with two consumers of one queue: the newer event meets the faster handler.
#[test]
fn e6_two_consumers_reorder() {
    let two = json!({"consumers": 2, "batch": 1, "handler_time": {"exp": "40ms"}});
    reorders(two.clone(), json!({"consumers": 1}));
    reorders(two, json!({"queue": "partitioned-log", "batch": 500}));
}

/// E6 with more than one publish in flight: a retransmission is overtaken.
#[test]
fn e6_retries_with_several_in_flight_reorder() {
    let several = json!({"publish": "outbox-tailing", "publish_loss": 0.1, "publish_delay": "5ms",
                         "queue": "partitioned-log", "backoff_initial": "300ms", "batch": 500});
    reorders(
        several,
        json!({"max_in_flight": 1, "backoff_initial": "20ms"}),
    );
}

/// Times at which two consumers worked on the same message at once.
fn at_once(seen: &super::Seen, handler: SimDuration) -> usize {
    let mut working: Vec<(u32, NodeId, u64)> = Vec::new();
    let mut twice = 0;
    for record in seen.of(Fact::Handled) {
        let now = record.at.as_micros();
        working.retain(|&(_, _, until)| until > now);
        let same = |w: &&(u32, NodeId, u64)| w.0 == record.message && w.1 != record.node;
        twice += usize::from(working.iter().any(|w| same(&w)));
        working.push((record.message, record.node, now + handler.as_micros()));
    }
    twice
}

/// E7: the handler is slower than the lease, so two consumers handle the same message at once.
#[test]
fn e7_a_handler_slower_than_its_lease_is_doubled() {
    let slow =
        json!({"handler_time": "3s", "visibility_timeout": "1s", "consumers": 3, "batch": 1});
    let few = json!({"rate": 0.5});
    let handler = SimDuration::from_secs(3);
    let seen = run("60s", slow.clone(), few.clone(), json!([]));
    assert!(at_once(&seen, handler) > 10, "{}", at_once(&seen, handler));
    assert!(
        seen.observers().cost.skipped[0] > 10,
        "the inbox had nothing to skip"
    );
    for cure in [
        json!({"visibility_timeout": "30s"}),
        json!({"heartbeat": true}),
    ] {
        let cured = run("60s", with(&slow, cure.clone()), few.clone(), json!([]));
        assert!(cured.is_clean() && at_once(&cured, handler) == 0, "{cure}");
        assert_eq!(
            cured.observers().cost.handled,
            cured.observers().cost.written
        );
    }
}

/// E8: a poison message in an ordered partition. Everything behind it waits; lag climbs with every
/// order that comes.
#[test]
fn e8_poison_blocks_an_ordered_partition() {
    let poison = json!({"queue": "partitioned-log", "partitions": 1, "poison": 0.02,
                        "dead_letter": "none", "immediate_retries": 0, "delayed_retries": ["1s"],
                        "batch": 1});
    let regular = json!({"arrivals": "regular", "rate": 10});
    let seen = run("60s", poison.clone(), regular.clone(), json!([]));
    let blocked = seen
        .of(Fact::Failed)
        .next()
        .map_or(60, |record| record.at.as_micros() / 1_000_000);
    assert!(blocked < 20, "the first poison came at {blocked} s");
    for from in [20, 30, 40] {
        assert_eq!(
            seen.lag_at(from + 10) - seen.lag_at(from),
            100,
            "lag from {from} s on"
        );
    }
    assert!(seen.is_broken(Q5) && seen.cure(Q5) == Some("dead-letter-queue"));
    assert!(seen.is_broken(Q6) && seen.is_broken(Q1));
    let cured = run(
        "60s",
        with(&poison, json!({"dead_letter": "per-sequence"})),
        regular,
        json!([]),
    );
    assert!(cured.holds(Q5) && cured.holds(Q6) && cured.count(Fact::Parked) > 3);
    assert!(
        (20..60).all(|secs| cured.lag_at(secs) < 40),
        "the dead letters did not free the way"
    );
}

/// E9: dead letters of ordered data, parked one by one: a redrive puts the older state over the
/// newer one.
#[test]
fn e9_a_redrive_of_single_letters_puts_old_over_new() {
    let single = json!({"queue": "partitioned-log", "poison": 0.1, "dead_letter": "per-message",
                        "immediate_retries": 0, "delayed_retries": [], "version_guard": false});
    let pairs = json!({"keys": 20, "updates": 2, "rate": 10});
    let redrive = json!([{"at": "80s", "do": "redrive", "node": "Invoices"}]);
    let before = run("60s", single.clone(), pairs.clone(), json!([]));
    assert!(before.holds(A5), "nothing went back before the redrive");
    let seen = run("60s", single.clone(), pairs.clone(), redrive.clone());
    assert!(seen.is_broken(A5) && seen.is_broken(Q1) && seen.cure(Q1) == Some("version-guard"));
    let older = seen.observers().ledger.missing(0);
    assert!(
        older.len() > 3 && older.iter().all(|missing| missing.again),
        "{older:?}"
    );
    for cure in [
        json!({"dead_letter": "per-sequence"}),
        json!({"version_guard": true}),
    ] {
        let cured = run(
            "60s",
            with(&single, cure.clone()),
            pairs.clone(),
            redrive.clone(),
        );
        assert!(
            cured.is_clean() && cured.count(Fact::Redriven) > 3,
            "{cure}"
        );
    }
    let parked = run(
        "60s",
        with(&single, json!({"dead_letter": "per-sequence"})),
        pairs,
        redrive,
    );
    let behind = parked
        .of(Fact::Parked)
        .filter(|record| record.detail == 1)
        .count();
    assert!(behind > 3, "{behind} parked behind another");
}
