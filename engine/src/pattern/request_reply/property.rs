//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};

use PropertyId::{A1, A2, A3, A4, A6, A8, Q1, Q2, Q3, Q4, Q5, Q8};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[Q4, A8, A1, A2, A3, A4, A6, Q1, Q2, Q3, Q5, Q8];

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(flag "request-key", "Idempotency key on requests", keyed_requests, [Q3, Q4, Q1],
        "A request that is asked again is known for the same, so it is carried on or answered, and not made twice."),
    protection!(flag "idempotent-steps", "Idempotency key on calls", keyed_calls, [A6, Q3, A1],
        "The answer to a call is stored with its effect, so a repeated call finds the answer and changes nothing."),
    protection!(flag "compensation", "Compensation", compensates, [Q4, Q1, Q3],
        "If a call fails for good, what the calls before it did is undone, the last one first."),
    protection!(flag "register-before", "Unknown calls are compensated too", undoes_unknown, [Q4, Q5],
        "A call that was never answered may have happened, so it is undone like one that did."),
    protection!(flag "cancel-tombstone", "Cancel tombstone", tombstones, [A8, Q4, Q5],
        "A cancellation that comes before its call is remembered, so the call has no effect when it comes."),
    protection!(flag "deadline", "Deadlines travel along", deadlines, [],
        "Nobody works on what no client waits for any more."),
    protection!(flag "breaker", "Circuit breaker", breaker, [],
        "Whoever has failed again and again is left alone for a while, and its callers are told at once."),
];
