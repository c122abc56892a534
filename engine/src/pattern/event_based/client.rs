//! The clients: when they write what, how long they wait, and what they read.

use super::config::Config;
use super::knob::Settings;
use super::message::node::{CLIENT, SOURCE};
use super::message::{Event, Message, Timer, World};
use crate::pattern::workload::{Demand, Wish, Workload, read_gap};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, SimTime, TimerKey};
use crate::store::Sorted;

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
    demand: Demand,
    pending: Sorted<u32, Pending>,
}

impl Client {
    /// Clients with this workload.
    pub fn new(workload: &Workload) -> Self {
        Client {
            demand: Demand::new(workload),
            pending: Sorted::default(),
        }
    }

    /// Whether an answer is still awaited.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Plans the first write and the first read.
    pub fn start(&mut self, settings: &Settings, cx: &mut World) {
        self.plan_arrival(&settings.workload, cx);
        plan_read(&settings.workload, cx);
    }

    /// The client is back after a crash: requests without answers are forgotten.
    pub fn restart(&mut self, settings: &Settings, cx: &mut World) {
        self.pending.clear();
        if !cx.is_draining() {
            if let Some(at) = self.demand.planned() {
                cx.timer(CLIENT, at.since(cx.now()), Timer::Arrive);
            }
            plan_read(&settings.workload, cx);
        }
    }

    /// Key and number of the write that is due now; plans the one after it.
    pub fn arrive(&mut self, settings: &Settings, cx: &mut World) -> Option<Event> {
        if cx.is_draining() {
            return None;
        }
        let wish = self.demand.arrive(&settings.workload, cx.random());
        self.plan_arrival(&settings.workload, cx);
        Some(event(wish))
    }

    /// Number of a write made by hand, to `key` or to a new one.
    pub fn by_hand(&mut self, key: Option<u32>) -> Event {
        event(self.demand.by_hand(key))
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
        let Some(pending) = self.pending.remove(message) else {
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
        let Some(pending) = self.pending.remove(message) else {
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
        let (number, key) = self.demand.read(cx.random());
        plan_read(&settings.workload, cx);
        Some(((number % settings.config.groups) as u8, key?))
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

    fn plan_arrival(&mut self, workload: &Workload, cx: &mut World) {
        if let Some(at) = self.demand.plan(workload, cx.random()) {
            cx.timer(CLIENT, at.since(cx.now()), Timer::Arrive);
        }
    }
}

fn event(wish: Wish) -> Event {
    Event {
        message: wish.message,
        key: wish.key,
        version: 0,
    }
}

fn plan_read(workload: &Workload, cx: &mut World) {
    if let Some(gap) = read_gap(workload) {
        cx.timer(CLIENT, gap, Timer::Read);
    }
}
