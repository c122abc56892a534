//! A transaction of a segment: its handlers work, then its events take effect at one instant, or it
//! stops at one that cannot be handled.

use super::Setup;
use super::config::{Checkpoint, OnPoison, Order, Projection};
use super::message::{Event, Timer, World, crash};
use super::projector::{Item, Projector, abandon};
use super::replica::ReadSide;
use super::state::SegmentState;
use super::table::Row;
use crate::check::reason;
use crate::sim::{Address, Fact, SimDuration, Site};

/// What a transaction came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// Nothing: it is void, or must wait.
    Nothing,
    /// It is over.
    Over,
}

impl Projector {
    /// A segment begins its next transaction, if it can.
    pub(super) fn begin(&mut self, setup: &Setup, segment: usize, read: &ReadSide, cx: &mut World) {
        let config = &setup.settings.config;
        let water = self.water();
        let state = &mut self.segments[segment];
        let working = matches!(state.state, SegmentState::CatchingUp | SegmentState::Live);
        if !state.current.is_empty() || !working {
            return;
        }
        while state.current.len() < config.batch as usize {
            let ready = |item: &&Item| item.after <= water || item.after >= item.position;
            let Some(item) = state.queue.front().filter(ready).copied() else {
                break;
            };
            state.queue.pop_front();
            state.current.push(item);
        }
        if state.current.is_empty() {
            return;
        }
        self.checkpoint_first(setup, segment);
        self.work(setup, segment, read, cx);
    }

    /// The handlers of a transaction work; those of a join first read the rows that they will write.
    pub(super) fn work(&mut self, setup: &Setup, segment: usize, read: &ReadSide, cx: &mut World) {
        let projector = setup.layout.projector();
        let joins = setup.settings.config.projection == Projection::Join;
        let state = &mut self.segments[segment];
        state.other_halves.clear();
        let mut time = SimDuration::ZERO;
        for item in &state.current {
            if joins {
                let other = partner(item.event.key);
                let half = read.first().table.row(other);
                state.other_halves.insert(other, half);
            }
            let tries = self.tries.at(item.event.message);
            let attempt = u32::from(*tries);
            *tries = tries.saturating_add(1);
            let at = Address::of(Site::HandlerTime, u64::from(item.event.message));
            let at = at.attempt(attempt);
            time = time.plus(cx.sample(at, &setup.settings.config.handler_time));
            let about = item.event.about();
            let copy = setup.layout.copy(0);
            cx.record(Fact::Handled, projector, copy, about, attempt);
        }
        state.run += 1;
        state.stalled = false;
        let timer = Timer::HandlerDone(segment as u8, state.run);
        cx.timer(projector, time, timer);
    }

    /// A transaction is due.
    pub fn handled(
        &mut self,
        setup: &Setup,
        (segment, run): (u8, u32),
        read: &mut ReadSide,
        cx: &mut World,
    ) -> Done {
        let (config, index) = (&setup.settings.config, segment as usize);
        let state = &mut self.segments[index];
        if state.run != run || state.current.is_empty() {
            return Done::Nothing;
        }
        if !cx.is_up(setup.layout.copy(0)) {
            state.stalled = true;
            return Done::Nothing;
        }
        let first = state.current[0].event.message;
        let at = Address::of(Site::ConsumerCrash, u64::from(first));
        let dies = cx.chance(at.attempt(self.tries(first) - 1), config.projector_crash);
        let projector = setup.layout.projector();
        let together = config.checkpoint == Checkpoint::SameTransaction;
        if dies && (together || config.checkpoint_order == Order::CheckpointFirst) {
            let point = if together {
                crash::BEFORE_TRANSACTION
            } else {
                crash::BEFORE_EFFECT
            };
            cx.crash(projector, point);
            return Done::Nothing;
        }
        if self.poisoned(setup, index, cx) {
            self.enter(setup, index, SegmentState::Halted, cx);
            return Done::Nothing;
        }
        let events = self.apply(setup, index, read, cx);
        if dies {
            cx.crash(projector, crash::BEFORE_CHECKPOINT);
            return Done::Nothing;
        }
        self.checkpoint_after(setup, index, events, cx);
        Done::Over
    }

    /// Whether the transaction holds an event that cannot be handled and must not be skipped.
    fn poisoned(&mut self, setup: &Setup, segment: usize, cx: &mut World) -> bool {
        let config = &setup.settings.config;
        let mut halted = false;
        let current = std::mem::take(&mut self.segments[segment].current);
        let mut kept = Vec::with_capacity(current.len());
        for item in current {
            if !self.is_poison(setup, item.event, cx) {
                kept.push(item);
                continue;
            }
            let (projector, copy) = (setup.layout.projector(), setup.layout.copy(0));
            let (about, tries) = (item.event.about(), self.tries(item.event.message));
            cx.record(Fact::Failed, projector, copy, about, tries);
            if config.on_poison == OnPoison::Skip {
                abandon(setup, item.event, reason::POISON_SKIPPED, cx);
            } else {
                halted = true;
                kept.push(item);
            }
        }
        self.segments[segment].current = kept;
        halted
    }

    /// How often handlers began to work on an event.
    fn tries(&self, message: u32) -> u32 {
        self.tries.get(message).map_or(0, |&tries| u32::from(tries))
    }

    /// Whether an event cannot be handled.
    pub fn is_poison(&self, setup: &Setup, event: Event, cx: &mut World) -> bool {
        let at = Address::of(Site::Poison, u64::from(event.message));
        cx.chance(at, setup.settings.config.poison) && !self.cured.contains(event.message)
    }

    /// The events of a transaction take effect, all at one instant; returns how many they are.
    fn apply(&mut self, setup: &Setup, segment: usize, read: &mut ReadSide, cx: &mut World) -> u32 {
        let projector = setup.layout.projector();
        let state = &mut self.segments[segment];
        let items = std::mem::take(&mut state.current);
        let mut other_halves = std::mem::take(&mut state.other_halves);
        for item in &items {
            let key = item.event.key;
            let what = (item.event, item.position, item.deletes);
            let applied = read.apply(setup, projector, what, cx);
            // The rest of the transaction sees what this event wrote.
            if let Some(half) = other_halves.get_mut(key) {
                *half = read.first().table.row(key);
            }
            // A join writes its row whole: the other half as the transaction has read it.
            let other = partner(key);
            if let Some(&then) = other_halves.get(other).filter(|_| applied) {
                put_back(setup, (other, then), read, cx);
            }
        }
        items.len() as u32
    }

    /// Someone has mended what halts: the events are handled after all.
    pub fn mend(&mut self, setup: &Setup, read: &ReadSide, cx: &mut World) -> bool {
        let mut mended = false;
        for segment in 0..self.segments.len() {
            if self.segments[segment].state != SegmentState::Halted {
                continue;
            }
            let ids: Vec<u32> = (self.segments[segment].current.iter())
                .map(|item| item.event.message)
                .collect();
            for id in ids {
                self.cured.insert(id, ());
            }
            mended = true;
            self.enter(setup, segment, SegmentState::CatchingUp, cx);
            if self.segments[segment].current.is_empty() {
                self.begin(setup, segment, read, cx);
            } else {
                self.work(setup, segment, read, cx);
            }
        }
        mended
    }
}

/// Half a joined row is written as it was read; if it has changed since, the change is lost.
fn put_back(setup: &Setup, (key, then): (u32, Row), read: &mut ReadSide, cx: &mut World) {
    if then.version >= read.first().table.row(key).version {
        return;
    }
    read.stores[0].table.replace(key, then);
    let event = Event {
        message: then.message,
        key,
        version: then.version,
    };
    let what = (event, then.position, then.deleted);
    let count = u8::from(then.version > 0);
    read.replace(setup, setup.layout.projector(), what, count, cx);
}

/// The key that shares a joined row with this one.
pub fn partner(key: u32) -> u32 {
    if key % 2 == 1 { key + 1 } else { key - 1 }
}
