//! A service: its database of reservations, the commands it works on, and those that wait because
//! another saga holds what they want.

use super::Setup;
use super::config::{Config, Isolation};
use super::message::node::{ORCHESTRATOR, service};
use super::message::{Message, Operation, Timer, Verdict, Work, World, crash};
use super::plan::{Plan, StepKind};
use crate::sim::network::Lane;
use crate::sim::{Address, Fact, NodeId, SimTime, Site, Tag};
use crate::store::reservation::{Known, Row, Undo, Undone, row_edge};
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
}

/// One service.
#[derive(Clone, Debug)]
pub struct Service {
    index: u8,
    /// Its database.
    pub database: Reservations,
    /// When holds run out, by saga; in the database too.
    holds: Sorted<u32, SimTime>,
    /// Commands that handlers work on; in memory.
    working: Vec<Work>,
    /// Commands that wait for a lock, oldest first; in memory.
    waiting: Vec<Work>,
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
        }
    }

    fn node(&self) -> NodeId {
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
            Operation::Undo => self.cancel(setup, work, cx),
            Operation::Confirm => self.confirm(setup, work, cx),
        }
    }

    /// Its process died: what was in memory is gone.
    pub fn crashed(&mut self) {
        self.working.clear();
        self.waiting.clear();
    }

    /// It is back, and looks at the holds in its database.
    pub fn restarted(&self, cx: &mut World) {
        for &(saga, until) in self.holds.iter() {
            let rest = until.since(cx.now());
            cx.timer(self.node(), rest, Timer::HoldOver(saga));
        }
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

    fn book(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        let config = &setup.settings.config;
        let Tag { message, key, .. } = work.tag;
        if let Some(known) = self.database.known(message, config.idempotent_steps) {
            return self.answer_known(known, work.tag, cx);
        }
        let holder = self.database.holder(key);
        if holder.is_some_and(|other| other != message) {
            return self.locked(config, work, cx);
        }
        if self.dies(config, work.tag, crash::BEFORE_EFFECT, cx) {
            return;
        }
        if cx.chance(address(Site::HandlerFailure, work.tag), config.transient) {
            return self.fails(work.tag, cx);
        }
        let plan = Plan::of(config, message);
        let kind = plan
            .place(self.index)
            .map_or(StepKind::Pivot, |at| plan.kind(at));
        let sold_out = (setup.settings.workload.stock)
            .filter(|&stock| i64::from(self.database.taken(key)) >= i64::from(stock));
        if kind != StepKind::Retriable {
            // One draw for all attempts: a service that says no says no again.
            let at = Address::of(Site::BusinessFailure, u64::from(message)).hop(self.index);
            if cx.chance(at, config.failures[usize::from(self.index)]) {
                return self.refuse(work.tag, refusal::BUSINESS, cx);
            }
            if sold_out.is_some() {
                return self.refuse(work.tag, refusal::SOLD_OUT, cx);
            }
        }
        let pending = kind == StepKind::Compensable && work.terms.locks;
        self.take(config, work.tag, pending, cx);
        if let Some(stock) = sold_out {
            // Past the pivot it must go on: more is given out than there is.
            let over = (self.database.taken(key) as u32).saturating_sub(stock);
            cx.record(Fact::Oversold, self.node(), self.node(), work.tag, over);
        }
        if !self.dies(config, work.tag, crash::BEFORE_REPLY, cx) {
            self.answer(work.tag, Verdict::Done, cx);
        }
    }

    /// The effect and its inbox entry, in one transaction.
    fn take(&mut self, config: &Config, tag: Tag, pending: bool, cx: &mut World) {
        let state = match pending {
            true => RowState::Pending,
            false => RowState::Confirmed,
        };
        let was = self.database.book(tag.message, tag.key, state);
        self.row_moved(tag, was, cx);
        let times = u32::from(self.database.row(tag.message).booked);
        let about = about(tag);
        cx.record(Fact::Applied, self.node(), self.node(), about, times);
        self.balance(tag, cx);
        if let (true, Some(hold)) = (pending, config.hold) {
            self.holds.insert(tag.message, cx.now().plus(hold));
            cx.timer(self.node(), hold, Timer::HoldOver(tag.message));
        }
    }

    fn answer_known(&mut self, known: Known, tag: Tag, cx: &mut World) {
        let (why, verdict) = match known {
            Known::Done => (0, Verdict::Done),
            Known::Refused => (0, Verdict::Refused),
            Known::Cancelled => (CANCELLED_BEFORE, Verdict::Refused),
        };
        cx.record(Fact::Skipped, self.node(), self.node(), about(tag), why);
        self.answer(tag, verdict, cx);
    }

    /// Another saga's row is not final.
    fn locked(&mut self, config: &Config, work: Work, cx: &mut World) {
        if config.isolation == Isolation::LockReject {
            return self.refuse(work.tag, refusal::LOCKED, cx);
        }
        // Asked again while it waits, it waits on, and answers the last question.
        let saga = work.tag.message;
        match self.waiting.iter_mut().find(|w| w.tag.message == saga) {
            Some(waiting) => *waiting = work,
            None => {
                self.waiting.push(work);
                let holder = self.database.holder(work.tag.key).unwrap_or(0);
                cx.record(
                    Fact::Blocked,
                    self.node(),
                    NodeId::NONE,
                    about(work.tag),
                    holder,
                );
            }
        }
    }

    fn refuse(&mut self, tag: Tag, why: u32, cx: &mut World) {
        self.database.refuse(tag.message, tag.key);
        cx.record(Fact::Refused, self.node(), NodeId::NONE, about(tag), why);
        self.answer(tag, Verdict::Refused, cx);
    }

    fn fails(&mut self, tag: Tag, cx: &mut World) {
        let attempt = u32::from(tag.attempt);
        cx.record(Fact::Failed, self.node(), self.node(), tag, attempt);
        self.answer(tag, Verdict::Failed, cx);
    }

    fn cancel(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        let config = &setup.settings.config;
        let Tag { message, key, .. } = work.tag;
        let before = self.database.row(message).state;
        let over = matches!(before, RowState::Cancelled | RowState::Tombstone);
        if !(over && config.idempotent_undo) {
            if self.dies(config, work.tag, crash::BEFORE_EFFECT, cx) {
                return;
            }
            let at = address(Site::CompensationFailure, work.tag);
            if !work.terms.by_hand && cx.chance(at, config.undo_failure) {
                return self.fails(work.tag, cx);
            }
        }
        // Its step may still wait for somebody's lock: it waits no more.
        self.waiting
            .retain(|waiting| waiting.tag.message != message);
        let file = config.isolation == Isolation::VersionFile;
        let ways = (config.tombstones || file, config.idempotent_undo);
        let undone = self
            .database
            .cancel(message, key, undo(config.isolation), ways);
        let row = self.database.row(message);
        let tag = about(work.tag);
        self.row_moved(tag, before, cx);
        match undone {
            Undone::Already => {
                cx.record(Fact::Skipped, self.node(), self.node(), tag, 0);
            }
            Undone::Nothing => {
                cx.record(Fact::Compensated, self.node(), self.node(), tag, 0);
            }
            Undone::Effect(others) => self.undone(tag, row, others, cx),
        }
        self.holds.remove(message);
        if !self.dies(config, work.tag, crash::BEFORE_REPLY, cx) {
            self.answer(work.tag, Verdict::Done, cx);
        }
        self.serve(setup, key, cx);
    }

    fn undone(&mut self, tag: Tag, row: Row, others: u32, cx: &mut World) {
        let times = u32::from(row.cancelled);
        let undone = cx.record(Fact::Compensated, self.node(), self.node(), tag, times);
        cx.because(undone);
        if others > 0 {
            cx.record(Fact::Overwrote, self.node(), NodeId::NONE, tag, others);
        }
        self.balance(tag, cx);
    }

    fn confirm(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        let config = &setup.settings.config;
        let Tag { message, key, .. } = work.tag;
        if self.dies(config, work.tag, crash::BEFORE_EFFECT, cx) {
            return;
        }
        let before = self.database.row(message).state;
        let free = self.database.holder(key).is_none()
            && (setup.settings.workload.stock)
                .is_none_or(|stock| i64::from(self.database.taken(key)) < i64::from(stock));
        if self.database.confirm(message) {
            self.holds.remove(message);
            self.row_moved(work.tag, before, cx);
        } else if before == RowState::Cancelled && (free || work.terms.by_hand) {
            // Its hold had run out, and nobody has taken it since; or a person finds another.
            self.database.retake(message);
            self.row_moved(work.tag, before, cx);
            self.balance(work.tag, cx);
        } else if before != RowState::Confirmed {
            let (tag, why) = (about(work.tag), refusal::SOLD_OUT);
            cx.record(Fact::Refused, self.node(), NodeId::NONE, tag, why);
            return self.answer(work.tag, Verdict::Refused, cx);
        }
        if !self.dies(config, work.tag, crash::BEFORE_REPLY, cx) {
            self.answer(work.tag, Verdict::Done, cx);
        }
        self.serve(setup, key, cx);
    }

    /// Whoever waits for an entity gets it, the oldest first, while nobody holds it.
    fn serve(&mut self, setup: &Setup, key: u32, cx: &mut World) {
        while self.database.holder(key).is_none() {
            let next = self.waiting.iter().position(|work| work.tag.key == key);
            let Some(place) = next else { return };
            let work = self.waiting.remove(place);
            self.book(setup, work, cx);
        }
    }

    /// Whether the service crashes at this point of its work on a command.
    fn dies(&mut self, config: &Config, tag: Tag, point: u32, cx: &mut World) -> bool {
        let at = address(Site::ServiceCrash, tag).attempt(u32::from(tag.attempt) * 2 + point % 2);
        // Half of the crashes fall before the effect, half of them after it.
        let dies = cx.chance(at, config.service_crash / 2.0);
        if dies {
            cx.crash(self.node(), point);
        }
        dies
    }

    fn row_moved(&self, tag: Tag, from: RowState, cx: &mut World) {
        let to = self.database.row(tag.message).state;
        if from != to {
            let detail = row_edge(from, to);
            cx.record(Fact::Edge, self.node(), NodeId::NONE, about(tag), detail);
        }
    }

    fn balance(&self, tag: Tag, cx: &mut World) {
        let taken = self.database.taken(tag.key) as u32;
        cx.record(Fact::Balance, self.node(), NodeId::NONE, about(tag), taken);
    }

    fn answer(&self, tag: Tag, verdict: Verdict, cx: &mut World) {
        let channel = Operation::of(tag.channel).reply();
        let reply = Tag { channel, ..tag };
        let (from, to) = (self.node(), ORCHESTRATOR);
        cx.send(from, to, Lane::Setting, reply, Message::Answer(verdict));
    }
}

/// How compensations compute what they write, under a countermeasure.
fn undo(isolation: Isolation) -> Undo {
    match isolation {
        Isolation::Commutative | Isolation::VersionFile => Undo::Subtract,
        Isolation::RereadValue => Undo::Reread,
        _ => Undo::Restore,
    }
}

/// The address of a draw about a command.
fn address(site: Site, tag: Tag) -> Address {
    let mut at = Address::of(site, u64::from(tag.message)).hop(tag.hop);
    at.channel = tag.channel as u8;
    at.attempt(u32::from(tag.attempt))
}

/// The tag of a record about the saga of a message, and about no message.
fn about(tag: Tag) -> Tag {
    Tag {
        message: tag.message,
        key: tag.key,
        version: tag.version,
        ..Tag::NONE
    }
}
