//! What every check is shown of a record.

use super::Expectation;
use super::property::{PropertyId, Violation};
use crate::metric::Ledger;
use crate::sim::{Record, RecordId};

/// A record as the checks see it, just before the ledger takes it in.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// What must be known of the configuration.
    pub expectation: &'a Expectation,
    /// What all records before this one add up to.
    pub ledger: &'a Ledger,
    /// Its number.
    pub id: RecordId,
    /// The record.
    pub record: &'a Record,
}

impl Moment<'_> {
    /// The index of the copy it concerns, if it concerns one.
    pub fn copy(self) -> Option<usize> {
        self.ledger.copy_index(self.record.peer)
    }

    /// The record breaks a property; it and its cause show it.
    pub fn breach(self, property: PropertyId, protection: Option<&'static str>) -> Violation {
        let evidence = vec![self.record.cause, self.id];
        violation(property, self.record, evidence, protection)
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
