//! The rows of quorums. Read repair, hints that count and sending to a quorum only are directed
//! tests: p9_overlap, p9_counted_hints, p9_nothing_but.

use super::ORDERS;
use super::row::{NO_PLAN, Row, SHORT, count, merge, orders, violations};
use converge_engine::check::PropertyId::{A5, A12, Q1, Q2};
use converge_engine::scenario::Observers;
use converge_engine::sim::{Channel, Fact, NodeId, Record};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const QUORUM: &str = "quorum";

/// Nothing takes time but a transmission to a replica and back.
fn store(extra: Json) -> Json {
    let mut config = json!({
        "client_delay": "0s", "write_delay": "1ms", "ack_delay": "0s", "read_delay": "0s",
        "write_timeout": "50ms", "hint_interval": "100ms", "anti_entropy_interval": "200ms",
    });
    merge(&mut config, extra);
    config
}

/// Pairs of versions of one key, 20 ms apart, each pair a key of its own.
fn pairs() -> Json {
    json!({"arrivals": "bursts", "rate": 1000.0 / 30.0, "burst_size": 2, "burst_gap": "20ms",
           "keys": 1, "updates": 2})
}

const PAIRS: (&str, &str) = ("6030ms", "20s");

/// Orders that some replica does not show.
fn missing(observers: &Observers) -> u64 {
    let ledger = &observers.ledger;
    let copies = 0..ledger.copies().len();
    let all = copies.flat_map(|copy| ledger.missing(copy));
    all.map(|missing| missing.message)
        .collect::<BTreeSet<u32>>()
        .len() as u64
}

fn losses(records: &mut dyn Iterator<Item = &Record>) -> u64 {
    count(records, |r| {
        r.fact == Fact::Lost && r.channel == Channel::Replicate
    })
}

const LOST: f64 = 0.002;
/// An order is hit if any of three transmissions is lost: 1 − (1 − p)³.
const ANY_LOST: f64 = 1.0 - (1.0 - LOST) * (1.0 - LOST) * (1.0 - LOST);
/// F24, ⅔ e^(−μt): N = 3, R = W = 1, read back after 40 ms, a way of mean 10 ms.
pub const STALE: f64 = 0.012_210_425_925_822_786;
/// F14, ½ e^(−g/m): 20 ms apart, a way of mean 10 ms.
pub const OVERTAKE: f64 = 0.067_667_641_618_306_35;

/// A transmission of a write is lost, and no one else brings it.
const MISSED: Row = Row {
    pattern: QUORUM,
    protection: "hinted-handoff",
    breaks: &[Q1, Q2],
    unit: "order",
    units: ORDERS,
    rate: ANY_LOST,
    violations: None,
    settings: || (store(json!({"replica_loss": LOST})), orders()),
    times: SHORT,
    plan: NO_PLAN,
    off: None,
    hits: missing,
    fault: "writes lost on the way to a replica",
    saved: losses,
};

pub const ROWS: &[Row] = &[
    Row {
        pattern: QUORUM,
        protection: "quorum-overlap",
        breaks: &[A12],
        unit: "order",
        units: ORDERS,
        rate: STALE,
        violations: None,
        settings: || {
            let config = json!({"write_delay": {"exp": "10ms"}, "answer_delay": {"exp": "1ms"},
                                "read_back": "40ms"});
            let slow = json!({"arrivals": "regular", "rate": 5, "keys": 1, "updates": 1});
            (store(config), slow)
        },
        times: ("40100ms", "100s"),
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, A12),
        fault: "replicas that answered without the write",
        saved: |records| {
            // Replicas come after the client and its coordinator.
            count(records, |r| {
                let answer = r.fact == Fact::Delivered && r.channel == Channel::Answer;
                answer && r.peer > NodeId(1) && r.version == 0
            })
        },
    },
    MISSED,
    Row {
        protection: "anti-entropy",
        ..MISSED
    },
    Row {
        pattern: QUORUM,
        protection: "newest-wins",
        breaks: &[A5, Q2],
        unit: "pair",
        units: ORDERS / 2,
        rate: OVERTAKE,
        violations: None,
        settings: || {
            let config = json!({"replicas": 1, "write_delay": {"exp": "10ms"}});
            (store(config), pairs())
        },
        times: PAIRS,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, A5),
        fault: "writes overtaken by a newer one",
        saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 1),
    },
    // The second of a pair is lost if the first went through the right clock and it through the one
    // that is half a second behind: each with ½.
    Row {
        pattern: QUORUM,
        protection: "one-clock",
        breaks: &[Q2],
        unit: "pair",
        units: ORDERS / 2,
        rate: 0.25,
        violations: None,
        settings: || (store(json!({"replicas": 1, "regions": 2})), pairs()),
        times: PAIRS,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, Q2),
        fault: "second versions through the other coordinator",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Written && r.version == 2 && r.node == NodeId(3)
            })
        },
    },
];
