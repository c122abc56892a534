//! Who listens to what, where nobody leads: the table from which each service knows what to do
//! about an event and whom its own events reach. [`super::web`] fills it.

use super::message::node::service;
use super::message::{Message, Told, World};
use super::plan::{Plan, StepKind};
use crate::pattern::call::{CallName, Calls};
use crate::sim::network::Lane;
use crate::sim::{Channel, Fact, NodeId, Tag};
use std::collections::BTreeSet;

/// What a service does about an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reaction {
    /// Its step, once it has heard all that it waits for.
    Do,
    /// It undoes its step.
    Undo,
    /// Its step is final.
    Confirm,
    /// It says whether the pivot was passed, and sees to it that it will not be, if it was not.
    Judge,
    /// What it did cannot be undone.
    Apologise,
    /// It brings about more events of the cycle.
    Echo,
    /// The saga is completed.
    Complete,
    /// The saga is being undone.
    Abort,
    /// One of those that end the way back has undone its step.
    Back,
}

/// Who listens to what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subscription {
    /// Who publishes.
    pub from: NodeId,
    /// What happened, as the kind of its message.
    pub event: Channel,
    /// Who listens.
    pub to: NodeId,
    /// What it does about it.
    pub does: Reaction,
}

/// All subscriptions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Web {
    pub(super) table: Vec<Subscription>,
    /// What the service that does not listen would have to listen to.
    pub(super) missing: Vec<Subscription>,
    /// The order of the steps.
    pub plan: Plan,
    /// Whether steps are undone all at once, whichever of them is first.
    pub(super) at_once: bool,
    /// Whether steps before the pivot start at once.
    pub(super) fan_out: bool,
}

impl Web {
    /// The node of a place.
    pub fn node(&self, place: usize) -> NodeId {
        service(self.plan.service(place))
    }

    /// Places that can be undone.
    pub(super) fn undoable(&self) -> Vec<usize> {
        let undoable = |place: &usize| self.plan.kind(*place) == StepKind::Compensable;
        self.plan.places().filter(undoable).collect()
    }

    /// The services whose steps must be undone before a saga is that `failed` has given up.
    pub fn awaited(&self, failed: NodeId) -> Vec<NodeId> {
        let begun = |node: NodeId| match self.fan_out {
            true => node != failed,
            false => self.place(node) < self.place(failed),
        };
        if !self.undoable().iter().any(|&place| begun(self.node(place))) {
            return Vec::new();
        }
        let enders = self.table.iter().filter(|one| one.does == Reaction::Back);
        let enders = enders.map(|one| one.from);
        enders
            .filter(|&node| !self.at_once || begun(node))
            .collect()
    }

    fn place(&self, node: NodeId) -> Option<usize> {
        let mut places = self.plan.places();
        places.find(|&place| self.node(place) == node)
    }

    /// What a service does about an event.
    pub fn reaction(&self, from: NodeId, event: Channel, to: NodeId) -> Option<Reaction> {
        let mut table = self.table.iter();
        let found = table.find(|one| (one.from, one.event, one.to) == (from, event, to));
        found.map(|one| one.does)
    }

    /// Whether a service has heard all that its step waits for; `heard` has a bit for each node.
    pub fn has_heard(&self, to: NodeId, heard: u16) -> bool {
        let waits = |one: &&Subscription| one.to == to && one.does == Reaction::Do;
        let mut table = self.table.iter().filter(waits);
        table.all(|one| heard & bit(one.from) != 0)
    }

    /// The table.
    pub fn table(&self) -> &[Subscription] {
        &self.table
    }

    /// Who publishes something that another listens to, in both directions where both do.
    pub fn pairs(&self) -> BTreeSet<(NodeId, NodeId)> {
        self.table.iter().map(|one| (one.from, one.to)).collect()
    }

    /// Pairs of services of which one at least listens to the other.
    pub fn joined(&self) -> usize {
        let pairs = self.pairs();
        let undirected = pairs.iter().map(|&(a, b)| (a.min(b), a.max(b)));
        undirected.collect::<BTreeSet<_>>().len()
    }

    /// Tells all who listen. `numbers` counts transmissions.
    pub fn publish(
        &self,
        numbers: &mut Calls,
        (from, event): (NodeId, Channel),
        (about, told): (Tag, Told),
        cx: &mut World,
    ) {
        let same = |one: &&Subscription| (one.from, one.event) == (from, event);
        for one in self.table.iter().filter(same) {
            let call = CallName {
                message: about.message,
                channel: event,
                hop: hop(from, one.to),
            };
            let tag = call.tag(numbers.transmission(call), about.key, about.version);
            cx.send(from, one.to, Lane::Setting, tag, Message::Event(told));
        }
        for one in self.missing.iter().filter(same) {
            cx.record(Fact::Unheard, from, one.to, about, 0);
        }
    }
}

/// The bit of a node.
pub const fn bit(node: NodeId) -> u16 {
    1 << node.0
}

/// Which two of the services an event goes between, as the hop of its message.
pub const fn hop(from: NodeId, to: NodeId) -> u8 {
    from.0 << 4 | to.0
}
