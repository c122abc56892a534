//! How a saga goes forward: step by step to the pivot, and from there on, whatever it takes.

use super::Setup;
use super::config::{OnUnknown, Registration};
use super::log::{Entry, Saga};
use super::message::node::{ORCHESTRATOR, service};
use super::message::{Operation, Verdict, World, crash};
use super::orchestrator::{Orchestrator, turn};
use super::plan::StepKind;
use super::state::{SagaState, StepState};
use crate::pattern::call::{Overdue, Terms};
use crate::sim::Fact;

impl Orchestrator {
    /// A service answers about its step.
    pub(super) fn step_answered(
        &mut self,
        setup: &Setup,
        saga: &mut Saga,
        (place, attempt, verdict): (usize, u16, Verdict),
        cx: &mut World,
    ) {
        let step = saga.steps[place];
        let waits = matches!(
            step.state,
            StepState::Started | StepState::Backoff | StepState::Unknown
        );
        if !saga.goes_forward() || !waits {
            return;
        }
        // "Not this time" is about one attempt; the others are about the step.
        if verdict == Verdict::Failed {
            if step.state == StepState::Started && step.sent == attempt {
                self.step_failed(setup, saga, place, cx);
            }
            return;
        }
        if verdict == Verdict::Refused {
            if !self.dies(saga, place, crash::BEFORE_LOG, cx) {
                // Where answers are remembered, none of its attempts can have been another.
                saga.steps[place].in_doubt &= !setup.settings.config.idempotent_steps;
                self.give_up(setup, saga, place, cx);
            }
            return;
        }
        if self.note(saga, (place, Operation::Do), Entry::Done(place as u8), cx) {
            self.forward(setup, saga, cx);
        }
    }

    /// Goes on with the step that is next, confirms what has become final, or ends.
    pub(super) fn forward(&mut self, setup: &Setup, saga: &mut Saga, cx: &mut World) {
        if saga.is_past_pivot() {
            saga.forget_timeout(cx);
            let wanted: Vec<usize> = saga.unconfirmed().collect();
            for place in wanted {
                let call = saga.call(saga.plan.service(place), Operation::Confirm);
                if !self.calls.open().any(|open| open == call) {
                    self.ask(setup, saga, place, Operation::Confirm, cx);
                }
            }
        }
        match saga.current() {
            Some(place) => {
                let asks = matches!(
                    saga.steps[place].state,
                    StepState::Idle | StepState::Unknown
                );
                let call = saga.call(saga.plan.service(place), Operation::Do);
                if asks && !self.calls.open().any(|open| open == call) {
                    self.ask(setup, saga, place, Operation::Do, cx);
                }
            }
            None if saga.state == SagaState::Started && saga.unconfirmed().next().is_none() => {
                self.finish(setup, saga, Entry::Completed, cx);
            }
            None => {}
        }
    }

    /// How long a step is asked for.
    fn terms(&self, setup: &Setup, saga: &Saga, place: usize) -> Terms {
        let config = &setup.settings.config;
        let endless = match saga.plan.kind(place) {
            StepKind::Retriable => true,
            // A pivot that may have happened must be known before anything is undone.
            StepKind::Pivot => config.ask_pivot && saga.steps[place].in_doubt,
            _ => false,
        };
        match endless {
            true => config.endless_terms(),
            false => config.call.clone(),
        }
    }

    /// A step failed this time.
    fn step_failed(&mut self, setup: &Setup, saga: &mut Saga, place: usize, cx: &mut World) {
        let terms = self.terms(setup, saga, place);
        let call = saga.call(saga.plan.service(place), Operation::Do);
        match self.calls.overdue(ORCHESTRATOR, call, &terms, cx) {
            Overdue::Again => turn(saga, place, StepState::Backoff, cx),
            Overdue::GaveUp => self.give_up(setup, saga, place, cx),
            Overdue::Settled => {}
        }
    }

    /// No answer in time: nobody knows whether the step happened.
    pub(super) fn step_overdue(
        &mut self,
        setup: &Setup,
        saga: &mut Saga,
        place: usize,
        cx: &mut World,
    ) {
        if !saga.goes_forward() || saga.steps[place].state != StepState::Started {
            return;
        }
        let config = &setup.settings.config;
        saga.steps[place].in_doubt = true;
        turn(saga, place, StepState::Unknown, cx);
        let must_ask = match saga.plan.kind(place) {
            StepKind::Retriable => true,
            StepKind::Pivot => config.ask_pivot,
            _ => false,
        };
        if config.on_unknown == OnUnknown::Compensate && !must_ask {
            return self.give_up(setup, saga, place, cx);
        }
        let terms = self.terms(setup, saga, place);
        let call = saga.call(saga.plan.service(place), Operation::Do);
        if self.calls.overdue(ORCHESTRATOR, call, &terms, cx) == Overdue::GaveUp {
            self.give_up(setup, saga, place, cx);
        }
    }

    /// The saga has taken long enough; past the pivot, where only retriable steps are left, that
    /// changes nothing.
    pub fn timed_out(&mut self, setup: &Setup, message: u32, cx: &mut World) {
        self.with(message, cx, |own, saga, cx| {
            let Some(place) = saga.current() else { return };
            let step = saga.steps[place];
            let asked = step.in_doubt || step.state != StepState::Backoff;
            let kind = saga.plan.kind(place);
            let in_doubt = kind == StepKind::Pivot && asked && setup.settings.config.ask_pivot;
            let back = saga.state == SagaState::Started;
            if back && !in_doubt && kind != StepKind::Retriable {
                if step.state == StepState::Started {
                    saga.steps[place].in_doubt = true;
                    turn(saga, place, StepState::Unknown, cx);
                }
                own.give_up(setup, saga, place, cx);
            }
        });
    }

    /// The saga will not get past this step: it turns round.
    fn give_up(&mut self, setup: &Setup, saga: &mut Saga, place: usize, cx: &mut World) {
        let call = saga.call(saga.plan.service(place), Operation::Do);
        self.calls.forget(call, cx);
        let registered = setup.settings.config.registration == Registration::Before;
        let undone = registered
            && saga.steps[place].in_doubt
            && saga.plan.kind(place) == StepKind::Compensable;
        match (undone, saga.steps[place].state) {
            (true, StepState::Unknown) => {}
            (true, _) => turn(saga, place, StepState::Unknown, cx),
            _ => self.write(saga, Entry::Failed(place as u8), cx),
        }
        self.write(saga, Entry::Aborting, cx);
        saga.forget_timeout(cx);
        for place in saga.places() {
            let irrevocable = saga.plan.kind(place) == StepKind::Irrevocable;
            if irrevocable && saga.steps[place].state == StepState::Done {
                let peer = service(saga.plan.service(place));
                cx.record(Fact::Apologised, ORCHESTRATOR, peer, saga.about(), 0);
            }
        }
        self.backward(setup, saga, cx);
    }

    /// A service answers about the confirmation of its step.
    pub(super) fn confirm_answered(
        &mut self,
        setup: &Setup,
        saga: &mut Saga,
        (place, _, verdict): (usize, u16, Verdict),
        cx: &mut World,
    ) {
        if saga.steps[place].state != StepState::Done {
            return;
        }
        let entry = match verdict {
            Verdict::Done => Entry::Confirmed(place as u8),
            // Neither back, for the pivot is done, nor forward.
            _ => Entry::Stuck(place as u8),
        };
        if self.note(saga, (place, Operation::Confirm), entry, cx) {
            self.forward(setup, saga, cx);
        }
    }
}
