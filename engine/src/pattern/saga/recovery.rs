//! How the orchestrator crashes, at each boundary of its log, and how it goes on from there.

use super::Setup;
use super::config::{CrashGap, LogMode};
use super::log::Saga;
use super::message::node::ORCHESTRATOR;
use super::message::{Timer, World, crash};
use super::orchestrator::{Orchestrator, record_step};
use super::state::SagaState;
use crate::pattern::call::CallName;
use crate::sim::{Address, Fact, NodeId, Site};

impl Orchestrator {
    /// Whether the orchestrator crashes at this point of its work on a step.
    pub(super) fn dies(&mut self, saga: &mut Saga, place: usize, at: u32, cx: &mut World) -> bool {
        if saga.steps[place].doom == at && !self.dying {
            saga.steps[place].doom = 0;
            self.dying = true;
            cx.crash(ORCHESTRATOR, at);
        }
        self.dying
    }

    /// Its process died. Returns the sagas of which nothing is left.
    pub fn crashed(&mut self, setup: &Setup, cx: &mut World) -> Vec<Saga> {
        self.dying = false;
        self.calls.crash();
        for saga in self.sagas.values_mut() {
            saga.forget_timeout(cx);
        }
        if setup.settings.config.log == LogMode::Durable {
            return Vec::new();
        }
        let lost: Vec<Saga> = self.sagas.iter().map(|(_, saga)| saga.clone()).collect();
        self.sagas.clear();
        for saga in &lost {
            cx.record(Fact::Forgotten, ORCHESTRATOR, NodeId::NONE, saga.about(), 0);
        }
        lost
    }

    /// It is back, and replays its log.
    pub fn restarted(&mut self, setup: &Setup, cx: &mut World) {
        let numbers: Vec<u32> = self.sagas.iter().map(|(number, _)| *number).collect();
        for number in numbers {
            if self.dying {
                return;
            }
            self.with(number, cx, |own, saga, cx| own.resume(setup, saga, cx));
        }
    }

    fn resume(&mut self, setup: &Setup, saga: &mut Saga, cx: &mut World) {
        let before = std::mem::replace(saga, saga.replayed());
        for place in saga.places() {
            // What the simulation knows of its draws is no state of the orchestrator.
            saga.steps[place].sent = before.steps[place].sent;
            record_step(saga, place, before.steps[place].state, cx);
        }
        let timeout = setup.settings.config.saga_timeout;
        let rest = saga.since.plus(timeout).since(cx.now());
        let timeout = Timer::SagaTimeout(saga.message);
        saga.timer = Some(cx.timer(ORCHESTRATOR, rest, timeout));
        match saga.state {
            SagaState::Compensating | SagaState::Stuck => self.resume_undoing(setup, saga, cx),
            _ => self.forward(setup, saga, cx),
        }
    }
}

/// The crash point that awaits the orchestrator at this transmission, 0 for none.
pub(super) fn doom(chance: f64, gap: CrashGap, call: CallName, number: u16, cx: &mut World) -> u32 {
    let mut at = Address::of(Site::OrchestratorCrash, u64::from(call.message)).hop(call.hop);
    at.channel = call.channel as u8;
    let at = at.attempt(u32::from(number));
    if !cx.chance(at, chance) {
        return 0;
    }
    match gap {
        CrashGap::Any => {
            let bits = cx.bits(Address {
                site: Site::CrashPoint,
                ..at
            });
            crash::BEFORE_SEND + (bits >> 62) as u32
        }
        CrashGap::BeforeSend => crash::BEFORE_SEND,
        CrashGap::AfterSend => crash::AFTER_SEND,
        CrashGap::BeforeLog => crash::BEFORE_LOG,
        CrashGap::AfterLog => crash::AFTER_LOG,
    }
}
