//! What a service does in its database: each operation is one local transaction, and the answer to it
//! is stored with its effect.

use super::Setup;
use super::config::{Config, Isolation};
use super::message::{Timer, Verdict, Work, World, crash};
use super::plan::{Plan, StepKind};
use super::service::{CANCELLED_BEFORE, Service, about, address, refusal};
use crate::sim::{Address, Fact, NodeId, Site, Tag};
use crate::store::RowState;
use crate::store::reservation::{Known, Row, Undo, Undone};

impl Service {
    pub(super) fn book(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        let config = &setup.settings.config;
        let Tag { message, key, .. } = work.tag;
        if let Some(known) = self.database.known(message, config.idempotent_steps) {
            return self.answer_known(setup, known, work.tag, cx);
        }
        let holder = self.database.holder(key);
        if holder.is_some_and(|other| other != message) {
            return self.locked(setup, work, cx);
        }
        if self.dies(config, work.tag, crash::BEFORE_EFFECT, cx) {
            return;
        }
        if cx.chance(address(Site::HandlerFailure, work.tag), config.transient) {
            return self.fails(setup, work.tag, cx);
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
                return self.refuse(setup, work.tag, refusal::BUSINESS, cx);
            }
            if sold_out.is_some() {
                return self.refuse(setup, work.tag, refusal::SOLD_OUT, cx);
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
            self.answer(setup, work.tag, Verdict::Done, cx);
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
        if let (true, Some(hold)) = (pending, config.hold()) {
            self.holds.insert(tag.message, cx.now().plus(hold));
            cx.timer(self.node(), hold, Timer::HoldOver(tag.message));
        }
    }

    fn answer_known(&mut self, setup: &Setup, known: Known, tag: Tag, cx: &mut World) {
        let (why, verdict) = match known {
            Known::Done => (0, Verdict::Done),
            Known::Refused => (0, Verdict::Refused),
            Known::Cancelled => (CANCELLED_BEFORE, Verdict::Refused),
        };
        cx.record(Fact::Skipped, self.node(), self.node(), about(tag), why);
        self.answer(setup, tag, verdict, cx);
    }

    /// Another saga's row is not final.
    fn locked(&mut self, setup: &Setup, work: Work, cx: &mut World) {
        if setup.settings.config.isolation == Isolation::LockReject {
            return self.refuse(setup, work.tag, refusal::LOCKED, cx);
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

    pub(super) fn refuse(&mut self, setup: &Setup, tag: Tag, why: u32, cx: &mut World) {
        self.database.refuse(tag.message, tag.key);
        cx.record(Fact::Refused, self.node(), NodeId::NONE, about(tag), why);
        self.answer(setup, tag, Verdict::Refused, cx);
    }

    fn fails(&mut self, setup: &Setup, tag: Tag, cx: &mut World) {
        let attempt = u32::from(tag.attempt);
        cx.record(Fact::Failed, self.node(), self.node(), tag, attempt);
        self.answer(setup, tag, Verdict::Failed, cx);
    }

    pub(super) fn cancel(&mut self, setup: &Setup, work: Work, cx: &mut World) {
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
                return self.fails(setup, work.tag, cx);
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
            self.answer(setup, work.tag, Verdict::Done, cx);
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

    pub(super) fn confirm(&mut self, setup: &Setup, work: Work, cx: &mut World) {
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
            return self.answer(setup, work.tag, Verdict::Refused, cx);
        }
        if !self.dies(config, work.tag, crash::BEFORE_REPLY, cx) {
            self.answer(setup, work.tag, Verdict::Done, cx);
        }
        self.serve(setup, key, cx);
    }

    /// Whoever waits for an entity gets it, the oldest first, while nobody holds it.
    pub(super) fn serve(&mut self, setup: &Setup, key: u32, cx: &mut World) {
        while self.database.holder(key).is_none() {
            let next = self.waiting.iter().position(|work| work.tag.key == key);
            let Some(place) = next else { return };
            let work = self.waiting.remove(place);
            self.book(setup, work, cx);
        }
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
