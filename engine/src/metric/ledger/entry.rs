//! The lines of the ledger: writes, what a copy lacks, what it shows, how long it took.

use crate::sim::{NodeId, RecordId, SimDuration, SimTime};

/// How a copy consumes events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The last version wins: a newer version makes older ones visible too.
    Register,
    /// Every event counts: each must be applied itself.
    Counter,
    /// Every write must be in the copy, itself or through one that knew it; the copies are written
    /// by clients too, and the order of commits decides nothing.
    Merge,
}

/// One write, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Write {
    /// Entity.
    pub key: u32,
    /// Version it made, 0 before the commit.
    pub version: u32,
    /// When its client first asked.
    pub requested_at: Option<SimTime>,
    /// When it committed.
    pub committed_at: Option<SimTime>,
    /// When its client had the answer.
    pub acknowledged_at: Option<SimTime>,
    /// The record of its commit.
    pub written: Option<RecordId>,
    /// Whether it was rolled back.
    pub rolled_back: bool,
    /// Whether it deletes its key: a copy that shows nothing shows it.
    pub deletes: bool,
    /// Where it committed.
    pub node: NodeId,
}

/// A committed write that a copy does not show yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Entity.
    pub key: u32,
    /// Version.
    pub version: u32,
    /// Write number.
    pub message: u32,
    /// When it committed.
    pub since: SimTime,
    /// When the copy fell behind because of it: its commit, or a later regression.
    pub opened: SimTime,
    /// Whether the copy has shown it before and lost it again to an older version.
    pub again: bool,
    /// Whether no carrier of it is left.
    pub abandoned: bool,
}

/// One measured visibility delay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visibility {
    /// Write number.
    pub message: u32,
    /// Index of the copy.
    pub copy: u8,
    /// When it committed.
    pub committed_at: SimTime,
    /// A(w) − C(w).
    pub delay: SimDuration,
}

/// A stretch in which a copy was behind for one entity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// Index of the copy.
    pub copy: u8,
    /// Entity.
    pub key: u32,
    /// First divergence.
    pub from: SimTime,
    /// Convergence.
    pub to: SimTime,
}

/// What one copy shows of one entity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CopyState {
    /// Version shown (register) or events applied (counter); 0 for nothing.
    pub shown: u32,
    /// The write it shows (register) or counted last (counter). It tells a version that was rolled
    /// back from the true one with the same number.
    pub message: u32,
    /// Effects of events of this entity, duplicates included.
    pub effects: u32,
    /// When it last changed.
    pub changed_at: SimTime,
    /// A newer delete than it was told of, if it shows that by showing nothing.
    pub(super) implied: u32,
}
