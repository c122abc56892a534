//! The state machines of a saga and of its steps, as its orchestrator sees them, or as the service
//! that started it and those that take part in it do.

use super::{edge, machine};

/// A saga.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum SagaState {
    /// Not there yet.
    #[default]
    None = 1,
    /// Goes forward.
    Started,
    /// All steps are done.
    Completed,
    /// Goes back.
    Compensating,
    /// Every step that may have happened is undone.
    Compensated,
    /// Waits for a person.
    Stuck,
    /// Left as it is: nobody will complete or undo it.
    Dropped,
}

/// A step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum StepState {
    /// Not begun.
    #[default]
    Idle = 1,
    /// The command is about to be sent: in the log, or waiting for a connection.
    Scheduled,
    /// The command is sent, and the answer may come in time.
    Started,
    /// It failed this time, and will be tried again.
    Backoff,
    /// No answer in time: it may have happened or not.
    Unknown,
    /// It happened.
    Done,
    /// It did not happen (or nobody asks any more).
    Failed,
    /// Its compensation is asked for.
    Compensating,
    /// It is undone.
    Compensated,
    /// Its service knows that it is final.
    Confirmed,
    /// Neither forward nor back without a person.
    Stuck,
}

/// A service's part in a choreographed saga, as that service knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum PartState {
    /// Nothing was heard that would begin it.
    #[default]
    Idle = 1,
    /// What it waits for was heard.
    Working,
    /// Its step is done; how the saga ends is not known.
    Done,
    /// Its step will not be done.
    Refused,
    /// It has waited long enough for the end, and asks.
    Overdue,
    /// Its step is undone, or will have no effect.
    Undone,
    /// Its step is final.
    Final,
}

impl SagaState {
    /// The edge record's detail.
    pub const fn edge(self, to: SagaState) -> u32 {
        edge(machine::SAGA, self as u8, to as u8)
    }

    /// Whether nothing more will happen by itself but late messages.
    pub const fn is_over(self) -> bool {
        matches!(self, SagaState::Completed | SagaState::Compensated)
    }
}

impl PartState {
    /// The edge record's detail.
    pub const fn edge(self, to: PartState) -> u32 {
        edge(machine::PART, self as u8, to as u8)
    }
}

impl StepState {
    /// The edge record's detail.
    pub const fn edge(self, to: StepState) -> u32 {
        edge(machine::STEP, self as u8, to as u8)
    }
}

/// The transitions that a saga may make.
pub const SAGA_EDGES: &[(SagaState, SagaState)] = {
    use SagaState::{Compensated, Compensating, Completed, None, Started, Stuck};
    &[
        (None, Started),
        (Started, Completed),
        (Started, Compensating),
        (Compensating, Compensated),
        (Compensating, Stuck),
        (Stuck, Compensating),
        // A confirmation is refused after the pivot.
        (Started, Stuck),
        (Stuck, Started),
    ]
};

/// The transitions that a step may make.
pub const STEP_EDGES: &[(StepState, StepState)] = {
    use StepState::{
        Backoff, Compensated, Compensating, Confirmed, Done, Failed, Idle, Scheduled, Started,
        Stuck, Unknown,
    };
    &[
        (Idle, Scheduled),
        (Scheduled, Started),
        (Started, Done),
        (Started, Failed),
        (Started, Backoff),
        (Backoff, Scheduled),
        (Started, Unknown),
        (Unknown, Scheduled),
        // A late answer.
        (Unknown, Done),
        (Unknown, Failed),
        (Backoff, Done),
        (Backoff, Failed),
        // What a crash, or the end of patience, makes of it.
        (Scheduled, Unknown),
        (Backoff, Unknown),
        (Done, Compensating),
        (Unknown, Compensating),
        (Compensating, Compensated),
        (Compensating, Stuck),
        (Stuck, Compensating),
        (Done, Confirmed),
        (Done, Stuck),
        (Stuck, Done),
    ]
};

/// Further transitions where the orchestrator has no log: what it lets go or a crash makes it forget,
/// and what is asked for again because of that.
pub const UNLOGGED_SAGA_EDGES: &[(SagaState, SagaState)] = {
    use SagaState::{Compensated, Compensating, Completed, Dropped, None, Started};
    &[
        (Started, None),
        (Compensating, None),
        (Completed, Started),
        (Compensated, Started),
        // Nobody asks again, or nobody undoes what was done.
        (None, Dropped),
    ]
};

/// Further transitions of a step that waits for a connection instead of being written down.
pub const UNLOGGED_STEP_EDGES: &[(StepState, StepState)] = {
    use StepState::{Done, Failed, Scheduled};
    &[
        // No time is left, or the breaker is open.
        (Scheduled, Failed),
        // A late answer to an earlier attempt.
        (Scheduled, Done),
    ]
};
