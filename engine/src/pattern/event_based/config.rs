//! The knobs of the event-based pattern, as values. Ranges, units and sources are in [`super::knob`].

use crate::sim::{Delay, SimDuration};

/// How an event leaves the producer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PublishMode {
    /// Dual write: commit, then publish from memory. A crash between loses the event.
    CommitThenPublish,
    /// Dual write: publish, then commit. A rollback leaves a phantom.
    PublishThenCommit,
    /// Transactional outbox, read by a polling relay.
    OutboxPolling,
    /// Transactional outbox, read by tailing the database log (CDC).
    OutboxTailing,
    /// One database: the event store is the source, and the broker reads it.
    EventStore,
}

/// How consumers are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delivery {
    /// Through the broker.
    Events,
    /// By blocking calls inside the request: the "before" picture.
    BlockingCalls,
}

/// What the broker is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QueueKind {
    /// Ordered log partitions, each read by one consumer of a group.
    PartitionedLog,
    /// One queue whose messages are leased to competing consumers.
    LeasedQueue,
}

/// How events find their log partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Routing {
    /// All events of a key go to the same partition.
    ByKey,
    /// Each event goes to the next partition.
    RoundRobin,
}

/// When a consumer acknowledges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AckMode {
    /// On receipt: at most once.
    Before,
    /// After the effect: at least once.
    After,
    /// The position is stored in the same transaction as the effect.
    SameTransaction,
}

/// What happens to a delivery that fails for the last time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeadLetterMode {
    /// It is tried again for ever.
    None,
    /// It alone is parked.
    PerMessage,
    /// It is parked, and so is every later event of its key.
    PerSequence,
}

pub use crate::pattern::backoff::{Backoff, Jitter};
use crate::pattern::client::Patience;
pub use crate::pattern::settings::Hop;

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub publish: PublishMode,
    pub delivery: Delivery,
    pub relay_interval: SimDuration,
    pub relay_batch: u32,
    pub crash_before_publish: f64,
    pub rollback: f64,
    pub relay_crash: f64,
    pub max_in_flight: u32,
    pub queue: QueueKind,
    pub partitions: u32,
    pub routing: Routing,
    pub retention: Option<SimDuration>,
    pub groups: u32,
    pub consumers: u32,
    pub handler_time: Delay,
    pub handler_time_last: Option<Delay>,
    pub acknowledge: AckMode,
    pub ack_loss: f64,
    pub visibility_timeout: SimDuration,
    pub heartbeat: bool,
    pub detection_timeout: SimDuration,
    pub batch: u32,
    pub retries: bool,
    pub handler_failure: f64,
    pub poison: f64,
    pub consumer_crash: f64,
    pub immediate_retries: u32,
    pub delayed_retries: Vec<SimDuration>,
    pub retry_layers: u32,
    pub backoff: Backoff,
    pub dead_letter: DeadLetterMode,
    pub inbox: bool,
    pub inbox_retention: Option<SimDuration>,
    pub version_guard: bool,
    pub counter: bool,
    pub keyed_requests: bool,
    pub source_check: bool,
    pub patience: Patience,
    pub client_hop: Hop,
    pub publish_hop: Hop,
    pub delivery_hop: Hop,
    pub ack_hop: Hop,
    pub source_mttf: Option<SimDuration>,
    pub consumer_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
    pub consumer_clock_offset_ms: i64,
    pub consumer_clock_drift_ppm: i64,
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let secs = SimDuration::from_secs;
        Config {
            publish: PublishMode::OutboxPolling,
            delivery: Delivery::Events,
            relay_interval: SimDuration::from_millis(200),
            relay_batch: 100,
            crash_before_publish: 0.0,
            rollback: 0.0,
            relay_crash: 0.0,
            max_in_flight: 1,
            queue: QueueKind::PartitionedLog,
            partitions: 3,
            routing: Routing::ByKey,
            retention: None,
            groups: 1,
            consumers: 1,
            handler_time: Delay::exp_millis(20),
            handler_time_last: None,
            acknowledge: AckMode::After,
            ack_loss: 0.0,
            visibility_timeout: secs(30),
            heartbeat: false,
            detection_timeout: secs(10),
            batch: 1,
            retries: true,
            handler_failure: 0.0,
            poison: 0.0,
            consumer_crash: 0.0,
            immediate_retries: 5,
            delayed_retries: vec![secs(10), secs(20), secs(30)],
            retry_layers: 1,
            backoff: Backoff {
                initial: secs(1),
                factor: 2.0,
                cap: secs(100),
                jitter: Jitter::None,
            },
            dead_letter: DeadLetterMode::PerSequence,
            inbox: true,
            inbox_retention: None,
            version_guard: true,
            counter: false,
            keyed_requests: true,
            source_check: false,
            patience: Patience {
                timeout: secs(2),
                attempts: 10,
            },
            client_hop: Hop::new(Delay::millis(1)),
            publish_hop: Hop::new(Delay::millis(1)),
            delivery_hop: Hop::new(Delay::exp_millis(50)),
            ack_hop: Hop::new(Delay::millis(1)),
            source_mttf: None,
            consumer_mttf: None,
            mttr: secs(5),
            consumer_clock_offset_ms: 0,
            consumer_clock_drift_ppm: 0,
        }
    }
}
