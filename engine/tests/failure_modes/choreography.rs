//! H1 to H5: a saga that nobody leads.

use super::{Seen, room, with};
use converge_engine::check::PropertyId::{A6, A8, Q4, Q5};
use converge_engine::pattern::saga::config::{Config, Coordination, UndoOrder};
use converge_engine::pattern::saga::subscription::Web;
use converge_engine::scenario::run::simulation;
use converge_engine::scenario::{PatternView, Scenario};
use converge_engine::sim::{Channel, Fact, Record};
use converge_engine::store::saga::{PartState, SagaState};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Choreographed sagas of four steps, the third of which is the pivot, in which nothing fails but
/// what a test says, each about a thing of its own.
fn saga(config: &Json, workload: Json, plan: Json) -> Seen {
    let calm = json!({
        "coordination": "choreographed", "failure_3": 0, "transient": 0, "service_time": "5ms",
        "command_delay": "10ms", "isolation": "lock-wait", "backoff_initial": "100ms",
        "saga_timeout": "5s",
    });
    let alone = with(&json!({"keys": 1, "updates": 1, "rate": 2}), workload);
    room("saga", "60s", &with(&calm, config.clone()), alone, plan)
}

fn one() -> Json {
    json!({"arrivals": "list", "arrival_list": ["1s"]})
}

impl Seen {
    fn over(&self, from: SagaState, to: SagaState) -> usize {
        self.moves(from.edge(to))
    }

    fn parts(&self, from: PartState, to: PartState) -> usize {
        self.moves(from.edge(to))
    }
}

/// The same participants without an orchestrator: each does its step when it hears of the one
/// before, and undoes it when it hears of a failure.
#[test]
fn p4_services_lead_each_other() {
    let seen = saga(&json!({}), json!({}), json!([]));
    assert!(seen.over(SagaState::Started, SagaState::Completed) > 80);
    assert!(seen.is_clean(), "{:?}", seen.states());
    let asked = [Channel::Command, Channel::StepReply, Channel::Compensate];
    assert_eq!(
        asked.iter().map(|&c| seen.sent(c).count()).sum::<usize>(),
        0
    );
    for order in ["reverse", "parallel", "custom"] {
        for fan_out in [false, true] {
            for step in 1..=3 {
                let config = json!({format!("failure_{step}"): 0.5, "undo_order": order,
                                    "fan_out": fan_out, "undo_failure": 0.2, "transient": 0.2});
                let seen = saga(&config, json!({}), json!([]));
                let back = seen.over(SagaState::Compensating, SagaState::Compensated);
                assert!(back > 20, "{order} {fan_out} {step}: {back}");
                assert!(
                    seen.is_clean(),
                    "{order} {fan_out} {step}: {:?}",
                    seen.states()
                );
            }
        }
    }
    // The first step's row is the last to be undone, or the first.
    let undone = |order: &str| -> Vec<u8> {
        let config = json!({"failure_3": 1, "undo_order": order});
        let seen = saga(&config, one(), json!([]));
        seen.of(Fact::Compensated)
            .map(|record| record.node.0)
            .collect()
    };
    assert_eq!(
        (undone("reverse"), undone("custom")),
        (vec![3, 2], vec![2, 3])
    );
}

/// H1: a subscriber is missing. The saga hangs, and no one notices; a watchdog does.
#[test]
fn h1_a_missing_subscriber_hangs_the_saga() {
    for step in 1..=3 {
        let deaf = json!({"unheard": step, "watchdog": false});
        let seen = saga(&deaf, json!({}), json!([]));
        let sagas = seen.count(Fact::Written);
        assert_eq!(seen.count(Fact::Unheard), sagas, "step {step}");
        let ended = seen.over(SagaState::Started, SagaState::Completed)
            + seen.over(SagaState::Started, SagaState::Compensating);
        assert_eq!(ended, 0, "nobody knows that none of them ends");
        assert!(seen.is_broken(Q4), "{:?}", seen.states());
        assert_eq!(seen.cure(Q4), Some("watchdog"));
        // Decided when it happens, not when all is quiet.
        let first = seen.observers().checks.first(Q4).map(|broken| broken.at);
        let unheard = seen.of(Fact::Unheard).next().map(|record| record.at);
        assert_eq!(first, unheard);
        if step > 1 {
            assert!(seen.is_broken(Q5), "what was booked is held for ever");
            assert_eq!(seen.cure(Q5), Some("watchdog"));
        }
        let watched = saga(&json!({"unheard": step}), json!({}), json!([]));
        let back = watched.over(SagaState::Compensating, SagaState::Compensated);
        assert_eq!(back, watched.count(Fact::Written));
        assert!(watched.is_clean(), "{:?}", watched.states());
    }
    // A lost event does the same to one saga; the watchdog is the only one to find out.
    let lossy = json!({"command_loss": 0.1, "watchdog": false});
    let seen = saga(&lossy, json!({}), json!([]));
    assert!(seen.is_broken(Q4) && seen.cure(Q4) == Some("watchdog"));
    let seen = saga(&json!({"command_loss": 0.1}), json!({}), json!([]));
    assert!(seen.parts(PartState::Done, PartState::Overdue) > 10);
    assert!(seen.is_clean(), "{:?}", seen.states());
    // So do crashes, in both gaps of a service's work.
    let frail = json!({"service_crash": 0.05, "mttr": "1s", "source_mttf": "20s"});
    let seen = saga(&frail, json!({}), json!([]));
    assert!(seen.count(Fact::Crashed) > 10);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// H1: a service that crashes watches again when it is back: it asks how the saga has ended, of which
/// it has heard nothing.
#[test]
fn h1_a_watchdog_outlives_a_crash() {
    let plan = json!([{"at": "0s", "do": "partition", "from": "Cars", "to": "Flights", "both": false},
                      {"at": "2s", "do": "heal", "from": "Cars", "to": "Flights", "both": false},
                      {"at": "3s", "do": "crash", "node": "Flights"},
                      {"at": "4s", "do": "restart", "node": "Flights"}]);
    let seen = saga(&json!({}), one(), plan);
    assert_eq!(seen.over(SagaState::Started, SagaState::Completed), 1);
    assert_eq!(seen.parts(PartState::Overdue, PartState::Final), 1);
    assert!(seen.is_clean(), "{:?}", seen.states());
}

/// H2: two services listen to each other. Below one event for each the cycle dies out, from there
/// on only the hop cap stops it, which says so.
#[test]
fn h2_an_event_cycle_ends_at_the_hop_cap() {
    let echoes = |config: Json| {
        let seen = saga(&config, json!({}), json!([]));
        assert!(seen.is_clean(), "{:?}", seen.states());
        let sagas = seen.count(Fact::Written) as f64;
        (seen.sent(Channel::Echo).count() as f64 / sagas, seen)
    };
    let (none, _) = echoes(json!({}));
    let (few, seen) = echoes(json!({"cycle": 0.5}));
    assert!(none == 0.0 && few > 1.5 && few < 2.5, "{few}");
    assert_eq!(seen.count(Fact::Capped), 0);
    // One for each goes on for ever; a half more than one explodes.
    for cap in [1, 4, 8] {
        let (ring, seen) = echoes(json!({"cycle": 1, "hop_cap": cap}));
        assert_eq!(ring, f64::from(cap), "each event is one hop more");
        assert_eq!(seen.count(Fact::Capped), seen.count(Fact::Written));
        let hops: Vec<u32> = seen.of(Fact::Capped).map(|record| record.detail).collect();
        assert!(hops.iter().all(|&over| over == cap));
    }
    let (short, _) = echoes(json!({"cycle": 1.5, "hop_cap": 4}));
    let (long, _) = echoes(json!({"cycle": 1.5, "hop_cap": 10}));
    assert!(long > 8.0 * short, "{short} {long}");
    // An inbox is no cure, for every event of the cycle is a new one.
    let doubled = json!({"cycle": 1, "hop_cap": 6, "command_duplication": 0.3});
    let (ring, seen) = echoes(doubled);
    assert_eq!(ring, 6.0);
    assert!(seen.count(Fact::Duplicated) > 100);
}

/// H3: events of different services overtake each other: what undoes a step comes before what
/// begins it. A tombstone remembers it.
#[test]
fn h3_a_failure_is_heard_before_the_start() {
    // The start of the second saga's step is on its way for long, the failure of the first is not.
    let slow = json!([{"at": "0s", "do": "hold", "from": "Trips", "to": "Hotels"},
                      {"at": "4s", "do": "release", "from": "Trips", "to": "Hotels"}]);
    let early = json!({"fan_out": true, "failure_1": 1});
    let seen = saga(&early, one(), slow.clone());
    assert_eq!(seen.parts(PartState::Idle, PartState::Undone), 1);
    let hotel = |record: &&Record| record.node.0 == 3;
    let heard: Vec<Fact> = seen
        .records
        .iter()
        .filter(hotel)
        .filter(|r| matches!(r.fact, Fact::Compensated | Fact::Skipped | Fact::Applied))
        .map(|record| record.fact)
        .collect();
    assert_eq!(
        heard,
        [Fact::Compensated, Fact::Skipped],
        "cancelled before it came"
    );
    assert!(seen.is_clean(), "{:?}", seen.states());
    let blank = with(&early, json!({"tombstones": false}));
    let seen = saga(&blank, one(), slow);
    assert!(
        seen.is_broken(A8) && seen.is_broken(Q4),
        "{:?}",
        seen.states()
    );
    assert_eq!(seen.cure(A8), Some("cancel-tombstone"));
    assert_eq!(seen.parts(PartState::Undone, PartState::Done), 1);
}

/// H4: a compensation races the steps that go forward: one is undone while it is at work, or
/// before it has begun.
#[test]
fn h4_compensations_race_forward_steps() {
    let race = json!({"fan_out": true, "failure_1": 0.5, "failure_2": 0.3,
                      "service_time": {"exp": "100ms"}, "command_delay": {"exp": "100ms"}});
    let seen = saga(&race, json!({"rate": 10}), json!([]));
    assert!(seen.parts(PartState::Working, PartState::Undone) > 20);
    assert!(seen.parts(PartState::Done, PartState::Undone) > 20);
    assert!(seen.parts(PartState::Refused, PartState::Undone) > 5);
    assert!(seen.is_clean(), "{:?}", seen.states());
    let blank = with(&race, json!({"tombstones": false}));
    let seen = saga(&blank, json!({"rate": 10}), json!([]));
    assert!(
        seen.is_broken(A8) && seen.is_broken(Q4),
        "{:?}",
        seen.states()
    );
    // Whoever asks too early has the saga given up while it goes on: the pivot's service decides.
    let hasty = json!({"saga_timeout": "1s", "command_delay": {"exp": "400ms"}});
    let seen = saga(&hasty, json!({}), json!([]));
    assert!(seen.over(SagaState::Compensating, SagaState::Compensated) > 10);
    assert!(seen.over(SagaState::Started, SagaState::Completed) > 10);
    assert!(seen.parts(PartState::Overdue, PartState::Final) > 5);
    assert!(seen.parts(PartState::Overdue, PartState::Undone) > 5);
    assert!(seen.is_clean(), "{:?}", seen.states());
    // A step that is asked for again finds its first answer, or else has two effects.
    let twice = json!({"command_duplication": 0.3, "idempotent_steps": false});
    let seen = saga(&twice, json!({}), json!([]));
    assert!(seen.is_broken(A6) && seen.cure(A6) == Some("idempotent-steps"));
}

/// H5: a step more changes many services, and any two may have to know each other: n(n − 1)/2 pairs
/// against the n links of an orchestrator.
#[test]
fn h5_a_step_more_changes_many_services() {
    let config = |steps: u32, undo_order| Config {
        coordination: Coordination::Choreographed,
        steps,
        pivot: steps,
        undo_order,
        ..Config::default()
    };
    for steps in 2..=8_u32 {
        let n = steps as usize + 1;
        let web = Web::of(&config(steps, UndoOrder::Parallel));
        assert_eq!(web.joined(), n * (n - 1) / 2, "{steps} steps");
        let chain = Web::of(&config(steps, UndoOrder::Reverse));
        assert!(chain.joined() >= n - 1 && chain.joined() <= web.joined());
    }
    // The links of a run are those, and the picture says what a step more would change.
    for (order, changed) in [("reverse", 3), ("parallel", 5)] {
        let knobs = json!({"coordination": "choreographed", "pivot": 4, "undo_order": order});
        let scenario = super::plain::defaults("saga", "60s", &knobs, &one());
        let scenario = Scenario::from_value(&scenario).unwrap_or_else(|error| panic!("{error}"));
        let PatternView::Saga(view) = simulation(&scenario).view() else {
            panic!("no saga");
        };
        let web = view.web.unwrap_or_else(|| panic!("nobody leads"));
        assert_eq!(web.changed, Some(changed), "{order}");
        let pairs: BTreeSet<_> = web.table.iter().map(|one| (one.from, one.to)).collect();
        let links = scenario.topology().links.len();
        assert_eq!(links, pairs.len() + 2, "{order}: and the clients'");
        // Whatever it costs, it works: who talks to whom in a run is what the table says.
        let seen = saga(&knobs, one(), json!([]));
        let told = seen.sent(Channel::StepDone).map(|r| (r.node, r.peer));
        let told: Vec<_> = told.collect();
        assert!(told.len() >= 5, "{order}: {told:?}");
        assert!(told.iter().all(|pair| pairs.contains(pair)), "{order}");
        assert!(seen.is_clean(), "{order}: {:?}", seen.states());
    }
}
