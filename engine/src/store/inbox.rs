//! The inbox of an idempotent consumer: ids of events already handled, kept in the same database
//! as the effect, for a limited time.

use crate::sim::SimDuration;
use std::collections::BTreeMap;

/// Ids with the local clock reading (microseconds) at which they were stored.
#[derive(Clone, Debug, Default)]
pub struct Inbox {
    seen: BTreeMap<u32, i64>,
}

impl Inbox {
    /// Whether this id was stored and has not outlived `retention` (`None`: for ever) by the
    /// consumer's own clock. An id found expired is deleted.
    pub fn contains(&mut self, message: u32, clock: i64, retention: Option<SimDuration>) -> bool {
        let Some(&stored) = self.seen.get(&message) else {
            return false;
        };
        let expired = retention.is_some_and(|keep| clock - stored > keep.as_micros() as i64);
        if expired {
            self.seen.remove(&message);
        }
        !expired
    }

    /// Stores an id, or renews it.
    pub fn store(&mut self, message: u32, clock: i64) {
        self.seen.insert(message, clock);
    }

    /// How many ids are stored.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}
