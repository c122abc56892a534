//! What travels between the nodes of the event-based pattern, and what they wait for.

use crate::sim::{Context, NodeId};

use crate::pattern::client::{ClientMessage, client_timer};
pub use crate::pattern::event::Event;

/// The world of this room.
pub type World = Context<Message, Timer>;

/// Where the broker keeps an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Log partition.
    pub partition: u32,
    /// Offset in it.
    pub offset: u32,
}

/// A message on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Message {
    /// Client to source: write this (the version is not known yet).
    Request,
    /// Source to client: done, or refused.
    Reply {
        /// Whether the write was committed.
        done: bool,
    },
    /// Producer or relay to broker.
    Publish(Event),
    /// Broker to producer or relay: the event with this number is kept.
    PublishAck(Event),
    /// Broker to consumer.
    Deliver {
        /// The event.
        event: Event,
        /// Where the broker keeps it.
        place: Place,
        /// Rises when the partition is rewound; older deliveries are void.
        epoch: u32,
        /// Number of the delivery in its partition and epoch, so that a gap is noticed.
        sequence: u32,
        /// Every offset of the partition below this one is finished.
        floor: u32,
    },
    /// Consumer to broker: handled.
    Ack(Place),
    /// Consumer to broker: failed, try later.
    Nack(Place),
    /// Source to consumer: a blocking call.
    Call(Event),
    /// Consumer to source: the call is done.
    CallReply(Event),
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
    /// The relay looks at the outbox.
    RelayPoll,
    /// A publish was not confirmed in time.
    PublishTimeout(u32),
    /// A lease runs out: group, place, serial number of the lease.
    Lease(u8, Place, u32),
    /// A backoff is over: group, place.
    BackoffOver(u8, Place),
    /// A dead consumer is noticed: group, consumer, its incarnation by the group's count.
    Detect(u8, u8, u32),
    /// A handler is done: group, consumer.
    HandlerDone(u8, u8),
    /// A blocking call was not answered in time: event number, group.
    CallTimeout(u32, u8),
}

client_timer!(Timer);

/// Node ids of the room, in the order of the topology.
pub mod node {
    use super::NodeId;
    /// Everyone who writes and reads.
    pub const CLIENT: NodeId = NodeId(0);
    /// The source of truth: the producer with its database.
    pub const SOURCE: NodeId = NodeId(1);
    /// The relay of the outbox.
    pub const RELAY: NodeId = NodeId(2);
    /// The broker.
    pub const BROKER: NodeId = NodeId(3);
    /// The first copy; the consumers follow the last one.
    pub const FIRST_COPY: u8 = 4;
}

/// Crash points: the detail of a crash record (0 and 1 are the kernel's).
pub mod crash {
    /// Between commit and publish (or publish and commit).
    pub const BEFORE_PUBLISH: u32 = 2;
    /// The relay, after the publish and before it marks the row SENT.
    pub const RELAY_BEFORE_SENT: u32 = 3;
    /// A consumer while it handles a message.
    pub const WHILE_HANDLING: u32 = 4;
}
