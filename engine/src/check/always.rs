//! Invariants that must hold after every record: A2 to A6.

use super::moment::Moment;
use super::property::{PropertyId, Violation};
use crate::metric::ledger::Effect;
use crate::sim::{Fact, SimTime};

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
    pub fn observe(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        match record.fact {
            Fact::Applied => {
                thin_air(moment, report);
                backwards(moment, report);
                twice(moment, report);
            }
            Fact::Replaced => {
                backwards(moment, report);
                counted_twice(moment, report);
            }
            Fact::Oversold => below_zero(moment, report),
            Fact::Delivered | Fact::Published => self.transport(moment, report),
            Fact::Acknowledged | Fact::RolledBack => durable(moment, report),
            _ => {}
        }
        self.last_at = record.at;
    }

    /// A3: a delivery has a send before it, and offsets rise by one per log partition.
    fn transport(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let causal = record.cause < moment.id && record.at >= self.last_at;
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
            report(moment.breach(PropertyId::A3, None));
        }
    }
}

/// A2: whatever a copy shows was committed at the source.
fn thin_air(moment: Moment, report: &mut impl FnMut(Violation)) {
    let (ledger, record) = (moment.ledger, moment.record);
    let known = ledger.write(record.message);
    if moment.expectation.early {
        // It may still be committed, or never be; it must be what a client asked for.
        let asked =
            known.is_some_and(|write| write.requested_at.is_some() && write.key == record.key);
        if !asked {
            report(moment.breach(PropertyId::A2, None));
        }
        return;
    }
    let committed = known.is_some_and(|write| {
        // A repeated request can commit what its first attempt published in vain, as a later version.
        let same = ledger.effect() == Effect::Counter || write.version == record.version;
        write.committed_at.is_some() && !write.rolled_back && same
    });
    if !committed {
        report(moment.breach(PropertyId::A2, moment.expectation.phantoms));
    }
}

/// A4: an acknowledged write was committed, and no committed write is rolled back.
fn durable(moment: Moment, report: &mut impl FnMut(Violation)) {
    let record = moment.record;
    let Some(write) = moment.ledger.write(record.message) else {
        return;
    };
    let broken = match record.fact {
        Fact::Acknowledged => write.committed_at.is_none() || write.rolled_back,
        _ => write.acknowledged_at.is_some(),
    };
    if broken {
        report(moment.breach(PropertyId::A4, None));
    }
}

/// A5: the version a copy shows never falls. Counters have no version to fall. Whatever made the
/// older one late, the guard would have skipped it.
fn backwards(moment: Moment, report: &mut impl FnMut(Violation)) {
    let (ledger, record) = (moment.ledger, moment.record);
    let Some(copy) = moment.copy() else {
        return;
    };
    let shown = ledger.shown(copy, record.key).shown;
    if ledger.effect() == Effect::Register && record.version < shown {
        let cure = Some(moment.expectation.regressions);
        report(moment.breach(PropertyId::A5, cure));
    }
}

/// A6: at most one effect per message and copy.
fn twice(moment: Moment, report: &mut impl FnMut(Violation)) {
    let Some(copy) = moment.copy() else {
        return;
    };
    if moment.ledger.effects(copy, moment.record.message) > 0 {
        let cure = Some(moment.expectation.duplicates);
        report(moment.breach(PropertyId::A6, cure));
    }
}

/// A6 when a table takes the place of another: an event counts more than once in the new one.
fn counted_twice(moment: Moment, report: &mut impl FnMut(Violation)) {
    if moment.record.detail > 1 {
        let cure = Some(moment.expectation.duplicates);
        report(moment.breach(PropertyId::A6, cure));
    }
}

/// A1: what is given out was there. A write that takes more than there is makes the rest negative.
fn below_zero(moment: Moment, report: &mut impl FnMut(Violation)) {
    if let Some(cure) = moment.expectation.conserves {
        report(moment.breach(PropertyId::A1, Some(cure)));
    }
}
