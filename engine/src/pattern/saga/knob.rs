//! The knob table of the saga (reference: sheets P3 and P4 and the common knobs above them).

use super::config::*;
use crate::pattern::backoff::JITTER;
use crate::pattern::knob::row::{HOUR, MS, SEC, knob, knobs, row, words};
use crate::pattern::knob::{FieldError, Knob, Range, Value};

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(Coordination, COORDINATION, "orchestrated" => Coordination::Orchestrated, "choreographed" => Coordination::Choreographed);
words!(LogMode, LOG, "durable" => LogMode::Durable, "in-memory" => LogMode::InMemory);
words!(Registration, REGISTRATION, "before" => Registration::Before, "after" => Registration::After);
words!(UndoOrder, UNDO_ORDER, "reverse" => UndoOrder::Reverse, "parallel" => UndoOrder::Parallel, "custom" => UndoOrder::Custom);
words!(OnUnknown, ON_UNKNOWN, "retry" => OnUnknown::Retry, "compensate" => OnUnknown::Compensate);
words!(AnswerMode, ANSWER, "at-start" => AnswerMode::AtStart, "at-end" => AnswerMode::AtEnd);
words!(Isolation, ISOLATION, "none" => Isolation::None, "lock-reject" => Isolation::LockReject, "lock-wait" => Isolation::LockWait, "commutative" => Isolation::Commutative, "pessimistic-view" => Isolation::PessimisticView, "reread-value" => Isolation::RereadValue, "version-file" => Isolation::VersionFile, "by-value" => Isolation::ByValue);
words!(CrashGap, CRASH_GAP, "any" => CrashGap::Any, "before-send" => CrashGap::BeforeSend, "after-send" => CrashGap::AfterSend, "before-log" => CrashGap::BeforeLog, "after-log" => CrashGap::AfterLog);

/// The row of the chance that a step fails for good.
macro_rules! failure {
    ($id:literal, $label:literal, $index:literal) => {
        row(
            $id,
            "Steps that fail",
            $label,
            Range::Number(0.0, 1.0),
            "0, 0, 0.2, 0; only steps up to the pivot can be refused",
            |s| Value::Number(s.config.failures[$index]),
            |s, v| {
                if let Value::Number(x) = v {
                    s.config.failures[$index] = x;
                }
            },
        )
    };
}

/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(choice "coordination", "Saga", "Who knows what comes next", COORDINATION, "an orchestrator; choreographed: services listen to each other", coordination),
    knob!(integer "steps", "Saga", "Steps", 2, 8, "4: flight, hotel, car, e-mail", steps),
    knob!(integer "pivot", "Saga", "The pivot is step", 1, 8, "3: what comes before can be compensated, what comes after is retried", pivot),
    knob!(flag "early_email", "Saga", "The last step comes before the pivot", "off: an e-mail cannot be unsent", early_email),
    knob!(flag "opposite_order", "Saga", "Every second saga goes the other way round", "off unless asked for; only orchestrated", opposite_order),
    knob!(time "saga_timeout", "Saga", "Time-out of the whole saga", SEC, HOUR, "60 s; choreographed: after which whoever watches asks", saga_timeout),
    knob!(choice "answer", "Saga", "Clients are answered", ANSWER, "at the start: the saga is a promise; at the end: its latency is theirs", answer),
    failure!("failure_1", "Step 1 is refused", 0),
    failure!("failure_2", "Step 2 is refused", 1),
    failure!("failure_3", "Step 3 is refused", 2),
    failure!("failure_4", "Step 4 is refused", 3),
    failure!("failure_5", "Step 5 is refused", 4),
    failure!("failure_6", "Step 6 is refused", 5),
    failure!("failure_7", "Step 7 is refused", 6),
    failure!("failure_8", "Step 8 is refused", 7),
    knob!(chance "transient", "Calls", "A step fails, per attempt", 0.9, "0.1", transient),
    knob!(delay "service_time", "Calls", "Time a service takes", 60 * SEC, "playground", service_time),
    knob!(time "step_timeout", "Calls", "Time-out of a step", 100 * MS, 60 * SEC, "2 s; only orchestrated", call.timeout),
    knob!(integer "attempts", "Calls", "Attempts at a step", 1, 20, "3", call.attempts),
    knob!(time "backoff_initial", "Calls", "Ask again after, at first", MS, 60 * SEC, "Temporal: 1 s", call.backoff.initial),
    row(
        "backoff_factor",
        "Calls",
        "Backoff factor",
        Range::Number(1.0, 10.0),
        "Temporal: 2.0",
        |s| Value::Number(s.config.call.backoff.factor),
        |s, v| {
            if let Value::Number(x) = v {
                s.config.call.backoff.factor = x;
            }
        },
    ),
    knob!(time "backoff_cap", "Calls", "Longest wait before asking again", MS, HOUR, "Temporal: 100 × initial", call.backoff.cap),
    knob!(choice "backoff_jitter", "Calls", "Jitter", JITTER, "off unless asked for", call.backoff.jitter),
    knob!(choice "on_unknown", "Calls", "No answer in time", ON_UNKNOWN, "retry; compensating at once needs a tombstone; only orchestrated", on_unknown),
    knob!(flag "ask_pivot", "Calls", "Ask about the pivot until it is known", "on: nobody knows on which side of the point of no return the saga is; only orchestrated", ask_pivot),
    knob!(flag "idempotent_steps", "Calls", "A repeated step finds its first answer", "on: steps run at least once", idempotent_steps),
    knob!(choice "registration", "Compensation", "A compensation is registered", REGISTRATION, "before; Temporal's design page: as each step completes; only orchestrated", registration),
    knob!(choice "undo_order", "Compensation", "Order", UNDO_ORDER, "reverse; custom: the first step first", undo_order),
    knob!(chance "undo_failure", "Compensation", "A compensation fails, per attempt", 1.0, "0", undo_failure),
    knob!(integer "undo_attempts", "Compensation", "Attempts at a compensation (0: until it succeeds)", 0, 100, "until it succeeds, and always so if choreographed", undo_attempts),
    knob!(flag "idempotent_undo", "Compensation", "A repeated compensation finds that it is done", "on: compensations run at least once", idempotent_undo),
    knob!(flag "tombstones", "Compensation", "A cancellation that comes first leaves a tombstone", "on: the step may come later", tombstones),
    knob!(choice "isolation", "Isolation", "Countermeasure", ISOLATION, "none; Frank and Zahle's six and the lock that waits", isolation),
    knob!(chance "high_value", "Isolation", "Sagas of high value", 1.0, "only with \"by-value\", where they lock", high_value),
    knob!(open "hold", "Isolation", "A lock holds for", 100 * MS, HOUR, "for ever: until it is confirmed or cancelled; only orchestrated", hold),
    knob!(choice "log", "Orchestrator", "Saga log", LOG, "durable; Temporal recreates state from its event history", log),
    knob!(chance "orchestrator_crash", "Orchestrator", "Crash, per command", 0.5, "0", orchestrator_crash),
    knob!(choice "crash_gap", "Orchestrator", "Where its crashes fall", CRASH_GAP, "any gap between two atomic actions", crash_gap),
    knob!(flag "fan_out", "Choreography", "Steps before the pivot start at once", "off: one after the other; only choreographed", fan_out),
    knob!(integer "unheard", "Choreography", "Step whose service does not listen (0: none)", 0, 8, "none; only choreographed, and up to the pivot", unheard),
    knob!(flag "watchdog", "Choreography", "Services watch for the end", "on: it is the only failure detector; only choreographed", watchdog),
    row(
        "cycle",
        "Choreography",
        "Events that an event of the cycle brings about",
        Range::Number(0.0, 1.5),
        "0: there is no cycle; only choreographed",
        |s| Value::Number(s.config.cycle),
        |s, v| {
            if let Value::Number(x) = v {
                s.config.cycle = x;
            }
        },
    ),
    knob!(integer "hop_cap", "Choreography", "Hops after which a cycle is stopped", 1, 14, "playground; only choreographed", hop_cap),
    knob!(chance "service_crash", "Failures", "A service crashes, per command", 0.5, "off unless asked for", service_crash),
    knob!(open "source_mttf", "Failures", "Orchestrator: mean time to failure", SEC, 24 * HOUR, "never unless asked for", source_mttf),
    knob!(open "service_mttf", "Failures", "Services: mean time to failure", SEC, 24 * HOUR, "never unless asked for", service_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, 600 * SEC, "5 s", mttr),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", patience.timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", patience.attempts),
    knob!(delay "client_delay", "Network", "Client delay", 10 * SEC, "same region", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client loss", 0.9, "off unless asked for", client_hop.loss),
    knob!(delay "command_delay", "Network", "Command delay", 60 * SEC, "exponential, mean 20 ms; choreographed: of an event", command_hop.delay),
    knob!(chance "command_loss", "Network", "Command loss", 0.9, "off unless asked for", command_hop.loss),
    knob!(chance "command_duplication", "Network", "Command duplication", 0.5, "off unless asked for", command_hop.duplication),
    knob!(delay "reply_delay", "Network", "Reply delay", 60 * SEC, "exponential, mean 20 ms; only orchestrated", reply_hop.delay),
    knob!(chance "reply_loss", "Network", "Reply loss", 0.5, "0", reply_hop.loss),
    knob!(chance "reply_duplication", "Network", "Reply duplication", 0.5, "off unless asked for", reply_hop.duplication),
];

/// What a range cannot say: combinations that make no sense.
pub fn check_together(settings: &Settings) -> Result<(), FieldError> {
    let Config { steps, pivot, .. } = settings.config;
    if pivot > steps {
        return Err(FieldError::new(
            "config.pivot",
            pivot,
            "at most the number of steps",
        ));
    }
    // Past the pivot a saga can only be told again to go on, which who does not listen does not hear.
    let unheard = settings.config.unheard;
    if unheard > pivot {
        return Err(FieldError::new(
            "config.unheard",
            unheard,
            "at most the pivot",
        ));
    }
    Ok(())
}
