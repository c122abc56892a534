//! How a run goes on: queue entry by queue entry, with the interventions planned between them.

use super::{Observer, RECORDS_MAX, Simulation};
use crate::sim::journal::Journal;
use crate::sim::model::{Chore, CrashRequest, Envelope, Model, Scheduled};
use crate::sim::network::{Flight, Tag};
use crate::sim::record::{Fact, NodeId, RecordId};
use crate::sim::time::SimTime;

impl<P: Model, O: Observer> Simulation<P, O> {
    /// Processes the next queue entry or intervention at or before `limit`. Returns whether there
    /// was one; when not, the clock stands at `limit` or the run is finished.
    #[inline]
    pub fn step(&mut self, limit: SimTime, journal: Option<&mut Journal>) -> bool {
        if self.finished {
            return false;
        }
        if self.cx.next_record >= RECORDS_MAX {
            return self.finish(2, journal);
        }
        let end = limit.min(self.limits.horizon);
        let planned = self
            .plan
            .get(self.planned)
            .map(|planned| (planned.at, planned.after_steps));
        if let Some((at, after)) = planned
            && at <= end
        {
            return self.step_planned(at, after, journal);
        }
        match self.cx.queue.pop_until(end) {
            Some((time, entry)) => {
                self.enter(time);
                self.process(entry);
                self.settle(journal);
                true
            }
            None => self.rest(end, journal),
        }
    }

    /// Runs to `limit` or the end of the run.
    pub fn run_until(&mut self, limit: SimTime, mut journal: Option<&mut Journal>) {
        while self.step(limit, journal.as_deref_mut()) {}
    }

    /// Moves the clock.
    fn enter(&mut self, time: SimTime) {
        if time != self.cx.now {
            self.cx.now = time;
            self.steps_now = 0;
        }
        self.steps_now += 1;
        self.steps += 1;
    }

    /// Nothing is left at or before `end`: the run is finished, or the clock moves to `end`.
    fn rest(&mut self, end: SimTime, journal: Option<&mut Journal>) -> bool {
        let quiet = self.cx.queue.is_empty() && self.planned == self.plan.len();
        if !quiet && end < self.limits.horizon {
            if end > self.cx.now {
                self.cx.now = end;
                self.steps_now = 0;
            }
            return false;
        }
        if !quiet {
            self.cx.now = self.cx.now.max(end);
        }
        self.finish(u32::from(!quiet), journal)
    }

    /// Ends the run for a reason: 0 all quiet, 1 the horizon, 2 too many records.
    #[cold]
    fn finish(&mut self, reason: u32, journal: Option<&mut Journal>) -> bool {
        self.finished = true;
        self.cx.cause = RecordId::NONE;
        self.cx.record(
            Fact::Quiesced,
            NodeId::NONE,
            NodeId::NONE,
            Tag::NONE,
            reason,
        );
        self.flush(journal);
        true
    }

    /// Steps towards the next intervention, or carries it out.
    #[cold]
    #[inline(never)]
    fn step_planned(&mut self, at: SimTime, after: u32, journal: Option<&mut Journal>) -> bool {
        let there = self.cx.now > at || (self.cx.now == at && self.steps_now >= after);
        if !there {
            if let Some((time, entry)) = self.cx.queue.pop_until(at) {
                self.enter(time);
                self.process(entry);
                self.settle(journal);
                return true;
            }
            if self.cx.now < at {
                self.cx.now = at;
                self.steps_now = 0;
            }
        }
        // Where fewer entries came than the address says, what follows is still addressed after it.
        self.steps_now = self.steps_now.max(after);
        let index = self.planned;
        self.planned += 1;
        let what = self.plan[index].what.clone();
        self.cx.cause = RecordId::NONE;
        let done = self.cx.record(
            Fact::Intervened,
            NodeId::NONE,
            NodeId::NONE,
            Tag::NONE,
            index as u32,
        );
        self.cx.because(done);
        self.applied[index] = self.intervene(&what);
        self.settle(journal);
        true
    }

    #[inline]
    fn process(&mut self, entry: Scheduled<P::Message, P::Timer>) {
        match entry {
            Scheduled::Arrive(flight) => self.arrive(flight),
            Scheduled::Timer {
                node,
                incarnation,
                cause,
                timer,
            } => {
                let state = &self.cx.nodes[node.index()];
                if state.up && state.incarnation == incarnation {
                    self.cx.cause = cause;
                    self.model.on_timer(&mut self.cx, node, timer);
                }
            }
            Scheduled::Chore(chore) => self.do_chore(&chore),
        }
    }

    #[cold]
    fn do_chore(&mut self, chore: &Chore) {
        self.cx.cause = RecordId::NONE;
        match *chore {
            Chore::Fail { .. } if self.cx.draining => {}
            Chore::Fail { node, count } => {
                if self.cx.is_up(node) {
                    self.cx.crash(node, 0);
                }
                self.schedule_failure(node, count + 1);
            }
            Chore::Restart { node, incarnation } => {
                if self.cx.nodes[node.index()].incarnation == incarnation {
                    self.restart(node);
                }
            }
            Chore::Drain => self.drain(),
        }
    }

    /// A flight reaches its end: delivered, or lost for one of four reasons.
    #[inline]
    fn arrive(&mut self, flight: Flight<P::Message>) {
        self.cx.cause = flight.sent;
        let index = self.cx.link_index(flight.from, flight.to);
        let link = &mut self.cx.links[index];
        if let Some(held) = &mut link.held {
            held.push(flight);
            return;
        }
        let reason = if flight.doomed {
            0
        } else if link.cut {
            1
        } else if !self.cx.is_up(flight.to) {
            2
        } else {
            let attempt = u32::from(flight.tag.attempt);
            let Flight {
                tag,
                from,
                to,
                message,
                ..
            } = flight;
            let delivered = self.cx.record(Fact::Delivered, to, from, tag, attempt);
            self.cx.cause = delivered;
            self.model.on_message(
                &mut self.cx,
                Envelope {
                    from,
                    to,
                    tag,
                    message,
                },
            );
            return;
        };
        self.lose(flight, reason);
    }

    pub(super) fn lose(&mut self, flight: Flight<P::Message>, reason: u32) {
        let lost = self
            .cx
            .record(Fact::Lost, flight.from, flight.to, flight.tag, reason);
        self.cx.cause = lost;
        self.model.on_lost(&mut self.cx, &flight);
    }

    /// Carries out crashes that handlers asked for, then tells everyone what happened.
    #[inline]
    pub(super) fn settle(&mut self, journal: Option<&mut Journal>) {
        while let Some(CrashRequest { node, point, cause }) = self.cx.crashes.pop() {
            self.cx.cause = cause;
            if self.crash(node, point) {
                let state = &self.cx.nodes[node.index()];
                let incarnation = state.incarnation;
                let restart = Scheduled::Chore(Chore::Restart { node, incarnation });
                self.cx.queue.push(self.cx.now.plus(state.mttr), restart);
            }
        }
        self.flush(journal);
    }

    #[inline]
    fn flush(&mut self, journal: Option<&mut Journal>) {
        let first = self.cx.next_record - self.cx.pending.len() as u32;
        for (offset, record) in self.cx.pending.iter().enumerate() {
            self.observer
                .observe(RecordId(first + offset as u32), record);
        }
        if let Some(journal) = journal {
            self.cx
                .pending
                .iter()
                .for_each(|record| journal.push(*record));
        }
        self.cx.pending.clear();
    }

    /// The workload stops: links heal, held messages go on, nodes come back.
    fn drain(&mut self) {
        self.cx.draining = true;
        let drained = self
            .cx
            .record(Fact::Drained, NodeId::NONE, NodeId::NONE, Tag::NONE, 0);
        for index in 0..self.cx.links.len() {
            let (from, to) = (self.cx.links[index].from, self.cx.links[index].to);
            self.cx.because(drained);
            self.cx.cut(from, to, false);
            self.release(from, to);
        }
        for node in 0..self.cx.nodes.len() {
            self.cx.because(drained);
            self.restart(NodeId(node as u8));
        }
        self.cx.because(drained);
        self.model.on_drain(&mut self.cx);
    }
}
