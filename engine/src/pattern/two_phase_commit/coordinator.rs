//! The coordinator of a two-phase commit with presumed abort; and the leader of a synchronous
//! replica, which is a coordinator that asks nobody.
//!
//! The atomic actions of a transaction are ① prepare all ② log COMMIT ③ send ④. A crash in ① or ②
//! leaves nothing behind, and whoever asks is told ABORT; from ③ on the log knows.

mod tell;

use super::config::{Answer, Config, CoordinatorGap, Protocol};
use super::knob::Settings;
use super::message::node::{CLIENT, COORDINATOR};
use super::message::{Message, Transaction, Verdict, Vote, World, crash};
use super::state::CoordinatorState::{AbortLogged, CommitLogged, Done, Init, Preparing};
use super::state::coordinator_moved;
use super::topology::Layout;
use crate::pattern::call::{CallName, Calls};
use crate::pattern::workload::second_write;
use crate::sim::network::Lane;
use crate::sim::{Address, Channel, Fact, NodeId, Site, Tag};
use crate::store::{Numbered, Sorted};

/// Why a write is refused: the detail of its record.
mod refusal {
    pub const SOLD_OUT: u32 = 1;
    pub const VOTE: u32 = 4;
    pub const TIMEOUT: u32 = 5;
    pub const LOCK: u32 = 6;
}

/// A transaction that is going on. Once its commit is logged, it is as durable as the log.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// Which.
    pub transaction: Transaction,
    /// The request it is for.
    request: Tag,
    /// Who has voted yes: a bit for each participant.
    pub votes: u8,
    /// Who has carried the decision out.
    pub acks: u8,
    /// The version it was committed as, once it is.
    pub version: Option<u32>,
}

/// A committed write: its round and its version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Commit {
    round: u32,
    /// 0: not committed.
    version: u32,
}

/// The coordinator.
#[derive(Clone, Debug, Default)]
pub struct Coordinator {
    rows: Numbered<u32>,
    /// What its log says of each write.
    log: Numbered<Commit>,
    /// What was ever decided, whether it still knows or not. No service reads it.
    truth: Numbered<Commit>,
    /// Writes that it refused and remembers, in memory: an abort needs no log.
    refused: Sorted<u32>,
    /// Rounds begun per write: no two transactions have one name.
    rounds: Numbered<u32>,
    open: Sorted<u32, Open>,
    calls: Calls,
}

impl Coordinator {
    /// The committed version of a key.
    pub fn version(&self, key: u32) -> u32 {
        self.rows.get(key).copied().unwrap_or(0)
    }

    /// All keys with their versions, by rising key.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = (u32, u32)> + '_ {
        let rows = self.rows.iter().map(|(key, &version)| (key, version));
        rows.filter(|&(_, version)| version > 0)
    }

    /// What goes on.
    pub fn open(&self) -> impl Iterator<Item = &Open> {
        self.open.iter().map(|(_, open)| open)
    }

    /// The version as which a transaction was ever committed, whoever still knows.
    pub fn truth(&self, transaction: Transaction) -> Option<u32> {
        committed(&self.truth, transaction)
    }

    /// A request arrived. Returns the transaction if that committed it at once.
    pub fn request(
        &mut self,
        settings: &Settings,
        tag: Tag,
        cx: &mut World,
    ) -> Option<Transaction> {
        let config = &settings.config;
        let message = tag.message;
        if config.keyed_requests {
            // The same request again: the same answer, as soon as there is one.
            let done = self.log.get(message).is_some_and(|known| known.version > 0);
            if self.open.contains(message) {
                return None;
            }
            if done || self.refused.contains(message) {
                self.reply(tag, done, cx);
                return None;
            }
        }
        let taken = |number: u32| {
            let spent = self
                .truth
                .get(number)
                .is_some_and(|spent| spent.version > 0);
            spent || self.open.contains(number) || self.refused.contains(number)
        };
        // Without a key it cannot know it for a repetition; nor can it if it has forgotten.
        let message = if taken(message) {
            second_write(tag, taken)
        } else {
            message
        };
        let rounds = self.rounds.at(message);
        let round = *rounds;
        *rounds += 1;
        let key = tag.key;
        let open = Open {
            transaction: Transaction {
                message,
                key,
                round,
            },
            request: tag,
            votes: 0,
            acks: 0,
            version: None,
        };
        self.begin(settings, open, cx)
    }

    fn begin(&mut self, settings: &Settings, open: Open, cx: &mut World) -> Option<Transaction> {
        let config = &settings.config;
        let transaction = open.transaction;
        let leads = config.protocol == Protocol::SynchronousReplica;
        let stock = settings.workload.stock;
        if leads && stock.is_some_and(|stock| self.version(transaction.key) >= stock) {
            self.refuse(open, refusal::SOLD_OUT, cx);
            return None;
        }
        self.open.insert(transaction.message, open);
        if !leads {
            let begun = coordinator_moved(transaction, Init, Preparing, cx);
            cx.because(begun);
        }
        if self.dies(config, CoordinatorGap::BeforePrepare, transaction, cx) {
            return None;
        }
        if leads {
            return self.commit(settings, open, cx);
        }
        for index in Layout::of(config).all() {
            let call = name(transaction, Channel::Prepare, index);
            let attempt = self.calls.ask(COORDINATOR, call, config.vote_timeout, cx);
            let message = Message::Prepare(transaction);
            send(index, call.tag(attempt, transaction.key, 0), message, cx);
        }
        None
    }

    /// A vote arrived. Returns the transaction if that was the last one needed.
    pub fn vote(
        &mut self,
        settings: &Settings,
        transaction: Transaction,
        (index, vote): (u8, Vote),
        cx: &mut World,
    ) -> Option<Transaction> {
        let open = self.open.get_mut(transaction.message)?;
        if open.transaction != transaction || open.version.is_some() {
            return None;
        }
        self.calls
            .answered(name(transaction, Channel::Prepare, index), cx);
        let reason = match vote {
            Vote::Yes => {
                open.votes |= 1 << index;
                let open = *open;
                let all = open.votes == everyone(&settings.config);
                return all.then(|| self.commit(settings, open, cx))?;
            }
            Vote::No => refusal::VOTE,
            Vote::Locked => refusal::LOCK,
            Vote::SoldOut => refusal::SOLD_OUT,
        };
        self.abort(
            &settings.config,
            transaction.message,
            reason,
            Some(index),
            cx,
        );
        None
    }

    /// The commit point.
    fn commit(&mut self, settings: &Settings, open: Open, cx: &mut World) -> Option<Transaction> {
        let config = &settings.config;
        let transaction = open.transaction;
        if self.dies(config, CoordinatorGap::BeforeCommit, transaction, cx) {
            return None;
        }
        if config.protocol == Protocol::TwoPhaseCommit {
            let logged = coordinator_moved(transaction, Preparing, CommitLogged, cx);
            cx.because(logged);
        }
        let row = self.rows.at(transaction.key);
        *row += 1;
        let version = *row;
        let commit = Commit {
            round: transaction.round,
            version,
        };
        *self.log.at(transaction.message) = commit;
        *self.truth.at(transaction.message) = commit;
        let about = transaction.event(version).about();
        let written = cx.record(Fact::Written, COORDINATOR, NodeId::NONE, about, 0);
        cx.because(written);
        let beyond = settings
            .workload
            .stock
            .map(|stock| version.saturating_sub(stock));
        if let Some(units) = beyond.filter(|&units| units > 0) {
            cx.record(Fact::Oversold, COORDINATOR, CLIENT, about, units);
        }
        if let Some(open) = self.open.get_mut(transaction.message) {
            open.version = Some(version);
        }
        if self.dies(config, CoordinatorGap::BeforeSend, transaction, cx) {
            return Some(transaction);
        }
        if config.answer == Answer::Decided {
            self.reply(open.request, true, cx);
        }
        self.tell_all(config, transaction, cx);
        self.dies(config, CoordinatorGap::AfterSend, transaction, cx);
        Some(transaction)
    }

    /// It decides against it: those who may have promised are told, and nobody needs to confirm.
    /// `refuser` has said no and knows.
    fn abort(
        &mut self,
        config: &Config,
        message: u32,
        reason: u32,
        refuser: Option<u8>,
        cx: &mut World,
    ) {
        let Some(open) = self.open.remove(message) else {
            return;
        };
        let transaction = open.transaction;
        let aborted = coordinator_moved(transaction, Preparing, AbortLogged, cx);
        cx.because(aborted);
        for index in Layout::of(config).all() {
            let asked = name(transaction, Channel::Prepare, index);
            self.calls.forget(asked, cx);
            if refuser != Some(index) {
                self.tell_once(transaction, index, Verdict::Abort, cx);
            }
        }
        coordinator_moved(transaction, AbortLogged, Done, cx);
        self.refuse(open, reason, cx);
    }

    fn refuse(&mut self, open: Open, reason: u32, cx: &mut World) {
        let about = open.transaction.event(0).about();
        let refused = cx.record(Fact::Refused, COORDINATOR, CLIENT, about, reason);
        cx.because(refused);
        self.refused.insert(open.transaction.message, ());
        self.reply(open.request, false, cx);
    }

    /// Whether it crashes in a gap.
    fn dies(
        &self,
        config: &Config,
        gap: CoordinatorGap,
        transaction: Transaction,
        cx: &mut World,
    ) -> bool {
        if config.coordinator_gap != CoordinatorGap::Any && config.coordinator_gap != gap {
            return false;
        }
        let at = Address::of(Site::CoordinatorCrash, u64::from(transaction.message));
        let at = at.hop(gap as u8).attempt(transaction.round);
        let dies = cx.chance(at, config.coordinator_crash);
        if dies {
            let point = match gap {
                CoordinatorGap::Any | CoordinatorGap::BeforePrepare => crash::BEFORE_PREPARE,
                CoordinatorGap::BeforeCommit => crash::BEFORE_COMMIT,
                CoordinatorGap::BeforeSend => crash::BEFORE_SEND,
                CoordinatorGap::AfterSend => crash::AFTER_SEND,
            };
            cx.crash(COORDINATOR, point);
        }
        dies
    }

    fn reply(&self, request: Tag, done: bool, cx: &mut World) {
        let tag = Tag {
            channel: Channel::Reply,
            ..request
        };
        let message = Message::Reply { done };
        cx.send(COORDINATOR, CLIENT, Lane::Setting, tag, message);
    }
}

fn committed(log: &Numbered<Commit>, transaction: Transaction) -> Option<u32> {
    let commit = log.get(transaction.message)?;
    let same = commit.version > 0 && commit.round == transaction.round;
    same.then_some(commit.version)
}

/// A bit for each participant.
fn everyone(config: &Config) -> u8 {
    u8::MAX >> (8 - config.participants)
}

/// On which channel a commit is told.
fn decision(config: &Config) -> Channel {
    match config.protocol {
        Protocol::TwoPhaseCommit => Channel::Decision,
        Protocol::SynchronousReplica => Channel::Replicate,
    }
}

fn name(transaction: Transaction, channel: Channel, hop: u8) -> CallName {
    let message = transaction.message;
    CallName {
        message,
        channel,
        hop,
    }
}

fn send(index: u8, tag: Tag, message: Message, cx: &mut World) {
    let node = NodeId(super::message::node::FIRST_PARTICIPANT + index);
    cx.send(COORDINATOR, node, Lane::Setting, tag, message);
}
