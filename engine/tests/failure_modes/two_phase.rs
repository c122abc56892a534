//! P7: what two-phase commit costs, where it blocks, and what breaks it.

use super::{Seen, node_name, room, with};
use converge_engine::check::PropertyId::{A1, A2, A5, A10, Q1, Q2, Q3, Q5};
use converge_engine::pattern::Role;
use converge_engine::pattern::two_phase_commit::message::crash;
use converge_engine::sim::{Channel, Fact, Record, SimDuration, SimTime};
use converge_engine::store::ParticipantState::{Absent, Prepared, Working};
use converge_engine::store::two_phase::participant_edge;
use serde_json::{Value as Json, json};

/// Every hop takes 10 ms, and nothing else takes time.
fn commit(config: &Json, workload: Json, plan: Json) -> Seen {
    let quick = json!({"command_delay": "10ms", "reply_delay": "10ms", "client_delay": "0s",
                       "work_time": "0s", "mttr": "5s"});
    room(
        "two-phase-commit",
        "60s",
        &with(&quick, config.clone()),
        workload,
        plan,
    )
}

fn orders() -> Json {
    json!({"rate": 5, "updates": 1})
}

fn versions() -> Json {
    json!({"rate": 10, "keys": 2, "updates": 1_000_000})
}

fn coordinator() -> String {
    node_name("two-phase-commit", Role::Source)
}

fn invoices() -> &'static str {
    "Invoices"
}

fn refused(seen: &Seen, detail: u32) -> usize {
    let refused = seen.of(Fact::Refused);
    refused.filter(|record| record.detail == detail).count()
}

fn crashes(seen: &Seen, point: u32) -> usize {
    let crashed = seen.of(Fact::Crashed);
    crashed.filter(|record| record.detail == point).count()
}

fn blocked_secs(seen: &Seen) -> f64 {
    let end = seen.records.last().map_or(SimTime::ZERO, |last| last.at);
    let blocked = &seen.observers().cost.blocked;
    blocked.total(end).as_secs_f64()
}

/// A commit takes two rounds and 4n messages, whatever n is; a leader's replicas take one and 2n.
#[test]
fn p7_two_rounds_and_four_messages_for_each() {
    for n in 2..=8usize {
        for (protocol, rounds) in [("two-phase-commit", 2), ("synchronous-replica", 1)] {
            let config = json!({"protocol": protocol, "participants": n});
            let seen = commit(&config, orders(), json!([]));
            assert!(seen.is_clean(), "{:?}", seen.states());
            let written = seen.count(Fact::Written);
            assert!(written > 200, "{written} written");
            let sent = seen.count(Fact::Sent);
            let clients = seen.sent(Channel::Request).count() + seen.sent(Channel::Reply).count();
            assert_eq!(sent - clients, 2 * rounds * n * written, "{protocol}, {n}");
            let waits = seen.of(Fact::Acknowledged).map(|record| record.detail);
            let expected = 20_000 * rounds as u32;
            assert!(
                waits.into_iter().all(|wait| wait == expected),
                "{protocol}, {n}"
            );
        }
    }
}

/// One participant is down: nothing can be written, and every client is told so.
#[test]
fn p7_one_participant_down_refuses_all() {
    let plan = json!([{"at": "20s", "do": "crash", "node": invoices()},
                      {"at": "40s", "do": "restart", "node": invoices()}]);
    let seen = commit(&json!({"vote_timeout": "500ms"}), orders(), plan.clone());
    assert!(seen.is_clean(), "{:?}", seen.states());
    let down = |record: &&Record| {
        let (from, to) = (SimTime::from_secs(20), SimTime::from_secs(40));
        from < record.at && record.at < to
    };
    assert_eq!(seen.of(Fact::Written).filter(down).count(), 0);
    let told = refused(&seen, 5);
    assert!((70..=130).contains(&told), "{told} refused at 5/s for 20 s");
    assert_eq!(seen.count(Fact::Declined), told);
    // A leader does not ask first: it has the write, and its client waits.
    let leader = json!({"protocol": "synchronous-replica", "request_attempts": 1});
    let seen = commit(&leader, orders(), plan);
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert_eq!(seen.count(Fact::Refused), 0);
    assert!(seen.of(Fact::Written).filter(down).count() > 70);
    let unknown = seen.of(Fact::TimedOut).filter(down).count();
    assert!(unknown > 50, "{unknown} clients do not know");
}

/// The coordinator dies with all votes: participants are in doubt, their rows locked until it is
/// back. Nothing is lost; that is the price.
#[test]
fn p7_a_dead_coordinator_blocks_and_loses_nothing() {
    let dies = json!({"coordinator_crash": 0.05, "coordinator_gap": "before-commit"});
    let row = json!({"rate": 10, "keys": 1, "updates": 1_000_000});
    let seen = commit(&dies, row, json!([]));
    let died = crashes(&seen, crash::BEFORE_COMMIT);
    assert!(died > 3, "{died} crashes");
    assert!(seen.is_clean(), "{:?}", seen.states());
    let asked = seen.sent(Channel::Inquiry).count();
    assert!(asked > died * 10, "{asked} inquiries");
    // Two participants, five seconds each time; the last outage may be cut short by the drain.
    let blocked = blocked_secs(&seen);
    let most = died as f64 * 10.0;
    assert!(
        blocked > most - 10.0 && blocked <= most + 1.0,
        "{blocked} of {most}"
    );
    // Whatever else wants one of those rows waits for as long.
    let locks = seen.observers().cost.blocked.lock_times.iter();
    let longest = locks
        .map(|(_, span)| span.as_secs_f64())
        .fold(0.0, f64::max);
    assert!(longest >= 5.0, "{longest}");
    // A participant that has promised and crashes stays in doubt over its own crash as well.
    let plan = json!([{"at": "10s", "do": "crash", "node": coordinator()},
                      {"at": "11s", "do": "crash", "node": invoices()},
                      {"at": "12s", "do": "restart", "node": invoices()},
                      {"at": "20s", "do": "restart", "node": coordinator()}]);
    let slow = json!({"command_delay": "200ms", "reply_delay": "200ms"});
    let seen = commit(&slow, versions(), plan);
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert!(blocked_secs(&seen) > 9.0, "{}", blocked_secs(&seen));
}

/// What a crash in each gap of the coordinator leaves: before the commit point nothing, after it
/// everything.
#[test]
fn p7_a_crash_in_any_gap_of_the_coordinator() {
    for (gap, point, commits) in [
        ("before-prepare", crash::BEFORE_PREPARE, false),
        ("before-commit", crash::BEFORE_COMMIT, false),
        ("before-send", crash::BEFORE_SEND, true),
        ("after-send", crash::AFTER_SEND, true),
    ] {
        let config = json!({"coordinator_crash": 0.1, "coordinator_gap": gap, "mttr": "1s",
                            "request_attempts": 1});
        let seen = commit(&config, orders(), json!([]));
        assert!(seen.is_clean(), "{gap}: {:?}", seen.states());
        let died: Vec<&Record> = seen
            .of(Fact::Crashed)
            .filter(|r| r.detail == point)
            .collect();
        assert!(died.len() > 5, "{gap}: {} crashes", died.len());
        // Each order whose coordinator died is there, or it is not, and for all participants alike.
        let written: Vec<u32> = seen.of(Fact::Written).map(|r| r.message).collect();
        let applied = seen.count(Fact::Applied);
        assert_eq!(applied, 2 * written.len(), "{gap}");
        let at_once = |died: &&&Record| {
            let mut same = seen.of(Fact::Written).filter(|r| r.at == died.at);
            same.next().is_some()
        };
        let committed = died.iter().filter(at_once).count();
        assert_eq!(committed, if commits { died.len() } else { 0 }, "{gap}");
    }
}

/// A participant that has promised keeps its promise over a crash, whether its vote was sent or not.
#[test]
fn p7_a_crash_in_any_gap_of_a_participant() {
    for (gap, point) in [
        ("before-vote", crash::BEFORE_VOTE),
        ("after-vote", crash::AFTER_VOTE),
    ] {
        let config = json!({"participant_crash": 0.05, "participant_gap": gap, "mttr": "1s"});
        let seen = commit(&config, orders(), json!([]));
        assert!(seen.is_clean(), "{gap}: {:?}", seen.states());
        assert!(crashes(&seen, point) > 5, "{gap}");
        // Without its vote there is no commit; with it there is, and it hears of that later.
        let died = seen.of(Fact::Crashed).filter(|r| r.detail == point);
        let promised = died.filter_map(|died| {
            let mut moves = seen
                .of(Fact::Edge)
                .filter(|r| r.node == died.node && r.at == died.at);
            moves.find(|r| r.detail == participant_edge(Working, Prepared))
        });
        let promised: Vec<u32> = promised.map(|record| record.message).collect();
        assert!(promised.len() > 5, "{gap}: {promised:?}");
        let written = |message: &&u32| seen.of(Fact::Written).any(|w| w.message == **message);
        let written = promised.iter().filter(written).count();
        match gap {
            "before-vote" => assert_eq!(written, 0),
            _ => assert!(written * 2 > promised.len(), "{written} of {promised:?}"),
        }
    }
    // On the disk before it is sent, or gone: then one service commits what another has forgotten.
    let hasty = json!({"participant_crash": 0.05, "participant_gap": "after-vote", "mttr": "1s",
                       "forced_vote": false});
    let seen = commit(&hasty, orders(), json!([]));
    assert!(
        seen.is_broken(A10) && seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A10), Some("forced-vote"));
    assert_eq!(seen.cure(Q1), Some("forced-vote"));
    assert!(seen.moves(participant_edge(Prepared, Absent)) > 5);
}

/// A decision that is told and not written down is forgotten: who had not heard it yet is told the
/// opposite.
#[test]
fn p7_a_decision_that_is_not_logged() {
    let plan = json!([{"at": "10s", "do": "partition", "from": coordinator(), "to": invoices(), "both": true},
                      {"at": "20s", "do": "heal", "from": coordinator(), "to": invoices(), "both": true}]);
    let forgets = json!({"decision_log": false, "source_mttf": "2s", "mttr": "100ms",
                         "command_delay": {"exp": "50ms"}});
    let busy = json!({"rate": 50, "updates": 1});
    let seen = commit(&forgets, busy.clone(), plan.clone());
    assert!(
        seen.is_broken(A10) && seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A10), Some("decision-log"));
    assert_eq!(seen.cure(Q1), Some("decision-log"));
    let logs = with(&forgets, json!({"decision_log": true}));
    let cured = commit(&logs, busy, plan);
    assert!(cured.is_clean(), "{:?}", cured.states());
    assert!(cured.count(Fact::Crashed) > 10);
}

/// An operator who decides for a participant in doubt may decide otherwise than the coordinator.
#[test]
fn p7_a_heuristic_decision_parts_the_participants() {
    let doubtful = json!({"command_loss": 0.2, "coordinator_crash": 0.05, "heuristic": "abort",
                          "coordinator_gap": "after-send", "heuristic_after": "2s"});
    let seen = commit(&doubtful, orders(), json!([]));
    assert!(seen.count(Fact::Heuristic) > 5);
    assert!(
        seen.is_broken(A10) && seen.is_broken(Q1),
        "{:?}",
        seen.states()
    );
    for property in [A10, Q1, Q3] {
        assert_eq!(seen.cure(property), Some("no-heuristic"), "{property:?}");
    }
    // To commit is no better: what the coordinator has aborted then exists at one service.
    let commits = with(
        &doubtful,
        json!({"heuristic": "commit", "coordinator_gap": "before-commit", "vote_no": 0.1}),
    );
    let seen = commit(&commits, orders(), json!([]));
    assert!(
        seen.is_broken(A2) && seen.is_broken(A10),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A2), Some("no-heuristic"));
    let cured = commit(
        &with(&doubtful, json!({"heuristic": "never"})),
        orders(),
        json!([]),
    );
    assert!(cured.is_clean(), "{:?}", cured.states());
    assert!(
        blocked_secs(&cured) > blocked_secs(&seen),
        "waiting costs locks"
    );
}

/// A partition: whatever cannot reach everyone is refused, and refusing is all that happens.
#[test]
fn p7_a_partition_refuses_writes() {
    let cut = |from: String, to: String| {
        json!([{"at": "20s", "do": "partition", "from": from, "to": to, "both": false},
               {"at": "40s", "do": "heal", "from": from, "to": to, "both": false}])
    };
    let hasty = json!({"vote_timeout": "300ms"});
    for plan in [
        cut(coordinator(), invoices().to_owned()),
        cut(invoices().to_owned(), coordinator()),
    ] {
        let seen = commit(&hasty, orders(), plan);
        assert!(seen.is_clean(), "{:?}", seen.states());
        let told = refused(&seen, 5);
        assert!((70..=130).contains(&told), "{told} refused at 5/s for 20 s");
    }
}

/// A lock that is not to be had in time is a vote no; without locks rows lose their order.
#[test]
fn p7_rows_are_locked_until_the_decision() {
    let slow = json!({"command_delay": {"exp": "100ms"}, "reply_delay": {"exp": "100ms"},
                      "lock_timeout": "200ms"});
    let seen = commit(&slow, versions(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert!(
        refused(&seen, 6) > 20,
        "{} had to wait too long",
        refused(&seen, 6)
    );
    let open = with(&slow, json!({"locks_held": false, "locking_reads": false}));
    let seen = commit(&open, versions(), json!([]));
    assert!(seen.is_broken(A5), "{:?}", seen.states());
    assert_eq!(seen.cure(A5), Some("two-phase-locking"));
    // Two that see the same last unit both take it.
    let stock = json!({"rate": 20, "keys": 4, "updates": 40, "stock": 10});
    let seen = commit(&open, stock.clone(), json!([]));
    assert!(seen.is_broken(A1), "{:?}", seen.states());
    assert_eq!(seen.cure(A1), Some("two-phase-locking"));
    let cured = commit(&slow, stock, json!([]));
    assert!(
        cured.holds(A1) && refused(&cured, 1) > 20,
        "{:?}",
        cured.states()
    );
}

/// An abort overtakes the question it is about: who is asked late does not begin.
#[test]
fn p7_an_abort_overtakes_its_question() {
    let late = json!({"vote_no": 0.3, "request_attempts": 1,
                      "command_delay": {"mix": [[0.7, "10ms"], [0.3, "300ms"]]}});
    let seen = commit(&late, orders(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let came = |channel: Channel| {
        let delivered = seen.of(Fact::Delivered);
        delivered.filter(move |record| record.channel == channel)
    };
    let aborts = came(Channel::Decision).filter(|record| record.version == 0);
    let overtook = |abort: &&Record| {
        let about = (abort.message, abort.node);
        came(Channel::Prepare).any(|late| (late.message, late.node) == about && late.at > abort.at)
    };
    let begins = |abort: &&Record| {
        let about = (abort.message, abort.node);
        let mut moves = seen.of(Fact::Edge).filter(|r| (r.message, r.node) == about);
        moves.any(|r| r.detail == participant_edge(Absent, Working))
    };
    let overtook: Vec<&Record> = aborts.filter(overtook).collect();
    assert!(overtook.len() > 10, "{} aborts", overtook.len());
    assert_eq!(overtook.iter().copied().filter(begins).count(), 0);
}

/// A question that comes again is answered again, if the answer is yes: the first may be lost.
#[test]
fn p7_a_repeated_question_is_answered_again() {
    let twice = json!({"command_duplication": 0.5, "command_delay": {"exp": "50ms"}});
    let seen = commit(&twice, orders(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let votes = seen.sent(Channel::Vote).count();
    let asked = seen.sent(Channel::Prepare).count();
    assert!(votes > asked + 20, "{votes} votes, {asked} questions");
}

/// A coordinator that died between its log and the first word tells what it has decided, although
/// nobody asks.
#[test]
fn p7_a_recovered_coordinator_tells_without_being_asked() {
    let config = json!({"coordinator_crash": 0.1, "coordinator_gap": "before-send", "mttr": "1s",
                        "inquiry": "60s"});
    let seen = commit(&config, orders(), json!([]));
    assert!(crashes(&seen, crash::BEFORE_SEND) > 5);
    assert!(seen.is_clean(), "{:?}", seen.states());
    for written in seen.of(Fact::Written) {
        let told = seen
            .of(Fact::Applied)
            .filter(|r| r.message == written.message);
        let last = told.map(|applied| applied.at.since(written.at)).max();
        assert!(
            last.is_some_and(|last| last < SimDuration::from_secs(20)),
            "{written:?}"
        );
    }
}

/// A participant may say no: then nobody has it.
#[test]
fn p7_one_no_is_enough() {
    let seen = commit(&json!({"vote_no": 0.2}), orders(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let (no, written) = (refused(&seen, 4), seen.count(Fact::Written));
    let share = no as f64 / (no + written) as f64;
    // 1 − 0.8², within four deviations of 300 orders.
    assert!((share - 0.36).abs() < 0.11, "{share}");
    assert_eq!(seen.count(Fact::Applied), 2 * written);
}

/// A reader who waits for locks is never shown a row that somebody else knows to be old.
#[test]
fn p7_readers_wait_for_locks() {
    let slow = json!({"command_delay": {"exp": "100ms"}});
    let mut often = versions();
    often["reads"] = json!(50);
    let seen = commit(&slow, often.clone(), json!([]));
    let stale = |seen: &Seen| seen.of(Fact::Read).filter(|read| read.detail > 0).count();
    assert!(seen.count(Fact::Read) > 1000 && stale(&seen) == 0);
    let hasty = commit(
        &with(&slow, json!({"locking_reads": false})),
        often,
        json!([]),
    );
    assert!(stale(&hasty) > 100, "{} stale reads", stale(&hasty));
    assert!(hasty.is_clean(), "{:?}", hasty.states());
}

/// The reply is lost: a client that asks again without a key writes twice.
#[test]
fn p7_a_repeated_request_is_one_transaction() {
    let lossy = json!({"client_loss": 0.2, "request_timeout": "500ms", "request_attempts": 10});
    let keyed = commit(&lossy, orders(), json!([]));
    assert!(keyed.is_clean(), "{:?}", keyed.states());
    let asked = |seen: &Seen| {
        let first = seen
            .of(Fact::Requested)
            .filter(|request| request.detail == 0);
        first.count()
    };
    assert!(keyed.count(Fact::Written) <= asked(&keyed));
    let twice = commit(
        &with(&lossy, json!({"keyed_requests": false})),
        orders(),
        json!([]),
    );
    assert!(twice.count(Fact::Written) > asked(&twice) + 20);
    assert!(twice.holds(Q2) && twice.holds(Q5), "{:?}", twice.states());
}
