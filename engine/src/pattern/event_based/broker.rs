//! The broker: log partitions, and per consumer group the leases, redeliveries and dead letters.
//!
//! A delivery moves QUEUED → LEASED → HANDLED → ACKED, or NACKED → BACKOFF → QUEUED … → DEAD.
//! On an ordered partition a rewind or a backoff blocks what lies behind; on a leased queue not.

mod dispatch;
mod group;
mod lease;

pub use group::{Group, Lease};

use super::config::{Config, DeadLetterMode, QueueKind, Routing};
use super::message::node::{BROKER, RELAY, SOURCE};
use super::message::{Event, Message, Place, Timer, World};
use super::state::Delivery;
use super::topology::Layout;
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, RecordId, SimDuration};
use crate::store::{Entry, LogPartition, Numbered, pair};
use group::Cursor;

/// The broker.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Partitions of the topic.
    pub partitions: Vec<LogPartition>,
    /// Consumer groups.
    pub groups: Vec<Group>,
    round_robin: u32,
    /// Events that were ever appended: the truth of the run, not what the broker knows.
    appended: Numbered<bool>,
    /// Entries that retention took since the room last asked: group, event, record.
    expired: Vec<(u8, Event, RecordId)>,
}

impl Broker {
    /// An empty broker.
    pub fn new(config: &Config) -> Self {
        let layout = Layout::of(config);
        let count = match config.queue {
            QueueKind::PartitionedLog => config.partitions as usize,
            QueueKind::LeasedQueue => 1,
        };
        let group = |number| Group::new(layout, number, count);
        let groups = (0..layout.groups).map(group).collect();
        Broker {
            partitions: vec![LogPartition::default(); count],
            groups,
            round_robin: 0,
            appended: Numbered::default(),
            expired: Vec::new(),
        }
    }

    /// A publish arrived: append, confirm, deliver.
    pub fn publish(
        &mut self,
        config: &Config,
        from: NodeId,
        event: Event,
        attempt: u16,
        cx: &mut World,
    ) {
        self.append(config, event, cx);
        if from == RELAY || from == SOURCE {
            let tag = event.tag(Channel::PublishAck, 0, attempt);
            cx.send(BROKER, from, Lane::Setting, tag, Message::PublishAck(event));
        }
        self.dispatch_all(config, cx);
    }

    /// Appends an event to its partition (also called by the event store's commit).
    pub fn append(&mut self, config: &Config, event: Event, cx: &mut World) {
        let count = self.partitions.len() as u32;
        let partition = match config.routing {
            // Fibonacci hashing spreads neighbouring keys.
            Routing::ByKey => (event.key.wrapping_mul(0x9E37_79B9) >> 16) % count,
            Routing::RoundRobin => self.round_robin % count,
        };
        self.round_robin = self.round_robin.wrapping_add(1);
        let Event {
            message,
            key,
            version,
        } = event;
        let entry = Entry {
            message,
            key,
            version,
            appended_at: cx.now(),
        };
        *self.appended.at(message) = true;
        let offset = self.partitions[partition as usize].append(entry);
        let peer = NodeId(partition as u8);
        let published = cx.record(Fact::Published, BROKER, peer, event.about(), offset);
        cx.because(published);
    }

    /// Whether this event ever reached the broker.
    pub fn has_seen(&self, message: u32) -> bool {
        self.appended.get(message).copied().unwrap_or_default()
    }

    /// Whether the broker would still deliver this event to a group, now or after a redrive.
    pub fn carries(&self, group: u8, message: u32) -> bool {
        let group = &self.groups[group as usize];
        let is_it = |entry: Option<&Entry>| entry.is_some_and(|entry| entry.message == message);
        let mut logs = self.partitions.iter().zip(&group.cursors);
        let parked = group.dead.letters().iter();
        parked.map(|letter| letter.message).any(|m| m == message)
            || logs.any(|(log, cursor)| {
                let mut open =
                    (cursor.committed..log.end()).filter(|at| !cursor.finished.contains(*at));
                open.any(|at| is_it(log.get(at)))
                    || cursor.reopened.iter().any(|&(at, ())| is_it(log.get(at)))
            })
    }

    /// Takes note of what retention took since the last call.
    pub fn take_expired(&mut self) -> Vec<(u8, Event, RecordId)> {
        std::mem::take(&mut self.expired)
    }

    /// An acknowledgement arrived.
    pub fn acknowledged(&mut self, config: &Config, group: u8, place: Place, cx: &mut World) {
        let Some(event) = self.event_at(place) else {
            return;
        };
        let state = &mut self.groups[group as usize];
        state.end_lease(place, cx);
        if state.finish(place) {
            state.commit(event, place, cx);
        }
        self.dispatch(config, group as usize, cx);
    }

    /// A negative acknowledgement arrived: wait, or give up.
    pub fn refused(&mut self, config: &Config, group: u8, place: Place, cx: &mut World) {
        let known = self.event_at(place);
        let state = &mut self.groups[group as usize];
        let leased = state.end_lease(place, cx);
        let Some(event) = known.filter(|_| leased) else {
            // A stale refusal. Its sender has forgotten what it held behind it, though.
            state.rewind(config, place, cx);
            self.dispatch(config, group as usize, cx);
            return;
        };
        state.edge(event, Delivery::Leased, Delivery::Nacked, cx);
        let count = state.nacks.at(pair(place.partition, place.offset));
        *count += 1;
        match delay_after(config, *count) {
            Some(wait) => {
                state.edge(event, Delivery::Nacked, Delivery::Backoff, cx);
                state.rewind(config, place, cx);
                let cursor = &mut state.cursors[place.partition as usize];
                cursor.returned.remove(place.offset);
                cursor.backing_off.insert(place.offset, ());
                cx.timer(BROKER, wait, Timer::BackoffOver(group, place));
            }
            None => {
                state.edge(event, Delivery::Nacked, Delivery::Dead, cx);
                state.rewind(config, place, cx);
                state.park(event, place, 0, cx);
            }
        }
        self.dispatch(config, group as usize, cx);
    }

    /// A backoff is over.
    pub fn backoff_over(&mut self, config: &Config, group: u8, place: Place, cx: &mut World) {
        let Some(event) = self.event_at(place) else {
            return;
        };
        let state = &mut self.groups[group as usize];
        let cursor = &mut state.cursors[place.partition as usize];
        if cursor.backing_off.remove(place.offset).is_some() {
            cursor.returned.insert(place.offset, ());
            state.edge(event, Delivery::Backoff, Delivery::Queued, cx);
        }
        self.dispatch(config, group as usize, cx);
    }

    /// Dead letters go back to their queue. Returns the events, or nothing if there were none.
    pub fn redrive(&mut self, config: &Config, copy: NodeId, cx: &mut World) -> Vec<u32> {
        let found = self.groups.iter().position(|group| group.copy == copy);
        let Some(group) = found.filter(|_| cx.is_up(BROKER)) else {
            return Vec::new();
        };
        let letters = self.groups[group].dead.take_all();
        let state = &mut self.groups[group];
        for letter in &letters {
            let (partition, offset) = (letter.partition, letter.offset);
            let event = Event {
                message: letter.message,
                key: letter.key,
                version: letter.version,
            };
            state.nacks.remove(pair(partition, offset));
            let cursor = &mut state.cursors[partition as usize];
            if cursor.finished.remove(offset).is_none() {
                cursor.reopened.insert(offset, ());
            }
            cursor.returned.insert(offset, ());
            cx.record(Fact::Redriven, BROKER, copy, event.about(), 0);
            state.edge(event, Delivery::Dead, Delivery::Queued, cx);
        }
        self.dispatch(config, group, cx);
        letters.iter().map(|letter| letter.message).collect()
    }

    /// The event at a place.
    pub fn event_at(&self, place: Place) -> Option<Event> {
        let entry = self
            .partitions
            .get(place.partition as usize)?
            .get(place.offset)?;
        Some(Event::at(entry))
    }

    /// Consumer lag of a group in records: log end − finished.
    pub fn lag(&self, group: usize) -> u32 {
        let cursors = self.groups[group].cursors.iter().zip(&self.partitions);
        let open = |(cursor, log): (&Cursor, &LogPartition)| {
            log.end() + cursor.reopened.len() as u32
                - cursor.committed
                - cursor.finished.len() as u32
        };
        cursors.map(open).sum()
    }

    /// How many of a group's deliveries wait out a backoff.
    pub fn backing_off(&self, group: usize) -> usize {
        self.groups[group]
            .cursors
            .iter()
            .map(|cursor| cursor.backing_off.len())
            .sum()
    }
}

/// The wait after the `count`-th negative acknowledgement, or `None` when the delivery is dead.
///
/// Attempts in all are (immediate + 1) · (delayed + 1) · layers: 24 with NServiceBus' defaults.
fn delay_after(config: &Config, count: u32) -> Option<SimDuration> {
    let delays = &config.delayed_retries;
    let rounds = (delays.len() as u32 + 1) * config.retry_layers;
    if count >= rounds {
        let last = delays.last().copied().unwrap_or(SimDuration::from_secs(1));
        return (config.dead_letter == DeadLetterMode::None).then_some(last);
    }
    // At the end of a layer the next one starts at once.
    let place = (count - 1) as usize % (delays.len() + 1);
    Some(delays.get(place).copied().unwrap_or(SimDuration::ZERO))
}
