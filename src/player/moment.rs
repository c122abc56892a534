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

/// When a run in which no invariant breaks first shows what it is about: somebody goes down or is
/// refused, or a cycle is stopped. Without it a visitor would wait for minutes.
pub fn turn(branch: &Branch) -> Option<SimTime> {
    let turns = |record: &Record| {
        matches!(
            record.fact,
            Fact::Crashed | Fact::Partitioned | Fact::Refused | Fact::Capped
        )
    };
    let mut records = branch.run().journal().iter_from(RecordId(0));
    let found = records.find(|(_, record)| turns(record));
    found.map(|(_, record)| record.at)
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
