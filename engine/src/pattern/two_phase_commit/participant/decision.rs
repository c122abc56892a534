//! What a participant does with what was decided, by whomever.

use super::{Branch, Participant, Stage};
use crate::pattern::two_phase_commit::config::{Config, Heuristic, ParticipantGap};
use crate::pattern::two_phase_commit::knob::Settings;
use crate::pattern::two_phase_commit::message::node::COORDINATOR;
use crate::pattern::two_phase_commit::message::{
    Event, Message, Timer, Transaction, Verdict, World,
};
use crate::pattern::two_phase_commit::state::ParticipantState::{Aborted, Committed, Prepared};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact};

impl Participant {
    /// It was told what to do.
    pub fn decided(
        &mut self,
        settings: &Settings,
        transaction: Transaction,
        verdict: Verdict,
        cx: &mut World,
    ) {
        let id = transaction.id();
        match (self.stage(transaction), verdict) {
            (Some(Stage::Queued | Stage::Works), Verdict::Abort) => {
                self.give_up(settings, id, None, cx);
            }
            (Some(Stage::InDoubt), verdict) => {
                self.carry_out(&settings.config, transaction, verdict, cx);
            }
            (Some(Stage::Operator(_)), _) => {
                self.branches.remove(id);
            }
            // An abort that overtook its question.
            (None, Verdict::Abort) => {
                let begun = self.begun.at(transaction.message);
                *begun = (*begun).max(transaction.round + 1);
            }
            _ => {}
        }
        if verdict != Verdict::Abort {
            self.send(transaction, Channel::DecisionAck, cx);
        }
    }

    /// It commits or undoes what it has promised, and lets go of the row.
    pub(super) fn carry_out(
        &mut self,
        config: &Config,
        transaction: Transaction,
        verdict: Verdict,
        cx: &mut World,
    ) {
        if let Some(branch) = self.branches.remove(transaction.id()) {
            for timer in [branch.timer, branch.operator].into_iter().flatten() {
                cx.cancel(timer);
            }
        }
        match verdict {
            Verdict::Commit(version) => {
                self.moved(transaction, Prepared, Committed, cx);
                self.store(transaction.event(version), cx);
            }
            Verdict::Abort => self.moved(transaction, Prepared, Aborted, cx),
        }
        self.release(config, transaction, cx);
    }

    /// A row takes a version, durably.
    pub(super) fn store(&mut self, event: Event, cx: &mut World) {
        *self.rows.at(event.key) = event.version;
        cx.record(Fact::Applied, self.node, self.node, event.about(), 1);
    }

    /// An operator has waited long enough and decides; `version` is the one that the coordinator
    /// gave the write, if it has decided to commit it. Returns the transaction and what was decided.
    pub fn operator(
        &mut self,
        config: &Config,
        id: u64,
        version: Option<u32>,
        cx: &mut World,
    ) -> Option<(Transaction, bool)> {
        let branch = *self.branches.get(id)?;
        let commit = config.heuristic == Heuristic::Commit;
        if branch.stage != Stage::InDoubt {
            return None;
        }
        let transaction = branch.transaction;
        let detail = u32::from(commit);
        let decided = cx.record(
            Fact::Heuristic,
            self.node,
            COORDINATOR,
            transaction.about(),
            detail,
        );
        cx.because(decided);
        let verdict = match (commit, version) {
            (false, _) => Verdict::Abort,
            (true, Some(version)) => Verdict::Commit(version),
            (true, None) => Verdict::Commit(self.version(transaction.key) + 1),
        };
        self.carry_out(config, transaction, verdict, cx);
        // It remembers, for when it is told after all.
        let remembered = Branch::new(transaction, Stage::Operator(commit));
        self.branches.insert(id, remembered);
        Some((transaction, commit))
    }

    /// It is in doubt: it will ask, and an operator may look.
    pub(super) fn wait(&mut self, config: &Config, id: u64, cx: &mut World) {
        let timer = cx.timer(self.node, config.inquiry, Timer::Ask(self.index, id));
        let looks = config.heuristic != Heuristic::Never;
        let operator = looks.then(|| {
            let timer = Timer::Operator(self.index, id);
            cx.timer(self.node, config.heuristic_after, timer)
        });
        if let Some(branch) = self.branches.get_mut(id) {
            (branch.timer, branch.operator) = (Some(timer), operator);
        }
    }

    /// It asks what was decided, and will again.
    pub fn ask(&mut self, config: &Config, id: u64, cx: &mut World) {
        let Some(branch) = self.branches.get(id).copied() else {
            return;
        };
        if branch.stage == Stage::InDoubt {
            self.send(branch.transaction, Channel::Inquiry, cx);
            let timer = cx.timer(self.node, config.inquiry, Timer::Ask(self.index, id));
            self.set_timer(id, timer);
        }
    }

    /// A leader sends it a write: it takes it unless it has a newer one, and says so.
    pub fn replicate(&mut self, config: &Config, event: Event, cx: &mut World) {
        if event.version > self.version(event.key) {
            self.store(event, cx);
        } else {
            cx.record(Fact::Skipped, self.node, self.node, event.about(), 1);
        }
        let name = self.name(event.message, Channel::Ack);
        let id = Transaction {
            message: event.message,
            ..Transaction::default()
        }
        .id();
        let attempt = self.calls.transmission(name);
        if self.dies_at(config, ParticipantGap::BeforeVote, id, attempt, cx) {
            return;
        }
        let tag = name.tag(attempt, event.key, event.version);
        let message = Message::Replicated(event);
        cx.send(self.node, COORDINATOR, Lane::Setting, tag, message);
        self.dies_at(config, ParticipantGap::AfterVote, id, attempt, cx);
    }
}
