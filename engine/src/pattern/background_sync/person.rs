//! Conflicts that wait for a person (rule "version vector"): both versions are kept side by side
//! until somebody has looked at them.

use super::Room;
use super::message::{Row, Timer, World, about};
use super::view::{ConflictView, RowView, SideView};
use crate::sim::{Fact, SimTime};
use crate::store::merge::{Cell, join};
use std::rc::Rc;

/// A conflict in a database's waiting list, durable.
#[derive(Clone, Debug)]
struct Waiting {
    index: usize,
    offered: Row,
    since: SimTime,
    due: Option<SimTime>,
}

/// The waiting lists.
#[derive(Clone, Debug, Default)]
pub struct People {
    waiting: Vec<Waiting>,
}

impl People {
    /// The conflicts, oldest first.
    pub fn views(&self, room: &Room) -> Vec<ConflictView> {
        let side = |row: &Row| {
            let site = row.cells.first().map_or(0, |cell| cell.site);
            SideView {
                written_at: room.layout.source(site),
                row: RowView::of(row),
            }
        };
        let view = |waiting: &Waiting| {
            let own = room.sources[waiting.index]
                .database
                .row(waiting.offered.key)?;
            Some(ConflictView {
                key: waiting.offered.key,
                node: room.layout.source(waiting.index as u8),
                own: side(own),
                offered: side(&waiting.offered),
                since: waiting.since,
                due: waiting.due,
            })
        };
        self.waiting.iter().filter_map(view).collect()
    }

    /// Whether a database keeps this version beside its own.
    pub fn keeps(&self, index: usize, key: u32, version: u32) -> bool {
        let known = self.find(index, key).map(|known| &self.waiting[known]);
        let mut cells = known.iter().flat_map(|known| &known.offered.cells);
        cells.any(|cell| cell.history.contains(version))
    }

    /// Whether a conflict of this key waits anywhere.
    pub fn waits(&self, key: u32) -> bool {
        self.waiting
            .iter()
            .any(|waiting| waiting.offered.key == key)
    }

    fn find(&self, index: usize, key: u32) -> Option<usize> {
        let here = |waiting: &Waiting| waiting.index == index && waiting.offered.key == key;
        self.waiting.iter().position(here)
    }
}

impl Room {
    /// Puts a conflict on the list, or replaces what was offered before.
    pub(super) fn wait_for_person(&mut self, index: usize, offered: &Row, cx: &mut World) {
        let offered = offered.clone();
        if let Some(known) = self.people.find(index, offered.key) {
            self.people.waiting[known].offered = offered;
            return;
        }
        let key = offered.key;
        let span = self.settings.config.person;
        self.people.waiting.push(Waiting {
            index,
            offered,
            since: cx.now(),
            due: span.map(|span| cx.now().plus(span)),
        });
        if let Some(span) = span {
            cx.timer(self.layout.source(index as u8), span, Timer::Person(key));
        }
    }

    /// Takes a conflict off the list when the row here includes what was offered.
    pub(super) fn settle_conflict(&mut self, index: usize, key: u32) {
        let Some(known) = self.people.find(index, key) else {
            return;
        };
        let own = self.sources[index].database.row(key);
        let offered = &self.people.waiting[known].offered;
        let includes = |(own, offer): (&Cell, &Cell)| own.history.includes(&offer.history);
        let mut pairs = own
            .iter()
            .flat_map(|own| own.cells.iter().zip(&offered.cells));
        if pairs.all(includes) {
            self.people.waiting.remove(known);
        }
    }

    /// Whether a person will still decide something.
    pub(super) fn awaits_person(&self) -> bool {
        self.people
            .waiting
            .iter()
            .any(|waiting| waiting.due.is_some())
    }

    /// A person looks at a conflict and chooses the version with the later stamp.
    pub(super) fn person(&mut self, index: usize, key: u32, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let Some(known) = self.people.find(index, key) else {
            return;
        };
        let offered = self.people.waiting.remove(known).offered;
        let Some(mut row) = self.sources[index].database.row(key).cloned() else {
            return;
        };
        let node = self.layout.source(index as u8);
        let mut chosen = row.version;
        let mut gained = Vec::new();
        for (cell, offer) in row.cells.iter_mut().zip(&offered.cells) {
            gained.extend(offer.history.minus(&cell.history));
            let theirs = (offer.stamp, offer.version) > (cell.stamp, cell.version);
            let both = join(cell, offer).history;
            if theirs {
                *cell = offer.clone();
                (chosen, row.message) = (offer.version, offer.message);
            }
            cell.history = both;
        }
        row.version = chosen;
        row.deleted = row.cells.iter().all(|cell| cell.deleted);
        row.stamp = super::source::truncated(&settings.config, cx.local_clock(node));
        row.foreign = false;
        let resolved = cx.record(Fact::Resolved, node, node, row.about(), 0);
        cx.because(resolved);
        for version in gained {
            let message = self.truth.message(key, version);
            let times = self.targets[index].count(message);
            let (tag, fact) = match version == chosen {
                true => (about(message, key, version), Fact::Applied),
                false => (about(message, key, version), Fact::Merged),
            };
            cx.record(fact, node, node, tag, times);
        }
        self.sources[index].database.store(row, cx.now());
        // What was offered is here now: the leg that ends here has nothing more to bring of it.
        self.close(1 - index as u8, index, key);
        self.job.disturb();
    }

    /// A database is back: its people look at their lists again.
    pub(super) fn people_back(&mut self, index: usize, cx: &mut World) {
        let here = self
            .people
            .waiting
            .iter()
            .filter(|waiting| waiting.index == index);
        let due: Vec<(u32, SimTime)> = here
            .filter_map(|waiting| Some((waiting.offered.key, waiting.due?)))
            .collect();
        for (key, at) in due {
            let node = self.layout.source(index as u8);
            cx.timer(node, at.since(cx.now()), Timer::Person(key));
        }
    }
}
