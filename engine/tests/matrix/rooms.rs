//! The rows of the other rooms. Run lock with fencing is a directed test: B1.

use super::ORDERS;
use super::row::{NO_PLAN, Row, SHORT, count, merge, orders, twice, violations};
use converge_engine::check::PropertyId::{A1, A6, A7, A8, A12, Q1, Q2, Q3, Q4};
use converge_engine::pattern::cqrs::message::crash::BEFORE_TRANSACTION;
use converge_engine::pattern::two_phase_commit::message::crash::{AFTER_VOTE, BEFORE_SEND};
use converge_engine::scenario::Observers;
use converge_engine::sim::{Channel, Fact, Record};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const SYNC: &str = "background-sync";
const CQRS: &str = "cqrs";
const TWO_PHASE: &str = "two-phase-commit";
const SAGA: &str = "saga";

/// A job every 100 ms that takes no time. It reads the source a millisecond after its tick.
fn job(extra: Json) -> Json {
    let mut config = json!({
        "period": "100ms", "duration": "0s", "transaction": "0s", "apply_rate": 1_000_000,
        "client_delay": "5ms", "source_delay": "1ms", "target_delay": "1ms",
    });
    merge(&mut config, extra);
    config
}

/// A projection that is told of each event.
fn view(extra: Json) -> Json {
    let mut config = json!({
        "client_delay": "0s", "delivery_delay": "1ms", "fetch_delay": "1ms", "handler_time": "0s",
        "fetch_timeout": "50ms", "ordered_writes": false, "causal_writes": false,
    });
    merge(&mut config, extra);
    config
}

/// A two-phase commit that takes no time at all, and an order in 2 ms.
fn instant(extra: Json) -> Json {
    let mut config = json!({
        "client_delay": "0s", "command_delay": "0s", "reply_delay": "0s", "work_time": "0s",
        "request_timeout": "50ms", "request_attempts": 100, "inquiry": "3ms", "resend": "3ms",
    });
    merge(&mut config, extra);
    config
}

fn every_other_ms() -> Json {
    json!({"arrivals": "regular", "rate": 500, "updates": 1})
}

/// Orders that some participant lacks.
fn missing_anywhere(observers: &Observers) -> u64 {
    let ledger = &observers.ledger;
    let copies = 0..ledger.copies().len();
    let missing = copies.flat_map(|copy| ledger.missing(copy));
    missing
        .map(|missing| missing.message)
        .collect::<BTreeSet<u32>>()
        .len() as u64
}

/// Pairs of versions of one key, 45 ms apart, a pair in 130 ms: their ten phases against the ticks
/// are spread evenly, and in four of them a run reads between the two.
fn phased() -> Json {
    json!({"arrivals": "bursts", "rate": 2.0 / 0.13, "burst_size": 2, "burst_gap": "45ms",
           "keys": 1, "updates": 2})
}

/// Pairs of orders, 4 ms apart, a pair in 60 ms.
fn close_pairs() -> Json {
    json!({"arrivals": "bursts", "rate": 1000.0 / 30.0, "burst_size": 2, "burst_gap": "4ms",
           "keys": 1, "updates": 1})
}

const PHASED: (&str, &str) = ("13090ms", "300s");
const CLOSE: (&str, &str) = ("6010ms", "20s");

fn missing(observers: &Observers) -> u64 {
    observers.ledger.missing(0).len() as u64
}

fn dropped(observers: &Observers) -> u64 {
    let all = observers.ledger.discards().iter();
    all.map(|discard| discard.0)
        .collect::<BTreeSet<u32>>()
        .len() as u64
}

/// Transactions that were stamped before a run read the source, and committed after it.
fn late_commits(records: &mut dyn Iterator<Item = &Record>) -> u64 {
    let mut stamped: BTreeMap<u32, u64> = BTreeMap::new();
    let mut late = 0;
    // A reading each 100 ms; a request is stamped half a millisecond after it is made.
    let readings = |at: u64| at / 100_000;
    for record in records {
        let at = record.at.as_micros();
        match record.fact {
            Fact::Requested => {
                stamped.entry(record.message).or_insert(at + 500);
            }
            Fact::Written => {
                let stamp = stamped.get(&record.message).copied().unwrap_or(at);
                late += u64::from(readings(stamp) < readings(at));
            }
            _ => {}
        }
    }
    late
}

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

/// F06 in general, (1/T)∫P(X > u)du: a transaction uniform to 20 ms, a period of 100 ms.
const LATE: f64 = 0.1;
/// Half of all second versions delete a row; four in ten of them after it was copied.
const GHOST: f64 = 0.5 * 0.4;
/// F01 and F22: the second of a pair is written elsewhere (½) before the first has come (V > 45 ms).
const CONFLICT: f64 = 0.5 * 0.6;
const CRASH: f64 = 0.005;
/// F14 of commits, ½ e^(−g/x): 4 ms apart, commits after an exponential of mean 4 ms.
pub const PASSED: f64 = 0.183_939_720_585_721_17;
/// F20, e^(−t/m): read back after 50 ms, a lag of mean 10 ms.
pub const STALE: f64 = 0.006_737_946_999_085_467;

/// A row that is deleted after it was copied stays there.
const GHOSTS: Row = Row {
    pattern: SYNC,
    protection: "tombstones",
    breaks: &[Q1],
    unit: "pair",
    units: ORDERS / 2,
    rate: GHOST,
    violations: None,
    settings: || (job(json!({"delete_fraction": 0.5})), phased()),
    times: PHASED,
    plan: NO_PLAN,
    off: None,
    hits: missing,
    fault: "deletes",
    saved: |records| count(records, |r| r.fact == Fact::Written && r.detail == 1),
};

/// Sagas of a flight and a car in which nothing takes time but the links, a millisecond each way: a
/// flight whose car is refused is cancelled 4 ms after it was booked.
fn trips(extra: Json) -> Json {
    let mut config = json!({
        "steps": 2, "pivot": 2, "failure_3": 0, "transient": 0, "service_time": "0s",
        "client_delay": "1ms", "command_delay": "1ms", "reply_delay": "1ms",
        "step_timeout": "100ms", "backoff_initial": "1ms", "backoff_factor": 1, "attempts": 20,
    });
    merge(&mut config, extra);
    config
}

/// Pairs of sagas on one entity, 2 ms apart, a pair in 60 ms.
fn rivals() -> Json {
    json!({"arrivals": "bursts", "rate": 1000.0 / 30.0, "burst_size": 2, "burst_gap": "2ms",
           "keys": 1, "updates": 2})
}

/// A saga in 30 ms, each of its own.
fn spaced() -> Json {
    json!({"arrivals": "regular", "rate": 1000.0 / 30.0, "updates": 1})
}

const CAR_REFUSED: f64 = 0.02;
const UNDO_REPLY_LOST: f64 = 0.005;
/// F29 over both commands of a saga: one of them meets a crash, wherever around it.
const FORGOTTEN: f64 = 1.0 - (1.0 - CRASH) * (1.0 - CRASH);

/// The second saga of a pair books while the first one's flight is not final (F36 with a fixed
/// gap): if the first one's car is refused, its compensation erases the second's flight.
const ERASED: Row = Row {
    pattern: SAGA,
    protection: "commutative-updates",
    breaks: &[Q2, A1],
    unit: "pair",
    units: ORDERS / 2,
    rate: CAR_REFUSED,
    violations: None,
    settings: || (trips(json!({"failure_2": CAR_REFUSED})), rivals()),
    times: CLOSE,
    plan: NO_PLAN,
    off: None,
    hits: |seen| {
        let undone = seen.cost.sagas.built_on.iter();
        undone.filter(|(_, built_on)| *built_on).count() as u64
    },
    fault: "compensations",
    saved: |records| count(records, |r| r.fact == Fact::Compensated && r.detail > 0),
};

/// The rows.
pub const ROWS: &[Row] = &[
    Row {
        pattern: SYNC,
        protection: "lookback",
        breaks: &[Q1, Q3],
        unit: "order",
        units: ORDERS,
        rate: LATE,
        violations: None,
        settings: || {
            let config = json!({"transaction": {"uniform": ["0s", "20ms"]}, "client_delay": "500us",
                       "source_delay": "0s"});
            (job(config), orders())
        },
        times: SHORT,
        plan: NO_PLAN,
        off: None,
        hits: missing,
        fault: "commits behind a watermark",
        saved: late_commits,
    },
    GHOSTS,
    Row {
        protection: "full-compare",
        ..GHOSTS
    },
    Row {
        pattern: SYNC,
        protection: "conflict-rule",
        breaks: &[Q2],
        unit: "pair",
        units: ORDERS / 2,
        rate: CONFLICT,
        violations: None,
        settings: || (job(json!({"direction": "two-way"})), phased()),
        times: PHASED,
        plan: NO_PLAN,
        off: None,
        hits: dropped,
        fault: "conflicts that a person decided",
        saved: |records| count(records, |r| r.fact == Fact::Resolved),
    },
    // F29: each effect is repeated with c, and again with c.
    Row {
        pattern: CQRS,
        protection: "checkpoint-transaction",
        breaks: &[A6, Q3],
        unit: "order",
        units: ORDERS,
        rate: CRASH,
        violations: None,
        settings: || {
            let config = json!({"projector_crash": CRASH, "mttr": "1ms", "projection": "counter"});
            (view(config), orders())
        },
        times: SHORT,
        plan: NO_PLAN,
        off: Some(|| json!({"checkpoint": "every-n", "checkpoint_every": 1})),
        hits: twice,
        fault: "crashes of the projector",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Crashed && r.detail == BEFORE_TRANSACTION
            })
        },
    },
    Row {
        pattern: CQRS,
        protection: "gap-wait",
        breaks: &[A7, Q1],
        unit: "pair",
        units: ORDERS / 2,
        rate: PASSED,
        violations: None,
        settings: || (view(json!({"commit_delay": {"exp": "4ms"}})), close_pairs()),
        times: CLOSE,
        plan: NO_PLAN,
        off: None,
        hits: missing,
        fault: "commits behind a higher position",
        saved: appended_late,
    },
    Row {
        pattern: CQRS,
        protection: "version-token",
        breaks: &[A12],
        unit: "order",
        units: ORDERS,
        rate: STALE,
        violations: None,
        settings: || {
            let config = json!({"delivery_delay": {"exp": "10ms"}, "read_back": "50ms"});
            let slow = json!({"arrivals": "regular", "rate": 5, "keys": 1, "updates": 1});
            (view(config), slow)
        },
        times: ("40100ms", "100s"),
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, A12),
        fault: "reads that had to wait",
        saved: |records| count(records, |r| r.fact == Fact::Waited && r.detail > 0),
    },
    // The coordinator dies with the commit in its log and nobody told; the operator cannot wait.
    Row {
        pattern: TWO_PHASE,
        protection: "no-heuristic",
        breaks: &[Q1, Q2, Q3],
        unit: "order",
        units: ORDERS,
        rate: CRASH,
        violations: None,
        settings: || {
            let config = json!({"coordinator_crash": CRASH, "coordinator_gap": "before-send",
                                "mttr": "20ms", "heuristic_after": "5ms"});
            (instant(config), every_other_ms())
        },
        times: ("400500us", "20s"),
        plan: NO_PLAN,
        off: None,
        hits: missing,
        fault: "crashes with a decision that nobody knew",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Crashed && r.detail == BEFORE_SEND
            })
        },
    },
    // A participant dies just after its vote: one of the two, or both.
    Row {
        pattern: TWO_PHASE,
        protection: "forced-vote",
        breaks: &[Q1, Q2, Q3],
        unit: "order",
        units: ORDERS,
        rate: CRASH * (2.0 - CRASH),
        violations: None,
        settings: || {
            let config = json!({"participant_crash": CRASH, "participant_gap": "after-vote",
                                "mttr": "1ms"});
            (instant(config), every_other_ms())
        },
        times: ("400500us", "20s"),
        plan: NO_PLAN,
        off: None,
        hits: missing_anywhere,
        fault: "crashes with a vote just sent",
        saved: |records| {
            count(records, |r| {
                r.fact == Fact::Crashed && r.detail == AFTER_VOTE
            })
        },
    },
    ERASED,
    Row {
        protection: "semantic-lock",
        fault: "sagas that waited for a lock",
        saved: |records| count(records, |r| r.fact == Fact::Blocked),
        ..ERASED
    },
    // The reply to a cancellation is lost: it is asked for again, and gives back again.
    Row {
        pattern: SAGA,
        protection: "idempotent-compensation",
        breaks: &[A8, A1],
        unit: "order",
        units: ORDERS,
        rate: UNDO_REPLY_LOST,
        violations: None,
        settings: || {
            let config = json!({"failure_2": 1, "reply_loss": UNDO_REPLY_LOST,
                                "isolation": "commutative"});
            (trips(config), spaced())
        },
        times: CLOSE,
        plan: NO_PLAN,
        off: None,
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
    },
    Row {
        pattern: SAGA,
        protection: "durable-log",
        breaks: &[Q4],
        unit: "order",
        units: ORDERS,
        rate: FORGOTTEN,
        violations: None,
        settings: || {
            let config = json!({"orchestrator_crash": CRASH, "mttr": "1ms",
                                "request_timeout": "50ms"});
            (trips(config), spaced())
        },
        times: CLOSE,
        plan: NO_PLAN,
        off: None,
        hits: |seen| violations(seen, Q4),
        fault: "crashes of the orchestrator",
        saved: |records| count(records, |r| r.fact == Fact::Crashed),
    },
];
