//! The clients: when they write what and where, how long they wait, and what they read.

use super::config::Config;
use super::knob::Settings;
use super::message::node::CLIENT;
use super::message::{Message, Timer, World, Write, about};
use super::topology::Layout;
use crate::pattern::workload::{Demand, Wish, Workload, read_gap};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, SimTime, Site, Tag, TimerKey};
use std::collections::BTreeMap;

/// A request without an answer.
#[derive(Clone, Copy, Debug)]
struct Pending {
    key: u32,
    to: NodeId,
    first_at: SimTime,
    attempt: u16,
    timeout: TimerKey,
}

/// All clients as one.
#[derive(Clone, Debug)]
pub struct Client {
    demand: Demand,
    pending: BTreeMap<u32, Pending>,
}

impl Client {
    /// Clients with this workload.
    pub fn new(workload: &Workload) -> Self {
        Client {
            demand: Demand::new(workload),
            pending: BTreeMap::new(),
        }
    }

    /// Whether an answer is still awaited.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether the clients will ask for no more writes to this key, but for `message`.
    pub fn is_done_with(&self, workload: &Workload, key: u32, message: u32) -> bool {
        let mut open = self.pending.iter();
        let other = open.any(|(&number, pending)| pending.key == key && number != message);
        !other && self.demand.is_retired(key, workload.updates)
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

    /// The write that is due now; plans the one after it.
    pub fn arrive(&mut self, settings: &Settings, cx: &mut World) {
        if cx.is_draining() {
            return;
        }
        let wish = self.demand.arrive(&settings.workload, cx.random());
        self.plan_arrival(&settings.workload, cx);
        self.request(&settings.config, wish, cx);
    }

    /// A write made by hand, to `key` or to a new one.
    pub fn by_hand(&mut self, config: &Config, key: Option<u32>, cx: &mut World) {
        let wish = self.demand.by_hand(key);
        self.request(config, wish, cx);
    }

    /// Sends the first attempt of a request.
    fn request(&mut self, config: &Config, wish: Wish, cx: &mut World) {
        let Wish { message, key } = wish;
        let tag = request_tag(message, key, 0);
        let asked = cx.record(Fact::Requested, CLIENT, NodeId::NONE, tag, 0);
        cx.because(asked);
        let to = place_of(config, wish, cx);
        let now = cx.now();
        self.transmit(config, wish, to, 0, now, cx);
    }

    /// An answer: the request is over.
    pub fn answered(&mut self, from: NodeId, message: u32, cx: &mut World) {
        let Some(pending) = self.pending.remove(&message) else {
            return;
        };
        cx.cancel(pending.timeout);
        let latency = cx.now().since(pending.first_at).as_detail();
        let tag = Tag {
            channel: Channel::Reply,
            ..about(message, pending.key, 0)
        };
        cx.record(Fact::Acknowledged, CLIENT, from, tag, latency);
    }

    /// No answer in time: ask again, or give up.
    pub fn timed_out(&mut self, config: &Config, message: u32, cx: &mut World) {
        let Some(pending) = self.pending.remove(&message) else {
            return;
        };
        let (key, to) = (pending.key, pending.to);
        let attempt = pending.attempt + 1;
        let (tag, detail) = (request_tag(message, key, attempt), u32::from(attempt));
        if detail < config.request_attempts {
            let asked = cx.record(Fact::Requested, CLIENT, NodeId::NONE, tag, detail);
            cx.because(asked);
            let wish = Wish { message, key };
            self.transmit(config, wish, to, attempt, pending.first_at, cx);
        } else {
            cx.record(Fact::TimedOut, CLIENT, to, tag, detail);
        }
    }

    /// Number and key of the read that is due now; plans the one after it.
    pub fn read(&mut self, workload: &Workload, cx: &mut World) -> Option<(u32, u32)> {
        if cx.is_draining() {
            return None;
        }
        let (number, key) = self.demand.read(cx.random());
        plan_read(workload, cx);
        Some((number, key?))
    }

    fn transmit(
        &mut self,
        config: &Config,
        wish: Wish,
        to: NodeId,
        attempt: u16,
        first_at: SimTime,
        cx: &mut World,
    ) {
        let Wish { message, key } = wish;
        let tag = request_tag(message, key, attempt);
        let content = Message::Request(Write { message, key });
        cx.send(CLIENT, to, Lane::Setting, tag, content);
        let timer = Timer::RequestTimeout(message);
        let timeout = cx.timer(CLIENT, config.request_timeout, timer);
        let pending = Pending {
            key,
            to,
            first_at,
            attempt,
            timeout,
        };
        self.pending.insert(message, pending);
    }

    fn plan_arrival(&mut self, workload: &Workload, cx: &mut World) {
        if let Some(at) = self.demand.plan(workload, cx.random()) {
            cx.timer(CLIENT, at.since(cx.now()), Timer::Arrive);
        }
    }
}

/// The database a write goes to: one-way the one that owns the key, two-way the client's own.
fn place_of(config: &Config, wish: Wish, cx: &mut World) -> NodeId {
    let layout = Layout::of(config);
    if !layout.two_way {
        let owner = wish.key.saturating_sub(1) % u32::from(layout.sources);
        return layout.source(owner as u8);
    }
    let at = Address::of(Site::WriteSite, u64::from(wish.message));
    layout.source(u8::from(cx.chance(at, config.second_share)))
}

fn request_tag(message: u32, key: u32, attempt: u16) -> Tag {
    Tag {
        channel: Channel::Request,
        attempt,
        ..about(message, key, 0)
    }
}

fn plan_read(workload: &Workload, cx: &mut World) {
    if let Some(gap) = read_gap(workload) {
        cx.timer(CLIENT, gap, Timer::Read);
    }
}
