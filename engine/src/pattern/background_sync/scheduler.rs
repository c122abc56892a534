//! The scheduler: when runs are due, and what it makes of those it missed (Kubernetes `CronJob`).

use super::config::{Config, Schedule};
use super::message::node::JOB;
use super::message::{Timer, World};
use super::state::{SchedulerState, scheduler_edge};
use crate::sim::{Fact, NodeId, SimDuration, SimTime, Tag, TimerKey};

/// More missed starts than this, and nothing is started any more.
pub const MISSED_MAX: u64 = 100;

/// The scheduler.
#[derive(Clone, Debug)]
pub struct Scheduler {
    /// Number of the last run that was due, from 1.
    pub tick: u32,
    /// When the next one is, if one is planned.
    pub next_at: Option<SimTime>,
    /// Whether it starts runs.
    pub state: SchedulerState,
    /// Due runs that were skipped.
    pub skipped: u32,
    /// The last of them.
    pub last_skip: Option<SimTime>,
    /// Due runs that fell into an outage.
    pub missed: u32,
    timer: Option<TimerKey>,
}

impl Default for Scheduler {
    /// Before the first run is planned.
    fn default() -> Self {
        Scheduler {
            tick: 0,
            next_at: None,
            state: SchedulerState::Running,
            skipped: 0,
            last_skip: None,
            missed: 0,
            timer: None,
        }
    }
}

impl Scheduler {
    /// Plans the run after the last one that was due.
    pub fn plan(&mut self, config: &Config, cx: &mut World) {
        if self.state == SchedulerState::Stopped || self.timer.is_some() {
            return;
        }
        let wait = match config.schedule {
            Schedule::FixedDelay => config.period,
            Schedule::FixedRate => {
                let due = config.period.times(u64::from(self.tick) + 1);
                SimTime::ZERO.plus(due).since(cx.now())
            }
        };
        self.next_at = Some(cx.now().plus(wait));
        self.timer = Some(cx.timer(JOB, wait, Timer::Tick));
    }

    /// A run is due now.
    pub fn due(&mut self) {
        self.tick += 1;
        self.timer = None;
        self.next_at = None;
    }

    /// A due run was not started.
    pub fn skip(&mut self, cx: &World) {
        self.skipped += 1;
        self.last_skip = Some(cx.now());
    }

    /// Nothing is left to do: no further run.
    pub fn rest(&mut self, cx: &mut World) {
        if let Some(timer) = self.timer.take() {
            cx.cancel(timer);
        }
        self.next_at = None;
    }

    /// The process died, and its timer with it.
    pub fn crashed(&mut self) {
        self.timer = None;
        self.next_at = None;
    }

    /// The process is back; returns whether one of the missed runs is to be started now.
    pub fn restarted(&mut self, config: &Config, cx: &mut World) -> bool {
        if config.schedule == Schedule::FixedDelay || self.state == SchedulerState::Stopped {
            return false;
        }
        let period = config.period.as_micros().max(1);
        let now = cx.now().as_micros();
        let last = now / period;
        let missed = last.saturating_sub(u64::from(self.tick));
        let within = |deadline: SimDuration| {
            let earliest = now.saturating_sub(deadline.as_micros());
            // Due instants in (earliest, now].
            missed.min(last - earliest / period)
        };
        let counted = config.starting_deadline.map_or(missed, within);
        self.missed += missed as u32;
        self.tick = last as u32;
        if counted > MISSED_MAX {
            self.state = SchedulerState::Stopped;
            let detail = scheduler_edge(SchedulerState::Running, SchedulerState::Stopped);
            cx.record(Fact::Edge, JOB, NodeId::NONE, Tag::NONE, detail);
            return false;
        }
        counted > 0
    }
}
