//! The knob table of the CQRS pattern (reference: sheets P5 and P8 and the common knobs).

use super::config::*;
use crate::pattern::knob::row::{HOUR, MS, SEC, knob, knobs, row, words};
use crate::pattern::knob::{FieldError, Knob, Range, Value};

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(Form, FORM, "projected" => Form::Projected, "inline" => Form::Inline, "same-store" => Form::SameStore);
words!(Trigger, TRIGGER, "push" => Trigger::Push, "poll" => Trigger::Poll);
words!(Projection, PROJECTION, "last-value" => Projection::LastValue, "counter" => Projection::Counter, "join" => Projection::Join);
words!(Routing, ROUTING, "by-key" => Routing::ByKey, "round-robin" => Routing::RoundRobin);
words!(Checkpoint, CHECKPOINT, "same-transaction" => Checkpoint::SameTransaction, "every-n" => Checkpoint::EveryN, "async" => Checkpoint::Async);
words!(Order, ORDER, "apply-first" => Order::ApplyFirst, "checkpoint-first" => Order::CheckpointFirst);
words!(Gaps, GAPS, "wait" => Gaps::Wait, "ignore" => Gaps::Ignore, "wait-at-most" => Gaps::WaitAtMost);
words!(OnPoison, ON_POISON, "halt" => OnPoison::Halt, "skip" => OnPoison::Skip);
words!(Swap, SWAP, "at-head" => Swap::AtHead, "early" => Swap::Early, "overlap" => Swap::Overlap);
words!(Consistency, CONSISTENCY, "eventual" => Consistency::Eventual, "wait-for-version" => Consistency::WaitForVersion, "sticky-primary" => Consistency::StickyPrimary, "read-primary" => Consistency::ReadPrimary, "echo" => Consistency::Echo);
words!(Fallback, FALLBACK, "primary" => Fallback::Primary, "stale" => Fallback::Stale, "fail" => Fallback::Fail);
words!(Release, RELEASE, "after-time" => Release::AfterTime, "one-caught-up" => Release::OneCaughtUp, "all-caught-up" => Release::AllCaughtUp);
words!(Replica, REPLICA, "random" => Replica::Random, "sticky-user" => Replica::StickyUser);
words!(Scope, SCOPE, "device" => Scope::Device, "user" => Scope::User);

/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(choice "form", "Write side", "Form of CQRS", FORM, "projected; one store with two models and inline projection are CQRS too", form),
    knob!(flag "expected_version", "Write side", "Command carries the expected version", "event stores: optimistic concurrency", expected_version),
    knob!(flag "source_check", "Write side", "Write side refuses without stock", "the aggregate keeps its own invariant", source_check),
    knob!(delay "commit_delay", "Write side", "From reserving a position to its commit", 60 * SEC, "0 unless asked for", commit_delay),
    knob!(integer "conflict_retries", "Write side", "Retries after a version conflict", 0, 20, "playground", conflict_retries),
    knob!(choice "gaps", "Projection", "At a position not committed yet", GAPS, "Marten's high-water mark waits for outstanding sequence numbers", gaps),
    knob!(time "gap_wait", "Projection", "Longest wait for a position", MS, 60 * SEC, "Marten: 3 s until a sequence number counts as stale", gap_wait),
    knob!(choice "trigger", "Projection", "Trigger", TRIGGER, "playground", trigger),
    knob!(time "poll_interval", "Projection", "Poll interval", MS, 60 * SEC, "100 ms", poll_interval),
    knob!(integer "page", "Projection", "Events per fetch", 1, 500, "playground", page),
    knob!(choice "projection", "Projection", "Kind", PROJECTION, "playground", projection),
    knob!(delay "handler_time", "Projection", "Handler time", 10 * SEC, "exponential, mean 5 ms", handler_time),
    knob!(integer "batch", "Projection", "Events per transaction", 1, 500, "Axon: batchSize 1", batch),
    knob!(integer "segments", "Projection", "Parallel segments", 1, 16, "Axon: segments", segments),
    knob!(choice "routing", "Projection", "Events find their segment", ROUTING, "Axon: by the sequencing policy, one aggregate in one segment", routing),
    knob!(flag "version_guard", "Projection", "Version guard", "playground", version_guard),
    knob!(flag "tombstones", "Projection", "Deletes leave a tombstone", "Kafka, Cassandra: a tombstone outlives what it deletes", tombstones),
    knob!(choice "checkpoint", "Checkpoint", "Checkpoint", CHECKPOINT, "same transaction; the others are common, and wrong", checkpoint),
    knob!(integer "checkpoint_every", "Checkpoint", "Events between checkpoints", 1, 1000, "only with checkpoint \"every-n\"", checkpoint_every),
    knob!(time "checkpoint_interval", "Checkpoint", "Time between checkpoints", MS, 60 * SEC, "Kafka: auto.commit.interval.ms 5 s; 1 s here", checkpoint_interval),
    knob!(choice "checkpoint_order", "Checkpoint", "Order", ORDER, "only where the checkpoint is stored by itself", checkpoint_order),
    knob!(chance "projector_crash", "Checkpoint", "Crash between apply and checkpoint", 0.5, "off unless asked for", projector_crash),
    knob!(chance "poison", "Checkpoint", "Poison fraction", 0.5, "off unless asked for", poison),
    knob!(choice "on_poison", "Checkpoint", "At a poison event", ON_POISON, "Marten stops the projection, unless told to skip", on_poison),
    knob!(time "projection_start", "Rebuild", "Projection is first started at", 0, HOUR, "at once", projection_start),
    knob!(open "rebuild_at", "Rebuild", "Rebuild starts at", 0, HOUR, "never unless asked for", rebuild_at),
    knob!(integer "rebuild_speed", "Rebuild", "Rebuild speed, times live", 1, 100, "10 × live", rebuild_speed),
    knob!(choice "swap", "Rebuild", "Swap", SWAP, "blue/green, at the head", swap),
    knob!(integer "replicas", "Read side", "Read replicas", 1, 5, "1: the read store answers itself; more follow it", replicas),
    knob!(flag "replica_in_order", "Read side", "Replicas apply changes in order", "log shipping", replica_in_order),
    knob!(choice "consistency", "Read side", "Query consistency", CONSISTENCY, "eventual; Rails waits and falls back, GitLab sticks", consistency),
    knob!(time "wait_timeout", "Read side", "Longest wait for a version", 0, 60 * SEC, "Rails wait_for_lsn: 20 ms", wait_timeout),
    knob!(choice "fallback", "Read side", "After that", FALLBACK, "Rails: the primary", fallback),
    knob!(flag "waits_unstarted", "Read side", "Waits for a projection that never started, too", "a real bug reported empty data as current", waits_unstarted),
    knob!(time "sticky_for", "Read side", "Reads from the write side after a write, for", 0, HOUR, "GitLab: 30 s", sticky_for),
    knob!(choice "release", "Read side", "Released", RELEASE, "GitLab #413203: when one replica had caught up", release),
    knob!(choice "replica_choice", "Read side", "Replica of a query", REPLICA, "playground", replica_choice),
    knob!(choice "session", "Sessions", "A session is", SCOPE, "Terry: a session is what one device does", session),
    knob!(choice "token", "Sessions", "Version token is kept per", SCOPE, "a cookie belongs to one device", token),
    knob!(flag "asks_ryw", "Sessions", "Asks to read its own writes", "playground", asks_ryw),
    knob!(flag "asks_mr", "Sessions", "Asks for monotonic reads", "playground", asks_mr),
    knob!(flag "asks_mw", "Sessions", "Asks for monotonic writes", "playground", asks_mw),
    knob!(flag "asks_wfr", "Sessions", "Asks that writes follow reads", "playground", asks_wfr),
    knob!(flag "ordered_writes", "Sessions", "A write waits for the answer to the one before", "playground", ordered_writes),
    knob!(flag "causal_writes", "Sessions", "An event names what its author had seen", "playground", causal_writes),
    knob!(integer "users", "Clients", "Users", 1, 8, "playground", users),
    knob!(integer "devices", "Clients", "Devices per user", 1, 3, "playground", devices),
    row(
        "read_back",
        "Clients",
        "Reads its own write back after",
        Range::Delay(600 * SEC, true),
        "never unless asked for",
        |s| Value::Delay(s.config.read_back.clone()),
        |s, v| {
            if let Value::Delay(delay) = v {
                s.config.read_back = delay;
            }
        },
    ),
    row(
        "second_read",
        "Clients",
        "Reads it once more, after",
        Range::Delay(600 * SEC, true),
        "never unless asked for",
        |s| Value::Delay(s.config.second_read.clone()),
        |s, v| {
            if let Value::Delay(delay) = v {
                s.config.second_read = delay;
            }
        },
    ),
    knob!(chance "other_device", "Clients", "Reads back on another device", 1.0, "only with more devices than one", other_device),
    knob!(flag "read_first", "Clients", "Reads before it writes", "off unless asked for", read_first),
    knob!(delay "decision_time", "Clients", "Between that read and the write", 60 * SEC, "playground", decision_time),
    knob!(flag "submits_again", "Clients", "Asks again if its write is not shown", "off unless asked for", submits_again),
    knob!(chance "deletes", "Clients", "Fraction of writes that delete", 0.9, "off unless asked for", deletes),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", request_timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", request_attempts),
    knob!(time "query_timeout", "Clients", "Query timeout", 50 * MS, 60 * SEC, "playground", query_timeout),
    knob!(integer "query_attempts", "Clients", "Query attempts", 1, 20, "playground", query_attempts),
    knob!(delay "client_delay", "Network", "Client delay", 10 * SEC, "same region", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client loss", 0.9, "off unless asked for", client_hop.loss),
    knob!(chance "client_duplication", "Network", "Client duplication", 0.5, "off unless asked for", client_hop.duplication),
    knob!(flag "client_fifo", "Network", "Client link keeps order", "off unless asked for", client_hop.fifo),
    knob!(delay "delivery_delay", "Network", "Delivery delay", 600 * SEC, "exponential, mean 50 ms", delivery_hop.delay),
    knob!(chance "delivery_loss", "Network", "Delivery loss", 0.9, "off unless asked for", delivery_hop.loss),
    knob!(chance "delivery_duplication", "Network", "Delivery duplication", 0.5, "off unless asked for", delivery_hop.duplication),
    knob!(flag "delivery_fifo", "Network", "Delivery keeps order", "off unless asked for", delivery_hop.fifo),
    knob!(delay "fetch_delay", "Network", "Fetch delay", 60 * SEC, "same region", fetch_delay),
    knob!(time "fetch_timeout", "Network", "Fetched again after", 10 * MS, 60 * SEC, "playground", fetch_timeout),
    knob!(delay "replica_delay", "Network", "Replication lag", 600 * SEC, "exponential, mean 100 ms", replica_hop.delay),
    knob!(chance "replica_loss", "Network", "Replication loss", 0.9, "off unless asked for", replica_hop.loss),
    knob!(chance "replica_duplication", "Network", "Replication duplication", 0.5, "off unless asked for", replica_hop.duplication),
    knob!(flag "replica_fifo", "Network", "Replication link keeps order", "off unless asked for", replica_hop.fifo),
    knob!(open "source_mttf", "Failures", "Write side: mean time to failure", SEC, 24 * HOUR, "never unless asked for", source_mttf),
    knob!(open "store_mttf", "Failures", "Event store: mean time to failure", SEC, 24 * HOUR, "never unless asked for", store_mttf),
    knob!(open "projector_mttf", "Failures", "Projector: mean time to failure", SEC, 24 * HOUR, "never unless asked for", projector_mttf),
    knob!(open "replica_mttf", "Failures", "Read stores: mean time to failure", SEC, 24 * HOUR, "never unless asked for", replica_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, HOUR, "playground", mttr),
];

/// What a range cannot say: combinations that make no sense.
pub fn check_together(_settings: &Settings) -> Result<(), FieldError> {
    Ok(())
}
