//! What is true at the source, what each copy shows, and how far apart they are.
//!
//! Let C(w) be the instant write w commits at the source and A(w) the first instant a copy shows w
//! or a newer version. Visibility delay is A(w) − C(w); a write that is never shown stays in
//! [`Ledger::missing`] and counts as *never*, it is not dropped.

mod entry;
mod missing;

pub use entry::{CopyState, Effect, Missing, Visibility, Window, Write};

use crate::sim::{Column, Fact, NodeId, Record, RecordId, SimDuration, SimTime};
use crate::store::{Numbered, Sorted};

/// The fold.
#[derive(Clone, Debug)]
pub struct Ledger {
    copies: Vec<NodeId>,
    effect: Effect,
    now: SimTime,
    writes: Numbered<Write>,
    committed: Numbered<u32>,
    /// By key: the last write that deleted it, version and number.
    gone: Numbered<(u32, u32)>,
    /// Per copy, by key.
    shown: Vec<Numbered<CopyState>>,
    /// Per copy, by write.
    effects: Vec<Numbered<u8>>,
    missing: Vec<Vec<Missing>>,
    visibility: Column<Visibility>,
    windows: Column<Window>,
    acknowledgements: Column<(u32, SimDuration)>,
    /// Writes that a conflict rule has ever decided against: (write, copy, was it visible there).
    discards: Column<(u32, u8, bool)>,
    /// Per copy: the writes that it has decided against and not taken back.
    discarded: Vec<Sorted<u32>>,
}

impl Ledger {
    /// A ledger of these copies.
    pub fn new(copies: Vec<NodeId>, effect: Effect) -> Self {
        let missing = vec![Vec::new(); copies.len()];
        let discarded = vec![Sorted::default(); copies.len()];
        Ledger {
            copies,
            effect,
            now: SimTime::ZERO,
            writes: Numbered::default(),
            committed: Numbered::default(),
            gone: Numbered::default(),
            shown: vec![Numbered::default(); missing.len()],
            effects: vec![Numbered::default(); missing.len()],
            missing,
            visibility: Column::default(),
            windows: Column::default(),
            acknowledgements: Column::default(),
            discards: Column::default(),
            discarded,
        }
    }

    /// Takes note of a record.
    pub fn observe(&mut self, id: RecordId, record: &Record) {
        self.now = record.at;
        match record.fact {
            Fact::Requested => {
                let write = self.write_mut(record.message);
                write.key = record.key;
                write.requested_at.get_or_insert(record.at);
            }
            Fact::Acknowledged => {
                self.write_mut(record.message).acknowledged_at = Some(record.at);
                let latency = SimDuration::from_micros(u64::from(record.detail));
                self.acknowledgements.push((record.message, latency));
            }
            Fact::Written => self.commit(id, record),
            Fact::RolledBack => self.write_mut(record.message).rolled_back = true,
            Fact::Applied => self.apply(record),
            Fact::Replaced => self.replace(record),
            Fact::Abandoned => self.abandon(record),
            Fact::Merged => self.merge(record),
            // A step that is undone is decided against, whether it had happened or not.
            Fact::Discarded | Fact::Compensated => self.discard(record),
            _ => {}
        }
    }

    /// The instant of the latest record.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// How copies consume events.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The copies, in order.
    pub fn copies(&self) -> &[NodeId] {
        &self.copies
    }

    /// The index of a copy's node.
    pub fn copy_index(&self, node: NodeId) -> Option<usize> {
        self.copies.iter().position(|&copy| copy == node)
    }

    /// Number of the latest write of the workload, 0 before the first. Writes made by hand have
    /// numbers far above; [`Ledger::all_writes`] has them too.
    pub fn writes(&self) -> u32 {
        self.writes.dense_len().saturating_sub(1)
    }

    /// All writes with their numbers.
    pub fn all_writes(&self) -> impl Iterator<Item = (u32, &Write)> {
        self.writes.iter().skip(1)
    }

    /// A write by its number, from 1.
    pub fn write(&self, message: u32) -> Option<&Write> {
        self.writes.get(message).filter(|_| message > 0)
    }

    /// Largest key of the workload, 0 before the first.
    pub fn keys(&self) -> u32 {
        self.committed.dense_len().saturating_sub(1)
    }

    /// All keys that were ever written, with their committed versions.
    pub fn all_keys(&self) -> impl Iterator<Item = (u32, u32)> {
        self.committed
            .iter()
            .map(|(key, &version)| (key, version))
            .filter(|&(_, v)| v > 0)
    }

    /// Latest committed version of a key, 0 for none.
    pub fn committed(&self, key: u32) -> u32 {
        self.committed.get(key).copied().unwrap_or(0)
    }

    /// What a copy shows of a key.
    pub fn shown(&self, copy: usize, key: u32) -> CopyState {
        self.shown[copy].get(key).copied().unwrap_or_default()
    }

    /// How often a write took effect at a copy.
    pub fn effects(&self, copy: usize, message: u32) -> u32 {
        self.effects[copy]
            .get(message)
            .map_or(0, |&count| u32::from(count))
    }

    /// What a copy does not show yet, oldest commit first.
    pub fn missing(&self, copy: usize) -> &[Missing] {
        &self.missing[copy]
    }

    /// How long the copy's oldest unseen write has been committed at `at`; zero if it is current.
    pub fn staleness(&self, copy: usize, at: SimTime) -> SimDuration {
        self.missing[copy]
            .first()
            .map_or(SimDuration::ZERO, |first| at.since(first.since))
    }

    /// The same for one key.
    pub fn staleness_of(&self, copy: usize, key: u32, at: SimTime) -> SimDuration {
        let oldest = self.missing[copy].iter().find(|missing| missing.key == key);
        oldest.map_or(SimDuration::ZERO, |first| at.since(first.since))
    }

    /// How many versions of a key the copy is behind.
    pub fn versions_behind(&self, copy: usize, key: u32) -> u32 {
        self.missing[copy]
            .iter()
            .filter(|missing| missing.key == key)
            .count() as u32
    }

    /// All measured visibility delays, in the order in which copies caught up.
    pub fn visibility(&self) -> &Column<Visibility> {
        &self.visibility
    }

    /// All closed inconsistency windows, in the order in which they closed.
    pub fn windows(&self) -> &Column<Window> {
        &self.windows
    }

    /// Acknowledgement latencies, (write, client request → client answer).
    pub fn acknowledgements(&self) -> &Column<(u32, SimDuration)> {
        &self.acknowledgements
    }

    /// Every time a conflict rule decided against a write: (write, copy, was it visible there).
    pub fn discards(&self) -> &Column<(u32, u8, bool)> {
        &self.discards
    }

    /// Whether a copy has decided against a write and not taken it back.
    pub fn is_discarded(&self, copy: usize, message: u32) -> bool {
        self.discarded[copy].contains(message)
    }

    /// Whether a write is part of what a copy shows.
    pub fn includes(&self, copy: usize, message: u32) -> bool {
        let mut missing = self.missing[copy].iter();
        !missing.any(|missing| missing.message == message) && !self.is_discarded(copy, message)
    }

    fn write_mut(&mut self, message: u32) -> &mut Write {
        self.writes.at(message)
    }

    fn commit(&mut self, id: RecordId, record: &Record) {
        let Record {
            at,
            key,
            version,
            message,
            ..
        } = *record;
        let write = self.write_mut(message);
        write.key = key;
        write.version = version;
        write.committed_at = Some(at);
        // An earlier attempt may have been rolled back.
        write.rolled_back = false;
        write.written = Some(id);
        (write.deletes, write.node) = (record.detail == 1, record.node);
        let committed = self.committed.at(key);
        *committed = (*committed).max(version);
        let gone = self.gone.at(key);
        if record.detail == 1 && version > gone.0 {
            *gone = (version, message);
        }
        // A copy may already show it: an event published before its commit.
        for copy in 0..self.copies.len() {
            let seen = match self.effect {
                Effect::Register => {
                    let state = self.shown(copy, key);
                    (state.shown, state.message) == (version, message) || state.shown > version
                }
                Effect::Counter | Effect::Merge => self.effects(copy, message) > 0,
            };
            if !seen && record.detail == 1 && self.shows_nothing(copy, key) {
                // Nothing is what it should show: that is so at once.
                self.push_missing(copy, record);
                self.settle(copy, key, (version, message), at);
                self.shown[copy].at(key).implied = version;
            } else if seen {
                let delay = SimDuration::ZERO;
                let copy = copy as u8;
                self.visibility.push(Visibility {
                    message,
                    copy,
                    committed_at: at,
                    delay,
                });
            } else {
                self.push_missing(copy, record);
            }
        }
    }

    /// A copy includes a write without showing it.
    fn merge(&mut self, record: &Record) {
        let Some(copy) = self.copy_index(record.peer) else {
            return;
        };
        self.take_back(copy, record);
        self.settle(
            copy,
            record.key,
            (record.version, record.message),
            record.at,
        );
    }

    /// A write that was decided against is visible after all.
    fn take_back(&mut self, copy: usize, record: &Record) {
        let committed = self.write(record.message).and_then(|w| w.committed_at);
        let back = self.discarded[copy].remove(record.message).is_some();
        if let (Some(committed_at), true) = (committed, back) {
            self.visibility.push(Visibility {
                message: record.message,
                copy: copy as u8,
                committed_at,
                delay: record.at.since(committed_at),
            });
        }
    }

    /// A copy decided against a write: it waits for it no longer.
    fn discard(&mut self, record: &Record) {
        let Some(copy) = self.copy_index(record.peer) else {
            return;
        };
        let message = record.message;
        let waits = |missing: &Missing| missing.message == message;
        let visible = !self.missing[copy].iter().any(waits);
        self.discards.push((message, copy as u8, visible));
        self.discarded[copy].insert(message, ());
        let opened = self.missing[copy]
            .iter()
            .find(|m| waits(m))
            .map(|m| m.opened);
        self.missing[copy].retain(|missing| !waits(missing));
        let left = self.missing[copy].iter().any(|m| m.key == record.key);
        if let (Some(from), false) = (opened, left) {
            let (copy, key, to) = (copy as u8, record.key, record.at);
            self.windows.push(Window {
                copy,
                key,
                from,
                to,
            });
        }
    }

    fn apply(&mut self, record: &Record) {
        let Some(copy) = self.copy_index(record.peer) else {
            return;
        };
        let Record {
            at,
            key,
            version,
            message,
            ..
        } = *record;
        let state = self.shown[copy].at(key);
        let before = *state;
        state.message = message;
        state.effects += 1;
        state.changed_at = at;
        state.shown = match self.effect {
            Effect::Register | Effect::Merge => version,
            Effect::Counter => state.shown + 1,
        };
        self.take_back(copy, record);
        let effects = self.effects[copy].at(message);
        *effects = effects.saturating_add(1);
        match self.effect {
            Effect::Register => self.turned(copy, key, (version, message), before, at),
            _ => self.settle(copy, key, (version, message), at),
        }
    }

    /// A row was replaced: what it shows changed, though no event took effect.
    fn replace(&mut self, record: &Record) {
        let Some(copy) = self.copy_index(record.peer) else {
            return;
        };
        let (at, message) = (record.at, record.message);
        let count = record.detail as u8;
        let before = std::mem::replace(self.effects[copy].at(message), count);
        if self.effect == Effect::Register {
            let (key, version) = (record.key, record.version);
            // A row that is gone shows no event.
            let shows = (version, if version > 0 { message } else { 0 });
            let state = self.shown[copy].at(key);
            let was = *state;
            (state.shown, state.message, state.changed_at) = (version, shows.1, at);
            self.turned(copy, key, shows, was, at);
            return;
        }
        let key = self.write(message).map_or(record.key, |write| write.key);
        let state = self.shown[copy].at(key);
        state.shown = (state.shown + u32::from(count)).saturating_sub(u32::from(before));
        state.changed_at = at;
        match (before, count) {
            (0, _) => self.settle(copy, key, (0, message), at),
            (_, 0) => self.uncount(copy, message, at),
            _ => {}
        }
    }

    fn abandon(&mut self, record: &Record) {
        for copy in 0..self.copies.len() {
            if record.peer == NodeId::NONE || record.peer == self.copies[copy] {
                let lost = self.missing[copy]
                    .iter_mut()
                    .find(|m| m.message == record.message);
                if let Some(missing) = lost {
                    missing.abandoned = true;
                }
            }
        }
    }
}
