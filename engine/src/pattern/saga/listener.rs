//! What a service knows of a choreographed saga: its own part in it. It hears events, does what its
//! subscriptions say, and publishes what came of it. It sends each event once; if it has not heard
//! how the saga ends after the time-out, it asks.

use super::Setup;
use super::message::{Operation, Terms, Timer, Told, Verdict, Work, World};
use super::plan::StepKind;
use super::service::{Service, about, refusal};
use super::state::PartState;
use super::subscription::{Reaction, bit};
use crate::pattern::backoff::wait;
use crate::pattern::call::{CallName, Calls};
use crate::sim::{Address, Channel, Fact, NodeId, Site, Tag, TimerKey};
use crate::store::Sorted;

/// Its part in one saga; in its database, but for attempts and reminder.
#[derive(Clone, Copy, Debug, Default)]
pub struct Part {
    /// Where it stands.
    pub state: PartState,
    key: u32,
    version: u32,
    /// Of whom it has heard what its step waits for; a bit for each node.
    heard: u16,
    told: Option<Told>,
    /// Attempts that failed in a row; in memory.
    tries: u32,
    /// The reminder that it has waited long enough; in memory.
    watch: Option<TimerKey>,
}

/// All parts of a service.
#[derive(Clone, Debug, Default)]
pub struct Listener {
    /// By saga.
    pub parts: Sorted<u32, Part>,
    /// Events of a cycle that it has had: saga, and place in the tree.
    pub(super) echoes: Sorted<u64>,
    /// Events of a cycle that it did not pass on any more.
    pub capped: u32,
    /// Counts transmissions and attempts.
    numbers: Calls,
}

impl Part {
    /// How records name the part of this saga.
    pub(super) fn about(&self, message: u32) -> Tag {
        Tag {
            message,
            key: self.key,
            version: self.version,
            ..Tag::NONE
        }
    }
}

impl Service {
    /// An event arrived.
    pub fn hear(&mut self, setup: &Setup, (from, tag): (NodeId, Tag), told: Told, cx: &mut World) {
        let does = setup.web.reaction(from, tag.channel, self.node());
        if does == Some(Reaction::Echo) {
            return self.echoed(setup, from, tag, cx);
        }
        let node = self.node();
        let part = self.listener.parts.at(tag.message);
        (part.key, part.version) = (tag.key, tag.version);
        let hops = part.told.map_or(0, |old| old.hops).max(told.hops);
        part.told = Some(Told { hops, ..told });
        let state = part.state;
        match does {
            Some(Reaction::Do) => {
                part.heard |= bit(from);
                if setup.web.has_heard(node, part.heard) {
                    self.begin(setup, tag.message, Operation::Do, cx);
                }
            }
            // Who knows that its step is final undoes it no more.
            Some(Reaction::Undo) if state == PartState::Final => {}
            Some(Reaction::Undo) => self.begin(setup, tag.message, Operation::Undo, cx),
            Some(Reaction::Confirm) if matches!(state, PartState::Done | PartState::Overdue) => {
                match told.locks {
                    true => self.begin(setup, tag.message, Operation::Confirm, cx),
                    false => self.ends(tag.message, PartState::Final, cx),
                }
            }
            Some(Reaction::Judge) => self.judge(setup, tag.message, cx),
            Some(Reaction::Apologise) if self.database.row(tag.message).is_live() => {
                cx.record(Fact::Apologised, node, node, about(tag), 0);
            }
            _ => {}
        }
    }

    /// Somebody asks how the saga ends: the service of the pivot decides it, if it is open.
    pub(super) fn judge(&mut self, setup: &Setup, message: u32, cx: &mut World) {
        let part = *self.listener.parts.at(message);
        if self.has_passed(setup, message) {
            // It may have crashed before it could tell.
            let call = self.call(message, Operation::Do.channel());
            let tag = call.tag(0, part.key, part.version);
            return self.concluded(setup, tag, Verdict::Done, cx);
        }
        match part.state {
            PartState::Refused | PartState::Undone => {
                self.publish(setup, Channel::StepFailed, message, cx);
            }
            _ => self.begin(setup, message, Operation::Undo, cx),
        }
    }

    /// Whether the pivot of a saga that nobody leads is its step, and is done.
    pub(super) fn has_passed(&self, setup: &Setup, message: u32) -> bool {
        let is_pivot = setup.is_choreographed() && self.kind(setup) == StepKind::Pivot;
        is_pivot && self.database.row(message).is_live()
    }

    /// It begins an operation on its row, for the first time or again.
    pub fn begin(&mut self, setup: &Setup, message: u32, operation: Operation, cx: &mut World) {
        let part = *self.listener.parts.at(message);
        if operation == Operation::Do && part.state == PartState::Idle {
            self.moves(message, PartState::Working, cx);
        }
        let call = self.call(message, operation.channel());
        let number = self.listener.numbers.transmission(call);
        let terms = Terms {
            by_hand: false,
            locks: part.told.is_some_and(|told| told.locks),
        };
        let tag = call.tag(number, part.key, part.version);
        self.receive(setup, Work { tag, terms }, cx);
    }

    fn call(&self, message: u32, channel: Channel) -> CallName {
        CallName {
            message,
            channel,
            hop: self.index,
        }
    }

    /// An operation on its row has ended, or failed this time.
    pub(super) fn concluded(&mut self, setup: &Setup, tag: Tag, verdict: Verdict, cx: &mut World) {
        let (message, operation) = (tag.message, Operation::of(tag.channel));
        if verdict == Verdict::Failed {
            return self.fails_again(setup, tag, cx);
        }
        let part = self.listener.parts.at(message);
        part.tries = 0;
        let before = part.state;
        // What was done and then undone is not done, whatever its first answer was.
        let is_live = self.database.row(message).is_live();
        match (operation, verdict) {
            (Operation::Do, Verdict::Done) if is_live => {
                if matches!(before, PartState::Working | PartState::Undone) {
                    self.moves(message, PartState::Done, cx);
                    self.watch(setup, message, cx);
                    self.sets_off(setup, message, cx);
                }
                self.publish(setup, Channel::StepDone, message, cx);
            }
            (Operation::Do, _) => {
                if before == PartState::Working {
                    self.moves(message, PartState::Refused, cx);
                }
                self.publish(setup, Channel::StepFailed, message, cx);
            }
            (Operation::Undo, _) => {
                if before != PartState::Final {
                    self.ends(message, PartState::Undone, cx);
                }
                let event = match self.kind(setup) {
                    StepKind::Pivot => Channel::StepFailed,
                    _ => Channel::StepUndone,
                };
                self.publish(setup, event, message, cx);
            }
            (Operation::Confirm, _) if matches!(before, PartState::Done | PartState::Overdue) => {
                self.ends(message, PartState::Final, cx);
            }
            (Operation::Confirm, _) => {}
        }
    }

    fn kind(&self, setup: &Setup) -> StepKind {
        let plan = &setup.web.plan;
        plan.place(self.index)
            .map_or(StepKind::Pivot, |place| plan.kind(place))
    }

    /// It tries again after the backoff: a step before or at the pivot as often as it may, whatever
    /// else until it succeeds.
    fn fails_again(&mut self, setup: &Setup, tag: Tag, cx: &mut World) {
        let (message, operation) = (tag.message, Operation::of(tag.channel));
        let terms = &setup.settings.config.call;
        let part = self.listener.parts.at(message);
        part.tries += 1;
        let tries = part.tries;
        let may_end = operation == Operation::Do && self.kind(setup) != StepKind::Retriable;
        if may_end && tries >= terms.attempts {
            return self.refuse(setup, tag, refusal::GIVEN_UP, cx);
        }
        let mut at = Address::of(Site::BackoffJitter, u64::from(message)).hop(self.index);
        at.channel = tag.channel as u8;
        let at = at.attempt(u32::from(tag.attempt));
        let rest = wait(&terms.backoff, at, tries - 1, cx.random());
        let again = Timer::TryAgain(message, operation);
        cx.timer(self.node(), rest, again);
    }

    /// Its part has an end, and it waits for no other.
    fn ends(&mut self, message: u32, state: PartState, cx: &mut World) {
        self.moves(message, state, cx);
        if let Some(timer) = self.listener.parts.at(message).watch.take() {
            cx.cancel(timer);
        }
    }

    /// It will ask how the saga ends, if it can undo its step and does not hear it.
    fn watch(&mut self, setup: &Setup, message: u32, cx: &mut World) {
        let config = &setup.settings.config;
        if config.watchdog && self.kind(setup) == StepKind::Compensable {
            let reminder = Timer::SagaTimeout(message);
            let timer = cx.timer(self.node(), config.saga_timeout, reminder);
            self.listener.parts.at(message).watch = Some(timer);
        }
    }

    /// It has waited long enough.
    pub fn overdue(&mut self, setup: &Setup, message: u32, cx: &mut World) {
        if self.listener.parts.at(message).state == PartState::Done {
            self.moves(message, PartState::Overdue, cx);
        }
        self.publish(setup, Channel::SagaOverdue, message, cx);
        self.watch(setup, message, cx);
    }

    /// Its process died: attempts and reminders are gone.
    pub(super) fn forgets(&mut self) {
        for part in self.listener.parts.values_mut() {
            (part.tries, part.watch) = (0, None);
        }
    }

    /// It is back: whatever has no end yet is watched again.
    pub(super) fn watches(&mut self, setup: &Setup, cx: &mut World) {
        let open = |part: &Part| matches!(part.state, PartState::Done | PartState::Overdue);
        let parts = self.listener.parts.iter().filter(|(_, part)| open(part));
        let sagas: Vec<u32> = parts.map(|(saga, _)| *saga).collect();
        for saga in sagas {
            self.watch(setup, saga, cx);
        }
    }

    fn moves(&mut self, message: u32, to: PartState, cx: &mut World) {
        let part = self.listener.parts.at(message);
        let (from, about) = (std::mem::replace(&mut part.state, to), part.about(message));
        if from != to {
            cx.record(Fact::Edge, self.node(), NodeId::NONE, about, from.edge(to));
        }
    }

    fn publish(&mut self, setup: &Setup, event: Channel, message: u32, cx: &mut World) {
        let from = (self.node(), event);
        let Listener { parts, numbers, .. } = &mut self.listener;
        let part = parts.at(message);
        if let Some(told) = part.told {
            let hops = told.hops.saturating_add(1);
            let what = (part.about(message), Told { hops, ..told });
            setup.web.publish(numbers, from, what, cx);
        }
    }
}
