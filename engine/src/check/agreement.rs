//! A10: the participants of a two-phase commit decide alike, and commit only after all voted yes.

use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use crate::sim::{Fact, RecordId};
use crate::store::two_phase::{ParticipantState, participant_move};
use crate::store::{Sorted, pair};

/// One transaction, until all its participants have decided.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    votes: usize,
    decisions: usize,
    /// The first decision: whether it was to commit, and its record.
    first: Option<(bool, RecordId)>,
    /// Whether an operator decided, and whether a vote was forgotten.
    operator: bool,
    forgot: bool,
}

impl Account {
    /// The protection that would have kept the participants together.
    fn cure(&self) -> &'static str {
        match (self.operator, self.forgot) {
            (true, _) => "no-heuristic",
            (_, true) => "forced-vote",
            _ => "decision-log",
        }
    }
}

/// State bounded by the transactions that some participant has not decided.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// By write and round.
    open: Sorted<u64, Account>,
}

impl Agreement {
    /// Takes note of a record.
    pub fn observe(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let transaction = pair(record.message, record.version);
        match record.fact {
            Fact::Heuristic => self.open.at(transaction).operator = true,
            Fact::Edge => {
                if let Some((from, to)) = participant_move(record.detail) {
                    self.moved(transaction, (from, to), moment, report);
                }
            }
            _ => {}
        }
    }

    fn moved(
        &mut self,
        transaction: u64,
        (from, to): (ParticipantState, ParticipantState),
        moment: Moment,
        report: &mut impl FnMut(Violation),
    ) {
        let participants = moment.ledger.copies().len();
        let account = self.open.at(transaction);
        let commit = match to {
            ParticipantState::Prepared => {
                account.votes += 1;
                return;
            }
            ParticipantState::Committed => true,
            ParticipantState::Aborted => false,
            // Who forgets its vote has undone the change.
            ParticipantState::Absent if from == ParticipantState::Prepared => {
                account.forgot = true;
                false
            }
            ParticipantState::Absent | ParticipantState::Working => return,
        };
        account.decisions += 1;
        let first = account.first.get_or_insert((commit, moment.id)).1;
        let differs = account.first.is_some_and(|(other, _)| other != commit);
        let early = commit && account.votes < participants;
        if differs || early {
            let evidence = vec![first, moment.record.cause, moment.id];
            let cure = Some(account.cure());
            report(violation(PropertyId::A10, moment.record, evidence, cure));
        }
        if account.decisions == participants {
            self.open.remove(transaction);
        }
    }
}
