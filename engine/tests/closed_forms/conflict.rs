//! F22: what last writer wins drops, and B2: what a timestamp never finds.

use crate::check::{Form, points, runs};
use crate::sample::{room, sweep, sweep_of};
use converge_engine::metric::sample::Measured;
use converge_engine::sim::NodeId;
use converge_engine::theory::sync;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// Two databases with a run every 100 ms that takes `duration`; each of 64 keys is written by a
/// Poisson process of `rate`, at either side alike, three times.
fn both(rate: f64, duration: f64, ahead: f64) -> Json {
    let config = json!({
        "direction": "two-way", "period": "100ms", "duration": format!("{}ms", duration * 1e3),
        "overlap": "allow", "lock": false, "fencing": false, "transaction": "0s",
        "apply_rate": 1_000_000, "page_size": 10_000, "conflict": "last-writer-wins",
        "client_delay": "0s", "source_delay": "0s", "target_delay": "0s",
        "clock_offset_ms": (ahead * 1e3).round() as i64,
    });
    let workload = json!({"rate": 64.0 * rate, "keys": 64, "updates": 3});
    let until = format!("{}s", (20_000.0_f64 / (64.0 * rate)).round());
    room("background-sync", &until, config, workload)
}

/// For each key written at `sides` in this order: whether its middle write was dropped.
fn middle_of(run: &Measured<'_>, sides: [usize; 3], out: &mut Vec<f64>) {
    let copies = run.ledger.copies();
    let wanted: Vec<NodeId> = sides.iter().map(|&side| copies[side]).collect();
    let dropped: BTreeSet<u32> = run.ledger.discards().iter().map(|it| it.0).collect();
    let mut keys: BTreeMap<u32, Vec<(u32, NodeId)>> = BTreeMap::new();
    for (message, write) in run.ledger.all_writes() {
        if write.committed_at.is_some() {
            let of_key = keys.entry(write.key).or_default();
            of_key.push((message, write.node));
        }
    }
    for writes in keys.values() {
        let nodes: Vec<NodeId> = writes.iter().map(|write| write.1).collect();
        if nodes == wanted {
            out.push(f64::from(u8::from(dropped.contains(&writes[1].0))));
        }
    }
}

/// A sample is 0 or 1 about a slow side's write between two of the fast side, 2 or 3 the other way.
fn middles(run: &Measured<'_>, out: &mut Vec<f64>) {
    middle_of(run, [1, 0, 1], out);
    let fast = out.len();
    middle_of(run, [0, 1, 0], out);
    out[fast..].iter_mut().for_each(|sample| *sample += 2.0);
}

/// The delay is the job's duration and the wait for its next run, which is uniform to 100 ms.
fn over_the_wait(lost: impl Fn(f64) -> f64) -> f64 {
    let middles = (0..200).map(|part| lost(0.1 * (f64::from(part) + 0.5) / 200.0));
    middles.sum::<f64>() / 200.0
}

#[test]
fn f22_last_writer_wins() {
    for (rate, duration, ahead) in points([(2.0, 0.2, 0.08), (1.5, 0.3, 0.12)]) {
        let scenario = both(rate, duration, ahead);
        let mut form = Form::new("F22", format!("λ {rate}/s, D {duration} s, s {ahead} s"));
        let all = sweep_of(&scenario, middles, runs(30, 300));
        let (slow, fast): (Vec<f64>, Vec<f64>) = all.iter().partition(|&&sample| sample < 2.0);
        form.share(
            "slow side's lost",
            &slow,
            |lost| lost > 0.0,
            |off| {
                over_the_wait(|wait| {
                    sync::lww_slow_side_lost_probability(rate * off, duration + wait, ahead)
                })
            },
        );
        // One write of the other side follows, not a stream: it must not come within s already.
        form.share(
            "fast side's lost",
            &fast,
            |lost| lost > 2.0,
            |off| {
                let later = 1.0 - sync::lww_slow_side_lost_probability(rate * off, 0.0, ahead);
                let lost = over_the_wait(|wait| {
                    sync::lww_fast_side_lost_probability(rate * off, duration + wait, ahead)
                });
                lost * later
            },
        );
        form.finish();
    }
}

/// Exactly 0, so there is nothing to be 5 % off: the same deletes are found by a full compare.
#[test]
fn b2_a_timestamp_finds_no_hard_delete() {
    let found = |detection: &str| {
        let config = json!({"period": "1s", "duration": "0s", "transaction": "0s",
                            "delete_fraction": 0.4, "deletes": "hard", "detection": detection});
        let workload = json!({"rate": 10, "keys": 8, "updates": 3});
        let scenario = room("background-sync", "1000s", config, workload);
        let sum = |metric| {
            let samples = sweep(&scenario, metric, runs(3, 60));
            samples.iter().sum::<f64>()
        };
        (sum("deletes"), sum("deletes_found"), sum("ghosts"))
    };
    let (deletes, by_stamp, ghosts) = found("timestamp");
    assert!(
        deletes > 1000.0 && ghosts > 100.0,
        "{deletes} deletes, {ghosts} ghosts"
    );
    assert_eq!(by_stamp, 0.0, "a timestamp found a row that is not there");
    let (_, by_comparing, ghosts) = found("full-compare");
    assert!(
        by_comparing > 100.0 && ghosts == 0.0,
        "{by_comparing} found, {ghosts} ghosts"
    );
}
