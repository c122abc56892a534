//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::coordinator::{Coordinator, Writing};
use super::reading::Reading;
pub use super::state::{ReadState, WriteState};
use super::truth::Set;
use crate::sim::{NodeId, Observer, Simulation};

/// How many rows of a replica are shown.
pub const ROWS: usize = 8;
/// How many open writes and reads of a coordinator are shown.
pub const OPEN: usize = 3;

/// A replica.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaView {
    /// Its node.
    pub node: NodeId,
    /// Where it stands.
    pub region: u8,
    /// The keys written last, the same at every replica, at most [`ROWS`].
    pub keys: Vec<u32>,
    /// Hints that coordinators keep for it.
    pub hints: usize,
}

/// A write whose acknowledgements are gathered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WriteView {
    /// Its number.
    pub message: u32,
    /// Entity.
    pub key: u32,
    /// Version.
    pub version: u32,
    /// The replicas it was sent to, as bits.
    pub targets: Set,
    /// Those that have acknowledged.
    pub acks: Set,
    /// Where it stands.
    pub state: WriteState,
}

/// A read whose answers are gathered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadView {
    /// Its number.
    pub query: u32,
    /// Entity.
    pub key: u32,
    /// What each replica that has answered has, by index.
    pub versions: Vec<Option<u32>>,
    /// The newest of those.
    pub newest: u32,
    /// Where it stands.
    pub state: ReadState,
}

/// A coordinator.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CoordinatorView {
    /// Its node.
    pub node: NodeId,
    /// The client of its region.
    pub client: NodeId,
    /// Reads of that client without an answer.
    pub asks: usize,
    /// The latest writes that are open, at most [`OPEN`].
    pub writes: Vec<WriteView>,
    /// The latest reads that are open, at most [`OPEN`].
    pub reads: Vec<ReadView>,
    /// How many of both there are.
    pub open: usize,
    /// Hints that it keeps, by replica.
    pub hints: Vec<usize>,
}

/// Everything the picture needs to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// Replicas by index.
    pub replicas: Vec<ReplicaView>,
    /// Coordinators by region.
    pub coordinators: Vec<CoordinatorView>,
    /// R.
    pub read_quorum: u32,
    /// W.
    pub write_quorum: u32,
    /// Whether every read quorum meets every write quorum.
    pub overlaps: bool,
}

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let config = &room.setup.settings.config;
        let mut keys: Vec<u32> = room.truth.keys().rev().take(ROWS).collect();
        keys.reverse();
        View {
            replicas: (0..room.setup.layout.replicas)
                .map(|index| replica_view(room, index, &keys))
                .collect(),
            coordinators: room
                .coordinators
                .iter()
                .map(|it| coordinator_view(room, it))
                .collect(),
            read_quorum: config.read_quorum,
            write_quorum: config.write_quorum,
            overlaps: config.overlaps(),
        }
    }
}

fn replica_view(room: &Room, index: u8, keys: &[u32]) -> ReplicaView {
    let layout = room.setup.layout;
    let hints = room.coordinators.iter().map(|one| one.hints_for(index));
    ReplicaView {
        node: layout.replica(index),
        region: layout.home(index),
        keys: keys.to_vec(),
        hints: hints.sum(),
    }
}

fn coordinator_view(room: &Room, one: &Coordinator) -> CoordinatorView {
    let layout = room.setup.layout;
    let latest = |count: usize| count.saturating_sub(OPEN);
    let writes = one.writes.iter().skip(latest(one.writes.len()));
    let reads = one.reads.iter().skip(latest(one.reads.len()));
    CoordinatorView {
        node: layout.coordinator(one.region),
        client: layout.client(one.region),
        asks: room.users.asks(one.region),
        writes: writes.map(|(_, writing)| write_view(writing)).collect(),
        reads: reads
            .map(|(query, reading)| read_view(layout.replicas, *query, reading))
            .collect(),
        open: one.writes.len() + one.reads.len(),
        hints: (0..layout.replicas)
            .map(|index| one.hints_for(index))
            .collect(),
    }
}

fn write_view(writing: &Writing) -> WriteView {
    let event = writing.row.event;
    WriteView {
        message: event.message,
        key: event.key,
        version: event.version,
        targets: writing.targets,
        acks: writing.acks,
        state: writing.state,
    }
}

fn read_view(replicas: u8, query: u32, reading: &Reading) -> ReadView {
    let version = |index: u8| {
        let answered = super::truth::has(reading.answers, index);
        answered.then_some(reading.rows[usize::from(index)].event.version)
    };
    let versions: Vec<Option<u32>> = (0..replicas).map(version).collect();
    ReadView {
        query,
        key: reading.key,
        newest: versions.iter().flatten().max().copied().unwrap_or(0),
        versions,
        state: reading.state,
    }
}
