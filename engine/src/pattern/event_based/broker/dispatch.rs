//! Handing out: which entry goes to whom next.

use super::super::config::{Config, DeadLetterMode, QueueKind};
use super::super::message::node::BROKER;
use super::super::message::{Event, Message, Place, Timer, World};
use super::super::state::Delivery;
use super::super::topology::Layout;
use super::{Broker, Lease};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact};

impl Broker {
    /// Hands out whatever can be handed out.
    pub fn dispatch_all(&mut self, config: &Config, cx: &mut World) {
        for group in 0..self.groups.len() {
            self.dispatch(config, group, cx);
        }
        self.forget();
    }

    /// Hands out whatever can be handed out to a group.
    pub fn dispatch_group(&mut self, config: &Config, group: u8, cx: &mut World) {
        self.dispatch(config, group as usize, cx);
    }

    /// The consumer that reads a partition of an ordered log: the n-th live one.
    pub(super) fn reader(&self, group: usize, partition: usize) -> Option<u8> {
        let state = &self.groups[group];
        let live = state.alive.iter().filter(|alive| **alive).count();
        if live == 0 {
            return None;
        }
        let mut alive = state.alive.iter().enumerate().filter(|(_, alive)| **alive);
        alive.nth(partition % live).map(|(index, _)| index as u8)
    }

    pub(super) fn dispatch(&mut self, config: &Config, group: usize, cx: &mut World) {
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
            let event = Event::at(&entry);
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

    /// Frees memory that nobody can ask for again.
    pub(super) fn forget(&mut self) {
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
