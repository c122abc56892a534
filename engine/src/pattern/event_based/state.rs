//! The named state machines of this room, as edge records number them.

use crate::store::{edge, machine};

/// A delivery of an event to a consumer group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Delivery {
    /// In the queue.
    Queued = 1,
    /// In a consumer's hands.
    Leased,
    /// Took effect, not acknowledged yet.
    Handled,
    /// Acknowledged.
    Acked,
    /// Refused by the consumer.
    Nacked,
    /// Waits to be tried again.
    Backoff,
    /// In the dead-letter queue.
    Dead,
}

/// A consumer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ConsumerState {
    /// Works.
    Running = 1,
    /// Down.
    Crashed,
    /// Takes over partitions of another.
    Rebalancing,
    /// Waits because its partition waits out a backoff.
    Paused,
}

/// The edge record's detail for a delivery.
pub const fn delivery_edge(from: Delivery, to: Delivery) -> u32 {
    edge(machine::DELIVERY, from as u8, to as u8)
}

/// The edge record's detail for a consumer.
pub const fn consumer_edge(from: ConsumerState, to: ConsumerState) -> u32 {
    edge(machine::CONSUMER, from as u8, to as u8)
}
