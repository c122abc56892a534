//! A database: rows, the log of its commits, and how a reader finds what changed in it.

use super::config::{Boundary, Config, Detection};
use super::message::{Mark, Row};
use crate::sim::SimTime;
use crate::store::{Numbered, Sorted};

/// A line of the change log.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Change {
    /// Entity.
    pub key: u32,
    /// When it was committed here.
    pub at: SimTime,
}

/// Tables of one database, durable.
#[derive(Clone, Debug, Default)]
pub struct Database {
    rows: Numbered<Option<Row>>,
    /// Every row as it was committed, by position from 1.
    log: Numbered<Option<Row>>,
    changes: Numbered<Change>,
    end: u32,
    /// Keys by the id of their insert.
    keys: Numbered<u32>,
    last_id: u32,
    /// How far stamps have run ahead of the true time, so that old lines need not be looked at.
    ahead: i64,
    /// Rows that queries see.
    total: u32,
}

impl Database {
    /// The row of a key, a tombstone or the memory of a row that is gone included.
    pub fn row(&self, key: u32) -> Option<&Row> {
        self.rows.get(key)?.as_ref()
    }

    /// The row of a key as a query sees it.
    pub fn visible(&self, key: u32) -> Option<&Row> {
        self.row(key).filter(|row| !row.gone)
    }

    /// All rows, by rising key.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = &Row> + '_ {
        self.rows.iter().filter_map(|(_, row)| row.as_ref())
    }

    /// The rows that changed last, newest first, at most this many.
    pub fn latest(&self, count: usize) -> impl Iterator<Item = &Row> + '_ {
        let lines = self.changes.iter().rev();
        let current = lines.filter_map(|(at, line)| {
            let row = self.visible(line.key)?;
            (row.position == at).then_some(row)
        });
        current.take(count)
    }

    /// How many rows queries see.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// A new id for a row that is about to be inserted.
    pub fn reserve_id(&mut self, key: u32) -> u32 {
        self.last_id += 1;
        *self.keys.at(self.last_id) = key;
        self.last_id
    }

    /// The last position of the change log.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Stores a row and logs it.
    pub fn store(&mut self, row: Row, now: SimTime) {
        self.end += 1;
        let position = self.end;
        let row = Row { position, ..row };
        self.ahead = self.ahead.max(row.stamp - now.as_micros() as i64);
        let (key, at) = (row.key, now);
        *self.changes.at(self.end) = Change { key, at };
        *self.log.at(self.end) = Some(row.clone());
        self.total += u32::from(!row.gone);
        self.total -= u32::from(self.visible(key).is_some());
        *self.rows.at(key) = Some(row);
    }

    /// A tombstone's time is over: the row is gone, and no log says so.
    pub fn purge(&mut self, key: u32, version: u32) -> bool {
        let Some(Some(row)) = self.rows.get(key) else {
            return false;
        };
        if !row.deleted || row.gone || row.version != version {
            return false;
        }
        if let Some(row) = self.rows.at(key) {
            row.gone = true;
        }
        self.total -= 1;
        true
    }

    /// When the line at a position was committed.
    pub fn committed_at(&self, position: u32) -> SimTime {
        self.changes
            .get(position)
            .map_or(SimTime::ZERO, |line| line.at)
    }

    /// The hash of each range of keys, over what queries see.
    pub fn hashes(&self, ranges: u32) -> Vec<u64> {
        let mut hashes = vec![0u64; ranges as usize];
        for row in self.rows().filter(|row| !row.gone) {
            // The sum does not care for the order of rows.
            let hash = &mut hashes[(row.key % ranges) as usize];
            *hash = hash.wrapping_add(hash_of(row));
        }
        hashes
    }

    /// Everything a run reads that begins at `mark`, in the order of its pages.
    pub fn select(&self, config: &Config, mark: Mark, hashes: Option<&[u64]>) -> Vec<(Mark, Row)> {
        let mut found = self.changed(config, mark, hashes);
        if config.two_way() && config.echo_filter && !config.compares() {
            found.retain(|(_, row)| !row.foreign);
        }
        found
    }

    fn changed(&self, config: &Config, mark: Mark, hashes: Option<&[u64]>) -> Vec<(Mark, Row)> {
        let by_key = |row: &Row| {
            let stamp = 0;
            (Mark { stamp, id: row.key }, row.clone())
        };
        match config.detection {
            Detection::FullCompare => self
                .rows()
                .filter(|row| row.key > mark.id)
                .map(by_key)
                .collect(),
            Detection::HashRanges => self.differing(hashes.unwrap_or_default(), mark, by_key),
            Detection::ChangeLog => {
                let lines = mark.id + 1..=self.end;
                let line = |at: u32| Some((Mark { stamp: 0, id: at }, self.log.get(at)?.clone()?));
                lines.filter_map(line).collect()
            }
            Detection::IncrementingId => self.inserted(mark),
            Detection::Timestamp | Detection::TimestampId => self.stamped(config, mark),
        }
    }

    fn differing(
        &self,
        theirs: &[u64],
        mark: Mark,
        by_key: impl Fn(&Row) -> (Mark, Row),
    ) -> Vec<(Mark, Row)> {
        let ranges = theirs.len() as u32;
        if ranges == 0 {
            return Vec::new();
        }
        let own = self.hashes(ranges);
        let differs = |key: u32| own[(key % ranges) as usize] != theirs[(key % ranges) as usize];
        let rows = self
            .rows()
            .filter(|row| row.key > mark.id && differs(row.key));
        rows.map(by_key).collect()
    }

    fn inserted(&self, mark: Mark) -> Vec<(Mark, Row)> {
        let new = mark.id + 1..=self.last_id;
        let row = |id: u32| {
            let key = *self.keys.get(id)?;
            let row = self.visible(key).filter(|row| row.id == id)?;
            Some((Mark { stamp: 0, id }, row.clone()))
        };
        new.filter_map(row).collect()
    }

    fn stamped(&self, config: &Config, mark: Mark) -> Vec<(Mark, Row)> {
        let mut found: Vec<(Mark, Row)> = Vec::new();
        let mut keys: Sorted<u32> = Sorted::default();
        for (_, change) in self.changes.iter().rev() {
            let newest = (change.at.as_micros() as i64).saturating_add(self.ahead);
            if newest < mark.stamp {
                break;
            }
            let row = self.visible(change.key);
            let fresh = row.filter(|row| is_behind(config, mark, row));
            if let Some(row) = fresh
                && keys.insert(row.key, ())
            {
                found.push((mark_of(row), row.clone()));
            }
        }
        found.sort_by_key(|(mark, _)| *mark);
        found
    }
}

/// The place of a row in the order of stamps.
pub fn mark_of(row: &Row) -> Mark {
    Mark {
        stamp: row.stamp,
        id: row.id,
    }
}

/// Whether a reader that stopped at `mark` still has this row before it.
pub fn is_behind(config: &Config, mark: Mark, row: &Row) -> bool {
    match (config.detection, config.boundary) {
        (Detection::FullCompare | Detection::HashRanges, _) => row.key > mark.id,
        (Detection::ChangeLog, _) => row.position > mark.id,
        (Detection::IncrementingId, _) => row.id > mark.id,
        (Detection::TimestampId, _) => mark_of(row) > mark,
        (Detection::Timestamp, Boundary::Greater) => row.stamp > mark.stamp,
        (Detection::Timestamp, Boundary::GreaterOrEqual) => row.stamp >= mark.stamp,
    }
}

/// One page of what was selected, where the next begins, and whether there is more.
///
/// With `>=` a page is as long as its size beyond the rows of the mark's own stamp, and ends
/// where a stamp does; else it could read the same rows for ever.
pub fn page(config: &Config, all: &[(Mark, Row)], mark: Mark) -> (Vec<Row>, Mark, bool) {
    let stamped = config.detection == Detection::Timestamp;
    let inclusive = stamped && config.boundary == Boundary::GreaterOrEqual;
    let after = |at: &Mark| match stamped {
        true if inclusive => at.stamp >= mark.stamp,
        true => at.stamp > mark.stamp,
        false => *at > mark,
    };
    let from = all.partition_point(|(at, _)| !after(at));
    let mut to = from;
    if inclusive {
        to += all[from..].partition_point(|(at, _)| at.stamp == mark.stamp);
    }
    to = all.len().min(to + config.page_size as usize);
    while inclusive && to > from && to < all.len() && all[to].0.stamp == all[to - 1].0.stamp {
        to += 1;
    }
    let next = all[from..to].last().map_or(mark, |(at, _)| *at);
    let more = if stamped {
        all[to..].iter().any(|(at, _)| at.stamp > next.stamp)
    } else {
        to < all.len()
    };
    let rows = all[from..to].iter().map(|(_, row)| row.clone()).collect();
    (rows, next, more)
}

/// What a range's hash is made of.
fn hash_of(row: &Row) -> u64 {
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut hash = mix(u64::from(row.key), u64::from(row.version));
    hash = mix(hash, u64::from(row.deleted));
    for cell in &row.cells {
        let history = cell.history.minus(&Default::default());
        hash = mix(hash, u64::from(cell.version));
        hash = history
            .iter()
            .fold(hash, |hash, &v| mix(hash, u64::from(v)));
    }
    // The finish spreads the last word, so that sums of hashes do not cancel.
    mix(hash, hash >> 29)
}
