//! The knob table of the event-based pattern (reference: sheet P1 and the common knobs above it).

use super::config::*;
use crate::pattern::backoff::JITTER;
use crate::pattern::knob::row::{HOUR, MS, SEC, Word, knob, knobs, row, words};
use crate::pattern::knob::{FieldError, Knob, Range, Value};
use crate::pattern::settings::{EFFECT, EffectKind};

/// Everything the knobs set.
pub type Settings = crate::pattern::Settings<Config>;

words!(PublishMode, PUBLISH,
    "commit-then-publish" => PublishMode::CommitThenPublish,
    "publish-then-commit" => PublishMode::PublishThenCommit,
    "outbox-polling" => PublishMode::OutboxPolling,
    "outbox-tailing" => PublishMode::OutboxTailing,
    "event-store" => PublishMode::EventStore);
words!(Delivery, DELIVERY, "events" => Delivery::Events, "blocking-calls" => Delivery::BlockingCalls);
words!(QueueKind, QUEUE, "partitioned-log" => QueueKind::PartitionedLog, "leased-queue" => QueueKind::LeasedQueue);
words!(Routing, ROUTING, "by-key" => Routing::ByKey, "round-robin" => Routing::RoundRobin);
words!(AckMode, ACK, "before" => AckMode::Before, "after" => AckMode::After, "same-transaction" => AckMode::SameTransaction);
words!(DeadLetterMode, DEAD_LETTER, "none" => DeadLetterMode::None, "per-message" => DeadLetterMode::PerMessage, "per-sequence" => DeadLetterMode::PerSequence);

/// All knobs, in the order of the form.
pub const KNOBS: &[Knob<Settings>] = knobs![
    knob!(choice "publish", "Publishing", "Publish mode", PUBLISH, "Debezium outbox event router", publish),
    knob!(choice "delivery", "Publishing", "Delivery", DELIVERY, "events; blocking calls are the picture before", delivery),
    knob!(time "relay_interval", "Publishing", "Relay poll interval", MS, 60 * SEC, "MassTransit QueryDelay and the JDBC source poll are 5 s; 200 ms here, to see it", relay_interval),
    knob!(integer "relay_batch", "Publishing", "Rows per poll", 1, 500, "MassTransit: 100 messages a sweep", relay_batch),
    knob!(chance "crash_before_publish", "Publishing", "Crash between commit and publish", 0.5, "off unless asked for", crash_before_publish),
    knob!(chance "rollback", "Publishing", "Rollback after publish", 0.5, "off unless asked for", rollback),
    knob!(chance "relay_crash", "Publishing", "Relay crash before SENT", 0.5, "off unless asked for", relay_crash),
    knob!(integer "max_in_flight", "Publishing", "Publishes in flight", 1, 5, "Kafka: more than 1 with retries reorders; 5 with the idempotent producer", max_in_flight),
    knob!(choice "queue", "Broker", "Kind of queue", QUEUE, "Kafka is a partitioned log; SQS and RabbitMQ lease", queue),
    knob!(integer "partitions", "Broker", "Log partitions", 1, 32, "playground", partitions),
    knob!(choice "routing", "Broker", "Routing", ROUTING, "Debezium: aggregate id is the partition key", routing),
    knob!(open "retention", "Broker", "Broker retention", SEC, 168 * HOUR, "for ever; Kafka ships 7 days", retention),
    knob!(integer "groups", "Consumers", "Consumer groups", 1, 8, "playground", groups),
    knob!(integer "consumers", "Consumers", "Consumers in a group", 0, 16, "playground", consumers),
    knob!(delay "handler_time", "Consumers", "Handler time", 10 * SEC, "playground", handler_time),
    row(
        "handler_time_last",
        "Consumers",
        "Handler time of the last group",
        Range::Delay(10 * SEC, true),
        "same as the others unless set",
        |s| Value::Delay(s.config.handler_time_last.clone()),
        |s, v| {
            if let Value::Delay(delay) = v {
                s.config.handler_time_last = delay;
            }
        },
    ),
    knob!(choice "acknowledge", "Consumers", "Acknowledge", ACK, "Kafka: after is at-least-once, same transaction is effectively once", acknowledge),
    knob!(chance "ack_loss", "Consumers", "Acknowledgement lost after the effect", 0.9, "off unless asked for", ack_loss),
    knob!(time "visibility_timeout", "Consumers", "Visibility timeout", 100 * MS, 12 * HOUR, "SQS: 30 s, 0 to 12 h", visibility_timeout),
    knob!(flag "heartbeat", "Consumers", "Heartbeat renews the lease", "off unless asked for", heartbeat),
    knob!(time "detection_timeout", "Consumers", "Detection of a dead consumer", SEC, 300 * SEC, "Kafka session timeout 45 s; 10 s here", detection_timeout),
    knob!(integer "batch", "Consumers", "Batch per fetch", 1, 500, "1; Kafka max.poll.records is 500", batch),
    knob!(flag "retries", "Retries", "Send again what was not acknowledged", "every broker's default", retries),
    knob!(chance "handler_failure", "Retries", "Handler fails, per attempt", 0.9, "off unless asked for", handler_failure),
    knob!(chance "poison", "Retries", "Poison fraction", 0.5, "off unless asked for", poison),
    knob!(chance "consumer_crash", "Retries", "Consumer crashes while handling", 0.5, "off unless asked for", consumer_crash),
    knob!(integer "immediate_retries", "Retries", "Immediate retries", 0, 20, "NServiceBus: 5", immediate_retries),
    row(
        "delayed_retries",
        "Retries",
        "Delayed retries",
        Range::Durations(20, HOUR),
        "NServiceBus: 10, 20, 30 s; with 5 immediate retries 24 attempts",
        |s| Value::Durations(s.config.delayed_retries.clone()),
        |s, v| {
            if let Value::Durations(list) = v {
                s.config.delayed_retries = list;
            }
        },
    ),
    knob!(integer "retry_layers", "Retries", "Outer retry layers", 1, 10, "Dapr: its policies augment the broker's", retry_layers),
    knob!(time "backoff_initial", "Retries", "Resend after, at first", MS, 60 * SEC, "Temporal: 1 s", backoff.initial),
    row(
        "backoff_factor",
        "Retries",
        "Resend backoff factor",
        Range::Number(1.0, 10.0),
        "Temporal: 2.0",
        |s| Value::Number(s.config.backoff.factor),
        |s, v| {
            if let Value::Number(x) = v {
                s.config.backoff.factor = x;
            }
        },
    ),
    knob!(time "backoff_cap", "Retries", "Longest resend wait", MS, 24 * HOUR, "Temporal: 100 × initial", backoff.cap),
    knob!(choice "backoff_jitter", "Retries", "Resend jitter", JITTER, "off unless asked for", backoff.jitter),
    knob!(choice "dead_letter", "Retries", "Dead letters", DEAD_LETTER, "Axon parks the sequence", dead_letter),
    knob!(flag "inbox", "Idempotence", "Inbox", "NServiceBus and MassTransit outbox documentation", inbox),
    knob!(open "inbox_retention", "Idempotence", "Inbox retention", SEC, 720 * HOUR, "for ever; MassTransit 30 min, NServiceBus 7 days", inbox_retention),
    knob!(flag "version_guard", "Idempotence", "Version guard", "playground", version_guard),
    row(
        "effect",
        "Idempotence",
        "Effect",
        Range::Choice(EFFECT),
        "last version wins; a counter counts every event",
        |s| EffectKind::of(s.config.counter).word(),
        |s, v| s.config.counter = EffectKind::from_value(&v) == Some(EffectKind::Counter),
    ),
    knob!(flag "keyed_requests", "Clients", "Idempotency key on requests", "playground", keyed_requests),
    knob!(flag "source_check", "Clients", "Source refuses without stock", "playground", source_check),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", patience.timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", patience.attempts),
    knob!(delay "client_delay", "Network", "Client delay", 10 * SEC, "same region", client_hop.delay),
    knob!(chance "client_loss", "Network", "Client loss", 0.9, "off unless asked for", client_hop.loss),
    knob!(delay "publish_delay", "Network", "Publish delay", 60 * SEC, "1 ms, so that the delivery hop is seen", publish_hop.delay),
    knob!(chance "publish_loss", "Network", "Publish loss", 0.9, "off unless asked for", publish_hop.loss),
    knob!(chance "publish_duplication", "Network", "Publish duplication", 0.5, "off unless asked for", publish_hop.duplication),
    knob!(flag "publish_fifo", "Network", "Publish keeps order", "off unless asked for", publish_hop.fifo),
    knob!(delay "delivery_delay", "Network", "Delivery delay", 600 * SEC, "exponential, mean 50 ms", delivery_hop.delay),
    knob!(chance "delivery_loss", "Network", "Delivery loss", 0.9, "off unless asked for", delivery_hop.loss),
    knob!(chance "delivery_duplication", "Network", "Delivery duplication", 0.5, "off unless asked for", delivery_hop.duplication),
    knob!(flag "delivery_fifo", "Network", "Delivery keeps order", "off unless asked for", delivery_hop.fifo),
    knob!(delay "ack_delay", "Network", "Acknowledgement delay", 60 * SEC, "same region", ack_hop.delay),
    knob!(chance "ack_link_loss", "Network", "Acknowledgement link loss", 0.9, "off unless asked for", ack_hop.loss),
    knob!(open "source_mttf", "Failures", "Source: mean time to failure", SEC, 24 * HOUR, "never unless asked for", source_mttf),
    knob!(open "consumer_mttf", "Failures", "Consumer: mean time to failure", SEC, 24 * HOUR, "never unless asked for", consumer_mttf),
    knob!(time "mttr", "Failures", "Time to restart", MS, HOUR, "playground", mttr),
    knob!(signed "consumer_clock_offset_ms", "Failures", "Consumer clock offset, ms", 10_000, "0; ±10 s", consumer_clock_offset_ms),
    knob!(signed "consumer_clock_drift_ppm", "Failures", "Consumer clock drift, ppm", 500, "0; ±500 ppm", consumer_clock_drift_ppm),
];

/// What a range cannot say: combinations that make no sense.
pub fn check_together(settings: &Settings) -> Result<(), FieldError> {
    let Config {
        delivery,
        consumers,
        ..
    } = &settings.config;
    if *delivery == Delivery::BlockingCalls && *consumers == 0 {
        return Err(FieldError::new(
            "config.consumers",
            0,
            "at least 1 with delivery \"blocking-calls\"",
        ));
    }
    Ok(())
}
