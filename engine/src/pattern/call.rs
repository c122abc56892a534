//! The caller's side of calls between services: who waits for which reply, when it asks again, and
//! what it knows when no reply comes.
//!
//! A call whose time-out is over is *unknown*: the request, the effect or the reply may be what was
//! lost, and the caller cannot tell which (rule C10). Unknown is no failure; what to do about it is
//! each room's business. A reply that comes after the caller has stopped waiting is *late*, and
//! tells it after all.

use super::backoff::{Backoff, wait};
use crate::sim::{Address, Channel, Context, NodeId, SimDuration, Site, Tag, TimerKey};
use crate::store::Sorted;

/// A call by its identity, which no configuration changes: what it is for, of which kind, to whom.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CallName {
    /// The write (order, saga, transaction) it is made for.
    pub message: u32,
    /// The kind of message that asks.
    pub channel: Channel,
    /// Which of several services (steps, participants).
    pub hop: u8,
}

impl CallName {
    /// The tag of its transmission number `attempt`, about this version of this entity.
    pub fn tag(self, attempt: u16, key: u32, version: u32) -> Tag {
        Tag {
            channel: self.channel,
            hop: self.hop,
            attempt,
            key,
            message: self.message,
            version,
        }
    }
}

/// How long a caller waits and how often it asks.
#[derive(Clone, PartialEq, Debug)]
pub struct Terms {
    /// Longest wait for one reply.
    pub timeout: SimDuration,
    /// Attempts in all; `u32::MAX`: until somebody answers.
    pub attempts: u32,
    /// From a time-out to the next attempt.
    pub backoff: Backoff,
}

/// How a room's callers are reminded of their calls.
pub trait CallTimer: Clone {
    /// The reply to this call is overdue.
    fn overdue(call: CallName) -> Self;
    /// It is time to ask again.
    fn again(call: CallName) -> Self;
}

/// Makes a room's `Timer`, which has both reminders, its callers' timer.
macro_rules! call_timer {
    ($timer:ident) => {
        impl $crate::pattern::call::CallTimer for $timer {
            fn overdue(call: CallName) -> Self {
                $timer::CallTimeout(call)
            }

            fn again(call: CallName) -> Self {
                $timer::CallAgain(call)
            }
        }
    };
}
pub(super) use call_timer;

/// What follows from a time-out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overdue {
    /// Nothing: the reply has come, or the caller has forgotten the call.
    Settled,
    /// It will be asked again.
    Again,
    /// That was the last attempt.
    GaveUp,
}

/// What a reply finds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// The caller waits for it.
    Awaited,
    /// The caller had stopped waiting, and remembers the call.
    Late,
    /// The caller knows of no such call, or has its reply.
    Unasked,
}

/// A call in the caller's memory.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// Attempts made.
    tries: u32,
    /// The reminder that is set: overdue or again; none once given up.
    timer: Option<TimerKey>,
    /// Whether a transmission is out that may be answered in time.
    waits: bool,
}

/// All calls of one caller. They are in its memory: a crash forgets them.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    open: Sorted<CallName, Open>,
    /// Transmissions so far per call. Survives crashes: it is the simulation's address of the next
    /// draw, not something the service knows.
    sends: Sorted<CallName, u16>,
}

impl Calls {
    /// Makes a call, for the first time or again: sets its time-out and returns the number of the
    /// transmission, which the caller sends.
    pub fn ask<M: Clone, T: CallTimer>(
        &mut self,
        node: NodeId,
        call: CallName,
        timeout: SimDuration,
        cx: &mut Context<M, T>,
    ) -> u16 {
        let number = self.transmission(call);
        let timer = Some(cx.timer(node, timeout, T::overdue(call)));
        let before = self.open.get(call).copied();
        if let Some(old) = before.and_then(|open| open.timer) {
            cx.cancel(old);
        }
        let tries = before.map_or(0, |open| open.tries) + 1;
        let waits = true;
        self.open.insert(
            call,
            Open {
                tries,
                timer,
                waits,
            },
        );
        number
    }

    /// The number of the next transmission of this call, or of a message that nobody waits for.
    pub fn transmission(&mut self, call: CallName) -> u16 {
        let sends = self.sends.at(call);
        let number = *sends;
        // Wraps rather than sticks, so that no luck lasts for ever.
        *sends = number.wrapping_add(1);
        number
    }

    /// No reply in time, or one that says that it failed this time. If the terms allow another
    /// attempt, the caller is reminded to make it after the backoff.
    pub fn overdue<M: Clone, T: CallTimer>(
        &mut self,
        node: NodeId,
        call: CallName,
        terms: &Terms,
        cx: &mut Context<M, T>,
    ) -> Overdue {
        let Some(open) = self.open.get_mut(call).filter(|open| open.waits) else {
            return Overdue::Settled;
        };
        open.waits = false;
        if let Some(timer) = open.timer.take() {
            cx.cancel(timer);
        }
        if open.tries >= terms.attempts {
            return Overdue::GaveUp;
        }
        let mut at = Address::of(Site::BackoffJitter, u64::from(call.message)).hop(call.hop);
        at.channel = call.channel as u8;
        let sends = self.sends.get(call).copied().unwrap_or(0);
        let at = at.attempt(u32::from(sends));
        let rest = wait(&terms.backoff, at, open.tries - 1, cx.random());
        open.timer = Some(cx.timer(node, rest, T::again(call)));
        Overdue::Again
    }

    /// A reply came: the caller stops waiting, and forgets the call.
    pub fn answered<M: Clone, T: Clone>(
        &mut self,
        call: CallName,
        cx: &mut Context<M, T>,
    ) -> Reply {
        let Some(open) = self.open.remove(call) else {
            return Reply::Unasked;
        };
        if let Some(timer) = open.timer {
            cx.cancel(timer);
        }
        match open.waits {
            true => Reply::Awaited,
            false => Reply::Late,
        }
    }

    /// The caller wants no reply any more.
    pub fn forget<M: Clone, T: Clone>(&mut self, call: CallName, cx: &mut Context<M, T>) {
        self.answered(call, cx);
    }

    /// The caller's process died. Its timers died with it.
    pub fn crash(&mut self) {
        self.open.clear();
    }

    /// Whether a reply may still come in time.
    pub fn waits_for(&self, call: CallName) -> bool {
        self.open.get(call).is_some_and(|open| open.waits)
    }

    /// The calls without a reply, whether awaited still or not.
    pub fn open(&self) -> impl Iterator<Item = CallName> + '_ {
        self.open.iter().map(|&(call, _)| call)
    }
}
