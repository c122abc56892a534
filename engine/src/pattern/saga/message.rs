//! What travels between the nodes of the saga, and what they wait for.

use crate::pattern::call::{CallName, call_timer};
use crate::pattern::client::{ClientMessage, client_timer};
use crate::sim::{Context, Tag};

pub use crate::pattern::orchestrated::{Operation, Verdict};

/// The world of this room.
pub type World = Context<Message, Timer>;

/// A message on the wire. Saga, service, attempt, entity and its version are in the tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    /// Client to orchestrator: do this for me.
    Request,
    /// Orchestrator to client: accepted or completed, or given up.
    Reply {
        /// Whether it is done.
        done: bool,
    },
    /// Orchestrator to service.
    Ask(Terms),
    /// Service to orchestrator.
    Answer(Verdict),
    /// Service to whoever listens; what happened is in the tag.
    Event(Told),
}

impl ClientMessage for Message {
    const REQUEST: Self = Message::Request;
}

/// What a command says beside its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Whether a person has seen to it that it succeeds.
    pub by_hand: bool,
    /// Whether its saga locks what it books until it is confirmed.
    pub locks: bool,
}

/// What an event says beside what happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// How many events led to it, counting it.
    pub hops: u8,
    /// Whether its saga locks what it books until it is final.
    pub locks: bool,
}

/// A command at a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work {
    /// Which.
    pub tag: Tag,
    /// What it says.
    pub terms: Terms,
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
    /// The answer to a call is overdue.
    CallTimeout(CallName),
    /// It is time to make a call again.
    CallAgain(CallName),
    /// A saga has taken long enough: for its orchestrator, or for a service that waits for its end.
    SagaTimeout(u32),
    /// A service tries an operation of its step again that failed: saga.
    TryAgain(u32, Operation),
    /// A service has worked on a command.
    Worked(Work),
    /// A hold may have run out: saga.
    HoldOver(u32),
}

client_timer!(Timer);
call_timer!(Timer);

/// Node ids of the room, in the order of the topology.
pub mod node {
    pub use crate::pattern::orchestrated::node::*;
    use crate::sim::NodeId;
    /// The service at which choreographed sagas start, where the orchestrator would be.
    pub const INITIATOR: NodeId = ORCHESTRATOR;
}

/// Crash points: the detail of a crash record (0 and 1 are the kernel's).
pub mod crash {
    /// The orchestrator, between the log's SCHEDULED and the command.
    pub const BEFORE_SEND: u32 = 16;
    /// The orchestrator, between the command and the reply.
    pub const AFTER_SEND: u32 = 17;
    /// The orchestrator, between the reply and the log's DONE.
    pub const BEFORE_LOG: u32 = 18;
    /// The orchestrator, after the log's DONE.
    pub const AFTER_LOG: u32 = 19;
    /// A service, before the transaction of effect and inbox.
    pub const BEFORE_EFFECT: u32 = 20;
    /// A service, between that transaction and the reply.
    pub const BEFORE_REPLY: u32 = 21;
}
