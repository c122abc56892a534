//! Leases and members: who holds what for how long, and who the broker believes alive.

use super::super::config::{Config, QueueKind};
use super::super::message::node::BROKER;
use super::super::message::{Place, Timer, World};
use super::super::state::Delivery;
use super::group::Cursor;
use super::{Broker, Lease};
use crate::store::{Sorted, pair};

impl Broker {
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

    /// Takes a lease back. On an ordered partition everything behind it is taken back too.
    pub(super) fn expire(&mut self, config: &Config, group: usize, place: Place, cx: &mut World) {
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
}
