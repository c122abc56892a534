//! What a consumer group is to the broker: leases, cursors, dead letters.

use super::super::config::{Config, QueueKind};
use super::super::message::node::BROKER;
use super::super::message::{Event, Place, World};
use super::super::state::{Delivery, delivery_edge};
use super::{Group, Lease};
use crate::sim::Fact;
use crate::store::Letter;

impl Group {
    /// What one consumer has in its hands, as far as it asked for it.
    pub(super) fn load(&self, consumer: u8) -> usize {
        let leases = self.leases.iter();
        let own = leases.filter(|lease| lease.consumer == consumer);
        own.count() + self.overdue[consumer as usize]
    }

    /// Takes a place out of what is to be delivered.
    pub(super) fn take(&mut self, place: Place) {
        let cursor = &mut self.cursors[place.partition as usize];
        if cursor.returned.remove(place.offset).is_none() {
            cursor.next = cursor.next.max(place.offset + 1);
        }
    }

    /// Ends a lease; returns whether there was one.
    pub(super) fn end_lease(&mut self, place: Place, cx: &mut World) -> bool {
        let Some(index) = self.leases.iter().position(|lease| lease.place == place) else {
            return false;
        };
        if let Some(timer) = self.leases.remove(index).timer {
            cx.cancel(timer);
        }
        true
    }

    /// Marks a place as finished; returns whether it was not before.
    pub(super) fn finish(&mut self, place: Place) -> bool {
        let cursor = &mut self.cursors[place.partition as usize];
        cursor.returned.remove(place.offset);
        cursor.backing_off.remove(place.offset);
        if cursor.reopened.remove(place.offset).is_some() {
            return true;
        }
        if place.offset < cursor.committed || !cursor.finished.insert(place.offset, ()) {
            return false;
        }
        cursor.committed = cursor.finished.take_run(cursor.committed);
        true
    }

    /// On an ordered partition: later deliveries in consumers' hands are void and come again.
    pub(super) fn rewind(&mut self, config: &Config, place: Place, cx: &mut World) {
        if config.queue != QueueKind::PartitionedLog {
            return;
        }
        let behind =
            |l: &Lease| l.place.partition == place.partition && l.place.offset > place.offset;
        while let Some(lease) = self.leases.iter().copied().find(behind) {
            self.end_lease(lease.place, cx);
            self.cursors[place.partition as usize]
                .returned
                .insert(lease.place.offset, ());
        }
        self.cursors[place.partition as usize].begin_epoch();
    }

    pub(super) fn commit(&mut self, event: Event, place: Place, cx: &mut World) {
        cx.record(
            Fact::Committed,
            BROKER,
            self.copy,
            event.about(),
            place.offset,
        );
        self.edge(event, Delivery::Handled, Delivery::Acked, cx);
    }

    pub(super) fn park(&mut self, event: Event, place: Place, behind: u32, cx: &mut World) {
        let Event {
            message,
            key,
            version,
        } = event;
        let Place { partition, offset } = place;
        let since = cx.now();
        self.finish(place);
        self.dead.park(Letter {
            message,
            key,
            version,
            partition,
            offset,
            since,
        });
        cx.record(Fact::Parked, BROKER, self.copy, event.about(), behind);
    }

    pub(super) fn edge(&self, event: Event, from: Delivery, to: Delivery, cx: &mut World) {
        cx.record(
            Fact::Edge,
            BROKER,
            self.copy,
            event.about(),
            delivery_edge(from, to),
        );
    }
}
