//! Parts that services are made of, as pure values: no time of their own, no messages, no records.

pub mod breaker;
pub mod dead_letter;
pub mod hint;
pub mod inbox;
pub mod lock;
pub mod log;
pub mod merge;
pub mod numbered;
pub mod outbox;
pub mod pool;
pub mod reservation;
pub mod row_locks;
pub mod saga;
pub mod sorted;
pub mod two_phase;

pub use breaker::{Breaker, BreakerRule, BreakerState, CallEnd};
pub use dead_letter::{DeadLetterQueue, Letter};
pub use hint::HintState;
pub use inbox::Inbox;
pub use lock::Lock;
pub use log::{Entry, LogPartition};
pub use numbered::Numbered;
pub use outbox::{Outbox, OutboxRow, OutboxState};
pub use pool::Pool;
pub use reservation::{Reservations, RowState};
pub use row_locks::RowLocks;
pub use saga::{SagaState, StepState};
pub use sorted::{Sorted, pair};
pub use two_phase::{CoordinatorState, ParticipantState};

/// The detail of an [`crate::sim::Fact::Edge`]: which machine moved from which state to which.
pub const fn edge(machine: u8, from: u8, to: u8) -> u32 {
    (machine as u32) << 16 | (from as u32) << 8 | to as u32
}

/// Number of a state machine in edge records.
pub mod machine {
    /// A row of an outbox.
    pub const OUTBOX: u8 = 1;
    /// A delivery of an event to a consumer group.
    pub const DELIVERY: u8 = 2;
    /// A consumer.
    pub const CONSUMER: u8 = 3;
    /// A run of a sync job, for one pair of source and target.
    pub const RUN: u8 = 4;
    /// A scheduler.
    pub const SCHEDULER: u8 = 5;
    /// A segment of a projection.
    pub const SEGMENT: u8 = 20;
    /// A rebuild of a projection.
    pub const REBUILD: u8 = 21;
    /// A write at its coordinator.
    pub const QUORUM_WRITE: u8 = 40;
    /// A read at its coordinator.
    pub const QUORUM_READ: u8 = 41;
    /// A hint for a replica.
    pub const HINT: u8 = 42;
    /// The coordinator of a two-phase commit, for one transaction.
    pub const COORDINATOR: u8 = 31;
    /// A participant of a two-phase commit, for one transaction.
    pub const PARTICIPANT: u8 = 32;
    /// A circuit breaker of a caller, for one service.
    pub const BREAKER: u8 = 33;
    /// A row of a service's reservations, for one owner.
    pub const ROW: u8 = 50;
    /// A saga, as its orchestrator sees it.
    pub const SAGA: u8 = 51;
    /// A step of a saga, as its orchestrator sees it.
    pub const STEP: u8 = 52;
    /// A service's part in a choreographed saga, as that service knows it.
    pub const PART: u8 = 53;
}
