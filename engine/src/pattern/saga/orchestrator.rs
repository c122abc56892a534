//! The orchestrator: it starts sagas, asks services for their steps, and hears the answers. What
//! follows from an answer is in [`super::forward`] and [`super::backward`], and what from a crash in
//! [`super::recovery`].

use super::Setup;
use super::config::{AnswerMode, STEPS_MAX};
use super::log::{Entry, Saga, Step};
use super::message::node::{ORCHESTRATOR, service};
use super::message::{Message, Operation, Terms, Timer, Verdict, World, crash};
use super::orders::{Orders, reply};
use super::plan::Plan;
use super::recovery::doom;
use super::state::{SagaState, StepState};
use crate::pattern::call::{CallName, Calls};
use crate::sim::network::Lane;
use crate::sim::{Fact, NodeId, Tag};
use crate::store::Sorted;
use std::collections::VecDeque;

/// Lines of the log that are kept to be shown.
const TAIL: usize = 24;
/// Sagas that have ended and are kept to be shown.
const RECENT: usize = 4;

/// A line of the log, to be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// Saga.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// What was written.
    pub entry: Entry,
    /// The service it is about, if it is about one.
    pub service: Option<NodeId>,
}

/// The orchestrator.
#[derive(Clone, Debug, Default)]
pub struct Orchestrator {
    /// Sagas that have not ended, by number.
    pub sagas: Sorted<u32, Saga>,
    /// All orders there ever were.
    pub orders: Orders,
    /// The last lines of the log, oldest first.
    pub tail: VecDeque<Line>,
    /// Sagas that ended in this handler: what became of their steps is told by the room.
    pub ended: Vec<Saga>,
    /// The sagas that ended last, oldest first, to be shown.
    pub recent: VecDeque<Saga>,
    pub(super) calls: Calls,
    /// Whether it crashes when this handler returns: it does nothing more.
    pub(super) dying: bool,
}

impl Orchestrator {
    /// A client asks for a saga, for the first time or again.
    pub fn request(&mut self, setup: &Setup, tag: Tag, cx: &mut World) {
        let answer = setup.settings.config.answer;
        if !self.orders.knows(answer, tag, cx) {
            self.begin(setup, tag, cx);
        }
    }

    fn begin(&mut self, setup: &Setup, tag: Tag, cx: &mut World) {
        let config = &setup.settings.config;
        let Tag { message, key, .. } = tag;
        let version = self.orders.open(tag);
        let locks = setup.locks(message, cx);
        let mut saga = Saga {
            message,
            key,
            version,
            since: cx.now(),
            locks,
            plan: Plan::of(config, message),
            state: SagaState::None,
            timer: None,
            steps: [Step::default(); STEPS_MAX],
            log: Vec::new(),
        };
        let about = saga.about();
        let written = cx.record(Fact::Written, ORCHESTRATOR, NodeId::NONE, about, 0);
        cx.because(written);
        self.write(&mut saga, Entry::Started, cx);
        if config.answer == AnswerMode::AtStart {
            reply(tag, version, true, cx);
        }
        let timeout = Timer::SagaTimeout(message);
        saga.timer = Some(cx.timer(ORCHESTRATOR, config.saga_timeout, timeout));
        self.ask(setup, &mut saga, 0, Operation::Do, cx);
        self.sagas.insert(message, saga);
    }

    /// Writes an entry into the log: the saga is what its log says.
    pub(super) fn write(&mut self, saga: &mut Saga, entry: Entry, cx: &mut World) {
        let (before, steps) = (saga.state, saga.steps);
        saga.log.push(entry);
        saga.apply(entry);
        let changed = saga
            .places()
            .find(|&place| steps[place].state != saga.steps[place].state);
        if let Some(place) = changed {
            record_step(saga, place, steps[place].state, cx);
        }
        record_saga(saga, before, cx);
        let place = entry.place().or(changed);
        let line = Line {
            message: saga.message,
            key: saga.key,
            entry,
            service: place.map(|place| service(saga.plan.service(place))),
        };
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line);
    }

    /// Asks a service for an operation of a saga's step, for the first time or again.
    pub(super) fn ask(
        &mut self,
        setup: &Setup,
        saga: &mut Saga,
        place: usize,
        operation: Operation,
        cx: &mut World,
    ) {
        if self.dying {
            return;
        }
        let config = &setup.settings.config;
        match operation {
            Operation::Do => self.write(saga, Entry::Scheduled(place as u8), cx),
            Operation::Undo => self.write(saga, Entry::Undoing(place as u8), cx),
            Operation::Confirm => {}
        }
        let index = saga.plan.service(place);
        let call = saga.call(index, operation);
        let number = self.calls.ask(ORCHESTRATOR, call, config.call.timeout, cx);
        let doom = doom(
            config.orchestrator_crash,
            config.crash_gap,
            call,
            number,
            cx,
        );
        let step = &mut saga.steps[place];
        (step.sent, step.doom) = (number, doom);
        if self.dies(saga, place, crash::BEFORE_SEND, cx) {
            return;
        }
        if operation == Operation::Do {
            turn(saga, place, StepState::Started, cx);
        }
        let terms = Terms {
            by_hand: saga.steps[place].by_hand,
            locks: saga.locks,
        };
        let tag = call.tag(number, saga.key, saga.version);
        let to = service(index);
        cx.send(ORCHESTRATOR, to, Lane::Setting, tag, Message::Ask(terms));
        self.dies(saga, place, crash::AFTER_SEND, cx);
    }

    /// An answer that says how an operation of a step ended is written down. Returns whether the
    /// orchestrator has survived that.
    pub(super) fn note(
        &mut self,
        saga: &mut Saga,
        (place, operation): (usize, Operation),
        entry: Entry,
        cx: &mut World,
    ) -> bool {
        let call = saga.call(saga.plan.service(place), operation);
        self.calls.answered(call, cx);
        if self.dies(saga, place, crash::BEFORE_LOG, cx) {
            return false;
        }
        self.write(saga, entry, cx);
        !self.dies(saga, place, crash::AFTER_LOG, cx)
    }

    /// A service answers.
    pub fn answered(&mut self, setup: &Setup, tag: Tag, verdict: Verdict, cx: &mut World) {
        let operation = Operation::of(tag.channel);
        self.with(tag.message, cx, |own, saga, cx| {
            let Some(place) = saga.plan.place(tag.hop) else {
                return;
            };
            let what = (place, tag.attempt, verdict);
            match operation {
                Operation::Do => own.step_answered(setup, saga, what, cx),
                Operation::Undo => own.undo_answered(setup, saga, what, cx),
                Operation::Confirm => own.confirm_answered(setup, saga, what, cx),
            }
        });
    }

    /// The answer to a call is overdue.
    pub fn overdue(&mut self, setup: &Setup, call: CallName, cx: &mut World) {
        self.with(call.message, cx, |own, saga, cx| {
            let Some(place) = saga.plan.place(call.hop) else {
                return;
            };
            match Operation::of(call.channel) {
                Operation::Do => own.step_overdue(setup, saga, place, cx),
                Operation::Undo => own.undo_failed(setup, saga, place, cx),
                Operation::Confirm => {
                    let terms = setup.settings.config.endless_terms();
                    own.calls.overdue(ORCHESTRATOR, call, &terms, cx);
                }
            }
        });
    }

    /// It is time to make a call again.
    pub fn again(&mut self, setup: &Setup, call: CallName, cx: &mut World) {
        self.with(call.message, cx, |own, saga, cx| {
            if let Some(place) = saga.plan.place(call.hop) {
                own.ask(setup, saga, place, Operation::of(call.channel), cx);
            }
        });
    }

    /// Does something with a saga that has not ended.
    pub(super) fn with(
        &mut self,
        message: u32,
        cx: &mut World,
        act: impl FnOnce(&mut Orchestrator, &mut Saga, &mut World),
    ) {
        let Some(mut saga) = self.sagas.remove(message) else {
            return;
        };
        act(self, &mut saga, cx);
        if saga.state.is_over() {
            if self.recent.len() == RECENT {
                self.recent.pop_front();
            }
            self.recent.push_back(saga.clone());
            self.ended.push(saga);
        } else {
            self.sagas.insert(message, saga);
        }
    }

    /// A saga has ended.
    pub(super) fn finish(&mut self, setup: &Setup, saga: &mut Saga, end: Entry, cx: &mut World) {
        self.write(saga, end, cx);
        saga.forget_timeout(cx);
        let answer = setup.settings.config.answer;
        self.orders.close(answer, saga.about(), saga.state, cx);
    }
}

/// A step moves to a state that is not written down.
pub(super) fn turn(saga: &mut Saga, place: usize, state: StepState, cx: &mut World) {
    let before = std::mem::replace(&mut saga.steps[place].state, state);
    record_step(saga, place, before, cx);
}

pub(super) fn record_step(saga: &Saga, place: usize, before: StepState, cx: &mut World) {
    let now = saga.steps[place].state;
    if now != before {
        let peer = service(saga.plan.service(place));
        cx.record(
            Fact::Edge,
            ORCHESTRATOR,
            peer,
            saga.about(),
            before.edge(now),
        );
    }
}

fn record_saga(saga: &Saga, before: SagaState, cx: &mut World) {
    if saga.state != before {
        let detail = before.edge(saga.state);
        cx.record(Fact::Edge, ORCHESTRATOR, NodeId::NONE, saga.about(), detail);
    }
}
