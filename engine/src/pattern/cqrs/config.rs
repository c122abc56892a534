//! The knobs of the CQRS pattern, as values. Ranges, units and sources are in [`super::knob`].

use crate::sim::{Delay, SimDuration};

/// How far the read side is from the write side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// A projection follows the event store.
    Projected,
    /// The projection runs inside the write transaction: no lag, slower writes.
    Inline,
    /// One store with two models: no lag.
    SameStore,
}

/// What makes the projection look at the event store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// The event store tells it of each event.
    Push,
    /// It asks at fixed intervals.
    Poll,
}

/// What the projection makes of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Projection {
    /// The last event of a key wins.
    LastValue,
    /// Every event counts.
    Counter,
    /// A row joins an odd key with the even one after it; a handler reads the row, and writes it whole.
    Join,
}

/// How events find their segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Routing {
    /// All events of a row go to the same segment.
    ByKey,
    /// Each event goes to the next segment.
    RoundRobin,
}

/// When the checkpoint is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Checkpoint {
    /// In the transaction that applies the events.
    SameTransaction,
    /// By itself, after every N events.
    EveryN,
    /// By itself, at fixed intervals.
    Async,
}

/// Which is first, if the checkpoint is stored by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Apply, then checkpoint: a crash between repeats.
    ApplyFirst,
    /// Checkpoint, then apply: a crash between loses.
    CheckpointFirst,
}

/// What happens at a position that is reserved but not committed yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gaps {
    /// The projection waits until it is committed or rolled back.
    Wait,
    /// It reads past it.
    Ignore,
    /// It waits, but not for ever.
    WaitAtMost,
}

/// What happens to an event that cannot be handled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OnPoison {
    /// The segment stops until someone mends it.
    Halt,
    /// It is left out.
    Skip,
}

/// How a rebuilt table takes the place of the old one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Swap {
    /// At the head, together with its own position.
    AtHead,
    /// When it has what was there at its start; the position stays the old one's.
    Early,
    /// At the head, after live events went into it too.
    Overlap,
}

/// How queries are answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consistency {
    /// Whatever the replica shows.
    Eventual,
    /// The replica waits until it has what the session's token asks for.
    WaitForVersion,
    /// From the write side, for some time after an own write.
    StickyPrimary,
    /// From the write side, always.
    ReadPrimary,
    /// Whatever the replica shows, but never older than the device's own writes.
    Echo,
}

/// What happens when the wait for a version takes too long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    /// The write side is asked.
    Primary,
    /// The replica answers as it is.
    Stale,
    /// The query fails.
    Fail,
}

/// When a session stops to read from the write side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Release {
    /// After a fixed time.
    AfterTime,
    /// As soon as one replica has caught up.
    OneCaughtUp,
    /// When all replicas have caught up, however long that takes.
    AllCaughtUp,
}

/// Which replica answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replica {
    /// Any, each time.
    Random,
    /// The same for a user, until it does not answer.
    StickyUser,
}

/// Whose something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Each device has its own.
    Device,
    /// All devices of a user share it.
    User,
}

pub use crate::pattern::settings::Hop;

/// Every knob of the pattern.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    missing_docs,
    reason = "each field is one row of the knob table, which documents it"
)]
pub struct Config {
    pub form: Form,
    pub expected_version: bool,
    pub source_check: bool,
    pub commit_delay: Delay,
    pub conflict_retries: u32,
    pub gaps: Gaps,
    pub gap_wait: SimDuration,
    pub trigger: Trigger,
    pub poll_interval: SimDuration,
    pub page: u32,
    pub projection: Projection,
    pub handler_time: Delay,
    pub batch: u32,
    pub segments: u32,
    pub routing: Routing,
    pub version_guard: bool,
    pub tombstones: bool,
    pub checkpoint: Checkpoint,
    pub checkpoint_every: u32,
    pub checkpoint_interval: SimDuration,
    pub checkpoint_order: Order,
    pub projector_crash: f64,
    pub poison: f64,
    pub on_poison: OnPoison,
    pub projection_start: SimDuration,
    pub rebuild_at: Option<SimDuration>,
    pub rebuild_speed: u32,
    pub swap: Swap,
    pub replicas: u32,
    pub replica_in_order: bool,
    pub consistency: Consistency,
    pub wait_timeout: SimDuration,
    pub fallback: Fallback,
    pub waits_unstarted: bool,
    pub sticky_for: SimDuration,
    pub release: Release,
    pub replica_choice: Replica,
    pub session: Scope,
    pub token: Scope,
    pub asks_ryw: bool,
    pub asks_mr: bool,
    pub asks_mw: bool,
    pub asks_wfr: bool,
    pub ordered_writes: bool,
    pub causal_writes: bool,
    pub users: u32,
    pub devices: u32,
    pub read_back: Option<Delay>,
    pub second_read: Option<Delay>,
    pub other_device: f64,
    pub read_first: bool,
    pub decision_time: Delay,
    pub submits_again: bool,
    pub deletes: f64,
    pub request_timeout: SimDuration,
    pub request_attempts: u32,
    pub query_timeout: SimDuration,
    pub query_attempts: u32,
    pub client_hop: Hop,
    pub delivery_hop: Hop,
    pub fetch_delay: Delay,
    pub fetch_timeout: SimDuration,
    pub replica_hop: Hop,
    pub source_mttf: Option<SimDuration>,
    pub store_mttf: Option<SimDuration>,
    pub projector_mttf: Option<SimDuration>,
    pub replica_mttf: Option<SimDuration>,
    pub mttr: SimDuration,
}

impl Default for Config {
    /// The defaults of the reference sheet.
    fn default() -> Self {
        let secs = SimDuration::from_secs;
        Config {
            form: Form::Projected,
            expected_version: true,
            source_check: true,
            commit_delay: Delay::ZERO,
            conflict_retries: 3,
            gaps: Gaps::Wait,
            gap_wait: secs(3),
            trigger: Trigger::Push,
            poll_interval: SimDuration::from_millis(100),
            page: 100,
            projection: Projection::LastValue,
            handler_time: Delay::exp_millis(5),
            batch: 1,
            segments: 1,
            routing: Routing::ByKey,
            version_guard: true,
            tombstones: true,
            checkpoint: Checkpoint::SameTransaction,
            checkpoint_every: 10,
            checkpoint_interval: secs(1),
            checkpoint_order: Order::ApplyFirst,
            projector_crash: 0.0,
            poison: 0.0,
            on_poison: OnPoison::Halt,
            projection_start: SimDuration::ZERO,
            rebuild_at: None,
            rebuild_speed: 10,
            swap: Swap::AtHead,
            replicas: 1,
            replica_in_order: true,
            consistency: Consistency::Eventual,
            wait_timeout: SimDuration::from_millis(20),
            fallback: Fallback::Primary,
            waits_unstarted: true,
            sticky_for: secs(30),
            release: Release::AfterTime,
            replica_choice: Replica::Random,
            session: Scope::Device,
            token: Scope::Device,
            asks_ryw: true,
            asks_mr: true,
            asks_mw: true,
            asks_wfr: true,
            ordered_writes: true,
            causal_writes: true,
            users: 2,
            devices: 1,
            read_back: None,
            second_read: None,
            other_device: 0.0,
            read_first: false,
            decision_time: Delay::ZERO,
            submits_again: false,
            deletes: 0.0,
            request_timeout: secs(2),
            request_attempts: 10,
            query_timeout: secs(2),
            query_attempts: 3,
            client_hop: Hop::new(Delay::millis(1)),
            delivery_hop: Hop::new(Delay::exp_millis(50)),
            fetch_delay: Delay::millis(1),
            fetch_timeout: secs(1),
            replica_hop: Hop::new(Delay::exp_millis(100)),
            source_mttf: None,
            store_mttf: None,
            projector_mttf: None,
            replica_mttf: None,
            mttr: secs(5),
        }
    }
}
