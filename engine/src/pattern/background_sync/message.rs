//! What travels between the nodes of background sync, and what they wait for.

use super::carrier::OpenWrite;
use super::job::Run;
use crate::pattern::client::{ClientMessage, client_timer};
use crate::sim::{Channel, Context, NodeId, Tag};
use crate::store::merge::Cell;
use std::rc::Rc;

/// The world of this room.
pub type World = Context<Message, Timer>;

/// A row as a database keeps it and a page carries it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Row {
    /// Entity.
    pub key: u32,
    /// Number of its insert, rising per database.
    pub id: u32,
    /// Version of the entity.
    pub version: u32,
    /// Number of the write that made it.
    pub message: u32,
    /// `updated_at`, by the writer's clock, microseconds.
    pub stamp: i64,
    /// Position in the change log of the database that keeps it.
    pub position: u32,
    /// A tombstone.
    pub deleted: bool,
    /// In a page: the row is not there any more. Only detection that sees absence carries it.
    pub gone: bool,
    /// It came by sync, not from a client here.
    pub foreign: bool,
    /// Two-way only: what each field is made of.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The tag of a record about this row.
    pub fn about(&self) -> Tag {
        about(self.message, self.key, self.version)
    }

    /// Whether it brings a write: it is that write, or one of its fields was made of it.
    pub fn brings(&self, message: u32, write: &OpenWrite) -> bool {
        let mut cells = self.cells.iter();
        self.message == message
            || self.key == write.key && cells.any(|cell| cell.history.contains(write.version))
    }
}

/// The tag of a record about a version.
pub fn about(message: u32, key: u32, version: u32) -> Tag {
    Tag {
        message,
        key,
        version,
        ..Tag::NONE
    }
}

/// The place where a reader stopped: a stamp, an id, or a position of the change log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    /// `updated_at`, microseconds; before every stamp at first.
    pub stamp: i64,
    /// Id of the row, or position in the log.
    pub id: u32,
}

impl Mark {
    /// Before everything.
    pub const START: Mark = Mark {
        stamp: i64::MIN,
        id: 0,
    };
}

/// Who speaks in a message between the job and a database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// Number of the run, which is its fencing token.
    pub run: u32,
    /// Which pair of source and target.
    pub leg: u8,
    /// Page, from 0.
    pub page: u32,
}

/// A message on the wire.
#[derive(Clone, PartialEq, Debug)]
pub enum Message {
    /// Client to source: write this.
    Request,
    /// Source to client: done.
    Reply,
    /// Job to target: what are the hashes of your ranges?
    AskHashes(Part),
    /// Target to job.
    Hashes(Part, Rc<Vec<u64>>),
    /// Job to source: the next page, from this mark on; the target's hashes if ranges are hashed.
    Ask(Part, Mark, Option<Rc<Vec<u64>>>),
    /// Source to job: rows, whether there are more, and the mark behind them.
    Page {
        /// Which.
        part: Part,
        /// The rows.
        rows: Rc<Vec<Row>>,
        /// Whether another page follows.
        more: bool,
        /// Where the next page begins.
        mark: Mark,
    },
    /// Job to target: apply these.
    Apply(Part, Rc<Vec<Row>>),
    /// Target to job: applied, with this many effects; or refused because the token is old.
    Applied {
        /// Which.
        part: Part,
        /// How many rows had an effect.
        effects: u32,
        /// Whether the token was too old.
        refused: bool,
    },
}

impl ClientMessage for Message {
    const REQUEST: Self = Message::Request;
}

/// What a node asked to be reminded of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// The client's next write is due.
    Arrive,
    /// The client's next read is due.
    Read,
    /// The answer to a request is overdue.
    RequestTimeout(u32),
    /// A transaction commits: number of the write.
    Commit(u32),
    /// A tombstone's time is over: key, version.
    Purge(u32, u32),
    /// A run is due.
    Tick,
    /// A run has worked on its page: run, leg.
    Worked(u32, u8),
    /// A page or its acknowledgement is overdue: run, leg.
    PageTimeout(u32, u8),
    /// A person looks at the conflicts of this key.
    Person(u32),
}

client_timer!(Timer);

/// Runs in tags and records: this bit, the tick, the page. Between the writes of the workload and
/// those made by hand, so that no run is taken for a write.
pub const RUN: u32 = 1 << 29;

/// The number of a page of a tick's run in tags; the draws about it live there.
pub fn page_number(tick: u32, page: u32) -> u32 {
    RUN | (tick & 0x7_FFFF) << 10 | page & 0x3FF
}

/// The tag of a message about a page. What does not fit into its number stands in the attempt and
/// in the hop, so that no two pages of any two runs share their luck.
pub fn page_tag(channel: Channel, run: &Run, part: Part, attempt: u16) -> Tag {
    Tag {
        channel,
        hop: part.leg | run.copy << 6,
        attempt: attempt & 0x1FFF | ((part.page >> 10) as u16) << 13,
        message: page_number(run.tick, part.page),
        key: 0,
        version: part.run,
    }
}

/// Node ids of the room, in the order of the topology.
pub mod node {
    use super::NodeId;
    /// Everyone who writes and reads.
    pub const CLIENT: NodeId = NodeId(0);
    /// The first source; two-way: the first database.
    pub const SOURCE: NodeId = NodeId(1);
    /// The target; two-way: the second database.
    pub const TARGET: NodeId = NodeId(2);
    /// The sync job: scheduler, runs, run lock, watermarks.
    pub const JOB: NodeId = NodeId(3);
    /// The second source; more follow.
    pub const MORE_SOURCES: u8 = 4;
}

/// Crash points: the detail of a crash record (0 and 1 are the kernel's).
pub mod crash {
    /// ① between lock and snapshot.
    pub const AFTER_LOCK: u32 = 8;
    /// ② between snapshot and the first page.
    pub const AFTER_SNAPSHOT: u32 = 9;
    /// ③ between two pages.
    pub const BETWEEN_PAGES: u32 = 10;
    /// ④ between the last page and the watermark.
    pub const BEFORE_WATERMARK: u32 = 11;
    /// ⑤ between the watermark and giving back the lock.
    pub const BEFORE_UNLOCK: u32 = 12;
}
