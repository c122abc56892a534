//! The publisher: the part of a producer or relay that gets events into the broker.
//!
//! It lives in memory. Waiting events go out in order, at most `max_in_flight` unconfirmed at a
//! time; an unconfirmed one is sent again after a backoff. With more than one in flight a resend
//! can overtake: that is how real producers reorder.

use super::config::Config;
use super::message::node::{BROKER, RELAY};
use super::message::{Event, Message, Timer, World, crash};
use crate::pattern::backoff::wait;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, NodeId, Site, TimerKey};
use crate::store::Numbered;
use std::collections::VecDeque;

/// Whether the publisher's process survived what it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Alive {
    /// It did.
    Yes,
    /// It crashes as soon as the handler returns.
    No,
}

#[derive(Clone, Copy, Debug)]
struct Flying {
    event: Event,
    timeout: TimerKey,
}

/// Events on their way into the broker.
#[derive(Clone, Debug, Default)]
pub struct Publisher {
    waiting: VecDeque<Event>,
    flying: Vec<Flying>,
    /// Transmissions so far per event. Survives crashes: it is the simulation's address of the next
    /// draw, not something the service knows.
    sends: Numbered<u16>,
}

impl Publisher {
    /// Takes an event and sends what may be sent, as `node`.
    pub fn enqueue(
        &mut self,
        config: &Config,
        node: NodeId,
        event: Event,
        cx: &mut World,
    ) -> Alive {
        self.waiting.push_back(event);
        self.pump(config, node, cx)
    }

    /// How many events it holds.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.flying.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it still holds this event.
    pub fn holds(&self, message: u32) -> bool {
        self.waiting.iter().any(|event| event.message == message)
            || self
                .flying
                .iter()
                .any(|flying| flying.event.message == message)
    }

    /// The broker confirmed an event; returns whether it was awaited.
    pub fn confirmed(
        &mut self,
        config: &Config,
        node: NodeId,
        message: u32,
        cx: &mut World,
    ) -> bool {
        let found = self
            .flying
            .iter()
            .position(|flying| flying.event.message == message);
        let Some(index) = found else { return false };
        let flying = self.flying.remove(index);
        cx.cancel(flying.timeout);
        self.pump(config, node, cx);
        true
    }

    /// No confirmation in time: send again.
    pub fn timed_out(&mut self, config: &Config, node: NodeId, message: u32, cx: &mut World) {
        let found = self
            .flying
            .iter()
            .position(|flying| flying.event.message == message);
        if let Some(index) = found {
            let event = self.flying.remove(index).event;
            self.transmit(config, node, event, cx);
        }
    }

    /// The process died: returns the events that it held, unconfirmed ones first.
    pub fn crash(&mut self) -> Vec<Event> {
        let flying = self.flying.drain(..).map(|flying| flying.event);
        flying.chain(self.waiting.drain(..)).collect()
    }

    fn pump(&mut self, config: &Config, node: NodeId, cx: &mut World) -> Alive {
        while self.flying.len() < config.max_in_flight as usize {
            let Some(event) = self.waiting.pop_front() else {
                return Alive::Yes;
            };
            if self.transmit(config, node, event, cx) == Alive::No {
                return Alive::No;
            }
        }
        Alive::Yes
    }

    fn transmit(&mut self, config: &Config, node: NodeId, event: Event, cx: &mut World) -> Alive {
        let sends = self.sends.at(event.message);
        let attempt = *sends;
        // Wraps rather than sticks, so that no luck lasts for ever.
        *sends = attempt.wrapping_add(1);
        let tag = event.tag(Channel::Publish, 0, attempt);
        cx.send(node, BROKER, Lane::Setting, tag, Message::Publish(event));
        // Without retries a publish is fire and forget: nothing waits for the confirmation.
        if config.retries {
            let at = Address::of(Site::BackoffJitter, u64::from(event.message));
            let attempt = u32::from(attempt);
            let wait = wait(&config.backoff, at.attempt(attempt), attempt, cx.random());
            let timeout = cx.timer(node, wait, Timer::PublishTimeout(event.message));
            self.flying.push(Flying { event, timeout });
        }
        // The relay's crash point lies behind each transmission, so that a row that only waits in
        // its memory cannot crash it, and a retransmission meets new luck.
        let at = Address::of(Site::RelayCrash, u64::from(event.message));
        if node == RELAY && cx.chance(at.attempt(u32::from(attempt)), config.relay_crash) {
            cx.crash(RELAY, crash::RELAY_BEFORE_SENT);
            return Alive::No;
        }
        Alive::Yes
    }
}
