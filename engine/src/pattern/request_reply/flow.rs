//! A request on its way through the services, as its orchestrator sees it: in memory only.

use super::config::{Config, SERVICES_MAX};
use super::message::Operation;
use super::message::World;
use super::message::node::{ORCHESTRATOR, service};
use super::state::{SagaState, StepState};
use crate::pattern::call::CallName;
use crate::sim::{Fact, NodeId, SimDuration, SimTime, Tag};

/// A call to one service, with what follows from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Step {
    /// Where it stands.
    pub state: StepState,
    /// Whether it may have happened although no answer said so.
    pub in_doubt: bool,
    /// The transmission that was sent last.
    pub sent: u16,
    /// When it first wanted a connection, and when it first had one.
    pub queued: Option<SimTime>,
    /// See [`Step::queued`].
    pub began: Option<SimTime>,
    /// When it was known how it ended.
    pub ended: Option<SimTime>,
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub struct Flow {
    /// The write it makes.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// The request that it answers.
    pub request: Tag,
    /// When it was taken up.
    pub since: SimTime,
    /// When it was over, or let go.
    pub until: Option<SimTime>,
    /// Whether its orchestrator has crashed.
    pub forgotten: bool,
    /// When its client wants no answer any more, if that travels along.
    pub deadline: Option<SimTime>,
    /// Where it stands.
    pub state: SagaState,
    /// Its calls, by service.
    pub steps: [Step; SERVICES_MAX],
}

impl Flow {
    /// A request that was just taken up.
    pub fn new(config: &Config, message: u32, request: Tag, now: SimTime) -> Flow {
        let timeout = config.patience.timeout;
        Flow {
            message,
            key: request.key,
            request,
            since: now,
            until: None,
            forgotten: false,
            deadline: config.deadlines.then(|| now.plus(timeout)),
            state: SagaState::None,
            steps: [Step::default(); SERVICES_MAX],
        }
    }

    /// The tag of a record about it.
    pub fn about(&self) -> Tag {
        Tag {
            message: self.message,
            key: self.key,
            ..Tag::NONE
        }
    }

    /// The call that asks a service for an operation.
    pub fn call(&self, index: u8, operation: Operation) -> CallName {
        CallName {
            message: self.message,
            channel: operation.channel(),
            hop: index,
        }
    }

    /// One of its calls.
    pub fn step(&self, index: u8) -> &Step {
        &self.steps[usize::from(index)]
    }

    /// One of its calls.
    pub fn step_mut(&mut self, index: u8) -> &mut Step {
        &mut self.steps[usize::from(index)]
    }

    /// What is left of its deadline; `None` if it has none.
    pub fn left(&self, now: SimTime) -> Option<SimDuration> {
        self.deadline.map(|deadline| deadline.since(now))
    }

    /// The services whose call stands so.
    pub fn all<F: Fn(StepState) -> bool>(&self, wanted: F) -> impl Iterator<Item = u8> + use<F> {
        let steps = self.steps;
        (0..SERVICES_MAX as u8).filter(move |&index| wanted(steps[usize::from(index)].state))
    }

    /// Whether a call stands so.
    pub fn has(&self, state: StepState) -> bool {
        self.all(|other| other == state).next().is_some()
    }

    /// The request moves.
    pub fn moves(&mut self, to: SagaState, cx: &mut World) {
        let from = std::mem::replace(&mut self.state, to);
        let about = self.about();
        cx.record(Fact::Edge, ORCHESTRATOR, NodeId::NONE, about, from.edge(to));
    }

    /// A call moves.
    pub fn turn(&mut self, index: u8, to: StepState, cx: &mut World) {
        let now = cx.now();
        let step = self.step_mut(index);
        let from = std::mem::replace(&mut step.state, to);
        match to {
            StepState::Scheduled => {
                step.queued.get_or_insert(now);
            }
            StepState::Started => {
                step.began.get_or_insert(now);
            }
            StepState::Done | StepState::Failed | StepState::Unknown => step.ended = Some(now),
            _ => {}
        }
        if from != to {
            let about = self.about();
            cx.record(
                Fact::Edge,
                ORCHESTRATOR,
                service(index),
                about,
                from.edge(to),
            );
        }
    }
}
