//! How a saga goes back: every step that may have happened is compensated; a compensation that
//! fails for the last time waits for a person.

use super::Setup;
use super::config::UndoOrder;
use super::log::{Entry, Saga};
use super::message::node::{ORCHESTRATOR, service};
use super::message::{Operation, Verdict, World};
use super::orchestrator::Orchestrator;
use super::state::{SagaState, StepState};
use crate::pattern::call::Overdue;
use crate::sim::NodeId;

impl Orchestrator {
    /// Asks for the compensations that are next, or ends.
    pub(super) fn backward(&mut self, setup: &Setup, saga: &mut Saga, cx: &mut World) {
        if saga.state != SagaState::Compensating {
            return;
        }
        let waits = saga.has(StepState::Compensating);
        let wanted: Vec<usize> = match setup.settings.config.undo_order {
            UndoOrder::Parallel => saga.to_undo().collect(),
            _ if waits => Vec::new(),
            UndoOrder::Reverse => saga.to_undo().next_back().into_iter().collect(),
            UndoOrder::Custom => saga.to_undo().next().into_iter().collect(),
        };
        if wanted.is_empty() && !waits {
            return self.finish(setup, saga, Entry::Compensated, cx);
        }
        for place in wanted {
            self.ask(setup, saga, place, Operation::Undo, cx);
        }
    }

    /// Back after a crash: what was asked for is asked for again.
    pub(super) fn resume_undoing(&mut self, setup: &Setup, saga: &mut Saga, cx: &mut World) {
        for place in saga.places() {
            if saga.steps[place].state == StepState::Compensating {
                self.ask(setup, saga, place, Operation::Undo, cx);
            }
        }
        self.backward(setup, saga, cx);
        if saga.is_past_pivot() {
            self.forward(setup, saga, cx);
        }
    }

    /// A service answers about a compensation.
    pub(super) fn undo_answered(
        &mut self,
        setup: &Setup,
        saga: &mut Saga,
        (place, attempt, verdict): (usize, u16, Verdict),
        cx: &mut World,
    ) {
        let step = saga.steps[place];
        if verdict != Verdict::Done {
            if step.state == StepState::Compensating && step.sent == attempt {
                self.undo_failed(setup, saga, place, cx);
            }
            return;
        }
        match step.state {
            // It was done after all, and nobody need help.
            StepState::Stuck => self.write(saga, Entry::Resumed(place as u8), cx),
            StepState::Compensating => {}
            _ => return,
        }
        if self.note(
            saga,
            (place, Operation::Undo),
            Entry::Undone(place as u8),
            cx,
        ) {
            self.backward(setup, saga, cx);
        }
    }

    /// A compensation failed, or was not answered in time: it is asked for again, if it may be.
    pub(super) fn undo_failed(
        &mut self,
        setup: &Setup,
        saga: &mut Saga,
        place: usize,
        cx: &mut World,
    ) {
        let terms = setup.settings.config.undo_terms();
        let call = saga.call(saga.plan.service(place), Operation::Undo);
        if saga.steps[place].state == StepState::Compensating
            && self.calls.overdue(ORCHESTRATOR, call, &terms, cx) == Overdue::GaveUp
        {
            self.write(saga, Entry::Stuck(place as u8), cx);
        }
    }

    /// A person helps the sagas that are stuck at a service, or at all of them. Returns whether
    /// there is one.
    pub fn help(&mut self, setup: &Setup, at: NodeId, cx: &mut World) -> bool {
        let numbers: Vec<u32> = self.sagas.iter().map(|(number, _)| *number).collect();
        let mut helped = false;
        for number in numbers {
            self.with(number, cx, |own, saga, cx| {
                for place in saga.places() {
                    let node = service(saga.plan.service(place));
                    let here = at == node || at == ORCHESTRATOR;
                    if here && saga.steps[place].state == StepState::Stuck {
                        helped = true;
                        own.write(saga, Entry::Resumed(place as u8), cx);
                        let operation = match saga.is_past_pivot() {
                            true => Operation::Confirm,
                            false => Operation::Undo,
                        };
                        own.ask(setup, saga, place, operation, cx);
                    }
                }
            });
        }
        helped
    }
}
