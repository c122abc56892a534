//! R7 to R9, and the holes of P8: each mechanism that gives a session its guarantees has one.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::A12;
use converge_engine::sim::Fact;
use serde_json::{Value as Json, json};

/// A profile is edited and read back from one of three replicas.
fn profile(config: &Json, plan: Json) -> Seen {
    let quick = json!({"delivery_delay": "1ms", "handler_time": "0s", "fetch_delay": "1ms",
                       "replicas": 3, "replica_delay": {"exp": "300ms"}, "read_back": "100ms"});
    let edits = json!({"keys": 8, "updates": 4, "rate": 5});
    room("cqrs", "60s", &with(&quick, config.clone()), edits, plan)
}

fn breaks(config: &Json, plan: Json) {
    let seen = profile(config, plan);
    assert!(seen.is_broken(A12), "{config}: {:?}", seen.states());
    assert!(seen.cure(A12).is_some(), "{config}: no cure");
}

fn keeps(config: &Json, plan: Json) -> Seen {
    let seen = profile(config, plan);
    assert!(seen.holds(A12), "{config}: {:?}", seen.states());
    seen
}

fn patient() -> Json {
    json!({"consistency": "wait-for-version", "wait_timeout": "20s", "query_timeout": "30s"})
}

/// Without any mechanism; and each of those that keep it, within their limits.
#[test]
fn p8_read_your_writes_is_kept_by_each_mechanism() {
    breaks(&json!({}), json!([]));
    keeps(&patient(), json!([]));
    keeps(
        &json!({"consistency": "sticky-primary", "sticky_for": "20s"}),
        json!([]),
    );
    keeps(&json!({"consistency": "read-primary"}), json!([]));
    keeps(&json!({"consistency": "echo", "asks_mr": false}), json!([]));
}

/// R7: nobody waits for a projection that never started, so empty data pass for current.
#[test]
fn r7_an_unstarted_projection_passes_for_current() {
    let unstarted = with(
        &patient(),
        json!({"projection_start": "20s", "replicas": 1}),
    );
    breaks(
        &with(&unstarted, json!({"waits_unstarted": false})),
        json!([]),
    );
    keeps(&unstarted, json!([]));
}

/// R8: released when one replica has caught up, while reads go to another.
#[test]
fn r8_a_sticky_session_is_released_too_early() {
    let sticky = json!({"consistency": "sticky-primary", "second_read": "300ms"});
    breaks(
        &with(&sticky, json!({"release": "one-caught-up"})),
        json!([]),
    );
    keeps(
        &with(&sticky, json!({"release": "all-caught-up"})),
        json!([]),
    );
}

/// The same by time: the hole is as wide as the lag is longer than the time.
#[test]
fn p8_a_sticky_session_ends_before_the_replica_has_caught_up() {
    let sticky = json!({"consistency": "sticky-primary", "read_back": "300ms"});
    breaks(&with(&sticky, json!({"sticky_for": "200ms"})), json!([]));
    keeps(&with(&sticky, json!({"sticky_for": "30s"})), json!([]));
}

/// R9: the token stays on the device that wrote.
#[test]
fn r9_the_other_device_has_no_token() {
    let two = with(
        &patient(),
        json!({"devices": 2, "other_device": 1.0, "session": "user"}),
    );
    breaks(&with(&two, json!({"token": "device"})), json!([]));
    keeps(&with(&two, json!({"token": "user"})), json!([]));
    // A session of one device asks for nothing about the other.
    keeps(
        &with(&two, json!({"token": "device", "session": "device"})),
        json!([]),
    );
}

/// A sticky replica that dies: the next one may be behind what was read before.
#[test]
fn p8_failover_of_a_sticky_replica_goes_back_in_time() {
    let sticky = json!({"replica_choice": "sticky-user", "asks_ryw": false, "second_read": "100ms",
                        "read_back": "400ms", "query_timeout": "50ms", "query_attempts": 10});
    keeps(&sticky, json!([]));
    breaks(
        &with(&sticky, json!({"replica_mttf": "3s", "mttr": "1s"})),
        json!([]),
    );
    // Without stickiness each read may go back.
    breaks(
        &with(&sticky, json!({"replica_choice": "random"})),
        json!([]),
    );
}

/// The wait for a version ends, and what is shown then is as old as it is.
#[test]
fn p8_the_token_times_out() {
    let hasty = with(&patient(), json!({"wait_timeout": "20ms"}));
    breaks(&with(&hasty, json!({"fallback": "stale"})), json!([]));
    keeps(&with(&hasty, json!({"fallback": "primary"})), json!([]));
    let refused = keeps(&with(&hasty, json!({"fallback": "fail"})), json!([]));
    assert!(refused.count(Fact::Read) < keeps(&patient(), json!([])).count(Fact::Read));
}

/// Read your writes says nothing about what others wrote.
#[test]
fn p8_other_users_are_not_promised_anything() {
    let seen = keeps(&with(&patient(), json!({"users": 4})), json!([]));
    assert!(seen.observers().cost.reads.iter().count() > 100);
    let alone = with(&patient(), json!({"users": 4, "read_back": "none"}));
    let edits = json!({"keys": 8, "updates": 4, "rate": 5, "reads": 20});
    let seen = room(
        "cqrs",
        "60s",
        &with(&json!({"replicas": 3}), alone),
        edits,
        json!([]),
    );
    let stale = seen
        .observers()
        .cost
        .reads
        .iter()
        .filter(|read| read.behind > 0);
    assert!(stale.count() > 20 && seen.holds(A12), "{:?}", seen.states());
}

/// Writes of one session overtake each other unless each waits for the answer to the one before.
#[test]
fn p8_monotonic_writes_need_order() {
    let fast = json!({"client_delay": {"exp": "300ms"}, "users": 1, "asks_ryw": false,
                      "asks_mr": false, "asks_wfr": false});
    breaks(&with(&fast, json!({"ordered_writes": false})), json!([]));
    keeps(&with(&fast, json!({"ordered_writes": true})), json!([]));
}

/// A reply is shown before what it replies to, unless an event names what its author had seen, and
/// replicas apply in that order.
#[test]
fn p8_writes_follow_reads_needs_causality() {
    let replies = json!({"read_first": true, "users": 4, "asks_ryw": false, "asks_mr": false,
                         "asks_mw": false, "expected_version": false});
    let order = |events: bool, replicas: bool| {
        let switches = json!({"causal_writes": events, "replica_in_order": replicas});
        with(&replies, switches)
    };
    breaks(&order(false, false), json!([]));
    breaks(&order(true, false), json!([]));
    keeps(&order(true, true), json!([]));
}
