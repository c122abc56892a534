//! The session: all futures of one scenario, the one that is shown, and the playhead.

use super::branch::{Branch, SLICES_AT_ONCE};
use super::clock::{Clock, Speed};
use super::guide::{self, Concern, Guide};
use super::link::{Link, Subject};
use super::moment::{self, Moment};
use converge_engine::pattern::knob::{FieldError, Value};
use converge_engine::scenario::{FlightView, Scenario};
use converge_engine::sim::recording::Position;
use converge_engine::sim::{Intervention, Planned, SimDuration, SimTime};
use std::rc::Rc;

pub use opening::Opening;

/// What happened in one frame.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Frame {
    /// The playhead moved.
    pub moved: bool,
    /// Playback stopped by itself: at a violation, at a cure or at the end.
    pub stopped: bool,
    /// A glide over this much quiet time began.
    pub skipped: Option<SimDuration>,
    /// More of the run is known than before.
    pub computed: bool,
}

/// What components show of a session that changes by actions only, never by time.
#[derive(Clone, PartialEq)]
pub struct Snapshot {
    /// The scenario shown.
    pub scenario: Rc<Scenario>,
    /// Rises with every recomputation of the branch shown.
    pub edition: u32,
    /// Whether the playhead moves.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Whether quiet time is skipped.
    pub skip_quiet: bool,
    /// Whether the first violation of an invariant stops the playback.
    pub pause_on_violation: bool,
    /// When each branch left its parent; the first has none.
    pub branches: Vec<Option<SimTime>>,
    /// The branch shown.
    pub shown: usize,
    /// Whether there is something to undo.
    pub can_undo: bool,
    /// Where the visitor is led.
    pub guide: Guide,
}

/// The session.
pub struct Session {
    branches: Vec<Branch>,
    shown: usize,
    /// The playhead.
    pub clock: Clock,
    /// Whether stretches in which nothing moves are glided over.
    pub skip_quiet: bool,
    /// Whether the first violation of each invariant stops the playback.
    pub pause_on_violation: bool,
    /// Whether motion is unwelcome: playing then moves from record to record.
    pub discrete: bool,
    guide: Guide,
    approach: bool,
    discrete_wait: f64,
    flights: Vec<FlightView>,
}

/// Wall seconds a state stands when playing moves from record to record.
const DISCRETE_SECS: f64 = 0.7;

impl Session {
    /// A session that opens a moment before its scenario goes wrong, or at its start.
    pub fn open(scenario: Scenario) -> Self {
        Opening::of(scenario).finish()
    }

    /// A session that shows what a link says.
    pub fn from_link(link: &Link) -> Self {
        Opening::at(link).finish()
    }

    /// Puts the playhead where a link has it.
    fn show_at(&mut self, at: SimTime, records: u32, selection: Option<Subject>) {
        self.seek(at);
        if self.branch().cursor().records() != records {
            self.branch_mut().go(Position::Records(records));
            if self.branch().cursor().now() != at {
                self.branch_mut().go(Position::Time(at));
            }
        }
        self.clock.set(at);
        self.guide = self.guide_to(selection);
        self.arrive();
    }

    /// An invariant that is selected and broken is what there is to see.
    fn guide_to(&self, selection: Option<Subject>) -> Guide {
        let Some(Subject::Invariant(property)) = selection else {
            return Guide::None;
        };
        let checks = &self.branch().cursor().observers().checks;
        checks.first(property).map_or(Guide::None, |violation| {
            let concern = Concern::of(violation, SimTime::ZERO);
            let from = concern.ahead(&self.branch().scenario);
            Guide::Broken(Concern { from, ..concern })
        })
    }

    /// The branch shown.
    pub fn branch(&self) -> &Branch {
        &self.branches[self.shown]
    }

    /// All branches.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The branch shown, to look at the picture before.
    pub fn branch_mut(&mut self) -> &mut Branch {
        &mut self.branches[self.shown]
    }

    /// Whether a frame loop is needed.
    pub fn is_busy(&self) -> bool {
        self.clock.playing || self.branch().is_computing()
    }

    /// Everything that components show and time does not change.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            scenario: Rc::clone(&self.branch().scenario),
            edition: self.branch().edition,
            playing: self.clock.playing,
            speed: self.clock.speed,
            skip_quiet: self.skip_quiet,
            pause_on_violation: self.pause_on_violation,
            branches: self
                .branches
                .iter()
                .map(|b| b.parent.map(|(_, at)| at))
                .collect(),
            shown: self.shown,
            can_undo: self.branch().can_undo(),
            guide: self.guide,
        }
    }

    /// Where the visitor is led.
    pub fn guide(&self) -> Guide {
        self.guide
    }

    /// The link that shows what is shown now.
    pub fn link(&self, selection: Option<Subject>) -> Link {
        let cursor = self.branch().cursor();
        Link {
            scenario: (*self.branch().scenario).clone(),
            playhead: Some((self.clock.at(), cursor.records())),
            selection,
            hash: Some(cursor.hash()),
            engine: None,
        }
    }

    /// One frame: computes while `in_budget` says so, then moves the playhead by `dt` wall seconds.
    pub fn frame(&mut self, dt: f64, in_budget: &mut dyn FnMut() -> bool) -> Frame {
        let mut frame = Frame::default();
        while self.branch().is_computing() && in_budget() {
            self.branch_mut().compute();
            frame.computed = true;
        }
        frame.moved |= frame.computed && self.approach_violation();
        if self.clock.playing {
            self.play_frame(dt, &mut frame);
        }
        frame
    }

    /// Starts or stops the playhead; at the end of the run it starts again.
    pub fn toggle(&mut self) {
        self.clock.playing = !self.clock.playing;
        self.discrete_wait = DISCRETE_SECS;
        if !self.clock.playing {
            self.arrive();
            return;
        }
        if self.branch().is_complete() && self.clock.at() >= self.branch().end() {
            self.seek(SimTime::ZERO);
        }
        if matches!(self.guide, Guide::Watch | Guide::Cured(..) | Guide::Over) {
            self.guide = Guide::None;
        }
    }

    /// Puts the playhead at the start of the run, to play it from there.
    pub fn restart(&mut self) {
        self.clock.playing = false;
        self.seek(SimTime::ZERO);
    }

    /// Puts the playhead at an instant.
    pub fn seek(&mut self, at: SimTime) {
        let end = self.branch().end();
        let at = at.min(end);
        self.branch_mut().go(Position::Time(at));
        self.clock.set(at);
        self.arrive();
    }

    /// Puts the playhead right after a record.
    pub fn seek_record(&mut self, id: converge_engine::sim::RecordId) {
        self.clock.playing = false;
        self.branch_mut().go(Position::Records(id.0 + 1));
        self.clock.set(self.branch().cursor().now());
        self.arrive();
    }

    /// Moves by `count` shown records, backwards if negative, and stops there.
    pub fn step(&mut self, count: i32) {
        self.clock.playing = false;
        for _ in 0..count.unsigned_abs() {
            let branch = &mut self.branches[self.shown];
            let moved = if count > 0 {
                branch.step()
            } else {
                branch.step_back()
            };
            if !moved {
                break;
            }
        }
        self.clock.set(self.branch().cursor().now());
        self.arrive();
    }

    /// Sets a knob; a bad value changes nothing.
    pub fn set_knob(&mut self, id: &str, value: Value) -> Result<(), FieldError> {
        let mut scenario = (*self.branch().scenario).clone();
        scenario.set_knob(id, value)?;
        // What only makes no sense together is found here.
        let scenario = Scenario::from_value(&scenario.to_value())?;
        self.change(scenario, id);
        Ok(())
    }

    /// Turns a protection on or off.
    pub fn set_protection(&mut self, id: &str, on: bool) -> Result<(), FieldError> {
        let mut scenario = (*self.branch().scenario).clone();
        scenario.set_protection(id, on)?;
        let scenario = Scenario::from_value(&scenario.to_value())?;
        self.change(scenario, "");
        Ok(())
    }

    /// Sets the seed.
    pub fn set_seed(&mut self, seed: u64) {
        let scenario = Scenario {
            seed,
            ..(*self.branch().scenario).clone()
        };
        self.change(scenario, "seed");
    }

    /// Every knob as the preset has it; seed and interventions too.
    pub fn reset(&mut self) {
        if let Some(scenario) = Scenario::preset(self.branch().scenario.preset.id) {
            self.change(scenario, "");
        }
    }

    /// Takes the latest change back.
    pub fn undo(&mut self) {
        let undone = self.branch_mut().undo();
        if undone {
            self.recomputed();
        }
    }

    /// Does something to the run at the playhead. In the past it forks and keeps both futures.
    pub fn intervene(&mut self, what: Intervention) {
        let cursor = self.branch().cursor();
        let planned = Planned {
            at: cursor.now(),
            after_steps: cursor.steps_now(),
            what,
        };
        let scenario = self.branch().with(planned);
        if self.clock.at() < self.branch().seen {
            let mut branch = Branch::new(scenario);
            branch.parent = Some((self.shown, self.clock.at()));
            branch.seen = self.clock.at();
            self.branches.push(branch);
            self.shown = self.branches.len() - 1;
        } else {
            self.branch_mut().edit(scenario, "");
        }
        self.guide = Guide::None;
        self.branch_mut().go_to_last_intervention();
        let at = self.branch().cursor().now();
        self.clock.set(at.max(self.clock.at()));
        self.arrive();
    }

    /// Removes an intervention and computes the run again.
    pub fn remove_intervention(&mut self, index: usize) {
        let mut scenario = (*self.branch().scenario).clone();
        if index < scenario.interventions.len() {
            scenario.interventions.remove(index);
            self.change(scenario, "");
        }
    }

    /// Shows another future at the same instant.
    pub fn show_branch(&mut self, index: usize) {
        if index < self.branches.len() {
            self.clock.playing = false;
            self.shown = index;
            let at = self.clock.at();
            self.seek(at);
        }
    }

    /// Turns the protection on that would have prevented a violation, and plays the same moment
    /// again.
    pub fn cure(&mut self, protection: &str, concern: Concern) -> Result<(), FieldError> {
        self.set_protection(protection, true)?;
        self.guide = Guide::Curing(concern);
        self.seek(concern.ahead(&self.branch().scenario));
        self.clock.playing = true;
        self.discrete_wait = 0.0;
        Ok(())
    }

    /// The guide has been read.
    pub fn dismiss_guide(&mut self) {
        self.guide = Guide::None;
    }

    /// Opens the run a moment before it first shows what no invariant forbids.
    fn approach_moment(&mut self) -> bool {
        let moment = moment::ahead(self.branch(), self.branch().end());
        let at = moment.map(|moment| moment.record.at);
        let Some(at) = at.or_else(|| moment::turn(self.branch())) else {
            return false;
        };
        self.seek(guide::ahead_of(at, &self.branch().scenario));
        true
    }

    /// Turns on what would have prevented a sale of what was gone, and plays the moment again.
    pub fn cure_moment(&mut self, moment: Moment) -> Result<(), FieldError> {
        self.set_protection(moment::CURE, true)?;
        self.guide = Guide::Watch;
        self.seek(guide::ahead_of(moment.record.at, &self.branch().scenario));
        self.clock.playing = true;
        self.discrete_wait = 0.0;
        Ok(())
    }

    fn change(&mut self, scenario: Scenario, what: &str) {
        self.branch_mut().edit(scenario, what);
        self.recomputed();
    }

    fn recomputed(&mut self) {
        self.guide = Guide::None;
        self.approach = false;
        let at = self.clock.at();
        let end = self.branch().end();
        self.clock.set(at.min(end));
    }

    /// The playhead is somewhere new: what is on the screen counts as seen, and once it rests the
    /// guide speaks of what is ahead of it or behind.
    fn arrive(&mut self) {
        let at = self.clock.at();
        let branch = self.branch_mut();
        branch.seen = branch.seen.max(at);
        if !self.clock.playing {
            self.guide = guide::at_rest(self.guide, self.branch(), at);
        }
    }

    /// Opens the run a moment before its first violation, once that is known.
    fn approach_violation(&mut self) -> bool {
        if !self.approach {
            return false;
        }
        let Some(violation) = self.branch().first_violation() else {
            self.approach = self.branch().is_computing();
            return !self.approach && self.approach_moment();
        };
        let concern = Concern::of(violation, SimTime::ZERO);
        self.approach = false;
        let from = concern.ahead(&self.branch().scenario);
        self.guide = Guide::Ahead(Concern { from, ..concern });
        self.seek(from);
        true
    }
}

mod opening;
mod playback;
#[cfg(test)]
mod tests;
