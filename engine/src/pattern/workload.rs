//! What clients want, whatever the pattern: when they write which key, and which they read.
//!
//! Every room asks the same [`Demand`], which draws at addresses that no configuration changes, so
//! the same order arrives at the same instant in every pattern (semantics rule C6).

pub mod knob;

use super::client::ClientTimer;
use crate::sim::random::{Address, Random, Site};
use crate::sim::{Context, Delay, NodeId, SimDuration, SimTime, Tag};

/// When clients write.
#[derive(Clone, PartialEq, Debug)]
pub enum Arrivals {
    /// A Poisson process.
    Poisson,
    /// Evenly spaced.
    Regular,
    /// `size` writes `gap` apart, as often as the rate asks.
    Bursts {
        /// Writes in a burst.
        size: u32,
        /// Between two writes of a burst.
        gap: SimDuration,
    },
    /// Exactly at these instants after the start.
    List(Vec<SimDuration>),
}

/// What clients do.
#[derive(Clone, PartialEq, Debug)]
pub struct Workload {
    /// Shape of the arrivals.
    pub arrivals: Arrivals,
    /// Writes per second.
    pub rate: f64,
    /// Keys in use at a time.
    pub keys: u32,
    /// Writes to a key before a new key takes its place.
    pub updates: u32,
    /// Units in stock per key; `None`: writes are not sales.
    pub stock: Option<u32>,
    /// Reads per second, spread evenly over the copies.
    pub reads: f64,
}

impl Default for Workload {
    fn default() -> Self {
        Workload {
            arrivals: Arrivals::Poisson,
            rate: 4.0,
            keys: 8,
            updates: 3,
            stock: None,
            reads: 0.0,
        }
    }
}

/// Numbers of writes and keys made by hand start here, so that they shift nobody else's luck.
pub const BY_HAND: u32 = 1 << 30;

/// Numbers of second writes made by requests without a key: this, plus 128 · request + attempt.
const DOUBLE: u32 = 1 << 31;
/// Their bit for requests made by hand, so that the two ranges stay apart.
const DOUBLE_BY_HAND: u32 = BY_HAND;

/// The number of a second write by a request without a key; `taken` says which numbers are not free.
pub fn second_write(request: Tag, taken: impl Fn(u32) -> bool) -> u32 {
    let by_hand = DOUBLE_BY_HAND & request.message;
    let first = DOUBLE | by_hand | (request.message ^ by_hand) << 7;
    let mut number = first + u32::from(request.attempt).min(99);
    // The same attempt can arrive twice, if a link doubles it.
    while number < first + 127 && taken(number) {
        number += 1;
    }
    number
}

/// A write that clients want: its number, from 1, and its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wish {
    /// Number of the write.
    pub message: u32,
    /// Entity.
    pub key: u32,
}

/// A key in use.
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u32,
    writes: u32,
}

/// What all clients together want next.
#[derive(Clone, Debug)]
pub struct Demand {
    slots: Vec<Slot>,
    next_key: u32,
    arrivals: u32,
    /// The instant of the next arrival, or of the last one if there is no next.
    next_at: SimTime,
    /// Whether there is a next arrival.
    more: bool,
    reads: u32,
    by_hand: u32,
}

impl Demand {
    /// The demand of this workload, before its first arrival is planned.
    pub fn new(workload: &Workload) -> Self {
        let slot = Slot { key: 0, writes: 0 };
        Demand {
            slots: vec![slot; workload.keys as usize],
            next_key: 1,
            arrivals: 0,
            next_at: SimTime::ZERO,
            more: true,
            reads: 0,
            by_hand: 0,
        }
    }

    /// Plans the first write and the first read of clients at `node`.
    pub fn start<M: Clone, T: ClientTimer>(
        &mut self,
        node: NodeId,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) {
        self.plan_write(node, workload, cx);
        plan_read(node, workload, cx);
    }

    /// Sets the timers again that clients at `node` lost in a crash.
    pub fn restart<M: Clone, T: ClientTimer>(
        &self,
        node: NodeId,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) {
        if cx.is_draining() {
            return;
        }
        if let Some(at) = self.planned() {
            cx.timer(node, at.since(cx.now()), T::ARRIVE);
        }
        plan_read(node, workload, cx);
    }

    /// The write that is due now, unless the run drains; plans the one after it.
    pub fn write_due<M: Clone, T: ClientTimer>(
        &mut self,
        node: NodeId,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) -> Option<Wish> {
        if cx.is_draining() {
            return None;
        }
        let wish = self.arrive(workload, cx.random());
        self.plan_write(node, workload, cx);
        Some(wish)
    }

    /// Number and key of the read that is due now, unless the run drains or no key is in use yet;
    /// plans the one after it.
    pub fn read_due<M: Clone, T: ClientTimer>(
        &mut self,
        node: NodeId,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) -> Option<(u32, u32)> {
        if cx.is_draining() {
            return None;
        }
        let (number, key) = self.read(cx.random());
        plan_read(node, workload, cx);
        Some((number, key?))
    }

    fn plan_write<M: Clone, T: ClientTimer>(
        &mut self,
        node: NodeId,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) {
        if let Some(at) = self.plan(workload, cx.random()) {
            cx.timer(node, at.since(cx.now()), T::ARRIVE);
        }
    }

    /// Plans the arrival after the one that is due; the instant at which it is, if there is one.
    pub fn plan(&mut self, workload: &Workload, random: &mut Random) -> Option<SimTime> {
        match self.instant_of(workload, self.arrivals, random) {
            Some(at) => self.next_at = at,
            None => self.more = false,
        }
        self.planned()
    }

    /// The instant of the next arrival, if there is one.
    pub fn planned(&self) -> Option<SimTime> {
        self.more.then_some(self.next_at)
    }

    /// The write that is due now.
    pub fn arrive(&mut self, workload: &Workload, random: &mut Random) -> Wish {
        self.arrivals += 1;
        let message = self.arrivals;
        let pick = random.bits(Address::of(Site::KeyChoice, u64::from(message)));
        let slot = (pick % self.slots.len() as u64) as usize;
        let key = self.key_for(slot, workload.updates);
        Wish { message, key }
    }

    /// A write made by hand, to `key` or to a new one.
    pub fn by_hand(&mut self, key: Option<u32>) -> Wish {
        self.by_hand += 1;
        let message = BY_HAND + self.by_hand;
        Wish {
            message,
            key: key.unwrap_or(message),
        }
    }

    /// The read that is due now: its number, from 0, and its key if any is in use yet.
    pub fn read(&mut self, random: &mut Random) -> (u32, Option<u32>) {
        let number = self.reads;
        self.reads += 1;
        let used: Vec<u32> = self.keys_in_use().collect();
        let pick = random.bits(Address::of(Site::ReadKey, u64::from(number)));
        let key = used.get((pick % used.len().max(1) as u64) as usize);
        (number, key.copied())
    }

    /// The keys that are written at present.
    pub fn keys_in_use(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().map(|slot| slot.key).filter(|&k| k > 0)
    }

    /// Whether a key has had all its writes.
    pub fn is_retired(&self, key: u32, updates: u32) -> bool {
        let open = |slot: &Slot| slot.key == key && slot.writes < updates;
        !self.slots.iter().any(open)
    }

    /// The key in a slot; a new one when the old has had all its writes.
    fn key_for(&mut self, slot: usize, updates: u32) -> u32 {
        let slot = &mut self.slots[slot];
        if slot.key == 0 || slot.writes >= updates {
            *slot = Slot {
                key: self.next_key,
                writes: 0,
            };
            self.next_key += 1;
        }
        slot.writes += 1;
        slot.key
    }

    /// The instant of arrival number `index`, from 0; `None` if there is none.
    fn instant_of(&self, workload: &Workload, index: u32, random: &mut Random) -> Option<SimTime> {
        let gap = |writes: f64| {
            (workload.rate > 0.0)
                .then(|| SimDuration::from_micros_f64(1e6 * writes / workload.rate))
        };
        match &workload.arrivals {
            Arrivals::Poisson => {
                let at = Address::of(Site::ArrivalGap, u64::from(index));
                let gap = Delay::Exponential(gap(1.0)?).sample(random.bits(at));
                Some(self.next_at.plus(gap))
            }
            Arrivals::Regular => Some(self.next_at.plus(gap(1.0)?)),
            Arrivals::Bursts { size, gap: inner } => {
                let place = index % size;
                if index > 0 && place > 0 {
                    return Some(self.next_at.plus(*inner));
                }
                let used = inner.times(u64::from(*size - 1));
                let period = gap(f64::from(*size))?;
                let rest =
                    SimDuration::from_micros(period.as_micros().saturating_sub(used.as_micros()));
                Some(self.next_at.plus(if index == 0 { period } else { rest }))
            }
            Arrivals::List(list) => list
                .get(index as usize)
                .map(|span| SimTime::ZERO.plus(*span)),
        }
    }
}

fn plan_read<M: Clone, T: ClientTimer>(node: NodeId, workload: &Workload, cx: &mut Context<M, T>) {
    if let Some(gap) = read_gap(workload) {
        cx.timer(node, gap, T::READ);
    }
}

/// Time between two reads, if there are any.
pub fn read_gap(workload: &Workload) -> Option<SimDuration> {
    let gap = SimDuration::from_micros_f64(1e6 / workload.reads);
    (workload.reads > 0.0).then(|| gap.max(SimDuration::from_micros(1)))
}
