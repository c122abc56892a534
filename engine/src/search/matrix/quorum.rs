//! The rows of quorums. Read repair, hints that count and sending to a quorum only are directed
//! tests: p9_overlap, p9_counted_hints, p9_nothing_but.

use super::count::{
    EVERY_MS, LONG, NO_PLAN, PAIRS, SHORT, SLOW, count, missing_anywhere, violations,
};
use super::{Law, ORDERS, Row};
use crate::check::PropertyId::{A5, A12, Q1, Q2};
use crate::sim::{Channel, Fact, NodeId};
use crate::theory::{Quorum, delay};

/// Nothing takes time but a transmission to a replica and back.
const STORE: &str = r#"{"client_delay":"0s","write_delay":"1ms","ack_delay":"0s",
    "read_delay":"0s","write_timeout":"50ms","hint_interval":"100ms",
    "anti_entropy_interval":"200ms"}"#;

/// Pairs of versions of one key, 20 ms apart, a pair in 60 ms, each a key of its own.
const VERSIONS: &str = r#"{"arrivals":"bursts","rate":33.333333333333336,"burst_size":2,
    "burst_gap":"20ms","keys":1,"updates":2}"#;
const VERSIONS_LAST: (&str, &str) = ("6030ms", "20s");

const LOST: f64 = 0.002;
/// An order is hit if any of three transmissions is lost.
const ANY_LOST: f64 = 1.0 - (1.0 - LOST) * (1.0 - LOST) * (1.0 - LOST);

/// F24: N = 3, R = W = 1, read back after 40 ms, a way of mean 10 ms.
fn stale() -> f64 {
    let one_of_three = Quorum {
        replicas: 3,
        read: 1,
        write: 1,
    };
    one_of_three.stale_probability(0.040, 1.0 / 0.010)
}

/// A transmission of a write is lost, and no one else brings it.
const MISSED: Row = Row {
    id: "hinted-handoff",
    pattern: "quorum",
    protection: "hinted-handoff",
    sheet: "",
    breaks: &[Q1, Q2],
    unit: "order",
    units: Some(ORDERS),
    law: Law::Form {
        name: "1 − (1 − p)³",
        says: "one of three transmissions of a write is lost, p = 0.2 % each",
        rate: || ANY_LOST,
        breaks_runs: true,
    },
    violations: None,
    config: [STORE, r#"{"replica_loss":0.002}"#],
    workload: EVERY_MS,
    times: SHORT,
    plan: NO_PLAN,
    off: None,
    on: None,
    hits: missing_anywhere,
    fault: "writes lost on the way to a replica",
    saved: |records| {
        count(records, |r| {
            r.fact == Fact::Lost && r.channel == Channel::Replicate
        })
    },
    price: None,
};

const NEWEST: Row = Row {
    id: "newest-wins",
    protection: "newest-wins",
    breaks: &[A5, Q2],
    unit: "pair",
    units: PAIRS,
    law: Law::Form {
        name: "F14",
        says: "½ e^(−g/m): two writes g = 20 ms apart, a way of mean m = 10 ms",
        rate: || delay::reorder_probability_fixed_gap(0.020, 0.010),
        breaks_runs: true,
    },
    config: [STORE, r#"{"replicas":1,"write_delay":{"exp":"10ms"}}"#],
    workload: VERSIONS,
    times: VERSIONS_LAST,
    hits: |seen| violations(seen, A5),
    fault: "writes overtaken by a newer one",
    saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 1),
    ..MISSED
};

/// The rows.
pub const ROWS: &[Row] = &[
    Row {
        id: "quorum-overlap",
        protection: "quorum-overlap",
        breaks: &[A12],
        law: Law::Form {
            name: "F24",
            says: "⅔ e^(−t/m): N = 3, R = W = 1, read back after t = 40 ms, a way of mean m = 10 ms",
            rate: stale,
            breaks_runs: true,
        },
        config: [
            STORE,
            r#"{"write_delay":{"exp":"10ms"},"answer_delay":{"exp":"1ms"},"read_back":"40ms"}"#,
        ],
        workload: SLOW,
        times: LONG,
        hits: |seen| violations(seen, A12),
        fault: "replicas that answered without the write",
        saved: |records| {
            // Replicas come after the client and its coordinator.
            count(records, |r| {
                let answer = r.fact == Fact::Delivered && r.channel == Channel::Answer;
                answer && r.peer > NodeId(1) && r.version == 0
            })
        },
        ..MISSED
    },
    MISSED,
    Row {
        id: "anti-entropy",
        protection: "anti-entropy",
        ..MISSED
    },
    NEWEST,
    // The second of a pair is lost if the first went through the right clock and it through the one
    // that is half a second behind.
    Row {
        id: "one-clock",
        protection: "one-clock",
        breaks: &[Q2],
        law: Law::Form {
            name: "½ · ½",
            says: "the first of two writes went through the right clock, the second through the one that is behind",
            rate: || 0.25,
            breaks_runs: true,
        },
        config: [STORE, r#"{"replicas":1,"regions":2}"#],
        hits: |seen| violations(seen, Q2),
        fault: "second versions through the other coordinator",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Written && r.version == 2 && r.node == NodeId(3)
            })
        },
        ..NEWEST
    },
];
