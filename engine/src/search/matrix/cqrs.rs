//! The rows of CQRS.

use super::count::{
    CLOSE, EVERY_MS, LONG, NO_PLAN, PAIRS, SHORT, SLOW, count, missing, twice, violations,
};
use super::{Law, ORDERS, Row};
use crate::check::PropertyId::{A6, A7, A12, Q1, Q3};
use crate::pattern::cqrs::message::crash::BEFORE_TRANSACTION;
use crate::sim::{Fact, Record};
use crate::store::Sorted;
use crate::theory::{delay, session};

/// A projection that is told of each event.
const VIEW: &str = r#"{"client_delay":"0s","delivery_delay":"1ms","fetch_delay":"1ms",
    "handler_time":"0s","fetch_timeout":"50ms","ordered_writes":false,"causal_writes":false}"#;

const CRASH: f64 = 0.005;

/// Events that were appended behind one of a higher position.
fn appended_late(records: &mut dyn Iterator<Item = &Record>) -> u64 {
    let appended = records.filter(|record| record.fact == Fact::Appended);
    let mut highest = 0;
    let mut late = 0;
    for record in appended {
        late += u64::from(record.detail < highest);
        highest = highest.max(record.detail);
    }
    late
}

/// Reads of what the projection did not have yet.
fn ahead(records: &mut dyn Iterator<Item = &Record>) -> u64 {
    let mut applied: Sorted<u32> = Sorted::default();
    let mut ahead = 0;
    for record in records {
        match record.fact {
            Fact::Applied => {
                applied.insert(record.key, ());
            }
            Fact::Read => ahead += u64::from(record.version > 0 && !applied.contains(record.key)),
            _ => {}
        }
    }
    ahead
}

const CHECKPOINT: Row = Row {
    id: "checkpoint-transaction",
    pattern: "cqrs",
    protection: "checkpoint-transaction",
    sheet: "checkpoint in same transaction",
    breaks: &[A6, Q3],
    unit: "order",
    units: Some(ORDERS),
    law: Law::Form {
        name: "F29",
        says: "each effect is repeated with c, a crash between effect and checkpoint: 0.5 %",
        rate: || CRASH,
        breaks_runs: true,
    },
    violations: None,
    config: [
        VIEW,
        r#"{"projector_crash":0.005,"mttr":"1ms","projection":"counter"}"#,
    ],
    workload: EVERY_MS,
    times: SHORT,
    plan: NO_PLAN,
    off: Some(r#"{"checkpoint":"every-n","checkpoint_every":1}"#),
    on: None,
    hits: twice,
    fault: "crashes of the projector",
    saved: |records| {
        count(records, |r| {
            r.fact == Fact::Crashed && r.detail == BEFORE_TRANSACTION
        })
    },
    price: None,
};

const TOKEN: Row = Row {
    id: "version-token",
    protection: "version-token",
    sheet: "version token / wait / sticky",
    breaks: &[A12],
    law: Law::Form {
        name: "F20",
        says: "e^(−t/m): read back after t = 50 ms, a lag of mean m = 10 ms",
        rate: || session::own_write_missed_probability_fixed_think(0.010, 0.050),
        breaks_runs: true,
    },
    config: [
        VIEW,
        r#"{"delivery_delay":{"exp":"10ms"},"read_back":"50ms"}"#,
    ],
    workload: SLOW,
    times: LONG,
    off: None,
    hits: |seen| violations(seen, A12),
    fault: "reads that had to wait",
    saved: |records| count(records, |r| r.fact == Fact::Waited && r.detail > 0),
    ..CHECKPOINT
};

/// The rows.
pub const ROWS: &[Row] = &[
    CHECKPOINT,
    Row {
        id: "gap-wait",
        protection: "gap-wait",
        sheet: "sequence-gap wait",
        breaks: &[A7, Q1],
        unit: "pair",
        units: PAIRS,
        law: Law::Form {
            name: "F14",
            says: "½ e^(−g/x): two positions taken g = 4 ms apart, commits after an exponential of mean x = 4 ms",
            rate: || delay::reorder_probability_fixed_gap(0.004, 0.004),
            breaks_runs: true,
        },
        config: [VIEW, r#"{"commit_delay":{"exp":"4ms"}}"#],
        workload: r#"{"arrivals":"bursts","rate":33.333333333333336,"burst_size":2,
            "burst_gap":"4ms","keys":1,"updates":1}"#,
        times: CLOSE,
        off: None,
        hits: missing,
        fault: "commits behind a higher position",
        saved: appended_late,
        ..CHECKPOINT
    },
    TOKEN,
    Row {
        id: "sticky-primary",
        protection: "sticky-primary",
        fault: "reads that the write side answered ahead of the projection",
        saved: ahead,
        ..TOKEN
    },
];
