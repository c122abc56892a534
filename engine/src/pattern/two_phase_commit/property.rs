//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::config::Heuristic;
use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};

use PropertyId::{A1, A2, A3, A4, A5, A6, A10, Q1, Q2, Q3, Q5, Q8};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[A1, A2, A3, A4, A5, A6, A10, Q1, Q2, Q3, Q5, Q8];

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(either "no-heuristic", "Who is in doubt waits", heuristic, Heuristic::Never, Heuristic::Abort,
        [A2, A10, Q1],
        "A participant that has voted yes keeps its locks until it is told; nobody decides for it."),
    protection!(flag "decision-log", "Decision log", decision_log, [A10, Q1, Q2],
        "The coordinator writes a commit down before it tells anyone, so after a crash it says the same."),
    protection!(flag "forced-vote", "Forced vote", forced_vote, [A10, Q1, Q2],
        "A participant's vote is on its disk before it is sent, so a crash cannot take it back."),
    protection!(flag "two-phase-locking", "Locks until the decision", locks_held, [A1, A5, Q1],
        "A row is locked from its first change to the decision, so no other transaction comes between."),
    protection!(flag "locking-reads", "Readers wait for locks", locking_reads, [],
        "A reader is not shown a row that somebody is about to change; it waits for the decision."),
    protection!(flag "request-key", "Idempotency key on requests", keyed_requests, [],
        "A request that is asked twice is written once."),
];
