//! Invariants of sagas: A8 (legality), A9 (no way back past the pivot), Q4 (all or nothing, or a
//! person knows), Q5 (nothing is left held) and A1 as a sum (what is taken is what sagas have).
//!
//! Where nobody leads, the service that started a saga says how it ends.
//!
//! State is bounded by the number of sagas, and of entities at services.

mod rule;

pub use rule::{SagaRule, Unlogged};

use super::moment::{Moment, violation};
use super::property::{PropertyId, Violation};
use crate::sim::{Channel, Fact, NodeId, Record, RecordId};
use crate::store::saga::{SagaState, StepState};
use crate::store::{Numbered, RowState, Sorted, machine, pair};

/// What is known of one saga.
#[derive(Clone, Copy, Debug)]
struct File {
    state: u8,
    steps: [u8; 8],
    /// Services, by bit: asked for the step; compensated, if only in vain; with an effect.
    asked: u8,
    undone: u8,
    live: u8,
    key: u32,
    version: u32,
    /// The record of the pivot's effect.
    pivot: Option<RecordId>,
    /// The last record that changed it.
    last: RecordId,
    forgotten: bool,
    told: bool,
}

impl Default for File {
    fn default() -> Self {
        File {
            state: SagaState::None as u8,
            steps: [StepState::Idle as u8; 8],
            asked: 0,
            undone: 0,
            live: 0,
            key: 0,
            version: 0,
            pivot: None,
            last: RecordId::NONE,
            forgotten: false,
            told: false,
        }
    }
}

impl File {
    /// Whether a saga that came to nothing has none of its effects; one that was left as it was may
    /// also have all.
    fn is_whole(&self, rule: &SagaRule) -> bool {
        let dropped = self.state == SagaState::Dropped as u8;
        self.live == 0 || dropped && self.live == rule.all()
    }

    /// What would have undone the effects that are left.
    fn cure_of_rest(&self, rule: &SagaRule) -> Option<&'static str> {
        match self.state == SagaState::Dropped as u8 {
            true if self.forgotten => rule.cure_of_forgotten(),
            true => Some("compensation"),
            false => Some(rule.cure_of_rest(self.live, self.undone)),
        }
    }
}

/// One entity at one service.
#[derive(Clone, Copy, Debug, Default)]
struct Account {
    /// Sagas that have a unit.
    live: i32,
    /// By how many more units are taken.
    off: i32,
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct SagaCheck {
    files: Numbered<File>,
    /// By service and entity.
    accounts: Sorted<u64, Account>,
    /// The last record of a row's state.
    row: Option<RecordId>,
    /// What would have prevented the last effect from being wrong.
    blame: &'static str,
}

impl SagaCheck {
    /// Takes note of a record.
    pub fn observe(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        match record.fact {
            Fact::Written => {
                let file = self.files.at(record.message);
                (file.key, file.version, file.last) = (record.key, record.version, moment.id);
            }
            Fact::Sent => self.sent(rule, moment, report),
            Fact::Edge => match (record.detail >> 16) as u8 {
                machine::SAGA => self.saga_moved(rule, moment, report),
                machine::STEP => self.step_moved(rule, moment, report),
                machine::ROW => self.row_moved(rule, moment, report),
                _ => {}
            },
            Fact::Applied => self.applied(rule, moment, report),
            Fact::Compensated => self.compensated(rule, moment, report),
            Fact::Unheard if !rule.watched && rule.needs_all => {
                let file = self.files.at(record.message);
                if !std::mem::replace(&mut file.told, true) {
                    report(moment.breach(PropertyId::Q4, rule.cure_of_hanging()));
                }
            }
            Fact::Overwrote => self.blame = "commutative-updates",
            Fact::Balance => self.balance(moment, report),
            Fact::Forgotten => {
                let file = self.files.at(record.message);
                file.forgotten = true;
                // Where there is no log, whoever asks again may carry it on.
                if rule.unlogged.is_none() {
                    file.told = true;
                    report(moment.breach(PropertyId::Q4, rule.cure_of_forgotten()));
                }
            }
            Fact::Quiesced => self.quiesced(rule, moment, report),
            _ => {}
        }
    }

    /// A8: a compensation is asked for only where the step was.
    fn sent(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let bit = rule.bit(record.peer);
        match record.channel {
            Channel::Command => self.files.at(record.message).asked |= bit,
            Channel::Compensate if self.files.at(record.message).asked & bit == 0 => {
                report(moment.breach(PropertyId::A8, None));
            }
            _ => {}
        }
    }

    /// A8: only listed transitions. Q4: a saga that is over has all of its effects, or none.
    fn saga_moved(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (from, to) = states(moment.record);
        let file = self.files.at(moment.record.message);
        if file.state != from || !rule.saga_may((from, to)) {
            report(moment.breach(PropertyId::A8, None));
        }
        (file.state, file.last) = (to, moment.id);
        if to == SagaState::Started as u8 && rule.unlogged.is_some() {
            // It is taken up anew by an orchestrator that knows nothing of it.
            file.steps = File::default().steps;
            file.forgotten = false;
        }
        if to == SagaState::Stuck as u8 && !rule.stuck_allowed && !file.told {
            file.told = true;
            report(moment.breach(PropertyId::Q4, rule.cure_of_stuck()));
        }
        self.undone_at_last(rule, moment, report);
    }

    /// A8: only listed transitions. A9: no compensation begins once the pivot has happened.
    fn step_moved(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let (from, to) = states(moment.record);
        let Some(service) = rule.service(moment.record.peer) else {
            return;
        };
        let file = self.files.at(moment.record.message);
        if file.steps[service] != from || !rule.step_may((from, to)) {
            report(moment.breach(PropertyId::A8, None));
        }
        file.steps[service] = to;
        let began = to == StepState::Compensating as u8 && from != StepState::Stuck as u8;
        if let (Some(pivot), true) = (file.pivot, began) {
            let cure = match rule.asks_pivot {
                false => "ask-pivot",
                true => "idempotent-steps",
            };
            let evidence = vec![pivot, moment.id];
            report(violation(
                PropertyId::A9,
                moment.record,
                evidence,
                Some(cure),
            ));
        }
    }

    fn row_moved(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let bit = rule.bit(record.node);
        let live = [RowState::Pending as u8, RowState::Confirmed as u8].contains(&states(record).1);
        let file = self.files.at(record.message);
        let was = file.live & bit != 0;
        file.live = if live {
            file.live | bit
        } else {
            file.live & !bit
        };
        let account = self.accounts.at(pair(record.node.0.into(), record.key));
        account.live += i32::from(live) - i32::from(was);
        self.row = Some(moment.id);
        self.undone_at_last(rule, moment, report);
    }

    /// Q4: a saga that says that all is undone, and something is not.
    fn undone_at_last(
        &mut self,
        rule: &SagaRule,
        moment: Moment,
        report: &mut impl FnMut(Violation),
    ) {
        let file = self.files.at(moment.record.message);
        let over = [SagaState::Compensated as u8, SagaState::Dropped as u8].contains(&file.state);
        // A hold gives itself back.
        if !over || file.is_whole(rule) || file.told || rule.holds_expire {
            return;
        }
        file.told = true;
        let evidence = vec![file.last, moment.id];
        let cure = file.cure_of_rest(rule);
        let record = about(file, moment.record);
        report(violation(PropertyId::Q4, &record, evidence, cure));
    }

    /// A8: a step that comes after its compensation has no effect.
    fn applied(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let file = self.files.at(record.message);
        let bit = rule.bit(record.node);
        if rule.service(record.node) == rule.pivot.map(usize::from) {
            file.pivot.get_or_insert(moment.id);
        }
        if record.detail > 1 {
            self.blame = "idempotent-steps";
        }
        if file.undone & bit != 0 {
            let cure = rule.cure_of_late();
            report(moment.breach(PropertyId::A8, Some(cure)));
        }
    }

    /// A8: a compensation takes effect once.
    fn compensated(&mut self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let file = self.files.at(record.message);
        file.undone |= rule.bit(record.node);
        if let (Some(pivot), true) = (file.pivot, record.detail > 0 && !rule.led) {
            let cure = Some(rule.cure_of_late());
            let evidence = vec![pivot, moment.id];
            report(violation(PropertyId::A9, record, evidence, cure));
        }
        let again = record.detail > 1;
        // An effect on a row that was cancelled already moves no row.
        let twice = record.detail > 0 && self.row != moment.id.0.checked_sub(1).map(RecordId);
        if again || twice {
            self.blame = "idempotent-compensation";
            report(moment.breach(PropertyId::A8, Some(self.blame)));
        }
    }

    /// A1: what is taken is what sagas have.
    fn balance(&mut self, moment: Moment, report: &mut impl FnMut(Violation)) {
        let record = moment.record;
        let account = self.accounts.at(pair(record.node.0.into(), record.key));
        let off = record.detail as i32 - account.live;
        let before = std::mem::replace(&mut account.off, off);
        if off != before && off != 0 {
            report(moment.breach(PropertyId::A1, Some(self.blame)));
        }
    }

    /// Q4 and Q5: how each saga has ended, and what is still held.
    fn quiesced(&self, rule: &SagaRule, moment: Moment, report: &mut impl FnMut(Violation)) {
        for (message, file) in self.files.iter().filter(|(_, file)| file.version > 0) {
            let record = Record {
                message,
                ..about(file, moment.record)
            };
            let evidence = || vec![file.last, moment.id];
            let is = |state: SagaState| file.state == state as u8;
            let (whole, cure) = match file.state {
                _ if is(SagaState::Completed) => (file.live == rule.all(), rule.cure_of_torn()),
                _ if is(SagaState::Compensated) || is(SagaState::Dropped) => {
                    (file.is_whole(rule), file.cure_of_rest(rule))
                }
                _ if is(SagaState::Stuck) => (rule.stuck_allowed, rule.cure_of_stuck()),
                _ => (false, rule.cure_of_hanging()),
            };
            if !whole && !file.told {
                report(violation(PropertyId::Q4, &record, evidence(), cure));
            }
            let held = file.live != 0 && !is(SagaState::Completed) && !file.is_whole(rule);
            if held || is(SagaState::Stuck) {
                let cure = match file.state {
                    _ if file.forgotten => rule.cure_of_forgotten(),
                    _ => cure,
                };
                report(violation(PropertyId::Q5, &record, evidence(), cure));
            }
        }
    }
}

/// The states that an edge record names.
fn states(record: &Record) -> (u8, u8) {
    (
        (record.detail >> 8 & 0xFF) as u8,
        (record.detail & 0xFF) as u8,
    )
}

/// A record about a saga.
fn about(file: &File, record: &Record) -> Record {
    Record {
        key: file.key,
        version: file.version,
        peer: NodeId::NONE,
        ..*record
    }
}
