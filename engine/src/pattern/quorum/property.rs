//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::config::{Hints, Propagation};
use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};

use PropertyId::{A2, A3, A4, A5, A6, A12, Q1, Q2, Q3, Q5, Q8};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[A2, A3, A4, A5, A6, Q1, Q2, Q3, Q5, Q8, A12];

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(
        "quorum-overlap",
        "R + W > N",
        "read_quorum",
        [A12],
        "Some replica that answers a read has acknowledged the write before it, so an own write is seen. That is quorum overlap, not linearizability.",
        |s| s.config.read_quorum + s.config.write_quorum > s.config.replicas,
        |s, on| {
            let config = &mut s.config;
            let most = config.replicas / 2 + 1;
            let each = if on { most } else { 1 };
            // Of one replica, one is all.
            (config.read_quorum, config.write_quorum) = (each, each);
            if !on && config.replicas == 1 {
                config.replicas = 3;
            }
        }
    ),
    protection!(
        "strict-quorum",
        "Only replicas count",
        "hints",
        [A12],
        "A hint is no acknowledgement: W replicas have a write before its client is told.",
        |s| s.config.hints != Hints::Counted,
        |s, on| match (on, s.config.hints) {
            (true, Hints::Counted) => s.config.hints = Hints::On,
            (true, _) => {}
            (false, _) => s.config.hints = Hints::Counted,
        }
    ),
    protection!(flag "read-repair", "Read repair before the answer", read_repair, [A12],
        "Whoever answered with an older version gets the newest one before the client does; with R + W > N and more than half in R, no later read goes back."),
    protection!(
        "hinted-handoff",
        "Hinted hand-off",
        "hints",
        [Q1, Q2, Q3],
        "What a replica did not acknowledge waits on the coordinator's disk until it does.",
        |s| s.config.hints != Hints::Off,
        |s, on| s.config.hints = if on { Hints::On } else { Hints::Off }
    ),
    protection!(flag "anti-entropy", "Anti-entropy", anti_entropy, [Q1, Q2, Q3],
        "Replicas compare all they have, so what any of them has reaches every other one."),
    protection!(either "send-to-all", "Send to all N", propagation, Propagation::All, Propagation::Quorum, [Q1, Q2, Q3],
        "A write goes to every replica, not only to those that it waits for."),
    protection!(flag "newest-wins", "Keep the later stamp", compares_stamps, [A5, A6, Q1, Q2, Q3],
        "A replica compares stamps, so what comes late does not replace what is newer."),
    protection!(
        "one-clock",
        "Clocks that agree",
        "clock_offset_ms",
        [A5, Q2],
        "Stamps rise in the order in which coordinators take writes, so the last writer is the one who wins.",
        |s| s.config.clock_offset_ms == 0,
        |s, on| s.config.clock_offset_ms = if on { 0 } else { -500 }
    ),
];
