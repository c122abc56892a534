//! One run: a model, its world, its observers, and the interventions planned for it.

mod failure;
mod intervene;
mod step;

use super::fault::Planned;
use super::journal::Journal;
use super::model::{Chore, Context, Model, Node, Scheduled};
use super::network::{Link, LinkSetting};
use super::random::{Address, Random, Site};
use super::record::{NodeId, Record, RecordId};
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
            hash: 0,
            cause: RecordId::NONE,
            draining: false,
            crashes: Vec::new(),
        };
        Simulation {
            cx,
            model,
            observer,
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
        let link = Link::new(from, to, &setting, &self.cx.random);
        self.cx.links.push(link);
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

    /// The sites whose chance came true since [`Simulation::keep_draw_log`], in order.
    pub fn struck(&self) -> &[Site] {
        self.cx.random.struck()
    }

    /// Begins the run: schedules the drain, the nodes' own failures and the model's first timers.
    pub fn start(&mut self, journal: Option<&mut Journal>) {
        // The drain is scheduled first, so that at `until` it comes before anything else.
        self.cx
            .queue
            .push(self.limits.until, Scheduled::Chore(Chore::Drain));
        for node in 0..self.cx.nodes.len() {
            self.schedule_failure(NodeId(node as u8), 0);
        }
        self.model.start(&mut self.cx);
        self.settle(journal);
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
        let x = self.cx.hash ^ u64::from(self.cx.next_record);
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
}
