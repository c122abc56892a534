//! B1 to B7 and B10: what a periodic job from source to target loses, repeats or never sees.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A5, A6, A11, Q1, Q3};
use converge_engine::pattern::Role;
use converge_engine::pattern::background_sync::state::{
    RunState, SchedulerState, run_edge, scheduler_edge,
};
use converge_engine::sim::{Fact, SimTime};
use serde_json::{Value as Json, json};

/// A job every ten seconds for a second; nothing else takes time.
fn job(config: &Json, workload: Json, plan: Json) -> Seen {
    let quick = json!({"period": "10s", "duration": "1s", "transaction": "0s"});
    let seen = room(
        "background-sync",
        "120s",
        &with(&quick, config.clone()),
        workload,
        plan,
    );
    assert!(seen.observers().cost.written > 100, "hardly a write");
    seen
}

/// Each write has a key of its own: nothing later makes good what was missed.
fn rows() -> Json {
    json!({"keys": 1, "updates": 1, "rate": 4})
}

/// A few keys with many versions.
fn versions() -> Json {
    json!({"keys": 4, "updates": 1_000_000, "rate": 4})
}

/// Writes that the copy never shows.
fn missing(seen: &Seen) -> usize {
    seen.observers().ledger.missing(0).len()
}

/// B1: an older run finishes last and writes older values.
#[test]
fn b1_a_job_overlaps_itself() {
    let slow = json!({"duration": {"mix": [[0.5, "1s"], [0.5, "14s"]]}, "overlap": "allow",
                      "lock": false, "fencing": false, "idempotent": false});
    let seen = job(&slow, versions(), json!([]));
    assert!(
        seen.is_broken(A5) && seen.cure(A5).is_some(),
        "{:?}",
        seen.states()
    );
    let fenced = json!({"lock": true, "fencing": true, "lease": "5s"});
    // A lease that ends before the run does: the lock alone does not help, the token does.
    let unfenced = with(&fenced, json!({"fencing": false}));
    let seen = job(&with(&slow, unfenced), versions(), json!([]));
    assert!(
        seen.is_broken(A11) && seen.is_broken(A5),
        "{:?}",
        seen.states()
    );
    let cured = job(&with(&slow, fenced), versions(), json!([]));
    assert!(cured.holds(A5) && cured.holds(A11), "{:?}", cured.states());
    let cured = job(
        &with(&slow, json!({"overlap": "forbid"})),
        versions(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
    let cured = job(
        &with(&slow, json!({"overlap": "replace"})),
        versions(),
        json!([]),
    );
    assert!(cured.holds(A5), "{:?}", cured.states());
}

/// Deletes: how many rows were deleted that the copy showed, and how many of them it shows still.
fn ghosts(seen: &Seen) -> (usize, usize) {
    let deleted: Vec<_> = seen.of(Fact::Written).filter(|r| r.detail == 1).collect();
    let ledger = &seen.observers().ledger;
    let shown_before = |key: u32, version: u32| {
        seen.of(Fact::Applied)
            .any(|r| r.key == key && r.version < version)
    };
    let shown: Vec<_> = deleted
        .iter()
        .filter(|r| shown_before(r.key, r.version))
        .collect();
    let left = |r: &&&&converge_engine::sim::Record| {
        let state = ledger.shown(0, r.key);
        ledger.committed(r.key) == r.version && state.shown > 0 && state.shown < r.version
    };
    let ghosts = shown.iter().filter(left).count();
    (deleted.len(), ghosts)
}

/// B2: a hard delete leaves no row for a timestamp to be on. Found: exactly none.
#[test]
fn b2_hard_deletes_are_never_seen() {
    let deletes = json!({"delete_fraction": 0.3, "deletes": "hard"});
    let workload = json!({"keys": 16, "updates": 2, "rate": 4});
    for blind in ["timestamp", "timestamp-id", "incrementing-id"] {
        let config = with(&deletes, json!({"detection": blind}));
        let seen = job(&config, workload.clone(), json!([]));
        assert!(seen.is_broken(Q1), "{blind}: {:?}", seen.states());
        let (deleted, ghosts) = ghosts(&seen);
        assert!(
            deleted > 20 && ghosts > 5,
            "{blind}: {deleted} deleted, {ghosts} ghosts"
        );
        let ids: Vec<u32> = seen
            .of(Fact::Written)
            .filter(|r| r.detail == 1)
            .map(|r| r.message)
            .collect();
        let found = seen
            .of(Fact::Applied)
            .filter(|r| ids.contains(&r.message))
            .count();
        assert_eq!(found, 0, "{blind} found a row that is not there");
    }
    for cure in [
        json!({"deletes": "soft"}),
        json!({"detection": "full-compare"}),
        json!({"detection": "hash-ranges"}),
        json!({"detection": "change-log"}),
    ] {
        let cured = job(&with(&deletes, cure.clone()), workload.clone(), json!([]));
        assert!(cured.is_clean(), "{cure}: {:?}", cured.states());
        assert_eq!(ghosts(&cured).1, 0, "{cure}");
    }
}

/// B3: stamped before the watermark, committed behind it: missed for ever.
#[test]
fn b3_a_late_commit_behind_the_watermark() {
    let late = json!({"transaction": {"uniform": ["0s", "4s"]}});
    let seen = job(&late, rows(), json!([]));
    assert!(
        seen.is_broken(Q1) && seen.cure(Q1) == Some("lookback"),
        "{:?}",
        seen.states()
    );
    assert!(missing(&seen) > 20, "{} missing", missing(&seen));
    // For ever: the copy is as far behind long after.
    let ledger = &seen.observers().ledger;
    let stale = |secs| ledger.staleness(0, SimTime::from_secs(secs)).as_micros();
    assert_eq!(stale(2000) - stale(1000), 1_000_000_000);
    let cured = job(&with(&late, json!({"lookback": "4s"})), rows(), json!([]));
    assert!(cured.is_clean(), "{:?}", cured.states());
    let cured = job(
        &with(&late, json!({"detection": "change-log"})),
        rows(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
    let max = with(&late, json!({"watermark": "max-seen"}));
    assert!(job(&max, rows(), json!([])).is_broken(Q1));
}

/// B4: a writer whose clock is behind; and one whose clock is ahead.
#[test]
fn b4_a_wrong_clock_misses_rows() {
    let slow = json!({"clock_offset_ms": -3000});
    let seen = job(&slow, rows(), json!([]));
    assert!(
        seen.is_broken(Q1) && missing(&seen) > 20,
        "{:?}",
        seen.states()
    );
    let cured = job(&with(&slow, json!({"lookback": "3s"})), rows(), json!([]));
    assert!(cured.is_clean(), "{:?}", cured.states());

    // Ahead, by a watermark of the job's clock: the row is copied in each run until its stamp.
    let fast = json!({"clock_offset_ms": 9000, "period": "2s", "duration": "100ms"});
    let right = with(&fast, json!({"clock_offset_ms": 0}));
    let (fast_seen, right_seen) = (
        job(&fast, rows(), json!([])),
        job(&right, rows(), json!([])),
    );
    let copied = |seen: &Seen| seen.count(Fact::Applied) + seen.count(Fact::Skipped);
    let written = right_seen.observers().cost.written as usize;
    assert!(
        copied(&right_seen) < written + written / 4,
        "{}",
        copied(&right_seen)
    );
    assert!(copied(&fast_seen) > 3 * written, "{}", copied(&fast_seen));
    assert!(fast_seen.is_clean(), "{:?}", fast_seen.states());

    // Ahead, by the largest stamp seen: the watermark jumps and hides the rows of right clocks.
    let jump = json!({"clock_offset_ms": 9000, "clock_share": 0.3, "watermark": "max-seen"});
    let seen = job(&jump, rows(), json!([]));
    assert!(
        seen.is_broken(Q1) && missing(&seen) > 20,
        "{:?}",
        seen.states()
    );
    let cured = job(
        &with(&jump, json!({"watermark": "job-start"})),
        rows(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
}

/// B5: rows that share a stamp at the edge of a page: skipped with `>`, twice with `>=`.
#[test]
fn b5_equal_timestamps_at_the_edge_of_a_page() {
    let coarse = json!({"stamp_resolution": "1s", "page_size": 3, "watermark": "max-seen"});
    let seen = job(&coarse, rows(), json!([]));
    assert!(
        seen.is_broken(Q1) && missing(&seen) > 5,
        "{:?}",
        seen.states()
    );
    let twice = with(
        &coarse,
        json!({"boundary": "greater-or-equal", "idempotent": false,
                                     "effect": "counter", "page_size": 10}),
    );
    let seen = job(&twice, rows(), json!([]));
    assert!(seen.is_broken(A6), "{:?}", seen.states());
    assert!(seen.observers().cost.duplicate_effects > 3);
    let cured = job(
        &with(&twice, json!({"idempotent": true})),
        rows(),
        json!([]),
    );
    assert!(cured.holds(A6) && cured.holds(Q1), "{:?}", cured.states());
    let cured = job(
        &with(&coarse, json!({"detection": "timestamp-id"})),
        rows(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
}

/// B6: a crash between the rows and the watermark: the rows come again.
#[test]
fn b6_a_crash_before_the_watermark_replays() {
    let crash = json!({"crash": 0.4, "crash_at": "before-watermark", "mttr": "2s", "lease": "3s",
                       "idempotent": false, "effect": "counter"});
    let seen = job(&crash, rows(), json!([]));
    assert!(
        seen.is_broken(A6) && seen.count(Fact::Crashed) > 2,
        "{:?}",
        seen.states()
    );
    let again = seen.observers().cost.duplicate_effects;
    let cured = job(
        &with(&crash, json!({"idempotent": true})),
        rows(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
    let skipped = cured.count(Fact::Skipped) as u64;
    assert!(
        again > 0 && skipped == again,
        "{again} again, {skipped} skipped"
    );
    // The other order loses instead: what lay on the pages that the dead run had not read.
    let first = json!({"watermark_first": true, "crash": 0.1, "crash_at": "between-pages",
                       "lease": "3s", "mttr": "2s", "page_size": 10});
    let seen = job(&first, rows(), json!([]));
    assert!(
        seen.is_broken(Q1) && missing(&seen) > 5,
        "{:?}",
        seen.states()
    );
    let lost = seen.count(Fact::Abandoned);
    assert_eq!(lost, missing(&seen), "said to be lost, and missing");
    let after = with(&first, json!({"watermark_first": false}));
    let cured = job(&after, rows(), json!([]));
    assert!(
        cured.is_clean() && cured.count(Fact::Crashed) > 0,
        "{:?}",
        cured.states()
    );
}

/// The gaps of the job (reference, crash points): wherever it dies, the next run makes it good.
#[test]
fn p2_a_crash_at_any_gap_is_made_good() {
    for at in [
        "after-lock",
        "after-snapshot",
        "between-pages",
        "before-watermark",
        "before-unlock",
    ] {
        for resume in ["page", "watermark"] {
            let config = json!({"crash": 0.2, "crash_at": at, "resume": resume, "page_size": 20,
                                "mttr": "1s", "lease": "5s"});
            let seen = job(&config, rows(), json!([]));
            assert!(seen.count(Fact::Crashed) > 0, "{at}: it never crashed");
            assert!(seen.is_clean(), "{at}, {resume}: {:?}", seen.states());
        }
    }
}

/// A start that comes twice replaces the run that has just got its lock, and dies of it.
#[test]
fn p2_a_doubled_start_replaces_a_run_at_its_lock() {
    let config = json!({"overlap": "replace", "tick_duplication": 0.5, "crash": 0.5,
                        "crash_at": "after-lock", "mttr": "1s", "lease": "5s"});
    let seen = job(&config, rows(), json!([]));
    let replaced = seen.moves(run_edge(RunState::Locking, RunState::Killed));
    assert!(replaced > 1, "{replaced} replaced");
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// B7: intermediate versions are never seen, so whatever needs each change is wrong by design.
#[test]
fn b7_coalescing_hides_versions_from_a_counter() {
    let counter = json!({"effect": "counter"});
    let seen = job(&counter, versions(), json!([]));
    assert!(
        seen.is_broken(Q3) || seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    let written = seen.observers().cost.written as usize;
    assert!(
        missing(&seen) > written / 2,
        "{} of {written}",
        missing(&seen)
    );
    let register = job(&json!({}), versions(), json!([]));
    assert!(register.is_clean(), "{:?}", register.states());
    let log = job(
        &with(&counter, json!({"detection": "change-log"})),
        versions(),
        json!([]),
    );
    assert!(log.is_clean(), "{:?}", log.states());
}

/// B10: a long outage: starts are missed, and the run that catches up is longer than the period.
#[test]
fn b10_an_outage_misses_starts_and_the_catch_up_overlaps() {
    let job_name = super::node_name("background-sync", Role::Job);
    let plan = json!([{"at": "20s", "do": "crash", "node": job_name},
                      {"at": "100s", "do": "restart", "node": job_name}]);
    let slow = json!({"apply_rate": 8, "period": "5s", "duration": "100ms"});
    let seen = job(&slow, rows(), plan.clone());
    assert_eq!(seen.run.applied(), [Some(true); 2]);
    // Four rows a second came for 80 s and go at eight a second: far longer than a period.
    let quiet = job(&slow, rows(), json!([]));
    let skipped = |seen: &Seen| seen.moves(run_edge(RunState::Idle, RunState::Skipped));
    assert!(
        skipped(&seen) > skipped(&quiet) + 3,
        "{} {}",
        skipped(&seen),
        skipped(&quiet)
    );
    assert!(seen.is_clean(), "late, but right: {:?}", seen.states());
    let late = |seen: &Seen| {
        let delays = seen.observers().ledger.visibility().iter();
        delays.map(|v| v.delay.as_micros()).max().unwrap_or(0)
    };
    assert!(late(&seen) > 70_000_000 && late(&quiet) < 20_000_000);
}

/// B10 at its worst: more than a hundred missed starts, and nothing is started any more.
#[test]
fn b10_more_than_a_hundred_missed_starts_end_the_schedule() {
    let job_name = super::node_name("background-sync", Role::Job);
    let plan = json!([{"at": "5s", "do": "crash", "node": job_name},
                      {"at": "110s", "do": "restart", "node": job_name}]);
    let often = json!({"period": "1s", "duration": "100ms"});
    let seen = job(&often, rows(), plan.clone());
    let stopped = scheduler_edge(SchedulerState::Running, SchedulerState::Stopped);
    assert_eq!(seen.moves(stopped), 1);
    assert!(seen.is_broken(Q1) && seen.cure(Q1) == Some("starting-deadline"));
    let deadline = with(&often, json!({"starting_deadline": "50s"}));
    let cured = job(&deadline, rows(), plan);
    assert!(cured.is_clean(), "{:?}", cured.states());
}

/// A run that has done with one source and is slow at another learns there that its token is old.
#[test]
fn b1_a_fenced_run_gives_up_all_its_sources() {
    let slow = json!({"sources": 3, "duration": {"mix": [[0.5, "1s"], [0.5, "14s"]]},
                      "overlap": "allow", "lease": "5s"});
    let seen = job(&slow, versions(), json!([]));
    assert!(seen.moves(run_edge(RunState::Watermark, RunState::Fenced)) > 0);
    assert!(seen.holds(A5) && seen.holds(A11), "{:?}", seen.states());
}
