//! The journal: the latest records of a run, in fixed chunks.

use super::record::{Record, RecordId};
use std::collections::VecDeque;

const CHUNK: usize = 1 << 14;

/// How many of the latest records a journal keeps at least (design, decision 4).
pub const WINDOW: usize = 200_000;

/// A window over the latest records. Chunks are reused, so memory stops growing with the run.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    chunks: VecDeque<Vec<Record>>,
    /// Number of the first record still kept.
    first: u32,
    len: usize,
}

impl Journal {
    /// Appends the next record; drops the oldest chunk once the window is full without it.
    #[inline]
    pub fn push(&mut self, record: Record) {
        match self.chunks.back_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(record),
            _ => self.push_into_new_chunk(record),
        }
        self.len += 1;
    }

    #[cold]
    fn push_into_new_chunk(&mut self, record: Record) {
        let mut chunk = if self.len >= WINDOW + CHUNK {
            self.first += CHUNK as u32;
            self.len -= CHUNK;
            self.chunks.pop_front().unwrap_or_default()
        } else {
            Vec::with_capacity(CHUNK)
        };
        chunk.clear();
        chunk.push(record);
        self.chunks.push_back(chunk);
    }

    /// Number of the first record still kept; 0 until something was dropped.
    pub fn first(&self) -> RecordId {
        RecordId(self.first)
    }

    /// How many records are kept.
    pub fn len(&self) -> usize {
        self.len
    }

    /// How many records its chunks have room for.
    pub fn capacity(&self) -> usize {
        self.chunks.iter().map(Vec::capacity).sum()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The record with this number, if it is still kept.
    pub fn get(&self, id: RecordId) -> Option<&Record> {
        let offset = id.0.checked_sub(self.first)? as usize;
        self.chunks.get(offset / CHUNK)?.get(offset % CHUNK)
    }

    /// Kept records from number `from` on, with their numbers.
    pub fn iter_from(&self, from: RecordId) -> impl Iterator<Item = (RecordId, &Record)> {
        let start = from.0.max(self.first);
        let end = self.first + self.len as u32;
        (start..end).filter_map(|id| self.get(RecordId(id)).map(|record| (RecordId(id), record)))
    }

    /// Number of the first kept record at or after `at`, by binary search.
    pub fn first_at(&self, at: super::SimTime) -> RecordId {
        let (mut low, mut high) = (self.first, self.first + self.len as u32);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(RecordId(middle)) {
                Some(record) if record.at < at => low = middle + 1,
                _ => high = middle,
            }
        }
        RecordId(low)
    }

    /// Forgets all records; the next one pushed has number `next`.
    pub fn restart(&mut self, next: RecordId) {
        self.chunks.clear();
        self.first = next.0;
        self.len = 0;
    }
}
