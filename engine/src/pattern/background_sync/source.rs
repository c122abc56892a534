//! A database as the place where clients write and runs read: transactions, stamps, snapshots.

use super::carrier::OpenWrite;
use super::config::{Config, Deletes};
use super::database::{Database, page};
use super::message::node::{CLIENT, JOB};
use super::message::{Mark, Message, Part, Row, Timer, World, about};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, NodeId, Site, Tag};
use crate::store::{Numbered, Sorted, pair};
use std::rc::Rc;

/// A transaction between its stamp and its commit.
#[derive(Clone, Copy, Debug)]
struct Open {
    key: u32,
    stamp: i64,
    id: u32,
    request: Tag,
}

/// What a transaction is about to commit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Number of the write.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// The writer's clock.
    pub stamp: i64,
    /// Reserved when the transaction began, for a row that was not there.
    pub id: u32,
    /// Whether it deletes.
    pub deletes: bool,
    /// The request it answers.
    pub request: Tag,
}

/// The writing and reading side of one database.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// Its tables.
    pub database: Database,
    /// Requests that were committed, durable.
    known: Numbered<bool>,
    open: Sorted<u32, Open>,
    /// What runs read, by run and leg: a snapshot as long as its cursor is open.
    cursors: Sorted<u64, Rc<Vec<(Mark, Row)>>>,
    /// The newest token that asked, durable.
    token: u32,
}

impl Source {
    /// Whether a transaction on this key, or any at all, is open.
    pub fn is_open(&self, key: Option<u32>) -> bool {
        let mut open = self.open.iter();
        open.any(|(_, open)| key.is_none_or(|key| open.key == key))
    }

    /// A request arrived: a transaction begins. Returns the write if it commits at once.
    pub fn request(
        &mut self,
        config: &Config,
        node: NodeId,
        tag: Tag,
        cx: &mut World,
    ) -> Option<Commit> {
        let (message, key) = (tag.message, tag.key);
        if self.known.get(message).copied().unwrap_or(false) {
            reply(node, tag, cx);
            return None;
        }
        if self.open.contains(message) {
            return None;
        }
        let live = self.database.visible(key).is_some_and(|row| !row.deleted);
        let id = if live {
            0
        } else {
            self.database.reserve_id(key)
        };
        let open = Open {
            key,
            stamp: stamp(config, node, tag, cx),
            id,
            request: tag,
        };
        self.open.insert(message, open);
        let at = Address::of(Site::TransactionTime, u64::from(message));
        let length = cx.sample(at.attempt(u32::from(tag.attempt)), &config.transaction);
        if length.as_micros() == 0 {
            return self.committing(config, message, cx);
        }
        cx.timer(node, length, Timer::Commit(message));
        None
    }

    /// A transaction's time has come.
    pub fn committing(&mut self, config: &Config, message: u32, cx: &mut World) -> Option<Commit> {
        let open = self.open.remove(message)?;
        *self.known.at(message) = true;
        let key = open.key;
        let live = self.database.visible(key).filter(|row| !row.deleted);
        let at = Address::of(Site::Delete, u64::from(message));
        let deletes = live.is_some() && cx.chance(at, config.delete_fraction);
        let id = match live {
            Some(row) => row.id,
            None if open.id == 0 => self.database.reserve_id(key),
            None => open.id,
        };
        Some(Commit {
            message,
            key,
            stamp: open.stamp,
            id,
            deletes,
            request: open.request,
        })
    }

    /// A run asks for its next page; it is refused if its token is old.
    #[expect(clippy::too_many_arguments, reason = "one message, spelt out")]
    pub fn ask(
        &mut self,
        config: &Config,
        node: NodeId,
        tag: Tag,
        part: Part,
        mark: Mark,
        hashes: Option<&[u64]>,
        cx: &mut World,
    ) {
        if config.fencing && !admits(&mut self.token, part) {
            let refusal = Message::Applied {
                part,
                effects: 0,
                refused: true,
            };
            let back = Tag {
                channel: Channel::BatchAck,
                ..tag
            };
            cx.record(crate::sim::Fact::Refused, node, JOB, tag, 2);
            cx.send(node, JOB, Lane::Setting, back, refusal);
            return;
        }
        let cursor = pair(part.run, u32::from(part.leg));
        if !self.cursors.contains(cursor) {
            let selected = self.database.select(config, mark, hashes);
            self.cursors.insert(cursor, Rc::new(selected));
        }
        let all = Rc::clone(self.cursors.at(cursor));
        let (rows, next, more) = page(config, &all, mark);
        if !more {
            self.cursors.remove(cursor);
        }
        let content = Message::Page {
            part,
            rows: Rc::new(rows),
            more,
            mark: next,
        };
        let back = Tag {
            channel: Channel::Page,
            ..tag
        };
        cx.send(node, JOB, Lane::Setting, back, content);
    }

    /// Whether a run has selected this write, to read it page by page.
    pub fn has_selected(&self, run: u32, leg: u8, message: u32, write: &OpenWrite) -> bool {
        let selected = self.cursors.get(pair(run, u32::from(leg)));
        selected.is_some_and(|all| all.iter().any(|(_, row)| row.brings(message, write)))
    }

    /// A tombstone was stored: it will be purged by this database's own clock.
    pub fn plan_purge(&self, config: &Config, node: NodeId, row: &Row, cx: &mut World) {
        let Some(keep) = config.tombstone_ttl.filter(|_| row.deleted) else {
            return;
        };
        if config.deletes == Deletes::Soft && !cx.is_draining() {
            cx.timer(node, keep, Timer::Purge(row.key, row.version));
        }
    }

    /// The database is down: transactions roll back, cursors close.
    pub fn crashed(&mut self) {
        self.open.clear();
        self.cursors.clear();
    }

    /// The database is back: its tombstones go on ageing.
    pub fn restarted(&self, config: &Config, node: NodeId, cx: &mut World) {
        let tombstones: Vec<Row> = self
            .database
            .rows()
            .filter(|row| row.deleted && !row.gone)
            .cloned()
            .collect();
        for row in tombstones {
            self.plan_purge(config, node, &row, cx);
        }
    }
}

/// Tells the client that its write is done.
pub fn reply(node: NodeId, request: Tag, cx: &mut World) {
    let tag = Tag {
        channel: Channel::Reply,
        attempt: request.attempt,
        ..about(request.message, request.key, 0)
    };
    cx.send(node, CLIENT, Lane::Setting, tag, Message::Reply);
}

/// Whether a token is not older than the newest one seen; remembers it.
pub fn admits(newest: &mut u32, part: Part) -> bool {
    let admitted = part.run >= *newest;
    *newest = (*newest).max(part.run);
    admitted
}

/// `updated_at`: the writer's clock, in whole units of the column's resolution. Either that of
/// the database's writers, or that of those who have a right one.
fn stamp(config: &Config, node: NodeId, request: Tag, cx: &mut World) -> i64 {
    let at = Address::of(Site::WriterClock, u64::from(request.message));
    let at = at.attempt(u32::from(request.attempt));
    let wrong = config.clock_share >= 1.0 || cx.chance(at, config.clock_share);
    let clock = if wrong {
        cx.local_clock(node)
    } else {
        cx.now().as_micros() as i64
    };
    truncated(config, clock)
}

/// A clock reading as a column of this resolution keeps it.
pub fn truncated(config: &Config, clock: i64) -> i64 {
    let unit = config.stamp_resolution.as_micros().max(1) as i64;
    clock.div_euclid(unit) * unit
}
