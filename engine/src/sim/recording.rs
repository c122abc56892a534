//! A run with keyframes, so that any instant of it can be had again at once (design, decision 5).

use super::journal::Journal;
use super::model::Model;
use super::simulation::{Observer, Phase, Simulation};
use super::time::SimTime;

/// Records between keyframes. Half of what the design allows, so that a seek replays at most this
/// many records.
pub const SPACING: u32 = 10_000;

/// Where in a run something stands: by instant, or by number of records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Position {
    /// Everything at or before this instant has happened.
    Time(SimTime),
    /// As few queue entries as make this many records.
    Records(u32),
}

/// A run that is computed ahead, with its journal and its keyframes.
#[derive(Clone, Debug)]
pub struct Recording<P: Model, O: Observer> {
    head: Simulation<P, O>,
    journal: Journal,
    keyframes: Vec<Simulation<P, O>>,
}

impl<P: Model, O: Observer> Recording<P, O> {
    /// Starts `run` and keeps its first keyframe.
    pub fn new(mut run: Simulation<P, O>) -> Self {
        let mut journal = Journal::default();
        run.start(Some(&mut journal));
        Recording {
            keyframes: vec![run.clone()],
            head: run,
            journal,
        }
    }

    /// Computes at least `records` more records, or to the end. Returns whether there is more.
    pub fn advance(&mut self, records: u32) -> bool {
        let goal = self.head.records().saturating_add(records);
        while self.head.records() < goal {
            if !self.head.step(SimTime::MAX, Some(&mut self.journal)) {
                return false;
            }
            let last = self.keyframes.last().map_or(0, Simulation::records);
            if self.head.records() - last >= SPACING {
                self.keyframes.push(self.head.clone());
            }
        }
        self.head.phase() != Phase::Finished
    }

    /// Computes to the end of the run.
    pub fn finish(&mut self) {
        while self.advance(SPACING) {}
    }

    /// The run as far as it is computed.
    pub fn head(&self) -> &Simulation<P, O> {
        &self.head
    }

    /// The latest records.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// How many keyframes are kept.
    pub fn keyframes(&self) -> usize {
        self.keyframes.len()
    }

    /// The run as it stood at `position`, which must not lie beyond the head: the nearest
    /// keyframe, replayed.
    pub fn seek(&self, position: Position) -> Simulation<P, O> {
        let mut run = self.nearest(position).clone();
        move_to(&mut run, position);
        run
    }

    /// Moves a cursor of this run to `position`: onward where no keyframe lies between, else by a
    /// seek.
    pub fn reposition(&self, cursor: &mut Simulation<P, O>, position: Position) {
        let is_behind = match position {
            Position::Time(at) => cursor.now() <= at,
            // With as many records it may stand some quiet steps too far.
            Position::Records(count) => cursor.records() < count,
        };
        if is_behind && self.nearest(position).records() <= cursor.records() {
            move_to(cursor, position);
        } else {
            *cursor = self.seek(position);
        }
    }

    /// The last keyframe before `position`; the first one stands at the start of the run.
    fn nearest(&self, position: Position) -> &Simulation<P, O> {
        let before = |frame: &Simulation<P, O>| match position {
            Position::Time(at) => frame.now() < at,
            Position::Records(count) => frame.records() <= count,
        };
        let index = self.keyframes.partition_point(before);
        &self.keyframes[index.saturating_sub(1)]
    }
}

fn move_to<P: Model, O: Observer>(run: &mut Simulation<P, O>, position: Position) {
    match position {
        Position::Time(at) => run.run_until(at, None),
        Position::Records(count) => while run.records() < count && run.step(SimTime::MAX, None) {},
    }
}
