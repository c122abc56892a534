//! The rows of background sync.

use super::count::{EVERY_MS, NO_PLAN, PAIRS, SHORT, count, missing, violations};
use super::{Law, ORDERS, Row};
use crate::check::PropertyId::{A5, A11, Q1, Q2, Q3};
use crate::pattern::background_sync::state::{RunState, run_edge};
use crate::scenario::Observers;
use crate::sim::{Fact, Record};
use crate::store::Sorted;

const ROOM: &str = "background-sync";

/// A job every 100 ms that takes no time. It reads the source a millisecond after its tick.
const JOB: &str = r#"{"period":"100ms","duration":"0s","transaction":"0s","apply_rate":1000000,
    "client_delay":"5ms","source_delay":"1ms","target_delay":"1ms"}"#;

/// Pairs of versions of one key, 45 ms apart, a pair in 130 ms: their ten phases against the ticks
/// are spread evenly, and in four of them a run reads between the two.
const PHASED: &str = r#"{"arrivals":"bursts","rate":15.384615384615385,"burst_size":2,
    "burst_gap":"45ms","keys":1,"updates":2}"#;
const PHASED_LAST: (&str, &str) = ("13090ms", "300s");

/// F06 in general, (1/T)∫P(X > u)du: a transaction uniform to 20 ms, a period of 100 ms.
const LATE: f64 = 0.1;
/// Half of all second versions delete a row; four in ten of them after it was copied.
const GHOST: f64 = 0.5 * 0.4;
/// The second of a pair is written elsewhere (½) before the first has come (V > 45 ms).
const CONFLICT: f64 = 0.5 * 0.6;

/// Writes that were dropped for another one.
fn dropped(observers: &Observers) -> u64 {
    let all = observers.ledger.discards().iter();
    let messages: Sorted<u32> = all.map(|discard| discard.0).collect();
    messages.len() as u64
}

/// Transactions that were stamped before a run read the source, and committed after it.
fn late_commits(records: &mut dyn Iterator<Item = &Record>) -> u64 {
    let mut stamped: Sorted<u32, u64> = Sorted::default();
    let mut late = 0;
    // A reading each 100 ms; a request is stamped half a millisecond after it is made.
    let readings = |at: u64| at / 100_000;
    for record in records {
        let at = record.at.as_micros();
        match record.fact {
            Fact::Requested if !stamped.contains(record.message) => {
                stamped.insert(record.message, at + 500);
            }
            Fact::Written => {
                let stamp = stamped.get(record.message).copied().unwrap_or(at);
                late += u64::from(readings(stamp) < readings(at));
            }
            _ => {}
        }
    }
    late
}

/// Runs that were told that their token is old.
fn fenced(records: &mut dyn Iterator<Item = &Record>) -> u64 {
    count(records, |r| {
        let from = [RunState::Snapshot, RunState::Page, RunState::Apply];
        let mut from = from.into_iter().chain([RunState::Watermark]);
        r.fact == Fact::Edge && from.any(|from| r.detail == run_edge(from, RunState::Fenced))
    })
}

const LOOKBACK: Row = Row {
    id: "lookback",
    pattern: ROOM,
    protection: "lookback",
    sheet: "watermark lookback",
    breaks: &[Q1, Q3],
    unit: "order",
    units: Some(ORDERS),
    law: Law::Form {
        name: "F06",
        says: "(1/T) ∫ P(X > u) du: a transaction uniform to X = 20 ms, a job every T = 100 ms",
        rate: || LATE,
        breaks_runs: true,
    },
    violations: None,
    config: [
        JOB,
        r#"{"transaction":{"uniform":["0s","20ms"]},"client_delay":"500us","source_delay":"0s"}"#,
    ],
    workload: EVERY_MS,
    times: SHORT,
    plan: NO_PLAN,
    off: None,
    on: None,
    hits: missing,
    fault: "commits behind a watermark",
    saved: late_commits,
    price: None,
};

/// A row that is deleted after it was copied stays there.
const GHOSTS: Row = Row {
    id: "tombstones",
    protection: "tombstones",
    sheet: "tombstones / full compare",
    breaks: &[Q1],
    unit: "pair",
    units: PAIRS,
    law: Law::Form {
        name: "exact count",
        says: "every row that was copied and then deleted: half of the changes delete, 4 in 10 of them after a run",
        rate: || GHOST,
        breaks_runs: true,
    },
    config: [JOB, r#"{"delete_fraction":0.5}"#],
    workload: PHASED,
    times: PHASED_LAST,
    fault: "deletes",
    saved: |records| count(records, |r| r.fact == Fact::Written && r.detail == 1),
    ..LOOKBACK
};

/// The rows.
pub const ROWS: &[Row] = &[
    LOOKBACK,
    GHOSTS,
    Row {
        id: "full-compare",
        protection: "full-compare",
        ..GHOSTS
    },
    Row {
        id: "conflict-rule",
        protection: "conflict-rule",
        sheet: "conflict rule = LWW",
        breaks: &[Q2],
        law: Law::Form {
            name: "F01, F22",
            says: "½ P(V > g): the second version is written elsewhere, g = 45 ms later, before the first has come; V uniform to 100 ms in steps of 10",
            rate: || CONFLICT,
            breaks_runs: true,
        },
        config: [JOB, r#"{"direction":"two-way"}"#],
        hits: dropped,
        fault: "conflicts that a person decided",
        saved: |records| count(records, |r| r.fact == Fact::Resolved),
        ..GHOSTS
    },
    // A run of 14 s among runs of 1 s finishes last, and its lease of 5 s is long over.
    Row {
        id: "run-lock",
        protection: "run-lock",
        sheet: "run lock + fencing",
        breaks: &[A11, A5],
        unit: "run",
        units: Some(1),
        law: Law::Directed(
            "whether an older run finishes last depends on which rows it carries; no closed form counts that",
        ),
        config: [
            JOB,
            r#"{"period":"10s","duration":{"mix":[[0.5,"1s"],[0.5,"14s"]]},"overlap":"allow",
                "lease":"5s","idempotent":false}"#,
        ],
        workload: r#"{"arrivals":"regular","rate":4,"keys":4,"updates":1000000}"#,
        times: ("50100ms", "300s"),
        off: Some(r#"{"lock":false,"fencing":false}"#),
        hits: |seen| violations(seen, A5).min(1),
        fault: "runs that were told that their token is old",
        saved: fenced,
        ..LOOKBACK
    },
];
