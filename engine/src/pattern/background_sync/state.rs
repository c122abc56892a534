//! The named state machines of this room, as edge records number them.

use crate::store::{edge, machine};

/// A run, for one pair of source and target. The record's message is the run's number in tags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum RunState {
    /// Not working.
    Idle = 1,
    /// Asks for the run lock.
    Locking,
    /// Waits for the source's snapshot.
    Snapshot,
    /// Compares what it has read, and reads the next page.
    Page,
    /// Waits until the target has applied a page.
    Apply,
    /// Writes the watermark.
    Watermark,
    /// Was due while another worked, or the lock was held.
    Skipped,
    /// Starts while another works.
    Overlapping,
    /// Was replaced by a newer one.
    Killed,
    /// Its process died.
    Crashed,
    /// Was told that its token is old.
    Fenced,
}

/// The scheduler.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum SchedulerState {
    /// Starts runs when they are due.
    Running = 1,
    /// Missed more than 100 starts and starts no more (Kubernetes).
    Stopped,
}

/// The edge record's detail for a run.
pub const fn run_edge(from: RunState, to: RunState) -> u32 {
    edge(machine::RUN, from as u8, to as u8)
}

/// Whether an edge of a run is worth a sentence: a run that does not go as it should.
pub const fn is_news(detail: u32) -> bool {
    let to = detail & 0xFF;
    detail >> 16 == machine::RUN as u32
        && (to == RunState::Skipped as u32
            || to == RunState::Overlapping as u32
            || to == RunState::Killed as u32
            || to == RunState::Fenced as u32)
}

/// The edge record's detail for the scheduler.
pub const fn scheduler_edge(from: SchedulerState, to: SchedulerState) -> u32 {
    edge(machine::SCHEDULER, from as u8, to as u8)
}
