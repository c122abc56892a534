//! What travels between the nodes of the CQRS pattern, and what they wait for.

use crate::sim::{Channel, Context, NodeId, Tag};
use std::rc::Rc;

pub use crate::pattern::event::Event;

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

/// Numbers of writes and queries that are no arrivals, so that they shift nobody else's luck.
pub mod number {
    use crate::pattern::workload::BY_HAND;

    /// A change of a read store that is about no event.
    const MOVED: u32 = 1 << 28;
    /// A user asks once more because the first write is not shown.
    const AGAIN: u32 = 1 << 29;
    /// A query of the workload.
    const QUERY: u32 = 0x3000_0000;
    /// A write read back.
    const BACK: u32 = 0x3400_0000;
    /// A write read back once more.
    const SECOND: u32 = 0x3800_0000;
    /// A read before a write.
    const FIRST: u32 = 0x3C00_0000;
    /// The same about writes made by hand, and about second writes: these bits of the number above.
    const HAND: u32 = 1 << 25;
    const REPEATED: u32 = 1 << 24;
    const LOW: u32 = REPEATED - 1;

    fn fold(message: u32) -> u32 {
        let hand = if message & BY_HAND != 0 { HAND } else { 0 };
        let repeated = if is_again(message) { REPEATED } else { 0 };
        hand | repeated | message & (HAND | LOW)
    }

    /// Change number `sequence`, which is about no event.
    pub fn moved(sequence: u32) -> u32 {
        MOVED | sequence & (MOVED - 1)
    }

    /// The second write because of write `message`.
    pub fn again(message: u32) -> u32 {
        AGAIN | fold(message)
    }

    /// Whether this write is a second one.
    pub fn is_again(message: u32) -> bool {
        message >> 29 == 1 && message < QUERY
    }

    /// Query number `n` of the workload, from 0.
    pub fn query(n: u32) -> u32 {
        QUERY | n & LOW
    }

    /// The query that reads `message` back, first or second.
    pub fn back(message: u32, second: bool) -> u32 {
        (if second { SECOND } else { BACK }) | fold(message)
    }

    /// The query before `message` is decided.
    pub fn first(message: u32) -> u32 {
        FIRST | fold(message)
    }

    #[cfg(test)]
    #[test]
    fn no_two_questions_have_one_number() {
        use std::collections::BTreeSet;
        let plain = [1, 2, LOW, BY_HAND + 1, BY_HAND + 2];
        let writes: BTreeSet<u32> = plain.into_iter().chain(plain.map(again)).collect();
        let backs = writes.iter().map(|&write| back(write, false));
        let seconds = writes.iter().map(|&write| back(write, true));
        let firsts = writes.iter().map(|&write| first(write));
        let looks = [query(0), query(1), query(2), query(LOW)];
        let queries: BTreeSet<u32> = backs.chain(seconds).chain(firsts).chain(looks).collect();
        assert_eq!(writes.len(), 10);
        assert_eq!(queries.len(), 3 * 10 + 4);
        assert!(queries.iter().all(|query| (QUERY..BY_HAND).contains(query)));
        assert!(writes.iter().all(|write| !(QUERY..BY_HAND).contains(write)));
    }
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
