//! Q1 and Q2 where clients write every copy: no copy is the truth, so copies are compared with each
//! other, and a write that a conflict rule dropped is a lost update.

use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use super::reason::{self, cure_of};
use crate::sim::{Fact, Record, RecordId};
use crate::store::Sorted;

/// What conflict rules dropped.
#[derive(Clone, Debug, Default)]
pub struct Merges {
    /// By write: why, and whether it was dropped for good and told.
    dropped: Sorted<u32, Drop>,
}

#[derive(Clone, Copy, Debug)]
struct Drop {
    record: Record,
    id: RecordId,
    told: bool,
}

impl Merges {
    /// A conflict rule decided against a write at a copy.
    pub fn discarded(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (id, record) = (moment.id, moment.record);
        let known = self
            .dropped
            .get(record.message)
            .is_some_and(|drop| drop.told);
        let told = known;
        let record = *record;
        self.dropped
            .insert(record.message, Drop { record, id, told });
        self.tell(record.message, moment, report);
    }

    /// A client is told "done" of a write that was dropped.
    pub fn acknowledged(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        if self.dropped.contains(record.message) {
            self.tell(record.message, moment, report);
        }
    }

    /// Q2 at once, if nothing can bring the write back.
    fn tell(&mut self, message: u32, moment: Moment, report: &mut impl FnMut(Violation)) {
        let write = moment.ledger.write(message).copied().unwrap_or_default();
        let acknowledged =
            write.acknowledged_at.is_some() || moment.record.fact == Fact::Acknowledged;
        let Some(drop) = self.dropped.get_mut(message) else {
            return;
        };
        let last = drop.record.detail & reason::FINAL != 0;
        if drop.told || !acknowledged || !last {
            return;
        }
        drop.told = true;
        let evidence = vec![write.written.unwrap_or(RecordId::NONE), drop.id, moment.id];
        let (property, cure) = (
            PropertyId::Q2,
            cure_of(moment.expectation, drop.record.detail),
        );
        report(violation(property, &drop.record, evidence, cure));
    }

    /// All is quiet: what is still dropped is lost, and what only one copy shows is a difference.
    pub fn quiesced(&self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let ledger = moment.ledger;
        for &(message, drop) in self.dropped.iter() {
            let write = ledger.write(message).copied().unwrap_or_default();
            let mut copies = 0..ledger.copies().len();
            let shown = copies.clone().any(|copy| ledger.includes(copy, message));
            let dropped = copies.any(|copy| ledger.is_discarded(copy, message));
            let about = Record {
                at: moment.record.at,
                ..drop.record
            };
            let evidence = || vec![write.written.unwrap_or(RecordId::NONE), drop.id, moment.id];
            let cure = cure_of(moment.expectation, drop.record.detail);
            if dropped && !drop.told && write.acknowledged_at.is_some() {
                report(violation(PropertyId::Q2, &about, evidence(), cure));
            }
            if dropped && shown {
                let cure = Some("tie-break");
                report(violation(PropertyId::Q1, &about, evidence(), cure));
            }
        }
    }
}
