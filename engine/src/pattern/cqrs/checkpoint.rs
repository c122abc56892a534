//! When the projector's position is stored, and in which order with what it applies: with the
//! effect (exact resume), after it (a crash between repeats) or before it (a crash between loses).

use super::Setup;
use super::config::{Checkpoint, Order};
use super::message::World;
use super::projector::Projector;

impl Projector {
    /// A transaction begins: a checkpoint that comes first is stored now.
    pub(super) fn checkpoint_first(&mut self, setup: &Setup, segment: usize) {
        let config = &setup.settings.config;
        let first = config.checkpoint_order == Order::CheckpointFirst;
        if config.checkpoint != Checkpoint::EveryN || !first {
            return;
        }
        let state = self.segment_mut(segment);
        let events = state.current.len() as u32;
        let last = state.current.last().map_or(0, |item| item.position);
        let since = state.handled_since();
        *since += events;
        if *since >= config.checkpoint_every {
            *since = 0;
            state.checkpoint = state.checkpoint.max(last);
        }
    }

    /// A transaction of so many events has taken effect.
    pub(super) fn checkpoint_after(
        &mut self,
        setup: &Setup,
        segment: usize,
        events: u32,
        cx: &mut World,
    ) {
        let config = &setup.settings.config;
        match (config.checkpoint, config.checkpoint_order) {
            (Checkpoint::SameTransaction, _) => self.store(segment),
            (Checkpoint::EveryN, Order::CheckpointFirst) => {}
            (Checkpoint::EveryN, Order::ApplyFirst) => {
                let since = self.segment_mut(segment).handled_since();
                *since += events;
                if *since >= config.checkpoint_every {
                    self.store(segment);
                }
            }
            (Checkpoint::Async, _) => {
                *self.segment_mut(segment).handled_since() += events;
                self.plan_checkpoint(setup, cx);
            }
        }
    }

    /// The time for a checkpoint has come.
    pub fn checkpoint_timer(&mut self, setup: &Setup, cx: &mut World) {
        self.checkpoint_due();
        let fetched = self.next - 1;
        let first = setup.settings.config.checkpoint_order == Order::CheckpointFirst;
        for segment in 0..self.segments.len() {
            self.store(segment);
            if first {
                // What was fetched counts as done.
                self.segment_mut(segment).checkpoint = fetched;
            }
        }
        self.note_checkpoint(setup, cx);
    }

    /// A segment with nothing to repeat moves its checkpoint along with the reader.
    pub(super) fn checkpoint_idle(&mut self, setup: &Setup) {
        let together = setup.settings.config.checkpoint == Checkpoint::SameTransaction;
        for segment in 0..self.segments.len() {
            let nothing = *self.segment_mut(segment).handled_since() == 0;
            if together || nothing {
                self.store(segment);
            }
        }
    }

    fn store(&mut self, segment: usize) {
        let done = self.done(segment);
        let state = self.segment_mut(segment);
        state.checkpoint = state.checkpoint.max(done);
        *state.handled_since() = 0;
    }
}
