//! What travels between the nodes of the two-phase commit room, and what they wait for.

use crate::pattern::call::{CallName, call_timer};
use crate::pattern::client::{ClientMessage, client_timer};
use crate::sim::{Context, Tag};
use crate::store::pair;

pub use crate::pattern::event::Event;

/// The world of this room.
pub type World = Context<Message, Timer>;

/// A transaction: one round of trying to commit a write everywhere. A coordinator that has
/// forgotten a round begins another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Transaction {
    /// Number of the write.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Round, from 0.
    pub round: u32,
}

impl Transaction {
    /// Its identity.
    pub fn id(self) -> u64 {
        pair(self.message, self.round)
    }

    /// The tag of records about it: the version is the round, since the write has none before it is
    /// committed.
    pub fn about(self) -> Tag {
        Event {
            message: self.message,
            key: self.key,
            version: self.round,
        }
        .about()
    }

    /// The write, as this version of its entity.
    pub fn event(self, version: u32) -> Event {
        let Transaction { message, key, .. } = self;
        Event {
            message,
            key,
            version,
        }
    }
}

/// What a participant says to a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vote {
    /// It can commit whatever happens, and has promised to.
    Yes,
    /// Its rules forbid it.
    No,
    /// It did not get the lock of the row in time.
    Locked,
    /// The stock is gone.
    SoldOut,
}

/// What the coordinator decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// All have it, as this version.
    Commit(u32),
    /// Nobody has it.
    Abort,
}

/// A message on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    /// Client to coordinator: write this.
    Request,
    /// Coordinator to client: done, or refused.
    Reply {
        /// Whether the write was committed.
        done: bool,
    },
    /// Coordinator to participant: do the work and vote.
    Prepare(Transaction),
    /// Participant to coordinator.
    Vote(Transaction, Vote),
    /// Coordinator to participant.
    Decision(Transaction, Verdict),
    /// Participant to coordinator: the commit is carried out.
    Done(Transaction),
    /// Participant to coordinator: what was decided?
    Inquiry(Transaction),
    /// Leader to replica.
    Replicate(Event),
    /// Replica to leader: it has the write, or a newer one.
    Replicated(Event),
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
    /// The reply to a call is overdue.
    CallTimeout(CallName),
    /// It is time to make a call again.
    CallAgain(CallName),
    /// A participant has done its work: participant, transaction.
    Worked(u8, u64),
    /// A participant has waited too long for a lock: participant, transaction.
    LockTimeout(u8, u64),
    /// Who is in doubt asks: participant, transaction.
    Ask(u8, u64),
    /// An operator looks at what is in doubt: participant, transaction.
    Operator(u8, u64),
}

client_timer!(Timer);
call_timer!(Timer);

/// Node ids of the room, in the order of the topology.
pub mod node {
    use crate::sim::NodeId;
    /// Everyone who writes and reads.
    pub const CLIENT: NodeId = NodeId(0);
    /// The coordinator, whose log is the truth; or the leader.
    pub const COORDINATOR: NodeId = NodeId(1);
    /// The first participant.
    pub const FIRST_PARTICIPANT: u8 = 2;
}

/// Crash points: the detail of a crash record (0 and 1 are the kernel's).
pub mod crash {
    /// The coordinator, before it has told anyone.
    pub const BEFORE_PREPARE: u32 = 20;
    /// The coordinator, with all votes and nothing logged.
    pub const BEFORE_COMMIT: u32 = 21;
    /// The coordinator, with the commit logged and nobody told.
    pub const BEFORE_SEND: u32 = 22;
    /// The coordinator, with the decision sent.
    pub const AFTER_SEND: u32 = 23;
    /// A participant, with its vote durable and not sent.
    pub const BEFORE_VOTE: u32 = 24;
    /// A participant, with its vote sent.
    pub const AFTER_VOTE: u32 = 25;
}
