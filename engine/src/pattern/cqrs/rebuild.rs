//! Rebuilding the read store while the projection is live: a second table is filled from the first
//! event on, and takes the place of the old one (reference: P5, failure R5).

use super::Setup;
use super::config::{OnPoison, Swap};
use super::event_store::EventStore;
use super::message::{Event, Timer, World};
use super::projector::{Projector, abandon};
use super::replica::{ReadSide, rule};
use super::state::{RebuildState, rebuild_edge};
use super::table::{Row, Table};
use crate::check::reason;
use crate::sim::{Address, Fact, SimDuration, Site, Tag};

/// A rebuild. The new table and its position are stored; only the handler at work is not.
#[derive(Clone, Debug)]
pub struct Rebuild {
    /// Where it stands.
    pub state: RebuildState,
    /// The new table.
    pub table: Table,
    /// The position it reads next.
    pub next: u32,
    /// Where it would swap, if it does not go to the head.
    pub target: u32,
    run: u32,
    waiting: bool,
    /// How often its handler began to work on its next event.
    tries: u32,
}

impl Default for Rebuild {
    fn default() -> Self {
        Rebuild {
            state: RebuildState::None,
            table: Table::default(),
            next: 1,
            target: 0,
            run: 0,
            waiting: false,
            tries: 0,
        }
    }
}

impl Rebuild {
    /// Begins from the first event on.
    pub fn begin(&mut self, setup: &Setup, store: &EventStore, cx: &mut World) {
        if self.state == RebuildState::Rebuilding {
            return;
        }
        let from = self.state;
        *self = Rebuild {
            target: store.limit(&setup.settings.config, cx.now()).0,
            run: self.run,
            ..Rebuild::default()
        };
        self.enter(setup, from, RebuildState::Rebuilding, cx);
    }

    /// Whether it will put the event at a committed position into the read store.
    pub fn brings(&self, setup: &Setup, position: u32) -> bool {
        let config = &setup.settings.config;
        match self.state {
            RebuildState::None => config.rebuild_at.is_some(),
            RebuildState::Rebuilding => {
                let early = config.swap == Swap::Early;
                self.next <= position && !(early && position > self.target)
            }
            RebuildState::Swapped => false,
        }
    }

    fn enter(&mut self, setup: &Setup, from: RebuildState, to: RebuildState, cx: &mut World) {
        self.state = to;
        let (node, copy) = (setup.layout.projector(), setup.layout.copy(0));
        cx.record(Fact::Edge, node, copy, Tag::NONE, rebuild_edge(from, to));
    }

    /// The last position it may read now.
    fn limit(&self, setup: &Setup, store: &EventStore, cx: &World) -> u32 {
        let head = store.limit(&setup.settings.config, cx.now()).0;
        match setup.settings.config.swap {
            Swap::Early => head.min(self.target),
            _ => head,
        }
    }

    /// Goes on, if nothing is at work; returns whether it has read all it wants.
    pub fn go_on(
        &mut self,
        setup: &Setup,
        store: &mut EventStore,
        projector: &Projector,
        cx: &mut World,
    ) -> bool {
        let node = setup.layout.projector();
        if self.state != RebuildState::Rebuilding || self.waiting || !cx.is_up(node) {
            return false;
        }
        let up = cx.is_up(setup.layout.store()) && cx.is_up(setup.layout.copy(0));
        let config = &setup.settings.config;
        if !up {
            return false;
        }
        let limit = self.limit(setup, store, cx);
        let (found, after) = store.read(self.next, limit, 1);
        for position in self.next..after {
            store.pass(setup, position, cx);
        }
        let Some(&position) = found.first() else {
            self.next = self.next.max(after);
            return self.next > limit;
        };
        self.next = position;
        let event = store.slot(position).event;
        let stuck = config.on_poison == OnPoison::Halt && projector.is_poison(setup, event, cx);
        if stuck {
            return false;
        }
        self.waiting = true;
        self.run += 1;
        let at = Address::of(Site::HandlerTime, u64::from(event.message)).hop(1);
        let at = at.attempt(self.tries);
        self.tries += 1;
        let live = cx.sample(at, &config.handler_time).as_micros();
        let time = SimDuration::from_micros(live / u64::from(config.rebuild_speed));
        cx.timer(node, time, Timer::RebuildStep(self.run));
        false
    }

    /// Its next event is handled.
    pub fn step(
        &mut self,
        setup: &Setup,
        run: u32,
        store: &EventStore,
        projector: &Projector,
        cx: &mut World,
    ) {
        if run != self.run || self.state != RebuildState::Rebuilding {
            return;
        }
        self.waiting = false;
        let slot = store.slot(self.next);
        if !projector.is_poison(setup, slot.event, cx) {
            let rule = rule(&setup.settings.config);
            self.table.apply(rule, slot.event, self.next, slot.deletes);
        }
        self.next += 1;
        self.tries = 0;
    }

    /// What is live goes into the new table too, where someone thought that this is needed.
    pub fn live(&mut self, setup: &Setup, event: Event, position: u32, deletes: bool) {
        let both = setup.settings.config.swap == Swap::Overlap;
        if both && self.state == RebuildState::Rebuilding {
            let rule = rule(&setup.settings.config);
            self.table.apply(rule, event, position, deletes);
        }
    }

    /// The projector died: the step at work is done again.
    pub fn crashed(&mut self) {
        self.run += 1;
        self.waiting = false;
    }

    /// The new table takes the place of the old one, at one instant.
    pub fn swap(
        &mut self,
        setup: &Setup,
        store: &EventStore,
        (read, projector): (&mut ReadSide, &mut Projector),
        cx: &mut World,
    ) {
        self.enter(setup, RebuildState::Rebuilding, RebuildState::Swapped, cx);
        let rule = rule(&setup.settings.config);
        let old = std::mem::take(&mut read.stores[0].table);
        let new = std::mem::take(&mut self.table);
        let changes = if rule.counts {
            counts_changed(&old, &new, store)
        } else {
            rows_changed(&old, &new)
        };
        let node = setup.layout.projector();
        read.stores[0].table = new;
        for &(what, count) in &changes {
            read.replace(setup, node, what, count, cx);
        }
        if setup.settings.config.swap == Swap::AtHead {
            let told = changes.iter().map(|((event, ..), _)| event.message);
            self.overtake(setup, store, (read, projector), told.collect(), cx);
            projector.taken_over(setup, self.next, cx);
            read.moved(setup, self.next - 1, Event::default(), cx);
            return;
        }
        // The old position stays, although the table is another: what the table lacks below it
        // will not come again.
        let position = read.stores[0].position.unwrap_or(0);
        read.moved(setup, position, Event::default(), cx);
        let have = &read.stores[0].table;
        let counted = old.counted().filter(|&(_, count)| count > 0);
        let lost: Vec<Event> = counted
            .map(|(position, _)| store.slot(position).event)
            .filter(|&event| have.lacks(rule, event))
            .collect();
        for event in lost {
            abandon(setup, event, reason::SWAP_HOLE, cx);
        }
    }
}

impl Rebuild {
    /// What the new table has from events that the projection was not at yet is told of them too.
    fn overtake(
        &self,
        setup: &Setup,
        store: &EventStore,
        (read, projector): (&mut ReadSide, &Projector),
        told: Vec<u32>,
        cx: &mut World,
    ) {
        let rule = rule(&setup.settings.config);
        let (events, _) = store.read(projector.water() + 1, self.next - 1, u32::MAX);
        for position in events {
            let event = store.slot(position).event;
            if projector.is_done(setup, event, position) || told.contains(&event.message) {
                continue;
            }
            if read.first().table.lacks(rule, event) {
                abandon(setup, event, reason::POISON_SKIPPED, cx);
            } else {
                read.skip(setup, setup.layout.projector(), (event, position), 2, cx);
            }
        }
    }
}

/// What another table shows: event, position, whether it deletes the row, how often it counts.
type Changed = ((Event, u32, bool), u8);

/// Rows that differ, as they are in the new table, with how often their event counts there.
fn rows_changed(old: &Table, new: &Table) -> Vec<Changed> {
    let keys = old.rows().map(|(key, _)| key);
    let more = new.rows().map(|(key, _)| key);
    let mut keys: Vec<u32> = keys.chain(more).collect();
    keys.sort_unstable();
    keys.dedup();
    let differ = |key: u32| {
        let (was, is): (Row, Row) = (old.row(key), new.row(key));
        let message = if is.version > 0 {
            is.message
        } else {
            was.message
        };
        let event = Event {
            message,
            key,
            version: is.version,
        };
        let changed = (was.version, was.message) != (is.version, is.message);
        let what = (event, is.position, is.deleted);
        changed.then_some((what, u8::from(is.version > 0)))
    };
    keys.into_iter().filter_map(differ).collect()
}

/// Events that count differently, with how often they count in the new table.
fn counts_changed(old: &Table, new: &Table, store: &EventStore) -> Vec<Changed> {
    let positions = old.counted().chain(new.counted());
    let mut positions: Vec<u32> = positions.map(|(position, _)| position).collect();
    positions.sort_unstable();
    positions.dedup();
    let differ = |position: u32| {
        let event = store.slot(position).event;
        let count = new.effects(event.message);
        let what = (event, position, store.slot(position).deletes);
        (count != old.effects(event.message)).then_some((what, count))
    };
    positions.into_iter().filter_map(differ).collect()
}
