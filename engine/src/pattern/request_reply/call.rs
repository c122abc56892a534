//! What follows from the answer to a call, or from none: the next call, another attempt, or the way
//! back. A call whose time is over is unknown; unknown is no failure (rule C10).

use super::config::{Config, Gap, Order};
use super::flow::Flow;
use super::knob::Settings;
use super::message::node::ORCHESTRATOR;
use super::message::{Operation, Verdict, World};
use super::orchestrator::Orchestrator;
use super::state::{SagaState, StepState};
use crate::pattern::call::{CallName, Overdue, Reply};
use crate::sim::Tag;
use crate::store::CallEnd;

impl Orchestrator {
    /// A service answers.
    pub fn answered(&mut self, settings: &Settings, tag: Tag, verdict: Verdict, cx: &mut World) {
        let operation = Operation::of(tag.channel);
        self.with(tag.message, cx, |own, flow, cx| {
            let call = flow.call(tag.hop, operation);
            let waits = own.calls.waits_for(call);
            let current = waits && flow.step(tag.hop).sent == tag.attempt;
            match (verdict, operation) {
                // "Not this time" is about one attempt; the others are about the call.
                (Verdict::Failed, _) if current => own.over(settings, flow, (call, true), cx),
                (Verdict::Failed, _) => {}
                (_, Operation::Undo) => own.undone(settings, flow, call, cx),
                _ => own.heard(settings, flow, (call, verdict), cx),
            }
        });
        self.pump(settings, cx);
    }

    /// The answer to a call is overdue.
    pub fn overdue(&mut self, settings: &Settings, call: CallName, cx: &mut World) {
        self.with(call.message, cx, |own, flow, cx| {
            own.over(settings, flow, (call, false), cx);
        });
        self.pump(settings, cx);
    }

    /// It is time to make a call again.
    pub fn again(&mut self, settings: &Settings, call: CallName, cx: &mut World) {
        self.with(call.message, cx, |own, flow, cx| {
            match Operation::of(call.channel) {
                Operation::Undo => own.pool.enter(call, cx.now()),
                _ => own.ask(flow, call.hop, cx),
            }
        });
        self.pump(settings, cx);
    }

    /// Nobody waits for the answer to a call any more. Returns whether it was out.
    fn stop(&mut self, call: CallName, cx: &mut World) -> bool {
        let out = self.calls.answered(call, cx) == Reply::Awaited;
        if out {
            self.pool.release();
        }
        out
    }

    /// An attempt is over without a result: the service failed this time (`answered`), or nobody
    /// knows.
    fn over(
        &mut self,
        settings: &Settings,
        flow: &mut Flow,
        (call, answered): (CallName, bool),
        cx: &mut World,
    ) {
        let config = &settings.config;
        let (index, undo) = (call.hop, Operation::of(call.channel) == Operation::Undo);
        let terms = if undo { config.undo() } else { config.call() };
        let next = self.calls.overdue(ORCHESTRATOR, call, &terms, cx);
        if next == Overdue::Settled {
            return;
        }
        self.pool.release();
        if undo {
            return;
        }
        self.learn(config, (flow, index), CallEnd::Failed, cx);
        let state = if answered {
            StepState::Backoff
        } else {
            flow.step_mut(index).in_doubt = true;
            StepState::Unknown
        };
        flow.turn(index, state, cx);
        if flow.state != SagaState::Started {
            self.close(config, flow, index, cx);
            self.backward(config, flow, cx);
        } else if next == Overdue::GaveUp {
            self.fail(settings, flow, index, cx);
        }
    }

    /// A service says that it did its part, or that it will not.
    fn heard(
        &mut self,
        settings: &Settings,
        flow: &mut Flow,
        (call, verdict): (CallName, Verdict),
        cx: &mut World,
    ) {
        use StepState::{Backoff, Done, Scheduled, Started, Unknown};
        let config = &settings.config;
        let index = call.hop;
        let goes_on = flow.state == SagaState::Started;
        let state = flow.step(index).state;
        let waits = state == Started || goes_on && matches!(state, Scheduled | Backoff | Unknown);
        if !waits {
            return;
        }
        self.stop(call, cx);
        self.learn(config, (flow, index), CallEnd::Answered, cx);
        if verdict == Verdict::Done {
            flow.turn(index, Done, cx);
        } else {
            // Where answers are remembered, none of its attempts can have been another.
            flow.step_mut(index).in_doubt &= !config.keyed_calls;
            self.close(config, flow, index, cx);
        }
        match (goes_on, verdict) {
            (true, Verdict::Done) => self.forward(config, flow, index, cx),
            (true, _) => self.turn_round(config, flow, cx),
            _ => self.backward(config, flow, cx),
        }
    }

    /// Service `index` has done its part: the next one, or the reply.
    fn forward(&mut self, config: &Config, flow: &mut Flow, index: u8, cx: &mut World) {
        let done = flow.all(|state| state == StepState::Done).count() as u32;
        let all = done == config.services;
        let gap = if all {
            Gap::BeforeReply
        } else {
            Gap::BetweenCalls
        };
        if self.dies(config, (flow, index), gap, cx) {
            return;
        }
        if all {
            self.finish(config, flow, SagaState::Completed, cx);
        } else if config.order == Order::Serial {
            self.ask(flow, index + 1, cx);
        }
    }

    /// A call has failed for good: the request does too.
    pub(super) fn fail(&mut self, settings: &Settings, flow: &mut Flow, index: u8, cx: &mut World) {
        self.close(&settings.config, flow, index, cx);
        self.turn_round(&settings.config, flow, cx);
    }

    /// A call is not made again, and its answer not awaited.
    fn close(&mut self, config: &Config, flow: &mut Flow, index: u8, cx: &mut World) {
        if self.stop(flow.call(index, Operation::Do), cx) {
            self.learn(config, (flow, index), CallEnd::LetGo, cx);
        }
        let state = match flow.step(index).in_doubt && config.undoes_unknown {
            true => StepState::Unknown,
            false => StepState::Failed,
        };
        flow.turn(index, state, cx);
    }

    /// The request fails. What is under way runs out; nothing new is begun.
    fn turn_round(&mut self, config: &Config, flow: &mut Flow, cx: &mut World) {
        use StepState::{Backoff, Scheduled, Started, Unknown};
        let open = |state: StepState| match state {
            Scheduled | Backoff | Unknown => true,
            Started => !config.compensates,
            _ => false,
        };
        for index in flow.all(open) {
            self.close(config, flow, index, cx);
        }
        if config.compensates {
            self.moves(flow, SagaState::Compensating, cx);
            self.backward(config, flow, cx);
        } else {
            self.finish(config, flow, SagaState::None, cx);
        }
    }

    /// Asks for the compensations that are next, or ends.
    fn backward(&mut self, config: &Config, flow: &mut Flow, cx: &mut World) {
        let undoes = flow.has(StepState::Compensating);
        let serial = config.order == Order::Serial;
        if flow.has(StepState::Started) || serial && undoes {
            return;
        }
        let mut wanted: Vec<u8> = flow
            .all(|state| matches!(state, StepState::Done | StepState::Unknown))
            .collect();
        if wanted.is_empty() && !undoes {
            return self.finish(config, flow, SagaState::Compensated, cx);
        }
        if serial {
            wanted.drain(..wanted.len() - 1);
        }
        for index in wanted {
            flow.turn(index, StepState::Compensating, cx);
            self.pool.enter(flow.call(index, Operation::Undo), cx.now());
        }
    }

    /// A service has undone its part.
    fn undone(&mut self, settings: &Settings, flow: &mut Flow, call: CallName, cx: &mut World) {
        if flow.step(call.hop).state == StepState::Compensating {
            self.stop(call, cx);
            flow.turn(call.hop, StepState::Compensated, cx);
            self.backward(&settings.config, flow, cx);
        }
    }
}
