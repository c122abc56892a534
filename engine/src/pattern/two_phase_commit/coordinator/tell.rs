//! How a coordinator tells participants what it has decided, and what it still knows after a crash.

use super::{Commit, Coordinator, committed, decision, everyone, name, refusal, send};
use crate::pattern::backoff::Backoff;
use crate::pattern::call::{CallName, Overdue, Terms};
use crate::pattern::two_phase_commit::config::{Answer, Config, Protocol};
use crate::pattern::two_phase_commit::message::node::COORDINATOR;
use crate::pattern::two_phase_commit::message::{Message, Transaction, Verdict, World};
use crate::pattern::two_phase_commit::state::CoordinatorState::{CommitLogged, Done};
use crate::pattern::two_phase_commit::state::coordinator_moved;
use crate::pattern::two_phase_commit::topology::Layout;
use crate::sim::Channel;

impl Coordinator {
    /// A participant has carried a commit out; when it is the last, so has everyone.
    pub fn done(&mut self, config: &Config, message: u32, index: u8, cx: &mut World) {
        let Some(open) = self.open.get_mut(message) else {
            return;
        };
        if open.version.is_none() {
            return;
        }
        open.acks |= 1 << index;
        let open = *open;
        self.calls
            .answered(name(open.transaction, decision(config), index), cx);
        if open.acks == everyone(config) {
            self.open.remove(message);
            if config.protocol == Protocol::TwoPhaseCommit {
                coordinator_moved(open.transaction, CommitLogged, Done, cx);
            }
            if config.answer == Answer::AllCommitted {
                self.reply(open.request, true, cx);
            }
        }
    }

    /// A participant in doubt asks. What is neither open nor in the log was aborted: presumed abort.
    pub fn inquiry(&mut self, transaction: Transaction, index: u8, cx: &mut World) {
        let going_on = self.open.get(transaction.message);
        let undecided =
            going_on.is_some_and(|o| o.transaction == transaction && o.version.is_none());
        if undecided {
            return;
        }
        let verdict = match committed(&self.log, transaction) {
            Some(version) => Verdict::Commit(version),
            None => Verdict::Abort,
        };
        self.tell_once(transaction, index, verdict, cx);
    }

    /// Tells a participant, and waits for nothing.
    pub(super) fn tell_once(
        &mut self,
        transaction: Transaction,
        index: u8,
        verdict: Verdict,
        cx: &mut World,
    ) {
        let call = name(transaction, Channel::Decision, index);
        let attempt = self.calls.transmission(call);
        let version = match verdict {
            Verdict::Commit(version) => version,
            Verdict::Abort => 0,
        };
        let tag = call.tag(attempt, transaction.key, version);
        send(index, tag, Message::Decision(transaction, verdict), cx);
    }

    pub(super) fn tell_all(&mut self, config: &Config, transaction: Transaction, cx: &mut World) {
        for index in Layout::of(config).all() {
            self.tell(config, name(transaction, decision(config), index), cx);
        }
    }

    /// Tells a participant of a commit, for the first time or again, until it has carried it out.
    pub fn tell(&mut self, config: &Config, call: CallName, cx: &mut World) {
        let Some(open) = self.open.get(call.message).copied() else {
            return;
        };
        let Some(version) = open.version else { return };
        let transaction = open.transaction;
        let message = match config.protocol {
            Protocol::TwoPhaseCommit => Message::Decision(transaction, Verdict::Commit(version)),
            Protocol::SynchronousReplica => Message::Replicate(transaction.event(version)),
        };
        let attempt = self.calls.ask(COORDINATOR, call, config.resend, cx);
        send(
            call.hop,
            call.tag(attempt, transaction.key, version),
            message,
            cx,
        );
    }

    /// Its process died: what is not logged is forgotten.
    pub fn crash(&mut self, config: &Config) {
        self.calls.crash();
        self.refused.clear();
        let logs = config.decision_log || config.protocol == Protocol::SynchronousReplica;
        if !logs {
            for &(message, open) in self.open.iter() {
                if open.version.is_some() {
                    *self.log.at(message) = Commit::default();
                }
            }
        }
        self.open.retain(|open| open.version.is_some() && logs);
        for open in self.open.values_mut() {
            open.acks = 0;
        }
    }

    /// It is back: its log says what must be told again.
    pub fn restart(&mut self, config: &Config, cx: &mut World) {
        let open: Vec<Transaction> = self.open().map(|open| open.transaction).collect();
        for transaction in open {
            self.tell_all(config, transaction, cx);
        }
    }

    /// A reply did not come in time: a vote that is missing aborts, a decision is told again.
    pub fn overdue(&mut self, config: &Config, call: CallName, cx: &mut World) {
        let terms = Terms {
            timeout: config.resend,
            attempts: match call.channel {
                Channel::Prepare => 1,
                _ => u32::MAX,
            },
            backoff: Backoff::NONE,
        };
        if self.calls.overdue(COORDINATOR, call, &terms, cx) == Overdue::GaveUp {
            self.abort(config, call.message, refusal::TIMEOUT, None, cx);
        }
    }
}
