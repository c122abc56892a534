//! Protections: one knob each, with the invariants they keep and the sentence that says so.

use super::config::*;
use super::knob::Settings;
use crate::check::PropertyId;
use crate::pattern::furniture::{Protection, protection};
use crate::sim::SimDuration;

use PropertyId::{A2, A3, A4, A5, A6, Q1, Q2, Q3, Q5, Q6};

/// The invariants of the room, in the order of the list.
pub const PROPERTIES: &[PropertyId] = &[A2, A3, A4, A5, A6, Q1, Q2, Q3, Q5, Q6];

/// All protections of the room, in the order of the form.
pub const PROTECTIONS: &[Protection<Settings>] = &[
    protection!(
        "outbox",
        "Transactional outbox",
        "publish",
        [Q1, Q2, Q3, A2],
        "An event is committed in the same transaction as its row, so no crash can part them.",
        |s| !matches!(
            s.config.publish,
            PublishMode::CommitThenPublish | PublishMode::PublishThenCommit
        ),
        |s, on| s.config.publish = if on {
            PublishMode::OutboxPolling
        } else {
            PublishMode::CommitThenPublish
        }
    ),
    protection!(flag "inbox", "Idempotent inbox", inbox, [A6, Q3],
        "The id of a handled event is stored with its effect, so a redelivery has no effect."),
    protection!(flag "version-guard", "Version guard", version_guard, [A5, Q1],
        "An event older than what the copy shows is skipped."),
    protection!(
        "key-routing",
        "Key → partition routing",
        "routing",
        [A5],
        "Events of one key share an ordered log partition, so they cannot overtake each other.",
        |s| s.config.routing == Routing::ByKey && s.config.queue == QueueKind::PartitionedLog,
        |s, on| {
            s.config.queue = QueueKind::PartitionedLog;
            s.config.routing = if on {
                Routing::ByKey
            } else {
                Routing::RoundRobin
            };
        }
    ),
    protection!(flag "retries", "Retries", retries, [Q1, Q3, Q6],
        "What was not acknowledged is sent again."),
    protection!(
        "dead-letter-queue",
        "Dead-letter queue",
        "dead_letter",
        [Q5],
        "A message that fails for the last time is parked, so that others can pass.",
        |s| s.config.dead_letter != DeadLetterMode::None,
        |s, on| s.config.dead_letter = if on {
            DeadLetterMode::PerSequence
        } else {
            DeadLetterMode::None
        }
    ),
    protection!(either "sequence-parking", "Sequence-aware dead letters", dead_letter, DeadLetterMode::PerSequence, DeadLetterMode::PerMessage,
        [A5, Q1],
        "Later events of a parked key are parked behind it, so a redrive keeps their order."),
    protection!(either "inbox-retention", "Inbox kept long enough", inbox_retention, None, Some(SimDuration::from_secs(60)),
        [A6],
        "Ids outlive every possible redelivery."),
    protection!(
        "acknowledge-after",
        "Acknowledge after the effect",
        "acknowledge",
        [Q3, Q6],
        "A crash before the effect leads to a redelivery, not to a loss.",
        |s| s.config.acknowledge != AckMode::Before,
        |s, on| s.config.acknowledge = if on { AckMode::After } else { AckMode::Before }
    ),
    protection!(either "broker-retention", "Broker keeps events long enough", retention, None, Some(SimDuration::from_secs(10)),
        [Q1, Q6],
        "The broker still has whatever a consumer asks for after an outage."),
    protection!(flag "request-key", "Idempotency key on requests", keyed_requests, [],
        "A request that is asked twice is written once."),
    protection!(flag "source-check", "Source refuses without stock", source_check, [],
        "The source checks its own stock, not a copy of it, before it sells."),
];
