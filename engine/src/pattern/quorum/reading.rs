//! Reads: a coordinator asks all N replicas and answers with the newest of the first R answers.

use super::Setup;
use super::coordinator::{Coordinator, TOO_FEW};
use super::message::{Message, Row, Shown, Timer, World, query_tag};
use super::state::ReadState::{self, Answered, Forgotten, Gathering, Refused, Repairing};
use super::state::read_edge;
use super::truth::{REPLICAS, Set, Truth, has};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, SimDuration, SimTime, Tag, TimerKey};

/// A read whose answers are gathered.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Entity.
    pub key: u32,
    /// Those that have answered.
    pub answers: Set,
    /// What each of them has, as far as the coordinator knows.
    pub rows: [Row; REPLICAS],
    /// The newest of those that it has looked at.
    pub newest: Row,
    /// Those that are being mended before the answer.
    pub waits: Set,
    /// Where it stands.
    pub state: ReadState,
    client: NodeId,
    began: SimTime,
    timeout: TimerKey,
}

impl Reading {
    /// Looks at all answers: the newest, and whoever answered with something older.
    fn compare(&mut self) -> Set {
        let answered = (0..REPLICAS).filter(|&index| has(self.answers, index as u8));
        let mut newest = Row::default();
        for index in answered.clone() {
            if self.rows[index].beats(&newest) {
                newest = self.rows[index];
            }
        }
        self.newest = newest;
        let behind = answered.filter(|&index| newest.beats(&self.rows[index]));
        behind.fold(0, |set, index| set | 1 << index)
    }
}

impl Coordinator {
    /// Takes a query.
    pub fn query(&mut self, setup: &Setup, client: NodeId, tag: Tag, cx: &mut World) {
        let (here, query) = (self.node(setup), tag.message);
        for replica in 0..setup.layout.replicas {
            let remote = setup.layout.home(replica) != self.region;
            let to = setup.layout.replica(replica);
            let tag = query_tag(Channel::Query, replica + 1, query, tag.key, 0);
            let delay = &setup.read[usize::from(remote)];
            cx.send_taking(delay, (here, to), tag, Message::Fetch);
        }
        let wait = setup.settings.config.read_timeout;
        let reading = Reading {
            key: tag.key,
            answers: 0,
            rows: [Row::default(); REPLICAS],
            newest: Row::default(),
            waits: 0,
            state: Gathering,
            client,
            began: cx.now(),
            timeout: cx.timer(here, wait, Timer::ReadTimeout(query)),
        };
        self.reads.insert(query, reading);
    }

    /// A replica answers.
    pub fn fetched(
        &mut self,
        setup: &Setup,
        tag: Tag,
        row: Row,
        truth: &mut Truth,
        cx: &mut World,
    ) {
        let (query, replica) = (tag.message, tag.hop - 1);
        let Some(reading) = self.reads.get_mut(query) else {
            return;
        };
        if has(reading.answers, replica) {
            return;
        }
        reading.answers |= 1 << replica;
        reading.rows[usize::from(replica)] = row;
        let enough = reading.answers.count_ones() >= setup.settings.config.read_quorum;
        match reading.state {
            Gathering if enough => {
                let behind = self.mend(setup, query, truth, cx);
                if behind == 0 {
                    self.answer(setup, query, truth, cx);
                } else if let Some(reading) = self.reads.get_mut(query) {
                    reading.waits = behind;
                    self.read_moved(setup, query, Repairing, cx);
                }
            }
            Answered => {
                self.mend(setup, query, truth, cx);
                self.forget_if_over(setup, query, cx);
            }
            _ => {}
        }
    }

    /// Compares the answers and, with read repair, sends the newest version to whoever answered with
    /// an older one. Returns those.
    fn mend(&mut self, setup: &Setup, query: u32, truth: &mut Truth, cx: &mut World) -> Set {
        let Some(reading) = self.reads.get_mut(query) else {
            return 0;
        };
        let behind = reading.compare();
        let newest = reading.newest;
        if !setup.settings.config.read_repair {
            return 0;
        }
        for replica in setup.layout.members(behind) {
            reading.rows[usize::from(replica)] = newest;
        }
        for replica in setup.layout.members(behind) {
            self.send(setup, newest, replica, truth, cx);
        }
        behind
    }

    /// A replica has acknowledged a write: reads that waited for that are answered.
    pub fn mended(&mut self, setup: &Setup, tag: Tag, truth: &mut Truth, cx: &mut World) {
        let mut over = Vec::new();
        let waiting = |reading: &Reading| {
            reading.state == Repairing
                && reading.newest.event.message == tag.message
                && has(reading.waits, tag.hop)
        };
        let open: Vec<u32> = self.reads.iter().map(|(query, _)| *query).collect();
        for query in open {
            let Some(reading) = self.reads.get_mut(query).filter(|reading| waiting(reading)) else {
                continue;
            };
            reading.waits &= !(1 << tag.hop);
            if reading.waits == 0 {
                over.push(query);
            }
        }
        for query in over {
            self.answer(setup, query, truth, cx);
        }
    }

    /// The client is told; with read repair, later answers are still compared.
    fn answer(&mut self, setup: &Setup, query: u32, truth: &mut Truth, cx: &mut World) {
        let Some(reading) = self.reads.get(query) else {
            return;
        };
        let (key, version, client) = (reading.key, reading.newest.event.version, reading.client);
        let (behind, since) = truth.newer(key, version, reading.began);
        let stale = since.map_or(SimDuration::ZERO, |at| reading.began.since(at));
        let here = self.node(setup);
        let tag = query_tag(Channel::Answer, 0, query, key, version);
        let gathered = cx.record(Fact::Gathered, here, client, tag, stale.as_detail());
        cx.because(gathered);
        self.read_moved(setup, query, Answered, cx);
        let shown = Shown { version, behind };
        cx.send(
            here,
            client,
            Lane::Setting,
            tag,
            Message::Answer(Some(shown)),
        );
        // What came while it waited is compared now.
        self.mend(setup, query, truth, cx);
        self.forget_if_over(setup, query, cx);
    }

    /// A read is over when all have answered, or when nobody looks at later answers.
    fn forget_if_over(&mut self, setup: &Setup, query: u32, cx: &mut World) {
        let all = |reading: &&Reading| {
            reading.answers == setup.layout.all() || !setup.settings.config.read_repair
        };
        if let Some(reading) = self.reads.get(query).filter(all) {
            cx.cancel(reading.timeout);
            self.reads.remove(query);
        }
    }

    /// It has waited enough for a query.
    pub fn read_timed_out(&mut self, setup: &Setup, query: u32, cx: &mut World) {
        let Some(reading) = self.reads.get(query) else {
            return;
        };
        if reading.state != Answered {
            let (here, client) = (self.node(setup), reading.client);
            let tag = query_tag(Channel::Answer, 0, query, reading.key, 0);
            let refused = query_tag(Channel::Query, 0, query, reading.key, 0);
            let refused = cx.record(Fact::Refused, here, client, refused, TOO_FEW);
            cx.because(refused);
            self.read_moved(setup, query, Refused, cx);
            cx.send(here, client, Lane::Setting, tag, Message::Answer(None));
        }
        self.reads.remove(query);
    }

    /// It lost its memory.
    pub(super) fn forget_reads(&mut self, setup: &Setup, cx: &mut World) {
        let open = self.reads.iter();
        let open = open.filter(|(_, reading)| reading.state != Answered);
        let open: Vec<u32> = open.map(|(query, _)| *query).collect();
        for query in open {
            self.read_moved(setup, query, Forgotten, cx);
        }
        self.reads.clear();
    }

    fn read_moved(&mut self, setup: &Setup, query: u32, to: ReadState, cx: &mut World) {
        let here = self.node(setup);
        if let Some(reading) = self.reads.get_mut(query) {
            let from = std::mem::replace(&mut reading.state, to);
            let version = reading.newest.event.version;
            let tag = query_tag(Channel::Query, 0, query, reading.key, version);
            cx.record(Fact::Edge, here, NodeId::NONE, tag, read_edge(from, to));
        }
    }
}
