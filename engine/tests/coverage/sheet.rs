//! What the sheets of the reference list (semantics section 4), by hand: the table is judged by
//! this, not by what the rooms happen to do. Knobs are those of the catalogue.

use converge_engine::pattern::event_based::message::crash;
use converge_engine::pattern::event_based::state::{ConsumerState, Delivery};
use converge_engine::store::{OutboxState, edge, machine};

/// One pattern's sheet.
pub struct Sheet {
    /// Its id.
    pub pattern: &'static str,
    /// Failure modes: their ids in the sheet, which begin the names of their tests.
    pub modes: &'static [(&'static str, u8)],
    /// Holes of its mechanisms that the sheet lists without a number: the beginning of the test's
    /// name, and what it is.
    pub holes: &'static [(&'static str, &'static str)],
    /// State machines.
    pub machines: &'static [Machine],
    /// Named points of crashes.
    pub crashes: &'static [(u32, &'static str)],
}

/// A state machine of a sheet.
pub struct Machine {
    /// What moves.
    pub name: &'static str,
    /// The details of its edge records, and their names.
    pub edges: &'static [(u32, &'static str)],
}

/// The edges of a machine, from an enum of its states.
macro_rules! edges {
    ($machine:ident, $states:ident: $($from:ident -> $to:ident),+ $(,)?) => {
        &[$((
            edge(machine::$machine, $states::$from as u8, $states::$to as u8),
            concat!(stringify!($from), " → ", stringify!($to)),
        )),+]
    };
}

/// All sheets, in the order of the patterns.
pub const SHEETS: &[Sheet] = &[Sheet {
    pattern: "event-based",
    modes: &[("E", 14)],
    holes: &[],
    machines: &[
        Machine {
            name: "outbox row",
            edges: edges!(OUTBOX, OutboxState:
                Absent -> Pending, Pending -> Sent, Sent -> Pending, Sent -> Confirmed,
                Confirmed -> Purged),
        },
        Machine {
            name: "delivery",
            edges: edges!(DELIVERY, Delivery:
                Queued -> Leased, Leased -> Queued, Leased -> Handled, Handled -> Acked,
                Leased -> Nacked, Nacked -> Backoff, Backoff -> Queued, Nacked -> Dead,
                Queued -> Dead, Dead -> Queued),
        },
        Machine {
            name: "consumer",
            edges: edges!(CONSUMER, ConsumerState:
                Running -> Crashed, Crashed -> Running, Running -> Rebalancing,
                Rebalancing -> Running, Running -> Paused, Paused -> Running,
                Paused -> Crashed),
        },
    ],
    crashes: &[
        (crash::BEFORE_PUBLISH, "between commit and publish"),
        (
            crash::RELAY_BEFORE_SENT,
            "relay, after publish and before SENT",
        ),
        (crash::WHILE_HANDLING, "consumer, while it handles"),
    ],
}];
