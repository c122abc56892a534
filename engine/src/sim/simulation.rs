//! One run: a model, its world, its observers, and the interventions planned for it.

mod intervene;

use super::fault::Planned;
use super::journal::Journal;
use super::model::{Context, CrashRequest, Envelope, Model, Node, Scheduled};
use super::network::{Flight, Link, LinkSetting, Tag};
use super::random::{Address, Random, Site};
use super::record::{Fact, NodeId, Record, RecordId};
use super::time::{SimDuration, SimTime};

/// A reader of records: an incremental fold with bounded state, the same with the journal off.
pub trait Observer: Clone + std::fmt::Debug {
    /// Takes note of the next record.
    fn observe(&mut self, id: RecordId, record: &Record);
}

/// No observer at all.
impl Observer for () {
    fn observe(&mut self, _id: RecordId, _record: &Record) {}
}

/// When the workload stops and when the run does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The workload stops and faults heal.
    pub until: SimTime,
    /// The run ends even if something is still scheduled.
    pub horizon: SimTime,
}

/// Where a run stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// The workload is on.
    Running,
    /// The workload has stopped; what is in flight is being finished.
    Draining,
    /// Nothing more will happen.
    Finished,
}

/// A run with more records than this ends, and says so: something goes round in circles.
pub const RECORDS_MAX: u32 = 10_000_000;

/// A run of one model. A clone is a keyframe: it goes on exactly as the original would, but it
/// starts with an empty journal.
#[derive(Clone, Debug)]
pub struct Simulation<P: Model, O: Observer> {
    cx: Context<P::Message, P::Timer>,
    model: P,
    observer: O,
    hash: u64,
    limits: Limits,
    steps_now: u32,
    steps: u64,
    plan: Vec<Planned>,
    planned: usize,
    applied: Vec<bool>,
    finished: bool,
}

impl<P: Model, O: Observer> Simulation<P, O> {
    /// A run at time zero with `nodes` nodes and no links.
    pub fn new(model: P, observer: O, seed: u64, nodes: usize, limits: Limits) -> Self {
        let node = Node {
            up: true,
            incarnation: 0,
            identity: 0,
            mttf: None,
            mttr: SimDuration::from_secs(5),
            clock_offset_us: 0,
            clock_drift_ppm: 0,
        };
        let cx = Context {
            now: SimTime::ZERO,
            queue: Default::default(),
            nodes: (0..nodes)
                .map(|index| Node {
                    identity: index as u64,
                    ..node.clone()
                })
                .collect(),
            links: Vec::new(),
            link_of: vec![u16::MAX; nodes * nodes],
            random: Random::new(seed),
            pending: Vec::with_capacity(64),
            next_record: 0,
            cause: RecordId::NONE,
            draining: false,
            crashes: Vec::new(),
        };
        Simulation {
            cx,
            model,
            observer,
            hash: 0,
            limits,
            steps_now: 0,
            steps: 0,
            plan: Vec::new(),
            planned: 0,
            applied: Vec::new(),
            finished: false,
        }
    }

    /// Adds a one-way link.
    pub fn link(&mut self, from: NodeId, to: NodeId, setting: LinkSetting) {
        let nodes = self.cx.nodes.len();
        self.cx.link_of[from.index() * nodes + to.index()] = self.cx.links.len() as u16;
        self.cx.links.push(Link::new(from, to, setting));
    }

    /// Sets how a node fails by itself and how long it stays down after a crash.
    pub fn set_failure(&mut self, node: NodeId, mttf: Option<SimDuration>, mttr: SimDuration) {
        let node = &mut self.cx.nodes[node.index()];
        node.mttf = mttf;
        node.mttr = mttr;
    }

    /// Sets what a node's failures are drawn for; its id unless set. Give one to each node whose id
    /// depends on how many others there are (rule C6).
    pub fn set_identity(&mut self, node: NodeId, identity: u64) {
        self.cx.nodes[node.index()].identity = identity;
    }

    /// Sets a node's local clock (rule C7): offset in microseconds, drift in parts per million.
    pub fn set_clock(&mut self, node: NodeId, offset_us: i64, drift_ppm: i64) {
        let node = &mut self.cx.nodes[node.index()];
        node.clock_offset_us = offset_us;
        node.clock_drift_ppm = drift_ppm;
    }

    /// Sets the interventions, in any order. Call before [`Simulation::start`].
    pub fn set_plan(&mut self, plan: Vec<Planned>) {
        self.applied = vec![false; plan.len()];
        self.plan = plan;
    }

    /// Keeps a log of all draws, for the test of rule C6.
    pub fn keep_draw_log(&mut self) {
        self.cx.random.keep_log();
    }

    /// The draws made since [`Simulation::keep_draw_log`], in order.
    pub fn draw_log(&self) -> &[(Address, u64)] {
        self.cx.random.log()
    }

    /// Begins the run: schedules the drain, the nodes' own failures and the model's first timers.
    pub fn start(&mut self, journal: Option<&mut Journal>) {
        // The drain is scheduled first, so that at `until` it comes before anything else.
        self.cx.queue.push(self.limits.until, Scheduled::Drain);
        for node in 0..self.cx.nodes.len() {
            self.schedule_failure(NodeId(node as u8), 0);
        }
        self.model.start(&mut self.cx);
        self.settle(journal);
    }

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

    /// The instant the clock stands at.
    pub fn now(&self) -> SimTime {
        self.cx.now
    }

    /// How many queue entries were processed at exactly this instant.
    pub fn steps_now(&self) -> u32 {
        self.steps_now
    }

    /// How many queue entries were processed in all.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How many records were made.
    pub fn records(&self) -> u32 {
        self.cx.next_record
    }

    /// The running trace hash (rule C12).
    pub fn hash(&self) -> u64 {
        // A last mix, so that neighbouring traces do not look alike.
        let x = self.hash ^ u64::from(self.cx.next_record);
        (x ^ x >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ x >> 29
    }

    /// Where the run stands.
    pub fn phase(&self) -> Phase {
        match (self.finished, self.cx.draining) {
            (true, _) => Phase::Finished,
            (false, true) => Phase::Draining,
            (false, false) => Phase::Running,
        }
    }

    /// The model.
    pub fn model(&self) -> &P {
        &self.model
    }

    /// The observer.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// The world, for views.
    pub fn context(&self) -> &Context<P::Message, P::Timer> {
        &self.cx
    }

    /// Whether each intervention, in plan order, found its target; `None` if not reached yet.
    pub fn applied(&self) -> impl Iterator<Item = Option<bool>> + '_ {
        let reached = self.planned;
        self.applied
            .iter()
            .enumerate()
            .map(move |(i, &ok)| (i < reached).then_some(ok))
    }

    /// Limits of this run.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        self.cx.is_up(node)
    }

    /// State of the link between two nodes: (cut, number of held messages if holding).
    pub fn link_state(&self, from: NodeId, to: NodeId) -> Option<(bool, Option<usize>)> {
        let link = &self.cx.links[self.cx.link_between(from, to)?];
        Some((link.cut, link.held.as_ref().map(Vec::len)))
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
            Scheduled::Fail { node, count } => {
                if !self.cx.draining {
                    self.cx.cause = RecordId::NONE;
                    if self.cx.is_up(node) {
                        self.cx.crash(node, 0);
                    }
                    self.schedule_failure(node, count + 1);
                }
            }
            Scheduled::Restart { node, incarnation } => {
                let state = &self.cx.nodes[node.index()];
                if !state.up && state.incarnation == incarnation {
                    self.cx.cause = RecordId::NONE;
                    self.restart(node);
                }
            }
            Scheduled::Drain => self.drain(),
        }
    }

    /// A flight reaches its end: delivered, or lost for one of four reasons.
    #[inline]
    fn arrive(&mut self, flight: Flight<P::Message>) {
        self.cx.cause = flight.sent;
        let index = self
            .cx
            .link_between(flight.from, flight.to)
            .unwrap_or_default();
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

    fn lose(&mut self, flight: Flight<P::Message>, reason: u32) {
        let lost = self
            .cx
            .record(Fact::Lost, flight.from, flight.to, flight.tag, reason);
        self.cx.cause = lost;
        self.model.on_lost(&mut self.cx, &flight);
    }

    fn schedule_failure(&mut self, node: NodeId, count: u32) {
        let state = &self.cx.nodes[node.index()];
        let Some(mttf) = state.mttf else {
            return;
        };
        let at = Address::of(Site::NodeFailure, state.identity).attempt(count);
        let after = super::Delay::Exponential(mttf).sample(self.cx.random.bits(at));
        self.cx
            .queue
            .push(self.cx.now.plus(after), Scheduled::Fail { node, count });
    }

    /// Carries out crashes that handlers asked for, then tells everyone what happened.
    #[inline]
    fn settle(&mut self, journal: Option<&mut Journal>) {
        while let Some(CrashRequest { node, point, cause }) = self.cx.crashes.pop() {
            self.cx.cause = cause;
            if self.crash(node, point) {
                let state = &self.cx.nodes[node.index()];
                let entry = Scheduled::Restart {
                    node,
                    incarnation: state.incarnation,
                };
                self.cx.queue.push(self.cx.now.plus(state.mttr), entry);
            }
        }
        self.flush(journal);
    }

    #[inline]
    fn flush(&mut self, journal: Option<&mut Journal>) {
        let first = self.cx.next_record - self.cx.pending.len() as u32;
        for (offset, record) in self.cx.pending.iter().enumerate() {
            self.hash = record.fold(self.hash);
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

    fn crash(&mut self, node: NodeId, point: u32) -> bool {
        let state = &mut self.cx.nodes[node.index()];
        if !state.up {
            return false;
        }
        state.up = false;
        state.incarnation += 1;
        let crashed = self
            .cx
            .record(Fact::Crashed, node, NodeId::NONE, Tag::NONE, point);
        self.cx.because(crashed);
        self.model.on_crash(&mut self.cx, node);
        true
    }

    fn restart(&mut self, node: NodeId) -> bool {
        let state = &mut self.cx.nodes[node.index()];
        if state.up {
            return false;
        }
        state.up = true;
        let restarted = self
            .cx
            .record(Fact::Restarted, node, NodeId::NONE, Tag::NONE, 0);
        self.cx.because(restarted);
        self.model.on_restart(&mut self.cx, node);
        true
    }

    /// The workload stops: links heal, held messages go on, nodes come back.
    fn drain(&mut self) {
        self.cx.cause = RecordId::NONE;
        self.cx.draining = true;
        let drained = self
            .cx
            .record(Fact::Drained, NodeId::NONE, NodeId::NONE, Tag::NONE, 0);
        for index in 0..self.cx.links.len() {
            let (from, to) = (self.cx.links[index].from, self.cx.links[index].to);
            self.cx.because(drained);
            self.set_cut(from, to, false);
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
