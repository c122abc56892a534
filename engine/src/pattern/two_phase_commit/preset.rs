//! The scenarios of this room. Each is a change to the defaults, with what to watch for.

use super::config::{CoordinatorGap, Heuristic, ParticipantGap, Protocol};
use super::knob::Settings;
use crate::pattern::furniture::Before;
use crate::pattern::{Words, furniture};
use crate::sim::SimDuration;

/// What the services of a preset are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Who writes and reads.
    pub client: &'static str,
    /// Who decides.
    pub coordinator: &'static str,
    /// Who votes; more participants than names are numbered.
    pub participants: &'static [&'static str],
}

/// A scenario of this room.
type Preset = furniture::Preset<Settings, Names>;

const ORDERS: Names = Names {
    client: "Customers",
    coordinator: "Coordinator",
    participants: &["Orders", "Invoices", "Stock", "Shipping"],
};

const ORDER: Words = Words::new("order", "invoice", "order-placed", 1001);

/// All presets of the room, in the order of the menu.
pub const PRESETS: &[Preset] = &[
    Preset {
        id: "order-invoice-together",
        title: "Order → Invoice by two-phase commit",
        watch: "Watch for how long the customer waits: two rounds to the slowest service, and rows that are locked while they are behind",
        seed: 2,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: order_invoice,
        before: Some(Before::Settings(
            synchronous_replica,
            ["Two-phase commit", "Synchronous replica"],
        )),
    },
    Preset {
        id: "coordinator-dies",
        title: "The coordinator dies after PREPARED",
        watch: "Watch for rows that stay locked because nobody can say what was decided",
        seed: 8,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: coordinator_dies,
        before: None,
    },
    Preset {
        id: "participant-down",
        title: "One participant is down",
        watch: "Watch for orders that are refused because one of four services does not answer",
        seed: 2,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: participant_down,
        before: None,
    },
    Preset {
        id: "operator-decides",
        title: "An operator decides for who is in doubt",
        watch: "Watch for an order that one service commits and another aborts",
        seed: 1,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: operator_decides,
        before: None,
    },
    Preset {
        id: "decision-forgotten",
        title: "A decision that was not written down",
        watch: "Watch for a coordinator that comes back and says the opposite",
        seed: 1,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: decision_forgotten,
        before: None,
    },
    Preset {
        id: "vote-forgotten",
        title: "A vote that was not on the disk",
        watch: "Watch for a service that has promised and knows of nothing",
        seed: 1,
        until_secs: 60,
        words: ORDER,
        names: ORDERS,
        apply: vote_forgotten,
        before: None,
    },
    Preset {
        id: "locks-let-go",
        title: "Locks let go before the decision",
        watch: "Watch for a row that goes back to what it was, and for two orders of the last item, both confirmed",
        seed: 1,
        until_secs: 60,
        words: Words::new("item", "reservation", "item-reserved", 301),
        names: Names {
            client: "Shop",
            coordinator: "Coordinator",
            participants: &["Stock", "Reservations"],
        },
        apply: locks_let_go,
        before: None,
    },
];

fn order_invoice(settings: &mut Settings) {
    settings.workload.rate = 2.0;
    settings.workload.reads = 1.0;
}

fn synchronous_replica(settings: &mut Settings) {
    settings.config.protocol = Protocol::SynchronousReplica;
}

fn coordinator_dies(settings: &mut Settings) {
    let config = &mut settings.config;
    config.coordinator_crash = 0.05;
    config.coordinator_gap = CoordinatorGap::BeforeCommit;
    settings.workload.rate = 2.0;
}

fn participant_down(settings: &mut Settings) {
    let config = &mut settings.config;
    config.participants = 4;
    config.participant_mttf = Some(SimDuration::from_secs(60));
    config.mttr = SimDuration::from_secs(10);
    settings.workload.rate = 2.0;
    settings.workload.updates = 1;
}

fn operator_decides(settings: &mut Settings) {
    let config = &mut settings.config;
    config.coordinator_crash = 0.05;
    config.coordinator_gap = CoordinatorGap::AfterSend;
    config.command_hop.loss = 0.2;
    config.heuristic = Heuristic::Abort;
    config.heuristic_after = SimDuration::from_secs(2);
    settings.workload.rate = 2.0;
    settings.workload.updates = 1;
}

fn decision_forgotten(settings: &mut Settings) {
    let config = &mut settings.config;
    config.decision_log = false;
    config.coordinator_crash = 0.05;
    config.coordinator_gap = CoordinatorGap::AfterSend;
    config.command_hop.loss = 0.2;
    config.mttr = SimDuration::from_secs(1);
    settings.workload.rate = 2.0;
    settings.workload.updates = 1;
}

fn vote_forgotten(settings: &mut Settings) {
    let config = &mut settings.config;
    config.forced_vote = false;
    config.participant_crash = 0.03;
    config.participant_gap = ParticipantGap::AfterVote;
    config.mttr = SimDuration::from_secs(1);
    settings.workload.rate = 2.0;
    settings.workload.updates = 1;
}

fn locks_let_go(settings: &mut Settings) {
    let config = &mut settings.config;
    config.locks_held = false;
    config.locking_reads = false;
    settings.workload.rate = 8.0;
    settings.workload.keys = 3;
    settings.workload.updates = 40;
    settings.workload.stock = Some(12);
}
