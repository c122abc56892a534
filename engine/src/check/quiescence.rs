//! Invariants judged when all is quiet: Q1, Q2, Q3, Q5, Q6; or earlier, by the record that decides.

use super::Expectation;
use super::always::violation;
use super::property::{PropertyId, Violation};
use crate::metric::Ledger;
use crate::metric::ledger::Effect;
use crate::sim::{Fact, NodeId, Record, RecordId};
use crate::store::OutboxState;

/// Why the last carrier of an event is gone: the detail of [`Fact::Abandoned`].
pub mod reason {
    /// The producer crashed between its commit and its publish.
    pub const CRASH_BEFORE_PUBLISH: u32 = 0;
    /// The producer crashed with the event in its memory only.
    pub const PUBLISHER_MEMORY: u32 = 1;
    /// Nothing sends a lost message again.
    pub const NO_RETRY: u32 = 2;
    /// It was acknowledged before it was handled, and the handler never finished.
    pub const ACKNOWLEDGED_EARLY: u32 = 3;
    /// The broker deleted it before the consumer asked.
    pub const RETENTION: u32 = 4;
    /// The handler failed for the last time and nothing keeps the message.
    pub const DISCARDED: u32 = 5;
    /// A blocking call failed for the last time.
    pub const CALL_FAILED: u32 = 6;
}

/// Accounts per copy.
#[derive(Clone, Debug, Default)]
struct Account {
    dropped: u64,
    backlog: i64,
}

/// Bounded state of the liveness checks.
#[derive(Clone, Debug)]
pub struct Quiescence {
    accounts: Vec<Account>,
    outbox: i64,
}

impl Quiescence {
    /// Checks for this many copies.
    pub fn new(copies: usize) -> Self {
        Quiescence {
            accounts: vec![Account::default(); copies],
            outbox: 0,
        }
    }

    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(
        &mut self,
        expectation: &Expectation,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        self.account(ledger, record);
        match record.fact {
            Fact::Abandoned => self.abandoned(expectation, ledger, id, record, report),
            Fact::Acknowledged => too_late(expectation, ledger, id, record, report),
            Fact::Applied => once(expectation, ledger, id, record, report),
            Fact::Quiesced => self.quiesced(expectation, ledger, id, record, report),
            _ => {}
        }
    }

    fn account(&mut self, ledger: &Ledger, record: &Record) {
        if record.fact == Fact::Published {
            for account in &mut self.accounts {
                account.backlog += 1;
            }
        }
        if record.fact == Fact::Edge {
            self.outbox += OutboxState::count_change(record.detail);
        }
        let Some(copy) = ledger.copy_index(record.peer) else {
            return;
        };
        let account = &mut self.accounts[copy];
        match record.fact {
            Fact::Committed | Fact::Parked | Fact::Expired => account.backlog -= 1,
            Fact::Redriven => account.backlog += 1,
            // Published, and yet neither processed nor parked.
            Fact::Abandoned if record.detail >= reason::NO_RETRY => account.dropped += 1,
            _ => {}
        }
    }

    /// No carrier is left: what can be decided now is decided now.
    fn abandoned(
        &self,
        expectation: &Expectation,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        let Some(write) = ledger.write(record.message) else {
            return;
        };
        if write.committed_at.is_none() || write.rolled_back {
            return;
        }
        let cure = cure_of(record.detail);
        for (index, &copy) in ledger.copies().iter().enumerate() {
            let concerned = record.peer == NodeId::NONE || record.peer == copy;
            if !concerned || ledger.effects(index, record.message) > 0 {
                continue;
            }
            let evidence = vec![write.written.unwrap_or(RecordId::NONE), record.cause, id];
            let at_copy = Record {
                peer: copy,
                ..*record
            };
            report(violation(PropertyId::Q3, &at_copy, evidence.clone(), cure));
            if !expectation.superseding {
                report(violation(PropertyId::Q1, &at_copy, evidence.clone(), cure));
                if write.acknowledged_at.is_some() {
                    report(violation(PropertyId::Q2, &at_copy, evidence, cure));
                }
            }
        }
    }

    /// Everything that was pending is decided by the end of the drain.
    fn quiesced(
        &self,
        expectation: &Expectation,
        ledger: &Ledger,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        for (copy, &node) in ledger.copies().iter().enumerate() {
            for missing in ledger.missing(copy) {
                // What was decided when its last carrier went is not reported twice.
                let decided = missing.abandoned && !expectation.superseding;
                let write = ledger.write(missing.message);
                let about = Record {
                    key: missing.key,
                    version: missing.version,
                    message: missing.message,
                    peer: node,
                    ..*record
                };
                let written = write
                    .and_then(|write| write.written)
                    .unwrap_or(RecordId::NONE);
                let cure = if missing.again {
                    Some("version-guard")
                } else {
                    None
                };
                if !decided {
                    report(violation(PropertyId::Q1, &about, vec![written, id], cure));
                    if write.is_some_and(|write| write.acknowledged_at.is_some()) {
                        report(violation(PropertyId::Q2, &about, vec![written, id], cure));
                    }
                }
                if !missing.abandoned && !missing.again {
                    report(violation(PropertyId::Q3, &about, vec![written, id], cure));
                }
            }
            if ledger.effect() == Effect::Counter {
                over_count(ledger, copy, id, record, report);
            }
            self.balance(copy, node, id, record, report);
        }
        if self.outbox > 0 {
            report(violation(PropertyId::Q5, record, vec![id], None));
        }
    }

    fn balance(
        &self,
        copy: usize,
        node: NodeId,
        id: RecordId,
        record: &Record,
        report: &mut impl FnMut(Violation),
    ) {
        let account = &self.accounts[copy];
        let about = Record {
            peer: node,
            ..*record
        };
        if account.backlog > 0 {
            report(violation(
                PropertyId::Q5,
                &about,
                vec![id],
                Some("dead-letter-queue"),
            ));
        }
        if account.dropped > 0 {
            report(violation(PropertyId::Q6, &about, vec![id], Some("retries")));
        }
    }
}

/// Q3 at an effect: the second effect of an event that must count once breaks it at once.
fn once(
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
        let cure = if expectation.inbox {
            "inbox-retention"
        } else {
            "inbox"
        };
        report(violation(
            PropertyId::Q3,
            record,
            vec![record.cause, id],
            Some(cure),
        ));
    }
}

/// Q2 at an answer: the client is told "done" of a write that no carrier takes to a copy any more.
fn too_late(
    expectation: &Expectation,
    ledger: &Ledger,
    id: RecordId,
    record: &Record,
    report: &mut impl FnMut(Violation),
) {
    for (copy, &node) in ledger.copies().iter().enumerate() {
        let lost = ledger
            .missing(copy)
            .iter()
            .find(|missing| missing.message == record.message);
        if lost.is_some_and(|missing| missing.abandoned && !expectation.superseding) {
            let write = ledger.write(record.message);
            let written = write
                .and_then(|write| write.written)
                .unwrap_or(RecordId::NONE);
            let version = write.map_or(0, |write| write.version);
            let about = Record {
                peer: node,
                version,
                ..*record
            };
            report(violation(
                PropertyId::Q2,
                &about,
                vec![written, id],
                Some("outbox"),
            ));
        }
    }
}

/// Q1 for a counter: the copy must not show more events than the source committed.
fn over_count(
    ledger: &Ledger,
    copy: usize,
    id: RecordId,
    record: &Record,
    report: &mut impl FnMut(Violation),
) {
    for (key, committed) in ledger.all_keys() {
        let shown = ledger.shown(copy, key).shown;
        if shown > committed {
            let about = Record {
                key,
                version: shown,
                peer: ledger.copies()[copy],
                ..*record
            };
            report(violation(PropertyId::Q1, &about, vec![id], Some("inbox")));
        }
    }
}

/// The protection that keeps a carrier alive.
fn cure_of(reason: u32) -> Option<&'static str> {
    match reason {
        reason::CRASH_BEFORE_PUBLISH | reason::PUBLISHER_MEMORY => Some("outbox"),
        reason::NO_RETRY => Some("retries"),
        reason::ACKNOWLEDGED_EARLY => Some("acknowledge-after"),
        reason::RETENTION => Some("broker-retention"),
        reason::DISCARDED => Some("dead-letter-queue"),
        _ => None,
    }
}
