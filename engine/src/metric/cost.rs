//! What consistency costs: transmissions, duplicates, backlog, dead letters, apologies.

use super::blocked::Blocked;
use super::ledger::Ledger;
use super::query::Queries;
use super::saga::SagaCost;
use crate::built;
use crate::sim::{Channel, Column, Fact, NodeId, Record, SimDuration, SimTime};
use crate::store::{Numbered, Sorted};
use std::collections::VecDeque;

/// Work that one copy has not acknowledged yet: consumer lag in records and in time.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    /// Published, not yet acknowledged or parked, oldest first: (offset key, message, since).
    waiting: VecDeque<(u32, SimTime)>,
    /// Dead letters: (message, since).
    parked: Vec<(u32, SimTime)>,
    /// Largest number of dead letters so far.
    pub parked_max: u32,
    /// Entries that reached this copy's queue.
    pub arrived: u64,
    /// Entries that left it: acknowledged, parked or expired.
    pub left: u64,
    /// When the backlog was last empty after not being so.
    pub empty_since: SimTime,
    /// Σ over time of the number waiting, in entry-microseconds (Little's law).
    pub area: u128,
    /// Σ over entries of the time they waited, in microseconds.
    pub waited: u128,
    changed_at: SimTime,
}

impl Backlog {
    /// Consumer lag in records: log end − committed.
    pub fn records(&self) -> usize {
        self.waiting.len()
    }

    /// Consumer lag in time: since the oldest unconsumed record was published.
    pub fn age(&self, at: SimTime) -> SimDuration {
        self.waiting
            .front()
            .map_or(SimDuration::ZERO, |&(_, since)| at.since(since))
    }

    /// Dead-letter depth.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Age of the oldest dead letter.
    pub fn parked_age(&self, at: SimTime) -> SimDuration {
        self.parked
            .first()
            .map_or(SimDuration::ZERO, |&(_, since)| at.since(since))
    }

    /// Σ of the waiting times so far of everything still waiting, in microseconds.
    pub fn waiting_so_far(&self, at: SimTime) -> u128 {
        self.waiting
            .iter()
            .map(|&(_, since)| u128::from(at.since(since).as_micros()))
            .sum()
    }

    /// [`Backlog::area`] brought forward to `at`.
    pub fn area_at(&self, at: SimTime) -> u128 {
        let span = u128::from(at.since(self.changed_at).as_micros());
        self.area + span * self.waiting.len() as u128
    }

    fn change(&mut self, at: SimTime) {
        self.area = self.area_at(at);
        self.changed_at = at;
    }

    fn enter(&mut self, message: u32, at: SimTime) {
        self.change(at);
        self.arrived += 1;
        self.waiting.push_back((message, at));
    }

    fn leave(&mut self, message: u32, at: SimTime) {
        let Some(index) = self
            .waiting
            .iter()
            .position(|&(waiting, _)| waiting == message)
        else {
            return;
        };
        self.change(at);
        if let Some((_, since)) = self.waiting.remove(index) {
            self.waited += u128::from(at.since(since).as_micros());
        }
        self.left += 1;
        if self.waiting.is_empty() {
            self.empty_since = at;
        }
    }
}

/// The copy of a read that several copies answered.
pub const NO_COPY: u8 = u8::MAX;

/// A read by a client, as it was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadSample {
    /// When.
    pub at: SimTime,
    /// Index of the copy; [`NO_COPY`] if several were asked.
    pub copy: u8,
    /// Versions behind the source.
    pub behind: u32,
    /// Staleness time of what was read.
    pub staleness: SimDuration,
    /// Consumer lag of the copy at that instant, in records.
    pub lag: u32,
}

/// A catch-up: a consumer came back at `from` and its backlog was empty at `to`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CatchUp {
    /// Index of the copy.
    pub copy: u8,
    /// Restart.
    pub from: SimTime,
    /// First instant with no backlog.
    pub to: SimTime,
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    /// Messages sent on links, copies made by links included.
    pub transmissions: u64,
    /// Messages sent, per channel.
    pub sent: Vec<u64>,
    /// Messages lost on links.
    pub lost: u64,
    /// Deliveries that reached a consumer.
    pub deliveries: u64,
    /// Times a handler began to work.
    pub handled: u64,
    /// Times a handler failed.
    pub failed: u64,
    /// Times an event took effect at a copy.
    pub effects: u64,
    /// Effects beyond the first of their message at their copy.
    pub duplicate_effects: u64,
    /// Deliveries without effect, by reason: inbox, version guard, offset.
    pub skipped: [u64; 3],
    /// Committed writes.
    pub written: u64,
    /// Crashes of nodes.
    pub crashes: u64,
    /// Writes refused by the source.
    pub refused: u64,
    /// Units sold beyond the stock.
    pub oversold: u64,
    /// Oversold units per key.
    pub oversold_of: Numbered<u32>,
    /// Requests whose client gave up.
    pub timed_out: u64,
    /// Events at a position that a reader had gone past: no copy ever gets them.
    pub gap_missed: u64,
    /// Events that reached the event store.
    pub appended: u64,
    /// Writes that replaced versions their authors had not seen.
    pub overwrote: u64,
    /// Queries whose wait for a version took too long.
    pub fell_back: u64,
    /// How long each answered query waited for a version, with when it was answered.
    pub waits: Column<(SimTime, SimDuration)>,
    /// How long each call waited for a connection, with when it got one.
    pub pool_waits: Column<(SimTime, SimDuration)>,
    /// Questions of clients, and what became of them.
    pub queries: Queries,
    /// Reads, one sample each.
    pub reads: Column<ReadSample>,
    /// Effects that found a newer version already shown: (copy, 1 if older wins or was guarded).
    pub applies_out_of_order: u64,
    /// Transmissions of one publish until it was confirmed, per message.
    pub publish_attempts: Column<u32>,
    /// From the first publish attempt to its arrival at the broker, per message.
    pub publish_delays: Column<SimDuration>,
    /// Catch-ups after a consumer's outage.
    pub catch_ups: Column<CatchUp>,
    /// Backlog per copy.
    pub backlogs: Vec<Backlog>,
    /// Votes that wait for a decision.
    pub blocked: Blocked,
    publishing: Vec<(u32, u32, SimTime)>,
    restarted: Vec<Option<SimTime>>,
    /// Waits of queries that are not answered yet: client, query, span.
    waiting: Vec<(NodeId, u32, SimDuration)>,
    /// Open positions that a reader has gone past.
    passed: Sorted<u32>,
    /// Sagas.
    pub sagas: SagaCost,
}

impl Cost {
    /// Costs of a run with this many copies.
    pub fn new(copies: usize) -> Self {
        let backlogs = vec![Backlog::default(); copies];
        Cost {
            backlogs,
            restarted: vec![None; copies],
            sent: vec![0; Channel::COUNT],
            ..Cost::default()
        }
    }

    /// Takes note of a record; `ledger` stands just before it.
    pub fn observe(&mut self, ledger: &Ledger, record: &Record) {
        let copy = ledger.copy_index(record.peer);
        if built::VOTES {
            self.blocked.observe(record);
        }
        if built::SAGAS {
            self.sagas.observe(record);
        }
        match record.fact {
            Fact::Sent => {
                self.transmissions += 1;
                self.sent[record.channel as usize] += 1;
                if record.channel == Channel::Publish {
                    self.publish_attempt(record);
                }
            }
            Fact::Duplicated => self.transmissions += 1,
            Fact::Lost => self.lost += 1,
            Fact::Delivered if record.channel == Channel::Deliver => self.deliveries += 1,
            Fact::Handled => self.handled += 1,
            Fact::Failed => self.failed += 1,
            Fact::Applied => {
                self.applied(ledger, record);
                self.done(copy, record);
            }
            Fact::Skipped => {
                self.skipped[(record.detail as usize).min(2)] += 1;
                self.applies_out_of_order += u64::from(record.detail == 1);
                self.done(copy, record);
            }
            // It came in a table that was exchanged.
            Fact::Replaced if record.detail > 0 => self.done(copy, record),
            Fact::Written => self.written += 1,
            Fact::Crashed => self.crashes += 1,
            Fact::Refused if record.channel == Channel::Query => {}
            Fact::Refused => self.refused += 1,
            Fact::Oversold => self.oversell(record),
            Fact::TimedOut => self.timed_out += 1,
            Fact::Asked | Fact::Gathered | Fact::Unanswered => self.query(record),
            Fact::Read => {
                self.query(record);
                self.waited(record);
                self.read(ledger, record);
            }
            Fact::Waited => {
                let span = SimDuration::from_micros(u64::from(record.detail));
                self.waiting.push((record.peer, record.message, span));
            }
            Fact::Pooled => {
                let span = SimDuration::from_micros(u64::from(record.detail));
                self.pool_waits.push((record.at, span));
            }
            Fact::FellBack => self.fell_back += 1,
            Fact::Overwrote => self.overwrote += 1,
            Fact::ReadPast => {
                self.passed.insert(record.detail, ());
            }
            Fact::Appended => {
                self.appended += 1;
                self.gap_missed += u64::from(self.passed.remove(record.detail).is_some());
                for backlog in &mut self.backlogs {
                    backlog.enter(record.message, record.at);
                }
            }
            Fact::Abandoned if self.appended > 0 => {
                for copy in 0..self.backlogs.len() {
                    self.leave(Some(copy), record);
                }
            }
            Fact::Published => self.published(record),
            Fact::Committed | Fact::Expired => self.leave(copy, record),
            Fact::Parked => self.park(copy, record),
            Fact::Redriven => self.redrive(copy, record),
            _ => {}
        }
    }

    /// Takes note that the consumers of a copy are back (for catch-up times).
    pub fn consumer_back(&mut self, copy: usize, at: SimTime) {
        if self.backlogs[copy].waiting.is_empty() {
            return;
        }
        self.restarted[copy] = Some(at);
    }

    /// Where events come from an event store, an effect is what ends the wait for it.
    fn done(&mut self, copy: Option<usize>, record: &Record) {
        if self.appended > 0 {
            self.leave(copy, record);
        }
    }

    fn query(&mut self, record: &Record) {
        if built::QUERIES {
            self.queries.observe(record);
        }
    }

    fn waited(&mut self, record: &Record) {
        let (client, query) = (record.node, record.message);
        let mut span = SimDuration::ZERO;
        self.waiting.retain(|&(who, which, waited)| {
            let this = (who, which) == (client, query);
            if this {
                span = span.plus(waited);
            }
            !this
        });
        self.waits.push((record.at, span));
    }

    fn publish_attempt(&mut self, record: &Record) {
        match self
            .publishing
            .iter_mut()
            .find(|open| open.0 == record.message)
        {
            Some(open) => open.1 += 1,
            None => self.publishing.push((record.message, 1, record.at)),
        }
    }

    fn published(&mut self, record: &Record) {
        let open = self
            .publishing
            .iter()
            .position(|open| open.0 == record.message);
        if let Some(index) = open {
            let (_, attempts, since) = self.publishing.remove(index);
            self.publish_attempts.push(attempts);
            self.publish_delays.push(record.at.since(since));
        }
        for backlog in &mut self.backlogs {
            backlog.enter(record.message, record.at);
        }
    }

    fn leave(&mut self, copy: Option<usize>, record: &Record) {
        let Some(copy) = copy else { return };
        self.backlogs[copy].leave(record.message, record.at);
        if let (true, Some(from)) = (self.backlogs[copy].waiting.is_empty(), self.restarted[copy]) {
            self.restarted[copy] = None;
            self.catch_ups.push(CatchUp {
                copy: copy as u8,
                from,
                to: record.at,
            });
        }
    }

    fn park(&mut self, copy: Option<usize>, record: &Record) {
        let Some(index) = copy else { return };
        self.leave(copy, record);
        let backlog = &mut self.backlogs[index];
        backlog.parked.push((record.message, record.at));
        backlog.parked_max = backlog.parked_max.max(backlog.parked.len() as u32);
    }

    fn redrive(&mut self, copy: Option<usize>, record: &Record) {
        let Some(copy) = copy else { return };
        let backlog = &mut self.backlogs[copy];
        backlog
            .parked
            .retain(|&(message, _)| message != record.message);
        backlog.enter(record.message, record.at);
    }

    fn applied(&mut self, ledger: &Ledger, record: &Record) {
        self.effects += 1;
        let Some(copy) = ledger.copy_index(record.peer) else {
            return;
        };
        self.duplicate_effects += u64::from(ledger.effects(copy, record.message) > 0);
        let older = record.version < ledger.shown(copy, record.key).shown;
        let register = ledger.effect() == super::ledger::Effect::Register;
        self.applies_out_of_order += u64::from(older && register);
    }

    fn oversell(&mut self, record: &Record) {
        self.oversold += 1;
        *self.oversold_of.at(record.key) += 1;
    }

    fn read(&mut self, ledger: &Ledger, record: &Record) {
        let Some(copy) = ledger.copy_index(record.peer) else {
            let sample = self.queries.gathered(record);
            return sample
                .into_iter()
                .for_each(|sample| self.reads.push(sample));
        };
        self.reads.push(ReadSample {
            at: record.at,
            copy: copy as u8,
            behind: ledger.versions_behind(copy, record.key),
            staleness: ledger.staleness_of(copy, record.key, record.at),
            lag: self.backlogs[copy].records() as u32,
        });
    }
}
