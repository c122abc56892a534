//! The inbox of an idempotent consumer: ids of events already handled, kept in the same database
//! as the effect, for a limited time.

use super::Numbered;
use crate::sim::SimDuration;

/// Ids with the local clock reading (microseconds) at which they were stored.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    seen: Numbered<Option<i64>>,
    len: usize,
}

impl Inbox {
    /// Whether this id was stored and has not outlived `retention` (`None`: for ever) by the
    /// consumer's own clock. An id found expired is deleted.
    pub fn contains(&mut self, message: u32, clock: i64, retention: Option<SimDuration>) -> bool {
        let Some(stored) = self.seen.get(message).copied().flatten() else {
            return false;
        };
        let expired = retention.is_some_and(|keep| clock - stored > keep.as_micros() as i64);
        if expired {
            *self.seen.at(message) = None;
            self.len -= 1;
        }
        !expired
    }

    /// Stores an id, or renews it.
    pub fn store(&mut self, message: u32, clock: i64) {
        self.len += usize::from(self.seen.at(message).replace(clock).is_none());
    }

    /// How many ids are stored.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}
