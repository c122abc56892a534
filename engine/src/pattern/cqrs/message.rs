//! What travels between the nodes of the CQRS pattern, and what they wait for.

use crate::sim::{Channel, Context, NodeId, Tag};
use std::rc::Rc;

pub use crate::pattern::event::Event;
pub use crate::pattern::number;

/// The world of this room.
pub type World = Context<Message, Timer>;

/// What a client asks of the write side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Command {
    /// Its number.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// The version its author saw, if it was decided on what was read.
    pub based_on: Option<u32>,
    /// How often it was decided anew after a version conflict.
    pub tries: u16,
    /// The position of what its author had written and read before.
    pub after: u32,
}

/// What the write side says to a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Committed, as this version at this position.
    Done {
        /// Version of the key.
        version: u32,
        /// Position in the event store.
        position: u32,
    },
    /// Refused: nothing left.
    NoStock,
    /// Refused: the key has another version than the command expects.
    Conflict,
}

/// What a query shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// Version of the key (or events counted).
    pub version: u32,
    /// Position of the event that made it so.
    pub position: u32,
}

/// How a query ends at the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// With this.
    Shown(Shown),
    /// Not in time; ask the write side.
    AskPrimary,
    /// Not in time, and that is all.
    Failed,
}

/// A change of the read store, on its way to a replica.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Change {
    /// Number of the change.
    pub sequence: u32,
    /// Position the read store had afterwards.
    pub position: u32,
    /// The event it is about; number 0 for none.
    pub event: Event,
    /// Position of that event.
    pub event_position: u32,
    /// Whether the row is deleted by it.
    pub deletes: bool,
    /// What it does.
    pub kind: ChangeKind,
}

/// What a change does to a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ChangeKind {
    /// Nothing: only the position moved.
    #[default]
    Position,
    /// An event took effect.
    Apply,
    /// An event changed no row; why, as the record of it says.
    Skip(u8),
    /// The row was replaced; the event counts this often in it.
    Replace(u8),
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Message {
    /// Device to write side.
    Command(Command),
    /// Write side to device.
    Reply(Verdict),
    /// Projector to event store: what comes from this position on? The number tells fetches apart.
    Fetch {
        /// First position wanted.
        from: u32,
        /// Number of the fetch.
        serial: u32,
    },
    /// Event store to projector.
    Batch {
        /// The fetch it answers.
        serial: u32,
        /// First position it covers.
        from: u32,
        /// The position after the last it covers.
        to: u32,
        /// The positions in it that hold an event.
        positions: Rc<Vec<u32>>,
    },
    /// Read store to replica.
    Change(Change),
    /// Device to a read store or the write side.
    Query {
        /// The position it must have.
        token: u32,
    },
    /// The answer.
    Answer(Answer),
}

/// What a node asked to be reminded of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The next write is due.
    Arrive,
    /// The next read is due.
    Read,
    /// A read of a write is due: device, write, key, and whether it is the second one.
    ReadBack(u8, u32, u32, bool),
    /// A user has decided: device, write, key.
    Decided(u8, u32, u32),
    /// The answer to a command is overdue: device, write.
    CommandTimeout(u8, u32),
    /// The answer to a query is overdue: device, query.
    QueryTimeout(u8, u32),
    /// A transaction commits: write.
    Commit(u32),
    /// The event store looks for whoever waits.
    Serve,
    /// Someone who waits at an open position has waited enough.
    GapOver,
    /// The projector fetches again.
    FetchAgain,
    /// The projection is started for the first time.
    StartProjection,
    /// A segment's transaction is due: segment, its run.
    HandlerDone(u8, u32),
    /// The checkpoint is due.
    Checkpoint,
    /// The rebuild begins.
    Rebuild,
    /// The rebuild has handled its next event: its run.
    RebuildStep(u32),
    /// A query has waited enough: index of the copy, device, query.
    WaitOver(u8, u8, u32),
    /// Changes that a replica did not get are sent again: index of the copy.
    ShipAgain(u8),
}

/// Crash points: the detail of a crash record (0 and 1 are the kernel's).
pub mod crash {
    /// The projector, before the transaction of effect and checkpoint.
    pub const BEFORE_TRANSACTION: u32 = 8;
    /// The projector, after the effect and before the checkpoint.
    pub const BEFORE_CHECKPOINT: u32 = 9;
    /// The projector, after the checkpoint and before the effect.
    pub const BEFORE_EFFECT: u32 = 10;
}

/// The tag of a record or message about a query.
pub fn query_tag(channel: Channel, query: u32, key: u32, version: u32, attempt: u16) -> Tag {
    Tag {
        channel,
        hop: 0,
        attempt,
        message: query,
        key,
        version,
    }
}

/// Node of a device by its index.
pub const fn device_node(device: u8) -> NodeId {
    NodeId(device)
}
