//! The read stores: the one that the projection writes, and the replicas that follow it.
//!
//! Changes are numbered. Whatever does not arrive is sent again after a time-out; acknowledgements
//! of changes are not modelled, only what they lead to.

use super::Setup;
use super::config::{Config, Projection};
use super::message::{Change, ChangeKind, Event, Message, Timer, World, number};
use super::table::{Row, Rule, Table};
use crate::sim::network::Lane;
use crate::sim::record::DELETES;
use crate::sim::{Channel, Fact, NodeId, SimTime, Tag, TimerKey};
use crate::store::{Numbered, Sorted};

/// A query that waits until a store has what its session's token asks for. Volatile.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// Who asked.
    pub device: NodeId,
    /// The query as it came.
    pub tag: Tag,
    /// The position it waits for.
    pub token: u32,
    /// Since when.
    pub since: SimTime,
    /// Its time-out.
    pub timeout: TimerKey,
}

/// A read store.
#[derive(Clone, Debug, Default)]
pub struct ReadStore {
    /// Its rows.
    pub table: Table,
    /// Up to which position events are in it; `None` if nothing ever came.
    pub position: Option<u32>,
    /// Changes up to this number are in it.
    pub sequence: u32,
    /// Changes that came before one that is still missing.
    early: Sorted<u32, Change>,
    /// Queries that wait.
    pub waiting: Vec<Waiting>,
}

/// All of them, and what travels from the first to the others.
#[derive(Clone, Debug)]
pub struct ReadSide {
    /// By index: 0 is the store that the projection writes.
    pub stores: Vec<ReadStore>,
    changes: Numbered<Change>,
    last: u32,
    /// By index; the first has none.
    cursors: Vec<Cursor>,
}

/// How far a follower was served.
#[derive(Clone, Debug, Default)]
struct Cursor {
    /// The change that was sent last.
    sent: u32,
    /// Whether a time-out runs, after which what is missing is sent again.
    paused: bool,
    /// How often something about an event was sent: a row that is replaced is about an old one.
    times: Numbered<u16>,
}

/// How events change rows here.
pub fn rule(config: &Config) -> Rule {
    Rule {
        counts: config.projection == Projection::Counter,
        guard: config.version_guard,
        tombstones: config.tombstones,
    }
}

impl ReadSide {
    /// Empty stores.
    pub fn new(copies: u8) -> Self {
        ReadSide {
            stores: vec![ReadStore::default(); copies as usize],
            changes: Numbered::default(),
            last: 0,
            cursors: vec![Cursor::default(); copies as usize],
        }
    }

    /// The store that the projection writes.
    pub fn first(&self) -> &ReadStore {
        &self.stores[0]
    }

    /// An event takes effect in the first store, or is skipped there. Returns whether it did.
    pub fn apply(
        &mut self,
        setup: &Setup,
        by: NodeId,
        (event, position, deletes): (Event, u32, bool),
        cx: &mut World,
    ) -> bool {
        let rule = rule(&setup.settings.config);
        let copy = setup.layout.copy(0);
        let applied = self.stores[0].table.apply(rule, event, position, deletes);
        let Some(count) = applied else {
            self.skip(setup, by, (event, position), 1, cx);
            return false;
        };
        let detail = effect(count, deletes && !rule.counts);
        cx.record(Fact::Applied, by, copy, event.about(), detail);
        self.log(event, (position, deletes), ChangeKind::Apply);
        true
    }

    /// An event is done with and changes no row; replicas, which count positions too, are told.
    pub fn skip(
        &mut self,
        setup: &Setup,
        by: NodeId,
        (event, position): (Event, u32),
        why: u8,
        cx: &mut World,
    ) {
        let copy = setup.layout.copy(0);
        cx.record(Fact::Skipped, by, copy, event.about(), u32::from(why));
        self.log(event, (position, false), ChangeKind::Skip(why));
    }

    /// A row of the first store is replaced by one that `event` made; it counts `count` times in it.
    pub fn replace(
        &mut self,
        setup: &Setup,
        by: NodeId,
        (event, position, deletes): (Event, u32, bool),
        count: u8,
        cx: &mut World,
    ) {
        let copy = setup.layout.copy(0);
        cx.record(Fact::Replaced, by, copy, event.about(), u32::from(count));
        self.log(event, (position, deletes), ChangeKind::Replace(count));
    }

    fn log(&mut self, event: Event, (event_position, deletes): (u32, bool), kind: ChangeKind) {
        self.last += 1;
        *self.changes.at(self.last) = Change {
            sequence: self.last,
            position: 0,
            event,
            event_position,
            deletes,
            kind,
        };
    }

    /// The first store now has every event up to `position`: replicas are told, waiting queries
    /// looked at.
    pub fn moved(&mut self, setup: &Setup, position: u32, about: Event, cx: &mut World) {
        let before = self.stores[0].position;
        self.stores[0].position = Some(before.map_or(position, |old| old.max(position)));
        let unsent = self.last > self.stores[0].sequence;
        if before != self.stores[0].position && !unsent {
            self.log(about, (0, false), ChangeKind::Position);
        }
        let from = self.stores[0].sequence + 1;
        for sequence in from..=self.last {
            // Only with the last change of a transaction a follower has all of it.
            let position = match sequence == self.last {
                true => self.stores[0].position,
                false => before,
            };
            self.changes.at(sequence).position = position.unwrap_or(0);
        }
        self.stores[0].sequence = self.last;
        for follower in 1..self.stores.len() as u8 {
            self.ship(setup, follower, cx);
        }
    }

    /// Sends a follower what it was not sent yet.
    pub fn ship(&mut self, setup: &Setup, follower: u8, cx: &mut World) {
        let (from, to) = (setup.layout.copy(0), setup.layout.copy(follower));
        let cursor = &mut self.cursors[follower as usize];
        if cursor.paused || !cx.is_up(from) || !cx.is_up(to) {
            return;
        }
        let first = cursor.sent + 1;
        cursor.sent = self.stores[0].sequence;
        for sequence in first..=cursor.sent {
            let change = *self.changes.at(sequence);
            let mut about = change.event;
            if about.message == 0 {
                about.message = number::moved(sequence);
            }
            let times = cursor.times.at(about.message);
            let tag = about.tag(Channel::Replicate, follower, *times);
            *times = times.wrapping_add(1);
            cx.send(from, to, Lane::Setting, tag, Message::Change(change));
        }
    }

    /// A change did not arrive: after a time-out it is sent again, with all that came after it.
    pub fn lost(&mut self, setup: &Setup, follower: u8, sequence: u32, cx: &mut World) {
        let cursor = &mut self.cursors[follower as usize];
        cursor.sent = cursor.sent.min(sequence - 1);
        let first = setup.layout.copy(0);
        if !cursor.paused && cx.is_up(first) {
            cursor.paused = true;
            let wait = setup.settings.config.fetch_timeout;
            cx.timer(first, wait, Timer::ShipAgain(follower));
        }
    }

    /// The time-out is over.
    pub fn ship_again(&mut self, setup: &Setup, follower: u8, cx: &mut World) {
        self.cursors[follower as usize].paused = false;
        self.ship(setup, follower, cx);
    }

    /// A store is back: the first goes on sending, a follower asks for what it lacks.
    pub fn restarted(&mut self, setup: &Setup, index: u8, cx: &mut World) {
        for follower in 1..self.stores.len() as u8 {
            let cursor = &mut self.cursors[follower as usize];
            if index == 0 {
                cursor.paused = false;
            }
            if index == 0 || index == follower {
                cursor.sent = self.stores[follower as usize].sequence;
                self.ship(setup, follower, cx);
            }
        }
    }

    /// A store lost its memory: who waited waits in vain, what came early comes again.
    pub fn crashed(&mut self, index: u8) {
        let store = &mut self.stores[index as usize];
        store.waiting.clear();
        store.early.clear();
    }

    /// A change arrived at a follower.
    pub fn receive(&mut self, setup: &Setup, index: u8, change: Change, cx: &mut World) {
        let config = &setup.settings.config;
        let store = &mut self.stores[index as usize];
        let known = change.sequence <= store.sequence || store.early.contains(change.sequence);
        if known {
            return;
        }
        store.early.insert(change.sequence, change);
        if !config.replica_in_order {
            store.take(setup, index, change, cx);
        }
        while let Some(next) = store.early.remove(store.sequence + 1) {
            if config.replica_in_order {
                store.take(setup, index, next, cx);
            }
            store.sequence += 1;
            store.position = Some(store.position.unwrap_or(0).max(next.position));
        }
    }
}

/// The detail of an effect that counts this often now.
fn effect(count: u8, gone: bool) -> u32 {
    u32::from(count) | if gone { DELETES } else { 0 }
}

impl ReadStore {
    /// A change takes effect at a follower.
    fn take(&mut self, setup: &Setup, index: u8, change: Change, cx: &mut World) {
        let node = setup.layout.copy(index);
        let Change {
            event,
            event_position,
            deletes,
            kind,
            ..
        } = change;
        let about = event.about();
        let rule = rule(&setup.settings.config);
        match kind {
            ChangeKind::Position => {}
            ChangeKind::Skip(why) => {
                cx.record(Fact::Skipped, node, node, about, u32::from(why));
            }
            ChangeKind::Apply => {
                match self.table.apply(rule, event, event_position, deletes) {
                    Some(count) => {
                        let detail = effect(count, deletes && !rule.counts);
                        cx.record(Fact::Applied, node, node, about, detail)
                    }
                    None => cx.record(Fact::Skipped, node, node, about, 1),
                };
            }
            ChangeKind::Replace(count) => {
                if rule.counts {
                    self.table.recount(event, event_position, count);
                } else {
                    let row = Row {
                        version: event.version,
                        message: event.message,
                        position: event_position,
                        deleted: deletes,
                        forgotten: deletes && !rule.tombstones,
                    };
                    self.table.replace(event.key, row);
                }
                cx.record(Fact::Replaced, node, node, about, u32::from(count));
            }
        }
    }
}
