//! What travels between the nodes of the quorum pattern, and what they wait for.

use crate::pattern::client::{ClientMessage, client_timer};
pub use crate::pattern::event::Event;
pub use crate::pattern::number;
use crate::sim::{Channel, Context, Tag};
use std::rc::Rc;

/// The world of this room.
pub type World = Context<Message, Timer>;

/// A version of a key as replicas keep it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// The write that made it, and its version in the order in which coordinators took writes.
    pub event: Event,
    /// When its coordinator took it, by that coordinator's own clock, microseconds.
    pub clock: i64,
}

impl Row {
    /// What decides which of two versions is newer: the last writer wins. Equal clocks: the one
    /// taken later.
    pub fn stamp(&self) -> (i64, u32) {
        (self.clock, self.event.version)
    }

    /// Whether it is there at all.
    pub fn exists(&self) -> bool {
        self.event.message > 0
    }

    /// Whether it is newer than `other`, by stamp; anything is newer than nothing.
    pub fn beats(&self, other: &Row) -> bool {
        self.exists() && (!other.exists() || self.stamp() > other.stamp())
    }
}

/// What a read shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Version, 0 for nothing.
    pub version: u32,
    /// How many newer versions were committed when the read began: the truth of the run, for the
    /// records; no service looks at it.
    pub behind: u32,
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Message {
    /// Client to coordinator: write this.
    Request,
    /// Coordinator to client: whether W replicas have it.
    Reply(bool),
    /// Coordinator to replica (W): keep this if it is newer than what you have.
    Store(Row),
    /// Replica to coordinator (A): done.
    Stored,
    /// Client to coordinator: what is the value?
    Query,
    /// Coordinator to client: this, or too few answered.
    Answer(Option<Shown>),
    /// Coordinator to replica (R): what do you have?
    Fetch,
    /// Replica to coordinator (S): this.
    Fetched(Row),
    /// Replica to replica: all I have, by write.
    Digest(Rc<Vec<Row>>),
    /// Replica to replica: what you lack, and the keys of which you have something newer.
    Rows(Rc<Vec<Row>>, Rc<Vec<u32>>),
}

impl ClientMessage for Message {
    const REQUEST: Self = Message::Request;
}

/// What a node asked to be reminded of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The next write is due.
    Arrive,
    /// The next read is due.
    Read,
    /// A client reads a write back: query, key.
    ReadBack(u32, u32),
    /// The answer to a client's write is overdue.
    RequestTimeout(u32),
    /// The answer to a client's query is overdue.
    QueryTimeout(u32),
    /// A coordinator has waited enough for acknowledgements of a write.
    WriteTimeout(u32),
    /// A coordinator has waited enough for answers to a query.
    ReadTimeout(u32),
    /// A coordinator tries to hand over its hints.
    HandOff,
    /// A replica compares itself with another.
    Exchange,
    /// A region is cut off.
    Cut,
    /// It is reachable again.
    Heal,
}

client_timer!(Timer);

/// The tag of a message about a query; hop 0 between client and coordinator, then by replica.
pub fn query_tag(channel: Channel, hop: u8, query: u32, key: u32, version: u32) -> Tag {
    let about = Event {
        message: query,
        key,
        version,
    };
    about.tag(channel, hop, 0)
}
