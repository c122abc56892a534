//! Two databases, each both source and target: local writes, and what becomes of a row that is
//! offered by the other side.

use super::Room;
use super::carrier::OpenWrite;
use super::config::{Config, Deletes, Rule};
use super::message::{Row, World, about};
use super::source::{Commit, truncated};
use crate::check::reason;
use crate::sim::{Address, Fact, Site};
use crate::store::merge::{Cell, History, Outcome, decide, join};
use std::rc::Rc;

/// What a row becomes when another is offered.
struct Merge {
    row: Row,
    /// Versions that took effect, by themselves.
    applied: Vec<u32>,
    /// Versions that are included now, through a newer one.
    merged: Vec<u32>,
    /// Versions that the rule decided against, and the one it decided for.
    dropped: Vec<(u32, u32)>,
    /// A version that is shown again, as somebody chose it elsewhere.
    chosen: Option<u32>,
    /// Whether anything is to be stored.
    changed: bool,
    /// Whether it is now just what was offered.
    taken: bool,
    /// Whether a person must say.
    waits: bool,
}

impl Room {
    /// A client's write at its own database.
    pub(super) fn write_here(
        &mut self,
        index: usize,
        commit: Commit,
        version: u32,
        cx: &mut World,
    ) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let Commit { message, key, .. } = commit;
        let (node, leg) = (self.layout.source(index as u8), index as u8);
        let own = self.sources[index].database.row(key);
        let mut row = own.cloned().unwrap_or_default();
        row.cells.resize(fields(config), Cell::default());
        let first = self.field(message, commit.deletes, cx);
        let written = first.unwrap_or(0)..first.map_or(row.cells.len(), |field| field + 1);
        let mut kept = false;
        for cell in &mut row.cells[written] {
            let new = cell_of(commit, index as u8, version, &cell.history);
            // A clock that is behind loses against what is there, even to its own writer.
            let by_stamp = matches!(config.conflict, Rule::LastWriterWins | Rule::FieldMerge);
            let late = by_stamp && cell.version > 0 && new.stamp < cell.stamp;
            if !late {
                *cell = new;
                kept = true;
            }
        }
        *self.truth.updates.at(message) = row.version > 0 && !row.gone;
        let write = OpenWrite {
            key,
            version,
            passed: false,
        };
        if !kept {
            self.drop_everywhere(key, version, cx);
            return;
        }
        row.deleted = row.cells.iter().all(|cell| cell.deleted);
        let gone = row.deleted && config.deletes == Deletes::Hard;
        let row = Row {
            key,
            id: commit.id,
            version,
            message,
            stamp: commit.stamp,
            gone,
            foreign: false,
            ..row
        };
        let times = self.targets[index].count(message);
        cx.record(Fact::Applied, node, node, row.about(), times);
        self.sources[index].database.store(row, cx.now());
        self.truth.open[index].insert(message, write);
        self.judge(leg, cx);
    }

    /// Which field a write changes; all of them if it deletes.
    fn field(&self, message: u32, deletes: bool, cx: &mut World) -> Option<usize> {
        let fields = fields(&self.settings.config) as u64;
        let pick = cx.bits(Address::of(Site::WriteField, u64::from(message)));
        (!deletes).then_some((pick % fields) as usize)
    }

    /// A write lost against what its own database had.
    fn drop_everywhere(&mut self, key: u32, version: u32, cx: &mut World) {
        for index in 0..self.sources.len() {
            self.discard(index, key, version, reason::CONFLICT, true, cx);
        }
    }

    /// A row arrived from the other side; returns whether that had an effect.
    pub(super) fn merge_row(&mut self, leg: u8, offered: &Row, cx: &mut World) -> bool {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let (index, node) = (self.target_of(leg), self.layout.target(leg));
        let own = self.sources[index].database.row(offered.key).cloned();
        if offered.gone && config.compares() {
            // Not there: deleted, or never heard of? A comparison cannot tell.
            return false;
        }
        let back = own.as_ref().is_some_and(|own| own.gone) && !offered.deleted;
        if back {
            self.resurrect(index, own.as_ref(), offered, cx);
        }
        let known = own.filter(|_| !back);
        let merge = self.merge(config, known.as_ref(), offered);
        let key = offered.key;
        for &(loser, winner) in &merge.dropped {
            let tag = about(self.truth.message(key, winner), key, winner);
            if !self.targets[index].is_discarded(self.truth.message(key, loser)) {
                cx.record(Fact::Conflicted, node, node, tag, loser);
            }
            let last = self.is_settled_loss(index, key, loser, offered);
            self.discard(index, key, loser, reason::CONFLICT, last, cx);
        }
        if merge.waits {
            self.wait_for_person(index, offered, cx);
        }
        self.included(index, key, &merge, cx);
        let same = known
            .as_ref()
            .is_some_and(|own| own.message == offered.message);
        let echo = same && !merge.changed && !config.idempotent && !config.compares();
        if echo {
            let times = self.targets[index].count(offered.message);
            cx.record(Fact::Applied, node, node, offered.about(), times);
        } else if !merge.changed {
            let told = merge.waits || !merge.dropped.is_empty();
            if !(told || config.compares() && same) {
                cx.record(Fact::Skipped, node, node, offered.about(), u32::from(!same));
            }
            self.close(leg, index, key);
            return false;
        }
        self.keep(index, merge, offered, cx);
        self.close(leg, index, key);
        // What this side had and lost goes nowhere any more.
        self.judge(1 - leg, cx);
        true
    }

    /// Stores what became of a row.
    fn keep(&mut self, index: usize, merge: Merge, offered: &Row, cx: &mut World) {
        let settings = Rc::clone(&self.settings);
        let config = &settings.config;
        let node = self.layout.source(index as u8);
        let mut row = merge.row;
        let newest = row.cells.iter().max_by_key(|cell| cell.version);
        if let Some(newest) = newest {
            (row.version, row.message) = (newest.version, newest.message);
        }
        row.deleted = row.cells.iter().all(|cell| cell.deleted);
        row.gone = row.deleted && config.deletes == Deletes::Hard;
        row.foreign = merge.taken;
        if !merge.taken {
            row.stamp = row.stamp.max(offered.stamp);
        }
        if config.restamp {
            row.stamp = truncated(config, cx.local_clock(node));
            row.cells.iter_mut().for_each(|cell| cell.stamp = row.stamp);
        }
        let database = &mut self.sources[index].database;
        row.id = match database.visible(row.key) {
            Some(own) => own.id,
            None => database.reserve_id(row.key),
        };
        database.store(row.clone(), cx.now());
        self.sources[index].plan_purge(config, node, &row, cx);
        self.settle_conflict(index, row.key);
    }

    /// Decides field by field.
    fn merge(&self, config: &Config, own: Option<&Row>, offered: &Row) -> Merge {
        let mut row = own.cloned().unwrap_or_else(|| Row {
            cells: vec![Cell::default(); offered.cells.len()],
            ..offered.clone()
        });
        let mut merge = Merge {
            row: Row::default(),
            applied: Vec::new(),
            merged: Vec::new(),
            dropped: Vec::new(),
            chosen: None,
            changed: false,
            taken: true,
            waits: false,
        };
        for (cell, offer) in row.cells.iter_mut().zip(&offered.cells) {
            if offer.version == 0 {
                merge.taken &= cell.version == 0;
                continue;
            }
            let outcome = match cell.version {
                0 => Outcome::Take,
                _ => decide(config.conflict, config.tie_break, cell, offer),
            };
            let gained = offer.history.minus(&cell.history);
            let lost = cell.history.minus(&offer.history);
            let first = merge.applied.len();
            match outcome {
                Outcome::Same => {}
                Outcome::Keep => {
                    merge.taken &= lost.is_empty() && gained.is_empty();
                    let drops = gained.iter().map(|&loser| (loser, cell.version));
                    merge.dropped.extend(drops);
                }
                Outcome::Take => {
                    merge
                        .dropped
                        .extend(lost.iter().map(|&loser| (loser, offer.version)));
                    if cell.history.contains(offer.version) {
                        // It was here before: another choice, no new effect.
                        merge.chosen = Some(offer.version);
                    } else {
                        merge.applied.push(offer.version);
                    }
                    let through = gained.into_iter().filter(|&v| v != offer.version);
                    merge.merged.extend(through);
                    *cell = offer.clone();
                }
                Outcome::Join => {
                    merge.taken &= lost.is_empty();
                    merge.applied.extend(gained);
                    *cell = join(cell, offer);
                }
                Outcome::Conflict => merge.waits = true,
            }
            merge.changed |= merge.applied.len() > first || merge.chosen.is_some();
        }
        if own.is_none() || merge.taken {
            row.stamp = offered.stamp;
        }
        merge.row = row;
        merge
    }

    /// Records what a copy includes now.
    fn included(&mut self, index: usize, key: u32, merge: &Merge, cx: &mut World) {
        let node = self.layout.source(index as u8);
        for &version in &merge.merged {
            let message = self.truth.message(key, version);
            self.targets[index].take_back(message);
            if !self.targets[index].has(message) {
                self.targets[index].count(message);
                cx.record(Fact::Merged, node, node, about(message, key, version), 0);
            }
        }
        if let Some(version) = merge.chosen {
            let tag = about(self.truth.message(key, version), key, version);
            cx.record(Fact::Resolved, node, node, tag, 0);
        }
        let mut applied = merge.applied.clone();
        // A delete is one write to all fields.
        applied.dedup();
        for version in applied {
            let message = self.truth.message(key, version);
            self.targets[index].take_back(message);
            let times = self.targets[index].count(message);
            cx.record(
                Fact::Applied,
                node,
                node,
                about(message, key, version),
                times,
            );
        }
    }

    /// A row comes back that was deleted here, because nothing here remembers that.
    fn resurrect(&mut self, index: usize, own: Option<&Row>, offered: &Row, cx: &mut World) {
        let Some(own) = own else { return };
        for (cell, offer) in own.cells.iter().zip(&offered.cells) {
            for version in cell.history.minus(&offer.history) {
                self.discard(index, own.key, version, reason::RESURRECTED, false, cx);
            }
        }
    }

    /// Once for each copy: the rule, or the lack of a tombstone, decided against a write.
    pub(super) fn discard(
        &mut self,
        index: usize,
        key: u32,
        version: u32,
        why: u32,
        sure: bool,
        cx: &mut World,
    ) {
        let message = self.truth.message(key, version);
        if !self.targets[index].discard(message) {
            return;
        }
        let node = self.layout.source(index as u8);
        let last = sure && self.is_last(key, message, cx);
        let detail = if last { why | reason::FINAL } else { why };
        cx.record(
            Fact::Discarded,
            node,
            node,
            about(message, key, version),
            detail,
        );
    }

    /// Whether no newer write at the other side still knows the one that was dropped here.
    fn is_settled_loss(&self, index: usize, key: u32, loser: u32, offered: &Row) -> bool {
        let other = self.sources[1 - index].database.row(key);
        let mut cells = other.iter().flat_map(|row| &row.cells);
        let very = |cell: &Cell| {
            offered
                .cells
                .iter()
                .any(|offer| offer.version == cell.version)
        };
        !cells.any(|cell| cell.history.contains(loser) && !very(cell))
    }

    /// What a leg's target has decided about is no longer open.
    pub(super) fn close(&mut self, leg: u8, index: usize, key: u32) {
        let Some(row) = self.sources[index].database.row(key) else {
            return;
        };
        let (cells, target) = (row.cells.clone(), &self.targets[index]);
        self.truth.close(leg, key, |message, write| {
            let within = |cell: &Cell| cell.history.contains(write.version);
            cells.iter().any(within) || target.is_discarded(message)
        });
    }

    /// Whether a database's row still includes a write.
    pub(super) fn is_alive(&self, index: usize, key: u32, version: u32) -> bool {
        let row = self.sources[index].database.row(key);
        row.is_some_and(|row| row.cells.iter().any(|cell| cell.history.contains(version)))
    }
}

/// Fields of a row that are told apart.
fn fields(config: &Config) -> usize {
    match config.conflict {
        Rule::FieldMerge => config.fields as usize,
        _ => 1,
    }
}

/// What a write makes of a field.
fn cell_of(commit: Commit, site: u8, version: u32, before: &History) -> Cell {
    let mut history = before.clone();
    history.insert(version);
    Cell {
        version,
        message: commit.message,
        stamp: commit.stamp,
        site,
        deleted: commit.deletes,
        history,
    }
}
