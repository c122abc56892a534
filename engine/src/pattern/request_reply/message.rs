//! What travels between the nodes of the request-reply room, and what they wait for.

use crate::pattern::call::{CallName, call_timer};
use crate::pattern::client::{ClientMessage, client_timer};
use crate::sim::{Context, SimDuration, SimTime, Tag};

pub use crate::pattern::orchestrated::{Operation, Verdict, node};

/// The world of this room.
pub type World = Context<Message, Timer>;

/// A message on the wire. Request, service, attempt and entity are in the tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    /// Client to orchestrator: do this for me.
    Request,
    /// Orchestrator to client: done, or not.
    Reply {
        /// Whether it is done.
        done: bool,
    },
    /// Orchestrator to service.
    Ask {
        /// What is left of the client's deadline, if that travels along.
        left: Option<SimDuration>,
    },
    /// Service to orchestrator.
    Answer(Verdict),
}

impl ClientMessage for Message {
    const REQUEST: Self = Message::Request;
}

/// A command at a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Work {
    /// Which.
    pub tag: Tag,
    /// When nobody wants it any more, if that is known.
    pub until: Option<SimTime>,
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
    /// A service has worked on a command.
    Worked(Work),
}

client_timer!(Timer);
call_timer!(Timer);

/// Crash points: the detail of a crash record (0 and 1 are the kernel's).
pub mod crash {
    /// The orchestrator, between one call and the next.
    pub const BETWEEN_CALLS: u32 = 26;
    /// The orchestrator, between the last call and the reply.
    pub const BEFORE_REPLY: u32 = 27;
}
