//! The rows of sagas.

use super::count::{CLOSE, NO_PLAN, PAIRS, SPACED, count, violations};
use super::{Law, ORDERS, Price, Row};
use crate::check::PropertyId::{A1, A8, Q2, Q4};
use crate::scenario::Observers;
use crate::sim::{Channel, Fact};
use crate::theory::saga;

/// Sagas of a flight and a car in which nothing takes time but the links, a millisecond each way: a
/// flight whose car is refused is cancelled 4 ms after it was booked.
const TRIPS: &str = r#"{"steps":2,"pivot":2,"failure_3":0,"transient":0,"service_time":"0s",
    "client_delay":"1ms","command_delay":"1ms","reply_delay":"1ms","step_timeout":"100ms",
    "backoff_initial":"1ms","backoff_factor":1,"attempts":20}"#;

/// Seconds from a flight's booking to its cancellation.
const UNDONE_AFTER: f64 = 0.004;
/// Sagas a second, of those that come at random.
const RATE: f64 = 50.0;

const CAR_REFUSED: f64 = 0.02;
const UNDO_REPLY_LOST: f64 = 0.005;
const CRASH: f64 = 0.005;
/// Over both commands of a saga: one of them meets a crash, wherever around it.
const FORGOTTEN: f64 = 1.0 - (1.0 - CRASH) * (1.0 - CRASH);

const EVENT_LOST: f64 = 0.005;
/// Of the three events that lead from the start of a saga of two steps to its end, one is lost.
const UNHEARD: f64 = 1.0 - (1.0 - EVENT_LOST) * (1.0 - EVENT_LOST) * (1.0 - EVENT_LOST);

/// Effects that another saga had built on before they were undone.
fn built_on(seen: &Observers) -> u64 {
    let undone = seen.cost.sagas.built_on.iter();
    undone.filter(|(_, built_on)| *built_on).count() as u64
}

/// Sagas that a lock refused.
fn locked_out(seen: &Observers) -> u64 {
    let sagas = seen.cost.sagas.sagas.iter();
    sagas.filter(|(_, saga)| saga.locked_out).count() as u64
}

/// The second saga of a pair books while the first one's flight is not final: if the first one's
/// car is refused, its compensation erases the second's flight.
const ERASED: Row = Row {
    id: "commutative-updates",
    pattern: "saga",
    protection: "commutative-updates",
    sheet: "idempotent + commutative compensation",
    breaks: &[Q2, A1],
    unit: "pair",
    units: PAIRS,
    law: Law::Form {
        name: "F36, a fixed gap",
        says: "f, the car is refused while another saga has built on the flight: 2 %",
        rate: || CAR_REFUSED,
        breaks_runs: true,
    },
    violations: None,
    config: [TRIPS, r#"{"failure_2":0.02}"#],
    workload: r#"{"arrivals":"bursts","rate":33.333333333333336,"burst_size":2,
        "burst_gap":"2ms","keys":1,"updates":2}"#,
    times: CLOSE,
    plan: NO_PLAN,
    off: None,
    on: None,
    hits: built_on,
    fault: "compensations",
    saved: |records| count(records, |r| r.fact == Fact::Compensated && r.detail > 0),
    price: None,
};

/// The rows.
pub const ROWS: &[Row] = &[
    ERASED,
    Row {
        id: "semantic-lock",
        protection: "semantic-lock",
        sheet: "semantic lock",
        fault: "sagas that waited for a lock",
        saved: |records| count(records, |r| r.fact == Fact::Blocked),
        ..ERASED
    },
    // No car is to be had: every flight is undone, and whoever has built on it has read what never
    // came to be. The lock refuses whoever comes while it is held, as long as before.
    Row {
        id: "semantic-lock-dirty-read",
        protection: "semantic-lock",
        sheet: "semantic lock",
        breaks: &[A1],
        unit: "saga",
        units: None,
        law: Law::Form {
            name: "F36",
            says: "1 − e^(−λW): another saga comes within W = 4 ms, λ = 50 a second",
            rate: || saga::race_probability(RATE, UNDONE_AFTER),
            breaks_runs: false,
        },
        config: [TRIPS, r#"{"failure_2":1}"#],
        workload: r#"{"rate":50,"keys":1,"updates":1000000}"#,
        times: ("4s", "30s"),
        off: Some(r#"{"isolation":"none"}"#),
        on: Some(r#"{"isolation":"lock-reject"}"#),
        fault: "sagas that a lock refused",
        saved: |records| count(records, |r| r.fact == Fact::Refused && r.detail == 8),
        price: Some(Price {
            name: "F19",
            says: "λW/(1 + λW) of the sagas are refused",
            rate: || saga::lock_rejection_probability(RATE, UNDONE_AFTER),
            paid: locked_out,
        }),
        ..ERASED
    },
    // The reply to a cancellation is lost: it is asked for again, and gives back again.
    Row {
        id: "idempotent-compensation",
        protection: "idempotent-compensation",
        breaks: &[A8, A1],
        unit: "order",
        units: Some(ORDERS),
        law: Law::Form {
            name: "F13",
            says: "q, the reply to a cancellation is lost: 0.5 %",
            rate: || UNDO_REPLY_LOST,
            breaks_runs: true,
        },
        config: [
            TRIPS,
            r#"{"failure_2":1,"reply_loss":0.005,"isolation":"commutative"}"#,
        ],
        workload: SPACED,
        hits: |seen| {
            let sagas = seen.cost.sagas.sagas.iter();
            sagas.filter(|(_, saga)| saga.compensations > 1).count() as u64
        },
        fault: "cancellations asked for again",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Sent && r.channel == Channel::Compensate && r.detail > 0
            })
        },
        ..ERASED
    },
    Row {
        id: "durable-log",
        protection: "durable-log",
        sheet: "orchestrator log",
        breaks: &[Q4],
        unit: "order",
        units: Some(ORDERS),
        law: Law::Form {
            name: "F29",
            says: "1 − (1 − c)²: a crash around one of two commands, c = 0.5 % each",
            rate: || FORGOTTEN,
            breaks_runs: true,
        },
        config: [
            TRIPS,
            r#"{"orchestrator_crash":0.005,"mttr":"1ms","request_timeout":"50ms"}"#,
        ],
        workload: SPACED,
        hits: |seen| violations(seen, Q4),
        fault: "crashes of the orchestrator",
        saved: |records| count(records, |r| r.fact == Fact::Crashed),
        ..ERASED
    },
    // Nobody leads, and an event is lost: what should hear of it waits for ever.
    Row {
        id: "watchdog",
        protection: "watchdog",
        sheet: "",
        breaks: &[Q4],
        unit: "order",
        units: Some(ORDERS),
        law: Law::Form {
            name: "F12",
            says: "1 − (1 − p)³: one of the three events is lost that lead to the end, p = 0.5 % each",
            rate: || UNHEARD,
            breaks_runs: true,
        },
        config: [
            TRIPS,
            r#"{"coordination":"choreographed","command_loss":0.005,"saga_timeout":"1s"}"#,
        ],
        workload: SPACED,
        hits: |seen| violations(seen, Q4),
        fault: "events lost",
        saved: |records| count(records, |r| r.fact == Fact::Lost),
        ..ERASED
    },
];
