//! The transactional outbox: rows written in the same local transaction as the business rows.
//!
//! PENDING → SENT → CONFIRMED → PURGED; the row is the event's carrier until it is confirmed.

use super::{Sorted, machine};

/// Where a row of the outbox stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum OutboxState {
    /// Not there; the state before the first and of a purged row.
    Absent = 0,
    /// Committed, not handed to the broker yet.
    Pending,
    /// Handed to the broker, not confirmed yet.
    Sent,
    /// Confirmed by the broker.
    Confirmed,
    /// Deleted.
    Purged,
}

impl OutboxState {
    /// By how much an edge record changes the number of rows that are not purged.
    pub fn count_change(detail: u32) -> i64 {
        if detail >> 16 != u32::from(machine::OUTBOX) {
            return 0;
        }
        let (from, to) = ((detail >> 8 & 0xFF) as u8, (detail & 0xFF) as u8);
        i64::from(from == OutboxState::Absent as u8) - i64::from(to == OutboxState::Purged as u8)
    }
}

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutboxRow {
    /// Event number; the idempotency key for consumers.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Version.
    pub version: u32,
    /// Where the row stands.
    pub state: OutboxState,
}

/// The table. Rows are read in commit order.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    /// Rows by commit position.
    rows: Sorted<u64, OutboxRow>,
    next: u64,
}

impl Outbox {
    /// Inserts a PENDING row and returns its position.
    pub fn insert(&mut self, message: u32, key: u32, version: u32) -> u64 {
        let position = self.next;
        self.next += 1;
        let state = OutboxState::Pending;
        self.rows.insert(
            position,
            OutboxRow {
                message,
                key,
                version,
                state,
            },
        );
        position
    }

    /// Up to `limit` PENDING rows, oldest first.
    pub fn pending(&self, limit: usize) -> Vec<(u64, OutboxRow)> {
        let pending = self
            .rows
            .iter()
            .filter(|(_, row)| row.state == OutboxState::Pending);
        pending.take(limit).copied().collect()
    }

    /// Sets the state of the row at `position`; returns the state before, if the row exists.
    pub fn set(&mut self, position: u64, state: OutboxState) -> Option<OutboxState> {
        let row = self.rows.get_mut(position)?;
        Some(std::mem::replace(&mut row.state, state))
    }

    /// Position of the row that carries this event, if it is still there.
    pub fn position_of(&self, message: u32) -> Option<u64> {
        self.rows
            .iter()
            .find(|(_, row)| row.message == message)
            .map(|(position, _)| *position)
    }

    /// Deletes a row.
    pub fn purge(&mut self, position: u64) -> Option<OutboxRow> {
        self.rows.remove(position)
    }

    /// SENT rows become PENDING again (the relay lost count); returns them.
    pub fn reset_sent(&mut self) -> Vec<OutboxRow> {
        let sent = self
            .rows
            .values_mut()
            .filter(|row| row.state == OutboxState::Sent);
        sent.map(|row| {
            row.state = OutboxState::Pending;
            *row
        })
        .collect()
    }

    /// All rows, oldest first.
    pub fn rows(&self) -> impl Iterator<Item = &OutboxRow> {
        self.rows.iter().map(|(_, row)| row)
    }

    /// Whether nothing waits to be sent or confirmed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }
}
