//! P6: what orchestrated request–reply costs, what becomes of a request that fails half-way, and who
//! cleans up when nobody has written anything down.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A1, A6, A8, Q1, Q3, Q4, Q5};
use converge_engine::pattern::request_reply::message::crash;
use converge_engine::pattern::request_reply::message::node::{ORCHESTRATOR, service};
use converge_engine::pattern::request_reply::service::skip;
use converge_engine::sim::{Channel, Fact, NodeId, Record, SimTime};
use converge_engine::store::reservation::row_edge;
use converge_engine::store::saga::{SagaState, StepState};
use converge_engine::store::{BreakerState, RowState};
use serde_json::{Value as Json, json};

/// Every hop takes 10 ms, and nothing else takes time or fails but what a test says.
fn orders(config: &Json, workload: Json, plan: Json) -> Seen {
    let quick = json!({"command_delay": "10ms", "reply_delay": "10ms", "client_delay": "0s",
                       "service_time": "0s", "mttr": "1s"});
    let config = with(&quick, config.clone());
    room("request-reply", "60s", &config, workload, plan)
}

fn five_a_second() -> Json {
    json!({"rate": 5, "updates": 1})
}

fn one() -> Json {
    json!({"arrivals": "list", "arrival_list": ["1s"]})
}

/// Commands and answers between the orchestrator and the services.
fn messages(seen: &Seen) -> usize {
    let clients = seen.sent(Channel::Request).count() + seen.sent(Channel::Reply).count();
    seen.count(Fact::Sent) - clients
}

fn skipped(seen: &Seen, why: u32) -> usize {
    let skipped = seen.of(Fact::Skipped);
    skipped.filter(|record| record.detail == why).count()
}

fn crashes(seen: &Seen, point: u32) -> usize {
    let crashed = seen.of(Fact::Crashed);
    crashed.filter(|record| record.detail == point).count()
}

fn moved(seen: &Seen, from: SagaState, to: SagaState) -> usize {
    seen.moves(from.edge(to))
}

fn turned(seen: &Seen, from: StepState, to: StepState) -> usize {
    seen.moves(from.edge(to))
}

/// A breaker's moves.
fn switched(seen: &Seen, from: BreakerState, to: BreakerState) -> usize {
    seen.moves(from.edge(to))
}

/// One after the other takes the sum of the calls, all at once the slowest; 2n messages both ways.
#[test]
fn p6_a_request_takes_the_sum_of_its_calls_or_the_slowest() {
    for n in 2..=8u32 {
        for (order, rounds) in [("serial", n), ("parallel", 1)] {
            let config = json!({"order": order, "services": n, "pool": 100});
            let seen = orders(&config, five_a_second(), json!([]));
            assert!(seen.is_clean(), "{:?}", seen.states());
            let written = seen.count(Fact::Written);
            assert!(written > 200, "{written} written");
            assert_eq!(messages(&seen), 2 * n as usize * written, "{order}, {n}");
            let mut waits = seen.of(Fact::Acknowledged).map(|record| record.detail);
            assert!(waits.all(|wait| wait == 20_000 * rounds), "{order}, {n}");
            assert_eq!(seen.count(Fact::Acknowledged), written);
        }
    }
}

/// Service k says no: 2k + 2(k − 1) messages, the last call is undone first, and nothing is left.
#[test]
fn p6_a_failure_at_k_is_undone_in_order() {
    for k in 1..=8u32 {
        let config = json!({"services": 8, "refusal": 1, "refusing_service": k});
        let seen = orders(&config, one(), json!([]));
        assert!(seen.is_clean(), "{k}: {:?}", seen.states());
        let k = k as usize;
        assert_eq!(messages(&seen), 2 * k + 2 * (k - 1), "{k}");
        let undone: Vec<NodeId> = seen.of(Fact::Compensated).map(|r| r.node).collect();
        let expected: Vec<NodeId> = (0..k as u8 - 1).rev().map(service).collect();
        assert_eq!(undone, expected);
        // The client waits for that too, and is told.
        let told: Vec<u32> = seen.of(Fact::Declined).map(|r| r.detail).collect();
        assert_eq!(told, [20_000 * (2 * k as u32 - 1)]);
    }
    // All at once, the others do not wait to hear of it: each of them is undone.
    let config = json!({"services": 8, "refusal": 1, "refusing_service": 3, "order": "parallel"});
    let seen = orders(&config, one(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert_eq!(messages(&seen), 2 * 8 + 2 * 7);
}

/// Whoever does not undo leaves an order in parts.
#[test]
fn p6_without_compensation_a_failure_leaves_parts() {
    let config = json!({"refusal": 0.2, "refusing_service": 3, "compensates": false});
    let seen = orders(&config, five_a_second(), json!([]));
    for property in [Q4, Q1, Q3, Q5] {
        assert!(seen.is_broken(property), "{property:?}");
    }
    assert_eq!(seen.cure(Q4), Some("compensation"));
    assert_eq!(seen.cure(Q1), Some("compensation"));
    assert_eq!(seen.count(Fact::Compensated), 0);
    let refused = seen.count(Fact::Refused);
    assert!(refused > 30, "{refused} refused");
    assert_eq!(moved(&seen, SagaState::Started, SagaState::None), refused);
    assert_eq!(moved(&seen, SagaState::None, SagaState::Dropped), refused);
    let all = with(
        &config,
        json!({"order": "parallel", "call_timeout": "50ms", "slow_service": 1,
                                   "slow_time": "40ms"}),
    );
    let seen = orders(&all, five_a_second(), json!([]));
    assert!(seen.is_broken(Q4));
}

/// One service is down: no request succeeds, and who is in doubt is told only when it is back.
#[test]
fn p6_all_must_be_up_at_once() {
    let plan = json!([{"at": "20s", "do": "crash", "node": "Invoices"},
                      {"at": "40s", "do": "restart", "node": "Invoices"}]);
    let config = json!({"call_timeout": "200ms", "call_retries": 0});
    let seen = orders(&config, five_a_second(), plan.clone());
    assert!(seen.is_clean(), "{:?}", seen.states());
    let down = |record: &&Record| {
        let (from, to) = (SimTime::from_secs(20), SimTime::from_secs(40));
        from < record.at && record.at < to
    };
    let answered = |seen: &Seen| seen.of(Fact::Acknowledged).filter(down).count();
    let told = |seen: &Seen| seen.of(Fact::Declined).filter(down).count();
    assert!(answered(&seen) <= 1, "{}", answered(&seen));
    assert_eq!(
        told(&seen),
        0,
        "the call may have happened: it must be undone first"
    );
    assert!(seen.count(Fact::TimedOut) > 10);
    // With a breaker nobody is in doubt: the call is not made at all.
    let breaker = with(&config, json!({"breaker": true, "breaker_failures": 2}));
    let seen = orders(&breaker, five_a_second(), plan);
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert!(answered(&seen) <= 1, "{}", answered(&seen));
    assert!(told(&seen) > 70, "{} told at 5/s for 20 s", told(&seen));
}

/// A call that timed out is unknown. Taken for a failure, it leaves behind what has happened.
#[test]
fn p6_a_call_without_an_answer_is_unknown() {
    let config = json!({"reply_loss": 0.1, "call_retries": 0, "call_timeout": "100ms"});
    let seen = orders(&config, five_a_second(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let unknown = turned(&seen, StepState::Started, StepState::Unknown);
    let undone = turned(&seen, StepState::Unknown, StepState::Compensating);
    assert!(unknown > 30 && undone == unknown, "{undone} of {unknown}");
    let naive = with(&config, json!({"undoes_unknown": false}));
    let seen = orders(&naive, five_a_second(), json!([]));
    assert!(seen.is_broken(Q4) && seen.is_broken(Q5));
    assert_eq!(seen.cure(Q4), Some("register-before"));
    let failed = turned(&seen, StepState::Unknown, StepState::Failed);
    assert!(failed > 30, "{failed} taken for failures");
}

/// A call that is repeated needs a key; a service that failed this time is called again.
#[test]
fn p6_a_repeated_call_needs_a_key() {
    let config = json!({"reply_loss": 0.1, "failure": 0.1, "call_retries": 5,
                        "call_timeout": "50ms", "backoff_initial": "10ms"});
    let seen = orders(&config, five_a_second(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let found = skipped(&seen, 0);
    assert!(found > 30, "{found} calls found their first answer");
    assert!(turned(&seen, StepState::Started, StepState::Backoff) > 30);
    let seen = orders(
        &with(&config, json!({"keyed_calls": false})),
        five_a_second(),
        json!([]),
    );
    for property in [A6, Q3, A1] {
        assert!(seen.is_broken(property), "{property:?}");
        assert_eq!(
            seen.cure(property),
            Some("idempotent-steps"),
            "{property:?}"
        );
    }
}

/// A client that asks again repeats everything, unless the request carries a key.
#[test]
fn p6_a_repeated_request_needs_a_key() {
    let config = json!({"client_loss": 0.1, "request_timeout": "500ms", "request_attempts": 20});
    let seen = orders(&config, five_a_second(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let asked = seen.of(Fact::Requested).filter(|r| r.detail == 0).count();
    assert_eq!(seen.count(Fact::Written), asked);
    let again = moved(&seen, SagaState::Completed, SagaState::Started);
    assert_eq!(again, 0, "what was answered is not done again");
    let seen = orders(
        &with(&config, json!({"keyed_requests": false})),
        five_a_second(),
        json!([]),
    );
    assert!(seen.is_broken(Q3) && seen.holds(A6) && seen.holds(Q4));
    assert_eq!(seen.cure(Q3), Some("request-key"));
    let twice = seen.count(Fact::Written) - asked;
    assert!(twice > 15, "{twice} orders made again");
    assert_eq!(seen.observers().checks.count(Q3) as usize, twice);
}

/// ① It dies between two calls, without a log: one service has the order, and nobody undoes that.
/// ② It dies before its reply: all have it, and the client's retry does everything again.
#[test]
fn p6_a_crash_in_any_gap_leaves_nobody_to_compensate() {
    // No two requests are under way at a time, retries included: a crash meets one of them only.
    let spaced = || json!({"arrivals": "regular", "rate": 5, "updates": 1});
    let base = json!({"orchestrator_crash": 0.05, "mttr": "10ms", "request_timeout": "1100ms",
                      "request_attempts": 20});
    for (gap, point) in [
        ("between-calls", crash::BETWEEN_CALLS),
        ("before-reply", crash::BEFORE_REPLY),
    ] {
        let config = with(&base, json!({"orchestrator_gap": gap}));
        let unkeyed = with(&config, json!({"keyed_requests": false}));
        let seen = orders(&unkeyed, spaced(), json!([]));
        let died = crashes(&seen, point);
        assert!(died > 5, "{gap}: {died} crashes");
        assert_eq!(seen.count(Fact::Compensated), 0, "{gap}");
        assert!(seen.is_broken(Q3), "{gap}: a retry makes a second order");
        assert_eq!(seen.is_broken(Q4), point == crash::BETWEEN_CALLS, "{gap}");
        assert_eq!(seen.cure(Q3), Some("request-key"));
        // With a key the retry carries the same order on.
        let seen = orders(&config, spaced(), json!([]));
        assert!(seen.is_clean(), "{gap}: {:?}", seen.states());
        assert!(crashes(&seen, point) > 5, "{gap}");
        assert!(
            moved(&seen, SagaState::Started, SagaState::None) > 5,
            "{gap}"
        );
    }
    // Unless the client has given up: then nothing would have helped.
    let gives_up = json!({"orchestrator_gap": "between-calls", "request_attempts": 1});
    let seen = orders(&with(&base, gives_up), spaced(), json!([]));
    assert!(seen.is_broken(Q4) && seen.is_broken(Q1));
    assert_eq!((seen.cure(Q4), seen.cure(Q1)), (None, None));
    assert!(moved(&seen, SagaState::None, SagaState::Dropped) > 5);
}

/// What an orchestrator without a log forgets at any moment: a request on its way, one that is being
/// undone, and the answers it has given.
#[test]
fn p6_what_it_forgets_may_be_asked_for_again() {
    use SagaState::{Compensated, Compensating, Completed, Dropped, None, Started};
    let chaos = json!({"source_mttf": "2s", "mttr": "100ms", "client_loss": 0.3, "refusal": 0.3,
                       "request_timeout": "300ms", "request_attempts": 20});
    let busy = json!({"rate": 20, "updates": 1});
    let seen = orders(&chaos, busy.clone(), json!([]));
    for (from, to) in [
        (Started, None),
        (Compensating, None),
        (Completed, Started),
        (Compensated, Started),
    ] {
        assert!(moved(&seen, from, to) > 0, "{from:?} → {to:?}");
    }
    assert!(seen.count(Fact::Forgotten) > 10);
    assert!(seen.holds(A6) && seen.holds(A1), "{:?}", seen.states());
    let careless = json!({"compensates": false, "source_mttf": "1s", "client_loss": 0.6});
    let seen = orders(&with(&chaos, careless), busy, json!([]));
    assert!(moved(&seen, None, Dropped) > 0);
}

/// A cancellation overtakes its call: without a tombstone the call takes effect when it comes.
#[test]
fn p6_a_late_call_meets_the_tombstone() {
    let late = json!({"mix": [[0.9, "10ms"], [0.1, "2s"]]});
    let config = json!({"command_delay": late, "deadlines": false, "call_retries": 0,
                        "call_timeout": "200ms"});
    let seen = orders(&config, five_a_second(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let stones = seen.moves(row_edge(RowState::None, RowState::Tombstone));
    assert!(stones > 20, "{stones} tombstones");
    assert!(skipped(&seen, skip::CANCELLED) > 20);
    let naive = with(&config, json!({"tombstones": false}));
    let seen = orders(&naive, five_a_second(), json!([]));
    assert!(seen.is_broken(A8) && seen.is_broken(Q4));
    assert_eq!(seen.cure(A8), Some("cancel-tombstone"));
    assert_eq!(seen.cure(Q4), Some("cancel-tombstone"));
}

/// A slow service takes the connections of all; no more calls are under way than there are.
#[test]
fn p6_a_slow_service_takes_all_connections() {
    let config = json!({"slow_service": 2, "slow_time": "800ms", "request_timeout": "20s"});
    let waited = |seen: &Seen| {
        let waits = seen.observers().cost.pool_waits.iter();
        waits.filter(|(_, wait)| wait.as_micros() > 0).count()
    };
    for pool in [1, 3, 100] {
        let config = with(&config, json!({"pool": pool}));
        let seen = orders(&config, json!({"rate": 2, "updates": 1}), json!([]));
        assert!(seen.holds(Q4) && seen.holds(Q1), "{:?}", seen.states());
        assert_eq!(waited(&seen) > 50, pool < 100, "{} waited", waited(&seen));
        let (mut under_way, mut most) = (0, 0);
        for record in seen.of(Fact::Edge).filter(|r| r.node == ORCHESTRATOR) {
            let (from, to) = (record.detail >> 8 & 0xFF, record.detail & 0xFF);
            let step = record.detail >> 16 == StepState::Idle.edge(StepState::Idle) >> 16;
            let is = |state: u32| i32::from(state == StepState::Started as u32);
            under_way += if step { is(to) - is(from) } else { 0 };
            most = most.max(under_way);
        }
        assert!(most <= pool, "{most} calls on {pool} connections");
        assert!(pool == 100 || most == pool, "{most} of {pool}");
    }
}

/// A retry that waits for a connection is overtaken by the answer to the attempt before it, or by
/// the end of its time.
#[test]
fn p6_a_call_in_the_queue_hears_of_itself() {
    let config = json!({"slow_service": 2, "slow_time": {"exp": "150ms"}, "pool": 1,
                        "call_timeout": "200ms", "backoff_initial": "1ms",
                        "request_timeout": "3s"});
    let seen = orders(&config, json!({"rate": 10, "updates": 1}), json!([]));
    assert!(seen.holds(Q4) && seen.holds(A8), "{:?}", seen.states());
    assert!(
        turned(&seen, StepState::Scheduled, StepState::Done) > 0,
        "a late answer"
    );
    assert!(
        turned(&seen, StepState::Scheduled, StepState::Failed) > 0,
        "no time left"
    );
    assert!(
        turned(&seen, StepState::Scheduled, StepState::Unknown) > 0,
        "in doubt, and no time"
    );
}

/// An attempt fails this time, and while the call waits to be made again the answer to the attempt
/// before it comes after all: the call is done, and is not made again.
#[test]
fn p6_a_late_answer_ends_the_backoff() {
    let late = json!({"mix": [[0.7, "10ms"], [0.3, "200ms"]]});
    let config = json!({"command_delay": late, "call_timeout": "50ms", "call_retries": 5,
                        "backoff_initial": "100ms", "failure": 0.3});
    let seen = orders(&config, five_a_second(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    let edge = StepState::Backoff.edge(StepState::Done);
    let done: Vec<&Record> = seen.of(Fact::Edge).filter(|r| r.detail == edge).collect();
    assert!(done.len() > 10, "{} late answers", done.len());
    for done in done {
        let call = |r: &&Record| (r.message, r.peer) == (done.message, done.peer);
        let last = seen.sent(Channel::Command).filter(call).last();
        assert!(last.is_some_and(|last| last.at < done.at), "{done:?}");
    }
}

/// The breaker leaves alone who has failed again and again, tries once, and closes when that works.
#[test]
fn p6_a_breaker_opens_tries_once_and_closes() {
    use BreakerState::{Closed, HalfOpen, Open};
    let plan = json!([{"at": "10s", "do": "crash", "node": "Invoices"},
                      {"at": "28s", "do": "restart", "node": "Invoices"}]);
    let config = json!({"breaker": true, "breaker_failures": 3, "breaker_pause": "4s",
                        "call_timeout": "100ms", "call_retries": 0});
    let seen = orders(&config, five_a_second(), plan);
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert_eq!(switched(&seen, Closed, Open), 1);
    let tries = switched(&seen, Open, HalfOpen);
    assert!(tries >= 4, "{tries} tries");
    assert_eq!(switched(&seen, HalfOpen, Open), tries - 1);
    assert_eq!(switched(&seen, HalfOpen, Closed), 1);
    // Each is answered, and only the tries go out while it is open.
    let opened = seen.of(Fact::Edge).find(|r| r.detail == Closed.edge(Open));
    let closed = seen
        .of(Fact::Edge)
        .find(|r| r.detail == HalfOpen.edge(Closed));
    let (from, to) = (opened.expect("it opens").at, closed.expect("it closes").at);
    let calls = seen.sent(Channel::Command).filter(|r| r.peer == service(1));
    let while_open = calls.filter(|r| from < r.at && r.at < to).count();
    assert_eq!(while_open, tries);
    // An orchestrator that crashes forgets it.
    let plan = json!([{"at": "10s", "do": "crash", "node": "Invoices"},
                      {"at": "13s", "do": "crash", "node": "Checkout"},
                      {"at": "14s", "do": "restart", "node": "Checkout"}]);
    let seen = orders(&config, five_a_second(), plan);
    assert_eq!(switched(&seen, Open, Closed), 1);
}

/// Who does not undo lets go of all calls when one is refused, the try of a breaker among them: that
/// decides nothing, and the next call is the try.
#[test]
fn p6_a_breaker_outlives_a_try_that_is_let_go() {
    let plan = json!([{"at": "10s", "do": "crash", "node": "Invoices"},
                      {"at": "20s", "do": "restart", "node": "Invoices"}]);
    let config = json!({"order": "parallel", "breaker": true, "breaker_failures": 1,
                        "breaker_pause": "1s", "call_timeout": "100ms", "call_retries": 0,
                        "compensates": false, "refusal": 0.5, "refusing_service": 3});
    let seen = orders(&config, five_a_second(), plan);
    let later = |record: &&Record| record.at > SimTime::from_secs(22);
    let done = seen.of(Fact::Acknowledged).filter(later).count();
    // Half of five a second.
    assert!(done > 60, "{done} answered after it was back");
    assert!(switched(&seen, BreakerState::Closed, BreakerState::Open) > 0);
}

/// Where the deadline travels along, nobody works for a client that has gone.
#[test]
fn p6_a_deadline_travels_along() {
    let config = json!({"slow_service": 2, "slow_time": "3s", "call_timeout": "10s",
                        "request_timeout": "1s", "request_attempts": 1, "pool": 100});
    let at_slow = |seen: &Seen| {
        seen.of(Fact::Applied)
            .filter(|r| r.node == service(1))
            .count()
    };
    let seen = orders(&config, five_a_second(), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert_eq!(at_slow(&seen), 0);
    assert!(skipped(&seen, skip::TOO_LATE) > 200);
    let seen = orders(
        &with(&config, json!({"deadlines": false})),
        five_a_second(),
        json!([]),
    );
    assert!(seen.holds(Q4), "{:?}", seen.states());
    assert_eq!(seen.count(Fact::Acknowledged), 0, "every client has gone");
    assert!(at_slow(&seen) > 200, "{} for nobody", at_slow(&seen));
}

/// A service that crashes forgets what it works on; the call is made again.
#[test]
fn p6_a_service_that_crashes_is_called_again() {
    let config = json!({"service_mttf": "10s", "mttr": "300ms", "call_timeout": "100ms",
                        "call_retries": 5, "service_time": "20ms"});
    let seen = orders(
        &config,
        json!({"rate": 5, "updates": 1, "reads": 5}),
        json!([]),
    );
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert!(seen.count(Fact::Crashed) > 5);
    assert!(turned(&seen, StepState::Unknown, StepState::Scheduled) > 5);
    assert!(seen.count(Fact::Read) > 100);
}

/// The last item is sold once: the second order is refused, and what it had is undone.
#[test]
fn p6_sold_out_is_a_no() {
    let stock = json!({"rate": 5, "keys": 1, "updates": 1000, "stock": 20});
    let seen = orders(&json!({}), stock, json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
    assert_eq!(seen.count(Fact::Acknowledged), 20);
    assert!(seen.count(Fact::Declined) > 100);
}
