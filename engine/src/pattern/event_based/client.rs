//! The clients: when they write what, how long they wait, and what they read.

use super::config::{Arrivals, Config, Workload};
use super::knob::Settings;
use super::message::node::{CLIENT, SOURCE};
use super::message::{Event, Message, Timer, World};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Delay, Fact, NodeId, SimDuration, SimTime, Site, TimerKey};
use std::collections::BTreeMap;

/// Numbers of writes and keys made by hand start here, so that they shift nobody else's luck.
pub const BY_HAND: u32 = 1 << 30;

/// A key in use.
#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u32,
    writes: u32,
}

/// A request without an answer.
#[derive(Clone, Copy, Debug)]
struct Pending {
    key: u32,
    first_at: SimTime,
    attempt: u16,
    timeout: TimerKey,
}

/// All clients as one.
#[derive(Clone, Debug)]
pub struct Client {
    slots: Vec<Slot>,
    next_key: u32,
    arrivals: u32,
    /// The instant of the next arrival, or of the last one if there is no next.
    next_at: SimTime,
    /// Whether there is a next arrival.
    more: bool,
    reads: u32,
    by_hand: u32,
    pending: BTreeMap<u32, Pending>,
}

impl Client {
    /// Clients with this workload.
    pub fn new(workload: &Workload) -> Self {
        let slot = Slot { key: 0, writes: 0 };
        Client {
            slots: vec![slot; workload.keys as usize],
            next_key: 1,
            arrivals: 0,
            next_at: SimTime::ZERO,
            more: true,
            reads: 0,
            by_hand: 0,
            pending: BTreeMap::new(),
        }
    }

    /// Whether an answer is still awaited.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Plans the first write and the first read.
    pub fn start(&mut self, settings: &Settings, cx: &mut World) {
        self.plan_arrival(&settings.workload, cx);
        self.plan_read(&settings.workload, cx);
    }

    /// The client is back after a crash: requests without answers are forgotten.
    pub fn restart(&mut self, settings: &Settings, cx: &mut World) {
        self.pending.clear();
        if !cx.is_draining() {
            if self.more {
                let wait = self.next_at.since(cx.now());
                cx.timer(CLIENT, wait, Timer::Arrive);
            }
            self.plan_read(&settings.workload, cx);
        }
    }

    /// Key and number of the write that is due now; plans the one after it.
    pub fn arrive(&mut self, settings: &Settings, cx: &mut World) -> Option<Event> {
        if cx.is_draining() {
            return None;
        }
        self.arrivals += 1;
        let message = self.arrivals;
        let pick = cx.bits(Address::of(Site::KeyChoice, u64::from(message)));
        let slot = (pick % self.slots.len() as u64) as usize;
        let key = self.key_for(slot, settings.workload.updates);
        self.plan_arrival(&settings.workload, cx);
        Some(Event {
            message,
            key,
            version: 0,
        })
    }

    /// Number of a write made by hand, to `key` or to a new one.
    pub fn by_hand(&mut self, key: Option<u32>) -> Event {
        self.by_hand += 1;
        let number = BY_HAND + self.by_hand;
        Event {
            message: number,
            key: key.unwrap_or(number),
            version: 0,
        }
    }

    /// Sends the first attempt of a request.
    pub fn request(&mut self, config: &Config, event: Event, cx: &mut World) {
        let tag = event.tag(Channel::Request, 0, 0);
        let asked = cx.record(Fact::Requested, CLIENT, NodeId::NONE, tag, 0);
        cx.because(asked);
        self.transmit(config, event, 0, cx.now(), cx);
    }

    /// An answer: the request is over.
    pub fn answered(&mut self, message: u32, done: bool, cx: &mut World) {
        let Some(pending) = self.pending.remove(&message) else {
            return;
        };
        cx.cancel(pending.timeout);
        if done {
            let event = Event {
                message,
                key: pending.key,
                version: 0,
            };
            let latency = cx.now().since(pending.first_at).as_detail();
            let tag = event.tag(Channel::Reply, 0, 0);
            cx.record(Fact::Acknowledged, CLIENT, SOURCE, tag, latency);
        }
    }

    /// No answer in time: ask again, or give up.
    pub fn timed_out(&mut self, config: &Config, message: u32, cx: &mut World) {
        let Some(pending) = self.pending.remove(&message) else {
            return;
        };
        let event = Event {
            message,
            key: pending.key,
            version: 0,
        };
        let attempt = pending.attempt + 1;
        if u32::from(attempt) < config.request_attempts {
            let tag = event.tag(Channel::Request, 0, attempt);
            let asked = cx.record(
                Fact::Requested,
                CLIENT,
                NodeId::NONE,
                tag,
                u32::from(attempt),
            );
            cx.because(asked);
            self.transmit(config, event, attempt, pending.first_at, cx);
        } else {
            let tag = event.tag(Channel::Request, 0, attempt);
            cx.record(Fact::TimedOut, CLIENT, SOURCE, tag, u32::from(attempt));
        }
    }

    /// Copy and key of the read that is due now; plans the one after it.
    pub fn read(&mut self, settings: &Settings, cx: &mut World) -> Option<(u8, u32)> {
        if cx.is_draining() {
            return None;
        }
        let number = self.reads;
        self.reads += 1;
        self.plan_read(&settings.workload, cx);
        let used: Vec<u32> = self
            .slots
            .iter()
            .map(|slot| slot.key)
            .filter(|&k| k > 0)
            .collect();
        let pick = cx.bits(Address::of(Site::ReadKey, u64::from(number)));
        let key = *used.get((pick % used.len().max(1) as u64) as usize)?;
        Some(((number % settings.config.groups) as u8, key))
    }

    fn transmit(
        &mut self,
        config: &Config,
        event: Event,
        attempt: u16,
        first_at: SimTime,
        cx: &mut World,
    ) {
        let tag = event.tag(Channel::Request, 0, attempt);
        cx.send(CLIENT, SOURCE, Lane::Setting, tag, Message::Request(event));
        let timeout = cx.timer(
            CLIENT,
            config.request_timeout,
            Timer::RequestTimeout(event.message),
        );
        let pending = Pending {
            key: event.key,
            first_at,
            attempt,
            timeout,
        };
        self.pending.insert(event.message, pending);
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

    fn plan_arrival(&mut self, workload: &Workload, cx: &mut World) {
        let Some(at) = self.instant_of(workload, self.arrivals, cx) else {
            self.more = false;
            return;
        };
        self.next_at = at;
        let wait = at.since(cx.now());
        cx.timer(CLIENT, wait, Timer::Arrive);
    }

    /// The instant of arrival number `index`, from 0; `None` if there is none.
    fn instant_of(&self, workload: &Workload, index: u32, cx: &mut World) -> Option<SimTime> {
        let gap = |writes: f64| {
            (workload.rate > 0.0)
                .then(|| SimDuration::from_micros_f64(1e6 * writes / workload.rate))
        };
        match &workload.arrivals {
            Arrivals::Poisson => {
                let at = Address::of(Site::ArrivalGap, u64::from(index));
                let gap = Delay::Exponential(gap(1.0)?).sample(cx.bits(at));
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

    fn plan_read(&mut self, workload: &Workload, cx: &mut World) {
        if workload.reads > 0.0 {
            let gap = SimDuration::from_micros_f64(1e6 / workload.reads);
            cx.timer(CLIENT, gap.max(SimDuration::from_micros(1)), Timer::Read);
        }
    }
}
