//! The service at which choreographed sagas start: it has the order, publishes that it is there, and
//! hears from the others how it ends. It asks nobody for a step.

use super::Setup;
use super::config::AnswerMode;
use super::message::node::INITIATOR;
use super::message::{Timer, Told, World};
use super::orders::{Orders, reply};
use super::state::SagaState;
use super::subscription::{Reaction, bit};
use crate::pattern::call::Calls;
use crate::sim::{Channel, Fact, NodeId, SimTime, Tag, TimerKey};
use crate::store::Sorted;
use std::collections::VecDeque;

/// Sagas that have ended and are kept to be shown.
const RECENT: usize = 4;

/// An order whose saga it waits for, and the trace of that, which nobody in the saga has.
#[derive(Clone, Debug)]
pub struct Running {
    /// How records name it.
    pub about: Tag,
    /// When it started.
    pub since: SimTime,
    /// Where it stands, as far as was heard.
    pub state: SagaState,
    /// Whether it locks what it books.
    pub locks: bool,
    /// Services whose steps must be undone before it is; a bit for each node.
    awaited: u16,
    /// Services that have undone theirs.
    undone: u16,
    /// The reminder that it has taken long enough; in memory.
    watch: Option<TimerKey>,
    /// Who has told whom: what an observer finds by the saga's number in all services' logs.
    pub path: Vec<(NodeId, NodeId)>,
    /// The longest chain of events of which each led to the next.
    pub hops: u8,
}

/// The service.
#[derive(Clone, Debug, Default)]
pub struct Initiator {
    /// All orders there ever were.
    pub orders: Orders,
    /// Sagas of which it is not known how they end, by number.
    pub sagas: Sorted<u32, Running>,
    /// The sagas that ended last, oldest first, to be shown.
    pub recent: VecDeque<Running>,
    /// Sagas that ended in this handler.
    pub ended: Vec<Running>,
    numbers: Calls,
}

impl Initiator {
    /// A client asks for a saga, for the first time or again.
    pub fn request(&mut self, setup: &Setup, tag: Tag, cx: &mut World) {
        let answer = setup.settings.config.answer;
        if self.orders.knows(answer, tag, cx) {
            return;
        }
        let Tag { message, key, .. } = tag;
        let version = self.orders.open(tag);
        let about = Tag {
            message,
            key,
            version,
            ..Tag::NONE
        };
        let locks = setup.locks(message, cx);
        let written = cx.record(Fact::Written, INITIATOR, NodeId::NONE, about, 0);
        cx.because(written);
        let mut saga = Running {
            about,
            since: cx.now(),
            state: SagaState::None,
            locks,
            awaited: 0,
            undone: 0,
            watch: None,
            path: Vec::new(),
            hops: 0,
        };
        saga.moves(SagaState::Started, cx);
        if answer == AnswerMode::AtStart {
            reply(tag, version, true, cx);
        }
        saga.watch(setup, cx);
        self.publish(setup, Channel::SagaStarted, &saga, cx);
        self.sagas.insert(message, saga);
    }

    fn publish(&mut self, setup: &Setup, event: Channel, saga: &Running, cx: &mut World) {
        let (hops, locks) = (1, saga.locks);
        let what = (saga.about, Told { hops, locks });
        let from = (INITIATOR, event);
        setup.web.publish(&mut self.numbers, from, what, cx);
    }

    /// An event arrived.
    pub fn hear(&mut self, setup: &Setup, from: NodeId, tag: Tag, cx: &mut World) {
        let does = setup.web.reaction(from, tag.channel, INITIATOR);
        let Some(mut saga) = self.sagas.remove(tag.message) else {
            return;
        };
        match (does, saga.state) {
            (Some(Reaction::Complete), SagaState::Started) => {
                saga.moves(SagaState::Completed, cx);
            }
            (Some(Reaction::Abort), SagaState::Started) => {
                let awaited = setup.web.awaited(from).into_iter();
                saga.awaited = awaited.fold(0, |bits, node| bits | bit(node));
                saga.moves(SagaState::Compensating, cx);
            }
            (Some(Reaction::Back), _) => saga.undone |= bit(from),
            _ => {}
        }
        let back = saga.state == SagaState::Compensating;
        if back && saga.awaited & !saga.undone == 0 {
            saga.moves(SagaState::Compensated, cx);
        }
        if !saga.state.is_over() {
            self.sagas.insert(tag.message, saga);
            return;
        }
        saga.unwatch(cx);
        let answer = setup.settings.config.answer;
        self.orders.close(answer, saga.about, saga.state, cx);
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(saga.clone());
        self.ended.push(saga);
    }

    /// A saga has taken long enough: it asks whether it still goes on, again and again.
    pub fn overdue(&mut self, setup: &Setup, message: u32, cx: &mut World) {
        let Some(mut saga) = self.sagas.remove(message) else {
            return;
        };
        self.publish(setup, Channel::SagaOverdue, &saga, cx);
        saga.watch(setup, cx);
        self.sagas.insert(message, saga);
    }

    /// Its process died, and its reminders with it.
    pub fn crashed(&mut self) {
        for saga in self.sagas.values_mut() {
            saga.watch = None;
        }
    }

    /// It is back, and waits on.
    pub fn restarted(&mut self, setup: &Setup, cx: &mut World) {
        for saga in self.sagas.values_mut() {
            saga.watch(setup, cx);
        }
    }

    /// An event went from one service to another: the trace of its saga grows.
    pub fn trace(&mut self, message: u32, way: (NodeId, NodeId), hops: u8) {
        if let Some(saga) = self.sagas.get_mut(message) {
            saga.hops = saga.hops.max(hops);
            if !saga.path.contains(&way) {
                saga.path.push(way);
            }
        }
    }
}

impl Running {
    fn moves(&mut self, to: SagaState, cx: &mut World) {
        let from = std::mem::replace(&mut self.state, to);
        let detail = from.edge(to);
        cx.record(Fact::Edge, INITIATOR, NodeId::NONE, self.about, detail);
    }

    fn watch(&mut self, setup: &Setup, cx: &mut World) {
        let config = &setup.settings.config;
        if config.watchdog {
            let reminder = Timer::SagaTimeout(self.about.message);
            self.watch = Some(cx.timer(INITIATOR, config.saga_timeout, reminder));
        }
    }

    fn unwatch(&mut self, cx: &mut World) {
        if let Some(timer) = self.watch.take() {
            cx.cancel(timer);
        }
    }
}
