//! What a pattern is to the kernel: a [`Model`] whose handlers act only through a [`Context`].

use super::distribution::{Delay, Sampler};
use super::fault::Intervention;
use super::network::{Flight, Lane, Link, Tag};
use super::queue::{Key, Queue};
use super::random::{Address, Random, Site};
use super::record::{Fact, NodeId, Record, RecordId};
use super::time::{SimDuration, SimTime};

/// A message as it arrives.
#[derive(Clone, Debug)]
pub struct Envelope<M> {
    /// Who sent it.
    pub from: NodeId,
    /// Who receives it.
    pub to: NodeId,
    /// Identity.
    pub tag: Tag,
    /// Content.
    pub message: M,
}

/// A pattern: all its nodes as one value. A handler reads and changes its node's state and acts
/// on the world only through the context; it never looks at a clock, a random source or a journal.
pub trait Model: Clone + std::fmt::Debug {
    /// What travels between nodes.
    type Message: Clone + std::fmt::Debug;
    /// What a node asks to be reminded of.
    type Timer: Clone + std::fmt::Debug;

    /// Schedules whatever starts by itself. Called once, at time zero.
    fn start(&mut self, cx: &mut Context<Self::Message, Self::Timer>);

    /// A message arrived at a node that is up.
    fn on_message(
        &mut self,
        cx: &mut Context<Self::Message, Self::Timer>,
        envelope: Envelope<Self::Message>,
    );

    /// A timer of a node fired, in the same incarnation that set it.
    fn on_timer(
        &mut self,
        cx: &mut Context<Self::Message, Self::Timer>,
        node: NodeId,
        timer: Self::Timer,
    );

    /// The node just lost its volatile state.
    fn on_crash(&mut self, _cx: &mut Context<Self::Message, Self::Timer>, _node: NodeId) {}

    /// The node is back, with its durable state.
    fn on_restart(&mut self, _cx: &mut Context<Self::Message, Self::Timer>, _node: NodeId) {}

    /// A message did not arrive. The model may only record what follows for the truth of the run
    /// (say, that no carrier of an event is left); no service knows of it.
    fn on_lost(
        &mut self,
        _cx: &mut Context<Self::Message, Self::Timer>,
        _lost: &Flight<Self::Message>,
    ) {
    }

    /// An intervention the kernel does not know. Returns whether its target exists.
    fn on_intervention(
        &mut self,
        _cx: &mut Context<Self::Message, Self::Timer>,
        _what: &Intervention,
    ) -> bool {
        false
    }

    /// The workload must stop; faults have healed.
    fn on_drain(&mut self, _cx: &mut Context<Self::Message, Self::Timer>) {}
}

/// What waits in the queue.
#[derive(Clone, Debug)]
pub(super) enum Scheduled<M, T> {
    Arrive(Flight<M>),
    Timer {
        node: NodeId,
        incarnation: u32,
        cause: RecordId,
        timer: T,
    },
    Chore(Chore),
}

/// What the kernel does by itself, rarely. Apart from [`Scheduled`]: a choice of three is two
/// branches, a choice of five a jump through a table.
#[derive(Clone, Debug)]
pub(super) enum Chore {
    Fail { node: NodeId, count: u32 },
    Restart { node: NodeId, incarnation: u32 },
    Drain,
}

/// A node as the kernel sees it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub up: bool,
    pub incarnation: u32,
    /// The subject of its failures' draws: it stays when other nodes are added (rule C6).
    pub identity: u64,
    /// Mean time to failure, if it fails by itself.
    pub mttf: Option<SimDuration>,
    pub mttr: SimDuration,
    pub clock_offset_us: i64,
    pub clock_drift_ppm: i64,
}

/// A crash a handler asked for: it happens when the handler returns.
#[derive(Clone, Copy, Debug)]
pub(super) struct CrashRequest {
    pub node: NodeId,
    pub point: u32,
    pub cause: RecordId,
}

/// The world as a handler may touch it. Every method is an effect, performed at once and in order.
///
/// Effects are performed at once rather than returned as a list because a handler needs the key of
/// a timer that it sets and the number of a record that it makes.
#[derive(Clone, Debug)]
pub struct Context<M, T> {
    pub(super) now: SimTime,
    pub(super) queue: Queue<Scheduled<M, T>>,
    pub(super) nodes: Vec<Node>,
    pub(super) links: Vec<Link<M>>,
    /// `link_of[from * nodes + to]`, `u16::MAX` where there is none.
    pub(super) link_of: Vec<u16>,
    pub(super) random: Random,
    pub(super) pending: Vec<Record>,
    pub(super) next_record: u32,
    /// Of all records so far, the pending ones included.
    pub(super) hash: u64,
    pub(super) cause: RecordId,
    pub(super) draining: bool,
    pub(super) crashes: Vec<CrashRequest>,
}

impl<M: Clone, T: Clone> Context<M, T> {
    /// The current instant.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// What this node's own clock shows, in microseconds: c(t) = t + offset + drift·t (rule C7).
    /// Only application timestamps, leases and times to live may read it.
    pub fn local_clock(&self, node: NodeId) -> i64 {
        let t = self.now.as_micros() as i64;
        let node = &self.nodes[node.index()];
        t + node.clock_offset_us
            + (i128::from(t) * i128::from(node.clock_drift_ppm) / 1_000_000) as i64
    }

    /// Whether the workload has stopped.
    pub fn is_draining(&self) -> bool {
        self.draining
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        self.nodes[node.index()].up
    }

    /// 64 bits for an address.
    pub fn bits(&mut self, at: Address) -> u64 {
        self.random.bits(at)
    }

    /// The source of all draws, for parts that are no handlers themselves.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// Whether an event of probability `p` happens.
    pub fn chance(&mut self, at: Address, p: f64) -> bool {
        self.random.chance(at, p)
    }

    /// A sample of `delay`.
    pub fn sample(&mut self, at: Address, delay: &Delay) -> SimDuration {
        match delay {
            Delay::Constant(span) => *span,
            other => other.sample(self.random.bits(at)),
        }
    }

    /// Writes a record, caused by whatever is being handled; returns its number.
    #[inline]
    pub fn record(
        &mut self,
        fact: Fact,
        node: NodeId,
        peer: NodeId,
        tag: Tag,
        detail: u32,
    ) -> RecordId {
        let id = RecordId(self.next_record);
        self.next_record += 1;
        let record = Record {
            at: self.now,
            cause: self.cause,
            key: tag.key,
            version: tag.version,
            message: tag.message,
            detail,
            fact,
            node,
            peer,
            channel: tag.channel,
        };
        // Here and not when the records are told, because here its fields are in registers.
        self.hash = record.fold(self.hash);
        self.pending.push(record);
        id
    }

    /// Makes `id` the cause of what this handler does from here on.
    pub fn because(&mut self, id: RecordId) {
        self.cause = id;
    }

    /// The record that is the cause of what happens now.
    pub fn cause(&self) -> RecordId {
        self.cause
    }

    /// Sends a message. Its delay, loss and duplication are drawn at its tag's address.
    ///
    /// # Panics
    /// If the topology has no link between the two nodes.
    #[inline]
    pub fn send(&mut self, from: NodeId, to: NodeId, lane: Lane, tag: Tag, message: M) -> RecordId {
        let index = self.link_index(from, to);
        assert!(
            index < self.links.len(),
            "no link from {} to {}",
            from.0,
            to.0
        );
        let sent = self.record(Fact::Sent, from, to, tag, u32::from(tag.attempt));
        let link = &mut self.links[index];
        let (at, subject) = (link.purposes(&self.random, tag), u64::from(tag.message));
        let delay = link.delay.sample(&mut self.random, at.delay, subject);
        let doomed = link.loss.happens(&mut self.random, at.loss, subject);
        let arrives_at = link.arrival(self.now, delay, lane);
        let random = &mut self.random;
        let doubled = link.duplication.happens(random, at.duplication, subject);
        let sent_at = self.now;
        let flight = Flight {
            tag,
            from,
            to,
            sent_at,
            arrives_at,
            sent,
            copy: 0,
            doomed,
            message,
        };
        if doubled {
            self.launch_duplicate(index, &flight, lane);
        }
        self.launch(index, flight);
        sent
    }

    /// Sends a message whose delay is not its link's: for links on which two kinds travel.
    ///
    /// # Panics
    /// If the topology has no link between the two nodes.
    pub fn send_taking(
        &mut self,
        delay: &Sampler,
        (from, to): (NodeId, NodeId),
        tag: Tag,
        message: M,
    ) -> RecordId {
        let index = self.link_index(from, to);
        let link = self.links.get_mut(index);
        let own = link.map(|link| std::mem::replace(&mut link.delay, delay.clone()));
        let sent = self.send(from, to, Lane::Setting, tag, message);
        if let Some(own) = own {
            self.links[index].delay = own;
        }
        sent
    }

    /// Cuts or heals one direction between two nodes; returns whether that changed anything.
    pub fn cut(&mut self, from: NodeId, to: NodeId, cut: bool) -> bool {
        let Some(index) = self.link_between(from, to) else {
            return false;
        };
        if self.links[index].cut == cut {
            return false;
        }
        self.links[index].cut = cut;
        let fact = if cut { Fact::Partitioned } else { Fact::Healed };
        self.record(fact, from, to, Tag::NONE, 0);
        true
    }

    /// Asks to be called back after `after`; a crash of `node` voids the timer.
    #[inline]
    pub fn timer(&mut self, node: NodeId, after: SimDuration, timer: T) -> Key {
        let incarnation = self.nodes[node.index()].incarnation;
        let scheduled = Scheduled::Timer {
            node,
            incarnation,
            cause: self.cause,
            timer,
        };
        self.queue.push(self.now.plus(after), scheduled)
    }

    /// Cancels a timer; returns whether it was still set.
    pub fn cancel(&mut self, key: Key) -> bool {
        self.queue.cancel(key).is_some()
    }

    /// Crashes `node` as soon as the handler returns; it restarts after its mean time to repair.
    /// `point` names the crash point for the record.
    pub fn crash(&mut self, node: NodeId, point: u32) {
        self.crashes.push(CrashRequest {
            node,
            point,
            cause: self.cause,
        });
    }

    /// Everything on its way or held, in no order.
    pub fn flights(&self) -> impl Iterator<Item = &Flight<M>> {
        let flying = self
            .queue
            .iter_unsorted()
            .filter_map(|(_, _, entry)| match entry {
                Scheduled::Arrive(flight) => Some(flight),
                _ => None,
            });
        flying.chain(
            self.links
                .iter()
                .filter_map(|link| link.held.as_ref())
                .flatten(),
        )
    }

    /// A second copy of the same message, with its own delay (rule C10).
    #[cold]
    fn launch_duplicate(&mut self, index: usize, original: &Flight<M>, lane: Lane) {
        let tag = original.tag;
        let cause = std::mem::replace(&mut self.cause, original.sent);
        let attempt = u32::from(tag.attempt);
        self.record(Fact::Duplicated, original.from, original.to, tag, attempt);
        self.cause = cause;
        let at = self.random.purpose(Address {
            site: Site::DuplicateDelay,
            ..tag.address()
        });
        let link = &mut self.links[index];
        let subject = u64::from(tag.message);
        let delay = link.delay.sample(&mut self.random, at, subject);
        let arrives_at = link.arrival(self.now, delay, lane);
        let copy = Flight {
            arrives_at,
            copy: 1,
            doomed: false,
            ..original.clone()
        };
        self.launch(index, copy);
    }

    /// Puts a flight on its way, into the hold, or to its end half-way.
    #[inline(always)]
    pub(super) fn launch(&mut self, index: usize, flight: Flight<M>) {
        let link = &mut self.links[index];
        if let Some(held) = &mut link.held {
            held.push(flight);
            return;
        }
        let due = if flight.doomed {
            let half = flight.arrives_at.since(flight.sent_at).as_micros() / 2;
            flight.sent_at.plus(SimDuration::from_micros(half))
        } else {
            flight.arrives_at
        };
        self.queue.push(due, Scheduled::Arrive(flight));
    }

    /// Index of the link between two nodes of the topology; beyond all links if it has none.
    #[inline]
    pub(super) fn link_index(&self, from: NodeId, to: NodeId) -> usize {
        self.link_of[from.index() * self.nodes.len() + to.index()] as usize
    }

    /// Index of the link between two nodes, if the topology has one.
    pub(super) fn link_between(&self, from: NodeId, to: NodeId) -> Option<usize> {
        if from.index().max(to.index()) >= self.nodes.len() {
            return None;
        }
        Some(self.link_index(from, to)).filter(|&index| index < self.links.len())
    }
}
