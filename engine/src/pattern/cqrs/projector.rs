//! The projector: one reader of the event store that feeds parallel segments.
//!
//! Its memory (reader, queues, handlers at work) is lost in a crash; rows and checkpoints are in
//! the read store and stay.

use super::Setup;
use super::config::{Projection, Routing};
use super::event_store::EventStore;
use super::message::{Event, Message, Timer, World};
use super::rebuild::Rebuild;
use super::replica::{ReadSide, rule};
use super::state::{SegmentState, segment_edge};
use super::table::Row;
use crate::check::reason;
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, SimDuration, Tag};
use crate::store::{Numbered, Sorted};
use std::collections::VecDeque;

/// An event as the projector holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item {
    /// Where it is.
    pub position: u32,
    /// The event.
    pub event: Event,
    /// Whether it deletes its key.
    pub deletes: bool,
    /// What must be there before it.
    pub after: u32,
}

/// A segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its state.
    pub state: SegmentState,
    /// Events that wait.
    pub queue: VecDeque<Item>,
    /// The transaction at work.
    pub current: Vec<Item>,
    /// For a join: the other halves of the rows that the transaction writes, by key, as it has read
    /// them.
    pub(super) other_halves: Sorted<u32, Row>,
    /// Tells transactions apart, so that a timer of one that is void does nothing.
    pub(super) run: u32,
    /// Whether the transaction waits for the read store to come back.
    pub(super) stalled: bool,
    /// Stored: what is at or below it will not be read again.
    pub checkpoint: u32,
    /// Events handled since.
    pub(super) since: u32,
}

/// The projector.
#[derive(Clone, Debug)]
pub struct Projector {
    /// Whether it was ever started. Stored.
    pub started: bool,
    /// The position that is read next.
    pub next: u32,
    pub(super) serial: u32,
    pub(super) asked: bool,
    pub(super) again_planned: bool,
    pub(super) checkpoint_planned: bool,
    /// The segments.
    pub segments: Vec<Segment>,
    /// The lowest checkpoint, as it was last recorded.
    pub(super) recorded: u32,
    /// How often handlers began to work on each event.
    pub(super) tries: Numbered<u16>,
    /// Events that were mended.
    pub(super) cured: Sorted<u32>,
    /// Events that the reader went past, with the reason why they may be lost.
    left_behind: Vec<(Item, u32)>,
}

impl Projector {
    /// A projector that was never started.
    pub fn new(segments: u32) -> Self {
        let segment = Segment {
            state: SegmentState::Stopped,
            queue: VecDeque::new(),
            current: Vec::new(),
            other_halves: Sorted::default(),
            run: 0,
            stalled: false,
            checkpoint: 0,
            since: 0,
        };
        Projector {
            started: false,
            next: 1,
            serial: 0,
            asked: false,
            again_planned: false,
            checkpoint_planned: false,
            segments: vec![segment; segments as usize],
            recorded: 0,
            tries: Numbered::default(),
            cured: Sorted::default(),
            left_behind: Vec::new(),
        }
    }

    /// Starts it for the first time, or again after a crash, from its checkpoints.
    pub fn start(&mut self, setup: &Setup, cx: &mut World) {
        self.started = true;
        for index in 0..self.segments.len() {
            self.enter(setup, index, SegmentState::CatchingUp, cx);
        }
        self.next = self.lowest_checkpoint() + 1;
        self.ask(setup, cx);
    }

    /// The lowest checkpoint: nothing at or below it will be read again.
    pub fn lowest_checkpoint(&self) -> u32 {
        let lowest = self.segments.iter().map(|segment| segment.checkpoint);
        lowest.min().unwrap_or(0)
    }

    /// Every event of a segment up to this position is done with.
    pub fn done(&self, segment: usize) -> u32 {
        let state = &self.segments[segment];
        let first = state.current.first().or(state.queue.front());
        let done = first.map_or(self.next - 1, |item| item.position - 1);
        done.max(state.checkpoint.min(self.next.saturating_sub(1)))
    }

    /// Whether an event at a position is done with.
    pub fn is_done(&self, setup: &Setup, event: Event, position: u32) -> bool {
        position <= self.done(route(setup, event, position))
    }

    /// Every event up to this position is done with.
    pub fn water(&self) -> u32 {
        let done = (0..self.segments.len()).map(|segment| self.done(segment));
        done.min().unwrap_or(0)
    }

    /// Events fetched and not done with.
    pub fn buffered(&self) -> usize {
        let of = |segment: &Segment| segment.queue.len() + segment.current.len();
        self.segments.iter().map(of).sum()
    }

    /// Fetches, if there is room.
    pub fn ask(&mut self, setup: &Setup, cx: &mut World) {
        let projector = setup.layout.projector();
        let full = self.buffered() >= setup.settings.config.page as usize;
        if !self.started || self.asked || full || !cx.is_up(projector) {
            return;
        }
        self.asked = true;
        self.serial += 1;
        let tag = Tag {
            channel: Channel::Ack,
            attempt: self.serial as u16,
            ..Tag::NONE
        };
        let fetch = Message::Fetch {
            from: self.next,
            serial: self.serial,
        };
        let store = setup.layout.store();
        cx.send(projector, store, Lane::Setting, tag, fetch);
    }

    /// A fetch or its answer is lost: without an answer the projector fetches again. (The fetches
    /// that renew a wait for nothing are not modelled: they change nothing.)
    pub fn no_answer(&mut self, setup: &Setup, cx: &mut World) {
        if self.again_planned || !cx.is_up(setup.layout.projector()) {
            return;
        }
        self.again_planned = true;
        let wait = setup.settings.config.fetch_timeout;
        cx.timer(setup.layout.projector(), wait, Timer::FetchAgain);
    }

    /// The time-out of a fetch is over.
    pub fn fetch_again(&mut self, setup: &Setup, cx: &mut World) {
        self.again_planned = false;
        self.asked = false;
        self.ask(setup, cx);
    }

    /// A batch arrived.
    pub fn receive(
        &mut self,
        setup: &Setup,
        store: &EventStore,
        (serial, to, positions): (u32, u32, &[u32]),
        read: &mut ReadSide,
        cx: &mut World,
    ) {
        if serial != self.serial || !self.asked {
            return;
        }
        self.asked = false;
        for &position in positions.iter().filter(|&&position| position >= self.next) {
            let slot = store.slot(position);
            let item = Item {
                position,
                event: slot.event,
                deletes: slot.deletes,
                after: slot.after,
            };
            let segment = &mut self.segments[route(setup, slot.event, position)];
            if position > segment.checkpoint {
                segment.queue.push_back(item);
            }
        }
        self.next = self.next.max(to);
        self.advance(setup, store, read, cx);
        self.ask(setup, cx);
    }

    /// Begins whatever can begin, notes what is done, tells the read side.
    pub fn advance(
        &mut self,
        setup: &Setup,
        store: &EventStore,
        read: &mut ReadSide,
        cx: &mut World,
    ) {
        for segment in 0..self.segments.len() {
            self.begin(setup, segment, read, cx);
        }
        self.checkpoint_idle(setup);
        self.note_checkpoint(setup, cx);
        let (limit, _) = store.limit(&setup.settings.config, cx.now());
        for segment in 0..self.segments.len() {
            let state = &self.segments[segment];
            let idle = state.queue.is_empty() && state.current.is_empty();
            if idle && state.state == SegmentState::CatchingUp && self.next > limit {
                self.enter(setup, segment, SegmentState::Live, cx);
            }
        }
        let water = self.water();
        let about = store.slot(water).event;
        if self.started
            && read
                .first()
                .position
                .is_none_or(|position| position < water)
        {
            read.moved(setup, water, about, cx);
        }
    }

    /// The read store is back: transactions that waited for it are tried again.
    pub fn read_store_back(&mut self, setup: &Setup, read: &ReadSide, cx: &mut World) {
        for segment in 0..self.segments.len() {
            if self.segments[segment].stalled {
                self.work(setup, segment, read, cx);
            }
        }
    }

    /// An event was committed at a position that the reader had gone past.
    pub fn came_late(&mut self, item: Item) {
        self.left_behind.push((item, reason::GAP_PASSED));
    }

    /// Gives up what was left behind and will not come again: a checkpoint has passed it, and no
    /// rebuild brings it.
    pub fn give_up(&mut self, setup: &Setup, read: &ReadSide, rebuild: &Rebuild, cx: &mut World) {
        let rule = rule(&setup.settings.config);
        for (item, reason) in std::mem::take(&mut self.left_behind) {
            let segment = route(setup, item.event, item.position);
            let passed = item.position <= self.segments[segment].checkpoint;
            if !passed || rebuild.brings(setup, item.position) {
                self.left_behind.push((item, reason));
            } else if read.first().table.lacks(rule, item.event) {
                abandon(setup, item.event, reason, cx);
            }
        }
    }

    /// Everything in memory is gone. What a checkpoint has passed will not come again.
    pub fn crashed(&mut self, setup: &Setup, cx: &mut World) {
        (self.asked, self.again_planned) = (false, false);
        self.checkpoint_planned = false;
        for index in 0..self.segments.len() {
            let state = &mut self.segments[index];
            state.run += 1;
            (state.since, state.stalled) = (0, false);
            let mut lost: Vec<Item> = state.current.drain(..).collect();
            lost.extend(state.queue.drain(..));
            lost.retain(|item| item.position <= state.checkpoint);
            let lost = lost.into_iter();
            (self.left_behind).extend(lost.map(|item| (item, reason::CHECKPOINT_FIRST)));
            if self.started {
                self.enter(setup, index, SegmentState::Crashed, cx);
            }
        }
        self.next = self.lowest_checkpoint() + 1;
    }

    /// A rebuilt table with everything below `next` is in place: what it has is not handled again.
    pub fn taken_over(&mut self, setup: &Setup, next: u32, cx: &mut World) {
        for segment in &mut self.segments {
            segment.queue.retain(|item| item.position >= next);
            if segment.current.iter().any(|item| item.position < next) {
                segment.current.clear();
                segment.run += 1;
            }
            segment.checkpoint = segment.checkpoint.max(next - 1);
            segment.since = 0;
        }
        self.next = self.next.max(next);
        self.note_checkpoint(setup, cx);
    }

    pub(super) fn enter(
        &mut self,
        setup: &Setup,
        segment: usize,
        to: SegmentState,
        cx: &mut World,
    ) {
        let from = std::mem::replace(&mut self.segments[segment].state, to);
        if from == to {
            return;
        }
        let tag = Tag {
            version: segment as u32 + 1,
            ..Tag::NONE
        };
        let (node, copy) = (setup.layout.projector(), setup.layout.copy(0));
        cx.record(Fact::Edge, node, copy, tag, segment_edge(from, to));
    }

    /// Records the lowest checkpoint, if it moved.
    pub(super) fn note_checkpoint(&mut self, setup: &Setup, cx: &mut World) {
        let lowest = self.lowest_checkpoint();
        if lowest == self.recorded {
            return;
        }
        self.recorded = lowest;
        let (node, copy) = (setup.layout.projector(), setup.layout.copy(0));
        cx.record(Fact::Projected, node, copy, Tag::NONE, lowest);
    }

    pub(super) fn plan_checkpoint(&mut self, setup: &Setup, cx: &mut World) {
        let every = setup.settings.config.checkpoint_interval.as_micros();
        let projector = setup.layout.projector();
        if self.checkpoint_planned || !cx.is_up(projector) {
            return;
        }
        self.checkpoint_planned = true;
        let wait = SimDuration::from_micros(every - cx.now().as_micros() % every);
        cx.timer(projector, wait, Timer::Checkpoint);
    }

    pub(super) fn checkpoint_due(&mut self) {
        self.checkpoint_planned = false;
    }

    pub(super) fn segment_mut(&mut self, segment: usize) -> &mut Segment {
        &mut self.segments[segment]
    }
}

impl Segment {
    pub(super) fn handled_since(&mut self) -> &mut u32 {
        &mut self.since
    }
}

/// The segment of an event.
fn route(setup: &Setup, event: Event, position: u32) -> usize {
    let config = &setup.settings.config;
    let row = match config.projection {
        Projection::Join => event.key.div_ceil(2),
        _ => event.key,
    };
    let by = match config.routing {
        Routing::ByKey => row,
        Routing::RoundRobin => position,
    };
    (by % config.segments) as usize
}

/// Records that an event will never be in any read store.
pub fn abandon(setup: &Setup, event: Event, reason: u32, cx: &mut World) {
    let projector = setup.layout.projector();
    cx.record(
        Fact::Abandoned,
        projector,
        NodeId::NONE,
        event.about(),
        reason,
    );
}
