//! B8, B9, B11: two databases, each both source and target.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A13, Q1, Q2};
use converge_engine::sim::{Channel, Fact};
use serde_json::{Value as Json, json};

/// Both databases are written; the job copies both ways every two seconds.
fn both(config: &Json, workload: Json) -> Seen {
    let quick = json!({"direction": "two-way", "period": "2s", "duration": "100ms",
                       "transaction": "0s"});
    let seen = room(
        "background-sync",
        "120s",
        &with(&quick, config.clone()),
        workload,
        json!([]),
    );
    assert!(seen.observers().cost.written > 100, "hardly a write");
    seen
}

fn carts() -> Json {
    json!({"keys": 8, "updates": 6, "rate": 4})
}

/// Acknowledged writes of which nothing is left.
fn lost(seen: &Seen) -> usize {
    let dropped: std::collections::BTreeSet<u32> =
        seen.of(Fact::Discarded).map(|r| r.message).collect();
    dropped.len()
}

/// B8: last writer wins drops a write that its client holds an acknowledgement for.
#[test]
fn b8_last_writer_wins_drops_an_acknowledged_write() {
    let lww = json!({"conflict": "last-writer-wins"});
    let seen = both(&lww, carts());
    assert!(
        seen.is_broken(Q2) && seen.cure(Q2).is_some(),
        "{:?}",
        seen.states()
    );
    let acknowledged: Vec<u32> = seen.of(Fact::Acknowledged).map(|r| r.message).collect();
    let dropped = seen
        .of(Fact::Discarded)
        .filter(|r| acknowledged.contains(&r.message));
    assert!(dropped.count() > 5);
    // Both sides agree all the same: that is all that the rule promises.
    assert!(seen.holds(Q1), "{:?}", seen.states());
    for rule in ["version-vector", "counter"] {
        let cured = both(&json!({"conflict": rule}), carts());
        assert!(cured.is_clean(), "{rule}: {:?}", cured.states());
        assert_eq!(lost(&cured), 0, "{rule}");
    }
    let fields = both(&json!({"conflict": "field-merge", "fields": 8}), carts());
    assert!(
        lost(&fields) < lost(&seen),
        "{} of {}",
        lost(&fields),
        lost(&seen)
    );
    let source = both(&json!({"conflict": "source-wins"}), carts());
    assert!(source.is_broken(Q2), "{:?}", source.states());
}

/// B8 with skew above the delay: even a write made after seeing the other is dropped.
#[test]
fn b8_skew_drops_a_write_made_after_seeing_the_other() {
    // One write at a time, and the next only when both have seen it: without skew nothing is lost.
    let calm = json!({"keys": 1, "updates": 4, "arrivals": "regular", "rate": 0.2});
    let quick = json!({"period": "1s"});
    let run = |extra: Json| {
        let config = json!({"direction": "two-way", "duration": "100ms", "transaction": "0s"});
        let config = with(&with(&config, quick.clone()), extra);
        room("background-sync", "1000s", &config, calm.clone(), json!([]))
    };
    let right = run(json!({}));
    assert!(right.is_clean(), "{:?}", right.states());
    let skewed = run(json!({"clock_offset_ms": 9000}));
    assert!(
        skewed.is_broken(Q2) && lost(&skewed) > 5,
        "{:?}",
        skewed.states()
    );
    let cured = run(json!({"clock_offset_ms": 9000, "conflict": "version-vector"}));
    assert!(cured.is_clean(), "{:?}", cured.states());
}

/// B9: a tombstone that is gone before the other side has synced: the row rises again.
#[test]
fn b9_an_expired_tombstone_resurrects_the_row() {
    let deletes = json!({"delete_fraction": 0.2, "deletes": "soft", "period": "10s",
                         "tombstone_ttl": "1s"});
    let workload = json!({"keys": 8, "updates": 2, "rate": 4});
    let seen = both(&deletes, workload.clone());
    assert!(seen.is_broken(Q1), "{:?}", seen.states());
    let cured = both(
        &with(&deletes, json!({"tombstone_ttl": "inf"})),
        workload.clone(),
    );
    assert!(cured.holds(Q1), "{:?}", cured.states());
    let hard = both(&with(&deletes, json!({"deletes": "hard"})), workload);
    assert!(hard.is_broken(Q1), "{:?}", hard.states());
}

/// B9: a delete here and an update there, at the same time: somebody's will is not done.
#[test]
fn b9_delete_and_update_conflict() {
    let workload = json!({"keys": 8, "updates": 4, "rate": 8});
    let deletes = json!({"delete_fraction": 0.3, "deletes": "soft"});
    let seen = both(&deletes, workload.clone());
    let deleted: Vec<u32> = seen
        .of(Fact::Written)
        .filter(|r| r.detail == 1)
        .map(|r| r.message)
        .collect();
    let undone = |wanted: bool| {
        let lost = seen.of(Fact::Discarded);
        lost.filter(|r| deleted.contains(&r.message) == wanted)
            .count()
    };
    let (deletes_lost, updates_lost) = (undone(true), undone(false));
    assert!(seen.is_broken(Q2), "{:?}", seen.states());
    assert!(
        deletes_lost > 0 && updates_lost > 0,
        "{deletes_lost}, {updates_lost}"
    );
    let cured = both(
        &with(&deletes, json!({"conflict": "version-vector"})),
        workload,
    );
    assert!(cured.holds(Q2), "{:?}", cured.states());
}

/// B11: a copied row gets a new stamp, so it is news again, and goes back and forth for ever.
#[test]
fn b11_a_sync_loop_echoes_for_ever() {
    let echo = json!({"restamp": true, "echo_filter": false, "idempotent": false});
    let calm = json!({"keys": 4, "updates": 2, "rate": 2});
    let seen = both(&echo, calm.clone());
    let cured = both(&with(&echo, json!({"echo_filter": true})), calm.clone());
    let copies = |seen: &Seen| {
        let job = seen.of(Fact::Applied).count() + seen.of(Fact::Skipped).count();
        job as f64 / seen.observers().cost.written as f64
    };
    let (looping, quiet) = (copies(&seen), copies(&cured));
    assert!(
        looping > 4.0 * quiet,
        "{looping} rows a write, {quiet} with the filter"
    );
    let plain = both(&with(&echo, json!({"restamp": false})), calm);
    assert!(copies(&plain) < looping / 2.0, "{}", copies(&plain));
    assert!(cured.sent(Channel::Request).count() > 0);
}

/// The rules are merges where they promise to be: whatever the order, both sides end alike.
#[test]
fn a13_equal_stamps_need_a_tie_break() {
    let coarse = json!({"stamp_resolution": "1s", "tie_break": false, "detection": "full-compare"});
    let seen = both(&coarse, json!({"keys": 2, "updates": 50, "rate": 8}));
    assert!(
        seen.is_broken(A13) || seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    let cured = both(
        &with(&coarse, json!({"tie_break": true})),
        json!({"keys": 2, "updates": 50, "rate": 8}),
    );
    assert!(cured.holds(A13) && cured.holds(Q1), "{:?}", cured.states());
}
