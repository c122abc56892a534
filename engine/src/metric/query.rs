//! Questions of clients to stores that answer by message: whether they were answered, how long that
//! took, and how old an answer was that several copies gave together.

use super::cost::{NO_COPY, ReadSample};
use crate::sim::{Column, Fact, Record, SimDuration, SimTime};
use crate::store::{Sorted, pair};

/// A question that is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Query {
    /// When it was asked.
    pub asked_at: SimTime,
    /// How long it took to be answered, if it was.
    pub latency: Option<SimDuration>,
}

/// The fold; its state is what is open.
#[derive(Clone, Debug, Default)]
pub struct Queries {
    /// By client and query: when it was asked.
    open: Sorted<u64, SimTime>,
    /// By query: how long something newer had been committed when its read began.
    stale: Sorted<u32, SimDuration>,
    over: Column<Query>,
}

impl Queries {
    /// All questions that are over, in the order in which they ended.
    pub fn over(&self) -> &Column<Query> {
        &self.over
    }

    /// Takes note of a record about a question.
    pub fn observe(&mut self, record: &Record) {
        let place = pair(u32::from(record.node.0), record.message);
        match record.fact {
            Fact::Asked => {
                self.open.insert(place, record.at);
            }
            Fact::Gathered => {
                let stale = SimDuration::from_micros(u64::from(record.detail));
                self.stale.insert(record.message, stale);
            }
            _ => {
                let Some(asked_at) = self.open.remove(place) else {
                    return;
                };
                let answered = record.fact == Fact::Read;
                let latency = answered.then(|| record.at.since(asked_at));
                self.over.push(Query { asked_at, latency });
            }
        }
    }

    /// The sample of a read that several copies answered; none if no coordinator gathered it.
    pub fn gathered(&mut self, record: &Record) -> Option<ReadSample> {
        Some(ReadSample {
            at: record.at,
            copy: NO_COPY,
            behind: record.detail,
            staleness: self.stale.remove(record.message)?,
            lag: 0,
        })
    }
}
