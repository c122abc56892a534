//! What rooms with an orchestrator share: clients ask it, it asks services, and they answer.
//!
//! ```text
//! client ⇄ orchestrator ⇄ services
//! ```

use super::settings::Hop;
use super::{Pattern, Role, Topology, Words};
use crate::sim::{Channel, LinkSetting, NodeId};
use node::{CLIENT, ORCHESTRATOR, service};

/// What the nodes of a preset are called.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// Who asks.
    pub client: &'static str,
    /// Who leads.
    pub orchestrator: &'static str,
    /// The services; more services than names are numbered.
    pub services: &'static [&'static str],
}

/// What must be known of a configuration.
pub trait Orchestrated {
    /// How many services there are.
    fn services(&self) -> u32;

    /// The hops to and from clients, to services, and from services.
    fn hops(&self) -> [&Hop; 3];
}

/// How many services there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Services.
    pub services: u8,
}

impl Layout {
    /// The layout a configuration asks for.
    pub fn of(config: &impl Orchestrated) -> Self {
        let services = config.services() as u8;
        Layout { services }
    }

    /// The nodes of all services.
    pub fn all(self) -> impl Iterator<Item = NodeId> {
        (0..self.services).map(service)
    }

    /// Number of nodes.
    pub fn nodes(self) -> usize {
        service(self.services).index()
    }
}

/// All links with their settings.
pub fn links(config: &impl Orchestrated) -> Vec<(NodeId, NodeId, LinkSetting)> {
    let [client, command, reply] = config.hops().map(Hop::setting);
    let mut links = vec![
        (CLIENT, ORCHESTRATOR, client.clone()),
        (ORCHESTRATOR, CLIENT, client),
    ];
    for node in Layout::of(config).all() {
        links.push((ORCHESTRATOR, node, command.clone()));
        links.push((node, ORCHESTRATOR, reply.clone()));
    }
    links
}

/// The topology as views see it.
pub fn topology(
    pattern: Pattern,
    config: &impl Orchestrated,
    names: &Names,
    words: Words,
) -> Topology {
    let layout = Layout::of(config);
    let copies = layout.all().collect();
    let mut topology = Topology::new(pattern, &links(config), ORCHESTRATOR, copies, words);
    topology.add(Role::Client, names.client, None);
    topology.add(Role::Source, names.orchestrator, None);
    for index in 0..usize::from(layout.services) {
        let name = match names.services.get(index) {
            Some(name) => (*name).to_owned(),
            None => format!("Service {}", index + 1),
        };
        topology.add(Role::Service, name, None);
    }
    topology
}

/// Node ids, in the order of the topology.
pub mod node {
    use crate::sim::NodeId;
    /// Everyone who asks and reads.
    pub const CLIENT: NodeId = NodeId(0);
    /// The orchestrator.
    pub const ORCHESTRATOR: NodeId = NodeId(1);
    const FIRST_SERVICE: u8 = 2;

    /// A service's node.
    pub const fn service(index: u8) -> NodeId {
        NodeId(FIRST_SERVICE + index)
    }

    /// The index of a service's node.
    pub const fn service_of(node: NodeId) -> Option<u8> {
        node.0.checked_sub(FIRST_SERVICE)
    }
}

/// What an orchestrator asks of a service for a step.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Operation {
    /// Do it.
    Do,
    /// Undo it: the compensation.
    Undo,
    /// It is final now.
    Confirm,
}

impl Operation {
    /// The kind of message that asks for it.
    pub const fn channel(self) -> Channel {
        match self {
            Operation::Do => Channel::Command,
            Operation::Undo => Channel::Compensate,
            Operation::Confirm => Channel::Confirm,
        }
    }

    /// The kind of message that answers.
    pub const fn reply(self) -> Channel {
        match self {
            Operation::Do => Channel::StepReply,
            Operation::Undo => Channel::CompensateReply,
            Operation::Confirm => Channel::ConfirmReply,
        }
    }

    /// The operation that this kind of message asks for.
    pub const fn of(channel: Channel) -> Operation {
        match channel {
            Channel::Compensate | Channel::CompensateReply => Operation::Undo,
            Channel::Confirm | Channel::ConfirmReply => Operation::Confirm,
            _ => Operation::Do,
        }
    }
}

/// What a service says to a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Done.
    Done,
    /// Not done, and it will not be: a business failure.
    Refused,
    /// Not done this time: a transient failure.
    Failed,
}
