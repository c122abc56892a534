//! The named state machines of this room, as edge records number them.

use crate::store::{edge, machine};

/// A write at its coordinator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum WriteState {
    /// Sent; fewer than W acknowledgements.
    Gathering = 1,
    /// W acknowledgements: committed, the rest is on its way.
    Committed,
    /// Every replica it was sent to has acknowledged.
    Replicated,
    /// Committed, but some replica did not acknowledge in time.
    Short,
    /// Fewer than W acknowledgements in time: refused.
    Refused,
    /// The coordinator died and forgot it.
    Forgotten,
}

/// A read at its coordinator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ReadState {
    /// Asked; fewer than R answers.
    Gathering = 1,
    /// The R answers differ; those behind are being mended before anyone is told.
    Repairing,
    /// Answered.
    Answered,
    /// Fewer than R answers in time: refused.
    Refused,
    /// The coordinator died and forgot it.
    Forgotten,
}

/// The edge record's detail for a write.
pub const fn write_edge(from: WriteState, to: WriteState) -> u32 {
    edge(machine::QUORUM_WRITE, from as u8, to as u8)
}

/// The edge record's detail for a read.
pub const fn read_edge(from: ReadState, to: ReadState) -> u32 {
    edge(machine::QUORUM_READ, from as u8, to as u8)
}

/// Whether an edge is worth a sentence: what does not go as it should, and what mends it.
pub const fn is_news(detail: u32) -> bool {
    let (machine, to) = ((detail >> 16) as u8, detail & 0xFF);
    machine == machine::HINT
        || machine == machine::QUORUM_READ && to == ReadState::Repairing as u32
        || machine == machine::QUORUM_WRITE
            && (to == WriteState::Short as u32 || to == WriteState::Forgotten as u32)
}
