//! What sagas cost, and what others saw of them that was undone later.

use crate::sim::{Channel, Column, Fact, NodeId, Record, SimTime};
use crate::store::saga::SagaState;
use crate::store::{Numbered, RowState, Sorted, machine};

/// One saga.
#[derive(Clone, Copy, Debug, Default)]
pub struct SagaFigures {
    /// When it started.
    pub since: Option<SimTime>,
    /// When it ended.
    pub until: Option<SimTime>,
    /// Whether it was completed.
    pub completed: bool,
    /// Whether it ever waited for a person.
    pub stuck: bool,
    /// Whether a lock ever refused it.
    pub locked_out: bool,
    /// Commands and answers, or events that are not of a cycle, repeated ones included.
    pub messages: u32,
    /// Compensations that took effect.
    pub compensations: u32,
    /// Events of a cycle that it set off.
    pub echoes: u32,
}

/// An effect of a saga that has not ended, in a row that does not say so.
#[derive(Clone, Debug)]
struct Open {
    service: NodeId,
    key: u32,
    saga: u32,
    /// Whether another saga has built on it.
    built_on: bool,
    /// Reads that were shown it.
    readers: Vec<u32>,
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct SagaCost {
    /// By saga.
    pub sagas: Numbered<SagaFigures>,
    /// For each effect that was undone: whether another saga had built on it (1 or 0).
    pub built_on: Column<(SimTime, bool)>,
    /// Reads by clients.
    pub reads: u32,
    /// Reads that were shown something that was undone later.
    pub dirty: Sorted<u32>,
    /// Effects that could not be undone although their saga was.
    pub apologies: u32,
    open: Vec<Open>,
    /// Whether the row that moved last says that it is not final.
    pending: bool,
}

impl SagaCost {
    /// Takes note of a record.
    pub fn observe(&mut self, record: &Record) {
        match record.fact {
            Fact::Sent if is_saga(record.channel) => {
                self.sagas.at(record.message).messages += 1;
            }
            Fact::Sent if record.channel == Channel::Echo => {
                self.sagas.at(record.message).echoes += 1;
            }
            Fact::Edge => self.moved(record),
            Fact::Refused if record.detail == LOCKED => {
                self.sagas.at(record.message).locked_out = true;
            }
            Fact::Apologised => self.apologies += 1,
            Fact::Applied => self.applied(record),
            Fact::Compensated if record.detail > 0 => self.compensated(record),
            Fact::Read => {
                let read = self.reads;
                self.reads += 1;
                for open in self.seen(record.peer, record.key, 0) {
                    open.readers.push(read);
                }
            }
            _ => {}
        }
    }

    fn moved(&mut self, record: &Record) {
        let to = (record.detail & 0xFF) as u8;
        match (record.detail >> 16) as u8 {
            machine::ROW => self.pending = to == RowState::Pending as u8,
            machine::SAGA => {
                let saga = self.sagas.at(record.message);
                saga.since.get_or_insert(record.at);
                saga.stuck |= to == SagaState::Stuck as u8;
                saga.completed = to == SagaState::Completed as u8;
                if saga.completed || to == SagaState::Compensated as u8 {
                    saga.until = Some(record.at);
                    self.open.retain(|open| open.saga != record.message);
                }
            }
            _ => {}
        }
    }

    /// Effects of others that whoever looks there now is shown.
    fn seen(&mut self, service: NodeId, key: u32, saga: u32) -> impl Iterator<Item = &mut Open> {
        let seen =
            move |open: &&mut Open| (open.service, open.key) == (service, key) && open.saga != saga;
        self.open.iter_mut().filter(seen)
    }

    fn applied(&mut self, record: &Record) {
        let (service, key, saga) = (record.peer, record.key, record.message);
        // Only the rows of services, and of those only the ones that do not say so.
        if self.sagas.get(saga).is_none_or(|saga| saga.since.is_none()) {
            return;
        }
        for open in self.seen(service, key, saga) {
            open.built_on = true;
        }
        if !self.pending {
            self.open.push(Open {
                service,
                key,
                saga,
                built_on: false,
                readers: Vec::new(),
            });
        }
    }

    fn compensated(&mut self, record: &Record) {
        let figures = self.sagas.at(record.message);
        figures.compensations += 1;
        let since = figures.since.unwrap_or_default();
        let at = |open: &Open| (open.service, open.saga) == (record.peer, record.message);
        if let Some(place) = self.open.iter().position(at) {
            let open = self.open.remove(place);
            self.built_on.push((since, open.built_on));
            for read in open.readers {
                self.dirty.insert(read, ());
            }
        }
    }
}

/// The detail of a refusal by a lock.
const LOCKED: u32 = 8;

/// Whether a kind of message is a saga's.
fn is_saga(channel: Channel) -> bool {
    matches!(
        channel,
        Channel::Command
            | Channel::StepReply
            | Channel::Compensate
            | Channel::CompensateReply
            | Channel::Confirm
            | Channel::ConfirmReply
            | Channel::SagaStarted
            | Channel::StepDone
            | Channel::StepFailed
            | Channel::StepUndone
            | Channel::SagaOverdue
    )
}
