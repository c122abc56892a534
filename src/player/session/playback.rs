//! How the playhead moves by itself: in frames or in steps, over quiet time, and where it stops.

use super::{DISCRETE_SECS, Frame, Session};
use crate::player::guide::{self, Concern, Guide};
use crate::player::moment::{self, Moment};
use crate::player::shown;
use converge_engine::check::Violation;
use converge_engine::sim::recording::Position;
use converge_engine::sim::{SimDuration, SimTime};

impl Session {
    /// Moves the playhead by `dt` wall seconds, or to where something stops it.
    pub(super) fn play_frame(&mut self, dt: f64, frame: &mut Frame) {
        if self.discrete {
            self.play_discrete(dt, frame);
            return;
        }
        if self.skip_quiet {
            frame.skipped = self.skip_if_quiet();
        }
        let from = self.clock.at();
        let (mut at, mut rest) = self.clock.after(dt);
        let limit = self.branch().run().head().now;
        let mut ends = false;
        if at >= limit {
            (at, rest) = (limit.max(from), 0.0);
            ends = self.branch().is_complete();
        }
        match self.violation_ahead(at) {
            Some(violation) => self.stop_at(&violation, from, frame),
            None if self.stop_at_moment(at) => frame.stopped = true,
            None => {
                self.branch_mut().go(Position::Time(at));
                self.clock.move_to(at, rest);
                frame.stopped = ends;
                self.clock.playing &= !ends;
            }
        }
        self.arrive();
        self.notice_cure(frame);
        frame.moved = true;
    }

    fn play_discrete(&mut self, dt: f64, frame: &mut Frame) {
        self.discrete_wait += dt;
        if self.discrete_wait < DISCRETE_SECS {
            return;
        }
        self.discrete_wait = 0.0;
        let from = self.clock.at();
        let ahead = self.violation_ahead(SimTime::from_micros(u64::MAX));
        let moment = moment::ahead(self.branch(), self.branch().end());
        frame.moved = self.branch_mut().step();
        self.clock.set(self.branch().cursor().now());
        if !frame.moved && self.branch().is_complete() {
            self.clock.playing = false;
            frame.stopped = true;
        }
        if let Some(violation) = ahead.filter(|ahead| self.branch().shows(ahead.property)) {
            self.stop_at(&violation, from, frame);
        } else if let Some(moment) = moment.filter(|_| moment::is_past(self.branch())) {
            frame.stopped |= self.stop_for(moment);
        }
        self.arrive();
        self.notice_cure(frame);
    }

    /// The violation between the playhead and `until` that stops the playback, if one does.
    fn violation_ahead(&self, until: SimTime) -> Option<Violation> {
        let ahead = self.branch().violation_ahead();
        let stops = |ahead: &&Violation| self.pause_on_violation && ahead.at <= until;
        ahead.filter(stops).cloned()
    }

    /// Stops right after the record that decided a violation; the playhead came from `from`.
    fn stop_at(&mut self, violation: &Violation, from: SimTime, frame: &mut Frame) {
        let decided = violation.evidence.last();
        let position = decided.map_or(Position::Time(violation.at), |id| {
            Position::Records(id.0 + 1)
        });
        self.branch_mut().go(position);
        self.clock.set(violation.at);
        self.clock.playing = false;
        self.guide = Guide::Broken(Concern::of(violation, from));
        frame.stopped = true;
    }

    /// Stops at the first sale of what was gone, if it happens until `at`.
    fn stop_at_moment(&mut self, at: SimTime) -> bool {
        moment::ahead(self.branch(), at).is_some_and(|moment| self.stop_for(moment))
    }

    fn stop_for(&mut self, moment: Moment) -> bool {
        if !self.pause_on_violation {
            return false;
        }
        self.branch_mut().go(Position::Records(moment.id.0 + 1));
        self.clock.set(moment.record.at);
        self.clock.playing = false;
        self.guide = Guide::Sold(moment);
        true
    }

    fn notice_cure(&mut self, frame: &mut Frame) {
        if let Guide::Curing(concern) = self.guide
            && let Some(delay) = guide::settled(self.branch(), &concern)
        {
            self.guide = Guide::Cured(concern, delay);
            self.clock.playing = false;
            frame.stopped = true;
        }
    }

    /// Whether nothing moves until some later instant; if so the clock glides there.
    fn skip_if_quiet(&mut self) -> Option<SimDuration> {
        if self.clock.is_gliding() {
            return None;
        }
        let branch = &self.branches[self.shown];
        branch.cursor().flights(&mut self.flights);
        if self.flights.iter().any(|flight| !flight.held) {
            return None;
        }
        let (journal, at) = (branch.run().journal(), self.clock.at());
        if !shown::knows(journal, branch.cursor().records()) {
            return None;
        }
        let next = shown::next_instant(journal, branch.cursor().records(), at);
        let next = match next {
            Some(next) => next,
            None if branch.is_complete() => branch.end(),
            None => return None,
        };
        self.clock.skip_until(next)
    }
}
