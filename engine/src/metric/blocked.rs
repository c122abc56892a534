//! What blocking costs: how long participants hold locks for a transaction they have voted for, and
//! how much of that time they cannot be told what was decided.

use crate::sim::{Column, Fact, NodeId, Record, SimDuration, SimTime};
use crate::store::two_phase::{ParticipantState, participant_move};

/// A transaction that a participant is prepared for.
#[derive(Clone, Copy, Debug)]
struct Held {
    participant: NodeId,
    coordinator: NodeId,
    message: u32,
    round: u32,
    since: SimTime,
    /// Since when no decision can reach it, if that is so now.
    blocked: Option<SimTime>,
}

/// The fold. Its state is bounded by what is prepared, down or cut.
#[derive(Clone, Debug, Default)]
pub struct Blocked {
    held: Vec<Held>,
    down: Vec<NodeId>,
    cut: Vec<(NodeId, NodeId)>,
    /// Of what is decided by now.
    past: SimDuration,
    /// From a vote to its decision, by participant and transaction: when it was decided, how long.
    pub lock_times: Column<(SimTime, SimDuration)>,
}

impl Blocked {
    /// Takes note of a record.
    pub fn observe(&mut self, record: &Record) {
        let link = (record.node, record.peer);
        match record.fact {
            Fact::Edge => {
                if let Some((from, to)) = participant_move(record.detail) {
                    self.moved(from, to, record);
                }
                return;
            }
            Fact::Crashed => self.down.push(record.node),
            Fact::Restarted => self.down.retain(|&node| node != record.node),
            Fact::Partitioned => self.cut.push(link),
            Fact::Healed => self.cut.retain(|&other| other != link),
            _ => return,
        }
        for index in 0..self.held.len() {
            self.judge(index, record.at);
        }
    }

    /// Σ over participants and transactions of the time spent prepared with no decision in reach.
    pub fn total(&self, at: SimTime) -> SimDuration {
        let open = self.held.iter().filter_map(|held| held.blocked);
        open.fold(self.past, |sum, since| sum.plus(at.since(since)))
    }

    /// How many transactions of a participant wait for a decision that cannot reach it.
    pub fn blocked_at(&self, participant: NodeId) -> usize {
        let here = |held: &&Held| held.participant == participant && held.blocked.is_some();
        self.held.iter().filter(here).count()
    }

    /// Since when a participant has been prepared for a write, if it is.
    pub fn since(&self, participant: NodeId, message: u32) -> Option<SimTime> {
        let this = |held: &&Held| (held.participant, held.message) == (participant, message);
        self.held.iter().find(this).map(|held| held.since)
    }

    fn moved(&mut self, from: ParticipantState, to: ParticipantState, record: &Record) {
        if to == ParticipantState::Prepared {
            self.held.push(Held {
                participant: record.node,
                coordinator: record.peer,
                message: record.message,
                round: record.version,
                since: record.at,
                blocked: None,
            });
            self.judge(self.held.len() - 1, record.at);
        } else if from == ParticipantState::Prepared {
            let this = |held: &Held| {
                (held.participant, held.message, held.round)
                    == (record.node, record.message, record.version)
            };
            if let Some(index) = self.held.iter().position(this) {
                let held = self.held.remove(index);
                let span = held.blocked.map(|since| record.at.since(since));
                self.past = self.past.plus(span.unwrap_or(SimDuration::ZERO));
                let locked = record.at.since(held.since);
                self.lock_times.push((record.at, locked));
            }
        }
    }

    /// Whether a decision could reach it begins or ends to be so.
    fn judge(&mut self, index: usize, at: SimTime) {
        let Held {
            participant,
            coordinator,
            blocked,
            ..
        } = self.held[index];
        let gone = |node| self.down.contains(&node);
        let apart = |from, to| self.cut.contains(&(from, to));
        let unreachable = gone(participant)
            || gone(coordinator)
            || apart(participant, coordinator)
            || apart(coordinator, participant);
        match (blocked, unreachable) {
            (None, true) => self.held[index].blocked = Some(at),
            (Some(since), false) => {
                self.held[index].blocked = None;
                self.past = self.past.plus(at.since(since));
            }
            _ => {}
        }
    }
}
