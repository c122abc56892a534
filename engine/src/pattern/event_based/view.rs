//! What the picture of this room is drawn from: plain data at one instant.

use super::Room;
use super::config::{Config, PublishMode};
use super::consumer::Process;
pub use super::state::ConsumerState;
use crate::sim::{NodeId, Observer, Simulation};
use crate::store::{Entry, Letter, OutboxRow};

/// A row of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowView {
    /// Entity.
    pub key: u32,
    /// Committed version.
    pub version: u32,
}

/// A log partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionView {
    /// The offset after the last entry.
    pub end: u32,
    /// The latest entries, oldest first.
    pub tail: Vec<Entry>,
}

/// A consumer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsumerView {
    /// Its node.
    pub node: NodeId,
    /// Its state.
    pub state: ConsumerState,
    /// Event and entity its handler works on.
    pub handling: Option<(u32, u32)>,
    /// Deliveries that wait in its memory.
    pub waiting: usize,
}

/// A consumer group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupView {
    /// Its copy.
    pub copy: NodeId,
    /// Consumer lag in records.
    pub lag: u32,
    /// Deliveries in consumers' hands.
    pub leased: u32,
    /// Deliveries that wait out a backoff.
    pub backing_off: u32,
    /// Dead letters.
    pub parked: Vec<Letter>,
    /// Its consumers.
    pub consumers: Vec<ConsumerView>,
    /// Ids in the inbox, if it has one.
    pub inbox: Option<usize>,
}

/// The whole room.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct View {
    /// The keys written last, oldest first, at most [`ROWS`].
    pub source_rows: Vec<RowView>,
    /// Whether the publish mode has an outbox.
    pub has_outbox: bool,
    /// Its rows that are not purged.
    pub outbox: Vec<OutboxRow>,
    /// Events in the producer's or relay's memory.
    pub publisher_queue: usize,
    /// The topic.
    pub partitions: Vec<PartitionView>,
    /// The consumer groups.
    pub groups: Vec<GroupView>,
}

/// Rows of the source that a view shows.
pub const ROWS: usize = 8;
const TAIL: usize = 4;

impl View {
    /// The view of a run at its instant.
    pub fn of<O: Observer>(run: &Simulation<Room, O>) -> View {
        let room = run.model();
        let config = &room.settings.config;
        // From the end: a long run has thousands of keys, and this is asked ten times a second.
        let latest = room.source.rows().rev().take(ROWS);
        let mut source_rows: Vec<RowView> = latest
            .map(|(key, version)| RowView { key, version })
            .collect();
        source_rows.reverse();
        let tail = |log: &crate::store::LogPartition| {
            let end = log.end();
            let from = end.saturating_sub(TAIL as u32);
            PartitionView {
                end,
                tail: (from..end).filter_map(|o| log.get(o).copied()).collect(),
            }
        };
        View {
            source_rows,
            has_outbox: matches!(
                config.publish,
                PublishMode::OutboxPolling | PublishMode::OutboxTailing
            ),
            outbox: room.source.outbox.rows().copied().collect(),
            publisher_queue: room.source.publisher.len(),
            partitions: room.broker.partitions.iter().map(tail).collect(),
            groups: (0..room.groups.len())
                .map(|group| group_view(run, config, group))
                .collect(),
        }
    }
}

fn group_view<O: Observer>(run: &Simulation<Room, O>, config: &Config, group: usize) -> GroupView {
    let room = run.model();
    let at_broker = &room.broker.groups[group];
    let backing_off = room.broker.backing_off(group) as u32;
    let consumer = |(index, process): (usize, &Process)| {
        let node = room.layout.consumer(group as u8, index as u8);
        let state = match (run.is_up(node), backing_off > 0) {
            (false, _) => ConsumerState::Crashed,
            (true, true) if config.queue == super::QueueKind::PartitionedLog => {
                ConsumerState::Paused
            }
            (true, _) => ConsumerState::Running,
        };
        let handling = process
            .current
            .map(|job| (job.event.message, job.event.key));
        ConsumerView {
            node,
            state,
            handling,
            waiting: process.buffer.len(),
        }
    };
    GroupView {
        copy: room.layout.copy(group as u8),
        lag: room.broker.lag(group),
        leased: at_broker.leases.len() as u32,
        backing_off,
        parked: at_broker.dead.letters().to_vec(),
        consumers: room.groups[group]
            .processes
            .iter()
            .enumerate()
            .map(consumer)
            .collect(),
        inbox: config
            .inbox
            .then(|| room.groups[group].database.inbox.len()),
    }
}
