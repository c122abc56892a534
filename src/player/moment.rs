//! A moment worth stopping at that breaks no invariant: the source sold what it did not have.
//!
//! Every copy then shows the same, and it is wrong: no invariant of consistency forbids that.

use super::branch::Branch;
use converge_engine::sim::{Fact, Record, RecordId, SimTime};

/// The protection that would have prevented it.
pub const CURE: &str = "source-check";

/// The first sale of what was gone.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moment {
    /// The record that tells it.
    pub id: RecordId,
    /// That record.
    pub record: Record,
}

/// Whether it lies behind the playhead.
pub fn is_past(branch: &Branch) -> bool {
    branch.cursor().observers().cost.oversold > 0
}

/// The first one, if it lies between the playhead and `until` and the journal still knows it.
pub fn ahead(branch: &Branch, until: SimTime) -> Option<Moment> {
    if is_past(branch) || branch.run().head_observers().cost.oversold == 0 {
        return None;
    }
    let from = RecordId(branch.cursor().records());
    let journal = branch.run().journal();
    let mut records = journal
        .iter_from(from)
        .take_while(|(_, record)| record.at <= until);
    let (id, record) = records.find(|(_, record)| record.fact == Fact::Oversold)?;
    Some(Moment {
        id,
        record: *record,
    })
}
