//! R1 to R6 and R10: what lies between a write model and what it is read from.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A5, A6, A7, Q1, Q2, Q5};
use converge_engine::pattern::Role;
use converge_engine::pattern::cqrs::state::{SegmentState, segment_edge};
use converge_engine::sim::{Fact, SimTime};
use serde_json::{Value as Json, json};

/// Events reach the read store after 10 ms; nothing else takes time.
fn view(config: &Json, workload: Json, plan: Json) -> Seen {
    let quick = json!({"delivery_delay": "10ms", "handler_time": "1ms", "fetch_delay": "1ms"});
    room("cqrs", "60s", &with(&quick, config.clone()), workload, plan)
}

fn rows() -> Json {
    json!({"keys": 1, "updates": 1, "rate": 10})
}

fn versions() -> Json {
    json!({"keys": 3, "updates": 1_000_000, "rate": 20})
}

fn missing(seen: &Seen) -> usize {
    seen.observers().ledger.missing(0).len()
}

/// R1: a user withdraws, sees the old balance, and withdraws again.
#[test]
fn r1_a_stale_balance_is_withdrawn_twice() {
    let eager = json!({"read_back": "50ms", "submits_again": true, "delivery_delay": {"exp": "200ms"},
                       "source_check": false, "expected_version": false});
    let bank = json!({"keys": 4, "updates": 8, "rate": 4, "stock": 4});
    let seen = view(&eager, bank.clone(), json!([]));
    let again = seen.again();
    assert!(again > 20, "{again} withdrawals twice");
    assert!(seen.count(Fact::Oversold) > 0, "no account was overdrawn");
    // The aggregate keeps its own invariant, however stale the view.
    let checked = view(
        &with(&eager, json!({"source_check": true})),
        bank.clone(),
        json!([]),
    );
    assert!(checked.again() > 20 && checked.count(Fact::Oversold) == 0);
    // A user who sees the own write has no reason to ask again.
    let waits = json!({"consistency": "wait-for-version", "wait_timeout": "10s"});
    let cured = view(&with(&eager, waits), bank, json!([]));
    assert_eq!(cured.again(), 0);
}

/// R2: the projection crashes; where the checkpoint stands decides what it repeats or leaves out.
#[test]
fn r2_a_crash_repeats_or_loses_by_the_order_of_the_checkpoint() {
    let crash = json!({"projector_crash": 0.02, "mttr": "100ms", "projection": "counter"});
    let apart = with(
        &crash,
        json!({"checkpoint": "every-n", "checkpoint_every": 5}),
    );
    let seen = view(&apart, rows(), json!([]));
    assert!(
        seen.is_broken(A6) && seen.cure(A6) == Some("checkpoint-transaction"),
        "{:?}",
        seen.states()
    );
    let late = with(
        &crash,
        json!({"checkpoint": "async", "checkpoint_interval": "500ms"}),
    );
    assert!(view(&late, rows(), json!([])).is_broken(A6));
    let first = with(&apart, json!({"checkpoint_order": "checkpoint-first"}));
    let seen = view(&first, rows(), json!([]));
    assert!(
        seen.is_broken(A7) && seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    assert!(missing(&seen) > 0, "nothing is missing");
    let cured = view(&crash, rows(), json!([]));
    assert!(
        cured.is_clean() && cured.count(Fact::Crashed) > 5,
        "{:?}",
        cured.states()
    );
}

/// R3: parallel segments finish in another order than the events came in.
#[test]
fn r3_parallel_segments_reorder() {
    let parallel = json!({"segments": 4, "routing": "round-robin", "version_guard": false,
                          "ordered_writes": false, "causal_writes": false,
                          "handler_time": {"exp": "50ms"}});
    let seen = view(&parallel, versions(), json!([]));
    assert!(seen.is_broken(A5), "{:?}", seen.states());
    for cure in [
        json!({"version_guard": true}),
        json!({"routing": "by-key"}),
        json!({"segments": 1}),
    ] {
        let cured = view(&with(&parallel, cure.clone()), versions(), json!([]));
        let states = cured.states();
        assert!(cured.holds(A5) && cured.holds(Q1), "{cure}: {states:?}");
    }
}

/// R4: position 7 commits before 6; a reader that passes 7 never sees 6.
#[test]
fn r4_a_sequence_gap_is_never_projected() {
    let late = json!({"commit_delay": {"exp": "200ms"}, "trigger": "poll", "poll_interval": "500ms",
                      "gaps": "ignore"});
    let seen = view(&late, rows(), json!([]));
    assert!(
        seen.is_broken(A7) && seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    assert!(missing(&seen) > 5, "{} missing", missing(&seen));
    let ledger = &seen.observers().ledger;
    let stale = |secs| ledger.staleness(0, SimTime::from_secs(secs)).as_micros();
    assert_eq!(stale(2000) - stale(1000), 1_000_000_000);
    let hasty = view(
        &with(&late, json!({"gaps": "wait-at-most", "gap_wait": "50ms"})),
        rows(),
        json!([]),
    );
    assert!(
        hasty.is_broken(A7) && missing(&hasty) < missing(&seen),
        "{:?}",
        hasty.states()
    );
    let patient = view(
        &with(&late, json!({"gaps": "wait-at-most", "gap_wait": "20s"})),
        rows(),
        json!([]),
    );
    assert!(patient.is_clean(), "{:?}", patient.states());
    let cured = view(&with(&late, json!({"gaps": "wait"})), rows(), json!([]));
    assert!(cured.is_clean(), "{:?}", cured.states());
    let pushed = view(&with(&late, json!({"trigger": "push"})), rows(), json!([]));
    assert!(pushed.is_broken(A7), "{:?}", pushed.states());
}

/// R5: a rebuild while events come in: a hole at the swap, or events counted twice.
#[test]
fn r5_a_rebuild_swaps_with_a_hole_or_an_overlap() {
    let rebuild = json!({"rebuild_at": "20s", "rebuild_speed": 2, "projection": "counter",
                         "handler_time": "20ms"});
    let early = view(&with(&rebuild, json!({"swap": "early"})), rows(), json!([]));
    assert!(
        early.is_broken(Q1) && missing(&early) > 0,
        "{:?}",
        early.states()
    );
    let twice = view(
        &with(&rebuild, json!({"swap": "overlap"})),
        rows(),
        json!([]),
    );
    assert!(twice.is_broken(A6), "{:?}", twice.states());
    let cured = view(
        &with(&rebuild, json!({"swap": "at-head"})),
        rows(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
}

/// R6: a poison event halts the projection; leaving it out corrupts without a word.
#[test]
fn r6_a_poison_event_halts_or_corrupts() {
    let poison = json!({"poison": 0.01});
    let halted = view(
        &with(&poison, json!({"on_poison": "halt"})),
        rows(),
        json!([]),
    );
    assert!(
        halted.is_broken(Q5) || halted.is_broken(Q1),
        "{:?}",
        halted.states()
    );
    // Everything behind it waits: the lag climbs as fast as events come.
    let lag = |secs| halted.missing_at(secs);
    let climbed = lag(55) - lag(35);
    assert!(
        (150..=250).contains(&climbed),
        "{climbed} events in 20 s at 10/s"
    );
    let skipped = view(
        &with(&poison, json!({"on_poison": "skip"})),
        rows(),
        json!([]),
    );
    assert!(
        skipped.is_broken(Q1) && missing(&skipped) > 0,
        "{:?}",
        skipped.states()
    );
    assert!(missing(&skipped) < 30, "{}", missing(&skipped));
    let clean = view(&json!({}), rows(), json!([]));
    assert!(clean.is_clean(), "{:?}", clean.states());
}

/// R6: a crash does not get a halted projection past its poison event.
#[test]
fn r6_a_restart_does_not_help_a_halted_projection() {
    let projector = super::node_name("cqrs", Role::Consumer);
    let plan = json!([{"at": "50s", "do": "crash", "node": projector},
                      {"at": "52s", "do": "restart", "node": projector}]);
    let poison = json!({"poison": 0.01, "on_poison": "halt"});
    let seen = view(&poison, rows(), plan);
    let died = segment_edge(SegmentState::Halted, SegmentState::Crashed);
    assert_eq!(seen.moves(died), 1);
    assert!(missing(&seen) > 100, "{}", missing(&seen));
}

/// R6: someone mends what halts the projection, and it goes on to the end; nothing is left out.
#[test]
fn r6_a_mended_projection_goes_on_where_it_halted() {
    let every_second = (1..200).map(|second| {
        let at = format!("{second}s");
        json!({"at": at, "do": "redrive", "node": super::node_name("cqrs", Role::Copy)})
    });
    let poison = json!({"poison": 0.05, "on_poison": "halt", "batch": 3});
    let seen = view(&poison, rows(), every_second.collect());
    let mended = segment_edge(SegmentState::Halted, SegmentState::CatchingUp);
    assert!(seen.moves(mended) > 10, "{} times", seen.moves(mended));
    assert!(seen.count(Fact::Failed) >= seen.moves(mended));
    assert!(
        seen.is_clean() && missing(&seen) == 0,
        "{:?}",
        seen.states()
    );
    let lag = seen.observers().cost.backlogs[0].records();
    assert_eq!(lag, 0, "events wait for ever");
}

/// R10: what was read is stale by the time it is written back; the expected version refuses that.
#[test]
fn r10_a_stale_read_overwrites_an_update() {
    let decide = json!({"read_first": true, "decision_time": "300ms", "users": 4});
    let off = with(&decide, json!({"expected_version": false}));
    let busy = json!({"keys": 2, "updates": 1_000_000, "rate": 6});
    let seen = view(&off, busy.clone(), json!([]));
    assert!(
        seen.is_broken(Q2) && seen.cure(Q2) == Some("expected-version"),
        "{:?}",
        seen.states()
    );
    let cured = view(&decide, busy, json!([]));
    assert!(cured.holds(Q2), "{:?}", cured.states());
    assert!(cured.count(Fact::Refused) > 10, "nothing was refused");
}

/// The cheaper forms are CQRS too, and have no lag.
#[test]
fn p5_one_store_and_inline_projection_have_no_lag() {
    for form in ["same-store", "inline"] {
        let config = json!({"form": form, "read_back": "1ms"});
        let seen = view(&config, versions(), json!([]));
        assert!(seen.is_clean(), "{form}: {:?}", seen.states());
        let delays = seen.observers().ledger.visibility();
        assert!(delays.iter().count() > 500);
        assert!(
            delays.iter().all(|v| v.delay.as_micros() == 0),
            "{form} lags"
        );
    }
    let lags = view(&json!({"read_back": "1ms"}), versions(), json!([]));
    assert!(
        lags.observers()
            .ledger
            .visibility()
            .iter()
            .any(|v| v.delay.as_micros() > 0)
    );
}

/// The gaps of the projection (reference, crash points): one transaction resumes exactly.
#[test]
fn p5_one_transaction_resumes_exactly() {
    for kind in ["last-value", "counter", "join"] {
        let config =
            json!({"projector_crash": 0.05, "mttr": "50ms", "projection": kind, "batch": 3});
        let seen = view(&config, versions(), json!([]));
        assert!(seen.count(Fact::Crashed) > 10, "{kind}");
        assert!(seen.is_clean(), "{kind}: {:?}", seen.states());
    }
}
