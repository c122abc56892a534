//! Replicas: each keeps the newest version of each key that has reached it, on disk.

use super::Setup;
use super::message::{Message, Row, Timer, World, query_tag};
use crate::sim::network::Lane;
use crate::sim::{Channel, Envelope, Fact, Tag};
use crate::store::Numbered;

/// One replica.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    /// By key.
    rows: Numbered<Row>,
    /// By write: how often it was put into the table.
    effects: Numbered<u8>,
}

impl Replica {
    /// What it has of a key.
    pub fn row(&self, key: u32) -> Row {
        self.rows.get(key).copied().unwrap_or_default()
    }

    /// Everything it has, by key.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = Row> + '_ {
        self.rows.iter().map(|(_, row)| *row).filter(Row::exists)
    }

    /// Whether it has a write, or one that beats it.
    pub fn covers(&self, row: &Row) -> bool {
        !row.beats(&self.row(row.event.key))
    }

    /// A write reaches it.
    pub fn keep(&mut self, setup: &Setup, index: u8, row: Row, cx: &mut World) {
        let here = setup.layout.replica(index);
        let mine = self.rows.at(row.event.key);
        let tag = row.event.about();
        // Whoever does not compare keeps whatever came last.
        let older = setup.settings.config.compares_stamps && !row.beats(mine);
        if mine.event.message == row.event.message {
            cx.record(Fact::Skipped, here, here, tag, 0);
        } else if older {
            cx.record(Fact::Skipped, here, here, tag, 1);
        } else {
            *mine = row;
            let count = self.effects.at(row.event.message);
            *count = count.saturating_add(1);
            cx.record(Fact::Applied, here, here, tag, u32::from(*count));
        }
    }

    /// A write from a coordinator: keeps it and acknowledges.
    pub fn store(
        &mut self,
        setup: &Setup,
        index: u8,
        envelope: &Envelope<Message>,
        row: Row,
        cx: &mut World,
    ) {
        self.keep(setup, index, row, cx);
        let tag = Tag {
            channel: Channel::Ack,
            ..envelope.tag
        };
        cx.send(
            envelope.to,
            envelope.from,
            Lane::Setting,
            tag,
            Message::Stored,
        );
    }

    /// A read from a coordinator: answers what it has.
    pub fn fetch(&self, setup: &Setup, index: u8, envelope: &Envelope<Message>, cx: &mut World) {
        let Tag {
            hop, message, key, ..
        } = envelope.tag;
        let row = self.row(key);
        let tag = query_tag(Channel::Answer, hop, message, key, row.event.version);
        let layout = setup.layout;
        let remote = layout.coordinator_of(envelope.from) != Some(layout.home(index));
        let delay = &setup.answer[usize::from(remote)];
        let path = (envelope.to, envelope.from);
        cx.send_taking(delay, path, tag, Message::Fetched(row));
    }

    /// The first comparison with another replica.
    pub fn plan(setup: &Setup, index: u8, cx: &mut World) {
        let config = &setup.settings.config;
        let count = u64::from(setup.layout.replicas);
        if config.anti_entropy && count > 1 {
            // One after the other, so that not all compare at once.
            let share = config.anti_entropy_interval.as_micros() / count;
            let first =
                crate::sim::SimDuration::from_micros(share.max(1)).times(u64::from(index) + 1);
            cx.timer(setup.layout.replica(index), first, Timer::Exchange);
        }
    }
}
