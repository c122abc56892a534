//! Invariants judged when all is quiet: Q1, Q2, Q3, Q5, Q6; or earlier, by the record that decides.

use super::Expectation;
use super::merges::Merges;
use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use super::reason::{self, cure_of};
use crate::built;
use crate::metric::Ledger;
use crate::metric::ledger::{Effect, Missing};
use crate::sim::{Fact, NodeId, Record, RecordId};
use crate::store::{HintState, Numbered, OutboxState, Sorted, two_phase};

/// What became of an event at a copy, once it was published.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Fate {
    #[default]
    Unpublished,
    Open,
    /// It took effect, or was rightly skipped.
    Processed,
    Parked,
    /// Its last carrier is gone.
    Lost,
}

/// Accounts per copy.
#[derive(Clone, Debug, Default)]
struct Account {
    /// Entries of the broker that the copy has not acknowledged, parked or missed.
    backlog: i64,
    fates: Numbered<Fate>,
    /// Events whose handler failed and that are not processed yet.
    failing: Sorted<u32>,
    /// Keys that took the effect of an event that was not committed then.
    phantoms: Sorted<u32>,
}

/// State of the liveness checks, bounded by the number of events.
#[derive(Clone, Debug)]
pub struct Quiescence {
    accounts: Vec<Account>,
    outbox: i64,
    /// Run locks that are held, and prepared transactions, which hold the locks of their rows.
    locks: i64,
    /// Hints that wait.
    hints: i64,
    /// Requests without an answer, and the clients that wait for it.
    unanswered: Sorted<u32, NodeId>,
    /// Why the last carrier of an event is gone, plus one.
    reasons: Numbered<u8>,
    merges: Merges,
}

impl Quiescence {
    /// Checks for this many copies.
    pub fn new(copies: usize) -> Self {
        Quiescence {
            accounts: vec![Account::default(); copies],
            outbox: 0,
            locks: 0,
            hints: 0,
            unanswered: Sorted::default(),
            reasons: Numbered::default(),
            merges: Merges::default(),
        }
    }

    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        self.account(moment.ledger, record);
        match record.fact {
            Fact::Abandoned => self.abandoned(moment, report),
            Fact::Acknowledged => {
                self.too_late(moment, report);
                if built::CONFLICTS {
                    self.merges.acknowledged(moment, report);
                }
            }
            Fact::Applied => once(moment, report),
            Fact::Written => asked_for(moment, report),
            Fact::Discarded if built::CONFLICTS => self.merges.discarded(moment, report),
            Fact::Quiesced => self.quiesced(moment, report),
            _ => {}
        }
    }

    fn account(&mut self, ledger: &Ledger, record: &Record) {
        match record.fact {
            Fact::Published => {
                for account in &mut self.accounts {
                    account.backlog += 1;
                    let fate = account.fates.at(record.message);
                    if *fate == Fate::Unpublished {
                        *fate = Fate::Open;
                    }
                }
            }
            Fact::Requested => {
                self.unanswered.insert(record.message, record.node);
            }
            Fact::Acknowledged | Fact::Declined | Fact::TimedOut => {
                self.unanswered.remove(record.message);
            }
            // Who is not there any more waits for nothing.
            Fact::Crashed => self.unanswered.retain(|&client| client != record.node),
            Fact::Locked => self.locks += 1,
            Fact::Unlocked => self.locks -= 1,
            Fact::Appended => {
                for account in &mut self.accounts {
                    *account.fates.at(record.message) = Fate::Open;
                }
            }
            Fact::Edge => {
                self.outbox += OutboxState::count_change(record.detail);
                self.hints += HintState::count_change(record.detail);
                self.locks += two_phase::locks_change(record.detail);
            }
            Fact::Abandoned => {
                *self.reasons.at(record.message) = record.detail as u8 + 1;
            }
            _ => {}
        }
        let Some(copy) = ledger.copy_index(record.peer) else {
            return;
        };
        let told = matches!(
            record.fact,
            Fact::Parked | Fact::Redriven | Fact::Applied | Fact::Skipped | Fact::Replaced
        );
        let account = &mut self.accounts[copy];
        let fate = match told {
            true => account.fates.at(record.message),
            false => &mut Fate::Unpublished,
        };
        match record.fact {
            Fact::Committed | Fact::Expired => account.backlog -= 1,
            Fact::Parked => {
                account.backlog -= 1;
                if *fate == Fate::Open {
                    *fate = Fate::Parked;
                }
            }
            Fact::Redriven => {
                account.backlog += 1;
                if *fate == Fate::Parked {
                    *fate = Fate::Open;
                }
            }
            Fact::Failed => {
                account.failing.insert(record.message, ());
            }
            Fact::Applied | Fact::Skipped => {
                *fate = Fate::Processed;
                account.failing.remove(record.message);
                let write = ledger.write(record.message);
                let committed = write.is_some_and(|write| write.committed_at.is_some());
                if record.fact == Fact::Applied && !committed {
                    account.phantoms.insert(record.key, ());
                }
            }
            // A table that is exchanged can bring an event, or take it away again.
            Fact::Replaced if record.detail > 0 => *fate = Fate::Processed,
            Fact::Replaced => *fate = Fate::Open,
            _ => {}
        }
    }

    /// No carrier is left: what can be decided now is decided now.
    fn abandoned(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (ledger, record) = (moment.ledger, moment.record);
        let cure = cure_of(moment.expectation, record.detail);
        let write = ledger.write(record.message).copied().unwrap_or_default();
        let written = write.written.unwrap_or(RecordId::NONE);
        let evidence = || vec![written, record.cause, moment.id];
        for (index, &copy) in ledger.copies().iter().enumerate() {
            if record.peer != NodeId::NONE && record.peer != copy {
                continue;
            }
            let at_copy = Record {
                peer: copy,
                ..*record
            };
            let fate = self.accounts[index].fates.at(record.message);
            if *fate == Fate::Open {
                *fate = Fate::Lost;
                report(violation(PropertyId::Q6, &at_copy, evidence(), cure));
            }
            // A newer version can still make a lost older one good.
            let missing = ledger.missing(index).iter();
            let mut lost = missing.filter(|missing| missing.message == record.message);
            let open = supersedes(moment.expectation, record.detail);
            if open || lost.next().is_none() {
                continue;
            }
            report(violation(PropertyId::Q3, &at_copy, evidence(), cure));
            // Where copies are compared with each other, the other may yet lose it too.
            if !moment.expectation.peers {
                report(violation(PropertyId::Q1, &at_copy, evidence(), cure));
            }
            if write.acknowledged_at.is_some() {
                report(violation(PropertyId::Q2, &at_copy, evidence(), cure));
            }
        }
    }

    /// Q2 at an answer: the client is told "done" of a write that no carrier takes to a copy.
    fn too_late(&self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let ledger = moment.ledger;
        // Where a repeated request is another write, the answer may be about that one.
        if moment.expectation.repeats.is_some() {
            return;
        }
        for (copy, &node) in ledger.copies().iter().enumerate() {
            let missing = ledger.missing(copy).iter();
            let lost = missing.filter(|missing| missing.abandoned);
            for missing in lost.filter(|missing| missing.message == moment.record.message) {
                if supersedes(moment.expectation, self.reason_of(missing)) {
                    continue;
                }
                let (about, evidence) = about(missing, node, moment);
                let cure = self.cure_for(moment.expectation, missing);
                report(violation(PropertyId::Q2, &about, evidence, cure));
            }
        }
    }

    /// Everything that was pending is decided by the end of the drain.
    fn quiesced(&self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (ledger, record) = (moment.ledger, moment.record);
        for (copy, &node) in ledger.copies().iter().enumerate() {
            for missing in ledger.missing(copy) {
                self.missing_still(copy, missing, moment, report);
            }
            self.too_much(copy, moment, report);
            self.balance(copy, node, moment, report);
        }
        if self.outbox > 0 || self.locks > 0 || self.hints > 0 {
            report(violation(PropertyId::Q5, record, vec![moment.id], None));
        }
        for &(message, _) in self
            .unanswered
            .iter()
            .filter(|_| moment.expectation.answers)
        {
            let about = Record { message, ..*record };
            report(violation(PropertyId::Q8, &about, vec![moment.id], None));
        }
        if built::CONFLICTS && moment.expectation.peers {
            self.merges.quiesced(moment, report);
        }
    }

    /// All is quiet, and a copy lacks a write.
    fn missing_still(
        &self,
        copy: usize,
        missing: &Missing,
        moment: Moment,
        report: &mut impl FnMut(Violation),
    ) {
        let (ledger, expectation) = (moment.ledger, moment.expectation);
        let (about, evidence) = about(missing, ledger.copies()[copy], moment);
        let cure = self.cure_for(expectation, missing);
        let mut tell = |property| report(violation(property, &about, evidence.clone(), cure));
        // What was decided when its last carrier went is not reported twice.
        let decided = missing.abandoned && !supersedes(expectation, self.reason_of(missing));
        let differs = match expectation.peers {
            // Copies that both lost it agree.
            true => (0..ledger.copies().len()).any(|copy| ledger.includes(copy, missing.message)),
            false => !decided,
        };
        if differs {
            tell(PropertyId::Q1);
        }
        let write = ledger.write(missing.message);
        if !decided && write.is_some_and(|write| write.acknowledged_at.is_some()) {
            tell(PropertyId::Q2);
        }
        if !decided && !missing.again {
            tell(PropertyId::Q3);
        }
    }

    /// Q1 the other way round: a copy must not show more than the source committed.
    fn too_much(&self, copy: usize, moment: Moment, report: &mut impl FnMut(Violation)) {
        let ledger = moment.ledger;
        let phantoms = &self.accounts[copy].phantoms;
        let keys = ledger.all_keys().map(|(key, _)| key);
        let unknown = phantoms.iter().map(|&(key, ())| key);
        for key in keys.chain(unknown.filter(|&key| ledger.committed(key) == 0)) {
            let shown = ledger.shown(copy, key).shown;
            if shown <= ledger.committed(key) {
                continue;
            }
            let cure = match (phantoms.contains(key), ledger.effect()) {
                // It was refused, and yet some copy has kept it.
                _ if moment.expectation.early => Some("anti-entropy"),
                (true, _) | (_, Effect::Register) => moment.expectation.phantoms,
                _ => Some(moment.expectation.duplicates),
            };
            let about = Record {
                key,
                version: shown,
                peer: ledger.copies()[copy],
                ..*moment.record
            };
            report(violation(PropertyId::Q1, &about, vec![moment.id], cure));
        }
    }

    /// Q5 and Q6: what is still in the queues, and which events nobody accounts for.
    fn balance(
        &self,
        copy: usize,
        node: NodeId,
        moment: Moment,
        report: &mut impl FnMut(Violation),
    ) {
        let account = &self.accounts[copy];
        let about = Record {
            peer: node,
            ..*moment.record
        };
        // Something fails again and again and is never put aside.
        let stuck = !moment.expectation.parks && !account.failing.is_empty();
        let cure = stuck.then_some("dead-letter-queue");
        if account.backlog > 0 {
            report(violation(PropertyId::Q5, &about, vec![moment.id], cure));
        }
        let open = account
            .fates
            .iter()
            .filter(|(_, fate)| **fate == Fate::Open);
        for (message, _) in open {
            let about = Record { message, ..about };
            report(violation(PropertyId::Q6, &about, vec![moment.id], cure));
        }
    }

    /// The protection that would have kept a write from being missing in the end.
    fn cure_for(&self, expectation: &Expectation, missing: &Missing) -> Option<&'static str> {
        let reason = self.reasons.get(missing.message).copied().unwrap_or(0);
        let known = reason.checked_sub(1);
        if missing.again && known.is_none() {
            return Some(expectation.regressions);
        }
        match known.filter(|_| missing.abandoned || missing.again) {
            Some(reason) => cure_of(expectation, u32::from(reason)),
            // What is neither there nor given up is part of a saga that is stuck.
            None => expectation.flow?.cure_of_stuck(),
        }
    }

    /// Why a write was abandoned, as its record says.
    fn reason_of(&self, missing: &Missing) -> u32 {
        let reason = self.reasons.get(missing.message).copied().unwrap_or(0);
        u32::from(reason.saturating_sub(1))
    }
}

/// Whether a newer version may still make good what was lost for this reason.
fn supersedes(expectation: &Expectation, reason: u32) -> bool {
    let last = expectation.retires && reason & reason::FINAL != 0;
    expectation.superseding && !last
}

/// A record and its evidence about a write that a copy misses, decided by `record`.
fn about(missing: &Missing, copy: NodeId, moment: Moment) -> (Record, Vec<RecordId>) {
    let about = Record {
        key: missing.key,
        version: missing.version,
        message: missing.message,
        peer: copy,
        ..*moment.record
    };
    let written = moment.ledger.write(missing.message).and_then(|w| w.written);
    (about, vec![written.unwrap_or(RecordId::NONE), moment.id])
}

/// Q3 at a commit: a write that no client asked for is the second one of a request.
fn asked_for(moment: Moment, report: &mut impl FnMut(Violation)) {
    let asked = moment.ledger.write(moment.record.message);
    let asked = asked.is_some_and(|write| write.requested_at.is_some());
    if let Some(cure) = moment.expectation.repeats.filter(|_| !asked) {
        report(moment.breach(PropertyId::Q3, Some(cure)));
    }
}

/// Q3 at an effect: the second effect of an event that must count once breaks it at once.
fn once(moment: Moment, report: &mut impl FnMut(Violation)) {
    let Some(copy) = moment.copy() else {
        return;
    };
    if moment.ledger.effects(copy, moment.record.message) > 0 {
        let cure = Some(moment.expectation.duplicates);
        report(moment.breach(PropertyId::Q3, cure));
    }
}
