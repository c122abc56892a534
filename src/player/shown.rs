//! Which records a step stops at: those that change the picture or the story.

use converge_engine::scenario::Story;
use converge_engine::sim::{Fact, Journal, Record, RecordId, SimTime};

/// Whether a record is shown on the stage or told in the story. Most edges of state machines come
/// with a record that is, and polls that move nothing are not recorded at all.
pub fn is_shown(record: &Record) -> bool {
    match record.fact {
        Fact::Edge | Fact::Note | Fact::Pooled => Story::tells(record),
        Fact::Ticked => record.detail > 0 || Story::tells(record),
        _ => true,
    }
}

/// The first shown record numbered `from` or higher.
pub fn next(journal: &Journal, from: u32) -> Option<(RecordId, &Record)> {
    journal
        .iter_from(RecordId(from))
        .find(|(_, record)| is_shown(record))
}

/// The last shown record numbered below `before`.
pub fn previous(journal: &Journal, before: u32) -> Option<(RecordId, &Record)> {
    let mut id = before;
    while let Some(lower) = id.checked_sub(1) {
        let record = journal.get(RecordId(lower))?;
        if is_shown(record) {
            return Some((RecordId(lower), record));
        }
        id = lower;
    }
    None
}

/// Whether the journal still has the record numbered `from`, so that what comes next is known.
pub fn knows(journal: &Journal, from: u32) -> bool {
    journal.first().0 <= from
}

/// When something shown happens next, after `at`; the journal must know `from`.
pub fn next_instant(journal: &Journal, from: u32, at: SimTime) -> Option<SimTime> {
    let later = journal
        .iter_from(RecordId(from))
        .find(|(_, r)| is_shown(r) && r.at > at);
    later.map(|(_, record)| record.at)
}
