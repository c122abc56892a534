//! What a participant loses in a crash, what it keeps, and in which gaps it may crash by itself.

use super::{Branch, Participant, Stage};
use crate::pattern::two_phase_commit::config::{Config, ParticipantGap};
use crate::pattern::two_phase_commit::message::{Transaction, World, crash};
use crate::pattern::two_phase_commit::state::ParticipantState::{
    Aborted, Absent, Prepared, Working,
};
use crate::sim::Site;

impl Participant {
    /// Its process died. Returns the promises that it has forgotten.
    pub fn crash(&mut self, config: &Config, cx: &mut World) -> Vec<Transaction> {
        let mut forgotten = Vec::new();
        let branches = std::mem::take(&mut self.branches);
        self.locks.clear();
        self.readers.clear();
        for &(id, branch) in branches.iter() {
            let transaction = branch.transaction;
            match branch.stage {
                Stage::Queued | Stage::Works => self.moved(transaction, Working, Aborted, cx),
                Stage::InDoubt if !config.forced_vote => {
                    self.moved(transaction, Prepared, Absent, cx);
                    forgotten.push(transaction);
                }
                Stage::InDoubt | Stage::Operator(_) => {
                    if branch.stage == Stage::InDoubt && config.locks_held {
                        self.locks.acquire(transaction.key, id);
                    }
                    let kept = Branch::new(transaction, branch.stage);
                    self.branches.insert(id, kept);
                }
            }
        }
        forgotten
    }

    /// It is back, and asks about whatever it has promised.
    pub fn restart(&mut self, config: &Config, cx: &mut World) {
        let promised = self.branches().filter(|b| b.stage == Stage::InDoubt);
        let promised: Vec<u64> = promised.map(|branch| branch.transaction.id()).collect();
        for id in promised {
            self.wait(config, id, cx);
            if let Some(timer) = self.branches.get(id).and_then(|branch| branch.timer) {
                cx.cancel(timer);
            }
            self.ask(config, id, cx);
        }
    }

    pub(super) fn dies(
        &self,
        config: &Config,
        gap: ParticipantGap,
        id: u64,
        cx: &mut World,
    ) -> bool {
        self.dies_at(config, gap, id, id as u16, cx)
    }

    /// Whether it crashes in a gap, at its attempt number `attempt` to pass it.
    pub(super) fn dies_at(
        &self,
        config: &Config,
        gap: ParticipantGap,
        id: u64,
        attempt: u16,
        cx: &mut World,
    ) -> bool {
        if config.participant_gap != ParticipantGap::Any && config.participant_gap != gap {
            return false;
        }
        let mut at = self.draw(Site::ParticipantCrash, id);
        at.channel = gap as u8;
        let dies = cx.chance(at.attempt(u32::from(attempt)), config.participant_crash);
        if dies {
            let point = match gap {
                ParticipantGap::AfterVote => crash::AFTER_VOTE,
                _ => crash::BEFORE_VOTE,
            };
            cx.crash(self.node, point);
        }
        dies
    }
}
