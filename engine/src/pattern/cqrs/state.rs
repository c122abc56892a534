//! The named state machines of this room, as edge records number them.

use crate::store::{edge, machine};

/// A segment of the projection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum SegmentState {
    /// Never started.
    Stopped = 1,
    /// Works through what was there before.
    CatchingUp,
    /// At the head.
    Live,
    /// Down.
    Crashed,
    /// Stopped at an event it cannot handle.
    Halted,
}

/// A rebuild.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum RebuildState {
    /// None yet.
    None = 1,
    /// A new table is filled from the first event on.
    Rebuilding,
    /// The new table answers.
    Swapped,
}

/// A position of the event store.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub enum PositionState {
    /// Not given out.
    #[default]
    Free = 1,
    /// Reserved by an open transaction.
    Reserved,
    /// Committed.
    Committed,
    /// Rolled back: there will never be an event.
    Vacant,
}

/// The edge record's detail for a segment; the record's version is the segment's number, from 1.
pub const fn segment_edge(from: SegmentState, to: SegmentState) -> u32 {
    edge(machine::SEGMENT, from as u8, to as u8)
}

/// The edge record's detail for a rebuild.
pub const fn rebuild_edge(from: RebuildState, to: RebuildState) -> u32 {
    edge(machine::REBUILD, from as u8, to as u8)
}
