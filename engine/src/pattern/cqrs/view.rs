//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::config::Form;
pub use super::state::{PositionState, RebuildState, SegmentState};
use super::table::Row;
use crate::sim::{NodeId, Observer, SimDuration, SimTime, Simulation};

/// An aggregate of the write side.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AggregateView {
    /// Entity.
    pub key: u32,
    /// Committed version.
    pub version: u32,
    /// What is left of its stock (may be below zero), if writes take from one.
    pub left: Option<i64>,
    /// Whether its last event deleted it.
    pub deleted: bool,
}

/// A position of the event store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PositionView {
    /// Where, from 1.
    pub position: u32,
    /// The write that has it.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Version of the entity; 0 while it is open, and for one that was rolled back.
    pub version: u32,
    /// Whether it is open (a gap), committed or vacant.
    pub state: PositionState,
    /// Whether the projection has read past it while it was open.
    pub passed: bool,
    /// Whether the event deletes its key.
    pub deletes: bool,
}

/// A segment of the projection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentView {
    /// Its state.
    pub state: SegmentState,
    /// Every event of its own up to this position is done with.
    pub position: u32,
    /// Its stored checkpoint.
    pub checkpoint: u32,
    /// The transaction its handlers work on: message, key, version and position of each event.
    pub handling: Vec<(u32, u32, u32, u32)>,
    /// Events that wait in its memory.
    pub waiting: usize,
}

/// A row of a read store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowView {
    /// Entity.
    pub key: u32,
    /// Version shown, or events counted; 0 for nothing.
    pub version: u32,
    /// What is left of its stock as far as is shown, if writes take from one.
    pub left: Option<i64>,
    /// Whether it shows nothing because it was deleted.
    pub deleted: bool,
    /// The version at the write side.
    pub truth: u32,
}

/// A read store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreView {
    /// Its node.
    pub node: NodeId,
    /// Up to which position events are in it; `None` if nothing ever came.
    pub position: Option<u32>,
    /// Positions it is behind the head of the event store.
    pub lag: u32,
    /// Since when the oldest event that is not in it is committed.
    pub behind: SimDuration,
    /// The keys of [`View::aggregates`] as it shows them.
    pub rows: Vec<RowView>,
    /// Queries that wait for a version.
    pub waiting: usize,
    /// Whether it answers queries.
    pub serves: bool,
}

/// A rebuild.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RebuildView {
    /// Where it stands.
    pub state: RebuildState,
    /// Every event up to this position is in the new table.
    pub position: u32,
}

/// A device with its session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceView {
    /// Its node.
    pub node: NodeId,
    /// Its user, from 0.
    pub user: u8,
    /// Position of its last own write.
    pub written: u32,
    /// Highest position of anything it was shown.
    pub read: u32,
    /// Until when it reads from the write side, if it does now.
    pub sticky_until: Option<SimTime>,
    /// Writes without an answer.
    pub writing: usize,
    /// Queries without an answer.
    pub asking: usize,
    /// The key it was last shown; 0 if none yet.
    pub key: u32,
    /// The version it was last shown.
    pub shown: u32,
    /// The version at the write side when it asked.
    pub truth: u32,
    /// Who answered it last.
    pub server: NodeId,
    /// When.
    pub at: SimTime,
    /// Whether the write side answered because a replica could not in time.
    pub fell_back: bool,
}

/// The whole room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Whether a projection follows, or the read side is in the write transaction.
    pub form: Form,
    /// The aggregates written last, oldest key first, at most [`ROWS`].
    pub aggregates: Vec<AggregateView>,
    /// The last positions, oldest first, at most [`TAIL`].
    pub tail: Vec<PositionView>,
    /// The last position given out.
    pub head: u32,
    /// The high-water mark: nothing at or below it is still open.
    pub water: u32,
    /// Transactions that are open.
    pub open: usize,
    /// Whether the projection was ever started.
    pub started: bool,
    /// The position the projector reads next.
    pub next: u32,
    /// Every event up to this position is done with by all segments.
    pub projected: u32,
    /// Its lowest checkpoint.
    pub checkpoint: u32,
    /// Its segments.
    pub segments: Vec<SegmentView>,
    /// The rebuild, once one has begun.
    pub rebuild: Option<RebuildView>,
    /// The read stores; the first is the one that the projection writes.
    pub stores: Vec<StoreView>,
    /// The devices.
    pub devices: Vec<DeviceView>,
}

/// Aggregates that a view shows.
pub const ROWS: usize = 8;
/// Positions that a view shows.
pub const TAIL: u32 = 16;

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let config = &room.setup.settings.config;
        let aggregates = aggregates(room);
        let keys: Vec<u32> = aggregates.iter().map(|row| row.key).collect();
        let head = room.store.head();
        let from = (head + 1).saturating_sub(TAIL).max(1);
        let segments = 0..room.projector.segments.len();
        let rebuild = RebuildView {
            state: room.rebuild.state,
            position: room.rebuild.next - 1,
        };
        View {
            form: config.form,
            aggregates,
            tail: (from..=head).map(|position| slot(room, position)).collect(),
            head,
            water: room.store.water(),
            open: room.handler.open(),
            started: room.projector.started,
            next: room.projector.next,
            projected: room.projector.water(),
            checkpoint: room.projector.lowest_checkpoint(),
            segments: segments.map(|index| segment(room, index)).collect(),
            rebuild: (rebuild.state != RebuildState::None).then_some(rebuild),
            stores: (0..room.read.stores.len() as u8)
                .map(|index| store(room, index, &keys, run.now()))
                .collect(),
            devices: (0..room.setup.layout.clients())
                .map(|index| device(room, index, run.now()))
                .collect(),
        }
    }
}

fn left(room: &Room, taken: u32) -> Option<i64> {
    let stock = room.setup.settings.workload.stock?;
    Some(i64::from(stock) - i64::from(taken))
}

fn aggregates(room: &Room) -> Vec<AggregateView> {
    // From the end: a long run has thousands of keys, and this is asked ten times a second.
    let latest = room.handler.aggregates().rev().take(ROWS);
    let mut rows: Vec<AggregateView> = latest
        .map(|(key, aggregate)| AggregateView {
            key,
            version: aggregate.version,
            left: left(room, aggregate.version),
            deleted: aggregate.deleted,
        })
        .collect();
    rows.reverse();
    rows
}

fn slot(room: &Room, position: u32) -> PositionView {
    let slot = room.store.slot(position);
    PositionView {
        position,
        message: slot.event.message,
        key: slot.event.key,
        version: slot.event.version,
        state: slot.state,
        passed: slot.passed,
        deletes: slot.deletes,
    }
}

fn segment(room: &Room, index: usize) -> SegmentView {
    let segment = &room.projector.segments[index];
    SegmentView {
        state: room.segment_state(index),
        position: room.projector.done(index),
        checkpoint: segment.checkpoint,
        handling: (segment.current.iter())
            .map(|item| {
                let event = item.event;
                (event.message, event.key, event.version, item.position)
            })
            .collect(),
        waiting: segment.queue.len(),
    }
}

fn store(room: &Room, index: u8, keys: &[u32], now: SimTime) -> StoreView {
    let store = &room.read.stores[index as usize];
    let head = room.store.head();
    let position = store.position.unwrap_or(0);
    let missing = (position + 1..=head).map(|position| room.store.slot(position));
    let oldest = missing
        .filter(|slot| slot.state == PositionState::Committed)
        .map(|slot| slot.committed_at)
        .min();
    let row = |&key: &u32| {
        let Row {
            version, deleted, ..
        } = store.table.row(key);
        RowView {
            key,
            version,
            left: left(room, version),
            deleted,
            truth: room.handler.aggregate(key).version,
        }
    };
    StoreView {
        node: room.setup.layout.copy(index),
        position: store.position,
        lag: head - position.min(head),
        behind: oldest.map_or(SimDuration::ZERO, |at| now.since(at)),
        rows: keys.iter().map(row).collect(),
        waiting: store.waiting.len(),
        serves: room.setup.layout.servers().contains(&index),
    }
}

fn device(room: &Room, index: u8, now: SimTime) -> DeviceView {
    let setup = &room.setup;
    let token = room.client.sessions.token(setup, index);
    let sticks = setup.settings.config.consistency == super::config::Consistency::StickyPrimary
        && room.client.sessions.sticks(setup, index, &room.read, now);
    let (writing, asking) = room.client.waiting(index);
    let last = room.client.last(index);
    DeviceView {
        node: NodeId(index),
        user: setup.layout.user_of(index),
        written: token.written,
        read: token.read,
        sticky_until: sticks.then_some(token.sticky_until),
        writing,
        asking,
        key: last.key,
        shown: last.shown,
        truth: last.truth,
        server: last.server,
        at: last.at,
        fell_back: last.fell_back,
    }
}
