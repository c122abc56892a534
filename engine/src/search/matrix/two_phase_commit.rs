//! The rows of two-phase commit.

use super::count::{NO_PLAN, count, missing, missing_anywhere};
use super::{Law, ORDERS, Row};
use crate::check::PropertyId::{Q1, Q2, Q3};
use crate::pattern::two_phase_commit::message::crash::{AFTER_VOTE, BEFORE_SEND};
use crate::sim::Fact;

/// A two-phase commit that takes no time at all, and an order in 2 ms.
const INSTANT: &str = r#"{"client_delay":"0s","command_delay":"0s","reply_delay":"0s",
    "work_time":"0s","request_timeout":"50ms","request_attempts":100,"inquiry":"3ms",
    "resend":"3ms"}"#;

const CRASH: f64 = 0.005;

/// The coordinator dies with the commit in its log and nobody told; the operator cannot wait.
const HEURISTIC: Row = Row {
    id: "no-heuristic",
    pattern: "two-phase-commit",
    protection: "no-heuristic",
    sheet: "",
    breaks: &[Q1, Q2, Q3],
    unit: "order",
    units: Some(ORDERS),
    law: Law::Form {
        name: "c",
        says: "the coordinator dies with a decision that nobody knows, c = 0.5 % each time",
        rate: || CRASH,
        breaks_runs: true,
    },
    violations: None,
    config: [
        INSTANT,
        r#"{"coordinator_crash":0.005,"coordinator_gap":"before-send","mttr":"20ms",
            "heuristic_after":"5ms"}"#,
    ],
    workload: r#"{"arrivals":"regular","rate":500,"updates":1}"#,
    times: ("400500us", "20s"),
    plan: NO_PLAN,
    off: None,
    on: None,
    hits: missing,
    fault: "crashes with a decision that nobody knew",
    saved: |records| {
        count(records, |r| {
            r.fact == Fact::Crashed && r.detail == BEFORE_SEND
        })
    },
    price: None,
};

/// The rows.
pub const ROWS: &[Row] = &[
    HEURISTIC,
    Row {
        id: "forced-vote",
        protection: "forced-vote",
        law: Law::Form {
            name: "1 − (1 − c)²",
            says: "one of two participants dies just after its vote, c = 0.5 % each",
            rate: || CRASH * (2.0 - CRASH),
            breaks_runs: true,
        },
        config: [
            INSTANT,
            r#"{"participant_crash":0.005,"participant_gap":"after-vote","mttr":"1ms"}"#,
        ],
        hits: missing_anywhere,
        fault: "crashes with a vote just sent",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Crashed && r.detail == AFTER_VOTE
            })
        },
        ..HEURISTIC
    },
];
