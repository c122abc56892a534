//! All observers of a run, in the order in which they must see a record: checks and costs read
//! the ledger as it stands just before the record.

use crate::check::{Checks, Expectation};
use crate::metric::{Cost, Ledger};
use crate::pattern::{Topology, background_sync, quorum, request_reply, saga};
use crate::sim::{Channel, Column, Fact, Observer, Record, RecordId};
use crate::store::{machine, two_phase};

/// A record worth a sentence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// Its number.
    pub id: RecordId,
    /// The record.
    pub record: Record,
}

/// The records of a run that are worth a sentence.
#[derive(Clone, Debug, Default)]
pub struct Story {
    told: Column<Told>,
}

impl Story {
    /// Oldest first.
    pub fn told(&self) -> &Column<Told> {
        &self.told
    }

    /// Whether a record is told.
    pub fn tells(record: &Record) -> bool {
        match record.fact {
            Fact::Written | Fact::Acknowledged | Fact::Applied | Fact::Skipped | Fact::Lost => true,
            Fact::Abandoned | Fact::Parked | Fact::Redriven | Fact::Expired | Fact::Failed => true,
            Fact::Crashed | Fact::Restarted | Fact::RolledBack | Fact::Oversold => true,
            Fact::Refused | Fact::TimedOut | Fact::Duplicated | Fact::Intervened => true,
            Fact::Partitioned | Fact::Healed | Fact::Held | Fact::Released => true,
            Fact::Drained | Fact::Quiesced | Fact::Locked | Fact::Passed => true,
            Fact::Heuristic
            | Fact::Overwrote
            | Fact::Declined
            | Fact::Unanswered
            | Fact::FellBack => true,
            Fact::ReadPast | Fact::Vacated | Fact::Replaced => true,
            Fact::Compensated | Fact::Lapsed | Fact::Blocked => true,
            Fact::Forgotten | Fact::Apologised | Fact::Unheard | Fact::Capped => true,
            Fact::Merged | Fact::Discarded | Fact::Conflicted | Fact::Resolved => true,
            Fact::Read => record.message > 0 && record.detail > 0,
            // Who gives its lock back is done, which its last record says.
            Fact::Unlocked => record.detail == 1,
            // A run that is done; a relay's polls are told by what they send.
            Fact::Ticked => record.version > 0,
            Fact::Edge => {
                let machine = (record.detail >> 16) as u8;
                matches!(machine, machine::SEGMENT | machine::REBUILD)
                    || two_phase::is_news(record.detail)
                    || background_sync::state::is_news(record.detail)
                    || quorum::state::is_news(record.detail)
                    || saga::state::is_news(record.detail)
                    || request_reply::state::is_news(record.detail)
            }
            // A first request is told by its commit; a repeated one is news.
            Fact::Requested => record.detail > 0,
            // Who is in doubt asks again and again; that it does is told once.
            Fact::Sent => match record.channel {
                Channel::Publish | Channel::Command | Channel::Compensate => record.detail > 0,
                Channel::Inquiry => record.detail == 0,
                Channel::StepFailed | Channel::SagaOverdue => true,
                _ => false,
            },
            _ => false,
        }
    }
}

/// Everything that reads the records of a run.
#[derive(Clone, Debug)]
pub struct Observers {
    /// Truth and copies.
    pub ledger: Ledger,
    /// Invariants.
    pub checks: Checks,
    /// Costs.
    pub cost: Cost,
    /// The story.
    pub story: Story,
    consumers: Vec<Option<usize>>,
}

impl Observers {
    /// Observers of a run with this topology.
    pub fn new(
        topology: &Topology,
        effect: crate::metric::ledger::Effect,
        expectation: Expectation,
    ) -> Self {
        let copies = topology.copies.len();
        let copy_of =
            |node: &crate::pattern::NodeInfo| node.copy.and_then(|copy| topology.copy_index(copy));
        Observers {
            ledger: Ledger::new(topology.copies.clone(), effect),
            checks: Checks::new(copies, expectation),
            cost: Cost::new(copies),
            story: Story::default(),
            consumers: topology.nodes.iter().map(copy_of).collect(),
        }
    }
}

impl Observer for Observers {
    fn observe(&mut self, id: RecordId, record: &Record) {
        self.checks.observe(&self.ledger, id, record);
        self.cost.observe(&self.ledger, record);
        if record.fact == Fact::Restarted
            && let Some(Some(copy)) = self.consumers.get(record.node.index())
        {
            self.cost.consumer_back(*copy, record.at);
        }
        self.ledger.observe(id, record);
        if Story::tells(record) {
            self.story.told.push(Told {
                id,
                record: *record,
            });
        }
    }
}
