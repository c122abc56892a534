//! A database as the place where runs write, one-way: what it shows follows what it is handed.

use super::config::{Config, Detection};
use super::database::Database;
use super::message::{Part, Row, World};
use super::source::admits;
use crate::sim::{Fact, NodeId};
use crate::store::Numbered;

/// The copying side of one database.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The newest token that wrote, durable.
    token: u32,
    /// How often each write took effect here: the memory of an idempotent counter, and the truth.
    effects: Numbered<u8>,
    /// The truth about writes that a conflict rule decided against here.
    discarded: Numbered<bool>,
}

impl Target {
    /// Whether a run may write here.
    pub fn admits(&mut self, config: &Config, part: Part) -> bool {
        !config.fencing || admits(&mut self.token, part)
    }

    /// One effect more of a write; how many there are now.
    pub fn count(&mut self, message: u32) -> u32 {
        let times = self.effects.at(message);
        *times = times.saturating_add(1);
        u32::from(*times)
    }

    /// Whether a write took effect here.
    pub fn has(&self, message: u32) -> bool {
        self.effects.get(message).is_some_and(|&times| times > 0)
    }

    /// Notes that a write was decided against; whether that is new.
    pub fn discard(&mut self, message: u32) -> bool {
        !std::mem::replace(self.discarded.at(message), true)
    }

    /// Whether a write was decided against and not taken back.
    pub fn is_discarded(&self, message: u32) -> bool {
        self.discarded.get(message).copied().unwrap_or(false)
    }

    /// A newer write that knew it brings a write back.
    pub fn take_back(&mut self, message: u32) {
        if self.is_discarded(message) {
            *self.discarded.at(message) = false;
        }
    }

    /// Applies a row; returns whether that had an effect.
    pub fn apply(
        &mut self,
        config: &Config,
        database: &mut Database,
        node: NodeId,
        row: &Row,
        cx: &mut World,
    ) -> bool {
        let own = database.visible(row.key);
        let same = own.is_some_and(|own| own.version == row.version && own.gone == row.gone);
        // A log is replayed change by change: each is known by its id, not by what came of it.
        let known = if config.counter || config.detection == Detection::ChangeLog {
            self.has(row.message)
        } else {
            same
        };
        // A comparison never writes what is the same; nothing need be deleted that is not there.
        let idle = if row.gone {
            own.is_none_or(|own| own.deleted)
        } else {
            config.compares() && same
        };
        if idle {
            return false;
        }
        if known && config.idempotent {
            cx.record(Fact::Skipped, node, node, row.about(), 0);
            return false;
        }
        let times = self.count(row.message);
        cx.record(Fact::Applied, node, node, row.about(), times);
        let now = cx.now();
        let foreign = true;
        database.store(
            Row {
                foreign,
                ..row.clone()
            },
            now,
        );
        true
    }
}
