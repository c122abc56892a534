//! A service: its database of reservations, the commands it works on, and those that wait because
//! another saga holds what they want. What it does in its database is in `booking`; what it does
//! about events, where nobody asks it, in [`super::listener`].

use super::Setup;
use super::config::Config;
use super::listener::Listener;
use super::message::node::{ORCHESTRATOR, service};
use super::message::{Message, Operation, Timer, Verdict, Work, World};
use crate::sim::network::Lane;
use crate::sim::{Address, Fact, NodeId, SimTime, Site, Tag};
use crate::store::reservation::row_edge;
use crate::store::{Reservations, RowState, Sorted};

/// Why a service did not do a step again: the detail of a `Skipped` record.
pub const CANCELLED_BEFORE: u32 = 3;

/// Why a service refuses a step: the detail of a `Refused` record.
pub mod refusal {
    /// Nothing is left.
    pub const SOLD_OUT: u32 = 1;
    /// The service says no: a business failure.
    pub const BUSINESS: u32 = 7;
    /// Another saga has locked it.
    pub const LOCKED: u32 = 8;
    /// It has failed as often as it may, and nobody else counts.
    pub const GIVEN_UP: u32 = 9;
}

/// One service.
#[derive(Clone, Debug)]
pub struct Service {
    pub(super) index: u8,
    /// Its database.
    pub database: Reservations,
    /// When holds run out, by saga; in the database too.
    pub(super) holds: Sorted<u32, SimTime>,
    /// Commands that handlers work on; in memory.
    working: Vec<Work>,
    /// Commands that wait for a lock, oldest first; in memory.
    pub(super) waiting: Vec<Work>,
    /// What it knows of the sagas it takes part in, where nobody leads.
    pub listener: Listener,
}

impl Service {
    /// The service of a step.
    pub fn new(index: u8) -> Service {
        Service {
            index,
            database: Reservations::default(),
            holds: Sorted::default(),
            working: Vec::new(),
            waiting: Vec::new(),
            listener: Listener::default(),
        }
    }

    /// The index of its step's service.
    pub fn index(&self) -> u8 {
        self.index
    }

    pub(super) fn node(&self) -> NodeId {
        service(self.index)
    }

    /// How many sagas wait for a lock.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many rows are not final.
    pub fn held(&self) -> usize {
        self.database.held()
    }

    /// Whether a command to do a saga's step is in its hands.
    pub fn carries(&self, saga: u32) -> bool {
        let does = |work: &Work| {
            work.tag.message == saga && Operation::of(work.tag.channel) == Operation::Do
        };
        self.working.iter().chain(&self.waiting).any(does)
    }

    /// How many commands handlers work on.
    pub fn busy(&self) -> usize {
        self.working.len()
    }

    /// A command arrived.
    pub fn receive(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        let tag = work.tag;
        let attempt = u32::from(tag.attempt);
        cx.record(Fact::Handled, self.node(), NodeId::NONE, tag, attempt);
        self.working.push(work);
        let at = address(Site::HandlerTime, tag);
        let span = cx.sample(at, &setup.settings.config.service_time);
        cx.timer(self.node(), span, Timer::Worked(work));
    }

    /// A handler is done: now its transaction runs.
    pub fn worked(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        if let Some(place) = self.working.iter().position(|other| *other == work) {
            self.working.remove(place);
        }
        match Operation::of(work.tag.channel) {
            Operation::Do => self.book(setup, work, cx),
            // It has passed meanwhile what it was asked to give up.
            Operation::Undo if self.has_passed(setup, work.tag.message) => {
                self.judge(setup, work.tag.message, cx);
            }
            Operation::Undo => self.cancel(setup, work, cx),
            Operation::Confirm => self.confirm(setup, work, cx),
        }
    }

    /// Its process died: what was in memory is gone.
    pub fn crashed(&mut self) {
        self.working.clear();
        self.waiting.clear();
        self.forgets();
    }

    /// It is back, and looks at the holds and at the parts in its database.
    pub fn restarted(&mut self, setup: &Setup, cx: &mut World) {
        for &(saga, until) in self.holds.iter() {
            let rest = until.since(cx.now());
            cx.timer(self.node(), rest, Timer::HoldOver(saga));
        }
        self.watches(setup, cx);
    }

    /// A hold has run out, unless it was confirmed or cancelled meanwhile.
    pub fn hold_over(&mut self, setup: &Setup, saga: u32, cx: &mut World) {
        self.holds.remove(saga);
        if self.database.expire(saga) {
            let key = self.database.row(saga).key;
            let tag = Tag {
                message: saga,
                key,
                ..Tag::NONE
            };
            cx.record(Fact::Lapsed, self.node(), self.node(), tag, 0);
            self.row_moved(tag, RowState::Pending, cx);
            self.serve(setup, key, cx);
        }
    }

    /// Whether the service crashes at this point of its work on a command.
    pub(super) fn dies(&mut self, config: &Config, tag: Tag, point: u32, cx: &mut World) -> bool {
        let at = address(Site::ServiceCrash, tag).attempt(u32::from(tag.attempt) * 2 + point % 2);
        // Half of the crashes fall before the effect, half of them after it.
        let dies = cx.chance(at, config.service_crash / 2.0);
        if dies {
            cx.crash(self.node(), point);
        }
        dies
    }

    pub(super) fn row_moved(&self, tag: Tag, from: RowState, cx: &mut World) {
        let to = self.database.row(tag.message).state;
        if from != to {
            let detail = row_edge(from, to);
            cx.record(Fact::Edge, self.node(), NodeId::NONE, about(tag), detail);
        }
    }

    pub(super) fn balance(&self, tag: Tag, cx: &mut World) {
        let taken = self.database.taken(tag.key) as u32;
        cx.record(Fact::Balance, self.node(), NodeId::NONE, about(tag), taken);
    }

    /// How an operation ended: who asked is told, or, where nobody did, whoever listens.
    pub(super) fn answer(&mut self, setup: &Setup, tag: Tag, verdict: Verdict, cx: &mut World) {
        if setup.is_choreographed() {
            return self.concluded(setup, tag, verdict, cx);
        }
        let channel = Operation::of(tag.channel).reply();
        let reply = Tag { channel, ..tag };
        let (from, to) = (self.node(), ORCHESTRATOR);
        cx.send(from, to, Lane::Setting, reply, Message::Answer(verdict));
    }
}

/// The address of a draw about a command.
pub(super) fn address(site: Site, tag: Tag) -> Address {
    let mut at = Address::of(site, u64::from(tag.message)).hop(tag.hop);
    at.channel = tag.channel as u8;
    at.attempt(u32::from(tag.attempt))
}

/// The tag of a record about the saga of a message, and about no message.
pub(super) fn about(tag: Tag) -> Tag {
    Tag {
        message: tag.message,
        key: tag.key,
        version: tag.version,
        ..Tag::NONE
    }
}
