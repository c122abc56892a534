//! G1 to G11: how a saga ends, and what others see of it meanwhile.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A1, A6, A8, A9, Q2, Q3, Q4, Q5};
use converge_engine::pattern::saga::message::crash;
use converge_engine::sim::{Channel, Fact, Record};
use converge_engine::store::RowState;
use converge_engine::store::reservation::row_edge;
use converge_engine::store::saga::{SagaState, StepState};
use serde_json::{Value as Json, json};

/// Sagas of flight, hotel, car and e-mail in which nothing fails but what a test says, each about a
/// thing of its own.
fn saga(config: &Json, workload: Json, plan: Json) -> Seen {
    let calm = json!({
        "failure_3": 0, "transient": 0, "service_time": "5ms", "command_delay": "10ms",
        "reply_delay": "10ms", "isolation": "commutative", "backoff_initial": "100ms",
    });
    let alone = with(&json!({"keys": 1, "updates": 1, "rate": 2}), workload);
    room("saga", "60s", &with(&calm, config.clone()), alone, plan)
}

/// Two keys that all sagas share.
fn shared() -> Json {
    json!({"keys": 2, "updates": 1_000_000, "rate": 20})
}

fn one() -> Json {
    json!({"arrivals": "list", "arrival_list": ["1s"]})
}

impl Seen {
    fn ended(&self, state: SagaState) -> usize {
        let to = |record: &&Record| record.detail & 0xFF == state as u32;
        let saga = |record: &&Record| record.detail >> 16 == SagaState::None.edge(state) >> 16;
        self.of(Fact::Edge).filter(saga).filter(to).count()
    }

    fn rows(&self, from: RowState, to: RowState) -> usize {
        self.moves(row_edge(from, to))
    }
}

/// G1: a business failure at step k: k − 1 compensations, 2k + 2(k − 1) messages, and nothing left.
#[test]
fn g1_a_business_failure_is_compensated_in_order() {
    let success = saga(&json!({}), one(), json!([]));
    let messages = |seen: &Seen| -> usize {
        let channels = [
            Channel::Command,
            Channel::StepReply,
            Channel::Compensate,
            Channel::CompensateReply,
        ];
        channels
            .iter()
            .map(|&channel| seen.sent(channel).count())
            .sum()
    };
    assert_eq!((messages(&success), success.is_clean()), (2 * 4, true));
    for k in 1..=3_usize {
        let config = json!({format!("failure_{k}"): 1});
        let seen = saga(&config, one(), json!([]));
        assert_eq!(messages(&seen), 2 * k + 2 * (k - 1), "failure at {k}");
        assert_eq!(seen.ended(SagaState::Compensated), 1);
        assert!(seen.is_clean(), "{:?}", seen.states());
    }
    let order = |order: &str| -> Vec<(u8, u64)> {
        let seen = saga(
            &json!({"failure_3": 1, "undo_order": order}),
            one(),
            json!([]),
        );
        let undone = seen.of(Fact::Compensated);
        undone.map(|r| (r.node.0, r.at.as_micros())).collect()
    };
    let (reverse, custom, parallel) = (order("reverse"), order("custom"), order("parallel"));
    assert_eq!((reverse[0].0, reverse[1].0), (3, 2), "the hotel first");
    assert_eq!((custom[0].0, custom[1].0), (2, 3), "the flight first");
    assert_eq!(parallel[0].1, parallel[1].1, "both at once");
}

/// G2: the reply is lost. The step is UNKNOWN; asking again needs a key, turning round a
/// compensation that was registered before.
#[test]
fn g2_a_lost_reply_leaves_a_step_unknown() {
    let lossy = json!({"reply_loss": 0.3, "step_timeout": "200ms", "attempts": 20});
    let seen = saga(&lossy, json!({}), json!([]));
    let unknown = seen.moves(StepState::Started.edge(StepState::Unknown));
    assert!(unknown > 50, "{unknown} unknown");
    assert!(seen.is_clean(), "{:?}", seen.states());
    let naive = with(&lossy, json!({"idempotent_steps": false}));
    let seen = saga(&naive, json!({}), json!([]));
    assert!(seen.is_broken(A6) && seen.is_broken(Q3) && seen.is_broken(A1));
    assert_eq!(seen.cure(A6), Some("idempotent-steps"));
    assert_eq!(seen.cure(A1), Some("idempotent-steps"));
    // Turning round at once.
    let back = with(&lossy, json!({"on_unknown": "compensate"}));
    let seen = saga(&back, json!({}), json!([]));
    assert!(seen.ended(SagaState::Compensated) > 20);
    assert!(seen.is_clean(), "{:?}", seen.states());
    let after = with(&back, json!({"registration": "after"}));
    let seen = saga(&after, json!({}), json!([]));
    assert!(seen.is_broken(Q4) && seen.is_broken(Q5));
    assert_eq!(seen.cure(Q4), Some("register-before"));
}

/// G3: a compensation fails for ever: the saga is stuck and holds what it has until a person helps.
#[test]
fn g3_a_compensation_that_fails_waits_for_a_person() {
    let hopeless = json!({"failure_3": 1, "undo_failure": 1, "undo_attempts": 3});
    let seen = saga(&hopeless, one(), json!([]));
    assert_eq!(seen.ended(SagaState::Stuck), 1);
    assert_eq!(seen.sent(Channel::Compensate).count(), 3);
    assert!(seen.is_broken(Q5) && seen.holds(Q4), "{:?}", seen.states());
    assert_eq!(seen.cure(Q5), Some("endless-compensation"));
    // A person sees to the hotel, then to the flight.
    let help = json!([{"at": "30s", "do": "redrive", "node": "Hotels"},
                      {"at": "50s", "do": "redrive", "node": "Flights"}]);
    let seen = saga(&hopeless, one(), help);
    assert_eq!(seen.run.applied(), [Some(true), Some(true)]);
    assert_eq!(seen.ended(SagaState::Compensated), 1);
    assert!(seen.is_clean(), "{:?}", seen.states());
    // Tried until it succeeds, none gets stuck.
    let patient = json!({"failure_3": 1, "undo_failure": 0.5});
    let seen = saga(&patient, json!({}), json!([]));
    assert!(seen.count(Fact::Failed) > 50);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// G3: a saga that waits for a person waits over a crash of its orchestrator too.
#[test]
fn g3_a_stuck_saga_waits_over_a_crash() {
    let hopeless = json!({"failure_3": 1, "undo_failure": 1, "undo_attempts": 3});
    let plan = json!([{"at": "20s", "do": "crash", "node": "Trips"},
                      {"at": "22s", "do": "restart", "node": "Trips"},
                      {"at": "30s", "do": "redrive", "node": "Hotels"},
                      {"at": "50s", "do": "redrive", "node": "Flights"}]);
    let seen = saga(&hopeless, one(), plan);
    assert_eq!(seen.run.applied(), [Some(true); 4]);
    let early = |record: &&Record| record.at.as_micros() < 30_000_000;
    let asked = seen.sent(Channel::Compensate).filter(early).count();
    assert_eq!(asked, 3, "nobody asks again before a person does");
    assert_eq!(seen.ended(SagaState::Compensated), 1);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// G4: after the pivot a saga only goes forward.
#[test]
fn g4_past_the_pivot_there_is_only_forward() {
    let hard = json!({"failure_4": 1, "transient": 0.6, "attempts": 2});
    let seen = saga(&hard, json!({}), json!([]));
    let tries = seen
        .sent(Channel::Command)
        .filter(|record| record.node.0 == 1);
    let most = tries.filter(|r| r.peer.0 == 5).map(|r| r.detail).max();
    assert!(
        most > Some(2),
        "the last step is tried beyond two attempts: {most:?}"
    );
    assert!(seen.ended(SagaState::Completed) > 5);
    assert!(seen.is_clean(), "{:?}", seen.states());
    // Nobody asks whether the pivot happened: some turn round behind it.
    let lossy = json!({"reply_loss": 0.3, "step_timeout": "200ms", "attempts": 2});
    let rash = with(&lossy, json!({"ask_pivot": false}));
    let seen = saga(&rash, json!({}), json!([]));
    assert!(
        seen.is_broken(A9) && seen.is_broken(Q4),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A9), Some("ask-pivot"));
    let seen = saga(&lossy, json!({}), json!([]));
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// Steps that were undone although another saga had built on them, and dirty reads.
fn dirty(isolation: &str) -> (usize, usize) {
    let config = json!({"failure_3": 0.4, "isolation": isolation});
    let workload = json!({"keys": 2, "updates": 1_000_000, "rate": 20, "reads": 50});
    let seen = saga(&config, workload, json!([]));
    let sagas = &seen.observers().cost.sagas;
    let built_on = sagas
        .built_on
        .iter()
        .filter(|(_, built_on)| *built_on)
        .count();
    (built_on, sagas.dirty.iter().count())
}

/// G5: another saga, or a reader, takes for final what is undone later.
#[test]
fn g5_a_dirty_read_is_of_what_is_undone_later() {
    let (built_on, read) = dirty("none");
    assert!(
        built_on > 50 && read > 50,
        "{built_on} built on, {read} read"
    );
    for lock in ["lock-wait", "lock-reject"] {
        assert_eq!(dirty(lock), (0, 0), "{lock}");
    }
    // What readers look at changes after the pivot only.
    let (_, read) = dirty("pessimistic-view");
    assert_eq!(read, 0);
}

/// G6: a compensation that restores what was there erases what others did since.
#[test]
fn g6_a_compensation_erases_what_others_did() {
    let run = |isolation: &str, high_value: f64| {
        let config = json!({"failure_3": 0.4, "isolation": isolation, "high_value": high_value});
        saga(&config, shared(), json!([]))
    };
    let naive = run("none", 0.0);
    assert!(
        naive.is_broken(Q2) && naive.is_broken(A1),
        "{:?}",
        naive.states()
    );
    assert_eq!(naive.cure(Q2), Some("commutative-updates"));
    assert_eq!(naive.cure(A1), Some("commutative-updates"));
    for (isolation, high_value) in [
        ("commutative", 0.0),
        ("reread-value", 0.0),
        ("version-file", 0.0),
        ("lock-wait", 0.0),
        ("lock-reject", 0.0),
        ("by-value", 1.0),
    ] {
        let seen = run(isolation, high_value);
        let undone = seen.of(Fact::Compensated).filter(|r| r.detail > 0).count();
        assert!(undone > 10, "{isolation}: {undone} compensations");
        assert!(
            seen.holds(Q2) && seen.holds(A1),
            "{isolation}: {:?}",
            seen.states()
        );
    }
    // Sagas of low value do not lock: the risk is kept where it costs little.
    let some = run("by-value", 0.5);
    assert!(some.is_broken(Q2), "{:?}", some.states());
}

/// G7: the orchestrator crashes at each boundary of its log, and goes on from there.
#[test]
fn g7_the_orchestrator_crashes_at_every_boundary_and_resumes() {
    for (gap, point) in [
        ("before-send", crash::BEFORE_SEND),
        ("after-send", crash::AFTER_SEND),
        ("before-log", crash::BEFORE_LOG),
        ("after-log", crash::AFTER_LOG),
    ] {
        let config = json!({"orchestrator_crash": 0.2, "crash_gap": gap, "mttr": "300ms",
                            "failure_3": 0.3, "isolation": "lock-wait", "answer": "at-end"});
        let seen = saga(&config, json!({"rate": 0.5}), json!([]));
        let crashes = seen
            .of(Fact::Crashed)
            .filter(|record| record.detail == point);
        assert!(crashes.count() > 10, "{gap}");
        assert!(seen.is_clean(), "{gap}: {:?}", seen.states());
        // What was in doubt is asked for again, and finds its answer.
        let in_doubt = matches!(point, crash::AFTER_SEND | crash::BEFORE_LOG);
        assert!(!in_doubt || seen.count(Fact::Skipped) > 5, "{gap}");
    }
}

/// G7: what was sent before the crash stays in doubt after it, although a repetition fails.
#[test]
fn g7_what_was_sent_before_a_crash_stays_in_doubt() {
    let config = json!({"orchestrator_crash": 0.3, "crash_gap": "after-send", "mttr": "100ms",
                        "command_delay": {"mix": [[0.5, "10ms"], [0.5, "1500ms"]]},
                        "transient": 0.5, "attempts": 1});
    let seen = saga(&config, json!({}), json!([]));
    assert!(seen.count(Fact::Crashed) > 10);
    assert!(seen.rows(RowState::None, RowState::Tombstone) > 5);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// G8: an orchestrator that keeps its sagas in memory leaves what they hold behind.
#[test]
fn g8_a_log_in_memory_leaves_orphans() {
    let config = json!({"orchestrator_crash": 0.1, "mttr": "300ms", "log": "in-memory",
                        "isolation": "lock-wait"});
    let seen = saga(&config, json!({}), json!([]));
    let forgotten = seen.count(Fact::Forgotten);
    assert!(forgotten > 20, "{forgotten} forgotten");
    assert!(
        seen.is_broken(Q4) && seen.is_broken(Q5),
        "{:?}",
        seen.states()
    );
    assert_eq!(
        (seen.cure(Q4), seen.cure(Q5)),
        (Some("durable-log"), Some("durable-log"))
    );
    let durable = with(&config, json!({"log": "durable"}));
    let seen = saga(&durable, json!({}), json!([]));
    assert!(
        seen.count(Fact::Crashed) > 20 && seen.is_clean(),
        "{:?}",
        seen.states()
    );
}

/// G9: two sagas wait for each other's locks until a time-out turns one round.
#[test]
fn g9_two_sagas_wait_in_a_circle() {
    let pair = json!({"arrivals": "list", "arrival_list": ["1s", "1s"], "updates": 10});
    let circle = json!({"isolation": "lock-wait", "opposite_order": true});
    let seen = saga(&circle, pair.clone(), json!([]));
    assert_eq!(seen.count(Fact::Blocked), 2, "each waits for the other");
    let end = seen
        .of(Fact::Edge)
        .last()
        .map(|record| record.at.as_micros());
    assert!(end > Some(7_000_000), "only time-outs end it: {end:?}");
    assert!(seen.ended(SagaState::Compensated) > 0);
    assert!(seen.is_clean(), "{:?}", seen.states());
    let straight = json!({"isolation": "lock-wait"});
    let seen = saga(&straight, pair, json!([]));
    assert_eq!(seen.ended(SagaState::Completed), 2, "one after the other");
    assert!(
        seen.count(Fact::Blocked) > 0 && seen.is_clean(),
        "{:?}",
        seen.states()
    );
}

/// G10: a command arrives after the compensation that was sent because it had not.
#[test]
fn g10_a_compensation_overtakes_its_step() {
    let late = json!({"command_delay": {"mix": [[0.75, "10ms"], [0.25, "3s"]]},
                      "step_timeout": "500ms", "on_unknown": "compensate"});
    let seen = saga(
        &with(&late, json!({"tombstones": false})),
        json!({}),
        json!([]),
    );
    assert!(
        seen.is_broken(A8) && seen.is_broken(Q4),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A8), Some("cancel-tombstone"));
    for cure in [
        json!({}),
        json!({"tombstones": false, "isolation": "version-file"}),
    ] {
        let seen = saga(&with(&late, cure), json!({}), json!([]));
        assert!(seen.rows(RowState::None, RowState::Tombstone) > 5);
        assert!(seen.is_clean(), "{:?}", seen.states());
    }
}

/// G11: an e-mail before the pivot cannot be unsent.
#[test]
fn g11_what_cannot_be_undone_stood_before_the_pivot() {
    let early = json!({"failure_3": 0.5, "early_email": true});
    let seen = saga(&early, json!({}), json!([]));
    let apologies = seen.count(Fact::Apologised);
    assert!(apologies > 20, "{apologies} apologies");
    assert!(seen.is_broken(Q4), "{:?}", seen.states());
    assert_eq!(seen.cure(Q4), Some("email-after-pivot"));
    let last = with(&early, json!({"early_email": false}));
    let seen = saga(&last, json!({}), json!([]));
    assert_eq!(seen.count(Fact::Apologised), 0);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// A compensation that is repeated gives back twice, unless it knows that it is done.
#[test]
fn p3_a_repeated_compensation() {
    let lossy = json!({"failure_3": 1, "reply_loss": 0.3, "step_timeout": "200ms", "attempts": 20});
    let naive = with(&lossy, json!({"idempotent_undo": false}));
    let seen = saga(&naive, json!({}), json!([]));
    assert!(
        seen.is_broken(A8) && seen.is_broken(A1),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A8), Some("idempotent-compensation"));
    assert_eq!(seen.cure(A1), Some("idempotent-compensation"));
    assert!(saga(&lossy, json!({}), json!([])).is_clean());
}

/// A hold runs out while the saga is on its way; the seat may be another's by then.
#[test]
fn p3_a_hold_that_expires() {
    let slow = json!({"isolation": "lock-reject", "hold": "1s", "service_time": "400ms"});
    let seen = saga(&slow, json!({}), json!([]));
    assert!(seen.count(Fact::Lapsed) > 20);
    // Nobody else wants it: it is taken again.
    assert!(seen.rows(RowState::Cancelled, RowState::Confirmed) > 20);
    assert!(seen.holds(Q4) && seen.holds(A1), "{:?}", seen.states());
    let scarce = json!({"keys": 1, "updates": 6, "rate": 2, "stock": 1});
    let seen = saga(&slow, scarce.clone(), json!([]));
    assert!(seen.is_broken(Q4), "{:?}", seen.states());
    assert_eq!(seen.cure(Q4), Some("hold-outlives-saga"));
    let long = with(&slow, json!({"hold": "inf"}));
    assert!(saga(&long, scarce, json!([])).holds(Q4));
}

/// A hold ran out and its seat is another's, and the trip is paid: neither forward nor back until a
/// person finds another seat, and then the saga goes on to its end.
#[test]
fn p3_a_person_helps_past_the_pivot() {
    let slow = json!({"isolation": "lock-reject", "hold": "1s", "service_time": "400ms"});
    let scarce = json!({"keys": 1, "updates": 6, "rate": 2, "stock": 1});
    let help = json!([{"at": "40s", "do": "redrive", "node": "Trips"}]);
    let (alone, seen) = (
        saga(&slow, scarce.clone(), json!([])),
        saga(&slow, scarce, help),
    );
    assert_eq!(seen.run.applied(), [Some(true)]);
    let is_stuck = |r: &&Record| r.detail == SagaState::Started.edge(SagaState::Stuck);
    let asked = |r: &&Record| r.at.as_micros() <= 40_000_000;
    let stuck = alone.of(Fact::Edge).filter(is_stuck).filter(asked).count();
    assert!(stuck > 3, "{stuck}");
    let resumed = seen.moves(SagaState::Stuck.edge(SagaState::Started));
    let mended = seen.moves(StepState::Stuck.edge(StepState::Done));
    assert_eq!((resumed, mended), (stuck, stuck));
    assert_eq!(alone.moves(StepState::Stuck.edge(StepState::Done)), 0);
    let more = seen.ended(SagaState::Completed) - alone.ended(SagaState::Completed);
    assert_eq!(more, stuck, "each of them ends well");
}

/// The whole saga has a time-out of its own, which turns it round before the pivot.
#[test]
fn p3_the_whole_saga_times_out() {
    let slow = json!({"saga_timeout": "1s", "service_time": "600ms"});
    let seen = saga(&slow, json!({"rate": 0.5}), json!([]));
    assert_eq!(seen.ended(SagaState::Completed), 0);
    assert!(seen.ended(SagaState::Compensated) > 10);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// Services crash before and after their transactions: a step takes effect once all the same.
#[test]
fn p3_services_crash_around_their_transactions() {
    let config = json!({"service_crash": 0.2, "mttr": "300ms", "step_timeout": "500ms",
                        "failure_3": 0.3, "attempts": 20, "isolation": "lock-wait", "hold": "30s"});
    let seen = saga(&config, json!({}), json!([]));
    for point in [crash::BEFORE_EFFECT, crash::BEFORE_REPLY] {
        let crashes = seen
            .of(Fact::Crashed)
            .filter(|record| record.detail == point);
        assert!(crashes.count() > 10, "{point}");
    }
    assert!(seen.is_clean(), "{:?}", seen.states());
}
