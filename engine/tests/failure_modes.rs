//! The failure modes E1 to E14 of the event-based pattern (semantics, sheet P1): each is produced
//! by knobs or interventions, seen by an invariant or a metric, and gone with its cure.

#![cfg(not(target_arch = "wasm32"))]

#[path = "failure_modes/choreography.rs"]
mod choreography;
#[path = "failure_modes/cqrs.rs"]
mod cqrs;
#[path = "failure_modes/loss.rs"]
mod loss;
#[path = "failure_modes/order.rs"]
mod order;
#[path = "failure_modes/outage.rs"]
mod outage;
#[path = "plain/mod.rs"]
mod plain;
#[path = "failure_modes/quorum.rs"]
mod quorum;
#[path = "failure_modes/request_reply.rs"]
mod request_reply;
#[path = "failure_modes/retry.rs"]
mod retry;
#[path = "failure_modes/saga.rs"]
mod saga;
#[path = "failure_modes/sessions.rs"]
mod sessions;
#[path = "failure_modes/sync.rs"]
mod sync;
#[path = "failure_modes/two_phase.rs"]
mod two_phase;
#[path = "failure_modes/two_way.rs"]
mod two_way;
#[path = "witness/mod.rs"]
mod witness;

use converge_engine::check::{PropertyId, State};
use converge_engine::scenario::{Observers, Run, Scenario};
use converge_engine::sim::{Channel, Fact, Record, RecordId, SimTime};
use plain::with;
use serde_json::{Value as Json, json};

/// A finished run.
struct Seen {
    run: Run,
    records: Vec<Record>,
}

/// Runs order-invoice with one copy and no fault but what `extra` asks for.
fn run(until: &str, config: Json, workload: Json, plan: Json) -> Seen {
    let all = json!({
        "groups": 1, "publish": "event-store", "crash_before_publish": 0, "client_delay": "1ms",
        "delivery_delay": "5ms", "ack_delay": "1ms", "mttr": "1s",
    });
    let scenario = Scenario::from_value(&json!({
        "preset": "order-invoice", "seed": 1, "until": until, "horizon": "600s",
        "config": with(&all, config), "workload": workload, "interventions": plan,
    }));
    see(&scenario.unwrap_or_else(|error| panic!("{error}")))
}

/// Runs a room with every knob at its default but these.
fn room(pattern: &str, until: &str, config: &Json, workload: Json, plan: Json) -> Seen {
    let mut all = plain::defaults(pattern, until, config, &workload);
    all["horizon"] = json!("2000s");
    // The nodes bear the names of the preset that comes first.
    all["interventions"] = plan;
    let scenario = Scenario::from_value(&all);
    see(&scenario.unwrap_or_else(|error| panic!("{error}")))
}

/// What the first preset of a pattern calls the first node of a role.
fn node_name(pattern: &str, role: converge_engine::pattern::Role) -> String {
    let mut presets = converge_engine::scenario::PRESETS.iter();
    let preset = presets.find(|preset| preset.pattern == pattern);
    let nodes = preset.map(|preset| Scenario::of(preset).topology().nodes);
    let mut nodes = nodes.into_iter().flatten();
    let node = nodes.find(|node| node.role == role);
    node.map(|node| node.name).unwrap_or_default()
}

fn see(scenario: &Scenario) -> Seen {
    let mut run = Run::new(scenario);
    run.finish();
    let journal = run.journal();
    assert_eq!(
        journal.first(),
        RecordId(0),
        "records fell out of the journal"
    );
    let records = journal.iter_from(RecordId(0)).map(|(_, record)| *record);
    let records: Vec<Record> = records.collect();
    witness::saw(scenario, records.iter(), Some(run.head_observers()));
    Seen { run, records }
}

impl Seen {
    fn observers(&self) -> &Observers {
        self.run.head_observers()
    }

    fn is_broken(&self, property: PropertyId) -> bool {
        self.observers().checks.state(property) == State::Broken
    }

    fn holds(&self, property: PropertyId) -> bool {
        self.observers().checks.state(property) == State::Holding
    }

    /// Every invariant holds.
    fn is_clean(&self) -> bool {
        let mut all = converge_engine::check::PROPERTIES.iter();
        all.all(|property| self.holds(property.id))
    }

    /// Which invariants broke, and how often, for messages.
    fn states(&self) -> Vec<(&'static str, u32)> {
        let counts = converge_engine::check::PROPERTIES.iter();
        let counts = counts.map(|p| (p.code, self.observers().checks.count(p.id)));
        counts.filter(|(_, count)| *count > 0).collect()
    }

    /// How often a state machine moved so: the detail of its edge records.
    fn moves(&self, edge: u32) -> usize {
        self.of(Fact::Edge)
            .filter(|record| record.detail == edge)
            .count()
    }

    /// Writes that a user asked for once more.
    fn again(&self) -> usize {
        let again = converge_engine::pattern::cqrs::message::number::is_again;
        self.of(Fact::Written)
            .filter(|record| again(record.message))
            .count()
    }

    /// The protection named by the first violation of a property.
    fn cure(&self, property: PropertyId) -> Option<&'static str> {
        self.observers().checks.first(property)?.protection
    }

    fn count(&self, fact: Fact) -> usize {
        self.records
            .iter()
            .filter(|record| record.fact == fact)
            .count()
    }

    fn of(&self, fact: Fact) -> impl Iterator<Item = &Record> {
        self.records
            .iter()
            .filter(move |record| record.fact == fact)
    }

    fn sent(&self, channel: Channel) -> impl Iterator<Item = &Record> {
        self.of(Fact::Sent)
            .filter(move |record| record.channel == channel)
    }

    /// How many writes the first copy does not show at an instant.
    fn missing_at(&self, secs: u64) -> usize {
        let at = converge_engine::sim::recording::Position::Time(SimTime::from_secs(secs));
        self.run.cursor(at).observers().ledger.missing(0).len()
    }

    /// The first copy's lag in records at an instant.
    fn lag_at(&self, secs: u64) -> usize {
        let at = converge_engine::sim::recording::Position::Time(SimTime::from_secs(secs));
        self.run.cursor(at).observers().cost.backlogs[0].records()
    }
}
