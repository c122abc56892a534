//! What a run does: lock, snapshot, page after page, watermark, unlock (sheet P2, crash points
//! ① to ⑤).

use super::Room;
use super::config::{CrashAt, Detection, Overlap, Resume};
use super::job::{Job, Leg, Run};
use super::message::node::JOB;
use super::message::{Mark, Message, Part, Row, Timer, World, crash, page_number, page_tag};
use super::source::truncated;
use super::state::RunState::{
    self, Apply, Fenced, Idle, Killed, Locking, Overlapping, Page, Skipped, Snapshot, Watermark,
};
use super::state::run_edge;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, Site, Tag};
use std::rc::Rc;

impl Room {
    /// A run is due.
    pub(super) fn tick(&mut self, cx: &mut World) {
        self.scheduler.due();
        if self.is_settled(cx) {
            return;
        }
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let at = |site| Address::of(site, u64::from(self.scheduler.tick));
        let lost = cx.chance(at(Site::TickLoss), config.tick_loss);
        let twice = cx.chance(at(Site::TickDuplication), config.tick_duplication);
        if lost {
            self.skip(Idle, cx);
        } else {
            self.due(0, cx);
            if twice {
                self.due(1, cx);
            }
        }
        self.plan(cx);
    }

    /// Plans the next run: at a fixed rate at once, else when none works any more.
    pub(super) fn plan(&mut self, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let fixed_rate = settings.config.schedule == super::config::Schedule::FixedRate;
        if cx.is_up(JOB) && (fixed_rate || self.job.runs.is_empty()) {
            self.scheduler.plan(&settings.config, cx);
        }
    }

    /// Starts a run, unless the overlap policy says otherwise.
    pub(super) fn due(&mut self, copy: u8, cx: &mut World) {
        let from = match (self.job.runs.is_empty(), self.settings.config.overlap) {
            (true, _) => Idle,
            (false, Overlap::Allow) => {
                self.edge(self.scheduler.tick, run_edge(Idle, Overlapping), cx);
                Overlapping
            }
            (false, Overlap::Forbid) => return self.skip(Idle, cx),
            (false, Overlap::Replace) => {
                while let Some(run) = self.job.runs.first() {
                    self.end_early(run.number, Killed, cx);
                }
                Idle
            }
        };
        self.start_run(copy, from, cx);
    }

    fn skip(&mut self, from: RunState, cx: &mut World) {
        let tick = self.scheduler.tick;
        self.edge(tick, run_edge(from, Skipped), cx);
        self.edge(tick, run_edge(Skipped, Idle), cx);
        self.scheduler.skip(cx);
    }

    /// An edge of a run that has no number yet.
    pub(super) fn edge(&self, tick: u32, detail: u32, cx: &mut World) {
        let tag = Tag {
            message: page_number(tick, 0),
            ..Tag::NONE
        };
        cx.record(Fact::Edge, JOB, NodeId::NONE, tag, detail);
    }

    fn start_run(&mut self, copy: u8, from: RunState, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let tick = self.scheduler.tick;
        self.edge(tick, run_edge(from, Locking), cx);
        let clock = cx.local_clock(JOB);
        let lease = config.lease.as_micros() as i64;
        let about = |number| Tag {
            message: page_number(tick, 0),
            version: number,
            ..Tag::NONE
        };
        let number = if config.lock {
            let Some((token, expired)) = self.job.lock.acquire(clock, lease) else {
                return self.skip(Locking, cx);
            };
            if let Some(old) = expired {
                cx.record(Fact::Unlocked, JOB, NodeId::NONE, about(old), 1);
            }
            let locked = cx.record(Fact::Locked, JOB, NodeId::NONE, about(token), token);
            cx.because(locked);
            token
        } else {
            self.job.lock.count()
        };
        let now = cx.now();
        let resumed = |leg: usize| self.job.pages[leg].filter(|_| config.resume == Resume::Page);
        let begin = |leg: usize| resumed(leg).unwrap_or_else(|| self.job.reads_from(config, leg));
        let leg = |leg: usize| Leg {
            state: Locking,
            ..Leg::new(begin(leg), now)
        };
        let legs = (0..self.layout.legs() as usize).map(leg).collect();
        let unchanged = |leg| match resumed(leg) {
            Some(_) => self.job.unchanged[leg],
            None => cx.is_draining(),
        };
        self.job.unchanged = (0..self.job.unchanged.len()).map(unchanged).collect();
        self.job.runs.push(Run {
            number,
            tick,
            copy,
            started: now,
            start_clock: truncated(config, clock),
            legs,
            effects: 0,
        });
        let run = self.job.runs.len() - 1;
        if self.dies(run, CrashAt::AfterLock, crash::AFTER_LOCK, 0, cx) {
            return;
        }
        for leg in 0..self.layout.legs() {
            self.job
                .moved(run, leg, self.layout.source(leg), Snapshot, cx);
            self.ask(number, leg, cx);
        }
    }

    /// Whether the run's process dies in one of its gaps.
    fn dies(&self, run: usize, at: CrashAt, point: u32, attempt: u32, cx: &mut World) -> bool {
        let config = &self.settings.config;
        if config.crash_at != at {
            return false;
        }
        let run = &self.job.runs[run];
        let draw = Address::of(Site::RunCrash, u64::from(run.tick)).hop(run.copy);
        let dies = cx.chance(draw.attempt(attempt), config.crash);
        if dies {
            cx.crash(JOB, point);
        }
        dies
    }

    /// Asks for the leg's next page, or first for the target's hashes.
    fn ask(&mut self, number: u32, leg: u8, cx: &mut World) {
        let Some(run) = self.job.place(number) else {
            return;
        };
        let hashed = self.settings.config.detection == Detection::HashRanges;
        let part = self.job.runs[run].part(leg);
        let state = &self.job.runs[run].legs[leg as usize];
        let mut tag = page_tag(Channel::Query, &self.job.runs[run], part, state.attempt);
        let (to, message) = if hashed && state.hashes.is_none() {
            // Another question, with luck of its own.
            tag.hop |= 0x80;
            (self.layout.target(leg), Message::AskHashes(part))
        } else {
            let message = Message::Ask(part, state.mark, state.hashes.clone());
            (self.layout.source(leg), message)
        };
        cx.send(JOB, to, Lane::Setting, tag, message);
        self.wait(run, leg, cx);
    }

    fn wait(&mut self, run: usize, leg: u8, cx: &mut World) {
        let number = self.job.runs[run].number;
        let span = self.settings.config.page_timeout;
        let timer = cx.timer(JOB, span, Timer::PageTimeout(number, leg));
        self.job.runs[run].legs[leg as usize].timeout = Some(timer);
    }

    /// No answer in time: send again.
    pub(super) fn page_timed_out(&mut self, number: u32, leg: u8, cx: &mut World) {
        let Some(run) = self.job.place(number) else {
            return;
        };
        let state = &mut self.job.runs[run].legs[leg as usize];
        state.attempt = state.attempt.wrapping_add(1);
        match state.state {
            Apply => self.send_page(run, leg, cx),
            _ => self.ask(number, leg, cx),
        }
    }

    /// The target's hashes arrived.
    pub(super) fn hashes(&mut self, part: Part, hashes: Rc<Vec<u64>>, cx: &mut World) {
        let Some(run) = self.job.place(part.run) else {
            return;
        };
        let leg = &mut self.job.runs[run].legs[part.leg as usize];
        if leg.state != Snapshot || leg.hashes.is_some() {
            return;
        }
        leg.hashes = Some(hashes);
        self.job.answered(run, part.leg, cx);
        self.ask(part.run, part.leg, cx);
    }

    /// A page arrived from the source.
    pub(super) fn page(
        &mut self,
        part: Part,
        rows: Rc<Vec<Row>>,
        more: bool,
        next: Mark,
        cx: &mut World,
    ) {
        let Some(run) = self.job.place(part.run) else {
            return;
        };
        let state = &self.job.runs[run].legs[part.leg as usize];
        let awaited = matches!(state.state, Snapshot | Page) && state.timeout.is_some();
        if state.page != part.page || !awaited {
            return;
        }
        self.job.answered(run, part.leg, cx);
        let first = part.page == 0;
        let source = self.layout.source(part.leg);
        if self.job.runs[run].legs[part.leg as usize].state == Snapshot {
            self.job.moved(run, part.leg, source, Page, cx);
        }
        let config = &self.settings.config;
        let (tick, copy) = (self.job.runs[run].tick, self.job.runs[run].copy);
        let draw = Address::of(Site::JobTime, u64::from(tick)).hop(part.leg);
        let mut work = Job::apply_time(config, rows.len());
        if first {
            work = work.plus(cx.sample(draw.attempt(u32::from(copy)), &config.duration));
        }
        let now = cx.now();
        let leg = &mut self.job.runs[run].legs[part.leg as usize];
        leg.read_at.get_or_insert(now);
        leg.seen = leg.seen.max(next);
        (leg.rows, leg.more, leg.next) = (rows, more, next);
        (leg.since, leg.until) = (now, Some(now.plus(work)));
        cx.timer(JOB, work, Timer::Worked(part.run, part.leg));
    }

    /// The work on a page is done: it goes to the target.
    pub(super) fn worked(&mut self, number: u32, leg: u8, cx: &mut World) {
        let Some(run) = self.job.place(number) else {
            return;
        };
        if self.settings.config.watermark_first {
            self.write_watermark(run, leg, cx);
        }
        let (point, place) = (crash::AFTER_SNAPSHOT, u32::from(leg));
        let first = self.job.runs[run].legs[leg as usize].page == 0;
        if first && self.dies(run, CrashAt::AfterSnapshot, point, place, cx) {
            return;
        }
        if self.job.runs[run].legs[leg as usize].rows.is_empty() {
            return self.page_done(run, leg, cx);
        }
        self.job.moved(run, leg, self.layout.source(leg), Apply, cx);
        self.send_page(run, leg, cx);
    }

    fn send_page(&mut self, run: usize, leg: u8, cx: &mut World) {
        let part = self.job.runs[run].part(leg);
        let state = &self.job.runs[run].legs[leg as usize];
        let tag = page_tag(Channel::Batch, &self.job.runs[run], part, state.attempt);
        let message = Message::Apply(part, Rc::clone(&state.rows));
        let target = self.layout.target(leg);
        cx.send(JOB, target, Lane::Setting, tag, message);
        self.wait(run, leg, cx);
    }

    /// The target's answer to a page, or a database's refusal.
    pub(super) fn applied(&mut self, part: Part, effects: u32, refused: bool, cx: &mut World) {
        let Some(run) = self.job.place(part.run) else {
            return;
        };
        if refused {
            return self.end_early(part.run, Fenced, cx);
        }
        let state = &self.job.runs[run].legs[part.leg as usize];
        if state.page != part.page || state.state != Apply {
            return;
        }
        self.job.answered(run, part.leg, cx);
        self.job.runs[run].effects += effects;
        self.page_done(run, part.leg, cx);
    }

    /// A page is applied, or there was nothing to apply: the next one, or the watermark.
    fn page_done(&mut self, run: usize, leg: u8, cx: &mut World) {
        let source = self.layout.source(leg);
        let number = self.job.runs[run].number;
        let state = &mut self.job.runs[run].legs[leg as usize];
        (state.rows, state.until) = (Rc::default(), None);
        let (page, more, next) = (state.page, state.more, state.next);
        self.job.pages[leg as usize] = Some(next);
        if more {
            if self.dies(run, CrashAt::BetweenPages, crash::BETWEEN_PAGES, page, cx) {
                return;
            }
            self.job.moved(run, leg, source, Page, cx);
            let state = &mut self.job.runs[run].legs[leg as usize];
            (state.page, state.mark) = (page + 1, next);
            return self.ask(number, leg, cx);
        }
        self.job.moved(run, leg, source, Watermark, cx);
        let point = crash::BEFORE_WATERMARK;
        if self.dies(run, CrashAt::BeforeWatermark, point, u32::from(leg), cx) {
            return;
        }
        self.write_watermark(run, leg, cx);
        self.job.pages[leg as usize] = None;
        let state = &mut self.job.runs[run].legs[leg as usize];
        state.done = true;
        let point = crash::BEFORE_UNLOCK;
        if self.dies(run, CrashAt::BeforeUnlock, point, u32::from(leg), cx) {
            return;
        }
        if self.job.runs[run].legs.iter().all(|leg| leg.done) {
            self.end(run, cx);
        }
    }

    /// Writes the watermark of a leg; a newer run's stays if tokens fence.
    fn write_watermark(&mut self, run: usize, leg: u8, cx: &mut World) {
        let config = &self.settings.config;
        if config.compares() {
            return;
        }
        let (place, number) = (leg as usize, self.job.runs[run].number);
        if config.fencing && self.job.tokens[place] > number {
            return;
        }
        let Some(mark) = self.job.runs[run].prospect(config, leg) else {
            return;
        };
        self.job.tokens[place] = number;
        self.job.watermarks[place] = mark;
        self.job.read_at[place] = self.job.runs[run].legs[place].read_at;
        let target = self.layout.target(leg);
        let lacking = self.job.runs[run].legs[place].rows.len() as u32;
        let about = self.job.runs[run].about();
        let written = cx.record(Fact::Checkpointed, JOB, target, about, lacking);
        let cause = cx.cause();
        cx.because(written);
        self.judge(leg, cx);
        cx.because(cause);
    }
}
