//! What takes its time on a lane, as a bar from start to end: a run of a sync job, with a tick where
//! one was skipped; a participant's promise, from its vote to the decision.

use super::mark::{Page, segment};
use crate::scene::sentence::sync::run_state;
use converge_engine::pattern::background_sync::state::RunState;
use converge_engine::sim::{Fact, NodeId, Record, SimTime};
use converge_engine::store::ParticipantState;
use converge_engine::store::two_phase::participant_move;

/// Runs that overlap are drawn this far apart.
const APART: f64 = 5.0;

/// What has begun on the page, each with its number and its start.
#[derive(Default)]
pub struct Runs {
    open: Vec<(NodeId, u32, SimTime)>,
    /// The number of the run that ended last: each of its parts says so.
    ended: u32,
}

impl Runs {
    /// Takes note of a record; draws a run that ends and a mark for one that is skipped.
    pub fn mark(&mut self, page: &Page, record: &Record, runs: &mut String, skips: &mut String) {
        if let Some((from, to)) = participant_move(record.detail)
            && record.fact == Fact::Edge
        {
            self.promise(page, record, (from, to), runs);
        }
        let Some(state) = run_state(record) else {
            return;
        };
        let is = |wanted: RunState| state == wanted as u8;
        let number = record.version;
        let place = self.open.iter().position(|open| open.1 == number);
        match (place, number) {
            (_, 0) if is(RunState::Skipped) => {
                if let Some((lane, x)) = page.place(record.node, record.at) {
                    let y = page.lanes[lane].y;
                    segment(skips, x, y - 7.0, x, y + 7.0);
                }
            }
            (None, 1..) if is(RunState::Snapshot) => {
                self.open.push((record.node, number, record.at));
            }
            (_, 1..) if (is(RunState::Idle) || is(RunState::Crashed)) && number != self.ended => {
                // One that began before the page is not known to be open.
                let since = place.map_or(SimTime::ZERO, |place| self.open.swap_remove(place).2);
                bar(page, record.node, number, (since, record.at), runs);
                self.ended = number;
            }
            _ => {}
        }
    }

    /// A participant votes yes, or is told what was decided.
    fn promise(
        &mut self,
        page: &Page,
        record: &Record,
        (from, to): (ParticipantState, ParticipantState),
        runs: &mut String,
    ) {
        let (node, number) = (record.node, record.message);
        if to == ParticipantState::Prepared {
            self.open.push((node, number, record.at));
        } else if from == ParticipantState::Prepared {
            let same = |open: &(NodeId, u32, SimTime)| (open.0, open.1) == (node, number);
            let place = self.open.iter().position(same);
            let since = place.map_or(SimTime::ZERO, |place| self.open.swap_remove(place).2);
            bar(page, node, number, (since, record.at), runs);
        }
    }

    /// Draws the runs that still work at the end of the page.
    pub fn finish(self, page: &Page, runs: &mut String) {
        for (node, number, since) in self.open {
            bar(page, node, number, (since, page.to), runs);
        }
    }
}

fn bar(page: &Page, node: NodeId, number: u32, (since, until): (SimTime, SimTime), d: &mut String) {
    let Some(lane) = page.lane(node).filter(|_| until >= page.from) else {
        return;
    };
    let y = page.lanes[lane].y + APART * f64::from(number % 2) - APART / 2.0;
    let (x0, x1) = (page.axis.x(since.max(page.from)), page.axis.x(until));
    segment(d, x0, y, x1.max(x0 + 1.0), y);
}
