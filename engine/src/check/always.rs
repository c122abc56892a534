//! Invariants that must hold after every record: A2 to A6.

use super::Expectation;
use super::property::{PropertyId, Violation};
use crate::metric::Ledger;
use crate::metric::ledger::Effect;
use crate::sim::{Fact, Record, RecordId, SimTime};

/// Bounded state of the safety checks.
#[derive(Clone, Debug, Default)]
pub struct Always {
    /// Next offset expected per log partition.
    next_offset: Vec<u32>,
    /// Instant of the record before.
    last_at: SimTime,
}

impl Always {
    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(
        &mut self,
        expectation: &Expectation,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        match record.fact {
            Fact::Applied => {
                thin_air(ledger, id, record, report);
                backwards(expectation, ledger, id, record, report);
                twice(expectation, ledger, id, record, report);
            }
            Fact::Replaced => {
                backwards(expectation, ledger, id, record, report);
                counted_twice(expectation, id, record, report);
            }
            Fact::Oversold if expectation.conserves => below_zero(id, record, report),
            Fact::Delivered | Fact::Published => self.transport(id, record, report),
            Fact::Acknowledged | Fact::RolledBack => durable(ledger, id, record, report),
            _ => {}
        }
        self.last_at = record.at;
    }

    /// A3: a delivery has a send before it, and offsets rise by one per log partition.
    fn transport(&mut self, id: RecordId, record: &Record, report: &mut impl FnMut(Violation)) {
        let causal = record.cause < id && record.at >= self.last_at;
        let in_order = record.fact != Fact::Published || {
            let partition = record.peer.index();
            if self.next_offset.len() <= partition {
                self.next_offset.resize(partition + 1, 0);
            }
            let expected = self.next_offset[partition];
            self.next_offset[partition] = record.detail + 1;
            record.detail == expected
        };
        if !causal || !in_order {
            report(violation(
                PropertyId::A3,
                record,
                vec![record.cause, id],
                None,
            ));
        }
    }
}

/// A violation about the entity and event of a record.
#[cold]
#[inline(never)]
pub fn violation(
    property: PropertyId,
    record: &Record,
    mut evidence: Vec<RecordId>,
    protection: Option<&'static str>,
) -> Violation {
    evidence.retain(|&id| id != RecordId::NONE);
    evidence.dedup();
    Violation {
        property,
        at: record.at,
        evidence,
        key: record.key,
        version: record.version,
        message: record.message,
        copy: record.peer,
        protection,
    }
}

/// A2: whatever a copy shows was committed at the source.
fn thin_air(ledger: &Ledger, id: RecordId, record: &Record, report: &mut impl FnMut(Violation)) {
    let committed = ledger.write(record.message).is_some_and(|write| {
        // A repeated request can commit what its first attempt published in vain, as a later version.
        let same = ledger.effect() == Effect::Counter || write.version == record.version;
        write.committed_at.is_some() && !write.rolled_back && same
    });
    if !committed {
        let evidence = vec![record.cause, id];
        report(violation(PropertyId::A2, record, evidence, Some("outbox")));
    }
}

/// A4: an acknowledged write was committed, and no committed write is rolled back.
fn durable(ledger: &Ledger, id: RecordId, record: &Record, report: &mut impl FnMut(Violation)) {
    let Some(write) = ledger.write(record.message) else {
        return;
    };
    let broken = match record.fact {
        Fact::Acknowledged => write.committed_at.is_none() || write.rolled_back,
        _ => write.acknowledged_at.is_some(),
    };
    if broken {
        report(violation(
            PropertyId::A4,
            record,
            vec![record.cause, id],
            None,
        ));
    }
}

/// A5: the version a copy shows never falls. Counters have no version to fall. Whatever made the
/// older one late, the guard would have skipped it.
fn backwards(
    expectation: &Expectation,
    ledger: &Ledger,
    id: RecordId,
    record: &Record,
    report: &mut impl FnMut(Violation),
) {
    let Some(copy) = ledger.copy_index(record.peer) else {
        return;
    };
    let shown = ledger.shown(copy, record.key).shown;
    if ledger.effect() == Effect::Register && record.version < shown {
        let evidence = vec![record.cause, id];
        let cure = Some(expectation.regressions);
        report(violation(PropertyId::A5, record, evidence, cure));
    }
}

/// A6: at most one effect per message and copy.
fn twice(
    expectation: &Expectation,
    ledger: &Ledger,
    id: RecordId,
    record: &Record,
    report: &mut impl FnMut(Violation),
) {
    let Some(copy) = ledger.copy_index(record.peer) else {
        return;
    };
    if ledger.effects(copy, record.message) > 0 {
        let evidence = vec![record.cause, id];
        let cure = Some(expectation.duplicates);
        report(violation(PropertyId::A6, record, evidence, cure));
    }
}

/// A6 when a table takes the place of another: an event counts more than once in the new one.
fn counted_twice(
    expectation: &Expectation,
    id: RecordId,
    record: &Record,
    report: &mut impl FnMut(Violation),
) {
    if record.detail > 1 {
        let evidence = vec![record.cause, id];
        let cure = Some(expectation.duplicates);
        report(violation(PropertyId::A6, record, evidence, cure));
    }
}

/// A1: what is given out was there. A write that takes more than there is makes the rest negative.
fn below_zero(id: RecordId, record: &Record, report: &mut impl FnMut(Violation)) {
    let evidence = vec![record.cause, id];
    let cure = Some("source-check");
    report(violation(PropertyId::A1, record, evidence, cure));
}
