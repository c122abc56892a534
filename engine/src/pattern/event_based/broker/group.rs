//! What a consumer group is to the broker: leases, cursors, dead letters.

use super::super::config::{Config, QueueKind};
use super::super::message::node::BROKER;
use super::super::message::{Event, Place, World};
use super::super::state::{Delivery, delivery_edge};
use super::super::topology::Layout;
use crate::sim::{Fact, NodeId, TimerKey};
use crate::store::{DeadLetterQueue, Letter, Numbered, Sorted};

/// A delivery that a consumer holds.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// Where the entry is.
    pub place: Place,
    /// Index of the consumer.
    pub consumer: u8,
    pub(super) serial: u32,
    pub(super) timer: Option<TimerKey>,
}

/// Progress of one group in one partition.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor {
    /// Next offset never delivered.
    pub(super) next: u32,
    /// Every offset below is finished.
    pub(super) committed: u32,
    /// Finished offsets above `committed`.
    pub(super) finished: Sorted<u32>,
    /// Offsets to deliver again.
    pub(super) returned: Sorted<u32>,
    /// Offsets that wait out a backoff.
    pub(super) backing_off: Sorted<u32>,
    /// Offsets below `committed` that came back from the dead letters.
    pub(super) reopened: Sorted<u32>,
    /// Rises with each rewind.
    pub(super) epoch: u32,
    /// Deliveries in this epoch.
    pub(super) sequence: u32,
}

impl Cursor {
    /// The lowest offset that is not finished.
    pub(super) fn floor(&self) -> u32 {
        let reopened = self.reopened.first();
        reopened.unwrap_or(u32::MAX).min(self.committed)
    }

    /// What was delivered and is not finished is void.
    pub(super) fn begin_epoch(&mut self) {
        self.epoch += 1;
        self.sequence = 0;
    }
}

/// One consumer group at the broker.
#[derive(Clone, Debug)]
pub struct Group {
    pub(super) copy: NodeId,
    pub(super) number: u8,
    pub(super) cursors: Vec<Cursor>,
    /// Deliveries in the hands of consumers.
    pub leases: Vec<Lease>,
    /// Consumers the broker believes alive.
    pub alive: Vec<bool>,
    /// Deliveries that each consumer still works on although their lease is over: it asks for no
    /// more than a batch in all.
    pub(super) overdue: Vec<usize>,
    /// Dead letters.
    pub dead: DeadLetterQueue,
    /// Negative acknowledgements per place.
    pub(super) nacks: Sorted<u64, u32>,
    /// Transmissions per event: the address of the next draw.
    pub(super) sends: Numbered<u16>,
    pub(super) serial: u32,
}

impl Group {
    /// Group `number` at the start, which reads this many partitions.
    pub(super) fn new(layout: Layout, number: u8, partitions: usize) -> Self {
        Group {
            copy: layout.copy(number),
            number,
            cursors: vec![Cursor::default(); partitions],
            leases: Vec::new(),
            alive: vec![true; layout.consumers as usize],
            overdue: vec![0; layout.consumers as usize],
            dead: DeadLetterQueue::default(),
            nacks: Sorted::default(),
            sends: Numbered::default(),
            serial: 0,
        }
    }

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
