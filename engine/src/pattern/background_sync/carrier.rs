//! The truth about carriers: a write that the copy lacks is lost when no run will ever find it and
//! none has it in hand. No service knows this; it decides invariants early and exactly.

use super::Room;
use super::config::{Boundary, Config, Deletes, Detection, Resume, WatermarkRule};
use super::database::is_behind;
use super::job::{Leg, less_lookback};
use super::message::{Mark, Message, Row, World, about};
use super::state::SchedulerState;
use crate::check::reason;
use crate::sim::{Channel, Fact};
use crate::store::{Numbered, Sorted};

/// A write that the target of a leg does not show yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenWrite {
    /// Entity.
    pub key: u32,
    /// Its version.
    pub version: u32,
    /// Whether a checkpoint has passed it.
    pub passed: bool,
}

/// What is true of all writes.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Writes of a key by version.
    pub commits: Numbered<Vec<u32>>,
    /// Position of a write in the change log of its database.
    pub positions: Numbered<u32>,
    /// Whether a write changed a row that was there.
    pub updates: Numbered<bool>,
    /// Per leg, by write: what its target lacks.
    pub open: Vec<Sorted<u32, OpenWrite>>,
}

impl Truth {
    /// Nothing written yet.
    pub fn new(legs: u8) -> Self {
        Truth {
            open: vec![Sorted::default(); legs as usize],
            ..Truth::default()
        }
    }

    /// The version of a key that was committed last, anywhere.
    pub fn version(&self, key: u32) -> u32 {
        self.commits.get(key).map_or(0, |all| all.len() as u32)
    }

    /// A write of this key commits; its version.
    pub fn commit(&mut self, key: u32, message: u32) -> u32 {
        let commits = self.commits.at(key);
        commits.push(message);
        commits.len() as u32
    }

    /// The write that made a version.
    pub fn message(&self, key: u32, version: u32) -> u32 {
        let commits = self.commits.get(key);
        commits
            .and_then(|all| all.get(version as usize - 1))
            .copied()
            .unwrap_or(0)
    }

    /// Writes of this key on a leg that `done` names are no longer open.
    pub fn close(&mut self, leg: u8, key: u32, done: impl Fn(u32, &OpenWrite) -> bool) {
        let open = &mut self.open[leg as usize];
        let closed: Vec<u32> = open
            .iter()
            .filter(|(message, write)| write.key == key && done(*message, write))
            .map(|(message, _)| *message)
            .collect();
        for message in closed {
            open.remove(message);
        }
    }
}

/// What may still become of a write.
enum Prospect {
    /// A run will find it.
    Found,
    /// The conflict rule put another in its place before it was sent.
    Overwritten,
    /// No run will; why, and whether a checkpoint has passed it.
    Lost(u32, bool),
}

impl Room {
    /// Looks at everything any target lacks.
    pub(super) fn judge_all(&mut self, cx: &mut World) {
        for leg in 0..self.layout.legs() {
            self.judge(leg, cx);
        }
    }

    /// Looks at everything the target of a leg lacks.
    pub(super) fn judge(&mut self, leg: u8, cx: &mut World) {
        let open = self.truth.open[leg as usize].iter();
        let all: Vec<(u32, OpenWrite)> = open.copied().collect();
        for (message, write) in all {
            self.judge_write(leg, message, write, cx);
        }
    }

    /// Says so if a write will never get to the target.
    pub(super) fn judge_write(&mut self, leg: u8, message: u32, write: OpenWrite, cx: &mut World) {
        if self
            .people
            .keeps(self.target_of(leg), write.key, write.version)
        {
            return;
        }
        let (reason, passes) = match self.prospect(leg, message, &write) {
            Prospect::Found => return,
            Prospect::Overwritten if self.carried(leg, message, &write, cx) => return,
            Prospect::Overwritten => {
                self.truth.open[leg as usize].remove(message);
                let (index, key) = (self.target_of(leg), write.key);
                self.discard(index, key, write.version, reason::CONFLICT, true, cx);
                return;
            }
            Prospect::Lost(reason, passes) => (reason, passes),
        };
        let target = self.layout.target(leg);
        let tag = about(message, write.key, write.version);
        if passes && !write.passed {
            cx.record(Fact::Passed, self.layout.source(leg), target, tag, reason);
            if let Some(write) = self.truth.open[leg as usize].get_mut(message) {
                write.passed = true;
            }
        }
        if self.carried(leg, message, &write, cx) || self.may_be_read(leg, message, &write) {
            return;
        }
        let last = self.is_last(write.key, message, cx);
        if self.layout.two_way && (!last || self.may_change(leg, write.key, cx)) {
            // The next version here is made on top of this one and takes it along.
            return;
        }
        self.truth.open[leg as usize].remove(message);
        let detail = if last { reason | reason::FINAL } else { reason };
        cx.record(
            Fact::Abandoned,
            self.layout.source(leg),
            target,
            tag,
            detail,
        );
    }

    /// Whether sync or a person may make a new version of a key at the source of a leg, two-way.
    fn may_change(&self, leg: u8, key: u32, cx: &World) -> bool {
        let back = 1 - leg;
        let mut open = self.truth.open[back as usize].iter();
        let comes = |(message, write): &(u32, OpenWrite)| {
            write.key == key
                && (matches!(self.prospect(back, *message, write), Prospect::Found)
                    || self.carried(back, *message, write, cx)
                    || self.may_be_read(back, *message, write))
        };
        self.people.waits(key) || open.any(comes)
    }

    /// Whether nobody will write this key again, as far as can be known.
    pub(super) fn is_last(&self, key: u32, message: u32, cx: &World) -> bool {
        let open = |source: &super::source::Source| source.is_open(Some(key));
        let asked = || {
            cx.flights().any(|flight| {
                let tag = flight.tag;
                tag.channel == Channel::Request && tag.key == key && tag.message != message
            })
        };
        let workload = &self.settings.workload;
        self.client.is_done_with(workload, key, message, cx)
            && !self.sources.iter().any(open)
            && !asked()
    }

    fn prospect(&self, leg: u8, message: u32, write: &OpenWrite) -> Prospect {
        let config = &self.settings.config;
        let place = leg as usize;
        let Some(row) = self.sources[place].database.row(write.key) else {
            return Prospect::Found;
        };
        let two_way = self.layout.two_way;
        if two_way && !self.is_alive(place, write.key, write.version) {
            return Prospect::Overwritten;
        }
        if self.scheduler.state == SchedulerState::Stopped {
            return Prospect::Lost(reason::SCHEDULER_STOPPED, false);
        }
        let mark = self.job.reads_from(config, place);
        // A run that takes up the pages of a dead one begins there, not at the watermark.
        let resumed = self.job.pages[place].filter(|_| config.resume == Resume::Page);
        let mut starts = [Some(mark), resumed].into_iter().flatten();
        if starts.any(|mark| self.comes_upon(message, row, mark)) {
            return Prospect::Found;
        }
        let change_log = config.detection == Detection::ChangeLog;
        let by_id = config.detection == Detection::IncrementingId;
        let updates = self.truth.updates.get(message) == Some(&true);
        if change_log {
            Prospect::Lost(reason::WATERMARK_EARLY, true)
        } else if !two_way && row.message != message {
            Prospect::Lost(reason::COALESCED, false)
        } else if row.gone && config.deletes == Deletes::Soft {
            Prospect::Lost(reason::TOMBSTONE_EXPIRED, false)
        } else if row.gone {
            Prospect::Lost(reason::HARD_DELETE, false)
        } else if by_id && updates {
            Prospect::Lost(reason::UPDATE_UNSEEN, false)
        } else {
            Prospect::Lost(self.why_behind(leg, row, mark), true)
        }
    }

    /// Whether a reader that stopped at `mark` finds a write, given the row of its key.
    fn comes_upon(&self, message: u32, row: &Row, mark: Mark) -> bool {
        let config = &self.settings.config;
        let two_way = self.layout.two_way;
        if config.detection == Detection::ChangeLog {
            let own = self.truth.positions.get(message).copied();
            return own.filter(|_| !two_way).unwrap_or(row.position) > mark.id;
        }
        let current = two_way || row.message == message;
        // Only a comparison sees that a row is not there, and only where the other side has no say.
        let there = !row.gone || config.compares() && !two_way;
        current && there && is_behind(config, mark, row)
    }

    /// Why a row lies behind the watermark.
    fn why_behind(&self, leg: u8, row: &Row, mark: Mark) -> u32 {
        let config = &self.settings.config;
        let source = &self.sources[leg as usize].database;
        let committed = source.committed_at(row.position);
        if equal_stamps(config, row, mark) {
            return reason::EQUAL_STAMP;
        }
        if self.job.read_at[leg as usize] >= Some(committed) {
            // The run that wrote the watermark could have seen it.
            return if config.watermark_first {
                reason::WATERMARK_EARLY
            } else {
                reason::EQUAL_STAMP
            };
        }
        let ahead = mark.stamp > committed.as_micros() as i64;
        if config.watermark == WatermarkRule::MaxSeen && ahead {
            return reason::WATERMARK_AHEAD;
        }
        reason::BEHIND_WATERMARK
    }

    /// Whether a run that works now may still read this write, or set the watermark back to before
    /// it.
    fn may_be_read(&self, leg: u8, message: u32, write: &OpenWrite) -> bool {
        let config = &self.settings.config;
        let Some(row) = self.sources[leg as usize].database.row(write.key) else {
            return false;
        };
        let working = self.job.runs.iter();
        let mut marks = working.flat_map(|run| {
            let next = run.legs.get(leg as usize).and_then(Leg::reads_on);
            let back = run.prospect(config, leg).filter(|_| !config.fencing);
            [next, back.map(|mark| less_lookback(config, mark))]
        });
        marks.any(|mark| mark.is_some_and(|mark| self.comes_upon(message, row, mark)))
    }

    /// Whether a run or a message has this write in hand.
    fn carried(&self, leg: u8, message: u32, write: &OpenWrite, cx: &World) -> bool {
        let holds = |rows: &[Row]| rows.iter().any(|row| row.brings(message, write));
        let working = self.job.runs.iter();
        let mut legs = working.filter_map(|run| run.legs.get(leg as usize));
        if legs.any(|leg| holds(&leg.rows)) {
            return true;
        }
        // What a run has selected and not read yet is on one of its next pages.
        let source = &self.sources[leg as usize];
        let mut runs = self.job.runs.iter();
        if runs.any(|run| source.has_selected(run.number, leg, message, write)) {
            return true;
        }
        cx.flights().any(|flight| match &flight.message {
            Message::Apply(part, rows) => part.leg == leg && holds(rows),
            Message::Page { part, rows, .. } => {
                part.leg == leg && self.job.is_working(part.run) && holds(rows)
            }
            _ => false,
        })
    }
}

/// Whether a row shares the stamp of the mark and is skipped for it.
fn equal_stamps(config: &Config, row: &Row, mark: Mark) -> bool {
    let strict = config.boundary == Boundary::Greater;
    config.detection == Detection::Timestamp && strict && row.stamp == mark.stamp
}
