//! The orchestrator: it takes requests up, calls services through its pool of connections, and
//! answers. It has no log: what it knows of a request is in its memory. What follows from an answer,
//! or from none, is in [`super::call`].

use super::config::{Config, Gap, Order, SERVICES_MAX};
use super::flow::Flow;
use super::knob::Settings;
use super::message::node::{CLIENT, ORCHESTRATOR, service};
use super::message::{Message, Operation, World, crash};
use super::state::{SagaState, StepState};
use crate::pattern::call::{CallName, Calls};
use crate::pattern::workload::second_write;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, Site, Tag};
use crate::store::{Breaker, BreakerState, CallEnd, Numbered, Pool, Sorted};
use std::collections::VecDeque;

/// Requests that are over and are kept to be shown.
const RECENT: usize = 6;

/// The orchestrator.
#[derive(Clone, Debug, Default)]
pub struct Orchestrator {
    /// Requests on their way.
    pub flows: Sorted<u32, Flow>,
    /// The requests that were over last, oldest first, to be shown.
    pub recent: VecDeque<Flow>,
    /// Requests that were over in this handler: what became of their steps is told by the room.
    pub ended: Vec<Flow>,
    /// How many were over in each way: answered, undone, left as they were.
    pub ends: [u32; 3],
    /// Its connections, and the calls that wait for one.
    pub pool: Pool<CallName>,
    /// A breaker for each service.
    pub breakers: [Breaker; SERVICES_MAX],
    pub(super) calls: Calls,
    /// What it has answered to requests with a key.
    answers: Sorted<u32, bool>,
    /// Where each request stood last. Survives crashes: it is the simulation's way to name
    /// requests, not something the orchestrator knows.
    names: Numbered<Option<SagaState>>,
    /// Whether it crashes when this handler returns: it does nothing more.
    pub(super) dying: bool,
}

impl Orchestrator {
    /// Where a request stood last; `None` too for one that was let go or forgotten.
    pub fn state(&self, message: u32) -> SagaState {
        self.name(message).unwrap_or_default()
    }

    fn name(&self, message: u32) -> Option<SagaState> {
        self.names.get(message).copied().flatten()
    }

    /// A client asks, for the first time or again.
    pub fn request(&mut self, settings: &Settings, tag: Tag, cx: &mut World) {
        let config = &settings.config;
        let known = |number: u32| self.name(number).is_some();
        let mut message = tag.message;
        if config.keyed_requests {
            if let Some(&done) = self.answers.get(message) {
                return reply(tag, done, cx);
            }
            if self.flows.contains(message) {
                return;
            }
        } else if known(message) {
            // It cannot know it for a repetition: it does everything again.
            message = second_write(tag, known);
        }
        let mut flow = Flow::new(config, message, tag, cx.now());
        flow.state = self.state(message);
        self.moves(&mut flow, SagaState::Started, cx);
        let first = match config.order {
            Order::Serial => 1,
            Order::Parallel => config.services,
        };
        for index in 0..first as u8 {
            self.ask(&mut flow, index, cx);
        }
        self.flows.insert(message, flow);
        self.pump(settings, cx);
    }

    /// A call is to be made, as soon as a connection is free.
    pub(super) fn ask(&mut self, flow: &mut Flow, index: u8, cx: &mut World) {
        flow.turn(index, StepState::Scheduled, cx);
        self.pool.enter(flow.call(index, Operation::Do), cx.now());
    }

    /// Whoever waits for a connection gets one, while there are any.
    pub(super) fn pump(&mut self, settings: &Settings, cx: &mut World) {
        let size = settings.config.pool as usize;
        while !self.dying
            && let Some((call, since)) = self.pool.next(size)
        {
            let waited = cx.now().since(since).as_detail();
            let act = |own: &mut Self, flow: &mut Flow, cx: &mut World| {
                own.connected(settings, flow, (call, waited), cx)
            };
            let used = self.with(call.message, cx, act);
            if used != Some(true) {
                self.pool.release();
            }
        }
    }

    /// A call has its connection. Returns whether it needs one.
    fn connected(
        &mut self,
        settings: &Settings,
        flow: &mut Flow,
        (call, waited): (CallName, u32),
        cx: &mut World,
    ) -> bool {
        let config = &settings.config;
        let (index, now) = (call.hop, cx.now());
        let undo = Operation::of(call.channel) == Operation::Undo;
        let wanted = match undo {
            true => StepState::Compensating,
            false => StepState::Scheduled,
        };
        if flow.step(index).state != wanted {
            return false;
        }
        let left = flow.left(now).filter(|_| !undo);
        let over = left.is_some_and(|left| left.as_micros() == 0);
        if over || !undo && !self.admits(config, flow, index, cx) {
            self.fail(settings, flow, index, cx);
            return false;
        }
        if !undo {
            flow.turn(index, StepState::Started, cx);
        }
        let timeout = left.map_or(config.call_timeout, |left| left.min(config.call_timeout));
        let number = self.calls.ask(ORCHESTRATOR, call, timeout, cx);
        flow.step_mut(index).sent = number;
        let to = service(index);
        cx.record(Fact::Pooled, ORCHESTRATOR, to, flow.about(), waited);
        let tag = call.tag(number, flow.key, 0);
        cx.send(ORCHESTRATOR, to, Lane::Setting, tag, Message::Ask { left });
        true
    }

    fn admits(&mut self, config: &Config, flow: &Flow, index: u8, cx: &mut World) -> bool {
        if !config.breaker {
            return true;
        }
        let breaker = &mut self.breakers[usize::from(index)];
        let (admits, was) = breaker.admits(config.breaker_rule, cx.now());
        self.breaker_moved(index, was, flow.about(), cx);
        admits
    }

    /// The breaker of a service learns how a call ended.
    pub(super) fn learn(
        &mut self,
        config: &Config,
        (flow, index): (&Flow, u8),
        end: CallEnd,
        cx: &mut World,
    ) {
        if !config.breaker {
            return;
        }
        let breaker = &mut self.breakers[usize::from(index)];
        let was = breaker.ended(config.breaker_rule, end, cx.now());
        self.breaker_moved(index, was, flow.about(), cx);
    }

    fn breaker_moved(&self, index: u8, was: Option<BreakerState>, about: Tag, cx: &mut World) {
        if let Some(was) = was {
            let detail = was.edge(self.breakers[usize::from(index)].state());
            cx.record(Fact::Edge, ORCHESTRATOR, service(index), about, detail);
        }
    }

    /// Does something with a request that is on its way.
    pub(super) fn with<R>(
        &mut self,
        message: u32,
        cx: &mut World,
        act: impl FnOnce(&mut Orchestrator, &mut Flow, &mut World) -> R,
    ) -> Option<R> {
        let mut flow = self.flows.remove(message)?;
        let result = act(self, &mut flow, cx);
        if flow.until.is_some() {
            self.show(flow);
            self.ended.push(flow);
        } else {
            self.flows.insert(message, flow);
        }
        Some(result)
    }

    fn show(&mut self, flow: Flow) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(flow);
    }

    /// A request moves.
    pub(super) fn moves(&mut self, flow: &mut Flow, to: SagaState, cx: &mut World) {
        flow.moves(to, cx);
        *self.names.at(flow.message) = Some(to);
    }

    /// A request is over, and its client is told. One that is let go is known no more.
    pub(super) fn finish(
        &mut self,
        config: &Config,
        flow: &mut Flow,
        end: SagaState,
        cx: &mut World,
    ) {
        self.moves(flow, end, cx);
        flow.until = Some(cx.now());
        let done = end == SagaState::Completed;
        let way = match end {
            SagaState::Completed => 0,
            SagaState::Compensated => 1,
            _ => 2,
        };
        self.ends[way] += 1;
        if config.keyed_requests {
            self.answers.insert(flow.message, done);
        }
        reply(flow.request, done, cx);
    }

    /// Whether it crashes in a gap after service `index` has answered.
    pub(super) fn dies(
        &mut self,
        config: &Config,
        at: (&Flow, u8),
        gap: Gap,
        cx: &mut World,
    ) -> bool {
        if config.orchestrator_gap != Gap::Any && config.orchestrator_gap != gap {
            return false;
        }
        let (flow, index) = at;
        let at = Address::of(Site::OrchestratorCrash, u64::from(flow.message)).hop(index);
        let at = at.attempt(u32::from(flow.step(index).sent));
        self.dying = cx.chance(at, config.orchestrator_crash);
        if self.dying {
            let point = match gap {
                Gap::BeforeReply => crash::BEFORE_REPLY,
                _ => crash::BETWEEN_CALLS,
            };
            cx.crash(ORCHESTRATOR, point);
        }
        self.dying
    }

    /// Its process died, and nothing is left of the requests that were on their way: returns them.
    pub fn crashed(&mut self, cx: &mut World) -> Vec<Flow> {
        self.dying = false;
        self.calls.crash();
        self.pool = Pool::default();
        self.answers.clear();
        for index in 0..SERVICES_MAX as u8 {
            let was = std::mem::take(&mut self.breakers[usize::from(index)]).state();
            let opened = Some(was).filter(|was| *was != BreakerState::Closed);
            self.breaker_moved(index, opened, Tag::NONE, cx);
        }
        let mut lost: Vec<Flow> = self.flows.iter().map(|(_, flow)| *flow).collect();
        self.flows.clear();
        for flow in &mut lost {
            let about = flow.about();
            cx.record(Fact::Forgotten, ORCHESTRATOR, CLIENT, about, 0);
            self.moves(flow, SagaState::None, cx);
            (flow.until, flow.forgotten) = (Some(cx.now()), true);
            self.show(*flow);
        }
        lost
    }

    /// Nothing more happens about a request, and nobody will ask for it again: one that is known no
    /// more stays as it is.
    pub fn settle(&mut self, about: Tag, cx: &mut World) {
        if self.state(about.message) == SagaState::None {
            let detail = SagaState::None.edge(SagaState::Dropped);
            *self.names.at(about.message) = Some(SagaState::Dropped);
            cx.record(Fact::Edge, ORCHESTRATOR, CLIENT, about, detail);
        }
    }
}

/// Answers a request.
fn reply(request: Tag, done: bool, cx: &mut World) {
    let channel = Channel::Reply;
    let tag = Tag { channel, ..request };
    let message = Message::Reply { done };
    cx.send(ORCHESTRATOR, CLIENT, Lane::Setting, tag, message);
}
