//! The two state machines of a two-phase commit (Gray 1978; presumed abort: Mohan and others 1986),
//! as edge records number them.

use super::{edge, machine};

/// The coordinator, for one transaction. What it has not logged it forgets in a crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum CoordinatorState {
    /// It has just been asked.
    Init = 1,
    /// It waits for votes; nothing is logged.
    Preparing,
    /// The commit point: the decision is in its log.
    CommitLogged,
    /// It decided against it.
    AbortLogged,
    /// Nobody needs to be told any more.
    Done,
}

/// A participant, for one transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ParticipantState {
    /// It knows of no such transaction.
    Absent = 0,
    /// It waits for a lock or does its work; it may still give up by itself.
    Working,
    /// It has voted yes: its vote is durable, its locks are held, and it may not decide alone.
    Prepared,
    /// It has the change.
    Committed,
    /// It has undone the change.
    Aborted,
}

/// The edge record's detail for a coordinator.
pub const fn coordinator_edge(from: CoordinatorState, to: CoordinatorState) -> u32 {
    edge(machine::COORDINATOR, from as u8, to as u8)
}

/// The edge record's detail for a participant.
pub const fn participant_edge(from: ParticipantState, to: ParticipantState) -> u32 {
    edge(machine::PARTICIPANT, from as u8, to as u8)
}

/// The two states between which an edge record says that a participant moved.
pub fn participant_move(detail: u32) -> Option<(ParticipantState, ParticipantState)> {
    let state = |number: u32| {
        use ParticipantState::{Aborted, Absent, Committed, Prepared, Working};
        let all = [Absent, Working, Prepared, Committed, Aborted];
        all.get((number & 0xFF) as usize).copied()
    };
    let own = detail >> 16 == u32::from(machine::PARTICIPANT);
    Some((state(detail >> 8)?, state(detail)?)).filter(|_| own)
}

/// Whether an edge record says of a participant what no other record says: that it has voted yes, or
/// that a vote came to nothing. Its effects speak for themselves.
pub fn is_news(detail: u32) -> bool {
    use ParticipantState::{Aborted, Absent, Prepared};
    let moved = participant_move(detail);
    moved.is_some_and(|(from, to)| {
        to == Prepared || from == Prepared && matches!(to, Aborted | Absent)
    })
}

/// By how much an edge record changes the number of prepared transactions.
pub fn locks_change(detail: u32) -> i64 {
    let prepared = |state| i64::from(state == ParticipantState::Prepared);
    participant_move(detail).map_or(0, |(from, to)| prepared(to) - prepared(from))
}
