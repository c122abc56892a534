//! The sync job's memory and its store: runs at work, the run lock, watermarks.

use super::config::{Config, WatermarkRule};
use super::message::node::JOB;
use super::message::{Mark, Part, Row, World, page_number};
use super::state::{RunState, run_edge};
use crate::sim::{Fact, NodeId, SimDuration, SimTime, Tag, TimerKey};
use crate::store::Lock;
use std::rc::Rc;

/// A run's work for one pair of source and target.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Where it stands.
    pub state: RunState,
    /// Since when.
    pub since: SimTime,
    /// Page, from 0.
    pub page: u32,
    /// Where its page begins.
    pub mark: Mark,
    /// Where the next one begins.
    pub next: Mark,
    /// Whether there is a next one.
    pub more: bool,
    /// The rows in hand.
    pub rows: Rc<Vec<Row>>,
    /// When the work on them is done, once they are there.
    pub until: Option<SimTime>,
    /// The largest stamp, id or position seen.
    pub seen: Mark,
    /// When the source took the snapshot, as far as is known: the first page's arrival.
    pub read_at: Option<SimTime>,
    /// The target's hashes, if ranges are hashed.
    pub hashes: Option<Rc<Vec<u64>>>,
    /// Whether the watermark is written.
    pub done: bool,
    /// How often the message in wait was sent.
    pub attempt: u16,
    /// When that is sent again.
    pub timeout: Option<TimerKey>,
}

/// A run at work.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its number, which is its fencing token.
    pub number: u32,
    /// The due instant it belongs to.
    pub tick: u32,
    /// 1 for the second of two that were created by mistake.
    pub copy: u8,
    /// When it started.
    pub started: SimTime,
    /// By its own clock, microseconds.
    pub start_clock: i64,
    /// Its work.
    pub legs: Vec<Leg>,
    /// Rows that had an effect.
    pub effects: u32,
}

impl Run {
    /// The tag of a record about this run.
    pub fn about(&self) -> Tag {
        Tag {
            message: page_number(self.tick, 0),
            version: self.number,
            ..Tag::NONE
        }
    }

    /// The part of the current page of a leg.
    pub fn part(&self, leg: u8) -> Part {
        Part {
            run: self.number,
            leg,
            page: self.legs[leg as usize].page,
        }
    }

    /// The watermark that this run would write now.
    pub fn prospect(&self, config: &Config, leg: u8) -> Option<Mark> {
        let seen = self.legs.get(leg as usize)?.seen;
        Some(match config.watermark {
            // The instant comes before every id.
            WatermarkRule::JobStart if config.reads_stamps() => Mark {
                stamp: self.start_clock,
                id: 0,
            },
            _ => seen,
        })
    }
}

/// The job.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Runs at work, oldest first.
    pub runs: Vec<Run>,
    /// The run lock, durable.
    pub lock: Lock,
    /// Per leg, durable.
    pub watermarks: Vec<Mark>,
    /// Per leg: where the last page ended that was applied without a watermark behind it, durable.
    pub pages: Vec<Option<Mark>>,
    /// Per leg: the token of the run that wrote the watermark, durable.
    pub tokens: Vec<u32>,
    /// Per leg: when the run that wrote the watermark had read the source.
    pub read_at: Vec<Option<SimTime>>,
    /// Per leg: whether it began its first page in the drain and nothing changed since. A run that
    /// takes up the pages of a dead one goes on with what that one had seen.
    pub unchanged: Vec<bool>,
    /// Whether the last run to end had nothing to do, and nothing changed since.
    pub quiet: bool,
}

impl Job {
    /// A job of this many legs.
    pub fn new(legs: u8) -> Self {
        let legs = legs as usize;
        Job {
            watermarks: vec![Mark::START; legs],
            pages: vec![None; legs],
            unchanged: vec![false; legs],
            tokens: vec![0; legs],
            read_at: vec![None; legs],
            ..Job::default()
        }
    }

    /// A database changed: no leg has read all there is.
    pub fn disturb(&mut self) {
        self.quiet = false;
        self.unchanged.fill(false);
    }

    /// Where the next run begins to read: its watermark, less the lookback.
    pub fn reads_from(&self, config: &Config, leg: usize) -> Mark {
        less_lookback(config, self.watermarks[leg])
    }

    /// Whether a run works.
    pub fn is_working(&self, number: u32) -> bool {
        self.place(number).is_some()
    }

    /// Where a run is in the list.
    pub fn place(&self, number: u32) -> Option<usize> {
        self.runs.iter().position(|run| run.number == number)
    }

    /// Moves a leg of a run to another state.
    pub fn moved(&mut self, run: usize, leg: u8, source: NodeId, to: RunState, cx: &mut World) {
        let about = self.runs[run].about();
        let leg = &mut self.runs[run].legs[leg as usize];
        let detail = run_edge(leg.state, to);
        (leg.state, leg.since) = (to, cx.now());
        cx.record(Fact::Edge, JOB, source, about, detail);
    }

    /// Stops waiting for an answer.
    pub fn answered(&mut self, run: usize, leg: u8, cx: &mut World) {
        let leg = &mut self.runs[run].legs[leg as usize];
        leg.attempt = 0;
        if let Some(timer) = leg.timeout.take() {
            cx.cancel(timer);
        }
    }

    /// How long a page of this many rows takes at the configured rate.
    pub fn apply_time(config: &Config, rows: usize) -> SimDuration {
        SimDuration::from_micros(rows as u64 * 1_000_000 / u64::from(config.apply_rate))
    }
}

impl Leg {
    /// A leg that begins at a mark.
    pub fn new(mark: Mark, now: SimTime) -> Self {
        Leg {
            state: RunState::Idle,
            since: now,
            page: 0,
            mark,
            next: mark,
            more: false,
            rows: Rc::default(),
            until: None,
            seen: mark,
            read_at: None,
            hashes: None,
            done: false,
            attempt: 0,
            timeout: None,
        }
    }

    /// Where it will still read from the source, if it will: what it has selected so far is gone if
    /// the source crashes.
    pub fn reads_on(&self) -> Option<Mark> {
        let begins = matches!(self.state, RunState::Locking | RunState::Snapshot);
        (begins || self.more).then_some(self.next)
    }
}

/// A watermark less the lookback. Ids and positions have none.
pub fn less_lookback(config: &Config, mark: Mark) -> Mark {
    let lookback = config.lookback.as_micros() as i64;
    if lookback == 0 || !config.reads_stamps() {
        return mark;
    }
    Mark {
        stamp: mark.stamp.saturating_sub(lookback),
        id: 0,
    }
}
