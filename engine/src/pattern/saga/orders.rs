//! What has become of the orders that clients asked for: a table that survives crashes, whatever
//! becomes of the progress of their sagas, and the answers to clients.

use super::config::AnswerMode;
use super::message::node::{CLIENT, ORCHESTRATOR};
use super::message::{Message, World};
use super::state::SagaState;
use crate::sim::network::Lane;
use crate::sim::{Channel, Tag};
use crate::store::Numbered;

/// What an order has become.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    /// Where its saga stood last, `None` for no such order.
    state: SagaState,
    /// Which saga of this entity.
    version: u32,
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    orders: Numbered<Order>,
    versions: Numbered<u32>,
    /// How many ended in each way: completed, compensated.
    pub ends: [u32; 2],
}

impl Orders {
    /// Where the saga of an order stood last.
    pub fn state(&self, message: u32) -> SagaState {
        self.orders
            .get(message)
            .map_or(SagaState::None, |order| order.state)
    }

    /// Answers a request for an order that is known. Returns whether it was.
    pub fn knows(&self, mode: AnswerMode, tag: Tag, cx: &mut World) -> bool {
        let order = self.orders.get(tag.message).copied().unwrap_or_default();
        match (order.state, mode) {
            (SagaState::None, _) => return false,
            (_, AnswerMode::AtStart) => reply(tag, order.version, true, cx),
            (state, AnswerMode::AtEnd) if state.is_over() => {
                reply(tag, order.version, state == SagaState::Completed, cx);
            }
            _ => {}
        }
        true
    }

    /// A new order. Returns which of its entity it is.
    pub fn open(&mut self, tag: Tag) -> u32 {
        let Tag { message, key, .. } = tag;
        let version = self.versions.at(key);
        *version += 1;
        let version = *version;
        let state = SagaState::Started;
        *self.orders.at(message) = Order { state, version };
        version
    }

    /// The saga of an order, which records name so, has ended; its client is told, if it waits for
    /// that.
    pub fn close(&mut self, mode: AnswerMode, about: Tag, state: SagaState, cx: &mut World) {
        self.orders.at(about.message).state = state;
        let done = state == SagaState::Completed;
        self.ends[usize::from(!done)] += 1;
        if mode == AnswerMode::AtEnd {
            // Not to any request: an answer of its own.
            reply(Tag { hop: 1, ..about }, about.version, done, cx);
        }
    }
}

/// Answers a request, or what a request was about.
pub fn reply(about: Tag, version: u32, done: bool, cx: &mut World) {
    let channel = Channel::Reply;
    let tag = Tag {
        channel,
        version,
        ..about
    };
    let message = Message::Reply { done };
    cx.send(ORCHESTRATOR, CLIENT, Lane::Setting, tag, message);
}
