//! What goes wrong at a quorum (semantics, sheet P9), and what helps.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A5, A12, Q1, Q2, Q5, Q8};
use converge_engine::pattern::quorum::state::{ReadState, WriteState, read_edge, write_edge};
use converge_engine::sim::{Fact, SimTime};
use converge_engine::store::HintState;
use serde_json::{Value as Json, json};

/// Three replicas; each transmission takes a millisecond but what a test says.
fn store(config: &Json, workload: Json, plan: Json) -> Seen {
    let quick = json!({"write_delay": "1ms", "answer_delay": "1ms", "write_timeout": "200ms",
                       "read_timeout": "200ms", "mttr": "2s"});
    room(
        "quorum",
        "60s",
        &with(&quick, config.clone()),
        workload,
        plan,
    )
}

fn once() -> Json {
    json!({"rate": 10, "keys": 1, "updates": 1})
}

fn one_cart(reads: f64) -> Json {
    json!({"rate": 4, "keys": 1, "updates": 1_000_000, "reads": reads})
}

fn majority(config: Json) -> Json {
    with(&json!({"read_quorum": 2, "write_quorum": 2}), config)
}

fn missing(seen: &Seen) -> usize {
    let ledger = &seen.observers().ledger;
    (0..ledger.copies().len())
        .map(|copy| ledger.missing(copy).len())
        .sum()
}

fn stale(seen: &Seen) -> usize {
    let reads = seen.of(Fact::Read).filter(|read| read.detail > 0);
    reads.count()
}

/// The replica that answers first has not got the write yet.
#[test]
fn p9_one_answer_misses_the_write_before_it() {
    let slow = json!({"write_delay": {"exp": "50ms"}, "answer_delay": {"exp": "1ms"},
                      "read_back": "10ms"});
    let seen = store(&slow, once(), json!([]));
    assert!(
        seen.is_broken(A12) && stale(&seen) > 50,
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A12), Some("quorum-overlap"));
    assert_eq!(missing(&seen), 0, "it comes all the same");
    let cured = store(&majority(slow), once(), json!([]));
    assert!(
        cured.holds(A12) && stale(&cured) == 0,
        "{:?}",
        cured.states()
    );
}

/// R + W > N is quorum overlap, not linearizability: of two reads the first sees a write that is
/// not committed yet, and the second does not.
#[test]
fn p9_overlap_lets_a_read_go_back() {
    let slow = majority(json!({"write_delay": {"exp": "300ms"}, "answer_delay": {"exp": "1ms"}}));
    let seen = store(&slow, one_cart(40.0), json!([]));
    assert_eq!(stale(&seen), 0, "what is committed is seen");
    let [.., back, _, _] = seen.observers().checks.sessions().counts();
    assert!(seen.is_broken(A12) && back > 20, "{:?}", seen.states());
    assert_eq!(seen.cure(A12), Some("read-repair"));
    // Whoever answers writes back what it has seen, before it answers.
    let repairs = with(&slow, json!({"read_repair": true}));
    let cured = store(&repairs, one_cart(40.0), json!([]));
    assert!(cured.holds(A12), "{:?}", cured.states());
    assert!(cured.moves(read_edge(ReadState::Gathering, ReadState::Repairing)) > 20);
}

/// A hint is not a replica: a write that is "done" may be at one replica only, and no two
/// quorums need meet.
#[test]
fn p9_counted_hints_void_the_overlap() {
    let down = json!([
        {"at": "10s", "do": "crash", "node": "Replica 2"},
        {"at": "10s", "do": "crash", "node": "Replica 3"},
        {"at": "20s", "do": "crash", "node": "Replica 1"},
        {"at": "20s", "do": "restart", "node": "Replica 2"},
        {"at": "20s", "do": "restart", "node": "Replica 3"},
        {"at": "29s", "do": "restart", "node": "Replica 1"},
    ]);
    let counted = majority(json!({"hints": "counted", "hint_interval": "30s", "read_back": "11s"}));
    let seen = store(&counted, once(), down.clone());
    assert_eq!(seen.observers().cost.refused, 0, "every write was taken");
    assert!(
        seen.is_broken(A12) && stale(&seen) > 20,
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A12), Some("strict-quorum"));
    assert!(seen.moves(HintState::edge(HintState::Absent, HintState::Waiting)) > 100);
    assert!(seen.holds(Q1) && seen.holds(Q5), "{:?}", seen.states());
    let strict = with(&counted, json!({"hints": "on"}));
    let cured = store(&strict, once(), down);
    assert!(
        cured.holds(A12) && stale(&cured) == 0,
        "{:?}",
        cured.states()
    );
    assert!(
        cured.observers().cost.refused > 50,
        "at the price of refusals"
    );
}

/// A write that was refused is no write that was not made: one replica has it, readers see it, and
/// the copies differ until somebody takes it further.
#[test]
fn p9_refused_writes_stay_where_they_are() {
    let cut = json!([
        {"at": "10s", "do": "partition", "from": "Coordinator", "to": "Replica 2", "both": true},
        {"at": "10s", "do": "partition", "from": "Coordinator", "to": "Replica 3", "both": true},
        {"at": "15s", "do": "heal", "from": "Coordinator", "to": "Replica 2", "both": true},
        {"at": "15s", "do": "heal", "from": "Coordinator", "to": "Replica 3", "both": true},
    ]);
    let config = majority(json!({}));
    let seen = store(&config, once(), cut.clone());
    let refused: Vec<u32> = seen
        .of(Fact::Refused)
        .map(|record| record.message)
        .collect();
    assert!(refused.len() > 20, "{} refused", refused.len());
    assert_eq!(seen.count(Fact::Declined), refused.len());
    let kept = seen
        .of(Fact::Applied)
        .filter(|it| refused.contains(&it.message));
    assert_eq!(
        kept.count(),
        refused.len(),
        "each at the one replica that was reached"
    );
    assert!(seen.holds(Q2) && seen.holds(Q8), "{:?}", seen.states());
    assert!(seen.is_broken(Q1) && seen.cure(Q1) == Some("anti-entropy"));
    // With anti-entropy all get it: it is committed after all, as nobody was told.
    let cured = store(&with(&config, json!({"anti_entropy": true})), once(), cut);
    assert!(cured.holds(Q1), "{:?}", cured.states());
    assert_eq!(cured.count(Fact::Declined), refused.len());
    let written = cured
        .of(Fact::Written)
        .filter(|it| refused.contains(&it.message));
    assert_eq!(written.count(), refused.len());
}

/// A replica is down while others commit: nothing tells it afterwards.
#[test]
fn p9_a_missed_write_is_missed_for_good() {
    let down = json!([
        {"at": "10s", "do": "crash", "node": "Replica 3"},
        {"at": "20s", "do": "restart", "node": "Replica 3"},
    ]);
    let config = majority(json!({"hint_interval": "1s", "anti_entropy_interval": "2s"}));
    let seen = store(&config, once(), down.clone());
    assert!(missing(&seen) > 50 && seen.is_broken(Q1) && seen.is_broken(Q2));
    assert_eq!(seen.cure(Q2), Some("hinted-handoff"));
    assert!(seen.moves(write_edge(WriteState::Committed, WriteState::Short)) > 50);
    // Said at once, not when all is quiet.
    let first = seen.observers().checks.first(Q2);
    assert!(first.is_some_and(|first| first.at < SimTime::from_secs(11)));
    for cure in [json!({"hints": "on"}), json!({"anti_entropy": true})] {
        let cured = store(&with(&config, cure.clone()), once(), down.clone());
        assert!(
            cured.holds(Q1) && missing(&cured) == 0,
            "{cure}: {:?}",
            cured.states()
        );
    }
    // Read repair mends what is read, and nothing else.
    let reads = json!({"read_repair": true, "read_back": "15s"});
    let some = store(&with(&config, reads), once(), down);
    assert!(missing(&some) < missing(&seen), "{}", missing(&some));
}

/// Hints are kept when the coordinator gives up waiting; if it dies before that, there are none.
#[test]
fn p9_the_coordinator_dies_before_it_keeps_a_hint() {
    let plan = json!([
        {"at": "10s", "do": "crash", "node": "Replica 3"},
        {"at": "10100ms", "do": "crash", "node": "Coordinator"},
        {"at": "10200ms", "do": "restart", "node": "Coordinator"},
        {"at": "10200ms", "do": "restart", "node": "Replica 3"},
    ]);
    let config = majority(json!({"hints": "on", "hint_interval": "1s", "write_timeout": "5s"}));
    let busy = json!({"rate": 100, "keys": 1, "updates": 1});
    let seen = store(&config, busy.clone(), plan.clone());
    assert!(seen.moves(write_edge(WriteState::Committed, WriteState::Forgotten)) > 3);
    assert!(
        seen.is_broken(Q2) && seen.cure(Q2) == Some("anti-entropy"),
        "{:?}",
        seen.states()
    );
    let cured = store(&with(&config, json!({"anti_entropy": true})), busy, plan);
    assert!(cured.holds(Q1) && cured.holds(Q2), "{:?}", cured.states());
}

/// A region is cut off: what overlaps refuses there and goes on elsewhere; what does not overlap
/// takes everything everywhere, and shows old carts.
#[test]
fn p9_a_cut_region_refuses_or_is_stale() {
    let cut = json!({"regions": 3, "remote_delay": "50ms", "cut_at": "10s", "cut_for": "30s",
                     "read_back": "200ms", "hints": "on", "hint_interval": "1s"});
    let strict = majority(cut.clone());
    let seen = store(&strict, one_cart(10.0), json!([]));
    let inside = |at: SimTime| at > SimTime::from_secs(10) && at < SimTime::from_secs(40);
    let refused: Vec<_> = seen.of(Fact::Refused).map(|record| record.at).collect();
    assert!(
        refused.len() > 50 && stale(&seen) == 0,
        "{} refused",
        refused.len()
    );
    let slack = |at: &SimTime| inside(*at) || *at < SimTime::from_secs(41);
    assert!(
        refused.iter().all(slack),
        "nothing is refused before or after"
    );
    assert!(
        seen.holds(Q1),
        "healed, and handed over: {:?}",
        seen.states()
    );
    let one = with(&cut, json!({"read_quorum": 1, "write_quorum": 1}));
    let open = store(&one, one_cart(10.0), json!([]));
    assert_eq!(open.count(Fact::Refused), 0);
    assert!(stale(&open) > 100, "{} stale reads", stale(&open));
    let after = open
        .of(Fact::Read)
        .filter(|read| read.at > SimTime::from_secs(45));
    assert!(after.filter(|read| read.detail > 0).count() < stale(&open) / 4);
}

/// The later stamp wins, whoever wrote later: a coordinator whose clock is behind loses what it
/// acknowledges.
#[test]
fn p9_a_slow_clock_loses_what_was_acknowledged() {
    let behind = majority(json!({"regions": 2, "clock_offset_ms": -500, "read_back": "20ms"}));
    let edits = json!({"arrivals": "bursts", "rate": 4, "burst_size": 2, "burst_gap": "100ms",
                       "keys": 1, "updates": 2});
    let seen = store(&behind, edits.clone(), json!([]));
    assert!(
        seen.is_broken(Q2) && seen.is_broken(A12),
        "{:?}",
        seen.states()
    );
    assert_eq!(
        (seen.cure(Q2), seen.cure(A12)),
        (Some("one-clock"), Some("one-clock"))
    );
    assert!(seen.holds(Q1), "all agree on the wrong one");
    let cured = store(
        &with(&behind, json!({"clock_offset_ms": 0})),
        edits,
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
}

/// Without stamps a replica keeps what comes last, and what comes last may be older.
#[test]
fn p9_late_arrivals_win_without_stamps() {
    let blind = json!({"compares_stamps": false, "write_delay": {"exp": "100ms"}});
    let seen = store(&blind, one_cart(0.0), json!([]));
    assert!(seen.is_broken(A5), "{:?}", seen.states());
    assert_eq!(seen.cure(A5), Some("newest-wins"));
    let cured = store(
        &with(&blind, json!({"compares_stamps": true})),
        one_cart(0.0),
        json!([]),
    );
    assert!(cured.holds(A5) && cured.holds(Q1), "{:?}", cured.states());
}

/// A write that goes to its quorum only is unknown to all others for ever.
#[test]
fn p9_nothing_but_the_quorum_has_it() {
    let only = json!({"propagation": "quorum"});
    let seen = store(&only, once(), json!([]));
    assert_eq!(missing(&seen), 2 * seen.count(Fact::Written));
    assert!(
        seen.is_broken(Q1) && seen.cure(Q2) == Some("send-to-all"),
        "{:?}",
        seen.states()
    );
    for cure in [json!({"propagation": "all"}), json!({"anti_entropy": true})] {
        let cured = store(&with(&only, cure), once(), json!([]));
        assert!(
            cured.holds(Q1) && missing(&cured) == 0,
            "{:?}",
            cured.states()
        );
    }
}

/// One comparison mends both sides: whoever asks is sent what it lacks, and sends what the other does.
#[test]
fn p9_one_comparison_mends_both_sides() {
    let cut = |replica: &str, from: &str, to: &str| {
        [
            json!({"at": from, "do": "partition", "from": "Coordinator", "to": replica, "both": false}),
            json!({"at": to, "do": "heal", "from": "Coordinator", "to": replica, "both": false}),
        ]
    };
    let plan = [
        cut("Replica 2", "10s", "13s"),
        cut("Replica 1", "14s", "17s"),
    ];
    // The first of the two begins after half of the interval, the other after all of it.
    let config = json!({"replicas": 2, "anti_entropy": true, "anti_entropy_interval": "60s"});
    let seen = store(&config, once(), json!(plan.concat()));
    let written = |at: SimTime| at < SimTime::from_secs(18);
    let written: Vec<u32> = seen
        .of(Fact::Written)
        .filter(|record| written(record.at))
        .map(|record| record.message)
        .collect();
    let lacks = |replica: u8, until: u64| {
        let here = |message: &&u32| {
            let mut applied = seen.of(Fact::Applied);
            applied.any(|it| {
                let in_time = it.at < SimTime::from_secs(until);
                it.message == **message && it.node.0 == replica && in_time
            })
        };
        written.len() - written.iter().filter(here).count()
    };
    let replicas: Vec<u8> = seen
        .observers()
        .ledger
        .copies()
        .iter()
        .map(|n| n.0)
        .collect();
    for replica in replicas {
        let (before, after) = (lacks(replica, 30), lacks(replica, 31));
        assert!(before > 15 && after == 0, "{replica}: {before}, {after}");
    }
}

/// A coordinator or its answers are gone: every client gives up in the end, and every edge of a read
/// is taken.
#[test]
fn p9_every_client_is_answered_or_gives_up() {
    let repairs = json!({"read_repair": true, "source_mttf": "3s", "replica_mttf": "5s",
                         "write_delay": {"exp": "100ms"}, "request_timeout": "1s",
                         "replica_loss": 0.1, "answer_loss": 0.1});
    let seen = store(&majority(repairs), one_cart(40.0), json!([]));
    assert!(seen.holds(Q8), "{:?}", seen.states());
    assert!(seen.count(Fact::TimedOut) > 3 && seen.count(Fact::Unanswered) > 50);
    for (from, to) in [
        (ReadState::Gathering, ReadState::Refused),
        (ReadState::Gathering, ReadState::Forgotten),
        (ReadState::Repairing, ReadState::Answered),
        (ReadState::Repairing, ReadState::Refused),
        (ReadState::Repairing, ReadState::Forgotten),
    ] {
        assert!(seen.moves(read_edge(from, to)) > 0, "{from:?} to {to:?}");
    }
    assert!(seen.moves(write_edge(WriteState::Gathering, WriteState::Forgotten)) > 0);
}
