//! The event store: positions are reserved when a transaction opens and filled when it commits, so
//! a later position can be there before an earlier one (reference: P5, failure R4).

use super::Setup;
use super::config::{Config, Gaps, Trigger};
use super::message::{Event, Message, Timer, World};
use super::state::PositionState;
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, SimDuration, SimTime};
use crate::store::Numbered;
use std::rc::Rc;

/// A position.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Slot {
    /// Its event, with version 0 until it is committed.
    pub event: Event,
    /// Whether the event deletes its key.
    pub deletes: bool,
    /// The position of what the event's author had written and read before.
    pub after: u32,
    /// Where it stands.
    pub state: PositionState,
    /// When it was reserved.
    pub reserved_at: SimTime,
    /// When it was committed.
    pub committed_at: SimTime,
    /// Whether the projection has read past it while it was open.
    pub passed: bool,
}

/// A fetch that waits for something to come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Waiting {
    from: u32,
    serial: u32,
}

/// The store. Positions count from 1.
#[derive(Clone, Debug, Default)]
pub struct EventStore {
    slots: Numbered<Slot>,
    /// The last position given out.
    head: u32,
    /// The last position that holds an event.
    top: u32,
    /// Every position up to this one is committed or vacant: the high-water mark.
    water: u32,
    /// Volatile: the projector's connection.
    waiting: Option<Waiting>,
    serve_planned: bool,
    /// How often a batch that begins with a message was sent.
    sends: Numbered<u16>,
}

impl EventStore {
    /// The last position given out, 0 for none.
    pub fn head(&self) -> u32 {
        self.head
    }

    /// The high-water mark: nothing at or below it is still open.
    pub fn water(&self) -> u32 {
        self.water
    }

    /// A position.
    pub fn slot(&self, position: u32) -> Slot {
        self.slots.get(position).copied().unwrap_or_default()
    }

    /// Opens a transaction: the next position is its own, whatever becomes of it.
    pub fn reserve(&mut self, setup: &Setup, event: Event, cx: &mut World) -> u32 {
        self.head += 1;
        let position = self.head;
        *self.slots.at(position) = Slot {
            event,
            state: PositionState::Reserved,
            reserved_at: cx.now(),
            ..Slot::default()
        };
        let store = setup.layout.store();
        cx.record(Fact::Reserved, store, NodeId::NONE, event.about(), position);
        position
    }

    /// The transaction commits: its event is at its position. Returns whether the projection has
    /// read past it.
    pub fn commit(
        &mut self,
        setup: &Setup,
        position: u32,
        event: Event,
        (deletes, after): (bool, u32),
        cx: &mut World,
    ) -> bool {
        let slot = self.slots.at(position);
        slot.event = event;
        (slot.deletes, slot.after) = (deletes, after);
        slot.state = PositionState::Committed;
        slot.committed_at = cx.now();
        let passed = slot.passed;
        self.top = self.top.max(position);
        self.rise();
        let store = setup.layout.store();
        cx.record(Fact::Appended, store, NodeId::NONE, event.about(), position);
        passed
    }

    /// The transaction rolls back: there will never be an event at its position.
    pub fn vacate(&mut self, setup: &Setup, position: u32, cx: &mut World) {
        let slot = self.slots.at(position);
        slot.state = PositionState::Vacant;
        let event = slot.event;
        self.rise();
        let store = setup.layout.store();
        cx.record(Fact::Vacated, store, NodeId::NONE, event.about(), position);
    }

    fn rise(&mut self) {
        let closed =
            |slot: Slot| matches!(slot.state, PositionState::Committed | PositionState::Vacant);
        while self.water < self.head && closed(self.slot(self.water + 1)) {
            self.water += 1;
        }
    }

    /// The last position that may be read now, and when that may change by itself.
    pub fn limit(&self, config: &Config, now: SimTime) -> (u32, Option<SimTime>) {
        match config.gaps {
            Gaps::Wait => (self.water.min(self.top), None),
            Gaps::Ignore => (self.top, None),
            Gaps::WaitAtMost => {
                let mut limit = self.water;
                while limit < self.top {
                    let slot = self.slot(limit + 1);
                    let over = slot.reserved_at.plus(config.gap_wait);
                    if slot.state == PositionState::Reserved && over > now {
                        return (limit, Some(over));
                    }
                    limit += 1;
                }
                (limit.min(self.top), None)
            }
        }
    }

    /// Events from a position on, at most `page`: their positions, and the position after the last.
    pub fn read(&self, from: u32, limit: u32, page: u32) -> (Vec<u32>, u32) {
        let mut positions = Vec::new();
        let mut next = from;
        while next <= limit && (positions.len() as u32) < page {
            if self.slot(next).state == PositionState::Committed {
                positions.push(next);
            }
            next += 1;
        }
        (positions, next)
    }

    /// A fetch arrived.
    pub fn fetch(&mut self, setup: &Setup, from: u32, serial: u32, cx: &mut World) {
        // One that was overtaken on its way is void: nobody takes its answer.
        if self.waiting.is_some_and(|newer| newer.serial > serial) {
            return;
        }
        self.waiting = Some(Waiting { from, serial });
        self.plan(setup, cx);
    }

    /// The projector is gone: nobody waits.
    pub fn forget_reader(&mut self) {
        self.waiting = None;
    }

    /// The store itself was down: it knows of no connection.
    pub fn crashed(&mut self) {
        self.waiting = None;
        self.serve_planned = false;
    }

    /// Serves whoever waits: at once when events are pushed, else at the next poll. An empty poll
    /// would change nothing, so none is made.
    pub fn plan(&mut self, setup: &Setup, cx: &mut World) {
        let config = &setup.settings.config;
        let Some(waiting) = self.waiting else { return };
        if self.serve_planned || !cx.is_up(setup.layout.store()) {
            return;
        }
        let (limit, later) = self.limit(config, cx.now());
        let store = setup.layout.store();
        if waiting.from > limit {
            if let Some(over) = later {
                cx.timer(store, over.since(cx.now()), Timer::GapOver);
            }
            return;
        }
        self.serve_planned = true;
        let wait = match config.trigger {
            Trigger::Push => SimDuration::ZERO,
            Trigger::Poll => {
                let (now, every) = (cx.now().as_micros(), config.poll_interval.as_micros());
                SimDuration::from_micros(every - now % every)
            }
        };
        if wait == SimDuration::ZERO {
            self.serve(setup, cx);
        } else {
            cx.timer(store, wait, Timer::Serve);
        }
    }

    /// Sends what there is.
    pub fn serve(&mut self, setup: &Setup, cx: &mut World) {
        self.serve_planned = false;
        let config = &setup.settings.config;
        let Some(waiting) = self.waiting else { return };
        let (limit, _) = self.limit(config, cx.now());
        let (positions, to) = self.read(waiting.from, limit, config.page);
        if to == waiting.from {
            return;
        }
        self.waiting = None;
        for position in waiting.from..to {
            self.pass(setup, position, cx);
        }
        let (store, projector) = (setup.layout.store(), setup.layout.projector());
        let moved = positions.len() as u32;
        if config.trigger == Trigger::Poll {
            let none = Event::default().about();
            let ticked = cx.record(Fact::Ticked, store, projector, none, moved);
            cx.because(ticked);
        }
        let first = positions.first().map(|&position| self.slot(position).event);
        let first = first.unwrap_or_default();
        let sends = self.sends.at(first.message);
        let attempt = *sends;
        *sends = attempt.wrapping_add(1);
        let batch = Message::Batch {
            serial: waiting.serial,
            from: waiting.from,
            to,
            positions: Rc::new(positions),
        };
        let tag = first.tag(Channel::Deliver, 0, attempt);
        cx.send(store, projector, Lane::Setting, tag, batch);
    }

    /// A reader goes past a position: if it is open, what comes there will not be read.
    pub fn pass(&mut self, setup: &Setup, position: u32, cx: &mut World) {
        if self.slot(position).state != PositionState::Reserved {
            return;
        }
        let slot = self.slots.at(position);
        slot.passed = true;
        let event = slot.event;
        let (store, copy) = (setup.layout.store(), setup.layout.copy(0));
        cx.record(Fact::ReadPast, store, copy, event.about(), position);
    }
}
