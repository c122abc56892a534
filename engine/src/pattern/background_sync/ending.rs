//! How runs end: done, killed, told that their token is old, or dead with their process; and when
//! no further one is needed.

use super::Room;
use super::job::Run;
use super::message::World;
use super::message::node::JOB;
use super::state::RunState::{self, Crashed, Idle};
use super::state::run_edge;
use crate::sim::{Channel, Fact, NodeId};
use std::rc::Rc;

impl Room {
    /// A run has done its work: it gives back the lock.
    pub(super) fn end(&mut self, place: usize, cx: &mut World) {
        for leg in 0..self.layout.legs() {
            self.job
                .moved(place, leg, self.layout.source(leg), Idle, cx);
        }
        let run = self.job.runs.remove(place);
        cx.record(Fact::Ticked, JOB, NodeId::NONE, run.about(), run.effects);
        self.job.quiet = self.job.unchanged.iter().all(|&unchanged| unchanged);
        self.unlock(&run, cx);
        self.judge_all(cx);
        self.ended(cx);
    }

    /// A run ends before its time: killed, or told that its token is old.
    pub(super) fn end_early(&mut self, number: u32, how: RunState, cx: &mut World) {
        let Some(place) = self.job.place(number) else {
            return;
        };
        for leg in 0..self.layout.legs() {
            self.job.answered(place, leg, cx);
            self.job.moved(place, leg, self.layout.source(leg), how, cx);
            self.job
                .moved(place, leg, self.layout.source(leg), Idle, cx);
        }
        let run = self.job.runs.remove(place);
        self.unlock(&run, cx);
        self.judge_all(cx);
        self.ended(cx);
    }

    fn unlock(&mut self, run: &Run, cx: &mut World) {
        if self.settings.config.lock && self.job.lock.release(run.number) {
            cx.record(Fact::Unlocked, JOB, NodeId::NONE, run.about(), 0);
        }
    }

    fn ended(&mut self, cx: &mut World) {
        if self.is_settled(cx) {
            self.scheduler.rest(cx);
        } else {
            self.plan(cx);
        }
    }

    /// The job's process died: its runs with it.
    pub(super) fn job_crashed(&mut self, cx: &mut World) {
        for run in 0..self.job.runs.len() {
            for leg in 0..self.layout.legs() {
                self.job
                    .moved(run, leg, self.layout.source(leg), Crashed, cx);
            }
        }
        self.job.runs.clear();
        self.scheduler.crashed();
        self.judge_all(cx);
    }

    /// The job is back: what was due meanwhile is one run at most.
    pub(super) fn job_restarted(&mut self, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let tick = self.scheduler.tick;
        self.edge(tick, run_edge(Crashed, Idle), cx);
        let catch_up = self.scheduler.restarted(&settings.config, cx);
        if self.scheduler.state == super::state::SchedulerState::Stopped {
            return self.judge_all(cx);
        }
        if catch_up && !self.is_settled(cx) {
            self.due(0, cx);
        }
        self.plan(cx);
    }

    /// Whether the drain is over: nothing is asked for, and a run found nothing new.
    pub(super) fn is_settled(&self, cx: &World) -> bool {
        let open = |source: &super::source::Source| source.is_open(None);
        let waits = || {
            cx.flights()
                .any(|flight| flight.tag.channel == Channel::Request)
        };
        cx.is_draining()
            && self.job.quiet
            && self.job.runs.is_empty()
            && self.job.lock.holder().is_none()
            && !self.client.is_waiting()
            && !self.sources.iter().any(open)
            && !self.awaits_person()
            && !waits()
    }
}
