//! The broker: log partitions, and per consumer group the leases, redeliveries and dead letters.
//!
//! A delivery moves QUEUED → LEASED → HANDLED → ACKED, or NACKED → BACKOFF → QUEUED … → DEAD.
//! On an ordered partition a rewind or a backoff blocks what lies behind; on a leased queue not.

mod group;

use super::config::{Config, DeadLetterMode, QueueKind, Routing};
use super::message::node::{BROKER, RELAY, SOURCE};
use super::message::{Event, Message, Place, Timer, World};
use super::state::Delivery;
use super::topology::Layout;
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, RecordId, SimDuration, TimerKey};
use crate::store::{DeadLetterQueue, Entry, Letter, LogPartition, Numbered, Sorted, pair};

/// A delivery that a consumer holds.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// Where the entry is.
    pub place: Place,
    /// Index of the consumer.
    pub consumer: u8,
    serial: u32,
    timer: Option<TimerKey>,
}

/// Progress of one group in one partition.
#[derive(Clone, Debug, Default)]
struct Cursor {
    /// Next offset never delivered.
    next: u32,
    /// Every offset below is finished.
    committed: u32,
    /// Finished offsets above `committed`.
    finished: Sorted<u32>,
    /// Offsets to deliver again.
    returned: Sorted<u32>,
    /// Offsets that wait out a backoff.
    backing_off: Sorted<u32>,
    /// Offsets below `committed` that came back from the dead letters.
    reopened: Sorted<u32>,
    /// Rises with each rewind.
    epoch: u32,
    /// Deliveries in this epoch.
    sequence: u32,
}

impl Cursor {
    /// The lowest offset that is not finished.
    fn floor(&self) -> u32 {
        let reopened = self.reopened.first();
        reopened.unwrap_or(u32::MAX).min(self.committed)
    }

    /// What was delivered and is not finished is void.
    fn begin_epoch(&mut self) {
        self.epoch += 1;
        self.sequence = 0;
    }
}

/// One consumer group at the broker.
#[derive(Clone, Debug)]
pub struct Group {
    copy: NodeId,
    number: u8,
    cursors: Vec<Cursor>,
    /// Deliveries in the hands of consumers.
    pub leases: Vec<Lease>,
    /// Consumers the broker believes alive.
    pub alive: Vec<bool>,
    /// Deliveries that each consumer still works on although their lease is over: it asks for no
    /// more than a batch in all.
    overdue: Vec<usize>,
    /// Dead letters.
    pub dead: DeadLetterQueue,
    /// Negative acknowledgements per place.
    nacks: Sorted<u64, u32>,
    /// Transmissions per event: the address of the next draw.
    sends: Numbered<u16>,
    serial: u32,
}

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
        let group = |number| Group {
            copy: layout.copy(number),
            number,
            cursors: vec![Cursor::default(); count],
            leases: Vec::new(),
            alive: vec![true; layout.consumers as usize],
            overdue: vec![0; layout.consumers as usize],
            dead: DeadLetterQueue::default(),
            nacks: Sorted::default(),
            sends: Numbered::default(),
            serial: 0,
        };
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

    /// Hands out whatever can be handed out.
    pub fn dispatch_all(&mut self, config: &Config, cx: &mut World) {
        for group in 0..self.groups.len() {
            self.dispatch(config, group, cx);
        }
        self.forget();
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

    /// A lease ran out. `renewed` says that the consumer still works on it and has a heartbeat.
    /// Does not hand out anything yet.
    pub fn lease_over(
        &mut self,
        config: &Config,
        group: u8,
        place: Place,
        serial: u32,
        renewed: bool,
        cx: &mut World,
    ) {
        let state = &mut self.groups[group as usize];
        let found = state
            .leases
            .iter()
            .position(|l| l.place == place && l.serial == serial);
        let Some(index) = found else { return };
        if renewed {
            let timer = Timer::Lease(group, place, serial);
            state.leases[index].timer = Some(cx.timer(BROKER, config.visibility_timeout, timer));
            return;
        }
        self.expire(config, group as usize, place, cx);
    }

    /// How many deliveries without a lease a consumer works on; returns whether it is fewer now.
    pub fn set_overdue(&mut self, group: u8, consumer: u8, count: usize) -> bool {
        let overdue = &mut self.groups[group as usize].overdue[consumer as usize];
        std::mem::replace(overdue, count) > count
    }

    /// How many deliveries without a lease a consumer works on.
    pub fn overdue(&self, group: u8, consumer: u8) -> usize {
        self.groups[group as usize].overdue[consumer as usize]
    }

    /// Places a consumer has a lease on.
    pub fn leased_to(&self, group: u8, consumer: u8) -> Sorted<u64> {
        let leases = self.groups[group as usize].leases.iter();
        let mut own = Sorted::default();
        for lease in leases.filter(|lease| lease.consumer == consumer) {
            own.insert(pair(lease.place.partition, lease.place.offset), ());
        }
        own
    }

    /// Hands out whatever can be handed out to a group.
    pub fn dispatch_group(&mut self, config: &Config, group: u8, cx: &mut World) {
        self.dispatch(config, group as usize, cx);
    }

    /// The consumer stopped renewing a lease just now: it runs out one time-out from here.
    pub fn last_heartbeat(&mut self, config: &Config, group: u8, place: Place, cx: &mut World) {
        let state = &mut self.groups[group as usize];
        if let Some(lease) = state.leases.iter_mut().find(|lease| lease.place == place)
            && let Some(timer) = lease.timer.take()
        {
            cx.cancel(timer);
            let next = Timer::Lease(group, place, lease.serial);
            lease.timer = Some(cx.timer(BROKER, config.visibility_timeout, next));
        }
    }

    /// A consumer is gone for good in the broker's eyes, or back: what it held is to be delivered
    /// again. Does not hand out anything yet.
    pub fn consumer_changed(
        &mut self,
        config: &Config,
        group: u8,
        consumer: u8,
        alive: bool,
        cx: &mut World,
    ) {
        let index = group as usize;
        let readers = |broker: &Broker| -> Vec<Option<u8>> {
            let partitions = 0..broker.partitions.len();
            partitions.map(|p| broker.reader(index, p)).collect()
        };
        let before = readers(self);
        self.groups[index].alive[consumer as usize] = alive;
        if config.queue == QueueKind::LeasedQueue {
            return;
        }
        // A partition that changes hands is read again from its last commit, or its new reader
        // could overtake the old one; and so is one whose reader has lost its memory.
        let after = readers(self);
        let mine = Some(consumer);
        for partition in 0..self.partitions.len() {
            let (before, after) = (before[partition], after[partition]);
            if before == after && before != mine {
                continue;
            }
            let here = |lease: &&Lease| lease.place.partition as usize == partition;
            let leases = self.groups[index].leases.iter();
            let places: Vec<Place> = leases.filter(here).map(|lease| lease.place).collect();
            for place in places {
                self.expire(config, index, place, cx);
            }
            self.groups[index].cursors[partition].begin_epoch();
        }
    }

    /// The log partitions as a group reads them: number, epoch, reader.
    pub fn assignment(&self, group: u8) -> Vec<(u32, u32, Option<u8>)> {
        let cursors = self.groups[group as usize].cursors.iter().enumerate();
        let read = |(index, cursor): (usize, &Cursor)| {
            (
                index as u32,
                cursor.epoch,
                self.reader(group as usize, index),
            )
        };
        cursors.map(read).collect()
    }

    /// The broker is back: it knows its logs and its offsets, and no lease. Does not hand out
    /// anything yet.
    pub fn restarted(&mut self, config: &Config, cx: &mut World) {
        for group in 0..self.groups.len() {
            let places: Vec<Place> = self.groups[group].leases.iter().map(|l| l.place).collect();
            for place in places {
                self.expire(config, group, place, cx);
            }
            for cursor in &mut self.groups[group].cursors {
                let waiting = std::mem::take(&mut cursor.backing_off);
                for &(offset, ()) in waiting.iter() {
                    cursor.returned.insert(offset, ());
                }
            }
        }
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
            let Letter {
                message,
                key,
                version,
                partition,
                offset,
                ..
            } = *letter;
            let event = Event {
                message,
                key,
                version,
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
        Some(Event {
            message: entry.message,
            key: entry.key,
            version: entry.version,
        })
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

    /// The consumer that reads a partition of an ordered log: the n-th live one.
    fn reader(&self, group: usize, partition: usize) -> Option<u8> {
        let state = &self.groups[group];
        let live = state.alive.iter().filter(|alive| **alive).count();
        if live == 0 {
            return None;
        }
        let mut alive = state.alive.iter().enumerate().filter(|(_, alive)| **alive);
        alive.nth(partition % live).map(|(index, _)| index as u8)
    }

    fn dispatch(&mut self, config: &Config, group: usize, cx: &mut World) {
        if !cx.is_up(BROKER) {
            return;
        }
        match config.queue {
            QueueKind::PartitionedLog => {
                for consumer in 0..self.groups[group].alive.len() as u8 {
                    while let Some(place) = self.next_for(config, group, consumer, cx) {
                        self.deliver(config, group, place, consumer, cx);
                    }
                }
            }
            QueueKind::LeasedQueue => {
                while let Some(consumer) = self.idlest(config, group) {
                    let Some(place) = self.next_in(config, group, 0, cx) else {
                        return;
                    };
                    self.deliver(config, group, place, consumer, cx);
                }
            }
        }
    }

    /// The consumer with the fewest leases that may take one more.
    fn idlest(&self, config: &Config, group: usize) -> Option<u8> {
        let state = &self.groups[group];
        let free = (0..state.alive.len() as u8).filter(|&index| state.alive[index as usize]);
        let loads = free.map(|index| (state.load(index), index));
        loads
            .filter(|(load, _)| *load < config.batch as usize)
            .min()
            .map(|(_, index)| index)
    }

    /// The oldest entry among the partitions that a consumer reads, if it may take one more.
    fn next_for(
        &mut self,
        config: &Config,
        group: usize,
        consumer: u8,
        cx: &mut World,
    ) -> Option<Place> {
        if self.groups[group].load(consumer) >= config.batch as usize {
            return None;
        }
        let mut best: Option<(u64, Place)> = None;
        for partition in 0..self.partitions.len() {
            if self.reader(group, partition) != Some(consumer) {
                continue;
            }
            let Some(place) = self.next_in(config, group, partition, cx) else {
                continue;
            };
            let entry = self.partitions[partition].get(place.offset);
            let age = entry.map_or(0, |entry| entry.appended_at.as_micros());
            if best.is_none_or(|(oldest, _)| age < oldest) {
                best = Some((age, place));
            }
        }
        best.map(|(_, place)| place)
    }

    /// The next entry of one partition, after those that are expired or belong behind a dead
    /// letter have been put aside.
    fn next_in(
        &mut self,
        config: &Config,
        group: usize,
        partition: usize,
        cx: &mut World,
    ) -> Option<Place> {
        loop {
            let cursor = &self.groups[group].cursors[partition];
            let ordered = config.queue == QueueKind::PartitionedLog;
            if ordered && !cursor.backing_off.is_empty() {
                return None;
            }
            let fresh = (cursor.next < self.partitions[partition].end()).then_some(cursor.next);
            let offset = cursor.returned.first().or(fresh)?;
            let place = Place {
                partition: partition as u32,
                offset,
            };
            let entry = *self.partitions[partition].get(offset)?;
            let event = Event {
                message: entry.message,
                key: entry.key,
                version: entry.version,
            };
            let state = &mut self.groups[group];
            let age = cx.now().since(entry.appended_at);
            if config.retention.is_some_and(|keep| age > keep) {
                state.take(place);
                state.finish(place);
                let copy = state.copy;
                let expired = cx.record(Fact::Expired, BROKER, copy, event.about(), offset);
                self.expired.push((group as u8, event, expired));
            } else if config.dead_letter == DeadLetterMode::PerSequence
                && state.dead.blocks(entry.key)
            {
                state.take(place);
                state.edge(event, Delivery::Queued, Delivery::Dead, cx);
                state.park(event, place, 1, cx);
            } else {
                return Some(place);
            }
        }
    }

    fn deliver(
        &mut self,
        config: &Config,
        group: usize,
        place: Place,
        consumer: u8,
        cx: &mut World,
    ) {
        let Some(event) = self.event_at(place) else {
            return;
        };
        let state = &mut self.groups[group];
        state.take(place);
        let sends = state.sends.at(event.message);
        let attempt = *sends;
        *sends = attempt.wrapping_add(1);
        state.edge(event, Delivery::Queued, Delivery::Leased, cx);
        let layout = Layout::of(config);
        let lane = match config.queue {
            QueueKind::PartitionedLog => Lane::Ordered(place.partition as u8),
            QueueKind::LeasedQueue => Lane::Setting,
        };
        let tag = event.tag(Channel::Deliver, state.number, attempt);
        let cursor = &mut state.cursors[place.partition as usize];
        let message = Message::Deliver {
            event,
            place,
            epoch: cursor.epoch,
            sequence: cursor.sequence,
            floor: cursor.floor(),
        };
        cursor.sequence += 1;
        cx.send(
            BROKER,
            layout.consumer(state.number, consumer),
            lane,
            tag,
            message,
        );
        if config.retries {
            state.serial += 1;
            let serial = state.serial;
            let timer = Timer::Lease(state.number, place, serial);
            let timer = Some(cx.timer(BROKER, config.visibility_timeout, timer));
            state.leases.push(Lease {
                place,
                consumer,
                serial,
                timer,
            });
        } else if state.finish(place) {
            // Fire and forget: sent is done.
            state.commit(event, place, cx);
        }
    }

    /// Takes a lease back. On an ordered partition everything behind it is taken back too.
    fn expire(&mut self, config: &Config, group: usize, place: Place, cx: &mut World) {
        let Some(event) = self.event_at(place) else {
            return;
        };
        let state = &mut self.groups[group];
        if state.end_lease(place, cx) {
            state.cursors[place.partition as usize]
                .returned
                .insert(place.offset, ());
            state.edge(event, Delivery::Leased, Delivery::Queued, cx);
            state.rewind(config, place, cx);
        }
    }

    /// Frees memory that nobody can ask for again.
    fn forget(&mut self) {
        for (index, log) in self.partitions.iter_mut().enumerate() {
            let done = self.groups.iter().map(|group| {
                let parked = group.dead.letters().iter();
                let parked = parked
                    .filter(|l| l.partition as usize == index)
                    .map(|l| l.offset)
                    .min();
                let floor = group.cursors[index].floor();
                floor.min(parked.unwrap_or(u32::MAX))
            });
            log.forget_below(done.min().unwrap_or(0));
        }
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
