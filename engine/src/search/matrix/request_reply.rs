//! The rows of orchestrated request–reply. Deadlines and breaker break no invariant.

use super::count::{LONG, NO_PLAN, SLOW, count};
use super::{Law, ORDERS, Row};
use crate::check::PropertyId::{A1, A6, A8, Q1, Q3, Q4, Q5};
use crate::pattern::request_reply::message::crash::BETWEEN_CALLS;
use crate::pattern::request_reply::service::skip::CANCELLED;
use crate::scenario::Observers;
use crate::sim::Fact;
use crate::store::saga::StepState;

/// Requests of two calls in which nothing takes time but the links, a millisecond each way; each call
/// is made once.
const CALLS: &str = r#"{"services":2,"service_time":"0s","client_delay":"1ms",
    "command_delay":"1ms","reply_delay":"1ms","call_timeout":"50ms","call_retries":0,
    "backoff_initial":"1ms","backoff_factor":1}"#;

const LOST: f64 = 0.005;
const NO: f64 = 0.02;
const CRASH: f64 = 0.005;
const LATE: f64 = 0.015_625;

/// Either of two calls is hit.
fn either_lost() -> f64 {
    1.0 - (1.0 - LOST) * (1.0 - LOST)
}

/// Orders that took effect more than once at a service.
fn twice(seen: &Observers) -> u64 {
    let again = |order: &u32| (0..2).any(|copy| seen.ledger.effects(copy, *order) > 1);
    (1..=ORDERS).filter(again).count() as u64
}

/// Orders that one service has and the other has not.
fn torn(seen: &Observers) -> u64 {
    let ledger = &seen.ledger;
    let has = |copy, order| ledger.effects(copy, order) > 0 && ledger.includes(copy, order);
    let orders = ledger.all_writes().map(|(order, _)| order);
    orders
        .filter(|&order| has(0, order) != has(1, order))
        .count() as u64
}

/// Orders that nobody asked for: they were made again.
fn made_again(seen: &Observers) -> u64 {
    let all = seen.ledger.all_writes();
    all.filter(|(_, write)| write.requested_at.is_none() && write.committed_at.is_some())
        .count() as u64
}

/// The reply of either call is lost, and the call is made again.
const REPEATED: Row = Row {
    id: "keyed-calls",
    pattern: "request-reply",
    protection: "idempotent-steps",
    sheet: "",
    breaks: &[A6, Q3, A1],
    unit: "order",
    units: Some(ORDERS),
    law: Law::Form {
        name: "F13",
        says: "1 − (1 − q)²: the reply of one of two calls is lost, q = 0.5 % each",
        rate: either_lost,
        breaks_runs: true,
    },
    violations: None,
    config: [CALLS, r#"{"reply_loss":0.005,"call_retries":5}"#],
    workload: SLOW,
    times: LONG,
    plan: NO_PLAN,
    off: None,
    on: None,
    hits: twice,
    fault: "calls that found their first answer",
    saved: |records| count(records, |r| r.fact == Fact::Skipped && r.detail == 0),
    price: None,
};

/// The orchestrator dies between the two calls, and the client asks again.
const FORGOTTEN: Row = Row {
    id: "request-key",
    protection: "request-key",
    breaks: &[Q4, Q1, Q3],
    units: None,
    law: Law::Form {
        name: "F29",
        says: "c, a crash between two calls: 0.5 %, and again for each retry",
        rate: || CRASH,
        breaks_runs: false,
    },
    config: [
        CALLS,
        r#"{"orchestrator_crash":0.005,"orchestrator_gap":"between-calls","mttr":"1ms",
            "request_timeout":"50ms","request_attempts":100}"#,
    ],
    hits: torn,
    fault: "crashes between two calls",
    saved: |records| {
        count(records, |r| {
            r.fact == Fact::Crashed && r.detail == BETWEEN_CALLS
        })
    },
    ..REPEATED
};

/// The rows.
pub const ROWS: &[Row] = &[
    REPEATED,
    // The reply of either call is lost: the call has happened, and is taken for a failure.
    Row {
        id: "unknown-undone",
        protection: "register-before",
        breaks: &[Q4, Q5],
        config: [CALLS, r#"{"reply_loss":0.005}"#],
        hits: torn,
        fault: "calls without an answer",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Edge && r.detail == StepState::Started.edge(StepState::Unknown)
            })
        },
        ..REPEATED
    },
    // The second service says no, and the first is not asked to undo its part.
    Row {
        id: "compensation",
        protection: "compensation",
        breaks: &[Q4, Q1, Q3],
        law: Law::Form {
            name: "F18",
            says: "f, the second of two services says no: 2 %",
            rate: || NO,
            breaks_runs: true,
        },
        config: [CALLS, r#"{"refusal":0.02,"refusing_service":2}"#],
        hits: torn,
        fault: "compensations",
        saved: |records| count(records, |r| r.fact == Fact::Compensated && r.detail > 0),
        ..REPEATED
    },
    // The second service takes 120 ms for a call, and less for its cancellation.
    Row {
        id: "cancel-tombstone",
        protection: "cancel-tombstone",
        breaks: &[A8, Q4],
        law: Law::Form {
            name: "F13",
            says: "the share of calls that take longer than their time-out: 1/64",
            rate: || LATE,
            breaks_runs: true,
        },
        config: [
            CALLS,
            r#"{"slow_service":2,"slow_time":{"mix":[[0.984375,"0s"],[0.015625,"120ms"]]},
                "deadlines":false}"#,
        ],
        hits: torn,
        fault: "calls that were cancelled before they came",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Skipped && r.detail == CANCELLED
            })
        },
        ..REPEATED
    },
    FORGOTTEN,
    // The answer is lost, and the client asks again; so may the next one be.
    Row {
        id: "request-key-retry",
        breaks: &[Q3],
        law: Law::Form {
            name: "F13",
            says: "q, the answer to the client is lost: 0.5 %, and again for each retry",
            rate: || LOST,
            breaks_runs: false,
        },
        config: [
            CALLS,
            r#"{"client_loss":0.005,"request_timeout":"50ms","request_attempts":100}"#,
        ],
        hits: made_again,
        fault: "requests asked again",
        saved: |records| count(records, |r| r.fact == Fact::Requested && r.detail > 0),
        ..FORGOTTEN
    },
];
