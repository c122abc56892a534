//! Invariants about who may write when: A7, A11, A13.

use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use super::reason::cure_of;
use crate::sim::{Fact, NodeId, RecordId};
use std::collections::BTreeMap;

/// State of these checks, bounded by copies and conflicts.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Per copy: the newest token that wrote, and the record of it.
    newest: Vec<(NodeId, u32, RecordId)>,
    /// Key and the two versions that met: which one won, and the record of it.
    winners: BTreeMap<(u32, u32, u32), (u32, RecordId)>,
}

impl Order {
    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        match moment.record.fact {
            Fact::Passed => passed(moment, report),
            Fact::BatchApplied => self.batch(moment, report),
            Fact::Conflicted => self.conflict(moment, report),
            _ => {}
        }
    }

    /// A11: no batch of an older run after one of a newer run.
    fn batch(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let known = self.newest.iter_mut().find(|known| known.0 == record.peer);
        let Some((_, newest, at)) = known else {
            self.newest.push((record.peer, record.detail, moment.id));
            return;
        };
        if record.detail < *newest {
            let evidence = vec![*at, record.cause, moment.id];
            let cure = Some("run-lock");
            report(violation(PropertyId::A11, record, evidence, cure));
        } else {
            (*newest, *at) = (record.detail, moment.id);
        }
    }

    /// A13: the same two versions, the same winner.
    fn conflict(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let (winner, loser) = (record.version, record.detail);
        let pair = (record.key, winner.min(loser), winner.max(loser));
        let (before, at) = *self.winners.entry(pair).or_insert((winner, moment.id));
        if before != winner {
            let evidence = vec![at, record.cause, moment.id];
            let cure = Some("tie-break");
            report(violation(PropertyId::A13, record, evidence, cure));
        }
    }
}

/// A7: whatever a checkpoint covers, its copy shows.
fn passed(moment: Moment, report: &mut impl FnMut(Violation)) {
    let (ledger, record) = (moment.ledger, moment.record);
    let Some(copy) = moment.copy() else {
        return;
    };
    let mut missing = ledger.missing(copy).iter();
    if missing.any(|missing| missing.message == record.message) {
        let written = ledger.write(record.message).and_then(|w| w.written);
        let evidence = vec![written.unwrap_or(RecordId::NONE), record.cause, moment.id];
        let cure = cure_of(moment.expectation, record.detail);
        report(violation(PropertyId::A7, record, evidence, cure));
    }
}
