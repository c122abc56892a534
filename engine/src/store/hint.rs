//! Hints: what a replica did not acknowledge, on its coordinator's disk.

use super::{edge, machine};

/// A hint for one replica about one write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum HintState {
    /// Not there: the replica has not failed to acknowledge.
    Absent = 0,
    /// Kept until the replica acknowledges.
    Waiting,
    /// The replica has the write.
    HandedOff,
}

impl HintState {
    /// The edge record's detail.
    pub const fn edge(from: HintState, to: HintState) -> u32 {
        edge(machine::HINT, from as u8, to as u8)
    }

    /// By how much an edge record changes the number of hints that wait.
    pub fn count_change(detail: u32) -> i64 {
        let is = |from, to| i64::from(detail == HintState::edge(from, to));
        is(HintState::Absent, HintState::Waiting) - is(HintState::Waiting, HintState::HandedOff)
    }
}
