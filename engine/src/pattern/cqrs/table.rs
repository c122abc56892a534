//! Rows of a read model: what they show, and how often each event counts in them. Durable.

use super::message::{Event, Shown};
use crate::store::Numbered;

/// A row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// Version shown, or events counted.
    pub version: u32,
    /// The event that was last applied.
    pub message: u32,
    /// Its position.
    pub position: u32,
    /// Whether that event deleted the row.
    pub deleted: bool,
    /// Whether nothing is left of it: no tombstone either.
    pub forgotten: bool,
}

impl Row {
    /// What a query shows.
    pub fn shown(&self) -> Shown {
        let Row {
            version, position, ..
        } = *self;
        Shown { version, position }
    }
}

/// How an event changes a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Every event counts.
    pub counts: bool,
    /// Only newer versions are taken.
    pub guard: bool,
    /// A deleted row leaves a tombstone.
    pub tombstones: bool,
}

/// The rows by key.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Numbered<Row>,
    /// How often each event counts, and its position.
    effects: Numbered<(u8, u32)>,
}

impl Table {
    /// The row of a key.
    pub fn row(&self, key: u32) -> Row {
        self.rows.get(key).copied().unwrap_or_default()
    }

    /// All rows by rising key.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, Row)> + '_ {
        self.rows.iter().map(|(key, row)| (key, *row))
    }

    /// How often an event counts.
    pub fn effects(&self, message: u32) -> u8 {
        self.effects.get(message).map_or(0, |effect| effect.0)
    }

    /// Whether an event is neither in its row nor made good by a newer one.
    pub fn lacks(&self, rule: Rule, event: Event) -> bool {
        let newer = !rule.counts && self.row(event.key).version > event.version;
        self.effects(event.message) == 0 && !newer
    }

    /// Positions of all events that count, or did, with how often.
    pub fn counted(&self) -> impl Iterator<Item = (u32, u8)> + '_ {
        let known = self.effects.iter().filter(|(_, effect)| effect.1 > 0);
        known.map(|(_, &(count, position))| (position, count))
    }

    /// Applies an event; returns how often it counts now, or `None` if the guard skips it.
    pub fn apply(&mut self, rule: Rule, event: Event, position: u32, deletes: bool) -> Option<u8> {
        let row = self.rows.at(event.key);
        // A row without a tombstone does not know what it showed.
        let guarded = rule.guard && !rule.counts && !row.forgotten;
        if guarded && row.version >= event.version {
            return None;
        }
        *row = Row {
            version: if rule.counts {
                row.version + 1
            } else {
                event.version
            },
            message: event.message,
            position: if rule.counts {
                row.position.max(position)
            } else {
                position
            },
            deleted: deletes,
            forgotten: deletes && !rule.tombstones,
        };
        let effect = self.effects.at(event.message);
        *effect = (effect.0.saturating_add(1), position);
        Some(effect.0)
    }

    /// Puts a row in the place of another; nothing takes effect.
    pub fn replace(&mut self, key: u32, row: Row) {
        *self.rows.at(key) = row;
    }

    /// Sets how often an event counts, and its key's row by as much.
    pub fn recount(&mut self, event: Event, position: u32, count: u8) {
        let before = self.effects(event.message);
        *self.effects.at(event.message) = (count, position);
        let row = self.rows.at(event.key);
        row.version = (row.version + u32::from(count)).saturating_sub(u32::from(before));
        row.message = event.message;
        row.position = row.position.max(position);
    }
}
