//! The truth of the run, which no service knows: which writes were taken, in which order, which of
//! them are committed since when, and how often each was sent to whom.

use super::message::{Event, Row};
use super::topology::Layout;
use crate::sim::SimTime;
use crate::store::Numbered;

/// Replicas at most.
pub const REPLICAS: usize = 7;

/// Replicas as bits.
pub type Set = u8;

/// The first `count` replicas.
pub fn first(count: u8) -> Set {
    ((1u16 << count) - 1) as Set
}

/// Whether a replica is in a set.
pub fn has(set: Set, replica: u8) -> bool {
    set >> replica & 1 == 1
}

/// A write that a coordinator has taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// What replicas keep of it.
    pub row: Row,
    /// The region of its coordinator.
    pub region: u8,
    /// The replicas that it is sent to.
    pub targets: Set,
    /// Whether it is committed.
    pub committed: bool,
    /// Whether no coordinator waits for its acknowledgements any more.
    pub given_up: bool,
    /// Whether its coordinator died before it was done with it.
    pub forgotten: bool,
    /// Whether anything happened that may keep it from a replica.
    pub endangered: bool,
    /// The replicas to which nothing brings it any more.
    pub abandoned: Set,
    /// How often it was sent to each replica, for whatever reason.
    sends: [u16; REPLICAS],
}

/// All of it.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    writes: Numbered<Taken>,
    /// By key: how many versions coordinators have given.
    versions: Numbered<u32>,
    /// By key: the committed versions, rising, and since when.
    commits: Numbered<Vec<(u32, SimTime)>>,
    /// Queries that a coordinator has begun.
    queries: Numbered<bool>,
}

impl Truth {
    /// A coordinator takes a write: it gets the next version of its key. `None` if it was taken
    /// before.
    pub fn take(
        &mut self,
        event: Event,
        region: u8,
        clock: i64,
        (targets, all): (Set, Set),
    ) -> Option<Row> {
        let taken = self.writes.at(event.message);
        if taken.row.exists() {
            return None;
        }
        let version = self.versions.at(event.key);
        *version += 1;
        let event = Event {
            version: *version,
            ..event
        };
        let row = Row { event, clock };
        *taken = Taken {
            row,
            region,
            targets,
            endangered: targets != all,
            ..Taken::default()
        };
        Some(row)
    }

    /// A coordinator begins a query; false if one did before.
    pub fn begin(&mut self, query: u32) -> bool {
        !std::mem::replace(self.queries.at(query), true)
    }

    /// A write that was taken.
    pub fn taken(&self, message: u32) -> Option<&Taken> {
        self.writes.get(message).filter(|taken| taken.row.exists())
    }

    /// The same, to be changed.
    pub fn taken_mut(&mut self, message: u32) -> &mut Taken {
        self.writes.at(message)
    }

    /// All writes that were taken.
    pub fn all(&self) -> impl Iterator<Item = &Taken> {
        let all = self.writes.iter().map(|(_, taken)| taken);
        all.filter(|taken| taken.row.exists())
    }

    /// All keys that were ever written.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        let written = self.versions.iter().filter(|(_, version)| **version > 0);
        written.map(|(key, _)| key)
    }

    /// Whether a key was ever written.
    pub fn knows(&self, key: u32) -> bool {
        self.versions.get(key).is_some_and(|&version| version > 0)
    }

    /// The number of this transmission of a write to a replica.
    pub fn attempt(&mut self, message: u32, replica: u8) -> u16 {
        let sends = &mut self.writes.at(message).sends[usize::from(replica)];
        *sends += 1;
        *sends - 1
    }

    /// A write is committed; false if it was.
    pub fn commit(&mut self, row: Row, now: SimTime) -> bool {
        let taken = self.writes.at(row.event.message);
        if std::mem::replace(&mut taken.committed, true) {
            return false;
        }
        let commits = self.commits.at(row.event.key);
        let place = commits.partition_point(|&(version, _)| version < row.event.version);
        commits.insert(place, (row.event.version, now));
        true
    }

    /// How many versions newer than this one were committed when a read began, and since when the
    /// oldest of them is.
    pub fn newer(&self, key: u32, version: u32, began: SimTime) -> (u32, Option<SimTime>) {
        let commits = self.commits.get(key).map_or(&[][..], Vec::as_slice);
        let newer = commits.iter().rev().take_while(|commit| commit.0 > version);
        let known = newer.filter(|commit| commit.1 <= began);
        known.fold((0, None), |(count, oldest), &(_, at)| {
            (
                count + 1,
                Some(oldest.map_or(at, |oldest: SimTime| oldest.min(at))),
            )
        })
    }
}

impl Layout {
    /// All replicas.
    pub fn all(self) -> Set {
        first(self.replicas)
    }

    /// The replicas of a set, by index.
    pub fn members(self, set: Set) -> impl Iterator<Item = u8> {
        (0..self.replicas).filter(move |&index| has(set, index))
    }
}
