//! A participant: its rows, their locks, and the transactions it has been asked to prepare.
//!
//! The atomic actions of a transaction are force PREPARED ① vote ② commit. Before ① it may give up
//! by itself; after it, it may not: it asks until somebody tells it.

mod decision;
mod outage;

use super::config::{Config, ParticipantGap};
use super::knob::Settings;
use super::message::node::COORDINATOR;
use super::message::{Message, Timer, Transaction, Vote, World};
use super::state::ParticipantState::{self, Aborted, Absent, Prepared, Working};
use super::state::participant_moved;
use crate::pattern::call::{CallName, Calls};
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, NodeId, Site, TimerKey};
use crate::store::{Numbered, RowLocks, Sorted};

/// Where a transaction stands at a participant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// It waits for the lock of its row.
    Queued,
    /// It has the lock and works.
    Works,
    /// It has voted yes and waits to be told.
    InDoubt,
    /// An operator has decided: whether to commit.
    Operator(bool),
}

/// A transaction at a participant.
#[derive(Clone, Copy, Debug)]
pub struct Branch {
    /// Which.
    pub transaction: Transaction,
    /// Where it stands.
    pub stage: Stage,
    /// What it waits for: a lock, its work, or the time to ask.
    timer: Option<TimerKey>,
    /// The operator's turn, if one will look.
    operator: Option<TimerKey>,
}

impl Branch {
    /// A transaction that waits for nothing yet.
    fn new(transaction: Transaction, stage: Stage) -> Branch {
        Branch {
            transaction,
            stage,
            timer: None,
            operator: None,
        }
    }
}

/// The participant.
#[derive(Clone, Debug)]
pub struct Participant {
    index: u8,
    node: NodeId,
    /// Versions by key, durable.
    rows: Numbered<u32>,
    /// By transaction; durable once prepared.
    branches: Sorted<u64, Branch>,
    locks: RowLocks,
    /// Rounds begun per write, durable: a late copy of a question does not begin one again.
    begun: Numbered<u32>,
    /// Keys that readers wait for, in memory.
    readers: Vec<u32>,
    /// Keys that readers have been shown and the room has not noted.
    shown: Vec<u32>,
    calls: Calls,
}

impl Participant {
    /// A participant with nothing in it.
    pub fn new(index: u8, node: NodeId) -> Self {
        Participant {
            index,
            node,
            rows: Numbered::default(),
            branches: Sorted::default(),
            locks: RowLocks::default(),
            begun: Numbered::default(),
            readers: Vec::new(),
            shown: Vec::new(),
            calls: Calls::default(),
        }
    }

    /// The version it has of a key.
    pub fn version(&self, key: u32) -> u32 {
        self.rows.get(key).copied().unwrap_or(0)
    }

    /// The transactions it knows.
    pub fn branches(&self) -> impl Iterator<Item = &Branch> {
        self.branches.iter().map(|(_, branch)| branch)
    }

    /// Where a transaction stands.
    pub fn stage(&self, transaction: Transaction) -> Option<Stage> {
        self.branches.get(transaction.id()).map(|b| b.stage)
    }

    /// How many wait for the lock of a row.
    pub fn queue(&self, key: u32) -> usize {
        self.locks.waiting(key)
    }

    /// It is asked to prepare.
    pub fn prepare(&mut self, settings: &Settings, transaction: Transaction, cx: &mut World) {
        let begun = self.begun.at(transaction.message);
        if transaction.round < *begun {
            // The same question once more.
            if self.stage(transaction) == Some(Stage::InDoubt) {
                self.vote(transaction, Vote::Yes, cx);
            }
            return;
        }
        *begun = transaction.round + 1;
        self.moved(transaction, Absent, Working, cx);
        let id = transaction.id();
        self.branches
            .insert(id, Branch::new(transaction, Stage::Queued));
        if self.locks.acquire(transaction.key, id) {
            self.work(&settings.config, id, cx);
        } else {
            let timer = Timer::LockTimeout(self.index, id);
            let timer = cx.timer(self.node, settings.config.lock_timeout, timer);
            self.set_timer(id, timer);
        }
    }

    /// It has the lock.
    fn work(&mut self, config: &Config, id: u64, cx: &mut World) {
        let Some(branch) = self.branches.get_mut(id) else {
            return;
        };
        branch.stage = Stage::Works;
        if let Some(waited) = branch.timer.take() {
            cx.cancel(waited);
        }
        let at = self.draw(Site::HandlerTime, id);
        let time = cx.sample(at, &config.work_time);
        let timer = cx.timer(self.node, time, Timer::Worked(self.index, id));
        self.set_timer(id, timer);
    }

    /// It did not get the lock in time: it gives up by itself.
    pub fn lock_timed_out(&mut self, settings: &Settings, id: u64, cx: &mut World) {
        self.give_up(settings, id, Some(Vote::Locked), cx);
    }

    /// The work is done: it promises, or gives up by itself.
    pub fn worked(&mut self, settings: &Settings, id: u64, cx: &mut World) {
        let config = &settings.config;
        let Some(transaction) = self.branches.get(id).map(|branch| branch.transaction) else {
            return;
        };
        let at = self.draw(Site::VoteNo, id);
        if cx.chance(at, config.vote_no) {
            self.give_up(settings, id, Some(Vote::No), cx);
            return;
        }
        let sold = self.version(transaction.key);
        if settings.workload.stock.is_some_and(|stock| sold >= stock) {
            self.give_up(settings, id, Some(Vote::SoldOut), cx);
            return;
        }
        self.moved(transaction, Working, Prepared, cx);
        if let Some(branch) = self.branches.get_mut(id) {
            branch.stage = Stage::InDoubt;
            branch.timer = None;
        }
        if !config.locks_held {
            self.release(config, transaction, cx);
        }
        self.wait(config, id, cx);
        if self.dies(config, ParticipantGap::BeforeVote, id, cx) {
            return;
        }
        self.vote(transaction, Vote::Yes, cx);
        self.dies(config, ParticipantGap::AfterVote, id, cx);
    }

    /// It undoes what it has not promised; `vote` tells the coordinator, if that does not know.
    fn give_up(&mut self, settings: &Settings, id: u64, vote: Option<Vote>, cx: &mut World) {
        let Some(branch) = self.branches.remove(id) else {
            return;
        };
        if let Some(timer) = branch.timer {
            cx.cancel(timer);
        }
        self.moved(branch.transaction, Working, Aborted, cx);
        if let Some(vote) = vote {
            self.vote(branch.transaction, vote, cx);
        }
        self.release(&settings.config, branch.transaction, cx);
    }

    /// A reader asks for a row: shown at once, or as soon as nobody is about to change it.
    pub fn read(&mut self, config: &Config, key: u32) {
        if config.locking_reads && self.locks.holder(key).is_some() {
            self.readers.push(key);
        } else {
            self.shown.push(key);
        }
    }

    /// The keys that readers were shown since the last call.
    pub fn take_shown(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.shown)
    }

    /// It lets go of a row: readers have their turn, then whoever waits to write it.
    fn release(&mut self, config: &Config, transaction: Transaction, cx: &mut World) {
        let (key, id) = (transaction.key, transaction.id());
        let held = self.locks.holder(key) == Some(id);
        let next = self.locks.release(key, id);
        if held {
            let waiting = self.readers.iter().filter(|&&other| other == key);
            self.shown.extend(waiting);
            self.readers.retain(|&other| other != key);
        }
        if let Some(next) = next {
            self.work(config, next, cx);
        }
    }

    fn vote(&mut self, transaction: Transaction, vote: Vote, cx: &mut World) {
        self.transmit(
            transaction,
            Channel::Vote,
            Message::Vote(transaction, vote),
            cx,
        );
    }

    /// Sends the coordinator what the channel says.
    fn send(&mut self, transaction: Transaction, channel: Channel, cx: &mut World) {
        let message = match channel {
            Channel::DecisionAck => Message::Done(transaction),
            _ => Message::Inquiry(transaction),
        };
        self.transmit(transaction, channel, message, cx);
    }

    fn transmit(
        &mut self,
        transaction: Transaction,
        channel: Channel,
        message: Message,
        cx: &mut World,
    ) {
        let name = self.name(transaction.message, channel);
        let tag = name.tag(self.calls.transmission(name), transaction.key, 0);
        cx.send(self.node, COORDINATOR, Lane::Setting, tag, message);
    }

    fn name(&self, message: u32, channel: Channel) -> CallName {
        let hop = self.index;
        CallName {
            message,
            channel,
            hop,
        }
    }

    /// The address of a draw about a transaction here.
    fn draw(&self, site: Site, id: u64) -> Address {
        let (message, round) = (id >> 32, id as u32);
        Address::of(site, message).hop(self.index).attempt(round)
    }

    fn set_timer(&mut self, id: u64, timer: TimerKey) {
        if let Some(branch) = self.branches.get_mut(id) {
            branch.timer = Some(timer);
        }
    }

    fn moved(
        &self,
        transaction: Transaction,
        from: ParticipantState,
        to: ParticipantState,
        cx: &mut World,
    ) {
        participant_moved(self.node, transaction, from, to, cx);
    }
}
