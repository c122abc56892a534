//! The story so far: plain sentences, newest first, each with its instant.

use super::{Tone, sentence};
use converge_engine::pattern::Topology;
use converge_engine::scenario::{Cursor, Told};
use converge_engine::sim::{RecordId, SimTime};

/// A line of the story.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// The record it tells.
    pub id: RecordId,
    /// When.
    pub at: SimTime,
    /// The sentence.
    pub text: String,
    /// The entity's label in the sentence, to be set off.
    pub label: Option<String>,
    /// How it is meant.
    pub tone: Tone,
    /// Event it is about, 0 for none.
    pub message: u32,
}

/// The latest `count` lines at the playhead, newest first.
pub fn latest(cursor: &Cursor, topology: &Topology, count: usize) -> Vec<Line> {
    let told = cursor.observers().story.told();
    told.iter()
        .rev()
        .take(count)
        .map(|told| line(told, topology))
        .collect()
}

/// One line.
pub fn line(told: &Told, topology: &Topology) -> Line {
    let Told { id, record } = *told;
    Line {
        id,
        at: record.at,
        text: sentence::of(&record, topology),
        label: (record.key > 0).then(|| topology.entity_label(record.key)),
        tone: sentence::tone(&record),
        message: record.message,
    }
}
