//! What happened a moment before the playhead: traffic too quick to be seen, and losses.

use converge_engine::sim::{Fact, Journal, NodeId, Record, RecordId, SimDuration, SimTime};

/// At most this many records are looked at; beyond, the picture is busy enough.
const LOOK_BACK: u32 = 6000;
/// At most this many losses are drawn at a time.
const LOSSES: usize = 12;

/// What happened a moment ago.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Activity {
    sent: Vec<(NodeId, NodeId, u32)>,
    /// Messages that were lost.
    pub lost: Vec<Record>,
}

impl Activity {
    /// How many quick messages were sent on a link.
    pub fn sent(&self, from: NodeId, to: NodeId) -> u32 {
        let found = self.sent.iter().find(|(a, b, _)| (*a, *b) == (from, to));
        found.map_or(0, |(.., count)| *count)
    }

    fn count(&mut self, from: NodeId, to: NodeId) {
        match self
            .sent
            .iter_mut()
            .find(|(a, b, _)| (*a, *b) == (from, to))
        {
            Some((.., count)) => *count += 1,
            None => self.sent.push((from, to, 1)),
        }
    }
}

/// What happened within `moment` before the state with this many records. Messages that took at
/// least `seen` were seen as tokens and do not count as traffic.
pub fn activity(
    journal: &Journal,
    records: u32,
    at: SimTime,
    moment: SimDuration,
    seen: SimDuration,
) -> Activity {
    let mut activity = Activity::default();
    let since = SimTime::ZERO.plus(at.since(SimTime::ZERO.plus(moment)));
    for id in (records.saturating_sub(LOOK_BACK)..records).rev() {
        let Some(record) = journal.get(RecordId(id)) else {
            break;
        };
        if record.at < since {
            break;
        }
        match record.fact {
            Fact::Delivered => {
                let sent = journal.get(record.cause);
                if sent.is_some_and(|sent| record.at.since(sent.at) < seen) {
                    activity.count(record.peer, record.node);
                }
            }
            Fact::Lost if activity.lost.len() < LOSSES => activity.lost.push(*record),
            _ => {}
        }
    }
    activity
}
