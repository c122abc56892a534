//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::config::*;
use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};
use crate::sim::SimDuration;

use PropertyId::{A1, A2, A3, A4, A6, A8, A9, Q1, Q2, Q3, Q4, Q5, Q8};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[Q4, A8, A9, A1, A2, A3, A4, A6, Q1, Q2, Q3, Q5, Q8];

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(either "durable-log", "Durable saga log", log, LogMode::Durable, LogMode::InMemory, [Q4, Q5],
        "What a saga has done is written down before and after each step, so an orchestrator that comes back goes on where it was."),
    protection!(either "register-before", "Compensation registered before the step", registration, Registration::Before, Registration::After,
        [Q4, Q5],
        "A step that never answered may have happened, so it is compensated too."),
    protection!(flag "cancel-tombstone", "Cancel tombstone", tombstones, [A8, Q4, Q5],
        "A cancellation that comes before its step is remembered, so the step has no effect when it comes."),
    protection!(flag "idempotent-steps", "Idempotent steps", idempotent_steps, [A6, Q3, A1],
        "The answer to a step is stored with its effect, so a repeated command finds the answer and changes nothing."),
    protection!(flag "idempotent-compensation", "Idempotent compensation", idempotent_undo, [A8, A1],
        "A compensation that is repeated gives back once."),
    protection!(either "commutative-updates", "Commutative compensation", isolation, Isolation::Commutative, Isolation::None,
        [A1, Q2],
        "A compensation takes its own change back instead of restoring what was there, so it erases nobody else's."),
    protection!(
        "semantic-lock",
        "Semantic lock",
        "isolation",
        [A1, Q2],
        "What a saga has booked is marked as not final until the saga is over, and nobody else builds on it.",
        |s| matches!(
            s.config.isolation,
            Isolation::LockReject | Isolation::LockWait
        ),
        |s, on| s.config.isolation = if on {
            Isolation::LockWait
        } else {
            Isolation::None
        }
    ),
    protection!(
        "endless-compensation",
        "Compensate until it succeeds",
        "undo_attempts",
        [Q5],
        "A compensation is tried again until it succeeds; nothing stays held for want of a last attempt.",
        |s| s.config.undo_attempts == 0,
        |s, on| s.config.undo_attempts = if on { 0 } else { 3 }
    ),
    protection!(flag "ask-pivot", "Ask until the pivot is known", ask_pivot, [A9, Q4],
        "No one turns round before it is known that the point of no return was not passed."),
    protection!(
        "email-after-pivot",
        "What cannot be undone comes last",
        "early_email",
        [Q4],
        "An effect that cannot be undone comes after the pivot, when nothing will be undone any more.",
        |s| !s.config.early_email,
        |s, on| s.config.early_email = !on
    ),
    protection!(either "hold-outlives-saga", "A hold outlives its saga", hold, None, Some(SimDuration::from_secs(2)),
        [Q4],
        "What is held stays held until the saga says what becomes of it."),
    protection!(flag "watchdog", "Watchdog", watchdog, [Q4, Q5],
        "Whoever has not heard in time how a saga ends asks, and the service of the pivot sees to it that it ends."),
    protection!(
        "no-event-cycle",
        "No event cycle",
        "cycle",
        [],
        "No service publishes anything about what it has only heard, so no event comes back to where it came from.",
        |s| s.config.cycle == 0.0,
        |s, on| s.config.cycle = if on { 0.0 } else { 1.2 }
    ),
    protection!(
        "one-way-round",
        "All sagas go the same way round",
        "opposite_order",
        [],
        "Who locks in one order never waits in a circle.",
        |s| !s.config.opposite_order,
        |s, on| s.config.opposite_order = !on
    ),
];
