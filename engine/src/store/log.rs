//! A log partition: an append-only sequence of entries with offsets that rise by one.

use crate::sim::SimTime;

/// One event as the broker keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Event number.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Version.
    pub version: u32,
    /// When it was appended.
    pub appended_at: SimTime,
}

/// Entries by offset.
#[derive(Clone, Debug, Default)]
pub struct LogPartition {
    entries: Vec<Entry>,
    /// Offset of the first entry still in memory; what lies below is acknowledged by everyone.
    first: u32,
}

impl LogPartition {
    /// Appends an entry and returns its offset.
    pub fn append(&mut self, entry: Entry) -> u32 {
        self.entries.push(entry);
        self.end() - 1
    }

    /// The offset after the last.
    pub fn end(&self) -> u32 {
        self.first + self.entries.len() as u32
    }

    /// The entry at an offset.
    pub fn get(&self, offset: u32) -> Option<&Entry> {
        self.entries.get(offset.checked_sub(self.first)? as usize)
    }

    /// Forgets entries below `offset`, which nobody will ask for again. Only saves memory.
    pub fn forget_below(&mut self, offset: u32) {
        let done = offset.saturating_sub(self.first) as usize;
        // In blocks, so that the move of the rest costs nothing per entry.
        if done >= 1024 {
            self.entries.drain(..done);
            self.first = offset;
        }
    }
}
