//! Interventions: what a person or a search does to a run, addressed so that it can be replayed.

use super::record::{Channel, NodeId};
use super::time::{SimDuration, SimTime};

/// A message in flight, by identity (never by a queue position).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageName {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Kind.
    pub channel: Channel,
    /// Event number.
    pub message: u32,
    /// Attempt, from 0.
    pub attempt: u16,
    /// 0 for the original, 1 for the link's duplicate.
    pub copy: u8,
}

/// One thing done to a run.
#[derive(Clone, PartialEq, Debug)]
pub enum Intervention {
    /// The node loses its volatile state and stays down until restarted or drained.
    Crash(NodeId),
    /// The node comes back.
    Restart(NodeId),
    /// The link from the first node to the second loses everything; both ways if the flag is set.
    Partition(NodeId, NodeId, bool),
    /// The link works again; both ways if the flag is set.
    Heal(NodeId, NodeId, bool),
    /// Messages on the link wait.
    Hold(NodeId, NodeId),
    /// They go on.
    Release(NodeId, NodeId),
    /// The message in flight is lost.
    Drop(MessageName),
    /// A copy of the message in flight arrives at the same instant.
    Duplicate(MessageName),
    /// The message in flight arrives this much later.
    Postpone(MessageName, SimDuration),
    /// Dead letters of this copy go back to their queue.
    Redrive(NodeId),
    /// A client writes now: this key, or a new one.
    Write(Option<u32>),
}

/// An intervention at its address: the instant, and how many steps were already done at it.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    /// When.
    pub at: SimTime,
    /// After how many queue entries processed at exactly that instant.
    pub after_steps: u32,
    /// What.
    pub what: Intervention,
}
