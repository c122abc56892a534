//! The knob table of the request-reply room (reference: sheet P6 and the common knobs).

use super::config::*;
use crate::pattern::backoff::JITTER;
use crate::pattern::knob::row::{HOUR, MS, SEC, knob, knobs, row, words};
use crate::pattern::knob::{FieldError, Knob, Range, Value};

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(Order, ORDER, "serial" => Order::Serial, "parallel" => Order::Parallel);
words!(Gap, GAP,
    "any" => Gap::Any,
    "between-calls" => Gap::BetweenCalls,
    "before-reply" => Gap::BeforeReply);

/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(integer "services", "Request", "Services", 2, 8, "3: orders, invoices, shipping", services),
    knob!(choice "order", "Request", "Services are called", ORDER, "serial: each needs what the one before has said", order),
    knob!(time "call_timeout", "Calls", "Time-out of a call", 50 * MS, 30 * SEC, "1 s", call_timeout),
    knob!(integer "call_retries", "Calls", "Retries of a call", 0, 5, "2", call_retries),
    knob!(time "backoff_initial", "Calls", "Call again after, at first", MS, 60 * SEC, "gRPC's example policy: 100 ms", backoff.initial),
    row(
        "backoff_factor",
        "Calls",
        "Backoff factor",
        Range::Number(1.0, 10.0),
        "gRPC's example policy: 2",
        |s| Value::Number(s.config.backoff.factor),
        |s, v| {
            if let Value::Number(x) = v {
                s.config.backoff.factor = x;
            }
        },
    ),
    knob!(time "backoff_cap", "Calls", "Longest wait before calling again", MS, HOUR, "playground", backoff.cap),
    knob!(choice "backoff_jitter", "Calls", "Jitter", JITTER, "off unless asked for", backoff.jitter),
    knob!(flag "deadlines", "Calls", "The client's deadline travels along", "gRPC: a call carries what is left of it", deadlines),
    knob!(integer "pool", "Calls", "Connections in the pool", 1, 100, "HikariCP: 10", pool),
    knob!(flag "breaker", "Calls", "Circuit breaker", "off unless asked for", breaker),
    knob!(integer "breaker_failures", "Calls", "Breaker opens after failures in a row", 1, 100, "playground", breaker_rule.failures),
    knob!(time "breaker_pause", "Calls", "Breaker stays open for", 100 * MS, 600 * SEC, "Polly: 5 s", breaker_rule.pause),
    knob!(flag "keyed_calls", "Calls", "Idempotency key on calls", "on: a repeated call finds its first answer", keyed_calls),
    knob!(flag "compensates", "Compensation", "What was done is undone if the request fails", "on", compensates),
    knob!(flag "undoes_unknown", "Compensation", "What may have happened is undone too", "on: no answer is no answer, not a no", undoes_unknown),
    knob!(flag "tombstones", "Compensation", "A cancellation that comes first leaves a tombstone", "on: the call may come later", tombstones),
    knob!(delay "service_time", "Services", "Time a service takes", 60 * SEC, "playground", service_time),
    knob!(integer "slow_service", "Services", "A slow one (0: none; else its number)", 0, 8, "none unless asked for", slow_service),
    knob!(delay "slow_time", "Services", "Time the slow one takes", 60 * SEC, "playground", slow_time),
    knob!(chance "refusal", "Services", "A service says no", 1.0, "off unless asked for", refusal),
    knob!(integer "refusing_service", "Services", "Who says no (0: any; else its number)", 0, 8, "any", refusing_service),
    knob!(chance "failure", "Services", "A service fails, per attempt", 0.9, "off unless asked for", failure),
    knob!(flag "keyed_requests", "Clients", "Idempotency key on requests", "Stripe: the client makes one up", keyed_requests),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", patience.timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", patience.attempts),
    knob!(delay "client_delay", "Network", "Client delay", 10 * SEC, "same region", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client loss", 0.9, "off unless asked for", client_hop.loss),
    knob!(delay "command_delay", "Network", "Delay to a service", 60 * SEC, "exponential, mean 20 ms", command_hop.delay),
    knob!(chance "command_loss", "Network", "Loss to a service", 0.9, "off unless asked for", command_hop.loss),
    knob!(chance "command_duplication", "Network", "Duplication to a service", 0.5, "off unless asked for", command_hop.duplication),
    knob!(delay "reply_delay", "Network", "Delay from a service", 60 * SEC, "exponential, mean 20 ms", reply_hop.delay),
    knob!(chance "reply_loss", "Network", "Loss from a service", 0.9, "off unless asked for", reply_hop.loss),
    knob!(chance "reply_duplication", "Network", "Duplication from a service", 0.5, "off unless asked for", reply_hop.duplication),
    knob!(chance "orchestrator_crash", "Failures", "Orchestrator crashes in a gap", 0.5, "off unless asked for", orchestrator_crash),
    knob!(choice "orchestrator_gap", "Failures", "In which gap", GAP, "playground", orchestrator_gap),
    knob!(open "source_mttf", "Failures", "Orchestrator: mean time to failure", SEC, 24 * HOUR, "never unless asked for", source_mttf),
    knob!(open "service_mttf", "Failures", "Services: mean time to failure", SEC, 24 * HOUR, "never unless asked for", service_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, HOUR, "playground", mttr),
];

/// What a range cannot say: combinations that make no sense.
pub fn check_together(settings: &Settings) -> Result<(), FieldError> {
    let config = &settings.config;
    for (id, number) in [
        ("config.slow_service", config.slow_service),
        ("config.refusing_service", config.refusing_service),
    ] {
        if number > config.services {
            return Err(FieldError::new(
                id,
                number,
                "at most the number of services",
            ));
        }
    }
    Ok(())
}
