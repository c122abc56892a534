//! A7 (the checkpoint tells the truth), Q7 (a rebuild changes nothing), Q8 (everyone is answered)
//! and the half of Q2 that a single record decides: a write over versions that its author had not
//! seen.

use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use super::reason;
use crate::metric::Ledger;
use crate::sim::{Fact, NodeId, Record, RecordId, SimTime};
use crate::store::{Numbered, Sorted, machine, pair};

/// One copy's checkpoint and what it lacks.
#[derive(Clone, Debug, Default)]
struct Account {
    checkpoint: u32,
    /// Events in the event store that are not in the copy: message by position.
    lacks: Sorted<u32, u32>,
    /// Whether anything was ever checkpointed here.
    follows: bool,
}

/// State bounded by what is open and by the number of events.
#[derive(Clone, Debug)]
pub struct Progress {
    accounts: Vec<Account>,
    /// Position of each event, 0 for none.
    positions: Numbered<u32>,
    /// Clients that wait: (client, write or query), and the record of their question.
    open: Sorted<u64, RecordId>,
    /// When a rebuilt table last took the place of an old one.
    swapped_at: Option<SimTime>,
}

impl Progress {
    /// Checks for this many copies.
    pub fn new(copies: usize) -> Self {
        Progress {
            accounts: vec![Account::default(); copies],
            positions: Numbered::default(),
            open: Sorted::default(),
            swapped_at: None,
        }
    }

    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let client = pair(u32::from(record.node.0), record.message);
        match record.fact {
            Fact::Requested | Fact::Asked => {
                self.open.insert(client, moment.id);
            }
            Fact::Acknowledged
            | Fact::Declined
            | Fact::TimedOut
            | Fact::Read
            | Fact::Unanswered => {
                self.open.remove(client);
            }
            Fact::Crashed => {
                // Who is down has forgotten that it asked.
                let node = u32::from(record.node.0);
                self.open.remove_range(pair(node, 0)..pair(node + 1, 0));
            }
            Fact::Overwrote => {
                let cure = Some(moment.expectation.overwrites);
                report(moment.breach(PropertyId::Q2, cure));
            }
            Fact::Appended => self.appended(moment, report),
            Fact::Applied | Fact::Skipped => self.has(moment.ledger, record),
            Fact::Edge if (record.detail >> 16) as u8 == machine::REBUILD => {
                self.swapped_at = Some(record.at);
            }
            Fact::Replaced => self.replaced(moment, report),
            Fact::Abandoned if record.detail == reason::SWAP_HOLE => {
                self.taken_away(moment, report);
            }
            Fact::Projected => self.stored(moment, report),
            Fact::Quiesced => self.quiesced(moment, report),
            _ => {}
        }
    }

    /// An event is there: below a checkpoint, it comes too late.
    fn appended(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        *self.positions.at(record.message) = record.detail;
        for (account, &copy) in self.accounts.iter_mut().zip(moment.ledger.copies()) {
            account.lacks.insert(record.detail, record.message);
            if account.follows && record.detail <= account.checkpoint {
                let about = Record {
                    peer: copy,
                    ..*record
                };
                let cure = Some("gap-wait");
                report(violation(
                    PropertyId::A7,
                    &about,
                    vec![record.cause, moment.id],
                    cure,
                ));
            }
        }
    }

    fn has(&mut self, ledger: &Ledger, record: &Record) {
        let position = self.positions.get(record.message).copied().unwrap_or(0);
        if let Some(copy) = ledger.copy_index(record.peer) {
            self.accounts[copy].lacks.remove(position);
        }
    }

    /// A row was replaced: an event may be gone that the checkpoint has passed; and what a rebuild
    /// shows at the position of the old table should be what that showed.
    fn replaced(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let Some(copy) = moment.copy() else {
            return;
        };
        let position = self.positions.get(record.message).copied().unwrap_or(0);
        let account = &mut self.accounts[copy];
        let lacked = account.lacks.contains(position);
        if record.detail > 0 {
            account.lacks.remove(position);
        } else if position > 0 {
            account.lacks.insert(position, record.message);
        }
        if account.follows && position > 0 && position <= account.checkpoint {
            let evidence = || vec![record.cause, moment.id];
            let swapped = self.swapped_at == Some(record.at);
            let cure = match swapped {
                true => Some("careful-swap"),
                false => Some(moment.expectation.regressions),
            };
            if record.detail == 0 {
                report(violation(PropertyId::A7, record, evidence(), cure));
            }
            // What was merely late is no difference: the rebuild was quicker.
            if swapped && !lacked {
                report(violation(PropertyId::Q7, record, evidence(), cure));
            }
        }
    }

    /// A table was exchanged for one that lacks an event, which no one will bring again.
    fn taken_away(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let position = self.positions.get(record.message).copied().unwrap_or(0);
        for (account, &copy) in self.accounts.iter_mut().zip(moment.ledger.copies()) {
            if !account.follows || account.lacks.contains(position) {
                continue;
            }
            account.lacks.insert(position, record.message);
            if position <= account.checkpoint {
                let about = Record {
                    peer: copy,
                    ..*record
                };
                let evidence = vec![record.cause, moment.id];
                let cure = reason::cure_of(moment.expectation, record.detail);
                report(violation(PropertyId::A7, &about, evidence, cure));
            }
        }
    }

    /// A checkpoint was stored.
    fn stored(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let Some(copy) = moment.copy() else {
            return;
        };
        let account = &mut self.accounts[copy];
        let before = account.checkpoint;
        account.checkpoint = record.detail;
        account.follows = true;
        let missing = account.lacks.iter();
        let missing = missing.filter(|(at, _)| *at > before && *at <= record.detail);
        for &(_, message) in missing {
            let write = moment.ledger.write(message).copied().unwrap_or_default();
            let about = Record {
                message,
                key: write.key,
                version: write.version,
                ..*record
            };
            let written = write.written.unwrap_or(RecordId::NONE);
            let evidence = vec![written, record.cause, moment.id];
            let cure = Some("checkpoint-transaction");
            report(violation(PropertyId::A7, &about, evidence, cure));
        }
    }

    fn quiesced(&self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (ledger, record) = (moment.ledger, moment.record);
        let judges_answers = moment.expectation.sessions.is_some();
        for &(client, asked) in self.open.iter().filter(|_| judges_answers) {
            let about = Record {
                message: client as u32,
                peer: NodeId((client >> 32) as u8),
                ..*record
            };
            report(violation(
                PropertyId::Q8,
                &about,
                vec![asked, moment.id],
                None,
            ));
        }
        for (copy, &node) in ledger.copies().iter().enumerate() {
            if !self.accounts[copy].follows {
                continue;
            }
            for missing in ledger.missing(copy) {
                let about = Record {
                    key: missing.key,
                    version: missing.version,
                    message: missing.message,
                    peer: node,
                    ..*record
                };
                report(violation(PropertyId::Q7, &about, vec![moment.id], None));
            }
        }
    }
}
