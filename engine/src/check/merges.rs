//! Q1 and Q2 where clients write every copy: no copy is the truth, so copies are compared with each
//! other, and a write that a conflict rule dropped is a lost update.

use super::always::violation;
use super::property::{PropertyId, Violation};
use super::quiescence::{cure_of_reason, reason};
use crate::metric::Ledger;
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
    pub fn discarded(
        &mut self,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        let known = self
            .dropped
            .get(record.message)
            .is_some_and(|drop| drop.told);
        let told = known;
        let record = *record;
        self.dropped
            .insert(record.message, Drop { record, id, told });
        self.tell(ledger, record.message, id, &record, report);
    }

    /// A client is told "done" of a write that was dropped.
    pub fn acknowledged(
        &mut self,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        if self.dropped.contains(record.message) {
            self.tell(ledger, record.message, id, record, report);
        }
    }

    /// Q2 at once, if nothing can bring the write back.
    fn tell(
        &mut self,
        ledger: &Ledger,
        message: u32,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        let write = ledger.write(message).copied().unwrap_or_default();
        let acknowledged = write.acknowledged_at.is_some() || record.fact == Fact::Acknowledged;
        let Some(drop) = self.dropped.get_mut(message) else {
            return;
        };
        let last = drop.record.detail & reason::FINAL != 0;
        if drop.told || !acknowledged || !last {
            return;
        }
        drop.told = true;
        let evidence = vec![write.written.unwrap_or(RecordId::NONE), drop.id, id];
        let (property, cure) = (PropertyId::Q2, cure_of_reason(drop.record.detail));
        report(violation(property, &drop.record, evidence, cure));
    }

    /// All is quiet: what is still dropped is lost, and what only one copy shows is a difference.
    pub fn quiesced(
        &self,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        for &(message, drop) in self.dropped.iter() {
            let write = ledger.write(message).copied().unwrap_or_default();
            let copies = 0..ledger.copies().len();
            let dropped = copies
                .filter(|&copy| ledger.is_discarded(copy, message))
                .count();
            let about = Record {
                at: record.at,
                ..drop.record
            };
            let evidence = || vec![write.written.unwrap_or(RecordId::NONE), drop.id, id];
            let cure = cure_of_reason(drop.record.detail);
            if dropped > 0 && !drop.told && write.acknowledged_at.is_some() {
                report(violation(PropertyId::Q2, &about, evidence(), cure));
            }
            if dropped > 0 && dropped < ledger.copies().len() {
                let cure = Some("tie-break");
                report(violation(PropertyId::Q1, &about, evidence(), cure));
            }
        }
    }
}
