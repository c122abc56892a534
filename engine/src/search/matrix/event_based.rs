//! The rows of event-based copies.

use super::count::{EVERY_MS, NO_PLAN, PAIRS, SHORT, count, twice, violations};
use super::{Law, ORDERS, Row};
use crate::check::PropertyId::{A5, A6, Q1, Q3, Q5, Q6};
use crate::sim::{Channel, Fact, SimTime};
use crate::theory::{delay, loss};

const ROOM: &str = "event-based";

/// One copy behind a leased queue with room for all; nothing is slow but what a row makes slow.
const PLAIN: &str = r#"{"queue":"leased-queue","batch":500,"max_in_flight":5,"handler_time":"0s",
    "groups":1,"publish":"event-store","delivery_delay":"1ms","ack_delay":"1ms",
    "client_delay":"1ms","request_timeout":"50ms"}"#;

/// Pairs of versions of one key, 50 ms apart, a pair in 60 ms, each a key of its own.
const VERSIONS: &str = r#"{"arrivals":"bursts","rate":33.333333333333336,"burst_size":2,
    "burst_gap":"50ms","keys":1,"updates":2}"#;
const VERSIONS_LAST: (&str, &str) = ("6055ms", "20s");

const CRASH: f64 = 0.005;
const ACK_LOST: f64 = 0.005;
const ACK_LOST_OFTEN: f64 = 0.05;
const LOST: f64 = 0.005;
const POISON: f64 = 0.005;

/// F14: two events 50 ms apart, delays of mean 10 ms.
fn overtaken() -> f64 {
    delay::reorder_probability_fixed_gap(0.050, 0.010)
}

/// F35: an id kept for 1 s, a redelivery after 0.9 s and an exponential of mean 50 ms. The
/// redelivery's own acknowledgement may be lost too, and the next comes after the id is forgotten.
fn escaped() -> f64 {
    let escape = delay::exponential_survival(1.0 - 0.9, 0.050);
    ACK_LOST_OFTEN * (escape + (1.0 - escape) * ACK_LOST_OFTEN)
}

const OUTBOX: Row = Row {
    id: "outbox",
    pattern: ROOM,
    protection: "outbox",
    sheet: "outbox",
    breaks: &[Q1, Q3],
    unit: "order",
    units: Some(ORDERS),
    law: Law::Form {
        name: "F23",
        says: "each order is lost with c, the crash between commit and publish: 0.5 %",
        rate: || CRASH,
        breaks_runs: true,
    },
    violations: None,
    config: [PLAIN, r#"{"crash_before_publish":0.005,"mttr":"1ms"}"#],
    workload: EVERY_MS,
    times: SHORT,
    plan: NO_PLAN,
    off: None,
    on: None,
    hits: |seen| violations(seen, Q1),
    fault: "crashes between commit and publish",
    saved: |records| count(records, |r| r.fact == Fact::Crashed && r.detail == 2),
    price: None,
};

const GUARD: Row = Row {
    id: "version-guard",
    protection: "version-guard",
    sheet: "version guard",
    breaks: &[A5, Q1],
    unit: "pair",
    units: PAIRS,
    // Each overtaking is a step back, and stays.
    law: Law::Form {
        name: "F14",
        says: "½ e^(−g/m): two events g = 50 ms apart, delays of mean m = 10 ms",
        rate: overtaken,
        breaks_runs: true,
    },
    config: [PLAIN, r#"{"delivery_delay":{"exp":"10ms"}}"#],
    workload: VERSIONS,
    times: VERSIONS_LAST,
    hits: |seen| violations(seen, A5),
    fault: "events overtaken by a newer one",
    saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 1),
    ..OUTBOX
};

/// The rows.
pub const ROWS: &[Row] = &[
    OUTBOX,
    Row {
        id: "inbox",
        protection: "inbox",
        sheet: "inbox / idempotent handler",
        breaks: &[A6, Q3],
        law: Law::Form {
            name: "F13, F31",
            says: "q, an acknowledgement lost after the effect: 0.5 %",
            rate: || ACK_LOST,
            breaks_runs: true,
        },
        violations: Some(|| {
            let mean = loss::over_count_mean(ORDERS, ACK_LOST);
            (mean, loss::over_count_variance(ORDERS, ACK_LOST))
        }),
        config: [
            PLAIN,
            r#"{"ack_loss":0.005,"visibility_timeout":"100ms","effect":"counter"}"#,
        ],
        hits: twice,
        fault: "redeliveries after a lost acknowledgement",
        saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 0),
        ..OUTBOX
    },
    GUARD,
    Row {
        id: "key-routing",
        protection: "key-routing",
        sheet: "key→partition routing",
        law: Law::Form {
            name: "F14",
            says: "½ e^(−g/m): two log partitions, g = 50 ms, delays of mean m = 10 ms",
            rate: overtaken,
            breaks_runs: true,
        },
        config: [
            PLAIN,
            r#"{"delivery_delay":{"exp":"10ms"},"queue":"partitioned-log","partitions":32,
                "version_guard":false}"#,
        ],
        fault: "events that had to wait for an older one",
        saved: |records| {
            // The second of a pair arrives at the very instant of the first: it waited for it.
            let mut last = (0, SimTime::ZERO);
            let delivered =
                records.filter(|r| r.fact == Fact::Delivered && r.channel == Channel::Deliver);
            delivered
                .filter(|r| std::mem::replace(&mut last, (r.key, r.at)) == (r.key, r.at))
                .count() as u64
        },
        ..GUARD
    },
    Row {
        id: "retries",
        protection: "retries",
        sheet: "broker retry",
        breaks: &[Q1, Q6],
        law: Law::Form {
            name: "F12",
            says: "each order is lost with p, the loss of its delivery: 0.5 %",
            rate: || LOST,
            breaks_runs: true,
        },
        config: [
            PLAIN,
            r#"{"delivery_loss":0.005,"visibility_timeout":"100ms"}"#,
        ],
        hits: |seen| violations(seen, Q6),
        fault: "lost deliveries",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Lost && r.channel == Channel::Deliver
            })
        },
        ..OUTBOX
    },
    // One poisoned order is enough.
    Row {
        id: "dead-letter-queue",
        protection: "dead-letter-queue",
        sheet: "DLQ (retry for ever)",
        breaks: &[Q5],
        unit: "run",
        units: Some(1),
        law: Law::Form {
            name: "1 − (1 − f)^N",
            says: "a run never drains if one of N = 200 orders is poison, f = 0.5 % each",
            rate: || 1.0 - loss::clean_probability(ORDERS, POISON),
            breaks_runs: true,
        },
        config: [
            PLAIN,
            r#"{"poison":0.005,"queue":"partitioned-log","immediate_retries":0,
                "delayed_retries":[],"batch":1}"#,
        ],
        times: ("200500us", "3s"),
        hits: |seen| violations(seen, Q5),
        fault: "parked orders",
        saved: |records| count(records, |r| r.fact == Fact::Parked),
        ..OUTBOX
    },
    // The dead letters are redriven at 8 s. A pair goes wrong if its first event is poisoned and its
    // second is not.
    Row {
        id: "sequence-parking",
        protection: "sequence-parking",
        sheet: "sequence-aware DLQ",
        law: Law::Form {
            name: "f(1 − f)",
            says: "the first of two events is poison and the second is not, f = 0.5 % each; redriven at 8 s",
            rate: || POISON * (1.0 - POISON),
            breaks_runs: true,
        },
        config: [
            PLAIN,
            r#"{"poison":0.005,"queue":"partitioned-log","immediate_retries":0,
                "delayed_retries":[],"batch":1,"version_guard":false}"#,
        ],
        plan: r#"[{"at":"8s","do":"redrive","node":"Invoices"}]"#,
        fault: "orders parked behind an older one",
        saved: |records| count(records, |r| r.fact == Fact::Parked && r.detail == 1),
        ..GUARD
    },
    Row {
        id: "inbox-retention",
        protection: "inbox-retention",
        sheet: "dedup retention ≥ redelivery delay",
        breaks: &[A6],
        law: Law::Form {
            name: "F35",
            says: "q (e + (1 − e) q), e = e^(−(w − v)/m): ids kept for w = 1 s, redelivery after v = 900 ms and an exponential of m = 50 ms, acknowledgements lost q = 5 %",
            rate: escaped,
            breaks_runs: true,
        },
        // With a heartbeat the lease runs from the effect, not from the first delivery.
        config: [
            PLAIN,
            r#"{"ack_loss":0.05,"visibility_timeout":"900ms","heartbeat":true,
                "delivery_delay":{"exp":"50ms"},"effect":"counter"}"#,
        ],
        off: Some(r#"{"inbox_retention":"1s"}"#),
        hits: twice,
        fault: "redeliveries of orders already counted",
        saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 0),
        ..OUTBOX
    },
];
