//! What copies miss: how a write gets on the list, and how it leaves it.

use super::{CopyState, Effect, Ledger, Missing, Visibility, Window};
use crate::sim::{Record, SimTime};

impl Ledger {
    pub(super) fn push_missing(&mut self, copy: usize, record: &Record) {
        self.missing[copy].push(Missing {
            key: record.key,
            version: record.version,
            message: record.message,
            since: record.at,
            opened: record.at,
            again: false,
            abandoned: false,
        });
    }

    /// Whether a copy of a register has no row of this key.
    pub(super) fn shows_nothing(&self, copy: usize, key: u32) -> bool {
        let shown = self.shown(copy, key);
        let deleted = || self.write(shown.message).is_some_and(|write| write.deletes);
        self.effect == Effect::Register && (shown.shown == 0 || deleted())
    }

    /// A row of a register turned from what it was to a version: what that makes good, and what it
    /// makes missing again.
    pub(super) fn turned(
        &mut self,
        copy: usize,
        key: u32,
        now: (u32, u32),
        before: CopyState,
        at: SimTime,
    ) {
        // A row that is not there is what the last delete makes of it, whichever delete it knows of.
        let gone = self.gone.get(key).copied().unwrap_or_default();
        let implies = gone.0 > now.0 && self.shows_nothing(copy, key);
        let shows = if implies { gone } else { now };
        self.shown[copy].at(key).implied = if implies { gone.0 } else { 0 };
        self.settle(copy, key, shows, at);
        // An older version written over a newer one makes the newer ones missing again; a rolled
        // back one does so to the true one of its number.
        let was = before.shown.max(before.implied);
        if shows.0 <= was && now.1 != before.message {
            self.reopen(copy, key, shows, was, at);
        }
    }

    /// An event that counted does so no more.
    pub(super) fn uncount(&mut self, copy: usize, message: u32, at: SimTime) {
        let Some(write) = self.write(message).copied() else {
            return;
        };
        let since = write.committed_at.unwrap_or(at);
        let missing = Missing {
            key: write.key,
            version: write.version,
            message,
            since,
            opened: at,
            again: true,
            abandoned: false,
        };
        let list = &mut self.missing[copy];
        list.insert(list.partition_point(|m| m.since <= since), missing);
    }

    /// Takes what became visible out of the missing list, and closes its window.
    pub(super) fn settle(
        &mut self,
        copy: usize,
        key: u32,
        (version, message): (u32, u32),
        at: SimTime,
    ) {
        let effect = self.effect;
        let now_visible = |missing: &Missing| match effect {
            Effect::Register => {
                let same = missing.version == version && missing.message == message;
                missing.key == key && (same || missing.version < version)
            }
            Effect::Counter | Effect::Merge => missing.message == message,
        };
        let mut opened = None;
        let mut left = false;
        let visibility = &mut self.visibility;
        self.missing[copy].retain(|missing| {
            if missing.key == key {
                opened.get_or_insert(missing.opened);
            }
            if !now_visible(missing) {
                left |= missing.key == key;
                return true;
            }
            let delay = at.since(missing.since);
            if !missing.again {
                let (copy, committed_at, message) = (copy as u8, missing.since, missing.message);
                visibility.push(Visibility {
                    message,
                    copy,
                    committed_at,
                    delay,
                });
            }
            false
        });
        if let (Some(from), false) = (opened, left) {
            self.windows.push(Window {
                copy: copy as u8,
                key,
                from,
                to: at,
            });
        }
    }

    /// After a regression, versions from the one now shown are unseen once more, but for that one.
    fn reopen(&mut self, copy: usize, key: u32, (shown, by): (u32, u32), before: u32, at: SimTime) {
        for version in shown..=before.min(self.committed(key)) {
            let found = self
                .writes
                .iter()
                .find(|(_, w)| w.key == key && w.version == version);
            let Some((message, write)) = found else {
                continue;
            };
            let since = write.committed_at.unwrap_or(at);
            if message == by || self.missing[copy].iter().any(|m| m.message == message) {
                continue;
            }
            let (opened, again, abandoned) = (at, true, false);
            let missing = Missing {
                key,
                version,
                message,
                since,
                opened,
                again,
                abandoned,
            };
            let list = &mut self.missing[copy];
            list.insert(list.partition_point(|m| m.since <= since), missing);
        }
    }
}
