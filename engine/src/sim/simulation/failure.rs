//! Nodes that fail and come back, whether by themselves, by a handler's wish or by hand.

use super::{Observer, Simulation};
use crate::sim::Delay;
use crate::sim::model::{Chore, Model, Scheduled};
use crate::sim::network::Tag;
use crate::sim::random::{Address, Site};
use crate::sim::record::{Fact, NodeId};

impl<P: Model, O: Observer> Simulation<P, O> {
    /// Schedules the failure of a node that fails by itself; `count` have been before.
    pub(super) fn schedule_failure(&mut self, node: NodeId, count: u32) {
        let state = &self.cx.nodes[node.index()];
        let Some(mttf) = state.mttf else {
            return;
        };
        let at = Address::of(Site::NodeFailure, state.identity).attempt(count);
        let after = Delay::Exponential(mttf).sample(self.cx.random.bits(at));
        let fail = Scheduled::Chore(Chore::Fail { node, count });
        self.cx.queue.push(self.cx.now.plus(after), fail);
    }

    /// Takes a node down; returns whether it was up.
    pub(super) fn crash(&mut self, node: NodeId, point: u32) -> bool {
        let state = &mut self.cx.nodes[node.index()];
        if !state.up {
            return false;
        }
        state.up = false;
        state.incarnation += 1;
        let crashed = self
            .cx
            .record(Fact::Crashed, node, NodeId::NONE, Tag::NONE, point);
        self.cx.because(crashed);
        self.model.on_crash(&mut self.cx, node);
        true
    }

    /// Brings a node back; returns whether it was down.
    pub(super) fn restart(&mut self, node: NodeId) -> bool {
        let state = &mut self.cx.nodes[node.index()];
        if state.up {
            return false;
        }
        state.up = true;
        let restarted = self
            .cx
            .record(Fact::Restarted, node, NodeId::NONE, Tag::NONE, 0);
        self.cx.because(restarted);
        self.model.on_restart(&mut self.cx, node);
        true
    }
}
