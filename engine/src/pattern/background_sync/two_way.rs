//! Two databases, each both source and target: conflicts, and the people who decide some.

use super::Room;
use super::message::{Row, World};
use super::source::Commit;
use super::view::ConflictView;

/// Conflicts that wait for a person.
#[derive(Clone, Debug, Default)]
pub struct People {
    waiting: Vec<ConflictView>,
}

impl People {
    pub(super) fn views(&self, _room: &Room) -> Vec<ConflictView> {
        self.waiting.clone()
    }
}

impl Room {
    pub(super) fn write_here(&mut self, _i: usize, _c: Commit, _v: u32, _cx: &mut World) {}
    pub(super) fn merge_row(&mut self, _leg: u8, _row: &Row, _cx: &mut World) -> bool {
        false
    }
    pub(super) fn awaits_person(&self) -> bool {
        false
    }
    pub(super) fn person(&mut self, _i: usize, _key: u32, _cx: &mut World) {}

    /// A tombstone's time is over.
    pub(super) fn purge(&mut self, index: usize, key: u32, version: u32, cx: &mut World) {
        if self.sources[index].database.purge(key, version) && index < self.truth.open.len() {
            self.judge(index as u8, cx);
        }
    }
}
