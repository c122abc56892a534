//! The knob table of the event-based pattern (reference: sheet P1 and the common knobs above it).

use super::config::*;
use crate::pattern::knob::{Knob, Range, Scale, Value};
use crate::sim::{Delay, SimDuration};

/// Everything the knobs set.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Settings {
    /// The services and the network.
    pub config: Config,
    /// The clients.
    pub workload: Workload,
}

/// A word for each variant of a choice, in the order of the table.
trait Word: Copy + PartialEq + 'static {
    const ALL: &'static [(&'static str, Self)];
    fn word(self) -> Value {
        let found = Self::ALL.iter().find(|(_, variant)| *variant == self);
        Value::Choice(found.map_or("", |(word, _)| word))
    }
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Choice(text) = value else {
            return None;
        };
        Self::ALL
            .iter()
            .find(|(word, _)| word == text)
            .map(|(_, variant)| *variant)
    }
}

macro_rules! words {
    ($type:ty, $list:ident, $($word:literal => $variant:expr),+) => {
        const $list: &[&str] = &[$($word),+];
        impl Word for $type {
            const ALL: &'static [(&'static str, Self)] = &[$(($word, $variant)),+];
        }
    };
}

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
words!(Jitter, JITTER, "none" => Jitter::None, "full" => Jitter::Full);
words!(EffectKind, EFFECT, "register" => EffectKind::Register, "counter" => EffectKind::Counter);
words!(ArrivalKind, ARRIVALS, "poisson" => ArrivalKind::Poisson, "regular" => ArrivalKind::Regular, "bursts" => ArrivalKind::Bursts, "list" => ArrivalKind::List);

/// [`Config::counter`] as a word.
#[derive(Clone, Copy, PartialEq)]
enum EffectKind {
    Register,
    Counter,
}

/// The kind of [`Arrivals`] as a word.
#[derive(Clone, Copy, PartialEq)]
enum ArrivalKind {
    Poisson,
    Regular,
    Bursts,
    List,
}

type Row = Knob<Settings>;

const MS: u64 = 1000;
const SEC: u64 = 1_000_000;
const HOUR: u64 = 3600 * SEC;

const fn row(
    id: &'static str,
    heading: &'static str,
    label: &'static str,
    range: Range,
    source: &'static str,
    get: fn(&Settings) -> Value,
    set: fn(&mut Settings, Value),
) -> Row {
    let (unit, scale) = match range {
        Range::Duration(..) => ("time", Scale::Log),
        Range::Delay(..) => ("distribution", Scale::Log),
        Range::Number(_, max) if max <= 1.0 => ("probability", Scale::Linear),
        _ => ("", Scale::Linear),
    };
    Knob {
        id,
        section: "config",
        heading,
        label,
        unit,
        range,
        scale,
        source,
        get,
        set,
    }
}

macro_rules! knob {
    (switch $id:literal, $head:literal, $label:literal, $source:literal, $field:ident) => {
        row($id, $head, $label, Range::Switch, $source, |s| Value::Switch(s.config.$field), |s, v| {
            if let Value::Switch(on) = v { s.config.$field = on; }
        })
    };
    (chance $id:literal, $head:literal, $label:literal, $max:literal, $source:literal, $($field:ident).+) => {
        row($id, $head, $label, Range::Number(0.0, $max), $source, |s| Value::Number(s.config.$($field).+), |s, v| {
            if let Value::Number(x) = v { s.config.$($field).+ = x; }
        })
    };
    (integer $id:literal, $head:literal, $label:literal, $min:literal, $max:literal, $source:literal, $field:ident) => {
        row($id, $head, $label, Range::Integer($min, $max), $source, |s| Value::Integer(i64::from(s.config.$field)), |s, v| {
            if let Value::Integer(n) = v { s.config.$field = n as _; }
        })
    };
    (signed $id:literal, $head:literal, $label:literal, $max:literal, $source:literal, $field:ident) => {
        row($id, $head, $label, Range::Integer(-$max, $max), $source, |s| Value::Integer(s.config.$field), |s, v| {
            if let Value::Integer(n) = v { s.config.$field = n; }
        })
    };
    (time $id:literal, $head:literal, $label:literal, $min:expr, $max:expr, $source:literal, $($field:ident).+) => {
        row($id, $head, $label, Range::Duration($min, $max, false), $source, |s| Value::Duration(Some(s.config.$($field).+)), |s, v| {
            if let Value::Duration(Some(span)) = v { s.config.$($field).+ = span; }
        })
    };
    (open $id:literal, $head:literal, $label:literal, $min:expr, $max:expr, $source:literal, $field:ident) => {
        row($id, $head, $label, Range::Duration($min, $max, true), $source, |s| Value::Duration(s.config.$field), |s, v| {
            if let Value::Duration(span) = v { s.config.$field = span; }
        })
    };
    (delay $id:literal, $head:literal, $label:literal, $max:expr, $source:literal, $($field:ident).+) => {
        row($id, $head, $label, Range::Delay($max, false), $source, |s| Value::Delay(Some(s.config.$($field).+.clone())), |s, v| {
            if let Value::Delay(Some(delay)) = v { s.config.$($field).+ = delay; }
        })
    };
    (flag $id:literal, $head:literal, $label:literal, $source:literal, $($field:ident).+) => {
        row($id, $head, $label, Range::Switch, $source, |s| Value::Switch(s.config.$($field).+), |s, v| {
            if let Value::Switch(on) = v { s.config.$($field).+ = on; }
        })
    };
    (choice $id:literal, $head:literal, $label:literal, $words:ident, $source:literal, $($field:ident).+) => {
        row($id, $head, $label, Range::Choice($words), $source, |s| s.config.$($field).+.word(), |s, v| {
            if let Some(variant) = Word::from_value(&v) { s.config.$($field).+ = variant; }
        })
    };
}

/// All knobs, in the order of the form.
pub const KNOBS: &[Row] = &[
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
        |s| {
            if s.config.counter {
                EffectKind::Counter.word()
            } else {
                EffectKind::Register.word()
            }
        },
        |s, v| s.config.counter = EffectKind::from_value(&v) == Some(EffectKind::Counter),
    ),
    knob!(flag "keyed_requests", "Clients", "Idempotency key on requests", "playground", keyed_requests),
    knob!(flag "source_check", "Clients", "Source refuses without stock", "playground", source_check),
    knob!(time "request_timeout", "Clients", "Request timeout", 50 * MS, 60 * SEC, "playground", request_timeout),
    knob!(integer "request_attempts", "Clients", "Request attempts", 1, 100, "playground", request_attempts),
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
    ARRIVALS_ROW,
    RATE_ROW,
    BURST_SIZE_ROW,
    BURST_GAP_ROW,
    ARRIVAL_LIST_ROW,
    KEYS_ROW,
    UPDATES_ROW,
    STOCK_ROW,
    READS_ROW,
];

const fn workload(row: Row, unit: &'static str) -> Row {
    Knob {
        section: "workload",
        unit,
        ..row
    }
}

const ARRIVALS_ROW: Row = workload(
    row(
        "arrivals",
        "Workload",
        "Arrivals",
        Range::Choice(ARRIVALS),
        "playground",
        |s| match s.workload.arrivals {
            Arrivals::Poisson => ArrivalKind::Poisson.word(),
            Arrivals::Regular => ArrivalKind::Regular.word(),
            Arrivals::Bursts { .. } => ArrivalKind::Bursts.word(),
            Arrivals::List(_) => ArrivalKind::List.word(),
        },
        |s, v| {
            s.workload.arrivals = match ArrivalKind::from_value(&v) {
                Some(ArrivalKind::Regular) => Arrivals::Regular,
                Some(ArrivalKind::Bursts) => Arrivals::Bursts {
                    size: 2,
                    gap: SimDuration::from_millis(30),
                },
                Some(ArrivalKind::List) => Arrivals::List(Vec::new()),
                _ => Arrivals::Poisson,
            }
        },
    ),
    "",
);

const RATE_ROW: Row = workload(
    row(
        "rate",
        "Workload",
        "Writes per second",
        Range::Number(0.0, 1000.0),
        "4/s, to follow by eye",
        |s| Value::Number(s.workload.rate),
        |s, v| {
            if let Value::Number(x) = v {
                s.workload.rate = x;
            }
        },
    ),
    "/s",
);

const BURST_SIZE_ROW: Row = workload(
    row(
        "burst_size",
        "Workload",
        "Writes in a burst",
        Range::Integer(1, 1000),
        "only with arrivals \"bursts\"",
        |s| match s.workload.arrivals {
            Arrivals::Bursts { size, .. } => Value::Integer(i64::from(size)),
            _ => Value::Integer(2),
        },
        |s, v| {
            if let (Value::Integer(n), Arrivals::Bursts { size, .. }) =
                (v, &mut s.workload.arrivals)
            {
                *size = n as u32;
            }
        },
    ),
    "",
);

const BURST_GAP_ROW: Row = workload(
    row(
        "burst_gap",
        "Workload",
        "Gap in a burst",
        Range::Duration(0, 60 * SEC, false),
        "only with arrivals \"bursts\"",
        |s| match s.workload.arrivals {
            Arrivals::Bursts { gap, .. } => Value::Duration(Some(gap)),
            _ => Value::Duration(Some(SimDuration::from_millis(30))),
        },
        |s, v| {
            if let (Value::Duration(Some(span)), Arrivals::Bursts { gap, .. }) =
                (v, &mut s.workload.arrivals)
            {
                *gap = span;
            }
        },
    ),
    "time",
);

const ARRIVAL_LIST_ROW: Row = workload(
    row(
        "arrival_list",
        "Workload",
        "Instants of the writes",
        Range::Durations(1000, 24 * HOUR),
        "only with arrivals \"list\"",
        |s| match &s.workload.arrivals {
            Arrivals::List(list) => Value::Durations(list.clone()),
            _ => Value::Durations(Vec::new()),
        },
        |s, v| {
            if let (Value::Durations(spans), Arrivals::List(list)) = (v, &mut s.workload.arrivals) {
                *list = spans;
            }
        },
    ),
    "time",
);

const KEYS_ROW: Row = workload(
    row(
        "keys",
        "Workload",
        "Keys in use",
        Range::Integer(1, 64),
        "only with arrivals \"list\"",
        |s| Value::Integer(i64::from(s.workload.keys)),
        |s, v| {
            if let Value::Integer(n) = v {
                s.workload.keys = n as u32;
            }
        },
    ),
    "",
);

const UPDATES_ROW: Row = workload(
    row(
        "updates",
        "Workload",
        "Writes per key",
        Range::Integer(1, 1_000_000),
        "playground",
        |s| Value::Integer(i64::from(s.workload.updates)),
        |s, v| {
            if let Value::Integer(n) = v {
                s.workload.updates = n as u32;
            }
        },
    ),
    "",
);

const STOCK_ROW: Row = workload(
    row(
        "stock",
        "Workload",
        "Stock per key (0: writes are not sales)",
        Range::Integer(0, 1_000_000),
        "playground",
        |s| Value::Integer(s.workload.stock.map_or(0, i64::from)),
        |s, v| {
            if let Value::Integer(n) = v {
                s.workload.stock = (n > 0).then_some(n as u32);
            }
        },
    ),
    "units",
);

const READS_ROW: Row = workload(
    row(
        "reads",
        "Workload",
        "Reads per second",
        Range::Number(0.0, 1000.0),
        "playground",
        |s| Value::Number(s.workload.reads),
        |s, v| {
            if let Value::Number(x) = v {
                s.workload.reads = x;
            }
        },
    ),
    "/s",
);

/// The knob with this id.
pub fn find(id: &str) -> Option<&'static Row> {
    KNOBS.iter().find(|knob| knob.id == id)
}

/// What a range cannot say: combinations that make no sense.
pub fn check_together(settings: &Settings) -> Result<(), crate::pattern::knob::FieldError> {
    use crate::pattern::knob::FieldError;
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

/// Keeps the import used where a default needs it.
const _: fn() -> Delay = || Delay::ZERO;
