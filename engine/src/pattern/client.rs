//! Clients as a room without sessions has them, all as one: they ask for writes, wait for the
//! answers, ask again or give up, and read.

use super::workload::{Demand, Wish, Workload};
use crate::sim::network::Lane;
use crate::sim::{Channel, Context, Fact, NodeId, SimDuration, SimTime, Tag, TimerKey};
use crate::store::Sorted;

/// How a room's messages carry what its clients ask.
pub trait ClientMessage: Clone {
    /// A request for the write that its tag names.
    const REQUEST: Self;
}

/// What a room's clients ask to be reminded of.
pub trait ClientTimer: Clone {
    /// The next write is due.
    const ARRIVE: Self;
    /// The next read is due.
    const READ: Self;
    /// The answer to the request for this write is overdue.
    fn overdue(message: u32) -> Self;
}

/// Makes a room's `Timer`, which has the three reminders, its clients' timer.
macro_rules! client_timer {
    ($timer:ident) => {
        impl $crate::pattern::client::ClientTimer for $timer {
            const ARRIVE: Self = $timer::Arrive;
            const READ: Self = $timer::Read;

            fn overdue(message: u32) -> Self {
                $timer::RequestTimeout(message)
            }
        }
    };
}
pub(super) use client_timer;

/// How long a client waits for an answer, and how often it asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Patience {
    /// Longest wait for one answer.
    pub timeout: SimDuration,
    /// Attempts in all.
    pub attempts: u32,
}

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
    node: NodeId,
    /// What they want.
    pub demand: Demand,
    pending: Sorted<u32, Pending>,
}

impl Client {
    /// Clients at this node with this workload.
    pub fn new(node: NodeId, workload: &Workload) -> Self {
        Client {
            node,
            demand: Demand::new(workload),
            pending: Sorted::default(),
        }
    }

    /// Whether an answer is still awaited.
    pub fn is_waiting(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether the answer to this request is still awaited.
    pub fn waits_for(&self, message: u32) -> bool {
        self.pending.contains(message)
    }

    /// Whether the clients will ask for no more writes to this key, but for `message`.
    pub fn is_done_with<M: ClientMessage, T: ClientTimer>(
        &self,
        workload: &Workload,
        key: u32,
        message: u32,
        cx: &Context<M, T>,
    ) -> bool {
        let mut open = self.pending.iter();
        let other = open.any(|(number, pending)| pending.key == key && *number != message);
        !other && (cx.is_draining() || self.demand.is_retired(key, workload.updates))
    }

    /// Plans the first write and the first read.
    pub fn start<M: ClientMessage, T: ClientTimer>(
        &mut self,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) {
        self.demand.start(self.node, workload, cx);
    }

    /// The client is back after a crash: requests without answers are forgotten.
    pub fn restart<M: ClientMessage, T: ClientTimer>(
        &mut self,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) {
        self.forget();
        self.demand.restart(self.node, workload, cx);
    }

    /// Requests without answers are forgotten.
    pub fn forget(&mut self) {
        self.pending.clear();
    }

    /// The write that is due now; plans the one after it.
    pub fn arrive<M: ClientMessage, T: ClientTimer>(
        &mut self,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) -> Option<Wish> {
        self.demand.write_due(self.node, workload, cx)
    }

    /// A write by hand, to a key or to a new one; none if no client is there to ask for it, or the
    /// key does not exist.
    pub fn by_hand<M: ClientMessage, T: ClientTimer>(
        &mut self,
        key: Option<u32>,
        exists: bool,
        cx: &Context<M, T>,
    ) -> Option<Wish> {
        (exists && cx.is_up(self.node)).then(|| self.demand.by_hand(key))
    }

    /// Number and key of the read that is due now; plans the one after it.
    pub fn read<M: ClientMessage, T: ClientTimer>(
        &mut self,
        workload: &Workload,
        cx: &mut Context<M, T>,
    ) -> Option<(u32, u32)> {
        self.demand.read_due(self.node, workload, cx)
    }

    /// Sends the first attempt of a request.
    pub fn request<M: ClientMessage, T: ClientTimer>(
        &mut self,
        wish: Wish,
        to: NodeId,
        patience: Patience,
        cx: &mut Context<M, T>,
    ) {
        let now = cx.now();
        self.ask(wish, to, (0, now), patience, cx);
    }

    /// An answer: the request is over, and `done` if its write is.
    pub fn answered<M: ClientMessage, T: ClientTimer>(
        &mut self,
        from: NodeId,
        message: u32,
        done: bool,
        cx: &mut Context<M, T>,
    ) {
        self.over(from, message, done.then_some(Fact::Acknowledged), cx);
    }

    /// The request is over, and is recorded as what it was, if anything. Returns whether anyone
    /// still waited.
    pub fn over<M: ClientMessage, T: ClientTimer>(
        &mut self,
        from: NodeId,
        message: u32,
        fact: Option<Fact>,
        cx: &mut Context<M, T>,
    ) -> bool {
        let Some(pending) = self.pending.remove(message) else {
            return false;
        };
        cx.cancel(pending.timeout);
        if let Some(fact) = fact {
            let latency = cx.now().since(pending.first_at).as_detail();
            let wish = Wish {
                message,
                key: pending.key,
            };
            let tag = tag(wish, Channel::Reply, 0);
            cx.record(fact, self.node, from, tag, latency);
        }
        true
    }

    /// No answer in time: ask again, or give up.
    pub fn timed_out<M: ClientMessage, T: ClientTimer>(
        &mut self,
        message: u32,
        patience: Patience,
        cx: &mut Context<M, T>,
    ) {
        let Some(pending) = self.pending.remove(message) else {
            return;
        };
        let (key, to) = (pending.key, pending.to);
        let wish = Wish { message, key };
        let attempt = pending.attempt + 1;
        if u32::from(attempt) < patience.attempts {
            self.ask(wish, to, (attempt, pending.first_at), patience, cx);
        } else {
            let tag = tag(wish, Channel::Request, attempt);
            cx.record(Fact::TimedOut, self.node, to, tag, u32::from(attempt));
        }
    }

    /// Sends attempt number `attempt` of a request that was first asked at `first_at`.
    fn ask<M: ClientMessage, T: ClientTimer>(
        &mut self,
        wish: Wish,
        to: NodeId,
        (attempt, first_at): (u16, SimTime),
        patience: Patience,
        cx: &mut Context<M, T>,
    ) {
        let tag = tag(wish, Channel::Request, attempt);
        let detail = u32::from(attempt);
        let asked = cx.record(Fact::Requested, self.node, NodeId::NONE, tag, detail);
        cx.because(asked);
        cx.send(self.node, to, Lane::Setting, tag, M::REQUEST);
        let timeout = cx.timer(self.node, patience.timeout, T::overdue(wish.message));
        let pending = Pending {
            key: wish.key,
            to,
            first_at,
            attempt,
            timeout,
        };
        self.pending.insert(wish.message, pending);
    }
}

fn tag(wish: Wish, channel: Channel, attempt: u16) -> Tag {
    Tag {
        channel,
        attempt,
        message: wish.message,
        key: wish.key,
        ..Tag::NONE
    }
}
